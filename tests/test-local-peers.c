/* test-local-peers.c: local sockets and other programs
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
    g_test_skip_printf ("%s is not installed", name);

  return path != NULL;
}

static GSubprocess *
start (const char *const *argv)
{
  GError *error = NULL;
  GSubprocess *program = g_subprocess_newv (argv,
                                            G_SUBPROCESS_FLAGS_STDIN_PIPE
                                              | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                            &error);

  g_assert_no_error (error);

  return program;
}

static void
write_to (GSubprocess *program,
          const char  *text)
{
  GOutputStream *input = g_subprocess_get_stdin_pipe (program);

  g_assert_true (g_output_stream_write_all (input, text, strlen (text), NULL, NULL, NULL));
}

static void
assert_is_process (QnetLocalSocket *socket,
                   GSubprocess     *program)
{
  GCredentials *credentials = qnet_local_socket_get_peer_credentials (socket);

  g_assert_cmpint (g_credentials_get_unix_pid (credentials, NULL), ==,
                   atoi (g_subprocess_get_identifier (program)));
}

static void
assert_prints (GSubprocess *program,
               const char  *expected)
{
  g_autofree char *text = g_malloc0 (strlen (expected) + 1);

  g_assert_true (g_input_stream_read_all (g_subprocess_get_stdout_pipe (program), text,
                                          strlen (expected), NULL, NULL, NULL));
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
  write_to (socat, "hello\n");
  local_fixture_assert_gets (fixture, fixture->accepted, "hello\n");
  assert_is_process (fixture->accepted, socat);
  write_text (fixture->accepted, "there\n");
  qnet_local_socket_disconnect_from_server (fixture->accepted);
  assert_prints (socat, "there\n");
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

  qnet_local_server_set_access (fixture->server, QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE);
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
  while (!qnet_socket_wait_for_connected (QNET_SOCKET (fixture->client), 10000, NULL));
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

  qnet_local_socket_set_access (fixture->client, QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE);
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

static const char python_server[] =
  "import os, socket, sys\n"
  "s = socket.socket(socket.AF_UNIX)\n"
  "s.bind(sys.argv[1])\n"
  "s.listen()\n"
  "c = s.accept()[0]\n"
  "data, fds, flags, address = socket.recv_fds(c, 100, 3)\n"
  "assert (data, len(fds)) == (b'pipe', 1), (data, fds)\n"
  "os.write(fds[0], b'!')\n"
  "r, w = os.pipe()\n"
  "socket.send_fds(c, [b'back'], [w])\n"
  "os.close(w)\n"
  "assert os.read(r, 5) == b'hello'\n";

static GSubprocess *
start_python (LocalFixture *fixture,
              const char   *script)
{
  const char *argv[] = { "python3", "-c", script, fixture->path, NULL };

  return has_program (argv[0]) ? start (argv) : NULL;
}

/* What they have sent is the end of a pipe, whose other end they read. */
static void
write_through_theirs (LocalFixture    *fixture,
                      QnetLocalSocket *socket,
                      const char      *text)
{
  g_autoptr(GUnixFDList) fds = NULL;
  int fd;

  local_fixture_assert_gets (fixture, socket, text);
  fds = qnet_local_socket_receive_fds (socket);
  g_assert_cmpint (g_unix_fd_list_get_length (fds), ==, 1);
  fd = g_unix_fd_list_get (fds, 0, NULL);
  g_assert_cmpint (write (fd, "hello", 5), ==, 5);
  close (fd);
}

/* Sends the end of a pipe, and gives the other. */
static int
send_ours (QnetLocalSocket *socket,
           const char      *text)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  int ends[2];

  g_assert_no_errno (pipe (ends));
  g_assert_cmpint (g_unix_fd_list_append (fds, ends[1], NULL), ==, 0);
  close (ends[1]);
  g_assert_true (qnet_local_socket_send_fds (socket, fds, NULL));
  write_text (socket, text);

  return ends[0];
}

static void
assert_written (int end)
{
  char byte;

  g_assert_cmpint (read (end, &byte, 1), ==, 1);
  g_assert_cmpint (byte, ==, '!');
  close (end);
}

static void
test_python_client (LocalFixture  *fixture,
                    gconstpointer  data)
{
  g_autoptr(GSubprocess) python = NULL;
  int end;

  g_test_summary ("Python's socket module as client: descriptors pass both ways, and they work.");

  qnet_local_server_set_fd_limit (fixture->server, 1);
  local_fixture_listen (fixture);
  python = start_python (fixture, python_client);
  if (python == NULL)
    return;

  local_fixture_await (fixture, qnet_server_has_pending_connections (SERVER (fixture->server)));
  fixture->accepted = qnet_local_server_next_pending_connection (fixture->server);
  write_through_theirs (fixture, fixture->accepted, "pipe");
  end = send_ours (fixture->accepted, "back");
  await_exit (fixture, python);
  g_assert_true (g_subprocess_get_successful (python));
  assert_written (end);
}

static void
test_python_server (LocalFixture  *fixture,
                    gconstpointer  data)
{
  g_autoptr(GSubprocess) python = start_python (fixture, python_server);
  int end;

  g_test_summary ("Python's socket module as server: descriptors pass both ways, and we know its "
                  "process.");

  if (python == NULL)
    return;

  qnet_local_socket_set_fd_limit (fixture->client, 1);
  connect_until_it_listens (fixture, fixture->path);
  assert_is_process (fixture->client, python);
  end = send_ours (fixture->client, "pipe");
  write_through_theirs (fixture, fixture->client, "back");
  await_exit (fixture, python);
  g_assert_true (g_subprocess_get_successful (python));
  assert_written (end);
}

/* systemd */

/* The server on the socket of that name sends its first client some bytes. */
static void
serve_once (QnetServer *server,
            const char *name)
{
  g_autoptr(QnetIODevice) connection = NULL;
  g_autoptr(GError) error = NULL;

  if (!qnet_server_listen_activation_fds (server, name, &error)
      || !qnet_server_wait_for_new_connection (server, 10000, &error))
    g_error ("%s", error->message);

  connection = QNET_IO_DEVICE (qnet_server_next_pending_connection (server));
  qnet_io_device_write_string (connection, name, NULL);
  qnet_io_device_flush (connection);
}

/* What systemd-socket-activate starts when the first client comes. */
static int
run_service (void)
{
  g_autoptr(QnetLocalServer) local = qnet_local_server_new ();
  g_autoptr(QnetTcpServer) tcp = qnet_tcp_server_new ();

  serve_once (SERVER (local), "local");
  serve_once (SERVER (tcp), "tcp");

  return 0;
}

/* systemd does not accept port 0. So it gets a free one, on a loopback address that no other
 * process uses. */
static GSocketAddress *
find_place (void)
{
  g_autofree char *host = g_strdup_printf ("127.%d.%d.%d", 1 + (getpid () >> 16) % 254,
                                           (getpid () >> 8) & 0xff, getpid () & 0xff);
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string (host, 0);
  g_autoptr(GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                            G_SOCKET_PROTOCOL_DEFAULT, NULL);

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));

  return g_socket_get_local_address (socket, NULL);
}

static void
assert_tcp_serves (LocalFixture   *fixture,
                   GSocketAddress *place)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  GInetSocketAddress *address = G_INET_SOCKET_ADDRESS (place);
  g_autofree char *host = g_inet_address_to_string (g_inet_socket_address_get_address (address));
  g_autoptr(GBytes) bytes = NULL;

  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), host,
                                        g_inet_socket_address_get_port (address));
  local_fixture_await (fixture, qnet_io_device_get_bytes_available (DEVICE (socket)) == 3);
  bytes = qnet_io_device_read_all_bytes (DEVICE (socket));
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "tcp", 3);
}

static void
test_systemd (LocalFixture  *fixture,
              gconstpointer  data)
{
  g_autoptr(GSocketAddress) place = find_place ();
  g_autofree char *text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (place));
  const char *argv[] = { "systemd-socket-activate", "--fdname=tcp:local", "-l", text, "-l",
                         fixture->path, this_program, "--service", NULL };
  g_autoptr(GSubprocess) systemd = NULL;

  g_test_summary ("systemd-socket-activate listens for us, by TCP too, and starts the service "
                  "for the first client.");

  if (!has_program (argv[0]))
    return;

  systemd = start (argv);
  connect_until_it_listens (fixture, fixture->path);
  local_fixture_assert_gets (fixture, fixture->client, "local");
  assert_tcp_serves (fixture, place);
  await_exit (fixture, systemd);
  g_assert_true (g_subprocess_get_successful (systemd));
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
  local_fixture_add ("/local-peers/python/client", test_python_client);
  local_fixture_add ("/local-peers/python/server", test_python_server);
  local_fixture_add ("/local-peers/systemd", test_systemd);

  return g_test_run ();
}
