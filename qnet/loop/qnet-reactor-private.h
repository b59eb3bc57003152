/* qnet-reactor-private.h: waiting in a GMainContext, for all descriptors of its sockets
 *
 * A reactor is a GSource that holds one epoll descriptor (or plain GPollFDs). A watch is one
 * descriptor and a callback, embedded in its owner, so that it needs no allocation. A wait set has
 * the watches and the deadlines of one object, which a blocking wait serves without the loop.
 * Events are level-triggered: an owner that leaves bytes unread is notified again.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "base/qnet-byte-queue-private.h"
#include "base/qnet-syscall-private.h"

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
  QNET_READINESS_READ     = 1 << 0,  /* bytes, a connection, or the end of the stream can be read */
  QNET_READINESS_WRITE    = 1 << 1,  /* there is room to send, or a connect() has ended */
  /* RDHUP, HUP or ERR was reported: read until 0 or an error. As an interest: these alone */
  QNET_READINESS_HANGUP   = 1 << 2,
  QNET_READINESS_DEFERRED = 1 << 3,  /* qnet_watch_defer() was called */
  /* Only as an interest: HUP or ERR, but not the end of the peer's stream. */
  QNET_READINESS_LOSS     = 1 << 4
} QnetReadiness;

/* One step of a blocking wait. */
typedef enum /*< skip >*/
{
  QNET_WAIT_STEP_HAPPENED,     /* events were served: check the condition that is waited for */
  QNET_WAIT_STEP_TIMED_OUT,
  QNET_WAIT_STEP_CANCELLED,    /* by the cancellable of its limits */
  QNET_WAIT_STEP_INTERRUPTED,  /* by qnet_set_wait_interrupt_fd() */
  /* No event can occur: there is no descriptor and no deadline, or the reactor is that of the
   * parent process. */
  QNET_WAIT_STEP_NO_EVENTS
} QnetWaitStep;

/* The limits of a blocking wait. */
typedef struct
{
  int           msecs;        /* as passed by the caller; -1 for no limit */
  gint64        until;        /* the same as a point in time; G_MAXINT64 for no limit */
  GCancellable *cancellable;  /* (not owned) (nullable) */
} QnetWaitLimits;

/* All three are called in the thread of the reactor, with its context as thread default. */
struct _QnetWatchFuncs
{
  /* May do anything, including clearing the watch. The owner keeps itself alive meanwhile. READ and
   * WRITE can be stale if a nested loop has handled them: the system call returns EAGAIN then. */
  void (*ready)    (QnetWatch *watch, QnetReadiness readiness);

  /* (nullable): qnet_watch_queue_flush() was called: sends what is queued, once, without blocking.
   * Must not emit a signal, but can call qnet_watch_defer(). */
  void (*flush)    (QnetWatch *watch);

  /* (nullable): the context was freed. The watch is already stopped and must not be started again;
   * the owner closes its descriptor and becomes unconnected without a signal. */
  void (*orphaned) (QnetWatch *watch);
};

/* The watches and deadlines of one object. A blocking wait serves these alone. */
struct _QnetWaitSet
{
  QnetReactor  *reactor;       /* (owned) (nullable): NULL before init and after clear */
  QnetWatch    *watches;       /* (nullable): linked by set_next */
  QnetDeadline *deadlines;     /* (nullable): running ones, linked by set_next */
  /* in the reactor's list of sets while its context exists; data is the set */
  GList         reactor_link;
};

/* Where a set belongs, as another thread sees it. */
typedef struct
{
  gboolean      has_reactor;
  gboolean      is_in_thread;  /* the caller is in the thread of its reactor */
  GMainContext *context;       /* (not owned) (nullable): to be compared only; NULL: no loop */
} QnetPlace;

/* A link in a queue of the reactor. */
struct _QnetTurnLink
{
  QnetTurnLink *prev;
  QnetTurnLink *next;  /* (nullable): NULL while not queued */
};

struct _QnetWatch
{
  const QnetWatchFuncs *funcs;
  QnetWaitSet          *set;         /* (nullable): NULL before init and after clear */
  QnetWatch            *set_next;
  QnetTurnLink          ready_link;  /* in the reactor's ready queue while deferred */
  QnetTurnLink          flush_link;  /* in the reactor's flush queue */
  int                   fd;          /* (not owned): -1 while stopped */
  guint32               slot;        /* in the reactor's table while fd is watched */
  guint8                interest;    /* QnetReadiness, without DEFERRED */
  /* what the backend watches for; equal to interest except in calls of it */
  guint8                armed;

  /* While another thread has borrowed the owner, nothing of the reactor's is touched: what would
   * change is recorded for qnet_watch_take_back(). */
  guint8                lent_interest;
  guint8                is_lent        : 1;
  guint8                has_recorded   : 1;
  guint8                lent_deferral  : 1;
  guint8                lent_flush     : 1;
};

static inline gboolean
qnet_watch_is_deferred (const QnetWatch *watch)
{
  return watch->ready_link.next != NULL;
}

static inline gboolean
qnet_watch_is_flush_queued (const QnetWatch *watch)
{
  return watch->flush_link.next != NULL;
}

typedef void (*QnetDeadlineFunc) (QnetDeadline *deadline);

struct _QnetDeadline
{
  QnetDeadlineFunc  func;        /* may do anything, including clearing the deadline */
  QnetWaitSet      *set;
  QnetDeadline     *set_next;
  gint64            due;         /* monotonic microseconds */
  guint             heap_index;  /* G_MAXUINT while not running */
};

/* The reactor */

/* Creates the default main context, and reserves descriptors, while some are available: called when
 * the first object of a class is created. */
void                 qnet_reactor_prepare               (void);

/* The reactor of the thread-default context, created on first use. If no context was pushed, and
 * this is neither the main thread nor the owner of the default context, a new detached reactor,
 * which no loop iterates: only blocking waits serve it. */
/* (transfer full) */
QnetReactor         *qnet_reactor_get                   (void) G_GNUC_WARN_UNUSED_RESULT;
/* FALSE with an error of GIO if it would be a detached one: a callback would be called in another
 * thread, that of the default context, while this thread serves the object by waiting. */
gboolean             qnet_reactor_check_loop            (GError              **error);
/* Whether the caller is in the thread that uses the reactor; is_elsewhere(): in another one than
 * that of @reactor (nullable). */
gboolean             qnet_reactor_is_in_thread          (QnetReactor          *reactor);
gboolean             qnet_reactor_is_elsewhere          (QnetReactor          *reactor);
/* For public functions of @object, which belongs to @reactor (nullable): FALSE with a critical
 * message in another thread. */
gboolean             qnet_reactor_check_caller          (QnetReactor          *reactor,
                                                         gpointer              object,
                                                         const char           *function);
/* The same without a message, for calls of the library itself; and that message. */
gboolean             qnet_reactor_admits_caller         (QnetReactor          *reactor);
void                 qnet_warn_of_thread                (gpointer              object,
                                                         const char           *function);
/* The error of such a call. */
void                 qnet_set_thread_error              (GError              **error);
/* The same for an asynchronous function: calls @callback with it, in the context of the caller. */
void                 qnet_return_thread_error           (gpointer              object,
                                                         gpointer              tag,
                                                         int                   io_priority,
                                                         GAsyncReadyCallback   callback,
                                                         gpointer              user_data);
/* For the dispose of @object, which belongs to @reactor. TRUE: the object stays, and is disposed by
 * the reactor's thread, in its next turn; *@is_dropped (atomic) is set. */
gboolean             qnet_reactor_moves_disposal        (QnetReactor          *reactor,
                                                         gpointer              object,
                                                         int                  *is_dropped,
                                                         int                   value);
QnetReactor         *qnet_reactor_ref                   (QnetReactor          *reactor);
void                 qnet_reactor_unref                 (QnetReactor          *reactor);

gboolean             qnet_reactor_is_detached           (QnetReactor          *reactor);
/* the context was freed */
gboolean             qnet_reactor_is_orphan             (QnetReactor          *reactor);
/* created in the parent process */
gboolean             qnet_reactor_is_forked             (QnetReactor          *reactor);
void                 qnet_reactor_orphan_forked         (QnetReactor          *reactor);
/* A loop has iterated its context at least once. Until then what is left for the next turn may stay
 * undone: the program may have no loop at all. */
gboolean             qnet_reactor_has_loop              (QnetReactor          *reactor);
QnetChunkPool       *qnet_reactor_get_chunk_pool        (QnetReactor          *reactor);
/* different in each turn, never 0 */
guint                qnet_reactor_get_turn              (QnetReactor          *reactor);
/* (transfer none) (nullable) */
GMainContext        *qnet_reactor_get_context           (QnetReactor          *reactor);

/* In the child of a fork: orphans the watches of the reactor, as the next turn of its loop
 * would. */
static inline void
qnet_reactor_leave_parent (QnetReactor *reactor)
{
  if (qnet_has_forked ())
    qnet_reactor_orphan_forked (reactor);
}

/* The private context in which GResolver runs its asynchronous code, and in which the results of
 * other threads arrive. While it is pushed it is the thread default, so operations that are started
 * then end there. Their callbacks only store the result and call qnet_watch_defer(). Hold it from
 * the start of an operation to its callback: the loop iterates it only while it is held. It has to
 * be created before, which fails (with an errno) if no descriptor is available. */
gboolean             qnet_reactor_make_embedded_context (QnetReactor          *reactor,
                                                         int                  *out_error_number);
void                 qnet_reactor_push_embedded_context (QnetReactor          *reactor);
void                 qnet_reactor_pop_embedded_context  (QnetReactor          *reactor);
void                 qnet_reactor_hold_embedded_context (QnetReactor          *reactor);
void                 qnet_reactor_release_embedded_context (QnetReactor       *reactor);

/* Iterates it until it is no longer held, for a second at most: for reactors that no loop iterates
 * afterwards. */
void                 qnet_reactor_drain_embedded_context (QnetReactor         *reactor);

/* The watches and deadlines of an object */

/* takes a reference */
void                 qnet_wait_set_init                 (QnetWaitSet          *set,
                                                         QnetReactor          *reactor);
/* stops all its watches and deadlines */
void                 qnet_wait_set_clear                (QnetWaitSet          *set);
/* The same, and it belongs to another reactor from now on. */
void                 qnet_wait_set_move                 (QnetWaitSet          *set,
                                                         QnetReactor          *reactor);
/* In any thread, while the set is not cleared: whose it is now; and @func is called in its context
 * (FALSE: there is none; always takes @data). No reference is taken: one thread must not free a
 * GSource while another one frees its context. */
QnetPlace            qnet_wait_set_find_place           (QnetWaitSet          *set);
gboolean             qnet_wait_set_invoke               (QnetWaitSet          *set,
                                                         GSourceFunc           func,
                                                         gpointer              data,
                                                         GDestroyNotify        free_data);

/* Blocks until an event of @set occurs, at most until @until (monotonic microseconds, G_MAXINT64
 * for no limit), and dispatches it: sends what its watches have queued, polls its descriptors and
 * those of the private context once, then calls ready() and deadlines. Serves no other set. FALSE
 * if nothing happened until then, or before qnet_set_wait_interrupt_fd() interrupted it. Works on a
 * detached reactor, without a loop. */
gboolean             qnet_wait_set_iterate              (QnetWaitSet          *set,
                                                         gint64                until);
/* The same within @limits, whose cancellable any thread may cancel; returns the reason for
 * returning. If no event can occur it returns at once. */
QnetWaitStep         qnet_wait_set_step                 (QnetWaitSet          *set,
                                                         const QnetWaitLimits *limits);
/* Whether the wait ends because it was cancelled or interrupted; only the first sets *@error. */
gboolean             qnet_wait_step_is_stopped          (QnetWaitStep          step,
                                                         const QnetWaitLimits *limits,
                                                         GError              **error);
/* A step of a call that takes no limits. NULL: events were served. Otherwise an error (transfer
 * full) with one of the two sentences: @stuck if no event can occur. */
GError              *qnet_wait_set_step_unlimited       (QnetWaitSet          *set,
                                                         const char           *interrupted,
                                                         const char           *stuck);
void                 qnet_wait_limits_init              (QnetWaitLimits       *limits,
                                                         int                   msecs,
                                                         GCancellable         *cancellable);

/* The same, but also returns, with TRUE, when @extra (nullable) is ready: the descriptor of a
 * cancellable. */
gboolean             qnet_wait_set_iterate_full         (QnetWaitSet          *set,
                                                         gint64                until,
                                                         GPollFD              *extra);

/* Around a wait, or anything else that blocks: no other thread begins to use the reactor meanwhile.
 * (transfer full) (nullable), and then transfer full */
QnetReactor         *qnet_wait_set_begin_blocking       (QnetWaitSet          *set);
void                 qnet_reactor_end_blocking          (QnetReactor          *reactor);
gboolean             qnet_reactor_is_blocking           (QnetReactor          *reactor);

/* Watches */

void                 qnet_watch_init                    (QnetWatch            *watch,
                                                         const QnetWatchFuncs *funcs,
                                                         QnetWaitSet          *set);
void                 qnet_watch_start                   (QnetWatch            *watch,
                                                         int                   fd,
                                                         QnetReadiness         interest);
/* NONE: the backend does not watch the descriptor */
void                 qnet_watch_set_interest            (QnetWatch            *watch,
                                                         QnetReadiness         interest);
/* before close(); also removes deferrals and flushes */
void                 qnet_watch_stop                    (QnetWatch            *watch);
/* also removes it from the set */
void                 qnet_watch_clear                   (QnetWatch            *watch);
/* to another set of the same reactor; what was deferred or queued stays so */
void                 qnet_watch_move                    (QnetWatch            *watch,
                                                         QnetWaitSet          *set);
/* From lend() to end_loan(), which returns whether anything was recorded, another thread has the
 * owner of the watch; the reactor's thread is kept out of it. */
void                 qnet_watch_lend                    (QnetWatch            *watch);
gboolean             qnet_watch_end_loan                (QnetWatch            *watch);
void                 qnet_watch_take_back               (QnetWatch            *watch);
/* calls ready (DEFERRED) in the next turn; also without a descriptor */
void                 qnet_watch_defer                   (QnetWatch            *watch);
/* the deferred work is done already */
void                 qnet_watch_take_back_flush         (QnetWatch            *watch);
/* the reactor was created in the parent process */
gboolean             qnet_watch_is_forked               (const QnetWatch      *watch);
/* calls flush() at the end of this dispatch, or before the loop sleeps */
void                 qnet_watch_queue_flush             (QnetWatch            *watch);

/* Deadlines: one heap per reactor */

void                 qnet_deadline_init                 (QnetDeadline         *deadline,
                                                         QnetDeadlineFunc      func,
                                                         QnetWaitSet          *set);
/* if it is running: moves it */
void                 qnet_deadline_start                (QnetDeadline         *deadline,
                                                         gint64                due);
void                 qnet_deadline_stop                 (QnetDeadline         *deadline);
gboolean             qnet_deadline_is_running           (const QnetDeadline   *deadline);
/* to another set of the same reactor */
void                 qnet_deadline_move                 (QnetDeadline         *deadline,
                                                         QnetWaitSet          *set);

/* Monotonic microseconds; tests can set a clock of their own (NULL: g_get_monotonic_time). */
gint64               qnet_clock_now                     (void);
void                 qnet_clock_set_for_tests           (gint64              (*clock) (void));

/* @msecs from now, as iterate() takes it; G_MAXINT64 if negative. */
gint64               qnet_clock_until                   (int                   msecs);

G_END_DECLS
