/* qnet-socks5-wire.c: the wire format of SOCKS5 addresses and datagrams (RFC 1928)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-socks5-wire-private.h"

#include <string.h>

#include "address/qnet-host-address-private.h"

#define IPV4_SIZE     4
#define IPV6_SIZE     16
#define PORT_SIZE     2
#define HEADER_OFFSET 3  /* of the address within the header of a datagram */

static void
append_byte (GByteArray *array,
             guint8      byte)
{
  g_byte_array_append (array, &byte, 1);
}

static void
append_host_address (GByteArray            *array,
                     const QnetHostAddress *address)
{
  const guint8 *bytes = qnet_host_address_peek_bytes (address);

  if (qnet_host_address_get_protocol (address) == QNET_NETWORK_LAYER_PROTOCOL_IPV6)
    {
      append_byte (array, QNET_SOCKS5_IPV6);
      g_byte_array_append (array, bytes, IPV6_SIZE);
      return;
    }

  append_byte (array, QNET_SOCKS5_IPV4);  /* the last four bytes of Any are zeros */
  g_byte_array_append (array, bytes + QNET_HOST_ADDRESS_IPV4_OFFSET, IPV4_SIZE);
}

static void
append_name (GByteArray *array,
             const char *host)
{
  gsize length = strlen (host);

  g_assert (length <= G_MAXUINT8);

  append_byte (array, QNET_SOCKS5_NAME);
  append_byte (array, (guint8) length);
  g_byte_array_append (array, (const guint8 *) host, length);
}

void
qnet_socks5_append_address (GByteArray            *array,
                            const QnetHostAddress *address,
                            const char            *host,
                            guint16                port)
{
  if (address != NULL)
    append_host_address (array, address);
  else
    append_name (array, host);

  append_byte (array, port >> 8);
  append_byte (array, port & 0xff);
}

gsize
qnet_socks5_address_size (const guint8 *data)
{
  switch (data[0])
    {
    case QNET_SOCKS5_IPV4:
      return 1 + IPV4_SIZE + PORT_SIZE;
    case QNET_SOCKS5_IPV6:
      return 1 + IPV6_SIZE + PORT_SIZE;
    case QNET_SOCKS5_NAME:
      return 1 + 1 + (gsize) data[1] + PORT_SIZE;
    default:
      return 0;
    }
}

QnetHostAddress *
qnet_socks5_read_address (const guint8 *data,
                          guint16      *out_port)
{
  gsize size = qnet_socks5_address_size (data);
  guint32 ipv4;

  *out_port = (guint16) (data[size - 2] << 8 | data[size - 1]);

  switch (data[0])
    {
    case QNET_SOCKS5_IPV4:
      memcpy (&ipv4, data + 1, sizeof ipv4);
      return qnet_host_address_new_ipv4 (g_ntohl (ipv4));
    case QNET_SOCKS5_IPV6:
      return qnet_host_address_new_ipv6 (data + 1, IPV6_SIZE, NULL);
    default:
      return NULL;
    }
}

gsize
qnet_socks5_read_datagram (const guint8     *data,
                           gsize             length,
                           QnetHostAddress **out_sender,
                           guint16          *out_port)
{
  gsize size;

  if (length < HEADER_OFFSET + 2)
    return 0;

  /* RSV must be 0. If FRAG is not 0 this is a fragment, which must be dropped if reassembly is not
   * supported. */
  if (data[0] != 0 || data[1] != 0 || data[2] != 0)
    return 0;

  size = qnet_socks5_address_size (data + HEADER_OFFSET);
  if (size == 0 || length < HEADER_OFFSET + size)
    return 0;

  *out_sender = qnet_socks5_read_address (data + HEADER_OFFSET, out_port);

  return HEADER_OFFSET + size;
}
