/* gap.c: how long the main loop is blocked
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/gap.h"

#include <string.h>

#define LIMIT (5 * G_USEC_PER_SEC)  /* the timeout of a name server in resolv.conf(5) */

static gboolean
turn_cb (gpointer user_data)
{
  TestGap *self = user_data;
  gint64 now = g_get_monotonic_time ();

  self->longest = MAX (self->longest, now - self->last);
  self->last = now;
  self->n_turns++;

  return G_SOURCE_CONTINUE;
}

/* valgrind runs one thread at a time, many times slower: a hundred new threads delay the others. */
static gint64
get_limit (void)
{
  const char *preloaded = g_getenv ("LD_PRELOAD");

  return preloaded != NULL && strstr (preloaded, "vgpreload") != NULL ? 10 * LIMIT : LIMIT;
}

void
test_gap_begin (TestGap *self)
{
  self->n_turns = 0;
  self->longest = 0;
  self->last = g_get_monotonic_time ();
  self->source_id = g_idle_add_full (G_PRIORITY_DEFAULT, turn_cb, self, NULL);
}

void
test_gap_end (TestGap *self)
{
  g_source_remove (self->source_id);
  g_test_message ("longest gap between two of %u turns of the loop: %.1f ms", self->n_turns,
                  self->longest / 1000.0);
  g_assert_cmpint (self->longest, <, get_limit ());
}
