/* starttls-client.c: asks for a fortune, once STARTTLS has encrypted the connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

#define PATIENCE 5000  /* milliseconds, for each step */

/* Sends a line, and returns the line that answers it. */
static char *
send_command (QnetIODevice  *device,
              const char    *command,
              GError       **error)
{
  if (qnet_io_device_write_string (device, command, error) < 0)
    return NULL;

  while (!qnet_io_device_can_read_line (device))
    {
      if (!qnet_io_device_wait_for_ready_read (device, PATIENCE, error))
        return NULL;
    }

  return qnet_io_device_read_line_utf8 (device, 0, error);
}

/* An attacker may have changed the answer: without encryption this is the end. */
static gboolean
encrypt (QnetSslSocket  *socket,
         GError        **error)
{
  g_autofree char *answer = send_command (QNET_IO_DEVICE (socket), "STARTTLS\n", error);

  if (answer == NULL)
    return FALSE;

  if (!g_str_equal (answer, "OK"))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s port %u does not encrypt connections",
                   qnet_abstract_socket_get_peer_name (QNET_ABSTRACT_SOCKET (socket)),
                   qnet_abstract_socket_get_peer_port (QNET_ABSTRACT_SOCKET (socket)));
      return FALSE;
    }

  return qnet_ssl_socket_start_client_encryption (socket, error) &&
         qnet_ssl_socket_wait_for_encrypted (socket, PATIENCE, error);
}

static char *
ask (const char  *host,
     guint16      port,
     const char  *authority,
     GError     **error)
{
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();

  if (authority != NULL && !qnet_ssl_socket_set_database_file (socket, authority, error))
    return NULL;

  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), host, port);

  if (!qnet_socket_wait_for_connected (QNET_SOCKET (socket), PATIENCE, error) ||
      !encrypt (socket, error))
    return NULL;

  return send_command (QNET_IO_DEVICE (socket), "FORTUNE\n", error);
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
    g_option_context_new ("HOST PORT - ask for a fortune, after STARTTLS");
  g_autoptr(GError) error = NULL;
  g_autofree char *fortune = NULL;
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

  fortune = ask (argv[1], port, authority, &error);
  if (fortune == NULL)
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  g_print ("%s\n", fortune);

  return EXIT_SUCCESS;
}
