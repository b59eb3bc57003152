/* qnet-host-address-kinds.c: the kinds of addresses: loopback, multicast, link-local, ...
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-host-address-private.h"

#include "qnet-host-address.h"

typedef struct
{
  guint8 bytes[16];
  guint  prefix_length;
} Network;

/* An IPv4 address is stored in its v4-mapped form, so one entry matches both. */
#define IPV4(a, b, length) { { [10] = 0xff, [11] = 0xff, [12] = (a), [13] = (b) }, 96 + (length) }
#define IPV6(a, b, length) { { (a), (b) }, (length) }

static const Network loopback_networks[] = {
  IPV4 (127, 0, 8),
  { { [15] = 1 }, 128 },
};

static const Network multicast_networks[] = {
  IPV4 (224, 0, 4),
  IPV6 (0xff, 0, 8),
};

static const Network broadcast_networks[] = {
  { { [10] = 0xff, [11] = 0xff, [12] = 0xff, [13] = 0xff, [14] = 0xff, [15] = 0xff }, 128 },
};

static const Network link_local_networks[] = {
  IPV4 (169, 254, 16),
  IPV6 (0xfe, 0x80, 10),
};

static const Network site_local_networks[] = {
  IPV6 (0xfe, 0xc0, 10),
};

static const Network unique_local_networks[] = {
  IPV6 (0xfc, 0, 7),
};

static const Network private_networks[] = {
  IPV4 (10, 0, 8),
  IPV4 (172, 16, 12),
  IPV4 (192, 168, 16),
  IPV6 (0xfc, 0, 7),
};

/* Special-purpose and reserved addresses: RFC 6890 for IPv4, IANA's table of the IPv6 address
 * space. */
static const Network not_global_networks[] = {
  IPV4 (0, 0, 8),
  IPV4 (127, 0, 8),
  IPV4 (169, 254, 16),
  IPV4 (224, 0, 3),
  { { 0 }, 127 },  /* :: (also the bytes of Null and Any) and ::1 */
  IPV6 (0xfe, 0, 9),
  IPV6 (0xfe, 0x80, 10),
  IPV6 (0xff, 0, 8),
};

static gboolean
is_in_any (const QnetHostAddress *self,
           const Network         *networks,
           gsize                  n_networks)
{
  const guint8 *bytes = qnet_host_address_peek_bytes (self);

  for (gsize i = 0; i < n_networks; i++)
    if (qnet_address_bits_equal (bytes, networks[i].bytes, networks[i].prefix_length))
      return TRUE;

  return FALSE;
}

#define IS_IN_ANY(self, networks) (is_in_any ((self), (networks), G_N_ELEMENTS (networks)))

/* Public API */

/**
 * qnet_host_address_is_loopback:
 * @self: an address
 *
 * Gets whether the address is a loopback address.
 *
 * Returns: %TRUE for 127.0.0.0/8, also v4-mapped, and for `::1`
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_is_loopback (const QnetHostAddress *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return IS_IN_ANY (self, loopback_networks);
}

/**
 * qnet_host_address_is_multicast:
 * @self: an address
 *
 * Gets whether the address is a multicast address.
 *
 * Returns: %TRUE for 224.0.0.0/4, also v4-mapped, and for `ff00::/8`
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_is_multicast (const QnetHostAddress *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return IS_IN_ANY (self, multicast_networks);
}

/**
 * qnet_host_address_is_broadcast:
 * @self: an address
 *
 * Gets whether the address is the broadcast address of the local network.
 *
 * The broadcast address of a subnet cannot be recognized, because it looks like any other address.
 *
 * Returns: %TRUE for 255.255.255.255, also v4-mapped
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_is_broadcast (const QnetHostAddress *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return IS_IN_ANY (self, broadcast_networks);
}

/**
 * qnet_host_address_is_link_local:
 * @self: an address
 *
 * Gets whether the address is valid on a single link only.
 *
 * To connect to such an IPv6 address, it needs a [scope][method@HostAddress.get_scope_id].
 *
 * Returns: %TRUE for 169.254.0.0/16, also v4-mapped, and for `fe80::/10`
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_is_link_local (const QnetHostAddress *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return IS_IN_ANY (self, link_local_networks);
}

/**
 * qnet_host_address_is_site_local:
 * @self: an address
 *
 * Gets whether the address is a site-local IPv6 address.
 *
 * RFC 3879 deprecated site-local addresses, so they are [global][method@HostAddress.is_global] as
 * well. Sites use the networks of [method@HostAddress.is_private_use] instead.
 *
 * Returns: %TRUE for `fec0::/10`
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_is_site_local (const QnetHostAddress *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return IS_IN_ANY (self, site_local_networks);
}

/**
 * qnet_host_address_is_unique_local_unicast:
 * @self: an address
 *
 * Gets whether the address is a unique local IPv6 address (RFC 4193).
 *
 * Returns: %TRUE for `fc00::/7`
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_is_unique_local_unicast (const QnetHostAddress *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return IS_IN_ANY (self, unique_local_networks);
}

/**
 * qnet_host_address_is_private_use:
 * @self: an address
 *
 * Gets whether the address belongs to a network for private use, which is not routed on the
 * Internet.
 *
 * Returns: %TRUE for 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 (RFC 1918), also v4-mapped, and
 *   for `fc00::/7`
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_is_private_use (const QnetHostAddress *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return IS_IN_ANY (self, private_networks);
}

/**
 * qnet_host_address_is_global:
 * @self: an address
 *
 * Gets whether the address is valid beyond the local link.
 *
 * Addresses for [private use][method@HostAddress.is_private_use] count as global, although each
 * site has its own.
 *
 * Returns: %FALSE for Null, Any and the unspecified addresses, for loopback, link-local and
 *   multicast addresses, for the broadcast address, and for reserved addresses (0.0.0.0/8,
 *   240.0.0.0/4, `fe00::/9`); otherwise %TRUE
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_is_global (const QnetHostAddress *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return !IS_IN_ANY (self, not_global_networks);
}
