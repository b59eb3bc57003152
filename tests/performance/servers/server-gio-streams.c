/* server-gio-streams.c: on GIO, as an application writes it: GSocketService and streams
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "common/peer.h"

#define BUFFER_SIZE 4096  /* each connection that waits needs one; bulk has larger ones */

typedef struct
{
  GSocketConnection *stream;   /* (owned) */
  GInputStream      *input;
  GOutputStream     *output;
  GDataInputStream  *lines;    /* (owned) (nullable) */
  char              *buffer;   /* (owned): what is read into, or the line that is written */
  gsize              size;     /* of buffer */
  gsize              used;     /* bytes of a request that has not come whole */
  guint              n_pieces; /* that are written */
  guint64            left;     /* of a bulk transfer */
} Connection;

static PeerTask task;

static void read_next (Connection *connection);

static void
connection_free (Connection *connection)
{
  g_clear_object (&connection->lines);
  g_clear_object (&connection->stream);
  g_free (connection->buffer);
  g_free (connection);
}

static gboolean
ended (Connection *connection,
       gboolean    continues)
{
  if (!continues)
    connection_free (connection);

  return !continues;
}

static void
write_all (Connection          *connection,
           const char          *data,
           gsize                size,
           GAsyncReadyCallback  callback)
{
  g_output_stream_write_all_async (connection->output, data, size, G_PRIORITY_DEFAULT, NULL,
                                   callback, connection);
}

static gboolean
was_written (GObject      *source,
             GAsyncResult *result)
{
  return g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
}

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Connection *connection = user_data;

  if (!ended (connection, was_written (source, result)))
    read_next (connection);
}

/* Ten writes, one after the other: a stream takes one at a time. */

static void
piece_written_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  Connection *connection = user_data;

  if (ended (connection, was_written (source, result)))
    return;

  connection->n_pieces++;
  if (connection->n_pieces < PEER_N_PIECES)
    write_all (connection, peer_pieces[connection->n_pieces], PEER_PIECE_SIZE, piece_written_cb);
  else
    read_next (connection);
}

static void
pieces (Connection *connection,
        gsize       size)
{
  connection->used = (connection->used + size) % PEER_REQUEST_SIZE;
  if (connection->used != 0)
    {
      read_next (connection);
      return;
    }

  connection->n_pieces = 0;
  write_all (connection, peer_pieces[0], PEER_PIECE_SIZE, piece_written_cb);
}

static void
bulk_in (Connection *connection,
         gsize       size)
{
  connection->left += size;
  if (connection->left < task.bulk_size)
    {
      read_next (connection);
      return;
    }

  connection->left = 0;
  write_all (connection, "x", 1, written_cb);
}

static void
block_written_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  Connection *connection = user_data;
  gsize size = peer_part (connection->left);

  if (ended (connection, was_written (source, result)))
    return;

  connection->left -= size;
  if (size > 0)
    write_all (connection, peer_block, size, block_written_cb);
  else
    read_next (connection);
}

static void
bulk_out (Connection *connection)
{
  connection->left = task.bulk_size - 1;
  write_all (connection, peer_block, 1, block_written_cb);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  Connection *connection = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (ended (connection, n > 0))
    return;

  if (task.workload == PEER_ECHO)
    write_all (connection, connection->buffer, (gsize) n, written_cb);
  else if (task.workload == PEER_PIECES)
    pieces (connection, (gsize) n);
  else if (task.workload == PEER_BULK_IN)
    bulk_in (connection, (gsize) n);
  else
    bulk_out (connection);
}

static void
line_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  Connection *connection = user_data;
  g_autofree char *line =
    g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);

  if (ended (connection, line != NULL))
    return;

  g_free (connection->buffer);
  connection->buffer = g_strconcat (line, "\n", NULL);
  write_all (connection, connection->buffer, strlen (connection->buffer), written_cb);
}

static void
read_next (Connection *connection)
{
  if (connection->lines != NULL)
    g_data_input_stream_read_line_async (connection->lines, G_PRIORITY_DEFAULT, NULL,
                                         line_cb, connection);
  else
    g_input_stream_read_async (connection->input, connection->buffer, connection->size,
                               G_PRIORITY_DEFAULT, NULL, read_cb, connection);
}

static gboolean
incoming_cb (GSocketService    *service,
             GSocketConnection *stream)
{
  Connection *connection = g_new0 (Connection, 1);

  connection->stream = g_object_ref (stream);
  connection->input = g_io_stream_get_input_stream (G_IO_STREAM (stream));
  connection->output = g_io_stream_get_output_stream (G_IO_STREAM (stream));
  connection->size = task.workload == PEER_BULK_IN ? PEER_BLOCK_SIZE : BUFFER_SIZE;

  if (task.path == NULL)
    g_socket_set_option (g_socket_connection_get_socket (stream),
                         IPPROTO_TCP, TCP_NODELAY, 1, NULL);

  if (task.workload == PEER_LINES)
    connection->lines = g_data_input_stream_new (connection->input);
  else
    connection->buffer = g_malloc (connection->size);

  read_next (connection);

  return TRUE;
}

static GSocketAddress *
address_to_listen_on (void)
{
  if (task.path != NULL)
    return g_unix_socket_address_new (task.path);

  return g_inet_socket_address_new_from_string ("127.0.0.1", 0);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GSocketService) service = NULL;
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocketAddress) effective = NULL;
  guint16 port = 0;

  peer_parse (&task, argc, argv);
  if (peer_is_datagrams (&task))
    peer_left_out ("GIO has no streams of datagrams");

  service = g_socket_service_new ();
  address = address_to_listen_on ();
  g_socket_listener_set_backlog (G_SOCKET_LISTENER (service), 4096);
  g_signal_connect (service, "incoming", G_CALLBACK (incoming_cb), NULL);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service), address, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_DEFAULT, NULL, &effective, NULL))
    peer_fail ("g_socket_listener_add_address");

  if (G_IS_INET_SOCKET_ADDRESS (effective))
    port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));

  peer_print_port (&task, port);
  g_main_loop_run (loop);

  return 0;
}
