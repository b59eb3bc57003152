/* load.c: a load generator on bare epoll: some connections that echo, some that only stand there
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <stdlib.h>
#include <unistd.h>

#include <glib.h>

#define MAX_EVENTS 256

static int idle = 0;
static int active = 1;
static int requests = 100000;
static int size = 64;

static const GOptionEntry options[] = {
  { "idle", 0, 0, G_OPTION_ARG_INT, &idle, "Connections that only stand there", "N" },
  { "active", 0, 0, G_OPTION_ARG_INT, &active, "Connections that echo", "N" },
  { "requests", 0, 0, G_OPTION_ARG_INT, &requests, "Requests to make in all", "N" },
  { "size", 0, 0, G_OPTION_ARG_INT, &size, "Bytes of a request", "N" },
  G_OPTION_ENTRY_NULL
};

static void
die (const char *what)
{
  g_printerr ("load: %s: %s\n", what, g_strerror (errno));
  _exit (1);
}

/* One source address has some 28 000 ports: idle connections spread over several. */
static int
connect_to (guint16 port,
            int     n)
{
  struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK + (guint32) n / 20000) };
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK), .sin_port = htons (port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || bind (fd, (struct sockaddr *) &from, sizeof from) != 0
      || connect (fd, (struct sockaddr *) &to, sizeof to) != 0)
    die ("connect");

  return fd;
}

static void
send_request (int         fd,
              const char *request)
{
  if (send (fd, request, (gsize) size, MSG_NOSIGNAL) != size)
    die ("send");
}

/* Counts what comes back; each whole answer is a request done, and sends the next. */
static int
take_answer (int         fd,
             int        *missing,
             const char *request)
{
  char buffer[65536];
  gssize n = recv (fd, buffer, (gsize) *missing, 0);

  if (n <= 0)
    die ("recv");

  *missing -= (int) n;
  if (*missing > 0)
    return 0;

  *missing = size;
  send_request (fd, request);

  return 1;
}

static int
run (int         epoll_fd,
     int        *missing,
     const char *request)
{
  struct epoll_event events[MAX_EVENTS];
  int done = 0;

  while (done < requests)
    {
      int n_events = epoll_wait (epoll_fd, events, MAX_EVENTS, 10000);

      if (n_events <= 0)
        die ("epoll_wait");

      for (int i = 0; i < n_events; i++)
        done += take_answer (events[i].data.fd, &missing[events[i].data.fd], request);
    }

  return done;
}

static void
open_connections (guint16     port,
                  int         epoll_fd,
                  int        *missing,
                  const char *request)
{
  for (int i = 0; i < idle; i++)
    connect_to (port, i);

  for (int i = 0; i < active; i++)
    {
      int fd = connect_to (port, idle + i);
      struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

      epoll_ctl (epoll_fd, EPOLL_CTL_ADD, fd, &event);
      missing[fd] = size;
      send_request (fd, request);
    }
}

/* The server's figures are read between the two lines: "ready" is answered by a line on our standard input. */
int
main (int    argc,
      char **argv)
{
  g_autoptr(GOptionContext) context = g_option_context_new ("PORT");
  g_autoptr(GError) error = NULL;
  g_autofree char *request = NULL;
  g_autofree int *missing = NULL;
  int epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  char line[16];
  gint64 before;
  int done;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2)
    {
      g_printerr ("load: %s\n", error != NULL ? error->message : "a port is needed");
      return 2;
    }

  request = g_strnfill ((gsize) size, 'x');
  missing = g_new0 (int, idle + active + 64);
  open_connections ((guint16) atoi (argv[1]), epoll_fd, missing, request);
  run (epoll_fd, missing, request);  /* warm up: as many again */

  puts ("ready");
  fflush (stdout);
  if (fgets (line, sizeof line, stdin) == NULL)
    return 1;

  before = g_get_monotonic_time ();
  done = run (epoll_fd, missing, request);
  printf ("%d %" G_GINT64_FORMAT "\n", done, g_get_monotonic_time () - before);
  fflush (stdout);

  return fgets (line, sizeof line, stdin) == NULL;
}
