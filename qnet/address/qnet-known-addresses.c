/* qnet-known-addresses.c: the addresses that the kernel has named of late
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

/* Neighbours differ in their last bits. */
static guint
find_place (const QnetAddressKey *key)
{
  guint last = key->family == AF_INET ? 3 : 15;

  return key->bytes[last] % QNET_N_KNOWN_ADDRESSES;
}

QnetHostAddress *
qnet_known_addresses_get (QnetKnownAddresses            *self,
                          const struct sockaddr_storage *native)
{
  QnetAddressKey key = make_key (native);
  QnetKnownAddress *known = &self->places[find_place (&key)];

  if (known->address == NULL || memcmp (&known->key, &key, sizeof key) != 0)
    {
      g_clear_pointer (&known->address, qnet_host_address_unref);
      known->address = qnet_host_address_take_native (native, TRUE, NULL);
      known->key = key;
    }

  return qnet_host_address_ref (known->address);
}

void
qnet_known_addresses_clear (QnetKnownAddresses *self)
{
  for (guint i = 0; i < QNET_N_KNOWN_ADDRESSES; i++)
    g_clear_pointer (&self->places[i].address, qnet_host_address_unref);
}
