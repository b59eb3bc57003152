/* qnet-linger.c: sends the last bytes of a socket that is no longer in use
 *
 * Linux resets a connection that is closed while input is unread, and one whose peer sends something
 * after it was closed. The reset overtakes what the kernel still holds for the peer, and destroys it.
 * So after the last byte the write side is shut down, and the descriptor stays open: input is
 * discarded until the peer has ended as well, or has acknowledged everything (a local peer: has read
 * everything), or the time has run out. A peer that goes on sending after that is not reset before it
 * has been quiet for a while: systems other than Linux discard what they have received when a reset
 * arrives.
 *
 * No event reports an acknowledgement to poll() after the write side was shut down: the kernel is
 * asked from time to time, less and less often.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-linger-private.h"

#include <poll.h>
#include <sys/resource.h>

#include "engine/qnet-reactor-backend-private.h"
#include "engine/qnet-syscall-private.h"

#define MAX_VECTORS    64
#define SEND_BUDGET    (1024 * 1024)
#define DISCARD_SIZE   16384
#define DISCARD_BUDGET (256 * 1024)

/* Microseconds: between two looks at what was acknowledged, at first and at most; how long a peer
 * that has everything may go on sending at most, whatever the timeout; and how long a local one that
 * reads nothing blocks who waits. */
#define LOOK_MIN  (5 * G_TIME_SPAN_MILLISECOND)
#define LOOK_MAX  (1 * G_TIME_SPAN_SECOND)
#define TALK_MAX  (30 * G_TIME_SPAN_SECOND)
#define STALL_MAX (200 * G_TIME_SPAN_MILLISECOND)

typedef enum
{
  STAGE_SENDING,   /* bytes are left */
  STAGE_SHUTTING,  /* the transport's own end (close_notify) has to wait for room */
  STAGE_DRAINING,  /* the write side is shut down */
  STAGE_OVER
} Stage;

/* What is the same with a loop and without */
typedef struct
{
  QnetTransport transport;       /* (owned) */
  QnetByteQueue rest;
  Stage         stage;
  gboolean      peer_has_ended;
  gboolean      peer_is_talking; /* input came since the last look, or before the first one */
  gboolean      has_more_input;  /* the budget was used up: unread input would reset the connection */
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
        ending->stage = STAGE_OVER;

      if (n < 0)
        return;

      total += qnet_byte_queue_drop (&ending->rest, n);
    }

  if (ending->rest.length == 0)
    ending->stage = STAGE_SHUTTING;
}

/* TLS ends with a message of its own, and then the connection below it ends, too. */
static void
shut (Ending *ending)
{
  QnetTransport *transport = &ending->transport;
  gssize result = transport->funcs->shutdown_write (transport, NULL);

  if (result == QNET_TRANSPORT_WOULD_BLOCK)
    return;

  if (result == 0 && transport->funcs->holds_input)
    qnet_sys_shutdown (transport->fd, SHUT_WR);

  ending->stage = result == 0 ? STAGE_DRAINING : STAGE_OVER;
}

/* As it comes from the kernel: what is not wanted need not be decrypted. */
static void
discard_input (Ending *ending)
{
  guint8 buffer[DISCARD_SIZE];
  gsize total = 0;
  gssize n;

  if (ending->stage == STAGE_OVER || ending->peer_has_ended)
    return;

  do
    {
      n = qnet_sys_recv (ending->transport.fd, buffer, sizeof buffer);
      total += MAX (n, 0);
    }
  while (n > 0 && total < DISCARD_BUDGET);

  ending->has_more_input = n > 0;
  ending->peer_is_talking |= total > 0;
  ending->peer_has_ended = n == 0 || (n < 0 && errno != EAGAIN);
}

/* A FIN of ours that is still on its way counts as one byte, and may be: the kernel repeats it, and
 * it is what arrives before any reset. */
static gboolean
peer_has_everything (Ending *ending)
{
  return ending->stage == STAGE_DRAINING && !ending->has_more_input
         && qnet_sys_get_unread (ending->transport.fd) <= 1;
}

/* Once the peer has ended it cannot cause a reset any more, and the kernel does the rest alone. */
static void
advance (Ending *ending,
         gsize   budget)
{
  if (ending->stage == STAGE_SENDING)
    send_rest (ending, budget);

  if (ending->stage == STAGE_SHUTTING)
    shut (ending);

  discard_input (ending);

  if (ending->stage == STAGE_DRAINING && ending->peer_has_ended)
    ending->stage = STAGE_OVER;
}

/* Where the time was too short, or sending has failed, what has arrived must not look as if it were complete: the connection
 * is reset. Other processes may have the descriptor, too; closing ours alone would mean nothing to
 * the peer. */
static void
hang_up (Ending *ending)
{
  if (ending->rest.length > 0 || ending->stage == STAGE_SHUTTING)
    qnet_sys_reset (ending->transport.fd);
  else if (!ending->peer_has_ended)
    qnet_sys_shutdown (ending->transport.fd, SHUT_RDWR);
}

static void
close_transport (Ending   *ending,
                 gboolean  is_forked)
{
  if (!is_forked)
    hang_up (ending);

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
  qnet_wait_set_clear (&linger->set);  /* last: it holds the reactor, whose pool the chunks go to */
  g_free (linger);
}

/* A peer that is still sending is given the time to stop, which is limited even where there is no timeout. */
static void
look_at_delivery (Linger *linger)
{
  gint64 now = qnet_clock_now ();

  if (!peer_has_everything (&linger->ending))
    {
      qnet_deadline_start (&linger->look, now + linger->interval);
      linger->interval = MIN (linger->interval * 2, LOOK_MAX);
    }
  else if (linger->ending.peer_is_talking)
    {
      linger->ending.peer_is_talking = FALSE;
      qnet_deadline_start (&linger->look, now + LOOK_MAX);
      qnet_deadline_start (&linger->deadline, MIN (linger->deadline.due, now + TALK_MAX));
    }
  else
    {
      linger->ending.stage = STAGE_OVER;
    }
}

/* A quarter of the descriptors that a process can have. */
static guint
get_max_lingering (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return G_MAXUINT;

  return (guint) MIN (limit.rlim_cur / 4, G_MAXUINT);
}

/* Peers that never acknowledge are not to use up our descriptors: the oldest is closed then, as close() alone
 * would have done at once, and the kernel goes on alone. */
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

  if (!ending->peer_has_ended)
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
  Linger *linger = (Linger *) (gpointer) ((char *) watch - G_STRUCT_OFFSET (Linger, watch));
  gboolean was_draining = linger->ending.stage == STAGE_DRAINING;

  advance (&linger->ending, SEND_BUDGET);

  if (linger->ending.stage == STAGE_DRAINING && !was_draining)
    begin_to_drain (linger);

  go_on (linger);
}

static void
look_cb (QnetDeadline *deadline)
{
  Linger *linger = (Linger *) (gpointer) ((char *) deadline - G_STRUCT_OFFSET (Linger, look));

  advance (&linger->ending, SEND_BUDGET);
  if (linger->ending.stage != STAGE_OVER)
    look_at_delivery (linger);

  go_on (linger);
}

static void
orphaned_cb (QnetWatch *watch)
{
  linger_free ((Linger *) (gpointer) ((char *) watch - G_STRUCT_OFFSET (Linger, watch)));
}

static void
timed_out_cb (QnetDeadline *deadline)
{
  linger_free ((Linger *) (gpointer) ((char *) deadline - G_STRUCT_OFFSET (Linger, deadline)));
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

/* What a local peer has not read yet stays with it when we close; it is waited for, lest it sends in vain, only while it reads. */
static gboolean
has_stalled (Ending *ending,
             gsize  *unread,  /* when it has read last */
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

/* The caller waits: it returns as soon as the peer has everything. */
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
        ending->stage = STAGE_OVER;
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

/* Allocates nothing when all can be sent at once, and the peer has got it by then and is quiet. */
void
qnet_linger_full (QnetReactor   *reactor,
                  QnetTransport *transport,
                  QnetByteQueue *rest,
                  guint          timeout,
                  gboolean       peer_is_talking)
{
  gint64 until = qnet_clock_now () + (gint64) timeout * 1000;
  Ending ending = { .peer_is_talking = peer_is_talking };

  begin (&ending, transport, rest);

  if (!ending.peer_is_talking && peer_has_everything (&ending))
    ending.stage = STAGE_OVER;

  if (ending.stage == STAGE_OVER || timeout == 0 || qnet_reactor_is_orphan (reactor))
    close_transport (&ending, qnet_reactor_is_forked (reactor));
  else if (qnet_reactor_is_detached (reactor))
    linger_here (&ending, until);
  else
    linger_in_loop (reactor, &ending, until);
}

void
qnet_linger (QnetReactor   *reactor,
             QnetTransport *transport,
             QnetByteQueue *rest,
             guint          timeout)
{
  qnet_linger_full (reactor, transport, rest, timeout, FALSE);
}

void
qnet_linger_no_longer (QnetTransport *transport,
                       QnetByteQueue *rest)
{
  Ending ending = { 0, };

  begin (&ending, transport, rest);
  close_transport (&ending, FALSE);
}
