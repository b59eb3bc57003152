/* test-host-info.c: host name lookups with a resolver of the test
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <string.h>
#include <unistd.h>

#include "common/gap.h"
#include "lookup/qnet-host-cache-private.h"
#include "loop/qnet-reactor-private.h"

/* A resolver with a few names, which records the last query. */

#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver
{
  GResolver  parent_instance;

  char      *asked;    /* (owned) (nullable): in this test */
  guint      n_asked;  /* likewise */
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
  { "short.test",              { "192.0.2.1", "192.0.2.2", "192.0.2.3" } },
  { "never.test",              { "192.0.2.1" } },
  { "nothing.test",            { NULL } },
};

static void
set_time_to_live (const char *host_name,
                  GList      *addresses)
{
  static const guint seconds[] = { 30, 5, 4000 };
  guint i = 0;

  if (g_str_equal (host_name, "short.test"))
    for (GList *link = addresses; link != NULL; link = link->next)
      qnet_host_info_set_time_to_live (link->data, seconds[i++]);

  if (g_str_equal (host_name, "never.test"))
    qnet_host_info_set_time_to_live (addresses->data, 0);
}

static GList *
answer (TestResolver  *self,
        const char    *host_name,
        GError       **error)
{
  GList *addresses = NULL;

  g_free (self->asked);
  self->asked = g_strdup (host_name);
  self->n_asked++;

  for (gsize i = 0; i < G_N_ELEMENTS (known_names); i++)
    {
      if (g_strcmp0 (known_names[i].name, host_name) != 0)
        continue;

      for (gsize k = 0; known_names[i].addresses[k] != NULL; k++)
        addresses = g_list_append (addresses,
                                   g_inet_address_new_from_string (known_names[i].addresses[k]));

      set_time_to_live (host_name, addresses);

      return addresses;
    }

  g_set_error_literal (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no such name");

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

static char *
answer_address (GInetAddress  *address,
                GError       **error)
{
  g_autofree char *text = g_inet_address_to_string (address);

  if (g_strcmp0 (text, "192.0.2.1") == 0)
    return g_strdup ("one.test");

  if (g_strcmp0 (text, "2001:db8::3") == 0)
    return g_strdup ("xn--mnchen-3ya.test");

  if (g_strcmp0 (text, "192.0.2.4") == 0)
    return g_strdup ("\377.test");

  if (g_strcmp0 (text, "192.0.2.5") == 0)
    return g_strdup ("xn--99999999.test");

  if (g_strcmp0 (text, "192.0.2.9") == 0)
    g_set_error_literal (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE, "not now");
  else
    g_set_error_literal (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "never seen it");

  return NULL;
}

static char *
test_resolver_lookup_by_address (GResolver     *resolver,
                                 GInetAddress  *address,
                                 GCancellable  *cancellable,
                                 GError       **error)
{
  return answer_address (address, error);
}

static void
test_resolver_lookup_by_address_async (GResolver           *resolver,
                                       GInetAddress        *address,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (resolver, cancellable, callback, user_data);
  GError *error = NULL;
  char *name = answer_address (address, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, name, g_free);
}

static char *
test_resolver_lookup_by_address_finish (GResolver     *resolver,
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
  resolver_class->lookup_by_address = test_resolver_lookup_by_address;
  resolver_class->lookup_by_address_async = test_resolver_lookup_by_address_async;
  resolver_class->lookup_by_address_finish = test_resolver_lookup_by_address_finish;
}

static void
test_resolver_init (TestResolver *self)
{
}

/* The blocking and the asynchronous lookup, which must have the same result */

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
  qnet_host_info_lookup_host_async (name, G_PRIORITY_DEFAULT, cancellable, keep_result_cb, &result);
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
  g_test_summary ("A lookup returns the addresses of the default resolver.");

  assert_answer ("one.test", "192.0.2.1");
  g_assert_cmpstr (fixture->resolver->asked, ==, "one.test");
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("Addresses keep the order of the resolver, without duplicates.");

  assert_answer ("many.test", "2001:db8::2 192.0.2.1 192.0.2.9 ::ffff:192.0.2.1");
}

static void
test_idn (Fixture       *fixture,
          gconstpointer  data)
{
  g_test_summary ("A name in any script is looked up in ASCII, and the result has the name as it "
                  "was passed.");

  assert_answer ("m\303\274nchen.test", "192.0.2.3");
  g_assert_cmpstr (fixture->resolver->asked, ==, "xn--mnchen-3ya.test");
}

static void
test_literal (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("An address as text is the result itself, without a lookup.");

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
  g_test_summary ("An unknown name, and one without an address, is HOST_NOT_FOUND.");

  assert_not_found ("unknown.test", "Could not look up “unknown.test”: no such name");
  assert_not_found ("nothing.test", "Could not look up “nothing.test”: The name has no address");
}

static void
test_no_name (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *long_label = g_strnfill (80, 'a');
  g_autofree char *long_message = g_strdup_printf (
    "Could not look up “\303\274%s”: The name is not a valid host name", long_label);
  g_autofree char *long_name = g_strconcat ("\303\274", long_label, NULL);

  g_test_summary ("An invalid name is HOST_NOT_FOUND, without a lookup.");

  assert_not_found ("", "Could not look up a host: The name is empty");
  assert_not_found (long_name, long_message);
  assert_not_found ("a\377b",
                    "Could not look up “a\357\277\275b”: The name is not a valid host name");
  g_assert_null (fixture->resolver->asked);
}

static void
test_cancelled_before (Fixture       *fixture,
                       gconstpointer  data)
{
  const char *names[] = { "one.test", "192.0.2.1", "" };
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  g_test_summary ("A lookup that is cancelled before it starts ends with CANCELLED, with any "
                  "name.");

  g_cancellable_cancel (cancellable);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      for (gsize k = 0; k < G_N_ELEMENTS (ways); k++)
        {
          g_autoptr(GError) error = NULL;

          g_assert_null (ways[k] (names[i], cancellable, &error));
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
          g_assert_true (g_str_has_prefix (error->message, "Could not look up"));
          g_assert_nonnull (strstr (error->message, names[i]));
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

  g_test_summary ("A cancelled lookup ends with CANCELLED in the next iteration of the main loop.");

  qnet_host_info_lookup_host_async ("silent.test", G_PRIORITY_DEFAULT, cancellable, keep_result_cb,
                                    &result);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (result);

  g_cancellable_cancel (cancellable);
  g_assert_null (result);

  g_assert_null (qnet_host_info_lookup_host_finish (wait_for_result (NULL, &result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (error->message, ==, "Could not look up “silent.test”: The lookup was cancelled");
}

static void
test_context (Fixture       *fixture,
              gconstpointer  data)
{
  const char *names[] = { "one.test", "192.0.2.1", "" };

  g_test_summary ("The callback runs only in the main context that was the thread's default.");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GMainContext) context = g_main_context_new ();
      g_autoptr(GAsyncResult) result = NULL;

      g_main_context_push_thread_default (context);
      qnet_host_info_lookup_host_async (names[i], G_PRIORITY_DEFAULT, NULL, keep_result_cb,
                                        &result);
      g_main_context_pop_thread_default (context);

      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_assert_null (result);

      wait_for_result (context, &result);
    }
}

static void
test_without_callback (Fixture       *fixture,
                       gconstpointer  data)
{
  g_test_summary ("A lookup without a callback does not leak.");

  qnet_host_info_lookup_host_async ("one.test", G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_boxed (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(QnetHostInfo) info = qnet_host_info_from_name ("192.0.2.1", NULL, NULL);
  g_auto(GValue) value = G_VALUE_INIT;

  g_test_summary ("A GValue shares a result and does not copy it.");

  g_value_init (&value, QNET_TYPE_HOST_INFO);
  g_value_set_boxed (&value, info);
  g_assert_true (g_value_get_boxed (&value) == info);
}

/* The name of an address */

static QnetHostInfo *
look_up_address_async (QnetHostAddress  *address,
                       GCancellable     *cancellable,
                       GError          **error)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GAsyncResult) result = NULL;
  QnetHostInfo *info;

  g_main_context_push_thread_default (context);
  qnet_host_info_lookup_address_async (address, G_PRIORITY_DEFAULT, cancellable, keep_result_cb,
                                       &result);
  g_assert_null (result);
  info = qnet_host_info_lookup_address_finish (wait_for_result (context, &result), error);
  g_main_context_pop_thread_default (context);

  return info;
}

typedef QnetHostInfo * (*LookUpAddress) (QnetHostAddress  *address,
                                         GCancellable     *cancellable,
                                         GError          **error);

static const LookUpAddress address_ways[] = { qnet_host_info_from_address, look_up_address_async };

static void
test_address (Fixture       *fixture,
              gconstpointer  data)
{
  const char *rows[][2] = {
    { "192.0.2.1", "one.test" },
    { "2001:db8::3", "m\303\274nchen.test" },
    { "192.0.2.77", "192.0.2.77" },
    { "192.0.2.4", "192.0.2.4" },    /* its name is not UTF-8 */
    { "192.0.2.5", "xn--99999999.test" },   /* its name is not valid IDN */
    { "fe80::1%lo", "fe80::1%lo" },
  };

  g_test_summary ("The lookup of an address returns its name in any script, or the address as "
                  "text if it has none.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (address_ways); k++)
      {
        g_autoptr(QnetHostAddress) address = qnet_host_address_from_string (rows[i][0]);
        g_autoptr(GError) error = NULL;
        g_autoptr(QnetHostInfo) info = address_ways[k] (address, NULL, &error);

        g_assert_no_error (error);
        g_assert_cmpstr (qnet_host_info_get_host_name (info), ==, rows[i][1]);
        g_assert_cmpuint (qnet_host_info_get_addresses (info)->len, ==, 1);
        g_assert_true (qnet_host_info_get_addresses (info)->pdata[0] == address);
      }
}

static void
test_address_bad (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  g_autoptr(QnetHostAddress) failing = qnet_host_address_from_string ("192.0.2.9");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  g_test_summary ("Null cannot be looked up; a failure and a cancellation are reported.");

  g_cancellable_cancel (cancellable);

  for (gsize k = 0; k < G_N_ELEMENTS (address_ways); k++)
    {
      g_autoptr(GError) no_address = NULL;
      g_autoptr(GError) failure = NULL;
      g_autoptr(GError) cancelled = NULL;

      g_assert_null (address_ways[k] (null, NULL, &no_address));
      g_assert_error (no_address, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
      g_assert_null (address_ways[k] (failing, NULL, &failure));
      g_assert_error (failure, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
      g_assert_cmpstr (failure->message, ==, "Could not look up “192.0.2.9”: not now");
      g_assert_null (address_ways[k] (failing, cancellable, &cancelled));
      g_assert_error (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

/* The cache */

static gint64 test_now;

static gint64
get_test_now (void)
{
  return test_now;
}

static void
test_cache (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("A result is cached for one minute and no longer.");

  test_now = g_get_monotonic_time ();
  qnet_clock_set_for_tests (get_test_now);

  assert_answer ("many.test", "2001:db8::2 192.0.2.1 192.0.2.9 ::ffff:192.0.2.1");
  g_assert_cmpuint (fixture->resolver->n_asked, ==, 1);

  test_now += 60 * (gint64) G_USEC_PER_SEC - 1;
  assert_answer ("many.test", "2001:db8::2 192.0.2.1 192.0.2.9 ::ffff:192.0.2.1");
  g_assert_cmpuint (fixture->resolver->n_asked, ==, 1);

  test_now += 1;
  assert_answer ("many.test", "2001:db8::2 192.0.2.1 192.0.2.9 ::ffff:192.0.2.1");
  g_assert_cmpuint (fixture->resolver->n_asked, ==, 2);

  qnet_clock_set_for_tests (NULL);
}

static void
test_cache_time_to_live (Fixture       *fixture,
                         gconstpointer  data)
{
  g_test_summary ("A result is cached for the shortest time to live of its addresses, and for one "
                  "minute at most.");

  test_now = g_get_monotonic_time ();
  qnet_clock_set_for_tests (get_test_now);

  assert_answer ("short.test", "192.0.2.1 192.0.2.2 192.0.2.3");
  test_now += 5 * (gint64) G_USEC_PER_SEC - 1;
  assert_answer ("short.test", "192.0.2.1 192.0.2.2 192.0.2.3");
  g_assert_cmpuint (fixture->resolver->n_asked, ==, 1);

  test_now += 1;
  assert_answer ("short.test", "192.0.2.1 192.0.2.2 192.0.2.3");
  g_assert_cmpuint (fixture->resolver->n_asked, ==, 2);

  assert_answer ("never.test", "192.0.2.1");
  g_assert_cmpuint (fixture->resolver->n_asked, ==, 4);

  qnet_clock_set_for_tests (NULL);
}

static void
test_cache_failures (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("Failures are not cached.");

  assert_not_found ("unknown.test", "Could not look up “unknown.test”: no such name");
  g_assert_cmpuint (fixture->resolver->n_asked, ==, 2);
}

static void
test_cache_cleared (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("The cache is cleared by clear_cache(), and when the resolver reloads its "
                  "configuration.");

  assert_answer ("one.test", "192.0.2.1");
  qnet_host_info_clear_cache ();
  assert_answer ("one.test", "192.0.2.1");
  g_assert_cmpuint (fixture->resolver->n_asked, ==, 2);

  g_signal_emit_by_name (fixture->resolver, "reload");
  assert_answer ("one.test", "192.0.2.1");
  g_assert_cmpuint (fixture->resolver->n_asked, ==, 3);
}

static void
test_cache_cleared_meanwhile (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autoptr(GAsyncResult) result = NULL;

  g_test_summary ("The result of a lookup that started before the cache was cleared is not "
                  "cached.");

  qnet_host_info_lookup_host_async ("one.test", G_PRIORITY_DEFAULT, NULL, keep_result_cb, &result);
  qnet_host_info_clear_cache ();
  wait_for_result (NULL, &result);

  g_assert_null (qnet_host_cache_find (G_RESOLVER (fixture->resolver), "one.test",
                                       QNET_NETWORK_LAYER_PROTOCOL_ANY_IP));
}

static void
test_cache_off (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("Disabling the cache clears it, and nothing is cached.");

  g_assert_true (qnet_host_info_get_cache_enabled ());
  assert_answer ("one.test", "192.0.2.1");

  qnet_host_info_set_cache_enabled (FALSE);
  g_assert_false (qnet_host_info_get_cache_enabled ());
  assert_answer ("one.test", "192.0.2.1");
  g_assert_cmpuint (fixture->resolver->n_asked, ==, 3);

  qnet_host_info_set_cache_enabled (TRUE);
  assert_answer ("one.test", "192.0.2.1");
  g_assert_cmpuint (fixture->resolver->n_asked, ==, 4);
}

static gboolean
is_cached (Fixture *fixture,
           guint    number)
{
  g_autofree char *name = g_strdup_printf ("host-%u.test", number);
  g_autoptr(QnetHostInfo) info = qnet_host_cache_find (G_RESOLVER (fixture->resolver), name,
                                                       QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);

  return info != NULL;
}

static void
test_cache_size (Fixture       *fixture,
                 gconstpointer  data)
{
  g_test_summary ("The cache has 128 entries, and the least recently used one is removed.");

  for (guint i = 0; i < QNET_HOST_CACHE_SIZE + 10; i++)
    {
      g_autofree char *name = g_strdup_printf ("host-%u.test", i);
      g_autoptr(QnetHostInfo) info = qnet_host_info_new (name, NULL);

      qnet_host_cache_add (G_RESOLVER (fixture->resolver), name,
                           QNET_NETWORK_LAYER_PROTOCOL_ANY_IP, info,
                           qnet_host_cache_get_generation (), QNET_HOST_CACHE_NO_LIMIT);
      if (i == 0)  /* the cache still belongs to another resolver before the first lookup */
        qnet_host_cache_add (G_RESOLVER (fixture->resolver), name,
                             QNET_NETWORK_LAYER_PROTOCOL_ANY_IP, info,
                             qnet_host_cache_get_generation (), QNET_HOST_CACHE_NO_LIMIT);
      g_assert_true (is_cached (fixture, 0));
    }

  for (guint i = 1; i < QNET_HOST_CACHE_SIZE + 10; i++)
    g_assert_cmpint (is_cached (fixture, i), ==, i > 10);
}

static void
test_cache_resolver (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(TestResolver) other = g_object_new (TEST_TYPE_RESOLVER, NULL);

  g_test_summary ("The results of one resolver are not used for another.");

  assert_answer ("one.test", "192.0.2.1");
  g_resolver_set_default (G_RESOLVER (other));
  assert_answer ("one.test", "192.0.2.1");

  g_assert_cmpuint (fixture->resolver->n_asked, ==, 1);
  g_assert_cmpuint (other->n_asked, ==, 1);
  g_resolver_set_default (G_RESOLVER (fixture->resolver));
}

/* Priorities */

static void
note_order_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(QnetHostInfo) info = qnet_host_info_lookup_host_finish (result, NULL);
  GString *order = user_data;

  g_string_append_printf (order, "%s ", qnet_host_info_get_host_name (info));
}

static void
test_priority (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr(GString) order = g_string_new (NULL);

  g_test_summary ("Of answers that are known at the same time, the one of the higher priority "
                  "comes first.");

  qnet_host_info_lookup_host_async ("192.0.2.1", G_PRIORITY_LOW, NULL, note_order_cb, order);
  qnet_host_info_lookup_host_async ("192.0.2.2", G_PRIORITY_DEFAULT, NULL, note_order_cb, order);
  qnet_host_info_lookup_host_async ("192.0.2.3", G_PRIORITY_HIGH, NULL, note_order_cb, order);

  while (order->len < strlen ("192.0.2.1 ") * 3)
    g_main_context_iteration (NULL, TRUE);

  g_assert_cmpstr (order->str, ==, "192.0.2.3 192.0.2.2 192.0.2.1 ");
}

/* Many */

#define N_MANY 1000

typedef struct
{
  GCancellable *cancellable;  /* (owned) */
  guint         n_found;
  guint         n_cancelled;
} Answer;

static void
count_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(QnetHostInfo) info = qnet_host_info_lookup_host_finish (result, &error);
  Answer *answer = user_data;

  if (info != NULL)
    answer->n_found++;
  else
    answer->n_cancelled++;

  if (info == NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
look_many_up (Answer     *answers,
              const char *even,
              const char *odd)
{
  for (guint i = 0; i < N_MANY; i++)
    {
      answers[i].cancellable = g_cancellable_new ();
      qnet_host_info_lookup_host_async (i % 2 == 0 ? even : odd, G_PRIORITY_DEFAULT,
                                        answers[i].cancellable, count_cb, &answers[i]);
    }
}

static void
cancel_half (Answer *answers)
{
  for (guint i = 0; i < N_MANY; i += 2)
    g_cancellable_cancel (answers[i].cancellable);
}

static void
assert_half_found (Answer *answers)
{
  for (guint i = 0; i < N_MANY; i++)
    while (answers[i].n_found + answers[i].n_cancelled == 0)
      g_main_context_iteration (NULL, TRUE);

  for (guint i = 0; i < N_MANY; i++)
    g_main_context_iteration (NULL, FALSE);

  for (guint i = 0; i < N_MANY; i++)
    {
      g_assert_cmpuint (answers[i].n_found, ==, i % 2);
      g_assert_cmpuint (answers[i].n_cancelled, ==, (i + 1) % 2);
      g_assert_finalize_object (answers[i].cancellable);
    }
}

static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree Answer *answers = g_new0 (Answer, N_MANY);
  TestGap gap;

  g_test_summary ("Of a thousand simultaneous lookups, half are cancelled half-way; each calls "
                  "back once, and no resources are left.");

  test_gap_begin (&gap);
  look_many_up (answers, "silent.test", "10.0.0.1");

  while (answers[N_MANY / 2 + 1].n_found == 0)
    g_main_context_iteration (NULL, TRUE);

  cancel_half (answers);
  assert_half_found (answers);
  test_gap_end (&gap);
}

/* The system answers in threads. For "localhost" it asks its own files alone. */
static void
test_many_threads (void)
{
  g_autofree Answer *answers = g_new0 (Answer, N_MANY);
  TestGap gap;

  g_test_summary ("The same is true for lookups by the system: each calls back once, cancelled or "
                  "not.");

  qnet_host_info_set_cache_enabled (FALSE);
  test_gap_begin (&gap);
  look_many_up (answers, "localhost", "localhost");
  cancel_half (answers);
  assert_half_found (answers);
  qnet_host_info_set_cache_enabled (TRUE);
  test_gap_end (&gap);
}

/* Without a lookup */

static void
test_made (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(GPtrArray) addresses = g_ptr_array_new ();
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string ("192.0.2.1");
  g_autoptr(QnetHostInfo) made = NULL;
  g_autoptr(QnetHostInfo) empty = qnet_host_info_new ("x", NULL);
  g_autoptr(QnetHostInfo) again = NULL;
  GList *inet_addresses;

  g_test_summary ("A result can be created, and converted to GIO and back.");

  g_ptr_array_add (addresses, address);
  g_ptr_array_add (addresses, address);
  made = qnet_host_info_new ("x", addresses);
  g_assert_cmpuint (qnet_host_info_get_addresses (made)->len, ==, 1);
  g_assert_cmpuint (qnet_host_info_get_addresses (empty)->len, ==, 0);

  inet_addresses = qnet_host_info_to_inet_addresses (made);
  again = qnet_host_info_new_from_inet_addresses ("y", inet_addresses);
  g_assert_true (qnet_host_address_equal (qnet_host_info_get_addresses (again)->pdata[0], address));
  g_resolver_free_addresses (inet_addresses);
}

static void
test_local (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *host = qnet_host_info_local_host_name ();
  g_autofree char *domain = NULL;
  char expected[256] = "";

  g_test_summary ("This machine has the host name of the system, and a domain, which may be "
                  "empty.");

  g_assert_no_errno (gethostname (expected, sizeof expected - 1));
  g_assert_cmpstr (host, ==, expected);

  g_setenv ("LOCALDOMAIN", "qnet.test other.test", TRUE);
  domain = qnet_host_info_local_domain_name ();
  g_assert_cmpstr (domain, ==, "qnet.test");
  g_unsetenv ("LOCALDOMAIN");
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
  ADD ("/host-info/without-callback", test_without_callback);
  ADD ("/host-info/boxed", test_boxed);
  ADD ("/host-info/address", test_address);
  ADD ("/host-info/address/bad", test_address_bad);
  ADD ("/host-info/cache", test_cache);
  ADD ("/host-info/cache/time-to-live-of-the-source", test_cache_time_to_live);
  ADD ("/host-info/cache/failures", test_cache_failures);
  ADD ("/host-info/cache/cleared", test_cache_cleared);
  ADD ("/host-info/cache/cleared-meanwhile", test_cache_cleared_meanwhile);
  ADD ("/host-info/cache/off", test_cache_off);
  ADD ("/host-info/cache/size", test_cache_size);
  ADD ("/host-info/cache/resolver", test_cache_resolver);
  ADD ("/host-info/priority", test_priority);
  ADD ("/host-info/many", test_many);
  g_test_add_func ("/host-info/many/threads", test_many_threads);
  ADD ("/host-info/made", test_made);
  ADD ("/host-info/local", test_local);
#undef ADD

  return g_test_run ();
}
