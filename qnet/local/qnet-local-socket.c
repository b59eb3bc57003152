/* qnet-local-socket.c: a connection between two programs on one machine
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-local-socket.h"

#include "local/qnet-local-socket-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

#include "qnet-enum-types.h"

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
 * It is a stream, as a TCP connection is, and reads and writes as every [class@IODevice] does. What
 * it has beyond that: the server is found by a name, and the file permissions say who may connect;
 * the kernel knows the credentials of the peer ([property@LocalSocket:peer-credentials]); and open
 * files can be passed along ([method@LocalSocket.send_fds]).
 *
 * States, signals, errors and the end of a connection are those of [class@Socket];
 * [method@LocalSocket.disconnect_from_server] is Qt's name for
 * [method@Socket.disconnect_from_peer]. Servers make sockets of their own: see [class@LocalServer].
 *
 * Since: 1.0
 */

G_DEFINE_TYPE_WITH_PRIVATE (QnetLocalSocket, qnet_local_socket, QNET_TYPE_SOCKET)

enum
{
  PROP_0,
  PROP_SERVER_NAME,
  PROP_FULL_SERVER_NAME,
  PROP_ACCESS,
  PROP_PEER_CREDENTIALS,
  PROP_FD_LIMIT,
  PROP_FDS_AVAILABLE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

QnetLocalSocketPrivate *
qnet_local_socket_get_private (QnetLocalSocket *self)
{
  return qnet_local_socket_get_instance_private (self);
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

  if (is_new && !qnet_io_device_is_disposed (qnet_io_device_get_private (QNET_IO_DEVICE (self))))
    qnet_io_device_notify (self, props[prop]);
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
  qnet_io_device_notify (self, props[PROP_PEER_CREDENTIALS]);
}

void
qnet_local_socket_notify_fds (QnetIODevice *device)
{
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (QNET_LOCAL_SOCKET (device));
  int n = qnet_local_socket_get_fds_available (QNET_LOCAL_SOCKET (device));

  if (priv->notified_fds == n)
    return;

  priv->notified_fds = n;
  qnet_io_device_notify (device, props[PROP_FDS_AVAILABLE]);
}

/* The state of the connection */

static void
init_transport (QnetSocket    *socket,
                QnetTransport *transport,
                int            fd)
{
  qnet_transport_init_local (transport, fd,
                             qnet_local_socket_get_private (QNET_LOCAL_SOCKET (socket))->passing);
}

static void
stop (QnetSocket *socket)
{
  g_clear_pointer (&qnet_local_socket_get_private (QNET_LOCAL_SOCKET (socket))->attempt,
                   qnet_local_attempt_free);
}

static void
forget (QnetSocket *socket)
{
  QnetLocalSocket *self = QNET_LOCAL_SOCKET (socket);
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (self);

  qnet_io_device_freeze_notify (self);

  if (priv->credentials != NULL && !qnet_io_device_is_disposed (qnet_socket_get_device (socket)))
    qnet_local_socket_notify_credentials (self);

  qnet_io_device_clear_object (self, &priv->credentials);
  qnet_local_socket_take_name (self, NULL);
  qnet_local_socket_take_full_name (self, NULL);
  qnet_io_device_thaw_notify (self);
}

static void
remember (QnetSocket *socket)
{
  (void) qnet_local_socket_get_peer_credentials (QNET_LOCAL_SOCKET (socket));
}

/* Descriptors that arrive while the rest is sent are not read by the application. */
static void
closing (QnetSocket *socket)
{
  QnetPassing *passing = qnet_local_socket_get_private (QNET_LOCAL_SOCKET (socket))->passing;

  if (passing != NULL)
    passing->limit = 0;
}

/* Without an attempt, a socket that is connecting has the transport of a subclass. */
static char *
describe_peer (QnetIODevice *device)
{
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (QNET_LOCAL_SOCKET (device));

  if (priv->attempt != NULL)
    return qnet_local_attempt_describe (priv->attempt);

  return priv->full_name != NULL ? g_filename_display_name (priv->full_name) : NULL;
}

/* Descriptors of the last connection belong to that one. */
static void
began (QnetIODevice *device)
{
  QnetLocalSocket *self = QNET_LOCAL_SOCKET (device);

  g_clear_pointer (&qnet_local_socket_get_private (self)->passing, qnet_passing_unref);
  qnet_local_socket_apply_fd_limit (self);
  qnet_local_socket_notify_fds (device);
}

/* Descriptors that were received belong to the connection, too. */
static void
abort_connection (QnetSocket *socket)
{
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (QNET_LOCAL_SOCKET (socket));

  if (priv->passing != NULL)
    {
      qnet_passing_close_received (priv->passing);
      qnet_local_socket_notify_fds (QNET_IO_DEVICE (socket));
    }

  QNET_SOCKET_CLASS (qnet_local_socket_parent_class)->abort (socket);
}

static GType
get_successor (QnetSocket *socket)
{
  return QNET_TYPE_LOCAL_SOCKET;
}

/* With the descriptors that are to be sent. */
static void
hand_over (QnetSocket *socket,
           QnetSocket *successor)
{
  QnetLocalSocketPrivate *from = qnet_local_socket_get_private (QNET_LOCAL_SOCKET (socket));
  QnetLocalSocketPrivate *to = qnet_local_socket_get_private (QNET_LOCAL_SOCKET (successor));

  closing (socket);
  to->passing = g_steal_pointer (&from->passing);
  to->attempt = g_steal_pointer (&from->attempt);
  if (to->attempt != NULL)
    qnet_local_attempt_move (to->attempt, QNET_LOCAL_SOCKET (successor));
}

static void
install_functions (QnetSocketClassPrivate *functions)
{
  functions->init_transport = init_transport;
  functions->stop           = stop;
  functions->forget         = forget;
  functions->remember       = remember;
  functions->closing        = closing;
  functions->take_fd        = qnet_local_socket_take_fd;
  functions->get_successor  = get_successor;
  functions->hand_over      = hand_over;
}

/* GObject */

static void
qnet_local_socket_finalize (GObject *object)
{
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (QNET_LOCAL_SOCKET (object));

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
    case PROP_ACCESS:
      g_value_set_flags (value, qnet_local_socket_get_access (self));
      break;
    case PROP_PEER_CREDENTIALS:
      g_value_set_object (value, qnet_local_socket_get_peer_credentials (self));
      break;
    case PROP_FD_LIMIT:
      g_value_set_int (value, qnet_local_socket_get_fd_limit (self));
      break;
    case PROP_FDS_AVAILABLE:
      g_value_set_int (value, qnet_local_socket_get_fds_available (self));
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
    case PROP_ACCESS:
      qnet_local_socket_set_access (self, g_value_get_flags (value));
      break;
    case PROP_FD_LIMIT:
      qnet_local_socket_set_fd_limit (self, g_value_get_int (value));
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
   * It can be set while the socket is unconnected, for a [method@LocalSocket.connect_to_server]
   * without a name. When a connection, or the attempt to make one, ends, it becomes %NULL.
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
  props[PROP_FULL_SERVER_NAME] =
    g_param_spec_string ("full-server-name", NULL, NULL, NULL, READABLE);

  /**
   * QnetLocalSocket:access:
   *
   * How the server is reached: with [QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE][flags@LocalAccess] by a
   * name in the abstract namespace, else by a file. It counts for the next connection.
   *
   * Since: 1.0
   */
  props[PROP_ACCESS] = g_param_spec_flags ("access", NULL, NULL, QNET_TYPE_LOCAL_ACCESS,
                                           QNET_LOCAL_ACCESS_DEFAULT, READWRITE);
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
  props[PROP_PEER_CREDENTIALS] =
    g_param_spec_object ("peer-credentials", NULL, NULL, G_TYPE_CREDENTIALS, READABLE);

  /**
   * QnetLocalSocket:fd-limit:
   *
   * How many descriptors may come at a time; 0, the default, for none.
   *
   * With 0 the kernel drops descriptors that the peer sends. A peer that sends more than so many
   * with one byte speaks another protocol than we expect: all that have come and were not taken are
   * closed, and the connection ends with [QNET_SOCKET_ERROR_SOCKET_RESOURCE][error@SocketError]. No
   * more than so many are ever kept: where those that come next have no room beside those that were
   * not taken, nothing is read. The end of the peer is noticed all the same: what it has sent is
   * read then, and descriptors for which there is no room end the connection with
   * [QNET_SOCKET_ERROR_SOCKET_RESOURCE][error@SocketError]; those before them can still be taken.
   *
   * Since: 1.0
   */
  props[PROP_FD_LIMIT] =
    g_param_spec_int ("fd-limit", NULL, NULL, 0, QNET_PASSING_MAX, 0, READWRITE);

  /**
   * QnetLocalSocket:fds-available:
   *
   * How many descriptors [method@LocalSocket.receive_fds] would give. It notifies after
   * [signal@IODevice::ready-read] for the bytes with which they come, if they were not taken there.
   *
   * Since: 1.0
   */
  props[PROP_FDS_AVAILABLE] =
    g_param_spec_int ("fds-available", NULL, NULL, 0, G_MAXINT, 0, READABLE);
}

static void
qnet_local_socket_class_init (QnetLocalSocketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  QnetIODeviceClassPrivate *device_functions =
    qnet_io_device_class_get_private (QNET_IO_DEVICE_CLASS (klass));

  object_class->finalize     = qnet_local_socket_finalize;
  object_class->get_property = qnet_local_socket_get_property;
  object_class->set_property = qnet_local_socket_set_property;

  QNET_SOCKET_CLASS (klass)->abort = abort_connection;
  device_functions->began = began;
  device_functions->describe_peer = describe_peer;
  device_functions->notify_more = qnet_local_socket_notify_fds;
  install_functions (qnet_socket_class_get_private (QNET_SOCKET_CLASS (klass)));

  make_properties_of_names ();
  make_properties_of_peer ();
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
qnet_local_socket_init (QnetLocalSocket *self)
{
  qnet_io_device_get_private (QNET_IO_DEVICE (self))->has_more_to_notify = TRUE;
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
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_local_socket_get_private (self)->server_name;
}

/**
 * qnet_local_socket_set_server_name:
 * @self: an unconnected socket
 * @name: (type filename) (nullable): the name of a server, or %NULL
 *
 * Sets the name of the server to connect to.
 *
 * While the socket is in use nothing changes, and [property@IODevice:error] is set.
 *
 * Since: 1.0
 */
void
qnet_local_socket_set_server_name (QnetLocalSocket *self,
                                   const char      *name)
{
  GError *error = NULL;

  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));
  QNET_IO_STAY (self);

  if (qnet_socket_get_private (QNET_SOCKET (self))->state == QNET_SOCKET_STATE_UNCONNECTED)
    {
      qnet_local_socket_take_name (self, g_strdup (name));
      return;
    }

  qnet_set_error (&error, QNET_SOCKET_ERROR_OPERATION,
                  _("Could not set the name of the server: The socket is in use"));
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
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_local_socket_get_private (self)->full_name;
}

/**
 * qnet_local_socket_get_access:
 * @self: a socket
 *
 * Gets how the server is reached.
 *
 * Returns: the flags
 *
 * Since: 1.0
 */
QnetLocalAccess
qnet_local_socket_get_access (QnetLocalSocket *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), QNET_LOCAL_ACCESS_DEFAULT);
  QNET_IO_BRIEF_STAY (self, QNET_LOCAL_ACCESS_DEFAULT);

  return qnet_local_socket_get_private (self)->access;
}

/**
 * qnet_local_socket_set_access:
 * @self: a socket
 * @access: the flags
 *
 * Sets how the server is reached, from the next connection on.
 *
 * Since: 1.0
 */
void
qnet_local_socket_set_access (QnetLocalSocket *self,
                              QnetLocalAccess  access)
{
  QnetLocalSocketPrivate *priv;

  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));
  QNET_IO_STAY (self);

  priv = qnet_local_socket_get_private (self);

  if (priv->access == access)
    return;

  priv->access = access;
  qnet_io_device_notify (self, props[PROP_ACCESS]);
}
