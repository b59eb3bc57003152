/* qnet-local-socket.c: a connection between two programs on one machine
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-local-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "qnet-enum-types.h"
#include "socket/qnet-local-socket-private.h"

/**
 * QnetLocalSocket:
 *
 * A connection between two programs on one machine.
 *
 * ```c
 * g_autoptr(QnetLocalSocket) socket = qnet_local_socket_new ();
 *
 * g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), NULL);
 * g_signal_connect (socket, "error-occurred", G_CALLBACK (error_occurred_cb), NULL);
 * qnet_local_socket_connect_to_server (socket, "fortune");
 * ```
 *
 * It is a stream, as a TCP connection is, and reads and writes as every [class@IODevice] does. What it has beyond that: the server is
 * found by a name, and the file permissions say who may connect; the kernel tells who is at the other end
 * ([property@LocalSocket:peer-credentials]); and open files can be passed along ([method@LocalSocket.send_fds]).
 *
 * Servers make sockets of their own: see [class@LocalServer].
 *
 * A socket lives as long as somebody holds it: keep it in a variable that outlives the connection. While it is connecting or
 * closing it keeps itself alive, and what was written is sent even when nobody holds it any more.
 *
 * Since: 1.0
 */

G_DEFINE_TYPE_WITH_PRIVATE (QnetLocalSocket, qnet_local_socket, QNET_TYPE_IO_DEVICE)

enum
{
  PROP_0,
  PROP_SERVER_NAME,
  PROP_FULL_SERVER_NAME,
  PROP_STATE,
  PROP_SOCKET_OPTIONS,
  PROP_PEER_CREDENTIALS,
  PROP_FD_LIMIT,
  PROP_FDS_AVAILABLE,
  PROP_ALLOW_HALF_OPEN,
  PROP_CONNECT_TIMEOUT,
  PROP_IDLE_TIMEOUT,
  PROP_CLOSE_TIMEOUT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

QnetLocalSocketPrivate *
qnet_local_socket_get_private (QnetLocalSocket *self)
{
  return qnet_local_socket_get_instance_private (self);
}

static QnetConnection *
get_connection (QnetLocalSocket *self)
{
  return &qnet_local_socket_get_private (self)->connection;
}

/* Names */

static void
take_string (QnetLocalSocket  *self,
             char            **string,
             char             *value,
             int               prop)
{
  gboolean is_new = g_strcmp0 (*string, value) != 0;

  g_free (*string);
  *string = value;

  if (is_new && !qnet_io_device_get_private (QNET_IO_DEVICE (self))->torn_down)
    g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

void
qnet_local_socket_take_name (QnetLocalSocket *self,
                             char            *name)
{
  take_string (self, &qnet_local_socket_get_private (self)->server_name, name, PROP_SERVER_NAME);
}

void
qnet_local_socket_take_full_name (QnetLocalSocket *self,
                                  char            *name)
{
  take_string (self, &qnet_local_socket_get_private (self)->full_name, name, PROP_FULL_SERVER_NAME);
}

void
qnet_local_socket_notify_credentials (QnetLocalSocket *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PEER_CREDENTIALS]);
}

void
qnet_local_socket_notify_fds (QnetIODevice *device)
{
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (QNET_LOCAL_SOCKET (device));
  guint n = qnet_local_socket_get_fds_available (QNET_LOCAL_SOCKET (device));

  if (priv->told_fds == n)
    return;

  priv->told_fds = n;
  g_object_notify_by_pspec (G_OBJECT (device), props[PROP_FDS_AVAILABLE]);
}

/* What the connection asks for */

static void
init_transport (QnetIODevice  *device,
                QnetTransport *transport,
                int            fd)
{
  qnet_transport_init_local (transport, fd, qnet_local_socket_get_private (QNET_LOCAL_SOCKET (device))->passing);
}

static void
stop (QnetIODevice *device)
{
  g_clear_pointer (&qnet_local_socket_get_private (QNET_LOCAL_SOCKET (device))->attempt, qnet_local_attempt_free);
}

static void
forget (QnetIODevice *device)
{
  QnetLocalSocket *self = QNET_LOCAL_SOCKET (device);
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (self);

  g_object_freeze_notify (G_OBJECT (self));

  if (priv->credentials != NULL && !qnet_io_device_get_private (device)->torn_down)
    qnet_local_socket_notify_credentials (self);

  g_clear_object (&priv->credentials);
  qnet_local_socket_take_name (self, NULL);
  qnet_local_socket_take_full_name (self, NULL);
  g_object_thaw_notify (G_OBJECT (self));
}

static void
remember (QnetIODevice *device)
{
  (void) qnet_local_socket_get_peer_credentials (QNET_LOCAL_SOCKET (device));
}

/* What comes while the rest is sent is for nobody. */
static void
closing (QnetIODevice *device)
{
  QnetPassing *passing = qnet_local_socket_get_private (QNET_LOCAL_SOCKET (device))->passing;

  if (passing != NULL)
    passing->limit = 0;
}

static char *
describe_peer (QnetIODevice *device)
{
  const char *name = qnet_local_socket_get_private (QNET_LOCAL_SOCKET (device))->full_name;

  return name != NULL ? g_filename_display_name (name) : NULL;
}

static char *
describe_target (QnetIODevice *device)
{
  return qnet_local_attempt_describe (qnet_local_socket_get_private (QNET_LOCAL_SOCKET (device))->attempt);
}

static QnetConnectionClass connection_class = {
  .init_transport   = init_transport,
  .stop             = stop,
  .forget           = forget,
  .remember         = remember,
  .closing          = closing,
  .describe_peer    = describe_peer,
  .describe_target  = describe_target,
};

/* What has come on the last connection belongs to that. */
static void
began (QnetIODevice *device)
{
  QnetLocalSocket *self = QNET_LOCAL_SOCKET (device);

  g_clear_pointer (&qnet_local_socket_get_private (self)->passing, qnet_passing_unref);
  qnet_local_socket_apply_fd_limit (self);
  qnet_local_socket_notify_fds (device);
}

/* GObject */

static void
qnet_local_socket_dispose (GObject *object)
{
  qnet_connection_dispose (get_connection (QNET_LOCAL_SOCKET (object)));

  G_OBJECT_CLASS (qnet_local_socket_parent_class)->dispose (object);
}

static void
qnet_local_socket_finalize (GObject *object)
{
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (QNET_LOCAL_SOCKET (object));

  qnet_connection_finalize (&priv->connection);
  g_clear_pointer (&priv->server_name, g_free);
  g_clear_pointer (&priv->full_name, g_free);
  g_clear_object (&priv->credentials);
  g_clear_pointer (&priv->passing, qnet_passing_unref);

  G_OBJECT_CLASS (qnet_local_socket_parent_class)->finalize (object);
}

static void
qnet_local_socket_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  QnetLocalSocket *self = QNET_LOCAL_SOCKET (object);

  switch (prop_id)
    {
    case PROP_SERVER_NAME:
      g_value_set_string (value, qnet_local_socket_get_server_name (self));
      break;
    case PROP_FULL_SERVER_NAME:
      g_value_set_string (value, qnet_local_socket_get_full_server_name (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, qnet_local_socket_get_state (self));
      break;
    case PROP_SOCKET_OPTIONS:
      g_value_set_flags (value, qnet_local_socket_get_socket_options (self));
      break;
    case PROP_PEER_CREDENTIALS:
      g_value_set_object (value, qnet_local_socket_get_peer_credentials (self));
      break;
    case PROP_FD_LIMIT:
      g_value_set_uint (value, qnet_local_socket_get_fd_limit (self));
      break;
    case PROP_FDS_AVAILABLE:
      g_value_set_uint (value, qnet_local_socket_get_fds_available (self));
      break;
    case PROP_ALLOW_HALF_OPEN:
      g_value_set_boolean (value, qnet_local_socket_get_allow_half_open (self));
      break;
    case PROP_CONNECT_TIMEOUT:
      g_value_set_int (value, qnet_local_socket_get_connect_timeout (self));
      break;
    case PROP_IDLE_TIMEOUT:
      g_value_set_int (value, qnet_local_socket_get_idle_timeout (self));
      break;
    case PROP_CLOSE_TIMEOUT:
      g_value_set_int (value, qnet_local_socket_get_close_timeout (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
qnet_local_socket_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  QnetLocalSocket *self = QNET_LOCAL_SOCKET (object);

  switch (prop_id)
    {
    case PROP_SERVER_NAME:
      qnet_local_socket_set_server_name (self, g_value_get_string (value));
      break;
    case PROP_SOCKET_OPTIONS:
      qnet_local_socket_set_socket_options (self, g_value_get_flags (value));
      break;
    case PROP_FD_LIMIT:
      qnet_local_socket_set_fd_limit (self, g_value_get_uint (value));
      break;
    case PROP_ALLOW_HALF_OPEN:
      qnet_local_socket_set_allow_half_open (self, g_value_get_boolean (value));
      break;
    case PROP_CONNECT_TIMEOUT:
      qnet_local_socket_set_connect_timeout (self, g_value_get_int (value));
      break;
    case PROP_IDLE_TIMEOUT:
      qnet_local_socket_set_idle_timeout (self, g_value_get_int (value));
      break;
    case PROP_CLOSE_TIMEOUT:
      qnet_local_socket_set_close_timeout (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define READWRITE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
make_properties_of_names (void)
{
  /**
   * QnetLocalSocket:server-name:
   *
   * The name of the server, as it was given; %NULL for a connection that a server has accepted.
   *
   * It can be set while the socket is unconnected, for a [method@LocalSocket.connect_to_server] without a name. When a connection, or
   * the attempt to make one, ends, it becomes %NULL.
   *
   * Since: 1.0
   */
  props[PROP_SERVER_NAME] = g_param_spec_string ("server-name", NULL, NULL, NULL, READWRITE);

  /**
   * QnetLocalSocket:full-server-name:
   *
   * The path of the server, or its bare name in the abstract namespace, while connected to it.
   *
   * Since: 1.0
   */
  props[PROP_FULL_SERVER_NAME] = g_param_spec_string ("full-server-name", NULL, NULL, NULL, READABLE);

  /**
   * QnetLocalSocket:state:
   *
   * Where the socket stands.
   *
   * Since: 1.0
   */
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, QNET_TYPE_LOCAL_SOCKET_STATE,
                                         QNET_LOCAL_SOCKET_STATE_UNCONNECTED, READABLE);

  /**
   * QnetLocalSocket:socket-options:
   *
   * How the server is found; the server has to have the same namespace. It counts for the next connection.
   *
   * Since: 1.0
   */
  props[PROP_SOCKET_OPTIONS] = g_param_spec_flags ("socket-options", NULL, NULL, QNET_TYPE_LOCAL_SOCKET_OPTIONS,
                                                   QNET_LOCAL_SOCKET_OPTIONS_NONE, READWRITE);
}

static void
make_properties_of_peer (void)
{
  /**
   * QnetLocalSocket:peer-credentials:
   *
   * Who is at the other end, %NULL while not connected.
   *
   * Since: 1.0
   */
  props[PROP_PEER_CREDENTIALS] = g_param_spec_object ("peer-credentials", NULL, NULL, G_TYPE_CREDENTIALS, READABLE);

  /**
   * QnetLocalSocket:fd-limit:
   *
   * How many descriptors may come at a time; 0, the default, for none.
   *
   * With 0 the kernel drops descriptors that the peer sends. A peer that sends more than so many with one byte speaks another
   * protocol than we expect: all that have come and were not taken are closed, and the connection ends with
   * [QNET_SOCKET_ERROR_SOCKET_RESOURCE][error@SocketError]. No more than so many are ever kept:
   * where those that come next have no room beside those that were not taken, nothing is read. The
   * end of the peer is noticed all the same: what it has sent is read then, and descriptors for
   * which there is no room end the connection with
   * [QNET_SOCKET_ERROR_SOCKET_RESOURCE][error@SocketError]; those before them can still be taken.
   *
   * Since: 1.0
   */
  props[PROP_FD_LIMIT] = g_param_spec_uint ("fd-limit", NULL, NULL, 0, QNET_PASSING_MAX, 0, READWRITE);

  /**
   * QnetLocalSocket:fds-available:
   *
   * How many descriptors [method@LocalSocket.receive_fds] would give. It notifies after [signal@IODevice::ready-read] for the bytes
   * with which they come, if they were not taken there.
   *
   * Since: 1.0
   */
  props[PROP_FDS_AVAILABLE] = g_param_spec_uint ("fds-available", NULL, NULL, 0, G_MAXUINT, 0, READABLE);
}

static GParamSpec *
make_timeout (const char *name,
              QnetTiming  timing)
{
  return g_param_spec_int (name, NULL, NULL, 0, G_MAXINT, qnet_connection_default_timings[timing], READWRITE);
}

static void
make_settings (void)
{
  /**
   * QnetLocalSocket:allow-half-open:
   *
   * Whether the connection goes on when the peer has said its last word.
   *
   * If not, as in Qt, the peer's end of sending ends the connection: [signal@LocalSocket::error-occurred] with
   * [QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED][error@SocketError], then, once what was written has been
   * sent, [signal@LocalSocket::disconnected]. If so, only [signal@IODevice::read-channel-finished]
   * is emitted, and writing goes on until [method@LocalSocket.shutdown_write] or
   * [method@LocalSocket.disconnect_from_server].
   *
   * While somebody holds the output stream ([method@Gio.IOStream.get_output_stream]) it counts as set.
   *
   * Since: 1.0
   */
  props[PROP_ALLOW_HALF_OPEN] = g_param_spec_boolean ("allow-half-open", NULL, NULL, FALSE, READWRITE);

  /**
   * QnetLocalSocket:connect-timeout:
   *
   * How many milliseconds connecting may take, 30000 unless it is set; 0 for no limit.
   *
   * It takes time only where the server has no room for another client. It counts for the next connection.
   *
   * Since: 1.0
   */
  props[PROP_CONNECT_TIMEOUT] = make_timeout ("connect-timeout", QNET_TIMING_CONNECT_TIMEOUT);

  /**
   * QnetLocalSocket:idle-timeout:
   *
   * After how many milliseconds without a byte in or out a connection ends; 0, the default, for never.
   *
   * It ends with [QNET_SOCKET_ERROR_SOCKET_TIMEOUT][error@SocketError] by
   * [signal@LocalSocket::error-occurred].
   *
   * A peer whose bytes wait for us, since reading is paused or the read buffer is full, is not idle. One that reads nothing of what
   * is written is, once the kernel's buffers are full.
   *
   * Since: 1.0
   */
  props[PROP_IDLE_TIMEOUT] = make_timeout ("idle-timeout", QNET_TIMING_IDLE_TIMEOUT);

  /**
   * QnetLocalSocket:close-timeout:
   *
   * How many milliseconds a closing connection may take to send what was written, 30000 unless it is set; 0 for no limit.
   *
   * What could not be sent by then is an error. The time holds for a socket whose last reference was dropped, too; and again for the
   * descriptor, which stays open without the object until the peer has read everything.
   *
   * Since: 1.0
   */
  props[PROP_CLOSE_TIMEOUT] = make_timeout ("close-timeout", QNET_TIMING_CLOSE_TIMEOUT);
}

static guint
make_plain_signal (const char *name)
{
  return g_signal_new (name, QNET_TYPE_LOCAL_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
install_signals (void)
{
  /**
   * QnetLocalSocket::connected:
   * @self: the socket
   *
   * The connection stands; the socket is
   * [QNET_LOCAL_SOCKET_STATE_CONNECTED][enum@LocalSocketState].
   *
   * Since: 1.0
   */
  connection_class.signals[QNET_CONNECTION_CONNECTED] = make_plain_signal ("connected");

  /**
   * QnetLocalSocket::disconnected:
   * @self: the socket
   *
   * The connection has ended; the socket is
   * [QNET_LOCAL_SOCKET_STATE_UNCONNECTED][enum@LocalSocketState], and can connect again at once.
   *
   * It is the last signal of a connection, and never comes without one. What is in the read buffer can still be read.
   *
   * Since: 1.0
   */
  connection_class.signals[QNET_CONNECTION_DISCONNECTED] = make_plain_signal ("disconnected");

  /**
   * QnetLocalSocket::state-changed:
   * @self: the socket
   * @state: the new state
   *
   * [property@LocalSocket:state] has changed. It follows the notification of the property.
   *
   * Since: 1.0
   */
  connection_class.signals[QNET_CONNECTION_STATE_CHANGED] =
    g_signal_new ("state-changed", QNET_TYPE_LOCAL_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, QNET_TYPE_LOCAL_SOCKET_STATE);

  /**
   * QnetLocalSocket::error-occurred:
   * @self: the socket
   * @error: what went wrong
   *
   * Something went wrong, though no call was there to be told.
   *
   * When connecting fails the socket is
   * [QNET_LOCAL_SOCKET_STATE_UNCONNECTED][enum@LocalSocketState] already; when a connection breaks
   * it is still [QNET_LOCAL_SOCKET_STATE_CONNECTED][enum@LocalSocketState], or
   * [QNET_LOCAL_SOCKET_STATE_CLOSING][enum@LocalSocketState] when it was being closed, and
   * [signal@LocalSocket::disconnected] follows.
   *
   * Since: 1.0
   */
  connection_class.signals[QNET_CONNECTION_ERROR_OCCURRED] =
    g_signal_new ("error-occurred", QNET_TYPE_LOCAL_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
qnet_local_socket_class_init (QnetLocalSocketClass *klass)
{
  static QnetIODeviceHooks hooks;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose      = qnet_local_socket_dispose;
  object_class->finalize     = qnet_local_socket_finalize;
  object_class->get_property = qnet_local_socket_get_property;
  object_class->set_property = qnet_local_socket_set_property;

  hooks = qnet_connection_hooks;
  hooks.began = began;
  QNET_IO_DEVICE_CLASS (klass)->hooks = &hooks;

  make_properties_of_names ();
  make_properties_of_peer ();
  make_settings ();
  g_object_class_install_properties (object_class, N_PROPS, props);
  install_signals ();
  connection_class.state = props[PROP_STATE];
}

static void
qnet_local_socket_init (QnetLocalSocket *self)
{
  qnet_connection_init (get_connection (self), QNET_IO_DEVICE (self), &connection_class);
  qnet_io_device_get_private (QNET_IO_DEVICE (self))->notify_more = qnet_local_socket_notify_fds;
}

/* Public API */

/**
 * qnet_local_socket_new:
 *
 * Makes an unconnected socket.
 *
 * Returns: (transfer full): the socket
 *
 * Since: 1.0
 */
QnetLocalSocket *
qnet_local_socket_new (void)
{
  return g_object_new (QNET_TYPE_LOCAL_SOCKET, NULL);
}

/**
 * qnet_local_socket_get_state:
 * @self: a socket
 *
 * Gets where the socket stands.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
QnetLocalSocketState
qnet_local_socket_get_state (QnetLocalSocket *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), QNET_LOCAL_SOCKET_STATE_UNCONNECTED);

  qnet_io_device_leave_parent (QNET_IO_DEVICE (self));

  return (QnetLocalSocketState) get_connection (self)->state;
}

/**
 * qnet_local_socket_get_server_name:
 * @self: a socket
 *
 * Gets the name of the server, as it was given.
 *
 * Returns: (type filename) (nullable): the name, or %NULL if there is none
 *
 * Since: 1.0
 */
const char *
qnet_local_socket_get_server_name (QnetLocalSocket *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), NULL);

  return qnet_local_socket_get_private (self)->server_name;
}

/**
 * qnet_local_socket_set_server_name:
 * @self: an unconnected socket
 * @name: (type filename) (nullable): the name of a server, or %NULL
 *
 * Sets the name of the server to connect to.
 *
 * While the socket is in use nothing changes, and [property@IODevice:error] says so.
 *
 * Since: 1.0
 */
void
qnet_local_socket_set_server_name (QnetLocalSocket *self,
                                   const char      *name)
{
  GError *error = NULL;

  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));

  if (get_connection (self)->state == QNET_SOCKET_STATE_UNCONNECTED)
    {
      qnet_local_socket_take_name (self, g_strdup (name));
      return;
    }

  qnet_set_error (&error, QNET_SOCKET_ERROR_OPERATION, _("Could not set the name of the server: the socket is in use"));
  qnet_io_device_take_error (QNET_IO_DEVICE (self), error);
}

/**
 * qnet_local_socket_get_full_server_name:
 * @self: a socket
 *
 * Gets the path of the server, or its bare name in the abstract namespace.
 *
 * Returns: (type filename) (nullable): the name, or %NULL while not connected to a server
 *
 * Since: 1.0
 */
const char *
qnet_local_socket_get_full_server_name (QnetLocalSocket *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), NULL);

  return qnet_local_socket_get_private (self)->full_name;
}

/**
 * qnet_local_socket_get_socket_options:
 * @self: a socket
 *
 * Gets how the server is found.
 *
 * Returns: the options
 *
 * Since: 1.0
 */
QnetLocalSocketOptions
qnet_local_socket_get_socket_options (QnetLocalSocket *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), QNET_LOCAL_SOCKET_OPTIONS_NONE);

  return qnet_local_socket_get_private (self)->options;
}

/**
 * qnet_local_socket_set_socket_options:
 * @self: a socket
 * @options: the options
 *
 * Sets how the server is found, from the next connection on.
 *
 * Since: 1.0
 */
void
qnet_local_socket_set_socket_options (QnetLocalSocket        *self,
                                      QnetLocalSocketOptions  options)
{
  QnetLocalSocketPrivate *priv;

  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));

  priv = qnet_local_socket_get_private (self);

  if (priv->options == options)
    return;

  priv->options = options;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SOCKET_OPTIONS]);
}
