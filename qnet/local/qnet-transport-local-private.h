/* qnet-transport-local-private.h: bytes over a local socket, and descriptors with them
 *
 * A descriptor is sent with a byte. The kernel delivers it no later than that byte, and drops it if
 * the receiver has not asked for descriptors.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

#include "channel/qnet-transport-private.h"

G_BEGIN_DECLS

/* The most that the kernel passes in one message: SCM_MAX_FD of Linux. */
#define QNET_PASSING_MAX 253

typedef struct _QnetPassing QnetPassing;

/* Shared by the transport of a connection and the socket above it; each holds a reference, and
 * either may be freed first. */
struct _QnetPassing
{
  GArray  *received;    /* (owned) (element-type int): descriptors that were not taken yet, owned */
  GQueue   to_send;     /* Parcel, in order */
  guint64  n_written;   /* bytes, since this was made */
  guint    limit;       /* how many descriptors may be received in one message; 0: none */
};

QnetPassing *qnet_passing_new             (void) G_GNUC_WARN_UNUSED_RESULT;
void         qnet_passing_unref           (QnetPassing   *passing);

/* Sends duplicates of @fds with the byte that is written next, before which @n_queued bytes wait to
 * be sent. The caller still owns @fds. */
gboolean     qnet_passing_send            (QnetPassing   *passing,
                                           GUnixFDList   *fds,
                                           gsize          n_queued,
                                           GError       **error);
/* Takes all that were received. */
GUnixFDList *qnet_passing_take            (QnetPassing   *passing) G_GNUC_WARN_UNUSED_RESULT;
void         qnet_passing_close_received  (QnetPassing   *passing);

/* Takes the descriptor, and a reference to @passing (nullable), without which the transport is one
 * for bytes alone. */
void         qnet_transport_init_local    (QnetTransport *transport,
                                           int            fd,
                                           QnetPassing   *passing);
/* For a transport that has none yet. */
void         qnet_transport_local_share   (QnetTransport *transport,
                                           QnetPassing   *passing);

G_END_DECLS
