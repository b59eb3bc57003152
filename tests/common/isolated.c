/* isolated.c: tests that may crash or hang, each in a process and with a time limit of its own
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/isolated.h"

#include <gio/gio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How much longer the long rounds may take, and a program with a sanitizer */
#define LONG_FACTOR 30
#if defined (__SANITIZE_THREAD__) || defined (__SANITIZE_ADDRESS__)
#define SLOWNESS 6
#elif defined (__has_feature)
#if __has_feature (thread_sanitizer) || __has_feature (address_sanitizer)
#define SLOWNESS 6
#else
#define SLOWNESS 1
#endif
#else
#define SLOWNESS 1
#endif

#if SLOWNESS > 1

/* ThreadSanitizer sleeps for a second before each process ends. A weak symbol of it. */
const char *__tsan_default_options (void);

const char *
__tsan_default_options (void)
{
  return "atexit_sleep_ms=0";
}

#endif

typedef struct
{
  char         *path;
  guint         limit;
  GTestDataFunc func;
  gpointer      data;
} Test;

static const char *program;
static GSList *tests;     /* all of them, so that those that do not run are no leak */
static gboolean is_long;
static gboolean is_here;
static guint n_rounds;
static guint n_counted_rounds;   /* atomic: of this process, and of those that it has run */
static guint n_counted_threads;  /* atomic: the same */
static const char *now;   /* atomic */
static guint now_number;  /* atomic */

gboolean
isolated_is_long (void)
{
  return is_long;
}

guint
isolated_rounds (guint n_short,
                 guint n_long)
{
  if (n_rounds > 0)
    return n_rounds;

  return is_long ? n_long : n_short;
}

void
isolated_count_round (void)
{
  g_atomic_int_inc (&n_counted_rounds);
}

void
isolated_count_thread (void)
{
  g_atomic_int_inc (&n_counted_threads);
}

void
isolated_step (const char *step,
               guint       number)
{
  g_atomic_pointer_set (&now, (gpointer) step);
  g_atomic_int_set (&now_number, number);
}

/* In the process of the test */

/* The path of the test that runs, for the handler of SIGALRM */
static char running[256];

static void
print (const char *text)
{
  if (write (STDERR_FILENO, text, strlen (text)) < 0)
    return;
}

/* A handler, not a thread: it also ends a process whose threads all wait for one lock. */
static void
time_over_cb (int signal_number)
{
  const char *step = g_atomic_pointer_get (&now);
  guint number = (guint) g_atomic_int_get (&now_number);
  char digits[12];
  char *digit = digits + sizeof digits - 1;

  for (*digit = '\0'; digit == digits + sizeof digits - 1 || number > 0; number /= 10)
    *--digit = (char) ('0' + number % 10);

  print ("# ");
  print (running);
  print (": the time is over, while: ");
  print (step != NULL ? step : "starting");
  print (" ");
  print (digit);
  print ("\n");

  abort ();
}

static guint
get_limit (const Test *test)
{
  const char *limit = g_getenv ("QNET_TEST_LIMIT");

  if (limit != NULL)
    return (guint) atoi (limit);

  return test->limit * (is_long ? LONG_FACTOR : 1) * SLOWNESS;
}

#define COUNTS "# counted: %u rounds, %u threads\n"

static void
run_here (const Test *test)
{
  g_strlcpy (running, test->path, sizeof running);
  isolated_step ("starting", 0);
  signal (SIGALRM, time_over_cb);
  alarm (get_limit (test));
  test->func (test->data);
  alarm (0);
  g_print (COUNTS, n_counted_rounds, n_counted_threads);
}

/* In the process that runs the others */

static char *
describe_end (GSubprocess *process)
{
  if (g_subprocess_get_if_signaled (process))
    return g_strdup_printf ("ended by signal %d", g_subprocess_get_term_sig (process));

  return g_strdup_printf ("exit status %d", g_subprocess_get_exit_status (process));
}

static void
skip_if_skipped (const char *output)
{
  const char *mark = strstr (output, "# SKIP ");

  if (mark != NULL)
    {
      g_autofree char *reason = g_strndup (mark + 7, strcspn (mark + 7, "\n"));

      g_test_skip (reason);
    }
}

static void
add_counts (const char *output)
{
  const char *counts = strstr (output, "# counted: ");
  guint n_test_rounds, n_test_threads;

  if (counts == NULL || sscanf (counts, COUNTS, &n_test_rounds, &n_test_threads) != 2)
    return;

  n_counted_rounds += n_test_rounds;
  n_counted_threads += n_test_threads;
}

static void
run_apart (const Test *test)
{
  g_autofree char *rounds = g_strdup_printf ("--rounds=%u", n_rounds);
  g_autofree char *output = NULL;
  g_autofree char *end = NULL;
  GError *error = NULL;
  g_autoptr(GSubprocess) process
    = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--here", rounds, "-p",
                        test->path, "--tap", is_long ? "--long" : NULL, NULL);

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  add_counts (output);

  if (g_subprocess_get_successful (process))
    {
      skip_if_skipped (output);
      return;
    }

  end = describe_end (process);
  g_test_message ("%s: %s; alone: %s --here -p %s", test->path, end, program, test->path);
  g_test_fail ();
}

/* All */

static void
run_test (gconstpointer data)
{
  const Test *test = data;

  if (is_here)
    run_here (test);
  else
    run_apart (test);
}

static gboolean
take_option (const char *option)
{
  if (g_str_equal (option, "--long"))
    is_long = TRUE;
  else if (g_str_equal (option, "--here"))
    is_here = TRUE;
  else if (g_str_has_prefix (option, "--rounds="))
    n_rounds = (guint) atoi (option + strlen ("--rounds="));
  else
    return FALSE;

  return TRUE;
}

void
isolated_init (int    *argc,
               char ***argv)
{
  int n_left = 0;

  program = (*argv)[0];
  for (int i = 0; i < *argc; i++)
    if (i == 0 || !take_option ((*argv)[i]))
      (*argv)[n_left++] = (*argv)[i];

  (*argv)[n_left] = NULL;
  *argc = n_left;

  g_test_init (argc, argv, NULL);
  if (!is_here)
    g_test_set_nonfatal_assertions ();  /* nor is a failed test the end of the others */
}

int
isolated_run (void)
{
  int status = g_test_run ();

  if (!is_here)
    g_print ("# in all: %u rounds, which started %u threads\n", n_counted_rounds,
             n_counted_threads);

  return status;
}

void
isolated_add (const char   *path,
              guint         limit,
              GTestDataFunc func,
              gpointer      data)
{
  Test *test = g_new (Test, 1);

  *test = (Test) { g_strdup (path), limit, func, data };
  tests = g_slist_prepend (tests, test);
  g_test_add_data_func (path, test, run_test);
}
