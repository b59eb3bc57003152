/* load.c: a load generator on bare epoll
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const struct
{
  const char *workload;
  void      (*run) (const MeterTask *task);
} loads[] = {
  { "echo", load_requests },
  { "unix", load_requests },
  { "lines", load_requests },
  { "pieces", load_requests },
  { "accept", load_accepts },
  { "bulk-in", load_bulk },
  { "bulk-out", load_bulk },
  { "udp", load_datagrams },
  { "udp-batch", load_datagrams },
};

static int
connect_to_path (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  strncpy (address.sun_path, path, sizeof address.sun_path - 1);
  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    meter_fail ("load: connect");

  return fd;
}

static int
connect_to_port (unsigned port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int on = 1;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    meter_fail ("load: connect");

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

  return fd;
}

int
load_connect (const MeterTask *task)
{
  if (task->address[0] == '/')
    return connect_to_path (task->address);

  return connect_to_port (meter_port (task));
}

void
load_send (int         fd,
           const char *data,
           size_t      size)
{
  if (send (fd, data, size, MSG_NOSIGNAL) != (ssize_t) size)
    meter_fail ("load: send");
}

int
load_wait (int                 epoll_fd,
           struct epoll_event *events,
           int                 n_events)
{
  int n = epoll_wait (epoll_fd, events, n_events, 10000);

  if (n == 0)
    errno = ETIMEDOUT;
  else if (n < 0 && errno == EINTR)
    return 0;

  if (n <= 0)
    meter_fail ("load: no answer");

  return n;
}

void
load_watch (int   epoll_fd,
            int   fd,
            void *data)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = data };

  epoll_ctl (epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void
fail_check (void)
{
  errno = EBADMSG;
  meter_fail ("load: a wrong answer");
}

void
load_check (const char *answer,
            const char *expected,
            size_t      size)
{
  if (memcmp (answer, expected, size) != 0)
    fail_check ();
}

void
load_check_size (size_t size,
                 size_t expected)
{
  if (size != expected)
    fail_check ();
}

void
load_fill (char   *request,
           size_t  size)
{
  for (size_t i = 0; i < size; i++)
    request[i] = (char) ('a' + i % 23);
}

static void
allow_descriptors (rlim_t wanted)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted)
    return;

  limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

int
main (int    argc,
      char **argv)
{
  MeterTask task;

  meter_parse (&task, argc, argv);
  allow_descriptors ((rlim_t) (task.active + task.idle + 64));

  for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
    if (strcmp (loads[i].workload, task.workload) == 0)
      loads[i].run (&task);

  fprintf (stderr, "load: there is no workload %s\n", task.workload);
  return 2;
}
