/* qnet-io-device-waiting.c: waiting for bytes without a main loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-io-device.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-wait-private.h"
#include "socket/qnet-io-device-private.h"

/* A wait that was interrupted has not failed: its caller decides whether to go on. */
gboolean
qnet_io_device_wait_timed_out (QnetIODevice  *self,
                               const char    *what,
                               GError       **error)
{
  if (qnet_wait_is_interrupted ())
    return FALSE;

  return qnet_io_device_fail_call (self,
                                   g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                                                _("%s: the time to wait is over"), what),
                                   error);
}

static gboolean
wait_is_impossible (QnetIODevice  *self,
                    const char    *reason,
                    GError       **error)
{
  return qnet_io_device_fail_call (self,
                                   g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                                                _("Could not wait: %s"), reason),
                                   error);
}

static gboolean
has_datagram (QnetIODevice *self)
{
  return QNET_IO_DEVICE_GET_CLASS (self)->hooks->get_pending (self) >= 0;
}

/* Datagrams that were told of and that nobody has taken are not told again, but who waits for
 * them need not wait. */
static gboolean
has_told_datagram (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  return priv->channel.news != QNET_CHANNEL_NEWS_NONE && has_datagram (self);
}

/* What the kernel has reported it may find damaged when it is asked for it, and drop: then the wait goes on. Handlers that have
 * run meanwhile may have taken it, too. */
static gboolean
has_arrived (QnetIODevice *self,
             guint64      *seen,
             guint64       n_taken)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->n_arrivals == *seen)
    return FALSE;

  *seen = priv->n_arrivals;

  return !priv->channel.is_datagram || priv->channel.n_taken != n_taken || has_datagram (self);
}

/* Why there is nothing to wait for any more; NULL for an orderly end that was not reported as an error (half-open). The property
 * says it best, but it may be about something else, such as a wait before this one that took too long. */
static const GError *
get_reason_of_end (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  int code = priv->end_error != NULL ? priv->end_error->code : QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED;

  return g_error_matches (priv->error, QNET_SOCKET_ERROR, code) ? priv->error : priv->end_error;
}

/* The link went, or its end was read, while somebody waited. */
static gboolean
wait_was_in_vain (QnetIODevice  *self,
                  GError       **error)
{
  const GError *reason = get_reason_of_end (self);

  if (reason == NULL)
    return qnet_io_device_fail_call (self,
                                     g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                                                          _("The connection ended while waiting")),
                                     error);

  if (error != NULL)
    *error = g_error_copy (reason);

  return FALSE;
}

/* Something has failed, and ends nothing. */
static gboolean
wait_was_troubled (QnetIODevice  *self,
                   GError       **error)
{
  g_propagate_error (error, g_error_copy (qnet_io_device_get_private (self)->trouble));

  return FALSE;
}

static gboolean
check_waitable (QnetIODevice  *self,
                GError       **error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_io_device_leave_parent (self);

  return priv->link != QNET_LINK_NONE || wait_is_impossible (self, _("not connected"), error);
}

/* Nothing comes in before the user does something about it, or the peer ends. */
gboolean
qnet_io_device_check_receiving (QnetIODevice  *self,
                                GError       **error)
{
  QnetChannel *channel = &qnet_io_device_get_private (self)->channel;

  if (qnet_channel_is_stuck (channel))
    return wait_is_impossible (self, _("the read buffer is full"), error);
  if (channel->is_paused)
    return wait_is_impossible (self, _("reading is paused"), error);

  return TRUE;
}

/**
 * qnet_io_device_wait_for_ready_read:
 * @self: a device
 * @msecs: how many milliseconds to wait at most; 0 looks once, -1 waits for ever
 * @error: return location for an error
 *
 * Blocks until new bytes have come.
 *
 * It needs no main loop and runs none: nothing but this device moves, and its signals are emitted meanwhile. What was in the read
 * buffer before does not count. It waits for a connection in the making, too, and sends what was written. After a timeout the
 * connection goes on. Without one it fails at once with [error@SocketError.OPERATION], and so it does when the read buffer is
 * full or reading is paused.
 *
 * Returns: whether new bytes came; if not, @error is set, [error@SocketError.SOCKET_TIMEOUT] when the time ran out
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_wait_for_ready_read (QnetIODevice  *self,
                                    int            msecs,
                                    GError       **error)
{
  QnetIODevicePrivate *priv;
  g_autoptr(QnetIODevice) hold = NULL;
  gint64 until = qnet_clock_until (msecs);
  guint64 before, taken;
  guint troubles;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = qnet_io_device_get_private (self);

  hold = g_object_ref (self);

  if (!check_waitable (self, error) || !qnet_io_device_check_receiving (self, error))
    return FALSE;

  troubles = priv->n_troubles;
  if (has_told_datagram (self))
    return TRUE;

  before = priv->n_arrivals;
  taken = priv->channel.n_taken;
  while (!has_arrived (self, &before, taken))
    {
      if (qnet_io_device_has_ended (self))
        return wait_was_in_vain (self, error);
      if (priv->n_troubles != troubles)
        return wait_was_troubled (self, error);
      if (!qnet_wait_set_iterate (&priv->wait_set, until))
        return qnet_io_device_wait_timed_out (self, _("Nothing has arrived"), error);
    }

  return TRUE;
}

/* Sending has failed, but the connection goes on until somebody reads what came before. */
static gboolean
sending_has_failed_unread (QnetIODevicePrivate *priv)
{
  return priv->channel.write_error != NULL
         && (priv->channel.is_paused || qnet_channel_is_stuck (&priv->channel));
}

/**
 * qnet_io_device_wait_for_bytes_written:
 * @self: a device
 * @msecs: how many milliseconds to wait at most; 0 tries once, -1 waits for ever
 * @error: return location for an error
 *
 * Blocks until bytes of the write buffer were handed to the kernel.
 *
 * As [method@IODevice.wait_for_ready_read] it runs no main loop; it takes in bytes too, and emits
 * [signal@IODevice::ready-read] for them. With nothing to write it fails at once with [error@SocketError.OPERATION]. A datagram is
 * handed to the kernel by the call that writes it: after that the wait succeeds at once, until [signal@IODevice::bytes-written]
 * was emitted or would have been.
 *
 * Returns: whether bytes were sent; if not, @error is set, [error@SocketError.SOCKET_TIMEOUT] when the time ran out
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_wait_for_bytes_written (QnetIODevice  *self,
                                       int            msecs,
                                       GError       **error)
{
  QnetIODevicePrivate *priv;
  g_autoptr(QnetIODevice) hold = NULL;
  gint64 until = qnet_clock_until (msecs);
  guint64 before;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = qnet_io_device_get_private (self);

  hold = g_object_ref (self);

  if (!check_waitable (self, error))
    return FALSE;
  if (!qnet_channel_expects_sent (&priv->channel))
    return wait_is_impossible (self, _("there is nothing to write"), error);

  before = priv->n_departures;
  while (priv->n_departures == before)
    {
      if (priv->link == QNET_LINK_NONE)
        return wait_was_in_vain (self, error);
      if (sending_has_failed_unread (priv))
        return qnet_io_device_fail_call (self, g_error_copy (priv->channel.write_error), error);
      if (!qnet_wait_set_iterate (&priv->wait_set, until))
        return qnet_io_device_wait_timed_out (self, _("Nothing could be sent"), error);
    }

  return TRUE;
}
