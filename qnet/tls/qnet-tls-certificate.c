/* qnet-tls-certificate.c: from certificates of GnuTLS to those of GIO
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-gnutls-private.h"

/* (transfer full) (nullable) */
static GTlsCertificate *
certificate_new (const gnutls_datum_t *datum,
                 GTlsCertificate      *issuer)
{
  GType type = g_tls_backend_get_certificate_type (g_tls_backend_get_default ());
  g_autoptr(GByteArray) der = g_byte_array_new ();

  g_byte_array_append (der, datum->data, datum->size);

  return g_initable_new (type, NULL, NULL, "certificate", der, "issuer", issuer, NULL);
}

GTlsCertificate *
qnet_tls_certificate_new_from_chain (const gnutls_datum_t *chain,
                                     unsigned int          length)
{
  g_autoptr(GTlsCertificate) issuer = NULL;

  while (length-- > 0)
    {
      GTlsCertificate *certificate = certificate_new (&chain[length], issuer);

      if (certificate == NULL)
        return NULL;

      g_clear_object (&issuer);
      issuer = certificate;
    }

  return g_steal_pointer (&issuer);
}
