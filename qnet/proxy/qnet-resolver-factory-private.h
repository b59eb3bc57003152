/* qnet-resolver-factory-private.h: a proxy factory that queries a GProxyResolver
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-network-proxy-factory.h"

G_BEGIN_DECLS

#define QNET_TYPE_RESOLVER_FACTORY (qnet_resolver_factory_get_type ())

G_DECLARE_FINAL_TYPE (QnetResolverFactory, qnet_resolver_factory, QNET, RESOLVER_FACTORY,
                      QnetNetworkProxyFactory)

QnetNetworkProxyFactory *qnet_resolver_factory_new            (GProxyResolver      *resolver);

/* Uses the system's settings. HTTP proxies in them are not used for datagrams and servers. */
QnetNetworkProxyFactory *qnet_resolver_factory_new_for_system (void);
gboolean                 qnet_resolver_factory_is_of_system   (QnetResolverFactory *self);

GProxyResolver          *qnet_resolver_factory_get_resolver   (QnetResolverFactory *self);

G_END_DECLS
