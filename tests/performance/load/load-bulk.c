/* load-bulk.c: one connection, one direction, as fast as possible
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "load.h"

#include <string.h>
#include <sys/socket.h>

#include "common/peer.h"

static void
push (int      fd,
      uint64_t size)
{
  char done;

  while (size > 0)
    {
      ssize_t n = send (fd, peer_block, peer_part (size), MSG_NOSIGNAL);

      if (n <= 0)
        meter_fail ("load: send");

      size -= (uint64_t) n;
    }

  if (recv (fd, &done, 1, 0) != 1)
    meter_fail ("load: recv");
}

static void
pull (int      fd,
      uint64_t size)
{
  static char buffer[4 * PEER_BLOCK_SIZE];

  load_send (fd, "x", 1);
  while (size > 0)
    {
      ssize_t n = recv (fd, buffer, sizeof buffer, 0);

      if (n <= 0 || (uint64_t) n > size)
        meter_fail ("load: recv");

      size -= (uint64_t) n;
    }
}

void
load_bulk (const MeterTask *task)
{
  int fd = load_connect (task);
  int is_in = strcmp (task->workload, "bulk-in") == 0;

  meter_start ();
  for (;;)
    {
      if (is_in)
        push (fd, task->bulk_size);
      else
        pull (fd, task->bulk_size);

      meter_count ();
    }
}
