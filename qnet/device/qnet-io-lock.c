/* qnet-io-lock.c: who may be inside a device, and when
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "device/qnet-io-lock-private.h"

#include "device/qnet-io-loan-private.h"

/* Stays */

static gboolean
is_borrowed_by_caller (QnetIODevicePrivate *priv)
{
  QnetIOLock *lock = qnet_io_device_get_lock (priv);

  return lock != NULL && g_atomic_pointer_get (&lock->borrower) == qnet_thread_self ();
}

gboolean
qnet_io_device_is_borrowed_by_caller (QnetIODevice *self)
{
  return is_borrowed_by_caller (qnet_io_device_get_private (self));
}

/* The caller is the owner, and inside: it holds the lock. */
static gboolean
is_inside (const QnetIODevicePrivate *priv)
{
  QnetIOLock *lock = qnet_io_device_get_lock (priv);

  return lock != NULL && g_atomic_pointer_get (&lock->holder) == qnet_thread_self ();
}

static void
set_thread (QnetIODevicePrivate *priv,
            gpointer             thread)
{
  __atomic_store_n (&priv->thread, thread, __ATOMIC_RELAXED);
}

/* A device that was never connected has no owner, but perhaps a thread that is inside, whose calls
 * are checked all the same: the value is equal to no thread. */
static gpointer
get_visitor (void)
{
  return (gpointer) ((guintptr) qnet_thread_self () | 1);
}

/* Inside a stay. What is remembered makes the next check a comparison; a device with a lock always
 * comes here. */
static void
remember_thread (QnetIODevicePrivate *priv)
{
  if (qnet_io_device_get_lock (priv) == NULL)
    set_thread (priv, priv->wait_set.reactor != NULL ? qnet_thread_self () : get_visitor ());
}

/* In a loan the stays are those of the owner, which waits for the lock. */
void
qnet_io_device_keep (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (is_borrowed_by_caller (priv))
    return;

  if ((priv->n_stays & QNET_IO_ALL_STAYS) == 0 || (priv->n_stays & QNET_IO_KEPT) != 0)
    return;

  qnet_io_device_hold (self);
  qnet_owner_add (&priv->n_stays, QNET_IO_KEPT);
}

static QnetIODevice *
get_device (QnetIODevicePrivate *priv)
{
  gssize offset = qnet_io_device_private_offset;

  return (QnetIODevice *) G_STRUCT_MEMBER_P (priv, -offset);
}

static void
hold_lock (QnetIODevicePrivate *priv)
{
  QnetIOLock *lock = qnet_io_device_get_lock (priv);

  g_atomic_pointer_set (&lock->holder, qnet_thread_self ());
  qnet_watch_take_back (&priv->channel.watch);
  if (g_atomic_int_compare_and_exchange (&lock->wants_look, TRUE, FALSE))
    qnet_io_device_half_open_may_end (get_device (priv));
}

static void
lock_for_owner (QnetIODevicePrivate *priv)
{
  pthread_mutex_lock (&qnet_io_device_get_lock (priv)->mutex);
  hold_lock (priv);
}

/* Who the owner is can be seen with the lock only: another thread may be connecting the device, for
 * the first time or again, or may be the next one that uses it without a main loop. */
static gboolean
enter_with_lock (QnetIODevicePrivate *priv)
{
  QnetIOLock *lock = qnet_io_device_get_lock (priv);

  if (is_inside (priv))
    return TRUE;

  pthread_mutex_lock (&lock->mutex);
  if (qnet_reactor_admits_caller (priv->wait_set.reactor))
    {
      hold_lock (priv);
      return TRUE;
    }

  pthread_mutex_unlock (&lock->mutex);

  return FALSE;
}

/* In a callback of the engine they would end the connection that is being served. end_wait() serves
 * them after it. */
static void
serve_marks_outside_waits (QnetIODevice *self)
{
  QnetReactor *reactor = qnet_io_device_get_private (self)->wait_set.reactor;

  if (reactor == NULL || !qnet_reactor_is_blocking (reactor))
    qnet_io_device_serve_marks (self);
}

static QnetIOStay
begin_with_lock (QnetIODevice *device,
                 const char   *function)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

  if (!enter_with_lock (priv))
    {
      qnet_warn_of_thread (device, function);
      return (QnetIOStay) { NULL, TRUE };
    }

  qnet_owner_add (&priv->n_stays, QNET_IO_ONE_STAY);
  qnet_io_device_keep (device);
  serve_marks_outside_waits (device);

  return (QnetIOStay) { priv, FALSE };
}

/* It notifies and emits. */
void
qnet_io_device_serve_marks (QnetIODevice *self)
{
  QnetIOLock *lock = qnet_io_device_get_lock (qnet_io_device_get_private (self));

  if (lock != NULL && lock->wants_close)
    {
      lock->wants_close = FALSE;
      qnet_io_device_close_as_marked (self);
    }
}

static gboolean
is_shared (const QnetIODevicePrivate *priv)
{
  QnetIOLock *lock = qnet_io_device_get_lock (priv);

  return lock != NULL && g_atomic_int_get (&lock->is_shared);
}

QnetIOStay
qnet_io_stay_begin (QnetIODevice *device,
                    const char   *function)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

  if (is_borrowed_by_caller (priv))
    return (QnetIOStay) { NULL, FALSE };

  if (is_shared (priv))
    return begin_with_lock (device, function);

  if (!qnet_reactor_check_caller (priv->wait_set.reactor, device, function))
    return (QnetIOStay) { NULL, TRUE };

  qnet_owner_add (&priv->n_stays, QNET_IO_ONE_STAY);
  qnet_light_fence ();
  if (qnet_io_device_get_lock (priv) != NULL)
    qnet_io_device_enter_lock (device);
  qnet_io_device_keep (device);
  remember_thread (priv);

  return (QnetIOStay) { priv, FALSE };
}

/* Other stays go on, or the device is held. */
void
qnet_io_stay_leave (QnetIODevicePrivate *priv)
{
  if ((priv->n_stays & QNET_IO_ALL_STAYS) != 0 || (priv->n_stays & QNET_IO_KEPT) == 0)
    return;

  qnet_owner_add (&priv->n_stays, -QNET_IO_KEPT);
  if (qnet_io_device_get_lock (priv) != NULL)
    qnet_io_device_leave_lock (get_device (priv));
  qnet_io_device_release (get_device (priv));
}

/* Who has to borrow */

/* Its owner may give the device another reactor meanwhile. A device that was never connected has
 * none, and no owner yet. */
static QnetPlace
find_place (QnetIODevice *device)
{
  return qnet_wait_set_find_place (&qnet_io_device_get_private (device)->wait_set);
}

gboolean
qnet_io_device_is_foreign (QnetIODevice *device)
{
  return !is_inside (qnet_io_device_get_private (device))
         && !find_place (device).is_in_thread;
}

static gboolean
is_default (GMainContext *context)
{
  GMainContext *pushed = g_main_context_get_thread_default ();

  return context == (pushed != NULL ? pushed : g_main_context_default ());
}

/* A detached device has no main context that an asynchronous call could use; and a device that uses
 * its own stream is inside itself. */
gboolean
qnet_io_device_is_elsewhere (QnetIODevice *device)
{
  QnetPlace place;

  if (is_inside (qnet_io_device_get_private (device)))
    return FALSE;

  place = find_place (device);

  return !place.is_in_thread || (place.context != NULL && !is_default (place.context));
}

gboolean
qnet_io_device_is_out_of_context (QnetIODevice *device,
                                  GMainContext *context)
{
  QnetPlace place = find_place (device);

  return place.has_reactor && (!place.is_in_thread || place.context != context);
}

gboolean
qnet_io_device_invoke (QnetIODevice *device,
                       GSourceFunc   func)
{
  return qnet_wait_set_invoke (&qnet_io_device_get_private (device)->wait_set, func,
                               g_object_ref (device), g_object_unref);
}

/* Sources */

void
qnet_io_lock_add_source (QnetIOLock *lock,
                         GSource    *source)
{
  pthread_mutex_lock (&lock->sources_mutex);
  lock->sources = g_slist_prepend (lock->sources, g_source_ref (source));
  pthread_mutex_unlock (&lock->sources_mutex);
}

void
qnet_io_lock_remove_source (QnetIOLock *lock,
                            GSource    *source)
{
  pthread_mutex_lock (&lock->sources_mutex);
  lock->sources = g_slist_remove (lock->sources, source);
  pthread_mutex_unlock (&lock->sources_mutex);

  g_source_unref (source);
}

void
qnet_io_lock_wake_sources (QnetIOLock *lock)
{
  pthread_mutex_lock (&lock->sources_mutex);
  for (GSList *link = lock->sources; link != NULL; link = link->next)
    g_source_set_ready_time (link->data, 0);
  pthread_mutex_unlock (&lock->sources_mutex);
}

/* What is dropped */

typedef struct
{
  gpointer        data;     /* (owned) */
  GDestroyNotify  destroy;
} Dropped;

static Dropped *
dropped_new (gpointer       data,
             GDestroyNotify destroy)
{
  Dropped *self = g_new (Dropped, 1);

  self->data = data;
  self->destroy = destroy;

  return self;
}

static void
dropped_free (gpointer data)
{
  Dropped *self = data;

  self->destroy (self->data);
  g_free (self);
}

/* The lock */

/* Not held: the lock was made after the owner had entered. (transfer full): what is to be dropped,
 * when the stays have ended. */
static GSList *
unlock_for_owner (QnetIODevicePrivate *priv)
{
  QnetIOLock *lock = qnet_io_device_get_lock (priv);
  GSList *dropped;

  if (lock->holder == NULL)
    return NULL;

  qnet_io_lock_wake_sources (lock);
  dropped = g_steal_pointer (&lock->dropped);
  g_atomic_pointer_set (&lock->holder, NULL);
  pthread_mutex_unlock (&lock->mutex);

  return dropped;
}

void
qnet_io_device_enter_lock (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->n_stays == QNET_IO_ONE_STAY || priv->n_stays == QNET_IO_ONE_DISPATCH)
    lock_for_owner (priv);
}

void
qnet_io_device_leave_lock (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->n_stays == 0)
    g_slist_free_full (unlock_for_owner (priv), dropped_free);
}

void
qnet_io_device_drop_full (gpointer       device,
                          gpointer       data,
                          GDestroyNotify destroy)
{
  QnetIOLock *lock = qnet_io_device_get_lock (qnet_io_device_get_private (device));

  if (data == NULL)
    return;

  if (lock != NULL && lock->holder != NULL)
    lock->dropped = g_slist_prepend (lock->dropped, dropped_new (data, destroy));
  else
    destroy (data);
}

void
qnet_io_device_drop (gpointer device,
                     gpointer object)
{
  qnet_io_device_drop_full (device, object, g_object_unref);
}

/* Making it */

static QnetIOLock *
lock_new (void)
{
  QnetIOLock *lock = g_new0 (QnetIOLock, 1);

  pthread_mutex_init (&lock->mutex, NULL);
  pthread_mutex_init (&lock->sources_mutex, NULL);

  return lock;
}

static void
lock_free (QnetIOLock *lock)
{
  pthread_mutex_destroy (&lock->mutex);
  pthread_mutex_destroy (&lock->sources_mutex);
  g_free (lock);
}

/* The chunks of a reactor's pool are its thread's. */
static void
begin_sharing (QnetIODevicePrivate *priv)
{
  qnet_io_device_forget_thread (priv);
  qnet_channel_leave_pool (&priv->channel);
}

/* Held until the end of the stay that is under way. Another thread may be making one: then that
 * waits for the end of this stay. */
static void
make_lock_as_owner (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetIOLock *lock;

  qnet_io_device_enter (self);
  begin_sharing (priv);

  lock = lock_new ();
  pthread_mutex_lock (&lock->mutex);
  lock->holder = qnet_thread_self ();
  lock->is_shared = TRUE;

  if (g_atomic_pointer_compare_and_exchange (&priv->lock, NULL, lock))
    qnet_io_device_keep (self);
  else
    {
      pthread_mutex_unlock (&lock->mutex);
      lock_free (lock);
    }

  qnet_io_device_leave (self);
}

/* Microseconds */
#define LOOK_INTERVAL 20

/* Of the owner, in any thread */
static guint
get_stays (const QnetIODevicePrivate *priv)
{
  return __atomic_load_n (&priv->n_stays, __ATOMIC_ACQUIRE);
}

static gboolean
is_owner_inside_without_lock (const QnetIODevicePrivate *priv,
                              QnetIOLock                *lock)
{
  return get_stays (priv) != 0 && g_atomic_pointer_get (&lock->holder) == NULL;
}

/* The owner is inside for a moment only: what blocks, and code of the application, is outside. */
static void
wait_for_owner (const QnetIODevicePrivate *priv,
                QnetIOLock                *lock)
{
  qnet_heavy_fence ();
  while (is_owner_inside_without_lock (priv, lock))
    g_usleep (LOOK_INTERVAL);
}

/* A stay of the owner that has not seen the lock may still remember the thread, and so brief stays
 * go on without the lock until the second wait. */
static void
share_lock (QnetIODevicePrivate *priv,
            QnetIOLock          *lock)
{
  wait_for_owner (priv, lock);
  qnet_io_device_forget_thread (priv);
  wait_for_owner (priv, lock);

  pthread_mutex_lock (&lock->mutex);
  begin_sharing (priv);
  pthread_mutex_unlock (&lock->mutex);

  g_atomic_int_set (&lock->is_shared, TRUE);
}

/* Another thread may do the same. */
static QnetIOLock *
ensure_lock (QnetIODevicePrivate *priv)
{
  QnetIOLock *lock = lock_new ();

  if (g_atomic_pointer_compare_and_exchange (&priv->lock, NULL, lock))
    return lock;

  lock_free (lock);

  return g_atomic_pointer_get (&priv->lock);
}

/* After a look at the count, what the owner has done in its last stay is seen. A device that was
 * never connected has no owner yet, and another thread may be connecting it, or this one may be
 * inside, where a function of a subclass asks for a stream. */
static gboolean
is_caller_elsewhere (QnetIODevicePrivate *priv)
{
  if (get_stays (priv) != 0 && qnet_owner_get_pointer (&priv->thread) == get_visitor ())
    return FALSE;

  return !qnet_wait_set_find_place (&priv->wait_set).is_in_thread;
}

void
qnet_io_device_make_lock (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetIOLock *lock = g_atomic_pointer_get (&priv->lock);

  if (lock != NULL && g_atomic_int_get (&lock->is_shared))
    return;

  if (is_caller_elsewhere (priv))
    share_lock (priv, ensure_lock (priv));
  else if (lock == NULL)
    make_lock_as_owner (self);
  else if (qnet_owner_get_pointer (&priv->thread) != get_visitor ())
    qnet_io_device_forget_thread (priv);
}

void
qnet_io_device_free_lock (QnetIODevice *self)
{
  g_clear_pointer (&qnet_io_device_get_private (self)->lock, lock_free);
}

/* Code of the application */

guint
qnet_io_device_step_out_slowly (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  GSList *dropped = NULL;
  guint stays;

  if (is_borrowed_by_caller (priv))
    return 0;

  qnet_io_device_keep (self);
  stays = priv->n_stays;
  if (stays > 0 && qnet_io_device_get_lock (priv) != NULL)
    dropped = unlock_for_owner (priv);
  qnet_owner_store (&priv->n_stays, 0);
  g_slist_free_full (dropped, dropped_free);

  return stays;
}

void
qnet_io_device_step_into_lock (QnetIODevice *self)
{
  lock_for_owner (qnet_io_device_get_private (self));
}

guint
qnet_io_device_begin_blocking (QnetIODevice  *self,
                               QnetReactor  **out_reactor)
{
  *out_reactor = qnet_wait_set_begin_blocking (&qnet_io_device_get_private (self)->wait_set);

  return qnet_io_device_step_out (self);
}

void
qnet_io_device_end_blocking (QnetIODevice *self,
                             QnetReactor  *reactor,
                             guint         stays)
{
  qnet_io_device_step_in (self, stays);
  qnet_reactor_end_blocking (reactor);
}

/* Without a stay nothing has kept the device alive. */
static void
end_wait (QnetIODevice *self,
          QnetReactor  *reactor,
          guint         stays)
{
  qnet_io_device_end_blocking (self, reactor, stays);
  if (stays > 0)
    qnet_io_device_serve_marks (self);
}

/* Nothing happens to a device that brings its own bytes but what was reported before: its timeouts
 * are no reason to block. */
static QnetWaitStep
step_without_channel (QnetWaitSet          *set,
                      const QnetWaitLimits *limits)
{
  const QnetWaitLimits now = { limits->msecs, qnet_clock_now (), limits->cancellable };
  QnetWaitStep step = qnet_wait_set_step (set, &now);

  return step == QNET_WAIT_STEP_TIMED_OUT ? QNET_WAIT_STEP_NO_EVENTS : step;
}

QnetWaitStep
qnet_io_device_wait_step (gpointer              device,
                          const QnetWaitLimits *limits)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);
  QnetReactor *reactor;
  guint stays = qnet_io_device_begin_blocking (device, &reactor);
  QnetWaitStep step = priv->source == QNET_SOURCE_CHANNEL
                        ? qnet_wait_set_step (&priv->wait_set, limits)
                        : step_without_channel (&priv->wait_set, limits);

  end_wait (device, reactor, stays);

  return step;
}

gboolean
qnet_io_device_iterate (gpointer device,
                        gint64   until)
{
  QnetReactor *reactor;
  guint stays = qnet_io_device_begin_blocking (device, &reactor);
  gboolean has_happened =
    qnet_wait_set_iterate (&qnet_io_device_get_private (device)->wait_set, until);

  end_wait (device, reactor, stays);

  return has_happened;
}

void
qnet_io_device_notify (gpointer    device,
                       GParamSpec *pspec)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);
  guint stays;

  if (is_borrowed_by_caller (priv))
    return;  /* the owner compares the values in its next turn */

  if (priv->n_freezes > 0)
    {
      g_object_notify_by_pspec (device, pspec);  /* calls nothing */
      return;
    }

  stays = qnet_io_device_step_out (device);
  g_object_notify_by_pspec (device, pspec);
  qnet_io_device_step_in (device, stays);
}

void
qnet_io_device_notify_change (gpointer    device,
                              GParamSpec *pspec)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

  if (is_borrowed_by_caller (priv))
    qnet_io_device_get_lock (priv)->changed = pspec;  /* there is one such property */
  else
    qnet_io_device_notify (device, pspec);
}

void
qnet_io_device_notify_name (gpointer    device,
                            const char *property)
{
  qnet_io_device_notify (device, g_object_class_find_property (G_OBJECT_GET_CLASS (device),
                                                               property));
}

void
qnet_io_device_freeze_notify (gpointer device)
{
  qnet_io_device_get_private (device)->n_freezes++;
  g_object_freeze_notify (device);
}

void
qnet_io_device_thaw_notify (gpointer device)
{
  guint stays;

  qnet_io_device_get_private (device)->n_freezes--;

  stays = qnet_io_device_step_out (device);
  g_object_thaw_notify (device);
  qnet_io_device_step_in (device, stays);
}
