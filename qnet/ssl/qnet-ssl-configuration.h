/* qnet-ssl-configuration.h: the settings of TLS
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <gio/gio.h>

#include "qnet-enums.h"
#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_SSL_CONFIGURATION (qnet_ssl_configuration_get_type ())

typedef struct _QnetSslConfiguration QnetSslConfiguration;

QNET_AVAILABLE_IN_1_0
GType                 qnet_ssl_configuration_get_type (void);

QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_new (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_get_default (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_configuration_set_default (const QnetSslConfiguration *self);

QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_with_certificate
                      (const QnetSslConfiguration  *self,
                       GTlsCertificate             *certificate,
                       GError                     **error)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_with_certificate_files
                      (const QnetSslConfiguration  *self,
                       const char                  *certificate_file,
                       const char                  *key_file,
                       GError                     **error)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_with_certificate_uris
                      (const QnetSslConfiguration  *self,
                       const char                  *certificate_uri,
                       const char                  *key_uri,
                       GError                     **error)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_with_database
                      (const QnetSslConfiguration *self,
                       GTlsDatabase               *database)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_with_database_file
                      (const QnetSslConfiguration  *self,
                       const char                  *file,
                       GError                     **error)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_with_peer_verify_mode
                      (const QnetSslConfiguration *self,
                       QnetSslPeerVerifyMode       mode)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_with_peer_verify_depth
                      (const QnetSslConfiguration *self,
                       int                         depth)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_with_authority_names
                      (const QnetSslConfiguration *self,
                       gboolean                    authority_names)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_with_minimum_version
                      (const QnetSslConfiguration  *self,
                       GTlsProtocolVersion          version,
                       GError                     **error)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_with_priority
                      (const QnetSslConfiguration  *self,
                       const char                  *priority,
                       GError                     **error)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_with_advertised_protocols
                      (const QnetSslConfiguration  *self,
                       const char * const          *protocols,
                       GError                     **error)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_with_session_tickets
                      (const QnetSslConfiguration *self,
                       gboolean                    session_tickets)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_with_session_ticket
                      (const QnetSslConfiguration *self,
                       GBytes                     *ticket)
                      G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
QnetSslConfiguration *qnet_ssl_configuration_ref (const QnetSslConfiguration *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_ssl_configuration_unref (QnetSslConfiguration *self);

QNET_AVAILABLE_IN_1_0
GTlsCertificate      *qnet_ssl_configuration_get_certificate (const QnetSslConfiguration *self);
QNET_AVAILABLE_IN_1_0
GTlsCertificateFlags  qnet_ssl_configuration_get_certificate_errors
                      (const QnetSslConfiguration *self);
QNET_AVAILABLE_IN_1_0
GTlsDatabase         *qnet_ssl_configuration_get_database (const QnetSslConfiguration *self);
QNET_AVAILABLE_IN_1_0
QnetSslPeerVerifyMode qnet_ssl_configuration_get_peer_verify_mode
                      (const QnetSslConfiguration *self);
QNET_AVAILABLE_IN_1_0
int                   qnet_ssl_configuration_get_peer_verify_depth
                      (const QnetSslConfiguration *self);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_configuration_get_authority_names (const QnetSslConfiguration *self);
QNET_AVAILABLE_IN_1_0
GTlsProtocolVersion   qnet_ssl_configuration_get_minimum_version (const QnetSslConfiguration *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_ssl_configuration_get_priority (const QnetSslConfiguration *self);
QNET_AVAILABLE_IN_1_0
const char * const   *qnet_ssl_configuration_get_advertised_protocols
                      (const QnetSslConfiguration *self);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_configuration_get_session_tickets (const QnetSslConfiguration *self);
QNET_AVAILABLE_IN_1_0
GBytes               *qnet_ssl_configuration_get_session_ticket (const QnetSslConfiguration *self);

QNET_AVAILABLE_IN_1_0
gboolean              qnet_ssl_configuration_equal (const QnetSslConfiguration *self,
                                                    const QnetSslConfiguration *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetSslConfiguration, qnet_ssl_configuration_unref)

G_END_DECLS
