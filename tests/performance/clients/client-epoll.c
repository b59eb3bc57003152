/* client-epoll.c: clients on bare epoll: what the kernel allows
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "client.h"

#define MAX_EVENTS 256

typedef struct
{
  int    fd;
  size_t missing;  /* bytes of the answer */
} Client;

static void
send_request (Client *client)
{
  client->missing = CLIENT_REQUEST_SIZE;
  if (send (client->fd, client_request, CLIENT_REQUEST_SIZE, MSG_NOSIGNAL) != CLIENT_REQUEST_SIZE)
    meter_fail ("client: send");
}

static void
take_answer (Client *client)
{
  char buffer[CLIENT_REQUEST_SIZE];
  ssize_t n = recv (client->fd, buffer, client->missing, 0);

  if (n <= 0)
    meter_fail ("client: recv");

  client->missing = client_take (buffer, (size_t) n, client->missing);
  if (client->missing == 0)
    send_request (client);
}

static void
start (Client   *client,
       unsigned  port,
       int       epoll_fd)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) port) };
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
  int on = 1;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  client->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect (client->fd, (struct sockaddr *) &address, sizeof address) != 0)
    meter_fail ("client: connect");

  setsockopt (client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_ctl (epoll_fd, EPOLL_CTL_ADD, client->fd, &event);
  send_request (client);
}

int
main (int    argc,
      char **argv)
{
  struct epoll_event events[MAX_EVENTS];
  int epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  MeterTask task;
  Client *clients;

  meter_parse (&task, argc, argv);
  clients = calloc ((size_t) task.active, sizeof *clients);
  meter_start ();
  for (int i = 0; i < task.active; i++)
    start (&clients[i], meter_port (&task), epoll_fd);

  for (;;)
    {
      int n_events = epoll_wait (epoll_fd, events, MAX_EVENTS, -1);

      for (int i = 0; i < n_events; i++)
        take_answer (events[i].data.ptr);
    }
}
