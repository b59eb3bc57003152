/* qnet-abstract-socket-async.c: connecting and disconnecting as asynchronous pairs
 *
 * The pairs drive the same state machine as the plain calls, so the signals are emitted too, before the callback.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "address/qnet-host-name-private.h"
#include "socket/qnet-abstract-socket-private.h"

static GTask *
begin_connect (QnetAbstractSocket  *self,
               const char          *host,
               guint16              port,
               int                  io_priority,
               GCancellable        *cancellable,
               GAsyncReadyCallback  callback,
               gpointer             user_data)
{
  QnetConnection *connection = &qnet_abstract_socket_get_private (self)->connection;
  g_autofree char *target = qnet_host_name_to_display (host, port);

  return qnet_connection_new_connect_task (connection, connection->state == QNET_SOCKET_STATE_BOUND, target,
                                           io_priority, cancellable, callback, user_data);
}

/**
 * qnet_abstract_socket_connect_to_host_async:
 * @self: a socket
 * @host: the name of a host, or an address
 * @port: the port, 0 to 65535
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the attempt: it is aborted
 * @callback: (scope async) (closure user_data): called when the connection stands, or will not
 * @user_data: data for @callback
 *
 * Connects to @port of @host, as [method@AbstractSocket.connect_to_host] does, and calls back.
 *
 * The signals are emitted too, before the callback. A handler of [signal@IODevice::ready-read] that is connected in the callback
 * misses nothing.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_host_async (QnetAbstractSocket  *self,
                                            const char          *host,
                                            guint16              port,
                                            int                  io_priority,
                                            GCancellable        *cancellable,
                                            GAsyncReadyCallback  callback,
                                            gpointer             user_data)
{
  QnetConnection *connection;
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (host != NULL);

  connection = &qnet_abstract_socket_get_private (self)->connection;
  task = begin_connect (self, host, port, io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  connection->connect_task = g_object_ref (task);
  qnet_abstract_socket_connect_to_host (self, host, port);
  qnet_connection_await_connect (connection, task);
}

/**
 * qnet_abstract_socket_connect_to_host_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@AbstractSocket.connect_to_host_async].
 *
 * Returns: whether the connection stands
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_connect_to_host_finish (QnetAbstractSocket  *self,
                                             GAsyncResult        *result,
                                             GError             **error)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * qnet_abstract_socket_connect_to_address_async:
 * @self: a socket
 * @address: the address of a host
 * @port: the port, 0 to 65535
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the attempt: it is aborted
 * @callback: (scope async) (closure user_data): called when the connection stands, or will not
 * @user_data: data for @callback
 *
 * Connects to @port of @address, as [method@AbstractSocket.connect_to_host_async] does.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_address_async (QnetAbstractSocket  *self,
                                               QnetHostAddress     *address,
                                               guint16              port,
                                               int                  io_priority,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data)
{
  QnetConnection *connection;
  g_autoptr(GTask) task = NULL;
  g_autofree char *text = NULL;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (address != NULL);

  connection = &qnet_abstract_socket_get_private (self)->connection;
  text = qnet_host_address_to_string (address);
  task = begin_connect (self, text, port, io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  connection->connect_task = g_object_ref (task);
  qnet_abstract_socket_connect_to_address (self, address, port);
  qnet_connection_await_connect (connection, task);
}

/**
 * qnet_abstract_socket_connect_to_address_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@AbstractSocket.connect_to_address_async].
 *
 * Returns: whether the connection stands
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_connect_to_address_finish (QnetAbstractSocket  *self,
                                                GAsyncResult        *result,
                                                GError             **error)
{
  return qnet_abstract_socket_connect_to_host_finish (self, result, error);
}

/**
 * qnet_abstract_socket_disconnect_from_host_async:
 * @self: a socket
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the waiting alone: the connection is closed all the same
 * @callback: (scope async) (closure user_data): called when the socket is unconnected
 * @user_data: data for @callback
 *
 * Closes the connection, as [method@AbstractSocket.disconnect_from_host] does, and calls back when it has ended. It fails where not
 * everything that was written could be sent.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_disconnect_from_host_async (QnetAbstractSocket  *self,
                                                 int                  io_priority,
                                                 GCancellable        *cancellable,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             user_data)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));

  qnet_connection_disconnect_async (&qnet_abstract_socket_get_private (self)->connection,
                                    qnet_abstract_socket_disconnect_from_host_async,
                                    io_priority, cancellable, callback, user_data);
}

/**
 * qnet_abstract_socket_disconnect_from_host_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@AbstractSocket.disconnect_from_host_async].
 *
 * Returns: whether the socket is unconnected
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_disconnect_from_host_finish (QnetAbstractSocket  *self,
                                                  GAsyncResult        *result,
                                                  GError             **error)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
