/* qnet-linger-private.h: sends the last bytes of a socket that nobody holds any more
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-byte-queue-private.h"
#include "engine/qnet-reactor-private.h"
#include "engine/qnet-transport-private.h"

G_BEGIN_DECLS

/* Takes @transport and the bytes of @rest (empty afterwards). Sends them, then closes; closes without the rest @timeout
 * milliseconds from now. On a detached reactor it blocks meanwhile. */
void qnet_linger (QnetReactor   *reactor,
                  QnetTransport *transport,
                  QnetByteQueue *rest,
                  guint          timeout);

G_END_DECLS
