/* load-accepts.c: connections that make one request and go
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "load.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/peer.h"

#define MAX_EVENTS 256

static char request[PEER_REQUEST_SIZE];

static void
begin (const MeterTask *task,
       int              epoll_fd,
       int             *slot)
{
  *slot = load_connect (task);
  load_watch (epoll_fd, *slot, slot);
  load_send (*slot, request, sizeof request);
}

/* By a reset: no port stays behind in TIME_WAIT, of which there would soon be none left. */
static void
end (int fd)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  setsockopt (fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  close (fd);
}

static void
take_answer (const MeterTask *task,
             int              epoll_fd,
             int             *slot)
{
  char buffer[PEER_REQUEST_SIZE];

  if (recv (*slot, buffer, sizeof buffer, MSG_WAITALL) != sizeof buffer)
    meter_fail ("load: recv");

  load_check (buffer, request, sizeof buffer);
  end (*slot);
  meter_count ();
  begin (task, epoll_fd, slot);
}

void
load_accepts (const MeterTask *task)
{
  int *slots = calloc ((size_t) task->active, sizeof *slots);
  struct epoll_event events[MAX_EVENTS];
  int epoll_fd = epoll_create1 (EPOLL_CLOEXEC);

  load_fill (request, sizeof request);
  meter_start ();
  for (int i = 0; i < task->active; i++)
    begin (task, epoll_fd, &slots[i]);

  for (;;)
    {
      int n_events = load_wait (epoll_fd, events, MAX_EVENTS);

      for (int i = 0; i < n_events; i++)
        take_answer (task, epoll_fd, events[i].data.ptr);
    }
}
