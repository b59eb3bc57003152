/* walk-faults.c: makes each call of each scenario fail in turn, in each way
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Of every scenario, the first call of a kind fails, then the second, ... until there is none to
 * fail. After each point nothing may have crashed, hung, spun, warned, leaked or closed a
 * descriptor twice, and no byte may be lost or repeated: the run has succeeded, or has reported an
 * error.
 *
 *   walk-faults                          a part of the points, in seconds
 *   walk-faults --long                   all of them, in a minute
 *   walk-faults SCENARIO...              those scenarios; the beginning of a name is enough
 *   walk-faults --check                  whether faults of each kind are noticed
 *   walk-faults --point tcp-bulk recv:104:3[:n_times]    one point, in this process, for a debugger
 *
 * Each walk is a process of its own; where a point ends it, another one continues with the next.
 */

#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fault-run.h"

#define RUN_SECONDS 8          /* more is a hang */
#define KILL_SECONDS 20        /* and the process is stuck */
#define CPU_SECONDS 1.0        /* more is a spin */
#define MAX_POLLS 400          /* beyond ten times as many as without a fault */
#define SHORT_CALLS 6          /* of a kind, in the short form */
#define SHORT_OUTCOMES 2
#define SHORT_LASTING 3
#define MAX_CALLS 400

typedef struct
{
  FaultCall call;
  int       outcomes[10];  /* ends with 0; see FaultPlan */
  guint     n_times;       /* in a row, and milliseconds of FAULT_DESCRIPTORS; 0: once */
} Anomaly;

/* Of fcntl() only the duplicates fail: the flags of an open descriptor can always be had. */
static const Anomaly anomalies[] = {
  { FAULT_SOCKET, { EMFILE, ENOBUFS, ENFILE, ENOMEM, EACCES, EAFNOSUPPORT, EPROTONOSUPPORT } },
  { FAULT_BIND, { EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOMEM } },
  { FAULT_LISTEN, { EADDRINUSE, EOPNOTSUPP } },
  { FAULT_CONNECT,
    { ECONNREFUSED, EINTR, ENETUNREACH, EADDRNOTAVAIL, ETIMEDOUT, EAGAIN, EPERM, EADDRINUSE } },
  { FAULT_ACCEPT, { EMFILE, ECONNABORTED, ENFILE, ENOBUFS, ENOMEM, EAGAIN, EPERM, EINTR, EPROTO } },
  { FAULT_RECV, { ECONNRESET, -1, EINTR, EAGAIN, ENOMEM, ETIMEDOUT, ECONNREFUSED } },
  { FAULT_RECVFROM, { EAGAIN, ECONNREFUSED, EINTR, ENOMEM } },
  { FAULT_RECVMSG, { ECONNRESET, EAGAIN, -1, EINTR, ENOMEM, ECONNREFUSED } },
  { FAULT_RECVMMSG, { EAGAIN, -1, ECONNREFUSED, EINTR, ENOMEM, ENOSYS } },
  { FAULT_SEND, { EPIPE, -1, EINTR, EAGAIN, ECONNRESET, ENOBUFS, ENOMEM } },
  { FAULT_SENDTO, { ENOBUFS, EAGAIN, EINTR, EPERM, ENETUNREACH, ECONNREFUSED, EMSGSIZE, ENOMEM } },
  { FAULT_SENDMSG, { EPIPE, -1, EINTR, EAGAIN, ECONNRESET, ENOBUFS, ETOOMANYREFS, ENOMEM, EPERM } },
  { FAULT_SENDMMSG, { EAGAIN, -1, ENOBUFS, EINTR, EPERM, ENETUNREACH, ENOSYS } },
  { FAULT_READ, { EINTR } },
  { FAULT_WRITE, { EINTR } },
  { FAULT_SHUTDOWN, { ENOTCONN } },
  { FAULT_GETSOCKNAME, { ENOBUFS } },
  { FAULT_GETPEERNAME, { ENOTCONN, ENOBUFS } },
  { FAULT_GETSOCKOPT, { ENOBUFS, ENOPROTOOPT } },
  { FAULT_SETSOCKOPT, { ENOPROTOOPT, ENOBUFS, ENOMEM, EPERM } },
  { FAULT_IOCTL, { ENOTTY, EINVAL } },
  { FAULT_DUP, { EMFILE } },
  { FAULT_EVENTFD, { EMFILE, ENOMEM } },
  { FAULT_PIPE, { EMFILE, ENFILE } },
  { FAULT_EPOLL_CREATE, { EMFILE, ENOMEM } },
  { FAULT_EPOLL_CTL, { ENOMEM, ENOSPC } },
  { FAULT_EPOLL_WAIT, { EINTR } },
  { FAULT_POLL, { EINTR } },
  { FAULT_OPEN, { EMFILE, EACCES, ENOENT, EINTR } },
  { FAULT_STAT, { EACCES, ENOENT, ENOMEM } },
  { FAULT_LINK, { EPERM, EEXIST, ENOSPC, EMLINK } },
  { FAULT_RENAME, { EACCES, ENOSPC, ENOENT } },
  { FAULT_UNLINK, { EACCES, ENOENT, EBUSY } },
  { FAULT_CHMOD, { EPERM, EACCES, ENOENT } },
  { FAULT_FLOCK, { EWOULDBLOCK, ENOLCK, EINTR } },
  { FAULT_THREAD, { EAGAIN } },
  { FAULT_RANDOM, { EINTR, ENOSYS } },
  { FAULT_GETADDRINFO, { EAI_AGAIN, EAI_NONAME, EAI_MEMORY, EAI_FAIL } },
  { FAULT_GETNAMEINFO, { EAI_AGAIN, EAI_NONAME, EAI_MEMORY, EAI_FAIL } },
  { FAULT_GETIFADDRS, { EMFILE, ENOMEM } },

  /* What lasts for a while: this many calls, or milliseconds */
  { FAULT_DESCRIPTORS, { EMFILE, ENFILE }, 40 },
  { FAULT_SOCKET, { EMFILE, ENOBUFS }, 3 },
  { FAULT_CONNECT, { EAGAIN, EADDRNOTAVAIL }, 3 },
  { FAULT_ACCEPT, { EMFILE, ENOBUFS, ECONNABORTED, EAGAIN }, 3 },
  { FAULT_RECV, { EAGAIN, EINTR, -1, ENOMEM }, 20 },
  { FAULT_RECVMSG, { EAGAIN, EINTR, -1, ENOMEM }, 20 },
  { FAULT_RECVFROM, { EAGAIN, EINTR, ENOMEM }, 10 },
  { FAULT_RECVMMSG, { EAGAIN, EINTR, -1, ENOMEM }, 10 },
  { FAULT_SEND, { EAGAIN, EINTR, -1, ENOBUFS }, 20 },
  { FAULT_SENDMSG, { EAGAIN, EINTR, -1, ENOBUFS }, 20 },
  { FAULT_SENDTO, { EAGAIN, ENOBUFS, EINTR }, 5 },
  { FAULT_SENDMMSG, { EAGAIN, -1, ENOBUFS }, 5 },
  { FAULT_GETSOCKNAME, { ENOBUFS }, 1000 },
  { FAULT_GETPEERNAME, { ENOTCONN }, 1000 },
  { FAULT_GETSOCKOPT, { ENOBUFS }, 1000 },
  { FAULT_SETSOCKOPT, { ENOPROTOOPT }, 1000 },
  { FAULT_IOCTL, { ENOTTY }, 1000 },
  { FAULT_DUP, { EMFILE }, 1000 },
  { FAULT_EPOLL_CREATE, { EMFILE }, 1000 },
  { FAULT_EPOLL_CTL, { ENOSPC, ENOMEM }, 1000 },
  { FAULT_EPOLL_WAIT, { EINTR }, 10 },
  { FAULT_POLL, { EINTR }, 10 },
  { FAULT_OPEN, { EMFILE }, 1000 },
  { FAULT_STAT, { EACCES }, 1000 },
  { FAULT_UNLINK, { EACCES }, 1000 },
  { FAULT_CHMOD, { EPERM }, 1000 },
  { FAULT_THREAD, { EAGAIN }, 1000 },
  { FAULT_RANDOM, { ENOSYS }, 1000 },
  { FAULT_GETADDRINFO, { EAI_AGAIN }, 1000 },
};

/* What a walk reports to the process that started it; in shared memory */
typedef struct
{
  guint anomaly, outcome, n;  /* where it is */
  guint n_points;
  guint n_faults;
  int   is_over;
  char  warning[400];         /* the last of a log */
  gsize length;
  char  text[30000];          /* of the faults */
} Walk;

typedef struct
{
  double cpu;
  guint  n_polls;
} Cost;

/* Where there is a sanitizer */
extern int __lsan_do_recoverable_leak_check (void) __attribute__ ((weak));

static Walk *walk;
static int max_patience = 400;  /* turns of waiting for what ends by itself */
static gboolean is_long;

static gboolean
has_leak_check (void)
{
  return __lsan_do_recoverable_leak_check != NULL;
}

static void note (const char *format, ...) G_GNUC_PRINTF (1, 2);

static void
note (const char *format,
      ...)
{
  va_list list;
  gsize room = sizeof walk->text - walk->length;
  gsize n;

  va_start (list, format);
  n = (gsize) g_vsnprintf (walk->text + walk->length, room, format, list);
  va_end (list);
  walk->length += MIN (n, room - 1);
}

/* What is printed is a fault, unless it is for a debugger. */
static GLogWriterOutput
log_writer (GLogLevelFlags   level,
            const GLogField *fields,
            gsize            n_fields,
            gpointer         data)
{
  if ((level
       & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE))
      == 0)
    return G_LOG_WRITER_HANDLED;

  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      g_strlcpy (walk->warning, fields[i].value, sizeof walk->warning);

  if (g_getenv ("QNET_FAULT_TRACE") != NULL)
    {
      fprintf (stderr, "# log: %s\n", walk->warning);
      G_BREAKPOINT ();
    }

  return G_LOG_WRITER_HANDLED;
}

/* One run */

static double
get_cpu (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);

  return time.tv_sec + time.tv_nsec / 1e9;
}

static gboolean
late_cb (gpointer data)
{
  ((Run *) data)->is_late = TRUE;

  return G_SOURCE_CONTINUE;
}

static GSource *
watch_for_hanging (Run *run)
{
  GSource *source = g_timeout_source_new_seconds (RUN_SECONDS);

  g_source_set_callback (source, late_cb, run, NULL);
  g_source_attach (source, run->context);

  return source;
}

/* Waits for what ends by itself soon afterwards: threads, and bytes that are still being sent. The
 * context that is freed with them has descriptors, too. */
static void
await_end (Run   *run,
           guint  n_before)
{
  char text[4000];

  for (int i = 0; i < max_patience; i++)
    {
      run_settle (run);
      if (g_atomic_int_get (&run->n_alive) == 0
          && (i > 60 || fault_count_open (text, sizeof text) <= n_before + 3))
        return;

      g_usleep (i < 20 ? 500 : 5000);
    }
}

static void
await_descriptors (guint n_before)
{
  char text[4000];

  for (int i = 0; i < max_patience && fault_count_open (text, sizeof text) > n_before; i++)
    g_usleep (i < 20 ? 500 : 5000);
}

static void
check_rest (Run   *run,
            guint  n_before)
{
  char text[4000];
  guint n = fault_count_open (text, sizeof text);

  if (g_atomic_int_get (&run->n_alive) != 0)
    run_add_fault (run, "%d objects are not finalized", g_atomic_int_get (&run->n_alive));

  if (n > n_before)
    run_add_fault (run, "%u descriptors are left open, of%s", n - n_before, text);

  if (fault_get_misuse () != NULL)
    run_add_fault (run, "%s", fault_get_misuse ());

  if (walk->warning[0] != '\0')
    run_add_fault (run, "it printed: %s", walk->warning);
}

static gboolean
is_harmless (const FaultPlan *plan)
{
  return plan != NULL && (plan->outcome == EINTR || plan->outcome == -1)
         && plan->call != FAULT_GETADDRINFO && plan->call != FAULT_GETNAMEINFO
         && plan->call != FAULT_RANDOM;
}

static void
check_outcome (Run             *run,
               const FaultPlan *plan,
               guint            n_failed)
{
  if (!run->has_succeeded && run->reports->len == 0 && !run->is_late)
    run_add_fault (run, "it neither succeeds nor reports an error");

  if ((n_failed == 0 || is_harmless (plan)) && (run->reports->len > 0 || !run->has_succeeded))
    run_add_fault (run, "it fails without need: %s", run->reports->str);
}

/* Returns how many calls were made to fail. */
static guint
run_once (const Scenario  *scenario,
          const FaultPlan *plan,
          Run             *run,
          Cost            *cost)
{
  char text[4000];
  guint n_before = fault_count_open (text, sizeof text);
  guint n_failed;
  double cpu_before = get_cpu ();
  GSource *source;

  *run = (Run) {
    .context = g_main_context_new (),
    .reports = g_string_new (NULL),
    .faults = g_string_new (NULL),
    .is_lasting = plan != NULL && plan->n_times > 1,
  };
  g_main_context_push_thread_default (run->context);
  source = watch_for_hanging (run);
  walk->warning[0] = '\0';
  alarm (KILL_SECONDS);

  fault_begin (plan);
  scenario->func (run);
  n_failed = fault_end ();

  if (run->is_late)
    run_add_fault (run, "it hangs");
  await_end (run, n_before);
  cost->cpu = get_cpu () - cpu_before;
  cost->n_polls = fault_count_polls ();
  g_source_destroy (source);
  g_source_unref (source);
  g_main_context_pop_thread_default (run->context);
  g_clear_pointer (&run->context, g_main_context_unref);
  await_descriptors (n_before);

  check_rest (run, n_before);
  check_outcome (run, plan, n_failed);

  return n_failed;
}

static void
run_clear (Run *run)
{
  g_string_free (run->reports, TRUE);
  g_string_free (run->faults, TRUE);
}

static void
check_cost (Run        *run,
            const Cost *cost,
            const Cost *usual)
{
  if (cost->cpu > CPU_SECONDS + 5 * usual->cpu)
    run_add_fault (run, "it spins: %.1f s of CPU", cost->cpu);

  if (cost->n_polls > MAX_POLLS + 10 * usual->n_polls)
    run_add_fault (run, "it spins: %u polls, and %u without a fault", cost->n_polls,
                   usual->n_polls);
}

/* A walk */

static guint
count_outcomes (const Anomaly *anomaly)
{
  guint n = 0;

  while (anomaly->outcomes[n] != 0)
    n++;

  if (!is_long)
    n = MIN (n, anomaly->n_times > 0 ? 1 : SHORT_OUTCOMES);

  return n;
}

static guint
get_max_calls (const Anomaly *anomaly)
{
  if (is_long)
    return MAX_CALLS;

  return anomaly->n_times > 0 ? SHORT_LASTING : SHORT_CALLS;
}

static void
describe (const Scenario  *scenario,
          const FaultPlan *plan,
          char            *text,
          gsize            size)
{
  g_snprintf (text, size, "%s %s:%d:%u:%u", scenario->name, fault_call_name (plan->call),
              plan->outcome, plan->nth, plan->n_times);
}

static FaultPlan
get_plan (guint anomaly,
          guint outcome,
          guint n)
{
  FaultCall call = anomalies[anomaly].call;

  return (FaultPlan) {
    .call = call,
    .outcome = anomalies[anomaly].outcomes[outcome],
    .nth = call == FAULT_DESCRIPTORS ? n - 1 : n,
    .n_times = MAX (anomalies[anomaly].n_times, 1),
  };
}

/* Returns whether there was a call to fail. */
static gboolean
walk_to (const Scenario  *scenario,
         const FaultPlan *plan,
         const Cost      *usual)
{
  Run run;
  Cost cost;
  guint n_failed = run_once (scenario, plan, &run, &cost);

  check_cost (&run, &cost, usual);
  walk->n_points += n_failed > 0;
  if (run.faults->len > 0)
    {
      char text[200];

      describe (scenario, plan, text, sizeof text);
      walk->n_faults++;
      note ("%s%s: %s", text, n_failed > 0 ? "" : " (not reached)", run.faults->str);
    }

  /* After a hang the result of another run means nothing. */
  if (run.is_late)
    {
      walk->n++;
      _exit (2);
    }

  run_clear (&run);

  return n_failed > 0;
}

/* Allocates what is never freed, and counts what a run needs. */
static void
warm_up (const Scenario *scenario,
         Cost           *usual,
         guint          *counts)
{
  g_type_ensure (G_TYPE_TASK);  /* a thread of GIO's */

  for (int i = 0; i < 3; i++)
    {
      Run run;

      /* The first run allocates what is never freed. */
      max_patience = i == 0 ? 20 : 400;
      run_once (scenario, NULL, &run, usual);
      if (i == 2 && run.faults->len > 0)
        {
          walk->n_faults++;
          note ("%s without a fault: %s", scenario->name, run.faults->str);
        }

      for (guint call = 0; call < FAULT_N_CALLS; call++)
        counts[call] = fault_count (call);

      run_clear (&run);
    }
}

static void
go_on (const Scenario *scenario)
{
  guint counts[FAULT_N_CALLS];
  Cost usual;

  warm_up (scenario, &usual, counts);
  counts[FAULT_DESCRIPTORS] = 1;

  for (; walk->anomaly < G_N_ELEMENTS (anomalies); walk->anomaly++, walk->outcome = 0)
    for (; counts[anomalies[walk->anomaly].call] > 0
           && walk->outcome < count_outcomes (&anomalies[walk->anomaly]);
         walk->outcome++, walk->n = 1)
      for (; walk->n <= get_max_calls (&anomalies[walk->anomaly]); walk->n++)
        {
          FaultPlan plan = get_plan (walk->anomaly, walk->outcome, walk->n);

          if (!walk_to (scenario, &plan, &usual))
            break;
        }

  if (has_leak_check () && __lsan_do_recoverable_leak_check () != 0)
    {
      walk->n_faults++;
      note ("%s: memory is lost\n", scenario->name);
    }

  walk->is_over = TRUE;
}

static void
begin_process (void)
{
  signal (SIGPIPE, SIG_DFL);  /* the library itself handles a closed peer */
  g_log_set_writer_func (log_writer, NULL, NULL);
}

static void
note_end (const Scenario *scenario,
          int             status)
{
  FaultPlan plan = get_plan (walk->anomaly, walk->outcome, walk->n);
  char text[200];

  describe (scenario, &plan, text, sizeof text);
  walk->n_faults++;
  walk->n_points++;
  if (WIFSIGNALED (status) && WTERMSIG (status) == SIGALRM)
    note ("%s: it is stuck\n", text);
  else
    note ("%s: it crashes: status %x, signal %d; %s\n", text, status,
          WIFSIGNALED (status) ? WTERMSIG (status) : 0, walk->warning);

  walk->n++;
}

/* Returns how many faults were found. */
static guint
walk_scenario (const Scenario *scenario)
{
  memset (walk, 0, sizeof *walk);
  walk->n = 1;

  for (int n_starts = 0; !walk->is_over && n_starts < 60; n_starts++)
    {
      pid_t process = fork ();
      int status;

      g_assert_cmpint (process, >=, 0);
      if (process == 0)
        {
          begin_process ();
          go_on (scenario);
          _exit (0);
        }

      while (waitpid (process, &status, 0) < 0)
        continue;

      if (!WIFEXITED (status) || (WEXITSTATUS (status) != 0 && WEXITSTATUS (status) != 2))
        note_end (scenario, status);
    }

  if (!walk->is_over)
    note ("%s: given up\n", scenario->name);

  return walk->n_faults + !walk->is_over;
}

/* The program */

/* What the walk notices: each of these has that one fault at the first socket() that fails, and
 * none without. */

static gboolean
fails_here (void)
{
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd >= 0)
    close (fd);

  return fd < 0;
}

static void
leak_descriptor (Run *run)
{
  if (fails_here () && socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0)
    g_string_append (run->reports, "failed\n");

  run_succeed (run);
}

static void
close_twice (Run *run)
{
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gboolean is_made = fd >= 0;

  if (!is_made)
    fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  close (fd);
  if (!is_made)
    close (fd);

  run_succeed (run);
}

static void
close_anothers (Run *run)
{
  guint16 port;
  int fd = open_plain (SOCK_STREAM, &port);

  if (fails_here ())
    close (fd);
  else
    close_plain (fd);

  run_succeed (run);
}

static void
leak_object (Run *run)
{
  QnetTcpSocket *socket = run_watch (run, qnet_tcp_socket_new ());

  if (!fails_here ())
    g_object_unref (socket);

  run_succeed (run);
}

static void
warn (Run *run)
{
  if (fails_here ())
    g_critical ("on purpose");

  run_succeed (run);
}

static void
stay_silent (Run *run)
{
  if (!fails_here ())
    run_succeed (run);
}

static void
spin (Run *run)
{
  if (fails_here ())
    for (int i = 0; i < 2 * MAX_POLLS; i++)
      g_poll (NULL, 0, 0);

  run_succeed (run);
}

static void
crash (Run *run)
{
  if (fails_here ())
    raise (SIGSEGV);

  run_succeed (run);
}

static void
lose_byte (Run *run)
{
  Sink sink = { run, 0, 100 };

  sink_take (&sink, get_payload () + fails_here (), 50);
  run_succeed (run);
}

static void
repeat_byte (Run *run)
{
  Sink sink = { run, 0, 100 };

  sink_take (&sink, get_payload (), 100);
  if (fails_here ())
    sink_take (&sink, get_payload (), 1);

  run_succeed (run);
}

static void
lose_memory (Run *run)
{
  if (fails_here ())
    memset (g_malloc (1000), 1, 1000);

  run_succeed (run);
}

static const Scenario faulty_scenarios[] = {
  { "leaks-a-descriptor", leak_descriptor },
  { "closes-twice", close_twice },
  { "closes-a-descriptor-of-another", close_anothers },
  { "leaks-an-object", leak_object },
  { "prints-a-critical", warn },
  { "is-silent", stay_silent },
  { "spins", spin },
  { "crashes", crash },
  { "loses-a-byte", lose_byte },
  { "repeats-a-byte", repeat_byte },
  { "loses-memory", lose_memory, has_leak_check },
  { NULL },
};

static int
check_walk (void)
{
  guint n_tests = 0;
  gboolean is_fine = TRUE;

  printf ("TAP version 13\n");
  for (const Scenario *scenario = faulty_scenarios; scenario->name != NULL; scenario++)
    {
      guint n_faults;
      gboolean is_noticed;

      if (scenario->is_possible != NULL && !scenario->is_possible ())
        continue;

      n_faults = walk_scenario (scenario);
      is_noticed = n_faults > 0 && strstr (walk->text, "without a fault: ") == NULL
                   && (strstr (walk->text, "socket:24:1:1: ") != NULL
                       || scenario->func == lose_memory);

      is_fine = is_fine && is_noticed;
      printf ("%s %u - %s: noticed %u times\n", is_noticed ? "ok" : "not ok", ++n_tests,
              scenario->name, n_faults);
      fflush (stdout);
    }

  printf ("1..%u\n", n_tests);

  return is_fine ? 0 : 1;
}

static const Scenario *const all_scenarios[] = {
  stream_scenarios, server_scenarios, datagram_scenarios,
  local_scenarios,  lookup_scenarios, tls_scenarios,
};

static gboolean
is_chosen (const Scenario *scenario,
           int             n_names,
           char          **names)
{
  for (int i = 0; i < n_names; i++)
    if (g_str_has_prefix (scenario->name, names[i]))
      return TRUE;

  return n_names == 0;
}

static void
print_walk (const Scenario *scenario,
            guint           number,
            guint           n_faults,
            double          seconds)
{
  g_auto(GStrv) lines = g_strsplit (walk->text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0')
      printf ("# %s\n", lines[i]);

  printf ("%s %u - %s: %u points, %u faults (%.1f s)\n", n_faults == 0 ? "ok" : "not ok", number,
          scenario->name, walk->n_points, n_faults, seconds);
  fflush (stdout);
}

static int
walk_all (int    n_names,
          char **names)
{
  const char *reactor = g_getenv ("QNET_REACTOR");
  guint n_tests = 0, n_points = 0, n_faults = 0;

  printf ("TAP version 13\n");
  for (gsize i = 0; i < G_N_ELEMENTS (all_scenarios); i++)
    for (const Scenario *scenario = all_scenarios[i]; scenario->name != NULL; scenario++)
      {
        gint64 start = g_get_monotonic_time ();
        guint n;

        if (!is_chosen (scenario, n_names, names))
          continue;

        if (scenario->is_possible != NULL && !scenario->is_possible ())
          {
            printf ("ok %u - %s # SKIP it is not possible here\n", ++n_tests, scenario->name);
            continue;
          }

        n = walk_scenario (scenario);
        print_walk (scenario, ++n_tests, n, (g_get_monotonic_time () - start) / 1e6);
        n_points += walk->n_points;
        n_faults += n;
      }

  printf ("1..%u\n# %u points in %u scenarios, %u faults, on the reactor %s\n", n_tests, n_points,
          n_tests, n_faults, reactor != NULL ? reactor : "by default");

  return n_faults == 0 ? 0 : 1;
}

/* One point, here */
static int
walk_to_point (const char *name,
               const char *point)
{
  char call[32] = "";
  FaultPlan plan = { FAULT_N_CALLS, 0, 1, 1 };
  Cost usual, cost;
  guint counts[FAULT_N_CALLS];
  Run run;

  sscanf (point, "%31[^:]:%d:%u:%u", call, &plan.outcome, &plan.nth, &plan.n_times);
  for (guint i = 0; i < FAULT_N_CALLS; i++)
    if (g_str_equal (call, fault_call_name (i)))
      plan.call = i;

  begin_process ();
  for (gsize i = 0; i < G_N_ELEMENTS (all_scenarios); i++)
    for (const Scenario *scenario = all_scenarios[i]; scenario->name != NULL; scenario++)
      if (g_str_equal (scenario->name, name))
        {
          guint n_failed;

          warm_up (scenario, &usual, counts);
          printf ("%s", walk->text);
          for (guint call_number = 0; call_number < FAULT_N_CALLS; call_number++)
            if (counts[call_number] > 0)
              printf ("# %s: %u\n", fault_call_name (call_number), counts[call_number]);
          n_failed = run_once (scenario, &plan, &run, &cost);
          check_cost (&run, &cost, &usual);
          printf (
            "failed %u, succeeded %d, CPU %.3f (%.3f), polls %u (%u)\nreports:\n%sfaults:\n%s",
            n_failed, run.has_succeeded, cost.cpu, usual.cpu, cost.n_polls, usual.n_polls,
            run.reports->str, run.faults->str);

          return run.faults->len > 0;
        }

  return 77;
}

static gboolean
is_watched (void)
{
#ifdef __SANITIZE_THREAD__
  return TRUE;
#else
  const char *preloaded = g_getenv ("LD_PRELOAD");

  return preloaded != NULL && strstr (preloaded, "vgpreload") != NULL;
#endif
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new ();

  walk = mmap (NULL, sizeof *walk, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  get_payload ();

  if (argc == 4 && g_str_equal (argv[1], "--point"))
    return walk_to_point (argv[2], argv[3]);

  if (is_watched ())
    {
      printf (
        "1..0 # SKIP under valgrind or a thread sanitizer, which have descriptors and a speed "
        "of their own\n");
      return 0;
    }

  for (int i = 1; i < argc; i++)
    {
      if (g_str_equal (argv[i], "--check"))
        return check_walk ();
      if (g_str_equal (argv[i], "--long"))
        is_long = TRUE;
      else
        g_ptr_array_add (names, argv[i]);
    }

  return walk_all ((int) names->len, (char **) names->pdata);
}
