/* test-socket-state.c: which state of a socket may follow which
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include "socket/qnet-socket-state-private.h"

#define N_STATES (QNET_SOCKET_STATE_CLOSING + 1)

/* One line per state, in the order of the numbers; an x where that state may follow. */
static const char *const allowed[N_STATES] = {
  /*                U L C C B S C */
  [QNET_SOCKET_STATE_UNCONNECTED] = "-xxxx--",
  [QNET_SOCKET_STATE_HOST_LOOKUP] = "x-x----",
  [QNET_SOCKET_STATE_CONNECTING]  = "x--x---",
  [QNET_SOCKET_STATE_CONNECTED]   = "x-----x",
  [QNET_SOCKET_STATE_BOUND]       = "xxx----",
  [QNET_SOCKET_STATE_LISTENING]   = "-------",
  [QNET_SOCKET_STATE_CLOSING]     = "x------",
};

static void
test_edges (void)
{
  g_test_summary ("Each state is followed by those of the design alone, and never by itself.");

  for (guint from = 0; from < N_STATES; from++)
    for (guint to = 0; to < N_STATES; to++)
      g_assert_cmpint (qnet_socket_state_may_become (from, to), ==, allowed[from][to] == 'x');
}

static void
test_under_way (void)
{
  g_test_summary ("A socket is under way from one rest to the next: while looking up, "
                  "connecting, closing.");

  for (guint state = 0; state < N_STATES; state++)
    g_assert_cmpint (qnet_socket_state_is_under_way (state), ==,
                     state == QNET_SOCKET_STATE_HOST_LOOKUP
                       || state == QNET_SOCKET_STATE_CONNECTING
                       || state == QNET_SOCKET_STATE_CLOSING);
}

static void
test_numbers (void)
{
  g_test_summary ("The numbers are Qt's.");

  g_assert_cmpint (QNET_SOCKET_STATE_UNCONNECTED, ==, 0);
  g_assert_cmpint (QNET_SOCKET_STATE_CONNECTED, ==, 3);
  g_assert_cmpint (QNET_SOCKET_STATE_CLOSING, ==, 6);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/socket-state/edges", test_edges);
  g_test_add_func ("/socket-state/under-way", test_under_way);
  g_test_add_func ("/socket-state/numbers", test_numbers);

  return g_test_run ();
}
