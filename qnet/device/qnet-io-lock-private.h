/* qnet-io-lock-private.h: who may be inside a device, and when
 *
 * A device belongs to one thread, its owner: the thread of its main context. A public function that
 * touches more than a value begins with QNET_IO_STAY() or QNET_IO_BRIEF_STAY(), which refuse a call
 * from another thread.
 *
 * The two streams of a device may be used from any thread and in any main context, which GIO does
 * by itself. So a device gets a lock when one of its streams is returned. The owner holds it while
 * it is inside the device, but not while code of the application runs. Another thread that has
 * locked it borrows the device (qnet-io-loan-private.h): to the owner that looks as if a handler
 * had read and written.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <pthread.h>

#include "base/qnet-thread-private.h"
#include "device/qnet-io-device-private.h"

G_BEGIN_DECLS

struct _QnetIOLock
{
  pthread_mutex_t  mutex;         /* ThreadSanitizer cannot see into GMutex */
  gpointer         borrower;      /* (atomic) (nullable): the thread that has borrowed the device */
  gpointer         holder;        /* (atomic) (nullable): the owner's thread, while it holds it */
  gboolean         is_shared;     /* (atomic): the owner enters with the lock only */
  pthread_mutex_t  sources_mutex;
  GSList          *sources;       /* (owned) (by sources_mutex): of GSource, that wait elsewhere */
  GSList          *dropped;       /* (owned): of Dropped, destroyed outside of the lock */
  gboolean         is_closed;     /* by g_io_stream_close() in another thread */
  gboolean         wants_close;   /* that is left to the owner, when it enters */
  gint             wants_look;    /* (atomic): the owner, when it enters, looks whether half-open */
  gboolean         has_writer;    /* something writes in another thread, and ends that itself */
  gboolean         is_reported;   /* the owner will look at what a loan has changed */
  gboolean         has_arrived;   /* a loan has received bytes and left them */
  gboolean         has_moved;     /* this loan has, what another one may wait for */
  /* (nullable): what a loan has changed, of which the owner does not compare the values */
  GParamSpec      *changed;
};

/* The owner counts its stays and dispatches, so that another thread that makes the lock can wait
 * until it has left. The parts of n_stays: stays; that the device is held until the last of these
 * has ended; dispatches, in which the device stays alive anyway. */
#define QNET_IO_ONE_STAY      0x1u
#define QNET_IO_ALL_STAYS     0xffffu
#define QNET_IO_ONE_DISPATCH  0x10000u
#define QNET_IO_KEPT          0x80000000u

static inline QnetIOLock *
qnet_io_device_get_lock (const QnetIODevicePrivate *priv)
{
  return qnet_owner_get_pointer (&priv->lock);
}

/* The stay of the owner inside a device, to the end of the block of QNET_IO_STAY(). */
typedef struct
{
  QnetIODevicePrivate *priv;        /* (nullable): NULL: there is nothing to leave */
  gboolean             is_refused;  /* the caller is not the owner */
} QnetIOStay;

/* A stay that holds the device */
QnetIOStay qnet_io_stay_begin (QnetIODevice        *device,
                               const char          *function);
/* After the last stay that holds it, or between others */
void       qnet_io_stay_leave (QnetIODevicePrivate *priv);

/* The next brief stay is a whole one. Another thread that shares the lock may do the same. */
static inline void
qnet_io_device_forget_thread (QnetIODevicePrivate *priv)
{
  __atomic_store_n (&priv->thread, NULL, __ATOMIC_RELAXED);
}

/* For a function that emits nothing before its end: while the device has no lock that is a
 * comparison and a count. */
static inline QnetIOStay
qnet_io_stay_begin_brief (QnetIODevice *device,
                          const char   *function)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

  if (G_LIKELY (qnet_owner_get_pointer (&priv->thread) == qnet_thread_self ()))
    {
      qnet_owner_add (&priv->n_stays, QNET_IO_ONE_STAY);
      qnet_light_fence ();
      if (G_LIKELY (qnet_owner_get_pointer (&priv->thread) == qnet_thread_self ()))
        return (QnetIOStay) { priv, FALSE };

      qnet_owner_add (&priv->n_stays, -QNET_IO_ONE_STAY);
    }

  return qnet_io_stay_begin (device, function);
}

/* Inline, so that a stay is in registers. */
static inline void
qnet_io_stay_end (QnetIOStay *stay)
{
  if (G_LIKELY (stay->priv != NULL)
      && G_UNLIKELY (qnet_owner_add (&stay->priv->n_stays, -QNET_IO_ONE_STAY) != 0))
    qnet_io_stay_leave (stay->priv);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QnetIOStay, qnet_io_stay_end)

/* Behind the checks of the arguments of a public function: returns the rest from a call in the
 * wrong thread. */
#define QNET_IO_STAY(device, ...)                                                               \
  g_auto(QnetIOStay) stay = qnet_io_stay_begin ((QnetIODevice *) (device), G_STRFUNC);          \
  if (G_UNLIKELY (stay.is_refused))                                                             \
    return __VA_ARGS__

#define QNET_IO_BRIEF_STAY(device, ...)                                                         \
  g_auto(QnetIOStay) stay = qnet_io_stay_begin_brief ((QnetIODevice *) (device), G_STRFUNC);    \
  if (G_UNLIKELY (stay.is_refused))                                                             \
    return __VA_ARGS__

/* The same with a GError. */
static inline gboolean
qnet_io_stay_set_error (const QnetIOStay  *stay,
                        GError           **error)
{
  if (G_LIKELY (!stay->is_refused))
    return FALSE;

  qnet_set_thread_error (error);

  return TRUE;
}

#define QNET_IO_STAY_OR_FAIL(device, error, ...)                                                \
  g_auto(QnetIOStay) stay = qnet_io_stay_begin ((QnetIODevice *) (device), G_STRFUNC);          \
  if (G_UNLIKELY (qnet_io_stay_set_error (&stay, error)))                                       \
    return __VA_ARGS__

#define QNET_IO_BRIEF_STAY_OR_FAIL(device, error, ...)                                          \
  g_auto(QnetIOStay) stay = qnet_io_stay_begin_brief ((QnetIODevice *) (device), G_STRFUNC);    \
  if (G_UNLIKELY (qnet_io_stay_set_error (&stay, error)))                                       \
    return __VA_ARGS__

/* The same for an asynchronous function, whose parameters have their usual names: it calls back. */
#define QNET_IO_STAY_OR_CALL_BACK(device, tag)                                                  \
  g_auto(QnetIOStay) stay = qnet_io_stay_begin ((QnetIODevice *) (device), G_STRFUNC);          \
  if (G_UNLIKELY (stay.is_refused))                                                             \
    {                                                                                           \
      qnet_return_thread_error ((device), (gpointer) (tag), io_priority, callback, user_data);  \
      return;                                                                                   \
    }

/* Before a virtual function of the application is called in a stay, which may be a brief one: the
 * device is held until the end of the last stay. */
void qnet_io_device_keep       (QnetIODevice *self);

/* For what the reactor calls, inside which the device stays alive. */
void qnet_io_device_enter_lock (QnetIODevice *self);
void qnet_io_device_leave_lock (QnetIODevice *self);

static inline void
qnet_io_device_enter (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_owner_add (&priv->n_stays, QNET_IO_ONE_DISPATCH);
  qnet_light_fence ();
  if (G_UNLIKELY (qnet_io_device_get_lock (priv) != NULL))
    qnet_io_device_enter_lock (self);
}

static inline void
qnet_io_device_leave (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_owner_add (&priv->n_stays, -QNET_IO_ONE_DISPATCH);
  if (G_UNLIKELY (qnet_io_device_get_lock (priv) != NULL))
    qnet_io_device_leave_lock (self);
}

guint qnet_io_device_step_out_slowly (QnetIODevice *self);
void  qnet_io_device_step_into_lock  (QnetIODevice *self);

/* Around code of the application: other threads may borrow the device meanwhile. Returns the stays
 * that are interrupted, by which the device stays alive. */
static inline guint
qnet_io_device_step_out (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  guint stays = priv->n_stays;

  if (G_UNLIKELY (qnet_io_device_get_lock (priv) != NULL || (stays & QNET_IO_ALL_STAYS) != 0))
    return qnet_io_device_step_out_slowly (self);

  qnet_owner_store (&priv->n_stays, 0);

  return stays;
}

static inline void
qnet_io_device_step_in (QnetIODevice *self,
                        guint         stays)
{
  QnetIODevicePrivate *priv;

  if (stays == 0)
    return;  /* nothing has kept it alive */

  priv = qnet_io_device_get_private (self);
  qnet_owner_store (&priv->n_stays, stays);
  qnet_light_fence ();
  if (G_UNLIKELY (qnet_io_device_get_lock (priv) != NULL))
    qnet_io_device_step_into_lock (self);
}

/* g_object_notify_by_pspec(), g_object_thaw_notify(), g_signal_emit() outside of the lock. While
 * notifications are frozen no code of the application runs inside of a stay; see
 * qnet_io_device_moves_disposal(). */
void qnet_io_device_notify           (gpointer      device,
                                      GParamSpec   *pspec);
/* The same for a property that is not compared at the end of a dispatch. */
void qnet_io_device_notify_change    (gpointer      device,
                                      GParamSpec   *pspec);
void qnet_io_device_notify_name      (gpointer      device,
                                      const char   *property);
void qnet_io_device_freeze_notify    (gpointer      device);
void qnet_io_device_thaw_notify      (gpointer      device);

#define qnet_io_device_emit(device, ...)                                                        \
  G_STMT_START                                                                                  \
    {                                                                                           \
      guint stays_ = qnet_io_device_step_out ((QnetIODevice *) (device));                     \
                                                                                                \
      g_signal_emit ((device), __VA_ARGS__);                                                    \
      qnet_io_device_step_in ((QnetIODevice *) (device), stays_);                             \
    }                                                                                           \
  G_STMT_END

/* Around what blocks: other threads may borrow the device, and none becomes its owner. */
guint qnet_io_device_begin_blocking  (QnetIODevice  *self,
                                      QnetReactor  **out_reactor);
void  qnet_io_device_end_blocking    (QnetIODevice  *self,
                                      QnetReactor   *reactor,
                                      guint          stays);

/* After a wait: what another thread has left to the owner. */
void  qnet_io_device_serve_marks     (QnetIODevice  *self);
/* A step of a blocking wait, in which handlers run. */
QnetWaitStep qnet_io_device_wait_step (gpointer              device,
                                       const QnetWaitLimits *limits);
gboolean qnet_io_device_iterate       (gpointer              device,
                                       gint64                until);

gboolean qnet_io_device_is_borrowed_by_caller (QnetIODevice *self);

/* Calls @destroy with @data (transfer full) (nullable): while the lock is held, after it is
 * released, since the last reference of an object calls code of the application. */
void qnet_io_device_drop_full        (gpointer       device,
                                      gpointer       data,
                                      GDestroyNotify destroy);
/* The same for an object */
void qnet_io_device_drop             (gpointer      device,
                                      gpointer      object);

#define qnet_io_device_clear_object(device, place) \
  qnet_io_device_drop ((device), g_steal_pointer (place))

#define qnet_io_device_clear_pointer(device, place, destroy) \
  qnet_io_device_drop_full ((device), g_steal_pointer (place), (GDestroyNotify) (destroy))

/* Sources of other main contexts, which look again. A language frees a source, or its main context,
 * with the lock of the language, which code inside a device may wait for: so they have a lock of
 * their own, below which nothing is called. */
void qnet_io_lock_add_source         (QnetIOLock   *lock,
                                      GSource      *source);
void qnet_io_lock_remove_source      (QnetIOLock   *lock,
                                      GSource      *source);
void qnet_io_lock_wake_sources       (QnetIOLock   *lock);

/* Before one of the streams is returned, in any thread. */
void qnet_io_device_make_lock        (QnetIODevice *self);
void qnet_io_device_free_lock        (QnetIODevice *self);

/* qnet-io-device-closing.c: g_io_stream_close() of another thread */
void qnet_io_device_close_as_marked  (QnetIODevice *self);

G_END_DECLS
