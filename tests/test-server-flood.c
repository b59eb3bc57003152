/* test-server-flood.c: 64 clients that send as fast as they can and read nothing
 *
 * The limits are those of doc/security.md.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/server-fixture.h"

#define N_CLIENTS      64
#define PER_CONNECTION (3 * 1024 * 1024)

#define SMALL_LIMIT    (64 * 1024)
#define PER_SMALL_ONE  (448 * 1024)  /* 112 MiB for 256 */

/* Resident memory, in bytes. */
static gsize
get_memory (void)
{
  unsigned long total, resident;
  FILE *file = fopen ("/proc/self/statm", "r");

  g_assert_nonnull (file);
  g_assert_cmpint (fscanf (file, "%lu %lu", &total, &resident), ==, 2);
  fclose (file);

  return resident * (gsize) sysconf (_SC_PAGESIZE);
}

/* The clients, in a process of their own */

static void
pour_forever (const int *clients)
{
  static char piece[65536];
  struct pollfd fds[N_CLIENTS];

  memset (piece, 'x', sizeof piece);
  for (guint i = 0; i < N_CLIENTS; i++)
    fds[i] = (struct pollfd) { clients[i], POLLOUT, 0 };

  for (;;)
    {
      poll (fds, N_CLIENTS, -1);
      for (guint i = 0; i < N_CLIENTS; i++)
        if ((fds[i].revents & POLLOUT) != 0)
          (void) !send (fds[i].fd, piece, sizeof piece, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

static void
reset_on_close (int client)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  g_assert_no_errno (setsockopt (client, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
}

/* (transfer full): the process, which alone has the clients' descriptors. */
static pid_t
start_clients (ServerFixture *fixture)
{
  int clients[N_CLIENTS];
  pid_t pid;

  for (guint i = 0; i < N_CLIENTS; i++)
    {
      clients[i] = server_fixture_connect (fixture);
      reset_on_close (clients[i]);
    }

  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    pour_forever (clients);

  /* Closing the second of the two descriptors resets the connection. */
  for (guint i = 0; i < N_CLIENTS; i++)
    server_fixture_disconnect (fixture, clients[i]);

  return pid;
}

/* What handlers do */

static void
nothing_cb (QnetIODevice *device)
{
}

static void
lines_cb (QnetIODevice *device)
{
  gsize length;

  do
    {
      g_autoptr(GBytes) line = qnet_io_device_read_line_bytes (device, 0);

      length = g_bytes_get_size (line);
    }
  while (length > 0);
}

static void
echo_cb (QnetIODevice *device)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (device);

  qnet_io_device_write_bytes (device, bytes, NULL);
}

static void
new_connection_cb (QnetTcpServer *server,
                   gpointer       handler)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_server_next_pending_connection (server);

  g_signal_connect (socket, "ready-read", G_CALLBACK (handler), NULL);
}

static void
flood (ServerFixture *fixture,
       gconstpointer  handler,
       gsize          per_connection)
{
#ifdef __SANITIZE_ADDRESS__
  g_test_skip (
    "AddressSanitizer keeps freed memory for a while, so resident memory has no meaning");
#else
  GListModel *connections = qnet_server_get_connections (QNET_SERVER (fixture->server));
  gint64 duration = (g_test_slow () ? 5 : 1) * G_TIME_SPAN_SECOND;
  gsize before, most = 0;
  gint64 until;
  pid_t pid;

  server_fixture_listen (fixture);
  g_signal_connect (fixture->server, "new-connection", G_CALLBACK (new_connection_cb),
                    (gpointer) handler);
  before = get_memory ();
  pid = start_clients (fixture);
  server_fixture_await_new (fixture, N_CLIENTS);

  for (until = g_get_monotonic_time () + duration; g_get_monotonic_time () < until;
       most = MAX (most, get_memory ()))
    for (guint i = 0; i < 100; i++)
      g_main_context_iteration (fixture->context, FALSE);

  g_assert_cmpuint (g_list_model_get_n_items (connections), ==, N_CLIENTS);
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);

  for (; g_list_model_get_n_items (connections) > 0; most = MAX (most, get_memory ()))
    g_main_context_iteration (fixture->context, TRUE);

  g_test_message ("%.1f MiB more at most", (double) (most - MIN (most, before)) / (1024 * 1024));
  g_assert_cmpuint (most - MIN (most, before), <, N_CLIENTS * per_connection);
#endif
}

static void
test_flood (ServerFixture *fixture,
            gconstpointer  handler)
{
  g_test_summary ("64 clients that flood a server with default limits make it store a bounded "
                  "amount, which is freed with the connections.");

  flood (fixture, handler, PER_CONNECTION);
}

static void
test_small_limits (ServerFixture *fixture,
                   gconstpointer  handler)
{
  g_test_summary ("With smaller limits the amount is smaller.");

  qnet_server_set_read_buffer_size (QNET_SERVER (fixture->server), SMALL_LIMIT);
  qnet_server_set_unsent_limit (QNET_SERVER (fixture->server), SMALL_LIMIT);
  flood (fixture, handler, PER_SMALL_ONE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  /* First, since memory that was once used is not all given back. */
  g_test_add ("/server-flood/small-limits", ServerFixture, echo_cb, server_fixture_set_up,
              test_small_limits, server_fixture_tear_down);
  g_test_add ("/server-flood/handler-does-nothing", ServerFixture, nothing_cb,
              server_fixture_set_up, test_flood, server_fixture_tear_down);
  g_test_add ("/server-flood/handler-reads-lines", ServerFixture, lines_cb, server_fixture_set_up,
              test_flood, server_fixture_tear_down);
  g_test_add ("/server-flood/handler-writes-echoes", ServerFixture, echo_cb, server_fixture_set_up,
              test_flood, server_fixture_tear_down);

  return g_test_run ();
}
