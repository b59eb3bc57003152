/* test-wait-set.c: waiting without the loop
 *
 * Each test runs on both backends.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/qnet-syscall-private.h"
#include "common/reactor-fixture.h"

static void
test_wait_serves_its_set (ReactorFixture *fixture,
                          gconstpointer   data)
{
  QnetWaitSet other;
  Probe a, b, c;
  int a_fds[2], b_fds[2];

  g_test_summary ("A wait serves its own set, and leaves the others' to the loop.");

  qnet_wait_set_init (&other, fixture->reactor);
  probe_open (&a, fixture, 'a', QNET_READINESS_READ, a_fds);
  probe_open (&b, fixture, 'b', QNET_READINESS_READ, b_fds);
  a.on_ready = probe_take_byte;
  qnet_watch_clear (&b.watch);
  probe_init (&b, fixture, &other, 'b');
  probe_init (&c, fixture, &other, 'c');
  qnet_watch_start (&b.watch, b_fds[0], QNET_READINESS_READ);
  put_byte (b_fds[1]);
  qnet_watch_defer (&c.watch);
  qnet_watch_queue_flush (&c.watch);

  g_assert_false (qnet_wait_set_iterate (&fixture->set, qnet_clock_until (0)));
  put_byte (a_fds[1]);
  qnet_watch_queue_flush (&a.watch);
  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_cmpstr (fixture->log->str, ==, "Aa");

  qnet_watch_defer (&a.watch);
  a.on_ready = NULL;
  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_cmpstr (fixture->log->str, ==, "Aaa");

  reactor_fixture_turn (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "AaaCbc");
  probe_close (&a, a_fds);
  probe_close (&b, b_fds);
  qnet_wait_set_clear (&other);
}

static void
test_wait_then_loop (ReactorFixture *fixture,
                     gconstpointer   data)
{
  Probe a;
  int fds[2];

  g_test_summary ("The loop reports again what a wait left unread, and not what it read.");

  probe_open (&a, fixture, 'a', QNET_READINESS_READ, fds);
  put_byte (fds[1]);
  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (a.n_ready, ==, 2);

  a.on_ready = probe_take_byte;
  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  reactor_fixture_assert_quiet (fixture);
  g_assert_cmpuint (a.n_ready, ==, 3);
  probe_close (&a, fds);
}

static void
wait_inside (Probe         *probe,
             QnetReadiness  readiness)
{
  probe->on_ready = probe_take_byte;
  probe_take_byte (probe, readiness);
  put_byte (*(int *) probe->data);
  g_assert_true (qnet_wait_set_iterate (&probe->fixture->set, G_MAXINT64));
}

static void
test_wait_inside_handler (ReactorFixture *fixture,
                          gconstpointer   data)
{
  Probe a;
  int fds[2];

  g_test_summary ("A handler may wait, called by the loop or by a wait.");

  probe_open (&a, fixture, 'a', QNET_READINESS_READ, fds);
  a.data = &fds[1];

  for (guint i = 0; i < 2; i++)
    {
      a.n_ready = 0;
      a.on_ready = wait_inside;
      put_byte (fds[1]);
      if (i == 0)
        reactor_fixture_turn (fixture);
      else
        g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
      g_assert_cmpuint (a.n_ready, ==, 2);
      reactor_fixture_assert_quiet (fixture);
    }

  probe_close (&a, fds);
}

static void
clear_set (Probe         *probe,
           QnetReadiness  readiness)
{
  qnet_wait_set_clear (&probe->fixture->set);
}

static void
test_wait_set_cleared (ReactorFixture *fixture,
                       gconstpointer   data)
{
  Probe a, b;
  int a_fds[2], b_fds[2];

  g_test_summary ("A handler may clear the set that a wait is using.");

  probe_open (&a, fixture, 'a', QNET_READINESS_WRITE, a_fds);
  probe_open (&b, fixture, 'b', QNET_READINESS_WRITE, b_fds);
  a.on_ready = b.on_ready = clear_set;
  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_cmpuint (a.n_ready + b.n_ready, ==, 1);
  g_assert_false (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));

  probe_close (&a, a_fds);
  probe_close (&b, b_fds);
}

static void
alarm_handler (int number)
{
}

static void
test_wait_interrupted (ReactorFixture *fixture,
                       gconstpointer   data)
{
  struct itimerval every = { { 0, 2000 }, { 0, 2000 } };
  struct itimerval never = { { 0, 0 }, { 0, 0 } };
  struct sigaction action = { .sa_handler = alarm_handler };
  struct sigaction old;
  gint64 until = qnet_clock_until (20);
  Probe a;
  int fds[2];

  g_test_summary ("Signals of the system neither end a wait nor make it longer.");

  probe_open (&a, fixture, 'a', QNET_READINESS_READ, fds);
  g_assert_no_errno (sigaction (SIGALRM, &action, &old));
  g_assert_no_errno (setitimer (ITIMER_REAL, &every, NULL));
  g_assert_false (qnet_wait_set_iterate (&fixture->set, until));
  g_assert_no_errno (setitimer (ITIMER_REAL, &never, NULL));
  g_assert_no_errno (sigaction (SIGALRM, &old, NULL));

  g_assert_cmpint (qnet_clock_now (), >=, until);
  probe_close (&a, fds);
}

static void
test_wait_for_nothing (ReactorFixture *fixture,
                       gconstpointer   data)
{
  Probe a;

  g_test_summary ("To wait for ever where nothing can happen ends at once.");

  g_assert_false (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  probe_init (&a, fixture, &fixture->set, 'a');
  qnet_watch_queue_flush (&a.watch);
  g_assert_false (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_cmpstr (fixture->log->str, ==, "A");
  qnet_watch_clear (&a.watch);
}

static gpointer
wait_in_thread (gpointer data)
{
  ReactorFixture fixture = { .reactor = qnet_reactor_get (), .log = g_string_new (NULL) };
  Probe a;
  int fds[2];

  qnet_wait_set_init (&fixture.set, fixture.reactor);
  probe_open (&a, &fixture, 'a', QNET_READINESS_READ, fds);
  a.on_ready = probe_take_byte;

  for (guint i = 0; i < 10; i++)
    {
      qnet_watch_defer (&a.watch);
      put_byte (fds[1]);
      g_assert_true (qnet_wait_set_iterate (&fixture.set, G_MAXINT64));
    }

  g_assert_cmpuint (a.n_ready, ==, 20);
  probe_close (&a, fds);
  qnet_wait_set_clear (&fixture.set);
  qnet_reactor_unref (fixture.reactor);
  g_string_free (fixture.log, TRUE);

  return NULL;
}

static void
test_wait_detached (ReactorFixture *fixture,
                    gconstpointer   data)
{
  GThread *threads[4];

  g_test_summary ("Waits move detached reactors, in several threads at once.");

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("wait", wait_in_thread, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  reactor_fixture_add ("/wait-set", "/serves-its-set", test_wait_serves_its_set);
  reactor_fixture_add ("/wait-set", "/then-loop", test_wait_then_loop);
  reactor_fixture_add ("/wait-set", "/inside-handler", test_wait_inside_handler);
  reactor_fixture_add ("/wait-set", "/set-cleared", test_wait_set_cleared);
  reactor_fixture_add ("/wait-set", "/interrupted", test_wait_interrupted);
  reactor_fixture_add ("/wait-set", "/for-nothing", test_wait_for_nothing);
  reactor_fixture_add ("/wait-set", "/detached", test_wait_detached);

  return g_test_run ();
}
