/* qnet-io-device-waiting.c: waiting for bytes without a main loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-io-device.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-io-device-private.h"

typedef enum
{
  WAIT_TO_RECEIVE,
  WAIT_TO_SEND
} Purpose;

/* Ends that happen while somebody waits */

void
qnet_io_device_begin_wait (QnetIODevice *self,
                           QnetIOWait   *wait)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  *wait = (QnetIOWait) { .outer = priv->wait };
  priv->wait = wait;
}

void
qnet_io_device_end_wait (QnetIODevice *self,
                         QnetIOWait   *wait)
{
  qnet_io_device_get_private (self)->wait = wait->outer;
  g_clear_error (&wait->end_reason);
}

/* NULL for an orderly end that was not reported as an error (half-open), and for what we have ended ourselves. The property says it
 * best, but it may be about something else, such as a wait before this one that took too long. */
static const GError *
get_reason_of_end (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  int code = priv->end_error != NULL ? priv->end_error->code : QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED;

  return g_error_matches (priv->error, QNET_SOCKET_ERROR, code) ? priv->error : priv->end_error;
}

void
qnet_io_device_note_end (QnetIODevice *self)
{
  const GError *reason = get_reason_of_end (self);

  for (QnetIOWait *wait = qnet_io_device_get_private (self)->wait; wait != NULL; wait = wait->outer)
    {
      wait->has_ended = TRUE;
      g_clear_error (&wait->end_reason);
      if (reason != NULL)
        wait->end_reason = g_error_copy (reason);
    }
}

/* How a wait fails */

static gboolean
fail_operation (QnetIODevice  *self,
                const char    *message,
                GError       **error)
{
  return qnet_io_device_fail_call (self,
                                   g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION, message),
                                   error);
}

/* (transfer full) (nullable) */
static char *
describe_peer (QnetIODevice *self)
{
  const QnetIODeviceHooks *hooks = QNET_IO_DEVICE_GET_CLASS (self)->hooks;

  return hooks != NULL && hooks->describe_peer != NULL ? hooks->describe_peer (self) : NULL;
}

static GError *
new_timeout_error (QnetIODevice *self,
                   Purpose       purpose,
                   int           msecs)
{
  g_autofree char *peer = describe_peer (self);
  double seconds = msecs / 1000.0;

  if (peer == NULL && purpose == WAIT_TO_RECEIVE)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Could not receive: nothing arrived within %g s"), seconds);
  if (peer == NULL)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Could not send: nothing could be sent within %g s"), seconds);
  if (purpose == WAIT_TO_RECEIVE)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        /* Translators: the peer, such as "127.0.0.1 port 80", and the seconds that were waited */
                        _("Could not receive from %s: nothing arrived within %g s"), peer, seconds);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      /* Translators: the peer, such as "127.0.0.1 port 80", and the seconds that were waited */
                      _("Could not send to %s: nothing could be sent within %g s"), peer, seconds);
}

static gboolean
fail_in_vain (QnetIODevice  *self,
              Purpose        purpose,
              GError       **error)
{
  return fail_operation (self,
                         purpose == WAIT_TO_RECEIVE ? _("Could not wait for bytes to read: none can arrive now")
                                                    : _("Could not wait for bytes to be sent: none can be sent now"),
                         error);
}

/* The link has gone, or its end was read, in the wait. */
static gboolean
fail_with_end (QnetIODevice  *self,
               Purpose        purpose,
               const GError  *reason,  /* (nullable) */
               GError       **error)
{
  if (reason == NULL)
    return qnet_io_device_fail_call (self,
                                     g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                                                          purpose == WAIT_TO_RECEIVE
                                                            ? _("Could not receive: the connection has ended")
                                                            : _("Could not send: the connection has ended")),
                                     error);

  if (error != NULL)
    *error = g_error_copy (reason);

  return FALSE;
}

/* Something has failed, and ends nothing. */
static gboolean
fail_with_trouble (QnetIODevice  *self,
                   GError       **error)
{
  g_propagate_error (error, g_error_copy (qnet_io_device_get_private (self)->trouble));

  return FALSE;
}

/* One step; FALSE ends the wait, with *@error set unless it was interrupted. */
static gboolean
step (QnetIODevice  *self,
      Purpose        purpose,
      int            msecs,
      gint64         until,
      GError       **error)
{
  switch (qnet_wait_set_step (&qnet_io_device_get_private (self)->wait_set, until))
    {
    case QNET_WAIT_STEP_HAPPENED:
      return TRUE;
    case QNET_WAIT_STEP_INTERRUPTED:
      return FALSE;
    case QNET_WAIT_STEP_IN_VAIN:
      return fail_in_vain (self, purpose, error);
    case QNET_WAIT_STEP_TIMED_OUT:
      return qnet_io_device_fail_call (self, new_timeout_error (self, purpose, msecs), error);
    }

  g_assert_not_reached ();
}

/* Receiving */

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
 * run meanwhile may have taken it, or have closed the descriptor, which answers no more. */
static gboolean
has_arrived (QnetIODevice *self,
             guint64      *seen,
             guint64       n_taken)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->n_arrivals == *seen)
    return FALSE;

  *seen = priv->n_arrivals;

  return !priv->channel.is_datagram || priv->channel.n_taken != n_taken || !qnet_channel_is_open (&priv->channel)
         || has_datagram (self);
}

/* Nothing comes in before the user does something about it, or the peer ends. What comes while the device is not open for reading is
 * dropped; datagrams need no open device. */
static gboolean
check_receiving (QnetIODevice  *self,
                 GError       **error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetChannel *channel = &priv->channel;

  if (!channel->is_datagram && !qnet_io_device_can_read (priv))
    return fail_operation (self, _("Could not wait for bytes to read: the device is not open for reading"), error);
  if (qnet_channel_is_stuck (channel))
    return fail_operation (self, _("Could not wait for bytes to read: the read buffer is full"), error);
  if (channel->is_paused)
    return fail_operation (self, _("Could not wait for bytes to read: reading is paused"), error);

  return TRUE;
}

static gboolean
wait_until_received (QnetIODevice  *self,
                     QnetIOWait    *wait,
                     guint          troubles,
                     int            msecs,
                     GError       **error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  gint64 until = qnet_clock_until (msecs);
  guint64 before = priv->n_arrivals;
  guint64 taken = priv->channel.n_taken;

  while (!has_arrived (self, &before, taken))
    {
      if (wait->has_ended)
        return fail_with_end (self, WAIT_TO_RECEIVE, wait->end_reason, error);
      if (qnet_io_device_has_ended (self))
        return fail_with_end (self, WAIT_TO_RECEIVE, get_reason_of_end (self), error);
      if (priv->n_troubles != troubles)
        return fail_with_trouble (self, error);
      if (!check_receiving (self, error) || !step (self, WAIT_TO_RECEIVE, msecs, until, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * qnet_io_device_wait_for_ready_read:
 * @self: a device
 * @msecs: how many milliseconds to wait at most; 0 looks once, -1 waits for ever
 * @error: return location for an error
 *
 * Blocks until new bytes have arrived.
 *
 * It needs no main loop and runs none: nothing but this device moves, and its signals are emitted meanwhile. What was in the read
 * buffer before does not count. It waits for a connection that is being made, too, and sends what was written. After a timeout the
 * connection goes on.
 *
 * The result depends on what happens inside the call, whatever handlers do then: it is %TRUE once bytes have arrived, even if a handler
 * reads them or aborts the connection; once the connection has ended it is %FALSE, even if a handler connects anew.
 *
 * It fails at once with [QNET_SOCKET_ERROR_OPERATION][error@SocketError] where nothing can arrive:
 * without a connection, not open for reading, while the read buffer is full or reading is paused,
 * and for a connection that was not taken from its server. A timeout and such a failure concern the
 * call alone: [property@IODevice:error] has them, and no signal is emitted.
 *
 * Returns: whether new bytes have arrived; if not, @error is set,
 *   [QNET_SOCKET_ERROR_SOCKET_TIMEOUT][error@SocketError] when the time ran out
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
  QnetIOWait wait;
  gboolean has_received;
  guint troubles;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = qnet_io_device_get_private (self);

  hold = g_object_ref (self);
  qnet_io_device_leave_parent (self);

  qnet_channel_set_pull_limit (&priv->channel, 0);  /* the device is read itself */
  if (priv->link == QNET_LINK_NONE)
    return fail_operation (self, _("Could not wait for bytes to read: the device is not connected"), error);

  troubles = priv->n_troubles;
  if (has_told_datagram (self))
    return TRUE;

  qnet_io_device_begin_wait (self, &wait);
  has_received = wait_until_received (self, &wait, troubles, msecs, error);
  qnet_io_device_end_wait (self, &wait);

  return has_received;
}

/* Sending */

/* Sending has failed, but the connection goes on until somebody reads what came before. */
static gboolean
sending_has_failed_unread (QnetIODevicePrivate *priv)
{
  return priv->channel.write_error != NULL
         && (priv->channel.is_paused || qnet_channel_is_stuck (&priv->channel));
}

/* A datagram that waited for room could not be sent, and no other waits. */
static gboolean
has_nothing_more_to_send (QnetIODevicePrivate *priv)
{
  return priv->channel.is_datagram && !qnet_channel_expects_sent (&priv->channel);
}

static gboolean
wait_until_sent (QnetIODevice  *self,
                 QnetIOWait    *wait,
                 int            msecs,
                 GError       **error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  gint64 until = qnet_clock_until (msecs);
  guint64 before = priv->n_departures;

  while (priv->n_departures == before)
    {
      if (wait->has_ended)
        return fail_with_end (self, WAIT_TO_SEND, wait->end_reason, error);
      if (has_nothing_more_to_send (priv))
        return fail_operation (self, _("Could not wait for bytes to be sent: there is nothing to send"), error);
      if (sending_has_failed_unread (priv))
        return qnet_io_device_fail_call (self, g_error_copy (priv->channel.write_error), error);
      if (!step (self, WAIT_TO_SEND, msecs, until, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * qnet_io_device_wait_for_bytes_written:
 * @self: a device
 * @msecs: how many milliseconds to wait at most; 0 tries once, -1 waits for ever
 * @error: return location for an error
 *
 * Blocks until bytes of the write buffer were handed to the kernel.
 *
 * As [method@IODevice.wait_for_ready_read] it runs no main loop; it receives bytes too, and emits
 * [signal@IODevice::ready-read] for them. With nothing to send, or no connection, it fails at once with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError]. It is %TRUE once bytes were sent, whatever
 * handlers do then. A datagram is handed to the kernel by the call that writes it: after that the
 * wait succeeds at once, until [signal@IODevice::bytes-written] was emitted or would have been.
 *
 * Returns: whether bytes were sent; if not, @error is set,
 *   [QNET_SOCKET_ERROR_SOCKET_TIMEOUT][error@SocketError] when the time ran out
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
  QnetIOWait wait;
  gboolean has_sent, was_awaited;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = qnet_io_device_get_private (self);

  hold = g_object_ref (self);
  qnet_io_device_leave_parent (self);

  if (priv->link == QNET_LINK_NONE)
    return fail_operation (self, _("Could not wait for bytes to be sent: the device is not connected"), error);
  if (!qnet_channel_expects_sent (&priv->channel))
    return fail_operation (self, _("Could not wait for bytes to be sent: there is nothing to send"), error);

  qnet_io_device_begin_wait (self, &wait);
  was_awaited = qnet_channel_set_awaited (&priv->channel, TRUE);
  has_sent = wait_until_sent (self, &wait, msecs, error);
  qnet_channel_set_awaited (&priv->channel, was_awaited);
  qnet_io_device_end_wait (self, &wait);

  return has_sent;
}
