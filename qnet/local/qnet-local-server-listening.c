/* qnet-local-server-listening.c: listening on a name, and removing the file of a server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-local-server.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "local/qnet-local-address-private.h"
#include "local/qnet-local-server-private.h"

/* Creating a listening descriptor */

/* Connecting requires the permission to write; the permission to read is customary. */
static mode_t
get_mode (guint access)
{
  mode_t mode = 0;

  if ((access & QNET_LOCAL_ACCESS_WORLD) == 0)
    return 0600;

  if (access & QNET_LOCAL_ACCESS_USER)
    mode |= 0600;
  if (access & QNET_LOCAL_ACCESS_GROUP)
    mode |= 0060;
  if (access & QNET_LOCAL_ACCESS_OTHER)
    mode |= 0006;

  return mode;
}

static gboolean
bind_fd (QnetLocalServer        *self,
         int                     fd,
         const QnetLocalAddress *address)
{
  QnetLocalServerPrivate *priv = qnet_local_server_get_private (self);

  if (address->is_abstract)
    return qnet_sys_bind (fd, (const struct sockaddr *) &address->native, address->size) == 0;

  return qnet_socket_file_bind (&priv->file, fd, address, get_mode (priv->access),
                                QNET_SOCKET_FILE_DEFAULT_WAY);
}

void
qnet_local_server_remove_file (QnetLocalServer *self)
{
  int saved_errno = errno;

  qnet_socket_file_remove (&qnet_local_server_get_private (self)->file);
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

  qnet_local_server_remove_file (self);
  qnet_sys_close (fd);

  return -1;
}

/* Errors */

static void
set_in_use_error (const QnetLocalAddress  *address,
                  const char              *place,
                  GError                 **error)
{
  switch (qnet_socket_file_inspect (address))
    {
    case QNET_SOCKET_FILE_OF_SERVER:
      qnet_set_error (error, QNET_SOCKET_ERROR_ADDRESS_IN_USE,
                      _("Could not listen on %s: Another server is listening there"), place);
      break;

    case QNET_SOCKET_FILE_STALE:
      qnet_set_error (error, QNET_SOCKET_ERROR_ADDRESS_IN_USE,
                      _("Could not listen on %s: A server that no longer runs has left its file "
                        "there; remove_server() removes it"), place);
      break;

    case QNET_SOCKET_FILE_NO_SOCKET:
      qnet_set_error (error, QNET_SOCKET_ERROR_ADDRESS_IN_USE,
                      _("Could not listen on %s: There is a file that is not a socket"), place);
      break;

    case QNET_SOCKET_FILE_UNKNOWN:
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
                    _("Could not listen on %s: Its folder does not exist"), place);
  else
    qnet_set_error_from_errno (&failure, error_number, _("Could not listen on %s"), place);

  return qnet_server_fail (QNET_SERVER (self), failure, error);
}

/* Public API */

/**
 * qnet_local_server_listen:
 * @self: a server that does not listen
 * @name: (type filename): a name
 * @error: return location for an error
 *
 * Starts to listen.
 *
 * A plain name becomes a file in the user's runtime directory (`XDG_RUNTIME_DIR`) or, if that is
 * not set, in the temporary directory, which all users share, and where another user may already
 * use the name. The name cannot leave that directory by `..`. A runtime directory that is set and
 * missing is an error: the temporary directory would be less secure than requested. An absolute
 * path is used as it is. With
 * [QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE][flags@LocalAccess] there is no file.
 *
 * An existing file is not replaced, and a symbolic link is not followed: the call fails with
 * [QNET_SOCKET_ERROR_ADDRESS_IN_USE][error@SocketError], also if the file was left by a server that
 * has crashed; see [func@LocalServer.remove_server]. A name that is empty or too long for the
 * system, and a missing folder, fail with [QNET_SOCKET_ERROR_HOST_NOT_FOUND][error@SocketError].
 *
 * The server and its connections belong to the thread-default [struct@GLib.MainContext] at the time
 * of this call.
 *
 * Returns: %TRUE if the server listens now; %FALSE also if it already listened, which it continues
 *   to do
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
  QNET_SERVER_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  if (!qnet_server_can_listen (QNET_SERVER (self), error))
    return FALSE;

  priv = qnet_local_server_get_private (self);

  if (!qnet_local_address_init (&address, name,
                                (priv->access & QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE) != 0,
                                &failure))
    return qnet_server_fail (QNET_SERVER (self), failure, error);

  fd = open_place (self, &address);

  if (fd < 0)
    return fail_to_listen (self, &address, error);

  priv->server_name = g_strdup (name);
  priv->full_name = qnet_local_address_get_name (&address);
  qnet_server_start (QNET_SERVER (self), fd);

  return TRUE;
}

/**
 * qnet_local_server_remove_server:
 * @name: (type filename): the name of a server
 * @error: return location for an error
 *
 * Removes the file that a server of that name has left when it crashed.
 *
 * It succeeds if there is no such file. If a live server uses the file, it fails with
 * [QNET_SOCKET_ERROR_ADDRESS_IN_USE][error@SocketError], and that server accepts no connection from
 * it; Qt removes the file all the same. A file that is not a socket is never removed. Of several
 * processes that call this for one name and then listen, exactly one becomes the server.
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
 * @force: whether to remove the file of a live server as well
 * @error: return location for an error
 *
 * Removes the file of a server, as [func@LocalServer.remove_server] does; with @force also that of
 * a live server.
 *
 * A server whose file was removed keeps its connections, and clients cannot connect to it any more.
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

  return qnet_local_address_init (&address, name, FALSE, error) &&
         qnet_socket_file_remove_stale (&address, force, error);
}
