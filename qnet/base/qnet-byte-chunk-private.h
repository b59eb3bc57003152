/* qnet-byte-chunk-private.h: the chunks of a byte queue
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/qnet-byte-queue-private.h"

G_BEGIN_DECLS

/* A chunk has the bytes [start, end), in memory of its own or in that of a GBytes. A GBytes that
 * was created for a part of it has a reference, perhaps in another thread: those bytes are never
 * written again, and the chunk returns to the allocator instead of the pool. */
struct _QnetChunk
{
  QnetChunk *next;
  guint8    *data;
  gsize      start;
  gsize      end;
  gsize      capacity;
  GBytes    *bytes;      /* (owned) (nullable): if @data is its memory; otherwise it is @memory */
  gint       ref_count;  /* (atomic): ThreadSanitizer does not support gatomicrefcount */
  guint8     memory[];
};

/* What qnet_byte_queue_find() remembers: no match starts in the first @searched bytes. */
struct _QnetByteSearch
{
  gsize      searched;
  guint64    searched_for;  /* a description of the needle, 0 for one that is too long */
  QnetChunk *chunk;         /* (nullable): the chunk of @searched, or one before it ... */
  gsize      chunk_at;      /* ... and the position of its first byte in the queue */
};

static inline gsize
qnet_chunk_length (const QnetChunk *chunk)
{
  return chunk->end - chunk->start;
}

static inline void
qnet_byte_queue_forget_search (QnetByteQueue *queue)
{
  if (G_UNLIKELY (queue->search != NULL))
    {
      queue->search->searched = 0;
      queue->search->chunk = NULL;
    }
}

G_END_DECLS
