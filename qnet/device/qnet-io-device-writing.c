/* qnet-io-device-writing.c: putting bytes into the write buffer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "device/qnet-io-lock-private.h"

/* Checks */

/* A message, for a device that is in no state to be written to. */
static const char *
get_refusal (const QnetIODevicePrivate *priv)
{
  if (priv->open_mode == QNET_OPEN_MODE_NOT_OPEN)
    return _("Could not write: The device is not open");
  if (!qnet_io_device_can_write (priv))
    return _("Could not write: The device is not open for writing");
  if (priv->link == QNET_LINK_NONE)
    return _("Could not write: The device is not connected");

  return _("Could not write: The write side has been shut down");
}

static gboolean
is_writable (const QnetIODevicePrivate *priv)
{
  return qnet_io_device_can_write (priv) && priv->link != QNET_LINK_NONE
         && !qnet_channel_is_shutting (&priv->channel) && priv->channel.write_error == NULL;
}

/* Returns FALSE. */
static gboolean
refuse_writing (const QnetIODevicePrivate  *priv,
                GError                    **error)
{
  /* Sending has failed: that is reported only when all bytes that have arrived before were read. */
  if (priv->channel.write_error != NULL)
    g_propagate_error (error, g_error_copy (priv->channel.write_error));
  else
    g_set_error_literal (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                         get_refusal (priv));

  return FALSE;
}

gboolean
qnet_io_device_check_writable (QnetIODevice  *self,
                               GError       **error)
{
  const QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_io_device_leave_parent (self);

  return is_writable (priv) || refuse_writing (priv, error);
}

/* Writing */

/* They will be sent. */
static void
note_appended (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->link == QNET_LINK_UP)
    qnet_channel_queue_flush (&priv->channel);

  qnet_io_device_watch_high_water (self);
  qnet_io_device_write_buffer_changed (self);
}

static inline void
append (QnetIODevice *self,
        const void   *data,
        gsize         size)
{
  qnet_byte_queue_append (&qnet_io_device_get_private (self)->channel.write_queue, data, size);
  note_appended (self);
}

/* The virtual function, for stream sockets. */
static gboolean
write_data (QnetIODevice  *self,
            const guint8  *data,
            gsize          size,
            GError       **error)
{
  if (qnet_io_device_get_private (self)->source != QNET_SOURCE_CHANNEL)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("Could not write: This kind of device cannot be written to"));
      return FALSE;
    }

  append (self, data, size);

  return TRUE;
}

void
qnet_io_device_class_install_writing (QnetIODeviceClass *klass)
{
  klass->write_data = write_data;
}

/* The same for datagrams. */
static gboolean
write_datagram (QnetIODevice  *self,
                const guint8  *data,
                gsize          size,
                GError       **error)
{
  return QNET_IO_DEVICE_GET_CLASS (self)->priv->send (self, data, size, error);
}

void
qnet_io_device_class_send_datagrams (QnetIODeviceClass *klass)
{
  klass->write_data = write_datagram;
}

gboolean
qnet_io_device_overrides_write_data (QnetIODevice *self)
{
  QnetIODeviceClass *klass = QNET_IO_DEVICE_GET_CLASS (self);

  return klass->write_data != write_data && klass->write_data != write_datagram;
}

/* The function may report the bytes as written before it returns. In a loan the stream holds the
 * device. */
static G_GNUC_NO_INLINE gboolean
write_to_subclass (QnetIODevice  *self,
                   const void    *data,
                   gsize          size,
                   GError       **error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  GError *reason = NULL;

  qnet_io_device_keep (self);
  priv->n_unwritten += size;

  if (!QNET_IO_DEVICE_GET_CLASS (self)->write_data (self, data, size, &reason))
    {
      priv->n_unwritten -= MIN (size, priv->n_unwritten);
      if (reason == NULL)
        qnet_set_error (&reason, QNET_SOCKET_ERROR_OPERATION,
                        _("Could not write: The device has taken no bytes"));
      return qnet_io_device_fail_call (self, reason, error);
    }

  qnet_io_device_watch_high_water (self);
  qnet_io_device_write_buffer_changed (self);

  return TRUE;
}

static G_GNUC_NO_INLINE gboolean
write_by_class (QnetIODevice  *self,
                const void    *data,
                gsize          size,
                GError       **error)
{
  qnet_io_device_keep (self);

  return QNET_IO_DEVICE_GET_CLASS (self)->write_data (self, data, size, error);
}

/* A class that does not override write_data is not called by its pointer: 19 instructions less of
 * an echo. */
static inline gboolean
write_checked (QnetIODevice  *self,
               const void    *data,
               gsize          size,
               GError       **error)
{
  QnetIODeviceClass *klass = QNET_IO_DEVICE_GET_CLASS (self);

  if (G_UNLIKELY (qnet_io_device_get_private (self)->source != QNET_SOURCE_CHANNEL))
    return write_to_subclass (self, data, size, error);
  if (G_UNLIKELY (klass->write_data != write_data))
    return write_by_class (self, data, size, error);

  append (self, data, size);

  return TRUE;
}

/* Returns FALSE. */
static G_GNUC_NO_INLINE gboolean
refuse_write (QnetIODevice  *self,
              GError       **error)
{
  GError *reason = NULL;

  refuse_writing (qnet_io_device_get_private (self), &reason);

  return qnet_io_device_fail_call (self, reason, error);
}

static inline gboolean
check_write (QnetIODevice  *self,
             GError       **error)
{
  qnet_io_device_leave_parent (self);

  return is_writable (qnet_io_device_get_private (self)) || refuse_write (self, error);
}

/* Public API */

/**
 * qnet_io_device_write:
 * @self: a device
 * @data: (array length=size) (element-type guint8): the bytes
 * @size: the size of @data
 * @error: return location for an error
 *
 * Puts @data into the write buffer, to be sent when the main loop runs.
 *
 * It takes all bytes and never blocks. What is written in one iteration of the main loop is sent
 * by one system call, in up to 1024 pieces, as far as the kernel takes it. Before the connection
 * is established the bytes are queued. [signal@IODevice::bytes-written] is emitted when they were
 * sent; [property@IODevice:write-buffer-high-water] limits how many are queued. On a device that
 * is neither connected nor connecting it fails with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError]. Writing no bytes does nothing, except that a
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
  QNET_IO_BRIEF_STAY_OR_FAIL (self, error, -1);

  if (!check_write (self, error))
    return -1;

  /* No bytes are a datagram, too. */
  if ((size > 0 || qnet_io_device_get_private (self)->channel.is_datagram)
      && !write_checked (self, data, size, error))
    return -1;

  return (gssize) size;
}

/**
 * qnet_io_device_write_bytes:
 * @self: a device
 * @bytes: the bytes
 * @error: return location for an error
 *
 * Puts @bytes into the write buffer, as [method@IODevice.write]; large ones are referenced instead
 * of copied.
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
  QNET_IO_STAY_OR_FAIL (self, error, -1);

  priv = qnet_io_device_get_private (self);

  data = g_bytes_get_data (bytes, &size);

  /* A subclass that overrides write_data has to get the bytes. */
  if (size == 0 || priv->source != QNET_SOURCE_CHANNEL
      || QNET_IO_DEVICE_GET_CLASS (self)->write_data != write_data)
    return qnet_io_device_write (self, data, size, error);

  if (!check_write (self, error))
    return -1;

  qnet_byte_queue_append_bytes (&priv->channel.write_queue, bytes);
  note_appended (self);

  return (gssize) size;
}

/**
 * qnet_io_device_write_string:
 * @self: a device
 * @text: the text, as UTF-8
 * @error: return location for an error
 *
 * Puts the bytes of @text without a terminating NUL into the write buffer, as
 * [method@IODevice.write].
 *
 * Returns: the number of bytes, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_io_device_write_string (QnetIODevice  *self,
                             const char    *text,
                             GError       **error)
{
  g_return_val_if_fail (text != NULL, -1);
  QNET_IO_STAY_OR_FAIL (self, error, -1);

  return qnet_io_device_write (self, text, strlen (text), error);
}

/**
 * qnet_io_device_put_char:
 * @self: a device
 * @c: a byte
 * @error: return location for an error
 *
 * Puts one byte into the write buffer, as [method@IODevice.write].
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_put_char (QnetIODevice  *self,
                         guint8         c,
                         GError       **error)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  QNET_IO_BRIEF_STAY_OR_FAIL (self, error, FALSE);

  return qnet_io_device_write (self, &c, 1, error) == 1;
}

/**
 * qnet_io_device_flush:
 * @self: a device
 *
 * Sends at once what can be sent without blocking, instead of at the end of this iteration of the
 * main loop.
 *
 * [signal@IODevice::bytes-written] is emitted in the next iteration.
 *
 * Returns: whether any bytes were sent; %FALSE also without a connection
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_flush (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  QNET_IO_STAY (self, FALSE);

  priv = qnet_io_device_get_private (self);

  return priv->link == QNET_LINK_UP && qnet_channel_flush (&priv->channel);
}
