/* load-requests.c: many connections, each with one request on its way
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "load.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/peer.h"

#define LINE_SIZE  80
#define MAX_EVENTS 256

typedef struct
{
  int    fd;
  size_t missing;  /* bytes of the answer */
} Connection;

static char request[LINE_SIZE];
static size_t request_size;
static char answer[LINE_SIZE];
static size_t answer_size;

static void
prepare_echo (size_t size)
{
  request_size = answer_size = size;
  load_fill (request, size);
  load_fill (answer, size);
}

static void
prepare_messages (const char *workload)
{
  if (strcmp (workload, "lines") == 0)
    {
      prepare_echo (LINE_SIZE);
      request[LINE_SIZE - 1] = answer[LINE_SIZE - 1] = '\n';
      return;
    }

  prepare_echo (PEER_REQUEST_SIZE);
  if (strcmp (workload, "pieces") == 0)
    {
      answer_size = PEER_N_PIECES * PEER_PIECE_SIZE;
      for (size_t i = 0; i < PEER_N_PIECES; i++)
        memcpy (&answer[i * PEER_PIECE_SIZE], peer_pieces[i], PEER_PIECE_SIZE);
    }
}

static void
send_request (Connection *connection)
{
  connection->missing = answer_size;
  load_send (connection->fd, request, request_size);
}

static void
take_answer (Connection *connection)
{
  char buffer[LINE_SIZE];
  ssize_t n = recv (connection->fd, buffer, connection->missing, 0);

  if (n <= 0)
    meter_fail ("load: recv");

  load_check (buffer, &answer[answer_size - connection->missing], (size_t) n);
  connection->missing -= (size_t) n;
  if (connection->missing > 0)
    return;

  meter_count ();
  send_request (connection);
}

/* One request, answered before this returns. */
static void
touch (int fd)
{
  char buffer[LINE_SIZE];

  load_send (fd, request, request_size);
  if (recv (fd, buffer, answer_size, MSG_WAITALL) != (ssize_t) answer_size)
    meter_fail ("load: recv");

  load_check (buffer, answer, answer_size);
}

static void
open_idle (const MeterTask *task)
{
  for (int i = 0; i < task->idle; i++)
    {
      int fd = load_connect (task);

      if (task->touch)
        touch (fd);
    }
}

void
load_requests (const MeterTask *task)
{
  Connection *connections = calloc ((size_t) task->active, sizeof *connections);
  struct epoll_event events[MAX_EVENTS];
  int epoll_fd = epoll_create1 (EPOLL_CLOEXEC);

  prepare_messages (task->workload);
  open_idle (task);
  for (int i = 0; i < task->active; i++)
    {
      connections[i].fd = load_connect (task);
      load_watch (epoll_fd, connections[i].fd, &connections[i]);
    }

  /* Servers accept in order: now all connections of all kinds are accepted. */
  touch (connections[task->active - 1].fd);

  meter_start ();
  for (int i = 0; i < task->active; i++)
    send_request (&connections[i]);

  for (;;)
    {
      int n_events = load_wait (epoll_fd, events, MAX_EVENTS);

      for (int i = 0; i < n_events; i++)
        take_answer (events[i].data.ptr);
    }
}
