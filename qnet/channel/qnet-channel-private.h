/* qnet-channel-private.h: a transport with a byte queue on either side
 *
 * A channel reads from its transport into its read queue while there is room, and sends its write
 * queue once per turn of the loop. It is not a GObject and emits no signals: it is embedded in its
 * owner, a QnetIODevice, and reports to a table of callbacks. A channel for datagrams neither reads
 * nor sends: it reports that some can be received, or that there is room to send.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/qnet-byte-queue-private.h"
#include "channel/qnet-channel-state-private.h"
#include "channel/qnet-transport-private.h"
#include "loop/qnet-reactor-private.h"

G_BEGIN_DECLS

typedef struct _QnetChannel      QnetChannel;
typedef struct _QnetChannelFuncs QnetChannelFuncs;

/* Called from the reactor or from a wait, never while the owner calls the channel. Each may close
 * or reopen the channel, which checks its state again after each. The owner keeps itself alive from
 * enter() to leave(). */
struct _QnetChannelFuncs
{
  /* Other calls may follow: the owner has to stay alive until leave(). */
  void (*enter)    (QnetChannel *channel);

  /* No other call follows: the channel is not used afterwards. */
  void (*leave)    (QnetChannel *channel);

  /* New bytes are in the read queue; or datagrams can be received. */
  void (*received) (QnetChannel *channel);

  /* The number of bytes that were passed to the kernel since the last call: 0 for an empty
   * datagram. */
  void (*sent)     (QnetChannel *channel, gsize size);

  /* Called once, after everything before the end was reported: the orderly end of the peer (NULL),
   * or a failure of reading or writing. After an orderly end writing continues; if it fails later,
   * a second time. */
  void (*ended)    (QnetChannel *channel, const GError *error);

  /* qnet_channel_defer() was called. */
  void (*deferred) (QnetChannel *channel);

  /* The context was freed: the channel is closed. */
  void (*orphaned) (QnetChannel *channel);

  /* (nullable): the kernel has sent all bytes that drain() waits for, some time after sent() has
   * reported them. */
  void (*drained)  (QnetChannel *channel);

  /* Datagrams only: an operation has failed, such as delivery (ICMP). The channel continues. */
  void (*failed)   (QnetChannel *channel, const GError *error);

  /* Datagrams only: there is room again, see qnet_channel_wait_for_room(). */
  void (*writable) (QnetChannel *channel);

  /* Around a flush, as enter () and leave () are around all else: the owner is inside, and another
   * thread is not. */
  void (*lock)     (QnetChannel *channel);
  void (*unlock)   (QnetChannel *channel);

  /* (nullable): calls @func, which blocks: other threads can use the owner meanwhile. */
  void (*block)    (QnetChannel *channel, GFunc func, gpointer data);
};

/* Stored reasons not to read; others are computed: a read queue or a transport without room. */
typedef enum /*< skip >*/
{
  QNET_HOLD_NONE    = 0,
  QNET_HOLD_PAUSED  = 1 << 0,  /* by the user, possibly before open(); until it is closed */
  QNET_HOLD_BACKLOG = 1 << 1   /* write_limit was reached, and half of it has not been sent yet */
} QnetReadHold;

struct _QnetChannel
{
  const QnetChannelFuncs *funcs;
  QnetTransport           transport;
  QnetWatch               watch;
  QnetByteQueue           read_queue;
  QnetByteQueue           write_queue;

  guint8                  state;           /* QnetChannelState */
  guint8                  read_state;      /* QnetReadState */
  guint8                  write_state;     /* QnetWriteState */
  guint8                  room_state;      /* QnetRoomState */
  guint8                  drain_state;     /* QnetDrainState */
  guint8                  readable_state;  /* QnetReadableState, of datagrams */
  guint8                  holds;           /* QnetReadHold */
  guint8                  is_shared;       /* other threads use it as well, between lock () and
                                            * unlock (); read by all of them, so it is no bit */

  guint8                  is_datagram     : 1;  /* set by the owner, which moves datagrams itself */
  guint8                  discards_input  : 1;  /* the owner reads no more: input is dropped */
  /* the owner blocks until bytes are sent: no BACKLOG */
  guint8                  is_awaited      : 1;
  guint8                  input_waits     : 1;  /* input that the descriptor does not report */
  /* the last read filled its chunk: the next one is large */
  guint8                  is_bulk         : 1;
  guint8                  sent_empty      : 1;  /* sent () is pending for an empty datagram */
  guint8                  defer_pending   : 1;  /* deferred() will be called */
  guint8                  tracks_activity : 1;  /* last_activity is updated */
  /* another thread has left a close to the owner: nothing is served before that */
  guint8                  is_marked       : 1;
  guint8                  has_moved       : 1;  /* move_unsent(), not all sent yet */

  guint                   fork_epoch;      /* of the process that opened it */
  guint                   n_receive_calls; /* system calls */
  guint                   n_send_calls;
  guint                   n_taken;         /* datagrams that were received */
  guint                   silent_turn;     /* the one of @silent_size, 0 for none */
  /* bytes that were sent and have not been reported by sent() yet */
  gsize                   sent_pending;
  gsize                   limit;           /* the effective one of the next two; G_MAXSIZE: none */
  gsize                   read_limit;      /* the most bytes in the queue; 0: no limit */
  gsize                   pull_limit;      /* the same for a reader that requests each piece */
  gsize                   held_back;       /* taken from the queue, still counted (transaction) */
  gsize                   write_limit;     /* unsent bytes at which reading stops; 0: no limit */
  /* (owned) (nullable): reported after the bytes received before it */
  GError                 *write_error;
  GError                 *read_error;      /* (owned) (nullable): the same */
  guint64                 bytes_received;
  guint64                 bytes_sent;
  gint64                  last_activity;   /* monotonic microseconds of the last byte in or out */
  gsize                   silent_size;     /* bytes of datagrams, sent without a call of sent () */
};

static inline gboolean
qnet_channel_is_open (const QnetChannel *channel)
{
  return channel->state != QNET_CHANNEL_CLOSED;
}

static inline gboolean
qnet_channel_is_paused (const QnetChannel *channel)
{
  return (channel->holds & QNET_HOLD_PAUSED) != 0;
}

static inline void
qnet_channel_note_activity (QnetChannel *channel)
{
  if (channel->tracks_activity)
    channel->last_activity = qnet_clock_now ();
}

/* The read limit is reached. */
static inline gboolean
qnet_channel_is_full (const QnetChannel *channel)
{
  return channel->read_queue.length + channel->held_back >= channel->limit;
}

/* It is, or the transport has no room for descriptors that arrive with the bytes. */
static inline gboolean
qnet_channel_is_stuck (const QnetChannel *channel)
{
  return channel->transport.is_full || qnet_channel_is_full (channel);
}

/* Nothing more will be received. */
static inline gboolean
qnet_channel_has_ended (const QnetChannel *channel)
{
  return channel->read_state >= QNET_READ_END_PENDING;
}

static inline gboolean
qnet_channel_is_draining (const QnetChannel *channel)
{
  return channel->drain_state != QNET_DRAIN_NONE;
}

void     qnet_channel_init              (QnetChannel             *channel,
                                         const QnetChannelFuncs  *funcs);  /* once */

/* Takes the transport and adds the watch to @set. Reading begins with start_reading(), sending with
 * queue_flush(). */
void     qnet_channel_open              (QnetChannel             *channel,
                                         QnetWaitSet             *set,
                                         QnetTransport           *transport);

/* Adds a watch without a descriptor to @set, so that defer() works before open() (while
 * connecting). open() calls it too. */
void     qnet_channel_attach            (QnetChannel             *channel,
                                         QnetWaitSet             *set);

/* Shuts the connection down, or resets it if bytes were not sent, so that the peer is notified even
 * if another process has the descriptor as well; closes the descriptor, and leaves the set. Both
 * queues keep their bytes. No callback follows: deferrals are dropped, and deferring again requires
 * another attach(). */
void     qnet_channel_close             (QnetChannel             *channel);

/* From now on the queues allocate for themselves: other threads use them as well. */
void     qnet_channel_leave_pool        (QnetChannel             *channel);

/* Replaces the transport by another one over the same descriptor, which it then owns. */
void     qnet_channel_swap_transport    (QnetChannel             *channel,
                                         QnetTransport           *transport);

/* While suspended the channel does not use its descriptor, and both queues keep their bytes. */
void     qnet_channel_set_suspended     (QnetChannel             *channel,
                                         gboolean                 is_suspended);

/* Moves the bytes that are still to be sent to @to: for the owner they count as sent. */
void     qnet_channel_move_unsent       (QnetChannel             *channel,
                                         QnetByteQueue           *to);

/* open() does it as well; but bytes that are written before, while connecting, count from here
 * on. */
void     qnet_channel_reset_counters    (QnetChannel             *channel);

/* Returns the transport instead of closing it: stops watching, keeps the queues. */
void     qnet_channel_steal_transport   (QnetChannel             *channel,
                                         QnetTransport           *out_transport);

/* For another thread that closes while the owner is outside: the channel stays open, without a
 * descriptor. Nothing of the reactor is touched: the owner, when it enters, stops watching by
 * note_descriptor_closed(). */
void     qnet_channel_give_away         (QnetChannel             *channel,
                                         QnetTransport           *out_transport,
                                         QnetByteQueue           *out_rest);
void     qnet_channel_note_descriptor_closed (QnetChannel        *channel);

/* Passes the descriptor and the rest of the write queue to the reactor, which sends the rest and
 * closes, after @timeout milliseconds at the latest. On a detached reactor this blocks until then.
 * The channel is closed afterwards. */
void     qnet_channel_linger            (QnetChannel             *channel,
                                         guint                    timeout);

/* Calls deferred() in the next turn, before other events are reported. Does nothing while not
 * attached. */
void     qnet_channel_defer             (QnetChannel             *channel);

/* Reading */

/* From the next turn on. The end of the peer is then noticed even while pausing or a limit suspends
 * reading: the bytes before the end are read in full, since they already use memory of this
 * machine, and no more can follow. */
void     qnet_channel_start_reading     (QnetChannel             *channel);
void     qnet_channel_set_paused        (QnetChannel             *channel,
                                         gboolean                 is_paused);

/* Permanently: bytes that arrive from now on are dropped, whether reading is paused or limited or
 * not, so that a peer which sends before it reads does not block. */
void     qnet_channel_discard_input     (QnetChannel             *channel);
void     qnet_channel_set_read_limit    (QnetChannel             *channel,
                                         gsize                    limit);
void     qnet_channel_set_pull_limit    (QnetChannel             *channel,
                                         gsize                    limit);
void     qnet_channel_set_held_back     (QnetChannel             *channel,
                                         gsize                    size);

/* At @limit unsent bytes reading stops, until half of them were sent; 0: never. */
void     qnet_channel_set_write_limit   (QnetChannel             *channel,
                                         gsize                    limit);
/* Returns the former value. */
gboolean qnet_channel_set_awaited       (QnetChannel             *channel,
                                         gboolean                 is_awaited);

/* Returns whether bytes of the peer wait in the kernel while the owner has paused, or its buffer is
 * full. Makes a system call. */
gboolean qnet_channel_keeps_waiting     (QnetChannel             *channel);
void     qnet_channel_make_room         (QnetChannel             *channel);  /* in the transport */
void     qnet_channel_resume            (QnetChannel             *channel);  /* see consumed() */

/* Receives now, once, what the kernel has, as the reactor would on @readiness; nothing is reported.
 * Returns whether bytes have arrived. */
gboolean qnet_channel_receive           (QnetChannel             *channel,
                                         QnetReadiness            readiness);
/* A start, or a limit, holds reading up or does so no longer. */
void     qnet_channel_begin_reading     (QnetChannel             *channel);

/* To be called after bytes were taken from the read queue, or put back: resumes reading where a
 * limit has stopped it, or stops it. Only the length of the queue has changed, so a channel that
 * reads and has room has nothing to do. */
static inline void
qnet_channel_consumed (QnetChannel *channel)
{
  if (G_UNLIKELY (channel->read_state == QNET_READ_HELD || qnet_channel_is_full (channel)))
    qnet_channel_resume (channel);
}

/* Writing */

/* To be called after bytes were added to the write queue of an open channel: they are sent at the
 * end of this turn. */
static inline void
qnet_channel_queue_flush (QnetChannel *channel)
{
  if (channel->state == QNET_CHANNEL_OPEN && channel->room_state == QNET_ROOM_FREE)
    qnet_watch_queue_flush (&channel->watch);
}

/* Sends now as much as possible without blocking; sent() is called in the next turn. Returns TRUE
 * if something was sent. */
gboolean qnet_channel_flush             (QnetChannel             *channel);

/* Flushes; from now on the owner only waits until the write queue is empty, and the kernel has sent
 * all of it. A failure of sending is then reported even while nothing is read; without drain() it
 * would be reported at the end of reading. */
void     qnet_channel_drain             (QnetChannel             *channel);

gboolean qnet_channel_is_drained        (QnetChannel             *channel);
/* All bytes were sent, and reported. */
gboolean qnet_channel_is_idle           (QnetChannel             *channel);

/* When the write queue is empty the end of the stream is sent to the peer. */
void     qnet_channel_shutdown_write    (QnetChannel             *channel);
/* The same for a channel that is not open, since its owner has another transport. */
void     qnet_channel_note_shutdown    (QnetChannel             *channel);

/* shutdown_write() was called, and sending has not failed since. */
static inline gboolean
qnet_channel_is_shutting (const QnetChannel *channel)
{
  return channel->write_state == QNET_WRITE_SHUT_PENDING || channel->write_state == QNET_WRITE_SHUT;
}

/* After the orderly end of the peer, for an owner that continues to write: a reset is reported by
 * ended(), even if there is nothing to write. */
void     qnet_channel_watch_loss        (QnetChannel             *channel);

/* Datagrams: to be called after the owner has used the descriptor */

/* The owner has tried to receive a datagram, or has asked for one and there was none: received() is
 * called for the next one. To be called after each unsuccessful attempt, since only then does the
 * kernel drop damaged datagrams, and since other processes may have taken them: otherwise no
 * further datagram would be reported. */
void     qnet_channel_rearm_received    (QnetChannel             *channel);
/* A received datagram is in the read queue, and has to be reported as if it were still in the
 * kernel. */
void     qnet_channel_report_queued     (QnetChannel             *channel);
void     qnet_channel_count_received    (QnetChannel             *channel,
                                         gsize                    size);
/* @report: whether sent() reports it; if not, it is only reported to a wait in this turn. */
void     qnet_channel_count_sent        (QnetChannel             *channel,
                                         gsize                    size,
                                         gboolean                 report);
/* Whether sent() will be called: bytes are queued, a datagram waits for room, or bytes were sent
 * that have not been reported yet. Bytes that were sent without a report in this turn are then
 * reported too. */
gboolean qnet_channel_expects_sent      (QnetChannel             *channel);
/* Calls writable() when the kernel accepts datagrams again. */
void     qnet_channel_wait_for_room     (QnetChannel             *channel);
/* Calls failed() with @error (transfer full) in the next turn. */
void     qnet_channel_report_failure    (QnetChannel             *channel,
                                         GError                  *error);

G_END_DECLS
