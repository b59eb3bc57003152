/* qnet-io-device-writing.c: putting bytes into the write buffer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-io-device.h"

#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-io-device-private.h"

static const char *
reason_not_to_write (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->open_mode == QNET_OPEN_MODE_NOT_OPEN)
    return N_("not open");
  if (!qnet_io_device_can_write (priv))
    return N_("not open for writing");
  if (priv->link == QNET_LINK_NONE)
    return N_("not connected");
  if (priv->channel.write_shut || priv->channel.shut_wanted)
    return N_("the sending side has been shut down");

  return NULL;
}

gboolean
qnet_io_device_check_writable (QnetIODevice  *self,
                               GError       **error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  const char *reason;

  qnet_io_device_leave_parent (self);
  reason = reason_not_to_write (self);

  if (reason != NULL)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, _("Could not write: %s"), _(reason));
      return FALSE;
    }

  /* Sending has failed, though it is not told yet, since bytes that came before are still to be read. */
  if (priv->channel.write_error != NULL)
    {
      if (error != NULL)
        *error = g_error_copy (priv->channel.write_error);
      return FALSE;
    }

  return TRUE;
}

void
qnet_io_device_watch_high_water (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->is_above_high || priv->link == QNET_LINK_NONE)
    return;

  if (priv->high_water > 0 && priv->channel.write_queue.length >= priv->high_water)
    qnet_io_device_defer (self);
}

void
qnet_io_device_appended (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->link == QNET_LINK_UP)
    qnet_channel_queue_flush (&priv->channel);

  qnet_io_device_watch_high_water (self);
  qnet_io_device_write_buffer_changed (self);
}

static gboolean
write_data (QnetIODevice  *self,
            const guint8  *data,
            gsize          size,
            GError       **error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_byte_queue_append (&priv->channel.write_queue, data, size);
  qnet_io_device_appended (self);

  return TRUE;
}

void
qnet_io_device_class_install_writing (QnetIODeviceClass *klass)
{
  klass->write_data = write_data;
}

static gboolean
check_write (QnetIODevice  *self,
             GError       **error)
{
  GError *reason = NULL;

  return qnet_io_device_check_writable (self, &reason)
         || qnet_io_device_fail_call (self, reason, error);
}

/* Public API */

/**
 * qnet_io_device_write:
 * @self: a device
 * @data: (array length=size) (element-type guint8): the bytes
 * @size: how many they are
 * @error: return location for an error
 *
 * Puts @data into the write buffer, to be sent when the main loop gets its turn.
 *
 * It takes everything and never blocks. All that is written in one turn is sent by one system call, in up to 1024 pieces, as far
 * as the kernel takes it. Before the connection is established
 * the bytes are stored, and sent then. [signal@IODevice::bytes-written] says when they have gone;
 * [property@IODevice:write-buffer-high-water] when they pile up. Without a connection, asked for at least, it fails with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError]. No bytes change nothing, but a
 * [class@UdpSocket] sends an empty datagram.
 *
 * Returns: @size, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_io_device_write (QnetIODevice  *self,
                      const void    *data,
                      gsize          size,
                      GError       **error)
{
  g_return_val_if_fail (qnet_io_device_is_device (self), -1);
  g_return_val_if_fail (data != NULL || size == 0, -1);
  g_return_val_if_fail (size <= G_MAXSSIZE, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);

  if (!check_write (self, error))
    return -1;

  /* No bytes are a datagram, too. */
  if ((size > 0 || qnet_io_device_get_private (self)->channel.is_datagram)
      && !QNET_IO_DEVICE_GET_CLASS (self)->write_data (self, data, size, error))
    return -1;

  return (gssize) size;
}

/**
 * qnet_io_device_write_bytes:
 * @self: a device
 * @bytes: the bytes
 * @error: return location for an error
 *
 * Puts @bytes into the write buffer, as [method@IODevice.write] does; large ones are referenced instead of copied.
 *
 * Returns: their size, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_io_device_write_bytes (QnetIODevice  *self,
                            GBytes        *bytes,
                            GError       **error)
{
  QnetIODevicePrivate *priv;
  gconstpointer data;
  gsize size;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (bytes != NULL, -1);

  priv = qnet_io_device_get_private (self);

  data = g_bytes_get_data (bytes, &size);

  /* A subclass that writes in its own way wants to see the bytes. */
  if (size == 0 || QNET_IO_DEVICE_GET_CLASS (self)->write_data != write_data)
    return qnet_io_device_write (self, data, size, error);

  if (!check_write (self, error))
    return -1;

  qnet_byte_queue_append_bytes (&priv->channel.write_queue, bytes);
  qnet_io_device_appended (self);

  return (gssize) size;
}

/**
 * qnet_io_device_write_string:
 * @self: a device
 * @text: the text, as UTF-8
 * @error: return location for an error
 *
 * Puts the bytes of @text into the write buffer, without a NUL, as [method@IODevice.write] does.
 *
 * Returns: how many bytes those are, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_io_device_write_string (QnetIODevice  *self,
                             const char    *text,
                             GError       **error)
{
  g_return_val_if_fail (text != NULL, -1);

  return qnet_io_device_write (self, text, strlen (text), error);
}

/**
 * qnet_io_device_put_char:
 * @self: a device
 * @c: a byte
 * @error: return location for an error
 *
 * Puts one byte into the write buffer, as [method@IODevice.write] does.
 *
 * Returns: whether it was taken; @error is set if not
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_put_char (QnetIODevice  *self,
                         guint8         c,
                         GError       **error)
{
  return qnet_io_device_write (self, &c, 1, error) == 1;
}

/**
 * qnet_io_device_flush:
 * @self: a device
 *
 * Sends at once what can be sent without blocking, instead of at the end of this turn of the loop.
 *
 * [signal@IODevice::bytes-written] follows in the next turn.
 *
 * Returns: whether anything was sent; %FALSE, too, without a connection
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_flush (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);

  priv = qnet_io_device_get_private (self);

  return priv->link == QNET_LINK_UP && qnet_channel_flush (&priv->channel);
}
