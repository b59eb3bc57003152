/* test-waits.c: what a wait returns depends on what happened inside it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/pair.h"
#include "common/silent-resolver.h"
#include "common/socket-fixture.h"

/* Dialling inside the call */

typedef struct
{
  const char *name;
  void      (*dial) (SocketFixture *fixture);
} Dial;

static void
dial_text (SocketFixture *fixture)
{
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
}

static void
dial_address (SocketFixture *fixture)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  qnet_abstract_socket_connect_to_address (ABSTRACT (fixture->socket), address, fixture->port);
}

static void
dial_from_bound (SocketFixture *fixture)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  qnet_abstract_socket_bind (ABSTRACT (fixture->socket), address, 0, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error);
  g_assert_no_error (error);
  socket_fixture_forget_log (fixture);
  dial_text (fixture);
}

static void
dial_async (SocketFixture *fixture)
{
  qnet_abstract_socket_connect_to_host_async (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port,
                                              G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

static const Dial dials[] = {
  { "text", dial_text },
  { "address", dial_address },
  { "from-bound", dial_from_bound },
  { "async", dial_async },
};

static void
set_listener_nonblocking (SocketFixture *fixture)
{
  g_assert_no_errno (fcntl (fixture->listener, F_SETFL, O_NONBLOCK));
}

static void
test_dialled (SocketFixture *fixture,
              gconstpointer  data)
{
  const Dial *dial = data;

  g_test_summary ("An address is dialled inside the call: the peer can accept before any turn of the loop. "
                  "Nothing but the state is reported before.");

  set_listener_nonblocking (fixture);
  dial->dial (fixture);
  socket_fixture_accept (fixture);
  socket_fixture_assert_log (fixture, "connecting");

  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_assert_log (fixture, "host-found connected connected");
}

static void
test_dialled_by_proxy (SocketFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "127.0.0.1", fixture->port,
                                                              NULL, NULL);

  g_test_summary ("Nothing is looked up for a name that goes to a proxy at an address: the state is never HOST_LOOKUP.");

  qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), proxy);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "example.test", 80);
  socket_fixture_assert_log (fixture, "connecting");
}

static void
test_dialled_and_refused (SocketFixture *fixture,
                          gconstpointer  data)
{
  const char *host = data;

  g_test_summary ("What fails inside the call is reported in the next turn all the same.");

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), host, find_closed_port ());
  socket_fixture_assert_log (fixture, "connecting");
  g_assert_null (qnet_io_device_get_error (DEVICE (fixture->socket)));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_nonnull (strstr (fixture->log->str, "unconnected error:"));
}

/* One thread, both ends */

static gboolean
take_from_server (QnetTcpServer *server)
{
  g_autoptr(QnetTcpSocket) taken = qnet_tcp_server_next_pending_connection (server);

  return taken != NULL;
}

static void
connect_to_server (SocketFixture *fixture,
                   QnetTcpServer *server)
{
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1",
                                        qnet_tcp_server_get_server_port (server));
}

static QnetTcpServer *
start_server (void)
{
  QnetTcpServer *server = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  qnet_tcp_server_listen (server, address, 0, &error);
  g_assert_no_error (error);

  return server;
}

static void
test_one_thread (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetTcpServer) server = start_server ();
  g_autoptr(GError) error = NULL;

  g_test_summary ("A client connects, the server waits, the client waits: in one thread, without a loop.");

  connect_to_server (fixture, server);
  g_assert_true (qnet_server_wait_for_new_connection (QNET_SERVER (server), 5000, &error));
  g_assert_no_error (error);
  g_assert_true (qnet_abstract_socket_wait_for_connected (ABSTRACT (fixture->socket), 5000, &error));
  g_assert_no_error (error);
  g_assert_true (take_from_server (server));
}

static void
add_dialling_tests (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (dials); i++)
    {
      g_autofree char *path = g_strdup_printf ("/waits/dialled-in-the-call/%s", dials[i].name);

      g_test_add (path, SocketFixture, &dials[i], socket_fixture_set_up, test_dialled, socket_fixture_tear_down);
    }

  g_test_add ("/waits/dialled-in-the-call/refused", SocketFixture, "127.0.0.1", socket_fixture_set_up,
              test_dialled_and_refused, socket_fixture_tear_down);
  g_test_add ("/waits/dialled-in-the-call/no-way", SocketFixture, "fe80::1", socket_fixture_set_up,
              test_dialled_and_refused, socket_fixture_tear_down);
  socket_fixture_add ("/waits/dialled-in-the-call/proxy", test_dialled_by_proxy);
  socket_fixture_add ("/waits/one-thread", test_one_thread);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add_dialling_tests ();

  return g_test_run ();
}
