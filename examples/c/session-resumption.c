/* session-resumption.c: connects twice, and resumes the session of the first connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

#define PATIENCE 5000  /* milliseconds, for each step */

static gboolean
exchange (QnetSslSocket  *socket,
          const char     *host,
          guint16         port,
          GError        **error)
{
  qnet_ssl_socket_connect_to_host_encrypted (socket, host, port);

  if (!qnet_ssl_socket_wait_for_encrypted (socket, PATIENCE, error))
    return FALSE;

  /* In TLS 1.3 the ticket for the next connection comes in front of the server's data. */
  while (!qnet_io_device_can_read_line (QNET_IO_DEVICE (socket)))
    {
      if (!qnet_io_device_wait_for_ready_read (QNET_IO_DEVICE (socket), PATIENCE, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
connect_and_print (int          number,
                   const char  *host,
                   guint16      port,
                   const char  *authority,
                   GError     **error)
{
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();

  if ((authority != NULL && !qnet_ssl_socket_set_database_file (socket, authority, error)) ||
      !exchange (socket, host, port, error))
    return FALSE;

  g_print ("Connection %d: %s\n", number,
           qnet_ssl_socket_is_session_reused (socket) ? "session reused" : "full handshake");
  return TRUE;
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
    g_option_context_new ("HOST PORT - connect twice, and resume the session");
  g_autoptr(GError) error = NULL;
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

  for (int number = 1; number <= 2; number++)
    {
      if (!connect_and_print (number, argv[1], port, authority, &error))
        {
          g_printerr ("%s\n", error->message);
          return EXIT_FAILURE;
        }
    }

  return EXIT_SUCCESS;
}
