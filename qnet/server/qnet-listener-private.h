/* qnet-listener-private.h: accepts connections from a listening descriptor
 *
 * A listener knows no GObject and no address family: it watches a descriptor, accepts in batches,
 * and calls the functions of its owner.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>

#include "loop/qnet-reactor-private.h"

G_BEGIN_DECLS

typedef struct _QnetListener      QnetListener;
typedef struct _QnetListenerFuncs QnetListenerFuncs;

/* Called from the reactor or from a wait. Each may do anything with the listener, which reads its
 * fields again after each. The owner keeps itself alive by enter() and leave(). */
struct _QnetListenerFuncs
{
  /* The owner stays in memory until leave(). */
  void (*enter)    (QnetListener          *listener);
  /* The owner drops that reference; the listener is not accessed afterwards. */
  void (*leave)    (QnetListener          *listener);
  /* Takes @fd: non-blocking, close-on-exec. */
  void (*accepted) (QnetListener          *listener,
                    int                    fd,
                    const struct sockaddr *peer,
                    socklen_t              peer_size);
  /* accept() has failed and the listener backs off. Called once until all waiting clients have been
   * accepted. */
  void (*failed)   (QnetListener          *listener,
                    int                    error_number);
  /* After qnet_listener_drain(): all waiting clients have been accepted. */
  void (*drained)  (QnetListener          *listener);
  /* The main context was freed; the listener is closed. */
  void (*orphaned) (QnetListener          *listener);
};

/* Edges: see edges[] in qnet-listener.c. */
typedef enum /*< skip >*/
{
  QNET_LISTENER_CLOSED,      /* no descriptor */
  QNET_LISTENER_ACCEPTING,   /* the descriptor is watched */
  QNET_LISTENER_HELD,        /* not watched: there is a hold */
  QNET_LISTENER_BACKING_OFF  /* not watched, held or not: accept() failed, @retry runs */
} QnetListenerState;

/* Why the owner wants no connection now. */
typedef enum /*< skip >*/
{
  QNET_LISTENER_PAUSED = 1 << 0,  /* its user asked for it */
  QNET_LISTENER_FULL   = 1 << 1   /* it has reached a limit */
} QnetListenerHold;

struct _QnetListener
{
  const QnetListenerFuncs *funcs;
  QnetWaitSet              set;          /* of the reactor in which it listened last */
  QnetWatch                watch;
  QnetDeadline             retry;        /* runs while BACKING_OFF */
  guint                    retry_delay;  /* milliseconds; 0: all clients have been accepted */
  QnetListenerState        state;
  guint                    holds;        /* QnetListenerHold; may be set while CLOSED */
  gboolean                 is_draining;  /* drained() is to be called; also while HELD */
  int                      fd;           /* (owned): -1 while CLOSED */
  int                      last_errno;   /* why accept() failed the last time ... */
  guint                    n_failures;   /* ... and how often it did */
};

void         qnet_listener_init         (QnetListener            *listener,
                                         const QnetListenerFuncs *funcs);
/* Closes the listener, and leaves the reactor. */
void         qnet_listener_clear        (QnetListener            *listener);

/* In the child of a fork, it does not listen any more. */
void         qnet_listener_leave_parent (QnetListener            *listener);

/* Takes @fd, which listens and is non-blocking, and watches it in the current reactor. */
void         qnet_listener_open         (QnetListener            *listener,
                                         int                      fd);

/* Ends PAUSED, too. */
void         qnet_listener_close        (QnetListener            *listener);
gboolean     qnet_listener_is_open      (const QnetListener      *listener);

void         qnet_listener_set_hold     (QnetListener            *listener,
                                         QnetListenerHold         hold,
                                         gboolean                 is_held);
/* Whether one of @holds is set. */
gboolean     qnet_listener_is_held      (const QnetListener      *listener,
                                         QnetListenerHold         holds);

/* Calls drained(), in a later turn, as soon as no client waits. */
void         qnet_listener_drain        (QnetListener            *listener);

/* The kernel accepts no more clients for the listener, whose descriptor no other process may use.
 * Those that wait can still be accepted. Returns whether more may come for a moment, whose
 * handshake is in progress. */
gboolean     qnet_listener_refuse_new   (QnetListener            *listener);

/* Joins the current reactor without a descriptor, so that @set can be used. */
void         qnet_listener_join         (QnetListener            *listener);

/* The reactor in which it listened last, or the current one. */
QnetReactor *qnet_listener_get_reactor  (QnetListener            *listener);

G_END_DECLS
