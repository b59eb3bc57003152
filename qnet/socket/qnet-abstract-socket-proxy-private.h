/* qnet-abstract-socket-proxy-private.h: what a socket has of a proxy
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "socket/qnet-abstract-socket-private.h"
#include "socket/qnet-datagram-relay-private.h"
#include "socket/qnet-tunnel-private.h"

G_BEGIN_DECLS

/* What a socket without a proxy has no memory for. */
struct _QnetSocketProxy
{
  QnetNetworkProxy  *proxy;         /* (owned) (nullable): NULL for DEFAULT */
  char              *protocol_tag;  /* (owned) (nullable) */
  QnetTunnel        *tunnel;        /* (owned) (nullable): in HOST_LOOKUP and CONNECTING, through a proxy */

  /* Datagrams */
  QnetNetworkProxy  *relaying;      /* (owned) (nullable): while there is a tunnel for them: through whom */
  char              *peer_host;     /* (owned) (nullable): ditto: the peer's name, as it goes over the wire */
  int                bound_fd;      /* (owned) ditto: which was bound before, or -1 */
  QnetDatagramRelay *relay;         /* (owned) (nullable): while bound or connected through a proxy */
};

QnetSocketProxy *qnet_abstract_socket_ensure_proxy (QnetAbstractSocket    *self);

/* qnet-abstract-socket-relay.c */

/* The tunnel to a relay stands: @control (transfer full) is its connection, @relay and @port is where it is. */
void             qnet_abstract_socket_take_relay   (QnetAbstractSocket    *self,
                                                    int                    control,
                                                    QnetHostAddress       *relay,
                                                    guint16                port);

G_END_DECLS
