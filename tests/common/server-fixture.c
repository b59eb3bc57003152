/* server-fixture.c: a server, its context, and clients that are plain sockets
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/server-fixture.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void
count_cb (guint *count)
{
  (*count)++;
}

void
server_fixture_count (ServerFixture *fixture)
{
  g_signal_connect_swapped (fixture->server, "new-connection", G_CALLBACK (count_cb),
                            &fixture->n_new);
  g_signal_connect_swapped (fixture->server, "pending-connection-available",
                            G_CALLBACK (count_cb), &fixture->n_available);
  g_signal_connect_swapped (fixture->server, "accept-error", G_CALLBACK (count_cb),
                            &fixture->n_accept_errors);
  g_signal_connect_swapped (fixture->server, "notify::listening", G_CALLBACK (count_cb),
                            &fixture->n_listening);
}

void
server_fixture_set_up (ServerFixture *fixture,
                       gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);

  fixture->clients = g_array_new (FALSE, FALSE, sizeof (int));
  fixture->server = qnet_tcp_server_new ();
  server_fixture_count (fixture);
}

void
server_fixture_tear_down (ServerFixture *fixture,
                          gconstpointer  data)
{
  if (fixture->server != NULL)
    g_assert_finalize_object (g_steal_pointer (&fixture->server));

  for (guint i = 0; i < fixture->clients->len; i++)
    close (g_array_index (fixture->clients, int, i));

  g_array_unref (fixture->clients);
  server_fixture_settle (fixture);

  g_main_context_pop_thread_default (fixture->context);
  g_clear_pointer (&fixture->context, g_main_context_unref);
}

void
server_fixture_listen (ServerFixture *fixture)
{
  g_autoptr(QnetHostAddress) address = NULL;
  GError *error = NULL;

  address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  qnet_tcp_server_listen (fixture->server, address, 0, &error);
  g_assert_no_error (error);
}

int
server_fixture_connect (ServerFixture *fixture)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons (qnet_tcp_server_get_server_port (fixture->server)),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (client, >=, 0);
  g_assert_cmpint (connect (client, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_array_append_val (fixture->clients, client);

  return client;
}

void
server_fixture_disconnect (ServerFixture *fixture,
                           int            client)
{
  for (guint i = 0; i < fixture->clients->len; i++)
    if (g_array_index (fixture->clients, int, i) == client)
      {
        g_array_remove_index_fast (fixture->clients, i);
        close (client);
        return;
      }

  g_assert_not_reached ();
}

void
server_fixture_await_new (ServerFixture *fixture,
                          guint          n_new)
{
  while (fixture->n_new < n_new)
    g_main_context_iteration (fixture->context, TRUE);
}

void
server_fixture_settle (ServerFixture *fixture)
{
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;
}

QnetTcpSocket *
server_fixture_accept_one (ServerFixture *fixture,
                           int           *out_client)
{
  QnetTcpSocket *socket;
  int client = server_fixture_connect (fixture);

  while (!qnet_server_has_pending_connections (QNET_SERVER (fixture->server)))
    g_main_context_iteration (fixture->context, TRUE);

  socket = qnet_tcp_server_next_pending_connection (fixture->server);
  g_assert_true (QNET_IS_TCP_SOCKET (socket));

  if (out_client != NULL)
    *out_client = client;

  return socket;
}

void
assert_disconnected (int client)
{
  char byte;

  g_assert_cmpint (recv (client, &byte, 1, 0), <=, 0);
}
