/* qnet-abstract-socket-async.c: connecting to a host or an address as asynchronous pairs
 *
 * The pairs drive the same state machine as the plain calls, so the signals are emitted too, before
 * the callback.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "address/qnet-host-name-private.h"
#include "base/qnet-i18n-private.h"
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
  QnetSocketState state = qnet_socket_get_private (QNET_SOCKET (self))->state;
  g_autofree char *target = qnet_host_name_to_display (host, port);
  g_autofree char *what = g_strdup_printf (_("Could not connect to %s"), target);

  return qnet_socket_new_connect_task (QNET_SOCKET (self), state == QNET_SOCKET_STATE_BOUND, what,
                                       io_priority, cancellable, callback, user_data);
}

/**
 * qnet_abstract_socket_connect_to_host_async:
 * @self: a socket
 * @host: the name of a host, or an address
 * @port: the port, 0 to 65535
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the attempt: it is aborted
 * @callback: (scope async) (closure user_data): called when the connection is established, or has
 *   failed
 * @user_data: data for @callback
 *
 * Connects to @port of @host, as [method@AbstractSocket.connect_to_host] does, and calls back.
 *
 * The signals are emitted too, before the callback. A handler of [signal@IODevice::ready-read] that
 * is connected in the callback misses nothing.
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
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (host != NULL);
  QNET_IO_STAY_OR_CALL_BACK (self, qnet_socket_new_connect_task);

  task = begin_connect (self, host, port, io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  qnet_socket_get_private (QNET_SOCKET (self))->connect_task = g_object_ref (task);
  qnet_abstract_socket_connect_to_host (self, host, port);
  qnet_socket_watch_connect_task (QNET_SOCKET (self), task);
}

/**
 * qnet_abstract_socket_connect_to_host_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Ends [method@AbstractSocket.connect_to_host_async].
 *
 * Returns: whether the connection is established
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
 * @callback: (scope async) (closure user_data): called when the connection is established, or has
 *   failed
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
  g_autoptr(GTask) task = NULL;
  g_autofree char *text = NULL;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (address != NULL);
  QNET_IO_STAY_OR_CALL_BACK (self, qnet_socket_new_connect_task);

  text = qnet_host_address_to_string (address);
  task = begin_connect (self, text, port, io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  qnet_socket_get_private (QNET_SOCKET (self))->connect_task = g_object_ref (task);
  qnet_abstract_socket_connect_to_address (self, address, port);
  qnet_socket_watch_connect_task (QNET_SOCKET (self), task);
}

/**
 * qnet_abstract_socket_connect_to_address_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Ends [method@AbstractSocket.connect_to_address_async].
 *
 * Returns: whether the connection is established
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
 * Closes the connection and calls back: another name for
 * [method@Socket.disconnect_from_peer_async].
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
  QNET_IO_STAY_OR_CALL_BACK (self, qnet_socket_disconnect_from_peer_async);

  qnet_socket_disconnect_from_peer_async (QNET_SOCKET (self), io_priority, cancellable, callback,
                                          user_data);
}

/**
 * qnet_abstract_socket_disconnect_from_host_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
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
  return qnet_socket_disconnect_from_peer_finish (QNET_SOCKET (self), result, error);
}
