/* test-server-errors.c: how a server reports bad input, and how it copes without descriptors
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "base/qnet-syscall-private.h"
#include "common/server-fixture.h"
#include "loop/qnet-reactor-private.h"

#define SERVER(fixture) (QNET_SERVER ((fixture)->server))

/* Asserts that the call failed, that all accessors report the error, and that nothing was
 * emitted. */
static void
assert_failed (ServerFixture   *fixture,
               gboolean         result,
               GError          *error,
               QnetSocketError  code)
{
  g_assert_false (result);
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_assert_error (qnet_server_get_error (SERVER (fixture)), QNET_SOCKET_ERROR, (int) code);
  g_assert_cmpint (qnet_server_get_error_code (SERVER (fixture)), ==, code);
  g_assert_cmpuint (fixture->n_accept_errors, ==, 0);
}

/* Listening */

static void
test_taken_port (ServerFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetTcpServer) other = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) address = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *expected = NULL;
  guint16 port;

  g_test_summary ("listen() fails on a port that is in use, with a text that names the port.");

  server_fixture_listen (fixture);
  address = qnet_tcp_server_get_server_address (fixture->server);
  port = qnet_tcp_server_get_server_port (fixture->server);
  expected = g_strdup_printf ("Could not listen on 127.0.0.1 port %u: %s", port,
                              g_strerror (EADDRINUSE));

  g_assert_false (qnet_tcp_server_listen (other, address, port, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_ADDRESS_IN_USE);
  g_assert_cmpstr (error->message, ==, expected);
  g_assert_false (qnet_server_is_listening (QNET_SERVER (other)));
}

static void
test_foreign_address (ServerFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string ("192.0.2.1");
  g_autoptr(GError) error = NULL;
  gboolean result;

  g_test_summary ("listen() fails on an address of another machine; a success clears the error.");

  result = qnet_tcp_server_listen (fixture->server, address, 0, &error);
  assert_failed (fixture, result, error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
  g_assert_nonnull (strstr (error->message, "192.0.2.1"));

  server_fixture_listen (fixture);
  g_assert_null (qnet_server_get_error (SERVER (fixture)));
  g_assert_cmpint (qnet_server_get_error_code (SERVER (fixture)), ==, -1);
}

static void
test_null_address (ServerFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_null ();
  g_autoptr(GError) error = NULL;
  gboolean result;

  g_test_summary ("listen() fails for the Null address.");

  result = qnet_tcp_server_listen (fixture->server, address, 0, &error);
  assert_failed (fixture, result, error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
}

static int
get_first_free_port (void)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/proc/sys/net/ipv4/ip_unprivileged_port_start", &text, NULL, NULL))
    return 1024;

  return atoi (text);
}

/* In a child process, since setuid() cannot be undone. */
static int
listen_unprivileged (ServerFixture *fixture)
{
  g_autoptr(QnetHostAddress) address = NULL;
  g_autoptr(GError) error = NULL;

  if (geteuid () == 0 && setuid (65534) != 0)
    return 77;

  address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_assert_false (qnet_tcp_server_listen (fixture->server, address, 1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ACCESS);
  g_assert_true (g_str_has_prefix (error->message, "Could not listen on 127.0.0.1 port 1: "));

  return 0;
}

static void
test_privileged_port (ServerFixture *fixture,
                      gconstpointer  data)
{
  int status;
  pid_t child;

  g_test_summary ("An unprivileged user cannot listen on port 1.");

  if (get_first_free_port () <= 1)
    {
      g_test_skip ("unprivileged users may bind every port here");
      return;
    }

  child = fork ();

  if (child == 0)
    _exit (listen_unprivileged (fixture));

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));

  if (WEXITSTATUS (status) == 77)
    g_test_skip ("cannot become an ordinary user");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
test_listening_already (ServerFixture *fixture,
                        gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  gboolean result;
  guint16 port;

  g_test_summary ("listen() fails on a server that listens already, and the server continues to "
                  "listen.");

  server_fixture_listen (fixture);
  port = qnet_tcp_server_get_server_port (fixture->server);

  result = qnet_tcp_server_listen_port (fixture->server, 0, &error);
  assert_failed (fixture, result, error, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  result = qnet_server_set_fd (SERVER (fixture), 0, &error);
  assert_failed (fixture, result, error, QNET_SOCKET_ERROR_OPERATION);

  g_assert_cmpint (qnet_tcp_server_get_server_port (fixture->server), ==, port);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);
}

static QnetSyscall failing_call;

static int
fail_one_call (QnetSyscall call)
{
  return call == failing_call ? ENOBUFS : 0;
}

static guint
count_descriptors (void)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

static void
test_each_call (ServerFixture *fixture,
                gconstpointer  data)
{
  const QnetSyscall calls[] = {
    QNET_SYSCALL_SOCKET, QNET_SYSCALL_SETSOCKOPT, QNET_SYSCALL_BIND, QNET_SYSCALL_LISTEN,
  };

  g_test_summary ("Whichever system call fails, listen() reports it and leaves no descriptor "
                  "open.");

  qnet_tcp_server_set_reuse_port (fixture->server, TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autoptr(GError) error = NULL;
      guint n_descriptors = count_descriptors ();
      gboolean result;

      failing_call = calls[i];
      qnet_syscall_fault = fail_one_call;
      result = qnet_tcp_server_listen_port (fixture->server, 0, &error);
      qnet_syscall_fault = NULL;

      assert_failed (fixture, result, error, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
      g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
    }
}

/* Descriptors */

static void
refuse_descriptor (ServerFixture *fixture,
                   int            fd)
{
  g_autoptr(GError) error = NULL;
  gboolean result = qnet_server_set_fd (SERVER (fixture), fd, &error);

  assert_failed (fixture, result, error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_false (qnet_server_is_listening (SERVER (fixture)));

  if (fd >= 0)
    {
      g_assert_cmpint (fcntl (fd, F_GETFD), !=, -1);
      close (fd);
    }
}

static int
make_listening_unix (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  /* The kernel assigns a name in the abstract namespace. */
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof (sa_family_t)), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);

  return fd;
}

static void
test_descriptors (ServerFixture *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A descriptor that is no listening TCP socket is refused, and remains the "
                  "caller's.");

  refuse_descriptor (fixture, -1);
  refuse_descriptor (fixture, open ("/dev/null", O_RDONLY));
  refuse_descriptor (fixture, socket (AF_INET, SOCK_STREAM, 0));
  refuse_descriptor (fixture, socket (AF_INET, SOCK_DGRAM, 0));
  refuse_descriptor (fixture, make_listening_unix ());
}

static void
test_sockets (ServerFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GError) error = NULL;
  guint n_descriptors;
  gboolean result;

  g_test_summary ("A GSocket that does not listen, or is closed, is refused.");

  socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  n_descriptors = count_descriptors ();
  result = qnet_tcp_server_listen_socket (fixture->server, socket, &error);
  assert_failed (fixture, result, error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
  g_clear_error (&error);

  g_socket_close (socket, NULL);
  result = qnet_tcp_server_listen_socket (fixture->server, socket, &error);
  assert_failed (fixture, result, error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
}

/* Out of descriptors */

static struct rlimit old_limit;

/* valgrind accepts the client, finds that there are too many descriptors, and closes the
 * connection. */
static gboolean
skip_under_valgrind (void)
{
  const char *preload = g_getenv ("LD_PRELOAD");

  if (preload == NULL || strstr (preload, "vgpreload") == NULL)
    return FALSE;

  g_test_skip ("valgrind has a way of its own to run out of descriptors");

  return TRUE;
}

/* Leaves room for @n_free further descriptors. */
static void
limit_descriptors (int n_free)
{
  struct rlimit limit;
  int next = dup (0);

  g_assert_cmpint (next, >=, 0);
  close (next);

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &old_limit), ==, 0);
  limit = old_limit;
  limit.rlim_cur = next + n_free;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

static void
lift_limit (void)
{
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &old_limit), ==, 0);
}

static double
get_cpu_seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);

  return now.tv_sec + now.tv_nsec / 1e9;
}

static guint
iterate_for (ServerFixture *fixture,
             int            msecs)
{
  gint64 until = g_get_monotonic_time () + msecs * 1000;
  guint n_iterations = 0;

  while (g_get_monotonic_time () < until)
    {
      g_main_context_iteration (fixture->context, TRUE);
      n_iterations++;
    }

  return n_iterations;
}

static void
test_emfile (ServerFixture *fixture,
             gconstpointer  data)
{
  guint n_iterations;
  double cpu_seconds;

  g_test_summary ("Without descriptors a server emits accept-error once, does not spin, and "
                  "accepts all clients once it can.");

  if (skip_under_valgrind ())
    return;

  server_fixture_listen (fixture);

  for (guint i = 0; i < 6; i++)
    server_fixture_connect (fixture);

  limit_descriptors (2);
  server_fixture_await_new (fixture, 2);

  while (fixture->n_accept_errors == 0)
    g_main_context_iteration (fixture->context, TRUE);

  /* It tries again after 100, 200 and 400 ms. */
  cpu_seconds = get_cpu_seconds ();
  n_iterations = iterate_for (fixture, 400);
  g_assert_cmpuint (n_iterations, <, 20);
  g_assert_cmpfloat (get_cpu_seconds () - cpu_seconds, <, 0.2);
  g_assert_cmpuint (fixture->n_accept_errors, ==, 1);
  g_assert_cmpuint (fixture->n_new, ==, 2);
  g_assert_error (qnet_server_get_error (SERVER (fixture)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_assert_true (qnet_server_is_listening (SERVER (fixture)));

  lift_limit ();
  server_fixture_await_new (fixture, 6);
  g_assert_cmpuint (fixture->n_accept_errors, ==, 1);
}

static void
test_emfile_one_by_one (ServerFixture *fixture,
                        gconstpointer  data)
{
  g_test_summary ("accept-error is not repeated while clients are accepted one by one as "
                  "descriptors become free.");

  if (skip_under_valgrind ())
    return;

  server_fixture_listen (fixture);

  for (guint i = 0; i < 4; i++)
    server_fixture_connect (fixture);

  limit_descriptors (1);

  for (guint i = 1; i <= 4; i++)
    {
      g_autoptr(QnetTcpSocket) socket = NULL;

      server_fixture_await_new (fixture, i);
      socket = qnet_tcp_server_next_pending_connection (fixture->server);
      qnet_socket_abort (QNET_SOCKET (socket));
    }

  lift_limit ();
  g_assert_cmpuint (fixture->n_accept_errors, <=, 1);
}

static void
test_emfile_idle (ServerFixture *fixture,
                  gconstpointer  data)
{
  g_test_summary ("Giving the last descriptor to the last client is no error.");

  if (skip_under_valgrind ())
    return;

  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  limit_descriptors (1);
  server_fixture_await_new (fixture, 1);
  server_fixture_settle (fixture);
  lift_limit ();

  g_assert_cmpuint (fixture->n_accept_errors, ==, 0);
}

static void
test_emfile_closed (ServerFixture *fixture,
                    gconstpointer  data)
{
  g_test_summary ("Closing ends the back-off: the server accepts at once when it listens again.");

  if (skip_under_valgrind ())
    return;

  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  limit_descriptors (0);

  while (fixture->n_accept_errors == 0)
    g_main_context_iteration (fixture->context, TRUE);

  lift_limit ();
  qnet_server_close (SERVER (fixture));
  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_settle (fixture);
  g_assert_cmpuint (fixture->n_new, ==, 1);
}

static gboolean
set_cb (gpointer is_set)
{
  *(gboolean *) is_set = TRUE;

  return G_SOURCE_REMOVE;
}

/* Runs the loop, which may have nothing else to dispatch. */
static void
run_loop_for (ServerFixture *fixture,
              guint          msecs)
{
  g_autoptr(GSource) source = g_timeout_source_new (msecs);
  gboolean is_over = FALSE;

  g_source_set_callback (source, set_cb, &is_over, NULL);
  g_source_attach (source, fixture->context);

  while (!is_over)
    g_main_context_iteration (fixture->context, TRUE);
}

static void
test_emfile_paused (ServerFixture *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A server that is paused during its back-off does not accept when that ends, but "
                  "when it is resumed.");

  if (skip_under_valgrind ())
    return;

  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  limit_descriptors (0);

  while (fixture->n_accept_errors == 0)
    g_main_context_iteration (fixture->context, TRUE);

  lift_limit ();
  qnet_server_pause_accepting (SERVER (fixture));
  run_loop_for (fixture, 250);  /* the retry is due after 100 ms */
  g_assert_cmpuint (fixture->n_new, ==, 0);

  qnet_server_resume_accepting (SERVER (fixture));
  server_fixture_await_new (fixture, 1);
}

static void
test_emfile_wait (ServerFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  gboolean is_timed_out = TRUE;

  g_test_summary ("A wait that finds no free descriptor fails with that reason, not with a "
                  "timeout.");

  if (skip_under_valgrind ())
    return;

  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  limit_descriptors (0);
  g_assert_false (qnet_server_wait_for_new_connection_full (SERVER (fixture), -1, &is_timed_out,
                                                            NULL, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_assert_false (is_timed_out);
  g_assert_cmpuint (fixture->n_accept_errors, ==, 1);
  lift_limit ();

  g_assert_true (qnet_server_wait_for_new_connection (SERVER (fixture), -1, NULL));
  g_assert_cmpuint (fixture->n_new, ==, 1);
}

static void
test_get_socket_without_descriptors (ServerFixture *fixture,
                                     gconstpointer  data)
{
  g_test_summary ("get_socket() returns NULL where no duplicate can be made.");

  server_fixture_listen (fixture);
  limit_descriptors (0);
  g_assert_null (qnet_server_get_socket (SERVER (fixture)));
  lift_limit ();
  g_assert_nonnull (qnet_server_get_socket (SERVER (fixture)));
}

#define ADD(path, function)                                                       \
  g_test_add ("/server-errors/" path, ServerFixture, NULL, server_fixture_set_up, \
              function, server_fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_type_ensure (G_TYPE_TASK);  /* opens a descriptor, which a server would do when none is left */

  ADD ("taken-port", test_taken_port);
  ADD ("foreign-address", test_foreign_address);
  ADD ("null-address", test_null_address);
  ADD ("privileged-port", test_privileged_port);
  ADD ("listening-already", test_listening_already);
  ADD ("each-call", test_each_call);
  ADD ("descriptors", test_descriptors);
  ADD ("sockets", test_sockets);
  ADD ("emfile", test_emfile);
  ADD ("emfile/one-by-one", test_emfile_one_by_one);
  ADD ("emfile/idle", test_emfile_idle);
  ADD ("emfile/closed", test_emfile_closed);
  ADD ("emfile/paused-meanwhile-is-paused-afterwards", test_emfile_paused);
  ADD ("emfile/wait", test_emfile_wait);
  ADD ("emfile/get-socket", test_get_socket_without_descriptors);

  return g_test_run ();
}
