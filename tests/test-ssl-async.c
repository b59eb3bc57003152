/* test-ssl-async.c: encryption by asynchronous calls, and by waits without a loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "base/qnet-syscall-private.h"
#include "common/calls.h"
#include "common/tls-fixture.h"

/* One call and its outcome */
typedef struct
{
  GString  *log;    /* (nullable): records when it was called */
  GError   *error;  /* (owned) (nullable) */
  gboolean  is_done;
  gboolean  value;
} Call;

typedef gboolean (*Finish) (QnetSslSocket *, GAsyncResult *, GError **);

static void
end_call (Call         *call,
          GObject      *source,
          GAsyncResult *result,
          Finish        finish)
{
  g_assert_false (call->is_done);
  call->is_done = TRUE;
  call->value = finish (QNET_SSL_SOCKET (source), result, &call->error);
  g_assert_true (call->value == (call->error == NULL));

  if (call->log != NULL)
    g_string_append (call->log, " callback");
}

static void
client_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  end_call (user_data, source, result, qnet_ssl_socket_start_client_encryption_finish);
}

static void
server_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  end_call (user_data, source, result, qnet_ssl_socket_start_server_encryption_finish);
}

static void
connect_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  end_call (user_data, source, result, qnet_ssl_socket_connect_to_host_encrypted_finish);
}

static gboolean
has_ended (QnetSslSocket *socket)
{
  return qnet_socket_get_state (QNET_SOCKET (socket)) == QNET_SOCKET_STATE_UNCONNECTED;
}

static void
assert_cancelled (Call *call)
{
  g_assert_error (call->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&call->error);
}

static void
assert_failed (Call *call,
               int   code)
{
  g_assert_error (call->error, QNET_SOCKET_ERROR, code);
  g_clear_error (&call->error);
}

/* Callbacks */

static void
test_both (TlsFixture    *fixture,
           gconstpointer  data)
{
  Call client = { fixture->client_log }, server = { fixture->server_log };

  g_test_summary ("The callbacks of both sides are called once, after the signal.");

  qnet_ssl_socket_start_server_encryption_async (fixture->server, 0, NULL, server_cb, &server);
  qnet_ssl_socket_start_client_encryption_async (fixture->client, 0, NULL, client_cb, &client);
  tls_fixture_await (fixture, client.is_done && server.is_done);
  g_assert_true (client.value && server.value);
  g_assert_cmpstr (fixture->client_log->str, ==, "encrypted callback");
  g_assert_cmpstr (fixture->server_log->str, ==, "encrypted callback");
}

static void
test_refused (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_autoptr(GTlsCertificate) expired = load_certificate ("expired");
  Call client = { fixture->client_log }, server = { NULL };

  g_test_summary ("A refused certificate is the error of the callback as well, after the signals.");

  qnet_ssl_socket_set_certificate (fixture->server, expired, NULL);
  qnet_ssl_socket_start_server_encryption_async (fixture->server, 0, NULL, server_cb, &server);
  qnet_ssl_socket_start_client_encryption_async (fixture->client, 0, NULL, client_cb, &client);
  tls_fixture_await (fixture, client.is_done && server.is_done);
  g_assert_nonnull (strstr (client.error->message, "The certificate has expired"));
  assert_failed (&client, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_nonnull (server.error);
  g_clear_error (&server.error);
  g_assert_cmpstr (fixture->client_log->str, ==, "verify:8 error:13 disconnected callback");
}

static void
test_cancelled (TlsFixture    *fixture,
                gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Call client = { NULL }, server = { NULL };

  g_test_summary ("Cancelled during a handshake, the connection is aborted, and the peer is "
                  "notified.");

  qnet_ssl_socket_start_server_encryption_async (fixture->server, 0, NULL, server_cb, &server);
  qnet_ssl_socket_start_client_encryption_async (fixture->client, 0, cancellable, client_cb,
                                                 &client);
  g_cancellable_cancel (cancellable);
  tls_fixture_await (fixture, client.is_done && server.is_done);
  assert_cancelled (&client);
  g_assert_true (has_ended (fixture->client));
  assert_failed (&server, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}

static void
test_cancelled_before (TlsFixture    *fixture,
                       gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Call call = { NULL };

  g_test_summary ("Cancelled before the call, it has no effect: the connection remains "
                  "unencrypted.");

  g_cancellable_cancel (cancellable);
  qnet_ssl_socket_start_client_encryption_async (fixture->client, 0, cancellable, client_cb, &call);
  tls_fixture_await (fixture, call.is_done);
  assert_cancelled (&call);
  g_assert_cmpint (qnet_ssl_socket_get_mode (fixture->client), ==, QNET_SSL_MODE_UNENCRYPTED);

  tls_fixture_write (fixture->client, "in the clear");
  tls_fixture_assert_gets (fixture, fixture->server, "in the clear");
}

static void
test_second (TlsFixture    *fixture,
             gconstpointer  data)
{
  Call first = { NULL }, second = { NULL }, server = { NULL };

  g_test_summary ("A second call while the first is in progress fails without affecting it.");

  qnet_ssl_socket_start_client_encryption_async (fixture->client, 0, NULL, client_cb, &first);
  qnet_ssl_socket_start_client_encryption_async (fixture->client, 0, NULL, client_cb, &second);
  qnet_ssl_socket_start_server_encryption_async (fixture->server, 0, NULL, server_cb, &server);
  tls_fixture_await (fixture, first.is_done && second.is_done && server.is_done);
  g_assert_true (first.value && server.value && !second.value);
  g_clear_error (&second.error);
}

static void
test_wrong_moment (TlsFixture    *fixture,
                   gconstpointer  data)
{
  g_autoptr(QnetSslSocket) unconnected = qnet_ssl_socket_new ();
  Call start = { NULL }, connect = { NULL };

  g_test_summary ("A call in the wrong state fails by the callback, and changes nothing.");

  qnet_ssl_socket_start_client_encryption_async (unconnected, 0, NULL, client_cb, &start);
  qnet_ssl_socket_connect_to_host_encrypted_async (fixture->client, "127.0.0.1", 1, 0, NULL,
                                                   connect_cb, &connect);
  g_assert_false (start.is_done || connect.is_done);
  tls_fixture_await (fixture, start.is_done && connect.is_done);
  assert_failed (&start, QNET_SOCKET_ERROR_OPERATION);
  g_assert_nonnull (connect.error);
  g_clear_error (&connect.error);

  tls_fixture_encrypt (fixture);
}

static void
test_connect_refused (TlsFixture    *fixture,
                      gconstpointer  data)
{
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  guint16 port;
  Call call = { NULL };

  g_test_summary ("Without a listener the error is that of the connection.");

  qnet_tcp_server_listen (server, address, 0, NULL);
  port = qnet_tcp_server_get_server_port (server);
  qnet_server_close (QNET_SERVER (server));
  qnet_socket_abort (QNET_SOCKET (fixture->client));
  qnet_ssl_socket_connect_to_host_encrypted_async (fixture->client, "127.0.0.1", port, 0, NULL,
                                                   connect_cb, &call);
  tls_fixture_await (fixture, call.is_done);
  assert_failed (&call, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  g_assert_false (qnet_ssl_socket_is_encrypted (fixture->client));
}

static void
cut_short_cb (QnetAbstractSocket *socket,
              QnetSocketState     state,
              gpointer            user_data)
{
  if (state == QNET_SOCKET_STATE_CONNECTED)
    qnet_socket_abort (QNET_SOCKET (socket));
}

static void
test_aborted (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  Call call = { NULL };

  g_test_summary ("A handler that aborts the connection when it is established ends the call.");

  qnet_tcp_server_listen_port (server, 0, NULL);
  qnet_socket_abort (QNET_SOCKET (fixture->client));
  g_signal_connect (fixture->client, "state-changed", G_CALLBACK (cut_short_cb), NULL);
  qnet_ssl_socket_connect_to_host_encrypted_async (fixture->client, "127.0.0.1",
                                                   qnet_tcp_server_get_server_port (server),
                                                   0, NULL, connect_cb, &call);
  tls_fixture_await (fixture, call.is_done);
  g_assert_nonnull (call.error);
  g_clear_error (&call.error);
  g_assert_true (has_ended (fixture->client));
}

/* Waiting */

static void
test_wait_unasked (TlsFixture    *fixture,
                   gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("A wait for an encryption that was not requested fails at once.");

  g_assert_false (qnet_ssl_socket_wait_for_encrypted (fixture->client, -1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
}

static void
test_wait_times_out (TlsFixture    *fixture,
                     gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("A wait that times out does not affect the handshake, which can still succeed.");

  g_assert_true (qnet_ssl_socket_start_client_encryption (fixture->client, NULL));
  g_assert_false (qnet_ssl_socket_wait_for_encrypted (fixture->client, 10, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_clear_error (&error);

  g_assert_true (qnet_ssl_socket_start_server_encryption (fixture->server, NULL));
  tls_fixture_await (fixture, tls_fixture_is_encrypted (fixture));
  g_assert_true (qnet_ssl_socket_wait_for_encrypted (fixture->client, 0, &error));
  g_assert_no_error (error);
}

static void
test_wait_fails (TlsFixture    *fixture,
                 gconstpointer  data)
{
  int peer = tls_fixture_replace (fixture, &fixture->server);
  GError *error = NULL;

  g_test_summary ("A wait ends with the connection, with its error.");

  g_assert_true (qnet_ssl_socket_start_client_encryption (fixture->client, NULL));
  g_assert_no_errno (close (peer));
  g_assert_false (qnet_ssl_socket_wait_for_encrypted (fixture->client, 30000, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  g_clear_error (&error);
}

static gpointer
give_up_thread (gpointer port)
{
  QnetSslSocket *socket = qnet_ssl_socket_new ();
  GError *error = NULL;

  qnet_ssl_socket_connect_to_host_encrypted (socket, "127.0.0.1",
                                             (guint16) GPOINTER_TO_UINT (port));
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (socket), 30000, NULL));
  g_assert_false (qnet_ssl_socket_wait_for_encrypted (socket, 50, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_clear_error (&error);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==,
                   QNET_SOCKET_STATE_CONNECTED);
  g_assert_finalize_object (socket);

  return NULL;
}

static void
test_wait_given_up (TlsFixture    *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetTcpServer) silent = qnet_tcp_server_new ();
  guint port;

  g_test_summary ("In a thread without a loop, a socket that is dropped during its handshake "
                  "leaks nothing.");

  g_assert_true (qnet_tcp_server_listen_port (silent, 0, NULL));
  port = qnet_tcp_server_get_server_port (silent);
  g_thread_join (g_thread_new ("client", give_up_thread, GUINT_TO_POINTER (port)));
}

/* Records */

static void
test_coalesced (TlsFixture    *fixture,
                gconstpointer  data)
{
  gint64 sends;

  g_test_summary ("Small pieces that are written in one iteration are sent by one call.");

  tls_fixture_encrypt (fixture);
  tls_fixture_settle (fixture);
  sends = get_send_calls (DEVICE (fixture->client));

  for (int i = 0; i < 10; i++)
    tls_fixture_write (fixture->client, "a piece ");

  tls_fixture_assert_gets (fixture, fixture->server,
                           "a piece a piece a piece a piece a piece "
                           "a piece a piece a piece a piece a piece ");
  g_assert_cmpint (get_send_calls (DEVICE (fixture->client)), ==, sends + 1);
}

static void
test_records_sent (TlsFixture    *fixture,
                   gconstpointer  data)
{
  static const guint8 piece[60000];
  gint64 sends;

  g_test_summary ("Many records are sent by one call.");

  tls_fixture_encrypt (fixture);
  tls_fixture_settle (fixture);
  sends = get_send_calls (DEVICE (fixture->client));

  qnet_io_device_write (DEVICE (fixture->client), piece, sizeof piece, NULL);
  qnet_io_device_flush (DEVICE (fixture->client));
  g_assert_cmpint (get_send_calls (DEVICE (fixture->client)), ==, sends + 1);
}

static guint n_receives;

static int
count_receives (QnetSyscall call)
{
  n_receives += call == QNET_SYSCALL_RECV;

  return 0;
}

static void
test_records_received (TlsFixture    *fixture,
                       gconstpointer  data)
{
  g_test_summary ("Small records that have arrived are received by one call.");

  tls_fixture_encrypt (fixture);
  tls_fixture_settle (fixture);

  for (int i = 0; i < 10; i++)
    {
      tls_fixture_write (fixture->client, "a piece ");
      qnet_io_device_flush (DEVICE (fixture->client));
    }

  n_receives = 0;
  qnet_syscall_fault = count_receives;
  tls_fixture_assert_gets (fixture, fixture->server,
                           "a piece a piece a piece a piece a piece "
                           "a piece a piece a piece a piece a piece ");
  qnet_syscall_fault = NULL;
  g_assert_cmpuint (n_receives, ==, 1);
}

/* The results of the next sends: 0, an errno, or less than 0: how much the kernel accepts */
static int faults[8];
static gsize n_faults, next_fault;

static int
fault_cb (QnetSyscall call)
{
  return call == QNET_SYSCALL_SEND && next_fault < n_faults ? faults[next_fault++] : 0;
}

#define set_faults(...) \
  G_STMT_START { \
    const int list[] = { __VA_ARGS__ }; \
    memcpy (faults, list, sizeof list); \
    n_faults = G_N_ELEMENTS (list); \
    next_fault = 0; \
    qnet_syscall_fault = fault_cb; \
  } G_STMT_END

static void
test_send_fails (TlsFixture    *fixture,
                 gconstpointer  data)
{
  g_test_summary ("A record that cannot be sent ends the connection, whether or not the next one "
                  "could be sent.");

  tls_fixture_encrypt (fixture);
  tls_fixture_settle (fixture);
  set_faults (ECONNRESET);
  tls_fixture_write (fixture->client, "lost");
  tls_fixture_await (fixture, has_ended (fixture->client));
  qnet_syscall_fault = NULL;
  tls_fixture_assert_error (fixture->client, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED, "*");
  tls_fixture_await_end (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 0);
}

static void
test_short_sends (TlsFixture    *fixture,
                  gconstpointer  data)
{
  g_autofree char *record = g_strnfill (16384, 'x');
  g_autofree char *more = g_strnfill (100000, 'y');

  g_test_summary ("When the kernel accepts a part of a record, or nothing for a while, the rest "
                  "follows, and then the next record.");

  tls_fixture_encrypt (fixture);
  tls_fixture_settle (fixture);
  set_faults (-7, EAGAIN, -1000, EAGAIN, EAGAIN);
  tls_fixture_write (fixture->client, record);
  tls_fixture_assert_gets (fixture, fixture->server, record);
  g_assert_cmpuint (next_fault, >, 2);

  set_faults (EAGAIN, -1, -30000, EAGAIN, -1);
  tls_fixture_write (fixture->client, record);
  tls_fixture_assert_gets (fixture, fixture->server, record);
  tls_fixture_write (fixture->client, more);
  tls_fixture_assert_gets (fixture, fixture->server, more);
  qnet_syscall_fault = NULL;
}

#define add(path, func) tls_fixture_add ("/ssl-async/" path, func, NULL)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("both", test_both);
  add ("refused", test_refused);
  add ("cancelled", test_cancelled);
  add ("cancelled/before", test_cancelled_before);
  add ("second", test_second);
  add ("wrong-moment", test_wrong_moment);
  add ("connect/refused", test_connect_refused);
  add ("connect/aborted", test_aborted);
  add ("wait/unasked", test_wait_unasked);
  add ("wait/times-out", test_wait_times_out);
  add ("wait/fails", test_wait_fails);
  add ("wait/given-up", test_wait_given_up);
  add ("coalesced", test_coalesced);
  add ("records/sent", test_records_sent);
  add ("records/received", test_records_received);
  add ("send-fails", test_send_fails);
  add ("short-sends", test_short_sends);

  return g_test_run ();
}
