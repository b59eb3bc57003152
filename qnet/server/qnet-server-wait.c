/* qnet-server-wait.c: waiting for a connection, blocking or asynchronously
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "base/qnet-wait-private.h"
#include "server/qnet-server-private.h"

/* Blocking */

/* A server that stops does not listen any more while it prepares the last connections. */
static gboolean
can_accept (QnetServer *self)
{
  return qnet_server_is_listening (self)
         || qnet_server_count_preparing (qnet_server_get_private (self)) > 0;
}

/* A wait dispatches this server alone: a reason for not accepting now would never end. */
static gboolean
check_can_wait (QnetServer  *self,
                GError     **error)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);
  QnetListener *listener = &priv->listener;

  if (priv->proxy_error != NULL)
    g_propagate_error (error, g_error_copy (priv->proxy_error));
  else if (!can_accept (self))
    qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not wait for a connection: The server is not listening"));
  else if (qnet_listener_is_held (listener, QNET_LISTENER_PAUSED))
    qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not wait for a connection: Accepting is paused"));
  else if (qnet_listener_is_held (listener, QNET_LISTENER_FULL)
           && qnet_server_count_preparing (priv) == 0)
    qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not wait for a connection: The server has reached its limit of "
                      "connections"));
  else
    return TRUE;

  return FALSE;
}

/* One step of the wait. Connections that are being prepared have to make progress, too; meanwhile
 * further ones are accepted. */
static QnetWaitStep
run_step (QnetServer           *self,
          const QnetWaitLimits *limits)
{
  QnetListener *listener = &qnet_server_get_private (self)->listener;
  const QnetServerClassPrivate *functions = QNET_SERVER_GET_CLASS (self)->priv;

  if (functions->advance == NULL || !functions->advance (self, limits->until))
    return qnet_wait_set_step (&listener->set, limits);

  qnet_wait_set_iterate (&listener->set, 0);

  if (g_cancellable_is_cancelled (limits->cancellable))
    return QNET_WAIT_STEP_CANCELLED;

  if (qnet_wait_is_interrupted ())
    return QNET_WAIT_STEP_INTERRUPTED;

  return qnet_clock_now () < limits->until ? QNET_WAIT_STEP_HAPPENED : QNET_WAIT_STEP_TIMED_OUT;
}

static GError *
new_timeout_error (QnetServer *self,
                   int         msecs)
{
  const QnetServerClassPrivate *functions = QNET_SERVER_GET_CLASS (self)->priv;
  g_autofree char *place = functions->describe != NULL ? functions->describe (self) : NULL;
  double seconds = msecs / 1000.0;

  if (place == NULL)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Could not wait for a connection: None arrived within %g s"), seconds);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      /* Translators: where the server listens, such as "127.0.0.1 port 80", and the
                       * seconds that were waited */
                      _("Could not wait for a connection on %s: None arrived within %g s"), place,
                      seconds);
}

/* FALSE ends the wait, with *@error set unless it was interrupted. */
static gboolean
continue_wait (QnetServer            *self,
               const QnetWaitLimits  *limits,
               gboolean              *out_timed_out,
               GError               **error)
{
  QnetWaitStep step;

  if (!check_can_wait (self, error))
    return FALSE;

  step = run_step (self, limits);
  if (qnet_wait_step_is_stopped (step, limits, error))
    return FALSE;

  if (step == QNET_WAIT_STEP_TIMED_OUT)
    {
      *out_timed_out = TRUE;
      g_propagate_error (error, new_timeout_error (self, limits->msecs));
      return FALSE;
    }

  if (step == QNET_WAIT_STEP_NO_EVENTS)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                      _("Could not wait for a connection: None can arrive now"));
      return FALSE;
    }

  return TRUE;
}

/* A pending connection ends the wait; so does one that was emitted meanwhile, even if a handler
 * has taken it. */
static gboolean
iterate_until_emitted (QnetServer            *self,
                         const QnetWaitLimits  *limits,
                         gboolean              *out_timed_out,
                         GError               **error)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);
  QnetListener *listener = &priv->listener;
  guint n_emitted = priv->n_emitted;
  guint n_failures = listener->n_failures;

  if (qnet_server_has_pending_connections (self))
    return TRUE;

  while (priv->n_emitted == n_emitted && listener->n_failures == n_failures)
    if (!continue_wait (self, limits, out_timed_out, error))
      return FALSE;

  if (priv->n_emitted != n_emitted)
    return TRUE;

  qnet_server_set_accept_error (self, listener->last_errno, error);
  return FALSE;
}

/**
 * qnet_server_wait_for_new_connection:
 * @self: a listening server
 * @msecs: the most milliseconds to wait; 0 does not block, -1 has no limit
 * @error: return location for an error
 *
 * Blocks until a connection is pending, without any main loop.
 *
 * If one is already pending it returns at once. Otherwise all clients that have arrived are
 * accepted, up to the limits, and [signal@Server::new-connection] is emitted for each of them
 * before this returns. No other source is dispatched meanwhile, including the connections of this
 * server.
 *
 * The result is also %TRUE if a handler of that signal has taken the connection, so the queue may
 * be empty.
 *
 * After a timeout the error is [QNET_SOCKET_ERROR_SOCKET_TIMEOUT][error@SocketError]. If no
 * connection can arrive, because the server does not listen, is paused, or has reached a limit, it
 * fails at once with [QNET_SOCKET_ERROR_OPERATION][error@SocketError].
 *
 * Returns: whether a connection is pending, or was accepted meanwhile
 *
 * Since: 1.0
 */
gboolean
qnet_server_wait_for_new_connection (QnetServer  *self,
                                     int          msecs,
                                     GError     **error)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), FALSE);
  QNET_SERVER_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  return qnet_server_wait_for_new_connection_full (self, msecs, NULL, NULL, error);
}

/**
 * qnet_server_wait_for_new_connection_full:
 * @self: a listening server
 * @msecs: the most milliseconds to wait; 0 does not block, -1 has no limit
 * @timed_out: (out) (optional): return location for whether the wait has timed out
 * @cancellable: (nullable): to end the wait, from any thread, or %NULL
 * @error: return location for an error
 *
 * Blocks until a connection is pending, as [method@Server.wait_for_new_connection] does, until
 * @cancellable is cancelled at most, and distinguishes a timeout from other failures.
 *
 * A wait that is cancelled fails with [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum] and changes
 * nothing else: the server listens on, and [property@Server:error] is left as it was.
 *
 * Returns: whether a connection is pending, or was accepted meanwhile
 *
 * Since: 1.0
 */
gboolean
qnet_server_wait_for_new_connection_full (QnetServer   *self,
                                          int           msecs,
                                          gboolean     *timed_out,
                                          GCancellable *cancellable,
                                          GError      **error)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = NULL;
  GError *failure = NULL;
  gboolean is_timed_out = FALSE, has_connection;
  QnetWaitLimits limits;

  g_return_val_if_fail (QNET_IS_SERVER (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_SERVER_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  hold = qnet_server_hold (self);
  qnet_wait_limits_init (&limits, msecs, cancellable);
  has_connection = iterate_until_emitted (self, &limits, &is_timed_out, &failure);

  if (timed_out != NULL)
    *timed_out = is_timed_out;

  if (failure == NULL)
    return has_connection;

  if (failure->domain == QNET_SOCKET_ERROR)
    return qnet_server_fail (self, failure, error);

  g_propagate_error (error, failure);  /* cancelled: that concerns the call alone */

  return FALSE;
}

/* Asynchronously: one task waits, and looks for a connection whenever there may be one. It does so
 * in an iteration of its own, after the signals of the connection. */

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);

  g_clear_pointer (source, g_source_unref);
}

static GTask *
end_accept (QnetServer *self)
{
  QnetServerAccept *accept = &qnet_server_get_private (self)->accept;

  clear_source (&accept->wake);
  clear_source (&accept->cancel);

  return g_steal_pointer (&accept->task);
}

static GError *
new_accept_error (QnetServer *self)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);

  if (priv->proxy_error != NULL)
    return g_error_copy (priv->proxy_error);

  return g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                              _("Could not accept a connection: The server is not listening"));
}

/* An override of the vfuncs of the queue may do anything, so the task is read after the first call,
 * and is out of reach during the second. */
static gboolean
wake_cb (gpointer user_data)
{
  g_autoptr(QnetServer) self = g_object_ref (g_task_get_source_object (G_TASK (user_data)));
  g_autoptr(GTask) task = NULL;
  QnetSocket *connection;

  clear_source (&qnet_server_get_private (self)->accept.wake);

  if (!qnet_server_has_pending_connections (self) && can_accept (self))
    return G_SOURCE_REMOVE;

  task = end_accept (self);

  if (task == NULL)
    return G_SOURCE_REMOVE;

  connection = qnet_server_take_pending (self);

  if (connection != NULL)
    g_task_return_pointer (task, connection, (GDestroyNotify) qnet_server_release_connection);
  else
    g_task_return_error (task, new_accept_error (self));

  return G_SOURCE_REMOVE;
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  g_autoptr(GTask) task = end_accept (g_task_get_source_object (G_TASK (user_data)));

  g_task_return_error_if_cancelled (task);

  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (QnetServerAccept *accept,
                   GCancellable     *cancellable)
{
  if (cancellable == NULL)
    return;

  accept->cancel = g_cancellable_source_new (cancellable);
  g_task_attach_source (accept->task, accept->cancel, G_SOURCE_FUNC (cancelled_cb));
}

void
qnet_server_wake_accept (QnetServer *self)
{
  QnetServerAccept *accept = &qnet_server_get_private (self)->accept;

  if (accept->task == NULL || accept->wake != NULL)
    return;

  accept->wake = g_idle_source_new ();
  g_source_set_static_name (accept->wake, "[qnet] accept");
  g_task_attach_source (accept->task, accept->wake, wake_cb);
}

/**
 * qnet_server_accept_async:
 * @self: a listening server
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async): called when there is a connection, or when the call has failed
 * @user_data: data for @callback
 *
 * Asynchronously takes the next pending connection, and waits for one if there is none.
 *
 * Connections that are already pending are taken first, in order. Only one call can be pending at a
 * time; another one fails with [G_IO_ERROR_PENDING][error@Gio.IOErrorEnum].
 * [signal@Server::new-connection] is emitted as usual, before @callback is called; if a handler of
 * it takes the connection, this call continues to wait. Closing the server lets the call fail with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError], and cancelling it loses no connection.
 *
 * The connection does not read before the iteration of the main loop after
 * [method@Server.accept_finish], so a [signal@IODevice::ready-read] handler that is connected in
 * @callback is notified of all bytes.
 *
 * Since: 1.0
 */
void
qnet_server_accept_async (QnetServer          *self,
                          int                  io_priority,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  QnetServerAccept *accept;
  GError *error = NULL;

  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  QNET_SERVER_CHECK_CALLER_OR_CALL_BACK (self, qnet_server_accept_async);

  accept = &qnet_server_get_private (self)->accept;
  task = qnet_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_server_accept_async);
  g_task_set_name (task, "[qnet] accept");
  g_task_set_priority (task, io_priority);
  g_task_set_check_cancellable (task,
                                FALSE); /* a connection that was taken is returned even then */

  if (accept->task != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                               _("Could not accept a connection: Another call waits for one"));
      return;
    }

  if (!qnet_reactor_check_loop (&error))
    {
      g_task_return_error (task, error);
      return;
    }

  accept->task = g_steal_pointer (&task);
  watch_cancellable (accept, cancellable);
  qnet_server_wake_accept (self);
}

/**
 * qnet_server_accept_finish:
 * @self: a server
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes a call of [method@Server.accept_async].
 *
 * The server keeps the connection alive as with [method@Server.next_pending_connection].
 *
 * Returns: (transfer full): the connection
 *
 * Since: 1.0
 */
QnetSocket *
qnet_server_accept_finish (QnetServer    *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  QnetSocket *connection;

  g_return_val_if_fail (QNET_IS_SERVER (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  connection = g_task_propagate_pointer (G_TASK (result), error);

  if (connection == NULL)
    return NULL;

  qnet_io_device_start_reading (QNET_IO_DEVICE (connection));
  if (qnet_server_get_private (self)->stop != NULL)
    qnet_server_continue_stop (self);

  return connection;
}
