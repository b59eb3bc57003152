/* test-ssl-stalled.c: peers that stop in the middle of the handshake delay no other connection
 *
 * Nothing ends here by a timeout: a good peer that had to wait for the others would wait forever.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "common/session-pair.h"
#include "common/tls-fixture.h"

#define SERVER(object) QNET_TCP_SERVER (object)

#define N_SILENT 40  /* servers */

typedef struct
{
  GMainContext  *context;    /* (owned) */
  QnetSslServer *server;     /* (owned) */
  guint          n_started;  /* handshakes of the server */
  guint          n_failed;
} Fixture;

#define await(fixture, condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration ((fixture)->context, TRUE); \
  } G_STMT_END

static void
started_cb (QnetSslServer *server,
            QnetSslSocket *socket,
            Fixture       *fixture)
{
  fixture->n_started++;
}

static void
handshake_failed_cb (QnetSslServer *server,
                     QnetSslSocket *socket,
                     const GError  *error,
                     Fixture       *fixture)
{
  fixture->n_failed++;
}

static void
listen_here (QnetTcpServer *server)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  qnet_tcp_server_listen (server, address, 0, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  GError *error = NULL;

  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  if (!has_tls ())
    return;

  fixture->server = qnet_ssl_server_new ();
  qnet_ssl_server_set_certificate_files (fixture->server, get_certificate_path ("server"), NULL,
                                         &error);
  g_assert_no_error (error);
  qnet_ssl_server_set_handshake_timeout (fixture->server, 0);
  g_signal_connect (fixture->server, "started-encryption-handshake", G_CALLBACK (started_cb),
                    fixture);
  g_signal_connect (fixture->server, "handshake-failed", G_CALLBACK (handshake_failed_cb),
                    fixture);
  listen_here (SERVER (fixture->server));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->server);
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;

  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

/* (transfer full) */
static QnetSslSocket *
new_client (void)
{
  QnetSslSocket *client = qnet_ssl_socket_new ();
  GError *error = NULL;

  qnet_ssl_socket_set_peer_verify_name (client, "localhost");
  qnet_ssl_socket_set_database_file (client, get_certificate_path ("ca"), &error);
  g_assert_no_error (error);

  return client;
}

static void
assert_good_client_is_served (Fixture *fixture)
{
  g_autoptr(QnetSslSocket) client = new_client ();
  g_autoptr(QnetSslSocket) taken = NULL;

  qnet_ssl_socket_connect_to_host_encrypted (client, "127.0.0.1",
    qnet_tcp_server_get_server_port (SERVER (fixture->server)));
  await (fixture, qnet_server_has_pending_connections (QNET_SERVER (fixture->server)));
  taken = qnet_ssl_server_next_pending_connection (fixture->server);
  await (fixture, qnet_ssl_socket_is_encrypted (client));

  qnet_socket_abort (QNET_SOCKET (client));
  qnet_socket_abort (QNET_SOCKET (taken));
}

/* Stalled clients */

/* (transfer full): the first message of a client */
static GBytes *
make_hello (void)
{
  SessionPair pair;
  QnetByteQueue *output;
  GBytes *hello;

  session_pair_init (&pair, NULL, FALSE);
  session_end_advance (&pair.client);
  output = qnet_tls_session_get_output (pair.client.session);
  hello = qnet_byte_queue_take_bytes (output, output->length);
  session_pair_clear (&pair);

  return hello;
}

static void
connect_stalled (Fixture *fixture,
                 GBytes  *hello,
                 GSocket *client)
{
  g_autoptr(GSocketAddress) address =
    g_inet_socket_address_new_from_string ("127.0.0.1",
      qnet_tcp_server_get_server_port (SERVER (fixture->server)));
  GError *error = NULL;
  gsize size;
  gconstpointer bytes = g_bytes_get_data (hello, &size);

  g_socket_connect (client, address, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_socket_send (client, bytes, size, NULL, &error), ==, size);
  g_assert_no_error (error);
}

static void
test_clients (Fixture       *fixture,
              gconstpointer  data)
{
  const guint n = GPOINTER_TO_UINT (data);
  g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GBytes) hello = NULL;

  g_test_summary ("Clients that stop after their first message do not delay a good one.");

  if (fixture->server == NULL)
    return;

  hello = make_hello ();
  for (guint i = 0; i < n; i++)
    {
      GSocket *client = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_TCP, NULL);

      g_assert_nonnull (client);
      g_ptr_array_add (clients, client);
      connect_stalled (fixture, hello, client);
      await (fixture, fixture->n_started == i + 1);
    }

  /* Each has its answer: none waits to be served. */
  for (guint i = 0; i < n; i++)
    await (fixture, g_socket_condition_check (g_ptr_array_index (clients, i), G_IO_IN) != 0);

  assert_good_client_is_served (fixture);
  g_assert_cmpuint (fixture->n_failed, ==, 0);
}

/* Silent servers */

static void
loaded_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  GError *error = NULL;
  g_autofree char *contents = NULL;

  g_file_load_contents_finish (G_FILE (source), result, &contents, NULL, NULL, &error);
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static void
assert_file_is_read (Fixture *fixture)
{
  g_autoptr(GFile) file = g_file_new_for_path (get_certificate_path ("server"));
  gboolean is_read = FALSE;

  g_file_load_contents_async (file, NULL, loaded_cb, &is_read);
  await (fixture, is_read);
}

static void
assert_all_wait (GPtrArray *clients)
{
  for (guint i = 0; i < clients->len; i++)
    {
      g_assert_cmpint (qnet_socket_get_state (g_ptr_array_index (clients, i)), ==,
                       QNET_SOCKET_STATE_CONNECTED);
      g_assert_false (qnet_ssl_socket_is_encrypted (g_ptr_array_index (clients, i)));
    }
}

static void
test_servers (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetTcpServer) silent = qnet_tcp_server_new ();
  g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);

  g_test_summary ("Servers that do not answer delay neither another handshake nor a file of GIO.");

  if (fixture->server == NULL)
    return;

  qnet_server_set_max_pending_connections (QNET_SERVER (silent), N_SILENT);
  listen_here (silent);
  for (guint i = 0; i < N_SILENT; i++)
    {
      QnetSslSocket *client = new_client ();

      g_ptr_array_add (clients, client);
      qnet_ssl_socket_connect_to_host_encrypted (client, "127.0.0.1",
                                                 qnet_tcp_server_get_server_port (silent));
      await (fixture,
             qnet_socket_get_state (QNET_SOCKET (client)) == QNET_SOCKET_STATE_CONNECTED);
    }

  assert_good_client_is_served (fixture);
  assert_file_is_read (fixture);
  assert_all_wait (clients);

  for (guint i = 0; i < clients->len; i++)
    qnet_socket_abort (g_ptr_array_index (clients, i));
}

#define add(path, data, func) \
  g_test_add ("/ssl-stalled/" path, Fixture, data, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("clients/20", GUINT_TO_POINTER (20), test_clients);
  add ("clients/40", GUINT_TO_POINTER (40), test_clients);
  add ("clients/100", GUINT_TO_POINTER (100), test_clients);
  add ("servers", NULL, test_servers);

  return g_test_run ();
}
