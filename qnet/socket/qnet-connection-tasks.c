/* qnet-connection-tasks.c: connecting and disconnecting as asynchronous pairs
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-reserve-private.h"
#include "socket/qnet-connection-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

static QnetConnection *
get_connection (GTask *task)
{
  return qnet_io_device_get_private (g_task_get_source_object (task))->connection;
}

/* Cancelling comes from any thread: a source brings it into the socket's own. */

void
qnet_connection_watch_cancellable (GTask       *task,
                                   GSourceFunc  cancelled_cb)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  GSource *source;

  if (cancellable == NULL)
    return;

  source = g_cancellable_source_new (cancellable);
  g_source_set_static_name (source, "[qnet] cancelled");
  g_source_set_priority (source, G_PRIORITY_HIGH);  /* before an outcome that is not reported yet */
  g_source_set_callback (source, cancelled_cb, g_object_ref (task), g_object_unref);
  g_source_attach (source, g_task_get_context (task));

  g_task_set_task_data (task, source, (GDestroyNotify) g_source_unref);
}

void
qnet_connection_end_task (GTask  **task,
                          GError  *error)
{
  g_autoptr(GTask) ended = g_steal_pointer (task);
  GSource *source;

  if (ended == NULL)
    {
      g_clear_error (&error);
      return;
    }

  source = g_task_get_task_data (ended);
  if (source != NULL)
    g_source_destroy (source);

  if (error != NULL)
    g_task_return_error (ended, error);
  else
    g_task_return_boolean (ended, TRUE);
}

GError *
qnet_connection_new_abort_error (const char *target)
{
  if (target == NULL)
    return g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION, _("Could not connect: the attempt was aborted"));

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                      _("Could not connect to %s: the attempt was aborted"), target);
}

gboolean
qnet_connection_refuse_second (GTask **pending,
                               GTask  *task)
{
  if (*pending == NULL)
    return FALSE;

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, _("Such an operation is under way already"));
  g_object_unref (task);

  return TRUE;
}

/* Connecting */

static gboolean
connect_cancelled_cb (GCancellable *cancellable,
                      gpointer      user_data)
{
  g_autoptr(GTask) task = g_object_ref (user_data);
  G_GNUC_UNUSED g_autoptr(QnetIODevice) hold = g_object_ref (g_task_get_source_object (task));
  QnetConnection *self = get_connection (task);
  GError *error = NULL;

  if (self->connect_task == task && g_cancellable_set_error_if_cancelled (cancellable, &error))
    {
      g_autoptr(GTask) cancelled = g_steal_pointer (&self->connect_task);

      qnet_connection_abort (self);
      qnet_connection_end_task (&cancelled, error);
    }

  return G_SOURCE_REMOVE;
}

/* A call that fails at once has its own GError, and the property, but no signal. Takes @error. */
static void
refuse (QnetConnection *self,
        GTask          *task,
        GError         *error)
{
  qnet_io_device_take_error (self->device, g_error_copy (error));
  g_task_return_error (task, error);
}

GTask *
qnet_connection_new_connect_task (QnetConnection      *self,
                                  gboolean             is_bound,
                                  const char          *target,
                                  int                  io_priority,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  GTask *task = qnet_task_new (self->device, cancellable, callback, user_data);
  GError *error = NULL;

  /* Cancelled too late, the connection stands, and the result says so. */
  g_task_set_check_cancellable (task, FALSE);

  g_task_set_source_tag (task, qnet_connection_new_connect_task);
  g_task_set_priority (task, io_priority);

  if (qnet_connection_refuse_second (&self->connect_task, task))
    return NULL;

  if (!qnet_reactor_check_loop (&error) || (!is_bound && !qnet_connection_can_begin (self, &error)))
    {
      g_prefix_error (&error, _("Could not connect to %s: "), target);
      refuse (self, task, error);
    }
  else if (!g_task_return_error_if_cancelled (task))
    return task;

  g_object_unref (task);

  return NULL;
}

void
qnet_connection_await_connect (QnetConnection *self,
                               GTask          *task)
{
  if (self->connect_task == task)
    qnet_connection_watch_cancellable (task, G_SOURCE_FUNC (connect_cancelled_cb));
}

/* Disconnecting */

static gboolean
disconnect_cancelled_cb (GCancellable *cancellable,
                         gpointer      user_data)
{
  g_autoptr(GTask) task = g_object_ref (user_data);
  QnetConnection *self = get_connection (task);
  GError *error = NULL;

  if (self->disconnect_task == task && g_cancellable_set_error_if_cancelled (cancellable, &error))
    qnet_connection_end_task (&self->disconnect_task, error);

  return G_SOURCE_REMOVE;
}

void
qnet_connection_disconnect_async (QnetConnection      *self,
                                  gpointer             source_tag,
                                  int                  io_priority,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  G_GNUC_UNUSED g_autoptr(QnetIODevice) hold = g_object_ref (self->device);  /* longer than the task does, perhaps */
  GTask *task = qnet_task_new (self->device, cancellable, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, source_tag);
  g_task_set_priority (task, io_priority);

  if (qnet_connection_refuse_second (&self->disconnect_task, task))
    return;

  if (!qnet_reactor_check_loop (&error))
    {
      refuse (self, task, error);
      g_object_unref (task);
      return;
    }

  self->disconnect_task = task;
  qnet_connection_disconnect (self);

  if (self->disconnect_task != task)
    return;

  if (self->state == QNET_SOCKET_STATE_UNCONNECTED)
    qnet_connection_end_task (&self->disconnect_task, NULL);
  else
    qnet_connection_watch_cancellable (task, G_SOURCE_FUNC (disconnect_cancelled_cb));
}
