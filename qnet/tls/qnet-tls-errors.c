/* qnet-tls-errors.c: from codes and alerts of GnuTLS to errors, and back
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-errors-private.h"

#include <gnutls/x509.h>
#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/* Of the names of alerts in GnuTLS */
#define PREFIX "GNUTLS_A_"

/* Alerts: the peer has refused our certificate, or the lack of one. RFC 8446, section 6.2. */
static gboolean
is_about_certificate (gnutls_alert_description_t alert)
{
  switch ((int) alert)
    {
    case GNUTLS_A_BAD_CERTIFICATE:
    case GNUTLS_A_UNSUPPORTED_CERTIFICATE:
    case GNUTLS_A_CERTIFICATE_REVOKED:
    case GNUTLS_A_CERTIFICATE_EXPIRED:
    case GNUTLS_A_CERTIFICATE_UNKNOWN:
    case GNUTLS_A_UNKNOWN_CA:
    case GNUTLS_A_ACCESS_DENIED:
    case GNUTLS_A_CERTIFICATE_REQUIRED:
      return TRUE;
    default:
      return FALSE;
    }
}

/* (transfer full) (nullable): as the RFC names it, such as "certificate_expired". */
static char *
dup_alert_name (gnutls_alert_description_t alert)
{
  const char *name = gnutls_alert_get_strname (alert);

  if (name == NULL || !g_str_has_prefix (name, PREFIX))
    return NULL;

  return g_ascii_strdown (name + strlen (PREFIX), -1);
}

/* (transfer full) */
static char *
describe_alert (gnutls_session_t session)
{
  gnutls_alert_description_t alert = gnutls_alert_get (session);
  g_autofree char *name = dup_alert_name (alert);

  if (name == NULL)
    /* Translators: a number; an alert is a message of TLS */
    return g_strdup_printf (_("The peer has sent the TLS alert %d"), (int) alert);

  if (is_about_certificate (alert))
    /* Translators: the name of a message of TLS, such as "certificate_expired" */
    return g_strdup_printf (_("The peer does not accept the certificate (TLS alert “%s”)"), name);

  /* Translators: the name of a message of TLS, such as "handshake_failure" */
  return g_strdup_printf (_("The peer has sent the TLS alert “%s”"), name);
}

/* (transfer full): GnuTLS translates it, perhaps not to UTF-8. */
static char *
describe_code (int code)
{
  char *reason = g_locale_to_utf8 (gnutls_strerror (code), -1, NULL, NULL, NULL);

  return reason != NULL ? reason : g_strdup (gnutls_strerror_name (code));
}

static gboolean
is_end (int code)
{
  return code == GNUTLS_E_PREMATURE_TERMINATION || code == GNUTLS_E_UNEXPECTED_PACKET_LENGTH
         || code == GNUTLS_E_PULL_ERROR || code == GNUTLS_E_SESSION_EOF;
}

void
qnet_tls_set_handshake_error (gnutls_session_t   session,
                              int                code,
                              gboolean           has_ended,
                              GError           **error)
{
  g_autofree char *alert = NULL;
  g_autofree char *reason = NULL;

  switch (code)
    {
    case GNUTLS_E_FATAL_ALERT_RECEIVED:
      alert = describe_alert (session);
      qnet_set_error (error, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "%s", alert);
      return;
    case GNUTLS_E_NO_CERTIFICATE_FOUND:
    case GNUTLS_E_CERTIFICATE_REQUIRED:
      qnet_set_error (error, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                      _("The peer presented no certificate"));
      return;
    default:
      break;
    }

  if (has_ended && is_end (code))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                      _("The peer closed the connection"));
      return;
    }

  reason = describe_code (code);
  qnet_set_error (error, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "%s", reason);
}

/* In TLS 1.3 a client has completed its handshake before the server judges its certificate. */
static void
set_alert_error (gnutls_session_t   session,
                 GError           **error)
{
  g_autofree char *alert = describe_alert (session);
  int code = is_about_certificate (gnutls_alert_get (session))
             ? QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED
             : QNET_SOCKET_ERROR_SSL_INTERNAL;

  qnet_set_error (error, code, _("Could not read: %s"), alert);
}

void
qnet_tls_set_read_error (gnutls_session_t   session,
                         int                code,
                         gboolean           has_ended,
                         GError           **error)
{
  g_autofree char *reason = describe_code (code);

  if (code == GNUTLS_E_FATAL_ALERT_RECEIVED)
    set_alert_error (session, error);
  else if (code == GNUTLS_E_REHANDSHAKE)
    qnet_set_error (error, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                    _("Could not read: The peer requested a second handshake, which is refused"));
  else if (has_ended && is_end (code))
    qnet_set_error (error, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                    /* Translators: close_notify is a message of TLS */
                    _("Could not read: The connection ended without a TLS close_notify, "
                      "so data may be missing"));
  else
    qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INTERNAL, _("Could not read: %s"), reason);
}

void
qnet_tls_set_write_error (gnutls_session_t   session,
                          int                code,
                          GError           **error)
{
  g_autofree char *reason = describe_code (code);

  qnet_set_error (error, code == GNUTLS_E_LARGE_PACKET ? QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE
                                                       : QNET_SOCKET_ERROR_SSL_INTERNAL,
                  _("Could not write: %s"), reason);
}

/* Certificates */

static const struct
{
  unsigned int          status;
  GTlsCertificateFlags  flag;
} flags[] = {
  { GNUTLS_CERT_SIGNER_NOT_FOUND,   G_TLS_CERTIFICATE_UNKNOWN_CA },
  { GNUTLS_CERT_UNEXPECTED_OWNER,   G_TLS_CERTIFICATE_BAD_IDENTITY },
  { GNUTLS_CERT_NOT_ACTIVATED,      G_TLS_CERTIFICATE_NOT_ACTIVATED },
  { GNUTLS_CERT_EXPIRED,            G_TLS_CERTIFICATE_EXPIRED },
  { GNUTLS_CERT_REVOKED,            G_TLS_CERTIFICATE_REVOKED },
  { GNUTLS_CERT_INSECURE_ALGORITHM, G_TLS_CERTIFICATE_INSECURE },
};

/* Anything else is an error as well. */
GTlsCertificateFlags
qnet_tls_convert_status (unsigned int status)
{
  GTlsCertificateFlags errors = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
    if ((status & flags[i].status) != 0)
      {
        errors |= flags[i].flag;
        status &= ~flags[i].status;
      }

  if ((status & ~(unsigned int) GNUTLS_CERT_INVALID) != 0 || (errors == 0 && status != 0))
    errors |= G_TLS_CERTIFICATE_GENERIC_ERROR;

  return errors;
}

gnutls_alert_description_t
qnet_tls_get_alert (GTlsCertificateFlags errors)
{
  if ((errors & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0)
    return GNUTLS_A_UNKNOWN_CA;
  if ((errors & G_TLS_CERTIFICATE_REVOKED) != 0)
    return GNUTLS_A_CERTIFICATE_REVOKED;
  if ((errors & (G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_NOT_ACTIVATED)) != 0)
    return GNUTLS_A_CERTIFICATE_EXPIRED;

  return GNUTLS_A_BAD_CERTIFICATE;
}
