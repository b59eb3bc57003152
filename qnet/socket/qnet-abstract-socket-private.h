/* qnet-abstract-socket-private.h: what the parts of QnetAbstractSocket, and servers, share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <netinet/in.h>

#include "socket/qnet-connection-private.h"
#include "socket/qnet-connector-private.h"
#include "socket/qnet-datagram-relay-private.h"
#include "socket/qnet-io-device-private.h"
#include "socket/qnet-socket-options-private.h"

#include "qnet-abstract-socket.h"
#include "qnet-authenticator.h"

G_BEGIN_DECLS

typedef struct _QnetAbstractSocketPrivate QnetAbstractSocketPrivate;
typedef struct _QnetSocketProxy           QnetSocketProxy;
typedef struct _QnetRelayLease            QnetRelayLease;

struct _QnetAbstractSocketPrivate
{
  QnetConnection     connection;
  QnetConnector     *connector;      /* (owned) (nullable): in HOST_LOOKUP and CONNECTING */
  QnetSocketProxy   *proxy;          /* (owned) (nullable): NULL while nothing was ever set of it */
  QnetSocketOptions *options;        /* (owned) (nullable): NULL while all are defaults */
  char              *peer_name;      /* (owned) (nullable) */
  QnetHostAddress   *peer_address;   /* (owned) (nullable): NULL: it is in @peer, or the kernel knows it */
  QnetHostAddress   *local_address;  /* (owned) (nullable): NULL: the kernel knows it */
  union {
    sa_family_t         family;      /* AF_UNSPEC: not here */
    struct sockaddr_in  in;
    struct sockaddr_in6 in6;
  } peer;                            /* of an accepted connection: after a reset the kernel does not know any more */
  int                bound_fd;       /* (owned) in BOUND, else -1; UDP's has the channel */
  guint16            peer_port;      /* once connected */
  guint16            target_port;    /* the one that was asked for last */
  guint16            local_port;
  gint8              socket_type;    /* QnetSocketType */
  guint              options_are_late  : 1;  /* set while connecting: once more when connected */
  guint              reuse_port        : 1;  /* QnetUdpSocket:reuse-port */
};

QnetAbstractSocketPrivate *qnet_abstract_socket_get_private  (QnetAbstractSocket        *self);
QnetAbstractSocket        *qnet_abstract_socket_from_private (QnetAbstractSocketPrivate *priv);

/* qnet-abstract-socket.c */
void     qnet_abstract_socket_emit_host_found    (QnetAbstractSocket *self);
void     qnet_abstract_socket_emit_proxy_authentication_required (QnetAbstractSocket *self,
                                                                  QnetNetworkProxy   *proxy,
                                                                  QnetAuthenticator  *authenticator);
gboolean qnet_abstract_socket_answers_proxies    (QnetAbstractSocket *self);  /* somebody hears that */

/* qnet-abstract-socket-connection.c */
extern QnetConnectionClass qnet_abstract_socket_connection_class;  /* the class's class_init completes it */

void     qnet_abstract_socket_hold_bound_fd      (QnetAbstractSocket *self,
                                                  int                 fd);     /* takes it */
int      qnet_abstract_socket_take_bound_fd      (QnetAbstractSocket *self);   /* or -1 */

/* qnet-abstract-socket-proxy.c */
void     qnet_socket_proxy_free                  (QnetSocketProxy    *socket_proxy);
/* NULL in @out_proxy (transfer full): none. FALSE never means none. May run the program's own factory. */
gboolean qnet_abstract_socket_choose_proxy       (QnetAbstractSocket *self,
                                                  const char         *host,
                                                  guint16             port,
                                                  QnetNetworkProxy  **out_proxy,
                                                  GError            **error);
/* As that, for bind(): NULL in @out_proxy, which has to be NULL before, for all but datagrams. */
gboolean qnet_abstract_socket_choose_relay       (QnetAbstractSocket *self,
                                                  QnetHostAddress    *address,  /* (nullable) */
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
gboolean qnet_abstract_socket_tunnel_is_looking_up (QnetAbstractSocket *self);  /* while there is a tunnel */

/* qnet-abstract-socket-relay.c: datagrams through a proxy */

/* Blocks until there is a relay, or none. NULL with @error set. It is of no use before attach(). Handlers run meanwhile. */
QnetRelayLease *qnet_abstract_socket_lease_relay (QnetAbstractSocket *self,
                                                  QnetNetworkProxy   *proxy,
                                                  GError            **error);
void     qnet_relay_lease_free                   (QnetRelayLease     *lease);
/* Makes @fd, which is bound, one that talks to the relay alone. */
gboolean qnet_relay_lease_connect                (QnetRelayLease     *lease,
                                                  int                 fd,
                                                  GError            **error);
/* The socket, which has begun, goes by the relay from now on. Takes @lease. */
void     qnet_abstract_socket_attach_relay       (QnetAbstractSocket *self,
                                                  QnetRelayLease     *lease);
void     qnet_abstract_socket_drop_relay         (QnetAbstractSocket *self);
QnetDatagramRelay *qnet_abstract_socket_get_relay (QnetAbstractSocket *self);  /* (nullable): NULL for most sockets */
/* There is a relay, or it is being asked for. */
gboolean qnet_abstract_socket_is_relayed         (QnetAbstractSocket *self);
/* Whether a relay can do all that was set before. @what (such as "Could not bind to 192.0.2.1 port 80") begins the message. */
gboolean qnet_abstract_socket_check_relaying     (QnetAbstractSocket *self,
                                                  const char         *what,
                                                  GError            **error);

/* qnet-abstract-socket-connecting.c */
/* Connecting begins. @is_known: the addresses of the host are, and not those of its proxy alone. */
void     qnet_abstract_socket_found              (QnetAbstractSocket *self,
                                                  gboolean            is_known);
gboolean qnet_abstract_socket_configure          (QnetAbstractSocket *self,
                                                  int                 fd,
                                                  int                 family,
                                                  GError            **error);
void     qnet_abstract_socket_take_connection    (QnetAbstractSocket *self,
                                                  int                 fd,      /* takes it */
                                                  QnetHostAddress    *address);
void     qnet_abstract_socket_begin              (QnetAbstractSocket *self);   /* qnet_connection_begin(), and no name */

/* qnet-abstract-socket-descriptor.c */
int      qnet_abstract_socket_peek_fd            (QnetAbstractSocket *self);
gboolean qnet_abstract_socket_set_option         (QnetAbstractSocket *self,
                                                  int                 option,  /* QnetSocketOption, or one of qnet-socket-options-private.h */
                                                  int                 value,
                                                  GError            **error);
void     qnet_abstract_socket_note_peer          (QnetAbstractSocket *self);  /* in the shape that costs least */
void     qnet_abstract_socket_set_native_peer    (QnetAbstractSocket    *self,
                                                  const struct sockaddr *peer,   /* (nullable) */
                                                  socklen_t              size);
void     qnet_abstract_socket_learn_peer         (QnetAbstractSocket *self);  /* peer_address, if there is any */
void     qnet_abstract_socket_remember_addresses (QnetAbstractSocket *self);
void     qnet_abstract_socket_forget_addresses   (QnetAbstractSocket *self);
void     qnet_abstract_socket_forget_local_address (QnetAbstractSocket *self);

/* For servers */

/* Whom a descriptor leads to that is connected to a proxy. @address (nullable): the proxy does not say. */
void     qnet_abstract_socket_set_peer           (QnetAbstractSocket *self,
                                                  QnetHostAddress    *address,
                                                  guint16             port);

/* See qnet_connection_adopt_accepted(). */
void     qnet_abstract_socket_adopt_accepted     (QnetAbstractSocket *self,
                                                  QnetReactor        *reactor,
                                                  int                 fd);

G_END_DECLS
