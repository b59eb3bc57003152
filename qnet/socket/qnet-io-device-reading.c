/* qnet-io-device-reading.c: taking bytes out of the read buffer
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

/* What is in the buffer */

gboolean
qnet_io_device_has_ended (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  return priv->link == QNET_LINK_NONE || priv->channel.reading == QNET_CHANNEL_READING_ENDED;
}

static gboolean
is_stuck (QnetIODevicePrivate *priv)
{
  return priv->taken != NULL && qnet_channel_is_full (&priv->channel);
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
static void
remember (QnetIODevicePrivate *priv,
          gsize                size)
{
  qnet_byte_queue_move (&priv->channel.read_queue, size, priv->taken);
  priv->channel.held_back = priv->taken->length;
}

static gsize
read_data (QnetIODevice *self,
           void         *buffer,
           gsize         size)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  gsize n;

  if (priv->taken == NULL)
    {
      n = qnet_byte_queue_take (&priv->channel.read_queue, buffer, size);
    }
  else
    {
      n = qnet_byte_queue_peek (&priv->channel.read_queue, buffer, size);
      remember (priv, n);
    }

  if (n > 0)
    consumed (self);

  return n;
}

static gsize
skip_data (QnetIODevice *self,
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

void
qnet_io_device_class_install_reading (QnetIODeviceClass *klass)
{
  klass->read_data = read_data;
  klass->skip_data = skip_data;
}

gsize
qnet_io_device_take (QnetIODevice *self,
                     void         *buffer,
                     gsize         size)
{
  return QNET_IO_DEVICE_GET_CLASS (self)->read_data (self, buffer, size);
}

/* A subclass that reads in its own way (read_data) has no chunks to hand out. */
static gboolean
can_hand_out_chunks (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  return priv->taken == NULL && QNET_IO_DEVICE_GET_CLASS (self)->read_data == read_data;
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

  if (!can_hand_out_chunks (self))
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

/* NUL-terminated beyond @length, for the comfort of C. */
static guint8 *
take_array (QnetIODevice *self,
            gsize         size,
            gsize        *length)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  guint8 *data;
  gsize n;

  qnet_io_device_pull (self);
  size = MIN (size, priv->channel.read_queue.length);
  data = g_malloc (size + 1);
  n = qnet_io_device_take (self, data, size);
  data[n] = '\0';
  *length = n;

  return data;
}

/* Checks */

static gboolean
check_readable (QnetIODevice  *self,
                GError       **error)
{
  GError *reason = NULL;

  if (qnet_io_device_can_read (qnet_io_device_get_private (self)))
    {
      qnet_io_device_pull_directly (self);
      return TRUE;
    }

  qnet_set_error (&reason, QNET_SOCKET_ERROR_OPERATION,
                  qnet_io_device_is_open (self) ? _("Could not read: not open for reading")
                                                : _("Could not read: not open"));
  return qnet_io_device_fail_call (self, reason, error);
}

/* Without room for one byte and a NUL the same line would be asked for again and again. */
static gboolean
check_room_for_line (QnetIODevice  *self,
                     gsize          size,
                     GError       **error)
{
  GError *reason = NULL;

  if (size >= 2)
    return TRUE;

  qnet_set_error (&reason, QNET_SOCKET_ERROR_OPERATION,
                  _("Could not read a line: the buffer has no room for a byte and a terminating NUL"));
  return qnet_io_device_fail_call (self, reason, error);
}

/* What an empty read means: 0 for nothing now, -1 with an error for never again. */
static gssize
nothing_to_read (QnetIODevice  *self,
                 GError       **error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  GError *reason = NULL;

  if (is_stuck (priv))
    qnet_set_error (&reason, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not read: the message does not fit into the read buffer"));
  else if (!qnet_io_device_has_ended (self))
    return 0;
  else if (priv->end_error != NULL || priv->channel.read_error != NULL)  /* told already, or about to be */
    reason = g_error_copy (priv->end_error != NULL ? priv->end_error : priv->channel.read_error);
  else
    qnet_set_error (&reason, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                    _("Could not read: the connection has ended"));

  qnet_io_device_fail_call (self, reason, error);

  return -1;
}

/* Text */

static gboolean
check_text (const char  *line,
            gsize        length,
            GError     **error)
{
  if (memchr (line, '\0', length) != NULL)
    qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, _("Could not read a line of text: it contains a NUL byte"));
  else if (!g_utf8_validate (line, (gssize) length, NULL))
    qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, _("Could not read a line of text: it is not valid UTF-8"));
  else
    return TRUE;

  return FALSE;
}

/* @line is NUL-terminated, and so it stays. */
static void
remove_line_end (char  *line,
                 gsize  length)
{
  if (length == 0 || line[length - 1] != '\n')
    return;

  line[length - 1] = '\0';
  if (length > 1 && line[length - 2] == '\r')
    line[length - 2] = '\0';
}

/* Public API */

/**
 * qnet_io_device_read: (skip)
 * @self: a device
 * @buffer: (array length=size) (element-type guint8) (out caller-allocates): where the bytes go
 * @size: how many bytes there is room for
 * @error: return location for an error
 *
 * Takes up to @size bytes out of the read buffer, without waiting.
 *
 * It is Qt's meaning of a read: 0 is "nothing now", where a [class@Gio.InputStream] means the end. Fewer bytes than asked for are
 * usual. When the connection has ended and everything was read, it fails with
 * [QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED][error@SocketError]; when the device is not open for
 * reading, with [QNET_SOCKET_ERROR_OPERATION][error@SocketError].
 *
 * Returns: how many bytes were read, 0 for nothing now, or -1 with @error set
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

  if (!check_readable (self, error))
    return -1;

  n = qnet_io_device_take (self, buffer, MIN (size, G_MAXSSIZE));
  if (n > 0 || size == 0)
    return (gssize) n;

  return nothing_to_read (self, error);
}

/**
 * qnet_io_device_read_array: (rename-to qnet_io_device_read)
 * @self: a device
 * @size: how many bytes to take at most
 * @length: (out): number of bytes returned
 *
 * Takes up to @size bytes out of the read buffer, without waiting.
 *
 * Empty means nothing now, or never again: [property@IODevice:read-finished] tells which.
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

  return take_array (self, size, length);
}

/**
 * qnet_io_device_read_bytes:
 * @self: a device
 * @size: how many bytes to take at most
 *
 * Takes up to @size bytes out of the read buffer, without waiting, and without copying large ones.
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

  return qnet_io_device_take_bytes (self, size);
}

/**
 * qnet_io_device_read_all:
 * @self: a device
 * @length: (out): number of bytes returned
 *
 * Takes all bytes out of the read buffer.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the bytes, perhaps none
 *
 * Since: 1.0
 */
guint8 *
qnet_io_device_read_all (QnetIODevice *self,
                         gsize        *length)
{
  return qnet_io_device_read_array (self, G_MAXSIZE, length);
}

/**
 * qnet_io_device_read_all_bytes:
 * @self: a device
 *
 * Takes all bytes out of the read buffer.
 *
 * Returns: (transfer full): the bytes, perhaps none
 *
 * Since: 1.0
 */
GBytes *
qnet_io_device_read_all_bytes (QnetIODevice *self)
{
  return qnet_io_device_read_bytes (self, G_MAXSIZE);
}

/**
 * qnet_io_device_can_read_line:
 * @self: a device
 *
 * Tells whether an end of line is in the read buffer.
 *
 * Returns: whether a whole line can be read
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_can_read_line (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);

  priv = qnet_io_device_get_private (self);

  qnet_io_device_pull_directly (self);

  return qnet_byte_queue_find (&priv->channel.read_queue, "\n", 1) >= 0;
}

/**
 * qnet_io_device_read_line: (skip)
 * @self: a device
 * @buffer: (array length=size) (element-type guint8) (out caller-allocates): where the line goes, with a NUL after it
 * @size: how many bytes there is room for, the NUL included
 * @error: return location for an error
 *
 * Takes one line out of the read buffer, its `\n` included.
 *
 * It takes nothing while no end of line has come, as [method@IODevice.read_line_array], and fails as [method@IODevice.read]. When
 * @size is less than 2 it fails with [QNET_SOCKET_ERROR_OPERATION][error@SocketError]; with 2
 *   there is no room for `\r\n`, which comes in two pieces.
 *
 * Returns: the length of the line without the NUL, 0 for nothing now, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_io_device_read_line (QnetIODevice  *self,
                          char          *buffer,
                          gsize          size,
                          GError       **error)
{
  gsize room, n;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), -1);
  g_return_val_if_fail (buffer != NULL || size == 0, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);

  if (!check_readable (self, error) || !check_room_for_line (self, size, error))
    return -1;

  room = MIN (size - 1, G_MAXSSIZE);
  n = qnet_io_device_take (self, buffer, MIN (qnet_io_device_next_line (self, room), room));
  buffer[n] = '\0';
  if (n > 0)
    return (gssize) n;

  return nothing_to_read (self, error);
}

/**
 * qnet_io_device_read_line_array: (rename-to qnet_io_device_read_line)
 * @self: a device
 * @max_size: the most bytes to take, or 0 for a line of any length
 * @length: (out): number of bytes returned
 *
 * Takes one line out of the read buffer, its `\n` included.
 *
 * While no end of line has come, nothing is taken and the result is empty: wait for [signal@IODevice::ready-read] and ask again. A
 * line longer than @max_size, or than the read buffer may grow, comes in pieces, and only the last piece ends in `\n` or `\r\n`:
 * these two are never separated, so that a piece can be a byte shorter than @max_size, and `\r\n` comes as a whole also when
 * @max_size is 1. After the peer's last byte the rest is handed out, with or without `\n`; [property@IODevice:read-finished] says
 * that nothing more will come.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the line, or nothing yet
 *
 * Since: 1.0
 */
guint8 *
qnet_io_device_read_line_array (QnetIODevice *self,
                                gsize         max_size,
                                gsize        *length)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  return take_array (self, qnet_io_device_next_line (self, max_size), length);
}

/**
 * qnet_io_device_read_line_bytes:
 * @self: a device
 * @max_size: the most bytes to take, or 0 for a line of any length
 *
 * Takes one line out of the read buffer, as [method@IODevice.read_line_array].
 *
 * Returns: (transfer full): the line with its `\n`, or nothing yet
 *
 * Since: 1.0
 */
GBytes *
qnet_io_device_read_line_bytes (QnetIODevice *self,
                                gsize         max_size)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), NULL);

  return qnet_io_device_take_bytes (self, qnet_io_device_next_line (self, max_size));
}

/**
 * qnet_io_device_read_line_utf8:
 * @self: a device
 * @max_size: the most bytes to take, or 0 for a line of any length
 * @error: return location for an error
 *
 * Takes one line of text out of the read buffer, without its `\n` or `\r\n`.
 *
 * A line longer than @max_size comes in pieces, as from [method@IODevice.read_line_array]. They are cut between two characters, so
 * that a piece can be shorter than @max_size; a character that is longer comes as a whole.
 *
 * A line that is not text, because it is not valid UTF-8 or contains a NUL, is taken as well, and the call fails with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError]: the next call is about the next line. To look
 * at the bytes of such a line, read it inside a transaction, roll that back
 * ([method@IODevice.rollback_transaction]) and call [method@IODevice.read_line_array].
 *
 * Returns: (transfer full) (nullable): the text; %NULL without an error for nothing yet, with one when the line is not text
 *
 * Since: 1.0
 */
char *
qnet_io_device_read_line_utf8 (QnetIODevice  *self,
                               gsize          max_size,
                               GError       **error)
{
  g_autofree char *line = NULL;
  gsize length;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  length = qnet_io_device_next_text_line (self, max_size);
  if (length == 0)
    {
      if (is_stuck (qnet_io_device_get_private (self)))
        nothing_to_read (self, error);
      return NULL;
    }

  line = (char *) take_array (self, length, &length);
  if (!check_text (line, length, error))
    return NULL;

  remove_line_end (line, length);

  return g_steal_pointer (&line);
}

/**
 * qnet_io_device_read_until:
 * @self: a device
 * @delimiter: (array length=delimiter_length) (element-type guint8): what ends a message, such as `\r\n\r\n`
 * @delimiter_length: how many bytes that is, at least 1
 * @max_size: the most bytes to take, or 0 for a message of any length
 * @length: (out): number of bytes returned
 *
 * Takes everything up to the first @delimiter out of the read buffer, @delimiter included.
 *
 * In all else it is as [method@IODevice.read_line_array]: what is longer than @max_size, or than the read buffer may grow, comes in
 * pieces, and only the last piece ends in @delimiter. @delimiter itself is never divided: a piece can be shorter than @max_size, and
 * @delimiter comes as a whole also when it is longer than @max_size.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the bytes, or nothing yet
 *
 * Since: 1.0
 */
guint8 *
qnet_io_device_read_until (QnetIODevice *self,
                           const guint8 *delimiter,
                           gsize         delimiter_length,
                           gsize         max_size,
                           gsize        *length)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), NULL);
  g_return_val_if_fail (delimiter != NULL && delimiter_length > 0, NULL);
  g_return_val_if_fail (length != NULL, NULL);

  return take_array (self, qnet_io_device_next_message (self, delimiter, delimiter_length, max_size), length);
}

/**
 * qnet_io_device_peek: (skip)
 * @self: a device
 * @buffer: (array length=size) (element-type guint8) (out caller-allocates): where the bytes go
 * @size: how many bytes there is room for
 * @error: return location for an error
 *
 * Copies up to @size bytes out of the read buffer, and leaves them there. It fails as [method@IODevice.read] does.
 *
 * Returns: how many bytes were copied, 0 for nothing now, or -1 with @error set
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

  priv = qnet_io_device_get_private (self);

  if (!check_readable (self, error))
    return -1;

  n = qnet_byte_queue_peek (&priv->channel.read_queue, buffer, MIN (size, G_MAXSSIZE));
  if (n > 0 || size == 0)
    return (gssize) n;

  return nothing_to_read (self, error);
}

/**
 * qnet_io_device_peek_array: (rename-to qnet_io_device_peek)
 * @self: a device
 * @size: how many bytes to copy at most
 * @length: (out): number of bytes returned
 *
 * Copies up to @size bytes out of the read buffer, and leaves them there.
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
 * @size: how many bytes to copy at most
 *
 * Copies up to @size bytes out of the read buffer, and leaves them there.
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

  data = qnet_io_device_peek_array (self, size, &length);

  return g_bytes_new_take (data, length);
}

/**
 * qnet_io_device_skip:
 * @self: a device
 * @size: how many bytes to drop at most
 * @error: return location for an error
 *
 * Drops up to @size bytes of the read buffer. It fails as [method@IODevice.read] does.
 *
 * Returns: how many bytes were dropped, 0 for nothing now, or -1 with @error set
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

  if (!check_readable (self, error))
    return -1;

  n = QNET_IO_DEVICE_GET_CLASS (self)->skip_data (self, MIN (size, G_MAXSSIZE));
  if (n > 0 || size == 0)
    return (gssize) n;

  return nothing_to_read (self, error);
}

/**
 * qnet_io_device_get_char:
 * @self: a device
 * @c: (out) (optional): return location for the byte; untouched when there is none
 * @error: return location for an error
 *
 * Takes one byte out of the read buffer.
 *
 * Returns: whether there was one; %FALSE without an error for nothing now
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

  if (qnet_io_device_read (self, &byte, 1, error) != 1)
    return FALSE;

  if (c != NULL)
    *c = byte;

  return TRUE;
}

/* Forgets the last byte that the transaction remembers, if it is @c: then ungetting it is just going back by one. */
static void
unremember (QnetIODevicePrivate *priv,
            guint8               c)
{
  QnetByteQueue before;
  guint8 last;

  if (priv->taken->length == 0)
    return;

  qnet_byte_queue_init (&before, NULL);
  qnet_byte_queue_move (priv->taken, priv->taken->length - 1, &before);
  qnet_byte_queue_peek (priv->taken, &last, 1);
  if (last == c)
    qnet_byte_queue_drop (priv->taken, 1);

  qnet_byte_queue_prepend_queue (priv->taken, &before);
  priv->channel.held_back = priv->taken->length;
}

/**
 * qnet_io_device_unget_char:
 * @self: a device
 * @c: a byte
 *
 * Puts @c to the front of the read buffer: it is read next. On a device that is not open for reading it does nothing.
 *
 * Since: 1.0
 */
void
qnet_io_device_unget_char (QnetIODevice *self,
                           guint8        c)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));

  priv = qnet_io_device_get_private (self);

  if (!qnet_io_device_is_readable (self))
    return;

  if (priv->taken != NULL)
    unremember (priv, c);

  qnet_byte_queue_prepend (&priv->channel.read_queue, &c, 1);
  consumed (self);
}
