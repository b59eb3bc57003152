/* qnet-wait-set.c: the watches and deadlines of one object, and blocking waits
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-wait-private.h"
#include "loop/qnet-reactor-private.h"

#include "base/qnet-reserve-private.h"
#include "loop/qnet-reactor-backend-private.h"

#include "qnet-error.h"

/* The most events that a wait serves at once. */
#define MAX_EVENTS 32

/* Milliseconds between two checks of a cancellable that has no descriptor to be woken up by. */
#define LOOK_INTERVAL 50

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

/* The reactor comes last, for threads that look for one. */
static void
join_reactor (QnetWaitSet *set,
              QnetReactor *reactor)
{
  set->reactor_link = (GList) { .data = set };
  g_queue_push_tail_link (&reactor->sets, &set->reactor_link);
  __atomic_store_n (&set->reactor, qnet_reactor_ref (reactor), __ATOMIC_RELEASE);
}

void
qnet_wait_set_init (QnetWaitSet *set,
                    QnetReactor *reactor)
{
  set->watches = NULL;
  set->deadlines = NULL;
  join_reactor (set, reactor);
}

static void
stop_all (QnetWaitSet *set)
{
  while (set->watches != NULL)
    qnet_watch_clear (set->watches);

  stop_deadlines (set);
  leave_reactor (set);
}

void
qnet_wait_set_clear (QnetWaitSet *set)
{
  if (set->reactor == NULL)
    return;

  stop_all (set);
  g_clear_pointer (&set->reactor, qnet_reactor_unref);
}

void
qnet_wait_set_move (QnetWaitSet *set,
                    QnetReactor *reactor)
{
  QnetReactor *old = set->reactor;

  stop_all (set);
  qnet_reactor_lock_all ();
  join_reactor (set, reactor);
  qnet_reactor_unlock_all ();
  qnet_reactor_unref (old);
}

/* The context was freed */

static void
orphan_watch (QnetWatch *watch)
{
  qnet_watch_clear (watch);

  if (watch->funcs->orphaned != NULL)
    watch->funcs->orphaned (watch);
}

/* A callback may clear any watch and any set: begin again after it. */
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

/* One blocking wait. It calls poll() itself: the backend would report the events of all sets. */

static inline gboolean
is_polled (QnetWatch *watch)
{
  return watch->fd != -1 && watch->interest != QNET_READINESS_NONE;
}

/* A watch for the loss of a connection alone is not waited for. */
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
    if (qnet_watch_is_deferred (watch))
      return TRUE;

  return FALSE;
}

static gboolean
has_flushes (QnetWaitSet *set)
{
  for (QnetWatch *watch = set->watches; watch != NULL; watch = watch->set_next)
    if (qnet_watch_is_flush_queued (watch))
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

/* Waiting without limit for nothing is never intended. */
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

/* The descriptors are in the order of the watches. Events that do not fit are reported the next
 * time. */
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

/* After EINTR poll() is not repeated here, since time has passed. */
static void
poll_descriptors (GArray *fds,
                  int     timeout)
{
  if (g_poll ((gpointer) fds->data, fds->len, timeout) >= 0)
    return;

  for (guint i = 0; i < fds->len; i++)
    g_array_index (fds, GPollFD, i).revents = 0;
}

/* It only ends the poll: take_turns() checks it. */
static void
append_interrupt (GArray *fds)
{
  GPollFD pollfd = { qnet_get_wait_interrupt_fd (), G_IO_IN, 0 };

  if (pollfd.fd != -1)
    g_array_append_val (fds, pollfd);
}

/* The watches first, then the descriptors of the caller, of interruption, and of the private
 * context. No callback is called before all are read: the array belongs to the reactor, and a wait
 * in a callback uses it as well. */
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

/* In the same order as a dispatch of the loop. */
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

/* The event may not concern this set: a signal has arrived, or the private context has served
 * another set. */
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

QnetReactor *
qnet_wait_set_begin_blocking (QnetWaitSet *set)
{
  if (set->reactor == NULL)
    return NULL;

  g_atomic_int_inc (&set->reactor->n_waits);

  return qnet_reactor_ref (set->reactor);
}

void
qnet_reactor_end_blocking (QnetReactor *reactor)
{
  if (reactor == NULL)
    return;

  g_atomic_int_add (&reactor->n_waits, -1);
  qnet_reactor_unref (reactor);
}

gboolean
qnet_reactor_is_blocking (QnetReactor *reactor)
{
  return g_atomic_int_get (&reactor->n_waits) > 0;
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

  reactor = qnet_wait_set_begin_blocking (set);
  pushed = qnet_reactor_enter (reactor);

  qnet_reactor_serve_drops (reactor);
  has_happened = set->reactor == reactor && take_turns (set, until, extra);

  qnet_reactor_leave (pushed);
  qnet_reactor_end_blocking (reactor);

  return has_happened;
}

/* GLib ends the process if there is no descriptor for a cancellable: then it is checked from time
 * to time. */
static gboolean
iterate_cancellable (QnetWaitSet          *set,
                     const QnetWaitLimits *limits)
{
  GPollFD pollfd;
  gboolean has_happened;
  int error_number;

  if (limits->cancellable != NULL && !qnet_reserve_can_make_context (&error_number))
    {
      qnet_wait_set_iterate (set, MIN (limits->until, qnet_clock_until (LOOK_INTERVAL)));
      return qnet_clock_now () < limits->until;
    }

  if (!g_cancellable_make_pollfd (limits->cancellable, &pollfd))
    return qnet_wait_set_iterate (set, limits->until);

  has_happened = qnet_wait_set_iterate_full (set, limits->until, &pollfd);
  g_cancellable_release_fd (limits->cancellable);

  return has_happened;
}

void
qnet_wait_limits_init (QnetWaitLimits *limits,
                       int             msecs,
                       GCancellable   *cancellable)
{
  *limits = (QnetWaitLimits) { msecs, qnet_clock_until (msecs), cancellable };
}

QnetWaitStep
qnet_wait_set_step (QnetWaitSet          *set,
                    const QnetWaitLimits *limits)
{
  if (g_cancellable_is_cancelled (limits->cancellable))
    return QNET_WAIT_STEP_CANCELLED;

  if (!is_alive (set))
    return QNET_WAIT_STEP_NO_EVENTS;

  /* It may already have been removed. */
  if (!has_sources (set))
    return qnet_wait_set_iterate (set, qnet_clock_now ()) ? QNET_WAIT_STEP_HAPPENED
                                                          : QNET_WAIT_STEP_NO_EVENTS;

  if (iterate_cancellable (set, limits))
    return QNET_WAIT_STEP_HAPPENED;

  if (qnet_wait_is_interrupted ())
    return QNET_WAIT_STEP_INTERRUPTED;

  return limits->until != G_MAXINT64 ? QNET_WAIT_STEP_TIMED_OUT : QNET_WAIT_STEP_NO_EVENTS;
}

gboolean
qnet_wait_step_is_stopped (QnetWaitStep           step,
                           const QnetWaitLimits  *limits,
                           GError               **error)
{
  switch (step)
    {
    case QNET_WAIT_STEP_CANCELLED:
      g_cancellable_set_error_if_cancelled (limits->cancellable, error);
      return TRUE;
    case QNET_WAIT_STEP_INTERRUPTED:
      return TRUE;
    case QNET_WAIT_STEP_HAPPENED:
    case QNET_WAIT_STEP_TIMED_OUT:
    case QNET_WAIT_STEP_NO_EVENTS:
      return FALSE;
    }

  g_assert_not_reached ();
}

GError *
qnet_wait_set_step_unlimited (QnetWaitSet *set,
                              const char  *interrupted,
                              const char  *stuck)
{
  const QnetWaitLimits no_limits = { -1, G_MAXINT64, NULL };
  QnetWaitStep step = qnet_wait_set_step (set, &no_limits);

  if (step == QNET_WAIT_STEP_HAPPENED)
    return NULL;

  if (step == QNET_WAIT_STEP_INTERRUPTED)
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, interrupted);

  return g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION, stuck);
}
