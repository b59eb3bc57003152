/* secure-fortune-server.c: sends a fortune to each client, encrypted
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

static const char * const fortunes[] = {
  "What is sealed today is read by the right one tomorrow.\n",
  "An old friend will present a valid certificate.\n",
  "An unknown signature proves nothing. Ask for a known one.\n",
};

/* Emitted when a connection is encrypted, and not for those that fail. */
static void
new_connection_cb (QnetSslServer *server,
                   gpointer       user_data)
{
  g_autoptr(QnetSslSocket) connection = qnet_ssl_server_next_pending_connection (server);
  const char *fortune = fortunes[g_random_int_range (0, G_N_ELEMENTS (fortunes))];

  qnet_io_device_write_string (QNET_IO_DEVICE (connection), fortune, NULL);
  qnet_abstract_socket_disconnect_from_host (QNET_ABSTRACT_SOCKET (connection));
}

static void
handshake_failed_cb (QnetSslServer *server,
                     QnetSslSocket *socket,
                     const GError  *error,
                     gpointer       user_data)
{
  g_printerr ("%s\n", error->message);
}

static gboolean
start (QnetSslServer  *server,
       const char     *certificate,
       int             port,
       GError        **error)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  return qnet_ssl_server_set_certificate_files (server, certificate, NULL, error) &&
         qnet_tcp_server_listen (QNET_TCP_SERVER (server), address, port, error);
}

static gboolean
check_arguments (int          argc,
                 const char  *certificate,
                 int          port,
                 GError     **error)
{
  if (argc == 1 && certificate != NULL && port >= 0 && port <= G_MAXUINT16)
    return TRUE;

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       argc > 1 ? "There are too many arguments"
                                : "A certificate is needed, and a port from 0 to 65535");
  return FALSE;
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *certificate = NULL;
  int port = 0;
  const GOptionEntry entries[] = {
    { "certificate", 'c', 0, G_OPTION_ARG_FILENAME, &certificate,
      "A PEM file with certificate and key", "FILE" },
    { "port", 'p', 0, G_OPTION_ARG_INT, &port, "Listen on this port; 0 takes a free one", "PORT" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) options = g_option_context_new ("- send fortunes, encrypted");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (options, entries, NULL);
  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);
  g_signal_connect (server, "handshake-failed", G_CALLBACK (handshake_failed_cb), NULL);

  if (!g_option_context_parse (options, &argc, &argv, &error) ||
      !check_arguments (argc, certificate, port, &error))
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  if (!start (server, certificate, port, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  g_print ("The server is running on 127.0.0.1 port %u\n",
           qnet_tcp_server_get_server_port (QNET_TCP_SERVER (server)));
  g_main_loop_run (loop);

  return EXIT_SUCCESS;
}
