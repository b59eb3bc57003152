/* qnet-environment-proxies-private.h: the system's proxy settings
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A resolver for the environment variables or, if none is set, GIO's default resolver. (transfer
 * full) */
GProxyResolver *qnet_system_proxies_new      (void);

/* A resolver for the variables all_proxy, http_proxy, https_proxy, ftp_proxy and no_proxy in
 * @environment, which is in the form of g_get_environ(). (transfer full) */
GProxyResolver *qnet_environment_proxies_new (char **environment);

G_END_DECLS
