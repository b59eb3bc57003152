/* virtual-clock.h: a clock that a test moves, with timers and random numbers that it knows
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "service/qnet-service-clock-private.h"

typedef struct
{
  QnetServiceClock  base;
  gint64            now;     /* microseconds */
  GRand            *random;  /* (owned) */
  GSList           *timers;  /* (element-type GSource) (not owned): those that exist */
} VirtualClock;

void     virtual_clock_init    (VirtualClock *self,
                                guint32       seed);
void     virtual_clock_clear   (VirtualClock *self);

/* The next number of @random from 0 to @limit, by which the clock chooses. */
guint32  virtual_clock_choose  (GRand        *random,
                                guint32       limit);

/* Handles all that can happen now. */
void     virtual_clock_settle  (GMainContext *context);

/* The same, and moves to the time of the next timer. FALSE: there is
 * none. */
gboolean virtual_clock_advance (VirtualClock *self,
                                GMainContext *context);
guint    virtual_clock_count   (VirtualClock *self);  /* timers */
