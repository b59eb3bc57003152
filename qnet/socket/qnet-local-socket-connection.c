/* qnet-local-socket-connection.c: the end of a local connection, its halves, and its time limits
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-local-socket.h"

#include "socket/qnet-local-socket-private.h"

static QnetConnection *
get_connection (QnetLocalSocket *self)
{
  return &qnet_local_socket_get_private (self)->connection;
}

static QnetChannel *
get_channel (QnetLocalSocket *self)
{
  return &qnet_io_device_get_private (QNET_IO_DEVICE (self))->channel;
}

/* The end */

/**
 * qnet_local_socket_disconnect_from_server:
 * @self: a socket
 *
 * Closes the connection, once everything that was written has been sent.
 *
 * With nothing left to send the connection ends before the call returns, and [signal@LocalSocket::disconnected] is emitted inside
 * it; else the socket is [QNET_LOCAL_SOCKET_STATE_CLOSING][enum@LocalSocketState] meanwhile, for
 * [property@LocalSocket:close-timeout] at most. While the connection is still being made the call
 * is remembered and carried out then. What is in the read buffer can still be read afterwards, and
 * the socket can connect again.
 *
 * Since: 1.0
 */
void
qnet_local_socket_disconnect_from_server (QnetLocalSocket *self)
{
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));

  qnet_connection_disconnect (get_connection (self));
}

/**
 * qnet_local_socket_disconnect_from_server_async:
 * @self: a socket
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the waiting alone: the connection is closed all the same
 * @callback: (scope async) (closure user_data): called when the socket is unconnected
 * @user_data: data for @callback
 *
 * Closes the connection, as [method@LocalSocket.disconnect_from_server] does, and calls back when it has ended.
 *
 * Since: 1.0
 */
void
qnet_local_socket_disconnect_from_server_async (QnetLocalSocket     *self,
                                                int                  io_priority,
                                                GCancellable        *cancellable,
                                                GAsyncReadyCallback  callback,
                                                gpointer             user_data)
{
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));

  qnet_connection_disconnect_async (get_connection (self), qnet_local_socket_disconnect_from_server_async,
                                    io_priority, cancellable, callback, user_data);
}

/**
 * qnet_local_socket_disconnect_from_server_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@LocalSocket.disconnect_from_server_async].
 *
 * Returns: whether the socket is unconnected
 *
 * Since: 1.0
 */
gboolean
qnet_local_socket_disconnect_from_server_finish (QnetLocalSocket  *self,
                                                 GAsyncResult     *result,
                                                 GError          **error)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * qnet_local_socket_wait_for_disconnected:
 * @self: a socket
 * @msecs: how many milliseconds to wait at most; 0 looks once, -1 waits for ever
 * @error: return location for an error
 *
 * Blocks until the connection has ended, sending what was written and taking in what comes.
 *
 * It needs no main loop and runs none; the socket's signals are emitted meanwhile. When the time runs out the connection goes on.
 * While reading is paused, or the read buffer is full, it waits for the end of the peer. An unconnected socket fails with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError].
 *
 * A connection that ends inside the call counts, even if a handler connects anew. An attempt that fails was no connection: the
 * result is %FALSE then, with its error.
 *
 * Returns: whether the connection has ended; if not, @error is set
 *
 * Since: 1.0
 */
gboolean
qnet_local_socket_wait_for_disconnected (QnetLocalSocket  *self,
                                         int               msecs,
                                         GError          **error)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return qnet_connection_wait_for_disconnected (get_connection (self), msecs, error);
}

/**
 * qnet_local_socket_abort:
 * @self: a socket
 *
 * Ends the connection, or the attempt to make one, at once.
 *
 * Both buffers are emptied, the read buffer of a connection that has ended already, too, and descriptors that nobody has taken are
 * closed; what was written and not yet sent is lost. The connection is shut down, so that the peer notices even while another process
 * has the descriptor. [property@IODevice:open-mode] becomes
 * [QNET_OPEN_MODE_NOT_OPEN][flags@OpenMode]. [signal@LocalSocket::disconnected] is emitted inside
 * the call if there was a connection. The socket can connect again.
 *
 * Since: 1.0
 */
void
qnet_local_socket_abort (QnetLocalSocket *self)
{
  g_autoptr(QnetLocalSocket) hold = NULL;
  QnetLocalSocketPrivate *priv;

  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));

  hold = g_object_ref (self);
  priv = qnet_local_socket_get_private (self);

  if (priv->passing != NULL)
    {
      qnet_passing_close_received (priv->passing);
      qnet_local_socket_notify_fds (QNET_IO_DEVICE (self));
    }

  qnet_connection_abort (&priv->connection);
}

/* Its halves */

/**
 * qnet_local_socket_shutdown_write:
 * @self: a socket
 *
 * Tells the peer, once everything that was written has been sent, that nothing more will come; reading goes on.
 *
 * Writing fails from now on. Before the connection stands it does nothing.
 *
 * Since: 1.0
 */
void
qnet_local_socket_shutdown_write (QnetLocalSocket *self)
{
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));

  qnet_connection_shutdown_write (get_connection (self));
}

/**
 * qnet_local_socket_pause_reading:
 * @self: a socket
 *
 * Stops taking bytes from the peer; what is in the read buffer stays there.
 *
 * The peer is slowed down, once the kernel's buffer is full. Its end of the connection is noticed all the same: what it has sent
 * before is then received in full, [signal@IODevice::ready-read] is emitted, and the connection ends as always.
 *
 * It lasts until [method@LocalSocket.resume_reading] is called or the connection ends. A socket that is paused before it
 * connects is paused from the start.
 *
 * Since: 1.0
 */
void
qnet_local_socket_pause_reading (QnetLocalSocket *self)
{
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));

  qnet_channel_set_paused (get_channel (self), TRUE);
}

/**
 * qnet_local_socket_resume_reading:
 * @self: a socket
 *
 * Goes on taking bytes from the peer.
 *
 * Since: 1.0
 */
void
qnet_local_socket_resume_reading (QnetLocalSocket *self)
{
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));

  qnet_channel_set_paused (get_channel (self), FALSE);
}

/**
 * qnet_local_socket_is_reading_paused:
 * @self: a socket
 *
 * Tells whether [method@LocalSocket.pause_reading] was called last.
 *
 * Returns: whether reading is paused
 *
 * Since: 1.0
 */
gboolean
qnet_local_socket_is_reading_paused (QnetLocalSocket *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), FALSE);

  return get_channel (self)->is_paused;
}

/**
 * qnet_local_socket_get_allow_half_open:
 * @self: a socket
 *
 * Gets whether the connection goes on when the peer has said its last word.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
qnet_local_socket_get_allow_half_open (QnetLocalSocket *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), FALSE);

  return get_connection (self)->allow_half_open;
}

/**
 * qnet_local_socket_set_allow_half_open:
 * @self: a socket
 * @allow_half_open: whether the connection goes on
 *
 * Sets whether the connection goes on when the peer has said its last word.
 *
 * Since: 1.0
 */
void
qnet_local_socket_set_allow_half_open (QnetLocalSocket *self,
                                       gboolean         allow_half_open)
{
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));

  qnet_connection_set_allow_half_open (get_connection (self), allow_half_open);
}

/* Time limits */

/**
 * qnet_local_socket_get_connect_timeout:
 * @self: a socket
 *
 * Gets how many milliseconds connecting may take.
 *
 * Returns: milliseconds, 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_local_socket_get_connect_timeout (QnetLocalSocket *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), 0);

  return qnet_connection_get_timing (get_connection (self), QNET_TIMING_CONNECT_TIMEOUT);
}

/**
 * qnet_local_socket_set_connect_timeout:
 * @self: a socket
 * @msecs: milliseconds, 0 for no limit
 *
 * Sets how many milliseconds connecting may take.
 *
 * Since: 1.0
 */
void
qnet_local_socket_set_connect_timeout (QnetLocalSocket *self,
                                       int              msecs)
{
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));
  g_return_if_fail (msecs >= 0);

  qnet_connection_set_timing (get_connection (self), QNET_TIMING_CONNECT_TIMEOUT, msecs, "connect-timeout");
}

/**
 * qnet_local_socket_get_idle_timeout:
 * @self: a socket
 *
 * Gets after how many milliseconds without a byte a connection ends.
 *
 * Returns: milliseconds, 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_local_socket_get_idle_timeout (QnetLocalSocket *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), 0);

  return qnet_connection_get_timing (get_connection (self), QNET_TIMING_IDLE_TIMEOUT);
}

/**
 * qnet_local_socket_set_idle_timeout:
 * @self: a socket
 * @msecs: milliseconds, 0 for no limit
 *
 * Sets after how many milliseconds without a byte a connection ends.
 *
 * Since: 1.0
 */
void
qnet_local_socket_set_idle_timeout (QnetLocalSocket *self,
                                    int              msecs)
{
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));
  g_return_if_fail (msecs >= 0);

  g_object_freeze_notify (G_OBJECT (self));
  qnet_connection_set_timing (get_connection (self), QNET_TIMING_IDLE_TIMEOUT, msecs, "idle-timeout");
  qnet_connection_restart_idle (get_connection (self));
  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * qnet_local_socket_get_close_timeout:
 * @self: a socket
 *
 * Gets how many milliseconds a closing connection may take.
 *
 * Returns: milliseconds, 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_local_socket_get_close_timeout (QnetLocalSocket *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), 0);

  return qnet_connection_get_timing (get_connection (self), QNET_TIMING_CLOSE_TIMEOUT);
}

/**
 * qnet_local_socket_set_close_timeout:
 * @self: a socket
 * @msecs: milliseconds, 0 for no limit
 *
 * Sets how many milliseconds a closing connection may take.
 *
 * Since: 1.0
 */
void
qnet_local_socket_set_close_timeout (QnetLocalSocket *self,
                                     int              msecs)
{
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));
  g_return_if_fail (msecs >= 0);

  qnet_connection_set_timing (get_connection (self), QNET_TIMING_CLOSE_TIMEOUT, msecs, "close-timeout");
}
