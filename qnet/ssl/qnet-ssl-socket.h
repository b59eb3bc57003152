/* qnet-ssl-socket.h: a TCP connection that can be encrypted by TLS
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
#include "qnet-tcp-socket.h"

G_BEGIN_DECLS

#define QNET_TYPE_SSL_SOCKET (qnet_ssl_socket_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (QnetSslSocket, qnet_ssl_socket, QNET, SSL_SOCKET, QnetTcpSocket)

struct _QnetSslSocketClass
{
  QnetTcpSocketClass parent_class;

  /*< private >*/
  gpointer padding[8];
};

QNET_AVAILABLE_IN_1_0
QnetSslSocket        *qnet_ssl_socket_new (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_supports_ssl (void);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_set_key_log_file (const char  *file,
                                                        GError     **error);

QNET_AVAILABLE_IN_1_0
QnetSslMode           qnet_ssl_socket_get_mode (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_is_encrypted (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_socket_get_ssl_configuration (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_socket_set_ssl_configuration (QnetSslSocket        *self,
                                                             QnetSslConfiguration *configuration);
QNET_AVAILABLE_IN_1_0
QnetSslPeerVerifyMode qnet_ssl_socket_get_peer_verify_mode (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_socket_set_peer_verify_mode (QnetSslSocket         *self,
                                                            QnetSslPeerVerifyMode  mode);
QNET_AVAILABLE_IN_1_0
const char           *qnet_ssl_socket_get_peer_verify_name (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_socket_set_peer_verify_name (QnetSslSocket *self,
                                                            const char    *name);
QNET_AVAILABLE_IN_1_0
GTlsCertificate      *qnet_ssl_socket_get_certificate (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_set_certificate (QnetSslSocket    *self,
                                                       GTlsCertificate  *certificate,
                                                       GError          **error);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_set_certificate_files (QnetSslSocket  *self,
                                                             const char     *certificate_file,
                                                             const char     *key_file,
                                                             GError        **error);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_set_certificate_uris (QnetSslSocket  *self,
                                                            const char     *certificate_uri,
                                                            const char     *key_uri,
                                                            GError        **error);
QNET_AVAILABLE_IN_1_0
GTlsDatabase         *qnet_ssl_socket_get_database (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_socket_set_database (QnetSslSocket *self,
                                                    GTlsDatabase  *database);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_set_database_file (QnetSslSocket  *self,
                                                         const char     *file,
                                                         GError        **error);
QNET_AVAILABLE_IN_1_0
GTlsInteraction      *qnet_ssl_socket_get_interaction (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_socket_set_interaction (QnetSslSocket   *self,
                                                       GTlsInteraction *interaction);
QNET_AVAILABLE_IN_1_0
const char * const   *qnet_ssl_socket_get_advertised_protocols (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_socket_set_advertised_protocols (QnetSslSocket      *self,
                                                                const char * const *protocols);
QNET_AVAILABLE_IN_1_0
int                   qnet_ssl_socket_get_handshake_timeout (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_socket_set_handshake_timeout (QnetSslSocket *self,
                                                             int            msecs);

QNET_AVAILABLE_IN_1_0
GTlsCertificate      *qnet_ssl_socket_get_peer_certificate (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
GPtrArray            *qnet_ssl_socket_get_peer_certificate_chain (QnetSslSocket *self)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GTlsCertificateFlags  qnet_ssl_socket_get_peer_certificate_errors (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
GBytes               *qnet_ssl_socket_get_ocsp_response (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_ssl_socket_get_session_protocol (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_ssl_socket_get_session_cipher (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_ssl_socket_get_session_group (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
GBytes               *qnet_ssl_socket_get_channel_binding (QnetSslSocket           *self,
                                                           GTlsChannelBindingType   type,
                                                           GError                 **error)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
const char           *qnet_ssl_socket_get_negotiated_protocol (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_ssl_socket_get_requested_server_name (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_is_session_reused (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
GBytes               *qnet_ssl_socket_get_session_ticket (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
gint64                qnet_ssl_socket_get_encrypted_bytes_available (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
gint64                qnet_ssl_socket_get_encrypted_bytes_to_write (QnetSslSocket *self);

QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_socket_ignore_ssl_errors (QnetSslSocket *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_socket_ignore_ssl_errors_full (QnetSslSocket        *self,
                                                              GTlsCertificateFlags  errors,
                                                              GTlsCertificate      *certificate);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_socket_ignore_ssl_errors_of_any (QnetSslSocket        *self,
                                                                GTlsCertificateFlags  errors);

QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_socket_connect_to_host_encrypted (QnetSslSocket *self,
                                                                 const char    *host,
                                                                 guint16        port);
QNET_AVAILABLE_IN_1_0
void qnet_ssl_socket_connect_to_host_encrypted_full (QnetSslSocket            *self,
                                                     const char               *host,
                                                     guint16                   port,
                                                     const char               *peer_name,
                                                     QnetOpenMode              open_mode,
                                                     QnetNetworkLayerProtocol  protocol);
QNET_AVAILABLE_IN_1_0
void qnet_ssl_socket_connect_to_connectable_encrypted (QnetSslSocket      *self,
                                                       GSocketConnectable *connectable);
QNET_AVAILABLE_IN_1_0
void qnet_ssl_socket_connect_to_service_encrypted (QnetSslSocket *self,
                                                   const char    *service,
                                                   const char    *domain);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_start_client_encryption (QnetSslSocket  *self,
                                                               GError        **error);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_start_server_encryption (QnetSslSocket  *self,
                                                               GError        **error);
QNET_AVAILABLE_IN_1_0
gboolean qnet_ssl_socket_start_server_encryption_with_input (QnetSslSocket  *self,
                                                             GBytes         *input,
                                                             GError        **error);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_wait_for_encrypted (QnetSslSocket  *self,
                                                          int             msecs,
                                                          GError        **error);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_wait_for_encrypted_full (QnetSslSocket  *self,
                                                               int             msecs,
                                                               GCancellable   *cancellable,
                                                               GError        **error);

QNET_AVAILABLE_IN_1_0
void qnet_ssl_socket_connect_to_host_encrypted_async (QnetSslSocket       *self,
                                                      const char          *host,
                                                      guint16              port,
                                                      int                  io_priority,
                                                      GCancellable        *cancellable,
                                                      GAsyncReadyCallback  callback,
                                                      gpointer             user_data);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_connect_to_host_encrypted_finish (QnetSslSocket  *self,
                                                                        GAsyncResult   *result,
                                                                        GError        **error);
QNET_AVAILABLE_IN_1_0
void qnet_ssl_socket_connect_to_connectable_encrypted_async (QnetSslSocket       *self,
                                                             GSocketConnectable  *connectable,
                                                             int                  io_priority,
                                                             GCancellable        *cancellable,
                                                             GAsyncReadyCallback  callback,
                                                             gpointer             user_data);
QNET_AVAILABLE_IN_1_0
gboolean qnet_ssl_socket_connect_to_connectable_encrypted_finish (QnetSslSocket  *self,
                                                                  GAsyncResult   *result,
                                                                  GError        **error);
QNET_AVAILABLE_IN_1_0
void qnet_ssl_socket_connect_to_service_encrypted_async (QnetSslSocket       *self,
                                                         const char          *service,
                                                         const char          *domain,
                                                         int                  io_priority,
                                                         GCancellable        *cancellable,
                                                         GAsyncReadyCallback  callback,
                                                         gpointer             user_data);
QNET_AVAILABLE_IN_1_0
gboolean qnet_ssl_socket_connect_to_service_encrypted_finish (QnetSslSocket  *self,
                                                              GAsyncResult   *result,
                                                              GError        **error);
QNET_AVAILABLE_IN_1_0
void qnet_ssl_socket_start_client_encryption_async (QnetSslSocket       *self,
                                                    int                  io_priority,
                                                    GCancellable        *cancellable,
                                                    GAsyncReadyCallback  callback,
                                                    gpointer             user_data);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_start_client_encryption_finish (QnetSslSocket  *self,
                                                                      GAsyncResult   *result,
                                                                      GError        **error);
QNET_AVAILABLE_IN_1_0
void qnet_ssl_socket_start_server_encryption_async (QnetSslSocket       *self,
                                                    int                  io_priority,
                                                    GCancellable        *cancellable,
                                                    GAsyncReadyCallback  callback,
                                                    gpointer             user_data);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_socket_start_server_encryption_finish (QnetSslSocket  *self,
                                                                      GAsyncResult   *result,
                                                                      GError        **error);
QNET_AVAILABLE_IN_1_0
void qnet_ssl_socket_start_server_encryption_with_input_async (QnetSslSocket       *self,
                                                               GBytes              *input,
                                                               int                  io_priority,
                                                               GCancellable        *cancellable,
                                                               GAsyncReadyCallback  callback,
                                                               gpointer             user_data);
QNET_AVAILABLE_IN_1_0
gboolean qnet_ssl_socket_start_server_encryption_with_input_finish (QnetSslSocket  *self,
                                                                    GAsyncResult   *result,
                                                                    GError        **error);

G_END_DECLS
