/* qnet-dtls-settings.c: the settings of encrypted datagrams, and what was negotiated
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-host-name-private.h"
#include "dtls/qnet-dtls-private.h"

/* Sets @next (transfer full) (nullable); NULL: an error is set. */
static gboolean
take_configuration (QnetDtls             *self,
                    QnetSslConfiguration *next)
{
  if (next == NULL)
    return FALSE;

  qnet_dtls_set_ssl_configuration (self, next);
  qnet_ssl_configuration_unref (next);

  return TRUE;
}

/* Public API */

/**
 * qnet_dtls_get_mode:
 * @self: a DTLS connection
 *
 * Gets whether this is the client or the server of the connection.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
QnetSslMode
qnet_dtls_get_mode (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), QNET_SSL_MODE_CLIENT);

  return self->mode;
}

/**
 * qnet_dtls_get_peer_address:
 * @self: a DTLS connection
 *
 * Gets the address of the peer.
 *
 * Returns: (transfer none) (nullable): the address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_dtls_get_peer_address (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), NULL);

  return self->peer_address;
}

/**
 * qnet_dtls_get_peer_port:
 * @self: a DTLS connection
 *
 * Gets the port of the peer.
 *
 * Returns: the port, or 0
 *
 * Since: 1.0
 */
guint16
qnet_dtls_get_peer_port (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), 0);

  return self->peer_port;
}

/**
 * qnet_dtls_get_peer_verify_name:
 * @self: a DTLS connection
 *
 * Gets the name for which the certificate of the server has to be.
 *
 * Returns: (nullable): the name
 *
 * Since: 1.0
 */
const char *
qnet_dtls_get_peer_verify_name (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), NULL);

  return self->verify_name;
}

/**
 * qnet_dtls_set_peer:
 * @self: a DTLS connection
 * @address: the address of the peer
 * @port: the port of the peer
 * @verify_name: (nullable): the name for which the certificate of a server has to be; %NULL for the
 *   address
 *
 * Sets the peer. It cannot be changed during a handshake, or after it.
 *
 * Since: 1.0
 */
void
qnet_dtls_set_peer (QnetDtls        *self,
                    QnetHostAddress *address,
                    guint16          port,
                    const char      *verify_name)
{
  GObject *object = G_OBJECT (self);

  g_return_if_fail (QNET_IS_DTLS (self));
  g_return_if_fail (address != NULL);
  g_return_if_fail (port > 0);
  g_return_if_fail (self->session == NULL);

  qnet_host_address_ref (address);
  g_clear_pointer (&self->peer_address, qnet_host_address_unref);
  self->peer_address = address;
  self->peer_port = port;
  g_free (self->verify_name);
  self->verify_name = verify_name != NULL ? g_strdup (verify_name)
                                          : qnet_host_address_to_string (address);
  g_free (self->host);
  self->host = qnet_host_name_to_identity (self->verify_name);

  g_object_freeze_notify (object);
  qnet_dtls_notify (self, QNET_DTLS_PROP_PEER_ADDRESS);
  qnet_dtls_notify (self, QNET_DTLS_PROP_PEER_PORT);
  qnet_dtls_notify (self, QNET_DTLS_PROP_PEER_VERIFY_NAME);
  g_object_thaw_notify (object);
}

/**
 * qnet_dtls_get_ssl_configuration:
 * @self: a DTLS connection
 *
 * Gets the settings of TLS.
 *
 * Returns: (transfer none): the configuration
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_dtls_get_ssl_configuration (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), NULL);

  return self->configuration;
}

/**
 * qnet_dtls_set_ssl_configuration:
 * @self: a DTLS connection
 * @configuration: the configuration
 *
 * Sets the settings of TLS, for handshakes that begin from now on.
 *
 * The properties that are part of it, such as [property@Dtls:certificate], change with it. Sessions
 * are not resumed.
 *
 * Since: 1.0
 */
void
qnet_dtls_set_ssl_configuration (QnetDtls             *self,
                                 QnetSslConfiguration *configuration)
{
  g_return_if_fail (QNET_IS_DTLS (self));
  g_return_if_fail (configuration != NULL);

  if (!qnet_ssl_configuration_equal (self->configuration, configuration))
    qnet_ssl_configuration_replace (&self->configuration, configuration, NULL, self);
}

/**
 * qnet_dtls_get_certificate:
 * @self: a DTLS connection
 *
 * Gets the own certificate.
 *
 * Returns: (transfer none) (nullable): the certificate
 *
 * Since: 1.0
 */
GTlsCertificate *
qnet_dtls_get_certificate (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), NULL);

  return self->configuration->certificate;
}

/**
 * qnet_dtls_set_certificate:
 * @self: a DTLS connection
 * @certificate: (nullable): the certificate with its private key, or %NULL for none
 * @error: return location for an error
 *
 * Sets the own certificate, for handshakes that begin from now on.
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
qnet_dtls_set_certificate (QnetDtls         *self,
                           GTlsCertificate  *certificate,
                           GError          **error)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), FALSE);
  g_return_val_if_fail (certificate == NULL || G_IS_TLS_CERTIFICATE (certificate), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return take_configuration (self, qnet_ssl_configuration_with_certificate (self->configuration,
                                                                            certificate, error));
}

/**
 * qnet_dtls_get_database:
 * @self: a DTLS connection
 *
 * Gets the authorities that are trusted.
 *
 * Returns: (transfer none) (nullable): the database, or %NULL for that of the system
 *
 * Since: 1.0
 */
GTlsDatabase *
qnet_dtls_get_database (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), NULL);

  return self->configuration->database;
}

/**
 * qnet_dtls_set_database:
 * @self: a DTLS connection
 * @database: the authorities
 *
 * Sets the authorities that are trusted, instead of those of the system.
 *
 * A database of a type of the application's own is asked within [method@Dtls.do_handshake], which
 * blocks until it has answered.
 *
 * Since: 1.0
 */
void
qnet_dtls_set_database (QnetDtls     *self,
                        GTlsDatabase *database)
{
  g_return_if_fail (QNET_IS_DTLS (self));
  g_return_if_fail (G_IS_TLS_DATABASE (database));

  take_configuration (self, qnet_ssl_configuration_with_database (self->configuration, database));
}

/**
 * qnet_dtls_get_peer_verify_mode:
 * @self: a DTLS connection
 *
 * Gets whether the peer is verified.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
QnetSslPeerVerifyMode
qnet_dtls_get_peer_verify_mode (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), QNET_SSL_PEER_VERIFY_MODE_AUTO);

  return self->configuration->verify_mode;
}

/**
 * qnet_dtls_set_peer_verify_mode:
 * @self: a DTLS connection
 * @mode: the mode
 *
 * Sets whether the peer is verified.
 *
 * Since: 1.0
 */
void
qnet_dtls_set_peer_verify_mode (QnetDtls              *self,
                                QnetSslPeerVerifyMode  mode)
{
  g_return_if_fail (QNET_IS_DTLS (self));
  g_return_if_fail (qnet_ssl_is_verify_mode (mode));

  take_configuration (self, qnet_ssl_configuration_with_peer_verify_mode (self->configuration,
                                                                          mode));
}

/**
 * qnet_dtls_get_cookie_secret:
 * @self: a DTLS connection
 *
 * Gets the secret of cookies.
 *
 * Returns: (transfer none) (nullable): the secret, or %NULL for that of the process
 *
 * Since: 1.0
 */
GBytes *
qnet_dtls_get_cookie_secret (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), NULL);

  return self->cookie_secret;
}

/**
 * qnet_dtls_set_cookie_secret:
 * @self: a DTLS connection
 * @secret: (nullable): a secret of any size, or %NULL for that of the process
 *
 * Sets the secret by which the cookie of a client is checked. It has to be that of the
 * [class@DtlsClientVerifier].
 *
 * Since: 1.0
 */
void
qnet_dtls_set_cookie_secret (QnetDtls *self,
                             GBytes   *secret)
{
  g_return_if_fail (QNET_IS_DTLS (self));

  if (self->cookie_secret == secret)
    return;

  g_clear_pointer (&self->cookie_secret, g_bytes_unref);
  self->cookie_secret = secret != NULL ? g_bytes_ref (secret) : NULL;
  qnet_dtls_notify (self, QNET_DTLS_PROP_COOKIE_SECRET);
}

/**
 * qnet_dtls_get_mtu_hint:
 * @self: a DTLS connection
 *
 * Gets the size of the largest datagram to send.
 *
 * Returns: bytes, or 0 for the default
 *
 * Since: 1.0
 */
int
qnet_dtls_get_mtu_hint (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), 0);

  return self->mtu_hint;
}

/**
 * qnet_dtls_set_mtu_hint:
 * @self: a DTLS connection
 * @mtu: bytes, or 0 for the default
 *
 * Sets the size of the largest datagram to send, for handshakes that begin from now on.
 *
 * Since: 1.0
 */
void
qnet_dtls_set_mtu_hint (QnetDtls *self,
                        int       mtu)
{
  g_return_if_fail (QNET_IS_DTLS (self));
  g_return_if_fail (mtu >= 0 && mtu <= G_MAXUINT16);

  if (self->mtu_hint == mtu)
    return;

  self->mtu_hint = mtu;
  qnet_dtls_notify (self, QNET_DTLS_PROP_MTU_HINT);
}

/**
 * qnet_dtls_get_handshake_state:
 * @self: a DTLS connection
 *
 * Gets how far the handshake is.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
QnetDtlsHandshakeState
qnet_dtls_get_handshake_state (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), QNET_DTLS_HANDSHAKE_NOT_STARTED);

  return self->state;
}

/**
 * qnet_dtls_is_encrypted:
 * @self: a DTLS connection
 *
 * Gets whether the handshake is complete.
 *
 * Returns: whether datagrams can be encrypted and decrypted
 *
 * Since: 1.0
 */
gboolean
qnet_dtls_is_encrypted (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), FALSE);

  return self->state == QNET_DTLS_HANDSHAKE_COMPLETE;
}

/**
 * qnet_dtls_get_peer_certificate:
 * @self: a DTLS connection
 *
 * Gets the certificate of the peer.
 *
 * Returns: (transfer none) (nullable): the certificate
 *
 * Since: 1.0
 */
GTlsCertificate *
qnet_dtls_get_peer_certificate (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), NULL);

  return self->peer_certificate;
}

/**
 * qnet_dtls_get_peer_certificate_errors:
 * @self: a DTLS connection
 *
 * Gets the errors of the certificate of the peer.
 *
 * Returns: the errors
 *
 * Since: 1.0
 */
GTlsCertificateFlags
qnet_dtls_get_peer_certificate_errors (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), 0);

  return self->peer_errors;
}

/**
 * qnet_dtls_get_session_protocol:
 * @self: a DTLS connection
 *
 * Gets the version of DTLS.
 *
 * Returns: (nullable): its name, or %NULL before a handshake
 *
 * Since: 1.0
 */
const char *
qnet_dtls_get_session_protocol (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), NULL);

  return self->version;
}

/**
 * qnet_dtls_get_session_cipher:
 * @self: a DTLS connection
 *
 * Gets the cipher suite.
 *
 * Returns: (nullable): its name, or %NULL before a handshake
 *
 * Since: 1.0
 */
const char *
qnet_dtls_get_session_cipher (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), NULL);

  return self->cipher;
}
