/* qnet-channel-ending.c: the end of a connection: orderly, after a failure, or after a loss
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "channel/qnet-channel-parts-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/* Failures of sending */

/* Bytes that the peer has sent before are still to be read and reported, and a flush must not
 * report anything: the failure is reported at the end of reading. See qnet_channel_receive() and
 * qnet_channel_report_end(). */
void
qnet_channel_fail_writing (QnetChannel *channel,
                           GError      *error)
{
  qnet_byte_queue_clear (&channel->write_queue);
  qnet_channel_set_write_state (channel, QNET_WRITE_FAILED);
  g_clear_error (&channel->write_error);
  channel->write_error = error;

  qnet_watch_defer (&channel->watch);
}

/* The connection was lost while the kernel had the last bytes: no further send would notice it. A
 * hangup that is not the orderly end of the peer, of which only a reader is notified, means the
 * same, unless the write side of this end is shut down as well. */
void
qnet_channel_check_kernel (QnetChannel *channel)
{
  int error_number = qnet_sys_take_error (channel->transport.fd);
  GError *error = NULL;

  if (error_number == 0
      && (qnet_channel_may_read (channel) || channel->write_state == QNET_WRITE_SHUT))
    return;

  qnet_set_error_from_errno (&error, error_number != 0 ? error_number : EPIPE,
                             _("Could not write"));
  qnet_channel_fail_writing (channel, error);
}

/* The end */

/* (transfer full) (nullable): a failure of reading has precedence over one of writing. */
static GError *
take_error (QnetChannel *channel)
{
  if (channel->read_error == NULL)
    return g_steal_pointer (&channel->write_error);

  g_clear_error (&channel->write_error);

  return g_steal_pointer (&channel->read_error);
}

/* Writing may have continued after an orderly end; then a failed write is reported after it. It is
 * reported at the end of reading, except if nothing is read and the owner only waits for the last
 * bytes. */
static gboolean
is_end_due (QnetChannel *channel)
{
  if (channel->read_state == QNET_READ_END_PENDING)
    return TRUE;

  if (channel->write_error == NULL)
    return FALSE;

  return qnet_channel_has_ended (channel)
         || (qnet_channel_is_draining (channel) && !qnet_channel_is_reading (channel));
}

void
qnet_channel_report_end (QnetChannel *channel)
{
  g_autoptr(GError) error = NULL;

  if (!is_end_due (channel))
    return;

  error = take_error (channel);
  if (channel->read_state == QNET_READ_END_PENDING)
    qnet_channel_set_read_state (channel, QNET_READ_ENDED);

  channel->funcs->ended (channel, error);
}

/* After the end */

void
qnet_channel_watch_loss (QnetChannel *channel)
{
  if (channel->read_state == QNET_READ_ENDED)
    qnet_channel_set_read_state (channel, QNET_READ_LOSS_WATCHED);
}

/* A local socket reports the same if its peer has just closed, without an error. */
void
qnet_channel_handle_loss (QnetChannel *channel)
{
  GError *error = NULL;
  int error_number;

  qnet_channel_set_read_state (channel, QNET_READ_ENDED);
  if (channel->write_error != NULL)
    return;

  error_number = qnet_sys_take_error (channel->transport.fd);
  if (error_number == 0)
    return;

  qnet_set_error_from_errno (&error, error_number, _("The connection was lost"));
  qnet_channel_fail_writing (channel, error);
}
