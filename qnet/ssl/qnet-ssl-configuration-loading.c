/* qnet-ssl-configuration-loading.c: certificates and authorities from files and tokens
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ssl/qnet-ssl-configuration-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "tls/qnet-tls-support-private.h"

/* The data of the caller is invalid, whatever the code of GIO is. */
static gpointer
fail_to_load (GError      *reason,  /* (transfer full) */
              const char  *source,
              GError     **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                  /* Translators: a file or a URI, and the reason */
                  _("Could not load “%s”: %s"), source, reason->message);
  g_error_free (reason);

  return NULL;
}

/* Without TLS, GIO may have no type for a certificate. */
static gboolean
check_supported (const char  *source,
                 GError     **error)
{
  g_autofree char *what = g_strdup_printf (_("Could not load “%s”"), source);

  return qnet_tls_check_supported (what, error);
}

/* A copy with @certificate (transfer full) (nullable): NULL with @reason (transfer full), as is a
 * certificate that cannot be used. The error names @source. */
static QnetSslConfiguration *
with_loaded (const QnetSslConfiguration  *self,
             GTlsCertificate             *certificate,
             GError                      *reason,
             const char                  *source,
             GError                     **error)
{
  QnetSslConfiguration *result = NULL;

  if (certificate != NULL)
    result = qnet_ssl_configuration_with_certificate (self, certificate, &reason);
  g_clear_object (&certificate);

  return result != NULL ? result : fail_to_load (reason, source, error);
}

/* GIO drops the issuers of a chain that is not in order, and peers could not verify the
 * certificate. */
static gboolean
check_all_loaded (const QnetSslConfiguration  *self,
                  const char                  *file,
                  GError                     **error)
{
  GList *certificates = g_tls_certificate_list_new_from_file (file, NULL);
  guint n = g_list_length (certificates);
  GError *reason = NULL;

  g_list_free_full (certificates, g_object_unref);

  if (n <= qnet_tls_identity_get_length (self->identity))
    return TRUE;

  qnet_set_error (&reason, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                  _("The chain is broken: A certificate is not issued by the next one"));
  fail_to_load (reason, file, error);

  return FALSE;
}

/* Public API */

/**
 * qnet_ssl_configuration_with_certificate_files:
 * @self: a configuration
 * @certificate_file: (type filename): a PEM file with the certificate and its chain of issuers
 * @key_file: (type filename) (nullable): a PEM file with the private key, or %NULL if that is in
 *   @certificate_file
 * @error: return location for an error
 *
 * Creates a copy of the configuration with a certificate of this side, from files.
 *
 * It is checked as [method@SslConfiguration.with_certificate] does it. On failure, the error is
 * [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError].
 *
 * Returns: (transfer full): the new configuration, or %NULL with an error
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_with_certificate_files (const QnetSslConfiguration  *self,
                                               const char                  *certificate_file,
                                               const char                  *key_file,
                                               GError                     **error)
{
  g_autoptr(QnetSslConfiguration) result = NULL;
  GTlsCertificate *certificate;
  GError *reason = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (certificate_file != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_supported (certificate_file, error))
    return NULL;

  certificate = key_file != NULL
    ? g_tls_certificate_new_from_files (certificate_file, key_file, &reason)
    : g_tls_certificate_new_from_file (certificate_file, &reason);

  result = with_loaded (self, certificate, reason, certificate_file, error);

  return result != NULL && check_all_loaded (result, certificate_file, error)
         ? g_steal_pointer (&result)
         : NULL;
}

/**
 * qnet_ssl_configuration_with_certificate_uris:
 * @self: a configuration
 * @certificate_uri: a PKCS#11 URI of the certificate (RFC 7512)
 * @key_uri: (nullable): that of the private key, or %NULL if @certificate_uri identifies both
 * @error: return location for an error
 *
 * Creates a copy of the configuration with a certificate of this side that is in a token: a smart
 * card or a hardware security module.
 *
 * [property@SslSocket:interaction] is asked for the PIN in each handshake, unless that is part of
 * the URI; until then the key is not used. On failure, the error is
 * [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError].
 *
 * Returns: (transfer full): the new configuration, or %NULL with an error
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_with_certificate_uris (const QnetSslConfiguration  *self,
                                              const char                  *certificate_uri,
                                              const char                  *key_uri,
                                              GError                     **error)
{
  GTlsCertificate *certificate;
  GError *reason = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (certificate_uri != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_supported (certificate_uri, error))
    return NULL;

  certificate = g_tls_certificate_new_from_pkcs11_uris (certificate_uri, key_uri, &reason);

  return with_loaded (self, certificate, reason, certificate_uri, error);
}

/**
 * qnet_ssl_configuration_with_database_file:
 * @self: a configuration
 * @file: (type filename): a PEM file with certificates
 * @error: return location for an error
 *
 * Creates a copy of the configuration that trusts the authorities in a file, instead of those of
 * the system.
 *
 * On failure, the error is [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError].
 *
 * Returns: (transfer full): the new configuration, or %NULL with an error
 *
 * Since: 1.0
 */
QnetSslConfiguration *
qnet_ssl_configuration_with_database_file (const QnetSslConfiguration  *self,
                                           const char                  *file,
                                           GError                     **error)
{
  g_autoptr(GTlsDatabase) database = NULL;
  g_autofree char *path = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (file != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_supported (file, error))
    return NULL;

  path = g_canonicalize_filename (file, NULL);
  database = g_tls_file_database_new (path, &reason);
  if (database == NULL)
    return fail_to_load (reason, file, error);

  return qnet_ssl_configuration_with_database (self, database);
}
