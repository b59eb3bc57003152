/* qnet-channel.c: a transport with a byte queue on either side: opening, closing and dispatching
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "channel/qnet-channel-private.h"

#include "base/qnet-container-private.h"
#include "channel/qnet-channel-parts-private.h"
#include "channel/qnet-linger-private.h"

/* Called by the reactor */

static void
handle_deferred (QnetChannel *channel)
{
  /* First, so that reading that is started in deferred() begins in the next turn. */
  qnet_channel_begin_reading (channel);

  if (channel->defer_pending)
    {
      channel->defer_pending = FALSE;
      channel->funcs->deferred (channel);
    }
}

static void
handle_room (QnetChannel   *channel,
             QnetReadiness  readiness)
{
  if (channel->room_state == QNET_ROOM_FREE
      || (readiness & (QNET_READINESS_WRITE | QNET_READINESS_HANGUP)) == 0)
    return;

  if (qnet_channel_is_draining (channel) && channel->write_queue.length == 0
      && (readiness & QNET_READINESS_HANGUP) != 0)
    qnet_channel_check_kernel (channel);

  qnet_channel_send (channel);

  if (qnet_channel_is_drained (channel) && channel->sent_pending == 0
      && channel->funcs->drained != NULL)
    channel->funcs->drained (channel);
}

static void
handle_sending (QnetChannel   *channel,
                QnetReadiness  readiness)
{
  handle_room (channel, readiness);

  if (qnet_channel_is_open (channel))
    qnet_channel_report_sent (channel);
}

static void
handle_receiving (QnetChannel   *channel,
                  QnetReadiness  readiness)
{
  gboolean is_due = (readiness & (QNET_READINESS_READ | QNET_READINESS_HANGUP)) != 0
                    || channel->input_waits || channel->write_error != NULL;

  if (channel->read_state == QNET_READ_LOSS_WATCHED && (readiness & QNET_READINESS_LOSS) != 0)
    qnet_channel_handle_loss (channel);

  if (is_due && qnet_channel_receive (channel, readiness))
    channel->funcs->received (channel);

  if (channel->read_state == QNET_READ_END_PENDING || channel->write_error != NULL)
    qnet_channel_report_end (channel);
}

/* Bytes that the owner has written in a callback are sent now, together, and reported: a request
 * that is answered at once, the usual case, needs no second dispatch. */
static void
handle_answer (QnetChannel *channel)
{
  if (!qnet_watch_is_flush_queued (&channel->watch))
    return;

  qnet_watch_take_back_flush (&channel->watch);
  qnet_channel_send (channel);
  qnet_channel_report_sent (channel);
}

static void
handle_stream (QnetChannel   *channel,
               QnetReadiness  readiness)
{
  handle_sending (channel, readiness);

  if (qnet_channel_is_open (channel))
    handle_receiving (channel, readiness);

  if (qnet_channel_is_open (channel))
    handle_answer (channel);
}

/* Deferrals of the owner come before the events of the descriptor, which reports them again. */
static inline gboolean
is_early (const QnetChannel *channel,
          QnetReadiness      readiness)
{
  return channel->defer_pending && (readiness & QNET_READINESS_DEFERRED) == 0;
}

/* After each step the channel may be closed, or open on another connection; then the readiness is
 * stale, and the next step has nothing to do, or gets EAGAIN. */
static inline void
serve (QnetChannel   *channel,
       QnetReadiness  readiness)
{
  if (readiness & QNET_READINESS_DEFERRED)
    handle_deferred (channel);

  if (!qnet_channel_is_open (channel))
    return;

  if (channel->is_datagram)
    qnet_channel_handle_datagrams (channel, readiness);
  else
    handle_stream (channel, readiness);
}

static void
ready_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  QnetChannel *channel = CONTAINER_OF (watch, QnetChannel, watch);
  const QnetChannelFuncs *funcs = channel->funcs;

  funcs->enter (channel);

  if (!channel->is_marked && !is_early (channel, readiness))
    serve (channel, readiness);

  funcs->leave (channel);
}

static void
flush_cb (QnetWatch *watch)
{
  QnetChannel *channel = CONTAINER_OF (watch, QnetChannel, watch);

  channel->funcs->lock (channel);
  qnet_channel_flush (channel);
  channel->funcs->unlock (channel);
}

static gboolean
can_linger (QnetChannel *channel)
{
  return channel->state == QNET_CHANNEL_OPEN && !qnet_channel_is_forked (channel)
         && channel->write_error == NULL && !channel->is_datagram;
}

/* The context was freed: only what the kernel accepts now can be sent. */
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
  QnetChannel *channel = CONTAINER_OF (watch, QnetChannel, watch);
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

/* Opening */

void
qnet_channel_init (QnetChannel            *channel,
                   const QnetChannelFuncs *funcs)
{
  *channel = (QnetChannel) {
    .funcs = funcs, .transport.fd = -1, .watch.fd = -1, .limit = G_MAXSIZE
  };

  qnet_byte_queue_init (&channel->read_queue, NULL);
  qnet_byte_queue_init (&channel->write_queue, NULL);
}

static void
set_pool (QnetChannel   *channel,
          QnetChunkPool *pool)  /* (nullable) */
{
  channel->read_queue.pool = pool;
  channel->write_queue.pool = pool;
  channel->transport.pool = pool;
}

static void
take_transport (QnetChannel   *channel,
                QnetTransport *transport)
{
  channel->transport = *transport;
  channel->transport.pool = channel->read_queue.pool;
  *transport = (QnetTransport) { .fd = -1 };
}

void
qnet_channel_attach (QnetChannel *channel,
                     QnetWaitSet *set)
{
  if (channel->watch.set == set)
    return;

  g_assert (channel->watch.set == NULL);

  qnet_watch_init (&channel->watch, &watch_funcs, set);
  if (channel->is_shared)
    return;

  set_pool (channel, qnet_reactor_get_chunk_pool (set->reactor));
}

void
qnet_channel_leave_pool (QnetChannel *channel)
{
  channel->is_shared = TRUE;
  set_pool (channel, NULL);
}

/* The queues may exist longer than the reactor and its pool. */
static void
detach (QnetChannel *channel)
{
  if (channel->watch.set != NULL)
    qnet_watch_clear (&channel->watch);

  set_pool (channel, NULL);
}

/* Resets everything that belongs to one connection. */
static void
reset (QnetChannel *channel)
{
  g_clear_error (&channel->read_error);
  g_clear_error (&channel->write_error);

  channel->sent_pending = 0;
  channel->sent_empty = FALSE;
  channel->silent_turn = 0;
  channel->is_bulk = FALSE;
  channel->input_waits = FALSE;
  channel->is_marked = FALSE;
  channel->holds &= ~QNET_HOLD_BACKLOG;
  qnet_channel_reset_states (channel);
}

void
qnet_channel_reset_counters (QnetChannel *channel)
{
  channel->bytes_received = 0;
  channel->bytes_sent = 0;
  channel->n_receive_calls = 0;
  channel->n_send_calls = 0;
  channel->last_activity = 0;

  qnet_channel_note_activity (channel);
}

void
qnet_channel_open (QnetChannel   *channel,
                   QnetWaitSet   *set,
                   QnetTransport *transport)
{
  g_assert (!qnet_channel_is_open (channel));

  qnet_channel_attach (channel, set);
  reset (channel);
  channel->has_moved = FALSE;  /* not when the last connection ended: its bytes were not sent */
  qnet_channel_reset_counters (channel);

  channel->fork_epoch = qnet_fork_epoch ();
  take_transport (channel, transport);

  qnet_watch_start (&channel->watch, channel->transport.fd, QNET_READINESS_NONE);
  qnet_channel_set_state (channel, QNET_CHANNEL_OPEN);
}

/* Closing */

/* The connection may stay open in another process or a duplicate of the descriptor: the peer has to
 * be notified nevertheless, also that the stream is incomplete if bytes are dropped. Datagrams have
 * no end, and a suspended descriptor is used by a thread, which the transport interrupts. */
static void
shut_connection (QnetChannel *channel)
{
  if (channel->state != QNET_CHANNEL_OPEN || channel->is_datagram
      || qnet_channel_is_forked (channel))
    return;

  if (channel->write_queue.length > 0 || channel->write_state == QNET_WRITE_FAILED)
    qnet_sys_reset (channel->transport.fd);
  else
    qnet_sys_shutdown (channel->transport.fd, SHUT_RDWR);
}

/* What is left of a connection, for functions that block where no loop runs */
typedef struct
{
  QnetReactor   *reactor;
  QnetTransport  transport;
  QnetByteQueue  rest;
  guint          timeout;
  gboolean       is_receiving;
  gboolean       is_forked;
} Remains;

static void
block (QnetChannel *channel,
       QnetReactor *reactor,  /* (nullable) */
       GFunc        func,
       Remains     *remains)
{
  if (channel->funcs->block != NULL && reactor != NULL && qnet_reactor_is_detached (reactor))
    channel->funcs->block (channel, func, remains);
  else
    func (remains, NULL);
}

static void
close_transport (gpointer data,
                 gpointer unused)
{
  Remains *remains = data;

  remains->transport.funcs->close (&remains->transport, remains->is_forked);
}

void
qnet_channel_close (QnetChannel *channel)
{
  QnetReactor *reactor = channel->watch.set != NULL ? channel->watch.set->reactor : NULL;
  Remains remains = { .is_forked = qnet_channel_is_forked (channel) };

  if (channel->watch.set != NULL)
    qnet_watch_stop (&channel->watch);

  shut_connection (channel);
  qnet_channel_steal_transport (channel, &remains.transport);

  if (remains.transport.funcs != NULL)
    block (channel, reactor, close_transport, &remains);
}

void
qnet_channel_swap_transport (QnetChannel   *channel,
                             QnetTransport *transport)
{
  g_assert (transport->fd == channel->transport.fd);

  take_transport (channel, transport);
}

void
qnet_channel_steal_transport (QnetChannel   *channel,
                              QnetTransport *out_transport)
{
  if (qnet_channel_is_open (channel))
    channel->holds &= ~QNET_HOLD_PAUSED;

  detach (channel);
  reset (channel);
  channel->defer_pending = FALSE;

  *out_transport = channel->transport;
  channel->transport = (QnetTransport) { .fd = -1 };
}

static void
take_rest (QnetChannel   *channel,
           QnetByteQueue *out_rest)
{
  qnet_byte_queue_init (out_rest, channel->write_queue.pool);
  if (channel->write_queue.length > 0)
    qnet_byte_queue_move (&channel->write_queue, channel->write_queue.length, out_rest);
}

static void
linger (gpointer data,
        gpointer unused)
{
  Remains *remains = data;

  qnet_linger (remains->reactor, &remains->transport, &remains->rest, remains->timeout,
               remains->is_receiving);
}

void
qnet_channel_linger (QnetChannel *channel,
                     guint        timeout)
{
  Remains remains = { .timeout = timeout };

  if (!can_linger (channel))
    {
      qnet_channel_close (channel);
      qnet_byte_queue_clear (&channel->write_queue);
      return;
    }

  remains.is_receiving = channel->drain_state >= QNET_DRAIN_RECEIVING;
  remains.reactor = qnet_reactor_ref (channel->watch.set->reactor);
  qnet_channel_steal_transport (channel, &remains.transport);
  take_rest (channel, &remains.rest);
  qnet_channel_note_shutdown (channel);  /* nothing would send what others write meanwhile */
  block (channel, remains.reactor, linger, &remains);
  qnet_channel_reset_states (channel);
  qnet_reactor_unref (remains.reactor);
}

void
qnet_channel_give_away (QnetChannel   *channel,
                        QnetTransport *out_transport,
                        QnetByteQueue *out_rest)
{
  *out_transport = channel->transport;
  qnet_transport_init_none (&channel->transport);
  take_rest (channel, out_rest);
}

void
qnet_channel_note_descriptor_closed (QnetChannel *channel)
{
  gboolean is_deferred = qnet_watch_is_deferred (&channel->watch);

  qnet_watch_stop (&channel->watch);
  if (is_deferred)
    qnet_watch_defer (&channel->watch);
}

void
qnet_channel_set_suspended (QnetChannel *channel,
                            gboolean     is_suspended)
{
  qnet_channel_set_state (channel, is_suspended ? QNET_CHANNEL_SUSPENDED : QNET_CHANNEL_OPEN);
  channel->input_waits = channel->transport.funcs->holds_input;
  channel->has_moved &= is_suspended;
  qnet_channel_resume (channel);

  if (!is_suspended
      && (channel->write_queue.length > 0 || channel->write_state == QNET_WRITE_SHUT_PENDING))
    qnet_watch_queue_flush (&channel->watch);
}

void
qnet_channel_defer (QnetChannel *channel)
{
  if (channel->watch.set == NULL)
    return;

  channel->defer_pending = TRUE;
  qnet_watch_defer (&channel->watch);
}
