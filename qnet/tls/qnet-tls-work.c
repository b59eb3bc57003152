/* qnet-tls-work.c: a step of a handshake that can block, in a thread of its own
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-work-private.h"

#include "base/qnet-container-private.h"
#include "base/qnet-syscall-private.h"
#include "loop/qnet-work-pool-private.h"

/* A work that was abandoned still counts: it cannot be interrupted. */
#define MAX_THREADS 256

/* The pool and the owner have a reference each, and so has the source of the result. */
struct _QnetTlsWork
{
  QnetWork         work;
  gatomicrefcount  ref_count;
  QnetReactor     *reactor;    /* (owned) (nullable): its embedded context is held until the end */
  GMainContext    *context;    /* (owned): of the result */
  void           (*run)  (gpointer data);
  gpointer         data;       /* (owned) */
  GDestroyNotify   free_data;
  void           (*done) (gpointer owner);
  gpointer         owner;      /* (nullable): NULL once it does not need it any more */
  gboolean         is_done;
  int              is_abandoned;  /* gboolean (atomic) */
};

/* Threads of a parent process do not run in its child, which needs a pool of its own. */
typedef struct
{
  guint         fork_epoch;
  QnetWorkPool *pool;
} Pool;

static Pool *the_pool = NULL;  /* (atomic) (nullable) */

static void
work_unref (gpointer data)
{
  QnetTlsWork *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  self->free_data (self->data);
  g_main_context_unref (self->context);
  g_free (self);
}

static QnetTlsWork *
work_ref (QnetTlsWork *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static Pool *
pool_new (void)
{
  Pool *pool = g_new (Pool, 1);

  pool->fork_epoch = qnet_fork_epoch ();
  pool->pool = qnet_work_pool_new ("qnet-tls", MAX_THREADS, MAX_THREADS);

  return pool;
}

/* Lock-free: a fork in another thread could leave a lock locked forever. */
static QnetWorkPool *
get_pool (void)
{
  Pool *current = g_atomic_pointer_get (&the_pool);
  Pool *made;

  if (current != NULL && current->fork_epoch == qnet_fork_epoch ())
    return current->pool;

  made = pool_new ();
  if (g_atomic_pointer_compare_and_exchange (&the_pool, current, made))
    return made->pool;

  qnet_work_pool_free (made->pool);
  g_free (made);

  return ((Pool *) g_atomic_pointer_get (&the_pool))->pool;
}

static void
release_reactor (QnetTlsWork *self)
{
  if (self->reactor == NULL)
    return;

  qnet_reactor_release_embedded_context (self->reactor);
  g_clear_pointer (&self->reactor, qnet_reactor_unref);
}

static gboolean
done_cb (gpointer data)
{
  QnetTlsWork *self = data;

  if (self->owner == NULL)
    return G_SOURCE_REMOVE;

  self->is_done = TRUE;
  release_reactor (self);
  self->done (self->owner);

  return G_SOURCE_REMOVE;
}

static void
work_run (QnetWork *work)
{
  QnetTlsWork *self = CONTAINER_OF (work, QnetTlsWork, work);
  g_autoptr(GSource) source = NULL;

  if (g_atomic_int_get (&self->is_abandoned))
    return;

  self->run (self->data);

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[qnet] TLS");
  g_source_set_callback (source, done_cb, work_ref (self), work_unref);
  g_source_attach (source, self->context);
}

static void
work_free (QnetWork *work)
{
  work_unref (CONTAINER_OF (work, QnetTlsWork, work));
}

QnetTlsWork *
qnet_tls_work_start (QnetReactor     *reactor,
                     void           (*run)  (gpointer data),
                     gpointer         data,
                     GDestroyNotify   free_data,
                     void           (*done) (gpointer owner),
                     gpointer         owner)
{
  QnetTlsWork *self = g_new0 (QnetTlsWork, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->work.run = work_run;
  self->work.free = work_free;
  self->run = run;
  self->data = data;
  self->free_data = free_data;
  self->done = done;
  self->owner = owner;

  qnet_reactor_push_embedded_context (reactor);
  self->context = g_main_context_ref_thread_default ();
  qnet_reactor_pop_embedded_context (reactor);

  work_ref (self);
  if (!qnet_work_pool_submit (get_pool (), &self->work))
    {
      g_main_context_unref (self->context);
      g_free (self);
      return NULL;
    }

  self->reactor = qnet_reactor_ref (reactor);
  qnet_reactor_hold_embedded_context (reactor);

  return self;
}

gpointer
qnet_tls_work_get_data (QnetTlsWork *self)
{
  return self->data;
}

gboolean
qnet_tls_work_is_done (QnetTlsWork *self)
{
  return self->is_done;
}

void
qnet_tls_work_move (QnetTlsWork *self,
                    gpointer     owner)
{
  self->owner = owner;
  if (self->is_done)
    self->done (owner);
}

void
qnet_tls_work_abandon (QnetTlsWork *self)
{
  self->owner = NULL;
  g_atomic_int_set (&self->is_abandoned, TRUE);
  release_reactor (self);
}

void
qnet_tls_work_free (QnetTlsWork *self)
{
  qnet_tls_work_abandon (self);
  work_unref (self);
}
