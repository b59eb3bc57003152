/* resolver.c: a resolver whose answers the test sets
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/resolver.h"

#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver
{
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static GPtrArray *answer = NULL;  /* of texts; empty: not found */
static gboolean hangs = FALSE;
static int n_asked = 0;           /* atomic */

static GList *
copy_answer (void)
{
  GList *list = NULL;

  for (guint i = 0; i < answer->len; i++)
    list = g_list_append (list, g_inet_address_new_from_string (g_ptr_array_index (answer, i)));

  return list;
}

static void
free_addresses (gpointer addresses)
{
  g_resolver_free_addresses (addresses);
}

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  g_autoptr(GTask) task = g_object_ref (G_TASK (user_data));

  g_signal_handlers_disconnect_by_data (cancellable, task);
  g_task_return_error_if_cancelled (task);
}

static void
lookup_by_name_async (GResolver           *resolver,
                      const char          *hostname,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (resolver, cancellable, callback, user_data);

  g_atomic_int_inc (&n_asked);

  if (hangs)
    g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (cancelled_cb),
                           g_object_ref (task), (GClosureNotify) (GCallback) g_object_unref, 0);
  else if (answer->len == 0)
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND,
                             "There is no host %s", hostname);
  else
    g_task_return_pointer (task, copy_answer (), free_addresses);
}

static GList *
lookup_by_name_finish (GResolver     *resolver,
                       GAsyncResult  *result,
                       GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name_async = lookup_by_name_async;
  resolver_class->lookup_by_name_finish = lookup_by_name_finish;
}

static void
test_resolver_init (TestResolver *self)
{
}

/* Clears the caches that contain a former answer. */
static void
forget (void)
{
  g_autoptr(GResolver) resolver = g_resolver_get_default ();

  g_signal_emit_by_name (resolver, "reload");
}

void
test_resolver_install (void)
{
  g_autoptr(GResolver) resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);

  if (answer == NULL)
    answer = g_ptr_array_new_with_free_func (g_free);

  g_resolver_set_default (resolver);
}

void
test_resolver_answer (const char *address,
                      ...)
{
  va_list arguments;

  test_resolver_fail ();

  va_start (arguments, address);
  for (; address != NULL; address = va_arg (arguments, const char *))
    g_ptr_array_add (answer, g_strdup (address));
  va_end (arguments);
}

void
test_resolver_fail (void)
{
  forget ();
  hangs = FALSE;
  g_ptr_array_set_size (answer, 0);
}

void
test_resolver_hang (void)
{
  forget ();
  hangs = TRUE;
}

guint
test_resolver_get_n_asked (void)
{
  return (guint) g_atomic_int_get (&n_asked);
}
