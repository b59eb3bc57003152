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
                            QnetProxyCommand        command,
                            QnetNetworkProxyQuery  *query,
                            QnetNetworkProxy      **out_proxy,
                            GError                **error);

/* Neither of its own nor of the application's: there is nothing to choose. */
gboolean qnet_proxy_is_none (QnetNetworkProxy *own);

/* For setters: *@own becomes @proxy, NULL for DEFAULT. FALSE: it was that already. */
gboolean qnet_proxy_replace (QnetNetworkProxy      **own,
                             QnetNetworkProxy       *proxy);

G_END_DECLS
