/* qnet-known-addresses-private.h: the addresses that the kernel has named of late
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>

#include "qnet-host-address.h"

G_BEGIN_DECLS

#define QNET_N_KNOWN_ADDRESSES 8

/* What tells two of them apart; there is nothing between the fields. */
typedef struct
{
  guint32 family;
  guint32 scope;
  guint8  bytes[16];  /* of an IPv4 address the first four */
} QnetAddressKey;

typedef struct
{
  QnetAddressKey   key;      /* valid while there is an address */
  QnetHostAddress *address;  /* (owned) (nullable) */
} QnetKnownAddress;

/* Some addresses, each where its last bits put it: who comes again is not made anew. Begins as
 * zeros. */
typedef struct
{
  QnetKnownAddress places[QNET_N_KNOWN_ADDRESSES];
} QnetKnownAddresses;

/* The address in @native, of AF_INET or AF_INET6; v4-mapped ones become IPv4. Its port does not
 * matter. */
QnetHostAddress *qnet_known_addresses_get   (QnetKnownAddresses            *self,
                                             const struct sockaddr_storage *native)
                                            G_GNUC_WARN_UNUSED_RESULT;
void             qnet_known_addresses_clear (QnetKnownAddresses            *self);

G_END_DECLS
