/* qnet-abstract-socket-async.c: connecting and disconnecting as asynchronous pairs
 *
 * The pairs drive the same state machine as the plain calls, so the signals are emitted too, before the callback.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-abstract-socket-private.h"

/* Cancelling comes from any thread: a source brings it into the socket's own. */

void
qnet_abstract_socket_watch_cancellable (GTask       *task,
                                        GSourceFunc  cancelled_cb)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  GSource *source;

  if (cancellable == NULL)
    return;

  source = g_cancellable_source_new (cancellable);
  g_source_set_static_name (source, "[qnet] cancelled");
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, cancelled_cb, g_object_ref (task), g_object_unref);
  g_source_attach (source, g_task_get_context (task));

  g_task_set_task_data (task, source, (GDestroyNotify) g_source_unref);
}

void
qnet_abstract_socket_end_task (GTask  **task,
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
qnet_abstract_socket_new_abort_error (void)
{
  return g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION, _("The connection attempt was aborted"));
}

gboolean
qnet_abstract_socket_refuse_second (GTask **pending,
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
  g_autoptr(QnetAbstractSocket) self = g_object_ref (g_task_get_source_object (task));
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  GError *error = NULL;

  if (priv->connect_task == task && g_cancellable_set_error_if_cancelled (cancellable, &error))
    {
      g_autoptr(GTask) cancelled = g_steal_pointer (&priv->connect_task);

      qnet_abstract_socket_abort (self);
      qnet_abstract_socket_end_task (&cancelled, error);
    }

  return G_SOURCE_REMOVE;
}

static GTask *
begin_connect (QnetAbstractSocket  *self,
               int                  io_priority,
               GCancellable        *cancellable,
               GAsyncReadyCallback  callback,
               gpointer             user_data)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;

  /* Cancelled too late, the connection stands, and the result says so. */
  g_task_set_check_cancellable (task, FALSE);

  g_task_set_source_tag (task, begin_connect);
  g_task_set_priority (task, io_priority);

  if (qnet_abstract_socket_refuse_second (&priv->connect_task, task))
    return NULL;

  if (!qnet_reactor_check_loop (&error)
      || (priv->state != QNET_SOCKET_STATE_BOUND && !qnet_abstract_socket_can_begin (self, &error)))
    g_task_return_error (task, error);
  else if (!g_task_return_error_if_cancelled (task))
    return task;

  g_object_unref (task);

  return NULL;
}

/* After the call: a handler of state-changed may have aborted it already. */
static void
wait_for_connect (QnetAbstractSocket *self,
                  GTask              *task)
{
  if (qnet_abstract_socket_get_private (self)->connect_task == task)
    qnet_abstract_socket_watch_cancellable (task, G_SOURCE_FUNC (connect_cancelled_cb));
}

/**
 * qnet_abstract_socket_connect_to_host_async:
 * @self: a socket
 * @host: the name of a host, or an address
 * @port: the port, 0 to 65535
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the attempt: it is aborted
 * @callback: (scope async) (closure user_data): called when the connection stands, or will not
 * @user_data: data for @callback
 *
 * Connects to @port of @host, as [method@AbstractSocket.connect_to_host] does, and calls back.
 *
 * The signals are emitted too, before the callback. A handler of [signal@IODevice::ready-read] that is connected in the callback
 * misses nothing.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_host_async (QnetAbstractSocket  *self,
                                            const char          *host,
                                            guint16              port,
                                            int                  io_priority,
                                            GCancellable        *cancellable,
                                            GAsyncReadyCallback  callback,
                                            gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (host != NULL);

  task = begin_connect (self, io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  qnet_abstract_socket_get_private (self)->connect_task = g_object_ref (task);
  qnet_abstract_socket_connect_to_host (self, host, port);
  wait_for_connect (self, task);
}

/**
 * qnet_abstract_socket_connect_to_host_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@AbstractSocket.connect_to_host_async].
 *
 * Returns: whether the connection stands
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_connect_to_host_finish (QnetAbstractSocket  *self,
                                             GAsyncResult        *result,
                                             GError             **error)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * qnet_abstract_socket_connect_to_address_async:
 * @self: a socket
 * @address: the address of a host
 * @port: the port, 0 to 65535
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the attempt: it is aborted
 * @callback: (scope async) (closure user_data): called when the connection stands, or will not
 * @user_data: data for @callback
 *
 * Connects to @port of @address, as [method@AbstractSocket.connect_to_host_async] does.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_address_async (QnetAbstractSocket  *self,
                                               QnetHostAddress     *address,
                                               guint16              port,
                                               int                  io_priority,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (address != NULL);

  task = begin_connect (self, io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  qnet_abstract_socket_get_private (self)->connect_task = g_object_ref (task);
  qnet_abstract_socket_connect_to_address (self, address, port);
  wait_for_connect (self, task);
}

/**
 * qnet_abstract_socket_connect_to_address_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@AbstractSocket.connect_to_address_async].
 *
 * Returns: whether the connection stands
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_connect_to_address_finish (QnetAbstractSocket  *self,
                                                GAsyncResult        *result,
                                                GError             **error)
{
  return qnet_abstract_socket_connect_to_host_finish (self, result, error);
}

/* Disconnecting */

static gboolean
disconnect_cancelled_cb (GCancellable *cancellable,
                         gpointer      user_data)
{
  g_autoptr(GTask) task = g_object_ref (user_data);
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (g_task_get_source_object (task));
  GError *error = NULL;

  if (priv->disconnect_task == task && g_cancellable_set_error_if_cancelled (cancellable, &error))
    qnet_abstract_socket_end_task (&priv->disconnect_task, error);

  return G_SOURCE_REMOVE;
}

/**
 * qnet_abstract_socket_disconnect_from_host_async:
 * @self: a socket
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the waiting alone: the connection is closed all the same
 * @callback: (scope async) (closure user_data): called when the socket is unconnected
 * @user_data: data for @callback
 *
 * Closes the connection, as [method@AbstractSocket.disconnect_from_host] does, and calls back when it has ended.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_disconnect_from_host_async (QnetAbstractSocket  *self,
                                                 int                  io_priority,
                                                 GCancellable        *cancellable,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             user_data)
{
  QnetAbstractSocketPrivate *priv;
  GError *error = NULL;
  GTask *task;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));

  priv = qnet_abstract_socket_get_private (self);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_abstract_socket_disconnect_from_host_async);
  g_task_set_priority (task, io_priority);

  if (qnet_abstract_socket_refuse_second (&priv->disconnect_task, task))
    return;

  if (!qnet_reactor_check_loop (&error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  priv->disconnect_task = task;
  qnet_abstract_socket_disconnect_from_host (self);

  if (priv->disconnect_task != task)
    return;

  if (priv->state == QNET_SOCKET_STATE_UNCONNECTED)
    qnet_abstract_socket_end_task (&priv->disconnect_task, NULL);
  else
    qnet_abstract_socket_watch_cancellable (task, G_SOURCE_FUNC (disconnect_cancelled_cb));
}

/**
 * qnet_abstract_socket_disconnect_from_host_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@AbstractSocket.disconnect_from_host_async].
 *
 * Returns: whether the socket is unconnected
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_disconnect_from_host_finish (QnetAbstractSocket  *self,
                                                  GAsyncResult        *result,
                                                  GError             **error)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
