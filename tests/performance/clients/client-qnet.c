/* client-qnet.c: clients on qnet
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#include "client.h"

static void
send_request (QnetIODevice *client)
{
  qnet_io_device_write (client, client_request, CLIENT_REQUEST_SIZE, NULL);
}

static void
ready_read_cb (QnetIODevice *client)
{
  while (qnet_io_device_get_bytes_available (client) >= CLIENT_REQUEST_SIZE)
    {
      char buffer[CLIENT_REQUEST_SIZE];

      qnet_io_device_read (client, buffer, sizeof buffer, NULL);
      client_take (buffer, sizeof buffer, CLIENT_REQUEST_SIZE);
      send_request (client);
    }
}

static void
error_occurred_cb (QnetAbstractSocket *client,
                   const GError       *error)
{
  meter_fail (error->message);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);
  MeterTask task;

  meter_parse (&task, argc, argv);
  meter_start ();
  for (int i = 0; i < task.active; i++)
    {
      QnetTcpSocket *client = qnet_tcp_socket_new ();

      g_ptr_array_add (clients, client);
      g_signal_connect (client, "connected", G_CALLBACK (send_request), NULL);
      g_signal_connect (client, "ready-read", G_CALLBACK (ready_read_cb), NULL);
      g_signal_connect (client, "error-occurred", G_CALLBACK (error_occurred_cb), NULL);
      qnet_abstract_socket_connect_to_address (QNET_ABSTRACT_SOCKET (client), address,
                                               (guint16) meter_port (&task));
    }

  g_main_loop_run (loop);

  return 0;
}
