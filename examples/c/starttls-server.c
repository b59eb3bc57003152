/* starttls-server.c: sends fortunes, once STARTTLS has encrypted the connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

static const char * const fortunes[] = {
  "What begins in the open will end in confidence.\n",
  "You will change your cipher, and keep your friends.\n",
  "Read everything before you start something new.\n",
};

/* The connections of a QnetSslServer are encrypted from the start; these can be, later. */

#define FORTUNE_TYPE_SERVER (fortune_server_get_type ())
G_DECLARE_FINAL_TYPE (FortuneServer, fortune_server, FORTUNE, SERVER, QnetTcpServer)

struct _FortuneServer
{
  QnetTcpServer parent_instance;
};

G_DEFINE_FINAL_TYPE (FortuneServer, fortune_server, QNET_TYPE_TCP_SERVER)

static void
fortune_server_incoming_connection (QnetServer *server,
                                    int         fd)
{
  g_autoptr(QnetSslSocket) connection = qnet_ssl_socket_new ();

  if (qnet_socket_set_fd (QNET_SOCKET (connection), fd, QNET_SOCKET_STATE_CONNECTED,
                          QNET_OPEN_MODE_READ_WRITE, NULL))
    qnet_server_add_pending_connection (server, QNET_SOCKET (connection));
  else
    qnet_server_refuse_connection (server, fd);
}

static void
fortune_server_class_init (FortuneServerClass *klass)
{
  QNET_SERVER_CLASS (klass)->incoming_connection = fortune_server_incoming_connection;
}

static void
fortune_server_init (FortuneServer *self)
{
}

static void
answer (QnetIODevice *connection,
        const char   *command)
{
  QnetSslSocket *socket = QNET_SSL_SOCKET (connection);
  gboolean is_encrypted = qnet_ssl_socket_is_encrypted (socket);
  g_autoptr(GError) error = NULL;

  if (g_str_equal (command, "STARTTLS") && !is_encrypted)
    {
      /* This is sent unencrypted; what is written from now on is encrypted. */
      qnet_io_device_write_string (connection, "OK\n", NULL);

      if (!qnet_ssl_socket_start_server_encryption (socket, &error))
        g_printerr ("%s\n", error->message);  /* the connection has been aborted */
    }
  else if (g_str_equal (command, "FORTUNE") && is_encrypted)
    {
      const char *fortune = fortunes[g_random_int_range (0, G_N_ELEMENTS (fortunes))];

      qnet_io_device_write_string (connection, fortune, NULL);
    }
  else
    {
      qnet_io_device_write_string (connection, "NO\n", NULL);
    }
}

static void
ready_read_cb (QnetIODevice *connection,
               gpointer      user_data)
{
  while (qnet_io_device_can_read_line (connection))
    {
      g_autofree char *command = qnet_io_device_read_line_utf8 (connection, 0, NULL);

      answer (connection, command != NULL ? command : "not UTF-8");
    }
}

static void
new_connection_cb (QnetTcpServer *server,
                   gpointer       user_data)
{
  g_autoptr(QnetTcpSocket) connection = qnet_tcp_server_next_pending_connection (server);

  g_signal_connect (connection, "ready-read", G_CALLBACK (ready_read_cb), NULL);
}

/* The default configuration is that of each connection. */
static gboolean
start (QnetTcpServer  *server,
       const char     *certificate,
       int             port,
       GError        **error)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(QnetSslConfiguration) empty = qnet_ssl_configuration_new ();
  g_autoptr(QnetSslConfiguration) configuration =
    qnet_ssl_configuration_with_certificate_files (empty, certificate, NULL, error);

  if (configuration == NULL)
    return FALSE;

  qnet_ssl_configuration_set_default (configuration);

  return qnet_tcp_server_listen (server, address, port, error);
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
  g_autoptr(GOptionContext) options = g_option_context_new ("- send fortunes, after STARTTLS");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetTcpServer) server = g_object_new (FORTUNE_TYPE_SERVER, NULL);
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (options, entries, NULL);
  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);

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
           qnet_tcp_server_get_server_port (server));
  g_main_loop_run (loop);

  return EXIT_SUCCESS;
}
