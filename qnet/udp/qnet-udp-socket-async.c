/* qnet-udp-socket-async.c: receiving and sending asynchronously
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-udp-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "device/qnet-io-lock-private.h"
#include "device/qnet-io-operation-private.h"
#include "udp/qnet-udp-socket-private.h"

/* There is no datagram to receive, or no room to send one, yet. */
static gboolean
has_to_wait (QnetIOOperation *operation)
{
  if (!g_error_matches (operation->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY))
    return FALSE;

  g_clear_error (&operation->error);

  return TRUE;
}

static gboolean
receive_step (QnetIODevice    *device,
              QnetIOOperation *operation)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);
  QnetUdpSocket *self = QNET_UDP_SOCKET (device);

  if (priv->n_transient_errors != operation->target)
    {
      operation->error = g_error_copy (qnet_io_device_get_errors (priv)->transient);
      return TRUE;
    }

  operation->datagram = qnet_udp_socket_take_datagram (self, (gssize) operation->size,
                                                       &operation->error);

  return !has_to_wait (operation);
}

/* The first attempt may bind the socket. If it was closed since then, it is not bound again. */
static gboolean
write_step (QnetIODevice    *device,
            QnetIOOperation *operation)
{
  QnetUdpSocket *self = QNET_UDP_SOCKET (device);
  QnetChannel *channel = qnet_udp_socket_get_channel (self);

  if (operation->has_waited && !qnet_channel_is_open (channel))
    {
      qnet_set_error (&operation->error, QNET_SOCKET_ERROR_OPERATION,
                      _("Could not send: The socket was closed before the datagram could be sent"));
      return TRUE;
    }

  operation->count = qnet_udp_socket_send_datagram (self, operation->to_send, &operation->error);
  if (!has_to_wait (operation))
    return TRUE;

  operation->has_waited = TRUE;
  qnet_channel_wait_for_room (channel);

  return FALSE;
}

/**
 * qnet_udp_socket_receive_datagram_async:
 * @self: a socket that is bound or connected
 * @max_size: the most bytes to take, 0 for the whole datagram
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (nullable): called when a datagram was received, or the call has failed
 * @user_data: data for @callback
 *
 * Asynchronously receives the next datagram, and waits for one if there is none.
 *
 * [signal@IODevice::ready-read] is emitted first: a datagram that its handler takes is not returned
 * here. Cancelling ends this call alone and loses no datagram. Only one call can be pending at a
 * time; another one fails with [G_IO_ERROR_PENDING][error@Gio.IOErrorEnum].
 *
 * Since: 1.0
 */
void
qnet_udp_socket_receive_datagram_async (QnetUdpSocket       *self,
                                        gsize                max_size,
                                        int                  io_priority,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data)
{
  QnetIODevice *device = QNET_IO_DEVICE (self);
  QnetIOOperation *operation;

  g_return_if_fail (QNET_IS_UDP_SOCKET (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  QNET_IO_STAY_OR_CALL_BACK (self, receive_step);

  operation = qnet_io_operation_new (device, self, receive_step,
                                     io_priority, cancellable, callback, user_data);
  operation->size = max_size;
  operation->target = qnet_io_device_get_private (device)->n_transient_errors;
  qnet_io_operation_start_single (operation);
}

/**
 * qnet_udp_socket_receive_datagram_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes a call of [method@UdpSocket.receive_datagram_async].
 *
 * Returns: (transfer full): the datagram, or %NULL with @error set
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_udp_socket_receive_datagram_finish (QnetUdpSocket  *self,
                                         GAsyncResult   *result,
                                         GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return qnet_io_operation_finish_datagram (result, error);
}

/**
 * qnet_udp_socket_write_datagram_async:
 * @self: a socket
 * @datagram: the datagram, with its destination
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (nullable): called when the datagram was sent, or the call has failed
 * @user_data: data for @callback
 *
 * Asynchronously sends a datagram, as [method@UdpSocket.write_datagram] does, and waits until the
 * kernel has room for it.
 *
 * Only one call can be pending at a time; another one fails with
 * [G_IO_ERROR_PENDING][error@Gio.IOErrorEnum].
 *
 * Since: 1.0
 */
void
qnet_udp_socket_write_datagram_async (QnetUdpSocket       *self,
                                      QnetNetworkDatagram *datagram,
                                      int                  io_priority,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data)
{
  QnetIOOperation *operation;

  g_return_if_fail (QNET_IS_UDP_SOCKET (self));
  g_return_if_fail (datagram != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  QNET_IO_STAY_OR_CALL_BACK (self, write_step);

  operation = qnet_io_operation_new (QNET_IO_DEVICE (self), self, write_step,
                                     io_priority, cancellable, callback, user_data);
  operation->to_send = qnet_network_datagram_ref (datagram);
  qnet_io_operation_start_single (operation);
}

/**
 * qnet_udp_socket_write_datagram_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes a call of [method@UdpSocket.write_datagram_async].
 *
 * Returns: the size of the datagram, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_udp_socket_write_datagram_finish (QnetUdpSocket  *self,
                                       GAsyncResult   *result,
                                       GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);

  return qnet_io_operation_finish (result, error);
}
