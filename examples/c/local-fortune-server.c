/* local-fortune-server.c: sends a fortune to each client of the same user
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

static const char * const fortunes[] = {
  "A server that listens learns more than one that talks.\n",
  "You will soon be connected to an interesting host.\n",
  "The shortest route is rarely the one with the most traffic.\n",
};

static void
new_connection_cb (QnetLocalServer *server,
                   gpointer         user_data)
{
  /* The server keeps a reference to the connection until it is disconnected. */
  g_autoptr(QnetLocalSocket) connection = qnet_local_server_next_pending_connection (server);
  const char *fortune = fortunes[g_random_int_range (0, G_N_ELEMENTS (fortunes))];

  /* Written data is sent before the connection is closed. */
  qnet_io_device_write_string (QNET_IO_DEVICE (connection), fortune, NULL);
  qnet_local_socket_disconnect_from_server (connection);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) options =
    g_option_context_new ("[NAME] - send fortunes to programs of this user");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetLocalServer) server = qnet_local_server_new ();
  g_autoptr(GError) error = NULL;
  const char *name;

  setlocale (LC_ALL, "");

  if (g_option_context_parse (options, &argc, &argv, &error) && argc > 2)
    g_set_error_literal (&error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "One name is enough");

  if (error != NULL)
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  name = argc > 1 ? argv[1] : "fortune";
  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);

  /* Removes the file of a server that has crashed, but not that of a running server. */
  if (!qnet_local_server_remove_server (name, &error) ||
      !qnet_local_server_listen (server, name, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  g_print ("The server is running on %s\n", qnet_local_server_get_full_server_name (server));
  g_main_loop_run (loop);

  return EXIT_SUCCESS;
}
