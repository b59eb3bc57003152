/* qnet-byte-queue.c: a queue of bytes that does not move them in memory
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-byte-queue-private.h"

#include <string.h>

#include "base/qnet-byte-chunk-private.h"
#include "base/qnet-container-private.h"

/* With their header, chunks have sizes that suit allocators. A small one is enough for a request or
 * a packet, a large one for a single recv() of a bulk transfer. */
#define SMALL_SIZE 4096
#define LARGE_SIZE 65536

/* The most that a pool keeps of each size: a mebibyte. */
#define MAX_FREE_SMALL 256
#define MAX_FREE_LARGE 16

/* Fewer bytes than this are copied: that is cheaper than sharing them. */
#define SHARE_MIN 4096

#define SMALL_CAPACITY (SMALL_SIZE - G_STRUCT_OFFSET (QnetChunk, memory))
#define LARGE_CAPACITY (LARGE_SIZE - G_STRUCT_OFFSET (QnetChunk, memory))

/* Chunks */

static G_GNUC_NO_INLINE void
chunk_free (QnetChunk *chunk)
{
  g_clear_pointer (&chunk->bytes, g_bytes_unref);
  g_free (chunk);
}

/* Releases the chunk of a GBytes that was created for a part of it, in any thread. */
static void
chunk_unref_cb (gpointer data)
{
  QnetChunk *chunk = data;

  if (g_atomic_int_dec_and_test (&chunk->ref_count))
    chunk_free (chunk);
}

static gboolean
chunk_is_shared (QnetChunk *chunk)
{
  return g_atomic_int_get (&chunk->ref_count) > 1;
}

/* The room after the last byte. */
static gsize
chunk_room_after (const QnetChunk *chunk)
{
  if (chunk == NULL || chunk->bytes != NULL)
    return 0;

  return chunk->capacity - chunk->end;
}

/* The room before the first byte. */
static gsize
chunk_room_before (QnetChunk *chunk)
{
  if (chunk == NULL || chunk->bytes != NULL || chunk_is_shared (chunk))
    return 0;

  return chunk->start;
}

static QnetChunk *
pool_take (QnetChunkPool *pool,
           gboolean       is_large)
{
  QnetChunkList *list = is_large ? &pool->large : &pool->small;
  QnetChunk *chunk = list->chunks;

  if (chunk == NULL)
    return NULL;

  list->chunks = chunk->next;
  list->n_chunks--;

  return chunk;
}

static inline gboolean
list_give (QnetChunkList *list,
           QnetChunk     *chunk,
           guint          max_chunks)
{
  if (list->n_chunks >= max_chunks)
    return FALSE;

  chunk->next = list->chunks;
  list->chunks = chunk;
  list->n_chunks++;

  return TRUE;
}

/* Takes the chunk, or returns FALSE if there are enough. */
static inline gboolean
pool_give (QnetChunkPool *pool,
           QnetChunk     *chunk)
{
  return chunk->capacity == LARGE_CAPACITY ? list_give (&pool->large, chunk, MAX_FREE_LARGE)
                                           : list_give (&pool->small, chunk, MAX_FREE_SMALL);
}

/* Hot path: allocates only when the pool is empty. The chunk is in no list yet, and has one
 * reference, as it had in the pool: no atomic write is necessary. */
static QnetChunk *
chunk_new (QnetChunkPool *pool,
           gboolean       is_large)
{
  QnetChunk *chunk = pool != NULL ? pool_take (pool, is_large) : NULL;

  if (chunk == NULL)
    {
      chunk = g_malloc (is_large ? LARGE_SIZE : SMALL_SIZE);
      chunk->data = chunk->memory;
      chunk->capacity = is_large ? LARGE_CAPACITY : SMALL_CAPACITY;
      chunk->bytes = NULL;
      g_atomic_int_set (&chunk->ref_count, 1);
    }

  chunk->start = 0;
  chunk->end = 0;

  return chunk;
}

static QnetChunk *
chunk_new_for_bytes (GBytes *bytes)
{
  QnetChunk *chunk = g_malloc (sizeof (QnetChunk));

  chunk->next = NULL;
  chunk->data = (guint8 *) g_bytes_get_data (bytes, &chunk->end);  /* not written to */
  chunk->start = 0;
  chunk->capacity = chunk->end;
  chunk->bytes = g_bytes_ref (bytes);
  g_atomic_int_set (&chunk->ref_count, 1);

  return chunk;
}

/* No other reference can be added while this is the only one, so a chunk in the pool has one. */
static inline void
chunk_release (QnetChunk     *chunk,
               QnetChunkPool *pool)
{
  if (G_UNLIKELY (chunk_is_shared (chunk)))
    chunk_unref_cb (chunk);
  else if (pool == NULL || chunk->bytes != NULL || !pool_give (pool, chunk))
    chunk_free (chunk);
}

static void
chunk_list_clear (QnetChunkList *list)
{
  while (list->chunks != NULL)
    {
      QnetChunk *chunk = list->chunks;

      list->chunks = chunk->next;
      chunk_free (chunk);
    }

  list->n_chunks = 0;
}

/* Whether @size bytes should be returned in the memory of the chunk instead of being copied. A few
 * bytes must not keep a large piece of memory allocated. */
static gboolean
chunk_is_worth_sharing (const QnetChunk *chunk,
                        gsize            size)
{
  return size >= SHARE_MIN && size >= chunk->capacity / 4;
}

static GBytes *
chunk_share (QnetChunk *chunk,
             gsize      size)
{
  if (chunk->bytes != NULL)
    return g_bytes_new_from_bytes (chunk->bytes, chunk->start, size);

  g_atomic_int_inc (&chunk->ref_count);

  return g_bytes_new_with_free_func (chunk->data + chunk->start, size, chunk_unref_cb, chunk);
}

/* The list */

static void
push_head (QnetByteQueue *queue,
           QnetChunk     *chunk)
{
  chunk->next = queue->head;
  queue->head = chunk;

  if (queue->tail == NULL)
    queue->tail = chunk;
}

static inline void
push_tail (QnetByteQueue *queue,
           QnetChunk     *chunk)
{
  chunk->next = NULL;

  if (queue->tail != NULL)
    queue->tail->next = chunk;
  else
    queue->head = chunk;

  queue->tail = chunk;
}

static QnetChunk *
pop_head (QnetByteQueue *queue)
{
  QnetChunk *chunk = queue->head;

  queue->head = chunk->next;

  if (queue->head == NULL)
    queue->tail = NULL;

  if (queue->search != NULL && queue->search->chunk == chunk)
    queue->search->chunk = NULL;

  return chunk;
}

/* @size bytes were removed from the front: adapts the state of find(). */
static void
shorten (QnetByteQueue *queue,
         gsize          size)
{
  QnetByteSearch *search = queue->search;

  queue->length -= size;

  if (search == NULL || search->searched == 0)
    return;

  search->searched -= MIN (search->searched, size);
  search->chunk_at -= MIN (search->chunk_at, size);
}

void
qnet_chunk_pool_clear (QnetChunkPool *pool)
{
  chunk_list_clear (&pool->small);
  chunk_list_clear (&pool->large);
}

void
qnet_byte_queue_init (QnetByteQueue *queue,
                      QnetChunkPool *pool)
{
  *queue = (QnetByteQueue) { .pool = pool };
}

void
qnet_byte_queue_clear (QnetByteQueue *queue)
{
  qnet_byte_queue_drop (queue, queue->length);
  g_clear_pointer (&queue->search, g_free);
}

/* Appending */

void
qnet_byte_queue_append (QnetByteQueue *queue,
                        const void    *data,
                        gsize          size)
{
  const guint8 *next = data;

  while (size > 0)
    {
      QnetChunk *tail = queue->tail;
      gsize n;

      if (chunk_room_after (tail) == 0)
        {
          tail = chunk_new (queue->pool, size > SMALL_CAPACITY);
          push_tail (queue, tail);
        }

      n = MIN (size, tail->capacity - tail->end);
      memcpy (tail->data + tail->end, next, n);

      tail->end += n;
      queue->length += n;
      next += n;
      size -= n;
    }
}

void
qnet_byte_queue_append_bytes (QnetByteQueue *queue,
                              GBytes        *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  if (size < SHARE_MIN)
    {
      qnet_byte_queue_append (queue, data, size);
      return;
    }

  push_tail (queue, chunk_new_for_bytes (bytes));
  queue->length += size;
}

/* The rest of the last chunk is used unless it is too short: many system calls for a few bytes each
 * are more expensive than some unused memory. */
void *
qnet_byte_queue_reserve (QnetByteQueue *queue,
                         gboolean       large,
                         gsize         *out_size)
{
  gsize room = chunk_room_after (queue->tail);
  QnetChunk *chunk;

  if (room >= (large ? LARGE_CAPACITY : SMALL_CAPACITY) / 4)
    {
      *out_size = room;
      return queue->tail->data + queue->tail->end;
    }

  chunk = chunk_new (queue->pool, large);
  *out_size = chunk->capacity;

  return chunk->data;
}

static gboolean
is_rest_of_tail (QnetByteQueue *queue,
                 void          *space)
{
  return queue->tail != NULL && space == queue->tail->data + queue->tail->end;
}

void
qnet_byte_queue_commit (QnetByteQueue *queue,
                        void          *space,
                        gsize          size)
{
  QnetChunk *chunk = NULL;

  if (!is_rest_of_tail (queue, space))
    chunk = CONTAINER_OF (space, QnetChunk, memory);

  if (G_UNLIKELY (size == 0))
    {
      if (chunk != NULL)
        chunk_release (chunk, queue->pool);
      return;
    }

  if (chunk != NULL)
    push_tail (queue, chunk);

  g_assert (size <= chunk_room_after (queue->tail));

  queue->tail->end += size;
  queue->length += size;
}

/* Prepending */

/* Fills chunks from their ends, so that there is room before them for the next few bytes. */
void
qnet_byte_queue_prepend (QnetByteQueue *queue,
                         const void    *data,
                         gsize          size)
{
  qnet_byte_queue_forget_search (queue);

  while (size > 0)
    {
      gsize n;

      if (chunk_room_before (queue->head) == 0)
        {
          push_head (queue, chunk_new (queue->pool, size > SMALL_CAPACITY));
          queue->head->start = queue->head->end = queue->head->capacity;
        }

      n = MIN (size, queue->head->start);
      size -= n;
      memcpy (queue->head->data + queue->head->start - n, (const guint8 *) data + size, n);

      queue->head->start -= n;
      queue->length += n;
    }
}

void
qnet_byte_queue_prepend_queue (QnetByteQueue *queue,
                               QnetByteQueue *other)
{
  if (other->length == 0)
    return;

  other->tail->next = queue->head;
  queue->head = other->head;

  if (queue->tail == NULL)
    queue->tail = other->tail;

  queue->length += other->length;
  qnet_byte_queue_forget_search (queue);

  other->head = other->tail = NULL;
  other->length = 0;
  qnet_byte_queue_forget_search (other);
}

/* Removing from the front */

gsize
qnet_byte_queue_peek (QnetByteQueue *queue,
                      void          *buffer,
                      gsize          size)
{
  gsize done = 0;

  size = MIN (size, queue->length);

  for (QnetChunk *chunk = queue->head; done < size; chunk = chunk->next)
    {
      gsize n = MIN (size - done, qnet_chunk_length (chunk));

      memcpy ((guint8 *) buffer + done, chunk->data + chunk->start, n);
      done += n;
    }

  return size;
}

gsize
qnet_byte_queue_peek_at (QnetByteQueue *queue,
                         gsize          offset,
                         void          *buffer,
                         gsize          size)
{
  gsize done = 0;

  size = offset < queue->length ? MIN (size, queue->length - offset) : 0;

  for (QnetChunk *chunk = queue->head; done < size; chunk = chunk->next)
    {
      gsize skipped = MIN (offset, qnet_chunk_length (chunk));
      gsize n = MIN (size - done, qnet_chunk_length (chunk) - skipped);

      memcpy ((guint8 *) buffer + done, chunk->data + chunk->start + skipped, n);
      offset -= skipped;
      done += n;
    }

  return size;
}

/* The usual case: all received bytes are read, and all written bytes are sent, and they are one
 * chunk. Without a loop that takes 22 instructions less of an echo. */
static inline gsize
drop_only_chunk (QnetByteQueue *queue,
                 QnetChunk     *chunk)
{
  gsize size = queue->length;

  queue->head = queue->tail = NULL;
  queue->length = 0;
  qnet_byte_queue_forget_search (queue);
  chunk_release (chunk, queue->pool);

  return size;
}

gsize
qnet_byte_queue_take (QnetByteQueue *queue,
                      void          *buffer,
                      gsize          size)
{
  QnetChunk *head = queue->head;

  if (head == NULL)
    return 0;

  if (size >= queue->length && head->next == NULL)
    {
      memcpy (buffer, head->data + head->start, queue->length);
      return drop_only_chunk (queue, head);
    }

  size = qnet_byte_queue_peek (queue, buffer, size);

  return qnet_byte_queue_drop (queue, size);
}

GBytes *
qnet_byte_queue_take_bytes (QnetByteQueue *queue,
                            gsize          size)
{
  QnetChunk *head = queue->head;
  guint8 *copy;

  size = MIN (size, queue->length);

  if (size > 0 && size <= qnet_chunk_length (head) && chunk_is_worth_sharing (head, size))
    {
      GBytes *bytes = chunk_share (head, size);

      qnet_byte_queue_drop (queue, size);
      return bytes;
    }

  copy = g_malloc (size);
  qnet_byte_queue_take (queue, copy, size);

  return g_bytes_new_take (copy, size);
}

static G_GNUC_NO_INLINE gsize
drop_pieces (QnetByteQueue *queue,
             gsize          size)
{
  gsize left = size;

  while (left > 0)
    {
      QnetChunk *head = queue->head;
      gsize n = MIN (left, qnet_chunk_length (head));

      head->start += n;
      left -= n;

      if (head->start == head->end)
        chunk_release (pop_head (queue), queue->pool);
    }

  shorten (queue, size);

  return size;
}

gsize
qnet_byte_queue_drop (QnetByteQueue *queue,
                      gsize          size)
{
  QnetChunk *head = queue->head;

  if (size >= queue->length && head != NULL && head->next == NULL)
    return drop_only_chunk (queue, head);

  return drop_pieces (queue, MIN (size, queue->length));
}

/* Moves the first @size bytes of the first chunk, which has at least as many. */
static void
move_from_head (QnetByteQueue *queue,
                gsize          size,
                QnetByteQueue *to)
{
  QnetChunk *head = queue->head;
  gboolean is_whole = size == qnet_chunk_length (head);

  /* A few bytes in a chunk of their own would waste the rest of it each time. */
  if (is_whole ? size < SHARE_MIN && size <= chunk_room_after (to->tail)
               : !chunk_is_worth_sharing (head, size))
    {
      qnet_byte_queue_append (to, head->data + head->start, size);
      qnet_byte_queue_drop (queue, size);
    }
  else if (is_whole)
    {
      push_tail (to, pop_head (queue));
      to->length += size;
      shorten (queue, size);
    }
  else
    {
      g_autoptr(GBytes) bytes = qnet_byte_queue_take_bytes (queue, size);

      qnet_byte_queue_append_bytes (to, bytes);
    }
}

void
qnet_byte_queue_move (QnetByteQueue *queue,
                      gsize          size,
                      QnetByteQueue *to)
{
  size = MIN (size, queue->length);

  while (size > 0)
    {
      gsize n = MIN (size, qnet_chunk_length (queue->head));

      move_from_head (queue, n, to);
      size -= n;
    }
}

int
qnet_byte_queue_get_vectors (QnetByteQueue *queue,
                             struct iovec  *vectors,
                             int            max_vectors)
{
  int n = 0;

  for (QnetChunk *chunk = queue->head; chunk != NULL && n < max_vectors; chunk = chunk->next)
    {
      vectors[n].iov_base = chunk->data + chunk->start;
      vectors[n].iov_len = qnet_chunk_length (chunk);
      n++;
    }

  return n;
}
