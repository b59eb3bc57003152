/* test-embedded-context.c: a private GMainContext inside the user's
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <gio/gio.h>

#include "loop/qnet-reactor-backend-private.h"

typedef struct
{
  GMainContext *context;   /* (owned) */
  QnetReactor  *reactor;   /* (owned) */
  QnetWaitSet   set;
  QnetWatch     watch;
  guint         n_ended;     /* sources of the private context */
  guint         n_deferred;  /* deferrals that were called */
  guint         n_orphaned;
} Fixture;

static guint n_polls;

/* Counts the iterations of the loop. */
static int
counting_poll (GPollFD *fds,
               guint    n_fds,
               int      timeout)
{
  n_polls++;

  return g_poll (fds, n_fds, timeout);
}

static void
ready_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  Fixture *fixture = (gpointer) ((char *) watch - G_STRUCT_OFFSET (Fixture, watch));

  g_assert_cmpuint (readiness, ==, QNET_READINESS_DEFERRED);
  g_assert_true (g_main_context_get_thread_default () == fixture->context);
  fixture->n_deferred++;
}

static void
orphaned_cb (QnetWatch *watch)
{
  Fixture *fixture = (gpointer) ((char *) watch - G_STRUCT_OFFSET (Fixture, watch));

  fixture->n_orphaned++;
}

static const QnetWatchFuncs watch_funcs = { ready_cb, NULL, orphaned_cb };

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  g_main_context_set_poll_func (fixture->context, counting_poll);
  g_main_context_push_thread_default (fixture->context);
  fixture->reactor = qnet_reactor_get ();
  qnet_wait_set_init (&fixture->set, fixture->reactor);
  qnet_watch_init (&fixture->watch, &watch_funcs, &fixture->set);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  qnet_wait_set_clear (&fixture->set);

  if (fixture->context != NULL)
    {
      g_assert_false (g_main_context_iteration (fixture->context, FALSE));
      g_main_context_pop_thread_default (fixture->context);
      g_clear_pointer (&fixture->context, g_main_context_unref);
    }

  g_clear_pointer (&fixture->reactor, qnet_reactor_unref);
}

/* What an owner does: records, defers, releases. */
static void
note_end (Fixture *fixture)
{
  g_assert_true (g_main_context_get_thread_default () != fixture->context);

  fixture->n_ended++;
  qnet_watch_defer (&fixture->watch);
  qnet_reactor_release_embedded_context (fixture->reactor);
}

static gboolean
source_cb (gpointer user_data)
{
  note_end (user_data);

  return G_SOURCE_REMOVE;
}

static void
task_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  note_end (user_data);
}

/* Starts something inside the private context. */
static void
start_source (Fixture *fixture,
              GSource *source)
{
  qnet_reactor_hold_embedded_context (fixture->reactor);
  qnet_reactor_push_embedded_context (fixture->reactor);
  g_source_set_callback (source, source_cb, fixture, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_source_unref (source);
  qnet_reactor_pop_embedded_context (fixture->reactor);
}

static void
work_cb (GTask        *task,
         gpointer      source_object,
         gpointer      task_data,
         GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

/* As GResolver does: works in a thread, ends in the context of the call. */
static void
start_thread (Fixture      *fixture,
              GCancellable *cancellable)
{
  g_autoptr(GTask) task = NULL;

  qnet_reactor_hold_embedded_context (fixture->reactor);
  qnet_reactor_push_embedded_context (fixture->reactor);
  task = g_task_new (NULL, cancellable, task_cb, fixture);
  g_task_set_return_on_cancel (task, cancellable != NULL);
  g_task_run_in_thread (task, work_cb);
  qnet_reactor_pop_embedded_context (fixture->reactor);
}

static void
finish (Fixture *fixture,
        guint    n_deferred)
{
  while (fixture->n_deferred < n_deferred)
    g_main_context_iteration (fixture->context, TRUE);
}

static void
test_idle (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("An idle of the private context runs in the user's loop; what it recorded is "
                  "reported afterwards.");

  start_source (fixture, g_idle_source_new ());
  finish (fixture, 1);
  g_assert_cmpuint (fixture->n_ended, ==, 1);

  start_source (fixture, g_idle_source_new ());
  finish (fixture, 2);
}

static void
test_timeout (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("A timeout of the private context wakes the user's loop, which sleeps "
                  "meanwhile.");

  n_polls = 0;
  start_source (fixture, g_timeout_source_new (40));
  finish (fixture, 1);
  g_assert_cmpuint (n_polls, <, 10);
}

static void
test_thread (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("What another thread ends wakes the user's loop.");

  for (guint i = 1; i <= 50; i++)
    {
      start_thread (fixture, NULL);
      finish (fixture, i);
    }
}

static void
resolved_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autofree char *name = NULL;

  name = g_resolver_lookup_by_address_finish (G_RESOLVER (source), result, NULL);
  note_end (user_data);
}

static void
test_resolver (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr(GResolver) resolver = g_resolver_get_default ();
  g_autoptr(GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);

  g_test_summary ("Lookups of GResolver complete in the loop and in a wait.");

  for (guint i = 1; i <= 2; i++)
    {
      qnet_reactor_hold_embedded_context (fixture->reactor);
      qnet_reactor_push_embedded_context (fixture->reactor);
      g_resolver_lookup_by_address_async (resolver, address, NULL, resolved_cb, fixture);
      qnet_reactor_pop_embedded_context (fixture->reactor);

      if (i == 1)
        finish (fixture, 1);
      else
        g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));

      g_assert_cmpuint (fixture->n_deferred, ==, i);
    }
}

static void
test_wait (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("A wait runs the private context, and nothing of the user's loop.");

  n_polls = 0;
  start_source (fixture, g_idle_source_new ());
  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_cmpuint (fixture->n_deferred, ==, 1);

  start_source (fixture, g_timeout_source_new (5));
  g_assert_true (qnet_wait_set_iterate (&fixture->set, qnet_clock_until (60 * 1000)));
  g_assert_cmpuint (fixture->n_deferred, ==, 2);

  start_thread (fixture, NULL);
  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_cmpuint (fixture->n_deferred, ==, 3);
  g_assert_cmpuint (n_polls, ==, 0);
}

static void
test_wait_of_another (Fixture       *fixture,
                      gconstpointer  data)
{
  QnetWaitSet other;

  g_test_summary ("A wait of another set completes operations, and leaves reporting them to the "
                  "loop.");

  qnet_wait_set_init (&other, fixture->reactor);
  start_source (fixture, g_idle_source_new ());
  g_assert_false (qnet_wait_set_iterate (&other, qnet_clock_until (5)));
  g_assert_cmpuint (fixture->n_ended, ==, 1);
  g_assert_cmpuint (fixture->n_deferred, ==, 0);

  finish (fixture, 1);
  qnet_wait_set_clear (&other);
}

static void
test_not_held (Fixture       *fixture,
               gconstpointer  data)
{
  GMainContext *inner;
  GSource *source = g_idle_source_new ();

  g_test_summary ("While the private context is not held, the loop does not check it.");

  qnet_reactor_push_embedded_context (fixture->reactor);
  inner = g_main_context_get_thread_default ();
  qnet_reactor_pop_embedded_context (fixture->reactor);

  g_source_set_callback (source, source_cb, fixture, NULL);
  g_source_attach (source, inner);
  g_assert_false (g_main_context_iteration (fixture->context, FALSE));
  g_assert_cmpuint (fixture->n_ended, ==, 0);

  qnet_reactor_hold_embedded_context (fixture->reactor);
  finish (fixture, 1);
  g_source_unref (source);
}

static gboolean
set_true_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_REMOVE;
}

static void
test_held_and_quiet (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(GSource) alarm = g_timeout_source_new (20);
  gboolean is_over = FALSE;

  g_test_summary ("A held private context in which nothing happens lets the loop sleep.");

  qnet_reactor_hold_embedded_context (fixture->reactor);
  qnet_reactor_hold_embedded_context (fixture->reactor);
  n_polls = 0;
  g_source_set_callback (alarm, set_true_cb, &is_over, NULL);
  g_source_attach (alarm, fixture->context);

  while (!is_over)
    g_main_context_iteration (fixture->context, TRUE);

  g_assert_cmpuint (n_polls, <, 6);
  qnet_reactor_release_embedded_context (fixture->reactor);
  qnet_reactor_release_embedded_context (fixture->reactor);
}

static gboolean
nested_cb (gpointer user_data)
{
  Fixture *fixture = user_data;

  start_source (fixture, g_idle_source_new ());
  finish (fixture, 1);

  return G_SOURCE_REMOVE;
}

static void
test_nested (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_test_summary ("The private context is iterated in a loop inside the user's callback.");

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, nested_cb, fixture, NULL);
  g_source_attach (source, fixture->context);
  start_source (fixture, g_idle_source_new ());
  finish (fixture, 1);
  finish (fixture, 2);
}

static gpointer
wait_detached (gpointer data)
{
  QnetReactor *reactor = qnet_reactor_get ();
  Fixture fixture = { .reactor = reactor };

  g_assert_true (qnet_reactor_is_detached (reactor));
  qnet_wait_set_init (&fixture.set, reactor);
  qnet_watch_init (&fixture.watch, &watch_funcs, &fixture.set);

  start_thread (&fixture, NULL);
  while (fixture.n_deferred == 0)
    g_assert_true (qnet_wait_set_iterate (&fixture.set, G_MAXINT64));

  qnet_wait_set_clear (&fixture.set);
  qnet_reactor_unref (reactor);

  return NULL;
}

static void
test_detached (void)
{
  GThread *threads[4];

  g_test_summary ("A detached reactor's waits run its private context, in several threads "
                  "at once.");

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("detached", wait_detached, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
destroy_context (Fixture *fixture)
{
  g_main_context_pop_thread_default (fixture->context);
  g_clear_pointer (&fixture->context, g_main_context_unref);
}

static void
test_context_destroyed (Fixture       *fixture,
                        gconstpointer  data)
{
  g_test_summary ("Sources that were ready when the context was freed are dispatched once more, "
                  "without a report.");

  start_source (fixture, g_idle_source_new ());
  start_source (fixture, g_idle_source_new ());
  destroy_context (fixture);

  g_assert_cmpuint (fixture->n_ended, ==, 2);
  g_assert_cmpuint (fixture->n_orphaned, ==, 1);
}

static void
release_cb (gpointer data)
{
  qnet_reactor_release_embedded_context (data);
}

static gboolean
never_cb (gpointer user_data)
{
  g_assert_not_reached ();
}

static void
test_released_while_destroyed (Fixture       *fixture,
                               gconstpointer  data)
{
  g_test_summary ("It may be released, and held, while the context destroys its sources.");

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GSource) source = g_timeout_source_new_seconds (1000);

      qnet_reactor_hold_embedded_context (fixture->reactor);
      g_source_set_callback (source, never_cb, fixture->reactor, release_cb);
      g_source_attach (source, fixture->context);
    }

  g_main_context_iteration (fixture->context, FALSE);
  destroy_context (fixture);
  g_assert_cmpuint (fixture->n_orphaned, ==, 1);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/embedded-context/idle", test_idle);
  ADD ("/embedded-context/timeout", test_timeout);
  ADD ("/embedded-context/thread", test_thread);
  ADD ("/embedded-context/resolver", test_resolver);
  ADD ("/embedded-context/wait", test_wait);
  ADD ("/embedded-context/wait-of-another", test_wait_of_another);
  ADD ("/embedded-context/not-held", test_not_held);
  ADD ("/embedded-context/held-and-quiet", test_held_and_quiet);
  ADD ("/embedded-context/nested", test_nested);
  g_test_add_func ("/embedded-context/detached", test_detached);
  ADD ("/embedded-context/context-destroyed", test_context_destroyed);
  ADD ("/embedded-context/released-while-destroyed", test_released_while_destroyed);

  return g_test_run ();
}
