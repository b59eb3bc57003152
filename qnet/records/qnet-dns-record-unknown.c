/* qnet-dns-record-unknown.c: records of types without a class of their own
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-record-private.h"

#include "qnet-dns-record.h"

/**
 * QnetDnsUnknownRecord:
 *
 * A record of a type that has no value in [enum@DnsRecordType] (RFC 3597): a number and bytes.
 *
 * Since: 1.0
 */

struct _QnetDnsUnknownRecord
{
  QnetDnsRecord record;
};

G_DEFINE_BOXED_TYPE (QnetDnsUnknownRecord, qnet_dns_unknown_record,
                     qnet_dns_unknown_record_ref, qnet_dns_unknown_record_unref)

/**
 * qnet_dns_unknown_record_ref:
 * @self: a record
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetDnsUnknownRecord *
qnet_dns_unknown_record_ref (QnetDnsUnknownRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (QnetDnsUnknownRecord *) qnet_dns_record_ref (&self->record);
}

/**
 * qnet_dns_unknown_record_unref:
 * @self: (transfer full): a record
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the record.
 *
 * Since: 1.0
 */
void
qnet_dns_unknown_record_unref (QnetDnsUnknownRecord *self)
{
  g_return_if_fail (self != NULL);

  qnet_dns_record_unref (&self->record);
}

/**
 * qnet_dns_unknown_record_get_name:
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
qnet_dns_unknown_record_get_name (QnetDnsUnknownRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.name;
}

/**
 * qnet_dns_unknown_record_get_time_to_live:
 * @self: a record
 *
 * Gets the time to live of the record, for which it may be cached.
 *
 * Returns: the time in seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_unknown_record_get_time_to_live (QnetDnsUnknownRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.time_to_live;
}

/**
 * qnet_dns_unknown_record_get_type_number:
 * @self: a record
 *
 * Gets the type of the record.
 *
 * Returns: the number of the type
 *
 * Since: 1.0
 */
int
qnet_dns_unknown_record_get_type_number (QnetDnsUnknownRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.type;
}

/**
 * qnet_dns_unknown_record_get_value:
 * @self: a record
 * @size: (out) (optional): the number of bytes
 *
 * Gets the data of the record, as it was in the reply.
 *
 * Returns: (transfer none) (array length=size) (element-type guint8): the bytes
 *
 * Since: 1.0
 */
gconstpointer
qnet_dns_unknown_record_get_value (QnetDnsUnknownRecord *self,
                                   gsize                *size)
{
  gconstpointer data;

  g_return_val_if_fail (self != NULL, NULL);

  data = g_bytes_get_data (self->record.data, size);

  return data != NULL ? data : "";  /* bindings take NULL for no array at all */
}

/**
 * qnet_dns_unknown_record_get_value_bytes:
 * @self: a record
 *
 * Gets the data of the record, as a [struct@GLib.Bytes].
 *
 * Returns: (transfer none): the bytes
 *
 * Since: 1.0
 */
GBytes *
qnet_dns_unknown_record_get_value_bytes (QnetDnsUnknownRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.data;
}
