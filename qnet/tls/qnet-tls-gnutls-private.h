/* qnet-tls-gnutls-private.h: what the files of this folder share of GnuTLS
 *
 * The other headers that are included from elsewhere know nothing of GnuTLS.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/ocsp.h>

#include "tls/qnet-tls-session-private.h"

G_BEGIN_DECLS

/* (transfer full) (nullable): the first one, each with the next one as its issuer. */
GTlsCertificate  *qnet_tls_certificate_new_from_chain (const gnutls_datum_t *chain,
                                                       unsigned int          length);

/* (transfer none): the certificate and its issuers */
gnutls_pcert_st  *qnet_tls_identity_get_chain  (QnetTlsIdentity   *self,
                                                unsigned int      *out_length);
/* (transfer none) (nullable): NULL if it is in a token. */
gnutls_privkey_t  qnet_tls_identity_get_key    (QnetTlsIdentity   *self);
/* (transfer full) (nullable): NULL if the token, or its user, refuses it. */
gnutls_privkey_t  qnet_tls_identity_open_token (QnetTlsIdentity   *self,
                                                GTlsInteraction   *interaction);  /* (nullable) */
/* (transfer none) */
gnutls_ocsp_data_st
                 *qnet_tls_staple_get_data     (QnetTlsStaple     *staple);
/* A response may be about several certificates: the index of the answer for @certificate, or -1 */
int               qnet_tls_staple_find_answer  (gnutls_ocsp_resp_const_t response,
                                                gnutls_x509_crt_t        certificate);

/* Before the handshake. NULL: that of the system */
void              qnet_tls_policy_apply        (QnetTlsPolicy     *self,
                                                gnutls_session_t   session);

gnutls_certificate_credentials_t
                  qnet_tls_trust_get_credentials (QnetTlsTrust    *self);

gnutls_session_t  qnet_tls_session_get_gnutls  (QnetTlsSession    *self);
/* For the credentials of all sessions: the identity of one */
int               qnet_tls_session_retrieve    (gnutls_session_t   gnutls,
                                                const struct gnutls_cert_retr_st *info,
                                                gnutls_pcert_st  **out_chain,
                                                unsigned int      *out_length,
                                                gnutls_ocsp_data_st **out_ocsp,
                                                unsigned int      *out_ocsp_length,
                                                gnutls_privkey_t  *out_key,
                                                unsigned int      *out_flags);

G_END_DECLS
