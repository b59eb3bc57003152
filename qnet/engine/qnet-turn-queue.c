/* qnet-turn-queue.c: watches that want to be called, turn by turn
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-turn-queue-private.h"

/* The first watch of @set before @end. Markers of outer turns may stand on the way: one for each
 * loop that runs inside another. */
static QnetWatch *
find_before (QnetTurnQueue *queue,
             const GList   *end,
             QnetWaitSet   *set)
{
  for (GList *link = queue->links.head; link != end; link = link->next)
    {
      QnetWatch *watch = link->data;

      if (watch != NULL && (set == NULL || watch->set == set))
        return watch;
    }

  return NULL;
}

gboolean
qnet_turn_queue_is_empty (const QnetTurnQueue *queue)
{
  return queue->links.length == queue->n_markers;
}

void
qnet_turn_queue_push (QnetTurnQueue *queue,
                      GList         *link)
{
  g_queue_push_tail_link (&queue->links, link);
}

void
qnet_turn_queue_remove (QnetTurnQueue *queue,
                        GList         *link)
{
  g_queue_unlink (&queue->links, link);
}

guint
qnet_turn_queue_serve (QnetTurnQueue *queue,
                       QnetWaitSet   *set,
                       void         (*serve) (QnetWatch *watch))
{
  GList end = { NULL, NULL, NULL };
  QnetWatch *watch;
  guint n_served = 0;

  if (qnet_turn_queue_is_empty (queue))
    return 0;

  g_queue_push_tail_link (&queue->links, &end);
  queue->n_markers++;

  for (; (watch = find_before (queue, &end, set)) != NULL; n_served++)
    serve (watch);

  g_queue_unlink (&queue->links, &end);
  queue->n_markers--;

  return n_served;
}
