/* qnet-tls-channel-binding.c: what ties a protocol above TLS to one session
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-session-parts-private.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

#define MAX_DIGEST 64  /* bytes: SHA-512 */

/* Without the extended master secret an attacker in the middle can have two sessions with the same
 * keys (RFC 7627, section 1), so what is derived from these identifies neither. RFC 9266, section
 * 3.1, demands it for tls-exporter. */
static gboolean
has_unique_keys (gnutls_session_t session)
{
  return gnutls_protocol_get_version (session) == GNUTLS_TLS1_3
         || gnutls_session_ext_master_secret_status (session) != 0;
}

/* FALSE: this connection has none of that type. */
static gboolean
find_type (gnutls_session_t           session,
           GTlsChannelBindingType     type,
           gnutls_channel_binding_t  *out_type)
{
  switch (type)
    {
    case G_TLS_CHANNEL_BINDING_TLS_UNIQUE:
      *out_type = GNUTLS_CB_TLS_UNIQUE;
      return gnutls_protocol_get_version (session) != GNUTLS_TLS1_3 && has_unique_keys (session);
    case G_TLS_CHANNEL_BINDING_TLS_SERVER_END_POINT:
      *out_type = GNUTLS_CB_TLS_SERVER_END_POINT;
      return TRUE;
    case G_TLS_CHANNEL_BINDING_TLS_EXPORTER:
      *out_type = GNUTLS_CB_TLS_EXPORTER;
      return has_unique_keys (session);
    }

  return FALSE;
}

/* RFC 5929, section 4.1: that of the signature, SHA-256 at least */
static gnutls_digest_algorithm_t
choose_hash (gnutls_x509_crt_t certificate)
{
  int algorithm = gnutls_x509_crt_get_signature_algorithm (certificate);
  gnutls_digest_algorithm_t hash = algorithm > 0
                                   ? gnutls_sign_get_hash_algorithm ((gnutls_sign_algorithm_t)
                                                                     algorithm)
                                   : GNUTLS_DIG_UNKNOWN;

  return hash == GNUTLS_DIG_UNKNOWN || hash == GNUTLS_DIG_MD5 || hash == GNUTLS_DIG_SHA1
         ? GNUTLS_DIG_SHA256
         : hash;
}

/* GnuTLS knows the certificate of a server only after a whole handshake. (transfer full)
 * (nullable) */
static GBytes *
hash_own_certificate (QnetTlsIdentity *identity)
{
  unsigned int length;
  gnutls_pcert_st *chain = qnet_tls_identity_get_chain (identity, &length);
  gnutls_digest_algorithm_t hash;
  gnutls_x509_crt_t certificate;
  guint8 digest[MAX_DIGEST];

  if (gnutls_pcert_export_x509 (&chain[0], &certificate) != GNUTLS_E_SUCCESS)
    return NULL;

  hash = choose_hash (certificate);
  gnutls_x509_crt_deinit (certificate);

  if (gnutls_hash_fast (hash, chain[0].cert.data, chain[0].cert.size, digest) != GNUTLS_E_SUCCESS)
    return NULL;

  return g_bytes_new (digest, gnutls_hash_get_len (hash));
}

/* (transfer full) (nullable) */
static GBytes *
ask_gnutls (QnetTlsSession         *self,
            GTlsChannelBindingType  type)
{
  gnutls_channel_binding_t kind;
  gnutls_datum_t datum = { NULL, 0 };
  GBytes *bytes;

  if (!find_type (self->gnutls, type, &kind)
      || gnutls_session_channel_binding (self->gnutls, kind, &datum) != GNUTLS_E_SUCCESS)
    return NULL;

  bytes = g_bytes_new (datum.data, datum.size);
  gnutls_free (datum.data);

  return bytes;
}

GBytes *
qnet_tls_session_new_channel_binding (QnetTlsSession          *self,
                                      GTlsChannelBindingType   type,
                                      GError                 **error)
{
  gboolean is_own = type == G_TLS_CHANNEL_BINDING_TLS_SERVER_END_POINT && self->is_server
                    && self->identity != NULL;
  GBytes *bytes = is_own ? hash_own_certificate (self->identity) : ask_gnutls (self, type);

  if (bytes == NULL)
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("The connection has no channel binding of that type"));

  return bytes;
}
