/* qnet-ssl-configuration-changes.c: configurations with another setting
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ssl/qnet-ssl-configuration-private.h"

#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/**
 * qnet_ssl_configuration_with_certificate:
 * @self: a configuration
 * @certificate: (nullable): the certificate with its private key and its chain of issuers, or %NULL
 *   for none
 * @error: return location for an error
 *
 * Creates a copy of the configuration with another certificate of this side.
 *
 * It fails with [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError] if no peer could
 * accept @certificate: without a private key, with that of another certificate, or with a chain in
 * which a certificate is not followed by its issuer. A key in a token is used, and checked, in the
 * handshake. A certificate that has expired is accepted: see
 * [method@SslConfiguration.get_certificate_errors].
 *
 * Returns: (transfer full): the new configuration, or %NULL with an error
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_with_certificate (const QnetSslConfiguration  *self,
                                         GTlsCertificate             *certificate,
                                         GError                     **error)
{
  g_autoptr(QnetTlsIdentity) identity = NULL;
  QnetSslConfiguration *result;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (certificate == NULL || G_IS_TLS_CERTIFICATE (certificate), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (certificate != NULL)
    {
      identity = qnet_tls_identity_new (certificate, error);
      if (identity == NULL)
        return NULL;
    }

  result = qnet_ssl_configuration_copy (self);
  g_set_object (&result->certificate, certificate);
  g_clear_pointer (&result->identity, qnet_tls_identity_unref);
  result->identity = g_steal_pointer (&identity);

  return result;
}

/**
 * qnet_ssl_configuration_with_database:
 * @self: a configuration
 * @database: the database; that of the system is [method@Gio.TlsBackend.get_default_database]
 *
 * Creates a copy of the configuration that trusts other authorities.
 *
 * It takes no %NULL, so that a database that could not be loaded does not widen the trust.
 *
 * Returns: (transfer full): the new configuration
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_with_database (const QnetSslConfiguration *self,
                                      GTlsDatabase               *database)
{
  QnetSslConfiguration *result;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (G_IS_TLS_DATABASE (database), NULL);

  qnet_tls_trust_prepare (database);
  result = qnet_ssl_configuration_copy (self);
  g_set_object (&result->database, database);

  return result;
}

/**
 * qnet_ssl_configuration_with_peer_verify_mode:
 * @self: a configuration
 * @mode: the mode
 *
 * Creates a copy of the configuration that verifies the peer in another way.
 *
 * A client with [QNET_SSL_PEER_VERIFY_MODE_NONE][enum@SslPeerVerifyMode] or
 * [QNET_SSL_PEER_VERIFY_MODE_QUERY][enum@SslPeerVerifyMode] **accepts every certificate**: an
 * attacker on the network path can read and change everything.
 *
 * Returns: (transfer full): the new configuration
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_with_peer_verify_mode (const QnetSslConfiguration *self,
                                              QnetSslPeerVerifyMode       mode)
{
  QnetSslConfiguration *result;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (qnet_ssl_is_verify_mode (mode), NULL);

  result = qnet_ssl_configuration_copy (self);
  result->verify_mode = mode;

  return result;
}

/**
 * qnet_ssl_configuration_with_peer_verify_depth:
 * @self: a configuration
 * @depth: a number of certificates, or 0 for no limit
 *
 * Creates a copy of the configuration that accepts at most @depth certificates from the peer: its
 * own and those of its issuers.
 *
 * A longer chain is an error of the certificate, %G_TLS_CERTIFICATE_GENERIC_ERROR. The default has
 * no limit of its own; GnuTLS accepts 16 certificates.
 *
 * Returns: (transfer full): the new configuration
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_with_peer_verify_depth (const QnetSslConfiguration *self,
                                               int                         depth)
{
  QnetSslConfiguration *result;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (depth >= 0, NULL);

  result = qnet_ssl_configuration_copy (self);
  result->verify_depth = depth;

  return result;
}

/**
 * qnet_ssl_configuration_with_authority_names:
 * @self: a configuration
 * @authority_names: whether they are sent
 *
 * Creates a copy of the configuration of a server that names the authorities that it trusts when it
 * requests a certificate, as the default does, or not.
 *
 * A client that has several certificates chooses by these names (RFC 8446, section 4.2.4). They are
 * sent to any client, unencrypted in TLS 1.2. Those of the system are more than a hundred names; a
 * database that decides by itself has no list of them, and none are sent.
 *
 * Returns: (transfer full): the new configuration
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_with_authority_names (const QnetSslConfiguration *self,
                                             gboolean                    authority_names)
{
  QnetSslConfiguration *result;

  g_return_val_if_fail (self != NULL, NULL);

  result = qnet_ssl_configuration_copy (self);
  result->authority_names = authority_names != FALSE;

  return result;
}

/* (transfer full) (nullable) */
static QnetSslConfiguration *
with_policy (const QnetSslConfiguration  *self,
             GTlsProtocolVersion          version,
             const char                  *priority,  /* (nullable) */
             GError                     **error)
{
  g_autoptr(QnetTlsPolicy) policy = NULL;
  QnetSslConfiguration *result;

  if (version != G_TLS_PROTOCOL_VERSION_UNKNOWN || priority != NULL)
    {
      policy = qnet_tls_policy_new (priority, version, error);
      if (policy == NULL)
        return NULL;
    }

  result = qnet_ssl_configuration_copy (self);
  result->minimum_version = version;
  g_free (result->priority);
  result->priority = g_strdup (priority);
  g_clear_pointer (&result->policy, qnet_tls_policy_unref);
  result->policy = g_steal_pointer (&policy);

  return result;
}

/**
 * qnet_ssl_configuration_with_minimum_version:
 * @self: a configuration
 * @version: %G_TLS_PROTOCOL_VERSION_TLS_1_2, %G_TLS_PROTOCOL_VERSION_TLS_1_3, or
 *   %G_TLS_PROTOCOL_VERSION_UNKNOWN for that of the system
 * @error: return location for an error
 *
 * Creates a copy of the configuration that accepts only that version of TLS, or later ones.
 *
 * Versions before TLS 1.2 are never used (RFC 8996). It has no effect on DTLS.
 *
 * Returns: (transfer full): the new configuration, or %NULL with an error
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_with_minimum_version (const QnetSslConfiguration  *self,
                                             GTlsProtocolVersion          version,
                                             GError                     **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return with_policy (self, version, self->priority, error);
}

/**
 * qnet_ssl_configuration_with_priority:
 * @self: a configuration
 * @priority: (nullable): a priority string of GnuTLS, such as `SECURE192`, or %NULL for the policy
 *   of the system
 * @error: return location for an error
 *
 * Creates a copy of the configuration with another choice of versions, ciphers and groups, instead
 * of the policy of the system.
 *
 * The string is explained in the manual of GnuTLS. Versions before TLS 1.2 are never used, whatever
 * it says. One that GnuTLS does not accept fails with
 * [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError].
 *
 * Returns: (transfer full): the new configuration, or %NULL with an error
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_with_priority (const QnetSslConfiguration  *self,
                                      const char                  *priority,
                                      GError                     **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return with_policy (self, self->minimum_version, priority, error);
}

static gboolean
check_protocol (const char  *name,
                GError     **error)
{
  if (*name != '\0' && strlen (name) <= QNET_TLS_MAX_PROTOCOL_NAME)
    return TRUE;

  if (*name == '\0')
    qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                    _("The application protocols cannot be used: A name is empty"));
  else
    qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                    /* Translators: the name of a protocol, and a number */
                    _("The application protocol “%s” cannot be used: Its name is longer than %d "
                      "bytes"), name, QNET_TLS_MAX_PROTOCOL_NAME);

  return FALSE;
}

static gboolean
check_protocols (const char * const  *protocols,
                 GError             **error)
{
  for (guint i = 0; protocols[i] != NULL; i++)
    if (!check_protocol (protocols[i], error))
      return FALSE;

  if (g_strv_length ((char **) protocols) <= QNET_TLS_MAX_PROTOCOLS)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                  _("The application protocols cannot be used: There are more than %d"),
                  QNET_TLS_MAX_PROTOCOLS);

  return FALSE;
}

/**
 * qnet_ssl_configuration_with_advertised_protocols:
 * @self: a configuration
 * @protocols: (nullable) (array zero-terminated=1): the names of protocols, in the order of
 *   preference, or %NULL for none
 * @error: return location for an error
 *
 * Creates a copy of the configuration with other application protocols (ALPN, RFC 7301).
 *
 * The server chooses: it takes the first of its own protocols that the client offers.
 *
 * GnuTLS supports up to 8 protocols, with names of up to 31 bytes. More, longer names and empty
 * ones fail with [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError].
 *
 * Returns: (transfer full): the new configuration, or %NULL with an error
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_with_advertised_protocols (const QnetSslConfiguration  *self,
                                                  const char * const          *protocols,
                                                  GError                     **error)
{
  QnetSslConfiguration *result;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (protocols != NULL && !check_protocols (protocols, error))
    return NULL;

  result = qnet_ssl_configuration_copy (self);
  g_strfreev (result->advertised_protocols);
  result->advertised_protocols = g_strdupv ((char **) protocols);

  return result;
}

QnetSslConfiguration *
qnet_ssl_configuration_offer (const QnetSslConfiguration *self,
                              const char * const         *protocols,
                              const char                 *function)
{
  g_autoptr(GError) error = NULL;
  QnetSslConfiguration *result =
    qnet_ssl_configuration_with_advertised_protocols (self, protocols, &error);

  if (result == NULL)
    g_critical ("%s: %s", function, error->message);

  return result;
}

/**
 * qnet_ssl_configuration_with_session_tickets:
 * @self: a configuration
 * @session_tickets: whether sessions are resumed
 *
 * Creates a copy of the configuration that resumes sessions, as the default does, or not.
 *
 * Without it, a client keeps no session, and a server sends no tickets: each handshake is a whole
 * one.
 *
 * Returns: (transfer full): the new configuration
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_with_session_tickets (const QnetSslConfiguration *self,
                                             gboolean                    session_tickets)
{
  QnetSslConfiguration *result;

  g_return_val_if_fail (self != NULL, NULL);

  result = qnet_ssl_configuration_copy (self);
  result->session_tickets = session_tickets != FALSE;

  return result;
}

/**
 * qnet_ssl_configuration_with_session_ticket:
 * @self: a configuration
 * @ticket: (nullable): a [property@SslSocket:session-ticket], or %NULL for none
 *
 * Creates a copy of the configuration with which a client resumes a session of an earlier
 * connection, perhaps of an earlier run of the program.
 *
 * By default, a client resumes the sessions that it has had in the same thread. A ticket is valid
 * for hours or days; one that has expired, or that the server does not accept, is ignored: the
 * handshake is a whole one. The certificate of the earlier connection is part of it, and is
 * verified again. A socket offers the ticket in one handshake only, because an observer could link
 * two connections by it (RFC 8446, appendix C.4). It contains the secrets of the session and is for
 * one server: it does not belong into the [default
 * configuration][method@SslConfiguration.set_default].
 *
 * Returns: (transfer full): the new configuration
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_with_session_ticket (const QnetSslConfiguration *self,
                                            GBytes                     *ticket)
{
  QnetSslConfiguration *result;

  g_return_val_if_fail (self != NULL, NULL);

  result = qnet_ssl_configuration_copy (self);
  g_clear_pointer (&result->session_ticket, g_bytes_unref);
  result->session_ticket = ticket != NULL ? g_bytes_ref (ticket) : NULL;

  return result;
}
