/* qnet-io-device-waiting.c: waiting for bytes without a main loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "device/qnet-io-lock-private.h"

typedef enum
{
  WAIT_TO_RECEIVE,
  WAIT_TO_SEND
} Purpose;

/* The end of a connection during a wait */

void
qnet_io_device_begin_wait (QnetIODevice *self,
                           QnetIOWait   *wait)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  *wait = (QnetIOWait) { .outer = priv->wait };
  priv->wait = wait;
}

/* A wait that has succeeded returns no error, although the connection may have ended in the same
 * iteration: the next one returns it. This replaces what a wait in a handler has left. */
void
qnet_io_device_end_wait (QnetIODevice *self,
                         QnetIOWait   *wait,
                         gboolean      has_succeeded)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  priv->wait = wait->outer;

  if (wait->has_ended)
    {
      g_clear_error (&qnet_io_device_get_errors (priv)->pending_end);
      if (has_succeeded && priv->link == QNET_LINK_NONE)
        qnet_io_device_make_errors (priv)->pending_end = g_steal_pointer (&wait->end_reason);
    }

  g_clear_error (&wait->end_reason);
}

/* NULL for an orderly end that was not reported as an error (half-open), and for a connection that
 * was closed on this side. The error property is more precise than that of the end, but it may have
 * another cause, such as an earlier wait that timed out. */
static const GError *
get_reason_of_end (QnetIODevice *self)
{
  QnetIOErrors *errors = qnet_io_device_get_errors (qnet_io_device_get_private (self));
  int code = errors->end != NULL ? errors->end->code : QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED;

  return g_error_matches (errors->current, QNET_SOCKET_ERROR, code) ? errors->current : errors->end;
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
  GError *failure = g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION, message);

  return qnet_io_device_fail_call (self, failure, error);
}

static GError *
new_timeout_error (QnetIODevice *self,
                   Purpose       purpose,
                   int           msecs)
{
  g_autofree char *peer = QNET_IO_DEVICE_GET_CLASS (self)->priv->describe_peer (self);
  double seconds = msecs / 1000.0;

  if (peer == NULL && purpose == WAIT_TO_RECEIVE)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Could not receive: No data arrived within %g s"), seconds);
  if (peer == NULL)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Could not send: No data could be sent within %g s"), seconds);
  if (purpose == WAIT_TO_RECEIVE)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        /* Translators: the peer, such as "127.0.0.1 port 80", and the seconds that
                         * were waited */
                        _("Could not receive from %s: No data arrived within %g s"), peer, seconds);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      /* Translators: the peer, such as "127.0.0.1 port 80", and the seconds that
                       * were waited */
                      _("Could not send to %s: No data could be sent within %g s"), peer, seconds);
}

/* Nothing is left to wait for. */
static gboolean
fail_without_events (QnetIODevice  *self,
                     Purpose        purpose,
                     GError       **error)
{
  if (purpose == WAIT_TO_RECEIVE)
    return fail_operation (self, _("Could not wait for bytes to read: None can arrive now"), error);

  return fail_operation (self, _("Could not wait for bytes to be sent: None can be sent now"),
                         error);
}

static GError *
new_closed_error (Purpose purpose)
{
  const char *message = purpose == WAIT_TO_RECEIVE
                        ? _("Could not receive: The connection was closed")
                        : _("Could not send: The connection was closed");

  return g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED, message);
}

/* The connection was closed, or its end of stream was read, during the wait. */
static gboolean
fail_with_end (QnetIODevice  *self,
               Purpose        purpose,
               const GError  *reason,  /* (nullable) */
               GError       **error)
{
  if (reason == NULL)
    return qnet_io_device_fail_call (self, new_closed_error (purpose), error);

  if (error != NULL)
    *error = g_error_copy (reason);

  return FALSE;
}

static gboolean
fail_unconnected (QnetIODevice  *self,
                  const char    *message,
                  GError       **error)
{
  QnetIOErrors *errors = qnet_io_device_get_errors (qnet_io_device_get_private (self));

  if (errors->pending_end == NULL)
    return fail_operation (self, message, error);

  return qnet_io_device_fail_call (self, g_steal_pointer (&errors->pending_end), error);
}

/* A failure after which the device stays connected. */
static gboolean
fail_with_transient_error (QnetIODevice  *self,
                           GError       **error)
{
  QnetIOErrors *errors = qnet_io_device_get_errors (qnet_io_device_get_private (self));

  g_propagate_error (error, g_error_copy (errors->transient));

  return FALSE;
}

/* One step; FALSE ends the wait, with *@error set unless it was interrupted. */
static gboolean
step (QnetIODevice          *self,
      Purpose                purpose,
      const QnetWaitLimits  *limits,
      GError               **error)
{
  QnetWaitStep outcome = qnet_io_device_wait_step (self, limits);

  if (qnet_wait_step_is_stopped (outcome, limits, error))
    return FALSE;

  if (outcome == QNET_WAIT_STEP_TIMED_OUT)
    return qnet_io_device_fail_call (self, new_timeout_error (self, purpose, limits->msecs), error);

  if (outcome == QNET_WAIT_STEP_NO_EVENTS)
    return fail_without_events (self, purpose, error);

  return TRUE;
}

/* Receiving */

static gboolean
has_datagram (QnetIODevice *self)
{
  return QNET_IO_DEVICE_GET_CLASS (self)->priv->get_pending (self) >= 0;
}

/* ready-read is not emitted again for datagrams that have not been read since; a wait for them
 * returns at once. */
static gboolean
has_reported_datagram (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  return priv->channel.readable_state != QNET_READABLE_UNKNOWN && has_datagram (self);
}

/* The kernel may drop a datagram that it has reported, because its checksum is wrong: then the wait
 * continues. Handlers that have run meanwhile may have read the datagram, or have closed the
 * descriptor. */
static gboolean
has_arrived (QnetIODevice *self,
             guint        *seen,
             guint         n_taken)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->n_arrivals == *seen)
    return FALSE;

  *seen = priv->n_arrivals;

  return !priv->channel.is_datagram
         || priv->channel.n_taken != n_taken
         || !qnet_channel_is_open (&priv->channel)
         || has_datagram (self);
}

/* FALSE if nothing can arrive before the application changes something, or the peer closes the
 * connection. Bytes that arrive while the device is not open for reading are dropped; datagrams
 * need no open device. */
static gboolean
check_receiving (QnetIODevice  *self,
                 GError       **error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetChannel *channel = &priv->channel;

  if (!channel->is_datagram && !qnet_io_device_can_read (priv))
    return fail_operation (self, _("Could not wait for bytes to read: The device is not open for "
                                   "reading"), error);
  if (qnet_channel_is_stuck (channel))
    return fail_operation (self, _("Could not wait for bytes to read: The read buffer is full"),
                           error);
  if (qnet_channel_is_paused (channel))
    return fail_operation (self, _("Could not wait for bytes to read: Reading is paused"), error);

  return TRUE;
}

static gboolean
wait_until_received (QnetIODevice          *self,
                     QnetIOWait            *wait,
                     guint                  n_errors,
                     const QnetWaitLimits  *limits,
                     GError               **error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  guint before = priv->n_arrivals;
  guint taken = priv->channel.n_taken;

  while (!has_arrived (self, &before, taken))
    {
      if (wait->has_ended)
        return fail_with_end (self, WAIT_TO_RECEIVE, wait->end_reason, error);
      if (qnet_io_device_has_ended (self))
        return fail_with_end (self, WAIT_TO_RECEIVE, get_reason_of_end (self), error);
      if (priv->n_transient_errors != n_errors)
        return fail_with_transient_error (self, error);
      if (!check_receiving (self, error) || !step (self, WAIT_TO_RECEIVE, limits, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * qnet_io_device_wait_for_ready_read:
 * @self: a device
 * @msecs: the most milliseconds to wait; 0 does not block, -1 has no limit
 * @error: return location for an error
 *
 * Blocks until new bytes have arrived.
 *
 * It needs no main loop and runs none: only this device makes progress, and its signals are emitted
 * meanwhile. Bytes that were in the read buffer before do not count. It also waits for a connection
 * that is being established, and sends what was written. A timeout does not close the connection.
 *
 * The result depends on what happens inside the call, whatever handlers do then: it is %TRUE once
 * bytes have arrived, even if a handler reads them or aborts the connection; once the connection
 * has ended it is %FALSE, even if a handler connects again. If both happen at once it is %TRUE, and
 * the next wait fails with the reason of the end.
 *
 * It fails at once with [QNET_SOCKET_ERROR_OPERATION][error@SocketError] where nothing can arrive:
 * without a connection, if the device is not open for reading, while the read buffer is full or
 * reading is paused, and for a connection that was not taken from its server. A timeout and such a
 * failure concern the call alone: [property@IODevice:error] has them, and no signal is emitted.
 *
 * Returns: whether new bytes have arrived; if not, @error is set,
 *   [QNET_SOCKET_ERROR_SOCKET_TIMEOUT][error@SocketError] after a timeout
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_wait_for_ready_read (QnetIODevice  *self,
                                    int            msecs,
                                    GError       **error)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  QNET_IO_BRIEF_STAY_OR_FAIL (self, error, FALSE);

  return qnet_io_device_wait_for_ready_read_full (self, msecs, NULL, error);
}

/**
 * qnet_io_device_wait_for_ready_read_full:
 * @self: a device
 * @msecs: the most milliseconds to wait; 0 does not block, -1 has no limit
 * @cancellable: (nullable): to end the wait, from any thread, or %NULL
 * @error: return location for an error
 *
 * Blocks until new bytes have arrived, as
 * [method@IODevice.wait_for_ready_read] does, until @cancellable is cancelled at most.
 *
 * A wait that is cancelled fails with [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum]. It changes
 * nothing else: the device stays connected.
 *
 * Returns: whether new bytes have arrived; if not, @error is set
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_wait_for_ready_read_full (QnetIODevice  *self,
                                         int            msecs,
                                         GCancellable  *cancellable,
                                         GError       **error)
{
  QnetIODevicePrivate *priv;
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  QnetIOWait wait;
  QnetWaitLimits limits;
  gboolean has_received;
  guint n_errors;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  priv = qnet_io_device_get_private (self);

  hold = qnet_io_device_hold (self);
  qnet_io_device_leave_parent (self);

  qnet_channel_set_pull_limit (&priv->channel, 0);  /* the device is read itself */
  if (priv->link == QNET_LINK_NONE)
    return fail_unconnected (self, _("Could not wait for bytes to read: The device is not "
                                     "connected"), error);

  n_errors = priv->n_transient_errors;
  if (has_reported_datagram (self))
    return TRUE;

  qnet_wait_limits_init (&limits, msecs, cancellable);
  qnet_io_device_begin_wait (self, &wait);
  has_received = wait_until_received (self, &wait, n_errors, &limits, error);
  qnet_io_device_end_wait (self, &wait, has_received);

  return has_received;
}

/* Sending */

/* Sending has failed, but the connection is closed only after the application has read the bytes
 * that are still in the kernel. */
static gboolean
sending_has_failed_unread (QnetIODevicePrivate *priv)
{
  return priv->channel.write_error != NULL
         && (qnet_channel_is_paused (&priv->channel) || qnet_channel_is_stuck (&priv->channel));
}

/* A datagram that waited for room could not be sent, and no other waits. */
static gboolean
has_nothing_more_to_send (QnetIODevicePrivate *priv)
{
  return priv->channel.is_datagram && !qnet_channel_expects_sent (&priv->channel);
}

static gboolean
wait_until_sent (QnetIODevice          *self,
                 QnetIOWait            *wait,
                 const QnetWaitLimits  *limits,
                 GError               **error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  guint before = priv->n_departures;

  while (priv->n_departures == before)
    {
      if (wait->has_ended)
        return fail_with_end (self, WAIT_TO_SEND, wait->end_reason, error);
      if (has_nothing_more_to_send (priv))
        return fail_operation (self, _("Could not wait for bytes to be sent: There is nothing to "
                                       "send"), error);
      if (sending_has_failed_unread (priv))
        return qnet_io_device_fail_call (self, g_error_copy (priv->channel.write_error), error);
      if (!step (self, WAIT_TO_SEND, limits, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * qnet_io_device_wait_for_bytes_written:
 * @self: a device
 * @msecs: the most milliseconds to wait; 0 does not block, -1 has no limit
 * @error: return location for an error
 *
 * Blocks until bytes of the write buffer were handed to the kernel.
 *
 * As [method@IODevice.wait_for_ready_read] it runs no main loop; it receives bytes too, and emits
 * [signal@IODevice::ready-read] for them. With nothing to send, or no connection, it fails at once
 * with [QNET_SOCKET_ERROR_OPERATION][error@SocketError]. It is %TRUE once bytes were sent, whatever
 * handlers do then. A datagram is handed to the kernel by the call that writes it: after that the
 * wait succeeds at once, until [signal@IODevice::bytes-written] was emitted or would have been.
 *
 * Returns: whether bytes were sent; if not, @error is set,
 *   [QNET_SOCKET_ERROR_SOCKET_TIMEOUT][error@SocketError] after a timeout
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_wait_for_bytes_written (QnetIODevice  *self,
                                       int            msecs,
                                       GError       **error)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  QNET_IO_BRIEF_STAY_OR_FAIL (self, error, FALSE);

  return qnet_io_device_wait_for_bytes_written_full (self, msecs, NULL, error);
}

/**
 * qnet_io_device_wait_for_bytes_written_full:
 * @self: a device
 * @msecs: the most milliseconds to wait; 0 does not block, -1 has no limit
 * @cancellable: (nullable): to end the wait, from any thread, or %NULL
 * @error: return location for an error
 *
 * Blocks until bytes of the write buffer were handed to the kernel, as
 * [method@IODevice.wait_for_bytes_written] does, until @cancellable is cancelled at most.
 *
 * A wait that is cancelled fails with [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum]. It changes
 * nothing else: the device stays connected.
 *
 * Returns: whether bytes were sent; if not, @error is set
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_wait_for_bytes_written_full (QnetIODevice  *self,
                                            int            msecs,
                                            GCancellable  *cancellable,
                                            GError       **error)
{
  QnetIODevicePrivate *priv;
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  QnetIOWait wait;
  QnetWaitLimits limits;
  gboolean has_sent, was_awaited;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  priv = qnet_io_device_get_private (self);

  hold = qnet_io_device_hold (self);
  qnet_io_device_leave_parent (self);

  if (priv->link == QNET_LINK_NONE)
    return fail_unconnected (self, _("Could not wait for bytes to be sent: The device is not "
                                     "connected"), error);
  if (!qnet_channel_expects_sent (&priv->channel) && priv->n_unwritten == 0)
    return fail_operation (self, _("Could not wait for bytes to be sent: There is nothing to send"),
                           error);

  qnet_wait_limits_init (&limits, msecs, cancellable);
  qnet_io_device_begin_wait (self, &wait);
  was_awaited = qnet_channel_set_awaited (&priv->channel, TRUE);
  has_sent = wait_until_sent (self, &wait, &limits, error);
  qnet_channel_set_awaited (&priv->channel, was_awaited);
  qnet_io_device_end_wait (self, &wait, has_sent);

  return has_sent;
}
