/* qnet-ssl-server.c: a TCP server whose connections are encrypted
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-ssl-server.h"

#include "ssl/qnet-ssl-server-private.h"

/**
 * QnetSslServer:
 *
 * A TCP server whose connections are encrypted.
 *
 * ```c
 * g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
 *
 * if (!qnet_ssl_server_set_certificate_files (server, "certificate.pem", "key.pem", &error) ||
 *     !qnet_tcp_server_listen_port (QNET_TCP_SERVER (server), 7777, &error))
 *   return FALSE;
 *
 * g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);
 * ```
 *
 * It is a [class@TcpServer] that performs the TLS handshake before a connection becomes pending:
 * when [signal@Server::new-connection] is emitted and [method@SslServer.next_pending_connection]
 * returns a socket, that is encrypted. A handshake that fails is reported by
 * [signal@SslServer::handshake-failed] and does not affect other connections. A client that sends
 * nothing is disconnected after [property@SslServer:handshake-timeout]. Until its handshake is
 * complete, a client needs a descriptor and about 20 KiB of memory.
 * [property@SslServer:max-handshakes] limits their number.
 *
 * While [property@Server:max-pending-connections] are pending, no connection is accepted.
 * Handshakes that are in progress then are completed, and wait for room: they count as handshakes
 * until the application has taken pending connections.
 *
 * ## Certificates
 *
 * A server without any certificate does not listen: the call fails with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError].
 *
 * A new certificate is used for the connections that are accepted from then on, so it can be
 * renewed while the server is listening. [method@SslServer.set_certificate_for_name] sets the
 * certificates of a server with several names.
 *
 * [property@SslServer:peer-verify-mode] decides whether clients are asked for a certificate.
 *
 * Since: 1.0
 */

G_DEFINE_TYPE_WITH_PRIVATE (QnetSslServer, qnet_ssl_server, QNET_TYPE_TCP_SERVER)

enum
{
  SIGNAL_STARTED_ENCRYPTION_HANDSHAKE,
  SIGNAL_SSL_ERRORS,
  SIGNAL_PEER_VERIFY_ERROR,
  SIGNAL_HANDSHAKE_FAILED,
  N_SIGNALS
};

static guint       signals[N_SIGNALS];

#define PRIVATE(self) ((QnetSslServerPrivate *) qnet_ssl_server_get_instance_private (self))

QnetSslServerPrivate *
qnet_ssl_server_get_private (QnetSslServer *self)
{
  return qnet_ssl_server_get_instance_private (self);
}

QnetSslServer *
qnet_ssl_server_from_private (QnetSslServerPrivate *priv)
{
  return G_STRUCT_MEMBER_P (priv, -QnetSslServer_private_offset);
}

/* Once the last reference was dropped nothing is emitted. */
static gboolean
is_silent (QnetSslServer *self)
{
  return qnet_hold_is_disposed (&qnet_server_get_private (QNET_SERVER (self))->hold);
}

void
qnet_ssl_server_emit_started (QnetSslServer *self,
                              QnetSslSocket *socket)
{
  if (!is_silent (self))
    g_signal_emit (self, signals[SIGNAL_STARTED_ENCRYPTION_HANDSHAKE], 0, socket);
}

void
qnet_ssl_server_emit_errors (QnetSslServer        *self,
                             QnetSslSocket        *socket,
                             GTlsCertificateFlags  errors,
                             GTlsCertificate      *certificate)
{
  if (!is_silent (self))
    g_signal_emit (self, signals[SIGNAL_SSL_ERRORS], 0, socket, errors, certificate);
}

gboolean
qnet_ssl_server_has_errors_handler (QnetSslServer *self)
{
  return g_signal_has_handler_pending (self, signals[SIGNAL_SSL_ERRORS], 0, TRUE);
}

void
qnet_ssl_server_emit_peer_verify_error (QnetSslServer        *self,
                                        QnetSslSocket        *socket,
                                        GTlsCertificateFlags  error,
                                        GTlsCertificate      *certificate)
{
  if (!is_silent (self))
    g_signal_emit (self, signals[SIGNAL_PEER_VERIFY_ERROR], 0, socket, error, certificate);
}

void
qnet_ssl_server_emit_error (QnetSslServer *self,
                            QnetSslSocket *socket,
                            const GError  *error)
{
  if (!is_silent (self))
    g_signal_emit (self, signals[SIGNAL_HANDSHAKE_FAILED], 0, socket, error);
}

/* GObject */

static void
qnet_ssl_server_finalize (GObject *object)
{
  QnetSslServerPrivate *priv = PRIVATE (QNET_SSL_SERVER (object));

  qnet_ssl_configuration_unref (priv->configuration);
  g_clear_pointer (&priv->ticket_key, g_bytes_unref);
  g_clear_pointer (&priv->names, g_hash_table_unref);

  G_OBJECT_CLASS (qnet_ssl_server_parent_class)->finalize (object);
}

static void
install_handshake_signals (GType type)
{
  /**
   * QnetSslServer::started-encryption-handshake:
   * @self: the server
   * @socket: a connection
   *
   * Emitted when a connection was accepted and waits for the first message of the client.
   *
   * Since: 1.0
   */
  signals[SIGNAL_STARTED_ENCRYPTION_HANDSHAKE] =
    g_signal_new ("started-encryption-handshake", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, QNET_TYPE_SSL_SOCKET);

  /**
   * QnetSslServer::handshake-failed:
   * @self: the server
   * @socket: a connection
   * @error: the error
   *
   * Emitted when the handshake of a connection has failed.
   *
   * The connection ends without becoming pending.
   *
   * Since: 1.0
   */
  signals[SIGNAL_HANDSHAKE_FAILED] =
    g_signal_new ("handshake-failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, QNET_TYPE_SSL_SOCKET, G_TYPE_ERROR);
}

static void
install_verification_signals (GType type)
{
  /**
   * QnetSslServer::ssl-errors:
   * @self: the server
   * @socket: a connection
   * @errors: the errors of @certificate
   * @certificate: the certificate of the client
   *
   * Emitted when the certificate of a client has errors.
   *
   * It is [signal@SslSocket::ssl-errors] of @socket, on which they can be ignored.
   *
   * Since: 1.0
   */
  signals[SIGNAL_SSL_ERRORS] =
    g_signal_new ("ssl-errors", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 3,
                  QNET_TYPE_SSL_SOCKET, G_TYPE_TLS_CERTIFICATE_FLAGS, G_TYPE_TLS_CERTIFICATE);

  /**
   * QnetSslServer::peer-verify-error:
   * @self: the server
   * @socket: a connection
   * @error: one of the errors
   * @certificate: the certificate of the client
   *
   * Emitted for each error of the certificate of a client.
   *
   * It is [signal@SslSocket::peer-verify-error] of @socket.
   *
   * Since: 1.0
   */
  signals[SIGNAL_PEER_VERIFY_ERROR] =
    g_signal_new ("peer-verify-error", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 3,
                  QNET_TYPE_SSL_SOCKET, G_TYPE_TLS_CERTIFICATE_FLAGS, G_TYPE_TLS_CERTIFICATE);
}

static void
qnet_ssl_server_class_init (QnetSslServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = qnet_ssl_server_finalize;

  qnet_ssl_server_class_install_handshakes (QNET_SERVER_CLASS (klass));
  qnet_ssl_server_class_install_properties (object_class);
  install_handshake_signals (G_TYPE_FROM_CLASS (klass));
  install_verification_signals (G_TYPE_FROM_CLASS (klass));
}

static void
qnet_ssl_server_init (QnetSslServer *self)
{
  QnetSslServerPrivate *priv = PRIVATE (self);

  priv->configuration = qnet_ssl_configuration_get_default ();
  priv->handshake_timeout = QNET_SSL_SERVER_DEFAULT_TIMEOUT;
  g_queue_init (&priv->handshaking);
  g_queue_init (&priv->waiting);
  qnet_server_get_private (QNET_SERVER (self))->max_preparing =
    QNET_SSL_SERVER_DEFAULT_MAX_HANDSHAKES;
}

/* Public API */

/**
 * qnet_ssl_server_new:
 *
 * Creates a server that is not listening.
 *
 * Returns: (transfer full): a new server
 *
 * Since: 1.0
 */
QnetSslServer *
qnet_ssl_server_new (void)
{
  return g_object_new (QNET_TYPE_SSL_SERVER, NULL);
}

/**
 * qnet_ssl_server_next_pending_connection:
 * @self: a server
 *
 * Takes the oldest pending connection.
 *
 * It is [method@Server.next_pending_connection] with the type of the connection.
 *
 * Returns: (transfer full) (nullable): the connection, which is encrypted unless it has ended
 *   already, or %NULL if none is pending
 *
 * Since: 1.0
 */
QnetSslSocket *
qnet_ssl_server_next_pending_connection (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  return (QnetSslSocket *) qnet_server_next_pending_connection (QNET_SERVER (self));
}
