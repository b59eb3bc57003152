/* qnet-proxy-header-format.c: writes a header of the PROXY protocol as bytes
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "balancer/qnet-proxy-header-private.h"

#include <string.h>

#include "address/qnet-host-address-private.h"

/* The polynomial with its bits reversed */
#define CASTAGNOLI 0x82f63b78u

static gboolean
is_ipv4 (const QnetProxyHeader *self)
{
  return qnet_host_address_get_protocol (self->source) == QNET_NETWORK_LAYER_PROTOCOL_IPV4;
}

/* Version 1 */

static GBytes *
format_line (const QnetProxyHeader *self)
{
  g_autofree char *source = NULL;
  g_autofree char *destination = NULL;
  char *line;

  if (self->source == NULL)
    return g_bytes_new_static ("PROXY UNKNOWN\r\n", 15);

  source = qnet_host_address_to_string (self->source);
  destination = qnet_host_address_to_string (self->destination);
  line = g_strdup_printf ("PROXY %s %s %s %u %u\r\n", is_ipv4 (self) ? "TCP4" : "TCP6",
                          source, destination, self->source_port, self->destination_port);

  return g_bytes_new_take (line, strlen (line));
}

/* Version 2 */

guint32
qnet_proxy_header_checksum (guint32       seed,
                            const guint8 *data,
                            gsize         length)
{
  guint32 sum = ~seed;

  for (gsize i = 0; i < length; i++)
    {
      sum ^= data[i];
      for (int bit = 0; bit < 8; bit++)
        sum = sum >> 1 ^ (sum & 1 ? CASTAGNOLI : 0);
    }

  return ~sum;
}

static void
append_number (GByteArray *array,
               guint16     number)
{
  const guint8 bytes[] = { (guint8) (number >> 8), (guint8) number };

  g_byte_array_append (array, bytes, sizeof bytes);
}

static void
append_value (GByteArray   *array,
              guint8        type,
              const guint8 *value,
              gsize         size)
{
  g_byte_array_append (array, &type, 1);
  append_number (array, (guint16) size);
  g_byte_array_append (array, value, (guint) size);
}

static void
append_addresses (GByteArray            *array,
                  const QnetProxyHeader *self)
{
  const guint8 *source = qnet_host_address_peek_bytes (self->source);
  const guint8 *destination = qnet_host_address_peek_bytes (self->destination);
  guint offset = is_ipv4 (self) ? QNET_HOST_ADDRESS_IPV4_OFFSET : 0;

  g_byte_array_append (array, source + offset, 16 - offset);
  g_byte_array_append (array, destination + offset, 16 - offset);
  append_number (array, self->source_port);
  append_number (array, self->destination_port);
}

static void
append_values (GByteArray            *array,
               const QnetProxyHeader *self)
{
  for (guint i = 0; self->values != NULL && i < self->values->len; i++)
    {
      QnetProxyHeaderValue *value = &g_array_index (self->values, QnetProxyHeaderValue, i);
      gsize size;
      const guint8 *data = g_bytes_get_data (value->value, &size);

      if (value->type != QNET_PROXY_HEADER_FIELD_CRC32C)
        append_value (array, value->type, data, size);
    }
}

/* The length and the checksum are written when all else is there. */
static void
finish (GByteArray *array)
{
  const guint8 zeros[4] = { 0 };
  guint length;
  guint32 sum;

  append_value (array, QNET_PROXY_HEADER_FIELD_CRC32C, zeros, sizeof zeros);
  length = array->len - QNET_PROXY_HEADER_FIXED;
  array->data[14] = (guint8) (length >> 8);
  array->data[15] = (guint8) length;

  sum = GUINT32_TO_BE (qnet_proxy_header_checksum (0, array->data, array->len));
  memcpy (array->data + array->len - sizeof sum, &sum, sizeof sum);
}

static GBytes *
format_binary (const QnetProxyHeader *self)
{
  guint8 fixed[QNET_PROXY_HEADER_FIXED] = QNET_PROXY_HEADER_SIGNATURE;
  GByteArray *array = g_byte_array_new ();

  fixed[12] = 2 << 4 | (self->is_local ? 0 : 1);
  if (self->source != NULL)
    fixed[13] = is_ipv4 (self) ? 0x11 : 0x21;
  g_byte_array_append (array, fixed, sizeof fixed);

  if (self->is_local)
    return g_byte_array_free_to_bytes (array);

  if (self->source != NULL)
    append_addresses (array, self);
  append_values (array, self);
  finish (array);

  return g_byte_array_free_to_bytes (array);
}

/**
 * qnet_proxy_header_to_bytes:
 * @self: a header
 * @version: 1 or 2
 *
 * Writes a header as it is sent, before all other data of a connection.
 *
 * Version 1 is a line of text, which has no fields. Version 2 is binary, and ends with a checksum.
 *
 * Returns: (transfer full): the bytes
 *
 * Since: 1.0
 */
GBytes *
qnet_proxy_header_to_bytes (const QnetProxyHeader *self,
                            int                    version)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (version == 1 || version == 2, NULL);

  return version == 1 ? format_line (self) : format_binary (self);
}
