/* qnet-known-addresses-private.h: a cache of addresses received from the kernel
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>

#include "qnet-host-address.h"

G_BEGIN_DECLS

#define QNET_N_KNOWN_ADDRESSES 8

/* Compared with memcmp(): there is no padding between the fields. */
typedef struct
{
  guint32 family;
  guint32 scope;
  guint8  bytes[16];  /* an IPv4 address uses the first four */
} QnetAddressKey;

typedef struct
{
  QnetAddressKey   key;      /* valid if there is an address */
  QnetHostAddress *address;  /* (owned) (nullable) */
} QnetKnownAddress;

/* A small direct-mapped cache: an address that is in it is not allocated again.
 * Zero-initialized. */
typedef struct
{
  QnetKnownAddress slots[QNET_N_KNOWN_ADDRESSES];
} QnetKnownAddresses;

/* The address in @native, which is AF_INET or AF_INET6; v4-mapped addresses become IPv4. The port
 * is ignored. (transfer full) */
QnetHostAddress *qnet_known_addresses_get   (QnetKnownAddresses            *self,
                                             const struct sockaddr_storage *native)
                                            G_GNUC_WARN_UNUSED_RESULT;
void             qnet_known_addresses_clear (QnetKnownAddresses            *self);

G_END_DECLS
