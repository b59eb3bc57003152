/* test-socket-async.c: connecting and disconnecting as asynchronous pairs
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "common/silent-resolver.h"
#include "common/socket-fixture.h"

#define CONNECTING_WORDS "connecting host-found connected connected"

/* Taken down by the callback, as one more word in the log. */
static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  SocketFixture *fixture = user_data;

  g_string_append (fixture->log, fixture->log->len > 0 ? " called-back" : "called-back");
  g_assert_true (source == G_OBJECT (fixture->socket));
  g_object_set_data_full (source, "result", g_object_ref (result), g_object_unref);
}

static gboolean
has_result (SocketFixture *fixture)
{
  return g_object_get_data (G_OBJECT (fixture->socket), "result") != NULL;
}

static GAsyncResult *
await_result (SocketFixture *fixture)
{
  socket_fixture_await (fixture, has_result (fixture));

  return g_object_steal_data (G_OBJECT (fixture->socket), "result");
}

static gboolean
await_connect (SocketFixture  *fixture,
               GError        **error)
{
  g_autoptr(GAsyncResult) result = await_result (fixture);

  return qnet_abstract_socket_connect_to_host_finish (ABSTRACT (fixture->socket), result, error);
}

static gboolean
await_disconnect (SocketFixture  *fixture,
                  GError        **error)
{
  g_autoptr(GAsyncResult) result = await_result (fixture);

  return qnet_abstract_socket_disconnect_from_host_finish (ABSTRACT (fixture->socket), result,
                                                           error);
}

static void
begin (SocketFixture *fixture,
       const char    *host,
       guint16        port,
       GCancellable  *cancellable)
{
  qnet_abstract_socket_connect_to_host_async (ABSTRACT (fixture->socket), host, port,
                                              G_PRIORITY_DEFAULT, cancellable, result_cb, fixture);
}

static void
assert_connect_fails (SocketFixture *fixture,
                      GQuark         domain,
                      int            code)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (await_connect (fixture, &error));
  g_assert_error (error, domain, code);
}

/* Connecting */

static void
test_connect (SocketFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("The callback comes after the signals, never inside the call.");

  begin (fixture, "127.0.0.1", fixture->port, NULL);
  socket_fixture_assert_log (fixture, "connecting");
  g_assert_true (await_connect (fixture, &error));
  g_assert_no_error (error);
  socket_fixture_assert_log (fixture, "host-found connected connected called-back");
}

static void
test_connect_to_address (SocketFixture *fixture,
                         gconstpointer  data)
{
  g_autoptr(QnetHostAddress)
    address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(GAsyncResult) result = NULL;

  g_test_summary ("An address has a pair of its own.");

  qnet_abstract_socket_connect_to_address_async (ABSTRACT (fixture->socket), address, fixture->port,
                                                 G_PRIORITY_DEFAULT, NULL, result_cb, fixture);
  result = await_result (fixture);
  g_assert_true (
    qnet_abstract_socket_connect_to_address_finish (ABSTRACT (fixture->socket), result, NULL));
  socket_fixture_assert_log (fixture, CONNECTING_WORDS " called-back");
}

static void
test_connect_fails (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A failure has the error of the signal, which comes before.");

  begin (fixture, "127.0.0.1", find_closed_port (), NULL);
  assert_connect_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  socket_fixture_assert_log (fixture,
                             "connecting host-found unconnected error:0 called-back");
}

static void
test_connect_busy (SocketFixture *fixture,
                   gconstpointer  data)
{
  GResolver *previous = silent_resolver_install ();

  g_test_summary ("A second connect is PENDING, one on a connected socket OPERATION; neither "
                  "disturbs, nor emits.");

  begin (fixture, "silent.test", 80, NULL);
  begin (fixture, "silent.test", 80, NULL);
  assert_connect_fails (fixture, G_IO_ERROR, G_IO_ERROR_PENDING);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  assert_connect_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  silent_resolver_remove (previous);

  begin (fixture, "127.0.0.1", fixture->port, NULL);
  g_assert_true (await_connect (fixture, NULL));
  socket_fixture_forget_log (fixture);

  begin (fixture, "127.0.0.1", fixture->port, NULL);
  assert_connect_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  socket_fixture_assert_log (fixture, "called-back");
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);
}

static void
test_connect_aborted (SocketFixture *fixture,
                      gconstpointer  data)
{
  g_test_summary ("abort() ends the pair as well.");

  begin (fixture, "127.0.0.1", fixture->port, NULL);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  assert_connect_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  socket_fixture_assert_log (fixture, "connecting unconnected called-back");
}

static void
test_connect_aborted_in_handler (SocketFixture *fixture,
                                 gconstpointer  data)
{
  gulong handler;

  g_test_summary ("A handler of connected that aborts leaves no pair pending.");

  handler = g_signal_connect (fixture->socket, "connected", G_CALLBACK (qnet_socket_abort),
                              NULL);
  begin (fixture, "127.0.0.1", fixture->port, NULL);
  assert_connect_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);

  g_signal_handler_disconnect (fixture->socket, handler);
  begin (fixture, "127.0.0.1", fixture->port, NULL);
  g_assert_true (await_connect (fixture, NULL));
}

static void
connect_again_cb (QnetAbstractSocket *socket,
                  QnetSocketState     state,
                  SocketFixture      *fixture)
{
  if (state != QNET_SOCKET_STATE_UNCONNECTED)
    return;

  g_signal_handlers_disconnect_by_func (socket, connect_again_cb, fixture);
  begin (fixture, "127.0.0.1", fixture->port, NULL);
}

static void
test_connect_again_in_handler (SocketFixture *fixture,
                               gconstpointer  data)
{
  g_test_summary (
    "A handler may begin the next attempt while the last one still fails; each has its own end.");

  g_signal_connect (fixture->socket, "state-changed", G_CALLBACK (connect_again_cb), fixture);
  begin (fixture, "127.0.0.1", find_closed_port (), NULL);
  assert_connect_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  g_assert_null (qnet_io_device_get_error (DEVICE (fixture->socket)));
  g_assert_true (await_connect (fixture, NULL));
}

static void
read_in_callback_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  SocketFixture *fixture = user_data;

  g_assert_cmpstr (strstr (fixture->log->str, "ready-read"), ==, NULL);
  result_cb (source, result, user_data);
}

static void
write_at_once_cb (QnetAbstractSocket *socket,
                  SocketFixture      *fixture)
{
  socket_fixture_accept (fixture);
  socket_fixture_peer_sends (fixture, "welcome");
}

static void
test_connect_then_read (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_test_summary ("A ready-read handler that is connected in the callback misses nothing.");

  g_signal_connect (fixture->socket, "connected", G_CALLBACK (write_at_once_cb), fixture);
  qnet_abstract_socket_connect_to_host_async (ABSTRACT (fixture->socket), "127.0.0.1",
                                              fixture->port, G_PRIORITY_DEFAULT, NULL,
                                              read_in_callback_cb, fixture);
  g_assert_true (await_connect (fixture, NULL));
  socket_fixture_await_bytes (fixture, 7);
  socket_fixture_assert_log (fixture, CONNECTING_WORDS " called-back ready-read");
}

/* Cancelling */

static void
test_cancel (SocketFixture *fixture,
             gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  g_test_summary ("Cancelling aborts the attempt, without an error of the socket's.");

  begin (fixture, "127.0.0.1", fixture->port, cancellable);
  g_cancellable_cancel (cancellable);
  assert_connect_fails (fixture, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (g_str_has_suffix (fixture->log->str, " unconnected called-back"));
  g_assert_null (qnet_io_device_get_error (DEVICE (fixture->socket)));
  socket_fixture_forget_log (fixture);

  begin (fixture, "127.0.0.1", fixture->port, cancellable);
  assert_connect_fails (fixture, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  socket_fixture_assert_log (fixture, "called-back");
}

static gpointer
cancel_thread (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);

  return NULL;
}

static void
test_cancel_elsewhere (SocketFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  GResolver *previous = silent_resolver_install ();

  g_test_summary ("Cancelling works from another thread; signals and callback stay in ours.");

  begin (fixture, "silent.test", 80, cancellable);
  /* Wait until it returns: GLib 2.74 leaks a source that is destroyed during
   * g_cancellable_cancel(). */
  g_thread_join (g_thread_new ("cancel", cancel_thread, cancellable));
  socket_fixture_assert_log (fixture, "host-lookup");
  assert_connect_fails (fixture, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  socket_fixture_assert_log (fixture, "unconnected called-back");
  socket_fixture_settle (fixture);
  silent_resolver_remove (previous);
}

static void
cancel_cb (QnetAbstractSocket *socket,
           GCancellable       *cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
test_cancel_late (SocketFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  g_test_summary ("If it is cancelled when the connection is established already, the result is "
                  "success.");

  g_signal_connect (fixture->socket, "connected", G_CALLBACK (cancel_cb), cancellable);
  begin (fixture, "127.0.0.1", fixture->port, cancellable);
  g_assert_true (await_connect (fixture, NULL));
  socket_fixture_settle (fixture);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);
}

/* Writing before there is a connection */

static void
connect_again (SocketFixture *fixture)
{
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  socket_fixture_drop_peer (fixture);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
}

static void
test_write_on_second_connection (SocketFixture *fixture,
                                 gconstpointer  data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autofree char *got = NULL;

  g_test_summary ("What a socket has sent before does not count for its next connection.");

  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, "much of the first");
  socket_fixture_settle (fixture);
  connect_again (fixture);
  g_assert_cmpuint (qnet_io_device_get_bytes_sent (DEVICE (fixture->socket)), ==, 0);

  qnet_io_device_write_all_async (DEVICE (fixture->socket), (const guint8 *) "second", 6,
                                  G_PRIORITY_DEFAULT, NULL, result_cb, fixture);
  result = await_result (fixture);
  g_assert_true (qnet_io_device_write_all_finish (DEVICE (fixture->socket), result, NULL));
  socket_fixture_accept (fixture);
  got = socket_fixture_peer_reads (fixture, 6);
  g_assert_cmpstr (got, ==, "second");
}

/* Disconnecting */

static void
begin_disconnect (SocketFixture *fixture,
                  GCancellable  *cancellable)
{
  qnet_abstract_socket_disconnect_from_host_async (ABSTRACT (fixture->socket), G_PRIORITY_DEFAULT,
                                                   cancellable, result_cb, fixture);
}

static void
test_disconnect (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_autofree char *got = NULL;

  g_test_summary ("Disconnecting calls back when all is sent and reported; unconnected, in the "
                  "next iteration.");

  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, "rest");
  begin_disconnect (fixture, NULL);
  g_assert_true (await_disconnect (fixture, NULL));
  socket_fixture_assert_log (fixture, "closing written:4 unconnected read-channel-finished "
                                      "disconnected called-back");
  got = socket_fixture_peer_reads (fixture, 4);
  g_assert_cmpstr (got, ==, "rest");

  begin_disconnect (fixture, NULL);
  socket_fixture_assert_log (fixture, "");
  g_assert_true (await_disconnect (fixture, NULL));
}

static void
test_disconnect_early (SocketFixture *fixture,
                       gconstpointer  data)
{
  GResolver *previous = silent_resolver_install ();

  g_test_summary ("While connecting it waits for the connection, or for its failure.");

  qnet_abstract_socket_set_lookup_timeout (ABSTRACT (fixture->socket), 20);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "silent.test", 80);
  begin_disconnect (fixture, NULL);
  begin_disconnect (fixture, NULL);
  g_assert_false (await_disconnect (fixture, NULL));  /* the second: PENDING */
  g_assert_true (await_disconnect (fixture, NULL));
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
  silent_resolver_remove (previous);
}

static void
test_disconnect_cancelled (SocketFixture *fixture,
                           gconstpointer  data)
{
  g_autofree char *text = g_strnfill (8 * 1024 * 1024, 'x');
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_test_summary ("Cancelling ends the waiting alone: the connection is closed all the same.");

  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, text);
  begin_disconnect (fixture, cancellable);
  g_cancellable_cancel (cancellable);
  g_assert_false (await_disconnect (fixture, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CLOSING);
  g_free (socket_fixture_peer_reads (fixture, strlen (text)));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  socket_fixture_add ("/socket-async/connect", test_connect);
  socket_fixture_add ("/socket-async/connect/to-address", test_connect_to_address);
  socket_fixture_add ("/socket-async/connect/fails", test_connect_fails);
  socket_fixture_add ("/socket-async/connect/busy", test_connect_busy);
  socket_fixture_add ("/socket-async/connect/aborted", test_connect_aborted);
  socket_fixture_add ("/socket-async/connect/aborted-in-handler", test_connect_aborted_in_handler);
  socket_fixture_add ("/socket-async/connect/again-in-handler", test_connect_again_in_handler);
  socket_fixture_add ("/socket-async/connect/then-read", test_connect_then_read);
  socket_fixture_add ("/socket-async/cancel", test_cancel);
  socket_fixture_add ("/socket-async/cancel/elsewhere", test_cancel_elsewhere);
  socket_fixture_add ("/socket-async/cancel/late", test_cancel_late);
  socket_fixture_add ("/socket-async/write/second-connection", test_write_on_second_connection);
  socket_fixture_add ("/socket-async/disconnect", test_disconnect);
  socket_fixture_add ("/socket-async/disconnect/early", test_disconnect_early);
  socket_fixture_add ("/socket-async/disconnect/cancelled", test_disconnect_cancelled);

  return g_test_run ();
}
