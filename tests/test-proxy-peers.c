/* test-proxy-peers.c: connections through dante and tinyproxy
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <qnet/qnet.h>

#include "common/proxies.h"
#include "common/socket-fixture.h"
#include "common/tls-fixture.h"

/* An echo server behind the proxy. */

static void
say_back_cb (QnetIODevice *socket,
             gpointer      user_data)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (socket);

  qnet_io_device_write_bytes (socket, bytes, NULL);
}

static void
new_connection_cb (QnetServer *server,
                   gpointer    user_data)
{
  g_autoptr (QnetTcpSocket) socket =
    qnet_tcp_server_next_pending_connection (QNET_TCP_SERVER (server));

  g_signal_connect (socket, "ready-read", G_CALLBACK (say_back_cb), NULL);
}

/* Dual-stack: the address of "localhost" depends on the hosts file of the system. */
static QnetTcpServer *
start_host_of (QnetTcpServer *server)  /* (transfer full) */
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);

  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);
  g_assert_true (qnet_tcp_server_listen (server, address, 0, NULL));

  return server;
}

static QnetTcpServer *
start_host (void)
{
  return start_host_of (qnet_tcp_server_new ());
}

static QnetTcpServer *
start_secure_host (void)
{
  QnetSslServer *server = qnet_ssl_server_new ();
  GError *error = NULL;

  qnet_ssl_server_set_certificate_files (server, get_certificate_path ("server"), NULL, &error);
  g_assert_no_error (error);

  return start_host_of (QNET_TCP_SERVER (server));
}

static void
stop_host (SocketFixture *fixture,
           QnetTcpServer *host)
{
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_object_run_dispose (G_OBJECT (host));
  g_object_unref (host);
  socket_fixture_settle (fixture);
}

static void
set_proxy (SocketFixture *fixture,
           const Proxy   *proxy,
           ProxyKind      kind,
           const char    *password)
{
  QnetProxyType type = proxy_is_http (kind) ? QNET_PROXY_TYPE_HTTP : QNET_PROXY_TYPE_SOCKS5;
  const char *user = password != NULL ? "user" : NULL;
  g_autoptr(QnetNetworkProxy) value = qnet_network_proxy_new (type, "127.0.0.1", proxy->port,
                                                              user, password);

  qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), value);
}

static void
assert_echo (SocketFixture *fixture)
{
  g_autoptr(GString) much = g_string_new (NULL);

  while (much->len < 100000)
    g_string_append_printf (much, "%zu ", much->len);

  socket_fixture_write (fixture, much->str);
  socket_fixture_await_bytes (fixture, (gint64) much->len);
  socket_fixture_assert_reads (fixture, much->str);
}

static void
assert_fails (SocketFixture   *fixture,
              QnetSocketError  code)
{
  const GError *error;

  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  error = qnet_io_device_get_error (DEVICE (fixture->socket));
  g_test_message ("%s", error->message);
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_assert_null (strstr (error->message, "sesame"));
}

/* By address and by name, with the right password if one is required. */
static void
test_connect (SocketFixture *fixture,
              gconstpointer  data)
{
  ProxyKind kind = GPOINTER_TO_INT (data);
  const char *hosts[] = { "127.0.0.1", "localhost" };
  QnetTcpServer *host;
  Proxy proxy;

  g_test_summary ("A host behind the proxy is reached by its address and by its name.");

  if (!proxy_start (&proxy, kind))
    return;

  host = start_host ();
  set_proxy (fixture, &proxy, kind, proxy_wants_password (kind) ? "sesame" : NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), hosts[i],
                                            qnet_tcp_server_get_server_port (host));
      socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
      assert_echo (fixture);
      qnet_socket_abort (QNET_SOCKET (fixture->socket));
    }

  stop_host (fixture, host);
  proxy_stop (&proxy);
}

/* Replaces the socket of the fixture. */
static void
use_secure_socket (SocketFixture *fixture)
{
  QnetSslSocket *socket = qnet_ssl_socket_new ();
  GError *error = NULL;

  qnet_ssl_socket_set_database_file (socket, get_certificate_path ("ca"), &error);
  g_assert_no_error (error);
  g_object_unref (fixture->socket);
  fixture->socket = QNET_TCP_SOCKET (socket);
}

static void
test_tls (SocketFixture *fixture,
          gconstpointer  data)
{
  ProxyKind kind = GPOINTER_TO_INT (data);
  QnetTcpServer *host;
  Proxy proxy;

  g_test_summary ("TLS works through the proxy, and the certificate is that of the host.");

  if (!has_tls () || !proxy_start (&proxy, kind))
    return;

  host = start_secure_host ();
  use_secure_socket (fixture);
  set_proxy (fixture, &proxy, kind, proxy_wants_password (kind) ? "sesame" : NULL);
  qnet_ssl_socket_connect_to_host_encrypted (QNET_SSL_SOCKET (fixture->socket), "localhost",
                                             qnet_tcp_server_get_server_port (host));
  socket_fixture_await (fixture,
                        qnet_ssl_socket_is_encrypted (QNET_SSL_SOCKET (fixture->socket)));
  assert_echo (fixture);

  stop_host (fixture, host);
  proxy_stop (&proxy);
}

/* Without a main loop. */
static void
test_wait (SocketFixture *fixture,
           gconstpointer  data)
{
  ProxyKind kind = GPOINTER_TO_INT (data);
  g_autoptr(GError) error = NULL;
  Proxy proxy;

  g_test_summary ("wait_for_connected() connects to a host behind the proxy without a main loop.");

  if (!proxy_start (&proxy, kind))
    return;

  set_proxy (fixture, &proxy, kind, proxy_wants_password (kind) ? "sesame" : NULL);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), 30000, &error));
  g_assert_no_error (error);
  socket_fixture_accept (fixture);
  socket_fixture_receive (fixture, "hello");
  proxy_stop (&proxy);
}

static void
test_wrong_password (SocketFixture *fixture,
                     gconstpointer  data)
{
  ProxyKind kind = GPOINTER_TO_INT (data);
  const char *passwords[] = { "wrong", NULL };
  Proxy proxy;

  g_test_summary ("A wrong password and a missing one are rejected.");

  if (!proxy_start (&proxy, kind))
    return;

  for (gsize i = 0; i < G_N_ELEMENTS (passwords); i++)
    {
      set_proxy (fixture, &proxy, kind, passwords[i]);
      qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
      assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
    }

  proxy_stop (&proxy);
}

static void
answer_cb (QnetAbstractSocket *socket,
           QnetNetworkProxy   *proxy,
           QnetAuthenticator  *authenticator,
           guint              *n_asked)
{
  (*n_asked)++;
  qnet_authenticator_set_user (authenticator, "user");
  qnet_authenticator_set_password (authenticator, "sesame");
}

static void
test_asked (SocketFixture *fixture,
            gconstpointer  data)
{
  ProxyKind kind = GPOINTER_TO_INT (data);
  const char *passwords[] = { NULL, "wrong" };
  guint n_asked = 0;
  Proxy proxy;

  g_test_summary ("The application can supply the password, at first or after a wrong one.");

  if (!proxy_start (&proxy, kind))
    return;

  g_signal_connect (fixture->socket, "proxy-authentication-required", G_CALLBACK (answer_cb),
                    &n_asked);

  for (guint i = 0; i < G_N_ELEMENTS (passwords); i++)
    {
      set_proxy (fixture, &proxy, kind, passwords[i]);
      qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
      socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
      g_assert_cmpuint (n_asked, ==, i + 1);
      qnet_socket_abort (QNET_SOCKET (fixture->socket));
    }

  proxy_stop (&proxy);
}

/* tinyproxy responds with 500 to all failures. */
static void
test_refused (SocketFixture *fixture,
              gconstpointer  data)
{
  ProxyKind kind = GPOINTER_TO_INT (data);
  Proxy proxy;

  g_test_summary ("A refusal by the host has another error than one by the proxy.");

  if (!proxy_start (&proxy, kind))
    return;

  set_proxy (fixture, &proxy, kind, NULL);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1",
                                        find_closed_port ());
  assert_fails (fixture, kind == PROXY_TINYPROXY ? QNET_SOCKET_ERROR_NETWORK
                                                 : QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  proxy_stop (&proxy);
}

static void
test_dies_in_the_middle (SocketFixture *fixture,
                         gconstpointer  data)
{
  ProxyKind kind = GPOINTER_TO_INT (data);
  Proxy proxy;

  g_test_summary ("If the proxy ends, the connection ends, and the next one fails.");

  if (!proxy_start (&proxy, kind))
    return;

  set_proxy (fixture, &proxy, kind, NULL);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_accept (fixture);
  socket_fixture_receive (fixture, "hello");
  proxy_kill (&proxy);
  assert_fails (fixture, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_REFUSED);
  proxy_stop (&proxy);
}

static void
add (ProxyKind    kind,
     const char  *what,
     void       (*func) (SocketFixture *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/proxy-peers/%s/%s", proxy_get_name (kind), what);

  g_test_add (path, SocketFixture, GINT_TO_POINTER (kind), socket_fixture_set_up, func,
              socket_fixture_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (ProxyKind kind = 0; kind < N_PROXIES; kind++)
    {
      add (kind, "connect", test_connect);
      add (kind, "tls", test_tls);
      add (kind, "wait", test_wait);

      if (proxy_wants_password (kind))
        {
          add (kind, "wrong-password", test_wrong_password);
          add (kind, "asked", test_asked);
        }
      else
        {
          add (kind, "refused", test_refused);
          add (kind, "dies-in-the-middle", test_dies_in_the_middle);
        }
    }

  return g_test_run ();
}
