/* qnet-abstract-socket-connecting.c: from a name or an address to a connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "address/qnet-host-address-private.h"
#include "address/qnet-host-name-private.h"
#include "engine/qnet-syscall-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-abstract-socket-private.h"

static QnetIODevicePrivate *
get_device (QnetAbstractSocket *self)
{
  return qnet_io_device_get_private (QNET_IO_DEVICE (self));
}

/* What the connector, or the tunnel through a proxy, reports */

/* Without a name to look up the state is CONNECTING from the start. */
void
qnet_abstract_socket_found (QnetAbstractSocket *self,
                            gboolean            is_known)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  guint serial = priv->connection.serial;

  g_object_ref (self);

  if (priv->connection.state == QNET_SOCKET_STATE_HOST_LOOKUP)
    qnet_connection_set_state (&priv->connection, QNET_SOCKET_STATE_CONNECTING);
  if (is_known && qnet_connection_is_still (&priv->connection, serial, QNET_SOCKET_STATE_CONNECTING))
    qnet_abstract_socket_emit_host_found (self);

  g_object_unref (self);
}

gboolean
qnet_abstract_socket_configure (QnetAbstractSocket  *self,
                                int                  fd,
                                int                  family,
                                GError             **error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  return qnet_socket_options_apply (priv->options, fd, family, priv->socket_type, error);
}

void
qnet_abstract_socket_take_connection (QnetAbstractSocket *self,
                                      int                 fd,
                                      QnetHostAddress    *address)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  qnet_connection_begin_change (&priv->connection);
  priv->peer_address = qnet_host_address_ref (address);  /* it is the connector's */
  priv->peer_port = priv->target_port;
  qnet_abstract_socket_drop_connector (self);
  qnet_abstract_socket_forget_local_address (self);  /* bound to Any, it is a real one now */
  if (priv->options_are_late)
    (void) qnet_socket_options_apply (priv->options, fd, AF_UNSPEC, priv->socket_type, NULL);

  qnet_connection_established (&priv->connection, fd);
}

static void
found_cb (QnetConnector *connector,
          gpointer       owner)
{
  qnet_abstract_socket_found (owner, TRUE);
}

static gboolean
configure_cb (QnetConnector  *connector,
              gpointer        owner,
              int             fd,
              int             family,
              GError        **error)
{
  return qnet_abstract_socket_configure (owner, fd, family, error);
}

static gboolean
is_unspecified (QnetHostAddress *address)
{
  return qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY)
         || qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY_IPV4)
         || qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY_IPV6);
}

/* (transfer full): to connect to 0.0.0.0 or :: is to connect to this machine, by an address that the system knows. */
static QnetHostAddress *
get_real_address (int              fd,
                  QnetHostAddress *address)
{
  struct sockaddr_storage native;
  socklen_t size = sizeof native;

  if (!is_unspecified (address) || getpeername (fd, (struct sockaddr *) &native, &size) != 0)
    return qnet_host_address_ref (address);

  return qnet_host_address_take_native (&native, TRUE, NULL);
}

static void
connected_cb (QnetConnector   *connector,
              gpointer         owner,
              int              fd,
              QnetHostAddress *address)
{
  g_autoptr(QnetHostAddress) real = get_real_address (fd, address);

  qnet_abstract_socket_take_connection (owner, fd, real);
}

static void
failed_cb (QnetConnector *connector,
           gpointer       owner,
           GError        *error)
{
  qnet_connection_give_up (&qnet_abstract_socket_get_private (owner)->connection, error);
}

static const QnetConnectorFuncs connector_funcs = {
  .found     = found_cb,
  .configure = configure_cb,
  .connected = connected_cb,
  .failed    = failed_cb,
};

void
qnet_abstract_socket_begin (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  qnet_connection_begin (&priv->connection);
  g_clear_pointer (&priv->peer_name, g_free);
}

static gboolean
may_connect (QnetAbstractSocket  *self,
             GError             **error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (priv->connection.state == QNET_SOCKET_STATE_BOUND && !get_device (self)->is_closing)
    return TRUE;

  return qnet_connection_can_begin (&priv->connection, error);
}

/* The use that bind() has begun goes on; what a class has put on top of it begins anew. */
static void
begin_bound (QnetAbstractSocket *self)
{
  qnet_abstract_socket_remember_addresses (self);  /* the connector takes the descriptor */
  const QnetIODeviceHooks *hooks = QNET_IO_DEVICE_GET_CLASS (self)->hooks;

  qnet_io_device_take_error (QNET_IO_DEVICE (self), NULL);
  if (hooks->began != NULL)
    hooks->began (QNET_IO_DEVICE (self));
}

static void
start_connector (QnetAbstractSocket         *self,
                 const QnetConnectorRequest *request,
                 QnetNetworkProxy           *proxy,     /* (nullable) */
                 GError                     *refusal)   /* (transfer full) (nullable): no proxy could be chosen */
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  qnet_abstract_socket_drop_relay (self);  /* that of bind() */

  if (proxy != NULL || refusal != NULL)
    {
      qnet_abstract_socket_start_tunnel (self, request, proxy, refusal);
      return;
    }

  priv->connector = qnet_connector_new (&get_device (self)->wait_set, &connector_funcs, self, request);
  qnet_connector_start (priv->connector);
}

/* A name may be looked up here, or by the proxy alone. */
static gboolean
is_looking_up (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  return priv->connector != NULL ? qnet_connector_is_looking_up (priv->connector)
                                 : qnet_abstract_socket_tunnel_is_looking_up (self);
}

static void
start_connecting (QnetAbstractSocket       *self,
                  const char               *host,
                  QnetHostAddress          *address,
                  guint16                   port,
                  QnetOpenMode              open_mode,
                  QnetNetworkLayerProtocol  protocol,
                  QnetNetworkProxy         *proxy,
                  GError                   *refusal)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetIODevice *device = QNET_IO_DEVICE (self);
  QnetConnectorRequest request = {
    .address         = address,
    .port            = port,
    .type            = priv->socket_type,
    .protocol        = protocol,
    .lookup_timeout  = qnet_connection_get_timing (&priv->connection, QNET_TIMING_LOOKUP_TIMEOUT),
    .connect_timeout = qnet_connection_get_timing (&priv->connection, QNET_TIMING_CONNECT_TIMEOUT),
    .attempt_delay   = qnet_connection_get_timing (&priv->connection, QNET_TIMING_ATTEMPT_DELAY),
  };
  g_autofree char *name = g_strdup (host);  /* @host may be our own peer_name */

  qnet_connection_begin_change (&priv->connection);
  if (priv->connection.state == QNET_SOCKET_STATE_BOUND)
    begin_bound (self);
  else
    qnet_abstract_socket_begin (self);

  priv->peer_name = g_steal_pointer (&name);
  priv->target_port = port;
  request.host = priv->peer_name;
  request.bound_fd = qnet_abstract_socket_take_bound_fd (self);
  priv->options_are_late = FALSE;

  qnet_io_device_set_open_mode (device, open_mode);
  start_connector (self, &request, proxy, refusal);
  qnet_connection_end_change (&priv->connection, is_looking_up (self) ? QNET_SOCKET_STATE_HOST_LOOKUP
                                                                      : QNET_SOCKET_STATE_CONNECTING);
}

static void
connect_or_refuse (QnetAbstractSocket       *self,
                   const char               *host,
                   QnetHostAddress          *address,
                   guint16                   port,
                   QnetOpenMode              open_mode,
                   QnetNetworkLayerProtocol  protocol)
{
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  GError *refusal = NULL;
  GError *error = NULL;

  g_object_ref (self);
  qnet_abstract_socket_choose_proxy (self, host, port, &proxy, &refusal);  /* may do anything to us */

  if (may_connect (self, &error))
    start_connecting (self, host, address, port, open_mode, protocol, proxy, refusal);
  else
    {
      g_autofree char *target = qnet_host_name_to_display (host, port);
      g_autofree char *what = g_strdup_printf (_("Could not connect to %s"), target);

      g_prefix_error (&error, "%s: ", what);
      g_clear_error (&refusal);
      qnet_connection_refuse (&qnet_abstract_socket_get_private (self)->connection, error);
    }

  g_object_unref (self);
}

/* Public API */

/**
 * qnet_abstract_socket_connect_to_host:
 * @self: a socket
 * @host: the name of a host, or an address
 * @port: the port, 0 to 65535
 *
 * Begins to connect to @port of @host, for reading and writing.
 *
 * It returns at once. [property@AbstractSocket:state] goes through
 * [QNET_SOCKET_STATE_HOST_LOOKUP][enum@SocketState] and
 * [QNET_SOCKET_STATE_CONNECTING][enum@SocketState] to
 * [QNET_SOCKET_STATE_CONNECTED][enum@SocketState], and [signal@AbstractSocket::connected] is
 * emitted; or it goes back to [QNET_SOCKET_STATE_UNCONNECTED][enum@SocketState], and
 * [signal@AbstractSocket::error-occurred] says why. What is written meanwhile is sent once the
 * connection is established. Several addresses of one name race each other as RFC 8305 describes.
 *
 * The text of an address is not looked up: the state is
 * [QNET_SOCKET_STATE_CONNECTING][enum@SocketState] at once, and, unless it goes through a proxy,
 * connect() is called before this returns, so that a server in the same thread can wait for the
 * connection. It is still reported in a later turn of the loop, or inside a wait.
 *
 * The signals come from the [struct@GLib.MainContext] that is the thread default now. From
 * [QNET_SOCKET_STATE_BOUND][enum@SocketState] the local address and the context are kept. While the
 * socket is in use the call is refused by [signal@AbstractSocket::error-occurred] with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError], and what runs goes on.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_host (QnetAbstractSocket *self,
                                      const char         *host,
                                      guint16             port)
{
  qnet_abstract_socket_connect_to_host_full (self, host, port,
                                             QNET_OPEN_MODE_READ_WRITE,
                                             QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
}

/**
 * qnet_abstract_socket_connect_to_host_full:
 * @self: a socket
 * @host: the name of a host, or an address
 * @port: the port, 0 to 65535
 * @open_mode: for reading, writing, or both
 * @protocol: which addresses of @host to use
 *
 * Begins to connect to @port of @host, as [method@AbstractSocket.connect_to_host] does.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_host_full (QnetAbstractSocket       *self,
                                           const char               *host,
                                           guint16                   port,
                                           QnetOpenMode              open_mode,
                                           QnetNetworkLayerProtocol  protocol)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (host != NULL);

  connect_or_refuse (self, host, NULL, port, open_mode, protocol);
}

/**
 * qnet_abstract_socket_connect_to_address:
 * @self: a socket
 * @address: the address of a host
 * @port: the port, 0 to 65535
 *
 * Begins to connect to @port of @address, as [method@AbstractSocket.connect_to_host] does.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_address (QnetAbstractSocket *self,
                                         QnetHostAddress    *address,
                                         guint16             port)
{
  qnet_abstract_socket_connect_to_address_full (self, address, port, QNET_OPEN_MODE_READ_WRITE);
}

/**
 * qnet_abstract_socket_connect_to_address_full:
 * @self: a socket
 * @address: the address of a host
 * @port: the port, 0 to 65535
 * @open_mode: for reading, writing, or both
 *
 * Begins to connect to @port of @address, as [method@AbstractSocket.connect_to_host] does.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_address_full (QnetAbstractSocket *self,
                                              QnetHostAddress    *address,
                                              guint16             port,
                                              QnetOpenMode        open_mode)
{
  g_autofree char *text = NULL;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (address != NULL);

  text = qnet_host_address_to_string (address);
  connect_or_refuse (self, text, address, port, open_mode, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
}
