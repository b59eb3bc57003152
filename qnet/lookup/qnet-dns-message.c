/* qnet-dns-message.c: messages of DNS (RFC 1035), there and back
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "lookup/qnet-dns-message-private.h"

#include <string.h>

#include "base/qnet-i18n-private.h"

#include "qnet-enums.h"
#include "qnet-error.h"

#define HEADER_SIZE 12
#define MAX_LABEL   63
#define MAX_NAME    255  /* bytes in a message, the empty label at the end included */
#define MAX_JUMPS   127  /* in a name: as many labels as it can have, since a jump is for one */
#define CLASS_IN    1
#define TYPE_OPT    41

/* In the third and fourth byte of the header */
#define IS_REPLY          0x80
#define OPCODE_MASK       0x78
#define IS_TRUNCATED      0x02
#define RECURSION_DESIRED 0x01
#define RCODE_MASK        0x0f

/* What differs between the cases of an ASCII letter */
#define CASE_BIT          0x20

/* Writing */

static void
append_u16 (GByteArray *message,
            guint16     value)
{
  guint8 bytes[] = { value >> 8, value & 0xff };

  g_byte_array_append (message, bytes, sizeof bytes);
}

/* One byte of a label as text: itself, "\." and the like, or "\DDD". NULL when it is none. */
static const char *
unescape (const char *text,
          guint8     *out_byte)
{
  guint value;

  if (*text != '\\')
    {
      *out_byte = (guint8) *text;
      return text + 1;
    }

  if (!g_ascii_isdigit (text[1]))
    {
      *out_byte = (guint8) text[1];
      return text[1] != '\0' ? text + 2 : NULL;
    }

  if (!g_ascii_isdigit (text[2]) || !g_ascii_isdigit (text[3]))
    return NULL;

  value = g_ascii_digit_value (text[1]) * 100 + g_ascii_digit_value (text[2]) * 10
          + g_ascii_digit_value (text[3]);
  *out_byte = (guint8) value;

  return value <= 0xff ? text + 4 : NULL;
}

/* Ends at the dot or at the end of the text. NULL when it is no label. */
static const char *
append_label (GByteArray *message,
              const char *text)
{
  guint8 label[1 + MAX_LABEL];
  guint8 size = 0;

  while (text != NULL && *text != '\0' && *text != '.')
    {
      if (size == MAX_LABEL)
        return NULL;

      text = unescape (text, &label[1 + size++]);
    }

  if (text == NULL || size == 0)
    return NULL;

  label[0] = size;
  g_byte_array_append (message, label, 1 + size);

  return text;
}

static gboolean
append_name (GByteArray *message,
             const char *name)
{
  const guint8 end = 0;
  guint start = message->len;

  if (*name == '\0')
    return FALSE;

  if (strcmp (name, ".") == 0)
    name++;

  while (*name != '\0')
    {
      name = append_label (message, name);
      if (name == NULL)
        return FALSE;

      if (*name == '.')
        name++;
    }

  g_byte_array_append (message, &end, 1);

  return message->len - start <= MAX_NAME;
}

/* RFC 6891: the name of the root, the type, our size in place of the class, no flags, no
 * options. */
static void
append_edns (GByteArray *message,
             guint16     udp_size)
{
  const guint8 root = 0;

  g_byte_array_append (message, &root, 1);
  append_u16 (message, TYPE_OPT);
  append_u16 (message, udp_size);
  append_u16 (message, 0);
  append_u16 (message, 0);
  append_u16 (message, 0);
}

GByteArray *
qnet_dns_message_new_query (const char *name,
                            guint16     type,
                            guint16     id,
                            guint16     udp_size)
{
  g_autoptr(GByteArray) message = g_byte_array_new ();

  append_u16 (message, id);
  append_u16 (message, RECURSION_DESIRED << 8);
  append_u16 (message, 1);                      /* questions */
  append_u16 (message, 0);                      /* answers */
  append_u16 (message, 0);                      /* authorities */
  append_u16 (message, udp_size > 0 ? 1 : 0);   /* what else there is */

  if (!append_name (message, name))
    return NULL;

  append_u16 (message, type);
  append_u16 (message, CLASS_IN);

  if (udp_size > 0)
    append_edns (message, udp_size);

  return g_steal_pointer (&message);
}

/* Reading: each function moves on when it succeeds, and says FALSE at what makes no sense */

typedef struct
{
  const guint8 *data;
  gsize         size;
  gsize         at;  /* never beyond size */
} Reader;

static gboolean
read_u8 (Reader *reader,
         guint8 *out_value)
{
  if (reader->at == reader->size)
    return FALSE;

  *out_value = reader->data[reader->at++];
  return TRUE;
}

static gboolean
read_u16 (Reader  *reader,
          guint16 *out_value)
{
  if (reader->size - reader->at < 2)
    return FALSE;

  *out_value = (guint16) (reader->data[reader->at] << 8 | reader->data[reader->at + 1]);
  reader->at += 2;
  return TRUE;
}

static gboolean
read_u32 (Reader  *reader,
          guint32 *out_value)
{
  guint16 high, low;

  if (!read_u16 (reader, &high) || !read_u16 (reader, &low))
    return FALSE;

  *out_value = (guint32) high << 16 | low;
  return TRUE;
}

static gboolean
read_bytes (Reader        *reader,
            gsize          size,
            const guint8 **out_bytes)
{
  if (reader->size - reader->at < size)
    return FALSE;

  *out_bytes = reader->data + reader->at;
  reader->at += size;
  return TRUE;
}

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
read_label (Reader  *reader,
            guint8   size,
            GString *text)
{
  const guint8 *bytes;

  if (!read_bytes (reader, size, &bytes))
    return FALSE;

  if (text->len > 0)
    g_string_append_c (text, '.');

  for (guint8 i = 0; i < size; i++)
    append_escaped (text, bytes[i]);

  return TRUE;
}

/* Where the rest of a name stands earlier in the message. Each jump has to lead before where the
 * last one led, so there is an end to them. They are counted all the same: a message has room for
 * thousands of names with thousands of jumps each. */
static gboolean
follow_pointer (Reader *reader,
                guint8  high,
                gsize  *limit)
{
  guint8 low;
  gsize target;

  if (!read_u8 (reader, &low))
    return FALSE;

  target = (gsize) (high & 0x3f) << 8 | low;
  if (target >= *limit)
    return FALSE;

  reader->at = *limit = target;
  return TRUE;
}

/* The next label of a name; the reader that has jumped may be anywhere before where it began. */
typedef struct
{
  Reader   inside;
  gsize    limit;       /* where the next jump has to lead before */
  gsize    size;        /* of the name, written out, so far */
  guint    n_jumps;
  gsize    end;         /* where the name ends where it stands; 0: not known yet */
  GString *text;
} NameReader;

static gboolean
read_name_part (NameReader *name,
                guint8      length)
{
  if (length > MAX_LABEL)
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

  return name->size <= MAX_NAME && read_label (&name->inside, length, name->text);
}

/* The root is ".". */
static char *
read_name (Reader *reader)
{
  g_autoptr(GString) text = g_string_new (NULL);
  NameReader name = { *reader, .limit = reader->at, .size = 1, .text = text };
  guint8 length;

  do
    if (!read_u8 (&name.inside, &length) || (length != 0 && !read_name_part (&name, length)))
      return NULL;
  while (length != 0);

  reader->at = name.end != 0 ? name.end : name.inside.at;

  if (text->len == 0)
    g_string_append_c (text, '.');

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Data of records; the reader ends where the data does, but names may point out of it, backwards */

static gboolean
read_value_name (Reader        *reader,
                 QnetDnsRecord *record)
{
  record->value = read_name (reader);

  return record->value != NULL;
}

static gboolean
read_ipv4 (Reader        *reader,
           QnetDnsRecord *record)
{
  guint32 number;

  if (!read_u32 (reader, &number))
    return FALSE;

  record->address = qnet_host_address_new_ipv4 (number);
  return TRUE;
}

static gboolean
read_ipv6 (Reader        *reader,
           QnetDnsRecord *record)
{
  const guint8 *bytes;

  if (!read_bytes (reader, 16, &bytes))
    return FALSE;

  record->address = qnet_host_address_new_ipv6 (bytes, 16, NULL);
  return TRUE;
}

static gboolean
read_mx (Reader        *reader,
         QnetDnsRecord *record)
{
  return read_u16 (reader, &record->mx.preference) && read_value_name (reader, record);
}

static gboolean
read_srv (Reader        *reader,
          QnetDnsRecord *record)
{
  return read_u16 (reader, &record->srv.priority)
         && read_u16 (reader, &record->srv.weight)
         && read_u16 (reader, &record->srv.port)
         && read_value_name (reader, record);
}

static gboolean
read_txt (Reader        *reader,
          QnetDnsRecord *record)
{
  const guint8 *bytes;
  guint8 size;

  record->texts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  do
    {
      if (!read_u8 (reader, &size) || !read_bytes (reader, size, &bytes))
        return FALSE;

      g_ptr_array_add (record->texts, g_bytes_new (bytes, size));
    }
  while (reader->at < reader->size);

  return TRUE;
}

static gboolean
read_tlsa (Reader        *reader,
           QnetDnsRecord *record)
{
  const guint8 *bytes;
  gsize size;

  if (!read_u8 (reader, &record->tlsa.usage)
      || !read_u8 (reader, &record->tlsa.selector)
      || !read_u8 (reader, &record->tlsa.matching_type))
    return FALSE;

  size = reader->size - reader->at;

  if (!read_bytes (reader, size, &bytes))
    return FALSE;

  record->data = g_bytes_new (bytes, size);
  return TRUE;
}

static const struct
{
  guint16    type;
  gboolean (*read) (Reader        *reader,
                    QnetDnsRecord *record);
} known_types[] = {
  { QNET_DNS_RECORD_TYPE_A,     read_ipv4 },
  { QNET_DNS_RECORD_TYPE_NS,    read_value_name },
  { QNET_DNS_RECORD_TYPE_CNAME, read_value_name },
  { QNET_DNS_RECORD_TYPE_PTR,   read_value_name },
  { QNET_DNS_RECORD_TYPE_MX,    read_mx },
  { QNET_DNS_RECORD_TYPE_TXT,   read_txt },
  { QNET_DNS_RECORD_TYPE_AAAA,  read_ipv6 },
  { QNET_DNS_RECORD_TYPE_SRV,   read_srv },
  { QNET_DNS_RECORD_TYPE_TLSA,  read_tlsa },
};

/* TRUE also for a record of which we understand no more than that it is one. */
static gboolean
read_data (Reader        *reader,
           guint16        size,
           QnetDnsRecord *record)
{
  Reader inside = { reader->data, reader->at + size, reader->at };
  const guint8 *skipped;

  if (!read_bytes (reader, size, &skipped))
    return FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (known_types); i++)
    if (known_types[i].type == record->type)
      return known_types[i].read (&inside, record) && inside.at == inside.size;

  record->type = 0;
  return TRUE;
}

/* RFC 2181, section 8: a time to live with the highest bit set is none. */
static QnetDnsRecord *
read_record (Reader *reader)
{
  g_autofree char *name = read_name (reader);
  g_autoptr(QnetDnsRecord) record = NULL;
  guint16 type, class, size;
  guint32 time_to_live;

  if (name == NULL
      || !read_u16 (reader, &type)
      || !read_u16 (reader, &class)
      || !read_u32 (reader, &time_to_live)
      || !read_u16 (reader, &size))
    return NULL;

  record = qnet_dns_record_new (class == CLASS_IN ? type : 0, g_steal_pointer (&name),
                                time_to_live > G_MAXINT32 ? 0 : time_to_live);

  return read_data (reader, size, record) ? g_steal_pointer (&record) : NULL;
}

/* Records that answer */

static GHashTable *
name_table_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* The name that was asked for, and all that it is an alias of. A second alias of one name is none,
 * and a name that comes again ends the chain. */
static GHashTable *
find_chain (GPtrArray  *records,
            const char *name)
{
  g_autoptr(GHashTable) aliases = name_table_new ();
  GHashTable *chain = name_table_new ();

  for (guint i = 0; i < records->len; i++)
    {
      QnetDnsRecord *record = g_ptr_array_index (records, i);
      g_autofree char *alias = g_ascii_strdown (record->name, -1);

      if (record->type == QNET_DNS_RECORD_TYPE_CNAME && !g_hash_table_contains (aliases, alias))
        g_hash_table_insert (aliases, g_steal_pointer (&alias), record->value);
    }

  while (name != NULL)
    {
      char *key = g_ascii_strdown (name, -1);

      name = g_hash_table_lookup (aliases, key);
      if (!g_hash_table_add (chain, key))
        break;
    }

  return chain;
}

/* The name in the letters in which it was asked for, where a server wrote it out in others. */
static void
restore_name (QnetDnsRecord *record,
              const char    *name)
{
  if (g_ascii_strcasecmp (record->name, name) != 0 || g_str_equal (record->name, name))
    return;

  g_free (record->name);
  record->name = g_strdup (name);
}

/* A name server may add what was not asked for, and an attacker would. */
static void
keep_answers (GPtrArray  *records,
              const char *name)
{
  g_autoptr(GHashTable) chain = find_chain (records, name);
  guint n_kept = 0;

  for (guint i = 0; i < records->len; i++)
    {
      QnetDnsRecord *record = g_ptr_array_index (records, i);
      g_autofree char *key = g_ascii_strdown (record->name, -1);

      if (record->type != 0 && g_hash_table_contains (chain, key))
        {
          restore_name (record, name);
          g_ptr_array_index (records, i) = g_ptr_array_index (records, n_kept);
          g_ptr_array_index (records, n_kept++) = record;
        }
    }

  g_ptr_array_set_size (records, n_kept);
}

/* Messages */

/* Without a question it is not known what the answers are to. */
static gboolean
read_question (Reader   *reader,
               guint16   n_questions,
               char    **out_name)
{
  guint16 type, class;

  if (n_questions != 1)
    return FALSE;

  *out_name = read_name (reader);

  return *out_name != NULL && read_u16 (reader, &type) && read_u16 (reader, &class);
}

static gboolean
read_answers (Reader    *reader,
              guint16    n_answers,
              GPtrArray *records)
{
  for (guint16 i = 0; i < n_answers; i++)
    {
      QnetDnsRecord *record = read_record (reader);

      if (record == NULL)
        return FALSE;

      g_ptr_array_add (records, record);
    }

  return TRUE;
}

/* What comes after the answers is of no use to us. */
static gboolean
read_message (Reader         *reader,
              QnetDnsMessage *message)
{
  g_autofree char *name = NULL;
  guint16 id, flags, n_questions, n_answers;
  guint32 n_others;

  if (!read_u16 (reader, &id) || !read_u16 (reader, &flags) || !read_u16 (reader, &n_questions)
      || !read_u16 (reader, &n_answers) || !read_u32 (reader, &n_others))
    return FALSE;

  message->rcode = flags & RCODE_MASK;
  message->is_truncated = (flags & (IS_TRUNCATED << 8)) != 0;

  if (message->is_truncated)
    return TRUE;

  if (!read_question (reader, n_questions, &name)
      || !read_answers (reader, n_answers, message->records))
    return FALSE;

  keep_answers (message->records, name);

  return TRUE;
}

QnetDnsMessage *
qnet_dns_message_parse (const guint8  *data,
                        gsize          size,
                        GError       **error)
{
  Reader reader = { data, size, 0 };
  g_autoptr(QnetDnsMessage) message = g_new0 (QnetDnsMessage, 1);

  message->records = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_dns_record_unref);

  if (!read_message (&reader, message))
    {
      g_set_error_literal (error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY,
                           _("Could not read the reply of a name server: it is malformed"));
      return NULL;
    }

  return g_steal_pointer (&message);
}

void
qnet_dns_message_free (QnetDnsMessage *self)
{
  g_ptr_array_unref (self->records);
  g_free (self);
}

/* The question of a message of ours: it is the first thing, and its name is written out. */
static gsize
get_name_size (const guint8 *query)
{
  gsize at = HEADER_SIZE;

  while (query[at] != 0)
    at += 1 + query[at];

  return at + 1 - HEADER_SIZE;
}

/* Lengths are no letters. */
static gboolean
is_same_name (const guint8 *name,
              const guint8 *other,
              gsize         size)
{
  for (gsize i = 0; i < size; i++)
    if (g_ascii_tolower (name[i]) != g_ascii_tolower (other[i]))
      return FALSE;

  return TRUE;
}

/* Servers that cannot answer may leave the question out, from before EDNS above all. */
static QnetDnsMatch
match_without_question (const guint8 *data)
{
  return (data[3] & RCODE_MASK) != QNET_DNS_RCODE_NO_ERROR ? QNET_DNS_MATCH_NO_QUESTION
                                                           : QNET_DNS_MATCH_NONE;
}

QnetDnsMatch
qnet_dns_message_match (const guint8 *data,
                        gsize         size,
                        const guint8 *query,
                        gsize         query_size)
{
  gsize name_size = get_name_size (query);
  gsize end = HEADER_SIZE + name_size + 4;
  guint n_questions;

  g_assert (query_size >= end);

  if (size < HEADER_SIZE
      || memcmp (data, query, 2) != 0
      || (data[2] & (IS_REPLY | OPCODE_MASK)) != IS_REPLY)
    return QNET_DNS_MATCH_NONE;

  n_questions = data[4] << 8 | data[5];
  if (n_questions == 0)
    return match_without_question (data);

  if (n_questions != 1
      || size < end
      || !is_same_name (data + HEADER_SIZE, query + HEADER_SIZE, name_size)
      || memcmp (data + end - 4, query + end - 4, 4) != 0)
    return QNET_DNS_MATCH_NONE;

  return memcmp (data + HEADER_SIZE, query + HEADER_SIZE, name_size) == 0
         ? QNET_DNS_MATCH_EXACT : QNET_DNS_MATCH_OTHER_CASE;
}

void
qnet_dns_message_mix_case (GByteArray *query,
                           guint64     bits)
{
  gsize name_size = get_name_size (query->data);

  for (gsize i = 0; i < name_size; i++)
    if (g_ascii_isalpha (query->data[HEADER_SIZE + i]))
      {
        query->data[HEADER_SIZE + i] ^= bits & 1 ? CASE_BIT : 0;
        bits = bits >> 1 | bits << 63;
      }
}

void
qnet_dns_message_restore_case (guint8       *data,
                               const guint8 *query)
{
  memcpy (data + HEADER_SIZE, query + HEADER_SIZE, get_name_size (query));
}
