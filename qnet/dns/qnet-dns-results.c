/* qnet-dns-results.c: the records of a reply by type
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-results-private.h"

#include "dns/qnet-dns-order-private.h"

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

    case QNET_DNS_RECORD_TYPE_SOA:
      return QNET_DNS_KIND_START_OF_AUTHORITY;

    case QNET_DNS_RECORD_TYPE_PTR:
      return QNET_DNS_KIND_POINTER;

    case QNET_DNS_RECORD_TYPE_SRV:
      return QNET_DNS_KIND_SERVICE;

    case QNET_DNS_RECORD_TYPE_NAPTR:
      return QNET_DNS_KIND_NAMING_AUTHORITY;

    case QNET_DNS_RECORD_TYPE_SVCB:
    case QNET_DNS_RECORD_TYPE_HTTPS:
      return QNET_DNS_KIND_SERVICE_BINDING;

    case QNET_DNS_RECORD_TYPE_CAA:
      return QNET_DNS_KIND_CERTIFICATION_AUTHORITY;

    case QNET_DNS_RECORD_TYPE_TXT:
      return QNET_DNS_KIND_TEXT;

    case QNET_DNS_RECORD_TYPE_TLSA:
      return QNET_DNS_KIND_TLS_ASSOCIATION;

    case QNET_DNS_RECORD_TYPE_UNKNOWN:
    case QNET_DNS_RECORD_TYPE_ANY:
      break;
    }

  return QNET_DNS_KIND_UNKNOWN;
}

/* An alias replaces the bindings of its type, which follow it (RFC 9460, section 2.4.1). */
static void
remove_behind_alias (GPtrArray *bindings)
{
  guint16 type = 0;
  guint n_kept = 0;

  for (guint i = 0; i < bindings->len; i++)
    {
      QnetDnsRecord *record = g_ptr_array_index (bindings, i);

      if (record->svcb.priority == 0)
        type = record->type;

      if (record->svcb.priority == 0 || record->type != type)
        {
          g_ptr_array_index (bindings, i) = g_ptr_array_index (bindings, n_kept);
          g_ptr_array_index (bindings, n_kept++) = record;
        }
    }

  g_ptr_array_set_size (bindings, n_kept);
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

      g_ptr_array_add (results->records[get_kind (record)], qnet_dns_record_ref (record));
    }

  qnet_dns_order_services (results->records[QNET_DNS_KIND_SERVICE], qnet_dns_random);
  qnet_dns_order_mail (results->records[QNET_DNS_KIND_MAIL_EXCHANGE], qnet_dns_random);
  qnet_dns_order_bindings (results->records[QNET_DNS_KIND_SERVICE_BINDING], qnet_dns_random);
  remove_behind_alias (results->records[QNET_DNS_KIND_SERVICE_BINDING]);
  qnet_dns_order_naming (results->records[QNET_DNS_KIND_NAMING_AUTHORITY]);
}

void
qnet_dns_results_clear (QnetDnsResults *results)
{
  for (guint kind = 0; kind < QNET_DNS_N_KINDS; kind++)
    g_clear_pointer (&results->records[kind], g_ptr_array_unref);
}
