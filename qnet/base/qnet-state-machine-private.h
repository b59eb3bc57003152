/* qnet-state-machine-private.h: the transitions of a state machine, and how they are checked
 *
 * A state is a small enum. It has a table of transitions (edges), with one row for each state whose
 * bits are the states that may follow, and one setter. The setter calls QNET_CHECK_EDGE() first, so
 * that a transition that is not in the table ends the test in which it happens. A build without
 * debugging (meson: -Ddebug=false) has no such checks, since some states change with each byte.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A row of the table: the states that may follow, one bit each. */
typedef guint16 QnetEdges;

/* The bit of @state in a row of the table. */
#define QNET_TO(state) (1u << (state))

#define QNET_IS_EDGE(edges, from, to) (((edges)[from] & QNET_TO (to)) != 0)

#ifdef QNET_DISABLE_STATE_CHECKS
#define QNET_CHECK_EDGE(edges, from, to) ((void) (edges))
#else
#define QNET_CHECK_EDGE(edges, from, to) g_assert (QNET_IS_EDGE (edges, from, to))
#endif

G_END_DECLS
