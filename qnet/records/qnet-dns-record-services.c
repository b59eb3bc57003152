/* qnet-dns-record-services.c: MX, SRV and NAPTR records
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-record-private.h"

#include "qnet-dns-record.h"

/**
 * QnetDnsMailExchangeRecord:
 *
 * An MX record: a mail server of a domain.
 *
 * Since: 1.0
 */

/**
 * QnetDnsServiceRecord:
 *
 * An SRV record (RFC 2782): a server of a service.
 *
 * Since: 1.0
 */

/**
 * QnetDnsNamingAuthorityRecord:
 *
 * A NAPTR record (RFC 3403): a rule by which a name, such as a telephone number, becomes another
 * name or an address.
 *
 * Since: 1.0
 */

struct _QnetDnsMailExchangeRecord
{
  QnetDnsRecord record;
};

struct _QnetDnsServiceRecord
{
  QnetDnsRecord record;
};

struct _QnetDnsNamingAuthorityRecord
{
  QnetDnsRecord record;
};

G_DEFINE_BOXED_TYPE (QnetDnsMailExchangeRecord, qnet_dns_mail_exchange_record,
                     qnet_dns_mail_exchange_record_ref, qnet_dns_mail_exchange_record_unref)
G_DEFINE_BOXED_TYPE (QnetDnsServiceRecord, qnet_dns_service_record,
                     qnet_dns_service_record_ref, qnet_dns_service_record_unref)
G_DEFINE_BOXED_TYPE (QnetDnsNamingAuthorityRecord, qnet_dns_naming_authority_record,
                     qnet_dns_naming_authority_record_ref, qnet_dns_naming_authority_record_unref)

/* Public API */

/**
 * qnet_dns_mail_exchange_record_ref:
 * @self: a record
 *
 * Increases the reference count by one. This function may be called from any thread.
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
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the record.
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
 * It may differ from the name that was looked up, if that is an alias.
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
 * Gets the time to live of the record, for which it may be cached.
 *
 * Returns: the time in seconds
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
 * Gets the name of the mail server, without the final dot.
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
 * Gets the priority of the host: hosts with lower numbers should be tried first.
 *
 * Returns: the priority
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
 * Increases the reference count by one. This function may be called from any thread.
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
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the record.
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
 * It may differ from the name that was looked up, if that is an alias.
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
 * Gets the time to live of the record, for which it may be cached.
 *
 * Returns: the time in seconds
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
 * Returns: the name; "." means that the service is not available
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
 * Gets the port of the service on the host.
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
 * Gets the priority of the host: hosts with lower numbers should be tried first.
 *
 * Returns: the priority
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
 * Gets the share of requests that should be sent to the host, relative to the other hosts with the
 * same priority.
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
 * Converts the record to a [struct@Gio.SrvTarget].
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
 * qnet_dns_naming_authority_record_ref:
 * @self: a record
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetDnsNamingAuthorityRecord *
qnet_dns_naming_authority_record_ref (QnetDnsNamingAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (QnetDnsNamingAuthorityRecord *) qnet_dns_record_ref (&self->record);
}

/**
 * qnet_dns_naming_authority_record_unref:
 * @self: (transfer full): a record
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the record.
 *
 * Since: 1.0
 */
void
qnet_dns_naming_authority_record_unref (QnetDnsNamingAuthorityRecord *self)
{
  g_return_if_fail (self != NULL);

  qnet_dns_record_unref (&self->record);
}

/**
 * qnet_dns_naming_authority_record_get_name:
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
qnet_dns_naming_authority_record_get_name (QnetDnsNamingAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.name;
}

/**
 * qnet_dns_naming_authority_record_get_time_to_live:
 * @self: a record
 *
 * Gets the time to live of the record, for which it may be cached.
 *
 * Returns: the time in seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_naming_authority_record_get_time_to_live (QnetDnsNamingAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.time_to_live;
}

/**
 * qnet_dns_naming_authority_record_get_order:
 * @self: a record
 *
 * Gets the order of the rule: rules with lower numbers must be used first.
 *
 * Returns: the order
 *
 * Since: 1.0
 */
guint16
qnet_dns_naming_authority_record_get_order (QnetDnsNamingAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.naptr.order;
}

/**
 * qnet_dns_naming_authority_record_get_preference:
 * @self: a record
 *
 * Gets the preference among rules of the same order: those with lower numbers should be used first.
 *
 * Returns: the preference
 *
 * Since: 1.0
 */
guint16
qnet_dns_naming_authority_record_get_preference (QnetDnsNamingAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.naptr.preference;
}

/**
 * qnet_dns_naming_authority_record_get_flags:
 * @self: a record
 *
 * Gets the flags: how the result of the rule is to be used.
 *
 * Returns: the flags, such as `U`, or ""
 *
 * Since: 1.0
 */
const char *
qnet_dns_naming_authority_record_get_flags (QnetDnsNamingAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.texts[0];
}

/**
 * qnet_dns_naming_authority_record_get_services:
 * @self: a record
 *
 * Gets the services that the rule leads to.
 *
 * Returns: the services, such as `E2U+sip`
 *
 * Since: 1.0
 */
const char *
qnet_dns_naming_authority_record_get_services (QnetDnsNamingAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.texts[1];
}

/**
 * qnet_dns_naming_authority_record_get_regular_expression:
 * @self: a record
 *
 * Gets the substitution to apply to the name (RFC 3402, section 3.2).
 *
 * Returns: the substitution, or "" if there is a replacement
 *
 * Since: 1.0
 */
const char *
qnet_dns_naming_authority_record_get_regular_expression (QnetDnsNamingAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.texts[2];
}

/**
 * qnet_dns_naming_authority_record_get_replacement:
 * @self: a record
 *
 * Gets the name to look up next, without the final dot.
 *
 * Returns: the name; "." means that there is none, and usually a substitution
 *
 * Since: 1.0
 */
const char *
qnet_dns_naming_authority_record_get_replacement (QnetDnsNamingAuthorityRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.value;
}
