/* qnet-abstract-socket-proxy.c: connecting through a proxy
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-abstract-socket-proxy-private.h"

#include "address/qnet-host-name-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "proxy/qnet-proxy-choice-private.h"

QnetSocketProxy *
qnet_abstract_socket_ensure_proxy (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (priv->proxy == NULL)
    {
      priv->proxy = g_new0 (QnetSocketProxy, 1);
      priv->proxy->bound_fd = -1;
    }

  return priv->proxy;
}

static void
forget_tunnel (QnetSocketProxy *socket_proxy)
{
  g_clear_pointer (&socket_proxy->tunnel, qnet_tunnel_free);
  g_clear_pointer (&socket_proxy->relaying, qnet_network_proxy_unref);
  g_clear_pointer (&socket_proxy->peer_host, g_free);
  qnet_clear_fd (&socket_proxy->bound_fd);
}

void
qnet_socket_proxy_free (QnetSocketProxy *socket_proxy)
{
  forget_tunnel (socket_proxy);
  g_clear_pointer (&socket_proxy->relay, qnet_datagram_relay_free);
  g_clear_pointer (&socket_proxy->proxy, qnet_network_proxy_unref);
  g_free (socket_proxy->protocol_tag);
  g_free (socket_proxy);
}

static QnetNetworkProxy *
get_own_proxy (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  return priv->proxy != NULL ? priv->proxy->proxy : NULL;
}

static const char *
get_tag (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  return priv->proxy != NULL ? priv->proxy->protocol_tag : NULL;
}

/* The choice */

static QnetProxyCommand
get_command (QnetAbstractSocket *self)
{
  gboolean is_udp = qnet_abstract_socket_get_socket_type (self) == QNET_SOCKET_TYPE_UDP;

  return is_udp ? QNET_PROXY_COMMAND_ASSOCIATE : QNET_PROXY_COMMAND_CONNECT;
}

static QnetProxyQueryType
get_query_type (QnetAbstractSocket *self)
{
  gboolean is_udp = qnet_abstract_socket_get_socket_type (self) == QNET_SOCKET_TYPE_UDP;

  return is_udp ? QNET_PROXY_QUERY_TYPE_UDP_SOCKET : QNET_PROXY_QUERY_TYPE_TCP_SOCKET;
}

gboolean
qnet_abstract_socket_choose_proxy (QnetAbstractSocket  *self,
                                   const char          *host,
                                   guint16              port,
                                   QnetNetworkProxy   **out_proxy,
                                   GError             **error)
{
  g_autoptr(QnetNetworkProxyQuery) query = NULL;

  *out_proxy = NULL;

  if (qnet_proxy_is_none (get_own_proxy (self)))
    return TRUE;

  query = qnet_network_proxy_query_new_for_host (host, port, get_tag (self), get_query_type (self));

  return qnet_proxy_choose (get_own_proxy (self), query, out_proxy, error);
}

/* TCP uses the proxy when it connects. A socket that is bound to a loopback address has no peer
 * beyond a proxy. */
gboolean
qnet_abstract_socket_choose_relay (QnetAbstractSocket  *self,
                                   QnetHostAddress     *address,
                                   guint16              port,
                                   QnetNetworkProxy   **out_proxy,
                                   GError             **error)
{
  g_autoptr(QnetNetworkProxyQuery) query = NULL;

  if (get_command (self) != QNET_PROXY_COMMAND_ASSOCIATE
      || (address != NULL && qnet_host_address_is_loopback (address))
      || qnet_proxy_is_none (get_own_proxy (self)))
    return TRUE;

  query =
    qnet_network_proxy_query_new_for_bind (port, get_tag (self), QNET_PROXY_QUERY_TYPE_UDP_SOCKET);

  return qnet_proxy_choose (get_own_proxy (self), query, out_proxy, error);
}

/* Called by the tunnel */

/* Perhaps only the address of the proxy is known. */
static void
found_cb (QnetTunnel *tunnel,
          gpointer    owner)
{
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (owner), G_STRFUNC);

  qnet_abstract_socket_found (owner, qnet_tunnel_get_target (tunnel) != NULL);
}

static gboolean
configure_cb (QnetTunnel  *tunnel,
              gpointer     owner,
              int          fd,
              int          family,
              GError     **error)
{
  if (get_command (owner) == QNET_PROXY_COMMAND_ASSOCIATE)
    return TRUE;  /* the options are for datagrams */

  return qnet_abstract_socket_configure (owner, fd, family, error);
}

static void
asked_cb (QnetTunnel        *tunnel,
          gpointer           owner,
          QnetNetworkProxy  *proxy,
          QnetAuthenticator *authenticator)
{
  QnetAbstractSocket *self = owner;
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (owner), G_STRFUNC);

  qnet_abstract_socket_emit_proxy_authentication_required (self, proxy, authenticator);
}

/* If only the proxy knows the address, it is Null. */
static void
opened_cb (QnetTunnel      *tunnel,
           gpointer         owner,
           int              fd,
           QnetHostAddress *address,
           guint16          port)
{
  g_autoptr(QnetHostAddress) unknown = qnet_host_address_new_null ();
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (owner), G_STRFUNC);

  if (get_command (owner) == QNET_PROXY_COMMAND_ASSOCIATE)
    qnet_abstract_socket_take_relay (owner, fd, address, port);
  else
    qnet_abstract_socket_take_connection (owner, fd, address != NULL ? address : unknown);
}

static void
failed_cb (QnetTunnel *tunnel,
           gpointer    owner,
           GError     *error)
{
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (owner), G_STRFUNC);

  qnet_abstract_socket_fail_to_connect (owner, error);
}

static const QnetTunnelFuncs tunnel_funcs = {
  .found     = found_cb,
  .configure = configure_cb,
  .asked     = asked_cb,
  .opened    = opened_cb,
  .failed    = failed_cb,
};

/* For connecting */

/* A name that cannot be one is refused here: a relay is requested before any other side gets
 * the name. */
static void
prepare_relaying (QnetSocketProxy            *socket_proxy,
                  const QnetConnectorRequest *request,
                  QnetNetworkProxy           *proxy,
                  GError                    **refusal)
{
  g_autoptr(QnetHostAddress) literal = qnet_host_name_to_address (request->host);

  socket_proxy->relaying = qnet_network_proxy_ref (proxy);
  socket_proxy->bound_fd = request->bound_fd;

  if (literal == NULL)
    socket_proxy->peer_host = qnet_proxy_name_to_wire (request->host, proxy, refusal);
}

/* Options that were set before may be ones that have no effect through a proxy. */
static void
check_relaying (QnetAbstractSocket         *self,
                const QnetConnectorRequest *request,
                GError                    **refusal)
{
  g_autofree char *target = NULL;

  if (*refusal != NULL || qnet_abstract_socket_check_relaying (self, refusal))
    return;

  target = qnet_host_name_to_display (request->host, request->port);
  qnet_prefix_error (refusal, _("Could not connect to %s"), target);
}

void
qnet_abstract_socket_start_tunnel (QnetAbstractSocket         *self,
                                   const QnetConnectorRequest *request,
                                   QnetNetworkProxy           *proxy,
                                   GError                     *refusal)
{
  QnetSocketProxy *socket_proxy = qnet_abstract_socket_ensure_proxy (self);
  QnetIODevicePrivate *device = qnet_io_device_get_private (QNET_IO_DEVICE (self));
  QnetTunnelRequest tunnel_request = {
    .proxy           = proxy,
    .command         = get_command (self),
    .host            = request->host,
    .address         = request->address,
    .port            = request->port,
    .protocol        = request->protocol,
    .can_ask         = qnet_abstract_socket_answers_proxies (self),
    .bound_fd        = request->bound_fd,
    .lookup_timeout  = request->lookup_timeout,
    .connect_timeout = request->connect_timeout,
    .attempt_delay   = request->attempt_delay,
  };

  if (tunnel_request.command == QNET_PROXY_COMMAND_ASSOCIATE && refusal == NULL)
    {
      tunnel_request.bound_fd = -1;  /* it is not the connection to the proxy that was bound */
      prepare_relaying (socket_proxy, request, proxy, &refusal);
      check_relaying (self, request, &refusal);
    }

  tunnel_request.refusal = refusal;
  socket_proxy->tunnel = qnet_tunnel_new (&device->wait_set, &tunnel_funcs, self, &tunnel_request);
  qnet_tunnel_start (socket_proxy->tunnel);
}

void
qnet_abstract_socket_drop_connector (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  g_clear_pointer (&priv->connector, qnet_connector_free);
  if (priv->proxy != NULL)
    forget_tunnel (priv->proxy);
}

void
qnet_abstract_socket_move_tunnel (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetIODevicePrivate *device = qnet_io_device_get_private (QNET_IO_DEVICE (self));

  if (priv->proxy != NULL && priv->proxy->tunnel != NULL)
    qnet_tunnel_move (priv->proxy->tunnel, &device->wait_set, self);
}

gboolean
qnet_abstract_socket_tunnel_is_looking_up (QnetAbstractSocket *self)
{
  return qnet_tunnel_is_looking_up (qnet_abstract_socket_get_private (self)->proxy->tunnel);
}

gboolean
qnet_abstract_socket_has_connector (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  return priv->connector != NULL || (priv->proxy != NULL && priv->proxy->tunnel != NULL);
}

/* Public API */

/**
 * qnet_abstract_socket_get_proxy:
 * @self: a socket
 *
 * Gets the proxy to connect through.
 *
 * Returns: (transfer full): the proxy, of type [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType] unless
 *   it was set
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_abstract_socket_get_proxy (QnetAbstractSocket *self)
{
  QnetNetworkProxy *proxy;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  proxy = get_own_proxy (self);

  return proxy != NULL ? qnet_network_proxy_ref (proxy)
                       : qnet_network_proxy_new (QNET_PROXY_TYPE_DEFAULT, NULL, 0, NULL, NULL);
}

/**
 * qnet_abstract_socket_set_proxy:
 * @self: a socket
 * @proxy: a proxy
 *
 * Sets the proxy to connect through; see [property@AbstractSocket:proxy].
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_proxy (QnetAbstractSocket *self,
                                QnetNetworkProxy   *proxy)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (proxy != NULL);
  QNET_IO_STAY (self);

  if (qnet_proxy_replace (&qnet_abstract_socket_ensure_proxy (self)->proxy, proxy))
    qnet_io_device_notify_name (self, "proxy");
}

/**
 * qnet_abstract_socket_get_protocol_tag:
 * @self: a socket
 *
 * Gets which protocol will be spoken.
 *
 * Returns: (nullable): the tag
 *
 * Since: 1.0
 */
const char *
qnet_abstract_socket_get_protocol_tag (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return get_tag (self);
}

/**
 * qnet_abstract_socket_set_protocol_tag:
 * @self: a socket
 * @tag: (nullable): a protocol, such as `http`
 *
 * Sets which protocol will be spoken; see [property@AbstractSocket:protocol-tag].
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_protocol_tag (QnetAbstractSocket *self,
                                       const char         *tag)
{
  QnetSocketProxy *socket_proxy;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  QNET_IO_STAY (self);

  if (g_strcmp0 (get_tag (self), tag) == 0)
    return;

  socket_proxy = qnet_abstract_socket_ensure_proxy (self);
  g_free (socket_proxy->protocol_tag);
  socket_proxy->protocol_tag = g_strdup (tag);
  qnet_io_device_notify_name (self, "protocol-tag");
}
