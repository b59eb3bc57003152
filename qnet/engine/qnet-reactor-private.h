/* qnet-reactor-private.h: one waiter per GMainContext, for all the descriptors of its sockets
 *
 * A reactor is a GSource that holds one epoll descriptor (or plain GPollFDs). A watch is embedded in its owner
 * and costs no allocation. Triggering is by level: whoever leaves bytes unread is simply told again.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "engine/qnet-byte-queue-private.h"

G_BEGIN_DECLS

typedef struct _QnetReactor         QnetReactor;
typedef struct _QnetEmbeddedContext QnetEmbeddedContext;
typedef struct _QnetTurnLink        QnetTurnLink;
typedef struct _QnetWaitSet         QnetWaitSet;
typedef struct _QnetWatch           QnetWatch;
typedef struct _QnetWatchFuncs      QnetWatchFuncs;
typedef struct _QnetDeadline        QnetDeadline;

typedef enum /*< skip >*/
{
  QNET_READINESS_NONE     = 0,
  QNET_READINESS_READ     = 1 << 0,  /* bytes, a connection, or the peer's end can be taken */
  QNET_READINESS_WRITE    = 1 << 1,  /* there is room to send, or a connect() has ended */
  QNET_READINESS_HANGUP   = 1 << 2,  /* RDHUP, HUP or ERR came with it: read on until 0 or an error. As an interest: in these alone */
  QNET_READINESS_DEFERRED = 1 << 3,  /* qnet_watch_defer() was called */
  QNET_READINESS_LOSS     = 1 << 4   /* as an interest alone: HUP or ERR, but not the peer's end of sending */
} QnetReadiness;

/* One step of a blocking wait. */
typedef enum /*< skip >*/
{
  QNET_WAIT_STEP_HAPPENED,     /* something was served: look whether it is what is waited for */
  QNET_WAIT_STEP_TIMED_OUT,
  QNET_WAIT_STEP_INTERRUPTED,  /* by qnet_set_wait_interrupt_fd() */
  QNET_WAIT_STEP_IN_VAIN       /* nothing can happen any more: no descriptor, no deadline; or it is our parent process's */
} QnetWaitStep;

/* All three are called by the reactor's thread, with its context as thread default. */
struct _QnetWatchFuncs
{
  /* May do anything, the end of the watch included. Whoever owns it keeps itself alive meanwhile.
   * READ and WRITE can be stale (a nested loop was faster): then the system call says EAGAIN. */
  void (*ready)    (QnetWatch *watch, QnetReadiness readiness);

  /* (nullable): qnet_watch_queue_flush() was called: send what is queued, once, without blocking. May not
   * emit a signal: record, and qnet_watch_defer(). */
  void (*flush)    (QnetWatch *watch);

  /* (nullable): the context has gone. The watch is stopped already and may not be started again; the owner
   * closes its descriptor and becomes unconnected without a signal. */
  void (*orphaned) (QnetWatch *watch);
};

/* What one object waits for: its watches and its deadlines. A blocking wait serves these alone. */
struct _QnetWaitSet
{
  QnetReactor  *reactor;       /* (owned) (nullable): NULL before init and after clear */
  QnetWatch    *watches;       /* (nullable): linked by set_next */
  QnetDeadline *deadlines;     /* (nullable): linked by set_next, running ones alone */
  GList         reactor_link;  /* in the reactor's list of sets while its context lives; data is the set */
};

/* A place in a queue of the reactor's. */
struct _QnetTurnLink
{
  QnetTurnLink *prev;
  QnetTurnLink *next;
  QnetWatch    *watch;  /* (nullable): NULL for the end of a turn */
};

struct _QnetWatch
{
  const QnetWatchFuncs *funcs;
  QnetWaitSet          *set;         /* (nullable): NULL before init and after clear */
  QnetWatch            *set_next;
  QnetTurnLink          ready_link;  /* in the reactor's ready queue while @is_deferred */
  QnetTurnLink          flush_link;  /* in the reactor's flush queue while @is_flush_queued */
  int                   fd;          /* -1 while stopped; not owned */
  guint32               slot;        /* in the reactor's table while fd is watched */
  guint8                interest;    /* QnetReadiness that are wanted, but DEFERRED */
  guint8                armed;       /* what the backend knows; equal to interest but for inside it */
  guint8                is_deferred     : 1;
  guint8                is_flush_queued : 1;
};

typedef void (*QnetDeadlineFunc) (QnetDeadline *deadline);

struct _QnetDeadline
{
  QnetDeadlineFunc  func;        /* may do anything, the end of the deadline included */
  QnetWaitSet      *set;
  QnetDeadline     *set_next;
  gint64            due;         /* monotonic microseconds */
  guint             heap_index;  /* G_MAXUINT while not running */
};

/* The reactor */

/* Makes the default main context, and keeps descriptors back for others, while there are any: called when the first object of
 * a class is made. */
void                 qnet_reactor_prepare               (void);

/* The reactor of the context that is thread default now, made on first use. Where none was pushed, and this is neither
 * the main thread nor the owner of the default context, a new detached one, which no loop runs: only waits move it. */
QnetReactor         *qnet_reactor_get                   (void) G_GNUC_WARN_UNUSED_RESULT;  /* (transfer full) */
/* FALSE with an error of GIO's where that would be a detached one: a callback would come in another thread, that of the
 * default context, while this one moves what it is about by waiting. */
gboolean             qnet_reactor_check_loop            (GError              **error);
QnetReactor         *qnet_reactor_ref                   (QnetReactor          *reactor);
void                 qnet_reactor_unref                 (QnetReactor          *reactor);
gboolean             qnet_reactor_is_detached           (QnetReactor          *reactor);
gboolean             qnet_reactor_is_orphan             (QnetReactor          *reactor);   /* its context has gone */
gboolean             qnet_reactor_is_forked             (QnetReactor          *reactor);   /* made by our parent process */
/* In the child of a fork: what the reactor has is orphaned now, as the next turn of its loop would do. */
void                 qnet_reactor_leave_parent          (QnetReactor          *reactor);
QnetChunkPool       *qnet_reactor_get_chunk_pool        (QnetReactor          *reactor);
guint                qnet_reactor_get_turn              (QnetReactor          *reactor);   /* another one in each turn, never 0 */
GMainContext        *qnet_reactor_get_context           (QnetReactor          *reactor);   /* (transfer none) (nullable) */

/* The private context in which GResolver and GTlsConnection run their asynchronous code. While pushed it is the thread
 * default, so what is started then ends there. The callbacks only record an outcome and qnet_watch_defer(). Hold it from
 * the start of an operation to its callback: only then does the loop look at it. Before all that it has to be made, which
 * fails (with an errno) where there are no descriptors for it. */
gboolean             qnet_reactor_make_embedded_context (QnetReactor          *reactor,
                                                         int                  *out_error_number);
void                 qnet_reactor_push_embedded_context (QnetReactor          *reactor);
void                 qnet_reactor_pop_embedded_context  (QnetReactor          *reactor);
void                 qnet_reactor_hold_embedded_context (QnetReactor          *reactor);
void                 qnet_reactor_release_embedded_context (QnetReactor       *reactor);

/* Runs it until it is not held any more, for a second at most: where no loop runs it after us. */
void                 qnet_reactor_drain_embedded_context (QnetReactor         *reactor);

/* What an object waits for */

void                 qnet_wait_set_init                 (QnetWaitSet          *set,
                                                         QnetReactor          *reactor);   /* takes a reference */
void                 qnet_wait_set_clear                (QnetWaitSet          *set);       /* stops all its watches and deadlines */

/* Blocks until something of @set's happens, at most until @until (monotonic microseconds, G_MAXINT64: for ever), and hands
 * it out: sends what its watches have queued, one poll() over its descriptors and the private context's, then ready() and
 * deadlines. Serves nobody else. FALSE when nothing happened until then, or before qnet_set_wait_interrupt_fd() ended it. Works on
 * a detached reactor, without any loop. */
gboolean             qnet_wait_set_iterate              (QnetWaitSet          *set,
                                                         gint64                until);
/* The same, and it says why it has returned. Where nothing can happen it does not wait for @until. */
QnetWaitStep         qnet_wait_set_step                 (QnetWaitSet          *set,
                                                         gint64                until);
/* The same, and it returns, with TRUE, when @extra (nullable) is ready, too: a cancellable's descriptor. */
gboolean             qnet_wait_set_iterate_full         (QnetWaitSet          *set,
                                                         gint64                until,
                                                         GPollFD              *extra);

/* Watches */

void                 qnet_watch_init                    (QnetWatch            *watch,
                                                         const QnetWatchFuncs *funcs,
                                                         QnetWaitSet          *set);
void                 qnet_watch_start                   (QnetWatch            *watch,
                                                         int                   fd,
                                                         QnetReadiness         interest);
void                 qnet_watch_set_interest            (QnetWatch            *watch,
                                                         QnetReadiness         interest);  /* NONE: the backend forgets the descriptor */
void                 qnet_watch_stop                    (QnetWatch            *watch);     /* before close(); deferrals and flushes go too */
void                 qnet_watch_clear                   (QnetWatch            *watch);     /* stop, and leave the set */
void                 qnet_watch_defer                   (QnetWatch            *watch);     /* ready (DEFERRED) in the next turn; also without a descriptor */
void                 qnet_watch_take_back_flush         (QnetWatch            *watch);     /* what was queued was done already */
gboolean             qnet_watch_is_forked               (const QnetWatch      *watch);     /* its reactor was made by our parent process */
void                 qnet_watch_queue_flush             (QnetWatch            *watch);     /* flush () at the end of this dispatch, or before the loop sleeps */

/* Deadlines: one heap per reactor */

void                 qnet_deadline_init                 (QnetDeadline         *deadline,
                                                         QnetDeadlineFunc      func,
                                                         QnetWaitSet          *set);
void                 qnet_deadline_start                (QnetDeadline         *deadline,
                                                         gint64                due);       /* again: moves it */
void                 qnet_deadline_stop                 (QnetDeadline         *deadline);
gboolean             qnet_deadline_is_running           (const QnetDeadline   *deadline);

/* Monotonic microseconds; tests may put a clock of their own here (NULL: g_get_monotonic_time). */
gint64               qnet_clock_now                     (void);
void                 qnet_clock_set_for_tests           (gint64              (*clock) (void));

/* @msecs of a wait_for_*() from now, as iterate() wants it; negative: G_MAXINT64. */
gint64               qnet_clock_until                   (int                   msecs);

G_END_DECLS
