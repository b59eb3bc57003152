/* qnet-server-stopping.c: a server accepts the clients that wait, and lets all connections end
 *
 * First the listener is drained: the kernel accepts no more clients, those that wait are accepted,
 * and then it is closed. Meanwhile, and after that, each connection that the application has taken
 * is notified, once. The last connection to end, or the end of the grace, ends the stop.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "server/qnet-server-private.h"
#include "socket/qnet-socket-private.h"

/* How many connections are notified in one turn, so that others have theirs in time. */
#define BATCH 64

/* Milliseconds for the handshakes that are in progress: clients a continent away need less. */
#define HANDSHAKE_TIME 250

struct _QnetServerStop
{
  GTask        *task;       /* (owned) */
  GSource      *cancel;     /* (owned) (nullable): of its cancellable */
  QnetWaitSet   set;        /* of its own: a wait for a connection does not continue the stop */
  QnetWatch     watch;      /* without a descriptor: defers the next step */
  QnetDeadline  handshake;  /* in the server's set: clients may come whose handshake is in
                             * progress */
  QnetDeadline  grace;      /* runs unless there is no limit */
  int           n_aborted;
};

static QnetServerPrivate *
get_private (QnetServer *self)
{
  return qnet_server_get_private (self);
}

/* A handler may have ended the stop of @task, which the caller holds. */
static gboolean
is_current (QnetServer *self,
            GTask      *task)
{
  const QnetServerStop *stop = get_private (self)->stop;

  return stop != NULL && stop->task == task;
}

/* The end */

static gboolean
has_ended (QnetServer *self)
{
  QnetServerPrivate *priv = get_private (self);

  return !qnet_server_is_listening (self) && qnet_server_count_preparing (priv) == 0
         && qnet_connections_get_n (&priv->connections) == 0;
}

static void
free_stop (QnetServerStop *stop)
{
  qnet_watch_clear (&stop->watch);
  qnet_deadline_stop (&stop->handshake);
  qnet_deadline_stop (&stop->grace);
  qnet_wait_set_clear (&stop->set);
  if (stop->cancel != NULL)
    g_source_destroy (stop->cancel);
  g_clear_pointer (&stop->cancel, g_source_unref);
  g_object_unref (stop->task);
  g_free (stop);
}

/* Takes @error (nullable). */
static void
end (QnetServer *self,
     GError     *error)
{
  QnetServerStop *stop = g_steal_pointer (&get_private (self)->stop);
  g_autoptr(GTask) task = g_object_ref (stop->task);
  int n_aborted = stop->n_aborted;

  free_stop (stop);
  qnet_server_notify_stopping (self);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, n_aborted);
}

void
qnet_server_abandon_stop (QnetServer *self)
{
  if (get_private (self)->stop != NULL)
    end (self, NULL);
}

/* Notifying the connections */

/* The first turn of a connection that was just taken begins to read, and the second one reads. */
static void
receive_what_is_there (QnetIODevice *connection)
{
  QnetWaitSet *set = &qnet_io_device_get_private (connection)->wait_set;

  for (int i = 0; i < 2 && set->reactor != NULL; i++)
    qnet_wait_set_iterate (set, 0);
}

/* What the peer has sent is reported first: it may be a request. */
static void
notify_connection (QnetServer   *self,
                   QnetIODevice *device)
{
  g_autoptr(QnetIODevice) connection = g_object_ref (device);

  qnet_connections_mark_notified (&get_private (self)->connections, connection);

  receive_what_is_there (connection);
  if (qnet_socket_get_state (QNET_SOCKET (connection)) == QNET_SOCKET_STATE_CONNECTED)
    qnet_socket_emit_stopping (QNET_SOCKET (connection));
}

/* One that qnet_server_accept_async() is about to return does not read yet, and has no handlers. */
static gboolean
is_returned (QnetIODevice *device)
{
  const QnetChannel *channel = &qnet_io_device_get_private (device)->channel;

  return !qnet_channel_is_open (channel) || channel->read_state != QNET_READ_IDLE;
}

/* (nullable) */
static QnetIODevice *
peek_next (QnetServer *self)
{
  QnetIODevice *device = qnet_connections_peek_taken (&get_private (self)->connections);

  return device != NULL && is_returned (device) ? device : NULL;
}

static void
notify_some (QnetServer *self,
             GTask      *task)
{
  for (int i = 0; i < BATCH && is_current (self, task); i++)
    {
      QnetIODevice *device = peek_next (self);

      if (device == NULL)
        return;

      notify_connection (self, device);
    }

  if (is_current (self, task))
    qnet_server_continue_stop (self);
}

/* Draining */

static void
begin_to_drain (QnetServer *self)
{
  QnetServerPrivate *priv = get_private (self);
  gboolean may_come;

  qnet_server_set_hold (priv, QNET_LISTENER_PAUSED, FALSE);
  if (!qnet_listener_is_open (&priv->listener))
    return;

  may_come = !priv->is_fd_shared && qnet_listener_refuse_new (&priv->listener);

  if (may_come)
    qnet_deadline_start (&priv->stop->handshake, qnet_clock_until (HANDSHAKE_TIME));
  else
    qnet_listener_drain (&priv->listener);
}

/* A client of a proxy is passed on as soon as there is room for it. */
static void
drain_proxy (QnetServer *self)
{
  QnetProxyListener *listener = get_private (self)->proxy_listener;

  if (listener != NULL && !qnet_proxy_listener_has_client (listener))
    qnet_server_end_listening (self);
}

/* The steps */

static void
take_step (QnetServer *self,
           GTask      *task)
{
  notify_some (self, task);
  if (is_current (self, task))
    drain_proxy (self);
  if (!is_current (self, task))
    return;

  qnet_server_wake_accept (self);
  if (has_ended (self) && is_current (self, task))  /* has_ended() leaves the parent of a fork */
    end (self, NULL);
}

/* The task has a reference to the server. */
static void
ready_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  g_autoptr(GTask) task = g_object_ref (CONTAINER_OF (watch, QnetServerStop, watch)->task);
  QnetServer *self = g_task_get_source_object (task);
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (self);

  take_step (self, task);
}

static void
orphaned_cb (QnetWatch *watch)
{
  g_autoptr(GTask) task = g_object_ref (CONTAINER_OF (watch, QnetServerStop, watch)->task);
  GError *error = NULL;

  qnet_set_error (&error, QNET_SOCKET_ERROR_OPERATION,
                  _("Could not stop the server: Its main context was freed, or is that of the "
                    "parent process"));
  end (g_task_get_source_object (task), error);
}

static const QnetWatchFuncs watch_funcs = {
  .ready    = ready_cb,
  .orphaned = orphaned_cb,
};

void
qnet_server_continue_stop (QnetServer *self)
{
  qnet_watch_defer (&get_private (self)->stop->watch);
}

void
qnet_server_stop_drained (QnetServer *self)
{
  qnet_server_end_listening (self);
  if (get_private (self)->stop != NULL)
    qnet_server_continue_stop (self);
}

static void
handshake_cb (QnetDeadline *deadline)
{
  QnetServerStop *stop = CONTAINER_OF (deadline, QnetServerStop, handshake);
  QnetServer *self = g_task_get_source_object (stop->task);

  if (qnet_listener_is_open (&get_private (self)->listener))
    qnet_listener_drain (&get_private (self)->listener);
}

/* The end of the grace */

static void
abort_preparing (QnetServer *self)
{
  QnetServerPrivate *priv = get_private (self);
  const QnetServerClassPrivate *functions = QNET_SERVER_GET_CLASS (self)->priv;

  priv->stop->n_aborted += qnet_server_count_preparing (priv);
  if (functions->drop != NULL)
    functions->drop (self);
}

/* FALSE: there is none. One that has ended while it was pending is not lost. A handler of the list
 * of connections may end the stop, so it is counted first. */
static gboolean
abort_next (QnetServer *self)
{
  QnetServerPrivate *priv = get_private (self);
  QnetIODevice *device = qnet_connections_peek_any (&priv->connections);
  g_autoptr(QnetIODevice) connection = NULL;
  gboolean is_lost;

  if (device == NULL)
    return FALSE;

  is_lost = qnet_socket_get_state (QNET_SOCKET (device)) != QNET_SOCKET_STATE_UNCONNECTED;
  priv->stop->n_aborted += is_lost;
  connection = qnet_connections_steal (&priv->connections);
  if (is_lost)
    qnet_socket_abort (QNET_SOCKET (connection));

  return TRUE;
}

static void
grace_cb (QnetDeadline *deadline)
{
  g_autoptr(GTask) task = g_object_ref (CONTAINER_OF (deadline, QnetServerStop, grace)->task);
  QnetServer *self = g_task_get_source_object (task);
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (self);

  qnet_server_end_listening (self);
  if (is_current (self, task))
    abort_preparing (self);

  while (is_current (self, task) && abort_next (self))
    continue;

  if (is_current (self, task))
    take_step (self, task);
}

/* Beginning */

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  g_autoptr(GTask) task = g_object_ref (user_data);
  QnetServer *self = g_task_get_source_object (task);
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (self);
  GError *error = NULL;

  qnet_server_end_listening (self);
  if (is_current (self, task) && g_cancellable_set_error_if_cancelled (cancellable, &error))
    end (self, error);

  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (QnetServerStop *stop)
{
  GCancellable *cancellable = g_task_get_cancellable (stop->task);

  if (cancellable == NULL)
    return;

  stop->cancel = g_cancellable_source_new (cancellable);
  g_source_set_static_name (stop->cancel, "[qnet] stop");
  g_task_attach_source (stop->task, stop->cancel, G_SOURCE_FUNC (cancelled_cb));
}

/* Ends what the server has begun in the parent process, and a call that waits for a proxy. Emits:
 * a handler may dispose of the server, or stop it. */
static void
prepare (QnetServer *self)
{
  qnet_listener_leave_parent (&get_private (self)->listener);
  if (get_private (self)->stop == NULL)
    qnet_server_close_start (self);
}

/* The server may have listened in a main context that was freed since. */
static QnetWaitSet *
get_wait_set (QnetListener *listener)
{
  if (qnet_reactor_is_orphan (qnet_listener_get_reactor (listener)))
    qnet_listener_join (listener);

  return &listener->set;
}

/* Takes @task. Emits nothing. */
static void
begin (QnetServer *self,
       GTask      *task,
       int         grace)
{
  QnetServerPrivate *priv = get_private (self);
  QnetServerStop *stop = g_new0 (QnetServerStop, 1);
  QnetWaitSet *set = get_wait_set (&priv->listener);

  stop->task = task;
  qnet_wait_set_init (&stop->set, set->reactor);
  qnet_watch_init (&stop->watch, &watch_funcs, &stop->set);
  qnet_deadline_init (&stop->handshake, handshake_cb, set);
  qnet_deadline_init (&stop->grace, grace_cb, &stop->set);
  priv->stop = stop;

  qnet_connections_unmark_all (&priv->connections);
  if (grace >= 0)
    qnet_deadline_start (&stop->grace, qnet_clock_until (grace));
  begin_to_drain (self);
  watch_cancellable (stop);
  qnet_server_continue_stop (self);
}

/* Public API */

/**
 * qnet_server_stop_async:
 * @self: a server
 * @grace: the most milliseconds to wait for the connections, -1 for no limit
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when all connections have ended
 * @user_data: data for @callback
 *
 * Stops the server without loss: it accepts no new clients, lets all connections end, and aborts
 * those that have not ended after @grace.
 *
 * Clients that wait in the kernel's backlog are still accepted, up to the limits, as soon as there
 * is room for them, and [signal@Server::new-connection] is emitted for them as usual. Then the
 * listening descriptor is closed, and [property@Server:listening] becomes %FALSE: a TCP server
 * waits a quarter of a second for clients whose handshake is in progress, and clients that come in
 * that time are refused after it. The call ends the effect of [method@Server.pause_accepting].
 *
 * Each connection that was taken, before or meanwhile, emits [signal@Socket::stopping], in a later
 * iteration of the main loop: it is a signal of the connection, since its handlers know
 * whether a request is in progress, and how the protocol ends. Nothing is ended by qnet before
 * @grace is over. [property@Server:stopping] is %TRUE meanwhile.
 *
 * After @grace all that is left is aborted: clients that wait, connections that were not taken,
 * handshakes of TLS, and connections; with 0, in the next iteration. A connection that an override
 * of [vfunc@Server.incoming_connection] has not queued is not waited for.
 *
 * When @cancellable is cancelled the call fails with
 * [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum]: the server does not listen any more, clients that
 * still wait are not accepted, and no connection is ended; [method@Server.stop_async] may be called
 * again. If the server listens in another main context after that, connections of which a PROXY
 * header or a handshake of TLS is in progress are dropped. [method@Server.close] can be called
 * meanwhile, and has its usual effect. Only one call can be pending at a time; another one fails
 * with [G_IO_ERROR_PENDING][error@Gio.IOErrorEnum], and the server cannot listen again before the
 * end. If the server does not listen, the call waits for the connections that are left.
 *
 * In the child of a fork, the call fails with [QNET_SOCKET_ERROR_OPERATION][error@SocketError]: the
 * server of the parent process continues to stop.
 *
 * A socket that may be used by another process as well, that of a service manager, of
 * [method@Server.set_fd], or one that [method@Server.get_fd] or [method@Server.get_socket] has
 * returned, is not changed: the clients that wait are accepted, and then the descriptor is closed.
 * If no other process has it, a client that comes just then can be reset.
 *
 * Since: 1.0
 */
void
qnet_server_stop_async (QnetServer          *self,
                        int                  grace,
                        int                  io_priority,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (grace >= -1);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  QNET_SERVER_CHECK_CALLER_OR_CALL_BACK (self, qnet_server_stop_async);

  task = qnet_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_server_stop_async);
  g_task_set_name (task, "[qnet] stop");
  g_task_set_priority (task, io_priority);
  g_task_set_check_cancellable (task, FALSE);  /* cancelled too late, the server has stopped */

  if (g_task_return_error_if_cancelled (task))
    return;

  if (!qnet_reactor_check_loop (&error))
    {
      g_task_return_error (task, error);
      return;
    }

  prepare (self);
  if (get_private (self)->stop != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                             _("Could not stop the server: Another call is stopping it already"));
  else
    {
      begin (self, g_steal_pointer (&task), grace);
      qnet_server_notify_stopping (self);
    }
}

/**
 * qnet_server_stop_finish:
 * @self: a server
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Ends [method@Server.stop_async].
 *
 * Returns: the number of connections that were aborted, -1 if the call has failed
 *
 * Since: 1.0
 */
int
qnet_server_stop_finish (QnetServer    *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), -1);
  g_return_val_if_fail (g_task_is_valid (result, self), -1);
  g_return_val_if_fail (g_async_result_is_tagged (result, qnet_server_stop_async), -1);

  return (int) g_task_propagate_int (G_TASK (result), error);
}

/**
 * qnet_server_is_stopping:
 * @self: a server
 *
 * Gets whether the server is being stopped.
 *
 * Returns: %TRUE while [method@Server.stop_async] is pending
 *
 * Since: 1.0
 */
gboolean
qnet_server_is_stopping (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), FALSE);
  QNET_SERVER_CHECK_CALLER (self, FALSE);

  return get_private (self)->stop != NULL;
}
