/* qnet-channel.c: a transport with a byte queue on either side
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-channel-private.h"

#include <poll.h>
#include <sys/ioctl.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-linger-private.h"
#include "engine/qnet-syscall-private.h"

#ifndef POLLRDHUP
#define POLLRDHUP 0
#endif

/* What one channel may move before the others get their turn. */
#define READ_BUDGET  (256 * 1024)
#define WRITE_BUDGET (1024 * 1024)

/* A read of this size shows that the peer sends in bulk: the next chunk is a large one. */
#define BULK_MIN 4096

#define DROP_SIZE 16384

static QnetChannel *
channel_from_watch (QnetWatch *watch)
{
  return (QnetChannel *) (gpointer) ((char *) watch - G_STRUCT_OFFSET (QnetChannel, watch));
}

/* Whether the descriptor is our parent process's. */
static gboolean
is_forked (QnetChannel *channel)
{
  return channel->fork_epoch != qnet_fork_epoch ();
}

/* 0: none */
static gsize
get_limit (const QnetChannel *channel)
{
  return channel->read_limit > 0 ? channel->read_limit : channel->pull_limit;
}

/* Only where there is a limit, and it is not reached. */
static gsize
room_to_limit (QnetChannel *channel)
{
  return get_limit (channel) - channel->read_queue.length - channel->held_back;
}

/* A peer that sends all before it reads must not hold up the last bytes: where they wait for it, what there is no room for is
 * dropped, and everything after that. */
static gboolean
drops_input (QnetChannel *channel)
{
  if (channel->is_datagram)
    return FALSE;

  return channel->is_unread || channel->has_dropped
         || (channel->is_draining && channel->write_blocked && (channel->is_paused || qnet_channel_is_full (channel)));
}

static gboolean
may_read (QnetChannel *channel)
{
  return channel->reading == QNET_CHANNEL_READING_ON && !channel->is_suspended;
}

/* Pausing and limits keep a peer from filling our memory. One that has ended can send no more: what is left
 * is what this machine holds already, and it is read in full, at once: when many go together one after the
 * other is over, instead of all of them growing. */
static gboolean
is_held_up (QnetChannel *channel)
{
  if (drops_input (channel))
    return channel->transport.is_full;

  return channel->is_paused
         || channel->write_full
         || channel->news == QNET_CHANNEL_NEWS_MUTED
         || qnet_channel_is_stuck (channel);
}

static gboolean
wants_to_read (QnetChannel *channel)
{
  return may_read (channel) && (channel->peer_ended || !is_held_up (channel));
}

/* Bytes may wait, but the end of the peer may not: else each peer that has gone costs a descriptor and its
 * buffers until the owner reads on. Datagrams have no end, but ICMP says that the port of the peer is closed:
 * once, since fetch_trouble() takes it from the kernel. */
static gboolean
wants_end (QnetChannel *channel)
{
  return may_read (channel) && !wants_to_read (channel);
}

/* With no interest at all the backend forgets the descriptor, because a hang-up cannot be masked, and would
 * be reported again and again to a channel that does not read it. */
static void
update_interest (QnetChannel *channel)
{
  QnetReadiness interest = QNET_READINESS_NONE;

  if (wants_to_read (channel))
    interest |= QNET_READINESS_READ;
  else if (wants_end (channel))
    interest |= QNET_READINESS_HANGUP;
  else if (channel->awaits_loss && !channel->is_suspended)
    interest |= QNET_READINESS_LOSS;

  if (channel->write_blocked && !channel->is_suspended)
    interest |= QNET_READINESS_WRITE;

  if (interest != channel->watch.interest)
    qnet_watch_set_interest (&channel->watch, interest);
}

static void
note_activity (QnetChannel *channel)
{
  if (channel->track_activity)
    channel->last_activity = qnet_clock_now ();
}

/* Sending */

/* What came from the peer before is still to be read and told, and a flush may tell nothing at all:
 * the failure waits for the end of reading. See receive_once() and tell_end(). */
static void
fail_writing (QnetChannel *channel,
              GError      *error)
{
  qnet_byte_queue_clear (&channel->write_queue);
  channel->has_lost = TRUE;
  channel->write_error = error;

  qnet_watch_defer (&channel->watch);
}

static gsize
total_size (const struct iovec *vectors,
            int                 n_vectors)
{
  gsize size = 0;

  for (int i = 0; i < n_vectors; i++)
    size += vectors[i].iov_len;

  return size;
}

/* Makes one system call. FALSE when another one would have to wait, or there was a failure. */
static gboolean
send_once (QnetChannel *channel)
{
  struct iovec vectors[QNET_TRANSPORT_MAX_VECTORS];
  int n_vectors = qnet_byte_queue_get_vectors (&channel->write_queue, vectors, QNET_TRANSPORT_MAX_VECTORS);
  gsize offered = total_size (vectors, n_vectors);
  GError *error = NULL;
  gssize n = channel->transport.funcs->write (&channel->transport, vectors, n_vectors, &error);

  channel->n_send_calls++;

  if (n == QNET_TRANSPORT_FAILED)
    {
      fail_writing (channel, error);
    }
  else if (n > 0)
    {
      qnet_byte_queue_drop (&channel->write_queue, n);
      channel->sent_untold += n;
      channel->bytes_sent += n;
      note_activity (channel);
    }

  return n == (gssize) offered;
}

/* What the kernel still holds counts while the owner waits for the last bytes alone: until they are sent a
 * reset can destroy them, and its failure is still an error that can be reported. */
static gboolean
awaits_kernel (QnetChannel *channel)
{
  return channel->is_draining && channel->write_error == NULL && !channel->write_shut
         && qnet_sys_get_unsent (channel->transport.fd) > 0
         && qnet_sys_watch_unsent (channel->transport.fd);
}

/* Reading has become possible again, perhaps; a failed write may have waited for it. */
static void
resume (QnetChannel *channel)
{
  if (!qnet_channel_is_open (channel))
    return;

  update_interest (channel);

  if (channel->write_error != NULL || (channel->input_waits && wants_to_read (channel)))
    qnet_watch_defer (&channel->watch);
}

/* A peer that has answers queued, and reads none, is not read either: its next request would add to them. A
 * channel that drains, or whose write side is to be shut down, gets no more of them, and where the owner blocks until
 * bytes are sent, the peer may block until we read. Half of the limit between the two, or each piece that goes would
 * let one in. */
static void
update_write_full (QnetChannel *channel)
{
  gsize limit = channel->write_full ? channel->write_limit / 2 + 1 : channel->write_limit;
  gboolean is_full = channel->write_limit > 0 && !channel->is_draining && !channel->shut_wanted
                     && !channel->is_awaited && channel->write_queue.length >= limit;

  if (channel->write_full == is_full)
    return;

  channel->write_full = is_full;
  resume (channel);
}

/* Room to send is waited for only once the kernel did not take all: as a rule it does. */
static void
send_queue (QnetChannel *channel)
{
  guint64 until = channel->bytes_sent + WRITE_BUDGET;
  gboolean was_blocked = channel->write_blocked;

  if (channel->write_error != NULL)
    qnet_byte_queue_clear (&channel->write_queue);

  while (channel->write_queue.length > 0 && send_once (channel))
    {
      if (channel->bytes_sent >= until)
        break;
    }

  channel->write_blocked = channel->write_queue.length > 0 || awaits_kernel (channel);
  if (channel->write_blocked != was_blocked)
    update_interest (channel);

  update_write_full (channel);
}

/* A failure needs no word of its own: the peer has gone, and reading finds that out. */
static void
shutdown_when_empty (QnetChannel *channel)
{
  if (!channel->shut_wanted || channel->write_shut || channel->write_queue.length > 0)
    return;

  channel->write_shut
    = channel->write_error != NULL
      || channel->transport.funcs->shutdown_write (&channel->transport, NULL) != QNET_TRANSPORT_WOULD_BLOCK;

  if (!channel->write_shut)
    {
      channel->write_blocked = TRUE;
      update_interest (channel);
    }
}

static void
send_and_shut (QnetChannel *channel)
{
  if (channel->is_suspended)
    return;

  send_queue (channel);
  shutdown_when_empty (channel);
}

static void
tell_sent (QnetChannel *channel)
{
  gsize size = channel->sent_untold;

  if (size == 0 && !channel->sent_empty)
    return;

  channel->sent_untold = 0;
  channel->sent_empty = FALSE;
  channel->funcs->sent (channel, size);
}

/* Receiving */

static void
end_reading (QnetChannel *channel,
             GError      *error)
{
  channel->reading = QNET_CHANNEL_READING_ENDED;
  channel->end_untold = TRUE;
  channel->read_error = error;
}

/* As the transport's read (), into the read queue. */
static gssize
read_into_queue (QnetChannel  *channel,
                 gboolean     *out_is_filled,
                 GError      **error)
{
  gsize room, size;
  void *space = qnet_byte_queue_reserve (&channel->read_queue, channel->is_bulk, &room);
  gssize n;

  size = get_limit (channel) > 0 && !channel->peer_ended ? MIN (room, room_to_limit (channel)) : room;
  n = channel->transport.funcs->read (&channel->transport, space, size, error);
  qnet_byte_queue_commit (&channel->read_queue, MAX (n, 0));

  if (n > 0)
    channel->is_bulk = n >= BULK_MIN || n == (gssize) room;

  *out_is_filled = n == (gssize) size;

  return n;
}

static gssize
read_and_drop (QnetChannel  *channel,
               gboolean     *out_is_filled,
               GError      **error)
{
  guint8 buffer[DROP_SIZE];
  gssize n = channel->transport.funcs->read (&channel->transport, buffer, sizeof buffer, error);

  channel->has_dropped = TRUE;
  *out_is_filled = n == (gssize) sizeof buffer;

  return n;
}

/* Reads once. FALSE when the next time would have to wait, or reading has ended. A short read means
 * that the kernel has no more, except when it has told of a hang-up, or the transport keeps bytes
 * of its own (@until_end): then more follows, and can be had in this same turn. */
static gboolean
receive_once (QnetChannel *channel,
              gboolean     until_end)
{
  GError *error = NULL;
  gboolean is_filled;
  gssize n = drops_input (channel) ? read_and_drop (channel, &is_filled, &error)
                                   : read_into_queue (channel, &is_filled, &error);

  channel->n_receive_calls++;

  if (n <= 0)
    channel->input_waits = FALSE;

  if (n == QNET_TRANSPORT_WOULD_BLOCK)
    {
      /* The hang-up was no end, or its end is still inside the transport. */
      channel->peer_ended = FALSE;

      /* All that came before a failed write has been read now, unless there was no room for it. */
      if (channel->write_error != NULL && !channel->transport.is_full)
        end_reading (channel, NULL);
    }
  else if (n <= 0)
    {
      end_reading (channel, error);
    }
  else
    {
      channel->bytes_received += n;
      channel->peer_talks_on |= channel->is_draining;
      note_activity (channel);
    }

  return n > 0 && (until_end || is_filled) && wants_to_read (channel);
}

/* Returns whether new bytes came that are kept. */
static gboolean
receive (QnetChannel   *channel,
         QnetReadiness  readiness)
{
  gboolean holds_input = channel->transport.funcs->holds_input;
  gboolean until_end = holds_input || channel->write_error != NULL
                       || (readiness & QNET_READINESS_HANGUP) != 0;
  guint64 before = channel->bytes_received;
  gsize queued_before = channel->read_queue.length;

  update_write_full (channel);
  if ((readiness & QNET_READINESS_HANGUP) != 0 && wants_end (channel))
    channel->peer_ended = TRUE;

  if (!wants_to_read (channel))
    return FALSE;

  channel->input_waits = holds_input;

  while (receive_once (channel, until_end))
    {
      if (channel->bytes_received - before >= READ_BUDGET && !channel->peer_ended)
        break;
    }

  /* The budget is used up. Bytes that are left are told anew by the descriptor, but those inside the
   * transport are not, nor that none are left, which is what a failed write waits for. */
  if (!wants_to_read (channel))
    update_interest (channel);
  else if (channel->write_error != NULL || channel->input_waits)
    qnet_watch_defer (&channel->watch);

  return channel->read_queue.length > queued_before;
}

/* (transfer full) (nullable): what reading has said counts for more than what writing has. */
static GError *
take_error (QnetChannel *channel)
{
  if (channel->read_error == NULL)
    return g_steal_pointer (&channel->write_error);

  g_clear_error (&channel->write_error);

  return g_steal_pointer (&channel->read_error);
}

/* After an orderly end writing may have gone on; then a failed write is told after it. It waits for the
 * end of reading, but not where nobody reads and the owner only waits for the last bytes to go out. */
static gboolean
owes_end (QnetChannel *channel)
{
  if (channel->reading == QNET_CHANNEL_READING_ENDED)
    return channel->end_untold || channel->write_error != NULL;

  return channel->is_draining && channel->write_error != NULL && !wants_to_read (channel);
}

static void
tell_end (QnetChannel *channel)
{
  g_autoptr(GError) error = NULL;

  if (!owes_end (channel))
    return;

  error = take_error (channel);
  channel->end_untold = FALSE;

  channel->funcs->ended (channel, error);
}

/* 0: there is none. Asking takes it from the kernel. */
static int
take_kernel_error (QnetChannel *channel)
{
  int error_number = 0;
  socklen_t size = sizeof error_number;

  if (qnet_sys_getsockopt (channel->transport.fd, SOL_SOCKET, SO_ERROR, &error_number, &size) != 0)
    return 0;

  return error_number;
}

/* Datagrams */

/* What ICMP has said about a datagram that was sent from a connected socket. Asking takes it
 * from the kernel. */
static void
fetch_trouble (QnetChannel *channel)
{
  int error_number = take_kernel_error (channel);
  GError *error = NULL;

  if (error_number == 0)
    return;

  qnet_set_error_from_errno (&error, error_number, _("A datagram could not be delivered"));
  qnet_channel_trouble (channel, error);
}

static void
tell_trouble (QnetChannel *channel)
{
  g_autoptr(GError) error = g_steal_pointer (&channel->read_error);

  if (error != NULL)
    channel->funcs->troubled (channel, error);
}

/* As a rule somebody takes the datagram when it is told, so that the descriptor stays watched as
 * it is. Only if it speaks again while nobody has looked, it is muted until somebody does. */
static void
handle_arrival (QnetChannel *channel)
{
  if (channel->news == QNET_CHANNEL_NEWS_NONE)
    {
      channel->news = QNET_CHANNEL_NEWS_TOLD;
      channel->funcs->received (channel);
    }
  else
    {
      channel->news = QNET_CHANNEL_NEWS_MUTED;
      update_interest (channel);
    }
}

/* Whether shutdown() was called for receiving, by whoever else has the descriptor. The event may have been about a failure that
 * a call has taken since, so that the kernel is asked again. */
static gboolean
is_shut_down (QnetChannel *channel)
{
  struct pollfd pollfd = { channel->transport.fd, POLLRDHUP, 0 };

  return poll (&pollfd, 1, 0) == 1 && (pollfd.revents & (POLLHUP | POLLRDHUP)) != 0;
}

/* Such a descriptor goes on about it for ever, and nothing will come any more: what is there is reported, and it is watched no
 * longer. */
static void
end_datagrams (QnetChannel *channel)
{
  gboolean is_news = channel->news == QNET_CHANNEL_NEWS_NONE && wants_to_read (channel)
                     && qnet_channel_has_datagram (channel);

  channel->reading = QNET_CHANNEL_READING_ENDED;
  update_interest (channel);

  if (is_news)
    handle_arrival (channel);
}

/* See qnet_channel_hold_datagram(). */
static void
handle_held_datagram (QnetChannel *channel)
{
  if (!channel->input_waits || !wants_to_read (channel))
    return;

  channel->input_waits = FALSE;
  if (channel->news == QNET_CHANNEL_NEWS_NONE && channel->read_queue.length > 0)
    handle_arrival (channel);
}

static void
handle_datagrams (QnetChannel   *channel,
                  QnetReadiness  readiness)
{
  gboolean is_hangup = (readiness & QNET_READINESS_HANGUP) != 0;

  if (is_hangup)
    fetch_trouble (channel);

  if (is_hangup && channel->read_error == NULL && is_shut_down (channel))
    {
      end_datagrams (channel);
      return;
    }

  tell_trouble (channel);
  if (qnet_channel_is_open (channel))
    handle_held_datagram (channel);

  if (!qnet_channel_is_open (channel)
      || !wants_to_read (channel)
      || (readiness & QNET_READINESS_READ) == 0)
    return;

  /* A descriptor in trouble counts as readable, whether there is anything to read or not. */
  if ((readiness & QNET_READINESS_HANGUP) == 0 || qnet_channel_has_datagram (channel))
    handle_arrival (channel);
}

/* Who waits for room sends by itself. */
static void
handle_room (QnetChannel   *channel,
             QnetReadiness  readiness)
{
  if (!channel->write_blocked || (readiness & QNET_READINESS_WRITE) == 0)
    return;

  channel->write_blocked = FALSE;
  update_interest (channel);
  channel->funcs->writable (channel);
}

/* What the reactor calls */

static void
handle_deferred (QnetChannel *channel)
{
  /* First, so that a handler of deferred() that starts reading waits for the next turn. */
  if (channel->reading == QNET_CHANNEL_READING_SOON)
    {
      channel->reading = QNET_CHANNEL_READING_ON;
      update_interest (channel);
    }

  if (channel->defer_wanted)
    {
      channel->defer_wanted = FALSE;
      channel->funcs->deferred (channel);
    }
}

/* The connection has broken while the kernel held the last bytes: no send is left that would find it out. A hang-up
 * that is not the peer's orderly end, which only a reader is notified of, means the same, unless our half is shut, too. */
static void
check_kernel (QnetChannel *channel)
{
  int error_number = take_kernel_error (channel);
  GError *error = NULL;

  if (error_number == 0 && (may_read (channel) || channel->write_shut))
    return;

  qnet_set_error_from_errno (&error, error_number != 0 ? error_number : EPIPE, _("Could not write"));
  fail_writing (channel, error);
}

static void
handle_room_for_bytes (QnetChannel   *channel,
                       QnetReadiness  readiness)
{
  if (!channel->write_blocked || (readiness & (QNET_READINESS_WRITE | QNET_READINESS_HANGUP)) == 0)
    return;

  if (channel->is_draining && channel->write_queue.length == 0 && (readiness & QNET_READINESS_HANGUP) != 0)
    check_kernel (channel);

  send_and_shut (channel);

  if (qnet_channel_is_drained (channel) && channel->sent_untold == 0 && channel->funcs->drained != NULL)
    channel->funcs->drained (channel);
}

static void
handle_sending (QnetChannel   *channel,
                QnetReadiness  readiness)
{
  if (channel->is_datagram)
    handle_room (channel, readiness);
  else
    handle_room_for_bytes (channel, readiness);

  if (qnet_channel_is_open (channel))
    tell_sent (channel);
}

/* A local socket reports the same where its peer has just closed, with no error. */
static void
handle_loss (QnetChannel *channel)
{
  int error_number = 0;
  socklen_t size = sizeof error_number;
  GError *error = NULL;

  channel->awaits_loss = FALSE;
  update_interest (channel);

  if (channel->write_error != NULL
      || qnet_sys_getsockopt (channel->transport.fd, SOL_SOCKET, SO_ERROR, &error_number, &size) != 0
      || error_number == 0)
    return;

  qnet_set_error_from_errno (&error, error_number, _("The connection was lost"));
  fail_writing (channel, error);
}

static void
handle_receiving (QnetChannel   *channel,
                  QnetReadiness  readiness)
{
  gboolean is_due = channel->write_error != NULL || channel->input_waits
                    || (readiness & (QNET_READINESS_READ | QNET_READINESS_HANGUP)) != 0;

  if (channel->is_datagram)
    {
      handle_datagrams (channel, readiness);
      return;
    }

  if (channel->awaits_loss && (readiness & QNET_READINESS_LOSS) != 0)
    handle_loss (channel);

  if (is_due && receive (channel, readiness))
    channel->funcs->received (channel);

  if (qnet_channel_is_open (channel))
    tell_end (channel);
}

/* What the owner has written while it was told of something goes now, all of it at once, and so does the
 * word that it has gone: no second visit for what is usual, a request that is answered at once. */
static void
handle_answer (QnetChannel *channel)
{
  if (!channel->watch.is_flush_queued)
    return;

  qnet_watch_take_back_flush (&channel->watch);
  send_and_shut (channel);
  tell_sent (channel);
}

/* Each step may end with the channel closed, or open on another connection; then the readiness is
 * stale, and the next step finds nothing to do, or EAGAIN. What the owner has deferred comes before
 * all that happens meanwhile: the descriptor tells its news again. */
static void
ready_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  QnetChannel *channel = channel_from_watch (watch);
  const QnetChannelFuncs *funcs = channel->funcs;

  if (channel->defer_wanted && (readiness & QNET_READINESS_DEFERRED) == 0)
    return;

  funcs->enter (channel);

  if (readiness & QNET_READINESS_DEFERRED)
    handle_deferred (channel);

  if (qnet_channel_is_open (channel))
    handle_sending (channel, readiness);

  if (qnet_channel_is_open (channel))
    handle_receiving (channel, readiness);

  if (qnet_channel_is_open (channel))
    handle_answer (channel);

  funcs->leave (channel);
}

static void
flush_cb (QnetWatch *watch)
{
  qnet_channel_flush (channel_from_watch (watch));
}

static gboolean
can_linger (QnetChannel *channel)
{
  return qnet_channel_is_open (channel) && !is_forked (channel) && channel->write_error == NULL
         && !channel->is_suspended && !channel->is_datagram;
}

/* The context was freed, and what the kernel takes now is all that can be sent. */
static void
linger_no_longer (QnetChannel *channel)
{
  QnetTransport transport;

  qnet_channel_steal_transport (channel, &transport);
  qnet_linger_no_longer (&transport, &channel->write_queue);
}

static void
orphaned_cb (QnetWatch *watch)
{
  QnetChannel *channel = channel_from_watch (watch);
  const QnetChannelFuncs *funcs = channel->funcs;

  funcs->enter (channel);

  if (can_linger (channel))
    linger_no_longer (channel);
  else
    qnet_channel_close (channel);
  qnet_byte_queue_clear (&channel->write_queue);
  funcs->orphaned (channel);

  funcs->leave (channel);
}

static const QnetWatchFuncs watch_funcs = { ready_cb, flush_cb, orphaned_cb };

/* Opening and closing */

void
qnet_channel_init (QnetChannel            *channel,
                   const QnetChannelFuncs *funcs)
{
  *channel = (QnetChannel) { .funcs = funcs, .transport.fd = -1, .watch.fd = -1 };

  qnet_byte_queue_init (&channel->read_queue, NULL);
  qnet_byte_queue_init (&channel->write_queue, NULL);
}

void
qnet_channel_attach (QnetChannel *channel,
                     QnetWaitSet *set)
{
  if (channel->watch.set == set)
    return;

  g_assert (channel->watch.set == NULL);

  qnet_watch_init (&channel->watch, &watch_funcs, set);
  channel->read_queue.pool = qnet_reactor_get_chunk_pool (set->reactor);
  channel->write_queue.pool = channel->read_queue.pool;
}

/* The queues may outlive the reactor, and its pool. */
static void
detach (QnetChannel *channel)
{
  if (channel->watch.set != NULL)
    qnet_watch_clear (&channel->watch);

  channel->read_queue.pool = NULL;
  channel->write_queue.pool = NULL;
}

/* Makes all that belongs to one connection what it is at the start of one. */
static void
reset (QnetChannel *channel)
{
  g_clear_error (&channel->read_error);
  g_clear_error (&channel->write_error);

  channel->sent_untold = 0;
  channel->sent_empty = FALSE;
  channel->silent_turn = 0;
  channel->reading = QNET_CHANNEL_READING_OFF;
  channel->is_bulk = FALSE;
  channel->end_untold = FALSE;
  channel->write_blocked = FALSE;
  channel->write_shut = FALSE;
  channel->shut_wanted = FALSE;
  channel->is_suspended = FALSE;
  channel->input_waits = FALSE;
  channel->is_draining = FALSE;
  channel->peer_talks_on = FALSE;
  channel->has_dropped = FALSE;
  channel->has_lost = FALSE;
  channel->peer_ended = FALSE;
  channel->awaits_loss = FALSE;
  channel->write_full = FALSE;
  channel->news = QNET_CHANNEL_NEWS_NONE;
}

void
qnet_channel_reset_counters (QnetChannel *channel)
{
  channel->bytes_received = 0;
  channel->bytes_sent = 0;
  channel->n_receive_calls = 0;
  channel->n_send_calls = 0;
  channel->last_activity = 0;

  note_activity (channel);
}

void
qnet_channel_open (QnetChannel   *channel,
                   QnetWaitSet   *set,
                   QnetTransport *transport)
{
  g_assert (!qnet_channel_is_open (channel));

  qnet_channel_attach (channel, set);
  reset (channel);
  qnet_channel_reset_counters (channel);

  channel->fork_epoch = qnet_fork_epoch ();
  channel->transport = *transport;
  *transport = (QnetTransport) { .fd = -1 };

  qnet_watch_start (&channel->watch, channel->transport.fd, QNET_READINESS_NONE);
}

/* Another process or a duplicate may keep the connection of a descriptor that is closed: the peer is to notice all the
 * same, and that the stream is incomplete where bytes are dropped. Datagrams have no end, and what is suspended has a
 * thread at work, which the transport interrupts. */
static void
hang_up (QnetChannel *channel)
{
  if (!qnet_channel_is_open (channel) || is_forked (channel) || channel->is_datagram || channel->is_suspended)
    return;

  if (channel->write_queue.length > 0 || channel->has_lost)
    qnet_sys_reset (channel->transport.fd);
  else
    qnet_sys_shutdown (channel->transport.fd, SHUT_RDWR);
}

void
qnet_channel_close (QnetChannel *channel)
{
  QnetTransport transport;

  if (channel->watch.set != NULL)
    qnet_watch_stop (&channel->watch);

  hang_up (channel);
  qnet_channel_steal_transport (channel, &transport);

  if (transport.funcs != NULL)
    transport.funcs->close (&transport, is_forked (channel));
}

void
qnet_channel_swap_transport (QnetChannel   *channel,
                             QnetTransport *transport)
{
  g_assert (transport->fd == channel->transport.fd);

  channel->transport = *transport;
  *transport = (QnetTransport) { .fd = -1 };
}

void
qnet_channel_steal_transport (QnetChannel   *channel,
                              QnetTransport *out_transport)
{
  if (qnet_channel_is_open (channel))
    channel->is_paused = FALSE;

  detach (channel);
  reset (channel);
  channel->defer_wanted = FALSE;

  *out_transport = channel->transport;
  channel->transport = (QnetTransport) { .fd = -1 };
}

void
qnet_channel_linger (QnetChannel *channel,
                     guint        timeout)
{
  QnetReactor *reactor;
  QnetTransport transport;
  gboolean peer_talks_on = channel->peer_talks_on;

  if (!can_linger (channel))
    {
      qnet_channel_close (channel);
      qnet_byte_queue_clear (&channel->write_queue);
      return;
    }

  reactor = qnet_reactor_ref (channel->watch.set->reactor);
  qnet_channel_steal_transport (channel, &transport);
  qnet_linger_full (reactor, &transport, &channel->write_queue, timeout, peer_talks_on);
  qnet_reactor_unref (reactor);
}

/* Reading */

void
qnet_channel_start_reading (QnetChannel *channel)
{
  if (channel->reading != QNET_CHANNEL_READING_OFF)
    return;

  channel->reading = QNET_CHANNEL_READING_SOON;
  qnet_watch_defer (&channel->watch);
}

void
qnet_channel_set_paused (QnetChannel *channel,
                         gboolean     is_paused)
{
  channel->is_paused = is_paused;
  resume (channel);
}

void
qnet_channel_set_unread (QnetChannel *channel)
{
  channel->is_unread = TRUE;
  resume (channel);
}

void
qnet_channel_set_suspended (QnetChannel *channel,
                            gboolean     is_suspended)
{
  channel->is_suspended = is_suspended;
  channel->input_waits = channel->transport.funcs->holds_input;
  resume (channel);

  if (!is_suspended && (channel->write_queue.length > 0 || channel->shut_wanted))
    qnet_watch_queue_flush (&channel->watch);
}

void
qnet_channel_set_read_limit (QnetChannel *channel,
                             gsize        limit)
{
  channel->read_limit = limit;
  resume (channel);
}

void
qnet_channel_set_write_limit (QnetChannel *channel,
                              gsize        limit)
{
  channel->write_limit = limit;
  update_write_full (channel);
}

gboolean
qnet_channel_set_awaited (QnetChannel *channel,
                          gboolean     is_awaited)
{
  gboolean was_awaited = channel->is_awaited;

  channel->is_awaited = is_awaited;
  update_write_full (channel);

  return was_awaited;
}

void
qnet_channel_set_pull_limit (QnetChannel *channel,
                             gsize        limit)
{
  if (channel->pull_limit == limit)
    return;

  channel->pull_limit = limit;
  resume (channel);
}

void
qnet_channel_consumed (QnetChannel *channel)
{
  if (get_limit (channel) > 0)
    resume (channel);
}

gboolean
qnet_channel_is_full (QnetChannel *channel)
{
  gsize limit = get_limit (channel);

  return limit > 0 && channel->read_queue.length + channel->held_back >= limit;
}

gboolean
qnet_channel_is_stuck (QnetChannel *channel)
{
  return channel->transport.is_full || qnet_channel_is_full (channel);
}

gboolean
qnet_channel_keeps_waiting (QnetChannel *channel)
{
  int n_unread = 0;

  return qnet_channel_is_open (channel)
         && may_read (channel)
         && (channel->is_paused || qnet_channel_is_stuck (channel))
         && ioctl (channel->transport.fd, FIONREAD, &n_unread) == 0
         && n_unread > 0;
}

void
qnet_channel_make_room (QnetChannel *channel)
{
  channel->transport.is_full = FALSE;
  resume (channel);
}

/* Writing */

void
qnet_channel_queue_flush (QnetChannel *channel)
{
  if (qnet_channel_is_open (channel) && !channel->write_blocked && !channel->is_suspended)
    qnet_watch_queue_flush (&channel->watch);
}

void
qnet_channel_move_unsent (QnetChannel   *channel,
                          QnetByteQueue *to)
{
  gsize size = channel->write_queue.length;

  if (size == 0)
    return;

  qnet_byte_queue_move (&channel->write_queue, size, to);
  channel->write_blocked = FALSE;
  channel->sent_untold += size;
  channel->bytes_sent += size;
  update_interest (channel);
  update_write_full (channel);
  qnet_watch_defer (&channel->watch);
}

gboolean
qnet_channel_flush (QnetChannel *channel)
{
  guint64 before = channel->bytes_sent;

  if (!qnet_channel_is_open (channel) || is_forked (channel) || channel->is_datagram)
    return FALSE;

  send_and_shut (channel);

  if (channel->sent_untold > 0)
    qnet_watch_defer (&channel->watch);

  return channel->bytes_sent > before;
}

void
qnet_channel_drain (QnetChannel *channel)
{
  channel->is_draining = TRUE;
  update_write_full (channel);
  qnet_channel_flush (channel);
  resume (channel);

  if (channel->write_error != NULL)
    qnet_watch_defer (&channel->watch);
}

gsize
qnet_channel_get_unsent (QnetChannel *channel)
{
  return channel->write_queue.length + qnet_sys_get_unsent (channel->transport.fd);
}

gboolean
qnet_channel_is_drained (QnetChannel *channel)
{
  return channel->is_draining && channel->write_queue.length == 0 && channel->write_error == NULL
         && !channel->write_blocked;
}

void
qnet_channel_shutdown_write (QnetChannel *channel)
{
  if (!qnet_channel_is_open (channel) || is_forked (channel))
    return;

  channel->shut_wanted = TRUE;
  update_write_full (channel);
  shutdown_when_empty (channel);

  if (!channel->write_shut)
    qnet_channel_queue_flush (channel);
}

void
qnet_channel_await_loss (QnetChannel *channel)
{
  if (!qnet_channel_is_open (channel) || channel->reading != QNET_CHANNEL_READING_ENDED)
    return;

  channel->awaits_loss = TRUE;
  update_interest (channel);
}

/* Datagrams */

void
qnet_channel_looked (QnetChannel *channel)
{
  gboolean was_muted = channel->news == QNET_CHANNEL_NEWS_MUTED;

  channel->news = QNET_CHANNEL_NEWS_NONE;
  if (was_muted)
    update_interest (channel);
}

gboolean
qnet_channel_has_datagram (QnetChannel *channel)
{
  if (qnet_sys_recvfrom (channel->transport.fd, NULL, 0, MSG_PEEK, NULL) >= 0)
    return TRUE;

  qnet_channel_looked (channel);

  return FALSE;
}

void
qnet_channel_hold_datagram (QnetChannel *channel)
{
  channel->input_waits = TRUE;
  qnet_watch_defer (&channel->watch);
}

void
qnet_channel_took_datagram (QnetChannel *channel,
                            gsize        size)
{
  channel->bytes_received += size;
  channel->n_taken++;
  note_activity (channel);
}

static guint
get_turn (QnetChannel *channel)
{
  return qnet_reactor_get_turn (channel->watch.set->reactor);
}

static void
will_tell_sent (QnetChannel *channel,
                gsize        size)
{
  channel->sent_untold += size;
  channel->sent_empty |= size == 0;
  qnet_watch_defer (&channel->watch);
}

/* It costs no turn of the loop, and is forgotten when this one is over. */
static void
note_silently (QnetChannel *channel,
               gsize        size)
{
  guint turn = get_turn (channel);

  if (channel->silent_turn != turn)
    channel->silent_size = 0;

  channel->silent_turn = turn;
  channel->silent_size += size;
}

void
qnet_channel_sent_datagram (QnetChannel *channel,
                            gsize        size,
                            gboolean     tell)
{
  channel->bytes_sent += size;
  note_activity (channel);

  if (tell)
    will_tell_sent (channel, size);
  else
    note_silently (channel, size);
}

gboolean
qnet_channel_expects_sent (QnetChannel *channel)
{
  if (channel->silent_turn != 0 && channel->silent_turn == get_turn (channel))
    will_tell_sent (channel, channel->silent_size);

  channel->silent_turn = 0;

  return channel->write_queue.length > 0 || channel->sent_untold > 0 || channel->sent_empty
         || (channel->is_datagram && channel->write_blocked);
}

void
qnet_channel_wait_for_room (QnetChannel *channel)
{
  channel->write_blocked = TRUE;
  update_interest (channel);
}

void
qnet_channel_trouble (QnetChannel *channel,
                      GError      *error)
{
  g_clear_error (&channel->read_error);
  channel->read_error = error;

  qnet_watch_defer (&channel->watch);
}

void
qnet_channel_defer (QnetChannel *channel)
{
  if (channel->watch.set == NULL)
    return;

  channel->defer_wanted = TRUE;
  qnet_watch_defer (&channel->watch);
}
