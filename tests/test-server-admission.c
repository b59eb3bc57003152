/* test-server-admission.c: servers that refuse peers by their address
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "common/allocations.h"
#include "common/server-fixture.h"
#include "common/tls-fixture.h"
#include "server/qnet-admission-private.h"

#define SERVER(fixture) (QNET_SERVER ((fixture)->base.server))

typedef struct
{
  ServerFixture      base;
  QnetAddressFilter *filter;      /* (owned) */
  guint              n_notified;  /* refused-connections */
  char              *address;     /* (owned) (nullable): of the last one that was refused */
  GError            *error;       /* (owned) (nullable) */
} Fixture;

static void
refused_cb (QnetServer      *server,
            QnetHostAddress *address,
            const GError    *error,
            Fixture         *fixture)
{
  g_free (fixture->address);
  g_clear_error (&fixture->error);
  fixture->address = qnet_host_address_to_string (address);
  fixture->error = g_error_copy (error);
}

static void
count_cb (Fixture *fixture)
{
  fixture->n_notified++;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  server_fixture_set_up (&fixture->base, data);
  fixture->filter = qnet_address_filter_new ();
  g_signal_connect_swapped (fixture->base.server, "notify::refused-connections",
                            G_CALLBACK (count_cb), fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  server_fixture_tear_down (&fixture->base, data);
  g_assert_finalize_object (fixture->filter);
  g_free (fixture->address);
  g_clear_error (&fixture->error);
}

static void
observe (Fixture *fixture)
{
  g_signal_connect (fixture->base.server, "connection-refused", G_CALLBACK (refused_cb), fixture);
}

#define await(fixture, condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration ((fixture)->base.context, TRUE); \
  } G_STMT_END

/* All of 127.0.0.0/8 are addresses of this machine. */
static int
connect_from (Fixture *fixture,
              guint32  address)
{
  struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (address) };
  struct sockaddr_in to = {
    .sin_family = AF_INET,
    .sin_port = htons (qnet_tcp_server_get_server_port (fixture->base.server)),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (client, (struct sockaddr *) &from, sizeof from), ==, 0);
  g_assert_cmpint (connect (client, (struct sockaddr *) &to, sizeof to), ==, 0);
  g_array_append_val (fixture->base.clients, client);

  return client;
}

static void
assert_refuses (Fixture *fixture,
                guint32  address)
{
  gint64 n_refused = qnet_server_get_refused_connections (SERVER (fixture));
  int client = connect_from (fixture, address);
  guint n_new = fixture->base.n_new;

  await (fixture, qnet_server_get_refused_connections (SERVER (fixture)) > n_refused);
  g_assert_cmpint (qnet_server_get_refused_connections (SERVER (fixture)), ==, n_refused + 1);
  assert_disconnected (client);
  g_assert_cmpuint (fixture->base.n_new, ==, n_new);
}

/* Returns the client. */
static int
assert_accepts (Fixture *fixture,
                guint32  address)
{
  gint64 n_refused = qnet_server_get_refused_connections (SERVER (fixture));
  guint n_new = fixture->base.n_new;
  int client = connect_from (fixture, address);
  QnetTcpSocket *socket;

  server_fixture_await_new (&fixture->base, n_new + 1);
  socket = qnet_tcp_server_next_pending_connection (fixture->base.server);
  g_object_unref (socket);
  g_assert_cmpint (qnet_server_get_refused_connections (SERVER (fixture)), ==, n_refused);

  return client;
}

static void
disconnect_client (Fixture *fixture,
                   int      client)
{
  GListModel *connections = qnet_server_get_connections (SERVER (fixture));
  guint n = g_list_model_get_n_items (connections);

  server_fixture_disconnect (&fixture->base, client);
  await (fixture, g_list_model_get_n_items (connections) < n);
  server_fixture_settle (&fixture->base);
}

/* The filter */

static void
test_denied (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("A peer that the filter denies is reset, counted and reported, and no socket is "
                  "created for it.");

  g_assert_true (qnet_address_filter_add_deny (fixture->filter, "127.0.0.2", NULL));
  qnet_server_set_address_filter (SERVER (fixture), fixture->filter);
  g_assert_true (qnet_server_get_address_filter (SERVER (fixture)) == fixture->filter);
  observe (fixture);
  server_fixture_listen (&fixture->base);

  assert_refuses (fixture, 0x7f000002);
  g_assert_cmpuint (fixture->n_notified, ==, 1);
  g_assert_cmpstr (fixture->address, ==, "127.0.0.2");
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ACCESS);
  g_assert_cmpstr (fixture->error->message, ==,
                   "Refused a connection from 127.0.0.2: The address is denied");
  g_assert_cmpuint (fixture->base.n_available, ==, 0);

  assert_accepts (fixture, 0x7f000001);
}

static void
test_denied_mapped (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A server for both families knows IPv4 peers by their IPv4 address.");

  g_assert_true (qnet_address_filter_add_deny (fixture->filter, "127.0.0.2", NULL));
  g_assert_true (qnet_address_filter_add_deny (fixture->filter, "::/0", NULL));
  qnet_server_set_address_filter (SERVER (fixture), fixture->filter);
  observe (fixture);
  g_assert_true (qnet_tcp_server_listen_port (fixture->base.server, 0, NULL));

  assert_refuses (fixture, 0x7f000002);
  g_assert_cmpstr (fixture->address, ==, "127.0.0.2");
  assert_accepts (fixture, 0x7f000001);
}

static void
test_changed (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetAddressFilter) all = qnet_address_filter_new ();

  g_test_summary ("A filter that is changed concerns connections from then on; one without "
                  "networks accepts all.");

  qnet_server_set_address_filter (SERVER (fixture), fixture->filter);
  server_fixture_listen (&fixture->base);
  assert_accepts (fixture, 0x7f000001);

  qnet_address_filter_set_default_allowed (fixture->filter, FALSE);
  assert_refuses (fixture, 0x7f000001);
  g_assert_cmpuint (g_list_model_get_n_items (qnet_server_get_connections (SERVER (fixture))), ==,
                    1);

  g_object_set (fixture->base.server, "address-filter", all, NULL);
  assert_accepts (fixture, 0x7f000001);
}

static void
test_allocations (Fixture       *fixture,
                  gconstpointer  data)
{
  guint before = 0;

  g_test_summary ("Refusing without a handler allocates nothing.");

  g_signal_handlers_disconnect_by_func (fixture->base.server, count_cb, fixture);
  qnet_address_filter_set_default_allowed (fixture->filter, FALSE);
  qnet_server_set_address_filter (SERVER (fixture), fixture->filter);
  server_fixture_listen (&fixture->base);

  for (int round = 0; round < 2; round++)
    {
      for (int i = 0; i < 20; i++)
        connect_from (fixture, 0x7f000001);
      before = allocations_count ();
      await (fixture, qnet_server_get_refused_connections (SERVER (fixture)) == 20 * (round + 1));
    }

  g_assert_cmpuint (allocations_count (), ==, before);
}

static void
close_cb (QnetServer *server)
{
  qnet_server_close (server);
}

static void
test_handler_closes (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A handler of a refusal may close the server.");

  qnet_address_filter_set_default_allowed (fixture->filter, FALSE);
  qnet_server_set_address_filter (SERVER (fixture), fixture->filter);
  g_signal_connect (fixture->base.server, "connection-refused", G_CALLBACK (close_cb), NULL);
  server_fixture_listen (&fixture->base);
  connect_from (fixture, 0x7f000001);
  connect_from (fixture, 0x7f000001);

  await (fixture, !qnet_server_is_listening (SERVER (fixture)));
  g_assert_cmpint (qnet_server_get_refused_connections (SERVER (fixture)), ==, 1);
}

static void
test_local (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *name = g_strdup_printf ("qnet-admission-%d", (int) getpid ());
  g_autoptr(QnetLocalServer) server = qnet_local_server_new ();
  g_autoptr(QnetLocalSocket) client = qnet_local_socket_new ();
  g_autoptr(GError) error = NULL;

  g_test_summary ("A local server has no addresses to filter.");

  qnet_address_filter_set_default_allowed (fixture->filter, FALSE);
  qnet_server_set_address_filter (QNET_SERVER (server), fixture->filter);
  qnet_server_set_max_connections_per_address (QNET_SERVER (server), 1);
  qnet_local_server_set_access (server, QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE);
  qnet_local_socket_set_access (client, QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE);
  qnet_local_server_listen (server, name, &error);
  g_assert_no_error (error);
  qnet_local_socket_connect_to_server (client, name);
  await (fixture, qnet_server_has_pending_connections (QNET_SERVER (server)));
}

/* The limit */

static void
test_limit (Fixture       *fixture,
            gconstpointer  data)
{
  int client;

  g_test_summary ("An address has as many connections as it may have; another one has its own, and "
                  "one that ends makes room.");

  observe (fixture);
  qnet_server_set_max_connections_per_address (SERVER (fixture), 2);
  server_fixture_listen (&fixture->base);

  client = assert_accepts (fixture, 0x7f000001);
  assert_accepts (fixture, 0x7f000001);
  assert_refuses (fixture, 0x7f000001);
  g_assert_cmpstr (fixture->address, ==, "127.0.0.1");
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_assert_cmpstr (fixture->error->message, ==,
                   "Refused a connection from 127.0.0.1: The address has reached its limit of "
                   "connections");
  assert_accepts (fixture, 0x7f000002);

  disconnect_client (fixture, client);
  assert_accepts (fixture, 0x7f000001);
  assert_refuses (fixture, 0x7f000001);
}

static void
test_limit_pending (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("Connections that were not taken count, too, until the server is closed.");

  qnet_server_set_max_connections_per_address (SERVER (fixture), 1);
  server_fixture_listen (&fixture->base);
  connect_from (fixture, 0x7f000001);
  server_fixture_await_new (&fixture->base, 1);
  assert_refuses (fixture, 0x7f000001);

  qnet_server_close (SERVER (fixture));
  server_fixture_listen (&fixture->base);
  assert_accepts (fixture, 0x7f000001);
}

static void
test_limit_prefix (Fixture       *fixture,
                   gconstpointer  data)
{
  g_test_summary ("Addresses with the same prefix count as one; another prefix counts again.");

  qnet_server_set_max_connections_per_address (SERVER (fixture), 1);
  qnet_server_set_ipv4_prefix_length (SERVER (fixture), 24);
  server_fixture_listen (&fixture->base);
  assert_accepts (fixture, 0x7f000001);
  assert_refuses (fixture, 0x7f000002);
  assert_accepts (fixture, 0x7f000102);

  qnet_server_set_ipv4_prefix_length (SERVER (fixture), 32);
  assert_refuses (fixture, 0x7f000001);
  assert_accepts (fixture, 0x7f000002);
}

static void
abort_pending (Fixture *fixture)
{
  GListModel *connections = qnet_server_get_connections (SERVER (fixture));
  g_autoptr(QnetSocket) connection = g_list_model_get_item (connections, 0);

  qnet_socket_abort (connection);
}

static void
test_limit_ended (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A connection that has ended before it was taken does not count any more.");

  qnet_server_set_max_connections_per_address (SERVER (fixture), 1);
  server_fixture_listen (&fixture->base);
  connect_from (fixture, 0x7f000001);
  server_fixture_await_new (&fixture->base, 1);
  abort_pending (fixture);
  assert_accepts (fixture, 0x7f000001);
}

static QnetNetworkKey
get_key (const char *text)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string (text);
  QnetNetworkKey key;

  g_assert_true (qnet_network_key_init_address (&key, address));

  return key;
}

static void
test_limit_ipv6 (Fixture       *fixture,
                 gconstpointer  data)
{
  QnetAdmission *admission = qnet_admission_new ();
  const QnetNetworkKey first = get_key ("2001:db8::1");
  const QnetNetworkKey second = get_key ("2001:db8::ffff:0:0:2");
  const QnetNetworkKey foreign = get_key ("2001:db8:0:1::1");

  g_test_summary ("The addresses of one IPv6 network of 64 bits count as one, unless that is set.");

  g_assert_cmpint (qnet_server_get_ipv6_prefix_length (SERVER (fixture)), ==, 64);
  g_assert_cmpint (qnet_server_get_ipv4_prefix_length (SERVER (fixture)), ==, 32);

  admission->limit = 1;
  qnet_admission_add (admission, fixture, &first);
  g_assert_cmpint (qnet_admission_judge (admission, &second), ==, QNET_VERDICT_TOO_MANY);
  g_assert_cmpint (qnet_admission_judge (admission, &foreign), ==, QNET_VERDICT_ADMITTED);
  g_assert_cmpint (qnet_admission_judge (admission, NULL), ==, QNET_VERDICT_ADMITTED);

  qnet_admission_remove (admission, fixture);
  g_assert_cmpint (qnet_admission_judge (admission, &first), ==, QNET_VERDICT_ADMITTED);
  qnet_admission_free (admission);
}

static void
test_limit_late (Fixture       *fixture,
                 gconstpointer  data)
{
  int client;

  g_test_summary ("A limit that is set later counts the connections that are there.");

  server_fixture_listen (&fixture->base);
  client = assert_accepts (fixture, 0x7f000001);
  assert_accepts (fixture, 0x7f000001);
  qnet_server_set_max_connections_per_address (SERVER (fixture), 2);
  assert_refuses (fixture, 0x7f000001);

  qnet_server_set_max_connections_per_address (SERVER (fixture), 0);
  assert_accepts (fixture, 0x7f000001);
  disconnect_client (fixture, client);
  qnet_server_set_max_connections_per_address (SERVER (fixture), 2);
  assert_refuses (fixture, 0x7f000001);
}

static void
test_limit_handshakes (Fixture       *fixture,
                       gconstpointer  data)
{
  QnetSslServer *server;
  int client;

  g_test_summary ("A handshake of TLS counts, until it fails, also with another prefix.");

  if (!has_tls ())
    {
      g_test_skip ("no TLS");
      return;
    }

  g_clear_object (&fixture->base.server);
  server = qnet_ssl_server_new ();
  fixture->base.server = QNET_TCP_SERVER (server);
  g_assert_true (qnet_ssl_server_set_certificate_files (server, get_certificate_path ("server"),
                                                        NULL, NULL));
  qnet_server_set_max_connections_per_address (SERVER (fixture), 1);
  server_fixture_listen (&fixture->base);

  client = connect_from (fixture, 0x7f000001);
  assert_refuses (fixture, 0x7f000001);
  server_fixture_disconnect (&fixture->base, client);
  server_fixture_settle (&fixture->base);

  connect_from (fixture, 0x7f000001);
  assert_refuses (fixture, 0x7f000001);
  g_assert_cmpint (qnet_server_get_refused_connections (SERVER (fixture)), ==, 2);

  qnet_server_set_ipv4_prefix_length (SERVER (fixture), 24);
  assert_refuses (fixture, 0x7f000002);
}

static void
test_max_handshakes (Fixture       *fixture,
                     gconstpointer  data)
{
  QnetSslServer *server;
  int silent, bad;

  g_test_summary ("A connection whose PROXY header is being read counts for max-handshakes.");

  if (!has_tls ())
    {
      g_test_skip ("no TLS");
      return;
    }

  g_clear_object (&fixture->base.server);
  server = qnet_ssl_server_new ();
  fixture->base.server = QNET_TCP_SERVER (server);
  server_fixture_count (&fixture->base);
  g_assert_true (qnet_ssl_server_set_certificate_files (server, get_certificate_path ("server"),
                                                        NULL, NULL));
  qnet_ssl_server_set_max_handshakes (server, 1);
  g_assert_true (qnet_address_filter_add_allow (fixture->filter, "127.0.0.1", NULL));
  qnet_tcp_server_set_trusted_proxies (fixture->base.server, fixture->filter);
  server_fixture_listen (&fixture->base);

  silent = server_fixture_connect (&fixture->base);
  bad = server_fixture_connect (&fixture->base);
  g_assert_cmpint (send (bad, "bad", 3, MSG_NOSIGNAL), ==, 3);
  server_fixture_settle (&fixture->base);
  g_assert_cmpuint (fixture->base.n_accept_errors, ==, 0);

  server_fixture_disconnect (&fixture->base, silent);
  await (fixture, fixture->base.n_accept_errors == 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/server-admission/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("denied", test_denied);
  ADD ("denied/mapped", test_denied_mapped);
  ADD ("changed", test_changed);
  ADD ("allocations", test_allocations);
  ADD ("handler-closes", test_handler_closes);
  ADD ("local", test_local);
  ADD ("limit", test_limit);
  ADD ("limit/pending", test_limit_pending);
  ADD ("limit/ended", test_limit_ended);
  ADD ("limit/prefix", test_limit_prefix);
  ADD ("limit/ipv6-network", test_limit_ipv6);
  ADD ("limit/set-later", test_limit_late);
  ADD ("limit/handshakes", test_limit_handshakes);
  ADD ("max-handshakes/headers", test_max_handshakes);
#undef ADD

  return g_test_run ();
}
