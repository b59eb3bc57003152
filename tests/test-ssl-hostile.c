/* test-ssl-hostile.c: peers that inject, stall, cut off, or speak something else
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
  return qnet_abstract_socket_get_state (ABSTRACT (socket)) == QNET_SOCKET_STATE_UNCONNECTED;
}

static gboolean
start (QnetSslSocket  *socket,
       QnetSslMode     mode,
       GError        **error)
{
  return mode == QNET_SSL_MODE_SERVER ? qnet_ssl_socket_start_server_encryption (socket, error)
                                      : qnet_ssl_socket_start_client_encryption (socket, error);
}

/* What is left of the test's socket once its peer is a plain descriptor */
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
  g_test_summary ("What is written before the switch arrives in the clear, what is written after it encrypted.");

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

  g_test_summary ("However much was written before the switch, all of it arrives in the clear.");

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

  g_test_summary ("Bytes that were queued in the clear before the switch are refused, and the connection with them.");

  pair_send (peer, "STARTTLS\r\nRCPT TO:<injected@example>\r\n");
  tls_fixture_await (fixture, qnet_io_device_get_bytes_available (DEVICE (socket)) > 30);
  line = qnet_io_device_read_bytes (DEVICE (socket), strlen ("STARTTLS\r\n"));

  g_assert_false (start (socket, mode, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_nonnull (strstr (error->message, "came in the clear"));
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

  g_test_summary ("Bytes in the clear that come after the switch are no handshake.");

  g_assert_true (qnet_ssl_socket_start_server_encryption (socket, NULL));
  pair_send (peer, "RCPT TO:<injected@example>\r\n");
  tls_fixture_await (fixture, has_ended (socket));
  tls_fixture_assert_error (socket, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "*does not speak TLS");
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (socket)), ==, 0);
  g_assert_no_errno (close (peer));
}

/* Something else, or nothing */

static void
test_plain_server (TlsFixture    *fixture,
                   gconstpointer  data)
{
  int peer;
  QnetSslSocket *socket = keep_one (fixture, QNET_SSL_MODE_CLIENT, &peer);

  g_test_summary ("A client that meets a server without TLS fails to shake hands, and shows none of its bytes.");

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

  g_test_summary ("A peer that stalls is given up in time.");

  qnet_ssl_socket_set_handshake_timeout (socket, 50);
  g_assert_true (start (socket, mode, NULL));
  tls_fixture_await (fixture, has_ended (socket));
  tls_fixture_assert_error (socket, QNET_SOCKET_ERROR_SOCKET_TIMEOUT, "*the handshake took too long");
  g_assert_no_errno (close (peer));
}

static void
test_goes (TlsFixture    *fixture,
           gconstpointer  data)
{
  QnetSslMode mode = GPOINTER_TO_INT (data);
  int peer;
  QnetSslSocket *socket = keep_one (fixture, mode, &peer);

  g_test_summary ("A peer that goes in the middle of the handshake has closed the connection.");

  g_assert_true (start (socket, mode, NULL));
  g_assert_no_errno (close (peer));
  tls_fixture_await (fixture, has_ended (socket));
  tls_fixture_assert_error (socket, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED, "Could not encrypt*");
}

/* A relay between the two that cuts the last record in half */

static void
test_truncated (TlsFixture    *fixture,
                gconstpointer  data)
{
  int near, far, from_client;
  G_GNUC_UNUSED g_autoptr(QnetSslSocket) socket = NULL;
  char record[65536];
  gssize size = 0, n;

  g_test_summary ("A record that was cut in half is no byte to anybody, and the end after it no orderly one.");

  tls_fixture_encrypt (fixture);
  pair_open_tcp (&near, &far);
  from_client = qnet_abstract_socket_get_socket_descriptor (ABSTRACT (fixture->server));
  qnet_abstract_socket_pause_reading (ABSTRACT (fixture->server));
  tls_fixture_write (fixture->client, "these words never arrive");
  tls_fixture_await (fixture, qnet_io_device_get_bytes_to_write (DEVICE (fixture->client)) == 0);

  while ((n = read (from_client, record + size, sizeof record - (gsize) size)) > 0 || size == 0)
    size += MAX (n, 0);
  g_assert_cmpint (dup2 (near, from_client), ==, from_client);
  g_assert_cmpint (write (far, record, (gsize) size / 2), ==, size / 2);
  g_assert_no_errno (close (far));
  g_assert_no_errno (close (near));

  qnet_abstract_socket_resume_reading (ABSTRACT (fixture->server));
  tls_fixture_await (fixture, has_ended (fixture->server));
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED, "*was cut off*");
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 0);
}

static void
test_garbage (TlsFixture    *fixture,
              gconstpointer  data)
{
  int fd;
  char garbage[] = "\x17\x03\x03\x00\x20" "this was never sealed by anybody";

  g_test_summary ("A record that nobody with the key has made ends the connection, and shows nothing.");

  tls_fixture_encrypt (fixture);
  fd = qnet_abstract_socket_get_socket_descriptor (ABSTRACT (fixture->client));
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

  g_test_summary ("A peer that has reset the connection before the switch is an error of that call, and nothing is printed.");

  pair_reset (&peer);
  g_assert_false (qnet_ssl_socket_start_client_encryption (socket, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  g_assert_cmpstr (error->message, ==, "Could not encrypt the connection to localhost: Connection reset by peer");
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
  add ("plain-server/smtp", test_plain_server, "220 mail.example ESMTP\r\n");
  add ("plain-server/http", test_plain_server, "HTTP/1.1 400 Bad Request\r\n\r\n");
  add ("stalled/client", test_stalled, client);
  add ("stalled/server", test_stalled, server);
  add ("goes/client", test_goes, client);
  add ("goes/server", test_goes, server);
  add ("reset-before-the-handshake", test_reset_before, NULL);
  add ("truncated", test_truncated, NULL);
  add ("garbage", test_garbage, NULL);

  return g_test_run ();
}
