/* test-socket-wait.c: waiting without a main loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/pair.h"
#include "common/silent-resolver.h"
#include "common/socket-fixture.h"

static void
connect_to_listener (SocketFixture *fixture)
{
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
}

/* Connected without any turn of the loop. */
static void
connect_by_waiting (SocketFixture *fixture)
{
  g_autoptr(GError) error = NULL;

  connect_to_listener (fixture);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), -1, &error));
  g_assert_no_error (error);
  socket_fixture_accept (fixture);
  socket_fixture_forget_log (fixture);
}

static void
assert_fails (SocketFixture   *fixture,
              gboolean         result,
              GError          *error,  /* (transfer full) */
              QnetSocketError  code)
{
  g_assert_false (result);
  g_assert_error (error, QNET_SOCKET_ERROR, code);
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->socket)), QNET_SOCKET_ERROR, code);
  g_error_free (error);
}

static gboolean
wait_for_ready_read (SocketFixture  *fixture,
                     int             msecs,
                     GError        **error)
{
  return qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), msecs, error);
}

static gboolean
fail_cb (gpointer data)
{
  g_assert_not_reached ();
}

/* Connecting */

static void
test_connected (SocketFixture *fixture,
                gconstpointer  data)
{
  g_autoptr(GSource) other = g_idle_source_new ();

  g_test_summary ("Waiting connects, with all signals, and dispatches no other sources; the loop "
                  "repeats nothing.");

  g_source_set_callback (other, fail_cb, NULL, NULL);
  g_source_attach (other, fixture->context);

  connect_to_listener (fixture);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), 5000, NULL));
  socket_fixture_assert_log (fixture, "connecting host-found connected connected");
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), 0, NULL));

  g_source_destroy (other);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "");
}

static void
test_connected_by_name (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_test_summary ("The name is looked up while waiting.");

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "localhost", fixture->port);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), -1, NULL));
}

static void
test_connected_fails (SocketFixture *fixture,
                      gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary (
    "Unconnected, refused, or too slow: a code for each; what was too slow is aborted.");

  result = qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), -1, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_OPERATION);

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1",
                                        find_closed_port ());
  result = qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), -1, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  socket_fixture_assert_log (fixture, "connecting host-found unconnected error:0");
}

static void
test_connected_timeout (SocketFixture *fixture,
                        gconstpointer  data)
{
  GResolver *previous = silent_resolver_install ();
  GError *error = NULL;
  gboolean result;

  g_test_summary ("An attempt that takes too long is aborted, and the timeout emits no signal.");

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "silent.test", 80);
  result = qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), 20, &error);
  assert_fails (fixture, result, error, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "host-lookup unconnected");
  silent_resolver_remove (previous);
}

static void
test_connected_refusal (SocketFixture *fixture,
                        gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("A socket that was closed permanently fails with that reason at once.");

  g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->socket), NULL, NULL));
  connect_to_listener (fixture);
  result = qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), -1, &error);
  assert_fails (fixture, result, error, QNET_SOCKET_ERROR_OPERATION);
}

static void
abort_cb (QnetAbstractSocket *socket)
{
  qnet_socket_abort (QNET_SOCKET (socket));
}

static void
test_connected_aborted (SocketFixture *fixture,
                        gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("A handler that aborts ends the waiting.");

  g_signal_connect (fixture->socket, "host-found", G_CALLBACK (abort_cb), NULL);
  connect_to_listener (fixture);
  result = qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), -1, &error);
  assert_fails (fixture, result, error, QNET_SOCKET_ERROR_OPERATION);
}

/* Reading */

static void
test_ready_read (SocketFixture *fixture,
                 gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("New bytes end the wait, old ones do not count, and a timeout keeps the "
                  "connection.");

  connect_by_waiting (fixture);
  result = wait_for_ready_read (fixture, 0, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_SOCKET_TIMEOUT);

  socket_fixture_peer_sends (fixture, "new");
  g_assert_true (wait_for_ready_read (fixture, -1, NULL));
  socket_fixture_assert_log (fixture, "ready-read");
  result = wait_for_ready_read (fixture, 10, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);

  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "");
  socket_fixture_assert_reads (fixture, "new");
}

static void
test_ready_read_connects (SocketFixture *fixture,
                          gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("Waiting for bytes connects first, and sends what was written.");

  connect_to_listener (fixture);
  socket_fixture_write (fixture, "question");
  do
    {
      result = wait_for_ready_read (fixture, 10, &error);
      assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
    }
  while (socket_fixture_get_state (fixture) != QNET_SOCKET_STATE_CONNECTED);

  socket_fixture_accept (fixture);
  pair_assert_gets (fixture->peer, "question");
  socket_fixture_peer_sends (fixture, "answer");
  g_assert_true (wait_for_ready_read (fixture, -1, NULL));
  socket_fixture_assert_reads (fixture, "answer");
}

static void
test_ready_read_ended (SocketFixture *fixture,
                       gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("The last bytes end a wait with success, the end after or with them the next one "
                  "with its reason, once; then there is no connection to wait for.");

  connect_by_waiting (fixture);
  socket_fixture_peer_sends (fixture, "last");
  socket_fixture_peer_ends (fixture);
  g_assert_true (wait_for_ready_read (fixture, -1, &error));
  g_assert_no_error (error);

  result = wait_for_ready_read (fixture, -1, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);

  result = wait_for_ready_read (fixture, -1, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_OPERATION);
  socket_fixture_assert_reads (fixture, "last");
}

static void
test_ready_read_fails (SocketFixture *fixture,
                       gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("A closed port, or a reset, ends the waiting for bytes with its own code.");

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1",
                                        find_closed_port ());
  result = wait_for_ready_read (fixture, -1, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_CONNECTION_REFUSED);

  connect_by_waiting (fixture);
  socket_fixture_peer_resets (fixture);
  result = wait_for_ready_read (fixture, -1, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}

static void
test_ready_read_full (SocketFixture *fixture,
                      gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("Waiting on a full read buffer fails at once instead of for ever.");

  qnet_io_device_set_read_buffer_size (DEVICE (fixture->socket), 3);
  connect_by_waiting (fixture);
  socket_fixture_peer_sends (fixture, "abcdef");
  g_assert_true (wait_for_ready_read (fixture, -1, NULL));
  result = wait_for_ready_read (fixture, -1, &error);
  assert_fails (fixture, result, error, QNET_SOCKET_ERROR_OPERATION);

  socket_fixture_assert_reads (fixture, "abc");
  g_assert_true (wait_for_ready_read (fixture, -1, NULL));
  socket_fixture_assert_reads (fixture, "def");
}

static void
test_ready_read_paused (SocketFixture *fixture,
                        gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("Waiting while reading is paused fails at once instead of for ever.");

  connect_by_waiting (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  socket_fixture_peer_sends (fixture, "abc");
  result = wait_for_ready_read (fixture, -1, &error);
  assert_fails (fixture, result, error, QNET_SOCKET_ERROR_OPERATION);

  qnet_socket_resume_reading (QNET_SOCKET (fixture->socket));
  g_assert_true (wait_for_ready_read (fixture, -1, NULL));
  socket_fixture_assert_reads (fixture, "abc");
}

static void
wait_inside_cb (QnetIODevice  *device,
                SocketFixture *fixture)
{
  if (qnet_io_device_get_bytes_available (device) > 3)
    return;

  socket_fixture_peer_sends (fixture, "def");
  g_assert_true (qnet_io_device_wait_for_ready_read (device, -1, NULL));
}

static void
test_ready_read_inside (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_test_summary ("A ready-read handler may wait for more, and is not called inside itself.");

  connect_by_waiting (fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (wait_inside_cb), fixture);
  socket_fixture_peer_sends (fixture, "abc");
  g_assert_true (wait_for_ready_read (fixture, -1, NULL));
  socket_fixture_assert_log (fixture, "ready-read ready-read");
  socket_fixture_assert_reads (fixture, "abcdef");
}

static void
talk_when_connected_cb (QnetIODevice  *device,
                        SocketFixture *fixture)
{
  socket_fixture_accept (fixture);
  socket_fixture_peer_sends (fixture, "hello");
  g_assert_true (qnet_io_device_wait_for_ready_read (device, -1, NULL));
}

static void
test_ready_read_in_connected (SocketFixture *fixture,
                              gconstpointer  data)
{
  g_test_summary ("A handler of connected may wait for the first bytes.");

  g_signal_connect (fixture->socket, "connected", G_CALLBACK (talk_when_connected_cb), fixture);
  connect_to_listener (fixture);
  socket_fixture_await_bytes (fixture, 5);
  socket_fixture_assert_reads (fixture, "hello");
}

/* Writing */

static void
test_bytes_written (SocketFixture *fixture,
                    gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary (
    "Waiting sends what was written; with nothing to write, or no connection, it fails at once.");

  result = qnet_io_device_wait_for_bytes_written (DEVICE (fixture->socket), -1, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_OPERATION);
  connect_by_waiting (fixture);
  result = qnet_io_device_wait_for_bytes_written (DEVICE (fixture->socket), -1, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_OPERATION);

  socket_fixture_write (fixture, "abc");
  g_assert_true (qnet_io_device_wait_for_bytes_written (DEVICE (fixture->socket), -1, NULL));
  pair_assert_gets (fixture->peer, "abc");
  socket_fixture_assert_log (fixture, "written:3");

  socket_fixture_write (fixture, "de");
  g_assert_true (qnet_io_device_flush (DEVICE (fixture->socket)));
  g_assert_true (qnet_io_device_wait_for_bytes_written (DEVICE (fixture->socket), 0, NULL));
  socket_fixture_assert_log (fixture, "written:2");
}

static void
test_bytes_written_stuck (SocketFixture *fixture,
                          gconstpointer  data)
{
  g_autofree char *text = g_strnfill (16 * 1024 * 1024, 'x');
  GError *error = NULL;

  g_test_summary ("A peer that reads nothing causes a timeout; what it sends is received "
                  "meanwhile.");

  connect_by_waiting (fixture);
  socket_fixture_write (fixture, text);
  socket_fixture_peer_sends (fixture, "hi");
  while (qnet_io_device_wait_for_bytes_written (DEVICE (fixture->socket), 50, &error))
    continue;

  assert_fails (fixture, FALSE, error, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (DEVICE (fixture->socket)), >, 0);
  socket_fixture_assert_reads (fixture, "hi");
}

/* The end */

static void
test_disconnected (SocketFixture *fixture,
                   gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("Waiting for the end receives what arrives; a timeout keeps the connection.");

  result = qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), -1, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_OPERATION);

  connect_by_waiting (fixture);
  socket_fixture_peer_sends (fixture, "bye");
  result = qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), 10, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);

  socket_fixture_peer_ends (fixture);
  g_assert_true (qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), -1, NULL));
  socket_fixture_assert_log (fixture, "ready-read error:1 closing unconnected "
                                      "read-channel-finished disconnected");
  socket_fixture_assert_reads (fixture, "bye");
}

static void
test_disconnected_paused (SocketFixture *fixture,
                          gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("The end of a peer is waited for while reading is paused, too.");

  connect_by_waiting (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  socket_fixture_peer_sends (fixture, "bye");
  result = qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), 0, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_SOCKET_TIMEOUT);

  socket_fixture_peer_ends (fixture);
  g_assert_true (qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), -1, NULL));
  socket_fixture_assert_reads (fixture, "bye");
}

static void
test_disconnected_full (SocketFixture *fixture,
                        gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("And while the read buffer is full.");

  qnet_io_device_set_read_buffer_size (DEVICE (fixture->socket), 2);
  connect_by_waiting (fixture);
  socket_fixture_peer_sends (fixture, "bye");
  result = qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), 0, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  socket_fixture_drop_peer (fixture);
  g_assert_true (qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), -1, NULL));
  socket_fixture_assert_reads (fixture, "bye");
}

static void
test_disconnected_sends (SocketFixture *fixture,
                         gconstpointer  data)
{
  g_test_summary ("What was written before a disconnect is sent while waiting for its end.");

  connect_by_waiting (fixture);
  socket_fixture_write (fixture, "last");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CLOSING);
  g_assert_true (qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), -1, NULL));
  pair_assert_gets (fixture->peer, "last");
  socket_fixture_assert_log (fixture,
                             "closing written:4 unconnected read-channel-finished disconnected");
}

static void
reconnect_cb (QnetAbstractSocket *socket,
              SocketFixture      *fixture)
{
  g_signal_handlers_disconnect_by_func (socket, reconnect_cb, fixture);
  connect_to_listener (fixture);
}

static void
test_disconnected_half_open (SocketFixture *fixture,
                             gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("A peer that resets after its orderly end has ended the connection, before the "
                  "wait or in it.");

  qnet_socket_set_allow_half_open (QNET_SOCKET (fixture->socket), TRUE);
  socket_fixture_connect (fixture);
  socket_fixture_peer_ends (fixture);
  g_assert_false (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), -1, NULL));

  g_assert_false (qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), -1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  socket_fixture_peer_resets (fixture);
  g_assert_true (qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), -1, &error));
  g_assert_no_error (error);
}

static void
test_ready_read_half_open (SocketFixture *fixture,
                           gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("The end of stream is not mistaken for the timeout of an earlier wait.");

  qnet_socket_set_allow_half_open (QNET_SOCKET (fixture->socket), TRUE);
  connect_by_waiting (fixture);
  result = wait_for_ready_read (fixture, 0, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_SOCKET_TIMEOUT);

  socket_fixture_peer_ends (fixture);
  result = wait_for_ready_read (fixture, -1, &error);
  assert_fails (fixture, result, error, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}

static void
test_bytes_written_unread (SocketFixture *fixture,
                           gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("A failure to send is reported at once, even while reading is paused.");

  connect_by_waiting (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  socket_fixture_write (fixture, "lost");
  socket_fixture_peer_resets (fixture);
  result = qnet_io_device_wait_for_bytes_written (DEVICE (fixture->socket), -1, &error);
  assert_fails (fixture, result, error, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}

static void
test_disconnected_reconnects (SocketFixture *fixture,
                              gconstpointer  data)
{
  g_test_summary ("The end that was waited for counts, even where a handler connects again.");

  connect_by_waiting (fixture);
  g_signal_connect (fixture->socket, "disconnected", G_CALLBACK (reconnect_cb), fixture);
  socket_fixture_peer_ends (fixture);
  g_assert_true (qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), -1, NULL));
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), -1, NULL));
}

static void
add_other_tests (void)
{
  socket_fixture_add ("/socket-wait/bytes-written", test_bytes_written);
  socket_fixture_add ("/socket-wait/bytes-written/stuck", test_bytes_written_stuck);
  socket_fixture_add ("/socket-wait/ready-read/half-open", test_ready_read_half_open);
  socket_fixture_add ("/socket-wait/bytes-written/unread", test_bytes_written_unread);
  socket_fixture_add ("/socket-wait/disconnected", test_disconnected);
  socket_fixture_add ("/socket-wait/disconnected/paused", test_disconnected_paused);
  socket_fixture_add ("/socket-wait/disconnected/full", test_disconnected_full);
  socket_fixture_add ("/socket-wait/disconnected/sends", test_disconnected_sends);
  socket_fixture_add ("/socket-wait/disconnected/half-open-and-reset", test_disconnected_half_open);
  socket_fixture_add ("/socket-wait/disconnected/reconnects", test_disconnected_reconnects);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  socket_fixture_add ("/socket-wait/connected", test_connected);
  socket_fixture_add ("/socket-wait/connected/by-name", test_connected_by_name);
  socket_fixture_add ("/socket-wait/connected/fails", test_connected_fails);
  socket_fixture_add ("/socket-wait/connected/timeout", test_connected_timeout);
  socket_fixture_add ("/socket-wait/connected/refusal", test_connected_refusal);
  socket_fixture_add ("/socket-wait/connected/aborted", test_connected_aborted);
  socket_fixture_add ("/socket-wait/ready-read", test_ready_read);
  socket_fixture_add ("/socket-wait/ready-read/connects", test_ready_read_connects);
  socket_fixture_add ("/socket-wait/ready-read/ended", test_ready_read_ended);
  socket_fixture_add ("/socket-wait/ready-read/fails", test_ready_read_fails);
  socket_fixture_add ("/socket-wait/ready-read/full", test_ready_read_full);
  socket_fixture_add ("/socket-wait/ready-read/paused", test_ready_read_paused);
  socket_fixture_add ("/socket-wait/ready-read/inside", test_ready_read_inside);
  socket_fixture_add ("/socket-wait/ready-read/in-connected", test_ready_read_in_connected);
  add_other_tests ();

  return g_test_run ();
}
