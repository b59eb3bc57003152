/* test-reactor.c: one waiter per GMainContext
 *
 * Each test runs on both backends.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "base/qnet-syscall-private.h"
#include "common/reactor-fixture.h"

/* Which reactor */

static void
test_one_per_context (ReactorFixture *fixture,
                      gconstpointer   data)
{
  QnetReactor *again, *global;

  g_test_summary ("A context has one reactor, and another context another one.");

  g_main_context_push_thread_default (fixture->context);
  again = qnet_reactor_get ();
  g_main_context_pop_thread_default (fixture->context);
  global = qnet_reactor_get ();

  g_assert_true (again == fixture->reactor);
  g_assert_true (global != fixture->reactor);
  g_assert_true (qnet_reactor_get_context (again) == fixture->context);
  g_assert_true (qnet_reactor_get_context (global) == g_main_context_default ());
  g_assert_false (qnet_reactor_is_detached (global));
  g_assert_false (qnet_reactor_is_orphan (global));
  g_assert_false (qnet_reactor_is_forked (global));
  g_assert_nonnull (qnet_reactor_get_chunk_pool (global));

  qnet_reactor_unref (again);
  qnet_reactor_unref (global);
}

static void
test_one_descriptor (ReactorFixture *fixture,
                     gconstpointer   data)
{
  Probe probes[100];
  int fds[G_N_ELEMENTS (probes)][2];
  guint without;

  g_test_summary ("With epoll the loop polls one descriptor, however many are watched.");

  reactor_fixture_turn (fixture);
  without = reactor_fixture_n_fds;
  for (gsize i = 0; i < G_N_ELEMENTS (probes); i++)
    probe_open (&probes[i], fixture, 'a', QNET_READINESS_READ, fds[i]);
  reactor_fixture_turn (fixture);
  reactor_fixture_turn (fixture);

  if (g_str_equal (data, "epoll"))
    g_assert_cmpuint (reactor_fixture_n_fds, <=, without + 1);
  else
    g_assert_cmpuint (reactor_fixture_n_fds, >=, G_N_ELEMENTS (probes));

  for (gsize i = 0; i < G_N_ELEMENTS (probes); i++)
    probe_close (&probes[i], fds[i]);
}

static gpointer
get_in_thread (gpointer data)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  QnetReactor *first = qnet_reactor_get ();
  QnetReactor *second = qnet_reactor_get ();
  QnetReactor *third;

  g_assert_true (qnet_reactor_is_detached (first));
  g_assert_false (qnet_reactor_is_orphan (first));
  g_assert_null (qnet_reactor_get_context (first));
  g_assert_true (first != second);
  qnet_reactor_unref (first);
  qnet_reactor_unref (second);

  g_main_context_push_thread_default (context);
  third = qnet_reactor_get ();
  g_main_context_pop_thread_default (context);
  g_assert_false (qnet_reactor_is_detached (third));
  qnet_reactor_unref (third);

  if (g_main_context_acquire (g_main_context_default ()))
    {
      third = qnet_reactor_get ();
      g_assert_false (qnet_reactor_is_detached (third));
      qnet_reactor_unref (third);
      g_main_context_release (g_main_context_default ());
    }

  return NULL;
}

static void
test_threads (ReactorFixture *fixture,
              gconstpointer   data)
{
  g_test_summary ("A thread has a detached reactor unless it pushed a context or owns the "
                  "default one.");

  g_thread_join (g_thread_new ("reactor", get_in_thread, NULL));
}

static int
fail_create (QnetSyscall call)
{
  return call == QNET_SYSCALL_EPOLL_CREATE ? EMFILE : 0;
}

static void
test_no_descriptor_left (ReactorFixture *fixture,
                         gconstpointer   data)
{
  GMainContext *context = g_main_context_new ();
  QnetWaitSet set;
  QnetReactor *reactor;
  Probe probe;
  int fds[2];

  g_test_summary ("Without a descriptor for epoll the loop polls, and everything works.");

  qnet_syscall_fault = fail_create;
  g_main_context_push_thread_default (context);
  reactor = qnet_reactor_get ();
  qnet_wait_set_init (&set, reactor);
  probe_open (&probe, fixture, 'a', QNET_READINESS_NONE, fds);
  qnet_watch_clear (&probe.watch);
  probe_init (&probe, fixture, &set, 'a');
  qnet_watch_start (&probe.watch, fds[0], QNET_READINESS_READ);

  put_byte (fds[1]);
  while (probe.n_ready == 0)
    g_main_context_iteration (context, TRUE);

  probe_close (&probe, fds);
  qnet_wait_set_clear (&set);
  qnet_reactor_unref (reactor);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

/* What is reported */

static void
test_level (ReactorFixture *fixture,
            gconstpointer   data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("What is left unread is reported again, and what was read is not.");

  probe_open (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  reactor_fixture_assert_quiet (fixture);

  put_byte (fds[1]);
  reactor_fixture_turn (fixture);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probe.n_ready, ==, 2);
  g_assert_cmpuint (probe.readiness, ==, QNET_READINESS_READ);

  probe_take_byte (&probe, probe.readiness);
  reactor_fixture_assert_quiet (fixture);
  g_assert_cmpuint (probe.n_ready, ==, 2);
  probe_close (&probe, fds);
}

static void
test_interest (ReactorFixture *fixture,
               gconstpointer   data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("Only the readiness that is requested is reported.");

  probe_open (&probe, fixture, 'a', QNET_READINESS_WRITE, fds);
  put_byte (fds[1]);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probe.readiness, ==, QNET_READINESS_WRITE);

  qnet_watch_set_interest (&probe.watch, QNET_READINESS_READ | QNET_READINESS_WRITE);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probe.readiness, ==, QNET_READINESS_READ | QNET_READINESS_WRITE);

  qnet_watch_set_interest (&probe.watch, QNET_READINESS_READ);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probe.readiness, ==, QNET_READINESS_READ);

  qnet_watch_set_interest (&probe.watch, QNET_READINESS_NONE);
  reactor_fixture_assert_quiet (fixture);
  qnet_watch_stop (&probe.watch);
  qnet_watch_stop (&probe.watch);
  qnet_watch_set_interest (&probe.watch, QNET_READINESS_READ);
  reactor_fixture_assert_quiet (fixture);
  probe_close (&probe, fds);
  qnet_watch_clear (&probe.watch);
}

static void
test_hangup (ReactorFixture *fixture,
             gconstpointer   data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("That the peer has closed is reported for reading and for writing.");

  probe_open (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  qnet_clear_fd (&fds[1]);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probe.readiness, ==, QNET_READINESS_READ | QNET_READINESS_HANGUP);

  qnet_watch_set_interest (&probe.watch, QNET_READINESS_WRITE);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probe.readiness, ==, QNET_READINESS_WRITE | QNET_READINESS_HANGUP);

  qnet_watch_set_interest (&probe.watch, QNET_READINESS_READ | QNET_READINESS_WRITE);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probe.readiness, ==,
                    QNET_READINESS_READ | QNET_READINESS_WRITE | QNET_READINESS_HANGUP);
  probe_close (&probe, fds);
}

static void
test_half_close (ReactorFixture *fixture,
                 gconstpointer   data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("That the peer has shut down its write side is reported with HANGUP.");

  probe_open (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  g_assert_no_errno (shutdown (fds[1], SHUT_WR));
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probe.readiness, ==, QNET_READINESS_READ | QNET_READINESS_HANGUP);
  probe_close (&probe, fds);
}

static void
test_hangup_while_paused (ReactorFixture *fixture,
                          gconstpointer   data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("A peer that closes while nothing is requested does not make the loop spin.");

  probe_open (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  qnet_watch_set_interest (&probe.watch, QNET_READINESS_NONE);
  qnet_clear_fd (&fds[1]);
  reactor_fixture_assert_quiet (fixture);
  g_assert_false (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_cmpuint (probe.n_ready, ==, 0);

  qnet_watch_set_interest (&probe.watch, QNET_READINESS_READ);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probe.n_ready, ==, 1);
  probe_close (&probe, fds);
}

static guint n_controls;

static int
count_controls (QnetSyscall call)
{
  n_controls += call == QNET_SYSCALL_EPOLL_CTL;

  return 0;
}

static void
test_no_needless_call (ReactorFixture *fixture,
                       gconstpointer   data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("A change of interest is passed to the kernel, and nothing else is.");

  n_controls = 0;
  qnet_syscall_fault = count_controls;
  probe_open (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  probe.on_ready = probe_take_byte;

  for (guint i = 0; i < 10; i++)
    {
      put_byte (fds[1]);
      qnet_watch_set_interest (&probe.watch, QNET_READINESS_READ);
      reactor_fixture_turn (fixture);
    }

  g_assert_cmpuint (probe.n_ready, ==, 10);
  g_assert_cmpuint (n_controls, ==, g_str_equal (data, "epoll") ? 1 : 0);
  probe_close (&probe, fds);
}

static int
refuse_control (QnetSyscall call)
{
  return call == QNET_SYSCALL_EPOLL_CTL ? ENOSPC : 0;
}

static void
test_refused (ReactorFixture *fixture,
              gconstpointer   data)
{
  Probe probes[3];
  int fds[3][2];

  g_test_summary ("Descriptors that epoll refuses, to add or to change, are watched all the same.");

  for (guint i = 0; i < 3; i++)
    {
      qnet_syscall_fault = i == 0 ? NULL : refuse_control;
      probe_open (&probes[i], fixture, 'a' + i, QNET_READINESS_READ, fds[i]);
      probes[i].on_ready = probe_take_byte;
    }

  qnet_watch_set_interest (&probes[0].watch, QNET_READINESS_READ | QNET_READINESS_WRITE);
  qnet_syscall_fault = NULL;
  qnet_watch_set_interest (&probes[0].watch, QNET_READINESS_READ);
  reactor_fixture_assert_quiet (fixture);

  for (guint i = 0; i < 3; i++)
    put_byte (fds[i][1]);
  reactor_fixture_turn (fixture);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (probes[i].n_ready, ==, 1);

  qnet_watch_set_interest (&probes[1].watch, QNET_READINESS_NONE);
  put_byte (fds[1][1]);
  reactor_fixture_assert_quiet (fixture);
  qnet_watch_set_interest (&probes[1].watch, QNET_READINESS_READ);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probes[1].n_ready, ==, 2);

  for (guint i = 0; i < 3; i++)
    probe_close (&probes[i], fds[i]);
  reactor_fixture_assert_quiet (fixture);
}

static void
test_plain_file (ReactorFixture *fixture,
                 gconstpointer   data)
{
  g_autofree char *name = NULL;
  Probe probe;
  int fd = g_file_open_tmp ("qnet-reactor-XXXXXX", &name, NULL);

  g_test_summary ("A plain file, which epoll does not take, is always ready.");

  probe_init (&probe, fixture, &fixture->set, 'a');
  qnet_watch_start (&probe.watch, fd, QNET_READINESS_READ);
  reactor_fixture_turn (fixture);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probe.n_ready, ==, 2);

  qnet_watch_clear (&probe.watch);
  qnet_clear_fd (&fd);
  unlink (name);
}

static void
test_closed_descriptor (ReactorFixture *fixture,
                        gconstpointer   data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("A closed descriptor is reported as ready at once, so that its owner notices.");

  probe_open (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  qnet_watch_stop (&probe.watch);
  close (fds[0]);
  qnet_watch_start (&probe.watch, fds[0], QNET_READINESS_READ);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (probe.readiness, ==, QNET_READINESS_READ | QNET_READINESS_HANGUP);

  qnet_watch_clear (&probe.watch);
  qnet_clear_fd (&fds[1]);
}

/* Handlers that do things */

static void
check_thread_default (Probe         *probe,
                      QnetReadiness  readiness)
{
  g_assert_true (g_main_context_get_thread_default () == probe->fixture->context);
}

static void
check_thread_default_in_flush (Probe *probe)
{
  check_thread_default (probe, QNET_READINESS_NONE);
}

static void
test_thread_default (ReactorFixture *fixture,
                     gconstpointer   data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("The reactor's context is thread default in each callback, of the loop "
                  "and of a wait.");

  probe_open (&probe, fixture, 'a', QNET_READINESS_WRITE, fds);
  probe.on_ready = check_thread_default;
  probe.on_flush = check_thread_default_in_flush;

  qnet_watch_queue_flush (&probe.watch);
  reactor_fixture_turn (fixture);
  g_assert_null (g_main_context_get_thread_default ());

  qnet_watch_queue_flush (&probe.watch);
  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_null (g_main_context_get_thread_default ());

  g_assert_cmpuint (probe.n_ready, ==, 2);
  g_assert_cmpuint (probe.n_flushes, ==, 2);
  probe_close (&probe, fds);
}

static void
free_self (Probe         *probe,
           QnetReadiness  readiness)
{
  probe_close (probe, probe->data);
  g_free (probe);
}

static void
test_cleared_in_own_ready (ReactorFixture *fixture,
                           gconstpointer   data)
{
  Probe *probe;
  int fds[2];

  g_test_summary ("A watch may be freed while it is called, by the loop and by a wait.");

  for (guint i = 0; i < 4; i++)
    {
      probe = g_new (Probe, 1);
      probe_open (probe, fixture, 'a', i < 2 ? QNET_READINESS_WRITE : QNET_READINESS_READ, fds);
      probe->on_ready = free_self;
      probe->data = fds;
      qnet_watch_queue_flush (&probe->watch);

      if (i >= 2)
        qnet_watch_defer (&probe->watch);

      if (i % 2 == 0)
        reactor_fixture_turn (fixture);
      else
        g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));

      g_assert_null (fixture->set.watches);
    }
}

static void
clear_other (Probe         *probe,
             QnetReadiness  readiness)
{
  qnet_watch_clear (&probe->other->watch);
}

static void
test_cleared_in_anothers_ready (ReactorFixture *fixture,
                                gconstpointer   data)
{
  Probe a, b;
  int a_fds[2], b_fds[2];

  g_test_summary ("A watch that another one's handler clears is not called for a pending event.");

  probe_open (&a, fixture, 'a', QNET_READINESS_WRITE, a_fds);
  probe_open (&b, fixture, 'b', QNET_READINESS_WRITE, b_fds);
  a.on_ready = b.on_ready = clear_other;
  a.other = &b;
  b.other = &a;
  qnet_watch_defer (&a.watch);
  qnet_watch_defer (&b.watch);

  reactor_fixture_turn (fixture);
  g_assert_cmpuint (a.n_ready + b.n_ready, ==, 2);  /* one of them, an event and a deferral */
  g_assert_true (a.n_ready == 0 || b.n_ready == 0);

  probe_close (&a, a_fds);
  probe_close (&b, b_fds);
}

/* The other's descriptor gives its number to a new socket, on which nothing has happened. */
static void
reuse_number (Probe         *probe,
              QnetReadiness  readiness)
{
  Probe *other = probe->other;
  int *fds = probe->data;
  int number = other->watch.fd;

  probe->on_ready = other->on_ready = NULL;
  qnet_watch_stop (&other->watch);
  g_assert_cmpint (dup2 (fds[0], number), ==, number);
  qnet_watch_start (&other->watch, number, QNET_READINESS_READ);
  qnet_watch_set_interest (&probe->watch, QNET_READINESS_NONE);
}

static void
test_number_reused (ReactorFixture *fixture,
                    gconstpointer   data)
{
  Probe a, b;
  int a_fds[2], b_fds[2], fresh[2];

  g_test_summary ("A descriptor that reuses the number of one with a pending event does not "
                  "receive it.");

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fresh));
  probe_open (&a, fixture, 'a', QNET_READINESS_READ, a_fds);
  probe_open (&b, fixture, 'b', QNET_READINESS_READ, b_fds);
  a.on_ready = b.on_ready = reuse_number;
  a.data = b.data = fresh;
  a.other = &b;
  b.other = &a;
  put_byte (a_fds[1]);
  put_byte (b_fds[1]);

  reactor_fixture_turn (fixture);
  g_assert_cmpuint (a.n_ready + b.n_ready, ==, 1);
  reactor_fixture_assert_quiet (fixture);

  put_byte (fresh[1]);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (a.n_ready, ==, 1);
  g_assert_cmpuint (b.n_ready, ==, 1);

  probe_close (&a, a_fds);
  probe_close (&b, b_fds);
  close (fresh[0]);
  close (fresh[1]);
}

/* Iterates until the other one is called. */
static void
run_nested (Probe         *probe,
            QnetReadiness  readiness)
{
  probe->on_ready = NULL;

  while (probe->other->n_ready == 0)
    g_main_context_iteration (probe->fixture->context, TRUE);
}

static void
test_nested_loop (ReactorFixture *fixture,
                  gconstpointer   data)
{
  Probe a, b;
  int a_fds[2], b_fds[2];

  g_test_summary ("In a loop inside a handler all other watches are alive, deferred ones too.");

  probe_open (&a, fixture, 'a', QNET_READINESS_WRITE, a_fds);
  probe_open (&b, fixture, 'b', QNET_READINESS_WRITE, b_fds);
  a.on_ready = b.on_ready = run_nested;
  a.other = &b;
  b.other = &a;
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (a.n_ready, >, 0);
  g_assert_cmpuint (b.n_ready, >, 0);

  a.n_ready = b.n_ready = 0;
  a.on_ready = b.on_ready = run_nested;
  qnet_watch_set_interest (&a.watch, QNET_READINESS_NONE);
  qnet_watch_set_interest (&b.watch, QNET_READINESS_NONE);
  qnet_watch_defer (&a.watch);
  qnet_watch_defer (&b.watch);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (a.n_ready, ==, 1);
  g_assert_cmpuint (b.n_ready, ==, 1);
  reactor_fixture_assert_quiet (fixture);

  probe_close (&a, a_fds);
  probe_close (&b, b_fds);
}

static void
defer_in_nested (Probe         *probe,
                 QnetReadiness  readiness)
{
  probe->on_ready = NULL;
  qnet_watch_defer (&probe->watch);

  while (probe->n_ready == 1)
    g_main_context_iteration (probe->fixture->context, TRUE);

  g_assert_false (g_main_context_iteration (probe->fixture->context, FALSE));
}

static void
test_nested_turn (ReactorFixture *fixture,
                  gconstpointer   data)
{
  Probe a;

  g_test_summary ("A deferral of a handler is called in the loop inside it, which sleeps "
                  "afterwards.");

  probe_init (&a, fixture, &fixture->set, 'a');
  a.on_ready = defer_in_nested;
  qnet_watch_defer (&a.watch);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (a.n_ready, ==, 2);
  reactor_fixture_assert_quiet (fixture);
  qnet_watch_clear (&a.watch);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  reactor_fixture_add ("/reactor", "/one-per-context", test_one_per_context);
  reactor_fixture_add ("/reactor", "/one-descriptor", test_one_descriptor);
  reactor_fixture_add ("/reactor", "/threads", test_threads);
  reactor_fixture_add ("/reactor", "/no-descriptor-left", test_no_descriptor_left);
  reactor_fixture_add ("/reactor", "/level", test_level);
  reactor_fixture_add ("/reactor", "/interest", test_interest);
  reactor_fixture_add ("/reactor", "/hangup", test_hangup);
  reactor_fixture_add ("/reactor", "/half-close", test_half_close);
  reactor_fixture_add ("/reactor", "/hangup-while-paused", test_hangup_while_paused);
  reactor_fixture_add ("/reactor", "/no-needless-call", test_no_needless_call);
  reactor_fixture_add ("/reactor", "/refused", test_refused);
  reactor_fixture_add ("/reactor", "/plain-file", test_plain_file);
  reactor_fixture_add ("/reactor", "/closed-descriptor", test_closed_descriptor);
  reactor_fixture_add ("/reactor", "/thread-default", test_thread_default);
  reactor_fixture_add ("/reactor", "/cleared-in-own-ready", test_cleared_in_own_ready);
  reactor_fixture_add ("/reactor", "/cleared-in-anothers-ready", test_cleared_in_anothers_ready);
  reactor_fixture_add ("/reactor", "/number-reused", test_number_reused);
  reactor_fixture_add ("/reactor", "/nested/loop", test_nested_loop);
  reactor_fixture_add ("/reactor", "/nested/turn", test_nested_turn);

  return g_test_run ();
}
