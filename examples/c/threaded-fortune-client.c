/* threaded-fortune-client.c: asks for a fortune in a thread, while the main loop runs
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

#define PATIENCE 5000  /* milliseconds, for each step */

typedef struct
{
  char    *host;
  guint16  port;
} Request;

static void
request_free (Request *request)
{
  g_free (request->host);
  g_free (request);
}

/* The thread */

/* The socket is created, used and freed here. Without a main loop, it is driven by its waits. */
static char *
ask (const Request  *request,
     GError        **error)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  QnetIODevice *device = QNET_IO_DEVICE (socket);

  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), request->host,
                                        request->port);

  if (!qnet_socket_wait_for_connected (QNET_SOCKET (socket), PATIENCE, error))
    return NULL;

  /* A line may arrive in pieces. */
  while (!qnet_io_device_can_read_line (device))
    {
      if (!qnet_io_device_wait_for_ready_read (device, PATIENCE, error))
        return NULL;
    }

  return qnet_io_device_read_line_utf8 (device, 0, error);
}

static void
work (GTask        *task,
      gpointer      source,
      gpointer      data,
      GCancellable *cancellable)
{
  GError *error = NULL;
  char *fortune = ask (data, &error);

  if (fortune != NULL)
    g_task_return_pointer (task, fortune, g_free);
  else
    g_task_return_error (task, error);
}

/* The main loop */

typedef struct
{
  GMainLoop *loop;
  int        status;
} Client;

static void
finished_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Client *client = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *fortune = g_task_propagate_pointer (G_TASK (result), &error);

  if (fortune != NULL)
    {
      g_print ("%s\n", fortune);
      client->status = EXIT_SUCCESS;
    }
  else
    {
      g_printerr ("%s\n", error->message);
    }

  g_main_loop_quit (client->loop);
}

static void
start (const char *host,
       guint16     port,
       Client     *client)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, finished_cb, client);
  Request *request = g_new0 (Request, 1);

  request->host = g_strdup (host);
  request->port = port;

  g_task_set_task_data (task, request, (GDestroyNotify) request_free);
  g_task_run_in_thread (task, work);
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
  g_autoptr(GOptionContext) options =
    g_option_context_new ("HOST PORT - ask for a fortune in a thread");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GError) error = NULL;
  Client client = { loop, EXIT_FAILURE };
  guint64 port;

  setlocale (LC_ALL, "");

  if (!g_option_context_parse (options, &argc, &argv, &error) ||
      !parse_port (argc, argv, &port, &error))
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  start (argv[1], (guint16) port, &client);
  g_main_loop_run (loop);

  return client.status;
}
