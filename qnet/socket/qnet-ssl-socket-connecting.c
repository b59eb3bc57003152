/* qnet-ssl-socket-connecting.c: asking for an encrypted connection, with the loop, with a callback, and without either
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-ssl-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-reserve-private.h"
#include "socket/qnet-ssl-socket-private.h"

static QnetIODevicePrivate *
get_device (QnetSslSocket *self)
{
  return qnet_io_device_get_private (QNET_IO_DEVICE (self));
}

/**
 * qnet_ssl_socket_connect_to_host_encrypted:
 * @self: a socket
 * @host: the name of a host, or an address
 * @port: the port, 0 to 65535
 *
 * Begins to connect to @port of @host, and to encrypt the connection.
 *
 * It does what [method@AbstractSocket.connect_to_host] does, and shakes hands as soon as the connection stands. Then
 * [signal@SslSocket::encrypted] is emitted; or [signal@AbstractSocket::error-occurred], and the connection ends. The certificate of
 * the server has to be for @host, or for [property@SslSocket:peer-verify-name].
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_connect_to_host_encrypted (QnetSslSocket *self,
                                           const char    *host,
                                           guint16        port)
{
  qnet_ssl_socket_connect_to_host_encrypted_full (self, host, port, NULL,
                                                  QNET_OPEN_MODE_READ_WRITE,
                                                  QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
}

/* What runs is not to know of a call that is refused. */
static gboolean
may_connect (QnetSslSocket  *self,
             GError        **error)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (self);

  return (qnet_abstract_socket_get_state (socket) == QNET_SOCKET_STATE_BOUND && !get_device (self)->is_closing)
         || qnet_connection_can_begin (&qnet_abstract_socket_get_private (socket)->connection, error);
}

/**
 * qnet_ssl_socket_connect_to_host_encrypted_full:
 * @self: a socket
 * @host: the name of a host, or an address
 * @port: the port, 0 to 65535
 * @peer_name: (nullable): becomes [property@SslSocket:peer-verify-name], unless it is %NULL
 * @open_mode: for reading, writing, or both
 * @protocol: which addresses of @host to use
 *
 * Begins to connect, as [method@SslSocket.connect_to_host_encrypted] does.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_connect_to_host_encrypted_full (QnetSslSocket            *self,
                                                const char               *host,
                                                guint16                   port,
                                                const char               *peer_name,
                                                QnetOpenMode              open_mode,
                                                QnetNetworkLayerProtocol  protocol)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (host != NULL);

  if (may_connect (self, NULL))
    {
      qnet_ssl_socket_get_private (self)->wants_client = TRUE;
      if (peer_name != NULL)
        qnet_ssl_socket_set_peer_verify_name (self, peer_name);
    }

  qnet_abstract_socket_connect_to_host_full (QNET_ABSTRACT_SOCKET (self), host, port, open_mode, protocol);
}

/* In the middle of a connection */

static const char *
reason_not_to_start (QnetSslSocket *self,
                     QnetSslMode    mode)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  if (qnet_abstract_socket_get_state (QNET_ABSTRACT_SOCKET (self)) != QNET_SOCKET_STATE_CONNECTED)
    return N_("not connected");
  if (get_device (self)->is_closing)
    return N_("the connection is being closed");
  if (priv->mode != QNET_SSL_MODE_UNENCRYPTED)
    return N_("the connection is encrypted already, or about to be");
  if (mode == QNET_SSL_MODE_SERVER && priv->settings.certificate == NULL)
    return N_("a server needs a certificate");

  return NULL;
}

/* What came in the clear and is unread would be taken for encrypted. Whoever ignored the error would
 * go on in the clear. */
static gboolean
refuse_plain_bytes (QnetSslSocket  *self,
                    GError        **error)
{
  GError *reason = NULL;

  qnet_set_error (&reason, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                  _("Could not begin to encrypt: bytes that came in the clear are unread"));
  get_device (self)->end_error = g_error_copy (reason);
  qnet_abstract_socket_abort (QNET_ABSTRACT_SOCKET (self));

  return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
}

/* Of the new mode is told once all is as it will be: any handler may end the connection. */
static gboolean
begin (QnetSslSocket  *self,
       QnetSslMode     mode,
       GError        **error)
{
  gboolean has_begun;

  g_object_freeze_notify (G_OBJECT (self));
  has_begun = qnet_ssl_socket_begin (self, mode, TRUE, error);
  g_object_thaw_notify (G_OBJECT (self));

  return has_begun;
}

static gboolean
start (QnetSslSocket  *self,
       QnetSslMode     mode,
       GError        **error)
{
  QnetIODevicePrivate *device = get_device (self);
  G_GNUC_UNUSED g_autoptr(QnetSslSocket) alive = g_object_ref (self);
  const char *text = reason_not_to_start (self, mode);
  GError *reason = NULL;

  if (text != NULL)
    {
      qnet_set_error (&reason, QNET_SOCKET_ERROR_OPERATION, _("Could not begin to encrypt: %s"), _(text));
      return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
    }

  if (device->channel.read_queue.length > 0 || device->taken != NULL)
    return refuse_plain_bytes (self, error);

  if (begin (self, mode, &reason))
    return TRUE;

  qnet_abstract_socket_abort (QNET_ABSTRACT_SOCKET (self));

  return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
}

/**
 * qnet_ssl_socket_start_client_encryption:
 * @self: a connected socket that is not encrypted
 * @error: return location for an error
 *
 * Begins to encrypt a connection, as the client of the handshake.
 *
 * What was written before is sent in the clear, what is written from now on is encrypted. [signal@SslSocket::encrypted] follows; or
 * [signal@AbstractSocket::error-occurred], and the connection ends.
 *
 * Bytes that came in the clear have to be read before. If there are any, the call fails with
 * [QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED][error@SocketError], and the connection is aborted:
 * nobody shall go on in the clear.
 *
 * Returns: whether the handshake has begun
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_start_client_encryption (QnetSslSocket  *self,
                                         GError        **error)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return start (self, QNET_SSL_MODE_CLIENT, error);
}

/**
 * qnet_ssl_socket_start_server_encryption:
 * @self: a connected socket that is not encrypted, with a [property@SslSocket:certificate]
 * @error: return location for an error
 *
 * Begins to encrypt a connection, as the server of the handshake: [method@SslSocket.start_client_encryption] from the other side.
 *
 * Returns: whether it waits for the client now
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_start_server_encryption (QnetSslSocket  *self,
                                         GError        **error)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return start (self, QNET_SSL_MODE_SERVER, error);
}

/* Without a loop */

static gboolean
fail_with_last_error (QnetSslSocket  *self,
                      GError        **error)
{
  const GError *last = qnet_io_device_get_error (QNET_IO_DEVICE (self));

  if (last == NULL)
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), qnet_connection_new_abort_error (NULL), error);

  if (error != NULL)
    *error = g_error_copy (last);

  return FALSE;
}

static gboolean
is_under_way (QnetSslSocket *self)
{
  return get_device (self)->link != QNET_LINK_NONE
         && qnet_ssl_socket_get_mode (self) != QNET_SSL_MODE_UNENCRYPTED;
}

static GError *
new_timeout_error (QnetSslSocket *self,
                   int            msecs)
{
  QnetConnection *connection = get_device (self)->connection;
  g_autofree char *peer = qnet_connection_describe (connection);

  if (peer == NULL)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Could not wait for the encryption: it is not complete after %g s"), msecs / 1000.0);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      /* Translators: the peer, such as "127.0.0.1 port 80", and the seconds that were waited */
                      _("Could not wait for the encryption of the connection to %s: it is not complete after %g s"),
                      peer, msecs / 1000.0);
}

/* FALSE ends the wait, with *@error set unless it was interrupted. */
static gboolean
step_to_encryption (QnetSslSocket  *self,
                    int             msecs,
                    gint64          until,
                    GError        **error)
{
  switch (qnet_wait_set_step (&get_device (self)->wait_set, until))
    {
    case QNET_WAIT_STEP_HAPPENED:
      return TRUE;
    case QNET_WAIT_STEP_INTERRUPTED:
      return FALSE;
    case QNET_WAIT_STEP_IN_VAIN:
      return qnet_io_device_fail_call (QNET_IO_DEVICE (self),
                                       g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                                                            _("Could not wait for the encryption: nothing can complete it now")),
                                       error);
    case QNET_WAIT_STEP_TIMED_OUT:
      return qnet_io_device_fail_call (QNET_IO_DEVICE (self), new_timeout_error (self, msecs), error);
    }

  g_assert_not_reached ();
}

/* What happened counts, whatever handlers have done since. */
static gboolean
wait_until_encrypted (QnetSslSocket  *self,
                      QnetIOWait     *wait,
                      int             msecs,
                      GError        **error)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  gint64 until = qnet_clock_until (msecs);
  guint n_encrypted = priv->n_encrypted;

  while (priv->n_encrypted == n_encrypted && !qnet_ssl_socket_get_is_encrypted (self))
    {
      if (wait->end_reason != NULL)
        {
          if (error != NULL)
            *error = g_error_copy (wait->end_reason);
          return FALSE;
        }
      if (!is_under_way (self))
        return fail_with_last_error (self, error);
      if (!step_to_encryption (self, msecs, until, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * qnet_ssl_socket_wait_for_encrypted:
 * @self: a socket
 * @msecs: how many milliseconds to wait at most; 0 looks once, -1 leaves it to the socket's own time limits
 * @error: return location for an error
 *
 * Blocks until the encryption that was asked for stands.
 *
 * It needs no main loop and runs none; it waits for the connection, too, and the socket's signals are emitted meanwhile. When the
 * time runs out the handshake goes on. A socket that is encrypted already succeeds, one that nobody has asked fails, both at once.
 *
 * Returns: whether the connection is encrypted; if not, @error is set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_wait_for_encrypted (QnetSslSocket  *self,
                                    int             msecs,
                                    GError        **error)
{
  g_autoptr(QnetSslSocket) alive = NULL;
  QnetIOWait wait;
  gboolean is_encrypted;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  alive = g_object_ref (self);

  if (!is_under_way (self))
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self),
                                     g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                                                          _("Could not wait for the encryption: none was asked for")),
                                     error);

  qnet_io_device_begin_wait (QNET_IO_DEVICE (self), &wait);
  is_encrypted = wait_until_encrypted (self, &wait, msecs, error);
  qnet_io_device_end_wait (QNET_IO_DEVICE (self), &wait);

  return is_encrypted;
}

/* Asynchronous pairs: they drive the same machine, so the signals are emitted too, before the callback */

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

      qnet_abstract_socket_abort (QNET_ABSTRACT_SOCKET (self));
      qnet_connection_end_task (&cancelled, error);
    }

  return G_SOURCE_REMOVE;
}

/* (transfer full) (nullable): NULL when it has ended already */
static GTask *
begin_task (QnetSslSocket       *self,
            int                  io_priority,
            GCancellable        *cancellable,
            GAsyncReadyCallback  callback,
            gpointer             user_data)
{
  GTask *task = qnet_task_new (self, cancellable, callback, user_data);

  /* Cancelled too late, the encryption stands, and the result says so. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_source_tag (task, begin_task);
  g_task_set_priority (task, io_priority);

  if (qnet_connection_refuse_second (&qnet_ssl_socket_get_private (self)->task, task))
    return NULL;

  if (!g_task_return_error_if_cancelled (task))
    return task;

  g_object_unref (task);

  return NULL;
}

static void
start_async (QnetSslSocket       *self,
             QnetSslMode          mode,
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

  /* First, so that a handler that ends the connection ends the task. */
  priv->task = g_object_ref (task);

  if (!start (self, mode, &error))
    qnet_connection_end_task (&priv->task, error);
  else if (priv->task == task)
    qnet_connection_watch_cancellable (task, G_SOURCE_FUNC (cancelled_cb));
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
 * @cancellable: (nullable): cancels the attempt: it is aborted
 * @callback: (scope async) (closure user_data): called when the connection is encrypted, or will not be
 * @user_data: data for @callback
 *
 * Connects to @port of @host and encrypts the connection, as [method@SslSocket.connect_to_host_encrypted] does, and calls back.
 *
 * The signals are emitted too, before the callback.
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
  QnetSslSocketPrivate *priv;
  g_autoptr(GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (host != NULL);

  priv = qnet_ssl_socket_get_private (self);

  task = begin_task (self, io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  if (!may_connect (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  priv->task = g_object_ref (task);
  qnet_ssl_socket_connect_to_host_encrypted (self, host, port);

  /* A handler of state-changed may have aborted it already. */
  if (priv->task == task)
    qnet_connection_watch_cancellable (task, G_SOURCE_FUNC (cancelled_cb));
}

/**
 * qnet_ssl_socket_connect_to_host_encrypted_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@SslSocket.connect_to_host_encrypted_async].
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
 * qnet_ssl_socket_start_client_encryption_async:
 * @self: a connected socket that is not encrypted
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the handshake: the connection is aborted
 * @callback: (scope async) (closure user_data): called when the connection is encrypted, or will not be
 * @user_data: data for @callback
 *
 * Encrypts a connection, as [method@SslSocket.start_client_encryption] does, and calls back.
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

  start_async (self, QNET_SSL_MODE_CLIENT, io_priority, cancellable, callback, user_data);
}

/**
 * qnet_ssl_socket_start_client_encryption_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@SslSocket.start_client_encryption_async].
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
 * @cancellable: (nullable): cancels the handshake: the connection is aborted
 * @callback: (scope async) (closure user_data): called when the connection is encrypted, or will not be
 * @user_data: data for @callback
 *
 * Encrypts a connection, as [method@SslSocket.start_server_encryption] does, and calls back.
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

  start_async (self, QNET_SSL_MODE_SERVER, io_priority, cancellable, callback, user_data);
}

/**
 * qnet_ssl_socket_start_server_encryption_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@SslSocket.start_server_encryption_async].
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
