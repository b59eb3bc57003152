/* server-qnet.c: on qnet
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#include "common/peer.h"

static PeerTask task;

static void
echo_cb (QnetIODevice *connection)
{
  char buffer[PEER_BLOCK_SIZE];
  gssize n;

  while ((n = qnet_io_device_read (connection, buffer, sizeof buffer, NULL)) > 0)
    qnet_io_device_write (connection, buffer, (gsize) n, NULL);
}

static void
lines_cb (QnetIODevice *connection)
{
  char line[PEER_LINE_LIMIT];
  gssize n;

  while ((n = qnet_io_device_read_line (connection, line, sizeof line, NULL)) > 0)
    qnet_io_device_write (connection, line, (gsize) n, NULL);
}

static void
pieces_cb (QnetIODevice *connection)
{
  while (qnet_io_device_get_bytes_available (connection) >= PEER_REQUEST_SIZE)
    {
      qnet_io_device_skip (connection, PEER_REQUEST_SIZE, NULL);
      for (guint i = 0; i < PEER_N_PIECES; i++)
        qnet_io_device_write (connection, peer_pieces[i], PEER_PIECE_SIZE, NULL);
    }
}

/* There is one connection at a time in bulk. */

static guint64 left;

static void
bulk_in_cb (QnetIODevice *connection)
{
  static char buffer[PEER_BLOCK_SIZE];
  gssize n;

  while ((n = qnet_io_device_read (connection, buffer, sizeof buffer, NULL)) > 0)
    left += (guint64) n;

  if (left < task.bulk_size)
    return;

  left = 0;
  qnet_io_device_write (connection, "x", 1, NULL);
}

static void
send_blocks_cb (QnetIODevice *connection)
{
  while (left > 0 && qnet_io_device_get_bytes_to_write (connection) < PEER_HIGH_WATER)
    {
      g_autoptr(GBytes) block = g_bytes_new_static (peer_block, peer_part (left));

      left -= g_bytes_get_size (block);
      qnet_io_device_write_bytes (connection, block, NULL);
    }
}

static void
bulk_out_cb (QnetIODevice *connection)
{
  qnet_io_device_skip (connection, PEER_BLOCK_SIZE, NULL);
  left = task.bulk_size;
  send_blocks_cb (connection);
}

static void (* const handlers[PEER_N_WORKLOADS]) (QnetIODevice *) = {
  [PEER_ECHO] = echo_cb,
  [PEER_LINES] = lines_cb,
  [PEER_PIECES] = pieces_cb,
  [PEER_BULK_IN] = bulk_in_cb,
  [PEER_BULK_OUT] = bulk_out_cb,
};

/* An application has something to do when a connection goes, too. */

static guint n_connections;

static void
disconnected_cb (QnetAbstractSocket *connection)
{
  n_connections--;
}

static void
new_connection_cb (QnetServer *server)
{
  g_autoptr(QnetIODevice) connection = qnet_server_next_pending_connection (server);

  n_connections++;
  g_signal_connect (connection, "ready-read", G_CALLBACK (handlers[task.workload]), NULL);
  g_signal_connect (connection, "disconnected", G_CALLBACK (disconnected_cb), NULL);
  if (task.workload == PEER_BULK_OUT)
    g_signal_connect (connection, "bytes-written", G_CALLBACK (send_blocks_cb), NULL);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  peer_parse (&task, argc, argv);
  if (task.path != NULL || peer_is_datagrams (&task))
    peer_left_out ("qnet cannot yet");

  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);
  if (!qnet_tcp_server_listen (server, address, 0, NULL))
    peer_fail ("qnet_tcp_server_listen");

  peer_announce (&task, qnet_tcp_server_get_server_port (server));
  g_main_loop_run (loop);

  return 0;
}
