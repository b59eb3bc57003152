/* test-bind-async.c: sockets that are bound without blocking
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "common/played-proxy.h"
#include "common/proxies.h"

#define ABSTRACT(fixture) QNET_ABSTRACT_SOCKET ((fixture)->socket)

typedef struct
{
  QnetUdpSocket     *socket;       /* (owned) (nullable) */
  QnetUdpSocket     *peer;         /* (owned): without a proxy, bound to a loopback address */
  QnetHostAddress   *loopback;     /* (owned) */
  PlayedProxy        played;
  GCancellable      *cancellable;  /* (owned) */
  GAsyncResult      *result;       /* (owned) (nullable) */
  QnetAuthenticator *held;         /* (owned) (nullable) */
  GString           *log;          /* (owned) */
} Fixture;

static void
state_changed_cb (QnetUdpSocket   *socket,
                  QnetSocketState  state,
                  Fixture         *fixture)
{
  g_string_append_printf (fixture->log, "state %d ", state);
}

static void
error_occurred_cb (Fixture *fixture)
{
  g_string_append (fixture->log, "error ");
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr(QnetNetworkProxy) none = qnet_network_proxy_new (QNET_PROXY_TYPE_NONE, NULL, 0, NULL,
                                                             NULL);

  fixture->log = g_string_new (NULL);
  fixture->loopback = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  fixture->cancellable = g_cancellable_new ();
  fixture->socket = qnet_udp_socket_new ();
  g_signal_connect (fixture->socket, "state-changed", G_CALLBACK (state_changed_cb), fixture);
  g_signal_connect_swapped (fixture->socket, "error-occurred", G_CALLBACK (error_occurred_cb),
                            fixture);

  fixture->peer = qnet_udp_socket_new ();
  qnet_abstract_socket_set_proxy (QNET_ABSTRACT_SOCKET (fixture->peer), none);
  g_assert_true (qnet_abstract_socket_bind (QNET_ABSTRACT_SOCKET (fixture->peer), fixture->loopback,
                                            0, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  played_proxy_start (&fixture->played);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->result);
  g_clear_object (&fixture->held);
  if (fixture->socket != NULL)
    g_assert_finalize_object (fixture->socket);
  g_assert_finalize_object (fixture->peer);
  g_assert_finalize_object (fixture->cancellable);
  qnet_host_address_unref (fixture->loopback);
  g_string_free (fixture->log, TRUE);
  played_proxy_stop (&fixture->played);
}

/* Without a part to play the test's own proxy accepts the connection, and responds to nothing. */
static void
use_proxy (Fixture *fixture,
           guint16  port)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "127.0.0.1",
                                                              port, NULL, NULL);

  qnet_abstract_socket_set_proxy (ABSTRACT (fixture), proxy);
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
  g_string_append (fixture->log, "called-back ");
}

static void
bind_async (Fixture            *fixture,
            QnetSpecialAddress  special)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (special);

  qnet_abstract_socket_bind_async (ABSTRACT (fixture), address, 0,
                                   QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, G_PRIORITY_DEFAULT,
                                   fixture->cancellable, keep_result_cb, fixture);
  g_assert_null (fixture->result);
}

static gboolean
finish (Fixture  *fixture,
        GError  **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);

  result = g_steal_pointer (&fixture->result);

  return qnet_abstract_socket_bind_finish (ABSTRACT (fixture), result, error);
}

static void
assert_succeeds (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (finish (fixture, &error));
  g_assert_no_error (error);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (fixture->socket)), ==,
                   QNET_SOCKET_STATE_BOUND);
  g_assert_cmpstr (fixture->log->str, ==, "state 4 called-back ");
}

static void
assert_fails (Fixture *fixture,
              GQuark   domain,
              int      code)
{
  QnetIODevice *device = QNET_IO_DEVICE (fixture->socket);
  g_autoptr(GError) error = NULL;

  g_assert_false (finish (fixture, &error));
  g_assert_error (error, domain, code);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (fixture->socket)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpstr (fixture->log->str, ==, "called-back ");
  g_assert_cmpint (qnet_io_device_get_error_code (device), ==,
                   domain == QNET_SOCKET_ERROR ? code : -1);
  g_string_truncate (fixture->log, 0);
}

/* Without a proxy */

static void
test_direct (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("Without a proxy the socket is bound at once, and calls back in a later "
                  "iteration.");

  bind_async (fixture, QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (fixture->socket)), ==,
                   QNET_SOCKET_STATE_BOUND);
  assert_succeeds (fixture);
}

static void
test_tcp (Fixture       *fixture,
          gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A TCP socket is bound in the same way; a proxy is of no concern to it yet.");

  g_object_unref (fixture->socket);
  fixture->socket = (gpointer) qnet_tcp_socket_new ();
  use_proxy (fixture, fixture->played.port);
  bind_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  g_assert_true (finish (fixture, &error));
  g_assert_no_error (error);
}

static void
test_no_address (Fixture       *fixture,
                 gconstpointer  data)
{
  g_test_summary ("Without an address it fails as the call that blocks does.");

  qnet_abstract_socket_bind_async (ABSTRACT (fixture), NULL, 0,
                                   QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM,
                                   G_PRIORITY_DEFAULT, NULL, keep_result_cb, fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
}

/* The proxies of others */

static void
assert_relays (Fixture *fixture)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  g_autoptr(GError) error = NULL;
  guint16 port = qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (fixture->peer));
  const guint8 *bytes;
  gsize size;

  qnet_udp_socket_write_datagram_to (fixture->socket, (const guint8 *) "hello", 5,
                                     fixture->loopback,
                                     port, &error);
  g_assert_no_error (error);
  while (!qnet_udp_socket_has_pending_datagrams (fixture->peer))
    g_main_context_iteration (NULL, TRUE);

  datagram = qnet_udp_socket_receive_datagram (fixture->peer, 0, &error);
  bytes = qnet_network_datagram_get_data (datagram, &size);
  g_assert_cmpmem (bytes, size, "hello", 5);
}

static gboolean
count_cb (gpointer user_data)
{
  ++*(guint *) user_data;

  return G_SOURCE_CONTINUE;
}

static void
test_dante (Fixture       *fixture,
            gconstpointer  data)
{
  guint n_iterations = 0;
  guint id;
  Proxy proxy;

  g_test_summary ("While a proxy responds the loop runs; then it relays the datagrams of the "
                  "socket.");

  if (!proxy_start (&proxy, PROXY_DANTE))
    return;

  use_proxy (fixture, proxy.port);
  bind_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  g_assert_cmpstr (fixture->log->str, ==, "");
  id = g_idle_add (count_cb, &n_iterations);
  assert_succeeds (fixture);
  g_source_remove (id);
  g_assert_cmpuint (n_iterations, >, 0);
  assert_relays (fixture);
  proxy_stop (&proxy);
}

static void
hold_cb (QnetAbstractSocket *socket,
         QnetNetworkProxy   *proxy,
         QnetAuthenticator  *authenticator,
         Fixture            *fixture)
{
  qnet_authenticator_hold (authenticator);
  g_set_object (&fixture->held, authenticator);
}

static void
test_credentials (Fixture       *fixture,
                  gconstpointer  data)
{
  Proxy proxy;

  g_test_summary ("The credentials for the proxy may be given later, while the loop runs.");

  if (!proxy_start (&proxy, PROXY_DANTE_PASSWORD))
    return;

  use_proxy (fixture, proxy.port);
  g_signal_connect (fixture->socket, "proxy-authentication-required", G_CALLBACK (hold_cb),
                    fixture);
  bind_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  while (fixture->held == NULL)
    g_main_context_iteration (NULL, TRUE);

  qnet_authenticator_set_user (fixture->held, "user");
  qnet_authenticator_set_password (fixture->held, "sesame");
  qnet_authenticator_resume (fixture->held);
  assert_succeeds (fixture);
  assert_relays (fixture);
  proxy_stop (&proxy);
}

static void
test_unsupported (Fixture       *fixture,
                  gconstpointer  data)
{
  Proxy proxy;

  g_test_summary ("A proxy that refuses is the error of the call and of the socket, without a "
                  "signal.");

  if (!proxy_start (&proxy, PROXY_MICROSOCKS))
    return;

  use_proxy (fixture, proxy.port);
  bind_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  assert_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  proxy_stop (&proxy);
}

/* A proxy that the test plays */

static void
test_cancelled (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("A call that is cancelled, while the proxy is silent or before, leaves a "
                  "socket that may be bound.");

  use_proxy (fixture, fixture->played.port);
  bind_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  g_cancellable_cancel (fixture->cancellable);
  assert_fails (fixture, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  bind_async (fixture, QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  assert_fails (fixture, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_cancellable_reset (fixture->cancellable);
  bind_async (fixture, QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  assert_succeeds (fixture);
}

static void
test_ended (Fixture       *fixture,
            gconstpointer  data)
{
  void (*const ends[]) (QnetSocket *) = { qnet_socket_abort, qnet_socket_disconnect_from_peer };

  g_test_summary ("abort() and disconnect_from_host() end the call.");

  use_proxy (fixture, fixture->played.port);

  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      bind_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
      ends[i] (QNET_SOCKET (fixture->socket));
      assert_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
    }
}

static void
second_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  qnet_abstract_socket_bind_finish (QNET_ABSTRACT_SOCKET (source), result, user_data);
}

static void
test_second (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);
  g_autoptr(GError) pending = NULL;

  g_test_summary ("A second call fails at once, and the first one continues.");

  use_proxy (fixture, fixture->played.port);
  bind_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  qnet_abstract_socket_bind_async (ABSTRACT (fixture), any, 0, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM,
                                   G_PRIORITY_DEFAULT, NULL, second_cb, &pending);
  while (pending == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (pending, G_IO_ERROR, G_IO_ERROR_PENDING);

  g_assert_null (fixture->result);
  played_proxy_answer (&fixture->played, 0, 4321);
  assert_succeeds (fixture);
  played_proxy_join (&fixture->played);
}

static void
test_in_use (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A socket that was bound meanwhile stays as it is, and the call fails.");

  use_proxy (fixture, fixture->played.port);
  bind_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture), fixture->loopback, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  played_proxy_answer (&fixture->played, 0, 4321);
  g_assert_false (finish (fixture, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (fixture->socket)), ==,
                   QNET_SOCKET_STATE_BOUND);
  played_proxy_join (&fixture->played);
}

static void
abort_cb (Fixture *fixture)
{
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
}

static void
test_aborted_in_handler (Fixture       *fixture,
                         gconstpointer  data)
{
  const PlayedPart part = { "\5\2", 2, NULL, 0, FALSE };

  g_test_summary ("A handler that is asked for the credentials may abort the socket.");

  use_proxy (fixture, fixture->played.port);
  g_signal_connect_swapped (fixture->socket, "proxy-authentication-required", G_CALLBACK (abort_cb),
                            fixture);
  played_proxy_play (&fixture->played, &part);
  bind_async (fixture, QNET_SPECIAL_ADDRESS_ANY);
  assert_fails (fixture, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  played_proxy_join (&fixture->played);
}

/* The call that blocks */

static void
test_interrupted (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  int ends[2];

  g_test_summary ("The call that blocks ends with an error when the descriptor that interrupts is "
                  "readable.");

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  g_assert_cmpint (write (ends[1], "x", 1), ==, 1);
  use_proxy (fixture, fixture->played.port);

  qnet_set_wait_interrupt_fd (ends[0]);
  g_assert_false (qnet_abstract_socket_bind_port (ABSTRACT (fixture), 0,
                                                  QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error));
  qnet_set_wait_interrupt_fd (-1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (qnet_io_device_get_error (QNET_IO_DEVICE (fixture->socket)));
  close (ends[0]);
  close (ends[1]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/bind-async/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("direct", test_direct);
  ADD ("tcp", test_tcp);
  ADD ("no-address", test_no_address);
  ADD ("dante", test_dante);
  ADD ("dante/credentials", test_credentials);
  ADD ("microsocks", test_unsupported);
  ADD ("cancelled", test_cancelled);
  ADD ("ended", test_ended);
  ADD ("second", test_second);
  ADD ("in-use", test_in_use);
  ADD ("aborted-in-handler", test_aborted_in_handler);
  ADD ("blocking/interrupted", test_interrupted);
#undef ADD

  return g_test_run ();
}
