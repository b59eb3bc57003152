/* qnet-application-proxy-private.h: the application's choice for all whose proxy is DEFAULT
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-network-proxy-factory.h"
#include "qnet-network-proxy.h"

G_BEGIN_DECLS

/* One choice for the process: a proxy or a factory, whichever was set last. Any thread may ask. */

/* Nothing was chosen: this is all that a socket without a proxy pays. */
gboolean                 qnet_application_proxy_is_direct   (void);

QnetNetworkProxy        *qnet_application_proxy_ref_proxy   (void);  /* (transfer full) (nullable) */
QnetNetworkProxyFactory *qnet_application_proxy_ref_factory (void);  /* (transfer full) (nullable) */
void                     qnet_application_proxy_set_proxy   (QnetNetworkProxy        *proxy);    /* (nullable) */
void                     qnet_application_proxy_set_factory (QnetNetworkProxyFactory *factory);  /* (nullable) */

G_END_DECLS
