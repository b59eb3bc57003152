/* qnet-datagram-relay-private.h: datagrams through a SOCKS5 proxy (RFC 1928, section 7)
 *
 * A relay is a datagram socket of the proxy. It exists as long as the control connection by which
 * it was requested. Our datagram socket is connected to it, so that the kernel drops datagrams from
 * elsewhere. Each datagram begins with a header that contains its destination or its sender.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "loop/qnet-reactor-private.h"

#include "qnet-host-address.h"
#include "qnet-network-proxy.h"

G_BEGIN_DECLS

typedef struct _QnetDatagramRelay QnetDatagramRelay;

/* The proxy has closed the control connection, which @error (transfer full) reports. The callback
 * may free the relay. */
typedef void (*QnetDatagramRelayFunc) (gpointer owner, GError *error);

/* @control (transfer full): the descriptor of the control connection. */
QnetDatagramRelay *qnet_datagram_relay_new      (QnetWaitSet            *set,
                                                 QnetDatagramRelayFunc   ended,
                                                 gpointer                owner,
                                                 QnetNetworkProxy       *proxy,
                                                 int                     control)
                                                 G_GNUC_WARN_UNUSED_RESULT;
void               qnet_datagram_relay_free     (QnetDatagramRelay      *self);

/* Restricts the relay to one peer: @address, or else @host, a name in the form that is sent. */
void               qnet_datagram_relay_set_peer (QnetDatagramRelay      *self,
                                                 const char             *host,
                                                 QnetHostAddress        *address,
                                                 guint16                 port);

/* Sends a datagram on @fd, which is connected to the relay. @address (nullable): the destination,
 * without a scope; NULL is the peer that was set. Returns @size, or -1 with errno set. Allocates
 * nothing in the steady state. */
gssize             qnet_datagram_relay_send     (QnetDatagramRelay      *self,
                                                 int                     fd,
                                                 const void             *data,
                                                 gsize                   size,
                                                 const QnetHostAddress  *address,
                                                 guint16                 port);

/* Parses a datagram from the relay. Returns the size of its header, or 0 if the datagram is to be
 * dropped. @out_sender (transfer full) is Null if the header contains a name. */
gsize              qnet_datagram_relay_parse    (QnetDatagramRelay      *self,
                                                 const guint8           *data,
                                                 gsize                   size,
                                                 QnetHostAddress       **out_sender,
                                                 guint16                *out_port);

G_END_DECLS
