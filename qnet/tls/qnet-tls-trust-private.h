/* qnet-tls-trust-private.h: the authorities that a session trusts
 *
 * The authorities of the system, or those of a file, are read once, and shared by all sessions of
 * the process. A database of another kind decides by itself: its sessions trust no authority.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _QnetTlsTrust QnetTlsTrust;

/* None of these fails: what cannot be read contains no authority. (transfer full) */
QnetTlsTrust *qnet_tls_trust_new_none        (void);
QnetTlsTrust *qnet_tls_trust_new_system      (void);
/* NULL: @database decides by itself. */
QnetTlsTrust *qnet_tls_trust_new_of_database (GTlsDatabase *database);
/* Reads the file of @database (nullable) now, as the database has just done. */
void          qnet_tls_trust_prepare         (GTlsDatabase *database);
QnetTlsTrust *qnet_tls_trust_ref             (QnetTlsTrust *self);
void          qnet_tls_trust_unref           (QnetTlsTrust *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetTlsTrust, qnet_tls_trust_unref)

G_END_DECLS
