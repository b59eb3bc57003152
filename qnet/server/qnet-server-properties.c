/* qnet-server-properties.c: what can be set and asked of every server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <sys/socket.h>

#include "server/qnet-server-private.h"

enum
{
  PROP_LISTENING = 1,
  PROP_CONNECTIONS,
  PROP_ERROR,
  PROP_MAX_PENDING_CONNECTIONS,
  PROP_MAX_CONNECTIONS,
  PROP_LISTEN_BACKLOG_SIZE,
  PROP_READ_BUFFER_SIZE,
  PROP_UNSENT_LIMIT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* Errors */

void
qnet_server_take_error (QnetServer *self,
                        GError     *error)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);

  if (priv->error == NULL && error == NULL)
    return;

  g_clear_error (&priv->error);
  priv->error = error;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

gboolean
qnet_server_fail (QnetServer  *self,
                  GError      *failure,
                  GError     **error)
{
  qnet_server_take_error (self, g_error_copy (failure));
  g_propagate_error (error, failure);

  return FALSE;
}

/* GObject */

static void
qnet_server_get_property (GObject    *object,
                          guint       id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  QnetServer *self = QNET_SERVER (object);

  switch (id)
    {
    case PROP_LISTENING:
      g_value_set_boolean (value, qnet_server_is_listening (self));
      break;

    case PROP_CONNECTIONS:
      g_value_set_object (value, qnet_server_get_connections (self));
      break;

    case PROP_ERROR:
      g_value_set_boxed (value, qnet_server_get_error (self));
      break;

    case PROP_MAX_PENDING_CONNECTIONS:
      g_value_set_int (value, qnet_server_get_max_pending_connections (self));
      break;

    case PROP_MAX_CONNECTIONS:
      g_value_set_int (value, qnet_server_get_max_connections (self));
      break;

    case PROP_LISTEN_BACKLOG_SIZE:
      g_value_set_int (value, qnet_server_get_listen_backlog_size (self));
      break;

    case PROP_READ_BUFFER_SIZE:
      g_value_set_int64 (value, qnet_server_get_read_buffer_size (self));
      break;

    case PROP_UNSENT_LIMIT:
      g_value_set_int64 (value, qnet_server_get_unsent_limit (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
qnet_server_set_property (GObject      *object,
                          guint         id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  QnetServer *self = QNET_SERVER (object);

  switch (id)
    {
    case PROP_MAX_PENDING_CONNECTIONS:
      qnet_server_set_max_pending_connections (self, g_value_get_int (value));
      break;

    case PROP_MAX_CONNECTIONS:
      qnet_server_set_max_connections (self, g_value_get_int (value));
      break;

    case PROP_LISTEN_BACKLOG_SIZE:
      qnet_server_set_listen_backlog_size (self, g_value_get_int (value));
      break;

    case PROP_READ_BUFFER_SIZE:
      qnet_server_set_read_buffer_size (self, g_value_get_int64 (value));
      break;

    case PROP_UNSENT_LIMIT:
      qnet_server_set_unsent_limit (self, g_value_get_int64 (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
make_state_properties (void)
{
  const GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetServer:listening: (getter is_listening)
   *
   * Whether the server listens; %TRUE while accepting is paused, too.
   *
   * Since: 1.0
   */
  properties[PROP_LISTENING] = g_param_spec_boolean ("listening", NULL, NULL, FALSE, ro);

  /**
   * QnetServer:connections:
   *
   * The live connections, those not yet taken included, in the order in which they came.
   *
   * It is a [class@ConnectionList], whose items are [class@IODevice]s. The model costs nothing until it is asked for, and from then
   * on a little with each connection that comes or goes. It changes as connections end: to visit all of them, and end some, use
   * [method@Server.list_connections], or the iteration of Python and JavaScript, which does.
   *
   * Since: 1.0
   */
  properties[PROP_CONNECTIONS] =
    g_param_spec_object ("connections", NULL, NULL, G_TYPE_LIST_MODEL, ro);

  /**
   * QnetServer:error:
   *
   * The last error, %NULL after a call that made the server listen.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, ro);
}

static void
make_limit_properties (void)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetServer:max-pending-connections:
   *
   * How many connections may wait for somebody to take them, 30 unless it is set; with 0 or less none is accepted.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_PENDING_CONNECTIONS] =
    g_param_spec_int ("max-pending-connections", NULL, NULL, G_MININT, G_MAXINT, 30, rw);

  /**
   * QnetServer:max-connections:
   *
   * How many connections may be alive at a time, those not yet taken included; 0, the default, for any number.
   *
   * Each connection costs a descriptor, and up to [property@Server:read-buffer-size] and [property@Server:unsent-limit] bytes. A
   * server that unknown peers can reach should have a number that fits into its memory and well below its limit of descriptors
   * (`RLIMIT_NOFILE`), 256 for instance: clients beyond it wait in the kernel's backlog, and none of the program's other files
   * fails to open. Together with an idle timeout of the connections it also bounds how long they wait.
   *
   * A connection that an override of [vfunc@Server.incoming_connection] keeps for itself does not count.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_CONNECTIONS] =
    g_param_spec_int ("max-connections", NULL, NULL, 0, G_MAXINT, 0, rw);

  /**
   * QnetServer:listen-backlog-size:
   *
   * How many clients the kernel lets wait until they are accepted.
   *
   * It counts from the next call on that makes the server listen. The default is `SOMAXCONN`, where Qt has 50: a burst of clients
   * is then limited by the system's own setting alone, on Linux `net.core.somaxconn`.
   *
   * Since: 1.0
   */
  properties[PROP_LISTEN_BACKLOG_SIZE] =
    g_param_spec_int ("listen-backlog-size", NULL, NULL, 0, G_MAXINT, SOMAXCONN, rw);

  /**
   * QnetServer:read-buffer-size:
   *
   * The [property@IODevice:read-buffer-size] of each connection from now on, in bytes, 1 MiB unless it is set; 0 for no limit.
   *
   * A client can send faster than a handler reads, or send a line without an end: without a limit it fills the memory of the
   * server. A connection that has a limit of its own when it is queued keeps that.
   *
   * Since: 1.0
   */
  properties[PROP_READ_BUFFER_SIZE] =
    g_param_spec_int64 ("read-buffer-size", NULL, NULL, 0, G_MAXINT64, QNET_SERVER_BUFFER_SIZE, rw);

  /**
   * QnetServer:unsent-limit:
   *
   * The [property@IODevice:unsent-limit] of each connection from now on, in bytes, 1 MiB unless it is set; 0 for no limit.
   *
   * A client that sends requests, and reads no answer, is not read any further once so many bytes of answers wait to be sent. It
   * does not limit what can be written. A protocol whose client may talk while it receives, to stop a long answer for instance,
   * wants a limit above the longest answer, or none. A connection that has a limit of its own when it is queued keeps that.
   *
   * Since: 1.0
   */
  properties[PROP_UNSENT_LIMIT] =
    g_param_spec_int64 ("unsent-limit", NULL, NULL, 0, G_MAXINT64, QNET_SERVER_BUFFER_SIZE, rw);
}

void
qnet_server_class_install_properties (GObjectClass *object_class)
{
  object_class->get_property = qnet_server_get_property;
  object_class->set_property = qnet_server_set_property;

  make_state_properties ();
  make_limit_properties ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

/* Public API */

/**
 * qnet_server_get_connections:
 * @self: a server
 *
 * Gets the live connections as a list that notifies of changes.
 *
 * Returns: (transfer none): a [class@ConnectionList] of [class@IODevice]s
 *
 * Since: 1.0
 */
GListModel *
qnet_server_get_connections (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), NULL);

  return qnet_connections_get_list (&qnet_server_get_private (self)->connections);
}

/**
 * qnet_server_list_connections:
 * @self: a server
 *
 * Lists the connections that are alive now, those not yet taken included, in the order in which they came.
 *
 * What happens to them afterwards does not change the result: each may be disconnected while it is walked over.
 *
 * Returns: (transfer container) (element-type QnetIODevice): the connections
 *
 * Since: 1.0
 */
GPtrArray *
qnet_server_list_connections (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), NULL);

  return qnet_connections_list_all (&qnet_server_get_private (self)->connections);
}

/**
 * qnet_server_get_error:
 * @self: a server
 *
 * Gets the last error.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL when there was none since the server began to listen
 *
 * Since: 1.0
 */
const GError *
qnet_server_get_error (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), NULL);

  return qnet_server_get_private (self)->error;
}

/**
 * qnet_server_get_error_code:
 * @self: a server
 *
 * Gets the code of the last error.
 *
 * Returns: (type gint): a [error@SocketError], -1 when there was no error
 *
 * Since: 1.0
 */
int
qnet_server_get_error_code (QnetServer *self)
{
  QnetServerPrivate *priv;

  g_return_val_if_fail (QNET_IS_SERVER (self), -1);

  priv = qnet_server_get_private (self);

  return priv->error != NULL ? priv->error->code : -1;
}

/**
 * qnet_server_get_max_pending_connections:
 * @self: a server
 *
 * Gets how many connections may wait for somebody to take them.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
int
qnet_server_get_max_pending_connections (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);

  return qnet_server_get_private (self)->max_pending_connections;
}

/**
 * qnet_server_set_max_pending_connections:
 * @self: a server
 * @max: how many
 *
 * Sets how many connections may wait for somebody to take them.
 *
 * Since: 1.0
 */
void
qnet_server_set_max_pending_connections (QnetServer *self,
                                         int         max)
{
  QnetServerPrivate *priv;

  g_return_if_fail (QNET_IS_SERVER (self));

  priv = qnet_server_get_private (self);

  if (priv->max_pending_connections == max)
    return;

  priv->max_pending_connections = max;
  qnet_server_update_limits (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_PENDING_CONNECTIONS]);
}

/**
 * qnet_server_get_max_connections:
 * @self: a server
 *
 * Gets how many connections may be alive at a time.
 *
 * Returns: the number, 0 for any
 *
 * Since: 1.0
 */
int
qnet_server_get_max_connections (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);

  return qnet_server_get_private (self)->max_connections;
}

/**
 * qnet_server_set_max_connections:
 * @self: a server
 * @max: how many, 0 for any number
 *
 * Sets how many connections may be alive at a time.
 *
 * Since: 1.0
 */
void
qnet_server_set_max_connections (QnetServer *self,
                                 int         max)
{
  QnetServerPrivate *priv;

  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (max >= 0);

  priv = qnet_server_get_private (self);

  if (priv->max_connections == max)
    return;

  priv->max_connections = max;
  qnet_server_update_limits (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_CONNECTIONS]);
}

/**
 * qnet_server_get_listen_backlog_size:
 * @self: a server
 *
 * Gets how many clients the kernel lets wait.
 *
 * Returns: the number, `SOMAXCONN` unless it was set
 *
 * Since: 1.0
 */
int
qnet_server_get_listen_backlog_size (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);

  return qnet_server_get_private (self)->listen_backlog_size;
}

/**
 * qnet_server_set_listen_backlog_size:
 * @self: a server
 * @size: how many clients
 *
 * Sets how many clients the kernel lets wait, from the next listening on.
 *
 * Since: 1.0
 */
void
qnet_server_set_listen_backlog_size (QnetServer *self,
                                     int         size)
{
  QnetServerPrivate *priv;

  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (size >= 0);

  priv = qnet_server_get_private (self);

  if (priv->listen_backlog_size == size)
    return;

  priv->listen_backlog_size = size;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LISTEN_BACKLOG_SIZE]);
}

/**
 * qnet_server_get_read_buffer_size:
 * @self: a server
 *
 * Gets the size of the read buffer that each new connection is given.
 *
 * Returns: bytes, 0 for no limit
 *
 * Since: 1.0
 */
gint64
qnet_server_get_read_buffer_size (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);

  return qnet_server_get_private (self)->read_buffer_size;
}

/**
 * qnet_server_set_read_buffer_size:
 * @self: a server
 * @size: bytes, 0 for no limit
 *
 * Sets the size of the read buffer that each new connection is given.
 *
 * Since: 1.0
 */
void
qnet_server_set_read_buffer_size (QnetServer *self,
                                  gint64      size)
{
  QnetServerPrivate *priv;

  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (size >= 0);

  priv = qnet_server_get_private (self);

  if (priv->read_buffer_size == size)
    return;

  priv->read_buffer_size = size;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READ_BUFFER_SIZE]);
}

/**
 * qnet_server_get_unsent_limit:
 * @self: a server
 *
 * Gets how many unsent bytes let each new connection stop reading.
 *
 * Returns: bytes, 0 for no limit
 *
 * Since: 1.0
 */
gint64
qnet_server_get_unsent_limit (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);

  return qnet_server_get_private (self)->unsent_limit;
}

/**
 * qnet_server_set_unsent_limit:
 * @self: a server
 * @limit: bytes, 0 for no limit
 *
 * Sets how many unsent bytes let each new connection stop reading; see [property@Server:unsent-limit].
 *
 * Since: 1.0
 */
void
qnet_server_set_unsent_limit (QnetServer *self,
                              gint64      limit)
{
  QnetServerPrivate *priv;

  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (limit >= 0);

  priv = qnet_server_get_private (self);

  if (priv->unsent_limit == limit)
    return;

  priv->unsent_limit = limit;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNSENT_LIMIT]);
}
