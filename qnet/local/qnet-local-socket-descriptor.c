/* qnet-local-socket-descriptor.c: taking over a descriptor, and the credentials of the peer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-local-socket.h"

#include <fcntl.h>
#include <glib-unix.h>

#include "base/qnet-error-private.h"
#include "base/qnet-gsocket-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "local/qnet-local-socket-private.h"

/* Taking over */

static gboolean
is_stream (int fd)
{
  int type;
  socklen_t size = sizeof type;

  return qnet_sys_getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

/* The address of the peer: that of a server is its file, and a client has none. */
static gboolean
get_peer (int               fd,
          QnetLocalAddress *address)
{
  struct sockaddr_storage native = { 0, };
  socklen_t size = sizeof native;

  return qnet_sys_getpeername (fd, (struct sockaddr *) &native, &size) == 0
         && qnet_local_address_init_native (address, &native, size);
}

static gboolean
check_descriptor (int                fd,
                  QnetSocketState    state,
                  QnetLocalAddress  *peer,
                  GError           **error)
{
  const char *reason = NULL;

  if (state != QNET_SOCKET_STATE_CONNECTED)
    reason = N_("The socket has to be connected");
  else if (!qnet_is_descriptor (fd))
    reason = N_("There is no such descriptor");
  else if (!is_stream (fd) || !get_peer (fd, peer))
    reason = N_("It is not a connected local stream socket");
  else if (!g_unix_set_fd_nonblocking (fd, TRUE, NULL))
    reason = N_("It cannot be made non-blocking");

  if (reason == NULL)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not take over descriptor %d: %s"), fd, _(reason));
  return FALSE;
}

/* The change begins. */
static void
begin_with_fd (QnetLocalSocket        *self,
               int                     fd,
               const QnetLocalAddress *peer)
{
  QnetSocket *socket = QNET_SOCKET (self);
  g_autofree char *name = qnet_local_address_get_name (peer);

  qnet_socket_begin_change (socket);
  qnet_socket_begin (socket);
  if (name[0] != '\0')
    qnet_local_socket_take_full_name (self, g_steal_pointer (&name));
  qnet_local_socket_notify_credentials (self);
  qnet_socket_open_channel (socket, fd);
}

gboolean
qnet_local_socket_take_fd (QnetSocket       *socket,
                           int               fd,
                           QnetSocketState   state,
                           GError          **error)
{
  QnetLocalAddress peer;

  if (!check_descriptor (fd, state, &peer, error))
    return FALSE;

  begin_with_fd (QNET_LOCAL_SOCKET (socket), fd, &peer);

  return TRUE;
}

/**
 * qnet_local_socket_new_from_connection:
 * @connection: a connection of GIO's, a [class@Gio.UnixConnection] that is
 * @error: return location for an error
 *
 * Makes a socket that continues a connection of GIO's.
 *
 * It works on a duplicate of the descriptor. Neither read from @connection nor write to it
 * afterwards; dropping it does not end the connection, but closing it shuts it down.
 *
 * Returns: (transfer full): the connected socket, or %NULL with @error set when @connection is no
 *   connected local connection
 *
 * Since: 1.0
 */
QnetLocalSocket *
qnet_local_socket_new_from_connection (GSocketConnection  *connection,
                                       GError            **error)
{
  g_return_val_if_fail (G_IS_SOCKET_CONNECTION (connection), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return (QnetLocalSocket *) qnet_socket_new_from_connection (QNET_TYPE_LOCAL_SOCKET, connection,
                                                              error);
}

/* The peer */

#ifdef __linux__

/* One system call, while creating a GSocket needs ten: it is called for each connection whose end
 * is watched for. */
static GCredentials *
ask_for_credentials (int fd)
{
  struct ucred native;
  socklen_t size = sizeof native;
  GCredentials *credentials;

  if (qnet_sys_getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &native, &size) != 0)
    return NULL;

  /* A process of another PID namespace may have no PID in this one. With 0 GCredentials would not
   * return the user either. */
  if (native.pid == 0)
    native.pid = -1;

  credentials = g_credentials_new ();
  g_credentials_set_native (credentials, G_CREDENTIALS_TYPE_LINUX_UCRED, &native);

  return credentials;
}

#else

/* The call differs between systems, and GSocket supports all of them. */
static GCredentials *
ask_for_credentials (int fd)
{
  int duplicate = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  g_autoptr(GSocket) socket = duplicate >= 0 ? qnet_gsocket_new (duplicate, NULL) : NULL;

  if (socket != NULL)
    return g_socket_get_credentials (socket, NULL);

  qnet_clear_fd (&duplicate);
  return NULL;
}

#endif

/**
 * qnet_local_socket_get_peer_credentials:
 * @self: a socket
 *
 * Gets who is at the other end: process, user and group.
 *
 * They are those of the process that has connected, or that listens, as the kernel has noted them
 * then; no process can forge them. The process may have ended, or passed its
 * descriptor on, since. The result stays the same, and valid in handlers of
 * [signal@Socket::disconnected].
 *
 * A process in a PID namespace that cannot be seen from here, such as that of another container,
 * has the user and the group, and -1 for the process.
 *
 * Returns: (transfer none) (nullable): the credentials, or %NULL while not connected, or where the
 *   system does not know them
 *
 * Since: 1.0
 */
GCredentials *
qnet_local_socket_get_peer_credentials (QnetLocalSocket *self)
{
  QnetLocalSocketPrivate *priv;
  int fd;

  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  priv = qnet_local_socket_get_private (self);
  fd = qnet_socket_get_fd (QNET_SOCKET (self));

  if (priv->credentials == NULL && fd >= 0)
    priv->credentials = ask_for_credentials (fd);

  return priv->credentials;
}
