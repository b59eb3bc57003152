/* qnet-listener-private.h: accepts connections from a listening descriptor
 *
 * A listener knows no GObject and no address family: it watches a descriptor, accepts in batches, and tells its owner.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>

#include "engine/qnet-reactor-private.h"

G_BEGIN_DECLS

typedef struct _QnetListener      QnetListener;
typedef struct _QnetListenerFuncs QnetListenerFuncs;

/* Called from the reactor or from a wait. Each may do anything with the listener; the listener looks at itself anew after
 * each. The owner keeps itself alive by enter() and leave(). */
struct _QnetListenerFuncs
{
  void (*enter)    (QnetListener *listener);                    /* hold a reference on yourself */
  void (*leave)    (QnetListener *listener);                    /* drop it; the listener is not touched afterwards */
  void (*accepted) (QnetListener *listener, int fd,             /* takes @fd: non-blocking, close-on-exec */
                    const struct sockaddr *peer, socklen_t peer_size);
  void (*failed)   (QnetListener *listener, int error_number);  /* the listener backs off; told once until all who wait were served */
  void (*orphaned) (QnetListener *listener);                    /* the context has gone; the listener is closed */
};

/* Why a listener does not watch its descriptor. */
typedef enum /*< skip >*/
{
  QNET_LISTENER_PAUSED      = 1 << 0,  /* its user wants it so */
  QNET_LISTENER_FULL        = 1 << 1,  /* its owner cannot take more */
  QNET_LISTENER_BACKING_OFF = 1 << 2   /* accept() failed; its own */
} QnetListenerHold;

struct _QnetListener
{
  const QnetListenerFuncs *funcs;
  QnetWaitSet              set;          /* of the reactor it listened with last */
  QnetWatch                watch;
  QnetDeadline             retry;        /* runs while BACKING_OFF */
  guint                    retry_delay;  /* milliseconds; 0: nobody waits in vain */
  guint                    holds;        /* QnetListenerHold */
  int                      fd;           /* (owned) -1 while closed */
  int                      last_errno;   /* why accept() failed the last time ... */
  guint                    n_failures;   /* ... and how often it did */
};

void         qnet_listener_init        (QnetListener            *listener,
                                        const QnetListenerFuncs *funcs);
void         qnet_listener_clear       (QnetListener            *listener);  /* close, and leave the reactor */

/* In the child of a fork it does not listen any more. */
void         qnet_listener_leave_parent (QnetListener           *listener);

/* Takes @fd, which listens and is non-blocking, into the reactor of this moment. */
void         qnet_listener_open        (QnetListener            *listener,
                                        int                      fd);

/* Forgets that it was paused, too. */
void         qnet_listener_close       (QnetListener            *listener);
gboolean     qnet_listener_is_open     (const QnetListener      *listener);

void         qnet_listener_set_hold    (QnetListener            *listener,
                                        QnetListenerHold         hold,
                                        gboolean                 is_held);
gboolean     qnet_listener_is_held     (const QnetListener      *listener,
                                        QnetListenerHold         holds);     /* any of them */

/* Enters the reactor of this moment, without a descriptor: its set is there. */
void         qnet_listener_join        (QnetListener            *listener);

/* The reactor it listened with last, or that of this moment. */
QnetReactor *qnet_listener_get_reactor (QnetListener            *listener);

G_END_DECLS
