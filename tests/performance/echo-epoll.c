/* echo-epoll.c: an echo server on bare epoll: what the kernel allows
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE  /* accept4() */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int
listen_on_loopback (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind (fd, (struct sockaddr *) &address, size) != 0 || listen (fd, SOMAXCONN) != 0)
    return -1;

  getsockname (fd, (struct sockaddr *) &address, &size);
  printf ("%u\n", ntohs (address.sin_port));
  fflush (stdout);

  return fd;
}

static void
watch (int epoll_fd,
       int fd)
{
  struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

  epoll_ctl (epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void
accept_all (int epoll_fd,
            int listener)
{
  int fd;

  while ((fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
    watch (epoll_fd, fd);
}

static void
echo (int fd)
{
  char buffer[65536];
  ssize_t n = recv (fd, buffer, sizeof buffer, 0);

  if (n <= 0 || send (fd, buffer, (size_t) n, MSG_NOSIGNAL) != n)
    close (fd);
}

int
main (void)
{
  int epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  int listener = listen_on_loopback ();
  struct epoll_event events[256];

  if (listener < 0)
    return 1;

  watch (epoll_fd, listener);
  for (;;)
    {
      int n_events = epoll_wait (epoll_fd, events, 256, -1);

      for (int i = 0; i < n_events; i++)
        if (events[i].data.fd == listener)
          accept_all (epoll_fd, listener);
        else
          echo (events[i].data.fd);
    }
}
