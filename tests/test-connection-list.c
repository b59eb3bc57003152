/* test-connection-list.c: the live connections of a server as a GListModel
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <qnet/qnet.h>

#include "common/server-fixture.h"

#define SERVER(fixture) (QNET_SERVER ((fixture)->server))

/* A copy of the model that is kept by its signal alone. */
typedef struct
{
  GListModel *model;
  GPtrArray  *items;  /* not owned */
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
  g_assert_true (g_list_model_get_item_type (model) == QNET_TYPE_IO_DEVICE);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 0);
  g_assert_null (g_list_model_get_item (model, 0));
}

static void
test_late (ServerFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) taken = NULL;
  Mirror mirror;

  g_test_summary ("Who asks late sees what is there: first what was taken, then what is pending.");

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

  g_test_summary ("The model follows who comes and who goes, from anywhere in it.");

  mirror_start (&mirror, fixture);
  server_fixture_listen (fixture);

  for (guint i = 0; i < 20; i++)
    g_ptr_array_add (sockets, server_fixture_accept_one (fixture, NULL));

  mirror_check (&mirror);
  g_assert_cmpuint (mirror.items->len, ==, 20);

  for (guint i = 0; i < 20; i++)
    {
      qnet_abstract_socket_abort (sockets->pdata[(i * 7) % 20]);
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

static void
test_outlives (ServerFixture *fixture,
               gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) taken = NULL;
  Mirror mirror;

  g_test_summary ("A model that outlives its server is told that it is empty.");

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

#define ADD(path, function)                                                         \
  g_test_add ("/connection-list/" path, ServerFixture, NULL, server_fixture_set_up, \
              function, server_fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("model", test_model);
  ADD ("late", test_late);
  ADD ("changes", test_changes);
  ADD ("pending", test_pending);
  ADD ("outlives", test_outlives);

  return g_test_run ();
}
