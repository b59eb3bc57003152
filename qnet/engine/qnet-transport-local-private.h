/* qnet-transport-local-private.h: bytes over a local socket, and descriptors with them
 *
 * A descriptor travels with a byte. The kernel hands it out no later than that byte, and forgets it where nobody has asked for
 * descriptors.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

#include "engine/qnet-transport-private.h"

G_BEGIN_DECLS

/* The most that the kernel passes in one message: SCM_MAX_FD of Linux. */
#define QNET_PASSING_MAX 253

typedef struct _QnetPassing QnetPassing;

/* What the transport of a connection and the socket above it share. Neither outlives it; either may go first. */
struct _QnetPassing
{
  GArray  *received;    /* (owned) (element-type int): descriptors that nobody has taken yet; ours */
  GQueue   to_send;     /* of private type, in order */
  guint64  n_written;   /* bytes, since this was made */
  guint    limit;       /* how many descriptors may come in one message; 0: none are taken in */
};

QnetPassing *qnet_passing_new             (void) G_GNUC_WARN_UNUSED_RESULT;
void         qnet_passing_unref           (QnetPassing   *passing);

/* They go with the byte that is written next, when @n_queued bytes wait to be sent before it. Duplicates are kept: @fds stays
 * the caller's. */
gboolean     qnet_passing_send            (QnetPassing   *passing,
                                           GUnixFDList   *fds,
                                           gsize          n_queued,
                                           GError       **error);
/* All that were received. */
GUnixFDList *qnet_passing_take            (QnetPassing   *passing) G_GNUC_WARN_UNUSED_RESULT;
void         qnet_passing_close_received  (QnetPassing   *passing);

/* Takes the descriptor. Without @passing (nullable) it is nothing but a transport for bytes; it takes a reference. */
void         qnet_transport_init_local    (QnetTransport *transport,
                                           int            fd,
                                           QnetPassing   *passing);
/* While it has none yet. */
void         qnet_transport_local_share   (QnetTransport *transport,
                                           QnetPassing   *passing);

G_END_DECLS
