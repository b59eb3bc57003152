/* test-abstract-socket.c: binding, descriptors, options, limits in time
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/pair.h"
#include "common/silent-resolver.h"
#include "common/socket-fixture.h"
#include "common/temp-folder.h"
#include "loop/qnet-reactor-private.h"

static QnetHostAddress *
loopback (void)
{
  return qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
}

static void
assert_fails (SocketFixture   *fixture,
              gboolean         result,
              GError          *error,  /* (transfer full) */
              QnetSocketError  code)
{
  g_assert_false (result);
  g_assert_error (error, QNET_SOCKET_ERROR, code);
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->socket)), QNET_SOCKET_ERROR, code);
  socket_fixture_assert_log (fixture, "");
  g_error_free (error);
}

static void
connect_to_listener (SocketFixture *fixture)
{
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
}

/* Binding */

static void
test_bind (SocketFixture *fixture,
           gconstpointer  data)
{
  QnetAbstractSocket *socket = ABSTRACT (fixture->socket);
  g_autoptr(QnetHostAddress) address = loopback ();
  g_autoptr(QnetHostAddress) local = NULL;
  g_autoptr(GError) error = NULL;
  guint16 port;

  g_test_summary ("A bound socket has its address and port, is not open, and connects from there.");

  g_assert_true (
    qnet_abstract_socket_bind (socket, address, 0, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error));
  g_assert_no_error (error);
  socket_fixture_assert_log (fixture, "bound");
  port = qnet_abstract_socket_get_local_port (socket);
  g_assert_cmpuint (port, >, 0);
  g_assert_true (qnet_socket_is_valid (QNET_SOCKET (socket)));
  g_assert_false (qnet_io_device_is_open (DEVICE (socket)));

  connect_to_listener (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_assert_log (fixture, "connecting host-found connected connected");
  g_assert_cmpuint (qnet_abstract_socket_get_local_port (socket), ==, port);
  local = qnet_abstract_socket_get_local_address (socket);
  g_assert_true (qnet_host_address_equal_special (local, QNET_SPECIAL_ADDRESS_LOCAL_HOST));
}

static void
test_bind_any (SocketFixture *fixture,
               gconstpointer  data)
{
  QnetAbstractSocket *socket = ABSTRACT (fixture->socket);
  g_autoptr(QnetHostAddress) local = NULL;
  g_autoptr(QnetHostAddress) later = NULL;
  guint16 port;

  g_test_summary ("Bound to any address, the socket knows its real one once it is connected.");

  g_assert_true (
    qnet_abstract_socket_bind_port (socket, 0, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  local = qnet_abstract_socket_get_local_address (socket);
  g_assert_true (qnet_host_address_equal_special (local, QNET_SPECIAL_ADDRESS_ANY)
                 || qnet_host_address_equal_special (local, QNET_SPECIAL_ADDRESS_ANY_IPV4));
  port = qnet_abstract_socket_get_local_port (socket);

  connect_to_listener (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  later = qnet_abstract_socket_get_local_address (socket);
  g_assert_true (qnet_host_address_equal_special (later, QNET_SPECIAL_ADDRESS_LOCAL_HOST));
  g_assert_cmpuint (qnet_abstract_socket_get_local_port (socket), ==, port);
}

static void
test_spellings (SocketFixture *fixture,
                gconstpointer  data)
{
  const char *spellings[] = { "127.0.0.1", "127.1", "127.0.0.1.", "0x7f000001" };

  g_test_summary ("Each spelling of an address connects to it, and no name is looked up.");

  for (gsize i = 0; i < G_N_ELEMENTS (spellings); i++)
    {
      qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), spellings[i],
                                            fixture->port);
      socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
      qnet_socket_abort (QNET_SOCKET (fixture->socket));
    }
}

static void
test_bind_no_address (SocketFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(QnetHostAddress) mistyped = qnet_host_address_from_string ("127.0.0.l");
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  g_autoptr(QnetUdpSocket) datagrams = qnet_udp_socket_new ();
  QnetAbstractSocket *sockets[] = { ABSTRACT (fixture->socket), ABSTRACT (datagrams) };
  QnetHostAddress *addresses[] = { mistyped, null };

  g_test_summary ("Where an address is missing, a socket is not bound.");

  for (gsize i = 0; i < G_N_ELEMENTS (sockets); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (addresses); j++)
      {
        g_autoptr(GError) error = NULL;

        g_assert_false (qnet_abstract_socket_bind (sockets[i], addresses[j], 0,
                                                   QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error));
        g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
        g_assert_nonnull (strstr (error->message, "No address was given"));
        g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (sockets[i])), ==,
                         QNET_SOCKET_STATE_UNCONNECTED);
        g_assert_cmpuint (qnet_abstract_socket_get_local_port (sockets[i]), ==, 0);
      }
}

static void
fail_to_bind (QnetAbstractSocket *socket)
{
  g_autoptr(QnetHostAddress) foreign = qnet_host_address_from_string ("192.0.2.1");

  g_assert_false (qnet_abstract_socket_bind (socket, foreign, 0,
                                             QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  g_assert_nonnull (qnet_io_device_get_error (DEVICE (socket)));
}

static void
test_error_is_forgotten (SocketFixture *fixture,
                         gconstpointer  data)
{
  QnetAbstractSocket *socket = ABSTRACT (fixture->socket);
  g_autoptr(QnetHostAddress) address = loopback ();
  int near, far;

  g_test_summary ("The previous error is cleared when a socket is bound, connects, or takes a "
                  "descriptor.");

  fail_to_bind (socket);
  g_assert_true (qnet_abstract_socket_bind (socket, address, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  g_assert_null (qnet_io_device_get_error (DEVICE (socket)));
  qnet_socket_abort (QNET_SOCKET (socket));

  fail_to_bind (socket);
  socket_fixture_connect (fixture);
  g_assert_null (qnet_io_device_get_error (DEVICE (socket)));
  qnet_socket_abort (QNET_SOCKET (socket));

  fail_to_bind (socket);
  pair_open_tcp (&near, &far);
  g_assert_true (qnet_socket_set_fd (QNET_SOCKET (socket), near, QNET_SOCKET_STATE_CONNECTED,
                                                             QNET_OPEN_MODE_READ_WRITE, NULL));
  g_assert_null (qnet_io_device_get_error (DEVICE (socket)));
  qnet_socket_abort (QNET_SOCKET (socket));
  close (far);
}

static void
test_bind_fails (SocketFixture *fixture,
                 gconstpointer  data)
{
  QnetAbstractSocket *socket = ABSTRACT (fixture->socket);
  g_autoptr(QnetHostAddress) address = loopback ();
  g_autoptr(QnetHostAddress) foreign = qnet_host_address_from_string ("192.0.2.1");
  GError *error = NULL;
  gboolean result;

  g_test_summary (
    "A taken port, a foreign address, a socket in use: each has its code, and nothing is emitted.");

  result = qnet_abstract_socket_bind (socket, address, fixture->port,
                                      QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_ADDRESS_IN_USE);
  result = qnet_abstract_socket_bind (socket, foreign, 0, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM,
                                      &error);
  assert_fails (fixture, result, g_steal_pointer (&error),
                QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);

  socket_fixture_connect (fixture);
  result = qnet_abstract_socket_bind (socket, address, 0, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM,
                                      &error);
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_OPERATION);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);
}

static void
test_bind_null_address (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  GError *error = NULL;
  gboolean result;

  g_test_summary ("The Null address is not an address of this machine.");

  result = qnet_abstract_socket_bind (ABSTRACT (fixture->socket), null, 0,
                                      QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error);
  assert_fails (fixture, result, error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
}

static void
test_bind_flags (SocketFixture *fixture,
                 gconstpointer  data)
{
  static const struct
  {
    QnetBindFlags flags;
    int           reuse;
  } cases[] = {
    { QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, 1 },
    { QNET_BIND_FLAGS_SHARE_ADDRESS, 1 },
    { QNET_BIND_FLAGS_DONT_SHARE_ADDRESS, 0 },
    { QNET_BIND_FLAGS_REUSE_ADDRESS_HINT, 1 },
    { QNET_BIND_FLAGS_SHARE_ADDRESS | QNET_BIND_FLAGS_DONT_SHARE_ADDRESS, 0 },
  };
  QnetAbstractSocket *socket = ABSTRACT (fixture->socket);
  g_autoptr(QnetHostAddress) address = loopback ();

  g_test_summary ("The flags set SO_REUSEADDR, or do not.");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true (qnet_abstract_socket_bind (socket, address, 0, cases[i].flags, NULL));
      g_assert_cmpint (get_int_option (qnet_socket_get_fd (QNET_SOCKET (socket)),
                                       SOL_SOCKET, SO_REUSEADDR),
                       ==, cases[i].reuse);
      qnet_abstract_socket_disconnect_from_host (socket);
      socket_fixture_assert_log (fixture, "bound unconnected");
    }
}

static void
test_unbind (SocketFixture *fixture,
             gconstpointer  data)
{
  QnetAbstractSocket *socket = ABSTRACT (fixture->socket);
  g_autoptr(QnetHostAddress) address = loopback ();
  guint16 port;

  g_test_summary ("A bound socket that is aborted releases its port, even if its GSocket was "
                  "requested.");

  g_assert_true (
    qnet_abstract_socket_bind (socket, address, 0, QNET_BIND_FLAGS_DONT_SHARE_ADDRESS, NULL));
  port = qnet_abstract_socket_get_local_port (socket);
  g_assert_nonnull (qnet_socket_get_socket (QNET_SOCKET (socket)));
  qnet_socket_abort (QNET_SOCKET (socket));
  g_assert_null (qnet_socket_get_socket (QNET_SOCKET (socket)));
  g_assert_cmpuint (qnet_abstract_socket_get_local_port (socket), ==, 0);
  g_assert_true (
    qnet_abstract_socket_bind (socket, address, port, QNET_BIND_FLAGS_DONT_SHARE_ADDRESS, NULL));
}

static void
test_bound_family (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = loopback ();

  g_test_summary ("An IPv4 socket does not connect to an IPv6 address, and reports that.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), address, 0, 0, NULL));
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "::1", fixture->port);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, "bound connecting unconnected error:10");
}

/* Descriptors */

static gboolean
take_over (SocketFixture   *fixture,
           int              fd,
           QnetSocketState  state,
           GError         **error)
{
  return qnet_socket_set_fd (QNET_SOCKET (fixture->socket), fd, state,
                                                     QNET_OPEN_MODE_READ_WRITE, error);
}

static void
test_descriptor (SocketFixture *fixture,
                 gconstpointer  data)
{
  int near = open_client (fixture->port);
  g_autoptr(GError) error = NULL;

  g_test_summary ("A descriptor is taken over as it is, made non-blocking, without `connected`; "
                  "reading starts later.");

  socket_fixture_accept (fixture);
  socket_fixture_peer_sends (fixture, "early");
  g_assert_true (take_over (fixture, near, QNET_SOCKET_STATE_CONNECTED, &error));
  g_assert_no_error (error);
  socket_fixture_assert_log (fixture, "connected");
  g_assert_cmpint (qnet_socket_get_fd (QNET_SOCKET (fixture->socket)), ==,
                   near);
  g_assert_true ((fcntl (near, F_GETFL) & O_NONBLOCK) != 0);
  g_assert_cmpint (get_int_option (near, IPPROTO_TCP, TCP_NODELAY), ==, 1);
  g_assert_true (qnet_io_device_is_writable (DEVICE (fixture->socket)));

  socket_fixture_await_bytes (fixture, 5);
  socket_fixture_assert_log (fixture, "ready-read");
}

static void
test_descriptor_bound (SocketFixture *fixture,
                       gconstpointer  data)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM, 0);

  g_test_summary ("A bound descriptor connects as it is.");

  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_true (take_over (fixture, fd, QNET_SOCKET_STATE_BOUND, NULL));
  connect_to_listener (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  g_assert_cmpint (qnet_socket_get_fd (QNET_SOCKET (fixture->socket)), ==, fd);
}

static void
assert_not_bound (SocketFixture *fixture,
                  int            fd,
                  const char    *reason)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (take_over (fixture, fd, QNET_SOCKET_STATE_BOUND, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_true (g_str_has_suffix (error->message, reason));
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (fcntl (fd, F_GETFD), >=, 0);
}

static void
test_descriptor_not_bound (SocketFixture *fixture,
                           gconstpointer  data)
{
  int connected = open_client (fixture->port);
  int unbound_v4 = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int unbound_v6 = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_test_summary ("A descriptor that is connected, listens or was not bound is refused as a "
                  "bound one, and remains the caller's.");

  assert_not_bound (fixture, connected, ": The socket is connected");
  assert_not_bound (fixture, fixture->listener, ": The socket is listening");
  assert_not_bound (fixture, unbound_v4, ": The socket is not bound");
  if (unbound_v6 >= 0)
    assert_not_bound (fixture, unbound_v6, ": The socket is not bound");

  close (connected);
  close (unbound_v4);
  if (unbound_v6 >= 0)
    close (unbound_v6);
}

static void
test_descriptor_refused (SocketFixture *fixture,
                         gconstpointer  data)
{
  int fds[] = {
    open ("/dev/null", O_RDWR | O_CLOEXEC),
    socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
    socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
    fixture->listener,
  };
  GError *error = NULL;
  gboolean result;

  g_test_summary ("No socket, another kind, not connected, listening, no descriptor: refused, and "
                  "still the caller's.");

  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      result = take_over (fixture, fds[i], QNET_SOCKET_STATE_CONNECTED, &error);
      assert_fails (fixture, result, g_steal_pointer (&error),
                    QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
      g_assert_true (pair_is_open (fds[i]));
    }

  result = take_over (fixture, -1, QNET_SOCKET_STATE_CONNECTED, &error);
  assert_fails (fixture, result, g_steal_pointer (&error),
                QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  result = take_over (fixture, fds[2], QNET_SOCKET_STATE_CLOSING, &error);
  assert_fails (fixture, result, g_steal_pointer (&error),
                QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);

  for (gsize i = 0; i < G_N_ELEMENTS (fds) - 1; i++)
    close (fds[i]);
}

static void
test_descriptor_busy (SocketFixture *fixture,
                      gconstpointer  data)
{
  int fd = open_client (fixture->port);
  GError *error = NULL;
  gboolean result;

  g_test_summary ("A socket in use takes no descriptor.");

  connect_to_listener (fixture);
  socket_fixture_forget_log (fixture);
  result = take_over (fixture, fd, QNET_SOCKET_STATE_CONNECTED, &error);
  assert_fails (fixture, result, error, QNET_SOCKET_ERROR_OPERATION);
  close (fd);
}

/* It is refused, which is reported in the next iteration. */
static void
connect_once_more (SocketFixture *fixture)
{
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
}

static void
test_steal (SocketFixture *fixture,
            gconstpointer  data)
{
  g_autoptr(GSocketConnection) connection = NULL;
  g_autoptr(GError) error = NULL;
  GInputStream *input;
  char buffer[8];

  g_test_summary ("A stolen connection continues with GIO; the socket is unconnected and keeps "
                  "what it has read.");

  socket_fixture_connect (fixture);
  socket_fixture_peer_sends (fixture, "read");
  socket_fixture_await_bytes (fixture, 4);
  socket_fixture_write (fixture, "sent");
  connect_once_more (fixture);
  socket_fixture_forget_log (fixture);

  connection = qnet_socket_steal_connection (QNET_SOCKET (fixture->socket), &error);
  g_assert_no_error (error);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "unconnected error:19");  /* reports the refused one */
  pair_assert_gets (fixture->peer, "sent");
  socket_fixture_assert_reads (fixture, "read");
  g_assert_true (qnet_io_device_is_read_finished (DEVICE (fixture->socket)));

  socket_fixture_peer_sends (fixture, "more");
  input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  g_assert_cmpint (g_input_stream_read (input, buffer, sizeof buffer, NULL, &error), ==, 4);
  g_assert_no_error (error);
}

static void
test_steal_after_reset (SocketFixture *fixture,
                        gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;

  g_test_summary ("A connection that could not send what was written is not stolen.");

  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, "lost");
  socket_fixture_peer_resets (fixture);
  result = qnet_socket_steal_connection (QNET_SOCKET (fixture->socket), &error) != NULL;
  assert_fails (fixture, result, error, QNET_SOCKET_ERROR_OPERATION);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture,
                             "error:1 closing unconnected read-channel-finished disconnected");
}

static void
test_steal_fails (SocketFixture *fixture,
                  gconstpointer  data)
{
  gsize size = 8 * 1024 * 1024;
  g_autofree char *text = g_strnfill (size, 'x');
  GError *error = NULL;
  gboolean result;

  g_test_summary ("Without a connection, or with bytes that cannot be sent now, nothing is stolen "
                  "and nothing changes.");

  result = qnet_socket_steal_connection (QNET_SOCKET (fixture->socket), &error) != NULL;
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_OPERATION);

  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, text);
  result = qnet_socket_steal_connection (QNET_SOCKET (fixture->socket), &error) != NULL;
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_OPERATION);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);
  g_free (socket_fixture_peer_reads (fixture, size));
  socket_fixture_settle (fixture);
  socket_fixture_forget_log (fixture);

  g_io_stream_close_async (G_IO_STREAM (fixture->socket), 0, NULL, NULL, NULL);
  socket_fixture_assert_log (fixture, "about-to-close");
  result = qnet_socket_steal_connection (QNET_SOCKET (fixture->socket), &error) != NULL;
  assert_fails (fixture, result, g_steal_pointer (&error), QNET_SOCKET_ERROR_OPERATION);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
}

/* Options */

static int
get_native (SocketFixture *fixture,
            int            level,
            int            name)
{
  return get_int_option (qnet_socket_get_fd (QNET_SOCKET (fixture->socket)),
                         level, name);
}

static void
set_option (SocketFixture    *fixture,
            QnetSocketOption  option,
            int               value)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (
    qnet_abstract_socket_set_socket_option (ABSTRACT (fixture->socket), option, value, &error));
  g_assert_no_error (error);
}

static void
test_options (SocketFixture *fixture,
              gconstpointer  data)
{
  int value = -1;

  g_test_summary ("Options set before, while and after connecting all reach the kernel.");

  set_option (fixture, QNET_SOCKET_OPTION_LOW_DELAY, 0);
  set_option (fixture, QNET_SOCKET_OPTION_TYPE_OF_SERVICE, IPTOS_LOWDELAY);
  connect_to_listener (fixture);
  set_option (fixture, QNET_SOCKET_OPTION_KEEP_ALIVE, 1);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  g_assert_cmpint (get_native (fixture, IPPROTO_TCP, TCP_NODELAY), ==, 0);
  g_assert_cmpint (get_native (fixture, SOL_SOCKET, SO_KEEPALIVE), ==, 1);
  g_assert_cmpint (get_native (fixture, IPPROTO_IP, IP_TOS), ==, IPTOS_LOWDELAY);

  set_option (fixture, QNET_SOCKET_OPTION_LOW_DELAY, 1);
  g_assert_cmpint (get_native (fixture, IPPROTO_TCP, TCP_NODELAY), ==, 1);
  g_assert_true (qnet_abstract_socket_get_socket_option (ABSTRACT (fixture->socket),
                                                         QNET_SOCKET_OPTION_PATH_MTU, &value,
                                                         NULL));
  g_assert_cmpint (value, >, 500);
}

static void
test_options_late (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = loopback ();

  g_test_summary ("An option set in the midst of connecting, or to a bound socket, is not lost.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), address, 0, 0, NULL));
  connect_to_listener (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTING);
  set_option (fixture, QNET_SOCKET_OPTION_KEEP_ALIVE, 1);
  g_object_set (fixture->socket, "keep-alive-idle", 77, NULL);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  g_assert_cmpint (get_native (fixture, SOL_SOCKET, SO_KEEPALIVE), ==, 1);
  g_assert_cmpint (get_native (fixture, IPPROTO_TCP, TCP_KEEPIDLE), ==, 77);
}

static void
test_options_refused (SocketFixture *fixture,
                      gconstpointer  data)
{
  GError *error = NULL;
  gboolean result;
  int value;

  g_test_summary ("A value out of range, or an option that cannot be set or read, is refused.");

  result = qnet_abstract_socket_set_socket_option (ABSTRACT (fixture->socket),
                                                   QNET_SOCKET_OPTION_LOW_DELAY, 7, &error);
  assert_fails (fixture, result, g_steal_pointer (&error),
                QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_false (qnet_abstract_socket_set_socket_option (ABSTRACT (fixture->socket),
                                                          QNET_SOCKET_OPTION_PATH_MTU, 7, NULL));
  g_assert_false (qnet_abstract_socket_get_socket_option (ABSTRACT (fixture->socket),
                                                          QNET_SOCKET_OPTION_PATH_MTU, &value,
                                                          NULL));
}

static void
test_tuning (SocketFixture *fixture,
             gconstpointer  data)
{
  g_test_summary ("Probes and the user timeout are the kernel's, before and after connecting.");

  g_object_set (fixture->socket, "keep-alive-idle", 11, "keep-alive-interval", 12,
                "keep-alive-count", 13, "user-timeout", 14000, NULL);
  socket_fixture_connect (fixture);
  g_assert_cmpint (get_native (fixture, IPPROTO_TCP, TCP_KEEPIDLE), ==, 11);
  g_assert_cmpint (get_native (fixture, IPPROTO_TCP, TCP_KEEPINTVL), ==, 12);
  g_assert_cmpint (get_native (fixture, IPPROTO_TCP, TCP_KEEPCNT), ==, 13);
  g_assert_cmpint (get_native (fixture, IPPROTO_TCP, TCP_USER_TIMEOUT), ==, 14000);

  qnet_abstract_socket_set_keep_alive_idle (ABSTRACT (fixture->socket), 21);
  g_assert_cmpint (get_native (fixture, IPPROTO_TCP, TCP_KEEPIDLE), ==, 21);
  g_assert_cmpint (qnet_abstract_socket_get_keep_alive_idle (ABSTRACT (fixture->socket)), ==, 21);
  g_assert_cmpint (qnet_abstract_socket_get_keep_alive_interval (ABSTRACT (fixture->socket)), ==,
                   12);
  g_assert_cmpint (qnet_abstract_socket_get_keep_alive_count (ABSTRACT (fixture->socket)), ==, 13);
  g_assert_cmpint (qnet_abstract_socket_get_user_timeout (ABSTRACT (fixture->socket)), ==, 14000);
}

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
test_settings (SocketFixture *fixture,
               gconstpointer  data)
{
  static const char *const names[] = {
    "lookup-timeout",      "connect-timeout",          "idle-timeout",
    "close-timeout",       "connection-attempt-delay", "keep-alive-idle",
    "keep-alive-interval", "keep-alive-count",         "user-timeout",
  };

  g_test_summary (
    "Each limit is a property that keeps its value and notifies when it changes, and only then.");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *signal = g_strconcat ("notify::", names[i], NULL);
      guint n_notified = 0;
      int value = 0;

      g_signal_connect_swapped (fixture->socket, signal, G_CALLBACK (count_cb), &n_notified);
      g_object_set (fixture->socket, names[i], 42, NULL);
      g_object_set (fixture->socket, names[i], 42, NULL);
      g_object_get (fixture->socket, names[i], &value, NULL);
      g_assert_cmpint (value, ==, 42);
      g_assert_cmpuint (n_notified, ==, 1);
    }
}

static void
test_defaults (SocketFixture *fixture,
               gconstpointer  data)
{
  int lookup, connecting, closing, idle, keep_alive_idle, user_timeout;
  int keep_alive;

  g_test_summary ("Looking up, connecting and closing take 30 seconds at most; a silent peer has "
                  "no limit, and is not probed.");

  g_object_get (fixture->socket, "lookup-timeout", &lookup, "connect-timeout", &connecting,
                "close-timeout", &closing, "idle-timeout", &idle,
                "keep-alive-idle", &keep_alive_idle, "user-timeout", &user_timeout, NULL);
  g_assert_cmpint (lookup, ==, 30000);
  g_assert_cmpint (connecting, ==, 30000);
  g_assert_cmpint (closing, ==, 30000);
  g_assert_cmpint (idle, ==, 0);
  g_assert_cmpint (user_timeout, ==, 0);
  g_assert_true (qnet_abstract_socket_get_socket_option (ABSTRACT (fixture->socket),
                                                         QNET_SOCKET_OPTION_KEEP_ALIVE,
                                                         &keep_alive, NULL));
  g_assert_cmpint (keep_alive, ==, 0);
}

/* Limits in time */

static gint64 now;

static gint64
get_now (void)
{
  return now;
}

static void
pass_time (SocketFixture *fixture,
           guint          msecs)
{
  now += msecs * G_GINT64_CONSTANT (1000);
  socket_fixture_settle (fixture);
}

static void
test_idle_timeout (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_autofree char *got = NULL;

  g_test_summary (
    "A connection without a byte in or out ends after idle-timeout; each byte puts it off.");

  now = g_get_monotonic_time ();
  qnet_clock_set_for_tests (get_now);
  qnet_socket_set_idle_timeout (QNET_SOCKET (fixture->socket), 1000);
  socket_fixture_connect (fixture);

  pass_time (fixture, 900);
  socket_fixture_peer_sends (fixture, "in");
  socket_fixture_await_bytes (fixture, 2);
  pass_time (fixture, 900);
  socket_fixture_write (fixture, "out");
  got = socket_fixture_peer_reads (fixture, 3);
  pass_time (fixture, 900);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_forget_log (fixture);

  pass_time (fixture, 200);
  socket_fixture_assert_log (fixture,
                             "error:5 closing unconnected read-channel-finished disconnected");
  qnet_clock_set_for_tests (NULL);
}

static void
test_idle_timeout_held_up (SocketFixture *fixture,
                           gconstpointer  data)
{
  g_test_summary ("A peer whose bytes wait since we are paused, or full, is not idle; one that "
                  "is silent is, paused or not.");

  now = g_get_monotonic_time ();
  qnet_clock_set_for_tests (get_now);
  qnet_socket_set_idle_timeout (QNET_SOCKET (fixture->socket), 1000);
  qnet_io_device_set_read_buffer_size (DEVICE (fixture->socket), 3);
  socket_fixture_connect (fixture);

  socket_fixture_peer_sends (fixture, "abcdef");
  socket_fixture_await_bytes (fixture, 3);
  pass_time (fixture, 5000);
  pass_time (fixture, 5000);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);

  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  qnet_io_device_set_read_buffer_size (DEVICE (fixture->socket), 0);
  pass_time (fixture, 5000);
  pass_time (fixture, 5000);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);

  qnet_socket_resume_reading (QNET_SOCKET (fixture->socket));
  socket_fixture_await_bytes (fixture, 6);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  pass_time (fixture, 1100);
  pass_time (fixture, 1100);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
  qnet_clock_set_for_tests (NULL);
}

static void
test_idle_timeout_says_who (SocketFixture *fixture,
                            gconstpointer  data)
{
  g_autofree char *expected = NULL;

  g_test_summary ("The error of an idle connection names the peer and the limit.");

  now = g_get_monotonic_time ();
  qnet_clock_set_for_tests (get_now);
  qnet_socket_set_idle_timeout (QNET_SOCKET (fixture->socket), 1000);
  socket_fixture_connect (fixture);
  pass_time (fixture, 1100);
  expected = g_strdup_printf ("Closed the connection to 127.0.0.1 port %u: "
                              "No byte was received or sent for 1 s",
                              fixture->port);
  g_assert_cmpstr (qnet_io_device_get_error (DEVICE (fixture->socket))->message, ==, expected);
  qnet_clock_set_for_tests (NULL);
}

static void
test_idle_timeout_set_later (SocketFixture *fixture,
                             gconstpointer  data)
{
  g_test_summary ("idle-timeout can be set, and taken back, on a running connection.");

  now = g_get_monotonic_time ();
  qnet_clock_set_for_tests (get_now);
  socket_fixture_connect (fixture);
  qnet_socket_set_idle_timeout (QNET_SOCKET (fixture->socket), 1000);
  qnet_socket_set_idle_timeout (QNET_SOCKET (fixture->socket), 0);
  pass_time (fixture, 2000);
  socket_fixture_assert_log (fixture, "");

  qnet_socket_set_idle_timeout (QNET_SOCKET (fixture->socket), 1000);
  pass_time (fixture, 1100);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
  qnet_clock_set_for_tests (NULL);
}

static void
test_close_timeout (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_autofree char *text = g_strnfill (8 * 1024 * 1024, 'x');

  g_test_summary (
    "A peer that reads nothing holds up a closing socket for close-timeout, no longer.");

  now = g_get_monotonic_time ();
  qnet_clock_set_for_tests (get_now);
  g_assert_cmpint (qnet_socket_get_close_timeout (QNET_SOCKET (fixture->socket)), ==, 30000);
  qnet_socket_set_close_timeout (QNET_SOCKET (fixture->socket), 1000);
  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, text);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  pass_time (fixture, 900);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CLOSING);
  socket_fixture_forget_log (fixture);

  pass_time (fixture, 200);
  socket_fixture_assert_log (fixture, "error:5 unconnected read-channel-finished disconnected");
  qnet_clock_set_for_tests (NULL);
}

/* A listener with a full backlog, which does not answer. The kernel determines how many connections
 * fill it; these are more than enough. The first of the descriptors is the listener. */
static GArray *
open_silent_listener (guint16 *out_port)
{
  GArray *fds = g_array_new (FALSE, FALSE, sizeof (int));
  int listener = open_listener (out_port, 0);

  g_array_append_val (fds, listener);

  for (guint i = 0; i < 4; i++)
    {
      struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (*out_port),
                                     .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
      int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

      connect (fd, (struct sockaddr *) &address, sizeof address);
      g_array_append_val (fds, fd);
    }

  return fds;
}

static void
close_all (GArray *fds)  /* (transfer full) */
{
  for (guint i = 0; i < fds->len; i++)
    close (g_array_index (fds, int, i));

  g_array_unref (fds);
}

static void
test_connect_timeout (SocketFixture *fixture,
                      gconstpointer  data)
{
  guint16 port;
  GArray *fds = open_silent_listener (&port);

  g_test_summary ("An address that does not answer fails after connect-timeout, with its name.");

  qnet_socket_set_connect_timeout (QNET_SOCKET (fixture->socket), 50);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", port);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, "connecting host-found unconnected error:5");
  g_assert_nonnull (
    strstr (qnet_io_device_get_error (DEVICE (fixture->socket))->message, "127.0.0.1 port"));
  close_all (fds);
}

static void
test_connect_timeout_dropped (SocketFixture *fixture,
                              gconstpointer  data)
{
  gpointer weak = fixture->socket;
  guint16 port;
  GArray *fds = open_silent_listener (&port);
  guint n_fds;

  g_test_summary ("A socket with bytes to send that is dropped while it connects is freed at once; "
                  "the attempt continues for connect-timeout, and no longer.");

  now = g_get_monotonic_time ();
  qnet_clock_set_for_tests (get_now);
  qnet_socket_set_connect_timeout (QNET_SOCKET (fixture->socket), 1000);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", port);
  socket_fixture_write (fixture, "never sent");
  n_fds = count_descriptors ();
  g_object_add_weak_pointer (weak, &weak);
  g_clear_object (&fixture->socket);
  g_assert_null (weak);
  pass_time (fixture, 900);
  g_assert_cmpuint (count_descriptors (), ==, n_fds);
  pass_time (fixture, 200);
  g_assert_cmpuint (count_descriptors (), ==, n_fds - 1);
  qnet_clock_set_for_tests (NULL);
  close_all (fds);
}

static void
test_lookup (SocketFixture *fixture,
             gconstpointer  data)
{
  GResolver *previous = silent_resolver_install ();

  g_test_summary ("An unknown name is HOST_NOT_FOUND; one without an answer is SOCKET_TIMEOUT "
                  "after lookup-timeout.");

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "unknown.test", 80);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, "host-lookup unconnected error:2");
  g_assert_nonnull (
    strstr (qnet_io_device_get_error (DEVICE (fixture->socket))->message, "unknown.test"));

  qnet_abstract_socket_set_lookup_timeout (ABSTRACT (fixture->socket), 20);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "silent.test", 80);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, "host-lookup unconnected error:5");
  g_assert_nonnull (
    strstr (qnet_io_device_get_error (DEVICE (fixture->socket))->message, "silent.test"));

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "silent.test", 80);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "host-lookup unconnected");
  silent_resolver_remove (previous);
}

static void
add_limit_tests (void)
{
  socket_fixture_add ("/abstract-socket/limit/settings", test_settings);
  socket_fixture_add ("/abstract-socket/limit/defaults", test_defaults);
  socket_fixture_add ("/abstract-socket/limit/idle", test_idle_timeout);
  socket_fixture_add ("/abstract-socket/limit/idle/set-later", test_idle_timeout_set_later);
  socket_fixture_add ("/abstract-socket/limit/idle/held-up-by-us", test_idle_timeout_held_up);
  socket_fixture_add ("/abstract-socket/limit/idle/says-who", test_idle_timeout_says_who);
  socket_fixture_add ("/abstract-socket/limit/close", test_close_timeout);
  socket_fixture_add ("/abstract-socket/limit/connect", test_connect_timeout);
  socket_fixture_add ("/abstract-socket/limit/connect/dropped", test_connect_timeout_dropped);
  socket_fixture_add ("/abstract-socket/limit/lookup", test_lookup);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  socket_fixture_add ("/abstract-socket/bind", test_bind);
  socket_fixture_add ("/abstract-socket/connect/every-spelling-of-an-address", test_spellings);
  socket_fixture_add ("/abstract-socket/bind/any", test_bind_any);
  socket_fixture_add ("/abstract-socket/bind/no-address-is-refused", test_bind_no_address);
  socket_fixture_add ("/abstract-socket/bind/fails", test_bind_fails);
  socket_fixture_add ("/abstract-socket/error-is-forgotten", test_error_is_forgotten);
  socket_fixture_add ("/abstract-socket/bind/null-address", test_bind_null_address);
  socket_fixture_add ("/abstract-socket/bind/flags", test_bind_flags);
  socket_fixture_add ("/abstract-socket/bind/undone", test_unbind);
  socket_fixture_add ("/abstract-socket/bind/family", test_bound_family);
  socket_fixture_add ("/abstract-socket/descriptor", test_descriptor);
  socket_fixture_add ("/abstract-socket/descriptor/bound", test_descriptor_bound);
  socket_fixture_add ("/abstract-socket/descriptor/not-bound-is-refused",
                      test_descriptor_not_bound);
  socket_fixture_add ("/abstract-socket/descriptor/refused", test_descriptor_refused);
  socket_fixture_add ("/abstract-socket/descriptor/busy", test_descriptor_busy);
  socket_fixture_add ("/abstract-socket/steal", test_steal);
  socket_fixture_add ("/abstract-socket/steal/fails", test_steal_fails);
  socket_fixture_add ("/abstract-socket/steal/after-reset", test_steal_after_reset);
  socket_fixture_add ("/abstract-socket/options", test_options);
  socket_fixture_add ("/abstract-socket/options/late", test_options_late);
  socket_fixture_add ("/abstract-socket/options/refused", test_options_refused);
  socket_fixture_add ("/abstract-socket/options/tuning", test_tuning);
  add_limit_tests ();

  return g_test_run ();
}
