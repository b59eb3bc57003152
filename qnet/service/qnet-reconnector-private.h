/* qnet-reconnector-private.h: what the files of QnetReconnector share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/qnet-hold-private.h"
#include "service/qnet-service-clock-private.h"

#include "qnet-reconnector.h"

G_BEGIN_DECLS

/* What to connect to. */
typedef struct
{
  GSocketConnectable *connectable;  /* (owned) (nullable) */
  char               *server;       /* (owned) (nullable): the name of a local server instead */
} QnetCandidate;

struct _QnetReconnector
{
  GObject                 parent_instance;

  QnetSocket             *socket;          /* (owned) (nullable): NULL: disposed */
  GPtrArray              *candidates;      /* (owned) (element-type QnetCandidate) */
  guint                   n_failed;        /* attempts that have moved on to the next candidate */
  const QnetServiceClock *clock;

  /* Settings */
  gboolean                encrypted;
  int                     min_delay;       /* milliseconds, as the others */
  int                     max_delay;
  int                     max_attempts;    /* 0: no limit */
  int                     stable_time;
  GNetworkMonitor        *monitor;         /* (owned) (nullable) */
  gboolean                is_monitor_set;  /* or that of the system is used, once it is needed */

  /* From start() to stop() */
  GMainContext           *context;         /* (owned) (nullable) */
  gpointer                thread;          /* that has used it last, see qnet_thread_self() */
  QnetReconnectorState    state;
  guint                   serial;          /* of the state: another one after each change */
  guint                   notified_serial; /* that of the last notification */
  int                     n_attempts;      /* since the count began */
  guint                   n_waits;         /* the same */
  GError                 *error;           /* (owned) (nullable): the last one */
  GError                 *reason;          /* (owned) (nullable): why an attempt is aborted here */
  int                     held;            /* PREPARING: the number of the hold, or 0 */
  int                     n_holds;
  gboolean                encrypts;        /* CONNECTING: what `encrypted` was at the beginning */
  gboolean                is_busy;         /* CONNECTING: another connection has to end first */
  GSource                *timer;           /* (owned) (nullable) */
  gint64                  due;             /* WAITING: when to try, microseconds; -1: no network */

  /* The network */
  GSource                *network_source;  /* (owned) (nullable): something has changed */
  gulong                  network_handler;
  gboolean                had_network;     /* when it was looked at last */
  gboolean                began_without;   /* CONNECTING: there was none when the attempt began */
  gboolean                ignores_network; /* peers answer although there is none */

  GQueue                  awaiting;        /* (element-type GTask) (owned) */
  QnetHold                life;
};

/* What emits holds the reconnector until it has returned: see qnet-hold-private.h. */
typedef QnetReconnector QnetHeldReconnector;

static inline QnetHeldReconnector *
qnet_reconnector_hold_life (QnetReconnector *self)
{
  qnet_hold_begin (&self->life);

  return self;
}

static inline void
qnet_reconnector_release_life (QnetHeldReconnector *self)
{
  qnet_hold_end (&self->life, self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetHeldReconnector, qnet_reconnector_release_life)

/* qnet-reconnector.c */

/* Whether the caller is in the thread of the reconnector; with a critical message if not. */
gboolean qnet_reconnector_check_caller (QnetReconnector      *self,
                                        const char           *function);

/* Behind the checks of the arguments of a public function */
#define QNET_RECONNECTOR_CHECK_CALLER(self, ...)                               \
  if (G_UNLIKELY (!qnet_reconnector_check_caller ((self), G_STRFUNC)))         \
    return __VA_ARGS__

/* Changes the state, the count and the error (transfer full) (nullable), and notifies. FALSE: a
 * handler has changed the state again, or dropped the last reference. */
gboolean qnet_reconnector_change       (QnetReconnector      *self,
                                        QnetReconnectorState  state,
                                        int                   n_attempts,
                                        GError               *error);
void     qnet_reconnector_begin        (QnetReconnector      *self);
/* An attempt is aborted, without being counted, and repeated in the next turn. */
void     qnet_reconnector_repeat       (QnetReconnector      *self);
/* An attempt, or the connection, has ended. Takes @error. */
void     qnet_reconnector_end          (QnetReconnector      *self,
                                        GError               *error);
/* The socket is connected and prepared. */
void     qnet_reconnector_succeed      (QnetReconnector      *self);

/* qnet-reconnector-socket.c: what the socket reports */

void     qnet_reconnector_watch_socket (QnetReconnector      *self);

/* qnet-reconnector-candidates.c: what to connect to */

void     qnet_candidate_free           (QnetCandidate        *candidate);
gboolean qnet_reconnector_is_free      (QnetReconnector      *self);
/* Begins to connect to the candidate whose turn it is, once the socket is free. */
void     qnet_reconnector_connect      (QnetReconnector      *self);
/* Its text. */
char    *qnet_reconnector_get_target   (QnetReconnector      *self);

/* qnet-reconnector-preparing.c: what comes before the application sees the connection */

void     qnet_reconnector_prepare      (QnetReconnector      *self);
/* The next turn after resume() or fail(). */
void     qnet_reconnector_continue     (QnetReconnector      *self);
void     qnet_reconnector_class_add_prepare (GObjectClass    *object_class);

/* qnet-reconnector-waiting.c: the time to wait, and the network */

/* A timer that calls @callback at @time. */
void     qnet_reconnector_start_timer  (QnetReconnector      *self,
                                        gint64                time);
void     qnet_reconnector_stop_timer   (QnetReconnector      *self);
/* Chooses when to try again. The state follows. */
void     qnet_reconnector_begin_wait   (QnetReconnector      *self);
/* Milliseconds, or -1 */
int      qnet_reconnector_compute_left (QnetReconnector      *self);
/* Without a choice of the application, that of the system for an Internet socket. */
void     qnet_reconnector_ensure_monitor  (QnetReconnector   *self);
void     qnet_reconnector_replace_monitor (QnetReconnector   *self,
                                           GNetworkMonitor   *monitor);  /* (nullable) */
gboolean qnet_reconnector_has_network  (QnetReconnector      *self);
void     qnet_reconnector_watch_network   (QnetReconnector   *self);
void     qnet_reconnector_unwatch_network (QnetReconnector   *self);

/* qnet-reconnector-awaiting.c: asynchronous waits */

/* Takes those that wait now, before anything is emitted: a handler may begin the next wait. */
GQueue   qnet_reconnector_take_awaiting (QnetReconnector     *self);
/* Ends them; @error (nullable): they have failed. */
void     qnet_reconnector_end_awaiting (GQueue               *awaiting,
                                        const GError         *error);

/* qnet-reconnector-properties.c */

void     qnet_reconnector_class_install_properties (GObjectClass *object_class);
void     qnet_reconnector_notify_time_left (QnetReconnector  *self);
/* Whether each second is notified. */
gboolean qnet_reconnector_shows_time_left  (QnetReconnector  *self);
void     qnet_reconnector_notify_change    (QnetReconnector  *self,
                                            gboolean          has_count_changed,
                                            gboolean          has_error_changed,
                                            gboolean          has_time_changed);

G_END_DECLS
