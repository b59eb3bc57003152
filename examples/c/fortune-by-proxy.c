/* fortune-by-proxy.c: asks for a fortune through a proxy
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

#define PATIENCE 5000  /* milliseconds, for each step */

/* A program with windows would hold the authenticator, show a dialog, and then resume. */
static void
authenticate_cb (QnetAbstractSocket *socket,
                 QnetNetworkProxy   *proxy,
                 QnetAuthenticator  *authenticator)
{
  qnet_authenticator_set_user (authenticator, g_getenv ("PROXY_USER"));
  qnet_authenticator_set_password (authenticator, g_getenv ("PROXY_PASSWORD"));
}

static char *
ask (QnetNetworkProxy  *proxy,
     const char        *host,
     guint16            port,
     GError           **error)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  QnetAbstractSocket *abstract = QNET_ABSTRACT_SOCKET (socket);
  QnetIODevice *device = QNET_IO_DEVICE (socket);

  g_signal_connect (socket, "proxy-authentication-required", G_CALLBACK (authenticate_cb), NULL);
  qnet_abstract_socket_set_proxy (abstract, proxy);
  qnet_abstract_socket_connect_to_host (abstract, host, port);

  if (!qnet_socket_wait_for_connected (QNET_SOCKET (abstract), PATIENCE, error))
    return NULL;

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
  if (argc == 4)
    return g_ascii_string_to_unsigned (argv[3], 10, 1, G_MAXUINT16, port, error);

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                       "A proxy, a host and a port are needed");
  return FALSE;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) options =
    g_option_context_new ("PROXY-URI HOST PORT - ask for a fortune by a proxy");
  g_autoptr(QnetNetworkProxy) proxy = NULL;
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

  proxy = qnet_network_proxy_new_from_uri (argv[1], &error);
  if (proxy != NULL)
    fortune = ask (proxy, argv[2], port, &error);

  if (fortune == NULL)
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  g_print ("%s\n", fortune);

  return EXIT_SUCCESS;
}
