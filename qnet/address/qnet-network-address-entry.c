/* qnet-network-address-entry.c: an address of a network interface
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-network-address-entry.h"

#include <string.h>

#include "address/qnet-host-address-private.h"
#include "address/qnet-network-interface-private.h"

/**
 * QnetNetworkAddressEntry:
 *
 * An address of a [struct@NetworkInterface], and the network that it belongs to.
 *
 * An entry is immutable: it describes the state of the interface at the time when it was read.
 *
 * Since: 1.0
 */

#define FOREVER (-1)

G_DEFINE_BOXED_TYPE (QnetNetworkAddressEntry, qnet_network_address_entry,
                     qnet_network_address_entry_ref, qnet_network_address_entry_unref)

/* Masks */

static int
get_n_bits (QnetHostAddress *address)
{
  switch (qnet_host_address_get_protocol (address))
    {
    case QNET_NETWORK_LAYER_PROTOCOL_IPV4:
      return 32;

    case QNET_NETWORK_LAYER_PROTOCOL_IPV6:
      return 128;

    case QNET_NETWORK_LAYER_PROTOCOL_ANY_IP:
    case QNET_NETWORK_LAYER_PROTOCOL_UNKNOWN:
      break;
    }

  return -1;
}

static QnetHostAddress *
make_netmask (int n_bits,
              int prefix_length)
{
  guint8 bytes[16] = { 0 };

  if (prefix_length < 0)
    return qnet_host_address_new_null ();

  if (n_bits == 32)
    return qnet_host_address_new_ipv4 (prefix_length > 0 ? G_MAXUINT32 << (32 - prefix_length) : 0);

  for (int i = 0; i < prefix_length; i++)
    bytes[i / 8] |= 0x80 >> i % 8;

  return qnet_host_address_new_ipv6 (bytes, sizeof bytes, NULL);
}

static int
get_mask_length (QnetHostAddress *netmask,
                 int              n_bits)
{
  const guint8 *bytes = qnet_host_address_peek_bytes (netmask);

  if (n_bits < 0 || get_n_bits (netmask) != n_bits)
    return -1;

  return qnet_address_mask_length (bytes + (128 - n_bits) / 8, n_bits);
}

static QnetHostAddress *
copy_broadcast (QnetHostAddress *broadcast)  /* (nullable) */
{
  if (broadcast == NULL || get_n_bits (broadcast) != 32)
    return qnet_host_address_new_null ();

  return qnet_host_address_ref (broadcast);
}

/* Public API */

/**
 * qnet_network_address_entry_new:
 * @ip: the address
 * @prefix_length: the length of the network's prefix in bits, or -1 if it is unknown
 * @broadcast: (nullable): the IPv4 broadcast address of the network
 *
 * Creates an entry for an address that does not belong to an interface of this machine.
 *
 * A @prefix_length that is out of range for the family of @ip is taken as unknown.
 *
 * Returns: (transfer full): the entry
 *
 * Since: 1.0
 */
QnetNetworkAddressEntry *
qnet_network_address_entry_new (QnetHostAddress *ip,
                                int              prefix_length,
                                QnetHostAddress *broadcast)
{
  QnetNetworkAddressEntry *self;
  int n_bits;

  g_return_val_if_fail (ip != NULL, NULL);

  n_bits = get_n_bits (ip);

  self = g_new0 (QnetNetworkAddressEntry, 1);
  g_atomic_int_set (&self->ref_count, 1);
  self->ip = qnet_host_address_ref (ip);
  self->prefix_length = prefix_length >= 0 && prefix_length <= n_bits ? prefix_length : -1;
  self->netmask = make_netmask (n_bits, self->prefix_length);
  self->broadcast = copy_broadcast (broadcast);
  self->dns_eligibility = QNET_DNS_ELIGIBILITY_UNKNOWN;
  self->preferred_until = FOREVER;
  self->valid_until = FOREVER;

  return self;
}

/**
 * qnet_network_address_entry_new_for_netmask:
 * @ip: the address
 * @netmask: the network mask
 * @broadcast: (nullable): the IPv4 broadcast address of the network
 *
 * Creates an entry like [ctor@NetworkAddressEntry.new], with a network mask instead of a prefix
 * length.
 *
 * If @netmask is of another family than @ip or is not contiguous, the prefix length is unknown.
 *
 * Returns: (transfer full): the entry
 *
 * Since: 1.0
 */
QnetNetworkAddressEntry *
qnet_network_address_entry_new_for_netmask (QnetHostAddress *ip,
                                            QnetHostAddress *netmask,
                                            QnetHostAddress *broadcast)
{
  g_return_val_if_fail (ip != NULL, NULL);
  g_return_val_if_fail (netmask != NULL, NULL);

  return qnet_network_address_entry_new (ip, get_mask_length (netmask, get_n_bits (ip)), broadcast);
}

/**
 * qnet_network_address_entry_ref:
 * @self: an entry
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetNetworkAddressEntry *
qnet_network_address_entry_ref (QnetNetworkAddressEntry *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);

  return self;
}

/**
 * qnet_network_address_entry_unref:
 * @self: (transfer full): an entry
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the entry.
 *
 * Since: 1.0
 */
void
qnet_network_address_entry_unref (QnetNetworkAddressEntry *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  qnet_host_address_unref (self->ip);
  qnet_host_address_unref (self->netmask);
  qnet_host_address_unref (self->broadcast);
  g_free (self);
}

/**
 * qnet_network_address_entry_get_ip:
 * @self: an entry
 *
 * Gets the address. A link-local IPv6 address has the interface as its scope.
 *
 * Returns: (transfer none): the address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_network_address_entry_get_ip (QnetNetworkAddressEntry *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->ip;
}

/**
 * qnet_network_address_entry_get_netmask:
 * @self: an entry
 *
 * Gets the network mask as an address.
 *
 * Returns: (transfer none): the network mask, Null if it is unknown
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_network_address_entry_get_netmask (QnetNetworkAddressEntry *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->netmask;
}

/**
 * qnet_network_address_entry_get_prefix_length:
 * @self: an entry
 *
 * Gets the length of the network's prefix, as for [method@HostAddress.is_in_subnet].
 *
 * Returns: the number of bits, or -1 if it is unknown
 *
 * Since: 1.0
 */
int
qnet_network_address_entry_get_prefix_length (QnetNetworkAddressEntry *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->prefix_length;
}

/**
 * qnet_network_address_entry_get_broadcast:
 * @self: an entry
 *
 * Gets the broadcast address of the network. IPv6 has no broadcast addresses.
 *
 * Returns: (transfer none): the address, Null if there is none
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_network_address_entry_get_broadcast (QnetNetworkAddressEntry *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->broadcast;
}

/**
 * qnet_network_address_entry_get_dns_eligibility:
 * @self: an entry
 *
 * Gets whether the address should be published in DNS.
 *
 * Temporary, deprecated, loopback and link-local addresses should not.
 *
 * Returns: the eligibility of the address
 *
 * Since: 1.0
 */
QnetDnsEligibility
qnet_network_address_entry_get_dns_eligibility (QnetNetworkAddressEntry *self)
{
  g_return_val_if_fail (self != NULL, QNET_DNS_ELIGIBILITY_UNKNOWN);

  return self->dns_eligibility;
}

/**
 * qnet_network_address_entry_is_lifetime_known:
 * @self: an entry
 *
 * Gets whether the system reports the lifetime of the address.
 *
 * Returns: whether it has
 *
 * Since: 1.0
 */
gboolean
qnet_network_address_entry_is_lifetime_known (QnetNetworkAddressEntry *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->lifetime_known;
}

/**
 * qnet_network_address_entry_get_preferred_lifetime:
 * @self: an entry
 *
 * Gets the time until which the address is preferred for new connections. After that it is
 * deprecated.
 *
 * Returns: a time of [func@GLib.get_monotonic_time], or -1 if there is no end
 *
 * Since: 1.0
 */
gint64
qnet_network_address_entry_get_preferred_lifetime (QnetNetworkAddressEntry *self)
{
  g_return_val_if_fail (self != NULL, FOREVER);

  return self->preferred_until;
}

/**
 * qnet_network_address_entry_get_validity_lifetime:
 * @self: an entry
 *
 * Gets the time until which the address is valid.
 *
 * Returns: a time of [func@GLib.get_monotonic_time], or -1 if there is no end
 *
 * Since: 1.0
 */
gint64
qnet_network_address_entry_get_validity_lifetime (QnetNetworkAddressEntry *self)
{
  g_return_val_if_fail (self != NULL, FOREVER);

  return self->valid_until;
}

/**
 * qnet_network_address_entry_is_permanent:
 * @self: an entry
 *
 * Gets whether the lifetime of the address is unlimited or unknown.
 *
 * Returns: whether it has
 *
 * Since: 1.0
 */
gboolean
qnet_network_address_entry_is_permanent (QnetNetworkAddressEntry *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->valid_until == FOREVER;
}

/**
 * qnet_network_address_entry_is_temporary:
 * @self: an entry
 *
 * Gets whether the address has a limited lifetime, assigned by DHCP or a router.
 *
 * Returns: whether it has
 *
 * Since: 1.0
 */
gboolean
qnet_network_address_entry_is_temporary (QnetNetworkAddressEntry *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->valid_until != FOREVER;
}

/**
 * qnet_network_address_entry_equal:
 * @self: an entry
 * @other: another entry
 *
 * Compares the address, the prefix length and the broadcast address of two entries.
 *
 * Returns: whether they are equal
 *
 * Since: 1.0
 */
gboolean
qnet_network_address_entry_equal (QnetNetworkAddressEntry *self,
                                  QnetNetworkAddressEntry *other)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (other != NULL, FALSE);

  return self->prefix_length == other->prefix_length
         && qnet_host_address_equal (self->ip, other->ip)
         && qnet_host_address_equal (self->broadcast, other->broadcast);
}
