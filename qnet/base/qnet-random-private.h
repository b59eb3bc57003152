/* qnet-random-private.h: unpredictable bytes
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Fills @buffer with at most 256 random bytes that a peer cannot predict. On a system without
 * getentropy() they are those of g_random_int(). */
void qnet_random_fill (gpointer buffer,
                       gsize    size);

G_END_DECLS
