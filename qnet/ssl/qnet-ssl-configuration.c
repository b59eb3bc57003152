/* qnet-ssl-configuration.c: the settings of TLS
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ssl/qnet-ssl-configuration-private.h"

/**
 * QnetSslConfiguration:
 *
 * The settings of TLS: what this side presents, what it accepts of the peer, and how both agree.
 *
 * ```c
 * static gboolean
 * configure (QnetSslServer  *server,
 *            GError        **error)
 * {
 *   g_autoptr(QnetSslConfiguration) all = qnet_ssl_configuration_new ();
 *   g_autoptr(QnetSslConfiguration) own = NULL;
 *   g_autoptr(QnetSslConfiguration) strict = NULL;
 *
 *   own = qnet_ssl_configuration_with_certificate_files (all, "certificate.pem", "key.pem", error);
 *   if (own == NULL)
 *     return FALSE;
 *
 *   strict = qnet_ssl_configuration_with_priority (own, "SECURE192", error);
 *   if (strict == NULL)
 *     return FALSE;
 *
 *   qnet_ssl_server_set_ssl_configuration (server, strict);
 *
 *   return TRUE;
 * }
 * ```
 *
 * A `QnetSslConfiguration` is immutable, so it can be shared freely, by sockets and servers, and
 * between threads; the `with` methods create a modified copy. They check what they are given: a
 * value that could only fail in each handshake is an error here, and the configuration that is in
 * use remains.
 *
 * [property@SslSocket:ssl-configuration], [property@SslServer:ssl-configuration] and
 * [property@Dtls:ssl-configuration] are used by handshakes that begin from then on. The single
 * settings of these classes, such as [method@SslSocket.set_certificate], replace the configuration
 * by such a copy.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (QnetSslConfiguration, qnet_ssl_configuration,
                     qnet_ssl_configuration_ref, qnet_ssl_configuration_unref)

QnetSslConfiguration *
qnet_ssl_configuration_copy (const QnetSslConfiguration *self)
{
  QnetSslConfiguration *result = qnet_ssl_configuration_new ();

  g_set_object (&result->certificate, self->certificate);
  result->identity = self->identity != NULL ? qnet_tls_identity_ref (self->identity) : NULL;
  g_set_object (&result->database, self->database);
  result->verify_mode = self->verify_mode;
  result->verify_depth = self->verify_depth;
  result->authority_names = self->authority_names;
  result->minimum_version = self->minimum_version;
  result->priority = g_strdup (self->priority);
  result->policy = self->policy != NULL ? qnet_tls_policy_ref (self->policy) : NULL;
  result->advertised_protocols = g_strdupv (self->advertised_protocols);
  result->session_tickets = self->session_tickets;
  result->session_ticket = self->session_ticket != NULL ? g_bytes_ref (self->session_ticket) : NULL;

  return result;
}

static gboolean
is_equal_strv (char **strings,  /* (nullable) */
               char **others)   /* (nullable) */
{
  if (strings == NULL || others == NULL)
    return strings == others;

  return g_strv_equal ((const char * const *) strings, (const char * const *) others);
}

static gboolean
is_equal_bytes (GBytes *bytes,   /* (nullable) */
                GBytes *others)  /* (nullable) */
{
  if (bytes == NULL || others == NULL)
    return bytes == others;

  return g_bytes_equal (bytes, others);
}

/* For the owners of a configuration */

static void
notify_property (gpointer    object,
                 const char *property)
{
  g_object_notify (object, property);
}

static void
notify_changes (const QnetSslConfiguration *before,
                const QnetSslConfiguration *after,
                QnetSslNotify               notify,
                gpointer                    object)
{
  notify (object, "ssl-configuration");
  if (before->certificate != after->certificate)
    notify (object, "certificate");
  if (before->database != after->database)
    notify (object, "database");
  if (before->verify_mode != after->verify_mode)
    notify (object, "peer-verify-mode");
  if (!is_equal_strv (before->advertised_protocols, after->advertised_protocols)
      && g_object_class_find_property (G_OBJECT_GET_CLASS (object), "advertised-protocols") != NULL)
    notify (object, "advertised-protocols");
}

void
qnet_ssl_configuration_replace (QnetSslConfiguration       **current,
                                const QnetSslConfiguration  *next,
                                QnetSslNotify                notify,
                                gpointer                     object)
{
  g_autoptr(QnetSslConfiguration) before = *current;

  *current = qnet_ssl_configuration_ref (next);

  g_object_freeze_notify (object);
  notify_changes (before, next, notify != NULL ? notify : notify_property, object);
  g_object_thaw_notify (object);
}

/* What a configuration means for a session */

QnetSslPeerVerifyMode
qnet_ssl_configuration_resolve_mode (const QnetSslConfiguration *self,
                                     QnetSslMode                 mode)
{
  if (self->verify_mode != QNET_SSL_PEER_VERIFY_MODE_AUTO)
    return self->verify_mode;

  return mode == QNET_SSL_MODE_SERVER ? QNET_SSL_PEER_VERIFY_MODE_NONE
                                      : QNET_SSL_PEER_VERIFY_MODE_VERIFY;
}

QnetTlsRequest
qnet_ssl_configuration_get_request (const QnetSslConfiguration *self)
{
  switch (qnet_ssl_configuration_resolve_mode (self, QNET_SSL_MODE_SERVER))
    {
    case QNET_SSL_PEER_VERIFY_MODE_VERIFY:
      return QNET_TLS_REQUEST_REQUIRED;
    case QNET_SSL_PEER_VERIFY_MODE_QUERY:
      return QNET_TLS_REQUEST_OPTIONAL;
    case QNET_SSL_PEER_VERIFY_MODE_NONE:
    case QNET_SSL_PEER_VERIFY_MODE_AUTO:
      return QNET_TLS_REQUEST_NONE;
    }

  g_assert_not_reached ();
}

/* A server that requests no certificate needs no authorities. */
QnetTlsTrust *
qnet_ssl_configuration_new_trust (const QnetSslConfiguration  *self,
                                  QnetSslMode                  mode,
                                  GTlsDatabase               **out_judge)
{
  QnetTlsTrust *trust = NULL;

  *out_judge = NULL;

  if (mode == QNET_SSL_MODE_SERVER
      && qnet_ssl_configuration_get_request (self) == QNET_TLS_REQUEST_NONE)
    return qnet_tls_trust_new_none ();

  if (self->database == NULL)
    return qnet_tls_trust_new_system ();

  trust = qnet_tls_trust_new_of_database (self->database);
  if (trust != NULL)
    return trust;

  *out_judge = self->database;

  return qnet_tls_trust_new_none ();
}

void
qnet_ssl_configuration_apply (const QnetSslConfiguration *self,
                              QnetTlsSession             *session)
{
  if (!self->authority_names)
    qnet_tls_session_hide_authorities (session);
  if (self->policy != NULL)
    qnet_tls_session_set_policy (session, self->policy);
  if (self->advertised_protocols != NULL)
    qnet_tls_session_set_protocols (session, (const char * const *) self->advertised_protocols);
}

/* The default */

static GMutex default_mutex;
static QnetSslConfiguration *the_default = NULL;  /* (owned) (nullable): under the mutex */

/* Public API */

/**
 * qnet_ssl_configuration_new:
 *
 * Creates a configuration without a certificate that leaves everything to the system: the
 * authorities, the versions and the ciphers.
 *
 * Returns: (transfer full): the configuration
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_new (void)
{
  QnetSslConfiguration *self = g_new0 (QnetSslConfiguration, 1);

  g_atomic_int_set (&self->ref_count, 1);
  self->verify_mode = QNET_SSL_PEER_VERIFY_MODE_AUTO;
  self->authority_names = TRUE;
  self->session_tickets = TRUE;

  return self;
}

/**
 * qnet_ssl_configuration_get_default:
 *
 * Gets the configuration of sockets and servers that are created from now on. This function may be
 * called from any thread.
 *
 * It is that of [ctor@SslConfiguration.new] until the program sets another one.
 *
 * Returns: (transfer full): the configuration
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_get_default (void)
{
  QnetSslConfiguration *result;

  g_mutex_lock (&default_mutex);
  if (the_default == NULL)
    the_default = qnet_ssl_configuration_new ();
  result = qnet_ssl_configuration_ref (the_default);
  g_mutex_unlock (&default_mutex);

  return result;
}

/**
 * qnet_ssl_configuration_set_default:
 * @self: a configuration
 *
 * Makes it the configuration of sockets and servers that are created from now on, in the whole
 * program. This function may be called from any thread.
 *
 * It is a decision of the program, not of a library: all that is created without settings of its
 * own trusts what @self trusts.
 *
 * Since: 1.0
 */
void
qnet_ssl_configuration_set_default (const QnetSslConfiguration *self)
{
  g_autoptr(QnetSslConfiguration) before = NULL;

  g_return_if_fail (self != NULL);

  g_mutex_lock (&default_mutex);
  before = g_steal_pointer (&the_default);
  the_default = qnet_ssl_configuration_ref (self);
  g_mutex_unlock (&default_mutex);
}

/**
 * qnet_ssl_configuration_ref:
 * @self: a configuration
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_ref (const QnetSslConfiguration *self)
{
  QnetSslConfiguration *counted = (QnetSslConfiguration *) self;

  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&counted->ref_count);

  return counted;
}

/**
 * qnet_ssl_configuration_unref:
 * @self: (transfer full): a configuration
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the configuration.
 *
 * Since: 1.0
 */
void
qnet_ssl_configuration_unref (QnetSslConfiguration *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_object (&self->certificate);
  g_clear_pointer (&self->identity, qnet_tls_identity_unref);
  g_clear_object (&self->database);
  g_free (self->priority);
  g_clear_pointer (&self->policy, qnet_tls_policy_unref);
  g_strfreev (self->advertised_protocols);
  g_clear_pointer (&self->session_ticket, g_bytes_unref);
  g_free (self);
}

/**
 * qnet_ssl_configuration_get_certificate:
 * @self: a configuration
 *
 * Gets the certificate of this side.
 *
 * Returns: (transfer none) (nullable): the certificate with its private key, or %NULL for none
 *
 * Since: 1.0
 */
GTlsCertificate *
qnet_ssl_configuration_get_certificate (const QnetSslConfiguration *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->certificate;
}

/**
 * qnet_ssl_configuration_get_certificate_errors:
 * @self: a configuration
 *
 * Gets what peers will find wrong with the certificate of this side, now.
 *
 * %G_TLS_CERTIFICATE_EXPIRED and %G_TLS_CERTIFICATE_NOT_ACTIVATED are no reason to refuse a
 * certificate when it is set, since the next minute can change them, and clocks differ: a program
 * that renews its certificates looks here, at the start and from time to time. They may be those of
 * an issuer in the chain.
 *
 * Returns: the errors, 0 for none, or without a certificate
 *
 * Since: 1.0
 */
GTlsCertificateFlags
qnet_ssl_configuration_get_certificate_errors (const QnetSslConfiguration *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->identity != NULL ? qnet_tls_identity_get_errors (self->identity) : 0;
}

/**
 * qnet_ssl_configuration_get_database:
 * @self: a configuration
 *
 * Gets the database of trusted authorities.
 *
 * Returns: (transfer none) (nullable): the database, or %NULL for that of the system
 *
 * Since: 1.0
 */
GTlsDatabase *
qnet_ssl_configuration_get_database (const QnetSslConfiguration *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->database;
}

/**
 * qnet_ssl_configuration_get_peer_verify_mode:
 * @self: a configuration
 *
 * Gets how the certificate of the peer is verified.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
QnetSslPeerVerifyMode
qnet_ssl_configuration_get_peer_verify_mode (const QnetSslConfiguration *self)
{
  g_return_val_if_fail (self != NULL, QNET_SSL_PEER_VERIFY_MODE_AUTO);

  return self->verify_mode;
}

/**
 * qnet_ssl_configuration_get_peer_verify_depth:
 * @self: a configuration
 *
 * Gets the most certificates that the peer may send.
 *
 * Returns: a number of certificates, or 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_ssl_configuration_get_peer_verify_depth (const QnetSslConfiguration *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->verify_depth;
}

/**
 * qnet_ssl_configuration_get_authority_names:
 * @self: a configuration
 *
 * Gets whether a server that requests a certificate names the authorities that it trusts.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_configuration_get_authority_names (const QnetSslConfiguration *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->authority_names;
}

/**
 * qnet_ssl_configuration_get_minimum_version:
 * @self: a configuration
 *
 * Gets the first version of TLS that is accepted.
 *
 * Returns: the version, or %G_TLS_PROTOCOL_VERSION_UNKNOWN for that of the system
 *
 * Since: 1.0
 */
GTlsProtocolVersion
qnet_ssl_configuration_get_minimum_version (const QnetSslConfiguration *self)
{
  g_return_val_if_fail (self != NULL, G_TLS_PROTOCOL_VERSION_UNKNOWN);

  return self->minimum_version;
}

/**
 * qnet_ssl_configuration_get_priority:
 * @self: a configuration
 *
 * Gets the choice of versions, ciphers and groups.
 *
 * Returns: (nullable): a priority string of GnuTLS, or %NULL for the policy of the system
 *
 * Since: 1.0
 */
const char *
qnet_ssl_configuration_get_priority (const QnetSslConfiguration *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->priority;
}

/**
 * qnet_ssl_configuration_get_advertised_protocols:
 * @self: a configuration
 *
 * Gets the application protocols (ALPN).
 *
 * Returns: (nullable) (transfer none) (array zero-terminated=1): their names, or %NULL for none
 *
 * Since: 1.0
 */
const char * const *
qnet_ssl_configuration_get_advertised_protocols (const QnetSslConfiguration *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char * const *) self->advertised_protocols;
}

/**
 * qnet_ssl_configuration_get_session_tickets:
 * @self: a configuration
 *
 * Gets whether sessions are resumed.
 *
 * Returns: whether they are
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_configuration_get_session_tickets (const QnetSslConfiguration *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->session_tickets;
}

/**
 * qnet_ssl_configuration_get_session_ticket:
 * @self: a configuration
 *
 * Gets the session that a client resumes.
 *
 * Returns: (transfer none) (nullable): the ticket, or %NULL for none
 *
 * Since: 1.0
 */
GBytes *
qnet_ssl_configuration_get_session_ticket (const QnetSslConfiguration *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->session_ticket;
}

/**
 * qnet_ssl_configuration_equal:
 * @self: a configuration
 * @other: another configuration
 *
 * Compares all settings of two configurations.
 *
 * Certificates and databases are equal if they are the same object.
 *
 * Returns: %TRUE if they are equal
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_configuration_equal (const QnetSslConfiguration *self,
                              const QnetSslConfiguration *other)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (other != NULL, FALSE);

  return self->certificate == other->certificate
         && self->database == other->database
         && self->verify_mode == other->verify_mode
         && self->verify_depth == other->verify_depth
         && self->authority_names == other->authority_names
         && self->minimum_version == other->minimum_version
         && g_strcmp0 (self->priority, other->priority) == 0
         && is_equal_strv (self->advertised_protocols, other->advertised_protocols)
         && self->session_tickets == other->session_tickets
         && is_equal_bytes (self->session_ticket, other->session_ticket);
}
