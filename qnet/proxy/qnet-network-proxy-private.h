/* qnet-network-proxy-private.h: proxies that cannot be used, and how messages name them
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-network-proxy.h"

G_BEGIN_DECLS

/* A proxy that settings name, but not so that it could be used; @problem is why, as a translated
 * clause. It has no capabilities, so that a connection fails instead of being direct. */
QnetNetworkProxy *qnet_network_proxy_new_unusable (const char             *problem);
/* NULL for a usable one. */
const char       *qnet_network_proxy_get_problem  (const QnetNetworkProxy *self);

/* As qnet_network_proxy_new_from_uri(). NULL, and why in @out_problem, as a translated clause (free
 * it). No part of @uri that could be a user or a password is in it. */
QnetNetworkProxy *qnet_network_proxy_parse        (const char             *uri,
                                                   char                  **out_problem);

/* Whether the host is an address, or a name that could be looked up. */
gboolean          qnet_network_proxy_has_host     (const QnetNetworkProxy *self);

/* "proxy.example port 1080". A host that is none is not shown: it may be a URI, with a password. */
char             *qnet_network_proxy_to_place     (const QnetNetworkProxy *self);

G_END_DECLS
