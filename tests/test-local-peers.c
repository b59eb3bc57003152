/* test-local-peers.c: local sockets and programs of others
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <qnet/qnet.h>

#include "common/local-fixture.h"

static const char *this_program;

/* Programs: started by us, seen to end by us */

static gboolean
has_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  if (path == NULL)
    g_test_skip_printf ("%s is not here", name);

  return path != NULL;
}

static GSubprocess *
start (const char *const *argv)
{
  GError *error = NULL;
  GSubprocess *program = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                            &error);

  g_assert_no_error (error);

  return program;
}

static void
tell (GSubprocess *program,
      const char  *text)
{
  GOutputStream *input = g_subprocess_get_stdin_pipe (program);

  g_assert_true (g_output_stream_write_all (input, text, strlen (text), NULL, NULL, NULL));
}

static void
assert_says (GSubprocess *program,
             const char  *expected)
{
  g_autofree char *text = g_malloc0 (strlen (expected) + 1);

  g_assert_true (g_input_stream_read_all (g_subprocess_get_stdout_pipe (program), text, strlen (expected), NULL, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static void
exited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(gboolean *) user_data = g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
}

static void
await_exit (LocalFixture *fixture,
            GSubprocess  *program)
{
  gboolean has_exited = FALSE;

  g_subprocess_wait_async (program, NULL, exited_cb, &has_exited);
  local_fixture_await (fixture, has_exited);
}

/* Clients */

static void
talk_to_client (LocalFixture *fixture,
                const char   *address)
{
  const char *argv[] = { "socat", "STDIO", address, NULL };
  g_autoptr(GSubprocess) socat = start (argv);

  local_fixture_await (fixture, qnet_server_has_pending_connections (SERVER (fixture->server)));
  fixture->accepted = qnet_local_server_next_pending_connection (fixture->server);
  tell (socat, "hello\n");
  local_fixture_assert_gets (fixture, fixture->accepted, "hello\n");
  g_assert_cmpint (g_credentials_get_unix_pid (qnet_local_socket_get_peer_credentials (fixture->accepted), NULL), ==,
                   atoi (g_subprocess_get_identifier (socat)));
  write_text (fixture->accepted, "there\n");
  qnet_local_socket_disconnect_from_server (fixture->accepted);
  assert_says (socat, "there\n");
  await_exit (fixture, socat);
}

static void
test_socat_connect (LocalFixture  *fixture,
                    gconstpointer  data)
{
  g_autofree char *address = g_strconcat ("UNIX-CONNECT:", fixture->path, NULL);

  g_test_summary ("socat UNIX-CONNECT as client: lines both ways, and we know its process.");

  if (!has_program ("socat"))
    return;

  local_fixture_listen (fixture);
  talk_to_client (fixture, address);
}

static void
test_socat_abstract (LocalFixture  *fixture,
                     gconstpointer  data)
{
  g_autofree char *name = g_strdup_printf ("qnet-peers-%d", getpid ());
  g_autofree char *address = g_strconcat ("ABSTRACT-CONNECT:", name, NULL);

  g_test_summary ("socat ABSTRACT-CONNECT finds a server in the abstract namespace.");

  if (!has_program ("socat"))
    return;

  qnet_local_server_set_socket_options (fixture->server, QNET_LOCAL_SERVER_OPTIONS_ABSTRACT_NAMESPACE);
  g_assert_true (qnet_local_server_listen (fixture->server, name, NULL));
  talk_to_client (fixture, address);
}

/* Servers */

static void
connect_until_it_listens (LocalFixture *fixture,
                          const char   *name)
{
  do
    qnet_local_socket_connect_to_server (fixture->client, name);
  while (!qnet_local_socket_wait_for_connected (fixture->client, 10000, NULL));
}

static void
talk_to_server (LocalFixture *fixture,
                const char   *address,
                const char   *name)
{
  const char *argv[] = { "socat", address, "EXEC:cat", NULL };
  g_autoptr(GSubprocess) socat = start (argv);
  g_autofree char *text = g_strnfill (1024 * 1024, 'x');

  connect_until_it_listens (fixture, name);
  write_text (fixture->client, text);
  local_fixture_assert_gets (fixture, fixture->client, text);
  qnet_local_socket_disconnect_from_server (fixture->client);
  await_exit (fixture, socat);
}

static void
test_socat_listen (LocalFixture  *fixture,
                   gconstpointer  data)
{
  g_autofree char *address = g_strconcat ("UNIX-LISTEN:", fixture->path, NULL);

  g_test_summary ("socat UNIX-LISTEN as server: a megabyte there and back.");

  if (has_program ("socat"))
    talk_to_server (fixture, address, fixture->path);
}

static void
test_socat_abstract_listen (LocalFixture  *fixture,
                            gconstpointer  data)
{
  g_autofree char *name = g_strdup_printf ("qnet-peers-%d", getpid ());
  g_autofree char *address = g_strconcat ("ABSTRACT-LISTEN:", name, NULL);

  g_test_summary ("socat ABSTRACT-LISTEN as server.");

  if (!has_program ("socat"))
    return;

  qnet_local_socket_set_socket_options (fixture->client, QNET_LOCAL_SOCKET_OPTIONS_ABSTRACT_NAMESPACE);
  talk_to_server (fixture, address, name);
}

/* Python */

static const char python_client[] =
  "import os, socket, sys\n"
  "c = socket.socket(socket.AF_UNIX)\n"
  "c.connect(sys.argv[1])\n"
  "r, w = os.pipe()\n"
  "socket.send_fds(c, [b'pipe'], [w])\n"
  "os.close(w)\n"
  "assert os.read(r, 5) == b'hello'\n"
  "data, fds, flags, address = socket.recv_fds(c, 100, 3)\n"
  "assert (data, len(fds)) == (b'back', 1), (data, fds)\n"
  "os.write(fds[0], b'!')\n";

static void
test_python (LocalFixture  *fixture,
             gconstpointer  data)
{
  const char *argv[] = { "/usr/bin/python3", "-c", python_client, fixture->path, NULL };
  g_autoptr(GSubprocess) python = NULL;
  g_autoptr(GUnixFDList) fds = NULL;
  g_autoptr(GUnixFDList) answer = g_unix_fd_list_new ();
  int ends[2], fd;
  char byte;

  g_test_summary ("Python's socket module as client: descriptors pass both ways, and they work.");

  if (!has_program (argv[0]))
    return;

  qnet_local_server_set_fd_limit (fixture->server, 1);
  local_fixture_listen (fixture);
  python = start (argv);
  local_fixture_await (fixture, qnet_server_has_pending_connections (SERVER (fixture->server)));
  fixture->accepted = qnet_local_server_next_pending_connection (fixture->server);
  local_fixture_assert_gets (fixture, fixture->accepted, "pipe");
  fds = qnet_local_socket_receive_fds (fixture->accepted);
  fd = g_unix_fd_list_get (fds, 0, NULL);
  g_assert_cmpint (write (fd, "hello", 5), ==, 5);
  close (fd);

  g_assert_no_errno (pipe (ends));
  g_assert_cmpint (g_unix_fd_list_append (answer, ends[1], NULL), ==, 0);
  g_assert_true (qnet_local_socket_send_fds (fixture->accepted, answer, NULL));
  write_text (fixture->accepted, "back");
  await_exit (fixture, python);
  g_assert_true (g_subprocess_get_successful (python));
  g_assert_cmpint (read (ends[0], &byte, 1), ==, 1);
  close (ends[0]);
  close (ends[1]);
}

/* systemd */

static void
serve_once_cb (QnetServer *server)
{
  g_autoptr(QnetIODevice) connection = qnet_server_next_pending_connection (server);

  qnet_io_device_write_string (connection, "started for you\n", NULL);
}

/* What systemd-socket-activate starts when the first client comes. */
static int
run_service (void)
{
  g_autoptr(QnetLocalServer) server = qnet_local_server_new ();
  g_autoptr(GError) error = NULL;

  if (!qnet_server_listen_on_activation_fds (QNET_SERVER (server), "test", &error))
    g_error ("%s", error->message);

  g_signal_connect (server, "new-connection", G_CALLBACK (serve_once_cb), NULL);
  g_assert_true (qnet_server_wait_for_new_connection (QNET_SERVER (server), 10000, NULL));

  return 0;
}

static void
test_systemd (LocalFixture  *fixture,
              gconstpointer  data)
{
  const char *argv[] = { "systemd-socket-activate", "--fdname=test", "-l", fixture->path, this_program, "--service", NULL };
  g_autoptr(GSubprocess) systemd = NULL;

  g_test_summary ("systemd-socket-activate listens for us, and starts the service for the first client.");

  if (!has_program ("systemd-socket-activate"))
    return;

  systemd = start (argv);
  connect_until_it_listens (fixture, fixture->path);
  local_fixture_assert_gets (fixture, fixture->client, "started for you\n");
  await_exit (fixture, systemd);
}

int
main (int    argc,
      char **argv)
{
  if (argc > 1 && g_str_equal (argv[1], "--service"))
    return run_service ();

  g_test_init (&argc, &argv, NULL);
  this_program = argv[0];

  local_fixture_add ("/local-peers/socat/connect", test_socat_connect);
  local_fixture_add ("/local-peers/socat/abstract", test_socat_abstract);
  local_fixture_add ("/local-peers/socat/listen", test_socat_listen);
  local_fixture_add ("/local-peers/socat/abstract-listen", test_socat_abstract_listen);
  local_fixture_add ("/local-peers/python", test_python);
  local_fixture_add ("/local-peers/systemd", test_systemd);

  return g_test_run ();
}
