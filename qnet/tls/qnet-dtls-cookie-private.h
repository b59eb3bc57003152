/* qnet-dtls-cookie-private.h: cookies, by which a client proves that it receives at its address
 *
 * A server keeps no state for a client until it has sent the cookie back, and sends no more than it
 * has received (RFC 6347, section 4.2.1). The cookie is made of the address, the message of the
 * client, and a secret.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "tls/qnet-tls-session-private.h"

#include "qnet-host-address.h"

G_BEGIN_DECLS

/* The numbers of the messages that were exchanged with a client before there is a session. */
typedef struct
{
  unsigned int record;
  unsigned int received;
  unsigned int sent;
} QnetDtlsPrestate;

/* (transfer none) (nullable): one for the process, which no other one knows */
GBytes   *qnet_dtls_cookie_get_secret   (void);

/* Whether @datagram begins a handshake. The next functions need one that does. */
gboolean  qnet_dtls_is_client_hello     (GBytes                 *datagram);

/* Whether @datagram contains the cookie for the client. @out_state: for one of the next two. */
gboolean  qnet_dtls_cookie_verify       (GBytes                 *secret,
                                         GBytes                 *datagram,
                                         QnetHostAddress        *address,
                                         guint16                 port,
                                         QnetDtlsPrestate       *out_state);
/* It does: the session of the client continues from there. */
void      qnet_dtls_cookie_apply        (const QnetDtlsPrestate *state,
                                         QnetTlsSession         *session);
/* It does not: the answer, with the cookie (a HelloVerifyRequest). (transfer full) (nullable) */
GBytes   *qnet_dtls_cookie_make_request (const QnetDtlsPrestate *state,
                                         GBytes                 *secret,
                                         QnetHostAddress        *address,
                                         guint16                 port);

G_END_DECLS
