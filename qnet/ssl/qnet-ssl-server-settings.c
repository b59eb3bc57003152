/* qnet-ssl-server-settings.c: the configuration and the limits of a server, as properties
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-error-private.h"
#include "qnet-enum-types.h"
#include "ssl/qnet-ssl-server-private.h"

enum
{
  PROP_SSL_CONFIGURATION = 1,
  PROP_CERTIFICATE,
  PROP_DATABASE,
  PROP_PEER_VERIFY_MODE,
  PROP_ADVERTISED_PROTOCOLS,
  PROP_HANDSHAKE_TIMEOUT,
  PROP_MAX_HANDSHAKES,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* Properties */

static void
qnet_ssl_server_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  QnetSslServer *self = QNET_SSL_SERVER (object);

  switch (id)
    {
    case PROP_SSL_CONFIGURATION:
      g_value_set_boxed (value, qnet_ssl_server_get_ssl_configuration (self));
      break;

    case PROP_CERTIFICATE:
      g_value_set_object (value, qnet_ssl_server_get_certificate (self));
      break;

    case PROP_DATABASE:
      g_value_set_object (value, qnet_ssl_server_get_database (self));
      break;

    case PROP_PEER_VERIFY_MODE:
      g_value_set_enum (value, qnet_ssl_server_get_peer_verify_mode (self));
      break;

    case PROP_ADVERTISED_PROTOCOLS:
      g_value_set_boxed (value, qnet_ssl_server_get_advertised_protocols (self));
      break;

    case PROP_HANDSHAKE_TIMEOUT:
      g_value_set_int (value, qnet_ssl_server_get_handshake_timeout (self));
      break;

    case PROP_MAX_HANDSHAKES:
      g_value_set_int (value, qnet_ssl_server_get_max_handshakes (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
qnet_ssl_server_set_property (GObject      *object,
                              guint         id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  QnetSslServer *self = QNET_SSL_SERVER (object);

  switch (id)
    {
    case PROP_SSL_CONFIGURATION:
      qnet_ssl_server_set_ssl_configuration (self, g_value_get_boxed (value));
      break;

    case PROP_DATABASE:
      qnet_ssl_server_set_database (self, g_value_get_object (value));
      break;

    case PROP_PEER_VERIFY_MODE:
      qnet_ssl_server_set_peer_verify_mode (self, g_value_get_enum (value));
      break;

    case PROP_ADVERTISED_PROTOCOLS:
      qnet_ssl_server_set_advertised_protocols (self, g_value_get_boxed (value));
      break;

    case PROP_HANDSHAKE_TIMEOUT:
      qnet_ssl_server_set_handshake_timeout (self, g_value_get_int (value));
      break;

    case PROP_MAX_HANDSHAKES:
      qnet_ssl_server_set_max_handshakes (self, g_value_get_int (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

#define READABLE  (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define READWRITE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
install_identity (void)
{
  /**
   * QnetSslServer:ssl-configuration:
   *
   * The settings of TLS, for connections that are accepted from now on.
   *
   * The default is that of the program: see [method@SslConfiguration.set_default].
   *
   * Since: 1.0
   */
  properties[PROP_SSL_CONFIGURATION] =
    g_param_spec_boxed ("ssl-configuration", NULL, NULL, QNET_TYPE_SSL_CONFIGURATION, READWRITE);

  /**
   * QnetSslServer:certificate:
   *
   * The certificate of the server, with its private key: see [method@SslServer.set_certificate].
   *
   * It is used for all clients, except those that request a name that has a certificate of its own.
   *
   * Since: 1.0
   */
  properties[PROP_CERTIFICATE] =
    g_param_spec_object ("certificate", NULL, NULL, G_TYPE_TLS_CERTIFICATE, READABLE);
}

static void
install_verification (void)
{
  /**
   * QnetSslServer:database:
   *
   * The authorities whose signatures are trusted on certificates of clients; %NULL, the default,
   * for those of the system.
   *
   * It cannot be set to %NULL, so that a database that could not be loaded does not widen the
   * trust.
   *
   * Since: 1.0
   */
  properties[PROP_DATABASE] =
    g_param_spec_object ("database", NULL, NULL, G_TYPE_TLS_DATABASE, READWRITE);

  /**
   * QnetSslServer:peer-verify-mode:
   *
   * Whether clients are asked for a certificate, and whether they need one.
   *
   * Since: 1.0
   */
  properties[PROP_PEER_VERIFY_MODE] =
    g_param_spec_enum ("peer-verify-mode", NULL, NULL, QNET_TYPE_SSL_PEER_VERIFY_MODE,
                       QNET_SSL_PEER_VERIFY_MODE_AUTO, READWRITE);
}

static void
install_handshakes (void)
{
  /**
   * QnetSslServer:advertised-protocols:
   *
   * The application protocols of the server, in the order of preference (ALPN, RFC 7301).
   *
   * The first one that the client offers is chosen, whatever the client prefers.
   *
   * Since: 1.0
   */
  properties[PROP_ADVERTISED_PROTOCOLS] =
    g_param_spec_boxed ("advertised-protocols", NULL, NULL, G_TYPE_STRV, READWRITE);

  /**
   * QnetSslServer:handshake-timeout:
   *
   * The timeout of the handshake of a client in milliseconds, or 0 for none.
   *
   * When it expires, the client is disconnected.
   *
   * Since: 1.0
   */
  properties[PROP_HANDSHAKE_TIMEOUT] =
    g_param_spec_int ("handshake-timeout", NULL, NULL, 0, G_MAXINT,
                      QNET_SSL_SERVER_DEFAULT_TIMEOUT, READWRITE);

  /**
   * QnetSslServer:max-handshakes:
   *
   * The most handshakes in progress at the same time (2048 by default), or 0 for no limit.
   *
   * At the limit, no connection is accepted until one of them has ended. A connection whose PROXY
   * header is still being read, see [property@TcpServer:trusted-proxies], counts as well.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_HANDSHAKES] =
    g_param_spec_int ("max-handshakes", NULL, NULL, 0, G_MAXINT,
                      QNET_SSL_SERVER_DEFAULT_MAX_HANDSHAKES, READWRITE);
}

void
qnet_ssl_server_class_install_properties (GObjectClass *klass)
{
  klass->get_property = qnet_ssl_server_get_property;
  klass->set_property = qnet_ssl_server_set_property;

  install_identity ();
  install_verification ();
  install_handshakes ();
  g_object_class_install_properties (klass, N_PROPS, properties);
}

void
qnet_ssl_server_forget_tickets (QnetSslServer *self)
{
  g_clear_pointer (&qnet_ssl_server_get_private (self)->ticket_key, g_bytes_unref);
}

/* Sets @next (transfer full) (nullable); NULL: fails with @reason (transfer full). */
static gboolean
take_configuration (QnetSslServer         *self,
                    QnetSslConfiguration  *next,
                    GError                *reason,
                    GError               **error)
{
  if (next == NULL)
    return qnet_server_fail (QNET_SERVER (self), reason, error);

  qnet_ssl_server_set_ssl_configuration (self, next);
  qnet_ssl_configuration_unref (next);

  return TRUE;
}

static const QnetSslConfiguration *
get_configuration (QnetSslServer *self)
{
  return qnet_ssl_server_get_private (self)->configuration;
}

/* Public API */

/**
 * qnet_ssl_server_get_ssl_configuration:
 * @self: a server
 *
 * Gets the settings of TLS.
 *
 * Returns: (transfer none): the configuration
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_server_get_ssl_configuration (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  return qnet_ssl_server_get_private (self)->configuration;
}

/**
 * qnet_ssl_server_set_ssl_configuration:
 * @self: a server
 * @configuration: the configuration
 *
 * Sets the settings of TLS, for connections that are accepted from now on.
 *
 * The properties that are part of it, such as [property@SslServer:certificate], change with it.
 * Tickets of sessions that were negotiated before are not accepted any more.
 *
 * Since: 1.0
 */
void
qnet_ssl_server_set_ssl_configuration (QnetSslServer        *self,
                                       QnetSslConfiguration *configuration)
{
  QnetSslServerPrivate *priv;

  g_return_if_fail (QNET_IS_SSL_SERVER (self));
  g_return_if_fail (configuration != NULL);
  QNET_SERVER_CHECK_CALLER (self);

  priv = qnet_ssl_server_get_private (self);

  if (qnet_ssl_configuration_equal (priv->configuration, configuration))
    return;

  qnet_ssl_server_forget_tickets (self);
  qnet_ssl_configuration_replace (&priv->configuration, configuration, NULL, self);
}

/**
 * qnet_ssl_server_get_certificate:
 * @self: a server
 *
 * Gets the certificate of the server.
 *
 * Returns: (transfer none) (nullable): the certificate, or %NULL for none
 *
 * Since: 1.0
 */
GTlsCertificate *
qnet_ssl_server_get_certificate (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  return get_configuration (self)->certificate;
}

/**
 * qnet_ssl_server_set_certificate:
 * @self: a server
 * @certificate: (nullable): the certificate with its private key, or %NULL for none
 * @error: return location for an error
 *
 * Sets the certificate of the server, for connections that are accepted from now on.
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
qnet_ssl_server_set_certificate (QnetSslServer    *self,
                                 GTlsCertificate  *certificate,
                                 GError          **error)
{
  QnetSslConfiguration *next;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), FALSE);
  g_return_val_if_fail (certificate == NULL || G_IS_TLS_CERTIFICATE (certificate), FALSE);
  QNET_SERVER_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  next = qnet_ssl_configuration_with_certificate (get_configuration (self), certificate, &reason);

  return take_configuration (self, next, reason, error);
}

/**
 * qnet_ssl_server_set_certificate_files:
 * @self: a server
 * @certificate_file: (type filename): a PEM file with the certificate and its chain of issuers
 * @key_file: (type filename) (nullable): a PEM file with the private key, or %NULL if that is in
 *   @certificate_file
 * @error: return location for an error
 *
 * Loads the certificate of the server from files. Call it again when the files
 * were renewed.
 *
 * On failure, the error is [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and the
 * previous certificate remains set.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_server_set_certificate_files (QnetSslServer  *self,
                                       const char     *certificate_file,
                                       const char     *key_file,
                                       GError        **error)
{
  QnetSslConfiguration *next;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), FALSE);
  g_return_val_if_fail (certificate_file != NULL, FALSE);
  QNET_SERVER_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  next = qnet_ssl_configuration_with_certificate_files (get_configuration (self), certificate_file,
                                                        key_file, &reason);

  return take_configuration (self, next, reason, error);
}

/**
 * qnet_ssl_server_set_certificate_uris:
 * @self: a server
 * @certificate_uri: a PKCS#11 URI of the certificate (RFC 7512)
 * @key_uri: (nullable): that of the private key, or %NULL if @certificate_uri identifies both
 * @error: return location for an error
 *
 * Loads the certificate of the server from a token. A PIN must be part of the URI.
 *
 * On failure, the error is [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and the
 * previous certificate remains set.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_server_set_certificate_uris (QnetSslServer  *self,
                                      const char     *certificate_uri,
                                      const char     *key_uri,
                                      GError        **error)
{
  QnetSslConfiguration *next;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), FALSE);
  g_return_val_if_fail (certificate_uri != NULL, FALSE);
  QNET_SERVER_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  next = qnet_ssl_configuration_with_certificate_uris (get_configuration (self), certificate_uri,
                                                       key_uri, &reason);

  return take_configuration (self, next, reason, error);
}

/**
 * qnet_ssl_server_get_database:
 * @self: a server
 *
 * Gets the database of authorities that are trusted on certificates of clients.
 *
 * Returns: (transfer none) (nullable): the database, or %NULL for that of the system
 *
 * Since: 1.0
 */
GTlsDatabase *
qnet_ssl_server_get_database (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  return get_configuration (self)->database;
}

/**
 * qnet_ssl_server_set_database:
 * @self: a server
 * @database: the database; that of the system is [method@Gio.TlsBackend.get_default_database]
 *
 * Sets the database of authorities that are trusted on certificates of clients.
 *
 * Since: 1.0
 */
void
qnet_ssl_server_set_database (QnetSslServer *self,
                              GTlsDatabase  *database)
{
  g_return_if_fail (QNET_IS_SSL_SERVER (self));
  g_return_if_fail (G_IS_TLS_DATABASE (database));
  QNET_SERVER_CHECK_CALLER (self);

  take_configuration (self, qnet_ssl_configuration_with_database (get_configuration (self),
                                                                  database), NULL, NULL);
}

/**
 * qnet_ssl_server_set_database_file:
 * @self: a server
 * @file: (type filename): a PEM file with certificates
 * @error: return location for an error
 *
 * Trusts the authorities in a file on certificates of clients, instead of those of the system.
 *
 * On failure, the error is [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and the
 * previous database remains set.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_server_set_database_file (QnetSslServer  *self,
                                   const char     *file,
                                   GError        **error)
{
  QnetSslConfiguration *next;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), FALSE);
  g_return_val_if_fail (file != NULL, FALSE);
  QNET_SERVER_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  next = qnet_ssl_configuration_with_database_file (get_configuration (self), file, &reason);

  return take_configuration (self, next, reason, error);
}

/**
 * qnet_ssl_server_get_peer_verify_mode:
 * @self: a server
 *
 * Gets whether clients are asked for a certificate.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
QnetSslPeerVerifyMode
qnet_ssl_server_get_peer_verify_mode (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), QNET_SSL_PEER_VERIFY_MODE_AUTO);
  QNET_SERVER_CHECK_CALLER (self, QNET_SSL_PEER_VERIFY_MODE_AUTO);

  return get_configuration (self)->verify_mode;
}

/**
 * qnet_ssl_server_set_peer_verify_mode:
 * @self: a server
 * @mode: the mode
 *
 * Sets whether clients are asked for a certificate.
 *
 * With [QNET_SSL_PEER_VERIFY_MODE_VERIFY][enum@SslPeerVerifyMode], a client without a valid one is
 * refused; with [QNET_SSL_PEER_VERIFY_MODE_QUERY][enum@SslPeerVerifyMode], it is accepted, and
 * [property@SslSocket:peer-certificate-errors] contains the errors.
 *
 * Since: 1.0
 */
void
qnet_ssl_server_set_peer_verify_mode (QnetSslServer         *self,
                                      QnetSslPeerVerifyMode  mode)
{
  g_return_if_fail (QNET_IS_SSL_SERVER (self));
  g_return_if_fail (qnet_ssl_is_verify_mode (mode));
  QNET_SERVER_CHECK_CALLER (self);

  take_configuration (self, qnet_ssl_configuration_with_peer_verify_mode (get_configuration (self),
                                                                          mode), NULL, NULL);
}

/**
 * qnet_ssl_server_get_advertised_protocols:
 * @self: a server
 *
 * Gets the application protocols of the server (ALPN).
 *
 * Returns: (nullable) (transfer none) (array zero-terminated=1): their names, or %NULL for none
 *
 * Since: 1.0
 */
const char * const *
qnet_ssl_server_get_advertised_protocols (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  return (const char * const *) get_configuration (self)->advertised_protocols;
}

/**
 * qnet_ssl_server_set_advertised_protocols:
 * @self: a server
 * @protocols: (nullable) (array zero-terminated=1): their names, in the order of preference, or
 *   %NULL for none
 *
 * Sets the application protocols of the server (ALPN).
 *
 * They must be such that [method@SslConfiguration.with_advertised_protocols] does not fail.
 *
 * Since: 1.0
 */
void
qnet_ssl_server_set_advertised_protocols (QnetSslServer      *self,
                                          const char * const *protocols)
{
  QnetSslConfiguration *next;

  g_return_if_fail (QNET_IS_SSL_SERVER (self));
  QNET_SERVER_CHECK_CALLER (self);

  next = qnet_ssl_configuration_offer (get_configuration (self), protocols, G_STRFUNC);
  if (next != NULL)
    take_configuration (self, next, NULL, NULL);
}

/**
 * qnet_ssl_server_get_handshake_timeout:
 * @self: a server
 *
 * Gets the timeout of the handshake of a client.
 *
 * Returns: the timeout in milliseconds, or 0 for none
 *
 * Since: 1.0
 */
int
qnet_ssl_server_get_handshake_timeout (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  return qnet_ssl_server_get_private (self)->handshake_timeout;
}

/**
 * qnet_ssl_server_set_handshake_timeout:
 * @self: a server
 * @msecs: milliseconds, 0 for no limit
 *
 * Sets the timeout of the handshake of a client.
 *
 * Since: 1.0
 */
void
qnet_ssl_server_set_handshake_timeout (QnetSslServer *self,
                                       int            msecs)
{
  g_return_if_fail (QNET_IS_SSL_SERVER (self));
  g_return_if_fail (msecs >= 0);
  QNET_SERVER_CHECK_CALLER (self);

  if (qnet_ssl_server_get_private (self)->handshake_timeout == msecs)
    return;

  qnet_ssl_server_get_private (self)->handshake_timeout = msecs;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HANDSHAKE_TIMEOUT]);
}

/**
 * qnet_ssl_server_get_max_handshakes:
 * @self: a server
 *
 * Gets the most handshakes in progress at the same time.
 *
 * Returns: the limit, or 0 for none
 *
 * Since: 1.0
 */
int
qnet_ssl_server_get_max_handshakes (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  return qnet_server_get_private (QNET_SERVER (self))->max_preparing;
}

/**
 * qnet_ssl_server_set_max_handshakes:
 * @self: a server
 * @max: the limit, or 0 for none
 *
 * Sets the most handshakes in progress at the same time.
 *
 * Since: 1.0
 */
void
qnet_ssl_server_set_max_handshakes (QnetSslServer *self,
                                    int            max)
{
  QnetServerPrivate *server;

  g_return_if_fail (QNET_IS_SSL_SERVER (self));
  g_return_if_fail (max >= 0);
  QNET_SERVER_CHECK_CALLER (self);

  server = qnet_server_get_private (QNET_SERVER (self));

  if (server->max_preparing == max)
    return;

  server->max_preparing = max;
  qnet_server_update_limits (QNET_SERVER (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_HANDSHAKES]);
}
