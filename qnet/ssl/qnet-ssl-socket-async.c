/* qnet-ssl-socket-async.c: the asynchronous pairs: encrypted connections, and encryption
 *
 * The signals are emitted as well, before the callback.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-ssl-socket.h"

#include "base/qnet-reserve-private.h"
#include "ssl/qnet-ssl-socket-private.h"

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  g_autoptr(GTask) task = g_object_ref (user_data);
  g_autoptr(QnetSslSocket) self = g_object_ref (g_task_get_source_object (task));
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  GError *error = NULL;

  if (priv->task == task && g_cancellable_set_error_if_cancelled (cancellable, &error))
    {
      g_autoptr(GTask) cancelled = g_steal_pointer (&priv->task);

      qnet_socket_abort (QNET_SOCKET (self));
      qnet_socket_end_task (&cancelled, error);
    }

  return G_SOURCE_REMOVE;
}

/* (transfer full) (nullable): NULL if it has returned already */
static GTask *
begin_task (QnetSslSocket       *self,
            int                  io_priority,
            GCancellable        *cancellable,
            GAsyncReadyCallback  callback,
            gpointer             user_data)
{
  GTask *task = qnet_task_new (self, cancellable, callback, user_data);

  /* Cancelled too late, the connection is encrypted, and the result reports that. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_source_tag (task, begin_task);
  g_task_set_priority (task, io_priority);

  if (qnet_socket_refuse_second (&qnet_ssl_socket_get_private (self)->task, task))
    return NULL;

  if (!g_task_return_error_if_cancelled (task))
    return task;

  g_object_unref (task);

  return NULL;
}

static void
start_async (QnetSslSocket       *self,
             QnetSslMode          mode,
             GBytes              *input,  /* (nullable) */
             int                  io_priority,
             GCancellable        *cancellable,
             GAsyncReadyCallback  callback,
             gpointer             user_data)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  g_autoptr(GTask) task = begin_task (self, io_priority, cancellable, callback, user_data);
  GError *error = NULL;

  if (task == NULL)
    return;

  /* Set first, so that a handler that ends the connection ends the task. */
  priv->task = g_object_ref (task);

  if (!qnet_ssl_socket_start (self, mode, input, &error))
    qnet_socket_end_task (&priv->task, error);
  else if (priv->task == task)
    qnet_socket_watch_cancellable (task, G_SOURCE_FUNC (cancelled_cb));
}

/* (transfer full) (nullable): NULL if it has returned already */
static GTask *
begin_request (QnetSslSocket       *self,
               int                  io_priority,
               GCancellable        *cancellable,
               GAsyncReadyCallback  callback,
               gpointer             user_data)
{
  g_autoptr(GTask) task = begin_task (self, io_priority, cancellable, callback, user_data);
  GError *error = NULL;

  if (task == NULL)
    return NULL;

  if (!qnet_ssl_socket_may_request (self, &error))
    {
      g_task_return_error (task, error);
      return NULL;
    }

  qnet_ssl_socket_get_private (self)->task = g_object_ref (task);

  return g_steal_pointer (&task);
}

/* (nullable): the reason, which is not reported yet, if nothing has begun */
static const GError *
get_refusal (QnetSslSocket *self)
{
  const GPtrArray *refusals = qnet_socket_get_private (QNET_SOCKET (self))->refusals;

  if (refusals == NULL || refusals->len == 0 || !qnet_ssl_socket_may_request (self, NULL))
    return NULL;

  return g_ptr_array_index (refusals, refusals->len - 1);
}

/* A handler of state-changed may have aborted it already. */
static void
watch_request (QnetSslSocket *self,
               GTask         *task)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  const GError *refusal;

  if (priv->task != task)
    return;

  refusal = get_refusal (self);
  if (refusal != NULL)
    qnet_socket_end_task (&priv->task, g_error_copy (refusal));
  else
    qnet_socket_watch_cancellable (task, G_SOURCE_FUNC (cancelled_cb));
}

static gboolean
finish (QnetSslSocket  *self,
        GAsyncResult   *result,
        GError        **error)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * qnet_ssl_socket_connect_to_host_encrypted_async:
 * @self: a socket
 * @host: the name of a host, or an address
 * @port: the port, 0 to 65535
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): aborts the attempt
 * @callback: (scope async) (closure user_data): called when the connection is encrypted or has
 *   failed
 * @user_data: data for @callback
 *
 * Connects to @port of @host and encrypts the connection.
 *
 * It is the asynchronous form of [method@SslSocket.connect_to_host_encrypted]. The signals are
 * emitted as well, before the callback.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_connect_to_host_encrypted_async (QnetSslSocket       *self,
                                                 const char          *host,
                                                 guint16              port,
                                                 int                  io_priority,
                                                 GCancellable        *cancellable,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (host != NULL);
  QNET_IO_STAY_OR_CALL_BACK (self, begin_task);

  task = begin_request (self, io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  qnet_ssl_socket_connect_to_host_encrypted (self, host, port);
  watch_request (self, task);
}

/**
 * qnet_ssl_socket_connect_to_host_encrypted_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes [method@SslSocket.connect_to_host_encrypted_async].
 *
 * Returns: whether the connection is encrypted
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_connect_to_host_encrypted_finish (QnetSslSocket  *self,
                                                  GAsyncResult   *result,
                                                  GError        **error)
{
  return finish (self, result, error);
}

/**
 * qnet_ssl_socket_connect_to_connectable_encrypted_async:
 * @self: a socket
 * @connectable: what to connect to
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): aborts the attempt
 * @callback: (scope async) (closure user_data): called when the connection is encrypted or has
 *   failed
 * @user_data: data for @callback
 *
 * Connects to what a [iface@Gio.SocketConnectable] stands for, and encrypts the connection.
 *
 * It is the asynchronous form of [method@SslSocket.connect_to_connectable_encrypted]. The
 * signals are emitted as well, before the callback.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_connect_to_connectable_encrypted_async (QnetSslSocket       *self,
                                                        GSocketConnectable  *connectable,
                                                        int                  io_priority,
                                                        GCancellable        *cancellable,
                                                        GAsyncReadyCallback  callback,
                                                        gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (G_IS_SOCKET_CONNECTABLE (connectable));
  QNET_IO_STAY_OR_CALL_BACK (self, begin_task);

  task = begin_request (self, io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  qnet_ssl_socket_connect_to_connectable_encrypted (self, connectable);
  watch_request (self, task);
}

/**
 * qnet_ssl_socket_connect_to_connectable_encrypted_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes [method@SslSocket.connect_to_connectable_encrypted_async].
 *
 * Returns: whether the connection is encrypted
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_connect_to_connectable_encrypted_finish (QnetSslSocket  *self,
                                                         GAsyncResult   *result,
                                                         GError        **error)
{
  return finish (self, result, error);
}

/**
 * qnet_ssl_socket_connect_to_service_encrypted_async:
 * @self: a socket
 * @service: the name of a service, such as `imaps`, without an underscore
 * @domain: the domain that offers it
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): aborts the attempt
 * @callback: (scope async) (closure user_data): called when the connection is encrypted or has
 *   failed
 * @user_data: data for @callback
 *
 * Connects to a service of a domain and encrypts the connection.
 *
 * It is the asynchronous form of [method@SslSocket.connect_to_service_encrypted]. The
 * signals are emitted as well, before the callback.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_connect_to_service_encrypted_async (QnetSslSocket       *self,
                                                    const char          *service,
                                                    const char          *domain,
                                                    int                  io_priority,
                                                    GCancellable        *cancellable,
                                                    GAsyncReadyCallback  callback,
                                                    gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (service != NULL);
  g_return_if_fail (domain != NULL);
  QNET_IO_STAY_OR_CALL_BACK (self, begin_task);

  task = begin_request (self, io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  qnet_ssl_socket_connect_to_service_encrypted (self, service, domain);
  watch_request (self, task);
}

/**
 * qnet_ssl_socket_connect_to_service_encrypted_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes [method@SslSocket.connect_to_service_encrypted_async].
 *
 * Returns: whether the connection is encrypted
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_connect_to_service_encrypted_finish (QnetSslSocket  *self,
                                                     GAsyncResult   *result,
                                                     GError        **error)
{
  return finish (self, result, error);
}

/**
 * qnet_ssl_socket_start_client_encryption_async:
 * @self: a connected socket that is not encrypted
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the handshake, which aborts the connection
 * @callback: (scope async) (closure user_data): called when the connection is encrypted or has
 *   failed
 * @user_data: data for @callback
 *
 * Encrypts an established connection, as the client of the handshake.
 *
 * It is the asynchronous form of [method@SslSocket.start_client_encryption].
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_start_client_encryption_async (QnetSslSocket       *self,
                                               int                  io_priority,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  QNET_IO_STAY_OR_CALL_BACK (self, begin_task);

  start_async (self, QNET_SSL_MODE_CLIENT, NULL, io_priority, cancellable, callback, user_data);
}

/**
 * qnet_ssl_socket_start_client_encryption_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes [method@SslSocket.start_client_encryption_async].
 *
 * Returns: whether the connection is encrypted
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_start_client_encryption_finish (QnetSslSocket  *self,
                                                GAsyncResult   *result,
                                                GError        **error)
{
  return finish (self, result, error);
}

/**
 * qnet_ssl_socket_start_server_encryption_async:
 * @self: a connected socket that is not encrypted, with a [property@SslSocket:certificate]
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the handshake, which aborts the connection
 * @callback: (scope async) (closure user_data): called when the connection is encrypted or has
 *   failed
 * @user_data: data for @callback
 *
 * Encrypts an established connection, as the server of the handshake.
 *
 * It is the asynchronous form of [method@SslSocket.start_server_encryption].
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_start_server_encryption_async (QnetSslSocket       *self,
                                               int                  io_priority,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  QNET_IO_STAY_OR_CALL_BACK (self, begin_task);

  start_async (self, QNET_SSL_MODE_SERVER, NULL, io_priority, cancellable, callback, user_data);
}

/**
 * qnet_ssl_socket_start_server_encryption_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes [method@SslSocket.start_server_encryption_async].
 *
 * Returns: whether the connection is encrypted
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_start_server_encryption_finish (QnetSslSocket  *self,
                                                GAsyncResult   *result,
                                                GError        **error)
{
  return finish (self, result, error);
}

/**
 * qnet_ssl_socket_start_server_encryption_with_input_async:
 * @self: a connected socket that is not encrypted, with a [property@SslSocket:certificate]
 * @input: bytes of the client that were read, and belong to its handshake
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the handshake, which aborts the connection
 * @callback: (scope async) (closure user_data): called when the connection is encrypted or has
 *   failed
 * @user_data: data for @callback
 *
 * Encrypts an established connection whose client has sent something in front of the handshake.
 *
 * It is the asynchronous form of [method@SslSocket.start_server_encryption_with_input].
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_start_server_encryption_with_input_async (QnetSslSocket       *self,
                                                          GBytes              *input,
                                                          int                  io_priority,
                                                          GCancellable        *cancellable,
                                                          GAsyncReadyCallback  callback,
                                                          gpointer             user_data)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (input != NULL);
  QNET_IO_STAY_OR_CALL_BACK (self, begin_task);

  start_async (self, QNET_SSL_MODE_SERVER, input, io_priority, cancellable, callback, user_data);
}

/**
 * qnet_ssl_socket_start_server_encryption_with_input_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes [method@SslSocket.start_server_encryption_with_input_async].
 *
 * Returns: whether the connection is encrypted
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_start_server_encryption_with_input_finish (QnetSslSocket  *self,
                                                           GAsyncResult   *result,
                                                           GError        **error)
{
  return finish (self, result, error);
}
