/* ticker.c: prints what a server reports, line by line, and comes back when the connection is lost
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

typedef struct
{
  GMainLoop       *loop;
  QnetReconnector *reconnector;
  const char      *user;
  int              hold;     /* while the answer to the login is awaited, otherwise 0 */
  int              n_lines;  /* to print before it ends; 0: it runs until it is interrupted */
  int              status;
} Ticker;

/* Emitted for each new connection, before it counts as one. */
static void
prepare_cb (QnetReconnector *reconnector,
            Ticker          *ticker)
{
  g_autofree char *login = g_strdup_printf ("LOGIN %s\n", ticker->user);

  qnet_io_device_write_string (QNET_IO_DEVICE (qnet_reconnector_get_socket (reconnector)), login,
                               NULL);
  ticker->hold = qnet_reconnector_hold (reconnector);
}

static void
handle_answer (Ticker     *ticker,
               const char *answer)
{
  int hold = ticker->hold;
  g_autoptr(GError) error = NULL;

  ticker->hold = 0;
  if (g_str_equal (answer, "OK"))
    {
      qnet_reconnector_resume (ticker->reconnector, hold);
      return;
    }

  g_set_error (&error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "The login was refused: %s",
               answer);
  qnet_reconnector_fail (ticker->reconnector, hold, error);
}

static void
handle_line (Ticker     *ticker,
             const char *line)
{
  g_print ("%s\n", line);

  if (ticker->n_lines > 0 && --ticker->n_lines == 0)
    {
      ticker->status = EXIT_SUCCESS;
      g_main_loop_quit (ticker->loop);
    }
}

static void
ready_read_cb (QnetIODevice *socket,
               Ticker       *ticker)
{
  while (qnet_io_device_can_read_line (socket))
    {
      g_autofree char *line = qnet_io_device_read_line_utf8 (socket, 0, NULL);

      if (line == NULL)
        continue;  /* it was not UTF-8 */

      if (ticker->hold != 0)
        handle_answer (ticker, line);
      else
        handle_line (ticker, line);
    }
}

static void
disconnected_cb (QnetReconnector *reconnector,
                 Ticker          *ticker)
{
  g_printerr ("%s\n", qnet_reconnector_get_error (reconnector)->message);
}

static void
gave_up_cb (QnetReconnector *reconnector,
            const GError    *error,
            Ticker          *ticker)
{
  g_printerr ("%s\n", error->message);
  g_main_loop_quit (ticker->loop);
}

static gboolean
parse (int     *argc,
       char  ***argv,
       char   **user,
       int     *n_lines,
       int     *max_attempts,
       guint16 *port)
{
  const GOptionEntry entries[] = {
    { "user", 0, 0, G_OPTION_ARG_STRING, user, "log in as USER", "USER" },
    { "lines", 0, 0, G_OPTION_ARG_INT, n_lines, "end after N lines", "N" },
    { "attempts", 0, 0, G_OPTION_ARG_INT, max_attempts, "give up after N attempts", "N" },
    { NULL, 0, 0, 0, NULL, NULL, NULL }
  };
  g_autoptr(GOptionContext) options =
    g_option_context_new ("HOST PORT - print what a server reports");
  g_autoptr(GError) error = NULL;
  g_autofree char *help = NULL;
  guint64 number = 0;

  g_option_context_add_main_entries (options, entries, NULL);
  if (g_option_context_parse (options, argc, argv, &error)
      && (*argc != 3 || *n_lines < 0 || *max_attempts < 0))
    g_set_error_literal (&error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                         "A host and a port are needed, and no negative number");
  if (error == NULL)
    g_ascii_string_to_unsigned ((*argv)[2], 10, 1, 65535, &number, &error);
  if (error == NULL)
    {
      *port = (guint16) number;
      return TRUE;
    }

  help = g_option_context_get_help (options, TRUE, NULL);
  g_printerr ("%s\n\n%s", error->message, help);

  return FALSE;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  g_autoptr(QnetReconnector) reconnector = qnet_reconnector_new (QNET_SOCKET (socket), NULL);
  g_autofree char *user = NULL;
  int n_lines = 0, max_attempts = 0;
  Ticker ticker = { loop, reconnector, NULL, 0, 0, EXIT_FAILURE };
  guint16 port = 0;

  setlocale (LC_ALL, "");

  if (!parse (&argc, &argv, &user, &n_lines, &max_attempts, &port))
    return EXIT_FAILURE;

  ticker.user = user != NULL ? user : "reader";
  ticker.n_lines = n_lines;

  /* A server that accepts connections and sends nothing is lost, too. */
  qnet_socket_set_idle_timeout (QNET_SOCKET (socket), 60 * 1000);
  g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), &ticker);

  qnet_reconnector_add_host (reconnector, argv[1], port);
  qnet_reconnector_set_max_attempts (reconnector, max_attempts);
  g_signal_connect (reconnector, "prepare", G_CALLBACK (prepare_cb), &ticker);
  g_signal_connect (reconnector, "disconnected", G_CALLBACK (disconnected_cb), &ticker);
  g_signal_connect (reconnector, "gave-up", G_CALLBACK (gave_up_cb), &ticker);
  qnet_reconnector_start (reconnector);

  g_main_loop_run (loop);

  return ticker.status;
}
