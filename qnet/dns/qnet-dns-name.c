/* qnet-dns-name.c: the DNS form of names and addresses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-name-private.h"

#include "address/qnet-host-address-private.h"

#include "qnet-host-address.h"

static char *
make_reverse_ipv4 (const guint8 *bytes)
{
  return g_strdup_printf ("%u.%u.%u.%u.in-addr.arpa", bytes[3], bytes[2], bytes[1], bytes[0]);
}

static char *
make_reverse_ipv6 (const guint8 *bytes)
{
  GString *name = g_string_new (NULL);

  for (int i = 15; i >= 0; i--)
    g_string_append_printf (name, "%x.%x.", bytes[i] & 0xf, bytes[i] >> 4);

  g_string_append (name, "ip6.arpa");

  return g_string_free (name, FALSE);
}

/* RFC 1035, section 3.5, and RFC 3596, section 2.5. NULL if @name is not an address. */
static char *
make_reverse_name (const char *name)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string (name);
  const guint8 *bytes;

  if (address == NULL)
    return NULL;

  bytes = qnet_host_address_peek_bytes (address);

  if (qnet_host_address_get_protocol (address) == QNET_NETWORK_LAYER_PROTOCOL_IPV4)
    return make_reverse_ipv4 (bytes + QNET_HOST_ADDRESS_IPV4_OFFSET);

  return make_reverse_ipv6 (bytes);
}

char *
qnet_dns_name_encode (const char        *name,
                      QnetDnsRecordType  record_type)
{
  char *encoded = NULL;

  if (record_type == QNET_DNS_RECORD_TYPE_PTR)
    encoded = make_reverse_name (name);

  if (encoded == NULL && !g_str_is_ascii (name) && g_utf8_validate (name, -1, NULL))
    encoded = g_hostname_to_ascii (name);

  return encoded != NULL ? encoded : g_strdup (name);
}
