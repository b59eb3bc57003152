/* qnet-server-wait.c: waiting for a connection, asleep or asynchronously
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-reserve-private.h"
#include "server/qnet-server-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-wait-private.h"

/* Asleep */

/* A wait serves this server alone: what holds it up now would hold it up for ever. */
static gboolean
check_can_wait (QnetServer  *self,
                GError     **error)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);
  QnetListener *listener = &priv->listener;

  if (priv->proxied_end != NULL)
    g_propagate_error (error, g_error_copy (priv->proxied_end));
  else if (!qnet_server_is_listening (self))
    qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not wait for a connection: the server does not listen"));
  else if (qnet_listener_is_held (listener, QNET_LISTENER_PAUSED))
    qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not wait for a connection: accepting is paused"));
  else if (qnet_listener_is_held (listener, QNET_LISTENER_FULL) && priv->n_coming == 0)
    qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not wait for a connection: the server has as many as it may"));
  else
    return TRUE;

  return FALSE;
}

/* One step of it. Connections that come have to be moved, too; meanwhile others may be accepted. */
static QnetWaitStep
take_step (QnetServer *self,
           gint64      until)
{
  QnetListener *listener = &qnet_server_get_private (self)->listener;
  const QnetServerHooks *hooks = QNET_SERVER_GET_CLASS (self)->hooks;

  if (hooks->advance == NULL || !hooks->advance (self, until))
    return qnet_wait_set_step (&listener->set, until);

  qnet_wait_set_iterate (&listener->set, 0);

  if (qnet_wait_is_interrupted ())
    return QNET_WAIT_STEP_INTERRUPTED;

  return qnet_clock_now () < until ? QNET_WAIT_STEP_HAPPENED : QNET_WAIT_STEP_TIMED_OUT;
}

static GError *
new_timeout_error (QnetServer *self,
                   int         msecs)
{
  const QnetServerHooks *hooks = QNET_SERVER_GET_CLASS (self)->hooks;
  g_autofree char *place = hooks->describe != NULL ? hooks->describe (self) : NULL;
  double seconds = msecs / 1000.0;

  if (place == NULL)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Could not wait for a connection: none arrived within %g s"), seconds);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      /* Translators: where the server listens, such as "127.0.0.1 port 80", and the seconds that were waited */
                      _("Could not wait for a connection on %s: none arrived within %g s"), place, seconds);
}

/* FALSE ends the wait, with *@error set unless it was interrupted. */
static gboolean
go_on (QnetServer    *self,
       int            msecs,
       gint64         until,
       gboolean      *out_timed_out,
       GError       **error)
{
  if (!check_can_wait (self, error))
    return FALSE;

  switch (take_step (self, until))
    {
    case QNET_WAIT_STEP_HAPPENED:
      return TRUE;
    case QNET_WAIT_STEP_INTERRUPTED:
      return FALSE;
    case QNET_WAIT_STEP_IN_VAIN:
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                      _("Could not wait for a connection: none can arrive now"));
      return FALSE;
    case QNET_WAIT_STEP_TIMED_OUT:
      *out_timed_out = TRUE;
      g_propagate_error (error, new_timeout_error (self, msecs));
      return FALSE;
    }

  g_assert_not_reached ();
}

/* What is pending counts; so does what was announced meanwhile, even if a handler has taken it. */
static gboolean
iterate_until_announced (QnetServer  *self,
                         int          msecs,
                         gboolean    *out_timed_out,
                         GError     **error)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);
  QnetListener *listener = &priv->listener;
  gint64 until = qnet_clock_until (msecs);
  guint n_announced = priv->n_announced;
  guint n_failures = listener->n_failures;

  if (qnet_server_has_pending_connections (self))
    return TRUE;

  while (priv->n_announced == n_announced && listener->n_failures == n_failures)
    if (!go_on (self, msecs, until, out_timed_out, error))
      return FALSE;

  if (priv->n_announced != n_announced)
    return TRUE;

  qnet_server_set_accept_error (self, listener->last_errno, error);
  return FALSE;
}

/**
 * qnet_server_wait_for_new_connection:
 * @self: a listening server
 * @msecs: milliseconds to wait at most, 0 to look once, -1 for any time
 * @error: return location for an error
 *
 * Blocks until a connection is pending, without any main loop.
 *
 * While one is pending already it returns at once. Else all that have arrived are accepted, up to the limits, and
 * [signal@Server::new-connection] is emitted for each before this returns. Nothing else is served meanwhile,
 * the connections of this server included.
 *
 * The result is %TRUE, too, when a handler of that signal has taken the connection, so the queue may be empty then.
 *
 * When the time is up the error is [QNET_SOCKET_ERROR_SOCKET_TIMEOUT][error@SocketError]. It is
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError], at once, where no connection can come: the
 * server does not listen, is paused, or has reached a limit.
 *
 * Returns: whether a connection is pending, or has arrived meanwhile
 *
 * Since: 1.0
 */
gboolean
qnet_server_wait_for_new_connection (QnetServer  *self,
                                     int          msecs,
                                     GError     **error)
{
  return qnet_server_wait_for_new_connection_full (self, msecs, NULL, error);
}

/**
 * qnet_server_wait_for_new_connection_full:
 * @self: a listening server
 * @msecs: milliseconds to wait at most, 0 to look once, -1 for any time
 * @timed_out: (out) (optional): set to %TRUE when the time was up, else to %FALSE
 * @error: return location for an error
 *
 * Blocks until a connection is pending, and distinguishes a timeout from a failure.
 *
 * It is [method@Server.wait_for_new_connection] otherwise.
 *
 * Returns: whether a connection is pending, or has arrived meanwhile
 *
 * Since: 1.0
 */
gboolean
qnet_server_wait_for_new_connection_full (QnetServer  *self,
                                          int          msecs,
                                          gboolean    *timed_out,
                                          GError     **error)
{
  g_autoptr(QnetServer) alive = NULL;
  GError *failure = NULL;
  gboolean is_timed_out = FALSE, has_come;

  g_return_val_if_fail (QNET_IS_SERVER (self), FALSE);

  alive = g_object_ref (self);
  has_come = iterate_until_announced (self, msecs, &is_timed_out, &failure);

  if (timed_out != NULL)
    *timed_out = is_timed_out;

  return failure == NULL ? has_come : qnet_server_fail (self, failure, error);
}

/* Asynchronously: one task waits, and looks for a connection whenever there may be one. It does so
 * in a turn of its own, after the signals that tell of the connection. */

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
why_nobody_comes (QnetServer *self)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);

  if (priv->proxied_end != NULL)
    return g_error_copy (priv->proxied_end);

  return g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                              _("Could not accept a connection: the server does not listen"));
}

/* An override of the queue's vfuncs may do anything, so the task is asked for after the first of
 * them, and is out of reach during the second. */
static gboolean
wake_cb (gpointer user_data)
{
  g_autoptr(QnetServer) self = g_object_ref (g_task_get_source_object (G_TASK (user_data)));
  g_autoptr(GTask) task = NULL;
  QnetIODevice *connection;

  clear_source (&qnet_server_get_private (self)->accept.wake);

  if (!qnet_server_has_pending_connections (self) && qnet_server_is_listening (self))
    return G_SOURCE_REMOVE;

  task = end_accept (self);

  if (task == NULL)
    return G_SOURCE_REMOVE;

  connection = qnet_server_take_pending (self);

  if (connection != NULL)
    g_task_return_pointer (task, connection, (GDestroyNotify) qnet_server_discard);
  else
    g_task_return_error (task, why_nobody_comes (self));

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
 * @io_priority: the priority of the callback, usually %G_PRIORITY_DEFAULT
 * @cancellable: (nullable): to give up, or %NULL
 * @callback: (scope async): called when there is a connection, or none can come
 * @user_data: for @callback
 *
 * Asks for the next pending connection, and waits for one where there is none.
 *
 * What is pending when a turn of the loop begins is given first, in order. One call can be under way at a time; another fails
 * with [G_IO_ERROR_PENDING][error@Gio.IOErrorEnum]. [signal@Server::new-connection] is emitted
 * nevertheless, and before @callback is called; a handler that takes the connection takes it from
 * here. Closing the server ends the call with [QNET_SOCKET_ERROR_OPERATION][error@SocketError], and
 * cancelling it loses no connection.
 *
 * The connection reads nothing until [method@Server.accept_finish] has given it away and the turn is over, so a
 * [signal@IODevice::ready-read] handler that is connected then hears everything.
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

  accept = &qnet_server_get_private (self)->accept;
  task = qnet_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_server_accept_async);
  g_task_set_name (task, "[qnet] accept");
  g_task_set_priority (task, io_priority);
  g_task_set_check_cancellable (task, FALSE);  /* a connection that was taken is given, come what may */

  if (accept->task != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                               _("Could not accept a connection: another call waits for one"));
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
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Server.accept_async].
 *
 * The connection is kept alive as [method@Server.next_pending_connection] says.
 *
 * Returns: (transfer full): the connection
 *
 * Since: 1.0
 */
QnetIODevice *
qnet_server_accept_finish (QnetServer    *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  QnetIODevice *connection;

  g_return_val_if_fail (QNET_IS_SERVER (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  connection = g_task_propagate_pointer (G_TASK (result), error);

  if (connection != NULL)
    qnet_io_device_hand_out (connection);

  return connection;
}
