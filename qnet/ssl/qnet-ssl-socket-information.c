/* qnet-ssl-socket-information.c: what is known about an encrypted connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ssl/qnet-ssl-socket-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

GPtrArray *
qnet_ssl_list_chain (GTlsCertificate *certificate)
{
  GPtrArray *chain = g_ptr_array_new_with_free_func (g_object_unref);

  for (; certificate != NULL; certificate = g_tls_certificate_get_issuer (certificate))
    g_ptr_array_add (chain, g_object_ref (certificate));

  return chain;
}

static QnetTlsSession *
get_session (QnetSslSocket *self)
{
  return qnet_transport_tls_get_session (&qnet_socket_get_channel (QNET_SOCKET (self))->transport);
}

/* Public API */

/**
 * qnet_ssl_socket_get_peer_certificate:
 * @self: a socket
 *
 * Gets the certificate of the peer, with its chain of issuers.
 *
 * Returns: (transfer none) (nullable): the certificate, or %NULL if there was none
 *
 * Since: 1.0
 */
GTlsCertificate *
qnet_ssl_socket_get_peer_certificate (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_ssl_socket_get_private (self)->peer_certificate;
}

/**
 * qnet_ssl_socket_get_peer_certificate_errors:
 * @self: a socket
 *
 * Gets the errors of the certificate of the peer, including ignored ones.
 *
 * Returns: the errors, 0 for none
 *
 * Since: 1.0
 */
GTlsCertificateFlags
qnet_ssl_socket_get_peer_certificate_errors (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  return qnet_ssl_socket_get_private (self)->peer_errors;
}

/**
 * qnet_ssl_socket_get_peer_certificate_chain:
 * @self: a socket
 *
 * Gets the certificates that the peer has sent: its own, and those of its issuers, in that order.
 *
 * They are what the peer claims. Whether they are valid is
 * [property@SslSocket:peer-certificate-errors].
 *
 * Returns: (transfer container) (element-type GTlsCertificate): the certificates, none before a
 *   handshake, or if the peer presented none
 *
 * Since: 1.0
 */
GPtrArray *
qnet_ssl_socket_get_peer_certificate_chain (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_ssl_list_chain (qnet_ssl_socket_get_private (self)->peer_certificate);
}

/**
 * qnet_ssl_socket_get_ocsp_response:
 * @self: a socket
 *
 * Gets what the server has sent about the revocation of its certificate (stapling; RFC 6960): a
 * response of the authority in the form DER.
 *
 * It was verified together with the certificate: an invalid one, or one that reports a revocation,
 * is among [property@SslSocket:peer-certificate-errors]. It is available in handlers of
 * [signal@SslSocket::ssl-errors]. A session that is resumed keeps that of its first connection.
 *
 * Returns: (transfer none) (nullable): the response, or %NULL if there was none
 *
 * Since: 1.0
 */
GBytes *
qnet_ssl_socket_get_ocsp_response (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_ssl_socket_get_private (self)->ocsp_response;
}

/**
 * qnet_ssl_socket_get_session_protocol:
 * @self: a socket
 *
 * Gets the version of TLS.
 *
 * Returns: (nullable): its name, such as `TLSv1.3`, or %NULL before a handshake
 *
 * Since: 1.0
 */
const char *
qnet_ssl_socket_get_session_protocol (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_ssl_socket_get_private (self)->version;
}

/**
 * qnet_ssl_socket_get_session_cipher:
 * @self: a socket
 *
 * Gets the cipher suite.
 *
 * Returns: (nullable): its name, or %NULL before a handshake
 *
 * Since: 1.0
 */
const char *
qnet_ssl_socket_get_session_cipher (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_ssl_socket_get_private (self)->cipher;
}

/**
 * qnet_ssl_socket_get_negotiated_protocol:
 * @self: a socket
 *
 * Gets the application protocol that was negotiated (ALPN).
 *
 * Returns: (nullable): its name, or %NULL for none
 *
 * Since: 1.0
 */
const char *
qnet_ssl_socket_get_negotiated_protocol (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_ssl_socket_get_private (self)->negotiated;
}

/**
 * qnet_ssl_socket_get_requested_server_name:
 * @self: a socket
 *
 * Gets the name of the host that the client requested (SNI), on the server side.
 *
 * Returns: (nullable): the name in its canonical form, or %NULL for none
 *
 * Since: 1.0
 */
const char *
qnet_ssl_socket_get_requested_server_name (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_ssl_socket_get_private (self)->server_name;
}

/**
 * qnet_ssl_socket_get_encrypted_bytes_available:
 * @self: a socket
 *
 * Gets the number of received bytes that are not decrypted yet, usually a part of a record.
 *
 * Returns: the number of bytes; 0 while the connection is not encrypted
 *
 * Since: 1.0
 */
gint64
qnet_ssl_socket_get_encrypted_bytes_available (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  priv = qnet_ssl_socket_get_private (self);

  return priv->phase == QNET_SSL_PHASE_ENCRYPTED
         ? (gint64) qnet_tls_session_get_input (priv->session)->length
         : 0;
}

/**
 * qnet_ssl_socket_get_encrypted_bytes_to_write:
 * @self: a socket
 *
 * Gets the number of encrypted bytes that the kernel has not accepted yet.
 *
 * [method@IODevice.get_bytes_to_write] includes the plain bytes that these encode.
 *
 * Returns: the number of bytes; 0 while the connection is not encrypted
 *
 * Since: 1.0
 */
gint64
qnet_ssl_socket_get_encrypted_bytes_to_write (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  priv = qnet_ssl_socket_get_private (self);

  return priv->phase == QNET_SSL_PHASE_ENCRYPTED
         ? (gint64) qnet_tls_session_get_output (priv->session)->length
         : 0;
}

/**
 * qnet_ssl_socket_is_session_reused:
 * @self: a socket
 *
 * Gets whether the handshake has resumed the session of an earlier connection.
 *
 * The peer was not asked for its certificate again; the one of the earlier connection was verified
 * again.
 *
 * Returns: whether the session is a resumed one
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_is_session_reused (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  QNET_IO_BRIEF_STAY (self, FALSE);

  return qnet_ssl_socket_get_private (self)->is_reused;
}

/**
 * qnet_ssl_socket_get_session_ticket:
 * @self: a socket
 *
 * Gets the last ticket that the server has sent, with which a later connection can resume the
 * session: see [method@SslConfiguration.with_session_ticket].
 *
 * A server of TLS 1.3 sends its tickets after the handshake, often several, so the time to ask is
 * the end of the connection. [property@SslSocket:session-ticket] is notified then.
 *
 * Returns: (transfer none) (nullable): the ticket, or %NULL for none
 *
 * Since: 1.0
 */
GBytes *
qnet_ssl_socket_get_session_ticket (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_ssl_socket_keep_ticket (qnet_ssl_socket_get_private (self));
}

/**
 * qnet_ssl_socket_get_session_group:
 * @self: a socket
 *
 * Gets the group of the key exchange, such as `X25519` or `SECP256R1`.
 *
 * Returns: (nullable): its name, as given by the TLS library, or %NULL before a handshake
 *
 * Since: 1.0
 */
const char *
qnet_ssl_socket_get_session_group (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_ssl_socket_get_private (self)->group;
}

/**
 * qnet_ssl_socket_get_channel_binding:
 * @self: an encrypted socket
 * @type: the type of the channel binding
 * @error: return location for an error
 *
 * Gets the bytes that identify this connection for a protocol above it (RFC 5056).
 *
 * Both sides get the same bytes, unless an attacker in the middle decrypts the connection. An
 * authentication that includes them, such as that of SCRAM-SHA-256-PLUS, is of no use on another
 * connection.
 *
 * - [G_TLS_CHANNEL_BINDING_TLS_EXPORTER][enum@Gio.TlsChannelBindingType] (RFC 9266) is available
 *   with TLS 1.3, and with TLS 1.2 if both sides support the extended master secret (RFC 7627);
 * - [G_TLS_CHANNEL_BINDING_TLS_UNIQUE][enum@Gio.TlsChannelBindingType] (RFC 5929) with TLS 1.2 in
 *   that case;
 * - [G_TLS_CHANNEL_BINDING_TLS_SERVER_END_POINT][enum@Gio.TlsChannelBindingType] (RFC 5929) always:
 *   it identifies only the certificate of the server.
 *
 * It fails with [QNET_SOCKET_ERROR_OPERATION][error@SocketError] if the socket is not encrypted,
 * and with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError] if the connection
 * has no channel binding of @type.
 *
 * Returns: (transfer full): the bytes, or %NULL with @error set
 *
 * Since: 1.0
 */
GBytes *
qnet_ssl_socket_get_channel_binding (QnetSslSocket           *self,
                                     GTlsChannelBindingType   type,
                                     GError                 **error)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);
  QNET_IO_STAY_OR_FAIL (self, error, NULL);

  if (qnet_ssl_socket_has_session (self))
    return qnet_tls_session_new_channel_binding (get_session (self), type, error);

  qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, _("The connection is not encrypted"));

  return NULL;
}

/**
 * qnet_ssl_socket_set_key_log_file:
 * @file: (type filename) (nullable): the file, or %NULL to stop
 * @error: return location for an error
 *
 * Appends the keys of all connections of the process to @file, from their next handshake on.
 *
 * **A user who has the file can decrypt these connections**, also later, if they were recorded. It
 * is for finding errors in a protocol: a program such as Wireshark shows the decrypted data of a
 * capture (`tls.keylog_file`). A new file can be read by its user only.
 *
 * The environment variable `SSLKEYLOGFILE`, which other programs use by themselves, has no effect
 * unless the program asks for it:
 *
 * ```c
 * qnet_ssl_socket_set_key_log_file (g_getenv ("SSLKEYLOGFILE"), &error);
 * ```
 *
 * It applies to [class@SslSocket], [class@SslServer] and [class@Dtls], and may be called in any
 * thread. What cannot be written, for example because the disk is full, is lost.
 *
 * Returns: whether the file was opened; if not, nothing has changed
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_set_key_log_file (const char  *file,
                                  GError     **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return qnet_tls_key_log_open (file, error);
}
