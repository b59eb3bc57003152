/* qnet-socket-state.c: the transitions between the states of a socket
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-socket-state-private.h"

#define TO(state) QNET_TO (QNET_SOCKET_STATE_##state)

/* Without a name to look up the first state is CONNECTING; a descriptor is BOUND or CONNECTED. */
const QnetEdges qnet_socket_edges[] = {
  [QNET_SOCKET_STATE_UNCONNECTED] = TO (HOST_LOOKUP) | TO (CONNECTING) | TO (BOUND)
                                    | TO (CONNECTED),
  [QNET_SOCKET_STATE_HOST_LOOKUP] = TO (CONNECTING) | TO (UNCONNECTED),
  [QNET_SOCKET_STATE_CONNECTING]  = TO (CONNECTED) | TO (UNCONNECTED),
  [QNET_SOCKET_STATE_CONNECTED]   = TO (CLOSING) | TO (UNCONNECTED),
  [QNET_SOCKET_STATE_BOUND]       = TO (HOST_LOOKUP) | TO (CONNECTING) | TO (UNCONNECTED),
  [QNET_SOCKET_STATE_LISTENING]   = 0,  /* servers have a class of their own */
  [QNET_SOCKET_STATE_CLOSING]     = TO (UNCONNECTED),
};

gboolean
qnet_socket_state_may_become (QnetSocketState from,
                              QnetSocketState to)
{
  return QNET_IS_EDGE (qnet_socket_edges, from, to);
}

gboolean
qnet_socket_state_is_under_way (QnetSocketState state)
{
  return state == QNET_SOCKET_STATE_HOST_LOOKUP
         || state == QNET_SOCKET_STATE_CONNECTING
         || state == QNET_SOCKET_STATE_CLOSING;
}
