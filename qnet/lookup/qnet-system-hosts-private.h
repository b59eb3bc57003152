/* qnet-system-hosts-private.h: what decides for which family of addresses the system is asked
 *
 * Both read the system, and may block for as long as that takes: they are called in the threads of
 * the lookups.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "qnet-enums.h"

G_BEGIN_DECLS

/* Whether a line of the hosts file has @name, with an address of either family. */
gboolean qnet_hosts_file_has_name  (const char               *name);
/* The same for the text of such a file. */
gboolean qnet_hosts_text_has_name  (const char               *text,
                                    const char               *name);

/* AI_ADDRCONFIG of getaddrinfo() for one family: FALSE if this machine has addresses of the other
 * family alone. Those of the loopback interface do not count. */
gboolean qnet_has_addresses_for    (QnetNetworkLayerProtocol  protocol);

G_END_DECLS
