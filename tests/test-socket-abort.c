/* test-socket-abort.c: connections that end without sending everything
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/pair.h"
#include "common/socket-fixture.h"

#define LARGE (16 * 1024 * 1024)

/* Fits into the kernel's buffers here, and not into those of a peer with SMALL_WINDOW. */
#define MEDIUM       (1024 * 1024)
#define SMALL_WINDOW 4096

/* The peer */

/* 0 at an orderly end, else errno; what came before is read. */
static int
read_to_end (int fd)
{
  struct pollfd pfd = { fd, POLLIN, 0 };
  static char buffer[65536];
  gssize n;

  do
    {
      g_assert_cmpint (poll (&pfd, 1, 10000), ==, 1);
      n = recv (fd, buffer, sizeof buffer, 0);
    }
  while (n > 0 || (n < 0 && errno == EAGAIN));

  return n == 0 ? 0 : errno;
}

static gboolean
is_reset (int fd)
{
  struct pollfd pfd = { fd, 0, 0 };

  return poll (&pfd, 1, 0) == 1 && (pfd.revents & (POLLERR | POLLHUP)) != 0;
}

/* Of a peer that will not take more than SMALL_WINDOW. */
static void
connect_to_slow_peer (SocketFixture *fixture)
{
  set_int_option (fixture->listener, SOL_SOCKET, SO_RCVBUF, SMALL_WINDOW);
  socket_fixture_connect (fixture);
}

static void
write_much (SocketFixture *fixture,
            gsize          size)
{
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (size), size);

  g_assert_cmpint (qnet_io_device_write_bytes (DEVICE (fixture->socket), bytes, NULL), ==, size);
}

/* abort() */

static void
test_duplicate (SocketFixture *fixture,
                gconstpointer  data)
{
  g_autoptr(GSocket) held = NULL;

  g_test_summary ("The peer notices abort() while the application holds get_socket().");

  socket_fixture_connect (fixture);
  held = g_object_ref (qnet_socket_get_socket (QNET_SOCKET (fixture->socket)));
  qnet_socket_abort (QNET_SOCKET (fixture->socket));

  g_assert_cmpint (read_to_end (fixture->peer), ==, 0);
}

/* A child process that holds all descriptors until *@out_end is closed */
static pid_t
fork_holder (int *out_end)
{
  int fds[2];
  char byte;
  pid_t child;

  g_assert_no_errno (pipe (fds));
  child = fork ();

  if (child == 0)
    {
      close (fds[1]);
      _exit (read (fds[0], &byte, 1) == 0 ? 0 : 1);
    }

  close (fds[0]);
  *out_end = fds[1];

  return child;
}

static void
end_holder (pid_t child,
            int   end)
{
  int status;

  close (end);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
}

static void
test_forked_child (SocketFixture *fixture,
                   gconstpointer  data)
{
  pid_t child;
  int end;

  g_test_summary ("The peer notices abort() while a forked child holds the descriptor.");

  socket_fixture_connect (fixture);
  child = fork_holder (&end);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));

  g_assert_cmpint (read_to_end (fixture->peer), ==, 0);
  end_holder (child, end);
}

static void
test_forked_child_local (void)
{
  g_autoptr(QnetLocalSocket) socket = qnet_local_socket_new ();
  int near, far, end;
  pid_t child;

  g_test_summary ("So does the peer of a local socket.");

  pair_open (&near, &far);
  g_assert_true (qnet_socket_set_fd (QNET_SOCKET (socket), near, QNET_SOCKET_STATE_CONNECTED,
                                                          QNET_OPEN_MODE_READ_WRITE, NULL));
  child = fork_holder (&end);
  qnet_socket_abort (QNET_SOCKET (socket));

  g_assert_cmpint (read_to_end (far), ==, 0);
  end_holder (child, end);
  close (far);
}

static void
test_forked_child_proxy (SocketFixture *fixture,
                         gconstpointer  data)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_HTTP, "127.0.0.1",
                                                              fixture->port, NULL, NULL);
  char first;
  pid_t child;
  int end;

  g_test_summary ("So does a proxy that has not answered yet.");

  g_assert_true (g_unix_set_fd_nonblocking (fixture->listener, TRUE, NULL));
  qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), proxy);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "203.0.113.1", 80);
  while (fixture->peer < 0)
    {
      g_main_context_iteration (fixture->context, FALSE);
      fixture->peer = accept4 (fixture->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    }
  while (recv (fixture->peer, &first, 1, 0) < 1)
    g_main_context_iteration (fixture->context, FALSE);

  child = fork_holder (&end);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));

  g_assert_cmpint (read_to_end (fixture->peer), ==, 0);
  end_holder (child, end);
}

static void
test_forked_child_context (SocketFixture *fixture,
                           gconstpointer  data)
{
  pid_t child;
  int end;

  g_test_summary ("The peer notices that the context is freed while a forked child holds the "
                  "descriptor.");

  socket_fixture_connect (fixture);
  child = fork_holder (&end);

  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);

  g_assert_cmpint (read_to_end (fixture->peer), ==, 0);
  end_holder (child, end);
}

static void
test_bytes_left (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr(GSocket) held = NULL;

  g_test_summary ("Where abort() drops bytes the peer sees a reset, and takes no part of them "
                  "for all.");

  socket_fixture_connect (fixture);
  held = g_object_ref (qnet_socket_get_socket (QNET_SOCKET (fixture->socket)));
  write_much (fixture, LARGE);
  socket_fixture_settle (fixture);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));

  g_assert_cmpint (read_to_end (fixture->peer), ==, ECONNRESET);
}

static void
test_after_end (SocketFixture *fixture,
                gconstpointer  data)
{
  g_test_summary ("After the end abort() discards what is left in the read buffer, and the open "
                  "mode.");

  socket_fixture_connect_and_receive (fixture, "left over");
  socket_fixture_end (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->socket)), ==, 9);
  socket_fixture_forget_log (fixture);

  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->socket)), ==, 0);
  g_assert_cmpint (qnet_io_device_get_open_mode (DEVICE (fixture->socket)), ==,
                   QNET_OPEN_MODE_NOT_OPEN);
  socket_fixture_assert_log (fixture, "");
}

/* What the kernel holds */

static void
test_waits_for_kernel (SocketFixture *fixture,
                       gconstpointer  data)
{
  g_test_summary ("A connection is closing as long as the kernel has not sent everything.");

  connect_to_slow_peer (fixture);
  write_much (fixture, MEDIUM);
  socket_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (DEVICE (fixture->socket)), ==, 0);

  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CLOSING);
  socket_fixture_settle (fixture);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CLOSING);

  g_free (socket_fixture_peer_reads (fixture, MEDIUM));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_peer_sees_end (fixture);
}

static void
test_kernel_loses (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_test_summary ("That the peer resets the connection while the kernel holds bytes is an error.");

  connect_to_slow_peer (fixture);
  write_much (fixture, MEDIUM);
  socket_fixture_settle (fixture);
  socket_fixture_forget_log (fixture);

  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  socket_fixture_peer_resets (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture,
                             "closing error:1 unconnected read-channel-finished disconnected");
}

static void
test_kernel_loses_paused (SocketFixture *fixture,
                          gconstpointer  data)
{
  g_test_summary ("It is one, and nothing spins, while reading is paused, too.");

  connect_to_slow_peer (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  write_much (fixture, MEDIUM);
  socket_fixture_settle (fixture);
  socket_fixture_forget_log (fixture);

  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  socket_fixture_peer_resets (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture,
                             "closing error:1 unconnected read-channel-finished disconnected");
}

static void
test_peer_ends_first (SocketFixture *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A peer that has shut down its write side receives what the kernel holds, and "
                  "nothing spins.");

  connect_to_slow_peer (fixture);
  write_much (fixture, MEDIUM);
  socket_fixture_settle (fixture);

  socket_fixture_peer_ends (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CLOSING);
  socket_fixture_settle (fixture);
  for (guint i = 0; i < 20; i++)
    g_assert_false (g_main_context_iteration (fixture->context, FALSE));

  g_free (socket_fixture_peer_reads (fixture, MEDIUM));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_peer_sees_end (fixture);
}

static void
test_close_while_paused (SocketFixture *fixture,
                         gconstpointer  data)
{
  static char piece[65536];
  gsize sent = 0;

  g_test_summary ("A socket that was paused and is closed does not hold up a peer that sends all "
                  "before it reads.");

  socket_fixture_connect (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  write_much (fixture, LARGE);
  g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->socket), NULL, NULL));

  while (sent < LARGE)
    {
      gssize n = send (fixture->peer, piece, sizeof piece, MSG_NOSIGNAL);

      sent += (gsize) MAX (n, 0);
      g_main_context_iteration (fixture->context, FALSE);
    }

  g_free (socket_fixture_peer_reads (fixture, LARGE));
  socket_fixture_peer_sees_end (fixture);
}

/* Too late */

static void
result_cb (GObject      *socket,
           GAsyncResult *result,
           gpointer      out_result)
{
  *(GAsyncResult **) out_result = g_object_ref (result);
}

static void
test_close_async_loses (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("The result of closing is an error where not everything could be sent in time, "
                  "and the peer is reset.");

  qnet_socket_set_close_timeout (QNET_SOCKET (fixture->socket), 30);
  socket_fixture_connect (fixture);
  write_much (fixture, LARGE);
  g_io_stream_close_async (G_IO_STREAM (fixture->socket), 0, NULL, result_cb, &result);
  socket_fixture_await (fixture, result != NULL);

  g_assert_false (g_io_stream_close_finish (G_IO_STREAM (fixture->socket), result, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_cmpint (read_to_end (fixture->peer), ==, ECONNRESET);
}

static void
test_disconnect_async_loses (SocketFixture *fixture,
                             gconstpointer  data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("So is the result of disconnecting.");

  qnet_socket_set_close_timeout (QNET_SOCKET (fixture->socket), 30);
  socket_fixture_connect (fixture);
  write_much (fixture, LARGE);
  qnet_abstract_socket_disconnect_from_host_async (ABSTRACT (fixture->socket), 0, NULL, result_cb,
                                                   &result);
  socket_fixture_await (fixture, result != NULL);

  g_assert_false (qnet_abstract_socket_disconnect_from_host_finish (ABSTRACT (fixture->socket),
                                                                    result, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_cmpint (read_to_end (fixture->peer), ==, ECONNRESET);
}

static void
test_dropped_loses (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A peer of a dropped socket that cannot send everything in time sees a reset, "
                  "not an orderly end.");

  qnet_socket_set_close_timeout (QNET_SOCKET (fixture->socket), 30);
  socket_fixture_connect (fixture);
  write_much (fixture, LARGE);
  g_clear_object (&fixture->socket);

  while (!is_reset (fixture->peer))
    socket_fixture_turn (fixture);

  g_assert_cmpint (read_to_end (fixture->peer), ==, ECONNRESET);
}

static gpointer
close_detached_thread (gpointer port)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  g_autofree char *text = g_strnfill (LARGE, 'x');
  GError *error = NULL;

  qnet_socket_set_close_timeout (QNET_SOCKET (socket), 30);
  qnet_abstract_socket_connect_to_host (ABSTRACT (socket), "127.0.0.1",
                                        (guint16) GPOINTER_TO_UINT (port));
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (socket), -1, NULL));
  g_assert_cmpint (qnet_io_device_write_string (DEVICE (socket), text, NULL), ==, LARGE);

  g_assert_false (g_io_stream_close (G_IO_STREAM (socket), NULL, &error));

  return error;
}

static void
test_close_detached_loses (SocketFixture *fixture,
                           gconstpointer  data)
{
  GThread *thread;
  GError *error;

  g_test_summary ("In a thread without a loop closing blocks for close-timeout at most, and "
                  "reports what was lost.");

  thread = g_thread_new ("close", close_detached_thread, GUINT_TO_POINTER (fixture->port));
  fixture->peer = accept4 (fixture->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  error = g_thread_join (thread);

  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_cmpint (read_to_end (fixture->peer), ==, ECONNRESET);
  g_error_free (error);
}

/* Returns: (transfer full) (nullable): what closing fails with */
static gpointer
close_connecting_thread (gpointer port)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  GError *error = NULL;

  qnet_abstract_socket_connect_to_host (ABSTRACT (socket), "127.0.0.1",
                                        (guint16) GPOINTER_TO_UINT (port));
  g_assert_cmpint (qnet_io_device_write_string (DEVICE (socket), "in time", NULL), ==, 7);
  g_io_stream_close (G_IO_STREAM (socket), NULL, &error);

  return error;
}

static void
test_close_detached_connecting (SocketFixture *fixture,
                                gconstpointer  data)
{
  GThread *thread;

  g_test_summary ("In a thread without a loop closing a socket that is connecting sends what was "
                  "written, too.");

  thread = g_thread_new ("close", close_connecting_thread, GUINT_TO_POINTER (fixture->port));
  fixture->peer = accept4 (fixture->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  g_assert_null (g_thread_join (thread));
  pair_assert_gets (fixture->peer, "in time");
  g_assert_cmpint (read_to_end (fixture->peer), ==, 0);
}

static void
test_close_detached_refused (SocketFixture *fixture,
                             gconstpointer  data)
{
  GError *error;

  g_test_summary ("Where it cannot connect, closing reports why.");

  error = g_thread_join (g_thread_new ("close", close_connecting_thread,
                                       GUINT_TO_POINTER (find_closed_port ())));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  g_error_free (error);
}

/* After a fork */

/* In the child. What fails is in the exit status. */
static int
look_from_child (SocketFixture *fixture)
{
  QnetIODevice *device = DEVICE (fixture->socket);

  if (socket_fixture_get_state (fixture) != QNET_SOCKET_STATE_UNCONNECTED)
    return 1;
  if (qnet_io_device_write (device, (const guint8 *) "x", 1, NULL) != -1)
    return 2;
  if (fixture->log->len > 0)
    return 3;
  if (qnet_io_device_get_bytes_to_write (device) != 0)
    return 5;

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
  if (!qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), 10000, NULL))
    return 4;

  return 0;
}

static void
test_fork_state (SocketFixture *fixture,
                 gconstpointer  data)
{
  pid_t child;
  int status;

  g_test_summary ("In a forked child a socket is unconnected at once, without a signal, and can "
                  "connect again.");

  socket_fixture_connect (fixture);
  g_assert_cmpint (qnet_io_device_write_string (DEVICE (fixture->socket), "the parent's", NULL), >,
                   0);
  child = fork ();
  if (child == 0)
    _exit (look_from_child (fixture));

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);

  socket_fixture_receive (fixture, "still here");
}

static int
look_at_server_from_child (QnetTcpServer *server,
                           int            copy)
{
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");

  if (qnet_server_is_listening (QNET_SERVER (server)))
    return 1;
  if (!qnet_tcp_server_listen (server, loopback, 0, NULL))
    return 2;
  if (!qnet_server_is_listening (QNET_SERVER (server)))
    return 3;

  qnet_server_close (QNET_SERVER (server));

  return qnet_server_set_fd (QNET_SERVER (server), copy, NULL) ? 0 : 4;
}

static void
test_fork_server (SocketFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");
  pid_t child;
  int status;
  int copy;

  g_test_summary ("In a forked child a server does not listen, at once, and can listen again, on "
                  "a duplicate as well.");

  g_assert_true (qnet_tcp_server_listen (server, loopback, 0, NULL));
  copy = dup (qnet_server_get_fd (QNET_SERVER (server)));
  g_clear_pointer (&loopback, qnet_host_address_unref);  /* _exit() would leave it behind */
  child = fork ();
  if (child == 0)
    _exit (look_at_server_from_child (server, copy));

  close (copy);

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_true (qnet_server_is_listening (QNET_SERVER (server)));
  close (open_client (qnet_tcp_server_get_server_port (server)));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  socket_fixture_add ("/socket-abort/duplicate", test_duplicate);
  socket_fixture_add ("/socket-abort/forked-child", test_forked_child);
  g_test_add_func ("/socket-abort/forked-child/local", test_forked_child_local);
  socket_fixture_add ("/socket-abort/forked-child/proxy", test_forked_child_proxy);
  socket_fixture_add ("/socket-abort/forked-child/context-ends", test_forked_child_context);
  socket_fixture_add ("/socket-abort/bytes-left/resets", test_bytes_left);
  socket_fixture_add ("/socket-abort/after-end/discards", test_after_end);
  socket_fixture_add ("/socket-closing/waits-for-kernel", test_waits_for_kernel);
  socket_fixture_add ("/socket-closing/kernel-loses", test_kernel_loses);
  socket_fixture_add ("/socket-closing/kernel-loses/paused", test_kernel_loses_paused);
  socket_fixture_add ("/socket-closing/peer-ends-first", test_peer_ends_first);
  socket_fixture_add ("/socket-closing/paused/peer-sends-first", test_close_while_paused);
  socket_fixture_add ("/socket-closing/too-late/close-async", test_close_async_loses);
  socket_fixture_add ("/socket-closing/too-late/disconnect-async", test_disconnect_async_loses);
  socket_fixture_add ("/socket-closing/too-late/dropped", test_dropped_loses);
  socket_fixture_add ("/socket-closing/too-late/close-detached", test_close_detached_loses);
  socket_fixture_add ("/socket-closing/detached/connecting", test_close_detached_connecting);
  socket_fixture_add ("/socket-closing/detached/refused", test_close_detached_refused);
  socket_fixture_add ("/fork/socket-is-unconnected", test_fork_state);
  socket_fixture_add ("/fork/server-does-not-listen", test_fork_server);

  return g_test_run ();
}
