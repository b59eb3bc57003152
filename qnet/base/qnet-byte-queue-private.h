/* qnet-byte-queue-private.h: a queue of bytes that does not move them in memory
 *
 * A queue is a list of chunks. It uses neither sockets nor GObject, and may be used by one thread
 * at a time.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/uio.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct _QnetChunk      QnetChunk;       /* qnet-byte-chunk-private.h */
typedef struct _QnetChunkPool  QnetChunkPool;
typedef struct _QnetByteQueue  QnetByteQueue;
typedef struct _QnetByteSearch QnetByteSearch;  /* qnet-byte-chunk-private.h */

/* Empty chunks of one size, linked by next. */
typedef struct
{
  QnetChunk *chunks;  /* (owned) (nullable) */
  guint      n_chunks;
} QnetChunkList;

/* Empty chunks for the next queue that needs one: one pool per reactor, of limited size. */
struct _QnetChunkPool
{
  QnetChunkList small;  /* of the usual size */
  QnetChunkList large;  /* for bulk transfers */
};

struct _QnetByteQueue
{
  QnetChunk      *head;      /* (owned) (nullable): NULL while empty: an idle queue has no chunk */
  QnetChunk      *tail;
  gsize           length;    /* bytes */
  QnetChunkPool  *pool;      /* (nullable): for its chunks */
  QnetByteSearch *search;    /* (owned) (nullable): once find() was called; few queues need it */
};

void     qnet_chunk_pool_clear         (QnetChunkPool *pool);

void     qnet_byte_queue_init          (QnetByteQueue *queue,
                                        QnetChunkPool *pool);
/* drops all bytes, and all memory; the queue can be used again */
void     qnet_byte_queue_clear         (QnetByteQueue *queue);

/* Appending */
void     qnet_byte_queue_append        (QnetByteQueue *queue,
                                        const void    *data,
                                        gsize          size);
void     qnet_byte_queue_append_bytes  (QnetByteQueue *queue,
                                        GBytes        *bytes);  /* large ones are not copied */

/* Room for a read: at least one byte, its size in @out_size; small or @large. Has to be followed by
 * commit() of this room, with the number of bytes that were read, including 0; an unused chunk then
 * returns to the pool. */
void    *qnet_byte_queue_reserve       (QnetByteQueue *queue,
                                        gboolean       large,
                                        gsize         *out_size);
void     qnet_byte_queue_commit        (QnetByteQueue *queue,
                                        void          *space,
                                        gsize          size);

/* Prepending */
void     qnet_byte_queue_prepend       (QnetByteQueue *queue,
                                        const void    *data,
                                        gsize          size);
void     qnet_byte_queue_prepend_queue (QnetByteQueue *queue,
                                        QnetByteQueue *other);  /* @other is empty afterwards */

/* Removing from the front; none of them takes more than there is */
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
/* without copying where possible; never NULL */
GBytes  *qnet_byte_queue_take_bytes    (QnetByteQueue *queue,
                                        gsize          size);
gsize    qnet_byte_queue_drop          (QnetByteQueue *queue,
                                        gsize          size);
/* appends to @to; whole chunks without copying */
void     qnet_byte_queue_move          (QnetByteQueue *queue,
                                        gsize          size,
                                        QnetByteQueue *to);

/* The first @max_vectors contiguous pieces, for sendmsg(); returns their number. */
int      qnet_byte_queue_get_vectors   (QnetByteQueue *queue,
                                        struct iovec  *vectors,
                                        int            max_vectors);

/* The position of the first @needle, or -1. Remembers how far it has searched, so that searching
 * again after each small arrival is O(n) in all (for needles up to 7 bytes; for longer ones it
 * starts over). */
gssize   qnet_byte_queue_find          (QnetByteQueue *queue,
                                        const void    *needle,
                                        gsize          needle_size);

G_END_DECLS
