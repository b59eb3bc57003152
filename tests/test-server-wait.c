/* test-server-wait.c: waiting for a connection, blocking and asynchronously
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <sys/socket.h>

#include <qnet/qnet.h>

#include "common/server-fixture.h"

#define SERVER(fixture) (QNET_SERVER ((fixture)->server))

/* Blocking */

static gboolean
fail_if_run (gpointer data)
{
  g_assert_not_reached ();
}

static void
test_wait (ServerFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(GSource) source = g_idle_source_new ();
  GError *error = NULL;
  gboolean is_timed_out = TRUE;

  g_test_summary ("A wait accepts all clients that have arrived, emits for each, and dispatches "
                  "nothing else.");

  g_source_set_callback (source, fail_if_run, NULL, NULL);
  g_source_attach (source, fixture->context);
  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_connect (fixture);

  g_assert_true (qnet_server_wait_for_new_connection_full (SERVER (fixture), -1, &is_timed_out,
                                                           NULL, &error));
  g_assert_no_error (error);
  g_assert_false (is_timed_out);
  g_assert_cmpuint (fixture->n_new, ==, 2);

  g_source_destroy (source);
  server_fixture_settle (fixture);
  g_assert_cmpuint (fixture->n_new, ==, 2);
}

static void
test_wait_times_out (ServerFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  gboolean is_timed_out = FALSE;

  g_test_summary ("Without a connection the wait times out; with one that is pending it returns at "
                  "once.");

  server_fixture_listen (fixture);
  g_assert_false (qnet_server_wait_for_new_connection_full (SERVER (fixture), 0, &is_timed_out,
                                                            NULL, &error));
  g_assert_true (is_timed_out);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_error (qnet_server_get_error (SERVER (fixture)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_SOCKET_TIMEOUT);

  server_fixture_connect (fixture);
  g_assert_true (qnet_server_wait_for_new_connection (SERVER (fixture), 0, NULL));
  g_assert_true (qnet_server_wait_for_new_connection (SERVER (fixture), 0, NULL));
  g_assert_cmpuint (fixture->n_new, ==, 1);
}

static void
refuse_wait (ServerFixture *fixture)
{
  g_autoptr(GError) error = NULL;
  gboolean is_timed_out = TRUE;

  g_assert_false (qnet_server_wait_for_new_connection_full (SERVER (fixture), -1, &is_timed_out,
                                                            NULL, &error));
  g_assert_false (is_timed_out);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
}

static void
test_wait_fails_at_once (ServerFixture *fixture,
                         gconstpointer  data)
{
  g_test_summary ("A wait that cannot end fails at once: closed, paused, at a limit.");

  refuse_wait (fixture);

  server_fixture_listen (fixture);
  qnet_server_pause_accepting (SERVER (fixture));
  refuse_wait (fixture);
  qnet_server_resume_accepting (SERVER (fixture));

  qnet_server_set_max_connections (SERVER (fixture), 1);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);
  g_object_unref (qnet_tcp_server_next_pending_connection (fixture->server));
  refuse_wait (fixture);
}

static gpointer
serve_in_thread (gpointer user_data)
{
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetTcpSocket) socket = NULL;
  GAsyncQueue *ports = user_data;
  GError *error = NULL;

  qnet_tcp_server_listen_port (server, 0, &error);
  g_assert_no_error (error);
  g_async_queue_push (ports, GUINT_TO_POINTER (qnet_tcp_server_get_server_port (server)));

  qnet_server_wait_for_new_connection (QNET_SERVER (server), -1, &error);
  g_assert_no_error (error);
  socket = qnet_tcp_server_next_pending_connection (server);
  qnet_io_device_wait_for_ready_read (QNET_IO_DEVICE (socket), -1, &error);
  g_assert_no_error (error);

  return qnet_io_device_read_bytes (QNET_IO_DEVICE (socket), 100);
}

static void
test_wait_detached (void)
{
  g_autoptr(GAsyncQueue) ports = g_async_queue_new ();
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GSocketConnection) connection = NULL;
  g_autoptr(GBytes) bytes = NULL;
  GThread *thread = g_thread_new ("server", serve_in_thread, ports);
  GError *error = NULL;

  g_test_summary ("A thread without a loop can run a server by waits alone.");

  connection = g_socket_client_connect_to_host (client, "127.0.0.1",
                                                GPOINTER_TO_UINT (g_async_queue_pop (ports)),
                                                NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), "hello", 5,
                             NULL, NULL, &error);
  g_assert_no_error (error);

  bytes = g_thread_join (thread);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "hello", 5);
}

static void
drop_cb (ServerFixture *fixture)
{
  g_clear_object (&fixture->server);
}

static void
test_wait_dropped (ServerFixture *fixture,
                   gconstpointer  data)
{
  g_test_summary ("The last reference may be dropped in a handler that runs during a wait.");

  server_fixture_listen (fixture);
  g_signal_connect_swapped (fixture->server, "new-connection", G_CALLBACK (drop_cb), fixture);
  server_fixture_connect (fixture);
  g_assert_true (qnet_server_wait_for_new_connection (SERVER (fixture), -1, NULL));
  g_assert_null (fixture->server);
}

/* Asynchronously */

typedef struct
{
  QnetSocket   *connection;  /* (owned) (nullable) */
  GError       *error;       /* (owned) (nullable) */
  gboolean      is_done;
  guint         n_new;       /* the fixture's count at that time */
  guint        *count;
} Outcome;

static void
accept_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  Outcome *outcome = user_data;

  outcome->connection = qnet_server_accept_finish (QNET_SERVER (source), result, &outcome->error);
  outcome->is_done = TRUE;
  outcome->n_new = *outcome->count;
}

static void
start_accept (ServerFixture *fixture,
              Outcome       *outcome,
              GCancellable  *cancellable)
{
  *outcome = (Outcome) { .count = &fixture->n_new };
  qnet_server_accept_async (SERVER (fixture), G_PRIORITY_DEFAULT, cancellable, accept_cb, outcome);
  g_assert_false (outcome->is_done);
}

static void
await (ServerFixture *fixture,
       Outcome       *outcome)
{
  while (!outcome->is_done)
    g_main_context_iteration (fixture->context, TRUE);
}

static void
outcome_clear (Outcome *outcome)
{
  g_clear_object (&outcome->connection);
  g_clear_error (&outcome->error);
}

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
test_accept (ServerFixture *fixture,
             gconstpointer  data)
{
  Outcome outcome;
  guint n_reads = 0;
  int client;

  g_test_summary ("accept_async() waits for a connection; a handler of ready-read that is "
                  "connected in its callback misses no byte.");

  server_fixture_listen (fixture);
  start_accept (fixture, &outcome, NULL);
  server_fixture_settle (fixture);
  g_assert_false (outcome.is_done);

  client = server_fixture_connect (fixture);
  g_assert_cmpint (send (client, "x", 1, 0), ==, 1);
  await (fixture, &outcome);
  g_assert_no_error (outcome.error);
  g_assert_true (QNET_IS_TCP_SOCKET (outcome.connection));
  g_assert_cmpuint (outcome.n_new, ==, 1);

  g_signal_connect_swapped (outcome.connection, "ready-read", G_CALLBACK (count_cb), &n_reads);
  while (n_reads == 0)
    g_main_context_iteration (fixture->context, TRUE);

  outcome_clear (&outcome);
}

static void
test_accept_pending (ServerFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr(QnetSocket) first = NULL;
  Outcome outcome;

  g_test_summary ("Pending connections are returned in a later iteration, and in order.");

  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 2);
  first = g_list_model_get_item (qnet_server_get_connections (SERVER (fixture)), 0);

  start_accept (fixture, &outcome, NULL);
  await (fixture, &outcome);
  g_assert_true (outcome.connection == first);
  outcome_clear (&outcome);

  start_accept (fixture, &outcome, NULL);
  await (fixture, &outcome);
  g_assert_nonnull (outcome.connection);
  g_assert_true (outcome.connection != first);
  outcome_clear (&outcome);
}

static void
test_accept_twice (ServerFixture *fixture,
                   gconstpointer  data)
{
  Outcome first, second;

  g_test_summary ("Only one accept at a time: the second fails with PENDING, the first continues.");

  server_fixture_listen (fixture);
  start_accept (fixture, &first, NULL);
  start_accept (fixture, &second, NULL);
  await (fixture, &second);
  g_assert_error (second.error, G_IO_ERROR, G_IO_ERROR_PENDING);

  server_fixture_connect (fixture);
  await (fixture, &first);
  g_assert_no_error (first.error);
  outcome_clear (&first);
  outcome_clear (&second);
}

static void
test_accept_closed (ServerFixture *fixture,
                    gconstpointer  data)
{
  Outcome outcome;

  g_test_summary ("An accept on a server that does not listen, or stops listening, fails in a "
                  "later iteration.");

  start_accept (fixture, &outcome, NULL);
  await (fixture, &outcome);
  g_assert_error (outcome.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  outcome_clear (&outcome);

  server_fixture_listen (fixture);
  start_accept (fixture, &outcome, NULL);
  server_fixture_settle (fixture);
  qnet_server_close (SERVER (fixture));
  g_assert_false (outcome.is_done);
  await (fixture, &outcome);
  g_assert_error (outcome.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  outcome_clear (&outcome);
}

static gpointer
cancel_in_thread (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);

  return NULL;
}

static void
test_accept_cancelled (ServerFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Outcome outcome;

  g_test_summary ("Cancelling, also from another thread, ends the accept and loses no connection.");

  server_fixture_listen (fixture);
  start_accept (fixture, &outcome, cancellable);
  server_fixture_settle (fixture);
  g_thread_join (g_thread_new ("cancel", cancel_in_thread, cancellable));
  await (fixture, &outcome);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  outcome_clear (&outcome);

  /* Cancelled before, with a connection pending. */
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);
  start_accept (fixture, &outcome, cancellable);
  await (fixture, &outcome);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (qnet_server_has_pending_connections (SERVER (fixture)));
  outcome_clear (&outcome);
}

static void
take_cb (ServerFixture *fixture)
{
  g_object_unref (qnet_tcp_server_next_pending_connection (fixture->server));
}

static void
test_accept_taken (ServerFixture *fixture,
                   gconstpointer  data)
{
  Outcome outcome;
  gulong handler;

  g_test_summary ("A handler that takes the connection takes it from the accept, which continues "
                  "to wait.");

  server_fixture_listen (fixture);
  handler = g_signal_connect_swapped (fixture->server, "new-connection", G_CALLBACK (take_cb),
                                      fixture);
  start_accept (fixture, &outcome, NULL);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);
  server_fixture_settle (fixture);
  g_assert_false (outcome.is_done);

  g_signal_handler_disconnect (fixture->server, handler);
  server_fixture_connect (fixture);
  await (fixture, &outcome);
  g_assert_nonnull (outcome.connection);
  outcome_clear (&outcome);
}

static void
forget_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
test_accept_unfinished (ServerFixture *fixture,
                        gconstpointer  data)
{
  gboolean is_done = FALSE;
  int client;

  g_test_summary ("A connection for which accept_finish() is never called is released.");

  server_fixture_listen (fixture);
  qnet_server_accept_async (SERVER (fixture), G_PRIORITY_DEFAULT, NULL, forget_cb, &is_done);
  client = server_fixture_connect (fixture);

  while (!is_done)
    g_main_context_iteration (fixture->context, TRUE);

  server_fixture_settle (fixture);
  assert_disconnected (client);
  g_assert_cmpuint (g_list_model_get_n_items (qnet_server_get_connections (SERVER (fixture))), ==,
                    0);
}

static void
test_accept_holds (ServerFixture *fixture,
                   gconstpointer  data)
{
  QnetTcpServer *server = fixture->server;
  Outcome outcome;

  g_test_summary ("A pending accept holds a reference to its server, until that is closed.");

  server_fixture_listen (fixture);
  start_accept (fixture, &outcome, NULL);
  g_object_add_weak_pointer (G_OBJECT (server), (gpointer *) &server);
  g_clear_object (&fixture->server);
  g_assert_nonnull (server);

  qnet_server_close (QNET_SERVER (server));
  await (fixture, &outcome);
  g_assert_null (server);
  outcome_clear (&outcome);
}

static void
refused_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  GError **error = user_data;

  g_assert_null (qnet_server_accept_finish (QNET_SERVER (source), result, error));
}

static gpointer
accept_in_thread (gpointer user_data)
{
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();

  g_assert_true (qnet_tcp_server_listen_port (server, 0, NULL));
  qnet_server_accept_async (QNET_SERVER (server), G_PRIORITY_DEFAULT, NULL, refused_cb, user_data);

  return NULL;
}

static void
test_accept_detached (void)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A thread without a loop is refused an accept whose callback would run in "
                  "another thread.");

  g_thread_join (g_thread_new ("server", accept_in_thread, &error));
  while (error == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

#define ADD(path, function)                                                     \
  g_test_add ("/server-wait/" path, ServerFixture, NULL, server_fixture_set_up, \
              function, server_fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("wait", test_wait);
  ADD ("wait/times-out", test_wait_times_out);
  ADD ("wait/fails-at-once", test_wait_fails_at_once);
  ADD ("wait/dropped", test_wait_dropped);
  g_test_add_func ("/server-wait/wait/detached", test_wait_detached);
  ADD ("accept", test_accept);
  ADD ("accept/pending", test_accept_pending);
  ADD ("accept/twice", test_accept_twice);
  ADD ("accept/closed", test_accept_closed);
  ADD ("accept/cancelled", test_accept_cancelled);
  ADD ("accept/taken", test_accept_taken);
  ADD ("accept/unfinished", test_accept_unfinished);
  ADD ("accept/holds", test_accept_holds);
  g_test_add_func ("/server-wait/accept/detached", test_accept_detached);

  return g_test_run ();
}
