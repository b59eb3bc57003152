/* qnet-socket-state-private.h: the transitions between the states of a socket
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/qnet-state-machine-private.h"

#include "qnet-enums.h"

G_BEGIN_DECLS

/* For enter_state() in qnet-socket-transitions.c. */
extern const QnetEdges qnet_socket_edges[];

gboolean qnet_socket_state_may_become (QnetSocketState from,
                                       QnetSocketState to);

/* A connection is being established, or ends: a loop, a wait, or a timeout ends the state. */
gboolean qnet_socket_state_is_under_way (QnetSocketState state);

G_END_DECLS
