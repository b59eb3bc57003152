/* qnet-ssl-stapling.c: what a server sends about the revocation of its certificate
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-ssl-stapling.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "tls/qnet-tls-identity-private.h"

/* Public API */

/**
 * qnet_ssl_set_ocsp_response:
 * @certificate: a certificate with its private key
 * @response: (nullable): the response of the authority, or %NULL for none
 * @error: return location for an error
 *
 * Sets the OCSP response that is sent with @certificate to clients that request it, from the next
 * handshake on (stapling; RFC 6960 and RFC 6066, section 8).
 *
 * A client that gets it need not ask the authority whether the certificate has been revoked. If the
 * certificate requires it (RFC 7633), a client refuses a server that does not send it.
 *
 * It applies to all servers and sockets that use @certificate, such as
 * [property@SslServer:certificate], and may be called in any thread. A response that has expired is
 * not sent any more: request a new one from the authority before that, and call this again. A
 * renewed certificate needs a response of its own.
 *
 * It fails with [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError] if @response is
 * invalid, has expired or is about another certificate; then the previous one remains set.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_set_ocsp_response (GTlsCertificate  *certificate,
                            GBytes           *response,
                            GError          **error)
{
  g_autoptr(QnetTlsIdentity) identity = NULL;

  g_return_val_if_fail (G_IS_TLS_CERTIFICATE (certificate), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  identity = qnet_tls_identity_new (certificate, error);

  return identity != NULL && qnet_tls_identity_set_staple (identity, response, error);
}

/**
 * qnet_ssl_set_ocsp_response_file:
 * @certificate: a certificate with its private key
 * @file: (type filename): a file that contains the response in the form DER
 * @error: return location for an error
 *
 * Sets the OCSP response that is sent with @certificate, from a file as `openssl ocsp -respout`
 * creates it.
 *
 * It is [method@SslSocket.set_certificate_files] for responses: the file is read once. See
 * [func@ssl_set_ocsp_response].
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_set_ocsp_response_file (GTlsCertificate  *certificate,
                                 const char       *file,
                                 GError          **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(GBytes) response = NULL;
  char *content = NULL;
  gsize size;

  g_return_val_if_fail (G_IS_TLS_CERTIFICATE (certificate), FALSE);
  g_return_val_if_fail (file != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!g_file_get_contents (file, &content, &size, &reason))
    {
      g_autofree char *name = g_filename_display_name (file);

      qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                      /* Translators: a file or a URI, and the reason */
                      _("Could not load “%s”: %s"), name, reason->message);
      return FALSE;
    }

  response = g_bytes_new_take (content, size);

  return qnet_ssl_set_ocsp_response (certificate, response, error);
}
