/* fault-tls.c: scenarios of TLS
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fault-run.h"

static gboolean
is_possible (void)
{
  return g_getenv ("QNET_TEST_CERTIFICATES") != NULL && qnet_ssl_socket_supports_ssl ();
}

/* Files are read before anything fails. */

static GTlsDatabase *
get_database (void)
{
  static GTlsDatabase *database = NULL;
  g_autofree char *path = g_strdup_printf ("%s/ca.pem", g_getenv ("QNET_TEST_CERTIFICATES"));

  fault_exempt_begin ();
  if (database == NULL)
    database = g_tls_file_database_new (path, NULL);
  fault_exempt_end ();
  g_assert_nonnull (database);

  return database;
}

static GTlsCertificate *
load_certificate (const char *name)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.pem", g_getenv ("QNET_TEST_CERTIFICATES"), name);
  g_autofree char *response = g_strdup_printf ("%s/%s.ocsp", g_getenv ("QNET_TEST_CERTIFICATES"),
                                               name);
  GTlsCertificate *certificate;

  fault_exempt_begin ();
  certificate = g_tls_certificate_new_from_file (path, NULL);
  if (g_file_test (response, G_FILE_TEST_EXISTS))
    qnet_ssl_set_ocsp_response_file (certificate, response, NULL);
  fault_exempt_end ();
  g_assert_nonnull (certificate);

  return certificate;
}

static GTlsCertificate *
get_certificate (void)
{
  static GTlsCertificate *certificate = NULL;

  if (certificate == NULL)
    certificate = load_certificate ("must-staple");

  return certificate;
}

static GTlsCertificate *
get_client_certificate (void)
{
  static GTlsCertificate *certificate = NULL;

  if (certificate == NULL)
    certificate = load_certificate ("client");

  return certificate;
}

/* The longest handshake: a response of the authority, and a certificate of the client */
static void
demand_certificate (QnetSslServer *server,
                    QnetSslSocket *client)
{
  qnet_ssl_server_set_database (server, get_database ());
  qnet_ssl_server_set_peer_verify_mode (server, QNET_SSL_PEER_VERIFY_MODE_VERIFY);
  qnet_ssl_socket_set_certificate (client, get_client_certificate (), NULL);
}

static void
serve (Run      *run,
       gsize     size,
       gboolean  is_mutual)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  QnetSslServer *server = qnet_ssl_server_new ();
  QnetSslSocket *socket = qnet_ssl_socket_new ();
  EchoServer echo;
  Client client;
  GError *error = NULL;

  qnet_ssl_server_set_certificate (server, get_certificate (), NULL);
  qnet_ssl_server_set_handshake_timeout (server, 2000);
  echo_server_init (&echo, run, SERVER (server));

  qnet_ssl_socket_set_database (socket, get_database ());
  qnet_ssl_socket_set_peer_verify_name (socket, "localhost");
  qnet_ssl_socket_set_handshake_timeout (socket, 2000);
  qnet_socket_set_connect_timeout (QNET_SOCKET (socket), 2000);
  qnet_socket_set_close_timeout (QNET_SOCKET (socket), 1000);
  if (is_mutual)
    demand_certificate (server, socket);
  client_init (&client, run, DEVICE (socket), size);
  client.is_encrypted = TRUE;

  if (run_check (run, qnet_tcp_server_listen (QNET_TCP_SERVER (server), address, 0, &error),
                 &error))
    {
      qnet_ssl_socket_connect_to_host_encrypted_full (
        socket, "127.0.0.1", qnet_tcp_server_get_server_port (QNET_TCP_SERVER (server)),
        "localhost", QNET_OPEN_MODE_READ_WRITE, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
      run_until (run, client_is_over (&client) && echo_server_is_idle (&echo));
      if (client.is_echoed)
        run_succeed (run);
    }

  client_clear (&client);
  echo_server_clear (&echo);
}

static void
echo (Run *run)
{
  serve (run, 3000, FALSE);
}

static void
bulk (Run *run)
{
  serve (run, 100000, FALSE);
}

static void
mutual (Run *run)
{
  serve (run, 3000, TRUE);
}

const Scenario tls_scenarios[] = {
  { "tls-echo", echo, is_possible },
  { "tls-bulk", bulk, is_possible },
  { "tls-mutual", mutual, is_possible },
  { NULL },
};
