/* qnet-server.c: the base class of TCP and local servers
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-server.h"
#include "server/qnet-server-private.h"

#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"

/**
 * QnetServer:
 *
 * The base class of servers: it accepts connections and queues them until the application takes
 * them.
 *
 * To listen is a method of each concrete class, such as [method@TcpServer.listen]. From then on the
 * server accepts the connections of clients, creates a socket for each, and emits
 * [signal@Server::new-connection]; take the socket with [method@Server.next_pending_connection].
 * Alternatively, call [method@Server.accept_async] or, without a main loop,
 * [method@Server.wait_for_new_connection].
 *
 * ## Lifetime
 *
 * A server holds a reference to each accepted connection until that connection is disconnected or
 * the server is disposed, so a handler need not keep one. To end a connection, disconnect it or
 * close it. The live connections are in [property@Server:connections].
 *
 * [method@Server.stop_async] ends a server without loss: it accepts the clients that wait, lets
 * each connection end, and aborts what is left after some time.
 *
 * A server that was disposed, or whose [struct@GLib.MainContext] was freed, does not listen any
 * more. Connections that were taken live on as long as the application holds a reference to them;
 * those that are pending are destroyed.
 *
 * ## Limits
 *
 * With [property@Server:max-pending-connections] in the queue, or [property@Server:max-connections]
 * alive, the server does not accept; clients wait in the kernel's backlog, and the server continues
 * by itself as soon as it is below its limits. How many bytes the server stores for each client is
 * limited by [property@Server:read-buffer-size] and [property@Server:unsent-limit]. The number of
 * connections is not limited unless it is set: [the chapter on security](security.html) recommends
 * a limit.
 *
 * Peers are refused by their address with [property@Server:address-filter] and
 * [property@Server:max-connections-per-address]: the connection is reset before anything is created
 * for it, [property@Server:refused-connections] counts it, and
 * [signal@Server::connection-refused] is emitted. A server without them spends nothing for it.
 *
 * If the process runs out of descriptors or memory, the server emits [signal@Server::accept-error]
 * once, tries again after a tenth of a second, then less often, down to once a second, and accepts
 * all waiting clients as soon as it can.
 *
 * ## Subclasses
 *
 * Override [vfunc@Server.incoming_connection] to create a socket of another class, or to pass the
 * descriptor to another thread. The override owns the descriptor. If it cannot use it, it calls
 * [method@Server.refuse_connection], which closes the descriptor unless a socket has taken it; in
 * Python and JavaScript this is done automatically for an override that throws.
 *
 * Since: 1.0
 */

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (QnetServer, qnet_server, G_TYPE_OBJECT,
                                  G_ADD_PRIVATE (QnetServer)
                                  g_type_add_class_private (g_define_type_id,
                                                            sizeof (QnetServerClassPrivate)))

enum
{
  SIGNAL_NEW_CONNECTION,
  SIGNAL_PENDING_CONNECTION_AVAILABLE,
  SIGNAL_ACCEPT_ERROR,
  SIGNAL_CONNECTION_REFUSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

#define PRIVATE(self) ((QnetServerPrivate *) qnet_server_get_instance_private (self))

QnetServerPrivate *
qnet_server_get_private (QnetServer *self)
{
  return PRIVATE (self);
}

static QnetServer *
from_private (QnetServerPrivate *priv)
{
  return (QnetServer *) G_STRUCT_MEMBER_P (priv, -QnetServer_private_offset);
}

/* Staying in memory */

QnetHeldServer *
qnet_server_hold (QnetServer *self)
{
  qnet_hold_begin (&PRIVATE (self)->hold);

  return self;
}

void
qnet_server_release (QnetHeldServer *self)
{
  qnet_hold_end (&PRIVATE (self)->hold, self);
}

/* Reasons not to accept */

void
qnet_server_set_hold (QnetServerPrivate *priv,
                      QnetListenerHold   hold,
                      gboolean           is_held)
{
  qnet_listener_set_hold (&priv->listener, hold, is_held);

  if (priv->proxy_listener != NULL)
    qnet_proxy_listener_set_held (priv->proxy_listener, priv->listener.holds != 0);
}

/* Connections */

gboolean
qnet_server_is_full (QnetServer *self)
{
  QnetServerPrivate *priv = PRIVATE (self);

  return (int) qnet_connections_get_n_pending (&priv->connections) >= priv->max_pending_connections;
}

/* A connection whose header has been read is pending; in a class that prepares connections, it is
 * prepared first. */
static gboolean
has_reached_limit (QnetServer *self)
{
  QnetServerPrivate *priv = PRIVATE (self);
  gboolean is_prepared = QNET_SERVER_GET_CLASS (self)->priv->advance != NULL;
  int n_pending = (int) qnet_connections_get_n_pending (&priv->connections);
  int n_preparing = qnet_server_count_preparing (priv);
  int n = (int) qnet_connections_get_n (&priv->connections) + n_preparing;

  return n_pending + (is_prepared ? 0 : priv->n_reading) >= priv->max_pending_connections
         || (priv->max_connections > 0 && n >= priv->max_connections)
         || (priv->max_preparing > 0 && n_preparing >= priv->max_preparing)
         || priv->n_reading >= QNET_SERVER_MAX_READING;
}

void
qnet_server_update_limits (QnetServer *self)
{
  QnetServerPrivate *priv = PRIVATE (self);

  qnet_server_set_hold (priv, QNET_LISTENER_FULL, has_reached_limit (self));
  if (!qnet_server_is_full (self))
    QNET_SERVER_GET_CLASS (self)->priv->has_room (self);
  if (priv->stop != NULL)
    qnet_server_continue_stop (self);
}

static QnetServer *
from_owner (QnetConnectionOwner *owner)
{
  return from_private (CONTAINER_OF (owner, QnetServerPrivate, connections.owner));
}

static void
unlinked_cb (QnetConnectionOwner *owner,
             QnetIODevice        *connection)
{
  QnetServer *self = from_owner (owner);
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (self);

  qnet_connections_unlist (&PRIVATE (self)->connections, connection);
}

static void
released_cb (QnetConnectionOwner *owner,
             QnetIODevice        *connection)
{
  QnetServer *self = from_owner (owner);
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (self);

  qnet_connections_release (&PRIVATE (self)->connections, connection);
  qnet_server_update_limits (self);
}

static const QnetConnectionOwnerFuncs owner_funcs = {
  .unlinked = unlinked_cb,
  .released = released_cb,
};

static gboolean
has_connection_type (QnetServer *self,
                     QnetSocket *connection)
{
  GType type = QNET_SERVER_GET_CLASS (self)->priv->connection_type;

  return G_TYPE_CHECK_INSTANCE_TYPE (connection, type);
}

QnetSocket *
qnet_server_take_pending (QnetServer *self)
{
  QnetSocket *connection = QNET_SERVER_GET_CLASS (self)->next_pending_connection (self);

  g_return_val_if_fail (connection == NULL || has_connection_type (self, connection), NULL);

  return connection;
}

void
qnet_server_release_connection (QnetSocket *connection)
{
  QnetIODevice *device = QNET_IO_DEVICE (connection);
  QnetConnectionOwner *owner = qnet_io_device_get_private (device)->owner;

  if (owner != NULL)
    owner->funcs->released (owner, device);

  g_object_unref (connection);
}

void
qnet_server_emit_new_connection (QnetServer *self)
{
  if (qnet_hold_is_disposed (&PRIVATE (self)->hold))
    return;

  PRIVATE (self)->n_emitted++;
  g_signal_emit (self, signals[SIGNAL_NEW_CONNECTION], 0);
  qnet_server_wake_accept (self);
}

QnetReactor *
qnet_server_get_reactor (QnetServer *self)
{
  return qnet_listener_get_reactor (&PRIVATE (self)->listener);
}

void
qnet_server_emit_accept_error (QnetServer *self,
                               GError     *error)
{
  qnet_server_take_error (self, g_error_copy (error));

  if (!qnet_hold_is_disposed (&PRIVATE (self)->hold))
    g_signal_emit (self, signals[SIGNAL_ACCEPT_ERROR], 0, error);

  g_error_free (error);
}

gboolean
qnet_server_has_refusal_handler (QnetServer *self)
{
  return g_signal_has_handler_pending (self, signals[SIGNAL_CONNECTION_REFUSED], 0, TRUE);
}

void
qnet_server_emit_refused (QnetServer      *self,
                          QnetHostAddress *address,
                          const GError    *error)
{
  if (!qnet_hold_is_disposed (&PRIVATE (self)->hold))
    g_signal_emit (self, signals[SIGNAL_CONNECTION_REFUSED], 0, address, error);
}

void
qnet_server_set_accept_error (QnetServer  *self,
                              int          error_number,
                              GError     **error)
{
  const QnetServerClassPrivate *functions = QNET_SERVER_GET_CLASS (self)->priv;
  g_autofree char *place = functions->describe != NULL ? functions->describe (self) : NULL;

  if (place != NULL)
    qnet_set_error_from_errno (error, error_number,
                               _("Could not accept a connection on %s"), place);
  else
    qnet_set_error_from_errno (error, error_number, _("Could not accept a connection"));
}

/* Callbacks of the listener */

static QnetServer *
from_listener (QnetListener *listener)
{
  return from_private (CONTAINER_OF (listener, QnetServerPrivate, listener));
}

static void
enter_cb (QnetListener *listener)
{
  qnet_server_hold (from_listener (listener));
}

static void
leave_cb (QnetListener *listener)
{
  qnet_server_release (from_listener (listener));
}

static void
accepted_cb (QnetListener          *listener,
             int                    fd,
             const struct sockaddr *peer,
             socklen_t              peer_size)
{
  QnetServer *self = from_listener (listener);
  const QnetServerClassPrivate *functions = QNET_SERVER_GET_CLASS (self)->priv;
  QnetIncoming incoming = { .fd = fd, .peer = peer, .peer_size = peer_size };

  if (functions->read_header == NULL || !functions->read_header (self, &incoming))
    qnet_server_handle_incoming (self, &incoming, NULL);
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
drained_cb (QnetListener *listener)
{
  qnet_server_stop_drained (from_listener (listener));
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
  .drained  = drained_cb,
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

static QnetSocket *
qnet_server_real_next_pending_connection (QnetServer *self)
{
  QnetServerPrivate *priv = PRIVATE (self);
  QnetIODevice *connection = qnet_connections_take (&priv->connections);

  qnet_server_update_limits (self);

  return connection != NULL ? QNET_SOCKET (connection) : NULL;
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

static const QnetServerClassPrivate default_functions = {
  .adopt    = adopt_any,
  .changed  = ignore_change,
  .has_room = ignore_change,
  .incoming = qnet_server_real_incoming_connection,
};

QnetServerClassPrivate *
qnet_server_class_get_private (QnetServerClass *klass)
{
  klass->priv = G_TYPE_CLASS_GET_PRIVATE (klass, QNET_TYPE_SERVER, QnetServerClassPrivate);

  return klass->priv;
}

/* GObject */

static void
qnet_server_dispatch_properties_changed (GObject     *object,
                                         guint        n_pspecs,
                                         GParamSpec **pspecs)
{
  qnet_hold_notify (&PRIVATE (QNET_SERVER (object))->hold, object,
                    G_OBJECT_CLASS (qnet_server_parent_class), n_pspecs, pspecs);
}

static void
qnet_server_dispose (GObject *object)
{
  QnetServer *self = QNET_SERVER (object);
  QnetServerPrivate *priv = PRIVATE (self);

  if (qnet_reactor_is_elsewhere (priv->listener.set.reactor)
      && qnet_reactor_moves_disposal (priv->listener.set.reactor, self, &priv->hold.life,
                                      QNET_LIFE_DISPOSED))
    return;

  qnet_hold_dispose (&priv->hold);
  qnet_hold_stay (&priv->hold, self);
  qnet_server_stop (self);
  qnet_server_abandon_stop (self);
  qnet_connections_clear (&priv->connections);

  G_OBJECT_CLASS (qnet_server_parent_class)->dispose (object);
}

static void
qnet_server_finalize (GObject *object)
{
  QnetServerPrivate *priv = PRIVATE (QNET_SERVER (object));

  qnet_listener_clear (&priv->listener);
  g_clear_error (&priv->error);
  g_clear_error (&priv->proxy_error);
  g_clear_pointer (&priv->connections.admission, qnet_admission_free);

  G_OBJECT_CLASS (qnet_server_parent_class)->finalize (object);
}

static void
install_signals (GType type)
{
  /**
   * QnetServer::new-connection:
   * @self: the server
   *
   * Emitted once for each connection that was accepted, after [vfunc@Server.incoming_connection],
   * unless the server was closed in between, which destroys the connection.
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
   * @error: the reason
   *
   * Emitted when waiting clients cannot be accepted, usually because no descriptors are left, and
   * when a proxy that listened for the server has stopped listening; [property@Server:listening] is
   * %FALSE in the latter case.
   *
   * It is emitted once, however long the failure lasts: the server tries again from time to time,
   * and accepts all waiting clients when it can. A failure that concerns a single client is not
   * reported, with one exception: each connection of a load balancer whose PROXY header is not
   * valid, see [property@TcpServer:trusted-proxies].
   *
   * Since: 1.0
   */
  signals[SIGNAL_ACCEPT_ERROR] =
    g_signal_new ("accept-error", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
install_refusal_signal (GType type)
{
  /**
   * QnetServer::connection-refused:
   * @self: the server
   * @address: the address of the peer, Null if it is not known
   * @error: the reason: [QNET_SOCKET_ERROR_SOCKET_ACCESS][error@SocketError] if
   *   [property@Server:address-filter] denies the address, or if it is none of
   *   [property@TcpServer:trusted-proxies], [QNET_SOCKET_ERROR_SOCKET_RESOURCE][error@SocketError]
   *   if it has [property@Server:max-connections-per-address] already
   *
   * Emitted when a connection was refused by the address of its peer; the connection was reset.
   *
   * Without a handler a refusal costs no allocation. To count them only, use
   * [property@Server:refused-connections].
   *
   * Since: 1.0
   */
  signals[SIGNAL_CONNECTION_REFUSED] =
    g_signal_new ("connection-refused", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, QNET_TYPE_HOST_ADDRESS, G_TYPE_ERROR);
}

static void
qnet_server_class_init (QnetServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  qnet_reactor_prepare ();

  object_class->dispatch_properties_changed = qnet_server_dispatch_properties_changed;
  object_class->dispose = qnet_server_dispose;
  object_class->finalize = qnet_server_finalize;

  klass->incoming_connection = qnet_server_real_incoming_connection;
  klass->has_pending_connections = qnet_server_real_has_pending_connections;
  klass->next_pending_connection = qnet_server_real_next_pending_connection;
  *qnet_server_class_get_private (klass) = default_functions;
  klass->priv->connection_type = QNET_TYPE_SOCKET;

  qnet_server_class_install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
  install_refusal_signal (G_TYPE_FROM_CLASS (klass));
}

static void
qnet_server_init (QnetServer *self)
{
  QnetServerPrivate *priv = PRIVATE (self);

  priv->max_pending_connections = 30;
  priv->listen_backlog_size = SOMAXCONN;
  priv->read_buffer_size = QNET_SERVER_BUFFER_SIZE;
  priv->unsent_limit = QNET_SERVER_BUFFER_SIZE;
  qnet_connections_init (&priv->connections, &owner_funcs, &priv->listener.set);
  qnet_listener_init (&priv->listener, &listener_funcs);
}

/* Public API */

/**
 * qnet_server_pause_accepting:
 * @self: a server
 *
 * Accepts no connection until [method@Server.resume_accepting] or [method@Server.close] is called.
 *
 * Meanwhile clients wait in the kernel's backlog, see [property@Server:listen-backlog-size].
 * Connections that are already pending can still be taken. A server that is paused before it
 * listens does not accept either.
 *
 * Since: 1.0
 */
void
qnet_server_pause_accepting (QnetServer *self)
{
  g_return_if_fail (QNET_IS_SERVER (self));
  QNET_SERVER_CHECK_CALLER (self);

  qnet_server_set_hold (PRIVATE (self), QNET_LISTENER_PAUSED, TRUE);
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
  QNET_SERVER_CHECK_CALLER (self);

  qnet_server_set_hold (PRIVATE (self), QNET_LISTENER_PAUSED, FALSE);
}

/**
 * qnet_server_has_pending_connections: (virtual has_pending_connections)
 * @self: a server
 *
 * Gets whether there is a pending connection.
 *
 * Returns: %TRUE if [method@Server.next_pending_connection] would return one
 *
 * Since: 1.0
 */
gboolean
qnet_server_has_pending_connections (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), FALSE);
  QNET_SERVER_CHECK_CALLER (self, FALSE);

  return QNET_SERVER_GET_CLASS (self)->has_pending_connections (self);
}

/**
 * qnet_server_next_pending_connection: (virtual next_pending_connection)
 * @self: a server
 *
 * Takes the connection that has been pending longest.
 *
 * It does not read before the next iteration of the main loop, so a [signal@IODevice::ready-read]
 * handler that is connected at once is notified of all bytes. The server keeps the connection alive
 * until it is disconnected, so the caller may drop this reference.
 *
 * The peer may already have closed the connection. This is noticed when reading begins: the
 * connection is returned connected, the bytes of the peer are received, and then the connection
 * ends in the usual way.
 *
 * Returns: (transfer full) (nullable): the connection, or %NULL when there is none
 *
 * Since: 1.0
 */
QnetSocket *
qnet_server_next_pending_connection (QnetServer *self)
{
  QnetSocket *connection;

  g_return_val_if_fail (QNET_IS_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  connection = qnet_server_take_pending (self);

  if (connection != NULL)
    qnet_io_device_start_reading (QNET_IO_DEVICE (connection));

  return connection;
}

/**
 * qnet_server_add_pending_connection:
 * @self: a server
 * @connection: (transfer none): a connection that is in no server's queue
 *
 * Queues a connection for [method@Server.next_pending_connection].
 *
 * This is for overrides of [vfunc@Server.incoming_connection]. The server takes a reference of its
 * own, which it holds until @connection is disconnected, and emits
 * [signal@Server::pending-connection-available].
 *
 * @connection has to be of the type that the server itself creates, or of a subclass:
 * [class@TcpSocket] for a [class@TcpServer], [class@SslSocket] for a [class@SslServer],
 * [class@LocalSocket] for a [class@LocalServer]. Anything else is an error of the program, and is
 * not queued.
 *
 * Since: 1.0
 */
void
qnet_server_add_pending_connection (QnetServer *self,
                                    QnetSocket *connection)
{
  QnetServerPrivate *priv;
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = NULL;
  guint n_stops;

  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (QNET_IS_SOCKET (connection));
  g_return_if_fail (has_connection_type (self, connection));
  g_return_if_fail (qnet_connections_is_free (QNET_IO_DEVICE (connection)));
  QNET_SERVER_CHECK_CALLER (self);

  priv = PRIVATE (self);

  if (qnet_hold_is_disposed (&priv->hold))
    return;

  hold = qnet_server_hold (self);
  n_stops = priv->n_stops;
  qnet_server_apply_defaults (self, connection);

  qnet_server_count_connection (self, connection);
  qnet_connections_add (&priv->connections, QNET_IO_DEVICE (connection));
  qnet_server_update_limits (self);
  if (priv->n_stops == n_stops)
    g_signal_emit (self, signals[SIGNAL_PENDING_CONNECTION_AVAILABLE], 0);
  qnet_server_wake_accept (self);
}
