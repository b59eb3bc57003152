/* qnet-transport-stream-private.h: bytes that go through a GTlsConnection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-raw-connection-private.h"
#include "engine/qnet-transport-private.h"

G_BEGIN_DECLS

/* @raw is on a descriptor that it owns; the transport takes a reference, and neither reads nor writes before it is secured. */
void qnet_transport_init_stream   (QnetTransport     *transport,
                                   QnetRawConnection *raw,
                                   int                fd,
                                   QnetReactor       *reactor);
/* The handshake begins, in another thread: until it is secured, to close means to interrupt it. */
void qnet_transport_stream_begin  (QnetTransport     *transport,
                                   GTlsConnection    *tls);  /* takes a reference */
/* The handshake has succeeded, and nobody uses @raw but this. */
void qnet_transport_stream_secure (QnetTransport     *transport);

G_END_DECLS
