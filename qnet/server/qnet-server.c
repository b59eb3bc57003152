/* qnet-server.c: all of accepting, for TCP and local servers
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-server.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <glib-unix.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-gsocket-private.h"
#include "engine/qnet-syscall-private.h"
#include "server/qnet-server-private.h"

/**
 * QnetServer:
 *
 * What all servers share: they accept connections and queue them until somebody takes them.
 *
 * A server of a concrete class, such as [class@TcpServer], is told to listen. From then on it accepts whoever comes, makes a
 * socket for each, and emits [signal@Server::new-connection]; take the socket by
 * [method@Server.next_pending_connection]. Those who would rather ask call [method@Server.accept_async], or, without a
 * main loop, [method@Server.wait_for_new_connection].
 *
 * ## Lifetime
 *
 * A server holds a reference to each connection it accepted until that connection is disconnected or the server is disposed: a
 * handler may let its variable go. To end a connection, disconnect it or close it. Those that live are in
 * [property@Server:connections].
 *
 * A server that was disposed, or whose [struct@GLib.MainContext] is gone, does not listen any more. Connections that were taken live
 * on as long as somebody holds them; those that were not are destroyed.
 *
 * ## Limits
 *
 * With [property@Server:max-pending-connections] in the queue, or [property@Server:max-connections] alive, the server does not
 * accept; clients wait in the kernel's backlog, and the server goes on by itself as soon as it can. What one of them can make the
 * server store is limited by [property@Server:read-buffer-size] and [property@Server:unsent-limit]. There is no limit to the
 * number of connections unless it is set: [the chapter on security](security.html) recommends one.
 *
 * Out of descriptors or of memory it emits [signal@Server::accept-error] once, tries again after a tenth of a second, then less
 * often, down to once a second, and serves all who have waited as soon as it is possible.
 *
 * ## Subclasses
 *
 * Override [vfunc@Server.incoming_connection] to make a socket of another class, or to hand the descriptor to another thread. The
 * descriptor belongs to the override from its first line on. An override that cannot use it calls
 * [method@Server.refuse_connection], which closes it unless a socket has taken it; in Python and JavaScript that is done for an
 * override that throws.
 *
 * Since: 1.0
 */

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (QnetServer, qnet_server, G_TYPE_OBJECT)

enum
{
  SIGNAL_NEW_CONNECTION,
  SIGNAL_PENDING_CONNECTION_AVAILABLE,
  SIGNAL_ACCEPT_ERROR,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

#define PRIVATE(self) ((QnetServerPrivate *) qnet_server_get_instance_private (self))

#define CONTAINER(pointer, member) \
  ((QnetServerPrivate *) (gpointer) ((char *) (pointer) - G_STRUCT_OFFSET (QnetServerPrivate, member)))

QnetServerPrivate *
qnet_server_get_private (QnetServer *self)
{
  return PRIVATE (self);
}

/* Holding */

static void
set_hold (QnetServerPrivate *priv,
          QnetListenerHold   hold,
          gboolean           is_held)
{
  qnet_listener_set_hold (&priv->listener, hold, is_held);

  if (priv->proxied != NULL)
    qnet_proxy_listener_set_held (priv->proxied, priv->listener.holds != 0);
}

/* Connections */

void
qnet_server_update_limits (QnetServer *self)
{
  QnetServerPrivate *priv = PRIVATE (self);
  int n_pending = qnet_connections_get_n_pending (&priv->connections);
  int n_connections = qnet_connections_get_n (&priv->connections);
  gboolean is_full;

  is_full = n_pending >= priv->max_pending_connections ||
            (priv->max_connections > 0 && n_connections + priv->n_coming >= priv->max_connections) ||
            (priv->max_coming > 0 && priv->n_coming >= priv->max_coming);

  set_hold (priv, QNET_LISTENER_FULL, is_full);
}

static void
released_cb (QnetKeeper   *keeper,
             QnetIODevice *connection)
{
  QnetServerPrivate *priv = CONTAINER (keeper, connections.keeper);
  g_autoptr(QnetServer) self = g_object_ref (priv->self);

  qnet_connections_release (&priv->connections, connection);
  qnet_server_update_limits (self);
}

static const QnetKeeperFuncs keeper_funcs = {
  .released = released_cb,
};

QnetIODevice *
qnet_server_take_pending (QnetServer *self)
{
  return QNET_SERVER_GET_CLASS (self)->next_pending_connection (self);
}

void
qnet_server_discard (QnetIODevice *connection)
{
  QnetKeeper *keeper = qnet_io_device_get_private (connection)->keeper;

  if (keeper != NULL)
    keeper->funcs->released (keeper, connection);

  g_object_unref (connection);
}

static void
limit_buffers (QnetServerPrivate *priv,
               QnetIODevice      *connection)
{
  if (priv->read_buffer_size > 0 && qnet_io_device_get_read_buffer_size (connection) == 0)
    qnet_io_device_set_read_buffer_size (connection, priv->read_buffer_size);

  if (priv->unsent_limit > 0 && qnet_io_device_get_unsent_limit (connection) == 0)
    qnet_io_device_set_unsent_limit (connection, priv->unsent_limit);
}

/* Listening */

void
qnet_server_announce (QnetServer *self)
{
  GObject *object = G_OBJECT (self);

  g_object_freeze_notify (object);
  g_object_notify (object, "listening");
  QNET_SERVER_GET_CLASS (self)->hooks->changed (self);
  g_object_thaw_notify (object);
}

/* The duplicate under the GSocket would keep the kernel listening, so it goes as well. */
static void
close_socket (QnetServerPrivate *priv)
{
  if (priv->socket != NULL)
    g_socket_close (priv->socket, NULL);

  g_clear_object (&priv->socket);
}

/* As with the listener, that it was paused ends with it. */
static void
stop_proxied (QnetServer *self)
{
  QnetServerPrivate *priv = PRIVATE (self);

  if (priv->proxied == NULL)
    return;

  g_clear_pointer (&priv->proxied, qnet_proxy_listener_free);
  set_hold (priv, QNET_LISTENER_PAUSED, FALSE);
}

void
qnet_server_stop (QnetServer *self)
{
  QnetServerPrivate *priv = PRIVATE (self);
  const QnetServerHooks *hooks_of_class = QNET_SERVER_GET_CLASS (self)->hooks;

  if (hooks_of_class->stopping != NULL)
    hooks_of_class->stopping (self);

  qnet_listener_close (&priv->listener);
  stop_proxied (self);
  close_socket (priv);
  if (QNET_SERVER_GET_CLASS (self)->hooks->drop != NULL)
    QNET_SERVER_GET_CLASS (self)->hooks->drop (self);
  qnet_connections_drop_pending (&priv->connections);
  qnet_server_update_limits (self);
  qnet_server_wake_accept (self);
}

gboolean
qnet_server_check_idle (QnetServer  *self,
                        GError     **error)
{
  GError *failure = NULL;

  if (!qnet_server_is_listening (self))
    return TRUE;

  qnet_set_error (&failure, QNET_SOCKET_ERROR_OPERATION, _("Could not listen: the server listens already"));

  return qnet_server_fail (self, failure, error);
}

void
qnet_server_start (QnetServer *self,
                   int         fd)
{
  g_object_ref (self);

  g_clear_error (&PRIVATE (self)->proxied_end);
  qnet_listener_open (&PRIVATE (self)->listener, fd);
  qnet_server_take_error (self, NULL);
  qnet_server_announce (self);

  g_object_unref (self);
}

void
qnet_server_announce_connection (QnetServer *self)
{
  if (PRIVATE (self)->is_torn_down)
    return;

  PRIVATE (self)->n_announced++;
  g_signal_emit (self, signals[SIGNAL_NEW_CONNECTION], 0);
  qnet_server_wake_accept (self);
}

QnetReactor *
qnet_server_get_reactor (QnetServer *self)
{
  return qnet_listener_get_reactor (&PRIVATE (self)->listener);
}

/* Which socket it is: an override may close it, and its number is another file's then. */
static void
identify (QnetIncoming *incoming)
{
  struct stat status;

  if (fstat (incoming->fd, &status) != 0)
    return;

  incoming->device = status.st_dev;
  incoming->inode = status.st_ino;
}

void
qnet_server_take_incoming (QnetServer            *self,
                           QnetIncoming          *incoming,
                           const QnetServerGuest *guest)
{
  QnetServerPrivate *priv = PRIVATE (self);
  QnetServerClass *klass = QNET_SERVER_GET_CLASS (self);
  const QnetServerGuest *outer_guest = priv->guest;
  const QnetIncoming *outer = priv->incoming;

  if (klass->incoming_connection != klass->hooks->incoming)
    identify (incoming);

  priv->guest = guest;
  priv->incoming = incoming;
  qnet_incoming_begin (incoming);
  klass->incoming_connection (self, incoming->fd);
  qnet_incoming_end (incoming);
  priv->incoming = outer;
  priv->guest = outer_guest;

  if (klass->hooks->advance == NULL && !incoming->is_refused)
    qnet_server_announce_connection (self);
}

void
qnet_server_emit_accept_error (QnetServer *self,
                               GError     *error)
{
  qnet_server_take_error (self, g_error_copy (error));

  if (!PRIVATE (self)->is_torn_down)
    g_signal_emit (self, signals[SIGNAL_ACCEPT_ERROR], 0, error);

  g_error_free (error);
}

void
qnet_server_set_accept_error (QnetServer  *self,
                              int          error_number,
                              GError     **error)
{
  const QnetServerHooks *hooks_of_class = QNET_SERVER_GET_CLASS (self)->hooks;
  g_autofree char *place = hooks_of_class->describe != NULL ? hooks_of_class->describe (self) : NULL;

  if (place != NULL)
    qnet_set_error_from_errno (error, error_number, _("Could not accept a connection on %s"), place);
  else
    qnet_set_error_from_errno (error, error_number, _("Could not accept a connection"));
}

/* What the listener tells */

static QnetServer *
from_listener (QnetListener *listener)
{
  return CONTAINER (listener, listener)->self;
}

static void
enter_cb (QnetListener *listener)
{
  g_object_ref (from_listener (listener));
}

static void
leave_cb (QnetListener *listener)
{
  g_object_unref (from_listener (listener));
}

static void
accepted_cb (QnetListener          *listener,
             int                    fd,
             const struct sockaddr *peer,
             socklen_t              peer_size)
{
  QnetIncoming incoming = { .fd = fd, .peer = peer, .peer_size = peer_size };

  qnet_server_take_incoming (from_listener (listener), &incoming, NULL);
}

static void
failed_cb (QnetListener *listener,
           int           error_number)
{
  QnetServer *self = from_listener (listener);
  GError *error = NULL;

  qnet_server_set_accept_error (self, error_number, &error);
  qnet_server_emit_accept_error (self, error);
}

static void
orphaned_cb (QnetListener *listener)
{
  qnet_server_stop (from_listener (listener));
}

static const QnetListenerFuncs listener_funcs = {
  .enter    = enter_cb,
  .leave    = leave_cb,
  .accepted = accepted_cb,
  .failed   = failed_cb,
  .orphaned = orphaned_cb,
};

/* Virtual functions */

static void
qnet_server_real_incoming_connection (QnetServer *self,
                                      int         fd)
{
  qnet_sys_close (fd);
}

static gboolean
qnet_server_real_has_pending_connections (QnetServer *self)
{
  return qnet_connections_get_n_pending (&PRIVATE (self)->connections) > 0;
}

static QnetIODevice *
qnet_server_real_next_pending_connection (QnetServer *self)
{
  QnetServerPrivate *priv = PRIVATE (self);
  QnetIODevice *connection = qnet_connections_take (&priv->connections);

  qnet_server_update_limits (self);

  return connection;
}

static gboolean
adopt_any (QnetServer *self,
           int         fd)
{
  return TRUE;
}

static void
ignore_change (QnetServer *self)
{
}

static const QnetServerHooks hooks = {
  .adopt    = adopt_any,
  .changed  = ignore_change,
  .incoming = qnet_server_real_incoming_connection,
};

/* GObject */

static void
qnet_server_dispose (GObject *object)
{
  QnetServer *self = QNET_SERVER (object);
  QnetServerPrivate *priv = PRIVATE (self);

  priv->is_torn_down = TRUE;
  qnet_server_stop (self);
  qnet_connections_clear (&priv->connections);

  G_OBJECT_CLASS (qnet_server_parent_class)->dispose (object);
}

static void
qnet_server_finalize (GObject *object)
{
  QnetServerPrivate *priv = PRIVATE (QNET_SERVER (object));

  qnet_listener_clear (&priv->listener);
  g_clear_error (&priv->error);
  g_clear_error (&priv->proxied_end);

  G_OBJECT_CLASS (qnet_server_parent_class)->finalize (object);
}

static void
install_signals (GType type)
{
  /**
   * QnetServer::new-connection:
   * @self: the server
   *
   * Emitted once for each connection that was accepted, after [vfunc@Server.incoming_connection].
   *
   * Since: 1.0
   */
  signals[SIGNAL_NEW_CONNECTION] =
    g_signal_new ("new-connection", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * QnetServer::pending-connection-available:
   * @self: the server
   *
   * Emitted once for each connection that was queued by [method@Server.add_pending_connection].
   *
   * Since: 1.0
   */
  signals[SIGNAL_PENDING_CONNECTION_AVAILABLE] =
    g_signal_new ("pending-connection-available", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  /**
   * QnetServer::accept-error:
   * @self: the server
   * @error: what went wrong
   *
   * Emitted when clients wait that cannot be accepted, usually because there are no descriptors left, and when a proxy that
   * listened for the server does so no longer: then [property@Server:listening] has become %FALSE.
   *
   * It is emitted once, however long this lasts: the server tries again from time to time, and serves all of them when it can. What
   * went wrong with one client alone is not reported.
   *
   * Since: 1.0
   */
  signals[SIGNAL_ACCEPT_ERROR] =
    g_signal_new ("accept-error", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
qnet_server_class_init (QnetServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  qnet_reactor_prepare ();

  object_class->dispose = qnet_server_dispose;
  object_class->finalize = qnet_server_finalize;

  klass->incoming_connection = qnet_server_real_incoming_connection;
  klass->has_pending_connections = qnet_server_real_has_pending_connections;
  klass->next_pending_connection = qnet_server_real_next_pending_connection;
  klass->hooks = &hooks;

  qnet_server_class_install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
qnet_server_init (QnetServer *self)
{
  QnetServerPrivate *priv = PRIVATE (self);

  priv->self = self;
  priv->max_pending_connections = 30;
  priv->listen_backlog_size = SOMAXCONN;
  priv->read_buffer_size = QNET_SERVER_BUFFER_SIZE;
  priv->unsent_limit = QNET_SERVER_BUFFER_SIZE;
  qnet_connections_init (&priv->connections, &keeper_funcs);
  qnet_listener_init (&priv->listener, &listener_funcs);
}

/* Public API */

/**
 * qnet_server_is_listening:
 * @self: a server
 *
 * Gets whether the server listens.
 *
 * Returns: %TRUE while it does, paused or not
 *
 * Since: 1.0
 */
gboolean
qnet_server_is_listening (QnetServer *self)
{
  QnetServerPrivate *priv;

  g_return_val_if_fail (QNET_IS_SERVER (self), FALSE);

  priv = PRIVATE (self);
  qnet_listener_leave_parent (&priv->listener);

  return qnet_listener_is_open (&priv->listener) || priv->proxied != NULL;
}

/**
 * qnet_server_close:
 * @self: a server
 *
 * Ceases to listen.
 *
 * Connections that nobody has taken are destroyed; those that were taken live on. The server may listen again, and accepts then:
 * [method@Server.pause_accepting] ends with this call, whether the server listens or not.
 *
 * Since: 1.0
 */
void
qnet_server_close (QnetServer *self)
{
  gboolean was_listening;

  g_return_if_fail (QNET_IS_SERVER (self));

  g_object_ref (self);

  was_listening = qnet_server_is_listening (self);
  qnet_server_stop (self);
  set_hold (PRIVATE (self), QNET_LISTENER_PAUSED, FALSE);

  if (was_listening)
    qnet_server_announce (self);

  g_object_unref (self);
}

/**
 * qnet_server_pause_accepting:
 * @self: a server
 *
 * Accepts no connection until [method@Server.resume_accepting] or [method@Server.close] is called.
 *
 * Clients wait in the kernel's backlog meanwhile, see [property@Server:listen-backlog-size]. Connections that are pending
 * already stay. A server that is paused before it listens does not accept either.
 *
 * Since: 1.0
 */
void
qnet_server_pause_accepting (QnetServer *self)
{
  g_return_if_fail (QNET_IS_SERVER (self));

  set_hold (PRIVATE (self), QNET_LISTENER_PAUSED, TRUE);
}

/**
 * qnet_server_resume_accepting:
 * @self: a server
 *
 * Ends [method@Server.pause_accepting].
 *
 * Since: 1.0
 */
void
qnet_server_resume_accepting (QnetServer *self)
{
  g_return_if_fail (QNET_IS_SERVER (self));

  set_hold (PRIVATE (self), QNET_LISTENER_PAUSED, FALSE);
}

/**
 * qnet_server_has_pending_connections: (virtual has_pending_connections)
 * @self: a server
 *
 * Gets whether there is a connection that nobody has taken yet.
 *
 * Returns: %TRUE if [method@Server.next_pending_connection] would give one
 *
 * Since: 1.0
 */
gboolean
qnet_server_has_pending_connections (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), FALSE);

  return QNET_SERVER_GET_CLASS (self)->has_pending_connections (self);
}

/**
 * qnet_server_next_pending_connection: (virtual next_pending_connection)
 * @self: a server
 *
 * Takes the connection that waits longest.
 *
 * It reads nothing before the next turn of the loop, so a [signal@IODevice::ready-read] handler that is connected at once hears
 * everything. The server keeps it alive until it is disconnected, so the caller may drop this reference.
 *
 * Its peer may have gone already. That is noticed as reading begins: the connection is handed out connected, what the peer has sent
 * is received, and then the connection ends as always.
 *
 * Returns: (transfer full) (nullable): the connection, or %NULL when there is none
 *
 * Since: 1.0
 */
QnetIODevice *
qnet_server_next_pending_connection (QnetServer *self)
{
  QnetIODevice *connection;

  g_return_val_if_fail (QNET_IS_SERVER (self), NULL);

  connection = qnet_server_take_pending (self);

  if (connection != NULL)
    qnet_io_device_hand_out (connection);

  return connection;
}

/**
 * qnet_server_add_pending_connection:
 * @self: a server
 * @connection: (transfer none): a connection that is in no server's queue
 *
 * Queues a connection for [method@Server.next_pending_connection].
 *
 * It is for overrides of [vfunc@Server.incoming_connection]. The server takes a reference of its own, which it holds until
 * @connection is disconnected. [signal@Server::pending-connection-available] is emitted.
 *
 * Since: 1.0
 */
void
qnet_server_add_pending_connection (QnetServer   *self,
                                    QnetIODevice *connection)
{
  QnetServerPrivate *priv;

  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (QNET_IS_IO_DEVICE (connection));
  g_return_if_fail (qnet_connections_is_free (connection));

  priv = PRIVATE (self);

  if (priv->is_torn_down)
    return;

  limit_buffers (priv, connection);

  g_object_ref (self);

  qnet_connections_add (&priv->connections, connection);
  qnet_server_update_limits (self);
  g_signal_emit (self, signals[SIGNAL_PENDING_CONNECTION_AVAILABLE], 0);
  qnet_server_wake_accept (self);

  g_object_unref (self);
}

/**
 * qnet_server_refuse_connection:
 * @self: a server
 * @fd: the descriptor that [vfunc@Server.incoming_connection] was called with
 *
 * Closes a connection that was just accepted, without making a socket of it.
 *
 * It is for overrides of [vfunc@Server.incoming_connection], and for them alone: to turn a client away, or because something has
 * failed. Neither [signal@Server::new-connection] is emitted then, nor does a wait end.
 *
 * A descriptor that a socket of qnet has taken, that the override has chained up with, or that was closed already is left alone. One
 * that was passed on otherwise, to another thread for instance, has to be passed on last: it would be closed.
 *
 * Since: 1.0
 */
void
qnet_server_refuse_connection (QnetServer *self,
                               int         fd)
{
  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (fd >= 0);

  qnet_incoming_refuse (fd);
}

/**
 * qnet_server_get_socket_descriptor:
 * @self: a server
 *
 * Gets the listening descriptor.
 *
 * It stays the server's: do not close it.
 *
 * Returns: the descriptor, or -1 while the server does not listen, or a proxy does in its place
 *
 * Since: 1.0
 */
int
qnet_server_get_socket_descriptor (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), -1);

  return PRIVATE (self)->listener.fd;
}

static gboolean
get_int_option (int  fd,
                int  option,
                int *out_value)
{
  socklen_t size = sizeof *out_value;

  return qnet_sys_getsockopt (fd, SOL_SOCKET, option, out_value, &size) == 0;
}

static gboolean
is_listening_stream (int fd)
{
  int type = 0;
  int is_listening = 0;

  return get_int_option (fd, SO_TYPE, &type) && type == SOCK_STREAM &&
         get_int_option (fd, SO_ACCEPTCONN, &is_listening) && is_listening;
}

gboolean
qnet_server_fits (QnetServer *self,
                  int         fd)
{
  return is_listening_stream (fd) && QNET_SERVER_GET_CLASS (self)->hooks->adopt (self, fd);
}

/**
 * qnet_server_set_socket_descriptor:
 * @self: a server that does not listen
 * @fd: a listening socket
 * @error: return location for an error
 *
 * Listens on a socket that somebody else has made.
 *
 * For those that a service manager passes there is [method@Server.listen_on_activation_fds].
 *
 * The server belongs to the [struct@GLib.MainContext] that is the thread default now.
 *
 * The server owns @fd from then on, and makes it non-blocking and close-on-exec. A descriptor that is no listening socket of
 * this server's kind fails with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError]
 * and stays the caller's.
 *
 * Returns: %TRUE if the server listens now
 *
 * Since: 1.0
 */
gboolean
qnet_server_set_socket_descriptor (QnetServer  *self,
                                   int          fd,
                                   GError     **error)
{
  GError *failure = NULL;

  g_return_val_if_fail (QNET_IS_SERVER (self), FALSE);

  if (!qnet_server_check_idle (self, error))
    return FALSE;

  if (!qnet_server_fits (self, fd))
    {
      qnet_set_error (&failure, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      qnet_is_descriptor (fd)
                        ? _("Could not listen on descriptor %d: it is not a listening socket of this kind")
                        : _("Could not listen on descriptor %d: there is no such descriptor"),
                      fd);
      return qnet_server_fail (self, failure, error);
    }

  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  fcntl (fd, F_SETFD, FD_CLOEXEC);
  qnet_server_start (self, fd);

  return TRUE;
}

/**
 * qnet_server_get_socket:
 * @self: a server
 *
 * Gets the listening socket for use with GIO.
 *
 * It has a duplicate of the descriptor, made when this is called first, and is closed when the server is.
 *
 * Returns: (transfer none) (nullable): the socket, or %NULL while the server does not listen, or a proxy does in its place
 *
 * Since: 1.0
 */
GSocket *
qnet_server_get_socket (QnetServer *self)
{
  QnetServerPrivate *priv;
  int fd;

  g_return_val_if_fail (QNET_IS_SERVER (self), NULL);

  priv = PRIVATE (self);

  if (priv->socket != NULL || !qnet_listener_is_open (&priv->listener))
    return priv->socket;

  fd = fcntl (priv->listener.fd, F_DUPFD_CLOEXEC, 0);

  if (fd < 0)
    return NULL;

  priv->socket = qnet_gsocket_new (fd, NULL);

  if (priv->socket == NULL)
    qnet_sys_close (fd);

  return priv->socket;
}
