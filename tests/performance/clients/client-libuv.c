/* client-libuv.c: clients on libuv
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <stdlib.h>
#include <uv.h>

#include "client.h"

typedef struct
{
  uv_tcp_t     tcp;
  uv_connect_t connect;
  size_t       missing;  /* bytes of the answer */
} Client;

static void
alloc_cb (uv_handle_t *handle,
          size_t       suggested_size,
          uv_buf_t    *buf)
{
  static char buffer[65536];

  *buf = uv_buf_init (buffer, sizeof buffer);
}

static void
send_request (Client *client)
{
  uv_buf_t buf = uv_buf_init ((char *) client_request, CLIENT_REQUEST_SIZE);

  client->missing = CLIENT_REQUEST_SIZE;
  if (uv_try_write ((uv_stream_t *) &client->tcp, &buf, 1) != CLIENT_REQUEST_SIZE)
    meter_fail ("client: uv_try_write");
}

static void
read_cb (uv_stream_t    *stream,
         ssize_t         n,
         const uv_buf_t *buf)
{
  Client *client = (Client *) stream;

  if (n < 0)
    meter_fail ("client: read");
  if (n == 0)
    return;

  client->missing = client_take (buf->base, (size_t) n, client->missing);
  if (client->missing == 0)
    send_request (client);
}

static void
connected_cb (uv_connect_t *request,
              int           status)
{
  Client *client = request->data;

  if (status != 0)
    meter_fail ("client: connect");

  uv_tcp_nodelay (&client->tcp, 1);
  uv_read_start ((uv_stream_t *) &client->tcp, alloc_cb, read_cb);
  send_request (client);
}

int
main (int    argc,
      char **argv)
{
  uv_loop_t *loop = uv_default_loop ();
  struct sockaddr_in address;
  MeterTask task;
  Client *clients;

  meter_parse (&task, argc, argv);
  clients = calloc ((size_t) task.active, sizeof *clients);
  uv_ip4_addr ("127.0.0.1", (int) meter_port (&task), &address);
  meter_start ();
  for (int i = 0; i < task.active; i++)
    {
      uv_tcp_init (loop, &clients[i].tcp);
      clients[i].connect.data = &clients[i];
      uv_tcp_connect (&clients[i].connect, &clients[i].tcp, (struct sockaddr *) &address,
                      connected_cb);
    }

  return uv_run (loop, UV_RUN_DEFAULT);
}
