/* qnet-byte-queue-private.h: bytes in, bytes out, in order, without moving what stays
 *
 * A queue is a list of chunks. It knows no socket and no GObject, and is used by one thread at a time.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/uio.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct _QnetChunk     QnetChunk;      /* private to qnet-byte-queue.c */
typedef struct _QnetChunkPool QnetChunkPool;
typedef struct _QnetByteQueue QnetByteQueue;

/* Empty chunks, kept for the next one who needs one: one pool per reactor, bounded. */
struct _QnetChunkPool
{
  QnetChunk *free_chunks;  /* (owned) (nullable): of the small, usual size */
  guint      n_free;
  QnetChunk *free_large;   /* (owned) (nullable): of the large size, for bulk */
  guint      n_free_large;
};

struct _QnetByteQueue
{
  QnetChunk     *head;     /* (owned) (nullable): NULL while empty: an idle queue holds no chunk */
  QnetChunk     *tail;
  gsize          length;   /* bytes */
  QnetChunkPool *pool;     /* (nullable): where chunks come from and go to */
  QnetChunk     *reserved; /* (owned) (nullable): a chunk between reserve() and commit() */

  /* What qnet_byte_queue_find() remembers: no match starts in the first @searched bytes. */
  gsize          searched;
  guint64        searched_for;
  QnetChunk     *searched_chunk;     /* (nullable): where @searched points to, or before it ... */
  gsize          searched_chunk_at;  /* ... and the place of its first byte in the queue */
};

void     qnet_chunk_pool_clear         (QnetChunkPool *pool);

void     qnet_byte_queue_init          (QnetByteQueue *queue,
                                        QnetChunkPool *pool);
void     qnet_byte_queue_clear         (QnetByteQueue *queue);  /* drops all; the queue stays usable */

/* In at the end */
void     qnet_byte_queue_append        (QnetByteQueue *queue,
                                        const void    *data,
                                        gsize          size);
void     qnet_byte_queue_append_bytes  (QnetByteQueue *queue,
                                        GBytes        *bytes);  /* large ones without copying */

/* Room for a read: at least one byte, its size in @out_size; small or @large. Follow it by commit()
 * with what was filled in, 0 included; an unused chunk goes back to the pool then. */
void    *qnet_byte_queue_reserve       (QnetByteQueue *queue,
                                        gboolean       large,
                                        gsize         *out_size);
void     qnet_byte_queue_commit        (QnetByteQueue *queue,
                                        gsize          size);

/* In at the front */
void     qnet_byte_queue_prepend       (QnetByteQueue *queue,
                                        const void    *data,
                                        gsize          size);
void     qnet_byte_queue_prepend_queue (QnetByteQueue *queue,
                                        QnetByteQueue *other);  /* @other is empty afterwards */

/* Out at the front; all of them take no more than there is */
gsize    qnet_byte_queue_peek          (QnetByteQueue *queue,
                                        void          *buffer,
                                        gsize          size);
gsize    qnet_byte_queue_peek_at       (QnetByteQueue *queue,
                                        gsize          offset,
                                        void          *buffer,
                                        gsize          size);
gsize    qnet_byte_queue_take          (QnetByteQueue *queue,
                                        void          *buffer,
                                        gsize          size);
GBytes  *qnet_byte_queue_take_bytes    (QnetByteQueue *queue,
                                        gsize          size);   /* without copying where it can; never NULL */
gsize    qnet_byte_queue_drop          (QnetByteQueue *queue,
                                        gsize          size);
void     qnet_byte_queue_move          (QnetByteQueue *queue,
                                        gsize          size,
                                        QnetByteQueue *to);     /* appended to @to; whole chunks without copying */

/* The first @max_vectors runs of bytes, for sendmsg(); returns how many were filled in. */
int      qnet_byte_queue_get_vectors   (QnetByteQueue *queue,
                                        struct iovec  *vectors,
                                        int            max_vectors);

/* Where @needle first starts, or -1. Remembers how far it has looked, so that asking again after
 * each small arrival costs O(n) in all (for needles up to 7 bytes; longer ones start over). */
gssize   qnet_byte_queue_find          (QnetByteQueue *queue,
                                        const void    *needle,
                                        gsize          needle_size);

G_END_DECLS
