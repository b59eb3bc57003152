/* qnet-channel-reading.c: reading from the transport into the read queue
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "channel/qnet-channel-parts-private.h"

/* The most bytes that a channel reads in one turn, so that others are served. */
#define READ_BUDGET (256 * 1024)

/* A read of this size indicates that the peer sends in bulk: the next chunk is a large one. */
#define BULK_MIN 4096

#define DROP_SIZE 16384

/* Suspending */

/* A peer that sends everything before it reads must not block the last bytes: if they wait for it,
 * bytes for which there is no room are dropped, and all that follow. */
static gboolean
drops_input (QnetChannel *channel)
{
  if (channel->discards_input)
    return !channel->is_datagram;

  if (channel->drain_state == QNET_DRAIN_NONE)
    return FALSE;

  return channel->drain_state == QNET_DRAIN_DROPPING
         || (channel->room_state != QNET_ROOM_FREE
             && (qnet_channel_is_paused (channel) || qnet_channel_is_full (channel)));
}

/* Pausing and limits prevent a peer from filling the memory. After its end a peer can send no more:
 * the rest is already in the memory of this machine, and is read completely, at once: if many
 * connections end together, each is finished in turn instead of all of them growing. */
static gboolean
is_held_up (QnetChannel *channel)
{
  if (drops_input (channel))
    return channel->transport.is_full;

  return channel->holds != QNET_HOLD_NONE
         || channel->readable_state == QNET_READABLE_UNWATCHED
         || qnet_channel_is_stuck (channel);
}

/* To be called when any of these conditions may have changed. */
void
qnet_channel_update_reading (QnetChannel *channel)
{
  if (channel->read_state != QNET_READ_ACTIVE && channel->read_state != QNET_READ_HELD)
    return;

  qnet_channel_set_read_state (channel, is_held_up (channel) ? QNET_READ_HELD : QNET_READ_ACTIVE);
}

/* Reading may have become possible again; a failed write may have waited for it. */
void
qnet_channel_resume (QnetChannel *channel)
{
  if (!qnet_channel_is_open (channel))
    return;

  qnet_channel_update_reading (channel);

  if (channel->write_error != NULL || (channel->input_waits && qnet_channel_is_reading (channel)))
    qnet_watch_defer (&channel->watch);
}

/* Reading */

/* Like read() of the transport, into the read queue; *@out_size: of the buffer. */
static inline gssize
read_into_queue (QnetChannel  *channel,
                 gsize        *out_size,
                 GError      **error)
{
  gsize size;
  void *space = qnet_byte_queue_reserve (&channel->read_queue, channel->is_bulk, &size);
  gsize room = size;
  gssize n;

  if (channel->read_state != QNET_READ_FINISHING)
    size = MIN (room, channel->limit - channel->read_queue.length - channel->held_back);

  n = channel->transport.funcs->read (&channel->transport, space, size, error);
  qnet_byte_queue_commit (&channel->read_queue, space, MAX (n, 0));

  if (G_UNLIKELY (n > 0 && channel->is_bulk != (n >= (gssize) MIN (room, BULK_MIN))))
    channel->is_bulk = !channel->is_bulk;

  *out_size = size;

  return n;
}

/* The same with a buffer of DROP_SIZE. */
static G_GNUC_NO_INLINE gssize
read_and_drop (QnetChannel  *channel,
               GError      **error)
{
  guint8 buffer[DROP_SIZE];
  gssize n = channel->transport.funcs->read (&channel->transport, buffer, sizeof buffer, error);

  if (n > 0 && qnet_channel_is_draining (channel))
    qnet_channel_set_drain_state (channel, QNET_DRAIN_DROPPING);

  return n;
}

/* All bytes before a failed write were read now, unless there was no room for them. A hangup was
 * not the end, or the end is still inside the transport. */
static void
handle_blocking (QnetChannel *channel)
{
  if (channel->write_error != NULL && !channel->transport.is_full)
    qnet_channel_set_read_state (channel, QNET_READ_END_PENDING);
  else if (channel->read_state == QNET_READ_FINISHING)
    qnet_channel_set_read_state (channel, is_held_up (channel) ? QNET_READ_HELD : QNET_READ_ACTIVE);
}

/* @n: what read() has returned instead of a number of bytes */
static void
handle_no_bytes (QnetChannel *channel,
                 gssize       n,
                 GError      *error)
{
  channel->input_waits = FALSE;

  if (n == QNET_TRANSPORT_WOULD_BLOCK)
    {
      handle_blocking (channel);
      return;
    }

  channel->read_error = error;
  qnet_channel_set_read_state (channel, QNET_READ_END_PENDING);
}

static void
handle_bytes (QnetChannel *channel,
              gsize        size)
{
  channel->bytes_received += size;
  qnet_channel_note_activity (channel);

  if (G_UNLIKELY (channel->drain_state == QNET_DRAIN_STARTED))
    qnet_channel_set_drain_state (channel, QNET_DRAIN_RECEIVING);
  if (G_UNLIKELY (qnet_channel_is_stuck (channel)))
    qnet_channel_update_reading (channel);
}

/* Reads once. FALSE if another read would block, or reading has ended. A short read means that the
 * kernel has no more bytes, except if it has reported a hangup, or the transport has bytes of its
 * own (@until_end): then more bytes follow, and can be read in this turn. */
static gboolean
receive_once (QnetChannel *channel,
              gboolean     until_end)
{
  GError *error = NULL;
  gsize size = DROP_SIZE;
  gssize n = G_UNLIKELY (drops_input (channel)) ? read_and_drop (channel, &error)
                                                : read_into_queue (channel, &size, &error);

  channel->n_receive_calls++;

  if (G_UNLIKELY (n <= 0))
    {
      handle_no_bytes (channel, n, error);
      return FALSE;
    }

  handle_bytes (channel, n);

  return (until_end || n == (gssize) size) && qnet_channel_is_reading (channel);
}

/* A queue that the owner has put bytes back into may be full. */
static void
prepare_reading (QnetChannel   *channel,
                 QnetReadiness  readiness)
{
  qnet_channel_update_backlog (channel);
  if (G_UNLIKELY (qnet_channel_is_stuck (channel)))
    qnet_channel_update_reading (channel);

  if ((readiness & QNET_READINESS_HANGUP) != 0 && channel->read_state == QNET_READ_HELD
      && channel->state == QNET_CHANNEL_OPEN)
    qnet_channel_set_read_state (channel, QNET_READ_FINISHING);
}

/* The descriptor reports again the bytes that are left when the budget is used up, but not those
 * inside the transport, nor that none are left, which a failed write waits for. */
gboolean
qnet_channel_receive (QnetChannel   *channel,
                      QnetReadiness  readiness)
{
  gboolean holds_input = channel->transport.funcs->holds_input;
  gboolean until_end = holds_input || channel->write_error != NULL
                       || (readiness & QNET_READINESS_HANGUP) != 0;
  guint64 until = channel->bytes_received + READ_BUDGET;
  gsize queued_before = channel->read_queue.length;

  prepare_reading (channel, readiness);
  if (!qnet_channel_is_reading (channel))
    return FALSE;

  if (holds_input)
    channel->input_waits = TRUE;

  while (receive_once (channel, until_end))
    {
      if (channel->bytes_received >= until && channel->read_state != QNET_READ_FINISHING)
        break;
    }

  if ((channel->input_waits || channel->write_error != NULL) && qnet_channel_is_reading (channel))
    qnet_watch_defer (&channel->watch);

  return channel->read_queue.length > queued_before;
}

/* Starting and stopping */

void
qnet_channel_start_reading (QnetChannel *channel)
{
  if (channel->read_state != QNET_READ_IDLE)
    return;

  qnet_channel_set_read_state (channel, QNET_READ_STARTING);
  qnet_watch_defer (&channel->watch);
}

void
qnet_channel_begin_reading (QnetChannel *channel)
{
  if (channel->read_state == QNET_READ_STARTING)
    qnet_channel_set_read_state (channel, is_held_up (channel) ? QNET_READ_HELD : QNET_READ_ACTIVE);
}

void
qnet_channel_set_paused (QnetChannel *channel,
                         gboolean     is_paused)
{
  if (is_paused)
    channel->holds |= QNET_HOLD_PAUSED;
  else
    channel->holds &= ~QNET_HOLD_PAUSED;

  qnet_channel_resume (channel);
}

void
qnet_channel_discard_input (QnetChannel *channel)
{
  channel->discards_input = TRUE;
  qnet_channel_resume (channel);
}

/* For a reader that requests each piece, the limit of the owner applies if it is lower. */
static void
update_limit (QnetChannel *channel)
{
  if (channel->read_limit > 0)
    channel->limit = channel->read_limit;
  else
    channel->limit = channel->pull_limit > 0 ? channel->pull_limit : G_MAXSIZE;

  qnet_channel_resume (channel);
}

void
qnet_channel_set_read_limit (QnetChannel *channel,
                             gsize        limit)
{
  channel->read_limit = limit;
  update_limit (channel);
}

void
qnet_channel_set_pull_limit (QnetChannel *channel,
                             gsize        limit)
{
  if (channel->pull_limit == limit)
    return;

  channel->pull_limit = limit;
  update_limit (channel);
}

void
qnet_channel_set_held_back (QnetChannel *channel,
                            gsize        size)
{
  channel->held_back = size;
  qnet_channel_consumed (channel);
}

gboolean
qnet_channel_keeps_waiting (QnetChannel *channel)
{
  return qnet_channel_may_read (channel)
         && (qnet_channel_is_paused (channel) || qnet_channel_is_stuck (channel))
         && qnet_sys_get_readable (channel->transport.fd) > 0;
}

void
qnet_channel_make_room (QnetChannel *channel)
{
  channel->transport.is_full = FALSE;
  qnet_channel_resume (channel);
}
