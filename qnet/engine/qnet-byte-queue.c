/* qnet-byte-queue.c: bytes in, bytes out, in order, without moving what stays
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-byte-queue-private.h"

#include <string.h>

/* With their header, chunks are as large as what allocators like to give. A small one holds what
 * one request or one packet brings, a large one what a single recv() of a bulk transfer does. */
#define SMALL_SIZE 4096
#define LARGE_SIZE 65536

/* What a pool keeps of each: a mebibyte. */
#define MAX_FREE_SMALL 256
#define MAX_FREE_LARGE 16

/* Fewer bytes than this are copied: it costs less than the bookkeeping of sharing them. */
#define SHARE_MIN 4096

/* The longest needle whose search is remembered: seven bytes and its size make a guint64. */
#define REMEMBERED_MAX 7

/* A chunk is a run of bytes [start, end) in memory of its own or in that of a GBytes. A GBytes that
 * was handed out over a part of it holds a reference, perhaps in another thread: those bytes are
 * never written again, and the chunk goes back to the allocator instead of the pool. */
struct _QnetChunk
{
  QnetChunk *next;
  guint8    *data;
  gsize      start;
  gsize      end;
  gsize      capacity;
  GBytes    *bytes;      /* (owned) (nullable): whose memory @data is; else it is @memory */
  gint       ref_count;  /* (atomic): ThreadSanitizer cannot see into gatomicrefcount */
  guint8     memory[];
};

#define SMALL_CAPACITY (SMALL_SIZE - G_STRUCT_OFFSET (QnetChunk, memory))
#define LARGE_CAPACITY (LARGE_SIZE - G_STRUCT_OFFSET (QnetChunk, memory))

/* Chunks */

static void
chunk_free (QnetChunk *chunk)
{
  g_clear_pointer (&chunk->bytes, g_bytes_unref);
  g_free (chunk);
}

/* What releases a GBytes that was made of a part of the chunk, in any thread. */
static void
chunk_unref_cb (gpointer data)
{
  QnetChunk *chunk = data;

  if (g_atomic_int_dec_and_test (&chunk->ref_count))
    chunk_free (chunk);
}

static gsize
chunk_length (const QnetChunk *chunk)
{
  return chunk->end - chunk->start;
}

static gboolean
chunk_is_shared (QnetChunk *chunk)
{
  return g_atomic_int_get (&chunk->ref_count) > 1;
}

/* Bytes that can be put in behind the last. */
static gsize
chunk_room_after (const QnetChunk *chunk)
{
  if (chunk == NULL || chunk->bytes != NULL)
    return 0;

  return chunk->capacity - chunk->end;
}

/* Bytes that can be put in before the first. */
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
  QnetChunk **list = is_large ? &pool->free_large : &pool->free_chunks;
  QnetChunk *chunk = *list;

  if (chunk == NULL)
    return NULL;

  *list = chunk->next;

  if (is_large)
    pool->n_free_large--;
  else
    pool->n_free--;

  return chunk;
}

/* Takes the chunk, or says FALSE when there are enough. */
static gboolean
pool_give (QnetChunkPool *pool,
           QnetChunk     *chunk)
{
  gboolean is_large = chunk->capacity == LARGE_CAPACITY;
  QnetChunk **list = is_large ? &pool->free_large : &pool->free_chunks;
  guint *n_free = is_large ? &pool->n_free_large : &pool->n_free;

  if (*n_free >= (is_large ? MAX_FREE_LARGE : MAX_FREE_SMALL))
    return FALSE;

  chunk->next = *list;
  *list = chunk;
  *n_free += 1;

  return TRUE;
}

/* Hot path: allocates only when the pool is empty. */
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
    }

  chunk->next = NULL;
  chunk->start = 0;
  chunk->end = 0;
  g_atomic_int_set (&chunk->ref_count, 1);

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

static void
chunk_release (QnetChunk     *chunk,
               QnetChunkPool *pool)
{
  /* Nobody else can take a reference while ours is the only one. */
  if (chunk_is_shared (chunk) && !g_atomic_int_dec_and_test (&chunk->ref_count))
    return;

  if (pool == NULL || chunk->bytes != NULL || !pool_give (pool, chunk))
    chunk_free (chunk);
}

static void
chunk_list_free (QnetChunk **list)
{
  while (*list != NULL)
    {
      QnetChunk *chunk = *list;

      *list = chunk->next;
      chunk_free (chunk);
    }
}

/* Whether @size bytes are better handed out in the chunk's own memory than copied. A few bytes
 * shall not pin a large piece of memory for as long as somebody keeps them. */
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

static void
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

  if (queue->searched_chunk == chunk)
    queue->searched_chunk = NULL;

  return chunk;
}

static void
forget_search (QnetByteQueue *queue)
{
  queue->searched = 0;
  queue->searched_chunk = NULL;
}

/* @size bytes went away at the front: what find() remembers is nearer to it now. */
static void
shorten (QnetByteQueue *queue,
         gsize          size)
{
  queue->length -= size;

  if (queue->searched == 0)
    return;

  queue->searched -= MIN (queue->searched, size);
  queue->searched_chunk_at -= MIN (queue->searched_chunk_at, size);
}

void
qnet_chunk_pool_clear (QnetChunkPool *pool)
{
  chunk_list_free (&pool->free_chunks);
  chunk_list_free (&pool->free_large);
  pool->n_free = 0;
  pool->n_free_large = 0;
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
  g_assert (queue->reserved == NULL);

  qnet_byte_queue_drop (queue, queue->length);
}

/* In at the end */

void
qnet_byte_queue_append (QnetByteQueue *queue,
                        const void    *data,
                        gsize          size)
{
  const guint8 *next = data;

  while (size > 0)
    {
      gsize n;

      if (chunk_room_after (queue->tail) == 0)
        push_tail (queue, chunk_new (queue->pool, size > SMALL_CAPACITY));

      n = MIN (size, chunk_room_after (queue->tail));
      memcpy (queue->tail->data + queue->tail->end, next, n);

      queue->tail->end += n;
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

/* The rest of the last chunk serves while it is not too short: many calls for a few bytes each
 * cost more than some memory left unused. */
void *
qnet_byte_queue_reserve (QnetByteQueue *queue,
                         gboolean       large,
                         gsize         *out_size)
{
  gsize room = chunk_room_after (queue->tail);

  g_assert (queue->reserved == NULL);

  if (room >= (large ? LARGE_CAPACITY : SMALL_CAPACITY) / 4)
    {
      *out_size = room;
      return queue->tail->data + queue->tail->end;
    }

  queue->reserved = chunk_new (queue->pool, large);
  *out_size = queue->reserved->capacity;

  return queue->reserved->data;
}

void
qnet_byte_queue_commit (QnetByteQueue *queue,
                        gsize          size)
{
  QnetChunk *chunk = g_steal_pointer (&queue->reserved);

  if (chunk != NULL && size == 0)
    chunk_release (chunk, queue->pool);
  else if (chunk != NULL)
    push_tail (queue, chunk);

  if (size == 0)
    return;

  g_assert (size <= chunk_room_after (queue->tail));

  queue->tail->end += size;
  queue->length += size;
}

/* In at the front */

/* Fills chunks from their ends, so that the next few bytes find room before them. */
void
qnet_byte_queue_prepend (QnetByteQueue *queue,
                         const void    *data,
                         gsize          size)
{
  forget_search (queue);

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
  forget_search (queue);

  qnet_byte_queue_init (other, other->pool);
}

/* Out at the front */

gsize
qnet_byte_queue_peek (QnetByteQueue *queue,
                      void          *buffer,
                      gsize          size)
{
  gsize done = 0;

  size = MIN (size, queue->length);

  for (QnetChunk *chunk = queue->head; done < size; chunk = chunk->next)
    {
      gsize n = MIN (size - done, chunk_length (chunk));

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
      gsize skipped = MIN (offset, chunk_length (chunk));
      gsize n = MIN (size - done, chunk_length (chunk) - skipped);

      memcpy ((guint8 *) buffer + done, chunk->data + chunk->start + skipped, n);
      offset -= skipped;
      done += n;
    }

  return size;
}

/* What is usual: all that came is read, and all that was written is sent. */
static gsize
drop_all (QnetByteQueue *queue)
{
  gsize size = queue->length;

  for (QnetChunk *chunk = queue->head, *next; chunk != NULL; chunk = next)
    {
      next = chunk->next;
      chunk_release (chunk, queue->pool);
    }

  queue->head = queue->tail = NULL;
  queue->length = 0;
  forget_search (queue);

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
      return drop_all (queue);
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

  if (size > 0 && size <= chunk_length (head) && chunk_is_worth_sharing (head, size))
    {
      GBytes *bytes = chunk_share (head, size);

      qnet_byte_queue_drop (queue, size);
      return bytes;
    }

  copy = g_malloc (size);
  qnet_byte_queue_take (queue, copy, size);

  return g_bytes_new_take (copy, size);
}

gsize
qnet_byte_queue_drop (QnetByteQueue *queue,
                      gsize          size)
{
  gsize left = size;

  if (size >= queue->length)
    return drop_all (queue);

  while (left > 0)
    {
      QnetChunk *head = queue->head;
      gsize n = MIN (left, chunk_length (head));

      head->start += n;
      left -= n;

      if (head->start == head->end)
        chunk_release (pop_head (queue), queue->pool);
    }

  shorten (queue, size);

  return size;
}

/* Moves the first @size bytes of the first chunk, which has no fewer. */
static void
move_from_head (QnetByteQueue *queue,
                gsize          size,
                QnetByteQueue *to)
{
  QnetChunk *head = queue->head;
  gboolean is_whole = size == chunk_length (head);

  /* A few bytes in a chunk of their own would waste the rest of it, time after time. */
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
      gsize n = MIN (size, chunk_length (queue->head));

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
      vectors[n].iov_len = chunk_length (chunk);
      n++;
    }

  return n;
}

/* Searching */

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

/* Whether the bytes from @offset in @chunk on, perhaps over its border, are @needle. */
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

/* The chunk where the search goes on; its place in the queue is queue->searched_chunk_at then. */
static QnetChunk *
find_searched_chunk (QnetByteQueue *queue)
{
  QnetChunk *chunk = queue->searched_chunk;

  if (chunk == NULL)
    {
      chunk = queue->head;
      queue->searched_chunk_at = 0;
    }

  while (queue->searched - queue->searched_chunk_at >= chunk_length (chunk))
    {
      queue->searched_chunk_at += chunk_length (chunk);
      chunk = chunk->next;
    }

  queue->searched_chunk = chunk;

  return chunk;
}

/* Looks for starts of @needle from queue->searched on, and before @stop. Leaves queue->searched
 * where it found one, or at @stop. */
static gboolean
search_on (QnetByteQueue *queue,
           gsize          stop,
           const guint8  *needle,
           gsize          size)
{
  while (queue->searched < stop)
    {
      QnetChunk *chunk = find_searched_chunk (queue);
      gsize base = queue->searched_chunk_at;
      gsize chunk_stop = MIN (chunk->end, chunk->start + (stop - base));
      gsize offset = find_in_chunk (chunk, chunk->start + (queue->searched - base), chunk_stop,
                                    needle, size);

      queue->searched = base + (offset - chunk->start);

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

  if (description == 0 || description != queue->searched_for)
    forget_search (queue);

  queue->searched_for = description;

  if (needle_size > queue->length)
    return -1;

  if (search_on (queue, queue->length - needle_size + 1, needle, needle_size))
    return queue->searched;

  return -1;
}
