/* split-resolver.h: a resolver that is asked for each family apart, and answers when the test does
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#define IPV4 G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY
#define IPV6 G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY

/* Takes the place of the default resolver for the rest of the program. */
void     split_resolver_install    (void);

/* Forgets all answers: from now on no question is answered. */
void     split_resolver_hold       (void);

/* Answers the question for @family, the one that is pending and those to come, with these
 * addresses. */
void     split_resolver_answer     (GResolverNameLookupFlags  family,
                                    const char               *address,
                                    ...) G_GNUC_NULL_TERMINATED;
/* The same: the name has no such address, or the lookup fails for now. */
void     split_resolver_fail       (GResolverNameLookupFlags  family,
                                    GResolverError            code);

/* Questions for @family so far. */
guint    split_resolver_get_n_asked (GResolverNameLookupFlags family);
