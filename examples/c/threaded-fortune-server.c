/* threaded-fortune-server.c: sends each fortune from a thread of its own
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include <qnet/qnet.h>

static const char * const fortunes[] = {
  "Many threads make a strong rope, and now and then a knot.\n",
  "What you share you must lock; what you hand over you may forget.\n",
  "Another thread is already working on it.\n",
  "You will be scheduled soon.\n",
};

/* The threads */

static gpointer
send_fortune (gpointer data)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  QnetAbstractSocket *connection = QNET_ABSTRACT_SOCKET (socket);
  g_autoptr(GError) error = NULL;
  int fd = GPOINTER_TO_INT (data);

  /* Only the descriptor moves to another thread. This thread has no main loop, so it waits. */
  if (!qnet_socket_set_fd (QNET_SOCKET (connection), fd,
                                                   QNET_SOCKET_STATE_CONNECTED,
                                                   QNET_OPEN_MODE_READ_WRITE,
                                                   &error))
    {
      g_printerr ("%s\n", error->message);
      close (fd);
      return NULL;
    }

  qnet_io_device_write_string (QNET_IO_DEVICE (socket),
                               fortunes[g_random_int_range (0, G_N_ELEMENTS (fortunes))],
                               NULL);
  qnet_abstract_socket_disconnect_from_host (connection);
  qnet_socket_wait_for_disconnected (QNET_SOCKET (connection), 5000, NULL);

  return NULL;
}

/* The server */

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
  g_thread_unref (g_thread_new ("fortune", send_fortune, GINT_TO_POINTER (fd)));
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
  g_autoptr(GOptionContext) options = g_option_context_new ("- send fortunes from threads");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetTcpServer) server = g_object_new (FORTUNE_TYPE_SERVER, NULL);
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (options, entries, NULL);

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
