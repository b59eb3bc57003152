/* qnet-listener.c: accepts connections from a listening descriptor
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "server/qnet-listener-private.h"

#ifdef __linux__
#include <linux/filter.h>
#endif

#include "base/qnet-container-private.h"
#include "base/qnet-reserve-private.h"
#include "base/qnet-state-machine-private.h"
#include "base/qnet-syscall-private.h"

/* How many connections one dispatch accepts: enough for a burst, few enough for other sources to be
 * dispatched in time. Triggering is by level, so the rest is reported again. */
#define BATCH 64

/* Milliseconds until accept() is tried again after it failed; doubled each time. */
#define FIRST_RETRY 100
#define LAST_RETRY  1000

/* The state */

static const QnetEdges edges[] = {
  [QNET_LISTENER_CLOSED]      = QNET_TO (QNET_LISTENER_ACCEPTING) | QNET_TO (QNET_LISTENER_HELD),
  [QNET_LISTENER_ACCEPTING]   = QNET_TO (QNET_LISTENER_HELD) | QNET_TO (QNET_LISTENER_BACKING_OFF)
                                | QNET_TO (QNET_LISTENER_CLOSED),
  [QNET_LISTENER_HELD]        = QNET_TO (QNET_LISTENER_ACCEPTING) | QNET_TO (QNET_LISTENER_CLOSED),
  [QNET_LISTENER_BACKING_OFF] = QNET_TO (QNET_LISTENER_ACCEPTING) | QNET_TO (QNET_LISTENER_HELD)
                                | QNET_TO (QNET_LISTENER_CLOSED),
};

/* The only writer of the state. */
static void
set_state (QnetListener      *listener,
           QnetListenerState  state)
{
  QNET_CHECK_EDGE (edges, listener->state, state);
  listener->state = state;
}

static QnetReadiness
get_interest (const QnetListener *listener)
{
  return listener->state == QNET_LISTENER_ACCEPTING ? QNET_READINESS_READ : QNET_READINESS_NONE;
}

/* That no client waits is no event. */
static void
look_for_none (QnetListener *listener)
{
  if (listener->is_draining && listener->state == QNET_LISTENER_ACCEPTING)
    qnet_watch_defer (&listener->watch);
}

static void
change_state (QnetListener      *listener,
              QnetListenerState  state)
{
  if (listener->state == state)
    return;

  set_state (listener, state);
  qnet_watch_set_interest (&listener->watch, get_interest (listener));
  look_for_none (listener);
}

/* The state of an open listener that does not back off. */
static QnetListenerState
get_regular_state (const QnetListener *listener)
{
  return listener->holds == 0 ? QNET_LISTENER_ACCEPTING : QNET_LISTENER_HELD;
}

/* Failures of accept() */

/* The failure concerns the first pending connection; the next one may be usable. Linux reports by
 * the same errno values what went wrong with it on the network, see accept(2). */
static gboolean
concerns_one_client (int error_number)
{
  switch (error_number)
    {
    case ECONNABORTED:
    case ECONNRESET:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENETUNREACH:
#ifdef ENONET
    case ENONET:
#endif
    case ENOPROTOOPT:
    case EPERM:  /* refused by a firewall */
    case EPROTO:
    case ETIMEDOUT:
      return TRUE;

    default:
      return FALSE;
    }
}

/* The kernel looks for a free descriptor before it looks for a connection, so EMFILE does not yet
 * mean that a client is waiting. */
static gboolean
has_waiting_client (int fd)
{
  GPollFD poll_fd = { fd, G_IO_IN, 0 };

  return g_poll (&poll_fd, 1, 0) != 0;
}

/* To continue watching would spin: the descriptor is readable until a connection is accepted. */
static void
back_off (QnetListener *listener,
          int           error_number)
{
  gboolean is_first = listener->retry_delay == 0;

  listener->retry_delay = is_first ? FIRST_RETRY : MIN (listener->retry_delay * 2, LAST_RETRY);
  listener->last_errno = error_number;
  listener->n_failures++;

  change_state (listener, QNET_LISTENER_BACKING_OFF);
  qnet_deadline_start (&listener->retry,
                       qnet_clock_now () + (gint64) listener->retry_delay * 1000);

  if (!is_first)
    return;

  /* Clients may have all descriptors: the handler closes some of them, perhaps by functions that
   * open one first. */
  qnet_reserve_prepare_tasks ();
  listener->funcs->failed (listener, error_number);
}

static void
retry_cb (QnetDeadline *deadline)
{
  QnetListener *listener = CONTAINER_OF (deadline, QnetListener, retry);

  change_state (listener, get_regular_state (listener));
}

/* Accepting */

static void
report_none (QnetListener *listener)
{
  if (listener->is_draining)
    listener->funcs->drained (listener);
}

static void
handle_none (QnetListener *listener)
{
  listener->retry_delay = 0;
  report_none (listener);
}

/* EINVAL: it was shut down, and is empty. */
static gboolean
means_none (const QnetListener *listener,
            int                 error_number)
{
  return error_number == EAGAIN || (listener->is_draining && error_number == EINVAL);
}

/* Returns whether to call accept() again at once. */
static gboolean
handle_failure (QnetListener *listener,
                int           error_number)
{
  if (means_none (listener, error_number))
    {
      handle_none (listener);
      return FALSE;
    }

  if (concerns_one_client (error_number))
    return TRUE;

  if (has_waiting_client (listener->fd))
    back_off (listener, error_number);
  else
    report_none (listener);

  return FALSE;
}

static gboolean
accept_one (QnetListener *listener)
{
  struct sockaddr_storage peer;
  socklen_t peer_size;
  int fd = qnet_sys_accept (listener->fd, &peer, &peer_size);

  if (fd < 0)
    return handle_failure (listener, errno);

  listener->retry_delay = MIN (listener->retry_delay, FIRST_RETRY);
  listener->funcs->accepted (listener, fd, (const struct sockaddr *) &peer, peer_size);

  return TRUE;
}

/* Handlers run in between: they may close the listener, open another descriptor, pause, or accept
 * in a nested loop. So the state is read again before each step. */
static void
ready_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  QnetListener *listener = CONTAINER_OF (watch, QnetListener, watch);
  int i = 0;

  listener->funcs->enter (listener);

  while (i < BATCH && listener->state == QNET_LISTENER_ACCEPTING && accept_one (listener))
    i++;

  if (i == BATCH)
    look_for_none (listener);

  listener->funcs->leave (listener);
}

static void
orphaned_cb (QnetWatch *watch)
{
  QnetListener *listener = CONTAINER_OF (watch, QnetListener, watch);

  listener->funcs->enter (listener);
  qnet_listener_close (listener);
  listener->funcs->orphaned (listener);
  listener->funcs->leave (listener);
}

static const QnetWatchFuncs watch_funcs = {
  .ready    = ready_cb,
  .orphaned = orphaned_cb,
};

/* The reactor */

static void
leave_reactor (QnetListener *listener)
{
  if (listener->set.reactor == NULL)
    return;

  qnet_watch_clear (&listener->watch);
  qnet_deadline_stop (&listener->retry);
  qnet_wait_set_clear (&listener->set);
}

static void
join_reactor (QnetListener *listener,
              QnetReactor  *reactor)
{
  if (listener->set.reactor == reactor)
    return;

  leave_reactor (listener);
  qnet_wait_set_init (&listener->set, reactor);
  qnet_watch_init (&listener->watch, &watch_funcs, &listener->set);
  qnet_deadline_init (&listener->retry, retry_cb, &listener->set);
}

void
qnet_listener_join (QnetListener *listener)
{
  QnetReactor *reactor = qnet_reactor_get ();

  join_reactor (listener, reactor);
  qnet_reactor_unref (reactor);
}

QnetReactor *
qnet_listener_get_reactor (QnetListener *listener)
{
  if (listener->set.reactor == NULL)
    qnet_listener_join (listener);

  return listener->set.reactor;
}

/* Opening and closing */

void
qnet_listener_init (QnetListener            *listener,
                    const QnetListenerFuncs *funcs)
{
  listener->funcs = funcs;
  listener->fd = -1;
}

void
qnet_listener_clear (QnetListener *listener)
{
  qnet_listener_close (listener);
  leave_reactor (listener);
}

void
qnet_listener_leave_parent (QnetListener *listener)
{
  if (listener->set.reactor != NULL)
    qnet_reactor_leave_parent (listener->set.reactor);
}

void
qnet_listener_open (QnetListener *listener,
                    int           fd)
{
  qnet_listener_join (listener);

  listener->fd = fd;
  set_state (listener, get_regular_state (listener));
  qnet_watch_start (&listener->watch, fd, get_interest (listener));
}

void
qnet_listener_close (QnetListener *listener)
{
  if (listener->state == QNET_LISTENER_CLOSED)
    return;

  set_state (listener, QNET_LISTENER_CLOSED);
  qnet_watch_stop (&listener->watch);
  qnet_deadline_stop (&listener->retry);
  qnet_clear_fd (&listener->fd);

  listener->retry_delay = 0;
  listener->is_draining = FALSE;
  listener->holds &= QNET_LISTENER_FULL;
}

gboolean
qnet_listener_is_open (const QnetListener *listener)
{
  return listener->state != QNET_LISTENER_CLOSED;
}

/* Draining. To close a listening descriptor resets the clients that wait for accept(): the last
 * look at them and close() are two system calls, and a client can come in between. So the kernel is
 * made to accept no more before the last look. */

#ifdef __linux__

#define OFFSET_OF_FLAGS 13
#define FLAG_SYN        0x02

/* The filter of a listening TCP socket sees each segment from its TCP header on. A client whose SYN
 * is dropped sends it again after a second, and is refused then. The last segment of a handshake
 * has no SYN, so the handshakes that are in progress succeed. */
static gboolean
drop_first_segments (int fd)
{
  struct sock_filter code[] = {
    BPF_STMT (BPF_LD | BPF_B | BPF_ABS, OFFSET_OF_FLAGS),
    BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, FLAG_SYN, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, 0),
    BPF_STMT (BPF_RET | BPF_K, G_MAXUINT32),
  };
  const struct sock_fprog program = { .len = G_N_ELEMENTS (code), .filter = code };

  return qnet_sys_setsockopt (fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

#else

static gboolean
drop_first_segments (int fd)
{
  return FALSE;
}

#endif

gboolean
qnet_listener_refuse_new (QnetListener *listener)
{
  if (qnet_sys_get_family (listener->fd) != AF_UNIX)
    return drop_first_segments (listener->fd);

  /* connect() fails from now on, and accept() only once no client waits. For a TCP socket this
   * would reset those. */
  qnet_sys_shutdown (listener->fd, SHUT_RD);

  return FALSE;
}

void
qnet_listener_drain (QnetListener *listener)
{
  listener->is_draining = TRUE;
  look_for_none (listener);
}

/* Holds */

void
qnet_listener_set_hold (QnetListener     *listener,
                        QnetListenerHold  hold,
                        gboolean          is_held)
{
  listener->holds = is_held ? listener->holds | hold : listener->holds & ~hold;

  if (listener->state == QNET_LISTENER_ACCEPTING || listener->state == QNET_LISTENER_HELD)
    change_state (listener, get_regular_state (listener));
}

gboolean
qnet_listener_is_held (const QnetListener *listener,
                       QnetListenerHold    holds)
{
  return (listener->holds & holds) != 0;
}
