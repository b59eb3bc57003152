/* qnet-network-datagram-private.h: the fields of a datagram, for the socket
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-network-datagram.h"

G_BEGIN_DECLS

struct _QnetNetworkDatagram
{
  gint             ref_count;         /* (atomic): a gint, for ThreadSanitizer */
  gboolean         is_truncated;      /* the rest was discarded when it was received */

  GBytes          *data;              /* (owned) */
  QnetHostAddress *sender;            /* (owned): Null: unknown, likewise the destination */
  QnetHostAddress *destination;       /* (owned) */
  int              sender_port;       /* -1: unknown, likewise the destination's */
  int              destination_port;
  guint            interface_index;   /* 0: unknown, or chosen by the system */
  int              hop_limit;         /* -1: unknown, or chosen by the system */
};

/* Creates a datagram with Null addresses and all other fields unknown. The caller fills it in
 * before it shares it. @data: (transfer full) */
QnetNetworkDatagram *qnet_network_datagram_new_take (GBytes *data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
