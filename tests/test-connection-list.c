/* test-connection-list.c: the live connections of a server as a GListModel
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <qnet/qnet.h>

#include "common/server-fixture.h"

#define SERVER(fixture) (QNET_SERVER ((fixture)->server))

/* A copy of the model that is updated by its signal alone. */
typedef struct
{
  GListModel *model;
  GPtrArray  *items;  /* (not owned) */
} Mirror;

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  Mirror     *mirror)
{
  if (n_removed > 0)
    g_ptr_array_remove_range (mirror->items, position, n_removed);

  for (guint i = position; i < position + n_added; i++)
    {
      g_autoptr(QnetIODevice) item = g_list_model_get_item (model, i);

      g_ptr_array_insert (mirror->items, i, item);
    }
}

static void
mirror_start (Mirror        *mirror,
              ServerFixture *fixture)
{
  mirror->model = g_object_ref (qnet_server_get_connections (SERVER (fixture)));
  mirror->items = g_ptr_array_new ();
  g_signal_connect (mirror->model, "items-changed", G_CALLBACK (items_changed_cb), mirror);
  items_changed_cb (mirror->model, 0, 0, g_list_model_get_n_items (mirror->model), mirror);
}

static void
mirror_check (Mirror *mirror)
{
  g_assert_cmpuint (g_list_model_get_n_items (mirror->model), ==, mirror->items->len);

  for (guint i = 0; i < mirror->items->len; i++)
    {
      g_autoptr(QnetIODevice) item = g_list_model_get_item (mirror->model, i);

      g_assert_true (item == mirror->items->pdata[i]);
    }
}

static void
mirror_stop (Mirror *mirror)
{
  g_signal_handlers_disconnect_by_data (mirror->model, mirror);
  g_clear_object (&mirror->model);
  g_ptr_array_unref (mirror->items);
}

static void
test_model (ServerFixture *fixture,
            gconstpointer  data)
{
  GListModel *model = qnet_server_get_connections (SERVER (fixture));
  g_autoptr(GListModel) property = NULL;

  g_test_summary ("A server has one model of its connections, empty at first.");

  g_object_get (fixture->server, "connections", &property, NULL);
  g_assert_true (property == model);
  g_assert_true (g_list_model_get_item_type (model) == QNET_TYPE_SOCKET);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 0);
  g_assert_null (g_list_model_get_item (model, 0));
}

static void
test_late (ServerFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) taken = NULL;
  Mirror mirror;

  g_test_summary ("A model that is requested late contains the taken connections, then the pending "
                  "ones.");

  server_fixture_listen (fixture);
  taken = server_fixture_accept_one (fixture, NULL);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 2);

  mirror_start (&mirror, fixture);
  g_assert_cmpuint (mirror.items->len, ==, 2);
  g_assert_true (mirror.items->pdata[0] == taken);
  mirror_stop (&mirror);
}

static void
test_changes (ServerFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  Mirror mirror;

  g_test_summary ("The model changes with each new and each ended connection, at any position.");

  mirror_start (&mirror, fixture);
  server_fixture_listen (fixture);

  for (guint i = 0; i < 20; i++)
    g_ptr_array_add (sockets, server_fixture_accept_one (fixture, NULL));

  mirror_check (&mirror);
  g_assert_cmpuint (mirror.items->len, ==, 20);

  for (guint i = 0; i < 20; i++)
    {
      qnet_socket_abort (QNET_SOCKET (sockets->pdata[(i * 7) % 20]));
      mirror_check (&mirror);
      g_assert_cmpuint (mirror.items->len, ==, 19 - i);
    }

  mirror_stop (&mirror);
}

static void
test_pending (ServerFixture *fixture,
              gconstpointer  data)
{
  Mirror mirror;

  g_test_summary ("Pending connections are in the model, and leave it when the server is closed.");

  mirror_start (&mirror, fixture);
  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 2);
  mirror_check (&mirror);
  g_assert_cmpuint (mirror.items->len, ==, 2);

  qnet_server_close (SERVER (fixture));
  mirror_check (&mirror);
  g_assert_cmpuint (mirror.items->len, ==, 0);
  mirror_stop (&mirror);
}

static gboolean
is_listed (QnetServer *server,
           gpointer    connection)
{
  g_autoptr(GPtrArray) all = qnet_server_list_connections (server);

  return g_ptr_array_find (all, connection, NULL);
}

typedef struct
{
  QnetServer *server;
  QnetSocket *socket;
  guint       n_checks;
} Ending;

static void
check_listed_cb (Ending *ending)
{
  gboolean is_connected =
    qnet_socket_get_state (ending->socket) != QNET_SOCKET_STATE_UNCONNECTED;

  g_assert_cmpint (is_listed (ending->server, ending->socket), ==, is_connected);
  ending->n_checks += !is_connected;
}

static void
check_in_all_signals (Ending *ending)
{
  const char *signals[] = {
    "notify::state", "state-changed", "error-occurred", "read-channel-finished", "disconnected",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_swapped (ending->socket, signals[i], G_CALLBACK (check_listed_cb), ending);
}

/* @data: whether the model exists before */
static void
test_disconnected (ServerFixture *fixture,
                   gconstpointer  data)
{
  Ending ending = { .server = SERVER (fixture) };
  QnetTcpSocket *taken;
  Mirror mirror;
  int client;

  g_test_summary ("A connection that is being notified as disconnected is not in the model.");

  if (data != NULL)
    qnet_server_get_connections (SERVER (fixture));

  server_fixture_listen (fixture);
  taken = server_fixture_accept_one (fixture, &client);
  ending.socket = QNET_SOCKET (taken);
  check_in_all_signals (&ending);
  g_object_add_weak_pointer (G_OBJECT (taken), (gpointer *) &taken);
  g_object_unref (taken);

  server_fixture_disconnect (fixture, client);
  while (taken != NULL)
    g_main_context_iteration (fixture->context, TRUE);

  g_assert_cmpuint (ending.n_checks, ==, 4);

  mirror_start (&mirror, fixture);
  g_assert_cmpuint (mirror.items->len, ==, 0);
  mirror_stop (&mirror);
}

static void
test_pending_aborted (ServerFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(QnetSocket) pending = NULL;
  g_autoptr(QnetSocket) taken = NULL;
  Mirror mirror;

  g_test_summary ("A pending connection that is aborted leaves the model, and can still be taken.");

  mirror_start (&mirror, fixture);
  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);
  pending = g_list_model_get_item (mirror.model, 0);

  qnet_socket_abort (pending);
  mirror_check (&mirror);
  g_assert_cmpuint (mirror.items->len, ==, 0);

  taken = qnet_server_next_pending_connection (SERVER (fixture));
  g_assert_true (taken == pending);
  mirror_check (&mirror);
  mirror_stop (&mirror);
}

static void
abort_again_cb (GListModel *model,
                guint       position,
                guint       n_removed,
                guint       n_added,
                QnetSocket *socket)
{
  if (n_removed > 0)
    qnet_socket_abort (socket);
}

static void
count_cb (guint *count)
{
  ++*count;
}

static void
test_abort_in_handler (ServerFixture *fixture,
                       gconstpointer  data)
{
  GListModel *model = qnet_server_get_connections (SERVER (fixture));
  g_autoptr(QnetTcpSocket) taken = NULL;
  guint n_disconnected = 0;
  int client;

  g_test_summary ("A handler of items-changed that aborts the connection that has ended does not "
                  "let it end twice.");

  server_fixture_listen (fixture);
  taken = server_fixture_accept_one (fixture, &client);
  g_signal_connect (model, "items-changed", G_CALLBACK (abort_again_cb), taken);
  g_signal_connect_swapped (taken, "disconnected", G_CALLBACK (count_cb), &n_disconnected);

  server_fixture_disconnect (fixture, client);
  while (n_disconnected == 0)
    g_main_context_iteration (fixture->context, TRUE);

  server_fixture_settle (fixture);
  g_assert_cmpuint (n_disconnected, ==, 1);
  g_signal_handlers_disconnect_by_data (model, taken);
}

static void
test_outlives (ServerFixture *fixture,
               gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) taken = NULL;
  Mirror mirror;

  g_test_summary ("A model that outlives its server becomes empty, and notifies of that.");

  mirror_start (&mirror, fixture);
  server_fixture_listen (fixture);
  taken = server_fixture_accept_one (fixture, NULL);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 2);

  g_assert_finalize_object (g_steal_pointer (&fixture->server));
  mirror_check (&mirror);
  g_assert_cmpuint (mirror.items->len, ==, 0);
  mirror_stop (&mirror);
}

#define ADD_FULL(path, function, data)                                              \
  g_test_add ("/connection-list/" path, ServerFixture, data, server_fixture_set_up, \
              function, server_fixture_tear_down)
#define ADD(path, function) ADD_FULL (path, function, NULL)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("model", test_model);
  ADD ("late", test_late);
  ADD ("changes", test_changes);
  ADD ("pending", test_pending);
  ADD ("disconnected/late", test_disconnected);
  ADD_FULL ("disconnected/early", test_disconnected, "early");
  ADD ("disconnected/pending", test_pending_aborted);
  ADD ("disconnected/abort", test_abort_in_handler);
  ADD ("outlives", test_outlives);

  return g_test_run ();
}
