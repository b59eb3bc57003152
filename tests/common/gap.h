/* gap.h: how long the main loop is blocked
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

typedef struct
{
  guint  source_id;
  guint  n_turns;
  gint64 last;     /* monotonic microseconds */
  gint64 longest;  /* microseconds */
} TestGap;

/* Measures between two turns of the default main context; it is never idle then. */
void test_gap_begin (TestGap *self);

/* Asserts that the longest one is shorter than the time that a blocking lookup would wait for a
 * name server. */
void test_gap_end   (TestGap *self);
