/* qnet-network-key.c: a network as the key of a hash table
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-network-key-private.h"

#include <netinet/in.h>
#include <string.h>

#include "address/qnet-host-address-private.h"

static const guint8 mapped_prefix[QNET_HOST_ADDRESS_IPV4_OFFSET] = { [10] = 0xff, [11] = 0xff };

static void
init_ipv4 (QnetNetworkKey *key,
           const void     *bytes)
{
  *key = (QnetNetworkKey) { .length = 32, .is_ipv4 = TRUE };
  memcpy (key->bytes, bytes, 4);
}

static void
init_ipv6 (QnetNetworkKey *key,
           const guint8   *bytes)
{
  if (memcmp (bytes, mapped_prefix, sizeof mapped_prefix) == 0)
    {
      init_ipv4 (key, bytes + QNET_HOST_ADDRESS_IPV4_OFFSET);
      return;
    }

  *key = (QnetNetworkKey) { .length = 128 };
  memcpy (key->bytes, bytes, sizeof key->bytes);
}

gboolean
qnet_network_key_init_native (QnetNetworkKey        *key,
                              const struct sockaddr *address,
                              socklen_t              size)
{
  if (address == NULL)
    return FALSE;

  if (address->sa_family == AF_INET && size >= sizeof (struct sockaddr_in))
    init_ipv4 (key, &((const struct sockaddr_in *) (gconstpointer) address)->sin_addr);
  else if (address->sa_family == AF_INET6 && size >= sizeof (struct sockaddr_in6))
    init_ipv6 (key, ((const struct sockaddr_in6 *) (gconstpointer) address)->sin6_addr.s6_addr);
  else
    return FALSE;

  return TRUE;
}

gboolean
qnet_network_key_init_address (QnetNetworkKey        *key,
                               const QnetHostAddress *address)
{
  QnetNetworkLayerProtocol protocol;

  if (address == NULL)
    return FALSE;

  protocol = qnet_host_address_get_protocol (address);
  if (protocol != QNET_NETWORK_LAYER_PROTOCOL_IPV4 && protocol != QNET_NETWORK_LAYER_PROTOCOL_IPV6)
    return FALSE;

  init_ipv6 (key, qnet_host_address_peek_bytes (address));

  return TRUE;
}

void
qnet_network_key_shorten (QnetNetworkKey *key,
                          guint           length)
{
  guint n_bytes = (length + 7) / 8;

  memset (key->bytes + n_bytes, 0, sizeof key->bytes - n_bytes);
  if (length % 8 != 0)
    key->bytes[n_bytes - 1] &= (guint8) (0xff00 >> length % 8);

  key->length = (guint8) length;
}

/* Of FNV-1a. The key has no padding. */
guint
qnet_network_key_hash (gconstpointer key)
{
  const guint8 *bytes = key;
  guint32 hash = 2166136261u;

  for (gsize i = 0; i < sizeof (QnetNetworkKey); i++)
    hash = (hash ^ bytes[i]) * 16777619u;

  return hash;
}

gboolean
qnet_network_key_equal (gconstpointer key,
                        gconstpointer other)
{
  return memcmp (key, other, sizeof (QnetNetworkKey)) == 0;
}
