/* qnet-socket-descriptor.c: taking over descriptors and returning them, and their objects of GIO
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-socket.h"

#include <fcntl.h>

#include "base/qnet-error-private.h"
#include "base/qnet-gsocket-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "socket/qnet-socket-private.h"

/* Taking over */

/* For a class without descriptors. */
gboolean
qnet_socket_refuse_fd (QnetSocket       *self,
                       int               fd,
                       QnetSocketState   state,
                       GError          **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not take over descriptor %d: This kind of socket has no descriptor"),
                  fd);

  return FALSE;
}

static gboolean
check_can_begin (QnetSocket  *self,
                 int          fd,
                 GError     **error)
{
  if (qnet_socket_can_begin (self, error))
    return TRUE;

  qnet_prefix_error (error, _("Could not take over descriptor %d"), fd);

  return FALSE;
}

/**
 * qnet_socket_set_fd:
 * @self: an unconnected socket
 * @fd: the descriptor of a socket of the same kind, one end of a `socketpair()` for instance
 * @state: [QNET_SOCKET_STATE_CONNECTED][enum@SocketState], or, for an Internet socket,
 *   [QNET_SOCKET_STATE_BOUND][enum@SocketState], whichever it is
 * @open_mode: for reading, writing, or both
 * @error: return location for an error
 *
 * Takes over a descriptor.
 *
 * On success it belongs to @self, and is made non-blocking; [property@Socket:state] changes, but
 * [signal@Socket::connected] is not emitted. Reading starts in the next turn of the loop, which is
 * that of the [struct@GLib.MainContext] that is the thread default now. A descriptor of another
 * kind of socket, or in another state, is refused with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError] and stays the caller's.
 *
 * Returns: whether it was taken over
 *
 * Since: 1.0
 */
gboolean
qnet_socket_set_fd (QnetSocket       *self,
                    int               fd,
                    QnetSocketState   state,
                    QnetOpenMode      open_mode,
                    GError          **error)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  hold = qnet_io_device_hold (self);

  if (!check_can_begin (self, fd, &reason)
      || !qnet_socket_get_functions (self)->take_fd (self, fd, state, &reason))
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  qnet_io_device_set_open_mode (QNET_IO_DEVICE (self), open_mode);
  if (state == QNET_SOCKET_STATE_CONNECTED)
    qnet_io_device_start_reading (QNET_IO_DEVICE (self));

  qnet_socket_end_change (self, state);

  return TRUE;
}

/* On a duplicate of the descriptor, because @connection may be closed or dropped. */
QnetSocket *
qnet_socket_new_from_connection (GType               type,
                                 GSocketConnection  *connection,
                                 GError            **error)
{
  GSocket *original = g_socket_connection_get_socket (connection);
  g_autoptr(QnetSocket) self = NULL;
  int fd = fcntl (g_socket_get_fd (original), F_DUPFD_CLOEXEC, 0);

  if (fd < 0)
    {
      qnet_set_error_from_errno (error, errno, _("Could not take over the connection"));
      return NULL;
    }

  self = g_object_new (type, NULL);
  if (qnet_socket_set_fd (self, fd, QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE, error))
    return g_steal_pointer (&self);

  qnet_clear_fd (&fd);

  return NULL;
}

/* Returning */

/**
 * qnet_socket_get_fd:
 * @self: a socket
 *
 * Gets the descriptor, which stays the socket's. Do not read from it, write to it, or close it.
 *
 * Returns: the descriptor; -1 while neither bound nor connected
 *
 * Since: 1.0
 */
int
qnet_socket_get_fd (QnetSocket *self)
{
  g_return_val_if_fail (QNET_IS_SOCKET (self), -1);
  QNET_IO_BRIEF_STAY (self, -1);

  return qnet_socket_get_functions (self)->get_fd (self);
}

/**
 * qnet_socket_is_valid:
 * @self: a socket
 *
 * Gets whether there is a descriptor: the socket is bound or connected.
 *
 * Returns: whether there is one
 *
 * Since: 1.0
 */
gboolean
qnet_socket_is_valid (QnetSocket *self)
{
  g_return_val_if_fail (QNET_IS_SOCKET (self), FALSE);
  QNET_IO_BRIEF_STAY (self, FALSE);

  return qnet_socket_get_fd (self) >= 0;
}

/**
 * qnet_socket_get_socket:
 * @self: a socket
 *
 * Gets a [class@Gio.Socket] for the same connection, for what only that can query or set.
 *
 * It is made on the first call, over a duplicate of the descriptor. Do not receive from it or send
 * to it. It is not to be used after the connection has ended.
 *
 * Returns: (transfer none) (nullable): the GSocket, or %NULL without a descriptor
 *
 * Since: 1.0
 */
GSocket *
qnet_socket_get_socket (QnetSocket *self)
{
  QnetSocketPrivate *priv;
  int duplicate;
  int fd;

  g_return_val_if_fail (QNET_IS_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  priv = qnet_socket_get_private (self);
  fd = qnet_socket_get_functions (self)->get_fd (self);

  if (priv->socket != NULL || fd < 0)
    return priv->socket;

  duplicate = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0)
    return NULL;

  priv->socket = qnet_gsocket_new (duplicate, NULL);
  if (priv->socket == NULL)
    qnet_clear_fd (&duplicate);

  return priv->socket;
}

/* On failure the connection keeps its descriptor. */
static GSocket *
wrap_descriptor (int      fd,
                 GError **error)
{
  GError *local_error = NULL;
  GSocket *socket = qnet_gsocket_new (fd, &local_error);

  if (socket == NULL)
    qnet_take_error_from_gerror (error, local_error,
                                 _("Could not take the connection from the socket"));

  return socket;
}

static gboolean
can_be_stolen (QnetSocket  *self,
               GError     **error)
{
  QnetIODevicePrivate *device = qnet_socket_get_device (self);
  const char *reason = NULL;

  if (!qnet_socket_get_functions (self)->check_steal (self, error))
    return FALSE;

  if (qnet_socket_get_private (self)->state != QNET_SOCKET_STATE_CONNECTED)
    reason = _("Could not take the connection from the socket: The socket is not connected");
  else if (!qnet_channel_is_open (&device->channel))
    reason = _("Could not take the connection from the socket: The socket has no descriptor");
  else if (qnet_io_device_is_closing (device))
    reason = _("Could not take the connection from the socket: It is being closed");
  else if (device->channel.transport.funcs->holds_input)
    reason = _("Could not take the connection from the socket: It is encrypted");
  else if (device->channel.write_queue.length > 0 || device->channel.write_error != NULL)
    reason = _("Could not take the connection from the socket: Some bytes have not been sent yet");
  else
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, "%s", reason);

  return FALSE;
}

/* The descriptor already belongs to a GSocket. */
static void
drop_transport (QnetSocket *self)
{
  QnetTransport transport;

  qnet_channel_steal_transport (qnet_socket_get_channel (self), &transport);
  transport.fd = -1;
  transport.funcs->close (&transport, FALSE);
}

static void
leave_connection (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  QnetIODevice *device = QNET_IO_DEVICE (self);

  qnet_socket_begin_change (self);
  drop_transport (self);
  qnet_socket_stop_deadline (self);
  qnet_io_device_clear_object (self, &priv->socket);
  qnet_socket_get_functions (self)->forget (self);
  priv->serial++;
  priv->n_ended++;
  qnet_io_device_end_input (qnet_socket_get_device (self));
  qnet_io_device_read_buffer_changed (device);
  qnet_socket_end_change (self, QNET_SOCKET_STATE_UNCONNECTED);

  qnet_io_device_release_owner (device);
  qnet_io_device_progress (device);
  qnet_socket_defer_refusals (self);
}

/**
 * qnet_socket_steal_connection:
 * @self: a connected socket
 * @error: return location for an error
 *
 * Gives the connection away, as GIO's own object for it: for code that needs the descriptor for
 * itself.
 *
 * What is in the read buffer stays there: take it first. What was written is sent first; if the
 * kernel does not accept all of it now, the call fails with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError] and nothing has changed. Afterwards the socket
 * is unconnected, without [signal@Socket::disconnected].
 *
 * Returns: (transfer full): the connection, a [class@Gio.TcpConnection] or a
 *   [class@Gio.UnixConnection] for instance, or %NULL with @error set
 *
 * Since: 1.0
 */
GSocketConnection *
qnet_socket_steal_connection (QnetSocket  *self,
                              GError     **error)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  g_autoptr(GSocket) socket = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SOCKET (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);
  QNET_IO_STAY_OR_FAIL (self, error, NULL);

  hold = qnet_io_device_hold (self);
  qnet_io_device_flush (QNET_IO_DEVICE (self));

  if (can_be_stolen (self, &reason))
    socket = wrap_descriptor (qnet_socket_get_channel (self)->transport.fd, &reason);

  if (socket == NULL)
    {
      qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
      return NULL;
    }

  leave_connection (self);

  return g_socket_connection_factory_create_connection (socket);
}
