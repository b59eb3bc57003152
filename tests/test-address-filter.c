/* test-address-filter.c: which addresses a filter allows
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <qnet/qnet.h>

typedef struct
{
  QnetAddressFilter *filter;      /* (owned) */
  guint              n_notified;
} Fixture;

static void
changed_cb (Fixture *fixture)
{
  fixture->n_notified++;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->filter = qnet_address_filter_new ();
  g_signal_connect_swapped (fixture->filter, "notify::default-allowed", G_CALLBACK (changed_cb),
                            fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_finalize_object (fixture->filter);
}

static void
allow (Fixture    *fixture,
       const char *network)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (qnet_address_filter_add_allow (fixture->filter, network, &error));
  g_assert_no_error (error);
}

static void
deny (Fixture    *fixture,
      const char *network)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (qnet_address_filter_add_deny (fixture->filter, network, &error));
  g_assert_no_error (error);
}

static gboolean
is_allowed (Fixture    *fixture,
            const char *text)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string (text);

  return qnet_address_filter_is_allowed (fixture->filter, address);
}

static void
test_default (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();

  g_test_summary ("Without a network all addresses are allowed, or none is.");

  g_assert_true (is_allowed (fixture, "192.0.2.1"));
  g_assert_true (qnet_address_filter_is_allowed (fixture->filter, null));

  qnet_address_filter_set_default_allowed (fixture->filter, FALSE);
  g_assert_cmpuint (fixture->n_notified, ==, 1);
  g_assert_false (is_allowed (fixture, "192.0.2.1"));
  g_assert_false (is_allowed (fixture, "::1"));
  g_assert_false (qnet_address_filter_is_allowed (fixture->filter, null));

  g_object_set (fixture->filter, "default-allowed", FALSE, NULL);
  g_assert_cmpuint (fixture->n_notified, ==, 1);
}

static void
assert_nested (Fixture *fixture)
{
  g_assert_false (is_allowed (fixture, "10.1.2.3"));
  g_assert_true (is_allowed (fixture, "10.66.2.3"));
  g_assert_false (is_allowed (fixture, "10.66.1.1"));
  g_assert_true (is_allowed (fixture, "10.66.1.2"));
  g_assert_true (is_allowed (fixture, "11.1.2.3"));
}

static void
test_longest_prefix (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("The smallest network that contains an address decides, in any order.");

  deny (fixture, "10.0.0.0/8");
  allow (fixture, "10.66.0.0/16");
  deny (fixture, "10.66.1.1");
  assert_nested (fixture);

  qnet_address_filter_clear (fixture->filter);
  g_assert_true (is_allowed (fixture, "10.66.1.1"));

  deny (fixture, "10.66.1.1/32");
  allow (fixture, "10.66.9.9/255.255.0.0");
  deny (fixture, "10");
  assert_nested (fixture);
}

static void
test_families (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("All addresses of a family are a network; v4-mapped addresses are those of "
                  "IPv4.");

  deny (fixture, "::/0");
  g_assert_false (is_allowed (fixture, "2001:db8::1"));
  g_assert_true (is_allowed (fixture, "192.0.2.1"));
  g_assert_true (is_allowed (fixture, "::ffff:192.0.2.1"));

  deny (fixture, "0.0.0.0/0");
  g_assert_false (is_allowed (fixture, "::ffff:192.0.2.1"));

  allow (fixture, "::ffff:10.0.0.0/104");
  g_assert_true (is_allowed (fixture, "10.200.1.1"));
  g_assert_true (is_allowed (fixture, "::ffff:10.200.1.1"));
  g_assert_false (is_allowed (fixture, "11.0.0.1"));

  allow (fixture, "fe80::/10");
  g_assert_true (is_allowed (fixture, "fe80::1%1"));
}

static void
test_replaced (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("A network is in a filter once, and can be removed.");

  allow (fixture, "192.0.2.0/24");
  deny (fixture, "192.0.2.77/24");
  g_assert_false (is_allowed (fixture, "192.0.2.1"));
  allow (fixture, "192.0.2.0/24");
  g_assert_true (is_allowed (fixture, "192.0.2.1"));

  deny (fixture, "192.0.0.0/16");
  g_assert_true (qnet_address_filter_remove (fixture->filter, "192.0.2.0/24", NULL));
  g_assert_false (is_allowed (fixture, "192.0.2.1"));
  g_assert_true (qnet_address_filter_remove (fixture->filter, "192.0.2.0/24", NULL));
  g_assert_true (qnet_address_filter_remove (fixture->filter, "192.0.0.0/16", NULL));
  g_assert_true (is_allowed (fixture, "192.0.2.1"));
}

static void
test_malformed (Fixture       *fixture,
                gconstpointer  data)
{
  const char *texts[] = { "", "all", "10.0.0.0/33", "::/129", "10.0.0.0/255.0.255.0", "1.2.3.4.5" };

  g_test_summary ("What is no network is an error, and changes nothing.");

  qnet_address_filter_set_default_allowed (fixture->filter, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (qnet_address_filter_add_allow (fixture->filter, texts[i], &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
      g_assert_false (qnet_address_filter_add_deny (fixture->filter, texts[i], NULL));
      g_assert_false (qnet_address_filter_remove (fixture->filter, texts[i], NULL));
    }

  g_assert_false (is_allowed (fixture, "10.0.0.1"));
}

/* Many networks, compared with a look at each of them */

#define N_NETWORKS 2000

typedef struct
{
  QnetHostAddress *address;     /* (owned) */
  int              length;
  gboolean         is_allowed;
} Rule;

static QnetHostAddress *
new_random_address (void)
{
  guint8 bytes[16] = { 0x20, 0x01 };

  if (g_test_rand_bit ())
    return qnet_host_address_new_ipv4 (0x0a000000 | (guint32) g_test_rand_int_range (0, 1 << 16));

  bytes[14] = (guint8) g_test_rand_int_range (0, 256);
  bytes[15] = (guint8) g_test_rand_int_range (0, 256);

  return qnet_host_address_new_ipv6 (bytes, sizeof bytes, NULL);
}

/* The last of equal networks is the one that counts. */
static gboolean
decide_slowly (const Rule            *rules,
               const QnetHostAddress *address)
{
  gboolean is_allowed = TRUE;
  int longest = -1;

  for (int i = 0; i < N_NETWORKS; i++)
    if (rules[i].length >= longest
        && qnet_host_address_is_in_subnet (address, rules[i].address, rules[i].length))
      {
        longest = rules[i].length;
        is_allowed = rules[i].is_allowed;
      }

  return is_allowed;
}

static void
add_random (Fixture *fixture,
            Rule    *rule)
{
  g_autofree char *network = NULL;
  g_autofree char *text = NULL;
  gboolean is_ipv4;

  rule->address = new_random_address ();
  is_ipv4 = qnet_host_address_get_protocol (rule->address) == QNET_NETWORK_LAYER_PROTOCOL_IPV4;
  rule->length = is_ipv4 ? g_test_rand_int_range (8, 33) : g_test_rand_int_range (100, 129);
  rule->is_allowed = g_test_rand_bit ();
  text = qnet_host_address_to_string (rule->address);
  network = g_strdup_printf ("%s/%d", text, rule->length);

  if (rule->is_allowed)
    allow (fixture, network);
  else
    deny (fixture, network);
}

static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree Rule *rules = g_new0 (Rule, N_NETWORKS);
  guint n_denied = 0;

  g_test_summary ("Of thousands of networks the right one decides.");

  for (int i = 0; i < N_NETWORKS; i++)
    add_random (fixture, &rules[i]);

  for (int i = 0; i < N_NETWORKS; i++)
    {
      g_autoptr(QnetHostAddress) address = new_random_address ();
      gboolean is_address_allowed = qnet_address_filter_is_allowed (fixture->filter, address);

      g_assert_cmpint (is_address_allowed, ==, decide_slowly (rules, address));
      n_denied += !is_address_allowed;
    }

  g_assert_cmpuint (n_denied, >, 0);
  g_assert_cmpuint (n_denied, <, N_NETWORKS);

  for (int i = 0; i < N_NETWORKS; i++)
    qnet_host_address_unref (rules[i].address);
}

/* Threads */

static gpointer
change_often (gpointer filter)
{
  for (int i = 0; i < 2000; i++)
    {
      g_assert_true (qnet_address_filter_add_deny (filter, "192.0.2.0/24", NULL));
      g_assert_true (qnet_address_filter_remove (filter, "192.0.2.0/24", NULL));
    }

  return NULL;
}

static void
test_threads (Fixture       *fixture,
              gconstpointer  data)
{
  GThread *thread = g_thread_new ("changes", change_often, fixture->filter);

  g_test_summary ("A filter is asked while another thread changes it.");

  deny (fixture, "192.0.2.1");
  for (int i = 0; i < 2000; i++)
    g_assert_false (is_allowed (fixture, "192.0.2.1"));

  g_thread_join (thread);
  g_assert_true (is_allowed (fixture, "192.0.2.2"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/address-filter/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("default", test_default);
  ADD ("longest-prefix", test_longest_prefix);
  ADD ("families", test_families);
  ADD ("replaced", test_replaced);
  ADD ("malformed", test_malformed);
  ADD ("many", test_many);
  ADD ("threads", test_threads);
#undef ADD

  return g_test_run ();
}
