/* qnet-transport-tls-private.h: bytes over a TLS session
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "channel/qnet-transport-private.h"
#include "tls/qnet-tls-session-private.h"

G_BEGIN_DECLS

/* Takes @session (transfer full) and the descriptor. Until it is established the owner performs the
 * handshake by the functions below, and the channel neither reads nor writes. */
void            qnet_transport_init_tls        (QnetTransport  *transport,
                                                QnetTlsSession *session,
                                                int             fd,
                                                QnetReactor    *reactor);
void            qnet_transport_tls_establish   (QnetTransport  *transport);
QnetTlsSession *qnet_transport_tls_get_session (QnetTransport  *transport);

/* (nullable): the watch of the owner on the descriptor, which is stopped before that is closed. */
void            qnet_transport_tls_set_watch   (QnetTransport  *transport,
                                                QnetWatch      *watch);

/* While another thread uses the session, closing leaves it alone. */
void            qnet_transport_tls_set_busy    (QnetTransport  *transport,
                                                gboolean        is_busy);

/* Receives once. > 0 bytes, 0 the end, or -1 with errno. After both the input of the session has
 * ended, except after EAGAIN. */
gssize          qnet_transport_tls_receive     (QnetTransport  *transport);
/* Sends the output of the session: 0 all of it, 1: the kernel has no room, -1 with errno. */
int             qnet_transport_tls_flush       (QnetTransport  *transport);
/* Encrypted bytes, since the beginning, modulo the range of the type; needs no lock */
gsize           qnet_transport_tls_get_n_sent  (QnetTransport  *transport);
/* errno of the failure of a receive or a send, which is permanent; 0 if there was none */
int             qnet_transport_tls_get_failure (QnetTransport  *transport);

G_END_DECLS
