/* qnet-watch.c: the watches of a reactor, and the delivery of events
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "loop/qnet-reactor-private.h"

#include "loop/qnet-reactor-backend-private.h"

/* The table of started watches. An event waits in an array while others are served: it contains a
 * slot and a generation, and is dropped if the slot has another watch by then, or the same one
 * started again. */

QnetSlot *
qnet_reactor_get_slot (QnetReactor *reactor,
                       guint32      slot)
{
  return &g_array_index (reactor->slots, QnetSlot, slot);
}

static guint32
take_slot (QnetReactor *reactor,
           QnetWatch   *watch)
{
  guint32 slot;

  if (reactor->free_slots == 0)
    {
      g_array_set_size (reactor->slots, reactor->slots->len + 1);
      slot = reactor->slots->len - 1;
    }
  else
    {
      slot = reactor->free_slots - 1;
      reactor->free_slots = qnet_reactor_get_slot (reactor, slot)->next_free;
    }

  qnet_reactor_get_slot (reactor, slot)->watch = watch;

  return slot;
}

static void
release_slot (QnetReactor *reactor,
              guint32      slot)
{
  QnetSlot *place = qnet_reactor_get_slot (reactor, slot);

  place->watch = NULL;
  place->generation++;
  place->next_free = reactor->free_slots;
  reactor->free_slots = slot + 1;
}

static QnetWatch *
find_watch (QnetReactor     *reactor,
            const QnetEvent *event)
{
  QnetSlot *place = qnet_reactor_get_slot (reactor, event->slot);

  return place->generation == event->generation ? place->watch : NULL;
}

/* Events */

/* The interest may have changed since the event was collected, and HUP and ERR are reported for
 * both directions. */
static gboolean
serve_event (QnetReactor     *reactor,
             const QnetEvent *event)
{
  QnetWatch *watch = find_watch (reactor, event);
  QnetReadiness readiness;

  if (watch == NULL)
    return FALSE;

  readiness = event->readiness & watch->interest;
  if (readiness == QNET_READINESS_NONE)
    return FALSE;

  watch->funcs->ready (watch, readiness | (event->readiness & QNET_READINESS_HANGUP));

  return TRUE;
}

guint
qnet_reactor_serve_events (QnetReactor     *reactor,
                           const QnetEvent *events,
                           guint            n_events)
{
  guint n_served = 0;

  for (guint i = 0; i < n_events; i++)
    n_served += serve_event (reactor, &events[i]);

  return n_served;
}

/* Deferrals and flushes */

static void
take_back_deferral (QnetWatch *watch)
{
  if (qnet_watch_is_deferred (watch))
    qnet_turn_queue_remove (&watch->ready_link);
}

void
qnet_watch_take_back_flush (QnetWatch *watch)
{
  if (qnet_watch_is_flush_queued (watch))
    qnet_turn_queue_remove (&watch->flush_link);
}

static void
serve_deferral (QnetWatch *watch)
{
  take_back_deferral (watch);
  watch->funcs->ready (watch, QNET_READINESS_DEFERRED);
}

static void
serve_flush (QnetWatch *watch)
{
  qnet_watch_take_back_flush (watch);
  watch->funcs->flush (watch);
}

guint
qnet_reactor_serve_ready (QnetReactor *reactor,
                          QnetWaitSet *set,
                          gint64       until)
{
  return qnet_turn_queue_serve (&reactor->ready_queue, set, until, serve_deferral);
}

void
qnet_reactor_serve_flushes (QnetReactor *reactor,
                            QnetWaitSet *set)
{
  qnet_turn_queue_serve (&reactor->flush_queue, set, G_MAXINT64, serve_flush);
}

/* Loans */

void
qnet_watch_lend (QnetWatch *watch)
{
  watch->is_lent = TRUE;
  if (!watch->has_recorded)
    watch->lent_interest = watch->interest;
}

gboolean
qnet_watch_end_loan (QnetWatch *watch)
{
  watch->is_lent = FALSE;
  watch->has_recorded = watch->lent_deferral || watch->lent_flush
                        || watch->lent_interest != watch->interest;

  return watch->has_recorded;
}

void
qnet_watch_take_back (QnetWatch *watch)
{
  if (!watch->has_recorded)
    return;

  watch->has_recorded = FALSE;
  qnet_watch_set_interest (watch, watch->lent_interest);
  if (watch->lent_deferral)
    qnet_watch_defer (watch);
  if (watch->lent_flush)
    qnet_watch_queue_flush (watch);

  watch->lent_deferral = FALSE;
  watch->lent_flush = FALSE;
}

/* Watches */

/* In the child of a fork the descriptors of epoll and of the loop belong to the parent as well. */
static void
update_backend (QnetWatch *watch)
{
  QnetReactor *reactor = watch->set->reactor;

  if (watch->armed == watch->interest)
    return;

  if (!qnet_reactor_is_forked (reactor))
    reactor->backend->update (reactor, watch);

  watch->armed = watch->interest;
}

void
qnet_watch_init (QnetWatch            *watch,
                 const QnetWatchFuncs *funcs,
                 QnetWaitSet          *set)
{
  *watch = (QnetWatch) { .funcs = funcs, .set = set, .set_next = set->watches, .fd = -1 };

  set->watches = watch;
}

void
qnet_watch_start (QnetWatch     *watch,
                  int            fd,
                  QnetReadiness  interest)
{
  g_assert (watch->fd == -1 && fd >= 0);

  watch->fd = fd;
  watch->interest = interest;
  watch->slot = take_slot (watch->set->reactor, watch);
  update_backend (watch);
}

void
qnet_watch_set_interest (QnetWatch     *watch,
                         QnetReadiness  interest)
{
  if (watch->fd == -1)
    return;

  if (G_UNLIKELY (watch->is_lent))
    {
      watch->lent_interest = interest;
      return;
    }

  watch->interest = interest;
  update_backend (watch);
}

void
qnet_watch_stop (QnetWatch *watch)
{
  if (watch->set == NULL)
    return;

  take_back_deferral (watch);
  qnet_watch_take_back_flush (watch);

  if (watch->fd == -1)
    return;

  watch->interest = QNET_READINESS_NONE;
  update_backend (watch);
  release_slot (watch->set->reactor, watch->slot);
  watch->fd = -1;
}

static void
leave_set (QnetWatch *watch)
{
  QnetWatch **link = &watch->set->watches;

  while (*link != watch)
    link = &(*link)->set_next;

  *link = g_steal_pointer (&watch->set_next);
  watch->set = NULL;
}

void
qnet_watch_clear (QnetWatch *watch)
{
  if (watch->set == NULL)
    return;

  qnet_watch_stop (watch);
  leave_set (watch);
}

void
qnet_watch_move (QnetWatch   *watch,
                 QnetWaitSet *set)
{
  g_assert (watch->set->reactor == set->reactor);

  leave_set (watch);
  watch->set = set;
  watch->set_next = set->watches;
  set->watches = watch;
}

gboolean
qnet_watch_is_forked (const QnetWatch *watch)
{
  return watch->set != NULL && watch->set->reactor != NULL
         && qnet_reactor_is_forked (watch->set->reactor);
}

void
qnet_watch_defer (QnetWatch *watch)
{
  if (G_UNLIKELY (watch->is_lent))
    {
      watch->lent_deferral = TRUE;
      return;
    }

  if (watch->set == NULL || qnet_watch_is_deferred (watch))
    return;

  qnet_turn_queue_push (&watch->set->reactor->ready_queue, &watch->ready_link);
}

void
qnet_watch_queue_flush (QnetWatch *watch)
{
  if (G_UNLIKELY (watch->is_lent))
    {
      watch->lent_flush = TRUE;
      return;
    }

  if (watch->set == NULL || qnet_watch_is_flush_queued (watch))
    return;

  qnet_turn_queue_push (&watch->set->reactor->flush_queue, &watch->flush_link);
}
