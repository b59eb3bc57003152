/* qnet-turn-queue.c: watches to be called in the next turn
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "loop/qnet-turn-queue-private.h"

#define CLOCK_INTERVAL 8  /* watches from one reading of the clock to the next */

/* The first watch of @set before @end. Marks of outer turns may be in between: one for each loop
 * that runs inside another. */
static QnetWatch *
find_before (QnetTurnQueue      *queue,
             const QnetTurnLink *end,
             QnetWaitSet        *set)
{
  for (QnetTurnLink *link = queue->head.next; link != end; link = link->next)
    {
      if (link->watch != NULL && (set == NULL || link->watch->set == set))
        return link->watch;
    }

  return NULL;
}

void
qnet_turn_queue_init (QnetTurnQueue *queue)
{
  queue->head = (QnetTurnLink) { &queue->head, &queue->head, NULL };
}

/* The marks of turns are not watches; usually there is none. */
gboolean
qnet_turn_queue_is_empty (const QnetTurnQueue *queue)
{
  for (QnetTurnLink *link = queue->head.next; link != &queue->head; link = link->next)
    {
      if (link->watch != NULL)
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_over (guint  n_served,
         gint64 until)
{
  return n_served % CLOCK_INTERVAL == 0 && n_served > 0 && until != G_MAXINT64
         && qnet_clock_now () >= until;
}

guint
qnet_turn_queue_serve (QnetTurnQueue *queue,
                       QnetWaitSet   *set,
                       gint64         until,
                       void         (*serve) (QnetWatch *watch))
{
  QnetTurnLink end = { NULL, NULL, NULL };
  QnetWatch *watch;
  guint n_served = 0;

  if (qnet_turn_queue_is_empty (queue))
    return 0;

  qnet_turn_queue_push (queue, &end);

  for (; !is_over (n_served, until) && (watch = find_before (queue, &end, set)) != NULL; n_served++)
    serve (watch);

  qnet_turn_queue_remove (&end);

  return n_served;
}
