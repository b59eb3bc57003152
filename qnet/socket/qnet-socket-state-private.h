/* qnet-socket-state-private.h: which state of a socket may follow which
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-enums.h"

G_BEGIN_DECLS

gboolean qnet_socket_state_may_become (QnetSocketState from,
                                       QnetSocketState to);

/* In these the socket keeps itself alive until its loop, or the phase's time limit, brings it on. */
gboolean qnet_socket_state_is_under_way (QnetSocketState state);

G_END_DECLS
