/* qnet-connection-private.h: the life of a socket's connection, from the first state to the last
 *
 * What all sockets that connect have in common, whatever kind of address they connect to. A class embeds a QnetConnection, and
 * says in a QnetConnectionClass what it knows better. The public functions of the class are a thin layer above.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-reactor-private.h"
#include "socket/qnet-io-device-private.h"

G_BEGIN_DECLS

typedef struct _QnetConnection      QnetConnection;
typedef struct _QnetConnectionClass QnetConnectionClass;

/* Limits in milliseconds that are properties; 0 means none. */
typedef enum /*< skip >*/
{
  QNET_TIMING_LOOKUP_TIMEOUT,
  QNET_TIMING_CONNECT_TIMEOUT,
  QNET_TIMING_IDLE_TIMEOUT,
  QNET_TIMING_CLOSE_TIMEOUT,
  QNET_TIMING_ATTEMPT_DELAY,
  QNET_N_TIMINGS
} QnetTiming;

/* Signals that each class has for itself. */
typedef enum /*< skip >*/
{
  QNET_CONNECTION_CONNECTED,
  QNET_CONNECTION_DISCONNECTED,
  QNET_CONNECTION_STATE_CHANGED,   /* with the state */
  QNET_CONNECTION_ERROR_OCCURRED,  /* with a GError */
  QNET_N_CONNECTION_SIGNALS
} QnetConnectionSignal;

/* One per class, filled in by its class_init. None of the functions emits anything but notifications. */
struct _QnetConnectionClass
{
  guint        signals[QNET_N_CONNECTION_SIGNALS];
  GParamSpec  *state;               /* the property */

  /* What moves the bytes of that descriptor, which it takes. */
  void       (*init_transport)     (QnetIODevice *device, QnetTransport *transport, int fd);
  /* Drops what makes a connection, and what is bound. */
  void       (*stop)               (QnetIODevice *device);
  /* A use begins, or has ended: what was known of the peer is forgotten. */
  void       (*forget)             (QnetIODevice *device);
  /* The connection is about to end, and handlers may still ask who the peer was: after that the kernel does not know. */
  void       (*remember)           (QnetIODevice *device);
  /* (nullable): the channel is about to be closed, and may go on for a while to send what was written. */
  void       (*closing)            (QnetIODevice *device);
  /* (transfer full) (nullable): the peer, for an error text. */
  char      *(*describe_peer)      (QnetIODevice *device);
  /* (nullable) (transfer full): the properties that change with a connection, as they are now. Only while somebody listens. */
  gpointer   (*snapshot)           (QnetIODevice *device);
  /* Notifies of what has changed since, and frees @before. */
  void       (*compare)            (QnetIODevice *device, gpointer before);
  /* (transfer full): to whom it connects, for an error text. */
  char      *(*describe_target)    (QnetIODevice *device);
};

struct _QnetConnection
{
  const QnetConnectionClass *klass;
  QnetIODevice *device;           /* whose this is */
  int          *timings;          /* (owned) (nullable): QNET_N_TIMINGS of them, NULL while all are defaults */
  GSocket      *socket;           /* (owned) (nullable): over a duplicate of the descriptor, made on demand */
  gpointer      before;           /* (owned) (nullable): within a change: the class's snapshot */
  GTask        *connect_task;     /* (owned) (nullable): a connect_to_*_async() under way */
  GTask        *disconnect_task;  /* (owned) (nullable) */
  GPtrArray    *refusals;         /* (owned) (nullable): of GError: why calls that have none were refused, to be emitted in the next turn */
  QnetDeadline  deadline;         /* CONNECTED: idle-timeout; CLOSING: close-timeout */
  guint         serial;           /* changes with each new connection and each end */
  guint         n_established;    /* connections that `connected` was emitted for: waits compare */
  guint         n_ended;          /* connections that have ended: waits compare */
  guint         state             : 3;  /* QnetSocketState; set_state() is its only writer */
  guint         disconnect_wanted : 1;  /* once connected */
  guint         holds_self        : 1;
  guint         allow_half_open   : 1;
};

extern const QnetIODeviceHooks qnet_connection_hooks;
extern const int qnet_connection_default_timings[QNET_N_TIMINGS];

/* qnet-connection.c: states, and the end */

void     qnet_connection_init           (QnetConnection            *self,
                                         QnetIODevice              *device,
                                         const QnetConnectionClass *klass);
void     qnet_connection_dispose        (QnetConnection            *self);   /* silent */
void     qnet_connection_finalize       (QnetConnection            *self);

void     qnet_connection_set_state      (QnetConnection            *self,
                                         QnetSocketState            state);
/* A new state and all that changes with it: in between nothing is notified. */
void     qnet_connection_begin_change   (QnetConnection            *self);
void     qnet_connection_end_change     (QnetConnection            *self,
                                         QnetSocketState            state);
/* (transfer full) (nullable): whom it connects to, or is connected to, for an error text. */
char    *qnet_connection_describe       (QnetConnection            *self);
gboolean qnet_connection_is_still       (QnetConnection            *self,
                                         guint                      serial,
                                         QnetSocketState            state);  /* after an emission: the same one, in that state? */
/* All take @error (transfer full). */
void     qnet_connection_emit_error     (QnetConnection            *self,
                                         const GError              *error);  /* the signal alone; @error stays the caller's */
void     qnet_connection_fail           (QnetConnection            *self,
                                         GError                    *error);  /* property and signal */
/* A connection, or one that is closing, ends by our own decision, and nothing more is sent. */
void     qnet_connection_break          (QnetConnection            *self,
                                         GError                    *error);
void     qnet_connection_retell_refusals (QnetConnection           *self);   /* after the channel has closed */
void     qnet_connection_disconnect_now (QnetConnection            *self);   /* from CONNECTED */
void     qnet_connection_disconnect     (QnetConnection            *self);
void     qnet_connection_abort          (QnetConnection            *self);
void     qnet_connection_shutdown_write (QnetConnection            *self);
void     qnet_connection_restart_idle   (QnetConnection            *self);

/* qnet-connection-beginning.c */

gboolean qnet_connection_can_begin      (QnetConnection            *self,
                                         GError                   **error);  /* neither in use nor closed for good */
void     qnet_connection_begin          (QnetConnection            *self);   /* a new use: reactor, empty buffers, no error; within a change */
/* For a call without a GError of its own. Nothing of it happens inside the call: what runs is not touched, and @error
 * (transfer full) is emitted in the next turn. */
void     qnet_connection_refuse         (QnetConnection            *self,
                                         GError                    *error);
void     qnet_connection_open_channel   (QnetConnection            *self,
                                         int                        fd);     /* takes it */
/* From CONNECTING to CONNECTED; takes @fd, and ends the change that its caller has begun. */
void     qnet_connection_established    (QnetConnection            *self,
                                         int                        fd);
/* To UNCONNECTED, from BOUND as well; ends the change that its caller has begun. */
void     qnet_connection_stop           (QnetConnection            *self);
void     qnet_connection_give_up        (QnetConnection            *self,
                                         GError                    *error);  /* (transfer full) */
/* A descriptor fresh from accept(): connected, non-blocking, of the right kind, so nothing is asked of the kernel. Takes @fd.
 * The socket is CONNECTED, belongs to @reactor, and does not read before it was handed out. Nothing is emitted. */
void     qnet_connection_adopt_accepted (QnetConnection            *self,
                                         QnetReactor               *reactor,
                                         int                        fd);

/* qnet-connection-descriptor.c */

GSocket           *qnet_connection_get_socket (QnetConnection      *self,
                                               int                  fd);     /* -1: there is none */
GSocketConnection *qnet_connection_steal      (QnetConnection      *self,
                                               GError             **error);

/* qnet-connection-tasks.c */

/* NULL: it has ended already. */
GTask   *qnet_connection_new_connect_task (QnetConnection          *self,
                                           gboolean                 is_bound,   /* which is no obstacle */
                                           const char              *target,     /* to whom, for the error text */
                                           int                      io_priority,
                                           GCancellable            *cancellable,
                                           GAsyncReadyCallback      callback,
                                           gpointer                 user_data);
/* After connecting was asked for: a handler of state-changed may have aborted it already. */
void     qnet_connection_await_connect    (QnetConnection          *self,
                                           GTask                   *task);
void     qnet_connection_disconnect_async (QnetConnection          *self,
                                           gpointer                 source_tag,
                                           int                      io_priority,
                                           GCancellable            *cancellable,
                                           GAsyncReadyCallback      callback,
                                           gpointer                 user_data);
/* A task that is cancelled from any thread, by @cancelled_cb in the socket's own; while @task is under way alone. */
void     qnet_connection_watch_cancellable (GTask                  *task,
                                            GSourceFunc             cancelled_cb);
/* TRUE: one is pending already, and @task (transfer full) has ended with that. */
gboolean qnet_connection_refuse_second    (GTask                  **pending,
                                           GTask                   *task);
/* *@task (nullable) becomes NULL and ends, with @error (transfer full) or well. */
void     qnet_connection_end_task         (GTask                  **task,
                                           GError                  *error);
/* @target (nullable): to whom it was to connect. */
GError  *qnet_connection_new_abort_error  (const char              *target);

/* qnet-connection-settings.c */

int      qnet_connection_get_timing      (QnetConnection           *self,
                                          QnetTiming                timing);
void     qnet_connection_set_timing      (QnetConnection           *self,
                                          QnetTiming                timing,
                                          int                       msecs,
                                          const char               *prop);     /* it notifies of */
void     qnet_connection_set_allow_half_open (QnetConnection       *self,
                                          gboolean                  allow_half_open);

/* qnet-connection-waiting.c */

gboolean qnet_connection_wait_for_connected    (QnetConnection     *self,
                                                int                 msecs,
                                                GError            **error);
gboolean qnet_connection_wait_for_disconnected (QnetConnection     *self,
                                                int                 msecs,
                                                GError            **error);

G_END_DECLS
