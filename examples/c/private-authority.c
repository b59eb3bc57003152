/* private-authority.c: connects to a server that an authority of one's own has signed
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

#define PATIENCE 5000  /* milliseconds */

/* Sets the default of everything that is created later. */
static gboolean
trust_only (const char  *authority,
            GError     **error)
{
  g_autoptr(QnetSslConfiguration) empty = qnet_ssl_configuration_new ();
  g_autoptr(QnetSslConfiguration) configuration =
    qnet_ssl_configuration_with_database_file (empty, authority, error);

  if (configuration == NULL)
    return FALSE;

  qnet_ssl_configuration_set_default (configuration);

  return TRUE;
}

static gboolean
print_server (const char  *host,
              guint16      port,
              GError     **error)
{
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  g_autofree char *subject = NULL;
  g_autofree char *issuer = NULL;
  GTlsCertificate *certificate;

  qnet_ssl_socket_connect_to_host_encrypted (socket, host, port);

  if (!qnet_ssl_socket_wait_for_encrypted (socket, PATIENCE, error))
    return FALSE;

  certificate = qnet_ssl_socket_get_peer_certificate (socket);
  subject = g_tls_certificate_get_subject_name (certificate);
  issuer = g_tls_certificate_get_issuer_name (certificate);
  g_print ("%s, signed by %s\n", subject, issuer);

  return TRUE;
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
                       "An authority, a host and a port are needed");
  return FALSE;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) options =
    g_option_context_new ("AUTHORITY HOST PORT - connect to a server of a private authority");
  g_autoptr(GError) error = NULL;
  guint64 port;

  setlocale (LC_ALL, "");

  if (!g_option_context_parse (options, &argc, &argv, &error) ||
      !parse_port (argc, argv, &port, &error))
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  if (!trust_only (argv[1], &error) ||
      !print_server (argv[2], port, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  return EXIT_SUCCESS;
}
