/* test-ssl-information.c: what is known about an encrypted connection, and its keys in a file
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include <qnet/qnet.h>

#include "common/program.h"
#include "common/temp-folder.h"
#include "common/tls-fixture.h"

#define EXPORTER G_TLS_CHANNEL_BINDING_TLS_EXPORTER
#define UNIQUE G_TLS_CHANNEL_BINDING_TLS_UNIQUE
#define END_POINT G_TLS_CHANNEL_BINDING_TLS_SERVER_END_POINT

/* The chain */

static void
append_file (GString    *text,
             const char *name)
{
  g_autofree char *content = NULL;

  g_assert_true (g_file_get_contents (get_certificate_path (name), &content, NULL, NULL));
  g_string_append (text, content);
}

static void
present_chain (QnetSslSocket *server)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GTlsCertificate) certificate = NULL;
  GError *error = NULL;

  append_file (text, "server");
  append_file (text, "ca");
  certificate = g_tls_certificate_new_from_pem (text->str, -1, &error);
  g_assert_no_error (error);
  qnet_ssl_socket_set_certificate (server, certificate, NULL);
}

static void
test_chain (TlsFixture    *fixture,
            gconstpointer  data)
{
  g_autoptr(GPtrArray) before = qnet_ssl_socket_get_peer_certificate_chain (fixture->client);
  g_autoptr(GTlsCertificate) authority = load_certificate ("ca");
  g_autoptr(GPtrArray) chain = NULL;
  g_autoptr(GPtrArray) at_server = NULL;

  g_test_summary ("The chain has the certificates that the peer has sent, its own first.");

  g_assert_cmpuint (before->len, ==, 0);
  present_chain (fixture->server);
  tls_fixture_encrypt (fixture);

  chain = qnet_ssl_socket_get_peer_certificate_chain (fixture->client);
  g_assert_cmpuint (chain->len, ==, 2);
  g_assert_true (chain->pdata[0] == qnet_ssl_socket_get_peer_certificate (fixture->client));
  g_assert_true (g_tls_certificate_is_same (chain->pdata[1], authority));

  at_server = qnet_ssl_socket_get_peer_certificate_chain (fixture->server);
  g_assert_cmpuint (at_server->len, ==, 0);
}

/* The group */

static void
test_group (TlsFixture    *fixture,
            gconstpointer  data)
{
  g_autofree char *group = NULL;

  g_test_summary ("Both sides know the group of the key exchange, which is a property.");

  g_assert_null (qnet_ssl_socket_get_session_group (fixture->client));
  tls_fixture_encrypt (fixture);

  g_object_get (fixture->client, "session-group", &group, NULL);
  g_assert_nonnull (group);
  g_assert_cmpstr (group, ==, qnet_ssl_socket_get_session_group (fixture->server));
}

/* Channel bindings */

static GBytes *
get_binding (QnetSslSocket          *socket,
             GTlsChannelBindingType  type)
{
  GError *error = NULL;
  GBytes *bytes = qnet_ssl_socket_get_channel_binding (socket, type, &error);

  g_assert_no_error (error);

  return bytes;
}

static void
assert_no_binding (QnetSslSocket          *socket,
                   GTlsChannelBindingType  type,
                   int                     code)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = qnet_ssl_socket_get_channel_binding (socket, type, &error);

  g_assert_error (error, QNET_SOCKET_ERROR, code);
  g_assert_null (bytes);
}

static void
assert_same_binding (TlsFixture             *fixture,
                     GTlsChannelBindingType  type)
{
  g_autoptr(GBytes) near = get_binding (fixture->client, type);
  g_autoptr(GBytes) far = get_binding (fixture->server, type);

  g_assert_cmpuint (g_bytes_get_size (near), ==, 32);
  g_assert_true (g_bytes_equal (near, far));
}

static void
test_binding (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_test_summary ("Both sides get the same channel binding. TLS 1.3 has no tls-unique, and a "
                  "connection that is not encrypted has none at all.");

  assert_no_binding (fixture->client, EXPORTER, QNET_SOCKET_ERROR_OPERATION);
  tls_fixture_start (fixture);
  assert_no_binding (fixture->client, EXPORTER, QNET_SOCKET_ERROR_OPERATION);
  tls_fixture_await (fixture, tls_fixture_is_encrypted (fixture));

  assert_same_binding (fixture, EXPORTER);
  assert_same_binding (fixture, END_POINT);
  assert_no_binding (fixture->client, UNIQUE, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);

  qnet_socket_abort (QNET_SOCKET (fixture->client));
  assert_no_binding (fixture->client, EXPORTER, QNET_SOCKET_ERROR_OPERATION);
}

static void
test_end_point (TlsFixture    *fixture,
                gconstpointer  data)
{
  g_autoptr(GByteArray) der = NULL;
  g_autoptr(GBytes) binding = NULL;
  g_autoptr(GBytes) certificate = NULL;
  g_autofree char *digest = NULL;
  g_autoptr(GString) hex = g_string_new (NULL);

  g_test_summary ("tls-server-end-point is the hash of the certificate of the server.");

  tls_fixture_encrypt (fixture);
  binding = get_binding (fixture->client, END_POINT);
  g_object_get (qnet_ssl_socket_get_peer_certificate (fixture->client), "certificate", &der, NULL);
  certificate = g_byte_array_free_to_bytes (g_steal_pointer (&der));
  digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, certificate);

  for (gsize i = 0; i < g_bytes_get_size (binding); i++)
    g_string_append_printf (hex, "%02x", ((const guint8 *) g_bytes_get_data (binding, NULL))[i]);
  g_assert_cmpstr (hex->str, ==, digest);
}

/* A foreign client */

typedef struct
{
  QnetSslServer *server;   /* (owned) */
  QnetSslSocket *socket;   /* (owned): its connection from the program */
  Program       *program;  /* (owned) */
} Peer;

static void
peer_listen (Peer *peer)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  peer->server = qnet_ssl_server_new ();
  qnet_ssl_server_set_certificate_files (peer->server, get_certificate_path ("server"), NULL,
                                         &error);
  g_assert_no_error (error);
  qnet_tcp_server_listen (QNET_TCP_SERVER (peer->server), address, 0, &error);
  g_assert_no_error (error);
}

/* (transfer full) */
static char *
peer_get_port (Peer *peer)
{
  return g_strdup_printf ("%u",
                          qnet_tcp_server_get_server_port (QNET_TCP_SERVER (peer->server)));
}

static void
peer_start (Peer               *peer,
            const char * const *words)
{
  peer->program = program_start (words);
  while (!qnet_server_has_pending_connections (QNET_SERVER (peer->server)))
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  peer->socket = qnet_ssl_server_next_pending_connection (peer->server);
}

static void
peer_connect (Peer       *peer,
              const char *version,
              const char *option,
              const char *value)
{
  g_autofree char *port = peer_get_port (peer);
  const char *const words[] = {
    "openssl", "s_client", "-connect", "127.0.0.1", "-port", port, version,
    "-CAfile", get_certificate_path ("ca"), "-servername", "localhost", option, value,
    "-keymatexportlen", "32", NULL
  };

  peer_start (peer, words);
}

/* GnuTLS calls the extended master secret the session hash. */
static void
peer_connect_without_hash (Peer *peer)
{
  g_autofree char *port = peer_get_port (peer);
  const char *const words[] = {
    "env", "-u", "SSLKEYLOGFILE", "gnutls-cli", "--port", port, "--priority",
    "NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH",
    "--x509cafile", get_certificate_path ("ca"), "--verify-hostname", "localhost",
    "127.0.0.1", NULL
  };

  peer_start (peer, words);
}

static void
peer_clear (Peer *peer)
{
  g_clear_pointer (&peer->program, program_stop);
  qnet_socket_abort (QNET_SOCKET (peer->socket));
  g_clear_object (&peer->socket);
  g_clear_object (&peer->server);
}

static void
test_foreign_exporter (TlsFixture    *fixture,
                       gconstpointer  data)
{
  Peer peer = { NULL };
  g_autoptr(GBytes) binding = NULL;
  g_autoptr(GString) line = g_string_new ("Keying material: ");

  g_test_summary ("tls-exporter is what OpenSSL exports with the label of RFC 9266.");

  peer_listen (&peer);
  peer_connect (&peer, "-tls1_3", "-keymatexport", "EXPORTER-Channel-Binding");
  binding = get_binding (peer.socket, EXPORTER);
  for (gsize i = 0; i < g_bytes_get_size (binding); i++)
    g_string_append_printf (line, "%02X", ((const guint8 *) g_bytes_get_data (binding, NULL))[i]);
  program_await (peer.program, line->str);

  peer_clear (&peer);
}

static void
test_foreign_unique (TlsFixture    *fixture,
                     gconstpointer  data)
{
  Peer peer = { NULL };
  g_autoptr(GBytes) binding = NULL;

  g_test_summary ("With TLS 1.2 there is a tls-unique: the first Finished message, of 12 bytes.");

  peer_listen (&peer);
  peer_connect (&peer, "-tls1_2", "-keymatexport", "EXPORTER-Channel-Binding");
  binding = get_binding (peer.socket, UNIQUE);
  g_assert_cmpuint (g_bytes_get_size (binding), ==, 12);

  peer_clear (&peer);
}

static void
test_no_unique_keys (TlsFixture    *fixture,
                     gconstpointer  data)
{
  Peer peer = { NULL };
  g_autoptr(GBytes) binding = NULL;

  g_test_summary ("Without the extended master secret keys are not unique: only the certificate of "
                  "the server binds.");

  if (!program_is_installed ("gnutls-cli"))
    return;

  peer_listen (&peer);
  peer_connect_without_hash (&peer);
  assert_no_binding (peer.socket, UNIQUE, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  assert_no_binding (peer.socket, EXPORTER, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  binding = get_binding (peer.socket, END_POINT);
  g_assert_cmpuint (g_bytes_get_size (binding), ==, 32);

  peer_clear (&peer);
}

/* The keys */

/* What main() has put into the environment */
static char *
get_environment_path (void)
{
  return g_build_filename (g_getenv ("QNET_TEST_KEYS"), "unasked", NULL);
}

static void
log_keys (const char *path)
{
  GError *error = NULL;

  g_assert_true (qnet_ssl_socket_set_key_log_file (path, &error));
  g_assert_no_error (error);
}

static void
test_no_keys (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_autofree char *path = get_environment_path ();

  g_test_summary ("SSLKEYLOGFILE in the environment has no effect by itself.");

  tls_fixture_encrypt (fixture);
  g_assert_cmpstr (g_getenv ("SSLKEYLOGFILE"), ==, path);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static char *
read_text (const char *path)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));

  return text;
}

static void
test_foreign_keys (TlsFixture    *fixture,
                   gconstpointer  data)
{
  char *folder = temp_folder_make ();
  g_autofree char *ours = g_build_filename (folder, "ours", NULL);
  g_autofree char *theirs = g_build_filename (folder, "theirs", NULL);
  g_autofree char *our_text = NULL;
  g_autofree char *their_text = NULL;
  g_auto(GStrv) lines = NULL;
  Peer peer = { NULL };

  g_test_summary ("The keys in the file are those that OpenSSL writes for the same connection, and "
                  "only the user can read them.");

  log_keys (ours);
  peer_listen (&peer);
  peer_connect (&peer, data, "-keylogfile", theirs);
  program_await (peer.program, "Verify return code: 0");
  log_keys (NULL);

  g_assert_cmpuint (get_mode (ours) & 0777, ==, 0600);
  our_text = read_text (ours);
  their_text = read_text (theirs);
  lines = g_strsplit (our_text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), >, 1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_test_message ("%.20s", lines[i]);
      g_assert_nonnull (strstr (their_text, lines[i]));
    }

  peer_clear (&peer);
  temp_folder_remove (folder);
}

static void
test_stop (TlsFixture    *fixture,
           gconstpointer  data)
{
  char *folder = temp_folder_make ();
  g_autofree char *first = g_build_filename (folder, "first", NULL);
  g_autofree char *second = g_build_filename (folder, "second", NULL);
  g_autofree char *text = NULL;

  g_test_summary ("Another file takes the place of the first one, and NULL ends it.");

  log_keys (first);
  log_keys (second);
  tls_fixture_encrypt (fixture);
  log_keys (NULL);
  text = read_text (first);
  g_assert_cmpstr (text, ==, "");
  g_clear_pointer (&text, g_free);
  text = read_text (second);
  g_assert_cmpuint (strlen (text), >, 100);

  temp_folder_remove (folder);
}

static void
test_stopped (TlsFixture    *fixture,
              gconstpointer  data)
{
  char *folder = temp_folder_make ();
  g_autofree char *path = g_build_filename (folder, "keys", NULL);
  g_autofree char *text = NULL;

  g_test_summary ("After the end nothing is written.");

  log_keys (path);
  log_keys (NULL);
  tls_fixture_encrypt (fixture);
  text = read_text (path);
  g_assert_cmpstr (text, ==, "");

  temp_folder_remove (folder);
}

static void
test_no_file (TlsFixture    *fixture,
              gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A file that cannot be opened is an error that names it.");

  g_assert_false (qnet_ssl_socket_set_key_log_file ("/nowhere/keys", &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA);
  g_assert_nonnull (strstr (error->message, "/nowhere/keys"));
  tls_fixture_encrypt (fixture);
}

/* GnuTLS reads the environment once. */
static void
set_environment (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "unasked", NULL);

  g_setenv ("QNET_TEST_KEYS", folder, TRUE);
  g_setenv ("SSLKEYLOGFILE", path, TRUE);
}

int
main (int   argc,
      char *argv[])
{
  char *folder = temp_folder_make ();
  int result;

  set_environment (folder);
  g_test_init (&argc, &argv, NULL);

  tls_fixture_add ("/ssl-information/chain", test_chain, NULL);
  tls_fixture_add ("/ssl-information/group", test_group, NULL);
  tls_fixture_add ("/ssl-information/binding/both", test_binding, NULL);
  tls_fixture_add ("/ssl-information/binding/end-point", test_end_point, NULL);
  tls_fixture_add ("/ssl-information/binding/openssl", test_foreign_exporter, NULL);
  tls_fixture_add ("/ssl-information/binding/unique", test_foreign_unique, NULL);
  tls_fixture_add ("/ssl-information/binding/no-unique-keys", test_no_unique_keys, NULL);
  tls_fixture_add ("/ssl-information/keys/unasked", test_no_keys, NULL);
  tls_fixture_add ("/ssl-information/keys/openssl/TLSv1.3", test_foreign_keys, "-tls1_3");
  tls_fixture_add ("/ssl-information/keys/openssl/TLSv1.2", test_foreign_keys, "-tls1_2");
  tls_fixture_add ("/ssl-information/keys/another-file", test_stop, NULL);
  tls_fixture_add ("/ssl-information/keys/stopped", test_stopped, NULL);
  tls_fixture_add ("/ssl-information/keys/no-file", test_no_file, NULL);

  result = g_test_run ();
  temp_folder_remove (folder);

  return result;
}
