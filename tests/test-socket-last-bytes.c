/* test-socket-last-bytes.c: what was written arrives, however the socket ends
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/qnet-syscall-private.h"
#include "common/socket-fixture.h"

#define LARGE (8 * 1024 * 1024)

/* How a socket ends */

static void
drop (SocketFixture *fixture)
{
  g_clear_object (&fixture->socket);
}

static void
close_it (SocketFixture *fixture)
{
  g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->socket), NULL, NULL));
}

static void
close_and_drop (SocketFixture *fixture)
{
  close_it (fixture);
  drop (fixture);
}

static void
disconnect (SocketFixture *fixture)
{
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
}

static void
disconnect_and_drop (SocketFixture *fixture)
{
  disconnect (fixture);
  drop (fixture);
}

static void
shut_and_drop (SocketFixture *fixture)
{
  qnet_socket_shutdown_write (QNET_SOCKET (fixture->socket));
  drop (fixture);
}

static const struct
{
  const char *name;
  void      (*go) (SocketFixture *fixture);
} ways[] = {
  { "drop", drop },
  { "close", close_it },
  { "close-and-drop", close_and_drop },
  { "disconnect", disconnect },
  { "disconnect-and-drop", disconnect_and_drop },
  { "shut-and-drop", shut_and_drop },
};

typedef void (*Go) (SocketFixture *fixture);

/* Writes so much, drops the socket, and sees it all arrive, and then an orderly end. */
static void
write_and_go (SocketFixture *fixture,
              gsize          size,
              Go             go)
{
  g_autofree char *text = g_strnfill (size, 'x');
  g_autofree char *got = NULL;

  text[0] = '<';
  text[size - 1] = '>';
  socket_fixture_write (fixture, text);
  go (fixture);

  while (fixture->peer < 0)
    {
      g_main_context_iteration (fixture->context, FALSE);
      fixture->peer = accept4 (fixture->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    }

  got = socket_fixture_peer_reads (fixture, size);
  g_assert_cmpmem (got, size, text, size);
  socket_fixture_peer_sees_end (fixture);
}

static void
test_little (SocketFixture *fixture,
             gconstpointer  go)
{
  g_test_summary ("A few bytes that are written right before the end arrive.");

  socket_fixture_connect (fixture);
  write_and_go (fixture, 10, (Go) go);
}

static void
test_large (SocketFixture *fixture,
            gconstpointer  go)
{
  g_test_summary ("So do eight megabytes, to a peer that begins to read only afterwards.");

  socket_fixture_connect (fixture);
  write_and_go (fixture, LARGE, (Go) go);
}

static void
test_unread (SocketFixture *fixture,
             gconstpointer  go)
{
  g_test_summary (
    "So do they with bytes of the peer's unread, for which Linux would reset the connection.");

  socket_fixture_connect (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  socket_fixture_peer_sends (fixture, "this is not read");
  socket_fixture_settle (fixture);
  write_and_go (fixture, LARGE / 8, (Go) go);
}

static void
test_connecting (SocketFixture *fixture,
                 gconstpointer  go)
{
  g_test_summary ("So do they if the connection is not established yet.");

  g_assert_true (g_unix_set_fd_nonblocking (fixture->listener, TRUE, NULL));
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
  write_and_go (fixture, LARGE / 8, (Go) go);
}

/* Without a loop */

typedef struct
{
  guint16  port;
  Go       go;
  gboolean is_early;  /* written and ended before there is a connection */
} Detached;

static gpointer
detached_thread (gpointer data)
{
  Detached *detached = data;
  SocketFixture fixture = { .socket = qnet_tcp_socket_new () };
  g_autofree char *text = g_strnfill (LARGE, 'x');

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture.socket), "127.0.0.1", detached->port);
  if (!detached->is_early)
    g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture.socket), -1, NULL));
  socket_fixture_write (&fixture, text);
  detached->go (&fixture);
  g_clear_object (&fixture.socket);

  return NULL;
}

static void
assert_all_arrives_detached (Go       go,
                             gboolean is_early)
{
  Detached detached = { .go = go, .is_early = is_early };
  int listener = open_listener (&detached.port, 1);
  GThread *thread;
  gsize total = 0;
  static char buffer[65536];
  int peer;
  gssize n;

  thread = g_thread_new ("detached", detached_thread, &detached);
  peer = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  while ((n = recv (peer, buffer, sizeof buffer, 0)) > 0)
    total += n;

  g_assert_cmpint (n, ==, 0);
  g_assert_cmpuint (total, ==, LARGE);
  g_thread_join (thread);
  close (peer);
  close (listener);
}

static void
test_detached (gconstpointer go)
{
  g_test_summary ("So do they from a thread without a loop, which waits for it.");

  assert_all_arrives_detached ((Go) go, FALSE);
}

static void
test_detached_connecting (gconstpointer go)
{
  g_test_summary ("There, too, the connection need not be established yet.");

  assert_all_arrives_detached ((Go) go, TRUE);
}

/* The process ends, without a wait */

static int
write_large (QnetIODevice *device)
{
  g_autofree char *text = g_strnfill (LARGE, 'x');

  qnet_io_device_write_string (device, text, NULL);
  qnet_io_device_flush (device);

  return qnet_io_device_get_bytes_to_write (device) > 0 ? 0 : 2;
}

static void
write_and_exit (guint16 port)
{
  QnetTcpSocket *socket = qnet_tcp_socket_new ();

  qnet_abstract_socket_connect_to_host (ABSTRACT (socket), "127.0.0.1", port);
  if (!qnet_socket_wait_for_connected (QNET_SOCKET (socket), 10000, NULL))
    _exit (1);

  _exit (write_large (DEVICE (socket)));
}

static void
test_exit (SocketFixture *fixture,
           gconstpointer  data)
{
  static char buffer[65536];
  gsize total = 0;
  pid_t child;
  int status;
  gssize n;

  g_test_summary ("Of a process that exits the peer gets what the kernel had, and not what was "
                  "in the write buffer.");

  child = fork ();
  if (child == 0)
    write_and_exit (fixture->port);

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  fixture->peer = accept4 (fixture->listener, NULL, NULL, SOCK_CLOEXEC);
  while ((n = recv (fixture->peer, buffer, sizeof buffer, 0)) > 0)
    total += n;

  g_assert_cmpint (n, ==, 0);
  g_assert_cmpuint (total, >, 0);
  g_assert_cmpuint (total, <, LARGE);
}

/* What cannot arrive is reported */

static void
assert_loss_is_reported (SocketFixture *fixture,
                         const char    *expected)
{
  disconnect (fixture);
  socket_fixture_assert_log (fixture, "closing");
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, expected);
}

static void
test_lost (SocketFixture *fixture,
           gconstpointer  data)
{
  g_test_summary ("To disconnect from a peer that has reset with bytes to send is an error.");

  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, "lost");
  socket_fixture_peer_resets (fixture);
  assert_loss_is_reported (fixture, "error:1 unconnected read-channel-finished disconnected");
}

static void
test_lost_while_paused (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_test_summary ("It is one, and at once, while reading is paused, too.");

  socket_fixture_connect (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  socket_fixture_write (fixture, "lost");
  socket_fixture_peer_resets (fixture);
  assert_loss_is_reported (fixture, "error:1 unconnected read-channel-finished disconnected");
}

/* The first call takes ten bytes, the second none, and then the peer has reset the connection. */
static int
go_in_the_middle (QnetSyscall call)
{
  static const int faults[] = { -10, EAGAIN };
  static guint n_calls = 0;

  if (call != QNET_SYSCALL_SEND)
    return 0;

  return n_calls < G_N_ELEMENTS (faults) ? faults[n_calls++] : ECONNRESET;
}

static void
test_lost_in_part (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_test_summary ("It is one, too, if a part was sent, and is not reported yet.");

  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, "twenty bytes, or so..");
  qnet_syscall_fault = go_in_the_middle;
  assert_loss_is_reported (fixture,
                           "written:10 error:1 unconnected read-channel-finished disconnected");
  qnet_syscall_fault = NULL;
}

static void
add (const char *what,
     gsize       way,
     void      (*func) (SocketFixture *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/socket-last-bytes/%s/%s", what, ways[way].name);

  g_test_add (path, SocketFixture, (gconstpointer) ways[way].go, socket_fixture_set_up, func,
              socket_fixture_tear_down);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *path = g_strdup_printf ("/socket-last-bytes/detached/%s", ways[i].name);
      g_autofree char *early = g_strdup_printf ("/socket-last-bytes/detached/connecting/%s",
                                                ways[i].name);

      add ("little", i, test_little);
      add ("large", i, test_large);
      add ("unread", i, test_unread);
      add ("connecting", i, test_connecting);
      g_test_add_data_func (path, (gconstpointer) ways[i].go, test_detached);
      g_test_add_data_func (early, (gconstpointer) ways[i].go, test_detached_connecting);
    }

  socket_fixture_add ("/socket-last-bytes/exit", test_exit);
  socket_fixture_add ("/socket-last-bytes/lost", test_lost);
  socket_fixture_add ("/socket-last-bytes/lost/paused", test_lost_while_paused);
  socket_fixture_add ("/socket-last-bytes/lost/in-part", test_lost_in_part);

  return g_test_run ();
}
