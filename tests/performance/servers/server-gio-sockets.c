/* server-gio-sockets.c: on GIO at its best: GSocket and its sources, no streams
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "common/peer.h"

typedef struct
{
  GSource *source;  /* of the connection; it owns this */
  guint64  left;    /* of a bulk transfer */
  gsize    used;    /* of line; or bytes of a request that has not come whole */
  char     line[];  /* PEER_LINE_LIMIT bytes if there are lines at all */
} Connection;

/* A handler returns whether the connection continues. */
typedef gboolean (*Handler) (GSocket *socket, Connection *connection);

static PeerTask task;
static char buffer[PEER_BATCH * PEER_BLOCK_SIZE];

static gboolean
echo (GSocket    *socket,
      Connection *connection)
{
  gssize n = g_socket_receive (socket, buffer, PEER_BLOCK_SIZE, NULL, NULL);

  return n > 0 && g_socket_send (socket, buffer, (gsize) n, NULL, NULL) == n;
}

static gboolean
lines (GSocket    *socket,
       Connection *connection)
{
  char *line = connection->line;
  gsize room = PEER_LINE_LIMIT - connection->used;
  gssize n = g_socket_receive (socket, line + connection->used, room, NULL, NULL);
  char *end;

  if (n <= 0)
    return FALSE;

  connection->used += (gsize) n;
  while ((end = memchr (line, '\n', connection->used)) != NULL)
    {
      g_socket_send (socket, line, (gsize) (end + 1 - line), NULL, NULL);
      connection->used -= (gsize) (end + 1 - line);
      line = end + 1;
    }

  memmove (connection->line, line, connection->used);

  return TRUE;
}

static gboolean
pieces (GSocket    *socket,
        Connection *connection)
{
  gssize n = g_socket_receive (socket, buffer, PEER_REQUEST_SIZE - connection->used, NULL, NULL);

  if (n <= 0)
    return FALSE;

  connection->used = (connection->used + (gsize) n) % PEER_REQUEST_SIZE;
  for (guint i = 0; i < PEER_N_PIECES && connection->used == 0; i++)
    g_socket_send (socket, peer_pieces[i], PEER_PIECE_SIZE, NULL, NULL);

  return TRUE;
}

static gboolean
bulk_in (GSocket    *socket,
         Connection *connection)
{
  gssize n = g_socket_receive (socket, buffer, PEER_BLOCK_SIZE, NULL, NULL);

  if (n <= 0)
    return FALSE;

  connection->left += (guint64) n;
  if (connection->left == task.bulk_size)
    {
      connection->left = 0;
      g_socket_send (socket, "x", 1, NULL, NULL);
    }

  return TRUE;
}

static void attach (GSocket *socket, GIOCondition condition, Connection *connection);

/* A source keeps the condition it was made for. */
static void
replace_source (GSocket      *socket,
                GIOCondition  condition,
                Connection   *connection)
{
  GSource *old = connection->source;

  attach (socket, condition, connection);
  g_source_destroy (old);
  g_source_unref (old);
}

static void
send_blocks (GSocket    *socket,
             Connection *connection)
{
  while (connection->left > 0)
    {
      gssize n = g_socket_send (socket, peer_block, peer_part (connection->left), NULL, NULL);

      if (n < 0)
        return;

      connection->left -= (guint64) n;
    }

  replace_source (socket, G_IO_IN, connection);
}

static gboolean
bulk_out (GSocket    *socket,
          Connection *connection)
{
  if (connection->left == 0)
    {
      if (g_socket_receive (socket, buffer, 1, NULL, NULL) <= 0)
        return FALSE;

      connection->left = task.bulk_size;
      replace_source (socket, G_IO_OUT, connection);
    }

  send_blocks (socket, connection);

  return TRUE;
}

static const Handler handlers[PEER_N_WORKLOADS] = {
  [PEER_ECHO] = echo,
  [PEER_LINES] = lines,
  [PEER_PIECES] = pieces,
  [PEER_BULK_IN] = bulk_in,
  [PEER_BULK_OUT] = bulk_out,
};

static gboolean
ready_cb (GSocket      *socket,
          GIOCondition  condition,
          gpointer      user_data)
{
  Connection *connection = user_data;

  if (handlers[task.workload] (socket, connection))
    return G_SOURCE_CONTINUE;

  g_source_destroy (connection->source);
  g_source_unref (connection->source);
  g_socket_close (socket, NULL);
  g_free (connection);

  return G_SOURCE_REMOVE;
}

/* The source keeps the socket. */
static void
attach (GSocket      *socket,
        GIOCondition  condition,
        Connection   *connection)
{
  connection->source = g_socket_create_source (socket, condition, NULL);
  g_source_set_callback (connection->source, G_SOURCE_FUNC (ready_cb), connection, NULL);
  g_source_attach (connection->source, NULL);
}

static gboolean
accept_cb (GSocket      *listener,
           GIOCondition  condition,
           gpointer      user_data)
{
  gsize size = sizeof (Connection) + (task.workload == PEER_LINES ? PEER_LINE_LIMIT : 0);
  GSocket *socket;

  while ((socket = g_socket_accept (listener, NULL, NULL)) != NULL)
    {
      g_socket_set_blocking (socket, FALSE);
      if (task.path == NULL)
        g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);

      attach (socket, G_IO_IN, g_malloc0 (size));
      g_object_unref (socket);
    }

  return G_SOURCE_CONTINUE;
}

/* Datagrams */

static gboolean
udp_cb (GSocket      *socket,
        GIOCondition  condition,
        gpointer      user_data)
{
  GSocketAddress *from;
  gssize n;

  while ((n = g_socket_receive_from (socket, &from, buffer, PEER_BLOCK_SIZE, NULL, NULL)) >= 0)
    {
      g_socket_send_to (socket, from, buffer, (gsize) n, NULL, NULL);
      g_object_unref (from);
    }

  return G_SOURCE_CONTINUE;
}

static void
answer_batch (GSocket              *socket,
              const GInputMessage  *received,
              GSocketAddress      **from,
              int                   n)
{
  GOutputMessage answers[PEER_BATCH] = { 0 };
  GOutputVector data[PEER_BATCH];

  for (int i = 0; i < n; i++)
    {
      data[i] = (GOutputVector) { received[i].vectors->buffer, received[i].bytes_received };
      answers[i] = (GOutputMessage) { .address = from[i], .vectors = &data[i], .num_vectors = 1 };
    }

  g_socket_send_messages (socket, answers, (guint) n, 0, NULL, NULL);
  for (int i = 0; i < n; i++)
    g_object_unref (from[i]);
}

static gboolean
udp_batch_cb (GSocket      *socket,
              GIOCondition  condition,
              gpointer      user_data)
{
  GSocketAddress *from[PEER_BATCH];
  GInputMessage messages[PEER_BATCH];
  GInputVector data[PEER_BATCH];
  int n;

  do
    {
      for (int i = 0; i < PEER_BATCH; i++)
        {
          data[i] = (GInputVector) { &buffer[i * PEER_BLOCK_SIZE], PEER_BLOCK_SIZE };
          messages[i] = (GInputMessage) {
            .address = &from[i], .vectors = &data[i], .num_vectors = 1
          };
        }

      n = g_socket_receive_messages (socket, messages, PEER_BATCH, 0, NULL, NULL);
      if (n > 0)
        answer_batch (socket, messages, from, n);
    }
  while (n == PEER_BATCH);

  return G_SOURCE_CONTINUE;
}

static GSocketSourceFunc
listener_func (void)
{
  if (task.workload == PEER_UDP)
    return udp_cb;
  if (task.workload == PEER_UDP_BATCH)
    return udp_batch_cb;

  return accept_cb;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GSocket) listener = NULL;
  g_autoptr(GSource) source = NULL;

  peer_parse (&task, argc, argv);
  listener = g_socket_new_from_fd (peer_listen (&task), NULL);
  g_socket_set_blocking (listener, FALSE);
  source = g_socket_create_source (listener, G_IO_IN, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (listener_func ()), NULL, NULL);
  g_source_attach (source, NULL);
  g_main_loop_run (loop);

  return 0;
}
