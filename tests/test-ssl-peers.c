/* test-ssl-peers.c: TLS with programs of others, OpenSSL's and GnuTLS's
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <qnet/qnet.h>

#include "common/tls-fixture.h"

/* How a program speaks one version of TLS */
typedef struct
{
  const char *version;   /* as we name it */
  const char *openssl;   /* an option */
  const char *priority;  /* of GnuTLS */
} Version;

static const Version versions[] = {
  { "TLSv1.2", "-tls1_2", "NORMAL:-VERS-ALL:+VERS-TLS1.2" },
  { "TLSv1.3", "-tls1_3", "NORMAL:-VERS-ALL:+VERS-TLS1.3" },
};

typedef struct
{
  GMainContext  *context;  /* (owned) */
  QnetSslServer *server;   /* (owned) */
  QnetSslSocket *socket;   /* (owned) (nullable): whichever is ours */
  GSubprocess   *program;  /* (owned) (nullable) */
  GString       *output;   /* (owned): the program's */
} Fixture;

#define await(fixture, condition) \
  G_STMT_START { while (!(condition)) g_main_context_iteration ((fixture)->context, TRUE); } G_STMT_END

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->server = qnet_ssl_server_new ();
  fixture->output = g_string_new (NULL);
}

static void
exited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
stop_program (Fixture *fixture)
{
  gboolean has_exited = FALSE;

  if (fixture->program == NULL)
    return;

  g_subprocess_force_exit (fixture->program);
  g_subprocess_wait_async (fixture->program, NULL, exited_cb, &has_exited);
  await (fixture, has_exited);
  g_clear_object (&fixture->program);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  if (fixture->socket != NULL)
    qnet_abstract_socket_abort (ABSTRACT (fixture->socket));
  stop_program (fixture);
  g_clear_object (&fixture->socket);
  g_clear_object (&fixture->server);
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;

  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
  g_string_free (fixture->output, TRUE);
}

/* Programs */

static gboolean
has_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  if (path != NULL)
    return TRUE;

  g_test_skip_printf ("%s is not here", name);

  return FALSE;
}

static void
start_program (Fixture    *fixture,
               const char *first,
               ...)
{
  g_autoptr(GPtrArray) words = g_ptr_array_new ();
  GError *error = NULL;
  const char *word;
  va_list list;

  va_start (list, first);
  for (word = first; word != NULL; word = va_arg (list, const char *))
    g_ptr_array_add (words, (gpointer) word);
  va_end (list);
  g_ptr_array_add (words, NULL);

  fixture->program = g_subprocess_newv ((const char * const *) words->pdata,
                                        G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                          | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                                        &error);
  g_assert_no_error (error);
}

static gboolean
readable_cb (GPollableInputStream *pipe,
             gpointer              user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Takes what the program says, until @text has come. The loop runs meanwhile. */
static void
hear (Fixture    *fixture,
      const char *text)
{
  GPollableInputStream *pipe
    = G_POLLABLE_INPUT_STREAM (g_subprocess_get_stdout_pipe (fixture->program));
  g_autoptr(GSource) source = g_pollable_input_stream_create_source (pipe, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (readable_cb), NULL, NULL);
  g_source_attach (source, fixture->context);

  while (strstr (fixture->output->str, text) == NULL)
    {
      char buffer[4096];
      gssize n = g_pollable_input_stream_read_nonblocking (pipe, buffer, sizeof buffer, NULL, NULL);

      if (n > 0)
        g_string_append_len (fixture->output, buffer, n);
      else if (n == 0)
        g_error ("the program ended, and had said: %s", fixture->output->str);
      else
        g_main_context_iteration (fixture->context, TRUE);
    }

  g_source_destroy (source);
}

static void
tell (Fixture    *fixture,
      const char *text)
{
  GOutputStream *pipe = g_subprocess_get_stdin_pipe (fixture->program);

  g_assert_true (g_output_stream_write_all (pipe, text, strlen (text), NULL, NULL, NULL));
}

/* "ACCEPT 127.0.0.1:1234" */
static guint16
hear_port (Fixture *fixture)
{
  const char *line;

  hear (fixture, "ACCEPT");
  hear (fixture, "\n");
  line = strstr (fixture->output->str, "ACCEPT");

  return (guint16) g_ascii_strtoull (strrchr (line, ':') + 1, NULL, 10);
}

/* Nobody is given the port as long as the socket is there, except who asks for it to be reused, as
 * servers do. */
static GSocket *
reserve_port (guint16 *out_port)
{
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
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
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  qnet_ssl_server_set_certificate_files (fixture->server, get_certificate_path (certificate), NULL, &error);
  g_assert_no_error (error);
  qnet_tcp_server_listen (QNET_TCP_SERVER (fixture->server), address, 0, &error);
  g_assert_no_error (error);

  return g_strdup_printf ("%u", qnet_tcp_server_get_server_port (QNET_TCP_SERVER (fixture->server)));
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
  return qnet_abstract_socket_get_state (ABSTRACT (fixture->socket)) == QNET_SOCKET_STATE_UNCONNECTED;
}

static void
connect_client (Fixture *fixture,
                guint16  port)
{
  qnet_ssl_socket_connect_to_host_encrypted (fixture->socket, "127.0.0.1", port);
  await (fixture, qnet_ssl_socket_get_is_encrypted (fixture->socket) || has_ended (fixture));
}

static void
assert_encrypted (Fixture       *fixture,
                  const Version *version)
{
  const GError *error = qnet_io_device_get_error (DEVICE (fixture->socket));

  g_assert_no_error (error);
  g_assert_true (qnet_ssl_socket_get_is_encrypted (fixture->socket));
  if (version != NULL)
    g_assert_cmpstr (qnet_ssl_socket_get_session_protocol (fixture->socket), ==, version->version);
}

static void
assert_gets (Fixture    *fixture,
             const char *text)
{
  g_autofree char *read = g_malloc0 (strlen (text) + 1);

  await (fixture, qnet_io_device_get_bytes_available (DEVICE (fixture->socket)) >= (gint64) strlen (text));
  qnet_io_device_read (DEVICE (fixture->socket), read, strlen (text), NULL);
  g_assert_cmpstr (read, ==, text);
}

static void
write_text (Fixture    *fixture,
            const char *text)
{
  g_assert_cmpint (qnet_io_device_write_string (DEVICE (fixture->socket), text, NULL), ==, strlen (text));
}

static void
assert_fails (Fixture    *fixture,
              int         code,
              const char *pattern)
{
  await (fixture, has_ended (fixture));
  tls_fixture_assert_error (fixture->socket, code, pattern);
}

/* Clients of others */

static void
test_s_client (Fixture       *fixture,
               gconstpointer  data)
{
  const Version *version = data;
  g_autofree char *port = listen_anywhere (fixture, "server");

  g_test_summary ("openssl s_client talks to a server of ours.");

  start_program (fixture, "openssl", "s_client", "-connect", "127.0.0.1", "-port", port, version->openssl,
                 "-CAfile", get_certificate_path ("ca"), "-verify_return_error", "-verify_hostname", "localhost",
                 "-servername", "localhost", "-quiet", NULL);
  take_connection (fixture);
  assert_encrypted (fixture, version);
  g_assert_cmpstr (qnet_ssl_socket_get_requested_server_name (fixture->socket), ==, "localhost");
  tell (fixture, "question\n");
  assert_gets (fixture, "question\n");
  write_text (fixture, "the answer\n");
  hear (fixture, "the answer");
}

static void
test_gnutls_cli (Fixture       *fixture,
                 gconstpointer  data)
{
  const Version *version = data;
  g_autofree char *port = listen_anywhere (fixture, "server");

  g_test_summary ("gnutls-cli talks to a server of ours.");

  start_program (fixture, "gnutls-cli", "--port", port, "--priority", version->priority,
                 "--x509cafile", get_certificate_path ("ca"), "--verify-hostname", "localhost", "127.0.0.1", NULL);
  take_connection (fixture);
  assert_encrypted (fixture, version);
  tell (fixture, "question\n");
  assert_gets (fixture, "question\n");
  write_text (fixture, "the answer\n");
  hear (fixture, "the answer");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  hear (fixture, "Peer has closed the GnuTLS connection");
}

/* Servers of others */

static guint16
start_s_server (Fixture    *fixture,
                const char *certificate,
                const char *option,
                const char *second,
                const char *third)
{
  start_program (fixture, "openssl", "s_server", "-accept", "127.0.0.1:0",
                 "-cert", get_certificate_path (certificate), option, second, third, NULL);

  return hear_port (fixture);
}

static void
test_s_server (Fixture       *fixture,
               gconstpointer  data)
{
  const Version *version = data;

  g_test_summary ("A client of ours talks to openssl s_server.");

  make_client (fixture);
  connect_client (fixture, start_s_server (fixture, "server", version->openssl, NULL, NULL));
  assert_encrypted (fixture, version);
  write_text (fixture, "the question\n");
  hear (fixture, "the question");
  tell (fixture, "answer\n");
  assert_gets (fixture, "answer\n");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  hear (fixture, "DONE");
}

static void
test_gnutls_serv (Fixture       *fixture,
                  gconstpointer  data)
{
  const Version *version = data;
  guint16 port;
  G_GNUC_UNUSED g_autoptr(GSocket) keeper = reserve_port (&port);
  g_autofree char *port_text = g_strdup_printf ("%u", port);

  g_test_summary ("A client of ours talks to gnutls-serv.");

  start_program (fixture, "gnutls-serv", "--echo", "--port", port_text, "--priority", version->priority,
                 "--disable-client-cert", "--x509certfile", get_certificate_path ("server"),
                 "--x509keyfile", get_certificate_path ("server"), NULL);
  hear (fixture, "done");
  make_client (fixture);
  connect_client (fixture, port);
  assert_encrypted (fixture, version);
  write_text (fixture, "question\n");
  assert_gets (fixture, "question\n");
}

/* Handshakes again */

static void
test_renegotiation_of_server (Fixture       *fixture,
                              gconstpointer  data)
{
  g_test_summary ("A server that wants to shake hands again is refused.");

  make_client (fixture);
  connect_client (fixture, start_s_server (fixture, "server", "-tls1_2", NULL, NULL));
  assert_encrypted (fixture, &versions[0]);
  tell (fixture, "r\n");
  assert_fails (fixture, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "*second handshake, which is refused");
}

static void
test_renegotiation_of_client (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autofree char *port = listen_anywhere (fixture, "server");

  g_test_summary ("A client that wants to shake hands again is refused.");

  start_program (fixture, "openssl", "s_client", "-connect", "127.0.0.1", "-port", port, "-tls1_2", NULL);
  take_connection (fixture);
  hear (fixture, "---\n");
  tell (fixture, "R\n");
  assert_fails (fixture, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "*second handshake, which is refused");
}

static void
test_key_update (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *port = listen_anywhere (fixture, "server");

  g_test_summary ("New keys in the middle of a connection are no second handshake (RFC 8446, section 4.6.3).");

  start_program (fixture, "openssl", "s_client", "-connect", "127.0.0.1", "-port", port, "-tls1_3", NULL);
  take_connection (fixture);
  hear (fixture, "---\n");
  tell (fixture, "K\n");
  hear (fixture, "KEYUPDATE");
  tell (fixture, "question\n");
  assert_gets (fixture, "question\n");
  write_text (fixture, "the answer\n");
  hear (fixture, "the answer");
}

/* Certificates */

static void
test_stapled (Fixture       *fixture,
              gconstpointer  data)
{
  gboolean is_revoked = g_str_equal (data, "revoked");
  g_autofree char *answer = g_strdup_printf ("%s/%s.ocsp", g_getenv ("QNET_TEST_CERTIFICATES"), (const char *) data);

  g_test_summary ("A server that brings along the news of its revocation is refused (OCSP stapling, RFC 6066).");

  make_client (fixture);
  connect_client (fixture, start_s_server (fixture, data, "-status_file", answer, NULL));

  if (!is_revoked)
    assert_encrypted (fixture, NULL);
  else
    assert_fails (fixture, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "*it has been revoked");
}

static void
test_client_certificate (Fixture       *fixture,
                         gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("A server that asks for a certificate of the client gets ours.");

  make_client (fixture);
  qnet_ssl_socket_set_certificate_files (fixture->socket, get_certificate_path ("client"), NULL, &error);
  g_assert_no_error (error);
  start_program (fixture, "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", get_certificate_path ("server"),
                 "-CAfile", get_certificate_path ("ca"), "-Verify", "2", "-verify_return_error",
                 "-nameopt", "RFC2253",  /* what is printed without it depends on the version */
                 NULL);
  connect_client (fixture, hear_port (fixture));
  assert_encrypted (fixture, NULL);
  write_text (fixture, "it is me\n");
  hear (fixture, "it is me");
  hear (fixture, "CN=client");
}

static void
test_alpn (Fixture       *fixture,
           gconstpointer  data)
{
  const char *const protocols[] = { "h2", "http/1.1", NULL };

  g_test_summary ("A server of OpenSSL's agrees on a protocol.");

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
  g_test_summary ("A peer that dies without a goodbye has closed the connection unexpectedly.");

  make_client (fixture);
  connect_client (fixture, start_s_server (fixture, "server", NULL, NULL, NULL));
  assert_encrypted (fixture, NULL);
  write_text (fixture, "question\n");  /* a process that dies with bytes unread resets its connections */
  hear (fixture, "question");
  stop_program (fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED, "*was cut off*");
}

/* Sessions. GIO resumes none in a program that has called g_test_init(). */

static char *
fetch_page (guint16 port)
{
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  GString *page = g_string_new (NULL);

  qnet_ssl_socket_set_database_file (socket, get_certificate_path ("ca"), NULL);
  qnet_ssl_socket_connect_to_host_encrypted (socket, "127.0.0.1", port);
  qnet_io_device_write_string (DEVICE (socket), "GET / HTTP/1.0\r\n\r\n", NULL);
  qnet_abstract_socket_wait_for_disconnected (ABSTRACT (socket), 30000, NULL);

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

  return strstr (first, "New, TLSv1.3") != NULL && strstr (second, "Reused, TLSv1.3") != NULL ? 0 : 1;
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

/* A key that stays in its token. Whoever reads tokens does so once in a program, hence another one. */

#define TOKEN "pkcs11:token=qnet;object=rsa;pin-value=1234"

static int
serve_from_token (void)
{
  g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
  g_autoptr(QnetSslSocket) client = qnet_ssl_socket_new ();
  g_autofree char *subject = NULL;
  GError *error = NULL;

  if (!qnet_ssl_server_set_certificate_uris (server, TOKEN, NULL, &error)
      || !qnet_ssl_socket_set_database_file (client, get_certificate_path ("ca"), &error)
      || !qnet_tcp_server_listen_port (QNET_TCP_SERVER (server), 0, &error))
    g_error ("%s", error->message);

  qnet_ssl_socket_connect_to_host_encrypted (client, "127.0.0.1",
                                             qnet_tcp_server_get_server_port (QNET_TCP_SERVER (server)));
  while (!qnet_ssl_socket_get_is_encrypted (client)
         && qnet_abstract_socket_get_state (ABSTRACT (client)) != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (NULL, TRUE);

  g_assert_no_error (qnet_io_device_get_error (DEVICE (client)));
  subject = g_tls_certificate_get_subject_name (qnet_ssl_socket_get_peer_certificate (client));
  g_assert_cmpstr (subject, ==, "CN=rsa");

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

/* (transfer full): programs that it starts find a token in @folder, and there "rsa" with its key */
static GSubprocessLauncher *
make_token (const char *folder)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                                             | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autofree char *configuration = g_build_filename (folder, "conf", NULL);
  g_autofree char *text = g_strdup_printf ("directories.tokendir = %s\n", folder);

  g_assert_true (g_file_set_contents (configuration, text, -1, NULL));
  g_subprocess_launcher_setenv (launcher, "SOFTHSM2_CONF", configuration, TRUE);
  run_program (launcher, "softhsm2-util", "--init-token", "--free", "--label", "qnet", "--pin", "1234",
               "--so-pin", "1234", NULL);
  run_program (launcher, "softhsm2-util", "--import", get_certificate_path ("rsa"), "--token", "qnet",
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

  g_test_summary ("A server shows a certificate from a token, whose key never leaves it (PKCS#11).");

  if (!has_program ("p11tool"))
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

  if (has_tls () && has_program (test->program))
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
  add ("/ssl-peers/client-certificate", "openssl", test_client_certificate, NULL);
  add ("/ssl-peers/alpn", "openssl", test_alpn, NULL);
  add ("/ssl-peers/killed", "openssl", test_killed, NULL);
  add ("/ssl-peers/resumption", "openssl", test_resumption, argv[0]);
  add ("/ssl-peers/token", "softhsm2-util", test_token, argv[0]);

  return g_test_run ();
}
