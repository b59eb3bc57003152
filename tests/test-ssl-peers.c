/* test-ssl-peers.c: TLS with the programs of OpenSSL and GnuTLS
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include <qnet/qnet.h>

#include "common/program.h"
#include "common/tls-fixture.h"

/* How a program speaks one version of TLS */
typedef struct
{
  const char *version;   /* our name of it */
  const char *openssl;   /* an option */
  const char *priority;  /* the priority string of GnuTLS */
} Version;

static const Version versions[] = {
  { "TLSv1.2", "-tls1_2", "NORMAL:-VERS-ALL:+VERS-TLS1.2" },
  { "TLSv1.3", "-tls1_3", "NORMAL:-VERS-ALL:+VERS-TLS1.3" },
};

typedef struct
{
  GMainContext  *context;  /* (owned) */
  QnetSslServer *server;   /* (owned) */
  QnetSslSocket *socket;   /* (owned) (nullable): the one on our side */
  Program       *program;  /* (owned) (nullable) */
} Fixture;

#define await(fixture, condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration ((fixture)->context, TRUE); \
  } G_STMT_END

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->server = qnet_ssl_server_new ();
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  if (fixture->socket != NULL)
    qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_clear_pointer (&fixture->program, program_stop);
  g_clear_object (&fixture->socket);
  g_clear_object (&fixture->server);
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;

  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

/* Programs */

static void
start_program (Fixture    *fixture,
               const char *first,
               ...)
{
  g_autoptr(GPtrArray) words = g_ptr_array_new ();
  const char *word;
  va_list list;

  va_start (list, first);
  for (word = first; word != NULL; word = va_arg (list, const char *))
    g_ptr_array_add (words, (gpointer) word);
  va_end (list);
  g_ptr_array_add (words, NULL);

  fixture->program = program_start ((const char * const *) words->pdata);
}

/* "ACCEPT 127.0.0.1:1234" */
static guint16
read_port (Fixture *fixture)
{
  const char *line;

  program_await (fixture->program, "ACCEPT");
  line = strstr (program_await (fixture->program, "\n"), "ACCEPT");

  return (guint16) g_ascii_strtoull (strrchr (line, ':') + 1, NULL, 10);
}

/* As long as the socket exists, only sockets that reuse addresses, as those of servers do, can bind
 * the port. */
static GSocket *
reserve_port (guint16 *out_port)
{
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                  NULL);
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GSocketAddress) local = NULL;

  g_assert_true (g_socket_bind (socket, any, TRUE, NULL));
  local = g_socket_get_local_address (socket, NULL);
  *out_port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));

  return socket;
}

/* Our side */

static char *
listen_anywhere (Fixture    *fixture,
                 const char *certificate)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  qnet_ssl_server_set_certificate_files (fixture->server, get_certificate_path (certificate), NULL,
                                         &error);
  g_assert_no_error (error);
  qnet_tcp_server_listen (QNET_TCP_SERVER (fixture->server), address, 0, &error);
  g_assert_no_error (error);

  return g_strdup_printf ("%u",
                          qnet_tcp_server_get_server_port (QNET_TCP_SERVER (fixture->server)));
}

static void
take_connection (Fixture *fixture)
{
  await (fixture, qnet_server_has_pending_connections (QNET_SERVER (fixture->server)));
  fixture->socket = qnet_ssl_server_next_pending_connection (fixture->server);
}

static void
make_client (Fixture *fixture)
{
  GError *error = NULL;

  fixture->socket = qnet_ssl_socket_new ();
  qnet_ssl_socket_set_database_file (fixture->socket, get_certificate_path ("ca"), &error);
  g_assert_no_error (error);
}

static gboolean
has_ended (Fixture *fixture)
{
  return qnet_socket_get_state (QNET_SOCKET (fixture->socket))
         == QNET_SOCKET_STATE_UNCONNECTED;
}

static void
connect_client (Fixture *fixture,
                guint16  port)
{
  qnet_ssl_socket_connect_to_host_encrypted (fixture->socket, "127.0.0.1", port);
  await (fixture, qnet_ssl_socket_is_encrypted (fixture->socket) || has_ended (fixture));
}

static void
assert_encrypted (Fixture       *fixture,
                  const Version *version)
{
  const GError *error = qnet_io_device_get_error (DEVICE (fixture->socket));

  g_assert_no_error (error);
  g_assert_true (qnet_ssl_socket_is_encrypted (fixture->socket));
  if (version != NULL)
    g_assert_cmpstr (qnet_ssl_socket_get_session_protocol (fixture->socket), ==, version->version);
}

static void
assert_gets (Fixture    *fixture,
             const char *text)
{
  g_autofree char *read = g_malloc0 (strlen (text) + 1);

  await (fixture,
         qnet_io_device_get_bytes_available (DEVICE (fixture->socket)) >= (gint64) strlen (text));
  qnet_io_device_read (DEVICE (fixture->socket), read, strlen (text), NULL);
  g_assert_cmpstr (read, ==, text);
}

static void
write_text (Fixture    *fixture,
            const char *text)
{
  g_assert_cmpint (qnet_io_device_write_string (DEVICE (fixture->socket), text, NULL), ==,
                   strlen (text));
}

static void
assert_fails (Fixture    *fixture,
              int         code,
              const char *pattern)
{
  await (fixture, has_ended (fixture));
  tls_fixture_assert_error (fixture->socket, code, pattern);
}

/* Foreign clients */

static void
test_s_client (Fixture       *fixture,
               gconstpointer  data)
{
  const Version *version = data;
  g_autofree char *port = listen_anywhere (fixture, "server");

  g_test_summary ("openssl s_client exchanges data with our server.");

  start_program (fixture, "openssl", "s_client", "-connect", "127.0.0.1", "-port", port,
                 version->openssl,
                 "-CAfile", get_certificate_path ("ca"), "-verify_return_error",
                 "-verify_hostname", "localhost",
                 "-servername", "localhost", "-quiet", NULL);
  take_connection (fixture);
  assert_encrypted (fixture, version);
  g_assert_cmpstr (qnet_ssl_socket_get_requested_server_name (fixture->socket), ==, "localhost");
  program_write (fixture->program, "question\n");
  assert_gets (fixture, "question\n");
  write_text (fixture, "the answer\n");
  program_await (fixture->program, "the answer");
}

static void
test_gnutls_cli (Fixture       *fixture,
                 gconstpointer  data)
{
  const Version *version = data;
  g_autofree char *port = listen_anywhere (fixture, "server");

  g_test_summary ("gnutls-cli exchanges data with our server.");

  start_program (fixture, "gnutls-cli", "--port", port, "--priority", version->priority,
                 "--x509cafile", get_certificate_path ("ca"), "--verify-hostname", "localhost",
                 "127.0.0.1", NULL);
  take_connection (fixture);
  assert_encrypted (fixture, version);
  program_write (fixture->program, "question\n");
  assert_gets (fixture, "question\n");
  write_text (fixture, "the answer\n");
  program_await (fixture->program, "the answer");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  program_await (fixture->program, "Peer has closed the GnuTLS connection");
}

/* Foreign servers */

static guint16
start_s_server (Fixture    *fixture,
                const char *certificate,
                const char *option,
                const char *second,
                const char *third)
{
  start_program (fixture, "openssl", "s_server", "-accept", "127.0.0.1:0",
                 "-cert", get_certificate_path (certificate), option, second, third, NULL);

  return read_port (fixture);
}

static void
test_s_server (Fixture       *fixture,
               gconstpointer  data)
{
  const Version *version = data;

  g_test_summary ("Our client exchanges data with openssl s_server.");

  make_client (fixture);
  connect_client (fixture, start_s_server (fixture, "server", version->openssl, NULL, NULL));
  assert_encrypted (fixture, version);
  write_text (fixture, "the question\n");
  program_await (fixture->program, "the question");
  program_write (fixture->program, "answer\n");
  assert_gets (fixture, "answer\n");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  program_await (fixture->program, "DONE");
}

static void
test_gnutls_serv (Fixture       *fixture,
                  gconstpointer  data)
{
  const Version *version = data;
  guint16 port;
  G_GNUC_UNUSED g_autoptr(GSocket) reserved = reserve_port (&port);
  g_autofree char *port_text = g_strdup_printf ("%u", port);

  g_test_summary ("Our client exchanges data with gnutls-serv.");

  start_program (fixture, "gnutls-serv", "--echo", "--port", port_text, "--priority",
                 version->priority,
                 "--disable-client-cert", "--x509certfile", get_certificate_path ("server"),
                 "--x509keyfile", get_certificate_path ("server"), NULL);
  program_await (fixture->program, "done");
  make_client (fixture);
  connect_client (fixture, port);
  assert_encrypted (fixture, version);
  write_text (fixture, "question\n");
  assert_gets (fixture, "question\n");
}

/* Second handshakes */

static void
test_renegotiation_of_server (Fixture       *fixture,
                              gconstpointer  data)
{
  g_test_summary ("A second handshake of the server is refused.");

  make_client (fixture);
  connect_client (fixture, start_s_server (fixture, "server", "-tls1_2", NULL, NULL));
  assert_encrypted (fixture, &versions[0]);
  program_write (fixture->program, "r\n");
  assert_fails (fixture, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                "*second handshake, which is refused");
}

static void
test_renegotiation_of_client (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autofree char *port = listen_anywhere (fixture, "server");

  g_test_summary ("A second handshake of the client is refused.");

  start_program (fixture, "openssl", "s_client", "-connect", "127.0.0.1", "-port", port, "-tls1_2",
                 NULL);
  take_connection (fixture);
  program_await (fixture->program, "---\n");
  program_write (fixture->program, "R\n");
  assert_fails (fixture, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                "*second handshake, which is refused");
}

static void
test_key_update (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *port = listen_anywhere (fixture, "server");

  g_test_summary ("A key update is no second handshake (RFC 8446, section 4.6.3).");

  start_program (fixture, "openssl", "s_client", "-connect", "127.0.0.1", "-port", port, "-tls1_3",
                 NULL);
  take_connection (fixture);
  program_await (fixture->program, "---\n");
  program_write (fixture->program, "K\n");
  program_await (fixture->program, "KEYUPDATE");
  program_write (fixture->program, "question\n");
  assert_gets (fixture, "question\n");
  write_text (fixture, "the answer\n");
  program_await (fixture->program, "the answer");
}

/* Certificates */

typedef struct
{
  const char *version;
  gboolean    names;
  const char *database;  /* (nullable): NULL: that of the system */
  const char *expected;  /* in the output of openssl */
} Request;

static const Request requests[] = {
  { "-tls1_2", TRUE, "ca", "Acceptable client certificate CA names\nCN = ca\n" },
  { "-tls1_3", TRUE, "ca", "Acceptable client certificate CA names\nCN = ca\n" },
  { "-tls1_2", FALSE, "ca", "No client certificate CA names sent" },
  { "-tls1_3", FALSE, "ca", "No client certificate CA names sent" },
  { "-tls1_3", TRUE, NULL, "Acceptable client certificate CA names\n" },
};

static void
request_certificate (QnetSslServer *server,
                     const Request *request)
{
  g_autoptr(QnetSslConfiguration) next = qnet_ssl_configuration_with_authority_names
    (qnet_ssl_server_get_ssl_configuration (server), request->names);

  qnet_ssl_server_set_ssl_configuration (server, next);
  if (request->database != NULL)
    g_assert_true (qnet_ssl_server_set_database_file
                     (server, get_certificate_path (request->database), NULL));
  qnet_ssl_server_set_peer_verify_mode (server, QNET_SSL_PEER_VERIFY_MODE_QUERY);
}

/* Without the spaces that versions of openssl write differently */
static char *
normalize (const char *output)
{
  g_auto(GStrv) parts = g_strsplit (output, " = ", -1);

  return g_strjoinv ("=", parts);
}

static void
test_authority_names (Fixture       *fixture,
                      gconstpointer  data)
{
  const Request *request = data;
  g_autofree char *port = listen_anywhere (fixture, "server");
  g_autofree char *expected = normalize (request->expected);
  g_autofree char *output = NULL;

  g_test_summary ("A server that requests a certificate names its authorities, unless it is not to "
                  "do so.");

  request_certificate (fixture->server, request);
  start_program (fixture, "openssl", "s_client", "-connect", "127.0.0.1", "-port", port,
                 request->version, NULL);
  take_connection (fixture);
  output = normalize (program_await (fixture->program, "SSL handshake has read"));
  g_assert_nonnull (strstr (output, expected));
}

static void
test_stapled (Fixture       *fixture,
              gconstpointer  data)
{
  gboolean is_revoked = g_str_equal (data, "revoked");
  g_autofree char *answer = g_strdup_printf ("%s/%s.ocsp", g_getenv ("QNET_TEST_CERTIFICATES"),
                                             (const char *) data);

  g_test_summary ("A server that staples its revocation is refused (OCSP stapling, RFC 6066).");

  make_client (fixture);
  connect_client (fixture, start_s_server (fixture, data, "-status_file", answer, NULL));

  if (!is_revoked)
    assert_encrypted (fixture, NULL);
  else
    assert_fails (fixture, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                  "*The certificate has been revoked");
}

static void
test_client_certificate (Fixture       *fixture,
                         gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("A server that requests a client certificate receives ours.");

  make_client (fixture);
  qnet_ssl_socket_set_certificate_files (fixture->socket, get_certificate_path ("client"), NULL,
                                         &error);
  g_assert_no_error (error);
  start_program (fixture, "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert",
                 get_certificate_path ("server"),
                 "-CAfile", get_certificate_path ("ca"), "-Verify", "2", "-verify_return_error",
                 "-nameopt", "RFC2253",  /* without it, the output depends on the version */
                 NULL);
  connect_client (fixture, read_port (fixture));
  assert_encrypted (fixture, NULL);
  write_text (fixture, "it is me\n");
  program_await (fixture->program, "it is me");
  program_await (fixture->program, "CN=client");
}

static void
test_alpn (Fixture       *fixture,
           gconstpointer  data)
{
  const char *const protocols[] = { "h2", "http/1.1", NULL };

  g_test_summary ("A protocol is negotiated with a server of OpenSSL.");

  make_client (fixture);
  qnet_ssl_socket_set_advertised_protocols (fixture->socket, protocols);
  connect_client (fixture, start_s_server (fixture, "server", "-alpn", "http/1.1", NULL));
  assert_encrypted (fixture, NULL);
  g_assert_cmpstr (qnet_ssl_socket_get_negotiated_protocol (fixture->socket), ==, "http/1.1");
}

static void
test_killed (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("The death of a peer, without close_notify, is an unexpected end.");

  make_client (fixture);
  connect_client (fixture, start_s_server (fixture, "server", NULL, NULL, NULL));
  assert_encrypted (fixture, NULL);
  write_text (fixture,
              "question\n");  /* a process that dies with unread bytes resets its connections */
  program_await (fixture->program, "question");
  g_clear_pointer (&fixture->program, program_stop);
  assert_fails (fixture, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED, "*without a TLS close_notify*");
}

/* Versions */

static void
test_old_version (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autofree char *port = listen_anywhere (fixture, "server");

  g_test_summary ("A client that speaks an old version only is refused.");

  start_program (fixture, "gnutls-cli", "--port", port, "--insecure", "--priority",
                 "NORMAL:-VERS-ALL:+VERS-TLS1.1:%UNSAFE_RENEGOTIATION", "127.0.0.1", NULL);
  program_await (fixture->program, "protocol version");
  g_assert_false (qnet_server_has_pending_connections (QNET_SERVER (fixture->server)));
}

/* Sessions */

static char *
fetch_page (guint16 port)
{
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  GString *page = g_string_new (NULL);

  qnet_ssl_socket_set_database_file (socket, get_certificate_path ("ca"), NULL);
  qnet_ssl_socket_connect_to_host_encrypted (socket, "127.0.0.1", port);
  qnet_io_device_write_string (DEVICE (socket), "GET / HTTP/1.0\r\n\r\n", NULL);
  qnet_socket_wait_for_disconnected (QNET_SOCKET (socket), 30000, NULL);

  while (qnet_io_device_get_bytes_available (DEVICE (socket)) > 0)
    {
      g_autoptr(GBytes) bytes = qnet_io_device_read_bytes (DEVICE (socket), 65536);

      g_string_append_len (page, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes));
    }

  return g_string_free (page, FALSE);
}

static int
resume_session (const char *port)
{
  g_autofree char *first = fetch_page ((guint16) g_ascii_strtoull (port, NULL, 10));
  g_autofree char *second = fetch_page ((guint16) g_ascii_strtoull (port, NULL, 10));

  return strstr (first, "New, TLSv1.3") != NULL
         && strstr (second, "Reused, TLSv1.3") != NULL ? 0 : 1;
}

static void
test_resumption (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *port = NULL;
  g_autoptr(GSubprocess) program = NULL;

  g_test_summary ("The second connection to a server resumes the session of the first.");

  port = g_strdup_printf ("%u", start_s_server (fixture, "server", "-www", NULL, NULL));
  program = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, data, "--resume-session", port, NULL);
  g_assert_true (g_subprocess_wait_check (program, NULL, NULL));
}

/* Connects to our server by openssl s_client, with the session of a file. Returns its output. */
static char *
connect_by_openssl (Fixture    *fixture,
                    const char *port,
                    const char *version,
                    const char *name,
                    const char *option,
                    const char *file)
{
  start_program (fixture, "openssl", "s_client", "-connect", "127.0.0.1", "-port", port, version,
                 "-servername", name, option, file, "-ign_eof", NULL);
  take_connection (fixture);
  assert_encrypted (fixture, NULL);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  program_await (fixture->program, "closed\n");
  g_clear_object (&fixture->socket);

  return program_finish (g_steal_pointer (&fixture->program));
}

static void
test_resumption_by_name (Fixture       *fixture,
                         gconstpointer  data)
{
  const Version *version = data;
  g_autofree char *port = listen_anywhere (fixture, "server");
  g_autofree char *file = g_build_filename (g_get_tmp_dir (), "qnet-session-XXXXXX", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;

  g_test_summary ("Our server resumes a session for the name for which it was begun, and for no "
                  "other one.");

  g_assert_no_errno (g_close (g_mkstemp (file), NULL) ? 0 : -1);
  first = connect_by_openssl (fixture, port, version->openssl, "localhost", "-sess_out", file);
  second = connect_by_openssl (fixture, port, version->openssl, "localhost", "-sess_in", file);
  third = connect_by_openssl (fixture, port, version->openssl, "other.example", "-sess_in", file);
  g_assert_no_errno (g_unlink (file));

  g_assert_nonnull (strstr (first, "New, TLS"));
  g_assert_nonnull (strstr (second, "Reused, TLS"));
  g_assert_nonnull (strstr (third, "New, TLS"));
}

/* A key in a token. Tokens are read once in a program, so this needs another one. */

#define TOKEN "pkcs11:token=qnet;object=rsa;pin-value=1234"

static void
set_priority (QnetSslSocket *socket,
              const char    *priority)
{
  GError *error = NULL;
  g_autoptr(QnetSslConfiguration) next = qnet_ssl_configuration_with_priority
    (qnet_ssl_socket_get_ssl_configuration (socket), priority, &error);

  g_assert_no_error (error);
  qnet_ssl_socket_set_ssl_configuration (socket, next);
}

static void
connect_to_token (guint16     port,
                  const char *priority)
{
  g_autoptr(QnetSslSocket) client = qnet_ssl_socket_new ();
  g_autofree char *subject = NULL;

  g_assert_true (qnet_ssl_socket_set_database_file (client, get_certificate_path ("ca"), NULL));
  set_priority (client, priority);
  qnet_ssl_socket_connect_to_host_encrypted (client, "127.0.0.1", port);
  while (!qnet_ssl_socket_is_encrypted (client)
         && qnet_socket_get_state (QNET_SOCKET (client)) != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (NULL, TRUE);

  g_assert_no_error (qnet_io_device_get_error (DEVICE (client)));
  subject = g_tls_certificate_get_subject_name (qnet_ssl_socket_get_peer_certificate (client));
  g_assert_cmpstr (subject, ==, "CN=rsa");
}

/* The second client begins with a group that the server does not have, so the server requests
 * another ClientHello. */
static int
serve_from_token (void)
{
  g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
  g_autoptr(QnetSslConfiguration) limited = NULL;
  GError *error = NULL;
  guint16 port;

  if (!qnet_ssl_server_set_certificate_uris (server, TOKEN, NULL, &error)
      || !qnet_tcp_server_listen_port (QNET_TCP_SERVER (server), 0, &error))
    g_error ("%s", error->message);

  limited = qnet_ssl_configuration_with_priority
    (qnet_ssl_server_get_ssl_configuration (server), "NORMAL:-GROUP-ALL:+GROUP-SECP256R1", &error);
  g_assert_no_error (error);
  qnet_ssl_server_set_ssl_configuration (server, limited);

  port = qnet_tcp_server_get_server_port (QNET_TCP_SERVER (server));
  connect_to_token (port, "NORMAL");
  connect_to_token (port, "NORMAL:-GROUP-ALL:+GROUP-SECP521R1:+GROUP-SECP256R1");

  return 0;
}

static void
run_program (GSubprocessLauncher *launcher,
             const char          *first,
             ...)
{
  g_autoptr(GPtrArray) words = g_ptr_array_new ();
  g_autoptr(GSubprocess) program = NULL;
  g_autofree char *output = NULL;
  GError *error = NULL;
  va_list list;

  va_start (list, first);
  for (const char *word = first; word != NULL; word = va_arg (list, const char *))
    g_ptr_array_add (words, (gpointer) word);
  va_end (list);
  g_ptr_array_add (words, NULL);

  program = g_subprocess_launcher_spawnv (launcher, (const char * const *) words->pdata, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (program, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  if (!g_subprocess_get_successful (program))
    g_error ("%s: %s", first, output);
}

/* (transfer full): its programs find a token in @folder, with the key "rsa" */
static GSubprocessLauncher *
make_token (const char *folder)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                                             | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autofree char *configuration = g_build_filename (folder, "conf", NULL);
  g_autofree char *text = g_strdup_printf ("directories.tokendir = %s\n", folder);

  g_assert_true (g_file_set_contents (configuration, text, -1, NULL));
  g_subprocess_launcher_setenv (launcher, "SOFTHSM2_CONF", configuration, TRUE);
  run_program (launcher, "softhsm2-util", "--init-token", "--free", "--label", "qnet", "--pin",
               "1234",
               "--so-pin", "1234", NULL);
  run_program (launcher, "softhsm2-util", "--import", get_certificate_path ("rsa"), "--token",
               "qnet",
               "--label", "rsa", "--id", "01", "--pin", "1234", NULL);
  run_program (launcher, "p11tool", "--batch", "--login", "--set-pin", "1234", "--write",
               "--load-certificate", get_certificate_path ("rsa"), "--label", "rsa", "--id", "01",
               "pkcs11:token=qnet", NULL);

  return launcher;
}

static void
test_token (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  g_autoptr(GSubprocessLauncher) remover = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autofree char *folder = NULL;

  g_test_summary ("A server uses a certificate whose key never leaves its token (PKCS#11), also "
                  "after a HelloRetryRequest.");

  if (!program_is_installed ("p11tool"))
    return;

  folder = g_dir_make_tmp ("qnet-token-XXXXXX", NULL);
  launcher = make_token (folder);
  run_program (launcher, data, "--serve-from-token", NULL);
  run_program (remover, "rm", "-r", folder, NULL);
}

/* Each test names the program that it needs */

typedef struct
{
  const char    *program;
  void         (*func) (Fixture *, gconstpointer);
  gconstpointer  data;
} Test;

static void
run (Fixture       *fixture,
     gconstpointer  data)
{
  const Test *test = data;

  if (has_tls () && program_is_installed (test->program))
    test->func (fixture, test->data);
}

static void
add (const char    *path,
     const char    *program,
     void         (*func) (Fixture *, gconstpointer),
     gconstpointer  data)
{
  static Test tests[32];
  static guint n_tests = 0;

  g_assert_cmpuint (n_tests, <, G_N_ELEMENTS (tests));
  tests[n_tests] = (Test) { program, func, data };
  g_test_add (path, Fixture, &tests[n_tests++], set_up, run, tear_down);
}

int
main (int    argc,
      char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--resume-session"))
    return resume_session (argv[2]);

  if (argc == 2 && g_str_equal (argv[1], "--serve-from-token"))
    return serve_from_token ();

  g_test_init (&argc, &argv, NULL);

  add ("/ssl-peers/s-client/1.2", "openssl", test_s_client, &versions[0]);
  add ("/ssl-peers/s-client/1.3", "openssl", test_s_client, &versions[1]);
  add ("/ssl-peers/gnutls-cli/1.2", "gnutls-cli", test_gnutls_cli, &versions[0]);
  add ("/ssl-peers/gnutls-cli/1.3", "gnutls-cli", test_gnutls_cli, &versions[1]);
  add ("/ssl-peers/s-server/1.2", "openssl", test_s_server, &versions[0]);
  add ("/ssl-peers/s-server/1.3", "openssl", test_s_server, &versions[1]);
  add ("/ssl-peers/gnutls-serv/1.2", "gnutls-serv", test_gnutls_serv, &versions[0]);
  add ("/ssl-peers/gnutls-serv/1.3", "gnutls-serv", test_gnutls_serv, &versions[1]);
  add ("/ssl-peers/renegotiation/of-server", "openssl", test_renegotiation_of_server, NULL);
  add ("/ssl-peers/renegotiation/of-client", "openssl", test_renegotiation_of_client, NULL);
  add ("/ssl-peers/key-update", "openssl", test_key_update, NULL);
  add ("/ssl-peers/stapled/revoked", "openssl", test_stapled, "revoked");
  add ("/ssl-peers/stapled/good", "openssl", test_stapled, "server");
  add ("/ssl-peers/authority-names/1.2", "openssl", test_authority_names, &requests[0]);
  add ("/ssl-peers/authority-names/1.3", "openssl", test_authority_names, &requests[1]);
  add ("/ssl-peers/no-authority-names/1.2", "openssl", test_authority_names, &requests[2]);
  add ("/ssl-peers/no-authority-names/1.3", "openssl", test_authority_names, &requests[3]);
  add ("/ssl-peers/authority-names/of-system", "openssl", test_authority_names, &requests[4]);
  add ("/ssl-peers/client-certificate", "openssl", test_client_certificate, NULL);
  add ("/ssl-peers/alpn", "openssl", test_alpn, NULL);
  add ("/ssl-peers/killed", "openssl", test_killed, NULL);
  add ("/ssl-peers/resumption", "openssl", test_resumption, argv[0]);
  add ("/ssl-peers/resumption-by-name/1.2", "openssl", test_resumption_by_name, &versions[0]);
  add ("/ssl-peers/resumption-by-name/1.3", "openssl", test_resumption_by_name, &versions[1]);
  add ("/ssl-peers/old-version", "gnutls-cli", test_old_version, NULL);
  add ("/ssl-peers/token", "softhsm2-util", test_token, argv[0]);

  return g_test_run ();
}
