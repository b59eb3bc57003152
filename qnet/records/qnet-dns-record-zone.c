/* qnet-dns-record-zone.c: SOA records
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-record-private.h"

#include "qnet-dns-record.h"

/**
 * QnetDnsStartOfAuthorityRecord:
 *
 * An SOA record (RFC 1035, section 3.3.13): the settings of a zone.
 *
 * Since: 1.0
 */

struct _QnetDnsStartOfAuthorityRecord
{
  QnetDnsRecord record;
};

G_DEFINE_BOXED_TYPE (QnetDnsStartOfAuthorityRecord, qnet_dns_start_of_authority_record,
                     qnet_dns_start_of_authority_record_ref,
                     qnet_dns_start_of_authority_record_unref)

/**
 * qnet_dns_start_of_authority_record_ref:
 * @self: a record
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetDnsStartOfAuthorityRecord *
qnet_dns_start_of_authority_record_ref (QnetDnsStartOfAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (QnetDnsStartOfAuthorityRecord *) qnet_dns_record_ref (&self->record);
}

/**
 * qnet_dns_start_of_authority_record_unref:
 * @self: (transfer full): a record
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the record.
 *
 * Since: 1.0
 */
void
qnet_dns_start_of_authority_record_unref (QnetDnsStartOfAuthorityRecord *self)
{
  g_return_if_fail (self != NULL);

  qnet_dns_record_unref (&self->record);
}

/**
 * qnet_dns_start_of_authority_record_get_name:
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
qnet_dns_start_of_authority_record_get_name (QnetDnsStartOfAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.name;
}

/**
 * qnet_dns_start_of_authority_record_get_time_to_live:
 * @self: a record
 *
 * Gets the time to live of the record, for which it may be cached.
 *
 * Returns: the time in seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_start_of_authority_record_get_time_to_live (QnetDnsStartOfAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.time_to_live;
}

/**
 * qnet_dns_start_of_authority_record_get_primary_server:
 * @self: a record
 *
 * Gets the name of the primary name server of the zone, without the final dot.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
qnet_dns_start_of_authority_record_get_primary_server (QnetDnsStartOfAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.value;
}

/**
 * qnet_dns_start_of_authority_record_get_mailbox:
 * @self: a record
 *
 * Gets the mailbox of the person who is responsible for the zone, in the form of a name: the first
 * label, in which a dot is written as `\.`, is the part of the address before the at sign.
 *
 * Returns: the name, without the final dot
 *
 * Since: 1.0
 */
const char *
qnet_dns_start_of_authority_record_get_mailbox (QnetDnsStartOfAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.texts[0];
}

/**
 * qnet_dns_start_of_authority_record_get_serial:
 * @self: a record
 *
 * Gets the version of the zone. Versions are compared as in RFC 1982.
 *
 * Returns: the serial number
 *
 * Since: 1.0
 */
guint32
qnet_dns_start_of_authority_record_get_serial (QnetDnsStartOfAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.soa.serial;
}

/**
 * qnet_dns_start_of_authority_record_get_refresh:
 * @self: a record
 *
 * Gets the time after which a secondary name server asks for a new version of the zone.
 *
 * Returns: the time in seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_start_of_authority_record_get_refresh (QnetDnsStartOfAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.soa.refresh;
}

/**
 * qnet_dns_start_of_authority_record_get_retry:
 * @self: a record
 *
 * Gets the time after which a secondary name server asks again, if it has received no answer.
 *
 * Returns: the time in seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_start_of_authority_record_get_retry (QnetDnsStartOfAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.soa.retry;
}

/**
 * qnet_dns_start_of_authority_record_get_expire:
 * @self: a record
 *
 * Gets the time after which a secondary name server without an answer discards the zone.
 *
 * Returns: the time in seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_start_of_authority_record_get_expire (QnetDnsStartOfAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.soa.expire;
}

/**
 * qnet_dns_start_of_authority_record_get_minimum:
 * @self: a record
 *
 * Gets the time for which it may be cached that a name does not exist (RFC 2308, section 4). The
 * time to live of the record limits it, too.
 *
 * Returns: the time in seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_start_of_authority_record_get_minimum (QnetDnsStartOfAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.soa.minimum;
}
