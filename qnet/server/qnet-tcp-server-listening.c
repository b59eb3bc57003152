/* qnet-tcp-server-listening.c: a TCP server listens here, or at a proxy
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
#include "base/qnet-reserve-private.h"
#include "base/qnet-syscall-private.h"
#include "proxy/qnet-proxy-choice-private.h"
#include "server/qnet-tcp-server-private.h"

/* Options of descriptors */

static gboolean
set_option (int fd,
            int level,
            int name,
            int value)
{
  return qnet_sys_setsockopt (fd, level, name, &value, sizeof value) == 0;
}

void
qnet_tcp_server_set_options (QnetTcpServer *self,
                             int            fd)
{
  const QnetTcpServerPrivate *priv = qnet_tcp_server_get_private (self);

  set_option (fd, IPPROTO_TCP, TCP_NODELAY, !priv->has_delay);
  if (priv->keep_alive)
    set_option (fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

void
qnet_tcp_server_change_options (QnetTcpServer *self)
{
  int fd = qnet_server_get_private (QNET_SERVER (self))->listener.fd;

  if (fd < 0)
    return;

  set_option (fd, SOL_SOCKET, SO_KEEPALIVE, 0);
  qnet_tcp_server_set_options (self, fd);
}

/* Making a listening descriptor */

typedef struct
{
  struct sockaddr_storage address;
  socklen_t               size;
  gboolean                is_v6_only;
  QnetTcpServer          *server;      /* whose options are set */
  gboolean                reuse_port;
  int                     backlog;
} Place;

static gboolean
configure (int          fd,
           const Place *place)
{
  qnet_tcp_server_set_options (place->server, fd);

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
    .server = self,
    .reuse_port = qnet_tcp_server_get_private (self)->reuse_port,
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

/* Listening here, or at a proxy */

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

/* An address that could not be parsed is NULL, and must not become all addresses. */
static gboolean
check_address (QnetHostAddress  *address,
               GError          **error)
{
  if (address != NULL && !qnet_host_address_is_null (address))
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                  _("Could not listen: No address was given; to listen on all addresses, use "
                    "listen_port()"));
  return FALSE;
}

/* No client that connects through a proxy could reach a server on a loopback address. */
static gboolean
choose_proxy (QnetTcpServer     *self,
              QnetHostAddress   *address,
              guint16            port,
              QnetNetworkProxy **out_proxy,
              GError           **error)
{
  QnetTcpServerPrivate *priv = qnet_tcp_server_get_private (self);
  g_autoptr(QnetNetworkProxyQuery) query = NULL;

  if (qnet_host_address_is_loopback (address) || qnet_proxy_is_none (priv->proxy))
    return TRUE;

  query = qnet_network_proxy_query_new_for_bind (port, NULL, QNET_PROXY_QUERY_TYPE_TCP_SERVER);

  return qnet_proxy_choose (priv->proxy, query, out_proxy, error);
}

static gboolean
listen_at_proxy (QnetTcpServer     *self,
                 QnetNetworkProxy  *proxy,
                 QnetHostAddress   *address,
                 guint16            port,
                 GError           **error)
{
  GError *failure = NULL;

  if (qnet_server_start_by_proxy (QNET_SERVER (self), proxy, address, port, &failure))
    return TRUE;

  if (failure->domain == QNET_SOCKET_ERROR)
    return qnet_server_fail (QNET_SERVER (self), failure, error);

  g_propagate_error (error, failure);  /* interrupted: that concerns the call alone */

  return FALSE;
}

/* A proxy factory of the application may change the server, so the checks follow the choice of the
 * proxy. NULL in @out_proxy: no proxy. */
static gboolean
prepare_to_listen (QnetTcpServer     *self,
                   QnetHostAddress   *address,
                   guint16            port,
                   QnetHostAddress  **out_place,
                   QnetNetworkProxy **out_proxy,
                   GError           **error)
{
  GError *failure = NULL;

  if (!check_address (address, &failure))
    return qnet_server_fail (QNET_SERVER (self), failure, error);

  *out_place = qnet_host_address_unmap (address);

  if (!choose_proxy (self, *out_place, port, out_proxy, &failure))
    return qnet_server_fail (QNET_SERVER (self), failure, error);

  return qnet_server_can_listen (QNET_SERVER (self), error);
}

/* Public API */

/**
 * qnet_tcp_server_listen:
 * @self: a server that does not listen
 * @address: (nullable): an address of this machine, or
 *   [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] for all of them
 * @port: a port, or 0 for one that the system chooses
 * @error: return location for an error
 *
 * Starts to listen.
 *
 * Any means IPv4 and IPv6 at once, or IPv4 alone on a system without IPv6; this is where
 * [method@TcpServer.listen_port] listens. %NULL, which is the result of parsing a malformed
 * address, and the Null address are refused with
 * [QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE][error@SocketError]. The port that the system has
 * chosen is [property@TcpServer:server-port]. Old connections in the state TIME_WAIT do not keep
 * the port in use, another server does ([QNET_SOCKET_ERROR_ADDRESS_IN_USE][error@SocketError]),
 * unless both have [property@TcpServer:reuse-port] set.
 *
 * The server and its connections belong to the thread-default [struct@GLib.MainContext] at the time
 * of this call.
 *
 * With a [property@TcpServer:proxy] the proxy listens, on one of its own addresses, which
 * [property@TcpServer:server-address] and [property@TcpServer:server-port] report. On a loopback
 * address the server listens without a proxy. The call blocks until the proxy has answered, and
 * does not run a main loop: where one runs, in a user interface for example, use
 * [method@TcpServer.listen_async].
 *
 * A proxy listens for a single connection, so each connection needs another request to it, for the
 * same port; if that is in use, the properties change. If the proxy stops listening,
 * [signal@Server::accept-error] is emitted with the reason, and [property@Server:listening] becomes
 * %FALSE.
 *
 * Returns: %TRUE if the server listens now; %FALSE also if it already listened, which it continues
 *   to do
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

  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_SERVER_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  if (!prepare_to_listen (self, address, port, &place, &proxy, error))
    return FALSE;

  return proxy != NULL ? listen_at_proxy (self, proxy, place, port, error)
                       : listen_here (self, place, port, error);
}

/**
 * qnet_tcp_server_listen_async:
 * @self: a server that does not listen
 * @address: (nullable): an address of this machine;
 *   [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] for all of them
 * @port: a port, or 0 for one that the system chooses
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (nullable) (closure user_data): called when the server listens, or has
 *   failed to
 * @user_data: data for @callback
 *
 * Begins to listen, as [method@TcpServer.listen] does, without blocking while a
 * [property@TcpServer:proxy] responds.
 *
 * Without a proxy the server listens when this returns, and @callback is called in a later
 * iteration of the loop. [property@Server:listening] is notified before the callback. One call can
 * be pending at a time: another one fails with [G_IO_ERROR_PENDING][error@Gio.IOErrorEnum]. When
 * @cancellable is cancelled the server does not listen, and the error is
 * [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum]; [method@Server.close] ends the call, too, with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError].
 *
 * Since: 1.0
 */
void
qnet_tcp_server_listen_async (QnetTcpServer       *self,
                              QnetHostAddress     *address,
                              guint16              port,
                              int                  io_priority,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autoptr(QnetHostAddress) place = NULL;
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  GError *error = NULL;

  g_return_if_fail (QNET_IS_TCP_SERVER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  QNET_SERVER_CHECK_CALLER_OR_CALL_BACK (self, qnet_tcp_server_listen_async);

  task = qnet_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_tcp_server_listen_async);
  g_task_set_priority (task, io_priority);
  g_task_set_check_cancellable (task, FALSE);  /* cancelled too late, the server listens */

  if (g_task_return_error_if_cancelled (task))
    return;

  if (qnet_server_get_private (QNET_SERVER (self))->start != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                             _("Could not listen: Another call waits for the proxy"));
  else if (!qnet_reactor_check_loop (&error)
           || !prepare_to_listen (self, address, port, &place, &proxy, &error))
    g_task_return_error (task, error);
  else if (proxy != NULL)
    qnet_server_start_by_proxy_async (QNET_SERVER (self), proxy, place, port,
                                      g_steal_pointer (&task));
  else if (listen_here (self, place, port, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * qnet_tcp_server_listen_finish:
 * @self: a server
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Ends [method@TcpServer.listen_async].
 *
 * Returns: %TRUE if the server listens
 *
 * Since: 1.0
 */
gboolean
qnet_tcp_server_listen_finish (QnetTcpServer  *self,
                               GAsyncResult   *result,
                               GError        **error)
{
  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, qnet_tcp_server_listen_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * qnet_tcp_server_listen_port:
 * @self: a server that does not listen
 * @port: a port, or 0 for one that the system chooses
 * @error: return location for an error
 *
 * Starts to listen on @port of all addresses of this machine, as [method@TcpServer.listen] does
 * with [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress]. Through a proxy it blocks until the proxy
 * has replied, too.
 *
 * Returns: %TRUE if the server listens now; %FALSE also if it already listened, which it continues
 *   to do
 *
 * Since: 1.0
 */
gboolean
qnet_tcp_server_listen_port (QnetTcpServer  *self,
                             guint16         port,
                             GError        **error)
{
  g_autoptr(QnetHostAddress) any = NULL;

  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), FALSE);
  QNET_SERVER_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);

  return qnet_tcp_server_listen (self, any, port, error);
}

/**
 * qnet_tcp_server_listen_socket:
 * @self: a server that does not listen
 * @socket: a listening TCP socket
 * @error: return location for an error
 *
 * Listens on a [class@Gio.Socket] that is bound and listens already.
 *
 * The server uses a duplicate of its descriptor: the caller still owns @socket, and should not
 * accept connections with it. While
 * @socket is open the kernel continues to listen, even after [method@Server.close].
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
  QNET_SERVER_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  fd = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 0);

  if (fd < 0)
    {
      qnet_set_error_from_errno (&failure, errno, _("Could not listen on descriptor %d"),
                                 g_socket_get_fd (socket));
      return qnet_server_fail (QNET_SERVER (self), failure, error);
    }

  if (qnet_server_set_fd (QNET_SERVER (self), fd, error))
    return TRUE;

  qnet_sys_close (fd);
  return FALSE;
}
