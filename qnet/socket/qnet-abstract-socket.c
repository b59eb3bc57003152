/* qnet-abstract-socket.c: what TCP and UDP sockets have in common
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"
#include "socket/qnet-abstract-socket-private.h"

#include "base/qnet-error-private.h"

#include "device/qnet-io-lock-private.h"
#include "qnet-enum-types.h"

/**
 * QnetAbstractSocket:
 *
 * What TCP and UDP sockets have in common: connecting by name, binding, addresses, options,
 * proxies.
 *
 * [method@AbstractSocket.connect_to_host] looks up the name, connects, and
 * [signal@Socket::connected] is emitted. States, signals, errors and the end of a connection are
 * those of [class@Socket]; [method@AbstractSocket.disconnect_from_host] is Qt's name for
 * [method@Socket.disconnect_from_peer].
 *
 * Since: 1.0
 */

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (QnetAbstractSocket, qnet_abstract_socket, QNET_TYPE_SOCKET)

enum
{
  PROP_0,
  PROP_SOCKET_TYPE,
  PROP_LOCAL_ADDRESS,
  PROP_LOCAL_PORT,
  PROP_PEER_ADDRESS,
  PROP_PEER_PORT,
  PROP_PEER_NAME,
  PROP_PROXY,
  PROP_PROTOCOL_TAG,
  PROP_LOOKUP_TIMEOUT,
  PROP_CONNECTION_ATTEMPT_DELAY,
  PROP_KEEP_ALIVE_IDLE,
  PROP_KEEP_ALIVE_INTERVAL,
  PROP_KEEP_ALIVE_COUNT,
  PROP_USER_TIMEOUT,
  PROP_ROUND_TRIP_TIME,
  N_PROPS
};

enum
{
  SIGNAL_HOST_FOUND,
  SIGNAL_ATTEMPT,
  SIGNAL_PROXY_AUTHENTICATION_REQUIRED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint       signals[N_SIGNALS];

QnetAbstractSocketPrivate *
qnet_abstract_socket_get_private (QnetAbstractSocket *self)
{
  return qnet_abstract_socket_get_instance_private (self);
}

/* Emissions */

void
qnet_abstract_socket_emit_host_found (QnetAbstractSocket *self)
{
  if (!qnet_io_device_is_silent (qnet_socket_get_device (QNET_SOCKET (self))))
    qnet_io_device_emit (self, signals[SIGNAL_HOST_FOUND], 0);
}

void
qnet_abstract_socket_emit_attempt (QnetAbstractSocket *self,
                                   QnetHostAddress    *address,
                                   guint16             port,
                                   QnetAttemptState    state,
                                   const GError       *error)
{
  if (!qnet_io_device_is_silent (qnet_socket_get_device (QNET_SOCKET (self))))
    qnet_io_device_emit (self, signals[SIGNAL_ATTEMPT], 0, address, (guint) port, state, error);
}

void
qnet_abstract_socket_emit_proxy_authentication_required (QnetAbstractSocket *self,
                                                         QnetNetworkProxy   *proxy,
                                                         QnetAuthenticator  *authenticator)
{
  if (!qnet_io_device_is_silent (qnet_socket_get_device (QNET_SOCKET (self))))
    qnet_io_device_emit (self, signals[SIGNAL_PROXY_AUTHENTICATION_REQUIRED], 0, proxy,
                         authenticator);
}

gboolean
qnet_abstract_socket_answers_proxies (QnetAbstractSocket *self)
{
  return g_signal_has_handler_pending (self, signals[SIGNAL_PROXY_AUTHENTICATION_REQUIRED], 0,
                                       TRUE);
}

/* GObject */

static void
qnet_abstract_socket_finalize (GObject *object)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (object);
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_instance_private (self);

  qnet_abstract_socket_forget_addresses (self);
  g_clear_pointer (&priv->proxy, qnet_socket_proxy_free);
  g_clear_pointer (&priv->options, qnet_socket_options_free);
  g_clear_pointer (&priv->peer_name, g_free);

  G_OBJECT_CLASS (qnet_abstract_socket_parent_class)->finalize (object);
}

static void
qnet_abstract_socket_get_property (GObject    *object,
                                   guint       prop_id,
                                   GValue     *value,
                                   GParamSpec *pspec)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (object);

  switch (prop_id)
    {
    case PROP_SOCKET_TYPE:
      g_value_set_enum (value, qnet_abstract_socket_get_socket_type (self));
      break;
    case PROP_LOCAL_ADDRESS:
      g_value_take_boxed (value, qnet_abstract_socket_get_local_address (self));
      break;
    case PROP_LOCAL_PORT:
      g_value_set_uint (value, qnet_abstract_socket_get_local_port (self));
      break;
    case PROP_PEER_ADDRESS:
      g_value_take_boxed (value, qnet_abstract_socket_get_peer_address (self));
      break;
    case PROP_PEER_PORT:
      g_value_set_uint (value, qnet_abstract_socket_get_peer_port (self));
      break;
    case PROP_PEER_NAME:
      g_value_set_string (value, qnet_abstract_socket_get_peer_name (self));
      break;
    case PROP_PROXY:
      g_value_take_boxed (value, qnet_abstract_socket_get_proxy (self));
      break;
    case PROP_PROTOCOL_TAG:
      g_value_set_string (value, qnet_abstract_socket_get_protocol_tag (self));
      break;
    case PROP_LOOKUP_TIMEOUT:
      g_value_set_int (value, qnet_abstract_socket_get_lookup_timeout (self));
      break;
    case PROP_CONNECTION_ATTEMPT_DELAY:
      g_value_set_int (value, qnet_abstract_socket_get_connection_attempt_delay (self));
      break;
    case PROP_KEEP_ALIVE_IDLE:
      g_value_set_int (value, qnet_abstract_socket_get_keep_alive_idle (self));
      break;
    case PROP_KEEP_ALIVE_INTERVAL:
      g_value_set_int (value, qnet_abstract_socket_get_keep_alive_interval (self));
      break;
    case PROP_KEEP_ALIVE_COUNT:
      g_value_set_int (value, qnet_abstract_socket_get_keep_alive_count (self));
      break;
    case PROP_USER_TIMEOUT:
      g_value_set_int (value, qnet_abstract_socket_get_user_timeout (self));
      break;
    case PROP_ROUND_TRIP_TIME:
      g_value_set_int64 (value, qnet_abstract_socket_get_round_trip_time (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
qnet_abstract_socket_set_property (GObject      *object,
                                   guint         prop_id,
                                   const GValue *value,
                                   GParamSpec   *pspec)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (object);

  switch (prop_id)
    {
    case PROP_PROXY:
      qnet_abstract_socket_set_proxy (self, g_value_get_boxed (value));
      break;
    case PROP_PROTOCOL_TAG:
      qnet_abstract_socket_set_protocol_tag (self, g_value_get_string (value));
      break;
    case PROP_LOOKUP_TIMEOUT:
      qnet_abstract_socket_set_lookup_timeout (self, g_value_get_int (value));
      break;
    case PROP_CONNECTION_ATTEMPT_DELAY:
      qnet_abstract_socket_set_connection_attempt_delay (self, g_value_get_int (value));
      break;
    case PROP_KEEP_ALIVE_IDLE:
      qnet_abstract_socket_set_keep_alive_idle (self, g_value_get_int (value));
      break;
    case PROP_KEEP_ALIVE_INTERVAL:
      qnet_abstract_socket_set_keep_alive_interval (self, g_value_get_int (value));
      break;
    case PROP_KEEP_ALIVE_COUNT:
      qnet_abstract_socket_set_keep_alive_count (self, g_value_get_int (value));
      break;
    case PROP_USER_TIMEOUT:
      qnet_abstract_socket_set_user_timeout (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define READWRITE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
install_local_properties (void)
{
  /**
   * QnetAbstractSocket:socket-type:
   *
   * The transport protocol.
   *
   * Since: 1.0
   */
  props[PROP_SOCKET_TYPE] = g_param_spec_enum ("socket-type", NULL, NULL, QNET_TYPE_SOCKET_TYPE,
                                               QNET_SOCKET_TYPE_UNKNOWN, READABLE);

  /**
   * QnetAbstractSocket:local-address:
   *
   * The local address, Null while neither bound nor connected.
   *
   * Since: 1.0
   */
  props[PROP_LOCAL_ADDRESS] =
    g_param_spec_boxed ("local-address", NULL, NULL, QNET_TYPE_HOST_ADDRESS, READABLE);

  /**
   * QnetAbstractSocket:local-port:
   *
   * The local port, 0 while neither bound nor connected.
   *
   * Since: 1.0
   */
  props[PROP_LOCAL_PORT] =
    g_param_spec_uint ("local-port", NULL, NULL, 0, G_MAXUINT16, 0, READABLE);
}

static void
install_peer_properties (void)
{
  /**
   * QnetAbstractSocket:peer-address:
   *
   * The address of the peer, Null while not connected.
   *
   * At the end of a connection this and the other properties of its two ends keep their values
   * until the handlers of [signal@Socket::disconnected] have run; their notifications follow.
   *
   * Since: 1.0
   */
  props[PROP_PEER_ADDRESS] =
    g_param_spec_boxed ("peer-address", NULL, NULL, QNET_TYPE_HOST_ADDRESS, READABLE);

  /**
   * QnetAbstractSocket:peer-port:
   *
   * The port of the peer, 0 while not connected.
   *
   * Since: 1.0
   */
  props[PROP_PEER_PORT] =
    g_param_spec_uint ("peer-port", NULL, NULL, 0, G_MAXUINT16, 0, READABLE);

  /**
   * QnetAbstractSocket:peer-name:
   *
   * The name that was given to [method@AbstractSocket.connect_to_host], before it was looked up;
   * the text of the address that was given to [method@AbstractSocket.connect_to_address].
   *
   * It is kept until the next use of the socket.
   *
   * Since: 1.0
   */
  props[PROP_PEER_NAME] =
    g_param_spec_string ("peer-name", NULL, NULL, NULL, READABLE);
}

static void
install_proxy_properties (void)
{
  /**
   * QnetAbstractSocket:proxy:
   *
   * The proxy to connect through.
   *
   * The default has the type [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType]: the proxy of the
   * application is used, if there is one; see [func@NetworkProxyFactory.proxy_for_query]. With
   * [QNET_PROXY_TYPE_NONE][enum@ProxyType] the connection is direct. A change takes effect with the
   * next connection. It cannot be set to %NULL, the result of a failure to create a proxy.
   *
   * A proxy that can look up names receives the name of the host, and
   * [property@AbstractSocket:peer-address] remains Null. If the proxy fails, the connection fails:
   * it is never established without the proxy instead.
   *
   * The datagrams of a [class@UdpSocket] are sent through a SOCKS5 proxy, from
   * [method@AbstractSocket.bind] on, or once it is connected.
   *
   * Since: 1.0
   */
  props[PROP_PROXY] =
    g_param_spec_boxed ("proxy", NULL, NULL, QNET_TYPE_NETWORK_PROXY, READWRITE);

  /**
   * QnetAbstractSocket:protocol-tag:
   *
   * The protocol that will be used, such as `http`, for the choice of a
   * [class@NetworkProxyFactory].
   *
   * Since: 1.0
   */
  props[PROP_PROTOCOL_TAG] =
    g_param_spec_string ("protocol-tag", NULL, NULL, NULL, READWRITE);
}

static void
install_connecting_properties (void)
{
  /**
   * QnetAbstractSocket:lookup-timeout:
   *
   * The timeout of looking up a name, in milliseconds, 30000 by default; 0 for no limit.
   *
   * A change takes effect with the next connection.
   *
   * Since: 1.0
   */
  props[PROP_LOOKUP_TIMEOUT] =
    g_param_spec_int ("lookup-timeout", NULL, NULL, 0, G_MAXINT,
                      qnet_socket_default_timings[QNET_TIMING_LOOKUP_TIMEOUT], READWRITE);

  /**
   * QnetAbstractSocket:connection-attempt-delay:
   *
   * After how many milliseconds without an answer the next address of a host is tried as well, 250
   * by default (RFC 8305, section 5); 0 tries all of them at once.
   *
   * A change takes effect with the next connection.
   *
   * Since: 1.0
   */
  props[PROP_CONNECTION_ATTEMPT_DELAY] =
    g_param_spec_int ("connection-attempt-delay", NULL, NULL, 0, G_MAXINT,
                      qnet_socket_default_timings[QNET_TIMING_ATTEMPT_DELAY], READWRITE);
}

static void
install_keep_alive_properties (void)
{
  /**
   * QnetAbstractSocket:keep-alive-idle:
   *
   * After how many seconds without data the system begins to probe the peer (`TCP_KEEPIDLE`); 0 for
   * the default of the system.
   *
   * It has an effect if [QNET_SOCKET_OPTION_KEEP_ALIVE][enum@SocketOption] is set.
   *
   * Since: 1.0
   */
  props[PROP_KEEP_ALIVE_IDLE] =
    g_param_spec_int ("keep-alive-idle", NULL, NULL, 0, QNET_KEEP_ALIVE_MAX_SECONDS, 0, READWRITE);

  /**
   * QnetAbstractSocket:keep-alive-interval:
   *
   * The number of seconds between two probes (`TCP_KEEPINTVL`); 0 for the default of the system.
   *
   * It has an effect if [QNET_SOCKET_OPTION_KEEP_ALIVE][enum@SocketOption] is set.
   *
   * Since: 1.0
   */
  props[PROP_KEEP_ALIVE_INTERVAL] =
    g_param_spec_int ("keep-alive-interval", NULL, NULL, 0, QNET_KEEP_ALIVE_MAX_SECONDS, 0,
                      READWRITE);

  /**
   * QnetAbstractSocket:keep-alive-count:
   *
   * After how many probes without an answer the connection fails (`TCP_KEEPCNT`); 0 for the default
   * of the system.
   *
   * It has an effect if [QNET_SOCKET_OPTION_KEEP_ALIVE][enum@SocketOption] is set.
   *
   * Since: 1.0
   */
  props[PROP_KEEP_ALIVE_COUNT] =
    g_param_spec_int ("keep-alive-count", NULL, NULL, 0, QNET_KEEP_ALIVE_MAX_PROBES, 0, READWRITE);
}

static void
install_transmission_properties (void)
{
  /**
   * QnetAbstractSocket:user-timeout:
   *
   * How many milliseconds sent bytes may remain unacknowledged before the connection fails
   * (`TCP_USER_TIMEOUT`, RFC 5482); 0 for the default of the system.
   *
   * Since: 1.0
   */
  props[PROP_USER_TIMEOUT] =
    g_param_spec_int ("user-timeout", NULL, NULL, 0, G_MAXINT, 0, READWRITE);

  /**
   * QnetAbstractSocket:round-trip-time:
   *
   * The smoothed round-trip time to the peer, as estimated by the kernel, in microseconds; -1 while
   * it is not known. Changes are not notified.
   *
   * Since: 1.0
   */
  props[PROP_ROUND_TRIP_TIME] =
    g_param_spec_int64 ("round-trip-time", NULL, NULL, -1, G_MAXINT64, -1, READABLE);
}

static void
install_connecting_signals (void)
{
  /**
   * QnetAbstractSocket::host-found:
   * @self: the socket
   *
   * Addresses of the host are known; the socket is
   * [QNET_SOCKET_STATE_CONNECTING][enum@SocketState].
   *
   * IPv4 and IPv6 addresses are asked for separately. Those that are found later join the attempt
   * that is in progress.
   *
   * It is emitted once for each host that is tried, before [signal@Socket::connected], and not at
   * all where a proxy looks up the name.
   *
   * Since: 1.0
   */
  signals[SIGNAL_HOST_FOUND] =
    g_signal_new ("host-found", QNET_TYPE_ABSTRACT_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  /**
   * QnetAbstractSocket::attempt:
   * @self: the socket
   * @address: the address
   * @port: the port
   * @state: whether the attempt was started, has failed, or has won
   * @error: (nullable): why it has failed, else %NULL
   *
   * Reports an attempt to connect to one address of the host.
   *
   * Several addresses of a name race each other (RFC 8305). Each is reported when it is
   * [QNET_ATTEMPT_STARTED][enum@AttemptState]. It is reported as
   * [QNET_ATTEMPT_FAILED][enum@AttemptState] when it has failed; the message of @error names the
   * host, the address and the reason. The first that is connected is
   * [QNET_ATTEMPT_WON][enum@AttemptState]: the attempts that are still in progress end without
   * another report, and [signal@Socket::connected] follows. If all have failed, the next host of a
   * service follows, or [signal@Socket::error-occurred] with an error that lists them. Attempts in
   * progress when the timeout is over, or when the socket is aborted, are not reported again.
   *
   * It is emitted between [signal@AbstractSocket::host-found] and the end of connecting, in the
   * order in which it happens. Where a proxy makes the connection it is not emitted. A handler may
   * do anything, as that of any other signal, also abort the connection.
   *
   * Since: 1.0
   */
  signals[SIGNAL_ATTEMPT] =
    g_signal_new ("attempt", QNET_TYPE_ABSTRACT_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 4, QNET_TYPE_HOST_ADDRESS, G_TYPE_UINT, QNET_TYPE_ATTEMPT_STATE,
                  G_TYPE_ERROR);
}

static void
install_proxy_signals (void)
{
  /**
   * QnetAbstractSocket::proxy-authentication-required:
   * @self: the socket
   * @proxy: the proxy
   * @authenticator: takes the answer
   *
   * The proxy requires credentials, or has refused those that it was sent.
   *
   * Answer by [property@Authenticator:user] and [property@Authenticator:password], or call
   * [method@Authenticator.hold] and answer later. It is emitted once at most for each connection;
   * without a handler, or without an answer, connecting fails with
   * [QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED][error@SocketError].
   *
   * Since: 1.0
   */
  signals[SIGNAL_PROXY_AUTHENTICATION_REQUIRED] =
    g_signal_new ("proxy-authentication-required", QNET_TYPE_ABSTRACT_SOCKET, G_SIGNAL_RUN_LAST, 0,
                  NULL, NULL, NULL,
                  G_TYPE_NONE, 2, QNET_TYPE_NETWORK_PROXY, QNET_TYPE_AUTHENTICATOR);
}

static void
qnet_abstract_socket_class_init (QnetAbstractSocketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize     = qnet_abstract_socket_finalize;
  object_class->get_property = qnet_abstract_socket_get_property;
  object_class->set_property = qnet_abstract_socket_set_property;

  klass->connect_to_host_full = qnet_abstract_socket_real_connect_to_host_full;
  qnet_abstract_socket_class_install_connection (QNET_SOCKET_CLASS (klass));

  install_local_properties ();
  install_peer_properties ();
  install_proxy_properties ();
  install_connecting_properties ();
  install_keep_alive_properties ();
  install_transmission_properties ();
  g_object_class_install_properties (object_class, N_PROPS, props);
  install_connecting_signals ();
  install_proxy_signals ();
}

static void
qnet_abstract_socket_init (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_instance_private (self);

  priv->socket_type = QNET_SOCKET_TYPE_UNKNOWN;
  priv->bound_fd = -1;
}

/* Public API */

/**
 * qnet_abstract_socket_get_socket_type:
 * @self: a socket
 *
 * Gets the transport protocol.
 *
 * Returns: the type
 *
 * Since: 1.0
 */
QnetSocketType
qnet_abstract_socket_get_socket_type (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), QNET_SOCKET_TYPE_UNKNOWN);
  QNET_IO_BRIEF_STAY (self, QNET_SOCKET_TYPE_UNKNOWN);

  priv = qnet_abstract_socket_get_instance_private (self);

  return priv->socket_type;
}
