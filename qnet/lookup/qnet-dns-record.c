/* qnet-dns-record.c: what a name server says of a name
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-dns-record.h"

#include "lookup/qnet-dns-record-private.h"

/**
 * QnetDnsDomainNameRecord:
 *
 * A name that stands for another one: of a CNAME, NS or PTR record.
 *
 * Since: 1.0
 */

/**
 * QnetDnsHostAddressRecord:
 *
 * An address: of an A or AAAA record.
 *
 * Since: 1.0
 */

/**
 * QnetDnsMailExchangeRecord:
 *
 * Who takes the mail for a name: an MX record.
 *
 * Since: 1.0
 */

/**
 * QnetDnsServiceRecord:
 *
 * Who offers a service: an SRV record (RFC 2782).
 *
 * Since: 1.0
 */

/**
 * QnetDnsTextRecord:
 *
 * Text that belongs to a name: a TXT record.
 *
 * Since: 1.0
 */

/**
 * QnetDnsTlsAssociationRecord:
 *
 * Which certificate a service has: a TLSA record (RFC 6698).
 *
 * Since: 1.0
 */

/* All kinds are one inside. To the outside each is a type of its own, with the getters that it
 * has. */

struct _QnetDnsDomainNameRecord
{
  QnetDnsRecord record;
};

struct _QnetDnsHostAddressRecord
{
  QnetDnsRecord record;
};

struct _QnetDnsMailExchangeRecord
{
  QnetDnsRecord record;
};

struct _QnetDnsServiceRecord
{
  QnetDnsRecord record;
};

struct _QnetDnsTextRecord
{
  QnetDnsRecord record;
};

struct _QnetDnsTlsAssociationRecord
{
  QnetDnsRecord record;
};

G_DEFINE_BOXED_TYPE (QnetDnsDomainNameRecord, qnet_dns_domain_name_record,
                     qnet_dns_domain_name_record_ref, qnet_dns_domain_name_record_unref)
G_DEFINE_BOXED_TYPE (QnetDnsHostAddressRecord, qnet_dns_host_address_record,
                     qnet_dns_host_address_record_ref, qnet_dns_host_address_record_unref)
G_DEFINE_BOXED_TYPE (QnetDnsMailExchangeRecord, qnet_dns_mail_exchange_record,
                     qnet_dns_mail_exchange_record_ref, qnet_dns_mail_exchange_record_unref)
G_DEFINE_BOXED_TYPE (QnetDnsServiceRecord, qnet_dns_service_record,
                     qnet_dns_service_record_ref, qnet_dns_service_record_unref)
G_DEFINE_BOXED_TYPE (QnetDnsTextRecord, qnet_dns_text_record,
                     qnet_dns_text_record_ref, qnet_dns_text_record_unref)
G_DEFINE_BOXED_TYPE (QnetDnsTlsAssociationRecord, qnet_dns_tls_association_record,
                     qnet_dns_tls_association_record_ref, qnet_dns_tls_association_record_unref)

/* What all have in common */

QnetDnsRecord *
qnet_dns_record_new (guint16  type,
                     char    *name,
                     guint32  time_to_live)
{
  QnetDnsRecord *self = g_atomic_rc_box_new0 (QnetDnsRecord);

  self->type = type;
  self->name = name;
  self->time_to_live = time_to_live;

  return self;
}

static void
clear (QnetDnsRecord *self)
{
  g_free (self->name);
  g_free (self->value);
  g_clear_pointer (&self->address, qnet_host_address_unref);
  g_clear_pointer (&self->texts, g_ptr_array_unref);
  g_clear_pointer (&self->data, g_bytes_unref);
}

QnetDnsRecord *
qnet_dns_record_ref (QnetDnsRecord *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
qnet_dns_record_unref (QnetDnsRecord *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}

/* Public API */

/**
 * qnet_dns_domain_name_record_ref:
 * @self: a record
 *
 * Takes a reference. It may be called from any thread.
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
 * Gives a reference back. It may be called from any thread; the last one frees the record.
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
 * It need not be the one that was asked for: that may be an alias.
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
 * Gets for how long the record may be remembered.
 *
 * Returns: seconds
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
 * Gets the name that stands in the record, without the final dot.
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
 * Takes a reference. It may be called from any thread.
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
 * Gives a reference back. It may be called from any thread; the last one frees the record.
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
 * It need not be the one that was asked for: that may be an alias.
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
 * Gets for how long the record may be remembered.
 *
 * Returns: seconds
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

/**
 * qnet_dns_mail_exchange_record_ref:
 * @self: a record
 *
 * Takes a reference. It may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetDnsMailExchangeRecord *
qnet_dns_mail_exchange_record_ref (QnetDnsMailExchangeRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (QnetDnsMailExchangeRecord *) qnet_dns_record_ref (&self->record);
}

/**
 * qnet_dns_mail_exchange_record_unref:
 * @self: (transfer full): a record
 *
 * Gives a reference back. It may be called from any thread; the last one frees the record.
 *
 * Since: 1.0
 */
void
qnet_dns_mail_exchange_record_unref (QnetDnsMailExchangeRecord *self)
{
  g_return_if_fail (self != NULL);

  qnet_dns_record_unref (&self->record);
}

/**
 * qnet_dns_mail_exchange_record_get_name:
 * @self: a record
 *
 * Gets the name that the record belongs to, without the final dot.
 *
 * It need not be the one that was asked for: that may be an alias.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
qnet_dns_mail_exchange_record_get_name (QnetDnsMailExchangeRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.name;
}

/**
 * qnet_dns_mail_exchange_record_get_time_to_live:
 * @self: a record
 *
 * Gets for how long the record may be remembered.
 *
 * Returns: seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_mail_exchange_record_get_time_to_live (QnetDnsMailExchangeRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.time_to_live;
}

/**
 * qnet_dns_mail_exchange_record_get_exchange:
 * @self: a record
 *
 * Gets the name of the host that takes the mail, without the final dot.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
qnet_dns_mail_exchange_record_get_exchange (QnetDnsMailExchangeRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.value;
}

/**
 * qnet_dns_mail_exchange_record_get_preference:
 * @self: a record
 *
 * Gets the rank of the host among its like: the lowest one is to be tried first.
 *
 * Returns: the rank
 *
 * Since: 1.0
 */
guint16
qnet_dns_mail_exchange_record_get_preference (QnetDnsMailExchangeRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.mx.preference;
}

/**
 * qnet_dns_service_record_ref:
 * @self: a record
 *
 * Takes a reference. It may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetDnsServiceRecord *
qnet_dns_service_record_ref (QnetDnsServiceRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (QnetDnsServiceRecord *) qnet_dns_record_ref (&self->record);
}

/**
 * qnet_dns_service_record_unref:
 * @self: (transfer full): a record
 *
 * Gives a reference back. It may be called from any thread; the last one frees the record.
 *
 * Since: 1.0
 */
void
qnet_dns_service_record_unref (QnetDnsServiceRecord *self)
{
  g_return_if_fail (self != NULL);

  qnet_dns_record_unref (&self->record);
}

/**
 * qnet_dns_service_record_get_name:
 * @self: a record
 *
 * Gets the name that the record belongs to, without the final dot.
 *
 * It need not be the one that was asked for: that may be an alias.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
qnet_dns_service_record_get_name (QnetDnsServiceRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.name;
}

/**
 * qnet_dns_service_record_get_time_to_live:
 * @self: a record
 *
 * Gets for how long the record may be remembered.
 *
 * Returns: seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_service_record_get_time_to_live (QnetDnsServiceRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.time_to_live;
}

/**
 * qnet_dns_service_record_get_target:
 * @self: a record
 *
 * Gets the name of the host that offers the service, without the final dot.
 *
 * Returns: the name; "." says that nobody does
 *
 * Since: 1.0
 */
const char *
qnet_dns_service_record_get_target (QnetDnsServiceRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.value;
}

/**
 * qnet_dns_service_record_get_port:
 * @self: a record
 *
 * Gets the port on which the host offers it.
 *
 * Returns: the port
 *
 * Since: 1.0
 */
guint16
qnet_dns_service_record_get_port (QnetDnsServiceRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.srv.port;
}

/**
 * qnet_dns_service_record_get_priority:
 * @self: a record
 *
 * Gets the rank of the host among its like: the lowest one is to be tried first.
 *
 * Returns: the rank
 *
 * Since: 1.0
 */
guint16
qnet_dns_service_record_get_priority (QnetDnsServiceRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.srv.priority;
}

/**
 * qnet_dns_service_record_get_weight:
 * @self: a record
 *
 * Gets how large a share of the requests the host wants, among those of its priority.
 *
 * Returns: the weight
 *
 * Since: 1.0
 */
guint16
qnet_dns_service_record_get_weight (QnetDnsServiceRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.srv.weight;
}

/**
 * qnet_dns_service_record_to_srv_target:
 * @self: a record
 *
 * Makes the same of it as [class@Gio.Resolver] has.
 *
 * Returns: (transfer full): the target
 *
 * Since: 1.0
 */
GSrvTarget *
qnet_dns_service_record_to_srv_target (QnetDnsServiceRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_srv_target_new (self->record.value, self->record.srv.port, self->record.srv.priority,
                           self->record.srv.weight);
}

/**
 * qnet_dns_text_record_ref:
 * @self: a record
 *
 * Takes a reference. It may be called from any thread.
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
 * Gives a reference back. It may be called from any thread; the last one frees the record.
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
 * It need not be the one that was asked for: that may be an alias.
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
 * Gets for how long the record may be remembered.
 *
 * Returns: seconds
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
 * Gets the strings of the record, each of 255 bytes at most.
 *
 * They are bytes in no particular encoding.
 *
 * Returns: (transfer none) (element-type GBytes): the strings
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_text_record_get_values (QnetDnsTextRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.texts;
}

/**
 * qnet_dns_tls_association_record_ref:
 * @self: a record
 *
 * Takes a reference. It may be called from any thread.
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
 * Gives a reference back. It may be called from any thread; the last one frees the record.
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
 * It need not be the one that was asked for: that may be an alias.
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
 * Gets for how long the record may be remembered.
 *
 * Returns: seconds
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
 * Gets how the certificate is to be used.
 *
 * Returns: the number of RFC 6698, section 2.1.1
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
 * Gets which part of the certificate is meant.
 *
 * Returns: the number of RFC 6698, section 2.1.2
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
 * Gets how that part is compared.
 *
 * Returns: the number of RFC 6698, section 2.1.3
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
 *
 * Gets what it is compared with.
 *
 * Returns: (transfer none): the bytes
 *
 * Since: 1.0
 */
GBytes *
qnet_dns_tls_association_record_get_value (QnetDnsTlsAssociationRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.data;
}
