/* qnet-socket-private.h: the states and events of a connection
 *
 * What all sockets have in common, whatever kind of address they connect to: the state machine, the
 * end of a connection with its signals, time limits, tasks and waits. A class of sockets overrides
 * the private virtual functions below. The machine calls them; they emit nothing but notifications.
 *
 * Everything that changes together is one change: qnet_socket_begin_change(), the new values, and
 * qnet_socket_end_change() with the new state. In between nothing is notified: any handler may
 * call the socket again.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "device/qnet-io-lock-private.h"
#include "loop/qnet-reactor-private.h"

#include "qnet-socket.h"

G_BEGIN_DECLS

typedef struct _QnetSocketClassPrivate QnetSocketClassPrivate;
typedef struct _QnetSocketDeadline     QnetSocketDeadline;  /* qnet-socket-timeouts.c */
typedef struct _QnetSocketPrivate      QnetSocketPrivate;

/* Timeouts in milliseconds that are properties; 0 means none. */
typedef enum /*< skip >*/
{
  QNET_TIMING_LOOKUP_TIMEOUT,
  QNET_TIMING_CONNECT_TIMEOUT,
  QNET_TIMING_IDLE_TIMEOUT,
  QNET_TIMING_CLOSE_TIMEOUT,
  QNET_TIMING_ATTEMPT_DELAY,
  QNET_N_TIMINGS
} QnetTiming;

/* The private virtual functions of a socket. QnetSocket has a default for each, so none is ever
 * NULL. A class that overrides some calls qnet_socket_class_get_private() in its class_init. */
struct _QnetSocketClassPrivate
{
  /* Creates the transport for the bytes of @fd, which it takes. */
  void      (*init_transport)  (QnetSocket          *self,
                                QnetTransport       *transport,
                                int                  fd);
  /* Drops the connection attempt, and a bound descriptor. */
  void      (*stop)            (QnetSocket          *self);
  /* A use begins, or has ended: clears the state of the peer. */
  void      (*forget)          (QnetSocket          *self);
  /* The connection is about to end: gets the addresses that handlers may still need from the
   * kernel. */
  void      (*remember)        (QnetSocket          *self);
  /* The channel is about to be closed. It may remain for a while without the socket, to send the
   * written bytes. */
  void      (*closing)         (QnetSocket          *self);
  /* (transfer full) (nullable): the current values of the properties that change with a connection.
   * It is called while something is connected to `notify` only. */
  gpointer  (*snapshot)        (QnetSocket          *self);
  /* Notifies of what has changed since @before, and frees it. */
  void      (*compare)         (QnetSocket          *self,
                                gpointer             before);
  void      (*free_snapshot)   (gpointer             snapshot);
  /* The descriptor, -1 for none. */
  int       (*get_fd)          (QnetSocket          *self);
  /* Takes over @fd, which is in @state. TRUE: the change has begun. FALSE: @fd still belongs to the
   * caller. */
  gboolean  (*take_fd)         (QnetSocket          *self,
                                int                  fd,
                                QnetSocketState      state,
                                GError             **error);
  /* Whether the descriptor of a connection can be used without the socket. */
  gboolean  (*check_steal)     (QnetSocket          *self,
                                GError             **error);
  /* FALSE with @error set, the reason only, if an option that was set before has no effect through
   * a proxy. */
  gboolean  (*check_relaying)  (QnetSocket          *self,
                                GError             **error);
  /* The type of a socket that can take over from @self what is not established yet; G_TYPE_INVALID
   * for none. */
  GType     (*get_successor)   (QnetSocket          *self);
  /* Moves the attempt to connect, or what is above the transport, to @successor. */
  void      (*hand_over)       (QnetSocket          *self,
                                QnetSocket          *successor);
};

/* What g_io_stream_close() has done inside the call, and the next turn reports. */
typedef enum /*< skip >*/
{
  QNET_UNREPORTED_NOTHING,
  QNET_UNREPORTED_CLOSING,          /* CONNECTED to CLOSING */
  QNET_UNREPORTED_END,              /* CLOSING to UNCONNECTED; notifications are frozen */
  QNET_UNREPORTED_CLOSING_AND_END,  /* both */
  QNET_UNREPORTED_UNBOUND           /* BOUND to UNCONNECTED; notifications are frozen */
} QnetUnreported;

struct _QnetSocketPrivate
{
  int                *timings;          /* (owned) (nullable): QNET_N_TIMINGS; NULL: the defaults */
  GSocket            *socket;           /* (owned) (nullable): over a duplicate, made on demand */
  gpointer            before;           /* (owned) (nullable): snapshot of the class, in a change */
  GTask              *connect_task;     /* (owned) (nullable): a pending connect_to_*_async() */
  GTask              *disconnect_task;  /* (owned) (nullable) */
  GPtrArray          *refusals;         /* (owned) (nullable): of GError, to be emitted */
  /* (owned) (nullable): while there is a limit. CONNECTED: idle-timeout; CLOSING: close-timeout;
   * connecting with a transport of a subclass: its timeout */
  QnetSocketDeadline *deadline;
  guint               serial;           /* changes with each new connection and each end */
  guint               n_established;    /* that `connected` was emitted for: waits compare */
  gsize               n_unreported;     /* bytes that bytes-written reports before the end */
  guint               n_ended;          /* connections that have ended: waits compare */
  guint               state             : 3;  /* QnetSocketState, written by enter_state() only */
  guint               disconnect_wanted : 1;  /* HOST_LOOKUP, CONNECTING: disconnects when done */
  guint               is_successor      : 1;  /* has a reference to itself until UNCONNECTED */
  guint               allow_half_open   : 1;
  guint               unreported        : 3;  /* QnetUnreported */
  guint               notified_paused   : 1;  /* the last value of reading-paused notified */
};

/* The offset of the private structure from the instance; set once by class_init. Marked as
 * internal, it is read without the global offset table. */
G_GNUC_INTERNAL extern int qnet_socket_private_offset;

static inline QnetSocketPrivate *
qnet_socket_get_private (QnetSocket *self)
{
  return (QnetSocketPrivate *) G_STRUCT_MEMBER_P (self, qnet_socket_private_offset);
}

static inline QnetIODevicePrivate *
qnet_socket_get_device (QnetSocket *self)
{
  return qnet_io_device_get_private ((QnetIODevice *) self);
}

static inline QnetChannel *
qnet_socket_get_channel (QnetSocket *self)
{
  return &qnet_socket_get_device (self)->channel;
}

/* Whether a subclass brings the transport of this use. */
static inline gboolean
qnet_socket_has_own_transport (QnetSocket *self)
{
  return qnet_socket_get_device (self)->source != QNET_SOURCE_CHANNEL;
}

static inline gboolean
qnet_socket_is_connecting (QnetSocket *self)
{
  QnetSocketState state = qnet_socket_get_private (self)->state;

  return state == QNET_SOCKET_STATE_HOST_LOOKUP || state == QNET_SOCKET_STATE_CONNECTING;
}

/* The private functions of @self's class. */
static inline const QnetSocketClassPrivate *
qnet_socket_get_functions (QnetSocket *self)
{
  return QNET_SOCKET_GET_CLASS (self)->priv;
}

/* qnet-socket.c: the class, and its signals, which are not emitted once the last reference was
 * dropped */

/* The private virtual functions of the class, a copy that begins with those of its parent. For
 * class_init. */
QnetSocketClassPrivate *qnet_socket_class_get_private (QnetSocketClass *klass);

void     qnet_socket_notify_state        (QnetSocket       *self);
/* If it has changed: it ends with the connection. */
void     qnet_socket_notify_paused       (QnetSocket       *self);
void     qnet_socket_emit_state_changed  (QnetSocket       *self,
                                          QnetSocketState   state);
void     qnet_socket_emit_connected      (QnetSocket       *self);
void     qnet_socket_emit_disconnected   (QnetSocket       *self);
void     qnet_socket_emit_error_occurred (QnetSocket       *self,
                                          const GError     *error);
void     qnet_socket_emit_stopping       (QnetSocket       *self);
/* Whether a handler would be called at the end of a connection. */
gboolean qnet_socket_is_end_observed     (QnetSocket       *self);

/* qnet-socket-transitions.c: states, and the properties that change with them */

void     qnet_socket_change_state        (QnetSocket       *self,
                                          QnetSocketState   state);
/* Without notification: for a disposed socket, one that a server creates, the end of the main
 * context. */
void     qnet_socket_change_state_silently (QnetSocket     *self,
                                          QnetSocketState   state);
void     qnet_socket_begin_change        (QnetSocket       *self);
void     qnet_socket_end_change          (QnetSocket       *self,
                                          QnetSocketState   state);
/* Ends a change that leaves the state as it is. */
void     qnet_socket_end_change_in_state (QnetSocket       *self);
/* After an emission: whether it is still the same connection, in @state. */
gboolean qnet_socket_is_still            (QnetSocket       *self,
                                          guint             serial,
                                          QnetSocketState   state);
/* Emits what is pending before the end of a connection. FALSE: a handler has changed the connection
 * or its state. */
gboolean qnet_socket_emit_pending        (QnetSocket       *self);
/* (transfer full) (nullable): the target of a connection attempt, or the peer, for an error
 * message. */
char    *qnet_socket_describe            (QnetSocket       *self);

/* Takes @error: sets the property, and emits the signal. */
void     qnet_socket_fail                (QnetSocket       *self,
                                          GError           *error);
/* What qnet_socket_refuse() has queued. */
void     qnet_socket_emit_refusals       (QnetSocket       *self);
void     qnet_socket_drop_refusals       (QnetSocket       *self);
/* A channel that closes drops its deferrals. */
void     qnet_socket_defer_refusals      (QnetSocket       *self);

/* qnet-socket-beginning.c: the beginning of a connection, and failures of it */

/* Whether it is neither in use nor closed. */
gboolean qnet_socket_can_begin           (QnetSocket       *self,
                                          GError          **error);
/* A new use: joins the reactor, clears buffers and error. During a change. */
void     qnet_socket_begin               (QnetSocket       *self);
void     qnet_socket_open_channel        (QnetSocket       *self,
                                          int               fd);     /* takes it */
/* From CONNECTING to CONNECTED; takes @fd, and ends the change that its caller has begun. */
void     qnet_socket_established         (QnetSocket       *self,
                                          int               fd);
/* The same without a descriptor: a subclass has its own transport. */
void     qnet_socket_emit_connection (QnetSocket       *self);
/* The attempt, or the use of a bound socket, ends without a connection; ends the change that its
 * caller has begun. */
void     qnet_socket_stop                (QnetSocket       *self);
/* The first half of it: the state is still the same, and the change has not ended. */
void     qnet_socket_stop_silently       (QnetSocket       *self);
/* Refuses a call that has no GError. Nothing happens inside the call; @error (transfer full) is
 * emitted in the next iteration. */
void     qnet_socket_refuse              (QnetSocket       *self,
                                          GError           *error);
/* Connecting has failed; takes @error. */
void     qnet_socket_give_up             (QnetSocket       *self,
                                          GError           *error);
/* A descriptor from accept(), connected, non-blocking, and of the right type, so it is not checked.
 * Takes @fd. The socket is CONNECTED, belongs to @reactor, and does not read before
 * qnet_io_device_start_reading(). Nothing is emitted. */
void     qnet_socket_adopt_accepted      (QnetSocket       *self,
                                          QnetReactor      *reactor,
                                          int               fd);

/* For dispose: what is not established yet, and the bytes, go to a successor. */
void     qnet_socket_hand_over           (QnetSocket       *self);
/* The connection is in progress, or a handshake. */
gboolean qnet_socket_is_being_established (QnetSocket      *self);

/* qnet-socket-ending.c: the end of a connection */

/* From CONNECTED or CLOSING to UNCONNECTED. @orderly: the peer receives all written bytes;
 * otherwise the rest is dropped. */
void     qnet_socket_finish              (QnetSocket       *self,
                                          gboolean          orderly);
/* The same through CLOSING, as in Qt, even if nothing is left to send. */
void     qnet_socket_close_and_finish    (QnetSocket       *self,
                                          gboolean          orderly);
void     qnet_socket_disconnect_now      (QnetSocket       *self);   /* from CONNECTED */
/* Ends on this side, without sending more. Takes @error. */
void     qnet_socket_break               (QnetSocket       *self,
                                          GError           *error);
/* The same, but the written bytes are still sent. Takes @error. */
void     qnet_socket_break_orderly       (QnetSocket       *self,
                                          GError           *error);
/* CLOSING has failed. Takes @error. */
void     qnet_socket_break_closing       (QnetSocket       *self,
                                          GError           *error);
/* Stores the addresses that handlers may still need. */
void     qnet_socket_remember_for_handlers (QnetSocket     *self);
/* Both directions have ended separately (allow-half-open). */
gboolean qnet_socket_is_over             (QnetSocket       *self);
/* The attempt, or the use of a bound socket, is aborted. */
void     qnet_socket_stop_connecting     (QnetSocket       *self);
/* g_io_stream_close(): does inside the call what need not wait, silently. */
void     qnet_socket_close_silently      (QnetSocket       *self);
/* The next turn: emits what that has left out. */
void     qnet_socket_report_close        (QnetSocket       *self);
void     qnet_socket_dispose_connection  (QnetSocket       *self);   /* without signals */
/* Virtual functions of QnetSocket. */
void     qnet_socket_real_disconnect_from_peer (QnetSocket *self);
void     qnet_socket_real_abort          (QnetSocket       *self);
guint    qnet_socket_get_linger_time     (QnetSocket       *self);  /* milliseconds */
void     qnet_socket_real_shutdown_write (QnetSocket       *self);

/* qnet-socket-events.c: the events that the device reports */

void     qnet_socket_class_install_events (QnetSocketClass *klass);

/* qnet-socket-timeouts.c: timeouts */

extern const int qnet_socket_default_timings[QNET_N_TIMINGS];

int      qnet_socket_get_timing          (QnetSocket       *self,
                                          QnetTiming        timing);
void     qnet_socket_set_timing          (QnetSocket       *self,
                                          QnetTiming        timing,
                                          int               msecs,
                                          const char       *prop);   /* notifies of it */
void     qnet_socket_start_deadline      (QnetSocket       *self,
                                          QnetTiming        timing);
void     qnet_socket_stop_deadline       (QnetSocket       *self);
/* In monotonic microseconds, G_MAXINT64 if there is none. */
gint64   qnet_socket_get_due             (QnetSocket       *self);
/* A connection begins, or a setting has changed. */
void     qnet_socket_start_idle          (QnetSocket       *self);
void     qnet_socket_restart_idle        (QnetSocket       *self);
/* (transfer full): @msecs is the limit. */
GError  *qnet_socket_new_connect_timeout_error (QnetSocket *self,
                                          int               msecs);

/* qnet-socket-descriptor.c */

/* How a class without descriptors takes over one. */
gboolean qnet_socket_refuse_fd           (QnetSocket       *self,
                                          int               fd,
                                          QnetSocketState   state,
                                          GError          **error);
/* (transfer full): a socket of @type that continues a connection of GIO's. */
QnetSocket *
         qnet_socket_new_from_connection (GType              type,
                                          GSocketConnection *connection,
                                          GError           **error);

/* qnet-socket-async.c: the tasks of connecting and disconnecting */

/* NULL if it has already ended. @is_bound: a bound socket can be used. @what: what has failed if it
 * cannot begin. */
GTask   *qnet_socket_new_connect_task    (QnetSocket       *self,
                                          gboolean          is_bound,
                                          const char       *what,
                                          int               io_priority,
                                          GCancellable     *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer          user_data);
/* After connecting has begun: a handler of state-changed may have aborted it already. */
/* qnet_socket_refuse(), which also ends the task of the call that is refused. Takes @error. */
void     qnet_socket_refuse_to_connect   (QnetSocket       *self,
                                          GError           *error);
void     qnet_socket_watch_connect_task  (QnetSocket       *self,
                                          GTask            *task);
/* @cancelled_cb runs in the socket's context, whatever thread cancels @task, and only while @task
 * is pending. */
void     qnet_socket_watch_cancellable   (GTask            *task,
                                          GSourceFunc       cancelled_cb);
/* TRUE: one is pending already, and @task (transfer full) has ended with that. */
gboolean qnet_socket_refuse_second       (GTask           **pending,
                                          GTask            *task);
/* Returns from a task of a socket, with @error (transfer full) (nullable): GTask may call back
 * before this returns, outside of the lock. */
void     qnet_socket_return              (GTask            *task,
                                          GError           *error);
/* *@task (nullable) becomes NULL and ends, in the same way. */
void     qnet_socket_end_task            (GTask           **task,
                                          GError           *error);
GError  *qnet_socket_new_abort_error     (const char       *target);  /* (nullable) */

G_END_DECLS
