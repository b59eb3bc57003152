/* test-reconnector-times.c: when a reconnector tries, in virtual time
 *
 * The socket has a transport of its own, which does what a script says: each attempt fails, or its
 * connection lasts, for so many milliseconds. The test computes by the rule when each attempt has
 * to be made, from the same random numbers.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <qnet/qnet.h>

#include "common/test-monitor.h"
#include "common/virtual-clock.h"
#include "service/qnet-reconnector-private.h"

#define MILLISECOND 1000
#define N_OUTAGES   200

/* What happens to an attempt, in milliseconds */
typedef struct
{
  gboolean succeeds;
  gint64   duration;  /* of the attempt */
  gint64   lasts;     /* the connection */
  gint64   offline;   /* how long there is no network from then on, or 0 */
} Step;

/* When an attempt was made, and its number */
typedef struct
{
  gint64 time;
  int    number;
} Attempt;

/* A socket whose transport follows a script */

#define TYPE_SCRIPT_SOCKET (script_socket_get_type ())
G_DECLARE_FINAL_TYPE (ScriptSocket, script_socket, SCRIPT, SOCKET, QnetAbstractSocket)

struct _ScriptSocket
{
  QnetAbstractSocket  parent_instance;

  VirtualClock       *clock;
  GMainContext       *context;
  GNetworkMonitor    *monitor;
  QnetReconnector    *reconnector;  /* (not owned) */
  GArray             *steps;        /* (element-type Step) (not owned) */
  GArray             *attempts;     /* (element-type Attempt) (owned) */
  GSource            *timer;        /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (ScriptSocket, script_socket, QNET_TYPE_ABSTRACT_SOCKET)

static const Step *
get_step (ScriptSocket *self)
{
  return &g_array_index (self->steps, Step, self->attempts->len - 1);
}

static GSource *
call_later (ScriptSocket *self,
            gint64        msecs,
            GSourceFunc   callback)
{
  GSource *source = self->clock->base.create_timer (&self->clock->base,
                                                    self->clock->now + msecs * MILLISECOND);

  g_source_set_callback (source, callback, self, NULL);
  g_source_attach (source, self->context);

  return source;
}

static void
stop (ScriptSocket *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);

  g_clear_pointer (&self->timer, g_source_unref);
}

static void
report (ScriptSocket    *self,
        QnetSocketError  code)
{
  g_autoptr(GError) error = g_error_new_literal (QNET_SOCKET_ERROR, (int) code, "scripted");

  qnet_io_device_report_error (QNET_IO_DEVICE (self), error);
}

static gboolean
online_cb (gpointer user_data)
{
  test_monitor_set (SCRIPT_SOCKET (user_data)->monitor, TRUE);

  return G_SOURCE_REMOVE;
}

static gboolean
lost_cb (gpointer user_data)
{
  ScriptSocket *self = user_data;
  const Step *step = get_step (self);

  stop (self);
  if (step->offline > 0)
    {
      G_GNUC_UNUSED g_autoptr(GSource) source = call_later (self, step->offline, online_cb);

      test_monitor_set (self->monitor, FALSE);
    }

  report (self, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);

  return G_SOURCE_REMOVE;
}

static gboolean
attempted_cb (gpointer user_data)
{
  ScriptSocket *self = user_data;
  const Step *step = get_step (self);

  stop (self);
  if (step->succeeds)
    {
      self->timer = call_later (self, step->lasts, lost_cb);
      qnet_socket_set_state (QNET_SOCKET (self), QNET_SOCKET_STATE_CONNECTED);
    }
  else
    report (self, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);

  return G_SOURCE_REMOVE;
}

static void
script_socket_connect_to_host_full (QnetAbstractSocket       *socket,
                                    const char               *host,
                                    guint16                   port,
                                    QnetOpenMode              open_mode,
                                    QnetNetworkLayerProtocol  protocol)
{
  ScriptSocket *self = SCRIPT_SOCKET (socket);
  Attempt attempt = { self->clock->now, qnet_reconnector_get_n_attempts (self->reconnector) };

  g_assert_null (self->timer);  /* never two at once */
  g_array_append_val (self->attempts, attempt);
  qnet_socket_set_state (QNET_SOCKET (socket), QNET_SOCKET_STATE_CONNECTING);
  qnet_io_device_set_open_mode (QNET_IO_DEVICE (socket), open_mode);

  if (self->attempts->len <= self->steps->len)
    self->timer = call_later (self, get_step (self)->duration, attempted_cb);
}

static void
script_socket_abort (QnetSocket *socket)
{
  stop (SCRIPT_SOCKET (socket));

  QNET_SOCKET_CLASS (script_socket_parent_class)->abort (socket);
}

static GBytes *
script_socket_read_data (QnetIODevice *device,
                         gsize         max_size)
{
  return g_bytes_new (NULL, 0);
}

static gboolean
script_socket_write_data (QnetIODevice  *device,
                          const guint8  *data,
                          gsize          size,
                          GError       **error)
{
  return TRUE;
}

static void
script_socket_finalize (GObject *object)
{
  stop (SCRIPT_SOCKET (object));
  g_array_unref (SCRIPT_SOCKET (object)->attempts);

  G_OBJECT_CLASS (script_socket_parent_class)->finalize (object);
}

static void
script_socket_class_init (ScriptSocketClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = script_socket_finalize;
  QNET_IO_DEVICE_CLASS (klass)->read_data = script_socket_read_data;
  QNET_IO_DEVICE_CLASS (klass)->write_data = script_socket_write_data;
  QNET_SOCKET_CLASS (klass)->abort = script_socket_abort;
  QNET_ABSTRACT_SOCKET_CLASS (klass)->connect_to_host_full = script_socket_connect_to_host_full;
}

static void
script_socket_init (ScriptSocket *self)
{
  self->attempts = g_array_new (FALSE, FALSE, sizeof (Attempt));
}

/* The fixture */

typedef struct
{
  GMainContext    *context;  /* (owned) */
  VirtualClock     clock;
  GNetworkMonitor *monitor;  /* (owned) */
  ScriptSocket    *socket;   /* (owned) */
  QnetReconnector *reconnector;  /* (owned) */
  GArray          *steps;    /* (owned) (element-type Step) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr(GSocketConnectable) address = g_network_address_new ("host.test", 1);

  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  virtual_clock_init (&fixture->clock, 17);
  fixture->monitor = test_monitor_new ();
  fixture->steps = g_array_new (FALSE, TRUE, sizeof (Step));
  fixture->socket = g_object_new (TYPE_SCRIPT_SOCKET, NULL);
  fixture->reconnector = qnet_reconnector_new (QNET_SOCKET (fixture->socket), address);
  fixture->reconnector->clock = &fixture->clock.base;
  qnet_reconnector_set_network_monitor (fixture->reconnector, fixture->monitor);
  fixture->socket->clock = &fixture->clock;
  fixture->socket->context = fixture->context;
  fixture->socket->monitor = fixture->monitor;
  fixture->socket->reconnector = fixture->reconnector;
  fixture->socket->steps = fixture->steps;
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  if (fixture->reconnector != NULL)
    g_assert_finalize_object (g_steal_pointer (&fixture->reconnector));

  stop (fixture->socket);
  g_assert_cmpuint (virtual_clock_count (&fixture->clock), ==, 0);
  g_assert_finalize_object (g_steal_pointer (&fixture->socket));
  virtual_clock_settle (fixture->context);
  virtual_clock_clear (&fixture->clock);
  g_array_unref (fixture->steps);
  g_object_unref (fixture->monitor);
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

static void
add_step (Fixture  *fixture,
          gboolean  succeeds,
          gint64    duration,
          gint64    lasts,
          gint64    offline)
{
  Step step = { succeeds, duration, lasts, offline };

  g_array_append_val (fixture->steps, step);
}

static void
run (Fixture *fixture)
{
  qnet_reconnector_start (fixture->reconnector);
  while (fixture->socket->attempts->len <= fixture->steps->len
         && virtual_clock_advance (&fixture->clock, fixture->context))
    continue;
}

/* Until the beginning of a wait. */
static void
await_wait (Fixture *fixture)
{
  qnet_reconnector_start (fixture->reconnector);
  virtual_clock_settle (fixture->context);

  while (qnet_reconnector_get_state (fixture->reconnector) != QNET_RECONNECTOR_WAITING)
    {
      virtual_clock_advance (&fixture->clock, fixture->context);
      virtual_clock_settle (fixture->context);
    }
}

/* The rule */

typedef struct
{
  QnetReconnector *settings;
  GRand           *random;
  gint64           now;         /* microseconds */
  guint            n_waits;
  int              n_attempts;
} Rule;

static void
wait_by_rule (Rule *rule)
{
  gint64 limit = qnet_reconnector_get_min_delay (rule->settings);
  gint64 most = qnet_reconnector_get_max_delay (rule->settings);

  limit = MIN (most, limit << MIN (rule->n_waits, 30));
  rule->n_waits++;
  rule->now += virtual_clock_choose (rule->random, (guint32) limit) * (gint64) MILLISECOND;
}

static void
follow (Rule       *rule,
        const Step *step)
{
  rule->now += step->duration * MILLISECOND;
  if (step->succeeds)
    {
      rule->now += step->lasts * MILLISECOND;
      if (step->lasts >= qnet_reconnector_get_stable_time (rule->settings))
        rule->n_waits = rule->n_attempts = 0;
    }

  if (step->offline > 0)
    rule->now += step->offline * MILLISECOND;
  else
    wait_by_rule (rule);
}

static void
assert_rule (Fixture *fixture)
{
  Rule rule = { fixture->reconnector, g_rand_new_with_seed (17), 1000, 0, 0 };

  g_assert_cmpuint (fixture->socket->attempts->len, ==, fixture->steps->len + 1);

  for (guint i = 0; i < fixture->socket->attempts->len; i++)
    {
      const Attempt *attempt = &g_array_index (fixture->socket->attempts, Attempt, i);

      rule.n_attempts++;
      g_assert_cmpint (attempt->time, ==, rule.now);
      g_assert_cmpint (attempt->number, ==, rule.n_attempts);
      if (i < fixture->steps->len)
        follow (&rule, &g_array_index (fixture->steps, Step, i));
    }

  g_rand_free (rule.random);
}

/* The tests */

static void
test_delays (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("Each wait doubles the limit of the delay, up to the largest one.");

  for (guint i = 0; i < 40; i++)
    add_step (fixture, FALSE, i % 3, 0, 0);

  run (fixture);
  assert_rule (fixture);
}

/* An outage is the end of a connection, and attempts that fail until the next one. Most connections
 * were stable; some end when the network does. */
static void
script_outage (Fixture *fixture,
               GRand   *script)
{
  guint n_failures = g_rand_int_range (script, 0, 9);
  gboolean is_stable = g_rand_int_range (script, 0, 4) > 0;
  gboolean is_offline = g_rand_int_range (script, 0, 5) == 0;
  gint64 stable = qnet_reconnector_get_stable_time (fixture->reconnector);

  for (guint i = 0; i < n_failures; i++)
    add_step (fixture, FALSE, g_rand_int_range (script, 0, 10000), 0, 0);

  add_step (fixture, TRUE, g_rand_int_range (script, 0, 500),
            is_stable ? stable + g_rand_int_range (script, 1, 1000000)
                      : g_rand_int_range (script, 0, (gint32) stable),
            is_offline ? g_rand_int_range (script, 1, 10000000) : 0);
}

static void
test_outages (Fixture       *fixture,
              gconstpointer  data)
{
  GRand *script = g_rand_new_with_seed (2026);

  g_test_summary ("Through 200 outages each attempt is made when the rule says so.");

  for (guint i = 0; i < N_OUTAGES; i++)
    script_outage (fixture, script);

  run (fixture);
  assert_rule (fixture);
  g_test_message ("%u attempts in %g virtual hours", fixture->socket->attempts->len,
                  (double) fixture->clock.now / 3600e6);
  g_rand_free (script);
}

static void
test_full_jitter (Fixture       *fixture,
                  gconstpointer  data)
{
  gint64 least = G_MAXINT64, most = 0;

  g_test_summary ("Delays are anywhere between 0 and the limit.");
  qnet_reconnector_set_min_delay (fixture->reconnector, 1000);
  qnet_reconnector_set_max_delay (fixture->reconnector, 1000);
  for (guint i = 0; i < 300; i++)
    add_step (fixture, FALSE, 0, 0, 0);

  run (fixture);
  assert_rule (fixture);
  for (guint i = 1; i < fixture->socket->attempts->len; i++)
    {
      gint64 delay = g_array_index (fixture->socket->attempts, Attempt, i).time
                     - g_array_index (fixture->socket->attempts, Attempt, i - 1).time;

      least = MIN (least, delay);
      most = MAX (most, delay);
    }

  g_assert_cmpint (least, <, 50 * MILLISECOND);
  g_assert_cmpint (most, >, 950 * MILLISECOND);
  g_assert_cmpint (most, <=, 1000 * MILLISECOND);
}

static void
test_no_delays (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("With a limit of 0 there is no delay, and the loop is not blocked.");
  qnet_reconnector_set_min_delay (fixture->reconnector, 0);
  for (guint i = 0; i < 50; i++)
    add_step (fixture, FALSE, 0, 0, 0);

  run (fixture);
  assert_rule (fixture);
  g_assert_cmpint (fixture->clock.now, ==, 1000);
}

static void
test_stable_time_of_none (Fixture       *fixture,
                          gconstpointer  data)
{
  g_test_summary ("With a stable time of 0 the count begins again with each connection.");
  qnet_reconnector_set_stable_time (fixture->reconnector, 0);
  for (guint i = 0; i < 20; i++)
    {
      add_step (fixture, FALSE, 10, 0, 0);
      add_step (fixture, TRUE, 10, i, 0);
    }

  run (fixture);
  assert_rule (fixture);
}

static void
count_cb (QnetReconnector *reconnector,
          GParamSpec      *pspec,
          guint           *count)
{
  ++*count;
}

static void
test_time_left (Fixture       *fixture,
                gconstpointer  data)
{
  guint n_notified = 0;
  int left;

  g_test_summary ("The time left is notified each second, and only while there is a handler.");
  qnet_reconnector_set_min_delay (fixture->reconnector, 9000);
  add_step (fixture, FALSE, 0, 0, 0);
  g_signal_connect (fixture->reconnector, "notify::time-left", G_CALLBACK (count_cb), &n_notified);

  g_assert_cmpint (qnet_reconnector_get_time_left (fixture->reconnector), ==, 0);
  await_wait (fixture);
  left = qnet_reconnector_get_time_left (fixture->reconnector);
  g_assert_cmpint (left, >, 1000);
  g_assert_cmpuint (n_notified, ==, 1);
  virtual_clock_advance (&fixture->clock, fixture->context);
  virtual_clock_settle (fixture->context);
  g_assert_cmpint (qnet_reconnector_get_time_left (fixture->reconnector), ==,
                   (left - 1) / 1000 * 1000);
  while (fixture->socket->attempts->len < 2)
    virtual_clock_advance (&fixture->clock, fixture->context);

  g_assert_cmpuint (n_notified, ==, 2 + (guint) (left - 1) / 1000);
  assert_rule (fixture);
}

static void
test_network (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("Without a network the wait has no end, and no attempt is counted.");
  add_step (fixture, FALSE, 5, 0, 0);
  add_step (fixture, FALSE, 5, 0, 0);
  test_monitor_set (fixture->monitor, FALSE);

  qnet_reconnector_start (fixture->reconnector);
  while (virtual_clock_advance (&fixture->clock, fixture->context))
    continue;
  g_assert_cmpuint (fixture->socket->attempts->len, ==, 1);
  g_assert_cmpint (qnet_reconnector_get_state (fixture->reconnector), ==,
                   QNET_RECONNECTOR_WAITING);
  g_assert_cmpint (qnet_reconnector_get_time_left (fixture->reconnector), ==, -1);
  g_assert_cmpint (qnet_reconnector_get_n_attempts (fixture->reconnector), ==, 0);

  fixture->clock.now += 1000000;
  test_monitor_set (fixture->monitor, TRUE);
  virtual_clock_settle (fixture->context);
  g_assert_cmpuint (fixture->socket->attempts->len, ==, 2);
  g_assert_cmpint (qnet_reconnector_get_n_attempts (fixture->reconnector), ==, 1);
}

static void
test_network_is_lost (Fixture       *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A network that is lost ends the timer of the wait; one that comes, the wait.");
  add_step (fixture, FALSE, 5, 0, 0);
  qnet_reconnector_set_min_delay (fixture->reconnector, 60000);

  await_wait (fixture);
  g_assert_cmpint (qnet_reconnector_get_time_left (fixture->reconnector), >, 0);

  test_monitor_set (fixture->monitor, FALSE);
  virtual_clock_settle (fixture->context);
  g_assert_cmpint (qnet_reconnector_get_time_left (fixture->reconnector), ==, -1);
  g_assert_cmpuint (virtual_clock_count (&fixture->clock), ==, 0);

  test_monitor_set (fixture->monitor, TRUE);
  virtual_clock_settle (fixture->context);
  g_assert_cmpuint (fixture->socket->attempts->len, ==, 2);
}

static void
test_network_comes_during_attempt (Fixture       *fixture,
                                   gconstpointer  data)
{
  g_test_summary ("An attempt that began without a network is repeated when there is one.");
  add_step (fixture, FALSE, 30000, 0, 0);
  test_monitor_set (fixture->monitor, FALSE);

  qnet_reconnector_start (fixture->reconnector);
  virtual_clock_settle (fixture->context);
  test_monitor_set (fixture->monitor, TRUE);
  while (fixture->socket->attempts->len < 2)
    virtual_clock_advance (&fixture->clock, fixture->context);

  g_assert_cmpint (fixture->clock.now, ==, 1000);
  g_assert_cmpint (qnet_reconnector_get_n_attempts (fixture->reconnector), ==, 1);
}

static void
test_monitor_ignored (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A monitor that knows no network is ignored once a peer has answered.");
  add_step (fixture, TRUE, 5, 60000, 0);
  add_step (fixture, FALSE, 5, 0, 0);
  test_monitor_set (fixture->monitor, FALSE);

  run (fixture);
  assert_rule (fixture);
}

static void
test_no_monitor (Fixture       *fixture,
                 gconstpointer  data)
{
  g_test_summary ("Without a monitor only time counts; it can be taken away during a wait.");
  add_step (fixture, FALSE, 5, 0, 0);
  test_monitor_set (fixture->monitor, FALSE);

  qnet_reconnector_start (fixture->reconnector);
  while (virtual_clock_advance (&fixture->clock, fixture->context))
    continue;
  g_assert_cmpint (qnet_reconnector_get_time_left (fixture->reconnector), ==, -1);
  qnet_reconnector_set_network_monitor (fixture->reconnector, NULL);

  g_assert_cmpuint (fixture->socket->attempts->len, ==, 2);
}

static void
test_retry_now (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("start() during a wait tries at once.");
  add_step (fixture, FALSE, 5, 0, 0);
  qnet_reconnector_set_min_delay (fixture->reconnector, 60000);

  await_wait (fixture);
  qnet_reconnector_start (fixture->reconnector);
  qnet_reconnector_start (fixture->reconnector);

  g_assert_cmpuint (fixture->socket->attempts->len, ==, 2);
  g_assert_cmpint (qnet_reconnector_get_n_attempts (fixture->reconnector), ==, 2);
}

#define TEST(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/reconnector-times/delays", test_delays);
  TEST ("/reconnector-times/outages", test_outages);
  TEST ("/reconnector-times/full-jitter", test_full_jitter);
  TEST ("/reconnector-times/no-delays", test_no_delays);
  TEST ("/reconnector-times/stable-time-of-none", test_stable_time_of_none);
  TEST ("/reconnector-times/time-left", test_time_left);
  TEST ("/reconnector-times/network", test_network);
  TEST ("/reconnector-times/network-is-lost", test_network_is_lost);
  TEST ("/reconnector-times/network-comes-during-attempt", test_network_comes_during_attempt);
  TEST ("/reconnector-times/monitor-ignored", test_monitor_ignored);
  TEST ("/reconnector-times/no-monitor", test_no_monitor);
  TEST ("/reconnector-times/retry-now", test_retry_now);

  return g_test_run ();
}
