/* test-host-info.c: the addresses of a name
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <string.h>
#include <unistd.h>

#include "common/gap.h"
#include "engine/qnet-reactor-private.h"
#include "lookup/qnet-host-cache-private.h"

/* A resolver that knows a few names, and remembers what it was asked last. */

#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver
{
  GResolver  parent_instance;

  char      *asked;    /* (owned) (nullable): since the last test began */
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
  assert_not_found ("nothing.test", "Could not look up “nothing.test”: it has no address");
}

static void
test_no_name (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *long_label = g_strnfill (80, 'a');
  g_autofree char *long_message = g_strdup_printf ("Could not look up “\303\274%s”: it cannot be the name of a host",
                                                   long_label);
  g_autofree char *long_name = g_strconcat ("\303\274", long_label, NULL);

  g_test_summary ("What cannot be a name is HOST_NOT_FOUND, and nobody is asked.");

  assert_not_found ("", "Could not look up a host: its name is empty");
  assert_not_found (long_name, long_message);
  assert_not_found ("a\377b", "Could not look up “a\357\277\275b”: it cannot be the name of a host");
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

  g_test_summary ("A look-up that is cancelled ends in CANCELLED, and not before the next turn.");

  qnet_host_info_lookup_host_async ("silent.test", cancellable, keep_result_cb, &result);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (result);

  g_cancellable_cancel (cancellable);
  g_assert_null (result);

  g_assert_null (qnet_host_info_lookup_host_finish (wait_for_result (NULL, &result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (error->message, ==, "Could not look up “silent.test”: the lookup was cancelled");
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
  qnet_host_info_lookup_address_async (address, cancellable, keep_result_cb, &result);
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
    { "192.0.2.4", "192.0.2.4" },    /* its name is no text */
    { "192.0.2.5", "xn--99999999.test" },   /* nor IDN this one */
    { "fe80::1%lo", "fe80::1%lo" },
  };

  g_test_summary ("An address gives its name in any script, or its own text where it has none.");

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

  g_test_summary ("Null has no name, and a failure or a cancel is one.");

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
  g_test_summary ("An answer is remembered for a minute and no longer.");

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
  g_test_summary ("An answer is remembered for as long as the resolver says of the address that holds for "
                  "the shortest time, and for a minute at most.");

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
  g_test_summary ("That there is no answer is not remembered.");

  assert_not_found ("nobody.test", "Could not look up “nobody.test”: never heard of it");
  g_assert_cmpuint (fixture->resolver->n_asked, ==, 2);
}

static void
test_cache_cleared (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("Answers are forgotten when that is asked for, and when the resolver reads its "
                  "configuration anew.");

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

  g_test_summary ("What was asked before the answers were forgotten is not remembered afterwards.");

  qnet_host_info_lookup_host_async ("one.test", NULL, keep_result_cb, &result);
  qnet_host_info_clear_cache ();
  wait_for_result (NULL, &result);

  g_assert_null (qnet_host_cache_find (G_RESOLVER (fixture->resolver), "one.test"));
}

static void
test_cache_off (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("Turned off, nothing is remembered, and what was is forgotten.");

  g_assert_true (qnet_host_info_is_cache_enabled ());
  assert_answer ("one.test", "192.0.2.1");

  qnet_host_info_set_cache_enabled (FALSE);
  g_assert_false (qnet_host_info_is_cache_enabled ());
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
  g_autoptr(QnetHostInfo) info = qnet_host_cache_find (G_RESOLVER (fixture->resolver), name);

  return info != NULL;
}

static void
test_cache_size (Fixture       *fixture,
                 gconstpointer  data)
{
  g_test_summary ("128 answers are remembered; the one not asked for longest makes room.");

  for (guint i = 0; i < QNET_HOST_CACHE_SIZE + 10; i++)
    {
      g_autofree char *name = g_strdup_printf ("host-%u.test", i);
      g_autoptr(QnetHostInfo) info = qnet_host_info_new (name, NULL, NULL);

      qnet_host_cache_add (G_RESOLVER (fixture->resolver), name, info,
                           qnet_host_cache_get_generation (), QNET_HOST_CACHE_NO_LIMIT);
      if (i == 0)  /* the first one enters a cache that was another resolver's */
        qnet_host_cache_add (G_RESOLVER (fixture->resolver), name, info,
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

  g_test_summary ("The answers of one resolver are not those of the next.");

  assert_answer ("one.test", "192.0.2.1");
  g_resolver_set_default (G_RESOLVER (other));
  assert_answer ("one.test", "192.0.2.1");

  g_assert_cmpuint (fixture->resolver->n_asked, ==, 1);
  g_assert_cmpuint (other->n_asked, ==, 1);
  g_resolver_set_default (G_RESOLVER (fixture->resolver));
}

/* Look-ups by number */

typedef struct
{
  QnetHostInfo *info;  /* (owned) (nullable) */
  guint         n_called;
  guint         n_destroyed;
} Heard;

static void
heard_cb (QnetHostInfo *info,
          gpointer      user_data)
{
  Heard *heard = user_data;

  g_clear_pointer (&heard->info, qnet_host_info_unref);
  heard->info = qnet_host_info_ref (info);
  heard->n_called++;
}

static void
destroyed_cb (gpointer user_data)
{
  Heard *heard = user_data;

  heard->n_destroyed++;
}

static void
wait_until_destroyed (Heard *heard)
{
  while (heard->n_destroyed == 0)
    g_main_context_iteration (NULL, TRUE);

  g_assert_cmpuint (heard->n_destroyed, ==, 1);
}

static void
test_by_number (Fixture       *fixture,
                gconstpointer  data)
{
  static const struct
  {
    const char *name;
    guint       n_addresses;
  } rows[] = {
    { "one.test", 1 }, { "one.test", 1 }, { "192.0.2.7", 1 }, { "", 0 }, { "nobody.test", 0 },
  };
  int last_id = 0;

  g_test_summary ("The callback hears later and once, of addresses or of an error, and then its data "
                  "goes.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Heard heard = { 0 };
      int id = qnet_host_info_lookup_host (rows[i].name, heard_cb, &heard, destroyed_cb);

      g_assert_cmpint (id, >, last_id);
      last_id = id;
      g_assert_cmpuint (heard.n_called, ==, 0);

      wait_until_destroyed (&heard);
      g_assert_cmpuint (heard.n_called, ==, 1);
      g_assert_cmpint (qnet_host_info_get_lookup_id (heard.info), ==, id);
      g_assert_cmpstr (qnet_host_info_get_host_name (heard.info), ==, rows[i].name);
      g_assert_cmpuint (qnet_host_info_get_addresses (heard.info)->len, ==, rows[i].n_addresses);

      if (rows[i].n_addresses > 0)
        g_assert_null (qnet_host_info_get_error (heard.info));
      else
        g_assert_error (qnet_host_info_get_error (heard.info), QNET_SOCKET_ERROR,
                        QNET_SOCKET_ERROR_HOST_NOT_FOUND);

      qnet_host_info_abort_host_lookup (id);
      qnet_host_info_unref (heard.info);
    }
}

static void
test_by_number_aborted (Fixture       *fixture,
                        gconstpointer  data)
{
  const char *names[] = { "one.test", "silent.test", "192.0.2.7", "" };

  g_test_summary ("An aborted look-up never calls back, and its data goes.");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Heard heard = { 0 };
      int id = qnet_host_info_lookup_host (names[i], heard_cb, &heard, destroyed_cb);

      qnet_host_info_abort_host_lookup (id);
      qnet_host_info_abort_host_lookup (id);
      wait_until_destroyed (&heard);
      g_assert_cmpuint (heard.n_called, ==, 0);
    }

  qnet_host_info_abort_host_lookup (-1);
  qnet_host_info_abort_host_lookup (G_MAXINT);
}

static void
test_by_number_nobody (Fixture       *fixture,
                       gconstpointer  data)
{
  Heard heard = { 0 };

  g_test_summary ("Neither a callback nor a destroy function is needed.");

  qnet_host_info_lookup_host ("one.test", NULL, NULL, NULL);
  qnet_host_info_lookup_host ("one.test", NULL, &heard, destroyed_cb);
  wait_until_destroyed (&heard);
}

static void
heard_for_object_cb (QnetHostInfo *info,
                     gpointer      user_data)
{
  g_object_set_data_full (G_OBJECT (user_data), "info", qnet_host_info_ref (info),
                          (GDestroyNotify) qnet_host_info_unref);
}

static void
test_for_object (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr(GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  GObject *other = g_object_new (G_TYPE_OBJECT, NULL);
  Heard heard = { 0 };
  int id;

  g_test_summary ("The callback of an object is not called when the object has gone.");

  id = qnet_host_info_lookup_host_for_object ("one.test", object, heard_for_object_cb);
  qnet_host_info_lookup_host_for_object ("one.test", other, heard_for_object_cb);
  g_assert_finalize_object (other);

  while (g_object_get_data (object, "info") == NULL)
    g_main_context_iteration (NULL, TRUE);

  g_assert_cmpint (qnet_host_info_get_lookup_id (g_object_get_data (object, "info")), ==, id);

  qnet_host_info_lookup_host ("one.test", NULL, &heard, destroyed_cb);
  wait_until_destroyed (&heard);
}

/* Many */

#define N_MANY 1000

static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree Heard *heard = g_new0 (Heard, N_MANY);
  g_autofree int *ids = g_new0 (int, N_MANY);
  TestGap gap;

  g_test_summary ("Of a thousand look-ups at once, those that are aborted half-way call back never, "
                  "the others once, and all data goes.");

  test_gap_begin (&gap);

  for (guint i = 0; i < N_MANY; i++)
    {
      g_autofree char *name = i % 2 == 0 ? g_strdup ("silent.test")
                                           : g_strdup_printf ("10.0.%u.1", i % 256);

      ids[i] = qnet_host_info_lookup_host (name, heard_cb, &heard[i], destroyed_cb);
    }

  while (heard[N_MANY / 2 + 1].n_called == 0)
    g_main_context_iteration (NULL, TRUE);

  for (guint i = 0; i < N_MANY; i += 2)
    qnet_host_info_abort_host_lookup (ids[i]);

  for (guint i = 0; i < N_MANY; i++)
    while (heard[i].n_destroyed == 0)
      g_main_context_iteration (NULL, TRUE);

  for (guint i = 0; i < N_MANY; i++)
    {
      g_assert_cmpuint (heard[i].n_called, ==, i % 2);
      g_clear_pointer (&heard[i].info, qnet_host_info_unref);
    }

  test_gap_end (&gap);
}

/* The resolver of GIO asks in threads. Nobody is asked for "localhost" but the system's own
 * files. */
static void
test_many_threads (void)
{
  g_autofree Heard *heard = g_new0 (Heard, N_MANY);
  g_autofree int *ids = g_new0 (int, N_MANY);
  TestGap gap;

  g_test_summary ("So it is with GIO's own resolver: who is aborted hears nothing, the others once.");

  qnet_host_info_set_cache_enabled (FALSE);
  test_gap_begin (&gap);

  for (guint i = 0; i < N_MANY; i++)
    ids[i] = qnet_host_info_lookup_host ("localhost", heard_cb, &heard[i], destroyed_cb);

  for (guint i = 0; i < N_MANY; i += 2)
    qnet_host_info_abort_host_lookup (ids[i]);

  for (guint i = 0; i < N_MANY; i++)
    while (heard[i].n_destroyed == 0)
      g_main_context_iteration (NULL, TRUE);

  for (guint i = 0; i < N_MANY; i++)
    {
      g_assert_cmpuint (heard[i].n_called, ==, i % 2);
      g_clear_pointer (&heard[i].info, qnet_host_info_unref);
    }

  qnet_host_info_set_cache_enabled (TRUE);
  test_gap_end (&gap);
}

/* What is not asked for */

static void
test_made (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(GPtrArray) addresses = g_ptr_array_new ();
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string ("192.0.2.1");
  g_autoptr(GError) error = g_error_new_literal (QNET_SOCKET_ERROR,
                                                 QNET_SOCKET_ERROR_HOST_NOT_FOUND, "no");
  g_autoptr(QnetHostInfo) made = NULL;
  g_autoptr(QnetHostInfo) failed = qnet_host_info_new ("x", NULL, error);
  g_autoptr(QnetHostInfo) again = NULL;
  GList *inet_addresses;

  g_test_summary ("An answer can be made by hand, and goes to GIO and back.");

  g_ptr_array_add (addresses, address);
  g_ptr_array_add (addresses, address);
  made = qnet_host_info_new ("x", addresses, NULL);
  g_assert_cmpuint (qnet_host_info_get_addresses (made)->len, ==, 1);
  g_assert_cmpint (qnet_host_info_get_lookup_id (made), ==, -1);
  g_assert_null (qnet_host_info_get_error (made));
  g_assert_error (qnet_host_info_get_error (failed), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_HOST_NOT_FOUND);

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

  g_test_summary ("This machine has the name that the system says, and a domain, perhaps empty.");

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
  ADD ("/host-info/nobody-listens", test_nobody_listens);
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
  ADD ("/host-info/by-number", test_by_number);
  ADD ("/host-info/by-number/aborted", test_by_number_aborted);
  ADD ("/host-info/by-number/nobody", test_by_number_nobody);
  ADD ("/host-info/for-object", test_for_object);
  ADD ("/host-info/many", test_many);
  g_test_add_func ("/host-info/many/threads", test_many_threads);
  ADD ("/host-info/made", test_made);
  ADD ("/host-info/local", test_local);
#undef ADD

  return g_test_run ();
}
