/* test-ssl-verify.c: which certificates of a peer are accepted, and which are not
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <qnet/qnet.h>

#include "common/tls-fixture.h"

#define REFUSED "Could not encrypt the connection to localhost: "

/* A certificate of the server, its errors, and the message for them */
typedef struct
{
  const char           *name;
  GTlsCertificateFlags  errors;
  const char           *pattern;
} Case;

static const Case cases[] = {
  { "expired",       G_TLS_CERTIFICATE_EXPIRED,
    REFUSED "The certificate has expired" },
  { "not-yet-valid", G_TLS_CERTIFICATE_NOT_ACTIVATED,
    REFUSED "The certificate is not valid yet" },
  { "wrong-name",    G_TLS_CERTIFICATE_BAD_IDENTITY,
    REFUSED "The certificate is for another name" },
  { "self-signed",   G_TLS_CERTIFICATE_UNKNOWN_CA,
    REFUSED "The certificate is self-signed" },
  { "unknown-ca",    G_TLS_CERTIFICATE_UNKNOWN_CA,
    REFUSED "The certificate is signed by an unknown authority" },
  { "for-clients",   G_TLS_CERTIFICATE_GENERIC_ERROR,
    REFUSED "The certificate could not be verified" },
};

static void
use_certificate (QnetSslSocket *socket,
                 const char    *name)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate (name);

  qnet_ssl_socket_set_certificate (socket, certificate, NULL);
}

static void
trust (QnetSslSocket *socket,
       const char    *name)
{
  GError *error = NULL;

  qnet_ssl_socket_set_database_file (socket, get_certificate_path (name), &error);
  g_assert_no_error (error);
}

/* Waits until the client is encrypted or unconnected. */
static void
await_client (TlsFixture *fixture)
{
  tls_fixture_await (fixture, qnet_ssl_socket_is_encrypted (fixture->client)
                              || qnet_socket_get_state (QNET_SOCKET (fixture->client))
                                   == QNET_SOCKET_STATE_UNCONNECTED);
}

static void
assert_refused (TlsFixture *fixture,
                const Case *refused)
{
  g_autofree char *log = g_strdup_printf ("verify:%u error:13 disconnected", refused->errors);

  await_client (fixture);
  tls_fixture_assert_error (fixture->client, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                            refused->pattern);
  g_assert_cmpstr (fixture->client_log->str, ==, log);
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==,
                   refused->errors);
  g_assert_nonnull (qnet_ssl_socket_get_peer_certificate (fixture->client));
}

static void
test_refused (TlsFixture    *fixture,
              gconstpointer  data)
{
  const Case *refused = data;

  g_test_summary ("An invalid certificate is refused during the handshake, and nothing is sent.");

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

  g_test_summary ("The properties of a refused certificate are notified once.");

  g_signal_connect_swapped (fixture->client, "notify::peer-certificate",
                            G_CALLBACK (count_notes_cb), &n_certificates);
  g_signal_connect_swapped (fixture->client, "notify::peer-certificate-errors",
                            G_CALLBACK (count_notes_cb), &n_errors);
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
  g_assert_false (qnet_ssl_socket_is_encrypted (socket));
  (*count)++;
}

static void
test_handled (TlsFixture    *fixture,
              gconstpointer  data)
{
  const Case *refused = data;
  guint count = 0;

  g_test_summary ("With a handler that ignores none of the errors, the connection is not "
                  "encrypted, and nothing is sent.");

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

  g_test_summary ("A handler accepts that certificate, with these errors.");

  g_signal_connect (fixture->client, "ssl-errors", G_CALLBACK (ignore_exactly_cb), NULL);
  use_certificate (fixture->server, ignored->name);
  tls_fixture_encrypt (fixture);
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==,
                   ignored->errors);
  tls_fixture_write (fixture->client, "a secret");
  tls_fixture_assert_gets (fixture, fixture->server, "a secret");
}

static void
test_ignored_before (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("All errors are ignored if that was requested before.");

  use_certificate (fixture->server, "self-signed");
  qnet_ssl_socket_ignore_ssl_errors (fixture->client);
  tls_fixture_encrypt (fixture);
}

static void
test_ignored_of_any (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("One error of any certificate is ignored.");

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

  g_test_summary ("Several pairs of a certificate and errors are ignored.");

  use_certificate (fixture->server, "self-signed");
  qnet_ssl_socket_ignore_ssl_errors_full (fixture->client, G_TLS_CERTIFICATE_EXPIRED, expired);
  qnet_ssl_socket_ignore_ssl_errors_full (fixture->client, G_TLS_CERTIFICATE_UNKNOWN_CA,
                                          self_signed);
  tls_fixture_encrypt (fixture);
}

typedef struct
{
  const char *certificate;
  const char *name;
  gboolean    matches;
} Name;

static const Name forms[] = {
  { "server", "LOCALHOST.", TRUE },
  { "server", "127.1", TRUE },
  { "server", "127.0.0.1.", TRUE },
  { "server", "[::1]", TRUE },
  { "server", "::1%lo", TRUE },
  { "server", "[::1%25lo]", TRUE },
  { "server", "0::1", TRUE },
  { "server", "127.0.0.2", FALSE },
  { "server", "localhost..", FALSE },
  { "server", "", FALSE },
  { "idn", "bücher.example", TRUE },
  { "idn", "BÜCHER.example.", TRUE },
  { "idn", "xn--bcher-kva.Example", TRUE },
  { "idn", "www.bücher.example", TRUE },
  { "idn", "a.www.bücher.example", FALSE },
  { "idn", "bucher.example", FALSE },
};

static void
test_form (TlsFixture    *fixture,
           gconstpointer  data)
{
  const Name *form = data;

  g_test_summary ("Each form of a name, or of an address, matches the certificate for it.");

  use_certificate (fixture->server, form->certificate);
  qnet_ssl_socket_set_peer_verify_name (fixture->client, form->name);
  tls_fixture_start (fixture);
  tls_fixture_await (fixture, tls_fixture_is_encrypted (fixture)
                              || qnet_socket_get_state (QNET_SOCKET (fixture->client))
                                 == QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==,
                   form->matches ? 0 : G_TLS_CERTIFICATE_BAD_IDENTITY);
  g_assert_cmpint (tls_fixture_is_encrypted (fixture), ==, form->matches);
}

/* The certificate has expired, and is for another name. */
static void
use_two_errors (TlsFixture *fixture)
{
  use_certificate (fixture->server, "expired");
  qnet_ssl_socket_set_peer_verify_name (fixture->client, "elsewhere.example");
}

static void
test_ignored_adds_up (TlsFixture    *fixture,
                      gconstpointer  data)
{
  g_autoptr(GTlsCertificate) expired = load_certificate ("expired");

  g_test_summary ("The errors that several calls ignore for one certificate add up.");

  use_two_errors (fixture);
  qnet_ssl_socket_ignore_ssl_errors_full (fixture->client, G_TLS_CERTIFICATE_EXPIRED, expired);
  qnet_ssl_socket_ignore_ssl_errors_full (fixture->client, G_TLS_CERTIFICATE_BAD_IDENTITY, expired);
  tls_fixture_encrypt (fixture);
}

static void
test_ignored_of_two (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_autoptr(GTlsCertificate) expired = load_certificate ("expired");
  g_autoptr(GTlsCertificate) other = load_certificate ("server");

  g_test_summary ("What is ignored for another certificate does not add up.");

  use_two_errors (fixture);
  qnet_ssl_socket_ignore_ssl_errors_full (fixture->client, G_TLS_CERTIFICATE_EXPIRED, expired);
  qnet_ssl_socket_ignore_ssl_errors_full (fixture->client, G_TLS_CERTIFICATE_BAD_IDENTITY, other);
  tls_fixture_start (fixture);
  tls_fixture_await_end (fixture);
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==,
                   G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_BAD_IDENTITY);
  g_assert_cmpstr (fixture->client_log->str, !=, "encrypted");
}

static void
test_other_ignored (TlsFixture    *fixture,
                    gconstpointer  data)
{
  g_autoptr(GTlsCertificate) expired = load_certificate ("expired");

  g_test_summary ("Ignoring another error, or another certificate, accepts nothing.");

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
  g_test_summary ("Errors that were ignored on one connection are not ignored on the next.");

  qnet_ssl_socket_ignore_ssl_errors (fixture->client);
  qnet_socket_abort (QNET_SOCKET (fixture->client));
  g_string_truncate (fixture->client_log, 0);
  qnet_socket_set_fd (QNET_SOCKET (fixture->client),
                                              tls_fixture_replace (fixture, &fixture->server),
                                              QNET_SOCKET_STATE_CONNECTED,
                                              QNET_OPEN_MODE_READ_WRITE, NULL);
  g_assert_cmpint (qnet_ssl_socket_get_mode (fixture->client), ==, QNET_SSL_MODE_UNENCRYPTED);
}

static void
test_mode (TlsFixture    *fixture,
           gconstpointer  data)
{
  gboolean queries = GPOINTER_TO_INT (data) == QNET_SSL_PEER_VERIFY_MODE_QUERY;

  g_test_summary ("A client that does not verify accepts any certificate; one that queries knows "
                  "its errors.");

  qnet_ssl_socket_set_peer_verify_mode (fixture->client, GPOINTER_TO_INT (data));
  use_certificate (fixture->server, "expired");
  tls_fixture_encrypt (fixture);
  g_assert_cmpstr (fixture->client_log->str, ==, queries ? "verify:8 encrypted" : "encrypted");
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==,
                   G_TLS_CERTIFICATE_EXPIRED);
}

static void
test_mode_too_late (TlsFixture    *fixture,
                    gconstpointer  data)
{
  g_test_summary ("The mode that is set during a handshake is that of the next one, on both "
                  "sides.");

  use_certificate (fixture->server, "expired");
  tls_fixture_start (fixture);
  qnet_ssl_socket_set_peer_verify_mode (fixture->client, QNET_SSL_PEER_VERIFY_MODE_NONE);
  qnet_ssl_socket_set_peer_verify_mode (fixture->server, QNET_SSL_PEER_VERIFY_MODE_VERIFY);
  assert_refused (fixture, &cases[0]);
}

static void
test_mode_of_server_too_late (TlsFixture    *fixture,
                              gconstpointer  data)
{
  g_test_summary ("A server requests the certificate of a client as it was set when the handshake "
                  "began, and demands none later.");

  tls_fixture_start (fixture);
  qnet_ssl_socket_set_peer_verify_mode (fixture->server, QNET_SSL_PEER_VERIFY_MODE_VERIFY);
  tls_fixture_await (fixture, tls_fixture_is_encrypted (fixture));
}

static void
test_system (TlsFixture    *fixture,
             gconstpointer  data)
{
  g_autoptr(GTlsDatabase) system =
    g_tls_backend_get_default_database (g_tls_backend_get_default ());

  g_test_summary ("The database of the system can be set explicitly.");

  qnet_ssl_socket_set_database (fixture->client, system);
  tls_fixture_start (fixture);
  await_client (fixture);
  tls_fixture_assert_error (fixture->client, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                            "*signed by an unknown authority");
}

static void
test_no_name (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_test_summary ("Without a name no certificate is accepted.");

  qnet_ssl_socket_set_peer_verify_name (fixture->client, NULL);
  tls_fixture_start (fixture);
  await_client (fixture);
  tls_fixture_assert_error (fixture->client, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                            "*The certificate is for another name");
}

static void
test_several_errors (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("The error names each reason why a certificate is refused.");

  use_certificate (fixture->server, "expired");
  qnet_ssl_socket_set_peer_verify_name (fixture->client, "other.example");
  tls_fixture_start (fixture);
  await_client (fixture);
  tls_fixture_assert_error (fixture->client, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                            "Could not encrypt the connection to other.example: "
                            "The certificate is for another name. The certificate has expired");
}

static void
test_address (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_test_summary ("A certificate may be for an address, which is not sent as a server name.");

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
  qnet_socket_abort (QNET_SOCKET (socket));
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

/* Longer than the handshake may take */
#define DIALOG_TIME       3500  /* milliseconds */
#define HANDSHAKE_TIMEOUT 3000  /* enough for a slow machine */

static gboolean
set_true_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_REMOVE;
}

static void
iterate_cb (QnetSslSocket        *socket,
            GTlsCertificateFlags  errors,
            GTlsCertificate      *certificate,
            TlsFixture           *fixture)
{
  g_autoptr(GSource) timer = g_timeout_source_new (DIALOG_TIME);
  gboolean has_passed = FALSE;

  g_source_set_callback (timer, set_true_cb, &has_passed, NULL);
  g_source_attach (timer, fixture->context);
  tls_fixture_await (fixture, qnet_ssl_socket_is_encrypted (fixture->server));
  tls_fixture_write (fixture->server, "welcome");
  tls_fixture_await (fixture, has_passed);

  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (socket)), ==, 0);
  qnet_ssl_socket_ignore_ssl_errors_full (socket, errors, certificate);
}

static void
test_handler_iterates (TlsFixture    *fixture,
                       gconstpointer  data)
{
  g_test_summary ("A handler may run the loop, as one that asks the user does, for longer than the "
                  "handshake may take. What the peer sends meanwhile is read afterwards.");

  g_signal_connect (fixture->client, "ssl-errors", G_CALLBACK (iterate_cb), fixture);
  qnet_ssl_socket_set_handshake_timeout (fixture->client, HANDSHAKE_TIMEOUT);
  use_certificate (fixture->server, "expired");
  tls_fixture_encrypt (fixture);
  tls_fixture_assert_gets (fixture, fixture->client, "welcome");
}

static void
iterate_until_refused_cb (QnetSslSocket        *socket,
                          GTlsCertificateFlags  error,
                          GTlsCertificate      *certificate,
                          TlsFixture           *fixture)
{
  tls_fixture_await (fixture, qnet_socket_get_state (QNET_SOCKET (fixture->server))
                              == QNET_SOCKET_STATE_UNCONNECTED);
  tls_fixture_settle (fixture);
}

static void
test_handler_iterates_refused (TlsFixture    *fixture,
                               gconstpointer  data)
{
  g_test_summary ("A handler of an error that is not ignored may run the loop until the peer has "
                  "ended the connection: the reason stays the certificate.");

  g_signal_connect (fixture->client, "peer-verify-error", G_CALLBACK (iterate_until_refused_cb),
                    fixture);
  use_certificate (fixture->server, "expired");
  tls_fixture_start (fixture);
  assert_refused (fixture, &cases[0]);
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
  g_test_summary ("A handler may drop the last reference, which ends the connection without "
                  "another signal.");

  g_signal_connect (fixture->client, "ssl-errors", G_CALLBACK (drop_cb), fixture);
  use_certificate (fixture->server, "expired");
  tls_fixture_start (fixture);
  tls_fixture_await_end (fixture);
  g_assert_cmpstr (fixture->client_log->str, ==, "verify:8");
}

static void
greet_cb (QnetSslSocket *server)
{
  tls_fixture_write (server, "welcome");
}

static void
test_handler_drops_unsent (TlsFixture    *fixture,
                           gconstpointer  data)
{
  g_test_summary ("So it does if something was written, which is not sent to a peer that was not "
                  "accepted.");

  g_signal_connect (fixture->client, data, G_CALLBACK (drop_cb), fixture);
  g_signal_connect (fixture->server, "encrypted", G_CALLBACK (greet_cb), NULL);
  use_certificate (fixture->server, "expired");
  tls_fixture_start (fixture);
  tls_fixture_write (fixture->client, "a secret");
  tls_fixture_await_end (fixture);
  g_assert_cmpstr (fixture->client_log->str, ==, "verify:8");
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->server)), ==, 0);
}

static void
ignore_and_drop_cb (QnetSslSocket        *socket,
                    GTlsCertificateFlags  errors,
                    GTlsCertificate      *certificate,
                    TlsFixture           *fixture)
{
  qnet_ssl_socket_ignore_ssl_errors_full (socket, errors, certificate);
  g_clear_object (&fixture->client);
}

static void
test_handler_ignores_and_drops (TlsFixture    *fixture,
                                gconstpointer  data)
{
  g_test_summary ("What was written is sent if the handler that drops the last reference has "
                  "ignored the errors before.");

  g_signal_connect (fixture->client, "ssl-errors", G_CALLBACK (ignore_and_drop_cb), fixture);
  g_signal_connect (fixture->server, "encrypted", G_CALLBACK (greet_cb), NULL);
  use_certificate (fixture->server, "expired");
  tls_fixture_start (fixture);
  tls_fixture_write (fixture->client, "a greeting");
  tls_fixture_assert_gets (fixture, fixture->server, "a greeting");
  tls_fixture_await_end (fixture);
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
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                            "*The peer presented no certificate");
}

static void
test_client_shown (TlsFixture    *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A client with a valid certificate is accepted, and the server knows the "
                  "certificate.");

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
  g_test_summary ("A server that queries accepts a client with any certificate, or with none.");

  qnet_ssl_socket_set_peer_verify_mode (fixture->server, QNET_SSL_PEER_VERIFY_MODE_QUERY);
  trust (fixture->server, "ca");
  if (data != NULL)
    use_certificate (fixture->client, data);
  tls_fixture_encrypt (fixture);
  g_assert_true ((qnet_ssl_socket_get_peer_certificate (fixture->server) != NULL)
                 == (data != NULL));
  g_assert_cmpstr (fixture->server_log->str, ==, data != NULL ? "verify:1 encrypted" : "encrypted");
}

static void
test_client_not_asked (TlsFixture    *fixture,
                       gconstpointer  data)
{
  g_test_summary ("A server in automatic mode requests no certificate.");

  g_assert_cmpint (qnet_ssl_socket_get_peer_verify_mode (fixture->server), ==,
                   QNET_SSL_PEER_VERIFY_MODE_AUTO);
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
  g_assert_false (qnet_ssl_socket_is_encrypted (fixture->server));
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                            "Could not encrypt*: The peer does not accept the certificate "
                            "(TLS alert “certificate_expired”)");
}

static void
test_client_refused (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A server that verifies refuses a client with an invalid certificate.");

  qnet_ssl_socket_set_peer_verify_mode (fixture->server, QNET_SSL_PEER_VERIFY_MODE_VERIFY);
  trust (fixture->server, "ca");
  use_certificate (fixture->client, "unknown-ca");
  tls_fixture_start (fixture);
  tls_fixture_await_end (fixture);
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                            "Could not encrypt the connection to *: "
                            "The certificate is signed by an unknown authority");
}

static void
test_client_purpose (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A server that verifies refuses a client whose certificate is for servers.");

  qnet_ssl_socket_set_peer_verify_mode (fixture->server, QNET_SSL_PEER_VERIFY_MODE_VERIFY);
  trust (fixture->server, "ca");
  use_certificate (fixture->client, "for-servers");
  tls_fixture_start (fixture);
  tls_fixture_await_end (fixture);
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                            "Could not encrypt the connection to *: "
                            "The certificate could not be verified");
}

static void
test_client_alert (TlsFixture    *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A client whose certificate is refused receives the reason, although it has "
                  "completed its handshake, and has written.");

  qnet_ssl_socket_set_peer_verify_mode (fixture->server, QNET_SSL_PEER_VERIFY_MODE_VERIFY);
  trust (fixture->server, "ca");
  if (data != NULL)
    use_certificate (fixture->client, data);
  tls_fixture_start (fixture);
  tls_fixture_write (fixture->client, "a secret");
  tls_fixture_await_end (fixture);
  tls_fixture_assert_error (fixture->client, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                            data != NULL ? "*(TLS alert “unknown_ca”)"
                                         : "*(TLS alert “certificate_required”)");
}

/* A database with a list of revoked certificates */

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
    "revoked", G_TLS_CERTIFICATE_REVOKED, REFUSED "The certificate has been revoked"
  };
  g_autoptr(GTlsDatabase) database = g_object_new (TEST_TYPE_DATABASE, NULL);

  g_test_summary ("A certificate that is revoked in the database is refused.");

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
      g_autofree char *handled = g_strdup_printf ("/ssl-verify/handled/%s", cases[i].name);
      g_autofree char *ignored = g_strdup_printf ("/ssl-verify/ignored/%s", cases[i].name);

      tls_fixture_add (refused, test_refused, &cases[i]);
      tls_fixture_add (handled, test_handled, &cases[i]);
      tls_fixture_add (ignored, test_ignored, &cases[i]);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add_cases ();
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *path = g_strdup_printf ("/ssl-verify/names/%s/%" G_GSIZE_FORMAT,
                                               forms[i].certificate, i);

      tls_fixture_add (path, test_form, &forms[i]);
    }
  add ("refused-notifies", test_refused_notifies, &cases[0]);
  add ("ignored/before", test_ignored_before, NULL);
  add ("ignored/of-any", test_ignored_of_any, NULL);
  add ("ignored/list", test_ignored_list, NULL);
  add ("ignored/adds-up", test_ignored_adds_up, NULL);
  add ("ignored/adds-up/not-of-two", test_ignored_of_two, NULL);
  add ("ignored/other", test_other_ignored, NULL);
  add ("ignored/forgotten", test_ignoring_is_forgotten, NULL);
  add ("mode/none", test_mode, GINT_TO_POINTER (QNET_SSL_PEER_VERIFY_MODE_NONE));
  add ("mode/query", test_mode, GINT_TO_POINTER (QNET_SSL_PEER_VERIFY_MODE_QUERY));
  add ("mode/too-late", test_mode_too_late, NULL);
  add ("mode/too-late/of-server", test_mode_of_server_too_late, NULL);
  add ("system", test_system, NULL);
  add ("no-name", test_no_name, NULL);
  add ("several-errors", test_several_errors, NULL);
  add ("address", test_address, NULL);
  add ("handler/aborts/errors", test_handler_aborts, "ssl-errors");
  add ("handler/aborts/error", test_handler_aborts, "peer-verify-error");
  add ("handler/aborts/notify", test_handler_aborts, "notify::peer-certificate");
  add ("handler/iterates", test_handler_iterates, NULL);
  add ("handler/iterates-refused", test_handler_iterates_refused, NULL);
  add ("handler/drops", test_handler_drops, NULL);
  add ("handler/drops/unsent", test_handler_drops_unsent, "ssl-errors");
  add ("handler/drops/unsent/refused", test_handler_drops_unsent, "peer-verify-error");
  add ("handler/drops/unsent/ignored", test_handler_ignores_and_drops, NULL);
  add ("client/required", test_client_required, NULL);
  add ("client/shown/verify", test_client_shown,
       GINT_TO_POINTER (QNET_SSL_PEER_VERIFY_MODE_VERIFY));
  add ("client/shown/query", test_client_shown, GINT_TO_POINTER (QNET_SSL_PEER_VERIFY_MODE_QUERY));
  add ("client/queried/none", test_client_queried, NULL);
  add ("client/queried/bad", test_client_queried, "unknown-ca");
  add ("client/certificate-is-kept-from-a-refused-server", test_client_certificate_kept, NULL);
  add ("client/not-asked", test_client_not_asked, NULL);
  add ("client/refused", test_client_refused, NULL);
  add ("client/wrong-purpose", test_client_purpose, NULL);
  add ("client/alert/unknown-ca", test_client_alert, "unknown-ca");
  add ("client/alert/none", test_client_alert, NULL);
  add ("revoked", test_revoked, NULL);

  return g_test_run ();
}
