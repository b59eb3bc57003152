/* peer.c: what all servers that are measured have to agree on
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

const char peer_block[PEER_BLOCK_SIZE];

const char peer_pieces[PEER_N_PIECES][PEER_PIECE_SIZE + 1] = {
  "piece 0\n", "piece 1\n", "piece 2\n", "piece 3\n", "piece 4\n",
  "piece 5\n", "piece 6\n", "piece 7\n", "piece 8\n", "piece 9\n",
};

static const struct
{
  const char   *name;
  PeerWorkload  workload;
} workloads[] = {
  { "echo", PEER_ECHO },
  { "unix", PEER_ECHO },
  { "lines", PEER_LINES },
  { "pieces", PEER_PIECES },
  { "bulk-in", PEER_BULK_IN },
  { "bulk-out", PEER_BULK_OUT },
  { "udp", PEER_UDP },
  { "udp-batch", PEER_UDP_BATCH },
};

void
peer_left_out (const char *why)
{
  printf ("left out: %s\n", why);
  fflush (stdout);
  _exit (77);
}

void
peer_fail (const char *what)
{
  fprintf (stderr, "%s: %s\n", what, strerror (errno));
  _exit (1);
}

static PeerWorkload
find_workload (const char *name)
{
  for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
    if (strcmp (workloads[i].name, name) == 0)
      return workloads[i].workload;

  peer_left_out ("it does not know this workload");
}

void
peer_parse (PeerTask  *task,
            int        argc,
            char     **argv)
{
  if (argc < 2 || argc > 3)
    {
      fprintf (stderr, "Usage: %s WORKLOAD [PATH | SIZE]\n", argv[0]);
      exit (2);
    }

  /* Whatever becomes of the orchestrator, no server is left behind. */
  prctl (PR_SET_PDEATHSIG, SIGTERM);

  /* libuv and libevent leave it to the application that a peer may go while it is written to. */
  signal (SIGPIPE, SIG_IGN);

  task->workload = find_workload (argv[1]);
  task->path = strcmp (argv[1], "unix") == 0 ? argv[2] : NULL;
  task->bulk_size = argc == 3 ? strtoull (argv[2], NULL, 10) : 0;
}

void
peer_print_port (const PeerTask *task,
                 unsigned        port)
{
  if (task->path != NULL)
    puts (task->path);
  else
    printf ("%u\n", port);

  fflush (stdout);
}

static int
listen_on_path (const PeerTask *task)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (strlen (task->path) >= sizeof address.sun_path)
    peer_left_out ("the path is too long");

  strcpy (address.sun_path, task->path);
  if (bind (fd, (struct sockaddr *) &address, sizeof address) != 0)
    peer_fail ("bind");

  return fd;
}

static int
bind_to_loopback (int type)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  int fd = socket (AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (bind (fd, (struct sockaddr *) &address, sizeof address) != 0)
    peer_fail ("bind");

  return fd;
}

static unsigned
port_of (int fd)
{
  struct sockaddr_in address;
  socklen_t size = sizeof address;

  getsockname (fd, (struct sockaddr *) &address, &size);

  return ntohs (address.sin_port);
}

int
peer_listen (const PeerTask *task)
{
  bool datagrams = peer_is_datagrams (task);
  int fd;

  if (task->path != NULL)
    fd = listen_on_path (task);
  else
    fd = bind_to_loopback (datagrams ? SOCK_DGRAM : SOCK_STREAM);

  if (!datagrams && listen (fd, SOMAXCONN) != 0)
    peer_fail ("listen");

  peer_print_port (task, task->path != NULL ? 0 : port_of (fd));

  return fd;
}
