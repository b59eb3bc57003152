/* allocations.h: counts what qnet's own code allocates
 *
 * For programs that are linked with the option --wrap for each of the functions in allocations.c.
 * What GLib allocates for itself is not seen.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

guint allocations_count (void);
