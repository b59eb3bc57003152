/* qnet-turn-queue-private.h: watches to be called in the next turn
 *
 * A turn queue contains watches that will be called: for a deferral, or to send. A watch that is
 * queued while the queue is served is called in the next turn, so that none can block the loop.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "loop/qnet-reactor-private.h"

G_BEGIN_DECLS

typedef struct _QnetTurnMark QnetTurnMark;

/* The end of a turn, between the watches */
struct _QnetTurnMark
{
  QnetTurnLink  link;
  QnetTurnMark *outer;  /* (nullable): of the turn during which this one was begun */
};

/* A circular list: its head belongs to no watch. Each request is pushed and removed. */
typedef struct
{
  QnetTurnLink  head;
  QnetTurnMark *marks;        /* (nullable): the innermost */
  gsize         link_offset;  /* of the link in the watch */
} QnetTurnQueue;

static inline void
qnet_turn_queue_push (QnetTurnQueue *queue,
                      QnetTurnLink  *link)
{
  link->prev = queue->head.prev;
  link->next = &queue->head;
  link->prev->next = link;
  link->next->prev = link;
}

static inline void
qnet_turn_queue_remove (QnetTurnLink *link)
{
  link->prev->next = link->next;
  link->next->prev = link->prev;
  link->next = NULL;
}

void     qnet_turn_queue_init     (QnetTurnQueue       *queue,
                                   gsize                link_offset);
gboolean qnet_turn_queue_is_empty (const QnetTurnQueue *queue);

/* Calls @serve, which removes its watch, for all watches that are queued now and belong to @set
 * (NULL: to any). They may be removed, be pushed and serve the queue themselves meanwhile. Those
 * that are not reached before @until, in monotonic microseconds, remain for the next turn. Returns
 * the number of calls. */
guint    qnet_turn_queue_serve    (QnetTurnQueue       *queue,
                                   QnetWaitSet         *set,
                                   gint64               until,
                                   void               (*serve) (QnetWatch *watch));

G_END_DECLS
