/* qnet-host-address-subnet.c: subnets and network masks
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

#include "qnet-host-address.h"

#define IPV4_BITS 32
#define IPV6_BITS 128

/* Bits */

gboolean
qnet_address_bits_equal (const guint8 *bytes,
                         const guint8 *other,
                         guint         n_bits)
{
  guint n_bytes = n_bits / 8;
  guint8 mask = (guint8) (0xff00 >> n_bits % 8);

  if (memcmp (bytes, other, n_bytes) != 0)
    return FALSE;

  return mask == 0 || ((bytes[n_bytes] ^ other[n_bytes]) & mask) == 0;
}

static inline gboolean
has_bit (const guint8 *bytes,
         int           i)
{
  return (bytes[i / 8] & (0x80 >> i % 8)) != 0;
}

int
qnet_address_mask_length (const guint8 *bytes,
                          int           n_bits)
{
  int length = 0;

  while (length < n_bits && has_bit (bytes, length))
    length++;

  for (int i = length; i < n_bits; i++)
    if (has_bit (bytes, i))
      return -1;

  return length;
}

static void
clear_bits (guint8 *bytes,
            int     from,
            int     n_bits)
{
  for (int i = from; i < n_bits; i++)
    bytes[i / 8] &= ~(0x80 >> i % 8);
}

/* Gets the bytes of the address in its own family. Returns their number in bits, 0 for Null and
 * Any. */
static int
peek_family_bytes (const QnetHostAddress  *self,
                   const guint8          **out_bytes)
{
  const guint8 *bytes = qnet_host_address_peek_bytes (self);

  switch (qnet_host_address_get_protocol (self))
    {
    case QNET_NETWORK_LAYER_PROTOCOL_IPV4:
      *out_bytes = bytes + QNET_HOST_ADDRESS_IPV4_OFFSET;
      return IPV4_BITS;

    case QNET_NETWORK_LAYER_PROTOCOL_IPV6:
      *out_bytes = bytes;
      return IPV6_BITS;

    case QNET_NETWORK_LAYER_PROTOCOL_ANY_IP:
    case QNET_NETWORK_LAYER_PROTOCOL_UNKNOWN:
      break;
    }

  *out_bytes = bytes;
  return 0;
}

/* Text */

/* "24", or for IPv4 also "255.255.255.0". */
static gboolean
parse_mask (const char *text,
            int         n_bits,
            int        *out_length)
{
  guint64 number;
  guint8 bytes[4];

  if (n_bits == IPV4_BITS && inet_pton (AF_INET, text, bytes) == 1)
    {
      *out_length = qnet_address_mask_length (bytes, n_bits);
      return *out_length >= 0;
    }

  if (!g_ascii_string_to_unsigned (text, 10, 0, n_bits, &number, NULL))
    return FALSE;

  *out_length = (int) number;
  return TRUE;
}

/* One to four parts. Unlike the parts of an address, each is decimal and one byte. The last one may
 * be empty. */
static gboolean
parse_ipv4_network (const char *text,
                    guint8     *out_bytes,
                    int        *out_length)
{
  g_auto(GStrv) parts = g_strsplit (text, ".", -1);
  guint n_parts = g_strv_length (parts);
  guint64 number;

  if (n_parts > 1 && n_parts <= 4 && *parts[n_parts - 1] == '\0')
    n_parts--;

  if (n_parts == 0 || n_parts > 4)
    return FALSE;

  for (guint i = 0; i < n_parts; i++)
    {
      if (!g_ascii_string_to_unsigned (parts[i], 10, 0, G_MAXUINT8, &number, NULL))
        return FALSE;

      out_bytes[i] = (guint8) number;
    }

  *out_length = 8 * (int) n_parts;
  return TRUE;
}

static QnetHostAddress *
parse_ipv4_subnet (const char *network,
                   const char *mask,  /* (nullable) */
                   int        *out_length)
{
  guint8 bytes[4] = { 0 };
  guint32 number;

  if (!parse_ipv4_network (network, bytes, out_length)
      || (mask != NULL && !parse_mask (mask, IPV4_BITS, out_length)))
    return NULL;

  clear_bits (bytes, *out_length, IPV4_BITS);
  memcpy (&number, bytes, sizeof number);

  return qnet_host_address_new_ipv4 (g_ntohl (number));
}

static QnetHostAddress *
parse_ipv6_subnet (const char *network,
                   const char *mask,  /* (nullable) */
                   int        *out_length)
{
  guint8 bytes[16];

  *out_length = IPV6_BITS;

  if (inet_pton (AF_INET6, network, bytes) != 1
      || (mask != NULL && !parse_mask (mask, IPV6_BITS, out_length)))
    return NULL;

  clear_bits (bytes, *out_length, IPV6_BITS);

  return qnet_host_address_new_ipv6 (bytes, sizeof bytes, NULL);
}

static QnetHostAddress *
parse_subnet (const char *text,
              int        *out_length)
{
  g_autofree char *network = g_strstrip (g_strdup (text));
  char *slash = strchr (network, '/');
  const char *mask = NULL;

  if (slash != NULL)
    {
      *slash = '\0';
      mask = slash + 1;
    }

  return strchr (network, ':') != NULL ? parse_ipv6_subnet (network, mask, out_length)
                                       : parse_ipv4_subnet (network, mask, out_length);
}

/* Public API */

/**
 * qnet_host_address_is_in_subnet:
 * @self: an address
 * @subnet: any address of the network
 * @prefix_length: the length of the network's prefix in bits
 *
 * Gets whether the address belongs to a network.
 *
 * A @prefix_length of 0 matches all addresses of the family. Scopes are ignored. Addresses of
 * different families never match, not even if one of them is v4-mapped. Null and
 * %QNET_SPECIAL_ADDRESS_ANY do not belong to any network. If @prefix_length is out of range for the
 * family, such as -1, no address matches.
 *
 * Returns: %TRUE if @self is in the network
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_is_in_subnet (const QnetHostAddress *self,
                                const QnetHostAddress *subnet,
                                int                    prefix_length)
{
  const guint8 *bytes, *subnet_bytes;
  int n_bits;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (subnet != NULL, FALSE);

  n_bits = peek_family_bytes (self, &bytes);

  if (n_bits == 0 || peek_family_bytes (subnet, &subnet_bytes) != n_bits)
    return FALSE;

  return prefix_length >= 0 && prefix_length <= n_bits
         && qnet_address_bits_equal (bytes, subnet_bytes, prefix_length);
}

/**
 * qnet_host_address_parse_subnet:
 * @text: a network as text
 * @address: (out) (optional): the first address of the network
 * @prefix_length: (out) (optional): the length of the prefix in bits
 * @error: return location for an error
 *
 * Parses a network, such as `192.168.0.0/24` or `2001:db8::/32`.
 *
 * For IPv4, the mask may also be written as an address (`192.168.0.0/255.255.255.0`), and trailing
 * parts of the address may be omitted. If there is no prefix, it covers the parts that are present,
 * so `10` and `10.` are 10.0.0.0/8. Unlike in [func@HostAddress.from_string], each part is a
 * decimal number of one byte.
 *
 * A complete address without a prefix is a network with a single address. Bits after the prefix are
 * cleared.
 *
 * If @text is not a network, for example because its mask is not contiguous, this function fails
 * with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: %TRUE if @text is a network
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_parse_subnet (const char       *text,
                                QnetHostAddress **address,
                                int              *prefix_length,
                                GError          **error)
{
  g_autoptr(QnetHostAddress) network = NULL;
  int length;

  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  network = parse_subnet (text, &length);
  if (network == NULL)
    {
      g_autofree char *readable = g_utf8_make_valid (text, -1);

      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("“%s” is not a network"), readable);
      return FALSE;
    }

  if (address != NULL)
    *address = g_steal_pointer (&network);

  if (prefix_length != NULL)
    *prefix_length = length;

  return TRUE;
}
