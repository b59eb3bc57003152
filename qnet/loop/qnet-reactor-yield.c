/* qnet-reactor-yield.c: leaves an iteration of the loop to sources of lower priority
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "loop/qnet-reactor-private.h"

#include "loop/qnet-reactor-backend-private.h"

/* How long other sources of the reactor's priority that are always ready can keep it waiting: both
 * that many microseconds and iterations, since on a busy machine time passes without any. */
#define MAX_YIELD        (16 * 1000)
#define MIN_N_ITERATIONS 4

/* A source of the next lower priority, which is never ready. GLib checks sources in the order of
 * their priorities, and does not check those below a source that is ready. So if this one is
 * checked, nothing of the reactor's priority is ready, and this iteration dispatches sources of
 * lower priority, however low it is. If another source of the reactor's priority takes the
 * iteration, this one is not checked. */
typedef struct
{
  GSource      source;
  QnetReactor *reactor;  /* (not owned): it removes this source before it is freed */
} Yield;

static void
end_yield (QnetReactor *reactor)
{
  reactor->yields = FALSE;
  reactor->worked = 0;
}

static gboolean
yield_check (GSource *source)
{
  Yield *yield = (Yield *) source;

  if (yield->reactor->yields)
    end_yield (yield->reactor);

  return FALSE;
}

static GSourceFuncs yield_funcs = {
  NULL,
  yield_check,
  NULL,
  NULL,
  NULL,
  NULL
};

static void
add_source (QnetReactor *reactor)
{
  reactor->yield = g_source_new (&yield_funcs, sizeof (Yield));
  ((Yield *) reactor->yield)->reactor = reactor;

  g_source_set_static_name (reactor->yield, "[qnet] yield");
  g_source_set_priority (reactor->yield, g_source_get_priority (&reactor->source) + 1);
  g_source_attach (reactor->yield, qnet_reactor_get_context (reactor));
}

/* A context that is being destroyed destroys each of its sources itself. */
void
qnet_reactor_remove_yield (QnetReactor *reactor)
{
  g_autoptr(GSource) yield = g_steal_pointer (&reactor->yield);

  reactor->yields = FALSE;

  if (yield != NULL && !g_source_is_destroyed (yield) && g_source_get_context (yield) != NULL)
    g_source_destroy (yield);
}

/* A handler may have freed the context. */
void
qnet_reactor_begin_yield (QnetReactor *reactor)
{
  if (qnet_reactor_is_orphan (reactor))
    return;

  if (reactor->yield == NULL)
    add_source (reactor);

  reactor->yields = TRUE;
  reactor->n_yielded = 0;
  reactor->yield_until = qnet_clock_now () + MAX_YIELD;
}

gboolean
qnet_reactor_continue_yield (QnetReactor *reactor)
{
  if (reactor->n_yielded++ >= MIN_N_ITERATIONS && qnet_clock_now () >= reactor->yield_until)
    end_yield (reactor);

  return reactor->yields;
}
