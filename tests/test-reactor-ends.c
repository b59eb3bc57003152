/* test-reactor-ends.c: contexts that are freed, and processes that fork
 *
 * Each test runs on both backends.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/qnet-syscall-private.h"
#include "common/reactor-fixture.h"

/* The end of the context */

static void
never_due_cb (QnetDeadline *deadline)
{
  g_assert_not_reached ();
}

static void
test_context_destroyed (ReactorFixture *fixture,
                        gconstpointer   data)
{
  QnetReactor *fresh;
  QnetDeadline deadline;
  Probe a, b;
  int fds[2];

  g_test_summary ("If the context is freed first, its watches are orphans, and its sets still "
                  "exist.");

  probe_open (&a, fixture, 'a', QNET_READINESS_WRITE, fds);
  probe_init (&b, fixture, &fixture->set, 'b');
  qnet_watch_defer (&b.watch);
  qnet_deadline_init (&deadline, never_due_cb, &fixture->set);
  qnet_deadline_start (&deadline, qnet_clock_now ());

  g_clear_pointer (&fixture->context, g_main_context_unref);
  g_assert_cmpuint (a.n_orphaned, ==, 1);
  g_assert_cmpuint (b.n_orphaned, ==, 1);
  g_assert_cmpuint (a.n_ready + b.n_ready, ==, 0);
  g_assert_false (qnet_deadline_is_running (&deadline));
  g_assert_true (qnet_reactor_is_orphan (fixture->reactor));
  g_assert_null (qnet_reactor_get_context (fixture->reactor));

  /* Whatever address the next context has. */
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fresh = qnet_reactor_get ();
  g_assert_true (fresh != fixture->reactor);
  g_assert_false (qnet_reactor_is_orphan (fresh));
  qnet_reactor_unref (fresh);
  g_main_context_pop_thread_default (fixture->context);

  probe_close (&a, fds);
}

static gboolean
never_cb (gpointer user_data)
{
  g_assert_not_reached ();
}

static void
clear_data (gpointer data)
{
  Probe *probe = data;

  g_assert_true (qnet_reactor_is_orphan (probe->fixture->reactor));
  g_assert_null (qnet_reactor_get_context (probe->fixture->reactor));
  probe_close (probe, probe->data);
}

static void
test_cleared_while_destroyed (ReactorFixture *fixture,
                              gconstpointer   data)
{
  Probe probes[2];
  int fds[2][2];

  g_test_summary ("A watch may be cleared when another source is destroyed with its context, "
                  "before its own destruction and after it.");

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GSource) source = g_timeout_source_new_seconds (1000);

      probe_open (&probes[i], fixture, 'a', QNET_READINESS_READ, fds[i]);
      probes[i].data = fds[i];
      g_source_set_priority (source, i == 0 ? G_PRIORITY_HIGH : G_PRIORITY_LOW);
      g_source_set_callback (source, never_cb, &probes[i], clear_data);
      g_source_attach (source, fixture->context);
    }

  g_clear_pointer (&fixture->context, g_main_context_unref);
  g_assert_cmpuint (probes[0].n_orphaned + probes[1].n_orphaned, ==, 1);
}

static void
test_orphan_waits (ReactorFixture *fixture,
                   gconstpointer   data)
{
  QnetWaitSet set;
  Probe probe;
  int fds[2];

  g_test_summary ("On a reactor whose context was freed a wait still works.");

  g_clear_pointer (&fixture->context, g_main_context_unref);
  qnet_wait_set_init (&set, fixture->reactor);
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
  probe_init (&probe, fixture, &set, 'a');
  qnet_watch_start (&probe.watch, fds[0], QNET_READINESS_READ);
  put_byte (fds[1]);
  g_assert_true (qnet_wait_set_iterate (&set, G_MAXINT64));
  g_assert_cmpuint (probe.readiness, ==, QNET_READINESS_READ);

  qnet_watch_stop (&probe.watch);
  close (fds[0]);
  close (fds[1]);
  qnet_wait_set_clear (&set);
}

/* Forks */

static void
wait_for_child (pid_t pid)
{
  int status;

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

/* In the child: ends what it inherited, and uses a new reactor in the same context and in another
 * one. */
static gboolean
child_works (ReactorFixture *fixture,
             Probe          *inherited,
             int             fds[2])
{
  QnetReactor *reactor;
  ReactorFixture own = { .context = fixture->context };
  Probe probe;
  int own_fds[2];
  gboolean works = qnet_reactor_is_forked (fixture->reactor);

  works &= !qnet_wait_set_iterate (&fixture->set, G_MAXINT64);
  qnet_watch_set_interest (&inherited->watch, QNET_READINESS_WRITE);
  probe_close (inherited, fds);
  own.log = g_string_new (NULL);

  for (guint i = 0; i < 2; i++)
    {
      g_main_context_push_thread_default (own.context);
      reactor = qnet_reactor_get ();
      works &= reactor != fixture->reactor && !qnet_reactor_is_forked (reactor);
      qnet_wait_set_init (&own.set, reactor);
      probe_open (&probe, &own, 'a', QNET_READINESS_WRITE, own_fds);
      while (probe.n_ready == 0)
        g_main_context_iteration (own.context, TRUE);
      probe_close (&probe, own_fds);
      qnet_wait_set_clear (&own.set);
      qnet_reactor_unref (reactor);
      g_main_context_pop_thread_default (own.context);
      own.context = g_main_context_new ();
    }

  return works;
}

static void
test_fork (ReactorFixture *fixture,
           gconstpointer   data)
{
  Probe probe;
  pid_t pid;
  int fds[2];

  g_test_summary ("A child ends what it inherited and works on its own: its parent's watch "
                  "stays alive.");

  probe_open (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  probe.on_ready = probe_take_byte;

  pid = fork ();
  if (pid == 0)
    _exit (child_works (fixture, &probe, fds) ? 0 : 1);

  wait_for_child (pid);
  put_byte (fds[1]);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probe.n_ready, ==, 1);
  reactor_fixture_assert_quiet (fixture);
  probe_close (&probe, fds);
}

/* In the child: the inherited context turns. */
static gboolean
child_iterates (ReactorFixture *fixture,
                Probe          *inherited)
{
  for (guint i = 0; i < 3; i++)
    reactor_fixture_turn (fixture);

  return inherited->n_ready == 0 && inherited->n_orphaned == 1 && reactor_fixture_n_polled == 0;
}

static void
test_fork_iterates (ReactorFixture *fixture,
                    gconstpointer   data)
{
  Probe probe;
  pid_t pid;
  int fds[2];

  g_test_summary ("In a child that iterates its parent's context the parent's watches are "
                  "orphans.");

  probe_open (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  put_byte (fds[1]);
  qnet_reactor_hold_embedded_context (fixture->reactor);

  pid = fork ();
  if (pid == 0)
    _exit (child_iterates (fixture, &probe) ? 0 : 1);

  wait_for_child (pid);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probe.n_ready, ==, 1);
  qnet_reactor_release_embedded_context (fixture->reactor);
  probe_close (&probe, fds);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  reactor_fixture_add ("/reactor-ends", "/context/destroyed", test_context_destroyed);
  reactor_fixture_add ("/reactor-ends", "/context/cleared-while-destroyed",
                       test_cleared_while_destroyed);
  reactor_fixture_add ("/reactor-ends", "/context/orphan-waits", test_orphan_waits);
  reactor_fixture_add ("/reactor-ends", "/fork/child", test_fork);
  reactor_fixture_add ("/reactor-ends", "/fork/child-iterates", test_fork_iterates);

  return g_test_run ();
}
