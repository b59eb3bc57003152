/* qnet-embedded-context.c: a private GMainContext that is iterated by another one
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "loop/qnet-embedded-context-private.h"

#include "base/qnet-reserve-private.h"

/* Milliseconds. A cancelled operation ends at once, unless its thread has not begun yet. */
#define DRAIN_LIMIT 1000

struct _QnetEmbeddedContext
{
  GMainContext *inner;         /* (owned) */
  GSource      *bridge;        /* (owned) (nullable): in the outer loop while held */
  GArray       *bridge_fds;    /* GPollFD: of the bridge; not moved while polled */
  GArray       *queried;       /* GPollFD: of the inner context, from its last query */
  int           max_priority;  /* between prepare and check */
  guint         n_holds;
};

/* The GSource that represents the inner context in the outer loop. */
typedef struct
{
  GSource              source;
  QnetEmbeddedContext *embedded;
} Bridge;

/* An iteration of the inner context. It is acquired for each step only: while it has no owner,
 * OWNERLESS_POLLING lets other threads wake the poll up. */

static void
query (QnetEmbeddedContext *self,
       int                 *timeout)
{
  GArray *fds = self->queried;
  guint n_fds;

  g_main_context_acquire (self->inner);
  g_main_context_prepare (self->inner, &self->max_priority);

  while ((n_fds = g_main_context_query (self->inner, self->max_priority, timeout,
                                        (gpointer) fds->data, fds->len)) > fds->len)
    g_array_set_size (fds, n_fds);

  g_array_set_size (fds, n_fds);
  g_main_context_release (self->inner);
}

static gboolean
check (QnetEmbeddedContext *self,
       GPollFD             *fds,
       guint                n_fds)
{
  gboolean is_ready;

  g_main_context_acquire (self->inner);
  is_ready = g_main_context_check (self->inner, self->max_priority, fds, n_fds);
  g_main_context_release (self->inner);

  return is_ready;
}

/* As thread default, so that operations started by a callback belong to the inner context. */
static void
dispatch (QnetEmbeddedContext *self)
{
  g_main_context_push_thread_default (self->inner);
  g_main_context_dispatch (self->inner);
  g_main_context_pop_thread_default (self->inner);
}

/* The bridge */

static gboolean
has_same_descriptors (QnetEmbeddedContext *self)
{
  if (self->bridge_fds->len != self->queried->len)
    return FALSE;

  for (guint i = 0; i < self->queried->len; i++)
    {
      const GPollFD *old = &g_array_index (self->bridge_fds, GPollFD, i);
      const GPollFD *new = &g_array_index (self->queried, GPollFD, i);

      if (old->fd != new->fd || old->events != new->events)
        return FALSE;
    }

  return TRUE;
}

/* Adding or removing a GPollFD wakes the outer loop up: done in each iteration, the loop would
 * never sleep. */
static void
update_descriptors (QnetEmbeddedContext *self)
{
  if (has_same_descriptors (self))
    return;

  for (guint i = 0; i < self->bridge_fds->len; i++)
    g_source_remove_poll (self->bridge, &g_array_index (self->bridge_fds, GPollFD, i));

  g_array_set_size (self->bridge_fds, 0);
  g_array_append_vals (self->bridge_fds, self->queried->data, self->queried->len);

  for (guint i = 0; i < self->bridge_fds->len; i++)
    g_source_add_poll (self->bridge, &g_array_index (self->bridge_fds, GPollFD, i));
}

/* Never TRUE, even if a source is ready: the outer loop would skip check(), without which the inner
 * context has nothing to dispatch. The timeout is 0 then. */
static gboolean
bridge_prepare (GSource *source,
                int     *timeout)
{
  QnetEmbeddedContext *self = ((Bridge *) source)->embedded;

  query (self, timeout);
  update_descriptors (self);

  return FALSE;
}

static gboolean
bridge_check (GSource *source)
{
  QnetEmbeddedContext *self = ((Bridge *) source)->embedded;

  return check (self, (gpointer) self->bridge_fds->data, self->bridge_fds->len);
}

static gboolean
bridge_dispatch (GSource     *source,
                 GSourceFunc  callback,
                 gpointer     user_data)
{
  dispatch (((Bridge *) source)->embedded);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs bridge_funcs = {
  bridge_prepare,
  bridge_check,
  bridge_dispatch,
  NULL,
  NULL,
  NULL
};

static void
add_bridge (QnetEmbeddedContext *self,
            GMainContext        *outer)
{
  g_array_set_size (self->bridge_fds, 0);

  self->bridge = g_source_new (&bridge_funcs, sizeof (Bridge));
  g_source_set_static_name (self->bridge, "[qnet] embedded context");
  g_source_set_can_recurse (self->bridge, TRUE);
  ((Bridge *) self->bridge)->embedded = self;
  g_source_attach (self->bridge, outer);
}

/* A context that is being destroyed has removed its sources from its list, and destroys each of
 * them. Destroying one earlier would lose the reference that the context holds. */
static void
remove_bridge (QnetEmbeddedContext *self)
{
  if (self->bridge == NULL)
    return;

  if (!g_source_is_destroyed (self->bridge) && g_source_get_context (self->bridge) != NULL)
    g_source_destroy (self->bridge);

  g_clear_pointer (&self->bridge, g_source_unref);
}

/* For the reactor */

QnetEmbeddedContext *
qnet_embedded_context_try_new (int *out_error_number)
{
  return qnet_reserve_can_make_context (out_error_number) ? qnet_embedded_context_new () : NULL;
}

QnetEmbeddedContext *
qnet_embedded_context_new (void)
{
  QnetEmbeddedContext *self = g_new0 (QnetEmbeddedContext, 1);

  self->inner = g_main_context_new_with_flags (G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING);
  self->bridge_fds = g_array_new (FALSE, TRUE, sizeof (GPollFD));
  self->queried = g_array_new (FALSE, TRUE, sizeof (GPollFD));

  return self;
}

void
qnet_embedded_context_free (QnetEmbeddedContext *self)
{
  remove_bridge (self);
  g_main_context_unref (self->inner);
  g_array_unref (self->bridge_fds);
  g_array_unref (self->queried);
  g_free (self);
}

GMainContext *
qnet_embedded_context_get_inner (QnetEmbeddedContext *self)
{
  return self->inner;
}

void
qnet_embedded_context_hold (QnetEmbeddedContext *self,
                            GMainContext        *outer)
{
  self->n_holds++;

  if (self->bridge == NULL && outer != NULL)
    add_bridge (self, outer);
}

void
qnet_embedded_context_release (QnetEmbeddedContext *self)
{
  g_assert (self->n_holds > 0);

  if (--self->n_holds == 0)
    remove_bridge (self);
}

gboolean
qnet_embedded_context_is_held (QnetEmbeddedContext *self)
{
  return self->n_holds > 0;
}

void
qnet_embedded_context_detach (QnetEmbeddedContext *self)
{
  remove_bridge (self);
}

static gboolean
give_up_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_REMOVE;
}

void
qnet_embedded_context_drain (QnetEmbeddedContext *self)
{
  gboolean has_given_up = FALSE;
  GSource *patience;

  if (self->n_holds == 0)
    return;

  g_main_context_push_thread_default (self->inner);

  patience = g_timeout_source_new (DRAIN_LIMIT);
  g_source_set_callback (patience, give_up_cb, &has_given_up, NULL);
  g_source_attach (patience, self->inner);

  while (self->n_holds > 0 && !has_given_up)
    g_main_context_iteration (self->inner, TRUE);

  g_source_destroy (patience);
  g_source_unref (patience);
  g_main_context_pop_thread_default (self->inner);
}

void
qnet_embedded_context_prepare (QnetEmbeddedContext *self,
                               GArray              *fds,
                               int                 *timeout)
{
  int inner_timeout = -1;

  query (self, &inner_timeout);
  g_array_append_vals (fds, self->queried->data, self->queried->len);

  if (inner_timeout >= 0 && (*timeout < 0 || inner_timeout < *timeout))
    *timeout = inner_timeout;
}

void
qnet_embedded_context_dispatch (QnetEmbeddedContext *self,
                                GPollFD             *fds,
                                guint                n_fds)
{
  if (check (self, fds, n_fds))
    dispatch (self);
}
