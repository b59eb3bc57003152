/* qnet-socket-async.c: the tasks of connecting, and disconnecting as an asynchronous pair
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "socket/qnet-socket-private.h"

/* Any thread may cancel: a source of the socket's context handles it. */

void
qnet_socket_watch_cancellable (GTask       *task,
                               GSourceFunc  cancelled_cb)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  GSource *source;

  if (cancellable == NULL)
    return;

  source = g_cancellable_source_new (cancellable);
  g_source_set_static_name (source, "[qnet] cancelled");
  g_source_set_priority (source, G_PRIORITY_HIGH);  /* before a result that is not reported yet */
  g_source_set_callback (source, cancelled_cb, g_object_ref (task), g_object_unref);
  g_source_attach (source, g_task_get_context (task));

  g_task_set_task_data (task, source, (GDestroyNotify) g_source_unref);
}

void
qnet_socket_return (GTask  *task,
                    GError *error)
{
  QnetIODevice *device = g_task_get_source_object (task);
  guint stays = qnet_io_device_step_out (device);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);

  qnet_io_device_step_in (device, stays);
}

void
qnet_socket_end_task (GTask  **task,
                      GError  *error)
{
  GTask *ended = g_steal_pointer (task);
  GSource *source;

  if (ended == NULL)
    {
      g_clear_error (&error);
      return;
    }

  source = g_task_get_task_data (ended);
  if (source != NULL)
    g_source_destroy (source);

  qnet_socket_return (ended, error);
  qnet_io_device_drop (g_task_get_source_object (ended), ended);
}

GError *
qnet_socket_new_abort_error (const char *target)
{
  if (target == NULL)
    return g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                                _("Could not connect: The attempt was aborted"));

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                      _("Could not connect to %s: The attempt was aborted"), target);
}

gboolean
qnet_socket_refuse_second (GTask **pending,
                           GTask  *task)
{
  if (*pending == NULL)
    return FALSE;

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                           _("An operation of this kind is already pending"));
  g_object_unref (task);

  return TRUE;
}

/* Connecting */

static gboolean
connect_cancelled_cb (GCancellable *cancellable,
                      gpointer      user_data)
{
  g_autoptr(GTask) task = g_object_ref (user_data);
  g_autoptr(QnetSocket) self = g_object_ref (g_task_get_source_object (task));
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  GError *error = NULL;

  if (priv->connect_task == task && g_cancellable_set_error_if_cancelled (cancellable, &error))
    {
      g_autoptr(GTask) cancelled = g_steal_pointer (&priv->connect_task);

      qnet_socket_abort (self);
      qnet_socket_end_task (&cancelled, error);
    }

  return G_SOURCE_REMOVE;
}

/* A call that fails at once has its own GError, and the property, but no signal. Takes @error. */
static void
refuse (QnetSocket *self,
        GTask      *task,
        GError     *error)
{
  qnet_io_device_take_error (QNET_IO_DEVICE (self), g_error_copy (error));
  g_task_return_error (task, error);
}

GTask *
qnet_socket_new_connect_task (QnetSocket          *self,
                              gboolean             is_bound,
                              const char          *what,
                              int                  io_priority,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  GTask *task = qnet_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;

  /* If it is cancelled too late, the connection is established, and the result is success. */
  g_task_set_check_cancellable (task, FALSE);

  g_task_set_source_tag (task, qnet_socket_new_connect_task);
  g_task_set_priority (task, io_priority);

  if (qnet_socket_refuse_second (&priv->connect_task, task))
    return NULL;

  if (!qnet_reactor_check_loop (&error) || (!is_bound && !qnet_socket_can_begin (self, &error)))
    {
      qnet_prefix_error (&error, "%s", what);
      refuse (self, task, error);
    }
  else if (!g_task_return_error_if_cancelled (task))
    return task;

  g_object_unref (task);

  return NULL;
}

void
qnet_socket_watch_connect_task (QnetSocket *self,
                                GTask      *task)
{
  if (qnet_socket_get_private (self)->connect_task == task)
    qnet_socket_watch_cancellable (task, G_SOURCE_FUNC (connect_cancelled_cb));
}

/* The task of a socket in use is that of the connection in progress, which is not affected. */
void
qnet_socket_refuse_to_connect (QnetSocket *self,
                               GError     *error)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  if (priv->state == QNET_SOCKET_STATE_UNCONNECTED || priv->state == QNET_SOCKET_STATE_BOUND)
    qnet_socket_end_task (&priv->connect_task, g_error_copy (error));

  qnet_socket_refuse (self, error);
}

/* Disconnecting */

static gboolean
disconnect_cancelled_cb (GCancellable *cancellable,
                         gpointer      user_data)
{
  g_autoptr(GTask) task = g_object_ref (user_data);
  QnetSocketPrivate *priv = qnet_socket_get_private (g_task_get_source_object (task));
  GError *error = NULL;

  if (priv->disconnect_task == task && g_cancellable_set_error_if_cancelled (cancellable, &error))
    qnet_socket_end_task (&priv->disconnect_task, error);

  return G_SOURCE_REMOVE;
}

/* Takes @task. */
static void
disconnect_with_task (QnetSocket *self,
                      GTask      *task)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  priv->disconnect_task = task;
  qnet_socket_disconnect_from_peer (self);

  if (priv->disconnect_task != task)
    return;

  if (priv->state == QNET_SOCKET_STATE_UNCONNECTED)
    qnet_socket_end_task (&priv->disconnect_task, NULL);
  else
    qnet_socket_watch_cancellable (task, G_SOURCE_FUNC (disconnect_cancelled_cb));
}

/**
 * qnet_socket_disconnect_from_peer_async:
 * @self: a socket
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the waiting alone: the connection is closed all the same
 * @callback: (scope async) (closure user_data): called when the socket is unconnected
 * @user_data: data for @callback
 *
 * Closes the connection as [method@Socket.disconnect_from_peer] does, and calls back when it has
 * ended.
 *
 * The signals are emitted too, before the callback.
 *
 * Since: 1.0
 */
void
qnet_socket_disconnect_from_peer_async (QnetSocket          *self,
                                        int                  io_priority,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  GTask *task;
  GError *error = NULL;

  g_return_if_fail (QNET_IS_SOCKET (self));
  QNET_IO_STAY_OR_CALL_BACK (self, qnet_socket_disconnect_from_peer_async);

  hold = qnet_io_device_hold (self);  /* perhaps longer than the task */
  task = qnet_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_socket_disconnect_from_peer_async);
  g_task_set_priority (task, io_priority);

  if (qnet_socket_refuse_second (&qnet_socket_get_private (self)->disconnect_task, task))
    return;

  if (qnet_reactor_check_loop (&error))
    {
      disconnect_with_task (self, task);
      return;
    }

  refuse (self, task, error);
  g_object_unref (task);
}

/**
 * qnet_socket_disconnect_from_peer_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Ends [method@Socket.disconnect_from_peer_async].
 *
 * Returns: whether the socket is unconnected
 *
 * Since: 1.0
 */
gboolean
qnet_socket_disconnect_from_peer_finish (QnetSocket    *self,
                                         GAsyncResult  *result,
                                         GError       **error)
{
  g_return_val_if_fail (QNET_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
