/* test-reactor.c: one waiter per GMainContext
 *
 * Each test runs on both backends.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/qnet-reactor-backend-private.h"
#include "engine/qnet-syscall-private.h"

#define N_MANY 2000

typedef struct _Fixture Fixture;
typedef struct _Probe   Probe;

/* A watch that notes what it hears. */
struct _Probe
{
  QnetWatch       watch;
  Fixture        *fixture;
  char            name;
  guint           n_ready;
  guint           n_flushes;
  guint           n_orphaned;
  QnetReadiness   heard;      /* the last time */
  void          (*on_ready) (Probe *probe, QnetReadiness readiness);
  void          (*on_flush) (Probe *probe);
  Probe          *other;
  gpointer        data;
};

struct _Fixture
{
  GMainContext *context;  /* (owned): not the thread default while it runs */
  QnetReactor  *reactor;  /* (owned) */
  QnetWaitSet   set;
  GString      *log;      /* (owned): the probes' names, in the order in which they hear */
};

static guint  n_polls;
static int    n_polled;   /* descriptors the last poll found ready */
static gint64 fake_now;

static gint64
fake_clock (void)
{
  return fake_now;
}

static int
noting_poll (GPollFD *fds,
             guint    n_fds,
             int      timeout)
{
  n_polls++;
  n_polled = g_poll (fds, n_fds, timeout);

  return n_polled;
}

static void
probe_ready_cb (QnetWatch     *watch,
                QnetReadiness  readiness)
{
  Probe *probe = (Probe *) watch;

  g_assert_cmpuint (readiness, !=, QNET_READINESS_NONE);
  probe->n_ready++;
  probe->heard = readiness;
  g_string_append_c (probe->fixture->log, probe->name);

  if (probe->on_ready != NULL)
    probe->on_ready (probe, readiness);
}

static void
probe_flush_cb (QnetWatch *watch)
{
  Probe *probe = (Probe *) watch;

  probe->n_flushes++;
  g_string_append_c (probe->fixture->log, g_ascii_toupper (probe->name));

  if (probe->on_flush != NULL)
    probe->on_flush (probe);
}

static void
probe_orphaned_cb (QnetWatch *watch)
{
  Probe *probe = (Probe *) watch;

  g_assert_cmpint (watch->fd, ==, -1);
  probe->n_orphaned++;
}

static const QnetWatchFuncs probe_funcs = { probe_ready_cb, probe_flush_cb, probe_orphaned_cb };
static const QnetWatchFuncs bare_funcs = { probe_ready_cb, NULL, NULL };

static void
init_probe (Probe       *probe,
            Fixture     *fixture,
            QnetWaitSet *set,
            char         name)
{
  *probe = (Probe) { .fixture = fixture, .name = name };
  qnet_watch_init (&probe->watch, &probe_funcs, set);
}

/* Two connected sockets, the first of them watched. */
static void
open_probe (Probe         *probe,
            Fixture       *fixture,
            char           name,
            QnetReadiness  interest,
            int            fds[2])
{
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds));
  init_probe (probe, fixture, &fixture->set, name);
  qnet_watch_start (&probe->watch, fds[0], interest);
}

static void
close_probe (Probe *probe,
             int    fds[2])
{
  qnet_watch_clear (&probe->watch);
  qnet_clear_fd (&fds[0]);
  qnet_clear_fd (&fds[1]);
}

static void
put_byte (int fd)
{
  g_assert_cmpint (write (fd, "x", 1), ==, 1);
}

static void
take_byte (Probe         *probe,
           QnetReadiness  readiness)
{
  char byte;

  if (readiness & QNET_READINESS_READ)
    g_assert_cmpint (read (probe->watch.fd, &byte, 1), ==, 1);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  if (g_strcmp0 (g_getenv ("QNET_REACTOR"), data) != 0)
    g_setenv ("QNET_REACTOR", data, TRUE);

  fixture->log = g_string_new (NULL);
  fixture->context = g_main_context_new ();
  g_main_context_set_poll_func (fixture->context, noting_poll);
  g_main_context_push_thread_default (fixture->context);
  fixture->reactor = qnet_reactor_get ();
  g_main_context_pop_thread_default (fixture->context);

  qnet_wait_set_init (&fixture->set, fixture->reactor);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  qnet_wait_set_clear (&fixture->set);

  if (fixture->context != NULL)
    {
      g_main_context_iteration (fixture->context, FALSE);
      g_assert_false (g_main_context_iteration (fixture->context, FALSE));
    }

  g_clear_pointer (&fixture->context, g_main_context_unref);
  g_clear_pointer (&fixture->reactor, qnet_reactor_unref);
  g_string_free (fixture->log, TRUE);
  qnet_syscall_fault = NULL;
  qnet_clock_set_for_tests (NULL);
}

static void
turn (Fixture *fixture)
{
  g_main_context_iteration (fixture->context, FALSE);
}

/* Nothing to dispatch, and a loop that may sleep. */
static void
assert_quiet (Fixture *fixture)
{
  turn (fixture);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_false (g_main_context_iteration (fixture->context, FALSE));
      g_assert_cmpint (n_polled, ==, 0);
    }
}

/* Which reactor */

static void
test_one_per_context (Fixture       *fixture,
                      gconstpointer  data)
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
test_threads (Fixture       *fixture,
              gconstpointer  data)
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
test_no_descriptor_left (Fixture       *fixture,
                         gconstpointer  data)
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
  open_probe (&probe, fixture, 'a', QNET_READINESS_NONE, fds);
  qnet_watch_clear (&probe.watch);
  init_probe (&probe, fixture, &set, 'a');
  qnet_watch_start (&probe.watch, fds[0], QNET_READINESS_READ);

  put_byte (fds[1]);
  while (probe.n_ready == 0)
    g_main_context_iteration (context, TRUE);

  close_probe (&probe, fds);
  qnet_wait_set_clear (&set);
  qnet_reactor_unref (reactor);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

/* What is told */

static void
test_level (Fixture       *fixture,
            gconstpointer  data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("What is left unread is told again, and what was read is not.");

  open_probe (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  assert_quiet (fixture);

  put_byte (fds[1]);
  turn (fixture);
  turn (fixture);
  g_assert_cmpuint (probe.n_ready, ==, 2);
  g_assert_cmpuint (probe.heard, ==, QNET_READINESS_READ);

  take_byte (&probe, probe.heard);
  assert_quiet (fixture);
  g_assert_cmpuint (probe.n_ready, ==, 2);
  close_probe (&probe, fds);
}

static void
test_interest (Fixture       *fixture,
               gconstpointer  data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("Only what is wanted is told.");

  open_probe (&probe, fixture, 'a', QNET_READINESS_WRITE, fds);
  put_byte (fds[1]);
  turn (fixture);
  g_assert_cmpuint (probe.heard, ==, QNET_READINESS_WRITE);

  qnet_watch_set_interest (&probe.watch, QNET_READINESS_READ | QNET_READINESS_WRITE);
  turn (fixture);
  g_assert_cmpuint (probe.heard, ==, QNET_READINESS_READ | QNET_READINESS_WRITE);

  qnet_watch_set_interest (&probe.watch, QNET_READINESS_READ);
  turn (fixture);
  g_assert_cmpuint (probe.heard, ==, QNET_READINESS_READ);

  qnet_watch_set_interest (&probe.watch, QNET_READINESS_NONE);
  assert_quiet (fixture);
  qnet_watch_stop (&probe.watch);
  qnet_watch_stop (&probe.watch);
  qnet_watch_set_interest (&probe.watch, QNET_READINESS_READ);
  assert_quiet (fixture);
  close_probe (&probe, fds);
  qnet_watch_clear (&probe.watch);
}

static void
test_hangup (Fixture       *fixture,
             gconstpointer  data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("A peer that went is told to who reads and to who writes.");

  open_probe (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  qnet_clear_fd (&fds[1]);
  turn (fixture);
  g_assert_cmpuint (probe.heard, ==, QNET_READINESS_READ | QNET_READINESS_HANGUP);

  qnet_watch_set_interest (&probe.watch, QNET_READINESS_WRITE);
  turn (fixture);
  g_assert_cmpuint (probe.heard, ==, QNET_READINESS_WRITE | QNET_READINESS_HANGUP);

  qnet_watch_set_interest (&probe.watch, QNET_READINESS_READ | QNET_READINESS_WRITE);
  turn (fixture);
  g_assert_cmpuint (probe.heard, ==,
                    QNET_READINESS_READ | QNET_READINESS_WRITE | QNET_READINESS_HANGUP);
  close_probe (&probe, fds);
}

static void
test_half_close (Fixture       *fixture,
                 gconstpointer  data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("The peer's end of sending comes with HANGUP.");

  open_probe (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  g_assert_no_errno (shutdown (fds[1], SHUT_WR));
  turn (fixture);
  g_assert_cmpuint (probe.heard, ==, QNET_READINESS_READ | QNET_READINESS_HANGUP);
  close_probe (&probe, fds);
}

static void
test_hangup_while_paused (Fixture       *fixture,
                          gconstpointer  data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("A peer that goes while nothing is wanted does not make the loop spin.");

  open_probe (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  qnet_watch_set_interest (&probe.watch, QNET_READINESS_NONE);
  qnet_clear_fd (&fds[1]);
  assert_quiet (fixture);
  g_assert_false (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_cmpuint (probe.n_ready, ==, 0);

  qnet_watch_set_interest (&probe.watch, QNET_READINESS_READ);
  turn (fixture);
  g_assert_cmpuint (probe.n_ready, ==, 1);
  close_probe (&probe, fds);
}

static guint n_controls;

static int
count_controls (QnetSyscall call)
{
  n_controls += call == QNET_SYSCALL_EPOLL_CTL;

  return 0;
}

static void
test_no_needless_call (Fixture       *fixture,
                       gconstpointer  data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("The kernel is told of a change of interest, and of nothing else.");

  n_controls = 0;
  qnet_syscall_fault = count_controls;
  open_probe (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  probe.on_ready = take_byte;

  for (guint i = 0; i < 10; i++)
    {
      put_byte (fds[1]);
      qnet_watch_set_interest (&probe.watch, QNET_READINESS_READ);
      turn (fixture);
    }

  g_assert_cmpuint (probe.n_ready, ==, 10);
  g_assert_cmpuint (n_controls, ==, g_str_equal (data, "epoll") ? 1 : 0);
  close_probe (&probe, fds);
}

static int
refuse_control (QnetSyscall call)
{
  return call == QNET_SYSCALL_EPOLL_CTL ? ENOSPC : 0;
}

static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  Probe probes[3];
  int fds[3][2];

  g_test_summary ("Descriptors that epoll refuses, to add or to change, are watched all the same.");

  for (guint i = 0; i < 3; i++)
    {
      qnet_syscall_fault = i == 0 ? NULL : refuse_control;
      open_probe (&probes[i], fixture, 'a' + i, QNET_READINESS_READ, fds[i]);
      probes[i].on_ready = take_byte;
    }

  qnet_watch_set_interest (&probes[0].watch, QNET_READINESS_READ | QNET_READINESS_WRITE);
  qnet_syscall_fault = NULL;
  qnet_watch_set_interest (&probes[0].watch, QNET_READINESS_READ);
  assert_quiet (fixture);

  for (guint i = 0; i < 3; i++)
    put_byte (fds[i][1]);
  turn (fixture);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (probes[i].n_ready, ==, 1);

  qnet_watch_set_interest (&probes[1].watch, QNET_READINESS_NONE);
  put_byte (fds[1][1]);
  assert_quiet (fixture);
  qnet_watch_set_interest (&probes[1].watch, QNET_READINESS_READ);
  turn (fixture);
  g_assert_cmpuint (probes[1].n_ready, ==, 2);

  for (guint i = 0; i < 3; i++)
    close_probe (&probes[i], fds[i]);
  assert_quiet (fixture);
}

static void
test_plain_file (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *name = NULL;
  Probe probe;
  int fd = g_file_open_tmp ("qnet-reactor-XXXXXX", &name, NULL);

  g_test_summary ("A plain file, which epoll does not take, is always ready.");

  init_probe (&probe, fixture, &fixture->set, 'a');
  qnet_watch_start (&probe.watch, fd, QNET_READINESS_READ);
  turn (fixture);
  turn (fixture);
  g_assert_cmpuint (probe.n_ready, ==, 2);

  qnet_watch_clear (&probe.watch);
  qnet_clear_fd (&fd);
  unlink (name);
}

static void
test_closed_descriptor (Fixture       *fixture,
                        gconstpointer  data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("Who watches a descriptor that is none is told at once, and finds out.");

  open_probe (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  qnet_watch_stop (&probe.watch);
  close (fds[0]);
  qnet_watch_start (&probe.watch, fds[0], QNET_READINESS_READ);
  turn (fixture);
  g_assert_cmpuint (probe.heard, ==, QNET_READINESS_READ | QNET_READINESS_HANGUP);

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
test_thread_default (Fixture       *fixture,
                     gconstpointer  data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("The reactor's context is thread default in each callback, of the loop "
                  "and of a wait.");

  open_probe (&probe, fixture, 'a', QNET_READINESS_WRITE, fds);
  probe.on_ready = check_thread_default;
  probe.on_flush = check_thread_default_in_flush;

  qnet_watch_queue_flush (&probe.watch);
  turn (fixture);
  g_assert_null (g_main_context_get_thread_default ());

  qnet_watch_queue_flush (&probe.watch);
  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_null (g_main_context_get_thread_default ());

  g_assert_cmpuint (probe.n_ready, ==, 2);
  g_assert_cmpuint (probe.n_flushes, ==, 2);
  close_probe (&probe, fds);
}

static void
free_self (Probe         *probe,
           QnetReadiness  readiness)
{
  close_probe (probe, probe->data);
  g_free (probe);
}

static void
test_cleared_in_own_ready (Fixture       *fixture,
                           gconstpointer  data)
{
  Probe *probe;
  int fds[2];

  g_test_summary ("A watch may be freed while it is called, by the loop and by a wait.");

  for (guint i = 0; i < 4; i++)
    {
      probe = g_new (Probe, 1);
      open_probe (probe, fixture, 'a', i < 2 ? QNET_READINESS_WRITE : QNET_READINESS_READ, fds);
      probe->on_ready = free_self;
      probe->data = fds;
      qnet_watch_queue_flush (&probe->watch);

      if (i >= 2)
        qnet_watch_defer (&probe->watch);

      if (i % 2 == 0)
        turn (fixture);
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
test_cleared_in_anothers_ready (Fixture       *fixture,
                                gconstpointer  data)
{
  Probe a, b;
  int a_fds[2], b_fds[2];

  g_test_summary ("A watch that another one's handler ends does not hear what waits for it.");

  open_probe (&a, fixture, 'a', QNET_READINESS_WRITE, a_fds);
  open_probe (&b, fixture, 'b', QNET_READINESS_WRITE, b_fds);
  a.on_ready = b.on_ready = clear_other;
  a.other = &b;
  b.other = &a;
  qnet_watch_defer (&a.watch);
  qnet_watch_defer (&b.watch);

  turn (fixture);
  g_assert_cmpuint (a.n_ready + b.n_ready, ==, 2);  /* one of them, an event and a deferral */
  g_assert_true (a.n_ready == 0 || b.n_ready == 0);

  close_probe (&a, a_fds);
  close_probe (&b, b_fds);
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
test_number_reused (Fixture       *fixture,
                    gconstpointer  data)
{
  Probe a, b;
  int a_fds[2], b_fds[2], fresh[2];

  g_test_summary ("A descriptor with the number of one whose event still waits does not hear it.");

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fresh));
  open_probe (&a, fixture, 'a', QNET_READINESS_READ, a_fds);
  open_probe (&b, fixture, 'b', QNET_READINESS_READ, b_fds);
  a.on_ready = b.on_ready = reuse_number;
  a.data = b.data = fresh;
  a.other = &b;
  b.other = &a;
  put_byte (a_fds[1]);
  put_byte (b_fds[1]);

  turn (fixture);
  g_assert_cmpuint (a.n_ready + b.n_ready, ==, 1);
  assert_quiet (fixture);

  put_byte (fresh[1]);
  turn (fixture);
  g_assert_cmpuint (a.n_ready, ==, 1);
  g_assert_cmpuint (b.n_ready, ==, 1);

  close_probe (&a, a_fds);
  close_probe (&b, b_fds);
  close (fresh[0]);
  close (fresh[1]);
}

/* Iterates until the other has heard. */
static void
run_nested (Probe         *probe,
            QnetReadiness  readiness)
{
  probe->on_ready = NULL;

  while (probe->other->n_ready == 0)
    g_main_context_iteration (probe->fixture->context, TRUE);
}

static void
test_nested_loop (Fixture       *fixture,
                  gconstpointer  data)
{
  Probe a, b;
  int a_fds[2], b_fds[2];

  g_test_summary ("In a loop inside a handler all other watches are alive, deferred ones too.");

  open_probe (&a, fixture, 'a', QNET_READINESS_WRITE, a_fds);
  open_probe (&b, fixture, 'b', QNET_READINESS_WRITE, b_fds);
  a.on_ready = b.on_ready = run_nested;
  a.other = &b;
  b.other = &a;
  turn (fixture);
  g_assert_cmpuint (a.n_ready, >, 0);
  g_assert_cmpuint (b.n_ready, >, 0);

  a.n_ready = b.n_ready = 0;
  a.on_ready = b.on_ready = run_nested;
  qnet_watch_set_interest (&a.watch, QNET_READINESS_NONE);
  qnet_watch_set_interest (&b.watch, QNET_READINESS_NONE);
  qnet_watch_defer (&a.watch);
  qnet_watch_defer (&b.watch);
  turn (fixture);
  g_assert_cmpuint (a.n_ready, ==, 1);
  g_assert_cmpuint (b.n_ready, ==, 1);
  assert_quiet (fixture);

  close_probe (&a, a_fds);
  close_probe (&b, b_fds);
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
test_nested_turn (Fixture       *fixture,
                  gconstpointer  data)
{
  Probe a;

  g_test_summary ("A deferral of a handler is told in the loop inside it, which sleeps "
                  "after that.");

  init_probe (&a, fixture, &fixture->set, 'a');
  a.on_ready = defer_in_nested;
  qnet_watch_defer (&a.watch);
  turn (fixture);
  g_assert_cmpuint (a.n_ready, ==, 2);
  assert_quiet (fixture);
  qnet_watch_clear (&a.watch);
}

/* Turns */

static void
rang_cb (QnetDeadline *deadline)
{
  Probe *probe = (Probe *) deadline->set->watches;

  g_string_append_c (probe->fixture->log, '!');
  qnet_watch_queue_flush (&probe->watch);
}

static void
write_and_defer (Probe         *probe,
                 QnetReadiness  readiness)
{
  if (readiness == QNET_READINESS_DEFERRED)
    return;

  qnet_watch_set_interest (&probe->watch, QNET_READINESS_NONE);
  for (guint i = 0; i < 10; i++)
    qnet_watch_queue_flush (&probe->watch);
  qnet_watch_defer (&probe->watch);
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  QnetDeadline deadline;
  Probe a;
  int fds[2];

  g_test_summary ("One dispatch: events, what they wrote, what they deferred, deadlines, "
                  "what those wrote.");

  open_probe (&a, fixture, 'a', QNET_READINESS_WRITE, fds);
  a.on_ready = write_and_defer;
  qnet_deadline_init (&deadline, rang_cb, &fixture->set);
  qnet_deadline_start (&deadline, qnet_clock_now ());

  turn (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "aAa!A");
  assert_quiet (fixture);
  close_probe (&a, fds);
}

static void
defer_again (Probe         *probe,
             QnetReadiness  readiness)
{
  g_assert_cmpuint (readiness, ==, QNET_READINESS_DEFERRED);

  if (probe->n_ready < 3)
    qnet_watch_defer (&probe->watch);
}

static void
test_deferred_again (Fixture       *fixture,
                     gconstpointer  data)
{
  Probe a, b;

  g_test_summary ("Deferrals need no descriptor, come in order, and one from a deferral "
                  "comes a turn later.");

  init_probe (&a, fixture, &fixture->set, 'a');
  init_probe (&b, fixture, &fixture->set, 'b');
  a.on_ready = defer_again;
  qnet_watch_defer (&a.watch);
  qnet_watch_defer (&b.watch);
  qnet_watch_defer (&a.watch);

  turn (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "ab");
  turn (fixture);
  turn (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "abaa");
  assert_quiet (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "abaa");
  qnet_watch_clear (&a.watch);
  qnet_watch_clear (&b.watch);
}

static void
defer_after_flush (Probe *probe)
{
  qnet_watch_defer (&probe->watch);
  qnet_watch_queue_flush (&probe->watch);
  probe->on_flush = NULL;
}

static void
test_flush_before_sleep (Fixture       *fixture,
                         gconstpointer  data)
{
  Probe a;

  g_test_summary ("What is written outside of a dispatch is sent once, before the loop sleeps.");

  init_probe (&a, fixture, &fixture->set, 'a');
  qnet_watch_queue_flush (&a.watch);
  qnet_watch_queue_flush (&a.watch);
  g_assert_false (g_main_context_iteration (fixture->context, FALSE));
  g_assert_cmpstr (fixture->log->str, ==, "A");

  /* What is queued by a flush waits for the next one, and what it defers for a dispatch. */
  a.on_flush = defer_after_flush;
  qnet_watch_queue_flush (&a.watch);
  turn (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "AAAa");
  qnet_watch_clear (&a.watch);
}

static void
test_stop_takes_back (Fixture       *fixture,
                      gconstpointer  data)
{
  Probe a;

  g_test_summary ("With a watch go its deferral and its flush.");

  init_probe (&a, fixture, &fixture->set, 'a');
  qnet_watch_queue_flush (&a.watch);
  qnet_watch_defer (&a.watch);
  qnet_watch_stop (&a.watch);
  assert_quiet (fixture);

  qnet_watch_clear (&a.watch);
  qnet_watch_queue_flush (&a.watch);
  qnet_watch_defer (&a.watch);
  assert_quiet (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "");
}

/* Fairness */

static gboolean
count_cb (gpointer user_data)
{
  ++*(guint *) user_data;

  return G_SOURCE_CONTINUE;
}

static void
spend_time (Probe         *probe,
            QnetReadiness  readiness)
{
  fake_now += 1000;
}

static void
test_flood (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(GSource) idle = g_idle_source_new ();
  Probe probe;
  guint n_idles = 0;
  int fds[2];

  g_test_summary ("While a peer floods, an idle runs once for eight milliseconds of dispatches.");

  qnet_clock_set_for_tests (fake_clock);
  g_source_set_callback (idle, count_cb, &n_idles, NULL);
  g_source_attach (idle, fixture->context);
  open_probe (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  probe.on_ready = spend_time;
  put_byte (fds[1]);

  for (guint i = 0; i < 90; i++)
    turn (fixture);

  g_assert_cmpuint (n_idles, ==, 10);
  g_assert_cmpuint (probe.n_ready, ==, 80);

  close_probe (&probe, fds);
  g_source_destroy (idle);
}

static void
test_flood_does_not_sleep (Fixture       *fixture,
                           gconstpointer  data)
{
  Probe probe;

  g_test_summary ("The loop does not sleep while the reactor lets others go first.");

  qnet_clock_set_for_tests (fake_clock);
  init_probe (&probe, fixture, &fixture->set, 'a');

  for (guint i = 0; i < 8; i++)
    {
      probe.on_ready = spend_time;
      qnet_watch_defer (&probe.watch);
      turn (fixture);
    }

  qnet_watch_defer (&probe.watch);
  g_assert_false (g_main_context_iteration (fixture->context, TRUE));
  g_assert_true (g_main_context_iteration (fixture->context, TRUE));
  g_assert_cmpuint (probe.n_ready, ==, 9);
  qnet_watch_clear (&probe.watch);
}

/* As many as the system lets us open. */
static guint
raise_limit (guint wanted)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  limit.rlim_cur = MIN (limit.rlim_max, MAX (limit.rlim_cur, wanted + 100));
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));

  return MIN (wanted, limit.rlim_cur - 100);
}

static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  guint n_probes = raise_limit (N_MANY);
  g_autofree Probe *probes = g_new (Probe, n_probes);
  guint n_heard = 0;
  int fds[2];

  g_test_summary ("Among many watches the one that is meant hears; and all hear when all "
                  "are meant.");

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM, 0, fds));

  for (guint i = 0; i < n_probes; i++)
    {
      init_probe (&probes[i], fixture, &fixture->set, 'a');
      qnet_watch_start (&probes[i].watch, fcntl (fds[0], F_DUPFD_CLOEXEC, 0), QNET_READINESS_READ);
    }

  assert_quiet (fixture);
  qnet_watch_set_interest (&probes[n_probes / 2].watch, QNET_READINESS_WRITE);
  turn (fixture);
  g_assert_cmpuint (fixture->log->len, ==, 1);
  g_assert_cmpuint (probes[n_probes / 2].n_ready, ==, 1);
  qnet_watch_set_interest (&probes[n_probes / 2].watch, QNET_READINESS_READ);

  put_byte (fds[1]);
  for (guint i = 0; i <= n_probes / QNET_MAX_EVENTS + 1; i++)
    turn (fixture);
  for (guint i = 0; i < n_probes; i++)
    n_heard += probes[i].n_ready > 0;
  g_assert_cmpuint (n_heard, ==, n_probes);

  for (guint i = n_probes; i-- > 0; )
    {
      int fd = probes[i].watch.fd;

      qnet_watch_clear (&probes[i].watch);
      close (fd);
    }

  close (fds[0]);
  close (fds[1]);
}

/* The end of the context */

static void
test_context_destroyed (Fixture       *fixture,
                        gconstpointer  data)
{
  QnetReactor *fresh;
  QnetDeadline deadline;
  Probe a, b;
  int fds[2];

  g_test_summary ("When the context goes first its watches are orphans, and its sets go on "
                  "to exist.");

  open_probe (&a, fixture, 'a', QNET_READINESS_WRITE, fds);
  init_probe (&b, fixture, &fixture->set, 'b');
  qnet_watch_defer (&b.watch);
  qnet_deadline_init (&deadline, rang_cb, &fixture->set);
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

  close_probe (&a, fds);
}

static void
clear_data (gpointer data)
{
  Probe *probe = data;

  g_assert_true (qnet_reactor_is_orphan (probe->fixture->reactor));
  g_assert_null (qnet_reactor_get_context (probe->fixture->reactor));
  close_probe (probe, probe->data);
}

static void
test_cleared_while_destroyed (Fixture       *fixture,
                              gconstpointer  data)
{
  Probe probes[2];
  int fds[2][2];

  g_test_summary ("A watch may end by the end of another source of a context that goes, "
                  "before its own turn and after it.");

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GSource) source = g_timeout_source_new_seconds (1000);

      open_probe (&probes[i], fixture, 'a', QNET_READINESS_READ, fds[i]);
      probes[i].data = fds[i];
      g_source_set_priority (source, i == 0 ? G_PRIORITY_HIGH : G_PRIORITY_LOW);
      g_source_set_callback (source, count_cb, &probes[i], clear_data);
      g_source_attach (source, fixture->context);
    }

  g_clear_pointer (&fixture->context, g_main_context_unref);
  g_assert_cmpuint (probes[0].n_orphaned + probes[1].n_orphaned, ==, 1);
}

static void
test_orphan_waits (Fixture       *fixture,
                   gconstpointer  data)
{
  QnetWaitSet set;
  Probe probe;
  int fds[2];

  g_test_summary ("On a reactor whose context has gone a wait still works.");

  g_clear_pointer (&fixture->context, g_main_context_unref);
  qnet_wait_set_init (&set, fixture->reactor);
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
  probe = (Probe) { .fixture = fixture, .name = 'a' };
  qnet_watch_init (&probe.watch, &bare_funcs, &set);
  qnet_watch_start (&probe.watch, fds[0], QNET_READINESS_READ);
  put_byte (fds[1]);
  g_assert_true (qnet_wait_set_iterate (&set, G_MAXINT64));
  g_assert_cmpuint (probe.heard, ==, QNET_READINESS_READ);

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

/* In the child: ends what it inherited, and begins anew in the same context and in another one. */
static gboolean
child_works (Fixture *fixture,
             Probe   *inherited,
             int      fds[2])
{
  QnetReactor *reactor;
  Fixture own = { .context = fixture->context };
  Probe probe;
  int own_fds[2];
  gboolean works = qnet_reactor_is_forked (fixture->reactor);

  works &= !qnet_wait_set_iterate (&fixture->set, G_MAXINT64);
  qnet_watch_set_interest (&inherited->watch, QNET_READINESS_WRITE);
  close_probe (inherited, fds);
  own.log = g_string_new (NULL);

  for (guint i = 0; i < 2; i++)
    {
      g_main_context_push_thread_default (own.context);
      reactor = qnet_reactor_get ();
      works &= reactor != fixture->reactor && !qnet_reactor_is_forked (reactor);
      qnet_wait_set_init (&own.set, reactor);
      open_probe (&probe, &own, 'a', QNET_READINESS_WRITE, own_fds);
      while (probe.n_ready == 0)
        g_main_context_iteration (own.context, TRUE);
      close_probe (&probe, own_fds);
      qnet_wait_set_clear (&own.set);
      qnet_reactor_unref (reactor);
      g_main_context_pop_thread_default (own.context);
      own.context = g_main_context_new ();
    }

  return works;
}

static void
test_fork (Fixture       *fixture,
           gconstpointer  data)
{
  Probe probe;
  pid_t pid;
  int fds[2];

  g_test_summary ("A child ends what it inherited and works on its own: its parent's watch "
                  "stays alive.");

  open_probe (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  probe.on_ready = take_byte;

  pid = fork ();
  if (pid == 0)
    _exit (child_works (fixture, &probe, fds) ? 0 : 1);

  wait_for_child (pid);
  put_byte (fds[1]);
  turn (fixture);
  g_assert_cmpuint (probe.n_ready, ==, 1);
  assert_quiet (fixture);
  close_probe (&probe, fds);
}

/* In the child: the inherited context turns. */
static gboolean
child_iterates (Fixture *fixture,
                Probe   *inherited)
{
  for (guint i = 0; i < 3; i++)
    turn (fixture);

  return inherited->n_ready == 0 && inherited->n_orphaned == 1 && n_polled == 0;
}

static void
test_fork_iterates (Fixture       *fixture,
                    gconstpointer  data)
{
  Probe probe;
  pid_t pid;
  int fds[2];

  g_test_summary ("In a child that iterates its parent's context the parent's watches are "
                  "orphans.");

  open_probe (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  put_byte (fds[1]);
  qnet_reactor_hold_embedded_context (fixture->reactor);

  pid = fork ();
  if (pid == 0)
    _exit (child_iterates (fixture, &probe) ? 0 : 1);

  wait_for_child (pid);
  turn (fixture);
  g_assert_cmpuint (probe.n_ready, ==, 1);
  qnet_reactor_release_embedded_context (fixture->reactor);
  close_probe (&probe, fds);
}

/* Waits */

static void
test_wait_serves_its_set (Fixture       *fixture,
                          gconstpointer  data)
{
  QnetWaitSet other;
  Probe a, b, c;
  int a_fds[2], b_fds[2];

  g_test_summary ("A wait serves its own set, and leaves the others' to the loop.");

  qnet_wait_set_init (&other, fixture->reactor);
  open_probe (&a, fixture, 'a', QNET_READINESS_READ, a_fds);
  open_probe (&b, fixture, 'b', QNET_READINESS_READ, b_fds);
  a.on_ready = take_byte;
  qnet_watch_clear (&b.watch);
  init_probe (&b, fixture, &other, 'b');
  init_probe (&c, fixture, &other, 'c');
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

  turn (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "AaaCbc");
  close_probe (&a, a_fds);
  close_probe (&b, b_fds);
  qnet_wait_set_clear (&other);
}

static void
test_wait_then_loop (Fixture       *fixture,
                     gconstpointer  data)
{
  Probe a;
  int fds[2];

  g_test_summary ("What a wait left unread the loop tells again, what it read not.");

  open_probe (&a, fixture, 'a', QNET_READINESS_READ, fds);
  put_byte (fds[1]);
  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  turn (fixture);
  g_assert_cmpuint (a.n_ready, ==, 2);

  a.on_ready = take_byte;
  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  assert_quiet (fixture);
  g_assert_cmpuint (a.n_ready, ==, 3);
  close_probe (&a, fds);
}

static void
wait_inside (Probe         *probe,
             QnetReadiness  readiness)
{
  probe->on_ready = take_byte;
  take_byte (probe, readiness);
  put_byte (*(int *) probe->data);
  g_assert_true (qnet_wait_set_iterate (&probe->fixture->set, G_MAXINT64));
}

static void
test_wait_inside_handler (Fixture       *fixture,
                          gconstpointer  data)
{
  Probe a;
  int fds[2];

  g_test_summary ("A handler may wait, called by the loop or by a wait.");

  open_probe (&a, fixture, 'a', QNET_READINESS_READ, fds);
  a.data = &fds[1];

  for (guint i = 0; i < 2; i++)
    {
      a.n_ready = 0;
      a.on_ready = wait_inside;
      put_byte (fds[1]);
      if (i == 0)
        turn (fixture);
      else
        g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
      g_assert_cmpuint (a.n_ready, ==, 2);
      assert_quiet (fixture);
    }

  close_probe (&a, fds);
}

static void
clear_set (Probe         *probe,
           QnetReadiness  readiness)
{
  qnet_wait_set_clear (&probe->fixture->set);
}

static void
test_wait_set_cleared (Fixture       *fixture,
                       gconstpointer  data)
{
  Probe a, b;
  int a_fds[2], b_fds[2];

  g_test_summary ("A handler may end the set for which somebody waits.");

  open_probe (&a, fixture, 'a', QNET_READINESS_WRITE, a_fds);
  open_probe (&b, fixture, 'b', QNET_READINESS_WRITE, b_fds);
  a.on_ready = b.on_ready = clear_set;
  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_cmpuint (a.n_ready + b.n_ready, ==, 1);
  g_assert_false (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));

  close_probe (&a, a_fds);
  close_probe (&b, b_fds);
}

static void
alarm_handler (int number)
{
}

static void
test_wait_interrupted (Fixture       *fixture,
                       gconstpointer  data)
{
  struct itimerval every = { { 0, 2000 }, { 0, 2000 } };
  struct itimerval never = { { 0, 0 }, { 0, 0 } };
  struct sigaction action = { .sa_handler = alarm_handler };
  struct sigaction old;
  gint64 until = qnet_clock_until (20);
  Probe a;
  int fds[2];

  g_test_summary ("Signals of the system neither end a wait nor make it longer.");

  open_probe (&a, fixture, 'a', QNET_READINESS_READ, fds);
  g_assert_no_errno (sigaction (SIGALRM, &action, &old));
  g_assert_no_errno (setitimer (ITIMER_REAL, &every, NULL));
  g_assert_false (qnet_wait_set_iterate (&fixture->set, until));
  g_assert_no_errno (setitimer (ITIMER_REAL, &never, NULL));
  g_assert_no_errno (sigaction (SIGALRM, &old, NULL));

  g_assert_cmpint (qnet_clock_now (), >=, until);
  close_probe (&a, fds);
}

static void
test_wait_for_nothing (Fixture       *fixture,
                       gconstpointer  data)
{
  Probe a;

  g_test_summary ("To wait for ever where nothing can happen ends at once.");

  g_assert_false (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  init_probe (&a, fixture, &fixture->set, 'a');
  qnet_watch_queue_flush (&a.watch);
  g_assert_false (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_cmpstr (fixture->log->str, ==, "A");
  qnet_watch_clear (&a.watch);
}

static gpointer
wait_in_thread (gpointer data)
{
  Fixture fixture = { .reactor = qnet_reactor_get (), .log = g_string_new (NULL) };
  Probe a;
  int fds[2];

  qnet_wait_set_init (&fixture.set, fixture.reactor);
  open_probe (&a, &fixture, 'a', QNET_READINESS_READ, fds);
  a.on_ready = take_byte;

  for (guint i = 0; i < 10; i++)
    {
      qnet_watch_defer (&a.watch);
      put_byte (fds[1]);
      g_assert_true (qnet_wait_set_iterate (&fixture.set, G_MAXINT64));
    }

  g_assert_cmpuint (a.n_ready, ==, 20);
  close_probe (&a, fds);
  qnet_wait_set_clear (&fixture.set);
  qnet_reactor_unref (fixture.reactor);
  g_string_free (fixture.log, TRUE);

  return NULL;
}

static void
test_wait_detached (Fixture       *fixture,
                    gconstpointer  data)
{
  GThread *threads[4];

  g_test_summary ("Waits move detached reactors, in several threads at once.");

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("wait", wait_in_thread, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
add (const char *path,
     void      (*func) (Fixture *, gconstpointer))
{
  const char *backends[] = { "epoll", "poll" };

  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    {
      g_autofree char *full = g_strconcat ("/reactor/", backends[i], path, NULL);

      g_test_add (full, Fixture, backends[i], set_up, func, tear_down);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/one-per-context", test_one_per_context);
  add ("/threads", test_threads);
  add ("/no-descriptor-left", test_no_descriptor_left);
  add ("/level", test_level);
  add ("/interest", test_interest);
  add ("/hangup", test_hangup);
  add ("/half-close", test_half_close);
  add ("/hangup-while-paused", test_hangup_while_paused);
  add ("/no-needless-call", test_no_needless_call);
  add ("/refused", test_refused);
  add ("/plain-file", test_plain_file);
  add ("/closed-descriptor", test_closed_descriptor);
  add ("/thread-default", test_thread_default);
  add ("/cleared-in-own-ready", test_cleared_in_own_ready);
  add ("/cleared-in-anothers-ready", test_cleared_in_anothers_ready);
  add ("/number-reused", test_number_reused);
  add ("/nested/loop", test_nested_loop);
  add ("/nested/turn", test_nested_turn);
  add ("/turn/order", test_order);
  add ("/turn/deferred-again", test_deferred_again);
  add ("/turn/flush-before-sleep", test_flush_before_sleep);
  add ("/turn/stop-takes-back", test_stop_takes_back);
  add ("/fair/flood", test_flood);
  add ("/fair/flood-does-not-sleep", test_flood_does_not_sleep);
  add ("/fair/many", test_many);
  add ("/context/destroyed", test_context_destroyed);
  add ("/context/cleared-while-destroyed", test_cleared_while_destroyed);
  add ("/context/orphan-waits", test_orphan_waits);
  add ("/fork/child", test_fork);
  add ("/fork/child-iterates", test_fork_iterates);
  add ("/wait/serves-its-set", test_wait_serves_its_set);
  add ("/wait/then-loop", test_wait_then_loop);
  add ("/wait/inside-handler", test_wait_inside_handler);
  add ("/wait/set-cleared", test_wait_set_cleared);
  add ("/wait/interrupted", test_wait_interrupted);
  add ("/wait/for-nothing", test_wait_for_nothing);
  add ("/wait/detached", test_wait_detached);

  return g_test_run ();
}
