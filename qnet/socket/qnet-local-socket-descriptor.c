/* qnet-local-socket-descriptor.c: the descriptor of a local connection, and who is at its other end
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-local-socket.h"

#include <fcntl.h>
#include <glib-unix.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-gsocket-private.h"
#include "engine/qnet-syscall-private.h"
#include "socket/qnet-local-socket-private.h"

static int
get_fd (QnetLocalSocket *self)
{
  QnetChannel *channel = &qnet_io_device_get_private (QNET_IO_DEVICE (self))->channel;

  return qnet_channel_is_open (channel) ? channel->transport.fd : -1;
}

/* Descriptors in */

static gboolean
is_stream (int fd)
{
  int type;
  socklen_t size = sizeof type;

  return qnet_sys_getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

/* Of the peer: a server's own name says nothing about the connection, and a client has none. */
static gboolean
get_peer (int               fd,
          QnetLocalAddress *address)
{
  struct sockaddr_storage native = { 0, };
  socklen_t size = sizeof native;

  return getpeername (fd, (struct sockaddr *) &native, &size) == 0
         && qnet_local_address_init_native (address, &native, size);
}

static gboolean
check_descriptor (int                    fd,
                  QnetLocalSocketState   state,
                  QnetLocalAddress      *peer,
                  GError               **error)
{
  const char *reason = NULL;

  if (state != QNET_LOCAL_SOCKET_STATE_CONNECTED)
    reason = N_("it has to be connected");
  else if (!qnet_is_descriptor (fd))
    reason = N_("there is no such descriptor");
  else if (!is_stream (fd) || !get_peer (fd, peer))
    reason = N_("not a connected local stream socket");
  else if (!g_unix_set_fd_nonblocking (fd, TRUE, NULL))
    reason = N_("it cannot be made non-blocking");

  if (reason == NULL)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not take over descriptor %d: %s"), fd, _(reason));
  return FALSE;
}

static gboolean
check_can_begin (QnetLocalSocket  *self,
                 int               fd,
                 GError          **error)
{
  if (qnet_connection_can_begin (&qnet_local_socket_get_private (self)->connection, error))
    return TRUE;

  g_prefix_error (error, _("Could not take over descriptor %d: "), fd);

  return FALSE;
}

static void
take_over (QnetLocalSocket        *self,
           int                     fd,
           QnetOpenMode            open_mode,
           const QnetLocalAddress *peer)
{
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (self);
  g_autofree char *name = qnet_local_address_get_name (peer);

  qnet_connection_begin_change (&priv->connection);
  qnet_connection_begin (&priv->connection);
  if (name[0] != '\0')
    qnet_local_socket_take_full_name (self, g_steal_pointer (&name));
  qnet_local_socket_notify_credentials (self);
  qnet_connection_open_channel (&priv->connection, fd);
  qnet_io_device_set_open_mode (QNET_IO_DEVICE (self), open_mode);
  qnet_io_device_hand_out (QNET_IO_DEVICE (self));
  qnet_connection_end_change (&priv->connection, QNET_SOCKET_STATE_CONNECTED);
}

/**
 * qnet_local_socket_set_socket_descriptor:
 * @self: a socket
 * @fd: the descriptor of a connected local stream socket
 * @state: [QNET_LOCAL_SOCKET_STATE_CONNECTED][enum@LocalSocketState]
 * @open_mode: for reading, writing, or both
 * @error: return location for an error
 *
 * Takes over a descriptor, one end of a `socketpair()` for instance.
 *
 * On success it belongs to @self, and is made non-blocking; [property@LocalSocket:state] changes, but
 * [signal@LocalSocket::connected] is not emitted. Reading starts in the next turn of the loop, which is that of the
 * [struct@GLib.MainContext] that is the thread default now. What is no connected local stream socket is refused with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError] and stays the caller's.
 *
 * Returns: whether it was taken over
 *
 * Since: 1.0
 */
gboolean
qnet_local_socket_set_socket_descriptor (QnetLocalSocket       *self,
                                         int                    fd,
                                         QnetLocalSocketState   state,
                                         QnetOpenMode           open_mode,
                                         GError               **error)
{
  g_autoptr(QnetLocalSocket) hold = NULL;
  QnetLocalAddress peer;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  hold = g_object_ref (self);

  if (!check_can_begin (self, fd, &reason) || !check_descriptor (fd, state, &peer, &reason))
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  take_over (self, fd, open_mode, &peer);

  return TRUE;
}

/**
 * qnet_local_socket_new_from_connection:
 * @connection: a connection of GIO's, a [class@Gio.UnixConnection] that is
 * @error: return location for an error
 *
 * Makes a socket that goes on with a connection of GIO's.
 *
 * It works on a duplicate of the descriptor. Neither read from @connection nor write to it afterwards; dropping it does not end the
 * connection, but closing it says goodbye to the peer.
 *
 * Returns: (transfer full): the connected socket, or %NULL with @error set when @connection is no connected local connection
 *
 * Since: 1.0
 */
QnetLocalSocket *
qnet_local_socket_new_from_connection (GSocketConnection  *connection,
                                       GError            **error)
{
  g_autoptr(QnetLocalSocket) self = NULL;
  int fd;

  g_return_val_if_fail (G_IS_SOCKET_CONNECTION (connection), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  fd = fcntl (g_socket_get_fd (g_socket_connection_get_socket (connection)), F_DUPFD_CLOEXEC, 0);
  if (fd < 0)
    {
      qnet_set_error_from_errno (error, errno, _("Could not take over the connection"));
      return NULL;
    }

  self = qnet_local_socket_new ();
  if (qnet_local_socket_set_socket_descriptor (self, fd, QNET_LOCAL_SOCKET_STATE_CONNECTED,
                                               QNET_OPEN_MODE_READ_WRITE, error))
    return g_steal_pointer (&self);

  qnet_clear_fd (&fd);

  return NULL;
}

void
qnet_local_socket_adopt_accepted (QnetLocalSocket *self,
                                  QnetReactor     *reactor,
                                  int              fd)
{
  qnet_connection_adopt_accepted (&qnet_local_socket_get_private (self)->connection, reactor, fd);
}

/* Descriptors out */

/**
 * qnet_local_socket_get_socket_descriptor:
 * @self: a socket
 *
 * Gets the descriptor, which stays the socket's. Neither read from it, nor write to it, nor close it.
 *
 * Returns: the descriptor; -1 while not connected
 *
 * Since: 1.0
 */
int
qnet_local_socket_get_socket_descriptor (QnetLocalSocket *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), -1);

  return get_fd (self);
}

/**
 * qnet_local_socket_is_valid:
 * @self: a socket
 *
 * Tells whether there is a descriptor: the socket is connected.
 *
 * Returns: whether there is one
 *
 * Since: 1.0
 */
gboolean
qnet_local_socket_is_valid (QnetLocalSocket *self)
{
  return qnet_local_socket_get_socket_descriptor (self) >= 0;
}

/**
 * qnet_local_socket_get_socket:
 * @self: a socket
 *
 * Gets a [class@Gio.Socket] for the same connection, to ask and set what it knows better.
 *
 * It is made on the first call, over a duplicate of the descriptor. Do not receive from it or send to it. It is not to be used
 * after the connection has ended.
 *
 * Returns: (transfer none) (nullable): the GSocket, or %NULL while not connected
 *
 * Since: 1.0
 */
GSocket *
qnet_local_socket_get_socket (QnetLocalSocket *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), NULL);

  return qnet_connection_get_socket (&qnet_local_socket_get_private (self)->connection, get_fd (self));
}

/**
 * qnet_local_socket_steal_connection:
 * @self: a connected socket
 * @error: return location for an error
 *
 * Gives the connection away, as GIO's own object for it, a [class@Gio.UnixConnection].
 *
 * For code that wants the descriptor for itself. What is in the read buffer stays there: take it first. What was written is sent
 * first; if the kernel does not take all of it now, the call fails with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError] and nothing has changed. Afterwards the socket
 * is unconnected, without [signal@LocalSocket::disconnected].
 *
 * Returns: (transfer full): the connection, or %NULL with @error set
 *
 * Since: 1.0
 */
GSocketConnection *
qnet_local_socket_steal_connection (QnetLocalSocket  *self,
                                    GError          **error)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return qnet_connection_steal (&qnet_local_socket_get_private (self)->connection, error);
}

/* The peer */

#ifdef __linux__

/* One call, where a GSocket takes ten to begin with: each connection whose end is watched is asked. */
static GCredentials *
ask_for_credentials (int fd)
{
  struct ucred native;
  socklen_t size = sizeof native;
  GCredentials *credentials;

  if (qnet_sys_getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &native, &size) != 0)
    return NULL;

  /* A process of another PID namespace has no number in ours. For 0 GCredentials would not give the user either. */
  if (native.pid == 0)
    native.pid = -1;

  credentials = g_credentials_new ();
  g_credentials_set_native (credentials, G_CREDENTIALS_TYPE_LINUX_UCRED, &native);

  return credentials;
}

#else

/* Each system has a way of its own, and GSocket knows them all. */
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
 * They are those of the process that has connected, or that listens, as the kernel has noted them then; nobody can pretend to be
 * somebody else. The process may have ended, or passed its descriptor on, since. The result stays the same, and valid in
 * handlers of [signal@LocalSocket::disconnected].
 *
 * A process in a PID namespace that cannot be seen from here, such as that of another container, has the user and the group, and
 * -1 for the process.
 *
 * Returns: (transfer none) (nullable): the credentials, or %NULL while not connected, or where the system does not tell
 *
 * Since: 1.0
 */
GCredentials *
qnet_local_socket_get_peer_credentials (QnetLocalSocket *self)
{
  QnetLocalSocketPrivate *priv;
  int fd;

  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), NULL);

  priv = qnet_local_socket_get_private (self);
  fd = get_fd (self);

  if (priv->credentials == NULL && fd >= 0)
    priv->credentials = ask_for_credentials (fd);

  return priv->credentials;
}
