/* qnet-spared-hosts-private.h: the hosts of no_proxy, and those that are this machine
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _QnetSparedHosts QnetSparedHosts;

/* @list: names, which stand for all below them, too; addresses; networks ("10.0.0.0/8"); each
 * perhaps with a port; "*". What is none of these spares nothing. */
QnetSparedHosts *qnet_spared_hosts_new     (const char      *list) G_GNUC_WARN_UNUSED_RESULT;
void             qnet_spared_hosts_free    (QnetSparedHosts *self);

/* In any spelling. @port: -1 when it is unknown */
gboolean         qnet_spared_hosts_contain (QnetSparedHosts *self,
                                            const char      *host,
                                            int              port);

/* Whether @host, in any spelling, is a name or an address of this machine. */
gboolean         qnet_host_is_this_machine (const char      *host);

G_END_DECLS
