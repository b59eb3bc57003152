/* qnet-ssl-socket-settings.c: what a TLS socket is told before the handshake, and what it says after it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-ssl-socket.h"

#include "base/qnet-error-private.h"
#include "socket/qnet-ssl-socket-private.h"

static QnetSslSettings *
get_settings (QnetSslSocket *self)
{
  return &qnet_ssl_socket_get_private (self)->settings;
}

/**
 * qnet_ssl_socket_get_mode:
 * @self: a socket
 *
 * Gets whether the connection is encrypted or about to be, and as which side.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
QnetSslMode
qnet_ssl_socket_get_mode (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), QNET_SSL_MODE_UNENCRYPTED);

  return qnet_ssl_socket_get_private (self)->mode;
}

/**
 * qnet_ssl_socket_get_is_encrypted:
 * @self: a socket
 *
 * Tells whether there is a connection, and all that goes over it is encrypted.
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_get_is_encrypted (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);

  return qnet_ssl_socket_get_private (self)->phase == QNET_SSL_PHASE_ENCRYPTED;
}

/**
 * qnet_ssl_socket_get_peer_verify_mode:
 * @self: a socket
 *
 * Gets what is asked of the certificate of the peer.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
QnetSslPeerVerifyMode
qnet_ssl_socket_get_peer_verify_mode (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), QNET_SSL_PEER_VERIFY_MODE_AUTO);

  return get_settings (self)->verify_mode;
}

/**
 * qnet_ssl_socket_set_peer_verify_mode:
 * @self: a socket
 * @mode: the mode
 *
 * Sets what is asked of the certificate of the peer.
 *
 * A client with [QNET_SSL_PEER_VERIFY_MODE_NONE][enum@SslPeerVerifyMode] or
 * [QNET_SSL_PEER_VERIFY_MODE_QUERY][enum@SslPeerVerifyMode] **takes any certificate**: anybody on
 * the way can read and write what goes over the connection.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_peer_verify_mode (QnetSslSocket         *self,
                                      QnetSslPeerVerifyMode  mode)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));

  if (get_settings (self)->verify_mode == mode)
    return;

  get_settings (self)->verify_mode = mode;
  g_object_notify (G_OBJECT (self), "peer-verify-mode");
}

/**
 * qnet_ssl_socket_get_peer_verify_name:
 * @self: a socket
 *
 * Gets the name that the certificate of the server has to be for.
 *
 * Returns: (nullable): the name, or %NULL for that of the host
 *
 * Since: 1.0
 */
const char *
qnet_ssl_socket_get_peer_verify_name (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);

  return qnet_ssl_socket_get_private (self)->verify_name;
}

/**
 * qnet_ssl_socket_set_peer_verify_name:
 * @self: a socket
 * @name: (nullable): the name of a host, or %NULL for the one that is connected to
 *
 * Sets the name that the certificate of the server has to be for.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_peer_verify_name (QnetSslSocket *self,
                                      const char    *name)
{
  QnetSslSocketPrivate *priv;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));

  priv = qnet_ssl_socket_get_private (self);

  if (g_strcmp0 (priv->verify_name, name) == 0)
    return;

  g_free (priv->verify_name);
  priv->verify_name = g_strdup (name);
  g_object_notify (G_OBJECT (self), "peer-verify-name");
}

/**
 * qnet_ssl_socket_get_certificate:
 * @self: a socket
 *
 * Gets our own certificate.
 *
 * Returns: (transfer none) (nullable): the certificate with its private key, or %NULL for none
 *
 * Since: 1.0
 */
GTlsCertificate *
qnet_ssl_socket_get_certificate (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);

  return get_settings (self)->certificate;
}

/**
 * qnet_ssl_socket_set_certificate:
 * @self: a socket
 * @certificate: (nullable): the certificate with its private key, or %NULL for none
 *
 * Sets our own certificate, for the next handshake.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_certificate (QnetSslSocket   *self,
                                 GTlsCertificate *certificate)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (certificate == NULL || G_IS_TLS_CERTIFICATE (certificate));

  if (g_set_object (&get_settings (self)->certificate, certificate))
    g_object_notify (G_OBJECT (self), "certificate");
}

/**
 * qnet_ssl_socket_set_certificate_files:
 * @self: a socket
 * @certificate_file: (type filename): a PEM file with the certificate, and with those who signed it
 * @key_file: (type filename) (nullable): a PEM file with its private key, or %NULL if that is in @certificate_file, too
 * @error: return location for an error
 *
 * Sets our own certificate from files.
 *
 * It fails with [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and leaves the one
 * that was set before.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_set_certificate_files (QnetSslSocket  *self,
                                       const char     *certificate_file,
                                       const char     *key_file,
                                       GError        **error)
{
  g_autoptr(GTlsCertificate) certificate = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (certificate_file != NULL, FALSE);

  certificate = qnet_ssl_load_certificate_files (certificate_file, key_file, &reason);
  if (certificate == NULL)
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  qnet_ssl_socket_set_certificate (self, certificate);

  return TRUE;
}

/**
 * qnet_ssl_socket_set_certificate_uris:
 * @self: a socket
 * @certificate_uri: a PKCS#11 URI of the certificate (RFC 7512)
 * @key_uri: (nullable): that of its private key, or %NULL if @certificate_uri means both
 * @error: return location for an error
 *
 * Sets our own certificate from a token: a smart card, or a module that keeps keys.
 *
 * The PIN is asked for by [property@SslSocket:interaction], unless it is part of the URI. It fails with
 * [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and leaves the one that was set
 * before.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_set_certificate_uris (QnetSslSocket  *self,
                                      const char     *certificate_uri,
                                      const char     *key_uri,
                                      GError        **error)
{
  g_autoptr(GTlsCertificate) certificate = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (certificate_uri != NULL, FALSE);

  certificate = qnet_ssl_load_certificate_uris (certificate_uri, key_uri, &reason);
  if (certificate == NULL)
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  qnet_ssl_socket_set_certificate (self, certificate);

  return TRUE;
}

/**
 * qnet_ssl_socket_get_database:
 * @self: a socket
 *
 * Gets whose signatures are trusted.
 *
 * Returns: (transfer none) (nullable): the database, or %NULL for that of the system
 *
 * Since: 1.0
 */
GTlsDatabase *
qnet_ssl_socket_get_database (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);

  return get_settings (self)->database;
}

/**
 * qnet_ssl_socket_set_database:
 * @self: a socket
 * @database: the database; [method@Gio.TlsBackend.get_default_database] has that of the system
 *
 * Sets whose signatures are trusted, instead of those whom the system trusts, for the next handshake.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_database (QnetSslSocket *self,
                              GTlsDatabase  *database)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (G_IS_TLS_DATABASE (database));

  if (g_set_object (&get_settings (self)->database, database))
    g_object_notify (G_OBJECT (self), "database");
}

/**
 * qnet_ssl_socket_set_database_file:
 * @self: a socket
 * @file: (type filename): a PEM file with certificates
 * @error: return location for an error
 *
 * Trusts the certificates of a file and what they have signed, instead of those whom the system trusts.
 *
 * It fails with [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and leaves what was
 * set before.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_set_database_file (QnetSslSocket  *self,
                                   const char     *file,
                                   GError        **error)
{
  g_autoptr(GTlsDatabase) database = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (file != NULL, FALSE);

  database = qnet_ssl_load_database (file, &reason);
  if (database == NULL)
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  qnet_ssl_socket_set_database (self, database);

  return TRUE;
}

/**
 * qnet_ssl_socket_get_interaction:
 * @self: a socket
 *
 * Gets who is asked for PINs and certificates.
 *
 * Returns: (transfer none) (nullable): the interaction, or %NULL to ask nobody
 *
 * Since: 1.0
 */
GTlsInteraction *
qnet_ssl_socket_get_interaction (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);

  return get_settings (self)->interaction;
}

/**
 * qnet_ssl_socket_set_interaction:
 * @self: a socket
 * @interaction: (nullable): the interaction, or %NULL to ask nobody
 *
 * Sets who is asked for PINs and certificates.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_interaction (QnetSslSocket   *self,
                                 GTlsInteraction *interaction)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (interaction == NULL || G_IS_TLS_INTERACTION (interaction));

  if (g_set_object (&get_settings (self)->interaction, interaction))
    g_object_notify (G_OBJECT (self), "interaction");
}

/**
 * qnet_ssl_socket_get_advertised_protocols:
 * @self: a socket
 *
 * Gets the protocols that we offer to speak over the connection (ALPN).
 *
 * Returns: (nullable) (transfer none) (array zero-terminated=1): their names, or %NULL for none
 *
 * Since: 1.0
 */
const char * const *
qnet_ssl_socket_get_advertised_protocols (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);

  return (const char * const *) get_settings (self)->advertised_protocols;
}

/**
 * qnet_ssl_socket_set_advertised_protocols:
 * @self: a socket
 * @protocols: (nullable) (array zero-terminated=1): their names, the best one first, or %NULL for none
 *
 * Sets the protocols that we offer to speak over the connection (ALPN), for the next handshake.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_advertised_protocols (QnetSslSocket      *self,
                                          const char * const *protocols)
{
  QnetSslSettings *settings;
  char **copy;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));

  settings = get_settings (self);
  copy = g_strdupv ((char **) protocols);
  g_strfreev (settings->advertised_protocols);
  settings->advertised_protocols = copy;
  g_object_notify (G_OBJECT (self), "advertised-protocols");
}

/**
 * qnet_ssl_socket_get_handshake_timeout:
 * @self: a socket
 *
 * Gets how long a handshake may take.
 *
 * Returns: milliseconds, 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_ssl_socket_get_handshake_timeout (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), 0);

  return get_settings (self)->handshake_timeout;
}

/**
 * qnet_ssl_socket_set_handshake_timeout:
 * @self: a socket
 * @msecs: milliseconds, 0 for no limit
 *
 * Sets how long the next handshake may take.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_handshake_timeout (QnetSslSocket *self,
                                       int            msecs)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (msecs >= 0);

  if (get_settings (self)->handshake_timeout == msecs)
    return;

  get_settings (self)->handshake_timeout = msecs;
  g_object_notify (G_OBJECT (self), "handshake-timeout");
}

/* What the handshake has brought */

/**
 * qnet_ssl_socket_get_peer_certificate:
 * @self: a socket
 *
 * Gets the certificate of the peer, with those who signed it as its issuers.
 *
 * Returns: (transfer none) (nullable): the certificate, or %NULL when there was none
 *
 * Since: 1.0
 */
GTlsCertificate *
qnet_ssl_socket_get_peer_certificate (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);

  return qnet_ssl_socket_get_private (self)->peer_certificate;
}

/**
 * qnet_ssl_socket_get_peer_certificate_errors:
 * @self: a socket
 *
 * Gets what is wrong with the certificate of the peer, ignored or not.
 *
 * Returns: the errors, 0 for none
 *
 * Since: 1.0
 */
GTlsCertificateFlags
qnet_ssl_socket_get_peer_certificate_errors (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), 0);

  return qnet_ssl_socket_get_private (self)->peer_errors;
}

static const char *
name_protocol (GTlsProtocolVersion version)
{
  switch (version)
    {
    case G_TLS_PROTOCOL_VERSION_SSL_3_0:
      return "SSLv3";
    case G_TLS_PROTOCOL_VERSION_TLS_1_0:
      return "TLSv1";
    case G_TLS_PROTOCOL_VERSION_TLS_1_1:
      return "TLSv1.1";
    case G_TLS_PROTOCOL_VERSION_TLS_1_2:
      return "TLSv1.2";
    case G_TLS_PROTOCOL_VERSION_TLS_1_3:
      return "TLSv1.3";
    default:
      return NULL;
    }
}

/**
 * qnet_ssl_socket_get_session_protocol:
 * @self: a socket
 *
 * Gets the version of TLS that is spoken.
 *
 * Returns: (nullable): its name, `TLSv1.3` for example, or %NULL before a handshake
 *
 * Since: 1.0
 */
const char *
qnet_ssl_socket_get_session_protocol (QnetSslSocket *self)
{
  GTlsConnection *tls;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);

  tls = qnet_ssl_socket_get_private (self)->tls;

  return tls != NULL ? name_protocol (g_tls_connection_get_protocol_version (tls)) : NULL;
}

/**
 * qnet_ssl_socket_get_session_cipher:
 * @self: a socket
 *
 * Gets the cipher suite in use.
 *
 * Returns: (nullable): its name, or %NULL before a handshake
 *
 * Since: 1.0
 */
const char *
qnet_ssl_socket_get_session_cipher (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);

  return qnet_ssl_socket_get_private (self)->cipher;
}

/**
 * qnet_ssl_socket_get_negotiated_protocol:
 * @self: a socket
 *
 * Gets which of the advertised protocols both sides speak (ALPN).
 *
 * Returns: (nullable): its name, or %NULL when there is none
 *
 * Since: 1.0
 */
const char *
qnet_ssl_socket_get_negotiated_protocol (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);

  return qnet_ssl_socket_get_private (self)->negotiated;
}

/**
 * qnet_ssl_socket_get_requested_server_name:
 * @self: a socket
 *
 * Gets the name of the host that a client wants (SNI), on the side of the server.
 *
 * Returns: (nullable): the name in lower case, or %NULL when the client gave none
 *
 * Since: 1.0
 */
const char *
qnet_ssl_socket_get_requested_server_name (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);

  return qnet_ssl_socket_get_private (self)->server_name;
}

/**
 * qnet_ssl_socket_get_encrypted_bytes_available:
 * @self: a socket
 *
 * Gets how many encrypted bytes were received that are not decrypted yet, part of a record mostly.
 *
 * Returns: how many; 0 while the connection is not encrypted
 *
 * Since: 1.0
 */
gint64
qnet_ssl_socket_get_encrypted_bytes_available (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), 0);

  priv = qnet_ssl_socket_get_private (self);

  return priv->phase == QNET_SSL_PHASE_ENCRYPTED ? qnet_raw_connection_get_n_input (priv->raw) : 0;
}

/**
 * qnet_ssl_socket_get_encrypted_bytes_to_write:
 * @self: a socket
 *
 * Gets how many encrypted bytes wait for room to be sent.
 *
 * [method@IODevice.get_bytes_to_write] counts the bytes that they are made of, until these have gone.
 *
 * Returns: how many; 0 while the connection is not encrypted
 *
 * Since: 1.0
 */
gint64
qnet_ssl_socket_get_encrypted_bytes_to_write (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), 0);

  priv = qnet_ssl_socket_get_private (self);

  return priv->phase == QNET_SSL_PHASE_ENCRYPTED ? qnet_raw_connection_get_n_output (priv->raw) : 0;
}

/**
 * qnet_ssl_socket_get_tls_connection:
 * @self: a socket
 *
 * Gets what GIO makes of the connection, for what only it can tell: channel bindings, accepted authorities.
 *
 * Neither read from it, nor write to it, nor close it.
 *
 * Returns: (transfer none) (nullable): the connection, or %NULL before a handshake
 *
 * Since: 1.0
 */
GTlsConnection *
qnet_ssl_socket_get_tls_connection (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);

  return qnet_ssl_socket_get_private (self)->tls;
}
