/* qnet-dns-record-names.c: CNAME, NS, PTR, A and AAAA records
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-record-private.h"

#include "qnet-dns-record.h"

/**
 * QnetDnsDomainNameRecord:
 *
 * A CNAME, NS or PTR record: a name that refers to another name.
 *
 * Since: 1.0
 */

/**
 * QnetDnsHostAddressRecord:
 *
 * An A or AAAA record: an address of a name.
 *
 * Since: 1.0
 */

/* All records have the same fields internally. The public API has one type for each kind of record,
 * with its own getters. */

struct _QnetDnsDomainNameRecord
{
  QnetDnsRecord record;
};

struct _QnetDnsHostAddressRecord
{
  QnetDnsRecord record;
};

G_DEFINE_BOXED_TYPE (QnetDnsDomainNameRecord, qnet_dns_domain_name_record,
                     qnet_dns_domain_name_record_ref, qnet_dns_domain_name_record_unref)
G_DEFINE_BOXED_TYPE (QnetDnsHostAddressRecord, qnet_dns_host_address_record,
                     qnet_dns_host_address_record_ref, qnet_dns_host_address_record_unref)

/* Public API */

/**
 * qnet_dns_domain_name_record_ref:
 * @self: a record
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetDnsDomainNameRecord *
qnet_dns_domain_name_record_ref (QnetDnsDomainNameRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (QnetDnsDomainNameRecord *) qnet_dns_record_ref (&self->record);
}

/**
 * qnet_dns_domain_name_record_unref:
 * @self: (transfer full): a record
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the record.
 *
 * Since: 1.0
 */
void
qnet_dns_domain_name_record_unref (QnetDnsDomainNameRecord *self)
{
  g_return_if_fail (self != NULL);

  qnet_dns_record_unref (&self->record);
}

/**
 * qnet_dns_domain_name_record_get_name:
 * @self: a record
 *
 * Gets the name that the record belongs to, without the final dot.
 *
 * It may differ from the name that was looked up, if that is an alias.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
qnet_dns_domain_name_record_get_name (QnetDnsDomainNameRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.name;
}

/**
 * qnet_dns_domain_name_record_get_time_to_live:
 * @self: a record
 *
 * Gets the time to live of the record, for which it may be cached.
 *
 * Returns: the time in seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_domain_name_record_get_time_to_live (QnetDnsDomainNameRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.time_to_live;
}

/**
 * qnet_dns_domain_name_record_get_value:
 * @self: a record
 *
 * Gets the name that the record refers to, without the final dot.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
qnet_dns_domain_name_record_get_value (QnetDnsDomainNameRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.value;
}

/**
 * qnet_dns_host_address_record_ref:
 * @self: a record
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetDnsHostAddressRecord *
qnet_dns_host_address_record_ref (QnetDnsHostAddressRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (QnetDnsHostAddressRecord *) qnet_dns_record_ref (&self->record);
}

/**
 * qnet_dns_host_address_record_unref:
 * @self: (transfer full): a record
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the record.
 *
 * Since: 1.0
 */
void
qnet_dns_host_address_record_unref (QnetDnsHostAddressRecord *self)
{
  g_return_if_fail (self != NULL);

  qnet_dns_record_unref (&self->record);
}

/**
 * qnet_dns_host_address_record_get_name:
 * @self: a record
 *
 * Gets the name that the record belongs to, without the final dot.
 *
 * It may differ from the name that was looked up, if that is an alias.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
qnet_dns_host_address_record_get_name (QnetDnsHostAddressRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.name;
}

/**
 * qnet_dns_host_address_record_get_time_to_live:
 * @self: a record
 *
 * Gets the time to live of the record, for which it may be cached.
 *
 * Returns: the time in seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_host_address_record_get_time_to_live (QnetDnsHostAddressRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.time_to_live;
}

/**
 * qnet_dns_host_address_record_get_value:
 * @self: a record
 *
 * Gets the address.
 *
 * Returns: (transfer none): the address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_dns_host_address_record_get_value (QnetDnsHostAddressRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.address;
}
