/* qnet-dns-reader-private.h: reads numbers, bytes and names from a DNS message
 *
 * Each function advances the reader, and returns FALSE or NULL if the message ends before.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const guint8 *data;
  gsize         size;
  gsize         at;  /* never beyond size */
} QnetDnsReader;

gboolean qnet_dns_reader_read_u8    (QnetDnsReader  *reader,
                                     guint8         *out_value);
gboolean qnet_dns_reader_read_u16   (QnetDnsReader  *reader,
                                     guint16        *out_value);
gboolean qnet_dns_reader_read_u32   (QnetDnsReader  *reader,
                                     guint32        *out_value);
gboolean qnet_dns_reader_read_bytes (QnetDnsReader  *reader,
                                     gsize           size,
                                     const guint8  **out_bytes);

/* A name that may be compressed. "." is the root. (transfer full) (nullable) */
char    *qnet_dns_reader_read_name  (QnetDnsReader  *reader);

G_END_DECLS
