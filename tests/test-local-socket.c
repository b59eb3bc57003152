/* test-local-socket.c: connections of a QnetLocalSocket
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#ifdef __linux__
#include <sched.h>
#endif
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <qnet/qnet.h>

#include <gio/gunixsocketaddress.h>

#include "common/local-fixture.h"
#include "common/temp-folder.h"

static QnetSocketState
get_state (LocalFixture *fixture)
{
  return qnet_socket_get_state (QNET_SOCKET (fixture->client));
}

static void
await_unconnected (LocalFixture *fixture)
{
  local_fixture_await (fixture, get_state (fixture) == QNET_SOCKET_STATE_UNCONNECTED);
}

/* Connecting */

static void
test_states (LocalFixture  *fixture,
             gconstpointer  data)
{
  g_test_summary ("Connecting is reported in the next iteration, state by state; the names are "
                  "known while connected.");

  local_fixture_listen (fixture);
  qnet_local_socket_connect_to_server (fixture->client, fixture->path);
  local_fixture_assert_log (fixture, "connecting");
  g_assert_cmpstr (qnet_local_socket_get_server_name (fixture->client), ==, fixture->path);
  g_assert_false (qnet_socket_is_valid (QNET_SOCKET (fixture->client)));

  local_fixture_await (fixture, get_state (fixture) == QNET_SOCKET_STATE_CONNECTED);
  local_fixture_assert_log (fixture, &"connecting connected connected!"[strlen ("connecting ")]);
  g_assert_true (qnet_socket_is_valid (QNET_SOCKET (fixture->client)));
  g_assert_cmpint (qnet_socket_get_fd (QNET_SOCKET (fixture->client)), >=, 0);
  g_assert_cmpstr (qnet_local_socket_get_full_server_name (fixture->client), ==, fixture->path);

  qnet_local_socket_disconnect_from_server (fixture->client);
  local_fixture_assert_log (fixture, "closing unconnected disconnected!");
  g_assert_null (qnet_local_socket_get_server_name (fixture->client));
  g_assert_null (qnet_local_socket_get_full_server_name (fixture->client));
}

static void
test_name_property (LocalFixture  *fixture,
                    gconstpointer  data)
{
  g_autofree char *name = NULL;

  g_test_summary ("Without a name it is that of the property, which stays as it is while the "
                  "socket is in use.");

  g_object_set (fixture->client, "server-name", fixture->path, NULL);
  local_fixture_listen (fixture);
  qnet_local_socket_connect_to_server (fixture->client, NULL);
  qnet_local_socket_set_server_name (fixture->client, "another");
  g_assert_cmpint (qnet_io_device_get_error_code (DEVICE (fixture->client)), ==,
                   QNET_SOCKET_ERROR_OPERATION);
  g_object_get (fixture->client, "server-name", &name, NULL);
  g_assert_cmpstr (name, ==, fixture->path);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->client), 1000, NULL));
}

static void
assert_fails (LocalFixture *fixture,
              const char   *name,
              int           code)
{
  g_autofree char *log = g_strdup_printf ("connecting unconnected error:%d", code);

  qnet_local_socket_connect_to_server (fixture->client, name);
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTING);
  await_unconnected (fixture);
  local_fixture_settle (fixture);
  local_fixture_assert_log (fixture, log);
  g_assert_true (g_str_has_prefix (qnet_io_device_get_error (DEVICE (fixture->client))->message,
                                   "Could not "));
}

static void
test_bad_names (LocalFixture  *fixture,
                gconstpointer  data)
{
  guint n_descriptors;
  g_autofree char *too_long = g_strnfill (300, 'x');
  g_autofree char *missing = g_build_filename (fixture->folder, "missing", "socket", NULL);

  g_test_summary ("No name, one that is too long, a missing folder, a folder, and a file: each "
                  "has its error, in the next turn.");

  local_fixture_settle (fixture);
  assert_fails (fixture, "", QNET_SOCKET_ERROR_HOST_NOT_FOUND);
  n_descriptors = count_descriptors ();
  assert_fails (fixture, NULL, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
  assert_fails (fixture, too_long, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
  assert_fails (fixture, missing, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
  assert_fails (fixture, fixture->path, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
  assert_fails (fixture, fixture->folder, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

static void
test_twice (LocalFixture  *fixture,
            gconstpointer  data)
{
  g_test_summary ("Connecting twice is refused in the next iteration, and the connection "
                  "continues.");

  local_fixture_connect (fixture);
  qnet_local_socket_connect_to_server (fixture->client, fixture->path);
  local_fixture_assert_log (fixture, "");
  local_fixture_settle (fixture);
  local_fixture_assert_log (fixture, "error:19");
  write_text (fixture->client, "still there");
  local_fixture_assert_gets (fixture, fixture->accepted, "still there");
}

static void
test_full_queue (LocalFixture  *fixture,
                 gconstpointer  data)
{
  QnetLocalSocket *others[3];
  g_autoptr(GError) error = NULL;

  g_test_summary ("If the server accepts no connection, connecting waits until its timeout, and "
                  "a wait of 0 returns at once.");

  qnet_server_pause_accepting (SERVER (fixture->server));
  qnet_server_set_listen_backlog_size (SERVER (fixture->server), 0);
  local_fixture_listen (fixture);
  for (int i = 0; i < 3; i++)
    {
      others[i] = qnet_local_socket_new ();
      qnet_local_socket_connect_to_server (others[i], fixture->path);
    }

  g_object_set (fixture->client, "connect-timeout", 5, NULL);
  qnet_local_socket_connect_to_server (fixture->client, fixture->path);
  await_unconnected (fixture);
  local_fixture_assert_log (fixture, "connecting unconnected error:5");

  qnet_local_socket_connect_to_server (fixture->client, fixture->path);
  g_assert_false (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->client), 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);

  for (int i = 0; i < 3; i++)
    {
      qnet_socket_abort (QNET_SOCKET (others[i]));
      local_fixture_settle (fixture);
      g_assert_finalize_object (others[i]);
    }
}

/* Bytes, and the end */

static void
test_bytes (LocalFixture  *fixture,
            gconstpointer  data)
{
  g_test_summary ("Bytes are exchanged in both directions, and what was written before the "
                  "connection was established is sent first.");

  local_fixture_listen (fixture);
  qnet_local_socket_connect_to_server_full (fixture->client, fixture->path,
                                            QNET_OPEN_MODE_READ_WRITE);
  write_text (fixture->client, "early ");
  write_text (fixture->client, "bird");
  local_fixture_await (fixture, qnet_server_has_pending_connections (SERVER (fixture->server)));
  fixture->accepted = qnet_local_server_next_pending_connection (fixture->server);
  local_fixture_assert_gets (fixture, fixture->accepted, "early bird");
  write_text (fixture->accepted, "worm");
  local_fixture_assert_gets (fixture, fixture->client, "worm");
}

static void
test_peer_closes (LocalFixture  *fixture,
                  gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("The end of stream is reported as in Qt, and writing fails afterwards; what "
                  "came before can be read.");

  local_fixture_connect (fixture);
  write_text (fixture->accepted, "last bytes");
  qnet_local_socket_disconnect_from_server (fixture->accepted);
  await_unconnected (fixture);
  local_fixture_assert_log (fixture, "error:1 closing unconnected disconnected!");
  local_fixture_assert_gets (fixture, fixture->client, "last bytes");

  g_assert_cmpint (qnet_io_device_write_string (DEVICE (fixture->client), "x", &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
}

static void
assert_refuses_to_write (QnetLocalSocket *socket)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (qnet_io_device_write_string (DEVICE (socket), "x", &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_false (qnet_local_socket_send_fds (socket, fds, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
}

static void
test_close (LocalFixture  *fixture,
            gconstpointer  data)
{
  g_test_summary ("close() is final: what was written is sent, and neither writing nor "
                  "connecting is possible afterwards.");

  local_fixture_connect (fixture);
  write_text (fixture->client, "rest");
  g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->client), NULL, NULL));
  assert_refuses_to_write (fixture->client);
  local_fixture_assert_gets (fixture, fixture->accepted, "rest");
  local_fixture_await (fixture, get_state (fixture) == QNET_SOCKET_STATE_UNCONNECTED
                                  && !qnet_socket_is_valid (QNET_SOCKET (fixture->accepted)));
  assert_refuses_to_write (fixture->accepted);
  g_string_truncate (fixture->log, 0);

  qnet_local_socket_connect_to_server (fixture->client, fixture->path);
  local_fixture_settle (fixture);
  local_fixture_assert_log (fixture, "error:19");
}

static void
test_half_open (LocalFixture  *fixture,
                gconstpointer  data)
{
  g_test_summary ("With allow-half-open, the answer follows the end of the question.");

  qnet_socket_set_allow_half_open (QNET_SOCKET (fixture->client), TRUE);
  g_assert_true (qnet_socket_get_allow_half_open (QNET_SOCKET (fixture->client)));
  local_fixture_connect (fixture);
  qnet_socket_set_allow_half_open (QNET_SOCKET (fixture->accepted), TRUE);
  write_text (fixture->client, "question");
  qnet_socket_shutdown_write (QNET_SOCKET (fixture->client));
  local_fixture_assert_gets (fixture, fixture->accepted, "question");
  local_fixture_await (fixture, qnet_io_device_is_read_finished (DEVICE (fixture->accepted)));
  write_text (fixture->accepted, "answer");
  qnet_socket_shutdown_write (QNET_SOCKET (fixture->accepted));
  await_unconnected (fixture);
  local_fixture_assert_gets (fixture, fixture->client, "answer");
}

static void
test_pause (LocalFixture  *fixture,
            gconstpointer  data)
{
  g_test_summary ("While reading is paused nothing comes.");

  local_fixture_connect (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->client));
  g_assert_true (qnet_socket_is_reading_paused (QNET_SOCKET (fixture->client)));
  write_text (fixture->accepted, "later");
  local_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->client)), ==, 0);
  qnet_socket_resume_reading (QNET_SOCKET (fixture->client));
  local_fixture_assert_gets (fixture, fixture->client, "later");
}

static void
test_pause_and_end (LocalFixture  *fixture,
                    gconstpointer  data)
{
  g_test_summary ("The end of the peer is noticed while reading is paused, after all that it has "
                  "sent.");

  local_fixture_connect (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->client));
  write_text (fixture->accepted, "last");
  local_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->client)), ==, 0);
  qnet_local_socket_disconnect_from_server (fixture->accepted);
  await_unconnected (fixture);
  local_fixture_assert_gets (fixture, fixture->client, "last");
  g_assert_false (qnet_socket_is_reading_paused (QNET_SOCKET (fixture->client)));
}

static void
test_full_and_end (LocalFixture  *fixture,
                   gconstpointer  data)
{
  g_test_summary ("It is noticed while the read buffer is full, too; the loop sleeps meanwhile.");

  qnet_io_device_set_read_buffer_size (DEVICE (fixture->client), 2);
  local_fixture_connect (fixture);
  write_text (fixture->accepted, "last");
  local_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->client)), ==, 2);
  qnet_local_socket_disconnect_from_server (fixture->accepted);
  await_unconnected (fixture);
  local_fixture_assert_gets (fixture, fixture->client, "last");
}

static void
test_last_bytes (LocalFixture  *fixture,
                 gconstpointer  data)
{
  g_test_summary ("What was written is sent even when the last reference to the socket was "
                  "dropped.");

  local_fixture_connect (fixture);
  write_text (fixture->client, "adieu");
  g_clear_object (&fixture->client);
  local_fixture_assert_gets (fixture, fixture->accepted, "adieu");
}

static void
test_abort (LocalFixture  *fixture,
            gconstpointer  data)
{
  g_test_summary ("abort() ends a connection, or an attempt, at once, and the socket can connect "
                  "again.");

  local_fixture_connect (fixture);
  write_text (fixture->client, "lost");
  qnet_socket_abort (QNET_SOCKET (fixture->client));
  local_fixture_assert_log (fixture, "unconnected disconnected!");

  qnet_local_socket_connect_to_server (fixture->client, fixture->path);
  qnet_socket_abort (QNET_SOCKET (fixture->client));
  local_fixture_assert_log (fixture, "connecting unconnected");
  qnet_local_socket_connect_to_server (fixture->client, fixture->path);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->client), 1000, NULL));
}

static void
test_timeouts (LocalFixture  *fixture,
               gconstpointer  data)
{
  g_test_summary ("A connection that is idle for too long ends; the limits are properties.");

  qnet_socket_set_connect_timeout (QNET_SOCKET (fixture->client), 1);
  qnet_socket_set_close_timeout (QNET_SOCKET (fixture->client), 2);
  qnet_socket_set_idle_timeout (QNET_SOCKET (fixture->client), 3);
  g_assert_cmpint (qnet_socket_get_connect_timeout (QNET_SOCKET (fixture->client)), ==, 1);
  g_assert_cmpint (qnet_socket_get_close_timeout (QNET_SOCKET (fixture->client)), ==, 2);
  g_assert_cmpint (qnet_socket_get_idle_timeout (QNET_SOCKET (fixture->client)), ==, 3);
  local_fixture_connect (fixture);
  await_unconnected (fixture);
  g_assert_cmpint (qnet_io_device_get_error_code (DEVICE (fixture->client)), ==,
                   QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
}

static void
test_properties (LocalFixture  *fixture,
                 gconstpointer  data)
{
  g_autofree char *name = NULL;
  g_autofree char *full_name = NULL;
  guint options, limit, available;
  int connect, idle, close, state;
  gboolean half_open;

  g_test_summary ("Whatever can be set and asked by functions is a property, too.");

  g_object_set (fixture->client, "server-name", fixture->path,
                "access", QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE, "fd-limit", 2,
                "allow-half-open", TRUE, "connect-timeout", 1000, "idle-timeout", 2000,
                "close-timeout", 3000, NULL);
  g_object_get (fixture->client, "access", &options, "fd-limit", &limit,
                "allow-half-open", &half_open, "connect-timeout", &connect, "idle-timeout", &idle,
                "close-timeout", &close, NULL);
  g_assert_cmpuint (options, ==, QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE);
  g_assert_cmpuint (options, ==, qnet_local_socket_get_access (fixture->client));
  g_assert_cmpuint (limit, ==, 2);
  g_assert_true (half_open);
  g_assert_cmpint (connect, ==, 1000);
  g_assert_cmpint (idle, ==, 2000);
  g_assert_cmpint (close, ==, 3000);

  qnet_local_socket_set_access (fixture->client, QNET_LOCAL_ACCESS_DEFAULT);
  local_fixture_connect (fixture);
  g_object_get (fixture->client, "server-name", &name, "full-server-name", &full_name,
                "state", &state, "fds-available", &available, NULL);
  g_assert_cmpstr (name, ==, fixture->path);
  g_assert_cmpstr (full_name, ==, fixture->path);
  g_assert_cmpint (state, ==, QNET_SOCKET_STATE_CONNECTED);
  g_assert_cmpuint (available, ==, 0);
}

/* Waits and pairs */

static void
test_waits (LocalFixture  *fixture,
            gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("The waits need no loop.");

  g_assert_false (qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->client), 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);

  local_fixture_listen (fixture);
  qnet_local_socket_connect_to_server (fixture->client, fixture->path);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->client), 0, NULL));
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->client), 0, NULL));
  g_assert_true (qnet_server_wait_for_new_connection (SERVER (fixture->server), 1000, NULL));
  fixture->accepted = qnet_local_server_next_pending_connection (fixture->server);
  write_text (fixture->accepted, "bye");
  qnet_local_socket_disconnect_from_server (fixture->accepted);
  g_assert_true (qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->accepted), 1000, NULL));
  g_assert_true (qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->client), 1000, NULL));
  local_fixture_assert_gets (fixture, fixture->client, "bye");
}

static void
echo_cb (QnetIODevice *connection)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (connection);

  qnet_io_device_write_bytes (connection, bytes, NULL);
}

static void
serve_cb (QnetLocalServer *server)
{
  g_autoptr(QnetLocalSocket) connection = qnet_local_server_next_pending_connection (server);

  g_signal_connect (connection, "ready-read", G_CALLBACK (echo_cb), NULL);
}

typedef struct
{
  LocalFixture *fixture;
  gboolean      is_done;  /* atomic */
} Worker;

static gpointer
work (gpointer data)
{
  Worker *worker = data;
  g_autoptr(QnetLocalSocket) socket = qnet_local_socket_new ();
  g_autoptr(GBytes) bytes = NULL;

  qnet_local_socket_connect_to_server (socket, worker->fixture->path);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (socket), 10000, NULL));
  write_text (socket, "ping");
  while (qnet_io_device_get_bytes_available (DEVICE (socket)) < 4)
    g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (socket), 10000, NULL));

  bytes = qnet_io_device_read_all_bytes (DEVICE (socket));
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "ping", 4);
  qnet_local_socket_disconnect_from_server (socket);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==, QNET_SOCKET_STATE_UNCONNECTED);

  g_atomic_int_set (&worker->is_done, TRUE);
  g_main_context_wakeup (worker->fixture->context);

  return NULL;
}

static void
test_worker (LocalFixture  *fixture,
             gconstpointer  data)
{
  Worker worker = { .fixture = fixture };
  GThread *thread;

  g_test_summary ("A worker thread without a loop talks by the waits alone, to a server whose "
                  "loop runs elsewhere.");

  g_signal_connect (fixture->server, "new-connection", G_CALLBACK (serve_cb), NULL);
  local_fixture_listen (fixture);
  thread = g_thread_new ("worker", work, &worker);
  local_fixture_await (fixture, g_atomic_int_get (&worker.is_done));
  g_thread_join (thread);
}

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_pairs (LocalFixture  *fixture,
            gconstpointer  data)
{
  g_autoptr(GAsyncResult) connected = NULL;
  g_autoptr(GAsyncResult) failed = NULL;
  g_autoptr(GAsyncResult) ended = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("Connecting and disconnecting are pairs, too; the second of a kind is refused.");

  local_fixture_listen (fixture);
  qnet_local_socket_connect_to_server_async (fixture->client, fixture->path, 0, NULL, result_cb,
                                             &connected);
  qnet_local_socket_connect_to_server_async (fixture->client, fixture->path, 0, NULL, result_cb,
                                             &failed);
  local_fixture_await (fixture, connected != NULL && failed != NULL);
  g_assert_true (qnet_local_socket_connect_to_server_finish (fixture->client, connected, NULL));
  g_assert_false (qnet_local_socket_connect_to_server_finish (fixture->client, failed, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);

  qnet_local_socket_disconnect_from_server_async (fixture->client, 0, NULL, result_cb, &ended);
  local_fixture_await (fixture, ended != NULL);
  g_assert_true (qnet_local_socket_disconnect_from_server_finish (fixture->client, ended, NULL));
}

static void
drop_and_turn_cb (LocalFixture *fixture)
{
  g_clear_object (&fixture->client);
  g_main_context_iteration (fixture->context, FALSE);
}

static gboolean
disconnect_cb (gpointer data)
{
  LocalFixture *fixture = data;

  qnet_local_socket_disconnect_from_server_async (fixture->client, 0, NULL, NULL, NULL);

  return G_SOURCE_REMOVE;
}

/* GTask calls back at once if the loop was iterated since it was created, and releases the socket
 * then. */
static void
test_drop_in_pair (LocalFixture  *fixture,
                   gconstpointer  data)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_test_summary ("A handler may drop the last reference, and turn the loop, inside the call "
                  "that disconnects.");

  local_fixture_connect (fixture);
  g_signal_connect_swapped (fixture->client, "disconnected", G_CALLBACK (drop_and_turn_cb),
                            fixture);
  g_source_set_callback (source, disconnect_cb, fixture, NULL);
  g_source_attach (source, fixture->context);
  local_fixture_await (fixture, fixture->client == NULL);
}

static void
test_cancel (LocalFixture  *fixture,
             gconstpointer  data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_test_summary ("Cancelling aborts the attempt.");

  local_fixture_listen (fixture);
  g_cancellable_cancel (cancellable);
  qnet_local_socket_connect_to_server_async (fixture->client, fixture->path, 0, cancellable,
                                             result_cb, &result);
  local_fixture_await (fixture, result != NULL);
  g_assert_false (qnet_local_socket_connect_to_server_finish (fixture->client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
}

/* Descriptors of the connection */

static void
test_descriptor (LocalFixture  *fixture,
                 gconstpointer  data)
{
  int pair[2], datagrams[2], listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_autoptr(GError) error = NULL;

  g_test_summary ("One end of a socketpair is taken over; datagrams, and what is not connected, "
                  "are refused and stay open.");

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, datagrams));
  g_assert_false (qnet_socket_set_fd (QNET_SOCKET (fixture->client), datagrams[0],
                                      QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE,
                                      &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_false (qnet_socket_set_fd (QNET_SOCKET (fixture->client), listener,
                                      QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE,
                                      NULL));
  g_assert_false (qnet_socket_set_fd (QNET_SOCKET (fixture->client), pair[0],
                                      QNET_SOCKET_STATE_CLOSING, QNET_OPEN_MODE_READ_WRITE, NULL));
  g_assert_false (qnet_socket_set_fd (QNET_SOCKET (fixture->client), -1,
                                      QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE,
                                      NULL));
  g_assert_no_errno (close (datagrams[0]));
  g_assert_no_errno (close (datagrams[1]));
  g_assert_no_errno (close (listener));

  g_assert_true (qnet_socket_set_fd (QNET_SOCKET (fixture->client), pair[0],
                                     QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE, NULL));
  local_fixture_assert_log (fixture, "connected");
  g_assert_null (qnet_local_socket_get_full_server_name (fixture->client));
  g_assert_cmpint (write (pair[1], "hello", 5), ==, 5);
  local_fixture_assert_gets (fixture, fixture->client, "hello");
  close (pair[1]);
}

static void
test_gio (LocalFixture  *fixture,
          gconstpointer  data)
{
  g_autoptr(GSocketConnection) connection = NULL;
  g_autoptr(QnetLocalSocket) again = NULL;
  g_autoptr(GError) error = NULL;
  guint n_descriptors;

  g_test_summary ("The connection can be GIO's, and ours again; no descriptor is lost on the way.");

  local_fixture_connect (fixture);
  qnet_local_socket_set_fd_limit (fixture->client, 3);
  g_assert_cmpint (g_socket_get_family (qnet_socket_get_socket (QNET_SOCKET (fixture->client))), ==,
                   G_SOCKET_FAMILY_UNIX);
  qnet_socket_abort (QNET_SOCKET (fixture->client));
  g_clear_object (&fixture->accepted);
  local_fixture_connect (fixture);

  n_descriptors = count_descriptors ();
  connection = qnet_socket_steal_connection (QNET_SOCKET (fixture->client), NULL);
  g_assert_true (G_IS_SOCKET_CONNECTION (connection));
  g_assert_null (qnet_socket_steal_connection (QNET_SOCKET (fixture->client), &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);

  again = qnet_local_socket_new_from_connection (connection, NULL);
  g_assert_nonnull (again);
  g_clear_object (&connection);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
  write_text (again, "again");
  local_fixture_assert_gets (fixture, fixture->accepted, "again");
}

static void
connect_to (LocalFixture   *fixture,
            GSocketAddress *address)
{
  qnet_local_socket_connect_to_connectable (fixture->client, G_SOCKET_CONNECTABLE (address));
  local_fixture_await (fixture, qnet_socket_get_state (QNET_SOCKET (fixture->client))
                                  != QNET_SOCKET_STATE_CONNECTING);
}

static void
test_connectable (LocalFixture  *fixture,
                  gconstpointer  data)
{
  g_autofree char *name = g_strdup_printf ("qnet-test-%d", getpid ());
  g_autoptr(GSocketAddress) path = g_unix_socket_address_new (fixture->path);
  g_autoptr(GSocketAddress) abstract
    = g_unix_socket_address_new_with_type (name, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  QnetSocket *client = QNET_SOCKET (fixture->client);

  g_test_summary ("A GUnixSocketAddress is connected to, by its path or in the abstract "
                  "namespace.");

  local_fixture_listen (fixture);
  connect_to (fixture, path);
  g_assert_cmpint (qnet_socket_get_state (client), ==, QNET_SOCKET_STATE_CONNECTED);
  qnet_socket_abort (client);
  qnet_server_close (SERVER (fixture->server));

  qnet_local_server_set_access (fixture->server, QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE);
  g_assert_true (qnet_local_server_listen (fixture->server, name, NULL));
  connect_to (fixture, abstract);
  g_assert_cmpint (qnet_socket_get_state (client), ==, QNET_SOCKET_STATE_CONNECTED);
}

/* The server is in the parent of "inside"; the name "link" in that of the test is another way
 * there. */
static void
test_connectable_link (LocalFixture  *fixture,
                       gconstpointer  data)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  g_autofree char *name = g_path_get_basename (fixture->path);
  g_autofree char *inside = g_build_filename (folder, "inside", NULL);
  g_autofree char *elsewhere = g_build_filename (folder, "elsewhere", NULL);
  g_autofree char *link = g_build_filename (elsewhere, "link", NULL);
  g_autofree char *path = g_build_filename (link, "..", name, NULL);
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);

  g_test_summary ("The parent of a symbolic link is that of its target, as for the kernel.");

  g_assert_no_errno (g_mkdir (inside, 0700));
  g_assert_no_errno (g_mkdir (elsewhere, 0700));
  g_assert_no_errno (symlink (inside, link));
  local_fixture_listen (fixture);

  connect_to (fixture, address);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (fixture->client)), ==,
                   QNET_SOCKET_STATE_CONNECTED);

  g_assert_no_errno (g_unlink (link));
  g_assert_no_errno (g_rmdir (elsewhere));
  g_assert_no_errno (g_rmdir (inside));
}

static void
test_connectable_other (LocalFixture  *fixture,
                        gconstpointer  data)
{
  g_autoptr(GSocketAddress) inet = g_inet_socket_address_new_from_string ("127.0.0.1", 80);
  g_autoptr(GSocketAddress) anonymous
    = g_unix_socket_address_new_with_type ("", 0, G_UNIX_SOCKET_ADDRESS_ANONYMOUS);
  GSocketAddress *others[] = { inet, anonymous };

  g_test_summary ("Any other address is refused.");

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      connect_to (fixture, others[i]);
      local_fixture_settle (fixture);
      g_assert_error (qnet_io_device_get_error (DEVICE (fixture->client)), QNET_SOCKET_ERROR,
                      QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
    }
}

static void
test_gio_other (LocalFixture  *fixture,
                gconstpointer  data)
{
  g_autoptr(GSocket) unconnected = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                                                 G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_autoptr(GSocket) tcp = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                         G_SOCKET_PROTOCOL_DEFAULT, NULL);
  GSocket *others[] = { unconnected, tcp };
  guint n_descriptors = count_descriptors ();

  g_test_summary ("A connection of GIO's that is none, or none between programs here, is "
                  "refused; no descriptor is lost.");

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr(GSocketConnection) connection =
        g_socket_connection_factory_create_connection (others[i]);
      g_autoptr(GError) error = NULL;

      g_assert_null (qnet_local_socket_new_from_connection (connection, &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
      g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
    }
}

static void
test_credentials (LocalFixture  *fixture,
                  gconstpointer  data)
{
  GCredentials *credentials;

  g_test_summary ("Both ends know who is at the other, and no descriptor is kept for it.");

  g_assert_null (qnet_local_socket_get_peer_credentials (fixture->client));
  local_fixture_connect (fixture);
  guint n_descriptors = count_descriptors ();
  credentials = qnet_local_socket_get_peer_credentials (fixture->accepted);
  g_assert_cmpint (g_credentials_get_unix_pid (credentials, NULL), ==, getpid ());
  g_assert_cmpint (g_credentials_get_unix_user (credentials, NULL), ==, getuid ());
  g_object_get (fixture->client, "peer-credentials", &credentials, NULL);
  g_assert_cmpint (g_credentials_get_unix_pid (credentials, NULL), ==, getpid ());
#ifdef __linux__
  struct ucred *native = g_credentials_get_native (credentials, G_CREDENTIALS_TYPE_LINUX_UCRED);

  g_assert_cmpint (native->gid, ==, getgid ());
#endif
  g_object_unref (credentials);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

static void
credentials_cb (QnetLocalSocket *socket,
                GParamSpec      *pspec,
                GString         *log)
{
  gboolean is_known = qnet_local_socket_get_peer_credentials (socket) != NULL;

  g_string_append_printf (log, "%s;", is_known ? "known" : "none");
}

static void
test_credentials_notify (LocalFixture  *fixture,
                         gconstpointer  data)
{
  g_autoptr(GString) log = g_string_new (NULL);

  g_test_summary ("The credentials of the peer notify when they are there, and when they are not "
                  "any more.");

  g_signal_connect (fixture->client, "notify::peer-credentials", G_CALLBACK (credentials_cb), log);
  local_fixture_connect (fixture);
  g_assert_cmpstr (log->str, ==, "known;");
  qnet_local_socket_disconnect_from_server (fixture->client);
  local_fixture_settle (fixture);
  g_assert_cmpstr (log->str, ==, "known;none;");
  g_signal_handlers_disconnect_by_func (fixture->client, credentials_cb, log);
}

#ifdef __linux__

#define CANNOT 77

/* As process 1 of a PID namespace of its own, which does not see who has made the descriptor. */
static int
look_from_inside (int fd)
{
  g_autoptr(QnetLocalSocket) socket = qnet_local_socket_new ();
  GCredentials *credentials;

  if (!qnet_socket_set_fd (QNET_SOCKET (socket), fd, QNET_SOCKET_STATE_CONNECTED,
                                                QNET_OPEN_MODE_READ_WRITE, NULL))
    return 1;

  credentials = qnet_local_socket_get_peer_credentials (socket);

  return g_credentials_get_unix_user (credentials, NULL) == getuid ()
         && g_credentials_get_unix_pid (credentials, NULL) == -1 ? 0 : 2;
}

static int
run_inside (int fd)
{
  int status = 0;
  pid_t child;

  if (unshare (CLONE_NEWPID) != 0)
    return CANNOT;

  child = fork ();
  if (child == 0)
    _exit (look_from_inside (fd));

  if (child < 0 || waitpid (child, &status, 0) != child || !WIFEXITED (status))
    return CANNOT;

  return WEXITSTATUS (status);
}

static void
test_credentials_pid_namespace (LocalFixture  *fixture,
                                gconstpointer  data)
{
  int fds[2], status;
  pid_t child;

  g_test_summary ("Of a peer in a PID namespace that cannot be seen the user is known, and the "
                  "process is -1.");

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
  child = fork ();
  if (child == 0)
    _exit (run_inside (fds[1]));

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  close (fds[0]);
  close (fds[1]);
  g_assert_true (WIFEXITED (status));

  if (WEXITSTATUS (status) == CANNOT)
    g_test_skip ("it may not make a PID namespace");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

#endif

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  local_fixture_add ("/local-socket/states", test_states);
  local_fixture_add ("/local-socket/name-property", test_name_property);
  local_fixture_add ("/local-socket/credentials/notify", test_credentials_notify);
#ifdef __linux__
  local_fixture_add ("/local-socket/credentials/other-pid-namespace-gives-the-user",
                     test_credentials_pid_namespace);
#endif
  local_fixture_add ("/local-socket/bad-names", test_bad_names);
  local_fixture_add ("/local-socket/twice", test_twice);
  local_fixture_add ("/local-socket/full-queue", test_full_queue);
  local_fixture_add ("/local-socket/bytes", test_bytes);
  local_fixture_add ("/local-socket/peer-closes", test_peer_closes);
  local_fixture_add ("/local-socket/close", test_close);
  local_fixture_add ("/local-socket/half-open", test_half_open);
  local_fixture_add ("/local-socket/pause", test_pause);
  local_fixture_add ("/local-socket/pause/end-is-noticed", test_pause_and_end);
  local_fixture_add ("/local-socket/full/end-is-noticed", test_full_and_end);
  local_fixture_add ("/local-socket/last-bytes", test_last_bytes);
  local_fixture_add ("/local-socket/abort", test_abort);
  local_fixture_add ("/local-socket/timeouts", test_timeouts);
  local_fixture_add ("/local-socket/properties", test_properties);
  local_fixture_add ("/local-socket/waits", test_waits);
  local_fixture_add ("/local-socket/waits/worker", test_worker);
  local_fixture_add ("/local-socket/pairs", test_pairs);
  local_fixture_add ("/local-socket/pairs/drop", test_drop_in_pair);
  local_fixture_add ("/local-socket/cancel", test_cancel);
  local_fixture_add ("/local-socket/descriptor", test_descriptor);
  local_fixture_add ("/local-socket/gio", test_gio);
  local_fixture_add ("/local-socket/gio/other", test_gio_other);
  local_fixture_add ("/local-socket/connectable", test_connectable);
  local_fixture_add ("/local-socket/connectable/link", test_connectable_link);
  local_fixture_add ("/local-socket/connectable/other", test_connectable_other);
  local_fixture_add ("/local-socket/credentials", test_credentials);

  return g_test_run ();
}
