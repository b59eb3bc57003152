/* qnet-turn-queue.c: watches to be called in the next turn
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "loop/qnet-turn-queue-private.h"

#define CLOCK_INTERVAL 8  /* watches from one reading of the clock to the next */

/* NULL for a mark: there is one for each loop that runs inside another. */
static inline QnetWatch *
get_watch (const QnetTurnQueue *queue,
           QnetTurnLink        *link)
{
  for (QnetTurnMark *mark = queue->marks; mark != NULL; mark = mark->outer)
    {
      if (link == &mark->link)
        return NULL;
    }

  return (QnetWatch *) (gpointer) ((char *) link - queue->link_offset);
}

/* The first watch of @set before @end. */
static QnetWatch *
find_before (QnetTurnQueue      *queue,
             const QnetTurnLink *end,
             QnetWaitSet        *set)
{
  for (QnetTurnLink *link = queue->head.next; link != end; link = link->next)
    {
      QnetWatch *watch = get_watch (queue, link);

      if (watch != NULL && (set == NULL || watch->set == set))
        return watch;
    }

  return NULL;
}

void
qnet_turn_queue_init (QnetTurnQueue *queue,
                      gsize          link_offset)
{
  *queue = (QnetTurnQueue) { { &queue->head, &queue->head }, NULL, link_offset };
}

gboolean
qnet_turn_queue_is_empty (const QnetTurnQueue *queue)
{
  for (QnetTurnLink *link = queue->head.next; link != &queue->head; link = link->next)
    {
      if (get_watch (queue, link) != NULL)
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
  QnetTurnMark end = { { NULL, NULL }, queue->marks };
  QnetWatch *watch;
  guint n_served = 0;

  if (qnet_turn_queue_is_empty (queue))
    return 0;

  qnet_turn_queue_push (queue, &end.link);
  queue->marks = &end;

  for (; !is_over (n_served, until) && (watch = find_before (queue, &end.link, set)) != NULL;
       n_served++)
    serve (watch);

  queue->marks = end.outer;
  qnet_turn_queue_remove (&end.link);

  return n_served;
}
