/* qnet-application-proxy-private.h: the application's proxy or proxy factory
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-network-proxy-factory.h"
#include "qnet-network-proxy.h"

G_BEGIN_DECLS

/* There is one per process: a proxy or a factory, whichever was set last. It applies to all sockets
 * and servers whose proxy is DEFAULT. All functions may be called from any thread. */

/* Returns whether neither was set. It is cheap: it is all that a socket without a proxy calls. */
gboolean                 qnet_application_proxy_is_direct   (void);

/* (transfer full) (nullable) */
QnetNetworkProxy        *qnet_application_proxy_ref_proxy   (void);
QnetNetworkProxyFactory *qnet_application_proxy_ref_factory (void);

/* NULL removes both. */
void                     qnet_application_proxy_set_proxy   (QnetNetworkProxy        *proxy);
void                     qnet_application_proxy_set_factory (QnetNetworkProxyFactory *factory);

G_END_DECLS
