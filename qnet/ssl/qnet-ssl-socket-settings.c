/* qnet-ssl-socket-settings.c: the settings of a TLS socket
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-ssl-socket.h"

#include "base/qnet-error-private.h"
#include "ssl/qnet-ssl-socket-private.h"

static const QnetSslConfiguration *
get_configuration (QnetSslSocket *self)
{
  return qnet_ssl_socket_get_private (self)->configuration;
}

/* Sets @next (transfer full) (nullable); NULL: fails with @reason (transfer full). */
static gboolean
take_configuration (QnetSslSocket         *self,
                    QnetSslConfiguration  *next,
                    GError                *reason,
                    GError               **error)
{
  if (next == NULL)
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  qnet_ssl_socket_set_ssl_configuration (self, next);
  qnet_ssl_configuration_unref (next);

  return TRUE;
}

/**
 * qnet_ssl_socket_get_mode:
 * @self: a socket
 *
 * Gets whether the connection is encrypted or will be, and as which side of the handshake.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
QnetSslMode
qnet_ssl_socket_get_mode (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), QNET_SSL_MODE_UNENCRYPTED);
  QNET_IO_BRIEF_STAY (self, QNET_SSL_MODE_UNENCRYPTED);

  return qnet_ssl_socket_get_private (self)->mode;
}

/**
 * qnet_ssl_socket_is_encrypted:
 * @self: a socket
 *
 * Gets whether there is a connection and it is encrypted.
 *
 * Returns: whether the connection is encrypted
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_is_encrypted (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  QNET_IO_BRIEF_STAY (self, FALSE);

  return qnet_ssl_socket_get_private (self)->phase == QNET_SSL_PHASE_ENCRYPTED;
}

/**
 * qnet_ssl_socket_get_ssl_configuration:
 * @self: a socket
 *
 * Gets the settings of TLS.
 *
 * Returns: (transfer none): the configuration
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_socket_get_ssl_configuration (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_ssl_socket_get_private (self)->configuration;
}

/**
 * qnet_ssl_socket_set_ssl_configuration:
 * @self: a socket
 * @configuration: the configuration
 *
 * Sets the settings of TLS, for the next handshake.
 *
 * The properties that are part of it, such as [property@SslSocket:certificate], change with it.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_ssl_configuration (QnetSslSocket        *self,
                                       QnetSslConfiguration *configuration)
{
  QnetSslSocketPrivate *priv;
  QnetSslConfiguration *before;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (configuration != NULL);
  QNET_IO_STAY (self);

  priv = qnet_ssl_socket_get_private (self);

  if (qnet_ssl_configuration_equal (priv->configuration, configuration))
    return;

  before = qnet_ssl_configuration_ref (priv->configuration);
  qnet_io_device_freeze_notify (self);
  qnet_ssl_configuration_replace (&priv->configuration, configuration, qnet_io_device_notify_name,
                                  self);
  qnet_io_device_drop_full (self, before, (GDestroyNotify) qnet_ssl_configuration_unref);
  qnet_io_device_thaw_notify (self);
}

/**
 * qnet_ssl_socket_get_peer_verify_mode:
 * @self: a socket
 *
 * Gets how the certificate of the peer is verified.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
QnetSslPeerVerifyMode
qnet_ssl_socket_get_peer_verify_mode (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), QNET_SSL_PEER_VERIFY_MODE_AUTO);
  QNET_IO_BRIEF_STAY (self, QNET_SSL_PEER_VERIFY_MODE_AUTO);

  return get_configuration (self)->verify_mode;
}

/**
 * qnet_ssl_socket_set_peer_verify_mode:
 * @self: a socket
 * @mode: the mode
 *
 * Sets how the certificate of the peer is verified, from the next handshake on.
 *
 * A client with [QNET_SSL_PEER_VERIFY_MODE_NONE][enum@SslPeerVerifyMode] or
 * [QNET_SSL_PEER_VERIFY_MODE_QUERY][enum@SslPeerVerifyMode] **accepts every certificate**: an
 * attacker on the network path can read and change everything.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_peer_verify_mode (QnetSslSocket         *self,
                                      QnetSslPeerVerifyMode  mode)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (qnet_ssl_is_verify_mode (mode));
  QNET_IO_STAY (self);

  take_configuration (self, qnet_ssl_configuration_with_peer_verify_mode (get_configuration (self),
                                                                          mode), NULL, NULL);
}

/**
 * qnet_ssl_socket_get_peer_verify_name:
 * @self: a socket
 *
 * Gets the name that the certificate of the server must be for.
 *
 * Returns: (nullable): the name, or %NULL for that of the host
 *
 * Since: 1.0
 */
const char *
qnet_ssl_socket_get_peer_verify_name (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_ssl_socket_get_private (self)->verify_name;
}

/**
 * qnet_ssl_socket_set_peer_verify_name:
 * @self: a socket
 * @name: (nullable): the name of a host, or %NULL for the host that the socket connects to
 *
 * Sets the name that the certificate of the server must be for.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_peer_verify_name (QnetSslSocket *self,
                                      const char    *name)
{
  QnetSslSocketPrivate *priv;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  QNET_IO_STAY (self);

  priv = qnet_ssl_socket_get_private (self);

  if (g_strcmp0 (priv->verify_name, name) == 0)
    return;

  g_free (priv->verify_name);
  priv->verify_name = g_strdup (name);
  qnet_io_device_notify_name (self, "peer-verify-name");
}

/**
 * qnet_ssl_socket_get_certificate:
 * @self: a socket
 *
 * Gets the certificate of this side.
 *
 * Returns: (transfer none) (nullable): the certificate with its private key, or %NULL for none
 *
 * Since: 1.0
 */
GTlsCertificate *
qnet_ssl_socket_get_certificate (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return get_configuration (self)->certificate;
}

/**
 * qnet_ssl_socket_set_certificate:
 * @self: a socket
 * @certificate: (nullable): the certificate with its private key, or %NULL for none
 * @error: return location for an error
 *
 * Sets the certificate of this side, for the next handshake.
 *
 * It is checked as [method@SslConfiguration.with_certificate] does it. On failure, the error is
 * [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and the previous certificate
 * remains set.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_set_certificate (QnetSslSocket    *self,
                                 GTlsCertificate  *certificate,
                                 GError          **error)
{
  QnetSslConfiguration *next;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (certificate == NULL || G_IS_TLS_CERTIFICATE (certificate), FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  next = qnet_ssl_configuration_with_certificate (get_configuration (self), certificate, &reason);

  return take_configuration (self, next, reason, error);
}

/**
 * qnet_ssl_socket_set_certificate_files:
 * @self: a socket
 * @certificate_file: (type filename): a PEM file with the certificate and its chain of issuers
 * @key_file: (type filename) (nullable): a PEM file with the private key, or %NULL if that is in
 *   @certificate_file
 * @error: return location for an error
 *
 * Loads the certificate of this side from files.
 *
 * On failure, the error is [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and the
 * previous certificate remains set.
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
  QnetSslConfiguration *next;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (certificate_file != NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  next = qnet_ssl_configuration_with_certificate_files (get_configuration (self), certificate_file,
                                                        key_file, &reason);

  return take_configuration (self, next, reason, error);
}

/**
 * qnet_ssl_socket_set_certificate_uris:
 * @self: a socket
 * @certificate_uri: a PKCS#11 URI of the certificate (RFC 7512)
 * @key_uri: (nullable): that of the private key, or %NULL if @certificate_uri identifies both
 * @error: return location for an error
 *
 * Loads the certificate of this side from a token: a smart card or a hardware security module.
 *
 * [property@SslSocket:interaction] is asked for the PIN, unless that is part of the URI. On
 * failure, the error is [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and the
 * previous certificate remains set.
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
  QnetSslConfiguration *next;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (certificate_uri != NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  next = qnet_ssl_configuration_with_certificate_uris (get_configuration (self), certificate_uri,
                                                       key_uri, &reason);

  return take_configuration (self, next, reason, error);
}

/**
 * qnet_ssl_socket_get_database:
 * @self: a socket
 *
 * Gets the database of trusted authorities.
 *
 * Returns: (transfer none) (nullable): the database, or %NULL for that of the system
 *
 * Since: 1.0
 */
GTlsDatabase *
qnet_ssl_socket_get_database (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return get_configuration (self)->database;
}

/**
 * qnet_ssl_socket_set_database:
 * @self: a socket
 * @database: the database; that of the system is [method@Gio.TlsBackend.get_default_database]
 *
 * Sets the database of trusted authorities, instead of that of the system, for the next handshake.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_database (QnetSslSocket *self,
                              GTlsDatabase  *database)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (G_IS_TLS_DATABASE (database));
  QNET_IO_STAY (self);

  take_configuration (self, qnet_ssl_configuration_with_database (get_configuration (self),
                                                                  database), NULL, NULL);
}

/**
 * qnet_ssl_socket_set_database_file:
 * @self: a socket
 * @file: (type filename): a PEM file with certificates
 * @error: return location for an error
 *
 * Trusts the authorities in a file, instead of those of the system.
 *
 * On failure, the error is [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and the
 * previous database remains set.
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
  QnetSslConfiguration *next;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (file != NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  next = qnet_ssl_configuration_with_database_file (get_configuration (self), file, &reason);

  return take_configuration (self, next, reason, error);
}

/**
 * qnet_ssl_socket_get_interaction:
 * @self: a socket
 *
 * Gets the object that is asked for PINs and certificates.
 *
 * Returns: (transfer none) (nullable): the interaction, or %NULL for none
 *
 * Since: 1.0
 */
GTlsInteraction *
qnet_ssl_socket_get_interaction (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return qnet_ssl_socket_get_private (self)->interaction;
}

/**
 * qnet_ssl_socket_set_interaction:
 * @self: a socket
 * @interaction: (nullable): the interaction, or %NULL for none
 *
 * Sets the object that is asked for PINs and certificates.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_interaction (QnetSslSocket   *self,
                                 GTlsInteraction *interaction)
{
  QnetSslSocketPrivate *priv;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (interaction == NULL || G_IS_TLS_INTERACTION (interaction));
  QNET_IO_STAY (self);

  priv = qnet_ssl_socket_get_private (self);
  if (priv->interaction == interaction)
    return;

  qnet_io_device_clear_object (self, &priv->interaction);
  g_set_object (&priv->interaction, interaction);
  qnet_io_device_notify_name (self, "interaction");
}

/**
 * qnet_ssl_socket_get_advertised_protocols:
 * @self: a socket
 *
 * Gets the application protocols to offer (ALPN).
 *
 * Returns: (nullable) (transfer none) (array zero-terminated=1): their names, or %NULL for none
 *
 * Since: 1.0
 */
const char * const *
qnet_ssl_socket_get_advertised_protocols (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  return (const char * const *) get_configuration (self)->advertised_protocols;
}

/**
 * qnet_ssl_socket_set_advertised_protocols:
 * @self: a socket
 * @protocols: (nullable) (array zero-terminated=1): their names, in the order of preference, or
 *   %NULL for none
 *
 * Sets the application protocols to offer (ALPN), for the next handshake.
 *
 * They must be such that [method@SslConfiguration.with_advertised_protocols] does not fail.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_advertised_protocols (QnetSslSocket      *self,
                                          const char * const *protocols)
{
  QnetSslConfiguration *next;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  QNET_IO_STAY (self);

  next = qnet_ssl_configuration_offer (get_configuration (self), protocols, G_STRFUNC);
  if (next != NULL)
    take_configuration (self, next, NULL, NULL);
}

/**
 * qnet_ssl_socket_get_handshake_timeout:
 * @self: a socket
 *
 * Gets the timeout of a handshake.
 *
 * Returns: the timeout in milliseconds, or 0 for none
 *
 * Since: 1.0
 */
int
qnet_ssl_socket_get_handshake_timeout (QnetSslSocket *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  return qnet_ssl_socket_get_private (self)->handshake_timeout;
}

/**
 * qnet_ssl_socket_set_handshake_timeout:
 * @self: a socket
 * @msecs: milliseconds, 0 for no limit
 *
 * Sets the timeout of the next handshake.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_set_handshake_timeout (QnetSslSocket *self,
                                       int            msecs)
{
  QnetSslSocketPrivate *priv;

  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (msecs >= 0);
  QNET_IO_STAY (self);

  priv = qnet_ssl_socket_get_private (self);

  if (priv->handshake_timeout == msecs)
    return;

  priv->handshake_timeout = msecs;
  qnet_io_device_notify_name (self, "handshake-timeout");
}
