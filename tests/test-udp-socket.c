/* test-udp-socket.c: binding, and datagrams to and from any address
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <qnet/qnet.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-syscall-private.h"
#include "common/allocations.h"
#include "common/bytes.h"
#include "common/calls.h"
#include "common/udp-fixture.h"

static QnetSocketState
get_state (UdpFixture *fixture)
{
  return qnet_socket_get_state (QNET_SOCKET (fixture->socket));
}

static GPtrArray *
make_datagrams (UdpFixture *fixture,
                guint       n)
{
  GPtrArray *datagrams = g_ptr_array_new_with_free_func ((GDestroyNotify)
                                                           qnet_network_datagram_unref);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf ("datagram %u", i);
      g_autoptr(GBytes) data = g_bytes_new (text, strlen (text));

      g_ptr_array_add (datagrams,
                       qnet_network_datagram_new_from_bytes (data, fixture->loopback,
                                                             fixture->peer_port));
    }

  return datagrams;
}

/* System calls that fail */

static QnetSyscall fault_call;
static int         fault_value;
static guint       n_faults;

static int
fault_cb (QnetSyscall call)
{
  if (call != fault_call || n_faults == 0)
    return 0;

  n_faults--;
  return fault_value;
}

static void
fail_call (QnetSyscall call,
           int         value,
           guint       n)
{
  fault_call = call;
  fault_value = value;
  n_faults = n;
  qnet_syscall_fault = n > 0 ? fault_cb : NULL;
}

/* Binding */

static void
test_new (UdpFixture    *fixture,
          gconstpointer  data)
{
  g_test_summary ("A new socket is for UDP, not bound, not open, and has nothing to receive.");

  g_assert_cmpint (qnet_abstract_socket_get_socket_type (ABSTRACT (fixture->socket)), ==,
                   QNET_SOCKET_TYPE_UDP);
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_false (qnet_io_device_is_open (DEVICE (fixture->socket)));
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
  g_assert_cmpint (qnet_udp_socket_get_pending_datagram_size (fixture->socket), ==, -1);
  g_assert_null (qnet_udp_socket_get_datagram_based (fixture->socket));
  g_assert_null (qnet_udp_socket_get_multicast_interface (fixture->socket));
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->socket)), ==, 0);
}

static void
test_bind (UdpFixture    *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = NULL;
  GError *error = NULL;

  g_test_summary ("A bound socket has an address and a port, and a device that is not open; "
                  "disconnecting or aborting unbinds it.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), fixture->loopback, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error));
  g_assert_no_error (error);
  udp_fixture_assert_log (fixture, "bound");
  g_assert_true (qnet_socket_is_valid (QNET_SOCKET (fixture->socket)));
  g_assert_false (qnet_io_device_is_open (DEVICE (fixture->socket)));
  address = qnet_abstract_socket_get_local_address (ABSTRACT (fixture->socket));
  g_assert_true (qnet_host_address_equal (address, fixture->loopback));
  g_assert_cmpuint (udp_fixture_get_port (fixture), !=, 0);
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (ABSTRACT (fixture->socket)), ==, 0);
  udp_fixture_settle (fixture);

  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  udp_fixture_assert_log (fixture, "unconnected");
  g_assert_false (qnet_socket_is_valid (QNET_SOCKET (fixture->socket)));
  g_assert_cmpuint (udp_fixture_get_port (fixture), ==, 0);

  udp_fixture_bind (fixture);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  udp_fixture_assert_log (fixture, "unconnected");
}

static void
assert_cannot_bind (QnetUdpSocket   *socket,
                    UdpFixture      *fixture,
                    QnetBindFlags    flags,
                    QnetSocketError  code)
{
  GError *error = NULL;

  g_assert_false (qnet_abstract_socket_bind (ABSTRACT (socket), fixture->loopback,
                                             udp_fixture_get_port (fixture), flags, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_clear_error (&error);
}

static void
test_bind_taken (UdpFixture    *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetUdpSocket) other = qnet_udp_socket_new ();

  g_test_summary ("A port in use is refused, whatever the second socket asks for, when the first "
                  "does not share.");

  udp_fixture_bind (fixture);
  assert_cannot_bind (other, fixture, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM,
                      QNET_SOCKET_ERROR_ADDRESS_IN_USE);
  assert_cannot_bind (other, fixture, QNET_BIND_FLAGS_SHARE_ADDRESS,
                      QNET_SOCKET_ERROR_ADDRESS_IN_USE);
  assert_cannot_bind (other, fixture, QNET_BIND_FLAGS_DONT_SHARE_ADDRESS,
                      QNET_SOCKET_ERROR_ADDRESS_IN_USE);
  assert_cannot_bind (fixture->socket, fixture, QNET_BIND_FLAGS_SHARE_ADDRESS,
                      QNET_SOCKET_ERROR_OPERATION);
}

static void
test_bind_share (UdpFixture    *fixture,
                 gconstpointer  data)
{
  static const QnetBindFlags sharing[] = { QNET_BIND_FLAGS_SHARE_ADDRESS,
                                           QNET_BIND_FLAGS_REUSE_ADDRESS_HINT };

  g_test_summary ("Two sockets that both share, or both have the hint to reuse, have the same "
                  "port; one that does not cannot join.");

  for (gsize i = 0; i < G_N_ELEMENTS (sharing); i++)
    {
      g_autoptr(QnetUdpSocket) other = qnet_udp_socket_new ();

      g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), fixture->loopback, 0,
                                                sharing[i], NULL));
      assert_cannot_bind (other, fixture, QNET_BIND_FLAGS_DONT_SHARE_ADDRESS,
                          QNET_SOCKET_ERROR_ADDRESS_IN_USE);
      g_assert_true (qnet_abstract_socket_bind (ABSTRACT (other), fixture->loopback,
                                                udp_fixture_get_port (fixture), sharing[i], NULL));
      qnet_socket_abort (QNET_SOCKET (fixture->socket));
      qnet_socket_abort (QNET_SOCKET (other));
    }
}

static void
test_reuse_port (UdpFixture    *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetUdpSocket) other = g_object_new (QNET_TYPE_UDP_SOCKET, "reuse-port", TRUE, NULL);
  int value = 0;
  socklen_t size = sizeof value;
  gboolean reuse_port;

  g_test_summary ("Sockets with reuse-port share a port, by SO_REUSEPORT.");

  qnet_udp_socket_set_reuse_port (fixture->socket, TRUE);
  qnet_udp_socket_set_reuse_port (fixture->socket, TRUE);
  g_object_get (fixture->socket, "reuse-port", &reuse_port, NULL);
  g_assert_true (reuse_port);
  g_assert_true (qnet_udp_socket_get_reuse_port (other));

  udp_fixture_bind (fixture);
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (other), fixture->loopback,
                                            udp_fixture_get_port (fixture),
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  g_assert_no_errno (getsockopt (qnet_socket_get_fd (QNET_SOCKET (other)),
                                 SOL_SOCKET, SO_REUSEPORT, &value, &size));
  g_assert_cmpint (value, !=, 0);
}

static void
test_reuse_port_spreads (UdpFixture    *fixture,
                         gconstpointer  data)
{
  g_autoptr(QnetUdpSocket) other = g_object_new (QNET_TYPE_UDP_SOCKET, "reuse-port", TRUE, NULL);
  g_autoptr(GPtrArray) here = NULL;
  g_autoptr(GPtrArray) there = NULL;

  g_test_summary ("Of sockets with reuse-port one receives each datagram, and not always the same "
                  "one.");

  qnet_udp_socket_set_reuse_port (fixture->socket, TRUE);
  udp_fixture_bind (fixture);
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (other), fixture->loopback,
                                            udp_fixture_get_port (fixture),
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));

  /* The system chooses by the ports, among others. */
  for (guint i = 0; i < 64; i++)
    {
      g_autoptr(QnetUdpSocket) sender = qnet_udp_socket_new ();

      g_assert_cmpint (qnet_udp_socket_write_datagram_to (sender, (guint8 *) "x", 1,
                                                          fixture->loopback,
                                                          udp_fixture_get_port (fixture), NULL),
                       ==, 1);
    }

  here = qnet_udp_socket_receive_datagrams (fixture->socket, 0, NULL);
  there = qnet_udp_socket_receive_datagrams (other, 0, NULL);
  g_assert_cmpuint (here->len, >, 0);
  g_assert_cmpuint (there->len, >, 0);
  g_assert_cmpuint (here->len + there->len, ==, 64);
}

static void
test_buffer_sizes (UdpFixture    *fixture,
                   gconstpointer  data)
{
  static const QnetSocketOption options[] = { QNET_SOCKET_OPTION_RECEIVE_BUFFER_SIZE,
                                              QNET_SOCKET_OPTION_SEND_BUFFER_SIZE };

  g_test_summary ("The sizes of the kernel's buffers can be set, before binding and after, and "
                  "read back as the kernel has them.");

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      int value = 0;

      g_assert_true (qnet_abstract_socket_set_socket_option (ABSTRACT (fixture->socket), options[i],
                                                             20000, NULL));
      udp_fixture_bind (fixture);
      g_assert_true (qnet_abstract_socket_get_socket_option (ABSTRACT (fixture->socket), options[i],
                                                             &value, NULL));
      g_assert_cmpint (value, >=, 20000);
      g_assert_true (qnet_abstract_socket_set_socket_option (ABSTRACT (fixture->socket), options[i],
                                                             50000, NULL));
      g_assert_true (qnet_abstract_socket_get_socket_option (ABSTRACT (fixture->socket), options[i],
                                                             &value, NULL));
      g_assert_cmpint (value, >=, 50000);
      qnet_socket_abort (QNET_SOCKET (fixture->socket));
    }
}

/* Receiving */

static void
test_ready_read (UdpFixture    *fixture,
                 gconstpointer  data)
{
  g_test_summary ("ready-read is emitted once, however many datagrams arrive, and again when one "
                  "was read and more are there.");

  udp_fixture_bind (fixture);
  udp_fixture_peer_sends (fixture, "one");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "ready-read");

  udp_fixture_peer_sends (fixture, "two");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "");

  udp_fixture_assert_gets (fixture, "one");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "ready-read");

  udp_fixture_assert_gets (fixture, "two");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "");

  udp_fixture_peer_sends (fixture, "three");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "ready-read");
}

static void
nested_loop_cb (QnetUdpSocket *socket,
                UdpFixture    *fixture)
{
  static gboolean is_inside = FALSE;

  g_assert_false (is_inside);
  is_inside = TRUE;

  g_assert_cmpint (qnet_udp_socket_read_datagram (socket, NULL, 0, NULL, NULL, NULL), ==, 0);
  udp_fixture_settle (fixture);

  is_inside = FALSE;
}

static void
test_ready_read_nested (UdpFixture    *fixture,
                        gconstpointer  data)
{
  g_test_summary ("ready-read is not emitted inside itself, but once more afterwards for what "
                  "arrived meanwhile.");

  udp_fixture_bind (fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (nested_loop_cb), fixture);
  udp_fixture_peer_sends (fixture, "one");
  udp_fixture_peer_sends (fixture, "two");
  udp_fixture_peer_sends (fixture, "three");
  udp_fixture_settle (fixture);

  udp_fixture_assert_log (fixture, "ready-read ready-read ready-read");
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
}

static void
test_pause (UdpFixture    *fixture,
            gconstpointer  data)
{
  g_test_summary ("While reading is paused nothing is emitted; what has arrived by then is "
                  "reported after resuming.");

  udp_fixture_bind (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  udp_fixture_peer_sends (fixture, "one");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "");

  qnet_socket_resume_reading (QNET_SOCKET (fixture->socket));
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "ready-read");
}

static void
test_receive (UdpFixture    *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  GError *error = NULL;

  g_test_summary ("A datagram has its bytes, sender and destination, interface and hop limit.");

  udp_fixture_bind (fixture);
  udp_fixture_peer_sends (fixture, "hello");
  g_assert_cmpint (qnet_udp_socket_get_pending_datagram_size (fixture->socket), ==, 5);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->socket)), ==, 5);

  datagram = qnet_udp_socket_receive_datagram (fixture->socket, 0, &error);
  g_assert_no_error (error);
  g_assert_true (qnet_network_datagram_is_valid (datagram));
  g_assert_false (qnet_network_datagram_is_truncated (datagram));
  g_assert_cmpuint (g_bytes_get_size (qnet_network_datagram_get_bytes (datagram)), ==, 5);
  g_assert_true (qnet_host_address_equal (qnet_network_datagram_get_sender_address (datagram),
                                          fixture->loopback));
  g_assert_cmpint (qnet_network_datagram_get_sender_port (datagram), ==, fixture->peer_port);
  g_assert_true (qnet_host_address_equal (qnet_network_datagram_get_destination_address (datagram),
                                          fixture->loopback));
  g_assert_cmpint (qnet_network_datagram_get_destination_port (datagram), ==,
                   udp_fixture_get_port (fixture));
  g_assert_cmpuint (qnet_network_datagram_get_interface_index (datagram), >, 0);
  g_assert_cmpint (qnet_network_datagram_get_hop_limit (datagram), >, 0);
  g_assert_cmpuint (qnet_io_device_get_bytes_received (DEVICE (fixture->socket)), ==, 5);
}

static void
test_receive_nothing (UdpFixture    *fixture,
                      gconstpointer  data)
{
  GError *error = NULL;
  guint8 buffer[8];
  gsize length;

  g_test_summary ("Without a datagram receiving fails with TEMPORARY, which does not become the "
                  "socket's error; unbound, with OPERATION.");

  g_assert_null (qnet_udp_socket_receive_datagram (fixture->socket, 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_cmpint (qnet_udp_socket_read_datagram (fixture->socket, buffer, 8, NULL, NULL, &error),
                   ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_null (qnet_udp_socket_receive_datagrams (fixture->socket, 1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  udp_fixture_bind (fixture);
  g_assert_null (qnet_udp_socket_receive_datagram (fixture->socket, 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
  g_clear_error (&error);
  g_assert_cmpint (qnet_udp_socket_read_datagram (fixture->socket, buffer, 8, NULL, NULL, &error),
                   ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
  g_clear_error (&error);
  g_assert_null (qnet_udp_socket_read_datagram_array (fixture->socket, 0, &length, NULL, NULL,
                                                      &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
  g_clear_error (&error);
  g_assert_null (qnet_io_device_get_error (DEVICE (fixture->socket)));
}

static void
test_receive_truncated (UdpFixture    *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetNetworkDatagram) cut = NULL;
  g_autofree guint8 *bytes = NULL;
  char buffer[4];
  gsize whole;
  gsize length;

  g_test_summary ("A datagram that is larger than the buffer is cut off, and marked as truncated; "
                  "the next one is whole.");

  udp_fixture_bind (fixture);
  for (guint i = 0; i < 4; i++)
    udp_fixture_peer_sends (fixture, "too long");
  udp_fixture_peer_sends (fixture, "good");

  cut = qnet_udp_socket_receive_datagram (fixture->socket, 3, NULL);
  g_assert_cmpuint (g_bytes_get_size (qnet_network_datagram_get_bytes (cut)), ==, 3);
  g_assert_true (qnet_network_datagram_is_truncated (cut));

  g_assert_cmpint (qnet_udp_socket_read_datagram_full (fixture->socket, NULL, 0, NULL, NULL, &whole,
                                                       NULL), ==, 0);
  g_assert_cmpuint (whole, ==, 8);

  g_assert_cmpint (qnet_udp_socket_read_datagram_full (fixture->socket, buffer, 4, NULL, NULL,
                                                       &whole, NULL),
                   ==, 4);
  g_assert_cmpmem (buffer, 4, "too ", 4);
  g_assert_cmpuint (whole, ==, 8);

  bytes = qnet_udp_socket_read_datagram_array (fixture->socket, 2, &length, NULL, NULL, NULL);
  g_assert_cmpmem (bytes, length, "to", 2);

  udp_fixture_assert_gets (fixture, "good");
}

static void
test_receive_empty (UdpFixture    *fixture,
                    gconstpointer  data)
{
  GError *error = NULL;
  guint8 buffer[4];
  g_autofree guint8 *bytes = NULL;
  gsize length = 9;

  g_test_summary ("An empty datagram is a datagram: it is reported, counted as pending, and "
                  "received.");

  udp_fixture_bind (fixture);
  for (guint i = 0; i < 3; i++)
    udp_fixture_peer_sends (fixture, "");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "ready-read");

  g_assert_true (qnet_udp_socket_has_pending_datagrams (fixture->socket));
  g_assert_cmpint (qnet_udp_socket_get_pending_datagram_size (fixture->socket), ==, 0);
  udp_fixture_assert_gets (fixture, "");
  g_assert_cmpint (qnet_udp_socket_read_datagram (fixture->socket, buffer, sizeof buffer, NULL,
                                                  NULL, &error),
                   ==, 0);
  g_assert_no_error (error);
  bytes = qnet_udp_socket_read_datagram_array (fixture->socket, 0, &length, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (bytes);
  g_assert_cmpuint (length, ==, 0);
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
}

static void
test_read_datagram (UdpFixture    *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = NULL;
  g_autoptr(QnetHostAddress) again = NULL;
  char buffer[16];
  guint16 port;

  g_test_summary ("Reading into a buffer returns the bytes and the sender, whose address is "
                  "allocated once.");

  udp_fixture_bind (fixture);
  udp_fixture_peer_sends (fixture, "one");
  udp_fixture_peer_sends (fixture, "two");

  g_assert_cmpint (qnet_udp_socket_read_datagram (fixture->socket, buffer, sizeof buffer, &address,
                                                  &port, NULL),
                   ==, 3);
  g_assert_cmpmem (buffer, 3, "one", 3);
  g_assert_true (qnet_host_address_equal (address, fixture->loopback));
  g_assert_cmpuint (port, ==, fixture->peer_port);

  g_assert_cmpint (qnet_udp_socket_read_datagram (fixture->socket, buffer, sizeof buffer, &again,
                                                  &port, NULL),
                   ==, 3);
  g_assert_true (again == address);
}

static void
test_known_senders (UdpFixture    *fixture,
                    gconstpointer  data)
{

  g_test_summary ("Senders whose hashes collide in the cache of addresses are not confused.");

  udp_fixture_bind (fixture);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(QnetHostAddress) from = qnet_host_address_new_ipv4 (INADDR_LOOPBACK
                                                                    + (i == 1 ? 8 : 0));
      g_autoptr(QnetUdpSocket) other = qnet_udp_socket_new ();
      g_autoptr(QnetHostAddress) sender = NULL;

      g_assert_true (qnet_abstract_socket_bind (ABSTRACT (other), from, 0, 0, NULL));
      g_assert_cmpint (qnet_udp_socket_write_datagram_to (other, (guint8 *) "x", 1,
                                                          fixture->loopback,
                                                          udp_fixture_get_port (fixture), NULL),
                       ==, 1);
      g_assert_cmpint (qnet_udp_socket_read_datagram (fixture->socket, NULL, 0, &sender, NULL,
                                                      NULL),
                       ==, 0);
      g_assert_true (qnet_host_address_equal (sender, from));
    }
}

static void
test_receive_batch (UdpFixture    *fixture,
                    gconstpointer  data)
{
  g_autoptr(GPtrArray) some = NULL;
  g_autoptr(GPtrArray) rest = NULL;
  g_autoptr(GPtrArray) none = NULL;
  GError *error = NULL;

  g_test_summary ("A batch returns what is there in order, up to its limit, by few system calls, "
                  "and allocates no address twice; an empty result is no failure.");

  udp_fixture_bind (fixture);
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      udp_fixture_peer_sends (fixture, text);
    }

  some = qnet_udp_socket_receive_datagrams (fixture->socket, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (some->len, ==, 10);
  for (guint i = 1; i < 10; i++)
    {
      g_assert_true (qnet_network_datagram_get_sender_address (some->pdata[i])
                     == qnet_network_datagram_get_sender_address (some->pdata[0]));
      g_assert_true (qnet_network_datagram_get_destination_address (some->pdata[i])
                     == qnet_network_datagram_get_destination_address (some->pdata[0]));
    }
  g_assert_cmpuint (get_receive_calls (DEVICE (fixture->socket)), ==, 1);

  rest = qnet_udp_socket_receive_datagrams (fixture->socket, 1000, &error);
  g_assert_cmpuint (rest->len, ==, 40);
  g_assert_cmpuint (get_receive_calls (DEVICE (fixture->socket)), ==, 3);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i + 10);
      GBytes *bytes = qnet_network_datagram_get_bytes (rest->pdata[i]);

      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text,
                       strlen (text));
      g_assert_cmpint (qnet_network_datagram_get_sender_port (rest->pdata[i]), ==,
                       fixture->peer_port);
    }

  none = qnet_udp_socket_receive_datagrams (fixture->socket, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_batch_fallback (UdpFixture    *fixture,
                     gconstpointer  data)
{
  g_autoptr(GPtrArray) datagrams = NULL;
  g_autoptr(GPtrArray) out = make_datagrams (fixture, 3);

  g_test_summary ("Where the system has no batch calls, batches are made of single calls.");

  udp_fixture_bind (fixture);
  udp_fixture_peer_sends (fixture, "one");
  udp_fixture_peer_sends (fixture, "two");

  fail_call (QNET_SYSCALL_RECVMMSG, ENOSYS, 1);
  datagrams = qnet_udp_socket_receive_datagrams (fixture->socket, 5, NULL);
  g_assert_cmpuint (datagrams->len, ==, 2);

  fail_call (QNET_SYSCALL_SENDMMSG, ENOSYS, 1);
  g_assert_cmpint (qnet_udp_socket_write_datagrams (fixture->socket, out, NULL), ==, 3);
  udp_fixture_peer_gets (fixture, "datagram 0");
  udp_fixture_peer_gets (fixture, "datagram 1");
  udp_fixture_peer_gets (fixture, "datagram 2");
  fail_call (0, 0, 0);
}

static void
test_receive_failure (UdpFixture    *fixture,
                      gconstpointer  data)
{
  g_autoptr(GPtrArray) datagrams = NULL;
  GError *error = NULL;

  g_test_summary ("When receiving fails, the error is reported, and the socket remains usable.");

  udp_fixture_bind (fixture);
  fail_call (QNET_SYSCALL_RECVMSG, ENOBUFS, 1);
  g_assert_null (qnet_udp_socket_receive_datagram (fixture->socket, 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_clear_error (&error);
  fail_call (QNET_SYSCALL_RECVMSG, ENOBUFS, 1);
  g_assert_cmpint (qnet_udp_socket_read_datagram (fixture->socket, NULL, 0, NULL, NULL, NULL), ==,
                   -1);
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->socket)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  fail_call (QNET_SYSCALL_RECVMMSG, ENOBUFS, 1);
  datagrams = qnet_udp_socket_receive_datagrams (fixture->socket, 2, &error);
  g_assert_null (datagrams);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_clear_error (&error);
  fail_call (0, 0, 0);

  udp_fixture_peer_sends (fixture, "still here");
  udp_fixture_assert_gets (fixture, "still here");
}

static int
second_batch_cb (QnetSyscall call)
{
  return call == QNET_SYSCALL_RECVMMSG && n_faults++ == 1 ? ENOBUFS : 0;
}

static void
test_receive_failure_later (UdpFixture    *fixture,
                            gconstpointer  data)
{
  g_autoptr(GPtrArray) datagrams = NULL;

  g_test_summary ("A failure after some datagrams of a batch loses none of them, and is reported "
                  "by error-occurred.");

  udp_fixture_bind (fixture);
  for (guint i = 0; i < 40; i++)
    udp_fixture_peer_sends (fixture, "x");

  n_faults = 0;
  qnet_syscall_fault = second_batch_cb;
  datagrams = qnet_udp_socket_receive_datagrams (fixture->socket, 100, NULL);
  qnet_syscall_fault = NULL;
  g_assert_cmpuint (datagrams->len, ==, 32);

  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "error:4 ready-read");
}

/* Sending */

static void
test_send_unbound (UdpFixture    *fixture,
                   gconstpointer  data)
{
  struct sockaddr_in6 name;
  socklen_t size = sizeof name;

  g_test_summary ("The first datagram binds the socket, dual stack, to a port that the system "
                  "chooses.");

  udp_fixture_sends (fixture, "hello");
  udp_fixture_assert_log (fixture, "bound");
  udp_fixture_peer_gets (fixture, "hello");
  g_assert_no_errno (
    getsockname (qnet_socket_get_fd (QNET_SOCKET (fixture->socket)),
                 (struct sockaddr *) &name, &size));
  g_assert_cmpint (name.sin6_family, ==, AF_INET6);

  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "written:5");
}

static void
bytes_are_bound_cb (QnetAbstractSocket *socket,
                    QnetSocketState     state,
                    UdpFixture         *fixture)
{
  if (state == QNET_SOCKET_STATE_BOUND)
    qnet_socket_abort (QNET_SOCKET (socket));
}

static void
test_send_unbound_aborted (UdpFixture    *fixture,
                           gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("Where a handler aborts the socket that the first datagram binds, sending "
                  "fails.");

  g_signal_connect (fixture->socket, "state-changed", G_CALLBACK (bytes_are_bound_cb), fixture);
  g_assert_cmpint (qnet_udp_socket_write_datagram_to (fixture->socket, NULL, 0, fixture->loopback,
                                                      fixture->peer_port, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
}

static void
test_send_forms (UdpFixture    *fixture,
                 gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("bytes", 5);
  g_autoptr(QnetNetworkDatagram) datagram = qnet_network_datagram_new_from_bytes (bytes,
                                                                                  fixture->loopback,
                                                                       fixture->peer_port);
  GError *error = NULL;

  g_test_summary ("All three forms of sending send, and bytes-written is emitted in the next "
                  "iteration.");

  udp_fixture_bind (fixture);
  g_assert_cmpint (udp_fixture_sends (fixture, "data"), ==, 4);
  udp_fixture_peer_gets (fixture, "data");
  g_assert_cmpint (qnet_udp_socket_write_datagram_bytes_to (fixture->socket, bytes,
                                                            fixture->loopback, fixture->peer_port,
                                                            &error),
                   ==, 5);
  udp_fixture_peer_gets (fixture, "bytes");
  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, datagram, &error), ==, 5);
  udp_fixture_peer_gets (fixture, "bytes");
  g_assert_no_error (error);

  udp_fixture_assert_log (fixture, "");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "written:14");
  g_assert_cmpuint (qnet_io_device_get_bytes_sent (DEVICE (fixture->socket)), ==, 14);
  g_assert_cmpuint (get_send_calls (DEVICE (fixture->socket)), ==, 3);
}

static void
test_send_empty (UdpFixture    *fixture,
                 gconstpointer  data)
{
  g_test_summary ("An empty datagram is sent, and bytes-written is emitted.");

  udp_fixture_bind (fixture);
  udp_fixture_sends (fixture, "");
  udp_fixture_peer_gets (fixture, "");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "written:0");
}

static void
test_send_options (UdpFixture    *fixture,
                   gconstpointer  data)
{
  gboolean is_ipv4 = GPOINTER_TO_INT (data) == AF_INET;
  g_autoptr(QnetUdpSocket) receiver = qnet_udp_socket_new ();
  g_autoptr(QnetHostAddress) other_local = is_ipv4 ? qnet_host_address_new_ipv4 (0x7f000007)
                                                   : qnet_host_address_ref (fixture->loopback);
  g_autoptr(GBytes) bytes = g_bytes_new_static ("hello", 5);
  g_autoptr(QnetNetworkDatagram) out = NULL;
  g_autoptr(QnetNetworkDatagram) in = NULL;
  g_autoptr(QnetNetworkDatagram) reply = NULL;
  GError *error = NULL;

  g_test_summary ("The sender address, interface and hop limit of a datagram are used; and a reply "
                  "is sent back the same way.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (receiver), fixture->loopback, 0, 0, NULL));
  out = qnet_network_datagram_new_full (DATA (bytes), other_local, -1, fixture->loopback,
                                        qnet_abstract_socket_get_local_port (ABSTRACT (receiver)),
                                        1, 17);
  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, out, &error), ==, 5);
  g_assert_no_error (error);

  in = qnet_udp_socket_receive_datagram (receiver, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (qnet_network_datagram_get_hop_limit (in), ==, 17);
  g_assert_cmpuint (qnet_network_datagram_get_interface_index (in), ==, 1);
  g_assert_true (qnet_host_address_equal (qnet_network_datagram_get_sender_address (in),
                                          other_local));

  reply = qnet_network_datagram_make_reply_bytes (in, bytes);
  g_assert_cmpint (qnet_udp_socket_write_datagram (receiver, reply, &error), ==, 5);
  g_assert_no_error (error);
  udp_fixture_assert_gets (fixture, "hello");
}

static void
test_send_options_same_family (UdpFixture    *fixture,
                               gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("hello", 5);
  g_autoptr(QnetNetworkDatagram) out = NULL;
  GError *error = NULL;

  g_test_summary ("From a socket of one family the options of a datagram are used, too.");

  udp_fixture_bind (fixture);
  out = qnet_network_datagram_new_full (DATA (bytes), fixture->loopback, -1, fixture->loopback,
                                        udp_fixture_get_port (fixture), 1, 3);
  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, out, &error), ==, 5);
  g_assert_no_error (error);
  g_clear_pointer (&out, qnet_network_datagram_unref);

  out = qnet_udp_socket_receive_datagram (fixture->socket, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (qnet_network_datagram_get_hop_limit (out), ==, 3);
}

static void
test_send_batch (UdpFixture    *fixture,
                 gconstpointer  data)
{
  g_autoptr(GPtrArray) datagrams = make_datagrams (fixture, 50);
  g_autoptr(GPtrArray) none = g_ptr_array_new ();
  GError *error = NULL;

  g_test_summary ("A batch is sent in order, by few system calls; an empty batch sends nothing.");

  udp_fixture_bind (fixture);
  g_assert_cmpint (qnet_udp_socket_write_datagrams (fixture->socket, datagrams, &error), ==, 50);
  g_assert_no_error (error);
  g_assert_cmpuint (get_send_calls (DEVICE (fixture->socket)), ==, 2);

  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *text = g_strdup_printf ("datagram %u", i);

      udp_fixture_peer_gets (fixture, text);
    }

  g_assert_cmpint (qnet_udp_socket_write_datagrams (fixture->socket, none, &error), ==, 0);
  g_assert_no_error (error);
}

static void
test_send_list (UdpFixture    *fixture,
                gconstpointer  data)
{
  g_autoptr(GPtrArray) datagrams = make_datagrams (fixture, 2);
  g_autoptr(GList) list = g_list_append (g_list_append (NULL, datagrams->pdata[0]),
                                         datagrams->pdata[1]);
  GError *error = NULL;

  g_test_summary ("A list is sent in order, and reported once; an empty one sends nothing.");

  udp_fixture_bind (fixture);
  g_assert_cmpint (qnet_udp_socket_write_datagram_list (fixture->socket, list, &error), ==, 2);
  g_assert_cmpint (qnet_udp_socket_write_datagram_list (fixture->socket, NULL, &error), ==, 0);
  g_assert_no_error (error);
  udp_fixture_peer_gets (fixture, "datagram 0");
  udp_fixture_peer_gets (fixture, "datagram 1");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "written:20");
}

static void
test_broadcast (UdpFixture    *fixture,
                gconstpointer  data)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);
  g_autoptr(QnetHostAddress) all = qnet_host_address_from_string ("127.255.255.255");
  g_autoptr(QnetUdpSocket) first = qnet_udp_socket_new ();
  g_autoptr(QnetUdpSocket) second = qnet_udp_socket_new ();
  GError *error = NULL;
  guint16 port;

  g_test_summary ("A broadcast needs no option, and every socket that shares the port receives it, "
                  "with its destination.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (first), any, 0, QNET_BIND_FLAGS_SHARE_ADDRESS,
                                            NULL));
  port = qnet_abstract_socket_get_local_port (ABSTRACT (first));
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (second), any, port,
                                            QNET_BIND_FLAGS_SHARE_ADDRESS, NULL));
  g_assert_cmpint (qnet_udp_socket_write_datagram_to (fixture->socket, (guint8 *) "all", 3, all,
                                                      port, &error),
                   ==, 3);
  g_assert_no_error (error);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(QnetNetworkDatagram) datagram = qnet_udp_socket_receive_datagram (i == 0 ? first
                                                                                         : second,
                                                                                  0, &error);

      g_assert_no_error (error);
      g_assert_true (
        qnet_host_address_equal (qnet_network_datagram_get_destination_address (datagram), all));
      g_assert_true (qnet_host_address_equal (qnet_network_datagram_get_sender_address (datagram),
                                              fixture->loopback));
    }
}

static void
test_send_batch_bad (UdpFixture    *fixture,
                     gconstpointer  data)
{
  g_autoptr(GPtrArray) datagrams = make_datagrams (fixture, 3);
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
  GError *error = NULL;

  g_test_summary ("A batch stops at a datagram that cannot be sent, and returns how many were "
                  "sent; sending the rest fails with the reason.");

  udp_fixture_bind (fixture);
  g_ptr_array_insert (datagrams, 2, qnet_network_datagram_new_from_bytes (bytes, fixture->loopback,
                                                                          0));
  g_assert_cmpint (qnet_udp_socket_write_datagrams (fixture->socket, datagrams, &error), ==, 2);
  g_assert_no_error (error);

  g_ptr_array_remove_range (datagrams, 0, 2);
  g_assert_cmpint (qnet_udp_socket_write_datagrams (fixture->socket, datagrams, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  g_ptr_array_remove_index (datagrams, 0);
  fail_call (QNET_SYSCALL_SENDMMSG, ENOBUFS, 1);
  g_assert_cmpint (qnet_udp_socket_write_datagrams (fixture->socket, datagrams, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_clear_error (&error);
  fail_call (0, 0, 0);
}

/* Bad input */

static void
assert_cannot_send (UdpFixture      *fixture,
                    gsize            size,
                    QnetHostAddress *address,
                    guint16          port,
                    QnetSocketError  code)
{
  g_autofree guint8 *data = g_malloc0 (size + 1);
  g_autoptr(GBytes) bytes = g_bytes_new (data, size);
  g_autoptr(QnetNetworkDatagram) datagram = qnet_network_datagram_new_from_bytes (bytes, address,
                                                                                  port);
  GError *error = NULL;

  g_assert_cmpint (qnet_udp_socket_write_datagram_to (fixture->socket, data, size, address, port,
                                                      &error),
                   ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->socket)), QNET_SOCKET_ERROR,
                  (int) code);
  g_clear_error (&error);
  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, datagram, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_clear_error (&error);
}

static void
test_bad_size (UdpFixture    *fixture,
               gconstpointer  data)
{
  g_test_summary ("More bytes than fit into a datagram are DATAGRAM_TOO_LARGE, and nothing is "
                  "sent; the largest possible one is sent.");

  udp_fixture_bind (fixture);
  assert_cannot_send (fixture, 65508, fixture->loopback, fixture->peer_port,
                      QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE);
  assert_cannot_send (fixture, 200000, fixture->loopback, fixture->peer_port,
                      QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE);
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "");
}

static void
test_largest (UdpFixture    *fixture,
              gconstpointer  data)
{
  g_autofree char *text = g_strnfill (65507, 'x');

  g_test_summary ("65507 bytes are sent and received whole.");

  udp_fixture_bind (fixture);
  udp_fixture_sends (fixture, text);
  udp_fixture_peer_gets (fixture, text);
  udp_fixture_peer_sends (fixture, text);
  udp_fixture_assert_gets (fixture, text);
}

static void
test_bad_destination (UdpFixture    *fixture,
                      gconstpointer  data)
{
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  g_autoptr(QnetHostAddress) ipv6 =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST_IPV6);
  g_autoptr(QnetHostAddress) no_scope = qnet_host_address_from_string ("fe80::1%no-such-link");
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr(QnetNetworkDatagram) no_destination = qnet_network_datagram_new_from_bytes (bytes, NULL,
                                                                                        0);
  g_autoptr(QnetNetworkDatagram) from_ipv6 = qnet_network_datagram_new_full (DATA (bytes), ipv6, -1,
                                                                             fixture->loopback, 9,
                                                                             0, -1);
  GError *error = NULL;

  g_test_summary ("No address, port 0, IPv6 by an IPv4 socket, an unknown scope and no destination "
                  "are refused, each with its reason.");

  assert_cannot_send (fixture, 1, null, 7, QNET_SOCKET_ERROR_OPERATION);
  assert_cannot_send (fixture, 1, fixture->loopback, 0, QNET_SOCKET_ERROR_OPERATION);
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);

  udp_fixture_bind (fixture);
  assert_cannot_send (fixture, 1, ipv6, 7, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  assert_cannot_send (fixture, 1, no_scope, 7, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, no_destination, &error), ==,
                   -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, from_ipv6, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
}

/* Texts */

static void
assert_send_text (UdpFixture      *fixture,
                  const char      *address,
                  QnetSocketError  code,
                  const char      *expected)
{
  g_autoptr(QnetHostAddress) to = qnet_host_address_from_string (address);
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr(QnetNetworkDatagram) datagram = qnet_network_datagram_new_from_bytes (bytes, to, 7);
  g_autoptr(GPtrArray) batch = g_ptr_array_new ();
  GError *error = NULL;

  g_ptr_array_add (batch, datagram);
  g_assert_cmpint (qnet_udp_socket_write_datagram_to (fixture->socket, (guint8 *) "x", 1, to, 7,
                                                      &error),
                   ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, expected);
  g_clear_error (&error);

  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, datagram, &error), ==, -1);
  g_assert_cmpstr (error->message, ==, expected);
  g_clear_error (&error);

  g_assert_cmpint (qnet_udp_socket_write_datagrams (fixture->socket, batch, &error), ==, -1);
  g_assert_cmpstr (error->message, ==, expected);
  g_clear_error (&error);
}

/* Whether the system refuses depends on its routes. */
static int
invalid_cb (QnetSyscall call)
{
  return call == QNET_SYSCALL_SENDMSG || call == QNET_SYSCALL_SENDMMSG ? EINVAL : 0;
}

static void
test_texts_of_family (UdpFixture    *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A destination that the socket's family, or its scope, makes impossible is "
                  "refused with that reason.");

  udp_fixture_bind (fixture);
  if (qnet_host_address_get_protocol (fixture->loopback) == QNET_NETWORK_LAYER_PROTOCOL_IPV4)
    {
      assert_send_text (fixture, "::1", QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                        "Could not send to [::1] port 7: The socket is bound to an IPv4 address");
      assert_send_text (
        fixture, "fe80::1", QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
        "Could not send to [fe80::1] port 7: The socket is bound to an IPv4 address");
      return;
    }

  assert_send_text (fixture, "127.0.0.1", QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    "Could not send to 127.0.0.1 port 7: The socket is bound to an IPv6 address");
  qnet_syscall_fault = invalid_cb;
  assert_send_text (
    fixture, "fe80::1", QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
    "Could not send to [fe80::1] port 7: A link-local address requires a network interface, "
    "as in “fe80::1%eth0”");
  qnet_syscall_fault = NULL;
  assert_send_text (
    fixture, "fe80::1%no-such", QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
    "Could not send to [fe80::1%no-such] port 7: There is no network interface “no-such”");
}

static void
test_texts_of_bind (UdpFixture    *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetHostAddress) unscoped = qnet_host_address_from_string ("fe80::1");
  g_autoptr(QnetHostAddress) unknown = qnet_host_address_from_string ("fe80::1%no-such");
  GError *error = NULL;

  g_test_summary ("A link-local address without a scope, or with an unknown one, is refused by "
                  "bind with that reason.");

  g_assert_false (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), unscoped, 7755, 0,
                                             &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
  g_assert_cmpstr (error->message, ==,
                   "Could not bind to [fe80::1] port 7755: A link-local address requires a network "
                   "interface, as in “fe80::1%eth0”");
  g_clear_error (&error);

  g_assert_false (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), unknown, 7755, 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
  g_assert_cmpstr (
    error->message, ==,
    "Could not bind to [fe80::1%no-such] port 7755: There is no network interface “no-such”");
  g_clear_error (&error);
}

static void
test_texts_of_connect (UdpFixture    *fixture,
                       gconstpointer  data)
{
  g_autoptr(QnetHostAddress) unscoped = qnet_host_address_from_string ("fe80::1");
  g_autoptr(QnetTcpSocket) tcp = qnet_tcp_socket_new ();
  QnetAbstractSocket *sockets[] = { ABSTRACT (fixture->socket), ABSTRACT (tcp) };

  g_test_summary ("A link-local address without a scope is refused by connecting with that "
                  "reason.");

  for (gsize i = 0; i < G_N_ELEMENTS (sockets); i++)
    {
      GError *error = NULL;

      qnet_abstract_socket_connect_to_address (sockets[i], unscoped, 7755);
      g_assert_false (qnet_socket_wait_for_connected (QNET_SOCKET (sockets[i]), -1, &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
      g_assert_cmpstr (error->message, ==,
                       "Could not connect to [fe80::1] port 7755: A link-local address requires a "
                       "network interface, as in “fe80::1%eth0”");
      g_clear_error (&error);
    }
}

static void
assert_datagram_text (UdpFixture          *fixture,
                      QnetNetworkDatagram *datagram,  /* (transfer full) */
                      QnetSocketError      code,
                      const char          *expected)
{
  g_autofree char *to = qnet_host_address_to_display (fixture->loopback, fixture->peer_port);
  g_autofree char *text = g_strdup_printf ("Could not send to %s: %s", to, expected);
  GError *error = NULL;

  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, datagram, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, text);
  g_clear_error (&error);
  qnet_network_datagram_unref (datagram);
}

static void
test_texts_of_datagram (UdpFixture    *fixture,
                        gconstpointer  data)
{
  gboolean is_ipv4 = qnet_host_address_get_protocol (fixture->loopback)
                     == QNET_NETWORK_LAYER_PROTOCOL_IPV4;
  g_autoptr(QnetHostAddress) foreign = qnet_host_address_from_string (is_ipv4 ? "192.0.2.77"
                                                                              : "2001:db8::77");
  g_autoptr(QnetHostAddress) other = qnet_host_address_from_string (is_ipv4 ? "::1" : "127.0.0.1");
  g_autoptr(QnetHostAddress) any =
    qnet_host_address_new_special (is_ipv4 ? QNET_SPECIAL_ADDRESS_ANY_IPV4
                                           : QNET_SPECIAL_ADDRESS_ANY_IPV6);
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
  QnetHostAddress *to = fixture->loopback;
  guint16 port = fixture->peer_port;
  g_autofree char *no_address = g_strdup_printf ("%s is not an address of this machine",
                                                 is_ipv4 ? "192.0.2.77" : "2001:db8::77");
  g_autofree char *other_family =
    g_strdup_printf ("The sender address %s is of the other address family",
                     is_ipv4 ? "::1" : "127.0.0.1");

  g_test_summary ("A sender, an interface and a hop limit that are impossible are refused with "
                  "that reason.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), any, 0, 0, NULL));
  assert_datagram_text (fixture,
                        qnet_network_datagram_new_full (DATA (bytes), foreign, -1, to, port, 0, -1),
                        QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE, no_address);
  assert_datagram_text (fixture, qnet_network_datagram_new_full (DATA (bytes), other, -1, to, port,
                                                                 0, -1),
                        QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, other_family);
  assert_datagram_text (fixture,
                        qnet_network_datagram_new_full (DATA (bytes), NULL, -1, to, port, 987654,
                                                        -1),
                        QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                        "There is no network interface 987654");
  if (is_ipv4)
    assert_datagram_text (fixture,
                          qnet_network_datagram_new_full (DATA (bytes), NULL, -1, to, port, 0, 0),
                          QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                          "The system refuses a hop limit of 0");
}

static int
no_room_cb (QnetSyscall call)
{
  return call == QNET_SYSCALL_SENDMSG || call == QNET_SYSCALL_SENDMMSG ? EAGAIN : 0;
}

static void
test_texts_of_nothing (UdpFixture    *fixture,
                       gconstpointer  data)
{
  g_autofree char *end = NULL;
  g_autofree char *expected = NULL;
  GError *error = NULL;

  g_test_summary ("The messages name that there is no datagram, and no room for one.");

  udp_fixture_bind (fixture);
  g_assert_null (qnet_udp_socket_receive_datagram (fixture->socket, 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
  g_assert_cmpstr (error->message, ==, "Could not receive: There is no datagram");
  g_clear_error (&error);
  g_assert_cmpint (qnet_udp_socket_read_datagram (fixture->socket, NULL, 0, NULL, NULL, &error), ==,
                   -1);
  g_assert_cmpstr (error->message, ==, "Could not receive: There is no datagram");
  g_clear_error (&error);

  qnet_syscall_fault = no_room_cb;
  end = qnet_host_address_to_display (fixture->loopback, fixture->peer_port);
  expected =
    g_strdup_printf ("Could not send to %s: The system has no room for another datagram now", end);
  g_assert_cmpint (qnet_udp_socket_write_datagram_to (fixture->socket, (guint8 *) "x", 1,
                                                      fixture->loopback, fixture->peer_port,
                                                      &error),
                   ==, -1);
  qnet_syscall_fault = NULL;
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
  g_assert_cmpstr (error->message, ==, expected);
  g_clear_error (&error);
}

/* One address in two forms */

static void
test_mapped_destination (UdpFixture    *fixture,
                         gconstpointer  data)
{
  static const char *const texts[] = { "::ffff:127.0.0.1", "0.0.0.0" };

  g_test_summary ("An IPv4 socket sends to a v4-mapped address, to 0.0.0.0 and to Any, which all "
                  "are this machine.");

  udp_fixture_bind (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(QnetHostAddress) to = qnet_host_address_from_string (texts[i]);
      GError *error = NULL;

      g_assert_cmpint (qnet_udp_socket_write_datagram_to (fixture->socket, (guint8 *) "x", 1, to,
                                                          fixture->peer_port, &error),
                       ==, 1);
      g_assert_no_error (error);
      udp_fixture_peer_gets (fixture, "x");
    }
}

static void
test_any_destination (UdpFixture    *fixture,
                      gconstpointer  data)
{
  gboolean is_ipv4 = GPOINTER_TO_INT (data) == AF_INET;
  QnetSpecialAddress forms[] = { QNET_SPECIAL_ADDRESS_ANY, QNET_SPECIAL_ADDRESS_ANY_IPV4 };
  GError *error = NULL;

  g_test_summary ("A socket of either family sends to Any, or to the zero address of its family, "
                  "which is this machine.");

  if (!is_ipv4)
    forms[1] = QNET_SPECIAL_ADDRESS_ANY_IPV6;

  udp_fixture_bind (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (forms[i]);

      g_assert_cmpint (qnet_udp_socket_write_datagram_to (fixture->socket, (guint8 *) "x", 1, any,
                                                          fixture->peer_port, &error), ==, 1);
      g_assert_no_error (error);
      udp_fixture_peer_gets (fixture, "x");
    }
}

static void
test_mapped_bind (UdpFixture    *fixture,
                  gconstpointer  data)
{
  g_autoptr(QnetHostAddress) mapped = qnet_host_address_from_string ("::ffff:127.0.0.1");
  g_autoptr(QnetHostAddress) local = NULL;
  g_autoptr(QnetTcpSocket) tcp = qnet_tcp_socket_new ();
  GError *error = NULL;

  g_test_summary ("Bound to a v4-mapped address, a socket is bound to the IPv4 address that it "
                  "represents.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), mapped, 0, 0, &error));
  g_assert_no_error (error);
  local = qnet_abstract_socket_get_local_address (ABSTRACT (fixture->socket));
  g_assert_true (qnet_host_address_equal (local, fixture->loopback));
  udp_fixture_peer_sends (fixture, "hello");
  udp_fixture_assert_gets (fixture, "hello");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (tcp), mapped, 0, 0, &error));
  g_assert_no_error (error);
}

/* The call takes what is there, not what continues to arrive */

static UdpFixture *flooded;

static int
flood_cb (QnetSyscall call)
{
  if (call == QNET_SYSCALL_RECVMMSG)
    for (guint i = 0; i < 64; i++)
      udp_fixture_peer_sends (flooded, "x");

  return 0;
}

static void
test_receive_under_flood (UdpFixture    *fixture,
                          gconstpointer  data)
{
  g_autoptr(GPtrArray) batch = NULL;
  int room;

  g_test_summary ("Receiving all that is there ends, though more arrives faster than it is taken.");

  udp_fixture_bind (fixture);
  g_assert_true (qnet_abstract_socket_get_socket_option (ABSTRACT (fixture->socket),
                                                         QNET_SOCKET_OPTION_RECEIVE_BUFFER_SIZE,
                                                         &room, NULL));
  flooded = fixture;
  qnet_syscall_fault = flood_cb;
  batch = qnet_udp_socket_receive_datagrams (fixture->socket, G_MAXUINT, NULL);
  qnet_syscall_fault = NULL;
  g_assert_cmpuint (batch->len, >=, 32);
  g_assert_cmpuint (batch->len, <=, (guint) room / 256 + 32);

  udp_fixture_forget_log (fixture);
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "ready-read");
}

/* Options of the other class of socket */

static void
assert_not_for (QnetAbstractSocket *socket,
                QnetSocketOption    option)
{
  GError *error = NULL;
  int value;

  g_assert_false (qnet_abstract_socket_set_socket_option (socket, option, 1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
  g_assert_false (qnet_abstract_socket_get_socket_option (socket, option, &value, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
}

static void
test_options_of_others (UdpFixture    *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) tcp = qnet_tcp_socket_new ();
  GError *error = NULL;

  g_test_summary ("An option of UDP on a TCP socket, and one of TCP on a UDP socket, is refused, "
                  "bound or not.");

  for (guint i = 0; i < 2; i++)
    {
      assert_not_for (ABSTRACT (tcp), QNET_SOCKET_OPTION_MULTICAST_TTL);
      assert_not_for (ABSTRACT (tcp), QNET_SOCKET_OPTION_MULTICAST_LOOPBACK);
      assert_not_for (ABSTRACT (fixture->socket), QNET_SOCKET_OPTION_LOW_DELAY);
      assert_not_for (ABSTRACT (fixture->socket), QNET_SOCKET_OPTION_KEEP_ALIVE);

      if (i == 0)
        {
          udp_fixture_bind (fixture);
          g_assert_true (qnet_abstract_socket_bind (ABSTRACT (tcp), fixture->loopback, 0, 0,
                                                    &error));
        }
    }

  g_assert_false (qnet_abstract_socket_set_socket_option (ABSTRACT (tcp),
                                                          QNET_SOCKET_OPTION_MULTICAST_TTL, 5,
                                                          &error));
  g_assert_cmpstr (error->message, ==,
                   "Could not use the socket option multicast-ttl: Only UDP sockets have it");
  g_clear_error (&error);
}

static void
test_bad_device_use (UdpFixture    *fixture,
                     gconstpointer  data)
{
  GError *error = NULL;
  char buffer[4];

  g_test_summary ("A bound socket has no peer: reading and writing as a device is refused, and "
                  "takes no datagram.");

  udp_fixture_bind (fixture);
  udp_fixture_peer_sends (fixture, "stays");
  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), "x", 1, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_cmpint (qnet_io_device_read (DEVICE (fixture->socket), buffer, sizeof buffer, &error),
                   ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_bytes_unref (qnet_io_device_read_all_bytes (DEVICE (fixture->socket)));
  udp_fixture_assert_gets (fixture, "stays");
}

/* Dual stack */

static void
test_dual_stack (UdpFixture    *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  g_autoptr(QnetNetworkDatagram) reply = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new_static ("back", 4);

  g_test_summary ("Any receives IPv4 and IPv6, reports each sender in its own family, and "
                  "answers.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), any, 0, 0, NULL));
  udp_fixture_peer_sends (fixture, "hello");
  datagram = qnet_udp_socket_receive_datagram (fixture->socket, 0, NULL);
  g_assert_true (qnet_host_address_equal (qnet_network_datagram_get_sender_address (datagram),
                                          fixture->loopback));
  g_assert_true (qnet_host_address_equal (qnet_network_datagram_get_destination_address (datagram),
                                          fixture->loopback));
  g_assert_cmpint (qnet_network_datagram_get_hop_limit (datagram), >, 0);

  reply = qnet_network_datagram_make_reply_bytes (datagram, bytes);
  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, reply, NULL), ==, 4);
  udp_fixture_peer_gets (fixture, "back");
}

static void
test_one_stack (UdpFixture    *fixture,
                gconstpointer  data)
{
  gboolean is_ipv4 = GPOINTER_TO_INT (data) == AF_INET;
  g_autoptr(QnetHostAddress) own =
    qnet_host_address_new_special (is_ipv4 ? QNET_SPECIAL_ADDRESS_ANY_IPV4
                                           : QNET_SPECIAL_ADDRESS_ANY_IPV6);
  g_autoptr(QnetHostAddress) other =
    qnet_host_address_new_special (is_ipv4 ? QNET_SPECIAL_ADDRESS_LOCAL_HOST_IPV6
                                           : QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(QnetUdpSocket) other_sender = qnet_udp_socket_new ();

  g_test_summary ("AnyIPv4 and AnyIPv6 receive their own family alone.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), own, 0, 0, NULL));
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (other_sender), other, 0, 0, NULL));
  qnet_udp_socket_write_datagram_to (other_sender, (guint8 *) "no", 2, other,
                                     udp_fixture_get_port (fixture), NULL);
  udp_fixture_peer_sends (fixture, "yes");
  udp_fixture_assert_gets (fixture, "yes");
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
}

/* Waiting and lifetime */

static void
test_wait_ready_read (UdpFixture    *fixture,
                      gconstpointer  data)
{
  GError *error = NULL;
  gint64 start;

  g_test_summary ("A wait for a datagram ends when one is there, reported or not, and times out "
                  "when none is.");

  udp_fixture_bind (fixture);
  start = g_get_monotonic_time ();
  g_assert_false (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), 20, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_clear_error (&error);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 20 * 1000);

  udp_fixture_peer_sends (fixture, "one");
  udp_fixture_peer_sends (fixture, "two");
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), -1, &error));
  udp_fixture_assert_log (fixture, "ready-read");
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), -1, &error));
  udp_fixture_assert_log (fixture, "");
  udp_fixture_assert_gets (fixture, "one");
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), -1, &error));
  udp_fixture_assert_gets (fixture, "two");
  g_assert_false (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), 0, NULL));
  g_assert_no_error (error);
}

static void
test_wait_abort (UdpFixture    *fixture,
                 gconstpointer  data)
{
  g_test_summary ("A wait in which a datagram arrives succeeds, though its handler aborts.");

  udp_fixture_bind (fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (qnet_socket_abort), NULL);
  udp_fixture_peer_sends (fixture, "one");
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), -1, NULL));
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
}

static void
test_wait_stale (UdpFixture    *fixture,
                 gconstpointer  data)
{
  char buffer[8];

  g_test_summary ("A wait for a datagram that another process took from the descriptor waits for "
                  "the next one.");

  udp_fixture_bind (fixture);
  udp_fixture_peer_sends (fixture, "one");
  udp_fixture_settle (fixture);
  g_assert_cmpint (recv (qnet_socket_get_fd (QNET_SOCKET (fixture->socket)),
                         buffer, 8, 0),
                   ==, 3);
  g_assert_false (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), 0, NULL));
  udp_fixture_peer_sends (fixture, "two");
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), -1, NULL));
}

static guint16 detached_peer_port;

static gpointer
talk_detached (gpointer data)
{
  UdpFixture *fixture = data;
  g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();
  GError *error = NULL;
  char buffer[8];

  g_assert_cmpint (qnet_udp_socket_write_datagram_to (socket, (guint8 *) "ping", 4,
                                                      fixture->loopback,
                                                      detached_peer_port, &error),
                   ==, 4);
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (socket), -1, &error));
  g_assert_no_error (error);
  g_assert_cmpint (qnet_udp_socket_read_datagram (socket, buffer, sizeof buffer, NULL, NULL,
                                                  &error),
                   ==, 4);
  g_assert_true (g_io_stream_close (G_IO_STREAM (socket), NULL, &error));
  g_assert_no_error (error);
  g_assert_false (qnet_socket_is_valid (QNET_SOCKET (socket)));

  return NULL;
}

static void
echo_cb (QnetUdpSocket *socket)
{
  QnetHostAddress *address;
  guint8 buffer[64];
  guint16 port;
  gssize n;

  while ((n = qnet_udp_socket_read_datagram (socket, buffer, sizeof buffer, &address, &port, NULL))
         >= 0)
    {
      g_assert_cmpint (qnet_udp_socket_write_datagram_to (socket, buffer, (gsize) n, address, port,
                                                          NULL),
                       ==, n);
      qnet_host_address_unref (address);
    }
}

static void
test_detached (UdpFixture    *fixture,
               gconstpointer  data)
{
  GThread *thread;

  g_test_summary ("A thread without a loop sends, waits, receives and closes.");

  udp_fixture_bind (fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (echo_cb), NULL);
  detached_peer_port = udp_fixture_get_port (fixture);
  thread = g_thread_new ("detached", talk_detached, fixture);
  while (qnet_io_device_get_bytes_sent (DEVICE (fixture->socket)) < 4)
    udp_fixture_turn (fixture);

  g_thread_join (thread);
}

static void
test_close (UdpFixture    *fixture,
            gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("Closing ends a bound socket in the next iteration, permanently.");

  udp_fixture_bind (fixture);
  g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->socket), NULL, &error));
  g_assert_no_error (error);
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "about-to-close unconnected");
  g_assert_false (qnet_abstract_socket_bind_port (ABSTRACT (fixture->socket), 0, 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
}

static void
drop_cb (QnetUdpSocket *socket,
         UdpFixture    *fixture)
{
  g_clear_object (&fixture->socket);
}

static void
abort_cb (QnetUdpSocket *socket,
          UdpFixture    *fixture)
{
  qnet_socket_abort (QNET_SOCKET (socket));
}

static void
test_drop_in_handler (UdpFixture    *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A handler of ready-read may drop the last reference.");

  udp_fixture_bind (fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (drop_cb), fixture);
  udp_fixture_peer_sends (fixture, "x");
  udp_fixture_await (fixture, fixture->socket == NULL);
}

static void
test_abort_in_handler (UdpFixture    *fixture,
                       gconstpointer  data)
{
  g_test_summary ("A handler of ready-read may abort, and bind again.");

  udp_fixture_bind (fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (abort_cb), fixture);
  udp_fixture_peer_sends (fixture, "x");
  udp_fixture_await (fixture, get_state (fixture) == QNET_SOCKET_STATE_UNCONNECTED);
  udp_fixture_assert_log (fixture, "ready-read unconnected");
  udp_fixture_bind (fixture);
}

static void
test_orphan (UdpFixture    *fixture,
             gconstpointer  data)
{
  GMainContext *context = g_main_context_new ();
  g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();

  g_test_summary ("A socket whose main context is freed is closed without emitting anything.");

  g_main_context_push_thread_default (context);
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (socket), fixture->loopback, 0, 0, NULL));
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);

  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_false (qnet_socket_is_valid (QNET_SOCKET (socket)));
}

static void
test_no_allocation (UdpFixture    *fixture,
                    gconstpointer  data)
{
  guint before = 0;

  g_test_summary ("An echo of many datagrams allocates nothing.");

  g_signal_handlers_disconnect_matched (fixture->socket, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL,
                                        fixture);
  udp_fixture_bind (fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (echo_cb), NULL);

  for (guint i = 0; i < 20; i++)
    {
      if (i == 10)
        before = allocations_count ();

      udp_fixture_peer_sends (fixture,
                              "sixty-four bytes, or nearly so: enough to see what it costs them");
      udp_fixture_settle (fixture);
      udp_fixture_peer_gets (fixture,
                             "sixty-four bytes, or nearly so: enough to see what it costs them");
    }

  g_assert_cmpuint (allocations_count (), ==, before);
}

/* GIO */

static void
test_datagram_based (UdpFixture    *fixture,
                     gconstpointer  data)
{
  g_autoptr(GSocketAddress) to = qnet_host_address_to_socket_address (fixture->loopback,
                                                                      fixture->peer_port);
  GOutputVector vector = { "by GIO", 6 };
  GOutputMessage message = { to, &vector, 1, 0, NULL, 0 };
  GError *error = NULL;

  g_test_summary ("The socket returns GIO's interface for datagrams, which can send.");

  udp_fixture_bind (fixture);
  g_assert_cmpint (g_datagram_based_send_messages (qnet_udp_socket_get_datagram_based (fixture
                                                                                         ->socket),
                                                   &message, 1, 0, 0, NULL, &error),
                   ==, 1);
  g_assert_no_error (error);
  udp_fixture_peer_gets (fixture, "by GIO");
}

static void
test_new_from_socket (UdpFixture    *fixture,
                      gconstpointer  data)
{
  GSocketFamily family = GPOINTER_TO_INT (data) == AF_INET ? G_SOCKET_FAMILY_IPV4
                                                           : G_SOCKET_FAMILY_IPV6;
  g_autoptr(GSocket) gsocket = g_socket_new (family, G_SOCKET_TYPE_DATAGRAM, 0, NULL);
  g_autoptr(GSocket) stream = g_socket_new (family, G_SOCKET_TYPE_STREAM, 0, NULL);
  g_autoptr(GSocket) local = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, 0, NULL);
  g_autoptr(GSocketAddress) here = qnet_host_address_to_socket_address (fixture->loopback, 0);
  g_autoptr(GSocketAddress) peer = qnet_host_address_to_socket_address (fixture->loopback,
                                                                        fixture->peer_port);
  g_autoptr(QnetUdpSocket) bound = NULL;
  g_autoptr(QnetUdpSocket) connected = NULL;
  GError *error = NULL;

  g_test_summary ("A GSocket can be wrapped, bound or connected; one for a stream, or of no "
                  "network, is refused.");

  g_assert_true (g_socket_bind (gsocket, here, FALSE, NULL));
  bound = qnet_udp_socket_new_from_socket (gsocket, &error);
  g_assert_no_error (error);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (bound)), ==, QNET_SOCKET_STATE_BOUND);

  g_assert_true (g_socket_connect (gsocket, peer, NULL, NULL));
  connected = qnet_udp_socket_new_from_socket (gsocket, &error);
  g_assert_no_error (error);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (connected)), ==,
                   QNET_SOCKET_STATE_CONNECTED);
  g_assert_cmpint (qnet_io_device_write (DEVICE (connected), "hello", 5, &error), ==, 5);
  udp_fixture_peer_gets (fixture, "hello");

  g_assert_null (qnet_udp_socket_new_from_socket (stream, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
  g_assert_null (qnet_udp_socket_new_from_socket (local, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
}

static void
test_texts_of_loopback (UdpFixture    *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetHostAddress) outside = qnet_host_address_from_string ("192.0.2.1");
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) refusal = NULL;

  g_test_summary ("Sending to another host from a loopback address fails for that reason.");

  udp_fixture_bind (fixture);
  g_assert_cmpint (qnet_udp_socket_write_datagram_to (fixture->socket, (guint8 *) "x", 1, outside,
                                                      9, &error),
                   ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_cmpstr (error->message, ==,
                   "Could not send to 192.0.2.1 port 9: The socket is bound to a loopback address");

  qnet_abstract_socket_connect_to_address (ABSTRACT (fixture->socket), outside, 9);
  g_assert_false (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), -1,
                                                           &refusal));
  g_assert_error (refusal, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_cmpstr (
    refusal->message, ==,
    "Could not connect to 192.0.2.1 port 9: The socket is bound to a loopback address");
}

static void
test_texts_of_descriptor (UdpFixture    *fixture,
                          gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("The error for a number that is no descriptor does not speak of a descriptor of "
                  "another type.");

  g_assert_false (qnet_socket_set_fd (QNET_SOCKET (fixture->socket), -1,
                                                              QNET_SOCKET_STATE_BOUND,
                                                              QNET_OPEN_MODE_READ_WRITE, &error));
  g_assert_cmpstr (error->message, ==,
                   "Could not take over descriptor -1: There is no such descriptor");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  udp_fixture_add_ipv4 ("/udp-socket/new", test_new);
  udp_fixture_add ("/udp-socket/bind", test_bind);
  udp_fixture_add ("/udp-socket/bind/taken", test_bind_taken);
  udp_fixture_add ("/udp-socket/bind/share", test_bind_share);
  udp_fixture_add ("/udp-socket/reuse-port", test_reuse_port);
  udp_fixture_add ("/udp-socket/reuse-port/spreads-datagrams", test_reuse_port_spreads);
  udp_fixture_add ("/udp-socket/buffer-sizes", test_buffer_sizes);
  udp_fixture_add ("/udp-socket/ready-read", test_ready_read);
  udp_fixture_add ("/udp-socket/ready-read/nested", test_ready_read_nested);
  udp_fixture_add ("/udp-socket/pause", test_pause);
  udp_fixture_add ("/udp-socket/receive", test_receive);
  udp_fixture_add ("/udp-socket/receive/nothing", test_receive_nothing);
  udp_fixture_add ("/udp-socket/receive/truncated", test_receive_truncated);
  udp_fixture_add ("/udp-socket/receive/empty", test_receive_empty);
  udp_fixture_add ("/udp-socket/receive/failure", test_receive_failure);
  udp_fixture_add ("/udp-socket/receive/failure-later", test_receive_failure_later);
  udp_fixture_add ("/udp-socket/read-datagram", test_read_datagram);
  udp_fixture_add_ipv4 ("/udp-socket/known-senders", test_known_senders);
  udp_fixture_add ("/udp-socket/batch/receive", test_receive_batch);
  udp_fixture_add ("/udp-socket/batch/send", test_send_batch);
  udp_fixture_add ("/udp-socket/batch/send-list", test_send_list);
  udp_fixture_add ("/udp-socket/batch/stops-at-a-failure", test_send_batch_bad);
  udp_fixture_add ("/udp-socket/batch/fallback", test_batch_fallback);
  udp_fixture_add ("/udp-socket/send/unbound", test_send_unbound);
  udp_fixture_add ("/udp-socket/send/unbound-aborted", test_send_unbound_aborted);
  udp_fixture_add ("/udp-socket/send/forms", test_send_forms);
  udp_fixture_add ("/udp-socket/send/empty", test_send_empty);
  udp_fixture_add_ipv4 ("/udp-socket/send/broadcast", test_broadcast);
  udp_fixture_add ("/udp-socket/send/options", test_send_options);
  udp_fixture_add ("/udp-socket/send/options-same-family", test_send_options_same_family);
  udp_fixture_add_ipv4 ("/udp-socket/bad/size", test_bad_size);
  udp_fixture_add ("/udp-socket/largest", test_largest);
  udp_fixture_add_ipv4 ("/udp-socket/bad/destination", test_bad_destination);
  udp_fixture_add ("/udp-socket/texts/family", test_texts_of_family);
  udp_fixture_add_ipv4 ("/udp-socket/texts/loopback", test_texts_of_loopback);
  udp_fixture_add_ipv4 ("/udp-socket/texts/descriptor", test_texts_of_descriptor);
  udp_fixture_add_ipv4 ("/udp-socket/texts/bind", test_texts_of_bind);
  udp_fixture_add_ipv4 ("/udp-socket/texts/connect", test_texts_of_connect);
  udp_fixture_add ("/udp-socket/texts/datagram", test_texts_of_datagram);
  udp_fixture_add ("/udp-socket/texts/nothing-there", test_texts_of_nothing);
  udp_fixture_add_ipv4 ("/udp-socket/forms/mapped-destination", test_mapped_destination);
  udp_fixture_add ("/udp-socket/forms/any-as-destination", test_any_destination);
  udp_fixture_add_ipv4 ("/udp-socket/forms/mapped-bind", test_mapped_bind);
  udp_fixture_add ("/udp-socket/receive/flood", test_receive_under_flood);
  udp_fixture_add ("/udp-socket/options/of-other-classes-are-refused", test_options_of_others);
  udp_fixture_add ("/udp-socket/bound/is-no-device", test_bad_device_use);
  udp_fixture_add ("/udp-socket/dual-stack", test_dual_stack);
  udp_fixture_add ("/udp-socket/one-stack", test_one_stack);
  udp_fixture_add ("/udp-socket/wait-ready-read", test_wait_ready_read);
  udp_fixture_add ("/udp-socket/wait-ready-read/abort", test_wait_abort);
  udp_fixture_add ("/udp-socket/wait-ready-read/taken-elsewhere", test_wait_stale);
  udp_fixture_add ("/udp-socket/detached", test_detached);
  udp_fixture_add ("/udp-socket/close-is-permanent", test_close);
  udp_fixture_add ("/udp-socket/handler/drops", test_drop_in_handler);
  udp_fixture_add ("/udp-socket/handler/aborts", test_abort_in_handler);
  udp_fixture_add ("/udp-socket/orphaned-emits-nothing", test_orphan);
  udp_fixture_add ("/udp-socket/no-allocation", test_no_allocation);
  udp_fixture_add ("/udp-socket/gio/datagram-based", test_datagram_based);
  udp_fixture_add ("/udp-socket/gio/new-from-socket", test_new_from_socket);

  return g_test_run ();
}
