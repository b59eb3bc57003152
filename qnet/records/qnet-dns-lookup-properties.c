/* qnet-dns-lookup-properties.c: the properties of QnetDnsLookup
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "records/qnet-dns-lookup-private.h"

#include "qnet-enum-types.h"

/* Types that are no questions, or have more than one answer: TKEY, TSIG, IXFR, AXFR */
#define TYPE_OPT  41
#define TYPE_TKEY 249
#define TYPE_AXFR 252

enum
{
  PROP_NAME = 1,
  PROP_RECORD_TYPE,
  PROP_TYPE_NUMBER,
  PROP_NAMESERVER,
  PROP_NAMESERVER_PORT,
  PROP_TIMEOUT,
  PROP_FINISHED,
  PROP_ERROR,
  PROP_AUTHENTIC_DATA,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

void
qnet_dns_lookup_notify_outcome (QnetDnsLookup *self,
                                gboolean       has_ended_changed,
                                gboolean       has_error_changed,
                                gboolean       has_authentic_changed)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (has_ended_changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FINISHED]);
  if (has_error_changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
  if (has_authentic_changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AUTHENTIC_DATA]);
  g_object_thaw_notify (G_OBJECT (self));
}

/* The name server */

static gboolean
is_same_address (QnetHostAddress *address,  /* (nullable) */
                 QnetHostAddress *other)    /* (nullable) */
{
  if (address == NULL || other == NULL)
    return address == other;

  return qnet_host_address_equal (address, other);
}

/* Null is stored as NULL, the value of the property if none is set. */
static void
change_nameserver (QnetDnsLookup   *self,
                   QnetHostAddress *nameserver)  /* (nullable) */
{
  if (nameserver != NULL && qnet_host_address_is_null (nameserver))
    nameserver = NULL;

  if (is_same_address (self->nameserver, nameserver))
    return;

  g_clear_pointer (&self->nameserver, qnet_host_address_unref);
  if (nameserver != NULL)
    self->nameserver = qnet_host_address_ref (nameserver);

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAMESERVER]);
}

/* The type */

/* Returns QNET_DNS_RECORD_TYPE_UNKNOWN if no value has the number. */
static QnetDnsRecordType
find_type (int number)
{
  g_autoptr(GEnumClass) values = g_type_class_ref (QNET_TYPE_DNS_RECORD_TYPE);

  return g_enum_get_value (values, number) != NULL ? (QnetDnsRecordType) number
                                                   : QNET_DNS_RECORD_TYPE_UNKNOWN;
}

/* Zone transfers have many messages, and OPT, TKEY and TSIG belong to a message. */
static gboolean
is_question (int number)
{
  return number >= 1 && number <= G_MAXUINT16 && number != TYPE_OPT
         && (number < TYPE_TKEY || number > TYPE_AXFR);
}

static void
change_type (QnetDnsLookup *self,
             int            number)
{
  QnetDnsRecordType before = find_type (self->type);

  if (self->type == number)
    return;

  self->type = (guint16) number;

  g_object_freeze_notify (G_OBJECT (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TYPE_NUMBER]);
  if (find_type (number) != before)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECORD_TYPE]);
  g_object_thaw_notify (G_OBJECT (self));
}

/* GObject */

static void
qnet_dns_lookup_get_property (GObject    *object,
                              guint       property_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  QnetDnsLookup *self = QNET_DNS_LOOKUP (object);

  switch (property_id)
    {
    case PROP_NAME:
      g_value_set_string (value, qnet_dns_lookup_get_name (self));
      break;

    case PROP_RECORD_TYPE:
      g_value_set_enum (value, qnet_dns_lookup_get_record_type (self));
      break;

    case PROP_TYPE_NUMBER:
      g_value_set_int (value, qnet_dns_lookup_get_type_number (self));
      break;

    case PROP_NAMESERVER:
      g_value_set_boxed (value, qnet_dns_lookup_get_nameserver (self));
      break;

    case PROP_NAMESERVER_PORT:
      g_value_set_uint (value, qnet_dns_lookup_get_nameserver_port (self));
      break;

    case PROP_TIMEOUT:
      g_value_set_int (value, qnet_dns_lookup_get_timeout (self));
      break;

    case PROP_FINISHED:
      g_value_set_boolean (value, qnet_dns_lookup_is_finished (self));
      break;

    case PROP_ERROR:
      g_value_set_boxed (value, qnet_dns_lookup_get_error (self));
      break;

    case PROP_AUTHENTIC_DATA:
      g_value_set_boolean (value, qnet_dns_lookup_is_authentic_data (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
qnet_dns_lookup_set_property (GObject      *object,
                              guint         property_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  QnetDnsLookup *self = QNET_DNS_LOOKUP (object);
  const char *name;

  switch (property_id)
    {
    case PROP_NAME:
      name = g_value_get_string (value);
      qnet_dns_lookup_set_name (self, name != NULL ? name : "");
      break;

    case PROP_RECORD_TYPE:
      /* as bound to that of another lookup, whose number is bound, too */
      if (g_value_get_enum (value) != QNET_DNS_RECORD_TYPE_UNKNOWN)
        qnet_dns_lookup_set_record_type (self, g_value_get_enum (value));
      break;

    case PROP_TYPE_NUMBER:
      qnet_dns_lookup_set_type_number (self, g_value_get_int (value));
      break;

    case PROP_NAMESERVER:
      change_nameserver (self, g_value_get_boxed (value));
      break;

    case PROP_NAMESERVER_PORT:
      qnet_dns_lookup_set_nameserver_port (self, g_value_get_uint (value));
      break;

    case PROP_TIMEOUT:
      qnet_dns_lookup_set_timeout (self, g_value_get_int (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
make_question_properties (GParamFlags writable)
{
  /**
   * QnetDnsLookup:name:
   *
   * The name to look up. With %QNET_DNS_RECORD_TYPE_PTR it may be an address.
   *
   * Changes of this and the other properties during a lookup take effect with the next lookup.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", writable);

  /**
   * QnetDnsLookup:record-type:
   *
   * The type of the records to look up. It is %QNET_DNS_RECORD_TYPE_UNKNOWN if the number of
   * [property@DnsLookup:type-number] has no value in the enumeration.
   *
   * Since: 1.0
   */
  properties[PROP_RECORD_TYPE]
    = g_param_spec_enum ("record-type", NULL, NULL, QNET_TYPE_DNS_RECORD_TYPE,
                         QNET_DNS_RECORD_TYPE_A, writable);

  /**
   * QnetDnsLookup:type-number:
   *
   * The number of the type of the records to look up, also one that has no value in
   * [enum@DnsRecordType]. It is another form of [property@DnsLookup:record-type].
   *
   * Since: 1.0
   */
  properties[PROP_TYPE_NUMBER]
    = g_param_spec_int ("type-number", NULL, NULL, 1, G_MAXUINT16, QNET_DNS_RECORD_TYPE_A,
                        writable);
}

static void
make_server_properties (GParamFlags writable)
{
  /**
   * QnetDnsLookup:nameserver:
   *
   * The address of the name server to use, or %NULL for the name servers of the system.
   *
   * Since: 1.0
   */
  properties[PROP_NAMESERVER]
    = g_param_spec_boxed ("nameserver", NULL, NULL, QNET_TYPE_HOST_ADDRESS, writable);

  /**
   * QnetDnsLookup:nameserver-port:
   *
   * The port of [property@DnsLookup:nameserver].
   *
   * Since: 1.0
   */
  properties[PROP_NAMESERVER_PORT]
    = g_param_spec_uint ("nameserver-port", NULL, NULL, 1, G_MAXUINT16, QNET_DNS_PORT, writable);

  /**
   * QnetDnsLookup:timeout:
   *
   * The timeout of a lookup in milliseconds, or 0 for no limit.
   *
   * Without a limit, the lookup still ends: the system's configuration determines the time and the
   * number of attempts for each name server, usually two times five seconds.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT] = g_param_spec_int ("timeout", NULL, NULL, 0, G_MAXINT, 0, writable);
}

static void
make_result_properties (GParamFlags readable)
{
  /**
   * QnetDnsLookup:finished: (getter is_finished)
   *
   * Whether the last lookup has finished. It is %FALSE while a lookup is running and before the
   * first one.
   *
   * Since: 1.0
   */
  properties[PROP_FINISHED] = g_param_spec_boolean ("finished", NULL, NULL, FALSE, readable);

  /**
   * QnetDnsLookup:error:
   *
   * The error of the last lookup, or %NULL if it has not failed.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, readable);

  /**
   * QnetDnsLookup:authentic-data: (getter is_authentic_data)
   *
   * Whether the name server has said that all records of the last lookup were validated with DNSSEC
   * (the AD bit of RFC 4035, section 3.2.3).
   *
   * The name server is believed if it was set with [property@DnsLookup:nameserver]. Those of the
   * system are believed if the option `trust-ad` is set (see resolv.conf(5)). A host on the
   * network path can set the bit, too: it is worth something if the server is on this machine, or
   * if the way to it is secure (RFC 4035, section 4.9.3).
   *
   * It is also set if the server has validated that there is no such name, or no such record.
   *
   * Since: 1.0
   */
  properties[PROP_AUTHENTIC_DATA]
    = g_param_spec_boolean ("authentic-data", NULL, NULL, FALSE, readable);
}

void
qnet_dns_lookup_class_install_properties (GObjectClass *object_class)
{
  const GParamFlags common = G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = qnet_dns_lookup_get_property;
  object_class->set_property = qnet_dns_lookup_set_property;

  make_question_properties (G_PARAM_READWRITE | common);
  make_server_properties (G_PARAM_READWRITE | common);
  make_result_properties (G_PARAM_READABLE | common);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

/* Public API */

/**
 * qnet_dns_lookup_get_name:
 * @self: a lookup
 *
 * Gets the name to look up.
 *
 * Returns: the name, as it was set
 *
 * Since: 1.0
 */
const char *
qnet_dns_lookup_get_name (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->name;
}

/**
 * qnet_dns_lookup_set_name:
 * @self: a lookup
 * @name: a name
 *
 * Sets the name to look up, starting with the next lookup.
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_set_name (QnetDnsLookup *self,
                          const char    *name)
{
  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));
  g_return_if_fail (name != NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self);

  if (g_strcmp0 (self->name, name) == 0)
    return;

  g_free (self->name);
  self->name = g_strdup (name);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
}

/**
 * qnet_dns_lookup_get_record_type:
 * @self: a lookup
 *
 * Gets the type of the records to look up.
 *
 * Returns: the type
 *
 * Since: 1.0
 */
QnetDnsRecordType
qnet_dns_lookup_get_record_type (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), QNET_DNS_RECORD_TYPE_A);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, QNET_DNS_RECORD_TYPE_A);

  return find_type (self->type);
}

/**
 * qnet_dns_lookup_set_record_type:
 * @self: a lookup
 * @record_type: a type
 *
 * Sets the type of the records to look up, starting with the next lookup.
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_set_record_type (QnetDnsLookup     *self,
                                 QnetDnsRecordType  record_type)
{
  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));
  g_return_if_fail (record_type != QNET_DNS_RECORD_TYPE_UNKNOWN
                    && find_type ((int) record_type) == record_type);
  QNET_DNS_LOOKUP_CHECK_CALLER (self);

  change_type (self, (int) record_type);
}

/**
 * qnet_dns_lookup_get_type_number:
 * @self: a lookup
 *
 * Gets the number of the type of the records to look up.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
int
qnet_dns_lookup_get_type_number (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), 0);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, 0);

  return self->type;
}

/**
 * qnet_dns_lookup_set_type_number:
 * @self: a lookup
 * @number: the number, from 1 to 65535, and none of 41 and 249 to 252, which are no questions or
 *   have more than one answer
 *
 * Sets the type of the records to look up by its number. Records of a type that has no value in
 * [enum@DnsRecordType] are returned by [method@DnsLookup.get_unknown_records].
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_set_type_number (QnetDnsLookup *self,
                                 int            number)
{
  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));
  g_return_if_fail (is_question (number));
  QNET_DNS_LOOKUP_CHECK_CALLER (self);

  change_type (self, number);
}

/**
 * qnet_dns_lookup_get_nameserver:
 * @self: a lookup
 *
 * Gets the name server to use.
 *
 * Returns: (transfer none) (nullable): the name server, or %NULL for those of the system
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_dns_lookup_get_nameserver (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->nameserver;
}

/**
 * qnet_dns_lookup_set_nameserver:
 * @self: a lookup
 * @nameserver: (nullable): the address of a name server; %NULL, or the Null address, for those of
 *   the system
 *
 * Sets the name server to use, starting with the next lookup.
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_set_nameserver (QnetDnsLookup   *self,
                                QnetHostAddress *nameserver)
{
  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));
  QNET_DNS_LOOKUP_CHECK_CALLER (self);

  change_nameserver (self, nameserver);
}

/**
 * qnet_dns_lookup_get_nameserver_port:
 * @self: a lookup
 *
 * Gets the port of the [property@DnsLookup:nameserver].
 *
 * Returns: the port
 *
 * Since: 1.0
 */
guint16
qnet_dns_lookup_get_nameserver_port (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), 0);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, 0);

  return self->port;
}

/**
 * qnet_dns_lookup_set_nameserver_port:
 * @self: a lookup
 * @port: a port, not 0
 *
 * Sets the port of the [property@DnsLookup:nameserver], starting with the next lookup. It is
 * ignored for the name servers of the system.
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_set_nameserver_port (QnetDnsLookup *self,
                                     guint16        port)
{
  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));
  g_return_if_fail (port > 0);
  QNET_DNS_LOOKUP_CHECK_CALLER (self);

  if (self->port == port)
    return;

  self->port = port;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAMESERVER_PORT]);
}

/**
 * qnet_dns_lookup_get_timeout:
 * @self: a lookup
 *
 * Gets the timeout of a lookup.
 *
 * Returns: milliseconds, or 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_dns_lookup_get_timeout (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), 0);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, 0);

  return self->timeout;
}

/**
 * qnet_dns_lookup_set_timeout:
 * @self: a lookup
 * @msecs: milliseconds, 0 for no limit
 *
 * Sets the timeout of a lookup, starting with the next one.
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_set_timeout (QnetDnsLookup *self,
                             int            msecs)
{
  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));
  g_return_if_fail (msecs >= 0);
  QNET_DNS_LOOKUP_CHECK_CALLER (self);

  if (self->timeout == msecs)
    return;

  self->timeout = msecs;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMEOUT]);
}

/**
 * qnet_dns_lookup_is_finished:
 * @self: a lookup
 *
 * Gets whether the last lookup has finished.
 *
 * Returns: %TRUE if a lookup has finished and none is running
 *
 * Since: 1.0
 */
gboolean
qnet_dns_lookup_is_finished (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), FALSE);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, FALSE);

  return self->is_finished;
}

/**
 * qnet_dns_lookup_get_error:
 * @self: a lookup
 *
 * Gets the error of the last lookup.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL if the lookup has not failed
 *
 * Since: 1.0
 */
const GError *
qnet_dns_lookup_get_error (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, NULL);

  return self->error;
}

/**
 * qnet_dns_lookup_is_authentic_data:
 * @self: a lookup
 *
 * Returns whether the name server has said that all records of the last lookup were validated with
 * DNSSEC, see [property@DnsLookup:authentic-data].
 *
 * Returns: %TRUE if it has, and is believed
 *
 * Since: 1.0
 */
gboolean
qnet_dns_lookup_is_authentic_data (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), FALSE);
  QNET_DNS_LOOKUP_CHECK_CALLER (self, FALSE);

  return self->is_authentic;
}
