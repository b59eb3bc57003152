/* test-reconnector.c: a reconnector with servers that stop and start
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <qnet/qnet.h>
#include <string.h>

#include "common/test-monitor.h"
#include "service/qnet-reconnector-private.h"

#define N_ROUNDS 20

typedef struct
{
  GMainContext    *context;      /* (owned): its own */
  QnetTcpServer   *server;       /* (owned) */
  guint16          port;         /* the server's, also while it does not listen */
  QnetTcpSocket   *socket;       /* (owned) (nullable) */
  QnetReconnector *reconnector;  /* (owned) (nullable) */
  GString         *log;          /* (owned): states, and signals in < > */
  int              hold;         /* of prepare */
  GError          *outcome;      /* (owned) (nullable): of await_connected_async() */
  guint            n_outcomes;
} Fixture;

/* The log */

static const char *
get_nick (QnetReconnector *reconnector)
{
  g_autoptr(GEnumClass) states = g_type_class_ref (QNET_TYPE_RECONNECTOR_STATE);

  return g_enum_get_value (states, (int) qnet_reconnector_get_state (reconnector))->value_nick;
}

static void
state_cb (QnetReconnector *reconnector,
          GParamSpec      *pspec,
          Fixture         *fixture)
{
  g_string_append_printf (fixture->log, "%s ", get_nick (reconnector));
}

static void
prepare_cb (QnetReconnector *reconnector,
            Fixture         *fixture)
{
  g_string_append (fixture->log, "<prepare> ");
}

static void
connected_cb (QnetReconnector *reconnector,
              Fixture         *fixture)
{
  g_string_append (fixture->log, "<connected> ");
}

static void
disconnected_cb (QnetReconnector *reconnector,
                 Fixture         *fixture)
{
  g_string_append (fixture->log, "<disconnected> ");
}

static void
gave_up_cb (QnetReconnector *reconnector,
            const GError    *error,
            Fixture         *fixture)
{
  g_assert_cmpstr (error->message, ==, qnet_reconnector_get_error (reconnector)->message);
  g_string_append (fixture->log, "<gave-up> ");
}

static void
assert_log (Fixture    *fixture,
            const char *expected)
{
  g_strchomp (fixture->log->str);
  g_assert_cmpstr (fixture->log->str, ==, expected);
  g_string_truncate (fixture->log, 0);
}

/* The fixture */

static void
turn (Fixture *fixture)
{
  g_main_context_iteration (fixture->context, TRUE);
}

static void
settle (Fixture *fixture)
{
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;
}

static QnetReconnectorState
get_state (Fixture *fixture)
{
  return qnet_reconnector_get_state (fixture->reconnector);
}

static void
await_state (Fixture              *fixture,
             QnetReconnectorState  state)
{
  while (get_state (fixture) != state)
    turn (fixture);
}

static void
listen_again (Fixture *fixture)
{
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");
  g_autoptr(GError) error = NULL;

  qnet_tcp_server_listen (fixture->server, loopback, fixture->port, &error);
  g_assert_no_error (error);
  fixture->port = qnet_tcp_server_get_server_port (fixture->server);
}

/* Takes the next connection, when it is there. (transfer full) */
static QnetSocket *
accept_one (Fixture *fixture)
{
  while (!qnet_server_has_pending_connections (QNET_SERVER (fixture->server)))
    turn (fixture);

  return QNET_SOCKET (qnet_tcp_server_next_pending_connection (fixture->server));
}

static void
end_connection (Fixture *fixture)
{
  g_autoptr(QnetSocket) connection = accept_one (fixture);

  qnet_socket_abort (connection);
}

static void
log_signals (Fixture *fixture)
{
  g_signal_connect (fixture->reconnector, "notify::state", G_CALLBACK (state_cb), fixture);
  g_signal_connect (fixture->reconnector, "prepare", G_CALLBACK (prepare_cb), fixture);
  g_signal_connect (fixture->reconnector, "connected", G_CALLBACK (connected_cb), fixture);
  g_signal_connect (fixture->reconnector, "disconnected", G_CALLBACK (disconnected_cb), fixture);
  g_signal_connect (fixture->reconnector, "gave-up", G_CALLBACK (gave_up_cb), fixture);
}

static void
make_reconnector (Fixture *fixture)
{
  fixture->socket = qnet_tcp_socket_new ();
  fixture->reconnector = qnet_reconnector_new (QNET_SOCKET (fixture->socket), NULL);
  qnet_reconnector_add_host (fixture->reconnector, "127.0.0.1", fixture->port);
  qnet_reconnector_set_network_monitor (fixture->reconnector, NULL);
  qnet_reconnector_set_min_delay (fixture->reconnector, 2);
  qnet_reconnector_set_max_delay (fixture->reconnector, 5);
  log_signals (fixture);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->log = g_string_new (NULL);
  fixture->server = qnet_tcp_server_new ();
  listen_again (fixture);
  make_reconnector (fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  if (fixture->reconnector != NULL)
    g_assert_finalize_object (g_steal_pointer (&fixture->reconnector));
  if (fixture->socket != NULL)
    g_assert_finalize_object (g_steal_pointer (&fixture->socket));

  g_clear_object (&fixture->server);
  settle (fixture);
  g_clear_error (&fixture->outcome);
  g_string_free (fixture->log, TRUE);
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

static void
close_server (Fixture *fixture)
{
  qnet_server_close (QNET_SERVER (fixture->server));
}

/* States */

static void
test_states (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("A connection is prepared, connected, lost, and established again.");
  assert_log (fixture, "");

  qnet_reconnector_start (fixture->reconnector);
  assert_log (fixture, "connecting");
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  assert_log (fixture, "preparing <prepare> connected <connected>");
  g_assert_null (qnet_reconnector_get_error (fixture->reconnector));
  g_assert_cmpint (qnet_reconnector_get_n_attempts (fixture->reconnector), ==, 1);

  end_connection (fixture);
  await_state (fixture, QNET_RECONNECTOR_WAITING);
  g_assert_error (qnet_reconnector_get_error (fixture->reconnector), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  assert_log (fixture, "waiting <disconnected> connecting preparing <prepare> connected "
                       "<connected>");
  g_assert_cmpint (qnet_reconnector_get_n_attempts (fixture->reconnector), ==, 2);
}

static void
test_stops_and_starts (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A server that stops and starts again is found again, each time.");
  qnet_reconnector_start (fixture->reconnector);

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr(QnetSocket) connection = accept_one (fixture);
      const GError *error;

      await_state (fixture, QNET_RECONNECTOR_CONNECTED);
      close_server (fixture);
      qnet_socket_abort (connection);
      await_state (fixture, QNET_RECONNECTOR_WAITING);
      await_state (fixture, QNET_RECONNECTOR_CONNECTING);
      await_state (fixture, QNET_RECONNECTOR_WAITING);
      error = qnet_reconnector_get_error (fixture->reconnector);
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
      listen_again (fixture);
    }

  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
}

static void
test_gives_up (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("After max-attempts it gives up, and can be started again.");
  qnet_reconnector_set_max_attempts (fixture->reconnector, 2);
  close_server (fixture);

  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_FAILED);
  settle (fixture);
  assert_log (fixture, "connecting waiting connecting failed <gave-up>");
  g_assert_cmpint (qnet_reconnector_get_n_attempts (fixture->reconnector), ==, 2);
  g_assert_error (qnet_reconnector_get_error (fixture->reconnector), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_CONNECTION_REFUSED);

  listen_again (fixture);
  qnet_reconnector_start (fixture->reconnector);
  g_assert_cmpint (qnet_reconnector_get_n_attempts (fixture->reconnector), ==, 1);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
}

static void
test_gives_up_connected (Fixture       *fixture,
                         gconstpointer  data)
{
  g_test_summary ("A connection that was not stable counts as an attempt.");
  qnet_reconnector_set_max_attempts (fixture->reconnector, 1);

  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  end_connection (fixture);
  await_state (fixture, QNET_RECONNECTOR_FAILED);
  assert_log (fixture, "connecting preparing <prepare> connected <connected> failed <disconnected> "
                       "<gave-up>");
}

static void
test_stable (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("A connection that is stable begins the count again.");
  qnet_reconnector_set_max_attempts (fixture->reconnector, 1);
  qnet_reconnector_set_stable_time (fixture->reconnector, 1);

  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  while (qnet_reconnector_get_n_attempts (fixture->reconnector) > 0)
    turn (fixture);

  end_connection (fixture);
  await_state (fixture, QNET_RECONNECTOR_WAITING);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
}

static void
test_candidates (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr(GSocketConnectable) good = g_network_address_new ("127.0.0.1", fixture->port);
  g_autoptr(QnetTcpServer) other = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketConnectable) closed = NULL;

  g_test_summary ("Candidates are tried in turn, and that which was connected is tried first.");
  qnet_tcp_server_listen (other, loopback, 0, &error);
  g_assert_no_error (error);
  closed = g_network_address_new ("127.0.0.1", qnet_tcp_server_get_server_port (other));
  qnet_server_close (QNET_SERVER (other));
  g_clear_object (&fixture->reconnector);
  fixture->reconnector = qnet_reconnector_new (QNET_SOCKET (fixture->socket), closed);
  qnet_reconnector_add_connectable (fixture->reconnector, good);
  qnet_reconnector_set_min_delay (fixture->reconnector, 1);
  qnet_reconnector_set_network_monitor (fixture->reconnector, NULL);
  log_signals (fixture);

  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  assert_log (fixture, "connecting waiting connecting preparing <prepare> connected <connected>");

  end_connection (fixture);
  await_state (fixture, QNET_RECONNECTOR_WAITING);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  assert_log (fixture, "waiting <disconnected> connecting preparing <prepare> connected "
                       "<connected>");
}

/* Preparing */

static void
hold_cb (QnetReconnector *reconnector,
         Fixture         *fixture)
{
  int hold = qnet_reconnector_hold (reconnector);

  g_assert_cmpint (hold, >, 0);
  g_assert_cmpint (hold, !=, fixture->hold);
  g_assert_cmpint (qnet_reconnector_hold (reconnector), ==, hold);
  fixture->hold = hold;
  qnet_io_device_write (QNET_IO_DEVICE (fixture->socket), "login", 5, NULL);
}

static void
login_cb (QnetReconnector *reconnector,
          Fixture         *fixture)
{
  qnet_io_device_write (QNET_IO_DEVICE (fixture->socket), "login", 5, NULL);
}

static void
answer_early_cb (QnetSocket *socket)
{
  qnet_io_device_write (QNET_IO_DEVICE (socket), "data", 4, NULL);
}

static void
assert_gets (Fixture    *fixture,
             QnetSocket *connection,
             const char *expected)
{
  g_autoptr(GBytes) bytes = NULL;

  while (qnet_io_device_get_bytes_available (QNET_IO_DEVICE (connection))
         < (gint64) strlen (expected))
    turn (fixture);

  bytes = qnet_io_device_read_all_bytes (QNET_IO_DEVICE (connection));
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected,
                   strlen (expected));
}

static void
test_login_is_first (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(QnetSocket) connection = NULL;

  g_test_summary ("What is written in `prepare` comes before all that the application writes.");
  g_signal_connect (fixture->reconnector, "prepare", G_CALLBACK (login_cb), fixture);
  g_signal_connect (fixture->socket, "connected", G_CALLBACK (answer_early_cb), NULL);

  qnet_reconnector_start (fixture->reconnector);
  connection = accept_one (fixture);
  assert_gets (fixture, connection, "logindata");
}

static void
test_hold (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetSocket) connection = NULL;

  g_test_summary ("A connection that is held is not connected before it is resumed.");
  g_signal_connect (fixture->reconnector, "prepare", G_CALLBACK (hold_cb), fixture);
  g_assert_cmpint (qnet_reconnector_hold (fixture->reconnector), ==, 0);

  qnet_reconnector_start (fixture->reconnector);
  connection = accept_one (fixture);
  assert_gets (fixture, connection, "login");
  settle (fixture);
  assert_log (fixture, "connecting preparing <prepare>");

  qnet_reconnector_resume (fixture->reconnector, fixture->hold + 1);
  qnet_reconnector_resume (fixture->reconnector, 0);
  settle (fixture);
  assert_log (fixture, "");
  qnet_reconnector_resume (fixture->reconnector, fixture->hold);
  assert_log (fixture, "");
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  assert_log (fixture, "connected <connected>");
  g_assert_cmpint (qnet_reconnector_hold (fixture->reconnector), ==, 0);
}

static void
resume_cb (QnetReconnector *reconnector,
           Fixture         *fixture)
{
  qnet_reconnector_resume (reconnector, qnet_reconnector_hold (reconnector));
}

static void
test_resume_at_once (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("resume() in the handler works: the connection follows in the next turn.");
  g_signal_connect (fixture->reconnector, "prepare", G_CALLBACK (resume_cb), fixture);

  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  assert_log (fixture, "connecting preparing <prepare> connected <connected>");
}

static void
test_fail (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "no");

  g_test_summary ("A login that is refused is a failed attempt; another one follows.");
  g_signal_connect (fixture->reconnector, "prepare", G_CALLBACK (hold_cb), fixture);

  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_PREPARING);
  qnet_reconnector_fail (fixture->reconnector, fixture->hold, error);
  g_assert_cmpint (get_state (fixture), ==, QNET_RECONNECTOR_PREPARING);
  await_state (fixture, QNET_RECONNECTOR_WAITING);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (fixture->socket)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_error (qnet_reconnector_get_error (fixture->reconnector), G_IO_ERROR,
                  G_IO_ERROR_PERMISSION_DENIED);
  await_state (fixture, QNET_RECONNECTOR_PREPARING);
  g_assert_cmpint (qnet_reconnector_get_n_attempts (fixture->reconnector), ==, 2);
}

static void
test_lost_while_held (Fixture       *fixture,
                      gconstpointer  data)
{
  int old;

  g_test_summary ("A late answer for a connection that was lost is not one for the next.");
  g_signal_connect (fixture->reconnector, "prepare", G_CALLBACK (hold_cb), fixture);

  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_PREPARING);
  old = fixture->hold;
  end_connection (fixture);
  await_state (fixture, QNET_RECONNECTOR_WAITING);
  qnet_reconnector_resume (fixture->reconnector, old);
  await_state (fixture, QNET_RECONNECTOR_PREPARING);
  qnet_reconnector_resume (fixture->reconnector, old);
  settle (fixture);
  assert_log (fixture, "connecting preparing <prepare> waiting connecting preparing <prepare>");

  qnet_reconnector_resume (fixture->reconnector, fixture->hold);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
}

static void
test_silent_server (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("The idle timeout of the socket ends a preparation that is never answered.");
  g_signal_connect (fixture->reconnector, "prepare", G_CALLBACK (hold_cb), fixture);
  qnet_socket_set_idle_timeout (QNET_SOCKET (fixture->socket), 20);

  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_PREPARING);
  await_state (fixture, QNET_RECONNECTOR_WAITING);
  g_assert_error (qnet_reconnector_get_error (fixture->reconnector), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
}

/* Stopping */

/* Brings it into a state: the server is not needed for the first ones. */
static void
bring_into (Fixture              *fixture,
            QnetReconnectorState  state)
{
  if (state == QNET_RECONNECTOR_WAITING || state == QNET_RECONNECTOR_FAILED)
    close_server (fixture);
  if (state == QNET_RECONNECTOR_FAILED)
    qnet_reconnector_set_max_attempts (fixture->reconnector, 1);
  if (state == QNET_RECONNECTOR_WAITING)
    {
      qnet_reconnector_set_max_delay (fixture->reconnector, G_MAXINT);
      qnet_reconnector_set_min_delay (fixture->reconnector, G_MAXINT);
    }
  if (state == QNET_RECONNECTOR_PREPARING)
    g_signal_connect (fixture->reconnector, "prepare", G_CALLBACK (hold_cb), fixture);

  if (state != QNET_RECONNECTOR_IDLE)
    qnet_reconnector_start (fixture->reconnector);

  await_state (fixture, state);
}

static const QnetReconnectorState all_states[] = {
  QNET_RECONNECTOR_IDLE, QNET_RECONNECTOR_WAITING, QNET_RECONNECTOR_CONNECTING,
  QNET_RECONNECTOR_PREPARING, QNET_RECONNECTOR_CONNECTED, QNET_RECONNECTOR_FAILED
};

static void
test_stop (Fixture       *fixture,
           gconstpointer  data)
{
  QnetReconnectorState state = *(const QnetReconnectorState *) data;

  g_test_summary ("stop() ends what there is, and nothing happens any more.");
  bring_into (fixture, state);
  g_string_truncate (fixture->log, 0);

  qnet_reconnector_stop (fixture->reconnector);
  assert_log (fixture, state == QNET_RECONNECTOR_IDLE ? "" : "idle");
  g_assert_null (fixture->reconnector->timer);
  g_assert_cmpint (qnet_reconnector_get_n_attempts (fixture->reconnector), ==, 0);
  while (qnet_socket_get_state (QNET_SOCKET (fixture->socket)) != QNET_SOCKET_STATE_UNCONNECTED)
    turn (fixture);
  settle (fixture);
  assert_log (fixture, "");

  if (!qnet_server_is_listening (QNET_SERVER (fixture->server)))
    listen_again (fixture);
  g_signal_handlers_disconnect_by_func (fixture->reconnector, hold_cb, fixture);
  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
}

static void
test_stop_and_start (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("start() right after stop() waits until the old connection has ended.");
  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  qnet_io_device_write (QNET_IO_DEVICE (fixture->socket), "x", 1, NULL);
  assert_log (fixture, "connecting preparing <prepare> connected <connected>");

  qnet_reconnector_stop (fixture->reconnector);
  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  assert_log (fixture, "idle connecting preparing <prepare> connected <connected>");
  g_assert_cmpint (qnet_reconnector_get_n_attempts (fixture->reconnector), ==, 1);
}

static void
test_stop_sends (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetSocket) connection = NULL;

  g_test_summary ("What was written before stop() is sent.");
  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  qnet_io_device_write (QNET_IO_DEVICE (fixture->socket), "last", 4, NULL);
  qnet_reconnector_stop (fixture->reconnector);

  connection = accept_one (fixture);
  assert_gets (fixture, connection, "last");
}

static void
test_busy_socket (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(QnetSocket) first = NULL;

  g_test_summary ("A socket that has another connection is connected when that has ended.");
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (fixture->socket), "127.0.0.1",
                                        fixture->port);
  first = accept_one (fixture);
  while (qnet_socket_get_state (QNET_SOCKET (fixture->socket)) != QNET_SOCKET_STATE_CONNECTED)
    turn (fixture);

  qnet_reconnector_start (fixture->reconnector);
  settle (fixture);
  assert_log (fixture, "connecting");
  qnet_socket_abort (first);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  assert_log (fixture, "preparing <prepare> connected <connected>");
  g_assert_cmpint (qnet_reconnector_get_n_attempts (fixture->reconnector), ==, 1);
}

static void
test_busy_attempt (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr(QnetTcpServer) other = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");
  g_autoptr(GError) error = NULL;
  guint16 closed;

  g_test_summary ("The error of an earlier attempt of the application is none of the reconnector.");
  qnet_tcp_server_listen (other, loopback, 0, &error);
  g_assert_no_error (error);
  closed = qnet_tcp_server_get_server_port (other);
  qnet_server_close (QNET_SERVER (other));
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (fixture->socket), "127.0.0.1",
                                        closed);

  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  assert_log (fixture, "connecting preparing <prepare> connected <connected>");
  g_assert_cmpint (qnet_reconnector_get_n_attempts (fixture->reconnector), ==, 1);
}

static void
test_application_ends (Fixture       *fixture,
                       gconstpointer  data)
{
  g_test_summary ("A connection, and an attempt, that the application ends are made again.");
  qnet_reconnector_start (fixture->reconnector);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  assert_log (fixture, "connecting waiting");
  g_assert_error (qnet_reconnector_get_error (fixture->reconnector), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_OPERATION);

  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  qnet_socket_disconnect_from_peer (QNET_SOCKET (fixture->socket));
  await_state (fixture, QNET_RECONNECTOR_WAITING);
  g_assert_error (qnet_reconnector_get_error (fixture->reconnector), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_OPERATION);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
}

static void
test_closed_socket (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A socket that was closed cannot be connected: it gives up.");
  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);

  g_io_stream_close (G_IO_STREAM (fixture->socket), NULL, NULL);
  await_state (fixture, QNET_RECONNECTOR_FAILED);
  settle (fixture);
  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_FAILED);
  settle (fixture);
  assert_log (fixture, "connecting preparing <prepare> connected <connected> failed <disconnected> "
                       "<gave-up> connecting failed <gave-up>");
}

/* Dropping */

static void
test_drop (Fixture       *fixture,
           gconstpointer  data)
{
  QnetReconnectorState state = *(const QnetReconnectorState *) data;
  QnetSocketState left;

  g_test_summary ("A reconnector that is dropped leaves no timer, and emits nothing.");
  bring_into (fixture, state);
  g_string_truncate (fixture->log, 0);

  g_assert_finalize_object (g_steal_pointer (&fixture->reconnector));
  left = qnet_socket_get_state (QNET_SOCKET (fixture->socket));
  g_assert_cmpint (left, ==, state == QNET_RECONNECTOR_CONNECTED ? QNET_SOCKET_STATE_CONNECTED
                                                                 : QNET_SOCKET_STATE_UNCONNECTED);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  settle (fixture);
  g_assert_false (g_main_context_pending (fixture->context));
  assert_log (fixture, "");
}

/* In handlers: 'd'rops, 's'tops, or stops and starts 'a'gain */

typedef struct
{
  const char *signal;
  char        act;
} InHandler;

static void
act (Fixture *fixture,
     char     what)
{
  if (what == 'd')
    g_clear_object (&fixture->reconnector);
  else
    qnet_reconnector_stop (fixture->reconnector);

  if (what == 'a')
    {
      g_signal_handlers_disconnect_matched (fixture->reconnector, G_SIGNAL_MATCH_DATA, 0, 0, NULL,
                                            NULL, fixture);
      qnet_reconnector_start (fixture->reconnector);
    }
}

static InHandler in_handler;
static gboolean has_acted;

static void
handler_cb (QnetReconnector *reconnector,
            Fixture         *fixture)
{
  if (has_acted)
    return;

  has_acted = TRUE;
  act (fixture, in_handler.act);
}

static void
gave_up_handler_cb (QnetReconnector *reconnector,
                    const GError    *error,
                    Fixture         *fixture)
{
  handler_cb (reconnector, fixture);
}

static void
notify_handler_cb (QnetReconnector *reconnector,
                   GParamSpec      *pspec,
                   Fixture         *fixture)
{
  const char *wanted = strchr (in_handler.signal, '=');

  if (wanted == NULL || g_str_equal (wanted + 1, get_nick (reconnector)))
    handler_cb (reconnector, fixture);
}

static void
connect_handler (Fixture *fixture)
{
  if (g_str_has_prefix (in_handler.signal, "notify"))
    {
      g_auto(GStrv) parts = g_strsplit (in_handler.signal, "=", 2);

      g_signal_connect (fixture->reconnector, parts[0], G_CALLBACK (notify_handler_cb), fixture);
    }
  else if (g_str_equal (in_handler.signal, "gave-up"))
    g_signal_connect (fixture->reconnector, "gave-up", G_CALLBACK (gave_up_handler_cb), fixture);
  else
    g_signal_connect (fixture->reconnector, in_handler.signal, G_CALLBACK (handler_cb), fixture);
}

static void
run_until_acted (Fixture *fixture)
{
  qnet_reconnector_set_max_attempts (fixture->reconnector, 2);
  qnet_reconnector_start (fixture->reconnector);
  while (!has_acted)
    {
      if (qnet_server_has_pending_connections (QNET_SERVER (fixture->server))
          && get_state (fixture) == QNET_RECONNECTOR_CONNECTED)
        {
          end_connection (fixture);
          close_server (fixture);
        }
      turn (fixture);
    }
}

static void
test_in_handler (Fixture       *fixture,
                 gconstpointer  data)
{
  g_test_summary ("A handler of any signal may drop, stop, and start again.");
  in_handler = *(const InHandler *) data;
  has_acted = FALSE;
  connect_handler (fixture);

  run_until_acted (fixture);
  settle (fixture);

  if (in_handler.act == 'd')
    g_assert_null (fixture->reconnector);
  else if (in_handler.act == 's')
    g_assert_cmpint (get_state (fixture), ==, QNET_RECONNECTOR_IDLE);
  else
    {
      qnet_reconnector_set_max_attempts (fixture->reconnector, 0);
      if (!qnet_server_is_listening (QNET_SERVER (fixture->server)))
        listen_again (fixture);
      if (get_state (fixture) == QNET_RECONNECTOR_FAILED)
        qnet_reconnector_start (fixture->reconnector);
      await_state (fixture, QNET_RECONNECTOR_CONNECTED);
    }
}

static void
drop_cb (QnetSocket *socket,
         GParamSpec *pspec,
         Fixture    *fixture)
{
  g_clear_object (&fixture->reconnector);
}

static void
test_drop_in_socket (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A handler of the socket may drop the reconnector during start().");
  g_signal_connect (fixture->socket, "notify::state", G_CALLBACK (drop_cb), fixture);

  qnet_reconnector_start (fixture->reconnector);
  g_assert_null (fixture->reconnector);
  settle (fixture);
  assert_log (fixture, "connecting");
  g_signal_handlers_disconnect_by_func (fixture->socket, drop_cb, fixture);
}

static gpointer
drop_in_thread (gpointer data)
{
  g_object_unref (data);

  return NULL;
}

static void
test_drop_in_thread (Fixture       *fixture,
                     gconstpointer  data)
{
  gpointer weak = fixture->reconnector;

  g_test_summary ("The last reference may be dropped in another thread.");
  bring_into (fixture, *(const QnetReconnectorState *) data);
  g_string_truncate (fixture->log, 0);
  g_object_add_weak_pointer (weak, &weak);

  g_assert_true (g_main_context_acquire (fixture->context));  /* as a loop that runs */
  g_thread_join (g_thread_new ("drop", drop_in_thread, g_steal_pointer (&fixture->reconnector)));
  g_main_context_release (fixture->context);
  while (weak != NULL)
    turn (fixture);

  settle (fixture);
  assert_log (fixture, "");
}

/* Awaiting */

static void
awaited_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  Fixture *fixture = user_data;

  g_clear_error (&fixture->outcome);
  fixture->n_outcomes++;
  qnet_reconnector_await_connected_finish (QNET_RECONNECTOR (object), result, &fixture->outcome);
}

static void
await_connected (Fixture      *fixture,
                 GCancellable *cancellable)
{
  qnet_reconnector_await_connected_async (fixture->reconnector, G_PRIORITY_DEFAULT, cancellable,
                                          awaited_cb, fixture);
}

static void
await_outcomes (Fixture *fixture,
                guint    n_outcomes)
{
  while (fixture->n_outcomes < n_outcomes)
    turn (fixture);

  settle (fixture);
  g_assert_cmpuint (fixture->n_outcomes, ==, n_outcomes);
}

static void
test_await (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("A wait ends with the next connection, or at once if there is one.");
  await_connected (fixture, NULL);
  await_connected (fixture, NULL);
  settle (fixture);
  g_assert_cmpuint (fixture->n_outcomes, ==, 0);

  qnet_reconnector_start (fixture->reconnector);
  await_outcomes (fixture, 2);
  g_assert_no_error (fixture->outcome);
  assert_log (fixture, "connecting preparing <prepare> connected <connected>");

  await_connected (fixture, NULL);
  g_assert_cmpuint (fixture->n_outcomes, ==, 2);
  await_outcomes (fixture, 3);
  g_assert_no_error (fixture->outcome);
}

static void
test_await_fails (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  g_test_summary ("A wait is cancelled, ends with stop(), and when it gives up.");
  qnet_reconnector_set_max_attempts (fixture->reconnector, 1);
  await_connected (fixture, cancellable);
  g_cancellable_cancel (cancellable);
  await_outcomes (fixture, 1);
  g_assert_error (fixture->outcome, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  await_connected (fixture, cancellable);
  await_outcomes (fixture, 2);
  g_assert_error (fixture->outcome, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  close_server (fixture);
  qnet_reconnector_start (fixture->reconnector);
  await_connected (fixture, NULL);
  qnet_reconnector_stop (fixture->reconnector);
  await_outcomes (fixture, 3);
  g_assert_error (fixture->outcome, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);

  await_connected (fixture, NULL);
  qnet_reconnector_start (fixture->reconnector);
  await_outcomes (fixture, 4);
  g_assert_error (fixture->outcome, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  await_connected (fixture, NULL);
  await_outcomes (fixture, 5);
  g_assert_error (fixture->outcome, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
}

/* The network */

static void
test_network (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(GNetworkMonitor) monitor = test_monitor_new ();

  g_test_summary ("A connection that ends with the network comes back with it.");
  qnet_reconnector_set_network_monitor (fixture->reconnector, monitor);
  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);

  test_monitor_set (monitor, FALSE);
  end_connection (fixture);
  await_state (fixture, QNET_RECONNECTOR_WAITING);
  settle (fixture);
  g_assert_cmpint (qnet_reconnector_get_time_left (fixture->reconnector), ==, -1);
  g_assert_null (fixture->reconnector->timer);

  test_monitor_set (monitor, TRUE);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
}

static gpointer
report_network (gpointer monitor)
{
  test_monitor_set (monitor, TRUE);

  return NULL;
}

static void
test_network_thread (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(GNetworkMonitor) monitor = test_monitor_new ();

  g_test_summary ("A monitor may report in another thread.");
  qnet_reconnector_set_network_monitor (fixture->reconnector, monitor);
  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  test_monitor_set (monitor, FALSE);
  end_connection (fixture);
  await_state (fixture, QNET_RECONNECTOR_WAITING);
  settle (fixture);

  g_thread_join (g_thread_new ("monitor", report_network, monitor));
  g_assert_cmpint (get_state (fixture), ==, QNET_RECONNECTOR_WAITING);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
}

static void
test_default_monitor (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr(QnetSocket) local = QNET_SOCKET (qnet_local_socket_new ());
  g_autoptr(QnetReconnector) for_local = qnet_reconnector_new (local, NULL);
  g_autoptr(QnetReconnector) for_tcp = qnet_reconnector_new (QNET_SOCKET (fixture->socket), NULL);

  g_test_summary ("The monitor of the system is the default, but not for local sockets.");
  g_assert_null (qnet_reconnector_get_network_monitor (for_local));
  g_assert_true (qnet_reconnector_get_network_monitor (for_tcp)
                 == g_network_monitor_get_default ());
}

/* All */

static void
add (const char    *path,
     void         (*func) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, func, tear_down);
}

static void
add_for_states (const char            *folder,
                void                 (*func) (Fixture *, gconstpointer))
{
  g_autoptr(GEnumClass) states = g_type_class_ref (QNET_TYPE_RECONNECTOR_STATE);

  for (guint i = 0; i < G_N_ELEMENTS (all_states); i++)
    {
      const GEnumValue *value = g_enum_get_value (states, (int) all_states[i]);
      g_autofree char *path = g_strdup_printf ("%s/%s", folder, value->value_nick);

      g_test_add (path, Fixture, &all_states[i], set_up, func, tear_down);
    }
}

static InHandler in_handlers[64];

static void
add_in_handlers (void)
{
  const char *names[] = {
    "prepare", "connected", "disconnected", "gave-up", "notify::state=connecting",
    "notify::state=preparing", "notify::state=connected", "notify::state=waiting",
    "notify::state=failed", "notify::n-attempts", "notify::error", "notify::time-left"
  };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (const char *what = "dsa"; *what != '\0'; what++)
      {
        const char *verb = *what == 'd' ? "drop" : *what == 's' ? "stop" : "start-again";
        g_autofree char *path = g_strdup_printf ("/reconnector/in-handler/%s/%s", names[i], verb);

        in_handlers[n] = (InHandler) { names[i], *what };
        g_test_add (path, Fixture, &in_handlers[n++], set_up, test_in_handler, tear_down);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("/reconnector/states", test_states);
  add ("/reconnector/stops-and-starts", test_stops_and_starts);
  add ("/reconnector/gives-up", test_gives_up);
  add ("/reconnector/gives-up-connected", test_gives_up_connected);
  add ("/reconnector/stable", test_stable);
  add ("/reconnector/candidates", test_candidates);
  add ("/reconnector/prepare/login-is-first", test_login_is_first);
  add ("/reconnector/prepare/hold", test_hold);
  add ("/reconnector/prepare/resume-at-once", test_resume_at_once);
  add ("/reconnector/prepare/fail", test_fail);
  add ("/reconnector/prepare/lost-while-held", test_lost_while_held);
  add ("/reconnector/prepare/silent-server", test_silent_server);
  add_for_states ("/reconnector/stop", test_stop);
  add ("/reconnector/stop-sends", test_stop_sends);
  add ("/reconnector/stop-and-start", test_stop_and_start);
  add ("/reconnector/busy-socket", test_busy_socket);
  add ("/reconnector/busy-attempt", test_busy_attempt);
  add ("/reconnector/application-ends", test_application_ends);
  add ("/reconnector/closed-socket", test_closed_socket);
  add_for_states ("/reconnector/drop", test_drop);
  add_in_handlers ();
  add ("/reconnector/drop-in-socket", test_drop_in_socket);
  add_for_states ("/reconnector/drop-in-thread", test_drop_in_thread);
  add ("/reconnector/await", test_await);
  add ("/reconnector/await-fails", test_await_fails);
  add ("/reconnector/network", test_network);
  add ("/reconnector/network-thread", test_network_thread);
  add ("/reconnector/default-monitor", test_default_monitor);

  return g_test_run ();
}
