/* qnet-network-proxy.h: the settings of a proxy
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

#define QNET_TYPE_NETWORK_PROXY (qnet_network_proxy_get_type ())

typedef struct _QnetNetworkProxy QnetNetworkProxy;

QNET_AVAILABLE_IN_1_0
GType                 qnet_network_proxy_get_type (void);

QNET_AVAILABLE_IN_1_0
QnetNetworkProxy     *qnet_network_proxy_new (QnetProxyType  type,
                                              const char    *host,
                                              guint16        port,
                                              const char    *user,
                                              const char    *password)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkProxy     *qnet_network_proxy_new_from_uri (const char  *uri,
                                                       GError     **error)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkProxy     *qnet_network_proxy_new_from_proxy_address (GProxyAddress  *address,
                                                                 GError        **error)
                      G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
QnetNetworkProxy     *qnet_network_proxy_with_type (const QnetNetworkProxy *self,
                                                    QnetProxyType           type)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkProxy     *qnet_network_proxy_with_host (const QnetNetworkProxy *self,
                                                    const char             *host,
                                                    guint16                 port)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkProxy     *qnet_network_proxy_with_credentials (const QnetNetworkProxy *self,
                                                           const char             *user,
                                                           const char             *password)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkProxy     *qnet_network_proxy_with_capabilities (const QnetNetworkProxy *self,
                                                            QnetProxyCapabilities   capabilities)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkProxy     *qnet_network_proxy_with_raw_header (const QnetNetworkProxy *self,
                                                          const char             *name,
                                                          const char             *value)
                      G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
QnetNetworkProxy     *qnet_network_proxy_ref (const QnetNetworkProxy *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_network_proxy_unref (QnetNetworkProxy *self);

QNET_AVAILABLE_IN_1_0
QnetProxyType         qnet_network_proxy_get_proxy_type (const QnetNetworkProxy *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_network_proxy_get_host_name (const QnetNetworkProxy *self);
QNET_AVAILABLE_IN_1_0
guint16               qnet_network_proxy_get_port (const QnetNetworkProxy *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_network_proxy_get_user (const QnetNetworkProxy *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_network_proxy_get_password (const QnetNetworkProxy *self);
QNET_AVAILABLE_IN_1_0
QnetProxyCapabilities qnet_network_proxy_get_capabilities (const QnetNetworkProxy *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_network_proxy_get_raw_header (const QnetNetworkProxy *self,
                                                         const char             *name);
QNET_AVAILABLE_IN_1_0
char                **qnet_network_proxy_list_raw_headers (const QnetNetworkProxy *self)
                      G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
gboolean              qnet_network_proxy_is_caching (const QnetNetworkProxy *self);
QNET_AVAILABLE_IN_1_0
gboolean              qnet_network_proxy_is_transparent (const QnetNetworkProxy *self);

QNET_AVAILABLE_IN_1_0
gboolean              qnet_network_proxy_equal (const QnetNetworkProxy *self,
                                                const QnetNetworkProxy *other);
QNET_AVAILABLE_IN_1_0
guint                 qnet_network_proxy_hash (const QnetNetworkProxy *self);
QNET_AVAILABLE_IN_1_0
char                 *qnet_network_proxy_to_string (const QnetNetworkProxy *self)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
char                 *qnet_network_proxy_to_uri (const QnetNetworkProxy *self)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GProxyResolver       *qnet_network_proxy_to_resolver (const QnetNetworkProxy *self)
                      G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetNetworkProxy, qnet_network_proxy_unref)

G_END_DECLS
