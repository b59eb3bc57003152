/* qnet-linger.c: sends the last bytes of a socket that is no longer in use
 *
 * Linux resets a connection that is closed while input is unread, and one whose peer sends
 * something after it was closed. The reset destroys the bytes that the kernel has not sent to the
 * peer yet. So after the last byte the write side is shut down, and the descriptor stays open:
 * input is discarded until the peer has ended as well, or has acknowledged everything (a local
 * peer: has read everything), or the timeout has expired. A peer that continues to send after that
 * is not reset until it has sent nothing for some time: systems other than Linux discard received
 * bytes when a reset arrives.
 *
 * After the write side was shut down no event of poll() reports an acknowledgement: the kernel is
 * asked at increasing intervals.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "channel/qnet-linger-private.h"

#include <poll.h>
#include <sys/resource.h>

#include "base/qnet-container-private.h"
#include "base/qnet-state-machine-private.h"
#include "base/qnet-syscall-private.h"
#include "loop/qnet-reactor-backend-private.h"

#define MAX_VECTORS    64
#define SEND_BUDGET    (1024 * 1024)
#define DISCARD_SIZE   16384
#define DISCARD_BUDGET (256 * 1024)
#define MAX_DISCARDS   64            /* of such budgets, where no loop runs */

/* Microseconds: the interval between two checks of what was acknowledged, at first and at most; how
 * long a peer that has everything may continue to send, whatever the timeout; and how long a local
 * one that reads nothing blocks the caller. */
#define LOOK_MIN    (5 * G_TIME_SPAN_MILLISECOND)
#define LOOK_MAX    (1 * G_TIME_SPAN_SECOND)
#define RECEIVE_MAX (30 * G_TIME_SPAN_SECOND)
#define STALL_MAX   (200 * G_TIME_SPAN_MILLISECOND)

typedef enum
{
  STAGE_SENDING,   /* bytes are to be sent */
  STAGE_SHUTTING,  /* the end of the transport itself (close_notify) waits for room */
  STAGE_DRAINING,  /* the write side is shut down */
  STAGE_OVER
} Stage;

static const QnetEdges stage_edges[] = {
  [STAGE_SENDING]  = QNET_TO (STAGE_SHUTTING) | QNET_TO (STAGE_OVER),
  [STAGE_SHUTTING] = QNET_TO (STAGE_DRAINING) | QNET_TO (STAGE_OVER),
  [STAGE_DRAINING] = QNET_TO (STAGE_OVER),
  [STAGE_OVER]     = 0,
};

/* What the peer sends meanwhile, which is discarded */
typedef enum
{
  INPUT_QUIET,
  INPUT_RECEIVING,  /* some has arrived since the last check, or before the first one */
  INPUT_WAITING,    /* the budget was used up: unread input resets the connection */
  INPUT_ENDED       /* the peer has ended */
} Input;

static const QnetEdges input_edges[] = {
  [INPUT_QUIET]     = QNET_TO (INPUT_RECEIVING) | QNET_TO (INPUT_WAITING) | QNET_TO (INPUT_ENDED),
  [INPUT_RECEIVING] = QNET_TO (INPUT_QUIET) | QNET_TO (INPUT_WAITING) | QNET_TO (INPUT_ENDED),
  [INPUT_WAITING]   = QNET_TO (INPUT_RECEIVING) | QNET_TO (INPUT_ENDED),
  [INPUT_ENDED]     = 0,
};

/* With and without a loop */
typedef struct
{
  QnetTransport transport;  /* (owned) */
  QnetByteQueue rest;
  Stage         stage;
  Input         input;
} Ending;

typedef struct
{
  QnetWaitSet  set;
  QnetWatch    watch;
  QnetDeadline deadline;
  QnetDeadline look;      /* DRAINING */
  GList        link;      /* DRAINING: in the reactor's queue; data is the linger, NULL before */
  gint64       interval;  /* of @look */
  Ending       ending;
} Linger;

static void
set_stage (Ending *ending,
           Stage   stage)
{
  if (ending->stage == stage)
    return;

  QNET_CHECK_EDGE (stage_edges, ending->stage, stage);
  ending->stage = stage;
}

static void
set_input (Ending *ending,
           Input   input)
{
  if (ending->input == input)
    return;

  QNET_CHECK_EDGE (input_edges, ending->input, input);
  ending->input = input;
}

/* Sends about @budget bytes at most. */
static void
send_rest (Ending *ending,
           gsize   budget)
{
  gsize total = 0;

  while (ending->rest.length > 0 && total < budget)
    {
      struct iovec vectors[MAX_VECTORS];
      int n_vectors = qnet_byte_queue_get_vectors (&ending->rest, vectors, MAX_VECTORS);
      gssize n = ending->transport.funcs->write (&ending->transport, vectors, n_vectors, NULL);

      if (n == QNET_TRANSPORT_FAILED)
        set_stage (ending, STAGE_OVER);

      if (n < 0)
        return;

      total += qnet_byte_queue_drop (&ending->rest, n);
    }

  if (ending->rest.length == 0)
    set_stage (ending, STAGE_SHUTTING);
}

/* TLS ends with a message (close_notify), followed by the end of the connection below it. */
static void
shut (Ending *ending)
{
  QnetTransport *transport = &ending->transport;
  gssize result = transport->funcs->shutdown_write (transport, NULL);

  if (result == QNET_TRANSPORT_WOULD_BLOCK)
    return;

  if (result == 0 && transport->funcs->holds_input)
    qnet_sys_shutdown (transport->fd, SHUT_WR);

  set_stage (ending, result == 0 ? STAGE_DRAINING : STAGE_OVER);
}

/* Raw bytes: what is discarded need not be decrypted. */
static void
discard_input (Ending *ending)
{
  guint8 buffer[DISCARD_SIZE];
  gsize total = 0;
  gssize n;

  if (ending->input == INPUT_ENDED)
    return;

  do
    {
      n = qnet_sys_recv (ending->transport.fd, buffer, sizeof buffer);
      total += MAX (n, 0);
    }
  while (n > 0 && total < DISCARD_BUDGET);

  if (n == 0 || (n < 0 && errno != EAGAIN))
    set_input (ending, INPUT_ENDED);
  else if (n > 0)
    set_input (ending, INPUT_WAITING);
  else if (total > 0 || ending->input == INPUT_WAITING)
    set_input (ending, INPUT_RECEIVING);
}

/* A FIN that is not acknowledged yet counts as one byte, and is no reason to wait: the kernel
 * repeats it, and it arrives before any reset. */
static gboolean
peer_has_everything (Ending *ending)
{
  return ending->stage == STAGE_DRAINING && ending->input != INPUT_WAITING
         && qnet_sys_get_unread (ending->transport.fd) <= 1;
}

/* After its end the peer can no longer cause a reset, and the kernel continues alone. */
static void
advance (Ending *ending,
         gsize   budget)
{
  if (ending->stage == STAGE_SENDING)
    send_rest (ending, budget);

  if (ending->stage == STAGE_SHUTTING)
    shut (ending);

  if (ending->stage != STAGE_OVER)
    discard_input (ending);

  if (ending->stage == STAGE_DRAINING && ending->input == INPUT_ENDED)
    set_stage (ending, STAGE_OVER);
}

static void
discard_all_input (Ending *ending)
{
  int i = 0;

  do
    discard_input (ending);
  while (ending->input == INPUT_WAITING && ++i < MAX_DISCARDS);
}

/* After the timeout, or a failure of sending, the peer must not take the received part for the
 * whole: the connection is reset. Other processes may have the descriptor as well, so closing it
 * would not notify the peer. A local peer cannot send anything after shutdown(): what it has sent
 * since the last check is discarded, or closing would reset the connection. */
static void
notify_peer (Ending *ending)
{
  if (ending->rest.length > 0 || ending->stage == STAGE_SHUTTING)
    {
      qnet_sys_reset (ending->transport.fd);
    }
  else if (ending->input != INPUT_ENDED)
    {
      qnet_sys_shutdown (ending->transport.fd, SHUT_RDWR);
      discard_all_input (ending);
    }
}

static void
close_transport (Ending   *ending,
                 gboolean  is_forked)
{
  if (!is_forked)
    notify_peer (ending);

  qnet_byte_queue_clear (&ending->rest);
  ending->transport.funcs->close (&ending->transport, is_forked);
  ending->transport = (QnetTransport) { .fd = -1 };
}

/* In the loop */

static void
linger_free (Linger *linger)
{
  if (linger->link.data != NULL)
    g_queue_unlink (&linger->set.reactor->lingering, &linger->link);

  qnet_watch_stop (&linger->watch);
  close_transport (&linger->ending, qnet_reactor_is_forked (linger->set.reactor));
  qnet_wait_set_clear (&linger->set);  /* last: it has the reactor, whose pool takes the chunks */
  g_free (linger);
}

/* A peer that is still sending gets time to stop, which is limited even without a timeout. */
static void
look_at_delivery (Linger *linger)
{
  gint64 now = qnet_clock_now ();

  if (!peer_has_everything (&linger->ending))
    {
      qnet_deadline_start (&linger->look, now + linger->interval);
      linger->interval = MIN (linger->interval * 2, LOOK_MAX);
    }
  else if (linger->ending.input == INPUT_RECEIVING)
    {
      set_input (&linger->ending, INPUT_QUIET);
      qnet_deadline_start (&linger->look, now + LOOK_MAX);
      qnet_deadline_start (&linger->deadline, MIN (linger->deadline.due, now + RECEIVE_MAX));
    }
  else
    {
      set_stage (&linger->ending, STAGE_OVER);
    }
}

/* A quarter of the descriptors that the process can open. */
static guint
get_max_lingering (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return G_MAXUINT;

  return (guint) MIN (limit.rlim_cur / 4, G_MAXUINT);
}

/* Peers that never acknowledge must not use up all descriptors: the oldest is closed, as close()
 * alone would have done at once, and the kernel continues alone. */
static void
join_lingering (Linger *linger)
{
  GQueue *lingering = &linger->set.reactor->lingering;

  if (lingering->length >= get_max_lingering () && lingering->length > 0)
    linger_free (g_queue_peek_head (lingering));

  linger->link.data = linger;
  g_queue_push_tail_link (lingering, &linger->link);
}

static void
begin_to_drain (Linger *linger)
{
  linger->interval = LOOK_MIN;
  join_lingering (linger);
  look_at_delivery (linger);
}

static QnetReadiness
choose_interest (Ending *ending)
{
  QnetReadiness interest = QNET_READINESS_NONE;

  if (ending->input != INPUT_ENDED)
    interest |= QNET_READINESS_READ;

  if (ending->stage < STAGE_DRAINING)
    interest |= QNET_READINESS_WRITE;

  return interest;
}

static void
go_on (Linger *linger)
{
  if (linger->ending.stage == STAGE_OVER)
    linger_free (linger);
  else
    qnet_watch_set_interest (&linger->watch, choose_interest (&linger->ending));
}

static void
ready_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  Linger *linger = CONTAINER_OF (watch, Linger, watch);
  gboolean was_draining = linger->ending.stage == STAGE_DRAINING;

  advance (&linger->ending, SEND_BUDGET);

  if (linger->ending.stage == STAGE_DRAINING && !was_draining)
    begin_to_drain (linger);

  go_on (linger);
}

static void
look_cb (QnetDeadline *deadline)
{
  Linger *linger = CONTAINER_OF (deadline, Linger, look);

  advance (&linger->ending, SEND_BUDGET);
  if (linger->ending.stage != STAGE_OVER)
    look_at_delivery (linger);

  go_on (linger);
}

static void
orphaned_cb (QnetWatch *watch)
{
  linger_free (CONTAINER_OF (watch, Linger, watch));
}

static void
timed_out_cb (QnetDeadline *deadline)
{
  linger_free (CONTAINER_OF (deadline, Linger, deadline));
}

static const QnetWatchFuncs watch_funcs = { ready_cb, NULL, orphaned_cb };

static void
linger_in_loop (QnetReactor *reactor,
                Ending      *ending,
                gint64       until)
{
  Linger *linger = g_new0 (Linger, 1);

  linger->ending = *ending;

  qnet_wait_set_init (&linger->set, reactor);
  qnet_watch_init (&linger->watch, &watch_funcs, &linger->set);
  qnet_deadline_init (&linger->deadline, timed_out_cb, &linger->set);
  qnet_deadline_init (&linger->look, look_cb, &linger->set);

  qnet_deadline_start (&linger->deadline, until);
  qnet_watch_start (&linger->watch, ending->transport.fd, choose_interest (ending));

  if (ending->stage == STAGE_DRAINING)
    begin_to_drain (linger);

  go_on (linger);
}

/* Without a loop */

static void
wait_for_peer (Ending *ending,
               gint64  until)
{
  struct pollfd pollfd = { ending->transport.fd, 0, 0 };
  QnetReadiness interest = choose_interest (ending);

  if ((interest & QNET_READINESS_READ) != 0)
    pollfd.events |= POLLIN;
  if ((interest & QNET_READINESS_WRITE) != 0)
    pollfd.events |= POLLOUT;

  poll (&pollfd, 1, qnet_clock_get_timeout (qnet_clock_now (), until));
}

/* Bytes that a local peer has not read remain available to it after closing. It is waited for only
 * while it reads, so that what it sends is not lost. */
static gboolean
has_stalled (Ending *ending,
             gsize  *unread,  /* of its last check */
             gint64 *since)
{
  gsize unread_now;

  if (ending->stage != STAGE_DRAINING || !ending->transport.funcs->is_local)
    return FALSE;

  unread_now = qnet_sys_get_unread (ending->transport.fd);
  if (unread_now >= *unread)
    return qnet_clock_now () - *since >= STALL_MAX;

  *unread = unread_now;
  *since = qnet_clock_now ();

  return FALSE;
}

/* The caller blocks: returns as soon as the peer has everything. */
static void
linger_here (Ending *ending,
             gint64  until)
{
  gsize unread = G_MAXSIZE;
  gint64 since = 0;
  gint64 interval = LOOK_MIN;
  gint64 now;

  while (ending->stage != STAGE_OVER && (now = qnet_clock_now ()) < until)
    {
      gboolean is_draining = ending->stage == STAGE_DRAINING;

      wait_for_peer (ending, is_draining ? MIN (until, now + interval) : until);
      advance (ending, G_MAXSIZE);

      if (is_draining)
        interval = MIN (interval * 2, LOOK_MAX);
      if (peer_has_everything (ending) || has_stalled (ending, &unread, &since))
        set_stage (ending, STAGE_OVER);
    }

  close_transport (ending, FALSE);
}

static void
begin (Ending        *ending,
       QnetTransport *transport,
       QnetByteQueue *rest)
{
  ending->transport = *transport;
  ending->rest = *rest;

  *transport = (QnetTransport) { .fd = -1 };
  qnet_byte_queue_init (rest, ending->rest.pool);

  advance (ending, G_MAXSIZE);
}

/* The kernel has everything, and no loop has ever run that would close the descriptor some time: it
 * is closed now, and the kernel delivers what it was given. What the peer has sent is discarded
 * first, or closing would reset the connection. What it sends from now on does so. */
static void
leave_to_kernel (Ending *ending)
{
  if (ending->input == INPUT_WAITING)
    discard_all_input (ending);

  set_stage (ending, STAGE_OVER);
}

/* Allocates nothing if everything can be sent at once, the peer has received it by then, and sends
 * nothing. */
void
qnet_linger (QnetReactor   *reactor,
             QnetTransport *transport,
             QnetByteQueue *rest,
             guint          timeout,
             gboolean       is_receiving)
{
  gint64 until = qnet_clock_now () + (gint64) timeout * 1000;
  Ending ending = { .input = is_receiving ? INPUT_RECEIVING : INPUT_QUIET };

  begin (&ending, transport, rest);

  if (ending.input == INPUT_QUIET && peer_has_everything (&ending))
    set_stage (&ending, STAGE_OVER);

  if (ending.stage == STAGE_DRAINING && !qnet_reactor_is_detached (reactor)
      && !qnet_reactor_has_loop (reactor))
    leave_to_kernel (&ending);

  if (ending.stage == STAGE_OVER || timeout == 0 || qnet_reactor_is_orphan (reactor))
    close_transport (&ending, qnet_reactor_is_forked (reactor));
  else if (qnet_reactor_is_detached (reactor))
    linger_here (&ending, until);
  else
    linger_in_loop (reactor, &ending, until);
}

void
qnet_linger_no_longer (QnetTransport *transport,
                       QnetByteQueue *rest)
{
  Ending ending = { 0, };

  begin (&ending, transport, rest);
  close_transport (&ending, FALSE);
}
