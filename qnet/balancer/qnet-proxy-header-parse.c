/* qnet-proxy-header-parse.c: reads a header of the PROXY protocol from bytes
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "balancer/qnet-proxy-header-private.h"

#include <arpa/inet.h>
#include <string.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

#define LINE_START "PROXY "

/* The second half of the thirteenth byte of version 2 */
#define COMMAND_LOCAL 0
#define COMMAND_PROXY 1

static void
set_no_header_error (GError **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                  _("The data does not begin with a PROXY header"));
}

/* Returns NULL. */
static QnetProxyHeader *
refuse (QnetProxyHeader  *self,
        GError          **error,
        const char       *message)
{
  qnet_proxy_header_unref (self);
  qnet_set_error (error, QNET_SOCKET_ERROR_PROXY_PROTOCOL, "%s", message);

  return NULL;
}

/* The size */

static gboolean
begins_with (const guint8 *data,
             gsize         length,
             const char   *text,
             gsize         size)
{
  return memcmp (data, text, MIN (length, size)) == 0;
}

static gsize
measure_line (const guint8  *data,
              gsize          length,
              GError       **error)
{
  const guint8 *end = memchr (data, '\n', MIN (length, QNET_PROXY_HEADER_MAX_LINE));

  if (end != NULL)
    return (gsize) (end - data) + 1;

  if (length < QNET_PROXY_HEADER_MAX_LINE)
    return length + 1;

  qnet_set_error (error, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                  _("The PROXY header is not valid: Its line is longer than %d bytes"),
                  QNET_PROXY_HEADER_MAX_LINE);
  return 0;
}

static guint16
read_number (const guint8 *data)
{
  return (guint16) (data[0] << 8 | data[1]);
}

gsize
qnet_proxy_header_measure (const guint8  *data,
                           gsize          length,
                           GError       **error)
{
  if (length == 0)
    return 1;

  if (begins_with (data, length, LINE_START, strlen (LINE_START)))
    return measure_line (data, length, error);

  if (!begins_with (data, length, QNET_PROXY_HEADER_SIGNATURE, QNET_PROXY_HEADER_SIGNATURE_SIZE))
    {
      set_no_header_error (error);
      return 0;
    }

  if (length < QNET_PROXY_HEADER_FIXED)
    return QNET_PROXY_HEADER_FIXED;

  return QNET_PROXY_HEADER_FIXED + (gsize) read_number (data + 14);
}

/* Version 1 */

/* Forms that are not canonical are not accepted: what is read here may be compared with a list. */
static QnetHostAddress *
read_address (const char *text,
              int         family)
{
  struct in6_addr ipv6;
  struct in_addr ipv4;

  if (family == AF_INET6)
    return inet_pton (AF_INET6, text, &ipv6) == 1
             ? qnet_host_address_new_ipv6 (ipv6.s6_addr, sizeof ipv6.s6_addr, NULL)
             : NULL;

  return inet_pton (AF_INET, text, &ipv4) == 1
           ? qnet_host_address_new_ipv4_bytes ((const guint8 *) &ipv4)
           : NULL;
}

static gboolean
read_port (const char *text,
           guint16    *out_port)
{
  guint64 port;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT16, &port, NULL)
      || (text[0] == '0' && text[1] != '\0'))
    return FALSE;

  *out_port = (guint16) port;

  return TRUE;
}

static gboolean
read_fields (QnetProxyHeader  *self,
             char            **fields)
{
  int family = AF_INET;

  if (g_strv_length (fields) != 6)
    return FALSE;

  if (g_str_equal (fields[1], "TCP6"))
    family = AF_INET6;
  else if (!g_str_equal (fields[1], "TCP4"))
    return FALSE;

  self->source = read_address (fields[2], family);
  self->destination = read_address (fields[3], family);

  return self->source != NULL
         && self->destination != NULL
         && read_port (fields[4], &self->source_port)
         && read_port (fields[5], &self->destination_port);
}

/* A proxy that does not know the addresses says UNKNOWN; the rest of the line has no meaning. */
static QnetProxyHeader *
parse_line (const guint8  *data,
            gsize          length,
            GError       **error)
{
  QnetProxyHeader *self = qnet_proxy_header_alloc (1);
  g_autofree char *line = NULL;
  g_auto(GStrv) fields = NULL;

  if (data[length - 1] != '\n' || data[length - 2] != '\r' || memchr (data, '\0', length) != NULL)
    return refuse (self, error, _("The PROXY header is not valid: Its line does not end with CR "
                                  "and LF"));

  line = g_strndup ((const char *) data, length - 2);
  fields = g_strsplit (line, " ", 7);

  if (g_strv_length (fields) >= 2 && g_str_equal (fields[1], "UNKNOWN"))
    self->is_local = TRUE;
  else if (!read_fields (self, fields))
    return refuse (self, error, _("The PROXY header is not valid: Its line does not have the "
                                  "addresses and ports of a connection"));

  return self;
}

/* Version 2 */

/* Returns the size of both addresses with their ports; -1 for an unknown family. */
static int
get_addresses_size (guint8 family)
{
  switch (family)
    {
    case 0x00:
      return 0;
    case 0x11:
    case 0x12:
      return 2 * (4 + 2);
    case 0x21:
    case 0x22:
      return 2 * (16 + 2);
    case 0x31:
    case 0x32:
      return 2 * 108;
    default:
      return -1;
    }
}

/* Unix sockets have no address that could be the peer's. */
static void
read_addresses (QnetProxyHeader *self,
                const guint8    *data,
                guint8           family)
{
  gsize size = family >> 4 == 1 ? 4 : 16;

  if (family >> 4 != 1 && family >> 4 != 2)
    return;

  if (size == 4)
    {
      self->source = qnet_host_address_new_ipv4_bytes (data);
      self->destination = qnet_host_address_new_ipv4_bytes (data + size);
    }
  else
    {
      self->source = qnet_host_address_new_ipv6 (data, size, NULL);
      self->destination = qnet_host_address_new_ipv6 (data + size, size, NULL);
    }

  self->source_port = read_number (data + 2 * size);
  self->destination_port = read_number (data + 2 * size + 2);
}

/* The checksum is that of the whole header, with zeros in its own place. */
static gboolean
is_checksum_right (const guint8 *header,
                   gsize         length,
                   const guint8 *value)
{
  const guint8 zeros[4] = { 0 };
  guint32 expected = (guint32) read_number (value) << 16 | read_number (value + 2);
  guint32 sum = qnet_proxy_header_checksum (0, header, (gsize) (value - header));

  sum = qnet_proxy_header_checksum (sum, zeros, sizeof zeros);
  sum = qnet_proxy_header_checksum (sum, value + 4, (gsize) (header + length - value) - 4);

  return sum == expected;
}

/* Returns what is wrong with the value at @value, of @size bytes, or NULL. A second checksum would
 * be the sum of the whole header again. */
static const char *
check_value (const QnetProxyHeader *self,
             const guint8          *header,
             gsize                  length,
             const guint8          *value,
             gsize                  size)
{
  gboolean is_checksum = value[0] == QNET_PROXY_HEADER_FIELD_CRC32C;

  if (value[0] == QNET_PROXY_HEADER_FIELD_NOOP)
    return NULL;

  if (!qnet_proxy_header_has_room (self, value[0]))
    return is_checksum ? _("The PROXY header is not valid: It has more than one checksum")
                       : _("The PROXY header is not valid: It has too many values");

  if (is_checksum && (size != 4 || !is_checksum_right (header, length, value + 3)))
    return _("The PROXY header is not valid: Its checksum does not match");

  return NULL;
}

/* Returns what is wrong with the values from @place on, or NULL. */
static const char *
read_values (QnetProxyHeader *self,
             const guint8    *header,
             gsize            length,
             gsize            place)
{
  const char *mistake = NULL;

  while (place < length && mistake == NULL)
    {
      gsize size;

      if (length - place < 3 || length - place - 3 < read_number (header + place + 1))
        return _("The PROXY header is not valid: A value is longer than the rest of the header");

      size = read_number (header + place + 1);
      mistake = check_value (self, header, length, header + place, size);
      if (mistake == NULL && header[place] != QNET_PROXY_HEADER_FIELD_NOOP)
        {
          g_autoptr(GBytes) value = g_bytes_new (header + place + 3, size);

          qnet_proxy_header_append_value (self, header[place], value);
        }

      place += 3 + size;
    }

  return mistake;
}

static QnetProxyHeader *
parse_binary (const guint8  *data,
              gsize          length,
              GError       **error)
{
  QnetProxyHeader *self = qnet_proxy_header_alloc (2);
  int size = get_addresses_size (data[13]);
  const char *mistake;

  if (data[12] != (2 << 4 | COMMAND_LOCAL) && data[12] != (2 << 4 | COMMAND_PROXY))
    return refuse (self, error, _("The PROXY header is not valid: Its version or its command is "
                                  "not known"));

  self->is_local = data[12] == (2 << 4 | COMMAND_LOCAL);
  if (self->is_local)
    return self;

  if (size < 0)
    return refuse (self, error, _("The PROXY header is not valid: Its kind of address is not "
                                  "known"));

  if (length < QNET_PROXY_HEADER_FIXED + (gsize) size)
    return refuse (self, error, _("The PROXY header is not valid: It is too short for its "
                                  "addresses"));

  read_addresses (self, data + QNET_PROXY_HEADER_FIXED, data[13]);
  mistake = read_values (self, data, length, QNET_PROXY_HEADER_FIXED + (gsize) size);

  return mistake == NULL ? self : refuse (self, error, mistake);
}

QnetProxyHeader *
qnet_proxy_header_parse (const guint8  *data,
                         gsize          length,
                         GError       **error)
{
  if (data[0] == *LINE_START)
    return parse_line (data, length, error);

  return parse_binary (data, length, error);
}
