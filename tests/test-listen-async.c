/* test-listen-async.c: servers that begin to listen without blocking
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib-unix.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/played-proxy.h"
#include "common/proxies.h"

#define SERVER(fixture) QNET_SERVER ((fixture)->server)

typedef struct
{
  QnetTcpServer *server;        /* (owned) (nullable) */
  PlayedProxy    played;
  GCancellable  *cancellable;   /* (owned) */
  GAsyncResult  *result;        /* (owned) (nullable) */
  guint          n_listening;   /* notifications */
  gboolean       was_notified;  /* before the callback */
} Fixture;

static void
listening_cb (Fixture *fixture)
{
  fixture->n_listening++;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->server = qnet_tcp_server_new ();
  fixture->cancellable = g_cancellable_new ();
  g_signal_connect_swapped (fixture->server, "notify::listening", G_CALLBACK (listening_cb),
                            fixture);
  played_proxy_start (&fixture->played);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->result);
  if (fixture->server != NULL)
    g_assert_finalize_object (fixture->server);
  g_assert_finalize_object (fixture->cancellable);
  played_proxy_stop (&fixture->played);
}

/* Without a part to play it accepts the connection, and responds to nothing. */
static void
use_proxy (Fixture *fixture,
           guint16  port)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "127.0.0.1",
                                                              port, NULL, NULL);

  qnet_tcp_server_set_proxy (fixture->server, proxy);
}

/* Calls */

static void
keep_result_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  Fixture *fixture = user_data;

  g_assert_null (fixture->result);
  fixture->result = g_object_ref (result);
  fixture->was_notified = fixture->n_listening > 0;
}

static void
listen_async (Fixture            *fixture,
              QnetSpecialAddress  special)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (special);

  qnet_tcp_server_listen_async (fixture->server, address, 0, G_PRIORITY_DEFAULT,
                                fixture->cancellable, keep_result_cb, fixture);
  g_assert_null (fixture->result);
}

/* The result of the last call, which ends meanwhile. */
static gboolean
finish (Fixture  *fixture,
        GError  **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);

  result = g_steal_pointer (&fixture->result);

  return qnet_tcp_server_listen_finish (fixture->server, result, error);
}

static void
assert_fails (Fixture *fixture,
              GQuark   domain,
              int      code)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (finish (fixture, &error));
  g_assert_error (error, domain, code);
  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  g_assert_cmpuint (fixture->n_listening, ==, 0);
  g_assert_cmpint (qnet_server_get_error_code (SERVER (fixture)), ==,
                   domain == QNET_SOCKET_ERROR ? code : -1);
}

static void
assert_listens_by_played (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;

  played_proxy_answer (&fixture->played, 0, 4321);
  listen_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  g_assert_true (finish (fixture, &error));
  g_assert_no_error (error);
  g_assert_true (qnet_server_is_listening (SERVER (fixture)));
  g_assert_cmpuint (qnet_tcp_server_get_server_port (fixture->server), ==, 4321);
  played_proxy_join (&fixture->played);
}

/* Without a proxy */

static void
test_direct (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("Without a proxy the server listens at once, and calls back in a later "
                  "iteration.");

  listen_async (fixture, QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_assert_true (qnet_server_is_listening (SERVER (fixture)));
  g_assert_true (finish (fixture, &error));
  g_assert_no_error (error);
  g_assert_true (fixture->was_notified);
  g_assert_cmpuint (qnet_tcp_server_get_server_port (fixture->server), >, 0);
}

static void
test_bad_address (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(QnetHostAddress) foreign = qnet_host_address_from_string ("192.0.2.1");

  g_test_summary ("An address that is not this machine's, or none, fails as in the call that "
                  "blocks.");

  qnet_tcp_server_listen_async (fixture->server, foreign, 0, G_PRIORITY_DEFAULT, NULL,
                                keep_result_cb, fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);

  qnet_tcp_server_listen_async (fixture->server, NULL, 0, G_PRIORITY_DEFAULT, NULL, keep_result_cb,
                                fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
}

/* The proxies of others */

static gboolean
count_cb (gpointer user_data)
{
  ++*(guint *) user_data;

  return G_SOURCE_CONTINUE;
}

static int
connect_to_server (Fixture *fixture)
{
  struct sockaddr_in name = {
    .sin_family = AF_INET,
    .sin_port = htons (qnet_tcp_server_get_server_port (fixture->server)),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (connect (fd, (struct sockaddr *) &name, sizeof name));

  return fd;
}

static void
test_dante (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;
  g_autoptr(GError) error = NULL;
  guint n_iterations = 0;
  guint id;
  Proxy proxy;
  int visitor;

  g_test_summary ("While a proxy responds the loop runs; then the connections to the proxy are "
                  "the server's.");

  if (!proxy_start (&proxy, PROXY_DANTE))
    return;

  use_proxy (fixture, proxy.port);
  listen_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  id = g_idle_add (count_cb, &n_iterations);
  g_assert_true (finish (fixture, &error));
  g_assert_no_error (error);
  g_source_remove (id);
  g_assert_cmpuint (n_iterations, >, 0);
  g_assert_true (fixture->was_notified);

  visitor = connect_to_server (fixture);
  while ((socket = qnet_tcp_server_next_pending_connection (fixture->server)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  qnet_socket_abort (QNET_SOCKET (socket));
  close (visitor);
  proxy_stop (&proxy);
}

static void
test_unsupported (Fixture       *fixture,
                  gconstpointer  data)
{
  Proxy proxy;

  g_test_summary ("A proxy that refuses is the error of the call and of the server.");

  if (!proxy_start (&proxy, PROXY_MICROSOCKS))
    return;

  use_proxy (fixture, proxy.port);
  listen_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  assert_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  proxy_stop (&proxy);
}

/* A proxy that the test plays */

static void
test_cancelled (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("A call that is cancelled, before or while the proxy is silent, leaves a "
                  "server that may listen.");

  use_proxy (fixture, fixture->played.port);
  listen_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  g_cancellable_cancel (fixture->cancellable);
  assert_fails (fixture, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  listen_async (fixture, QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  assert_fails (fixture, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_cancellable_reset (fixture->cancellable);
  listen_async (fixture, QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_assert_true (finish (fixture, NULL));
}

static void
test_cancelled_too_late (Fixture       *fixture,
                         gconstpointer  data)
{
  g_test_summary ("Cancelling a call that has succeeded changes nothing.");

  listen_async (fixture, QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_cancellable_cancel (fixture->cancellable);
  g_assert_true (finish (fixture, NULL));
  g_assert_true (qnet_server_is_listening (SERVER (fixture)));
}

static void
test_closed (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("Closing the server ends the call.");

  use_proxy (fixture, fixture->played.port);
  listen_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  qnet_server_close (SERVER (fixture));
  assert_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
}

static void
second_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  qnet_tcp_server_listen_finish (QNET_TCP_SERVER (source), result, user_data);
}

static void
test_second (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);
  g_autoptr(GError) pending = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("A second call fails at once, blocking or not, and the first one continues.");

  use_proxy (fixture, fixture->played.port);
  listen_async (fixture, QNET_SPECIAL_ADDRESS_ANY);

  qnet_tcp_server_listen_async (fixture->server, any, 0, G_PRIORITY_DEFAULT, NULL, second_cb,
                                &pending);
  while (pending == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (pending, G_IO_ERROR, G_IO_ERROR_PENDING);

  g_assert_false (qnet_tcp_server_listen (fixture->server, any, 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);

  g_assert_null (fixture->result);
  played_proxy_answer (&fixture->played, 0, 4321);
  g_assert_true (finish (fixture, NULL));
  played_proxy_join (&fixture->played);
}

static void
close_cb (Fixture *fixture)
{
  qnet_server_close (SERVER (fixture));
}

static void
test_closed_in_handler (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A handler that closes the server at once gets the server closed; the call has "
                  "succeeded.");

  use_proxy (fixture, fixture->played.port);
  g_signal_connect_swapped (fixture->server, "notify::server-port", G_CALLBACK (close_cb), fixture);
  played_proxy_answer (&fixture->played, 0, 4321);
  listen_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  g_assert_true (finish (fixture, &error));
  g_assert_no_error (error);
  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  played_proxy_join (&fixture->played);
}

static void
test_again (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("A server that was closed listens again, through the same proxy.");

  use_proxy (fixture, fixture->played.port);
  assert_listens_by_played (fixture);
  qnet_server_close (SERVER (fixture));
  assert_listens_by_played (fixture);
}

static void
test_dropped (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(GAsyncResult) result = NULL;

  g_test_summary ("The call keeps the server alive, and nothing does afterwards.");

  use_proxy (fixture, fixture->played.port);
  listen_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  g_object_unref (fixture->server);
  g_cancellable_cancel (fixture->cancellable);

  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);

  g_object_add_weak_pointer (G_OBJECT (fixture->server), (gpointer *) &fixture->server);
  result = g_steal_pointer (&fixture->result);
  g_assert_false (qnet_tcp_server_listen_finish (fixture->server, result, NULL));
  g_clear_object (&result);
  while (fixture->server != NULL)
    g_main_context_iteration (NULL, FALSE);
}

/* The call that blocks */

static void
test_interrupted (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  int ends[2];

  g_test_summary ("The call that blocks ends with an error when the descriptor that interrupts "
                  "is readable.");

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  g_assert_cmpint (write (ends[1], "x", 1), ==, 1);
  use_proxy (fixture, fixture->played.port);

  qnet_set_wait_interrupt_fd (ends[0]);
  g_assert_false (qnet_tcp_server_listen_port (fixture->server, 0, &error));
  qnet_set_wait_interrupt_fd (-1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  close (ends[0]);
  close (ends[1]);

  assert_listens_by_played (fixture);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/listen-async/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("direct", test_direct);
  ADD ("bad-address", test_bad_address);
  ADD ("dante", test_dante);
  ADD ("microsocks", test_unsupported);
  ADD ("cancelled", test_cancelled);
  ADD ("cancelled/too-late", test_cancelled_too_late);
  ADD ("closed", test_closed);
  ADD ("closed-in-handler", test_closed_in_handler);
  ADD ("second", test_second);
  ADD ("again", test_again);
  ADD ("dropped", test_dropped);
  ADD ("blocking/interrupted", test_interrupted);
#undef ADD

  return g_test_run ();
}
