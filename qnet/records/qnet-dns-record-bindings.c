/* qnet-dns-record-bindings.c: SVCB and HTTPS records
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-parameters-private.h"
#include "dns/qnet-dns-record-private.h"

#include "qnet-dns-record.h"

/**
 * QnetDnsServiceBindingRecord:
 *
 * An SVCB or HTTPS record (RFC 9460): where a service is, and how to speak with it.
 *
 * A record with the priority 0 is an alias: the records of its target are to be looked up instead,
 * and it has no parameters. A record must not be used if it is not
 * [usable][method@DnsServiceBindingRecord.is_usable].
 *
 * Since: 1.0
 */

struct _QnetDnsServiceBindingRecord
{
  QnetDnsRecord record;
};

G_DEFINE_BOXED_TYPE (QnetDnsServiceBindingRecord, qnet_dns_service_binding_record,
                     qnet_dns_service_binding_record_ref, qnet_dns_service_binding_record_unref)

/**
 * qnet_dns_service_binding_record_ref:
 * @self: a record
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetDnsServiceBindingRecord *
qnet_dns_service_binding_record_ref (QnetDnsServiceBindingRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (QnetDnsServiceBindingRecord *) qnet_dns_record_ref (&self->record);
}

/**
 * qnet_dns_service_binding_record_unref:
 * @self: (transfer full): a record
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the record.
 *
 * Since: 1.0
 */
void
qnet_dns_service_binding_record_unref (QnetDnsServiceBindingRecord *self)
{
  g_return_if_fail (self != NULL);

  qnet_dns_record_unref (&self->record);
}

/**
 * qnet_dns_service_binding_record_get_name:
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
qnet_dns_service_binding_record_get_name (QnetDnsServiceBindingRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.name;
}

/**
 * qnet_dns_service_binding_record_get_time_to_live:
 * @self: a record
 *
 * Gets the time to live of the record, for which it may be cached.
 *
 * Returns: the time in seconds
 *
 * Since: 1.0
 */
guint32
qnet_dns_service_binding_record_get_time_to_live (QnetDnsServiceBindingRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.time_to_live;
}

/**
 * qnet_dns_service_binding_record_get_record_type:
 * @self: a record
 *
 * Gets the type of the record.
 *
 * Returns: %QNET_DNS_RECORD_TYPE_SVCB or %QNET_DNS_RECORD_TYPE_HTTPS
 *
 * Since: 1.0
 */
QnetDnsRecordType
qnet_dns_service_binding_record_get_record_type (QnetDnsServiceBindingRecord *self)
{
  g_return_val_if_fail (self != NULL, QNET_DNS_RECORD_TYPE_SVCB);

  return (QnetDnsRecordType) self->record.type;
}

/**
 * qnet_dns_service_binding_record_is_usable:
 * @self: a record
 *
 * Returns whether each key that the record calls mandatory has a value in
 * [enum@DnsServiceParameter] (RFC 9460, section 8).
 *
 * A program that does not look at one of these keys at all has to check that it is not there.
 *
 * Returns: %FALSE if the record must not be used
 *
 * Since: 1.0
 */
gboolean
qnet_dns_service_binding_record_is_usable (QnetDnsServiceBindingRecord *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return qnet_dns_parameters_are_known (self->record.parameters);
}

/**
 * qnet_dns_service_binding_record_get_priority:
 * @self: a record
 *
 * Gets the priority of the record: records with lower numbers should be tried first.
 *
 * Returns: the priority; 0 is an alias
 *
 * Since: 1.0
 */
guint16
qnet_dns_service_binding_record_get_priority (QnetDnsServiceBindingRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->record.svcb.priority;
}

/**
 * qnet_dns_service_binding_record_get_target:
 * @self: a record
 *
 * Gets the name of the host that offers the service, or the name that the record is an alias for,
 * without the final dot.
 *
 * Returns: the name; "." means the name of the record itself, or, in an alias, that there is no
 *   such service
 *
 * Since: 1.0
 */
const char *
qnet_dns_service_binding_record_get_target (QnetDnsServiceBindingRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.value;
}

/**
 * qnet_dns_service_binding_record_get_port:
 * @self: a record
 *
 * Gets the port of the service.
 *
 * Returns: the port; 0 means the port that the program would use without the record
 *
 * Since: 1.0
 */
guint16
qnet_dns_service_binding_record_get_port (QnetDnsServiceBindingRecord *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return qnet_dns_parameters_get_port (self->record.parameters);
}

/**
 * qnet_dns_service_binding_record_get_protocols:
 * @self: a record
 *
 * Gets the protocols of the parameter `alpn`. Those whose names are not text are left out.
 *
 * The default protocol of the service, such as `http/1.1`, is supported as well, unless there is
 * the parameter %QNET_DNS_SERVICE_PARAMETER_NO_DEFAULT_ALPN.
 *
 * Returns: (transfer full) (array zero-terminated=1): the protocols
 *
 * Since: 1.0
 */
char **
qnet_dns_service_binding_record_get_protocols (QnetDnsServiceBindingRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return qnet_dns_parameters_dup_protocols (self->record.parameters);
}

/**
 * qnet_dns_service_binding_record_get_address_hints:
 * @self: a record
 *
 * Gets the addresses of the parameters `ipv6hint` and `ipv4hint`, which may be tried before the
 * addresses of the target are known.
 *
 * Returns: (transfer none) (element-type QnetHostAddress): the addresses
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dns_service_binding_record_get_address_hints (QnetDnsServiceBindingRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->record.hints;
}

/**
 * qnet_dns_service_binding_record_get_parameter:
 * @self: a record
 * @key: the key, of [enum@DnsServiceParameter] or another one
 * @size: (out) (optional): the number of bytes
 *
 * Gets the value of a parameter, as it was in the reply.
 *
 * Returns: (transfer none) (nullable) (array length=size) (element-type guint8): the bytes, or
 *   %NULL if there is no such parameter
 *
 * Since: 1.0
 */
gconstpointer
qnet_dns_service_binding_record_get_parameter (QnetDnsServiceBindingRecord *self,
                                               int                          key,
                                               gsize                       *size)
{
  GBytes *value;
  gconstpointer data;

  g_return_val_if_fail (self != NULL, NULL);

  value = qnet_dns_parameters_get (self->record.parameters, key);
  if (size != NULL)
    *size = 0;
  if (value == NULL)
    return NULL;

  data = g_bytes_get_data (value, size);

  return data != NULL ? data : "";
}

/**
 * qnet_dns_service_binding_record_get_parameter_bytes:
 * @self: a record
 * @key: the key, of [enum@DnsServiceParameter] or another one
 *
 * Gets the value of a parameter, as a [struct@GLib.Bytes].
 *
 * Returns: (transfer none) (nullable): the bytes, or %NULL if there is no such parameter
 *
 * Since: 1.0
 */
GBytes *
qnet_dns_service_binding_record_get_parameter_bytes (QnetDnsServiceBindingRecord *self,
                                                     int                          key)
{
  g_return_val_if_fail (self != NULL, NULL);

  return qnet_dns_parameters_get (self->record.parameters, key);
}
