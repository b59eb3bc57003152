/* qnet-io-device-reading.c: taking bytes out of the read buffer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "device/qnet-io-lock-private.h"

/* What is in the buffer */

gboolean
qnet_io_device_has_ended (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  return priv->link == QNET_LINK_NONE || qnet_channel_has_ended (&priv->channel)
         || priv->source == QNET_SOURCE_ENDED;
}

/* Taking */

static void
consumed (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_channel_consumed (&priv->channel);
  qnet_io_device_read_buffer_changed (self);
}

/* Moves @size bytes from the buffer to what the transaction remembers. */
static G_GNUC_NO_INLINE void
remember (QnetIODevicePrivate *priv,
          gsize                size)
{
  qnet_byte_queue_move (&priv->channel.read_queue, size, priv->taken);
  qnet_channel_set_held_back (&priv->channel, priv->taken->length);
}

static inline gsize
take_from_buffer (QnetIODevice *self,
                  void         *buffer,
                  gsize         size)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetByteQueue *queue = &priv->channel.read_queue;
  gsize n = G_LIKELY (priv->taken == NULL) ? qnet_byte_queue_take (queue, buffer, size)
                                           : qnet_byte_queue_peek (queue, buffer, size);

  if (G_UNLIKELY (priv->taken != NULL))
    remember (priv, n);
  if (n > 0)
    consumed (self);

  return n;
}

static gsize
drop_from_buffer (QnetIODevice *self,
                  gsize         size)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  gsize n = MIN (size, priv->channel.read_queue.length);

  if (priv->taken == NULL)
    qnet_byte_queue_drop (&priv->channel.read_queue, n);
  else
    remember (priv, n);

  if (n > 0)
    consumed (self);

  return n;
}

/* A datagram is read as a whole: what did not fit into the buffer is discarded. A transaction
 * remembers all of it, so that it can be put back. */
static G_GNUC_NO_INLINE void
discard_rest_of_datagram (QnetIODevice *self,
                          gsize         n_taken)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_channel_rearm_received (&priv->channel);
  if (n_taken > 0 && priv->taken == NULL)
    drop_from_buffer (self, priv->channel.read_queue.length);
}

static inline gsize
take_stored (QnetIODevice *self,
             void         *buffer,
             gsize         size)
{
  gsize n = take_from_buffer (self, buffer, size);

  if (qnet_io_device_get_private (self)->channel.is_datagram)
    discard_rest_of_datagram (self, n);

  return n;
}

static gsize
drop_stored (QnetIODevice *self,
             gsize         size)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->channel.is_datagram && size > 0)
    return MIN (size, drop_from_buffer (self, priv->channel.read_queue.length));

  return drop_from_buffer (self, size);
}

/* The virtual functions. Those of QnetIODevice work on the read buffer of a socket; a device that
 * brings its own bytes is asked for them when they are put into the read buffer. */

static GBytes *
read_data (QnetIODevice *self,
           gsize         max_size)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  guint8 *data;
  gsize size;

  if (priv->source != QNET_SOURCE_CHANNEL)
    return NULL;

  max_size = MIN (max_size, priv->channel.read_queue.length);
  data = g_malloc (max_size);
  size = take_stored (self, data, max_size);

  return g_bytes_new_take (data, size);
}

static gsize
skip_data (QnetIODevice *self,
           gsize         max_size)
{
  if (qnet_io_device_get_private (self)->source != QNET_SOURCE_CHANNEL)
    return 0;

  return drop_stored (self, max_size);
}

void
qnet_io_device_class_install_reading (QnetIODeviceClass *klass)
{
  klass->read_data = read_data;
  klass->skip_data = skip_data;
}

gboolean
qnet_io_device_overrides_read_data (QnetIODevice *self)
{
  return QNET_IO_DEVICE_GET_CLASS (self)->read_data != read_data;
}

/* The bytes (nullable) that read_data has returned: are they at most @max_size? */
gboolean
qnet_io_device_check_bytes (GBytes *bytes,
                            gsize   max_size)
{
  if (bytes == NULL || g_bytes_get_size (bytes) <= max_size)
    return TRUE;

  g_critical ("read_data has returned %zu bytes, more than the %zu it was called for",
              g_bytes_get_size (bytes), max_size);

  return FALSE;
}

/* A subclass of a socket has its own way of reading. */
static G_GNUC_NO_INLINE gsize
take_from_subclass (QnetIODevice *self,
                    void         *buffer,
                    gsize         size)
{
  g_autoptr(GBytes) bytes = NULL;
  gconstpointer data;
  gsize n;

  qnet_io_device_keep (self);
  size = MIN (size, G_MAXSSIZE);
  bytes = QNET_IO_DEVICE_GET_CLASS (self)->read_data (self, size);
  if (bytes == NULL || !qnet_io_device_check_bytes (bytes, size))
    return 0;

  data = g_bytes_get_data (bytes, &n);
  if (n > 0)
    memcpy (buffer, data, n);

  return n;
}

/* Inline in read(): 38 instructions less of an echo. */
static inline gsize
take (QnetIODevice *self,
      void         *buffer,
      gsize         size)
{
  if (QNET_IO_DEVICE_GET_CLASS (self)->read_data == read_data
      || qnet_io_device_get_private (self)->source != QNET_SOURCE_CHANNEL)
    return take_stored (self, buffer, size);

  return take_from_subclass (self, buffer, size);
}

gsize
qnet_io_device_take (QnetIODevice *self,
                     void         *buffer,
                     gsize         size)
{
  return take (self, buffer, size);
}

/* Of a device that brings its own bytes: beyond those in the read buffer. */
static gsize
skip_in_source (QnetIODevice *self,
                gsize         size)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  gsize n;

  if (size == 0 || priv->taken != NULL || priv->source == QNET_SOURCE_ENDED)
    return 0;

  qnet_io_device_keep (self);
  n = QNET_IO_DEVICE_GET_CLASS (self)->skip_data (self, size);
  g_return_val_if_fail (n <= size, 0);

  priv->channel.bytes_received += n;

  return n;
}

gsize
qnet_io_device_discard (QnetIODevice *self,
                        gsize         size)
{
  gsize n;

  qnet_io_device_keep (self);
  if (qnet_io_device_get_private (self)->source == QNET_SOURCE_CHANNEL)
    return QNET_IO_DEVICE_GET_CLASS (self)->skip_data (self, size);

  n = drop_from_buffer (self, size);

  return n + skip_in_source (self, size - n);
}

/* A subclass of a socket that overrides read_data has no chunks that could be referenced, and the
 * rest of a datagram is discarded. */
static gboolean
can_take_chunks (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->taken != NULL || priv->channel.is_datagram)
    return FALSE;

  return priv->source != QNET_SOURCE_CHANNEL || !qnet_io_device_overrides_read_data (self);
}

GBytes *
qnet_io_device_take_bytes (QnetIODevice *self,
                           gsize         size)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  guint8 *data;
  GBytes *bytes;

  qnet_io_device_pull (self);
  size = MIN (size, priv->channel.read_queue.length);

  if (!can_take_chunks (self))
    {
      data = g_malloc (size);
      size = qnet_io_device_take (self, data, size);
      return g_bytes_new_take (data, size);
    }

  bytes = qnet_byte_queue_take_bytes (&priv->channel.read_queue, size);
  if (size > 0)
    consumed (self);

  return bytes;
}

guint8 *
qnet_io_device_take_array (QnetIODevice *self,
                           gsize         size,
                           gsize        *out_length)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  guint8 *data;
  gsize n;

  qnet_io_device_pull (self);
  size = MIN (size, priv->channel.read_queue.length);
  data = g_malloc (size + 1);
  n = qnet_io_device_take (self, data, size);
  data[n] = '\0';
  *out_length = n;

  return data;
}

/* Checks */

gboolean
qnet_io_device_refuse_reading (QnetIODevice  *self,
                               GError       **error)
{
  GError *reason = NULL;

  if (qnet_io_device_is_open (self))
    qnet_set_error (&reason, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not read: The device is not open for reading"));
  else
    qnet_set_error (&reason, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not read: The device is not open"));

  return qnet_io_device_fail_call (self, reason, error);
}

gssize
qnet_io_device_nothing_to_read (QnetIODevice  *self,
                                GError       **error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  GError *reason = NULL;

  if (qnet_io_device_is_stuck (priv))
    qnet_set_error (&reason, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not read: The message does not fit into the read buffer"));
  else if (!qnet_io_device_has_ended (self))
    return 0;
  else if (qnet_io_device_get_errors (priv)->end != NULL)
    reason = g_error_copy (qnet_io_device_get_errors (priv)->end);
  else if (priv->channel.read_error != NULL)  /* it is going to be reported */
    reason = g_error_copy (priv->channel.read_error);
  else
    qnet_set_error (&reason, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                    _("Could not read: The connection was closed"));

  qnet_io_device_fail_call (self, reason, error);

  return -1;
}

/* Public API */

/**
 * qnet_io_device_read: (skip)
 * @self: a device
 * @buffer: (array length=size) (element-type guint8) (out caller-allocates): a buffer
 * @size: the size of @buffer
 * @error: return location for an error
 *
 * Reads up to @size bytes from the read buffer, without blocking.
 *
 * The result 0 means that there are no bytes now, as in Qt; from a [class@Gio.InputStream] it would
 * mean the end. Fewer bytes than @size are usual. After the connection has ended and all bytes were
 * read, it fails with [QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED][error@SocketError]; on a device that
 * is not open for reading, with [QNET_SOCKET_ERROR_OPERATION][error@SocketError].
 *
 * Returns: the number of bytes that were read, 0 for none now, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_io_device_read (QnetIODevice  *self,
                     void          *buffer,
                     gsize          size,
                     GError       **error)
{
  gsize n;

  g_return_val_if_fail (qnet_io_device_is_device (self), -1);
  g_return_val_if_fail (buffer != NULL || size == 0, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);
  QNET_IO_BRIEF_STAY_OR_FAIL (self, error, -1);

  if (!qnet_io_device_check_readable (self, error))
    return -1;

  n = take (self, buffer, size);
  if (n > 0 || size == 0)
    return (gssize) n;

  return qnet_io_device_nothing_to_read (self, error);
}

/**
 * qnet_io_device_read_array: (rename-to qnet_io_device_read)
 * @self: a device
 * @size: the most bytes to read
 * @length: (out): the number of bytes that were read
 *
 * Reads up to @size bytes from the read buffer, without blocking.
 *
 * An empty result means that there are no bytes now, or that no more will arrive:
 * [property@IODevice:read-finished] distinguishes the two.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the bytes
 *
 * Since: 1.0
 */
guint8 *
qnet_io_device_read_array (QnetIODevice *self,
                           gsize         size,
                           gsize        *length)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);
  QNET_IO_STAY (self, NULL);

  return qnet_io_device_take_array (self, size, length);
}

/**
 * qnet_io_device_read_bytes:
 * @self: a device
 * @size: the most bytes to read
 *
 * Reads up to @size bytes from the read buffer, without blocking, and without copying large ones.
 *
 * Returns: (transfer full): the bytes, perhaps empty, as for [method@IODevice.read_array]
 *
 * Since: 1.0
 */
GBytes *
qnet_io_device_read_bytes (QnetIODevice *self,
                           gsize         size)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), NULL);
  QNET_IO_STAY (self, NULL);

  return qnet_io_device_take_bytes (self, size);
}

/**
 * qnet_io_device_read_all:
 * @self: a device
 * @length: (out): the number of bytes that were read
 *
 * Reads all bytes in the read buffer.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the bytes, perhaps none
 *
 * Since: 1.0
 */
guint8 *
qnet_io_device_read_all (QnetIODevice *self,
                         gsize        *length)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_io_device_read_array (self, G_MAXSIZE, length);
}

/**
 * qnet_io_device_read_all_bytes:
 * @self: a device
 *
 * Reads all bytes in the read buffer.
 *
 * Returns: (transfer full): the bytes, perhaps none
 *
 * Since: 1.0
 */
GBytes *
qnet_io_device_read_all_bytes (QnetIODevice *self)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_io_device_read_bytes (self, G_MAXSIZE);
}

/**
 * qnet_io_device_peek: (skip)
 * @self: a device
 * @buffer: (array length=size) (element-type guint8) (out caller-allocates): a buffer
 * @size: the size of @buffer
 * @error: return location for an error
 *
 * Copies up to @size bytes from the read buffer without removing them. It fails as
 * [method@IODevice.read] does.
 *
 * Returns: the number of bytes that were copied, 0 for none now, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_io_device_peek (QnetIODevice  *self,
                     void          *buffer,
                     gsize          size,
                     GError       **error)
{
  QnetIODevicePrivate *priv;
  gsize n;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (buffer != NULL || size == 0, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);
  QNET_IO_BRIEF_STAY_OR_FAIL (self, error, -1);

  priv = qnet_io_device_get_private (self);

  if (!qnet_io_device_check_readable (self, error))
    return -1;

  n = qnet_byte_queue_peek (&priv->channel.read_queue, buffer, MIN (size, G_MAXSSIZE));
  if (n > 0 || size == 0)
    return (gssize) n;

  return qnet_io_device_nothing_to_read (self, error);
}

/**
 * qnet_io_device_peek_array: (rename-to qnet_io_device_peek)
 * @self: a device
 * @size: the most bytes to copy
 * @length: (out): the number of bytes that were copied
 *
 * Copies up to @size bytes from the read buffer without removing them.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the bytes, perhaps none
 *
 * Since: 1.0
 */
guint8 *
qnet_io_device_peek_array (QnetIODevice *self,
                           gsize         size,
                           gsize        *length)
{
  QnetIODevicePrivate *priv;
  guint8 *data;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  priv = qnet_io_device_get_private (self);

  qnet_io_device_pull_directly (self);
  size = MIN (size, priv->channel.read_queue.length);
  data = g_malloc (size + 1);
  *length = qnet_byte_queue_peek (&priv->channel.read_queue, data, size);
  data[*length] = '\0';

  return data;
}

/**
 * qnet_io_device_peek_bytes:
 * @self: a device
 * @size: the most bytes to copy
 *
 * Copies up to @size bytes from the read buffer without removing them.
 *
 * Returns: (transfer full): the bytes, perhaps none
 *
 * Since: 1.0
 */
GBytes *
qnet_io_device_peek_bytes (QnetIODevice *self,
                           gsize         size)
{
  guint8 *data;
  gsize length;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  data = qnet_io_device_peek_array (self, size, &length);

  return g_bytes_new_take (data, length);
}

/**
 * qnet_io_device_skip:
 * @self: a device
 * @size: the most bytes to discard
 * @error: return location for an error
 *
 * Discards up to @size bytes of the read buffer. It fails as [method@IODevice.read] does.
 *
 * Returns: the number of bytes that were discarded, 0 for none now, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_io_device_skip (QnetIODevice  *self,
                     gsize          size,
                     GError       **error)
{
  gsize n;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);
  QNET_IO_STAY_OR_FAIL (self, error, -1);

  if (!qnet_io_device_check_readable (self, error))
    return -1;

  n = qnet_io_device_discard (self, MIN (size, G_MAXSSIZE));
  if (n > 0 || size == 0)
    return (gssize) n;

  return qnet_io_device_nothing_to_read (self, error);
}

/**
 * qnet_io_device_get_char:
 * @self: a device
 * @c: (out) (optional): return location for the byte; untouched when there is none
 * @error: return location for an error
 *
 * Reads one byte from the read buffer.
 *
 * Returns: whether there was one; %FALSE without an error for none now
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_get_char (QnetIODevice  *self,
                         guint8        *c,
                         GError       **error)
{
  guint8 byte;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  QNET_IO_BRIEF_STAY_OR_FAIL (self, error, FALSE);

  if (qnet_io_device_read (self, &byte, 1, error) != 1)
    return FALSE;

  if (c != NULL)
    *c = byte;

  return TRUE;
}

/**
 * qnet_io_device_unget_char:
 * @self: a device
 * @c: a byte
 *
 * Puts @c to the front of the read buffer: it is the next byte that is read. On a device that is
 * not open for reading this does nothing.
 *
 * Since: 1.0
 */
void
qnet_io_device_unget_char (QnetIODevice *self,
                           guint8        c)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  QNET_IO_STAY (self);

  priv = qnet_io_device_get_private (self);

  if (!qnet_io_device_is_readable (self))
    return;

  if (priv->taken != NULL)
    qnet_io_device_unremember (priv, c);

  qnet_byte_queue_prepend (&priv->channel.read_queue, &c, 1);
  consumed (self);
}
