/* fairness.c: how long sources of lower priority wait during a flood
 *
 *   fairness [MILLISECONDS]
 *
 * A thread floods some sockets of this process, whose handlers take some time. Beside them the loop
 * runs a timer of default priority, and a source of G_PRIORITY_DEFAULT_IDLE, whose longest gap is
 * printed for each timer, also as processor time of the thread, which does not depend on what else
 * runs on the machine. One dispatch takes as long as the handlers of all sockets together.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <qnet/qnet.h>

#define N_SOCKETS 18
#define WORK      900  /* microseconds, of one handler */

typedef struct
{
  gint64  last;      /* microseconds: when the idle source ran */
  gint64  last_cpu;  /* the same of the processor time of this thread */
  gint64  longest;   /* microseconds */
  gint64  longest_cpu;
  guint   n_idles;
  guint   n_timers;
  guint64 n_bytes;
} Run;

static gint64
get_cpu_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);

  return (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

/* Until the other ends are closed. */
static gpointer
flood (gpointer data)
{
  static const char bytes[16 * 1024];
  struct pollfd *fds = data;
  guint n_open = N_SOCKETS;

  while (n_open > 0 && poll (fds, N_SOCKETS, -1) > 0)
    {
      for (guint i = 0; i < N_SOCKETS; i++)
        {
          if (fds[i].revents == 0
              || send (fds[i].fd, bytes, sizeof bytes, MSG_NOSIGNAL | MSG_DONTWAIT) > 0
              || errno == EAGAIN)
            continue;

          close (fds[i].fd);
          fds[i].fd = -1;
          n_open--;
        }
    }

  return NULL;
}

static void
ready_read_cb (QnetIODevice *device,
               Run          *run)
{
  gint64 until = get_cpu_time () + WORK;

  run->n_bytes += (guint64) qnet_io_device_skip (device, G_MAXSSIZE, NULL);
  while (get_cpu_time () < until)
    continue;
}

static gboolean
idle_cb (gpointer user_data)
{
  Run *run = user_data;
  gint64 now = g_get_monotonic_time ();
  gint64 cpu = get_cpu_time ();

  run->longest = MAX (run->longest, now - run->last);
  run->longest_cpu = MAX (run->longest_cpu, cpu - run->last_cpu);
  run->last = now;
  run->last_cpu = cpu;
  run->n_idles++;

  return G_SOURCE_CONTINUE;
}

static gboolean
timer_cb (gpointer user_data)
{
  ((Run *) user_data)->n_timers++;

  return G_SOURCE_CONTINUE;
}

static gboolean
end_cb (gpointer loop)
{
  g_main_loop_quit (loop);

  return G_SOURCE_REMOVE;
}

/* (transfer full) */
static QnetSocket *
new_flooded (Run *run,
             int *out_fd)
{
  QnetSocket *socket = QNET_SOCKET (qnet_local_socket_new ());
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0
      || !qnet_socket_set_fd (socket, fds[0], QNET_SOCKET_STATE_CONNECTED,
                              QNET_OPEN_MODE_READ_WRITE, NULL))
    g_error ("there are no sockets");

  g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), run);
  *out_fd = fds[1];

  return socket;
}

/* @interval: of the timer, in milliseconds, or 0 for none */
static void
measure (Run   *run,
         guint  interval,
         guint  duration)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  guint idle_id = g_idle_add (idle_cb, run);
  guint timer_id = interval > 0 ? g_timeout_add (interval, timer_cb, run) : 0;
  QnetSocket *sockets[N_SOCKETS];
  struct pollfd fds[N_SOCKETS];
  GThread *thread;

  for (guint i = 0; i < N_SOCKETS; i++)
    {
      sockets[i] = new_flooded (run, &fds[i].fd);
      fds[i].events = POLLOUT;
    }

  thread = g_thread_new ("flood", flood, fds);
  g_timeout_add_full (G_PRIORITY_HIGH, duration, end_cb, loop, NULL);

  run->last = g_get_monotonic_time ();
  run->last_cpu = get_cpu_time ();
  g_main_loop_run (loop);
  idle_cb (run);

  for (guint i = 0; i < N_SOCKETS; i++)
    {
      qnet_socket_abort (sockets[i]);
      g_object_unref (sockets[i]);
    }

  g_thread_join (thread);
  g_source_remove (idle_id);
  if (timer_id > 0)
    g_source_remove (timer_id);
}

int
main (int   argc,
      char *argv[])
{
  static const guint intervals[] = { 0, 16, 1 };
  guint duration = argc > 1 ? (guint) atoi (argv[1]) : 3000;

  for (gsize i = 0; i < G_N_ELEMENTS (intervals); i++)
    {
      Run run = { 0 };

      measure (&run, intervals[i], duration);
      g_print ("timer %2u ms: longest gap %.1f ms, %.1f ms of processor time; %u idles, %u timers, "
               "%.0f MB\n", intervals[i], (double) run.longest / 1000,
               (double) run.longest_cpu / 1000, run.n_idles, run.n_timers,
               (double) run.n_bytes / 1e6);

      if (run.n_idles < 2)  /* the last one is that of measure() */
        return 1;
    }

  return 0;
}
