/* qnet-io-device-closing.c: g_io_stream_close() on a device
 *
 * GIOStream's own close_async() would call close_fn(), and emit our signals, in a worker thread.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-i18n-private.h"
#include "device/qnet-io-loan-private.h"
#include "device/qnet-io-operation-private.h"

static gboolean
released_cb (gpointer self)
{
  return G_SOURCE_REMOVE;
}

/* GIOStream uses the stream when close_fn() has returned, and has no reference, where a handler may
 * have dropped the last one. */
static void
stay_for_caller (QnetIODevice *self)
{
  GSource *source;

  if (!qnet_io_device_is_disposed (qnet_io_device_get_private (self)))
    return;

  source = g_idle_source_new ();
  g_source_set_static_name (source, "[qnet] end of a hold");
  g_source_set_callback (source, released_cb, qnet_io_device_hold (self),
                         (GDestroyNotify) qnet_io_device_release);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_source_unref (source);
}

/* GIOStream calls this once at most. If a handler of a notification ends the connection in here,
 * the device is closed in the next iteration all the same: GIOStream looks at it when this has
 * returned. */
static void
begin_to_close (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_io_device_emit_about_to_close (self);
  if (qnet_io_device_is_disposed (priv))
    return;

  qnet_io_device_enter_closing (priv, QNET_CLOSING_STARTING);
  qnet_io_device_store_open_mode (self, QNET_OPEN_MODE_NOT_OPEN);
  qnet_io_device_clear_read_buffer (self);
  if (!priv->channel.is_datagram)
    qnet_channel_discard_input (&priv->channel);
  qnet_io_device_settle_operations (self);
  qnet_io_device_close_streams (self);
  qnet_io_device_enter_closing (priv, QNET_CLOSING_PENDING);
  if (qnet_io_device_is_disposed (priv))
    return;

  QNET_IO_DEVICE_GET_CLASS (self)->priv->begin_close (self);
}

void
qnet_io_device_closed (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->closing != QNET_CLOSING_PENDING)
    return;

  qnet_io_device_enter_closing (priv, QNET_CLOSING_DONE);
  qnet_io_device_settle_operations (self);
}

/* In another thread or main context: what was written is sent here, since the owner may be blocked.
 * The owner does the rest, and emits, in its next turn. */

static void
start_limit (QnetIODevice    *self,
             QnetIOOperation *operation)
{
  guint timeout;

  if (operation->has_target)
    return;

  operation->has_target = TRUE;
  timeout = QNET_IO_DEVICE_GET_CLASS (self)->priv->get_close_timeout (self);
  if (timeout > 0 && timeout < G_MAXUINT)
    operation->until = qnet_clock_now () + (gint64) timeout * G_TIME_SPAN_MILLISECOND;
}

static gboolean
is_sending (QnetIODevice *self)
{
  const QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  return priv->link == QNET_LINK_UP && priv->channel.write_error == NULL
         && (qnet_io_device_get_unsent (priv) > 0 || qnet_io_loan_has_moved (self));
}

static gboolean
hand_in_step (QnetIODevice    *self,
              QnetIOOperation *operation)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  start_limit (self, operation);
  qnet_io_loan_send (self);
  if (!is_sending (self))
    qnet_io_loan_shut (self);
  else if (operation->until == 0 || qnet_clock_now () < operation->until)
    return FALSE;
  else
    g_set_error_literal (&operation->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                         _("Could not close the device in time: Not all bytes could be sent"));

  qnet_io_device_get_lock (priv)->is_closed = TRUE;
  qnet_io_device_get_lock (priv)->has_moved = TRUE;  /* operations of other threads end */

  return TRUE;
}

static gboolean begin_to_close_cb (gpointer self);

/* In its next turn; without a main loop, when it enters the device, and the descriptor is closed
 * here. */
static void
invoke_close (QnetIODevice *self,
              gboolean      sends_rest)
{
  if (!qnet_io_device_invoke (self, begin_to_close_cb))
    qnet_io_loan_close (self, sends_rest);
}

void
qnet_io_device_close_as_marked (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;

  if (qnet_io_device_is_disposed (priv) || priv->closing != QNET_CLOSING_NONE)
    return;

  hold = qnet_io_device_hold (self);
  priv->channel.is_marked = FALSE;
  if (qnet_channel_is_open (&priv->channel) && priv->channel.transport.fd == -1)
    qnet_channel_note_descriptor_closed (&priv->channel);
  begin_to_close (self);
}

static void
close_as_owner (QnetIODevice *self)
{
  G_GNUC_UNUSED g_auto(QnetIOStay) stay = qnet_io_stay_begin (self, G_STRFUNC);

  begin_to_close (self);
}

/* The device may belong to another thread by now. */
static gboolean
begin_to_close_cb (gpointer self)
{
  if (qnet_io_device_is_foreign (self))
    invoke_close (self, TRUE);
  else
    close_as_owner (self);

  return G_SOURCE_REMOVE;
}

/* From then on no call of any thread waits until something was sent. */
static void
note_closed (QnetIODevice *self)
{
  QnetIOLock *lock = qnet_io_device_get_lock (qnet_io_device_get_private (self));

  pthread_mutex_lock (&lock->mutex);
  lock->is_closed = TRUE;
  qnet_io_lock_wake_sources (lock);
  pthread_mutex_unlock (&lock->mutex);
}

/* Its streams are closed when the call has returned, as GIO has it: if the owner closed them, a
 * call of this thread could find one pending. */
static void
let_owner_close (QnetIODevice *self,
                 gboolean      sends_rest)
{
  note_closed (self);
  qnet_io_device_close_streams (self);
  invoke_close (self, sends_rest);
}

/* A device that was never connected is closed by the caller. */
static gboolean
can_close_elsewhere (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  return qnet_io_device_get_lock (priv) != NULL
         && qnet_wait_set_find_place (&priv->wait_set).has_reactor;
}

static gboolean
close_elsewhere (QnetIODevice  *self,
                 GCancellable  *cancellable,
                 GError       **error)
{
  QnetIOOperation operation = { .step = hand_in_step };

  qnet_io_loan_run (self, &operation, FALSE, cancellable);
  let_owner_close (self, operation.error == NULL);
  if (operation.error == NULL)
    return TRUE;

  g_propagate_error (error, operation.error);

  return FALSE;
}

/* There is something to report only where closing has ended already, because it blocks. */
static gboolean
qnet_io_device_close (GIOStream     *stream,
                      GCancellable  *cancellable,
                      GError       **error)
{
  QnetIODevice *self = QNET_IO_DEVICE (stream);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  g_auto(QnetIOStay) stay = { NULL, FALSE };

  if (can_close_elsewhere (self) && qnet_io_device_is_foreign (self))
    return close_elsewhere (self, cancellable, error);

  stay = qnet_io_stay_begin (self, "g_io_stream_close");
  if (qnet_io_stay_set_error (&stay, error))
    return FALSE;

  if (qnet_io_device_is_disposed (priv))
    return TRUE;  /* GIOStream's dispose() has called us */

  hold = qnet_io_device_hold (self);
  begin_to_close (self);
  stay_for_caller (self);

  if (qnet_io_device_get_errors (priv)->loss == NULL)
    return TRUE;

  g_propagate_error (error, g_error_copy (qnet_io_device_get_errors (priv)->loss));

  return FALSE;
}

static gboolean
close_step (QnetIODevice    *self,
            QnetIOOperation *operation)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (qnet_io_device_is_closing (priv))
    return FALSE;

  if (qnet_io_device_get_errors (priv)->loss != NULL)
    operation->error = g_error_copy (qnet_io_device_get_errors (priv)->loss);

  return TRUE;
}

static void
qnet_io_device_close_async (GIOStream           *stream,
                            int                  io_priority,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  QnetIODevice *self = QNET_IO_DEVICE (stream);
  gboolean is_elsewhere = can_close_elsewhere (self) && qnet_io_device_is_elsewhere (self);
  g_auto(QnetIOStay) stay = { NULL, FALSE };
  QnetIOOperation *operation;

  if (!is_elsewhere)
    stay = qnet_io_stay_begin (self, "g_io_stream_close_async");
  if (stay.is_refused)
    {
      qnet_return_thread_error (self, close_step, io_priority, callback, user_data);
      return;
    }

  operation = qnet_io_operation_new (self, self, is_elsewhere ? hand_in_step : close_step,
                                     io_priority, cancellable, callback, user_data);
  if (is_elsewhere)
    {
      qnet_io_loan_start (self, operation, FALSE);
      return;
    }

  begin_to_close (self);
  qnet_io_operation_start (operation);
}

static gboolean
qnet_io_device_close_finish (GIOStream     *stream,
                             GAsyncResult  *result,
                             GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), FALSE);

  if (g_task_get_source_tag (G_TASK (result)) == (gpointer) hand_in_step)
    let_owner_close (QNET_IO_DEVICE (stream), !g_task_had_error (G_TASK (result)));

  return qnet_io_operation_finish (result, error) != -1;
}

void
qnet_io_device_class_install_closing (QnetIODeviceClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  stream_class->close_fn = qnet_io_device_close;
  stream_class->close_async = qnet_io_device_close_async;
  stream_class->close_finish = qnet_io_device_close_finish;
}
