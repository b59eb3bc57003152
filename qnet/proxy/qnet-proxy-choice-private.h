/* qnet-proxy-choice-private.h: chooses the proxy of a socket or server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "proxy/qnet-proxy-dialogue-private.h"

#include "qnet-network-proxy-query.h"

G_BEGIN_DECLS

/* Chooses a proxy. @own is the proxy of the socket or server, or NULL for DEFAULT. @out_proxy
 * (transfer full) is NULL for a direct connection. A failure never means a direct connection. It
 * may call the application's factory. */
gboolean qnet_proxy_choose (QnetNetworkProxy       *own,
                            QnetNetworkProxyQuery  *query,
                            QnetNetworkProxy      **out_proxy,
                            GError                **error);

/* Removes the proxies from @proxies (transfer full) that lack the capability for @query. If none is
 * left, it sets @error and returns NULL. If @proxies is NULL, @error is already set. */
GList   *qnet_proxy_filter  (GList                  *proxies,
                             QnetNetworkProxyQuery  *query,
                             GError                **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets @error to "Could not choose a proxy for example.org: " and @cause (transfer full). */
void     qnet_proxy_take_choice_error (GError                **error,
                                       GError                 *cause,
                                       QnetNetworkProxyQuery  *query);  /* (nullable): unknown */

/* Returns whether there is neither an own proxy nor one of the application: a direct connection. */
gboolean qnet_proxy_is_none (QnetNetworkProxy *own);

/* For setters: sets *@own to @proxy, NULL for DEFAULT. Returns whether it has changed. */
gboolean qnet_proxy_replace (QnetNetworkProxy      **own,
                             QnetNetworkProxy       *proxy);

G_END_DECLS
