/* test-tcp-socket.c: the signals of a connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "common/pair.h"
#include "common/socket-fixture.h"

#define CONNECTING_WORDS "connecting host-found connected connected"
#define ENDING_WORDS     "closing unconnected read-channel-finished disconnected"

static void
connect_to (SocketFixture *fixture,
            guint16        port)
{
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", port);
}

static void
assert_address (QnetHostAddress *address,  /* (transfer full) */
                const char      *expected)
{
  g_autofree char *text = qnet_host_address_to_string (address);

  g_assert_cmpstr (text, ==, expected);
  qnet_host_address_unref (address);
}

/* Connecting */

static void
test_new (SocketFixture *fixture,
          gconstpointer  data)
{
  QnetAbstractSocket *socket = ABSTRACT (fixture->socket);

  g_test_summary ("A new socket is an unconnected TCP socket without a descriptor.");

  g_assert_cmpint (qnet_abstract_socket_get_socket_type (socket), ==, QNET_SOCKET_TYPE_TCP);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_false (qnet_socket_is_valid (QNET_SOCKET (socket)));
  g_assert_cmpint (qnet_socket_get_fd (QNET_SOCKET (socket)), ==, -1);
  g_assert_null (qnet_socket_get_socket (QNET_SOCKET (socket)));
  g_assert_null (qnet_abstract_socket_get_peer_name (socket));
  assert_address (qnet_abstract_socket_get_local_address (socket), "");
  assert_address (qnet_abstract_socket_get_peer_address (socket), "");
  g_assert_cmpint (qnet_abstract_socket_get_round_trip_time (socket), ==, -1);

  qnet_socket_abort (QNET_SOCKET (socket));
  qnet_abstract_socket_disconnect_from_host (socket);
  qnet_socket_shutdown_write (QNET_SOCKET (socket));
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "");
}

static void
test_connect (SocketFixture *fixture,
              gconstpointer  data)
{
  QnetAbstractSocket *socket = ABSTRACT (fixture->socket);

  g_test_summary ("A connection is reported step by step: connecting inside the call, its "
                  "outcome in later turns.");

  connect_to (fixture, fixture->port);
  socket_fixture_assert_log (fixture, "connecting");
  g_assert_cmpstr (qnet_abstract_socket_get_peer_name (socket), ==, "127.0.0.1");
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (socket), ==, 0);

  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_assert_log (fixture, "host-found connected connected");
  g_assert_true (qnet_socket_is_valid (QNET_SOCKET (socket)));
  assert_address (qnet_abstract_socket_get_peer_address (socket), "127.0.0.1");
  assert_address (qnet_abstract_socket_get_local_address (socket), "127.0.0.1");
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (socket), ==, fixture->port);
  g_assert_cmpuint (qnet_abstract_socket_get_local_port (socket), >, 0);
  g_assert_cmpint (qnet_abstract_socket_get_round_trip_time (socket), >, 0);
}

static void
test_connect_to_address (SocketFixture *fixture,
                         gconstpointer  data)
{
  g_autoptr(QnetHostAddress)
    address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  g_test_summary ("An address leads through the same steps as a name.");

  qnet_abstract_socket_connect_to_address (ABSTRACT (fixture->socket), address, fixture->port);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_assert_log (fixture, CONNECTING_WORDS);
  g_assert_cmpstr (qnet_abstract_socket_get_peer_name (ABSTRACT (fixture->socket)), ==,
                   "127.0.0.1");

  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  qnet_abstract_socket_connect_to_address_full (ABSTRACT (fixture->socket), address, fixture->port,
                                                QNET_OPEN_MODE_WRITE_ONLY);
  g_assert_cmpint (qnet_io_device_get_open_mode (DEVICE (fixture->socket)), ==,
                   QNET_OPEN_MODE_WRITE_ONLY);
}

static void
test_connect_by_name (SocketFixture *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A name is looked up, and the family that was asked for is used.");

  qnet_abstract_socket_connect_to_host_full (ABSTRACT (fixture->socket), "localhost", fixture->port,
                                             QNET_OPEN_MODE_READ_WRITE,
                                             QNET_NETWORK_LAYER_PROTOCOL_IPV4);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_assert_log (fixture, "host-lookup " CONNECTING_WORDS);
  g_assert_cmpstr (qnet_abstract_socket_get_peer_name (ABSTRACT (fixture->socket)), ==,
                   "localhost");
  assert_address (qnet_abstract_socket_get_peer_address (ABSTRACT (fixture->socket)), "127.0.0.1");
}

static void
test_refused (SocketFixture *fixture,
              gconstpointer  data)
{
  guint16 port = find_closed_port ();
  g_autofree char *start = g_strdup_printf ("Could not connect to 127.0.0.1 port %u: ", port);
  const GError *error;

  g_test_summary (
    "A closed port fails with CONNECTION_REFUSED and its name; the socket is unconnected by then.");

  connect_to (fixture, port);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, "connecting host-found unconnected error:0");

  error = qnet_io_device_get_error (DEVICE (fixture->socket));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  g_assert_true (g_str_has_prefix (error->message, start));
  g_assert_cmpint (qnet_io_device_get_error_code (DEVICE (fixture->socket)), ==, 0);

  connect_to (fixture, fixture->port);
  g_assert_null (qnet_io_device_get_error (DEVICE (fixture->socket)));
}

static void
test_busy (SocketFixture *fixture,
           gconstpointer  data)
{
  g_autofree char *got = NULL;

  g_test_summary ("A second connect is refused by a signal in the next iteration; the first "
                  "connection continues.");

  socket_fixture_connect (fixture);
  connect_to (fixture, find_closed_port ());
  socket_fixture_assert_log (fixture, "");
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "error:19");

  socket_fixture_write (fixture, "still here");
  got = socket_fixture_peer_reads (fixture, 10);
  g_assert_cmpstr (got, ==, "still here");
}

static void
test_busy_then_again (SocketFixture *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A refusal is reported even if the connection that was the reason ends first, "
                  "and never to the next one.");

  socket_fixture_connect (fixture);
  connect_to (fixture, fixture->port);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "unconnected read-channel-finished disconnected error:19");

  connect_to (fixture, fixture->port);
  connect_to (fixture, fixture->port);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  connect_to (fixture, fixture->port);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "connecting unconnected " CONNECTING_WORDS);
  g_assert_null (qnet_io_device_get_error (DEVICE (fixture->socket)));
}

static void
test_state_is_notified_first (SocketFixture *fixture,
                              gconstpointer  data)
{
  g_autoptr(GObject) target = g_object_new (QNET_TYPE_TCP_SOCKET, NULL);
  int port = 0;

  g_test_summary ("The state is a property that can be bound, and that notifies right before the "
                  "other signals.");

  g_object_bind_property (fixture->socket, "state", target, "connect-timeout", G_BINDING_DEFAULT);
  socket_fixture_connect (fixture);
  g_assert_cmpint (qnet_socket_get_connect_timeout (QNET_SOCKET (target)), ==,
                   QNET_SOCKET_STATE_CONNECTED);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_assert_cmpint (qnet_socket_get_connect_timeout (QNET_SOCKET (target)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);

  g_object_get (fixture->socket, "peer-port", &port, NULL);
  g_assert_cmpint (port, ==, 0);
}

/* Disconnecting */

static void
assert_peer_is_known_cb (QnetAbstractSocket *socket,
                         SocketFixture      *fixture)
{
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (socket), ==, fixture->port);
  g_assert_cmpuint (qnet_abstract_socket_get_local_port (socket), >, 0);
  assert_address (qnet_abstract_socket_get_peer_address (socket), "127.0.0.1");
}

static void
test_disconnect (SocketFixture *fixture,
                 gconstpointer  data)
{
  QnetAbstractSocket *socket = ABSTRACT (fixture->socket);

  g_test_summary ("With nothing left to send a connection ends inside the call, and handlers still "
                  "know the peer.");

  socket_fixture_connect (fixture);
  g_signal_connect (socket, "disconnected", G_CALLBACK (assert_peer_is_known_cb), fixture);
  socket_fixture_peer_sends (fixture, "unread");
  socket_fixture_await_bytes (fixture, 6);
  socket_fixture_forget_log (fixture);

  qnet_abstract_socket_disconnect_from_host (socket);
  socket_fixture_assert_log (fixture, ENDING_WORDS);
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (socket), ==, 0);
  assert_address (qnet_abstract_socket_get_peer_address (socket), "");
  g_assert_cmpstr (qnet_abstract_socket_get_peer_name (socket), ==, "127.0.0.1");
  g_assert_null (qnet_io_device_get_error (DEVICE (socket)));
  socket_fixture_assert_reads (fixture, "unread");
  socket_fixture_peer_sees_end (fixture);
}

static void
test_disconnect_with_data (SocketFixture *fixture,
                           gconstpointer  data)
{
  gsize size = 4 * 1024 * 1024;
  g_autofree char *text = g_strnfill (size, 'x');
  g_autofree char *got = NULL;

  g_test_summary ("With bytes left to send the socket is closing until they are sent.");

  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, text);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  socket_fixture_assert_log (fixture, "closing");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));

  got = socket_fixture_peer_reads (fixture, size);
  socket_fixture_peer_sees_end (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_true (g_str_has_prefix (fixture->log->str, "written:"));
  g_assert_true (
    g_str_has_suffix (fixture->log->str, " unconnected read-channel-finished disconnected"));
}

static void
test_disconnect_early (SocketFixture *fixture,
                       gconstpointer  data)
{
  g_autofree char *got = NULL;

  g_test_summary (
    "Disconnecting while connecting is carried out once connected, and what was written arrives.");

  connect_to (fixture, fixture->port);
  socket_fixture_write (fixture, "in time");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, CONNECTING_WORDS
                             " closing written:7 unconnected read-channel-finished disconnected");

  socket_fixture_accept (fixture);
  got = socket_fixture_peer_reads (fixture, 7);
  g_assert_cmpstr (got, ==, "in time");
  socket_fixture_peer_sees_end (fixture);
}

static void
test_reconnect (SocketFixture *fixture,
                gconstpointer  data)
{
  g_test_summary (
    "After a disconnect the socket connects again, and forgets what was in its read buffer.");

  socket_fixture_connect (fixture);
  socket_fixture_peer_sends (fixture, "old");
  socket_fixture_await_bytes (fixture, 3);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  socket_fixture_drop_peer (fixture);

  socket_fixture_connect (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->socket)), ==, 0);
  socket_fixture_peer_sends (fixture, "new");
  socket_fixture_await_bytes (fixture, 3);
  socket_fixture_assert_reads (fixture, "new");
}

static void
test_abort (SocketFixture *fixture,
            gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);

  g_test_summary ("abort() empties both buffers and ends inside the call; while connecting nothing "
                  "was connected.");

  socket_fixture_connect (fixture);
  socket_fixture_peer_sends (fixture, "unread");
  socket_fixture_await_bytes (fixture, 6);
  socket_fixture_write (fixture, "unsent");
  socket_fixture_forget_log (fixture);
  qnet_socket_abort (QNET_SOCKET (device));
  socket_fixture_assert_log (fixture, "unconnected read-channel-finished disconnected");
  g_assert_cmpint (qnet_io_device_get_bytes_available (device), ==, 0);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (device), ==, 0);

  connect_to (fixture, fixture->port);
  qnet_socket_abort (QNET_SOCKET (device));
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "connecting unconnected");
}

/* The peer's end */

static void
assert_error_is_set_cb (QnetIODevice *device,
                        const GError *error)
{
  const GError *property = qnet_io_device_get_error (device);

  g_assert_error (property, error->domain, error->code);
  g_assert_cmpstr (property->message, ==, error->message);
}

static void
test_remote_close (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_test_summary ("The peer's end is an error while still connected, and then the usual ending.");

  g_signal_connect (fixture->socket, "error-occurred", G_CALLBACK (assert_error_is_set_cb), NULL);
  socket_fixture_connect (fixture);
  socket_fixture_peer_ends (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, "error:1 " ENDING_WORDS);
  g_assert_true (g_str_has_suffix (qnet_io_device_get_error (DEVICE (fixture->socket))->message,
                                   " has closed the connection"));
  g_assert_true (g_str_has_prefix (qnet_io_device_get_error (DEVICE (fixture->socket))->message,
                                   "127.0.0.1 port "));
}

static void
test_remote_close_flushes (SocketFixture *fixture,
                           gconstpointer  data)
{
  gsize size = 16 * 1024 * 1024;
  g_autofree char *text = g_strnfill (size, 'x');
  g_autofree char *got = NULL;

  g_test_summary ("A peer that has ended, but reads on, still gets all that was written.");

  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, text);
  socket_fixture_peer_ends (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CLOSING);
  got = socket_fixture_peer_reads (fixture, size);
  socket_fixture_peer_sees_end (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
}

static void
test_reset (SocketFixture *fixture,
            gconstpointer  data)
{
  g_test_summary ("A reset has the code of an orderly end, and another text.");

  socket_fixture_connect (fixture);
  socket_fixture_peer_resets (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, "error:1 " ENDING_WORDS);
  g_assert_true (g_regex_match_simple ("^The connection to 127\\.0\\.0\\.1 port \\d+ failed: "
                                       "Could not read: Connection reset by peer$",
                                       qnet_io_device_get_error (DEVICE (fixture->socket))->message,
                                       0, 0));
}

static void
test_reset_after_data (SocketFixture *fixture,
                       gconstpointer  data)
{
  g_test_summary ("What came before a reset and was taken can be read after it.");

  socket_fixture_connect (fixture);
  socket_fixture_peer_sends (fixture, "last bytes");
  socket_fixture_await_bytes (fixture, 10);
  socket_fixture_peer_resets (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, "ready-read error:1 " ENDING_WORDS);
  socket_fixture_assert_reads (fixture, "last bytes");
}

static void
test_reset_while_closing (SocketFixture *fixture,
                          gconstpointer  data)
{
  gsize size = 8 * 1024 * 1024;
  g_autofree char *text = g_strnfill (size, 'x');

  g_test_summary ("A reset while closing says that the rest was lost.");

  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, text);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  socket_fixture_settle (fixture);
  socket_fixture_forget_log (fixture);
  socket_fixture_peer_resets (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, "error:1 unconnected read-channel-finished disconnected");
}

static void
test_data_and_end (SocketFixture *fixture,
                   gconstpointer  data)
{
  int on = 1;

  g_test_summary ("Bytes and the end in one segment: the bytes are reported first, and can be "
                  "read.");

  socket_fixture_connect (fixture);
  set_int_option (fixture->peer, IPPROTO_TCP, TCP_CORK, on);
  socket_fixture_peer_sends (fixture, "all at once");
  socket_fixture_peer_ends (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, "ready-read error:1 " ENDING_WORDS);
  socket_fixture_assert_reads (fixture, "all at once");
}

/* Half of a connection */

static void
test_half_open (SocketFixture *fixture,
                gconstpointer  data)
{
  g_autofree char *got = NULL;

  g_test_summary (
    "With allow-half-open the peer's end leaves writing open, until we have ended too.");

  qnet_socket_set_allow_half_open (QNET_SOCKET (fixture->socket), TRUE);
  socket_fixture_connect (fixture);
  socket_fixture_peer_ends (fixture);
  socket_fixture_await (fixture, qnet_io_device_is_read_finished (DEVICE (fixture->socket)));
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "read-channel-finished");

  socket_fixture_write (fixture, "answer");
  qnet_socket_shutdown_write (QNET_SOCKET (fixture->socket));
  got = socket_fixture_peer_reads (fixture, 6);
  g_assert_cmpstr (got, ==, "answer");
  socket_fixture_peer_sees_end (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, "written:6 closing unconnected disconnected");
  g_assert_null (qnet_io_device_get_error (DEVICE (fixture->socket)));
}

static void
test_half_open_reset (SocketFixture *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A reset ends a half-open connection as well.");

  qnet_socket_set_allow_half_open (QNET_SOCKET (fixture->socket), TRUE);
  socket_fixture_connect (fixture);
  socket_fixture_peer_ends (fixture);
  socket_fixture_await (fixture, qnet_io_device_is_read_finished (DEVICE (fixture->socket)));
  socket_fixture_settle (fixture);
  socket_fixture_peer_resets (fixture);
  socket_fixture_write (fixture, "too late");
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->socket)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}

static void
test_shutdown_write (SocketFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *got = NULL;

  g_test_summary ("shutdown_write() ends the write side after what was written; reading "
                  "continues.");

  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, "question");
  qnet_socket_shutdown_write (QNET_SOCKET (fixture->socket));
  g_assert_cmpint (qnet_io_device_write_string (DEVICE (fixture->socket), "more", &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);

  got = socket_fixture_peer_reads (fixture, 8);
  g_assert_cmpstr (got, ==, "question");
  socket_fixture_peer_sees_end (fixture);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);

  socket_fixture_peer_sends (fixture, "answer");
  socket_fixture_await_bytes (fixture, 6);
  socket_fixture_peer_ends (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_reads (fixture, "answer");
}

/* From GIO */

static GSocketConnection *
connect_with_gio (SocketFixture *fixture)
{
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GError) error = NULL;
  GSocketConnection *connection = g_socket_client_connect_to_host (client, "127.0.0.1",
                                                                   fixture->port, NULL, &error);

  g_assert_no_error (error);
  socket_fixture_accept (fixture);

  return connection;
}

static void
test_from_connection (SocketFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(GSocketConnection) connection = connect_with_gio (fixture);
  g_autoptr(QnetTcpSocket) socket = NULL;
  g_autoptr(GError) error = NULL;
  GSocket *gsocket;

  g_test_summary ("A connection of GIO continues as a socket, also when GIO's object is dropped.");

  socket = qnet_tcp_socket_new_from_connection (connection, &error);
  g_assert_no_error (error);
  g_clear_object (&connection);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==,
                   QNET_SOCKET_STATE_CONNECTED);
  gsocket = qnet_socket_get_socket (QNET_SOCKET (socket));
  g_assert_true (g_socket_is_connected (gsocket));
  g_assert_true (gsocket == qnet_socket_get_socket (QNET_SOCKET (socket)));

  g_assert_cmpint (qnet_io_device_write_string (DEVICE (socket), "hello", NULL), ==, 5);
  socket_fixture_settle (fixture);
  pair_assert_gets (fixture->peer, "hello");
  socket_fixture_peer_sends (fixture, "there");
  socket_fixture_await (fixture, qnet_io_device_get_bytes_available (DEVICE (socket)) == 5);
}

static void
test_from_connection_refused (SocketFixture *fixture,
                              gconstpointer  data)
{
  g_autoptr(GSocketConnection) connection = connect_with_gio (fixture);
  g_autoptr(GError) error = NULL;

  g_test_summary ("A connection that has been closed is refused with a reason.");

  g_assert_true (g_io_stream_close (G_IO_STREAM (connection), NULL, NULL));
  g_assert_null (qnet_tcp_socket_new_from_connection (connection, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
}

static void
add_ending_tests (void)
{
  socket_fixture_add ("/tcp-socket/disconnect", test_disconnect);
  socket_fixture_add ("/tcp-socket/disconnect/with-data", test_disconnect_with_data);
  socket_fixture_add ("/tcp-socket/disconnect/early", test_disconnect_early);
  socket_fixture_add ("/tcp-socket/disconnect/reconnect", test_reconnect);
  socket_fixture_add ("/tcp-socket/abort", test_abort);
  socket_fixture_add ("/tcp-socket/remote/close", test_remote_close);
  socket_fixture_add ("/tcp-socket/remote/close-flushes", test_remote_close_flushes);
  socket_fixture_add ("/tcp-socket/remote/reset", test_reset);
  socket_fixture_add ("/tcp-socket/remote/reset-after-data", test_reset_after_data);
  socket_fixture_add ("/tcp-socket/remote/reset-while-closing", test_reset_while_closing);
  socket_fixture_add ("/tcp-socket/remote/data-and-end", test_data_and_end);
  socket_fixture_add ("/tcp-socket/half/open", test_half_open);
  socket_fixture_add ("/tcp-socket/half/open-reset", test_half_open_reset);
  socket_fixture_add ("/tcp-socket/half/shutdown-write", test_shutdown_write);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  socket_fixture_add ("/tcp-socket/new", test_new);
  socket_fixture_add ("/tcp-socket/connect", test_connect);
  socket_fixture_add ("/tcp-socket/connect/to-address", test_connect_to_address);
  socket_fixture_add ("/tcp-socket/connect/by-name", test_connect_by_name);
  socket_fixture_add ("/tcp-socket/connect/refused", test_refused);
  socket_fixture_add ("/tcp-socket/connect/busy", test_busy);
  socket_fixture_add ("/tcp-socket/connect/busy-then-again", test_busy_then_again);
  socket_fixture_add ("/tcp-socket/connect/state", test_state_is_notified_first);
  add_ending_tests ();
  socket_fixture_add ("/tcp-socket/from-connection", test_from_connection);
  socket_fixture_add ("/tcp-socket/from-connection/refused", test_from_connection_refused);

  return g_test_run ();
}
