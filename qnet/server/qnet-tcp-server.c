/* qnet-tcp-server.c: accepts TCP connections
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-tcp-server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"
#include "proxy/qnet-proxy-choice-private.h"
#include "server/qnet-server-private.h"
#include "socket/qnet-abstract-socket-private.h"

/**
 * QnetTcpServer:
 *
 * Accepts TCP connections.
 *
 * Call [method@TcpServer.listen], connect to [signal@Server::new-connection], and take each connection by
 * [method@TcpServer.next_pending_connection]:
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
 * What it shares with other servers, limits, pausing, and errors among it, is told at [class@Server].
 *
 * The connections have `TCP_NODELAY` from the start, as every [class@TcpSocket] has.
 *
 * Since: 1.0
 */

typedef struct
{
  QnetHostAddress *address;     /* (owned) (nullable): where we listen, once somebody asked */
  guint16          port;        /* valid while @address is set */
  gboolean         reuse_port;
  QnetNetworkProxy *proxy;      /* (owned) (nullable): NULL for DEFAULT */
} QnetTcpServerPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (QnetTcpServer, qnet_tcp_server, QNET_TYPE_SERVER)

enum
{
  PROP_SERVER_ADDRESS = 1,
  PROP_SERVER_PORT,
  PROP_REUSE_PORT,
  PROP_PROXY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

#define PRIVATE(self) ((QnetTcpServerPrivate *) qnet_tcp_server_get_instance_private (self))

/* Options of descriptors */

static gboolean
set_option (int fd,
            int level,
            int name,
            int value)
{
  return qnet_sys_setsockopt (fd, level, name, &value, sizeof value) == 0;
}

/* Connections inherit it, which saves each of them a system call. */
static void
set_low_delay (int fd)
{
  set_option (fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

/* "::" means two things: all addresses, and all those of IPv6. */
static gboolean
is_dual_stack (int fd)
{
  int v6_only = 1;
  socklen_t size = sizeof v6_only;

  return qnet_sys_getsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, &size) == 0 && !v6_only;
}

/* Making a listening descriptor */

typedef struct
{
  struct sockaddr_storage address;
  socklen_t               size;
  gboolean                is_v6_only;
  gboolean                reuse_port;
  int                     backlog;
} Place;

static gboolean
configure (int          fd,
           const Place *place)
{
  set_low_delay (fd);

  if (!set_option (fd, SOL_SOCKET, SO_REUSEADDR, 1))
    return FALSE;

  if (place->reuse_port && !set_option (fd, SOL_SOCKET, SO_REUSEPORT, 1))
    return FALSE;

  if (place->address.ss_family == AF_INET6)
    return set_option (fd, IPPROTO_IPV6, IPV6_V6ONLY, place->is_v6_only);

  return TRUE;
}

/* -1 with errno set */
static int
open_place (const Place *place)
{
  int fd = qnet_sys_socket (place->address.ss_family, SOCK_STREAM, 0);

  if (fd < 0)
    return -1;

  if (configure (fd, place) &&
      qnet_sys_bind (fd, (const struct sockaddr *) &place->address, place->size) == 0 &&
      qnet_sys_listen (fd, place->backlog) == 0)
    return fd;

  qnet_sys_close (fd);
  return -1;
}

static gboolean
find_place (QnetTcpServer         *self,
            const QnetHostAddress *address,
            guint16                port,
            Place                 *out_place)
{
  *out_place = (Place) {
    .is_v6_only = qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY_IPV6),
    .reuse_port = PRIVATE (self)->reuse_port,
    .backlog = qnet_server_get_listen_backlog_size (QNET_SERVER (self)),
  };
  out_place->size = qnet_host_address_to_native (address, port, &out_place->address);

  return out_place->size > 0;
}

static gboolean
is_lack_of_ipv6 (int error_number)
{
  return error_number == EAFNOSUPPORT || error_number == EADDRNOTAVAIL;
}

/* Any means IPv4 alone on a system without IPv6. */
static int
open_any (QnetTcpServer         *self,
          const QnetHostAddress *address,
          guint16                port)
{
  g_autoptr(QnetHostAddress) any_ipv4 = NULL;
  Place place;
  int fd;

  if (!find_place (self, address, port, &place))
    {
      errno = EADDRNOTAVAIL;
      return -1;
    }

  fd = open_place (&place);

  if (fd >= 0 || !is_lack_of_ipv6 (errno) ||
      !qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY))
    return fd;

  any_ipv4 = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);
  find_place (self, any_ipv4, port, &place);

  return open_place (&place);
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

  if (fd < 0 || getsockname (fd, (struct sockaddr *) &storage, &size) < 0)
    return qnet_host_address_new_null ();

  address = qnet_host_address_take_native (&storage, FALSE, out_port);

  if (qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY_IPV6) &&
      is_dual_stack (fd))
    return qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);

  return g_steal_pointer (&address);
}

static void
learn_name_from_proxy (QnetTcpServerPrivate *priv,
                       QnetProxyListener    *proxied)
{
  QnetHostAddress *address = qnet_proxy_listener_get_address (proxied);

  forget_name (priv);
  priv->address = address != NULL ? qnet_host_address_ref (address) : qnet_host_address_new_null ();
  priv->port = qnet_proxy_listener_get_port (proxied);
}

/* Whether what was learned is so still. A server that lost its context is closed without a word, and a question that failed is
 * asked again. */
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
  QnetProxyListener *proxied = qnet_server_get_private (QNET_SERVER (self))->proxied;
  int fd = qnet_server_get_socket_descriptor (QNET_SERVER (self));

  if (proxied != NULL)
    {
      learn_name_from_proxy (priv, proxied);
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

  qnet_server_introduce_peer (server, QNET_ABSTRACT_SOCKET (socket));
  qnet_abstract_socket_adopt_accepted (QNET_ABSTRACT_SOCKET (socket),
                                       qnet_server_get_reactor (server), fd);
  qnet_server_add_pending_connection (server, QNET_IO_DEVICE (socket));
}

static gboolean
adopt (QnetServer *server,
       int         fd)
{
  struct sockaddr_storage storage = { 0, };
  socklen_t size = sizeof storage;

  if (getsockname (fd, (struct sockaddr *) &storage, &size) < 0)
    return FALSE;

  if (storage.ss_family != AF_INET && storage.ss_family != AF_INET6)
    return FALSE;

  set_low_delay (fd);

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

static const QnetServerHooks hooks = {
  .adopt    = adopt,
  .changed  = changed,
  .incoming = qnet_tcp_server_incoming_connection,
  .describe = describe,
};

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

  G_OBJECT_CLASS (qnet_tcp_server_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetTcpServer:server-address:
   *
   * The address that the server listens on, Null while it does not listen.
   *
   * Since: 1.0
   */
  properties[PROP_SERVER_ADDRESS] =
    g_param_spec_boxed ("server-address", NULL, NULL, QNET_TYPE_HOST_ADDRESS, ro);

  /**
   * QnetTcpServer:server-port:
   *
   * The port that the server listens on, 0 while it does not listen.
   *
   * Since: 1.0
   */
  properties[PROP_SERVER_PORT] =
    g_param_spec_uint ("server-port", NULL, NULL, 0, G_MAXUINT16, 0, ro);

  /**
   * QnetTcpServer:reuse-port:
   *
   * Whether other servers that want it too may listen on the same address and port.
   *
   * The kernel then spreads the clients over all of them, processes and threads alike (`SO_REUSEPORT`). It counts from the next
   * [method@TcpServer.listen] on.
   *
   * Since: 1.0
   */
  properties[PROP_REUSE_PORT] = g_param_spec_boolean ("reuse-port", NULL, NULL, FALSE, rw);

  /**
   * QnetTcpServer:proxy:
   *
   * The proxy that listens in the server's place, of type [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType]
   * unless it is set.
   *
   * It counts from the next [method@TcpServer.listen] on. [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType]
   * leaves the choice to the application, see [func@set_application_proxy], and
   * [QNET_PROXY_TYPE_NONE][enum@ProxyType] is for no proxy at all. The proxy has to speak SOCKS5,
   * and user and password have to be in it: a server asks nobody. It cannot be set to %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_PROXY] =
    g_param_spec_boxed ("proxy", NULL, NULL, QNET_TYPE_NETWORK_PROXY, rw);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
qnet_tcp_server_class_init (QnetTcpServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  QnetServerClass *server_class = QNET_SERVER_CLASS (klass);

  object_class->get_property = qnet_tcp_server_get_property;
  object_class->set_property = qnet_tcp_server_set_property;
  object_class->finalize = qnet_tcp_server_finalize;

  server_class->incoming_connection = qnet_tcp_server_incoming_connection;
  server_class->hooks = &hooks;

  install_properties (object_class);
}

static void
qnet_tcp_server_init (QnetTcpServer *self)
{
}

/* Public API */

/**
 * qnet_tcp_server_new:
 *
 * Makes a server that does not listen yet.
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

static gboolean
listen_here (QnetTcpServer          *self,
             const QnetHostAddress  *address,
             guint16                 port,
             GError                **error)
{
  g_autofree char *place = NULL;
  g_autofree char *what = NULL;
  GError *failure = NULL;
  int fd = open_any (self, address, port);
  int error_number;

  if (fd >= 0)
    {
      qnet_server_start (QNET_SERVER (self), fd);
      return TRUE;
    }

  error_number = errno;
  place = qnet_host_address_to_display (address, port);
  what = g_strdup_printf (_("Could not listen on %s"), place);
  qnet_set_error_for_address (&failure, error_number, address, what);

  return qnet_server_fail (QNET_SERVER (self), failure, error);
}

/* An address that could not be read is NULL, and must not become all addresses. */
static gboolean
check_address (QnetHostAddress  *address,
               GError          **error)
{
  if (address != NULL && !qnet_host_address_is_null (address))
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                  _("Could not listen: no address was given; to listen on all addresses, use listen_port()"));
  return FALSE;
}

/* What listens on the loopback addresses alone is for nobody who would come by a proxy. */
static gboolean
choose_proxy (QnetTcpServer     *self,
              QnetHostAddress   *address,
              guint16            port,
              QnetNetworkProxy **out_proxy,
              GError           **error)
{
  QnetTcpServerPrivate *priv = PRIVATE (self);
  g_autoptr(QnetNetworkProxyQuery) query = NULL;

  if (qnet_host_address_is_loopback (address) || qnet_proxy_is_none (priv->proxy))
    return TRUE;

  query = qnet_network_proxy_query_new_for_bind (port, NULL, QNET_PROXY_QUERY_TYPE_TCP_SERVER);

  return qnet_proxy_choose (priv->proxy, query, out_proxy, error);
}

static gboolean
listen_there (QnetTcpServer     *self,
              QnetNetworkProxy  *proxy,
              QnetHostAddress   *address,
              guint16            port,
              GError           **error)
{
  GError *failure = NULL;

  if (qnet_server_start_by_proxy (QNET_SERVER (self), proxy, address, port, &failure))
    return TRUE;

  return qnet_server_fail (QNET_SERVER (self), failure, error);
}

/**
 * qnet_tcp_server_listen:
 * @self: a server that does not listen
 * @address: (nullable): an address of this machine;
 *   [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] for all of them
 * @port: a port, or 0 for one that the system chooses
 * @error: return location for an error
 *
 * Begins to listen.
 *
 * Any is IPv4 and IPv6 at once, or IPv4 alone on a system without IPv6; [method@TcpServer.listen_port] listens there, too. %NULL,
 * which is what a mistyped address gives, and the Null address are refused with
 * [QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE][error@SocketError]. The port that the system has
 * chosen is [property@TcpServer:server-port]. Old connections that linger on the port are no
 * obstacle, another server is ([QNET_SOCKET_ERROR_ADDRESS_IN_USE][error@SocketError]), unless both
 * have [property@TcpServer:reuse-port].
 *
 * The server, and what it accepts, belong to the [struct@GLib.MainContext] that is thread-default now.
 *
 * With a [property@TcpServer:proxy] it is the proxy who listens, at its own addresses: the call waits for its answer, without any
 * main loop, and [property@TcpServer:server-address] and [property@TcpServer:server-port] tell where. A loopback address is
 * listened on without a proxy. A proxy listens for one connection, so it is asked anew for each, for the same port; should that
 * be taken, the properties tell the new one. Should it listen no longer, [signal@Server::accept-error] says why, and
 * [property@Server:listening] becomes %FALSE.
 *
 * Returns: %TRUE if the server listens now; %FALSE also if it did before, and then it goes on
 *
 * Since: 1.0
 */
gboolean
qnet_tcp_server_listen (QnetTcpServer    *self,
                        QnetHostAddress  *address,
                        guint16           port,
                        GError          **error)
{
  g_autoptr(QnetHostAddress) place = NULL;
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  GError *failure = NULL;

  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), FALSE);

  if (!check_address (address, &failure))
    return qnet_server_fail (QNET_SERVER (self), failure, error);

  place = qnet_host_address_unmap (address);

  if (!choose_proxy (self, place, port, &proxy, &failure))  /* may run the program's own factory */
    return qnet_server_fail (QNET_SERVER (self), failure, error);

  if (!qnet_server_check_idle (QNET_SERVER (self), error))
    return FALSE;

  return proxy != NULL ? listen_there (self, proxy, place, port, error)
                       : listen_here (self, place, port, error);
}

/**
 * qnet_tcp_server_listen_port:
 * @self: a server that does not listen
 * @port: a port, or 0 for one that the system chooses
 * @error: return location for an error
 *
 * Begins to listen on @port of all addresses of this machine, as [method@TcpServer.listen] does
 * with [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress].
 *
 * Returns: %TRUE if the server listens now; %FALSE also if it did before, and then it goes on
 *
 * Since: 1.0
 */
gboolean
qnet_tcp_server_listen_port (QnetTcpServer  *self,
                             guint16         port,
                             GError        **error)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);

  return qnet_tcp_server_listen (self, any, port, error);
}

/**
 * qnet_tcp_server_listen_socket:
 * @self: a server that does not listen
 * @socket: a listening TCP socket
 * @error: return location for an error
 *
 * Listens on a socket of GIO's, which was bound and listens already.
 *
 * The server uses a duplicate of its descriptor: @socket stays the caller's, and should not accept meanwhile. As long as it is
 * open the kernel goes on to listen, even after [method@Server.close].
 *
 * Returns: %TRUE if the server listens now
 *
 * Since: 1.0
 */
gboolean
qnet_tcp_server_listen_socket (QnetTcpServer  *self,
                               GSocket        *socket,
                               GError        **error)
{
  GError *failure = NULL;
  int fd;

  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), FALSE);
  g_return_val_if_fail (G_IS_SOCKET (socket), FALSE);

  fd = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 0);

  if (fd < 0)
    {
      qnet_set_error_from_errno (&failure, errno, _("Could not listen on descriptor %d"),
                                 g_socket_get_fd (socket));
      return qnet_server_fail (QNET_SERVER (self), failure, error);
    }

  if (qnet_server_set_socket_descriptor (QNET_SERVER (self), fd, error))
    return TRUE;

  qnet_sys_close (fd);
  return FALSE;
}

/**
 * qnet_tcp_server_get_server_port:
 * @self: a server
 *
 * Gets the port that the server listens on.
 *
 * Returns: the port, 0 while the server does not listen
 *
 * Since: 1.0
 */
guint16
qnet_tcp_server_get_server_port (QnetTcpServer *self)
{
  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), 0);

  learn_name (self);

  return PRIVATE (self)->port;
}

/**
 * qnet_tcp_server_get_server_address:
 * @self: a server
 *
 * Gets the address that the server listens on.
 *
 * Returns: (transfer full): the address, Null while the server does not listen
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_tcp_server_get_server_address (QnetTcpServer *self)
{
  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), NULL);

  learn_name (self);

  return qnet_host_address_ref (PRIVATE (self)->address);
}

/**
 * qnet_tcp_server_get_reuse_port:
 * @self: a server
 *
 * Gets whether other servers may listen on the same port.
 *
 * Returns: %TRUE if those may that want it too
 *
 * Since: 1.0
 */
gboolean
qnet_tcp_server_get_reuse_port (QnetTcpServer *self)
{
  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), FALSE);

  return PRIVATE (self)->reuse_port;
}

/**
 * qnet_tcp_server_set_reuse_port:
 * @self: a server
 * @reuse_port: whether others may listen, too
 *
 * Sets whether other servers may listen on the same port, from the next [method@TcpServer.listen] on.
 *
 * Since: 1.0
 */
void
qnet_tcp_server_set_reuse_port (QnetTcpServer *self,
                                gboolean       reuse_port)
{
  QnetTcpServerPrivate *priv;

  g_return_if_fail (QNET_IS_TCP_SERVER (self));

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
 * Gets the proxy that listens in the server's place.
 *
 * Returns: (transfer full): the proxy, of type [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType] unless
 *   it was set
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_tcp_server_get_proxy (QnetTcpServer *self)
{
  QnetNetworkProxy *proxy;

  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), NULL);

  proxy = PRIVATE (self)->proxy;

  return proxy != NULL ? qnet_network_proxy_ref (proxy)
                       : qnet_network_proxy_new (QNET_PROXY_TYPE_DEFAULT, NULL, 0, NULL, NULL);
}

/**
 * qnet_tcp_server_set_proxy:
 * @self: a server
 * @proxy: a proxy
 *
 * Sets the proxy that listens in the server's place; see [property@TcpServer:proxy].
 *
 * Since: 1.0
 */
void
qnet_tcp_server_set_proxy (QnetTcpServer    *self,
                           QnetNetworkProxy *proxy)
{
  g_return_if_fail (QNET_IS_TCP_SERVER (self));
  g_return_if_fail (proxy != NULL);

  if (qnet_proxy_replace (&PRIVATE (self)->proxy, proxy))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROXY]);
}

/**
 * qnet_tcp_server_next_pending_connection:
 * @self: a server
 *
 * Takes the connection that waits longest, as [method@Server.next_pending_connection] does.
 *
 * Returns: (transfer full) (nullable): the connection, or %NULL when there is none
 *
 * Since: 1.0
 */
QnetTcpSocket *
qnet_tcp_server_next_pending_connection (QnetTcpServer *self)
{
  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), NULL);

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

  qnet_server_add_pending_connection (QNET_SERVER (self), QNET_IO_DEVICE (connection));
}
