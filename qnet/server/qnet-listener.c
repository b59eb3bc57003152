/* qnet-listener.c: accepts connections from a listening descriptor
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "server/qnet-listener-private.h"

#include "engine/qnet-reserve-private.h"
#include "engine/qnet-syscall-private.h"

/* How many connections one dispatch accepts: enough for a burst, few enough for the others to have
 * their turn. Triggering is by level, so what is left is told again. */
#define BATCH 64

/* Milliseconds until accept() is tried again after it failed; doubled each time. */
#define FIRST_RETRY 100
#define LAST_RETRY  1000

#define CONTAINER(pointer, member) \
  ((QnetListener *) (gpointer) ((char *) (pointer) - G_STRUCT_OFFSET (QnetListener, member)))

/* Watching and not watching */

static QnetReadiness
get_interest (const QnetListener *listener)
{
  return listener->holds == 0 ? QNET_READINESS_READ : QNET_READINESS_NONE;
}

static gboolean
can_accept (const QnetListener *listener)
{
  return listener->fd >= 0 && listener->holds == 0;
}

/* Failures of accept() */

/* The connection that stood first in line died there; the next one may be well. Linux reports what
 * went wrong with it on the network by the same errno values, see accept(2). */
static gboolean
is_trouble_of_one_client (int error_number)
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
    case EPERM:  /* a firewall said no */
    case EPROTO:
    case ETIMEDOUT:
      return TRUE;

    default:
      return FALSE;
    }
}

/* The kernel looks for a free descriptor before it looks for a connection, so EMFILE does not yet
 * mean that a client is kept waiting. */
static gboolean
somebody_waits (int fd)
{
  GPollFD poll_fd = { fd, G_IO_IN, 0 };

  return g_poll (&poll_fd, 1, 0) != 0;
}

/* To go on watching would spin: the descriptor stays readable until somebody is accepted. */
static void
back_off (QnetListener *listener,
          int           error_number)
{
  gboolean is_news = listener->retry_delay == 0;

  listener->retry_delay = is_news ? FIRST_RETRY : MIN (listener->retry_delay * 2, LAST_RETRY);
  listener->last_errno = error_number;
  listener->n_failures++;

  qnet_listener_set_hold (listener, QNET_LISTENER_BACKING_OFF, TRUE);
  qnet_deadline_start (&listener->retry,
                       qnet_clock_now () + (gint64) listener->retry_delay * 1000);

  /* Clients may have all descriptors: the handler closes some, perhaps by functions that need one first. */
  if (is_news)
    qnet_reserve_prepare_tasks ();

  if (is_news)
    listener->funcs->failed (listener, error_number);
}

static void
retry_cb (QnetDeadline *deadline)
{
  qnet_listener_set_hold (CONTAINER (deadline, retry), QNET_LISTENER_BACKING_OFF, FALSE);
}

/* Accepting */

/* Whether it is worth asking again at once. */
static gboolean
handle_failure (QnetListener *listener,
                int           error_number)
{
  if (error_number == EAGAIN)
    {
      listener->retry_delay = 0;  /* all were served */
      return FALSE;
    }

  if (is_trouble_of_one_client (error_number))
    return TRUE;

  if (somebody_waits (listener->fd))
    back_off (listener, error_number);

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

/* Handlers run in between: they may close the listener, open another, pause, or accept in a nested
 * loop. All that this leaves to do is to look again before each step. */
static void
ready_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  QnetListener *listener = CONTAINER (watch, watch);

  listener->funcs->enter (listener);

  for (int i = 0; i < BATCH && can_accept (listener); i++)
    if (!accept_one (listener))
      break;

  listener->funcs->leave (listener);
}

static void
orphaned_cb (QnetWatch *watch)
{
  QnetListener *listener = CONTAINER (watch, watch);

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

/* Life */

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
  g_assert (listener->fd < 0);

  qnet_listener_join (listener);

  listener->fd = fd;
  qnet_watch_start (&listener->watch, fd, get_interest (listener));
}

void
qnet_listener_close (QnetListener *listener)
{
  if (listener->fd < 0)
    return;

  qnet_watch_stop (&listener->watch);
  qnet_deadline_stop (&listener->retry);
  qnet_clear_fd (&listener->fd);

  listener->retry_delay = 0;
  listener->holds &= QNET_LISTENER_FULL;
}

gboolean
qnet_listener_is_open (const QnetListener *listener)
{
  return listener->fd >= 0;
}

void
qnet_listener_set_hold (QnetListener     *listener,
                        QnetListenerHold  hold,
                        gboolean          is_held)
{
  guint holds = is_held ? listener->holds | hold : listener->holds & ~hold;

  if (listener->holds == holds)
    return;

  listener->holds = holds;

  if (listener->fd >= 0)
    qnet_watch_set_interest (&listener->watch, get_interest (listener));
}

gboolean
qnet_listener_is_held (const QnetListener *listener,
                       QnetListenerHold    holds)
{
  return (listener->holds & holds) != 0;
}
