/* server-libuv.c: on libuv, as an application writes it that cares
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "common/peer.h"

typedef struct
{
  union
  {
    uv_stream_t stream;
    uv_tcp_t    tcp;
    uv_pipe_t   pipe;
  } handle;
  uint64_t left;    /* of a bulk transfer */
  size_t   used;    /* of line; or bytes of a request that has not come whole */
  char     line[];  /* PEER_LINE_LIMIT bytes if there are lines at all */
} Connection;

/* The rest of a write that did not fit at once. */
typedef struct
{
  uv_write_t request;
  char       data[];
} Rest;

static PeerTask task;
static char buffer[PEER_BATCH * PEER_BLOCK_SIZE];

static void
alloc_cb (uv_handle_t *handle,
          size_t       suggested_size,
          uv_buf_t    *buf)
{
  *buf = uv_buf_init (buffer, task.workload == PEER_UDP_BATCH ? sizeof buffer : PEER_BLOCK_SIZE);
}

static void
closed_cb (uv_handle_t *handle)
{
  free (handle);
}

static void
rest_written_cb (uv_write_t *request,
                 int         status)
{
  free (request);
}

/* At once where it can be, which is what libuv's own guide advises. */
static void
reply (uv_stream_t *stream,
       const char  *data,
       size_t       size)
{
  uv_buf_t buf = uv_buf_init ((char *) data, (unsigned) size);
  int n = uv_try_write (stream, &buf, 1);
  Rest *rest;

  if (n == (int) size)
    return;
  if (n < 0)
    n = 0;

  rest = malloc (sizeof *rest + size - (size_t) n);
  memcpy (rest->data, data + n, size - (size_t) n);
  buf = uv_buf_init (rest->data, (unsigned) (size - (size_t) n));
  uv_write (&rest->request, stream, &buf, 1, rest_written_cb);
}

static void
echo (Connection *connection,
      const char *data,
      size_t      size)
{
  reply (&connection->handle.stream, data, size);
}

static void
lines (Connection *connection,
       const char *data,
       size_t      size)
{
  char *line = connection->line;
  char *end;

  memcpy (line + connection->used, data, size);
  connection->used += size;
  while ((end = memchr (line, '\n', connection->used)) != NULL)
    {
      reply (&connection->handle.stream, line, (size_t) (end + 1 - line));
      connection->used -= (size_t) (end + 1 - line);
      line = end + 1;
    }

  memmove (connection->line, line, connection->used);
}

static void
pieces (Connection *connection,
        const char *data,
        size_t      size)
{
  connection->used += size;
  while (connection->used >= PEER_REQUEST_SIZE)
    {
      connection->used -= PEER_REQUEST_SIZE;
      for (int i = 0; i < PEER_N_PIECES; i++)
        reply (&connection->handle.stream, peer_pieces[i], PEER_PIECE_SIZE);
    }
}

static void
bulk_in (Connection *connection,
         const char *data,
         size_t      size)
{
  connection->left += size;
  if (connection->left < task.bulk_size)
    return;

  connection->left = 0;
  reply (&connection->handle.stream, "x", 1);
}

static void
block_written_cb (uv_write_t *request,
                  int         status)
{
  Connection *connection = request->data;
  uv_buf_t buf = uv_buf_init ((char *) peer_block, PEER_BLOCK_SIZE);

  if (status < 0 || connection->left == 0)
    {
      free (request);
      return;
    }

  buf.len = peer_part (connection->left);
  connection->left -= buf.len;
  uv_write (request, &connection->handle.stream, &buf, 1, block_written_cb);
}

/* A few blocks on their way, so that the kernel always has the next. */
static void
bulk_out (Connection *connection,
          const char *data,
          size_t      size)
{
  connection->left = task.bulk_size;
  for (int i = 0; i < PEER_HIGH_WATER / PEER_BLOCK_SIZE; i++)
    {
      uv_write_t *request = calloc (1, sizeof *request);

      request->data = connection;
      block_written_cb (request, 0);
    }
}

static void (* const handlers[PEER_N_WORKLOADS]) (Connection *, const char *, size_t) = {
  [PEER_ECHO] = echo,
  [PEER_LINES] = lines,
  [PEER_PIECES] = pieces,
  [PEER_BULK_IN] = bulk_in,
  [PEER_BULK_OUT] = bulk_out,
};

static void
read_cb (uv_stream_t    *stream,
         ssize_t         n,
         const uv_buf_t *buf)
{
  if (n < 0)
    uv_close ((uv_handle_t *) stream, closed_cb);
  else if (n > 0)
    handlers[task.workload] ((Connection *) stream, buf->base, (size_t) n);
}

static void
connection_cb (uv_stream_t *server,
               int          status)
{
  size_t room = task.workload == PEER_LINES ? PEER_LINE_LIMIT : 0;
  Connection *connection = calloc (1, sizeof *connection + room);

  if (task.path != NULL)
    uv_pipe_init (server->loop, &connection->handle.pipe, 0);
  else
    uv_tcp_init (server->loop, &connection->handle.tcp);

  if (uv_accept (server, &connection->handle.stream) != 0)
    {
      uv_close ((uv_handle_t *) connection, closed_cb);
      return;
    }

  if (task.path == NULL)
    uv_tcp_nodelay (&connection->handle.tcp, 1);

  uv_read_start (&connection->handle.stream, alloc_cb, read_cb);
}

static void
datagram_cb (uv_udp_t              *socket,
             ssize_t                n,
             const uv_buf_t        *buf,
             const struct sockaddr *from,
             unsigned               flags)
{
  uv_buf_t answer = uv_buf_init (buf->base, (unsigned) n);

  if (n >= 0 && from != NULL)
    uv_udp_try_send (socket, &answer, 1, from);
}

static void
check (int         result,
       const char *what)
{
  if (result != 0)
    peer_fail (what);
}

static void
listen_for_streams (uv_loop_t *loop,
                    uv_tcp_t  *tcp,
                    uv_pipe_t *local)
{
  struct sockaddr_in address;
  int size = sizeof address;

  if (task.path != NULL)
    {
      uv_pipe_init (loop, local, 0);
      check (uv_pipe_bind (local, task.path), "uv_pipe_bind");
      check (uv_listen ((uv_stream_t *) local, SOMAXCONN, connection_cb), "uv_listen");
      peer_print_port (&task, 0);
      return;
    }

  uv_ip4_addr ("127.0.0.1", 0, &address);
  uv_tcp_init (loop, tcp);
  check (uv_tcp_bind (tcp, (struct sockaddr *) &address, 0), "uv_tcp_bind");
  check (uv_listen ((uv_stream_t *) tcp, SOMAXCONN, connection_cb), "uv_listen");
  uv_tcp_getsockname (tcp, (struct sockaddr *) &address, &size);
  peer_print_port (&task, ntohs (address.sin_port));
}

static void
bind_for_datagrams (uv_loop_t *loop,
                    uv_udp_t  *socket)
{
  struct sockaddr_in address;
  int size = sizeof address;

  uv_ip4_addr ("127.0.0.1", 0, &address);
  uv_udp_init_ex (loop, socket, AF_INET | (task.workload == PEER_UDP_BATCH ? UV_UDP_RECVMMSG : 0));
  check (uv_udp_bind (socket, (struct sockaddr *) &address, 0), "uv_udp_bind");
  uv_udp_getsockname (socket, (struct sockaddr *) &address, &size);
  uv_udp_recv_start (socket, alloc_cb, datagram_cb);
  peer_print_port (&task, ntohs (address.sin_port));
}

int
main (int    argc,
      char **argv)
{
  uv_loop_t *loop = uv_default_loop ();
  uv_udp_t datagrams;
  uv_pipe_t local;
  uv_tcp_t tcp;

  peer_parse (&task, argc, argv);
  if (peer_is_datagrams (&task))
    bind_for_datagrams (loop, &datagrams);
  else
    listen_for_streams (loop, &tcp, &local);

  return uv_run (loop, UV_RUN_DEFAULT);
}
