/* qnet-service-clock-private.h: the time, timers and random numbers, which tests replace
 *
 * What waits for minutes asks a clock. That of the system is the default. A test brings one whose
 * time it moves itself, and whose random numbers it knows.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _QnetServiceClock QnetServiceClock;

struct _QnetServiceClock
{
  /* Microseconds, never fewer than before. */
  gint64   (*get_time)     (const QnetServiceClock *self);
  /* A source that is dispatched at @time, or in the next iteration if that is over (transfer full).
   * It is not attached. */
  GSource *(*create_timer) (const QnetServiceClock *self,
                            gint64                  time);
  /* From 0 to @limit, each as likely as the others. */
  guint32  (*get_random)   (const QnetServiceClock *self,
                            guint32                 limit);
};

/* That of the system. */
const QnetServiceClock *qnet_service_clock_get (void);

G_END_DECLS
