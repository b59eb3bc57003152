/* qnet-channel-state-private.h: the state machines of a channel
 *
 * A channel has six state machines: the use of its descriptor, reading, writing, room in the
 * kernel, draining, and the readability of datagrams. Each has a table of transitions, and one
 * setter; a transition that is not in the table is a bug in qnet, and ends the process. The first
 * state of each is that before a connection and after closing.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/qnet-state-machine-private.h"

G_BEGIN_DECLS

/* Whether the channel may use its descriptor */
typedef enum /*< skip >*/
{
  QNET_CHANNEL_CLOSED,    /* there is none */
  QNET_CHANNEL_OPEN,
  QNET_CHANNEL_SUSPENDED  /* a handshake uses it, perhaps in another thread */
} QnetChannelState;

/* The state of reading */
typedef enum /*< skip >*/
{
  QNET_READ_IDLE,         /* start_reading() was not called yet */
  QNET_READ_STARTING,     /* it was called: reading starts in the next turn */
  QNET_READ_ACTIVE,       /* arriving bytes are read */
  QNET_READ_HELD,         /* paused, or at a limit: only the end of the peer is watched for */
  QNET_READ_FINISHING,    /* the peer has ended meanwhile: the rest is read, despite a limit */
  QNET_READ_END_PENDING,  /* 0 or an error was read: ended() is to be called */
  QNET_READ_ENDED,        /* it was called; or datagrams can no longer be received */
  QNET_READ_LOSS_WATCHED  /* the owner still writes after the end: a reset is watched for */
} QnetReadState;

/* The state of writing */
typedef enum /*< skip >*/
{
  QNET_WRITE_OPEN,
  QNET_WRITE_SHUT_PENDING,  /* shutdown_write() was called: done when the write queue is empty */
  QNET_WRITE_SHUT,          /* it is done */
  QNET_WRITE_FAILED         /* sending has failed: the peer has not received everything */
} QnetWriteState;

/* Whether the kernel accepts bytes */
typedef enum /*< skip >*/
{
  QNET_ROOM_FREE,     /* as far as is known */
  QNET_ROOM_AWAITED,  /* it has not accepted all: the channel waits for room */
  QNET_ROOM_DRAINING  /* it has accepted all but not sent all, which a draining channel waits for */
} QnetRoomState;

/* Whether the owner only waits for the last bytes to be sent */
typedef enum /*< skip >*/
{
  QNET_DRAIN_NONE,
  QNET_DRAIN_STARTED,    /* drain() was called */
  QNET_DRAIN_RECEIVING,  /* the peer has sent something since */
  QNET_DRAIN_DROPPING    /* there was no room for what it has sent: all that follows is dropped */
} QnetDrainState;

/* Whether the owner was notified that datagrams can be received */
typedef enum /*< skip >*/
{
  QNET_READABLE_UNKNOWN,   /* it was not: the next one is reported */
  QNET_READABLE_REPORTED,  /* received () was called; the owner has not tried to receive since */
  QNET_READABLE_UNWATCHED  /* more has arrived: it is not watched until the owner tries */
} QnetReadableState;

extern const QnetEdges qnet_channel_edges[];
extern const QnetEdges qnet_read_edges[];
extern const QnetEdges qnet_write_edges[];
extern const QnetEdges qnet_room_edges[];
extern const QnetEdges qnet_drain_edges[];
extern const QnetEdges qnet_readable_edges[];

G_END_DECLS
