/* single-instance.c: the first instance keeps running, and others pass their arguments to it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

static void
ready_read_cb (QnetIODevice *connection)
{
  while (qnet_io_device_can_read_line (connection))
    {
      g_autofree char *argument = qnet_io_device_read_line_utf8 (connection, 0, NULL);

      g_print ("Asked to open: %s\n", argument != NULL ? g_strchomp (argument) : "?");
    }
}

static void
new_connection_cb (QnetLocalServer *server)
{
  g_autoptr(QnetLocalSocket) connection = qnet_local_server_next_pending_connection (server);

  g_signal_connect (connection, "ready-read", G_CALLBACK (ready_read_cb), NULL);
}

/* Fails if another instance is running. */
static gboolean
become_first (QnetLocalServer  *server,
              const char       *name,
              GError          **error)
{
  /* Removes the file of a server that has crashed, but not that of a running server. */
  return qnet_local_server_remove_server (name, error) &&
         qnet_local_server_listen (server, name, error);
}

static gboolean
hand_over (const char   *name,
           char * const *arguments)
{
  g_autoptr(QnetLocalSocket) socket = qnet_local_socket_new ();

  qnet_local_socket_connect_to_server (socket, name);

  if (!qnet_socket_wait_for_connected (QNET_SOCKET (socket), 5000, NULL))
    return FALSE;

  for (; *arguments != NULL; arguments++)
    {
      qnet_io_device_write_string (QNET_IO_DEVICE (socket), *arguments, NULL);
      qnet_io_device_write_string (QNET_IO_DEVICE (socket), "\n", NULL);
    }

  qnet_local_socket_disconnect_from_server (socket);

  return qnet_socket_get_state (QNET_SOCKET (socket)) == QNET_SOCKET_STATE_UNCONNECTED ||
         qnet_socket_wait_for_disconnected (QNET_SOCKET (socket), 5000, NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) options =
    g_option_context_new ("NAME [ARGUMENT...] - pass arguments to the first instance");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetLocalServer) server = qnet_local_server_new ();
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");

  if (g_option_context_parse (options, &argc, &argv, &error) && argc < 2)
    g_set_error_literal (&error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "A name is needed");

  if (error != NULL)
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);

  while (!become_first (server, argv[1], &error))
    {
      if (!g_error_matches (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_ADDRESS_IN_USE))
        {
          g_printerr ("%s\n", error->message);
          return EXIT_FAILURE;
        }

      if (hand_over (argv[1], argv + 2))
        return EXIT_SUCCESS;

      g_clear_error (&error);  /* it has exited in the meantime, or does not listen yet */
    }

  g_print ("This is the first one.\n");
  g_main_loop_run (loop);

  return EXIT_SUCCESS;
}
