/* qnet-lookup.c: the look-up of a name for whoever connects
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-lookup-private.h"

#include <errno.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-reserve-private.h"
#include "lookup/qnet-host-cache-private.h"

/* It can outlive whoever wants to know: cancelled, it still calls back. */
struct _QnetLookup
{
  QnetWatch    *watch;        /* (nullable): NULL once nobody wants to know */
  QnetReactor  *reactor;      /* (owned): its private context is held until the callback */
  GCancellable *cancellable;  /* (owned) */
  QnetHostInfo *info;         /* (owned) (nullable) */
  GError       *error;        /* (owned) (nullable) */
  gboolean      is_pending;   /* the callback is still to come */
};

static void
lookup_clear (QnetLookup *self)
{
  qnet_reactor_unref (self->reactor);
  g_object_unref (self->cancellable);
  g_clear_pointer (&self->info, qnet_host_info_unref);
  g_clear_error (&self->error);
}

static void
lookup_unref (QnetLookup *self)
{
  g_rc_box_release_full (self, (GDestroyNotify) lookup_clear);
}

/* Runs in the private context, and so only takes down what happened. */
static void
looked_up_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  QnetLookup *self = user_data;

  self->info = qnet_host_info_lookup_host_finish (result, &self->error);
  self->is_pending = FALSE;
  qnet_reactor_release_embedded_context (self->reactor);

  if (self->watch != NULL)
    qnet_watch_defer (self->watch);

  lookup_unref (self);
}

/* Interface */

QnetLookup *
qnet_lookup_new (const char *host,
                 QnetWatch  *watch)
{
  QnetLookup *self = g_rc_box_new0 (QnetLookup);
  int error_number;

  self->watch = watch;
  self->reactor = qnet_reactor_ref (watch->set->reactor);
  self->cancellable = g_cancellable_new ();

  if (!qnet_reactor_make_embedded_context (self->reactor, &error_number)
      || !qnet_reserve_can_make_task (&error_number))
    {
      qnet_set_error_from_errno (&self->error, error_number, _("Could not look up “%s”"), host);
      qnet_watch_defer (watch);
      return self;
    }

  self->is_pending = TRUE;
  qnet_reactor_hold_embedded_context (self->reactor);
  qnet_reactor_push_embedded_context (self->reactor);
  qnet_host_info_lookup_host_async (host, self->cancellable, looked_up_cb, g_rc_box_acquire (self));
  qnet_reactor_pop_embedded_context (self->reactor);

  return self;
}

QnetHostInfo *
qnet_lookup_finish (QnetLookup  *self,
                    GError     **error)
{
  QnetHostInfo *info = g_steal_pointer (&self->info);

  g_assert (!self->is_pending);

  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));

  self->watch = NULL;
  lookup_unref (self);

  return info;
}

/* In a forked child the thread that looks up does not exist, and may have left locks taken. No loop
 * runs the private context of a detached reactor after us: the callback comes now or never. */
void
qnet_lookup_cancel (QnetLookup *self)
{
  self->watch = NULL;

  if (self->is_pending && !qnet_reactor_is_forked (self->reactor))
    {
      g_cancellable_cancel (self->cancellable);

      if (qnet_reactor_is_detached (self->reactor))
        qnet_reactor_drain_embedded_context (self->reactor);
    }

  lookup_unref (self);
}

void
qnet_lookup_forget (const char *host)
{
  qnet_host_cache_forget (host);
}
