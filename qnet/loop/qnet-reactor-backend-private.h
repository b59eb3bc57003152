/* qnet-reactor-backend-private.h: what the files of the reactor share
 *
 * qnet-reactor.c is dispatched by the loop, qnet-watch.c has the table of watches, qnet-wait-set.c
 * waits without a loop, qnet-deadline.c has the deadlines, and a backend finds out which
 * descriptors are ready. No other file includes this header.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/qnet-thread-private.h"
#include "loop/qnet-embedded-context-private.h"
#include "loop/qnet-reactor-private.h"
#include "loop/qnet-turn-queue-private.h"

G_BEGIN_DECLS

typedef struct _QnetReactorBackend QnetReactorBackend;
typedef struct _QnetPolled         QnetPolled;

/* An event. The watch may be freed before it is notified, so the event has no pointer to it. */
typedef struct
{
  guint32       slot;
  guint32       generation;
  QnetReadiness readiness;
} QnetEvent;

/* The most events of one dispatch; the others are reported in the next one. They are on the stack,
 * since dispatches nest. */
#define QNET_MAX_EVENTS 256

/* An entry of the table of started watches. Its generation changes when a watch is removed from
 * it. */
typedef struct
{
  QnetWatch  *watch;       /* (nullable): NULL while free */
  QnetPolled *polled;      /* (owned) (nullable): if the loop polls it */
  guint32     generation;
  guint32     next_free;   /* slot + 1, 0 ends the list */
} QnetSlot;

/* A way to find out which descriptors are ready. */
struct _QnetReactorBackend
{
  /* Prepares for watching; FALSE if the system does not allow it. */
  gboolean (*open)       (QnetReactor *reactor);

  /* Changes the events that the descriptor is watched for from watch->armed to watch->interest. */
  void     (*update)     (QnetReactor *reactor, QnetWatch *watch);

  /* After the loop has polled: returns whether there are events to collect. */
  gboolean (*has_events) (QnetReactor *reactor);

  /* Takes the events of the loop's poll, once; returns their number. */
  guint    (*collect)    (QnetReactor *reactor, QnetEvent *events, guint max_events);

  void     (*close)      (QnetReactor *reactor);
};

/* no loop: only blocking waits poll descriptors */
extern const QnetReactorBackend qnet_reactor_backend_null;
extern const QnetReactorBackend qnet_reactor_backend_poll;
#ifdef HAVE_EPOLL
extern const QnetReactorBackend qnet_reactor_backend_epoll;
#endif

/* What iterates a reactor */
typedef enum
{
  QNET_REACTOR_ATTACHED,  /* the main loop of its context */
  QNET_REACTOR_DETACHED,  /* blocking waits only */
  QNET_REACTOR_ORPHAN     /* nothing: its context was freed, or belongs to the parent process */
} QnetReactorState;

/* A reactor is a GSource with the reference count of one: it exists as long as its context, and as
 * its sets. */
struct _QnetReactor
{
  GSource                   source;           /* not attached anywhere when detached */
  const QnetReactorBackend *backend;
  /* its context, as the key in the table of reactors; never dereferenced */
  gpointer                  key;
  guint                     fork_epoch;
  gpointer                  thread;           /* (atomic): that uses it */
  /* (owned) (nullable): of the thread that has iterated its context (under the lock of all) */
  QnetThreadLife           *life;
  gint                      n_waits;          /* (atomic): blocking waits that run */

  GPollFD                   epoll;            /* fd -1 without epoll */
  GPtrArray                *polled;           /* QnetPolled, (owned) by the slots */
  /* where the next collect() begins, so that each descriptor is served in turn */
  guint                     first_polled;

  GArray                   *slots;            /* QnetSlot */
  /* slot + 1 of the first free one, or 0 if there is none */
  guint32                   free_slots;

  QnetTurnQueue             ready_queue;
  QnetTurnQueue             flush_queue;
  /* QnetDeadline (not owned): a heap, the first one due on top */
  GPtrArray                *deadlines;
  GQueue                    sets;             /* of QnetWaitSet, linked by their reactor_link */
  /* GPollFD: the array of a wait; kept for the next one */
  GArray                   *wait_fds;

  /* for qnet-linger.c: closed connections that wait for their peers only, the oldest first */
  GQueue                    lingering;
  QnetEmbeddedContext      *embedded;         /* (owned) (nullable): made on first use */
  QnetChunkPool             chunk_pool;

  /* counts iterations of the loop, and those of waits */
  guint                     turn;
  /* microseconds of dispatches since sources of lower priority could run */
  gint64                    worked;
  gboolean                  yields;           /* dispatches nothing, for lower priorities */
  gint64                    yield_until;      /* as a rule, at the latest */
  guint                     n_yielded;        /* iterations of this yield */
  GSource                  *yield;            /* (owned) (nullable): notices that they can run */
  QnetReactorState          state;
  gboolean                  has_loop;         /* its context was iterated */
  gboolean                  is_forgotten;     /* (under the lock of all): its context ends */
  /* of Drop (under the lock of all): objects whose last reference was dropped in another thread */
  GQueue                    drops;
  gboolean                  has_drops;        /* (atomic) */
};

/* qnet-reactor.c */

/* The table of all reactors: while it is locked no context of one is freed. */
void           qnet_reactor_lock_all            (void);
void           qnet_reactor_unlock_all          (void);
/* Makes the reactor's context the thread default. Returns the argument for leave(): NULL if it
 * already is. */
GMainContext  *qnet_reactor_enter               (QnetReactor     *reactor);
void           qnet_reactor_leave               (GMainContext    *pushed);

/* qnet-reactor-threads.c */

/* The caller iterates the context: it is the reactor's thread. */
void           qnet_reactor_take_thread         (QnetReactor     *reactor);
/* In a wait: disposes what other threads have dropped. */
void           qnet_reactor_serve_drops         (QnetReactor     *reactor);
/* The context is freed: drops it at once. */
void           qnet_reactor_end_drops           (QnetReactor     *reactor);

/* qnet-reactor-yield.c */

/* The reactor dispatches nothing until sources of lower priority can run. */
void           qnet_reactor_begin_yield         (QnetReactor     *reactor);
/* Called while reactor->yields. FALSE: it has taken too long, and has ended. */
gboolean       qnet_reactor_continue_yield      (QnetReactor     *reactor);
/* Removes the source, which is kept for the next yield as long as one follows the other. */
void           qnet_reactor_remove_yield        (QnetReactor     *reactor);

/* qnet-watch.c */

QnetSlot      *qnet_reactor_get_slot            (QnetReactor     *reactor,
                                                 guint32          slot);
guint          qnet_reactor_serve_events        (QnetReactor     *reactor,
                                                 const QnetEvent *events,
                                                 guint            n_events);
guint          qnet_reactor_serve_ready         (QnetReactor     *reactor,
                                                 QnetWaitSet     *set,    /* NULL for all sets */
                                                 gint64           until);
void           qnet_reactor_serve_flushes       (QnetReactor     *reactor,
                                                 QnetWaitSet     *set);

/* qnet-wait-set.c */

void           qnet_reactor_orphan_sets         (QnetReactor     *reactor);

/* qnet-deadline.c */

QnetDeadline  *qnet_reactor_get_first_deadline  (QnetReactor     *reactor);
/* G_MAXINT64 if there is no deadline */
gint64         qnet_wait_set_get_due            (QnetWaitSet     *set);
void           qnet_reactor_serve_deadlines     (QnetReactor     *reactor,
                                                 gint64           now);
guint          qnet_wait_set_serve_deadlines    (QnetWaitSet     *set,
                                                 gint64           now);

/* The time from @now to @due as poll() takes it, rounded up; -1 for no limit. */
int            qnet_clock_get_timeout           (gint64           now,
                                                 gint64           due);

/* qnet-reactor-poll.c: also serves descriptors that epoll does not accept */

void           qnet_polled_update               (QnetReactor     *reactor,
                                                 QnetWatch       *watch);
gboolean       qnet_polled_has_events           (QnetReactor     *reactor);
guint          qnet_polled_collect              (QnetReactor     *reactor,
                                                 QnetEvent       *events,
                                                 guint            max_events);
gushort        qnet_readiness_to_poll           (QnetReadiness    interest);
QnetReadiness  qnet_readiness_from_poll         (gushort          revents);

G_END_DECLS
