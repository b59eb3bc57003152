/* qnet-channel-writing.c: writing from the write queue into the transport, and its end
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "channel/qnet-channel-parts-private.h"

/* The most bytes that a channel sends in one turn, so that others are served. */
#define WRITE_BUDGET (1024 * 1024)

/* The backlog */

static gboolean
has_backlog (QnetChannel *channel)
{
  gboolean is_held = (channel->holds & QNET_HOLD_BACKLOG) != 0;
  gsize limit = is_held ? channel->write_limit / 2 + 1 : channel->write_limit;

  return channel->write_limit > 0 && !qnet_channel_is_draining (channel)
         && channel->write_state != QNET_WRITE_SHUT_PENDING
         && channel->write_state != QNET_WRITE_SHUT
         && !channel->is_awaited && channel->write_queue.length >= limit;
}

/* A peer that does not read the answers that are queued for it is not read either: its next request
 * would add to them. This does not apply to a channel that drains, or whose write side is to be
 * shut down; and while the owner blocks until bytes are sent, the peer may block until this side
 * reads. The two marks differ by half of the limit, so that not every sent piece resumes
 * reading. */
void
qnet_channel_change_backlog (QnetChannel *channel)
{
  gboolean is_held = (channel->holds & QNET_HOLD_BACKLOG) != 0;

  if (has_backlog (channel) == is_held)
    return;

  channel->holds ^= QNET_HOLD_BACKLOG;
  qnet_channel_resume (channel);
}

/* Sending */

static gsize
total_size (const struct iovec *vectors,
            int                 n_vectors)
{
  gsize size = vectors[0].iov_len;

  for (int i = 1; i < n_vectors; i++)
    size += vectors[i].iov_len;

  return size;
}

static void
handle_sent (QnetChannel *channel,
             gsize        size)
{
  qnet_byte_queue_drop (&channel->write_queue, size);
  channel->sent_pending += size;
  channel->bytes_sent += size;
  qnet_channel_note_activity (channel);
}

/* Makes one system call. FALSE if another one would block, or after a failure. */
static gboolean
send_once (QnetChannel *channel)
{
  struct iovec vectors[QNET_TRANSPORT_MAX_VECTORS];
  int n_vectors = qnet_byte_queue_get_vectors (&channel->write_queue, vectors,
                                               QNET_TRANSPORT_MAX_VECTORS);
  gsize offered = total_size (vectors, n_vectors);
  GError *error = NULL;
  gssize n = channel->transport.funcs->write (&channel->transport, vectors, n_vectors, &error);

  channel->n_send_calls++;

  if (n > 0)
    handle_sent (channel, n);
  else if (n == QNET_TRANSPORT_FAILED)
    qnet_channel_fail_writing (channel, error);

  return n == (gssize) offered;
}

/* Bytes in the kernel count only while the owner waits for the last bytes: until they are sent a
 * reset can destroy them, and its failure can still be reported. */
static gboolean
awaits_kernel (QnetChannel *channel)
{
  return qnet_channel_is_draining (channel) && channel->write_error == NULL
         && channel->write_state != QNET_WRITE_SHUT
         && qnet_sys_get_unsent (channel->transport.fd) > 0
         && qnet_sys_watch_unsent (channel->transport.fd);
}

/* Room is waited for only after the kernel has not accepted all bytes: usually it does. */
static QnetRoomState
find_room (QnetChannel *channel)
{
  if (channel->write_queue.length > 0)
    return QNET_ROOM_AWAITED;

  return awaits_kernel (channel) ? QNET_ROOM_DRAINING : QNET_ROOM_FREE;
}

static void
send_queue (QnetChannel *channel)
{
  guint64 until = channel->bytes_sent + WRITE_BUDGET;
  QnetRoomState room;

  if (channel->write_error != NULL)
    qnet_byte_queue_clear (&channel->write_queue);

  while (channel->write_queue.length > 0 && send_once (channel))
    {
      if (channel->bytes_sent >= until)
        break;
    }

  room = find_room (channel);
  if (room != channel->room_state)
    qnet_channel_set_room_state (channel, room);

  qnet_channel_update_backlog (channel);
}

/* A failure is not reported: the peer has closed, which reading notices. While the channel is
 * suspended the transport has nothing to shut down yet. */
static void
shutdown_when_empty (QnetChannel *channel)
{
  QnetTransport *transport = &channel->transport;

  if (channel->state != QNET_CHANNEL_OPEN || channel->write_state != QNET_WRITE_SHUT_PENDING
      || channel->write_queue.length > 0)
    return;

  if (transport->funcs->shutdown_write (transport, NULL) == QNET_TRANSPORT_WOULD_BLOCK)
    qnet_channel_set_room_state (channel, QNET_ROOM_AWAITED);
  else
    qnet_channel_set_write_state (channel, QNET_WRITE_SHUT);
}

void
qnet_channel_send (QnetChannel *channel)
{
  if (channel->state != QNET_CHANNEL_OPEN)
    return;

  send_queue (channel);
  shutdown_when_empty (channel);
}

void
qnet_channel_call_sent (QnetChannel *channel)
{
  gsize size = channel->sent_pending;

  channel->sent_pending = 0;
  channel->sent_empty = FALSE;
  channel->funcs->sent (channel, size);
}

/* Called by the owner */

gboolean
qnet_channel_flush (QnetChannel *channel)
{
  guint64 before = channel->bytes_sent;

  if (!qnet_channel_is_open (channel) || qnet_channel_is_forked (channel) || channel->is_datagram)
    return FALSE;

  qnet_channel_send (channel);

  if (channel->sent_pending > 0)
    qnet_watch_defer (&channel->watch);

  return channel->bytes_sent > before;
}

void
qnet_channel_move_unsent (QnetChannel   *channel,
                          QnetByteQueue *to)
{
  gsize size = channel->write_queue.length;

  if (size == 0)
    return;

  qnet_byte_queue_move (&channel->write_queue, size, to);
  channel->sent_pending += size;
  channel->bytes_sent += size;
  channel->has_moved = TRUE;
  qnet_channel_set_room_state (channel, QNET_ROOM_FREE);
  qnet_channel_update_backlog (channel);
  qnet_watch_defer (&channel->watch);
}

void
qnet_channel_drain (QnetChannel *channel)
{
  if (!qnet_channel_is_draining (channel))
    qnet_channel_set_drain_state (channel, QNET_DRAIN_STARTED);

  qnet_channel_update_backlog (channel);
  qnet_channel_flush (channel);
  qnet_channel_resume (channel);

  if (channel->write_error != NULL)
    qnet_watch_defer (&channel->watch);
}

gboolean
qnet_channel_is_drained (QnetChannel *channel)
{
  return qnet_channel_is_draining (channel) && channel->write_queue.length == 0
         && channel->write_error == NULL && channel->room_state == QNET_ROOM_FREE;
}

gboolean
qnet_channel_is_idle (QnetChannel *channel)
{
  return channel->write_queue.length == 0 && channel->sent_pending == 0 && !channel->sent_empty
         && channel->write_error == NULL && channel->room_state == QNET_ROOM_FREE;
}

void
qnet_channel_shutdown_write (QnetChannel *channel)
{
  if (!qnet_channel_is_open (channel) || qnet_channel_is_forked (channel)
      || channel->write_state != QNET_WRITE_OPEN)
    return;

  qnet_channel_set_write_state (channel, QNET_WRITE_SHUT_PENDING);
  qnet_channel_update_backlog (channel);
  shutdown_when_empty (channel);

  if (channel->write_state == QNET_WRITE_SHUT_PENDING)
    qnet_channel_queue_flush (channel);
}

void
qnet_channel_note_shutdown (QnetChannel *channel)
{
  if (channel->write_state != QNET_WRITE_OPEN)
    return;

  qnet_channel_set_write_state (channel, QNET_WRITE_SHUT_PENDING);
  qnet_channel_set_write_state (channel, QNET_WRITE_SHUT);
}

void
qnet_channel_set_write_limit (QnetChannel *channel,
                              gsize        limit)
{
  channel->write_limit = limit;
  qnet_channel_update_backlog (channel);
}

gboolean
qnet_channel_set_awaited (QnetChannel *channel,
                          gboolean     is_awaited)
{
  gboolean was_awaited = channel->is_awaited;

  channel->is_awaited = is_awaited;
  qnet_channel_update_backlog (channel);

  return was_awaited;
}
