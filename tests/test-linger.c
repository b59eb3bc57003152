/* test-linger.c: the last bytes of a socket that was finalized
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/qnet-syscall-private.h"
#include "channel/qnet-channel-private.h"
#include "channel/qnet-linger-private.h"
#include "local/qnet-transport-local-private.h"

#include "common/allocations.h"
#include "common/pair.h"

#define LONG     (16 << 20)  /* more than the kernel's buffers take */
#define FOREVER  60000
#define SHORTLY  20

typedef struct
{
  GMainContext  *context;  /* (owned) (nullable) */
  QnetReactor   *reactor;  /* (owned) (nullable) */
  QnetByteQueue  rest;
  QnetTransport  transport;
  int            near;     /* the transport's */
  int            far;      /* (owned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->reactor = qnet_reactor_get ();
  g_main_context_iteration (fixture->context, FALSE);  /* there is a loop */

  if (data == NULL)
    pair_open_tcp (&fixture->near, &fixture->far);
  else
    pair_open (&fixture->near, &fixture->far);

  qnet_transport_init_fd (&fixture->transport, fixture->near);
  qnet_byte_queue_init (&fixture->rest, qnet_reactor_get_chunk_pool (fixture->reactor));
}

static void
lose_context (Fixture *fixture)
{
  g_main_context_pop_thread_default (fixture->context);
  g_clear_pointer (&fixture->context, g_main_context_unref);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  qnet_syscall_fault = NULL;

  g_assert_false (pair_is_open (fixture->near));
  g_assert_null (fixture->transport.funcs);
  g_assert_cmpuint (fixture->rest.length, ==, 0);
  qnet_byte_queue_clear (&fixture->rest);

  if (fixture->context != NULL)
    lose_context (fixture);

  g_clear_pointer (&fixture->reactor, qnet_reactor_unref);
  qnet_clear_fd (&fixture->far);
}

static void
add_rest (QnetByteQueue *queue,
          gsize          size)
{
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (size), size);

  qnet_byte_queue_append_bytes (queue, bytes);
}

static void
wait_for (int   fd,
          short events)
{
  struct pollfd pollfd = { fd, events, 0 };

  while (poll (&pollfd, 1, -1) != 1)
    continue;
}

static void
linger (Fixture *fixture,
        guint    timeout)
{
  qnet_linger (fixture->reactor, &fixture->transport, &fixture->rest, timeout, FALSE);
}

/* All that can be had now. TRUE once the end was read, or @out_reset set. */
static gboolean
read_until_over (int       fd,
                 gsize    *total,
                 gboolean *out_reset)
{
  static char buffer[65536];
  gssize n;

  while ((n = recv (fd, buffer, sizeof buffer, 0)) > 0)
    *total += n;

  *out_reset = n < 0 && errno == ECONNRESET;
  g_assert_true (n == 0 || *out_reset || errno == EAGAIN);

  return n == 0 || *out_reset;
}

/* A reset fails the test. */
static gboolean
read_all (int    fd,
          gsize *total)
{
  gboolean is_reset;
  gboolean is_over = read_until_over (fd, total, &is_reset);

  g_assert_false (is_reset);

  return is_over;
}

static void
assert_all_arrives (Fixture *fixture,
                    gsize    expected)
{
  gsize total = 0;

  while (!read_all (fixture->far, &total))
    g_main_context_iteration (fixture->context, FALSE);

  g_assert_cmpuint (total, ==, expected);

  while (pair_is_open (fixture->near))
    g_main_context_iteration (fixture->context, FALSE);
}

static void
test_at_once (Fixture       *fixture,
              gconstpointer  data)
{
  guint before;

  g_test_summary ("What the kernel takes at once is sent, and closed, without an allocation.");

  qnet_byte_queue_append (&fixture->rest, "abc", 3);
  before = allocations_count ();
  linger (fixture, FOREVER);

  g_assert_cmpuint (allocations_count (), ==, before);
  g_assert_false (pair_is_open (fixture->near));
  assert_all_arrives (fixture, 3);
}

static void
test_long (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("What the kernel does not take is sent by the loop, all of it, and then closed.");

  add_rest (&fixture->rest, LONG);
  linger (fixture, FOREVER);
  g_assert_true (pair_is_open (fixture->near));

  assert_all_arrives (fixture, LONG);
}

static void
test_unread (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("Unread bytes of the peer do not reset what was sent.");

  pair_send (fixture->far, "abc");
  wait_for (fixture->near, POLLIN);
  add_rest (&fixture->rest, 10000);
  linger (fixture, FOREVER);

  assert_all_arrives (fixture, 10000);
}

static void
test_no_loop (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("Where no loop has ever run the descriptor is closed at once, and unread bytes "
                  "of the peer do not reset what was sent either.");

  g_clear_pointer (&fixture->reactor, qnet_reactor_unref);
  lose_context (fixture);
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->reactor = qnet_reactor_get ();

  pair_send (fixture->far, "abc");
  wait_for (fixture->near, POLLIN);
  add_rest (&fixture->rest, 10000);
  linger (fixture, FOREVER);
  g_assert_false (pair_is_open (fixture->near));

  assert_all_arrives (fixture, 10000);
}

static void
test_long_unread (Fixture       *fixture,
                  gconstpointer  data)
{
  static char piece[65536];
  gsize sent = 0;

  g_test_summary ("A peer that writes all before it reads does not block us and itself.");

  add_rest (&fixture->rest, LONG);
  linger (fixture, FOREVER);

  while (sent < LONG)
    {
      gssize n = send (fixture->far, piece, sizeof piece, MSG_NOSIGNAL);

      sent += MAX (n, 0);
      g_main_context_iteration (fixture->context, FALSE);
    }

  assert_all_arrives (fixture, LONG);
}

static void
test_half_closed (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A peer that has shut down its write side receives the rest, and the loop does "
                  "not spin.");

  add_rest (&fixture->rest, LONG);
  linger (fixture, FOREVER);
  g_assert_no_errno (shutdown (fixture->far, SHUT_WR));

  while (g_main_context_iteration (fixture->context, FALSE))
    continue;
  g_main_context_iteration (fixture->context, FALSE);  /* the reactor may have sat one out */

  for (guint i = 0; i < 20; i++)
    g_assert_false (g_main_context_iteration (fixture->context, FALSE));

  assert_all_arrives (fixture, LONG);
}

static void
test_peer_closes (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("When the peer closes, there is nothing to wait for.");

  add_rest (&fixture->rest, LONG);
  linger (fixture, FOREVER);
  pair_reset (&fixture->far);

  while (pair_is_open (fixture->near))
    g_main_context_iteration (fixture->context, TRUE);
}

static void
test_fails_at_once (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("If the peer has closed already, everything is closed at once.");

  pair_reset (&fixture->far);
  add_rest (&fixture->rest, 100);
  linger (fixture, FOREVER);
  g_assert_false (pair_is_open (fixture->near));
}

static int
fail_to_send (QnetSyscall which)
{
  return which == QNET_SYSCALL_SEND ? ENOBUFS : 0;
}

/* Returns whether the far end is reset, not ended. */
static gboolean
is_far_reset (Fixture *fixture)
{
  char c;

  wait_for (fixture->far, POLLIN);

  return recv (fixture->far, &c, 1, 0) < 0 && errno == ECONNRESET;
}

static void
test_failure_resets (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("Where sending fails the peer does not take a part for all: it gets a reset.");

  add_rest (&fixture->rest, 100);
  qnet_syscall_fault = fail_to_send;
  linger (fixture, FOREVER);
  qnet_syscall_fault = NULL;

  g_assert_false (pair_is_open (fixture->near));
  g_assert_true (is_far_reset (fixture));
}

static void
test_times_out (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("A peer that does not read is waited for until the timeout.");

  add_rest (&fixture->rest, LONG);
  linger (fixture, SHORTLY);

  while (pair_is_open (fixture->near))
    g_main_context_iteration (fixture->context, TRUE);
}

static void
test_no_time (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("Without a timeout it stays at the first attempt.");

  add_rest (&fixture->rest, LONG);
  linger (fixture, 0);
  g_assert_false (pair_is_open (fixture->near));
}

static void
test_orphaned (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("When the context is freed, what lingers in it is closed.");

  add_rest (&fixture->rest, LONG);
  linger (fixture, FOREVER);
  lose_context (fixture);
  g_assert_false (pair_is_open (fixture->near));
}

static void
test_orphaned_local (Fixture       *fixture,
                     gconstpointer  data)
{
  gboolean is_reset = FALSE;
  gsize total = 0;

  g_test_summary ("A local peer that has sent something meanwhile reads all, and an orderly end.");

  qnet_byte_queue_append (&fixture->rest, "abc", 3);
  linger (fixture, FOREVER);
  g_assert_true (pair_is_open (fixture->near));
  g_assert_cmpint (send (fixture->far, "x", 1, MSG_NOSIGNAL), ==, 1);
  lose_context (fixture);

  g_assert_false (pair_is_open (fixture->near));
  g_assert_true (read_until_over (fixture->far, &total, &is_reset));
  g_assert_false (is_reset);
  g_assert_cmpuint (total, ==, 3);
}

static void
test_orphaned_before (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("Without a context any more it stays at the first attempt.");

  lose_context (fixture);
  add_rest (&fixture->rest, LONG);
  linger (fixture, FOREVER);
  g_assert_false (pair_is_open (fixture->near));
}

/* A peer that continues to send */

/* Until the kernel here takes no more of it. */
static void
flood (int fd)
{
  static char piece[65536];

  while (send (fd, piece, sizeof piece, MSG_NOSIGNAL) > 0)
    continue;
}

static void
test_flooded (Fixture       *fixture,
              gconstpointer  data)
{
  gint64 until = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;

  g_test_summary ("A peer that never ceases to send is waited for until the timeout, and no turn "
                  "takes long.");

  qnet_byte_queue_append (&fixture->rest, "abc", 3);
  flood (fixture->far);
  linger (fixture, SHORTLY * 5);
  g_assert_true (pair_is_open (fixture->near));

  while (pair_is_open (fixture->near))
    {
      flood (fixture->far);
      g_main_context_iteration (fixture->context, FALSE);
    }

  g_assert_cmpint (g_get_monotonic_time (), <, until);
}

static void
test_talking (Fixture       *fixture,
              gconstpointer  data)
{
  gsize total = 0;

  g_test_summary ("A peer that is still sending is not reset as soon as it has everything, but "
                  "when it has been quiet.");

  pair_send (fixture->far, "before");
  wait_for (fixture->near, POLLIN);
  qnet_byte_queue_append (&fixture->rest, "abc", 3);
  linger (fixture, FOREVER);
  g_assert_true (pair_is_open (fixture->near));

  while (!read_all (fixture->far, &total))
    g_main_context_iteration (fixture->context, FALSE);

  pair_send (fixture->far, "and after");
  g_main_context_iteration (fixture->context, TRUE);
  pair_send (fixture->far, "that");
  g_assert_cmpuint (total, ==, 3);
  g_assert_true (read_all (fixture->far, &total));

  while (pair_is_open (fixture->near))
    g_main_context_iteration (fixture->context, TRUE);
}

static void
test_ended (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("Once the peer has ended, the descriptor is closed at once, and the kernel "
                  "sends what it has.");

  add_rest (&fixture->rest, 1 << 20);
  g_assert_no_errno (shutdown (fixture->far, SHUT_WR));
  wait_for (fixture->near, POLLIN);
  linger (fixture, FOREVER);
  g_assert_false (pair_is_open (fixture->near));

  assert_all_arrives (fixture, 1 << 20);
}

static void
test_waits_until_received (Fixture       *fixture,
                           gconstpointer  data)
{
  g_test_summary ("A peer that has not received everything yet is waited for, and the loop does "
                  "not spin.");

  add_rest (&fixture->rest, 1 << 20);
  linger (fixture, FOREVER);
  g_assert_true (pair_is_open (fixture->near));

  for (guint i = 0; i < 20; i++)
    g_assert_false (g_main_context_iteration (fixture->context, FALSE));

  assert_all_arrives (fixture, 1 << 20);
}

/* Many at once */

#define MANY 500

static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  int near[MANY], far[MANY];
  gsize total = 0;

  g_test_summary ("Many that linger cost no turn of the loop while their peers do nothing, and "
                  "each ends with its peer.");

  linger (fixture, FOREVER);

  for (guint i = 0; i < MANY; i++)
    {
      QnetTransport transport;
      QnetByteQueue rest;

      pair_open (&near[i], &far[i]);
      qnet_transport_init_fd (&transport, near[i]);
      qnet_byte_queue_init (&rest, NULL);
      qnet_byte_queue_append (&rest, "last", 4);
      qnet_linger (fixture->reactor, &transport, &rest, FOREVER, FALSE);
      g_assert_true (pair_is_open (near[i]));
    }

  for (guint i = 0; i < MANY; i++)
    {
      g_assert_true (read_all (far[i], &total));
      qnet_clear_fd (&far[i]);
    }

  for (guint i = 0; i < MANY; i++)
    while (pair_is_open (near[i]))
      g_main_context_iteration (fixture->context, FALSE);

  g_assert_cmpuint (total, ==, MANY * 4);
}

static void
test_descriptors_are_bounded (Fixture       *fixture,
                              gconstpointer  data)
{
  struct rlimit before, limit;
  int near[MANY], far[MANY];
  guint n_open = 0;

  g_test_summary ("They take a quarter of the process's descriptors at most: the oldest is "
                  "closed then, and its peer gets all.");

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &before));
  linger (fixture, FOREVER);

  for (guint i = 0; i < MANY / 2; i++)
    pair_open (&near[i], &far[i]);

  limit = (struct rlimit) { 400, before.rlim_max };
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));

  for (guint i = 0; i < MANY / 2; i++)
    {
      QnetTransport transport;
      QnetByteQueue rest;

      qnet_transport_init_fd (&transport, near[i]);
      qnet_byte_queue_init (&rest, NULL);
      qnet_byte_queue_append (&rest, "last", 4);
      qnet_linger (fixture->reactor, &transport, &rest, FOREVER, FALSE);
    }

  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &before));

  for (guint i = 0; i < MANY / 2; i++)
    n_open += pair_is_open (near[i]);
  g_assert_cmpuint (n_open, ==, 100);

  for (guint i = 0; i < MANY / 2; i++)
    {
      gsize total = 0;

      g_assert_true (read_all (far[i], &total));
      g_assert_cmpuint (total, ==, 4);
      qnet_clear_fd (&far[i]);
    }

  for (guint i = 0; i < MANY / 2; i++)
    while (pair_is_open (near[i]))
      g_main_context_iteration (fixture->context, FALSE);
}

/* A thread without a loop */

typedef struct
{
  int   fd;
  gsize size;
  guint timeout;
} Job;

static gpointer
linger_thread (gpointer data)
{
  Job *job = data;
  QnetReactor *reactor = qnet_reactor_get ();
  QnetTransport transport;
  QnetByteQueue rest;

  g_assert_true (qnet_reactor_is_detached (reactor));

  qnet_transport_init_fd (&transport, job->fd);
  qnet_byte_queue_init (&rest, qnet_reactor_get_chunk_pool (reactor));
  add_rest (&rest, job->size);
  qnet_linger (reactor, &transport, &rest, job->timeout, FALSE);

  g_assert_false (pair_is_open (job->fd));
  qnet_reactor_unref (reactor);

  return NULL;
}

static void
test_detached (Fixture       *fixture,
               gconstpointer  data)
{
  Job job = { fixture->near, LONG, FOREVER };
  GThread *thread;
  gsize total = 0;

  g_test_summary ("In a thread without a loop it blocks until all is sent.");

  fixture->transport.funcs = NULL;
  thread = g_thread_new ("linger", linger_thread, &job);

  do
    wait_for (fixture->far, POLLIN);
  while (!read_all (fixture->far, &total));

  g_thread_join (thread);
  g_assert_cmpuint (total, ==, LONG);
}

static void
test_detached_half_closed (Fixture       *fixture,
                           gconstpointer  data)
{
  Job job = { fixture->near, LONG, SHORTLY };
  GThread *thread;

  g_test_summary ("In a thread without a loop it blocks no longer than the timeout.");

  fixture->transport.funcs = NULL;
  g_assert_no_errno (shutdown (fixture->far, SHUT_WR));
  thread = g_thread_new ("linger", linger_thread, &job);
  g_thread_join (thread);
}

static gpointer
linger_locally_thread (gpointer data)
{
  Job *job = data;
  QnetReactor *reactor = qnet_reactor_get ();
  QnetTransport transport;
  QnetByteQueue rest;

  qnet_transport_init_local (&transport, job->fd, NULL);
  qnet_byte_queue_init (&rest, qnet_reactor_get_chunk_pool (reactor));
  add_rest (&rest, job->size);
  qnet_linger (reactor, &transport, &rest, job->timeout, FALSE);
  qnet_reactor_unref (reactor);

  return NULL;
}

static void
test_detached_local (Fixture       *fixture,
                     gconstpointer  data)
{
  Job job = { fixture->near, 100, FOREVER };
  gsize total = 0;

  g_test_summary ("There a local peer that does not read is not waited for: it has what was sent.");

  fixture->transport.funcs = NULL;
  g_thread_join (g_thread_new ("linger", linger_locally_thread, &job));
  g_assert_true (read_all (fixture->far, &total));
  g_assert_cmpuint (total, ==, 100);
}

/* By way of a channel */

static void
ignore (QnetChannel *channel)
{
}

static void
ignore_sent (QnetChannel *channel,
             gsize        size)
{
  g_assert_not_reached ();
}

static void
ignore_ended (QnetChannel  *channel,
              const GError *error)
{
  g_assert_not_reached ();
}

static const QnetChannelFuncs funcs = {
  .enter    = ignore,
  .leave    = ignore,
  .received = ignore,
  .sent     = ignore_sent,
  .ended    = ignore_ended,
  .deferred = ignore,
  .orphaned = ignore,
  .lock     = ignore,
  .unlock   = ignore,
};

static void
open_channel (Fixture     *fixture,
              QnetChannel *channel,
              QnetWaitSet *set)
{
  qnet_wait_set_init (set, fixture->reactor);
  qnet_channel_init (channel, &funcs);
  qnet_channel_open (channel, set, &fixture->transport);
}

static void
test_channel (Fixture       *fixture,
              gconstpointer  data)
{
  QnetChannel channel;
  QnetWaitSet set;

  g_test_summary ("A channel hands over what it has not sent, and is closed.");

  open_channel (fixture, &channel, &set);
  add_rest (&channel.write_queue, LONG);
  qnet_channel_queue_flush (&channel);
  qnet_channel_linger (&channel, FOREVER);

  g_assert_false (qnet_channel_is_open (&channel));
  g_assert_cmpuint (channel.write_queue.length, ==, 0);
  qnet_wait_set_clear (&set);
  g_assert_true (pair_is_open (fixture->near));

  assert_all_arrives (fixture, LONG);
}

static int
fail_send_cb (QnetSyscall call)
{
  return call == QNET_SYSCALL_SEND ? EPIPE : 0;
}

static void
test_channel_failed (Fixture       *fixture,
                     gconstpointer  data)
{
  QnetChannel channel;
  QnetWaitSet set;

  g_test_summary ("A channel that could not send has nothing to wait for.");

  open_channel (fixture, &channel, &set);
  add_rest (&channel.write_queue, LONG);
  qnet_syscall_fault = fail_send_cb;
  g_assert_false (qnet_channel_flush (&channel));
  qnet_syscall_fault = NULL;

  add_rest (&channel.write_queue, LONG);
  qnet_channel_linger (&channel, FOREVER);
  g_assert_false (pair_is_open (fixture->near));
  g_assert_cmpuint (channel.write_queue.length, ==, 0);

  qnet_channel_linger (&channel, FOREVER);  /* closed already */
  qnet_wait_set_clear (&set);
}

/* Each send fails in turn */

static guint fault_in;
static int   fault_value;

static int
fault_cb (QnetSyscall call)
{
  if (call != QNET_SYSCALL_SEND || fault_in == 0)
    return 0;

  return --fault_in == 0 ? fault_value : 0;
}

static void
run_with_fault (int      value,
                guint    in,
                gboolean may_fail)
{
  Fixture fixture = { 0, };
  gboolean is_over = FALSE, is_reset = FALSE;
  gsize total = 0;

  set_up (&fixture, NULL);
  add_rest (&fixture.rest, LONG / 4);

  fault_value = value;
  fault_in = in;
  qnet_syscall_fault = fault_cb;
  linger (&fixture, FOREVER);

  while (!is_over || pair_is_open (fixture.near))
    {
      is_over = is_over || read_until_over (fixture.far, &total, &is_reset);
      g_main_context_iteration (fixture.context, FALSE);
    }

  g_assert_true (is_reset ? may_fail : total == LONG / 4);
  tear_down (&fixture, NULL);
}

static void
test_anomalies (void)
{
  g_test_summary ("Whichever send fails, it ends: in order with all bytes, or with a reset.");

  for (guint n = 1; n < 4; n++)
    {
      run_with_fault (EINTR, n, FALSE);
      run_with_fault (EAGAIN, n, FALSE);
      run_with_fault (-1, n, FALSE);
      run_with_fault (ECONNRESET, n, TRUE);
    }
}

#define add(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/linger/at-once", test_at_once);
  add ("/linger/long", test_long);
  add ("/linger/unread", test_unread);
  add ("/linger/no-loop", test_no_loop);
  add ("/linger/unread/long", test_long_unread);
  g_test_add ("/linger/half-closed", Fixture, "unix", set_up, test_half_closed, tear_down);
  add ("/linger/peer-closes", test_peer_closes);
  add ("/linger/fails-at-once", test_fails_at_once);
  add ("/linger/fails-at-once/is-no-orderly-end", test_failure_resets);
  add ("/linger/times-out", test_times_out);
  add ("/linger/no-time", test_no_time);
  add ("/linger/flooded", test_flooded);
  add ("/linger/talking", test_talking);
  add ("/linger/ended", test_ended);
  add ("/linger/waits-until-received", test_waits_until_received);
  add ("/linger/many", test_many);
  add ("/linger/many/descriptors-are-bounded", test_descriptors_are_bounded);
  add ("/linger/orphaned", test_orphaned);
  g_test_add ("/linger/orphaned/local", Fixture, "unix", set_up, test_orphaned_local, tear_down);
  add ("/linger/orphaned/before", test_orphaned_before);
  add ("/linger/detached", test_detached);
  add ("/linger/detached/times-out", test_detached_half_closed);
  g_test_add ("/linger/detached/local-peer-reads-later", Fixture, "unix", set_up,
              test_detached_local, tear_down);
  add ("/linger/channel", test_channel);
  add ("/linger/channel/failed", test_channel_failed);
  g_test_add_func ("/linger/anomalies", test_anomalies);

  return g_test_run ();
}
