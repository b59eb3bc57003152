/* qnet-reconnector-awaiting.c: waiting for the next connection, asynchronously
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "service/qnet-reconnector-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"

static void
end_task (GTask        *task,   /* (transfer full) */
          const GError *error)  /* (nullable) */
{
  GSource *source = g_task_get_task_data (task);

  if (source != NULL)
    g_source_destroy (source);

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);

  g_object_unref (task);
}

GQueue
qnet_reconnector_take_awaiting (QnetReconnector *self)
{
  GQueue taken = self->awaiting;

  g_queue_init (&self->awaiting);

  return taken;
}

void
qnet_reconnector_end_awaiting (GQueue       *awaiting,
                               const GError *error)
{
  GTask *task;

  while ((task = g_queue_pop_head (awaiting)) != NULL)
    end_task (task, error);
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  GTask *task = user_data;
  QnetReconnector *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, &error)
      && g_queue_remove (&self->awaiting, task))
    end_task (task, error);

  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (GTask        *task,
                   GCancellable *cancellable)
{
  GSource *source;

  if (cancellable == NULL)
    return;

  source = g_cancellable_source_new (cancellable);
  g_source_set_static_name (source, "[qnet] cancelled wait");
  g_source_set_callback (source, G_SOURCE_FUNC (cancelled_cb), g_object_ref (task),
                         g_object_unref);
  g_source_attach (source, g_task_get_context (task));
  g_task_set_task_data (task, source, (GDestroyNotify) g_source_unref);
}

/* (nullable) (transfer none): NULL: it waits */
static gboolean
has_outcome (QnetReconnector *self,
             const GError   **out_error)
{
  *out_error = self->state == QNET_RECONNECTOR_FAILED ? self->error : NULL;

  return self->state == QNET_RECONNECTOR_CONNECTED || self->state == QNET_RECONNECTOR_FAILED;
}

static void
refuse_thread (QnetReconnector     *self,
               GAsyncReadyCallback  callback,
               gpointer             user_data)
{
  g_autoptr(GTask) task = qnet_task_new (self, NULL, callback, user_data);
  GError *error = NULL;

  qnet_set_error (&error, QNET_SOCKET_ERROR_OPERATION, _("The object belongs to another thread"));
  g_task_set_source_tag (task, qnet_reconnector_await_connected_async);
  g_task_return_error (task, error);
}

/* Public API */

/**
 * qnet_reconnector_await_connected_async:
 * @self: a reconnector
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): to end the wait, or %NULL
 * @callback: (scope async) (closure user_data): called when there is a connection
 * @user_data: data for @callback
 *
 * Waits until [property@Reconnector:state] is
 * [QNET_RECONNECTOR_CONNECTED][enum@ReconnectorState], which it may be already.
 *
 * The wait fails with the error of [signal@Reconnector::gave-up] if there will be no connection,
 * and with [QNET_SOCKET_ERROR_OPERATION][error@SocketError] if the reconnector is stopped. If
 * @cancellable is cancelled, it fails with [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum], and the
 * attempts go on. A reconnector that was not started is waited for, too. It is kept alive until the
 * wait has ended.
 *
 * Since: 1.0
 */
void
qnet_reconnector_await_connected_async (QnetReconnector     *self,
                                        int                  io_priority,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data)
{
  GTask *task;
  const GError *error;

  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  if (!qnet_reconnector_check_caller (self, G_STRFUNC))
    {
      refuse_thread (self, callback, user_data);
      return;
    }

  task = qnet_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_reconnector_await_connected_async);
  g_task_set_priority (task, io_priority);
  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }

  if (has_outcome (self, &error))
    {
      end_task (task, error);
      return;
    }

  g_queue_push_tail (&self->awaiting, task);
  watch_cancellable (task, cancellable);
}

/**
 * qnet_reconnector_await_connected_finish:
 * @self: a reconnector
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Ends [method@Reconnector.await_connected_async].
 *
 * Returns: whether the socket was connected
 *
 * Since: 1.0
 */
gboolean
qnet_reconnector_await_connected_finish (QnetReconnector  *self,
                                         GAsyncResult     *result,
                                         GError          **error)
{
  g_return_val_if_fail (QNET_IS_RECONNECTOR (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
