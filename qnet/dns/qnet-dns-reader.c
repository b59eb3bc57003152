/* qnet-dns-reader.c: reads numbers, bytes and names from a DNS message
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-reader-private.h"

#include "dns/qnet-dns-message-private.h"

#define MAX_JUMPS 127  /* per name: the maximum number of labels, since a jump leads to at least
                        * one */

/* Numbers and bytes */

gboolean
qnet_dns_reader_read_u8 (QnetDnsReader *reader,
                         guint8        *out_value)
{
  if (reader->at == reader->size)
    return FALSE;

  *out_value = reader->data[reader->at++];
  return TRUE;
}

gboolean
qnet_dns_reader_read_u16 (QnetDnsReader *reader,
                          guint16       *out_value)
{
  if (reader->size - reader->at < 2)
    return FALSE;

  *out_value = (guint16) (reader->data[reader->at] << 8 | reader->data[reader->at + 1]);
  reader->at += 2;
  return TRUE;
}

gboolean
qnet_dns_reader_read_u32 (QnetDnsReader *reader,
                          guint32       *out_value)
{
  guint16 high, low;

  if (!qnet_dns_reader_read_u16 (reader, &high) || !qnet_dns_reader_read_u16 (reader, &low))
    return FALSE;

  *out_value = (guint32) high << 16 | low;
  return TRUE;
}

gboolean
qnet_dns_reader_read_bytes (QnetDnsReader  *reader,
                            gsize           size,
                            const guint8  **out_bytes)
{
  if (reader->size - reader->at < size)
    return FALSE;

  *out_bytes = reader->data + reader->at;
  reader->at += size;
  return TRUE;
}

/* Names */

static void
append_escaped (GString *text,
                guint8   byte)
{
  if (byte == '.' || byte == '\\')
    g_string_append_printf (text, "\\%c", byte);
  else if (byte > ' ' && byte < 0x7f)
    g_string_append_c (text, byte);
  else
    g_string_append_printf (text, "\\%03u", byte);
}

static gboolean
read_label (QnetDnsReader *reader,
            guint8         size,
            GString       *text)
{
  const guint8 *bytes;

  if (!qnet_dns_reader_read_bytes (reader, size, &bytes))
    return FALSE;

  if (text->len > 0)
    g_string_append_c (text, '.');

  for (guint8 i = 0; i < size; i++)
    append_escaped (text, bytes[i]);

  return TRUE;
}

/* A compressed name continues earlier in the message. Each jump has to lead to before the target of
 * the last one, so a name has an end. Their number is limited all the same: a message has room for
 * thousands of names with thousands of jumps each. */
static gboolean
follow_pointer (QnetDnsReader *reader,
                guint8         high,
                gsize         *limit)
{
  guint8 low;
  gsize target;

  if (!qnet_dns_reader_read_u8 (reader, &low))
    return FALSE;

  target = (gsize) (high & 0x3f) << 8 | low;
  if (target >= *limit)
    return FALSE;

  reader->at = *limit = target;
  return TRUE;
}

/* The state while a name is read. After a jump, its own reader is before the start of the name. */
typedef struct
{
  QnetDnsReader  inside;
  gsize          limit;    /* the next jump has to lead to before this */
  gsize          size;     /* bytes of the expanded name so far */
  guint          n_jumps;
  gsize          end;      /* of the name in the message; 0: unknown until the first jump */
  GString       *text;
} NameReader;

static gboolean
read_name_part (NameReader *name,
                guint8      length)
{
  if (length > QNET_DNS_MAX_LABEL)
    {
      gsize end = name->inside.at + 1;

      if (length < 0xc0 || name->n_jumps++ == MAX_JUMPS
          || !follow_pointer (&name->inside, length, &name->limit))
        return FALSE;

      if (name->end == 0)
        name->end = end;

      return TRUE;
    }

  name->size += 1 + length;

  return name->size <= QNET_DNS_MAX_NAME && read_label (&name->inside, length, name->text);
}

char *
qnet_dns_reader_read_name (QnetDnsReader *reader)
{
  g_autoptr(GString) text = g_string_new (NULL);
  NameReader name = { *reader, .limit = reader->at, .size = 1, .text = text };
  guint8 length;

  do
    if (!qnet_dns_reader_read_u8 (&name.inside, &length)
        || (length != 0 && !read_name_part (&name, length)))
      return NULL;
  while (length != 0);

  reader->at = name.end != 0 ? name.end : name.inside.at;

  if (text->len == 0)
    g_string_append_c (text, '.');

  return g_string_free (g_steal_pointer (&text), FALSE);
}
