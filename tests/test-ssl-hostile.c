/* test-ssl-hostile.c: peers that inject bytes, stall, truncate, or speak another protocol
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "common/pair.h"
#include "common/tls-fixture.h"

static gboolean
has_ended (QnetSslSocket *socket)
{
  return qnet_socket_get_state (QNET_SOCKET (socket)) == QNET_SOCKET_STATE_UNCONNECTED;
}

static gboolean
start (QnetSslSocket  *socket,
       QnetSslMode     mode,
       GError        **error)
{
  return mode == QNET_SSL_MODE_SERVER ? qnet_ssl_socket_start_server_encryption (socket, error)
                                      : qnet_ssl_socket_start_client_encryption (socket, error);
}

/* The socket of the test, whose peer is a plain descriptor */
static QnetSslSocket *
keep_one (TlsFixture  *fixture,
          QnetSslMode  mode,
          int         *out_peer)
{
  gboolean is_server = mode == QNET_SSL_MODE_SERVER;

  *out_peer = tls_fixture_replace (fixture, is_server ? &fixture->client : &fixture->server);

  return is_server ? fixture->server : fixture->client;
}

/* STARTTLS */

static void
test_starttls (TlsFixture    *fixture,
               gconstpointer  data)
{
  g_test_summary ("What is written before the switch arrives unencrypted, what is written after "
                  "it encrypted.");

  tls_fixture_write (fixture->client, "STARTTLS\r\n");
  tls_fixture_assert_gets (fixture, fixture->server, "STARTTLS\r\n");
  tls_fixture_write (fixture->server, "220 go ahead\r\n");
  g_assert_true (qnet_ssl_socket_start_server_encryption (fixture->server, NULL));
  tls_fixture_write (fixture->server, "welcome");
  tls_fixture_assert_gets (fixture, fixture->client, "220 go ahead\r\n");
  g_assert_true (qnet_ssl_socket_start_client_encryption (fixture->client, NULL));
  tls_fixture_write (fixture->client, "EHLO");
  tls_fixture_assert_gets (fixture, fixture->server, "EHLO");
  tls_fixture_assert_gets (fixture, fixture->client, "welcome");
  g_assert_true (tls_fixture_is_encrypted (fixture));
}

#define MUCH (4 * 1024 * 1024)

static void
test_much_before (TlsFixture    *fixture,
                  gconstpointer  data)
{
  g_autofree char *plain = g_strnfill (MUCH, 'x');
  gint64 left = MUCH;

  g_test_summary ("However much was written before the switch, all of it arrives unencrypted.");

  tls_fixture_write (fixture->server, plain);
  g_assert_true (qnet_ssl_socket_start_server_encryption (fixture->server, NULL));
  tls_fixture_write (fixture->server, "welcome");

  while (left > 0)
    {
      gint64 size = qnet_io_device_get_bytes_available (DEVICE (fixture->client));

      left -= qnet_io_device_skip (DEVICE (fixture->client), size, NULL);
      if (left > 0)
        g_main_context_iteration (fixture->context, TRUE);
    }

  g_assert_cmpint (left, ==, 0);
  g_assert_true (qnet_ssl_socket_start_client_encryption (fixture->client, NULL));
  tls_fixture_assert_gets (fixture, fixture->client, "welcome");
}

static void
test_injection (TlsFixture    *fixture,
                gconstpointer  data)
{
  QnetSslMode mode = GPOINTER_TO_INT (data);
  g_autoptr(GBytes) line = NULL;
  GError *error = NULL;
  int peer;
  QnetSslSocket *socket = keep_one (fixture, mode, &peer);

  g_test_summary ("Unread unencrypted bytes make the switch fail and abort the connection.");

  pair_send (peer, "STARTTLS\r\nRCPT TO:<injected@example>\r\n");
  tls_fixture_await (fixture, qnet_io_device_get_bytes_available (DEVICE (socket)) > 30);
  line = qnet_io_device_read_bytes (DEVICE (socket), strlen ("STARTTLS\r\n"));

  g_assert_false (start (socket, mode, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_nonnull (strstr (error->message, "Unencrypted bytes"));
  g_clear_error (&error);
  g_assert_true (has_ended (socket));
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (socket)), ==, 0);
  g_assert_no_errno (close (peer));
}

static void
test_late_injection (TlsFixture    *fixture,
                     gconstpointer  data)
{
  int peer;
  QnetSslSocket *socket = keep_one (fixture, QNET_SSL_MODE_SERVER, &peer);

  g_test_summary ("Unencrypted bytes that arrive after the switch are no handshake.");

  g_assert_true (qnet_ssl_socket_start_server_encryption (socket, NULL));
  pair_send (peer, "RCPT TO:<injected@example>\r\n");
  tls_fixture_await (fixture, has_ended (socket));
  tls_fixture_assert_error (socket, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                            "*: The peer does not speak TLS");
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (socket)), ==, 0);
  g_assert_no_errno (close (peer));
}

/* Bytes in front of the handshake */

#define PROXY_LINE "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"

/* (transfer full): what has come after the line, at least @min_size bytes */
static GBytes *
read_line_and_rest (TlsFixture *fixture,
                    gsize       min_size)
{
  QnetIODevice *server = DEVICE (fixture->server);
  g_autoptr(GBytes) line = NULL;

  tls_fixture_await (fixture, qnet_io_device_get_bytes_available (server)
                              >= (gint64) (strlen (PROXY_LINE) + min_size));
  line = qnet_io_device_read_bytes (server, strlen (PROXY_LINE));
  g_assert_cmpmem (g_bytes_get_data (line, NULL), g_bytes_get_size (line), PROXY_LINE,
                   strlen (PROXY_LINE));

  return qnet_io_device_read_bytes (server, G_MAXSSIZE);
}

static void
send_line_and_hello (TlsFixture *fixture)
{
  tls_fixture_write (fixture->client, PROXY_LINE);
  g_assert_true (qnet_ssl_socket_start_client_encryption (fixture->client, NULL));
}

static void
hand_over (TlsFixture *fixture,
           GBytes     *rest)
{
  GError *error = NULL;

  qnet_ssl_socket_start_server_encryption_with_input (fixture->server, rest, &error);
  g_assert_no_error (error);
}

/* @data: the size of the read buffer: the line, and all or a part of the first message */
static void
test_in_front (TlsFixture    *fixture,
               gconstpointer  data)
{
  g_autoptr(GBytes) rest = NULL;

  g_test_summary ("A server reads a line, and passes what has come after it to the handshake.");

  qnet_io_device_set_read_buffer_size (DEVICE (fixture->server), GPOINTER_TO_INT (data));
  send_line_and_hello (fixture);
  rest = read_line_and_rest (fixture, 1);
  hand_over (fixture, rest);
  tls_fixture_await (fixture, tls_fixture_is_encrypted (fixture));
  tls_fixture_write (fixture->client, "hello");
  tls_fixture_assert_gets (fixture, fixture->server, "hello");
}

static void
finish_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  gboolean *is_encrypted = user_data;
  GError *error = NULL;

  *is_encrypted = qnet_ssl_socket_start_server_encryption_with_input_finish
    (QNET_SSL_SOCKET (source), result, &error);
  g_assert_no_error (error);
}

static void
test_in_front_async (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_autoptr(GBytes) rest = NULL;
  gboolean is_encrypted = FALSE;

  g_test_summary ("The asynchronous call returns when the connection is encrypted.");

  send_line_and_hello (fixture);
  rest = read_line_and_rest (fixture, 1);
  qnet_ssl_socket_start_server_encryption_with_input_async (fixture->server, rest, 0, NULL,
                                                            finish_cb, &is_encrypted);
  tls_fixture_await (fixture, is_encrypted);
  g_assert_true (qnet_ssl_socket_is_encrypted (fixture->server));
}

static void
plain_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  qnet_ssl_socket_start_server_encryption_with_input_finish (QNET_SSL_SOCKET (source), result,
                                                             user_data);
}

static void
test_plain_in_front_async (TlsFixture    *fixture,
                           gconstpointer  data)
{
  g_autoptr(GBytes) plain = g_bytes_new_static ("GET / HTTP/1.1\r\n", 16);
  g_autoptr(GError) error = NULL;

  g_test_summary ("It fails if the bytes are no handshake.");

  qnet_ssl_socket_start_server_encryption_with_input_async (fixture->server, plain, 0, NULL,
                                                            plain_cb, &error);
  tls_fixture_await (fixture, error != NULL);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
}

static void
test_nothing_in_front (TlsFixture    *fixture,
                       gconstpointer  data)
{
  g_autoptr(GBytes) nothing = g_bytes_new_static ("", 0);

  g_test_summary ("Nothing may have come after the line.");

  hand_over (fixture, nothing);
  g_assert_true (qnet_ssl_socket_start_client_encryption (fixture->client, NULL));
  tls_fixture_await (fixture, tls_fixture_is_encrypted (fixture));
}

static void
assert_refuses (TlsFixture *fixture,
                const char *pattern)
{
  tls_fixture_await (fixture, has_ended (fixture->server));
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, pattern);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 0);
}

static void
test_plain_in_front (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_autoptr(GBytes) rest = NULL;
  int peer;

  g_test_summary ("Bytes that are passed to the handshake are never data: text is no handshake.");

  keep_one (fixture, QNET_SSL_MODE_SERVER, &peer);
  pair_send (peer, PROXY_LINE "RCPT TO:<injected@example>\r\n");
  rest = read_line_and_rest (fixture, strlen ("RCPT"));
  hand_over (fixture, rest);
  assert_refuses (fixture, "*: The peer does not speak TLS");
  g_assert_no_errno (close (peer));
}

static void
test_injection_in_front (TlsFixture    *fixture,
                         gconstpointer  data)
{
  g_autoptr(GBytes) rest = NULL;
  g_autoptr(GBytes) input = NULL;
  g_autoptr(GByteArray) bytes = g_byte_array_new ();

  g_test_summary ("Text that an attacker inserts behind the first message of the client ends the "
                  "handshake, and is never data.");

  send_line_and_hello (fixture);
  rest = read_line_and_rest (fixture, 200);
  g_byte_array_append (bytes, g_bytes_get_data (rest, NULL), g_bytes_get_size (rest));
  g_byte_array_append (bytes, (const guint8 *) "RCPT TO:<injected@example>\r\n", 28);
  input = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  hand_over (fixture, input);
  tls_fixture_await_end (fixture);
  assert_refuses (fixture, "*");
  g_assert_null (strstr (fixture->server_log->str, "encrypted"));
}

static void
test_unread_in_front (TlsFixture    *fixture,
                      gconstpointer  data)
{
  g_autoptr(GBytes) some = g_bytes_new_static ("\x16\x03\x01", 3);
  GError *error = NULL;
  int peer;
  QnetSslSocket *socket = keep_one (fixture, QNET_SSL_MODE_SERVER, &peer);

  g_test_summary ("What is still unread is refused, whatever is passed to the handshake.");

  pair_send (peer, PROXY_LINE);
  tls_fixture_await (fixture, qnet_io_device_get_bytes_available (DEVICE (socket)) > 0);
  g_assert_false (qnet_ssl_socket_start_server_encryption_with_input (socket, some, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_nonnull (strstr (error->message, "Unencrypted bytes"));
  g_clear_error (&error);
  g_assert_true (has_ended (socket));
  g_assert_no_errno (close (peer));
}

/* Another protocol, or nothing */

static void
test_plain_server (TlsFixture    *fixture,
                   gconstpointer  data)
{
  int peer;
  QnetSslSocket *socket = keep_one (fixture, QNET_SSL_MODE_CLIENT, &peer);

  g_test_summary ("The handshake with a server without TLS fails, and none of its bytes can be "
                  "read.");

  pair_send (peer, data);
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (socket), 30000, NULL));
  qnet_io_device_skip (DEVICE (socket), 1000, NULL);
  g_assert_true (qnet_ssl_socket_start_client_encryption (socket, NULL));
  tls_fixture_write (socket, "a secret");
  pair_send (peer, data);
  tls_fixture_await (fixture, has_ended (socket));
  tls_fixture_assert_error (socket, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "Could not encrypt*");
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (socket)), ==, 0);
  g_assert_no_errno (close (peer));
}

static void
test_stalled (TlsFixture    *fixture,
              gconstpointer  data)
{
  QnetSslMode mode = GPOINTER_TO_INT (data);
  int peer;
  QnetSslSocket *socket = keep_one (fixture, mode, &peer);

  g_test_summary ("A handshake with a peer that stalls times out.");

  qnet_ssl_socket_set_handshake_timeout (socket, 50);
  g_assert_true (start (socket, mode, NULL));
  tls_fixture_await (fixture, has_ended (socket));
  tls_fixture_assert_error (socket, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                            "*: The TLS handshake took longer than * s");
  g_assert_no_errno (close (peer));
}

static void
test_closes (TlsFixture    *fixture,
             gconstpointer  data)
{
  QnetSslMode mode = GPOINTER_TO_INT (data);
  int peer;
  QnetSslSocket *socket = keep_one (fixture, mode, &peer);

  g_test_summary ("A peer that closes the connection during the handshake is reported as that.");

  g_assert_true (start (socket, mode, NULL));
  g_assert_no_errno (close (peer));
  tls_fixture_await (fixture, has_ended (socket));
  tls_fixture_assert_error (socket, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED, "Could not encrypt*");
}

/* A relay between the two that truncates the last record */

static void
test_truncated (TlsFixture    *fixture,
                gconstpointer  data)
{
  int near, far, from_client;
  G_GNUC_UNUSED g_autoptr(QnetSslSocket) socket = NULL;
  char record[65536];
  gssize size = 0, n;

  g_test_summary ("Nothing of a truncated record can be read, and the end after it is not an "
                  "orderly one.");

  tls_fixture_encrypt (fixture);
  pair_open_tcp (&near, &far);
  from_client = qnet_socket_get_fd (QNET_SOCKET (fixture->server));
  qnet_socket_pause_reading (QNET_SOCKET (fixture->server));
  tls_fixture_write (fixture->client, "these words never arrive");
  tls_fixture_await (fixture, qnet_io_device_get_bytes_to_write (DEVICE (fixture->client)) == 0);

  while ((n = read (from_client, record + size, sizeof record - (gsize) size)) > 0 || size == 0)
    size += MAX (n, 0);
  g_assert_cmpint (dup2 (near, from_client), ==, from_client);
  g_assert_cmpint (write (far, record, (gsize) size / 2), ==, size / 2);
  g_assert_no_errno (close (far));
  g_assert_no_errno (close (near));

  qnet_socket_resume_reading (QNET_SOCKET (fixture->server));
  tls_fixture_await (fixture, has_ended (fixture->server));
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                            "*without a TLS close_notify*");
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 0);
}

static void
test_garbage (TlsFixture    *fixture,
              gconstpointer  data)
{
  int fd;
  char garbage[] = "\x17\x03\x03\x00\x20" "this was never sealed with a key.";

  g_test_summary ("A forged record ends the connection, and nothing of it can be read.");

  tls_fixture_encrypt (fixture);
  fd = qnet_socket_get_fd (QNET_SOCKET (fixture->client));
  g_assert_cmpint (write (fd, garbage, sizeof garbage - 1), ==, sizeof garbage - 1);
  tls_fixture_await (fixture, has_ended (fixture->server));
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_SSL_INTERNAL, "*");
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 0);
}

static void
test_reset_before (TlsFixture    *fixture,
                   gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  int peer;
  QnetSslSocket *socket = keep_one (fixture, QNET_SSL_MODE_CLIENT, &peer);

  g_test_summary ("A connection that was reset before the switch is an error of that call, and "
                  "nothing is logged.");

  pair_reset (&peer);
  g_assert_false (qnet_ssl_socket_start_client_encryption (socket, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  g_assert_cmpstr (error->message, ==,
                   "Could not encrypt the connection to localhost: Connection reset by peer");
  tls_fixture_await (fixture, has_ended (socket));
}

#define add(path, func, data) tls_fixture_add ("/ssl-hostile/" path, func, data)

int
main (int    argc,
      char **argv)
{
  gconstpointer client = GINT_TO_POINTER (QNET_SSL_MODE_CLIENT);
  gconstpointer server = GINT_TO_POINTER (QNET_SSL_MODE_SERVER);

  g_test_init (&argc, &argv, NULL);

  add ("starttls/works", test_starttls, NULL);
  add ("starttls/much-before", test_much_before, NULL);
  add ("starttls/injection/client", test_injection, client);
  add ("starttls/injection/server", test_injection, server);
  add ("starttls/injection/late", test_late_injection, NULL);
  add ("in-front/works", test_in_front, GINT_TO_POINTER (65536));
  add ("in-front/a-part", test_in_front, GINT_TO_POINTER (60));
  add ("in-front/async", test_in_front_async, NULL);
  add ("in-front/async/plain", test_plain_in_front_async, NULL);
  add ("in-front/nothing", test_nothing_in_front, NULL);
  add ("in-front/plain", test_plain_in_front, NULL);
  add ("in-front/injection", test_injection_in_front, NULL);
  add ("in-front/unread", test_unread_in_front, NULL);
  add ("plain-server/smtp", test_plain_server, "220 mail.example ESMTP\r\n");
  add ("plain-server/http", test_plain_server, "HTTP/1.1 400 Bad Request\r\n\r\n");
  add ("stalled/client", test_stalled, client);
  add ("stalled/server", test_stalled, server);
  add ("closes/client", test_closes, client);
  add ("closes/server", test_closes, server);
  add ("reset-before-the-handshake", test_reset_before, NULL);
  add ("truncated", test_truncated, NULL);
  add ("garbage", test_garbage, NULL);

  return g_test_run ();
}
