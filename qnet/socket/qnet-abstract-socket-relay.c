/* qnet-abstract-socket-relay.c: datagrams through a proxy: to a relay, and its end
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"
#include "proxy/qnet-network-proxy-private.h"
#include "socket/qnet-abstract-socket-proxy-private.h"
#include "socket/qnet-datagram-message-private.h"

static QnetConnection *
connection_of (QnetAbstractSocket *self)
{
  return &qnet_abstract_socket_get_private (self)->connection;
}

/* A relay that nobody uses yet. */
struct _QnetRelayLease
{
  QnetAbstractSocket *socket;   /* (not owned): for whom, while it is asked for */
  QnetNetworkProxy   *proxy;    /* (owned) */
  int                 control;  /* (owned): -1 until there is one */
  QnetHostAddress    *address;  /* (owned) (nullable): where it is */
  guint16             port;
  GError             *error;    /* (owned) (nullable): why there is none */
};

static QnetRelayLease *
relay_lease_new (QnetAbstractSocket *self,
                 QnetNetworkProxy   *proxy,
                 int                 control)
{
  QnetRelayLease *lease = g_new0 (QnetRelayLease, 1);

  lease->socket = self;
  lease->proxy = qnet_network_proxy_ref (proxy);
  lease->control = control;

  return lease;
}

void
qnet_relay_lease_free (QnetRelayLease *lease)
{
  qnet_clear_fd (&lease->control);
  qnet_network_proxy_unref (lease->proxy);
  g_clear_pointer (&lease->address, qnet_host_address_unref);
  g_clear_error (&lease->error);
  g_free (lease);
}

/* Asking for one, asleep */

/* Nobody can think about it: nothing but the handler runs before we go on. */
static void
asked_cb (QnetTunnel        *tunnel,
          gpointer           owner,
          QnetNetworkProxy  *proxy,
          QnetAuthenticator *authenticator)
{
  QnetRelayLease *lease = owner;

  qnet_abstract_socket_emit_proxy_authentication_required (lease->socket, proxy, authenticator);
  qnet_authenticator_resume (authenticator);
}

static void
opened_cb (QnetTunnel      *tunnel,
           gpointer         owner,
           int              fd,
           QnetHostAddress *address,
           guint16          port)
{
  QnetRelayLease *lease = owner;

  lease->control = fd;
  lease->address = qnet_host_address_ref (address);
  lease->port = port;
}

static void
failed_cb (QnetTunnel *tunnel,
           gpointer    owner,
           GError     *error)
{
  QnetRelayLease *lease = owner;

  lease->error = error;
}

static const QnetTunnelFuncs lease_funcs = {
  .asked  = asked_cb,
  .opened = opened_cb,
  .failed = failed_cb,
};

static QnetTunnel *
start_tunnel (QnetWaitSet    *set,
              QnetRelayLease *lease)
{
  g_autoptr(QnetHostAddress) anywhere = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);
  QnetAbstractSocket *self = lease->socket;
  const QnetTunnelRequest request = {
    .proxy           = lease->proxy,
    .command         = QNET_PROXY_COMMAND_ASSOCIATE,
    .address         = anywhere,
    .protocol        = QNET_NETWORK_LAYER_PROTOCOL_ANY_IP,
    .can_ask         = qnet_abstract_socket_answers_proxies (self),
    .bound_fd        = -1,
    .lookup_timeout  = qnet_connection_get_timing (connection_of (self), QNET_TIMING_LOOKUP_TIMEOUT),
    .connect_timeout = qnet_connection_get_timing (connection_of (self), QNET_TIMING_CONNECT_TIMEOUT),
    .attempt_delay   = qnet_connection_get_timing (connection_of (self), QNET_TIMING_ATTEMPT_DELAY),
  };
  QnetTunnel *tunnel = qnet_tunnel_new (set, &lease_funcs, lease, &request);

  qnet_tunnel_start (tunnel);

  return tunnel;
}

QnetRelayLease *
qnet_abstract_socket_lease_relay (QnetAbstractSocket  *self,
                                  QnetNetworkProxy    *proxy,
                                  GError             **error)
{
  QnetRelayLease *lease = relay_lease_new (self, proxy, -1);
  QnetReactor *reactor = qnet_reactor_get ();
  QnetWaitSet set;
  QnetTunnel *tunnel;

  qnet_wait_set_init (&set, reactor);
  qnet_reactor_unref (reactor);
  tunnel = start_tunnel (&set, lease);

  while (lease->control < 0 && lease->error == NULL)
    qnet_wait_set_iterate (&set, G_MAXINT64);

  qnet_tunnel_free (tunnel);
  qnet_wait_set_clear (&set);

  if (lease->error == NULL)
    return lease;

  g_propagate_error (error, g_steal_pointer (&lease->error));
  qnet_relay_lease_free (lease);

  return NULL;
}

/* Using it */

static int
get_family (int fd)
{
  struct sockaddr_storage native = { .ss_family = AF_UNSPEC };
  socklen_t size = sizeof native;

  getsockname (fd, (struct sockaddr *) &native, &size);

  return native.ss_family;
}

static void
set_error_of_lease (QnetRelayLease  *lease,
                    GError         **error,
                    int              error_number)
{
  g_autofree char *proxy = qnet_network_proxy_to_place (lease->proxy);

  qnet_set_error (error, qnet_socket_error_code_from_errno (error_number),
                  _("Could not exchange datagrams through the SOCKS5 proxy %s: %s"),
                  proxy, g_strerror (error_number));
}

static void
set_error_of_family (QnetRelayLease  *lease,
                     GError         **error)
{
  g_autofree char *proxy = qnet_network_proxy_to_place (lease->proxy);

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not exchange datagrams through the SOCKS5 proxy %s: it receives them at an IPv6 address, and the "
                    "socket is bound to an IPv4 address"), proxy);
}

gboolean
qnet_relay_lease_connect (QnetRelayLease  *lease,
                          int              fd,
                          GError         **error)
{
  struct sockaddr_storage native;
  socklen_t size = qnet_message_to_native (lease->address, lease->port, get_family (fd), &native);

  if (size == 0)
    set_error_of_family (lease, error);
  else if (qnet_sys_connect (fd, (struct sockaddr *) &native, size) == 0)
    return TRUE;
  else
    set_error_of_lease (lease, error, errno);

  return FALSE;
}

/* With the connection to the proxy goes the relay: the socket is at its end, whatever it was. */
static void
relay_ended_cb (gpointer  owner,
                GError   *error)
{
  g_autoptr(QnetAbstractSocket) self = g_object_ref (owner);

  if (qnet_abstract_socket_get_state (self) == QNET_SOCKET_STATE_BOUND)
    qnet_connection_give_up (connection_of (self), error);
  else
    qnet_connection_break (connection_of (self), error);
}

void
qnet_abstract_socket_attach_relay (QnetAbstractSocket *self,
                                   QnetRelayLease     *lease)
{
  QnetSocketProxy *socket_proxy = qnet_abstract_socket_ensure_proxy (self);
  QnetIODevicePrivate *device = qnet_io_device_get_private (QNET_IO_DEVICE (self));

  qnet_abstract_socket_drop_relay (self);
  socket_proxy->relay = qnet_datagram_relay_new (&device->wait_set, relay_ended_cb, self,
                                                 lease->proxy, lease->control);
  lease->control = -1;
  qnet_relay_lease_free (lease);
}

void
qnet_abstract_socket_drop_relay (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (priv->proxy != NULL)
    g_clear_pointer (&priv->proxy->relay, qnet_datagram_relay_free);
}

QnetDatagramRelay *
qnet_abstract_socket_get_relay (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  return priv->proxy != NULL ? priv->proxy->relay : NULL;
}

gboolean
qnet_abstract_socket_is_relayed (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  return priv->proxy != NULL && (priv->proxy->relay != NULL || priv->proxy->relaying != NULL);
}

gboolean
qnet_abstract_socket_check_relaying (QnetAbstractSocket  *self,
                                     const char          *what,
                                     GError             **error)
{
  const QnetIODeviceHooks *hooks = QNET_IO_DEVICE_GET_CLASS (self)->hooks;
  const char *option = qnet_socket_options_find_unrelayed (qnet_abstract_socket_get_private (self)->options);

  if (option != NULL)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      /* Translators: what could not be done, as in "Could not bind to 127.0.0.1 port 80", and a name as in the API */
                      _("%s: the socket option %s cannot be used through a proxy"), what, option);
      return FALSE;
    }

  return hooks->check_relaying == NULL || hooks->check_relaying (QNET_IO_DEVICE (self), what, error);
}

/* Connecting */

static int
make_descriptor (QnetAbstractSocket  *self,
                 QnetRelayLease      *lease,
                 int                  family,
                 GError             **error)
{
  int fd = qnet_sys_socket (family, SOCK_DGRAM, 0);

  if (fd < 0)
    set_error_of_lease (lease, error, errno);
  else if (!qnet_abstract_socket_configure (self, fd, family, error))
    qnet_clear_fd (&fd);

  return fd;
}

static int
open_descriptor (QnetAbstractSocket  *self,
                 QnetRelayLease      *lease,
                 GError             **error)
{
  QnetSocketProxy *socket_proxy = qnet_abstract_socket_ensure_proxy (self);
  gboolean is_ipv4 = qnet_host_address_get_protocol (lease->address) == QNET_NETWORK_LAYER_PROTOCOL_IPV4;
  int fd = socket_proxy->bound_fd;

  socket_proxy->bound_fd = -1;
  if (fd < 0)
    fd = make_descriptor (self, lease, is_ipv4 ? AF_INET : AF_INET6, error);

  if (fd >= 0 && !qnet_relay_lease_connect (lease, fd, error))
    qnet_clear_fd (&fd);

  return fd;
}

/* What it has before take_connection() drops the tunnel, and what the tunnel knows, with it. */
static void
attach_with_peer (QnetAbstractSocket *self,
                  QnetRelayLease     *lease,
                  QnetHostAddress    *target)
{
  QnetSocketProxy *socket_proxy = qnet_abstract_socket_ensure_proxy (self);

  qnet_abstract_socket_attach_relay (self, lease);
  qnet_datagram_relay_set_peer (socket_proxy->relay, socket_proxy->peer_host, target,
                                qnet_abstract_socket_get_private (self)->target_port);
}

void
qnet_abstract_socket_take_relay (QnetAbstractSocket *self,
                                 int                 control,
                                 QnetHostAddress    *relay,
                                 guint16             port)
{
  QnetSocketProxy *socket_proxy = qnet_abstract_socket_ensure_proxy (self);
  QnetHostAddress *target = qnet_tunnel_get_target (socket_proxy->tunnel);
  g_autoptr(QnetHostAddress) known = target != NULL ? qnet_host_address_ref (target)
                                                    : qnet_host_address_new_null ();
  QnetRelayLease *lease = relay_lease_new (self, socket_proxy->relaying, control);
  GError *error = NULL;
  int fd;

  lease->address = qnet_host_address_ref (relay);
  lease->port = port;
  fd = open_descriptor (self, lease, &error);

  if (fd < 0)
    {
      qnet_relay_lease_free (lease);
      qnet_connection_give_up (connection_of (self), error);
      return;
    }

  attach_with_peer (self, lease, target);
  qnet_abstract_socket_take_connection (self, fd, known);
}
