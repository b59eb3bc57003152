/* qnet-tcp-server.c: accepts TCP connections
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-tcp-server.h"
#include "server/qnet-tcp-server-private.h"

#include <netinet/in.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-syscall-private.h"
#include "proxy/qnet-proxy-choice-private.h"
#include "socket/qnet-abstract-socket-private.h"

/**
 * QnetTcpServer:
 *
 * Accepts TCP connections.
 *
 * Call [method@TcpServer.listen], connect to [signal@Server::new-connection], and take each
 * connection with [method@TcpServer.next_pending_connection]:
 *
 * ```c
 * static void
 * new_connection_cb (QnetTcpServer *server)
 * {
 *   g_autoptr(QnetTcpSocket) socket = qnet_tcp_server_next_pending_connection (server);
 *
 *   if (socket != NULL)
 *     g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), NULL);
 * }
 * ```
 *
 * Limits, pausing, errors, and everything else that all servers have in common are documented in
 * [class@Server].
 *
 * `TCP_NODELAY` is set on the connections from the start, as on every [class@TcpSocket], unless
 * [property@TcpServer:low-delay] is %FALSE.
 *
 * Since: 1.0
 */

G_DEFINE_TYPE_WITH_PRIVATE (QnetTcpServer, qnet_tcp_server, QNET_TYPE_SERVER)

enum
{
  PROP_SERVER_ADDRESS = 1,
  PROP_SERVER_PORT,
  PROP_REUSE_PORT,
  PROP_PROXY,
  PROP_KEEP_ALIVE,
  PROP_LOW_DELAY,
  PROP_TRUSTED_PROXIES,
  PROP_PROXY_HEADER_TIMEOUT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

#define PRIVATE(self) ((QnetTcpServerPrivate *) qnet_tcp_server_get_instance_private (self))

QnetTcpServerPrivate *
qnet_tcp_server_get_private (QnetTcpServer *self)
{
  return PRIVATE (self);
}

/* Where the server listens */

static void
forget_name (QnetTcpServerPrivate *priv)
{
  g_clear_pointer (&priv->address, qnet_host_address_unref);
  priv->port = 0;
}

static QnetHostAddress *
ask_for_name (int      fd,
              guint16 *out_port)
{
  g_autoptr(QnetHostAddress) address = NULL;
  struct sockaddr_storage storage = { 0, };
  socklen_t size = sizeof storage;

  if (fd < 0 || qnet_sys_getsockname (fd, (struct sockaddr *) &storage, &size) < 0)
    return qnet_host_address_new_null ();

  address = qnet_host_address_take_native (&storage, FALSE, out_port);

  if (qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY_IPV6) &&
      qnet_sys_is_dual_stack (fd))
    return qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);

  return g_steal_pointer (&address);
}

static void
learn_name_from_proxy (QnetTcpServerPrivate *priv,
                       QnetProxyListener    *listener)
{
  QnetHostAddress *address = qnet_proxy_listener_get_address (listener);

  forget_name (priv);
  priv->address = address != NULL ? qnet_host_address_ref (address) : qnet_host_address_new_null ();
  priv->port = qnet_proxy_listener_get_port (listener);
}

/* Whether the name is still valid. A server whose main context was freed is closed without
 * notifying, and a query that has failed is repeated. */
static gboolean
is_name_known (QnetTcpServerPrivate *priv,
               int                   fd)
{
  if (priv->address == NULL)
    return FALSE;

  return fd >= 0 ? !qnet_host_address_is_null (priv->address)
                 : qnet_host_address_is_null (priv->address) && priv->port == 0;
}

/* The kernel is asked once, and only when the name is needed. */
static void
learn_name (QnetTcpServer *self)
{
  QnetTcpServerPrivate *priv = PRIVATE (self);
  QnetProxyListener *listener = qnet_server_get_private (QNET_SERVER (self))->proxy_listener;
  int fd = qnet_server_get_private (QNET_SERVER (self))->listener.fd;

  if (listener != NULL)
    {
      learn_name_from_proxy (priv, listener);
      return;
    }

  if (is_name_known (priv, fd))
    return;

  forget_name (priv);
  priv->address = ask_for_name (fd, &priv->port);
}

/* QnetServer */

static void
qnet_tcp_server_incoming_connection (QnetServer *server,
                                     int         fd)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();

  qnet_server_set_peer_of (server, QNET_ABSTRACT_SOCKET (socket), fd);
  qnet_abstract_socket_adopt_accepted (QNET_ABSTRACT_SOCKET (socket),
                                       qnet_server_get_reactor (server), fd);
  qnet_server_add_pending_connection (server, QNET_SOCKET (socket));
}

static gboolean
adopt (QnetServer *server,
       int         fd)
{
  int family = qnet_sys_get_family (fd);

  if (family != AF_INET && family != AF_INET6)
    return FALSE;

  qnet_tcp_server_set_options (QNET_TCP_SERVER (server), fd);

  return TRUE;
}

static void
changed (QnetServer *server)
{
  forget_name (PRIVATE (QNET_TCP_SERVER (server)));
  g_object_notify_by_pspec (G_OBJECT (server), properties[PROP_SERVER_ADDRESS]);
  g_object_notify_by_pspec (G_OBJECT (server), properties[PROP_SERVER_PORT]);
}

static char *
describe (QnetServer *server)
{
  QnetTcpServer *self = QNET_TCP_SERVER (server);

  learn_name (self);

  return qnet_host_address_to_display (PRIVATE (self)->address, PRIVATE (self)->port);
}

/* GObject */

static void
qnet_tcp_server_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  QnetTcpServer *self = QNET_TCP_SERVER (object);

  switch (id)
    {
    case PROP_SERVER_ADDRESS:
      g_value_take_boxed (value, qnet_tcp_server_get_server_address (self));
      break;

    case PROP_SERVER_PORT:
      g_value_set_uint (value, qnet_tcp_server_get_server_port (self));
      break;

    case PROP_REUSE_PORT:
      g_value_set_boolean (value, qnet_tcp_server_get_reuse_port (self));
      break;

    case PROP_PROXY:
      g_value_take_boxed (value, qnet_tcp_server_get_proxy (self));
      break;

    case PROP_KEEP_ALIVE:
      g_value_set_boolean (value, qnet_tcp_server_get_keep_alive (self));
      break;

    case PROP_LOW_DELAY:
      g_value_set_boolean (value, qnet_tcp_server_get_low_delay (self));
      break;

    case PROP_TRUSTED_PROXIES:
      g_value_set_object (value, qnet_tcp_server_get_trusted_proxies (self));
      break;

    case PROP_PROXY_HEADER_TIMEOUT:
      g_value_set_int (value, qnet_tcp_server_get_proxy_header_timeout (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
qnet_tcp_server_set_property (GObject      *object,
                              guint         id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  QnetTcpServer *self = QNET_TCP_SERVER (object);

  switch (id)
    {
    case PROP_REUSE_PORT:
      qnet_tcp_server_set_reuse_port (self, g_value_get_boolean (value));
      break;

    case PROP_PROXY:
      qnet_tcp_server_set_proxy (self, g_value_get_boxed (value));
      break;

    case PROP_KEEP_ALIVE:
      qnet_tcp_server_set_keep_alive (self, g_value_get_boolean (value));
      break;

    case PROP_LOW_DELAY:
      qnet_tcp_server_set_low_delay (self, g_value_get_boolean (value));
      break;

    case PROP_TRUSTED_PROXIES:
      qnet_tcp_server_set_trusted_proxies (self, g_value_get_object (value));
      break;

    case PROP_PROXY_HEADER_TIMEOUT:
      qnet_tcp_server_set_proxy_header_timeout (self, g_value_get_int (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
qnet_tcp_server_finalize (GObject *object)
{
  QnetTcpServerPrivate *priv = PRIVATE (QNET_TCP_SERVER (object));

  forget_name (priv);
  g_clear_pointer (&priv->proxy, qnet_network_proxy_unref);
  g_clear_object (&priv->trusted_proxies);

  G_OBJECT_CLASS (qnet_tcp_server_parent_class)->finalize (object);
}

static void
make_state_properties (void)
{
  const GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetTcpServer:server-address:
   *
   * The address that the server listens on, Null if it does not listen.
   *
   * Since: 1.0
   */
  properties[PROP_SERVER_ADDRESS] =
    g_param_spec_boxed ("server-address", NULL, NULL, QNET_TYPE_HOST_ADDRESS, ro);

  /**
   * QnetTcpServer:server-port:
   *
   * The port that the server listens on, 0 if it does not listen.
   *
   * Since: 1.0
   */
  properties[PROP_SERVER_PORT] =
    g_param_spec_uint ("server-port", NULL, NULL, 0, G_MAXUINT16, 0, ro);
}

static void
make_setting_properties (void)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetTcpServer:reuse-port:
   *
   * Whether other servers with this property set may listen on the same address and port.
   *
   * The kernel then distributes the clients among all of them, in one or several processes
   * (`SO_REUSEPORT`). It takes effect with the next [method@TcpServer.listen].
   *
   * Since: 1.0
   */
  properties[PROP_REUSE_PORT] = g_param_spec_boolean ("reuse-port", NULL, NULL, FALSE, rw);

  /**
   * QnetTcpServer:proxy:
   *
   * The proxy that listens in place of the server, of type
   * [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType] unless it is set.
   *
   * It takes effect with the next [method@TcpServer.listen]. With
   * [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType] the application proxy is used, see
   * [func@set_application_proxy], and with [QNET_PROXY_TYPE_NONE][enum@ProxyType] no proxy. The
   * proxy has to support SOCKS5, and has to contain the user and password, since a server emits no
   * signal to request them. It cannot be set to %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_PROXY] =
    g_param_spec_boxed ("proxy", NULL, NULL, QNET_TYPE_NETWORK_PROXY, rw);
}

static void
make_option_properties (void)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetTcpServer:keep-alive:
   *
   * Whether [QNET_SOCKET_OPTION_KEEP_ALIVE][enum@SocketOption] is set on each new connection, so
   * that a peer that has disappeared is noticed; %FALSE by default.
   *
   * A change concerns the clients that connect from then on. It costs nothing for a connection, as
   * the kernel passes it on from the listening socket.
   *
   * Since: 1.0
   */
  properties[PROP_KEEP_ALIVE] = g_param_spec_boolean ("keep-alive", NULL, NULL, FALSE, rw);

  /**
   * QnetTcpServer:low-delay:
   *
   * Whether [QNET_SOCKET_OPTION_LOW_DELAY][enum@SocketOption] (`TCP_NODELAY`) is set on each new
   * connection, as it is by default.
   *
   * A change concerns the clients that connect from then on.
   *
   * Since: 1.0
   */
  properties[PROP_LOW_DELAY] = g_param_spec_boolean ("low-delay", NULL, NULL, TRUE, rw);
}

static void
qnet_tcp_server_class_init (QnetTcpServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  QnetServerClass *server_class = QNET_SERVER_CLASS (klass);
  QnetServerClassPrivate *functions = qnet_server_class_get_private (server_class);

  object_class->get_property = qnet_tcp_server_get_property;
  object_class->set_property = qnet_tcp_server_set_property;
  object_class->finalize = qnet_tcp_server_finalize;

  server_class->incoming_connection = qnet_tcp_server_incoming_connection;
  functions->connection_type = QNET_TYPE_TCP_SOCKET;
  functions->adopt = adopt;
  functions->changed = changed;
  functions->incoming = qnet_tcp_server_incoming_connection;
  functions->describe = describe;
  functions->drop = qnet_tcp_server_drop_headers;
  functions->read_header = qnet_tcp_server_read_header;

  make_state_properties ();
  make_setting_properties ();
  make_option_properties ();
  qnet_tcp_server_make_header_properties (&properties[PROP_TRUSTED_PROXIES],
                                          &properties[PROP_PROXY_HEADER_TIMEOUT]);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
qnet_tcp_server_init (QnetTcpServer *self)
{
  PRIVATE (self)->proxy_header_timeout = QNET_PROXY_HEADER_TIMEOUT;
}

/* Public API */

/**
 * qnet_tcp_server_new:
 *
 * Creates a server that does not listen yet.
 *
 * Returns: (transfer full): a server
 *
 * Since: 1.0
 */
QnetTcpServer *
qnet_tcp_server_new (void)
{
  return g_object_new (QNET_TYPE_TCP_SERVER, NULL);
}

/**
 * qnet_tcp_server_get_server_port:
 * @self: a server
 *
 * Gets the port that the server listens on.
 *
 * Returns: the port, 0 if the server does not listen
 *
 * Since: 1.0
 */
guint16
qnet_tcp_server_get_server_port (QnetTcpServer *self)
{
  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  learn_name (self);

  return PRIVATE (self)->port;
}

/**
 * qnet_tcp_server_get_server_address:
 * @self: a server
 *
 * Gets the address that the server listens on.
 *
 * Returns: (transfer full): the address, Null if the server does not listen
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_tcp_server_get_server_address (QnetTcpServer *self)
{
  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  learn_name (self);

  return qnet_host_address_ref (PRIVATE (self)->address);
}

/**
 * qnet_tcp_server_get_reuse_port:
 * @self: a server
 *
 * Gets whether other servers may listen on the same port.
 *
 * Returns: %TRUE if servers with [property@TcpServer:reuse-port] set may
 *
 * Since: 1.0
 */
gboolean
qnet_tcp_server_get_reuse_port (QnetTcpServer *self)
{
  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), FALSE);
  QNET_SERVER_CHECK_CALLER (self, FALSE);

  return PRIVATE (self)->reuse_port;
}

/**
 * qnet_tcp_server_set_reuse_port:
 * @self: a server
 * @reuse_port: whether other servers may listen on the same port
 *
 * Sets whether other servers may listen on the same port; see [property@TcpServer:reuse-port].
 *
 * Since: 1.0
 */
void
qnet_tcp_server_set_reuse_port (QnetTcpServer *self,
                                gboolean       reuse_port)
{
  QnetTcpServerPrivate *priv;

  g_return_if_fail (QNET_IS_TCP_SERVER (self));
  QNET_SERVER_CHECK_CALLER (self);

  priv = PRIVATE (self);
  reuse_port = !!reuse_port;

  if (priv->reuse_port == reuse_port)
    return;

  priv->reuse_port = reuse_port;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REUSE_PORT]);
}

/**
 * qnet_tcp_server_get_proxy:
 * @self: a server
 *
 * Gets the proxy that listens in place of the server.
 *
 * Returns: (transfer full): the proxy, of type [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType] unless it
 *   was set
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_tcp_server_get_proxy (QnetTcpServer *self)
{
  QnetNetworkProxy *proxy;

  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  proxy = PRIVATE (self)->proxy;

  return proxy != NULL ? qnet_network_proxy_ref (proxy)
                       : qnet_network_proxy_new (QNET_PROXY_TYPE_DEFAULT, NULL, 0, NULL, NULL);
}

/**
 * qnet_tcp_server_set_proxy:
 * @self: a server
 * @proxy: a proxy
 *
 * Sets the proxy that listens in place of the server; see [property@TcpServer:proxy].
 *
 * Since: 1.0
 */
void
qnet_tcp_server_set_proxy (QnetTcpServer    *self,
                           QnetNetworkProxy *proxy)
{
  g_return_if_fail (QNET_IS_TCP_SERVER (self));
  g_return_if_fail (proxy != NULL);
  QNET_SERVER_CHECK_CALLER (self);

  if (qnet_proxy_replace (&PRIVATE (self)->proxy, proxy))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROXY]);
}

static void
change_option (QnetTcpServer *self,
               gboolean      *option,
               gboolean       value,
               guint          property)
{
  if (*option == value)
    return;

  *option = value;
  qnet_tcp_server_change_options (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/**
 * qnet_tcp_server_get_keep_alive:
 * @self: a server
 *
 * Gets whether the keep-alive option is set on each new connection.
 *
 * Returns: %TRUE if it is
 *
 * Since: 1.0
 */
gboolean
qnet_tcp_server_get_keep_alive (QnetTcpServer *self)
{
  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), FALSE);
  QNET_SERVER_CHECK_CALLER (self, FALSE);

  return PRIVATE (self)->keep_alive;
}

/**
 * qnet_tcp_server_set_keep_alive:
 * @self: a server
 * @keep_alive: whether to set the option
 *
 * Sets whether the keep-alive option is set on each new connection; see
 * [property@TcpServer:keep-alive].
 *
 * Since: 1.0
 */
void
qnet_tcp_server_set_keep_alive (QnetTcpServer *self,
                                gboolean       keep_alive)
{
  g_return_if_fail (QNET_IS_TCP_SERVER (self));
  QNET_SERVER_CHECK_CALLER (self);

  change_option (self, &PRIVATE (self)->keep_alive, !!keep_alive, PROP_KEEP_ALIVE);
}

/**
 * qnet_tcp_server_get_low_delay:
 * @self: a server
 *
 * Gets whether each new connection sends small amounts of data at once.
 *
 * Returns: %TRUE if it does, as it is by default
 *
 * Since: 1.0
 */
gboolean
qnet_tcp_server_get_low_delay (QnetTcpServer *self)
{
  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), FALSE);
  QNET_SERVER_CHECK_CALLER (self, FALSE);

  return !PRIVATE (self)->has_delay;
}

/**
 * qnet_tcp_server_set_low_delay:
 * @self: a server
 * @low_delay: whether to set the option
 *
 * Sets whether each new connection sends small amounts of data at once; see
 * [property@TcpServer:low-delay].
 *
 * Since: 1.0
 */
void
qnet_tcp_server_set_low_delay (QnetTcpServer *self,
                               gboolean       low_delay)
{
  g_return_if_fail (QNET_IS_TCP_SERVER (self));
  QNET_SERVER_CHECK_CALLER (self);

  change_option (self, &PRIVATE (self)->has_delay, !low_delay, PROP_LOW_DELAY);
}

/**
 * qnet_tcp_server_next_pending_connection:
 * @self: a server
 *
 * Takes the connection that has been pending longest, as [method@Server.next_pending_connection]
 * does.
 *
 * Returns: (transfer full) (nullable): the connection, or %NULL if there is none
 *
 * Since: 1.0
 */
QnetTcpSocket *
qnet_tcp_server_next_pending_connection (QnetTcpServer *self)
{
  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  return (QnetTcpSocket *) qnet_server_next_pending_connection (QNET_SERVER (self));
}

/**
 * qnet_tcp_server_add_pending_connection:
 * @self: a server
 * @connection: (transfer none): a connection that is in no server's queue
 *
 * Queues a connection, as [method@Server.add_pending_connection] does.
 *
 * Since: 1.0
 */
void
qnet_tcp_server_add_pending_connection (QnetTcpServer *self,
                                        QnetTcpSocket *connection)
{
  g_return_if_fail (QNET_IS_TCP_SERVER (self));
  g_return_if_fail (QNET_IS_TCP_SOCKET (connection));
  QNET_SERVER_CHECK_CALLER (self);

  qnet_server_add_pending_connection (QNET_SERVER (self), QNET_SOCKET (connection));
}
