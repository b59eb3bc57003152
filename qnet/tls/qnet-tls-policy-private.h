/* qnet-tls-policy-private.h: the versions and ciphers that a session may use
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Immutable, and shared by all sessions and threads. */
typedef struct _QnetTlsPolicy QnetTlsPolicy;

/* (transfer full): NULL with an error if GnuTLS does not accept @priority. */
QnetTlsPolicy *qnet_tls_policy_new   (const char           *priority,  /* (nullable): that of the
                                                                        * system */
                                      GTlsProtocolVersion   minimum,
                                      GError              **error);
QnetTlsPolicy *qnet_tls_policy_ref   (QnetTlsPolicy        *self);
void           qnet_tls_policy_unref (QnetTlsPolicy        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetTlsPolicy, qnet_tls_policy_unref)

G_END_DECLS
