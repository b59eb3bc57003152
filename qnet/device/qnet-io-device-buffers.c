/* qnet-io-device-buffers.c: the sizes of the buffers of a device, their limits, and what is counted
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "device/qnet-io-lock-private.h"

/* Where addresses have 32 bits, more than the address space is all of it. */
static gsize
to_size (gint64 n_bytes)
{
  return (gsize) MIN ((guint64) n_bytes, G_MAXSIZE);
}

/* The water marks */

/* The buffer may be on the other side of a mark now, which is reported in the next turn. */
static void
marks_changed (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->is_above_high && priv->link != QNET_LINK_NONE)
    qnet_io_device_defer (self);
  else
    qnet_io_device_defer_high_water (self);
}

/* Public API */

/**
 * qnet_io_device_get_bytes_available:
 * @self: a device
 *
 * Gets how many bytes can be read without waiting.
 *
 * Returns: the bytes in the read buffer; those of the next datagram where there is none; 0 on a
 *   device that is open for writing alone
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_bytes_available (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  priv = qnet_io_device_get_private (self);

  /* What read() would refuse for ever is not available. A socket that is only bound is not open,
   * and receives. */
  if (priv->open_mode == QNET_OPEN_MODE_WRITE_ONLY)
    return 0;

  if (priv->channel.is_datagram && priv->channel.read_queue.length == 0)
    return MAX (QNET_IO_DEVICE_GET_CLASS (self)->priv->get_pending (self), 0);

  qnet_io_device_pull (self);

  return (gint64) priv->channel.read_queue.length;
}

/**
 * qnet_io_device_get_bytes_to_write:
 * @self: a device
 *
 * Gets how many bytes wait to be handed to the kernel.
 *
 * Returns: the bytes in the write buffer
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_bytes_to_write (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  priv = qnet_io_device_get_private (self);

  return (gint64) qnet_io_device_get_unsent (priv);
}

/**
 * qnet_io_device_get_read_buffer_size:
 * @self: a device
 *
 * Gets the limit of the read buffer.
 *
 * Returns: bytes, or 0 for no limit
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_read_buffer_size (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  priv = qnet_io_device_get_private (self);

  return (gint64) priv->channel.read_limit;
}

/**
 * qnet_io_device_set_read_buffer_size:
 * @self: a device
 * @size: bytes, or 0 for no limit
 *
 * Sets the limit of the read buffer. A higher one resumes reading where the old one had stopped it.
 *
 * Since: 1.0
 */
void
qnet_io_device_set_read_buffer_size (QnetIODevice *self,
                                     gint64        size)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (size >= 0);
  QNET_IO_STAY (self);

  priv = qnet_io_device_get_private (self);

  if (priv->channel.read_limit == to_size (size))
    return;

  qnet_channel_set_read_limit (&priv->channel, to_size (size));
  qnet_io_device_notify_name (self, "read-buffer-size");
}

/**
 * qnet_io_device_get_unsent_limit:
 * @self: a device
 *
 * Gets how many bytes may wait to be sent before qnet stops reading.
 *
 * Returns: bytes, 0 for no limit
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_unsent_limit (QnetIODevice *self)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  return (gint64) qnet_io_device_get_private (self)->channel.write_limit;
}

/**
 * qnet_io_device_set_unsent_limit:
 * @self: a device
 * @limit: bytes, 0 for no limit
 *
 * Sets how many bytes may wait to be sent before qnet stops reading; see
 * [property@IODevice:unsent-limit].
 *
 * Since: 1.0
 */
void
qnet_io_device_set_unsent_limit (QnetIODevice *self,
                                 gint64        limit)
{
  QnetChannel *channel;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (limit >= 0);
  QNET_IO_STAY (self);

  channel = &qnet_io_device_get_private (self)->channel;

  if (channel->write_limit == to_size (limit))
    return;

  qnet_channel_set_write_limit (channel, to_size (limit));
  qnet_io_device_notify_name (self, "unsent-limit");
}

/**
 * qnet_io_device_get_write_buffer_high_water:
 * @self: a device
 *
 * Gets the high-water mark of the write buffer.
 *
 * Returns: bytes, or 0 for none
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_write_buffer_high_water (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  priv = qnet_io_device_get_private (self);

  return (gint64) priv->high_water;
}

/**
 * qnet_io_device_set_write_buffer_high_water:
 * @self: a device
 * @size: bytes, or 0 for none
 *
 * Sets the high-water mark of the write buffer.
 *
 * Since: 1.0
 */
void
qnet_io_device_set_write_buffer_high_water (QnetIODevice *self,
                                            gint64        size)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (size >= 0);
  QNET_IO_STAY (self);

  priv = qnet_io_device_get_private (self);

  if (priv->high_water == to_size (size))
    return;

  priv->high_water = to_size (size);
  marks_changed (self);
  qnet_io_device_notify_name (self, "write-buffer-high-water");
}

/**
 * qnet_io_device_get_write_buffer_low_water:
 * @self: a device
 *
 * Gets the low-water mark of the write buffer.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_write_buffer_low_water (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  priv = qnet_io_device_get_private (self);

  return (gint64) priv->low_water;
}

/**
 * qnet_io_device_set_write_buffer_low_water:
 * @self: a device
 * @size: bytes; more than the high-water mark counts as that
 *
 * Sets the low-water mark of the write buffer.
 *
 * Since: 1.0
 */
void
qnet_io_device_set_write_buffer_low_water (QnetIODevice *self,
                                           gint64        size)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (size >= 0);
  QNET_IO_STAY (self);

  priv = qnet_io_device_get_private (self);

  if (priv->low_water == to_size (size))
    return;

  priv->low_water = to_size (size);
  marks_changed (self);
  qnet_io_device_notify_name (self, "write-buffer-low-water");
}

/**
 * qnet_io_device_get_bytes_received:
 * @self: a device
 *
 * Gets how many bytes were received on this connection.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_bytes_received (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  priv = qnet_io_device_get_private (self);
  priv->n_unobserved = 0;

  return (gint64) priv->channel.bytes_received;
}

/**
 * qnet_io_device_get_bytes_sent:
 * @self: a device
 *
 * Gets how many bytes of this connection were handed to the kernel.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_bytes_sent (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  priv = qnet_io_device_get_private (self);
  priv->n_unobserved = 0;

  return (gint64) priv->channel.bytes_sent;
}
