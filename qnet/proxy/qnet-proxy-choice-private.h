/* qnet-proxy-choice-private.h: which proxy a socket or server uses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "proxy/qnet-proxy-dialogue-private.h"

#include "qnet-network-proxy-query.h"

G_BEGIN_DECLS

/* @own: the proxy that was set, or NULL for DEFAULT. FALSE is an error, and never means "none". NULL
 * in @out_proxy (transfer full) means that none is used. May run the program's own factory. */
gboolean qnet_proxy_choose (QnetNetworkProxy       *own,
                            QnetNetworkProxyQuery  *query,
                            QnetNetworkProxy      **out_proxy,
                            GError                **error);

/* Those of @proxies (transfer full) that can do what @query is about. None is an error, but NULL is
 * passed on. */
GList   *qnet_proxy_filter  (GList                  *proxies,
                             QnetNetworkProxyQuery  *query,
                             GError                **error) G_GNUC_WARN_UNUSED_RESULT;

/* "Could not choose a proxy for example.org: ", and @cause (transfer full). */
void     qnet_proxy_take_choice_error (GError                **error,
                                       GError                 *cause,
                                       QnetNetworkProxyQuery  *query);  /* (nullable): unknown */

/* Neither of its own nor of the application's: there is nothing to choose. */
gboolean qnet_proxy_is_none (QnetNetworkProxy *own);

/* For setters: *@own becomes @proxy, NULL for DEFAULT. FALSE: it was that already. */
gboolean qnet_proxy_replace (QnetNetworkProxy      **own,
                             QnetNetworkProxy       *proxy);

G_END_DECLS
