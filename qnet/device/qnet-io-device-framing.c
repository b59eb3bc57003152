/* qnet-io-device-framing.c: where the next line or message in the read buffer ends
 *
 * A limit cuts a long one into pieces: before the delimiter or after it, never inside; and text
 * between two characters.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "device/qnet-io-device-private.h"

/* The longest character of UTF-8, in bytes */
#define MAX_CHARACTER 4

typedef struct
{
  const char *text;
  gsize       size;
  gboolean    is_line_end;  /* "\r\n", whose "\r" may be missing */
} Delimiter;

static const Delimiter line_end = { "\r\n", 2, TRUE };

/* What may still come */

/* Whether what is in the buffer is all there will be of it. */
static gboolean
is_complete (QnetIODevice *self)
{
  return qnet_io_device_has_ended (self) || qnet_io_device_get_private (self)->channel.is_datagram;
}

/* Whether no byte can come before some are taken. Inside a transaction they can be put back, and
 * more room made for them. */
static gboolean
needs_room (QnetIODevicePrivate *priv)
{
  return priv->taken == NULL && qnet_channel_is_full (&priv->channel);
}

/* Delimiters */

/* Where the first delimiter ends, or -1. */
static gssize
find_end (QnetByteQueue   *queue,
          const Delimiter *delimiter)
{
  gsize optional = delimiter->is_line_end ? 1 : 0;
  gsize size = delimiter->size - optional;
  gssize at = qnet_byte_queue_find (queue, delimiter->text + optional, size);

  return at >= 0 ? at + (gssize) size : -1;
}

/* How many of the bytes before @end are the delimiter that ends there. */
static gsize
get_size_at (QnetByteQueue   *queue,
             const Delimiter *delimiter,
             gsize            end)
{
  char before = '\0';

  if (!delimiter->is_line_end)
    return delimiter->size;

  if (end > 1)
    qnet_byte_queue_peek_at (queue, end - 2, &before, 1);

  return before == '\r' ? 2 : 1;
}

/* How many of the last bytes may become a delimiter when more come. */
static gsize
count_begun (QnetByteQueue   *queue,
             const Delimiter *delimiter)
{
  gsize most = MIN (delimiter->size - 1, queue->length);
  g_autofree char *tail = g_malloc (most + 1);

  qnet_byte_queue_peek_at (queue, queue->length - most, tail, most);
  for (gsize n = most; n > 0; n--)
    {
      if (memcmp (tail + most - n, delimiter->text, n) == 0)
        return n;
    }

  return 0;
}

/* Pieces */

/* Of a message that ends at @end, with its delimiter. */
static gsize
cut_found (QnetByteQueue   *queue,
           const Delimiter *delimiter,
           gsize            end,
           gsize            most)
{
  gsize before;

  if (end <= most)
    return end;

  before = end - get_size_at (queue, delimiter, end);

  return before > 0 ? MIN (before, most) : end;
}

/* Of one whose end has not come. */
static gsize
cut_open (QnetIODevice    *self,
          const Delimiter *delimiter,
          gsize            most)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetByteQueue *queue = &priv->channel.read_queue;
  gboolean is_full = needs_room (priv);
  gsize before;

  if (is_complete (self))
    return MIN (queue->length, most);
  if (queue->length < most && !is_full)
    return 0;

  before = queue->length - count_begun (queue, delimiter);
  if (before > 0)
    return MIN (before, most);

  return is_full ? MIN (queue->length, most) : 0;
}

static gsize
get_next (QnetIODevice    *self,
          const Delimiter *delimiter,
          gsize            max_size)
{
  QnetByteQueue *queue = &qnet_io_device_get_private (self)->channel.read_queue;
  gsize most = max_size > 0 ? max_size : G_MAXSIZE;
  gssize end;

  qnet_io_device_pull_directly (self);
  end = find_end (queue, delimiter);

  if (end >= 0)
    return cut_found (queue, delimiter, (gsize) end, most);

  return cut_open (self, delimiter, most);
}

gsize
qnet_io_device_next_line (QnetIODevice *self,
                          gsize         max_size)
{
  return get_next (self, &line_end, max_size);
}

gsize
qnet_io_device_next_message (QnetIODevice *self,
                             const void   *delimiter,
                             gsize         delimiter_size,
                             gsize         max_size)
{
  Delimiter given = { delimiter, delimiter_size, FALSE };

  return get_next (self, &given, max_size);
}

/* Characters */

static gboolean
is_begun_character (const char *text,
                    gsize       size)
{
  return (guint8) text[0] >= 0xc0
         && g_utf8_get_char_validated (text, (gssize) size) == (gunichar) -2;
}

/* How many of the last of the first @length bytes begin a character that continues after them. */
static gsize
count_begun_character (QnetByteQueue *queue,
                       gsize          length)
{
  char tail[MAX_CHARACTER - 1];
  gsize most = MIN (length, sizeof tail);

  qnet_byte_queue_peek_at (queue, length - most, tail, most);
  for (gsize n = 1; n <= most; n++)
    {
      if (((guint8) tail[most - n] & 0xc0) != 0x80)
        return is_begun_character (tail + most - n, n) ? n : 0;
    }

  return 0;
}

/* The buffer starts with a character of which the limit, @length, leaves but a part: it is taken as
 * a whole. */
static gsize
get_first_character (QnetIODevice *self,
                     gsize         length)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  char text[MAX_CHARACTER];
  gsize size = qnet_byte_queue_peek (&priv->channel.read_queue, text, sizeof text);
  gsize n = length;

  while (n <= size && is_begun_character (text, n))
    n++;

  if (n <= size)
    return g_utf8_validate (text, (gssize) n, NULL) ? n : length;

  return is_complete (self) || needs_room (priv) ? length : 0;
}

gsize
qnet_io_device_next_text_line (QnetIODevice *self,
                               gsize         max_size)
{
  QnetByteQueue *queue = &qnet_io_device_get_private (self)->channel.read_queue;
  gsize length = qnet_io_device_next_line (self, max_size);
  gsize begun;

  if (length == 0 || (length == queue->length && is_complete (self)))
    return length;

  begun = count_begun_character (queue, length);

  return begun < length ? length - begun : get_first_character (self, length);
}
