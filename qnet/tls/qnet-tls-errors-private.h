/* qnet-tls-errors-private.h: from codes and alerts of GnuTLS to errors, and back
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* @has_ended: the peer has ended the connection, or it has failed. The message is a sentence, which
 * does not name the peer. */
void                       qnet_tls_set_handshake_error (gnutls_session_t       session,
                                                         int                    code,
                                                         gboolean               has_ended,
                                                         GError               **error);
void                       qnet_tls_set_read_error      (gnutls_session_t       session,
                                                         int                    code,
                                                         gboolean               has_ended,
                                                         GError               **error);
void                       qnet_tls_set_write_error     (gnutls_session_t       session,
                                                         int                    code,
                                                         GError               **error);

/* The errors of a certificate: from GnuTLS, and the alert for the peer. */
GTlsCertificateFlags       qnet_tls_convert_status      (unsigned int           status);
gnutls_alert_description_t qnet_tls_get_alert           (GTlsCertificateFlags   errors);

G_END_DECLS
