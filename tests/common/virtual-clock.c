/* virtual-clock.c: a clock that a test moves, with timers and random numbers that it knows
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/virtual-clock.h"

typedef struct
{
  GSource       base;
  VirtualClock *clock;
  gint64        time;
} Timer;

static gboolean
prepare (GSource *source,
         int     *timeout)
{
  Timer *timer = (Timer *) source;

  *timeout = -1;

  return timer->clock->now >= timer->time;
}

static gboolean
check (GSource *source)
{
  Timer *timer = (Timer *) source;

  return timer->clock->now >= timer->time;
}

static gboolean
dispatch (GSource     *source,
          GSourceFunc  callback,
          gpointer     user_data)
{
  return callback (user_data);
}

static void
finalize (GSource *source)
{
  VirtualClock *clock = ((Timer *) source)->clock;

  clock->timers = g_slist_remove (clock->timers, source);
}

static GSourceFuncs funcs = { prepare, check, dispatch, finalize, NULL, NULL };

static gint64
get_time (const QnetServiceClock *clock)
{
  return ((const VirtualClock *) clock)->now;
}

static GSource *
create_timer (const QnetServiceClock *clock,
              gint64                  time)
{
  VirtualClock *self = (VirtualClock *) clock;
  Timer *timer = (Timer *) g_source_new (&funcs, sizeof (Timer));

  timer->clock = self;
  timer->time = time;
  self->timers = g_slist_prepend (self->timers, timer);

  return &timer->base;
}

guint32
virtual_clock_choose (GRand   *random,
                      guint32  limit)
{
  return g_rand_int (random) % (limit + 1);
}

static guint32
get_random (const QnetServiceClock *clock,
            guint32                 limit)
{
  return virtual_clock_choose (((const VirtualClock *) clock)->random, limit);
}

void
virtual_clock_init (VirtualClock *self,
                    guint32       seed)
{
  self->base = (QnetServiceClock) { get_time, create_timer, get_random };
  self->now = 1000;
  self->random = g_rand_new_with_seed (seed);
  self->timers = NULL;
}

void
virtual_clock_clear (VirtualClock *self)
{
  g_assert_null (self->timers);
  g_rand_free (self->random);
}

static Timer *
find_next (VirtualClock *self)
{
  Timer *next = NULL;

  for (GSList *each = self->timers; each != NULL; each = each->next)
    {
      Timer *timer = each->data;

      if (!g_source_is_destroyed (&timer->base) && (next == NULL || timer->time < next->time))
        next = timer;
    }

  return next;
}

/* A reactor that was busy for some time leaves one iteration to the others. */
void
virtual_clock_settle (GMainContext *context)
{
  guint n_idle = 0;

  while (n_idle < 3)
    n_idle = g_main_context_iteration (context, FALSE) ? 0 : n_idle + 1;
}

gboolean
virtual_clock_advance (VirtualClock *self,
                       GMainContext *context)
{
  Timer *next;

  virtual_clock_settle (context);
  next = find_next (self);
  if (next == NULL)
    return FALSE;

  self->now = MAX (self->now, next->time);

  return TRUE;
}

guint
virtual_clock_count (VirtualClock *self)
{
  guint n = 0;

  for (GSList *each = self->timers; each != NULL; each = each->next)
    if (!g_source_is_destroyed (each->data))
      n++;

  return n;
}
