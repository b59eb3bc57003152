/* split-resolver.c: a resolver that is asked for each family apart, and answers when the test does
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/split-resolver.h"

#define SPLIT_TYPE_RESOLVER (split_resolver_get_type ())
G_DECLARE_FINAL_TYPE (SplitResolver, split_resolver, SPLIT, RESOLVER, GResolver)

struct _SplitResolver
{
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (SplitResolver, split_resolver, G_TYPE_RESOLVER)

/* The question for one family, and its answer. */
typedef struct
{
  GTask     *pending;    /* (owned) (nullable) */
  GPtrArray *addresses;  /* (owned) (nullable): texts */
  GError    *failure;    /* (owned) (nullable) */
  guint      n_asked;
} Family;

static Family families[IPV6 + 1];

static void
free_addresses (gpointer addresses)
{
  g_resolver_free_addresses (addresses);
}

static GList *
copy_addresses (Family *family)
{
  GList *list = NULL;

  for (guint i = 0; i < family->addresses->len; i++)
    list = g_list_append (list, g_inet_address_new_from_string (family->addresses->pdata[i]));

  return list;
}

static void
answer_pending (Family *family)
{
  g_autoptr(GTask) task = NULL;

  if (family->pending == NULL || (family->addresses == NULL && family->failure == NULL))
    return;

  task = g_steal_pointer (&family->pending);

  if (family->failure != NULL)
    g_task_return_error (task, g_error_copy (family->failure));
  else
    g_task_return_pointer (task, copy_addresses (family), free_addresses);
}

static void
cancelled_cb (GCancellable *cancellable,
              Family       *family)
{
  g_autoptr(GTask) task = g_steal_pointer (&family->pending);

  if (task != NULL)
    g_task_return_error_if_cancelled (task);
}

static void
lookup_async (GResolver                *resolver,
              const char               *hostname,
              GResolverNameLookupFlags  flags,
              GCancellable             *cancellable,
              GAsyncReadyCallback       callback,
              gpointer                  user_data)
{
  Family *family = &families[flags];

  g_assert_null (family->pending);
  family->pending = g_task_new (resolver, cancellable, callback, user_data);
  family->n_asked++;
  g_signal_connect (cancellable, "cancelled", G_CALLBACK (cancelled_cb), family);
  answer_pending (family);
}

static GList *
lookup_finish (GResolver     *resolver,
               GAsyncResult  *result,
               GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
split_resolver_class_init (SplitResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name_with_flags_async = lookup_async;
  resolver_class->lookup_by_name_with_flags_finish = lookup_finish;
}

static void
split_resolver_init (SplitResolver *self)
{
}

void
split_resolver_install (void)
{
  g_autoptr(GResolver) resolver = g_object_new (SPLIT_TYPE_RESOLVER, NULL);

  g_resolver_set_default (resolver);
}

static void
forget_answer (Family *family)
{
  g_clear_pointer (&family->addresses, g_ptr_array_unref);
  g_clear_error (&family->failure);
}

/* Clears the caches that contain a former answer. */
void
split_resolver_hold (void)
{
  g_autoptr(GResolver) resolver = g_resolver_get_default ();

  g_signal_emit_by_name (resolver, "reload");
  forget_answer (&families[IPV4]);
  forget_answer (&families[IPV6]);
}

void
split_resolver_answer (GResolverNameLookupFlags  flags,
                       const char               *address,
                       ...)
{
  Family *family = &families[flags];
  va_list arguments;

  forget_answer (family);
  family->addresses = g_ptr_array_new_with_free_func (g_free);

  va_start (arguments, address);
  for (; address != NULL; address = va_arg (arguments, const char *))
    g_ptr_array_add (family->addresses, g_strdup (address));
  va_end (arguments);

  answer_pending (family);
}

void
split_resolver_fail (GResolverNameLookupFlags flags,
                     GResolverError           code)
{
  Family *family = &families[flags];

  forget_answer (family);
  family->failure = g_error_new_literal (G_RESOLVER_ERROR, code, "The test says so");
  answer_pending (family);
}

guint
split_resolver_get_n_asked (GResolverNameLookupFlags flags)
{
  return families[flags].n_asked;
}
