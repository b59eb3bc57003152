/* test-ssl-server.c: encrypted connections, and clients whose handshake fails
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include <qnet/qnet.h>

#include "common/server-fixture.h"
#include "common/tls-fixture.h"
#include "loop/qnet-reactor-private.h"

typedef struct
{
  ServerFixture  base;
  QnetSslServer *server;     /* of the base class */
  QnetSslSocket *client;     /* (owned): trusts ca.pem */
  guint          n_started;
  guint          n_errors;
  GError        *error;      /* (owned) (nullable): the last */
} Fixture;

static void
started_cb (QnetSslServer *server,
            QnetSslSocket *socket,
            Fixture       *fixture)
{
  g_assert_cmpint (qnet_ssl_socket_get_mode (socket), ==, QNET_SSL_MODE_SERVER);
  fixture->n_started++;
}

static void
handshake_failed_cb (QnetSslServer *server,
                     QnetSslSocket *socket,
                     const GError  *error,
                     Fixture       *fixture)
{
  g_assert_true (QNET_IS_SSL_SOCKET (socket));
  g_test_message ("%d %s", error->code, error->message);
  g_clear_error (&fixture->error);
  fixture->error = g_error_copy (error);
  fixture->n_errors++;
}

static QnetSslSocket *
new_client (void)
{
  QnetSslSocket *client = qnet_ssl_socket_new ();
  GError *error = NULL;

  qnet_ssl_socket_set_database_file (client, get_certificate_path ("ca"), &error);
  g_assert_no_error (error);

  return client;
}

static void
use_certificate (Fixture    *fixture,
                 const char *name)
{
  GError *error = NULL;

  qnet_ssl_server_set_certificate_files (fixture->server, get_certificate_path (name), NULL,
                                         &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  server_fixture_set_up (&fixture->base, NULL);

  if (!has_tls ())
    return;

  g_clear_object (&fixture->base.server);
  fixture->server = qnet_ssl_server_new ();
  fixture->base.server = QNET_TCP_SERVER (fixture->server);
  server_fixture_count (&fixture->base);
  g_signal_connect (fixture->server, "started-encryption-handshake", G_CALLBACK (started_cb),
                    fixture);
  g_signal_connect (fixture->server, "handshake-failed", G_CALLBACK (handshake_failed_cb), fixture);
  qnet_ssl_server_set_handshake_timeout (fixture->server,
                                         60000);  /* for slow machines */
  use_certificate (fixture, "server");
  server_fixture_listen (&fixture->base);
  fixture->client = new_client ();
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  if (fixture->client != NULL)
    {
      qnet_socket_abort (QNET_SOCKET (fixture->client));
      server_fixture_settle (&fixture->base);
      g_assert_finalize_object (g_steal_pointer (&fixture->client));
    }

  g_clear_error (&fixture->error);
  server_fixture_tear_down (&fixture->base, NULL);
}

#define await(fixture, condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration ((fixture)->base.context, TRUE); \
  } G_STMT_END

static guint16
get_port (Fixture *fixture)
{
  return qnet_tcp_server_get_server_port (fixture->base.server);
}

static void
connect_client (Fixture       *fixture,
                QnetSslSocket *client)
{
  qnet_ssl_socket_connect_to_host_encrypted (client, "127.0.0.1", get_port (fixture));
}

static gboolean
has_ended (QnetSslSocket *socket)
{
  return qnet_socket_get_state (QNET_SOCKET (socket)) == QNET_SOCKET_STATE_UNCONNECTED;
}

/* Waits until the client is encrypted or unconnected. */
static void
await_client (Fixture       *fixture,
              QnetSslSocket *client)
{
  await (fixture, qnet_ssl_socket_is_encrypted (client) || has_ended (client));
}

/* (transfer full) */
static QnetSslSocket *
accept_encrypted (Fixture *fixture)
{
  QnetSslSocket *socket;

  connect_client (fixture, fixture->client);
  await (fixture, qnet_server_has_pending_connections (QNET_SERVER (fixture->server)));
  await_client (fixture, fixture->client);
  socket = qnet_ssl_server_next_pending_connection (fixture->server);
  g_assert_true (qnet_ssl_socket_is_encrypted (socket));

  return socket;
}

static void
write_text (QnetSslSocket *socket,
            const char    *text)
{
  g_assert_cmpint (qnet_io_device_write_string (DEVICE (socket), text, NULL), ==, strlen (text));
}

static void
assert_gets (Fixture       *fixture,
             QnetSslSocket *socket,
             const char    *text)
{
  g_autofree char *read = g_malloc0 (strlen (text) + 1);

  await (fixture, qnet_io_device_get_bytes_available (DEVICE (socket)) >= (gint64) strlen (text));
  qnet_io_device_read (DEVICE (socket), read, strlen (text), NULL);
  g_assert_cmpstr (read, ==, text);
}

static char *
get_common_name (GTlsCertificate *certificate)
{
  return certificate != NULL ? g_tls_certificate_get_subject_name (certificate) : NULL;
}

/* Tests */

static void
test_serves (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetSslSocket) socket = NULL;

  g_test_summary ("A connection is emitted once, when it is encrypted, and exchanges data.");

  connect_client (fixture, fixture->client);
  await (fixture, fixture->n_started == 1);
  g_assert_cmpuint (fixture->base.n_new, ==, 0);
  g_assert_null (qnet_ssl_server_next_pending_connection (fixture->server));

  server_fixture_await_new (&fixture->base, 1);
  g_assert_cmpuint (fixture->base.n_available, ==, 1);
  socket = qnet_ssl_server_next_pending_connection (fixture->server);
  g_assert_true (qnet_ssl_socket_is_encrypted (socket));

  write_text (fixture->client, "question");
  assert_gets (fixture, socket, "question");
  write_text (socket, "answer");
  assert_gets (fixture, fixture->client, "answer");
  g_assert_cmpuint (fixture->n_errors, ==, 0);
}

/* A fake clock, so that a timeout does not expire early on a slow machine */

static gint64 clock_offset = 0;  /* microseconds */

static gint64
get_shifted_time (void)
{
  return g_get_monotonic_time () + clock_offset;
}

static void
test_close_when_queued (Fixture       *fixture,
                        gconstpointer  data)
{
  g_test_summary ("A handler closes the server while an encrypted connection is being queued: it "
                  "is not emitted.");

  g_signal_connect (fixture->server, "pending-connection-available",
                    G_CALLBACK (qnet_server_close), NULL);
  connect_client (fixture, fixture->client);
  await (fixture, !qnet_server_is_listening (QNET_SERVER (fixture->server)));

  server_fixture_settle (&fixture->base);
  g_assert_cmpuint (fixture->base.n_available, ==, 1);
  g_assert_cmpuint (fixture->base.n_new, ==, 0);
}

static void
test_stalled (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetSslSocket) socket = NULL;
  int silent, partial;

  g_test_summary ("Clients that send nothing, or a part of a message, are disconnected by the "
                  "timeout, and others are served in the meantime.");

  qnet_clock_set_for_tests (get_shifted_time);
  silent = server_fixture_connect (&fixture->base);
  partial = server_fixture_connect (&fixture->base);
  g_assert_cmpint (write (partial, "\x16\x03\x01\x02\x00\x01", 6), ==, 6);
  await (fixture, fixture->n_started == 2);

  socket = accept_encrypted (fixture);
  g_assert_cmpuint (fixture->n_errors, ==, 0);

  clock_offset += 61 * G_TIME_SPAN_SECOND;
  await (fixture, fixture->n_errors == 2);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_nonnull (strstr (fixture->error->message, "The TLS handshake took longer than"));
  assert_disconnected (silent);
  assert_disconnected (partial);
  g_assert_cmpuint (fixture->base.n_new, ==, 1);
  qnet_clock_set_for_tests (NULL);
}

/* Sends only the first message of the client, so that its handshake runs in a thread. */
static void
test_stalled_in_thread (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetTcpServer) middle = qnet_tcp_server_new ();
  g_autoptr(QnetTcpSocket) from_client = NULL;
  g_autoptr(GBytes) hello = NULL;
  int stalled;

  g_test_summary ("A client that stalls after its first message is disconnected by the timeout.");

  qnet_ssl_server_set_handshake_timeout (fixture->server, 200);
  qnet_tcp_server_listen_port (middle, 0, NULL);
  qnet_ssl_socket_connect_to_host_encrypted (fixture->client, "127.0.0.1",
                                             qnet_tcp_server_get_server_port (middle));
  await (fixture, qnet_server_has_pending_connections (QNET_SERVER (middle)));
  from_client = qnet_tcp_server_next_pending_connection (middle);
  await (fixture, qnet_io_device_get_bytes_available (DEVICE (from_client)) > 200);
  hello = qnet_io_device_read_bytes (DEVICE (from_client), 65536);

  stalled = server_fixture_connect (&fixture->base);
  g_assert_cmpint (write (stalled, g_bytes_get_data (hello, NULL), g_bytes_get_size (hello)), ==,
                   g_bytes_get_size (hello));
  await (fixture, fixture->n_errors == 1);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
}

static void
test_plain_client (Fixture       *fixture,
                   gconstpointer  data)
{
  int client = server_fixture_connect (&fixture->base);

  g_test_summary ("A client that does not speak TLS is recognized and disconnected.");

  g_assert_cmpint (write (client, data, strlen (data)), ==, strlen (data));
  await (fixture, fixture->n_errors == 1);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "does not speak TLS"));
  assert_disconnected (client);
  g_assert_cmpuint (fixture->base.n_new, ==, 0);
}

static void
test_disconnects_early (Fixture       *fixture,
                        gconstpointer  data)
{
  int client = server_fixture_connect (&fixture->base);

  g_test_summary ("A client that disconnects before its handshake is an error of that socket "
                  "only.");

  await (fixture, fixture->n_started == 1);
  server_fixture_disconnect (&fixture->base, client);
  await (fixture, fixture->n_errors == 1);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  g_assert_true (qnet_server_is_listening (QNET_SERVER (fixture->server)));
}

static void
test_max_handshakes (Fixture       *fixture,
                     gconstpointer  data)
{
  int first;

  g_test_summary ("At the limit no connection is accepted until a handshake has ended.");

  qnet_ssl_server_set_max_handshakes (fixture->server, 2);
  g_assert_cmpint (qnet_ssl_server_get_max_handshakes (fixture->server), ==, 2);
  first = server_fixture_connect (&fixture->base);
  server_fixture_connect (&fixture->base);
  server_fixture_connect (&fixture->base);
  await (fixture, fixture->n_started == 2);
  server_fixture_settle (&fixture->base);
  g_assert_cmpuint (fixture->n_started, ==, 2);

  server_fixture_disconnect (&fixture->base, first);
  await (fixture, fixture->n_started == 3);
}

#define N_TOGETHER 40

static guint
count_threads (void)
{
  g_autoptr(GDir) folder = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  while (folder != NULL && g_dir_read_name (folder) != NULL)
    n++;

  return n;
}

static void
test_no_threads (Fixture       *fixture,
                 gconstpointer  data)
{
  QnetSslSocket *clients[N_TOGETHER];
  guint n_threads = count_threads ();
  guint n_encrypted = 0;

  g_test_summary ("Many clients and their server perform their handshakes in one thread.");

  for (guint i = 0; i < N_TOGETHER; i++)
    {
      clients[i] = new_client ();
      qnet_ssl_socket_connect_to_host_encrypted (clients[i], "127.0.0.1", get_port (fixture));
    }

  for (guint i = 0; i < N_TOGETHER; i++)
    {
      await (fixture, qnet_ssl_socket_is_encrypted (clients[i]));
      n_encrypted++;
    }

  g_assert_cmpuint (n_encrypted, ==, N_TOGETHER);
  g_assert_cmpuint (count_threads (), ==, n_threads);

  for (guint i = 0; i < N_TOGETHER; i++)
    {
      qnet_socket_abort (QNET_SOCKET (clients[i]));
      g_object_unref (clients[i]);
    }
}

static void
test_reload (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetSslSocket) socket = accept_encrypted (fixture);
  g_autoptr(QnetSslSocket) second = new_client ();
  g_autofree char *subject = NULL;

  g_test_summary ("A new certificate is used for new connections, and established ones continue.");

  use_certificate (fixture, "rsa");
  connect_client (fixture, second);
  await_client (fixture, second);
  subject = get_common_name (qnet_ssl_socket_get_peer_certificate (second));
  g_assert_cmpstr (subject, ==, "CN=rsa");

  write_text (socket, "still here");
  assert_gets (fixture, fixture->client, "still here");
  qnet_socket_abort (QNET_SOCKET (second));
}

static void
assert_shows (Fixture    *fixture,
              const char *name,
              const char *expected)
{
  g_autoptr(QnetSslSocket) client = new_client ();
  g_autofree char *subject = NULL;

  qnet_ssl_socket_ignore_ssl_errors (client);
  qnet_ssl_socket_connect_to_host_encrypted_full (client, "127.0.0.1", get_port (fixture), name,
                                                  QNET_OPEN_MODE_READ_WRITE,
                                                  QNET_NETWORK_LAYER_PROTOCOL_IPV4);
  await_client (fixture, client);
  subject = get_common_name (qnet_ssl_socket_get_peer_certificate (client));
  g_assert_cmpstr (subject, ==, expected);
  qnet_socket_abort (QNET_SOCKET (client));
}

static void
test_names (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(GTlsCertificate) one = load_certificate ("one.example");
  g_autoptr(GTlsCertificate) two = load_certificate ("two.example");

  g_test_summary ("A client that requests a name receives the certificate for it.");

  qnet_ssl_server_set_certificate_for_name (fixture->server, "One.Example", one, NULL);
  qnet_ssl_server_set_certificate_for_name (fixture->server, "*.two.example", two, NULL);
  assert_shows (fixture, "one.example", "CN=one.example");
  assert_shows (fixture, "www.two.example", "CN=two.example");
  assert_shows (fixture, "two.example", "CN=server");
  assert_shows (fixture, "a.www.two.example", "CN=server");
  assert_shows (fixture, "127.0.0.1", "CN=server");

  qnet_ssl_server_set_certificate_for_name (fixture->server, "one.example", NULL, NULL);
  assert_shows (fixture, "one.example", "CN=server");
}

static void
test_forms_of_names (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(GTlsCertificate) one = load_certificate ("one.example");
  g_autoptr(GTlsCertificate) idn = load_certificate ("idn");
  g_autoptr(GError) error = NULL;

  g_test_summary ("All forms of a name choose the same certificate, wherever they are used; what "
                  "is no name is refused.");

  qnet_ssl_server_set_certificate_for_name (fixture->server, "bücher.example.", idn, NULL);
  qnet_ssl_server_set_certificate_for_name (fixture->server, "*.BÜCHER.example", idn, NULL);
  qnet_ssl_server_set_certificate_for_name (fixture->server, "One.Example.", one, NULL);
  assert_shows (fixture, "xn--bcher-kva.example", "CN=idn");
  assert_shows (fixture, "Bücher.Example", "CN=idn");
  assert_shows (fixture, "www.bücher.example.", "CN=idn");
  assert_shows (fixture, "one.example.", "CN=one.example");
  assert_shows (fixture, "ONE。example", "CN=one.example");

  qnet_ssl_server_set_certificate_for_name (fixture->server, "Xn--Bcher-Kva.example", NULL, NULL);
  assert_shows (fixture, "bücher.example", "CN=server");

  g_assert_false (qnet_ssl_server_set_certificate_for_name (fixture->server, "a..b", one, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_assert_cmpstr (error->message, ==, "Could not set the certificate for “a..b”: The name is not "
                                       "a valid host name");
}

static const char *const own_names[] = {
  "localhost", "localhost.", "LocalHost", "127.0.0.1", "127.1", "127.0.0.1.", "::ffff:127.0.0.1",
};

static void
test_dialled_names (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("Each form of a name, or of an address, can be dialled, and is verified; a name "
                  "is requested in its canonical form, an address is not.");

  for (guint i = 0; i < G_N_ELEMENTS (own_names); i++)
    {
      g_autoptr(QnetSslSocket) client = new_client ();
      g_autoptr(QnetSslSocket) socket = NULL;

      qnet_ssl_socket_connect_to_host_encrypted (client, own_names[i], get_port (fixture));
      await_client (fixture, client);
      g_assert_true (qnet_ssl_socket_is_encrypted (client));
      await (fixture, qnet_server_has_pending_connections (QNET_SERVER (fixture->server)));
      socket = qnet_ssl_server_next_pending_connection (fixture->server);
      g_assert_cmpstr (qnet_ssl_socket_get_requested_server_name (socket), ==,
                       i < 3 ? "localhost" : NULL);
      qnet_socket_abort (QNET_SOCKET (client));
    }
}

static void
test_no_certificate (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("Without a certificate of the server, each handshake fails with an error.");

  qnet_ssl_server_set_certificate (fixture->server, NULL, NULL);
  connect_client (fixture, fixture->client);
  await_client (fixture, fixture->client);
  g_assert_true (has_ended (fixture->client));
  await (fixture, fixture->n_errors == 1);
}

static void
override_incoming (QnetServer *server,
                   int         fd)
{
  qnet_server_refuse_connection (server, fd);
}

static void
own_server_class_init (gpointer klass,
                       gpointer data)
{
  ((QnetServerClass *) klass)->incoming_connection = override_incoming;
}

static void
test_listen_without (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(GTlsCertificate) one = load_certificate ("one.example");
  g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
  GType own = g_type_register_static_simple (QNET_TYPE_SSL_SERVER, "OwnServer",
                                             sizeof (QnetSslServerClass),
                                             own_server_class_init,
                                             sizeof (QnetSslServer), NULL, 0);
  g_autoptr(QnetTcpServer) other = g_object_new (own, NULL);
  g_autoptr(GError) error = NULL;

  g_test_summary ("A server without a certificate does not listen, unless it has one for a name, "
                  "or handles connections by itself.");

  g_assert_false (qnet_tcp_server_listen_port (QNET_TCP_SERVER (server), 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_cmpstr (error->message, ==, "Could not listen: The server has no certificate");
  g_assert_false (qnet_server_is_listening (QNET_SERVER (server)));

  qnet_ssl_server_set_certificate_for_name (server, "one.example", one, NULL);
  g_assert_true (qnet_tcp_server_listen_port (QNET_TCP_SERVER (server), 0, NULL));
  qnet_server_close (QNET_SERVER (server));
  qnet_ssl_server_set_certificate_for_name (server, "one.example", NULL, NULL);
  g_assert_false (qnet_tcp_server_listen_port (QNET_TCP_SERVER (server), 0, NULL));

  g_assert_true (qnet_tcp_server_listen_port (other, 0, NULL));
}

static void
ignore_cb (QnetSslServer        *server,
           QnetSslSocket        *socket,
           GTlsCertificateFlags  errors,
           GTlsCertificate      *certificate,
           guint                *count)
{
  qnet_ssl_socket_ignore_ssl_errors_full (socket, errors, certificate);
  (*count)++;
}

static void
count_error_cb (QnetSslServer        *server,
                QnetSslSocket        *socket,
                GTlsCertificateFlags  error,
                GTlsCertificate      *certificate,
                guint                *count)
{
  (*count)++;
}

static void
test_client_errors (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate ("unknown-ca");
  g_autoptr(QnetSslSocket) socket = NULL;
  guint n_all = 0, n_each = 0;

  g_test_summary ("A handler of the server can accept the certificate of a client.");

  g_signal_connect (fixture->server, "ssl-errors", G_CALLBACK (ignore_cb), &n_all);
  g_signal_connect (fixture->server, "peer-verify-error", G_CALLBACK (count_error_cb), &n_each);
  qnet_ssl_server_set_peer_verify_mode (fixture->server, QNET_SSL_PEER_VERIFY_MODE_VERIFY);
  qnet_ssl_server_set_database_file (fixture->server, get_certificate_path ("ca"), NULL);
  qnet_ssl_socket_set_certificate (fixture->client, certificate, NULL);
  socket = accept_encrypted (fixture);
  g_assert_cmpuint (n_all, ==, 1);
  g_assert_cmpuint (n_each, ==, 1);
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (socket), ==,
                   G_TLS_CERTIFICATE_UNKNOWN_CA);
}

static void
test_close (Fixture       *fixture,
            gconstpointer  data)
{
  int client = server_fixture_connect (&fixture->base);

  g_test_summary ("Closing a server aborts the handshakes in progress without a signal, and it "
                  "may listen again.");

  await (fixture, fixture->n_started == 1);
  qnet_server_close (QNET_SERVER (fixture->server));
  assert_disconnected (client);
  g_assert_cmpuint (fixture->n_errors, ==, 0);

  server_fixture_listen (&fixture->base);
  g_object_unref (accept_encrypted (fixture));
}

static void
close_cb (QnetSslServer *server,
          QnetSslSocket *socket,
          gpointer       user_data)
{
  qnet_server_close (QNET_SERVER (server));
}

static void
test_closed_by_handler (Fixture       *fixture,
                        gconstpointer  data)
{
  g_test_summary ("A handler may close or drop the server during a handshake.");

  g_signal_connect (fixture->server, "started-encryption-handshake", G_CALLBACK (close_cb), NULL);
  connect_client (fixture, fixture->client);
  await_client (fixture, fixture->client);
  g_assert_true (has_ended (fixture->client));
}

static void
test_dropped (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("Dropping a server aborts its handshakes.");

  connect_client (fixture, fixture->client);
  await (fixture, fixture->n_started == 1);
  g_clear_object (&fixture->base.server);
  await_client (fixture, fixture->client);
  g_assert_true (has_ended (fixture->client));
}

static void
test_alpn (Fixture       *fixture,
           gconstpointer  data)
{
  const char *const protocols[] = { "qnet/1", NULL };
  g_autoptr(QnetSslSocket) socket = NULL;

  g_test_summary ("The protocols of the server are those of its connections.");

  qnet_ssl_server_set_advertised_protocols (fixture->server, protocols);
  qnet_ssl_socket_set_advertised_protocols (fixture->client, protocols);
  socket = accept_encrypted (fixture);
  g_assert_cmpstr (qnet_ssl_socket_get_negotiated_protocol (socket), ==, "qnet/1");
}

static void
test_alpn_order (Fixture       *fixture,
                 gconstpointer  data)
{
  const char *const ours[] = { "missing/1", "best/1", "good/1", NULL };
  const char *const theirs[] = { "good/1", "other/1", "best/1", NULL };
  g_autoptr(QnetSslSocket) socket = NULL;

  g_test_summary ("Of the common protocols, the one that the server prefers is chosen.");

  qnet_ssl_server_set_advertised_protocols (fixture->server, ours);
  qnet_ssl_socket_set_advertised_protocols (fixture->client, theirs);
  socket = accept_encrypted (fixture);
  g_assert_cmpstr (qnet_ssl_socket_get_negotiated_protocol (socket), ==, "best/1");
}

static void
test_certificate_without_key (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autoptr(GTlsCertificate) before =
    g_object_ref (qnet_ssl_server_get_certificate (fixture->server));
  g_autofree char *file = g_build_filename (g_get_tmp_dir (), "qnet-test-XXXXXX.pem", NULL);
  g_autofree char *pem = NULL;
  g_autoptr(GError) error = NULL;
  int fd = g_mkstemp (file);

  g_test_summary ("A certificate file without a private key is refused, and the previous one "
                  "remains set.");

  g_object_get (before, "certificate-pem", &pem, NULL);
  g_assert_cmpint (write (fd, pem, strlen (pem)), ==, strlen (pem));
  close (fd);

  g_assert_false (qnet_ssl_server_set_certificate_files (fixture->server, file, NULL, &error));
  g_unlink (file);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_assert_true (g_str_has_suffix (error->message, "The certificate has no private key"));
  g_assert_true (qnet_ssl_server_get_certificate (fixture->server) == before);
}

static void
test_properties (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr(GTlsDatabase) database = g_object_ref (qnet_ssl_socket_get_database (fixture->client));
  g_autoptr(QnetSslConfiguration) configuration = qnet_ssl_configuration_new ();
  const char *const protocols[] = { "a", NULL };
  g_autoptr(GObject) got_database = NULL;
  g_auto(GStrv) got_protocols = NULL;
  QnetSslPeerVerifyMode mode;
  int timeout, max;

  g_test_summary ("Every setting is a property.");

  g_object_set (fixture->server, "ssl-configuration", configuration, NULL);
  g_assert_null (qnet_ssl_server_get_certificate (fixture->server));
  g_object_set (fixture->server, "database", database,
                "advertised-protocols", protocols,
                "peer-verify-mode", QNET_SSL_PEER_VERIFY_MODE_QUERY, "handshake-timeout", 9,
                "max-handshakes", 8, NULL);
  g_object_get (fixture->server, "database", &got_database,
                "advertised-protocols", &got_protocols, "peer-verify-mode", &mode,
                "handshake-timeout", &timeout, "max-handshakes", &max, NULL);
  g_assert_true (got_database == (gpointer) database);
  g_assert_cmpstrv (got_protocols, protocols);
  g_assert_cmpint (mode, ==, QNET_SSL_PEER_VERIFY_MODE_QUERY);
  g_assert_cmpint (timeout, ==, 9);
  g_assert_cmpint (max, ==, 8);

  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*qnet_ssl_server_set_database*");
  g_object_set (fixture->server, "database", NULL,
                NULL);  /* the value of a database that could not be loaded */
  g_test_assert_expected_messages ();
  g_assert_true (qnet_ssl_server_get_database (fixture->server) == database);
}

static void
test_defaults (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();

  g_test_summary ("The defaults are a timeout of five seconds and 64 handshakes at the same time.");

  g_assert_cmpint (qnet_ssl_server_get_handshake_timeout (server), ==, 5000);
  g_assert_cmpint (qnet_ssl_server_get_max_handshakes (server), ==, 2048);
  g_assert_cmpint (qnet_ssl_server_get_peer_verify_mode (server), ==,
                   QNET_SSL_PEER_VERIFY_MODE_AUTO);
}

static void
test_bad_files (Fixture       *fixture,
                gconstpointer  data)
{
  GTlsCertificate *before = qnet_ssl_server_get_certificate (fixture->server);
  GError *error = NULL;

  g_test_summary ("Invalid files are refused, and the server keeps its certificate and database.");

  g_assert_false (qnet_ssl_server_set_certificate_files (fixture->server, "/nowhere.pem", NULL,
                                                         &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_clear_error (&error);
  g_assert_false (qnet_ssl_server_set_certificate_uris (fixture->server, "nonsense:", NULL,
                                                        &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_clear_error (&error);
  g_assert_false (qnet_ssl_server_set_database_file (fixture->server, "/nowhere.pem", &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_clear_error (&error);
  g_assert_true (qnet_ssl_server_get_certificate (fixture->server) == before);
}

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_accept_async (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(QnetSocket) socket = NULL;

  g_test_summary ("An asynchronous accept returns an encrypted connection.");

  qnet_server_accept_async (QNET_SERVER (fixture->server), 0, NULL, result_cb, &result);
  connect_client (fixture, fixture->client);
  await (fixture, result != NULL);
  socket = qnet_server_accept_finish (QNET_SERVER (fixture->server), result, NULL);
  g_assert_true (qnet_ssl_socket_is_encrypted (QNET_SSL_SOCKET (socket)));
}

/* Both sides without a loop, each in a thread of its own */

static gpointer
client_thread (gpointer user_data)
{
  g_autoptr(QnetSslSocket) client = new_client ();
  char answer[7] = "";

  qnet_ssl_socket_connect_to_host_encrypted (client, "127.0.0.1", GPOINTER_TO_UINT (user_data));
  g_assert_true (qnet_ssl_socket_wait_for_encrypted (client, 30000, NULL));
  qnet_io_device_write_string (DEVICE (client), "question", NULL);
  while (qnet_io_device_get_bytes_available (DEVICE (client)) < 6)
    g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (client), 30000, NULL));
  qnet_io_device_read (DEVICE (client), answer, 6, NULL);
  g_assert_cmpstr (answer, ==, "answer");

  return NULL;
}

static void
test_waits (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(QnetSslSocket) socket = NULL;
  GThread *thread = g_thread_new ("client", client_thread, GUINT_TO_POINTER (get_port (fixture)));
  GError *error = NULL;

  g_test_summary ("Without a loop a server waits for an encrypted connection, and a client in a "
                  "thread for its server.");

  server_fixture_connect (&fixture->base);  /* sends nothing, and does not delay the others */
  qnet_server_wait_for_new_connection (QNET_SERVER (fixture->server), 30000, &error);
  g_assert_no_error (error);
  socket = qnet_ssl_server_next_pending_connection (fixture->server);
  g_assert_true (qnet_ssl_socket_is_encrypted (socket));

  while (qnet_io_device_get_bytes_available (DEVICE (socket)) < 8)
    g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (socket), 30000, NULL));
  write_text (socket, "answer");
  g_assert_true (qnet_io_device_wait_for_bytes_written (DEVICE (socket), 30000, NULL));
  g_thread_join (thread);
}

static gpointer
leaving_client_thread (gpointer user_data)
{
  g_autoptr(QnetSslSocket) client = new_client ();
  GError *error = NULL;

  g_signal_connect (client, "encrypted", G_CALLBACK (qnet_socket_abort), NULL);
  qnet_ssl_socket_connect_to_host_encrypted (client, "127.0.0.1", GPOINTER_TO_UINT (user_data));
  g_assert_true (qnet_ssl_socket_wait_for_encrypted (client, 30000, &error));
  g_assert_no_error (error);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (client)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);

  return NULL;
}

static void
test_waits_and_leaves (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr(QnetSslSocket) socket = NULL;
  GThread *thread = g_thread_new ("client", leaving_client_thread,
                                  GUINT_TO_POINTER (get_port (fixture)));
  GError *error = NULL;

  g_test_summary ("A wait for the encryption succeeds even if a handler aborts then; that of the "
                  "server returns at once while a connection is pending.");

  for (guint i = 0; i < 2; i++)
    {
      qnet_server_wait_for_new_connection (QNET_SERVER (fixture->server), 30000, &error);
      g_assert_no_error (error);
    }

  socket = qnet_ssl_server_next_pending_connection (fixture->server);
  g_assert_nonnull (socket);
  g_thread_join (thread);
}

static void
test_wait_times_out (Fixture       *fixture,
                     gconstpointer  data)
{
  GError *error = NULL;
  gboolean timed_out = FALSE;

  g_test_summary ("A client that sends nothing is no new connection.");

  server_fixture_connect (&fixture->base);
  g_assert_false (qnet_server_wait_for_new_connection_full (QNET_SERVER (fixture->server), 100,
                                                            &timed_out, NULL, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_true (timed_out);
  g_clear_error (&error);
}

static void
run (Fixture       *fixture,
     gconstpointer  data)
{
  if (fixture->server != NULL)
    ((void (*) (Fixture *, gconstpointer)) data) (fixture, NULL);
}

static void
run_plain_http (Fixture       *fixture,
                gconstpointer  data)
{
  if (fixture->server != NULL)
    test_plain_client (fixture, data);
}

#define add(path, func) g_test_add ("/ssl-server/" path, Fixture, func, set_up, run, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("serves", test_serves);
  add ("close-when-queued", test_close_when_queued);
  add ("stalled", test_stalled);
  add ("stalled-in-thread", test_stalled_in_thread);
  g_test_add ("/ssl-server/plain-client/http", Fixture, "GET / HTTP/1.1\r\n\r\n", set_up,
              run_plain_http, tear_down);
  g_test_add ("/ssl-server/plain-client/byte", Fixture, "\n", set_up, run_plain_http, tear_down);
  add ("disconnects-early", test_disconnects_early);
  add ("max-handshakes", test_max_handshakes);
  add ("reload", test_reload);
  add ("no-threads", test_no_threads);
  add ("names", test_names);
  add ("names/forms", test_forms_of_names);
  add ("names/dialled", test_dialled_names);
  add ("no-certificate", test_no_certificate);
  add ("listen/without-certificate", test_listen_without);
  add ("client-errors", test_client_errors);
  add ("close", test_close);
  add ("closed-by-handler", test_closed_by_handler);
  add ("dropped", test_dropped);
  add ("alpn", test_alpn);
  add ("alpn/server-prefers", test_alpn_order);
  add ("certificate/without-key-is-refused", test_certificate_without_key);
  add ("properties", test_properties);
  add ("defaults", test_defaults);
  add ("bad-files", test_bad_files);
  add ("accept-async", test_accept_async);
  add ("waits", test_waits);
  add ("waits/what-happened-counts", test_waits_and_leaves);
  add ("wait-times-out", test_wait_times_out);

  return g_test_run ();
}
