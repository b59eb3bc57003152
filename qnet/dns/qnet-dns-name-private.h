/* qnet-dns-name-private.h: the DNS form of names and addresses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-enums.h"

G_BEGIN_DECLS

/* Converts @name to ASCII; for PTR an address becomes its reverse name. An invalid name is returned
 * unchanged: qnet_dns_message_new_query() rejects it. (transfer full) */
char *qnet_dns_name_encode (const char        *name,
                            QnetDnsRecordType  record_type);

G_END_DECLS
