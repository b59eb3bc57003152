/* qnet-tls-verification.c: whether the certificate of the peer is valid
 *
 * Every decision about trust is made here: by GnuTLS, against the authorities of the session; or by
 * a database of the application. Names and purposes are always checked by GnuTLS.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-verification-private.h"

#include <gnutls/ocsp.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/qnet-i18n-private.h"
#include "tls/qnet-tls-errors-private.h"
#include "tls/qnet-tls-gnutls-private.h"

/* The longest address: 16 bytes of IPv6 */
#define MAX_ADDRESS 16

static const char *
get_purpose (const QnetTlsVerification *verification)
{
  return verification->is_client ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT;
}

/* Names */

/* Returns the size, 0 if @name is no address. */
static unsigned int
parse_address (const char *name,
               guint8      address[MAX_ADDRESS])
{
  g_autoptr(GInetAddress) parsed = g_inet_address_new_from_string (name);
  gsize size;

  if (parsed == NULL)
    return 0;

  size = g_inet_address_get_native_size (parsed);
  memcpy (address, g_inet_address_to_bytes (parsed), MIN (size, MAX_ADDRESS));

  return (unsigned int) size;
}

static gboolean
matches_name (gnutls_x509_crt_t  certificate,
              const char        *name)
{
  guint8 address[MAX_ADDRESS];
  unsigned int size = parse_address (name, address);

  if (size > 0)
    return gnutls_x509_crt_check_ip (certificate, address, size, 0) != 0;

  return gnutls_x509_crt_check_hostname (certificate, name) != 0;
}

static gboolean
has_purpose (gnutls_x509_crt_t  certificate,
             const char        *purpose)
{
  return gnutls_x509_crt_check_key_purpose (certificate, purpose, 0) != 0;
}

/* What holds for a certificate whatever its signature. */
static GTlsCertificateFlags
check_certificate (const QnetTlsVerification *verification,
                   const gnutls_datum_t      *der)
{
  gnutls_x509_crt_t certificate;
  GTlsCertificateFlags errors = 0;

  gnutls_x509_crt_init (&certificate);

  if (gnutls_x509_crt_import (certificate, der, GNUTLS_X509_FMT_DER) != GNUTLS_E_SUCCESS)
    errors |= G_TLS_CERTIFICATE_GENERIC_ERROR;
  else if (!has_purpose (certificate, get_purpose (verification)))
    errors |= G_TLS_CERTIFICATE_GENERIC_ERROR;

  if (verification->is_client
      && (verification->name == NULL || !matches_name (certificate, verification->name)))
    errors |= G_TLS_CERTIFICATE_BAD_IDENTITY;

  gnutls_x509_crt_deinit (certificate);

  return errors;
}

/* Stapling: what the server sends about the revocation of its certificate (OCSP, RFC 6960) */

#define PROBLEM_MISSING \
  N_("The certificate requires an OCSP response, and the server has sent none")
#define PROBLEM_INVALID N_("The OCSP response of the server is invalid")

/* The value of status_request (RFC 6066, section 8) in a certificate (RFC 7633) */
#define FEATURE_STATUS_REQUEST 5
/* Seconds, as in GnuTLS */
#define MAX_STAPLE_AGE (15 * 24 * 60 * 60)

static gboolean
requires_staple (gnutls_x509_crt_t certificate)
{
  gnutls_x509_tlsfeatures_t features;
  unsigned int feature = 0;
  gboolean is_required = FALSE;

  gnutls_x509_tlsfeatures_init (&features);

  if (gnutls_x509_crt_get_tlsfeatures (certificate, features, 0, NULL) == GNUTLS_E_SUCCESS)
    for (unsigned int i = 0; gnutls_x509_tlsfeatures_get (features, i, &feature) == 0; i++)
      is_required |= feature == FEATURE_STATUS_REQUEST;

  gnutls_x509_tlsfeatures_deinit (features);

  return is_required;
}

/* A response that does not say for how long it is valid is so for as long as GnuTLS assumes. */
static gboolean
is_too_old (time_t made,
            time_t next)
{
  time_t now = time (NULL);

  return next != -1 ? next < now : now - made > MAX_STAPLE_AGE;
}

static unsigned int
get_status_of_answer (gnutls_ocsp_resp_const_t response,
                      int                      answer)
{
  unsigned int status = GNUTLS_OCSP_CERT_UNKNOWN;
  time_t made = -1;
  time_t next = -1;

  if (answer < 0
      || gnutls_ocsp_resp_get_single (response, (unsigned int) answer, NULL, NULL, NULL, NULL,
                                      &status, &made, &next, NULL, NULL) != GNUTLS_E_SUCCESS
      || is_too_old (made, next))
    return GNUTLS_CERT_INVALID_OCSP_STATUS;

  switch (status)
    {
    case GNUTLS_OCSP_CERT_GOOD:
      return 0;
    case GNUTLS_OCSP_CERT_REVOKED:
      return GNUTLS_CERT_REVOKED;
    default:
      return GNUTLS_CERT_INVALID_OCSP_STATUS;
    }
}

static unsigned int
verify_staple (const gnutls_datum_t *datum,
               gnutls_x509_crt_t     certificate,
               gnutls_x509_crt_t     issuer)
{
  gnutls_ocsp_resp_t response;
  unsigned int reason = 0;
  unsigned int status = GNUTLS_CERT_INVALID_OCSP_STATUS;

  gnutls_ocsp_resp_init (&response);

  if (gnutls_ocsp_resp_import (response, datum) == GNUTLS_E_SUCCESS
      && gnutls_ocsp_resp_get_status (response) == GNUTLS_OCSP_RESP_SUCCESSFUL
      && gnutls_ocsp_resp_verify_direct (response, issuer, &reason, 0) == GNUTLS_E_SUCCESS
      && reason == 0)
    status = get_status_of_answer (response, qnet_tls_staple_find_answer (response, certificate));

  gnutls_ocsp_resp_deinit (response);

  return status;
}

/* (transfer full) (nullable) */
static gnutls_x509_crt_t
import_datum (const gnutls_datum_t *der)
{
  gnutls_x509_crt_t certificate;

  gnutls_x509_crt_init (&certificate);
  if (gnutls_x509_crt_import (certificate, der, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS)
    return certificate;

  gnutls_x509_crt_deinit (certificate);

  return NULL;
}

/* (transfer full) (nullable) */
static gnutls_x509_crt_t
import_certificate (GTlsCertificate *certificate)
{
  g_autoptr(GByteArray) der = NULL;

  g_object_get (certificate, "certificate", &der, NULL);

  return der != NULL ? import_datum (&(gnutls_datum_t) { der->data, der->len }) : NULL;
}

/* The peer can send any certificate after its own, also its own once more. */
static gboolean
has_signed (gnutls_x509_crt_t issuer,
            gnutls_x509_crt_t certificate)
{
  unsigned int status = GNUTLS_CERT_INVALID;

  return gnutls_x509_crt_check_issuer (certificate, issuer) != 0
         && gnutls_x509_crt_verify (certificate, &issuer, 1,
                                    GNUTLS_VERIFY_DO_NOT_ALLOW_SAME
                                    | GNUTLS_VERIFY_DISABLE_TIME_CHECKS
                                    | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS, &status)
              == GNUTLS_E_SUCCESS
         && status == 0;
}

/* @issuer (transfer full) (nullable). (transfer full) (nullable) */
static gnutls_x509_crt_t
keep_signer (gnutls_x509_crt_t issuer,
             gnutls_x509_crt_t certificate)
{
  if (issuer == NULL || has_signed (issuer, certificate))
    return issuer;

  gnutls_x509_crt_deinit (issuer);

  return NULL;
}

/* (transfer full) (nullable) */
static gnutls_x509_crt_t
find_known_issuer (const QnetTlsVerification *verification,
                   gnutls_x509_crt_t          certificate)
{
  QnetTlsTrust *trust = qnet_tls_session_get_trust (verification->session);
  g_autoptr(GTlsCertificate) peer = NULL;
  g_autoptr(GTlsCertificate) issuer = NULL;
  gnutls_x509_crt_t found;

  if (verification->database == NULL)
    return gnutls_certificate_get_issuer (qnet_tls_trust_get_credentials (trust), certificate,
                                          &found, GNUTLS_TL_GET_COPY) == GNUTLS_E_SUCCESS
           ? found
           : NULL;

  peer = qnet_tls_session_dup_peer (verification->session);
  if (peer != NULL)
    issuer = g_tls_database_lookup_certificate_issuer (verification->database, peer,
                                                       verification->interaction,
                                                       G_TLS_DATABASE_LOOKUP_NONE, NULL, NULL);

  return issuer != NULL ? import_certificate (issuer) : NULL;
}

/* (transfer full) (nullable): TLS 1.3 does not demand an order of the certificates. */
static gnutls_x509_crt_t
find_issuer (const QnetTlsVerification *verification,
             gnutls_x509_crt_t          certificate)
{
  unsigned int n_certificates = 0;
  const gnutls_datum_t *chain = gnutls_certificate_get_peers
    (qnet_tls_session_get_gnutls (verification->session), &n_certificates);
  gnutls_x509_crt_t issuer = keep_signer (find_known_issuer (verification, certificate),
                                          certificate);

  for (unsigned int i = 1; issuer == NULL && i < n_certificates; i++)
    issuer = keep_signer (import_datum (&chain[i]), certificate);

  return issuer;
}

/* A database that decides by itself may know no issuer. Then only a certificate that requires a
 * response is refused. */
static unsigned int
check_staple_of (const QnetTlsVerification *verification,
                 gnutls_x509_crt_t          certificate)
{
  gnutls_datum_t response;
  gnutls_x509_crt_t issuer;
  unsigned int status;

  if (gnutls_ocsp_status_request_get2 (qnet_tls_session_get_gnutls (verification->session), 0,
                                       &response) != GNUTLS_E_SUCCESS)
    return requires_staple (certificate) ? GNUTLS_CERT_MISSING_OCSP_STATUS : 0;

  issuer = find_issuer (verification, certificate);
  if (issuer == NULL)
    return verification->database == NULL || requires_staple (certificate)
           ? GNUTLS_CERT_INVALID_OCSP_STATUS
           : 0;

  status = verify_staple (&response, certificate, issuer);
  gnutls_x509_crt_deinit (issuer);

  return status;
}

/* GnuTLS would accept a response that any certificate of the peer has signed, and looks at one
 * answer alone. A resumed session was only stored after a verification with the response of the
 * whole handshake, which may have expired since: the server sends no other one. */
static GTlsCertificateFlags
check_staple (const QnetTlsVerification  *verification,
              const gnutls_datum_t       *der,
              const char                **out_problem)
{
  gnutls_x509_crt_t certificate = import_datum (der);
  unsigned int status = GNUTLS_CERT_INVALID;

  if (certificate != NULL)
    status = check_staple_of (verification, certificate);
  g_clear_pointer (&certificate, gnutls_x509_crt_deinit);

  if (qnet_tls_session_is_resumed (verification->session))
    status &= ~(unsigned int) (GNUTLS_CERT_MISSING_OCSP_STATUS | GNUTLS_CERT_INVALID_OCSP_STATUS);

  if ((status & GNUTLS_CERT_MISSING_OCSP_STATUS) != 0)
    *out_problem = PROBLEM_MISSING;
  else if ((status & GNUTLS_CERT_INVALID_OCSP_STATUS) != 0)
    *out_problem = PROBLEM_INVALID;

  return qnet_tls_convert_status (status);
}

/* Signatures */

static GTlsCertificateFlags
verify_by_authorities (const QnetTlsVerification *verification)
{
  gnutls_typed_vdata_st data = {
    .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (guint8 *) get_purpose (verification)
  };
  unsigned int status = 0;
  int result = gnutls_certificate_verify_peers
    (qnet_tls_session_get_gnutls (verification->session), &data, 1, &status);

  if (result != GNUTLS_E_SUCCESS)
    return G_TLS_CERTIFICATE_GENERIC_ERROR;

  return qnet_tls_convert_status (status);
}

static GTlsCertificateFlags
verify_by_database (const QnetTlsVerification *verification)
{
  g_autoptr(GTlsCertificate) chain = qnet_tls_session_dup_peer (verification->session);
  g_autoptr(GError) error = NULL;
  GTlsCertificateFlags errors;

  if (chain == NULL)
    return G_TLS_CERTIFICATE_GENERIC_ERROR;

  errors = g_tls_database_verify_chain (verification->database, chain,
                                        verification->is_client
                                          ? G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER
                                          : G_TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT,
                                        NULL, verification->interaction,
                                        G_TLS_DATABASE_VERIFY_NONE, NULL, &error);
  if (error != NULL)
    errors |= G_TLS_CERTIFICATE_GENERIC_ERROR;

  return errors;
}

GTlsCertificateFlags
qnet_tls_verify (const QnetTlsVerification *verification)
{
  unsigned int n_certificates = 0;
  const gnutls_datum_t *chain = gnutls_certificate_get_peers
    (qnet_tls_session_get_gnutls (verification->session), &n_certificates);
  GTlsCertificateFlags errors;
  const char *problem = NULL;

  if (chain == NULL || n_certificates == 0)
    return G_TLS_CERTIFICATE_GENERIC_ERROR;

  errors = verification->database != NULL ? verify_by_database (verification)
                                          : verify_by_authorities (verification);
  if (verification->is_client)
    errors |= check_staple (verification, &chain[0], &problem);
  errors |= check_certificate (verification, &chain[0]);
  if (verification->max_depth > 0 && n_certificates > verification->max_depth)
    errors |= G_TLS_CERTIFICATE_GENERIC_ERROR;

  qnet_tls_session_set_findings (verification->session, errors, problem);

  return errors;
}
