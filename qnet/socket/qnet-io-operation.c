/* qnet-io-operation.c: asynchronous operations that wait for a device
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-reserve-private.h"
#include "socket/qnet-io-operation-private.h"

#include "base/qnet-i18n-private.h"

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

  /* What was read is handed out, even if it is cancelled in the meantime: else it would be lost. */
  g_task_set_check_cancellable (operation->task, FALSE);

  return operation;
}

/* A step may notify, and a handler of that may run operations in turn: not this one. */
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

  return has_ended;
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

static void
deliver (QnetIOOperation *operation)
{
  g_autoptr(GTask) task = operation->task;

  if (operation->device != NULL)
    remove_from_list (operation);

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

static gboolean
deliver_cb (gpointer task)
{
  deliver (g_task_get_task_data (task));

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

/* A handler inside its last step may have disposed the device, and ended it so. */
static void
end_operation (QnetIOOperation *operation,
               gboolean         may_call_back)
{
  if (operation->has_ended)
    return;

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

  if (operation->is_stepping || operation->has_ended)
    return G_SOURCE_REMOVE;

  g_cancellable_set_error_if_cancelled (cancellable, &operation->error);
  end_operation (operation, TRUE);

  return G_SOURCE_REMOVE;
}

/* The start of an operation */

/* Whoever cancels may do it in any thread, but it arrives in the operation's own. */
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

  if (operation->device == NULL)
    return;  /* a handler has disposed it */

  if (!has_ended && is_detached (operation->device))
    {
      operation->error =
        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                             _("No main loop moves this socket: use the blocking functions"));
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
    refuse (operation, G_IO_ERROR_CLOSED, _("The socket was disposed"));
}

void
qnet_io_operation_start_single (QnetIOOperation *operation)
{
  if (is_in_list (operation->device, operation->step))
    refuse (operation, G_IO_ERROR_PENDING, _("Such an operation is under way already"));
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
  G_GNUC_UNUSED g_autoptr(QnetIODevice) hold = g_object_ref (self);
  QnetIOOperation *operation;

  while ((operation = find_one_that_ends (self)) != NULL)
    end_operation (operation, may_call_back);
}

/* While the link is up, the reactor calls this (or a wait does), after all signals. When it goes,
 * some call of the user's may be the reason, and signals are still to come: what becomes of each
 * operation is decided now, before a handler connects anew, and told later. */
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

      if (operation->has_ended)
        operation->device = NULL;
      else
        refuse (operation, G_IO_ERROR_CLOSED, _("The socket was disposed"));
    }
}

/* What has come and gone */

gboolean
qnet_io_device_end_is_told (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  return priv->link == QNET_LINK_NONE || priv->has_ended;
}

guint64
qnet_io_device_get_send_target (QnetIODevice *self)
{
  QnetChannel *channel = &qnet_io_device_get_private (self)->channel;

  return channel->bytes_sent + channel->write_queue.length;
}

gboolean
qnet_io_device_has_sent (QnetIODevice *self,
                         guint64       target)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  gsize untold = priv->link != QNET_LINK_NONE ? priv->channel.sent_untold : 0;

  return priv->channel.bytes_sent - untold >= target;
}
