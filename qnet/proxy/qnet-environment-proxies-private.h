/* qnet-environment-proxies-private.h: the system's proxies
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* GIO's default resolver; where that one knows of no settings, the environment's. */
GProxyResolver *qnet_system_proxies_new      (void);

/* What @environment (as g_get_environ() gives it) says in all_proxy, http_proxy, https_proxy,
 * ftp_proxy and no_proxy. */
GProxyResolver *qnet_environment_proxies_new (char **environment);

G_END_DECLS
