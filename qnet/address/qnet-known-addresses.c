/* qnet-known-addresses.c: a cache of addresses received from the kernel
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-known-addresses-private.h"

#include <netinet/in.h>
#include <string.h>

#include "address/qnet-host-address-private.h"

static QnetAddressKey
make_key (const struct sockaddr_storage *native)
{
  const struct sockaddr_in *ipv4 = (const struct sockaddr_in *) native;
  const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *) native;
  QnetAddressKey key = { .family = native->ss_family };

  if (native->ss_family == AF_INET)
    {
      memcpy (key.bytes, &ipv4->sin_addr, sizeof ipv4->sin_addr);
      return key;
    }

  memcpy (key.bytes, &ipv6->sin6_addr, sizeof ipv6->sin6_addr);
  key.scope = ipv6->sin6_scope_id;

  return key;
}

/* Addresses of one network differ in their last bits. */
static guint
find_slot (const QnetAddressKey *key)
{
  guint last = key->family == AF_INET ? 3 : 15;

  return key->bytes[last] % QNET_N_KNOWN_ADDRESSES;
}

QnetHostAddress *
qnet_known_addresses_get (QnetKnownAddresses            *self,
                          const struct sockaddr_storage *native)
{
  QnetAddressKey key = make_key (native);
  QnetKnownAddress *slot = &self->slots[find_slot (&key)];

  if (slot->address == NULL || memcmp (&slot->key, &key, sizeof key) != 0)
    {
      g_clear_pointer (&slot->address, qnet_host_address_unref);
      slot->address = qnet_host_address_take_native (native, TRUE, NULL);
      slot->key = key;
    }

  return qnet_host_address_ref (slot->address);
}

void
qnet_known_addresses_clear (QnetKnownAddresses *self)
{
  for (guint i = 0; i < QNET_N_KNOWN_ADDRESSES; i++)
    g_clear_pointer (&self->slots[i].address, qnet_host_address_unref);
}
