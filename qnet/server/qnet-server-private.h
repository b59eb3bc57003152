/* qnet-server-private.h: what the parts and the subclasses of QnetServer share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/qnet-hold-private.h"
#include "connection/qnet-incoming-private.h"
#include "server/qnet-connections-private.h"
#include "server/qnet-listener-private.h"
#include "server/qnet-proxy-listener-private.h"

#include "qnet-abstract-socket.h"
#include "qnet-server.h"

G_BEGIN_DECLS

/* The default of read-buffer-size and unsent-limit. */
#define QNET_SERVER_BUFFER_SIZE (1024 * 1024)

/* How many PROXY headers are read at the same time. */
#define QNET_SERVER_MAX_READING 1024

typedef struct _QnetServerAccept       QnetServerAccept;
typedef struct _QnetServerClassPrivate QnetServerClassPrivate;
typedef struct _QnetServerPrivate      QnetServerPrivate;
typedef struct _QnetServerStart        QnetServerStart;
typedef struct _QnetServerStop         QnetServerStop;  /* qnet-server-stopping.c */

/* The private virtual functions of a server. A class that overrides some calls
 * qnet_server_class_get_private() in its class_init. */
struct _QnetServerClassPrivate
{
  /* What next_pending_connection() of the class returns: no other connection can be queued. */
  GType    connection_type;

  /* Sets the options that this class sets on a listening stream socket that was made elsewhere.
   * FALSE: the socket is of another family. */
  gboolean (*adopt)    (QnetServer *self,
                        int         fd);
  /* (nullable): FALSE with an error if the class lacks something that it needs to listen. */
  gboolean (*check)    (QnetServer  *self,
                        GError     **error);
  /* (nullable): the server is about to stop listening, or has stopped since its main context was
   * freed. May be called more than once. */
  void     (*stopping) (QnetServer *self);
  /* The server has started or stopped listening: forget what was known of the descriptor, and
   * notify. */
  void     (*changed)  (QnetServer *self);

  /* The class's own incoming_connection(): where it is not overridden, no code of the application
   * sees the descriptor. */
  void     (*incoming) (QnetServer *self,
                        int         fd);
  /* (nullable): TRUE if the class has taken the descriptor of @incoming, to pass it on later by
   * qnet_server_handle_incoming(). */
  gboolean (*read_header) (QnetServer         *self,
                           const QnetIncoming *incoming);
  /* (nullable): where the server listens, for messages. */
  char    *(*describe) (QnetServer *self);

  /* For a class that prepares connections after they were accepted: it queues each when it is
   * ready, and calls qnet_server_emit_new_connection(). NULL for the others. */

  /* In a wait: makes progress with the connections that are being prepared, until @until or for a
   * moment. FALSE: there are none. */
  gboolean (*advance)  (QnetServer *self,
                        gint64      until);
  /* The server does not listen any more: drops those connections. */
  void     (*drop)     (QnetServer *self);
  /* There is room for another pending connection. Must not emit a signal. */
  void     (*has_room) (QnetServer *self);
};

/* The pending qnet_server_accept_async(). */
struct _QnetServerAccept
{
  GTask   *task;    /* (owned) (nullable): NULL when none is pending */
  GSource *wake;    /* (owned) (nullable): looks for a connection in the next iteration */
  GSource *cancel;  /* (owned) (nullable): of its cancellable */
};

/* The peer of a connection by a proxy, as the proxy reports it. */
typedef struct
{
  QnetHostAddress *address;  /* (not owned) (nullable): NULL if it is not reported */
  guint16          port;
} QnetProxiedPeer;

/* The request to a proxy to listen, until it listens or has refused. */
struct _QnetServerStart
{
  QnetProxyListener *listener;   /* (owned): NULL once it has ended */
  GTask             *task;       /* (owned) (nullable): NULL for a call that blocks */
  GSource           *cancel;     /* (owned) (nullable): the cancellable of @task */
  gboolean           has_ended;
  GError            *error;      /* (owned) (nullable): of a call that blocks */
};

struct _QnetServerPrivate
{
  QnetListener           listener;
  QnetProxyListener     *proxy_listener;           /* (owned) (nullable): in place of @listener */
  const QnetProxiedPeer *proxied_peer;             /* (nullable): in incoming_connection() */
  const QnetIncoming    *incoming;                 /* (nullable): in incoming_connection() */
  GError                *proxy_error;              /* (owned) (nullable): why the proxy stopped */
  QnetServerStart       *start;                    /* (nullable): on the stack in a blocking call */
  QnetServerStop        *stop;                     /* (owned) (nullable): while the server stops */
  QnetServerAccept       accept;
  QnetConnections        connections;
  GSocket               *socket;                   /* (owned) (nullable): made on demand */
  GError                *error;                    /* (owned) (nullable) */
  gint64                 read_buffer_size;         /* bytes, 0: no limit */
  gint64                 unsent_limit;             /* bytes, 0: no limit */
  gint64                 write_buffer_high_water;  /* bytes, 0: none */
  gint64                 write_buffer_low_water;
  int                    idle_timeout;             /* milliseconds, 0: no limit */
  int                    max_pending_connections;
  int                    max_connections;          /* 0: no limit */
  int                    listen_backlog_size;
  int                    n_preparing;              /* accepted, and not queued yet: a subclass's */
  int                    max_preparing;            /* 0: no limit */
  int                    n_reading;                /* accepted, and their header is being read */
  gint64                 n_refused;                /* by their address */
  guint                  n_emitted;                /* emissions of new-connection, for waits */
  guint                  n_stops;                  /* that have dropped pending connections */
  gboolean               is_fd_shared;             /* others may use the listening descriptor */
  QnetHold               hold;
};

QnetServerPrivate *qnet_server_get_private             (QnetServer             *self);

/* What emits, or calls a function that may, holds the server until it has returned: see
 * qnet-hold-private.h. */
typedef QnetServer QnetHeldServer;

QnetHeldServer    *qnet_server_hold                    (QnetServer             *self);
void               qnet_server_release                 (QnetHeldServer         *self);

/* How many connections were accepted and are not queued yet. */
static inline int
qnet_server_count_preparing (const QnetServerPrivate *priv)
{
  return priv->n_preparing + priv->n_reading;
}

/* Whether no more connections may be pending. */
gboolean           qnet_server_is_full                 (QnetServer             *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetHeldServer, qnet_server_release)

/* The class's own copy of the private virtual functions, which begins with those of its parent. For
 * class_init. */
QnetServerClassPrivate *
                   qnet_server_class_get_private       (QnetServerClass        *klass);

/* Behind the checks of the arguments of a public function: returns the rest from a call in a thread
 * that does not own the server. */
#define QNET_SERVER_CHECK_CALLER(server, ...)                                                    \
  if (G_UNLIKELY (!qnet_reactor_check_caller (                                                   \
        qnet_server_get_private ((QnetServer *) (server))->listener.set.reactor, (server),       \
        G_STRFUNC)))                                                                             \
    return __VA_ARGS__

#define QNET_SERVER_CHECK_CALLER_OR_FAIL(server, error, ...)                                     \
  if (G_UNLIKELY (!qnet_reactor_check_caller (                                                   \
        qnet_server_get_private ((QnetServer *) (server))->listener.set.reactor, (server),       \
        G_STRFUNC)))                                                                             \
    {                                                                                            \
      qnet_set_thread_error (error);                                                             \
      return __VA_ARGS__;                                                                        \
    }

/* In an asynchronous function, whose parameters have their usual names. */
#define QNET_SERVER_CHECK_CALLER_OR_CALL_BACK(server, tag)                                       \
  if (G_UNLIKELY (!qnet_reactor_check_caller (                                                   \
        qnet_server_get_private ((QnetServer *) (server))->listener.set.reactor, (server),       \
        G_STRFUNC)))                                                                             \
    {                                                                                            \
      qnet_return_thread_error ((server), (gpointer) (tag), io_priority, callback, user_data);   \
      return;                                                                                    \
    }

/* For subclasses */

/* FALSE with an error while listening. */
gboolean           qnet_server_can_listen              (QnetServer             *self,
                                                        GError                **error);
/* Takes @fd, which listens and is non-blocking. */
void               qnet_server_start                   (QnetServer             *self,
                                                        int                     fd);
/* Takes @failure, which becomes the property and *@error. Returns FALSE. */
gboolean           qnet_server_fail                    (QnetServer             *self,
                                                        GError                 *failure,
                                                        GError                **error);
/* A new connection has been queued: emits new-connection. */
void               qnet_server_emit_new_connection     (QnetServer             *self);
/* Whether a descriptor is a listening stream socket of this server's family; sets its options. */
gboolean           qnet_server_adopt                   (QnetServer             *self,
                                                        int                     fd);
/* The reactor of the connections that the server accepts. */
QnetReactor       *qnet_server_get_reactor             (QnetServer             *self);

/* Makes @proxy listen at @address: blocks until it listens or has failed. FALSE with *@error alone
 * set. */
gboolean           qnet_server_start_by_proxy          (QnetServer             *self,
                                                        QnetNetworkProxy       *proxy,
                                                        QnetHostAddress        *address,
                                                        guint16                 port,
                                                        GError                **error);
/* The same without blocking: @task (transfer full) returns whether the proxy listens. */
void               qnet_server_start_by_proxy_async    (QnetServer             *self,
                                                        QnetNetworkProxy       *proxy,
                                                        QnetHostAddress        *address,
                                                        guint16                 port,
                                                        GTask                  *task);
/* In incoming_connection() for @fd: sets the peer of @socket, as the proxy or accept() has reported
 * it. The kernel does not know it any more once the client has reset the connection. Does nothing
 * if an override calls that later, or for another descriptor. */
void               qnet_server_set_peer_of             (QnetServer             *self,
                                                        QnetAbstractSocket     *socket,
                                                        int                     fd);

/* For the parts of QnetServer */

/* Notifies that the server has started or stopped listening, or listens elsewhere. */
void               qnet_server_notify_listening        (QnetServer             *self);
/* Stops listening, without notifying. */
void               qnet_server_stop                    (QnetServer             *self);
/* Gives up a call that waits until a proxy listens. */
void               qnet_server_close_start             (QnetServer             *self);
/* As stop(), but keeps the connections that have not been taken; notifies. */
void               qnet_server_end_listening           (QnetServer             *self);
gboolean           qnet_server_has_refusal_handler     (QnetServer             *self);
void               qnet_server_emit_refused            (QnetServer             *self,
                                                        QnetHostAddress        *address,
                                                        const GError           *error);
/* Takes @error. */
void               qnet_server_emit_accept_error       (QnetServer             *self,
                                                        GError                 *error);
/* Why accept() has failed, and where. */
void               qnet_server_set_accept_error        (QnetServer             *self,
                                                        int                     error_number,
                                                        GError                **error);
/* Accepts connections, or does not, as the limits require. */
void               qnet_server_update_limits           (QnetServer             *self);
void               qnet_server_set_hold                (QnetServerPrivate      *priv,
                                                        QnetListenerHold        hold,
                                                        gboolean                is_held);
/* As qnet_server_next_pending_connection(), but the connection does not read before
 * qnet_io_device_start_reading(). */
QnetSocket        *qnet_server_take_pending            (QnetServer             *self)
                                                       G_GNUC_WARN_UNUSED_RESULT;
/* Takes @connection, which was taken from the queue, and which the application will not get. */
void               qnet_server_release_connection      (QnetSocket             *connection);

/* qnet-server-incoming.c: passes a new connection to the class. @incoming has its descriptor, and
 * its address if accept() has reported it. @proxied_peer is NULL for a connection without a
 * proxy. */

void               qnet_server_handle_incoming         (QnetServer             *self,
                                                        QnetIncoming           *incoming,
                                                        const QnetProxiedPeer  *proxied_peer);

/* qnet-server-admission.c: refusing peers by their address. With an admission only: FALSE if the
 * connection was refused, and closed. */

gboolean           qnet_server_admits                  (QnetServer             *self,
                                                        const QnetIncoming     *incoming,
                                                        const QnetProxiedPeer  *proxied_peer);
/* @connection is that of incoming_connection(), or a queued one; it counts until it is released, or
 * until uncount(). */
void               qnet_server_count_incoming          (QnetServer             *self,
                                                        QnetSocket             *connection);
void               qnet_server_count_connection        (QnetServer             *self,
                                                        QnetSocket             *connection);
void               qnet_server_uncount_connection      (QnetServer             *self,
                                                        QnetSocket             *connection);

/* qnet-server-defaults.c: before the connection is queued */

void               qnet_server_apply_defaults          (QnetServer             *self,
                                                        QnetSocket             *connection);

/* qnet-server-properties.c */

void               qnet_server_class_install_properties (GObjectClass          *object_class);
/* Takes @error (nullable), which becomes the property; notifies. */
void               qnet_server_take_error              (QnetServer             *self,
                                                        GError                 *error);
void               qnet_server_notify_stopping         (QnetServer             *self);
void               qnet_server_count_refusal           (QnetServer             *self);

/* qnet-server-proxy.c: ends the request to a proxy that does not listen yet. Takes @error, which is
 * the reason. */

void               qnet_server_give_up_start           (QnetServer             *self,
                                                        GError                 *error);

/* qnet-server-stopping.c: for a server that stops. To be called when a connection was taken or has
 * ended; emits nothing. */

void               qnet_server_continue_stop           (QnetServer             *self);
/* A client that waited was the last one. */
void               qnet_server_stop_drained            (QnetServer             *self);
/* The server is disposed. */
void               qnet_server_abandon_stop            (QnetServer             *self);

/* qnet-server-wait.c: qnet_server_accept_async() looks for a connection in the next iteration. To
 * be called when there may be one, or when there cannot be one any more. */
void               qnet_server_wake_accept             (QnetServer             *self);

G_END_DECLS
