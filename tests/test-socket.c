/* test-socket.c: what a server returns is a QnetSocket, of whatever kind it is
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gstdio.h>
#include <qnet/qnet.h>

typedef enum
{
  KIND_TCP,
  KIND_LOCAL
} Kind;

typedef struct
{
  QnetServer *server;      /* (owned) */
  QnetSocket *client;      /* (owned) */
  QnetSocket *connection;  /* (owned) */
  char       *folder;      /* (owned) */
  char       *path;        /* (owned) */
  guint       n_disconnected;
} Fixture;

static void
count_cb (QnetSocket *socket,
          guint      *count)
{
  (*count)++;
}

static void
dial_tcp (Fixture *fixture)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  QnetTcpServer *server = qnet_tcp_server_new ();

  fixture->server = QNET_SERVER (server);
  fixture->client = QNET_SOCKET (qnet_tcp_socket_new ());
  g_assert_true (qnet_tcp_server_listen (server, address, 0, NULL));
  qnet_abstract_socket_connect_to_address (QNET_ABSTRACT_SOCKET (fixture->client), address,
                                           qnet_tcp_server_get_server_port (server));
}

static void
dial_local (Fixture *fixture)
{
  QnetLocalServer *server = qnet_local_server_new ();

  fixture->server = QNET_SERVER (server);
  fixture->client = QNET_SOCKET (qnet_local_socket_new ());
  g_assert_true (qnet_local_server_listen (server, fixture->path, NULL));
  qnet_local_socket_connect_to_server (QNET_LOCAL_SOCKET (fixture->client), fixture->path);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  kind)
{
  fixture->folder = g_dir_make_tmp ("qnet-socket-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "server", NULL);

  if (GPOINTER_TO_INT (kind) == KIND_TCP)
    dial_tcp (fixture);
  else
    dial_local (fixture);

  g_assert_true (qnet_socket_wait_for_connected (fixture->client, 10000, NULL));
  g_assert_true (qnet_server_wait_for_new_connection (fixture->server, 10000, NULL));
  fixture->connection = qnet_server_next_pending_connection (fixture->server);
  g_signal_connect (fixture->connection, "disconnected", G_CALLBACK (count_cb),
                    &fixture->n_disconnected);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  kind)
{
  qnet_server_close (fixture->server);
  g_assert_finalize_object (fixture->connection);
  g_assert_finalize_object (fixture->client);
  g_assert_finalize_object (fixture->server);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
test_state (Fixture       *fixture,
            gconstpointer  kind)
{
  g_test_summary ("A connection has its state and its descriptor, whatever its kind is.");

  g_assert_cmpint (qnet_socket_get_state (fixture->connection), ==, QNET_SOCKET_STATE_CONNECTED);
  g_assert_true (qnet_socket_is_valid (fixture->connection));
  g_assert_cmpint (qnet_socket_get_fd (fixture->connection), >=, 0);
  g_assert_nonnull (qnet_socket_get_socket (fixture->connection));

  qnet_socket_abort (fixture->connection);
  g_assert_cmpuint (fixture->n_disconnected, ==, 1);
  g_assert_cmpint (qnet_socket_get_fd (fixture->connection), ==, -1);
}

static void
test_disconnect (Fixture       *fixture,
                 gconstpointer  kind)
{
  char buffer[8] = "";

  g_test_summary ("disconnect_from_peer() sends what was written, and ends the connection.");

  qnet_io_device_write_string (QNET_IO_DEVICE (fixture->connection), "last", NULL);
  qnet_socket_disconnect_from_peer (fixture->connection);
  if (qnet_socket_get_state (fixture->connection) != QNET_SOCKET_STATE_UNCONNECTED)
    g_assert_true (qnet_socket_wait_for_disconnected (fixture->connection, 10000, NULL));
  g_assert_cmpuint (fixture->n_disconnected, ==, 1);

  g_assert_true (qnet_socket_wait_for_disconnected (fixture->client, 10000, NULL));
  g_assert_cmpint (qnet_io_device_read (QNET_IO_DEVICE (fixture->client), buffer, 7, NULL), ==, 4);
  g_assert_cmpstr (buffer, ==, "last");
}

static void
test_names (Fixture       *fixture,
            gconstpointer  kind)
{
  g_test_summary ("disconnect_from_host() and disconnect_from_server() are other names for it.");

  if (QNET_IS_ABSTRACT_SOCKET (fixture->connection))
    qnet_abstract_socket_disconnect_from_host (QNET_ABSTRACT_SOCKET (fixture->connection));
  else
    qnet_local_socket_disconnect_from_server (QNET_LOCAL_SOCKET (fixture->connection));

  g_assert_cmpint (qnet_socket_get_state (fixture->connection), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpuint (fixture->n_disconnected, ==, 1);
  g_assert_true (qnet_socket_wait_for_disconnected (fixture->client, 10000, NULL));
}

#define ADD(path, kind, test) \
  g_test_add ("/socket/any-kind/" path, Fixture, GINT_TO_POINTER (kind), set_up, test, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("tcp/state", KIND_TCP, test_state);
  ADD ("tcp/disconnect", KIND_TCP, test_disconnect);
  ADD ("tcp/names", KIND_TCP, test_names);
  ADD ("local/state", KIND_LOCAL, test_state);
  ADD ("local/disconnect", KIND_LOCAL, test_disconnect);
  ADD ("local/names", KIND_LOCAL, test_names);

  return g_test_run ();
}
