/* qnet-dns-lookup-records.c: what a look-up has found, by kind
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "lookup/qnet-dns-lookup-private.h"

/**
 * qnet_dns_lookup_get_canonical_name_records:
 * @self: a look-up
 *
 * Gets the CNAME records of the last look-up: the aliases on the way to the answer.
 *
 * Returns: (transfer none) (element-type QnetDnsDomainNameRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_canonical_name_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);

  return self->results.records[QNET_DNS_KIND_CANONICAL_NAME];
}

/**
 * qnet_dns_lookup_get_host_address_records:
 * @self: a look-up
 *
 * Gets the A and AAAA records of the last look-up: the addresses.
 *
 * Returns: (transfer none) (element-type QnetDnsHostAddressRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_host_address_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);

  return self->results.records[QNET_DNS_KIND_HOST_ADDRESS];
}

/**
 * qnet_dns_lookup_get_mail_exchange_records:
 * @self: a look-up
 *
 * Gets the MX records of the last look-up: who takes the mail. They are sorted: the first one is to
 * be tried first.
 *
 * Returns: (transfer none) (element-type QnetDnsMailExchangeRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_mail_exchange_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);

  return self->results.records[QNET_DNS_KIND_MAIL_EXCHANGE];
}

/**
 * qnet_dns_lookup_get_name_server_records:
 * @self: a look-up
 *
 * Gets the NS records of the last look-up: the name servers.
 *
 * Returns: (transfer none) (element-type QnetDnsDomainNameRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_name_server_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);

  return self->results.records[QNET_DNS_KIND_NAME_SERVER];
}

/**
 * qnet_dns_lookup_get_pointer_records:
 * @self: a look-up
 *
 * Gets the PTR records of the last look-up: the names of an address.
 *
 * Returns: (transfer none) (element-type QnetDnsDomainNameRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_pointer_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);

  return self->results.records[QNET_DNS_KIND_POINTER];
}

/**
 * qnet_dns_lookup_get_service_records:
 * @self: a look-up
 *
 * Gets the SRV records of the last look-up: who offers the service. They are in the order in which
 * to try them, which RFC 2782 makes of priorities, of weights, and of chance.
 *
 * Returns: (transfer none) (element-type QnetDnsServiceRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_service_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);

  return self->results.records[QNET_DNS_KIND_SERVICE];
}

/**
 * qnet_dns_lookup_get_text_records:
 * @self: a look-up
 *
 * Gets the TXT records of the last look-up: the texts.
 *
 * Returns: (transfer none) (element-type QnetDnsTextRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_text_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);

  return self->results.records[QNET_DNS_KIND_TEXT];
}

/**
 * qnet_dns_lookup_get_tls_association_records:
 * @self: a look-up
 *
 * Gets the TLSA records of the last look-up: which certificates a service may have.
 *
 * Returns: (transfer none) (element-type QnetDnsTlsAssociationRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_tls_association_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);

  return self->results.records[QNET_DNS_KIND_TLS_ASSOCIATION];
}
