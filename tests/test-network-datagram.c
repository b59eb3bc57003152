/* test-network-datagram.c: a datagram, its sender and its destination
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <gio/gunixsocketaddress.h>
#include <qnet/qnet.h>

#include "common/bytes.h"

typedef struct
{
  GBytes          *bytes;        /* all (owned) */
  QnetHostAddress *sender;
  QnetHostAddress *destination;
  QnetHostAddress *group;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->bytes = g_bytes_new_static ("hello", 5);
  fixture->sender = qnet_host_address_from_string ("192.0.2.1");
  fixture->destination = qnet_host_address_from_string ("2001:db8::2");
  fixture->group = qnet_host_address_from_string ("239.1.2.3");
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_bytes_unref (fixture->bytes);
  qnet_host_address_unref (fixture->sender);
  qnet_host_address_unref (fixture->destination);
  qnet_host_address_unref (fixture->group);
}

static void
test_new (Fixture       *fixture,
          gconstpointer  data)
{
  g_autoptr(QnetNetworkDatagram) datagram =
    qnet_network_datagram_new_from_bytes (fixture->bytes, fixture->destination, 53);
  g_autoptr(QnetNetworkDatagram) bare = qnet_network_datagram_new_from_bytes (fixture->bytes, NULL,
                                                                              53);

  g_test_summary ("A new datagram has its bytes and its destination, and nothing else.");

  g_assert_true (qnet_network_datagram_get_bytes (datagram) == fixture->bytes);
  g_assert_true (qnet_host_address_equal (qnet_network_datagram_get_destination_address (datagram),
                                          fixture->destination));
  g_assert_cmpint (qnet_network_datagram_get_destination_port (datagram), ==, 53);
  g_assert_true (qnet_host_address_is_null (qnet_network_datagram_get_sender_address (datagram)));
  g_assert_cmpint (qnet_network_datagram_get_sender_port (datagram), ==, -1);
  g_assert_cmpuint (qnet_network_datagram_get_interface_index (datagram), ==, 0);
  g_assert_cmpint (qnet_network_datagram_get_hop_limit (datagram), ==, -1);
  g_assert_false (qnet_network_datagram_is_truncated (datagram));
  g_assert_true (qnet_network_datagram_is_valid (datagram));

  g_assert_false (qnet_network_datagram_is_valid (bare));
  g_assert_cmpint (qnet_network_datagram_get_destination_port (bare), ==, -1);
}

static void
test_arrays (Fixture       *fixture,
             gconstpointer  data)
{
  static const guint8 content[] = { 0, 255, 0 };
  g_autoptr(QnetNetworkDatagram) datagram =
    qnet_network_datagram_new (content, sizeof content, fixture->destination, 53);
  g_autoptr(QnetNetworkDatagram) empty = qnet_network_datagram_new (NULL, 0, NULL, 0);
  g_autoptr(QnetNetworkDatagram) full =
    qnet_network_datagram_new_full (NULL, 0, NULL, -1, fixture->destination, 53, 0, -1);
  gsize size;

  g_test_summary ("A datagram copies an array of bytes, which is NULL if there are none.");

  g_assert_nonnull (datagram);
  g_assert_cmpmem (qnet_network_datagram_get_data (datagram, &size), size, content, sizeof content);
  g_assert_true (qnet_network_datagram_get_data (datagram, &size) != content);

  qnet_network_datagram_get_data (empty, &size);
  g_assert_cmpuint (size, ==, 0);
  g_assert_false (qnet_network_datagram_is_valid (empty));

  qnet_network_datagram_get_data (full, &size);
  g_assert_cmpuint (size, ==, 0);
  g_assert_true (qnet_network_datagram_is_valid (full));
  g_assert_cmpint (qnet_network_datagram_get_sender_port (full), ==, -1);
}

static void
test_with (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(GBytes) other_bytes = g_bytes_new_static ("bye", 3);
  g_autoptr(QnetNetworkDatagram) plain =
    qnet_network_datagram_new_from_bytes (fixture->bytes, fixture->destination, 53);
  g_autoptr(QnetNetworkDatagram) with_data = qnet_network_datagram_with_bytes (plain, other_bytes);
  g_autoptr(QnetNetworkDatagram) with_sender = qnet_network_datagram_with_sender (with_data,
                                                                                  fixture->sender,
                                                                                  7);
  g_autoptr(QnetNetworkDatagram) with_destination =
    qnet_network_datagram_with_destination (with_sender, fixture->group, 8);
  g_autoptr(QnetNetworkDatagram) with_interface =
    qnet_network_datagram_with_interface_index (with_destination, 3);
  g_autoptr(QnetNetworkDatagram) all = qnet_network_datagram_with_hop_limit (with_interface, 1);

  g_test_summary ("Copies differ in one part and share the rest; the original does not change.");

  g_assert_true (qnet_network_datagram_get_bytes (all) == other_bytes);
  g_assert_true (qnet_network_datagram_get_sender_address (all) == fixture->sender);
  g_assert_cmpint (qnet_network_datagram_get_sender_port (all), ==, 7);
  g_assert_true (qnet_network_datagram_get_destination_address (all) == fixture->group);
  g_assert_cmpint (qnet_network_datagram_get_destination_port (all), ==, 8);
  g_assert_cmpuint (qnet_network_datagram_get_interface_index (all), ==, 3);
  g_assert_cmpint (qnet_network_datagram_get_hop_limit (all), ==, 1);

  g_assert_true (qnet_network_datagram_get_bytes (plain) == fixture->bytes);
  g_assert_cmpint (qnet_network_datagram_get_sender_port (plain), ==, -1);
  g_assert_cmpuint (qnet_network_datagram_get_interface_index (with_destination), ==, 0);
}

static void
test_reply (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(GBytes) answer = g_bytes_new_static ("answer", 6);
  g_autoptr(QnetNetworkDatagram) in = qnet_network_datagram_new_full (DATA (fixture->bytes),
                                                                      fixture->sender, 1000,
                                                                      fixture->destination, 53, 2,
                                                                      60);
  g_autoptr(QnetNetworkDatagram) reply = qnet_network_datagram_make_reply_bytes (in, answer);

  g_test_summary ("A reply swaps sender and destination, keeps the interface, and leaves the hop "
                  "limit to the system.");

  g_assert_true (qnet_network_datagram_get_bytes (reply) == answer);
  g_assert_true (qnet_network_datagram_get_sender_address (reply) == fixture->destination);
  g_assert_cmpint (qnet_network_datagram_get_sender_port (reply), ==, 53);
  g_assert_true (qnet_network_datagram_get_destination_address (reply) == fixture->sender);
  g_assert_cmpint (qnet_network_datagram_get_destination_port (reply), ==, 1000);
  g_assert_cmpuint (qnet_network_datagram_get_interface_index (reply), ==, 2);
  g_assert_cmpint (qnet_network_datagram_get_hop_limit (reply), ==, -1);
}

static void
test_reply_to_group (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(QnetNetworkDatagram) in = qnet_network_datagram_new_full (DATA (fixture->bytes),
                                                                      fixture->sender, 1000,
                                                                      fixture->group, 53, 2, 60);
  g_autoptr(QnetNetworkDatagram) reply = qnet_network_datagram_make_reply_bytes (in,
                                                                                 fixture->bytes);

  g_test_summary ("A group does not become the sender of a reply.");

  g_assert_true (qnet_host_address_is_null (qnet_network_datagram_get_sender_address (reply)));
  g_assert_cmpint (qnet_network_datagram_get_sender_port (reply), ==, -1);
  g_assert_true (qnet_network_datagram_get_destination_address (reply) == fixture->sender);
}

static void
test_message (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(GSocketAddress) from = qnet_host_address_to_socket_address (fixture->sender, 1);
  g_autoptr(GSocketAddress) to = qnet_host_address_to_socket_address (fixture->destination, 2);
  g_autoptr(QnetNetworkDatagram) both =
    qnet_network_datagram_new_from_message (DATA (fixture->bytes),
                                                                                from, to, NULL);
  g_autoptr(QnetNetworkDatagram) neither =
    qnet_network_datagram_new_from_message (DATA (fixture->bytes),
                                                                                   NULL, NULL,
                                                                                   NULL);
  GSocketAddress *sender;
  GSocketAddress *destination;

  g_test_summary ("Sender and destination convert from GIO's addresses, and back.");

  g_assert_cmpint (qnet_network_datagram_get_sender_port (both), ==, 1);
  g_assert_true (qnet_host_address_equal (qnet_network_datagram_get_destination_address (both),
                                          fixture->destination));

  qnet_network_datagram_get_socket_addresses (both, &sender, &destination);
  g_assert_cmpuint (g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (sender)), ==, 1);
  g_assert_cmpuint (g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (destination)), ==, 2);
  g_clear_object (&sender);
  g_clear_object (&destination);

  g_assert_false (qnet_network_datagram_is_valid (neither));
  qnet_network_datagram_get_socket_addresses (neither, &sender, &destination);
  g_assert_null (sender);
  g_assert_null (destination);
  qnet_network_datagram_get_socket_addresses (both, NULL, NULL);
}

static void
test_message_bad (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(GSocketAddress) path = g_unix_socket_address_new ("/nowhere");
  GError *error = NULL;

  g_test_summary ("An address of another family is refused.");

  g_assert_null (qnet_network_datagram_new_from_message (DATA (fixture->bytes), path, NULL,
                                                         &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
  g_assert_null (qnet_network_datagram_new_from_message (DATA (fixture->bytes), NULL, path,
                                                         &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
}

static gpointer
copy_often (gpointer data)
{
  for (guint i = 0; i < 1000; i++)
    g_boxed_free (QNET_TYPE_NETWORK_DATAGRAM, g_boxed_copy (QNET_TYPE_NETWORK_DATAGRAM, data));

  return NULL;
}

static void
test_shared (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetNetworkDatagram) datagram =
    qnet_network_datagram_new_from_bytes (fixture->bytes, fixture->destination, 53);
  g_autoptr(QnetNetworkDatagram) copy = g_boxed_copy (QNET_TYPE_NETWORK_DATAGRAM, datagram);
  GThread *threads[2];

  g_test_summary ("It is a boxed type whose copies are the same instance, also in several "
                  "threads.");

  g_assert_true (copy == datagram);
  for (guint i = 0; i < 2; i++)
    threads[i] = g_thread_new ("copy", copy_often, datagram);
  for (guint i = 0; i < 2; i++)
    g_thread_join (threads[i]);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/network-datagram/new", test_new);
  ADD ("/network-datagram/arrays", test_arrays);
  ADD ("/network-datagram/with", test_with);
  ADD ("/network-datagram/reply", test_reply);
  ADD ("/network-datagram/reply/to-group", test_reply_to_group);
  ADD ("/network-datagram/message", test_message);
  ADD ("/network-datagram/message/bad", test_message_bad);
  ADD ("/network-datagram/shared", test_shared);

  return g_test_run ();
}
