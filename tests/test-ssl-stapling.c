/* test-ssl-stapling.c: what a server sends about the revocation of its certificate
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <time.h>

#include <gnutls/abstract.h>
#include <qnet/qnet.h>

#include "common/program.h"
#include "common/temp-folder.h"
#include "common/tls-fixture.h"

#define SERVER(object) QNET_TCP_SERVER (object)

typedef struct
{
  GMainContext  *context;  /* (owned) */
  QnetSslServer *server;   /* (owned) */
  QnetSslSocket *client;   /* (owned): of the latest connection */
  Program       *program;  /* (owned) (nullable) */
} Fixture;

#define await(fixture, condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration ((fixture)->context, TRUE); \
  } G_STMT_END

/* The server */

static char *
get_response_path (const char *name)
{
  return g_strdup_printf ("%s/%s.ocsp", g_getenv ("QNET_TEST_CERTIFICATES"), name);
}

/* The client has something to read, before which the tickets arrive. */
static void
new_connection_cb (QnetServer *server,
                   gpointer    user_data)
{
  g_autoptr(QnetSslSocket) socket =
    qnet_ssl_server_next_pending_connection (QNET_SSL_SERVER (server));

  qnet_io_device_write_string (DEVICE (socket), "welcome", NULL);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (socket));
}

static void
serve (Fixture    *fixture,
       const char *certificate)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  qnet_ssl_server_set_certificate_files (fixture->server, get_certificate_path (certificate), NULL,
                                         &error);
  g_assert_no_error (error);
  qnet_tcp_server_listen (SERVER (fixture->server), address, 0, &error);
  g_assert_no_error (error);
}

static void
staple (Fixture    *fixture,
        const char *name)
{
  g_autofree char *path = get_response_path (name);
  GError *error = NULL;

  qnet_ssl_set_ocsp_response_file (qnet_ssl_server_get_certificate (fixture->server), path, &error);
  g_assert_no_error (error);
}

/* The client */

static void
make_client (Fixture *fixture)
{
  GError *error = NULL;

  g_clear_object (&fixture->client);
  fixture->client = qnet_ssl_socket_new ();
  qnet_ssl_socket_set_peer_verify_name (fixture->client, "localhost");
  qnet_ssl_socket_set_database_file (fixture->client, get_certificate_path ("ca"), &error);
  g_assert_no_error (error);
}

static void
finish_connection (Fixture *fixture,
                   guint16  port)
{
  qnet_ssl_socket_connect_to_host_encrypted (fixture->client, "127.0.0.1", port);
  await (fixture,
         qnet_socket_get_state (QNET_SOCKET (fixture->client)) == QNET_SOCKET_STATE_UNCONNECTED);
}

static void
connect_client (Fixture *fixture)
{
  finish_connection (fixture, qnet_tcp_server_get_server_port (SERVER (fixture->server)));
}

static void
assert_welcome (Fixture *fixture)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_bytes (DEVICE (fixture->client), 100);

  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "welcome", 7);
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==, 0);
}

static void
assert_refused (Fixture              *fixture,
                GTlsCertificateFlags  errors,
                const char           *pattern)
{
  tls_fixture_assert_error (fixture->client, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, pattern);
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==, errors);
}

static void
assert_missing (Fixture *fixture)
{
  assert_refused (fixture, G_TLS_CERTIFICATE_GENERIC_ERROR,
                  "*: The certificate requires an OCSP response, and the server has sent none");
}

/* A database that accepts each chain */

#define TEST_TYPE_DATABASE (test_database_get_type ())
G_DECLARE_FINAL_TYPE (TestDatabase, test_database, TEST, DATABASE, GTlsDatabase)

struct _TestDatabase
{
  GTlsDatabase parent_instance;

  gboolean     knows_issuer;
};

G_DEFINE_TYPE (TestDatabase, test_database, G_TYPE_TLS_DATABASE)

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
  return 0;
}

static GTlsCertificate *
lookup_certificate_issuer (GTlsDatabase             *database,
                           GTlsCertificate          *certificate,
                           GTlsInteraction          *interaction,
                           GTlsDatabaseLookupFlags   flags,
                           GCancellable             *cancellable,
                           GError                  **error)
{
  return TEST_DATABASE (database)->knows_issuer ? load_certificate ("ca") : NULL;
}

static void
test_database_class_init (TestDatabaseClass *klass)
{
  GTlsDatabaseClass *database_class = G_TLS_DATABASE_CLASS (klass);

  database_class->verify_chain = verify_chain;
  database_class->lookup_certificate_issuer = lookup_certificate_issuer;
}

static void
test_database_init (TestDatabase *self)
{
}

static void
use_database (Fixture  *fixture,
              gboolean  knows_issuer)
{
  g_autoptr(TestDatabase) database = g_object_new (TEST_TYPE_DATABASE, NULL);

  database->knows_issuer = knows_issuer;
  qnet_ssl_socket_set_database (fixture->client, G_TLS_DATABASE (database));
}

/* What was stapled */

static GBytes *
read_response (const char *name)
{
  g_autofree char *path = get_response_path (name);
  char *content;
  gsize size;

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));

  return g_bytes_new_take (content, size);
}

static gboolean
has_response (Fixture    *fixture,
              const char *name)
{
  g_autoptr(GBytes) expected = read_response (name);
  GBytes *response = qnet_ssl_socket_get_ocsp_response (fixture->client);

  return response != NULL && g_bytes_equal (response, expected);
}

static void
count_cb (QnetSslSocket *socket,
          GParamSpec    *property,
          guint         *count)
{
  (*count)++;
}

static void
test_response (Fixture       *fixture,
               gconstpointer  priority)
{
  g_autoptr(QnetSslConfiguration) next = NULL;
  guint n_notes = 0;

  g_test_summary ("A client gets the response that the server has stapled, and a session that is "
                  "resumed keeps it.");

  next = qnet_ssl_configuration_with_priority
    (qnet_ssl_server_get_ssl_configuration (fixture->server), priority, NULL);
  qnet_ssl_server_set_ssl_configuration (fixture->server, next);
  serve (fixture, "server");
  staple (fixture, "server");
  make_client (fixture);
  g_signal_connect (fixture->client, "notify::ocsp-response", G_CALLBACK (count_cb), &n_notes);
  connect_client (fixture);
  assert_welcome (fixture);
  g_assert_true (has_response (fixture, "server"));
  g_assert_cmpuint (n_notes, ==, 1);

  connect_client (fixture);
  assert_welcome (fixture);
  g_assert_true (qnet_ssl_socket_is_session_reused (fixture->client));
  g_assert_true (has_response (fixture, "server"));
  g_assert_cmpuint (n_notes, ==, 3);
}

static void
errors_cb (QnetSslSocket        *socket,
           GTlsCertificateFlags  errors,
           GTlsCertificate      *certificate,
           Fixture              *fixture)
{
  g_assert_true (has_response (fixture, "revoked"));
}

static void
test_response_refused (Fixture       *fixture,
                       gconstpointer  data)
{
  g_test_summary ("It is available in handlers of ssl-errors.");

  serve (fixture, "revoked");
  staple (fixture, "revoked");
  make_client (fixture);
  g_signal_connect (fixture->client, "ssl-errors", G_CALLBACK (errors_cb), fixture);
  connect_client (fixture);
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==,
                   G_TLS_CERTIFICATE_REVOKED);
  g_assert_true (has_response (fixture, "revoked"));
}

/* Must-staple */

static void
test_required (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("A certificate that requires a response is valid with it, and not without it.");

  serve (fixture, "must-staple");
  make_client (fixture);
  connect_client (fixture);
  assert_missing (fixture);

  staple (fixture, "must-staple");
  make_client (fixture);
  connect_client (fixture);
  assert_welcome (fixture);
}

static void
test_removed (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("A response can be taken away again.");

  serve (fixture, "must-staple");
  staple (fixture, "must-staple");
  qnet_ssl_set_ocsp_response (qnet_ssl_server_get_certificate (fixture->server), NULL, NULL);
  make_client (fixture);
  connect_client (fixture);
  assert_missing (fixture);
}

static void
test_of_database (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("The same holds if a database of the application verifies the chain.");

  serve (fixture, "must-staple");
  make_client (fixture);
  use_database (fixture, TRUE);
  connect_client (fixture);
  assert_missing (fixture);

  staple (fixture, "must-staple");
  make_client (fixture);
  use_database (fixture, TRUE);
  connect_client (fixture);
  assert_welcome (fixture);

  make_client (fixture);
  use_database (fixture, FALSE);
  connect_client (fixture);
  assert_refused (fixture, G_TLS_CERTIFICATE_GENERIC_ERROR,
                  "*: The OCSP response of the server is invalid");
}

static void
test_revoked (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("A certificate that is revoked by its response is refused, also if a database of "
                  "the application verifies the chain.");

  serve (fixture, "revoked");
  staple (fixture, "revoked");
  make_client (fixture);
  connect_client (fixture);
  assert_refused (fixture, G_TLS_CERTIFICATE_REVOKED, "*: The certificate has been revoked");

  make_client (fixture);
  use_database (fixture, TRUE);
  connect_client (fixture);
  assert_refused (fixture, G_TLS_CERTIFICATE_REVOKED, "*: The certificate has been revoked");

  make_client (fixture);
  use_database (fixture, FALSE);
  connect_client (fixture);
  assert_welcome (fixture);
}

/* Resumption */

static void
test_resumed (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("A session that was verified with its response can be resumed without it.");

  serve (fixture, "must-staple");
  staple (fixture, "must-staple");
  make_client (fixture);
  connect_client (fixture);
  assert_welcome (fixture);

  finish_connection (fixture, qnet_tcp_server_get_server_port (SERVER (fixture->server)));
  g_assert_true (qnet_ssl_socket_is_session_reused (fixture->client));
  assert_welcome (fixture);
}

static void
test_not_resumed (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("An error that was ignored is found again in the next connection.");

  serve (fixture, data);
  if (g_str_equal (data, "revoked"))
    staple (fixture, "revoked");
  make_client (fixture);
  qnet_ssl_socket_ignore_ssl_errors (fixture->client);
  connect_client (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->client)), ==, 7);

  finish_connection (fixture, qnet_tcp_server_get_server_port (SERVER (fixture->server)));
  g_assert_false (qnet_ssl_socket_is_session_reused (fixture->client));
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), !=, 0);
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->client)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
}

/* Responses that are refused */

static void
assert_not_set (Fixture    *fixture,
                GBytes     *response,
                const char *pattern)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (qnet_ssl_set_ocsp_response (qnet_ssl_server_get_certificate (fixture->server),
                                              response, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_assert_true (g_pattern_match_simple (pattern, error->message));
}

/* The time of the next update, in the years 203x, is the last one of the response. */
static GBytes *
make_expired_response (const char *name)
{
  g_autoptr(GBytes) response = read_response (name);
  gsize size;
  char *bytes = g_bytes_unref_to_data (g_steal_pointer (&response), &size);
  char *next = NULL;

  for (gsize i = 0; i + 15 < size; i++)
    if (memcmp (&bytes[i], "203", 3) == 0 && bytes[i + 14] == 'Z')
      next = &bytes[i];

  g_assert_nonnull (next);
  next[2] = '1';

  return g_bytes_new_take (bytes, size);
}

static void
test_unusable (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr(GBytes) garbage = g_bytes_new_static ("garbage", 7);
  g_autoptr(GBytes) of_another = read_response ("server");
  g_autoptr(GBytes) expired = make_expired_response ("must-staple");
  g_autoptr(GError) error = NULL;

  g_test_summary ("A response that cannot be used is an error, and the previous one remains.");

  serve (fixture, "must-staple");
  staple (fixture, "must-staple");
  assert_not_set (fixture, garbage, "*: It is invalid");
  assert_not_set (fixture, of_another, "*: It is about another certificate");
  assert_not_set (fixture, expired, "*: It has expired");
  g_assert_false (qnet_ssl_set_ocsp_response_file
                    (qnet_ssl_server_get_certificate (fixture->server), "/nowhere", &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_assert_nonnull (strstr (error->message, "/nowhere"));

  make_client (fixture);
  connect_client (fixture);
  assert_welcome (fixture);
}

/* OpenSSL */

static void
start_client (Fixture    *fixture,
              const char *version)
{
  g_autofree char *port =
    g_strdup_printf ("%u", qnet_tcp_server_get_server_port (SERVER (fixture->server)));
  const char *const words[] = {
    "openssl", "s_client", "-connect", "127.0.0.1", "-port", port, version, "-status",
    "-CAfile", get_certificate_path ("ca"), "-servername", "localhost", NULL
  };

  g_clear_pointer (&fixture->program, program_stop);
  fixture->program = program_start (words);
}

static void
test_s_client (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("A client of OpenSSL that requests the response gets it, and the one that is set "
                  "later in the next connection.");

  serve (fixture, "server");
  start_client (fixture, data);
  program_await (fixture->program, "OCSP response: no response sent");

  staple (fixture, "server");
  start_client (fixture, data);
  program_await (fixture->program, "OCSP Response Status: successful");
  program_await (fixture->program, "Cert Status: good");
}

/* "ACCEPT 127.0.0.1:1234" */
static guint16
start_server_with (Fixture    *fixture,
                   const char *certificate,  /* a file, as all of these */
                   const char *version,
                   const char *response,     /* (nullable) */
                   const char *issuer)       /* (nullable): is sent after the certificate */
{
  const char *const words[] = {
    "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, version,
    response != NULL ? "-status_file" : NULL, response,
    issuer != NULL ? "-cert_chain" : NULL, issuer, NULL
  };
  const char *line;

  g_clear_pointer (&fixture->program, program_stop);
  fixture->program = program_start (words);
  program_await (fixture->program, "ACCEPT");
  line = strstr (program_await (fixture->program, "\n"), "ACCEPT");

  return (guint16) g_ascii_strtoull (strrchr (line, ':') + 1, NULL, 10);
}

static guint16
start_server (Fixture    *fixture,
              const char *version,
              const char *response)  /* (nullable): a file */
{
  return start_server_with (fixture, get_certificate_path ("must-staple"), version, response,
                            NULL);
}

/* With the settings of the client that was made last */
static void
finish_handshake (Fixture *fixture,
                  guint16  port)
{
  qnet_ssl_socket_connect_to_host_encrypted (fixture->client, "127.0.0.1", port);
  await (fixture, qnet_ssl_socket_is_encrypted (fixture->client)
                  || (qnet_socket_get_state (QNET_SOCKET (fixture->client))
                      == QNET_SOCKET_STATE_UNCONNECTED));
}

static void
connect_to_program (Fixture *fixture,
                    guint16  port)
{
  make_client (fixture);
  finish_handshake (fixture, port);
}

static void
test_s_server (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *path = get_response_path ("must-staple");
  g_autofree char *of_another = get_response_path ("server");

  g_test_summary ("A server of OpenSSL is accepted with the response, and refused without it, and "
                  "with that of another certificate.");

  connect_to_program (fixture, start_server (fixture, data, NULL));
  assert_missing (fixture);

  connect_to_program (fixture, start_server (fixture, data, of_another));
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==,
                   G_TLS_CERTIFICATE_GENERIC_ERROR);

  connect_to_program (fixture, start_server (fixture, data, path));
  g_assert_true (qnet_ssl_socket_is_encrypted (fixture->client));
  qnet_socket_abort (QNET_SOCKET (fixture->client));
}

/* Who verifies: the authorities, or a database of the application */

static void
make_verifying_client (Fixture       *fixture,
                       gconstpointer  by_database)
{
  make_client (fixture);
  if (by_database != NULL)
    use_database (fixture, TRUE);
}

static void
assert_accepted (Fixture *fixture)
{
  g_assert_no_error (qnet_io_device_get_error (DEVICE (fixture->client)));
  g_assert_true (qnet_ssl_socket_is_encrypted (fixture->client));
  qnet_socket_abort (QNET_SOCKET (fixture->client));
}

static void
assert_invalid (Fixture *fixture)
{
  assert_refused (fixture, G_TLS_CERTIFICATE_GENERIC_ERROR,
                  "*: The OCSP response of the server is invalid");
}

static void
test_several (Fixture       *fixture,
              gconstpointer  by_database)
{
  g_autofree char *path = get_response_path ("several");

  g_test_summary ("A response about several certificates is that of the server, wherever it is in "
                  "it.");

  make_verifying_client (fixture, by_database);
  finish_handshake (fixture, start_server (fixture, "-tls1_3", path));
  assert_accepted (fixture);
}

static void
test_several_of_unknown (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autofree char *path = get_response_path ("several");

  g_test_summary ("It does not make the authority of the certificate a trusted one.");

  make_client (fixture);
  g_assert_true (qnet_ssl_socket_set_database_file (fixture->client,
                                                    get_certificate_path ("other-ca"), NULL));
  finish_handshake (fixture,
                    start_server_with (fixture, get_certificate_path ("must-staple"), "-tls1_3",
                                       path, get_certificate_path ("ca")));
  assert_refused (fixture, G_TLS_CERTIFICATE_UNKNOWN_CA,
                  "*: The certificate is signed by an unknown authority");
}

static void
test_several_revoked (Fixture       *fixture,
                      gconstpointer  by_database)
{
  g_autofree char *path = get_response_path ("several");

  g_test_summary ("The first answer of a response, about another certificate, does not count.");

  make_verifying_client (fixture, by_database);
  finish_handshake (fixture, start_server_with (fixture, get_certificate_path ("revoked"),
                                                "-tls1_3", path, NULL));
  assert_refused (fixture, G_TLS_CERTIFICATE_REVOKED, "*: The certificate has been revoked");
}

static void
test_impostor (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *path = get_response_path ("impostor");

  g_test_summary ("A response of a certificate that has only the name of the issuer is invalid, "
                  "although the server sends that certificate.");

  make_client (fixture);
  use_database (fixture, TRUE);
  finish_handshake (fixture,
                    start_server_with (fixture, get_certificate_path ("must-staple"), "-tls1_3",
                                       path, get_certificate_path ("impostor")));
  assert_invalid (fixture);
}

/* Responses of any age, signed by the authority. An element of DER: its header, and its content */

#define DAY  (24 * 60 * 60)        /* seconds */
#define TIME "\x18\x0f" "20"  /* with the century */

static gsize
get_header_size (const guint8 *element)
{
  return element[1] < 0x80 ? 2 : 2u + (element[1] & 0x7f);
}

static gsize
get_content_size (const guint8 *element)
{
  gsize size = 0;

  if (element[1] < 0x80)
    return element[1];

  for (guint i = 0; i < (element[1] & 0x7f); i++)
    size = size << 8 | element[2 + i];

  return size;
}

static guint8 *
enter (guint8 *element)
{
  return element + get_header_size (element);
}

static guint8 *
skip (guint8 *element)
{
  return element + get_header_size (element) + get_content_size (element);
}

/* What is signed in a response (RFC 6960, section 4.2.1): after the status, and the type */
static guint8 *
find_signed (guint8 *response)
{
  guint8 *typed = enter (enter (skip (enter (response))));

  return enter (enter (skip (typed)));
}

static gnutls_privkey_t
load_key_of_authority (void)
{
  g_autoptr(GTlsCertificate) authority = load_certificate ("ca");
  g_autoptr(GByteArray) der = NULL;
  gnutls_privkey_t key;

  g_object_get (authority, "private-key", &der, NULL);
  gnutls_privkey_init (&key);
  g_assert_cmpint (gnutls_privkey_import_x509_raw (key, &(gnutls_datum_t) { der->data, der->len },
                                                   GNUTLS_X509_FMT_DER, NULL, 0), ==, 0);

  return key;
}

/* Until the signature has the size of the one that it replaces */
static void
sign_again (guint8 *data)
{
  guint8 *signature = skip (skip (data));
  gnutls_privkey_t key = load_key_of_authority ();
  const gnutls_datum_t text = { data, (unsigned int) (skip (data) - data) };
  gnutls_datum_t made = { NULL, 0 };

  do
    {
      gnutls_free (made.data);
      g_assert_cmpint (gnutls_privkey_sign_data (key, GNUTLS_DIG_SHA256, 0, &text, &made), ==, 0);
    }
  while (made.size != get_content_size (signature) - 1);

  memcpy (enter (signature) + 1, made.data, made.size);
  gnutls_free (made.data);
  gnutls_privkey_deinit (key);
}

/* (transfer full): undated.ocsp as it was made @seconds ago */
static GBytes *
make_undated_response (int seconds)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr(GDateTime) then = g_date_time_add_seconds (now, -seconds);
  g_autofree char *text = g_date_time_format (then, "%Y%m%d%H%M%SZ");
  g_autoptr(GBytes) response = read_response ("undated");
  gsize size;
  guint8 *bytes = g_bytes_unref_to_data (g_steal_pointer (&response), &size);
  guint8 *data = find_signed (bytes);
  guint n_times = 0;

  for (guint8 *place = data; place < skip (data); place++)
    if (memcmp (place, TIME, 4) == 0)
      {
        memcpy (enter (place), text, strlen (text));
        n_times++;
      }

  g_assert_cmpuint (n_times, ==, 2);  /* when it was made, and since when it is valid */
  sign_again (data);

  return g_bytes_new_take (bytes, size);
}

/* Lets a server of OpenSSL staple it. */
static void
connect_with_response (Fixture    *fixture,
                       const char *folder,
                       GBytes     *response)  /* (transfer full) */
{
  g_autofree char *path = g_build_filename (folder, "response", NULL);
  gsize size;
  g_autofree char *content = g_bytes_unref_to_data (response, &size);

  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  finish_handshake (fixture, start_server (fixture, "-tls1_3", path));
}

static void
test_undated (Fixture       *fixture,
              gconstpointer  by_database)
{
  char *folder = temp_folder_make ();

  g_test_summary ("A response that does not say for how long it is valid is so for 15 days.");

  make_verifying_client (fixture, by_database);
  connect_with_response (fixture, folder, make_undated_response (14 * DAY));
  assert_accepted (fixture);

  make_verifying_client (fixture, by_database);
  connect_with_response (fixture, folder, make_undated_response (16 * DAY));
  assert_invalid (fixture);
  temp_folder_remove (folder);
}

static int lateness = 0;  /* seconds */

/* In place of that of libc, also for the libraries */
time_t
time (time_t *out_time)
{
  time_t now = (time_t) (g_get_real_time () / G_USEC_PER_SEC) + lateness;

  if (out_time != NULL)
    *out_time = now;

  return now;
}

static void
test_resumed_later (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr(GBytes) response = make_undated_response (15 * DAY - 60);
  GError *error = NULL;

  g_test_summary ("A session whose response has expired since can be resumed.");

  serve (fixture, "must-staple");
  qnet_ssl_set_ocsp_response (qnet_ssl_server_get_certificate (fixture->server), response, &error);
  g_assert_no_error (error);
  make_client (fixture);
  connect_client (fixture);
  assert_welcome (fixture);

  lateness = 120;
  connect_client (fixture);
  lateness = 0;
  assert_welcome (fixture);
  g_assert_true (qnet_ssl_socket_is_session_reused (fixture->client));
}

/* The tests */

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->server = qnet_ssl_server_new ();
  g_signal_connect (fixture->server, "new-connection", G_CALLBACK (new_connection_cb), NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_pointer (&fixture->program, program_stop);
  g_clear_object (&fixture->client);
  g_clear_object (&fixture->server);
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;

  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

typedef struct
{
  void        (*func) (Fixture *, gconstpointer);
  gconstpointer data;
} Test;

static void
run (Fixture       *fixture,
     gconstpointer  data)
{
  const Test *test = data;

  if (has_tls ())
    test->func (fixture, test->data);
}

static void
add (const char    *path,
     void         (*func) (Fixture *, gconstpointer),
     gconstpointer  data)
{
  static Test tests[32];
  static guint n_tests = 0;
  Test *test = &tests[n_tests++];

  g_assert_cmpuint (n_tests, <=, G_N_ELEMENTS (tests));
  *test = (Test) { func, data };
  g_test_add (path, Fixture, test, set_up, run, tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/ssl-stapling/response/1.2", test_response, "NORMAL:-VERS-TLS1.3");
  add ("/ssl-stapling/response/1.3", test_response, "NORMAL");
  add ("/ssl-stapling/response/refused", test_response_refused, NULL);
  add ("/ssl-stapling/required", test_required, NULL);
  add ("/ssl-stapling/removed", test_removed, NULL);
  add ("/ssl-stapling/database", test_of_database, NULL);
  add ("/ssl-stapling/revoked", test_revoked, NULL);
  add ("/ssl-stapling/resumed", test_resumed, NULL);
  add ("/ssl-stapling/not-resumed/missing", test_not_resumed, "must-staple");
  add ("/ssl-stapling/not-resumed/revoked", test_not_resumed, "revoked");
  add ("/ssl-stapling/unusable", test_unusable, NULL);
  add ("/ssl-stapling/s-client/TLSv1.2", test_s_client, "-tls1_2");
  add ("/ssl-stapling/s-client/TLSv1.3", test_s_client, "-tls1_3");
  add ("/ssl-stapling/s-server/TLSv1.2", test_s_server, "-tls1_2");
  add ("/ssl-stapling/s-server/TLSv1.3", test_s_server, "-tls1_3");

  add ("/ssl-stapling/several/authorities", test_several, NULL);
  add ("/ssl-stapling/several/database", test_several, "database");
  add ("/ssl-stapling/several/unknown", test_several_of_unknown, NULL);
  add ("/ssl-stapling/several/revoked/authorities", test_several_revoked, NULL);
  add ("/ssl-stapling/several/revoked/database", test_several_revoked, "database");
  add ("/ssl-stapling/impostor", test_impostor, NULL);
  add ("/ssl-stapling/resumed/later", test_resumed_later, NULL);
  add ("/ssl-stapling/undated/authorities", test_undated, NULL);
  add ("/ssl-stapling/undated/database", test_undated, "database");

  return g_test_run ();
}
