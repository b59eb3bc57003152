/* test-ssl-configuration.c: the settings of TLS, and what they change
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include <qnet/qnet.h>

#include "common/tls-fixture.h"

#define TLS_1_3 G_TLS_PROTOCOL_VERSION_TLS_1_3

/* Replaces *@configuration by @next (transfer full). */
static void
take (QnetSslConfiguration **configuration,
      QnetSslConfiguration  *next)
{
  g_assert_nonnull (next);
  qnet_ssl_configuration_unref (*configuration);
  *configuration = next;
}

/* Values */

static void
test_defaults (void)
{
  g_autoptr(QnetSslConfiguration) configuration = qnet_ssl_configuration_new ();

  g_test_summary ("A new configuration leaves everything to the system.");

  g_assert_null (qnet_ssl_configuration_get_certificate (configuration));
  g_assert_null (qnet_ssl_configuration_get_database (configuration));
  g_assert_cmpint (qnet_ssl_configuration_get_peer_verify_mode (configuration), ==,
                   QNET_SSL_PEER_VERIFY_MODE_AUTO);
  g_assert_cmpint (qnet_ssl_configuration_get_peer_verify_depth (configuration), ==, 0);
  g_assert_cmpint (qnet_ssl_configuration_get_minimum_version (configuration), ==,
                   G_TLS_PROTOCOL_VERSION_UNKNOWN);
  g_assert_null (qnet_ssl_configuration_get_priority (configuration));
  g_assert_true (qnet_ssl_configuration_get_authority_names (configuration));
  g_assert_null (qnet_ssl_configuration_get_advertised_protocols (configuration));
  g_assert_true (qnet_ssl_configuration_get_session_tickets (configuration));
  g_assert_null (qnet_ssl_configuration_get_session_ticket (configuration));
}

/* (transfer full): with another value of setting number @i; NULL: there are no more settings */
static QnetSslConfiguration *
change (const QnetSslConfiguration *configuration,
        guint                       i)
{
  const char *const protocols[] = { "h2", NULL };
  g_autoptr(GBytes) ticket = g_bytes_new ("ticket", 6);
  const char *ca = get_certificate_path ("ca");
  const char *server = get_certificate_path ("server");

  switch (i)
    {
    case 0:
      return qnet_ssl_configuration_with_certificate_files (configuration, server, NULL, NULL);
    case 1:
      return qnet_ssl_configuration_with_database_file (configuration, ca, NULL);
    case 2:
      return qnet_ssl_configuration_with_peer_verify_mode (configuration,
                                                           QNET_SSL_PEER_VERIFY_MODE_NONE);
    case 3:
      return qnet_ssl_configuration_with_peer_verify_depth (configuration, 3);
    case 4:
      return qnet_ssl_configuration_with_minimum_version (configuration, TLS_1_3, NULL);
    case 5:
      return qnet_ssl_configuration_with_priority (configuration, "SECURE192", NULL);
    case 6:
      return qnet_ssl_configuration_with_advertised_protocols (configuration, protocols, NULL);
    case 7:
      return qnet_ssl_configuration_with_session_tickets (configuration, FALSE);
    case 8:
      return qnet_ssl_configuration_with_session_ticket (configuration, ticket);
    case 9:
      return qnet_ssl_configuration_with_authority_names (configuration, FALSE);
    default:
      return NULL;
    }
}

static void
test_equal (void)
{
  g_autoptr(QnetSslConfiguration) original = qnet_ssl_configuration_new ();
  g_autoptr(QnetSslConfiguration) same = qnet_ssl_configuration_new ();
  g_autoptr(QnetSslConfiguration) all = qnet_ssl_configuration_new ();
  QnetSslConfiguration *changed;
  guint n = 0;

  g_test_summary ("Each setting makes another configuration, and leaves the original alone; the "
                  "other settings are copied.");

  if (!has_tls ())
    return;

  for (; (changed = change (original, n)) != NULL; n++)
    {
      g_assert_false (qnet_ssl_configuration_equal (original, changed));
      g_assert_true (qnet_ssl_configuration_equal (original, same));
      qnet_ssl_configuration_unref (changed);
    }
  g_assert_cmpuint (n, ==, 10);

  for (guint i = 0; i < n; i++)
    take (&all, change (all, i));
  for (guint i = 2; i < n; i++)
    {
      g_autoptr(QnetSslConfiguration) again = change (all, i);

      g_assert_true (qnet_ssl_configuration_equal (all, again));
    }
  g_assert_nonnull (qnet_ssl_configuration_get_certificate (all));
  g_assert_nonnull (qnet_ssl_configuration_get_database (all));
}

#define INVALID_MODE ((QnetSslPeerVerifyMode) 4)

static void
expect_critical (const char *function)
{
  g_autofree char *pattern = g_strdup_printf ("*%s*qnet_ssl_is_verify_mode*", function);

  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, pattern);
}

static void
test_invalid_mode (void)
{
  g_autoptr(QnetSslConfiguration) configuration = qnet_ssl_configuration_new ();
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
  g_autoptr(QnetDtls) dtls = qnet_dtls_new (QNET_SSL_MODE_CLIENT);

  g_test_summary ("A mode that does not exist is refused, and does not mean that nothing is "
                  "verified.");

  expect_critical ("qnet_ssl_configuration_with_peer_verify_mode");
  g_assert_null (qnet_ssl_configuration_with_peer_verify_mode (configuration, INVALID_MODE));
  expect_critical ("qnet_ssl_socket_set_peer_verify_mode");
  qnet_ssl_socket_set_peer_verify_mode (socket, INVALID_MODE);
  expect_critical ("qnet_ssl_server_set_peer_verify_mode");
  qnet_ssl_server_set_peer_verify_mode (server, INVALID_MODE);
  expect_critical ("qnet_dtls_set_peer_verify_mode");
  qnet_dtls_set_peer_verify_mode (dtls, (QnetSslPeerVerifyMode) -1);
  g_test_assert_expected_messages ();

  g_assert_cmpint (qnet_ssl_socket_get_peer_verify_mode (socket), ==,
                   QNET_SSL_PEER_VERIFY_MODE_AUTO);
  g_assert_cmpint (qnet_ssl_server_get_peer_verify_mode (server), ==,
                   QNET_SSL_PEER_VERIFY_MODE_AUTO);
  g_assert_cmpint (qnet_dtls_get_peer_verify_mode (dtls), ==, QNET_SSL_PEER_VERIFY_MODE_AUTO);
}

/* Application protocols */

#define LONGEST "0123456789012345678901234567890"  /* 31 bytes */

typedef struct
{
  const char *name;
  const char *protocols[10];
  const char *pattern;  /* (nullable): of the error */
} Offer;

static const Offer offers[] = {
  { "most", { LONGEST, "2", "3", "4", "5", "6", "7", "8" }, NULL },
  { "none", { NULL }, NULL },
  { "too-many", { "1", "2", "3", "4", "5", "6", "7", "8", "9" }, "*: There are more than 8" },
  { "too-long", { "h2", LONGEST "x" }, "*“" LONGEST "x”*longer than 31 bytes" },
  { "empty", { "h2", "" }, "*: A name is empty" },
};

static char *last_critical = NULL;  /* (owned) (nullable) */

static GLogWriterOutput
log_cb (GLogLevelFlags   level,
        const GLogField *fields,
        gsize            n_fields,
        gpointer         user_data)
{
  if ((level & G_LOG_LEVEL_CRITICAL) == 0)
    return g_log_writer_default (level, fields, n_fields, user_data);

  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      {
        g_free (last_critical);
        last_critical = g_strdup (fields[i].value);
      }

  return G_LOG_WRITER_HANDLED;
}

static void
assert_critical (const char *pattern)
{
  g_assert_nonnull (last_critical);
  g_assert_true (g_pattern_match_simple (pattern, last_critical));
  g_clear_pointer (&last_critical, g_free);
}

static void
test_protocols (gconstpointer data)
{
  const Offer *the = data;
  g_autoptr(QnetSslConfiguration) original = qnet_ssl_configuration_new ();
  g_autoptr(QnetSslConfiguration) changed = NULL;
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
  GError *error = NULL;

  g_test_summary ("Protocols that GnuTLS would not offer are refused, and not ignored.");

  changed = qnet_ssl_configuration_with_advertised_protocols (original, the->protocols, &error);
  if (the->pattern == NULL)
    {
      g_assert_no_error (error);
      g_assert_cmpstrv (qnet_ssl_configuration_get_advertised_protocols (changed), the->protocols);
      return;
    }

  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_assert_true (g_pattern_match_simple (the->pattern, error->message));
  g_clear_error (&error);

  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  qnet_ssl_socket_set_advertised_protocols (socket, the->protocols);
  assert_critical (the->pattern);
  g_object_set (server, "advertised-protocols", the->protocols, NULL);
  assert_critical (the->pattern);
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  g_assert_null (qnet_ssl_socket_get_advertised_protocols (socket));
  g_assert_null (qnet_ssl_server_get_advertised_protocols (server));
}

static void
test_most_protocols (TlsFixture    *fixture,
                     gconstpointer  data)
{
  const char *const one[] = { offers[0].protocols[7], NULL };

  g_test_summary ("As many protocols as are accepted are offered, with names as long.");

  qnet_ssl_socket_set_advertised_protocols (fixture->client, offers[0].protocols);
  qnet_ssl_socket_set_advertised_protocols (fixture->server,
                                            data != NULL ? one : offers[0].protocols);
  tls_fixture_encrypt (fixture);
  g_assert_cmpstr (qnet_ssl_socket_get_negotiated_protocol (fixture->client), ==,
                   data != NULL ? one[0] : LONGEST);
}

static void
test_objects (void)
{
  g_autoptr(QnetSslConfiguration) configuration = qnet_ssl_configuration_new ();
  g_autoptr(GTlsCertificate) certificate = NULL;
  g_autoptr(GTlsDatabase) database = NULL;

  g_test_summary ("A certificate and a database of GIO are taken as they are, and a certificate "
                  "can be removed.");

  if (!has_tls ())
    return;

  certificate = load_certificate ("server");
  database = g_tls_file_database_new (get_certificate_path ("ca"), NULL);
  take (&configuration,
        qnet_ssl_configuration_with_certificate (configuration, certificate, NULL));
  take (&configuration, qnet_ssl_configuration_with_database (configuration, database));
  g_assert_true (qnet_ssl_configuration_get_certificate (configuration) == certificate);
  g_assert_true (qnet_ssl_configuration_get_database (configuration) == database);

  take (&configuration, qnet_ssl_configuration_with_certificate (configuration, NULL, NULL));
  g_assert_null (qnet_ssl_configuration_get_certificate (configuration));
  g_assert_true (qnet_ssl_configuration_get_database (configuration) == database);
}

static void
test_default (void)
{
  g_autoptr(QnetSslConfiguration) before = qnet_ssl_configuration_get_default ();
  g_autoptr(QnetSslConfiguration) strict =
    qnet_ssl_configuration_with_peer_verify_depth (before, 2);
  g_autoptr(QnetSslSocket) old = qnet_ssl_socket_new ();
  g_autoptr(QnetSslConfiguration) got = NULL;

  g_test_summary ("The default is that of all that is created from then on.");

  qnet_ssl_configuration_set_default (strict);
  got = qnet_ssl_configuration_get_default ();
  g_assert_true (got == strict);
  {
    g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
    g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
    g_autoptr(QnetDtls) dtls = qnet_dtls_new (QNET_SSL_MODE_CLIENT);

    g_assert_true (qnet_ssl_socket_get_ssl_configuration (socket) == strict);
    g_assert_true (qnet_ssl_server_get_ssl_configuration (server) == strict);
    g_assert_true (qnet_dtls_get_ssl_configuration (dtls) == strict);
  }
  g_assert_true (qnet_ssl_socket_get_ssl_configuration (old) == before);
  qnet_ssl_configuration_set_default (before);
}

static void
test_priority (void)
{
  g_autoptr(QnetSslConfiguration) configuration = qnet_ssl_configuration_new ();
  const char *const invalid[] = { "NONSENSE", "NORMAL:+NOTHING", "NORMAL:-VERS-ALL:+VERS-TLS1.1" };

  g_test_summary ("A priority string that GnuTLS does not know, or that leaves no version, is an "
                  "error that names it.");

  for (guint i = 0; i < G_N_ELEMENTS (invalid); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (qnet_ssl_configuration_with_priority (configuration, invalid[i], &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
      g_assert_nonnull (strstr (error->message, invalid[i]));
    }
}

/* Certificates of this side */

/* (transfer full): the certificate of @name */
static char *
read_certificate (const char *name)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate (name);
  char *pem = NULL;

  g_object_get (certificate, "certificate-pem", &pem, NULL);

  return pem;
}

/* (transfer full): the private key of @name */
static char *
read_key (const char *name)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate (name);
  char *pem = NULL;

  g_object_get (certificate, "private-key-pem", &pem, NULL);

  return pem;
}

typedef struct
{
  const char *path;
  const char *names[4];  /* of certificates, in the order of the file */
  const char *key;       /* the name of its certificate */
  const char *reason;
} Broken;

static const Broken broken[] = {
  { "other-key", { "server" }, "client",
    "The private key belongs to another certificate" },
  { "other-kind-of-key", { "server" }, "rsa",
    "The private key belongs to another certificate" },
  { "reversed", { "ca", "server" }, "server",
    "The private key belongs to another certificate" },
  { "broken", { "server", "other-ca" }, "server",
    "The chain is broken: A certificate is not issued by the next one" },
  { "gap", { "server", "client", "ca" }, "server",
    "The chain is broken: A certificate is not issued by the next one" },
  { "no-key", { "server" }, NULL,
    "The certificate has no private key" },
};

static void
write_file (const char   *file,
            const Broken *test)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *key = test->key != NULL ? read_key (test->key) : g_strdup ("");

  for (guint i = 0; test->names[i] != NULL; i++)
    {
      g_autofree char *certificate = read_certificate (test->names[i]);

      g_string_append (text, certificate);
    }

  g_string_append (text, key);
  g_assert_true (g_file_set_contents (file, text->str, -1, NULL));
}

static void
test_broken (gconstpointer data)
{
  const Broken *test = data;
  g_autoptr(QnetSslServer) server = NULL;
  g_autofree char *file = g_build_filename (g_get_tmp_dir (), "qnet-test-XXXXXX.pem", NULL);
  g_autofree char *message = NULL;
  g_autoptr(GError) error = NULL;
  GTlsCertificate *before;

  g_test_summary ("A certificate that no peer could accept is refused, with the file and the "
                  "reason, and the one in use remains.");

  if (!has_tls ())
    return;

  server = qnet_ssl_server_new ();
  g_assert_true (qnet_ssl_server_set_certificate_files (server, get_certificate_path ("server"),
                                                        NULL, NULL));
  before = qnet_ssl_server_get_certificate (server);

  close (g_mkstemp (file));
  write_file (file, test);
  g_assert_false (qnet_ssl_server_set_certificate_files (server, file, NULL, &error));
  g_unlink (file);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  message = g_strdup_printf ("Could not load “%s”: %s", file, test->reason);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_true (qnet_ssl_server_get_certificate (server) == before);
}

static void
test_broken_object (void)
{
  g_autoptr(QnetSslConfiguration) configuration = qnet_ssl_configuration_new ();
  g_autoptr(GTlsCertificate) issuer = NULL;
  g_autoptr(GTlsCertificate) certificate = NULL;
  g_autofree char *pem = NULL;
  g_autofree char *key = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("A certificate whose issuer is another one is refused.");

  if (!has_tls ())
    return;

  issuer = load_certificate ("other-ca");
  pem = read_certificate ("server");
  key = read_key ("server");
  certificate = g_initable_new (G_OBJECT_TYPE (issuer), NULL, NULL, "certificate-pem", pem,
                                "private-key-pem", key, "issuer", issuer, NULL);
  g_assert_nonnull (certificate);
  g_assert_null (qnet_ssl_configuration_with_certificate (configuration, certificate, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
}

static void
test_validity (void)
{
  const struct { const char *name; GTlsCertificateFlags errors; } cases[] = {
    { "server", 0 },
    { "rsa", 0 },
    { "expired", G_TLS_CERTIFICATE_EXPIRED },
    { "not-yet-valid", G_TLS_CERTIFICATE_NOT_ACTIVATED },
  };
  g_autoptr(QnetSslConfiguration) configuration = qnet_ssl_configuration_new ();

  g_test_summary ("An own certificate that is out of its time is accepted, and reported.");

  g_assert_cmpint (qnet_ssl_configuration_get_certificate_errors (configuration), ==, 0);
  if (!has_tls ())
    return;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *file = get_certificate_path (cases[i].name);

      take (&configuration,
            qnet_ssl_configuration_with_certificate_files (configuration, file, NULL, NULL));
      g_assert_cmpint (qnet_ssl_configuration_get_certificate_errors (configuration), ==,
                       cases[i].errors);
    }
}

/* The owners of a configuration */

static void
note_cb (GObject    *object,
         GParamSpec *pspec,
         GString    *log)
{
  g_string_append_printf (log, "%s ", pspec->name);
}

static void
test_owner (gconstpointer data)
{
  GType type = ((GType (*) (void)) data) ();
  g_autoptr(GObject) object = g_object_new (type, NULL);
  g_autoptr(QnetSslConfiguration) before = NULL;
  g_autoptr(QnetSslConfiguration) after = NULL;
  g_autoptr(QnetSslConfiguration) next = NULL;
  g_autoptr(GTlsCertificate) certificate = NULL;
  g_autoptr(GString) log = g_string_new (NULL);

  g_test_summary ("A single setting replaces the configuration, and a configuration changes the "
                  "settings that differ, with their notifications.");

  if (!has_tls ())
    return;

  g_object_get (object, "ssl-configuration", &before, NULL);
  g_signal_connect (object, "notify", G_CALLBACK (note_cb), log);
  g_object_set (object, "peer-verify-mode", QNET_SSL_PEER_VERIFY_MODE_QUERY, NULL);
  g_assert_cmpstr (log->str, ==, "peer-verify-mode ssl-configuration ");
  g_object_get (object, "ssl-configuration", &after, NULL);
  g_assert_cmpint (qnet_ssl_configuration_get_peer_verify_mode (after), ==,
                   QNET_SSL_PEER_VERIFY_MODE_QUERY);
  g_assert_cmpint (qnet_ssl_configuration_get_peer_verify_mode (before), ==,
                   QNET_SSL_PEER_VERIFY_MODE_AUTO);

  g_string_truncate (log, 0);
  next = change (after, 0);
  g_object_set (object, "ssl-configuration", next, NULL);
  g_assert_cmpstr (log->str, ==, "certificate ssl-configuration ");
  g_object_get (object, "certificate", &certificate, NULL);
  g_assert_true (certificate == qnet_ssl_configuration_get_certificate (next));

  g_string_truncate (log, 0);
  g_object_set (object, "ssl-configuration", next, NULL);
  g_assert_cmpstr (log->str, ==, "");
}

/* What the settings change */

static void
set_priority (QnetSslSocket *socket,
              const char    *priority)
{
  g_autoptr(QnetSslConfiguration) next = NULL;
  GError *error = NULL;

  next = qnet_ssl_configuration_with_priority (qnet_ssl_socket_get_ssl_configuration (socket),
                                               priority, &error);
  g_assert_no_error (error);
  qnet_ssl_socket_set_ssl_configuration (socket, next);
}

static void
set_minimum (QnetSslSocket *socket)
{
  g_autoptr(QnetSslConfiguration) next = NULL;
  GError *error = NULL;

  next = qnet_ssl_configuration_with_minimum_version
    (qnet_ssl_socket_get_ssl_configuration (socket), TLS_1_3, &error);
  g_assert_no_error (error);
  qnet_ssl_socket_set_ssl_configuration (socket, next);
}

static void
test_cipher (TlsFixture    *fixture,
             gconstpointer  data)
{
  g_test_summary ("The priority string decides about the ciphers.");

  set_priority (fixture->client, "NORMAL:-CIPHER-ALL:+CHACHA20-POLY1305");
  tls_fixture_encrypt (fixture);
  g_assert_nonnull (strstr (qnet_ssl_socket_get_session_cipher (fixture->client), "CHACHA20"));
}

static void
test_version (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_test_summary ("The priority string decides about the versions.");

  set_priority (fixture->server, "NORMAL:-VERS-TLS1.3");
  tls_fixture_encrypt (fixture);
  g_assert_cmpstr (qnet_ssl_socket_get_session_protocol (fixture->client), ==, "TLSv1.2");
}

static void
test_minimum (TlsFixture    *fixture,
              gconstpointer  data)
{
  gboolean is_client = GPOINTER_TO_INT (data);

  g_test_summary ("A peer without the minimum version is refused.");

  set_minimum (is_client ? fixture->client : fixture->server);
  set_priority (is_client ? fixture->server : fixture->client, "NORMAL:-VERS-TLS1.3");
  tls_fixture_start (fixture);
  tls_fixture_await_end (fixture);
  tls_fixture_assert_error (fixture->client, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "*");
  tls_fixture_assert_error (fixture->server, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "*");
}

static void
send_authority (QnetSslSocket *server)
{
  g_autofree char *own = NULL;
  g_autofree char *above = NULL;
  g_autofree char *both = NULL;
  g_autoptr(GTlsCertificate) certificate = NULL;
  GError *error = NULL;

  g_assert_true (g_file_get_contents (get_certificate_path ("server"), &own, NULL, NULL));
  g_assert_true (g_file_get_contents (get_certificate_path ("ca"), &above, NULL, NULL));
  both = g_strconcat (own, above, NULL);
  certificate = g_tls_certificate_new_from_pem (both, -1, NULL);
  qnet_ssl_socket_set_certificate (server, certificate, &error);
  g_assert_no_error (error);
}

static void
set_depth (QnetSslSocket *client,
           int            depth)
{
  g_autoptr(QnetSslConfiguration) next = qnet_ssl_configuration_with_peer_verify_depth
    (qnet_ssl_socket_get_ssl_configuration (client), depth);

  qnet_ssl_socket_set_ssl_configuration (client, next);
}

static void
test_depth (TlsFixture    *fixture,
            gconstpointer  data)
{
  g_test_summary ("A chain of the allowed length is accepted.");

  send_authority (fixture->server);
  set_depth (fixture->client, 2);
  tls_fixture_encrypt (fixture);
}

static void
test_too_deep (TlsFixture    *fixture,
               gconstpointer  data)
{
  g_test_summary ("A chain that is longer than allowed is refused.");

  send_authority (fixture->server);
  set_depth (fixture->client, 1);
  tls_fixture_start (fixture);
  tls_fixture_await_end (fixture);
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==,
                   G_TLS_CERTIFICATE_GENERIC_ERROR);
}

static void
test_depth_too_late (TlsFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("The depth that is set during a handshake is that of the next one.");

  send_authority (fixture->server);
  set_depth (fixture->client, 1);
  tls_fixture_start (fixture);
  set_depth (fixture->client, 0);
  tls_fixture_await_end (fixture);
  g_assert_cmpint (qnet_ssl_socket_get_peer_certificate_errors (fixture->client), ==,
                   G_TLS_CERTIFICATE_GENERIC_ERROR);
}

static void
test_certificate_too_late (TlsFixture    *fixture,
                           gconstpointer  data)
{
  g_autoptr(GTlsCertificate) first = load_certificate ("server");
  GError *error = NULL;

  g_test_summary ("The certificate that is set during a handshake is that of the next one.");

  tls_fixture_start (fixture);
  qnet_ssl_socket_set_certificate_files (fixture->server, get_certificate_path ("rsa"), NULL,
                                         &error);
  g_assert_no_error (error);
  tls_fixture_await (fixture, tls_fixture_is_encrypted (fixture));
  g_assert_true (g_tls_certificate_is_same
                   (qnet_ssl_socket_get_peer_certificate (fixture->client), first));
}

#define ADD(path, func, data) tls_fixture_add ("/ssl-configuration/" path, func, data)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (log_cb, NULL, NULL);

  g_test_add_func ("/ssl-configuration/defaults", test_defaults);
  g_test_add_func ("/ssl-configuration/equal", test_equal);
  g_test_add_func ("/ssl-configuration/mode/invalid", test_invalid_mode);
  g_test_add_func ("/ssl-configuration/objects", test_objects);
  g_test_add_func ("/ssl-configuration/default", test_default);
  g_test_add_func ("/ssl-configuration/priority/unknown", test_priority);
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autofree char *path = g_strdup_printf ("/ssl-configuration/certificate/%s",
                                               broken[i].path);

      g_test_add_data_func (path, &broken[i], test_broken);
    }
  g_test_add_func ("/ssl-configuration/certificate/other-issuer", test_broken_object);
  g_test_add_func ("/ssl-configuration/certificate/validity", test_validity);
  g_test_add_data_func ("/ssl-configuration/owner/socket", qnet_ssl_socket_get_type, test_owner);
  g_test_add_data_func ("/ssl-configuration/owner/server", qnet_ssl_server_get_type, test_owner);
  g_test_add_data_func ("/ssl-configuration/owner/dtls", qnet_dtls_get_type, test_owner);
  for (guint i = 0; i < G_N_ELEMENTS (offers); i++)
    {
      g_autofree char *path = g_strdup_printf ("/ssl-configuration/protocols/%s",
                                               offers[i].name);

      g_test_add_data_func (path, &offers[i], test_protocols);
    }
  ADD ("protocols/negotiated/longest", test_most_protocols, NULL);
  ADD ("protocols/negotiated/last", test_most_protocols, "last");
  ADD ("priority/cipher", test_cipher, NULL);
  ADD ("priority/version", test_version, NULL);
  ADD ("minimum-version/client", test_minimum, GINT_TO_POINTER (TRUE));
  ADD ("minimum-version/server", test_minimum, GINT_TO_POINTER (FALSE));
  ADD ("depth/allowed", test_depth, NULL);
  ADD ("depth/exceeded", test_too_deep, NULL);
  ADD ("depth/too-late", test_depth_too_late, NULL);
  ADD ("certificate/too-late", test_certificate_too_late, NULL);

  return g_test_run ();
}
