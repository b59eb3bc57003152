/* qnet-abstract-socket-private.h: how servers hand their connections to sockets
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-reactor-private.h"
#include "socket/qnet-io-device-private.h"

#include "qnet-abstract-socket.h"

G_BEGIN_DECLS

/* A descriptor fresh from accept(): connected, non-blocking, of the right kind, so nothing is asked of the kernel. Takes @fd.
 * The socket is CONNECTED, belongs to @reactor, and does not read before qnet_abstract_socket_hand_out(). Nothing is emitted. */
void qnet_abstract_socket_adopt_accepted (QnetAbstractSocket *self,
                                          QnetReactor        *reactor,
                                          int                 fd);

/* The connection has found its owner: reading starts in the next turn. Again: nothing. */
void qnet_abstract_socket_hand_out       (QnetAbstractSocket *self);

G_END_DECLS
