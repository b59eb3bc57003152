/* qnet-socket-waiting.c: waiting for a connection, or for its end, without a main loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-socket-private.h"

static gboolean
fail_operation (QnetSocket  *self,
                const char  *message,
                GError     **error)
{
  return qnet_io_device_fail_call (QNET_IO_DEVICE (self),
                                   g_error_new_literal (QNET_SOCKET_ERROR,
                                                        QNET_SOCKET_ERROR_OPERATION, message),
                                   error);
}

static gboolean
is_idle (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  qnet_io_device_leave_parent (QNET_IO_DEVICE (self));

  return priv->state == QNET_SOCKET_STATE_UNCONNECTED || priv->state == QNET_SOCKET_STATE_BOUND;
}

/* The attempt has ended without a connection: it has failed, or a handler has aborted it. */
static gboolean
fail_unconnected (QnetSocket  *self,
                  QnetIOWait  *wait,
                  const char  *target,
                  GError     **error)
{
  if (wait->end_reason == NULL)
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), qnet_socket_new_abort_error (target),
                                     error);

  if (error != NULL)
    *error = g_error_copy (wait->end_reason);

  return FALSE;
}

/* Connecting */

static gboolean
fail_to_connect_in_time (QnetSocket  *self,
                         int          msecs,
                         GError     **error)
{
  GError *reason = qnet_socket_new_connect_timeout_error (self, msecs);

  qnet_socket_abort (self);

  return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
}

/* FALSE ends the wait, with *@error set unless it was interrupted. */
static gboolean
step_to_connect (QnetSocket            *self,
                 const QnetWaitLimits  *limits,
                 GError               **error)
{
  QnetWaitStep step = qnet_io_device_wait_step (self, limits);

  if (qnet_wait_step_is_stopped (step, limits, error))
    return FALSE;

  if (step == QNET_WAIT_STEP_TIMED_OUT)
    return fail_to_connect_in_time (self, limits->msecs, error);

  if (step == QNET_WAIT_STEP_NO_EVENTS)
    return fail_operation (self,
                           _("Could not wait for a connection: None can be established now"),
                           error);

  return TRUE;
}

/* A connection that was established counts, even if its handlers have closed it since. */
static gboolean
wait_until_connected (QnetSocket            *self,
                      QnetIOWait            *wait,
                      const QnetWaitLimits  *limits,
                      GError               **error)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  g_autofree char *target = qnet_socket_describe (self);
  guint n_established = priv->n_established;

  while (priv->n_established == n_established && qnet_socket_is_connecting (self))
    if (!step_to_connect (self, limits, error))
      return FALSE;

  return priv->n_established != n_established || !is_idle (self)
         || fail_unconnected (self, wait, target, error);
}

/* The call that should have begun a connection may have been refused. */
static gboolean
fail_idle (QnetSocket  *self,
           GError     **error)
{
  GPtrArray *refusals = qnet_socket_get_private (self)->refusals;

  if (refusals == NULL)
    return fail_operation (self, _("Could not wait for a connection: None was requested"), error);

  return qnet_io_device_fail_call (QNET_IO_DEVICE (self),
                                   g_error_copy (g_ptr_array_index (refusals, refusals->len - 1)),
                                   error);
}

/**
 * qnet_socket_wait_for_connected:
 * @self: a socket
 * @msecs: the most milliseconds to wait; 0 does not block, -1 leaves it to the limits of the
 *   socket, such as [property@Socket:connect-timeout]
 * @error: return location for an error
 *
 * Blocks until the connection that was begun is established.
 *
 * It needs no main loop and runs none; names are looked up meanwhile, and the socket's signals are
 * emitted. When the time is over the attempt is aborted. On a connected socket it succeeds at once,
 * on an unconnected one it fails at once.
 *
 * The result depends on what happens inside the call: it is %TRUE once [signal@Socket::connected]
 * was emitted, even if a handler ends the connection then. Where a handler begins another attempt
 * after one that has failed, the call waits for that. A timeout concerns the call alone:
 * [property@IODevice:error] is set, and no signal is emitted.
 *
 * Returns: whether a connection is, or was, established; if not, @error is set
 *
 * Since: 1.0
 */
gboolean
qnet_socket_wait_for_connected (QnetSocket  *self,
                                int          msecs,
                                GError     **error)
{
  g_return_val_if_fail (QNET_IS_SOCKET (self), FALSE);
  QNET_IO_BRIEF_STAY_OR_FAIL (self, error, FALSE);

  return qnet_socket_wait_for_connected_full (self, msecs, NULL, error);
}

/**
 * qnet_socket_wait_for_connected_full:
 * @self: a socket
 * @msecs: the most milliseconds to wait; 0 does not block, -1 has no limit but those of the socket
 * @cancellable: (nullable): to end the wait, from any thread, or %NULL
 * @error: return location for an error
 *
 * Blocks until the connection that was begun is established, as [method@Socket.wait_for_connected]
 * does, until @cancellable is cancelled at most.
 *
 * A wait that is cancelled fails with [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum]. It changes
 * nothing else: the socket continues to connect.
 *
 * Returns: whether a connection is, or was, established; if not, @error is set
 *
 * Since: 1.0
 */
gboolean
qnet_socket_wait_for_connected_full (QnetSocket    *self,
                                     int            msecs,
                                     GCancellable  *cancellable,
                                     GError       **error)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  QnetIOWait wait;
  QnetWaitLimits limits;
  gboolean is_connected;

  g_return_val_if_fail (QNET_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  hold = qnet_io_device_hold (self);

  if (is_idle (self))
    return fail_idle (self, error);

  if (!qnet_socket_is_connecting (self))
    return TRUE;

  qnet_wait_limits_init (&limits, msecs, cancellable);
  qnet_io_device_begin_wait (QNET_IO_DEVICE (self), &wait);
  is_connected = wait_until_connected (self, &wait, &limits, error);
  qnet_io_device_end_wait (QNET_IO_DEVICE (self), &wait, is_connected);

  return is_connected;
}

/* Disconnecting */

static GError *
new_end_timeout_error (QnetSocket *self,
                       int         msecs)
{
  g_autofree char *peer = qnet_socket_describe (self);
  double seconds = msecs / 1000.0;

  if (peer == NULL)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Could not wait for the end of the connection: It is still open after "
                          "%g s"),
                        seconds);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      /* Translators: the peer, such as "127.0.0.1 port 80", and the seconds that
                       * were waited */
                      _("Could not wait for the end of the connection to %s: It is still open "
                        "after %g s"),
                      peer, seconds);
}

/* FALSE ends the wait, with *@error set unless it was interrupted. */
static gboolean
step_to_end (QnetSocket            *self,
             const QnetWaitLimits  *limits,
             GError               **error)
{
  QnetWaitStep step = qnet_io_device_wait_step (self, limits);

  if (qnet_wait_step_is_stopped (step, limits, error))
    return FALSE;

  if (step == QNET_WAIT_STEP_TIMED_OUT)
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self),
                                     new_end_timeout_error (self, limits->msecs), error);

  if (step == QNET_WAIT_STEP_NO_EVENTS)
    return fail_operation (self,
                           _("Could not wait for the end of the connection: Nothing can close it "
                             "now"),
                           error);

  return TRUE;
}

/* A handler may connect again: the connection that was waited for has ended nevertheless. An
 * attempt has not. */
static gboolean
wait_until_ended (QnetSocket            *self,
                  QnetIOWait            *wait,
                  const QnetWaitLimits  *limits,
                  GError               **error)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  g_autofree char *target = qnet_socket_describe (self);
  guint n_ended = priv->n_ended;

  while (priv->n_ended == n_ended && !is_idle (self))
    if (!step_to_end (self, limits, error))
      return FALSE;

  return priv->n_ended != n_ended || fail_unconnected (self, wait, target, error);
}

/* g_io_stream_close() has closed the connection, and its signals come in the next turn. */
static gboolean
has_unreported_end (QnetSocket *self)
{
  QnetUnreported unreported = qnet_socket_get_private (self)->unreported;

  return unreported == QNET_UNREPORTED_END || unreported == QNET_UNREPORTED_CLOSING_AND_END;
}

static gboolean
wait_for_report (QnetSocket *self)
{
  while (has_unreported_end (self))
    if (!qnet_wait_set_iterate (&qnet_socket_get_device (self)->wait_set, qnet_clock_now ()))
      break;

  return TRUE;
}

/**
 * qnet_socket_wait_for_disconnected:
 * @self: a socket
 * @msecs: the most milliseconds to wait; 0 does not block, -1 has no limit
 * @error: return location for an error
 *
 * Blocks until the connection has ended, and sends and receives meanwhile.
 *
 * It needs no main loop and runs none; the socket's signals are emitted. When the time is over the
 * connection stays as it is. While reading is paused, or the read buffer is full, it waits for the
 * end of the peer. On an unconnected socket it fails with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError].
 *
 * A connection that ends inside the call counts, even if a handler connects again. An attempt that
 * fails was no connection: the result is %FALSE then, with its error.
 *
 * Returns: whether the connection has ended; if not, @error is set
 *
 * Since: 1.0
 */
gboolean
qnet_socket_wait_for_disconnected (QnetSocket  *self,
                                   int          msecs,
                                   GError     **error)
{
  g_return_val_if_fail (QNET_IS_SOCKET (self), FALSE);
  QNET_IO_BRIEF_STAY_OR_FAIL (self, error, FALSE);

  return qnet_socket_wait_for_disconnected_full (self, msecs, NULL, error);
}

/**
 * qnet_socket_wait_for_disconnected_full:
 * @self: a socket
 * @msecs: the most milliseconds to wait; 0 does not block, -1 has no limit but those of the socket
 * @cancellable: (nullable): to end the wait, from any thread, or %NULL
 * @error: return location for an error
 *
 * Blocks until the connection has ended, as [method@Socket.wait_for_disconnected] does, until
 * @cancellable is cancelled at most.
 *
 * A wait that is cancelled fails with [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum]. It changes
 * nothing else: the connection stays as it is.
 *
 * Returns: whether the connection has ended; if not, @error is set
 *
 * Since: 1.0
 */
gboolean
qnet_socket_wait_for_disconnected_full (QnetSocket    *self,
                                        int            msecs,
                                        GCancellable  *cancellable,
                                        GError       **error)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  QnetIOWait wait;
  QnetWaitLimits limits;
  gboolean has_ended;

  g_return_val_if_fail (QNET_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  hold = qnet_io_device_hold (self);

  if (has_unreported_end (self))
    return wait_for_report (self);

  if (is_idle (self))
    return fail_operation (self, _("Could not wait for the end of the connection: There is no "
                                   "connection"), error);

  qnet_wait_limits_init (&limits, msecs, cancellable);
  qnet_io_device_begin_wait (QNET_IO_DEVICE (self), &wait);
  has_ended = wait_until_ended (self, &wait, &limits, error);
  qnet_io_device_end_wait (QNET_IO_DEVICE (self), &wait, FALSE);

  return has_ended;
}
