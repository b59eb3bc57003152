/* resolver.h: a resolver whose answers the test sets
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

/* Takes the place of the default resolver for the rest of the program. Finds nothing at first. */
void  test_resolver_install    (void);

/* From now on every name has these addresses, in this order. */
void  test_resolver_answer     (const char *address,
                                ...) G_GNUC_NULL_TERMINATED;

/* From now on no name is found. */
void  test_resolver_fail       (void);

/* From now on there is no answer until the lookup is cancelled. */
void  test_resolver_hang       (void);

guint test_resolver_get_n_asked (void);  /* lookups since install, answered or not */
