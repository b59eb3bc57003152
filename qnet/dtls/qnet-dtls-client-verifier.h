/* qnet-dtls-client-verifier.h: whether a client of DTLS receives at its address
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-udp-socket.h"

G_BEGIN_DECLS

#define QNET_TYPE_DTLS_CLIENT_VERIFIER (qnet_dtls_client_verifier_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (QnetDtlsClientVerifier, qnet_dtls_client_verifier, QNET,
                      DTLS_CLIENT_VERIFIER, GObject)

QNET_AVAILABLE_IN_1_0
QnetDtlsClientVerifier *qnet_dtls_client_verifier_new (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GBytes                 *qnet_dtls_client_verifier_get_cookie_secret (QnetDtlsClientVerifier *self);
QNET_AVAILABLE_IN_1_0
void qnet_dtls_client_verifier_set_cookie_secret (QnetDtlsClientVerifier *self,
                                                  GBytes                 *secret);
QNET_AVAILABLE_IN_1_0
gboolean                qnet_dtls_client_verifier_verify_client (QnetDtlsClientVerifier  *self,
                                                                 QnetUdpSocket           *socket,
                                                                 GBytes                  *datagram,
                                                                 QnetHostAddress         *address,
                                                                 guint16                  port,
                                                                 GError                 **error);

G_END_DECLS
