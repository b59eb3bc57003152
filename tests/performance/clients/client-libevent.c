/* client-libevent.c: clients on libevent: buffer events
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "client.h"

/* All of an answer is there, or nothing is taken. */
static void
read_cb (struct bufferevent *stream,
         void               *user_data)
{
  char buffer[CLIENT_REQUEST_SIZE];

  while (evbuffer_get_length (bufferevent_get_input (stream)) >= CLIENT_REQUEST_SIZE)
    {
      bufferevent_read (stream, buffer, sizeof buffer);
      client_take (buffer, sizeof buffer, CLIENT_REQUEST_SIZE);
      bufferevent_write (stream, client_request, CLIENT_REQUEST_SIZE);
    }
}

static void
event_cb (struct bufferevent *stream,
          short               what,
          void               *user_data)
{
  int on = 1;

  if ((what & BEV_EVENT_CONNECTED) == 0)
    meter_fail ("client: connection");

  setsockopt (bufferevent_getfd (stream), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  bufferevent_write (stream, client_request, CLIENT_REQUEST_SIZE);
}

int
main (int    argc,
      char **argv)
{
  struct event_base *base = event_base_new ();
  struct sockaddr_in address = { .sin_family = AF_INET };
  MeterTask task;

  meter_parse (&task, argc, argv);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  address.sin_port = htons ((uint16_t) meter_port (&task));
  meter_start ();
  for (int i = 0; i < task.active; i++)
    {
      struct bufferevent *stream = bufferevent_socket_new (base, -1, BEV_OPT_CLOSE_ON_FREE);

      bufferevent_setcb (stream, read_cb, NULL, event_cb, NULL);
      bufferevent_enable (stream, EV_READ | EV_WRITE);
      bufferevent_socket_connect (stream, (struct sockaddr *) &address, sizeof address);
    }

  return event_base_dispatch (base);
}
