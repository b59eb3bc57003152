/* qnet-local-server.c: accepts connections from processes on this machine
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "local/qnet-local-server-private.h"
#include "qnet-local-server.h"

#include "base/qnet-syscall-private.h"
#include "local/qnet-local-address-private.h"
#include "local/qnet-local-socket-private.h"
#include "qnet-enum-types.h"

/**
 * QnetLocalServer:
 *
 * Accepts connections from processes on this machine.
 *
 * Call [method@LocalServer.listen] with a name, connect to [signal@Server::new-connection], and
 * take each connection with [method@LocalServer.next_pending_connection]:
 *
 * ```c
 * static void
 * new_connection_cb (QnetLocalServer *server)
 * {
 *   g_autoptr(QnetLocalSocket) socket = qnet_local_server_next_pending_connection (server);
 *
 *   if (socket != NULL)
 *     g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), NULL);
 * }
 * ```
 *
 * Limits, pausing, errors, and everything else that all servers have in common are documented in
 * [class@Server].
 *
 * ## The file
 *
 * Clients find a server by its file, unless it is in the abstract namespace. Only the user may
 * connect, from the moment at which the file is created, unless
 * [property@LocalServer:access] give access to others. [method@Server.close] and
 * finalization remove the file if it is still the one that this server has created. After a crash
 * the file is left, and the name is in use ([QNET_SOCKET_ERROR_ADDRESS_IN_USE][error@SocketError])
 * until [func@LocalServer.remove_server] is called.
 *
 * Since: 1.0
 */

G_DEFINE_TYPE_WITH_PRIVATE (QnetLocalServer, qnet_local_server, QNET_TYPE_SERVER)

enum
{
  PROP_SERVER_NAME = 1,
  PROP_FULL_SERVER_NAME,
  PROP_ACCESS,
  PROP_FD_LIMIT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

#define PRIVATE(self) ((QnetLocalServerPrivate *) qnet_local_server_get_instance_private (self))

QnetLocalServerPrivate *
qnet_local_server_get_private (QnetLocalServer *self)
{
  return PRIVATE (self);
}

/* QnetServer */

static void
qnet_local_server_incoming_connection (QnetServer *server,
                                       int         fd)
{
  g_autoptr(QnetLocalSocket) socket = qnet_local_socket_new ();

  qnet_local_socket_set_fd_limit (socket, PRIVATE (QNET_LOCAL_SERVER (server))->fd_limit);
  qnet_socket_adopt_accepted (QNET_SOCKET (socket), qnet_server_get_reactor (server), fd);
  qnet_server_add_pending_connection (server, QNET_SOCKET (socket));
}

static gboolean
get_own_address (int               fd,
                 QnetLocalAddress *address)
{
  struct sockaddr_storage storage = { 0, };
  socklen_t size = sizeof storage;

  return qnet_sys_getsockname (fd, (struct sockaddr *) &storage, &size) == 0 &&
         qnet_local_address_init_native (address, &storage, size);
}

static gboolean
adopt (QnetServer *server,
       int         fd)
{
  QnetLocalAddress address;

  return get_own_address (fd, &address);
}

/* The name that was passed to listen() is better than the kernel's form of it. */
static void
learn_name (QnetLocalServer *self)
{
  QnetLocalServerPrivate *priv = PRIVATE (self);
  QnetLocalAddress address;
  int fd = qnet_server_get_private (QNET_SERVER (self))->listener.fd;

  if (priv->full_name != NULL || !get_own_address (fd, &address))
    return;

  priv->full_name = qnet_local_address_get_name (&address);
  priv->server_name = g_strdup (priv->full_name);
}

static void
forget_name (QnetLocalServerPrivate *priv)
{
  g_clear_pointer (&priv->server_name, g_free);
  g_clear_pointer (&priv->full_name, g_free);
}

static void
changed (QnetServer *server)
{
  if (qnet_server_is_listening (server))
    learn_name (QNET_LOCAL_SERVER (server));

  g_object_notify_by_pspec (G_OBJECT (server), properties[PROP_SERVER_NAME]);
  g_object_notify_by_pspec (G_OBJECT (server), properties[PROP_FULL_SERVER_NAME]);
}

static char *
describe (QnetServer *server)
{
  return g_strdup (PRIVATE (QNET_LOCAL_SERVER (server))->full_name);
}

/* Not in changed(), which is not called when the main context is freed. */
static void
stopping (QnetServer *server)
{
  QnetLocalServer *self = QNET_LOCAL_SERVER (server);

  qnet_local_server_remove_file (self);
  forget_name (PRIVATE (self));
}

/* GObject */

static void
qnet_local_server_get_property (GObject    *object,
                                guint       id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  QnetLocalServer *self = QNET_LOCAL_SERVER (object);

  switch (id)
    {
    case PROP_SERVER_NAME:
      g_value_set_string (value, qnet_local_server_get_server_name (self));
      break;

    case PROP_FULL_SERVER_NAME:
      g_value_set_string (value, qnet_local_server_get_full_server_name (self));
      break;

    case PROP_ACCESS:
      g_value_set_flags (value, qnet_local_server_get_access (self));
      break;

    case PROP_FD_LIMIT:
      g_value_set_int (value, qnet_local_server_get_fd_limit (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
qnet_local_server_set_property (GObject      *object,
                                guint         id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  QnetLocalServer *self = QNET_LOCAL_SERVER (object);

  switch (id)
    {
    case PROP_ACCESS:
      qnet_local_server_set_access (self, g_value_get_flags (value));
      break;

    case PROP_FD_LIMIT:
      qnet_local_server_set_fd_limit (self, g_value_get_int (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
qnet_local_server_finalize (GObject *object)
{
  forget_name (PRIVATE (QNET_LOCAL_SERVER (object)));

  G_OBJECT_CLASS (qnet_local_server_parent_class)->finalize (object);
}

static void
make_state_properties (void)
{
  const GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetLocalServer:server-name:
   *
   * The name that was passed to [method@LocalServer.listen], %NULL if the server does not listen.
   *
   * If the server listens on a descriptor it is the same as
   * [property@LocalServer:full-server-name].
   *
   * Since: 1.0
   */
  properties[PROP_SERVER_NAME] = g_param_spec_string ("server-name", NULL, NULL, NULL, ro);

  /**
   * QnetLocalServer:full-server-name:
   *
   * The path that the server listens on, or its bare name in the abstract namespace; %NULL if it
   * does not listen.
   *
   * Clients connect to this name, with
   * [QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE][flags@LocalAccess] if it is in that
   * namespace. If the server listens on a descriptor it is the name that the kernel reports, and
   * empty if the socket has no name.
   *
   * Since: 1.0
   */
  properties[PROP_FULL_SERVER_NAME] = g_param_spec_string ("full-server-name", NULL, NULL, NULL,
                                                           ro);
}

static void
make_setting_properties (void)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetLocalServer:access:
   *
   * Which users may connect, and whether the name is in the abstract namespace; by default only the
   * user of this process may.
   *
   * It takes effect with the next [method@LocalServer.listen].
   *
   * Since: 1.0
   */
  properties[PROP_ACCESS] =
    g_param_spec_flags ("access", NULL, NULL, QNET_TYPE_LOCAL_ACCESS,
                        QNET_LOCAL_ACCESS_DEFAULT, rw);

  /**
   * QnetLocalServer:fd-limit:
   *
   * The [property@LocalSocket:fd-limit] of each new connection; 0 for no descriptors.
   *
   * Since: 1.0
   */
  properties[PROP_FD_LIMIT] =
    g_param_spec_int ("fd-limit", NULL, NULL, 0, QNET_PASSING_MAX, 0, rw);
}

static void
qnet_local_server_class_init (QnetLocalServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  QnetServerClass *server_class = QNET_SERVER_CLASS (klass);
  QnetServerClassPrivate *functions = qnet_server_class_get_private (server_class);

  object_class->get_property = qnet_local_server_get_property;
  object_class->set_property = qnet_local_server_set_property;
  object_class->finalize = qnet_local_server_finalize;

  server_class->incoming_connection = qnet_local_server_incoming_connection;
  functions->connection_type = QNET_TYPE_LOCAL_SOCKET;
  functions->adopt = adopt;
  functions->changed = changed;
  functions->stopping = stopping;
  functions->incoming = qnet_local_server_incoming_connection;
  functions->describe = describe;

  make_state_properties ();
  make_setting_properties ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
qnet_local_server_init (QnetLocalServer *self)
{
}

/* Public API */

/**
 * qnet_local_server_new:
 *
 * Creates a server that does not listen yet.
 *
 * Returns: (transfer full): a server
 *
 * Since: 1.0
 */
QnetLocalServer *
qnet_local_server_new (void)
{
  return g_object_new (QNET_TYPE_LOCAL_SERVER, NULL);
}

/**
 * qnet_local_server_get_server_name:
 * @self: a server
 *
 * Gets the name that was passed to [method@LocalServer.listen].
 *
 * Returns: (type filename) (nullable): the name, %NULL if the server does not listen
 *
 * Since: 1.0
 */
const char *
qnet_local_server_get_server_name (QnetLocalServer *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  return PRIVATE (self)->server_name;
}

/**
 * qnet_local_server_get_full_server_name:
 * @self: a server
 *
 * Gets the path that the server listens on, or its bare name in the abstract namespace.
 *
 * Returns: (type filename) (nullable): the name, %NULL if the server does not listen
 *
 * Since: 1.0
 */
const char *
qnet_local_server_get_full_server_name (QnetLocalServer *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  return PRIVATE (self)->full_name;
}

/**
 * qnet_local_server_get_access:
 * @self: a server
 *
 * Gets which users may connect, and whether the name is in the abstract namespace.
 *
 * Returns: the flags
 *
 * Since: 1.0
 */
QnetLocalAccess
qnet_local_server_get_access (QnetLocalServer *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SERVER (self), QNET_LOCAL_ACCESS_DEFAULT);
  QNET_SERVER_CHECK_CALLER (self, QNET_LOCAL_ACCESS_DEFAULT);

  return PRIVATE (self)->access;
}

/**
 * qnet_local_server_set_access:
 * @self: a server
 * @access: the flags
 *
 * Sets which users may connect, and whether the name is in the abstract namespace; see
 * [property@LocalServer:access].
 *
 * Since: 1.0
 */
void
qnet_local_server_set_access (QnetLocalServer *self,
                              QnetLocalAccess  access)
{
  g_return_if_fail (QNET_IS_LOCAL_SERVER (self));
  QNET_SERVER_CHECK_CALLER (self);

  if (PRIVATE (self)->access == access)
    return;

  PRIVATE (self)->access = access;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACCESS]);
}

/**
 * qnet_local_server_get_fd_limit:
 * @self: a server
 *
 * Gets how many descriptors each new connection may receive at a time.
 *
 * Returns: the number, 0 for none
 *
 * Since: 1.0
 */
int
qnet_local_server_get_fd_limit (QnetLocalServer *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  return PRIVATE (self)->fd_limit;
}

/**
 * qnet_local_server_set_fd_limit:
 * @self: a server
 * @limit: the number, 253 at most
 *
 * Sets how many descriptors each new connection may receive at a time.
 *
 * Since: 1.0
 */
void
qnet_local_server_set_fd_limit (QnetLocalServer *self,
                                int              limit)
{
  g_return_if_fail (QNET_IS_LOCAL_SERVER (self));
  g_return_if_fail (limit >= 0 && limit <= QNET_PASSING_MAX);
  QNET_SERVER_CHECK_CALLER (self);

  if (PRIVATE (self)->fd_limit == limit)
    return;

  PRIVATE (self)->fd_limit = limit;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FD_LIMIT]);
}

/**
 * qnet_local_server_next_pending_connection:
 * @self: a server
 *
 * Takes the connection that has been pending longest, as [method@Server.next_pending_connection]
 * does.
 *
 * Returns: (transfer full) (nullable): the connection, or %NULL if there is none
 *
 * Since: 1.0
 */
QnetLocalSocket *
qnet_local_server_next_pending_connection (QnetLocalServer *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  return (QnetLocalSocket *) qnet_server_next_pending_connection (QNET_SERVER (self));
}

/**
 * qnet_local_server_add_pending_connection:
 * @self: a server
 * @connection: (transfer none): a connection that is in no server's queue
 *
 * Queues a connection, as [method@Server.add_pending_connection] does.
 *
 * Since: 1.0
 */
void
qnet_local_server_add_pending_connection (QnetLocalServer *self,
                                          QnetLocalSocket *connection)
{
  g_return_if_fail (QNET_IS_LOCAL_SERVER (self));
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (connection));
  QNET_SERVER_CHECK_CALLER (self);

  qnet_server_add_pending_connection (QNET_SERVER (self), QNET_SOCKET (connection));
}
