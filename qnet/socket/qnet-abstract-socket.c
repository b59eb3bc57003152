/* qnet-abstract-socket.c: what TCP and UDP sockets have in common
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "qnet-enum-types.h"
#include "base/qnet-error-private.h"
#include "socket/qnet-abstract-socket-private.h"

/**
 * QnetAbstractSocket:
 *
 * What TCP and UDP sockets have in common: states, connecting by name, binding, options, errors.
 *
 * [property@AbstractSocket:state] says where a socket stands. [method@AbstractSocket.connect_to_host] looks up the name, connects,
 * and [signal@AbstractSocket::connected] is emitted; [method@AbstractSocket.disconnect_from_host] sends the rest and closes, and
 * [signal@AbstractSocket::disconnected] is emitted. What goes wrong is told by [signal@AbstractSocket::error-occurred].
 *
 * Three ways lead through the same states: the signals; pairs such as [method@AbstractSocket.connect_to_host_async]; and, without
 * a main loop, [method@AbstractSocket.wait_for_connected] and its relatives.
 *
 * A socket lives as long as somebody holds it: keep it in a variable that outlives the connection. While it is connecting or
 * closing it keeps itself alive, and what was written is sent even when nobody holds it any more.
 *
 * Since: 1.0
 */

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (QnetAbstractSocket, qnet_abstract_socket, QNET_TYPE_IO_DEVICE)

enum
{
  PROP_0,
  PROP_SOCKET_TYPE,
  PROP_STATE,
  PROP_LOCAL_ADDRESS,
  PROP_LOCAL_PORT,
  PROP_PEER_ADDRESS,
  PROP_PEER_PORT,
  PROP_PEER_NAME,
  PROP_PROXY,
  PROP_PROTOCOL_TAG,
  PROP_ALLOW_HALF_OPEN,
  PROP_LOOKUP_TIMEOUT,
  PROP_CONNECT_TIMEOUT,
  PROP_IDLE_TIMEOUT,
  PROP_CLOSE_TIMEOUT,
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
  SIGNAL_CONNECTED,
  SIGNAL_DISCONNECTED,
  SIGNAL_STATE_CHANGED,
  SIGNAL_ERROR_OCCURRED,
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

QnetAbstractSocket *
qnet_abstract_socket_from_private (QnetAbstractSocketPrivate *priv)
{
  return G_STRUCT_MEMBER_P (priv, -QnetAbstractSocket_private_offset);
}

/* Emissions */

void
qnet_abstract_socket_emit_host_found (QnetAbstractSocket *self)
{
  g_signal_emit (self, signals[SIGNAL_HOST_FOUND], 0);
}

void
qnet_abstract_socket_emit_proxy_authentication_required (QnetAbstractSocket *self,
                                                         QnetNetworkProxy   *proxy,
                                                         QnetAuthenticator  *authenticator)
{
  g_signal_emit (self, signals[SIGNAL_PROXY_AUTHENTICATION_REQUIRED], 0, proxy, authenticator);
}

gboolean
qnet_abstract_socket_answers_proxies (QnetAbstractSocket *self)
{
  return g_signal_has_handler_pending (self, signals[SIGNAL_PROXY_AUTHENTICATION_REQUIRED], 0, TRUE);
}

/* GObject */

static void
qnet_abstract_socket_dispose (GObject *object)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (object));

  qnet_connection_dispose (&priv->connection);

  G_OBJECT_CLASS (qnet_abstract_socket_parent_class)->dispose (object);
}

static void
qnet_abstract_socket_finalize (GObject *object)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (object);
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_instance_private (self);

  qnet_abstract_socket_forget_addresses (self);
  g_clear_pointer (&priv->proxy, qnet_socket_proxy_free);
  g_clear_pointer (&priv->options, qnet_socket_options_free);
  g_clear_pointer (&priv->peer_name, g_free);
  qnet_connection_finalize (&priv->connection);

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
    case PROP_STATE:
      g_value_set_enum (value, qnet_abstract_socket_get_state (self));
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
    case PROP_ALLOW_HALF_OPEN:
      g_value_set_boolean (value, qnet_abstract_socket_get_allow_half_open (self));
      break;
    case PROP_LOOKUP_TIMEOUT:
      g_value_set_int (value, qnet_abstract_socket_get_lookup_timeout (self));
      break;
    case PROP_CONNECT_TIMEOUT:
      g_value_set_int (value, qnet_abstract_socket_get_connect_timeout (self));
      break;
    case PROP_IDLE_TIMEOUT:
      g_value_set_int (value, qnet_abstract_socket_get_idle_timeout (self));
      break;
    case PROP_CLOSE_TIMEOUT:
      g_value_set_int (value, qnet_abstract_socket_get_close_timeout (self));
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
    case PROP_ALLOW_HALF_OPEN:
      qnet_abstract_socket_set_allow_half_open (self, g_value_get_boolean (value));
      break;
    case PROP_LOOKUP_TIMEOUT:
      qnet_abstract_socket_set_lookup_timeout (self, g_value_get_int (value));
      break;
    case PROP_CONNECT_TIMEOUT:
      qnet_abstract_socket_set_connect_timeout (self, g_value_get_int (value));
      break;
    case PROP_IDLE_TIMEOUT:
      qnet_abstract_socket_set_idle_timeout (self, g_value_get_int (value));
      break;
    case PROP_CLOSE_TIMEOUT:
      qnet_abstract_socket_set_close_timeout (self, g_value_get_int (value));
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
install_address_properties (void)
{
  /**
   * QnetAbstractSocket:socket-type:
   *
   * The transport protocol.
   *
   * Since: 1.0
   */
  props[PROP_SOCKET_TYPE] =
    g_param_spec_enum ("socket-type", NULL, NULL, QNET_TYPE_SOCKET_TYPE, QNET_SOCKET_TYPE_UNKNOWN, READABLE);

  /**
   * QnetAbstractSocket:state:
   *
   * Where the socket stands.
   *
   * Since: 1.0
   */
  props[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, QNET_TYPE_SOCKET_STATE, QNET_SOCKET_STATE_UNCONNECTED, READABLE);

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

  /**
   * QnetAbstractSocket:peer-address:
   *
   * The address of the peer, Null while not connected.
   *
   * At the end of a connection this and the other properties of its two ends keep their values until the handlers of
   * [signal@AbstractSocket::disconnected] have run; their notifications follow.
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
   * The name that was given to [method@AbstractSocket.connect_to_host], before it was looked up; the text of the address that was
   * given to [method@AbstractSocket.connect_to_address].
   *
   * It stays until the socket is used anew.
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
   * From the start it is of type [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType]: what the application
   * has chosen is used, which is no proxy as long as it has chosen nothing; see
   * [func@NetworkProxyFactory.proxy_for_query]. With [QNET_PROXY_TYPE_NONE][enum@ProxyType] the
   * connection goes straight to the peer. It counts for the next connection. It cannot be set to
   * %NULL, which is what a proxy is that could not be made.
   *
   * The name of the host goes to a proxy that can look it up as it is, and then [property@AbstractSocket:peer-address] stays Null.
   * A proxy that fails is an error, and never makes the connection go round it.
   *
   * The datagrams of a [class@UdpSocket] go through a SOCKS5 proxy, from [method@AbstractSocket.bind] on or from the connection.
   *
   * Since: 1.0
   */
  props[PROP_PROXY] =
    g_param_spec_boxed ("proxy", NULL, NULL, QNET_TYPE_NETWORK_PROXY, READWRITE);

  /**
   * QnetAbstractSocket:protocol-tag:
   *
   * Which protocol will be spoken, such as `http`: what a [class@NetworkProxyFactory] may want to know.
   *
   * Since: 1.0
   */
  props[PROP_PROTOCOL_TAG] =
    g_param_spec_string ("protocol-tag", NULL, NULL, NULL, READWRITE);
}

static void
install_settings (void)
{
  /**
   * QnetAbstractSocket:allow-half-open:
   *
   * Whether the connection goes on when the peer has said its last word.
   *
   * If not, as in Qt, the peer's end of sending ends the connection: [signal@AbstractSocket::error-occurred] with
   * [QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED][error@SocketError], then, once what was written has been
   * sent, [signal@AbstractSocket::disconnected]. If so, only
   * [signal@IODevice::read-channel-finished] is emitted, and writing goes on until
   * [method@AbstractSocket.shutdown_write] or [method@AbstractSocket.disconnect_from_host].
   *
   * While somebody holds the output stream ([method@Gio.IOStream.get_output_stream]) it counts as set.
   *
   * Since: 1.0
   */
  props[PROP_ALLOW_HALF_OPEN] =
    g_param_spec_boolean ("allow-half-open", NULL, NULL, FALSE, READWRITE);

  /**
   * QnetAbstractSocket:lookup-timeout:
   *
   * How many milliseconds looking up a name may take, 30000 unless it is set; 0 for no limit.
   *
   * It counts for the next connection.
   *
   * Since: 1.0
   */
  props[PROP_LOOKUP_TIMEOUT] =
    g_param_spec_int ("lookup-timeout", NULL, NULL, 0, G_MAXINT, qnet_connection_default_timings[QNET_TIMING_LOOKUP_TIMEOUT], READWRITE);

  /**
   * QnetAbstractSocket:connect-timeout:
   *
   * How many milliseconds connecting may take, all addresses of the host together, 30000 unless it is set; 0 for no limit but
   * that of the system.
   *
   * It counts for the next connection.
   *
   * Since: 1.0
   */
  props[PROP_CONNECT_TIMEOUT] =
    g_param_spec_int ("connect-timeout", NULL, NULL, 0, G_MAXINT, qnet_connection_default_timings[QNET_TIMING_CONNECT_TIMEOUT], READWRITE);

  /**
   * QnetAbstractSocket:idle-timeout:
   *
   * After how many milliseconds without a byte in or out a connection ends; 0, the default, for never.
   *
   * It ends with [QNET_SOCKET_ERROR_SOCKET_TIMEOUT][error@SocketError] by
   * [signal@AbstractSocket::error-occurred].
   *
   * A peer whose bytes wait for us, since reading is paused or the read buffer is full, is not idle. One that reads nothing of what
   * is written is, once the kernel's buffers are full.
   *
   * Since: 1.0
   */
  props[PROP_IDLE_TIMEOUT] =
    g_param_spec_int ("idle-timeout", NULL, NULL, 0, G_MAXINT, qnet_connection_default_timings[QNET_TIMING_IDLE_TIMEOUT], READWRITE);

  /**
   * QnetAbstractSocket:close-timeout:
   *
   * How many milliseconds a closing connection may take to send what was written, 30000 unless it is set; 0 for no limit.
   *
   * What could not be sent by then is an error, and the peer sees a reset. The time holds for a socket whose last reference was
   * dropped, too; and again for the descriptor, which stays open without the object until the peer has received everything.
   *
   * Since: 1.0
   */
  props[PROP_CLOSE_TIMEOUT] =
    g_param_spec_int ("close-timeout", NULL, NULL, 0, G_MAXINT, qnet_connection_default_timings[QNET_TIMING_CLOSE_TIMEOUT], READWRITE);

  /**
   * QnetAbstractSocket:connection-attempt-delay:
   *
   * After how many milliseconds without an answer the next address of a host is tried as well, 250 unless it is set (RFC 8305,
   * section 5).
   *
   * It counts for the next connection.
   *
   * Since: 1.0
   */
  props[PROP_CONNECTION_ATTEMPT_DELAY] =
    g_param_spec_int ("connection-attempt-delay", NULL, NULL, 0, G_MAXINT, qnet_connection_default_timings[QNET_TIMING_ATTEMPT_DELAY], READWRITE);

  /**
   * QnetAbstractSocket:keep-alive-idle:
   *
   * After how many seconds of silence the system begins to probe the peer (`TCP_KEEPIDLE`); 0 for the default of the
   * system.
   *
   * It acts once [QNET_SOCKET_OPTION_KEEP_ALIVE][enum@SocketOption] is set.
   *
   * Since: 1.0
   */
  props[PROP_KEEP_ALIVE_IDLE] =
    g_param_spec_int ("keep-alive-idle", NULL, NULL, 0, G_MAXINT, 0, READWRITE);

  /**
   * QnetAbstractSocket:keep-alive-interval:
   *
   * How many seconds lie between two probes (`TCP_KEEPINTVL`); 0 for the default of the system.
   *
   * It acts once [QNET_SOCKET_OPTION_KEEP_ALIVE][enum@SocketOption] is set.
   *
   * Since: 1.0
   */
  props[PROP_KEEP_ALIVE_INTERVAL] =
    g_param_spec_int ("keep-alive-interval", NULL, NULL, 0, G_MAXINT, 0, READWRITE);

  /**
   * QnetAbstractSocket:keep-alive-count:
   *
   * After how many probes without an answer the connection is given up (`TCP_KEEPCNT`); 0 for the default of the system.
   *
   * It acts once [QNET_SOCKET_OPTION_KEEP_ALIVE][enum@SocketOption] is set.
   *
   * Since: 1.0
   */
  props[PROP_KEEP_ALIVE_COUNT] =
    g_param_spec_int ("keep-alive-count", NULL, NULL, 0, G_MAXINT, 0, READWRITE);

  /**
   * QnetAbstractSocket:user-timeout:
   *
   * How many milliseconds sent bytes may stay unacknowledged before the connection is given up (`TCP_USER_TIMEOUT`, RFC
   * 5482); 0 for the default of the system.
   *
   * Since: 1.0
   */
  props[PROP_USER_TIMEOUT] =
    g_param_spec_int ("user-timeout", NULL, NULL, 0, G_MAXINT, 0, READWRITE);

  /**
   * QnetAbstractSocket:round-trip-time:
   *
   * The kernel's smoothed estimate of the time to the peer and back, in microseconds; -1 while it is not known. It does not
   * notify.
   *
   * Since: 1.0
   */
  props[PROP_ROUND_TRIP_TIME] =
    g_param_spec_int64 ("round-trip-time", NULL, NULL, -1, G_MAXINT64, -1, READABLE);
}

static void
install_signals (void)
{
  /**
   * QnetAbstractSocket::host-found:
   * @self: the socket
   *
   * The addresses of the host are known; the socket is
   * [QNET_SOCKET_STATE_CONNECTING][enum@SocketState].
   *
   * It is emitted once for each attempt, before [signal@AbstractSocket::connected], and not at all where a proxy looks up the name.
   *
   * Since: 1.0
   */
  signals[SIGNAL_HOST_FOUND] =
    g_signal_new ("host-found", QNET_TYPE_ABSTRACT_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * QnetAbstractSocket::connected:
   * @self: the socket
   *
   * The connection stands; the socket is [QNET_SOCKET_STATE_CONNECTED][enum@SocketState].
   *
   * Since: 1.0
   */
  signals[SIGNAL_CONNECTED] =
    g_signal_new ("connected", QNET_TYPE_ABSTRACT_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * QnetAbstractSocket::disconnected:
   * @self: the socket
   *
   * The connection has ended; the socket is [QNET_SOCKET_STATE_UNCONNECTED][enum@SocketState], and
   * can connect again at once.
   *
   * It is the last signal of a connection, and never comes without one; only the notifications of
   * [property@AbstractSocket:peer-address] and its like, which are forgotten then, follow. What is in the read buffer can still be
   * read.
   *
   * Since: 1.0
   */
  signals[SIGNAL_DISCONNECTED] =
    g_signal_new ("disconnected", QNET_TYPE_ABSTRACT_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * QnetAbstractSocket::state-changed:
   * @self: the socket
   * @state: the new state
   *
   * [property@AbstractSocket:state] has changed. It follows the notification of the property.
   *
   * Since: 1.0
   */
  signals[SIGNAL_STATE_CHANGED] =
    g_signal_new ("state-changed", QNET_TYPE_ABSTRACT_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, QNET_TYPE_SOCKET_STATE);

  /**
   * QnetAbstractSocket::error-occurred:
   * @self: the socket
   * @error: what went wrong
   *
   * Something went wrong, though no call was there to be told.
   *
   * When connecting fails the socket is [QNET_SOCKET_STATE_UNCONNECTED][enum@SocketState] already;
   * when a connection breaks it is still [QNET_SOCKET_STATE_CONNECTED][enum@SocketState], or
   * [QNET_SOCKET_STATE_CLOSING][enum@SocketState] when it was being closed, and
   * [signal@AbstractSocket::disconnected] follows.
   *
   * Since: 1.0
   */
  signals[SIGNAL_ERROR_OCCURRED] =
    g_signal_new ("error-occurred", QNET_TYPE_ABSTRACT_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR);

  /**
   * QnetAbstractSocket::proxy-authentication-required:
   * @self: the socket
   * @proxy: the proxy
   * @authenticator: takes the answer
   *
   * The proxy wants to know who we are, or has refused the user and password it was told.
   *
   * Answer by [property@Authenticator:user] and [property@Authenticator:password], or call [method@Authenticator.hold] and answer
   * later. It is emitted once at most for each connection; where nobody is connected to it, or there is no answer, connecting
   * fails with [QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED][error@SocketError].
   *
   * Since: 1.0
   */
  signals[SIGNAL_PROXY_AUTHENTICATION_REQUIRED] =
    g_signal_new ("proxy-authentication-required", QNET_TYPE_ABSTRACT_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, QNET_TYPE_NETWORK_PROXY, QNET_TYPE_AUTHENTICATOR);
}

static void
describe_to_connection (QnetConnectionClass *connection_class)
{
  connection_class->state = props[PROP_STATE];
  connection_class->signals[QNET_CONNECTION_CONNECTED] = signals[SIGNAL_CONNECTED];
  connection_class->signals[QNET_CONNECTION_DISCONNECTED] = signals[SIGNAL_DISCONNECTED];
  connection_class->signals[QNET_CONNECTION_STATE_CHANGED] = signals[SIGNAL_STATE_CHANGED];
  connection_class->signals[QNET_CONNECTION_ERROR_OCCURRED] = signals[SIGNAL_ERROR_OCCURRED];
}

static void
qnet_abstract_socket_class_init (QnetAbstractSocketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose      = qnet_abstract_socket_dispose;
  object_class->finalize     = qnet_abstract_socket_finalize;
  object_class->get_property = qnet_abstract_socket_get_property;
  object_class->set_property = qnet_abstract_socket_set_property;

  QNET_IO_DEVICE_CLASS (klass)->hooks = &qnet_connection_hooks;

  install_address_properties ();
  install_proxy_properties ();
  install_settings ();
  g_object_class_install_properties (object_class, N_PROPS, props);
  install_signals ();
  describe_to_connection (&qnet_abstract_socket_connection_class);
}

static void
qnet_abstract_socket_init (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_instance_private (self);

  priv->socket_type = QNET_SOCKET_TYPE_UNKNOWN;
  priv->bound_fd = -1;
  qnet_connection_init (&priv->connection, QNET_IO_DEVICE (self), &qnet_abstract_socket_connection_class);
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

  priv = qnet_abstract_socket_get_instance_private (self);

  return priv->socket_type;
}

/**
 * qnet_abstract_socket_get_state:
 * @self: a socket
 *
 * Gets where the socket stands.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
QnetSocketState
qnet_abstract_socket_get_state (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), QNET_SOCKET_STATE_UNCONNECTED);

  priv = qnet_abstract_socket_get_instance_private (self);
  qnet_io_device_leave_parent (QNET_IO_DEVICE (self));

  return priv->connection.state;
}
