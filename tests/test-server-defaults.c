/* test-server-defaults.c: the settings of a server for the connections that it accepts
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <qnet/qnet.h>

#include "common/server-fixture.h"

#define SERVER(fixture) (QNET_SERVER ((fixture)->server))

/* A server whose connections have settings of their own */

typedef struct
{
  QnetTcpServer parent_instance;
} OwnServer;

typedef struct
{
  QnetTcpServerClass parent_class;
} OwnServerClass;

static GType own_server_get_type (void);

G_DEFINE_TYPE (OwnServer, own_server, QNET_TYPE_TCP_SERVER)

static void
own_server_incoming_connection (QnetServer *server,
                                int         fd)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();

  qnet_socket_set_idle_timeout (QNET_SOCKET (socket), 7);
  qnet_io_device_set_write_buffer_high_water (QNET_IO_DEVICE (socket), 8);
  qnet_io_device_set_write_buffer_low_water (QNET_IO_DEVICE (socket), 9);
  g_assert_true (qnet_socket_set_fd (QNET_SOCKET (socket), fd, QNET_SOCKET_STATE_CONNECTED,
                                     QNET_OPEN_MODE_READ_WRITE, NULL));
  qnet_server_add_pending_connection (server, QNET_SOCKET (socket));
}

static void
own_server_class_init (OwnServerClass *klass)
{
  QNET_SERVER_CLASS (klass)->incoming_connection = own_server_incoming_connection;
}

static void
own_server_init (OwnServer *self)
{
}

static void
set_defaults (ServerFixture *fixture)
{
  g_object_set (fixture->server,
                "idle-timeout", 60000,
                "write-buffer-high-water", (gint64) 4000,
                "write-buffer-low-water", (gint64) 1000,
                NULL);
}

static void
assert_settings (QnetTcpSocket *socket,
                 int            idle_timeout,
                 gint64         high_water,
                 gint64         low_water)
{
  QnetIODevice *device = QNET_IO_DEVICE (socket);

  g_assert_cmpint (qnet_socket_get_idle_timeout (QNET_SOCKET (socket)), ==, idle_timeout);
  g_assert_cmpint (qnet_io_device_get_write_buffer_high_water (device), ==, high_water);
  g_assert_cmpint (qnet_io_device_get_write_buffer_low_water (device), ==, low_water);
}

static void
test_none (ServerFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;

  g_test_summary ("Unless they are set, connections have the settings of any socket.");

  server_fixture_listen (fixture);
  socket = server_fixture_accept_one (fixture, NULL);
  assert_settings (socket, 0, 0, 0);
  g_assert_cmpint (qnet_server_get_idle_timeout (SERVER (fixture)), ==, 0);
}

static void
check_cb (ServerFixture *fixture)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_server_next_pending_connection (fixture->server);

  assert_settings (socket, 60000, 4000, 1000);
}

static void
test_applied (ServerFixture *fixture,
              gconstpointer  data)
{
  g_test_summary ("Each connection has the settings of its server when it is emitted.");

  server_fixture_listen (fixture);
  set_defaults (fixture);
  g_signal_connect_swapped (fixture->server, "new-connection", G_CALLBACK (check_cb), fixture);
  server_fixture_connect (fixture);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 2);
}

static void
test_kept (ServerFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;

  g_test_summary ("A connection that has settings of its own when it is queued keeps them.");

  g_clear_object (&fixture->server);
  fixture->server = g_object_new (own_server_get_type (), NULL);
  set_defaults (fixture);
  server_fixture_listen (fixture);
  socket = server_fixture_accept_one (fixture, NULL);
  assert_settings (socket, 7, 8, 9);
}

static void
end_cb (gboolean *has_ended)
{
  *has_ended = TRUE;
}

static void
test_idle (ServerFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;
  gboolean has_ended = FALSE;
  int client;

  g_test_summary ("A client that sends nothing is disconnected, without a word of the handler.");

  qnet_server_set_idle_timeout (SERVER (fixture), 20);
  server_fixture_listen (fixture);
  socket = server_fixture_accept_one (fixture, &client);
  g_signal_connect_swapped (socket, "disconnected", G_CALLBACK (end_cb), &has_ended);

  while (!has_ended)
    g_main_context_iteration (fixture->context, TRUE);

  g_assert_cmpint (qnet_io_device_get_error_code (QNET_IO_DEVICE (socket)), ==,
                   QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  assert_disconnected (client);
}

/* Options of TCP */

static void
assert_options (ServerFixture *fixture,
                gboolean       keep_alive,
                gboolean       low_delay)
{
  g_autoptr(QnetTcpSocket) socket = server_fixture_accept_one (fixture, NULL);
  QnetAbstractSocket *abstract = QNET_ABSTRACT_SOCKET (socket);
  int value = -1;

  g_assert_true (qnet_abstract_socket_get_socket_option (abstract, QNET_SOCKET_OPTION_KEEP_ALIVE,
                                                         &value, NULL));
  g_assert_cmpint (value, ==, keep_alive);
  g_assert_true (qnet_abstract_socket_get_socket_option (abstract, QNET_SOCKET_OPTION_LOW_DELAY,
                                                         &value, NULL));
  g_assert_cmpint (value, ==, low_delay);
}

static void
count_cb (guint *n)
{
  ++*n;
}

static void
test_options (ServerFixture *fixture,
              gconstpointer  data)
{
  guint n_notified = 0;

  g_test_summary ("Connections have the options that the server has, before it listens and "
                  "meanwhile.");

  g_signal_connect_swapped (fixture->server, "notify::keep-alive", G_CALLBACK (count_cb),
                            &n_notified);
  server_fixture_listen (fixture);
  assert_options (fixture, FALSE, TRUE);
  qnet_server_close (SERVER (fixture));

  qnet_tcp_server_set_keep_alive (fixture->server, TRUE);
  qnet_tcp_server_set_keep_alive (fixture->server, TRUE);
  g_assert_cmpuint (n_notified, ==, 1);
  server_fixture_listen (fixture);
  assert_options (fixture, TRUE, TRUE);

  g_object_set (fixture->server, "keep-alive", FALSE, "low-delay", FALSE, NULL);
  assert_options (fixture, FALSE, FALSE);
}

static void
test_options_foreign (ServerFixture *fixture,
                      gconstpointer  data)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)
  };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;

  g_test_summary ("A listening socket that was made elsewhere keeps its keep-alive, until that is "
                  "changed.");

  g_assert_no_errno (setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on));
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (fd, 5));
  g_assert_true (qnet_server_set_fd (SERVER (fixture), fd, NULL));
  assert_options (fixture, TRUE, TRUE);

  qnet_tcp_server_set_keep_alive (fixture->server, TRUE);
  qnet_tcp_server_set_keep_alive (fixture->server, FALSE);
  assert_options (fixture, FALSE, TRUE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/server-defaults/" path, ServerFixture, NULL, server_fixture_set_up, function, \
              server_fixture_tear_down)
  ADD ("none", test_none);
  ADD ("applied", test_applied);
  ADD ("kept", test_kept);
  ADD ("idle", test_idle);
  ADD ("options", test_options);
  ADD ("options/foreign", test_options_foreign);
#undef ADD

  return g_test_run ();
}
