/* test-udp-connected.c: a UDP socket with one peer, as a device; and the asynchronous pairs
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <qnet/qnet.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-syscall-private.h"
#include "common/bytes.h"
#include "common/resolver.h"
#include "common/udp-fixture.h"

static QnetSocketState
get_state (UdpFixture *fixture)
{
  return qnet_socket_get_state (QNET_SOCKET (fixture->socket));
}

static void
assert_reads (UdpFixture *fixture,
              gsize       size,
              const char *expected)
{
  gsize length;
  g_autofree guint8 *bytes = qnet_io_device_read_array (DEVICE (fixture->socket), size, &length);

  g_assert_cmpmem (bytes, length, expected, strlen (expected));
}

/* Connects to a port where no socket is bound, and sends there: ICMP reports it, on loopback at
 * once. */
static void
provoke_refusal (UdpFixture *fixture)
{
  guint16 port = udp_fixture_find_closed_port (fixture);

  qnet_abstract_socket_connect_to_address (ABSTRACT (fixture->socket), fixture->loopback, port);
  udp_fixture_await (fixture, get_state (fixture) == QNET_SOCKET_STATE_CONNECTED);
  udp_fixture_settle (fixture);
  udp_fixture_forget_log (fixture);
  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), "x", 1, NULL), ==, 1);
}

/* Connecting */

static gboolean
set_true_cb (gpointer flag)
{
  *(gboolean *) flag = TRUE;

  return G_SOURCE_REMOVE;
}

static void
test_idle_while_bound (UdpFixture    *fixture,
                       gconstpointer  data)
{
  g_autoptr(GSource) timer = g_timeout_source_new (20);
  gboolean has_passed = FALSE;

  g_test_summary ("The limit of idle time of a bound socket does not end its attempt to connect.");

  test_resolver_install ();
  test_resolver_hang ();
  qnet_socket_set_idle_timeout (QNET_SOCKET (fixture->socket), 10);
  udp_fixture_bind (fixture);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "qnet.test", 1);
  g_source_set_callback (timer, set_true_cb, &has_passed, NULL);
  g_source_attach (timer, fixture->context);
  udp_fixture_await (fixture, has_passed);
  udp_fixture_assert_log (fixture, "host-lookup");
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
}

static void
test_connect (UdpFixture    *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = NULL;
  char byte;

  g_test_summary ("Connecting passes the states of any socket and sends nothing; disconnecting "
                  "ends it at once.");

  qnet_abstract_socket_connect_to_address (ABSTRACT (fixture->socket), fixture->loopback,
                                           fixture->peer_port);
  udp_fixture_await (fixture, get_state (fixture) == QNET_SOCKET_STATE_CONNECTED);
  udp_fixture_assert_log (fixture, "connecting host-found connected connected");
  g_assert_true (qnet_io_device_is_readable (DEVICE (fixture->socket)));
  address = qnet_abstract_socket_get_peer_address (ABSTRACT (fixture->socket));
  g_assert_true (qnet_host_address_equal (address, fixture->loopback));
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (ABSTRACT (fixture->socket)), ==,
                    fixture->peer_port);
  g_assert_cmpint (recv (fixture->peer, &byte, 1, MSG_DONTWAIT), ==, -1);

  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  udp_fixture_assert_log (fixture, "closing unconnected read-channel-finished disconnected");
  g_assert_false (qnet_socket_is_valid (QNET_SOCKET (fixture->socket)));
}

static void
test_connect_by_name (UdpFixture    *fixture,
                      gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("A name is looked up, without a main loop, too.");

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "localhost",
                                        fixture->peer_port);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), -1, &error));
  g_assert_no_error (error);
}

static void
test_connect_bound (UdpFixture    *fixture,
                    gconstpointer  data)
{
  guint16 port;

  g_test_summary ("Connecting a bound socket keeps the port, and what arrived before is not lost.");

  udp_fixture_bind (fixture);
  port = udp_fixture_get_port (fixture);
  udp_fixture_peer_sends (fixture, "early");
  qnet_abstract_socket_connect_to_address (ABSTRACT (fixture->socket), fixture->loopback,
                                           fixture->peer_port);
  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), "too early", 9, NULL), ==, -1);
  g_assert_cmpint (qnet_udp_socket_write_datagram_to (fixture->socket, NULL, 0, fixture->loopback,
                                                      9, NULL),
                   ==, -1);
  udp_fixture_await (fixture, get_state (fixture) == QNET_SOCKET_STATE_CONNECTED);
  udp_fixture_settle (fixture);
  g_assert_cmpuint (udp_fixture_get_port (fixture), ==, port);
  assert_reads (fixture, 100, "early");
}

static void
test_aborted_while_connecting (UdpFixture    *fixture,
                               gconstpointer  data)
{
  g_test_summary ("An attempt to connect can be aborted, that of a bound socket as well.");

  udp_fixture_bind (fixture);
  qnet_abstract_socket_connect_to_address (ABSTRACT (fixture->socket), fixture->loopback,
                                           fixture->peer_port);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_false (qnet_socket_is_valid (QNET_SOCKET (fixture->socket)));
}

static void
test_other_senders (UdpFixture    *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetUdpSocket) other = qnet_udp_socket_new ();

  g_test_summary ("A connected socket receives from its peer alone, and may send to other "
                  "addresses.");

  udp_fixture_connect (fixture);
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (other), fixture->loopback, 0, 0, NULL));
  qnet_udp_socket_write_datagram_to (other, (guint8 *) "no", 2, fixture->loopback,
                                     udp_fixture_get_port (fixture), NULL);
  udp_fixture_peer_sends (fixture, "yes");
  assert_reads (fixture, 100, "yes");
  assert_reads (fixture, 100, "");

  g_assert_cmpint (qnet_udp_socket_write_datagram_to (
                     fixture->socket, (guint8 *) "hi", 2, fixture->loopback,
                     qnet_abstract_socket_get_local_port (ABSTRACT (other)), NULL),
                   ==, 2);
  g_assert_cmpint (qnet_udp_socket_get_pending_datagram_size (other), ==, 2);
}

/* Another sender's datagram, and then the peer's, arrive while the socket is only bound; then it is
 * connected. */
static void
connect_after_other_sender (UdpFixture *fixture)
{
  g_autoptr(QnetUdpSocket) other = qnet_udp_socket_new ();

  udp_fixture_bind (fixture);
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (other), fixture->loopback, 0, 0, NULL));
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (qnet_udp_socket_write_datagram_to (other, (guint8 *) "intruder", 8,
                                                        fixture->loopback,
                                                        udp_fixture_get_port (fixture), NULL),
                     ==, 8);
  udp_fixture_peer_sends (fixture, "peer");
  udp_fixture_connect (fixture);
}

static void
by_read (UdpFixture *fixture)
{
  assert_reads (fixture, 100, "peer");
  assert_reads (fixture, 100, "");
}

static void
by_receive (UdpFixture *fixture)
{
  udp_fixture_assert_gets (fixture, "peer");
}

static void
by_buffer (UdpFixture *fixture)
{
  guint8 buffer[16];

  g_assert_cmpint (qnet_udp_socket_read_datagram (fixture->socket, buffer, sizeof buffer, NULL,
                                                  NULL, NULL),
                   ==, 4);
}

static void
by_batch (UdpFixture *fixture)
{
  g_autoptr(GPtrArray) batch = qnet_udp_socket_receive_datagrams (fixture->socket, 9, NULL);

  g_assert_cmpuint (batch->len, ==, 1);
}

static void
by_peek (UdpFixture *fixture)
{
  guint8 buffer[16];

  g_assert_cmpint (qnet_io_device_peek (DEVICE (fixture->socket), buffer, sizeof buffer, NULL), ==,
                   4);
  assert_reads (fixture, 100, "peer");
}

static void
by_size (UdpFixture *fixture)
{
  g_assert_cmpint (qnet_udp_socket_get_pending_datagram_size (fixture->socket), ==, 4);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->socket)), ==, 4);
  udp_fixture_assert_gets (fixture, "peer");
}

static void
by_waiting (UdpFixture *fixture)
{
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), 0, NULL));
  udp_fixture_assert_gets (fixture, "peer");
  udp_fixture_peer_sends (fixture, "again");
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), -1, NULL));
  udp_fixture_assert_gets (fixture, "again");
  g_assert_false (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), 0, NULL));
}

static void (*const ways[]) (UdpFixture *fixture) = {
  by_read, by_receive, by_buffer, by_batch, by_peek, by_size, by_waiting,
};

static void
test_other_senders_before (UdpFixture    *fixture,
                           gconstpointer  data)
{
  g_test_summary ("Each way to read skips what another sender sent before the socket was "
                  "connected, and not the peer's.");

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      connect_after_other_sender (fixture);
      ways[i] (fixture);
      g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
      qnet_socket_abort (QNET_SOCKET (fixture->socket));
    }
}

static void
test_other_senders_before_adoption (UdpFixture    *fixture,
                                    gconstpointer  data)
{
  g_autoptr(QnetUdpSocket) other = qnet_udp_socket_new ();
  struct sockaddr_storage native;
  socklen_t size;
  guint16 port;
  int fd = open_udp (fixture->loopback, &port);

  g_test_summary ("The same holds for a connected descriptor that was made elsewhere.");

  qnet_abstract_socket_bind (ABSTRACT (other), fixture->loopback, 0, 0, NULL);
  qnet_udp_socket_write_datagram_to (other, (guint8 *) "no", 2, fixture->loopback, port, NULL);
  size = qnet_host_address_to_native (fixture->loopback, fixture->peer_port, &native);
  g_assert_no_errno (connect (fd, (struct sockaddr *) &native, size));
  g_assert_true (qnet_socket_set_fd (QNET_SOCKET (fixture->socket), fd,
                                                             QNET_SOCKET_STATE_CONNECTED,
                                                             QNET_OPEN_MODE_READ_WRITE, NULL));
  udp_fixture_peer_sends (fixture, "yes");
  assert_reads (fixture, 100, "yes");
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
}

static void
test_other_senders_alone_before (UdpFixture    *fixture,
                                 gconstpointer  data)
{
  g_autoptr(QnetUdpSocket) other = qnet_udp_socket_new ();

  g_test_summary ("A wait does not end with what another sender sent before the socket was "
                  "connected.");

  udp_fixture_bind (fixture);
  qnet_abstract_socket_bind (ABSTRACT (other), fixture->loopback, 0, 0, NULL);
  qnet_udp_socket_write_datagram_to (other, (guint8 *) "no", 2, fixture->loopback,
                                     udp_fixture_get_port (fixture), NULL);
  qnet_abstract_socket_connect_to_address (ABSTRACT (fixture->socket), fixture->loopback,
                                           fixture->peer_port);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), -1, NULL));
  g_assert_false (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), 20, NULL));
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
}

static void
test_two_sockets (UdpFixture    *fixture,
                  gconstpointer  data)
{
  g_autoptr(QnetUdpSocket) other = qnet_udp_socket_new ();
  g_autofree guint8 *bytes = NULL;
  gsize length;

  g_test_summary ("Two sockets connected to each other read and write as devices.");

  udp_fixture_bind (fixture);
  qnet_abstract_socket_connect_to_address (ABSTRACT (other), fixture->loopback,
                                           udp_fixture_get_port (fixture));
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (other), -1, NULL));
  qnet_abstract_socket_connect_to_address (ABSTRACT (fixture->socket), fixture->loopback,
                                           qnet_abstract_socket_get_local_port (ABSTRACT (other)));
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), -1, NULL));

  g_assert_cmpint (qnet_io_device_write_string (DEVICE (fixture->socket), "ping", NULL), ==, 4);
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (other), -1, NULL));
  bytes = qnet_io_device_read_all (DEVICE (other), &length);
  g_assert_cmpmem (bytes, length, "ping", 4);
  g_assert_cmpint (qnet_io_device_write_string (DEVICE (other), "pong", NULL), ==, 4);
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), -1, NULL));
  assert_reads (fixture, 100, "pong");
}

/* As a device */

static void
test_read (UdpFixture    *fixture,
           gconstpointer  data)
{
  char buffer[4];

  g_test_summary ("Each read takes one datagram: what does not fit is lost, and the next one is "
                  "whole.");

  udp_fixture_connect (fixture);
  udp_fixture_peer_sends (fixture, "first datagram");
  udp_fixture_peer_sends (fixture, "second");
  udp_fixture_peer_sends (fixture, "third");
  udp_fixture_peer_sends (fixture, "fourth");
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->socket)), ==, 14);
  g_assert_cmpint (qnet_io_device_read (DEVICE (fixture->socket), buffer, sizeof buffer, NULL), ==,
                   4);
  g_assert_cmpmem (buffer, 4, "firs", 4);
  g_assert_cmpint (qnet_io_device_skip (DEVICE (fixture->socket), 2, NULL), ==, 2);
  assert_reads (fixture, 2, "th");
  assert_reads (fixture, G_MAXSIZE, "fourth");
  g_assert_cmpint (qnet_io_device_read (DEVICE (fixture->socket), buffer, sizeof buffer, NULL), ==,
                   0);
  g_assert_true (qnet_io_device_at_end (DEVICE (fixture->socket)));
}

static void
test_peek (UdpFixture    *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  g_autoptr(QnetHostAddress) address = NULL;
  g_autoptr(GPtrArray) both = NULL;
  char buffer[16];
  gsize whole;
  guint16 port;

  g_test_summary ("Peeking leaves the datagram to whichever call takes it.");

  udp_fixture_connect (fixture);
  for (guint i = 0; i < 5; i++)
    udp_fixture_peer_sends (fixture, "hello");

  g_assert_cmpint (qnet_io_device_peek (DEVICE (fixture->socket), buffer, 3, NULL), ==, 3);
  g_assert_cmpmem (buffer, 3, "hel", 3);
  g_assert_true (qnet_udp_socket_has_pending_datagrams (fixture->socket));
  g_assert_cmpint (qnet_udp_socket_get_pending_datagram_size (fixture->socket), ==, 5);
  assert_reads (fixture, 100, "hello");

  g_bytes_unref (qnet_io_device_peek_bytes (DEVICE (fixture->socket), 3));
  datagram = qnet_udp_socket_receive_datagram (fixture->socket, 4, NULL);
  g_assert_cmpuint (g_bytes_get_size (qnet_network_datagram_get_bytes (datagram)), ==, 4);
  g_assert_true (qnet_network_datagram_is_truncated (datagram));
  g_assert_cmpint (qnet_network_datagram_get_sender_port (datagram), ==, fixture->peer_port);

  g_bytes_unref (qnet_io_device_peek_bytes (DEVICE (fixture->socket), 3));
  g_assert_cmpint (qnet_udp_socket_read_datagram_full (fixture->socket, buffer, 2, &address, &port,
                                                       &whole, NULL),
                   ==, 2);
  g_assert_cmpuint (whole, ==, 5);
  g_assert_cmpuint (port, ==, fixture->peer_port);
  g_assert_true (qnet_host_address_equal (address, fixture->loopback));

  g_bytes_unref (qnet_io_device_peek_bytes (DEVICE (fixture->socket), 3));
  both = qnet_udp_socket_receive_datagrams (fixture->socket, 9, NULL);
  g_assert_cmpuint (both->len, ==, 2);
}

static void
drop_socket_cb (QnetUdpSocket *socket,
                GParamSpec    *pspec,
                UdpFixture    *fixture)
{
  g_clear_object (&fixture->socket);
}

static void
test_peek_and_unref (UdpFixture    *fixture,
                     gconstpointer  data)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;

  g_test_summary ("A handler that is notified of a datagram that is taken may drop the last "
                  "reference: the datagram has its sender.");

  udp_fixture_connect (fixture);
  udp_fixture_peer_sends (fixture, "hello");
  g_bytes_unref (qnet_io_device_peek_bytes (DEVICE (fixture->socket), 3));
  udp_fixture_settle (fixture);
  g_signal_connect (fixture->socket, "notify::bytes-available", G_CALLBACK (drop_socket_cb),
                    fixture);

  datagram = qnet_udp_socket_receive_datagram (fixture->socket, 0, NULL);
  g_assert_null (fixture->socket);
  g_assert_cmpuint (g_bytes_get_size (qnet_network_datagram_get_bytes (datagram)), ==, 5);
  g_assert_cmpint (qnet_network_datagram_get_sender_port (datagram), ==, fixture->peer_port);
}

static void
test_peek_and_drop (UdpFixture    *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A datagram that was peeked at is dropped by a read of 0 bytes.");

  udp_fixture_connect (fixture);
  udp_fixture_peer_sends (fixture, "one");
  udp_fixture_peer_sends (fixture, "two");
  g_bytes_unref (qnet_io_device_peek_bytes (DEVICE (fixture->socket), 3));
  g_assert_cmpint (qnet_udp_socket_read_datagram (fixture->socket, NULL, 0, NULL, NULL, NULL), ==,
                   0);
  udp_fixture_assert_gets (fixture, "two");
}

static void
test_empty (UdpFixture    *fixture,
            gconstpointer  data)
{
  g_test_summary ("An empty datagram is read as 0 bytes, and has been taken then.");

  udp_fixture_connect (fixture);
  udp_fixture_peer_sends (fixture, "");
  udp_fixture_peer_sends (fixture, "next");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "ready-read");
  assert_reads (fixture, 100, "");
  assert_reads (fixture, 100, "next");
}

static void
test_lines (UdpFixture    *fixture,
            gconstpointer  data)
{
  g_autofree char *line = NULL;
  gsize length;
  g_autofree guint8 *rest = NULL;

  g_test_summary ("A line ends where its datagram ends, with or without a newline.");

  udp_fixture_connect (fixture);
  g_assert_false (qnet_io_device_can_read_line (DEVICE (fixture->socket)));
  udp_fixture_peer_sends (fixture, "a line\n");
  udp_fixture_peer_sends (fixture, "no end");
  g_assert_true (qnet_io_device_can_read_line (DEVICE (fixture->socket)));
  line = qnet_io_device_read_line_utf8 (DEVICE (fixture->socket), 0, NULL);
  g_assert_cmpstr (line, ==, "a line");
  rest = qnet_io_device_read_line_array (DEVICE (fixture->socket), 0, &length);
  g_assert_cmpmem (rest, length, "no end", 6);
}

static void
test_transaction (UdpFixture    *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A transaction that is rolled back puts the datagram back.");

  udp_fixture_connect (fixture);
  udp_fixture_peer_sends (fixture, "header and body");
  qnet_io_device_start_transaction (DEVICE (fixture->socket));
  assert_reads (fixture, 6, "header");
  assert_reads (fixture, 4, " and");
  qnet_io_device_rollback_transaction (DEVICE (fixture->socket));
  assert_reads (fixture, 100, "header and body");
}

static void
test_write (UdpFixture    *fixture,
            gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("bytes", 5);
  g_autoptr(QnetNetworkDatagram) to_peer = qnet_network_datagram_new_full (DATA (bytes), NULL, -1,
                                                                           NULL,
                                                                           -1, 0, 9);
  g_autofree guint8 *large = g_malloc0 (70000);
  GError *error = NULL;

  g_test_summary ("Each write sends one datagram at once; one that is too large is refused.");

  udp_fixture_connect (fixture);
  g_assert_cmpint (qnet_io_device_write_string (DEVICE (fixture->socket), "one", &error), ==, 3);
  g_assert_cmpint (qnet_io_device_write_bytes (DEVICE (fixture->socket), bytes, &error), ==, 5);
  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, to_peer, &error), ==, 5);
  g_assert_no_error (error);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (DEVICE (fixture->socket)), ==, 0);
  g_assert_false (qnet_io_device_flush (DEVICE (fixture->socket)));
  udp_fixture_peer_gets (fixture, "one");
  udp_fixture_peer_gets (fixture, "bytes");
  udp_fixture_peer_gets (fixture, "bytes");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "written:13");

  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), large, 70000, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE);
  g_clear_error (&error);
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "");
}

static void
test_write_empty (UdpFixture    *fixture,
                  gconstpointer  data)
{
  g_autoptr(GBytes) empty = g_bytes_new_static ("", 0);
  GError *error = NULL;

  g_test_summary ("Writing 0 bytes sends an empty datagram, in each way to write.");

  udp_fixture_connect (fixture);
  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), NULL, 0, &error), ==, 0);
  g_assert_no_error (error);
  udp_fixture_peer_gets (fixture, "");
  g_assert_cmpint (qnet_io_device_write_bytes (DEVICE (fixture->socket), empty, &error), ==, 0);
  udp_fixture_peer_gets (fixture, "");
  g_assert_cmpint (qnet_io_device_write_string (DEVICE (fixture->socket), "", &error), ==, 0);
  udp_fixture_peer_gets (fixture, "");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "written:0");
}

/* Whether waits of @socket succeed: after writing, again, and after writing and an iteration of the
 * loop. */
static char *
wait_three_times (UdpFixture    *fixture,
                  QnetUdpSocket *socket,
                  const char    *text)
{
  QnetIODevice *device = DEVICE (socket);
  gboolean results[3];

  qnet_abstract_socket_connect_to_address (ABSTRACT (socket), fixture->loopback,
                                           fixture->peer_port);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (socket), -1, NULL));

  qnet_io_device_write_string (device, text, NULL);
  results[0] = qnet_io_device_wait_for_bytes_written (device, 100, NULL);
  results[1] = qnet_io_device_wait_for_bytes_written (device, 100, NULL);
  qnet_io_device_write_string (device, text, NULL);
  udp_fixture_settle (fixture);
  results[2] = qnet_io_device_wait_for_bytes_written (device, 100, NULL);

  return g_strdup_printf ("%d %d %d", results[0], results[1], results[2]);
}

static void
ignore_cb (QnetIODevice *device)
{
}

static void
test_wait_for_bytes_written (UdpFixture    *fixture,
                             gconstpointer  data)
{
  static const char *const texts[] = { "x", "" };

  g_test_summary ("A wait for bytes written ends alike with and without a handler, also for an "
                  "empty datagram.");

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(QnetUdpSocket) alone = qnet_udp_socket_new ();
      g_autoptr(QnetUdpSocket) handled = qnet_udp_socket_new ();
      g_autofree char *without = NULL;
      g_autofree char *with = NULL;

      g_signal_connect (handled, "bytes-written", G_CALLBACK (ignore_cb), NULL);
      without = wait_three_times (fixture, alone, texts[i]);
      with = wait_three_times (fixture, handled, texts[i]);
      g_assert_cmpstr (without, ==, "1 0 0");
      g_assert_cmpstr (with, ==, "1 0 0");
    }
}

static void
note_size_cb (QnetIODevice *device,
              gint64        size,
              gint64       *out_size)
{
  *out_size += size;
}

static void
test_late_handler (UdpFixture    *fixture,
                   gconstpointer  data)
{
  g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();
  gint64 size = 0;

  g_test_summary ("bytes-written for an earlier datagram is not emitted to a handler that is "
                  "connected later.");

  qnet_abstract_socket_connect_to_address (ABSTRACT (socket), fixture->loopback,
                                           fixture->peer_port);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (socket), -1, NULL));
  qnet_io_device_write_string (DEVICE (socket), "before", NULL);
  udp_fixture_settle (fixture);
  g_signal_connect (socket, "bytes-written", G_CALLBACK (note_size_cb), &size);
  qnet_io_device_write_string (DEVICE (socket), "after", NULL);
  udp_fixture_settle (fixture);
  g_assert_cmpint (size, ==, 5);
}

static void
test_disconnect_after_write (UdpFixture    *fixture,
                             gconstpointer  data)
{
  g_test_summary ("bytes-written is emitted before disconnected.");

  udp_fixture_connect (fixture);
  qnet_io_device_write (DEVICE (fixture->socket), "bye", 3, NULL);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture,
                          "closing written:3 unconnected read-channel-finished disconnected");
  udp_fixture_peer_gets (fixture, "bye");
}

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  GAsyncResult **place = user_data;

  g_assert_null (*place);
  *place = g_object_ref (result);
}

static void
test_disconnect_after_empty (UdpFixture    *fixture,
                             gconstpointer  data)
{
  g_test_summary ("bytes-written is emitted before disconnected for an empty datagram, too.");

  udp_fixture_connect (fixture);
  qnet_io_device_write (DEVICE (fixture->socket), NULL, 0, NULL);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture,
                          "closing written:0 unconnected read-channel-finished disconnected");
  udp_fixture_peer_gets (fixture, "");
}

static void
test_write_all_empty (UdpFixture    *fixture,
                      gconstpointer  data)
{
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;

  g_test_summary ("An asynchronous write of 0 bytes sends an empty datagram.");

  udp_fixture_connect (fixture);
  qnet_io_device_write_all_async (DEVICE (fixture->socket), NULL, 0, G_PRIORITY_DEFAULT, NULL,
                                  result_cb, &result);
  udp_fixture_await (fixture, result != NULL);
  g_assert_true (qnet_io_device_write_all_finish (DEVICE (fixture->socket), result, &error));
  g_assert_no_error (error);
  udp_fixture_peer_gets (fixture, "");
}

static void
test_streams (UdpFixture    *fixture,
              gconstpointer  data)
{
  GIOStream *stream = G_IO_STREAM (fixture->socket);
  GError *error = NULL;
  char buffer[16];

  g_test_summary ("The streams of a connected socket read and write one datagram at a time.");

  udp_fixture_connect (fixture);
  g_assert_cmpint (g_output_stream_write (g_io_stream_get_output_stream (stream), "out", 3, NULL,
                                          &error),
                   ==, 3);
  g_assert_no_error (error);
  udp_fixture_peer_gets (fixture, "out");
  udp_fixture_peer_sends (fixture, "in");
  g_assert_cmpint (g_input_stream_read (g_io_stream_get_input_stream (stream), buffer,
                                        sizeof buffer, NULL, &error),
                   ==, 2);
  g_assert_no_error (error);
}

/* Refused by the peer's host */

static void
test_refused (UdpFixture    *fixture,
              gconstpointer  data)
{
  g_test_summary ("error-occurred reports that the peer's port is closed, and the socket remains "
                  "connected and usable.");

  provoke_refusal (fixture);
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "written:1 error:0");
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);

  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), "again", 5, NULL), ==, 5);
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "written:5 error:0");
}

static void
test_refused_call (UdpFixture    *fixture,
                   gconstpointer  data)
{
  GError *error = NULL;
  char buffer[4];

  g_test_summary ("A call that finds the refusal first reports it, and the next one works.");

  provoke_refusal (fixture);
  g_assert_null (qnet_udp_socket_receive_datagram (fixture->socket, 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  g_clear_error (&error);
  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), "x", 1, NULL), ==, 1);
  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), "x", 1, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  g_clear_error (&error);
  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), "x", 1, NULL), ==, 1);

  /* Neither read() nor has_pending_datagrams() can report it: the signal does. */
  g_assert_cmpint (qnet_io_device_read (DEVICE (fixture->socket), buffer, sizeof buffer, &error),
                   ==, 0);
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "written:3 error:0");
  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), "x", 1, NULL), ==, 1);
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
  udp_fixture_settle (fixture);
  g_assert_true (strstr (fixture->log->str, "error:0") != NULL);
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);
}

static void
test_refused_text (UdpFixture    *fixture,
                   gconstpointer  data)
{
  g_autofree char *peer = NULL;
  g_autofree char *expected = NULL;
  GError *error = NULL;

  g_test_summary ("A call that finds the refusal of an earlier datagram reports it, and names the "
                  "peer.");

  provoke_refusal (fixture);
  peer =
    qnet_host_address_to_display (fixture->loopback,
                                  qnet_abstract_socket_get_peer_port (ABSTRACT (fixture->socket)));
  expected = g_strdup_printf ("A datagram could not be delivered to %s: Connection refused", peer);
  g_assert_null (qnet_udp_socket_receive_datagram (fixture->socket, 0, &error));
  g_assert_cmpstr (error->message, ==, expected);
  g_clear_error (&error);

  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), "x", 1, NULL), ==, 1);
  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), "x", 1, &error), ==, -1);
  g_assert_cmpstr (error->message, ==, expected);
  g_clear_error (&error);
}

static void
test_unspecified_peer (UdpFixture    *fixture,
                       gconstpointer  data)
{
  gboolean is_ipv4 = qnet_host_address_get_protocol (fixture->loopback)
                     == QNET_NETWORK_LAYER_PROTOCOL_IPV4;
  g_autoptr(QnetHostAddress) here = qnet_host_address_from_string (is_ipv4 ? "0.0.0.0" : "::");
  g_autoptr(QnetHostAddress) peer = NULL;
  GError *error = NULL;

  g_test_summary ("Connected to 0.0.0.0 or to ::, which is this machine, a socket shows the peer's "
                  "real address and reads from it.");

  qnet_abstract_socket_connect_to_address (ABSTRACT (fixture->socket), here, fixture->peer_port);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), -1, &error));
  g_assert_no_error (error);
  peer = qnet_abstract_socket_get_peer_address (ABSTRACT (fixture->socket));
  g_assert_true (qnet_host_address_equal (peer, fixture->loopback));
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (ABSTRACT (fixture->socket)), ==,
                    fixture->peer_port);
  udp_fixture_peer_sends (fixture, "hello");
  assert_reads (fixture, 100, "hello");
}

static void
test_refused_wait (UdpFixture    *fixture,
                   gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("A wait for an answer ends with the refusal.");

  provoke_refusal (fixture);
  g_assert_false (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), -1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  g_clear_error (&error);
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);
}

static void
abort_cb (QnetAbstractSocket *socket)
{
  qnet_socket_abort (QNET_SOCKET (socket));
}

static void
test_refused_abort (UdpFixture    *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A handler of the refusal may abort.");

  g_signal_connect (fixture->socket, "error-occurred", G_CALLBACK (abort_cb), NULL);
  provoke_refusal (fixture);
  udp_fixture_settle (fixture);
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
}

/* Asynchronous pairs */

static QnetNetworkDatagram *
await_datagram (UdpFixture    *fixture,
                GAsyncResult **result,
                GError       **error)
{
  QnetNetworkDatagram *datagram;

  udp_fixture_await (fixture, *result != NULL);
  datagram = qnet_udp_socket_receive_datagram_finish (fixture->socket, *result, error);
  g_clear_object (result);

  return datagram;
}

static void
begin (UdpFixture    *fixture,
       GCancellable  *cancellable,
       GAsyncResult **result)
{
  qnet_udp_socket_receive_datagram_async (fixture->socket, 0, G_PRIORITY_DEFAULT, cancellable,
                                          result_cb, result);
}

static void
test_async_receive (UdpFixture    *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetNetworkDatagram) first = NULL;
  g_autoptr(QnetNetworkDatagram) second = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;

  g_test_summary ("Receiving waits for a datagram, or takes one that has arrived, and never calls "
                  "back at once.");

  udp_fixture_bind (fixture);
  begin (fixture, NULL, &result);
  udp_fixture_settle (fixture);
  g_assert_null (result);
  udp_fixture_peer_sends (fixture, "one");
  first = await_datagram (fixture, &result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (qnet_network_datagram_get_bytes (first)), ==, 3);

  udp_fixture_peer_sends (fixture, "second");
  begin (fixture, NULL, &result);
  g_assert_null (result);
  second = await_datagram (fixture, &result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (qnet_network_datagram_get_bytes (second)), ==, 6);
}

static void
test_async_second (UdpFixture    *fixture,
                   gconstpointer  data)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  GAsyncResult *first = NULL;
  GAsyncResult *second = NULL;
  GError *error = NULL;

  g_test_summary ("A second receive while one is pending is refused.");

  udp_fixture_bind (fixture);
  begin (fixture, NULL, &first);
  begin (fixture, NULL, &second);
  g_assert_null (await_datagram (fixture, &second, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  udp_fixture_peer_sends (fixture, "x");
  datagram = await_datagram (fixture, &first, &error);
  g_assert_no_error (error);
}

static void
test_async_cancel (UdpFixture    *fixture,
                   gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *result = NULL;
  GError *error = NULL;

  g_test_summary ("Cancelling ends the call alone, and loses no datagram.");

  udp_fixture_bind (fixture);
  begin (fixture, cancellable, &result);
  g_cancellable_cancel (cancellable);
  udp_fixture_peer_sends (fixture, "kept");
  g_assert_null (await_datagram (fixture, &result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  udp_fixture_assert_gets (fixture, "kept");
}

static void
test_async_ends (UdpFixture    *fixture,
                 gconstpointer  data)
{
  GAsyncResult *result = NULL;
  GError *error = NULL;

  g_test_summary ("A receive fails when the socket is closed, and on a socket that is not open.");

  begin (fixture, NULL, &result);
  g_assert_null (await_datagram (fixture, &result, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  udp_fixture_bind (fixture);
  begin (fixture, NULL, &result);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_assert_null (await_datagram (fixture, &result, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
}

static void
test_async_refused (UdpFixture    *fixture,
                    gconstpointer  data)
{
  GAsyncResult *result = NULL;
  GError *error = NULL;

  g_test_summary ("A receive ends with the refusal.");

  provoke_refusal (fixture);
  udp_fixture_settle (fixture);
  begin (fixture, NULL, &result);
  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), "x", 1, NULL), ==, 1);
  g_assert_null (await_datagram (fixture, &result, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  g_clear_error (&error);
}

static void
test_async_refused_elsewhere (UdpFixture    *fixture,
                              gconstpointer  data)
{
  GAsyncResult *result = NULL;
  GError *error = NULL;

  g_test_summary ("A receive ends with the refusal, also when another call found it.");

  provoke_refusal (fixture);
  udp_fixture_settle (fixture);
  begin (fixture, NULL, &result);
  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), "x", 1, NULL), ==, 1);
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
  g_assert_null (await_datagram (fixture, &result, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  g_clear_error (&error);
}

static guint n_refusals;

static int
no_room_cb (QnetSyscall call)
{
  if (call != QNET_SYSCALL_SENDMSG || n_refusals == 0)
    return 0;

  n_refusals--;
  return EAGAIN;
}

static void
test_async_write (UdpFixture    *fixture,
                  gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("hello", 5);
  g_autoptr(QnetNetworkDatagram) datagram =
    qnet_network_datagram_new_from_bytes (bytes, fixture->loopback, fixture->peer_port);
  g_autoptr(QnetNetworkDatagram) bad = qnet_network_datagram_new_from_bytes (bytes,
                                                                             fixture->loopback, 0);
  GAsyncResult *result = NULL;
  GError *error = NULL;

  g_test_summary ("Asynchronous sending waits until the kernel has room; a plain write fails.");

  udp_fixture_bind (fixture);
  n_refusals = 3;
  qnet_syscall_fault = no_room_cb;
  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, datagram, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
  g_clear_error (&error);

  qnet_udp_socket_write_datagram_async (fixture->socket, datagram, G_PRIORITY_DEFAULT, NULL,
                                        result_cb, &result);
  udp_fixture_await (fixture, result != NULL);
  qnet_syscall_fault = NULL;
  g_assert_cmpuint (n_refusals, ==, 0);
  g_assert_cmpint (qnet_udp_socket_write_datagram_finish (fixture->socket, result, &error), ==, 5);
  g_assert_no_error (error);
  g_clear_object (&result);
  udp_fixture_peer_gets (fixture, "hello");

  qnet_udp_socket_write_datagram_async (fixture->socket, bad, G_PRIORITY_DEFAULT, NULL, result_cb,
                                        &result);
  udp_fixture_await (fixture, result != NULL);
  g_assert_cmpint (qnet_udp_socket_write_datagram_finish (fixture->socket, result, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_clear_object (&result);
}

/* A write that waits for room, which there never is. */
static void
begin_to_wait_for_room (UdpFixture    *fixture,
                        GCancellable  *cancellable,
                        GAsyncResult **result)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("hello", 5);
  g_autoptr(QnetNetworkDatagram) datagram =
    qnet_network_datagram_new_from_bytes (bytes, fixture->loopback, fixture->peer_port);

  n_refusals = G_MAXUINT;
  qnet_syscall_fault = no_room_cb;
  qnet_udp_socket_write_datagram_async (fixture->socket, datagram, G_PRIORITY_DEFAULT, cancellable,
                                        result_cb, result);
}

static void
assert_not_written (UdpFixture    *fixture,
                    GAsyncResult **result,
                    GQuark         domain,
                    int            code)
{
  GError *error = NULL;

  udp_fixture_await (fixture, *result != NULL);
  g_assert_cmpint (qnet_udp_socket_write_datagram_finish (fixture->socket, *result, &error), ==,
                   -1);
  g_assert_error (error, domain, code);
  g_clear_error (&error);
  g_clear_object (result);
}

static void
test_wait_for_room (UdpFixture    *fixture,
                    gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("hello", 5);
  g_autoptr(QnetNetworkDatagram) datagram =
    qnet_network_datagram_new_from_bytes (bytes, fixture->loopback, fixture->peer_port);
  g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;

  g_test_summary ("A wait for bytes written includes an asynchronous write that waits for room, "
                  "also without a handler.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (socket), fixture->loopback, 0, 0, NULL));
  g_assert_false (qnet_io_device_wait_for_bytes_written (DEVICE (socket), -1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  n_refusals = 3;
  qnet_syscall_fault = no_room_cb;
  qnet_udp_socket_write_datagram_async (socket, datagram, G_PRIORITY_DEFAULT, NULL, result_cb,
                                        &result);
  g_assert_true (qnet_io_device_wait_for_bytes_written (DEVICE (socket), -1, &error));
  g_assert_no_error (error);
  qnet_syscall_fault = NULL;
  g_assert_cmpuint (n_refusals, ==, 0);
  udp_fixture_peer_gets (fixture, "hello");
  udp_fixture_await (fixture, result != NULL);
}

static int
no_room_then_refused_cb (QnetSyscall call)
{
  if (call != QNET_SYSCALL_SENDMSG)
    return 0;

  return n_refusals-- > 0 ? EAGAIN : EPERM;
}

static void
test_wait_for_room_fails (UdpFixture    *fixture,
                          gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("hello", 5);
  g_autoptr(QnetNetworkDatagram) datagram =
    qnet_network_datagram_new_from_bytes (bytes, fixture->loopback, fixture->peer_port);
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;

  g_test_summary ("Such a wait ends when the write fails and nothing remains to be sent.");

  udp_fixture_bind (fixture);
  n_refusals = 1;
  qnet_syscall_fault = no_room_then_refused_cb;
  qnet_udp_socket_write_datagram_async (fixture->socket, datagram, G_PRIORITY_DEFAULT, NULL,
                                        result_cb, &result);
  g_assert_false (qnet_io_device_wait_for_bytes_written (DEVICE (fixture->socket), -1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  qnet_syscall_fault = NULL;
  udp_fixture_await (fixture, result != NULL);
}

static void
test_async_write_ends (UdpFixture    *fixture,
                       gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *first = NULL;
  GAsyncResult *second = NULL;
  char buffer[8];

  g_test_summary ("Only one write can wait for room; it can be cancelled, and fails when the "
                  "socket is closed, which is not bound again.");

  udp_fixture_bind (fixture);
  begin_to_wait_for_room (fixture, cancellable, &first);
  begin_to_wait_for_room (fixture, NULL, &second);
  assert_not_written (fixture, &second, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_assert_null (first);
  g_cancellable_cancel (cancellable);
  assert_not_written (fixture, &first, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  begin_to_wait_for_room (fixture, NULL, &first);
  udp_fixture_turn (fixture);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  assert_not_written (fixture, &first, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
  qnet_syscall_fault = NULL;
  g_assert_cmpint (recv (fixture->peer, buffer, sizeof buffer, 0), ==, -1);
}

static void
test_async_read_bytes (UdpFixture    *fixture,
                       gconstpointer  data)
{
  GAsyncResult *result = NULL;
  g_autoptr(GBytes) bytes = NULL;

  g_test_summary ("The asynchronous pair of QnetIODevice waits for a datagram of the peer's, too.");

  udp_fixture_connect (fixture);
  qnet_io_device_read_bytes_async (DEVICE (fixture->socket), 100, G_PRIORITY_DEFAULT, NULL,
                                   result_cb, &result);
  udp_fixture_settle (fixture);
  g_assert_null (result);
  udp_fixture_peer_sends (fixture, "hello");
  udp_fixture_await (fixture, result != NULL);
  bytes = qnet_io_device_read_bytes_finish (DEVICE (fixture->socket), result, NULL);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 5);
  g_clear_object (&result);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  udp_fixture_add ("/udp-socket/connect", test_connect);
  udp_fixture_add_ipv4 ("/udp-socket/connect/by-name", test_connect_by_name);
  udp_fixture_add ("/udp-socket/connect/bound", test_connect_bound);
  udp_fixture_add ("/udp-socket/connect/aborted", test_aborted_while_connecting);
  udp_fixture_add ("/udp-socket/connected/other-senders", test_other_senders);
  udp_fixture_add ("/udp-socket/connected/other-senders/before-connecting",
                   test_other_senders_before);
  udp_fixture_add ("/udp-socket/connected/other-senders/before-adoption",
                   test_other_senders_before_adoption);
  udp_fixture_add ("/udp-socket/connected/other-senders/alone-before-connecting",
                   test_other_senders_alone_before);
  udp_fixture_add ("/udp-socket/connected/two-sockets", test_two_sockets);
  udp_fixture_add ("/udp-socket/connected/read", test_read);
  udp_fixture_add ("/udp-socket/connected/peek", test_peek);
  udp_fixture_add ("/udp-socket/connected/peek-and-drop", test_peek_and_drop);
  udp_fixture_add ("/udp-socket/connected/peek-and-unref", test_peek_and_unref);
  udp_fixture_add ("/udp-socket/connected/empty", test_empty);
  udp_fixture_add ("/udp-socket/connected/lines", test_lines);
  udp_fixture_add ("/udp-socket/connected/transaction", test_transaction);
  udp_fixture_add ("/udp-socket/connected/write", test_write);
  udp_fixture_add ("/udp-socket/connected/write/empty", test_write_empty);
  udp_fixture_add ("/udp-socket/connected/wait-for-bytes-written", test_wait_for_bytes_written);
  udp_fixture_add ("/udp-socket/connected/late-handler-is-not-notified", test_late_handler);
  udp_fixture_add ("/udp-socket/connected/disconnect-after-write", test_disconnect_after_write);
  udp_fixture_add ("/udp-socket/connected/disconnect-after-empty", test_disconnect_after_empty);
  udp_fixture_add ("/udp-socket/connected/write-all/empty", test_write_all_empty);
  udp_fixture_add ("/udp-socket/connected/streams", test_streams);
  udp_fixture_add ("/udp-socket/refused", test_refused);
  udp_fixture_add ("/udp-socket/refused/call", test_refused_call);
  udp_fixture_add ("/udp-socket/refused/text", test_refused_text);
  udp_fixture_add ("/udp-socket/connect/unspecified", test_unspecified_peer);
  udp_fixture_add ("/udp-socket/refused/ends-a-wait", test_refused_wait);
  udp_fixture_add ("/udp-socket/refused/abort", test_refused_abort);
  udp_fixture_add ("/udp-socket/async/receive", test_async_receive);
  udp_fixture_add ("/udp-socket/async/second-is-refused", test_async_second);
  udp_fixture_add ("/udp-socket/async/cancel", test_async_cancel);
  udp_fixture_add ("/udp-socket/async/fails-with-the-socket", test_async_ends);
  udp_fixture_add ("/udp-socket/async/refused", test_async_refused);
  udp_fixture_add ("/udp-socket/async/refused-elsewhere", test_async_refused_elsewhere);
  udp_fixture_add ("/udp-socket/async/write", test_async_write);
  udp_fixture_add ("/udp-socket/async/write/wait", test_wait_for_room);
  udp_fixture_add ("/udp-socket/async/write/wait-fails-with-the-write", test_wait_for_room_fails);
  udp_fixture_add ("/udp-socket/async/write/fails-with-the-socket", test_async_write_ends);
  udp_fixture_add ("/udp-socket/connect/idle-while-bound", test_idle_while_bound);
  udp_fixture_add ("/udp-socket/async/read-bytes", test_async_read_bytes);

  return g_test_run ();
}
