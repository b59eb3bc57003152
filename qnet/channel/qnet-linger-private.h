/* qnet-linger-private.h: sends the last bytes of a socket that is no longer in use
 *
 * A linger is the rest of a connection that its owner has closed, or whose owner was freed: the
 * transport, and bytes that were written and not sent. The reactor owns it, sends the bytes, and
 * closes the descriptor when a reset can no longer destroy bytes that the peer has not read, or
 * after the timeout.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/qnet-byte-queue-private.h"
#include "channel/qnet-transport-private.h"
#include "loop/qnet-reactor-private.h"

G_BEGIN_DECLS

/* Takes @transport and the bytes of @rest (empty afterwards). Sends them, shuts the write side
 * down, and closes when this can lose nothing: the peer has ended, or has acknowledged everything.
 * A peer that still sends, because @is_receiving or as found later, is not reset as soon as it has
 * everything. Closes after @timeout milliseconds at the latest. On a detached reactor it blocks
 * meanwhile. */
void qnet_linger           (QnetReactor   *reactor,
                            QnetTransport *transport,
                            QnetByteQueue *rest,
                            guint          timeout,
                            gboolean       is_receiving);
/* Makes one attempt only: no loop will run any more. */
void qnet_linger_no_longer (QnetTransport *transport,
                            QnetByteQueue *rest);

G_END_DECLS
