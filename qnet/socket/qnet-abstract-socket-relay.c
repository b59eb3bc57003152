/* qnet-abstract-socket-relay.c: datagrams through a proxy: to a relay, and its end
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "connection/qnet-datagram-message-private.h"
#include "proxy/qnet-network-proxy-private.h"
#include "socket/qnet-abstract-socket-proxy-private.h"

/* A relay that is not in use yet. */
struct _QnetRelayLease
{
  QnetNetworkProxy *proxy;    /* (owned) */
  int               control;  /* (owned): -1 until there is one */
  QnetHostAddress  *address;  /* (owned) (nullable): where it is */
  guint16           port;
};

/* A relay that the proxy is asked for. */
struct _QnetRelayRequest
{
  QnetAbstractSocket   *socket;     /* (not owned) */
  QnetRelayRequestFunc  ended;
  gpointer              user_data;
  gboolean              may_hold;   /* a handler may respond later: a loop runs meanwhile */
  QnetWaitSet           set;        /* its own: a blocking call waits for the request alone */
  QnetTunnel           *tunnel;     /* (owned) */
  QnetRelayLease       *lease;      /* (owned) (nullable): NULL once it has ended */
};

static QnetRelayLease *
relay_lease_new (QnetNetworkProxy *proxy,
                 int               control)
{
  QnetRelayLease *lease = g_new0 (QnetRelayLease, 1);

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
  g_free (lease);
}

/* Requesting a relay */

static void
asked_cb (QnetTunnel        *tunnel,
          gpointer           owner,
          QnetNetworkProxy  *proxy,
          QnetAuthenticator *authenticator)
{
  QnetRelayRequest *self = owner;
  gboolean may_hold = self->may_hold;

  qnet_abstract_socket_emit_proxy_authentication_required (self->socket, proxy, authenticator);

  /* In a blocking call nothing could resume the authenticator later. */
  if (!may_hold)
    qnet_authenticator_resume (authenticator);
}

static void
opened_cb (QnetTunnel      *tunnel,
           gpointer         owner,
           int              fd,
           QnetHostAddress *address,
           guint16          port)
{
  QnetRelayRequest *self = owner;
  QnetRelayLease *lease = g_steal_pointer (&self->lease);

  lease->control = fd;
  lease->address = qnet_host_address_ref (address);
  lease->port = port;
  self->ended (self->socket, lease, NULL, self->user_data);
}

static void
failed_cb (QnetTunnel *tunnel,
           gpointer    owner,
           GError     *error)
{
  QnetRelayRequest *self = owner;

  self->ended (self->socket, NULL, error, self->user_data);
}

static const QnetTunnelFuncs request_funcs = {
  .asked  = asked_cb,
  .opened = opened_cb,
  .failed = failed_cb,
};

static void
start_tunnel (QnetRelayRequest *self)
{
  g_autoptr(QnetHostAddress) anywhere =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);
  QnetSocket *socket = QNET_SOCKET (self->socket);
  const QnetTunnelRequest request = {
    .proxy           = self->lease->proxy,
    .command         = QNET_PROXY_COMMAND_ASSOCIATE,
    .address         = anywhere,
    .protocol        = QNET_NETWORK_LAYER_PROTOCOL_ANY_IP,
    .can_ask         = qnet_abstract_socket_answers_proxies (self->socket),
    .bound_fd        = -1,
    .lookup_timeout  = qnet_socket_get_timing (socket, QNET_TIMING_LOOKUP_TIMEOUT),
    .connect_timeout = qnet_socket_get_timing (socket, QNET_TIMING_CONNECT_TIMEOUT),
    .attempt_delay   = qnet_socket_get_timing (socket, QNET_TIMING_ATTEMPT_DELAY),
  };

  self->tunnel = qnet_tunnel_new (&self->set, &request_funcs, self, &request);
  qnet_tunnel_start (self->tunnel);
}

static QnetRelayRequest *
relay_request_new (QnetAbstractSocket   *socket,
                   QnetNetworkProxy     *proxy,
                   gboolean              may_hold,
                   QnetRelayRequestFunc  ended,
                   gpointer              user_data)
{
  QnetRelayRequest *self = g_new0 (QnetRelayRequest, 1);
  QnetReactor *reactor = qnet_reactor_get ();

  self->socket = socket;
  self->ended = ended;
  self->user_data = user_data;
  self->may_hold = may_hold;
  self->lease = relay_lease_new (proxy, -1);
  qnet_wait_set_init (&self->set, reactor);
  qnet_reactor_unref (reactor);
  start_tunnel (self);

  return self;
}

QnetRelayRequest *
qnet_abstract_socket_request_relay (QnetAbstractSocket   *self,
                                    QnetNetworkProxy     *proxy,
                                    QnetRelayRequestFunc  ended,
                                    gpointer              user_data)
{
  return relay_request_new (self, proxy, TRUE, ended, user_data);
}

void
qnet_relay_request_free (QnetRelayRequest *self)
{
  qnet_tunnel_free (self->tunnel);
  qnet_wait_set_clear (&self->set);
  g_clear_pointer (&self->lease, qnet_relay_lease_free);
  g_free (self);
}

/* Blocking */

typedef struct
{
  QnetRelayLease *lease;  /* (owned) (nullable) */
  GError         *error;  /* (owned) (nullable) */
} Outcome;

static void
note_outcome (QnetAbstractSocket *self,
              QnetRelayLease     *lease,
              GError             *error,
              gpointer            user_data)
{
  *(Outcome *) user_data = (Outcome) { lease, error };
}

static void
take_step (QnetRelayRequest *request,
           Outcome          *outcome)
{
  GError *error = qnet_wait_set_step_unlimited (&request->set,
                                                _("Could not bind: The call was interrupted"),
                                                _("Could not bind: The proxy cannot respond now"));

  if (error != NULL)
    outcome->error = error;
}

QnetRelayLease *
qnet_abstract_socket_lease_relay (QnetAbstractSocket  *self,
                                  QnetNetworkProxy    *proxy,
                                  GError             **error)
{
  Outcome outcome = { NULL, NULL };
  QnetRelayRequest *request = relay_request_new (self, proxy, FALSE, note_outcome, &outcome);

  while (outcome.lease == NULL && outcome.error == NULL)
    take_step (request, &outcome);

  qnet_relay_request_free (request);

  if (outcome.error != NULL)
    g_propagate_error (error, outcome.error);

  return outcome.lease;
}

/* Using a relay */

static void
set_error_of_lease (QnetRelayLease  *lease,
                    GError         **error,
                    int              error_number)
{
  g_autofree char *proxy = qnet_network_proxy_to_display (lease->proxy);

  qnet_set_error (error, qnet_socket_error_code_from_errno (error_number),
                  _("Could not exchange datagrams through the SOCKS5 proxy %s: %s"),
                  proxy, g_strerror (error_number));
}

static void
set_error_of_family (QnetRelayLease  *lease,
                     GError         **error)
{
  g_autofree char *proxy = qnet_network_proxy_to_display (lease->proxy);

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not exchange datagrams through the SOCKS5 proxy %s: The proxy receives "
                    "datagrams at an IPv6 address, but the socket is bound to an IPv4 address"),
                  proxy);
}

gboolean
qnet_relay_lease_connect (QnetRelayLease  *lease,
                          int              fd,
                          GError         **error)
{
  struct sockaddr_storage native;
  int family = qnet_sys_get_family (fd);
  socklen_t size = qnet_message_to_native (lease->address, lease->port, family, &native);

  if (size == 0)
    set_error_of_family (lease, error);
  else if (qnet_sys_connect (fd, (struct sockaddr *) &native, size) == 0)
    return TRUE;
  else
    set_error_of_lease (lease, error, errno);

  return FALSE;
}

/* The relay ends with the connection to the proxy, and so does the use of the socket. */
static void
relay_ended_cb (gpointer  owner,
                GError   *error)
{
  QnetAbstractSocket *self = owner;
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);

  if (qnet_socket_get_state (QNET_SOCKET (self)) == QNET_SOCKET_STATE_BOUND)
    qnet_socket_give_up (QNET_SOCKET (self), error);
  else
    qnet_socket_break (QNET_SOCKET (self), error);
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
                                     GError             **error)
{
  const char *option =
    qnet_socket_options_find_unrelayed (qnet_abstract_socket_get_private (self)->options);

  if (option != NULL)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("The socket option %s cannot be used through a proxy"), option);
      return FALSE;
    }

  return qnet_socket_get_functions (QNET_SOCKET (self))
    ->check_relaying (QNET_SOCKET (self), error);
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
  gboolean is_ipv4 = qnet_host_address_get_protocol (lease->address)
                     == QNET_NETWORK_LAYER_PROTOCOL_IPV4;
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
  QnetRelayLease *lease = relay_lease_new (socket_proxy->relaying, control);
  GError *error = NULL;
  int fd;

  lease->address = qnet_host_address_ref (relay);
  lease->port = port;
  fd = open_descriptor (self, lease, &error);

  if (fd < 0)
    {
      qnet_relay_lease_free (lease);
      qnet_socket_give_up (QNET_SOCKET (self), error);
      return;
    }

  attach_with_peer (self, lease, target);
  qnet_abstract_socket_take_connection (self, fd, known);
}
