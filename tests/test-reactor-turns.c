/* test-reactor-turns.c: the order of a turn, and its fairness
 *
 * Each test runs on both backends.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/reactor-fixture.h"
#include "loop/qnet-reactor-backend-private.h"

#define N_MANY 2000

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
test_order (ReactorFixture *fixture,
            gconstpointer   data)
{
  QnetDeadline deadline;
  Probe a;
  int fds[2];

  g_test_summary ("One dispatch: events, what they wrote, what they deferred, deadlines, "
                  "what those wrote.");

  probe_open (&a, fixture, 'a', QNET_READINESS_WRITE, fds);
  a.on_ready = write_and_defer;
  qnet_deadline_init (&deadline, rang_cb, &fixture->set);
  qnet_deadline_start (&deadline, qnet_clock_now ());

  reactor_fixture_turn (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "aAa!A");
  reactor_fixture_assert_quiet (fixture);
  probe_close (&a, fds);
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
test_deferred_again (ReactorFixture *fixture,
                     gconstpointer   data)
{
  Probe a, b;

  g_test_summary ("Deferrals need no descriptor, come in order, and one from a deferral "
                  "comes a turn later.");

  probe_init (&a, fixture, &fixture->set, 'a');
  probe_init (&b, fixture, &fixture->set, 'b');
  a.on_ready = defer_again;
  qnet_watch_defer (&a.watch);
  qnet_watch_defer (&b.watch);
  qnet_watch_defer (&a.watch);

  reactor_fixture_turn (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "ab");
  reactor_fixture_turn (fixture);
  reactor_fixture_turn (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "abaa");
  reactor_fixture_assert_quiet (fixture);
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
test_flush_before_sleep (ReactorFixture *fixture,
                         gconstpointer   data)
{
  Probe a;

  g_test_summary ("What is written outside of a dispatch is sent once, before the loop sleeps.");

  probe_init (&a, fixture, &fixture->set, 'a');
  qnet_watch_queue_flush (&a.watch);
  qnet_watch_queue_flush (&a.watch);
  g_assert_false (g_main_context_iteration (fixture->context, FALSE));
  g_assert_cmpstr (fixture->log->str, ==, "A");

  /* What is queued by a flush waits for the next one, and what it defers for a dispatch. */
  a.on_flush = defer_after_flush;
  qnet_watch_queue_flush (&a.watch);
  reactor_fixture_turn (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "AAAa");
  qnet_watch_clear (&a.watch);
}

static void
test_stop_takes_back (ReactorFixture *fixture,
                      gconstpointer   data)
{
  Probe a;

  g_test_summary ("With a watch go its deferral and its flush.");

  probe_init (&a, fixture, &fixture->set, 'a');
  qnet_watch_queue_flush (&a.watch);
  qnet_watch_defer (&a.watch);
  qnet_watch_stop (&a.watch);
  reactor_fixture_assert_quiet (fixture);

  qnet_watch_clear (&a.watch);
  qnet_watch_queue_flush (&a.watch);
  qnet_watch_defer (&a.watch);
  reactor_fixture_assert_quiet (fixture);
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
  reactor_fixture_now += 1000;
}

static void
test_flood (ReactorFixture *fixture,
            gconstpointer   data)
{
  g_autoptr(GSource) idle = g_idle_source_new ();
  Probe probe;
  guint n_idles = 0;
  int fds[2];

  g_test_summary ("While a peer floods, an idle runs once for eight milliseconds of dispatches.");

  qnet_clock_set_for_tests (reactor_fixture_clock);
  g_source_set_callback (idle, count_cb, &n_idles, NULL);
  g_source_attach (idle, fixture->context);
  probe_open (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  probe.on_ready = spend_time;
  put_byte (fds[1]);

  for (guint i = 0; i < 90; i++)
    reactor_fixture_turn (fixture);

  g_assert_cmpuint (n_idles, ==, 10);
  g_assert_cmpuint (probe.n_ready, ==, 80);

  probe_close (&probe, fds);
  g_source_destroy (idle);
}

static void
test_flood_does_not_sleep (ReactorFixture *fixture,
                           gconstpointer   data)
{
  Probe probe;

  g_test_summary ("The loop does not sleep while the reactor lets others go first.");

  qnet_clock_set_for_tests (reactor_fixture_clock);
  probe_init (&probe, fixture, &fixture->set, 'a');

  for (guint i = 0; i < 8; i++)
    {
      probe.on_ready = spend_time;
      qnet_watch_defer (&probe.watch);
      reactor_fixture_turn (fixture);
    }

  qnet_watch_defer (&probe.watch);
  g_assert_false (g_main_context_iteration (fixture->context, TRUE));
  g_assert_true (g_main_context_iteration (fixture->context, TRUE));
  g_assert_cmpuint (probe.n_ready, ==, 9);
  qnet_watch_clear (&probe.watch);
}

/* A source of the reactor's priority: a timer, or a source of another library. */
typedef struct
{
  GSource  source;
  Probe   *probe;
  guint    n_prepared;     /* of the probe's events, in prepare */
  guint    n_seen;         /* the same of the last dispatch: it is ready after each event */
  gboolean is_always_ready;
  guint    n_ready;        /* iterations for which it is ready once more, each of 20 ms */
  gboolean defers;         /* the probe's next event */
} Neighbour;

static gboolean
neighbour_prepare (GSource *source,
                   int     *timeout)
{
  Neighbour *neighbour = (Neighbour *) source;

  neighbour->n_prepared = neighbour->probe->n_ready;

  return neighbour->is_always_ready || neighbour->n_ready > 0
         || neighbour->n_prepared != neighbour->n_seen;
}

static gboolean
neighbour_dispatch (GSource     *source,
                    GSourceFunc  callback,
                    gpointer     user_data)
{
  Neighbour *neighbour = (Neighbour *) source;

  neighbour->n_seen = neighbour->n_prepared;
  reactor_fixture_now += neighbour->n_ready > 0 ? 20 * 1000 : 1000;
  if (neighbour->n_ready > 0)
    neighbour->n_ready--;
  if (neighbour->defers)
    qnet_watch_defer (&neighbour->probe->watch);

  return G_SOURCE_CONTINUE;
}

static Neighbour *
add_neighbour (ReactorFixture *fixture,
               Probe          *probe)
{
  static GSourceFuncs funcs = { neighbour_prepare, NULL, neighbour_dispatch, NULL, NULL, NULL };
  Neighbour *neighbour = (Neighbour *) g_source_new (&funcs, sizeof (Neighbour));

  neighbour->probe = probe;
  g_source_attach (&neighbour->source, fixture->context);

  return neighbour;
}

static void
remove_neighbour (Neighbour *neighbour)
{
  g_source_destroy (&neighbour->source);
  g_source_unref (&neighbour->source);
}

static GSource *
add_idle (ReactorFixture *fixture,
          int             priority,
          guint          *n_idles)
{
  GSource *idle = g_idle_source_new ();

  g_source_set_priority (idle, priority);
  g_source_set_callback (idle, count_cb, n_idles, NULL);
  g_source_attach (idle, fixture->context);

  return idle;
}

static void
test_flood_and_neighbour (ReactorFixture *fixture,
                          gconstpointer   data)
{
  Neighbour *neighbour;
  Probe probe;
  guint n_idles = 0;
  GSource *idle;
  int fds[2];

  g_test_summary ("Another source that is ready after each dispatch of a flood does not keep lower "
                  "priorities from running, whatever their priority is.");

  qnet_clock_set_for_tests (reactor_fixture_clock);
  idle = add_idle (fixture, G_PRIORITY_LOW, &n_idles);
  probe_open (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  probe.on_ready = spend_time;
  put_byte (fds[1]);
  neighbour = add_neighbour (fixture, &probe);

  while (probe.n_ready < 80)
    reactor_fixture_turn (fixture);

  g_assert_cmpuint (n_idles, >=, 9);
  g_assert_cmpuint (n_idles, <=, 10);

  remove_neighbour (neighbour);
  probe_close (&probe, fds);
  g_source_destroy (idle);
  g_source_unref (idle);
}

static void
test_flood_with_gaps (ReactorFixture *fixture,
                      gconstpointer   data)
{
  Neighbour *neighbour;
  Probe probe;
  guint n_idles = 0;
  GSource *idle;

  g_test_summary ("Work is counted although there is nothing to do in some iterations, as long as "
                  "another source takes those.");

  qnet_clock_set_for_tests (reactor_fixture_clock);
  idle = add_idle (fixture, G_PRIORITY_DEFAULT_IDLE, &n_idles);
  probe_init (&probe, fixture, &fixture->set, 'a');
  probe.on_ready = spend_time;
  qnet_watch_defer (&probe.watch);
  neighbour = add_neighbour (fixture, &probe);
  neighbour->defers = TRUE;

  while (probe.n_ready < 80)
    reactor_fixture_turn (fixture);

  g_assert_cmpuint (n_idles, >=, 9);
  g_assert_cmpuint (n_idles, <=, 10);

  remove_neighbour (neighbour);
  qnet_watch_clear (&probe.watch);
  g_source_destroy (idle);
  g_source_unref (idle);
}

static void
test_busy_neighbour (ReactorFixture *fixture,
                     gconstpointer   data)
{
  Neighbour *neighbour;
  Probe probe;
  int fds[2];

  g_test_summary ("A source of the same priority that is always ready does not block the reactor.");

  qnet_clock_set_for_tests (reactor_fixture_clock);
  probe_open (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  probe.on_ready = spend_time;
  put_byte (fds[1]);
  neighbour = add_neighbour (fixture, &probe);
  neighbour->is_always_ready = TRUE;

  for (guint i = 0; i < 240; i++)
    reactor_fixture_turn (fixture);

  g_assert_cmpuint (probe.n_ready, >=, 72);  /* 8 ms of at most 8 + 16 */

  remove_neighbour (neighbour);
  probe_close (&probe, fds);
}

static void
test_long_neighbour (ReactorFixture *fixture,
                     gconstpointer   data)
{
  Neighbour *neighbour;
  Probe probe;
  guint n_idles = 0;
  GSource *idle;
  int fds[2];

  g_test_summary ("Lower priorities run although a few iterations of another source take long.");

  qnet_clock_set_for_tests (reactor_fixture_clock);
  idle = add_idle (fixture, G_PRIORITY_DEFAULT_IDLE, &n_idles);
  probe_open (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  probe.on_ready = spend_time;
  put_byte (fds[1]);
  neighbour = add_neighbour (fixture, &probe);

  while (!fixture->reactor->yields)
    reactor_fixture_turn (fixture);

  neighbour->n_ready = 3;
  while (n_idles == 0)
    reactor_fixture_turn (fixture);

  g_assert_cmpuint (probe.n_ready, ==, 8);

  remove_neighbour (neighbour);
  probe_close (&probe, fds);
  g_source_destroy (idle);
  g_source_unref (idle);
}

static void
test_orphan_while_yielding (ReactorFixture *fixture,
                            gconstpointer   data)
{
  Probe probe;
  int fds[2];

  g_test_summary ("A context can be freed while the reactor leaves an iteration to others.");

  qnet_clock_set_for_tests (reactor_fixture_clock);
  probe_open (&probe, fixture, 'a', QNET_READINESS_READ, fds);
  probe.on_ready = spend_time;
  put_byte (fds[1]);

  while (!fixture->reactor->yields)
    reactor_fixture_turn (fixture);

  g_clear_pointer (&fixture->context, g_main_context_unref);
  g_assert_null (fixture->reactor->yield);
  g_assert_cmpuint (probe.n_orphaned, ==, 1);

  close (fds[0]);
  close (fds[1]);
}

#define N_CROWD 100

static void
test_crowd (ReactorFixture *fixture,
            gconstpointer   data)
{
  g_autoptr(GSource) idle = g_idle_source_new ();
  Probe probes[N_CROWD];
  guint n_idles = 0;

  g_test_summary ("When many want to begin at once, an idle runs after each eight milliseconds of "
                  "them.");

  qnet_clock_set_for_tests (reactor_fixture_clock);
  g_source_set_callback (idle, count_cb, &n_idles, NULL);
  g_source_attach (idle, fixture->context);

  for (guint i = 0; i < N_CROWD; i++)
    {
      probe_init (&probes[i], fixture, &fixture->set, 'a');
      probes[i].on_ready = spend_time;
      qnet_watch_defer (&probes[i].watch);
    }

  while (probes[N_CROWD - 1].n_ready == 0)
    reactor_fixture_turn (fixture);

  g_assert_cmpuint (n_idles, >=, N_CROWD / 8);

  for (guint i = 0; i < N_CROWD; i++)
    {
      g_assert_cmpuint (probes[i].n_ready, ==, 1);
      qnet_watch_clear (&probes[i].watch);
    }

  g_source_destroy (idle);
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
test_many (ReactorFixture *fixture,
           gconstpointer   data)
{
  guint n_probes = raise_limit (N_MANY);
  g_autofree Probe *probes = g_new (Probe, n_probes);
  guint n_notified = 0;
  int fds[2];

  g_test_summary ("Among many watches only the one that is ready is called; and all are called "
                  "when all are ready.");

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM, 0, fds));

  for (guint i = 0; i < n_probes; i++)
    {
      probe_init (&probes[i], fixture, &fixture->set, 'a');
      qnet_watch_start (&probes[i].watch, fcntl (fds[0], F_DUPFD_CLOEXEC, 0), QNET_READINESS_READ);
    }

  reactor_fixture_assert_quiet (fixture);
  qnet_watch_set_interest (&probes[n_probes / 2].watch, QNET_READINESS_WRITE);
  reactor_fixture_turn (fixture);
  g_assert_cmpuint (fixture->log->len, ==, 1);
  g_assert_cmpuint (probes[n_probes / 2].n_ready, ==, 1);
  qnet_watch_set_interest (&probes[n_probes / 2].watch, QNET_READINESS_READ);

  put_byte (fds[1]);
  for (guint i = 0; i <= n_probes / QNET_MAX_EVENTS + 1; i++)
    reactor_fixture_turn (fixture);
  for (guint i = 0; i < n_probes; i++)
    n_notified += probes[i].n_ready > 0;
  g_assert_cmpuint (n_notified, ==, n_probes);

  for (guint i = n_probes; i-- > 0; )
    {
      int fd = probes[i].watch.fd;

      qnet_watch_clear (&probes[i].watch);
      close (fd);
    }

  close (fds[0]);
  close (fds[1]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  reactor_fixture_add ("/reactor-turns", "/turn/order", test_order);
  reactor_fixture_add ("/reactor-turns", "/turn/deferred-again", test_deferred_again);
  reactor_fixture_add ("/reactor-turns", "/turn/flush-before-sleep", test_flush_before_sleep);
  reactor_fixture_add ("/reactor-turns", "/turn/stop-takes-back", test_stop_takes_back);
  reactor_fixture_add ("/reactor-turns", "/fair/flood", test_flood);
  reactor_fixture_add ("/reactor-turns", "/fair/flood-does-not-sleep", test_flood_does_not_sleep);
  reactor_fixture_add ("/reactor-turns", "/fair/flood-and-neighbour", test_flood_and_neighbour);
  reactor_fixture_add ("/reactor-turns", "/fair/flood-with-gaps", test_flood_with_gaps);
  reactor_fixture_add ("/reactor-turns", "/fair/busy-neighbour", test_busy_neighbour);
  reactor_fixture_add ("/reactor-turns", "/fair/long-neighbour", test_long_neighbour);
  reactor_fixture_add ("/reactor-turns", "/fair/orphan-while-yielding", test_orphan_while_yielding);
  reactor_fixture_add ("/reactor-turns", "/fair/crowd", test_crowd);
  reactor_fixture_add ("/reactor-turns", "/fair/many", test_many);

  return g_test_run ();
}
