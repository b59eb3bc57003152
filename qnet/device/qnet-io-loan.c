/* qnet-io-loan.c: a device that another thread reads and writes
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "device/qnet-io-loan-private.h"

#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "channel/qnet-linger-private.h"
#include "device/qnet-io-device-streams-private.h"

/* Loans */

static void
loan_begin (QnetIODevice *device)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);
  QnetIOLock *lock = qnet_io_device_get_lock (priv);

  pthread_mutex_lock (&lock->mutex);
  g_atomic_pointer_set (&lock->borrower, qnet_thread_self ());
  qnet_watch_lend (&priv->channel.watch);
}

static gboolean report_cb (gpointer data);

/* In a main context that no loop runs, or without one, the owner finds it out when it enters. */
static void
report (QnetIODevice *device)
{
  QnetIOLock *lock = qnet_io_device_get_lock (qnet_io_device_get_private (device));

  if (qnet_io_device_invoke (device, report_cb))
    return;

  pthread_mutex_lock (&lock->mutex);
  lock->is_reported = FALSE;
  pthread_mutex_unlock (&lock->mutex);
}

static void
take_report (QnetIODevice *device)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);
  QnetIOLock *lock = qnet_io_device_get_lock (priv);
  QnetChannel *channel = &priv->channel;
  GParamSpec *changed;
  gboolean has_arrived;

  channel->funcs->enter (channel);

  lock->is_reported = FALSE;
  changed = g_steal_pointer (&lock->changed);
  has_arrived = lock->has_arrived && channel->read_queue.length > 0;
  lock->has_arrived = FALSE;
  if (has_arrived && qnet_channel_is_open (channel))
    channel->funcs->received (channel);
  qnet_io_device_read_buffer_changed (device);
  if (changed != NULL && !qnet_io_device_is_disposed (priv))
    qnet_io_device_notify (device, changed);

  channel->funcs->leave (channel);
}

/* The device may belong to another thread by now. */
static gboolean
report_cb (gpointer data)
{
  if (qnet_io_device_is_foreign (data))
    report (data);
  else
    take_report (data);

  return G_SOURCE_REMOVE;
}

static gboolean
becomes_due (QnetIODevice *device)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);
  QnetIOLock *lock = qnet_io_device_get_lock (priv);
  gboolean has_recorded = qnet_watch_end_loan (&priv->channel.watch);

  if (lock->is_reported
      || (!has_recorded && lock->changed == NULL && !qnet_io_device_has_unnotified (device)))
    return FALSE;

  lock->is_reported = TRUE;

  return TRUE;
}

static void
loan_end (QnetIODevice *device)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);
  QnetIOLock *lock = qnet_io_device_get_lock (priv);
  gboolean is_due = becomes_due (device);

  if (lock->has_moved)
    qnet_io_lock_wake_sources (lock);
  lock->has_moved = FALSE;

  g_atomic_pointer_set (&lock->borrower, NULL);
  pthread_mutex_unlock (&lock->mutex);

  if (is_due)
    report (device);
}

/* Bytes. While TLS performs its handshake the channel is suspended: that is the owner's. */

static gboolean
can_transfer (const QnetChannel *channel)
{
  return channel->state == QNET_CHANNEL_OPEN && channel->transport.fd != -1
         && !channel->is_datagram;
}

void
qnet_io_loan_receive (QnetIODevice *device)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);
  QnetChannel *channel = &priv->channel;
  QnetIOLock *lock = qnet_io_device_get_lock (priv);

  if (!can_transfer (channel) || channel->read_queue.length > 0)
    return;

  qnet_channel_begin_reading (channel);
  if (channel->read_state != QNET_READ_ACTIVE)
    return;

  if (qnet_channel_receive (channel, QNET_READINESS_READ))
    lock->has_arrived = TRUE;
  lock->has_moved |= channel->read_queue.length > 0 || channel->read_state != QNET_READ_ACTIVE;
  qnet_watch_defer (&channel->watch);
}

void
qnet_io_loan_send (QnetIODevice *device)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);
  QnetChannel *channel = &priv->channel;

  if (!can_transfer (channel) || channel->write_queue.length == 0)
    return;

  qnet_channel_flush (channel);
  qnet_io_device_get_lock (priv)->has_moved |= channel->write_queue.length == 0;
}

void
qnet_io_loan_shut (QnetIODevice *device)
{
  QnetChannel *channel = &qnet_io_device_get_private (device)->channel;

  if (can_transfer (channel))
    qnet_channel_shutdown_write (channel);
}

static gboolean
can_close_descriptor (const QnetIODevicePrivate *priv)
{
  return can_transfer (&priv->channel) && !qnet_reactor_is_blocking (priv->wait_set.reactor);
}

/* Poll reports the end, and the owner, which is not to serve that, looks for marks. */
static void
interrupt_wait (QnetChannel *channel)
{
  if (!qnet_channel_is_open (channel) || channel->transport.fd == -1 || channel->is_datagram)
    return;

  channel->is_marked = TRUE;
  qnet_sys_shutdown (channel->transport.fd, SHUT_RD);
}

/* What was not sent within the time of the close gets no further time. */
static void
end_transport (QnetTransport *transport,
               QnetByteQueue *rest,
               guint          timeout)
{
  QnetReactor *reactor = qnet_reactor_get ();

  qnet_linger (reactor, transport, rest, timeout, FALSE);
  qnet_reactor_unref (reactor);
}

void
qnet_io_loan_close (QnetIODevice *device,
                    gboolean      sends_rest)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);
  QnetIOLock *lock = qnet_io_device_get_lock (priv);
  QnetTransport transport = { NULL, };
  QnetByteQueue rest;
  guint timeout = 0;

  loan_begin (device);
  lock->wants_close = TRUE;
  lock->has_moved = TRUE;
  if (can_close_descriptor (priv))
    {
      if (sends_rest)
        timeout = QNET_IO_DEVICE_GET_CLASS (device)->priv->get_close_timeout (device);
      qnet_channel_give_away (&priv->channel, &transport, &rest);
    }
  else
    interrupt_wait (&priv->channel);
  loan_end (device);

  if (transport.funcs != NULL)
    end_transport (&transport, &rest, timeout);
}

gboolean
qnet_io_loan_has_ended (QnetIODevice  *device,
                        GError       **error)
{
  const QnetChannel *channel = &qnet_io_device_get_private (device)->channel;

  if (!can_transfer (channel) || channel->read_state != QNET_READ_END_PENDING)
    return FALSE;

  if (channel->read_error != NULL)
    g_propagate_error (error, qnet_io_device_stream_convert_error (channel->read_error));

  return TRUE;
}

static gboolean
loan_step (QnetIODevice    *device,
           QnetIOOperation *operation)
{
  gboolean has_ended;

  loan_begin (device);
  has_ended = operation->step (device, operation);
  qnet_io_loan_send (device);
  loan_end (device);

  return has_ended;
}

/* From then on the end of the peer's stream does not end the connection. */
static void
note_writer (QnetIODevice *device)
{
  QnetIOLock *lock = qnet_io_device_get_lock (qnet_io_device_get_private (device));

  pthread_mutex_lock (&lock->mutex);
  lock->has_writer = TRUE;
  pthread_mutex_unlock (&lock->mutex);
}

/* Sources */

typedef struct
{
  GSource       source;
  QnetIODevice *device;       /* (owned) */
  gpointer      tag;          /* (nullable): of @fd */
  int           fd;
  GIOCondition  condition;
  gboolean      is_reading;
  GCancellable *cancellable;  /* (owned) (nullable): of @cancelled */
  GPollFD       cancelled;
} LoanSource;

static GIOCondition
choose_condition (const LoanSource *self,
                  const QnetChannel *channel)
{
  GIOCondition condition = 0;

  if (!can_transfer (channel))
    return 0;

  if (self->is_reading && channel->read_state == QNET_READ_ACTIVE
      && channel->read_queue.length == 0)
    condition |= G_IO_IN;
  if (channel->write_queue.length > 0)
    condition |= G_IO_OUT;

  return condition;
}

/* Something else has moved the bytes that are waited for. */
static gboolean
is_due (const LoanSource  *self,
        const QnetChannel *channel)
{
  if (!can_transfer (channel))
    return FALSE;

  return self->is_reading ? channel->read_queue.length > 0 || qnet_channel_has_ended (channel)
                          : channel->write_queue.length == 0;
}

static void
poll_descriptor (LoanSource   *self,
                 int           fd,
                 GIOCondition  condition)
{
  if (self->fd == fd && self->condition == condition)
    return;

  if (self->tag != NULL)
    g_source_remove_unix_fd (&self->source, g_steal_pointer (&self->tag));

  self->fd = fd;
  self->condition = condition;
  if (condition != 0)
    self->tag = g_source_add_unix_fd (&self->source, fd, condition);
}

/* What happens after it wakes the source: see unlock_for_owner(), qnet-io-lock.c. */
static gboolean
loan_source_prepare (GSource *source,
                     int     *timeout)
{
  LoanSource *self = (LoanSource *) source;
  const QnetChannel *channel = &qnet_io_device_get_private (self->device)->channel;
  GIOCondition condition;
  gboolean is_ready;
  int fd;

  loan_begin (self->device);
  is_ready = is_due (self, channel);
  condition = choose_condition (self, channel);
  fd = condition != 0 ? channel->transport.fd : -1;
  loan_end (self->device);

  poll_descriptor (self, fd, condition);
  *timeout = -1;

  return is_ready;
}

static gboolean
loan_source_check (GSource *source)
{
  LoanSource *self = (LoanSource *) source;

  return self->cancelled.revents != 0
         || (self->tag != NULL && g_source_query_unix_fd (source, self->tag) != 0);
}

static gboolean
loan_source_dispatch (GSource     *source,
                      GSourceFunc  callback,
                      gpointer     user_data)
{
  g_source_set_ready_time (source, -1);

  return callback != NULL ? callback (user_data) : G_SOURCE_CONTINUE;
}

static void
loan_source_finalize (GSource *source)
{
  LoanSource *self = (LoanSource *) source;

  if (self->cancellable != NULL)
    g_cancellable_release_fd (self->cancellable);
  g_clear_object (&self->cancellable);
  g_object_unref (self->device);
}

/* GIO gives each child source a closure, and GObject requires that it can be called. */
static gboolean
loan_source_closure_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs loan_source_funcs = {
  .prepare          = loan_source_prepare,
  .check            = loan_source_check,
  .dispatch         = loan_source_dispatch,
  .finalize         = loan_source_finalize,
  .closure_callback = loan_source_closure_cb,
};

static QnetIOLock *
get_lock_of (GSource *source)
{
  return qnet_io_device_get_lock (qnet_io_device_get_private (((LoanSource *) source)->device));
}

GSource *
qnet_io_loan_source_new (QnetIODevice *device,
                         gboolean      is_reading)
{
  GSource *source = g_source_new (&loan_source_funcs, sizeof (LoanSource));
  LoanSource *self = (LoanSource *) source;

  self->device = g_object_ref (device);
  self->fd = -1;
  self->is_reading = is_reading;
  g_source_set_static_name (source, "[qnet] stream of another thread");
  qnet_io_lock_add_source (get_lock_of (source), source);

  return source;
}

void
qnet_io_loan_source_end (GSource *source)
{
  qnet_io_lock_remove_source (get_lock_of (source), source);
}

/* Blocking */

static gboolean
check_context (QnetIOOperation *operation)
{
  int error_number;

  if (qnet_reserve_can_make_context (&error_number))
    return TRUE;

  operation->error = g_error_new_literal (G_IO_ERROR, g_io_error_from_errno (error_number),
                                          g_strerror (error_number));

  return FALSE;
}

/* What was taken will be sent, and is counted. */
static gboolean
is_cancelled (QnetIOOperation *operation,
              GCancellable    *cancellable)
{
  if (operation->is_taken)
    return g_cancellable_is_cancelled (cancellable);

  return g_cancellable_set_error_if_cancelled (cancellable, &operation->error);
}

static void
add_cancellable_source (GSource      *source,
                        GCancellable *cancellable)
{
  g_autoptr(GSource) child = g_cancellable_source_new (cancellable);

  g_source_set_dummy_callback (child);
  g_source_add_child_source (source, child);
}

/* It wakes @source as well. A source of the cancellable would be called by the thread that cancels,
 * which may not have returned from there when this one frees its main context. Without descriptors
 * there is no other way. */
static void
add_cancellable (GSource      *source,
                 GCancellable *cancellable)
{
  LoanSource *self = (LoanSource *) source;
  int error_number;

  if (cancellable == NULL)
    return;

  if (!qnet_reserve_can_make_context (&error_number)
      || !g_cancellable_make_pollfd (cancellable, &self->cancelled))
    {
      add_cancellable_source (source, cancellable);
      return;
    }

  self->cancellable = g_object_ref (cancellable);
  g_source_add_poll (source, &self->cancelled);
}

/* It wakes @source as well. */
static void
add_limit (GSource         *source,
           QnetIOOperation *operation)
{
  g_autoptr(GSource) child = NULL;
  gint64 left = operation->until - qnet_clock_now ();

  if (operation->until == 0)
    return;

  child = g_timeout_source_new ((guint) (MAX (left, 0) / G_TIME_SPAN_MILLISECOND + 1));
  g_source_set_callback (child, loan_source_closure_cb, NULL, NULL);
  g_source_add_child_source (source, child);
}

/* In a main context of its own, which nothing else can run inside of. */
static void
wait_and_step (QnetIODevice    *device,
               GSource         *source,
               QnetIOOperation *operation,
               GCancellable    *cancellable)
{
  g_autoptr(GMainContext) context = g_main_context_new ();

  add_cancellable (source, cancellable);
  add_limit (source, operation);
  g_source_set_dummy_callback (source);
  g_source_attach (source, context);

  do
    g_main_context_iteration (context, TRUE);
  while (!is_cancelled (operation, cancellable) && !loan_step (device, operation));

  g_source_destroy (source);
  qnet_io_loan_source_end (source);
}

void
qnet_io_loan_run (QnetIODevice    *device,
                  QnetIOOperation *operation,
                  gboolean         is_reading,
                  GCancellable    *cancellable)
{
  g_autoptr(GSource) source = NULL;

  if (!is_reading)
    note_writer (device);

  if (is_cancelled (operation, cancellable) || loan_step (device, operation)
      || !check_context (operation))
    return;

  source = qnet_io_loan_source_new (device, is_reading);
  g_source_set_ready_time (source, 0);  /* what happened since that step */
  wait_and_step (device, source, operation, cancellable);
}

/* With a callback */

typedef struct
{
  QnetIODevice    *device;     /* (owned) */
  QnetIOOperation *operation;
  GSource         *source;     /* (not owned): that calls */
} Attempt;

/* When the source is destroyed. */
static void
attempt_free (Attempt *attempt)
{
  qnet_io_loan_source_end (attempt->source);
  g_object_unref (attempt->device);
  g_free (attempt);
}

static gboolean
attempt_step (QnetIODevice    *device,
              QnetIOOperation *operation)
{
  GCancellable *cancellable = g_task_get_cancellable (operation->task);

  return is_cancelled (operation, cancellable) || loan_step (device, operation);
}

static gboolean
attempt_cb (gpointer data)
{
  Attempt *attempt = data;

  if (!attempt_step (attempt->device, attempt->operation))
    return G_SOURCE_CONTINUE;

  qnet_io_operation_deliver (attempt->operation);

  return G_SOURCE_REMOVE;
}

void
qnet_io_loan_start (QnetIODevice    *device,
                    QnetIOOperation *operation,
                    gboolean         is_reading)
{
  g_autoptr(GSource) source = NULL;
  GTask *task = operation->task;
  Attempt *attempt;

  operation->device = NULL;  /* it is in no list */
  if (!is_reading)
    note_writer (device);

  if (attempt_step (device, operation))
    {
      qnet_io_operation_deliver (operation);
      return;
    }

  attempt = g_new (Attempt, 1);
  attempt->device = g_object_ref (device);
  attempt->operation = operation;

  source = qnet_io_loan_source_new (device, is_reading);
  attempt->source = source;
  add_cancellable (source, g_task_get_cancellable (task));
  add_limit (source, operation);
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, attempt_cb, attempt, (GDestroyNotify) attempt_free);
  g_source_set_ready_time (source, 0);  /* what happened since that step */
  g_source_attach (source, g_task_get_context (task));
}

/* A stream's use of its device */

QnetIOUse
qnet_io_use_begin (QnetIODevice *device)
{
  if (device == NULL || qnet_io_device_is_borrowed_by_caller (device))
    return (QnetIOUse) { NULL, { NULL, FALSE } };

  if (!qnet_io_device_is_elsewhere (device))
    return (QnetIOUse) { NULL, qnet_io_stay_begin (device, G_STRFUNC) };

  loan_begin (g_object_ref (device));

  return (QnetIOUse) { device, { NULL, FALSE } };
}

void
qnet_io_use_end (QnetIOUse *use)
{
  qnet_io_stay_end (&use->stay);

  if (use->device == NULL)
    return;

  qnet_io_loan_send (use->device);
  loan_end (use->device);
  g_clear_object (&use->device);
}

void
qnet_io_use_start (QnetIODevice    *device,
                   QnetIOOperation *operation,
                   gboolean         is_reading)
{
  g_auto(QnetIOStay) stay = { NULL, FALSE };

  if (device != NULL && qnet_io_device_is_elsewhere (device))
    {
      qnet_io_loan_start (device, operation, is_reading);
      return;
    }

  if (device != NULL)
    stay = qnet_io_stay_begin (device, G_STRFUNC);
  qnet_io_operation_start (operation);
}
