/* dnsmasq.h: dnsmasq as a name server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

/* Starts it on 127.0.0.1, without a server to forward queries to. @options are more options of it
 * (NULL-terminated). Returns NULL if it is not installed. It ends with the test, at the latest.
 * (transfer full) (nullable) */
GSubprocess *test_dnsmasq_start     (guint16            port,
                                     const char *const *options);
gboolean     test_dnsmasq_has_ended (GSubprocess       *dnsmasq);
void         test_dnsmasq_stop      (GSubprocess       *dnsmasq);  /* (transfer full) */
