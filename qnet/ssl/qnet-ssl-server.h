/* qnet-ssl-server.h: accepts TCP connections, and encrypts them
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-ssl-socket.h"
#include "qnet-tcp-server.h"

G_BEGIN_DECLS

#define QNET_TYPE_SSL_SERVER (qnet_ssl_server_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (QnetSslServer, qnet_ssl_server, QNET, SSL_SERVER, QnetTcpServer)

struct _QnetSslServerClass
{
  QnetTcpServerClass parent_class;

  /*< private >*/
  gpointer padding[8];
};

QNET_AVAILABLE_IN_1_0
QnetSslServer        *qnet_ssl_server_new (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_server_get_ssl_configuration (QnetSslServer *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_server_set_ssl_configuration (QnetSslServer        *self,
                                                             QnetSslConfiguration *configuration);
QNET_AVAILABLE_IN_1_0
GTlsCertificate      *qnet_ssl_server_get_certificate (QnetSslServer *self);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_server_set_certificate (QnetSslServer    *self,
                                                       GTlsCertificate  *certificate,
                                                       GError          **error);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_server_set_certificate_files (QnetSslServer  *self,
                                                             const char     *certificate_file,
                                                             const char     *key_file,
                                                             GError        **error);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_server_set_certificate_uris (QnetSslServer  *self,
                                                            const char     *certificate_uri,
                                                            const char     *key_uri,
                                                            GError        **error);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_server_set_certificate_for_name (QnetSslServer    *self,
                                                                const char       *name,
                                                                GTlsCertificate  *certificate,
                                                                GError          **error);
QNET_AVAILABLE_IN_1_0
GTlsDatabase         *qnet_ssl_server_get_database (QnetSslServer *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_server_set_database (QnetSslServer *self,
                                                    GTlsDatabase  *database);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_server_set_database_file (QnetSslServer  *self,
                                                         const char     *file,
                                                         GError        **error);
QNET_AVAILABLE_IN_1_0
QnetSslPeerVerifyMode qnet_ssl_server_get_peer_verify_mode (QnetSslServer *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_server_set_peer_verify_mode (QnetSslServer         *self,
                                                            QnetSslPeerVerifyMode  mode);
QNET_AVAILABLE_IN_1_0
const char * const   *qnet_ssl_server_get_advertised_protocols (QnetSslServer *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_server_set_advertised_protocols (QnetSslServer      *self,
                                                                const char * const *protocols);
QNET_AVAILABLE_IN_1_0
int                   qnet_ssl_server_get_handshake_timeout (QnetSslServer *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_server_set_handshake_timeout (QnetSslServer *self,
                                                             int            msecs);
QNET_AVAILABLE_IN_1_0
int                   qnet_ssl_server_get_max_handshakes (QnetSslServer *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_server_set_max_handshakes (QnetSslServer *self,
                                                          int            max);
QNET_AVAILABLE_IN_1_0
QnetSslSocket        *qnet_ssl_server_next_pending_connection (QnetSslServer *self)
                      G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
