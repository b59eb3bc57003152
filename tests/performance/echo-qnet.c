/* echo-qnet.c: an echo server as an application writes it with qnet
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

static void
ready_read_cb (QnetIODevice *connection)
{
  char buffer[65536];
  gssize n;

  while ((n = qnet_io_device_read (connection, buffer, sizeof buffer, NULL)) > 0)
    qnet_io_device_write (connection, buffer, (gsize) n, NULL);
}

static void
new_connection_cb (QnetTcpServer *server)
{
  g_autoptr(QnetTcpSocket) connection = qnet_tcp_server_next_pending_connection (server);

  g_signal_connect (connection, "ready-read", G_CALLBACK (ready_read_cb), NULL);
}

int
main (void)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(GError) error = NULL;

  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);
  if (!qnet_tcp_server_listen (server, address, 0, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  g_print ("%u\n", qnet_tcp_server_get_server_port (server));
  g_main_loop_run (loop);

  return 0;
}
