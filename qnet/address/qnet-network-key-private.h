/* qnet-network-key-private.h: a network as the key of a hash table
 *
 * It is on the stack of those who look something up, so that an address of a peer that is refused
 * costs no allocation.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>

#include "qnet-host-address.h"

G_BEGIN_DECLS

typedef struct
{
  guint8 bytes[16];  /* those of IPv4 are the first four; zeros after the prefix */
  guint8 length;     /* of the prefix in bits */
  guint8 is_ipv4;    /* v4-mapped addresses are IPv4 */
} QnetNetworkKey;

/* The whole address. FALSE if it is neither IPv4 nor IPv6. */
gboolean qnet_network_key_init_native  (QnetNetworkKey        *key,
                                        const struct sockaddr *address,  /* (nullable) */
                                        socklen_t              size);
gboolean qnet_network_key_init_address (QnetNetworkKey        *key,
                                        const QnetHostAddress *address);  /* (nullable) */
/* Sets the length, which is not longer than before. */
void     qnet_network_key_shorten      (QnetNetworkKey        *key,
                                        guint                  length);

/* For GHashTable */
guint    qnet_network_key_hash         (gconstpointer          key);
gboolean qnet_network_key_equal        (gconstpointer          key,
                                        gconstpointer          other);

G_END_DECLS
