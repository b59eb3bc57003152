/* server-qnet.c: on qnet
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#include "common/peer.h"

static PeerTask task;

static void
echo_cb (QnetIODevice *connection,
         gpointer      data)
{
  char buffer[PEER_BLOCK_SIZE];
  gssize n;

  do
    {
      n = qnet_io_device_read (connection, buffer, sizeof buffer, NULL);
      if (n > 0)
        qnet_io_device_write (connection, buffer, (gsize) n, NULL);
    }
  while (n == sizeof buffer);  /* fewer bytes were all */
}

static void
lines_cb (QnetIODevice *connection,
          gpointer      data)
{
  char line[PEER_LINE_LIMIT];
  gssize n;

  while ((n = qnet_io_device_read_line (connection, line, sizeof line, NULL)) > 0)
    qnet_io_device_write (connection, line, (gsize) n, NULL);
}

static void
pieces_cb (QnetIODevice *connection,
           gpointer      data)
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
bulk_in_cb (QnetIODevice *connection,
            gpointer      data)
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
send_blocks (QnetIODevice *connection)
{
  while (left > 0 && qnet_io_device_get_bytes_to_write (connection) < PEER_HIGH_WATER)
    {
      g_autoptr(GBytes) block = g_bytes_new_static (peer_block, peer_part (left));

      left -= g_bytes_get_size (block);
      qnet_io_device_write_bytes (connection, block, NULL);
    }
}

static void
bulk_out_cb (QnetIODevice *connection,
             gpointer      data)
{
  qnet_io_device_skip (connection, PEER_BLOCK_SIZE, NULL);
  left = task.bulk_size;
  send_blocks (connection);
}

static void
sent_cb (QnetIODevice *connection,
         gint64        size,
         gpointer      data)
{
  send_blocks (connection);
}

static const QnetIODeviceCallbacks handlers[PEER_N_WORKLOADS] = {
  [PEER_ECHO] = { .ready_read = echo_cb },
  [PEER_LINES] = { .ready_read = lines_cb },
  [PEER_PIECES] = { .ready_read = pieces_cb },
  [PEER_BULK_IN] = { .ready_read = bulk_in_cb },
  [PEER_BULK_OUT] = { .ready_read = bulk_out_cb, .bytes_written = sent_cb },
};

/* An application has work to do when a connection ends, too. */

static guint n_connections;

static void
disconnected_cb (QnetIODevice *connection)
{
  n_connections--;
}

/* This program is built twice: with signals, and with callbacks instead. */
static void
connect_handlers (QnetIODevice                *connection,
                  const QnetIODeviceCallbacks *callbacks)
{
#ifdef WITH_CALLBACKS
  qnet_io_device_set_callbacks (connection, callbacks, NULL, NULL);
#else
  g_signal_connect (connection, "ready-read", G_CALLBACK (callbacks->ready_read), NULL);
  if (callbacks->bytes_written != NULL)
    g_signal_connect (connection, "bytes-written", G_CALLBACK (callbacks->bytes_written), NULL);
#endif
}

static void
new_connection_cb (QnetServer *server)
{
  g_autoptr(QnetSocket) connection = qnet_server_next_pending_connection (server);

  n_connections++;
  g_signal_connect (connection, "disconnected", G_CALLBACK (disconnected_cb), NULL);
  connect_handlers (QNET_IO_DEVICE (connection), &handlers[task.workload]);
}

static GObject *
listen_on_loopback (void)
{
  QnetTcpServer *server = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);
  if (!qnet_tcp_server_listen (server, address, 0, NULL))
    peer_fail ("qnet_tcp_server_listen");

  peer_print_port (&task, qnet_tcp_server_get_server_port (server));

  return G_OBJECT (server);
}

static GObject *
listen_on_path (void)
{
  QnetLocalServer *server = qnet_local_server_new ();

  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);
  if (!qnet_local_server_listen (server, task.path, NULL))
    peer_fail ("qnet_local_server_listen");

  peer_print_port (&task, 0);

  return G_OBJECT (server);
}

/* Datagrams */

static void
udp_cb (QnetUdpSocket *socket)
{
  char buffer[PEER_BLOCK_SIZE];
  QnetHostAddress *from;
  guint16 port;
  gssize n;

  while ((n = qnet_udp_socket_read_datagram (socket, buffer, sizeof buffer,
                                             &from, &port, NULL)) >= 0)
    {
      qnet_udp_socket_write_datagram_to (socket, (guint8 *) buffer, (gsize) n, from, port, NULL);
      qnet_host_address_unref (from);
    }
}

static void
udp_batch_cb (QnetUdpSocket *socket)
{
  for (;;)
    {
      g_autoptr(GPtrArray) datagrams = qnet_udp_socket_receive_datagrams (socket, PEER_BATCH, NULL);

      if (datagrams == NULL || datagrams->len == 0)
        return;

      for (guint i = 0; i < datagrams->len; i++)
        {
          QnetNetworkDatagram *datagram = datagrams->pdata[i];
          GBytes *data = qnet_network_datagram_get_bytes (datagram);

          datagrams->pdata[i] = qnet_network_datagram_make_reply_bytes (datagram, data);
          qnet_network_datagram_unref (datagram);
        }

      qnet_udp_socket_write_datagrams (socket, datagrams, NULL);
    }
}

static GObject *
bind_to_loopback (void)
{
  QnetUdpSocket *udp = qnet_udp_socket_new ();
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (udp);
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  g_signal_connect (udp, "ready-read",
                    G_CALLBACK (task.workload == PEER_UDP ? udp_cb : udp_batch_cb), NULL);
  if (!qnet_abstract_socket_bind (socket, address, 0, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL))
    peer_fail ("qnet_abstract_socket_bind");

  peer_print_port (&task, qnet_abstract_socket_get_local_port (socket));

  return G_OBJECT (udp);
}

static GObject *
start (void)
{
  if (peer_is_datagrams (&task))
    return bind_to_loopback ();
  if (task.path != NULL)
    return listen_on_path ();

  return listen_on_loopback ();
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GObject) server = NULL;

  peer_parse (&task, argc, argv);
  server = start ();
  g_main_loop_run (loop);

  return 0;
}
