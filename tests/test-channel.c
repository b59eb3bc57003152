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
#include "engine/qnet-channel-private.h"
#include "engine/qnet-syscall-private.h"

#include "common/allocations.h"
#include "common/pair.h"

#define BUDGET (256 * 1024)
#define LARGE  (64 * 1024)

typedef struct _Fixture Fixture;

typedef void (*Handler) (Fixture *fixture);

/* The owner of a channel. What it hears goes into the log, one word each. */
struct _Fixture
{
  QnetChannel   channel;  /* first: the callbacks have nothing else */
  GMainContext *context;  /* (owned) */
  QnetReactor  *reactor;  /* (owned) (nullable) */
  QnetWaitSet   set;
  int           near;     /* owned by the channel while it is open */
  int           far;      /* (owned) */
  GString      *log;      /* (owned) */
  gsize         sent;     /* as told */
  guint         n_held;   /* enter() without leave() */
  gboolean      is_calling;  /* into the channel: nothing may be told now */
  GError       *error;    /* (owned) (nullable): what ended() told last */
  Handler       on_received;
  Handler       on_sent;
  Handler       on_ended;
  Handler       on_deferred;
};

/* The owner */

static void
enter (QnetChannel *channel)
{
  ((Fixture *) channel)->n_held++;
}

static void
leave (QnetChannel *channel)
{
  ((Fixture *) channel)->n_held--;
}

static void
tell (Fixture    *fixture,
      const char *word,
      Handler     handler)
{
  g_assert_cmpuint (fixture->n_held, >, 0);
  g_assert_false (fixture->is_calling);
  g_string_append_printf (fixture->log, "%s ", word);

  if (handler != NULL)
    handler (fixture);
}

static void
received (QnetChannel *channel)
{
  tell ((Fixture *) channel, "received", ((Fixture *) channel)->on_received);
}

static void
sent (QnetChannel *channel,
      gsize        size)
{
  g_assert_cmpuint (size, >, 0);

  ((Fixture *) channel)->sent += size;
  tell ((Fixture *) channel, "sent", ((Fixture *) channel)->on_sent);
}

static void
ended (QnetChannel  *channel,
       const GError *error)
{
  Fixture *fixture = (Fixture *) channel;

  g_clear_error (&fixture->error);
  fixture->error = error != NULL ? g_error_copy (error) : NULL;

  tell (fixture, error != NULL ? "failed" : "ended", fixture->on_ended);
}

static void
deferred (QnetChannel *channel)
{
  tell ((Fixture *) channel, "deferred", ((Fixture *) channel)->on_deferred);
}

static void
orphaned (QnetChannel *channel)
{
  g_assert_false (qnet_channel_is_open (channel));
  tell ((Fixture *) channel, "orphaned", NULL);
}

static const QnetChannelFuncs funcs = { enter, leave, received, sent, ended, deferred, orphaned };

/* Opens a channel on @fd. */
static void
open_on (Fixture *fixture,
         int      fd)
{
  QnetTransport transport;

  fixture->near = fd;
  qnet_transport_init_fd (&transport, fd);
  qnet_channel_open (&fixture->channel, &fixture->set, &transport);
  g_assert_null (transport.funcs);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  gboolean is_tcp = data != NULL;
  int near;

  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->reactor = qnet_reactor_get ();
  fixture->log = g_string_new (NULL);
  qnet_wait_set_init (&fixture->set, fixture->reactor);
  qnet_channel_init (&fixture->channel, &funcs);

  if (is_tcp)
    pair_open_tcp (&near, &fixture->far);
  else
    pair_open (&near, &fixture->far);

  open_on (fixture, near);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  qnet_syscall_fault = NULL;

  qnet_channel_close (&fixture->channel);
  g_assert_false (pair_is_open (fixture->near));
  qnet_byte_queue_clear (&fixture->channel.read_queue);
  qnet_byte_queue_clear (&fixture->channel.write_queue);
  qnet_wait_set_clear (&fixture->set);
  g_clear_pointer (&fixture->reactor, qnet_reactor_unref);

  if (fixture->context != NULL)
    g_main_context_pop_thread_default (fixture->context);
  g_clear_pointer (&fixture->context, g_main_context_unref);

  g_assert_cmpuint (fixture->n_held, ==, 0);
  g_string_free (fixture->log, TRUE);
  g_clear_error (&fixture->error);
  qnet_clear_fd (&fixture->far);
}

/* Some turns of the loop, until nothing is left to do. The reactor may sit out one now and then. */
static void
settle (Fixture *fixture)
{
  guint n_quiet = 0;

  while (n_quiet < 3)
    n_quiet = g_main_context_iteration (fixture->context, FALSE) ? 0 : n_quiet + 1;
}

static void
turn (Fixture *fixture)
{
  g_main_context_iteration (fixture->context, FALSE);
}

/* What the owner heard since the last time, once nothing more comes. */
static void
assert_hears (Fixture    *fixture,
              const char *expected)
{
  g_autofree char *heard = NULL;

  settle (fixture);
  heard = g_strdup (g_strchomp (fixture->log->str));
  g_string_truncate (fixture->log, 0);

  g_assert_cmpstr (heard, ==, expected);
}

static void
assert_has_read (Fixture    *fixture,
                 const char *expected)
{
  char buffer[256] = { 0, };

  qnet_byte_queue_take (&fixture->channel.read_queue, buffer, sizeof buffer - 1);
  g_assert_cmpstr (buffer, ==, expected);

  qnet_channel_consumed (&fixture->channel);
}

static void
write_string (Fixture    *fixture,
              const char *string)
{
  fixture->is_calling = TRUE;
  qnet_byte_queue_append (&fixture->channel.write_queue, string, strlen (string));
  qnet_channel_queue_flush (&fixture->channel);
  fixture->is_calling = FALSE;
}

static gboolean
flush (Fixture *fixture)
{
  gboolean has_sent;

  fixture->is_calling = TRUE;
  has_sent = qnet_channel_flush (&fixture->channel);
  fixture->is_calling = FALSE;

  return has_sent;
}

static void
start (Fixture *fixture)
{
  qnet_channel_start_reading (&fixture->channel);
  assert_hears (fixture, "");
}

/* Faults */

static QnetSyscall fault_call;   /* this call ... */
static int         fault_value;  /* ... ends so ... */
static guint       fault_in;     /* ... this time from now, 1 being the next */

static int
fault_cb (QnetSyscall call)
{
  if (call != fault_call || fault_in == 0)
    return 0;

  return --fault_in == 0 ? fault_value : 0;
}

static void
fail (QnetSyscall call,
      int         value)
{
  fault_call = call;
  fault_value = value;
  fault_in = 1;
  qnet_syscall_fault = fault_cb;
}

/* Reading */

static void
test_starts_next_turn (Fixture       *fixture,
                       gconstpointer  data)
{
  g_test_summary ("Nothing is read before reading was asked for, and then only in the next turn.");

  pair_send (fixture->far, "abc");
  assert_hears (fixture, "");
  g_assert_cmpuint (fixture->channel.n_receive_calls, ==, 0);

  qnet_channel_start_reading (&fixture->channel);
  qnet_channel_start_reading (&fixture->channel);
  g_assert_cmpuint (fixture->channel.n_receive_calls, ==, 0);

  assert_hears (fixture, "received");
  assert_has_read (fixture, "abc");
}

static void
test_one_call (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("A message takes one read call, and a quiet channel holds no memory.");

  start (fixture);

  for (guint i = 1; i <= 10; i++)
    {
      pair_send (fixture->far, "abc");
      assert_hears (fixture, "received");
      assert_has_read (fixture, "abc");
      g_assert_cmpuint (fixture->channel.n_receive_calls, ==, i);
      g_assert_null (fixture->channel.read_queue.head);
    }

  g_assert_cmpuint (fixture->channel.bytes_received, ==, 30);
}

static void
test_data_and_end (Fixture       *fixture,
                   gconstpointer  data)
{
  g_test_summary ("Bytes and the end that came with them are told in one turn, in this order.");

  start (fixture);
  pair_send (fixture->far, "abc");
  qnet_clear_fd (&fixture->far);

  while (fixture->log->len == 0)
    g_main_context_iteration (fixture->context, TRUE);

  g_assert_cmpstr (fixture->log->str, ==, "received ended ");
  g_assert_cmpuint (fixture->channel.n_receive_calls, ==, 2);
  assert_hears (fixture, "received ended");
  assert_has_read (fixture, "abc");
}

static void
test_reset (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("A reset is told after the bytes before it, with the reason.");

  start (fixture);
  pair_send (fixture->far, "abc");
  pair_reset (&fixture->far);

  while (strstr (fixture->log->str, "failed") == NULL)
    g_main_context_iteration (fixture->context, TRUE);

  assert_hears (fixture, "received failed");
  assert_has_read (fixture, "abc");
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

  g_test_summary ("A peer that floods gets a budget per turn, and all its bytes arrive.");

  start (fixture);

  while (sent_size < 16 * BUDGET)
    {
      gssize n;

      while ((n = send (fixture->far, piece, LARGE, MSG_NOSIGNAL)) > 0)
        sent_size += n;

      turn (fixture);
      g_assert_cmpuint (fixture->channel.bytes_received - before, <=, BUDGET + LARGE);
      before = fixture->channel.bytes_received;
    }

  settle (fixture);
  g_assert_cmpuint (fixture->channel.bytes_received, ==, sent_size);
  g_assert_cmpuint (fixture->channel.n_receive_calls, <, sent_size / 4096);
}

static void
test_limit (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("The read queue never holds more than its limit, and nothing is lost.");

  qnet_channel_set_read_limit (&fixture->channel, 10);
  start (fixture);
  pair_send (fixture->far, "0123456789abcdefghijKLM");
  qnet_clear_fd (&fixture->far);

  assert_hears (fixture, "received");
  g_assert_cmpuint (fixture->channel.read_queue.length, ==, 10);
  g_assert_true (qnet_channel_is_full (&fixture->channel));

  qnet_byte_queue_drop (&fixture->channel.read_queue, 4);
  qnet_channel_consumed (&fixture->channel);
  assert_hears (fixture, "received");
  assert_has_read (fixture, "456789abcd");

  assert_hears (fixture, "received ended");
  assert_has_read (fixture, "efghijKLM");
}

static void
test_held_back (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("Bytes that are held back count against the limit; a new limit applies at once.");

  qnet_channel_set_read_limit (&fixture->channel, 10);
  fixture->channel.held_back = 7;
  start (fixture);
  pair_send (fixture->far, "0123456789");

  assert_hears (fixture, "received");
  assert_has_read (fixture, "012");
  fixture->channel.held_back = 10;
  qnet_channel_consumed (&fixture->channel);
  settle (fixture);
  fixture->channel.held_back = 9;
  g_string_truncate (fixture->log, 0);
  qnet_byte_queue_clear (&fixture->channel.read_queue);
  qnet_channel_set_read_limit (&fixture->channel, 0);

  assert_hears (fixture, "received");
  g_assert_false (qnet_channel_is_full (&fixture->channel));
}

static void
test_full_does_not_spin (Fixture       *fixture,
                         gconstpointer  data)
{
  g_test_summary ("A full queue and a peer that resets leave the loop at rest.");

  qnet_channel_set_read_limit (&fixture->channel, 3);
  start (fixture);
  pair_send (fixture->far, "abcdef");
  assert_hears (fixture, "received");
  pair_reset (&fixture->far);

  settle (fixture);
  for (guint i = 0; i < 100; i++)
    g_assert_false (g_main_context_iteration (fixture->context, FALSE));

  assert_has_read (fixture, "abc");
  assert_hears (fixture, "received");
  assert_has_read (fixture, "def");
  assert_hears (fixture, "failed");
}

static void
test_paused (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("A paused channel reads nothing, and does not spin when the peer goes.");

  start (fixture);
  qnet_channel_set_paused (&fixture->channel, TRUE);
  pair_send (fixture->far, "abc");
  pair_reset (&fixture->far);
  assert_hears (fixture, "");

  for (guint i = 0; i < 100; i++)
    g_assert_false (g_main_context_iteration (fixture->context, FALSE));

  g_assert_cmpuint (fixture->channel.n_receive_calls, ==, 0);
  qnet_channel_set_paused (&fixture->channel, FALSE);
  assert_hears (fixture, "received failed");
  assert_has_read (fixture, "abc");
}

static void
nest (Fixture *fixture)
{
  fixture->on_received = NULL;
  pair_send (fixture->far, "def");
  qnet_clear_fd (&fixture->far);
  settle (fixture);
  g_string_append (fixture->log, "back ");
}

static void
test_nested (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("A handler may run the loop: what comes meanwhile is told there, once.");

  start (fixture);
  fixture->on_received = nest;
  pair_send (fixture->far, "abc");
  assert_hears (fixture, "received received ended back");
  assert_has_read (fixture, "abcdef");
}

/* Writing */

static void
test_coalesces (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("What is written in one turn is sent by one call, and told in the next one.");

  for (guint i = 0; i < 10; i++)
    write_string (fixture, "0123456789");

  g_assert_cmpuint (fixture->channel.n_send_calls, ==, 0);
  assert_hears (fixture, "sent");
  g_assert_cmpuint (fixture->channel.n_send_calls, ==, 1);
  g_assert_cmpuint (fixture->channel.bytes_sent, ==, 100);
  g_assert_cmpuint (fixture->sent, ==, 100);
}

static void
test_flush (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("flush() sends at once, and tells nothing until the next turn.");

  g_assert_false (flush (fixture));
  write_string (fixture, "abc");
  g_assert_true (flush (fixture));
  pair_assert_gets (fixture->far, "abc");
  write_string (fixture, "de");
  g_assert_true (flush (fixture));
  pair_assert_gets (fixture->far, "de");
  g_assert_false (flush (fixture));

  assert_hears (fixture, "sent");
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
  settle (fixture);
  g_assert_cmpuint (fixture->channel.write_queue.length, >, 0);

  for (guint i = 0; i < 100; i++)
    g_assert_false (g_main_context_iteration (fixture->context, FALSE));

  qnet_channel_shutdown_write (&fixture->channel);

  while (!fixture->channel.write_shut)
    {
      total += drain (fixture->far);
      turn (fixture);
    }

  while (total < 16 << 20)
    total += drain (fixture->far);

  settle (fixture);
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

  g_assert_true (flush (fixture));
  g_assert_cmpuint (fixture->channel.n_send_calls, ==, 1);

  while (fixture->channel.write_queue.length > 0 || fixture->channel.sent_untold > 0)
    {
      drain (fixture->far);
      turn (fixture);
    }

  g_assert_cmpuint (fixture->sent, ==, 40 * 4096);
}

static void
test_shutdown (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("Ending our sending leaves reading open.");

  start (fixture);
  qnet_channel_shutdown_write (&fixture->channel);
  pair_assert_gets (fixture->far, "");
  qnet_channel_shutdown_write (&fixture->channel);

  pair_send (fixture->far, "abc");
  assert_hears (fixture, "received");
  qnet_clear_fd (&fixture->far);
  assert_hears (fixture, "ended");
}

static void
test_shutdown_after_rest (Fixture       *fixture,
                          gconstpointer  data)
{
  g_test_summary ("Our sending ends after what was written before.");

  write_string (fixture, "abc");
  qnet_channel_shutdown_write (&fixture->channel);
  pair_assert_quiet (fixture->far);
  settle (fixture);
  pair_assert_gets (fixture->far, "abc");
  pair_assert_gets (fixture->far, "");
}

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
  g_test_summary ("A failure to send is told once, after the bytes that came before were.");

  start (fixture);
  pair_send (fixture->far, "abc");
  qnet_clear_fd (&fixture->far);
  write_string (fixture, "xyz");
  g_assert_false (flush (fixture));
  g_assert_cmpuint (fixture->channel.write_queue.length, ==, 0);
  write_string (fixture, "is dropped");

  assert_hears (fixture, "received failed");
  assert_has_read (fixture, "abc");
  assert_write_error (fixture);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}

static void
test_write_fails_alone (Fixture       *fixture,
                        gconstpointer  data)
{
  g_test_summary ("A failure to send is told where the descriptor never says a word.");

  start (fixture);
  write_string (fixture, "xyz");
  fail (QNET_SYSCALL_SEND, ENOBUFS);

  assert_hears (fixture, "failed");
  assert_write_error (fixture);
}

static void
test_write_fails_under_flood (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autofree char *piece = g_strnfill (2 * BUDGET, 'x');
  int size = 4 * BUDGET;
  gssize n;

  g_test_summary ("More bytes than one turn reads come before the failure to send.");

  g_assert_no_errno (setsockopt (fixture->far, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
  start (fixture);
  n = send (fixture->far, piece, 2 * BUDGET, MSG_NOSIGNAL);
  g_assert_cmpint (n, >, 0);
  write_string (fixture, "xyz");
  fail (QNET_SYSCALL_SEND, EPIPE);
  flush (fixture);

  settle (fixture);
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
  write_string (fixture, "xyz");
  fail (QNET_SYSCALL_SEND, EPIPE);
  flush (fixture);
  assert_hears (fixture, "");

  qnet_channel_start_reading (&fixture->channel);
  assert_hears (fixture, "received failed");
  assert_write_error (fixture);
}

static void
test_write_fails_while_paused (Fixture       *fixture,
                               gconstpointer  data)
{
  g_test_summary ("A failure to send waits while reading is paused.");

  start (fixture);
  qnet_channel_set_paused (&fixture->channel, TRUE);
  write_string (fixture, "xyz");
  fail (QNET_SYSCALL_SEND, EPIPE);
  assert_hears (fixture, "");

  qnet_channel_set_paused (&fixture->channel, FALSE);
  assert_hears (fixture, "failed");
  assert_write_error (fixture);
}

static void
test_write_fails_while_full (Fixture       *fixture,
                             gconstpointer  data)
{
  g_test_summary ("A failure to send waits while the read queue is full.");

  qnet_channel_set_read_limit (&fixture->channel, 3);
  start (fixture);
  pair_send (fixture->far, "abcd");
  assert_hears (fixture, "received");
  write_string (fixture, "xyz");
  fail (QNET_SYSCALL_SEND, EPIPE);
  assert_hears (fixture, "");

  assert_has_read (fixture, "abc");
  assert_hears (fixture, "received failed");
  assert_has_read (fixture, "d");
  assert_write_error (fixture);
}

static void
test_write_fails_half_open (Fixture       *fixture,
                            gconstpointer  data)
{
  g_test_summary ("After the peer's end writing goes on; its failure is told as well.");

  start (fixture);
  g_assert_no_errno (shutdown (fixture->far, SHUT_WR));
  assert_hears (fixture, "ended");

  write_string (fixture, "abc");
  assert_hears (fixture, "sent");
  pair_assert_gets (fixture->far, "abc");

  qnet_clear_fd (&fixture->far);
  write_string (fixture, "def");
  assert_hears (fixture, "failed");
  assert_write_error (fixture);
}

static void
test_both_fail (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("Where reading fails after writing has, reading's reason is told, once.");

  start (fixture);
  write_string (fixture, "xyz");
  fail (QNET_SYSCALL_SEND, EPIPE);
  flush (fixture);
  fail (QNET_SYSCALL_RECV, ECONNRESET);

  assert_hears (fixture, "failed");
  g_assert_true (g_str_has_prefix (fixture->error->message, "Could not read: "));
}

static void
test_hangup_while_blocked (Fixture       *fixture,
                           gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (8 << 20), 8 << 20);

  g_test_summary ("A channel that waits for room learns of the peer's going, without reading.");

  qnet_byte_queue_append_bytes (&fixture->channel.write_queue, bytes);
  qnet_channel_queue_flush (&fixture->channel);
  assert_hears (fixture, "sent");
  pair_reset (&fixture->far);
  assert_hears (fixture, "");
  g_assert_cmpuint (fixture->channel.write_queue.length, ==, 0);

  qnet_channel_start_reading (&fixture->channel);
  assert_hears (fixture, "failed");
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
  assert_hears (fixture, "deferred received");
}

static void
start_and_mark (Fixture *fixture)
{
  qnet_channel_start_reading (&fixture->channel);
  g_assert_cmpint (fixture->channel.reading, ==, QNET_CHANNEL_READING_SOON);
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

  g_assert_cmpint (fixture->channel.reading, ==, QNET_CHANNEL_READING_SOON);
  assert_hears (fixture, "deferred received");
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
  assert_hears (fixture, "deferred");

  qnet_channel_defer (&fixture->channel);
  qnet_clear_fd (&fixture->far);
  pair_open (&near, &fixture->far);
  open_on (fixture, near);
  assert_hears (fixture, "deferred");
}

/* Any handler may do anything */

static void
close_channel (Fixture *fixture)
{
  qnet_channel_close (&fixture->channel);
}

static void
provoke_everything (Fixture *fixture)
{
  qnet_channel_start_reading (&fixture->channel);
  turn (fixture);
  g_string_truncate (fixture->log, 0);

  pair_send (fixture->far, "abc");
  write_string (fixture, "def");
  flush (fixture);
  qnet_clear_fd (&fixture->far);
  qnet_channel_defer (&fixture->channel);
}

static void
test_closes_in_deferred (Fixture       *fixture,
                         gconstpointer  data)
{
  g_test_summary ("After a close in deferred() nothing more is told.");

  fixture->on_deferred = close_channel;
  provoke_everything (fixture);
  assert_hears (fixture, "deferred");
}

static void
test_closes_in_sent (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("After a close in sent() nothing more is told.");

  fixture->on_sent = close_channel;
  provoke_everything (fixture);
  assert_hears (fixture, "deferred sent");
}

static void
test_closes_in_received (Fixture       *fixture,
                         gconstpointer  data)
{
  g_test_summary ("After a close in received() nothing more is told; the bytes stay.");

  fixture->on_received = close_channel;
  start (fixture);
  pair_send (fixture->far, "abc");
  qnet_clear_fd (&fixture->far);
  assert_hears (fixture, "received");
  assert_has_read (fixture, "abc");
}

static void
test_closes_in_ended (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A close in ended() is the usual answer.");

  fixture->on_ended = close_channel;
  start (fixture);
  pair_reset (&fixture->far);
  assert_hears (fixture, "failed");
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
  open_on (fixture, near);
  qnet_channel_start_reading (&fixture->channel);
  pair_send (fixture->far, "new");
}

static void
test_reopens_in_received (Fixture       *fixture,
                          gconstpointer  data)
{
  g_test_summary ("A channel reopened in received() hears only of its new connection.");

  fixture->on_received = reopen;
  start (fixture);
  pair_send (fixture->far, "abc");
  g_assert_no_errno (shutdown (fixture->far, SHUT_WR));
  assert_hears (fixture, "received received");
  assert_has_read (fixture, "new");
  g_assert_cmpuint (fixture->channel.bytes_received, ==, 3);
}

static void
test_close_forgets (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("No callback follows a close; what was queued stays in the queues.");

  qnet_channel_start_reading (&fixture->channel);
  write_string (fixture, "abc");
  qnet_channel_defer (&fixture->channel);
  fail (QNET_SYSCALL_SEND, EPIPE);
  qnet_channel_close (&fixture->channel);
  qnet_channel_close (&fixture->channel);

  assert_hears (fixture, "");
  g_assert_cmpuint (fixture->channel.write_queue.length, ==, 3);
  pair_assert_gets (fixture->far, "");

  g_assert_false (flush (fixture));
  qnet_channel_shutdown_write (&fixture->channel);
  qnet_channel_queue_flush (&fixture->channel);
  qnet_channel_set_paused (&fixture->channel, FALSE);
}

static void
test_steal (Fixture       *fixture,
            gconstpointer  data)
{
  QnetTransport transport;

  g_test_summary ("A stolen transport goes on as it was, unwatched.");

  start (fixture);
  qnet_channel_steal_transport (&fixture->channel, &transport);
  g_assert_false (qnet_channel_is_open (&fixture->channel));
  pair_send (fixture->far, "abc");
  assert_hears (fixture, "");

  g_assert_cmpint (transport.fd, ==, fixture->near);
  pair_assert_gets (transport.fd, "abc");
  transport.funcs->close (&transport, FALSE);
}

/* The world around it */

static void
test_orphaned (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("When its context goes, a channel is closed and its owner told, and nothing else.");

  start (fixture);
  pair_send (fixture->far, "abc");
  write_string (fixture, "abc");

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

  g_test_summary ("A forked child that closes what it has inherited leaves the parent's connection.");

  start (fixture);
  write_string (fixture, "abc");

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
  settle (fixture);
  assert_has_read (fixture, "def");
  pair_assert_gets (fixture->far, "abc");
}

static void
test_waits (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("A wait moves the channel without the loop: sending, reading, and the end.");

  start (fixture);
  write_string (fixture, "abc");
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

  start (fixture);
  pair_send (fixture->far, "abc");
  assert_hears (fixture, "received");
  g_assert_cmpint (fixture->channel.last_activity, ==, 0);

  qnet_clock_set_for_tests (get_clock);
  fixture->channel.track_activity = TRUE;
  clock_now = 2000;
  pair_send (fixture->far, "abc");
  assert_hears (fixture, "received");
  g_assert_cmpint (fixture->channel.last_activity, ==, 2000);

  clock_now = 3000;
  write_string (fixture, "abc");
  g_assert_true (flush (fixture));
  g_assert_cmpint (fixture->channel.last_activity, ==, 3000);
  qnet_clock_set_for_tests (NULL);
}

static void
echo (Fixture *fixture)
{
  qnet_byte_queue_move (&fixture->channel.read_queue, G_MAXSIZE, &fixture->channel.write_queue);
  qnet_channel_queue_flush (&fixture->channel);
}

static void
test_echo_allocates_nothing (Fixture       *fixture,
                             gconstpointer  data)
{
  guint before = 0;

  g_test_summary ("After its first round an echo allocates nothing, and takes two calls a round.");

  start (fixture);
  fixture->on_received = echo;

  for (guint i = 0; i < 1000; i++)
    {
      pair_send (fixture->far, "0123456789");
      settle (fixture);
      pair_assert_gets (fixture->far, "0123456789");

      if (i == 0)
        before = allocations_count ();
    }

  g_assert_cmpuint (before, >, 0);
  g_assert_cmpuint (allocations_count (), ==, before);
  g_assert_cmpuint (fixture->channel.n_receive_calls, ==, 1000);
  g_assert_cmpuint (fixture->channel.n_send_calls, ==, 1000);
}

/* Each system call in turn meets trouble */

static gboolean
serve_one (Fixture *fixture)
{
  char buffer[64];
  gsize got = 0;
  gssize n = -1;

  for (guint i = 0; i < 100 && n != 0; i++)
    {
      turn (fixture);
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
  echo (fixture);

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

  set_up (&fixture, NULL);
  fixture.on_received = echo_and_end;
  fixture.on_ended = close_channel;
  fail (call, value);
  fault_in = in;

  pair_send (fixture.far, "0123456789");
  qnet_channel_start_reading (&fixture.channel);
  is_served = serve_one (&fixture);
  was_reached = fault_in == 0;

  g_assert_true (is_served || (may_fail && was_reached));
  tear_down (&fixture, NULL);

  return was_reached;
}

static void
test_anomalies (void)
{
  static const QnetSyscall calls[] = { QNET_SYSCALL_RECV, QNET_SYSCALL_SEND };
  static const int values[] = { EINTR, EAGAIN, -1, -3, ECONNRESET, ENOBUFS };

  g_test_summary ("Whichever system call fails, it ends in success or in an error that is told.");

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

#define add(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
#define add_tcp(path, function) g_test_add (path, Fixture, "tcp", set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/channel/read/starts-next-turn", test_starts_next_turn);
  add ("/channel/read/one-call", test_one_call);
  add_tcp ("/channel/read/data-and-end", test_data_and_end);
  add_tcp ("/channel/read/reset", test_reset);
  add ("/channel/read/budget", test_budget);
  add ("/channel/read/limit", test_limit);
  add ("/channel/read/held-back", test_held_back);
  add_tcp ("/channel/read/full", test_full_does_not_spin);
  add_tcp ("/channel/read/paused", test_paused);
  add ("/channel/read/nested", test_nested);

  add ("/channel/write/coalesces", test_coalesces);
  add ("/channel/write/flush", test_flush);
  add ("/channel/write/waits-for-room", test_waits_for_room);
  add ("/channel/write/many-chunks", test_many_chunks);
  add ("/channel/write/shutdown", test_shutdown);
  add ("/channel/write/shutdown/after-rest", test_shutdown_after_rest);

  add ("/channel/write-fails/after-bytes", test_write_fails);
  add ("/channel/write-fails/alone", test_write_fails_alone);
  add ("/channel/write-fails/under-flood", test_write_fails_under_flood);
  add ("/channel/write-fails/before-reading", test_write_fails_before_reading);
  add ("/channel/write-fails/paused", test_write_fails_while_paused);
  add ("/channel/write-fails/full", test_write_fails_while_full);
  add ("/channel/write-fails/half-open", test_write_fails_half_open);
  add ("/channel/write-fails/and-reading", test_both_fail);
  add_tcp ("/channel/write-fails/blocked", test_hangup_while_blocked);

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
  g_test_add_func ("/channel/anomalies", test_anomalies);

  return g_test_run ();
}
