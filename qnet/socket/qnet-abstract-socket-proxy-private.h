/* qnet-abstract-socket-proxy-private.h: the proxy of a socket
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "connection/qnet-datagram-relay-private.h"
#include "connection/qnet-tunnel-private.h"
#include "socket/qnet-abstract-socket-private.h"

G_BEGIN_DECLS

typedef struct _QnetBindRequest QnetBindRequest;

/* Only allocated if the socket has a proxy. */
struct _QnetSocketProxy
{
  QnetNetworkProxy  *proxy;         /* (owned) (nullable): NULL for DEFAULT */
  char              *protocol_tag;  /* (owned) (nullable) */
  QnetTunnel        *tunnel;        /* (owned) (nullable): in HOST_LOOKUP and CONNECTING */

  /* Datagrams */
  QnetNetworkProxy  *relaying;      /* (owned) (nullable): of a tunnel for datagrams */
  char              *peer_host;     /* (owned) (nullable): the name of the peer of that tunnel */
  int                bound_fd;      /* (owned): bound before that tunnel, or -1 */
  QnetDatagramRelay *relay;         /* (owned) (nullable): while bound or connected */
  QnetBindRequest   *bind_request;  /* (owned) (nullable): has a reference to the socket */
};

QnetSocketProxy *qnet_abstract_socket_ensure_proxy (QnetAbstractSocket    *self);

/* qnet-abstract-socket-relay.c */

/* The tunnel to a relay is established: @control (transfer full) is its connection; @relay and
 * @port are the address of the relay. */
void             qnet_abstract_socket_take_relay   (QnetAbstractSocket    *self,
                                                    int                    control,
                                                    QnetHostAddress       *relay,
                                                    guint16                port);

G_END_DECLS
