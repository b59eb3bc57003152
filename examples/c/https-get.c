/* https-get.c: fetches a page, without any main loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include <qnet/qnet.h>

static gboolean
ask (QnetSslSocket  *socket,
     const char     *host,
     guint16         port,
     const char     *path,
     GError        **error)
{
  g_autofree char *request =
    g_strdup_printf ("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, host);

  /* Data that is written before the connection is encrypted is sent afterwards. */
  qnet_ssl_socket_connect_to_host_encrypted (socket, host, port);

  return qnet_io_device_write_string (QNET_IO_DEVICE (socket), request, error) >= 0 &&
         qnet_ssl_socket_wait_for_encrypted (socket, -1, error);
}

static void
print_answer (QnetIODevice *device)
{
  while (qnet_io_device_get_bytes_available (device) > 0 ||
         qnet_io_device_wait_for_ready_read (device, 30000, NULL))
    {
      g_autoptr(GBytes) bytes = qnet_io_device_read_bytes (device, 65536);

      fwrite (g_bytes_get_data (bytes, NULL), 1, g_bytes_get_size (bytes), stdout);
    }
}

static gboolean
parse_port (int       argc,
            char     *argv[],
            guint64  *port,
            GError  **error)
{
  if (argc == 4)
    return g_ascii_string_to_unsigned (argv[2], 10, 1, G_MAXUINT16, port, error);

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                       "A host, a port and a path are needed");
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
  g_autoptr(GOptionContext) options = g_option_context_new ("HOST PORT PATH - fetch a page");
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
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

  if ((authority != NULL && !qnet_ssl_socket_set_database_file (socket, authority, &error)) ||
      !ask (socket, argv[1], port, argv[3], &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  print_answer (QNET_IO_DEVICE (socket));

  return EXIT_SUCCESS;
}
