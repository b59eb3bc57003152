/* qnet-tcp-socket.c: a TCP connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-tcp-socket.h"

#include "socket/qnet-abstract-socket-private.h"

/**
 * QnetTcpSocket:
 *
 * A TCP connection.
 *
 * ```c
 * g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
 *
 * g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), NULL);
 * g_signal_connect (socket, "error-occurred", G_CALLBACK (error_occurred_cb), NULL);
 * qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "localhost", 7777);
 * ```
 *
 * Nearly all that it does it has from [class@AbstractSocket], which connects, and from
 * [class@IODevice], which reads and writes. Servers make sockets of their own: see
 * [class@TcpServer].
 *
 * Since: 1.0
 */

G_DEFINE_TYPE (QnetTcpSocket, qnet_tcp_socket, QNET_TYPE_ABSTRACT_SOCKET)

static GType
qnet_tcp_socket_get_successor (QnetSocket *socket)
{
  return QNET_TYPE_TCP_SOCKET;
}

static void
qnet_tcp_socket_class_init (QnetTcpSocketClass *klass)
{
  qnet_socket_class_get_private (QNET_SOCKET_CLASS (klass))->get_successor =
    qnet_tcp_socket_get_successor;
}

static void
qnet_tcp_socket_init (QnetTcpSocket *self)
{
  qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (self))->socket_type =
    QNET_SOCKET_TYPE_TCP;
}

/**
 * qnet_tcp_socket_new:
 *
 * Makes an unconnected socket.
 *
 * Returns: (transfer full): the socket
 *
 * Since: 1.0
 */
QnetTcpSocket *
qnet_tcp_socket_new (void)
{
  return g_object_new (QNET_TYPE_TCP_SOCKET, NULL);
}

/**
 * qnet_tcp_socket_new_from_connection:
 * @connection: a connection of GIO's
 * @error: return location for an error
 *
 * Makes a socket that continues a connection of GIO's.
 *
 * It works on a duplicate of the descriptor. Neither read from @connection nor write to it
 * afterwards; dropping it does not end the connection, but closing it shuts it down.
 *
 * Returns: (transfer full): the connected socket, or %NULL with @error set when @connection is no
 *   connected TCP connection
 *
 * Since: 1.0
 */
QnetTcpSocket *
qnet_tcp_socket_new_from_connection (GSocketConnection  *connection,
                                     GError            **error)
{
  g_return_val_if_fail (G_IS_SOCKET_CONNECTION (connection), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return (QnetTcpSocket *) qnet_socket_new_from_connection (QNET_TYPE_TCP_SOCKET, connection,
                                                            error);
}
