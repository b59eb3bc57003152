/* qnet-io-device-lines.c: taking lines and messages out of the read buffer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "device/qnet-io-lock-private.h"

/* Without room for one byte and a NUL the caller would ask for the same line again and again. */
static gboolean
check_room_for_line (QnetIODevice  *self,
                     gsize          size,
                     GError       **error)
{
  GError *reason = NULL;

  if (size >= 2)
    return TRUE;

  qnet_set_error (&reason, QNET_SOCKET_ERROR_OPERATION,
                  _("Could not read a line: "
                    "The buffer has no room for a byte and a terminating NUL"));
  return qnet_io_device_fail_call (self, reason, error);
}

/* Text */

/* A message that does not fit into the read buffer is the one failure of a line that has not
 * arrived. */
static void
check_progress (QnetIODevice  *self,
                GError       **error)
{
  if (qnet_io_device_is_stuck (qnet_io_device_get_private (self)))
    qnet_io_device_nothing_to_read (self, error);
}

static gboolean
check_text (const char  *line,
            gsize        length,
            GError     **error)
{
  if (memchr (line, '\0', length) != NULL)
    qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not read a line of text: It contains a NUL byte"));
  else if (!g_utf8_validate (line, (gssize) length, NULL))
    qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not read a line of text: It is not valid UTF-8"));
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
 * qnet_io_device_can_read_line:
 * @self: a device
 *
 * Gets whether the read buffer contains the end of a line.
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
  QNET_IO_BRIEF_STAY (self, FALSE);

  priv = qnet_io_device_get_private (self);

  qnet_io_device_pull_directly (self);

  return qnet_byte_queue_find (&priv->channel.read_queue, "\n", 1) >= 0;
}

/**
 * qnet_io_device_read_line: (skip)
 * @self: a device
 * @buffer: (array length=size) (element-type guint8) (out caller-allocates): a buffer for the line
 *   and a terminating NUL
 * @size: the size of @buffer, including the NUL
 * @error: return location for an error
 *
 * Reads one line from the read buffer, including its `\n`.
 *
 * It reads nothing while no end of line has arrived, as [method@IODevice.read_line_array], and
 * fails as [method@IODevice.read]. If @size is less than 2 it fails with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError]; if it is 2 there is no room for `\r\n`, which
 * comes in two pieces.
 *
 * Returns: the length of the line without the NUL, 0 for none now, or -1 with @error set
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
  QNET_IO_STAY_OR_FAIL (self, error, -1);

  if (!qnet_io_device_check_readable (self, error) || !check_room_for_line (self, size, error))
    return -1;

  room = MIN (size - 1, G_MAXSSIZE);
  n = qnet_io_device_take (self, buffer, MIN (qnet_io_device_next_line (self, room), room));
  buffer[n] = '\0';
  if (n > 0)
    return (gssize) n;

  return qnet_io_device_nothing_to_read (self, error);
}

/**
 * qnet_io_device_read_line_array: (rename-to qnet_io_device_read_line)
 * @self: a device
 * @max_size: the most bytes to read, or 0 for a line of any length
 * @length: (out): the number of bytes that were read
 *
 * Reads one line from the read buffer, including its `\n`.
 *
 * While no end of line has arrived, nothing is read and the result is empty: wait for
 * [signal@IODevice::ready-read] and try again. A line longer than @max_size, or than the read
 * buffer may grow, comes in pieces, and only the last piece ends in `\n` or `\r\n`: these two are
 * never separated, so that a piece can be a byte shorter than @max_size, and `\r\n` comes as a
 * whole also if @max_size is 1. After the end of the stream the rest is returned, with or without
 * `\n`; [property@IODevice:read-finished] is then %TRUE.
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
  QNET_IO_STAY (self, NULL);

  return qnet_io_device_take_array (self, qnet_io_device_next_line (self, max_size), length);
}

/**
 * qnet_io_device_read_line_bytes:
 * @self: a device
 * @max_size: the most bytes to read, or 0 for a line of any length
 *
 * Reads one line from the read buffer, as [method@IODevice.read_line_array].
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
  QNET_IO_STAY (self, NULL);

  return qnet_io_device_take_bytes (self, qnet_io_device_next_line (self, max_size));
}

/**
 * qnet_io_device_read_line_utf8:
 * @self: a device
 * @max_size: the most bytes to read, or 0 for a line of any length
 * @error: return location for an error
 *
 * Reads one line of text from the read buffer, without its `\n` or `\r\n`.
 *
 * A line longer than @max_size comes in pieces, as from [method@IODevice.read_line_array]. They are
 * cut between two characters, so that a piece can be shorter than @max_size; a character that is
 * longer comes as a whole.
 *
 * A line that is not text, because it is not valid UTF-8 or contains a NUL, is removed from the
 * buffer as well, and the call fails with [QNET_SOCKET_ERROR_OPERATION][error@SocketError]: the
 * next call reads the next line. To get the bytes of such a line, read it inside a transaction,
 * roll that back ([method@IODevice.rollback_transaction]) and call
 * [method@IODevice.read_line_array].
 *
 * Returns: (transfer full) (nullable): the text; %NULL without an error for nothing yet, with one
 *   if the line is not text
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
  QNET_IO_STAY_OR_FAIL (self, error, NULL);

  length = qnet_io_device_next_text_line (self, max_size);
  if (length == 0)
    {
      check_progress (self, error);
      return NULL;
    }

  line = (char *) qnet_io_device_take_array (self, length, &length);
  if (!check_text (line, length, error))
    return NULL;

  remove_line_end (line, length);

  return g_steal_pointer (&line);
}

/**
 * qnet_io_device_read_until:
 * @self: a device
 * @delimiter: (array length=delimiter_length) (element-type guint8): the end of a message, such as
 *   `\r\n\r\n`
 * @delimiter_length: the size of @delimiter, at least 1
 * @max_size: the most bytes to read, or 0 for a message of any length
 * @length: (out): the number of bytes that were read
 *
 * Reads everything up to the first @delimiter from the read buffer, including @delimiter.
 *
 * Otherwise it works as [method@IODevice.read_line_array]: a message longer than @max_size, or than
 * the read buffer may grow, comes in pieces, and only the last piece ends in @delimiter. @delimiter
 * itself is never divided: a piece can be shorter than @max_size, and @delimiter comes as a whole
 * also if it is longer than @max_size.
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
  gsize size;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), NULL);
  g_return_val_if_fail (delimiter != NULL && delimiter_length > 0, NULL);
  g_return_val_if_fail (length != NULL, NULL);
  QNET_IO_STAY (self, NULL);

  size = qnet_io_device_next_message (self, delimiter, delimiter_length, max_size);

  return qnet_io_device_take_array (self, size, length);
}
