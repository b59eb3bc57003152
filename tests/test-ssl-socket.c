/* test-ssl-socket.c: TLS between two sockets, from the handshake to close_notify
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

#include "common/calls.h"
#include "common/pair.h"
#include "common/tls-fixture.h"
#include "lookup/qnet-host-cache-private.h"

/* Handshakes */

static void
test_encrypts (TlsFixture    *fixture,
               gconstpointer  data)
{
  g_test_summary ("Both sides emit encrypted once, and know what was negotiated.");

  g_assert_cmpint (qnet_ssl_socket_get_mode (fixture->client), ==, QNET_SSL_MODE_UNENCRYPTED);
  g_assert_null (qnet_ssl_socket_get_session_protocol (fixture->client));

  tls_fixture_start (fixture);
  g_assert_cmpint (qnet_ssl_socket_get_mode (fixture->client), ==, QNET_SSL_MODE_CLIENT);
  g_assert_cmpint (qnet_ssl_socket_get_mode (fixture->server), ==, QNET_SSL_MODE_SERVER);
  g_assert_false (qnet_ssl_socket_is_encrypted (fixture->client));
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
}

static void
test_talks (TlsFixture    *fixture,
            gconstpointer  data)
{
  g_test_summary ("Bytes are exchanged in both directions, including those written before the "
                  "handshake.");

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

  g_test_summary ("The signals report the bytes written and the encrypted ones, which include the"
                  " handshake, headers and tags.");

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

  g_test_summary ("Megabytes are exchanged in both directions through a limited read buffer, and "
                  "none is lost.");

  qnet_io_device_set_read_buffer_size (DEVICE (fixture->server), 40000);
  g_signal_connect (fixture->client, "ready-read", G_CALLBACK (count_and_check_cb), &at_client);
  g_signal_connect (fixture->server, "ready-read", G_CALLBACK (count_and_check_cb), &at_server);
  tls_fixture_start (fixture);
  qnet_io_device_write_bytes (DEVICE (fixture->client), bytes, NULL);
  qnet_io_device_write_bytes (DEVICE (fixture->server), bytes, NULL);
  tls_fixture_await (fixture, at_client == MUCH && at_server == MUCH);

  /* Several records per call: neither a record nor a header has a call of its own. */
  g_assert_cmpuint (get_send_calls (DEVICE (fixture->client)), <, MUCH / 16384);
}

static void
test_full_buffer (TlsFixture    *fixture,
                  gconstpointer  data)
{
  g_autoptr(GBytes) bytes = make_pattern (100000);
  gsize total = 0;

  g_test_summary ("Reading stops at the limit of the read buffer, and continues with the bytes "
                  "inside TLS by itself.");

  qnet_io_device_set_read_buffer_size (DEVICE (fixture->server), 1000);
  tls_fixture_encrypt (fixture);
  qnet_io_device_write_bytes (DEVICE (fixture->client), bytes, NULL);
  tls_fixture_await (fixture, qnet_io_device_get_bytes_to_write (DEVICE (fixture->client)) == 0
                              && (qnet_io_device_get_bytes_available (DEVICE (fixture->server))
                                  == 1000));
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
  g_test_summary ("A paused socket reads nothing; resumed, it reads what arrived with the end of "
                  "the handshake.");

  tls_fixture_start (fixture);
  tls_fixture_write (fixture->client, "early");
  qnet_socket_pause_reading (QNET_SOCKET (fixture->server));
  tls_fixture_await (fixture, tls_fixture_is_encrypted (fixture)
                              && qnet_io_device_get_bytes_to_write (DEVICE (fixture->client)) == 0);
  tls_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 0);

  qnet_socket_resume_reading (QNET_SOCKET (fixture->server));
  tls_fixture_assert_gets (fixture, fixture->server, "early");
}

static void
assert_all_until_end (TlsFixture *fixture,
                      gsize       size)
{
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->client));
  tls_fixture_await (fixture,
                     qnet_socket_get_state (QNET_SOCKET (fixture->server))
                     == QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpuint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, size);
}

static void
test_paused_and_end (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A paused socket notices the end of its peer, after all bytes that it has sent.");

  tls_fixture_encrypt (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->server));
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

  g_test_summary ("The end of a peer that has filled the read buffer is noticed, and no byte "
                  "inside TLS is lost.");

  qnet_io_device_set_read_buffer_size (DEVICE (fixture->server), 1000);
  tls_fixture_encrypt (fixture);
  qnet_io_device_write_bytes (DEVICE (fixture->client), bytes, NULL);
  tls_fixture_await (fixture, qnet_io_device_get_bytes_to_write (DEVICE (fixture->client)) == 0
                              && (qnet_io_device_get_bytes_available (DEVICE (fixture->server))
                                  == 1000));
  tls_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 1000);
  assert_all_until_end (fixture, 30000);
}

static void
test_steal (TlsFixture    *fixture,
            gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("An encrypted connection cannot be stolen as a plain one.");

  tls_fixture_encrypt (fixture);
  g_assert_null (qnet_socket_steal_connection (QNET_SOCKET (fixture->client), &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
}

static void
test_alpn (TlsFixture    *fixture,
           gconstpointer  data)
{
  const char *const ours[] = { "h2", "http/1.1", NULL };
  const char *const theirs[] = { "http/1.1", NULL };

  g_test_summary ("A protocol that both sides support is negotiated (ALPN).");

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
  g_autoptr(GTlsDatabase) database = g_object_ref (qnet_ssl_socket_get_database (fixture->client));
  const char *const protocols[] = { "h2", NULL };
  g_autoptr(GObject) got_database = NULL;
  g_autoptr(GObject) got_interaction = NULL;
  g_autofree char *name = NULL;
  g_auto(GStrv) got_protocols = NULL;
  QnetSslPeerVerifyMode mode;
  int timeout;

  g_test_summary ("Every setting is a property.");

  g_object_set (fixture->server,
                "database", database, "interaction", interaction,
                "advertised-protocols", protocols, "handshake-timeout", 77,
                "peer-verify-mode", QNET_SSL_PEER_VERIFY_MODE_QUERY, "peer-verify-name", "a", NULL);
  g_object_get (fixture->server,
                "database", &got_database, "interaction", &got_interaction,
                "advertised-protocols", &got_protocols, "handshake-timeout", &timeout,
                "peer-verify-mode", &mode, "peer-verify-name", &name, NULL);

  g_assert_true (got_database == (gpointer) database
                 && got_interaction == (gpointer) interaction);
  g_assert_cmpstrv (got_protocols, protocols);
  g_assert_cmpint (timeout, ==, 77);
  g_assert_cmpint (mode, ==, QNET_SSL_PEER_VERIFY_MODE_QUERY);
  g_assert_cmpstr (name, ==, "a");

  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*qnet_ssl_socket_set_database*");
  g_object_set (fixture->server, "database", NULL,
                NULL);  /* the value of a database that could not be loaded */
  g_test_assert_expected_messages ();
  g_assert_true (qnet_ssl_socket_get_database (fixture->server) == database);
}

static void
connect_plainly_cb (QnetSslSocket *socket)
{
  if (qnet_ssl_socket_get_mode (socket) == QNET_SSL_MODE_UNENCRYPTED)
    return;

  qnet_socket_abort (QNET_SOCKET (socket));
  qnet_abstract_socket_connect_to_host (ABSTRACT (socket), "127.0.0.1", 1);
}

static void
test_connect_when_notified (TlsFixture    *fixture,
                            gconstpointer  data)
{
  guint n_modes = 0;

  g_test_summary ("A handler of notify::mode begins another connection, which changes the mode "
                  "again: that change is reported once, and the first one not at all.");

  g_signal_connect (fixture->client, "mode-changed", G_CALLBACK (count_mode_cb), &n_modes);
  g_signal_connect (fixture->client, "notify::mode", G_CALLBACK (connect_plainly_cb), NULL);
  tls_fixture_start (fixture);
  tls_fixture_settle (fixture);

  g_assert_cmpint (qnet_ssl_socket_get_mode (fixture->client), ==, QNET_SSL_MODE_UNENCRYPTED);
  g_assert_cmpuint (n_modes, ==, 1);
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

  g_test_summary ("The results of the handshake are properties, and a change of the mode is "
                  "reported.");

  g_signal_connect (fixture->client, "mode-changed", G_CALLBACK (count_mode_cb), &n_modes);
  tls_fixture_encrypt (fixture);
  g_assert_cmpuint (n_modes, ==, 1);

  g_object_get (fixture->client,
                "mode", &mode, "encrypted", &is_encrypted, "peer-certificate", &certificate,
                "peer-certificate-errors", &errors, "session-protocol", &protocol,
                "session-cipher", &cipher,
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

/* Handshakes that cannot begin */

static void
test_wire (TlsFixture    *fixture,
           gconstpointer  data)
{
  guint8 bytes[256];
  gssize n;

  g_test_summary ("Only TLS records are sent, and they do not contain the text.");

  tls_fixture_encrypt (fixture);
  tls_fixture_settle (fixture);
  tls_fixture_write (fixture->client, "a secret");
  qnet_io_device_flush (DEVICE (fixture->client));

  n = recv (qnet_socket_get_fd (QNET_SOCKET (fixture->server)), bytes,
            sizeof bytes,
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

  g_test_summary ("The other certificates that a peer sends are the issuers of its own.");

  g_assert_true (g_file_get_contents (get_certificate_path ("server"), &own, NULL, NULL));
  g_assert_true (g_file_get_contents (get_certificate_path ("ca"), &above, NULL, NULL));
  both = g_strconcat (own, above, NULL);
  certificate = g_tls_certificate_new_from_pem (both, -1, NULL);
  g_assert_nonnull (certificate);

  qnet_ssl_socket_set_certificate (fixture->server, certificate, NULL);
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

  g_test_summary ("No handshake starts without a connection, without a certificate, or twice.");

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

  g_test_summary ("Invalid files are refused, with their name, and the previous values remain "
                  "set.");

  g_assert_false (qnet_ssl_socket_set_certificate_files (fixture->server, "/nowhere/to.pem",
                                                         "/be/found.key", &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_assert_nonnull (strstr (error->message, "/nowhere/to.pem"));
  g_clear_error (&error);

  g_assert_false (qnet_ssl_socket_set_certificate_uris (fixture->server, "nonsense:", NULL,
                                                        &error));
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
  g_autoptr(GError) error = NULL;

  g_test_summary ("A certificate without a key is refused, and the one in use remains.");

  g_object_get (certificate, "certificate-pem", &pem, NULL);
  keyless = g_tls_certificate_new_from_pem (pem, -1, NULL);
  g_assert_false (qnet_ssl_socket_set_certificate (fixture->server, keyless, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_assert_cmpstr (error->message, ==, "The certificate has no private key");
  tls_fixture_encrypt (fixture);
}

/* How connections end */

static void
test_supported (void)
{
  g_test_summary ("Encryption is supported if GIO has a module for it.");

  g_assert_cmpint (qnet_ssl_socket_supports_ssl (), ==,
                   g_tls_backend_supports_tls (g_tls_backend_get_default ()));
}

static void
test_close_notify (TlsFixture    *fixture,
                   gconstpointer  data)
{
  g_test_summary ("What was written arrives before close_notify, which is an orderly end.");

  tls_fixture_encrypt (fixture);
  tls_fixture_write (fixture->client, "the last bytes");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->client));
  tls_fixture_await_end (fixture);

  tls_fixture_assert_gets (fixture, fixture->server, "the last bytes");
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                            "*has closed the connection");
  g_assert_cmpstr (fixture->client_log->str, ==, "encrypted disconnected");
  g_assert_cmpstr (fixture->server_log->str, ==, "encrypted error:1 disconnected");
  g_assert_false (qnet_ssl_socket_is_encrypted (fixture->client));
  g_assert_cmpint (qnet_ssl_socket_get_mode (fixture->client), ==, QNET_SSL_MODE_CLIENT);
}

static void
test_cut_off (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_test_summary ("The end without close_notify has the same code and another message.");

  tls_fixture_encrypt (fixture);
  tls_fixture_write (fixture->client, "half");
  tls_fixture_assert_gets (fixture, fixture->server, "half");
  qnet_socket_abort (QNET_SOCKET (fixture->client));
  tls_fixture_await_end (fixture);
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                            "*without a TLS close_notify*");
}

static void
store_result_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_stream_end (TlsFixture    *fixture,
                 gconstpointer  data)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (fixture->server));
  g_autoptr(GAsyncResult) result = NULL;
  gboolean is_clean = GPOINTER_TO_INT (data);
  GError *error = NULL;
  char buffer[8];

  g_test_summary ("Reading from the stream returns 0 bytes after close_notify, and an error "
                  "without it.");

  tls_fixture_encrypt (fixture);
  g_input_stream_read_async (stream, buffer, sizeof buffer, 0, NULL, store_result_cb, &result);
  if (is_clean)
    qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->client));
  else
    qnet_socket_abort (QNET_SOCKET (fixture->client));
  tls_fixture_await (fixture, result != NULL);

  g_assert_cmpint (g_input_stream_read_finish (stream, result, &error), ==, is_clean ? 0 : -1);
  g_assert_true ((error == NULL) == is_clean);
  g_clear_error (&error);
}

/* A class that brings its own transport */

typedef QnetSslSocket      OwnSocket;
typedef QnetSslSocketClass OwnSocketClass;

GType own_socket_get_type (void);

G_DEFINE_TYPE (OwnSocket, own_socket, QNET_TYPE_SSL_SOCKET)

static gboolean
own_socket_write_data (QnetIODevice  *device,
                       const guint8  *data,
                       gsize          size,
                       GError       **error)
{
  return TRUE;
}

static void
own_socket_class_init (OwnSocketClass *klass)
{
  QNET_IO_DEVICE_CLASS (klass)->write_data = own_socket_write_data;
}

static void
own_socket_init (OwnSocket *self)
{
}

static void
test_own_transport (TlsFixture    *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetSslSocket) socket = g_object_new (own_socket_get_type (), NULL);
  g_autoptr(GTlsCertificate) certificate = load_certificate ("server");
  g_autoptr(GError) error = NULL;

  g_test_summary ("The transport of a subclass cannot be encrypted.");

  qnet_ssl_socket_set_certificate (socket, certificate, NULL);
  qnet_socket_set_state (QNET_SOCKET (socket), QNET_SOCKET_STATE_CONNECTED);
  g_assert_false (qnet_ssl_socket_start_server_encryption (socket, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==, QNET_SOCKET_STATE_CONNECTED);
}

static void
test_half_close (TlsFixture    *fixture,
                 gconstpointer  data)
{
  g_test_summary ("One side may send close_notify and continue to read (RFC 8446, section 6.1).");

  qnet_socket_set_allow_half_open (QNET_SOCKET (fixture->server), TRUE);
  tls_fixture_encrypt (fixture);
  tls_fixture_write (fixture->client, "question");
  qnet_socket_shutdown_write (QNET_SOCKET (fixture->client));
  tls_fixture_assert_gets (fixture, fixture->server, "question");
  tls_fixture_write (fixture->server, "answer");
  tls_fixture_assert_gets (fixture, fixture->client, "answer");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->server));
  tls_fixture_await_end (fixture);
  g_assert_cmpstr (fixture->server_log->str, ==, "encrypted disconnected");
}

static void
test_half_close_early (TlsFixture    *fixture,
                       gconstpointer  data)
{
  g_test_summary ("A write side that is shut down during the handshake sends its end after it.");

  qnet_socket_set_allow_half_open (QNET_SOCKET (fixture->server), TRUE);
  tls_fixture_start (fixture);
  if (data != NULL)
    tls_fixture_write (fixture->client, data);
  qnet_socket_shutdown_write (QNET_SOCKET (fixture->client));
  if (data != NULL)
    tls_fixture_assert_gets (fixture, fixture->server, data);
  tls_fixture_await (fixture, qnet_io_device_is_read_finished (DEVICE (fixture->server)));
  tls_fixture_write (fixture->server, "answer");
  tls_fixture_assert_gets (fixture, fixture->client, "answer");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->server));
  tls_fixture_await_end (fixture);
}

static void
test_disconnect_early (TlsFixture    *fixture,
                       gconstpointer  data)
{
  g_test_summary ("A socket that is disconnected during the handshake still sends what was "
                  "written.");

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
  g_test_summary ("A socket that is dropped completes its handshake and sends what was written.");

  tls_fixture_start (fixture);
  tls_fixture_write (fixture->client, "not lost");
  g_clear_object (&fixture->client);
  tls_fixture_assert_gets (fixture, fixture->server, "not lost");
  tls_fixture_await_end (fixture);
}

static void
test_dropped_by_server (TlsFixture    *fixture,
                        gconstpointer  data)
{
  g_test_summary ("So does a server that is dropped while it waits for the client to begin.");

  g_assert_true (qnet_ssl_socket_start_server_encryption (fixture->server, NULL));
  tls_fixture_write (fixture->server, "not lost");
  g_clear_object (&fixture->server);
  g_assert_true (qnet_ssl_socket_start_client_encryption (fixture->client, NULL));
  tls_fixture_assert_gets (fixture, fixture->client, "not lost");
}

static void
test_dropped_connecting (TlsFixture    *fixture,
                         gconstpointer  data)
{
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");
  g_autoptr(GTlsCertificate) certificate = load_certificate ("server");
  g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
  g_autoptr(QnetSslSocket) client = qnet_ssl_socket_new ();
  g_autoptr(QnetSocket) accepted = NULL;

  g_test_summary ("A socket that is dropped while it connects performs the handshake, and sends "
                  "what was written encrypted.");

  qnet_ssl_server_set_certificate (server, certificate, NULL);
  g_assert_true (qnet_tcp_server_listen (QNET_TCP_SERVER (server), loopback, 0, NULL));
  qnet_ssl_socket_set_peer_verify_name (client, "localhost");
  qnet_ssl_socket_set_database_file (client, get_certificate_path ("ca"), NULL);
  qnet_ssl_socket_connect_to_host_encrypted (
    client, "127.0.0.1", qnet_tcp_server_get_server_port (QNET_TCP_SERVER (server)));
  tls_fixture_write (client, "not lost");
  g_clear_object (&client);

  tls_fixture_await (fixture, qnet_server_has_pending_connections (QNET_SERVER (server)));
  accepted = qnet_server_next_pending_connection (QNET_SERVER (server));
  tls_fixture_assert_gets (fixture, QNET_SSL_SOCKET (accepted), "not lost");
}

static void
test_abort_early (TlsFixture    *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A socket that is aborted during the handshake is unconnected at once, and its "
                  "peer is notified.");

  tls_fixture_start (fixture);
  qnet_socket_abort (QNET_SOCKET (fixture->client));
  g_assert_cmpstr (fixture->client_log->str, ==, "disconnected");
  tls_fixture_await_end (fixture);
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                            "Could not encrypt*");
}

static void
test_context_freed (TlsFixture    *fixture,
                    gconstpointer  data)
{
  GMainContext *context = g_main_context_new ();
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  int near, far;

  g_test_summary ("A context that is freed during a handshake ends the connection, and nothing is"
                  " leaked.");

  pair_open_tcp (&near, &far);
  g_main_context_push_thread_default (context);
  qnet_socket_set_fd (QNET_SOCKET (socket), near, QNET_SOCKET_STATE_CONNECTED,
                                              QNET_OPEN_MODE_READ_WRITE, NULL);
  g_assert_true (qnet_ssl_socket_start_client_encryption (socket, NULL));
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);

  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);
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
  qnet_socket_set_fd (QNET_SOCKET (socket), near, QNET_SOCKET_STATE_CONNECTED,
                                              QNET_OPEN_MODE_READ_WRITE, NULL);
  g_signal_connect (socket, "notify::mode", G_CALLBACK (qnet_socket_abort), NULL);
  if (is_dropped)
    g_signal_connect_swapped (socket, "notify::mode", G_CALLBACK (drop_cb), &socket);

  qnet_ssl_socket_start_client_encryption (socket, NULL);
  tls_fixture_settle (fixture);
  g_assert_cmpint (known == NULL, ==, is_dropped);
  if (known != NULL)
    g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (known)), ==,
                     QNET_SOCKET_STATE_UNCONNECTED);

  g_assert_no_errno (close (far));
  g_clear_weak_pointer (&known);
}

static void
test_mode_aborts (TlsFixture    *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A handler of the mode may end the connection and drop the socket.");

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

  g_test_summary ("An asynchronous call ends when a handler within it ends the connection.");

  g_signal_connect (fixture->client, "notify::mode", G_CALLBACK (qnet_socket_abort), NULL);
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

  g_test_summary ("When a handler of the session ends the connection, encrypted is not emitted "
                  "afterwards.");

  g_signal_connect (fixture->client, "notify::encrypted",
                    G_CALLBACK (qnet_socket_abort), NULL);
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
  return qnet_ssl_socket_is_encrypted (socket)
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
  info = qnet_host_info_new (name, addresses);

  /* The first lookup enters a cache that belonged to another resolver or configuration. */
  for (guint i = 0; i < 2; i++)
    qnet_host_cache_add (resolver, name, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP, info,
                         qnet_host_cache_get_generation (), QNET_HOST_CACHE_NO_LIMIT);
}

static gboolean
is_remembered (const char *name)
{
  g_autoptr(GResolver) resolver = g_resolver_get_default ();
  g_autoptr(QnetHostInfo) info = qnet_host_cache_find (resolver, name,
                                                       QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);

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

  g_test_summary ("A failed handshake removes the addresses of the name from the cache, since the"
                  " host may have moved.");

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
      g_test_summary ("A handshake without free descriptors succeeds or fails, but does not "
                      "end the process.");
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
  _exit (0);  /* only the tests that are run, since sanitizers would take the others for leaks */
}

/* The name of a certificate, or NULL, and a test that uses it */
#define add(path, func, data) tls_fixture_add ("/ssl-socket/" path, func, data)

/* Objects of the application */

typedef struct
{
  GInputStream *input;
  guint         n_dropped;
} Watcher;

static gpointer
look_in_thread (gpointer input)
{
  g_pollable_input_stream_is_readable (input);

  return NULL;
}

/* Waits forever if this thread is inside the socket. */
static void
dropped_cb (gpointer  data,
            GObject  *object)
{
  Watcher *watcher = data;

  watcher->n_dropped++;
  g_thread_join (g_thread_new ("looker", look_in_thread, watcher->input));
}

/* Drops @object. */
static void
watch_object (Watcher  *watcher,
              gpointer  object)
{
  g_object_weak_ref (object, dropped_cb, watcher);
  g_object_unref (object);
}

static GTlsDatabase *
new_database (void)
{
  GError *error = NULL;
  GTlsDatabase *database = g_tls_file_database_new (get_certificate_path ("ca"), &error);

  g_assert_no_error (error);

  return database;
}

static void
configured_cb (QnetSslSocket *client,
               GParamSpec    *pspec,
               Watcher       *watcher)
{
  g_thread_join (g_thread_new ("looker", look_in_thread, watcher->input));
}

static void
test_drops (TlsFixture    *fixture,
            gconstpointer  data)
{
  g_autoptr(QnetSslConfiguration) plain = qnet_ssl_configuration_new ();
  Watcher watcher = { g_io_stream_get_input_stream (G_IO_STREAM (fixture->client)), 0 };
  GTlsInteraction *interaction = g_object_new (G_TYPE_TLS_INTERACTION, NULL);
  GTlsDatabase *database = new_database ();

  g_test_summary ("Where a socket drops the last reference of an object, and where it notifies of "
                  "its settings, another thread can use its streams.");

  qnet_ssl_socket_set_interaction (fixture->client, interaction);
  watch_object (&watcher, interaction);
  tls_fixture_encrypt (fixture);
  qnet_ssl_socket_set_interaction (fixture->client, NULL);
  g_assert_cmpuint (watcher.n_dropped, ==, 0);
  qnet_socket_abort (QNET_SOCKET (fixture->client));
  g_assert_cmpuint (watcher.n_dropped, ==, 1);

  qnet_ssl_socket_set_database (fixture->client, database);
  watch_object (&watcher, database);
  g_signal_connect (fixture->client, "notify::database", G_CALLBACK (configured_cb), &watcher);
  qnet_ssl_socket_set_ssl_configuration (fixture->client, plain);
  g_assert_cmpuint (watcher.n_dropped, ==, 2);
  g_signal_handlers_disconnect_by_data (fixture->client, &watcher);
}

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
  add ("connect-when-notified", test_connect_when_notified, NULL);
  add ("wire", test_wire, NULL);
  add ("peer-certificate/chain", test_chain, NULL);
  add ("start-refused", test_start_refused, NULL);
  add ("bad-files", test_bad_files, NULL);
  add ("no-key", test_no_key, NULL);
  g_test_add_func ("/ssl-socket/supported", test_supported);
  add ("close-notify", test_close_notify, NULL);
  add ("cut-off", test_cut_off, NULL);
  add ("stream/close-notify", test_stream_end, GINT_TO_POINTER (TRUE));
  add ("stream/cut-off", test_stream_end, GINT_TO_POINTER (FALSE));
  add ("own-transport", test_own_transport, NULL);
  add ("half-close", test_half_close, NULL);
  add ("half-close/early", test_half_close_early, NULL);
  add ("half-close/early/with-bytes", test_half_close_early, "question");
  add ("disconnect-early", test_disconnect_early, NULL);
  add ("dropped-early", test_dropped_early, NULL);
  add ("dropped-early/server", test_dropped_by_server, NULL);
  add ("dropped-early/connecting", test_dropped_connecting, NULL);
  add ("abort-early", test_abort_early, NULL);
  add ("context-freed", test_context_freed, NULL);
  add ("drops-outside", test_drops, NULL);

  return g_test_run ();
}
