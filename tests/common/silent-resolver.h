/* silent-resolver.h: a resolver that finds no name
 *
 * "silent.test" is never answered, until it is cancelled; any other name is unknown.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

/* Makes it the default one; returns the one before, for remove(). */
GResolver *silent_resolver_install (void);
void       silent_resolver_remove  (GResolver *previous);  /* (transfer full) */
