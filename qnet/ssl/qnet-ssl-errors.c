/* qnet-ssl-errors.c: what is wrong with a certificate, in words
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-i18n-private.h"
#include "ssl/qnet-ssl-socket-private.h"

static const struct
{
  GTlsCertificateFlags  flag;
  const char           *text;
}
reasons[] = {
  { G_TLS_CERTIFICATE_UNKNOWN_CA,    N_("The certificate is signed by an unknown authority") },
  { G_TLS_CERTIFICATE_BAD_IDENTITY,  N_("The certificate is for another name") },
  { G_TLS_CERTIFICATE_NOT_ACTIVATED, N_("The certificate is not valid yet") },
  { G_TLS_CERTIFICATE_EXPIRED,       N_("The certificate has expired") },
  { G_TLS_CERTIFICATE_REVOKED,       N_("The certificate has been revoked") },
  { G_TLS_CERTIFICATE_INSECURE,      N_("The certificate uses an insecure algorithm") },
  { G_TLS_CERTIFICATE_GENERIC_ERROR, N_("The certificate could not be verified") },
};

static gboolean
is_self_signed (GTlsCertificate *certificate)
{
  g_autofree char *subject = NULL;
  g_autofree char *issuer = NULL;

  if (certificate == NULL)
    return FALSE;  /* there is no type of GIO for it */

  subject = g_tls_certificate_get_subject_name (certificate);
  issuer = g_tls_certificate_get_issuer_name (certificate);

  return subject != NULL && g_strcmp0 (subject, issuer) == 0;
}

static const char *
describe (GTlsCertificateFlags  flag,
          const char           *text,
          GTlsCertificate      *certificate,
          const char           *problem)
{
  if (flag == G_TLS_CERTIFICATE_UNKNOWN_CA && is_self_signed (certificate))
    return _("The certificate is self-signed");
  if (flag == G_TLS_CERTIFICATE_GENERIC_ERROR && problem != NULL)
    return _(problem);

  return _(text);
}

static char *
describe_all (GTlsCertificate      *certificate,
              GTlsCertificateFlags  errors,
              const char           *problem)
{
  char *all = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      const char *next = describe (reasons[i].flag, reasons[i].text, certificate,
                                   problem);
      g_autofree char *before = g_steal_pointer (&all);

      if ((errors & reasons[i].flag) == 0)
        all = g_steal_pointer (&before);
      else if (before == NULL)
        all = g_strdup (next);
      else
        /* Translators: two sentences, why a certificate is not accepted, such as "The certificate
         * is for another name" and "The certificate has expired" */
        all = g_strdup_printf (_("%s. %s"), before, next);
    }

  return all;
}

GError *
qnet_ssl_new_certificate_error (const char           *peer,
                                GTlsCertificate      *certificate,
                                GTlsCertificateFlags  errors,
                                const char           *problem)
{
  g_autofree char *reason = describe_all (certificate, errors, problem);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                      /* Translators: the name or the address of the peer, and the reason, which is
                       * a sentence */
                      _("Could not encrypt the connection to %s: %s"), peer, reason);
}
