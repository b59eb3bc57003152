/* test-server-signals.c: a handler of any signal of a server may do anything
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <qnet/qnet.h>

#include "base/qnet-syscall-private.h"
#include "common/server-fixture.h"

#define SERVER(fixture) (QNET_SERVER ((fixture)->server))

typedef void (*Deed) (ServerFixture *fixture);

typedef struct
{
  const char *signal;
  Deed        deed;
} Case;

static guint n_deeds;
static Deed deed;

/* What handlers do */

static void
drop_server (ServerFixture *fixture)
{
  g_clear_object (&fixture->server);
}

static void
close_server (ServerFixture *fixture)
{
  qnet_server_close (SERVER (fixture));
}

static void
listen_again (ServerFixture *fixture)
{
  qnet_server_close (SERVER (fixture));

  if (!qnet_server_is_listening (SERVER (fixture)))
    server_fixture_listen (fixture);
}

static void
run_nested_loop (ServerFixture *fixture)
{
  server_fixture_connect (fixture);
  server_fixture_settle (fixture);
}

static void
take_and_abort (ServerFixture *fixture)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_server_next_pending_connection (fixture->server);

  if (socket != NULL)
    qnet_socket_abort (QNET_SOCKET (socket));
}

static void
dispose_server (ServerFixture *fixture)
{
  g_object_run_dispose (G_OBJECT (fixture->server));
}

/* Only on the first emission: what it does may lead to others. */
static void
do_it_cb (ServerFixture *fixture)
{
  if (n_deeds++ == 0)
    deed (fixture);
}

static int
run_out_of_descriptors (QnetSyscall call)
{
  return call == QNET_SYSCALL_ACCEPT && n_deeds == 0 ? EMFILE : 0;
}

/* Causes each signal */

static void
connect_handler (ServerFixture *fixture,
                 const char    *signal)
{
  gpointer object = fixture->server;

  if (g_str_equal (signal, "items-changed"))
    object = qnet_server_get_connections (SERVER (fixture));

  g_signal_connect_swapped (object, signal, G_CALLBACK (do_it_cb), fixture);
}

static void
test_handler (ServerFixture *fixture,
              gconstpointer  data)
{
  const Case *test = data;

  g_test_summary ("A handler may drop the server, close it, listen again, run a loop, abort, or "
                  "dispose.");

  n_deeds = 0;
  deed = test->deed;

  if (g_str_equal (test->signal, "accept-error") || g_str_equal (test->signal, "notify::error"))
    qnet_syscall_fault = run_out_of_descriptors;

  if (g_str_equal (test->signal, "notify::listening"))
    {
      connect_handler (fixture, test->signal);
      server_fixture_listen (fixture);
    }
  else
    {
      server_fixture_listen (fixture);
      connect_handler (fixture, test->signal);
      server_fixture_connect (fixture);
      server_fixture_connect (fixture);
    }

  while (n_deeds == 0)
    g_main_context_iteration (fixture->context, TRUE);

  server_fixture_settle (fixture);
  qnet_syscall_fault = NULL;

  /* A server that can still listen accepts the next client. */
  if (fixture->server != NULL && qnet_server_is_listening (SERVER (fixture)))
    {
      guint n_new = fixture->n_new;

      server_fixture_connect (fixture);
      server_fixture_await_new (fixture, n_new + 1);
    }
}

static void
closed_cb (ServerFixture *fixture)
{
  if (qnet_server_is_listening (SERVER (fixture)) || n_deeds++ > 0)
    return;

  drop_server (fixture);
}

static void
test_drop_in_close (ServerFixture *fixture,
                    gconstpointer  data)
{
  g_test_summary ("The last reference may be dropped in a handler of the notifications of "
                  "close().");

  n_deeds = 0;
  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);
  g_signal_connect_swapped (fixture->server, "notify::listening", G_CALLBACK (closed_cb), fixture);

  qnet_server_close (SERVER (fixture));
  g_assert_null (fixture->server);
}

static void
close_cb (ServerFixture *fixture)
{
  qnet_server_close (SERVER (fixture));
}

static void
test_close_while_accepting (ServerFixture *fixture,
                            gconstpointer  signal)
{
  gboolean is_model = g_str_equal (signal, "items-changed");
  gpointer object = is_model ? (gpointer) qnet_server_get_connections (SERVER (fixture))
                             : (gpointer) fixture->server;

  g_test_summary ("A handler closes the server while a connection is being queued: the connection "
                  "is destroyed, and not emitted, nor are those that wait.");

  server_fixture_listen (fixture);
  g_signal_connect_swapped (object, signal, G_CALLBACK (close_cb), fixture);
  for (guint i = 0; i < 4; i++)
    server_fixture_connect (fixture);

  while (qnet_server_is_listening (SERVER (fixture)))
    g_main_context_iteration (fixture->context, TRUE);

  server_fixture_settle (fixture);
  g_assert_cmpuint (fixture->n_available, ==, is_model ? 0 : 1);
  g_assert_cmpuint (fixture->n_new, ==, 0);
}

/* A connection that ends */

static void
drop_server_cb (ServerFixture *fixture)
{
  drop_server (fixture);
}

static void
test_drop_in_disconnected (ServerFixture *fixture,
                           gconstpointer  data)
{
  QnetTcpSocket *socket;
  int client;

  g_test_summary ("The server may be finalized while one of its connections emits that it ended.");

  server_fixture_listen (fixture);
  socket = server_fixture_accept_one (fixture, &client);
  g_object_add_weak_pointer (G_OBJECT (socket), (gpointer *) &socket);
  g_signal_connect_swapped (socket, "disconnected", G_CALLBACK (drop_server_cb), fixture);
  g_object_unref (socket);

  server_fixture_disconnect (fixture, client);

  while (socket != NULL)
    g_main_context_iteration (fixture->context, TRUE);

  g_assert_null (fixture->server);
}

static const char *const signals[] = {
  "new-connection", "pending-connection-available", "accept-error", "notify::listening",
  "notify::error", "items-changed",
};

static const struct
{
  const char *name;
  Deed        deed;
} deeds[] = {
  { "drop", drop_server },
  { "close", close_server },
  { "listen-again", listen_again },
  { "nested-loop", run_nested_loop },
  { "abort", take_and_abort },
  { "dispose", dispose_server },
};

int
main (int   argc,
      char *argv[])
{
  Case cases[G_N_ELEMENTS (signals) * G_N_ELEMENTS (deeds)];
  guint n = 0;

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    for (guint j = 0; j < G_N_ELEMENTS (deeds); j++)
      {
        g_autofree char *path = NULL;

        cases[n] = (Case) { signals[i], deeds[j].deed };
        path = g_strdup_printf ("/server-signals/%s/%s", signals[i], deeds[j].name);
        g_test_add (path, ServerFixture, &cases[n], server_fixture_set_up, test_handler,
                    server_fixture_tear_down);
        n++;
      }

  g_test_add ("/server-signals/close-while-queued", ServerFixture, "items-changed",
              server_fixture_set_up, test_close_while_accepting, server_fixture_tear_down);
  g_test_add ("/server-signals/close-when-queued", ServerFixture, "pending-connection-available",
              server_fixture_set_up, test_close_while_accepting, server_fixture_tear_down);
  g_test_add ("/server-signals/drop-in-close", ServerFixture, NULL, server_fixture_set_up,
              test_drop_in_close, server_fixture_tear_down);
  g_test_add ("/server-signals/drop-in-disconnected", ServerFixture, NULL, server_fixture_set_up,
              test_drop_in_disconnected, server_fixture_tear_down);

  return g_test_run ();
}
