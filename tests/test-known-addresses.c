/* test-known-addresses.c: the cache of addresses received from the kernel
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <netinet/in.h>
#include <string.h>

#include <qnet/qnet.h>

#include "address/qnet-host-address-private.h"
#include "address/qnet-known-addresses-private.h"

typedef struct
{
  QnetKnownAddresses known;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->known = (QnetKnownAddresses) { 0 };
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  qnet_known_addresses_clear (&fixture->known);
  qnet_known_addresses_clear (&fixture->known);
}

/* A native address as from the kernel, each time with another port. */
static QnetHostAddress *
get (Fixture    *fixture,
     const char *text,
     guint32     scope)
{
  static guint16 port = 1;
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string (text);
  struct sockaddr_storage native;

  qnet_host_address_to_native (address, port++, &native);
  if (native.ss_family == AF_INET6)
    ((struct sockaddr_in6 *) &native)->sin6_scope_id = scope;

  return qnet_known_addresses_get (&fixture->known, &native);
}

static void
test_again (Fixture       *fixture,
            gconstpointer  data)
{
  static const char *const texts[] = {
    "192.0.2.1", "192.0.2.2", "2001:db8::3", "fe80::4", "127.0.0.1"
  };

  g_test_summary ("The same address with another port is not allocated again.");

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(QnetHostAddress) expected = qnet_host_address_from_string (texts[i]);
      g_autoptr(QnetHostAddress) address = get (fixture, texts[i], 0);
      g_autoptr(QnetHostAddress) again = get (fixture, texts[i], 0);

      g_assert_true (qnet_host_address_equal (address, expected));
      g_assert_true (address == again);
    }
}

static void
test_one_slot (Fixture       *fixture,
               gconstpointer  data)
{
  static const char *const texts[] = {
    "192.0.2.1", "192.0.2.9", "2001:db8::1", "2001:db8::101", "::c000:201"
  };

  g_test_summary ("Different addresses that share a slot are distinguished, also those of two "
                  "families.");

  for (guint round = 0; round < 2; round++)
    for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
      {
        g_autoptr(QnetHostAddress) expected = qnet_host_address_from_string (texts[i]);
        g_autoptr(QnetHostAddress) address = get (fixture, texts[i], 0);

        g_assert_true (qnet_host_address_equal (address, expected));
      }
}

static void
test_scope (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(QnetHostAddress) without = get (fixture, "fe80::1", 0);
  g_autoptr(QnetHostAddress) on_lo = get (fixture, "fe80::1", 1);
  g_autoptr(QnetHostAddress) elsewhere = get (fixture, "fe80::1", 99);

  g_test_summary ("An address with another scope is another address.");

  g_assert_null (qnet_host_address_get_scope_id (without));
  g_assert_nonnull (qnet_host_address_get_scope_id (on_lo));
  g_assert_false (qnet_host_address_equal (on_lo, elsewhere));
}

static void
test_mapped (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetHostAddress) expected = qnet_host_address_from_string ("192.0.2.1");
  static const guint8 mapped[16] = { [10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 1 };
  struct sockaddr_storage native = { .ss_family = AF_INET6 };
  g_autoptr(QnetHostAddress) address = NULL;

  g_test_summary ("v4-mapped addresses from a dual-stack socket become IPv4.");

  memcpy (&((struct sockaddr_in6 *) &native)->sin6_addr, mapped, sizeof mapped);
  address = qnet_known_addresses_get (&fixture->known, &native);
  g_assert_true (qnet_host_address_equal (address, expected));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/known-addresses/same-address-is-not-allocated-again", Fixture, NULL, set_up,
              test_again, tear_down);
  g_test_add ("/known-addresses/addresses-in-one-slot-are-distinguished", Fixture, NULL, set_up,
              test_one_slot, tear_down);
  g_test_add ("/known-addresses/scope", Fixture, NULL, set_up, test_scope, tear_down);
  g_test_add ("/known-addresses/mapped", Fixture, NULL, set_up, test_mapped, tear_down);

  return g_test_run ();
}
