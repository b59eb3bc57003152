/* qnet-proxy-exceptions-private.h: hosts that are reached without a proxy: those of no_proxy, and
 * this machine
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _QnetProxyExceptions QnetProxyExceptions;

/* Parses the value of no_proxy: names, which include their subdomains, addresses and networks
 * ("10.0.0.0/8"), each with an optional port; or "*". Invalid entries are ignored. (transfer
 * full) */
QnetProxyExceptions *qnet_proxy_exceptions_new      (const char          *list)
                                                    G_GNUC_WARN_UNUSED_RESULT;
void                 qnet_proxy_exceptions_free     (QnetProxyExceptions *self);

/* @host is in any form. @port is -1 if it is unknown. */
gboolean             qnet_proxy_exceptions_contain  (QnetProxyExceptions *self,
                                                     const char          *host,
                                                     int                  port);

/* Returns whether @host, in any form, is a name or an address of this machine. */
gboolean             qnet_host_is_this_machine      (const char          *host);

G_END_DECLS
