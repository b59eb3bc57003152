/* qnet-linger-private.h: sends the last bytes of a socket that is no longer in use
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-byte-queue-private.h"
#include "engine/qnet-reactor-private.h"
#include "engine/qnet-transport-private.h"

G_BEGIN_DECLS

/* Takes @transport and the bytes of @rest (empty afterwards). Sends them, shuts the write side down, and closes when nothing can be
 * lost by that: the peer has ended, or has acknowledged everything. Closes all the same @timeout milliseconds from now. On a detached
 * reactor it blocks meanwhile. */
void qnet_linger      (QnetReactor   *reactor,
                       QnetTransport *transport,
                       QnetByteQueue *rest,
                       guint          timeout);
/* The same. A peer that goes on sending is not reset as soon as it has everything: @peer_is_talking, or found to be. */
void qnet_linger_full (QnetReactor   *reactor,
                       QnetTransport *transport,
                       QnetByteQueue *rest,
                       guint          timeout,
                       gboolean       peer_is_talking);
/* Stays at the first attempt: nothing will run the loop any more. */
void qnet_linger_no_longer (QnetTransport *transport,
                            QnetByteQueue *rest);

G_END_DECLS
