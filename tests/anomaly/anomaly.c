/* anomaly.c: each system call of a scenario fails in turn
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "anomaly.h"

/* No scenario makes as many calls of one kind. */
#define MAX_CALLS 200

/* Seconds until a scenario counts as hanging. */
#define PATIENCE 20

/* The call that fails; for the fault function, which takes no data */
static QnetSyscall failing_call;
static int         failing_outcome;
static guint       n_until_failure;
static gboolean    has_failed;

static int
fail_once (QnetSyscall call)
{
  if (call != failing_call || has_failed || n_until_failure-- > 0)
    return 0;

  has_failed = TRUE;

  return failing_outcome;
}

static void
begin (QnetSyscall call,
       int         outcome,
       guint       n_before)
{
  failing_call = call;
  failing_outcome = outcome;
  n_until_failure = n_before;
  has_failed = FALSE;
  qnet_syscall_fault = fail_once;
}

gboolean
anomaly_end (void)
{
  qnet_syscall_fault = NULL;

  return has_failed;
}

/* Returns how many rounds there were with a failure. */
static guint
run_outcome (QnetSyscall   call,
             int           outcome,
             AnomalyRound  round,
             gconstpointer data)
{
  for (guint n = 0; n < MAX_CALLS; n++)
    {
      begin (call, outcome, n);
      round (data);

      if (!anomaly_end ())
        return n;
    }

  g_assert_not_reached ();
}

void
anomaly_run (const Anomaly *anomaly,
             AnomalyRound   round,
             gconstpointer  data)
{
  guint n_rounds = 0;

  for (const int *outcome = anomaly->outcomes; *outcome != 0; outcome++)
    n_rounds += run_outcome (anomaly->call, *outcome, round, data);

  g_test_message ("%u rounds", n_rounds);

  /* The portable reactor does not call epoll. */
  if (n_rounds == 0)
    g_test_skip ("the scenario does not make that call here");
}

void
anomaly_add_tests (const char    *path,
                   const Anomaly *anomalies,
                   gsize          n,
                   GTestDataFunc  func)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *whole = g_strconcat (path, "/", anomalies[i].name, NULL);

      g_test_add_data_func (whole, &anomalies[i], func);
    }
}

static gboolean
timed_out_cb (gpointer data)
{
  g_assert_not_reached ();

  return G_SOURCE_REMOVE;
}

void
anomaly_iterate_until (GMainContext *context,
                       gboolean    (*is_over) (gpointer data),
                       gpointer      data)
{
  g_autoptr(GSource) source = g_timeout_source_new_seconds (PATIENCE);

  g_source_set_callback (source, timed_out_cb, NULL, NULL);
  g_source_attach (source, context);

  while (!is_over (data))
    g_main_context_iteration (context, TRUE);

  g_source_destroy (source);
}
