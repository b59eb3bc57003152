/* qnet-turn-queue-private.h: watches that want to be called, turn by turn
 *
 * Whoever queues itself while the queue is being served waits for the next turn, so that nobody keeps the loop to itself.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-reactor-private.h"

G_BEGIN_DECLS

/* A ring: its head is no watch's. Coming and going cost a few instructions, for every request. */
typedef struct
{
  QnetTurnLink head;
} QnetTurnQueue;

void     qnet_turn_queue_init     (QnetTurnQueue       *queue);
gboolean qnet_turn_queue_is_empty (const QnetTurnQueue *queue);
void     qnet_turn_queue_push     (QnetTurnQueue       *queue,
                                   QnetTurnLink        *link);
void     qnet_turn_queue_remove   (QnetTurnLink        *link);

/* Calls @serve, which removes its watch, for all that are queued now and belong to @set (NULL: to anybody). They may
 * go, come and serve the queue themselves meanwhile. Those for whom there is no time before @until, monotonic
 * microseconds, wait for the next turn. Returns how many were called. */
guint    qnet_turn_queue_serve    (QnetTurnQueue       *queue,
                                   QnetWaitSet         *set,
                                   gint64               until,
                                   void               (*serve) (QnetWatch *watch));

G_END_DECLS
