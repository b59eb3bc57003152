/* test-socket-peers.c: exchanging data with other programs
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <qnet/qnet.h>

#include "common/socket-fixture.h"

#define SIZE (1024 * 1024)

/* Programs: started by us, seen to end by us */

static gboolean
has_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  if (path != NULL)
    return TRUE;

  g_test_skip_printf ("%s is not installed", name);

  return FALSE;
}

static const char *
find_python (void)
{
  return g_file_test ("/usr/bin/python3", G_FILE_TEST_IS_EXECUTABLE) ? "/usr/bin/python3"
                                                                     : "python3";
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
exited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  gboolean *has_exited = user_data;

  g_assert_true (g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL));
  *has_exited = TRUE;
}

static void
await_success (SocketFixture *fixture,
               GSubprocess   *program)
{
  gboolean has_exited = FALSE;

  g_subprocess_wait_async (program, NULL, exited_cb, &has_exited);
  socket_fixture_await (fixture, has_exited);
  g_assert_true (g_subprocess_get_successful (program));
}

static void
stop (SocketFixture *fixture,
      GSubprocess   *program)
{
  gboolean has_exited = FALSE;

  g_subprocess_force_exit (program);
  g_subprocess_wait_async (program, NULL, exited_cb, &has_exited);
  socket_fixture_await (fixture, has_exited);
}

static void
write_to (GSubprocess *program,
          const char  *text)
{
  GOutputStream *input = g_subprocess_get_stdin_pipe (program);

  g_assert_true (g_output_stream_write_all (input, text, strlen (text), NULL, NULL, NULL));
}

static char *
read_from (GSubprocess *program,
           gsize        size)
{
  GInputStream *output = g_subprocess_get_stdout_pipe (program);
  char *text = g_malloc0 (size + 1);

  g_assert_true (g_input_stream_read_all (output, text, size, NULL, NULL, NULL));

  return text;
}

/* A program that connects to us */

/* Starts it, with our port for its last "%u", and takes its connection for the fixture's socket. */
static GSubprocess *
start_client (SocketFixture     *fixture,
              const char *const *words)
{
  g_auto(GStrv) argv = g_strdupv ((char **) words);
  GSubprocess *program;
  g_autofree char *port = g_strdup_printf ("%u", fixture->port);
  GError *error = NULL;

  for (gsize i = 0; argv[i] != NULL; i++)
    {
      GString *word = g_string_new (argv[i]);

      g_string_replace (word, "%u", port, 0);
      g_free (argv[i]);
      argv[i] = g_string_free (word, FALSE);
    }

  program = start ((const char *const *) argv);
  socket_fixture_accept (fixture);
  qnet_socket_set_fd (QNET_SOCKET (fixture->socket), fixture->peer,
                                              QNET_SOCKET_STATE_CONNECTED,
                                              QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);
  fixture->peer = -1;
  socket_fixture_forget_log (fixture);

  return program;
}

static void
test_nc_half_close (SocketFixture *fixture,
                    gconstpointer  data)
{
  static const char *const words[] = { "nc", "-N", "127.0.0.1", "%u", NULL };
  g_autoptr(GSubprocess) nc = NULL;
  g_autofree char *got = NULL;

  g_test_summary (
    "nc -N ends its half after its input, and still gets our answer with allow-half-open.");

  if (!has_program ("nc"))
    return;

  qnet_socket_set_allow_half_open (QNET_SOCKET (fixture->socket), TRUE);
  nc = start_client (fixture, words);
  write_to (nc, "question");
  g_assert_true (g_output_stream_close (g_subprocess_get_stdin_pipe (nc), NULL, NULL));
  socket_fixture_await (fixture, strstr (fixture->log->str, "read-channel-finished") != NULL);
  socket_fixture_assert_reads (fixture, "question");

  socket_fixture_write (fixture, "answer");
  qnet_socket_shutdown_write (QNET_SOCKET (fixture->socket));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  got = read_from (nc, 6);
  g_assert_cmpstr (got, ==, "answer");
  await_success (fixture, nc);
}

static void
test_nc_half_close_unasked (SocketFixture *fixture,
                            gconstpointer  data)
{
  static const char *const words[] = { "nc", "-N", "127.0.0.1", "%u", NULL };
  g_autoptr(GSubprocess) nc = NULL;

  g_test_summary ("Without it, as in Qt, the end of its half is the end of the connection.");

  if (!has_program ("nc"))
    return;

  nc = start_client (fixture, words);
  write_to (nc, "bye");
  g_assert_true (g_output_stream_close (g_subprocess_get_stdin_pipe (nc), NULL, NULL));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_true (
    g_str_has_suffix (fixture->log->str,
                      "error:1 closing unconnected read-channel-finished disconnected"));
  socket_fixture_assert_reads (fixture, "bye");
  await_success (fixture, nc);
}

static void
test_socat_client (SocketFixture *fixture,
                   gconstpointer  data)
{
  static const char *const words[] = { "socat", "STDIO", "TCP:127.0.0.1:%u", NULL };
  g_autoptr(GSubprocess) socat = NULL;
  g_autofree char *got = NULL;

  g_test_summary ("socat as client: lines in both directions.");

  if (!has_program ("socat"))
    return;

  socat = start_client (fixture, words);
  write_to (socat, "hello\n");
  socket_fixture_await (fixture, qnet_io_device_can_read_line (DEVICE (fixture->socket)));
  socket_fixture_assert_reads (fixture, "hello\n");
  socket_fixture_write (fixture, "there\n");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  got = read_from (socat, 6);
  g_assert_cmpstr (got, ==, "there\n");
  await_success (fixture, socat);
}

/* A program that listens: it prints its port */

static guint16
read_port (GSubprocess *program)
{
  GInputStream *output = g_subprocess_get_stdout_pipe (program);
  g_autoptr(GDataInputStream) lines = g_data_input_stream_new (output);
  g_autofree char *line = NULL;

  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (lines), FALSE);
  line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  g_assert_nonnull (line);

  return (guint16) g_ascii_strtoull (line, NULL, 10);
}

static const char python_server[] =
  "import socket\n"
  "s = socket.create_server(('127.0.0.1', 0))\n"
  "print(s.getsockname()[1], flush=True)\n"
  "c, _ = s.accept()\n"
  "total = 0\n"
  "while total < 1048576:\n"
  "    data = c.recv(65536)\n"
  "    total += len(data)\n"
  "    c.sendall(data)\n"
  "assert c.recv(1) == b''\n";

static void
test_python_server (SocketFixture *fixture,
                    gconstpointer  data)
{
  const char *argv[] = { find_python (), "-c", python_server, NULL };
  g_autoptr(GSubprocess) python = NULL;
  g_autofree char *text = g_strnfill (SIZE, 'x');

  g_test_summary (
    "Python's socket module as server: a megabyte there and back, and our end is an orderly one.");

  if (!has_program (argv[0]))
    return;

  python = start (argv);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1",
                                        read_port (python));
  socket_fixture_write (fixture, text);
  socket_fixture_await_bytes (fixture, SIZE);
  socket_fixture_assert_reads (fixture, text);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  await_success (fixture, python);
}

static const char python_client[] =
  "import socket, struct, sys\n"
  "c = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
  "c.sendall(b'length\\n')\n"
  "assert c.makefile('rb').read(6) == b'answer'\n"
  "c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\n"
  "c.close()\n";

static void
test_python_client (SocketFixture *fixture,
                    gconstpointer  data)
{
  const char *words[] = { find_python (), "-c", python_client, "%u", NULL };
  g_autoptr(GSubprocess) python = NULL;

  g_test_summary ("Python's socket module as client, which resets in the end.");

  if (!has_program (words[0]))
    return;

  python = start_client (fixture, words);
  socket_fixture_await (fixture, qnet_io_device_can_read_line (DEVICE (fixture->socket)));
  socket_fixture_assert_reads (fixture, "length\n");
  socket_fixture_write (fixture, "answer");
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_io_device_get_error_code (DEVICE (fixture->socket)), ==,
                   QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  await_success (fixture, python);
}

/* socat prints its port only to its log, on stderr. So it uses one that was free a moment ago,
 * which is tried until it answers. */
static void
connect_until_it_listens (SocketFixture *fixture,
                          guint16        port)
{
  do
    {
      qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", port);
      socket_fixture_await (fixture,
                            socket_fixture_get_state (fixture) == QNET_SOCKET_STATE_CONNECTED
                              || socket_fixture_get_state (fixture)
                                   == QNET_SOCKET_STATE_UNCONNECTED);
    }
  while (socket_fixture_get_state (fixture) != QNET_SOCKET_STATE_CONNECTED);
}

static void
test_socat_server (SocketFixture *fixture,
                   gconstpointer  data)
{
  guint16 port = find_closed_port ();
  g_autofree char *listen = g_strdup_printf ("TCP-LISTEN:%u,bind=127.0.0.1,reuseaddr", port);
  const char *argv[] = { "socat", listen, "EXEC:cat", NULL };
  g_autoptr(GSubprocess) socat = NULL;
  g_autofree char *text = g_strnfill (SIZE, 'x');

  g_test_summary ("socat as server, with cat behind it: a megabyte there and back.");

  if (!has_program ("socat"))
    return;

  socat = start (argv);
  connect_until_it_listens (fixture, port);
  socket_fixture_write (fixture, text);
  socket_fixture_await_bytes (fixture, SIZE);
  socket_fixture_assert_reads (fixture, text);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  stop (fixture, socat);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  socket_fixture_add ("/socket-peers/nc/half-close", test_nc_half_close);
  socket_fixture_add ("/socket-peers/nc/half-close/unasked", test_nc_half_close_unasked);
  socket_fixture_add ("/socket-peers/socat/client", test_socat_client);
  socket_fixture_add ("/socket-peers/socat/server", test_socat_server);
  socket_fixture_add ("/socket-peers/python/server", test_python_server);
  socket_fixture_add ("/socket-peers/python/client", test_python_client);

  return g_test_run ();
}
