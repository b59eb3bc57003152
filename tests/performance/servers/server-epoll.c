/* server-epoll.c: on bare epoll: what the kernel allows
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/peer.h"

#define MAX_EVENTS 256

typedef struct
{
  int      fd;
  size_t   used;    /* of line; or bytes of a request that has not come whole */
  uint64_t left;    /* of a bulk transfer */
  char     line[];  /* PEER_LINE_LIMIT bytes if there are lines at all */
} Connection;

static PeerTask task;
static int epoll_fd;
static int listener;

static void
watch (int       operation,
       int       fd,
       uint32_t  what,
       void     *data)
{
  struct epoll_event event = { .events = what, .data.ptr = data };

  epoll_ctl (epoll_fd, operation, fd, &event);
}

static void
end (Connection *connection)
{
  close (connection->fd);
  free (connection);
}

static void
echo (Connection *connection)
{
  char buffer[PEER_BLOCK_SIZE];
  ssize_t n = recv (connection->fd, buffer, sizeof buffer, 0);

  if (n <= 0 || send (connection->fd, buffer, (size_t) n, MSG_NOSIGNAL) != n)
    end (connection);
}

/* Whole lines are adjacent, so that one call sends them back. */
static void
lines (Connection *connection)
{
  char *line = connection->line;
  ssize_t n = recv (connection->fd, line + connection->used, PEER_LINE_LIMIT - connection->used, 0);
  char *last;
  size_t size;

  if (n <= 0)
    {
      end (connection);
      return;
    }

  connection->used += (size_t) n;
  last = memrchr (line, '\n', connection->used);
  if (last == NULL)
    return;

  size = (size_t) (last + 1 - line);
  send (connection->fd, line, size, MSG_NOSIGNAL);
  connection->used -= size;
  memmove (line, last + 1, connection->used);
}

/* The limit is one call for all of them. */
static void
send_pieces (int fd)
{
  struct iovec data[PEER_N_PIECES];
  struct msghdr message = { .msg_iov = data, .msg_iovlen = PEER_N_PIECES };

  for (int i = 0; i < PEER_N_PIECES; i++)
    data[i] = (struct iovec) { .iov_base = (char *) peer_pieces[i], .iov_len = PEER_PIECE_SIZE };

  sendmsg (fd, &message, MSG_NOSIGNAL);
}

static void
pieces (Connection *connection)
{
  char buffer[PEER_REQUEST_SIZE];
  ssize_t n = recv (connection->fd, buffer, sizeof buffer - connection->used, 0);

  if (n <= 0)
    {
      end (connection);
      return;
    }

  connection->used = (connection->used + (size_t) n) % PEER_REQUEST_SIZE;
  if (connection->used == 0)
    send_pieces (connection->fd);
}

static void
bulk_in (Connection *connection)
{
  static char buffer[PEER_BLOCK_SIZE];
  ssize_t n = recv (connection->fd, buffer, sizeof buffer, 0);

  if (n <= 0)
    {
      end (connection);
      return;
    }

  connection->left += (uint64_t) n;
  if (connection->left < task.bulk_size)
    return;

  connection->left = 0;
  send (connection->fd, "x", 1, MSG_NOSIGNAL);
}

static void
send_blocks (Connection *connection)
{
  while (connection->left > 0)
    {
      ssize_t n = send (connection->fd, peer_block, peer_part (connection->left), MSG_NOSIGNAL);

      if (n < 0)
        return;

      connection->left -= (uint64_t) n;
    }

  watch (EPOLL_CTL_MOD, connection->fd, EPOLLIN, connection);
}

static void
bulk_out (Connection *connection)
{
  char request;

  if (connection->left == 0)
    {
      if (recv (connection->fd, &request, 1, 0) <= 0)
        {
          end (connection);
          return;
        }

      connection->left = task.bulk_size;
      watch (EPOLL_CTL_MOD, connection->fd, EPOLLOUT, connection);
    }

  send_blocks (connection);
}

static void
accept_all (Connection *unused)
{
  size_t size = sizeof (Connection) + (task.workload == PEER_LINES ? PEER_LINE_LIMIT : 0);
  int fd;

  while ((fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
    {
      Connection *connection = calloc (1, size);

      connection->fd = fd;
      watch (EPOLL_CTL_ADD, fd, EPOLLIN, connection);
    }
}

/* Datagrams: the one descriptor is the listener's. */

static void
udp (Connection *unused)
{
  char buffer[PEER_BLOCK_SIZE];
  struct sockaddr_storage from;
  socklen_t size = sizeof from;
  ssize_t n;

  while ((n = recvfrom (listener, buffer, sizeof buffer, 0, (struct sockaddr *) &from, &size)) >= 0)
    {
      sendto (listener, buffer, (size_t) n, MSG_NOSIGNAL, (struct sockaddr *) &from, size);
      size = sizeof from;
    }
}

static void
udp_batch (Connection *unused)
{
  static char buffers[PEER_BATCH][PEER_BLOCK_SIZE];
  static struct sockaddr_storage from[PEER_BATCH];
  struct mmsghdr messages[PEER_BATCH];
  struct iovec data[PEER_BATCH];
  int n;

  do
    {
      for (int i = 0; i < PEER_BATCH; i++)
        {
          data[i] = (struct iovec) { .iov_base = buffers[i], .iov_len = PEER_BLOCK_SIZE };
          messages[i] = (struct mmsghdr) {
            .msg_hdr = {
              .msg_iov = &data[i], .msg_iovlen = 1,
              .msg_name = &from[i], .msg_namelen = sizeof from[i],
            }
          };
        }

      n = recvmmsg (listener, messages, PEER_BATCH, 0, NULL);
      for (int i = 0; i < n; i++)
        data[i].iov_len = messages[i].msg_len;

      if (n > 0)
        sendmmsg (listener, messages, (unsigned) n, MSG_NOSIGNAL);
    }
  while (n == PEER_BATCH);
}

static void (* const handlers[PEER_N_WORKLOADS]) (Connection *) = {
  [PEER_ECHO] = echo,
  [PEER_LINES] = lines,
  [PEER_PIECES] = pieces,
  [PEER_BULK_IN] = bulk_in,
  [PEER_BULK_OUT] = bulk_out,
  [PEER_UDP] = udp,
  [PEER_UDP_BATCH] = udp_batch,
};

int
main (int    argc,
      char **argv)
{
  struct epoll_event events[MAX_EVENTS];
  void (*handle) (Connection *);
  void (*handle_listener) (Connection *);

  peer_parse (&task, argc, argv);
  handle = handlers[task.workload];
  handle_listener = peer_is_datagrams (&task) ? handle : accept_all;

  epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  listener = peer_listen (&task);
  watch (EPOLL_CTL_ADD, listener, EPOLLIN, NULL);

  for (;;)
    {
      int n_events = epoll_wait (epoll_fd, events, MAX_EVENTS, -1);

      for (int i = 0; i < n_events; i++)
        if (events[i].data.ptr == NULL)
          handle_listener (NULL);
        else
          handle (events[i].data.ptr);
    }
}
