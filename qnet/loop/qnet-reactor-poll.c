/* qnet-reactor-poll.c: descriptors that the loop polls itself, one GPollFD each
 *
 * The portable backend, O(n) in each turn. It also serves the descriptors that epoll refuses.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "loop/qnet-reactor-backend-private.h"

#include <poll.h>

#ifndef POLLRDHUP
#define POLLRDHUP 0
#endif

/* GLib keeps a pointer to the GPollFD: a QnetPolled is not moved. */
struct _QnetPolled
{
  GPollFD pfd;
  guint32 slot;
  guint   index;  /* in reactor->polled */
};

/* Readiness as events of poll() */

gushort
qnet_readiness_to_poll (QnetReadiness interest)
{
  gushort events = 0;

  if (interest & QNET_READINESS_READ)
    events |= POLLIN | POLLRDHUP;
  if (interest & QNET_READINESS_HANGUP)
    events |= POLLRDHUP;
  if (interest & QNET_READINESS_WRITE)
    events |= POLLOUT;

  return events;
}

/* POLLNVAL is reported as an error: the next system call of the owner fails for the same reason. */
QnetReadiness
qnet_readiness_from_poll (gushort revents)
{
  QnetReadiness readiness = QNET_READINESS_NONE;

  if (revents & POLLIN)
    readiness |= QNET_READINESS_READ;
  if (revents & POLLOUT)
    readiness |= QNET_READINESS_WRITE;
  if (revents & POLLRDHUP)
    readiness |= QNET_READINESS_READ | QNET_READINESS_HANGUP;
  if (revents & (POLLHUP | POLLERR | POLLNVAL))
    readiness |= QNET_READINESS_READ | QNET_READINESS_WRITE | QNET_READINESS_HANGUP
                 | QNET_READINESS_LOSS;

  return readiness;
}

/* The list of polled descriptors */

static void
add_polled (QnetReactor *reactor,
            QnetWatch   *watch)
{
  QnetPolled *polled = g_new0 (QnetPolled, 1);

  polled->pfd.fd = watch->fd;
  polled->slot = watch->slot;
  polled->index = reactor->polled->len;

  g_ptr_array_add (reactor->polled, polled);
  qnet_reactor_get_slot (reactor, watch->slot)->polled = polled;

  g_source_add_poll (&reactor->source, &polled->pfd);
}

/* The last one takes the free index. */
static void
remove_polled (QnetReactor *reactor,
               QnetPolled  *polled)
{
  QnetPolled *last;

  g_source_remove_poll (&reactor->source, &polled->pfd);

  g_ptr_array_steal_index_fast (reactor->polled, polled->index);
  if (polled->index < reactor->polled->len)
    {
      last = g_ptr_array_index (reactor->polled, polled->index);
      last->index = polled->index;
    }

  qnet_reactor_get_slot (reactor, polled->slot)->polled = NULL;
  g_free (polled);
}

/* For both backends */

void
qnet_polled_update (QnetReactor *reactor,
                    QnetWatch   *watch)
{
  QnetSlot *slot = qnet_reactor_get_slot (reactor, watch->slot);

  if (watch->interest == QNET_READINESS_NONE)
    {
      if (slot->polled != NULL)
        remove_polled (reactor, slot->polled);
      return;
    }

  if (slot->polled == NULL)
    add_polled (reactor, watch);

  slot->polled->pfd.events = qnet_readiness_to_poll (watch->interest);
}

gboolean
qnet_polled_has_events (QnetReactor *reactor)
{
  for (guint i = 0; i < reactor->polled->len; i++)
    if (((QnetPolled *) g_ptr_array_index (reactor->polled, i))->pfd.revents != 0)
      return TRUE;

  return FALSE;
}

/* Clears revents, so that a dispatch for another reason does not report them again. */
static gboolean
take_event (QnetReactor *reactor,
            QnetPolled  *polled,
            QnetEvent   *event)
{
  if (polled->pfd.revents == 0)
    return FALSE;

  event->slot = polled->slot;
  event->generation = qnet_reactor_get_slot (reactor, polled->slot)->generation;
  event->readiness = qnet_readiness_from_poll (polled->pfd.revents);
  polled->pfd.revents = 0;

  return TRUE;
}

guint
qnet_polled_collect (QnetReactor *reactor,
                     QnetEvent   *events,
                     guint        max_events)
{
  guint n_polled = reactor->polled->len;
  guint n_events = 0;
  guint i;

  for (i = 0; i < n_polled && n_events < max_events; i++)
    {
      guint index = (reactor->first_polled + i) % n_polled;

      n_events += take_event (reactor, g_ptr_array_index (reactor->polled, index),
                              &events[n_events]);
    }

  reactor->first_polled = n_polled > 0 ? (reactor->first_polled + i) % n_polled : 0;

  return n_events;
}

/* The backend */

static gboolean
poll_open (QnetReactor *reactor)
{
  return TRUE;
}

static void
poll_close (QnetReactor *reactor)
{
}

const QnetReactorBackend qnet_reactor_backend_poll = {
  poll_open,
  qnet_polled_update,
  qnet_polled_has_events,
  qnet_polled_collect,
  poll_close
};
