/* qnet-service-clock.c: the clock of the system
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "service/qnet-service-clock-private.h"

#include "base/qnet-random-private.h"

static gint64
get_time (const QnetServiceClock *clock)
{
  return g_get_monotonic_time ();
}

static gboolean
dispatch_timer (GSource     *source,
                GSourceFunc  callback,
                gpointer     user_data)
{
  return callback (user_data);
}

static GSourceFuncs timer_funcs = { .dispatch = dispatch_timer };

static GSource *
create_timer (const QnetServiceClock *clock,
              gint64                  time)
{
  GSource *timer = g_source_new (&timer_funcs, sizeof (GSource));

  g_source_set_ready_time (timer, time);

  return timer;
}

/* 64 random bits, so that what the remainder prefers cannot be measured. */
static guint32
get_random (const QnetServiceClock *clock,
            guint32                 limit)
{
  guint64 bits;

  qnet_random_fill (&bits, sizeof bits);

  return (guint32) (bits % ((guint64) limit + 1));
}

static const QnetServiceClock system_clock = { get_time, create_timer, get_random };

const QnetServiceClock *
qnet_service_clock_get (void)
{
  return &system_clock;
}
