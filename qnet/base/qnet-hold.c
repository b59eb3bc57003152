/* qnet-hold.c: the memory of an object that a handler has disposed
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-hold-private.h"

const QnetEdges qnet_life_edges[] = {
  [QNET_LIFE_ALIVE]    = QNET_TO (QNET_LIFE_DISPOSED),  /* g_object_unref() of the last reference */
  [QNET_LIFE_DISPOSED] = QNET_TO (QNET_LIFE_HELD),      /* ... inside a hold */
  [QNET_LIFE_HELD]     = QNET_TO (QNET_LIFE_DISPOSED),  /* the end of the hold */
};

static void
enter_life (QnetHold *hold,
            QnetLife  life)
{
  QNET_CHECK_EDGE (qnet_life_edges, hold->life, life);

  g_atomic_int_set (&hold->life, life);
}

void
qnet_hold_drop (QnetHold *hold,
                gpointer  object)
{
  enter_life (hold, QNET_LIFE_DISPOSED);
  g_object_unref (object);
}

void
qnet_hold_dispose (QnetHold *hold)
{
  if (!qnet_hold_is_disposed (hold))
    enter_life (hold, QNET_LIFE_DISPOSED);
}

void
qnet_hold_stay (QnetHold *hold,
                gpointer  object)
{
  if (hold->n == 0 || qnet_hold_is_kept (hold))
    return;

  enter_life (hold, QNET_LIFE_HELD);
  g_object_ref (object);
}

/* Several properties may have changed at once, and a handler for the first of them may drop the
 * last reference. While GLib notifies of several it has one of its own, which then is the only
 * one. */
void
qnet_hold_notify (QnetHold      *hold,
                  GObject       *object,
                  GObjectClass  *parent_class,
                  guint          n_pspecs,
                  GParamSpec   **pspecs)
{
  if (qnet_hold_is_disposed (hold))
    return;  /* perhaps in another thread, which has dropped it */

  qnet_hold_begin (hold);
  for (guint i = 0; i < n_pspecs && !qnet_hold_is_disposed (hold); i++)
    {
      if (i > 0 && g_atomic_int_get (&object->ref_count) == 1)
        break;

      parent_class->dispatch_properties_changed (object, 1, pspecs + i);
    }
  qnet_hold_end (hold, object);
}
