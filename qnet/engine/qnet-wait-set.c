/* qnet-wait-set.c: what one object waits for, with the loop or without it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-wait-private.h"
#include "engine/qnet-reactor-private.h"

#include "engine/qnet-reactor-backend-private.h"

/* The most events that a wait hands out at once. */
#define MAX_EVENTS 32

/* Sets */

static void
leave_reactor (QnetWaitSet *set)
{
  if (set->reactor_link.data == NULL)
    return;

  g_queue_unlink (&set->reactor->sets, &set->reactor_link);
  set->reactor_link.data = NULL;
}

static void
stop_deadlines (QnetWaitSet *set)
{
  while (set->deadlines != NULL)
    qnet_deadline_stop (set->deadlines);
}

void
qnet_wait_set_init (QnetWaitSet *set,
                    QnetReactor *reactor)
{
  *set = (QnetWaitSet) { .reactor = qnet_reactor_ref (reactor), .reactor_link.data = set };

  g_queue_push_tail_link (&reactor->sets, &set->reactor_link);
}

void
qnet_wait_set_clear (QnetWaitSet *set)
{
  if (set->reactor == NULL)
    return;

  while (set->watches != NULL)
    qnet_watch_clear (set->watches);

  stop_deadlines (set);
  leave_reactor (set);
  g_clear_pointer (&set->reactor, qnet_reactor_unref);
}

/* The context has gone */

static void
orphan_watch (QnetWatch *watch)
{
  qnet_watch_clear (watch);

  if (watch->funcs->orphaned != NULL)
    watch->funcs->orphaned (watch);
}

/* Each callback may end any watch and any set: begin anew after it. */
void
qnet_reactor_orphan_sets (QnetReactor *reactor)
{
  QnetWaitSet *set;

  while ((set = g_queue_peek_head (&reactor->sets)) != NULL)
    {
      stop_deadlines (set);

      if (set->watches != NULL)
        orphan_watch (set->watches);
      else
        leave_reactor (set);
    }
}

/* One blocking wait. It polls for itself: the backend would tell of everybody. */

static inline gboolean
is_polled (QnetWatch *watch)
{
  return watch->fd != -1 && watch->interest != QNET_READINESS_NONE;
}

/* That a connection may be lost one day is nothing to wait for. */
static inline gboolean
is_awaited (QnetWatch *watch)
{
  return watch->fd != -1 && (watch->interest & ~QNET_READINESS_LOSS) != QNET_READINESS_NONE;
}

static gboolean
is_embedded_held (QnetReactor *reactor)
{
  return reactor->embedded != NULL && qnet_embedded_context_is_held (reactor->embedded);
}

static gboolean
has_deferrals (QnetWaitSet *set)
{
  for (QnetWatch *watch = set->watches; watch != NULL; watch = watch->set_next)
    if (watch->is_deferred)
      return TRUE;

  return FALSE;
}

static gboolean
has_flushes (QnetWaitSet *set)
{
  for (QnetWatch *watch = set->watches; watch != NULL; watch = watch->set_next)
    if (watch->is_flush_queued)
      return TRUE;

  return FALSE;
}

static gboolean
has_descriptors (QnetWaitSet *set)
{
  for (QnetWatch *watch = set->watches; watch != NULL; watch = watch->set_next)
    if (is_awaited (watch))
      return TRUE;

  return FALSE;
}

static gboolean
is_alive (QnetWaitSet *set)
{
  return set->reactor != NULL && !qnet_reactor_is_forked (set->reactor);
}

static gboolean
has_sources (QnetWaitSet *set)
{
  return set->deadlines != NULL || is_embedded_held (set->reactor)
         || has_descriptors (set) || has_deferrals (set) || has_flushes (set);
}

/* To wait for ever for nothing is what no caller means. */
static gboolean
can_happen (QnetWaitSet *set,
            gint64       until)
{
  return until != G_MAXINT64 || has_sources (set);
}

static int
choose_timeout (QnetWaitSet *set,
                gint64       until)
{
  if (has_deferrals (set))
    return 0;

  return qnet_clock_get_timeout (qnet_clock_now (), MIN (until, qnet_wait_set_get_due (set)));
}

static void
append_watches (GArray      *fds,
                QnetWaitSet *set)
{
  for (QnetWatch *watch = set->watches; watch != NULL; watch = watch->set_next)
    if (is_polled (watch))
      {
        GPollFD pfd = { watch->fd, qnet_readiness_to_poll (watch->interest), 0 };

        g_array_append_val (fds, pfd);
      }
}

/* The descriptors stand in the order of the watches. What finds no room is told the next time. */
static guint
collect_events (QnetWaitSet *set,
                QnetEvent   *events,
                guint        max_events)
{
  const GPollFD *pfd = (gconstpointer) set->reactor->wait_fds->data;
  guint n_events = 0;

  for (QnetWatch *watch = set->watches; watch != NULL && n_events < max_events;
       watch = watch->set_next)
    if (is_polled (watch) && pfd++->revents != 0)
      {
        events[n_events].slot = watch->slot;
        events[n_events].generation
          = qnet_reactor_get_slot (set->reactor, watch->slot)->generation;
        events[n_events].readiness = qnet_readiness_from_poll (pfd[-1].revents);
        n_events++;
      }

  return n_events;
}

/* What a signal interrupts is not repeated here, since time has passed. */
static void
poll_descriptors (GArray *fds,
                  int     timeout)
{
  if (g_poll ((gpointer) fds->data, fds->len, timeout) >= 0)
    return;

  for (guint i = 0; i < fds->len; i++)
    g_array_index (fds, GPollFD, i).revents = 0;
}

/* It only ends the poll: take_turns() looks at it. */
static void
append_interrupt (GArray *fds)
{
  GPollFD pollfd = { qnet_get_wait_interrupt_fd (), G_IO_IN, 0 };

  if (pollfd.fd != -1)
    g_array_append_val (fds, pollfd);
}

/* The watches first, then the caller's descriptor, what interrupts, and the private context's. No callback runs before
 * all are read: the array is the reactor's, and a wait inside a callback uses it too. */
static guint
poll_set (QnetWaitSet *set,
          gint64       until,
          GPollFD     *extra,
          QnetEvent   *events,
          guint        max_events)
{
  QnetReactor *reactor = set->reactor;
  gboolean is_embedded = is_embedded_held (reactor);
  GArray *fds = reactor->wait_fds;
  int timeout = choose_timeout (set, until);
  guint n_watched, n_ours, n_events;

  g_array_set_size (fds, 0);
  append_watches (fds, set);
  n_watched = fds->len;
  if (extra != NULL)
    g_array_append_val (fds, *extra);
  append_interrupt (fds);
  n_ours = fds->len;

  if (is_embedded)
    qnet_embedded_context_prepare (reactor->embedded, fds, &timeout);

  poll_descriptors (fds, timeout);
  n_events = collect_events (set, events, max_events);
  if (extra != NULL)
    extra->revents = g_array_index (fds, GPollFD, n_watched).revents;

  if (is_embedded)
    qnet_embedded_context_dispatch (reactor->embedded, &g_array_index (fds, GPollFD, n_ours),
                                    fds->len - n_ours);

  return n_events;
}

/* In the order of a dispatch of the loop. */
static gboolean
take_turn (QnetWaitSet *set,
           gint64       until,
           GPollFD     *extra)
{
  QnetReactor *reactor = set->reactor;
  QnetEvent events[MAX_EVENTS];
  guint n_events, n_served;

  reactor->turn++;
  qnet_reactor_serve_flushes (reactor, set);

  if (!can_happen (set, until))
    return FALSE;

  n_events = poll_set (set, until, extra, events, MAX_EVENTS);

  n_served = qnet_reactor_serve_events (reactor, events, n_events);
  qnet_reactor_serve_flushes (reactor, set);
  n_served += qnet_reactor_serve_ready (reactor, set, G_MAXINT64);

  if (set->reactor == reactor)
    n_served += qnet_wait_set_serve_deadlines (set, qnet_clock_now ());

  qnet_reactor_serve_flushes (reactor, set);

  return n_served > 0 || (extra != NULL && extra->revents != 0);
}

/* What happens may be nothing to us: a signal came, or the private context served another set. */
static gboolean
take_turns (QnetWaitSet *set,
            gint64       until,
            GPollFD     *extra)
{
  do
    if (take_turn (set, until, extra))
      return TRUE;
  while (can_happen (set, until) && qnet_clock_now () < until && !qnet_wait_is_interrupted ());

  return FALSE;
}

gboolean
qnet_wait_set_iterate (QnetWaitSet *set,
                       gint64       until)
{
  return qnet_wait_set_iterate_full (set, until, NULL);
}

gboolean
qnet_wait_set_iterate_full (QnetWaitSet *set,
                            gint64       until,
                            GPollFD     *extra)
{
  QnetReactor *reactor;
  GMainContext *pushed;
  gboolean has_happened;

  if (!is_alive (set))
    return FALSE;

  reactor = qnet_reactor_ref (set->reactor);
  pushed = qnet_reactor_enter (reactor);

  has_happened = take_turns (set, until, extra);

  qnet_reactor_leave (pushed);
  qnet_reactor_unref (reactor);

  return has_happened;
}

QnetWaitStep
qnet_wait_set_step (QnetWaitSet *set,
                    gint64       until)
{
  if (!is_alive (set))
    return QNET_WAIT_STEP_IN_VAIN;

  /* It may have been lost already. */
  if (!has_sources (set))
    return qnet_wait_set_iterate (set, qnet_clock_now ()) ? QNET_WAIT_STEP_HAPPENED : QNET_WAIT_STEP_IN_VAIN;

  if (qnet_wait_set_iterate (set, until))
    return QNET_WAIT_STEP_HAPPENED;

  if (qnet_wait_is_interrupted ())
    return QNET_WAIT_STEP_INTERRUPTED;

  return until != G_MAXINT64 ? QNET_WAIT_STEP_TIMED_OUT : QNET_WAIT_STEP_IN_VAIN;
}
