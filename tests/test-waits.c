/* test-waits.c: what a wait returns depends on what happened inside it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/pair.h"
#include "common/silent-resolver.h"
#include "common/socket-fixture.h"

/* Connecting inside the call */

typedef struct
{
  const char *name;
  void      (*dial) (SocketFixture *fixture);
} Dial;

static void
dial_text (SocketFixture *fixture)
{
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
}

static void
dial_address (SocketFixture *fixture)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  qnet_abstract_socket_connect_to_address (ABSTRACT (fixture->socket), address, fixture->port);
}

static void
dial_from_bound (SocketFixture *fixture)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  qnet_abstract_socket_bind (ABSTRACT (fixture->socket), address, 0,
                             QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error);
  g_assert_no_error (error);
  socket_fixture_forget_log (fixture);
  dial_text (fixture);
}

static void
dial_async (SocketFixture *fixture)
{
  qnet_abstract_socket_connect_to_host_async (ABSTRACT (fixture->socket), "127.0.0.1",
                                              fixture->port, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

static const Dial dials[] = {
  { "text", dial_text },
  { "address", dial_address },
  { "from-bound", dial_from_bound },
  { "async", dial_async },
};

static void
set_listener_nonblocking (SocketFixture *fixture)
{
  g_assert_no_errno (fcntl (fixture->listener, F_SETFL, O_NONBLOCK));
}

static void
test_dialled (SocketFixture *fixture,
              gconstpointer  data)
{
  const Dial *dial = data;

  g_test_summary ("Connecting to an address starts inside the call: the peer can accept before "
                  "any iteration of the loop. Only the state is reported before.");

  set_listener_nonblocking (fixture);
  dial->dial (fixture);
  socket_fixture_accept (fixture);
  socket_fixture_assert_log (fixture, "connecting");

  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_assert_log (fixture, "host-found connected connected");
}

static void
test_dialled_by_proxy (SocketFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "127.0.0.1",
                                                              fixture->port, NULL, NULL);

  g_test_summary ("No lookup is made for a name that is sent to a proxy at an address: the state "
                  "is never HOST_LOOKUP.");

  qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), proxy);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "example.test", 80);
  socket_fixture_assert_log (fixture, "connecting");
}

static void
test_dialled_and_refused (SocketFixture *fixture,
                          gconstpointer  data)
{
  const char *host = data;

  g_test_summary ("A failure inside the call is reported in the next iteration.");

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), host, find_closed_port ());
  socket_fixture_assert_log (fixture, "connecting");
  g_assert_null (qnet_io_device_get_error (DEVICE (fixture->socket)));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_nonnull (strstr (fixture->log->str, "unconnected error:"));
}

/* One thread, both ends */

static gboolean
take_from_server (QnetTcpServer *server)
{
  g_autoptr(QnetTcpSocket) taken = qnet_tcp_server_next_pending_connection (server);

  return taken != NULL;
}

static void
connect_to_server (SocketFixture *fixture,
                   QnetTcpServer *server)
{
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1",
                                        qnet_tcp_server_get_server_port (server));
}

static QnetTcpServer *
start_tcp_server (void)
{
  QnetTcpServer *server = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  qnet_tcp_server_listen (server, address, 0, &error);
  g_assert_no_error (error);

  return server;
}

static void
test_one_thread (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetTcpServer) server = start_tcp_server ();
  g_autoptr(GError) error = NULL;

  g_test_summary ("A client connects, the server waits, the client waits: in one thread, without "
                  "a loop.");

  connect_to_server (fixture, server);
  g_assert_true (qnet_server_wait_for_new_connection (QNET_SERVER (server), 5000, &error));
  g_assert_no_error (error);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), 5000,
                                                          &error));
  g_assert_no_error (error);
  g_assert_true (take_from_server (server));
}

typedef enum
{
  SERVER_TCP,
  SERVER_LOCAL
} ServerKind;

static QnetServer *
start_any_server (ServerKind   kind,
                  char       **out_path)
{
  QnetServer *server;

  *out_path = NULL;
  if (kind == SERVER_LOCAL)
    {
      *out_path = g_strdup_printf ("%s/qnet-waits-%d", g_get_tmp_dir (), (int) getpid ());
      server = QNET_SERVER (qnet_local_server_new ());
      g_assert_true (qnet_local_server_listen (QNET_LOCAL_SERVER (server), *out_path, NULL));
      return server;
    }

  return QNET_SERVER (start_tcp_server ());
}

static QnetIODevice *
dial_any_server (QnetServer *server,
                 const char *path)
{
  if (path != NULL)
    {
      QnetLocalSocket *socket = qnet_local_socket_new ();

      qnet_local_socket_connect_to_server (socket, path);
      return QNET_IO_DEVICE (socket);
    }
  else
    {
      QnetTcpSocket *socket = qnet_tcp_socket_new ();

      qnet_abstract_socket_connect_to_host (
        ABSTRACT (socket), "127.0.0.1", qnet_tcp_server_get_server_port (QNET_TCP_SERVER (server)));
      return QNET_IO_DEVICE (socket);
    }
}

static gboolean
take_any (QnetServer *server)
{
  g_autoptr(QnetIODevice) taken = NULL;

  if (QNET_IS_LOCAL_SERVER (server))
    taken = QNET_IO_DEVICE (qnet_local_server_next_pending_connection (QNET_LOCAL_SERVER (server)));
  else
    taken = QNET_IO_DEVICE (qnet_tcp_server_next_pending_connection (QNET_TCP_SERVER (server)));

  return taken != NULL;
}

static void
assert_server_wait (QnetServer *server,
                    int         msecs,
                    int         code)    /* -2: it succeeds */
{
  g_autoptr(GError) error = NULL;
  gboolean is_timed_out = FALSE;
  gint64 begin = g_get_monotonic_time ();
  gboolean result = qnet_server_wait_for_new_connection_full (server, msecs, &is_timed_out, NULL,
                                                              &error);

  g_assert_cmpint (g_get_monotonic_time () - begin, <, 2 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (is_timed_out, ==, code == QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  if (code == -2)
    g_assert_no_error (error);
  else
    g_assert_error (error, QNET_SOCKET_ERROR, code);
  g_assert_cmpint (result, ==, code == -2);
}

static void
take_cb (QnetServer *server)
{
  take_any (server);
}

static void
serve_without_loop (ServerKind kind)
{
  g_autofree char *path = NULL;
  g_autoptr(QnetServer) server = start_any_server (kind, &path);
  G_GNUC_UNUSED g_autoptr(QnetIODevice) first = dial_any_server (server, path);
  G_GNUC_UNUSED g_autoptr(QnetIODevice) second = dial_any_server (server, path);
  g_autoptr(QnetIODevice) third = NULL;

  /* Wait, take, wait, take: both were accepted by the first wait. */
  assert_server_wait (server, 5000, -2);
  assert_server_wait (server, 5000, -2);
  g_assert_true (take_any (server));
  assert_server_wait (server, 5000, -2);
  g_assert_true (take_any (server));
  g_assert_false (take_any (server));
  assert_server_wait (server, 20, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);

  /* A pending connection can be taken even if no more are accepted. */
  third = dial_any_server (server, path);
  assert_server_wait (server, 5000, -2);
  qnet_server_pause_accepting (server);
  assert_server_wait (server, 5000, -2);
  g_assert_true (take_any (server));
  assert_server_wait (server, 5000, QNET_SOCKET_ERROR_OPERATION);
  qnet_server_resume_accepting (server);

  /* A handler has taken it: it ends the wait all the same. */
  g_signal_connect (server, "new-connection", G_CALLBACK (take_cb), NULL);
  g_object_unref (dial_any_server (server, path));
  assert_server_wait (server, 5000, -2);
  g_assert_false (take_any (server));

  qnet_server_close (server);
  assert_server_wait (server, 5000, QNET_SOCKET_ERROR_OPERATION);
}

static gpointer
serve_in_thread (gpointer data)
{
  serve_without_loop (GPOINTER_TO_INT (data));

  return NULL;
}

static void
test_server (gconstpointer data)
{
  g_autoptr(GMainContext) context = g_main_context_new ();

  g_test_summary ("A wait of a server returns at once while a connection is pending, and where "
                  "none can arrive.");

  g_main_context_push_thread_default (context);
  serve_without_loop (GPOINTER_TO_INT (data));
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_main_context_pop_thread_default (context);

  g_thread_join (g_thread_new ("detached", serve_in_thread, (gpointer) data));
}

static void
test_not_taken (SocketFixture *fixture,
                gconstpointer  data)
{
  g_autoptr(QnetTcpServer) server = start_tcp_server ();
  g_autoptr(QnetIODevice) connection = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("A connection that was not taken from its server is not read: waiting for its "
                  "bytes fails at once.");

  connect_to_server (fixture, server);
  socket_fixture_write (fixture, "hello");
  g_assert_true (qnet_server_wait_for_new_connection (QNET_SERVER (server), 5000, NULL));
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), 5000, NULL));
  connection = g_list_model_get_item (qnet_server_get_connections (QNET_SERVER (server)), 0);
  g_assert_false (qnet_io_device_wait_for_ready_read (connection, -1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);

  g_assert_true (take_from_server (server));
  g_assert_true (qnet_io_device_wait_for_ready_read (connection, 5000, NULL));
}

static void
add_dialling_tests (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (dials); i++)
    {
      g_autofree char *path = g_strdup_printf ("/waits/connecting-in-the-call/%s", dials[i].name);

      g_test_add (path, SocketFixture, &dials[i], socket_fixture_set_up, test_dialled,
                  socket_fixture_tear_down);
    }

  g_test_add ("/waits/connecting-in-the-call/refused", SocketFixture, "127.0.0.1",
              socket_fixture_set_up, test_dialled_and_refused, socket_fixture_tear_down);
  g_test_add ("/waits/connecting-in-the-call/no-way", SocketFixture, "fe80::1",
              socket_fixture_set_up, test_dialled_and_refused, socket_fixture_tear_down);
  socket_fixture_add ("/waits/connecting-in-the-call/proxy", test_dialled_by_proxy);
  socket_fixture_add ("/waits/one-thread", test_one_thread);
  socket_fixture_add ("/waits/ready-read/not-taken", test_not_taken);
  g_test_add_data_func ("/waits/new-connection/tcp", GINT_TO_POINTER (SERVER_TCP), test_server);
  g_test_add_data_func ("/waits/new-connection/local", GINT_TO_POINTER (SERVER_LOCAL), test_server);
}

/* The table of waits: each in each state, with what happens meanwhile, on TCP and local sockets,
 * attached and detached, with and without a limit of the read buffer */

#define CLOG_SIZE (16 * 1024 * 1024)  /* more than the kernel takes */
#define SOON      2000                /* milliseconds: what fails at once has failed before */

typedef struct _Scenario Scenario;

typedef enum
{
  TCP,
  LOCAL
} Kind;

struct _Scenario
{
  Kind          kind;
  QnetIODevice *device;    /* (owned) */
  int           listener;  /* (owned), non-blocking */
  int           peer;      /* (owned), or -1 */
  guint16       port;
  char         *path;      /* (owned) (nullable) */
  void        (*act) (Scenario *scenario);
  guint         n_acts;
};

typedef gboolean (*Wait) (Scenario   *scenario,
                          int      msecs,
                          GError **error);

/* Both kinds of sockets */

static void
dial_listener (Scenario *scenario)
{
  if (scenario->kind == TCP)
    qnet_abstract_socket_connect_to_host (ABSTRACT (scenario->device), "127.0.0.1", scenario->port);
  else
    qnet_local_socket_connect_to_server (QNET_LOCAL_SOCKET (scenario->device), scenario->path);
}

static void
abort_socket (Scenario *scenario)
{
  if (scenario->kind == TCP)
    qnet_socket_abort (QNET_SOCKET (scenario->device));
  else
    qnet_socket_abort (QNET_SOCKET (scenario->device));
}

static void
disconnect_socket (Scenario *scenario)
{
  if (scenario->kind == TCP)
    qnet_abstract_socket_disconnect_from_host (ABSTRACT (scenario->device));
  else
    qnet_local_socket_disconnect_from_server (QNET_LOCAL_SOCKET (scenario->device));
}

static void
pause_socket (Scenario *scenario)
{
  if (scenario->kind == TCP)
    qnet_socket_pause_reading (QNET_SOCKET (scenario->device));
  else
    qnet_socket_pause_reading (QNET_SOCKET (scenario->device));
}

static gboolean
wait_connected (Scenario  *scenario,
                int        msecs,
                GError   **error)
{
  if (scenario->kind == TCP)
    return qnet_socket_wait_for_connected (QNET_SOCKET (scenario->device), msecs, error);

  return qnet_socket_wait_for_connected (QNET_SOCKET (scenario->device), msecs, error);
}

static gboolean
wait_disconnected (Scenario  *scenario,
                   int        msecs,
                   GError   **error)
{
  if (scenario->kind == TCP)
    return qnet_socket_wait_for_disconnected (QNET_SOCKET (scenario->device), msecs, error);

  return qnet_socket_wait_for_disconnected (QNET_SOCKET (scenario->device), msecs,
                                                  error);
}

static gboolean
wait_ready_read (Scenario  *scenario,
                 int        msecs,
                 GError   **error)
{
  return qnet_io_device_wait_for_ready_read (scenario->device, msecs, error);
}

static gboolean
wait_bytes_written (Scenario  *scenario,
                    int        msecs,
                    GError   **error)
{
  return qnet_io_device_wait_for_bytes_written (scenario->device, msecs, error);
}

static void
write_text (Scenario   *scenario,
            const char *text)
{
  qnet_io_device_write_string (scenario->device, text, NULL);
}

static void
write_much (Scenario *scenario)
{
  g_autofree char *text = g_strnfill (CLOG_SIZE, 'x');

  write_text (scenario, text);
}

/* States */

static void
unconnected (Scenario *scenario)
{
}

static void
accept_peer (Scenario *scenario)
{
  scenario->peer = accept4 (scenario->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  g_assert_cmpint (scenario->peer, >=, 0);
}

/* Connecting, and not reported yet. */
static void
connecting (Scenario *scenario)
{
  dial_listener (scenario);
  accept_peer (scenario);
}

static void
connected (Scenario *scenario)
{
  GError *error = NULL;

  connecting (scenario);
  g_assert_true (wait_connected (scenario, SOON, &error));
  g_assert_no_error (error);
}

static void
connecting_and_written (Scenario *scenario)
{
  connecting (scenario);
  write_text (scenario, "early");
}

/* Qt's idiom for one short message */
static void
connecting_and_leaving (Scenario *scenario)
{
  connecting (scenario);
  write_text (scenario, "b");
  disconnect_socket (scenario);
}

static void
written (Scenario *scenario)
{
  connected (scenario);
  write_text (scenario, "late");
}

static void
clogged (Scenario *scenario)
{
  connected (scenario);
  write_much (scenario);
  while (qnet_io_device_wait_for_bytes_written (scenario->device, 20, NULL))
    continue;
}

static void
closing (Scenario *scenario)
{
  connected (scenario);
  write_text (scenario, "last");
  disconnect_socket (scenario);
}

static void
paused (Scenario *scenario)
{
  connected (scenario);
  pause_socket (scenario);
}

static void
unread (Scenario *scenario)
{
  connected (scenario);
  pair_send (scenario->peer, "unread");
  g_assert_true (wait_ready_read (scenario, SOON, NULL));
}

static void
full (Scenario *scenario)
{
  qnet_io_device_set_read_buffer_size (scenario->device, 3);
  unread (scenario);
}

static void
not_readable (Scenario *scenario)
{
  if (scenario->kind == TCP)
    qnet_abstract_socket_connect_to_host_full (ABSTRACT (scenario->device), "127.0.0.1",
                                               scenario->port, QNET_OPEN_MODE_WRITE_ONLY,
                                               QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
  else
    qnet_local_socket_connect_to_server_full (QNET_LOCAL_SOCKET (scenario->device), scenario->path,
                                              QNET_OPEN_MODE_WRITE_ONLY);

  accept_peer (scenario);
  g_assert_true (wait_connected (scenario, SOON, NULL));
}

static void
half_open (Scenario *scenario)
{
  g_object_set (scenario->device, "allow-half-open", TRUE, NULL);
  connected (scenario);
}

/* The listener is closed, but its file is left. */
static void
refused (Scenario *scenario)
{
  close (scenario->listener);
  scenario->listener = -1;
  dial_listener (scenario);
}

static void
refused_and_written (Scenario *scenario)
{
  refused (scenario);
  write_text (scenario, "lost");
}

static void
refused_and_leaving (Scenario *scenario)
{
  refused (scenario);
  disconnect_socket (scenario);
}

/* What the peer does before the wait, which sees it */

static void
nothing (Scenario *scenario)
{
}

static void
sends (Scenario *scenario)
{
  pair_send (scenario->peer, "hello");
}

static void
ends (Scenario *scenario)
{
  g_assert_no_errno (shutdown (scenario->peer, SHUT_WR));
}

static void
sends_and_ends (Scenario *scenario)
{
  sends (scenario);
  ends (scenario);
}

/* What a handler does inside the wait, once */

static int
open_listener_again (Scenario *scenario);

static void
connect_again (Scenario *scenario)
{
  abort_socket (scenario);
  if (scenario->listener < 0)
    scenario->listener = open_listener_again (scenario);
  dial_listener (scenario);
}

static void
read_all (Scenario *scenario)
{
  gsize length;

  g_free (qnet_io_device_read_all (scenario->device, &length));
}

static void
write_unread (Scenario *scenario)
{
  write_text (scenario, "not read");
}

static void
close_permanently (Scenario *scenario)
{
  g_assert_true (g_io_stream_close (G_IO_STREAM (scenario->device), NULL, NULL));
}

#define OPERATION QNET_SOCKET_ERROR_OPERATION
#define TIMEOUT   QNET_SOCKET_ERROR_SOCKET_TIMEOUT
#define CLOSED    QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED
#define REFUSED   QNET_SOCKET_ERROR_CONNECTION_REFUSED
#define SUCCESS   (-2)

typedef struct
{
  const char *wait_name;
  Wait        wait;
  const char *state_name;
  void      (*prepare) (Scenario *scenario);
  const char *meanwhile;
  void      (*peer_does) (Scenario *scenario);
  const char *signal;  /* (nullable) */
  const char *act_name;
  void      (*act) (Scenario *scenario);
  int         expected;
} Row;

#define ROW(wait, state, meanwhile, signal, act, expected) \
  { #wait, wait_##wait, #state, state, #meanwhile, meanwhile, signal, #act, act, expected }

static const Row rows[] = {
  ROW (connected, unconnected, nothing, NULL, nothing, OPERATION),
  ROW (connected, connecting, nothing, NULL, nothing, SUCCESS),
  ROW (connected, connected, nothing, NULL, nothing, SUCCESS),
  ROW (connected, connecting_and_leaving, nothing, NULL, nothing, SUCCESS),
  ROW (connected, connecting, nothing, "connected", abort_socket, SUCCESS),
  ROW (connected, connecting, nothing, "connected", disconnect_socket, SUCCESS),
  ROW (connected, connecting, nothing, "connected", connect_again, SUCCESS),
  ROW (connected, connecting, nothing, "connected", close_permanently, SUCCESS),
  ROW (connected, connecting, nothing, "connected", write_unread, SUCCESS),
  ROW (connected, connecting, ends, "connected", pause_socket, SUCCESS),
  ROW (connected, connecting, nothing, "host-found", abort_socket, OPERATION),
  ROW (connected, connecting, nothing, "host-found", connect_again, SUCCESS),
  ROW (connected, connecting, nothing, "notify::state", abort_socket, OPERATION),
  ROW (connected, refused, nothing, NULL, nothing, REFUSED),
  ROW (connected, refused, nothing, "error-occurred", write_unread, REFUSED),
  ROW (connected, refused, nothing, "error-occurred", abort_socket, REFUSED),
  ROW (connected, refused, nothing, "error-occurred", connect_again, SUCCESS),

  ROW (ready_read, unconnected, nothing, NULL, nothing, OPERATION),
  ROW (ready_read, connected, nothing, NULL, nothing, TIMEOUT),
  ROW (ready_read, connected, sends, NULL, nothing, SUCCESS),
  ROW (ready_read, connected, sends, "ready-read", read_all, SUCCESS),
  ROW (ready_read, connected, sends, "ready-read", abort_socket, SUCCESS),
  ROW (ready_read, connected, sends, "ready-read", connect_again, SUCCESS),
  ROW (ready_read, connected, sends, "ready-read", pause_socket, SUCCESS),
  ROW (ready_read, connected, sends, "ready-read", close_permanently, SUCCESS),
  ROW (ready_read, connected, sends_and_ends, NULL, nothing, SUCCESS),
  ROW (ready_read, connected, ends, NULL, nothing, CLOSED),
  ROW (ready_read, connected, ends, "disconnected", connect_again, CLOSED),
  ROW (ready_read, connected, ends, "error-occurred", connect_again, CLOSED),
  ROW (ready_read, connected, ends, "error-occurred", write_unread, CLOSED),
  ROW (ready_read, half_open, ends, NULL, nothing, CLOSED),
  ROW (ready_read, half_open, ends, "read-channel-finished", abort_socket, CLOSED),
  ROW (ready_read, connecting, sends, NULL, nothing, SUCCESS),
  ROW (ready_read, connecting, nothing, "connected", abort_socket, CLOSED),
  ROW (ready_read, connecting, nothing, "connected", connect_again, CLOSED),
  ROW (ready_read, connecting, sends, "connected", pause_socket, OPERATION),
  ROW (ready_read, connecting, nothing, "connected", pause_socket, OPERATION),
  ROW (ready_read, refused, nothing, NULL, nothing, REFUSED),
  ROW (ready_read, refused, nothing, "error-occurred", connect_again, REFUSED),
  ROW (ready_read, paused, sends, NULL, nothing, OPERATION),
  ROW (ready_read, full, sends, NULL, nothing, OPERATION),
  ROW (ready_read, not_readable, sends, NULL, nothing, OPERATION),
  ROW (ready_read, unread, nothing, NULL, nothing, TIMEOUT),
  ROW (ready_read, clogged, sends, NULL, nothing, SUCCESS),

  ROW (bytes_written, unconnected, nothing, NULL, nothing, OPERATION),
  ROW (bytes_written, connected, nothing, NULL, nothing, OPERATION),
  ROW (bytes_written, written, nothing, NULL, nothing, SUCCESS),
  ROW (bytes_written, written, nothing, "bytes-written", abort_socket, SUCCESS),
  ROW (bytes_written, written, nothing, "bytes-written", connect_again, SUCCESS),
  ROW (bytes_written, written, nothing, "bytes-written", disconnect_socket, SUCCESS),
  ROW (bytes_written, written, nothing, "bytes-written", close_permanently, SUCCESS),
  ROW (bytes_written, connecting_and_written, nothing, NULL, nothing, SUCCESS),
  ROW (bytes_written, connecting_and_leaving, nothing, NULL, nothing, SUCCESS),
  ROW (bytes_written, connecting_and_written, nothing, "connected", abort_socket, CLOSED),
  ROW (bytes_written, connecting_and_written, nothing, "connected", connect_again, CLOSED),
  ROW (bytes_written, refused_and_written, nothing, NULL, nothing, REFUSED),
  ROW (bytes_written, refused_and_written, nothing, "error-occurred", connect_again, REFUSED),
  ROW (bytes_written, clogged, nothing, NULL, nothing, TIMEOUT),
  ROW (bytes_written, clogged, sends, "ready-read", abort_socket, CLOSED),
  ROW (bytes_written, closing, nothing, NULL, nothing, SUCCESS),
  ROW (bytes_written, closing, nothing, "disconnected", connect_again, SUCCESS),

  ROW (disconnected, unconnected, nothing, NULL, nothing, OPERATION),
  ROW (disconnected, connected, nothing, NULL, nothing, TIMEOUT),
  ROW (disconnected, connected, ends, NULL, nothing, SUCCESS),
  ROW (disconnected, connected, ends, "disconnected", connect_again, SUCCESS),
  ROW (disconnected, connected, ends, "error-occurred", abort_socket, SUCCESS),
  ROW (disconnected, connected, ends, "error-occurred", connect_again, SUCCESS),
  ROW (disconnected, connected, sends_and_ends, "ready-read", connect_again, SUCCESS),
  ROW (disconnected, connected, sends, "ready-read", abort_socket, SUCCESS),
  ROW (disconnected, connected, sends, "ready-read", close_permanently, SUCCESS),
  ROW (disconnected, half_open, ends, NULL, nothing, OPERATION),
  ROW (disconnected, half_open, ends, "read-channel-finished", disconnect_socket, SUCCESS),
  ROW (disconnected, closing, nothing, NULL, nothing, SUCCESS),
  ROW (disconnected, closing, nothing, "disconnected", connect_again, SUCCESS),
  ROW (disconnected, closing, nothing, "bytes-written", abort_socket, SUCCESS),
  ROW (disconnected, paused, ends, NULL, nothing, SUCCESS),
  ROW (disconnected, full, ends, NULL, nothing, SUCCESS),
  ROW (disconnected, connecting_and_leaving, nothing, NULL, nothing, SUCCESS),
  ROW (disconnected, connecting, nothing, "connected", abort_socket, SUCCESS),
  ROW (disconnected, connecting, nothing, "host-found", abort_socket, OPERATION),
  ROW (disconnected, refused, nothing, NULL, nothing, REFUSED),
  ROW (disconnected, refused_and_leaving, nothing, NULL, nothing, REFUSED),
};

/* Running a row */

typedef struct
{
  const Row *row;
  Kind       kind;
  gboolean   is_detached;
  gboolean   is_limited;
} Run;

static int
open_local_listener (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  unlink (path);
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (fd, 16));

  return fd;
}

static int
open_listener_again (Scenario *scenario)
{
  int fd;

  if (scenario->kind == LOCAL)
    return open_local_listener (scenario->path);

  fd = open_listener (&scenario->port, 16);
  g_assert_no_errno (fcntl (fd, F_SETFL, O_NONBLOCK));

  return fd;
}

static void
act_once_cb (Scenario *scenario)
{
  if (scenario->n_acts++ == 0)
    scenario->act (scenario);
}

static void
scenario_begin (Scenario  *scenario,
                const Run *run)
{
  *scenario = (Scenario) { .kind = run->kind, .peer = -1, .act = run->row->act };

  if (run->kind == LOCAL)
    {
      scenario->path = g_strdup_printf ("%s/qnet-waits-%d", g_get_tmp_dir (), (int) getpid ());
      scenario->device = QNET_IO_DEVICE (qnet_local_socket_new ());
    }
  else
    scenario->device = QNET_IO_DEVICE (qnet_tcp_socket_new ());

  scenario->listener = open_listener_again (scenario);
  qnet_io_device_set_read_buffer_size (scenario->device, run->is_limited ? 4096 : 0);
  g_object_set (scenario->device, "close-timeout", 100, NULL);  /* the peers do not read */
}

static void
scenario_end (Scenario *scenario)
{
  abort_socket (scenario);
  g_assert_finalize_object (scenario->device);
  if (scenario->listener >= 0)
    close (scenario->listener);
  if (scenario->peer >= 0)
    close (scenario->peer);
  if (scenario->path != NULL)
    unlink (scenario->path);
  g_free (scenario->path);
}

static void
check_result (const Row *row,
              gboolean   result,
              GError    *error)   /* (transfer full) (nullable) */
{
  if (row->expected == SUCCESS)
    {
      g_assert_no_error (error);
      g_assert_true (result);
      return;
    }

  g_assert_false (result);
  g_assert_error (error, QNET_SOCKET_ERROR, row->expected);
  g_assert_null (strstr (error->message, "(null)"));
  g_error_free (error);
}

static gpointer
play (gpointer user_data)
{
  const Run *run = user_data;
  const Row *row = run->row;
  int msecs = row->expected == TIMEOUT ? 20 : 5 * SOON;
  gint64 begin;
  gboolean result;
  GError *error = NULL;
  Scenario scenario;

  scenario_begin (&scenario, run);
  row->prepare (&scenario);
  row->peer_does (&scenario);
  if (row->signal != NULL)
    g_signal_connect_swapped (scenario.device, row->signal, G_CALLBACK (act_once_cb), &scenario);

  begin = g_get_monotonic_time ();
  result = row->wait (&scenario, msecs, &error);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, SOON * 1000);
  check_result (row, result, error);

  g_signal_handlers_disconnect_by_data (scenario.device, &scenario);
  scenario_end (&scenario);

  return NULL;
}

static void
test_row (gconstpointer data)
{
  const Run *run = data;
  g_autoptr(GMainContext) context = g_main_context_new ();

  if (run->is_detached)
    {
      g_thread_join (g_thread_new ("detached", play, (gpointer) run));
      return;
    }

  g_main_context_push_thread_default (context);
  play ((gpointer) run);
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_main_context_pop_thread_default (context);
}

static gboolean
fits (const Row *row,
      Kind       kind)
{
  return kind == TCP || row->signal == NULL || !g_str_equal (row->signal, "host-found");
}

static void
add_row (const Row *row,
         Kind       kind,
         guint      mode)
{
  Run run = { row, kind, (mode & 1) != 0, (mode & 2) != 0 };
  g_autofree char *path = g_strdup_printf ("/waits/%s/%s/%s/%s%s%s/%s%s%s", row->wait_name,
                                           row->state_name, row->meanwhile,
                                           row->signal != NULL ? row->signal : "",
                                           row->signal != NULL ? "-" : "", row->act_name,
                                           kind == TCP ? "tcp" : "local",
                                           run.is_detached ? "-detached" : "",
                                           run.is_limited ? "-limited" : "");

  g_strdelimit (path, "_:", '-');
  g_test_add_data_func_full (path, g_memdup2 (&run, sizeof run), test_row, g_free);
}

static void
add_table (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    for (Kind kind = TCP; kind <= LOCAL; kind++)
      for (guint mode = 0; mode < 4; mode++)
        if (fits (&rows[i], kind))
          add_row (&rows[i], kind, mode);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add_dialling_tests ();
  add_table ();

  return g_test_run ();
}
