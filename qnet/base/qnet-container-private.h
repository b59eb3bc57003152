/* qnet-container-private.h: from an embedded member to its structure
 *
 * Watches, deadlines and the like are embedded in the structures that use them, without allocation.
 * Their callbacks receive the member: CONTAINER_OF() returns the structure that contains it.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The @type that contains @pointer as its @member. */
#define CONTAINER_OF(pointer, type, member) \
  ((type *) (gpointer) ((char *) (pointer) - G_STRUCT_OFFSET (type, member)))

G_END_DECLS
