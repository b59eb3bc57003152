/* test-channel.c: a transport with a byte queue on either side
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/qnet-error-private.h"

#include "common/allocations.h"
#include "common/channel-fixture.h"
#include "common/pair.h"

#define BUDGET (256 * 1024)
#define LARGE  (64 * 1024)

/* Reading */

static void
test_starts_next_turn (Fixture       *fixture,
                       gconstpointer  data)
{
  g_test_summary ("Nothing is read before reading was asked for, and then only in the next turn.");

  pair_send (fixture->far, "abc");
  fixture_assert_log (fixture, "");
  g_assert_cmpuint (fixture->channel.n_receive_calls, ==, 0);

  qnet_channel_start_reading (&fixture->channel);
  qnet_channel_start_reading (&fixture->channel);
  g_assert_cmpuint (fixture->channel.n_receive_calls, ==, 0);

  fixture_assert_log (fixture, "received");
  fixture_assert_has_read (fixture, "abc");
}

static void
test_one_call (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("A message takes one read call, and a quiet channel holds no memory.");

  fixture_start (fixture);

  for (guint i = 1; i <= 10; i++)
    {
      pair_send (fixture->far, "abc");
      fixture_assert_log (fixture, "received");
      fixture_assert_has_read (fixture, "abc");
      g_assert_cmpuint (fixture->channel.n_receive_calls, ==, i);
      g_assert_null (fixture->channel.read_queue.head);
    }

  g_assert_cmpuint (fixture->channel.bytes_received, ==, 30);
}

static void
test_data_and_end (Fixture       *fixture,
                   gconstpointer  data)
{
  g_test_summary ("Bytes and the end of stream that arrived with them are reported in one "
                  "iteration, in this order.");

  fixture_start (fixture);
  pair_send (fixture->far, "abc");
  qnet_clear_fd (&fixture->far);

  while (fixture->log->len == 0)
    g_main_context_iteration (fixture->context, TRUE);

  g_assert_cmpstr (fixture->log->str, ==, "received ended ");
  g_assert_cmpuint (fixture->channel.n_receive_calls, ==, 2);
  fixture_assert_log (fixture, "received ended");
  fixture_assert_has_read (fixture, "abc");
}

static void
test_reset (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("A reset is reported after the bytes before it, with the reason.");

  fixture_start (fixture);
  pair_send (fixture->far, "abc");
  pair_reset (&fixture->far);
  fixture_assert_log (fixture, "received failed");
  fixture_assert_has_read (fixture, "abc");
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  g_assert_true (g_str_has_prefix (fixture->error->message, "Could not read: "));
}

static void
test_budget (Fixture       *fixture,
             gconstpointer  data)
{
  g_autofree char *piece = g_strnfill (LARGE, 'x');
  guint64 before = 0;
  gsize sent_size = 0;

  g_test_summary ("A peer that floods is read up to a budget in each iteration, and all its "
                  "bytes arrive.");

  fixture_start (fixture);

  while (sent_size < 16 * BUDGET)
    {
      gssize n;

      while ((n = send (fixture->far, piece, LARGE, MSG_NOSIGNAL)) > 0)
        sent_size += n;

      fixture_turn (fixture);
      g_assert_cmpuint (fixture->channel.bytes_received - before, <=, BUDGET + LARGE);
      before = fixture->channel.bytes_received;
    }

  fixture_settle (fixture);
  g_assert_cmpuint (fixture->channel.bytes_received, ==, sent_size);
  g_assert_cmpuint (fixture->channel.n_receive_calls, <, sent_size / 4096);
}

static void
test_limit (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("The read queue never holds more than its limit, and nothing is lost.");

  qnet_channel_set_read_limit (&fixture->channel, 10);
  fixture_start (fixture);
  pair_send (fixture->far, "0123456789abcdefghijKLM");

  fixture_assert_log (fixture, "received");
  g_assert_cmpuint (fixture->channel.read_queue.length, ==, 10);
  g_assert_true (qnet_channel_is_full (&fixture->channel));

  qnet_byte_queue_drop (&fixture->channel.read_queue, 4);
  qnet_channel_consumed (&fixture->channel);
  fixture_assert_log (fixture, "received");
  fixture_assert_has_read (fixture, "456789abcd");

  qnet_clear_fd (&fixture->far);
  fixture_assert_log (fixture, "received ended");
  fixture_assert_has_read (fixture, "efghijKLM");
}

static void
assert_at_rest (Fixture *fixture)
{
  fixture_assert_log (fixture, "");

  for (guint i = 0; i < 100; i++)
    g_assert_false (g_main_context_iteration (fixture->context, FALSE));
}

static void
test_end_while_full (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("The end of a peer that has filled the queue is noticed, and what came before "
                  "it is read.");

  qnet_channel_set_read_limit (&fixture->channel, 3);
  fixture_start (fixture);
  pair_send (fixture->far, "abcdef");
  fixture_assert_log (fixture, "received");
  g_assert_cmpuint (fixture->channel.read_queue.length, ==, 3);
  assert_at_rest (fixture);

  qnet_clear_fd (&fixture->far);
  fixture_assert_log (fixture, "received ended");
  assert_at_rest (fixture);
  fixture_assert_has_read (fixture, "abcdef");
}

static void
test_end_of_much_while_full (Fixture       *fixture,
                             gconstpointer  data)
{
  static char piece[LARGE];
  gsize sent_size = 0;
  gssize n;

  g_test_summary ("All that the kernel holds is read at the end, in one turn.");

  qnet_channel_set_read_limit (&fixture->channel, 3);
  fixture_start (fixture);

  while ((n = send (fixture->far, piece, LARGE, MSG_NOSIGNAL)) > 0)
    sent_size += n;

  fixture_assert_log (fixture, "received");
  g_assert_cmpuint (fixture->channel.bytes_received, ==, 3);
  qnet_clear_fd (&fixture->far);

  fixture_turn (fixture);
  g_assert_true (qnet_channel_has_ended (&fixture->channel));
  g_assert_cmpuint (fixture->channel.read_queue.length, ==, sent_size);
}

static void
test_end_without_more_while_full (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_test_summary ("It is noticed where nothing else came, too, and within a wait.");

  qnet_channel_set_read_limit (&fixture->channel, 3);
  fixture_start (fixture);
  pair_send (fixture->far, "abc");
  fixture_assert_log (fixture, "received");
  shutdown (fixture->far, SHUT_WR);

  g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
  g_assert_cmpstr (fixture->log->str, ==, "ended ");
  g_string_truncate (fixture->log, 0);
  assert_at_rest (fixture);
  fixture_assert_has_read (fixture, "abc");
}

static void
test_write_limit (Fixture       *fixture,
                  gconstpointer  data)
{
  static char piece[LARGE];
  guint64 received;

  g_test_summary ("A peer that leaves its answers unread is not read, until it has taken half of "
                  "the limit.");

  qnet_channel_set_write_limit (&fixture->channel, 4 * LARGE);
  fixture_start (fixture);

  while (fixture->channel.room_state == QNET_ROOM_FREE)
    {
      qnet_byte_queue_append (&fixture->channel.write_queue, piece, LARGE);
      qnet_channel_flush (&fixture->channel);
    }

  qnet_byte_queue_append (&fixture->channel.write_queue, piece, LARGE);
  qnet_byte_queue_append (&fixture->channel.write_queue, piece, LARGE);
  qnet_byte_queue_append (&fixture->channel.write_queue, piece, LARGE);
  qnet_byte_queue_append (&fixture->channel.write_queue, piece, LARGE);
  fixture_settle (fixture);
  g_string_truncate (fixture->log, 0);
  received = fixture->channel.bytes_received;

  pair_send (fixture->far, "abc");
  assert_at_rest (fixture);
  g_assert_cmpuint (fixture->channel.bytes_received, ==, received);

  while (fixture->channel.write_queue.length > 2 * LARGE)
    {
      g_assert_cmpuint (fixture->channel.bytes_received, ==, received);
      g_assert_cmpint (recv (fixture->far, piece, LARGE, 0), >, 0);
      fixture_settle (fixture);
    }

  g_assert_cmpuint (fixture->channel.bytes_received, ==, received + 3);
}

static void
test_end_at_write_limit (Fixture       *fixture,
                         gconstpointer  data)
{
  static char piece[LARGE];

  g_test_summary ("The end of a peer that leaves its answers unread is noticed, after what it "
                  "has sent.");

  qnet_channel_set_write_limit (&fixture->channel, LARGE);
  fixture_start (fixture);

  while (fixture->channel.write_queue.length < 2 * LARGE)
    {
      qnet_byte_queue_append (&fixture->channel.write_queue, piece, LARGE);
      qnet_channel_flush (&fixture->channel);
    }

  fixture_settle (fixture);
  g_string_truncate (fixture->log, 0);
  pair_send (fixture->far, "abc");
  assert_at_rest (fixture);
  shutdown (fixture->far, SHUT_WR);
  fixture_settle (fixture);
  g_assert_nonnull (strstr (fixture->log->str, "received ended"));
  fixture_assert_has_read (fixture, "abc");
}

static void
test_held_back (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("Bytes that are held back count against the limit; a new limit applies at once.");

  qnet_channel_set_read_limit (&fixture->channel, 10);
  qnet_channel_set_held_back (&fixture->channel, 7);
  fixture_start (fixture);
  pair_send (fixture->far, "0123456789");

  fixture_assert_log (fixture, "received");
  fixture_assert_has_read (fixture, "012");
  qnet_channel_set_held_back (&fixture->channel, 10);
  qnet_channel_consumed (&fixture->channel);
  fixture_settle (fixture);
  qnet_channel_set_held_back (&fixture->channel, 9);
  g_string_truncate (fixture->log, 0);
  qnet_byte_queue_clear (&fixture->channel.read_queue);
  qnet_channel_set_read_limit (&fixture->channel, 0);

  fixture_assert_log (fixture, "received");
  g_assert_false (qnet_channel_is_full (&fixture->channel));
}

static void
test_full_does_not_spin (Fixture       *fixture,
                         gconstpointer  data)
{
  g_test_summary ("A full queue leaves the loop at rest; when the peer resets it is noticed, "
                  "after its last bytes.");

  qnet_channel_set_read_limit (&fixture->channel, 3);
  fixture_start (fixture);
  pair_send (fixture->far, "abcdef");
  fixture_assert_log (fixture, "received");
  assert_at_rest (fixture);

  pair_reset (&fixture->far);
  fixture_assert_log (fixture, "received failed");
  assert_at_rest (fixture);
  fixture_assert_has_read (fixture, "abcdef");
}

static void
test_paused (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("A paused channel reads nothing before the peer has reset, and does not spin.");

  fixture_start (fixture);
  qnet_channel_set_paused (&fixture->channel, TRUE);
  pair_send (fixture->far, "abc");
  assert_at_rest (fixture);
  g_assert_cmpuint (fixture->channel.n_receive_calls, ==, 0);

  pair_reset (&fixture->far);
  fixture_assert_log (fixture, "received failed");
  assert_at_rest (fixture);
  fixture_assert_has_read (fixture, "abc");
}

static void
test_paused_before (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A peer that has ended before reading begins is noticed while paused, too.");

  qnet_channel_set_paused (&fixture->channel, TRUE);
  pair_send (fixture->far, "abc");
  qnet_clear_fd (&fixture->far);
  assert_at_rest (fixture);
  qnet_channel_start_reading (&fixture->channel);
  fixture_assert_log (fixture, "received ended");
  assert_at_rest (fixture);
  fixture_assert_has_read (fixture, "abc");
}

static void
test_paused_continues (Fixture       *fixture,
                       gconstpointer  data)
{
  g_test_summary ("Pausing and resuming lose nothing; what a queue held up is read afterwards.");

  fixture_start (fixture);
  qnet_channel_set_paused (&fixture->channel, TRUE);
  pair_send (fixture->far, "abc");
  assert_at_rest (fixture);
  qnet_channel_set_paused (&fixture->channel, FALSE);
  fixture_assert_log (fixture, "received");
  fixture_assert_has_read (fixture, "abc");
}

static void
nest (Fixture *fixture)
{
  fixture->on_received = NULL;
  pair_send (fixture->far, "def");
  qnet_clear_fd (&fixture->far);
  fixture_settle (fixture);
  g_string_append (fixture->log, "back ");
}

static void
test_nested (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("A handler may iterate the loop: what arrives meanwhile is reported there, "
                  "once.");

  fixture_start (fixture);
  fixture->on_received = nest;
  pair_send (fixture->far, "abc");
  fixture_assert_log (fixture, "received received ended back");
  fixture_assert_has_read (fixture, "abcdef");
}

/* Writing */

static void
test_coalesces (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("What is written in one iteration is sent by one call, and reported in the "
                  "next one.");

  for (guint i = 0; i < 10; i++)
    fixture_write (fixture, "0123456789");

  g_assert_cmpuint (fixture->channel.n_send_calls, ==, 0);
  fixture_assert_log (fixture, "sent");
  g_assert_cmpuint (fixture->channel.n_send_calls, ==, 1);
  g_assert_cmpuint (fixture->channel.bytes_sent, ==, 100);
  g_assert_cmpuint (fixture->sent, ==, 100);
}

static void
test_flush (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("flush() sends at once, and reports nothing before the next iteration.");

  g_assert_false (fixture_flush (fixture));
  fixture_write (fixture, "abc");
  g_assert_true (fixture_flush (fixture));
  pair_assert_gets (fixture->far, "abc");
  fixture_write (fixture, "de");
  g_assert_true (fixture_flush (fixture));
  pair_assert_gets (fixture->far, "de");
  g_assert_false (fixture_flush (fixture));

  fixture_assert_log (fixture, "sent");
  g_assert_cmpuint (fixture->sent, ==, 5);
}

static gsize
drain (int fd)
{
  static char buffer[LARGE];
  gsize total = 0;
  gssize n;

  while ((n = recv (fd, buffer, sizeof buffer, 0)) > 0)
    total += n;

  return total;
}

static void
test_waits_for_room (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (8 << 20), 8 << 20);
  gsize total = 0;

  g_test_summary ("What the kernel does not take is sent as soon as there is room, all of it.");

  qnet_byte_queue_append_bytes (&fixture->channel.write_queue, bytes);
  qnet_byte_queue_append_bytes (&fixture->channel.write_queue, bytes);
  qnet_channel_queue_flush (&fixture->channel);
  fixture_settle (fixture);
  g_assert_cmpuint (fixture->channel.write_queue.length, >, 0);

  for (guint i = 0; i < 100; i++)
    g_assert_false (g_main_context_iteration (fixture->context, FALSE));

  qnet_channel_shutdown_write (&fixture->channel);

  while (fixture->channel.write_state != QNET_WRITE_SHUT)
    {
      total += drain (fixture->far);
      fixture_turn (fixture);
    }

  while (total < 16 << 20)
    total += drain (fixture->far);

  fixture_settle (fixture);
  g_assert_cmpuint (total, ==, 16 << 20);
  g_assert_cmpuint (fixture->sent, ==, 16 << 20);
  pair_assert_gets (fixture->far, "");
}

static void
test_many_chunks (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (4096), 4096);
  int size = 4 << 20;

  g_test_summary ("More runs of bytes than one call takes are sent in as few as needed.");

  g_assert_no_errno (setsockopt (fixture->near, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));

  for (guint i = 0; i < 40; i++)
    qnet_byte_queue_append_bytes (&fixture->channel.write_queue, bytes);

  g_assert_true (fixture_flush (fixture));
  g_assert_cmpuint (fixture->channel.n_send_calls, ==, 1);

  while (fixture->channel.write_queue.length > 0 || fixture->channel.sent_pending > 0)
    {
      drain (fixture->far);
      fixture_turn (fixture);
    }

  g_assert_cmpuint (fixture->sent, ==, 40 * 4096);
}

static void
test_shutdown (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("Shutting down the write side leaves reading open.");

  fixture_start (fixture);
  qnet_channel_shutdown_write (&fixture->channel);
  pair_assert_gets (fixture->far, "");
  qnet_channel_shutdown_write (&fixture->channel);

  pair_send (fixture->far, "abc");
  fixture_assert_log (fixture, "received");
  qnet_clear_fd (&fixture->far);
  fixture_assert_log (fixture, "ended");
}

static void
test_shutdown_after_rest (Fixture       *fixture,
                          gconstpointer  data)
{
  g_test_summary ("The write side is shut down after what was written before.");

  fixture_write (fixture, "abc");
  qnet_channel_shutdown_write (&fixture->channel);
  pair_assert_quiet (fixture->far);
  fixture_settle (fixture);
  pair_assert_gets (fixture->far, "abc");
  pair_assert_gets (fixture->far, "");
}

/* Deferring */

static void
test_defers (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("deferred() comes in the next turn, once, before the first bytes do.");

  pair_send (fixture->far, "abc");
  qnet_channel_start_reading (&fixture->channel);
  qnet_channel_defer (&fixture->channel);
  qnet_channel_defer (&fixture->channel);
  fixture_assert_log (fixture, "deferred received");
}

static void
start_and_mark (Fixture *fixture)
{
  qnet_channel_start_reading (&fixture->channel);
  g_assert_cmpint (fixture->channel.read_state, ==, QNET_READ_STARTING);
}

static void
test_starts_when_deferred (Fixture       *fixture,
                           gconstpointer  data)
{
  g_test_summary ("Reading that deferred() starts waits for the turn after.");

  pair_send (fixture->far, "abc");
  fixture->on_deferred = start_and_mark;
  qnet_channel_defer (&fixture->channel);

  while (fixture->log->len == 0)
    g_main_context_iteration (fixture->context, TRUE);

  g_assert_cmpint (fixture->channel.read_state, ==, QNET_READ_STARTING);
  fixture_assert_log (fixture, "deferred received");
}

static void
test_defers_without_descriptor (Fixture       *fixture,
                                gconstpointer  data)
{
  int near = -1;

  g_test_summary ("An attached channel defers before it is opened.");

  qnet_channel_close (&fixture->channel);
  qnet_channel_attach (&fixture->channel, &fixture->set);
  qnet_channel_defer (&fixture->channel);
  fixture_assert_log (fixture, "deferred");

  qnet_channel_defer (&fixture->channel);
  qnet_clear_fd (&fixture->far);
  pair_open (&near, &fixture->far);
  fixture_open (fixture, near);
  fixture_assert_log (fixture, "deferred");
}

/* Any handler may do anything */

static void
provoke_everything (Fixture *fixture)
{
  qnet_channel_start_reading (&fixture->channel);
  fixture_turn (fixture);
  g_string_truncate (fixture->log, 0);

  pair_send (fixture->far, "abc");
  fixture_write (fixture, "def");
  fixture_flush (fixture);
  qnet_clear_fd (&fixture->far);
  qnet_channel_defer (&fixture->channel);
}

static void
test_closes_in_deferred (Fixture       *fixture,
                         gconstpointer  data)
{
  g_test_summary ("After a close in deferred() no callback is called any more.");

  fixture->on_deferred = fixture_close;
  provoke_everything (fixture);
  fixture_assert_log (fixture, "deferred");
}

static void
test_closes_in_sent (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("After a close in sent() no callback is called any more.");

  fixture->on_sent = fixture_close;
  provoke_everything (fixture);
  fixture_assert_log (fixture, "deferred sent");
}

static void
test_closes_in_received (Fixture       *fixture,
                         gconstpointer  data)
{
  g_test_summary ("After a close in received() no callback is called any more; the bytes remain.");

  fixture->on_received = fixture_close;
  fixture_start (fixture);
  pair_send (fixture->far, "abc");
  qnet_clear_fd (&fixture->far);
  fixture_assert_log (fixture, "received");
  fixture_assert_has_read (fixture, "abc");
}

static void
test_closes_in_ended (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A close in ended() is the usual answer.");

  fixture->on_ended = fixture_close;
  fixture_start (fixture);
  pair_reset (&fixture->far);
  fixture_assert_log (fixture, "failed");
}

static void
reopen (Fixture *fixture)
{
  int near;

  fixture->on_received = NULL;
  qnet_channel_close (&fixture->channel);
  qnet_byte_queue_clear (&fixture->channel.read_queue);
  qnet_clear_fd (&fixture->far);
  pair_open (&near, &fixture->far);
  fixture_open (fixture, near);
  qnet_channel_start_reading (&fixture->channel);
  pair_send (fixture->far, "new");
}

static void
test_reopens_in_received (Fixture       *fixture,
                          gconstpointer  data)
{
  g_test_summary ("A channel that is reopened in received() reports only its new connection.");

  fixture->on_received = reopen;
  fixture_start (fixture);
  pair_send (fixture->far, "abc");
  g_assert_no_errno (shutdown (fixture->far, SHUT_WR));
  fixture_assert_log (fixture, "received received");
  fixture_assert_has_read (fixture, "new");
  g_assert_cmpuint (fixture->channel.bytes_received, ==, 3);
}

static void
test_close_forgets (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("No callback follows a close; what was queued stays in the queues.");

  qnet_channel_start_reading (&fixture->channel);
  fixture_write (fixture, "abc");
  qnet_channel_defer (&fixture->channel);
  fixture_fail_call (QNET_SYSCALL_SEND, EPIPE, 1);
  qnet_channel_close (&fixture->channel);
  qnet_channel_close (&fixture->channel);

  fixture_assert_log (fixture, "");
  g_assert_cmpuint (fixture->channel.write_queue.length, ==, 3);
  pair_assert_gets (fixture->far, "");

  g_assert_false (fixture_flush (fixture));
  qnet_channel_shutdown_write (&fixture->channel);
  qnet_channel_queue_flush (&fixture->channel);
  qnet_channel_set_paused (&fixture->channel, FALSE);
}

static void
test_steal (Fixture       *fixture,
            gconstpointer  data)
{
  QnetTransport transport;

  g_test_summary ("A stolen transport remains as it was, without a watch.");

  fixture_start (fixture);
  qnet_channel_steal_transport (&fixture->channel, &transport);
  g_assert_false (qnet_channel_is_open (&fixture->channel));
  pair_send (fixture->far, "abc");
  fixture_assert_log (fixture, "");

  g_assert_cmpint (transport.fd, ==, fixture->near);
  pair_assert_gets (transport.fd, "abc");
  transport.funcs->close (&transport, FALSE);
}

/* The world around it */

static void
test_orphaned (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("A channel whose context is freed is closed; its owner is notified, and "
                  "nothing else is called.");

  fixture_start (fixture);
  pair_send (fixture->far, "abc");
  fixture_write (fixture, "abc");

  g_main_context_pop_thread_default (fixture->context);
  g_clear_pointer (&fixture->context, g_main_context_unref);

  g_assert_cmpstr (fixture->log->str, ==, "orphaned ");
  g_assert_false (pair_is_open (fixture->near));
}

static void
test_forked (Fixture       *fixture,
             gconstpointer  data)
{
  pid_t child;
  int status;

  g_test_summary ("A forked child that closes a channel leaves the parent's connection alone.");

  fixture_start (fixture);
  fixture_write (fixture, "abc");

  child = fork ();
  if (child == 0)
    {
      qnet_channel_flush (&fixture->channel);
      qnet_channel_shutdown_write (&fixture->channel);
      qnet_channel_linger (&fixture->channel, 1000);
      _exit (qnet_channel_is_open (&fixture->channel));
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  pair_assert_quiet (fixture->far);

  pair_send (fixture->far, "def");
  fixture_settle (fixture);
  fixture_assert_has_read (fixture, "def");
  pair_assert_gets (fixture->far, "abc");
}

static void
test_waits (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("A wait moves the channel without the loop: sending, reading, and the end.");

  fixture_start (fixture);
  fixture_write (fixture, "abc");
  pair_send (fixture->far, "def");

  while (fixture->sent == 0 || fixture->channel.bytes_received == 0)
    g_assert_true (qnet_wait_set_iterate (&fixture->set, qnet_clock_until (10000)));

  pair_assert_gets (fixture->far, "abc");
  qnet_clear_fd (&fixture->far);

  while (strstr (fixture->log->str, "ended") == NULL)
    g_assert_true (qnet_wait_set_iterate (&fixture->set, qnet_clock_until (10000)));
}

static gint64 clock_now = 1000;

static gint64
get_clock (void)
{
  return clock_now;
}

static void
test_activity (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("The time of the last byte is kept for those who ask for it.");

  fixture_start (fixture);
  pair_send (fixture->far, "abc");
  fixture_assert_log (fixture, "received");
  g_assert_cmpint (fixture->channel.last_activity, ==, 0);

  qnet_clock_set_for_tests (get_clock);
  fixture->channel.tracks_activity = TRUE;
  clock_now = 2000;
  pair_send (fixture->far, "abc");
  fixture_assert_log (fixture, "received");
  g_assert_cmpint (fixture->channel.last_activity, ==, 2000);

  clock_now = 3000;
  fixture_write (fixture, "abc");
  g_assert_true (fixture_flush (fixture));
  g_assert_cmpint (fixture->channel.last_activity, ==, 3000);
  qnet_clock_set_for_tests (NULL);
}

static void
test_echo_allocates_nothing (Fixture       *fixture,
                             gconstpointer  data)
{
  guint before = 0;

  g_test_summary ("After its first round an echo allocates nothing, and takes two calls a round.");

  fixture_start (fixture);
  fixture->on_received = fixture_echo;

  for (guint i = 0; i < 1000; i++)
    {
      pair_send (fixture->far, "0123456789");
      fixture_settle (fixture);
      pair_assert_gets (fixture->far, "0123456789");

      if (i == 0)
        before = allocations_count ();
    }

  g_assert_cmpuint (before, >, 0);
  g_assert_cmpuint (allocations_count (), ==, before);
  g_assert_cmpuint (fixture->channel.n_receive_calls, ==, 1000);
  g_assert_cmpuint (fixture->channel.n_send_calls, ==, 1000);
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

  add ("/channel/read/starts-next-turn", test_starts_next_turn);
  add ("/channel/read/one-call", test_one_call);
  add ("/channel/read/data-and-end", test_data_and_end);
  add_tcp ("/channel/read/reset", test_reset);
  add ("/channel/read/budget", test_budget);
  add ("/channel/read/limit", test_limit);
  add ("/channel/read/held-back", test_held_back);
  add_tcp ("/channel/read/full", test_full_does_not_spin);
  add_tcp ("/channel/read/paused", test_paused);
  add ("/channel/read/paused-before-reading", test_paused_before);
  add ("/channel/read/paused-and-resumed", test_paused_continues);
  add ("/channel/read/end-while-full", test_end_while_full);
  add_tcp ("/channel/read/end-while-full-tcp", test_end_while_full);
  add ("/channel/read/end-of-much-while-full", test_end_of_much_while_full);
  add_tcp ("/channel/read/end-without-more-while-full", test_end_without_more_while_full);
  add ("/channel/write-limit", test_write_limit);
  add_tcp ("/channel/write-limit/end", test_end_at_write_limit);
  add ("/channel/read/nested", test_nested);

  add ("/channel/write/coalesces", test_coalesces);
  add ("/channel/write/flush", test_flush);
  add ("/channel/write/waits-for-room", test_waits_for_room);
  add ("/channel/write/many-chunks", test_many_chunks);
  add ("/channel/write/shutdown", test_shutdown);
  add ("/channel/write/shutdown/after-rest", test_shutdown_after_rest);

  add ("/channel/defer/before-bytes", test_defers);
  add ("/channel/defer/starts-reading", test_starts_when_deferred);
  add ("/channel/defer/without-descriptor", test_defers_without_descriptor);

  add ("/channel/handler/closes-in-deferred", test_closes_in_deferred);
  add ("/channel/handler/closes-in-sent", test_closes_in_sent);
  add ("/channel/handler/closes-in-received", test_closes_in_received);
  add_tcp ("/channel/handler/closes-in-ended", test_closes_in_ended);
  add ("/channel/handler/reopens-in-received", test_reopens_in_received);
  add ("/channel/close", test_close_forgets);
  add ("/channel/steal", test_steal);

  add ("/channel/orphaned", test_orphaned);
  add ("/channel/forked", test_forked);
  add ("/channel/waits", test_waits);
  add ("/channel/activity", test_activity);
  add ("/channel/echo-allocates-nothing", test_echo_allocates_nothing);

  return g_test_run ();
}
