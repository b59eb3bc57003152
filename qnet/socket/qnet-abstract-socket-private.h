/* qnet-abstract-socket-private.h: what the files of QnetAbstractSocket, and servers, share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <netinet/in.h>

#include "connection/qnet-connector-private.h"
#include "connection/qnet-datagram-relay-private.h"
#include "connection/qnet-incoming-private.h"
#include "connection/qnet-socket-options-private.h"
#include "device/qnet-io-device-private.h"
#include "socket/qnet-socket-private.h"

#include "qnet-abstract-socket.h"
#include "qnet-authenticator.h"

G_BEGIN_DECLS

typedef struct _QnetAbstractSocketPrivate QnetAbstractSocketPrivate;
typedef struct _QnetHostSequence          QnetHostSequence;
typedef struct _QnetSocketProxy           QnetSocketProxy;
typedef struct _QnetRelayLease            QnetRelayLease;
typedef struct _QnetRelayRequest          QnetRelayRequest;

struct _QnetAbstractSocketPrivate
{
  QnetConnector     *connector;      /* (owned) (nullable): in HOST_LOOKUP and CONNECTING */
  QnetHostSequence  *sequence;       /* (owned) (nullable): the same, for several hosts */
  QnetSocketProxy   *proxy;          /* (owned) (nullable): NULL if no property of it was set */
  QnetSocketOptions *options;        /* (owned) (nullable): NULL while all are defaults */
  char              *peer_name;      /* (owned) (nullable) */
  QnetHostAddress   *peer_address;   /* (owned) (nullable): if NULL, see @peer, or getpeername() */
  QnetHostAddress   *local_address;  /* (owned) (nullable): if NULL, getsockname() returns it */
  union {
    sa_family_t         family;      /* AF_UNSPEC: not stored */
    struct sockaddr_in  in;
    struct sockaddr_in6 in6;
  } peer;                            /* of an accepted one; not in the kernel after a reset */
  int                bound_fd;       /* (owned): in BOUND, or -1; for UDP the channel has it */
  guint16            peer_port;      /* once connected */
  guint16            target_port;    /* the port of the last request */
  guint16            local_port;
  gint8              socket_type;    /* QnetSocketType */
  guint              options_are_late  : 1;  /* set while connecting: set again once connected */
  guint              reuse_port        : 1;  /* QnetUdpSocket:reuse-port */
  guint              has_header        : 1;  /* in the data of the object */
};

QnetAbstractSocketPrivate *qnet_abstract_socket_get_private (QnetAbstractSocket *self);

/* qnet-abstract-socket.c */
void     qnet_abstract_socket_emit_host_found    (QnetAbstractSocket *self);
void     qnet_abstract_socket_emit_attempt       (QnetAbstractSocket *self,
                                                  QnetHostAddress    *address,
                                                  guint16             port,
                                                  QnetAttemptState    state,
                                                  const GError       *error);  /* (nullable) */
void     qnet_abstract_socket_emit_proxy_authentication_required
                                                 (QnetAbstractSocket *self,
                                                  QnetNetworkProxy   *proxy,
                                                  QnetAuthenticator  *authenticator);
/* Whether the signal has a handler. */
gboolean qnet_abstract_socket_answers_proxies    (QnetAbstractSocket *self);

/* qnet-abstract-socket-connection.c */
void     qnet_abstract_socket_class_install_connection (QnetSocketClass *klass);

/* qnet-abstract-socket-descriptor.c */
int      qnet_abstract_socket_peek_fd            (QnetAbstractSocket *self);
/* SOCK_STREAM or SOCK_DGRAM. */
int      qnet_abstract_socket_native_type        (QnetAbstractSocket *self);
/* Virtual function of QnetSocket. */
gboolean qnet_abstract_socket_take_fd            (QnetSocket         *socket,
                                                  int                 fd,
                                                  QnetSocketState     state,
                                                  GError            **error);
void     qnet_abstract_socket_hold_bound_fd      (QnetAbstractSocket *self,
                                                  int                 fd);     /* takes it */
int      qnet_abstract_socket_take_bound_fd      (QnetAbstractSocket *self);   /* or -1 */

/* qnet-abstract-socket-proxy.c */
void     qnet_socket_proxy_free                  (QnetSocketProxy    *socket_proxy);
/* Sets @out_proxy (transfer full) to NULL if there is none. FALSE is a failure, never a direct
 * connection. May run a factory of the application. */
gboolean qnet_abstract_socket_choose_proxy       (QnetAbstractSocket *self,
                                                  const char         *host,
                                                  guint16             port,
                                                  QnetNetworkProxy  **out_proxy,
                                                  GError            **error);
/* The same for bind(): @out_proxy, which has to be NULL before, is NULL except for datagrams. */
gboolean qnet_abstract_socket_choose_relay       (QnetAbstractSocket *self,
                                                  QnetHostAddress    *address,  /* (nullable) */
                                                  guint16             port,
                                                  QnetNetworkProxy  **out_proxy,
                                                  GError            **error);
/* Instead of a connector; with @refusal (transfer full) (nullable) it fails in the next turn. */
void     qnet_abstract_socket_start_tunnel       (QnetAbstractSocket *self,
                                                  const QnetConnectorRequest *request,
                                                  QnetNetworkProxy   *proxy,    /* (nullable) */
                                                  GError             *refusal);
/* Of the connector, or the tunnel. */
void     qnet_abstract_socket_drop_connector     (QnetAbstractSocket *self);
gboolean qnet_abstract_socket_has_connector      (QnetAbstractSocket *self);
/* The tunnel (nullable) was that of another socket. */
void     qnet_abstract_socket_move_tunnel        (QnetAbstractSocket *self);
/* Only while there is a tunnel. */
gboolean qnet_abstract_socket_tunnel_is_looking_up (QnetAbstractSocket *self);

/* qnet-abstract-socket-binding.c: ends a bind_async() that waits for a relay. */
void     qnet_abstract_socket_give_up_bind       (QnetAbstractSocket *self);

/* qnet-abstract-socket-relay.c: datagrams through a proxy */

/* Exactly one of @lease and @error (both transfer full) is NULL. The request may be freed in it. */
typedef void (*QnetRelayRequestFunc)              (QnetAbstractSocket *self,
                                                  QnetRelayLease     *lease,
                                                  GError             *error,
                                                  gpointer            user_data);

/* Requests a relay from @proxy. @ended is called from the loop of the calling thread, once, never
 * from within this function, and not after free(). */
QnetRelayRequest *qnet_abstract_socket_request_relay (QnetAbstractSocket   *self,
                                                  QnetNetworkProxy     *proxy,
                                                  QnetRelayRequestFunc  ended,
                                                  gpointer              user_data)
                                                 G_GNUC_WARN_UNUSED_RESULT;
void     qnet_relay_request_free                 (QnetRelayRequest   *request);

/* Blocks until there is a relay, or the request has failed. NULL with @error set. The relay is used
 * after attach(). Handlers run meanwhile. */
QnetRelayLease *qnet_abstract_socket_lease_relay (QnetAbstractSocket *self,
                                                  QnetNetworkProxy   *proxy,
                                                  GError            **error);
void     qnet_relay_lease_free                   (QnetRelayLease     *lease);
/* Connects @fd, which is bound, to the relay. */
gboolean qnet_relay_lease_connect                (QnetRelayLease     *lease,
                                                  int                 fd,
                                                  GError            **error);
/* The socket, whose use has begun, uses the relay from now on. Takes @lease. */
void     qnet_abstract_socket_attach_relay       (QnetAbstractSocket *self,
                                                  QnetRelayLease     *lease);
void     qnet_abstract_socket_drop_relay         (QnetAbstractSocket *self);
/* (nullable) */
QnetDatagramRelay *qnet_abstract_socket_get_relay (QnetAbstractSocket *self);
/* Whether there is a relay, or it was requested. */
gboolean qnet_abstract_socket_is_relayed         (QnetAbstractSocket *self);
/* FALSE with @error set, the reason only: an option that was set before has no effect through a
 * proxy. */
gboolean qnet_abstract_socket_check_relaying     (QnetAbstractSocket *self,
                                                  GError            **error);

/* qnet-abstract-socket-connecting.c */
/* Connecting begins. @is_known: the addresses of the host are known, and not only those of its
 * proxy. */
void     qnet_abstract_socket_found              (QnetAbstractSocket *self,
                                                  gboolean            is_known);
gboolean qnet_abstract_socket_configure          (QnetAbstractSocket *self,
                                                  int                 fd,
                                                  int                 family,
                                                  GError            **error);
void     qnet_abstract_socket_take_connection    (QnetAbstractSocket *self,
                                                  int                 fd,      /* takes it */
                                                  QnetHostAddress    *address);
/* Takes @error. */
void     qnet_abstract_socket_fail_to_connect    (QnetAbstractSocket *self,
                                                  GError             *error);
gboolean qnet_abstract_socket_has_own_transport  (QnetAbstractSocket *self);
gboolean qnet_abstract_socket_may_connect        (QnetAbstractSocket *self,
                                                  GError            **error);
/* The first half: what @host, which is the name of the peer, is connected to follows, and
 * qnet_socket_end_change(). */
void     qnet_abstract_socket_begin_connecting   (QnetAbstractSocket *self,
                                                  const char         *host,
                                                  guint16             port,
                                                  QnetOpenMode        open_mode);
/* While connecting, without a connector: connects to @host. @refusal (transfer full) (nullable):
 * why no proxy could be chosen. */
void     qnet_abstract_socket_continue_connecting (QnetAbstractSocket *self,
                                                  const char         *host,
                                                  guint16             port,
                                                  QnetNetworkProxy   *proxy,    /* (nullable) */
                                                  GError             *refusal);
/* connect_to_host() by that proxy, and no other. */
void     qnet_abstract_socket_connect_by_proxy   (QnetAbstractSocket *self,
                                                  const char         *host,
                                                  guint16             port,
                                                  QnetNetworkProxy   *proxy);
/* Calls qnet_socket_begin(), and clears the name of the peer. */
void     qnet_abstract_socket_begin              (QnetAbstractSocket *self);

/* Virtual function of QnetAbstractSocket. */
void     qnet_abstract_socket_real_connect_to_host_full (QnetAbstractSocket *self,
                                                  const char         *host,
                                                  guint16             port,
                                                  QnetOpenMode        open_mode,
                                                  QnetNetworkLayerProtocol protocol);

/* qnet-abstract-socket-connectables.c: several hosts, one after another */

/* FALSE: there is no sequence. Takes @error otherwise. */
gboolean qnet_abstract_socket_try_next_host      (QnetAbstractSocket *self,
                                                  GError             *error);
/* (nullable): NULL if there is no sequence */
const char *
         qnet_abstract_socket_get_sequence_description (QnetAbstractSocket *self);
void     qnet_abstract_socket_drop_sequence      (QnetAbstractSocket *self);
/* It was that of another socket. */
void     qnet_abstract_socket_move_sequence      (QnetAbstractSocket *self);

/* qnet-abstract-socket-addresses.c */
/* Stores the peer as a struct sockaddr. */
void     qnet_abstract_socket_note_peer          (QnetAbstractSocket *self);
void     qnet_abstract_socket_set_native_peer    (QnetAbstractSocket    *self,
                                                  const struct sockaddr *peer,   /* (nullable) */
                                                  socklen_t              size);
/* Sets peer_address, if there is a peer. */
void     qnet_abstract_socket_learn_peer         (QnetAbstractSocket *self);
void     qnet_abstract_socket_remember_addresses (QnetAbstractSocket *self);
void     qnet_abstract_socket_forget_addresses   (QnetAbstractSocket *self);
/* The PROXY header of @incoming. */
void     qnet_abstract_socket_note_header        (QnetAbstractSocket *self,
                                                  const QnetIncoming *incoming);
void     qnet_abstract_socket_forget_local_address (QnetAbstractSocket *self);

/* For servers */

/* The peer of a connection through a proxy. @address (nullable): the proxy does not report it. */
void     qnet_abstract_socket_set_peer           (QnetAbstractSocket *self,
                                                  QnetHostAddress    *address,
                                                  guint16             port);

/* See qnet_socket_adopt_accepted(). */
void     qnet_abstract_socket_adopt_accepted     (QnetAbstractSocket *self,
                                                  QnetReactor        *reactor,
                                                  int                 fd);

G_END_DECLS
