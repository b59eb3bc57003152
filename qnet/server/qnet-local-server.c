/* qnet-local-server.c: accepts connections from programs on this machine
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-local-server.h"

#include "address/qnet-local-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"
#include "qnet-enum-types.h"
#include "server/qnet-server-private.h"
#include "server/qnet-socket-file-private.h"
#include "socket/qnet-local-socket-private.h"

/**
 * QnetLocalServer:
 *
 * Accepts connections from programs on this machine.
 *
 * Call [method@LocalServer.listen] with a name, connect to [signal@Server::new-connection], and take each connection by
 * [method@LocalServer.next_pending_connection]:
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
 * What it shares with other servers, limits, pausing, and errors among it, is told at [class@Server].
 *
 * ## The file
 *
 * A server is found by a file, unless it is in the abstract namespace. Only the user may connect, from the first instant on, unless
 * [property@LocalServer:socket-options] open it to others. [method@Server.close] removes the file, if it is still the one that this
 * server has made; so does dropping the server. After a crash the file stays, and the name is in use
 * ([QNET_SOCKET_ERROR_ADDRESS_IN_USE][error@SocketError]) until [func@LocalServer.remove_server] is
 * called.
 *
 * Since: 1.0
 */

typedef struct
{
  char           *server_name;  /* (owned) (nullable): while it listens */
  char           *full_name;    /* (owned) (nullable): while it listens */
  QnetSocketFile  file;
  guint           options;      /* QnetLocalServerOptions */
  guint           fd_limit;
} QnetLocalServerPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (QnetLocalServer, qnet_local_server, QNET_TYPE_SERVER)

enum
{
  PROP_SERVER_NAME = 1,
  PROP_FULL_SERVER_NAME,
  PROP_SOCKET_OPTIONS,
  PROP_FD_LIMIT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

#define PRIVATE(self) ((QnetLocalServerPrivate *) qnet_local_server_get_instance_private (self))

/* Making a listening descriptor */

/* To connect takes the permission to write; to read is the custom. */
static mode_t
get_mode (guint options)
{
  mode_t mode = 0;

  if ((options & QNET_LOCAL_SERVER_OPTIONS_WORLD_ACCESS) == 0)
    return 0600;

  if (options & QNET_LOCAL_SERVER_OPTIONS_USER_ACCESS)
    mode |= 0600;
  if (options & QNET_LOCAL_SERVER_OPTIONS_GROUP_ACCESS)
    mode |= 0060;
  if (options & QNET_LOCAL_SERVER_OPTIONS_OTHER_ACCESS)
    mode |= 0006;

  return mode;
}

static gboolean
bind_fd (QnetLocalServer        *self,
         int                     fd,
         const QnetLocalAddress *address)
{
  QnetLocalServerPrivate *priv = PRIVATE (self);

  if (address->is_abstract)
    return qnet_sys_bind (fd, (const struct sockaddr *) &address->native, address->size) == 0;

  return qnet_socket_file_bind (&priv->file, fd, address, get_mode (priv->options), QNET_SOCKET_FILE_DEFAULT_WAY);
}

static void
remove_file (QnetLocalServer *self)
{
  int saved_errno = errno;

  qnet_socket_file_remove (&PRIVATE (self)->file);
  errno = saved_errno;
}

/* -1 with errno set */
static int
open_place (QnetLocalServer        *self,
            const QnetLocalAddress *address)
{
  int backlog = qnet_server_get_listen_backlog_size (QNET_SERVER (self));
  int fd = qnet_sys_socket (AF_UNIX, SOCK_STREAM, 0);

  if (fd < 0)
    return -1;

  if (bind_fd (self, fd, address) && qnet_sys_listen (fd, backlog) == 0)
    return fd;

  remove_file (self);
  qnet_sys_close (fd);

  return -1;
}

/* QnetServer */

static void
qnet_local_server_incoming_connection (QnetServer *server,
                                       int         fd)
{
  g_autoptr(QnetLocalSocket) socket = qnet_local_socket_new ();

  qnet_local_socket_set_fd_limit (socket, PRIVATE (QNET_LOCAL_SERVER (server))->fd_limit);
  qnet_local_socket_adopt_accepted (socket, qnet_server_get_reactor (server), fd);
  qnet_server_add_pending_connection (server, QNET_IO_DEVICE (socket));
}

static gboolean
get_own_address (int               fd,
                 QnetLocalAddress *address)
{
  struct sockaddr_storage storage = { 0, };
  socklen_t size = sizeof storage;

  return getsockname (fd, (struct sockaddr *) &storage, &size) == 0 &&
         qnet_local_address_init_native (address, &storage, size);
}

static gboolean
adopt (QnetServer *server,
       int         fd)
{
  QnetLocalAddress address;

  return get_own_address (fd, &address);
}

/* A name that was given to us is better than what the kernel has made of it. */
static void
learn_name (QnetLocalServer *self)
{
  QnetLocalServerPrivate *priv = PRIVATE (self);
  QnetLocalAddress address;
  int fd = qnet_server_get_socket_descriptor (QNET_SERVER (self));

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

/* Not in changed(), which is not told when the context goes. */
static void
stopping (QnetServer *server)
{
  QnetLocalServer *self = QNET_LOCAL_SERVER (server);

  remove_file (self);
  forget_name (PRIVATE (self));
}

static const QnetServerHooks hooks = {
  .adopt    = adopt,
  .changed  = changed,
  .stopping = stopping,
  .incoming = qnet_local_server_incoming_connection,
  .describe = describe,
};

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

    case PROP_SOCKET_OPTIONS:
      g_value_set_flags (value, qnet_local_server_get_socket_options (self));
      break;

    case PROP_FD_LIMIT:
      g_value_set_uint (value, qnet_local_server_get_fd_limit (self));
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
    case PROP_SOCKET_OPTIONS:
      qnet_local_server_set_socket_options (self, g_value_get_flags (value));
      break;

    case PROP_FD_LIMIT:
      qnet_local_server_set_fd_limit (self, g_value_get_uint (value));
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
install_properties (GObjectClass *object_class)
{
  const GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetLocalServer:server-name:
   *
   * The name that the server was told to listen on, %NULL while it does not listen.
   *
   * On a descriptor it is [property@LocalServer:full-server-name].
   *
   * Since: 1.0
   */
  properties[PROP_SERVER_NAME] = g_param_spec_string ("server-name", NULL, NULL, NULL, ro);

  /**
   * QnetLocalServer:full-server-name:
   *
   * The path that the server listens on, or its bare name in the abstract namespace; %NULL while it does not listen.
   *
   * By this name, and with [QNET_LOCAL_SOCKET_OPTIONS_ABSTRACT_NAMESPACE][flags@LocalSocketOptions]
   * where it is in that namespace, clients connect. Of a descriptor that was taken over it is what
   * the kernel says, and empty where the socket has no name.
   *
   * Since: 1.0
   */
  properties[PROP_FULL_SERVER_NAME] = g_param_spec_string ("full-server-name", NULL, NULL, NULL, ro);

  /**
   * QnetLocalServer:socket-options:
   *
   * Who may connect, and how the server is found; only the user may, unless this says otherwise.
   *
   * It counts from the next [method@LocalServer.listen] on.
   *
   * Since: 1.0
   */
  properties[PROP_SOCKET_OPTIONS] =
    g_param_spec_flags ("socket-options", NULL, NULL, QNET_TYPE_LOCAL_SERVER_OPTIONS,
                        QNET_LOCAL_SERVER_OPTIONS_NONE, rw);

  /**
   * QnetLocalServer:fd-limit:
   *
   * The [property@LocalSocket:fd-limit] of each connection from now on; 0 for no descriptors.
   *
   * Since: 1.0
   */
  properties[PROP_FD_LIMIT] =
    g_param_spec_uint ("fd-limit", NULL, NULL, 0, QNET_PASSING_MAX, 0, rw);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
qnet_local_server_class_init (QnetLocalServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  QnetServerClass *server_class = QNET_SERVER_CLASS (klass);

  object_class->get_property = qnet_local_server_get_property;
  object_class->set_property = qnet_local_server_set_property;
  object_class->finalize = qnet_local_server_finalize;

  server_class->incoming_connection = qnet_local_server_incoming_connection;
  server_class->hooks = &hooks;

  install_properties (object_class);
}

static void
qnet_local_server_init (QnetLocalServer *self)
{
}

/* Public API */

/**
 * qnet_local_server_new:
 *
 * Makes a server that does not listen yet.
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

static void
set_in_use_error (const QnetLocalAddress  *address,
                  const char              *place,
                  GError                 **error)
{
  switch (qnet_socket_file_inspect (address))
    {
    case QNET_SOCKET_FILE_OF_SERVER:
      qnet_set_error (error, QNET_SOCKET_ERROR_ADDRESS_IN_USE,
                      _("Could not listen on %s: another server listens there"), place);
      break;

    case QNET_SOCKET_FILE_STALE:
      qnet_set_error (error, QNET_SOCKET_ERROR_ADDRESS_IN_USE,
                      _("Could not listen on %s: a server that no longer runs has left its file there; "
                        "remove_server() removes it"), place);
      break;

    case QNET_SOCKET_FILE_NO_SOCKET:
      qnet_set_error (error, QNET_SOCKET_ERROR_ADDRESS_IN_USE,
                      _("Could not listen on %s: there is a file that is not a socket"), place);
      break;

    case QNET_SOCKET_FILE_NOTHING_KNOWN:
      qnet_set_error_from_errno (error, EADDRINUSE, _("Could not listen on %s"), place);
      break;
    }
}

static gboolean
fail_to_listen (QnetLocalServer         *self,
                const QnetLocalAddress  *address,
                GError                 **error)
{
  int error_number = errno;
  g_autofree char *place = qnet_local_address_to_display (address);
  GError *failure = NULL;

  if (error_number == EADDRINUSE)
    set_in_use_error (address, place, &failure);
  else if (error_number == ENOENT)
    qnet_set_error (&failure, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not listen on %s: its folder does not exist"), place);
  else
    qnet_set_error_from_errno (&failure, error_number, _("Could not listen on %s"), place);

  return qnet_server_fail (QNET_SERVER (self), failure, error);
}

/**
 * qnet_local_server_listen:
 * @self: a server that does not listen
 * @name: (type filename): a name
 * @error: return location for an error
 *
 * Begins to listen.
 *
 * A plain name becomes a file in the user's runtime directory (`XDG_RUNTIME_DIR`), or, where that is not set, in the temporary
 * directory, which all users share: another one may have taken the name there. It cannot leave that directory by `..`, and a
 * directory that is set and missing is an error, since the one that all share would be less than was asked for. An absolute
 * path stays as it is. With
 * [QNET_LOCAL_SERVER_OPTIONS_ABSTRACT_NAMESPACE][flags@LocalServerOptions] there is no file.
 *
 * Nothing that is there already is replaced, and a symbolic link is not followed: it fails with
 * [QNET_SOCKET_ERROR_ADDRESS_IN_USE][error@SocketError], also when the file is all that is left of
 * a server that has crashed; see [func@LocalServer.remove_server]. A name that is empty, or too
 * long for the system, and a folder that is missing fail with
 * [QNET_SOCKET_ERROR_HOST_NOT_FOUND][error@SocketError].
 *
 * The server, and what it accepts, belong to the [struct@GLib.MainContext] that is thread-default now.
 *
 * Returns: %TRUE if the server listens now; %FALSE also if it did before, and then it goes on
 *
 * Since: 1.0
 */
gboolean
qnet_local_server_listen (QnetLocalServer  *self,
                          const char       *name,
                          GError          **error)
{
  QnetLocalServerPrivate *priv;
  QnetLocalAddress address;
  GError *failure = NULL;
  int fd;

  g_return_val_if_fail (QNET_IS_LOCAL_SERVER (self), FALSE);

  if (!qnet_server_check_idle (QNET_SERVER (self), error))
    return FALSE;

  priv = PRIVATE (self);

  if (!qnet_local_address_init (&address, name, (priv->options & QNET_LOCAL_SERVER_OPTIONS_ABSTRACT_NAMESPACE) != 0,
                                &failure))
    {
      g_prefix_error (&failure, "%s: ", _("Could not listen"));
      return qnet_server_fail (QNET_SERVER (self), failure, error);
    }

  fd = open_place (self, &address);

  if (fd < 0)
    return fail_to_listen (self, &address, error);

  priv->server_name = g_strdup (name);
  priv->full_name = qnet_local_address_get_name (&address);
  qnet_server_start (QNET_SERVER (self), fd);

  return TRUE;
}

/**
 * qnet_local_server_listen_on_descriptor:
 * @self: a server that does not listen
 * @fd: a listening local stream socket
 * @error: return location for an error
 *
 * Listens on a socket that somebody else has made, as [method@Server.set_socket_descriptor] does.
 *
 * Its name is asked for. Its file is not ours: nobody removes it when the server is closed.
 *
 * Returns: %TRUE if the server listens now
 *
 * Since: 1.0
 */
gboolean
qnet_local_server_listen_on_descriptor (QnetLocalServer  *self,
                                        int               fd,
                                        GError          **error)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SERVER (self), FALSE);

  return qnet_server_set_socket_descriptor (QNET_SERVER (self), fd, error);
}

/**
 * qnet_local_server_remove_server:
 * @name: (type filename): the name of a server
 * @error: return location for an error
 *
 * Removes the file that a server of that name has left behind when it crashed.
 *
 * Where there is none that is well, too. While a server answers there it fails with
 * [QNET_SOCKET_ERROR_ADDRESS_IN_USE][error@SocketError], and the server hears nothing of it; Qt
 * removes the file all the same. What is not a socket is never removed. Of several programs that
 * call this for one name and then listen, one becomes the server.
 *
 * Returns: %TRUE if there is no such file now
 *
 * Since: 1.0
 */
gboolean
qnet_local_server_remove_server (const char  *name,
                                 GError     **error)
{
  return qnet_local_server_remove_server_full (name, FALSE, error);
}

/**
 * qnet_local_server_remove_server_full:
 * @name: (type filename): the name of a server
 * @force: whether to remove the file of a live server, too
 * @error: return location for an error
 *
 * Removes the file of a server, as [func@LocalServer.remove_server] does; by force also that of one that answers.
 *
 * A server whose file was removed by force goes on with the connections that it has, and nobody finds it any more.
 *
 * Returns: %TRUE if there is no such file now
 *
 * Since: 1.0
 */
gboolean
qnet_local_server_remove_server_full (const char  *name,
                                      gboolean     force,
                                      GError     **error)
{
  QnetLocalAddress address;

  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (qnet_local_address_init (&address, name, FALSE, error))
    return qnet_socket_file_remove_stale (&address, force, error);

  g_prefix_error (error, "%s: ", _("Could not remove a server"));
  return FALSE;
}

/**
 * qnet_local_server_get_server_name:
 * @self: a server
 *
 * Gets the name that the server was told to listen on.
 *
 * Returns: (type filename) (nullable): the name, %NULL while the server does not listen
 *
 * Since: 1.0
 */
const char *
qnet_local_server_get_server_name (QnetLocalServer *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SERVER (self), NULL);

  return PRIVATE (self)->server_name;
}

/**
 * qnet_local_server_get_full_server_name:
 * @self: a server
 *
 * Gets the path that the server listens on, or its bare name in the abstract namespace.
 *
 * Returns: (type filename) (nullable): the name, %NULL while the server does not listen
 *
 * Since: 1.0
 */
const char *
qnet_local_server_get_full_server_name (QnetLocalServer *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SERVER (self), NULL);

  return PRIVATE (self)->full_name;
}

/**
 * qnet_local_server_get_socket_options:
 * @self: a server
 *
 * Gets who may connect, and how the server is found.
 *
 * Returns: the options
 *
 * Since: 1.0
 */
QnetLocalServerOptions
qnet_local_server_get_socket_options (QnetLocalServer *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SERVER (self), QNET_LOCAL_SERVER_OPTIONS_NONE);

  return PRIVATE (self)->options;
}

/**
 * qnet_local_server_set_socket_options:
 * @self: a server
 * @options: the options
 *
 * Sets who may connect, and how the server is found, from the next listening on.
 *
 * Since: 1.0
 */
void
qnet_local_server_set_socket_options (QnetLocalServer        *self,
                                      QnetLocalServerOptions  options)
{
  g_return_if_fail (QNET_IS_LOCAL_SERVER (self));

  if (PRIVATE (self)->options == options)
    return;

  PRIVATE (self)->options = options;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SOCKET_OPTIONS]);
}

/**
 * qnet_local_server_get_fd_limit:
 * @self: a server
 *
 * Gets how many descriptors may come at a time on each new connection.
 *
 * Returns: the number, 0 for none
 *
 * Since: 1.0
 */
guint
qnet_local_server_get_fd_limit (QnetLocalServer *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SERVER (self), 0);

  return PRIVATE (self)->fd_limit;
}

/**
 * qnet_local_server_set_fd_limit:
 * @self: a server
 * @limit: how many, 253 at most
 *
 * Sets how many descriptors may come at a time on each new connection.
 *
 * Since: 1.0
 */
void
qnet_local_server_set_fd_limit (QnetLocalServer *self,
                                guint            limit)
{
  g_return_if_fail (QNET_IS_LOCAL_SERVER (self));
  g_return_if_fail (limit <= QNET_PASSING_MAX);

  if (PRIVATE (self)->fd_limit == limit)
    return;

  PRIVATE (self)->fd_limit = limit;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FD_LIMIT]);
}

/**
 * qnet_local_server_next_pending_connection:
 * @self: a server
 *
 * Takes the connection that waits longest, as [method@Server.next_pending_connection] does.
 *
 * Returns: (transfer full) (nullable): the connection; %NULL when there is none, or when it is no local socket
 *
 * Since: 1.0
 */
QnetLocalSocket *
qnet_local_server_next_pending_connection (QnetLocalServer *self)
{
  g_autoptr(QnetIODevice) connection = NULL;

  g_return_val_if_fail (QNET_IS_LOCAL_SERVER (self), NULL);

  connection = qnet_server_next_pending_connection (QNET_SERVER (self));

  return QNET_IS_LOCAL_SOCKET (connection) ? QNET_LOCAL_SOCKET (g_steal_pointer (&connection)) : NULL;
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

  qnet_server_add_pending_connection (QNET_SERVER (self), QNET_IO_DEVICE (connection));
}
