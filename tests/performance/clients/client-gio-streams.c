/* client-gio-streams.c: clients on GIO: GSocketClient and streams
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
  GSocketConnection *stream;  /* (owned) */
  GInputStream      *input;
  GOutputStream     *output;
  gsize              missing;  /* bytes of the answer */
  char               buffer[CLIENT_REQUEST_SIZE];
} Client;

static void send_request (Client *client);

static void read_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static void
read_next (Client *client)
{
  g_input_stream_read_async (client->input, client->buffer, client->missing, G_PRIORITY_DEFAULT,
                             NULL, read_cb, client);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);
  Client *client = user_data;

  if (n <= 0)
    meter_fail ("client: read");

  client->missing = client_take (client->buffer, (gsize) n, client->missing);
  if (client->missing == 0)
    send_request (client);
  else
    read_next (client);
}

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Client *client = user_data;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    meter_fail ("client: write");

  read_next (client);
}

static void
send_request (Client *client)
{
  client->missing = CLIENT_REQUEST_SIZE;
  g_output_stream_write_all_async (client->output, client_request, CLIENT_REQUEST_SIZE,
                                   G_PRIORITY_DEFAULT, NULL, written_cb, client);
}

static void
connected_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  Client *client = user_data;

  client->stream = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, NULL);
  if (client->stream == NULL)
    meter_fail ("client: connect");

  g_socket_set_option (g_socket_connection_get_socket (client->stream),
                       IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  client->input = g_io_stream_get_input_stream (G_IO_STREAM (client->stream));
  client->output = g_io_stream_get_output_stream (G_IO_STREAM (client->stream));
  send_request (client);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GSocketClient) connector = g_socket_client_new ();
  g_autoptr(GSocketAddress) address = NULL;
  g_autofree Client *clients = NULL;
  MeterTask task;

  meter_parse (&task, argc, argv);
  clients = g_new0 (Client, (gsize) task.active);
  address = g_inet_socket_address_new_from_string ("127.0.0.1", meter_port (&task));
  meter_start ();
  for (int i = 0; i < task.active; i++)
    g_socket_client_connect_async (connector, G_SOCKET_CONNECTABLE (address), NULL,
                                   connected_cb, &clients[i]);

  g_main_loop_run (loop);

  return 0;
}
