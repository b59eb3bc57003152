/* qnet-reactor-backend-private.h: what the parts of the reactor share
 *
 * The reactor is spread over a few files: qnet-reactor.c turns with the loop, qnet-watch.c keeps the table of watches,
 * qnet-wait-set.c waits without a loop, qnet-deadline.c keeps time, and a backend asks the system. Nobody else includes this.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-embedded-context-private.h"
#include "engine/qnet-reactor-private.h"
#include "engine/qnet-turn-queue-private.h"

G_BEGIN_DECLS

typedef struct _QnetReactorBackend QnetReactorBackend;
typedef struct _QnetPolled         QnetPolled;

/* What happened, to a watch that may be gone when it is handed out: never a pointer. */
typedef struct
{
  guint32       slot;
  guint32       generation;
  QnetReadiness readiness;
} QnetEvent;

/* The most events of one dispatch; the others are told in the next. They lie on the stack, since dispatches nest. */
#define QNET_MAX_EVENTS 256

/* A place in the table of started watches. Its generation changes when a watch leaves it. */
typedef struct
{
  QnetWatch  *watch;       /* (nullable): NULL while free */
  QnetPolled *polled;      /* (owned) (nullable): where the loop itself polls the descriptor */
  guint32     generation;
  guint32     next_free;   /* slot + 1, 0 ends the list */
} QnetSlot;

/* A way to learn which descriptors are ready. */
struct _QnetReactorBackend
{
  /* Makes ready to watch; FALSE where the system does not let us. */
  gboolean (*open)       (QnetReactor *reactor);

  /* Brings what is known of the watch's descriptor from watch->armed to watch->interest. */
  void     (*update)     (QnetReactor *reactor, QnetWatch *watch);

  /* After the loop has polled: is there anything to collect? */
  gboolean (*has_events) (QnetReactor *reactor);

  /* Takes what the loop's poll has found, once; returns the number of events. */
  guint    (*collect)    (QnetReactor *reactor, QnetEvent *events, guint max_events);

  void     (*close)      (QnetReactor *reactor);
};

extern const QnetReactorBackend qnet_reactor_backend_null;  /* no loop: waits alone look at descriptors */
extern const QnetReactorBackend qnet_reactor_backend_poll;
#ifdef HAVE_EPOLL
extern const QnetReactorBackend qnet_reactor_backend_epoll;
#endif

/* A reactor is a GSource, and is counted as one: so it lives as long as its context, and as its sets. */
struct _QnetReactor
{
  GSource                   source;           /* not attached anywhere when detached */
  const QnetReactorBackend *backend;
  gpointer                  key;              /* its context in the table of reactors; never looked into */
  guint                     fork_epoch;

  GPollFD                   epoll;            /* fd -1 without epoll */
  GPtrArray                *polled;           /* QnetPolled, (owned) by the slots */
  guint                     first_polled;     /* where the next collect() begins, so that all have their turn */

  GArray                   *slots;            /* QnetSlot */
  guint32                   free_slots;       /* slot + 1 of the first free one, 0 when there is none */

  QnetTurnQueue             ready_queue;
  QnetTurnQueue             flush_queue;
  GPtrArray                *deadlines;        /* QnetDeadline (not owned): a heap, the first one due on top */
  GQueue                    sets;             /* of QnetWaitSet, linked by their reactor_link */
  GArray                   *wait_fds;         /* GPollFD: what a wait polls; kept for the next one */

  GQueue                    lingering;        /* qnet-linger.c's: those that wait for nothing but their peers, the oldest first */
  QnetEmbeddedContext      *embedded;         /* (owned) (nullable): made on first use */
  QnetChunkPool             chunk_pool;

  guint                     turn;             /* counts iterations of the loop, and those of waits */
  gint64                    worked;           /* microseconds of dispatches since lower priorities had a chance */
  guint                     sits_out    : 1;  /* the next iteration is theirs */
  guint                     is_detached : 1;
  guint                     is_orphan   : 1;
};

/* qnet-reactor.c */

/* Makes the reactor's context the thread default. Returns what leave() has to undo, NULL when it is that already. */
GMainContext  *qnet_reactor_enter               (QnetReactor     *reactor);
void           qnet_reactor_leave               (GMainContext    *pushed);

/* qnet-watch.c */

QnetSlot      *qnet_reactor_get_slot            (QnetReactor     *reactor,
                                                 guint32          slot);
guint          qnet_reactor_serve_events        (QnetReactor     *reactor,
                                                 const QnetEvent *events,
                                                 guint            n_events);
guint          qnet_reactor_serve_ready         (QnetReactor     *reactor,
                                                 QnetWaitSet     *set,    /* NULL: everybody's */
                                                 gint64           until);
void           qnet_reactor_serve_flushes       (QnetReactor     *reactor,
                                                 QnetWaitSet     *set);

/* qnet-wait-set.c */

void           qnet_reactor_orphan_sets         (QnetReactor     *reactor);

/* qnet-deadline.c */

QnetDeadline  *qnet_reactor_get_first_deadline  (QnetReactor     *reactor);
gint64         qnet_wait_set_get_due            (QnetWaitSet     *set);   /* G_MAXINT64 when it has no deadline */
void           qnet_reactor_serve_deadlines     (QnetReactor     *reactor,
                                                 gint64           now);
guint          qnet_wait_set_serve_deadlines    (QnetWaitSet     *set,
                                                 gint64           now);

/* From @now to @due as poll() wants it, rounded up: -1 for ever. */
int            qnet_clock_get_timeout           (gint64           now,
                                                 gint64           due);

/* qnet-reactor-poll.c: also serves descriptors that epoll does not take */

void           qnet_polled_update               (QnetReactor     *reactor,
                                                 QnetWatch       *watch);
gboolean       qnet_polled_has_events           (QnetReactor     *reactor);
guint          qnet_polled_collect              (QnetReactor     *reactor,
                                                 QnetEvent       *events,
                                                 guint            max_events);
gushort        qnet_readiness_to_poll           (QnetReadiness    interest);
QnetReadiness  qnet_readiness_from_poll         (gushort          revents);

G_END_DECLS
