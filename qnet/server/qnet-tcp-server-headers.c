/* qnet-tcp-server-headers.c: connections that begin with a PROXY header
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-tcp-server.h"

#include <string.h>

#include "address/qnet-address-filter-private.h"
#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "server/qnet-tcp-server-private.h"

/* Counting */

static void
count_readers (QnetServer *server)
{
  QnetTcpServerPrivate *priv = qnet_tcp_server_get_private (QNET_TCP_SERVER (server));

  qnet_server_get_private (server)->n_reading = (int) priv->readers.length;
  qnet_server_update_limits (server);
}

/* Callbacks of a reader */

static void
ended_cb (QnetHeaderReader *reader,
          gpointer          owner)
{
  QnetTcpServerPrivate *priv = qnet_tcp_server_get_private (QNET_TCP_SERVER (owner));

  g_queue_remove (&priv->readers, reader);
  qnet_server_get_private (owner)->n_reading = (int) priv->readers.length;
}

/* The client takes the place of the load balancer as the peer. */
static void
done_cb (gpointer               owner,
         int                    fd,
         const struct sockaddr *proxy,
         socklen_t              proxy_size,
         QnetProxyHeader       *header)
{
  QnetServer *server = owner;
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (server);
  QnetHostAddress *source = qnet_proxy_header_get_source (header);
  struct sockaddr_storage client;
  QnetIncoming incoming = {
    .fd = fd, .peer = proxy, .peer_size = proxy_size,
    .header = header, .proxy = proxy, .proxy_size = proxy_size,
  };

  if (source != NULL)
    {
      incoming.peer = (const struct sockaddr *) &client;
      incoming.peer_size = qnet_host_address_to_native (source,
                                                        qnet_proxy_header_get_source_port (header),
                                                        &client);
    }

  qnet_server_handle_incoming (server, &incoming, NULL);
  qnet_server_update_limits (server);
}

static void
failed_cb (gpointer               owner,
           const struct sockaddr *proxy,
           socklen_t              proxy_size,
           const GError          *error)
{
  QnetServer *server = owner;
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (server);
  struct sockaddr_storage native = { 0, };
  g_autoptr(QnetHostAddress) address = NULL;
  g_autofree char *text = NULL;
  GError *failure = NULL;

  qnet_server_update_limits (server);
  if (error == NULL)
    return;

  memcpy (&native, proxy, MIN (proxy_size, sizeof native));
  address = qnet_host_address_take_native (&native, TRUE, NULL);
  text = qnet_host_address_to_string (address);
  qnet_set_error (&failure, (QnetSocketError) error->code,
                  /* Translators: the address of a load balancer, and a sentence such as "The PROXY
                   * header is incomplete" */
                  _("Could not accept a connection from the proxy %s: %s"), text, error->message);
  qnet_server_emit_accept_error (server, failure);
}

static const QnetHeaderReaderFuncs reader_funcs = {
  .ended  = ended_cb,
  .done   = done_cb,
  .failed = failed_cb,
};

/* For the class */

static void
refuse (QnetServer         *server,
        const QnetIncoming *incoming)
{
  struct sockaddr_storage native = { 0, };
  g_autoptr(QnetHostAddress) address = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  qnet_sys_reset (incoming->fd);
  qnet_sys_close (incoming->fd);
  qnet_server_count_refusal (server);

  if (!qnet_server_has_refusal_handler (server))
    return;

  memcpy (&native, incoming->peer, MIN (incoming->peer_size, sizeof native));
  address = qnet_host_address_take_native (&native, TRUE, NULL);
  text = qnet_host_address_to_string (address);
  qnet_set_error (&error, QNET_SOCKET_ERROR_SOCKET_ACCESS,
                  _("Refused a connection from %s: It is not a trusted proxy"), text);
  qnet_server_emit_refused (server, address, error);
}

gboolean
qnet_tcp_server_read_header (QnetServer         *server,
                             const QnetIncoming *incoming)
{
  QnetTcpServerPrivate *priv = qnet_tcp_server_get_private (QNET_TCP_SERVER (server));
  QnetHeaderReader *reader;
  QnetNetworkKey peer;

  if (priv->trusted_proxies == NULL)
    return FALSE;

  if (!qnet_network_key_init_native (&peer, incoming->peer, incoming->peer_size)
      || !qnet_address_filter_names (priv->trusted_proxies, &peer))
    {
      refuse (server, incoming);
      return TRUE;
    }

  reader = qnet_header_reader_new (&qnet_server_get_private (server)->listener.set, &reader_funcs,
                                   server, incoming->fd, incoming->peer, incoming->peer_size,
                                   priv->proxy_header_timeout);
  g_queue_push_tail (&priv->readers, reader);
  count_readers (server);

  return TRUE;
}

void
qnet_tcp_server_drop_headers (QnetServer *server)
{
  QnetTcpServerPrivate *priv = qnet_tcp_server_get_private (QNET_TCP_SERVER (server));

  g_queue_clear_full (&priv->readers, (GDestroyNotify) qnet_header_reader_free);
  count_readers (server);
}

/* Properties */

void
qnet_tcp_server_make_header_properties (GParamSpec **out_trusted,
                                        GParamSpec **out_timeout)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetTcpServer:trusted-proxies:
   *
   * The load balancers that connect to the server in place of the clients; %NULL, the default, if
   * clients connect themselves.
   *
   * Each connection then has to begin with a header of the PROXY protocol, version 1 or 2, which
   * the server reads before it emits anything, and before a handshake of TLS. The peer of the
   * connection is the client that the header names, so that
   * [property@Server:address-filter] and [property@Server:max-connections-per-address] are for
   * clients; [method@AbstractSocket.get_proxy_header] has all that the header says, and
   * [method@AbstractSocket.get_proxied_by] the load balancer.
   *
   * Trusted is an address in a network that was added by [method@AddressFilter.add_allow], unless a
   * smaller one denies it; [property@AddressFilter:default-allowed] has no effect here. Any other
   * address is refused at once, because a header can claim any address:
   * [signal@Server::connection-refused] is emitted. A header that is missing, invalid, or not
   * complete within [property@TcpServer:proxy-header-timeout] ends the connection, and
   * [signal@Server::accept-error] reports it, each time. A connection that is closed or reset
   * before it has sent anything, such as a check of health, is not reported.
   *
   * Connections by way of [property@TcpServer:proxy] have no header.
   *
   * Since: 1.0
   */
  *out_trusted =
    g_param_spec_object ("trusted-proxies", NULL, NULL, QNET_TYPE_ADDRESS_FILTER, rw);

  /**
   * QnetTcpServer:proxy-header-timeout:
   *
   * How long the server waits for a PROXY header, in milliseconds; 0 for no limit.
   *
   * Since: 1.0
   */
  *out_timeout =
    g_param_spec_int ("proxy-header-timeout", NULL, NULL, 0, G_MAXINT, QNET_PROXY_HEADER_TIMEOUT,
                      rw);
}

/* Public API */

/**
 * qnet_tcp_server_get_trusted_proxies:
 * @self: a server
 *
 * Gets which load balancers send a PROXY header.
 *
 * Returns: (transfer none) (nullable): the filter, or %NULL for connections without a header
 *
 * Since: 1.0
 */
QnetAddressFilter *
qnet_tcp_server_get_trusted_proxies (QnetTcpServer *self)
{
  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  return qnet_tcp_server_get_private (self)->trusted_proxies;
}

/**
 * qnet_tcp_server_set_trusted_proxies:
 * @self: a server
 * @proxies: (nullable): a filter, or %NULL for connections without a header
 *
 * Sets which load balancers send a PROXY header: see [property@TcpServer:trusted-proxies].
 *
 * Since: 1.0
 */
void
qnet_tcp_server_set_trusted_proxies (QnetTcpServer     *self,
                                     QnetAddressFilter *proxies)
{
  g_return_if_fail (QNET_IS_TCP_SERVER (self));
  g_return_if_fail (proxies == NULL || QNET_IS_ADDRESS_FILTER (proxies));
  QNET_SERVER_CHECK_CALLER (self);

  if (g_set_object (&qnet_tcp_server_get_private (self)->trusted_proxies, proxies))
    g_object_notify (G_OBJECT (self), "trusted-proxies");
}

/**
 * qnet_tcp_server_get_proxy_header_timeout:
 * @self: a server
 *
 * Gets how long the server waits for a PROXY header.
 *
 * Returns: milliseconds, 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_tcp_server_get_proxy_header_timeout (QnetTcpServer *self)
{
  g_return_val_if_fail (QNET_IS_TCP_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  return qnet_tcp_server_get_private (self)->proxy_header_timeout;
}

/**
 * qnet_tcp_server_set_proxy_header_timeout:
 * @self: a server
 * @msecs: milliseconds, 0 for no limit
 *
 * Sets how long the server waits for a PROXY header, from accepting the connection until the header
 * is complete. It is for connections that are accepted from now on.
 *
 * Since: 1.0
 */
void
qnet_tcp_server_set_proxy_header_timeout (QnetTcpServer *self,
                                          int            msecs)
{
  QnetTcpServerPrivate *priv;

  g_return_if_fail (QNET_IS_TCP_SERVER (self));
  g_return_if_fail (msecs >= 0);
  QNET_SERVER_CHECK_CALLER (self);

  priv = qnet_tcp_server_get_private (self);
  if (priv->proxy_header_timeout == msecs)
    return;

  priv->proxy_header_timeout = msecs;
  g_object_notify (G_OBJECT (self), "proxy-header-timeout");
}
