/* qnet-resolver-factory-private.h: proxies that a resolver of GIO knows
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

/* Over the system's settings; an HTTP proxy in them is not for datagrams and servers. */
QnetNetworkProxyFactory *qnet_resolver_factory_new_for_system (void);
gboolean                 qnet_resolver_factory_is_of_system   (QnetResolverFactory *self);

GProxyResolver          *qnet_resolver_factory_get_resolver   (QnetResolverFactory *self);

G_END_DECLS
