/* qnet-socket.c: the base class of TCP, UDP and local sockets
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-socket.h"

#include "socket/qnet-socket-private.h"

#include "device/qnet-io-lock-private.h"
#include "qnet-enum-types.h"

/**
 * QnetSocket:
 *
 * The base class of [class@AbstractSocket], for the Internet, and of [class@LocalSocket], for other
 * processes on the same machine.
 *
 * It has what they have in common: states, signals, errors, the end of a connection, timeouts and
 * the descriptor. Code that takes connections from a [class@Server] can use them as `QnetSocket`,
 * whatever their class is.
 *
 * [property@Socket:state] is the state of the connection. The methods of the subclasses establish
 * one ([method@AbstractSocket.connect_to_host], [method@LocalSocket.connect_to_server]), and
 * [signal@Socket::connected] is emitted. [method@Socket.disconnect_from_peer] sends what was
 * written and closes, [method@Socket.abort] closes at once, and [signal@Socket::disconnected] is
 * emitted. A failure is reported by [signal@Socket::error-occurred].
 *
 * There are three ways through the same states: the signals; pairs such as
 * [method@Socket.disconnect_from_peer_async]; and, without a main loop,
 * [method@Socket.wait_for_connected] and [method@Socket.wait_for_disconnected].
 *
 * A socket lives as long as there is a reference to it: keep it in a variable that outlives the
 * connection. When the last reference is dropped, nothing more is emitted, and what was written is
 * sent without the object, even if the socket was still connecting.
 *
 * Since: 1.0
 */

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (QnetSocket,
                                  qnet_socket,
                                  QNET_TYPE_IO_DEVICE,
                                  G_ADD_PRIVATE (QnetSocket)
                                    g_type_add_class_private (g_define_type_id,
                                                              sizeof (QnetSocketClassPrivate)))

enum
{
  PROP_0,
  PROP_STATE,
  PROP_ALLOW_HALF_OPEN,
  PROP_CONNECT_TIMEOUT,
  PROP_IDLE_TIMEOUT,
  PROP_CLOSE_TIMEOUT,
  PROP_READING_PAUSED,
  N_PROPS
};

enum
{
  SIGNAL_CONNECTED,
  SIGNAL_DISCONNECTED,
  SIGNAL_STATE_CHANGED,
  SIGNAL_ERROR_OCCURRED,
  SIGNAL_STOPPING,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint       signals[N_SIGNALS];

int qnet_socket_private_offset = 0;

/* Emissions: each function looks for itself whether the last reference was dropped meanwhile */

static gboolean
is_silent (QnetSocket *self)
{
  return qnet_io_device_is_silent (qnet_socket_get_device (self));
}

void
qnet_socket_notify_state (QnetSocket *self)
{
  if (!is_silent (self))
    qnet_io_device_notify (self, props[PROP_STATE]);
}

void
qnet_socket_notify_paused (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  gboolean is_paused = qnet_channel_is_paused (qnet_socket_get_channel (self));

  if (priv->notified_paused == is_paused)
    return;

  priv->notified_paused = is_paused;
  if (!is_silent (self))
    qnet_io_device_notify (self, props[PROP_READING_PAUSED]);
}

void
qnet_socket_emit_state_changed (QnetSocket      *self,
                                QnetSocketState  state)
{
  if (!is_silent (self))
    qnet_io_device_emit (self, signals[SIGNAL_STATE_CHANGED], 0, state);
}

void
qnet_socket_emit_connected (QnetSocket *self)
{
  if (!is_silent (self))
    qnet_io_device_emit (self, signals[SIGNAL_CONNECTED], 0);
}

void
qnet_socket_emit_disconnected (QnetSocket *self)
{
  if (!is_silent (self))
    qnet_io_device_emit (self, signals[SIGNAL_DISCONNECTED], 0);
}

void
qnet_socket_emit_error_occurred (QnetSocket   *self,
                                 const GError *error)
{
  if (!is_silent (self))
    qnet_io_device_emit (self, signals[SIGNAL_ERROR_OCCURRED], 0, error);
}

void
qnet_socket_emit_stopping (QnetSocket *self)
{
  if (!is_silent (self))
    qnet_io_device_emit (self, signals[SIGNAL_STOPPING], 0);
}

static gboolean
has_handler (QnetSocket *self,
             guint       signal_id,
             GQuark      detail)
{
  return g_signal_has_handler_pending (self, signal_id, detail, TRUE);
}

gboolean
qnet_socket_is_end_observed (QnetSocket *self)
{
  return has_handler (self, signals[SIGNAL_DISCONNECTED], 0)
         || has_handler (self, signals[SIGNAL_STATE_CHANGED], 0)
         || has_handler (self, g_signal_lookup ("notify", G_TYPE_OBJECT),
                         g_param_spec_get_name_quark (props[PROP_STATE]));
}

/* Defaults of the private virtual functions */

static void
init_fd_transport (QnetSocket    *self,
                   QnetTransport *transport,
                   int            fd)
{
  qnet_transport_init_fd (transport, fd);
}

static void
ignore (QnetSocket *self)
{
}

static gpointer
take_no_snapshot (QnetSocket *self)
{
  return NULL;
}

static void
compare_nothing (QnetSocket *self,
                 gpointer    before)
{
}

static int
get_channel_fd (QnetSocket *self)
{
  QnetChannel *channel = qnet_socket_get_channel (self);

  return qnet_channel_is_open (channel) ? channel->transport.fd : -1;
}

static gboolean
allow_steal (QnetSocket  *self,
             GError     **error)
{
  return TRUE;
}

static gboolean
allow_relaying (QnetSocket  *self,
                GError     **error)
{
  return TRUE;
}

static GType
have_no_successor (QnetSocket *self)
{
  return G_TYPE_INVALID;
}

static void
hand_over_nothing (QnetSocket *self,
                   QnetSocket *successor)
{
}

static const QnetSocketClassPrivate default_functions = {
  .init_transport  = init_fd_transport,
  .stop            = ignore,
  .forget          = ignore,
  .remember        = ignore,
  .closing         = ignore,
  .snapshot        = take_no_snapshot,
  .compare         = compare_nothing,
  .free_snapshot   = g_free,
  .get_fd          = get_channel_fd,
  .take_fd         = qnet_socket_refuse_fd,
  .check_steal     = allow_steal,
  .check_relaying  = allow_relaying,
  .get_successor   = have_no_successor,
  .hand_over       = hand_over_nothing,
};

/* See qnet_io_device_class_get_private(). */
QnetSocketClassPrivate *
qnet_socket_class_get_private (QnetSocketClass *klass)
{
  klass->priv = G_TYPE_CLASS_GET_PRIVATE (klass, QNET_TYPE_SOCKET, QnetSocketClassPrivate);

  return klass->priv;
}

/* GObject */

static void
qnet_socket_dispose (GObject *object)
{
  if (qnet_io_device_moves_disposal (QNET_IO_DEVICE (object)))
    return;

  qnet_io_device_enter (QNET_IO_DEVICE (object));
  qnet_socket_dispose_connection (QNET_SOCKET (object));
  qnet_io_device_leave (QNET_IO_DEVICE (object));

  G_OBJECT_CLASS (qnet_socket_parent_class)->dispose (object);
}

static void
qnet_socket_finalize (GObject *object)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (QNET_SOCKET (object));

  /* It was dropped between close() and the turn that would have reported that. */
  if (priv->before != NULL)
    qnet_socket_get_functions (QNET_SOCKET (object))->free_snapshot (priv->before);

  qnet_socket_stop_deadline (QNET_SOCKET (object));
  g_clear_pointer (&priv->timings, g_free);
  g_clear_object (&priv->socket);

  G_OBJECT_CLASS (qnet_socket_parent_class)->finalize (object);
}

static void
qnet_socket_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  QnetSocket *self = QNET_SOCKET (object);

  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_enum (value, qnet_socket_get_state (self));
      break;
    case PROP_ALLOW_HALF_OPEN:
      g_value_set_boolean (value, qnet_socket_get_allow_half_open (self));
      break;
    case PROP_CONNECT_TIMEOUT:
      g_value_set_int (value, qnet_socket_get_connect_timeout (self));
      break;
    case PROP_IDLE_TIMEOUT:
      g_value_set_int (value, qnet_socket_get_idle_timeout (self));
      break;
    case PROP_CLOSE_TIMEOUT:
      g_value_set_int (value, qnet_socket_get_close_timeout (self));
      break;
    case PROP_READING_PAUSED:
      g_value_set_boolean (value, qnet_socket_is_reading_paused (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
qnet_socket_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  QnetSocket *self = QNET_SOCKET (object);

  switch (prop_id)
    {
    case PROP_ALLOW_HALF_OPEN:
      qnet_socket_set_allow_half_open (self, g_value_get_boolean (value));
      break;
    case PROP_CONNECT_TIMEOUT:
      qnet_socket_set_connect_timeout (self, g_value_get_int (value));
      break;
    case PROP_IDLE_TIMEOUT:
      qnet_socket_set_idle_timeout (self, g_value_get_int (value));
      break;
    case PROP_CLOSE_TIMEOUT:
      qnet_socket_set_close_timeout (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define READWRITE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static GParamSpec *
new_timeout (const char *name,
             QnetTiming  timing)
{
  return g_param_spec_int (name, NULL, NULL, 0, G_MAXINT, qnet_socket_default_timings[timing],
                           READWRITE);
}

static void
install_state_properties (void)
{
  /**
   * QnetSocket:state:
   *
   * The state of the connection.
   *
   * Since: 1.0
   */
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, QNET_TYPE_SOCKET_STATE,
                                         QNET_SOCKET_STATE_UNCONNECTED, READABLE);

  /**
   * QnetSocket:allow-half-open:
   *
   * Whether the connection stays open when the peer has shut down its write side.
   *
   * If not, as in Qt, the end of the peer's stream ends the connection:
   * [signal@Socket::error-occurred] reports
   * [QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED][error@SocketError], and [signal@Socket::disconnected] is
   * emitted once what was written has been sent. If so, only
   * [signal@IODevice::read-channel-finished] is emitted, and writing is possible until
   * [method@Socket.shutdown_write] or [method@Socket.disconnect_from_peer] is called.
   *
   * While there is a reference to the output stream ([method@Gio.IOStream.get_output_stream]) the
   * connection stays open as well.
   *
   * Since: 1.0
   */
  props[PROP_ALLOW_HALF_OPEN] =
    g_param_spec_boolean ("allow-half-open", NULL, NULL, FALSE, READWRITE);

  /**
   * QnetSocket:reading-paused: (getter is_reading_paused)
   *
   * Whether reading is paused, by [method@Socket.pause_reading]. The end of a connection ends it.
   *
   * Since: 1.0
   */
  props[PROP_READING_PAUSED] =
    g_param_spec_boolean ("reading-paused", NULL, NULL, FALSE, READABLE);
}

static void
install_timeout_properties (void)
{
  /**
   * QnetSocket:connect-timeout:
   *
   * The limit of time for connecting in milliseconds, 30000 by default; 0 for no limit but that of
   * the system.
   *
   * It includes all addresses of a host. A local socket only waits while the queue of the server is
   * full. A change takes effect with the next connection.
   *
   * Since: 1.0
   */
  props[PROP_CONNECT_TIMEOUT] = new_timeout ("connect-timeout", QNET_TIMING_CONNECT_TIMEOUT);

  /**
   * QnetSocket:idle-timeout:
   *
   * The limit of time without a byte received or sent, in milliseconds, after which a connection
   * ends; 0, the default, for no limit.
   *
   * [signal@Socket::error-occurred] then reports
   * [QNET_SOCKET_ERROR_SOCKET_TIMEOUT][error@SocketError].
   *
   * A peer whose bytes are not received, since reading is paused or the read buffer is full, does
   * not count as idle. A peer that does not read what is written does, once the kernel's buffers
   * are full.
   *
   * Since: 1.0
   */
  props[PROP_IDLE_TIMEOUT] = new_timeout ("idle-timeout", QNET_TIMING_IDLE_TIMEOUT);

  /**
   * QnetSocket:close-timeout:
   *
   * The limit of time for sending what was written when the connection is closed, in milliseconds,
   * 30000 by default; 0 for no limit.
   *
   * What could not be sent by then is an error, and the peer receives a reset. The limit holds for
   * a socket whose last reference was dropped, too; and again for the descriptor, which stays open
   * without the object until the peer has received all bytes.
   *
   * Since: 1.0
   */
  props[PROP_CLOSE_TIMEOUT] = new_timeout ("close-timeout", QNET_TIMING_CLOSE_TIMEOUT);
}

static guint
new_signal (const char *name)
{
  return g_signal_new (name, QNET_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
}

static guint
new_signal_with (const char *name,
                 GType       type)
{
  return g_signal_new (name, QNET_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 1, type);
}

static void
install_signals (void)
{
  /**
   * QnetSocket::connected:
   * @self: the socket
   *
   * The connection is established; the socket is [QNET_SOCKET_STATE_CONNECTED][enum@SocketState].
   *
   * Since: 1.0
   */
  signals[SIGNAL_CONNECTED] = new_signal ("connected");

  /**
   * QnetSocket::disconnected:
   * @self: the socket
   *
   * The connection has ended; the socket is [QNET_SOCKET_STATE_UNCONNECTED][enum@SocketState], and
   * can connect again at once.
   *
   * It is the last signal of a connection, and is never emitted without one. Only the notifications
   * of properties that are forgotten then, such as [property@AbstractSocket:peer-address], follow.
   * What is in the read buffer can still be read.
   *
   * Since: 1.0
   */
  signals[SIGNAL_DISCONNECTED] = new_signal ("disconnected");

  /**
   * QnetSocket::state-changed:
   * @self: the socket
   * @state: the new state
   *
   * [property@Socket:state] has changed. It follows the notification of the property.
   *
   * Since: 1.0
   */
  signals[SIGNAL_STATE_CHANGED] = new_signal_with ("state-changed", QNET_TYPE_SOCKET_STATE);

  /**
   * QnetSocket::error-occurred:
   * @self: the socket
   * @error: the error
   *
   * An error has occurred that no call returns.
   *
   * When connecting fails the socket is [QNET_SOCKET_STATE_UNCONNECTED][enum@SocketState] already.
   * When a connection fails it is still [QNET_SOCKET_STATE_CONNECTED][enum@SocketState], or
   * [QNET_SOCKET_STATE_CLOSING][enum@SocketState] while it is being closed, and
   * [signal@Socket::disconnected] follows.
   *
   * Since: 1.0
   */
  signals[SIGNAL_ERROR_OCCURRED] = new_signal_with ("error-occurred", G_TYPE_ERROR);

  /**
   * QnetSocket::stopping:
   * @self: the socket
   *
   * The server that has accepted this connection is being stopped by [method@Server.stop_async],
   * which waits for the connection to end.
   *
   * What the peer has sent so far was reported by [signal@IODevice::ready-read] before, as far as
   * the read buffer and a pause permit: if no request is in progress now, the handler can end the
   * connection by [method@Socket.disconnect_from_peer], or ask the peer to do so. If one is, the
   * connection should end after the answer; [property@Server:stopping] says so, too.
   *
   * It is emitted once by each [method@Server.stop_async], and never for a connection that no
   * server has accepted. A connection that is taken while its server stops emits it after it was
   * taken.
   *
   * Since: 1.0
   */
  signals[SIGNAL_STOPPING] = new_signal ("stopping");
}

static void
qnet_socket_class_init (QnetSocketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  qnet_socket_private_offset = QnetSocket_private_offset;

  object_class->dispose      = qnet_socket_dispose;
  object_class->finalize     = qnet_socket_finalize;
  object_class->get_property = qnet_socket_get_property;
  object_class->set_property = qnet_socket_set_property;

  klass->disconnect_from_peer = qnet_socket_real_disconnect_from_peer;
  klass->abort                = qnet_socket_real_abort;
  klass->shutdown_write       = qnet_socket_real_shutdown_write;

  *qnet_socket_class_get_private (klass) = default_functions;
  qnet_socket_class_install_events (klass);

  install_state_properties ();
  install_timeout_properties ();
  g_object_class_install_properties (object_class, N_PROPS, props);
  install_signals ();
}

static void
qnet_socket_init (QnetSocket *self)
{
}

/* Public API */

/**
 * qnet_socket_get_state:
 * @self: a socket
 *
 * Gets the state of the connection.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
QnetSocketState
qnet_socket_get_state (QnetSocket *self)
{
  g_return_val_if_fail (QNET_IS_SOCKET (self), QNET_SOCKET_STATE_UNCONNECTED);
  QNET_IO_BRIEF_STAY (self, QNET_SOCKET_STATE_UNCONNECTED);

  qnet_io_device_leave_parent (QNET_IO_DEVICE (self));

  return qnet_socket_get_private (self)->state;
}

/**
 * qnet_socket_get_allow_half_open:
 * @self: a socket
 *
 * Gets whether the connection stays open when the peer has shut down its write side.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
qnet_socket_get_allow_half_open (QnetSocket *self)
{
  g_return_val_if_fail (QNET_IS_SOCKET (self), FALSE);
  QNET_IO_BRIEF_STAY (self, FALSE);

  return qnet_socket_get_private (self)->allow_half_open;
}

/**
 * qnet_socket_set_allow_half_open:
 * @self: a socket
 * @allow_half_open: whether the connection stays open
 *
 * Sets whether the connection stays open when the peer has shut down its write side.
 *
 * Since: 1.0
 */
void
qnet_socket_set_allow_half_open (QnetSocket *self,
                                 gboolean    allow_half_open)
{
  QnetSocketPrivate *priv;

  g_return_if_fail (QNET_IS_SOCKET (self));
  QNET_IO_STAY (self);

  priv = qnet_socket_get_private (self);
  allow_half_open = !!allow_half_open;

  if (priv->allow_half_open == allow_half_open)
    return;

  priv->allow_half_open = allow_half_open;
  qnet_io_device_half_open_may_end (QNET_IO_DEVICE (self));
  qnet_io_device_notify (self, props[PROP_ALLOW_HALF_OPEN]);
}

/**
 * qnet_socket_pause_reading:
 * @self: a socket
 *
 * Stops receiving; what is in the read buffer stays there.
 *
 * The peer is slowed down once the kernel's buffers are full. When it ends the connection, or
 * resets it, that is noticed all the same: what it has sent before is then received in full,
 * [signal@IODevice::ready-read] is emitted, and the connection ends as always.
 *
 * The transport of a subclass is not asked for bytes meanwhile, until it reports the end.
 *
 * It lasts until [method@Socket.resume_reading] is called or the connection ends. A socket that is
 * paused before it connects is paused from the start.
 *
 * Since: 1.0
 */
void
qnet_socket_pause_reading (QnetSocket *self)
{
  g_return_if_fail (QNET_IS_SOCKET (self));
  QNET_IO_STAY (self);

  qnet_channel_set_paused (qnet_socket_get_channel (self), TRUE);
  qnet_socket_notify_paused (self);
}

/**
 * qnet_socket_resume_reading:
 * @self: a socket
 *
 * Receives again, after [method@Socket.pause_reading].
 *
 * Since: 1.0
 */
void
qnet_socket_resume_reading (QnetSocket *self)
{
  g_return_if_fail (QNET_IS_SOCKET (self));
  QNET_IO_STAY (self);

  qnet_channel_set_paused (qnet_socket_get_channel (self), FALSE);
  qnet_io_device_resume_source (QNET_IO_DEVICE (self));
  qnet_socket_notify_paused (self);
}

/**
 * qnet_socket_is_reading_paused:
 * @self: a socket
 *
 * Gets whether reading is paused by [method@Socket.pause_reading].
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
qnet_socket_is_reading_paused (QnetSocket *self)
{
  g_return_val_if_fail (QNET_IS_SOCKET (self), FALSE);
  QNET_IO_BRIEF_STAY (self, FALSE);

  return qnet_channel_is_paused (qnet_socket_get_channel (self));
}
