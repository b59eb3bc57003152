/* qnet-host-name-private.h: one form for the many spellings of a host
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-host-address.h"

G_BEGIN_DECLS

/* The address that @name is, in any form that reaches it: as qnet_host_address_from_string() reads
 * it, in the brackets of a URI ("[fe80::1%25eth0]"), with the dot that ends a name, or in the
 * digits of another script. NULL when @name is a name, or none. */
QnetHostAddress *qnet_host_name_to_address   (const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* The one text for all spellings of a host, for comparisons and for keys: of an address its
 * canonical text ("127.1" and "::ffff:127.0.0.1" are "127.0.0.1", "fe80::1%2" is "fe80::1%eth0"),
 * of a name its ASCII form in lower case without the final dot. NULL when @name cannot be the name
 * of a host: it is empty, not UTF-8, has an empty or overlong label, or a character that ends the host
 * of a URI. */
char            *qnet_host_name_canonicalize (const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* Whether both are spellings of one host. What cannot be the name of a host equals nothing. */
gboolean         qnet_host_name_equal        (const char *name,
                                              const char *other);

/* The same, but any text is the same as itself: for the equality of values that have the name of a host. */
gboolean         qnet_host_name_same         (const char *name,
                                              const char *other);

/* "www.example port 80", "[::1] port 80": for people. (transfer full) */
char *qnet_host_name_to_display (const char *name,
                                 guint16     port);

G_END_DECLS
