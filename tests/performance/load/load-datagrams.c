/* load-datagrams.c: a few sockets, each with a window of datagrams on their way
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/peer.h"

#define MAX_EVENTS  64
#define PATIENCE    500  /* milliseconds without an answer: something was lost */
#define MAX_SILENCE 20   /* times */

typedef struct
{
  int fd;
  int missing;  /* answers; some of those that were given up may still come */
} Socket;

static char request[PEER_REQUEST_SIZE];

static int
open_socket (unsigned port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) port) };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    meter_fail ("load: connect");

  return fd;
}

/* The system calls for many keep this side cheaper than any server. */

static void
send_datagrams (Socket *from,
                int     n)
{
  struct iovec data = { .iov_base = request, .iov_len = sizeof request };
  struct mmsghdr messages[PEER_BATCH];

  for (int i = 0; i < n; i++)
    messages[i] = (struct mmsghdr) { .msg_hdr = { .msg_iov = &data, .msg_iovlen = 1 } };

  if (sendmmsg (from->fd, messages, (unsigned) n, 0) != n)
    meter_fail ("load: sendmmsg");

  from->missing += n;
}

static int
receive_datagrams (Socket *to)
{
  static char buffers[PEER_BATCH][PEER_REQUEST_SIZE];
  struct mmsghdr messages[PEER_BATCH];
  struct iovec data[PEER_BATCH];
  int n;

  for (int i = 0; i < PEER_BATCH; i++)
    {
      data[i] = (struct iovec) { .iov_base = buffers[i], .iov_len = sizeof buffers[i] };
      messages[i] = (struct mmsghdr) { .msg_hdr = { .msg_iov = &data[i], .msg_iovlen = 1 } };
    }

  n = recvmmsg (to->fd, messages, PEER_BATCH, 0, NULL);
  if (n < 0)
    meter_fail ("load: recvmmsg");

  for (int i = 0; i < n; i++)
    {
      load_check_size (messages[i].msg_len, PEER_REQUEST_SIZE);
      load_check (buffers[i], request, PEER_REQUEST_SIZE);
    }

  return n;
}

static void
take_answers (Socket *from)
{
  int n = receive_datagrams (from);

  from->missing -= n;
  for (int i = 0; i < n; i++)
    meter_count ();

  send_datagrams (from, n);
}

/* Nothing has come for a while: what is missing is lost. */
static void
send_again (Socket *sockets,
            int     n_sockets)
{
  for (int i = 0; i < n_sockets; i++)
    {
      int lost = sockets[i].missing < PEER_BATCH ? sockets[i].missing : PEER_BATCH;

      sockets[i].missing = 0;
      if (lost <= 0)
        continue;

      for (int j = 0; j < lost; j++)
        meter_lost ();

      send_datagrams (&sockets[i], lost);
    }
}

void
load_datagrams (const MeterTask *task)
{
  Socket *sockets = calloc ((size_t) task->active, sizeof *sockets);
  struct epoll_event events[MAX_EVENTS];
  int epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  int silence = 0;

  load_fill (request, sizeof request);
  meter_start ();
  for (int i = 0; i < task->active; i++)
    {
      sockets[i].fd = open_socket (meter_port (task));
      load_watch (epoll_fd, sockets[i].fd, &sockets[i]);
      send_datagrams (&sockets[i], PEER_BATCH);
    }

  while (silence < MAX_SILENCE)
    {
      int n_events = epoll_wait (epoll_fd, events, MAX_EVENTS, PATIENCE);

      for (int i = 0; i < n_events; i++)
        take_answers (events[i].data.ptr);

      if (n_events == 0)
        send_again (sockets, task->active);

      silence = n_events == 0 ? silence + 1 : 0;
    }

  errno = ETIMEDOUT;
  meter_fail ("load: no answer");
}
