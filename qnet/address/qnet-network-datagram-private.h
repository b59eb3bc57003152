/* qnet-network-datagram-private.h: how a socket makes and reads datagrams
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-network-datagram.h"

G_BEGIN_DECLS

struct _QnetNetworkDatagram
{
  gint             ref_count;         /* (atomic): a gint, for ThreadSanitizer's eyes */
  gboolean         is_truncated;      /* the rest was lost on receiving */

  GBytes          *data;              /* (owned) */
  QnetHostAddress *sender;            /* (owned): Null when unknown, as is the destination */
  QnetHostAddress *destination;       /* (owned) */
  int              sender_port;       /* -1: unknown, as is the destination's */
  int              destination_port;
  guint            interface_index;   /* 0: unknown, or the system's choice */
  int              hop_limit;         /* -1: unknown, or the system's choice */
};

/* With Null addresses and all else unknown. Takes @data. To be filled in before anybody else
 * sees it. */
QnetNetworkDatagram *qnet_network_datagram_new_take (GBytes *data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
