/* test-channel-state.c: the state machines of a channel
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib.h>

#include "channel/qnet-channel-parts-private.h"

static const struct
{
  const char      *name;
  const QnetEdges *edges;
  guint            n_states;
} machines[] = {
  { "channel", qnet_channel_edges, QNET_CHANNEL_SUSPENDED + 1 },
  { "read", qnet_read_edges, QNET_READ_LOSS_WATCHED + 1 },
  { "write", qnet_write_edges, QNET_WRITE_FAILED + 1 },
  { "room", qnet_room_edges, QNET_ROOM_DRAINING + 1 },
  { "drain", qnet_drain_edges, QNET_DRAIN_DROPPING + 1 },
  { "readable", qnet_readable_edges, QNET_READABLE_UNWATCHED + 1 },
};

static QnetEdges
find_reachable (const QnetEdges *edges,
                guint            n_states)
{
  QnetEdges reachable = 1u << 0;

  for (guint round = 0; round < n_states; round++)
    for (guint from = 0; from < n_states; from++)
      if ((reachable >> from & 1) != 0)
        reachable |= edges[from];

  return reachable;
}

static void
test_edges (void)
{
  g_test_summary ("Each state can be reached, leads back to the first one, and never to itself.");

  for (guint i = 0; i < G_N_ELEMENTS (machines); i++)
    {
      QnetEdges all = (QnetEdges) ((1u << machines[i].n_states) - 1);

      g_test_message ("%s", machines[i].name);
      g_assert_cmpuint (find_reachable (machines[i].edges, machines[i].n_states), ==, all);

      for (guint from = 0; from < machines[i].n_states; from++)
        {
          g_assert_false (QNET_IS_EDGE (machines[i].edges, from, from));
          g_assert_true (from == 0 || QNET_IS_EDGE (machines[i].edges, from, 0));
          g_assert_cmpuint (machines[i].edges[from] & ~all, ==, 0);
        }
    }
}

static void
test_end (void)
{
  g_test_summary ("Nothing is read after the end of the stream, nor sent after a failure.");

  for (guint from = QNET_READ_END_PENDING; from <= QNET_READ_LOSS_WATCHED; from++)
    for (guint to = QNET_READ_STARTING; to <= QNET_READ_FINISHING; to++)
      g_assert_false (QNET_IS_EDGE (qnet_read_edges, from, to));

  g_assert_cmpuint (qnet_write_edges[QNET_WRITE_FAILED], ==, 1u << QNET_WRITE_OPEN);
}

static void
test_wrong_edge (void)
{
  static const QnetChannelFuncs funcs = { 0, };
  QnetChannel channel;

  g_test_summary ("A change that is no edge ends the process.");

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_failed ();
      g_test_trap_assert_stderr ("*QNET_IS_EDGE*");
      return;
    }

  qnet_channel_init (&channel, &funcs);
  qnet_channel_set_read_state (&channel, QNET_READ_ACTIVE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/channel-state/edges", test_edges);
  g_test_add_func ("/channel-state/end", test_end);
  g_test_add_func ("/channel-state/wrong-edge", test_wrong_edge);

  return g_test_run ();
}
