/* test-network-interface.c: the network interfaces of this machine, and of a network namespace
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

static QnetHostAddress *
parse (const char *text)
{
  QnetHostAddress *address = qnet_host_address_from_string (text);

  if (address == NULL)
    g_error ("%s: not an address", text);

  return address;
}

static void
assert_text (QnetHostAddress *address,
             const char      *expected)
{
  g_autofree char *text = qnet_host_address_to_string (address);

  g_assert_cmpstr (text, ==, expected);
}

/* Entries created by the test */

static void
test_entry (void)
{
  static const struct
  {
    const char *ip;
    int prefix_length;
    const char *netmask;
  } rows[] = {
    { "192.0.2.1", 24, "255.255.255.0" },
    { "192.0.2.1", 0, "0.0.0.0" },
    { "192.0.2.1", 32, "255.255.255.255" },
    { "2001:db8::1", 64, "ffff:ffff:ffff:ffff::" },
    { "2001:db8::1", 0, "::" },
    { "2001:db8::1", 127, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe" },
  };

  g_test_summary ("An entry with a prefix length has the mask, and the other way round.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(QnetHostAddress) ip = parse (rows[i].ip);
      g_autoptr(QnetHostAddress) netmask = parse (rows[i].netmask);
      g_autoptr(QnetNetworkAddressEntry) entry
        = qnet_network_address_entry_new (ip, rows[i].prefix_length, NULL);
      g_autoptr(QnetNetworkAddressEntry) same
        = qnet_network_address_entry_new_for_netmask (ip, netmask, NULL);

      assert_text (qnet_network_address_entry_get_ip (entry), rows[i].ip);
      assert_text (qnet_network_address_entry_get_netmask (entry), rows[i].netmask);
      g_assert_cmpint (qnet_network_address_entry_get_prefix_length (same), ==,
                       rows[i].prefix_length);
      g_assert_true (qnet_network_address_entry_equal (entry, same));
    }
}

static void
assert_unknown (QnetNetworkAddressEntry *entry)
{
  g_assert_cmpint (qnet_network_address_entry_get_prefix_length (entry), ==, -1);
  g_assert_true (qnet_host_address_is_null (qnet_network_address_entry_get_netmask (entry)));
  qnet_network_address_entry_unref (entry);
}

static void
test_entry_unknown (void)
{
  g_autoptr(QnetHostAddress) ipv4 = parse ("192.0.2.1");
  g_autoptr(QnetHostAddress) ipv6 = parse ("2001:db8::1");
  g_autoptr(QnetHostAddress) holes = parse ("255.0.255.0");
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();

  g_test_summary ("A prefix length out of range, or a mask that is not contiguous, is unknown.");

  assert_unknown (qnet_network_address_entry_new (ipv4, 33, NULL));
  assert_unknown (qnet_network_address_entry_new (ipv4, -2, NULL));
  assert_unknown (qnet_network_address_entry_new (ipv6, 129, NULL));
  assert_unknown (qnet_network_address_entry_new (null, 0, NULL));
  assert_unknown (qnet_network_address_entry_new_for_netmask (ipv4, holes, NULL));
  assert_unknown (qnet_network_address_entry_new_for_netmask (ipv4, ipv6, NULL));
  assert_unknown (qnet_network_address_entry_new_for_netmask (null, null, NULL));
}

static void
test_entry_rest (void)
{
  g_autoptr(QnetHostAddress) ip = parse ("192.0.2.1");
  g_autoptr(QnetHostAddress) broadcast = parse ("192.0.2.255");
  g_autoptr(QnetHostAddress) ipv6 = parse ("2001:db8::1");
  g_autoptr(QnetNetworkAddressEntry) entry = qnet_network_address_entry_new (ip, 24, broadcast);
  g_autoptr(QnetNetworkAddressEntry) other = qnet_network_address_entry_new (ip, 24, ipv6);

  g_test_summary ("Only IPv4 has a broadcast address, and the lifetime is unknown.");

  assert_text (qnet_network_address_entry_get_broadcast (entry), "192.0.2.255");
  g_assert_true (qnet_host_address_is_null (qnet_network_address_entry_get_broadcast (other)));
  g_assert_false (qnet_network_address_entry_equal (entry, other));

  g_assert_cmpint (qnet_network_address_entry_get_dns_eligibility (entry), ==,
                   QNET_DNS_ELIGIBILITY_UNKNOWN);
  g_assert_false (qnet_network_address_entry_is_lifetime_known (entry));
  g_assert_true (qnet_network_address_entry_is_permanent (entry));
  g_assert_false (qnet_network_address_entry_is_temporary (entry));
  g_assert_cmpint (qnet_network_address_entry_get_preferred_lifetime (entry), ==, -1);
  g_assert_cmpint (qnet_network_address_entry_get_validity_lifetime (entry), ==, -1);
}

static void
test_entry_boxed (void)
{
  g_autoptr(QnetHostAddress) ip = parse ("192.0.2.1");
  g_autoptr(QnetNetworkAddressEntry) entry = qnet_network_address_entry_new (ip, 24, NULL);
  g_auto(GValue) value = G_VALUE_INIT;

  g_test_summary ("A GValue shares an entry and does not copy it.");

  g_value_init (&value, QNET_TYPE_NETWORK_ADDRESS_ENTRY);
  g_value_set_boxed (&value, entry);
  g_assert_true (g_value_get_boxed (&value) == entry);
}

/* This machine */

static void
test_as_the_system (void)
{
  struct if_nameindex *names = if_nameindex ();
  g_autoptr(GPtrArray) all = qnet_network_interface_list_all ();
  guint n_names = 0;

  g_test_summary ("The interfaces are those of the system, and are found by name and by index.");

  for (; names[n_names].if_index != 0; n_names++)
    {
      const char *name = names[n_names].if_name;
      g_autofree char *number = g_strdup_printf ("%u", names[n_names].if_index);
      g_autoptr(QnetNetworkInterface) by_name = qnet_network_interface_from_name (name);
      g_autoptr(QnetNetworkInterface) by_number = qnet_network_interface_from_name (number);
      g_autoptr(QnetNetworkInterface) by_index
        = qnet_network_interface_from_index (names[n_names].if_index);
      g_autofree char *found_name
        = qnet_network_interface_interface_name_from_index (names[n_names].if_index);

      g_assert_cmpstr (qnet_network_interface_get_name (by_index), ==, name);
      g_assert_cmpuint (qnet_network_interface_get_index (by_name), ==, names[n_names].if_index);
      g_assert_true (qnet_network_interface_equal (by_name, by_index));
      g_assert_true (qnet_network_interface_equal (by_name, by_number));
      g_assert_cmpstr (found_name, ==, name);
      g_assert_cmpuint (qnet_network_interface_interface_index_from_name (name), ==,
                        names[n_names].if_index);
      g_assert_cmpuint (qnet_network_interface_interface_index_from_name (number), ==,
                        names[n_names].if_index);
    }

  g_assert_cmpuint (all->len, ==, n_names);
  for (guint i = 1; i < all->len; i++)
    g_assert_cmpuint (qnet_network_interface_get_index (all->pdata[i - 1]), <,
                      qnet_network_interface_get_index (all->pdata[i]));

  if_freenameindex (names);
}

static void
test_none (void)
{
  g_test_summary ("An interface that does not exist is not found, and 0 is not an index.");

  g_assert_null (qnet_network_interface_from_name ("no-such-thing"));
  g_assert_null (qnet_network_interface_from_name (""));
  g_assert_null (qnet_network_interface_from_name ("0"));
  g_assert_null (qnet_network_interface_from_name ("4294967296"));
  g_assert_null (qnet_network_interface_from_index (0));
  g_assert_null (qnet_network_interface_from_index (G_MAXINT));
  g_assert_null (qnet_network_interface_interface_name_from_index (0));
  g_assert_cmpuint (qnet_network_interface_interface_index_from_name ("no-such-thing"), ==, 0);
  g_assert_cmpuint (qnet_network_interface_interface_index_from_name ("2147483647"), ==, 0);
}

static QnetNetworkAddressEntry *
find_entry (QnetNetworkInterface *interface,
            const char           *ip)
{
  GPtrArray *entries = qnet_network_interface_get_address_entries (interface);

  for (guint i = 0; i < entries->len; i++)
    {
      g_autofree char *text
        = qnet_host_address_to_string (qnet_network_address_entry_get_ip (entries->pdata[i]));

      if (g_strcmp0 (text, ip) == 0)
        return entries->pdata[i];
    }

  return NULL;
}

static gboolean
lists_address (const char *ip)
{
  g_autoptr(GPtrArray) addresses = qnet_network_interface_list_all_addresses ();
  g_autoptr(QnetHostAddress) address = parse (ip);

  for (guint i = 0; i < addresses->len; i++)
    if (qnet_host_address_equal (addresses->pdata[i], address))
      return TRUE;

  return FALSE;
}

static void
test_loopback (void)
{
  g_autoptr(QnetNetworkInterface) lo = qnet_network_interface_from_name ("lo");
  QnetNetworkAddressEntry *entry;

  g_test_summary ("The loopback interface has its flag and type, and the address 127.0.0.1.");

  if (lo == NULL || find_entry (lo, "127.0.0.1") == NULL)
    {
      g_test_skip ("there is no interface \"lo\" with 127.0.0.1 here");
      return;
    }

  g_assert_true (qnet_network_interface_get_flags (lo) & QNET_INTERFACE_FLAGS_IS_LOOP_BACK);
  g_assert_true (qnet_network_interface_get_flags (lo) & QNET_INTERFACE_FLAGS_IS_UP);
  g_assert_cmpint (qnet_network_interface_get_interface_type (lo), ==,
                   QNET_INTERFACE_TYPE_LOOPBACK);
  g_assert_cmpuint (qnet_network_interface_get_maximum_transmission_unit (lo), >, 0);
  g_assert_cmpstr (qnet_network_interface_get_human_readable_name (lo), ==, "lo");
  g_assert_cmpstr (qnet_network_interface_get_hardware_address (lo), ==, "00:00:00:00:00:00");

  entry = find_entry (lo, "127.0.0.1");
  g_assert_cmpint (qnet_network_address_entry_get_prefix_length (entry), ==, 8);
  g_assert_true (qnet_host_address_is_null (qnet_network_address_entry_get_broadcast (entry)));
  g_assert_cmpint (qnet_network_address_entry_get_dns_eligibility (entry), ==,
                   QNET_DNS_ELIGIBILITY_INELIGIBLE);
  g_assert_true (lists_address ("127.0.0.1"));
}

static void
test_boxed (void)
{
  g_autoptr(GPtrArray) all = qnet_network_interface_list_all ();

  g_test_summary ("A GValue shares an interface and does not copy it.");

  for (guint i = 0; i < all->len; i++)
    {
      g_auto(GValue) value = G_VALUE_INIT;

      g_value_init (&value, QNET_TYPE_NETWORK_INTERFACE);
      g_value_set_boxed (&value, all->pdata[i]);
      g_assert_true (g_value_get_boxed (&value) == all->pdata[i]);
    }
}

/* Interfaces of a network namespace, which this thread enters */

typedef struct
{
  int home;  /* the original namespace, -1: it could not be left */
} Fixture;

static gboolean
run (const char *command)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;
  int status = -1;

  if (g_spawn_command_line_sync (command, NULL, &messages, &status, &error)
      && g_spawn_check_wait_status (status, &error))
    return TRUE;

  g_test_message ("%s: %s %s", command, error->message, messages != NULL ? messages : "");
  return FALSE;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->home = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

  if (unshare (CLONE_NEWNET) < 0)
    {
      close (fixture->home);
      fixture->home = -1;
      g_test_skip ("it may not make a network namespace");
    }
  else if (!run ("ip link add qnet0 type veth peer name qnet1"))
    g_test_skip ("it cannot make an interface with ip");
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  if (fixture->home < 0)
    return;

  g_assert_no_errno (setns (fixture->home, CLONE_NEWNET));
  close (fixture->home);
}

static gboolean
is_made (void)
{
  return qnet_network_interface_interface_index_from_name ("qnet0") != 0;
}

/* The kernel detects after a while that the other end is up. */
static QnetNetworkInterface *
wait_until_running (const char *name)
{
  QnetNetworkInterface *interface = qnet_network_interface_from_name (name);

  while ((qnet_network_interface_get_flags (interface) & QNET_INTERFACE_FLAGS_IS_RUNNING) == 0)
    {
      qnet_network_interface_unref (interface);
      interface = qnet_network_interface_from_name (name);
    }

  return interface;
}

static void
test_made_interface (Fixture       *fixture,
                     gconstpointer  data)
{
  const QnetInterfaceFlags can = QNET_INTERFACE_FLAGS_CAN_BROADCAST
                                 | QNET_INTERFACE_FLAGS_CAN_MULTICAST;
  g_autoptr(QnetNetworkInterface) down = NULL;
  g_autoptr(QnetNetworkInterface) up = NULL;

  g_test_summary ("Type, flags, MTU and hardware address have the values that were set.");

  if (!is_made ())
    return;

  g_assert_true (run ("ip link set qnet0 mtu 1400 address 02:00:5e:10:ab:07"));
  down = qnet_network_interface_from_name ("qnet0");
  g_assert_cmpint (qnet_network_interface_get_flags (down), ==, can);
  g_assert_cmpint (qnet_network_interface_get_interface_type (down), ==,
                   QNET_INTERFACE_TYPE_ETHERNET);
  g_assert_cmpuint (qnet_network_interface_get_maximum_transmission_unit (down), ==, 1400);
  g_assert_cmpstr (qnet_network_interface_get_hardware_address (down), ==, "02:00:5E:10:AB:07");
  g_assert_cmpuint (qnet_network_interface_get_address_entries (down)->len, ==, 0);

  g_assert_true (run ("ip link set qnet0 up"));
  g_assert_true (run ("ip link set qnet1 up"));
  up = wait_until_running ("qnet0");
  g_assert_cmpint (qnet_network_interface_get_flags (up), ==,
                   can | QNET_INTERFACE_FLAGS_IS_UP | QNET_INTERFACE_FLAGS_IS_RUNNING);
  g_assert_true (qnet_network_interface_equal (down, up));
}

static void
assert_ipv4 (QnetNetworkInterface *interface,
             const char           *ip,
             int                   prefix_length,
             const char           *broadcast)
{
  QnetNetworkAddressEntry *entry = find_entry (interface, ip);

  g_assert_nonnull (entry);
  g_assert_cmpint (qnet_network_address_entry_get_prefix_length (entry), ==, prefix_length);
  assert_text (qnet_network_address_entry_get_broadcast (entry), broadcast);
}

static void
test_peer (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetNetworkInterface) interface = NULL;

  g_test_summary (
    "The peer of an address is not its broadcast address, though the interface can broadcast.");

  if (!is_made ())
    return;

  g_assert_true (run ("ip addr add 198.51.100.7 peer 198.51.100.8 dev qnet0"));
  g_assert_true (run ("ip addr add 203.0.113.7 peer 203.0.113.8/24 dev qnet0"));
  g_assert_true (run ("ip addr add 192.0.2.7 peer 192.0.2.8/24 brd 192.0.2.200 dev qnet0"));
  g_assert_true (run ("ip addr add 2001:db8::7 peer 2001:db8::8 dev qnet0"));

  interface = qnet_network_interface_from_name ("qnet0");
  assert_ipv4 (interface, "198.51.100.7", 32, "");
  assert_ipv4 (interface, "203.0.113.7", 24, "");
  assert_ipv4 (interface, "192.0.2.7", 24, "192.0.2.200");
  assert_ipv4 (interface, "2001:db8::7", 128, "");
}

static void
test_peer_and_network (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr(QnetNetworkInterface) interface = NULL;
  GPtrArray *entries;
  guint n_peers = 0;

  g_test_summary ("The same address has a broadcast address in a network, but not on a "
                  "point-to-point link.");

  if (!is_made ())
    return;

  g_assert_true (run ("ip addr add 198.51.100.7 peer 198.51.100.8 dev qnet0"));
  g_assert_true (run ("ip addr add 198.51.100.7/24 dev qnet0"));
  interface = qnet_network_interface_from_name ("qnet0");
  entries = qnet_network_interface_get_address_entries (interface);
  g_assert_cmpuint (entries->len, ==, 2);

  for (guint i = 0; i < entries->len; i++)
    {
      QnetNetworkAddressEntry *entry = entries->pdata[i];
      gboolean is_peer = qnet_network_address_entry_get_prefix_length (entry) == 32;

      n_peers += is_peer;
      assert_text (qnet_network_address_entry_get_broadcast (entry),
                   is_peer ? "" : "198.51.100.255");
    }

  g_assert_cmpuint (n_peers, ==, 1);
}

static void
test_made_addresses (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(QnetNetworkInterface) interface = NULL;

  g_test_summary ("Addresses have their network, a missing broadcast address is computed, and the "
                  "addresses of an interface that is down are not listed.");

  if (!is_made ())
    return;

  g_assert_true (run ("ip addr add 198.51.100.7/24 dev qnet0"));
  g_assert_true (run ("ip addr add 203.0.113.7/26 brd 203.0.113.60 dev qnet0 label qnet0:1"));
  g_assert_true (run ("ip addr add 192.0.2.7/32 dev qnet0"));

  interface = qnet_network_interface_from_name ("qnet0");
  g_assert_cmpuint (qnet_network_interface_get_address_entries (interface)->len, ==, 3);
  assert_ipv4 (interface, "198.51.100.7", 24, "198.51.100.255");
  assert_ipv4 (interface, "203.0.113.7", 26, "203.0.113.60");
  assert_ipv4 (interface, "192.0.2.7", 32, "");

  g_assert_null (qnet_network_interface_from_name ("qnet0:1"));
  g_assert_false (lists_address ("198.51.100.7"));
  g_assert_true (run ("ip link set qnet0 up"));
  g_assert_true (lists_address ("198.51.100.7"));
}

static void
test_made_lifetimes (Fixture       *fixture,
                     gconstpointer  data)
{
  const gint64 start = g_get_monotonic_time ();
  g_autoptr(QnetNetworkInterface) interface = NULL;
  QnetNetworkAddressEntry *leased, *deprecated, *permanent;

  g_test_summary ("Lifetimes are those of the system, and determine the DNS eligibility.");

  if (!is_made ())
    return;

  if (!run ("ip -6 addr add 2001:db8::1/64 dev qnet0 nodad"))
    {
      g_test_skip ("there is no IPv6 here");
      return;
    }

  g_assert_true (run ("ip addr add 192.0.2.7/24 dev qnet0 valid_lft 3600 preferred_lft 1800"));
  g_assert_true (run ("ip -6 addr add 2001:db8::2/64 dev qnet0 nodad valid_lft 3600 "
                      "preferred_lft 0"));

  interface = qnet_network_interface_from_name ("qnet0");
  leased = find_entry (interface, "192.0.2.7");
  g_assert_true (qnet_network_address_entry_is_lifetime_known (leased));
  g_assert_true (qnet_network_address_entry_is_temporary (leased));
  g_assert_false (qnet_network_address_entry_is_permanent (leased));
  g_assert_cmpint (qnet_network_address_entry_get_validity_lifetime (leased), >=,
                   start + 3500 * (gint64) G_USEC_PER_SEC);
  g_assert_cmpint (qnet_network_address_entry_get_preferred_lifetime (leased), <=,
                   start + 1900 * (gint64) G_USEC_PER_SEC);
  g_assert_cmpint (qnet_network_address_entry_get_dns_eligibility (leased), ==,
                   QNET_DNS_ELIGIBILITY_ELIGIBLE);

  deprecated = find_entry (interface, "2001:db8::2");
  g_assert_cmpint (qnet_network_address_entry_get_dns_eligibility (deprecated), ==,
                   QNET_DNS_ELIGIBILITY_INELIGIBLE);

  permanent = find_entry (interface, "2001:db8::1");
  g_assert_true (qnet_network_address_entry_is_lifetime_known (permanent));
  g_assert_true (qnet_network_address_entry_is_permanent (permanent));
  g_assert_cmpint (qnet_network_address_entry_get_prefix_length (permanent), ==, 64);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/network-interface/entry", test_entry);
  g_test_add_func ("/network-interface/entry/unknown", test_entry_unknown);
  g_test_add_func ("/network-interface/entry/broadcast-and-lifetime", test_entry_rest);
  g_test_add_func ("/network-interface/entry/boxed", test_entry_boxed);
  g_test_add_func ("/network-interface/as-the-system", test_as_the_system);
  g_test_add_func ("/network-interface/unknown", test_none);
  g_test_add_func ("/network-interface/loopback", test_loopback);
  g_test_add_func ("/network-interface/boxed", test_boxed);

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/network-interface/made/interface", test_made_interface);
  ADD ("/network-interface/made/addresses", test_made_addresses);
  ADD ("/network-interface/made/peer-is-no-broadcast-address", test_peer);
  ADD ("/network-interface/made/peer-and-network", test_peer_and_network);
  ADD ("/network-interface/made/lifetimes", test_made_lifetimes);
#undef ADD

  return g_test_run ();
}
