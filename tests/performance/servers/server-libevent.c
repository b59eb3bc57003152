/* server-libevent.c: on libevent: listeners and buffer events
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/peer.h"

typedef struct
{
  uint64_t left;  /* of a bulk transfer */
} Connection;

static PeerTask task;

static void
end (struct bufferevent *stream,
     Connection         *connection)
{
  bufferevent_free (stream);
  free (connection);
}

static void
echo_cb (struct bufferevent *stream,
         void               *user_data)
{
  bufferevent_write_buffer (stream, bufferevent_get_input (stream));
}

static void
lines_cb (struct bufferevent *stream,
          void               *user_data)
{
  struct evbuffer *output = bufferevent_get_output (stream);
  size_t size;
  char *line;

  while ((line = evbuffer_readln (bufferevent_get_input (stream), &size, EVBUFFER_EOL_LF)) != NULL)
    {
      evbuffer_add (output, line, size);
      evbuffer_add (output, "\n", 1);
      free (line);
    }
}

static void
pieces_cb (struct bufferevent *stream,
           void               *user_data)
{
  struct evbuffer *input = bufferevent_get_input (stream);

  while (evbuffer_get_length (input) >= PEER_REQUEST_SIZE)
    {
      evbuffer_drain (input, PEER_REQUEST_SIZE);
      for (int i = 0; i < PEER_N_PIECES; i++)
        bufferevent_write (stream, peer_pieces[i], PEER_PIECE_SIZE);
    }
}

static void
bulk_in_cb (struct bufferevent *stream,
            void               *user_data)
{
  struct evbuffer *input = bufferevent_get_input (stream);
  Connection *connection = user_data;

  connection->left += evbuffer_get_length (input);
  evbuffer_drain (input, evbuffer_get_length (input));
  if (connection->left < task.bulk_size)
    return;

  connection->left = 0;
  bufferevent_write (stream, "x", 1);
}

/* Called when the output has sunk to the low-water mark, too. */
static void
send_blocks_cb (struct bufferevent *stream,
                void               *user_data)
{
  struct evbuffer *output = bufferevent_get_output (stream);
  Connection *connection = user_data;

  while (connection->left > 0 && evbuffer_get_length (output) < PEER_HIGH_WATER)
    {
      size_t size = peer_part (connection->left);

      evbuffer_add_reference (output, peer_block, size, NULL, NULL);
      connection->left -= size;
    }
}

static void
bulk_out_cb (struct bufferevent *stream,
             void               *user_data)
{
  struct evbuffer *input = bufferevent_get_input (stream);
  Connection *connection = user_data;

  evbuffer_drain (input, evbuffer_get_length (input));
  connection->left = task.bulk_size;
  send_blocks_cb (stream, connection);
}

static void
event_cb (struct bufferevent *stream,
          short               what,
          void               *user_data)
{
  if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
    end (stream, user_data);
}

static const bufferevent_data_cb handlers[PEER_N_WORKLOADS] = {
  [PEER_ECHO] = echo_cb,
  [PEER_LINES] = lines_cb,
  [PEER_PIECES] = pieces_cb,
  [PEER_BULK_IN] = bulk_in_cb,
  [PEER_BULK_OUT] = bulk_out_cb,
};

static void
accepted_cb (struct evconnlistener *listener,
             evutil_socket_t        fd,
             struct sockaddr       *address,
             int                    length,
             void                  *user_data)
{
  struct bufferevent *stream =
    bufferevent_socket_new (evconnlistener_get_base (listener), fd, BEV_OPT_CLOSE_ON_FREE);
  Connection *connection = calloc (1, sizeof *connection);
  int on = 1;

  if (task.path == NULL)
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

  bufferevent_setwatermark (stream, EV_WRITE, PEER_HIGH_WATER / 2, 0);
  bufferevent_setcb (stream, handlers[task.workload],
                     task.workload == PEER_BULK_OUT ? send_blocks_cb : NULL, event_cb, connection);
  bufferevent_enable (stream, EV_READ | EV_WRITE);
}

/* libevent has no functions for datagrams: it reports that some are available. */
static void
datagrams_cb (evutil_socket_t fd,
              short           what,
              void           *user_data)
{
  char buffer[PEER_BLOCK_SIZE];
  struct sockaddr_storage from;
  socklen_t size = sizeof from;
  ssize_t n;

  while ((n = recvfrom (fd, buffer, sizeof buffer, 0, (struct sockaddr *) &from, &size)) >= 0)
    {
      sendto (fd, buffer, (size_t) n, MSG_NOSIGNAL, (struct sockaddr *) &from, size);
      size = sizeof from;
    }
}

int
main (int    argc,
      char **argv)
{
  struct event_base *base = event_base_new ();
  int fd;

  peer_parse (&task, argc, argv);
  if (task.workload == PEER_UDP_BATCH)
    peer_left_out ("libevent does not batch datagrams");

  fd = peer_listen (&task);
  if (task.workload == PEER_UDP)
    event_add (event_new (base, fd, EV_READ | EV_PERSIST, datagrams_cb, NULL), NULL);
  else
    evconnlistener_new (base, accepted_cb, NULL, LEV_OPT_CLOSE_ON_FREE, 0, fd);

  return event_base_dispatch (base);
}
