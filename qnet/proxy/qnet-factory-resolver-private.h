/* qnet-factory-resolver-private.h: a GProxyResolver that queries a proxy factory
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-network-proxy-factory.h"

G_BEGIN_DECLS

#define QNET_TYPE_FACTORY_RESOLVER (qnet_factory_resolver_get_type ())

G_DECLARE_FINAL_TYPE (QnetFactoryResolver, qnet_factory_resolver, QNET, FACTORY_RESOLVER, GObject)

GProxyResolver *qnet_factory_resolver_new (QnetNetworkProxyFactory *factory);

G_END_DECLS
