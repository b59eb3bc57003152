/* test-socket-robustness.c: sockets in forks, after dispose, without their context, and under load
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/calls.h"
#include "common/pair.h"
#include "common/socket-fixture.h"

/* A socket over one end of a pair. (transfer full) */
static QnetTcpSocket *
wrap (int near)
{
  QnetTcpSocket *socket = qnet_tcp_socket_new ();
  GError *error = NULL;

  qnet_socket_set_fd (QNET_SOCKET (socket), near, QNET_SOCKET_STATE_CONNECTED,
                                              QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);

  return socket;
}

static void
count_cb (guint *count)
{
  (*count)++;
}

/* Descriptors */

typedef struct
{
  QnetTcpSocket *others[2];  /* (owned) */
  guint          n_ready;
  int            new_far;
  guint          n_new;      /* emissions of the new socket */
} Reuse;

/* The first of the two whose handler runs replaces the other one by a new socket with the same
 * descriptor number, whose peer sends nothing. */
static void
replace_other_cb (QnetAbstractSocket *socket,
                  Reuse              *reuse)
{
  guint other = ABSTRACT (reuse->others[0]) == socket ? 1 : 0;
  int fd = qnet_socket_get_fd (QNET_SOCKET (reuse->others[other]));
  int near;

  if (reuse->n_ready++ > 0)
    return;

  pair_open_tcp (&near, &reuse->new_far);
  g_signal_handlers_disconnect_by_func (reuse->others[other], replace_other_cb, reuse);
  qnet_socket_abort (QNET_SOCKET (reuse->others[other]));
  g_clear_object (&reuse->others[other]);
  g_assert_cmpint (fcntl (near, F_DUPFD_CLOEXEC, fd), ==, fd);
  close (near);

  reuse->others[other] = wrap (fd);
  g_signal_connect_swapped (reuse->others[other], "ready-read", G_CALLBACK (count_cb),
                            &reuse->n_new);
  g_signal_connect_swapped (reuse->others[other], "error-occurred", G_CALLBACK (count_cb),
                            &reuse->n_new);
}

static void
test_reused_descriptor (SocketFixture *fixture,
                        gconstpointer  data)
{
  Reuse reuse = { .new_far = -1 };
  int fars[2];

  g_test_summary ("A pending event of a closed socket is not reported to the next one with the "
                  "same descriptor number.");

  for (guint i = 0; i < 2; i++)
    {
      int near;

      pair_open_tcp (&near, &fars[i]);
      reuse.others[i] = wrap (near);
      g_signal_connect (reuse.others[i], "ready-read", G_CALLBACK (replace_other_cb), &reuse);
    }

  socket_fixture_settle (fixture);
  pair_send (fars[0], "x");
  pair_send (fars[1], "x");
  socket_fixture_settle (fixture);
  g_assert_cmpuint (reuse.n_ready, ==, 1);
  g_assert_cmpuint (reuse.n_new, ==, 0);

  pair_send (reuse.new_far, "for the newcomer");
  socket_fixture_settle (fixture);
  g_assert_cmpuint (reuse.n_new, ==, 1);

  for (guint i = 0; i < 2; i++)
    {
      g_assert_finalize_object (reuse.others[i]);
      close (fars[i]);
    }
  close (reuse.new_far);
}

static void
test_duplicated_descriptor (SocketFixture *fixture,
                            gconstpointer  data)
{
  int copy;

  g_test_summary ("A descriptor that was duplicated causes no events once the socket is closed.");

  socket_fixture_connect (fixture);
  copy = fcntl (qnet_socket_get_fd (QNET_SOCKET (fixture->socket)),
                F_DUPFD_CLOEXEC, 0);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  socket_fixture_peer_sends (fixture, "not received");
  socket_fixture_settle (fixture);
  g_assert_false (g_main_context_iteration (fixture->context, FALSE));
  close (copy);
}

/* Processes and contexts */

/* What a program does that has forked without thinking: it drops all and exits. */
static void
be_a_child (SocketFixture *fixture)
{
  qnet_io_device_write_string (DEVICE (fixture->socket), "from the child", NULL);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  g_clear_object (&fixture->socket);
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
  _exit (0);
}

static void
test_fork (SocketFixture *fixture,
           gconstpointer  data)
{
  g_autofree char *got = NULL;
  pid_t child;
  int status;

  g_test_summary ("A forked child that finalizes the socket and exits does not affect the parent's "
                  "connection.");

  socket_fixture_connect (fixture);
  child = fork ();
  if (child == 0)
    be_a_child (fixture);

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);

  socket_fixture_settle (fixture);
  socket_fixture_peer_sends (fixture, "still there?");
  socket_fixture_await_bytes (fixture, 12);
  socket_fixture_write (fixture, "yes");
  got = socket_fixture_peer_reads (fixture, 3);
  g_assert_cmpstr (got, ==, "yes");
  socket_fixture_assert_log (fixture, "ready-read written:3");
}

static void
test_orphaned (gconstpointer data)
{
  GMainContext *context = g_main_context_new ();
  g_autoptr(QnetTcpSocket) socket = NULL;
  guint n_emitted = 0;
  int near, far;

  g_test_summary ("A socket whose main context was freed is unconnected, emits nothing, and can be "
                  "used in another context.");

  g_main_context_push_thread_default (context);
  pair_open_tcp (&near, &far);
  socket = wrap (near);
  g_main_context_pop_thread_default (context);
  g_signal_connect_swapped (socket, "state-changed", G_CALLBACK (count_cb), &n_emitted);
  g_signal_connect_swapped (socket, "disconnected", G_CALLBACK (count_cb), &n_emitted);
  g_main_context_unref (context);

  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_io_device_write_string (DEVICE (socket), "x", NULL), ==, -1);
  g_assert_false (qnet_io_device_wait_for_ready_read (DEVICE (socket), -1, NULL));
  g_assert_cmpuint (n_emitted, ==, 0);
  g_assert_cmpint (recv (far, &n_emitted, 1, 0), ==, 0);
  close (far);

  pair_open_tcp (&near, &far);
  g_assert_true (qnet_socket_set_fd (QNET_SOCKET (socket), near,
                                                             QNET_SOCKET_STATE_CONNECTED,
                                                             QNET_OPEN_MODE_READ_WRITE, NULL));
  pair_send (far, "again");
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (socket), -1, NULL));
  close (far);
}

static void
test_orphaned_connecting (gconstpointer data)
{
  GMainContext *context = g_main_context_new ();
  QnetTcpSocket *socket = qnet_tcp_socket_new ();
  guint16 port;
  int listener = open_listener (&port, 1);

  g_test_summary ("So is a socket that was connecting, and its reference to itself is dropped.");

  g_main_context_push_thread_default (context);
  qnet_abstract_socket_connect_to_host (ABSTRACT (socket), "127.0.0.1", port);
  qnet_io_device_write_string (DEVICE (socket), "never sent", NULL);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);

  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_finalize_object (socket);
  close (listener);
}

/* Processor time */

static double
get_processor_time (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);

  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
         + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static gboolean
set_cb (gpointer flag)
{
  *(gboolean *) flag = TRUE;

  return G_SOURCE_REMOVE;
}

/* Runs a loop that may sleep for a while, and counts its turns: a loop that spins makes thousands.
 */
static void
assert_sleeps (SocketFixture *fixture)
{
  g_autoptr(GSource) alarm = g_timeout_source_new (200);
  gboolean is_over = FALSE;
  double before = get_processor_time ();
  guint n_turns = 0;

  g_source_set_callback (alarm, set_cb, &is_over, NULL);
  g_source_attach (alarm, fixture->context);

  while (!is_over)
    {
      socket_fixture_turn (fixture);
      n_turns++;
    }

  g_assert_cmpuint (n_turns, <, 10);
  g_assert_cmpfloat (get_processor_time () - before, <, 0.15);
}

static void
test_full_buffer_reset (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_test_summary ("The loop sleeps while the read buffer is full; a reset is reported at once, "
                  "and no byte is lost.");

  qnet_io_device_set_read_buffer_size (DEVICE (fixture->socket), 4);
  socket_fixture_connect (fixture);
  socket_fixture_peer_sends (fixture, "four and more");
  socket_fixture_await_bytes (fixture, 4);
  assert_sleeps (fixture);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);

  socket_fixture_peer_resets (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  assert_sleeps (fixture);
  socket_fixture_assert_reads (fixture, "four and more");
  g_assert_cmpint (qnet_io_device_get_error_code (DEVICE (fixture->socket)), ==,
                   QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}

static void
test_paused_end (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_test_summary ("The loop sleeps while a socket is paused, before and after the end of stream.");

  socket_fixture_connect (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  socket_fixture_peer_sends (fixture, "text");
  assert_sleeps (fixture);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_peer_ends (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  assert_sleeps (fixture);
}

static void
test_paused_half_open_end (SocketFixture *fixture,
                           gconstpointer  data)
{
  g_test_summary ("The loop sleeps while a half-open connection is paused, whose peer has shut "
                  "down and then closed.");

  qnet_socket_set_allow_half_open (QNET_SOCKET (fixture->socket), TRUE);
  socket_fixture_connect (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  socket_fixture_peer_sends (fixture, "text");
  socket_fixture_peer_ends (fixture);
  socket_fixture_settle (fixture);
  assert_sleeps (fixture);
  socket_fixture_peer_resets (fixture);
  assert_sleeps (fixture);
}

static void
test_half_open_sleeps (SocketFixture *fixture,
                       gconstpointer  data)
{
  g_test_summary ("The loop sleeps with a half-open connection whose peer has shut down and then "
                  "closed.");

  qnet_socket_set_allow_half_open (QNET_SOCKET (fixture->socket), TRUE);
  socket_fixture_connect (fixture);
  socket_fixture_peer_ends (fixture);
  socket_fixture_settle (fixture);
  assert_sleeps (fixture);
  socket_fixture_peer_resets (fixture);
  assert_sleeps (fixture);
}

static void
test_idle_is_quiet (SocketFixture *fixture,
                    gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);
  guint64 n_calls;

  g_test_summary ("An idle connection makes no system call, also with an idle-timeout.");

  qnet_socket_set_idle_timeout (QNET_SOCKET (device), 60000);
  socket_fixture_connect (fixture);
  n_calls = get_receive_calls (device) + get_send_calls (device);
  assert_sleeps (fixture);
  g_assert_cmpuint (get_receive_calls (device)
                      + get_send_calls (device),
                    ==, n_calls);
}

/* Fairness */

static gpointer
flood_thread (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  static char buffer[65536];

  while (send (fd, buffer, sizeof buffer, MSG_NOSIGNAL) > 0)
    continue;

  return NULL;
}

static void
swallow_cb (QnetIODevice *device)
{
  g_bytes_unref (qnet_io_device_read_all_bytes (device));
}

static gboolean
idle_cb (gpointer data)
{
  guint *count = data;

  (*count)++;

  return G_SOURCE_CONTINUE;
}

static void
test_flood (SocketFixture *fixture,
            gconstpointer  data)
{
  g_autoptr(GSource) idle = g_idle_source_new ();
  gint64 received;
  GThread *thread;
  guint n_idle = 0;

  g_test_summary ("A source of the lowest usual priority is dispatched while a peer floods.");

  socket_fixture_connect (fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (swallow_cb), NULL);
  g_source_set_priority (idle, G_PRIORITY_DEFAULT_IDLE);
  g_source_set_callback (idle, idle_cb, &n_idle, NULL);
  g_source_attach (idle, fixture->context);

  fcntl (fixture->peer, F_SETFL, 0);
  thread = g_thread_new ("flood", flood_thread, GINT_TO_POINTER (fixture->peer));
  socket_fixture_await (fixture, n_idle >= 20);
  received = qnet_io_device_get_bytes_received (DEVICE (fixture->socket));
  socket_fixture_await (fixture, qnet_io_device_get_bytes_received (DEVICE (fixture->socket))
                                   > received + 1000000);

  g_source_destroy (idle);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_thread_join (thread);
}

static void
test_two_floods (SocketFixture *fixture,
                 gconstpointer  data)
{
  QnetTcpSocket *sockets[2];
  GThread *threads[2];
  int fars[2];

  g_test_summary ("Two flooding peers are both read from.");

  for (guint i = 0; i < 2; i++)
    {
      int near;

      pair_open_tcp (&near, &fars[i]);
      fcntl (fars[i], F_SETFL, 0);
      sockets[i] = wrap (near);
      g_signal_connect (sockets[i], "ready-read", G_CALLBACK (swallow_cb), NULL);
      threads[i] = g_thread_new ("flood", flood_thread, GINT_TO_POINTER (fars[i]));
    }

  for (guint i = 0; i < 2; i++)
    socket_fixture_await (fixture,
                          qnet_io_device_get_bytes_received (DEVICE (sockets[i])) > 4000000);

  for (guint i = 0; i < 2; i++)
    {
      qnet_socket_abort (QNET_SOCKET (sockets[i]));
      g_assert_finalize_object (sockets[i]);
      g_thread_join (threads[i]);
      close (fars[i]);
    }
}

/* The end of a connection, and the next one */

static void
adopt_cb (QnetAbstractSocket *socket,
          GParamSpec         *pspec,
          gpointer            fd)
{
  g_signal_handlers_disconnect_by_func (socket, adopt_cb, fd);

  qnet_socket_abort (QNET_SOCKET (socket));
  g_assert_true (qnet_socket_set_fd (QNET_SOCKET (socket), GPOINTER_TO_INT (fd),
                                                             QNET_SOCKET_STATE_CONNECTED,
                                                             QNET_OPEN_MODE_READ_WRITE, NULL));
}

static void
test_end_of_the_other (SocketFixture *fixture,
                       gconstpointer  data)
{
  int near, far;

  g_test_summary ("The end of one connection does not end the next one, which a handler has "
                  "started.");

  socket_fixture_connect (fixture);
  pair_open (&near, &far);
  g_signal_connect (fixture->socket, "notify::read-finished", G_CALLBACK (adopt_cb),
                    GINT_TO_POINTER (near));
  socket_fixture_peer_ends (fixture);
  socket_fixture_await (fixture, fixture->log->len > 0);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "unconnected read-channel-finished disconnected connected");

  pair_send (far, "next");
  socket_fixture_await_bytes (fixture, 4);
  close (far);
}

/* Dispose, forced in the middle of something, as JavaScript's run_dispose() does */

static guint n_ended;

static void
ended_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  n_ended++;
}

static void
do_nothing (SocketFixture *fixture)
{
}

static void
do_close (SocketFixture *fixture)
{
  g_io_stream_close_async (G_IO_STREAM (fixture->socket), G_PRIORITY_DEFAULT, NULL, ended_cb,
                           NULL);
}

static void
do_disconnect (SocketFixture *fixture)
{
  qnet_abstract_socket_disconnect_from_host_async (ABSTRACT (fixture->socket), G_PRIORITY_DEFAULT,
                                                   NULL, ended_cb, NULL);
}

static void
do_read (SocketFixture *fixture)
{
  qnet_io_device_read_bytes_async (DEVICE (fixture->socket), 1, G_PRIORITY_DEFAULT, NULL, ended_cb,
                                   NULL);
}

static const struct
{
  const char *name;
  void      (*begin) (SocketFixture *fixture);
} things_under_way[] = {
  { "writing", do_nothing },
  { "closing", do_close },
  { "disconnecting", do_disconnect },
  { "reading", do_read },
};

static void
dispose_by_force (SocketFixture *fixture,
                  guint          n_expected)
{
  gpointer socket = fixture->socket;

  g_object_add_weak_pointer (socket, &socket);
  g_object_run_dispose (socket);
  g_clear_object (&fixture->socket);
  socket_fixture_settle (fixture);
  g_assert_null (socket);
  g_assert_cmpuint (n_ended, ==, n_expected);
}

static void
test_forced_dispose (SocketFixture *fixture,
                     gconstpointer  data)
{
  g_autofree char *text = g_strnfill (16 * 1024 * 1024, 'x');
  void (*begin) (SocketFixture *) = (void (*) (SocketFixture *)) data;

  g_test_summary ("A socket that g_object_run_dispose() has disposed has no reference to itself, "
                  "and all pending operations end.");

  n_ended = 0;
  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, text);
  begin (fixture);
  dispose_by_force (fixture, begin == do_nothing ? 0 : 1);
}

static void
test_forced_dispose_connecting (SocketFixture *fixture,
                                gconstpointer  data)
{
  g_test_summary ("The same holds for a socket that is connecting.");

  n_ended = 0;
  qnet_abstract_socket_connect_to_host_async (ABSTRACT (fixture->socket), "127.0.0.1",
                                              fixture->port, G_PRIORITY_DEFAULT, NULL, ended_cb,
                                              NULL);
  dispose_by_force (fixture, 1);
}

static void
add_forced_dispose_tests (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (things_under_way); i++)
    {
      g_autofree char *path = g_strconcat ("/socket-robustness/disposed/", things_under_way[i].name,
                                            NULL);

      g_test_add (path, SocketFixture, (gconstpointer) things_under_way[i].begin,
                  socket_fixture_set_up, test_forced_dispose, socket_fixture_tear_down);
    }

  socket_fixture_add ("/socket-robustness/disposed/connecting", test_forced_dispose_connecting);
}

/* After close() */

static void
test_bytes_after_close (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_autofree char *text = g_strnfill (16 * 1024 * 1024, 'x');

  g_test_summary ("Bytes that arrive while a closed socket still sends are neither reported nor "
                  "stored.");

  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, text);
  g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->socket), NULL, NULL));
  socket_fixture_settle (fixture);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CLOSING);
  socket_fixture_forget_log (fixture);

  socket_fixture_peer_sends (fixture, "too late");
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "");
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->socket)), ==, 0);

  g_free (socket_fixture_peer_reads (fixture, strlen (text)));
  socket_fixture_peer_sees_end (fixture);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  socket_fixture_add ("/socket-robustness/descriptor/reused", test_reused_descriptor);
  socket_fixture_add ("/socket-robustness/descriptor/duplicated", test_duplicated_descriptor);
  socket_fixture_add ("/socket-robustness/fork", test_fork);
  g_test_add_data_func ("/socket-robustness/orphaned", NULL, test_orphaned);
  g_test_add_data_func ("/socket-robustness/orphaned/connecting", NULL, test_orphaned_connecting);
  socket_fixture_add ("/socket-robustness/end-of-the-other", test_end_of_the_other);
  socket_fixture_add ("/socket-robustness/sleeps/full-buffer-reset", test_full_buffer_reset);
  socket_fixture_add ("/socket-robustness/sleeps/paused-end", test_paused_end);
  socket_fixture_add ("/socket-robustness/sleeps/paused-end-half-open", test_paused_half_open_end);
  socket_fixture_add ("/socket-robustness/sleeps/half-open", test_half_open_sleeps);
  socket_fixture_add ("/socket-robustness/sleeps/idle", test_idle_is_quiet);
  socket_fixture_add ("/socket-robustness/flood", test_flood);
  socket_fixture_add ("/socket-robustness/flood/two", test_two_floods);
  socket_fixture_add ("/socket-robustness/bytes-after-close", test_bytes_after_close);

  add_forced_dispose_tests ();

  return g_test_run ();
}
