/* test-host-info.c: the addresses of a name
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

/* A resolver that knows a few names, and remembers what it was asked last. */

#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver
{
  GResolver  parent_instance;

  char      *asked;  /* (owned) (nullable): since the last test began */
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static const struct
{
  const char *name;
  const char *addresses[8];
} known_names[] = {
  { "one.test",                { "192.0.2.1" } },
  { "many.test",               { "2001:db8::2", "192.0.2.1", "2001:db8::2", "192.0.2.9",
                                 "::ffff:192.0.2.1", "192.0.2.1" } },
  { "xn--mnchen-3ya.test",     { "192.0.2.3" } },
  { "nothing.test",            { NULL } },
};

static GList *
answer (TestResolver  *self,
        const char    *host_name,
        GError       **error)
{
  GList *addresses = NULL;

  g_free (self->asked);
  self->asked = g_strdup (host_name);

  for (gsize i = 0; i < G_N_ELEMENTS (known_names); i++)
    {
      if (g_strcmp0 (known_names[i].name, host_name) != 0)
        continue;

      for (gsize k = 0; known_names[i].addresses[k] != NULL; k++)
        addresses = g_list_append (addresses,
                                   g_inet_address_new_from_string (known_names[i].addresses[k]));

      return addresses;
    }

  g_set_error_literal (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "never heard of it");

  return NULL;
}

static GList *
test_resolver_lookup_by_name (GResolver     *resolver,
                              const char    *host_name,
                              GCancellable  *cancellable,
                              GError       **error)
{
  return answer (TEST_RESOLVER (resolver), host_name, error);
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  g_task_return_error_if_cancelled (G_TASK (user_data));

  return G_SOURCE_REMOVE;
}

static void
free_addresses (gpointer addresses)
{
  g_resolver_free_addresses (addresses);
}

static void
test_resolver_lookup_by_name_async (GResolver           *resolver,
                                    const char          *host_name,
                                    GCancellable        *cancellable,
                                    GAsyncReadyCallback  callback,
                                    gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (resolver, cancellable, callback, user_data);
  GError *error = NULL;
  GList *addresses;

  if (g_strcmp0 (host_name, "silent.test") == 0)
    {
      g_autoptr(GSource) source = g_cancellable_source_new (cancellable);

      g_task_attach_source (task, source, G_SOURCE_FUNC (cancelled_cb));
      return;
    }

  addresses = answer (TEST_RESOLVER (resolver), host_name, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, addresses, free_addresses);
}

static GList *
test_resolver_lookup_by_name_finish (GResolver     *resolver,
                                     GAsyncResult  *result,
                                     GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_resolver_finalize (GObject *object)
{
  g_free (TEST_RESOLVER (object)->asked);

  G_OBJECT_CLASS (test_resolver_parent_class)->finalize (object);
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = test_resolver_finalize;
  resolver_class->lookup_by_name = test_resolver_lookup_by_name;
  resolver_class->lookup_by_name_async = test_resolver_lookup_by_name_async;
  resolver_class->lookup_by_name_finish = test_resolver_lookup_by_name_finish;
}

static void
test_resolver_init (TestResolver *self)
{
}

/* The two ways to ask, which shall not differ in what they answer */

typedef QnetHostInfo * (*LookUp) (const char    *name,
                                  GCancellable  *cancellable,
                                  GError       **error);

typedef struct
{
  TestResolver *resolver;  /* (owned) */
  GResolver    *previous;  /* (owned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->previous = g_resolver_get_default ();
  fixture->resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);
  g_resolver_set_default (G_RESOLVER (fixture->resolver));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_resolver_set_default (fixture->previous);
  g_clear_object (&fixture->previous);
  g_assert_finalize_object (g_steal_pointer (&fixture->resolver));
}

static void
keep_result_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  GAsyncResult **kept = user_data;

  g_assert_null (*kept);
  *kept = g_object_ref (result);
}

static GAsyncResult *
wait_for_result (GMainContext  *context,
                 GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (context, TRUE);

  return *result;
}

static QnetHostInfo *
look_up_async (const char    *name,
               GCancellable  *cancellable,
               GError       **error)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GAsyncResult) result = NULL;
  QnetHostInfo *info;

  g_main_context_push_thread_default (context);
  qnet_host_info_lookup_host_async (name, cancellable, keep_result_cb, &result);
  g_assert_null (result);
  info = qnet_host_info_lookup_host_finish (wait_for_result (context, &result), error);
  g_main_context_pop_thread_default (context);

  return info;
}

static const LookUp ways[] = { qnet_host_info_from_name, look_up_async };

static void
assert_answer (const char *name,
               const char *expected)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(QnetHostInfo) info = ways[i] (name, NULL, &error);
      g_autoptr(GString) found = g_string_new (NULL);
      GPtrArray *addresses;

      g_assert_no_error (error);
      g_assert_cmpstr (qnet_host_info_get_host_name (info), ==, name);

      addresses = qnet_host_info_get_addresses (info);
      for (guint k = 0; k < addresses->len; k++)
        {
          g_autofree char *text = qnet_host_address_to_string (addresses->pdata[k]);

          g_string_append_printf (found, "%s%s", k > 0 ? " " : "", text);
        }

      g_assert_cmpstr (found->str, ==, expected);
    }
}

static void
assert_not_found (const char *name,
                  const char *message)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (ways[i] (name, NULL, &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
      g_assert_cmpstr (error->message, ==, message);
    }
}

static void
test_name (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("A name gives the addresses that the default resolver has for it.");

  assert_answer ("one.test", "192.0.2.1");
  g_assert_cmpstr (fixture->resolver->asked, ==, "one.test");
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("Addresses keep the resolver's order, and each comes once.");

  assert_answer ("many.test", "2001:db8::2 192.0.2.1 192.0.2.9 ::ffff:192.0.2.1");
}

static void
test_idn (Fixture       *fixture,
          gconstpointer  data)
{
  g_test_summary ("A name in any script is asked for in ASCII, and answered as it was asked.");

  assert_answer ("m\303\274nchen.test", "192.0.2.3");
  g_assert_cmpstr (fixture->resolver->asked, ==, "xn--mnchen-3ya.test");
}

static void
test_literal (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("The text of an address is its own answer, and nobody is asked.");

  assert_answer ("192.0.2.7", "192.0.2.7");
  assert_answer (" 127.1 ", "127.0.0.1");
  assert_answer ("2001:DB8:0::1", "2001:db8::1");
  assert_answer ("fe80::1%eth7", "fe80::1%eth7");
  g_assert_null (fixture->resolver->asked);
}

static void
test_unknown (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("A name that nobody knows, or without an address, is HOST_NOT_FOUND.");

  assert_not_found ("nobody.test", "Could not look up “nobody.test”: never heard of it");
  assert_not_found ("nothing.test", "“nothing.test” has no address");
}

static void
test_no_name (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *long_label = g_strnfill (80, 'a');
  g_autofree char *long_message = g_strdup_printf ("“\303\274%s” cannot be the name of a host",
                                                   long_label);
  g_autofree char *long_name = g_strconcat ("\303\274", long_label, NULL);

  g_test_summary ("What cannot be a name is HOST_NOT_FOUND, and nobody is asked.");

  assert_not_found ("", "The name of the host is empty");
  assert_not_found (long_name, long_message);
  assert_not_found ("a\377b", "“a\357\277\275b” cannot be the name of a host");
  g_assert_null (fixture->resolver->asked);
}

static void
test_cancelled_before (Fixture       *fixture,
                       gconstpointer  data)
{
  const char *names[] = { "one.test", "192.0.2.1", "" };
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  g_test_summary ("What is cancelled before it begins ends in CANCELLED, whatever the name.");

  g_cancellable_cancel (cancellable);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      for (gsize k = 0; k < G_N_ELEMENTS (ways); k++)
        {
          g_autoptr(GError) error = NULL;

          g_assert_null (ways[k] (names[i], cancellable, &error));
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        }
    }
}

static void
test_cancelled (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("A look-up that is cancelled ends in CANCELLED, and not before the next turn.");

  qnet_host_info_lookup_host_async ("silent.test", cancellable, keep_result_cb, &result);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (result);

  g_cancellable_cancel (cancellable);
  g_assert_null (result);

  g_assert_null (qnet_host_info_lookup_host_finish (wait_for_result (NULL, &result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_context (Fixture       *fixture,
              gconstpointer  data)
{
  const char *names[] = { "one.test", "192.0.2.1", "" };

  g_test_summary ("The answer comes through the context that was the thread's default, alone.");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GMainContext) context = g_main_context_new ();
      g_autoptr(GAsyncResult) result = NULL;

      g_main_context_push_thread_default (context);
      qnet_host_info_lookup_host_async (names[i], NULL, keep_result_cb, &result);
      g_main_context_pop_thread_default (context);

      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_assert_null (result);

      wait_for_result (context, &result);
    }
}

static void
test_nobody_listens (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A look-up without a callback leaks nothing.");

  qnet_host_info_lookup_host_async ("one.test", NULL, NULL, NULL);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_boxed (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(QnetHostInfo) info = qnet_host_info_from_name ("192.0.2.1", NULL, NULL);
  g_auto(GValue) value = G_VALUE_INIT;

  g_test_summary ("An answer travels in a GValue, shared and not copied.");

  g_value_init (&value, QNET_TYPE_HOST_INFO);
  g_value_set_boxed (&value, info);
  g_assert_true (g_value_get_boxed (&value) == info);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/host-info/name", test_name);
  ADD ("/host-info/order", test_order);
  ADD ("/host-info/idn", test_idn);
  ADD ("/host-info/literal", test_literal);
  ADD ("/host-info/unknown", test_unknown);
  ADD ("/host-info/no-name", test_no_name);
  ADD ("/host-info/cancelled/before", test_cancelled_before);
  ADD ("/host-info/cancelled/while-waiting", test_cancelled);
  ADD ("/host-info/context", test_context);
  ADD ("/host-info/nobody-listens", test_nobody_listens);
  ADD ("/host-info/boxed", test_boxed);
#undef ADD

  return g_test_run ();
}
