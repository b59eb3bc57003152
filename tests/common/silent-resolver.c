/* silent-resolver.c: a resolver that finds no name
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/silent-resolver.h"

#define SILENT_TYPE_RESOLVER (silent_resolver_get_type ())
G_DECLARE_FINAL_TYPE (SilentResolver, silent_resolver, SILENT, RESOLVER, GResolver)

struct _SilentResolver
{
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (SilentResolver, silent_resolver, G_TYPE_RESOLVER)

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  g_task_return_error_if_cancelled (G_TASK (user_data));

  return G_SOURCE_REMOVE;
}

static void
silent_resolver_lookup_by_name_async (GResolver           *resolver,
                                      const char          *name,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (resolver, cancellable, callback, user_data);
  g_autoptr(GSource) source = NULL;

  if (!g_str_equal (name, "silent.test"))
    {
      g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no such name");
      return;
    }

  source = g_cancellable_source_new (cancellable);
  g_task_attach_source (task, source, G_SOURCE_FUNC (cancelled_cb));
}

static GList *
silent_resolver_lookup_by_name_finish (GResolver     *resolver,
                                       GAsyncResult  *result,
                                       GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
silent_resolver_class_init (SilentResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name_async = silent_resolver_lookup_by_name_async;
  resolver_class->lookup_by_name_finish = silent_resolver_lookup_by_name_finish;
}

static void
silent_resolver_init (SilentResolver *self)
{
}

GResolver *
silent_resolver_install (void)
{
  GResolver *previous = g_resolver_get_default ();
  g_autoptr(GResolver) resolver = g_object_new (SILENT_TYPE_RESOLVER, NULL);

  g_resolver_set_default (resolver);

  return previous;
}

void
silent_resolver_remove (GResolver *previous)
{
  g_resolver_set_default (previous);
  g_object_unref (previous);
}
