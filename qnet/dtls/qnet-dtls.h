/* qnet-dtls.h: encrypted datagrams
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-enums.h"
#include "qnet-ssl-configuration.h"
#include "qnet-udp-socket.h"

G_BEGIN_DECLS

#define QNET_TYPE_DTLS (qnet_dtls_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (QnetDtls, qnet_dtls, QNET, DTLS, GObject)

QNET_AVAILABLE_IN_1_0
QnetDtls               *qnet_dtls_new (QnetSslMode mode) G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
QnetSslMode             qnet_dtls_get_mode (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
void                    qnet_dtls_set_peer (QnetDtls        *self,
                                            QnetHostAddress *address,
                                            guint16          port,
                                            const char      *verify_name);
QNET_AVAILABLE_IN_1_0
QnetHostAddress        *qnet_dtls_get_peer_address (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
guint16                 qnet_dtls_get_peer_port (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
const char             *qnet_dtls_get_peer_verify_name (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration   *qnet_dtls_get_ssl_configuration (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
void                    qnet_dtls_set_ssl_configuration (QnetDtls             *self,
                                                         QnetSslConfiguration *configuration);
QNET_AVAILABLE_IN_1_0
GTlsCertificate        *qnet_dtls_get_certificate (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
gboolean                qnet_dtls_set_certificate (QnetDtls         *self,
                                                   GTlsCertificate  *certificate,
                                                   GError          **error);
QNET_AVAILABLE_IN_1_0
GTlsDatabase           *qnet_dtls_get_database (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
void                    qnet_dtls_set_database (QnetDtls     *self,
                                                GTlsDatabase *database);
QNET_AVAILABLE_IN_1_0
QnetSslPeerVerifyMode   qnet_dtls_get_peer_verify_mode (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
void                    qnet_dtls_set_peer_verify_mode (QnetDtls              *self,
                                                        QnetSslPeerVerifyMode  mode);
QNET_AVAILABLE_IN_1_0
GBytes                 *qnet_dtls_get_cookie_secret (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
void                    qnet_dtls_set_cookie_secret (QnetDtls *self,
                                                     GBytes   *secret);
QNET_AVAILABLE_IN_1_0
int                     qnet_dtls_get_mtu_hint (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
void                    qnet_dtls_set_mtu_hint (QnetDtls *self,
                                                int       mtu);

QNET_AVAILABLE_IN_1_0
QnetDtlsHandshakeState  qnet_dtls_get_handshake_state (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
gboolean                qnet_dtls_is_encrypted (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
GTlsCertificate        *qnet_dtls_get_peer_certificate (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
GPtrArray              *qnet_dtls_get_peer_certificate_chain (QnetDtls *self)
                        G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GTlsCertificateFlags    qnet_dtls_get_peer_certificate_errors (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
const char             *qnet_dtls_get_session_protocol (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
const char             *qnet_dtls_get_session_cipher (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
const char             *qnet_dtls_get_session_group (QnetDtls *self);
QNET_AVAILABLE_IN_1_0
GBytes                 *qnet_dtls_get_channel_binding (QnetDtls                *self,
                                                       GTlsChannelBindingType   type,
                                                       GError                 **error)
                        G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
gboolean                qnet_dtls_do_handshake (QnetDtls       *self,
                                                QnetUdpSocket  *socket,
                                                GBytes         *datagram,
                                                GError        **error);
QNET_AVAILABLE_IN_1_0
gboolean                qnet_dtls_handle_timeout (QnetDtls       *self,
                                                  QnetUdpSocket  *socket,
                                                  GError        **error);
QNET_AVAILABLE_IN_1_0
void                    qnet_dtls_ignore_verification_errors (QnetDtls             *self,
                                                              GTlsCertificateFlags  errors);
QNET_AVAILABLE_IN_1_0
gboolean                qnet_dtls_resume_handshake (QnetDtls       *self,
                                                    QnetUdpSocket  *socket,
                                                    GError        **error);
QNET_AVAILABLE_IN_1_0
void                    qnet_dtls_abort_handshake (QnetDtls *self);

QNET_AVAILABLE_IN_1_0
gssize                  qnet_dtls_write_datagram_encrypted (QnetDtls       *self,
                                                            QnetUdpSocket  *socket,
                                                            GBytes         *data,
                                                            GError        **error);
QNET_AVAILABLE_IN_1_0
GBytes                 *qnet_dtls_decrypt_datagram (QnetDtls       *self,
                                                    QnetUdpSocket  *socket,
                                                    GBytes         *datagram,
                                                    GError        **error)
                        G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
gboolean                qnet_dtls_shutdown (QnetDtls       *self,
                                            QnetUdpSocket  *socket,
                                            GError        **error);

G_END_DECLS
