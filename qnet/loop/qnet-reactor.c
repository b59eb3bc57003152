/* qnet-reactor.c: one GSource per GMainContext, for all descriptors of its sockets
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "loop/qnet-reactor-private.h"

#include <pthread.h>
#include <unistd.h>

#include <gio/gio.h>

#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "base/qnet-state-machine-private.h"
#include "base/qnet-syscall-private.h"
#include "base/qnet-thread-private.h"
#include "loop/qnet-reactor-backend-private.h"

/* Limits the time for which many events delay lower priorities (redrawing, idle sources). */
#define MAX_WORK (8 * 1000)  /* microseconds */

/* GMainContext -> QnetReactor, neither of them owned: the entry is removed when the context is
 * freed. */
static GHashTable *reactors = NULL;
static pthread_mutex_t reactors_mutex = PTHREAD_MUTEX_INITIALIZER;

/* The default context. GLib creates it on first use, and ends the process if no descriptor is
 * available. NULL if it did not exist at the first call, and cannot be created now. Inside a
 * dispatch it exists: usually it is the one that dispatches. */
static GMainContext *
get_default_context (void)
{
  static int is_there = FALSE;  /* (atomic) */
  GMainContext *context;
  int error_number;

  if (g_atomic_int_get (&is_there) || g_main_depth () > 0)
    return g_main_context_default ();

  context = qnet_reserve_get_default_context (&error_number);
  g_atomic_int_set (&is_there, context != NULL);

  return context;
}

/* ThreadSanitizer cannot see into GMutex. */
void
qnet_reactor_lock_all (void)
{
  pthread_mutex_lock (&reactors_mutex);
}

void
qnet_reactor_unlock_all (void)
{
  pthread_mutex_unlock (&reactors_mutex);
}

/* The state */

static void
set_state (QnetReactor      *reactor,
           QnetReactorState  state)
{
  static const QnetEdges edges[] = {
    [QNET_REACTOR_ATTACHED] = QNET_TO (QNET_REACTOR_DETACHED) | QNET_TO (QNET_REACTOR_ORPHAN),
    [QNET_REACTOR_DETACHED] = QNET_TO (QNET_REACTOR_ORPHAN),
    [QNET_REACTOR_ORPHAN]   = 0,
  };

  QNET_CHECK_EDGE (edges, reactor->state, state);
  reactor->state = state;
}

/* The context as thread default */

static gboolean
is_thread_default (GMainContext *context)
{
  GMainContext *pushed = g_main_context_get_thread_default ();

  return context == (pushed != NULL ? pushed : get_default_context ());
}

/* Pushing allocates memory; and the context that is iterated is nearly always the thread
 * default. */
GMainContext *
qnet_reactor_enter (QnetReactor *reactor)
{
  GMainContext *context = qnet_reactor_get_context (reactor);

  if (context == NULL || is_thread_default (context))
    return NULL;

  g_main_context_push_thread_default (context);

  return context;
}

void
qnet_reactor_leave (GMainContext *pushed)
{
  if (pushed != NULL)
    g_main_context_pop_thread_default (pushed);
}

/* A turn of the loop */

static int
get_timeout (QnetReactor *reactor)
{
  QnetDeadline *first = qnet_reactor_get_first_deadline (reactor);

  return first != NULL ? qnet_clock_get_timeout (qnet_clock_now (), first->due) : -1;
}

/* The last chance to send before the loop sleeps. */
static void
flush_before_sleep (QnetReactor *reactor)
{
  GMainContext *pushed;

  if (qnet_turn_queue_is_empty (&reactor->flush_queue))
    return;

  pushed = qnet_reactor_enter (reactor);
  qnet_reactor_serve_flushes (reactor, NULL);
  qnet_reactor_leave (pushed);
}

/* In the child of a fork the source destroys itself, and orphans its watches: the descriptors that
 * they watch are those of the parent. */
static gboolean
reactor_prepare (GSource *source,
                 int     *timeout)
{
  QnetReactor *reactor = (QnetReactor *) source;

  if (qnet_reactor_is_forked (reactor))
    {
      g_source_destroy (source);
      return FALSE;
    }

  if (!reactor->has_loop || !qnet_reactor_is_in_thread (reactor))
    qnet_reactor_take_thread (reactor);
  reactor->has_loop = TRUE;
  reactor->turn++;
  flush_before_sleep (reactor);

  if (reactor->yields && qnet_reactor_continue_yield (reactor))
    {
      *timeout = 0;
      return FALSE;
    }

  *timeout = get_timeout (reactor);

  return *timeout == 0 || !qnet_turn_queue_is_empty (&reactor->ready_queue);
}

/* If there is nothing to dispatch here, it does not follow that lower priorities can run: another
 * source may be ready. So only the end of a yield resets what was worked. */
static gboolean
reactor_check (GSource *source)
{
  QnetReactor *reactor = (QnetReactor *) source;

  if (reactor->yields)
    return FALSE;

  return reactor->backend->has_events (reactor)
         || !qnet_turn_queue_is_empty (&reactor->ready_queue)
         || get_timeout (reactor) == 0;
}

static void
serve_descriptors (QnetReactor *reactor)
{
  QnetEvent events[QNET_MAX_EVENTS];
  guint n_events = reactor->backend->collect (reactor, events, QNET_MAX_EVENTS);

  qnet_reactor_serve_events (reactor, events, n_events);
}

/* Calls that an event has deferred run in the same dispatch, after sending what it wrote; if there
 * are very many of them, the rest waits for the next dispatch. */
static void
take_turn (QnetReactor *reactor,
           gint64       until)
{
  serve_descriptors (reactor);
  qnet_reactor_serve_flushes (reactor, NULL);
  qnet_reactor_serve_ready (reactor, NULL, until);

  if (qnet_reactor_get_first_deadline (reactor) != NULL)
    qnet_reactor_serve_deadlines (reactor, qnet_clock_now ());

  qnet_reactor_serve_flushes (reactor, NULL);
}

static gboolean
reactor_dispatch (GSource     *source,
                  GSourceFunc  callback,
                  gpointer     user_data)
{
  QnetReactor *reactor = (QnetReactor *) source;
  gint64 begin = qnet_clock_now ();
  GMainContext *pushed = qnet_reactor_enter (reactor);

  take_turn (reactor, begin + MAX_WORK);
  qnet_reactor_leave (pushed);

  reactor->worked += qnet_clock_now () - begin;
  if (reactor->worked >= MAX_WORK)
    qnet_reactor_begin_yield (reactor);
  else if (reactor->yield != NULL)
    qnet_reactor_remove_yield (reactor);

  return G_SOURCE_CONTINUE;
}

/* The end of the context */

static void
forget (QnetReactor *reactor)
{
  qnet_reactor_lock_all ();

  reactor->is_forgotten = TRUE;
  if (g_hash_table_lookup (reactors, reactor->key) == reactor)
    g_hash_table_remove (reactors, reactor->key);

  qnet_reactor_unlock_all ();
}

/* From now on the reactor is like a detached one. */
static void
leave_loop (QnetReactor *reactor)
{
  set_state (reactor, QNET_REACTOR_ORPHAN);
  qnet_reactor_remove_yield (reactor);
  reactor->backend->close (reactor);
  reactor->backend = &qnet_reactor_backend_null;

  if (reactor->embedded != NULL)
    qnet_embedded_context_detach (reactor->embedded);
}

/* Called when the source is destroyed, which is when its context is: finalize would be too late,
 * since sets hold references. The context has already removed the source, and must not be used. Its
 * memory still exists, so no new context has its address in the table. */
static void
orphan_cb (gpointer user_data)
{
  QnetReactor *reactor = user_data;

  forget (reactor);
  leave_loop (reactor);
  qnet_reactor_orphan_sets (reactor);
  qnet_reactor_end_drops (reactor);

  if (reactor->embedded != NULL && !qnet_reactor_is_forked (reactor))
    qnet_embedded_context_drain (reactor->embedded);
}

static void
reactor_finalize (GSource *source)
{
  QnetReactor *reactor = (QnetReactor *) source;

  reactor->backend->close (reactor);
  g_clear_pointer (&reactor->embedded, qnet_embedded_context_free);
  g_ptr_array_unref (reactor->polled);
  g_ptr_array_unref (reactor->deadlines);
  g_array_unref (reactor->slots);
  g_array_unref (reactor->wait_fds);
  g_clear_pointer (&reactor->life, qnet_thread_life_unref);
  qnet_chunk_pool_clear (&reactor->chunk_pool);
}

static GSourceFuncs reactor_funcs = {
  reactor_prepare,
  reactor_check,
  reactor_dispatch,
  reactor_finalize,
  NULL,
  NULL
};

/* Creating a reactor */

static const QnetReactorBackend *
choose_backend (void)
{
#ifdef HAVE_EPOLL
  const char *name = g_getenv ("QNET_REACTOR");

  if (!g_str_equal (name != NULL ? name : QNET_DEFAULT_REACTOR, "poll"))
    return &qnet_reactor_backend_epoll;
#endif

  return &qnet_reactor_backend_poll;
}

static QnetReactor *
new_reactor (void)
{
  GSource *source = g_source_new (&reactor_funcs, sizeof (QnetReactor));
  QnetReactor *reactor = (QnetReactor *) source;

  g_source_set_static_name (source, "[qnet] reactor");

  reactor->backend = &qnet_reactor_backend_null;
  reactor->fork_epoch = qnet_fork_epoch ();
  reactor->thread = qnet_thread_self ();
  reactor->epoll.fd = -1;
  reactor->polled = g_ptr_array_new_with_free_func (g_free);
  reactor->slots = g_array_new (FALSE, TRUE, sizeof (QnetSlot));
  reactor->deadlines = g_ptr_array_new ();
  reactor->wait_fds = g_array_new (FALSE, TRUE, sizeof (GPollFD));
  qnet_turn_queue_init (&reactor->ready_queue, G_STRUCT_OFFSET (QnetWatch, ready_link));
  qnet_turn_queue_init (&reactor->flush_queue, G_STRUCT_OFFSET (QnetWatch, flush_link));

  return reactor;
}

static QnetReactor *
new_detached (void)
{
  QnetReactor *reactor = new_reactor ();

  set_state (reactor, QNET_REACTOR_DETACHED);

  return reactor;
}

/* A source that may not recurse would need two wake-ups per dispatch, and a nested loop in a
 * handler would not serve any socket. */
static QnetReactor *
new_attached (GMainContext *context)
{
  QnetReactor *reactor = new_reactor ();
  GSource *source = &reactor->source;

  qnet_reserve_fill ();  /* descriptors that were used up since */

  reactor->key = context;
  reactor->backend = choose_backend ();
  if (!reactor->backend->open (reactor))
    reactor->backend = &qnet_reactor_backend_poll;

  g_source_set_can_recurse (source, TRUE);
  g_source_set_callback (source, NULL, reactor, orphan_cb);
  g_source_attach (source, context);

  return reactor;
}

/* Finding a reactor */

/* If it cannot be determined, a thread that has pushed no context counts as the main thread. */
static gboolean
is_main_thread (void)
{
#ifdef __linux__
  return gettid () == getpid ();
#else
  return TRUE;
#endif
}

static GMainContext *
find_context (void)
{
  GMainContext *pushed = g_main_context_get_thread_default ();
  GMainContext *global;

  if (pushed != NULL)
    return pushed;

  global = get_default_context ();
  if (global == NULL)
    return NULL;

  return is_main_thread () || g_main_context_is_owner (global) ? global : NULL;
}

/* (transfer full); @out_inherited: the reactor of the parent process that it replaces */
static QnetReactor *
find_or_make (GMainContext  *context,
              QnetReactor  **out_inherited)
{
  QnetReactor *reactor;

  if (reactors == NULL)
    reactors = g_hash_table_new (NULL, NULL);

  reactor = g_hash_table_lookup (reactors, context);

  if (reactor != NULL && !qnet_reactor_is_forked (reactor))
    return qnet_reactor_ref (reactor);

  if (reactor != NULL)
    *out_inherited = qnet_reactor_ref (reactor);

  reactor = new_attached (context);
  g_hash_table_replace (reactors, context, reactor);

  return reactor;
}

QnetReactor *
qnet_reactor_get (void)
{
  GMainContext *context = find_context ();
  QnetReactor *inherited = NULL;
  QnetReactor *reactor;

  if (context == NULL)
    return new_detached ();

  qnet_reactor_lock_all ();
  reactor = find_or_make (context, &inherited);
  qnet_reactor_unlock_all ();

  if (inherited != NULL)
    {
      g_source_destroy (&inherited->source);
      qnet_reactor_unref (inherited);
    }

  return reactor;
}

/* Public API */

void
qnet_reactor_prepare (void)
{
  get_default_context ();
  qnet_reserve_fill ();
  qnet_prepare_fence ();
}

gboolean
qnet_reactor_check_loop (GError **error)
{
  if (find_context () != NULL)
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       _("The socket is used without a main loop; use the blocking functions"));
  return FALSE;
}

QnetReactor *
qnet_reactor_ref (QnetReactor *reactor)
{
  g_source_ref (&reactor->source);

  return reactor;
}

void
qnet_reactor_unref (QnetReactor *reactor)
{
  g_source_unref (&reactor->source);
}

gboolean
qnet_reactor_is_detached (QnetReactor *reactor)
{
  return reactor->state == QNET_REACTOR_DETACHED;
}

guint
qnet_reactor_get_turn (QnetReactor *reactor)
{
  return reactor->turn << 1 | 1;
}

/* A context that is being destroyed destroys its sources one by one: handlers may look the reactor
 * up before its own source is destroyed, when the context no longer exists. */
gboolean
qnet_reactor_is_orphan (QnetReactor *reactor)
{
  return reactor->state == QNET_REACTOR_ORPHAN
         || (reactor->state == QNET_REACTOR_ATTACHED
             && g_source_get_context (&reactor->source) == NULL);
}

gboolean
qnet_reactor_is_forked (QnetReactor *reactor)
{
  return reactor->fork_epoch != qnet_fork_epoch ();
}

/* A detached reactor is in no loop. */
void
qnet_reactor_orphan_forked (QnetReactor *reactor)
{
  if (!qnet_reactor_is_forked (reactor) || reactor->state == QNET_REACTOR_ORPHAN)
    return;

  qnet_reactor_ref (reactor);

  if (reactor->state == QNET_REACTOR_ATTACHED)
    {
      g_source_destroy (&reactor->source);
    }
  else
    {
      leave_loop (reactor);
      qnet_reactor_orphan_sets (reactor);
    }

  qnet_reactor_unref (reactor);
}

gboolean
qnet_reactor_has_loop (QnetReactor *reactor)
{
  return reactor->has_loop;
}

QnetChunkPool *
qnet_reactor_get_chunk_pool (QnetReactor *reactor)
{
  return &reactor->chunk_pool;
}

GMainContext *
qnet_reactor_get_context (QnetReactor *reactor)
{
  if (reactor->state != QNET_REACTOR_ATTACHED)
    return NULL;

  return g_source_get_context (&reactor->source);
}

/* The private context */

static QnetEmbeddedContext *
get_embedded (QnetReactor *reactor)
{
  if (reactor->embedded == NULL)
    reactor->embedded = qnet_embedded_context_new ();

  return reactor->embedded;
}

gboolean
qnet_reactor_make_embedded_context (QnetReactor *reactor,
                                    int         *out_error_number)
{
  if (reactor->embedded == NULL)
    reactor->embedded = qnet_embedded_context_try_new (out_error_number);

  return reactor->embedded != NULL;
}

void
qnet_reactor_push_embedded_context (QnetReactor *reactor)
{
  g_main_context_push_thread_default (qnet_embedded_context_get_inner (get_embedded (reactor)));
}

void
qnet_reactor_pop_embedded_context (QnetReactor *reactor)
{
  g_main_context_pop_thread_default (qnet_embedded_context_get_inner (get_embedded (reactor)));
}

void
qnet_reactor_hold_embedded_context (QnetReactor *reactor)
{
  qnet_embedded_context_hold (get_embedded (reactor), qnet_reactor_get_context (reactor));
}

void
qnet_reactor_release_embedded_context (QnetReactor *reactor)
{
  qnet_embedded_context_release (get_embedded (reactor));
}

void
qnet_reactor_drain_embedded_context (QnetReactor *reactor)
{
  qnet_embedded_context_drain (get_embedded (reactor));
}
