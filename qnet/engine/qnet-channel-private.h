/* qnet-channel-private.h: a transport with a byte queue on either side
 *
 * A channel reads into its read queue while there is room, and sends its write queue once per turn. It knows no GObject and
 * emits no signal: it tells its owner.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-byte-queue-private.h"
#include "engine/qnet-reactor-private.h"
#include "engine/qnet-transport-private.h"

G_BEGIN_DECLS

typedef struct _QnetChannel      QnetChannel;
typedef struct _QnetChannelFuncs QnetChannelFuncs;

/* Called from the reactor or from a wait, never from within a call of the owner's into the channel. Each may close or
 * reopen the channel; the channel looks at itself anew after each. The owner keeps itself alive by enter() and leave(). */
struct _QnetChannelFuncs
{
  void (*enter)    (QnetChannel *channel);                       /* hold a reference on yourself: the channel is about to tell you things */
  void (*leave)    (QnetChannel *channel);                       /* drop it; the channel is not touched afterwards */
  void (*received) (QnetChannel *channel);                       /* new bytes stand in the read queue */
  void (*sent)     (QnetChannel *channel, gsize size);           /* so many more bytes were handed to the kernel since the last time */
  void (*ended)    (QnetChannel *channel, const GError *error);  /* once, after all that came before was told: the peer's orderly end (NULL), or a failure of reading or writing.
                                                                  * After an orderly end writing goes on; if it fails later, a second time */
  void (*deferred) (QnetChannel *channel);                       /* qnet_channel_defer() was called */
  void (*orphaned) (QnetChannel *channel);                       /* the context has gone; the channel is closed */

  /* (nullable): the kernel has sent all that drain () waits for, some time after sent () has reported it. */
  void (*drained)  (QnetChannel *channel);

  /* Of a channel for datagrams alone, for which received () means that some stand in the
   * kernel's queue; and sent () is told for an empty one, too. */

  /* Something has failed, such as delivery (ICMP). The channel goes on. */
  void (*troubled) (QnetChannel *channel, const GError *error);
  /* There is room again: see qnet_channel_wait_for_room(). */
  void (*writable) (QnetChannel *channel);
};

typedef enum /*< skip >*/
{
  QNET_CHANNEL_READING_OFF,    /* nobody has asked yet */
  QNET_CHANNEL_READING_SOON,   /* from the next turn on */
  QNET_CHANNEL_READING_ON,
  QNET_CHANNEL_READING_ENDED   /* 0 or an error was read */
} QnetChannelReading;

/* Of the datagrams that stand in the kernel's queue. */
typedef enum /*< skip >*/
{
  QNET_CHANNEL_NEWS_NONE,   /* the next one will be told */
  QNET_CHANNEL_NEWS_TOLD,   /* received () was called, and nobody has looked since */
  QNET_CHANNEL_NEWS_MUTED   /* ... the descriptor went on about it, and is not watched now */
} QnetChannelNews;

struct _QnetChannel
{
  const QnetChannelFuncs *funcs;
  QnetTransport           transport;
  QnetWatch               watch;
  QnetByteQueue           read_queue;
  QnetByteQueue           write_queue;
  gsize                   read_limit;      /* bytes the owner wants at most, 0: no limit */
  gsize                   pull_limit;      /* ... where read_limit sets none, and who reads asks for each piece */
  gsize                   write_limit;     /* unsent bytes at which reading stops, 0: no limit */
  gsize                   held_back;       /* bytes that count against read_limit though they left the queue (a transaction) */
  GError                 *write_error;     /* (owned) (nullable): sending failed; told after what came before it was read */
  GError                 *read_error;      /* (owned) (nullable): reading failed; told after what came before it was told */
  gsize                   sent_untold;     /* bytes sent by flush() that sent () has yet to hear of */
  guint64                 bytes_received;
  guint64                 bytes_sent;
  guint64                 n_receive_calls; /* read system calls */
  guint64                 n_send_calls;
  gint64                  last_activity;   /* monotonic microseconds of the last byte in or out; only kept while track_activity */
  guint                   fork_epoch;      /* of the process that opened it */
  guint                   silent_turn;     /* in which datagrams were sent without a call of sent (); 0: none were */
  gsize                   silent_size;     /* their bytes */
  guint64                 n_taken;         /* datagrams that were received */
  guint                   reading      : 2;  /* QnetChannelReading */
  guint                   is_paused    : 1;  /* by the user, perhaps before it was opened; until it is closed */
  guint                   is_unread    : 1;  /* the owner drops what comes, from now on */
  guint                   is_suspended : 1;  /* somebody else uses the descriptor: neither read nor write */
  guint                   input_waits  : 1;  /* inside the transport, perhaps: the descriptor would not tell */
  guint                   is_bulk      : 1;  /* the last read filled its chunk: take a large one next */
  guint                   end_untold   : 1;  /* ended () is owed; reading is ENDED */
  guint                   write_blocked : 1; /* the kernel did not take all, or while draining has not sent all: waiting for that */
  guint                   write_shut   : 1;  /* shutdown_write was done */
  guint                   shut_wanted  : 1;  /* ... or will be once the write queue is empty */
  guint                   is_draining  : 1;  /* the owner waits for the last bytes alone */
  guint                   peer_talks_on : 1; /* bytes came while draining */
  guint                   has_dropped  : 1;  /* ... and there was no room for some: none that follows is kept */
  guint                   has_lost     : 1;  /* sending has failed: the peer lacks something */
  guint                   peer_ended   : 1;  /* the descriptor has reported a hang-up while reading was held up: neither pausing nor a limit counts */
  guint                   awaits_loss  : 1;  /* the peer has ended, and the owner goes on */
  guint                   write_full   : 1;  /* write_limit was reached: nothing is read before half of it has gone */
  guint                   is_awaited   : 1;  /* the owner blocks until bytes were sent: write_limit does not count */
  guint                   defer_wanted : 1;
  guint                   track_activity : 1;
  guint                   is_datagram  : 1;  /* set by the owner, who moves datagrams itself */
  guint                   news         : 2;  /* QnetChannelNews, of datagrams */
  guint                   sent_empty   : 1;  /* sent () has yet to hear of an empty datagram */
};

static inline gboolean
qnet_channel_is_open (const QnetChannel *channel)
{
  return channel->transport.funcs != NULL;
}

void     qnet_channel_init              (QnetChannel             *channel,
                                         const QnetChannelFuncs  *funcs);  /* once; closed, queues empty */

/* Takes the transport and joins @set. Neither reads nor sends before start_reading(), start_writing(). */
void     qnet_channel_open              (QnetChannel             *channel,
                                         QnetWaitSet             *set,
                                         QnetTransport           *transport);

/* A watch without a descriptor yet, so that defer() works before open() (connecting); open() calls it too. */
void     qnet_channel_attach            (QnetChannel             *channel,
                                         QnetWaitSet             *set);

/* Shuts the connection down, or resets it if bytes are left to send, or could not be sent, so that the peer notices whoever else has the
 * descriptor; closes that, and leaves the set. Both queues keep their bytes. No callback follows: what was deferred is
 * forgotten, and who wants to defer again attaches again. */
void     qnet_channel_close             (QnetChannel             *channel);

/* Puts another transport in the place of the one that is there, over the same descriptor, which is its own from now on. */
void     qnet_channel_swap_transport    (QnetChannel             *channel,
                                         QnetTransport           *transport);

/* While suspended the channel leaves its descriptor alone, and both queues keep what they have. */
void     qnet_channel_set_suspended     (QnetChannel             *channel,
                                         gboolean                 is_suspended);

/* Gives what is still to be sent to @to: to the owner it counts as sent. */
void     qnet_channel_move_unsent       (QnetChannel             *channel,
                                         QnetByteQueue           *to);

/* open() does it as well; but who writes before, while connecting, counts from here on already. */
void     qnet_channel_reset_counters    (QnetChannel             *channel);

/* Gives the transport back instead of closing it: stops watching, leaves the queues. */
void     qnet_channel_steal_transport   (QnetChannel             *channel,
                                         QnetTransport           *out_transport);

/* Once it reads, the end of the peer is noticed even where pausing or a limit hold reading up: what came before the end is then
 * read in full, for it is in this machine's memory already, and no more can follow. */
void     qnet_channel_start_reading     (QnetChannel             *channel);  /* in the next turn, see READING_SOON */
void     qnet_channel_set_paused        (QnetChannel             *channel,
                                         gboolean                 is_paused);
/* For good: the owner drops what comes, so that a peer which sends before it reads holds nothing up, pause and limit or not. */
void     qnet_channel_set_unread        (QnetChannel             *channel);
void     qnet_channel_set_read_limit    (QnetChannel             *channel,
                                         gsize                    limit);
/* Reading stops while so many bytes wait to be sent, until half of them have gone; 0: never. */
void     qnet_channel_set_write_limit   (QnetChannel             *channel,
                                         gsize                    limit);
/* Returns what it was. */
gboolean qnet_channel_set_awaited       (QnetChannel             *channel,
                                         gboolean                 is_awaited);
void     qnet_channel_set_pull_limit    (QnetChannel             *channel,
                                         gsize                    limit);
/* To be called after bytes left the read queue or held_back changed: resumes reading where a limit had stopped it. */
void     qnet_channel_consumed          (QnetChannel             *channel);
gboolean qnet_channel_is_full           (QnetChannel             *channel);  /* the limit is reached */
gboolean qnet_channel_is_stuck          (QnetChannel             *channel);  /* ... or the transport has no room for what comes besides bytes */
/* Bytes of the peer's wait in the kernel while the owner has paused, or its buffer is full. Asks the kernel. */
gboolean qnet_channel_keeps_waiting     (QnetChannel             *channel);
void     qnet_channel_make_room         (QnetChannel             *channel);  /* there is room in the transport again */

/* To be called after bytes were put into the write queue of an open channel: they are sent at the end of this turn. */
void     qnet_channel_queue_flush       (QnetChannel             *channel);

/* Sends now what can be sent without blocking; sent () follows in the next turn. TRUE when something was sent. */
gboolean qnet_channel_flush             (QnetChannel             *channel);

/* Flushes; from now on the owner only waits until the write queue is empty, and the kernel has sent all of it. That sending fails, or has failed, is told even
 * while nothing is read, which is else what a failure of sending waits for. */
void     qnet_channel_drain             (QnetChannel             *channel);

gboolean qnet_channel_is_drained        (QnetChannel             *channel);
gsize    qnet_channel_get_unsent        (QnetChannel             *channel);  /* in the write queue, or held by the kernel */

/* Once the write queue is empty the peer is told that no more will come. */
void     qnet_channel_shutdown_write    (QnetChannel             *channel);

/* After the peer's orderly end, for an owner that goes on writing: a reset is reported by ended (), with nothing to write, too. */
void     qnet_channel_await_loss        (QnetChannel             *channel);

/* For datagrams: what the owner has done with the descriptor. */

/* It has tried to take a datagram, or has asked for one and there was none: received () is called for the next one. To be
 * called wherever the kernel was asked in vain, since it drops what it finds damaged only then, and since other processes may
 * take what was there: else nothing would ever be reported again. */
void     qnet_channel_looked            (QnetChannel             *channel);
gboolean qnet_channel_has_datagram      (QnetChannel             *channel);  /* asks the kernel; looked () if there is none */
/* A datagram that was taken from the kernel is in the read queue, and has to be reported as if it were not. */
void     qnet_channel_hold_datagram     (QnetChannel             *channel);
void     qnet_channel_took_datagram     (QnetChannel             *channel,
                                         gsize                    size);
void     qnet_channel_sent_datagram     (QnetChannel             *channel,
                                         gsize                    size,
                                         gboolean                 tell);  /* by sent (); else for a wait in this turn alone */
/* Whether sent () will be called: bytes are queued, a datagram waits for room, or something was sent and that was not reported
 * yet. What was sent silently in this turn is reported after all. */
gboolean qnet_channel_expects_sent      (QnetChannel             *channel);
/* writable () when the kernel takes datagrams again. */
void     qnet_channel_wait_for_room     (QnetChannel             *channel);
/* A failure (transfer full) that somebody came upon: troubled () in the next turn. */
void     qnet_channel_trouble           (QnetChannel             *channel,
                                         GError                  *error);

/* deferred () in the next turn, before anything else is told. Does nothing while not attached. */
void     qnet_channel_defer             (QnetChannel             *channel);

/* The descriptor and what is left of the write queue go to the reactor, which sends the rest, closes, and gives up at
 * @timeout milliseconds. On a detached reactor this blocks until then. The channel is closed afterwards. */
void     qnet_channel_linger            (QnetChannel             *channel,
                                         guint                    timeout);

G_END_DECLS
