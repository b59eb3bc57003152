/* test-proxy-protocol.c: servers behind a load balancer that sends a PROXY header
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include <qnet/qnet.h>

#include "common/server-fixture.h"

#define SERVER(fixture)   (QNET_SERVER ((fixture)->base.server))
#define DEVICE(socket)    (QNET_IO_DEVICE (socket))
#define ABSTRACT(socket)  (QNET_ABSTRACT_SOCKET (socket))

#define LINE "PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n"

typedef struct
{
  ServerFixture      base;
  QnetAddressFilter *proxies;  /* (owned) */
  GError            *error;    /* (owned) (nullable): the last accept-error */
} Fixture;

static void
accept_error_cb (QnetServer   *server,
                 const GError *error,
                 Fixture      *fixture)
{
  g_clear_error (&fixture->error);
  fixture->error = g_error_copy (error);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  GError *error = NULL;

  server_fixture_set_up (&fixture->base, data);
  fixture->proxies = qnet_address_filter_new ();
  qnet_address_filter_set_default_allowed (fixture->proxies, FALSE);
  g_assert_true (qnet_address_filter_add_allow (fixture->proxies, "127.0.0.0/8", &error));
  g_assert_no_error (error);

  qnet_tcp_server_set_trusted_proxies (fixture->base.server, fixture->proxies);
  g_signal_connect (fixture->base.server, "accept-error", G_CALLBACK (accept_error_cb), fixture);
  server_fixture_listen (&fixture->base);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  server_fixture_tear_down (&fixture->base, data);
  g_assert_finalize_object (fixture->proxies);
  g_clear_error (&fixture->error);
}

#define await(fixture, condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration ((fixture)->base.context, TRUE); \
  } G_STMT_END

static void
send_bytes (int         client,
            const void *data,
            gsize       length)
{
  g_assert_cmpint (send (client, data, length, MSG_NOSIGNAL), ==, length);
}

static void
assert_peer (QnetTcpSocket *socket,
             const char    *address,
             guint16        port)
{
  g_autoptr(QnetHostAddress) peer = qnet_abstract_socket_get_peer_address (ABSTRACT (socket));
  g_autoptr(QnetHostAddress) proxy = qnet_abstract_socket_get_proxied_by (ABSTRACT (socket));
  g_autofree char *text = qnet_host_address_to_string (peer);
  g_autofree char *proxy_text = qnet_host_address_to_string (proxy);

  g_assert_cmpstr (text, ==, address);
  g_assert_cmpstr (proxy_text, ==, "127.0.0.1");
  if (port != 0)
    g_assert_cmpuint (qnet_abstract_socket_get_peer_port (ABSTRACT (socket)), ==, port);
}

static QnetTcpSocket *
take_next (Fixture *fixture,
           guint    n)
{
  server_fixture_await_new (&fixture->base, n);

  return qnet_tcp_server_next_pending_connection (fixture->base.server);
}

static void
assert_gets (Fixture       *fixture,
             QnetTcpSocket *socket,
             const char    *text)
{
  g_autofree char *data = g_malloc0 (strlen (text) + 1);

  await (fixture, qnet_io_device_get_bytes_available (DEVICE (socket)) >= (gint64) strlen (text));
  g_assert_cmpint (qnet_io_device_read (DEVICE (socket), (guint8 *) data, strlen (text), NULL),
                   ==, strlen (text));
  g_assert_cmpstr (data, ==, text);
}

static void
test_line (Fixture       *fixture,
           gconstpointer  data)
{
  int client = server_fixture_connect (&fixture->base);
  g_autoptr(QnetTcpSocket) socket = NULL;

  g_test_summary ("The client that the header names is the peer, and what comes behind the header "
                  "is read by the connection.");

  send_bytes (client, LINE "hello", strlen (LINE "hello"));
  socket = take_next (fixture, 1);
  assert_peer (socket, "192.0.2.7", 4711);
  assert_gets (fixture, socket, "hello");
  g_assert_cmpint (qnet_proxy_header_get_version (
                     qnet_abstract_socket_get_proxy_header (ABSTRACT (socket))), ==, 1);

  qnet_socket_abort (QNET_SOCKET (socket));
  g_assert_null (qnet_abstract_socket_get_proxy_header (ABSTRACT (socket)));
  g_assert_null (qnet_abstract_socket_get_proxied_by (ABSTRACT (socket)));
}

static GBytes *
make_binary (gsize length)
{
  g_autoptr(QnetHostAddress) source = qnet_host_address_from_string ("2001:db8::7");
  g_autoptr(QnetHostAddress) destination = qnet_host_address_from_string ("2001:db8::1");
  g_autoptr(QnetProxyHeader) plain = qnet_proxy_header_new (source, 4711, destination, 443, NULL);
  g_autoptr(GBytes) value = g_bytes_new_take (g_malloc0 (length), length);
  g_autoptr(QnetProxyHeader) header = qnet_proxy_header_with_field (plain, 0xe0, value, NULL);

  return qnet_proxy_header_to_bytes (header, 2);
}

static void
test_pieces (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(GBytes) header = make_binary (GPOINTER_TO_SIZE (data));
  gsize length;
  const guint8 *bytes = g_bytes_get_data (header, &length);
  int client = server_fixture_connect (&fixture->base);
  g_autoptr(QnetTcpSocket) socket = NULL;
  gsize step = length > 1000 ? 5000 : 1;

  g_test_summary ("A header in many pieces is read; the connection exists once it is complete.");

  for (gsize i = 0; i < length; i += step)
    {
      g_assert_cmpuint (fixture->base.n_new, ==, 0);
      send_bytes (client, bytes + i, MIN (step, length - i));
      server_fixture_settle (&fixture->base);
    }

  send_bytes (client, "hello", 5);
  socket = take_next (fixture, 1);
  assert_peer (socket, "2001:db8::7", 4711);
  assert_gets (fixture, socket, "hello");
  g_assert_cmpuint (g_bytes_get_size (qnet_proxy_header_get_field (
                      qnet_abstract_socket_get_proxy_header (ABSTRACT (socket)), 0xe0)),
                    ==, GPOINTER_TO_SIZE (data));
}

static void
test_local (Fixture       *fixture,
            gconstpointer  data)
{
  int client = server_fixture_connect (&fixture->base);
  g_autoptr(QnetTcpSocket) socket = NULL;

  g_test_summary ("The peer of a connection of the load balancer's own is the load balancer.");

  send_bytes (client, "PROXY UNKNOWN\r\n", 15);
  socket = take_next (fixture, 1);
  assert_peer (socket, "127.0.0.1", 0);
  g_assert_true (qnet_proxy_header_is_local (
    qnet_abstract_socket_get_proxy_header (ABSTRACT (socket))));
}

static void
test_invalid (Fixture       *fixture,
              gconstpointer  data)
{
  int client = server_fixture_connect (&fixture->base);

  g_test_summary ("A connection that begins with something else is closed, and reported.");

  send_bytes (client, "GET / HTTP/1.0\r\n\r\n", 18);
  await (fixture, fixture->error != NULL);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_PROXY_PROTOCOL);
  g_assert_cmpstr (fixture->error->message, ==, "Could not accept a connection from the proxy "
                   "127.0.0.1: The data does not begin with a PROXY header");
  assert_disconnected (client);
  g_assert_cmpuint (fixture->base.n_new, ==, 0);
}

static void
test_incomplete (Fixture       *fixture,
                 gconstpointer  data)
{
  int silent = server_fixture_connect (&fixture->base);
  int client;

  g_test_summary ("A client that ends within its header is reported, and one that ends before it "
                  "is not.");

  server_fixture_settle (&fixture->base);
  server_fixture_disconnect (&fixture->base, silent);
  server_fixture_settle (&fixture->base);
  g_assert_no_error (fixture->error);

  client = server_fixture_connect (&fixture->base);
  send_bytes (client, "PROXY TCP4 192", 14);
  server_fixture_disconnect (&fixture->base, client);
  await (fixture, fixture->error != NULL);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED);
  g_assert_cmpuint (fixture->base.n_new, ==, 0);
}

static void
test_reset (Fixture       *fixture,
            gconstpointer  data)
{
  const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
  int client = server_fixture_connect (&fixture->base);

  g_test_summary ("A check of health that resets its connection is not reported.");

  server_fixture_settle (&fixture->base);
  g_assert_no_errno (setsockopt (client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset));
  server_fixture_disconnect (&fixture->base, client);
  server_fixture_settle (&fixture->base);
  g_assert_no_error (fixture->error);

  client = server_fixture_connect (&fixture->base);
  send_bytes (client, "PROXY ", 6);
  server_fixture_settle (&fixture->base);
  g_assert_no_errno (setsockopt (client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset));
  server_fixture_disconnect (&fixture->base, client);
  await (fixture, fixture->error != NULL);
}

/* A server that does not create its sockets in incoming_connection() */

#define TEST_TYPE_SERVER (test_server_get_type ())

G_DECLARE_FINAL_TYPE (TestServer, test_server, TEST, SERVER, QnetTcpServer)

struct _TestServer
{
  QnetTcpServer  parent_instance;

  int            fds[2];
  int            n_fds;
};

G_DEFINE_FINAL_TYPE (TestServer, test_server, QNET_TYPE_TCP_SERVER)

static void
test_server_incoming_connection (QnetServer *server,
                                 int         fd)
{
  TestServer *self = TEST_SERVER (server);

  self->fds[self->n_fds++] = fd;
  if (self->n_fds == 2)
    QNET_SERVER_CLASS (test_server_parent_class)->incoming_connection (server, self->fds[0]);
}

static void
test_server_class_init (TestServerClass *klass)
{
  QNET_SERVER_CLASS (klass)->incoming_connection = test_server_incoming_connection;
}

static void
test_server_init (TestServer *self)
{
}

static TestServer *
replace_server (Fixture *fixture)
{
  g_clear_object (&fixture->base.server);
  fixture->base.server = g_object_new (TEST_TYPE_SERVER, NULL);
  qnet_tcp_server_set_trusted_proxies (fixture->base.server, fixture->proxies);
  server_fixture_listen (&fixture->base);

  return TEST_SERVER (fixture->base.server);
}

static void
receive (Fixture *fixture,
         int      n_fds)
{
  g_autofree char *line = g_strdup_printf ("PROXY TCP4 192.0.2.%d 198.51.100.1 471%d 443\r\n",
                                           n_fds, n_fds);
  int client = server_fixture_connect (&fixture->base);

  send_bytes (client, line, strlen (line));
  await (fixture, TEST_SERVER (fixture->base.server)->n_fds == n_fds);
}

static void
test_chained_later (Fixture       *fixture,
                    gconstpointer  data)
{
  TestServer *server = replace_server (fixture);
  g_autoptr(QnetSocket) first = NULL;
  g_autoptr(QnetSocket) second = NULL;

  g_test_summary ("A descriptor that an override passes to the parent class later keeps its own "
                  "header, also while another one is handled.");

  receive (fixture, 1);
  receive (fixture, 2);
  first = qnet_server_next_pending_connection (QNET_SERVER (server));
  assert_peer (QNET_TCP_SOCKET (first), "192.0.2.1", 4711);

  QNET_SERVER_CLASS (test_server_parent_class)->incoming_connection (QNET_SERVER (server),
                                                                     server->fds[1]);
  second = qnet_server_next_pending_connection (QNET_SERVER (server));
  assert_peer (QNET_TCP_SOCKET (second), "192.0.2.2", 4712);
}

static gpointer
adopt_in_thread (gpointer data)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  GError *error = NULL;

  qnet_socket_set_fd (QNET_SOCKET (socket), GPOINTER_TO_INT (data), QNET_SOCKET_STATE_CONNECTED,
                      QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);
  assert_peer (socket, "192.0.2.1", 4711);

  return NULL;
}

static void
test_other_thread (Fixture       *fixture,
                   gconstpointer  data)
{
  TestServer *server = replace_server (fixture);

  g_test_summary ("A descriptor that an override passes to another thread keeps its header.");

  receive (fixture, 1);
  g_thread_join (g_thread_new ("adopt", adopt_in_thread, GINT_TO_POINTER (server->fds[0])));
}

static void
test_timeout (Fixture       *fixture,
              gconstpointer  data)
{
  int client;

  g_test_summary ("A header that does not come in time is an error.");

  qnet_tcp_server_set_proxy_header_timeout (fixture->base.server, 50);
  client = server_fixture_connect (&fixture->base);
  send_bytes (client, "PROXY ", 6);
  await (fixture, fixture->error != NULL);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_PROXY_CONNECTION_TIMEOUT);
  assert_disconnected (client);
}

static void
refused_cb (QnetServer      *server,
            QnetHostAddress *address,
            const GError    *error,
            Fixture         *fixture)
{
  g_clear_error (&fixture->error);
  fixture->error = g_error_copy (error);
}

static void
test_untrusted (Fixture       *fixture,
                gconstpointer  data)
{
  GError *error = NULL;
  int client;

  g_test_summary ("Who is not trusted is refused, whatever it sends.");

  g_signal_connect (fixture->base.server, "connection-refused", G_CALLBACK (refused_cb), fixture);
  g_assert_true (qnet_address_filter_add_deny (fixture->proxies, "127.0.0.1", &error));
  g_assert_no_error (error);

  client = server_fixture_connect (&fixture->base);
  send_bytes (client, LINE, strlen (LINE));
  await (fixture, fixture->error != NULL);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ACCESS);
  g_assert_cmpstr (fixture->error->message, ==,
                   "Refused a connection from 127.0.0.1: It is not a trusted proxy");
  g_assert_cmpint (qnet_server_get_refused_connections (SERVER (fixture)), ==, 1);
  assert_disconnected (client);
  g_assert_cmpuint (fixture->base.n_new, ==, 0);
}

static void
test_unnamed (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetAddressFilter) proxies = qnet_address_filter_new ();
  int client;

  g_test_summary ("A proxy is trusted if a network of the filter contains it: that the filter "
                  "allows other addresses by default does not matter.");

  g_assert_true (qnet_address_filter_add_allow (proxies, "192.0.2.0/24", NULL));
  g_assert_true (qnet_address_filter_get_default_allowed (proxies));
  qnet_tcp_server_set_trusted_proxies (fixture->base.server, proxies);

  client = server_fixture_connect (&fixture->base);
  send_bytes (client, LINE, strlen (LINE));
  await (fixture, qnet_server_get_refused_connections (SERVER (fixture)) == 1);
  assert_disconnected (client);
  g_assert_cmpuint (fixture->base.n_new, ==, 0);
}

static void
test_max_pending (Fixture       *fixture,
                  gconstpointer  data)
{
  int clients[3];

  g_test_summary ("Connections whose headers are being read count for max-pending-connections.");

  qnet_server_set_max_pending_connections (SERVER (fixture), 2);
  for (int i = 0; i < 3; i++)
    clients[i] = server_fixture_connect (&fixture->base);
  server_fixture_settle (&fixture->base);
  for (int i = 0; i < 3; i++)
    send_bytes (clients[i], LINE, strlen (LINE));

  server_fixture_await_new (&fixture->base, 2);
  server_fixture_settle (&fixture->base);
  g_assert_cmpuint (fixture->base.n_new, ==, 2);
  g_object_unref (take_next (fixture, 2));
  g_object_unref (take_next (fixture, 3));
}

static void
test_filter (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetAddressFilter) filter = qnet_address_filter_new ();
  GError *error = NULL;
  int client;

  g_test_summary ("The filter of the server is for the client that the header names.");

  g_assert_true (qnet_address_filter_add_deny (filter, "192.0.2.0/24", &error));
  g_assert_no_error (error);
  qnet_server_set_address_filter (SERVER (fixture), filter);

  client = server_fixture_connect (&fixture->base);
  send_bytes (client, LINE, strlen (LINE));
  await (fixture, qnet_server_get_refused_connections (SERVER (fixture)) == 1);
  assert_disconnected (client);

  client = server_fixture_connect (&fixture->base);
  send_bytes (client, "PROXY UNKNOWN\r\n", 15);
  g_object_unref (take_next (fixture, 1));
}

static void
test_close (Fixture       *fixture,
            gconstpointer  data)
{
  int client = server_fixture_connect (&fixture->base);

  g_test_summary ("A server that stops listening drops the connections without a header.");

  send_bytes (client, "PROXY ", 6);
  server_fixture_settle (&fixture->base);
  qnet_server_close (SERVER (fixture));
  assert_disconnected (client);
  g_assert_no_error (fixture->error);
}

static void
keep_result_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_other_context (Fixture       *fixture,
                    gconstpointer  data)
{
  int client = server_fixture_connect (&fixture->base);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GMainContext) other = g_main_context_new ();
  g_autoptr(GAsyncResult) result = NULL;

  g_test_summary ("A connection without a header that a cancelled stop has left is dropped when "
                  "the server listens in another main context.");

  send_bytes (client, "PROXY ", 6);
  server_fixture_settle (&fixture->base);
  qnet_server_stop_async (SERVER (fixture), -1, G_PRIORITY_DEFAULT, cancellable, keep_result_cb,
                          &result);
  g_cancellable_cancel (cancellable);
  await (fixture, result != NULL);

  g_main_context_push_thread_default (other);
  server_fixture_listen (&fixture->base);
  assert_disconnected (client);
  qnet_server_close (SERVER (fixture));
  g_main_context_pop_thread_default (other);
}

static void
close_cb (QnetServer   *server,
          const GError *error,
          int          *n)
{
  ++*n;
  qnet_server_close (server);
}

static void
test_close_in_handler (Fixture       *fixture,
                       gconstpointer  data)
{
  int bad = server_fixture_connect (&fixture->base);
  int waiting = server_fixture_connect (&fixture->base);
  int n = 0;

  g_test_summary ("A handler of accept-error may close the server, with other headers being read.");

  g_signal_connect (fixture->base.server, "accept-error", G_CALLBACK (close_cb), &n);
  send_bytes (waiting, "PROXY ", 6);
  server_fixture_settle (&fixture->base);
  send_bytes (bad, "bad", 3);
  await (fixture, n == 1);
  assert_disconnected (bad);
  assert_disconnected (waiting);
}

static void
test_wait (Fixture       *fixture,
           gconstpointer  data)
{
  int client = server_fixture_connect (&fixture->base);
  g_autoptr(QnetTcpSocket) socket = NULL;
  GError *error = NULL;

  g_test_summary ("A blocking wait for a connection reads its header.");

  send_bytes (client, LINE, strlen (LINE));
  g_assert_true (qnet_server_wait_for_new_connection (SERVER (fixture), 20000, &error));
  g_assert_no_error (error);
  socket = qnet_tcp_server_next_pending_connection (fixture->base.server);
  assert_peer (socket, "192.0.2.7", 4711);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, data, func) \
  g_test_add ("/proxy-protocol/" name, Fixture, data, set_up, func, tear_down)

  ADD ("line", NULL, test_line);
  ADD ("pieces", GSIZE_TO_POINTER (3), test_pieces);
  ADD ("pieces/long", GSIZE_TO_POINTER (60000), test_pieces);
  ADD ("local", NULL, test_local);
  ADD ("invalid", NULL, test_invalid);
  ADD ("incomplete", NULL, test_incomplete);
  ADD ("timeout", NULL, test_timeout);
  ADD ("untrusted", NULL, test_untrusted);
  ADD ("unnamed", NULL, test_unnamed);
  ADD ("reset", NULL, test_reset);
  ADD ("max-pending", NULL, test_max_pending);
  ADD ("later/chained", NULL, test_chained_later);
  ADD ("later/other-thread", NULL, test_other_thread);
  ADD ("filter", NULL, test_filter);
  ADD ("close", NULL, test_close);
  ADD ("close/other-context", NULL, test_other_context);
  ADD ("close/in-handler", NULL, test_close_in_handler);
  ADD ("wait", NULL, test_wait);

  return g_test_run ();
}
