/* qnet-ssl-settings.c: what TLS sockets are told, and what servers tell those they make
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-ssl-socket-private.h"

#define DEFAULT_TIMEOUT 30000

void
qnet_ssl_settings_init (QnetSslSettings *settings)
{
  *settings = (QnetSslSettings) {
    .handshake_timeout = DEFAULT_TIMEOUT,
    .verify_mode = QNET_SSL_PEER_VERIFY_MODE_AUTO,
  };
}

void
qnet_ssl_settings_clear (QnetSslSettings *settings)
{
  g_clear_object (&settings->certificate);
  g_clear_object (&settings->database);
  g_clear_object (&settings->interaction);
  g_clear_pointer (&settings->advertised_protocols, g_strfreev);
}

/* @settings are as init() has left them. */
void
qnet_ssl_settings_copy (QnetSslSettings       *settings,
                        const QnetSslSettings *from)
{
  g_set_object (&settings->certificate, from->certificate);
  g_set_object (&settings->database, from->database);
  g_set_object (&settings->interaction, from->interaction);
  settings->advertised_protocols = g_strdupv (from->advertised_protocols);
  settings->handshake_timeout = from->handshake_timeout;
  settings->verify_mode = from->verify_mode;
}

/* What was given is at fault, whatever GIO calls it. */
static gpointer
fail_to_load (GError      *reason,  /* (transfer full) */
              const char  *what,
              GError     **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                  _("Could not load “%s”: %s"), what, reason->message);
  g_error_free (reason);

  return NULL;
}

/* Every handshake would fail. */
static gboolean
has_key (GTlsCertificate *certificate)
{
  g_autoptr(GByteArray) key = NULL;

  g_object_get (certificate, "private-key", &key, NULL);

  return key != NULL && key->len > 0;
}

GTlsCertificate *
qnet_ssl_load_certificate_files (const char  *certificate_file,
                                 const char  *key_file,
                                 GError     **error)
{
  GError *reason = NULL;
  GTlsCertificate *certificate = key_file != NULL
    ? g_tls_certificate_new_from_files (certificate_file, key_file, &reason)
    : g_tls_certificate_new_from_file (certificate_file, &reason);

  if (certificate == NULL)
    return fail_to_load (reason, certificate_file, error);

  if (has_key (certificate))
    return certificate;

  g_object_unref (certificate);
  qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                  _("Could not load “%s”: it has no private key"), certificate_file);

  return NULL;
}

GTlsCertificate *
qnet_ssl_load_certificate_uris (const char  *certificate_uri,
                                const char  *key_uri,
                                GError     **error)
{
  GError *reason = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_pkcs11_uris (certificate_uri, key_uri, &reason);

  return certificate != NULL ? certificate : fail_to_load (reason, certificate_uri, error);
}

GTlsDatabase *
qnet_ssl_load_database (const char  *file,
                        GError     **error)
{
  GError *reason = NULL;
  g_autofree char *path = g_canonicalize_filename (file, NULL);
  GTlsDatabase *database = g_tls_file_database_new (path, &reason);

  return database != NULL ? database : fail_to_load (reason, file, error);
}
