/* qnet-work-pool.c: work that can block for a long time, in threads of its own
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "loop/qnet-work-pool-private.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/qnet-state-machine-private.h"

#define IDLE_TIME 5  /* seconds until a thread without work ends */

/* POSIX locks: thread checkers support them, and they need no descriptor. */
struct _QnetWorkPool
{
  char            *name;         /* (owned): of the threads */
  guint            max_running;
  guint            max_threads;

  pthread_mutex_t  lock;         /* protects what follows, and the state of each work */
  pthread_cond_t   has_work;
  GQueue           queue;        /* of QnetWork */
  guint            n_threads;
  guint            n_idle;       /* threads that wait for work, or were just created */
  guint            n_running;    /* without those whose work is abandoned */
};

/* The state of a work */

#define TO(state) QNET_TO (QNET_WORK_##state)

static const QnetEdges edges[] = {
  [QNET_WORK_NEW]       = TO (QUEUED),
  [QNET_WORK_QUEUED]    = TO (RUNNING) | TO (NEW),
  [QNET_WORK_RUNNING]   = TO (ABANDONED),
  [QNET_WORK_ABANDONED] = TO (RUNNING),
};

#undef TO

/* The only writer of the state. With the lock of the pool. */
static void
set_state (QnetWork      *work,
           QnetWorkState  state)
{
  QNET_CHECK_EDGE (edges, work->state, state);

  work->state = state;
}

/* The threads */

static gboolean
may_begin (QnetWorkPool *self)
{
  return self->queue.length > 0 && self->n_running < self->max_running;
}

static void
run_next (QnetWorkPool *self)
{
  QnetWork *work = g_queue_peek_head (&self->queue);

  g_queue_unlink (&self->queue, &work->link);
  set_state (work, QNET_WORK_RUNNING);
  self->n_running++;
  self->n_idle--;
  pthread_mutex_unlock (&self->lock);

  work->run (work);

  pthread_mutex_lock (&self->lock);
  if (work->state == QNET_WORK_RUNNING)
    self->n_running--;
  self->n_idle++;
  pthread_mutex_unlock (&self->lock);

  work->free (work);

  pthread_mutex_lock (&self->lock);
}

/* FALSE: there was none for some time. Setting the clock meanwhile makes it shorter or longer. */
static gboolean
wait_for_work (QnetWorkPool *self)
{
  struct timespec until;

  clock_gettime (CLOCK_REALTIME, &until);
  until.tv_sec += IDLE_TIME;

  while (!may_begin (self))
    if (pthread_cond_timedwait (&self->has_work, &self->lock, &until) != 0)
      return may_begin (self);

  return TRUE;
}

static gpointer
thread_main (gpointer data)
{
  QnetWorkPool *self = data;

  pthread_mutex_lock (&self->lock);

  while (wait_for_work (self))
    run_next (self);

  self->n_idle--;
  self->n_threads--;
  pthread_mutex_unlock (&self->lock);

  return NULL;
}

/* Signals are delivered to the threads of the application only. */
static gboolean
make_thread (QnetWorkPool *self)
{
  GThread *thread;
  sigset_t all, previous;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &previous);
  thread = g_thread_try_new (self->name, thread_main, self, NULL);
  pthread_sigmask (SIG_SETMASK, &previous, NULL);

  if (thread == NULL)
    return FALSE;

  g_thread_unref (thread);
  self->n_threads++;
  self->n_idle++;

  return TRUE;
}

/* A thread that was woken up counts as idle until it has taken its work, so that two works that are
 * added together do not wait for the same thread. */
static void
provide_thread (QnetWorkPool *self)
{
  guint n_places = self->max_running - MIN (self->n_running, self->max_running);
  guint n_wanted = MIN (self->queue.length, n_places);

  if (n_wanted > self->n_idle && self->n_threads < self->max_threads)
    make_thread (self);

  pthread_cond_signal (&self->has_work);
}

/* Public functions */

QnetWorkPool *
qnet_work_pool_new (const char *name,
                    guint       max_running,
                    guint       max_threads)
{
  QnetWorkPool *self = g_new0 (QnetWorkPool, 1);

  self->name = g_strdup (name);
  self->max_running = max_running;
  self->max_threads = max_threads;
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->has_work, NULL);
  g_queue_init (&self->queue);

  return self;
}

void
qnet_work_pool_free (QnetWorkPool *self)
{
  g_assert (self->n_threads == 0 && self->queue.length == 0);

  pthread_cond_destroy (&self->has_work);
  pthread_mutex_destroy (&self->lock);
  g_free (self->name);
  g_free (self);
}

gboolean
qnet_work_pool_submit (QnetWorkPool *self,
                       QnetWork     *work)
{
  gboolean has_thread;

  pthread_mutex_lock (&self->lock);

  set_state (work, QNET_WORK_QUEUED);
  work->link = (GList) { .data = work };
  g_queue_push_tail_link (&self->queue, &work->link);
  provide_thread (self);

  has_thread = self->n_threads > 0;
  if (!has_thread)
    {
      g_queue_unlink (&self->queue, &work->link);
      set_state (work, QNET_WORK_NEW);
    }

  pthread_mutex_unlock (&self->lock);

  return has_thread;
}

gboolean
qnet_work_pool_withdraw (QnetWorkPool *self,
                         QnetWork     *work)
{
  gboolean had_begun;

  pthread_mutex_lock (&self->lock);

  had_begun = work->state != QNET_WORK_QUEUED;

  if (!had_begun)
    {
      g_queue_unlink (&self->queue, &work->link);
      set_state (work, QNET_WORK_NEW);
    }
  else if (work->state == QNET_WORK_RUNNING)
    {
      set_state (work, QNET_WORK_ABANDONED);
      self->n_running--;
      provide_thread (self);
    }

  pthread_mutex_unlock (&self->lock);

  return !had_begun;
}

void
qnet_work_pool_reclaim (QnetWorkPool *self,
                        QnetWork     *work)
{
  pthread_mutex_lock (&self->lock);

  if (work->state == QNET_WORK_ABANDONED)
    {
      set_state (work, QNET_WORK_RUNNING);
      self->n_running++;
    }

  pthread_mutex_unlock (&self->lock);
}
