/* test-service-tls.c: the name that the certificate of a service has to be for
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <gio/gunixsocketaddress.h>

#include "common/service-resolver.h"
#include "common/tls-fixture.h"

typedef struct
{
  QnetSslServer *server;  /* (owned): its certificate is for "localhost" */
  QnetSslSocket *client;  /* (owned) */
} Fixture;

static void
connected_cb (QnetSslSocket *client)
{
  qnet_ssl_socket_start_client_encryption (client, NULL);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");
  g_autoptr(GError) error = NULL;

  if (!has_tls ())
    return;

  fixture->server = qnet_ssl_server_new ();
  qnet_ssl_server_set_certificate_files (fixture->server, get_certificate_path ("server"), NULL,
                                         &error);
  g_assert_no_error (error);
  qnet_tcp_server_listen (QNET_TCP_SERVER (fixture->server), loopback, 0, &error);
  g_assert_no_error (error);

  fixture->client = qnet_ssl_socket_new ();
  qnet_ssl_socket_set_database_file (fixture->client, get_certificate_path ("ca"), &error);
  g_assert_no_error (error);
  g_signal_connect (fixture->client, "connected", G_CALLBACK (connected_cb), NULL);

  service_resolver_clear ();
  service_resolver_add ("a1.test",
                        qnet_tcp_server_get_server_port (QNET_TCP_SERVER (fixture->server)));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  if (fixture->client != NULL)
    qnet_socket_abort (QNET_SOCKET (fixture->client));

  g_clear_object (&fixture->client);
  g_clear_object (&fixture->server);
}

/* Runs until the client is encrypted, or has failed. */
static void
run (Fixture *fixture)
{
  while (qnet_socket_get_state (QNET_SOCKET (fixture->client)) != QNET_SOCKET_STATE_UNCONNECTED
         && !qnet_ssl_socket_is_encrypted (fixture->client))
    g_main_context_iteration (NULL, TRUE);
}

static void
connect_to_service (Fixture    *fixture,
                    const char *domain)
{
  qnet_abstract_socket_connect_to_service (ABSTRACT (fixture->client), "imap", domain);
  run (fixture);
}

static void
test_domain (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("A certificate for the domain is accepted, although the host has another name.");

  if (fixture->client == NULL)
    return;

  connect_to_service (fixture, "localhost");
  g_assert_true (qnet_ssl_socket_is_encrypted (fixture->client));
}

static void
test_other (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("A certificate that is not for the domain is refused.");

  if (fixture->client == NULL)
    return;

  connect_to_service (fixture, "domain.test");
  g_assert_false (qnet_ssl_socket_is_encrypted (fixture->client));
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->client)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
}

static void
test_encrypted (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("connect_to_service_encrypted() encrypts by itself, for the domain alone.");

  if (fixture->client == NULL)
    return;

  g_signal_handlers_disconnect_by_func (fixture->client, connected_cb, NULL);
  qnet_ssl_socket_connect_to_service_encrypted (fixture->client, "imaps", "localhost");
  run (fixture);
  g_assert_true (qnet_ssl_socket_is_encrypted (fixture->client));

  qnet_socket_abort (QNET_SOCKET (fixture->client));
  qnet_ssl_socket_connect_to_service_encrypted (fixture->client, "imaps", "domain.test");
  run (fixture);
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->client)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
}

static GSocketConnectable *
make_address (Fixture *fixture)
{
  QnetTcpServer *server = QNET_TCP_SERVER (fixture->server);

  return g_network_address_new ("127.0.0.1", qnet_tcp_server_get_server_port (server));
}

static void
test_connectable (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(GSocketConnectable) address = NULL;

  g_test_summary ("connect_to_connectable_encrypted() encrypts by itself.");

  if (fixture->client == NULL)
    return;

  g_signal_handlers_disconnect_by_func (fixture->client, connected_cb, NULL);
  address = make_address (fixture);
  qnet_ssl_socket_connect_to_connectable_encrypted (fixture->client, address);
  run (fixture);
  g_assert_true (qnet_ssl_socket_is_encrypted (fixture->client));
}

static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(GSocketAddress) local = g_unix_socket_address_new ("/nowhere");
  g_autoptr(GSocketConnectable) address = NULL;

  g_test_summary ("A request that is refused does not encrypt the next connection.");

  if (fixture->client == NULL)
    return;

  g_signal_handlers_disconnect_by_func (fixture->client, connected_cb, NULL);
  qnet_ssl_socket_connect_to_connectable_encrypted (fixture->client, G_SOCKET_CONNECTABLE (local));
  while (qnet_io_device_get_error (DEVICE (fixture->client)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->client)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);

  address = make_address (fixture);
  qnet_abstract_socket_connect_to_connectable (ABSTRACT (fixture->client), address);
  while (qnet_socket_get_state (QNET_SOCKET (fixture->client)) != QNET_SOCKET_STATE_CONNECTED)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (qnet_ssl_socket_get_mode (fixture->client), ==, QNET_SSL_MODE_UNENCRYPTED);
}

/* The outcome of an asynchronous call */
typedef struct
{
  gboolean  has_ended;
  gboolean  is_encrypted;
  GError   *error;  /* (owned) (nullable) */
} Outcome;

static void
connectable_cb (GObject      *client,
                GAsyncResult *result,
                gpointer      user_data)
{
  Outcome *outcome = user_data;

  outcome->is_encrypted
    = qnet_ssl_socket_connect_to_connectable_encrypted_finish (QNET_SSL_SOCKET (client), result,
                                                               &outcome->error);
  outcome->has_ended = TRUE;
}

static void
service_cb (GObject      *client,
            GAsyncResult *result,
            gpointer      user_data)
{
  Outcome *outcome = user_data;

  outcome->is_encrypted
    = qnet_ssl_socket_connect_to_service_encrypted_finish (QNET_SSL_SOCKET (client), result,
                                                           &outcome->error);
  outcome->has_ended = TRUE;
}

static void
test_async (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(GSocketConnectable) address = NULL;
  Outcome outcome = { FALSE };

  g_test_summary ("The asynchronous forms end when the connection is encrypted.");

  if (fixture->client == NULL)
    return;

  g_signal_handlers_disconnect_by_func (fixture->client, connected_cb, NULL);
  address = make_address (fixture);
  qnet_ssl_socket_connect_to_connectable_encrypted_async (fixture->client, address, 0, NULL,
                                                          connectable_cb, &outcome);
  while (!outcome.has_ended)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (outcome.error);
  g_assert_true (outcome.is_encrypted && qnet_ssl_socket_is_encrypted (fixture->client));

  qnet_socket_abort (QNET_SOCKET (fixture->client));
  outcome.has_ended = FALSE;
  qnet_ssl_socket_connect_to_service_encrypted_async (fixture->client, "imaps", "localhost", 0,
                                                      NULL, service_cb, &outcome);
  while (!outcome.has_ended)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (outcome.error);
  g_assert_true (outcome.is_encrypted && qnet_ssl_socket_is_encrypted (fixture->client));
}

static void
test_async_refused (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr(GSocketAddress) local = g_unix_socket_address_new ("/nowhere");
  Outcome outcome = { FALSE };

  g_test_summary ("The asynchronous form of a request that is refused ends with the reason.");

  if (fixture->client == NULL)
    return;

  qnet_ssl_socket_connect_to_connectable_encrypted_async (fixture->client,
                                                          G_SOCKET_CONNECTABLE (local), 0, NULL,
                                                          connectable_cb, &outcome);
  while (!outcome.has_ended)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (outcome.error, QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&outcome.error);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  service_resolver_install ();

#define ADD(path, function) \
  g_test_add ("/service-tls/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("domain", test_domain);
  ADD ("other-name", test_other);
  ADD ("encrypted", test_encrypted);
  ADD ("connectable", test_connectable);
  ADD ("refused", test_refused);
  ADD ("async", test_async);
  ADD ("async/refused", test_async_refused);
#undef ADD

  return g_test_run ();
}
