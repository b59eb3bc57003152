/* qnet-io-operation.c: asynchronous operations that wait for a device
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "device/qnet-io-operation-private.h"

#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "device/qnet-io-lock-private.h"

/* One operation */

static void
operation_free (QnetIOOperation *operation)
{
  g_clear_error (&operation->error);
  g_clear_pointer (&operation->bytes, g_bytes_unref);
  g_clear_pointer (&operation->datagram, qnet_network_datagram_unref);
  g_clear_pointer (&operation->to_send, qnet_network_datagram_unref);
  g_free (operation);
}

/* When the dispatch that is under way began, 0 outside of any. */
static gint64
get_turn (void)
{
  GSource *source = g_main_current_source ();

  return source != NULL ? g_source_get_time (source) : 0;
}

QnetIOOperation *
qnet_io_operation_new (QnetIODevice        *device,
                       gpointer             source,
                       QnetIOStep           step,
                       int                  io_priority,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  QnetIOOperation *operation = g_new0 (QnetIOOperation, 1);

  operation->step = step;
  operation->device = device;
  operation->turn = get_turn ();
  operation->task = qnet_task_new (source, cancellable, callback, user_data);

  g_task_set_priority (operation->task, io_priority);
  g_task_set_source_tag (operation->task, (gpointer) step);
  g_task_set_task_data (operation->task, operation, (GDestroyNotify) operation_free);

  /* What was read is returned even if the call is cancelled meanwhile: else it would be lost. */
  g_task_set_check_cancellable (operation->task, FALSE);

  return operation;
}

/* A step may notify, and a handler of that may run operations in turn: not this one. If it disposes
 * the device, the operation ends when the step has returned, with what that has read. */
static gboolean
take_step (QnetIOOperation *operation)
{
  gboolean has_ended;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (operation->task),
                                            &operation->error))
    return TRUE;

  operation->is_stepping = TRUE;
  has_ended = operation->step (operation->device, operation);
  operation->is_stepping = FALSE;

  if (operation->device != NULL || has_ended)
    return has_ended;

  operation->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                                          _("The device was disposed"));

  return TRUE;
}

/* The list of a device */

static void
add_to_list (QnetIOOperation *operation)
{
  QnetIOOperation **link = &qnet_io_device_get_private (operation->device)->operations;

  while (*link != NULL)
    link = &(*link)->next;

  *link = operation;
}

static void
remove_from_list (QnetIOOperation *operation)
{
  QnetIOOperation **link = &qnet_io_device_get_private (operation->device)->operations;

  while (*link != operation)
    link = &(*link)->next;

  *link = g_steal_pointer (&operation->next);
}

static gboolean
is_in_list (QnetIODevice *device,
            QnetIOStep    step)
{
  QnetIOOperation *operation = qnet_io_device_get_private (device)->operations;

  while (operation != NULL && operation->step != step)
    operation = operation->next;

  return operation != NULL;
}

/* The end of an operation */

void
qnet_io_operation_deliver (QnetIOOperation *operation)
{
  g_autoptr(GTask) task = operation->task;

  if (operation->error != NULL)
    g_task_return_error (task, g_steal_pointer (&operation->error));
  else if (operation->bytes != NULL)
    g_task_return_pointer (task, g_steal_pointer (&operation->bytes),
                           (GDestroyNotify) g_bytes_unref);
  else if (operation->datagram != NULL)
    g_task_return_pointer (task, g_steal_pointer (&operation->datagram),
                           (GDestroyNotify) qnet_network_datagram_unref);
  else
    g_task_return_int (task, operation->count);
}

/* GTask may call back before it returns. */
static void
deliver (QnetIOOperation *operation)
{
  g_autoptr(QnetIODevice) device = operation->device != NULL ? g_object_ref (operation->device)
                                                             : NULL;
  guint stays = 0;

  if (device != NULL)
    {
      remove_from_list (operation);
      stays = qnet_io_device_step_out (device);
    }

  qnet_io_operation_deliver (operation);

  if (device != NULL)
    qnet_io_device_step_in (device, stays);
}

/* In the next turn of the main loop, which is no stay yet. */
static gboolean
deliver_cb (gpointer task)
{
  QnetIOOperation *operation = g_task_get_task_data (task);
  g_autoptr(QnetIODevice) device = operation->device != NULL ? g_object_ref (operation->device)
                                                             : NULL;

  if (device != NULL)
    qnet_io_device_enter (device);
  deliver (operation);
  if (device != NULL)
    qnet_io_device_leave (device);

  return G_SOURCE_REMOVE;
}

/* What GTask asks, too, before it calls back at once. Until it has called back an operation is
 * pending, so that a second one cannot overtake it. */
static gboolean
can_deliver_now (QnetIOOperation *operation)
{
  GSource *source = g_main_current_source ();

  return source != NULL
         && g_source_get_context (source) == g_task_get_context (operation->task)
         && g_source_get_time (source) != operation->turn;
}

static void
deliver_later (QnetIOOperation *operation)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_static_name (source, "[qnet] end of an operation");
  g_task_attach_source (operation->task, source, deliver_cb);
}

static void
stop_listening (QnetIOOperation *operation)
{
  if (operation->cancel_source == NULL)
    return;

  g_source_destroy (operation->cancel_source);
  g_clear_pointer (&operation->cancel_source, g_source_unref);
}

static void
end_operation (QnetIOOperation *operation,
               gboolean         may_call_back)
{
  operation->has_ended = TRUE;
  stop_listening (operation);

  if (may_call_back && can_deliver_now (operation))
    deliver (operation);
  else
    deliver_later (operation);
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      task)
{
  QnetIOOperation *operation = g_task_get_task_data (task);
  g_autoptr(QnetIODevice) device = NULL;

  if (operation->is_stepping || operation->has_ended)
    return G_SOURCE_REMOVE;

  device = g_object_ref (operation->device);
  qnet_io_device_enter (device);
  g_cancellable_set_error_if_cancelled (cancellable, &operation->error);
  end_operation (operation, TRUE);
  qnet_io_device_leave (device);

  return G_SOURCE_REMOVE;
}

/* The start of an operation */

/* Any thread may cancel; the source is dispatched in the operation's own. */
static void
listen_to_cancellable (QnetIOOperation *operation)
{
  GCancellable *cancellable = g_task_get_cancellable (operation->task);

  if (cancellable == NULL)
    return;

  operation->cancel_source = g_cancellable_source_new (cancellable);
  g_source_set_static_name (operation->cancel_source, "[qnet] cancellation of an operation");
  g_task_attach_source (operation->task, operation->cancel_source, G_SOURCE_FUNC (cancelled_cb));
}

static gboolean
is_detached (QnetIODevice *device)
{
  QnetReactor *reactor = qnet_io_device_get_private (device)->wait_set.reactor;

  return reactor != NULL && qnet_reactor_is_detached (reactor);
}

static void
refuse (QnetIOOperation *operation,
        GIOErrorEnum     code,
        const char      *message)
{
  operation->device = NULL;
  operation->error = g_error_new_literal (G_IO_ERROR, code, message);
  end_operation (operation, FALSE);
}

static void
start_with_device (QnetIOOperation *operation)
{
  G_GNUC_UNUSED g_autoptr(GTask) hold = g_object_ref (operation->task);
  gboolean has_ended;

  add_to_list (operation);
  has_ended = take_step (operation);

  if (!has_ended && is_detached (operation->device))
    {
      operation->error =
        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                             _("The device is used without a main loop; use the blocking "
                               "functions"));
      has_ended = TRUE;
    }

  if (has_ended)
    end_operation (operation, FALSE);
  else
    listen_to_cancellable (operation);
}

void
qnet_io_operation_start (QnetIOOperation *operation)
{
  if (operation->device != NULL)
    start_with_device (operation);
  else
    refuse (operation, G_IO_ERROR_CLOSED, _("The device was disposed"));
}

void
qnet_io_operation_start_single (QnetIOOperation *operation)
{
  if (is_in_list (operation->device, operation->step))
    refuse (operation, G_IO_ERROR_PENDING, _("An operation of this kind is already pending"));
  else
    start_with_device (operation);
}

gssize
qnet_io_operation_finish (GAsyncResult  *result,
                          GError       **error)
{
  return g_task_propagate_int (G_TASK (result), error);
}

GBytes *
qnet_io_operation_finish_bytes (GAsyncResult  *result,
                                GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

QnetNetworkDatagram *
qnet_io_operation_finish_datagram (GAsyncResult  *result,
                                   GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* All operations of a device */

static QnetIOOperation *
find_one_that_ends (QnetIODevice *self)
{
  QnetIOOperation *operation = qnet_io_device_get_private (self)->operations;

  while (operation != NULL
         && (operation->has_ended || operation->is_stepping || !take_step (operation)))
    operation = operation->next;

  return operation;
}

/* Each callback may do anything, so the list is read from its beginning after each. */
static void
run_operations (QnetIODevice *self,
                gboolean      may_call_back)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  QnetIOOperation *operation;

  while ((operation = find_one_that_ends (self)) != NULL)
    end_operation (operation, may_call_back);
}

/* While the link is up, the reactor or a wait calls this, after all signals. When the link becomes
 * NONE, a call of the application may be the reason, and signals are still to be emitted: the
 * result of each operation is decided now, before a handler connects again, and is delivered
 * later. */
void
qnet_io_device_run_operations (QnetIODevice *self)
{
  run_operations (self, qnet_io_device_get_private (self)->link == QNET_LINK_UP);
}

void
qnet_io_device_settle_operations (QnetIODevice *self)
{
  run_operations (self, FALSE);
}

void
qnet_io_device_drop_operations (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetIOOperation *operation;

  while ((operation = priv->operations) != NULL)
    {
      remove_from_list (operation);

      if (operation->has_ended || operation->is_stepping)
        operation->device = NULL;
      else
        refuse (operation, G_IO_ERROR_CLOSED, _("The device was disposed"));
    }
}

/* What has come and gone */

gboolean
qnet_io_device_end_is_reported (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  return priv->link == QNET_LINK_NONE || priv->input != QNET_INPUT_OPEN;
}

guint64
qnet_io_device_get_send_target (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  return priv->channel.bytes_sent + qnet_io_device_get_unsent (priv);
}

gboolean
qnet_io_device_has_sent (QnetIODevice *self,
                         guint64       target)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  gsize pending = priv->link != QNET_LINK_NONE ? priv->channel.sent_pending : 0;

  return priv->channel.bytes_sent - pending >= target;
}
