/* fortune-server.c: sends a fortune to each client
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

static const char * const fortunes[] = {
  "A server that listens learns more than one that talks.\n",
  "Today a packet will find you that was lost long ago.\n",
  "You will soon be connected to an interesting host.\n",
  "Close what you open, and you will never run out.\n",
  "Patience: every buffer drains in the end.\n",
  "The shortest route is rarely the one with the most traffic.\n",
};

static void
new_connection_cb (QnetTcpServer *server,
                   gpointer       user_data)
{
  /* The server keeps a reference to the connection until it is disconnected. */
  g_autoptr(QnetTcpSocket) connection = qnet_tcp_server_next_pending_connection (server);
  const char *fortune = fortunes[g_random_int_range (0, G_N_ELEMENTS (fortunes))];

  /* Written data is sent before the connection is closed. */
  qnet_io_device_write_string (QNET_IO_DEVICE (connection), fortune, NULL);
  qnet_abstract_socket_disconnect_from_host (QNET_ABSTRACT_SOCKET (connection));
}

static gboolean
listen_on (QnetTcpServer  *server,
           const char     *text,
           int             port,
           GError        **error)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_from_string (text != NULL ? text : "127.0.0.1");

  if (address == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s is no address", text);
      return FALSE;
    }

  return qnet_tcp_server_listen (server, address, port, error);
}

static void
print_port (QnetTcpServer *server)
{
  g_autoptr(QnetHostAddress) address = qnet_tcp_server_get_server_address (server);
  g_autofree char *text = qnet_host_address_to_string (address);

  g_print ("The server is running on %s port %u\n", text, qnet_tcp_server_get_server_port (server));
}

static gboolean
check_arguments (int      argc,
                 int      port,
                 GError **error)
{
  if (argc == 1 && port >= 0 && port <= G_MAXUINT16)
    return TRUE;

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       argc > 1 ? "There are too many arguments"
                                : "A port is a number from 0 to 65535");
  return FALSE;
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *address = NULL;
  int port = 0;
  const GOptionEntry entries[] = {
    { "address", 'a', 0, G_OPTION_ARG_STRING, &address, "Listen on this address", "ADDRESS" },
    { "port", 'p', 0, G_OPTION_ARG_INT, &port, "Listen on this port; 0 takes a free one", "PORT" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) options = g_option_context_new ("- send fortunes");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (options, entries, NULL);
  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);

  if (!g_option_context_parse (options, &argc, &argv, &error) ||
      !check_arguments (argc, port, &error))
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  if (!listen_on (server, address, port, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  print_port (server);
  g_main_loop_run (loop);

  return EXIT_SUCCESS;
}
