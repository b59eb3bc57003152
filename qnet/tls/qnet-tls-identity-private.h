/* qnet-tls-identity-private.h: a certificate with its private key, as a session needs it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Made once for each GTlsCertificate, and shared by all sessions and threads. */
typedef struct _QnetTlsIdentity QnetTlsIdentity;

/* (transfer full): NULL with an error if @certificate has no key or that of another one, or if its
 * chain is not in order. A key in a token is not checked. */
QnetTlsIdentity *qnet_tls_identity_new        (GTlsCertificate  *certificate,
                                               GError          **error);
QnetTlsIdentity *qnet_tls_identity_ref        (QnetTlsIdentity  *self);
void             qnet_tls_identity_unref      (QnetTlsIdentity  *self);

/* Of any certificate of the chain, now: that it has expired, or is not valid yet */
GTlsCertificateFlags
                 qnet_tls_identity_get_errors (QnetTlsIdentity  *self);
unsigned int     qnet_tls_identity_get_length (QnetTlsIdentity  *self);

/* The key is in a token: using it can take long, and can ask for a PIN. */
gboolean         qnet_tls_identity_may_block  (QnetTlsIdentity  *self);

/* A response of the authority that the certificate is not revoked (OCSP, RFC 6960), which a server
 * sends along with it */
typedef struct _QnetTlsStaple QnetTlsStaple;

/* @response (nullable): NULL: none. FALSE with an error if it is not one for the certificate. From
 * any thread; handshakes that are in progress are not affected. */
gboolean         qnet_tls_identity_set_staple (QnetTlsIdentity  *self,
                                               GBytes           *response,
                                               GError          **error);
/* (transfer full) (nullable) */
QnetTlsStaple   *qnet_tls_identity_dup_staple (QnetTlsIdentity  *self);
void             qnet_tls_staple_unref        (QnetTlsStaple    *staple);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetTlsIdentity, qnet_tls_identity_unref)

G_END_DECLS
