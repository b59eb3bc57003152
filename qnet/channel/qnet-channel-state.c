/* qnet-channel-state.c: the transitions of a channel
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "channel/qnet-channel-parts-private.h"

/* The tables */

#define TO(state) QNET_TO (QNET_CHANNEL_##state)

const QnetEdges qnet_channel_edges[] = {
  [QNET_CHANNEL_CLOSED]    = TO (OPEN),
  [QNET_CHANNEL_OPEN]      = TO (SUSPENDED) | TO (CLOSED),
  [QNET_CHANNEL_SUSPENDED] = TO (OPEN) | TO (CLOSED),
};

#undef TO
#define TO(state) QNET_TO (QNET_READ_##state)

const QnetEdges qnet_read_edges[] = {
  [QNET_READ_IDLE]         = TO (STARTING),
  [QNET_READ_STARTING]     = TO (ACTIVE) | TO (HELD) | TO (IDLE),
  [QNET_READ_ACTIVE]       = TO (HELD) | TO (END_PENDING) | TO (ENDED) | TO (IDLE),
  [QNET_READ_HELD]         = TO (ACTIVE) | TO (FINISHING) | TO (ENDED) | TO (IDLE),
  [QNET_READ_FINISHING]    = TO (ACTIVE) | TO (HELD) | TO (END_PENDING) | TO (IDLE),
  [QNET_READ_END_PENDING]  = TO (ENDED) | TO (IDLE),
  [QNET_READ_ENDED]        = TO (LOSS_WATCHED) | TO (IDLE),
  [QNET_READ_LOSS_WATCHED] = TO (ENDED) | TO (IDLE),
};

#undef TO
#define TO(state) QNET_TO (QNET_WRITE_##state)

const QnetEdges qnet_write_edges[] = {
  [QNET_WRITE_OPEN]         = TO (SHUT_PENDING) | TO (FAILED),
  [QNET_WRITE_SHUT_PENDING] = TO (SHUT) | TO (FAILED) | TO (OPEN),
  [QNET_WRITE_SHUT]         = TO (FAILED) | TO (OPEN),
  [QNET_WRITE_FAILED]       = TO (OPEN),
};

#undef TO
#define TO(state) QNET_TO (QNET_ROOM_##state)

const QnetEdges qnet_room_edges[] = {
  [QNET_ROOM_FREE]     = TO (AWAITED) | TO (DRAINING),
  [QNET_ROOM_AWAITED]  = TO (DRAINING) | TO (FREE),
  [QNET_ROOM_DRAINING] = TO (AWAITED) | TO (FREE),
};

#undef TO
#define TO(state) QNET_TO (QNET_DRAIN_##state)

const QnetEdges qnet_drain_edges[] = {
  [QNET_DRAIN_NONE]      = TO (STARTED),
  [QNET_DRAIN_STARTED]   = TO (RECEIVING) | TO (DROPPING) | TO (NONE),
  [QNET_DRAIN_RECEIVING] = TO (DROPPING) | TO (NONE),
  [QNET_DRAIN_DROPPING]  = TO (NONE),
};

#undef TO
#define TO(state) QNET_TO (QNET_READABLE_##state)

const QnetEdges qnet_readable_edges[] = {
  [QNET_READABLE_UNKNOWN]   = TO (REPORTED),
  [QNET_READABLE_REPORTED]  = TO (UNWATCHED) | TO (UNKNOWN),
  [QNET_READABLE_UNWATCHED] = TO (UNKNOWN),
};

#undef TO

/* The interest of the watch */

/* Without interest the backend does not watch the descriptor, because a hangup cannot be masked,
 * and would be reported repeatedly to a channel that does not read it. While reading is suspended
 * bytes can wait, but not the end of the peer: otherwise each peer that has closed would use a
 * descriptor and its buffers until the owner continues to read. */
static void
update_interest (QnetChannel *channel)
{
  static const guint8 interests[] = {
    [QNET_READ_ACTIVE]       = QNET_READINESS_READ,
    [QNET_READ_HELD]         = QNET_READINESS_HANGUP,
    [QNET_READ_FINISHING]    = QNET_READINESS_READ,
    [QNET_READ_LOSS_WATCHED] = QNET_READINESS_LOSS,
  };
  QnetReadiness interest = QNET_READINESS_NONE;

  if (channel->state == QNET_CHANNEL_OPEN)
    {
      interest = interests[channel->read_state];
      if (channel->room_state != QNET_ROOM_FREE)
        interest |= QNET_READINESS_WRITE;
    }

  if (interest != channel->watch.interest || channel->watch.is_lent)
    qnet_watch_set_interest (&channel->watch, interest);
}

/* Setters */

static gboolean
change (guint8          *state,
        const QnetEdges *edges,
        guint            to)
{
  if (*state == to)
    return FALSE;

  QNET_CHECK_EDGE (edges, *state, to);
  *state = (guint8) to;

  return TRUE;
}

void
qnet_channel_set_state (QnetChannel      *channel,
                        QnetChannelState  state)
{
  if (change (&channel->state, qnet_channel_edges, state))
    update_interest (channel);
}

void
qnet_channel_set_read_state (QnetChannel   *channel,
                             QnetReadState  state)
{
  if (change (&channel->read_state, qnet_read_edges, state))
    update_interest (channel);
}

void
qnet_channel_set_write_state (QnetChannel    *channel,
                              QnetWriteState  state)
{
  change (&channel->write_state, qnet_write_edges, state);
}

/* The next three can suspend reading. */

void
qnet_channel_set_room_state (QnetChannel   *channel,
                             QnetRoomState  state)
{
  if (!change (&channel->room_state, qnet_room_edges, state))
    return;

  update_interest (channel);
  qnet_channel_update_reading (channel);
}

void
qnet_channel_set_drain_state (QnetChannel    *channel,
                              QnetDrainState  state)
{
  if (change (&channel->drain_state, qnet_drain_edges, state))
    qnet_channel_update_reading (channel);
}

void
qnet_channel_set_readable_state (QnetChannel       *channel,
                                 QnetReadableState  state)
{
  if (change (&channel->readable_state, qnet_readable_edges, state))
    qnet_channel_update_reading (channel);
}

void
qnet_channel_reset_states (QnetChannel *channel)
{
  qnet_channel_set_state (channel, QNET_CHANNEL_CLOSED);
  qnet_channel_set_read_state (channel, QNET_READ_IDLE);
  qnet_channel_set_write_state (channel, QNET_WRITE_OPEN);
  qnet_channel_set_room_state (channel, QNET_ROOM_FREE);
  qnet_channel_set_drain_state (channel, QNET_DRAIN_NONE);
  qnet_channel_set_readable_state (channel, QNET_READABLE_UNKNOWN);
}
