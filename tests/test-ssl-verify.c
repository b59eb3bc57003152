/* test-ssl-verify.c: who the peer is: certificates that will do, and all that will not
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <qnet/qnet.h>

#include "common/tls-fixture.h"

/* A certificate of the server, what is wrong with it, and the words for that */
typedef struct
{
  const char           *name;
  GTlsCertificateFlags  errors;
  const char           *pattern;
} Case;

static const Case cases[] = {
  { "expired",       G_TLS_CERTIFICATE_EXPIRED,       "The certificate of localhost is refused: it has expired" },
  { "not-yet-valid", G_TLS_CERTIFICATE_NOT_ACTIVATED, "The certificate of localhost is refused: it is not valid yet" },
  { "wrong-name",    G_TLS_CERTIFICATE_BAD_IDENTITY,  "The certificate of localhost is refused: it is for another name" },
  { "self-signed",   G_TLS_CERTIFICATE_UNKNOWN_CA,    "The certificate of localhost is refused: it is signed by itself" },
  { "unknown-ca",    G_TLS_CERTIFICATE_UNKNOWN_CA,
    "The certificate of localhost is refused: nobody who is trusted has signed it" },
};

static void
use_certificate (QnetSslSocket *socket,
                 const char    *name)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate (name);

  qnet_ssl_socket_set_certificate (socket, certificate);
}

static void
trust (QnetSslSocket *socket,
       const char    *name)
{
  GError *error = NULL;

  qnet_ssl_socket_set_database_file (socket, get_certificate_path (name), &error);
  g_assert_no_error (error);
}

/* Until the client has what it wants, or nothing. */
static void
await_client (TlsFixture *fixture)
{
  tls_fixture_await (fixture, qnet_ssl_socket_get_is_encrypted (fixture->client)
                              || qnet_abstract_socket_get_state (ABSTRACT (fixture->client))
                                   == QNET_SOCKET_STATE_UNCONNECTED);
}

static void
assert_refused (TlsFixture *fixture,
                const Case *refused)
{
  g_autofree char *log = g_strdup_printf ("verify:%u error:13 disconnected", refused->errors);

  await_client (fixture);
  tls_fixture_assert_error (fixture->client, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, refused->pattern);
  g_assert_cmpstr (fixture->client_log->str, ==, log);
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==, refused->errors);
  g_assert_nonnull (qnet_ssl_socket_get_peer_certificate (fixture->client));
}

static void
test_refused (TlsFixture    *fixture,
              gconstpointer  data)
{
  const Case *refused = data;

  g_test_summary ("A certificate that is not as it should be is refused, while shaking hands, and nothing is sent.");

  use_certificate (fixture->server, refused->name);
  tls_fixture_start (fixture);
  tls_fixture_write (fixture->client, "a secret");
  assert_refused (fixture, refused);
  tls_fixture_await_end (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 0);
}

static void
count_notes_cb (guint *count)
{
  (*count)++;
}

static void
test_refused_notifies (TlsFixture    *fixture,
                       gconstpointer  data)
{
  const Case *refused = data;
  guint n_certificates = 0;
  guint n_errors = 0;

  g_test_summary ("What is known of a certificate that is refused is notified, once.");

  g_signal_connect_swapped (fixture->client, "notify::peer-certificate", G_CALLBACK (count_notes_cb), &n_certificates);
  g_signal_connect_swapped (fixture->client, "notify::peer-certificate-errors", G_CALLBACK (count_notes_cb), &n_errors);
  use_certificate (fixture->server, refused->name);
  tls_fixture_start (fixture);
  assert_refused (fixture, refused);
  g_assert_cmpuint (n_certificates, ==, 1);
  g_assert_cmpuint (n_errors, ==, 1);
  tls_fixture_await_end (fixture);
}

static void
count_cb (QnetSslSocket        *socket,
          GTlsCertificateFlags  errors,
          GTlsCertificate      *certificate,
          guint                *count)
{
  g_assert_true (certificate == qnet_ssl_socket_get_peer_certificate (socket));
  g_assert_cmpint (errors, ==, qnet_ssl_socket_get_peer_certificate_errors (socket));
  g_assert_false (qnet_ssl_socket_get_is_encrypted (socket));
  (*count)++;
}

static void
test_heard (TlsFixture    *fixture,
            gconstpointer  data)
{
  const Case *refused = data;
  guint count = 0;

  g_test_summary ("Who hears of the errors and ignores none of them is not encrypted, and sends nothing.");

  g_signal_connect (fixture->client, "ssl-errors", G_CALLBACK (count_cb), &count);
  use_certificate (fixture->server, refused->name);
  tls_fixture_start (fixture);
  tls_fixture_write (fixture->client, "a secret");
  assert_refused (fixture, refused);
  g_assert_cmpuint (count, ==, 1);
  tls_fixture_await_end (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 0);
}

static void
ignore_exactly_cb (QnetSslSocket        *socket,
                   GTlsCertificateFlags  errors,
                   GTlsCertificate      *certificate,
                   gpointer              user_data)
{
  qnet_ssl_socket_ignore_ssl_errors_full (socket, errors, certificate);
}

static void
test_ignored (TlsFixture    *fixture,
              gconstpointer  data)
{
  const Case *ignored = data;

  g_test_summary ("A handler lets pass that certificate, with these errors.");

  g_signal_connect (fixture->client, "ssl-errors", G_CALLBACK (ignore_exactly_cb), NULL);
  use_certificate (fixture->server, ignored->name);
  tls_fixture_encrypt (fixture);
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==, ignored->errors);
  tls_fixture_write (fixture->client, "a secret");
  tls_fixture_assert_gets (fixture, fixture->server, "a secret");
}

static void
test_ignored_before (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("All errors are ignored where that was asked for before.");

  use_certificate (fixture->server, "self-signed");
  qnet_ssl_socket_ignore_ssl_errors (fixture->client);
  tls_fixture_encrypt (fixture);
}

static void
test_ignored_of_any (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("One error is ignored, whichever certificate has it.");

  use_certificate (fixture->server, "expired");
  qnet_ssl_socket_ignore_ssl_errors_of_any (fixture->client, G_TLS_CERTIFICATE_EXPIRED);
  tls_fixture_encrypt (fixture);
}

static void
test_ignored_list (TlsFixture    *fixture,
                   gconstpointer  data)
{
  g_autoptr(GTlsCertificate) expired = load_certificate ("expired");
  g_autoptr(GTlsCertificate) self_signed = load_certificate ("self-signed");

  g_test_summary ("Several pairs of a certificate and errors are ignored, each as it was given.");

  use_certificate (fixture->server, "self-signed");
  qnet_ssl_socket_ignore_ssl_errors_full (fixture->client, G_TLS_CERTIFICATE_EXPIRED, expired);
  qnet_ssl_socket_ignore_ssl_errors_full (fixture->client, G_TLS_CERTIFICATE_UNKNOWN_CA, self_signed);
  tls_fixture_encrypt (fixture);
}

static void
test_other_ignored (TlsFixture    *fixture,
                    gconstpointer  data)
{
  g_autoptr(GTlsCertificate) expired = load_certificate ("expired");

  g_test_summary ("To ignore another error, or that of another certificate, lets nothing pass.");

  use_certificate (fixture->server, "self-signed");
  qnet_ssl_socket_ignore_ssl_errors_of_any (fixture->client, G_TLS_CERTIFICATE_EXPIRED);
  qnet_ssl_socket_ignore_ssl_errors_full (fixture->client, G_TLS_CERTIFICATE_UNKNOWN_CA, expired);
  tls_fixture_start (fixture);
  assert_refused (fixture, &cases[3]);
}

static void
test_ignoring_is_forgotten (TlsFixture    *fixture,
                            gconstpointer  data)
{
  g_test_summary ("What was ignored on one connection is not on the next.");

  qnet_ssl_socket_ignore_ssl_errors (fixture->client);
  qnet_abstract_socket_abort (ABSTRACT (fixture->client));
  g_string_truncate (fixture->client_log, 0);
  qnet_abstract_socket_set_socket_descriptor (ABSTRACT (fixture->client),
                                              tls_fixture_replace (fixture, &fixture->server),
                                              QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE, NULL);
  g_assert_cmpint (qnet_ssl_socket_get_mode (fixture->client), ==, QNET_SSL_MODE_UNENCRYPTED);
}

static void
test_mode (TlsFixture    *fixture,
           gconstpointer  data)
{
  gboolean queries = GPOINTER_TO_INT (data) == QNET_SSL_PEER_VERIFY_MODE_QUERY;

  g_test_summary ("A client that verifies nobody takes any certificate; one that queries is told what is wrong.");

  qnet_ssl_socket_set_peer_verify_mode (fixture->client, GPOINTER_TO_INT (data));
  use_certificate (fixture->server, "expired");
  tls_fixture_encrypt (fixture);
  g_assert_cmpstr (fixture->client_log->str, ==, queries ? "verify:8 encrypted" : "encrypted");
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==, G_TLS_CERTIFICATE_EXPIRED);
}

static void
test_system (TlsFixture    *fixture,
             gconstpointer  data)
{
  g_autoptr(GTlsDatabase) system = g_tls_backend_get_default_database (g_tls_backend_get_default ());

  g_test_summary ("Those whom the system trusts can be trusted by name, too.");

  qnet_ssl_socket_set_database (fixture->client, system);
  tls_fixture_start (fixture);
  await_client (fixture);
  tls_fixture_assert_error (fixture->client, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "*nobody who is trusted*");
}

static void
test_no_name (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_test_summary ("Without a name to compare with no certificate will do.");

  qnet_ssl_socket_set_peer_verify_name (fixture->client, NULL);
  tls_fixture_start (fixture);
  await_client (fixture);
  tls_fixture_assert_error (fixture->client, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "*it is for another name");
}

static void
test_address (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_test_summary ("An address is a name, too, if the certificate is for it, and is not told as one.");

  qnet_ssl_socket_set_peer_verify_name (fixture->client, "127.0.0.1");
  tls_fixture_encrypt (fixture);
  g_assert_null (qnet_ssl_socket_get_requested_server_name (fixture->server));
}

/* Handlers */

static void
abort_cb (QnetAbstractSocket   *socket,
          GTlsCertificateFlags  errors,
          GTlsCertificate      *certificate,
          gpointer              user_data)
{
  qnet_abstract_socket_abort (socket);
}

static void
test_handler_aborts (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A handler of either signal may abort the connection.");

  g_signal_connect (fixture->client, data, G_CALLBACK (abort_cb), NULL);
  use_certificate (fixture->server, "expired");
  tls_fixture_start (fixture);
  await_client (fixture);
  g_assert_cmpstr (fixture->client_log->str, ==, "verify:8 disconnected");
}

static void
iterate_cb (QnetSslSocket        *socket,
            GTlsCertificateFlags  errors,
            GTlsCertificate      *certificate,
            TlsFixture           *fixture)
{
  tls_fixture_settle (fixture);
  qnet_ssl_socket_ignore_ssl_errors_full (socket, errors, certificate);
}

static void
test_handler_iterates (TlsFixture    *fixture,
                       gconstpointer  data)
{
  g_test_summary ("A handler may run the loop, as one that asks a user does.");

  g_signal_connect (fixture->client, "ssl-errors", G_CALLBACK (iterate_cb), fixture);
  use_certificate (fixture->server, "expired");
  tls_fixture_encrypt (fixture);
}

static void
drop_cb (QnetSslSocket        *socket,
         GTlsCertificateFlags  errors,
         GTlsCertificate      *certificate,
         TlsFixture           *fixture)
{
  g_clear_object (&fixture->client);
}

static void
test_handler_drops (TlsFixture    *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A handler may drop the last reference; the connection ends all the same.");

  g_signal_connect (fixture->client, "ssl-errors", G_CALLBACK (drop_cb), fixture);
  use_certificate (fixture->server, "expired");
  tls_fixture_start (fixture);
  tls_fixture_await_end (fixture);
  g_assert_cmpstr (fixture->client_log->str, ==, "verify:8 error:13 disconnected");
}

/* Clients with certificates */

static void
test_client_required (TlsFixture    *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A server that verifies refuses a client without a certificate.");

  qnet_ssl_socket_set_peer_verify_mode (fixture->server, QNET_SSL_PEER_VERIFY_MODE_VERIFY);
  trust (fixture->server, "ca");
  tls_fixture_start (fixture);
  tls_fixture_await_end (fixture);
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "*did not send a certificate");
}

static void
test_client_shown (TlsFixture    *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A client that shows a good certificate is let in, and the server knows it.");

  qnet_ssl_socket_set_peer_verify_mode (fixture->server, GPOINTER_TO_INT (data));
  trust (fixture->server, "ca");
  use_certificate (fixture->client, "client");
  tls_fixture_encrypt (fixture);
  g_assert_nonnull (qnet_ssl_socket_get_peer_certificate (fixture->server));
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->server), ==, 0);
  g_assert_cmpstr (fixture->server_log->str, ==, "encrypted");
}

static void
test_client_queried (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A server that queries takes a client with any certificate, or with none.");

  qnet_ssl_socket_set_peer_verify_mode (fixture->server, QNET_SSL_PEER_VERIFY_MODE_QUERY);
  trust (fixture->server, "ca");
  if (data != NULL)
    use_certificate (fixture->client, data);
  tls_fixture_encrypt (fixture);
  g_assert_true ((qnet_ssl_socket_get_peer_certificate (fixture->server) != NULL) == (data != NULL));
  g_assert_cmpstr (fixture->server_log->str, ==, data != NULL ? "verify:1 encrypted" : "encrypted");
}

static void
test_client_not_asked (TlsFixture    *fixture,
                       gconstpointer  data)
{
  g_test_summary ("A server that verifies automatically asks for no certificate.");

  g_assert_cmpint (qnet_ssl_socket_get_peer_verify_mode (fixture->server), ==, QNET_SSL_PEER_VERIFY_MODE_AUTO);
  use_certificate (fixture->client, "client");
  tls_fixture_encrypt (fixture);
  g_assert_null (qnet_ssl_socket_get_peer_certificate (fixture->server));
}

static void
test_client_certificate_kept (TlsFixture    *fixture,
                              gconstpointer  data)
{
  g_test_summary ("A server whose certificate is refused does not see that of the client.");

  use_certificate (fixture->server, "expired");
  use_certificate (fixture->client, "client");
  qnet_ssl_socket_set_peer_verify_mode (fixture->server, QNET_SSL_PEER_VERIFY_MODE_QUERY);
  tls_fixture_start (fixture);
  tls_fixture_await_end (fixture);
  g_assert_null (qnet_ssl_socket_get_peer_certificate (fixture->server));
  g_assert_false (qnet_ssl_socket_get_is_encrypted (fixture->server));
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED, "Could not encrypt*");
}

static void
test_client_refused (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A server that verifies refuses a client with a bad certificate.");

  qnet_ssl_socket_set_peer_verify_mode (fixture->server, QNET_SSL_PEER_VERIFY_MODE_VERIFY);
  trust (fixture->server, "ca");
  use_certificate (fixture->client, "unknown-ca");
  tls_fixture_start (fixture);
  tls_fixture_await_end (fixture);
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                            "The certificate of * is refused: nobody who is trusted has signed it");
}

/* A database that knows what was revoked */

#define TEST_TYPE_DATABASE (test_database_get_type ())
G_DECLARE_FINAL_TYPE (TestDatabase, test_database, TEST, DATABASE, GTlsDatabase)

struct _TestDatabase
{
  GTlsDatabase parent_instance;
};

G_DEFINE_FINAL_TYPE (TestDatabase, test_database, G_TYPE_TLS_DATABASE)

static GTlsCertificateFlags
verify_chain (GTlsDatabase             *database,
              GTlsCertificate          *chain,
              const char               *purpose,
              GSocketConnectable       *identity,
              GTlsInteraction          *interaction,
              GTlsDatabaseVerifyFlags   flags,
              GCancellable             *cancellable,
              GError                  **error)
{
  g_autoptr(GTlsCertificate) revoked = load_certificate ("revoked");

  return g_tls_certificate_is_same (chain, revoked) ? G_TLS_CERTIFICATE_REVOKED : 0;
}

static void
test_database_class_init (TestDatabaseClass *klass)
{
  G_TLS_DATABASE_CLASS (klass)->verify_chain = verify_chain;
}

static void
test_database_init (TestDatabase *self)
{
}

static void
test_revoked (TlsFixture    *fixture,
              gconstpointer  data)
{
  static const Case revoked = {
    "revoked", G_TLS_CERTIFICATE_REVOKED, "The certificate of localhost is refused: it has been revoked"
  };
  g_autoptr(GTlsDatabase) database = g_object_new (TEST_TYPE_DATABASE, NULL);

  g_test_summary ("What the database says was revoked is refused.");

  qnet_ssl_socket_set_database (fixture->client, database);
  use_certificate (fixture->server, "revoked");
  tls_fixture_start (fixture);
  assert_refused (fixture, &revoked);
}

#define add(path, func, data) tls_fixture_add ("/ssl-verify/" path, func, data)

static void
add_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *refused = g_strdup_printf ("/ssl-verify/refused/%s", cases[i].name);
      g_autofree char *heard = g_strdup_printf ("/ssl-verify/heard/%s", cases[i].name);
      g_autofree char *ignored = g_strdup_printf ("/ssl-verify/ignored/%s", cases[i].name);

      tls_fixture_add (refused, test_refused, &cases[i]);
      tls_fixture_add (heard, test_heard, &cases[i]);
      tls_fixture_add (ignored, test_ignored, &cases[i]);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add_cases ();
  add ("refused-notifies", test_refused_notifies, &cases[0]);
  add ("ignored/before", test_ignored_before, NULL);
  add ("ignored/of-any", test_ignored_of_any, NULL);
  add ("ignored/list", test_ignored_list, NULL);
  add ("ignored/other", test_other_ignored, NULL);
  add ("ignored/forgotten", test_ignoring_is_forgotten, NULL);
  add ("mode/none", test_mode, GINT_TO_POINTER (QNET_SSL_PEER_VERIFY_MODE_NONE));
  add ("mode/query", test_mode, GINT_TO_POINTER (QNET_SSL_PEER_VERIFY_MODE_QUERY));
  add ("system", test_system, NULL);
  add ("no-name", test_no_name, NULL);
  add ("address", test_address, NULL);
  add ("handler/aborts/errors", test_handler_aborts, "ssl-errors");
  add ("handler/aborts/error", test_handler_aborts, "peer-verify-error");
  add ("handler/aborts/notify", test_handler_aborts, "notify::peer-certificate");
  add ("handler/iterates", test_handler_iterates, NULL);
  add ("handler/drops", test_handler_drops, NULL);
  add ("client/required", test_client_required, NULL);
  add ("client/shown/verify", test_client_shown, GINT_TO_POINTER (QNET_SSL_PEER_VERIFY_MODE_VERIFY));
  add ("client/shown/query", test_client_shown, GINT_TO_POINTER (QNET_SSL_PEER_VERIFY_MODE_QUERY));
  add ("client/queried/none", test_client_queried, NULL);
  add ("client/queried/bad", test_client_queried, "unknown-ca");
  add ("client/certificate-is-kept-from-a-refused-server", test_client_certificate_kept, NULL);
  add ("client/not-asked", test_client_not_asked, NULL);
  add ("client/refused", test_client_refused, NULL);
  add ("revoked", test_revoked, NULL);

  return g_test_run ();
}
