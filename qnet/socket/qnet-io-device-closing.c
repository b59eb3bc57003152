/* qnet-io-device-closing.c: g_io_stream_close() on a device
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-io-device.h"

#include "socket/qnet-io-device-private.h"

static gboolean
qnet_io_device_close_fn (GIOStream     *stream,
                         GCancellable  *cancellable,
                         GError       **error)
{
  QnetIODevice *self = QNET_IO_DEVICE (stream);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->torn_down)
    return TRUE;

  qnet_io_device_emit_about_to_close (self);
  qnet_io_device_clear_read_buffer (self);
  qnet_io_device_set_open_mode (self, QNET_OPEN_MODE_NOT_OPEN);

  priv->is_closing = TRUE;
  g_object_ref (self);  /* until qnet_io_device_closed() */
  QNET_IO_DEVICE_GET_CLASS (self)->hooks->close (self);

  return TRUE;
}

void
qnet_io_device_closed (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (!priv->is_closing)
    return;

  priv->is_closing = FALSE;
  g_object_unref (self);
}

void
qnet_io_device_class_install_faces (QnetIODeviceClass *klass)
{
  G_IO_STREAM_CLASS (klass)->close_fn = qnet_io_device_close_fn;
}

/* The asynchronous pairs and the streams are to come. */

void
qnet_io_device_run_operations (QnetIODevice *self)
{
}

void
qnet_io_device_wake_faces (QnetIODevice *self)
{
}

void
qnet_io_device_drop_operations (QnetIODevice *self)
{
}

void
qnet_io_device_drop_faces (QnetIODevice *self)
{
}

gboolean
qnet_io_device_holds_output_face (QnetIODevice *self)
{
  return FALSE;
}
