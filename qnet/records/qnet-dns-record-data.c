/* qnet-dns-record-data.c: TXT, TLSA and CAA records
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-record-private.h"

#include "qnet-dns-record.h"

#define CAA_CRITICAL 0x80  /* in the flags (RFC 8659, section 4.1) */

/**
 * QnetDnsTextRecord:
 *
 * A TXT record: text that belongs to a name.
 *
 * Since: 1.0
 */

/**
 * QnetDnsTlsAssociationRecord:
 *
 * A TLSA record (RFC 6698): the certificate of a service.
 *
 * Since: 1.0
 */

/**
 * QnetDnsCertificationAuthorityRecord:
 *
 * A CAA record (RFC 8659): who may issue certificates for a name.
 *
 * Since: 1.0
 */

struct _QnetDnsTextRecord
{
  QnetDnsRecord record;
};

struct _QnetDnsTlsAssociationRecord
{
  QnetDnsRecord record;
};

struct _QnetDnsCertificationAuthorityRecord
{
  QnetDnsRecord record;
};

G_DEFINE_BOXED_TYPE (QnetDnsTextRecord, qnet_dns_text_record,
                     qnet_dns_text_record_ref, qnet_dns_text_record_unref)
G_DEFINE_BOXED_TYPE (QnetDnsTlsAssociationRecord, qnet_dns_tls_association_record,
                     qnet_dns_tls_association_record_ref, qnet_dns_tls_association_record_unref)
G_DEFINE_BOXED_TYPE (QnetDnsCertificationAuthorityRecord,
                     qnet_dns_certification_authority_record,
                     qnet_dns_certification_authority_record_ref,
                     qnet_dns_certification_authority_record_unref)

/* Public API */

/**
 * qnet_dns_text_record_ref:
 * @self: a record
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetDnsTextRecord *
qnet_dns_text_record_ref (QnetDnsTextRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (QnetDnsTextRecord *) qnet_dns_record_ref (&self->record);
}

/**
 * qnet_dns_text_record_unref:
 * @self: (transfer full): a record
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the record.
 *
 * Since: 1.0
 */
void
qnet_dns_text_record_unref (QnetDnsTextRecord *self)
{
  g_return_if_fail (self != NULL);

  qnet_dns_record_unref (&self->record);
}

/**
 * qnet_dns_text_record_get_name:
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
qnet_dns_text_record_get_name (QnetDnsTextRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.name;
}

/**
 * qnet_dns_text_record_get_time_to_live:
 * @self: a record
 *
 * Gets the time to live of the record, for which it may be cached.
 *
 * Returns: the time in seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_text_record_get_time_to_live (QnetDnsTextRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.time_to_live;
}

/**
 * qnet_dns_text_record_get_values:
 * @self: a record
 *
 * Gets the strings of the record, each with at most 255 bytes.
 *
 * The strings have no defined encoding: in Python they are `bytes`, in JavaScript `Uint8Array`s.
 *
 * Returns: (transfer none) (element-type GBytes): the strings
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_text_record_get_values (QnetDnsTextRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.strings;
}

/**
 * qnet_dns_tls_association_record_ref:
 * @self: a record
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetDnsTlsAssociationRecord *
qnet_dns_tls_association_record_ref (QnetDnsTlsAssociationRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (QnetDnsTlsAssociationRecord *) qnet_dns_record_ref (&self->record);
}

/**
 * qnet_dns_tls_association_record_unref:
 * @self: (transfer full): a record
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the record.
 *
 * Since: 1.0
 */
void
qnet_dns_tls_association_record_unref (QnetDnsTlsAssociationRecord *self)
{
  g_return_if_fail (self != NULL);

  qnet_dns_record_unref (&self->record);
}

/**
 * qnet_dns_tls_association_record_get_name:
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
qnet_dns_tls_association_record_get_name (QnetDnsTlsAssociationRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.name;
}

/**
 * qnet_dns_tls_association_record_get_time_to_live:
 * @self: a record
 *
 * Gets the time to live of the record, for which it may be cached.
 *
 * Returns: the time in seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_tls_association_record_get_time_to_live (QnetDnsTlsAssociationRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.time_to_live;
}

/**
 * qnet_dns_tls_association_record_get_usage:
 * @self: a record
 *
 * Gets the usage of the certificate.
 *
 * Returns: a number of RFC 6698, section 2.1.1
 *
 * Since: 1.0
 */
guint8
qnet_dns_tls_association_record_get_usage (QnetDnsTlsAssociationRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.tlsa.usage;
}

/**
 * qnet_dns_tls_association_record_get_selector:
 * @self: a record
 *
 * Gets the selector: the part of the certificate that is compared.
 *
 * Returns: a number of RFC 6698, section 2.1.2
 *
 * Since: 1.0
 */
guint8
qnet_dns_tls_association_record_get_selector (QnetDnsTlsAssociationRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.tlsa.selector;
}

/**
 * qnet_dns_tls_association_record_get_matching_type:
 * @self: a record
 *
 * Gets the matching type: how the selected part is compared.
 *
 * Returns: a number of RFC 6698, section 2.1.3
 *
 * Since: 1.0
 */
guint8
qnet_dns_tls_association_record_get_matching_type (QnetDnsTlsAssociationRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.tlsa.matching_type;
}

/**
 * qnet_dns_tls_association_record_get_value:
 * @self: a record
 * @size: (out) (optional): the number of bytes
 *
 * Gets the data to compare the certificate with.
 *
 * Returns: (transfer none) (array length=size) (element-type guint8): the bytes
 *
 * Since: 1.0
 */
gconstpointer
qnet_dns_tls_association_record_get_value (QnetDnsTlsAssociationRecord *self,
                                           gsize                       *size)
{
  gconstpointer data;

  g_return_val_if_fail (self != NULL, NULL);

  data = g_bytes_get_data (self->record.data, size);

  return data != NULL ? data : "";  /* bindings take NULL for no array at all */
}

/**
 * qnet_dns_tls_association_record_get_value_bytes:
 * @self: a record
 *
 * Gets the data to compare the certificate with, as a [struct@GLib.Bytes].
 *
 * Returns: (transfer none): the bytes
 *
 * Since: 1.0
 */
GBytes *
qnet_dns_tls_association_record_get_value_bytes (QnetDnsTlsAssociationRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.data;
}

/**
 * qnet_dns_certification_authority_record_ref:
 * @self: a record
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetDnsCertificationAuthorityRecord *
qnet_dns_certification_authority_record_ref (QnetDnsCertificationAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (QnetDnsCertificationAuthorityRecord *) qnet_dns_record_ref (&self->record);
}

/**
 * qnet_dns_certification_authority_record_unref:
 * @self: (transfer full): a record
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the record.
 *
 * Since: 1.0
 */
void
qnet_dns_certification_authority_record_unref (QnetDnsCertificationAuthorityRecord *self)
{
  g_return_if_fail (self != NULL);

  qnet_dns_record_unref (&self->record);
}

/**
 * qnet_dns_certification_authority_record_get_name:
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
qnet_dns_certification_authority_record_get_name (QnetDnsCertificationAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.name;
}

/**
 * qnet_dns_certification_authority_record_get_time_to_live:
 * @self: a record
 *
 * Gets the time to live of the record, for which it may be cached.
 *
 * Returns: the time in seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_certification_authority_record_get_time_to_live (QnetDnsCertificationAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.time_to_live;
}

/**
 * qnet_dns_certification_authority_record_is_critical:
 * @self: a record
 *
 * Returns whether an authority that does not know the tag must not issue a certificate.
 *
 * Returns: %TRUE if the flag is set
 *
 * Since: 1.0
 */
gboolean
qnet_dns_certification_authority_record_is_critical (QnetDnsCertificationAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (self->record.caa.flags & CAA_CRITICAL) != 0;
}

/**
 * qnet_dns_certification_authority_record_get_tag:
 * @self: a record
 *
 * Gets the tag: what the record determines, such as `issue`, `issuewild` or `iodef`. Upper and
 * lower case are the same.
 *
 * Returns: the tag
 *
 * Since: 1.0
 */
const char *
qnet_dns_certification_authority_record_get_tag (QnetDnsCertificationAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.texts[0];
}

/**
 * qnet_dns_certification_authority_record_get_value:
 * @self: a record
 * @size: (out) (optional): the number of bytes
 *
 * Gets the value of the tag, such as the domain of an authority.
 *
 * Returns: (transfer none) (array length=size) (element-type guint8): the bytes
 *
 * Since: 1.0
 */
gconstpointer
qnet_dns_certification_authority_record_get_value (QnetDnsCertificationAuthorityRecord *self,
                                                   gsize                               *size)
{
  gconstpointer data;

  g_return_val_if_fail (self != NULL, NULL);

  data = g_bytes_get_data (self->record.data, size);

  return data != NULL ? data : "";  /* bindings take NULL for no array at all */
}

/**
 * qnet_dns_certification_authority_record_get_value_bytes:
 * @self: a record
 *
 * Gets the value of the tag, as a [struct@GLib.Bytes].
 *
 * Returns: (transfer none): the bytes
 *
 * Since: 1.0
 */
GBytes *
qnet_dns_certification_authority_record_get_value_bytes (QnetDnsCertificationAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.data;
}
