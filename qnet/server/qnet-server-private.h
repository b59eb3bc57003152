/* qnet-server-private.h: what the parts and the subclasses of QnetServer share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-incoming-private.h"
#include "server/qnet-connections-private.h"
#include "server/qnet-listener-private.h"
#include "server/qnet-proxy-listener-private.h"

#include "qnet-abstract-socket.h"
#include "qnet-server.h"

G_BEGIN_DECLS

/* The default of read-buffer-size and unsent-limit. */
#define QNET_SERVER_BUFFER_SIZE (1024 * 1024)

typedef struct _QnetServerHooks   QnetServerHooks;
typedef struct _QnetServerAccept  QnetServerAccept;
typedef struct _QnetServerPrivate QnetServerPrivate;

/* What a class of servers knows better; set in its class_init. */
struct _QnetServerHooks
{
  /* Looks at a listening stream socket that somebody else has made, and gives it the options that ours have. FALSE: it is
   * not of this class's family. */
  gboolean (*adopt)   (QnetServer *self, int fd);
  /* (nullable): is about to cease to listen, or has done so as its context has gone. May be called again. */
  void     (*stopping) (QnetServer *self);
  /* Began or ceased to listen: forget what was known of the descriptor, and notify. */
  void     (*changed) (QnetServer *self);

  /* The class's own incoming_connection(): where it is not overridden no code of the program sees the descriptor. */
  void     (*incoming) (QnetServer *self, int fd);
  /* (nullable): where it listens, for messages. */
  char    *(*describe) (QnetServer *self);

  /* A class whose connections are not ready as soon as they were accepted: it queues each in its own time, and calls
   * qnet_server_announce_connection(). NULL for the others. */

  /* In a wait: moves those that come, until @until or for a moment. FALSE: there are none. */
  gboolean (*advance) (QnetServer *self, gint64 until);
  /* The server does not listen any more: drops them. */
  void     (*drop)    (QnetServer *self);
};

/* The pending qnet_server_accept_async(). */
struct _QnetServerAccept
{
  GTask   *task;    /* (owned) (nullable): NULL while there is none */
  GSource *wake;    /* (owned) (nullable): looks for a connection in the next turn */
  GSource *cancel;  /* (owned) (nullable): its cancellable */
};

/* Who has come by a proxy, as that says. */
typedef struct
{
  QnetHostAddress *address;  /* (not owned) (nullable): it does not say */
  guint16          port;
} QnetServerGuest;

struct _QnetServerPrivate
{
  QnetServer       *self;                     /* whose this is */
  QnetListener      listener;
  QnetProxyListener *proxied;                 /* (owned) (nullable): listens in place of @listener */
  const QnetServerGuest *guest;               /* (not owned) (nullable): in incoming_connection(), about a connection by a proxy */
  const QnetIncoming *incoming;               /* (not owned) (nullable): in incoming_connection() */
  GError            *proxied_end;             /* (owned) (nullable): why it listens no more */
  QnetServerAccept  accept;
  QnetConnections   connections;
  GSocket          *socket;                   /* (owned) (nullable): over a duplicate, once somebody asked */
  GError           *error;                    /* (owned) (nullable) */
  gint64            read_buffer_size;         /* bytes, 0: no limit */
  gint64            unsent_limit;             /* bytes, 0: no limit */
  int               max_pending_connections;
  int               max_connections;          /* 0: no limit */
  int               listen_backlog_size;
  int               n_coming;                 /* accepted, and not queued yet: a subclass's */
  int               max_coming;               /* 0: no limit */
  guint             n_announced;              /* connections told by new-connection: waits compare */
  gboolean          is_torn_down;             /* dispose has begun: nothing is emitted any more */
};

/* For subclasses */

/* FALSE with an error while listening. */
gboolean          qnet_server_check_idle     (QnetServer        *self,
                                              GError           **error);
/* Takes @fd, which listens and is non-blocking. */
void              qnet_server_start          (QnetServer        *self,
                                              int                fd);
/* Takes @failure: it becomes the property, and *@error. Returns FALSE. */
gboolean          qnet_server_fail           (QnetServer        *self,
                                              GError            *failure,
                                              GError           **error);
/* A connection that came has been queued: emits new-connection. */
void              qnet_server_announce_connection (QnetServer   *self);
/* Whether a descriptor is a listening stream socket of this server's family; if so it has the options that ours have. */
gboolean          qnet_server_fits           (QnetServer        *self,
                                              int                fd);
/* To which the connections it accepts belong. */
QnetReactor      *qnet_server_get_reactor    (QnetServer        *self);

/* Makes @proxy listen at @address: blocks until it does, or does not. FALSE with *@error alone set. */
gboolean          qnet_server_start_by_proxy (QnetServer        *self,
                                              QnetNetworkProxy  *proxy,
                                              QnetHostAddress   *address,
                                              guint16            port,
                                              GError           **error);
/* In incoming_connection(): sets the peer of @socket, as the proxy or accept() has named it: the kernel forgets it when the
 * client resets. */
void              qnet_server_introduce_peer (QnetServer        *self,
                                              QnetAbstractSocket *socket);

/* For the parts */

/* Something that others can see has changed: it listens, or does not, or elsewhere. */
void              qnet_server_announce       (QnetServer        *self);
/* Ceases to listen, and tells nobody. */
void              qnet_server_stop           (QnetServer        *self);
/* Hands a new connection to the class: @incoming has its descriptor, and its address where accept() has said it. */
void              qnet_server_take_incoming  (QnetServer        *self,
                                              QnetIncoming      *incoming,
                                              const QnetServerGuest *guest);  /* (nullable): who has come by a proxy */
void              qnet_server_emit_accept_error (QnetServer     *self,
                                              GError            *error);  /* (transfer full) */

/* Why accept() has failed, and where. */
void              qnet_server_set_accept_error (QnetServer      *self,
                                              int                error_number,
                                              GError           **error);

QnetServerPrivate *qnet_server_get_private   (QnetServer        *self);
/* Accepts, or does not, as the limits say. */
void              qnet_server_update_limits  (QnetServer        *self);
/* As qnet_server_next_pending_connection(), but the connection does not read before qnet_io_device_hand_out(). */
QnetIODevice     *qnet_server_take_pending   (QnetServer        *self) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full): nobody will ask for it any more. */
void              qnet_server_discard        (QnetIODevice      *connection);

/* qnet-server-properties.c */

void              qnet_server_class_install_properties (GObjectClass *object_class);
/* (transfer full) (nullable): becomes the property; notifies. */
void              qnet_server_take_error     (QnetServer        *self,
                                              GError            *error);

/* qnet-server-wait.c: there may be a connection for qnet_server_accept_async(), or never one: it looks in the next turn. */

void              qnet_server_wake_accept    (QnetServer        *self);

G_END_DECLS
