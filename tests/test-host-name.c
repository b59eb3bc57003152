/* test-host-name.c: the canonical form of host names and addresses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <net/if.h>

#include "address/qnet-host-name-private.h"

typedef struct
{
  const char *name;
  const char *canonical;  /* (nullable): NULL for no host */
} Spelling;

static const Spelling names[] = {
  { "example.org", "example.org" },
  { "Example.ORG", "example.org" },
  { "example.org.", "example.org" },
  { "EXAMPLE.org.", "example.org" },
  { "localhost.", "localhost" },
  { "bücher.example", "xn--bcher-kva.example" },
  { "BÜCHER.Example.", "xn--bcher-kva.example" },
  { "XN--BCHER-KVA.example", "xn--bcher-kva.example" },
  { "a。example。", "a.example" },  /* ideographic full stops */
  { "_service._tcp.example", "_service._tcp.example" },
};

static const Spelling addresses[] = {
  { "127.0.0.1", "127.0.0.1" },
  { "127.1", "127.0.0.1" },
  { "0x7f.1", "127.0.0.1" },
  { "0177.0.0.1", "127.0.0.1" },
  { "2130706433", "127.0.0.1" },
  { "127.0.0.1.", "127.0.0.1" },
  { "127.1.", "127.0.0.1" },
  { " 127.0.0.1 ", "127.0.0.1" },
  { "１２７.０.０.１", "127.0.0.1" },  /* full-width digits: IDNA makes ASCII of them */
  { "::ffff:127.0.0.1", "127.0.0.1" },
  { "[::ffff:7f00:1]", "127.0.0.1" },
  { "::1", "::1" },
  { "[::1]", "::1" },
  { "0:0::0001", "::1" },
  { "[2001:DB8::A]", "2001:db8::a" },
  { "2001:db8:0:0:0:0:0:a", "2001:db8::a" },
  { "0.0.0.0", "0.0.0.0" },
  { "::", "::" },
  { "fe80::1%no-such", "fe80::1%no-such" },
  { "[fe80::1%no-such]", "fe80::1%no-such" },
  { "[fe80::1%25no-such]", "fe80::1%no-such" },
  { "[fe80::1%25]", "fe80::1%25" },
};

static const Spelling none[] = {
  { "" },
  { "." },
  { ".." },
  { "a..b" },
  { ".a" },
  { "a.." },
  { "\xff.example" },
  { "[::1" },
  { "[]" },
  { "[127.0.0.1]" },
  { "::1::" },
  { "example.org:80" },
  { "user@example.org" },
  { "two words" },
  { "an-overlong-label-an-overlong-label-an-overlong-label-overlong-label.example" },
};

/* As TLS identifies them */
static const Spelling identities[] = {
  { "Example.ORG.", "example.org" },
  { "BÜCHER.Example.", "xn--bcher-kva.example" },
  { "127.1", "127.0.0.1" },
  { "[::1]", "::1" },
  { "::1%lo", "::1" },
  { "fe80::1%no-such", "fe80::1" },
  { "[fe80::1%25no-such]", "fe80::1" },
  { "::ffff:127.0.0.1", "127.0.0.1" },
  { "a..b" },
  { "" },
};

static const Spelling patterns[] = {
  { "*.Example.ORG.", "*.example.org" },
  { "*.bücher.example", "*.xn--bcher-kva.example" },
  { "Bücher.Example", "xn--bcher-kva.example" },
  { "*." },
  { "*.a..b" },
  { "*.a:80" },
};

static void
test_identities (void)
{
  g_test_summary ("All forms of a name are one identity, which has no scope; so are patterns.");

  for (gsize i = 0; i < G_N_ELEMENTS (identities); i++)
    {
      g_autofree char *identity = qnet_host_name_to_identity (identities[i].name);

      g_assert_cmpstr (identity, ==, identities[i].canonical);
    }

  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autofree char *pattern = qnet_host_name_to_pattern (patterns[i].name);

      g_assert_cmpstr (pattern, ==, patterns[i].canonical);
    }
}

static void
check_spellings (const Spelling *spellings,
                 gsize           n_spellings)
{
  for (gsize i = 0; i < n_spellings; i++)
    {
      g_autofree char *canonical = qnet_host_name_canonicalize (spellings[i].name);
      g_autofree char *again = NULL;

      g_assert_cmpstr (canonical, ==, spellings[i].canonical);

      again = canonical != NULL ? qnet_host_name_canonicalize (canonical) : NULL;
      g_assert_cmpstr (again, ==, canonical);
    }
}

static void
test_names (void)
{
  g_test_summary ("The case, a final dot and the script of a name do not change its canonical "
                  "form.");

  check_spellings (names, G_N_ELEMENTS (names));
}

static void
test_addresses (void)
{
  g_test_summary ("All forms of an address have the same canonical form.");

  check_spellings (addresses, G_N_ELEMENTS (addresses));
}

static void
test_none (void)
{
  g_test_summary ("An invalid host name has no canonical form, and is not equal to anything.");

  for (gsize i = 0; i < G_N_ELEMENTS (none); i++)
    {
      g_autofree char *canonical = qnet_host_name_canonicalize (none[i].name);

      g_assert_cmpstr (canonical, ==, NULL);
      g_assert_false (qnet_host_name_equal (none[i].name, none[i].name));
    }
}

static void
test_scope (void)
{
  g_autofree char *by_number = g_strdup_printf ("fe80::1%%%u", if_nametoindex ("lo"));
  g_autofree char *in_uri = g_strdup_printf ("[fe80::1%%25%u]", if_nametoindex ("lo"));

  g_test_summary ("The name and the index of an interface are the same scope.");

  if (if_nametoindex ("lo") == 0)
    {
      g_test_skip ("there is no interface lo");
      return;
    }

  g_assert_true (qnet_host_name_equal (by_number, "fe80::1%lo"));
  g_assert_true (qnet_host_name_equal (in_uri, "FE80:0::1%lo"));
  g_assert_false (qnet_host_name_equal ("fe80::1", "fe80::1%lo"));
}

static void
test_equal (void)
{
  g_test_summary ("Two forms of the same host are equal.");

  g_assert_true (qnet_host_name_equal ("Proxy.example.", "proxy.EXAMPLE"));
  g_assert_true (qnet_host_name_equal ("[::1]", "0::1"));
  g_assert_false (qnet_host_name_equal ("0.0.0.0", "::"));
  g_assert_false (qnet_host_name_equal ("localhost", "127.0.0.1"));
}

static void
test_to_address (void)
{
  g_autoptr(QnetHostAddress) bracketed = qnet_host_name_to_address ("[::1]");
  g_autoptr(QnetHostAddress) dotted = qnet_host_name_to_address ("127.1.");
  g_autoptr(QnetHostAddress) name = qnet_host_name_to_address ("localhost");
  g_autoptr(QnetHostAddress) bracketed_ipv4 = qnet_host_name_to_address ("[127.0.0.1]");

  g_test_summary ("Addresses are recognized in each form, and names are not addresses.");

  g_assert_true (qnet_host_address_is_loopback (bracketed));
  g_assert_true (qnet_host_address_is_loopback (dotted));
  g_assert_null (name);
  g_assert_null (bracketed_ipv4);
}

static char *
generate_name (void)
{
  static const char *const pieces[] = { "a", "B", ".", ".",    "1",  "127",  "0x",  ":",  "::",
                                        "[", "]", "%", "%25",  "lo", "fe80", "ü",   "。", "１",
                                        "-", "_", " ", "xn--", "/",  "@",    "\xff" };
  GString *name = g_string_new (NULL);
  int n = g_test_rand_int_range (0, 9);

  for (int i = 0; i < n; i++)
    g_string_append (name, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);

  return g_string_free (name, FALSE);
}

static void
test_random (void)
{
  g_test_summary ("The canonical form of random text is ASCII, its own canonical form, and an "
                  "address exactly if the text is one.");

  for (int i = 0; i < 50000; i++)
    {
      g_autofree char *name = generate_name ();
      g_autofree char *canonical = qnet_host_name_canonicalize (name);
      g_autofree char *again = canonical != NULL ? qnet_host_name_canonicalize (canonical) : NULL;
      g_autoptr(QnetHostAddress) address = qnet_host_name_to_address (name);
      g_autoptr (QnetHostAddress) same =
        canonical != NULL ? qnet_host_name_to_address (canonical) : NULL;

      g_assert_cmpstr (canonical, ==, again);
      g_assert_true ((address != NULL) == (same != NULL));
      g_assert_true (canonical == NULL || g_utf8_validate (canonical, -1, NULL));
      g_assert_true (canonical != NULL || address == NULL);
      g_assert_true (qnet_host_name_equal (name, name) == (canonical != NULL));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/host-name/identities", test_identities);
  g_test_add_func ("/host-name/canonical/names", test_names);
  g_test_add_func ("/host-name/canonical/addresses", test_addresses);
  g_test_add_func ("/host-name/canonical/none", test_none);
  g_test_add_func ("/host-name/canonical/scope", test_scope);
  g_test_add_func ("/host-name/canonical/random", test_random);
  g_test_add_func ("/host-name/equal", test_equal);
  g_test_add_func ("/host-name/to-address", test_to_address);

  return g_test_run ();
}
