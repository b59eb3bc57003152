/* secure-fortune-client.c: asks for a fortune, encrypted
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

  if (!qnet_io_device_can_read_line (socket))
    return;

  fortune = qnet_io_device_read_line_utf8 (socket, 0, NULL);
  g_print ("%s\n", fortune != NULL ? fortune : "The fortune is not UTF-8.");

  qnet_abstract_socket_disconnect_from_host (QNET_ABSTRACT_SOCKET (socket));
  client->status = EXIT_SUCCESS;
  g_main_loop_quit (client->loop);
}

/* An invalid certificate is an error, too; nothing was sent then. */
static void
error_occurred_cb (QnetAbstractSocket *socket,
                   const GError       *error,
                   Client             *client)
{
  g_printerr ("%s\n", error->message);
  g_main_loop_quit (client->loop);
}

static gboolean
parse_port (int       argc,
            char     *argv[],
            guint64  *port,
            GError  **error)
{
  if (argc == 3)
    return g_ascii_string_to_unsigned (argv[2], 10, 1, G_MAXUINT16, port, error);

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                       "A host and a port are needed");
  return FALSE;
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *authority = NULL;
  const GOptionEntry entries[] = {
    { "authority", 'a', 0, G_OPTION_ARG_FILENAME, &authority, "Trust this PEM file, not the system",
      "FILE" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) options =
    g_option_context_new ("HOST PORT - ask for a fortune, encrypted");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  g_autoptr(GError) error = NULL;
  Client client = { loop, EXIT_FAILURE };
  guint64 port;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (options, entries, NULL);

  if (!g_option_context_parse (options, &argc, &argv, &error) ||
      !parse_port (argc, argv, &port, &error))
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  if (authority != NULL && !qnet_ssl_socket_set_database_file (socket, authority, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), &client);
  g_signal_connect (socket, "error-occurred", G_CALLBACK (error_occurred_cb), &client);
  qnet_ssl_socket_connect_to_host_encrypted (socket, argv[1], port);

  g_main_loop_run (loop);

  return client.status;
}
