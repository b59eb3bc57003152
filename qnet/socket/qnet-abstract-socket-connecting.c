/* qnet-abstract-socket-connecting.c: from a name or an address to a connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "address/qnet-host-address-private.h"
#include "address/qnet-host-name-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "socket/qnet-abstract-socket-private.h"

/* Called by the connector, or by the tunnel through a proxy */

/* Without a name to look up the state is CONNECTING from the start. */
void
qnet_abstract_socket_found (QnetAbstractSocket *self,
                            gboolean            is_known)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (QNET_SOCKET (self));
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  guint serial = priv->serial;

  if (priv->state == QNET_SOCKET_STATE_HOST_LOOKUP)
    qnet_socket_change_state (QNET_SOCKET (self), QNET_SOCKET_STATE_CONNECTING);
  if (is_known && qnet_socket_is_still (QNET_SOCKET (self), serial, QNET_SOCKET_STATE_CONNECTING))
    qnet_abstract_socket_emit_host_found (self);
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

  qnet_socket_begin_change (QNET_SOCKET (self));
  priv->peer_address = qnet_host_address_ref (address);  /* it belongs to the connector */
  priv->peer_port = priv->target_port;
  qnet_abstract_socket_drop_connector (self);
  qnet_abstract_socket_drop_sequence (self);
  qnet_abstract_socket_forget_local_address (self);  /* connect() replaces Any */
  if (priv->options_are_late)
    (void) qnet_socket_options_apply (priv->options, fd, AF_UNSPEC, priv->socket_type, NULL);

  qnet_socket_established (QNET_SOCKET (self), fd);
}

/* The host that has failed may be one of several. */
void
qnet_abstract_socket_fail_to_connect (QnetAbstractSocket *self,
                                      GError             *error)
{
  if (!qnet_abstract_socket_try_next_host (self, error))
    qnet_socket_give_up (QNET_SOCKET (self), error);
}

static void
found_cb (QnetConnector *connector,
          gpointer       owner)
{
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (owner), G_STRFUNC);

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

static void
attempt_cb (QnetConnector    *connector,
            gpointer          owner,
            QnetHostAddress  *address,
            QnetAttemptState  state,
            const GError     *error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (owner);
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (owner);
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (owner), G_STRFUNC);

  qnet_abstract_socket_emit_attempt (owner, address, priv->target_port, state, error);
}

static gboolean
is_unspecified (QnetHostAddress *address)
{
  return qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY)
         || qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY_IPV4)
         || qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY_IPV6);
}

/* (transfer full): connecting to 0.0.0.0 or :: connects to this machine, through an address that
 * the system chooses. */
static QnetHostAddress *
get_real_address (int              fd,
                  QnetHostAddress *address)
{
  struct sockaddr_storage native;
  socklen_t size = sizeof native;

  if (!is_unspecified (address)
      || qnet_sys_getpeername (fd, (struct sockaddr *) &native, &size) != 0)
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
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (owner), G_STRFUNC);

  qnet_abstract_socket_take_connection (owner, fd, real);
}

static void
failed_cb (QnetConnector *connector,
           gpointer       owner,
           GError        *error)
{
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (owner), G_STRFUNC);

  qnet_abstract_socket_fail_to_connect (owner, error);
}

static const QnetConnectorFuncs connector_funcs = {
  .found     = found_cb,
  .configure = configure_cb,
  .attempt   = attempt_cb,
  .connected = connected_cb,
  .failed    = failed_cb,
};

void
qnet_abstract_socket_begin (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  qnet_socket_begin (QNET_SOCKET (self));
  g_clear_pointer (&priv->peer_name, g_free);
}

gboolean
qnet_abstract_socket_may_connect (QnetAbstractSocket  *self,
                                  GError             **error)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (QNET_SOCKET (self));

  if (priv->state == QNET_SOCKET_STATE_BOUND
      && !qnet_io_device_is_closing (qnet_socket_get_device (QNET_SOCKET (self))))
    return TRUE;

  return qnet_socket_can_begin (QNET_SOCKET (self), error);
}

/* The use that began with bind() continues; a layer that the class has added starts again. */
static void
begin_bound (QnetAbstractSocket *self)
{
  qnet_socket_stop_deadline (QNET_SOCKET (self));  /* of the idle socket */
  qnet_abstract_socket_remember_addresses (self);  /* before the connector takes the descriptor */
  qnet_io_device_take_error (QNET_IO_DEVICE (self), NULL);
  QNET_IO_DEVICE_GET_CLASS (self)->priv->began (QNET_IO_DEVICE (self));
}

/* @refusal (transfer full) (nullable): why no proxy could be chosen. */
static void
start_connector (QnetAbstractSocket         *self,
                 const QnetConnectorRequest *request,
                 QnetNetworkProxy           *proxy,
                 GError                     *refusal)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  qnet_abstract_socket_drop_relay (self);  /* that of bind() */

  if (proxy != NULL || refusal != NULL)
    {
      qnet_abstract_socket_start_tunnel (self, request, proxy, refusal);
      return;
    }

  priv->connector =
    qnet_connector_new (&qnet_socket_get_device (QNET_SOCKET (self))->wait_set, &connector_funcs,
                        self, request);
  qnet_connector_start (priv->connector);
}

/* A name may be looked up here, or only by the proxy. */
static gboolean
is_looking_up (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  return priv->connector != NULL ? qnet_connector_is_looking_up (priv->connector)
                                 : qnet_abstract_socket_tunnel_is_looking_up (self);
}

void
qnet_abstract_socket_begin_connecting (QnetAbstractSocket *self,
                                       const char         *host,
                                       guint16             port,
                                       QnetOpenMode        open_mode)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  g_autofree char *name = g_strdup (host);  /* @host may be the peer_name */

  qnet_socket_begin_change (QNET_SOCKET (self));
  if (qnet_socket_get_private (QNET_SOCKET (self))->state == QNET_SOCKET_STATE_BOUND)
    begin_bound (self);
  else
    qnet_abstract_socket_begin (self);

  priv->peer_name = g_steal_pointer (&name);
  priv->target_port = port;
  priv->options_are_late = FALSE;
  qnet_io_device_set_open_mode (QNET_IO_DEVICE (self), open_mode);
}

static void
fill_request (QnetAbstractSocket   *self,
              QnetConnectorRequest *request)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetSocket *socket = QNET_SOCKET (self);

  request->type = priv->socket_type;
  request->bound_fd = qnet_abstract_socket_take_bound_fd (self);
  request->lookup_timeout = qnet_socket_get_timing (socket, QNET_TIMING_LOOKUP_TIMEOUT);
  request->connect_timeout = qnet_socket_get_timing (socket, QNET_TIMING_CONNECT_TIMEOUT);
  request->attempt_delay = qnet_socket_get_timing (socket, QNET_TIMING_ATTEMPT_DELAY);
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
  QnetConnectorRequest request = { .address = address, .port = port, .protocol = protocol };

  qnet_abstract_socket_begin_connecting (self, host, port, open_mode);
  request.host = qnet_abstract_socket_get_private (self)->peer_name;
  fill_request (self, &request);
  start_connector (self, &request, proxy, refusal);
  qnet_socket_end_change (QNET_SOCKET (self), is_looking_up (self) ? QNET_SOCKET_STATE_HOST_LOOKUP
                                                                   : QNET_SOCKET_STATE_CONNECTING);
}

void
qnet_abstract_socket_continue_connecting (QnetAbstractSocket *self,
                                          const char         *host,
                                          guint16             port,
                                          QnetNetworkProxy   *proxy,
                                          GError             *refusal)
{
  QnetConnectorRequest request = {
    .host = host, .port = port, .protocol = QNET_NETWORK_LAYER_PROTOCOL_ANY_IP,
  };

  qnet_abstract_socket_get_private (self)->target_port = port;
  fill_request (self, &request);
  start_connector (self, &request, proxy, refusal);
}

static void
refuse_to_connect (QnetAbstractSocket *self,
                   const char         *host,
                   guint16             port,
                   GError             *error)  /* (transfer full): the reason */
{
  g_autofree char *target = qnet_host_name_to_display (host, port);

  qnet_prefix_error (&error, _("Could not connect to %s"), target);
  qnet_socket_refuse (QNET_SOCKET (self), error);
}

static void
connect_or_refuse (QnetAbstractSocket       *self,
                   const char               *host,
                   QnetHostAddress          *address,
                   guint16                   port,
                   QnetOpenMode              open_mode,
                   QnetNetworkLayerProtocol  protocol)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  GError *refusal = NULL;
  GError *error = NULL;

  qnet_abstract_socket_choose_proxy (self, host, port, &proxy, &refusal);  /* may call a factory */

  if (qnet_abstract_socket_may_connect (self, &error))
    start_connecting (self, host, address, port, open_mode, protocol, proxy, refusal);
  else
    {
      g_clear_error (&refusal);
      refuse_to_connect (self, host, port, error);
    }
}

void
qnet_abstract_socket_connect_by_proxy (QnetAbstractSocket *self,
                                       const char         *host,
                                       guint16             port,
                                       QnetNetworkProxy   *proxy)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  GError *error = NULL;

  if (qnet_abstract_socket_may_connect (self, &error))
    start_connecting (self, host, NULL, port, QNET_OPEN_MODE_READ_WRITE,
                      QNET_NETWORK_LAYER_PROTOCOL_ANY_IP, proxy, NULL);
  else
    refuse_to_connect (self, host, port, error);
}

void
qnet_abstract_socket_real_connect_to_host_full (QnetAbstractSocket       *self,
                                                const char               *host,
                                                guint16                   port,
                                                QnetOpenMode              open_mode,
                                                QnetNetworkLayerProtocol  protocol)
{
  connect_or_refuse (self, host, NULL, port, open_mode, protocol);
}

/* A subclass takes hosts as names only. */
gboolean
qnet_abstract_socket_has_own_transport (QnetAbstractSocket *self)
{
  return QNET_ABSTRACT_SOCKET_GET_CLASS (self)->connect_to_host_full
         != qnet_abstract_socket_real_connect_to_host_full;
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
 * It returns at once. [property@Socket:state] changes to
 * [QNET_SOCKET_STATE_HOST_LOOKUP][enum@SocketState] and
 * [QNET_SOCKET_STATE_CONNECTING][enum@SocketState] to
 * [QNET_SOCKET_STATE_CONNECTED][enum@SocketState], and [signal@Socket::connected] is
 * emitted; or it changes back to [QNET_SOCKET_STATE_UNCONNECTED][enum@SocketState], and
 * [signal@Socket::error-occurred] has the reason. What is written meanwhile is sent once the
 * connection is established.
 *
 * Several addresses of one name race each other as RFC 8305 describes. IPv6 and IPv4 addresses are
 * asked for separately: those that are found first are tried first, and the others join the race.
 * IPv4 addresses that are found before the IPv6 ones wait for them, for 50 ms at most. If both are
 * there, RFC 6724 decides which come first; the address that was last connected to precedes all
 * others. [signal@AbstractSocket::attempt] reports each of them, and the error of a connection that
 * fails lists all that were tried.
 *
 * The text of an address is not looked up: the state is
 * [QNET_SOCKET_STATE_CONNECTING][enum@SocketState] at once, and, without a proxy,
 * connect() is called before this returns, so that a server in the same thread can wait for the
 * connection. It is still reported in a later turn of the loop, or inside a wait.
 *
 * The signals come from the [struct@GLib.MainContext] that is the thread default now. From
 * [QNET_SOCKET_STATE_BOUND][enum@SocketState] the local address and the context are kept. While the
 * socket is in use the call is refused by [signal@Socket::error-occurred] with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError], and the current connection is not affected.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_host (QnetAbstractSocket *self,
                                      const char         *host,
                                      guint16             port)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  QNET_IO_BRIEF_STAY (self);

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
  QNET_IO_STAY (self);

  QNET_ABSTRACT_SOCKET_GET_CLASS (self)->connect_to_host_full (self, host, port, open_mode,
                                                               protocol);
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
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  QNET_IO_BRIEF_STAY (self);

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
  QNET_IO_STAY (self);

  text = qnet_host_address_to_string (address);

  if (qnet_abstract_socket_has_own_transport (self))
    qnet_abstract_socket_connect_to_host_full (self, text, port, open_mode,
                                               QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
  else
    connect_or_refuse (self, text, address, port, open_mode, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
}

/* Timeouts */

/**
 * qnet_abstract_socket_get_lookup_timeout:
 * @self: a socket
 *
 * Gets how many milliseconds looking up a name may take.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
int
qnet_abstract_socket_get_lookup_timeout (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  return qnet_socket_get_timing (QNET_SOCKET (self), QNET_TIMING_LOOKUP_TIMEOUT);
}

/**
 * qnet_abstract_socket_set_lookup_timeout:
 * @self: a socket
 * @msecs: milliseconds, see [property@AbstractSocket:lookup-timeout]
 *
 * Sets how many milliseconds looking up a name may take.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_lookup_timeout (QnetAbstractSocket *self,
                                         int                 msecs)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (msecs >= 0);
  QNET_IO_STAY (self);

  qnet_socket_set_timing (QNET_SOCKET (self), QNET_TIMING_LOOKUP_TIMEOUT, msecs, "lookup-timeout");
}

/**
 * qnet_abstract_socket_get_connection_attempt_delay:
 * @self: a socket
 *
 * Gets after how many milliseconds without an answer the next address of a host is tried as well.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
int
qnet_abstract_socket_get_connection_attempt_delay (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  return qnet_socket_get_timing (QNET_SOCKET (self), QNET_TIMING_ATTEMPT_DELAY);
}

/**
 * qnet_abstract_socket_set_connection_attempt_delay:
 * @self: a socket
 * @msecs: milliseconds, see [property@AbstractSocket:connection-attempt-delay]
 *
 * Sets after how many milliseconds without an answer the next address of a host is tried as well.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_connection_attempt_delay (QnetAbstractSocket *self,
                                                   int                 msecs)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (msecs >= 0);
  QNET_IO_STAY (self);

  qnet_socket_set_timing (QNET_SOCKET (self), QNET_TIMING_ATTEMPT_DELAY, msecs,
                          "connection-attempt-delay");
}

/**
 * qnet_abstract_socket_disconnect_from_host:
 * @self: a socket
 *
 * Closes the connection once all that was written has been sent: another name for
 * [method@Socket.disconnect_from_peer].
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_disconnect_from_host (QnetAbstractSocket *self)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  QNET_IO_BRIEF_STAY (self);

  qnet_socket_disconnect_from_peer (QNET_SOCKET (self));
}
