/* client-gio-sockets.c: clients on GIO at its best: GSocket and its sources
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "client.h"

typedef struct
{
  GSocket *socket;   /* (owned) */
  gsize    missing;  /* bytes of the answer */
} Client;

static void
send_request (Client *client)
{
  gssize n = g_socket_send (client->socket, client_request, CLIENT_REQUEST_SIZE, NULL, NULL);

  client->missing = CLIENT_REQUEST_SIZE;
  if (n != CLIENT_REQUEST_SIZE)
    meter_fail ("client: g_socket_send");
}

static gboolean
ready_cb (GSocket      *socket,
          GIOCondition  condition,
          gpointer      user_data)
{
  char buffer[CLIENT_REQUEST_SIZE];
  Client *client = user_data;
  gssize n = g_socket_receive (socket, buffer, client->missing, NULL, NULL);

  if (n <= 0)
    meter_fail ("client: g_socket_receive");

  client->missing = client_take (buffer, (gsize) n, client->missing);
  if (client->missing == 0)
    send_request (client);

  return G_SOURCE_CONTINUE;
}

static void
start (Client         *client,
       GSocketAddress *address)
{
  g_autoptr(GSource) source = NULL;

  client->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_DEFAULT, NULL);
  if (!g_socket_connect (client->socket, address, NULL, NULL))
    meter_fail ("client: g_socket_connect");

  g_socket_set_blocking (client->socket, FALSE);
  g_socket_set_option (client->socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  source = g_socket_create_source (client->socket, G_IO_IN, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (ready_cb), client, NULL);
  g_source_attach (source, NULL);
  send_request (client);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GSocketAddress) address = NULL;
  g_autofree Client *clients = NULL;
  MeterTask task;

  meter_parse (&task, argc, argv);
  clients = g_new0 (Client, (gsize) task.active);
  address = g_inet_socket_address_new_from_string ("127.0.0.1", meter_port (&task));
  meter_start ();
  for (int i = 0; i < task.active; i++)
    start (&clients[i], address);

  g_main_loop_run (loop);

  return 0;
}
