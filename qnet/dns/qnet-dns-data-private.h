/* qnet-dns-data-private.h: reads the data of a DNS record, by its type
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "dns/qnet-dns-reader-private.h"
#include "dns/qnet-dns-record-private.h"

G_BEGIN_DECLS

/* Reads the next @size bytes into the fields of @record, whose type is set. The data of a type that
 * has no fields is copied (RFC 3597). FALSE if the data is malformed; the reader is behind them all
 * the same, unless the message ends before. The type becomes 0 if the record is to be ignored. */
gboolean qnet_dns_data_read (QnetDnsReader *reader,
                             guint16        size,
                             QnetDnsRecord *record);

G_END_DECLS
