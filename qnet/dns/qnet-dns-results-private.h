/* qnet-dns-results-private.h: the records of a reply by type
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "dns/qnet-dns-message-private.h"

G_BEGIN_DECLS

typedef enum
{
  QNET_DNS_KIND_CANONICAL_NAME,
  QNET_DNS_KIND_CERTIFICATION_AUTHORITY,
  QNET_DNS_KIND_HOST_ADDRESS,
  QNET_DNS_KIND_MAIL_EXCHANGE,
  QNET_DNS_KIND_NAME_SERVER,
  QNET_DNS_KIND_NAMING_AUTHORITY,
  QNET_DNS_KIND_POINTER,
  QNET_DNS_KIND_SERVICE,
  QNET_DNS_KIND_SERVICE_BINDING,
  QNET_DNS_KIND_START_OF_AUTHORITY,
  QNET_DNS_KIND_TEXT,
  QNET_DNS_KIND_TLS_ASSOCIATION,
  QNET_DNS_KIND_UNKNOWN,
  QNET_DNS_N_KINDS
} QnetDnsKind;

typedef struct
{
  GPtrArray *records[QNET_DNS_N_KINDS];  /* (owned) (element-type QnetDnsRecord) */
} QnetDnsResults;

void qnet_dns_results_init (QnetDnsResults       *results,
                            const QnetDnsMessage *reply);  /* (nullable): NULL for no records */
void qnet_dns_results_clear (QnetDnsResults      *results);

G_END_DECLS
