/* blocking-fortune-client.c: asks for a fortune step by step, without a main loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

#define PATIENCE 5000  /* milliseconds, for each step */

static char *
ask (const char  *host,
     guint16      port,
     GError     **error)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  QnetIODevice *device = QNET_IO_DEVICE (socket);

  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), host, port);

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
  g_autoptr(GOptionContext) options = g_option_context_new ("HOST PORT - ask for a fortune");
  g_autoptr(GError) error = NULL;
  g_autofree char *fortune = NULL;
  guint64 port;

  setlocale (LC_ALL, "");

  if (!g_option_context_parse (options, &argc, &argv, &error) ||
      !parse_port (argc, argv, &port, &error))
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  fortune = ask (argv[1], port, &error);
  if (fortune == NULL)
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  g_print ("%s\n", fortune);

  return EXIT_SUCCESS;
}
