/* local-fortune-client.c: asks the fortune server of this user
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

typedef struct
{
  GMainLoop *loop;
  int        status;
} Client;

static void
ready_read_cb (QnetIODevice *socket,
               Client       *client)
{
  g_autofree char *fortune = NULL;

  /* A line may arrive in pieces: wait for the next one. */
  if (!qnet_io_device_can_read_line (socket))
    return;

  fortune = qnet_io_device_read_line_utf8 (socket, 0, NULL);
  g_print ("%s\n", fortune != NULL ? fortune : "The fortune is not UTF-8.");

  /* Otherwise the end of the connection would be an error. */
  qnet_local_socket_disconnect_from_server (QNET_LOCAL_SOCKET (socket));
  client->status = EXIT_SUCCESS;
  g_main_loop_quit (client->loop);
}

static void
error_occurred_cb (QnetLocalSocket *socket,
                   const GError    *error,
                   Client          *client)
{
  g_printerr ("%s\n", error->message);
  g_main_loop_quit (client->loop);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) options =
    g_option_context_new ("[NAME] - ask the fortune server of this user");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetLocalSocket) socket = qnet_local_socket_new ();
  g_autoptr(GError) error = NULL;
  Client client = { loop, EXIT_FAILURE };

  setlocale (LC_ALL, "");

  if (g_option_context_parse (options, &argc, &argv, &error) && argc > 2)
    g_set_error_literal (&error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "One name is enough");

  if (error != NULL)
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), &client);
  g_signal_connect (socket, "error-occurred", G_CALLBACK (error_occurred_cb), &client);
  qnet_local_socket_connect_to_server (socket, argc > 1 ? argv[1] : "fortune");

  g_main_loop_run (loop);

  return client.status;
}
