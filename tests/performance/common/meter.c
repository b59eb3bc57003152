/* meter.c: counts answers, first to warm up, then for the result
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "meter.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { WARMING_UP, CATCHING_UP, MEASURING };

static struct
{
  const MeterTask       *task;
  int                    phase;
  long                   done;        /* in this phase */
  long                   total;       /* since the line was read */
  long                   lost;
  int64_t                began;       /* microseconds */
  volatile sig_atomic_t  is_time_up;
} meter;

static int64_t
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);

  return (int64_t) time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

void
meter_fail (const char *what)
{
  fprintf (stderr, "%s: %s\n", what, strerror (errno));
  _exit (1);
}

/* Options */

static void
usage (const char *program)
{
  fprintf (stderr,
           "Usage: %s [-a ACTIVE] [-i IDLE] [-t] [-w WARM-UP] [-s SECONDS] [-n REQUESTS]"
           " [-b BULK-SIZE] WORKLOAD ADDRESS\n",
           program);
  exit (2);
}

static void
set_option (MeterTask  *task,
            int         option,
            const char *program)
{
  switch (option)
    {
    case 'a': task->active = atoi (optarg); break;
    case 'i': task->idle = atoi (optarg); break;
    case 't': task->touch = 1; break;
    case 'w': task->warm_up = atof (optarg); break;
    case 's': task->seconds = atof (optarg); break;
    case 'n': task->requests = atol (optarg); break;
    case 'b': task->bulk_size = strtoull (optarg, NULL, 10); break;
    default: usage (program);
    }
}

static void
time_up_cb (int number)
{
  meter.is_time_up = 1;
}

void
meter_parse (MeterTask  *task,
             int         argc,
             char      **argv)
{
  struct sigaction action = { .sa_handler = time_up_cb, .sa_flags = SA_RESTART };
  int option;

  *task = (MeterTask) { .active = 1, .warm_up = 0.3, .seconds = 1 };
  while ((option = getopt (argc, argv, "a:i:tw:s:n:b:")) != -1)
    set_option (task, option, argv[0]);

  if (optind + 2 != argc)
    usage (argv[0]);

  task->workload = argv[optind];
  task->address = argv[optind + 1];

  prctl (PR_SET_PDEATHSIG, SIGTERM);
  sigaction (SIGALRM, &action, NULL);
  meter.task = task;
}

unsigned
meter_port (const MeterTask *task)
{
  return (unsigned) atoi (task->address);
}

/* Counting */

void
meter_start (void)
{
  double seconds = meter.phase == MEASURING ? meter.task->seconds : meter.task->warm_up;
  struct itimerval timer = { .it_value.tv_sec = (time_t) seconds };

  meter.done = 0;
  meter.is_time_up = seconds <= 0;
  meter.began = now ();

  /* A signal costs nothing per answer, a clock does. */
  timer.it_value.tv_usec = (suseconds_t) ((seconds - (double) timer.it_value.tv_sec) * 1e6);
  if (meter.task->requests == 0 && meter.phase != CATCHING_UP)
    setitimer (ITIMER_REAL, &timer, NULL);
}

static int
is_over (void)
{
  if (meter.phase == CATCHING_UP)
    return meter.done >= meter.task->active;
  if (meter.task->requests > 0)
    return meter.done >= meter.task->requests;

  return meter.is_time_up;
}

static void
wait_for_line (void)
{
  char line[16];

  fflush (stdout);
  if (fgets (line, sizeof line, stdin) == NULL)
    exit (1);
}

static void
end_phase (void)
{
  int64_t elapsed = now () - meter.began;

  switch (meter.phase)
    {
    case WARMING_UP:
      puts ("ready");
      wait_for_line ();
      meter.lost = meter.total = 0;
      /* A number of requests is asked for where they are counted, not timed. */
      meter.phase = meter.task->requests > 0 ? MEASURING : CATCHING_UP;
      break;

    case CATCHING_UP:
      meter.phase = MEASURING;
      break;

    default:
      printf ("%ld %lld %ld %ld\n", meter.done, (long long) elapsed, meter.total, meter.lost);
      wait_for_line ();
      _exit (0);
    }

  meter_start ();
}

void
meter_count (void)
{
  meter.done++;
  meter.total++;
  if (is_over ())
    end_phase ();
}

void
meter_lost (void)
{
  meter.lost++;
}
