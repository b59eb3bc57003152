/* test-server-proxy.c: a proxy listens for a server: real proxies, and one that the test plays
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/application-proxy.h"
#include "common/played-proxy.h"
#include "common/proxies.h"
#include "common/server-fixture.h"
#include "common/socket-fixture.h"
#include "common/tls-fixture.h"
#include "loop/qnet-reactor-private.h"

#define SERVER(fixture) QNET_SERVER ((fixture)->server)

typedef struct
{
  ServerFixture  server_fixture;
  QnetTcpServer *server;   /* (not owned): the fixture's */
  PlayedProxy    played;
  GError        *error;    /* (owned) (nullable): that accept-error was emitted with */
  guint          n_moved;
} Fixture;

static void
accept_error_cb (QnetServer   *server,
                 const GError *error,
                 Fixture      *fixture)
{
  g_assert_null (fixture->error);
  fixture->error = g_error_copy (error);
}

static void
moved_cb (Fixture *fixture)
{
  fixture->n_moved++;
}

static void
watch_server (Fixture *fixture)
{
  fixture->server = fixture->server_fixture.server;
  g_signal_connect (fixture->server, "accept-error", G_CALLBACK (accept_error_cb), fixture);
  g_signal_connect_swapped (fixture->server, "notify::server-port", G_CALLBACK (moved_cb), fixture);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  server_fixture_set_up (&fixture->server_fixture, NULL);
  watch_server (fixture);
  played_proxy_start (&fixture->played);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  server_fixture_tear_down (&fixture->server_fixture, NULL);
  played_proxy_stop (&fixture->played);
  g_clear_error (&fixture->error);
}

static void
turn (Fixture *fixture)
{
  g_main_context_iteration (fixture->server_fixture.context, TRUE);
}

/* The server's side */

static void
use_proxy (Fixture       *fixture,
           QnetProxyType  type,
           guint16        port,
           const char    *password)  /* (nullable) */
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (type, "127.0.0.1", port,
                                                              password != NULL ? "user" : NULL,
                                                              password);

  qnet_tcp_server_set_proxy (fixture->server, proxy);
}

static void
use_played (Fixture *fixture)
{
  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, fixture->played.port, NULL);
}

static void
assert_listens (Fixture *fixture)
{
  GError *error = NULL;

  qnet_tcp_server_listen_port (fixture->server, 0, &error);
  g_assert_no_error (error);
  g_assert_true (qnet_server_is_listening (SERVER (fixture)));
}

/* A proxy that reports 127.0.0.1 and that port as where it listens. */
static void
listen_by_played (Fixture *fixture,
                  guint16  port)
{
  use_played (fixture);
  played_proxy_answer (&fixture->played, 0, port);
  assert_listens (fixture);
  played_proxy_join (&fixture->played);
}

static void
assert_does_not_listen (Fixture         *fixture,
                        QnetSocketError  code)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (qnet_tcp_server_listen_port (fixture->server, 0, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_assert_null (strstr (error->message, "sesame"));
  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  g_assert_cmpint (qnet_server_get_error_code (SERVER (fixture)), ==, code);
  g_assert_cmpuint (qnet_tcp_server_get_server_port (fixture->server), ==, 0);
}

/* (transfer full) */
static QnetTcpSocket *
take_next (Fixture *fixture)
{
  while (!qnet_server_has_pending_connections (SERVER (fixture)))
    turn (fixture);

  return qnet_tcp_server_next_pending_connection (fixture->server);
}

/* The client's side: a plain descriptor, from that port */

/* Between two clients there is a moment in which the proxy does not listen ... */
static void
connect_until_accepted (Fixture *fixture,
                        int      client)
{
  struct sockaddr_in name = {
    .sin_family = AF_INET,
    .sin_port = htons (qnet_tcp_server_get_server_port (fixture->server)),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };

  while (connect (client, (struct sockaddr *) &name, sizeof name) != 0)
    {
      g_assert_cmpint (errno, ==, ECONNREFUSED);
      turn (fixture);
      name.sin_port = htons (qnet_tcp_server_get_server_port (fixture->server));
    }
}

static int
connect_client (Fixture *fixture,
                guint16 *out_port)
{
  struct sockaddr_in name;
  socklen_t size = sizeof name;
  int client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_array_append_val (fixture->server_fixture.clients, client);
  connect_until_accepted (fixture, client);
  g_assert_no_errno (getsockname (client, (struct sockaddr *) &name, &size));
  *out_port = ntohs (name.sin_port);

  return client;
}

/* ... and one in which it listens for the client before, and closes the connection of the next. */
static gboolean
was_refused (int client)
{
  char byte;
  gssize n = recv (client, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

  return n == 0 || (n < 0 && errno != EAGAIN);
}

/* Until one was accepted. (transfer full) */
static QnetTcpSocket *
take_client (Fixture *fixture,
             int     *out_client,
             guint16 *out_port)
{
  *out_client = connect_client (fixture, out_port);

  while (!qnet_server_has_pending_connections (SERVER (fixture)))
    {
      g_main_context_iteration (fixture->server_fixture.context, FALSE);
      if (was_refused (*out_client))
        *out_client = connect_client (fixture, out_port);
    }

  return qnet_tcp_server_next_pending_connection (fixture->server);
}

static void
assert_talk (Fixture       *fixture,
             QnetTcpSocket *socket,
             int            client)
{
  QnetIODevice *device = QNET_IO_DEVICE (socket);
  g_autoptr(GBytes) bytes = NULL;
  char answer[6];

  g_assert_cmpint (send (client, "hello", 5, MSG_NOSIGNAL), ==, 5);
  while (qnet_io_device_get_bytes_available (device) < 5)
    turn (fixture);
  bytes = qnet_io_device_read_all_bytes (device);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "hello", 5);

  g_assert_cmpint (qnet_io_device_write (device, (const guint8 *) "answer", 6, NULL), ==, 6);
  qnet_io_device_flush (device);
  g_assert_cmpint (recv (client, answer, sizeof answer, MSG_WAITALL), ==, 6);
  g_assert_cmpmem (answer, 6, "answer", 6);
}

static void
assert_peer (QnetTcpSocket *socket,
             guint16        port)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (socket);
  g_autoptr(QnetHostAddress) address = qnet_abstract_socket_get_peer_address (self);

  g_assert_true (qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_LOCAL_HOST));
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (self), ==, port);
  g_assert_cmpint (get_int_option (qnet_socket_get_fd (QNET_SOCKET (self)), IPPROTO_TCP,
                                   TCP_NODELAY),
                   ==, 1);
}

/* Real proxies */

static void
test_clients (Fixture       *fixture,
              gconstpointer  data)
{
  ProxyKind kind = GPOINTER_TO_INT (data);
  Proxy proxy;

  g_test_summary ("Clients of the proxy become the server's connections, one after the other, at "
                  "the same port.");

  if (!proxy_start (&proxy, kind))
    return;

  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, proxy.port,
             proxy_wants_password (kind) ? "sesame" : NULL);
  assert_listens (fixture);

  for (guint i = 0; i < 3; i++)
    {
      guint16 port;
      int client;
      g_autoptr(QnetTcpSocket) socket = take_client (fixture, &client, &port);

      assert_peer (socket, port);
      assert_talk (fixture, socket, client);
      g_assert_cmpuint (fixture->server_fixture.n_new, ==, i + 1);
      qnet_socket_abort (QNET_SOCKET (socket));
    }

  proxy_stop (&proxy);
}

static void
test_wait (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;
  g_autoptr(GError) error = NULL;
  guint16 port;
  Proxy proxy;

  g_test_summary ("wait_for_new_connection() waits for a client of the proxy, without a main "
                  "loop.");

  if (!proxy_start (&proxy, GPOINTER_TO_INT (data)))
    return;

  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, proxy.port, NULL);
  assert_listens (fixture);
  connect_client (fixture, &port);

  g_assert_true (qnet_server_wait_for_new_connection (SERVER (fixture), 30000, &error));
  g_assert_no_error (error);
  socket = qnet_tcp_server_next_pending_connection (fixture->server);
  assert_peer (socket, port);

  g_assert_false (qnet_server_wait_for_new_connection (SERVER (fixture), 10, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  proxy_stop (&proxy);
}

static void
test_wrong_password (Fixture       *fixture,
                     gconstpointer  data)
{
  Proxy proxy;

  g_test_summary ("A wrong or missing password is reported, and the password is not part of the "
                  "message.");

  if (!proxy_start (&proxy, GPOINTER_TO_INT (data)))
    return;

  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, proxy.port, "sesame street");
  assert_does_not_listen (fixture, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, proxy.port, NULL);
  assert_does_not_listen (fixture, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  proxy_stop (&proxy);
}

static void
test_dies (Fixture       *fixture,
           gconstpointer  data)
{
  G_GNUC_UNUSED g_autoptr(GError) error = NULL;
  Proxy proxy;

  g_test_summary ("When the proxy ends, accept-error is emitted and the server stops listening; "
                  "nothing listens in its place.");

  if (!proxy_start (&proxy, GPOINTER_TO_INT (data)))
    return;

  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, proxy.port, NULL);
  assert_listens (fixture);
  proxy_kill (&proxy);
  while (fixture->error == NULL)
    turn (fixture);

  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED);
  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  g_assert_cmpuint (fixture->server_fixture.n_listening, ==, 2);
  assert_does_not_listen (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_REFUSED);
  proxy_stop (&proxy);
}

static void
test_unsupported (Fixture       *fixture,
                  gconstpointer  data)
{
  Proxy proxy;

  g_test_summary ("A proxy that does not support BIND is reported as such.");

  if (!proxy_start (&proxy, GPOINTER_TO_INT (data)))
    return;

  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, proxy.port, NULL);
  assert_does_not_listen (fixture, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  proxy_stop (&proxy);
}

static void
use_secure_server (Fixture *fixture)
{
  QnetSslServer *server = qnet_ssl_server_new ();
  GError *error = NULL;

  qnet_ssl_server_set_certificate_files (server, get_certificate_path ("server"), NULL, &error);
  g_assert_no_error (error);
  g_object_unref (fixture->server_fixture.server);
  fixture->server_fixture.server = QNET_TCP_SERVER (server);
  server_fixture_count (&fixture->server_fixture);
  watch_server (fixture);
}

static QnetSslSocket *
connect_ssl_client (Fixture *fixture)  /* (transfer full) */
{
  QnetSslSocket *client = qnet_ssl_socket_new ();
  GError *error = NULL;

  qnet_ssl_socket_set_database_file (client, get_certificate_path ("ca"), &error);
  g_assert_no_error (error);
  qnet_ssl_socket_connect_to_host_encrypted (client, "localhost",
                                             qnet_tcp_server_get_server_port (fixture->server));

  return client;
}

static void
test_tls (Fixture       *fixture,
          gconstpointer  data)
{
  g_autoptr(QnetSslSocket) client = NULL;
  g_autoptr(QnetTcpSocket) socket = NULL;
  G_GNUC_UNUSED g_autoptr(QnetHostAddress) peer = NULL;
  Proxy proxy;

  g_test_summary ("A TLS server works through the proxy, and knows the address of its client.");

  if (!has_tls () || !proxy_start (&proxy, GPOINTER_TO_INT (data)))
    return;

  use_secure_server (fixture);
  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, proxy.port, NULL);
  assert_listens (fixture);
  client = connect_ssl_client (fixture);
  socket = take_next (fixture);

  g_assert_true (qnet_ssl_socket_is_encrypted (QNET_SSL_SOCKET (socket)));
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (QNET_ABSTRACT_SOCKET (socket)), ==,
                    qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (client)));
  qnet_socket_abort (QNET_SOCKET (socket));
  qnet_socket_abort (QNET_SOCKET (client));
  server_fixture_settle (&fixture->server_fixture);
  proxy_stop (&proxy);
}

/* A proxy that the test plays */

static void
test_place (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = NULL;

  g_test_summary ("The server's address is where the proxy listens; it has no descriptor of its "
                  "own.");

  listen_by_played (fixture, 4321);
  address = qnet_tcp_server_get_server_address (fixture->server);

  g_assert_true (qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_LOCAL_HOST));
  g_assert_cmpuint (qnet_tcp_server_get_server_port (fixture->server), ==, 4321);
  g_assert_cmpmem (fixture->played.request, 10, "\5\2\0\1\0\0\0\0\0\0", 10);
  g_assert_cmpint (qnet_server_get_fd (SERVER (fixture)), ==, -1);
  g_assert_null (qnet_server_get_socket (SERVER (fixture)));
  g_assert_cmpuint (fixture->n_moved, ==, 1);
}

/* "0.0.0.0" means the address at which the proxy itself was reached; a name is no address. */
static void
test_vague_place (Fixture       *fixture,
                  gconstpointer  data)
{
  const PlayedPart parts[] = {
    { "\5", 2, "\5\0\0\1\0\0\0\0\x10\xe1", 10, FALSE },
    { "\5", 2, "\5\0\0\3\4here\x10\xe1", 11, FALSE },
  };

  g_test_summary ("Where the proxy reports no address, it is the address of the proxy; with a name "
                  "only the port is known.");

  use_played (fixture);

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr(QnetHostAddress) address = NULL;

      played_proxy_play (&fixture->played, &parts[i]);
      assert_listens (fixture);
      address = qnet_tcp_server_get_server_address (fixture->server);
      g_assert_cmpint (qnet_host_address_is_loopback (address), ==, i == 0);
      g_assert_cmpint (qnet_host_address_is_null (address), ==, i == 1);
      g_assert_cmpuint (qnet_tcp_server_get_server_port (fixture->server), ==, 4321);

      qnet_server_close (SERVER (fixture));
      g_assert_cmpuint (qnet_tcp_server_get_server_port (fixture->server), ==, 0);
    }
}

static void
test_moved (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;
  int first;

  g_test_summary ("After each client the same port is requested, and where it is in use, any: the "
                  "new one is notified.");

  listen_by_played (fixture, 4321);
  first = dup (fixture->played.control);
  played_proxy_reply (&fixture->played, 0, 99);
  played_proxy_answer (&fixture->played, 1, 0);
  socket = take_next (fixture);
  assert_peer (socket, 99);
  played_proxy_await (&fixture->played);
  g_assert_cmpuint (played_proxy_get_requested_port (&fixture->played), ==, 4321);

  played_proxy_answer (&fixture->played, 0, 4322);
  while (qnet_tcp_server_get_server_port (fixture->server) != 4322)
    turn (fixture);
  g_assert_cmpuint (played_proxy_get_requested_port (&fixture->played), ==, 0);
  g_assert_cmpuint (fixture->n_moved, ==, 2);
  assert_talk (fixture, socket, first);
  close (first);
}

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_ends (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) accept_error = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("A proxy that refuses to continue ends the listening: waits and accept_async() "
                  "fail with the reason.");

  listen_by_played (fixture, 4321);
  qnet_server_accept_async (SERVER (fixture), 0, NULL, result_cb, &result);
  played_proxy_reply (&fixture->played, 2, 0);

  g_assert_false (qnet_server_wait_for_new_connection (SERVER (fixture), -1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ACCESS);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ACCESS);
  g_assert_false (qnet_server_is_listening (SERVER (fixture)));

  while (result == NULL)
    turn (fixture);
  g_assert_null (qnet_server_accept_finish (SERVER (fixture), result, &accept_error));
  g_assert_error (accept_error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ACCESS);

  listen_by_played (fixture, 4321);
  g_assert_null (qnet_server_get_error (SERVER (fixture)));
}

static void
close_cb (QnetServer *server)
{
  qnet_server_close (server);
}

static void
test_closed_in_handlers (Fixture       *fixture,
                         gconstpointer  data)
{
  g_test_summary ("A handler may close the server when a client has connected, and when the port "
                  "has changed.");

  g_signal_connect (fixture->server, "new-connection", G_CALLBACK (close_cb), NULL);
  listen_by_played (fixture, 4321);
  played_proxy_reply (&fixture->played, 0, 99);
  while (qnet_server_is_listening (SERVER (fixture)))
    turn (fixture);
  g_signal_handlers_disconnect_by_func (fixture->server, close_cb, NULL);

  listen_by_played (fixture, 4321);
  played_proxy_reply (&fixture->played, 0, 99);
  played_proxy_answer (&fixture->played, 0, 4322);
  g_signal_connect (fixture->server, "notify::server-port", G_CALLBACK (close_cb), NULL);
  while (qnet_server_is_listening (SERVER (fixture)))
    turn (fixture);
}

static void
test_paused (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;

  g_test_summary ("While the server is paused the client waits, and no further one is requested.");

  listen_by_played (fixture, 4321);
  qnet_server_pause_accepting (SERVER (fixture));
  played_proxy_reply (&fixture->played, 0, 99);
  server_fixture_settle (&fixture->server_fixture);
  g_assert_cmpuint (fixture->server_fixture.n_new, ==, 0);
  g_assert_true (qnet_server_is_listening (SERVER (fixture)));

  qnet_server_resume_accepting (SERVER (fixture));
  socket = take_next (fixture);
  assert_peer (socket, 99);
}

static void
test_full (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) first = NULL;
  g_autoptr(QnetTcpSocket) second = NULL;
  int client;

  g_test_summary ("A server that has reached max-connections accepts the next client once one has "
                  "disconnected.");

  qnet_server_set_max_connections (SERVER (fixture), 1);
  listen_by_played (fixture, 4321);
  client = dup (fixture->played.control);
  played_proxy_reply (&fixture->played, 0, 98);
  played_proxy_answer (&fixture->played, 0, 4321);
  first = take_next (fixture);
  played_proxy_await (&fixture->played);
  played_proxy_reply (&fixture->played, 0, 99);
  server_fixture_settle (&fixture->server_fixture);
  g_assert_cmpuint (fixture->server_fixture.n_new, ==, 1);

  qnet_socket_abort (QNET_SOCKET (first));
  second = take_next (fixture);
  assert_peer (second, 99);
  close (client);
}

static void
test_closed (Fixture       *fixture,
             gconstpointer  data)
{
  char byte;

  g_test_summary ("A server that is closed disconnects from the proxy, is no longer paused, and "
                  "may listen again.");

  listen_by_played (fixture, 4321);
  qnet_server_pause_accepting (SERVER (fixture));
  qnet_server_close (SERVER (fixture));
  g_assert_cmpint (recv (fixture->played.control, &byte, 1, 0), ==, 0);
  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  g_assert_cmpuint (fixture->server_fixture.n_listening, ==, 2);

  listen_by_played (fixture, 4321);
  played_proxy_reply (&fixture->played, 0, 99);
  g_object_unref (take_next (fixture));
}

static void
test_dropped (Fixture       *fixture,
              gconstpointer  data)
{
  char byte;

  g_test_summary ("A server that is finalized while a client waits disconnects from the client and "
                  "from the proxy.");

  listen_by_played (fixture, 4321);
  qnet_server_pause_accepting (SERVER (fixture));
  played_proxy_reply (&fixture->played, 0, 99);
  server_fixture_settle (&fixture->server_fixture);
  g_assert_finalize_object (g_steal_pointer (&fixture->server_fixture.server));
  g_assert_cmpint (recv (fixture->played.control, &byte, 1, 0), ==, 0);
}

static void
test_context_gone (Fixture       *fixture,
                   gconstpointer  data)
{
  GMainContext *context = g_main_context_new ();

  g_test_summary ("A server whose main context was freed does not listen any more.");

  g_main_context_push_thread_default (context);
  listen_by_played (fixture, 4321);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);

  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  g_assert_cmpuint (qnet_tcp_server_get_server_port (fixture->server), ==, 0);
}

/* Bad proxies */

static void
test_bad (Fixture       *fixture,
          gconstpointer  data)
{
  const struct
  {
    PlayedPart      part;
    QnetSocketError code;
  } cases[] = {
    { { "HTTP/1.1 400 No", 15, NULL, 0, FALSE }, QNET_SOCKET_ERROR_PROXY_PROTOCOL },
    { { "\5", 1, NULL, 0, TRUE }, QNET_SOCKET_ERROR_PROXY_PROTOCOL },
    { { "", 0, NULL, 0, TRUE }, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED },
    { { "\5\xff", 2, NULL, 0, FALSE }, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED },
    { { "\5\1", 2, NULL, 0, FALSE }, QNET_SOCKET_ERROR_SOCKET_ACCESS },
    { { "\5", 2, "\5\2", 2, FALSE }, QNET_SOCKET_ERROR_SOCKET_ACCESS },
    { { "\5", 2, "\5\7", 2, FALSE }, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
    { { "\5", 2, "\5\0\0\1\0", 5, TRUE }, QNET_SOCKET_ERROR_PROXY_PROTOCOL },
    { { "\5", 2, "\5\0\0\2\0\0", 6, FALSE }, QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  };

  g_test_summary ("A proxy that speaks another protocol, refuses or disconnects is reported as "
                  "such, and nothing listens here.");

  use_played (fixture);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      played_proxy_play (&fixture->played, &cases[i].part);
      assert_does_not_listen (fixture, cases[i].code);
    }
}

static int seconds_ahead;  /* (atomic) */

static gint64
fast_clock (void)
{
  return g_get_monotonic_time () + g_atomic_int_get (&seconds_ahead) * G_TIME_SPAN_SECOND;
}

/* Its time passes as soon as half of the answer was sent. */
static gpointer
dawdle (gpointer user_data)
{
  PlayedProxy *played = user_data;
  char offer[3];

  played->control = accept4 (played->listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (recv (played->control, offer, sizeof offer, MSG_WAITALL), ==, 3);
  g_atomic_int_set (&seconds_ahead, 31);
  g_assert_cmpint (send (played->control, "\5", 1, MSG_NOSIGNAL), ==, 1);

  return NULL;
}

static void
test_slow (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("A proxy that does not complete its answer is given up after a timeout.");

  use_played (fixture);
  qnet_clock_set_for_tests (fast_clock);
  fixture->played.thread = g_thread_new ("proxy", dawdle, &fixture->played);
  assert_does_not_listen (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_TIMEOUT);
  qnet_clock_set_for_tests (NULL);
}

/* The choice */

static void
test_http (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *message = NULL;

  g_test_summary ("An HTTP proxy cannot listen: listen() fails, and the error names the proxy and "
                  "the reason.");

  use_proxy (fixture, QNET_PROXY_TYPE_HTTP, fixture->played.port, NULL);
  assert_does_not_listen (fixture, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  message = g_strdup_printf ("Could not listen on port 0 through the proxy 127.0.0.1 port %u: "
                             "HTTP proxies cannot listen for connections", fixture->played.port);
  g_assert_cmpstr (qnet_server_get_error (SERVER (fixture))->message, ==, message);
}

static void
test_loopback (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("The server listens itself on a loopback address, whatever the proxy.");

  use_played (fixture);
  server_fixture_listen (&fixture->server_fixture);
  g_assert_cmpint (qnet_server_get_fd (SERVER (fixture)), >=, 0);
}

static void
test_application_proxy (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetNetworkProxy) proxy = played_proxy_get (&fixture->played);
  g_autoptr(QnetNetworkProxy) none = qnet_network_proxy_new (QNET_PROXY_TYPE_NONE, NULL, 0, NULL,
                                                             NULL);

  g_test_summary ("The application proxy listens for a server without a proxy of its own, unless "
                  "the server has NONE.");

  qnet_set_application_proxy (proxy);
  played_proxy_answer (&fixture->played, 0, 4321);
  assert_listens (fixture);
  g_assert_cmpuint (qnet_tcp_server_get_server_port (fixture->server), ==, 4321);
  qnet_server_close (SERVER (fixture));

  qnet_tcp_server_set_proxy (fixture->server, none);
  assert_listens (fixture);
  g_assert_cmpint (qnet_server_get_fd (SERVER (fixture)), >=, 0);
  clear_application_proxy ();
}

static void
test_property (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr(QnetNetworkProxy) proxy = played_proxy_get (&fixture->played);
  g_autoptr(QnetNetworkProxy) got = NULL;

  g_test_summary ("The proxy is a property: of type DEFAULT at first, and notified when it "
                  "changes.");

  g_signal_connect_swapped (fixture->server, "notify::proxy", G_CALLBACK (moved_cb), fixture);
  g_object_get (fixture->server, "proxy", &got, NULL);
  g_assert_cmpint (qnet_network_proxy_get_proxy_type (got), ==, QNET_PROXY_TYPE_DEFAULT);
  g_object_set (fixture->server, "proxy", got, NULL);
  g_assert_cmpuint (fixture->n_moved, ==, 0);

  g_object_set (fixture->server, "proxy", proxy, NULL);
  g_object_set (fixture->server, "proxy", proxy, NULL);
  g_assert_cmpuint (fixture->n_moved, ==, 1);
  g_clear_pointer (&got, qnet_network_proxy_unref);
  g_object_get (fixture->server, "proxy", &got, NULL);
  g_assert_true (qnet_network_proxy_equal (got, proxy));

  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*qnet_tcp_server_set_proxy*NULL*");
  g_object_set (fixture->server, "proxy", NULL, NULL);
  g_test_assert_expected_messages ();
  g_clear_pointer (&got, qnet_network_proxy_unref);
  got = qnet_tcp_server_get_proxy (fixture->server);
  g_assert_true (qnet_network_proxy_equal (got, proxy));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD_WITH(path, data, function) \
  g_test_add ("/server-proxy/" path, Fixture, GINT_TO_POINTER (data), set_up, function, tear_down)
#define ADD(path, function) ADD_WITH (path, 0, function)
  ADD_WITH ("dante/clients", PROXY_DANTE, test_clients);
  ADD_WITH ("dante/clients/password", PROXY_DANTE_PASSWORD, test_clients);
  ADD_WITH ("dante/wait", PROXY_DANTE, test_wait);
  ADD_WITH ("dante/wrong-password", PROXY_DANTE_PASSWORD, test_wrong_password);
  ADD_WITH ("dante/dies", PROXY_DANTE, test_dies);
  ADD_WITH ("dante/tls", PROXY_DANTE, test_tls);
  ADD_WITH ("microsocks", PROXY_MICROSOCKS, test_unsupported);
  ADD ("place", test_place);
  ADD ("place/vague", test_vague_place);
  ADD ("moved", test_moved);
  ADD ("ends", test_ends);
  ADD ("closed-in-handlers", test_closed_in_handlers);
  ADD ("paused", test_paused);
  ADD ("full", test_full);
  ADD ("closed", test_closed);
  ADD ("dropped", test_dropped);
  ADD ("context-gone", test_context_gone);
  ADD ("bad", test_bad);
  ADD ("slow", test_slow);
  ADD ("http", test_http);
  ADD ("loopback", test_loopback);
  ADD ("application-proxy", test_application_proxy);
  ADD ("property", test_property);
#undef ADD
#undef ADD_WITH

  return g_test_run ();
}
