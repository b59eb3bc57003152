/* qnet-dns-lookup-records.c: the records of a lookup by type
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "records/qnet-dns-lookup-private.h"

/**
 * qnet_dns_lookup_get_canonical_name_records:
 * @self: a lookup
 *
 * Gets the CNAME records of the last lookup: the aliases that lead to the name with the other
 * records.
 *
 * Returns: (transfer none) (element-type QnetDnsDomainNameRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_canonical_name_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->results.records[QNET_DNS_KIND_CANONICAL_NAME];
}

/**
 * qnet_dns_lookup_get_host_address_records:
 * @self: a lookup
 *
 * Gets the A and AAAA records of the last lookup: addresses.
 *
 * Returns: (transfer none) (element-type QnetDnsHostAddressRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_host_address_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->results.records[QNET_DNS_KIND_HOST_ADDRESS];
}

/**
 * qnet_dns_lookup_get_mail_exchange_records:
 * @self: a lookup
 *
 * Gets the MX records of the last lookup: the mail servers of the domain, in the order in which to
 * try them.
 *
 * Returns: (transfer none) (element-type QnetDnsMailExchangeRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_mail_exchange_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->results.records[QNET_DNS_KIND_MAIL_EXCHANGE];
}

/**
 * qnet_dns_lookup_get_name_server_records:
 * @self: a lookup
 *
 * Gets the NS records of the last lookup: name servers.
 *
 * Returns: (transfer none) (element-type QnetDnsDomainNameRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_name_server_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->results.records[QNET_DNS_KIND_NAME_SERVER];
}

/**
 * qnet_dns_lookup_get_pointer_records:
 * @self: a lookup
 *
 * Gets the PTR records of the last lookup: names of an address.
 *
 * Returns: (transfer none) (element-type QnetDnsDomainNameRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_pointer_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->results.records[QNET_DNS_KIND_POINTER];
}

/**
 * qnet_dns_lookup_get_service_records:
 * @self: a lookup
 *
 * Gets the SRV records of the last lookup: the servers of a service, in the order in which to try
 * them. The order is determined by the priorities and, randomly, by the weights, as specified by
 * RFC 2782.
 *
 * Returns: (transfer none) (element-type QnetDnsServiceRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_service_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->results.records[QNET_DNS_KIND_SERVICE];
}

/**
 * qnet_dns_lookup_get_text_records:
 * @self: a lookup
 *
 * Gets the TXT records of the last lookup.
 *
 * Returns: (transfer none) (element-type QnetDnsTextRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_text_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->results.records[QNET_DNS_KIND_TEXT];
}

/**
 * qnet_dns_lookup_get_tls_association_records:
 * @self: a lookup
 *
 * Gets the TLSA records of the last lookup: the certificates that a service may present.
 *
 * Returns: (transfer none) (element-type QnetDnsTlsAssociationRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_tls_association_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->results.records[QNET_DNS_KIND_TLS_ASSOCIATION];
}

/**
 * qnet_dns_lookup_get_certification_authority_records:
 * @self: a lookup
 *
 * Gets the CAA records of the last lookup: who may issue certificates for the name. Without such
 * records those of the parent of the name count (RFC 8659, section 3).
 *
 * Returns: (transfer none) (element-type QnetDnsCertificationAuthorityRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_certification_authority_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->results.records[QNET_DNS_KIND_CERTIFICATION_AUTHORITY];
}

/**
 * qnet_dns_lookup_get_naming_authority_records:
 * @self: a lookup
 *
 * Gets the NAPTR records of the last lookup, in the order in which to try them (RFC 3403, section
 * 4.1).
 *
 * Returns: (transfer none) (element-type QnetDnsNamingAuthorityRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_naming_authority_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->results.records[QNET_DNS_KIND_NAMING_AUTHORITY];
}

/**
 * qnet_dns_lookup_get_service_binding_records:
 * @self: a lookup
 *
 * Gets the SVCB and HTTPS records of the last lookup, in the order in which to try them: by
 * priority, and randomly within the same priority (RFC 9460, section 2.4.1). Where there is an
 * alias, it replaces the other records of its type.
 *
 * Returns: (transfer none) (element-type QnetDnsServiceBindingRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_service_binding_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->results.records[QNET_DNS_KIND_SERVICE_BINDING];
}

/**
 * qnet_dns_lookup_get_start_of_authority_records:
 * @self: a lookup
 *
 * Gets the SOA records of the last lookup: the settings of the zone. The one that comes with a
 * reply without records is not there.
 *
 * Returns: (transfer none) (element-type QnetDnsStartOfAuthorityRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_start_of_authority_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->results.records[QNET_DNS_KIND_START_OF_AUTHORITY];
}

/**
 * qnet_dns_lookup_get_unknown_records:
 * @self: a lookup
 *
 * Gets the records of the last lookup whose types have no value in [enum@DnsRecordType].
 *
 * Returns: (transfer none) (element-type QnetDnsUnknownRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_lookup_get_unknown_records (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->results.records[QNET_DNS_KIND_UNKNOWN];
}
