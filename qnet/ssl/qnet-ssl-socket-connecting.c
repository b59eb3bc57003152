/* qnet-ssl-socket-connecting.c: how an encrypted connection is requested
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-ssl-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "ssl/qnet-ssl-socket-private.h"
#include "tls/qnet-tls-support-private.h"

/**
 * qnet_ssl_socket_connect_to_host_encrypted:
 * @self: a socket
 * @host: the name of a host, or an address
 * @port: the port, 0 to 65535
 *
 * Connects to @port of @host and encrypts the connection.
 *
 * It does what [method@AbstractSocket.connect_to_host] does, and performs the TLS handshake as
 * soon as the connection is established. Then [signal@SslSocket::encrypted] is emitted; on
 * failure, [signal@Socket::error-occurred] is emitted and the connection ends. The
 * certificate of the server must be for @host or, if that is set, for
 * [property@SslSocket:peer-verify-name].
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_connect_to_host_encrypted (QnetSslSocket *self,
                                           const char    *host,
                                           guint16        port)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  QNET_IO_BRIEF_STAY (self);

  qnet_ssl_socket_connect_to_host_encrypted_full (self, host, port, NULL,
                                                  QNET_OPEN_MODE_READ_WRITE,
                                                  QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
}

static gboolean
check_supported (GError **error)
{
  return qnet_tls_check_supported (_("Could not encrypt the connection"), error);
}

static gboolean
may_connect (QnetSslSocket  *self,
             GError        **error)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (self);

  return (qnet_socket_get_state (QNET_SOCKET (socket)) == QNET_SOCKET_STATE_BOUND
          && !qnet_io_device_is_closing (qnet_socket_get_device (QNET_SOCKET (self))))
         || qnet_socket_can_begin (QNET_SOCKET (socket), error);
}

gboolean
qnet_ssl_socket_may_request (QnetSslSocket  *self,
                             GError        **error)
{
  return check_supported (error) && may_connect (self, error);
}

/* Whether to go on. A call that is refused must not affect a connection that is in progress. */
static gboolean
request (QnetSslSocket *self)
{
  GError *error = NULL;

  if (!check_supported (&error))
    {
      qnet_socket_refuse (QNET_SOCKET (self), error);
      return FALSE;
    }

  if (may_connect (self, NULL))
    qnet_ssl_socket_set_phase (self, QNET_SSL_PHASE_REQUESTED);

  return TRUE;
}

/* A request that was refused must not encrypt the next connection. */
static void
end_refused_request (QnetSslSocket *self)
{
  if (may_connect (self, NULL)
      && qnet_ssl_socket_get_private (self)->phase == QNET_SSL_PHASE_REQUESTED)
    qnet_ssl_socket_set_phase (self, QNET_SSL_PHASE_PLAIN);
}

/**
 * qnet_ssl_socket_connect_to_host_encrypted_full:
 * @self: a socket
 * @host: the name of a host, or an address
 * @port: the port, 0 to 65535
 * @peer_name: (nullable): the value for [property@SslSocket:peer-verify-name], or %NULL to keep it
 * @open_mode: for reading, writing, or both
 * @protocol: which addresses of @host to use
 *
 * Connects to @port of @host and encrypts the connection.
 *
 * It is [method@SslSocket.connect_to_host_encrypted] with all options.
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
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (host != NULL);
  QNET_IO_STAY (self);

  hold = qnet_io_device_hold (self);
  if (!request (self))
    return;

  if (peer_name != NULL && may_connect (self, NULL))
    qnet_ssl_socket_set_peer_verify_name (self, peer_name);
  qnet_abstract_socket_connect_to_host_full (QNET_ABSTRACT_SOCKET (self), host, port,
                                             open_mode, protocol);
  end_refused_request (self);
}

/**
 * qnet_ssl_socket_connect_to_connectable_encrypted:
 * @self: a socket
 * @connectable: what to connect to
 *
 * Connects to what a [iface@Gio.SocketConnectable] stands for, and encrypts the connection.
 *
 * It does what [method@AbstractSocket.connect_to_connectable] does, and then what
 * [method@SslSocket.connect_to_host_encrypted] does. The certificate of the server must be for the
 * name that was asked for: the host of a [class@Gio.NetworkAddress], the domain of a
 * [class@Gio.NetworkService]. For an object that is its own enumerator of addresses, set
 * [property@SslSocket:peer-verify-name].
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_connect_to_connectable_encrypted (QnetSslSocket      *self,
                                                  GSocketConnectable *connectable)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (G_IS_SOCKET_CONNECTABLE (connectable));
  QNET_IO_STAY (self);

  hold = qnet_io_device_hold (self);
  if (!request (self))
    return;

  qnet_abstract_socket_connect_to_connectable (QNET_ABSTRACT_SOCKET (self), connectable);
  end_refused_request (self);
}

/**
 * qnet_ssl_socket_connect_to_service_encrypted:
 * @self: a socket
 * @service: the name of a service, such as `imaps`, without an underscore
 * @domain: the domain that offers it
 *
 * Connects to a service of a domain, and encrypts the connection.
 *
 * It does what [method@AbstractSocket.connect_to_service] does, and then what
 * [method@SslSocket.connect_to_host_encrypted] does. The certificate of the server must be for
 * @domain, and not for the host that the domain names (RFC 6125, section 6.2.1).
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_connect_to_service_encrypted (QnetSslSocket *self,
                                              const char    *service,
                                              const char    *domain)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (service != NULL);
  g_return_if_fail (domain != NULL);
  QNET_IO_STAY (self);

  hold = qnet_io_device_hold (self);
  if (!request (self))
    return;

  qnet_abstract_socket_connect_to_service (QNET_ABSTRACT_SOCKET (self), service, domain);
  end_refused_request (self);
}

/* In the middle of a connection */

/* (nullable): the message of the error, if the handshake cannot start now */
static const char *
find_obstacle (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  if (qnet_socket_get_state (QNET_SOCKET (self)) != QNET_SOCKET_STATE_CONNECTED
      || !qnet_channel_is_open (qnet_socket_get_channel (QNET_SOCKET (self))))
    return N_("Could not start the TLS handshake: The socket is not connected");
  if (qnet_io_device_is_closing (qnet_socket_get_device (QNET_SOCKET (self))))
    return N_("Could not start the TLS handshake: The connection is being closed");
  if (priv->mode != QNET_SSL_MODE_UNENCRYPTED)
    return N_("Could not start the TLS handshake: It was started already");

  return NULL;
}

static gboolean
fail_operation (QnetSslSocket  *self,
                const char     *message,  /* not translated yet */
                GError        **error)
{
  GError *reason = NULL;

  qnet_set_error (&reason, QNET_SOCKET_ERROR_OPERATION, "%s", _(message));

  return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
}

/* The connection is aborted, lest a caller that ignores the error continues unencrypted. */
static gboolean
refuse (QnetSslSocket  *self,
        GError         *reason,  /* (transfer full) */
        GError        **error)
{
  QnetIODevicePrivate *device = qnet_socket_get_device (QNET_SOCKET (self));

  qnet_io_device_make_errors (device)->end = g_error_copy (reason);
  qnet_socket_abort (QNET_SOCKET (self));

  return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
}

/* Unread plain bytes would be taken for encrypted ones. */
static gboolean
refuse_plain_bytes (QnetSslSocket  *self,
                    GError        **error)
{
  GError *reason = NULL;

  qnet_set_error (&reason, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                  _("Could not start the TLS handshake: Unencrypted bytes have not been read"));

  return refuse (self, reason, error);
}

static gboolean
prepare (QnetSslSocket  *self,
         QnetSslMode     mode,
         GError        **error)
{
  QnetIODevicePrivate *device = qnet_socket_get_device (QNET_SOCKET (self));
  const char *obstacle = find_obstacle (self);
  GError *reason = NULL;

  if (obstacle != NULL)
    return fail_operation (self, obstacle, error);
  if (!check_supported (&reason))
    return refuse (self, reason, error);
  if (mode == QNET_SSL_MODE_SERVER
      && qnet_ssl_socket_get_private (self)->configuration->certificate == NULL)
    return fail_operation (self, N_("Could not start the TLS handshake: A server needs a "
                                    "certificate"), error);
  if (device->channel.read_queue.length > 0 || device->taken != NULL)
    return refuse_plain_bytes (self, error);

  return TRUE;
}

/* The mode is notified when everything is set up: a handler may end the connection. */
static gboolean
begin (QnetSslSocket  *self,
       QnetSslMode     mode,
       GBytes         *input,
       GError        **error)
{
  gboolean has_begun;

  qnet_io_device_freeze_notify (self);
  has_begun = qnet_ssl_socket_begin (self, mode, TRUE, error);
  if (has_begun && input != NULL)
    qnet_ssl_socket_add_input (self, input);
  qnet_io_device_thaw_notify (self);

  return has_begun;
}

/* @input (nullable): bytes of the handshake that were read before it */
gboolean
qnet_ssl_socket_start (QnetSslSocket  *self,
                       QnetSslMode     mode,
                       GBytes         *input,
                       GError        **error)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  guint serial = qnet_socket_get_private (QNET_SOCKET (self))->serial;
  GError *reason = NULL;

  if (!prepare (self, mode, error))
    return FALSE;

  if (begin (self, mode, input, &reason))
    return TRUE;

  /* A handler may have begun another connection. */
  if (qnet_socket_get_private (QNET_SOCKET (self))->serial == serial)
    qnet_socket_abort (QNET_SOCKET (self));

  return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
}

/**
 * qnet_ssl_socket_start_client_encryption:
 * @self: a connected socket that is not encrypted
 * @error: return location for an error
 *
 * Encrypts an established connection, as the client of the handshake.
 *
 * What was written before is sent unencrypted; what is written from now on is encrypted.
 * [signal@SslSocket::encrypted] follows; on failure, [signal@Socket::error-occurred] is
 * emitted and the connection ends.
 *
 * Unencrypted bytes that were received must have been read before. Otherwise the call fails with
 * [QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED][error@SocketError] and the connection is aborted, so
 * that it cannot continue unencrypted.
 *
 * Returns: whether the handshake was started
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_start_client_encryption (QnetSslSocket  *self,
                                         GError        **error)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  return qnet_ssl_socket_start (self, QNET_SSL_MODE_CLIENT, NULL, error);
}

/**
 * qnet_ssl_socket_start_server_encryption:
 * @self: a connected socket that is not encrypted, with a [property@SslSocket:certificate]
 * @error: return location for an error
 *
 * Encrypts an established connection, as the server of the handshake.
 *
 * It is the counterpart of [method@SslSocket.start_client_encryption].
 *
 * Returns: whether the socket waits for the handshake of the client
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_start_server_encryption (QnetSslSocket  *self,
                                         GError        **error)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  return qnet_ssl_socket_start (self, QNET_SSL_MODE_SERVER, NULL, error);
}

/**
 * qnet_ssl_socket_start_server_encryption_with_input:
 * @self: a connected socket that is not encrypted, with a [property@SslSocket:certificate]
 * @input: bytes of the client that were read, and belong to its handshake
 * @error: return location for an error
 *
 * Encrypts an established connection whose client has sent something in front of the handshake,
 * such as the header of the PROXY protocol.
 *
 * A program that has read more than that passes the rest as @input. It is never delivered as data
 * of the program: if it is not the beginning of a handshake, the handshake fails. Apart from that
 * it is [method@SslSocket.start_server_encryption]: bytes that are still unread are refused.
 *
 * Returns: whether the handshake was started
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_start_server_encryption_with_input (QnetSslSocket  *self,
                                                    GBytes         *input,
                                                    GError        **error)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (input != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  return qnet_ssl_socket_start (self, QNET_SSL_MODE_SERVER, input, error);
}
