/* qnet-host-address-text.c: parsing and formatting of addresses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

#include "qnet-host-address.h"

static QnetHostAddress *
parse_ipv6 (const char *text)
{
  g_autofree char *digits = NULL;
  const char *percent = strchr (text, '%');
  guint8 bytes[QNET_HOST_ADDRESS_N_BYTES];

  digits = percent != NULL ? g_strndup (text, percent - text) : g_strdup (text);
  if (inet_pton (AF_INET6, digits, bytes) != 1)
    return NULL;

  if (percent == NULL)
    return qnet_host_address_new_scoped (bytes, NULL);

  if (percent[1] == '\0' || g_ascii_isspace (percent[1]))
    return NULL;

  return qnet_host_address_new_scoped (bytes, g_strdup (percent + 1));
}

static QnetHostAddress *
parse_ipv4 (const char *text)
{
  struct in_addr address;

  /* inet_aton() ignores what follows white space. */
  if (strpbrk (text, " \f\n\r\t\v") != NULL || inet_aton (text, &address) == 0)
    return NULL;

  return qnet_host_address_new_ipv4_bytes ((const guint8 *) &address);
}

/* Public API */

/**
 * qnet_host_address_from_string:
 * @text: the address as text
 *
 * Parses an address.
 *
 * White space around the address is ignored. IPv4 addresses are parsed like the C library's
 * `inet_aton()` does: each part is decimal, octal after a leading `0`, or hexadecimal after `0x`,
 * so `0x7f.1` and `0177.0.0.1` are 127.0.0.1. There may be fewer than four parts, and then the last
 * one fills the remaining bytes: `127.1` is 127.0.0.1, `123.0.0` is 123.0.0.0 and `4294967295` is
 * 255.255.255.255. If other code that parses such forms differently checks the address, pass it the
 * result of [method@HostAddress.to_string], and not the original text.
 *
 * An IPv6 address may end in `%` and a scope: the name or the index of an interface, which does not
 * have to exist. Host names are not looked up.
 *
 * `0.0.0.0` and `::` are the unspecified address of their family; no text is parsed as
 * [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress].
 *
 * Use [func@HostAddress.parse] to get an error if @text is not an address.
 *
 * Returns: (transfer full) (nullable): the address, or %NULL if @text is not an address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_from_string (const char *text)
{
  g_autofree char *stripped = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  stripped = g_strstrip (g_strdup (text));

  return strchr (stripped, ':') != NULL ? parse_ipv6 (stripped) : parse_ipv4 (stripped);
}

/**
 * qnet_host_address_parse:
 * @text: the address as text
 * @error: return location for an error
 *
 * Parses an address like [func@HostAddress.from_string], but sets @error if @text is not an
 * address.
 *
 * The error code is [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: (transfer full): the address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_parse (const char  *text,
                         GError     **error)
{
  QnetHostAddress *address;
  g_autofree char *readable = NULL;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  address = qnet_host_address_from_string (text);
  if (address != NULL)
    return address;

  readable = g_utf8_make_valid (text, -1);
  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("“%s” is neither an IPv4 nor an IPv6 address"), readable);

  return NULL;
}

/**
 * qnet_host_address_to_string:
 * @self: an address
 *
 * Converts the address to a string.
 *
 * IPv6 addresses are written as specified by RFC 5952: in lower case, without leading zeros, with
 * the longest run of zeros as `::`, and a v4-mapped address as `::ffff:192.0.2.1`. A scope follows
 * after `%`. Null becomes `""`, and [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] becomes `::`,
 * although it is not equal to [QNET_SPECIAL_ADDRESS_ANY_IPV6][enum@SpecialAddress]. For all other
 * addresses, [func@HostAddress.from_string] returns an equal address.
 *
 * Returns: (transfer full): the string
 *
 * Since: 1.0
 */
char *
qnet_host_address_to_string (const QnetHostAddress *self)
{
  char text[INET6_ADDRSTRLEN] = "";
  const guint8 *bytes;
  const char *scope_id;

  g_return_val_if_fail (self != NULL, NULL);

  bytes = qnet_host_address_peek_bytes (self);
  scope_id = qnet_host_address_get_scope_id (self);

  switch (qnet_host_address_get_protocol (self))
    {
    case QNET_NETWORK_LAYER_PROTOCOL_IPV4:
      inet_ntop (AF_INET, bytes + QNET_HOST_ADDRESS_IPV4_OFFSET, text, sizeof text);
      break;

    case QNET_NETWORK_LAYER_PROTOCOL_IPV6:
    case QNET_NETWORK_LAYER_PROTOCOL_ANY_IP:
      inet_ntop (AF_INET6, bytes, text, sizeof text);
      break;

    case QNET_NETWORK_LAYER_PROTOCOL_UNKNOWN:
      break;
    }

  return g_strconcat (text, scope_id != NULL ? "%" : NULL, scope_id, NULL);
}
