/* qnet-channel-parts-private.h: what the files of a channel share
 *
 * qnet-channel.c opens, closes and dispatches; other files read, write, end, and serve datagrams;
 * qnet-channel-state.c changes states. No other file includes this header.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "channel/qnet-channel-private.h"

#include "base/qnet-syscall-private.h"

G_BEGIN_DECLS

/* Whether the descriptor belongs to the parent process. */
static inline gboolean
qnet_channel_is_forked (const QnetChannel *channel)
{
  return channel->fork_epoch != qnet_fork_epoch ();
}

/* Reading has begun and not ended, though it may be suspended. */
static inline gboolean
qnet_channel_may_read (const QnetChannel *channel)
{
  return channel->state == QNET_CHANNEL_OPEN
         && channel->read_state >= QNET_READ_ACTIVE && channel->read_state <= QNET_READ_FINISHING;
}

static inline gboolean
qnet_channel_is_reading (const QnetChannel *channel)
{
  return channel->state == QNET_CHANNEL_OPEN
         && (channel->read_state == QNET_READ_ACTIVE || channel->read_state == QNET_READ_FINISHING);
}

/* qnet-channel-state.c: each changes the interest of the watch if that depends on it */

void     qnet_channel_set_state          (QnetChannel       *channel,
                                          QnetChannelState   state);
void     qnet_channel_set_read_state     (QnetChannel       *channel,
                                          QnetReadState      state);
void     qnet_channel_set_write_state    (QnetChannel       *channel,
                                          QnetWriteState     state);
void     qnet_channel_set_room_state     (QnetChannel       *channel,
                                          QnetRoomState      state);
void     qnet_channel_set_drain_state    (QnetChannel       *channel,
                                          QnetDrainState     state);
void     qnet_channel_set_readable_state (QnetChannel       *channel,
                                          QnetReadableState  state);
/* Resets all states to those before a connection. */
void     qnet_channel_reset_states       (QnetChannel       *channel);

/* qnet-channel-reading.c */

void     qnet_channel_update_reading     (QnetChannel       *channel);

/* qnet-channel-writing.c */

void     qnet_channel_change_backlog     (QnetChannel       *channel);
void     qnet_channel_send               (QnetChannel       *channel);
void     qnet_channel_call_sent          (QnetChannel       *channel);

static inline void
qnet_channel_report_sent (QnetChannel *channel)
{
  if (channel->sent_pending > 0 || channel->sent_empty)
    qnet_channel_call_sent (channel);
}

/* To be called when the write queue, or a request that concerns it, has changed. */
static inline void
qnet_channel_update_backlog (QnetChannel *channel)
{
  gboolean is_over = channel->write_limit > 0
                     && channel->write_queue.length >= channel->write_limit;

  if (G_UNLIKELY (is_over || (channel->holds & QNET_HOLD_BACKLOG) != 0))
    qnet_channel_change_backlog (channel);
}

/* qnet-channel-ending.c */

void     qnet_channel_fail_writing       (QnetChannel       *channel,
                                          GError            *error);  /* (transfer full) */
void     qnet_channel_check_kernel       (QnetChannel       *channel);
void     qnet_channel_handle_loss        (QnetChannel       *channel);
void     qnet_channel_report_end         (QnetChannel       *channel);

/* qnet-channel-datagrams.c */

void     qnet_channel_handle_datagrams   (QnetChannel       *channel,
                                          QnetReadiness      readiness);

G_END_DECLS
