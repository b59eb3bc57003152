/* test-reconnector-kinds.c: local, encrypted and datagram sockets that are kept connected
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <qnet/qnet.h>

#include <gio/gunixsocketaddress.h>

#include "common/service-resolver.h"
#include "common/temp-folder.h"
#include "common/tls-fixture.h"

typedef struct
{
  GMainContext    *context;      /* (owned): its own */
  QnetServer      *server;       /* (owned) (nullable) */
  QnetSocket      *socket;       /* (owned) (nullable) */
  QnetReconnector *reconnector;  /* (owned) (nullable) */
  guint            n_connected;
  gboolean         was_encrypted;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  if (fixture->reconnector != NULL)
    g_assert_finalize_object (g_steal_pointer (&fixture->reconnector));

  g_clear_object (&fixture->socket);
  g_clear_object (&fixture->server);
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

static void
connected_cb (QnetReconnector *reconnector,
              Fixture         *fixture)
{
  fixture->n_connected++;
}

/* Takes @socket. */
static void
make_reconnector (Fixture            *fixture,
                  QnetSocket         *socket,
                  GSocketConnectable *connectable)
{
  fixture->socket = socket;
  fixture->reconnector = qnet_reconnector_new (socket, connectable);
  qnet_reconnector_set_network_monitor (fixture->reconnector, NULL);
  qnet_reconnector_set_min_delay (fixture->reconnector, 2);
  qnet_reconnector_set_max_delay (fixture->reconnector, 5);
  g_signal_connect (fixture->reconnector, "connected", G_CALLBACK (connected_cb), fixture);
}

static void
await_state (Fixture              *fixture,
             QnetReconnectorState  state)
{
  while (qnet_reconnector_get_state (fixture->reconnector) != state)
    g_main_context_iteration (fixture->context, TRUE);
}

/* Takes the next connection of the server, and ends it, when the client has it, too. */
static void
end_connection (Fixture *fixture)
{
  g_autoptr(QnetSocket) connection = NULL;

  while (!qnet_server_has_pending_connections (fixture->server))
    g_main_context_iteration (fixture->context, TRUE);

  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  connection = QNET_IS_TCP_SERVER (fixture->server)
               ? QNET_SOCKET (qnet_tcp_server_next_pending_connection
                                (QNET_TCP_SERVER (fixture->server)))
               : QNET_SOCKET (qnet_local_server_next_pending_connection
                                (QNET_LOCAL_SERVER (fixture->server)));
  qnet_socket_abort (connection);
  await_state (fixture, QNET_RECONNECTOR_WAITING);
}

/* Local sockets */

static void
listen_locally (Fixture    *fixture,
                const char *path)
{
  g_autoptr(GError) error = NULL;

  g_clear_object (&fixture->server);
  fixture->server = QNET_SERVER (qnet_local_server_new ());
  qnet_local_server_listen (QNET_LOCAL_SERVER (fixture->server), path, &error);
  g_assert_no_error (error);
}

static void
run_locally (Fixture    *fixture,
             const char *path)
{
  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_WAITING);
  g_assert_error (qnet_reconnector_get_error (fixture->reconnector), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_HOST_NOT_FOUND);

  for (guint i = 0; i < 5; i++)
    {
      listen_locally (fixture, path);
      end_connection (fixture);
      qnet_server_close (fixture->server);
    }

  g_assert_cmpuint (fixture->n_connected, ==, 5);
}

static void
test_local (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *folder = temp_folder_make ();
  g_autofree char *path = g_build_filename (folder, "server", NULL);

  g_test_summary ("A local socket is kept connected to a server by its name.");
  make_reconnector (fixture, QNET_SOCKET (qnet_local_socket_new ()), NULL);
  qnet_reconnector_add_server (fixture->reconnector, path);
  run_locally (fixture, path);

  qnet_reconnector_stop (fixture->reconnector);
  temp_folder_remove (g_steal_pointer (&folder));
}

static void
test_local_address (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autofree char *folder = temp_folder_make ();
  g_autofree char *path = g_build_filename (folder, "server", NULL);
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);

  g_test_summary ("A local socket is kept connected to an address of GIO.");
  make_reconnector (fixture, QNET_SOCKET (qnet_local_socket_new ()),
                    G_SOCKET_CONNECTABLE (address));
  run_locally (fixture, path);

  qnet_reconnector_stop (fixture->reconnector);
  temp_folder_remove (g_steal_pointer (&folder));
}

/* Services */

static void
listen_tcp (Fixture *fixture,
            guint16  port)
{
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");
  g_autoptr(GError) error = NULL;

  qnet_tcp_server_listen (QNET_TCP_SERVER (fixture->server), loopback, port, &error);
  g_assert_no_error (error);
}

static guint16
get_port (Fixture *fixture)
{
  return qnet_tcp_server_get_server_port (QNET_TCP_SERVER (fixture->server));
}

static void
test_service (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("Each attempt looks up the hosts of a service again.");
  fixture->server = QNET_SERVER (qnet_tcp_server_new ());
  listen_tcp (fixture, 0);
  service_resolver_clear ();
  service_resolver_add ("a1.test", get_port (fixture));
  make_reconnector (fixture, QNET_SOCKET (qnet_tcp_socket_new ()), NULL);
  qnet_reconnector_add_service (fixture->reconnector, "imap", "example.test");

  qnet_reconnector_start (fixture->reconnector);
  end_connection (fixture);
  qnet_server_close (fixture->server);
  listen_tcp (fixture, 0);
  service_resolver_clear ();
  service_resolver_add ("a1.test", get_port (fixture));
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
}

/* Encrypted ones */

static void
prepare_cb (QnetReconnector *reconnector,
            Fixture         *fixture)
{
  fixture->was_encrypted = qnet_ssl_socket_is_encrypted (QNET_SSL_SOCKET (fixture->socket));
}

static void
listen_encrypted (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;

  fixture->server = QNET_SERVER (qnet_ssl_server_new ());
  qnet_ssl_server_set_certificate_files (QNET_SSL_SERVER (fixture->server),
                                         get_certificate_path ("server"), NULL, &error);
  g_assert_no_error (error);
  listen_tcp (fixture, 0);
}

static void
make_encrypted (Fixture    *fixture,
                const char *authority)
{
  QnetSslSocket *socket = qnet_ssl_socket_new ();
  g_autoptr(GSocketConnectable) address = NULL;
  g_autoptr(GError) error = NULL;

  listen_encrypted (fixture);
  address = g_network_address_new ("localhost", get_port (fixture));
  qnet_ssl_socket_set_database_file (socket, get_certificate_path (authority), &error);
  g_assert_no_error (error);
  make_reconnector (fixture, QNET_SOCKET (socket), address);
  g_signal_connect (fixture->reconnector, "prepare", G_CALLBACK (prepare_cb), fixture);
}

static void
test_encrypted (Fixture       *fixture,
                gconstpointer  data)
{
  guint16 port;

  g_test_summary ("A TLS socket is connected when it is encrypted, each time.");
  if (!has_tls ())
    return;

  make_encrypted (fixture, "ca");
  port = get_port (fixture);
  qnet_reconnector_start (fixture->reconnector);
  for (guint i = 0; i < 5; i++)
    {
      end_connection (fixture);
      g_assert_true (fixture->was_encrypted);
      fixture->was_encrypted = FALSE;
      qnet_server_close (fixture->server);
      await_state (fixture, QNET_RECONNECTOR_CONNECTING);
      await_state (fixture, QNET_RECONNECTOR_WAITING);
      listen_tcp (fixture, port);
    }

  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  g_assert_cmpuint (fixture->n_connected, ==, 6);
}

static void
test_wrong_certificate (Fixture       *fixture,
                        gconstpointer  data)
{
  g_test_summary ("A certificate that is not trusted is a failed attempt: no login is written.");
  if (!has_tls ())
    return;

  make_encrypted (fixture, "other-ca");
  qnet_reconnector_set_max_attempts (fixture->reconnector, 2);
  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_FAILED);
  g_assert_error (qnet_reconnector_get_error (fixture->reconnector), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_cmpuint (fixture->n_connected, ==, 0);
}

/* STARTTLS without its dialogue: the server begins to encrypt at once. */

static int hold;

static void
start_tls_cb (QnetReconnector *reconnector,
              Fixture         *fixture)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (qnet_ssl_socket_is_encrypted (QNET_SSL_SOCKET (fixture->socket)));
  hold = qnet_reconnector_hold (reconnector);
  qnet_ssl_socket_start_client_encryption (QNET_SSL_SOCKET (fixture->socket), &error);
  g_assert_no_error (error);
}

static void
encrypted_cb (QnetSslSocket *socket,
              Fixture       *fixture)
{
  qnet_reconnector_resume (fixture->reconnector, hold);
}

static void
test_start_tls (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("With encrypted = FALSE a handler of `prepare` begins to encrypt.");
  if (!has_tls ())
    return;

  make_encrypted (fixture, "ca");
  g_signal_handlers_disconnect_by_func (fixture->reconnector, prepare_cb, fixture);
  g_signal_connect (fixture->reconnector, "prepare", G_CALLBACK (start_tls_cb), fixture);
  g_signal_connect (fixture->socket, "encrypted", G_CALLBACK (encrypted_cb), fixture);
  qnet_reconnector_set_encrypted (fixture->reconnector, FALSE);

  qnet_reconnector_start (fixture->reconnector);
  end_connection (fixture);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  g_assert_true (qnet_ssl_socket_is_encrypted (QNET_SSL_SOCKET (fixture->socket)));
  g_assert_cmpuint (fixture->n_connected, ==, 2);
}

static void
test_encrypted_later (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr(GSocketConnectable) address = NULL;

  g_test_summary ("Setting `encrypted` during an attempt concerns the next one.");
  if (!has_tls ())
    return;

  fixture->server = QNET_SERVER (qnet_tcp_server_new ());
  listen_tcp (fixture, 0);
  address = g_network_address_new ("127.0.0.1", get_port (fixture));
  make_reconnector (fixture, QNET_SOCKET (qnet_ssl_socket_new ()), address);
  qnet_reconnector_set_encrypted (fixture->reconnector, FALSE);

  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTING);
  qnet_reconnector_set_encrypted (fixture->reconnector, TRUE);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  g_assert_false (qnet_ssl_socket_is_encrypted (QNET_SSL_SOCKET (fixture->socket)));
}

/* Datagrams */

static void
test_udp (Fixture       *fixture,
          gconstpointer  data)
{
  g_autoptr(GSocketConnectable) address = g_network_address_new ("127.0.0.1", 9);

  g_test_summary ("A UDP socket is connected, and connected again after it was disconnected.");
  make_reconnector (fixture, QNET_SOCKET (qnet_udp_socket_new ()), address);
  qnet_reconnector_start (fixture->reconnector);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  qnet_socket_disconnect_from_peer (fixture->socket);
  await_state (fixture, QNET_RECONNECTOR_WAITING);
  await_state (fixture, QNET_RECONNECTOR_CONNECTED);
  g_assert_cmpuint (fixture->n_connected, ==, 2);
}

#define TEST(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  service_resolver_install ();

  TEST ("/reconnector-kinds/local", test_local);
  TEST ("/reconnector-kinds/local-address", test_local_address);
  TEST ("/reconnector-kinds/service", test_service);
  TEST ("/reconnector-kinds/encrypted", test_encrypted);
  TEST ("/reconnector-kinds/wrong-certificate", test_wrong_certificate);
  TEST ("/reconnector-kinds/start-tls", test_start_tls);
  TEST ("/reconnector-kinds/encrypted-later", test_encrypted_later);
  TEST ("/reconnector-kinds/udp", test_udp);

  return g_test_run ();
}
