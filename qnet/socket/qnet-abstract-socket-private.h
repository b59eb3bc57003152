/* qnet-abstract-socket-private.h: what the parts of QnetAbstractSocket, and servers, share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-reactor-private.h"
#include "socket/qnet-connector-private.h"
#include "socket/qnet-io-device-private.h"
#include "socket/qnet-socket-options-private.h"

#include "qnet-abstract-socket.h"
#include "qnet-authenticator.h"

G_BEGIN_DECLS

typedef struct _QnetAbstractSocketPrivate QnetAbstractSocketPrivate;
typedef struct _QnetSocketProxy           QnetSocketProxy;

/* Limits in milliseconds that are properties; 0 means none. */
typedef enum
{
  QNET_TIMING_LOOKUP_TIMEOUT,
  QNET_TIMING_CONNECT_TIMEOUT,
  QNET_TIMING_IDLE_TIMEOUT,
  QNET_TIMING_CLOSE_TIMEOUT,
  QNET_TIMING_ATTEMPT_DELAY,
  QNET_N_TIMINGS
} QnetTiming;

struct _QnetAbstractSocketPrivate
{
  QnetConnector     *connector;      /* (owned) (nullable): in HOST_LOOKUP and CONNECTING */
  QnetSocketProxy   *proxy;          /* (owned) (nullable): NULL while nothing was ever set of it */
  QnetSocketOptions *options;        /* (owned) (nullable): NULL while all are defaults */
  int               *timings;        /* (owned) (nullable): QNET_N_TIMINGS of them, NULL while all are defaults */
  char              *peer_name;      /* (owned) (nullable) */
  QnetHostAddress   *peer_address;   /* (owned) (nullable): NULL: ask the kernel when somebody wants it */
  QnetHostAddress   *local_address;  /* (owned) (nullable): as above */
  GSocket           *socket;         /* (owned) (nullable): over a duplicate of the descriptor, made on demand */
  GTask             *connect_task;   /* (owned) (nullable): a connect_to_*_async() under way */
  GTask             *disconnect_task;
  GError            *refusal;        /* (owned) (nullable): why a connect_to_host() was refused, to be emitted in the next turn */
  QnetDeadline       deadline;       /* CONNECTED: idle-timeout; CLOSING: close-timeout */
  guint              serial;         /* of the connection: changes with each new one and each end */
  int                bound_fd;       /* (owned) in BOUND, else -1; UDP's has the channel */
  guint16            peer_port;
  guint16            local_port;
  gint8              socket_type;    /* QnetSocketType */
  guint              state             : 3;  /* QnetSocketState; set_state() is its only writer */
  guint              disconnect_wanted : 1;  /* once connected */
  guint              holds_self        : 1;
  guint              allow_half_open   : 1;
  guint              options_are_late  : 1;  /* set while connecting: once more when connected */
  guint              reuse_port        : 1;  /* QnetUdpSocket:reuse-port */
};

QnetAbstractSocketPrivate *qnet_abstract_socket_get_private  (QnetAbstractSocket        *self);
QnetAbstractSocket        *qnet_abstract_socket_from_private (QnetAbstractSocketPrivate *priv);

/* qnet-abstract-socket-settings.c */
extern const int qnet_abstract_socket_default_timings[QNET_N_TIMINGS];

/* qnet-abstract-socket.c */
int      qnet_abstract_socket_get_timing         (QnetAbstractSocket *self,
                                                  QnetTiming          timing);
void     qnet_abstract_socket_emit_state_changed (QnetAbstractSocket *self);
void     qnet_abstract_socket_emit_host_found    (QnetAbstractSocket *self);
void     qnet_abstract_socket_emit_connected     (QnetAbstractSocket *self);
void     qnet_abstract_socket_emit_disconnected  (QnetAbstractSocket *self);
gboolean qnet_abstract_socket_ends_are_watched   (QnetAbstractSocket *self);  /* somebody hears state-changed or disconnected */
void     qnet_abstract_socket_emit_proxy_authentication_required (QnetAbstractSocket *self,
                                                                  QnetNetworkProxy   *proxy,
                                                                  QnetAuthenticator  *authenticator);
gboolean qnet_abstract_socket_answers_proxies    (QnetAbstractSocket *self);  /* somebody hears that */
void     qnet_abstract_socket_emit_error_occurred (QnetAbstractSocket *self,
                                                  const GError       *error);
void     qnet_abstract_socket_fail               (QnetAbstractSocket *self,
                                                  GError             *error);  /* (transfer full): property and error-occurred */

/* qnet-abstract-socket-connection.c: the state machine */
extern const QnetIODeviceHooks qnet_abstract_socket_hooks;

void     qnet_abstract_socket_init_connection    (QnetAbstractSocket *self);
void     qnet_abstract_socket_dispose_connection (QnetAbstractSocket *self);
void     qnet_abstract_socket_set_state          (QnetAbstractSocket *self,
                                                  QnetSocketState     state);
/* A new state and all that changes with it: in between nothing is notified. */
void     qnet_abstract_socket_begin_change       (QnetAbstractSocket *self);
void     qnet_abstract_socket_end_change         (QnetAbstractSocket *self,
                                                  QnetSocketState     state);
gboolean qnet_abstract_socket_is_still           (QnetAbstractSocket *self,
                                                  guint               serial,
                                                  QnetSocketState     state);  /* after an emission: the same connection, in that state? */
void     qnet_abstract_socket_retell_refusal     (QnetAbstractSocket *self);   /* after the channel has closed */
void     qnet_abstract_socket_disconnect_now     (QnetAbstractSocket *self);   /* from CONNECTED */
/* A connection, or one that is closing, ends by our own decision, and nothing more is sent. */
void     qnet_abstract_socket_break_connection   (QnetAbstractSocket *self,
                                                  GError             *error);  /* (transfer full) */
void     qnet_abstract_socket_open_channel       (QnetAbstractSocket *self,
                                                  int                 fd);     /* takes it */
void     qnet_abstract_socket_hold_bound_fd      (QnetAbstractSocket *self,
                                                  int                 fd);     /* takes it */
int      qnet_abstract_socket_take_bound_fd      (QnetAbstractSocket *self);   /* or -1 */
void     qnet_abstract_socket_restart_idle       (QnetAbstractSocket *self);

/* qnet-abstract-socket-proxy.c */
void     qnet_socket_proxy_free                  (QnetSocketProxy    *socket_proxy);
/* NULL in @out_proxy (transfer full): none. FALSE never means none. May run the program's own factory. */
gboolean qnet_abstract_socket_choose_proxy       (QnetAbstractSocket *self,
                                                  const char         *host,
                                                  guint16             port,
                                                  QnetNetworkProxy  **out_proxy,
                                                  GError            **error);
/* In place of a connector; with @refusal (transfer full) (nullable) it fails in the next turn. */
void     qnet_abstract_socket_start_tunnel       (QnetAbstractSocket *self,
                                                  const QnetConnectorRequest *request,
                                                  QnetNetworkProxy   *proxy,    /* (nullable) */
                                                  GError             *refusal);
/* The connector, or the tunnel. */
void     qnet_abstract_socket_drop_connector     (QnetAbstractSocket *self);
gboolean qnet_abstract_socket_has_connector      (QnetAbstractSocket *self);

/* qnet-abstract-socket-connecting.c */
void     qnet_abstract_socket_found              (QnetAbstractSocket *self);   /* the addresses: connecting begins */
gboolean qnet_abstract_socket_configure          (QnetAbstractSocket *self,
                                                  int                 fd,
                                                  int                 family,
                                                  GError            **error);
void     qnet_abstract_socket_take_connection    (QnetAbstractSocket *self,
                                                  int                 fd,      /* takes it */
                                                  QnetHostAddress    *address);
gboolean qnet_abstract_socket_can_begin          (QnetAbstractSocket *self,
                                                  GError            **error);  /* neither in use nor closed for good */
void     qnet_abstract_socket_begin              (QnetAbstractSocket *self);   /* a new use: reactor, empty buffers, no error; within a change */
void     qnet_abstract_socket_stop_connecting    (QnetAbstractSocket *self);   /* to UNCONNECTED, from BOUND as well; ends the change that its caller has begun */
void     qnet_abstract_socket_give_up_connecting (QnetAbstractSocket *self,
                                                  GError             *error);  /* (transfer full) */

/* qnet-abstract-socket-async.c */

/* A task that is cancelled from any thread, by @cancelled_cb in the socket's own; while @task is under way alone. */
void     qnet_abstract_socket_watch_cancellable  (GTask              *task,
                                                  GSourceFunc         cancelled_cb);
/* TRUE: one is pending already, and @task (transfer full) has ended with that. */
gboolean qnet_abstract_socket_refuse_second      (GTask             **pending,
                                                  GTask              *task);
/* *@task (nullable) becomes NULL and ends, with @error (transfer full) or well */
void     qnet_abstract_socket_end_task           (GTask             **task,
                                                  GError             *error);
GError  *qnet_abstract_socket_new_abort_error    (void);

/* qnet-abstract-socket-descriptor.c */
int      qnet_abstract_socket_peek_fd            (QnetAbstractSocket *self);
gboolean qnet_abstract_socket_set_option         (QnetAbstractSocket *self,
                                                  int                 option,  /* QnetSocketOption, or one of qnet-socket-options-private.h */
                                                  int                 value,
                                                  GError            **error);
void     qnet_abstract_socket_remember_addresses (QnetAbstractSocket *self);
void     qnet_abstract_socket_forget_addresses   (QnetAbstractSocket *self);
void     qnet_abstract_socket_forget_local_address (QnetAbstractSocket *self);

/* For servers */

/* Whom a descriptor leads to that is connected to a proxy. @address (nullable): the proxy does not say. */
void     qnet_abstract_socket_set_peer           (QnetAbstractSocket *self,
                                                  QnetHostAddress    *address,
                                                  guint16             port);

/* A descriptor fresh from accept(): connected, non-blocking, of the right kind, so nothing is asked of the kernel. Takes @fd.
 * The socket is CONNECTED, belongs to @reactor, and does not read before qnet_abstract_socket_hand_out(). Nothing is emitted. */
void     qnet_abstract_socket_adopt_accepted     (QnetAbstractSocket *self,
                                                  QnetReactor        *reactor,
                                                  int                 fd);

/* The connection has found its owner: reading starts in the next turn. Again: nothing. */
void     qnet_abstract_socket_hand_out           (QnetAbstractSocket *self);

G_END_DECLS
