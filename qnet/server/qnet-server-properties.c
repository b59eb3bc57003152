/* qnet-server-properties.c: the properties of QnetServer
 *
 * It has over 700 lines because a class has one list of properties, each with its documentation.
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
  PROP_STOPPING,
  PROP_CONNECTIONS,
  PROP_ERROR,
  PROP_MAX_PENDING_CONNECTIONS,
  PROP_MAX_CONNECTIONS,
  PROP_LISTEN_BACKLOG_SIZE,
  PROP_READ_BUFFER_SIZE,
  PROP_UNSENT_LIMIT,
  PROP_IDLE_TIMEOUT,
  PROP_WRITE_BUFFER_HIGH_WATER,
  PROP_WRITE_BUFFER_LOW_WATER,
  PROP_ADDRESS_FILTER,
  PROP_MAX_CONNECTIONS_PER_ADDRESS,
  PROP_IPV4_PREFIX_LENGTH,
  PROP_IPV6_PREFIX_LENGTH,
  PROP_REFUSED_CONNECTIONS,
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

void
qnet_server_notify_stopping (QnetServer *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STOPPING]);
}

void
qnet_server_count_refusal (QnetServer *self)
{
  qnet_server_get_private (self)->n_refused++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REFUSED_CONNECTIONS]);
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

    case PROP_STOPPING:
      g_value_set_boolean (value, qnet_server_is_stopping (self));
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

    case PROP_IDLE_TIMEOUT:
      g_value_set_int (value, qnet_server_get_idle_timeout (self));
      break;

    case PROP_WRITE_BUFFER_HIGH_WATER:
      g_value_set_int64 (value, qnet_server_get_write_buffer_high_water (self));
      break;

    case PROP_WRITE_BUFFER_LOW_WATER:
      g_value_set_int64 (value, qnet_server_get_write_buffer_low_water (self));
      break;

    case PROP_ADDRESS_FILTER:
      g_value_set_object (value, qnet_server_get_address_filter (self));
      break;

    case PROP_MAX_CONNECTIONS_PER_ADDRESS:
      g_value_set_int (value, qnet_server_get_max_connections_per_address (self));
      break;

    case PROP_IPV4_PREFIX_LENGTH:
      g_value_set_int (value, qnet_server_get_ipv4_prefix_length (self));
      break;

    case PROP_IPV6_PREFIX_LENGTH:
      g_value_set_int (value, qnet_server_get_ipv6_prefix_length (self));
      break;

    case PROP_REFUSED_CONNECTIONS:
      g_value_set_int64 (value, qnet_server_get_refused_connections (self));
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

    case PROP_IDLE_TIMEOUT:
      qnet_server_set_idle_timeout (self, g_value_get_int (value));
      break;

    case PROP_WRITE_BUFFER_HIGH_WATER:
      qnet_server_set_write_buffer_high_water (self, g_value_get_int64 (value));
      break;

    case PROP_WRITE_BUFFER_LOW_WATER:
      qnet_server_set_write_buffer_low_water (self, g_value_get_int64 (value));
      break;

    case PROP_ADDRESS_FILTER:
      qnet_server_set_address_filter (self, g_value_get_object (value));
      break;

    case PROP_MAX_CONNECTIONS_PER_ADDRESS:
      qnet_server_set_max_connections_per_address (self, g_value_get_int (value));
      break;

    case PROP_IPV4_PREFIX_LENGTH:
      qnet_server_set_ipv4_prefix_length (self, g_value_get_int (value));
      break;

    case PROP_IPV6_PREFIX_LENGTH:
      qnet_server_set_ipv6_prefix_length (self, g_value_get_int (value));
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
   * Whether the server listens; also %TRUE while accepting is paused.
   *
   * Since: 1.0
   */
  properties[PROP_LISTENING] = g_param_spec_boolean ("listening", NULL, NULL, FALSE, ro);

  /**
   * QnetServer:stopping: (getter is_stopping)
   *
   * Whether the server is being stopped by [method@Server.stop_async], from that call until it
   * ends.
   *
   * A handler that has answered a request can look here whether the connection should end now.
   *
   * Since: 1.0
   */
  properties[PROP_STOPPING] = g_param_spec_boolean ("stopping", NULL, NULL, FALSE, ro);

  /**
   * QnetServer:connections:
   *
   * The live connections, including the pending ones, in the order in which they were accepted.
   * One that ends is removed before that is notified, so that handlers of
   * [signal@Socket::disconnected] do not find it here.
   *
   * It is a [class@ConnectionList], whose items are [class@Socket]s. The model costs nothing
   * until it is requested, and from then on a little for each connection that begins or ends. It
   * changes as connections end: to iterate over all of them, and close some, use
   * [method@Server.list_connections], or the iteration of Python and JavaScript, which uses it.
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
make_connection_limits (void)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetServer:max-pending-connections:
   *
   * How many connections may be pending, 30 by default.
   *
   * At the limit no connection is accepted until one is taken: further clients wait in the kernel.
   * It is at least 1; to accept none, call [method@Server.pause_accepting]. A connection of which a
   * header is still being read, see [property@TcpServer:trusted-proxies], counts as well; a
   * [class@SslServer] counts it for [property@SslServer:max-handshakes].
   *
   * Since: 1.0
   */
  properties[PROP_MAX_PENDING_CONNECTIONS] =
    g_param_spec_int ("max-pending-connections", NULL, NULL, 1, G_MAXINT, 30, rw);

  /**
   * QnetServer:max-connections:
   *
   * How many connections may be alive at a time, including the pending ones; 0, the default, for no
   * limit.
   *
   * Each connection uses a descriptor, and up to [property@Server:read-buffer-size] and
   * [property@Server:unsent-limit] bytes. A server that can be reached by unknown peers should have
   * a limit that fits into its memory and is well below its limit of descriptors (`RLIMIT_NOFILE`),
   * for instance 256: further clients wait in the kernel's backlog, and the process can still open
   * other files. Together with an idle timeout of the connections it also bounds how long they
   * wait.
   *
   * A connection that an override of [vfunc@Server.incoming_connection] does not queue does not
   * count.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_CONNECTIONS] =
    g_param_spec_int ("max-connections", NULL, NULL, 0, G_MAXINT, 0, rw);

  /**
   * QnetServer:listen-backlog-size:
   *
   * How many clients can wait in the kernel until they are accepted; 0 for the fewest possible,
   * which is one on Linux.
   *
   * It takes effect the next time that the server listens. The default is `SOMAXCONN`, where Qt has
   * 50: a burst of clients is then only limited by the setting of the system, on Linux
   * `net.core.somaxconn`.
   *
   * Since: 1.0
   */
  properties[PROP_LISTEN_BACKLOG_SIZE] =
    g_param_spec_int ("listen-backlog-size", NULL, NULL, 0, G_MAXINT, SOMAXCONN, rw);
}

static void
make_admission_properties (void)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetServer:address-filter:
   *
   * Which addresses of peers may connect; all, unless it is set.
   *
   * A connection of another one is reset before anything is created for it. A filter that is
   * changed, or set while the server listens, concerns the connections that are accepted from then
   * on. To let all connect again, set a filter without networks: it cannot be set to %NULL. A peer
   * whose address is not known, since a [property@TcpServer:proxy] does not report it, is in no
   * network. It has no effect for a [class@LocalServer].
   *
   * Since: 1.0
   */
  properties[PROP_ADDRESS_FILTER] =
    g_param_spec_object ("address-filter", NULL, NULL, QNET_TYPE_ADDRESS_FILTER, rw);

  /**
   * QnetServer:refused-connections:
   *
   * How many connections were refused by [property@Server:address-filter] and
   * [property@Server:max-connections-per-address], since the server was created.
   *
   * Since: 1.0
   */
  properties[PROP_REFUSED_CONNECTIONS] =
    g_param_spec_int64 ("refused-connections", NULL, NULL, 0, G_MAXINT64, 0, ro);
}

static void
make_address_limits (void)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetServer:max-connections-per-address:
   *
   * How many connections one address may have at a time; 0, the default, for no limit.
   *
   * One more is reset. It could not wait, as it does at [property@Server:max-connections]: the
   * clients behind it would wait, too. Of one address are all peers whose first
   * [property@Server:ipv4-prefix-length] or [property@Server:ipv6-prefix-length] bits are equal.
   * Connections count from the time at which they are accepted, including the handshake of TLS,
   * until they are disconnected. It has no effect for a [class@LocalServer].
   *
   * Since: 1.0
   */
  properties[PROP_MAX_CONNECTIONS_PER_ADDRESS] =
    g_param_spec_int ("max-connections-per-address", NULL, NULL, 0, G_MAXINT, 0, rw);

  /**
   * QnetServer:ipv4-prefix-length:
   *
   * How many bits of an IPv4 address count as one address for
   * [property@Server:max-connections-per-address]; 32 by default, each address by itself. With 0
   * all are one.
   *
   * Since: 1.0
   */
  properties[PROP_IPV4_PREFIX_LENGTH] =
    g_param_spec_int ("ipv4-prefix-length", NULL, NULL, 0, 32, QNET_ADMISSION_IPV4_PREFIX, rw);

  /**
   * QnetServer:ipv6-prefix-length:
   *
   * How many bits of an IPv6 address count as one address for
   * [property@Server:max-connections-per-address]; 64 by default, since one customer usually has
   * such a network, and each of its addresses. With 0 all are one.
   *
   * Since: 1.0
   */
  properties[PROP_IPV6_PREFIX_LENGTH] =
    g_param_spec_int ("ipv6-prefix-length", NULL, NULL, 0, 128, QNET_ADMISSION_IPV6_PREFIX, rw);
}

static void
make_buffer_limits (void)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetServer:read-buffer-size:
   *
   * The [property@IODevice:read-buffer-size] of each new connection, in bytes, 1 MiB by default; 0
   * for no limit.
   *
   * A client can send faster than a handler reads, or send a line without an end: without a limit
   * it fills the memory of the server. A connection that already has a limit when it is queued
   * keeps it.
   *
   * Since: 1.0
   */
  properties[PROP_READ_BUFFER_SIZE] =
    g_param_spec_int64 ("read-buffer-size", NULL, NULL, 0, G_MAXINT64, QNET_SERVER_BUFFER_SIZE, rw);

  /**
   * QnetServer:unsent-limit:
   *
   * The [property@IODevice:unsent-limit] of each new connection, in bytes, 1 MiB by default; 0 for
   * no limit.
   *
   * If a client sends requests and does not read the answers, its connection stops reading once so
   * many bytes wait to be sent. How much can be written is not limited. A protocol whose client may
   * send while it receives, for instance to cancel a long answer, needs a limit above the longest
   * answer, or none. A connection that already has a limit when it is queued keeps it.
   *
   * Since: 1.0
   */
  properties[PROP_UNSENT_LIMIT] =
    g_param_spec_int64 ("unsent-limit", NULL, NULL, 0, G_MAXINT64, QNET_SERVER_BUFFER_SIZE, rw);
}

static void
make_defaults (void)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetServer:idle-timeout:
   *
   * The [property@Socket:idle-timeout] of each new connection, in milliseconds; 0, the default, for
   * no limit.
   *
   * It holds from the time at which the connection is queued, also while it is pending, and ends a
   * connection whose peer does not receive what is written, too. A connection that already has one
   * keeps it.
   *
   * Since: 1.0
   */
  properties[PROP_IDLE_TIMEOUT] =
    g_param_spec_int ("idle-timeout", NULL, NULL, 0, G_MAXINT, 0, rw);

  /**
   * QnetServer:write-buffer-high-water:
   *
   * The [property@IODevice:write-buffer-high-water] of each new connection, in bytes; 0, the
   * default, for none. A connection that already has one keeps it.
   *
   * Since: 1.0
   */
  properties[PROP_WRITE_BUFFER_HIGH_WATER] =
    g_param_spec_int64 ("write-buffer-high-water", NULL, NULL, 0, G_MAXINT64, 0, rw);

  /**
   * QnetServer:write-buffer-low-water:
   *
   * The [property@IODevice:write-buffer-low-water] of each new connection, in bytes; 0 is the
   * default. A connection that already has one keeps it.
   *
   * Since: 1.0
   */
  properties[PROP_WRITE_BUFFER_LOW_WATER] =
    g_param_spec_int64 ("write-buffer-low-water", NULL, NULL, 0, G_MAXINT64, 0, rw);
}

void
qnet_server_class_install_properties (GObjectClass *object_class)
{
  object_class->get_property = qnet_server_get_property;
  object_class->set_property = qnet_server_set_property;

  make_state_properties ();
  make_connection_limits ();
  make_admission_properties ();
  make_address_limits ();
  make_buffer_limits ();
  make_defaults ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

/* Public API */

/**
 * qnet_server_get_connections:
 * @self: a server
 *
 * Gets the live connections as a list model, which notifies of changes.
 *
 * Returns: (transfer none): a [class@ConnectionList] of [class@Socket]s
 *
 * Since: 1.0
 */
GListModel *
qnet_server_get_connections (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  return qnet_connections_get_list (&qnet_server_get_private (self)->connections);
}

/**
 * qnet_server_list_connections:
 * @self: a server
 *
 * Lists the live connections, including the pending ones, in the order in which they were accepted.
 *
 * The result is a snapshot: connections may be disconnected while it is iterated over.
 *
 * Returns: (transfer container) (element-type QnetSocket): the connections
 *
 * Since: 1.0
 */
GPtrArray *
qnet_server_list_connections (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  return qnet_connections_list_all (&qnet_server_get_private (self)->connections);
}

/**
 * qnet_server_get_error:
 * @self: a server
 *
 * Gets the last error.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL if there was none since the server
 *   started to listen
 *
 * Since: 1.0
 */
const GError *
qnet_server_get_error (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  return qnet_server_get_private (self)->error;
}

/**
 * qnet_server_get_error_code:
 * @self: a server
 *
 * Gets the code of the last error.
 *
 * Returns: (type gint): a [error@SocketError], or -1 if there was no error
 *
 * Since: 1.0
 */
int
qnet_server_get_error_code (QnetServer *self)
{
  QnetServerPrivate *priv;

  g_return_val_if_fail (QNET_IS_SERVER (self), -1);
  QNET_SERVER_CHECK_CALLER (self, -1);

  priv = qnet_server_get_private (self);

  return priv->error != NULL ? priv->error->code : -1;
}

/**
 * qnet_server_get_max_pending_connections:
 * @self: a server
 *
 * Gets how many connections may be pending.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
int
qnet_server_get_max_pending_connections (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  return qnet_server_get_private (self)->max_pending_connections;
}

/**
 * qnet_server_set_max_pending_connections:
 * @self: a server
 * @max: the number, 1 or more
 *
 * Sets how many connections may be pending; see [property@Server:max-pending-connections].
 *
 * Since: 1.0
 */
void
qnet_server_set_max_pending_connections (QnetServer *self,
                                         int         max)
{
  QnetServerPrivate *priv;

  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (max > 0);
  QNET_SERVER_CHECK_CALLER (self);

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
 * Returns: the number, 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_server_get_max_connections (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  return qnet_server_get_private (self)->max_connections;
}

/**
 * qnet_server_set_max_connections:
 * @self: a server
 * @max: the number, 0 for no limit
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
  QNET_SERVER_CHECK_CALLER (self);

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
 * Gets how many clients can wait in the kernel until they are accepted.
 *
 * Returns: the number, `SOMAXCONN` by default
 *
 * Since: 1.0
 */
int
qnet_server_get_listen_backlog_size (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  return qnet_server_get_private (self)->listen_backlog_size;
}

/**
 * qnet_server_set_listen_backlog_size:
 * @self: a server
 * @size: the number, or 0 for the fewest possible
 *
 * Sets how many clients can wait in the kernel until they are accepted; see
 * [property@Server:listen-backlog-size].
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
  QNET_SERVER_CHECK_CALLER (self);

  priv = qnet_server_get_private (self);

  if (priv->listen_backlog_size == size)
    return;

  priv->listen_backlog_size = size;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LISTEN_BACKLOG_SIZE]);
}
