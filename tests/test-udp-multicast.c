/* test-udp-multicast.c: groups on loopback; broadcast and groups between two network namespaces
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "common/bytes.h"
#include "common/udp-fixture.h"

static const char *program;       /* this one */
static const char *iface = "lo";  /* where the groups are */

static QnetHostAddress *
make_group (gconstpointer family)
{
  return qnet_host_address_from_string (GPOINTER_TO_INT (family) == AF_INET ? "239.255.43.21"
                                                                            : "ff02::4321");
}

static QnetHostAddress *
make_any (gconstpointer family)
{
  return qnet_host_address_new_special (GPOINTER_TO_INT (family) == AF_INET
                                          ? QNET_SPECIAL_ADDRESS_ANY_IPV4
                                          : QNET_SPECIAL_ADDRESS_ANY_IPV6);
}

/* Usually lo has no IPv6 groups; see test_other_interface(). */
static gboolean
has_route (gconstpointer family)
{
  g_autoptr(QnetHostAddress) group = make_group (family);
  g_autoptr(QnetHostAddress) any = make_any (family);
  g_autoptr(QnetUdpSocket) sender = qnet_udp_socket_new ();

  if (qnet_abstract_socket_bind (ABSTRACT (sender), any, 0, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM,
                                 NULL)
      && qnet_udp_socket_set_multicast_interface (sender, iface, NULL)
      && qnet_udp_socket_write_datagram_to (sender, NULL, 0, group, 9, NULL) == 0)
    return TRUE;

  g_test_skip ("There is no route to groups on that interface here");

  return FALSE;
}

static void
bind_any (UdpFixture    *fixture,
          gconstpointer  family)
{
  g_autoptr(QnetHostAddress) any = make_any (family);

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), any, 0,
                                            QNET_BIND_FLAGS_SHARE_ADDRESS, NULL));
}

static void
send_to_group (UdpFixture      *fixture,
               QnetUdpSocket   *sender,
               QnetHostAddress *group)
{
  GError *error = NULL;

  g_assert_cmpint (qnet_udp_socket_write_datagram_to (sender, (guint8 *) "hello", 5, group,
                                                      udp_fixture_get_port (fixture), &error),
                   ==, 5);
  g_assert_no_error (error);
}

/* A socket that sends to groups through lo. */
static QnetUdpSocket *
make_sender (gconstpointer family)
{
  g_autoptr(QnetHostAddress) any = make_any (family);
  QnetUdpSocket *sender = qnet_udp_socket_new ();
  GError *error = NULL;

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (sender), any, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  g_assert_true (qnet_udp_socket_set_multicast_interface (sender, iface, &error));
  g_assert_no_error (error);

  return sender;
}

static void
test_join_and_leave (UdpFixture    *fixture,
                     gconstpointer  data)
{
  g_autoptr(QnetHostAddress) group = make_group (data);
  g_autoptr(QnetUdpSocket) sender = make_sender (data);
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  GError *error = NULL;

  g_test_summary ("A socket that has joined a group on lo receives its datagrams, and none after "
                  "it has left.");

  if (!has_route (data))
    return;

  bind_any (fixture, data);
  g_assert_true (qnet_udp_socket_join_multicast_group (fixture->socket, group, iface, &error));
  g_assert_no_error (error);
  send_to_group (fixture, sender, group);
  datagram = qnet_udp_socket_receive_datagram (fixture->socket, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (qnet_network_datagram_get_interface_index (datagram), ==,
                    if_nametoindex (iface));
  g_assert_true (
    qnet_host_address_is_multicast (qnet_network_datagram_get_destination_address (datagram)));
  g_assert_cmpint (qnet_network_datagram_get_hop_limit (datagram), ==, 1);

  g_assert_true (qnet_udp_socket_leave_multicast_group (fixture->socket, group, iface, &error));
  g_assert_no_error (error);
  send_to_group (fixture, sender, group);
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
}

static void
test_of_others (UdpFixture    *fixture,
                gconstpointer  data)
{
  g_autoptr(QnetHostAddress) group = make_group (data);
  g_autoptr(QnetHostAddress) any = make_any (data);
  g_autoptr(QnetUdpSocket) sender = make_sender (data);
  g_autoptr(QnetUdpSocket) member = qnet_udp_socket_new ();
  GError *error = NULL;

  g_test_summary ("A datagram to a group reaches its members, not another socket that has the same "
                  "port.");

  if (!has_route (data))
    return;

  bind_any (fixture, data);
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (member), any, udp_fixture_get_port (fixture),
                                            QNET_BIND_FLAGS_SHARE_ADDRESS, NULL));
  g_assert_true (qnet_udp_socket_join_multicast_group (member, group, iface, &error));
  g_assert_no_error (error);

  send_to_group (fixture, sender, group);
  g_assert_cmpint (qnet_udp_socket_get_pending_datagram_size (member), ==, 5);
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
}

static void
test_each_member (UdpFixture    *fixture,
                  gconstpointer  data)
{
  g_autoptr(QnetHostAddress) group = make_group (data);
  g_autoptr(QnetHostAddress) any = make_any (data);
  g_autoptr(QnetUdpSocket) sender = make_sender (data);
  g_autoptr(QnetUdpSocket) other = qnet_udp_socket_new ();

  g_test_summary ("Of several sockets that share a port, each member of a group receives its "
                  "datagrams.");

  if (!has_route (data))
    return;

  bind_any (fixture, data);
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (other), any, udp_fixture_get_port (fixture),
                                            QNET_BIND_FLAGS_SHARE_ADDRESS, NULL));
  g_assert_true (qnet_udp_socket_join_multicast_group (fixture->socket, group, iface, NULL));
  g_assert_true (qnet_udp_socket_join_multicast_group (other, group, iface, NULL));

  send_to_group (fixture, sender, group);
  udp_fixture_assert_gets (fixture, "hello");
  g_assert_cmpint (qnet_udp_socket_get_pending_datagram_size (other), ==, 5);
}

static void
test_by_number (UdpFixture    *fixture,
                gconstpointer  data)
{
  g_autoptr(QnetHostAddress) group = make_group (data);
  g_autoptr(QnetUdpSocket) sender = make_sender (data);
  g_autofree char *number = g_strdup_printf ("%u", if_nametoindex (iface));
  GError *error = NULL;

  g_test_summary ("An interface may be given by its number, everywhere.");

  if (!has_route (data))
    return;

  bind_any (fixture, data);
  g_assert_true (qnet_udp_socket_join_multicast_group (fixture->socket, group, number, &error));
  g_assert_true (qnet_udp_socket_set_multicast_interface (sender, number, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (qnet_udp_socket_get_multicast_interface (sender), ==, number);
  send_to_group (fixture, sender, group);
  udp_fixture_assert_gets (fixture, "hello");
}

static void
test_interface_of_datagram (UdpFixture    *fixture,
                            gconstpointer  data)
{
  g_autoptr(QnetHostAddress) group = make_group (data);
  g_autoptr(QnetUdpSocket) sender = qnet_udp_socket_new ();
  g_autoptr(GBytes) bytes = g_bytes_new_static ("hello", 5);
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  GError *error = NULL;

  g_test_summary ("A datagram may name its interface itself, also when sent by a dual-stack "
                  "socket.");

  if (!has_route (data))
    return;

  bind_any (fixture, data);
  g_assert_true (qnet_udp_socket_join_multicast_group (fixture->socket, group, iface, &error));
  datagram = qnet_network_datagram_new_full (DATA (bytes), NULL, -1, group,
                                             udp_fixture_get_port (fixture),
                                             if_nametoindex (iface), 5);
  g_assert_cmpint (qnet_udp_socket_write_datagram (sender, datagram, &error), ==, 5);
  g_assert_no_error (error);
  udp_fixture_assert_gets (fixture, "hello");
}

/* The address from which @sender sends to @group. */
static QnetHostAddress *
find_source (UdpFixture      *fixture,
             QnetUdpSocket   *sender,
             QnetHostAddress *group)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  GError *error = NULL;

  g_assert_true (qnet_udp_socket_join_multicast_group (fixture->socket, group, iface, &error));
  g_assert_no_error (error);
  send_to_group (fixture, sender, group);
  datagram = qnet_udp_socket_receive_datagram (fixture->socket, 0, &error);
  g_assert_no_error (error);
  g_assert_true (qnet_udp_socket_leave_multicast_group (fixture->socket, group, iface, &error));
  g_assert_no_error (error);

  return qnet_host_address_ref (qnet_network_datagram_get_sender_address (datagram));
}

static QnetHostAddress *
make_other_source (gconstpointer family)
{
  return qnet_host_address_from_string (GPOINTER_TO_INT (family) == AF_INET ? "192.0.2.77"
                                                                            : "2001:db8::77");
}

static void
join_source (UdpFixture      *fixture,
             QnetHostAddress *group,
             QnetHostAddress *source)
{
  GError *error = NULL;

  g_assert_true (qnet_udp_socket_join_source_group (fixture->socket, group, source, iface,
                                                    &error));
  g_assert_no_error (error);
}

static void
leave_source (UdpFixture      *fixture,
              QnetHostAddress *group,
              QnetHostAddress *source)
{
  GError *error = NULL;

  g_assert_true (qnet_udp_socket_leave_source_group (fixture->socket, group, source, iface,
                                                     &error));
  g_assert_no_error (error);
}

static void
test_source (UdpFixture    *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetHostAddress) group = make_group (data);
  g_autoptr(QnetHostAddress) other = make_other_source (data);
  g_autoptr(QnetUdpSocket) sender = make_sender (data);
  g_autoptr(QnetHostAddress) source = NULL;

  g_test_summary ("A socket that has joined a group for one source receives what that source sends "
                  "to it, and nothing of other sources.");

  if (!has_route (data))
    return;

  bind_any (fixture, data);
  source = find_source (fixture, sender, group);

  join_source (fixture, group, other);
  send_to_group (fixture, sender, group);
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));

  join_source (fixture, group, source);
  send_to_group (fixture, sender, group);
  udp_fixture_assert_gets (fixture, "hello");

  leave_source (fixture, group, source);
  send_to_group (fixture, sender, group);
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));

  join_source (fixture, group, source);
  g_assert_true (qnet_udp_socket_leave_multicast_group (fixture->socket, group, iface, NULL));
  send_to_group (fixture, sender, group);
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
}

static void
test_source_limits (UdpFixture    *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetHostAddress) group = make_group (data);
  g_autoptr(QnetHostAddress) other = make_other_source (data);
  g_autoptr(QnetUdpSocket) sender = make_sender (data);

  g_test_summary ("A group that was joined for all sources is limited by joining it for one.");

  if (!has_route (data))
    return;

  bind_any (fixture, data);
  g_assert_true (qnet_udp_socket_join_multicast_group (fixture->socket, group, iface, NULL));
  send_to_group (fixture, sender, group);
  udp_fixture_assert_gets (fixture, "hello");
  join_source (fixture, group, other);
  send_to_group (fixture, sender, group);
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
}

static QnetHostAddress *
make_scoped_group (void)
{
  g_autofree char *text = g_strdup_printf ("ff02::4321%%%s", iface);

  return qnet_host_address_from_string (text);
}

static void
test_scope (UdpFixture    *fixture,
            gconstpointer  data)
{
  g_autoptr(QnetHostAddress) group = make_scoped_group ();
  g_autoptr(QnetUdpSocket) sender = qnet_udp_socket_new ();
  GError *error = NULL;

  g_test_summary ("The scope of a group is its interface, where none was given; a dual-stack "
                  "socket joins it.");

  if (!has_route (GINT_TO_POINTER (AF_INET6)))
    return;

  g_assert_true (qnet_abstract_socket_bind_port (ABSTRACT (fixture->socket), 0, 0, NULL));
  g_assert_true (qnet_udp_socket_join_multicast_group (fixture->socket, group, NULL, &error));
  g_assert_no_error (error);
  send_to_group (fixture, sender, group);
  udp_fixture_assert_gets (fixture, "hello");
}

static void
test_options (UdpFixture    *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetHostAddress) group = make_group (data);
  g_autoptr(QnetUdpSocket) sender = make_sender (data);
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  int value;

  g_test_summary ("TTL and loopback of groups can be set, read back, and take effect.");

  if (!has_route (data))
    return;

  bind_any (fixture, data);
  g_assert_true (qnet_udp_socket_join_multicast_group (fixture->socket, group, iface, NULL));
  g_assert_true (qnet_abstract_socket_set_socket_option (ABSTRACT (sender),
                                                         QNET_SOCKET_OPTION_MULTICAST_TTL, 7,
                                                         NULL));
  g_assert_true (qnet_abstract_socket_get_socket_option (ABSTRACT (sender),
                                                         QNET_SOCKET_OPTION_MULTICAST_TTL, &value,
                                                         NULL));
  g_assert_cmpint (value, ==, 7);
  send_to_group (fixture, sender, group);
  datagram = qnet_udp_socket_receive_datagram (fixture->socket, 0, NULL);
  g_assert_cmpint (qnet_network_datagram_get_hop_limit (datagram), ==, 7);

  g_assert_true (qnet_abstract_socket_set_socket_option (ABSTRACT (sender),
                                                         QNET_SOCKET_OPTION_MULTICAST_LOOPBACK, 0,
                                                         NULL));
  g_assert_true (qnet_abstract_socket_get_socket_option (ABSTRACT (sender),
                                                         QNET_SOCKET_OPTION_MULTICAST_LOOPBACK,
                                                         &value, NULL));
  g_assert_cmpint (value, ==, 0);

  /* Datagrams that are sent through lo are received all the same. */
  send_to_group (fixture, sender, group);
  g_assert_cmpint (qnet_udp_socket_has_pending_datagrams (fixture->socket), ==,
                   g_str_equal (iface, "lo"));
}

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          guint      *count)
{
  ++*count;
}

static void
test_interface (UdpFixture    *fixture,
                gconstpointer  data)
{
  g_autofree char *name = NULL;
  GError *error = NULL;
  guint count = 0;

  g_test_summary ("The outgoing interface is a property that notifies, belongs to the descriptor, "
                  "and refuses unknown interfaces.");

  g_signal_connect (fixture->socket, "notify::multicast-interface", G_CALLBACK (count_cb), &count);
  g_assert_false (qnet_udp_socket_set_multicast_interface (fixture->socket, iface, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  bind_any (fixture, data);
  g_object_set (fixture->socket, "multicast-interface", iface, NULL);
  g_assert_true (qnet_udp_socket_set_multicast_interface (fixture->socket, iface, NULL));
  g_assert_cmpuint (count, ==, 1);
  g_object_get (fixture->socket, "multicast-interface", &name, NULL);
  g_assert_cmpstr (name, ==, iface);

  g_assert_false (qnet_udp_socket_set_multicast_interface (fixture->socket, "no-such", &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
  g_clear_error (&error);
  g_assert_false (qnet_udp_socket_set_multicast_interface (fixture->socket, "987654", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_cmpstr (qnet_udp_socket_get_multicast_interface (fixture->socket), ==, iface);
  g_assert_true (qnet_udp_socket_set_multicast_interface (fixture->socket, NULL, NULL));
  g_assert_null (qnet_udp_socket_get_multicast_interface (fixture->socket));

  g_assert_true (qnet_udp_socket_set_multicast_interface (fixture->socket, iface, NULL));
  udp_fixture_connect (fixture);
  g_assert_cmpstr (qnet_udp_socket_get_multicast_interface (fixture->socket), ==, iface);
  count = 0;
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_assert_null (qnet_udp_socket_get_multicast_interface (fixture->socket));
  g_assert_cmpuint (count, ==, 1);
  bind_any (fixture, data);
  g_assert_null (qnet_udp_socket_get_multicast_interface (fixture->socket));
}

static void
test_interface_orphaned (UdpFixture    *fixture,
                         gconstpointer  data)
{
  GMainContext *context = g_main_context_new ();

  g_test_summary ("The outgoing interface is NULL again for the descriptor after one that was "
                  "closed with its context.");

  g_main_context_push_thread_default (context);
  bind_any (fixture, data);
  g_assert_true (qnet_udp_socket_set_multicast_interface (fixture->socket, iface, NULL));
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_assert_null (qnet_udp_socket_get_multicast_interface (fixture->socket));

  bind_any (fixture, data);
  g_assert_null (qnet_udp_socket_get_multicast_interface (fixture->socket));
}

/* Bad input */

static void
assert_cannot_join (UdpFixture      *fixture,
                    QnetHostAddress *group,
                    const char      *name,
                    QnetSocketError  code)
{
  GError *error = NULL;

  g_assert_false (qnet_udp_socket_join_multicast_group (fixture->socket, group, name, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_assert_true (g_str_has_prefix (error->message, "Could not join the group "));
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->socket)), QNET_SOCKET_ERROR,
                  (int) code);
  g_clear_error (&error);
}

static void
assert_last_text (UdpFixture      *fixture,
                  const char      *format,
                  QnetHostAddress *group)
{
  g_autofree char *text = qnet_host_address_to_string (group);
  g_autoptr(GString) expected = g_string_new (format);

  g_string_replace (expected, "%s", text, 1);
  g_assert_cmpstr (qnet_io_device_get_error (DEVICE (fixture->socket))->message, ==, expected->str);
}

static void
test_bad (UdpFixture    *fixture,
          gconstpointer  data)
{
  gboolean is_ipv4 = GPOINTER_TO_INT (data) == AF_INET;
  g_autoptr(QnetHostAddress) group = make_group (data);
  g_autoptr(QnetHostAddress) other_group = make_group (GINT_TO_POINTER (is_ipv4 ? AF_INET6
                                                                                : AF_INET));
  GError *error = NULL;

  g_test_summary ("Unbound, a unicast address, a group of another family, joining twice, an "
                  "unknown interface, and leaving without having joined: each has its error.");

  assert_cannot_join (fixture, group, iface, QNET_SOCKET_ERROR_OPERATION);
  bind_any (fixture, data);
  assert_cannot_join (fixture, fixture->loopback, iface,
                      QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  assert_cannot_join (fixture, other_group, iface, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  assert_cannot_join (fixture, group, "no-such", QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
  assert_cannot_join (fixture, group, "987654", QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
  assert_last_text (fixture, "Could not join the group %s: There is no network interface 987654",
                    group);
  g_assert_true (qnet_udp_socket_join_multicast_group (fixture->socket, group, iface, NULL));
  assert_cannot_join (fixture, group, iface, QNET_SOCKET_ERROR_ADDRESS_IN_USE);
  assert_last_text (fixture, "Could not join the group %s: The socket has already joined it",
                    group);

  g_assert_true (qnet_udp_socket_leave_multicast_group (fixture->socket, group, iface, NULL));
  g_assert_false (qnet_udp_socket_leave_multicast_group (fixture->socket, group, iface, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
  g_clear_error (&error);
  assert_last_text (fixture, "Could not leave the group %s: The socket has not joined it", group);

  g_assert_false (qnet_udp_socket_set_multicast_interface (fixture->socket, "987654", &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
  g_assert_cmpstr (error->message, ==,
                   "Could not set the network interface for multicast groups: "
                   "There is no network interface 987654");
  g_clear_error (&error);
}

static void
assert_cannot_join_source (UdpFixture      *fixture,
                           QnetHostAddress *group,
                           QnetHostAddress *source,
                           QnetSocketError  code,
                           const char      *text)
{
  GError *error = NULL;

  g_assert_false (qnet_udp_socket_join_source_group (fixture->socket, group, source, iface,
                                                     &error));
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, text));
  g_clear_error (&error);
}

static void
test_bad_source (UdpFixture    *fixture,
                 gconstpointer  data)
{
  gboolean is_ipv4 = GPOINTER_TO_INT (data) == AF_INET;
  g_autoptr(QnetHostAddress) group = make_group (data);
  g_autoptr(QnetHostAddress) source = make_other_source (data);
  g_autoptr(QnetHostAddress) far = make_other_source (GINT_TO_POINTER (is_ipv4 ? AF_INET6
                                                                               : AF_INET));
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  GError *error = NULL;

  g_test_summary ("A source of another family, a group as the source, none, joining a source twice,"
                  " and leaving one that was not joined: each has its error, which names both.");

  bind_any (fixture, data);
  assert_cannot_join_source (fixture, group, far, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                             "The source is not the address of a host of the same family");
  assert_cannot_join_source (fixture, group, group, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                             "The source is not the address of a host of the same family");
  assert_cannot_join_source (fixture, group, null, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                             "The source is not the address of a host of the same family");
  assert_cannot_join_source (fixture, source, source,
                             QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                             "It is not a multicast address");
  join_source (fixture, group, source);
  assert_cannot_join_source (fixture, group, source, QNET_SOCKET_ERROR_ADDRESS_IN_USE,
                             is_ipv4 ? "(192.0.2.77, 239.255.43.21): The socket has already joined"
                                     : "(2001:db8::77, ff02::4321): The socket has already joined");
  leave_source (fixture, group, source);

  g_assert_false (qnet_udp_socket_leave_source_group (fixture->socket, group, source, iface,
                                                      &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
  g_assert_true (g_str_has_prefix (error->message, "Could not leave the group ("));
  g_clear_error (&error);
}

static void
test_dual_stack_and_ipv4 (UdpFixture    *fixture,
                          gconstpointer  data)
{
  g_autoptr(QnetHostAddress) group = make_group (GINT_TO_POINTER (AF_INET));

  g_test_summary ("A dual-stack socket cannot join a group of IPv4, as in Qt.");

  g_assert_true (qnet_abstract_socket_bind_port (ABSTRACT (fixture->socket), 0, 0, NULL));
  assert_cannot_join (fixture, group, iface, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
}

/* Two namespaces, in a process of their own, whose end removes them */

/* A user that is not root becomes root in a user namespace. */
static void
write_file (const char *path,
            const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  g_assert_no_errno (fd);
  g_assert_cmpint (write (fd, text, strlen (text)), ==, strlen (text));
  close (fd);
}

static void
leave_this_machine (void)
{
  g_autofree char *uid_map = g_strdup_printf ("0 %u 1", (guint) getuid ());
  g_autofree char *gid_map = g_strdup_printf ("0 %u 1", (guint) getgid ());

  if (unshare (CLONE_NEWNET) == 0)
    return;

  g_assert_no_errno (unshare (CLONE_NEWUSER | CLONE_NEWNET));
  /* Since GLib 2.78 a test subprocess writes no core file, and then its files in /proc are
   * root's. */
  g_assert_no_errno (prctl (PR_SET_DUMPABLE, 1));
  write_file ("/proc/self/setgroups", "deny");
  write_file ("/proc/self/uid_map", uid_map);
  write_file ("/proc/self/gid_map", gid_map);
}

static int
open_namespace (void)
{
  int fd = open ("/proc/self/ns/net", O_RDONLY);

  g_assert_cmpint (fd, >=, 0);

  return fd;
}

static void
run (const char *command)
{
  GError *error = NULL;
  int status;

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, &status, &error));
  g_assert_true (g_spawn_check_wait_status (status, &error));
  g_assert_no_error (error);
}

static QnetUdpSocket *
make_far_socket (QnetSpecialAddress  special,
                 const char         *group)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (special);
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string (group);
  QnetUdpSocket *far = qnet_udp_socket_new ();
  GError *error = NULL;

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (far), any, 7755,
                                            QNET_BIND_FLAGS_SHARE_ADDRESS, NULL));
  g_assert_true (qnet_udp_socket_join_multicast_group (far, address, "far", &error));
  g_assert_no_error (error);

  return far;
}

/* Returns in the near namespace; the sockets that were made in the far one remain there. */
static void
make_two_networks (QnetUdpSocket **out_ipv4,
                   QnetUdpSocket **out_ipv6)
{
  g_autofree char *move = NULL;
  int near_namespace;

  leave_this_machine ();
  near_namespace = open_namespace ();
  g_assert_no_errno (unshare (CLONE_NEWNET));

  move = g_strdup_printf ("ip link set near netns /proc/%d/fd/%d", (int) getpid (), near_namespace);
  run ("ip link add near type veth peer name far");
  run (move);
  run ("ip addr add 192.0.2.2/24 dev far");
  run ("ip addr add 2001:db8::2/64 dev far nodad");
  run ("ip link set far up");
  *out_ipv4 = make_far_socket (QNET_SPECIAL_ADDRESS_ANY_IPV4, "239.255.43.21");
  *out_ipv6 = make_far_socket (QNET_SPECIAL_ADDRESS_ANY_IPV6, "ff05::4321");

  g_assert_no_errno (setns (near_namespace, CLONE_NEWNET));
  close (near_namespace);
  run ("ip addr add 192.0.2.1/24 brd + dev near");
  run ("ip addr add 2001:db8::1/64 dev near nodad");
  run ("ip link set near up");
  run ("ip route add default via 192.0.2.2");
}

static void
assert_reaches (QnetUdpSocket *far,
                const char    *address,
                const char    *expected_sender)
{
  g_autoptr(QnetUdpSocket) near = qnet_udp_socket_new ();
  g_autoptr(QnetHostAddress) to = qnet_host_address_from_string (address);
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  g_autofree char *sender = NULL;
  g_autofree char *destination = NULL;
  GError *error = NULL;

  g_assert_cmpint (qnet_udp_socket_write_datagram_to (near, (guint8 *) "x", 1, to, 7755, &error),
                   ==, 1);
  g_assert_no_error (error);
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (far), 20000, &error));
  g_assert_no_error (error);

  datagram = qnet_udp_socket_receive_datagram (far, 0, &error);
  g_assert_no_error (error);
  sender = qnet_host_address_to_string (qnet_network_datagram_get_sender_address (datagram));
  destination =
    qnet_host_address_to_string (qnet_network_datagram_get_destination_address (datagram));
  g_assert_cmpstr (sender, ==, expected_sender);
  g_assert_cmpstr (destination, ==, address);
}

static void
talk_between_networks (void)
{
  g_autoptr(QnetUdpSocket) ipv4 = NULL;
  g_autoptr(QnetUdpSocket) ipv6 = NULL;

  make_two_networks (&ipv4, &ipv6);

  assert_reaches (ipv4, "192.0.2.2", "192.0.2.1");
  assert_reaches (ipv4, "192.0.2.255", "192.0.2.1");
  assert_reaches (ipv4, "255.255.255.255", "192.0.2.1");
  assert_reaches (ipv4, "239.255.43.21", "192.0.2.1");
  assert_reaches (ipv6, "2001:db8::2", "2001:db8::1");
  assert_reaches (ipv6, "ff05::4321", "2001:db8::1");
}

/* Tries what the test needs. */
static gboolean
can_make_networks (void)
{
  const char *script = "unshare -n ip link add near type veth peer name far || "
                       "unshare -Urn ip link add near type veth peer name far";
  const char *command[] = { "sh", "-c", script, NULL };
  int status;

  return g_spawn_sync (NULL, (char **) command, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL
                         | G_SPAWN_STDERR_TO_DEV_NULL,
                       NULL, NULL, NULL, NULL, &status, NULL)
         && g_spawn_check_wait_status (status, NULL);
}

static void
test_namespaces (void)
{
  g_test_summary ("Unicast, both kinds of broadcast and a group reach a host of another network.");

  if (g_test_subprocess ())
    {
      talk_between_networks ();
      return;
    }

  if (!can_make_networks ())
    {
      g_test_skip (
        "Network namespaces with veth are not permitted here, or ip and unshare are missing");
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

/* The same tests with an interface that supports IPv6 groups: it does once the kernel has noticed
 * the carrier, and that its address is unique. */
static void
test_other_interface (void)
{
  const char
    *script = "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad && "
              "ip link add near type veth peer name far && ip link set far up && "
              "ip addr add 192.0.2.1/24 dev near && ip addr add 2001:db8::1/64 dev near nodad && "
              "ip link set lo up && ip link set near up && "
              "until ip -o link show near | grep -q 'state UP' && "
              "test -z \"$(ip -o -6 addr show dev near tentative)\"; do sleep 0.02; done && "
              "export QNET_TEST_INTERFACE=near && exec \"$0\"";
  const char *as_root[] = { "unshare", "-n", "sh", "-c", script, program, NULL };
  const char *as_other[] = { "unshare", "-Urn", "sh", "-c", script, program, NULL };
  g_autofree char *output = NULL;
  GError *error = NULL;
  int status;

  g_test_summary ("On an interface that supports IPv6 groups, all of that holds for IPv6, too.");

  if (!can_make_networks ())
    {
      g_test_skip ("Network namespaces are not permitted here, or ip and unshare are missing");
      return;
    }

  g_assert_true (g_spawn_sync (NULL, (char **) (getuid () == 0 ? as_root : as_other), NULL,
                               G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, &status, &error));
  g_assert_no_error (error);
  g_test_message ("%s", output);
  g_assert_true (g_spawn_check_wait_status (status, &error));
  g_assert_nonnull (strstr (output, "/udp-socket/multicast/join-and-leave/ipv6"));
  g_assert_true (strstr (output, "SKIP") == NULL);
}

int
main (int    argc,
      char **argv)
{
  program = argv[0];
  if (g_getenv ("QNET_TEST_INTERFACE") != NULL)
    iface = g_getenv ("QNET_TEST_INTERFACE");

  g_test_init (&argc, &argv, NULL);

  udp_fixture_add ("/udp-socket/multicast/join-and-leave", test_join_and_leave);
  udp_fixture_add ("/udp-socket/multicast/members-alone-receive", test_of_others);
  udp_fixture_add ("/udp-socket/multicast/each-member-receives", test_each_member);
  udp_fixture_add ("/udp-socket/multicast/by-number", test_by_number);
  udp_fixture_add ("/udp-socket/multicast/interface-of-datagram", test_interface_of_datagram);
  udp_fixture_add_ipv4 ("/udp-socket/multicast/scope", test_scope);
  udp_fixture_add ("/udp-socket/multicast/options", test_options);
  udp_fixture_add ("/udp-socket/multicast/interface", test_interface);
  udp_fixture_add ("/udp-socket/multicast/interface/orphaned", test_interface_orphaned);
  udp_fixture_add ("/udp-socket/multicast/errors", test_bad);
  udp_fixture_add ("/udp-socket/multicast/source", test_source);
  udp_fixture_add ("/udp-socket/multicast/source/limits", test_source_limits);
  udp_fixture_add ("/udp-socket/multicast/source/errors", test_bad_source);
  udp_fixture_add_ipv4 ("/udp-socket/multicast/dual-stack-and-ipv4", test_dual_stack_and_ipv4);

  /* Not once more inside of the latter. */
  if (g_getenv ("QNET_TEST_INTERFACE") == NULL)
    {
      g_test_add_func ("/udp-socket/namespaces", test_namespaces);
      g_test_add_func ("/udp-socket/other-interface", test_other_interface);
    }

  return g_test_run ();
}
