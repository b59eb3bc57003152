/* qnet-socket-state.c: which state of a socket may follow which
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-socket-state-private.h"

#define TO(state) (1u << QNET_SOCKET_STATE_##state)

static const guint edges[] = {
  [QNET_SOCKET_STATE_UNCONNECTED] = TO (HOST_LOOKUP) | TO (CONNECTING) | TO (BOUND) | TO (CONNECTED),  /* CONNECTING: no name; CONNECTED: by a descriptor */
  [QNET_SOCKET_STATE_HOST_LOOKUP] = TO (CONNECTING) | TO (UNCONNECTED),
  [QNET_SOCKET_STATE_CONNECTING]  = TO (CONNECTED) | TO (UNCONNECTED),
  [QNET_SOCKET_STATE_CONNECTED]   = TO (CLOSING) | TO (UNCONNECTED),
  [QNET_SOCKET_STATE_BOUND]       = TO (HOST_LOOKUP) | TO (CONNECTING) | TO (UNCONNECTED),
  [QNET_SOCKET_STATE_LISTENING]   = 0,  /* servers are no sockets here */
  [QNET_SOCKET_STATE_CLOSING]     = TO (UNCONNECTED),
};

gboolean
qnet_socket_state_may_become (QnetSocketState from,
                              QnetSocketState to)
{
  return (edges[from] & (1u << to)) != 0;
}

gboolean
qnet_socket_state_is_under_way (QnetSocketState state)
{
  return state == QNET_SOCKET_STATE_HOST_LOOKUP
         || state == QNET_SOCKET_STATE_CONNECTING
         || state == QNET_SOCKET_STATE_CLOSING;
}
