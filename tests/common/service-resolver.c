/* service-resolver.c: a resolver for services whose hosts the test sets
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/service-resolver.h"

#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver
{
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static GList *services = NULL;      /* (owned): of GSrvTarget */
static GError *service_failure = NULL;  /* (owned) (nullable) */
static gboolean hangs = FALSE;      /* services are not answered until they are cancelled */
static char *asked = NULL;          /* (owned) (nullable): the last service that was asked for */

static void
lookup_by_name_async (GResolver           *resolver,
                      const char          *hostname,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (resolver, cancellable, callback, user_data);
  g_autofree char *text = g_strdup_printf ("127.0.0.%c", hostname[1]);

  if (*hostname == 'a')
    g_task_return_pointer (task, g_list_prepend (NULL, g_inet_address_new_from_string (text)),
                           NULL);
  else
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND,
                             "There is no host %s", hostname);
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
lookup_service_async (GResolver           *resolver,
                      const char          *rrname,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (resolver, cancellable, callback, user_data);

  g_free (asked);
  asked = g_strdup (rrname);

  if (hangs)
    g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (cancelled_cb),
                           g_object_ref (task), (GClosureNotify) (GCallback) g_object_unref, 0);
  else if (service_failure != NULL)
    g_task_return_error (task, g_error_copy (service_failure));
  else
    g_task_return_pointer (task, g_list_copy_deep (services, (GCopyFunc) (GCallback)
                                                             g_srv_target_copy, NULL), NULL);
}

static GList *
lookup_finish (GResolver     *resolver,
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
  resolver_class->lookup_by_name_finish = lookup_finish;
  resolver_class->lookup_service_async = lookup_service_async;
  resolver_class->lookup_service_finish = lookup_finish;
}

static void
test_resolver_init (TestResolver *self)
{
}

void
service_resolver_install (void)
{
  g_autoptr(GResolver) resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);

  g_resolver_set_default (resolver);
}

void
service_resolver_clear (void)
{
  g_resolver_free_targets (services);
  services = NULL;
  g_clear_error (&service_failure);
  hangs = FALSE;
}

void
service_resolver_add (const char *host,
                      guint16     port)
{
  services = g_list_append (services, g_srv_target_new (host, port, 0, 0));
}

void
service_resolver_fail (const char *reason)
{
  service_failure = g_error_new_literal (G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, reason);
}

void
service_resolver_hang (void)
{
  hangs = TRUE;
}

const char *
service_resolver_get_asked (void)
{
  return asked;
}
