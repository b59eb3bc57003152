/* qnet-reactor-threads.c: the thread of a reactor, and what other threads may do
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "base/qnet-thread-private.h"
#include "loop/qnet-reactor-backend-private.h"

gboolean
qnet_reactor_is_in_thread (QnetReactor *reactor)
{
  return g_atomic_pointer_get (&reactor->thread) == qnet_thread_self ();
}

gboolean
qnet_reactor_is_elsewhere (QnetReactor *reactor)
{
  return reactor != NULL && !qnet_reactor_is_in_thread (reactor);
}

/* Under the lock of all */
static gboolean
is_attached (QnetReactor *reactor)
{
  return !reactor->is_forgotten && reactor->state == QNET_REACTOR_ATTACHED;
}

void
qnet_reactor_take_thread (QnetReactor *reactor)
{
  g_atomic_pointer_set (&reactor->thread, qnet_thread_self ());

  qnet_reactor_lock_all ();
  g_clear_pointer (&reactor->life, qnet_thread_life_unref);
  reactor->life = qnet_thread_get_life ();
  qnet_reactor_unlock_all ();
}

/* Under the lock of all. Between two iterations a context has no owner for GLib, and still is that
 * of the thread which iterates it. */
static gboolean
has_owner (QnetReactor *reactor)
{
  GMainContext *context = reactor->key;

  if (!is_attached (reactor))
    return FALSE;

  if (reactor->life != NULL && !qnet_thread_life_has_ended (reactor->life))
    return TRUE;

  if (!g_main_context_acquire (context))
    return TRUE;

  g_main_context_release (context);

  return FALSE;
}

/* While no thread uses the reactor, any may: one thread makes a socket, and another one runs the
 * loop, or uses it without a loop. A thread that has run the loop uses it until its end. In the
 * child of a fork the thread that ran it does not exist. */
static gboolean
is_free (QnetReactor *reactor)
{
  gboolean is_owned;

  if (qnet_reactor_is_forked (reactor))
    return TRUE;

  if (g_atomic_int_get (&reactor->n_waits) > 0)
    return FALSE;

  qnet_reactor_lock_all ();
  is_owned = has_owner (reactor);
  qnet_reactor_unlock_all ();

  return !is_owned;
}

/* Whether this is its thread, or may be from now on, since no other one runs its context. */
static gboolean
enter_thread (QnetReactor *reactor)
{
  if (qnet_reactor_is_in_thread (reactor))
    return TRUE;

  if (!is_free (reactor))
    return FALSE;

  g_atomic_pointer_set (&reactor->thread, qnet_thread_self ());

  return TRUE;
}

gboolean
qnet_reactor_admits_caller (QnetReactor *reactor)
{
  return reactor == NULL || enter_thread (reactor);
}

void
qnet_warn_of_thread (gpointer    object,
                     const char *function)
{
  g_critical ("%s(): the %s at %p belongs to another thread: call it there, by "
              "g_main_context_invoke(), or move its descriptor to this thread",
              function, G_OBJECT_TYPE_NAME (object), object);
}

gboolean
qnet_reactor_check_caller (QnetReactor *reactor,
                           gpointer     object,
                           const char  *function)
{
  if (qnet_reactor_admits_caller (reactor))
    return TRUE;

  qnet_warn_of_thread (object, function);

  return FALSE;
}

void
qnet_set_thread_error (GError **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, _("The object belongs to another thread"));
}

/* Without the cancellable of the call: nothing has begun that could be cancelled. */
void
qnet_return_thread_error (gpointer            object,
                          gpointer            tag,
                          int                 io_priority,
                          GAsyncReadyCallback callback,
                          gpointer            user_data)
{
  g_autoptr(GTask) task = qnet_task_new (object, NULL, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, tag);
  g_task_set_priority (task, io_priority);
  qnet_set_thread_error (&error);
  g_task_return_error (task, error);
}

static gboolean
call_dispatch (GSource     *source,
               GSourceFunc  callback,
               gpointer     user_data)
{
  return callback (user_data);
}

static GSourceFuncs call_funcs = { .dispatch = call_dispatch };

static GSource *
new_call (GSourceFunc    func,
          gpointer       data,
          GDestroyNotify free_data)
{
  GSource *source = g_source_new (&call_funcs, sizeof (GSource));

  g_source_set_static_name (source, "[qnet] call from another thread");
  g_source_set_ready_time (source, 0);
  g_source_set_callback (source, func, data, free_data);

  return source;
}

/* Under the lock of all: the context is freed only after orphan_cb() has had it. */
static gboolean
attach_call (QnetReactor *reactor,
             GSource     *source)
{
  if (!is_attached (reactor))
    return FALSE;

  g_source_attach (source, reactor->key);

  return TRUE;
}

static void
invoke (QnetReactor    *reactor,
        GSourceFunc     func,
        gpointer        data,
        GDestroyNotify  free_data)
{
  g_autoptr(GSource) source = new_call (func, data, free_data);

  qnet_reactor_lock_all ();
  attach_call (reactor, source);
  qnet_reactor_unlock_all ();
}

/* Below the lock the set keeps the reactor: see qnet_wait_set_move(). */
static QnetReactor *
look_at_reactor (QnetWaitSet *set)
{
  return __atomic_load_n (&set->reactor, __ATOMIC_ACQUIRE);
}

gboolean
qnet_wait_set_invoke (QnetWaitSet    *set,
                      GSourceFunc     func,
                      gpointer        data,
                      GDestroyNotify  free_data)
{
  g_autoptr(GSource) source = new_call (func, data, free_data);
  QnetReactor *reactor;
  gboolean has_context;

  qnet_reactor_lock_all ();
  reactor = look_at_reactor (set);
  has_context = reactor != NULL && attach_call (reactor, source);
  qnet_reactor_unlock_all ();

  return has_context;
}

QnetPlace
qnet_wait_set_find_place (QnetWaitSet *set)
{
  QnetPlace place = { FALSE, FALSE, NULL };
  QnetReactor *reactor;

  qnet_reactor_lock_all ();

  reactor = look_at_reactor (set);
  if (reactor != NULL)
    {
      place.has_reactor = TRUE;
      place.is_in_thread = qnet_reactor_is_in_thread (reactor);
      place.context = is_attached (reactor) ? reactor->key : NULL;
    }

  qnet_reactor_unlock_all ();

  return place;
}

/* Disposal. The reference that moves is a toggle reference: its notification is the last thing that
 * the other thread does with the object, and from then on the reference waits for the owner. Where
 * the owner has held a reference for a moment, too, it may be the owner that is notified, while the
 * other thread is still on its way out of g_object_unref(), or has left already. */

typedef struct
{
  QnetReactor    *reactor;   /* (owned) */
  GObject        *object;    /* (owned): by the toggle reference */
  gpointer        thread;    /* the other one */
  QnetThreadLife *life;      /* (owned): of that thread */
  gint64          due;       /* when it has left, in any case */
  gboolean        has_left;  /* (under the lock of all): it was notified */
  gboolean        waits;     /* (under the lock of all): in reactor->drops */
} Drop;

#define TIME_TO_LEAVE G_TIME_SPAN_SECOND
#define LOOK_INTERVAL G_TIME_SPAN_MILLISECOND

static void drop_cb (gpointer  data,
                     GObject  *object,
                     gboolean  is_last);

/* With the lock, which post_drop() has, too, wherever it is called */
static Drop *
drop_new (QnetReactor *reactor,
          GObject     *object)
{
  Drop *drop = g_new0 (Drop, 1);

  qnet_reactor_lock_all ();
  drop->reactor = qnet_reactor_ref (reactor);
  drop->object = object;
  drop->thread = qnet_thread_self ();
  drop->life = qnet_thread_get_life ();
  drop->due = g_get_monotonic_time () + TIME_TO_LEAVE;
  qnet_reactor_unlock_all ();

  return drop;
}

static void
drop_free (Drop *drop)
{
  g_object_set_data (drop->object, "qnet-drop", NULL);
  g_object_remove_toggle_ref (drop->object, drop_cb, drop);
  qnet_thread_life_unref (drop->life);
  qnet_reactor_unref (drop->reactor);
  g_free (drop);
}

/* Under the lock of all */
static gboolean
can_take (const Drop *drop)
{
  return drop->has_left || qnet_thread_life_has_ended (drop->life)
         || g_get_monotonic_time () >= drop->due;
}

/* (nullable) */
static Drop *
take_drop (QnetReactor *reactor)
{
  Drop *drop = NULL;
  GList *link;

  qnet_reactor_lock_all ();

  link = reactor->drops.head;
  while (link != NULL && !can_take (link->data))
    link = link->next;

  if (link != NULL)
    {
      drop = link->data;
      g_queue_delete_link (&reactor->drops, link);
    }
  g_atomic_int_set (&reactor->has_drops, reactor->drops.head != NULL);

  qnet_reactor_unlock_all ();

  return drop;
}

void
qnet_reactor_serve_drops (QnetReactor *reactor)
{
  Drop *drop;

  while (g_atomic_int_get (&reactor->has_drops) && (drop = take_drop (reactor)) != NULL)
    drop_free (drop);
}

void
qnet_reactor_end_drops (QnetReactor *reactor)
{
  qnet_reactor_serve_drops (reactor);
  while (g_atomic_int_get (&reactor->has_drops))
    {
      g_usleep (LOOK_INTERVAL);
      qnet_reactor_serve_drops (reactor);
    }
}

static gboolean
drops_cb (gpointer data)
{
  QnetReactor *reactor = data;

  qnet_reactor_serve_drops (reactor);
  if (!g_atomic_int_get (&reactor->has_drops))
    return G_SOURCE_REMOVE;

  g_source_set_ready_time (g_main_current_source (), g_get_monotonic_time () + LOOK_INTERVAL);

  return G_SOURCE_CONTINUE;
}

/* Under the lock of all. Returns whether the loop has to be notified. */
static gboolean
queue_drop (QnetReactor *reactor,
            Drop        *drop)
{
  gboolean is_first = reactor->drops.head == NULL;

  if (drop->waits)
    return FALSE;

  drop->waits = TRUE;
  g_queue_push_tail (&reactor->drops, drop);
  g_atomic_int_set (&reactor->has_drops, TRUE);

  return is_first;
}

/* The owner may free @drop as soon as the lock is released. */
static void
post_drop (Drop *drop)
{
  QnetReactor *reactor;
  gboolean has_context, is_first;

  qnet_reactor_lock_all ();

  reactor = qnet_reactor_ref (drop->reactor);
  if (drop->thread == qnet_thread_self ())
    drop->has_left = TRUE;
  has_context = is_attached (reactor);
  is_first = has_context && queue_drop (reactor, drop);

  qnet_reactor_unlock_all ();

  if (!has_context)
    drop_free (drop);
  else if (is_first)
    invoke (reactor, drops_cb, qnet_reactor_ref (reactor), (GDestroyNotify) qnet_reactor_unref);

  qnet_reactor_unref (reactor);
}

static void
drop_cb (gpointer  data,
         GObject  *object,
         gboolean  is_last)
{
  if (is_last)
    post_drop (data);
}

static gboolean
can_move (QnetReactor *reactor)
{
  gboolean has_context;

  if (qnet_reactor_is_forked (reactor))
    return FALSE;

  qnet_reactor_lock_all ();
  has_context = is_attached (reactor);
  qnet_reactor_unlock_all ();

  return has_context;
}

gboolean
qnet_reactor_moves_disposal (QnetReactor *reactor,
                             gpointer     object,
                             int         *is_dropped,
                             int          value)
{
  Drop *drop;

  if (!can_move (reactor))
    return FALSE;

  if (g_object_get_data (object, "qnet-drop") != NULL)
    return TRUE;  /* g_object_run_dispose() */

  g_atomic_int_set (is_dropped, value);
  drop = drop_new (reactor, object);
  g_object_set_data (object, "qnet-drop", drop);
  g_object_add_toggle_ref (object, drop_cb, drop);

  return TRUE;
}
