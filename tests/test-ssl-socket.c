/* test-ssl-socket.c: TLS between two sockets, from the handshake to the goodbye
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "common/pair.h"
#include "common/tls-fixture.h"
#include "lookup/qnet-host-cache-private.h"

/* Handshakes */

static void
test_encrypts (TlsFixture    *fixture,
               gconstpointer  data)
{
  g_test_summary ("Both begin to encrypt; both are told once, and know what was agreed upon.");

  g_assert_cmpint (qnet_ssl_socket_get_mode (fixture->client), ==, QNET_SSL_MODE_UNENCRYPTED);
  g_assert_null (qnet_ssl_socket_get_session_protocol (fixture->client));

  tls_fixture_start (fixture);
  g_assert_cmpint (qnet_ssl_socket_get_mode (fixture->client), ==, QNET_SSL_MODE_CLIENT);
  g_assert_cmpint (qnet_ssl_socket_get_mode (fixture->server), ==, QNET_SSL_MODE_SERVER);
  g_assert_false (qnet_ssl_socket_get_is_encrypted (fixture->client));
  tls_fixture_await (fixture, tls_fixture_is_encrypted (fixture));

  g_assert_cmpstr (fixture->client_log->str, ==, "encrypted");
  g_assert_cmpstr (fixture->server_log->str, ==, "encrypted");
  g_assert_cmpstr (qnet_ssl_socket_get_session_protocol (fixture->client), ==, "TLSv1.3");
  g_assert_nonnull (qnet_ssl_socket_get_session_cipher (fixture->client));
  g_assert_cmpstr (qnet_ssl_socket_get_session_cipher (fixture->server), ==,
                   qnet_ssl_socket_get_session_cipher (fixture->client));
  g_assert_nonnull (qnet_ssl_socket_get_peer_certificate (fixture->client));
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==, 0);
  g_assert_null (qnet_ssl_socket_get_peer_certificate (fixture->server));
  g_assert_cmpstr (qnet_ssl_socket_get_requested_server_name (fixture->server), ==, "localhost");
  g_assert_true (G_IS_TLS_CLIENT_CONNECTION (qnet_ssl_socket_get_tls_connection (fixture->client)));
}

static void
test_talks (TlsFixture    *fixture,
            gconstpointer  data)
{
  g_test_summary ("Bytes go both ways, whatever was written before the handshake included.");

  tls_fixture_start (fixture);
  tls_fixture_write (fixture->client, "early");
  tls_fixture_write (fixture->server, "hello");
  tls_fixture_assert_gets (fixture, fixture->server, "early");
  tls_fixture_assert_gets (fixture, fixture->client, "hello");

  tls_fixture_write (fixture->client, "one ");
  tls_fixture_write (fixture->client, "two");
  tls_fixture_assert_gets (fixture, fixture->server, "one two");
}

static void
add_cb (QnetSslSocket *socket,
        gint64         size,
        gint64        *total)
{
  *total += size;
}

static void
test_counts (TlsFixture    *fixture,
             gconstpointer  data)
{
  gint64 plain = 0, encrypted = 0;

  g_test_summary ("What is written is told, and so is what became of it: the handshake, headers and tags.");

  g_signal_connect (fixture->client, "encrypted-bytes-written", G_CALLBACK (add_cb), &encrypted);
  g_signal_connect (fixture->client, "bytes-written", G_CALLBACK (add_cb), &plain);
  tls_fixture_encrypt (fixture);
  g_assert_cmpint (plain, ==, 0);
  g_assert_cmpint (encrypted, >, 100);

  encrypted = 0;
  tls_fixture_write (fixture->client, "ten bytes!");
  tls_fixture_await (fixture, encrypted > 0);
  g_assert_cmpint (plain, ==, 10);
  g_assert_cmpint (encrypted, >=, 10 + 5 + 16);
  g_assert_cmpint (qnet_ssl_socket_get_encrypted_bytes_to_write (fixture->client), ==, 0);
  g_assert_cmpint (qnet_ssl_socket_get_encrypted_bytes_available (fixture->client), ==, 0);
}

/* Much, and backpressure */

#define MUCH (8 * 1024 * 1024)

static void
count_and_check_cb (QnetIODevice *device,
                    gsize        *total)
{
  guint8 buffer[7001];
  gssize n;

  while ((n = qnet_io_device_read (device, buffer, sizeof buffer, NULL)) > 0)
    for (gssize i = 0; i < n; i++)
      g_assert_cmpuint (buffer[i], ==, (guint8) ((*total)++ % 251));
}

static GBytes *
make_pattern (gsize size)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = i % 251;

  return g_bytes_new_take (data, size);
}

static void
test_much (TlsFixture    *fixture,
           gconstpointer  data)
{
  g_autoptr(GBytes) bytes = make_pattern (MUCH);
  gsize at_client = 0, at_server = 0;

  g_test_summary ("Megabytes go both ways at once, through a limited read buffer, and none is lost.");

  qnet_io_device_set_read_buffer_size (DEVICE (fixture->server), 40000);
  g_signal_connect (fixture->client, "ready-read", G_CALLBACK (count_and_check_cb), &at_client);
  g_signal_connect (fixture->server, "ready-read", G_CALLBACK (count_and_check_cb), &at_server);
  tls_fixture_start (fixture);
  qnet_io_device_write_bytes (DEVICE (fixture->client), bytes, NULL);
  qnet_io_device_write_bytes (DEVICE (fixture->server), bytes, NULL);
  tls_fixture_await (fixture, at_client == MUCH && at_server == MUCH);

  /* Many records a call: neither a record nor a header has one of its own. */
  g_assert_cmpuint (qnet_io_device_get_send_calls (DEVICE (fixture->client)), <, MUCH / 16384);
}

static void
test_full_buffer (TlsFixture    *fixture,
                  gconstpointer  data)
{
  g_autoptr(GBytes) bytes = make_pattern (100000);
  gsize total = 0;

  g_test_summary ("At the limit of the read buffer reading stops, and goes on by itself with what lies inside TLS.");

  qnet_io_device_set_read_buffer_size (DEVICE (fixture->server), 1000);
  tls_fixture_encrypt (fixture);
  qnet_io_device_write_bytes (DEVICE (fixture->client), bytes, NULL);
  tls_fixture_await (fixture, qnet_io_device_get_bytes_to_write (DEVICE (fixture->client)) == 0
                              && qnet_io_device_get_bytes_available (DEVICE (fixture->server)) == 1000);
  tls_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 1000);

  g_signal_connect (fixture->server, "ready-read", G_CALLBACK (count_and_check_cb), &total);
  count_and_check_cb (DEVICE (fixture->server), &total);
  tls_fixture_await (fixture, total == 100000);
}

static void
test_paused (TlsFixture    *fixture,
             gconstpointer  data)
{
  g_test_summary ("A paused socket reads nothing; resumed, it finds what came with the last byte of the handshake.");

  tls_fixture_start (fixture);
  tls_fixture_write (fixture->client, "early");
  qnet_abstract_socket_pause_reading (ABSTRACT (fixture->server));
  tls_fixture_await (fixture, tls_fixture_is_encrypted (fixture)
                              && qnet_io_device_get_bytes_to_write (DEVICE (fixture->client)) == 0);
  tls_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 0);

  qnet_abstract_socket_resume_reading (ABSTRACT (fixture->server));
  tls_fixture_assert_gets (fixture, fixture->server, "early");
}

static void
assert_all_until_end (TlsFixture *fixture,
                      gsize       size)
{
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->client));
  tls_fixture_await (fixture, qnet_abstract_socket_get_state (ABSTRACT (fixture->server)) == QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpuint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, size);
}

static void
test_paused_and_end (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("The end of a paused socket's peer is noticed, after all that it has sent.");

  tls_fixture_encrypt (fixture);
  qnet_abstract_socket_pause_reading (ABSTRACT (fixture->server));
  tls_fixture_write (fixture->client, "last");
  tls_fixture_await (fixture, qnet_io_device_get_bytes_to_write (DEVICE (fixture->client)) == 0);
  tls_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 0);
  assert_all_until_end (fixture, 4);
}

static void
test_full_and_end (TlsFixture    *fixture,
                   gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (30000), 30000);

  g_test_summary ("The end of a peer that has filled the read buffer is noticed, and no byte inside TLS is lost.");

  qnet_io_device_set_read_buffer_size (DEVICE (fixture->server), 1000);
  tls_fixture_encrypt (fixture);
  qnet_io_device_write_bytes (DEVICE (fixture->client), bytes, NULL);
  tls_fixture_await (fixture, qnet_io_device_get_bytes_to_write (DEVICE (fixture->client)) == 0
                              && qnet_io_device_get_bytes_available (DEVICE (fixture->server)) == 1000);
  tls_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 1000);
  assert_all_until_end (fixture, 30000);
}

static void
test_steal (TlsFixture    *fixture,
            gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("An encrypted connection is not handed out as a plain one.");

  tls_fixture_encrypt (fixture);
  g_assert_null (qnet_abstract_socket_steal_connection (ABSTRACT (fixture->client), &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
}

static void
test_alpn (TlsFixture    *fixture,
           gconstpointer  data)
{
  const char *const ours[] = { "h2", "http/1.1", NULL };
  const char *const theirs[] = { "http/1.1", NULL };

  g_test_summary ("Both agree on a protocol that both speak (ALPN).");

  qnet_ssl_socket_set_advertised_protocols (fixture->client, ours);
  qnet_ssl_socket_set_advertised_protocols (fixture->server, theirs);
  g_assert_cmpstrv (qnet_ssl_socket_get_advertised_protocols (fixture->client), ours);
  tls_fixture_encrypt (fixture);
  g_assert_cmpstr (qnet_ssl_socket_get_negotiated_protocol (fixture->client), ==, "http/1.1");
  g_assert_cmpstr (qnet_ssl_socket_get_negotiated_protocol (fixture->server), ==, "http/1.1");
}

static void
count_mode_cb (QnetSslSocket *socket,
               QnetSslMode    mode,
               guint         *count)
{
  g_assert_cmpint (qnet_ssl_socket_get_mode (socket), ==, mode);
  (*count)++;
}

static void
test_properties (TlsFixture    *fixture,
                 gconstpointer  data)
{
  g_autoptr(GTlsInteraction) interaction = g_object_new (G_TYPE_TLS_INTERACTION, NULL);
  g_autoptr(GTlsCertificate) certificate = load_certificate ("client");
  g_autoptr(GTlsDatabase) database = g_object_ref (qnet_ssl_socket_get_database (fixture->client));
  const char *const protocols[] = { "h2", NULL };
  g_autoptr(GObject) got_certificate = NULL;
  g_autoptr(GObject) got_database = NULL;
  g_autoptr(GObject) got_interaction = NULL;
  g_autofree char *name = NULL;
  g_auto(GStrv) got_protocols = NULL;
  QnetSslPeerVerifyMode mode;
  int timeout;

  g_test_summary ("Every setting is a property.");

  g_object_set (fixture->server,
                "certificate", certificate, "database", database, "interaction", interaction,
                "advertised-protocols", protocols, "handshake-timeout", 77,
                "peer-verify-mode", QNET_SSL_PEER_VERIFY_MODE_QUERY, "peer-verify-name", "a", NULL);
  g_object_get (fixture->server,
                "certificate", &got_certificate, "database", &got_database, "interaction", &got_interaction,
                "advertised-protocols", &got_protocols, "handshake-timeout", &timeout,
                "peer-verify-mode", &mode, "peer-verify-name", &name, NULL);

  g_assert_true (got_certificate == (gpointer) certificate && got_database == (gpointer) database
                 && got_interaction == (gpointer) interaction);
  g_assert_cmpstrv (got_protocols, protocols);
  g_assert_cmpint (timeout, ==, 77);
  g_assert_cmpint (mode, ==, QNET_SSL_PEER_VERIFY_MODE_QUERY);
  g_assert_cmpstr (name, ==, "a");

  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*qnet_ssl_socket_set_database*");
  g_object_set (fixture->server, "database", NULL, NULL);  /* what a database is that could not be loaded */
  g_test_assert_expected_messages ();
  g_assert_true (qnet_ssl_socket_get_database (fixture->server) == database);
}

static void
test_session_properties (TlsFixture    *fixture,
                         gconstpointer  data)
{
  g_autoptr(GObject) certificate = NULL;
  g_autofree char *protocol = NULL;
  g_autofree char *cipher = NULL;
  g_autofree char *negotiated = NULL;
  g_autofree char *name = NULL;
  GTlsCertificateFlags errors;
  QnetSslMode mode;
  gboolean is_encrypted;
  guint n_modes = 0;

  g_test_summary ("What the handshake has brought are properties, and a change of mode is told.");

  g_signal_connect (fixture->client, "mode-changed", G_CALLBACK (count_mode_cb), &n_modes);
  tls_fixture_encrypt (fixture);
  g_assert_cmpuint (n_modes, ==, 1);

  g_object_get (fixture->client,
                "mode", &mode, "is-encrypted", &is_encrypted, "peer-certificate", &certificate,
                "peer-certificate-errors", &errors, "session-protocol", &protocol, "session-cipher", &cipher,
                "negotiated-protocol", &negotiated, "requested-server-name", &name, NULL);
  g_assert_cmpint (mode, ==, QNET_SSL_MODE_CLIENT);
  g_assert_true (is_encrypted);
  g_assert_true (G_IS_TLS_CERTIFICATE (certificate));
  g_assert_cmpint (errors, ==, 0);
  g_assert_cmpstr (protocol, ==, "TLSv1.3");
  g_assert_nonnull (cipher);
  g_assert_null (negotiated);
  g_assert_null (name);
}

/* Beginning in the wrong moment */

static void
test_wire (TlsFixture    *fixture,
           gconstpointer  data)
{
  guint8 bytes[256];
  gssize n;

  g_test_summary ("What goes over the connection is a record of TLS, without the text.");

  tls_fixture_encrypt (fixture);
  tls_fixture_settle (fixture);
  tls_fixture_write (fixture->client, "a secret");
  qnet_io_device_flush (DEVICE (fixture->client));

  n = recv (qnet_abstract_socket_get_socket_descriptor (ABSTRACT (fixture->server)), bytes, sizeof bytes,
            MSG_PEEK | MSG_DONTWAIT);
  g_assert_cmpint (n, >, 5 + 8);
  g_assert_cmpint (bytes[0], ==, 23);  /* application data */
  g_assert_null (memmem (bytes, n, "a secret", 8));
  tls_fixture_assert_gets (fixture, fixture->server, "a secret");
}

static void
test_chain (TlsFixture    *fixture,
            gconstpointer  data)
{
  g_autoptr(GTlsCertificate) authority = load_certificate ("ca");
  g_autoptr(GTlsCertificate) certificate = NULL;
  g_autofree char *own = NULL;
  g_autofree char *above = NULL;
  g_autofree char *both = NULL;
  GTlsCertificate *issuer;

  g_test_summary ("The certificates that a peer sends above its own are the issuers of that.");

  g_assert_true (g_file_get_contents (get_certificate_path ("server"), &own, NULL, NULL));
  g_assert_true (g_file_get_contents (get_certificate_path ("ca"), &above, NULL, NULL));
  both = g_strconcat (own, above, NULL);
  certificate = g_tls_certificate_new_from_pem (both, -1, NULL);
  g_assert_nonnull (certificate);

  qnet_ssl_socket_set_certificate (fixture->server, certificate);
  tls_fixture_encrypt (fixture);
  issuer = g_tls_certificate_get_issuer (qnet_ssl_socket_get_peer_certificate (fixture->client));
  g_assert_nonnull (issuer);
  g_assert_true (g_tls_certificate_is_same (issuer, authority));
}

static void
test_start_refused (TlsFixture    *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetSslSocket) unconnected = qnet_ssl_socket_new ();
  GError *error = NULL;

  g_test_summary ("Without a connection, a certificate, or twice, no encryption begins.");

  g_assert_false (qnet_ssl_socket_start_client_encryption (unconnected, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  g_assert_false (qnet_ssl_socket_start_server_encryption (fixture->client, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  tls_fixture_encrypt (fixture);
  g_assert_false (qnet_ssl_socket_start_client_encryption (fixture->client, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_cmpstr (fixture->client_log->str, ==, "encrypted");
}

static void
test_bad_files (TlsFixture    *fixture,
                gconstpointer  data)
{
  GTlsCertificate *before = qnet_ssl_socket_get_certificate (fixture->server);
  GError *error = NULL;

  g_test_summary ("Files that cannot be used are refused, with their name, and what was set stays.");

  g_assert_false (qnet_ssl_socket_set_certificate_files (fixture->server, "/nowhere/to.pem", "/be/found.key", &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_assert_nonnull (strstr (error->message, "/nowhere/to.pem"));
  g_clear_error (&error);

  g_assert_false (qnet_ssl_socket_set_certificate_uris (fixture->server, "nonsense:", NULL, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_clear_error (&error);

  g_assert_false (qnet_ssl_socket_set_database_file (fixture->server, "/nowhere/to.pem", &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_clear_error (&error);

  g_assert_true (qnet_ssl_socket_get_certificate (fixture->server) == before);
}

static void
test_no_key (TlsFixture    *fixture,
             gconstpointer  data)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate ("server");
  g_autofree char *pem = NULL;
  g_autoptr(GTlsCertificate) keyless = NULL;

  g_test_summary ("A server with a certificate without its key fails in time, and says why.");

  g_object_get (certificate, "certificate-pem", &pem, NULL);
  keyless = g_tls_certificate_new_from_pem (pem, -1, NULL);
  qnet_ssl_socket_set_certificate (fixture->server, keyless);
  tls_fixture_start (fixture);
  tls_fixture_await_end (fixture);
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA, "Could not begin to encrypt: *");
}

/* How connections end */

static void
test_supported (void)
{
  g_test_summary ("Encryption is supported where GIO has a module for it.");

  g_assert_cmpint (qnet_ssl_socket_supports_ssl (), ==, g_tls_backend_supports_tls (g_tls_backend_get_default ()));
}

static void
test_goodbye (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_test_summary ("What was written arrives before the goodbye, and a goodbye is an orderly end.");

  tls_fixture_encrypt (fixture);
  tls_fixture_write (fixture->client, "the last words");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->client));
  tls_fixture_await_end (fixture);

  tls_fixture_assert_gets (fixture, fixture->server, "the last words");
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED, "*has closed the connection");
  g_assert_cmpstr (fixture->client_log->str, ==, "encrypted disconnected");
  g_assert_cmpstr (fixture->server_log->str, ==, "encrypted error:1 disconnected");
  g_assert_false (qnet_ssl_socket_get_is_encrypted (fixture->client));
  g_assert_cmpint (qnet_ssl_socket_get_mode (fixture->client), ==, QNET_SSL_MODE_CLIENT);
}

static void
test_cut_off (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_test_summary ("A connection that ends without a goodbye has the same code and other words.");

  tls_fixture_encrypt (fixture);
  tls_fixture_write (fixture->client, "half");
  tls_fixture_assert_gets (fixture, fixture->server, "half");
  qnet_abstract_socket_abort (ABSTRACT (fixture->client));
  tls_fixture_await_end (fixture);
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED, "*was cut off*");
}

static void
store_result_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_stream_goodbye (TlsFixture    *fixture,
                     gconstpointer  data)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (fixture->server));
  g_autoptr(GAsyncResult) result = NULL;
  gboolean is_clean = GPOINTER_TO_INT (data);
  GError *error = NULL;
  char buffer[8];

  g_test_summary ("Who reads a stream gets 0 bytes for a goodbye, and an error for a connection that was cut off.");

  tls_fixture_encrypt (fixture);
  g_input_stream_read_async (stream, buffer, sizeof buffer, 0, NULL, store_result_cb, &result);
  if (is_clean)
    qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->client));
  else
    qnet_abstract_socket_abort (ABSTRACT (fixture->client));
  tls_fixture_await (fixture, result != NULL);

  g_assert_cmpint (g_input_stream_read_finish (stream, result, &error), ==, is_clean ? 0 : -1);
  g_assert_true ((error == NULL) == is_clean);
  g_clear_error (&error);
}

static void
test_half_close (TlsFixture    *fixture,
                 gconstpointer  data)
{
  g_test_summary ("One side may say its goodbye and go on listening (RFC 8446, section 6.1).");

  qnet_abstract_socket_set_allow_half_open (ABSTRACT (fixture->server), TRUE);
  tls_fixture_encrypt (fixture);
  tls_fixture_write (fixture->client, "question");
  qnet_abstract_socket_shutdown_write (ABSTRACT (fixture->client));
  tls_fixture_assert_gets (fixture, fixture->server, "question");
  tls_fixture_write (fixture->server, "answer");
  tls_fixture_assert_gets (fixture, fixture->client, "answer");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->server));
  tls_fixture_await_end (fixture);
  g_assert_cmpstr (fixture->server_log->str, ==, "encrypted disconnected");
}

static void
test_disconnect_early (TlsFixture    *fixture,
                       gconstpointer  data)
{
  g_test_summary ("Disconnected in the middle of the handshake, a socket still sends what was written.");

  tls_fixture_start (fixture);
  tls_fixture_write (fixture->client, "not lost");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->client));
  tls_fixture_await_end (fixture);
  tls_fixture_assert_gets (fixture, fixture->server, "not lost");
}

static void
test_dropped_early (TlsFixture    *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A socket that nobody holds any more ends its handshake, and sends what was written.");

  tls_fixture_start (fixture);
  tls_fixture_write (fixture->client, "not lost");
  g_clear_object (&fixture->client);
  tls_fixture_assert_gets (fixture, fixture->server, "not lost");
  tls_fixture_await_end (fixture);
}

static void
test_abort_early (TlsFixture    *fixture,
                  gconstpointer  data)
{
  g_test_summary ("Aborted in the middle of the handshake, a socket is unconnected at once, and its peer hears of it.");

  tls_fixture_start (fixture);
  qnet_abstract_socket_abort (ABSTRACT (fixture->client));
  g_assert_cmpstr (fixture->client_log->str, ==, "disconnected");
  tls_fixture_await_end (fixture);
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED, "Could not encrypt*");
}

static void
test_context_goes (TlsFixture    *fixture,
                   gconstpointer  data)
{
  GMainContext *context = g_main_context_new ();
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  int near, far;

  g_test_summary ("A context that goes in the middle of a handshake takes the connection with it, and leaves nothing behind.");

  pair_open_tcp (&near, &far);
  g_main_context_push_thread_default (context);
  qnet_abstract_socket_set_socket_descriptor (ABSTRACT (socket), near, QNET_SOCKET_STATE_CONNECTED,
                                              QNET_OPEN_MODE_READ_WRITE, NULL);
  g_assert_true (qnet_ssl_socket_start_client_encryption (socket, NULL));
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);

  g_assert_cmpint (qnet_abstract_socket_get_state (ABSTRACT (socket)), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_finalize_object (g_steal_pointer (&socket));
  g_assert_no_errno (close (far));
}

/* Any handler may do anything */

static void
drop_cb (QnetSslSocket **socket)
{
  g_clear_object (socket);
}

static void
start_and_abort (TlsFixture *fixture,
                 gboolean    is_dropped)
{
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  QnetSslSocket *known = socket;
  int near, far;

  pair_open_tcp (&near, &far);
  g_object_add_weak_pointer (G_OBJECT (known), (gpointer *) &known);
  qnet_abstract_socket_set_socket_descriptor (ABSTRACT (socket), near, QNET_SOCKET_STATE_CONNECTED,
                                              QNET_OPEN_MODE_READ_WRITE, NULL);
  g_signal_connect (socket, "notify::mode", G_CALLBACK (qnet_abstract_socket_abort), NULL);
  if (is_dropped)
    g_signal_connect_swapped (socket, "notify::mode", G_CALLBACK (drop_cb), &socket);

  qnet_ssl_socket_start_client_encryption (socket, NULL);
  tls_fixture_settle (fixture);
  g_assert_cmpint (known == NULL, ==, is_dropped);
  if (known != NULL)
    g_assert_cmpint (qnet_abstract_socket_get_state (ABSTRACT (known)), ==, QNET_SOCKET_STATE_UNCONNECTED);

  g_assert_no_errno (close (far));
  g_clear_weak_pointer (&known);
}

static void
test_mode_aborts (TlsFixture    *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A handler that hears of the mode may end the connection, and let the socket go.");

  start_and_abort (fixture, FALSE);
  start_and_abort (fixture, TRUE);
}

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_mode_aborts_async (TlsFixture    *fixture,
                        gconstpointer  data)
{
  g_autoptr(GAsyncResult) result = NULL;

  g_test_summary ("An asynchronous call whose connection a handler ends inside it ends, too.");

  g_signal_connect (fixture->client, "notify::mode", G_CALLBACK (qnet_abstract_socket_abort), NULL);
  qnet_ssl_socket_start_client_encryption_async (fixture->client, 0, NULL, result_cb, &result);
  tls_fixture_settle (fixture);
  g_assert_nonnull (result);
  g_assert_false (qnet_ssl_socket_start_client_encryption_finish (fixture->client, result, NULL));
}

static void
test_session_aborts (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  guint n_encrypted = 0;

  g_test_summary ("Where a handler that hears of the session ends the connection, it is not told to be encrypted after its end.");

  g_signal_connect (fixture->client, "notify::is-encrypted", G_CALLBACK (qnet_abstract_socket_abort), NULL);
  g_signal_connect_swapped (fixture->client, "encrypted", G_CALLBACK (count_cb), &n_encrypted);
  g_assert_true (qnet_ssl_socket_start_server_encryption (fixture->server, NULL));
  qnet_ssl_socket_start_client_encryption_async (fixture->client, 0, NULL, result_cb, &result);

  tls_fixture_await (fixture, result != NULL);
  g_assert_cmpuint (n_encrypted, ==, 0);
  g_assert_false (qnet_ssl_socket_start_client_encryption_finish (fixture->client, result, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
}

static gboolean
has_outcome (QnetSslSocket *socket)
{
  return qnet_ssl_socket_get_is_encrypted (socket)
         || qnet_io_device_get_error (QNET_IO_DEVICE (socket)) != NULL;
}

static void
remember (const char      *name,
          QnetHostAddress *address)
{
  g_autoptr(GResolver) resolver = g_resolver_get_default ();
  g_autoptr(GPtrArray) addresses = g_ptr_array_new ();
  g_autoptr(QnetHostInfo) info = NULL;

  g_ptr_array_add (addresses, address);
  info = qnet_host_info_new (name, addresses, NULL);

  /* The first one enters a cache that was another resolver's, or of another configuration. */
  for (guint i = 0; i < 2; i++)
    qnet_host_cache_add (resolver, name, info, qnet_host_cache_get_generation (),
                         QNET_HOST_CACHE_NO_LIMIT);
}

static gboolean
is_remembered (const char *name)
{
  g_autoptr(GResolver) resolver = g_resolver_get_default ();
  g_autoptr(QnetHostInfo) info = qnet_host_cache_find (resolver, name);

  return info != NULL;
}

static void
answer_without_tls_cb (QnetServer *server)
{
  g_autoptr(QnetTcpSocket) socket
    = qnet_tcp_server_next_pending_connection (QNET_TCP_SERVER (server));

  g_assert_true (is_remembered ("moved.test"));
  qnet_io_device_write (DEVICE (socket), "220 hello\r\n", 11, NULL);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (socket));
}

static void
test_forgets (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address
    = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();

  g_test_summary ("A connection whose handshake fails forgets the addresses of the name, since the "
                  "host may have moved.");

  g_assert_true (qnet_tcp_server_listen (server, address, 0, NULL));
  g_signal_connect (server, "new-connection", G_CALLBACK (answer_without_tls_cb), NULL);
  remember ("moved.test", address);

  qnet_ssl_socket_connect_to_host_encrypted (socket, "moved.test",
                                             qnet_tcp_server_get_server_port (server));
  tls_fixture_await (fixture, has_outcome (socket));

  g_assert_false (is_remembered ("moved.test"));
}

static void
test_no_descriptors (TlsFixture    *fixture,
                     gconstpointer  data)
{
  const struct rlimit limit = { 64, 64 };

  if (!g_test_subprocess ())
    {
      g_test_summary ("Encryption that begins while others hold all descriptors succeeds or fails, but "
                      "it does not end the process.");
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }

  setrlimit (RLIMIT_NOFILE, &limit);
  while (dup (STDERR_FILENO) >= 0)
    continue;

  qnet_ssl_socket_start_server_encryption (fixture->server, NULL);
  qnet_ssl_socket_start_client_encryption (fixture->client, NULL);
  tls_fixture_await (fixture, has_outcome (fixture->client) || has_outcome (fixture->server));
  _exit (0);  /* without the tests that are not run, which sanitizers would take for leaks */
}

/* A name of a certificate, or NULL, and a test that takes it */
#define add(path, func, data) tls_fixture_add ("/ssl-socket/" path, func, data)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("encrypts", test_encrypts, NULL);
  add ("mode/aborts", test_mode_aborts, NULL);
  add ("mode/aborts/async", test_mode_aborts_async, NULL);
  add ("failed-handshake-forgets-addresses", test_forgets, NULL);
  add ("no-descriptors", test_no_descriptors, NULL);
  add ("session/aborts", test_session_aborts, NULL);
  add ("talks", test_talks, NULL);
  add ("counts", test_counts, NULL);
  add ("much", test_much, NULL);
  add ("full-buffer", test_full_buffer, NULL);
  add ("paused", test_paused, NULL);
  add ("paused/end-is-noticed", test_paused_and_end, NULL);
  add ("full/end-is-noticed", test_full_and_end, NULL);
  add ("steal", test_steal, NULL);
  add ("alpn", test_alpn, NULL);
  add ("properties", test_properties, NULL);
  add ("session-properties", test_session_properties, NULL);
  add ("wire", test_wire, NULL);
  add ("peer-certificate/chain", test_chain, NULL);
  add ("start-refused", test_start_refused, NULL);
  add ("bad-files", test_bad_files, NULL);
  add ("no-key", test_no_key, NULL);
  g_test_add_func ("/ssl-socket/supported", test_supported);
  add ("goodbye", test_goodbye, NULL);
  add ("cut-off", test_cut_off, NULL);
  add ("stream/goodbye", test_stream_goodbye, GINT_TO_POINTER (TRUE));
  add ("stream/cut-off", test_stream_goodbye, GINT_TO_POINTER (FALSE));
  add ("half-close", test_half_close, NULL);
  add ("disconnect-early", test_disconnect_early, NULL);
  add ("dropped-early", test_dropped_early, NULL);
  add ("abort-early", test_abort_early, NULL);
  add ("context-goes", test_context_goes, NULL);

  return g_test_run ();
}
