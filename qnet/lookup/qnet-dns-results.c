/* qnet-dns-results.c: the records of a reply, sorted into their kinds
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "lookup/qnet-dns-results-private.h"

#include "lookup/qnet-dns-order-private.h"

#include "qnet-enums.h"

static QnetDnsKind
get_kind (const QnetDnsRecord *record)
{
  switch ((QnetDnsRecordType) record->type)
    {
    case QNET_DNS_RECORD_TYPE_CNAME:
      return QNET_DNS_KIND_CANONICAL_NAME;

    case QNET_DNS_RECORD_TYPE_A:
    case QNET_DNS_RECORD_TYPE_AAAA:
      return QNET_DNS_KIND_HOST_ADDRESS;

    case QNET_DNS_RECORD_TYPE_MX:
      return QNET_DNS_KIND_MAIL_EXCHANGE;

    case QNET_DNS_RECORD_TYPE_NS:
      return QNET_DNS_KIND_NAME_SERVER;

    case QNET_DNS_RECORD_TYPE_PTR:
      return QNET_DNS_KIND_POINTER;

    case QNET_DNS_RECORD_TYPE_SRV:
      return QNET_DNS_KIND_SERVICE;

    case QNET_DNS_RECORD_TYPE_TXT:
      return QNET_DNS_KIND_TEXT;

    case QNET_DNS_RECORD_TYPE_TLSA:
      return QNET_DNS_KIND_TLS_ASSOCIATION;

    case QNET_DNS_RECORD_TYPE_ANY:
      break;
    }

  return QNET_DNS_N_KINDS;
}

void
qnet_dns_results_init (QnetDnsResults       *results,
                       const QnetDnsMessage *reply)
{
  for (guint kind = 0; kind < QNET_DNS_N_KINDS; kind++)
    results->records[kind]
      = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_dns_record_unref);

  for (guint i = 0; reply != NULL && i < reply->records->len; i++)
    {
      QnetDnsRecord *record = g_ptr_array_index (reply->records, i);
      QnetDnsKind kind = get_kind (record);

      if (kind != QNET_DNS_N_KINDS)
        g_ptr_array_add (results->records[kind], qnet_dns_record_ref (record));
    }

  qnet_dns_order_services (results->records[QNET_DNS_KIND_SERVICE], qnet_dns_chance);
  qnet_dns_order_mail (results->records[QNET_DNS_KIND_MAIL_EXCHANGE], qnet_dns_chance);
}

void
qnet_dns_results_clear (QnetDnsResults *results)
{
  for (guint kind = 0; kind < QNET_DNS_N_KINDS; kind++)
    g_clear_pointer (&results->records[kind], g_ptr_array_unref);
}
