/* test-deadline.c: what falls due, and when
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "loop/qnet-reactor-backend-private.h"

#define N_MANY 500

typedef struct _Alarm Alarm;

/* A deadline that notes when it rang. */
struct _Alarm
{
  QnetDeadline   deadline;
  GString       *log;        /* names, in the order of ringing */
  char           name;
  void         (*hook) (Alarm *alarm);
  Alarm         *other;
};

typedef struct
{
  GMainContext *context;  /* (owned) */
  QnetReactor  *reactor;  /* (owned) */
  QnetWaitSet   set;
  GString      *log;      /* (owned) */
} Fixture;

static gint64 fake_now;

static gint64
fake_clock (void)
{
  return fake_now;
}

static void
rang_cb (QnetDeadline *deadline)
{
  Alarm *alarm = (Alarm *) deadline;

  g_assert_false (qnet_deadline_is_running (deadline));
  g_string_append_c (alarm->log, alarm->name);

  if (alarm->hook != NULL)
    alarm->hook (alarm);
}

static void
init_alarm (Alarm       *alarm,
            QnetWaitSet *set,
            GString     *log,
            char         name)
{
  *alarm = (Alarm) { .log = log, .name = name };
  qnet_deadline_init (&alarm->deadline, rang_cb, set);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fake_now = 1000000;
  qnet_clock_set_for_tests (fake_clock);

  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->reactor = qnet_reactor_get ();
  qnet_wait_set_init (&fixture->set, fixture->reactor);
  fixture->log = g_string_new (NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  qnet_wait_set_clear (&fixture->set);
  g_assert_false (g_main_context_iteration (fixture->context, FALSE));
  g_clear_pointer (&fixture->reactor, qnet_reactor_unref);
  g_main_context_pop_thread_default (fixture->context);
  g_clear_pointer (&fixture->context, g_main_context_unref);
  g_string_free (fixture->log, TRUE);
  qnet_clock_set_for_tests (NULL);
}

static void
iterate (Fixture *fixture)
{
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  Alarm a, b, c;

  g_test_summary ("Deadlines fall due in the order of their time, and not before it.");

  init_alarm (&a, &fixture->set, fixture->log, 'a');
  init_alarm (&b, &fixture->set, fixture->log, 'b');
  init_alarm (&c, &fixture->set, fixture->log, 'c');
  qnet_deadline_start (&c.deadline, fake_now + 30);
  qnet_deadline_start (&a.deadline, fake_now + 10);
  qnet_deadline_start (&b.deadline, fake_now + 20);

  iterate (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "");

  fake_now += 20;
  iterate (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "ab");
  g_assert_true (qnet_deadline_is_running (&c.deadline));

  fake_now += 10;
  iterate (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "abc");
}

static void
test_moved (Fixture       *fixture,
            gconstpointer  data)
{
  Alarm a, b;

  g_test_summary ("A running deadline that is started again moves, to earlier and to later.");

  init_alarm (&a, &fixture->set, fixture->log, 'a');
  init_alarm (&b, &fixture->set, fixture->log, 'b');
  qnet_deadline_start (&a.deadline, fake_now + 10);
  qnet_deadline_start (&b.deadline, fake_now + 20);
  qnet_deadline_start (&a.deadline, fake_now + 40);
  qnet_deadline_start (&b.deadline, fake_now + 5);

  fake_now += 30;
  iterate (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "b");

  fake_now += 10;
  iterate (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "ba");
}

static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree Alarm *alarms = g_new (Alarm, N_MANY);
  gint64 last = 0;
  guint n_running = 0;

  g_test_summary ("The first deadline is on top whatever is started, moved and stopped.");

  for (guint i = 0; i < N_MANY; i++)
    {
      init_alarm (&alarms[i], &fixture->set, fixture->log, 'x');
      qnet_deadline_start (&alarms[i].deadline, fake_now + g_test_rand_int_range (0, 1000));
    }

  for (guint i = 0; i < N_MANY; i += 2)
    qnet_deadline_start (&alarms[i].deadline, fake_now + g_test_rand_int_range (0, 1000));

  for (guint i = 0; i < N_MANY; i += 3)
    qnet_deadline_stop (&alarms[i].deadline);

  for (guint i = 0; i < N_MANY; i++)
    n_running += qnet_deadline_is_running (&alarms[i].deadline);

  for (; n_running > 0; n_running--)
    {
      QnetDeadline *first = qnet_reactor_get_first_deadline (fixture->reactor);

      g_assert_cmpint (first->due, >=, last);
      last = first->due;
      qnet_deadline_stop (first);
    }

  g_assert_null (qnet_reactor_get_first_deadline (fixture->reactor));
  g_assert_null (fixture->set.deadlines);
}

static void
stop_other (Alarm *alarm)
{
  qnet_deadline_stop (&alarm->other->deadline);
}

static void
test_stopped_by_another (Fixture       *fixture,
                         gconstpointer  data)
{
  Alarm a, b;

  g_test_summary ("A deadline that another one's function stops does not fall due any more.");

  init_alarm (&a, &fixture->set, fixture->log, 'a');
  init_alarm (&b, &fixture->set, fixture->log, 'b');
  a.hook = stop_other;
  a.other = &b;
  qnet_deadline_start (&a.deadline, fake_now);
  qnet_deadline_start (&b.deadline, fake_now);
  qnet_deadline_start (&b.deadline, fake_now + 1);

  fake_now += 2;
  iterate (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "a");
  qnet_deadline_stop (&b.deadline);
}

static void
start_again (Alarm *alarm)
{
  if (alarm->log->len < 3)
    qnet_deadline_start (&alarm->deadline, fake_now + 10);
}

static void
test_started_again (Fixture       *fixture,
                    gconstpointer  data)
{
  Alarm a;

  g_test_summary ("A deadline's function may start it again.");

  init_alarm (&a, &fixture->set, fixture->log, 'a');
  a.hook = start_again;
  qnet_deadline_start (&a.deadline, fake_now);

  for (guint i = 0; i < 5; i++)
    {
      iterate (fixture);
      fake_now += 10;
    }

  g_assert_cmpstr (fixture->log->str, ==, "aaa");
}

static void
clear_set (Alarm *alarm)
{
  qnet_wait_set_clear (alarm->deadline.set);
}

static void
test_set_cleared (Fixture       *fixture,
                  gconstpointer  data)
{
  QnetWaitSet set;
  Alarm a, b;

  g_test_summary ("A deadline's function may end the whole set, in the loop and in a wait.");

  for (guint i = 0; i < 2; i++)
    {
      qnet_wait_set_init (&set, fixture->reactor);
      init_alarm (&a, &set, fixture->log, 'a');
      init_alarm (&b, &set, fixture->log, 'b');
      a.hook = clear_set;
      qnet_deadline_start (&b.deadline, fake_now);
      qnet_deadline_start (&a.deadline, fake_now - 1);

      if (i == 0)
        iterate (fixture);
      else
        g_assert_true (qnet_wait_set_iterate (&set, fake_now));

      g_assert_false (qnet_wait_set_iterate (&set, G_MAXINT64));
    }

  g_assert_cmpstr (fixture->log->str, ==, "aa");
}

static void
test_wait (Fixture       *fixture,
           gconstpointer  data)
{
  QnetWaitSet other;
  Alarm a, b;

  g_test_summary ("A wait serves the deadlines of its own set alone.");

  qnet_wait_set_init (&other, fixture->reactor);
  init_alarm (&a, &fixture->set, fixture->log, 'a');
  init_alarm (&b, &other, fixture->log, 'b');
  qnet_deadline_start (&a.deadline, fake_now);
  qnet_deadline_start (&b.deadline, fake_now - 1);

  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_cmpstr (fixture->log->str, ==, "a");
  g_assert_false (qnet_wait_set_iterate (&fixture->set, fake_now));

  iterate (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "ab");
  qnet_wait_set_clear (&other);
}

static void
test_wakes_the_loop (Fixture       *fixture,
                     gconstpointer  data)
{
  Alarm a;
  gint64 begin;

  g_test_summary ("The loop sleeps until the first deadline, and no longer.");

  qnet_clock_set_for_tests (NULL);
  begin = qnet_clock_now ();
  init_alarm (&a, &fixture->set, fixture->log, 'a');
  qnet_deadline_start (&a.deadline, qnet_clock_until (5));

  while (fixture->log->len == 0)
    g_main_context_iteration (fixture->context, TRUE);

  g_assert_cmpint (qnet_clock_now () - begin, >=, 5000);
}

static void
test_clock (void)
{
  g_test_summary ("Time left is rounded up to milliseconds, and may be endless.");

  g_assert_cmpint (qnet_clock_get_timeout (100, 100), ==, 0);
  g_assert_cmpint (qnet_clock_get_timeout (100, 50), ==, 0);
  g_assert_cmpint (qnet_clock_get_timeout (100, 101), ==, 1);
  g_assert_cmpint (qnet_clock_get_timeout (100, 1100), ==, 1);
  g_assert_cmpint (qnet_clock_get_timeout (100, 1101), ==, 2);
  g_assert_cmpint (qnet_clock_get_timeout (100, G_MAXINT64 - 1), ==, G_MAXINT);
  g_assert_cmpint (qnet_clock_get_timeout (100, G_MAXINT64), ==, -1);

  fake_now = 7000;
  qnet_clock_set_for_tests (fake_clock);
  g_assert_cmpint (qnet_clock_until (3), ==, 10000);
  g_assert_cmpint (qnet_clock_until (0), ==, 7000);
  g_assert_cmpint (qnet_clock_until (-1), ==, G_MAXINT64);
  qnet_clock_set_for_tests (NULL);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/deadline/clock", test_clock);
  ADD ("/deadline/order", test_order);
  ADD ("/deadline/moved", test_moved);
  ADD ("/deadline/many", test_many);
  ADD ("/deadline/stopped-by-another", test_stopped_by_another);
  ADD ("/deadline/started-again", test_started_again);
  ADD ("/deadline/set-cleared", test_set_cleared);
  ADD ("/deadline/wait", test_wait);
  ADD ("/deadline/wakes-the-loop", test_wakes_the_loop);

  return g_test_run ();
}
