/* qnet-ssl-errors.c: what is wrong with a certificate, in words
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-i18n-private.h"
#include "socket/qnet-ssl-socket-private.h"

static const struct
{
  GTlsCertificateFlags  flag;
  const char           *text;
}
reasons[] = {
  { G_TLS_CERTIFICATE_UNKNOWN_CA,    N_("nobody who is trusted has signed it") },
  { G_TLS_CERTIFICATE_BAD_IDENTITY,  N_("it is for another name") },
  { G_TLS_CERTIFICATE_NOT_ACTIVATED, N_("it is not valid yet") },
  { G_TLS_CERTIFICATE_EXPIRED,       N_("it has expired") },
  { G_TLS_CERTIFICATE_REVOKED,       N_("it has been revoked") },
  { G_TLS_CERTIFICATE_INSECURE,      N_("its cipher is not secure") },
  { G_TLS_CERTIFICATE_GENERIC_ERROR, N_("it could not be checked") },
};

static gboolean
is_self_signed (GTlsCertificate *certificate)
{
  g_autofree char *subject = g_tls_certificate_get_subject_name (certificate);
  g_autofree char *issuer = g_tls_certificate_get_issuer_name (certificate);

  return subject != NULL && g_strcmp0 (subject, issuer) == 0;
}

static const char *
describe (GTlsCertificateFlags  flag,
          const char           *text,
          GTlsCertificate      *certificate)
{
  if (flag == G_TLS_CERTIFICATE_UNKNOWN_CA && is_self_signed (certificate))
    return _("it is signed by itself");

  return _(text);
}

/* @whose: the name that was asked for, or the address */
GError *
qnet_ssl_new_certificate_error (const char           *whose,
                                GTlsCertificate      *certificate,
                                GTlsCertificateFlags  errors)
{
  g_autoptr(GString) list = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      if ((errors & reasons[i].flag) == 0)
        continue;

      /* Translators: between the reasons why a certificate is refused, as in "it has expired; it is for another name" */
      if (list->len > 0)
        g_string_append (list, _("; "));
      g_string_append (list, describe (reasons[i].flag, reasons[i].text, certificate));
    }

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                      _("The certificate of %s is refused: %s"), whose, list->str);
}
