/* qnet-host-name-private.h: the canonical form of host names and addresses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-host-address.h"

G_BEGIN_DECLS

/* Parses @name as an address: as qnet_host_address_from_string() does, in the brackets of a URI
 * ("[fe80::1%25eth0]"), with a final dot, or in the digits of another script. NULL if @name is not
 * an address. */
QnetHostAddress *qnet_host_name_to_address   (const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* The canonical form of a host, for comparisons and as a key. For an address it is its canonical
 * text ("127.1" and "::ffff:127.0.0.1" are "127.0.0.1", "fe80::1%2" is "fe80::1%eth0"); for a name
 * it is its ASCII form in lower case, without the final dot. NULL if @name is not a valid host
 * name: it is empty or not UTF-8, has an empty label or one that is too long, or contains a
 * character that ends the host of a URI. */
char            *qnet_host_name_canonicalize (const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* The name by which TLS identifies a host (RFC 9525, section 2): its canonical form, but an address
 * has no scope, which only this machine knows. NULL if @name is not a valid host name. */
char            *qnet_host_name_to_identity  (const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* The same for the names that a certificate is for: "*." before a name is any label. NULL if
 * @pattern is not valid. */
char            *qnet_host_name_to_pattern   (const char *pattern) G_GNUC_WARN_UNUSED_RESULT;

/* Returns whether both are the same host in canonical form. An invalid host name is not equal to
 * anything. */
gboolean         qnet_host_name_equal        (const char *name,
                                              const char *other);

/* The same, but identical texts are equal even if they are invalid. For comparing values that
 * contain a host name. */
gboolean         qnet_host_name_same         (const char *name,
                                              const char *other);

/* "www.example port 80", "[::1] port 80": an end point in error messages. (transfer full) */
char *qnet_host_name_to_display (const char *name,
                                 guint16     port);

G_END_DECLS
