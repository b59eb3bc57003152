/* qnet-dns-name-private.h: names as DNS has them
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-enums.h"

G_BEGIN_DECLS

/* In ASCII; for PTR the text of an address becomes its reverse name. What cannot be a name stays as
 * it is: qnet_dns_message_new_query() finds that out. (transfer full) */
char *qnet_dns_name_encode (const char        *name,
                            QnetDnsRecordType  record_type);

G_END_DECLS
