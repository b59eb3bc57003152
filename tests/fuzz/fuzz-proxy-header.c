/* fuzz-proxy-header.c: headers of the PROXY protocol, whatever they are
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include "balancer/qnet-proxy-header-private.h"

#include "fuzz.h"

static gboolean
is_same_address (QnetHostAddress *address,
                 QnetHostAddress *other)
{
  return address == NULL ? other == NULL : qnet_host_address_equal (address, other);
}

/* What was read is written so that it is read as the same. */
static void
check_header (const QnetProxyHeader *header,
              int                    version)
{
  g_autoptr(GBytes) bytes = qnet_proxy_header_to_bytes (header, version);
  g_autoptr(QnetProxyHeader) other = NULL;
  GError *error = NULL;

  other = qnet_proxy_header_new_from_bytes (bytes, &error);
  g_assert_no_error (error);
  g_assert_true (is_same_address (header->source, other->source));
  g_assert_true (is_same_address (header->destination, other->destination));
  g_assert_cmpuint (header->source_port, ==, other->source_port);
  g_assert_cmpuint (header->destination_port, ==, other->destination_port);
}

/* A part of a header is incomplete, or refused for what it has; it is never taken for the whole. */
static void
check_parts (const guint8 *data,
             gsize         length,
             gsize         size)
{
  for (gsize part = 0; part < MIN (size, length); part++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_cmpuint (qnet_proxy_header_measure (data, part, &error), >, part);
      g_assert_no_error (error);
    }
}

static gboolean
can_be_written (const QnetProxyHeader *header)
{
  gsize size = 0;

  for (guint i = 0; header->values != NULL && i < header->values->len; i++)
    size += 3 + g_bytes_get_size (g_array_index (header->values, QnetProxyHeaderValue, i).value);

  return size <= G_MAXUINT16 - 36 - 7;
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  g_autoptr(QnetProxyHeader) header = NULL;
  g_autoptr(GError) error = NULL;
  gsize size = qnet_proxy_header_measure (data, length, &error);

  if (size == 0)
    {
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_PROXY_PROTOCOL);
      return 0;
    }

  g_assert_no_error (error);
  check_parts (data, length, size);
  if (size > length)
    return 0;

  header = qnet_proxy_header_parse (data, size, &error);
  g_assert_true ((header == NULL) == (error != NULL));
  if (header == NULL)
    return 0;

  check_header (header, 1);
  if (can_be_written (header))
    check_header (header, 2);

  return 0;
}
