/* test-channel-failures.c: what a channel reports when sending or reading fails
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/qnet-error-private.h"

#include "common/channel-fixture.h"
#include "common/pair.h"

#define BUDGET (256 * 1024)

/* Failing to write */

static void
assert_write_error (Fixture *fixture)
{
  g_assert_nonnull (fixture->error);
  g_assert_true (g_str_has_prefix (fixture->error->message, "Could not write: "));
}

static void
test_write_fails (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A failure to send is reported once, after the bytes that arrived before.");

  fixture_start (fixture);
  pair_send (fixture->far, "abc");
  qnet_clear_fd (&fixture->far);
  fixture_write (fixture, "xyz");
  g_assert_false (fixture_flush (fixture));
  g_assert_cmpuint (fixture->channel.write_queue.length, ==, 0);
  fixture_write (fixture, "is dropped");

  fixture_assert_log (fixture, "received failed");
  fixture_assert_has_read (fixture, "abc");
  assert_write_error (fixture);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}

static void
test_write_fails_alone (Fixture       *fixture,
                        gconstpointer  data)
{
  g_test_summary ("A failure to send is reported even if the descriptor never becomes readable.");

  fixture_start (fixture);
  fixture_write (fixture, "xyz");
  fixture_fail_call (QNET_SYSCALL_SEND, ENOBUFS, 1);

  fixture_assert_log (fixture, "failed");
  assert_write_error (fixture);
}

static void
test_write_fails_under_flood (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autofree char *piece = g_strnfill (2 * BUDGET, 'x');
  int size = 4 * BUDGET;
  gssize n;

  g_test_summary ("More bytes than one iteration reads are reported before the failure to send.");

  g_assert_no_errno (setsockopt (fixture->far, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
  fixture_start (fixture);
  n = send (fixture->far, piece, 2 * BUDGET, MSG_NOSIGNAL);
  g_assert_cmpint (n, >, 0);
  fixture_write (fixture, "xyz");
  fixture_fail_call (QNET_SYSCALL_SEND, EPIPE, 1);
  fixture_flush (fixture);

  fixture_settle (fixture);
  g_assert_cmpuint (fixture->channel.bytes_received, ==, n);
  g_assert_true (g_str_has_suffix (fixture->log->str, "received failed "));
  assert_write_error (fixture);
}

static void
test_write_fails_before_reading (Fixture       *fixture,
                                 gconstpointer  data)
{
  g_test_summary ("A failure to send waits for reading to start, and for what reading finds.");

  pair_send (fixture->far, "abc");
  fixture_write (fixture, "xyz");
  fixture_fail_call (QNET_SYSCALL_SEND, EPIPE, 1);
  fixture_flush (fixture);
  fixture_assert_log (fixture, "");

  qnet_channel_start_reading (&fixture->channel);
  fixture_assert_log (fixture, "received failed");
  assert_write_error (fixture);
}

static void
test_write_fails_while_paused (Fixture       *fixture,
                               gconstpointer  data)
{
  g_test_summary ("A failure to send waits while reading is paused.");

  fixture_start (fixture);
  qnet_channel_set_paused (&fixture->channel, TRUE);
  fixture_write (fixture, "xyz");
  fixture_fail_call (QNET_SYSCALL_SEND, EPIPE, 1);
  fixture_assert_log (fixture, "");

  qnet_channel_set_paused (&fixture->channel, FALSE);
  fixture_assert_log (fixture, "failed");
  assert_write_error (fixture);
}

static void
test_write_fails_while_full (Fixture       *fixture,
                             gconstpointer  data)
{
  g_test_summary ("A failure to send waits while the read queue is full.");

  qnet_channel_set_read_limit (&fixture->channel, 3);
  fixture_start (fixture);
  pair_send (fixture->far, "abcd");
  fixture_assert_log (fixture, "received");
  fixture_write (fixture, "xyz");
  fixture_fail_call (QNET_SYSCALL_SEND, EPIPE, 1);
  fixture_assert_log (fixture, "");

  fixture_assert_has_read (fixture, "abc");
  fixture_assert_log (fixture, "received failed");
  fixture_assert_has_read (fixture, "d");
  assert_write_error (fixture);
}

static void
test_write_fails_half_open (Fixture       *fixture,
                            gconstpointer  data)
{
  g_test_summary ("After the end of stream writing continues; its failure is reported as well.");

  fixture_start (fixture);
  g_assert_no_errno (shutdown (fixture->far, SHUT_WR));
  fixture_assert_log (fixture, "ended");

  fixture_write (fixture, "abc");
  fixture_assert_log (fixture, "sent");
  pair_assert_gets (fixture->far, "abc");

  qnet_clear_fd (&fixture->far);
  fixture_write (fixture, "def");
  fixture_assert_log (fixture, "failed");
  assert_write_error (fixture);
}

static void
test_both_fail (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("If reading fails after writing has, the reason of reading is reported, once.");

  fixture_start (fixture);
  fixture_write (fixture, "xyz");
  fixture_fail_call (QNET_SYSCALL_SEND, EPIPE, 1);
  fixture_flush (fixture);
  fixture_fail_call (QNET_SYSCALL_RECV, ECONNRESET, 1);

  fixture_assert_log (fixture, "failed");
  g_assert_true (g_str_has_prefix (fixture->error->message, "Could not read: "));
}

static void
test_hangup_while_blocked (Fixture       *fixture,
                           gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (8 << 20), 8 << 20);

  g_test_summary ("A channel that waits for room notices that the peer has closed, without "
                  "reading.");

  qnet_byte_queue_append_bytes (&fixture->channel.write_queue, bytes);
  qnet_channel_queue_flush (&fixture->channel);
  fixture_assert_log (fixture, "sent");
  pair_reset (&fixture->far);

  while (fixture->channel.write_queue.length > 0)
    g_main_context_iteration (fixture->context, TRUE);

  fixture_assert_log (fixture, "");

  qnet_channel_start_reading (&fixture->channel);
  fixture_assert_log (fixture, "failed");
}

static void
test_failure_resets (Fixture       *fixture,
                     gconstpointer  data)
{
  struct pollfd pollfd = { fixture->far, POLLIN, 0 };
  char c;

  g_test_summary ("If not everything could be sent, the peer does not see an orderly end.");

  fixture_start (fixture);
  fixture_write (fixture, "xyz");
  fixture_fail_call (QNET_SYSCALL_SEND, ENOBUFS, 1);
  fixture_assert_log (fixture, "failed");
  fixture_close (fixture);

  g_assert_cmpint (poll (&pollfd, 1, -1), ==, 1);
  g_assert_cmpint (recv (fixture->far, &c, 1, 0), ==, -1);
  g_assert_cmpint (errno, ==, ECONNRESET);
}

static void
test_both_halves_shut (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (8 << 20), 8 << 20);
  static char buffer[65536];
  gsize total = 0;
  gssize n = -1;

  g_test_summary ("Both halves may be shut while the kernel still sends: that is no failure to "
                  "write.");

  fixture_start (fixture);
  qnet_byte_queue_append_bytes (&fixture->channel.write_queue, bytes);
  qnet_channel_queue_flush (&fixture->channel);
  fixture_settle (fixture);
  qnet_channel_drain (&fixture->channel);
  qnet_channel_shutdown_write (&fixture->channel);
  g_assert_no_errno (shutdown (fixture->far, SHUT_WR));

  while (n != 0)
    {
      fixture_turn (fixture);
      n = recv (fixture->far, buffer, sizeof buffer, 0);
      total += MAX (n, 0);
    }

  fixture_settle (fixture);
  g_assert_cmpuint (total, ==, 8 << 20);
  g_assert_no_error (fixture->error);
}

/* Each system call fails in turn */

static gboolean
serve_one (Fixture *fixture)
{
  char buffer[64];
  gsize got = 0;
  gssize n = -1;

  for (guint i = 0; i < 100 && n != 0; i++)
    {
      fixture_turn (fixture);
      n = recv (fixture->far, buffer, sizeof buffer, 0);
      got += MAX (n, 0);

      if (fixture->error != NULL)
        return FALSE;
    }

  g_assert_cmpint (n, ==, 0);  /* the channel's end has come: nothing hangs */

  return got == 10;
}

static void
echo_and_end (Fixture *fixture)
{
  fixture_echo (fixture);

  if (fixture->channel.bytes_received == 10)
    qnet_channel_shutdown_write (&fixture->channel);
}

/* Returns whether there were so many calls. */
static gboolean
run_with_fault (QnetSyscall call,
                int         value,
                guint       in,
                gboolean    may_fail)
{
  Fixture fixture = { 0, };
  gboolean is_served, was_reached;

  fixture_set_up (&fixture, NULL);
  fixture.on_received = echo_and_end;
  fixture.on_ended = fixture_close;
  fixture_fail_call (call, value, in);

  pair_send (fixture.far, "0123456789");
  qnet_channel_start_reading (&fixture.channel);
  is_served = serve_one (&fixture);
  was_reached = fixture_has_failed_call ();

  g_assert_true (is_served || (may_fail && was_reached));
  fixture_tear_down (&fixture, NULL);

  return was_reached;
}

static void
test_anomalies (void)
{
  static const QnetSyscall calls[] = { QNET_SYSCALL_RECV, QNET_SYSCALL_SEND };
  static const int values[] = { EINTR, EAGAIN, -1, -3, ECONNRESET, ENOBUFS };

  g_test_summary ("Whichever system call fails, the connection ends with success or with a "
                  "reported error.");

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    for (guint j = 0; j < G_N_ELEMENTS (values); j++)
      {
        gboolean may_fail = values[j] == ECONNRESET || values[j] == ENOBUFS;
        guint n = 1;

        while (run_with_fault (calls[i], values[j], n, may_fail))
          n++;

        g_assert_cmpuint (n, >, 1);
      }
}

#define add_on(kind, path, function) \
  g_test_add (path, Fixture, kind, fixture_set_up, function, fixture_tear_down)
#define add(path, function) add_on (NULL, path, function)
#define add_tcp(path, function) add_on ("tcp", path, function)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/channel-failures/write/after-bytes", test_write_fails);
  add ("/channel-failures/write/alone", test_write_fails_alone);
  add ("/channel-failures/write/under-flood", test_write_fails_under_flood);
  add ("/channel-failures/write/before-reading", test_write_fails_before_reading);
  add ("/channel-failures/write/paused", test_write_fails_while_paused);
  add ("/channel-failures/write/full", test_write_fails_while_full);
  add ("/channel-failures/write/half-open", test_write_fails_half_open);
  add ("/channel-failures/write/and-reading", test_both_fail);
  add_tcp ("/channel-failures/write/blocked", test_hangup_while_blocked);
  add_tcp ("/channel-failures/write/is-no-orderly-end", test_failure_resets);
  add_tcp ("/channel-failures/write/both-halves-shut-is-none", test_both_halves_shut);

  g_test_add_func ("/channel-failures/any", test_anomalies);

  return g_test_run ();
}
