/* qnet-datagram-relay-private.h: datagrams by way of a SOCKS5 proxy (RFC 1928, section 7)
 *
 * Beside the connection that has asked for it, which has to last, a relay is a datagram socket of the proxy's. Ours is connected
 * to that, so that nobody else's datagrams come; each one has a header that says where to, or where from.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-reactor-private.h"

#include "qnet-host-address.h"
#include "qnet-network-proxy.h"

G_BEGIN_DECLS

typedef struct _QnetDatagramRelay QnetDatagramRelay;

/* The proxy has closed the connection: @error (transfer full) says so. The relay may be freed in it. */
typedef void (*QnetDatagramRelayFunc) (gpointer owner, GError *error);

/* Takes @control. */
QnetDatagramRelay *qnet_datagram_relay_new      (QnetWaitSet            *set,
                                                 QnetDatagramRelayFunc   ended,
                                                 gpointer                owner,
                                                 QnetNetworkProxy       *proxy,
                                                 int                     control) G_GNUC_WARN_UNUSED_RESULT;
void               qnet_datagram_relay_free     (QnetDatagramRelay      *self);

/* One peer alone: @address, or else @host, a name as it goes over the wire. */
void               qnet_datagram_relay_set_peer (QnetDatagramRelay      *self,
                                                 const char             *host,
                                                 QnetHostAddress        *address,
                                                 guint16                 port);

/* Sends by @fd, which is connected to the relay; @address (nullable, without a scope): the peer's. -1 with errno set. Nothing is allocated in
 * the long run. */
gssize             qnet_datagram_relay_send     (QnetDatagramRelay      *self,
                                                 int                     fd,
                                                 const void             *data,
                                                 gsize                   size,
                                                 const QnetHostAddress  *address,
                                                 guint16                 port);

/* Reads what has come from the relay. The size of the header that is to be taken off, 0 to drop it all; then @out_sender
 * (transfer full) is Null when the relay gives a name. */
gsize              qnet_datagram_relay_parse    (QnetDatagramRelay      *self,
                                                 const guint8           *data,
                                                 gsize                   size,
                                                 QnetHostAddress       **out_sender,
                                                 guint16                *out_port);

G_END_DECLS
