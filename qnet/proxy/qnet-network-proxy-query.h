/* qnet-network-proxy-query.h: a query to a proxy factory
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <glib-object.h>

#include "qnet-enums.h"
#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_NETWORK_PROXY_QUERY (qnet_network_proxy_query_get_type ())

typedef struct _QnetNetworkProxyQuery QnetNetworkProxyQuery;

QNET_AVAILABLE_IN_1_0
GType                  qnet_network_proxy_query_get_type (void);

QNET_AVAILABLE_IN_1_0
QnetNetworkProxyQuery *qnet_network_proxy_query_new_for_uri (const char         *uri,
                                                             QnetProxyQueryType  type)
                       G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkProxyQuery *qnet_network_proxy_query_new_for_host (const char         *host,
                                                              int                 port,
                                                              const char         *protocol_tag,
                                                              QnetProxyQueryType  type)
                       G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkProxyQuery *qnet_network_proxy_query_new_for_bind (guint16             bind_port,
                                                              const char         *protocol_tag,
                                                              QnetProxyQueryType  type)
                       G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
QnetNetworkProxyQuery *qnet_network_proxy_query_ref (const QnetNetworkProxyQuery *self);
QNET_AVAILABLE_IN_1_0
void                   qnet_network_proxy_query_unref (QnetNetworkProxyQuery *self);

QNET_AVAILABLE_IN_1_0
QnetProxyQueryType     qnet_network_proxy_query_get_query_type (const QnetNetworkProxyQuery *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_network_proxy_query_get_peer_host_name (const QnetNetworkProxyQuery *self);
QNET_AVAILABLE_IN_1_0
int                    qnet_network_proxy_query_get_peer_port (const QnetNetworkProxyQuery *self);
QNET_AVAILABLE_IN_1_0
int                    qnet_network_proxy_query_get_local_port (const QnetNetworkProxyQuery *self);
QNET_AVAILABLE_IN_1_0
const char *qnet_network_proxy_query_get_protocol_tag (const QnetNetworkProxyQuery *self);
QNET_AVAILABLE_IN_1_0
char                  *qnet_network_proxy_query_to_uri (const QnetNetworkProxyQuery *self)
                       G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
gboolean               qnet_network_proxy_query_equal (const QnetNetworkProxyQuery *self,
                                                       const QnetNetworkProxyQuery *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetNetworkProxyQuery, qnet_network_proxy_query_unref)

G_END_DECLS
