/* qnet-io-device-operations.c: reading and writing with a callback
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "device/qnet-io-lock-private.h"
#include "device/qnet-io-operation-private.h"

/* Reading */

static gboolean
fail (QnetIOOperation *operation,
      QnetSocketError  code,
      const char      *message)
{
  operation->error = g_error_new_literal (QNET_SOCKET_ERROR, code, message);

  return TRUE;
}

/* There is nothing to read: ends the operation if nothing will follow. */
static gboolean
end_without_bytes (QnetIODevice    *self,
                   QnetIOOperation *operation)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->taken != NULL && qnet_channel_is_full (&priv->channel))
    return fail (operation, QNET_SOCKET_ERROR_OPERATION,
                 _("Could not read: The message does not fit into the read buffer"));

  if (!qnet_io_device_end_is_reported (self))
    return FALSE;

  if (qnet_io_device_get_errors (priv)->end != NULL)
    operation->error = g_error_copy (qnet_io_device_get_errors (priv)->end);
  else
    operation->bytes = g_bytes_new_take (g_strdup (""), 0);

  return TRUE;
}

static gboolean
read_bytes_step (QnetIODevice    *self,
                 QnetIOOperation *operation)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (!qnet_io_device_is_readable (self))
    return fail (operation, QNET_SOCKET_ERROR_OPERATION,
                 _("Could not read: The device is not open for reading"));

  qnet_io_device_pull_directly (self);
  if (priv->channel.read_queue.length == 0 && operation->size > 0)
    return end_without_bytes (self, operation);

  operation->bytes = qnet_io_device_take_bytes (self, operation->size);

  return TRUE;
}

/* An array with a NUL behind its length, which the finish function returns as it is. */
static GBytes *
take_line (QnetIODevice *self,
           gsize         length)
{
  guint8 *line = g_malloc (length + 1);

  length = qnet_io_device_take (self, line, length);
  line[length] = '\0';

  return g_bytes_new_take (line, length);
}

static gboolean
read_line_step (QnetIODevice    *self,
                QnetIOOperation *operation)
{
  gsize length;

  if (!qnet_io_device_is_readable (self))
    return fail (operation, QNET_SOCKET_ERROR_OPERATION,
                 _("Could not read: The device is not open for reading"));

  length = qnet_io_device_next_line (self, operation->size);
  if (length == 0)
    return end_without_bytes (self, operation);

  operation->bytes = take_line (self, length);

  return TRUE;
}

/* Writing */

static gboolean
sending_step (QnetIODevice    *self,
              QnetIOOperation *operation)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (qnet_io_device_has_sent (self, operation->target))
    return TRUE;

  if (priv->link != QNET_LINK_NONE && priv->channel.write_error == NULL)
    return FALSE;

  if (priv->channel.write_error != NULL)
    operation->error = g_error_copy (priv->channel.write_error);
  else if (qnet_io_device_get_errors (priv)->end != NULL)
    operation->error = g_error_copy (qnet_io_device_get_errors (priv)->end);
  else
    fail (operation,
          qnet_io_device_is_open (self) ? QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED
                                        : QNET_SOCKET_ERROR_OPERATION,
          _("The connection ended before everything was sent"));

  return TRUE;
}

/* The first step writes, so that a call that is refused or cancelled at once writes nothing. */
static gboolean
write_all_step (QnetIODevice    *self,
                QnetIOOperation *operation)
{
  const void *data = g_steal_pointer (&operation->data);

  if (data != NULL)
    {
      if (qnet_io_device_write (self, data, operation->size, &operation->error) == -1)
        return TRUE;

      operation->target = qnet_io_device_get_send_target (self);
    }

  return sending_step (self, operation);
}

static gboolean
flush_step (QnetIODevice    *self,
            QnetIOOperation *operation)
{
  return sending_step (self, operation);
}

/* Public API */

/**
 * qnet_io_device_read_bytes_async:
 * @self: a device
 * @size: the most bytes to read
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (nullable): the function to call when there are bytes
 * @user_data: data for @callback
 *
 * Reads bytes from the read buffer, and waits for them if there are none.
 *
 * It ends as soon as there is at least one byte, after [signal@IODevice::ready-read]: bytes that a
 * handler of that reads are not there any more. Cancelling ends this call alone and loses no byte.
 * One call of this kind can be pending at a time; a second one fails with
 * [G_IO_ERROR_PENDING][error@Gio.IOErrorEnum].
 *
 * Since: 1.0
 */
void
qnet_io_device_read_bytes_async (QnetIODevice        *self,
                                 gsize                size,
                                 int                  io_priority,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  QnetIOOperation *operation;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  QNET_IO_STAY_OR_CALL_BACK (self, read_bytes_step);

  operation = qnet_io_operation_new (self, self, read_bytes_step, io_priority, cancellable,
                                     callback, user_data);
  operation->size = size;
  qnet_io_operation_start_single (operation);
}

/**
 * qnet_io_device_read_bytes_finish:
 * @self: a device
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes [method@IODevice.read_bytes_async].
 *
 * At the end of the stream the result is empty; if the connection has failed, @error is its
 * failure, such as [QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED][error@SocketError] after a reset.
 *
 * Returns: (transfer full): the bytes, or %NULL with @error set
 *
 * Since: 1.0
 */
GBytes *
qnet_io_device_read_bytes_finish (QnetIODevice  *self,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, (gpointer) read_bytes_step), NULL);

  return qnet_io_operation_finish_bytes (result, error);
}

/**
 * qnet_io_device_read_line_async:
 * @self: a device
 * @max_size: the most bytes to read, or 0 for a line of any length
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (nullable): the function to call when there is a line
 * @user_data: data for @callback
 *
 * Reads a line from the read buffer, including its `\n`, and waits until it has arrived.
 *
 * For what a line is, see [method@IODevice.read_line_array]. Cancelling ends this call alone and
 * loses no byte. One call of this kind can be pending at a time; a second one fails with
 * [G_IO_ERROR_PENDING][error@Gio.IOErrorEnum].
 *
 * Since: 1.0
 */
void
qnet_io_device_read_line_async (QnetIODevice        *self,
                                gsize                max_size,
                                int                  io_priority,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  QnetIOOperation *operation;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  QNET_IO_STAY_OR_CALL_BACK (self, read_line_step);

  operation = qnet_io_operation_new (self, self, read_line_step, io_priority, cancellable, callback,
                                     user_data);
  operation->size = max_size;
  qnet_io_operation_start_single (operation);
}

/**
 * qnet_io_device_read_line_finish:
 * @self: a device
 * @result: the result that was passed to the callback
 * @length: (out): the number of bytes that were read
 * @error: return location for an error
 *
 * Finishes [method@IODevice.read_line_async].
 *
 * At the end of the stream the rest is returned, with or without `\n`, and then nothing: an empty
 * result is the end.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the line, or %NULL with
 *   @error set
 *
 * Since: 1.0
 */
guint8 *
qnet_io_device_read_line_finish (QnetIODevice  *self,
                                 GAsyncResult  *result,
                                 gsize         *length,
                                 GError       **error)
{
  GBytes *line;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, (gpointer) read_line_step), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  line = qnet_io_operation_finish_bytes (result, error);

  return line != NULL ? g_bytes_unref_to_data (line, length) : NULL;
}

/**
 * qnet_io_device_write_all_async:
 * @self: a device
 * @data: (array length=size) (element-type guint8): the bytes; they are copied
 * @size: the size of @data
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (nullable): the function to call when all bytes were sent
 * @user_data: data for @callback
 *
 * Puts @data into the write buffer, as [method@IODevice.write], and waits until all of it was
 * handed to the kernel.
 *
 * Cancelling ends the wait alone: what is in the write buffer is still sent. One call of this kind
 * can be pending at a time; a second one fails with [G_IO_ERROR_PENDING][error@Gio.IOErrorEnum],
 * and writes nothing.
 *
 * Since: 1.0
 */
void
qnet_io_device_write_all_async (QnetIODevice        *self,
                                const guint8        *data,
                                gsize                size,
                                int                  io_priority,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  QnetIOOperation *operation;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (data != NULL || size == 0);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  QNET_IO_STAY_OR_CALL_BACK (self, write_all_step);

  operation = qnet_io_operation_new (self, self, write_all_step, io_priority, cancellable, callback,
                                     user_data);
  operation->data = data != NULL ? data : (const guint8 *) "";
  operation->size = size;
  qnet_io_operation_start_single (operation);
}

/**
 * qnet_io_device_write_all_finish:
 * @self: a device
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes [method@IODevice.write_all_async].
 *
 * Returns: whether all bytes were handed to the kernel
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_write_all_finish (QnetIODevice  *self,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, (gpointer) write_all_step), FALSE);

  return qnet_io_operation_finish (result, error) != -1;
}

/**
 * qnet_io_device_flush_async:
 * @self: a device
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (nullable): the function to call when all bytes were sent
 * @user_data: data for @callback
 *
 * Waits until all bytes that are in the write buffer now were handed to the kernel.
 *
 * Since: 1.0
 */
void
qnet_io_device_flush_async (QnetIODevice        *self,
                            int                  io_priority,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  QnetIOOperation *operation;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  QNET_IO_STAY_OR_CALL_BACK (self, flush_step);

  operation =
    qnet_io_operation_new (self, self, flush_step, io_priority, cancellable, callback, user_data);
  operation->target = qnet_io_device_get_send_target (self);
  qnet_io_operation_start_single (operation);
}

/**
 * qnet_io_device_flush_finish:
 * @self: a device
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes [method@IODevice.flush_async].
 *
 * Returns: whether all bytes were handed to the kernel
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_flush_finish (QnetIODevice  *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, (gpointer) flush_step), FALSE);

  return qnet_io_operation_finish (result, error) != -1;
}
