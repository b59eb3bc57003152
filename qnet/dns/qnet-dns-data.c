/* qnet-dns-data.c: reads the data of a DNS record, by its type
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-data-private.h"

#include <string.h>

#include "dns/qnet-dns-parameters-private.h"

#include "qnet-enums.h"

/* The reader is limited to the data, but compressed names point to before it. Each function returns
 * FALSE if the data is malformed. */

/* Parts */

static gboolean
read_value_name (QnetDnsReader *reader,
                 QnetDnsRecord *record)
{
  record->value = qnet_dns_reader_read_name (reader);

  return record->value != NULL;
}

static gboolean
read_rest (QnetDnsReader *reader,
           QnetDnsRecord *record)
{
  const guint8 *bytes;
  gsize size = reader->size - reader->at;

  if (!qnet_dns_reader_read_bytes (reader, size, &bytes))
    return FALSE;

  record->data = g_bytes_new (bytes, size);
  return TRUE;
}

/* A character string (RFC 1035, section 3.3). *@out_text remains NULL if it is no text. */
static gboolean
read_text (QnetDnsReader  *reader,
           char          **out_text)
{
  const guint8 *bytes;
  guint8 size;

  if (!qnet_dns_reader_read_u8 (reader, &size)
      || !qnet_dns_reader_read_bytes (reader, size, &bytes))
    return FALSE;

  if (g_utf8_validate_len ((const char *) bytes, size, NULL))
    *out_text = g_strndup ((const char *) bytes, size);

  return TRUE;
}

/* Types */

static gboolean
read_ipv4 (QnetDnsReader *reader,
           QnetDnsRecord *record)
{
  guint32 number;

  if (!qnet_dns_reader_read_u32 (reader, &number))
    return FALSE;

  record->address = qnet_host_address_new_ipv4 (number);
  return TRUE;
}

static gboolean
read_ipv6 (QnetDnsReader *reader,
           QnetDnsRecord *record)
{
  const guint8 *bytes;

  if (!qnet_dns_reader_read_bytes (reader, 16, &bytes))
    return FALSE;

  record->address = qnet_host_address_new_ipv6 (bytes, 16, NULL);
  return TRUE;
}

static gboolean
read_soa (QnetDnsReader *reader,
          QnetDnsRecord *record)
{
  if (!read_value_name (reader, record))
    return FALSE;

  record->texts[0] = qnet_dns_reader_read_name (reader);

  return record->texts[0] != NULL
         && qnet_dns_reader_read_u32 (reader, &record->soa.serial)
         && qnet_dns_reader_read_u32 (reader, &record->soa.refresh)
         && qnet_dns_reader_read_u32 (reader, &record->soa.retry)
         && qnet_dns_reader_read_u32 (reader, &record->soa.expire)
         && qnet_dns_reader_read_u32 (reader, &record->soa.minimum);
}

static gboolean
read_mx (QnetDnsReader *reader,
         QnetDnsRecord *record)
{
  return qnet_dns_reader_read_u16 (reader, &record->mx.preference)
         && read_value_name (reader, record);
}

static gboolean
read_txt (QnetDnsReader *reader,
          QnetDnsRecord *record)
{
  const guint8 *bytes;
  guint8 size;

  record->strings = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  do
    {
      if (!qnet_dns_reader_read_u8 (reader, &size)
          || !qnet_dns_reader_read_bytes (reader, size, &bytes))
        return FALSE;

      g_ptr_array_add (record->strings, g_bytes_new (bytes, size));
    }
  while (reader->at < reader->size);

  return TRUE;
}

static gboolean
read_srv (QnetDnsReader *reader,
          QnetDnsRecord *record)
{
  return qnet_dns_reader_read_u16 (reader, &record->srv.priority)
         && qnet_dns_reader_read_u16 (reader, &record->srv.weight)
         && qnet_dns_reader_read_u16 (reader, &record->srv.port)
         && read_value_name (reader, record);
}

/* RFC 3403, section 4.1: a rule that is no text, or that has both a substitution and a replacement,
 * is an error, and ignored. */
static gboolean
is_rule (const QnetDnsRecord *record)
{
  return record->texts[0] != NULL && record->texts[1] != NULL && record->texts[2] != NULL
         && (*record->texts[2] == '\0' || g_str_equal (record->value, "."));
}

static gboolean
read_naptr (QnetDnsReader *reader,
            QnetDnsRecord *record)
{
  gboolean is_whole = qnet_dns_reader_read_u16 (reader, &record->naptr.order)
                      && qnet_dns_reader_read_u16 (reader, &record->naptr.preference)
                      && read_text (reader, &record->texts[0])
                      && read_text (reader, &record->texts[1])
                      && read_text (reader, &record->texts[2])
                      && read_value_name (reader, record);

  if (is_whole && !is_rule (record))
    record->type = 0;

  return is_whole;
}

static gboolean
read_tlsa (QnetDnsReader *reader,
           QnetDnsRecord *record)
{
  return qnet_dns_reader_read_u8 (reader, &record->tlsa.usage)
         && qnet_dns_reader_read_u8 (reader, &record->tlsa.selector)
         && qnet_dns_reader_read_u8 (reader, &record->tlsa.matching_type)
         && read_rest (reader, record);
}

/* RFC 8659, section 4.1: a tag is not empty, and has letters and digits only. */
static gboolean
is_tag (const char *tag)
{
  return *tag != '\0'
         && tag[strspn (tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")]
              == '\0';
}

static gboolean
read_caa (QnetDnsReader *reader,
          QnetDnsRecord *record)
{
  return qnet_dns_reader_read_u8 (reader, &record->caa.flags)
         && read_text (reader, &record->texts[0])
         && record->texts[0] != NULL
         && is_tag (record->texts[0])
         && read_rest (reader, record);
}

/* Those of an alias (RFC 9460, section 2.4.2) */
static void
ignore_parameters (QnetDnsReader *reader,
                   QnetDnsRecord *record)
{
  record->parameters = qnet_dns_parameters_new ();
  reader->at = reader->size;
}

static gboolean
read_svcb (QnetDnsReader *reader,
           QnetDnsRecord *record)
{
  if (!qnet_dns_reader_read_u16 (reader, &record->svcb.priority)
      || !read_value_name (reader, record))
    return FALSE;

  if (record->svcb.priority == 0)
    ignore_parameters (reader, record);
  else if (!qnet_dns_parameters_read (reader, &record->parameters))
    return FALSE;

  record->hints = qnet_dns_parameters_dup_hints (record->parameters);
  return TRUE;
}

static const struct
{
  guint16    type;
  gboolean (*read) (QnetDnsReader *reader,
                    QnetDnsRecord *record);
} known_types[] = {
  { QNET_DNS_RECORD_TYPE_A,     read_ipv4 },
  { QNET_DNS_RECORD_TYPE_NS,    read_value_name },
  { QNET_DNS_RECORD_TYPE_CNAME, read_value_name },
  { QNET_DNS_RECORD_TYPE_SOA,   read_soa },
  { QNET_DNS_RECORD_TYPE_PTR,   read_value_name },
  { QNET_DNS_RECORD_TYPE_MX,    read_mx },
  { QNET_DNS_RECORD_TYPE_TXT,   read_txt },
  { QNET_DNS_RECORD_TYPE_AAAA,  read_ipv6 },
  { QNET_DNS_RECORD_TYPE_SRV,   read_srv },
  { QNET_DNS_RECORD_TYPE_NAPTR, read_naptr },
  { QNET_DNS_RECORD_TYPE_TLSA,  read_tlsa },
  { QNET_DNS_RECORD_TYPE_SVCB,  read_svcb },
  { QNET_DNS_RECORD_TYPE_HTTPS, read_svcb },
  { QNET_DNS_RECORD_TYPE_CAA,   read_caa },
};

gboolean
qnet_dns_data_read (QnetDnsReader *reader,
                    guint16        size,
                    QnetDnsRecord *record)
{
  QnetDnsReader inside = { reader->data, reader->at + size, reader->at };
  const guint8 *skipped;

  if (!qnet_dns_reader_read_bytes (reader, size, &skipped))
    return FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (known_types); i++)
    if (known_types[i].type == record->type)
      return known_types[i].read (&inside, record) && inside.at == inside.size;

  return read_rest (&inside, record);
}
