/* qnet-hold-private.h: the memory of an object that a handler has disposed
 *
 * What emits, or calls a function that may, holds its object from its first line on. A hold is no
 * reference: if a handler drops the last one, the object is disposed there and then, and emits
 * nothing any more. Only its memory remains until the end of the last hold, since dispose() takes a
 * reference that hold drops.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

#include "base/qnet-state-machine-private.h"

G_BEGIN_DECLS

/* The GObject. */
typedef enum /*< skip >*/
{
  QNET_LIFE_ALIVE,
  QNET_LIFE_DISPOSED,  /* dispose has begun: nothing is emitted any more */
  QNET_LIFE_HELD       /* ... inside a hold, whose end drops a reference of the object to itself */
} QnetLife;

/* A member of the object; all zero at first. */
typedef struct
{
  guint n;     /* holds that have not ended, perhaps nested */
  gint  life;  /* (atomic): QnetLife */
} QnetHold;

extern const QnetEdges qnet_life_edges[];

static inline void
qnet_hold_begin (QnetHold *hold)
{
  hold->n++;
}

/* Whether the end of the last hold drops a reference. */
static inline gboolean
qnet_hold_is_kept (const QnetHold *hold)
{
  return g_atomic_int_get (&hold->life) == QNET_LIFE_HELD;
}

/* For qnet_hold_end(): drops that reference. */
void qnet_hold_drop    (QnetHold      *hold,
                        gpointer       object);

/* @object may be finalized in it. */
static inline void
qnet_hold_end (QnetHold *hold,
               gpointer  object)
{
  hold->n--;
  if (G_UNLIKELY (qnet_hold_is_kept (hold) && hold->n == 0))
    qnet_hold_drop (hold, object);
}

/* The first statement of dispose(). */
void qnet_hold_dispose (QnetHold      *hold);
/* For dispose(), behind it: takes a reference to @object, if it is held. */
void qnet_hold_stay    (QnetHold      *hold,
                        gpointer       object);

/* For dispatch_properties_changed(), whose arguments are those that follow @hold, except for that
 * of the parent class, which is called. */
void qnet_hold_notify  (QnetHold      *hold,
                        GObject       *object,
                        GObjectClass  *parent_class,
                        guint          n_pspecs,
                        GParamSpec   **pspecs);

/* Nothing is emitted any more. */
static inline gboolean
qnet_hold_is_disposed (const QnetHold *hold)
{
  return g_atomic_int_get (&hold->life) != QNET_LIFE_ALIVE;
}

G_END_DECLS
