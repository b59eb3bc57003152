/* qnet-dns-parameters.c: the parameters of an SVCB or HTTPS record (RFC 9460)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-parameters-private.h"

#include "qnet-enums.h"

#define IPV4_SIZE 4
#define IPV6_SIZE 16

static QnetDnsReader
start_reading (GBytes *value)  /* (nullable): NULL: there is nothing to read */
{
  QnetDnsReader reader = { NULL, 0, 0 };

  if (value != NULL)
    reader.data = g_bytes_get_data (value, &reader.size);

  return reader;
}

/* The values of known keys (section 7) */

/* The keys ascend, and "mandatory" itself is none of them (section 8). */
static gboolean
is_mandatory (GBytes *value)
{
  QnetDnsReader reader = start_reading (value);
  int last = QNET_DNS_SERVICE_PARAMETER_MANDATORY;
  guint16 key;

  while (qnet_dns_reader_read_u16 (&reader, &key))
    {
      if (key <= last)
        return FALSE;

      last = key;
    }

  return reader.size > 0 && reader.at == reader.size;
}

/* FALSE at the end, or if the value is malformed; then the reader is not at its end. */
static gboolean
read_protocol (QnetDnsReader  *reader,
               const guint8  **out_bytes,
               guint8         *out_size)
{
  return qnet_dns_reader_read_u8 (reader, out_size)
         && *out_size > 0
         && qnet_dns_reader_read_bytes (reader, *out_size, out_bytes);
}

static gboolean
is_alpn (GBytes *value)
{
  QnetDnsReader reader = start_reading (value);
  const guint8 *bytes;
  gsize end = 0;
  guint8 size;

  while (read_protocol (&reader, &bytes, &size))
    end = reader.at;

  return reader.size > 0 && end == reader.size;
}

static gboolean
is_empty (GBytes *value)
{
  return g_bytes_get_size (value) == 0;
}

static gboolean
is_port (GBytes *value)
{
  return g_bytes_get_size (value) == 2;
}

static gboolean
is_ipv4_hint (GBytes *value)
{
  return g_bytes_get_size (value) > 0 && g_bytes_get_size (value) % IPV4_SIZE == 0;
}

static gboolean
is_ipv6_hint (GBytes *value)
{
  return g_bytes_get_size (value) > 0 && g_bytes_get_size (value) % IPV6_SIZE == 0;
}

static const struct
{
  guint16    key;
  gboolean (*is_valid) (GBytes *value);
} known_keys[] = {
  { QNET_DNS_SERVICE_PARAMETER_MANDATORY,       is_mandatory },
  { QNET_DNS_SERVICE_PARAMETER_ALPN,            is_alpn },
  { QNET_DNS_SERVICE_PARAMETER_NO_DEFAULT_ALPN, is_empty },
  { QNET_DNS_SERVICE_PARAMETER_PORT,            is_port },
  { QNET_DNS_SERVICE_PARAMETER_IPV4_HINT,       is_ipv4_hint },
  { QNET_DNS_SERVICE_PARAMETER_IPV6_HINT,       is_ipv6_hint },
};

static gboolean
is_valid (const QnetDnsParameter *parameter)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known_keys); i++)
    if (known_keys[i].key == parameter->key)
      return known_keys[i].is_valid (parameter->value);

  return TRUE;
}

/* Reading */

static void
clear (QnetDnsParameter *parameter)
{
  g_bytes_unref (parameter->value);
}

static gboolean
read_parameter (QnetDnsReader *reader,
                GArray        *parameters)
{
  QnetDnsParameter parameter;
  const guint8 *bytes;
  guint16 size;

  if (!qnet_dns_reader_read_u16 (reader, &parameter.key)
      || !qnet_dns_reader_read_u16 (reader, &size)
      || !qnet_dns_reader_read_bytes (reader, size, &bytes))
    return FALSE;

  parameter.value = g_bytes_new (bytes, size);
  g_array_append_val (parameters, parameter);

  return is_valid (&parameter)
         && (parameters->len == 1
             || g_array_index (parameters, QnetDnsParameter, parameters->len - 2).key
                  < parameter.key);
}

static gboolean
has (GArray *parameters,
     int     key)
{
  return qnet_dns_parameters_get (parameters, key) != NULL;
}

/* Those that are mandatory */
static QnetDnsReader
start_reading_keys (GArray *parameters)
{
  return start_reading (qnet_dns_parameters_get (parameters,
                                                 QNET_DNS_SERVICE_PARAMETER_MANDATORY));
}

/* What is mandatory is there (section 8), and so is a protocol if there is no default (7.1.1). */
static gboolean
is_consistent (GArray *parameters)
{
  QnetDnsReader reader = start_reading_keys (parameters);
  guint16 key;

  while (qnet_dns_reader_read_u16 (&reader, &key))
    if (!has (parameters, key))
      return FALSE;

  return has (parameters, QNET_DNS_SERVICE_PARAMETER_ALPN)
         || !has (parameters, QNET_DNS_SERVICE_PARAMETER_NO_DEFAULT_ALPN);
}

GArray *
qnet_dns_parameters_new (void)
{
  GArray *self = g_array_new (FALSE, FALSE, sizeof (QnetDnsParameter));

  g_array_set_clear_func (self, (GDestroyNotify) clear);

  return self;
}

gboolean
qnet_dns_parameters_read (QnetDnsReader  *reader,
                          GArray        **out_parameters)
{
  *out_parameters = qnet_dns_parameters_new ();

  while (reader->at < reader->size)
    if (!read_parameter (reader, *out_parameters))
      return FALSE;

  return is_consistent (*out_parameters);
}

/* Getting */

GBytes *
qnet_dns_parameters_get (GArray *self,
                         int     key)
{
  for (guint i = 0; i < self->len; i++)
    if (g_array_index (self, QnetDnsParameter, i).key == key)
      return g_array_index (self, QnetDnsParameter, i).value;

  return NULL;
}

gboolean
qnet_dns_parameters_are_known (GArray *self)
{
  QnetDnsReader reader = start_reading_keys (self);
  guint16 key;

  while (qnet_dns_reader_read_u16 (&reader, &key))
    if (key > QNET_DNS_SERVICE_PARAMETER_DOH_PATH)
      return FALSE;

  return TRUE;
}

guint16
qnet_dns_parameters_get_port (GArray *self)
{
  QnetDnsReader reader
    = start_reading (qnet_dns_parameters_get (self, QNET_DNS_SERVICE_PARAMETER_PORT));
  guint16 port = 0;

  qnet_dns_reader_read_u16 (&reader, &port);

  return port;
}

GStrv
qnet_dns_parameters_dup_protocols (GArray *self)
{
  g_autoptr(GStrvBuilder) protocols = g_strv_builder_new ();
  QnetDnsReader reader
    = start_reading (qnet_dns_parameters_get (self, QNET_DNS_SERVICE_PARAMETER_ALPN));
  const guint8 *bytes;
  guint8 size;

  while (read_protocol (&reader, &bytes, &size))
    if (g_utf8_validate_len ((const char *) bytes, size, NULL))
      {
        g_autofree char *protocol = g_strndup ((const char *) bytes, size);

        g_strv_builder_add (protocols, protocol);
      }

  return g_strv_builder_end (protocols);
}

static void
add_ipv4 (GPtrArray *addresses,
          GBytes    *value)  /* (nullable) */
{
  QnetDnsReader reader = start_reading (value);
  guint32 number;

  while (qnet_dns_reader_read_u32 (&reader, &number))
    g_ptr_array_add (addresses, qnet_host_address_new_ipv4 (number));
}

static void
add_ipv6 (GPtrArray *addresses,
          GBytes    *value)  /* (nullable) */
{
  QnetDnsReader reader = start_reading (value);
  const guint8 *bytes;

  while (qnet_dns_reader_read_bytes (&reader, IPV6_SIZE, &bytes))
    g_ptr_array_add (addresses, qnet_host_address_new_ipv6 (bytes, IPV6_SIZE, NULL));
}

GPtrArray *
qnet_dns_parameters_dup_hints (GArray *self)
{
  GPtrArray *addresses
    = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_host_address_unref);

  add_ipv6 (addresses, qnet_dns_parameters_get (self, QNET_DNS_SERVICE_PARAMETER_IPV6_HINT));
  add_ipv4 (addresses, qnet_dns_parameters_get (self, QNET_DNS_SERVICE_PARAMETER_IPV4_HINT));

  return addresses;
}
