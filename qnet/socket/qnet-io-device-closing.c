/* qnet-io-device-closing.c: g_io_stream_close() on a device
 *
 * GIOStream's own close_async() would call close_fn(), and so emit our signals, in a worker thread.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-io-operation-private.h"

/* GIOStream calls this once at most. While the device closes it holds itself: whoever closed it may
 * let it go. What a handler of a notification ends in here is closed in the next turn all the same:
 * GIOStream looks at us when we return. */
static void
begin_to_close (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->torn_down)
    return;

  g_object_ref (self);
  qnet_io_device_emit_about_to_close (self);

  priv->is_closing = TRUE;
  priv->begins_to_close = TRUE;
  qnet_io_device_set_open_mode (self, QNET_OPEN_MODE_NOT_OPEN);
  qnet_io_device_clear_read_buffer (self);
  if (!priv->channel.is_datagram)
    qnet_channel_set_unread (&priv->channel);
  qnet_io_device_settle_operations (self);
  qnet_io_device_close_faces (self);
  priv->begins_to_close = FALSE;

  QNET_IO_DEVICE_GET_CLASS (self)->hooks->close (self);
}

void
qnet_io_device_closed (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (!priv->is_closing || priv->begins_to_close)
    return;

  priv->is_closing = FALSE;
  qnet_io_device_settle_operations (self);
  g_object_unref (self);
}

/* Only where closing is over already, which blocks then, there is something to report. */
static gboolean
qnet_io_device_close (GIOStream     *stream,
                      GCancellable  *cancellable,
                      GError       **error)
{
  g_autoptr(QnetIODevice) self = g_object_ref (QNET_IO_DEVICE (stream));
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  begin_to_close (self);

  if (priv->loss == NULL)
    return TRUE;

  g_propagate_error (error, g_error_copy (priv->loss));

  return FALSE;
}

static gboolean
close_step (QnetIODevice    *self,
            QnetIOOperation *operation)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->is_closing)
    return FALSE;

  if (priv->loss != NULL)
    operation->error = g_error_copy (priv->loss);

  return TRUE;
}

static void
qnet_io_device_close_async (GIOStream           *stream,
                            int                  io_priority,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  QnetIODevice *self = QNET_IO_DEVICE (stream);
  QnetIOOperation *operation =
    qnet_io_operation_new (self, self, close_step, io_priority, cancellable, callback, user_data);

  begin_to_close (self);
  qnet_io_operation_start (operation);
}

static gboolean
qnet_io_device_close_finish (GIOStream     *stream,
                             GAsyncResult  *result,
                             GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), FALSE);

  return qnet_io_operation_finish (result, error) != -1;
}

void
qnet_io_device_class_install_closing (QnetIODeviceClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  stream_class->close_fn = qnet_io_device_close;
  stream_class->close_async = qnet_io_device_close_async;
  stream_class->close_finish = qnet_io_device_close_finish;
}
