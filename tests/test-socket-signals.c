/* test-socket-signals.c: which signals follow which, and that properties notify
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "common/pair.h"
#include "common/socket-fixture.h"

static void
assert_last_is_disconnected (SocketFixture *fixture)
{
  const char *end = strstr (fixture->log->str, "disconnected");

  socket_fixture_settle (fixture);
  g_assert_nonnull (end);
  g_assert_cmpstr (end, ==, "disconnected");
}

/* `disconnected` is the last signal of a connection */

static void
run_until_disconnected (SocketFixture *fixture)
{
  while (socket_fixture_get_state (fixture) != QNET_SOCKET_STATE_UNCONNECTED)
    socket_fixture_turn (fixture);
}

static void
wait_until_disconnected (SocketFixture *fixture)
{
  qnet_abstract_socket_wait_for_disconnected (ABSTRACT (fixture->socket), -1, NULL);
}

static void (*end_in_handler) (SocketFixture *fixture);

static void
end_in_ready_read_cb (QnetIODevice  *device,
                      SocketFixture *fixture)
{
  if (!strstr (fixture->log->str, "more"))
    {
      g_string_append (fixture->log, " more");
      socket_fixture_peer_sends (fixture, "more");
      socket_fixture_peer_ends (fixture);
      end_in_handler (fixture);
    }
}

static void
test_ready_read (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_test_summary ("A handler of ready-read in which more arrives and the connection ends: nothing follows `disconnected`, "
                  "where the rest can be read.");

  end_in_handler = data != NULL ? wait_until_disconnected : run_until_disconnected;
  socket_fixture_connect (fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (end_in_ready_read_cb), fixture);
  socket_fixture_peer_sends (fixture, "some");
  socket_fixture_await (fixture, strstr (fixture->log->str, "disconnected"));
  assert_last_is_disconnected (fixture);
  socket_fixture_assert_reads (fixture, "somemore");
}

static void
end_in_bytes_written_cb (QnetIODevice  *device,
                         gint64         size,
                         SocketFixture *fixture)
{
  if (strstr (fixture->log->str, "more"))
    return;

  g_string_append (fixture->log, " more");
  socket_fixture_write (fixture, "second");
  qnet_io_device_flush (device);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (device));
  end_in_handler (fixture);
}

static void
count_bytes_cb (QnetIODevice *device,
                gint64        size,
                gint64       *total)
{
  *total += size;
}

static void
test_bytes_written (SocketFixture *fixture,
                    gconstpointer  data)
{
  gint64 total = 0;

  g_test_summary ("A handler of bytes-written in which more is sent and the connection ends: all is reported, and before `disconnected`.");

  end_in_handler = data != NULL ? wait_until_disconnected : run_until_disconnected;
  socket_fixture_connect (fixture);
  g_signal_connect (fixture->socket, "bytes-written", G_CALLBACK (count_bytes_cb), &total);
  g_signal_connect (fixture->socket, "bytes-written", G_CALLBACK (end_in_bytes_written_cb), fixture);
  socket_fixture_write (fixture, "first");
  socket_fixture_await (fixture, strstr (fixture->log->str, "disconnected"));
  assert_last_is_disconnected (fixture);
  g_assert_cmpint (total, ==, strlen ("first" "second"));
}

static void
abort_cb (QnetAbstractSocket *socket)
{
  qnet_abstract_socket_abort (socket);
}

static void
test_aborted_in (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_autofree char *text = g_strnfill (100000, 'x');

  g_test_summary ("A handler that aborts ends it: the signals that were to follow are not emitted.");

  socket_fixture_connect (fixture);
  qnet_io_device_set_write_buffer_high_water (DEVICE (fixture->socket), 1000);
  g_signal_connect (fixture->socket, data, G_CALLBACK (abort_cb), NULL);
  socket_fixture_write (fixture, text);
  socket_fixture_peer_sends (fixture, "hello");
  socket_fixture_peer_ends (fixture);
  socket_fixture_await (fixture, strstr (fixture->log->str, "disconnected"));
  assert_last_is_disconnected (fixture);
}

static void
test_never_open (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_test_summary ("Closing a socket that was never open emits no about-to-close.");

  g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->socket), NULL, NULL));
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "");
}

static void
test_open (SocketFixture *fixture,
           gconstpointer  data)
{
  g_test_summary ("Closing one that is open does.");

  socket_fixture_connect (fixture);
  g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->socket), NULL, NULL));
  g_assert_true (g_str_has_prefix (fixture->log->str, "about-to-close"));
  socket_fixture_settle (fixture);
}

/* Refused calls */

static void
test_each_refused_call (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_test_summary ("Each refused call without a GError of its own is reported once, in the next turn.");

  socket_fixture_connect (fixture);
  for (guint i = 0; i < 3; i++)
    qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);

  socket_fixture_assert_log (fixture, "");
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "error:19 error:19 error:19");
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->socket)), QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
}

static void
refused_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  GError **error = user_data;

  g_assert_false (qnet_abstract_socket_connect_to_host_finish (QNET_ABSTRACT_SOCKET (source), result, error));
}

static void
test_refused_pair (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A refused call that has a GError returns that, sets the property, and emits nothing.");

  socket_fixture_connect (fixture);
  qnet_abstract_socket_connect_to_host_async (ABSTRACT (fixture->socket), "example.test", 80, G_PRIORITY_DEFAULT, NULL,
                                              refused_cb, &error);
  socket_fixture_await (fixture, error != NULL);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "");
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_nonnull (strstr (error->message, "example.test port 80"));
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->socket)), QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
}

static void
test_idle (SocketFixture *fixture,
           gconstpointer  data)
{
  g_autofree char *peer = NULL;

  g_test_summary ("The error of idle-timeout names the peer and the limit.");

  qnet_abstract_socket_set_idle_timeout (ABSTRACT (fixture->socket), 20);
  socket_fixture_connect (fixture);
  peer = g_strdup_printf ("127.0.0.1 port %u", fixture->port);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_nonnull (strstr (qnet_io_device_get_error (DEVICE (fixture->socket))->message, peer));
  g_assert_nonnull (strstr (qnet_io_device_get_error (DEVICE (fixture->socket))->message, "20 ms"));
}

static void
add_with (const char   *path,
          gconstpointer data,
          void        (*func) (SocketFixture *, gconstpointer))
{
  g_test_add (path, SocketFixture, data, socket_fixture_set_up, func, socket_fixture_tear_down);
}

static void
add_order_tests (void)
{
  add_with ("/socket-signals/last/ready-read/loop", NULL, test_ready_read);
  add_with ("/socket-signals/last/ready-read/wait", "wait", test_ready_read);
  add_with ("/socket-signals/last/bytes-written/loop", NULL, test_bytes_written);
  add_with ("/socket-signals/last/bytes-written/wait", "wait", test_bytes_written);
  add_with ("/socket-signals/last/aborted-in/bytes-written", "bytes-written", test_aborted_in);
  add_with ("/socket-signals/last/aborted-in/ready-read", "ready-read", test_aborted_in);
  add_with ("/socket-signals/last/aborted-in/write-buffer-filled", "write-buffer-filled", test_aborted_in);
  add_with ("/socket-signals/last/aborted-in/write-buffer-drained", "write-buffer-drained", test_aborted_in);
  add_with ("/socket-signals/last/aborted-in/notify-error", "notify::error", test_aborted_in);
  add_with ("/socket-signals/last/aborted-in/error-occurred", "error-occurred", test_aborted_in);
  add_with ("/socket-signals/last/aborted-in/notify-state", "notify::state", test_aborted_in);
  socket_fixture_add ("/socket-signals/about-to-close/never-open", test_never_open);
  socket_fixture_add ("/socket-signals/about-to-close/open", test_open);
  socket_fixture_add ("/socket-signals/refused/each-call", test_each_refused_call);
  socket_fixture_add ("/socket-signals/refused/pair", test_refused_pair);
  socket_fixture_add ("/socket-signals/idle", test_idle);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add_order_tests ();

  return g_test_run ();
}
