/* qnet-deadline.c: deadlines, and the heap that orders them
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "loop/qnet-reactor-private.h"

#include "loop/qnet-reactor-backend-private.h"

#define NOT_RUNNING G_MAXUINT

/* The clock */

static gint64 (*test_clock) (void) = NULL;

gint64
qnet_clock_now (void)
{
  return G_UNLIKELY (test_clock != NULL) ? test_clock () : g_get_monotonic_time ();
}

void
qnet_clock_set_for_tests (gint64 (*clock) (void))
{
  test_clock = clock;
}

gint64
qnet_clock_until (int msecs)
{
  return msecs < 0 ? G_MAXINT64 : qnet_clock_now () + (gint64) msecs * 1000;
}

/* Rounded up: rounded down, the last part of a millisecond would be a busy loop. */
int
qnet_clock_get_timeout (gint64 now,
                        gint64 due)
{
  if (due == G_MAXINT64)
    return -1;

  if (due <= now)
    return 0;

  return (int) MIN ((due - now - 1) / 1000 + 1, G_MAXINT);
}

/* The heap: each deadline has its index, so that it can be moved and removed */

static inline QnetDeadline *
heap_get (GPtrArray *heap,
          guint      i)
{
  return g_ptr_array_index (heap, i);
}

static inline void
heap_put (GPtrArray    *heap,
          guint         i,
          QnetDeadline *deadline)
{
  g_ptr_array_index (heap, i) = deadline;
  deadline->heap_index = i;
}

static guint
sift_up (GPtrArray    *heap,
         guint         i,
         QnetDeadline *deadline)
{
  while (i > 0 && heap_get (heap, (i - 1) / 2)->due > deadline->due)
    {
      heap_put (heap, i, heap_get (heap, (i - 1) / 2));
      i = (i - 1) / 2;
    }

  return i;
}

static guint
sift_down (GPtrArray    *heap,
           guint         i,
           QnetDeadline *deadline)
{
  for (guint child; (child = 2 * i + 1) < heap->len; i = child)
    {
      if (child + 1 < heap->len && heap_get (heap, child + 1)->due < heap_get (heap, child)->due)
        child++;

      if (heap_get (heap, child)->due >= deadline->due)
        break;

      heap_put (heap, i, heap_get (heap, child));
    }

  return i;
}

/* Finds the index for @deadline, beginning at the free index @i. */
static void
settle (GPtrArray    *heap,
        guint         i,
        QnetDeadline *deadline)
{
  i = sift_up (heap, i, deadline);
  i = sift_down (heap, i, deadline);
  heap_put (heap, i, deadline);
}

static void
heap_add (GPtrArray    *heap,
          QnetDeadline *deadline)
{
  g_ptr_array_add (heap, deadline);
  settle (heap, heap->len - 1, deadline);
}

static void
heap_remove (GPtrArray    *heap,
             QnetDeadline *deadline)
{
  guint i = deadline->heap_index;
  QnetDeadline *last = heap_get (heap, heap->len - 1);

  g_ptr_array_set_size (heap, heap->len - 1);
  deadline->heap_index = NOT_RUNNING;

  if (last != deadline)
    settle (heap, i, last);
}

/* The list of the set */

static void
join_set (QnetDeadline *deadline)
{
  deadline->set_next = deadline->set->deadlines;
  deadline->set->deadlines = deadline;
}

static void
leave_set (QnetDeadline *deadline)
{
  QnetDeadline **link = &deadline->set->deadlines;

  while (*link != deadline)
    link = &(*link)->set_next;

  *link = deadline->set_next;
  deadline->set_next = NULL;
}

static QnetDeadline *
find_first (QnetWaitSet *set)
{
  QnetDeadline *first = set->deadlines;

  for (QnetDeadline *deadline = first; deadline != NULL; deadline = deadline->set_next)
    if (deadline->due < first->due)
      first = deadline;

  return first;
}

/* For the reactor and blocking waits */

static void
fall_due (QnetDeadline *deadline)
{
  qnet_deadline_stop (deadline);
  deadline->func (deadline);
}

QnetDeadline *
qnet_reactor_get_first_deadline (QnetReactor *reactor)
{
  return reactor->deadlines->len > 0 ? heap_get (reactor->deadlines, 0) : NULL;
}

gint64
qnet_wait_set_get_due (QnetWaitSet *set)
{
  QnetDeadline *first = find_first (set);

  return first != NULL ? first->due : G_MAXINT64;
}

void
qnet_reactor_serve_deadlines (QnetReactor *reactor,
                              gint64       now)
{
  QnetDeadline *first;

  while ((first = qnet_reactor_get_first_deadline (reactor)) != NULL && first->due <= now)
    fall_due (first);
}

/* A callback may clear the set, which has no deadlines then, or move it to another reactor. */
guint
qnet_wait_set_serve_deadlines (QnetWaitSet *set,
                               gint64       now)
{
  QnetDeadline *first;
  guint n_served = 0;

  for (; (first = find_first (set)) != NULL && first->due <= now; n_served++)
    fall_due (first);

  return n_served;
}

/* Deadlines */

void
qnet_deadline_init (QnetDeadline     *deadline,
                    QnetDeadlineFunc  func,
                    QnetWaitSet      *set)
{
  *deadline = (QnetDeadline) { .func = func, .set = set, .heap_index = NOT_RUNNING };
}

void
qnet_deadline_start (QnetDeadline *deadline,
                     gint64        due)
{
  GPtrArray *heap = deadline->set->reactor->deadlines;

  deadline->due = due;

  if (qnet_deadline_is_running (deadline))
    {
      settle (heap, deadline->heap_index, deadline);
      return;
    }

  join_set (deadline);
  heap_add (heap, deadline);
}

void
qnet_deadline_stop (QnetDeadline *deadline)
{
  if (!qnet_deadline_is_running (deadline))
    return;

  leave_set (deadline);
  heap_remove (deadline->set->reactor->deadlines, deadline);
}

gboolean
qnet_deadline_is_running (const QnetDeadline *deadline)
{
  return deadline->heap_index != NOT_RUNNING;
}

void
qnet_deadline_move (QnetDeadline *deadline,
                    QnetWaitSet  *set)
{
  g_assert (deadline->set->reactor == set->reactor);

  if (qnet_deadline_is_running (deadline))
    leave_set (deadline);

  deadline->set = set;
  if (qnet_deadline_is_running (deadline))
    join_set (deadline);
}
