/* qnet-byte-queue-search.c: finding bytes in a queue, from the end of the last search on
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "base/qnet-byte-chunk-private.h"

/* The longest needle whose search is remembered: seven bytes and its size make a guint64. */
#define REMEMBERED_MAX 7

/* 0 for a needle that is too long to be remembered. */
static guint64
describe_needle (const guint8 *needle,
                 gsize         size)
{
  guint64 description = size;

  if (size > REMEMBERED_MAX)
    return 0;

  for (gsize i = 0; i < size; i++)
    description = description << 8 | needle[i];

  return description;
}

/* Whether the bytes from @offset in @chunk on, which may continue in the next one, are @needle. */
static gboolean
matches_at (const QnetChunk *chunk,
            gsize            offset,
            const guint8    *needle,
            gsize            size)
{
  while (chunk != NULL)
    {
      gsize n = MIN (size, chunk->end - offset);

      if (memcmp (chunk->data + offset, needle, n) != 0)
        return FALSE;

      needle += n;
      size -= n;

      if (size == 0)
        return TRUE;

      chunk = chunk->next;
      offset = chunk != NULL ? chunk->start : 0;
    }

  return FALSE;
}

/* The offset of a match that starts in @chunk from @offset on and before @stop, or @stop. */
static gsize
find_in_chunk (const QnetChunk *chunk,
               gsize            offset,
               gsize            stop,
               const guint8    *needle,
               gsize            size)
{
  while (offset < stop)
    {
      const guint8 *first = memchr (chunk->data + offset, needle[0], stop - offset);

      if (first == NULL)
        return stop;

      offset = first - chunk->data;

      if (matches_at (chunk, offset, needle, size))
        return offset;

      offset++;
    }

  return stop;
}

/* The chunk where the search continues; sets search->chunk_at to its position. */
static QnetChunk *
find_searched_chunk (QnetByteQueue *queue)
{
  QnetByteSearch *search = queue->search;
  QnetChunk *chunk = search->chunk;

  if (chunk == NULL)
    {
      chunk = queue->head;
      search->chunk_at = 0;
    }

  while (search->searched - search->chunk_at >= qnet_chunk_length (chunk))
    {
      search->chunk_at += qnet_chunk_length (chunk);
      chunk = chunk->next;
    }

  search->chunk = chunk;

  return chunk;
}

/* Looks for starts of @needle from search->searched on, and before @stop. Leaves search->searched
 * where it found one, or at @stop. */
static gboolean
search_on (QnetByteQueue *queue,
           gsize          stop,
           const guint8  *needle,
           gsize          size)
{
  QnetByteSearch *search = queue->search;

  while (search->searched < stop)
    {
      QnetChunk *chunk = find_searched_chunk (queue);
      gsize base = search->chunk_at;
      gsize chunk_stop = MIN (chunk->end, chunk->start + (stop - base));
      gsize offset = find_in_chunk (chunk, chunk->start + (search->searched - base), chunk_stop,
                                    needle, size);

      search->searched = base + (offset - chunk->start);

      if (offset < chunk_stop)
        return TRUE;
    }

  return FALSE;
}

gssize
qnet_byte_queue_find (QnetByteQueue *queue,
                      const void    *needle,
                      gsize          needle_size)
{
  guint64 description = describe_needle (needle, needle_size);

  g_return_val_if_fail (needle_size > 0, -1);

  if (queue->search == NULL)
    queue->search = g_new0 (QnetByteSearch, 1);

  if (description == 0 || description != queue->search->searched_for)
    qnet_byte_queue_forget_search (queue);

  queue->search->searched_for = description;

  if (needle_size > queue->length)
    return -1;

  if (search_on (queue, queue->length - needle_size + 1, needle, needle_size))
    return queue->search->searched;

  return -1;
}
