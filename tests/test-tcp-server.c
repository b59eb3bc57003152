/* test-tcp-server.c: listening, accepting, lifetime of connections, and the limits
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "base/qnet-syscall-private.h"
#include "common/server-fixture.h"

#define SERVER(fixture) (QNET_SERVER ((fixture)->server))

static int
get_int_option (int fd,
                int level,
                int name)
{
  int value = -1;
  socklen_t size = sizeof value;

  g_assert_cmpint (getsockopt (fd, level, name, &value, &size), ==, 0);

  return value;
}

static gboolean
has_ipv6 (void)
{
  struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gboolean result;

  result = fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) == 0;

  if (fd >= 0)
    close (fd);

  return result;
}

static void
listen_on (ServerFixture      *fixture,
           QnetSpecialAddress  special)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (special);
  GError *error = NULL;

  qnet_tcp_server_listen (fixture->server, address, 0, &error);
  g_assert_no_error (error);
}

static void
assert_address (ServerFixture      *fixture,
                QnetSpecialAddress  expected)
{
  g_autoptr(QnetHostAddress) address = qnet_tcp_server_get_server_address (fixture->server);

  g_assert_true (qnet_host_address_equal_special (address, expected));
}

static int
get_descriptor (ServerFixture *fixture)
{
  return qnet_server_get_fd (SERVER (fixture));
}

/* Listening */

static void
test_listen (ServerFixture *fixture,
             gconstpointer  data)
{
  g_test_summary ("A listening server knows its port and address, and notifies of them.");

  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  g_assert_cmpint (get_descriptor (fixture), ==, -1);
  g_assert_cmpint (qnet_tcp_server_get_server_port (fixture->server), ==, 0);
  assert_address (fixture, QNET_SPECIAL_ADDRESS_NULL);

  server_fixture_listen (fixture);

  g_assert_true (qnet_server_is_listening (SERVER (fixture)));
  g_assert_cmpint (get_descriptor (fixture), >=, 0);
  g_assert_cmpint (qnet_tcp_server_get_server_port (fixture->server), >, 0);
  assert_address (fixture, QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_assert_cmpuint (fixture->n_listening, ==, 1);

  qnet_server_close (SERVER (fixture));

  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  g_assert_cmpint (get_descriptor (fixture), ==, -1);
  g_assert_cmpint (qnet_tcp_server_get_server_port (fixture->server), ==, 0);
  assert_address (fixture, QNET_SPECIAL_ADDRESS_NULL);
  g_assert_cmpuint (fixture->n_listening, ==, 2);

  qnet_server_close (SERVER (fixture));
  g_assert_cmpuint (fixture->n_listening, ==, 2);
}

static void
test_listen_mapped (ServerFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetHostAddress) mapped = qnet_host_address_from_string ("::ffff:127.0.0.1");
  GError *error = NULL;

  g_test_summary ("A v4-mapped address is the IPv4 address that it represents.");

  g_assert_true (qnet_tcp_server_listen (fixture->server, mapped, 0, &error));
  g_assert_no_error (error);
  assert_address (fixture, QNET_SPECIAL_ADDRESS_LOCAL_HOST);
}

static void
test_listen_without_scope (ServerFixture *fixture,
                           gconstpointer  data)
{
  g_autoptr(QnetHostAddress) unscoped = qnet_host_address_from_string ("fe80::1");
  GError *error = NULL;

  g_test_summary ("A link-local address without a scope is refused with that reason.");

  g_assert_false (qnet_tcp_server_listen (fixture->server, unscoped, 7755, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
  g_assert_cmpstr (
    error->message, ==,
    "Could not listen on [fe80::1] port 7755: A link-local address requires a network "
    "interface, as in “fe80::1%eth0”");
  g_clear_error (&error);
}

static void
test_listen_bound_property (ServerFixture *fixture,
                            gconstpointer  data)
{
  g_autoptr(QnetTcpServer) follower = qnet_tcp_server_new ();
  G_GNUC_UNUSED g_autoptr(GObject) target = g_object_new (G_TYPE_OBJECT, NULL);
  guint port = 0;

  g_test_summary ("The port, the address and the state are properties that notify.");

  g_object_bind_property (fixture->server, "listening", follower, "reuse-port",
                          G_BINDING_SYNC_CREATE);
  server_fixture_listen (fixture);
  g_assert_true (qnet_tcp_server_get_reuse_port (follower));

  g_object_get (fixture->server, "server-port", &port, NULL);
  g_assert_cmpuint (port, ==, qnet_tcp_server_get_server_port (fixture->server));

  qnet_server_close (SERVER (fixture));
  g_assert_false (qnet_tcp_server_get_reuse_port (follower));
}

static void
test_listen_no_address (ServerFixture *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetHostAddress) mistyped = qnet_host_address_from_string ("127.0.0.l");
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  g_autoptr(QnetTcpServer) secure = QNET_TCP_SERVER (qnet_ssl_server_new ());
  QnetTcpServer *servers[] = { fixture->server, secure };
  QnetHostAddress *addresses[] = { mistyped, null };

  g_test_summary ("Where an address is missing, listen() fails.");

  for (gsize i = 0; i < G_N_ELEMENTS (servers); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (addresses); j++)
      {
        g_autoptr(GError) error = NULL;

        g_assert_false (qnet_tcp_server_listen (servers[i], addresses[j], 0, &error));
        g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
        g_assert_nonnull (strstr (error->message, "No address was given"));
        g_assert_false (qnet_server_is_listening (QNET_SERVER (servers[i])));
        g_assert_cmpuint (qnet_tcp_server_get_server_port (servers[i]), ==, 0);
      }
}

static void
test_listen_options (ServerFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;
  int fd, accepted;

  g_test_summary ("The descriptor has SO_REUSEADDR and not SO_REUSEPORT; connections inherit "
                  "TCP_NODELAY.");

  server_fixture_listen (fixture);
  fd = get_descriptor (fixture);
  g_assert_cmpint (get_int_option (fd, SOL_SOCKET, SO_REUSEADDR), ==, 1);
  g_assert_cmpint (get_int_option (fd, SOL_SOCKET, SO_REUSEPORT), ==, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFL) & O_NONBLOCK, !=, 0);

  socket = server_fixture_accept_one (fixture, NULL);
  accepted = qnet_socket_get_fd (QNET_SOCKET (socket));
  g_assert_cmpint (get_int_option (accepted, IPPROTO_TCP, TCP_NODELAY), !=, 0);
  g_assert_cmpint (fcntl (accepted, F_GETFD) & FD_CLOEXEC, !=, 0);
}

static void
test_listen_any (ServerFixture *fixture,
                 gconstpointer  data)
{
  struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  GError *error = NULL;
  int client;

  g_test_summary ("listen_port() listens on Any: IPv4 and IPv6 at once, and reported as Any.");

  if (!has_ipv6 ())
    {
      g_test_skip ("no IPv6 here");
      return;
    }

  qnet_tcp_server_listen_port (fixture->server, 0, &error);
  g_assert_no_error (error);
  assert_address (fixture, QNET_SPECIAL_ADDRESS_ANY);
  g_assert_cmpint (get_int_option (get_descriptor (fixture), IPPROTO_IPV6, IPV6_V6ONLY), ==, 0);

  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);

  address.sin6_port = htons (qnet_tcp_server_get_server_port (fixture->server));
  client = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (connect (client, (struct sockaddr *) &address, sizeof address), ==, 0);
  server_fixture_await_new (fixture, 2);
  close (client);
}

static void
test_listen_any_ipv6 (ServerFixture *fixture,
                      gconstpointer  data)
{
  g_test_summary ("AnyIPv6 does not listen on IPv4.");

  if (!has_ipv6 ())
    {
      g_test_skip ("no IPv6 here");
      return;
    }

  listen_on (fixture, QNET_SPECIAL_ADDRESS_ANY_IPV6);
  assert_address (fixture, QNET_SPECIAL_ADDRESS_ANY_IPV6);
  g_assert_cmpint (get_int_option (get_descriptor (fixture), IPPROTO_IPV6, IPV6_V6ONLY), ==, 1);
}

static int
refuse_first_socket (QnetSyscall call)
{
  static guint n_calls = 0;

  return call == QNET_SYSCALL_SOCKET && n_calls++ == 0 ? EAFNOSUPPORT : 0;
}

static void
test_listen_any_without_ipv6 (ServerFixture *fixture,
                              gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("Where there is no IPv6, Any means all addresses of IPv4.");

  qnet_syscall_fault = refuse_first_socket;
  qnet_tcp_server_listen_port (fixture->server, 0, &error);
  qnet_syscall_fault = NULL;

  g_assert_no_error (error);
  assert_address (fixture, QNET_SPECIAL_ADDRESS_ANY_IPV4);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);
}

static void
test_listen_again (ServerFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;
  g_autoptr(QnetHostAddress) address = NULL;
  GError *error = NULL;
  guint16 port;

  g_test_summary ("A closed server listens again, on a port with old connections in TIME_WAIT.");

  server_fixture_listen (fixture);
  port = qnet_tcp_server_get_server_port (fixture->server);
  socket = server_fixture_accept_one (fixture, NULL);
  qnet_server_close (SERVER (fixture));

  /* TIME_WAIT is the state of the side that closes first. */
  qnet_socket_abort (QNET_SOCKET (socket));

  address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  qnet_tcp_server_listen (fixture->server, address, port, &error);
  g_assert_no_error (error);
  g_assert_cmpint (qnet_tcp_server_get_server_port (fixture->server), ==, port);

  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 2);
}

static void
test_listen_reuse_port (ServerFixture *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetTcpServer) other = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) address = NULL;
  GError *error = NULL;

  g_test_summary ("Two servers with reuse-port share a port.");

  qnet_tcp_server_set_reuse_port (fixture->server, TRUE);
  server_fixture_listen (fixture);
  g_assert_cmpint (get_int_option (get_descriptor (fixture), SOL_SOCKET, SO_REUSEPORT), ==, 1);

  g_object_set (other, "reuse-port", TRUE, NULL);
  address = qnet_tcp_server_get_server_address (fixture->server);
  qnet_tcp_server_listen (other, address, qnet_tcp_server_get_server_port (fixture->server),
                          &error);
  g_assert_no_error (error);

  /* The kernel distributes clients by a hash of their address and port. */
  while (fixture->n_new == 0 || !qnet_server_has_pending_connections (QNET_SERVER (other)))
    {
      server_fixture_connect (fixture);
      server_fixture_settle (fixture);
    }
}

static int
make_listening (void)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int fd = socket (AF_INET, SOCK_STREAM, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fd, 5), ==, 0);

  return fd;
}

static void
test_listen_descriptor (ServerFixture *fixture,
                        gconstpointer  data)
{
  GError *error = NULL;
  int fd = make_listening ();

  g_test_summary ("A listening descriptor that was made elsewhere works as well, and the server "
                  "owns it then.");

  qnet_server_set_fd (SERVER (fixture), fd, &error);
  g_assert_no_error (error);
  g_assert_cmpint (get_descriptor (fixture), ==, fd);
  g_assert_cmpint (fcntl (fd, F_GETFL) & O_NONBLOCK, !=, 0);
  assert_address (fixture, QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);

  qnet_server_close (SERVER (fixture));
  g_assert_cmpint (fcntl (fd, F_GETFD), ==, -1);
}

static void
test_listen_socket (ServerFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(GSocket) socket = NULL;
  GError *error = NULL;

  g_test_summary ("A listening GSocket works as well, and remains its owner's.");

  socket = g_socket_new_from_fd (make_listening (), &error);
  g_assert_no_error (error);
  qnet_tcp_server_listen_socket (fixture->server, socket, &error);
  g_assert_no_error (error);
  g_assert_cmpint (get_descriptor (fixture), !=, g_socket_get_fd (socket));

  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);

  qnet_server_close (SERVER (fixture));
  g_assert_false (g_socket_is_closed (socket));
}

static void
test_get_socket (ServerFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr(GSocket) socket = NULL;

  g_test_summary ("get_socket() wraps a duplicate, which is closed with the server.");

  g_assert_null (qnet_server_get_socket (SERVER (fixture)));
  server_fixture_listen (fixture);

  socket = g_object_ref (qnet_server_get_socket (SERVER (fixture)));
  g_assert_true (socket == qnet_server_get_socket (SERVER (fixture)));
  g_assert_cmpint (g_socket_get_fd (socket), !=, get_descriptor (fixture));

  qnet_server_close (SERVER (fixture));
  g_assert_true (g_socket_is_closed (socket));
  g_assert_null (qnet_server_get_socket (SERVER (fixture)));
}

/* Accepting */

static void
append_cb (GString *order)
{
  g_string_append (order, "available ");
}

static void
append_new_cb (GString *order)
{
  g_string_append (order, "new ");
}

static void
test_accept (ServerFixture *fixture,
             gconstpointer  data)
{
  g_autoptr(GString) order = g_string_new (NULL);
  g_autoptr(QnetTcpSocket) first = NULL;
  g_autoptr(QnetTcpSocket) second = NULL;

  g_test_summary ("Each connection is reported once, queued first, and returned in order.");

  g_signal_connect_swapped (fixture->server, "pending-connection-available",
                            G_CALLBACK (append_cb), order);
  g_signal_connect_swapped (fixture->server, "new-connection", G_CALLBACK (append_new_cb), order);

  server_fixture_listen (fixture);
  g_assert_null (qnet_tcp_server_next_pending_connection (fixture->server));

  first = server_fixture_accept_one (fixture, NULL);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (first)), ==,
                   QNET_SOCKET_STATE_CONNECTED);
  second = server_fixture_accept_one (fixture, NULL);
  server_fixture_settle (fixture);

  g_assert_true (first != second);
  g_assert_cmpstr (order->str, ==, "available new available new ");
  g_assert_cmpuint (fixture->n_new, ==, 2);
  g_assert_cmpuint (fixture->n_available, ==, 2);
}

static void
set_true_cb (gboolean *flag)
{
  *flag = TRUE;
}

static void
test_accept_echo (ServerFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;
  gboolean is_ready = FALSE;
  char buffer[8] = "";
  int client;

  g_test_summary ("A connection reads nothing until it was taken, and reports all bytes then.");

  server_fixture_listen (fixture);
  client = server_fixture_connect (fixture);
  g_assert_cmpint (send (client, "hello", 5, 0), ==, 5);
  server_fixture_await_new (fixture, 1);
  server_fixture_settle (fixture);

  socket = qnet_tcp_server_next_pending_connection (fixture->server);
  g_assert_cmpint (qnet_io_device_get_bytes_available (QNET_IO_DEVICE (socket)), ==, 0);
  g_signal_connect_swapped (socket, "ready-read", G_CALLBACK (set_true_cb), &is_ready);

  while (!is_ready)
    g_main_context_iteration (fixture->context, TRUE);

  g_assert_cmpint (qnet_io_device_read (QNET_IO_DEVICE (socket), buffer, sizeof buffer, NULL), ==,
                   5);
  g_assert_cmpint (qnet_io_device_write (QNET_IO_DEVICE (socket), (guint8 *) buffer, 5, NULL), ==,
                   5);
  server_fixture_settle (fixture);
  g_assert_cmpint (recv (client, buffer, 5, MSG_WAITALL), ==, 5);
  g_assert_cmpmem (buffer, 5, "hello", 5);
}

static void
test_accept_many (ServerFixture *fixture,
                  gconstpointer  data)
{
  guint largest_batch = 0;

  g_test_summary ("Five hundred simultaneous clients are all accepted, some of them in each "
                  "iteration.");

  qnet_server_set_max_pending_connections (SERVER (fixture), G_MAXINT);
  server_fixture_listen (fixture);

  for (guint i = 0; i < 500; i++)
    server_fixture_connect (fixture);

  while (fixture->n_new < 500)
    {
      guint before = fixture->n_new;

      g_main_context_iteration (fixture->context, TRUE);
      largest_batch = MAX (largest_batch, fixture->n_new - before);
    }

  g_assert_cmpuint (largest_batch, <=, 64);

  for (guint i = 0; i < 500; i++)
    g_object_unref (qnet_tcp_server_next_pending_connection (fixture->server));

  g_assert_false (qnet_server_has_pending_connections (SERVER (fixture)));
  g_assert_cmpuint (g_list_model_get_n_items (qnet_server_get_connections (SERVER (fixture))), ==,
                    500);
}

static int
abort_one_client (QnetSyscall call)
{
  static guint n_calls = 0;

  return call == QNET_SYSCALL_ACCEPT && n_calls++ == 0 ? ECONNABORTED : 0;
}

static void
test_accept_aborted (ServerFixture *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A failure that concerns one client alone does not delay the others.");

  server_fixture_listen (fixture);
  server_fixture_connect (fixture);

  qnet_syscall_fault = abort_one_client;
  server_fixture_await_new (fixture, 1);
  qnet_syscall_fault = NULL;

  g_assert_cmpuint (fixture->n_accept_errors, ==, 0);
}

/* Lifetime of connections */

static guint16
get_port_of (int fd)
{
  struct sockaddr_in address;
  socklen_t size = sizeof address;

  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &address, &size));

  return ntohs (address.sin_port);
}

static void
reset_cb (QnetAbstractSocket *socket,
          const GError       *error,
          gpointer            user_data)
{
  g_autoptr(QnetHostAddress) address = qnet_abstract_socket_get_peer_address (socket);
  g_autofree char *peer = g_strdup_printf ("127.0.0.1 port %u failed: ", *(guint *) user_data);

  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  g_assert_nonnull (strstr (error->message, peer));
  g_assert_true (qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_LOCAL_HOST));
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (socket), ==, *(guint *) user_data);

  *(guint *) user_data = 0;
}

static void
reset_it (int fd)
{
  struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

  g_assert_no_errno (setsockopt (fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
}

static void
test_who_has_reset (ServerFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;
  guint port;
  int client;

  g_test_summary ("The address of a peer that has reset is known, though the kernel does not know "
                  "it any more.");

  server_fixture_listen (fixture);
  socket = server_fixture_accept_one (fixture, &client);
  port = get_port_of (client);
  g_signal_connect (socket, "error-occurred", G_CALLBACK (reset_cb), &port);

  reset_it (client);
  server_fixture_disconnect (fixture, client);
  while (port != 0)
    g_main_context_iteration (fixture->context, TRUE);
}

static void
test_keep (ServerFixture *fixture,
           gconstpointer  data)
{
  QnetTcpSocket *socket;
  int client;

  g_test_summary ("A connection lives without the application's reference until it is "
                  "disconnected.");

  server_fixture_listen (fixture);
  socket = server_fixture_accept_one (fixture, &client);
  g_object_add_weak_pointer (G_OBJECT (socket), (gpointer *) &socket);
  g_object_unref (socket);
  server_fixture_settle (fixture);
  g_assert_nonnull (socket);

  server_fixture_disconnect (fixture, client);
  while (socket != NULL)
    g_main_context_iteration (fixture->context, TRUE);
}

static void
test_keep_disposed (ServerFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) taken = NULL;
  QnetTcpSocket *dropped;
  int clients[3];

  g_test_summary ("The server releases its connections when it is finalized; those with another "
                  "reference live on.");

  server_fixture_listen (fixture);
  taken = server_fixture_accept_one (fixture, &clients[0]);
  dropped = server_fixture_accept_one (fixture, &clients[1]);
  g_object_add_weak_pointer (G_OBJECT (dropped), (gpointer *) &dropped);
  g_object_unref (dropped);
  clients[2] = server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 3);

  g_assert_finalize_object (g_steal_pointer (&fixture->server));

  g_assert_null (dropped);
  assert_disconnected (clients[1]);
  assert_disconnected (clients[2]);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (taken)), ==,
                   QNET_SOCKET_STATE_CONNECTED);
}

static void
test_keep_closed (ServerFixture *fixture,
                  gconstpointer  data)
{
  QnetTcpSocket *taken;
  int client;

  g_test_summary ("close() destroys connections that were not taken; those that were taken live "
                  "on.");

  server_fixture_listen (fixture);
  taken = server_fixture_accept_one (fixture, NULL);
  g_object_add_weak_pointer (G_OBJECT (taken), (gpointer *) &taken);
  g_object_unref (taken);
  client = server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 2);

  qnet_server_close (SERVER (fixture));

  g_assert_false (qnet_server_has_pending_connections (SERVER (fixture)));
  assert_disconnected (client);
  server_fixture_settle (fixture);
  g_assert_nonnull (taken);
  g_object_remove_weak_pointer (G_OBJECT (taken), (gpointer *) &taken);
}

static void
test_keep_gone (ServerFixture *fixture,
                gconstpointer  data)
{
  g_autoptr(GListModel) list = NULL;
  g_autoptr(QnetTcpSocket) socket = NULL;
  g_autoptr(QnetTcpSocket) pending = NULL;

  g_test_summary ("A pending connection that has ended is returned nevertheless, and not kept "
                  "alive.");

  server_fixture_listen (fixture);
  list = g_object_ref (qnet_server_get_connections (SERVER (fixture)));
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);

  pending = g_list_model_get_item (list, 0);
  qnet_socket_abort (QNET_SOCKET (pending));
  g_assert_true (qnet_server_has_pending_connections (SERVER (fixture)));

  socket = qnet_tcp_server_next_pending_connection (fixture->server);
  g_assert_true (socket == pending);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 0);
}

/* Limits */

static void
test_keep_forced (ServerFixture *fixture,
                  gconstpointer  data)
{
  GListModel *connections = qnet_server_get_connections (QNET_SERVER (fixture->server));
  QnetTcpSocket *socket;
  int client;

  g_test_summary ("A connection that g_object_run_dispose() has disposed is not kept alive, and "
                  "does not count.");

  server_fixture_listen (fixture);
  socket = server_fixture_accept_one (fixture, &client);
  g_object_run_dispose (G_OBJECT (socket));
  g_assert_cmpuint (g_list_model_get_n_items (connections), ==, 0);
  g_assert_finalize_object (socket);
  assert_disconnected (client);
}

static void
test_limit_pending (ServerFixture *fixture,
                    gconstpointer  data)
{
  g_test_summary ("With max-pending-connections in the queue none is accepted until one was "
                  "taken.");

  g_assert_cmpint (qnet_server_get_max_pending_connections (SERVER (fixture)), ==, 30);
  qnet_server_set_max_pending_connections (SERVER (fixture), 2);
  server_fixture_listen (fixture);

  for (guint i = 0; i < 5; i++)
    server_fixture_connect (fixture);

  server_fixture_settle (fixture);
  g_assert_cmpuint (fixture->n_new, ==, 2);

  g_object_unref (qnet_tcp_server_next_pending_connection (fixture->server));
  server_fixture_settle (fixture);
  g_assert_cmpuint (fixture->n_new, ==, 3);

  qnet_server_set_max_pending_connections (SERVER (fixture), 30);
  server_fixture_settle (fixture);
  g_assert_cmpuint (fixture->n_new, ==, 5);
}

static void
test_limit_connections (ServerFixture *fixture,
                        gconstpointer  data)
{
  QnetTcpSocket *sockets[2];

  g_test_summary ("With max-connections alive none is accepted until one has disconnected.");

  qnet_server_set_max_connections (SERVER (fixture), 2);
  server_fixture_listen (fixture);
  sockets[0] = server_fixture_accept_one (fixture, NULL);
  sockets[1] = server_fixture_accept_one (fixture, NULL);
  server_fixture_connect (fixture);
  server_fixture_connect (fixture);
  server_fixture_settle (fixture);
  g_assert_cmpuint (fixture->n_new, ==, 2);

  qnet_socket_abort (QNET_SOCKET (sockets[0]));
  server_fixture_settle (fixture);
  g_assert_cmpuint (fixture->n_new, ==, 3);

  qnet_server_set_max_connections (SERVER (fixture), 0);
  server_fixture_settle (fixture);
  g_assert_cmpuint (fixture->n_new, ==, 4);

  g_object_unref (sockets[0]);
  g_object_unref (sockets[1]);
}

static void
test_limit_read_buffer (ServerFixture *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;

  g_test_summary ("Each connection gets the server's read-buffer-size.");

  qnet_server_set_read_buffer_size (SERVER (fixture), 4096);
  server_fixture_listen (fixture);
  socket = server_fixture_accept_one (fixture, NULL);
  g_assert_cmpint (qnet_io_device_get_read_buffer_size (QNET_IO_DEVICE (socket)), ==, 4096);
}

static void
test_pause (ServerFixture *fixture,
            gconstpointer  data)
{
  g_test_summary ("A paused server listens, keeps its queue, and accepts no connection until it is "
                  "resumed.");

  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);

  qnet_server_pause_accepting (SERVER (fixture));
  server_fixture_connect (fixture);
  server_fixture_settle (fixture);
  g_assert_true (qnet_server_is_listening (SERVER (fixture)));
  g_assert_true (qnet_server_has_pending_connections (SERVER (fixture)));
  g_assert_cmpuint (fixture->n_new, ==, 1);

  qnet_server_resume_accepting (SERVER (fixture));
  server_fixture_await_new (fixture, 2);
}

static void
test_pause_before (ServerFixture *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A server that is paused before it listens does not accept either; closing it "
                  "ends the pause.");

  qnet_server_pause_accepting (SERVER (fixture));
  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_settle (fixture);
  g_assert_cmpuint (fixture->n_new, ==, 0);

  qnet_server_close (SERVER (fixture));
  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);
}

static void
test_properties (ServerFixture *fixture,
                 gconstpointer  data)
{
  int max_pending, max_connections, backlog;
  gint64 read_buffer_size, unsent_limit;

  g_test_summary ("Each setting has its documented default, and reads back.");

  g_object_get (fixture->server, "listen-backlog-size", &backlog, NULL);
  g_assert_cmpint (backlog, ==, SOMAXCONN);
  g_assert_cmpint (qnet_server_get_max_pending_connections (SERVER (fixture)), ==, 30);
  g_assert_cmpint (qnet_server_get_max_connections (SERVER (fixture)), ==, 0);

  g_object_set (fixture->server, "max-pending-connections", 5, "max-connections", 7,
                "listen-backlog-size", 9, "read-buffer-size", (gint64) 11, NULL);
  g_object_get (fixture->server, "max-pending-connections", &max_pending,
                "max-connections", &max_connections, "listen-backlog-size", &backlog,
                "read-buffer-size", &read_buffer_size, NULL);

  g_assert_cmpint (max_pending, ==, 5);
  g_assert_cmpint (max_connections, ==, 7);
  g_assert_cmpint (backlog, ==, 9);
  g_assert_cmpint (read_buffer_size, ==, 11);

  g_object_get (fixture->server, "unsent-limit", &unsent_limit, NULL);
  g_assert_cmpint (unsent_limit, ==, 1 << 20);
}

/* Overrides */

#define TEST_TYPE_SERVER (test_server_get_type ())
G_DECLARE_FINAL_TYPE (TestServer, test_server, TEST, SERVER, QnetTcpServer)

struct _TestServer
{
  QnetTcpServer parent_instance;

  gboolean      keeps_descriptors;
  int           last_fd;
};

G_DEFINE_FINAL_TYPE (TestServer, test_server, QNET_TYPE_TCP_SERVER)

#define TEST_TYPE_SOCKET (test_socket_get_type ())
G_DECLARE_FINAL_TYPE (TestSocket, test_socket, TEST, SOCKET, QnetTcpSocket)

struct _TestSocket
{
  QnetTcpSocket parent_instance;
};

G_DEFINE_FINAL_TYPE (TestSocket, test_socket, QNET_TYPE_TCP_SOCKET)

static void
test_socket_class_init (TestSocketClass *klass)
{
}

static void
test_socket_init (TestSocket *self)
{
}

static void
test_server_incoming_connection (QnetServer *server,
                                 int         fd)
{
  TestServer *self = TEST_SERVER (server);
  g_autoptr(QnetTcpSocket) socket = NULL;
  GError *error = NULL;

  self->last_fd = fd;

  if (self->keeps_descriptors)
    return;

  socket = g_object_new (TEST_TYPE_SOCKET, NULL);
  qnet_socket_set_fd (QNET_SOCKET (socket), fd,
                                              QNET_SOCKET_STATE_CONNECTED,
                                              QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);
  qnet_tcp_server_add_pending_connection (QNET_TCP_SERVER (server), socket);
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

static void
use_test_server (ServerFixture *fixture,
                 gboolean       keeps_descriptors)
{
  g_clear_object (&fixture->server);
  fixture->server = g_object_new (TEST_TYPE_SERVER, NULL);
  TEST_SERVER (fixture->server)->keeps_descriptors = keeps_descriptors;
  server_fixture_count (fixture);
  server_fixture_listen (fixture);
}

static void
test_override_socket (ServerFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;

  g_test_summary ("An override of incoming_connection makes sockets of its own class.");

  use_test_server (fixture, FALSE);
  socket = server_fixture_accept_one (fixture, NULL);
  g_assert_true (TEST_IS_SOCKET (socket));
  g_assert_cmpuint (g_list_model_get_n_items (qnet_server_get_connections (SERVER (fixture))), ==,
                    1);
}

static void
test_override_descriptor (ServerFixture *fixture,
                          gconstpointer  data)
{
  int client;

  g_test_summary ("An override may keep the descriptor; new-connection is emitted all the same.");

  use_test_server (fixture, TRUE);
  client = server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);
  g_assert_cmpuint (fixture->n_available, ==, 0);
  g_assert_null (qnet_tcp_server_next_pending_connection (fixture->server));

  close (TEST_SERVER (fixture->server)->last_fd);
  assert_disconnected (client);
}

static void
test_add_unconnected (ServerFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  QnetSocket *taken;

  g_test_summary ("A socket that is not connected can be queued, and is not kept alive.");

  qnet_tcp_server_add_pending_connection (fixture->server, socket);
  g_assert_cmpuint (fixture->n_available, ==, 1);
  g_assert_cmpuint (fixture->n_new, ==, 0);

  taken = qnet_server_next_pending_connection (SERVER (fixture));
  g_assert_true (taken == QNET_SOCKET (socket));
  g_object_unref (taken);
  g_assert_finalize_object (g_steal_pointer (&socket));
}

static void
assert_not_queued (GType server_type,
                   GType connection_type)
{
  g_autoptr(QnetServer) server = g_object_new (server_type, NULL);
  g_autoptr(QnetSocket) connection = g_object_new (connection_type, NULL);

  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*has_connection_type*");
  qnet_server_add_pending_connection (server, connection);
  g_test_assert_expected_messages ();

  g_assert_false (qnet_server_has_pending_connections (server));
}

static void
test_add_other_type (void)
{
  g_test_summary ("A connection of another type than that of the server is not queued.");

  assert_not_queued (QNET_TYPE_TCP_SERVER, QNET_TYPE_LOCAL_SOCKET);
  assert_not_queued (QNET_TYPE_TCP_SERVER, QNET_TYPE_UDP_SOCKET);
  assert_not_queued (QNET_TYPE_SSL_SERVER, QNET_TYPE_TCP_SOCKET);
  assert_not_queued (QNET_TYPE_LOCAL_SERVER, QNET_TYPE_TCP_SOCKET);
}

static void
test_add_subclass (void)
{
  g_autoptr(QnetServer) server = QNET_SERVER (qnet_tcp_server_new ());
  g_autoptr(QnetSocket) connection = QNET_SOCKET (qnet_ssl_socket_new ());
  g_autoptr(QnetSocket) taken = NULL;

  g_test_summary ("A connection of a subclass of the type of the server is queued.");

  qnet_server_add_pending_connection (server, connection);
  taken = qnet_server_next_pending_connection (server);
  g_assert_true (taken == connection);
}

/* A server whose next_pending_connection() returns a connection of another type */

#define CONFUSED_TYPE_SERVER (confused_server_get_type ())
G_DECLARE_FINAL_TYPE (ConfusedServer, confused_server, CONFUSED, SERVER, QnetTcpServer)

struct _ConfusedServer
{
  QnetTcpServer parent_instance;

  QnetSocket   *connection;  /* (unowned) */
};

G_DEFINE_FINAL_TYPE (ConfusedServer, confused_server, QNET_TYPE_TCP_SERVER)

static QnetSocket *
confused_server_next_pending_connection (QnetServer *server)
{
  return CONFUSED_SERVER (server)->connection;
}

static void
confused_server_class_init (ConfusedServerClass *klass)
{
  QNET_SERVER_CLASS (klass)->next_pending_connection = confused_server_next_pending_connection;
}

static void
confused_server_init (ConfusedServer *self)
{
}

static void
test_override_other_type (void)
{
  g_autoptr(ConfusedServer) server = g_object_new (CONFUSED_TYPE_SERVER, NULL);
  g_autoptr(QnetLocalSocket) connection = qnet_local_socket_new ();

  g_test_summary ("Nor is one taken that an override of next_pending_connection returns.");

  server->connection = QNET_SOCKET (connection);
  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*has_connection_type*");
  g_assert_null (qnet_tcp_server_next_pending_connection (QNET_TCP_SERVER (server)));
  g_test_assert_expected_messages ();
}

/* Contexts, forks, dispose */

static void
test_context_gone (ServerFixture *fixture,
                   gconstpointer  data)
{
  GMainContext *context = g_main_context_new ();
  guint n_listening;
  int client;

  g_test_summary ("A server whose main context was freed does not listen any more, and emits "
                  "nothing.");

  g_main_context_push_thread_default (context);
  server_fixture_listen (fixture);
  client = server_fixture_connect (fixture);

  while (fixture->n_new == 0)
    g_main_context_iteration (context, TRUE);

  g_assert_cmpint (qnet_tcp_server_get_server_port (fixture->server), >, 0);
  n_listening = fixture->n_listening;
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);

  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  g_assert_cmpint (qnet_tcp_server_get_server_port (fixture->server), ==, 0);
  g_assert_cmpuint (fixture->n_listening, ==, n_listening);
  assert_disconnected (client);

  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 2);
}

static void
test_fork (ServerFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;
  int client, status;
  pid_t child;

  g_test_summary ("A forked child that finalizes server and connection does not affect its "
                  "parent.");

  server_fixture_listen (fixture);
  socket = server_fixture_accept_one (fixture, &client);

  child = fork ();

  if (child == 0)
    {
      g_object_unref (fixture->server);
      g_clear_object (&socket);
      _exit (0);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);

  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 2);

  g_assert_cmpint (send (client, "x", 1, 0), ==, 1);
  while (qnet_io_device_get_bytes_available (QNET_IO_DEVICE (socket)) == 0)
    g_main_context_iteration (fixture->context, TRUE);
}

static void
test_run_dispose (ServerFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();

  g_test_summary ("A server that was disposed emits nothing, and can still be called.");

  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);
  g_object_run_dispose (G_OBJECT (fixture->server));

  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  g_assert_cmpuint (fixture->n_listening, ==, 1);
  qnet_tcp_server_add_pending_connection (fixture->server, socket);
  g_assert_cmpuint (fixture->n_available, ==, 1);
}

#define ADD(path, function)                                                         \
  g_test_add ("/tcp-server/" path, ServerFixture, NULL, server_fixture_set_up,      \
              function, server_fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("listen", test_listen);
  ADD ("listen/mapped", test_listen_mapped);
  ADD ("listen/without-scope", test_listen_without_scope);
  ADD ("listen/bound-property", test_listen_bound_property);
  ADD ("listen/options", test_listen_options);
  ADD ("listen/any", test_listen_any);
  ADD ("listen/no-address-is-refused", test_listen_no_address);
  ADD ("listen/any-ipv6", test_listen_any_ipv6);
  ADD ("listen/any-without-ipv6", test_listen_any_without_ipv6);
  ADD ("listen/again", test_listen_again);
  ADD ("listen/reuse-port", test_listen_reuse_port);
  ADD ("listen/descriptor", test_listen_descriptor);
  ADD ("listen/socket", test_listen_socket);
  ADD ("get-socket", test_get_socket);
  ADD ("accept", test_accept);
  ADD ("accept/echo", test_accept_echo);
  ADD ("accept/many", test_accept_many);
  ADD ("accept/aborted", test_accept_aborted);
  ADD ("who-has-reset", test_who_has_reset);
  ADD ("keep", test_keep);
  ADD ("keep/disposed", test_keep_disposed);
  ADD ("keep/closed", test_keep_closed);
  ADD ("keep/gone", test_keep_gone);
  ADD ("keep/forced", test_keep_forced);
  ADD ("limit/pending", test_limit_pending);
  ADD ("limit/connections", test_limit_connections);
  ADD ("limit/read-buffer", test_limit_read_buffer);
  ADD ("pause", test_pause);
  ADD ("pause/before", test_pause_before);
  ADD ("properties", test_properties);
  ADD ("override/socket", test_override_socket);
  ADD ("override/descriptor", test_override_descriptor);
  ADD ("add-unconnected", test_add_unconnected);
  g_test_add_func ("/tcp-server/add/other-type", test_add_other_type);
  g_test_add_func ("/tcp-server/add/subclass", test_add_subclass);
  g_test_add_func ("/tcp-server/override/other-type", test_override_other_type);
  ADD ("context-gone", test_context_gone);
  ADD ("fork", test_fork);
  ADD ("run-dispose", test_run_dispose);

  return g_test_run ();
}
