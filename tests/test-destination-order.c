/* test-destination-order.c: which family comes first, and when it is asked for
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "lookup/qnet-destination-order-private.h"
#include "lookup/qnet-system-hosts-private.h"

typedef struct
{
  const char *ipv6;
  const char *ipv6_source;  /* (nullable): no route */
  const char *ipv4;
  const char *ipv4_source;  /* (nullable) */
  const char *gai_conf;     /* (nullable) */
  int         order;        /* < 0: IPv6 first */
} Row;

#define GLOBAL6 "2001:db8:1::2", "2001:db8:1::1"
#define GLOBAL4 "192.0.2.2", "192.0.2.1"

/* Those without a file are like the examples of RFC 6724, section 10.2. */
static const Row rows[] = {
  { GLOBAL6, GLOBAL4, NULL, -1 },                                             /* rule 6 */
  { "2001:db8:1::2", NULL, GLOBAL4, NULL, 1 },                                /* 1 */
  { GLOBAL6, "192.0.2.2", NULL, NULL, -1 },                                   /* 1 */
  { "2001:db8:1::2", NULL, "192.0.2.2", NULL, NULL, 0 },
  { "2001:db8:1::2", "fe80::1", GLOBAL4, NULL, 1 },                           /* 2 */
  { GLOBAL6, "198.51.100.121", "169.254.13.78", NULL, -1 },                   /* 2 */
  { "2001:db8:1::2", "2002:c633:6401::2", GLOBAL4, NULL, 1 },                 /* 5 */
  { "2002:c633:6401::1", "2002:c633:6401::2", GLOBAL4, NULL, 1 },             /* 6 */
  { "fd00::2", "fd00::1", GLOBAL4, NULL, 1 },                                 /* 6: ULA */
  { "::1", "::1", "127.0.0.1", "127.0.0.1", NULL, -1 },                       /* 6 */
  { "fe80::2", "fe80::1", GLOBAL4, NULL, -1 },                                /* 6 before 8 */
  { GLOBAL6, GLOBAL4, "precedence ::ffff:0:0/96 100\n", 1 },
  { GLOBAL6, GLOBAL4, "#precedence ::ffff:0:0/96 100\n", -1 },
  { GLOBAL6, GLOBAL4, "precedence ::/0 40\nprecedence ::ffff:0:0/96 10\n", -1 },
  { GLOBAL6, GLOBAL4, "label 2001:db8:1::1/128 7\n", 1 },
  { GLOBAL6, GLOBAL4, "precedence nonsense/96 100\nlabel ::/200 1\nprecedence\n\n", -1 },
  { GLOBAL6, "10.0.0.2", "10.0.0.1", "precedence ::ffff:10.0.0.0/104 60\nprecedence ::/0 40\n", 1 },
};

static QnetHostAddress *
parse (const char *text)
{
  QnetHostAddress *address = text != NULL ? qnet_host_address_from_string (text) : NULL;

  g_assert_true ((address != NULL) == (text != NULL));

  return address;
}

static int
get_sign (int order)
{
  return (order > 0) - (order < 0);
}

static void
test_rules (void)
{
  g_test_summary ("RFC 6724, section 6, and gai.conf decide between an IPv6 and an IPv4 address.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const Row *row = &rows[i];
      g_autoptr(QnetHostAddress) ipv6 = parse (row->ipv6);
      g_autoptr(QnetHostAddress) ipv6_source = parse (row->ipv6_source);
      g_autoptr(QnetHostAddress) ipv4 = parse (row->ipv4);
      g_autoptr(QnetHostAddress) ipv4_source = parse (row->ipv4_source);
      QnetPolicyTable table;
      int order, reverse;

      qnet_policy_table_init (&table, row->gai_conf);
      order = qnet_policy_table_compare (&table, ipv6, ipv6_source, ipv4, ipv4_source);
      reverse = qnet_policy_table_compare (&table, ipv4, ipv4_source, ipv6, ipv6_source);
      qnet_policy_table_clear (&table);

      g_test_message ("row %" G_GSIZE_FORMAT, i);
      g_assert_cmpint (get_sign (order), ==, row->order);
      g_assert_cmpint (get_sign (reverse), ==, -row->order);
    }
}

static void
test_hosts_text (void)
{
  static const char text[] = "127.0.0.1\tlocalhost\n"
                             "# 192.0.2.1 comment.test\n"
                             "192.0.2.2  One.test two.test # three.test\r\n"
                             "four.test\n"
                             "\n"
                             "2001:db8::1 last.test";
  static const char *const present[] = { "localhost", "one.test", "TWO.test.", "last.test" };
  static const char *const absent[] = { "comment.test", "three.test", "four.test", "192.0.2.2",
                                        "test", "one", "ast.test", "last.tes", "" };

  g_test_summary ("A name is found in the hosts file wherever it is written, and nothing else is.");

  for (gsize i = 0; i < G_N_ELEMENTS (present); i++)
    g_assert_true (qnet_hosts_text_has_name (text, present[i]));

  for (gsize i = 0; i < G_N_ELEMENTS (absent); i++)
    g_assert_false (qnet_hosts_text_has_name (text, absent[i]));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/destination-order/rules", test_rules);
  g_test_add_func ("/destination-order/hosts-file", test_hosts_text);

  return g_test_run ();
}
