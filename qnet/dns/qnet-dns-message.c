/* qnet-dns-message.c: writes and parses DNS messages (RFC 1035)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-message-private.h"

#include "base/qnet-i18n-private.h"
#include "dns/qnet-dns-data-private.h"
#include "dns/qnet-dns-reader-private.h"

#include "qnet-enums.h"
#include "qnet-error.h"

/* In the flags of the header */
#define IS_TRUNCATED 0x0200
#define IS_AUTHENTIC 0x0020

#define TYPE_OPT        41
#define FIRST_META_TYPE 249
#define LAST_META_TYPE  255

/* RFC 2181, section 8: a time to live with the highest bit set counts as 0. */
static QnetDnsRecord *
read_record (QnetDnsReader *reader)
{
  g_autofree char *name = qnet_dns_reader_read_name (reader);
  g_autoptr(QnetDnsRecord) record = NULL;
  guint16 type, class, size;
  guint32 time_to_live;

  if (name == NULL
      || !qnet_dns_reader_read_u16 (reader, &type)
      || !qnet_dns_reader_read_u16 (reader, &class)
      || !qnet_dns_reader_read_u32 (reader, &time_to_live)
      || !qnet_dns_reader_read_u16 (reader, &size)
      || reader->size - reader->at < size)
    return NULL;

  record = qnet_dns_record_new (class == QNET_DNS_CLASS_IN ? type : 0, g_steal_pointer (&name),
                                time_to_live > G_MAXINT32 ? 0 : time_to_live);

  record->is_malformed = !qnet_dns_data_read (reader, size, record);

  return g_steal_pointer (&record);
}

/* Selecting the records that answer the question */

static GHashTable *
name_table_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* Returns the name in the question and all names that it is an alias for. Only the first alias of a
 * name is used, and a loop ends the chain. */
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

      if (record->type == QNET_DNS_RECORD_TYPE_CNAME && !record->is_malformed
          && !g_hash_table_contains (aliases, alias))
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

/* Replaces the name of a record by that of the question, if they differ only in case. */
static void
restore_name (QnetDnsRecord *record,
              const char    *name)
{
  if (g_ascii_strcasecmp (record->name, name) != 0 || g_str_equal (record->name, name))
    return;

  g_free (record->name);
  record->name = g_strdup (name);
}

typedef gboolean (*RecordFunc) (const QnetDnsRecord *record,
                                GHashTable          *table);

static void
keep (GPtrArray  *records,
      RecordFunc  func,
      GHashTable *table)
{
  guint n_kept = 0;

  for (guint i = 0; i < records->len; i++)
    {
      QnetDnsRecord *record = g_ptr_array_index (records, i);

      if (func (record, table))
        {
          g_ptr_array_index (records, i) = g_ptr_array_index (records, n_kept);
          g_ptr_array_index (records, n_kept++) = record;
        }
    }

  g_ptr_array_set_size (records, n_kept);
}

/* Types of questions, and of parts of a message (RFC 6895, section 3.1) */
static gboolean
is_meta_type (guint16 type)
{
  return type == 0 || type == TYPE_OPT || (type >= FIRST_META_TYPE && type <= LAST_META_TYPE);
}

static gboolean
is_answer (const QnetDnsRecord *record,
           GHashTable          *chain)
{
  g_autofree char *key = g_ascii_strdown (record->name, -1);

  return !is_meta_type (record->type) && g_hash_table_contains (chain, key);
}

/* Removes records of other names: a server may add some, and an attacker would. */
static void
keep_answers (GPtrArray  *records,
              const char *name)
{
  g_autoptr(GHashTable) chain = find_chain (records, name);

  keep (records, is_answer, chain);
  for (guint i = 0; i < records->len; i++)
    restore_name (g_ptr_array_index (records, i), name);
}

static gboolean
is_of_good_type (const QnetDnsRecord *record,
                 GHashTable          *malformed)
{
  return !g_hash_table_contains (malformed, GUINT_TO_POINTER (record->type));
}

/* Without those that were asked for, or an alias, the reply is none: FALSE. Of other types all
 * records are removed if one is malformed (RFC 9460, section 2.2). */
static gboolean
remove_malformed (GPtrArray *records,
                  guint16    type)
{
  g_autoptr(GHashTable) malformed = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < records->len; i++)
    {
      const QnetDnsRecord *record = g_ptr_array_index (records, i);

      if (!record->is_malformed)
        continue;
      if (record->type == type || record->type == QNET_DNS_RECORD_TYPE_CNAME)
        return FALSE;

      g_hash_table_add (malformed, GUINT_TO_POINTER (record->type));
    }

  keep (records, is_of_good_type, malformed);

  return TRUE;
}

/* Messages */

/* A reply without a question is malformed: it would be unknown which records answer it. */
static gboolean
read_question (QnetDnsReader  *reader,
               guint16         n_questions,
               char          **out_name,
               guint16        *out_type)
{
  guint16 class;

  if (n_questions != 1)
    return FALSE;

  *out_name = qnet_dns_reader_read_name (reader);

  return *out_name != NULL
         && qnet_dns_reader_read_u16 (reader, out_type)
         && qnet_dns_reader_read_u16 (reader, &class);
}

static gboolean
read_answers (QnetDnsReader *reader,
              guint16        n_answers,
              GPtrArray     *records)
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

/* The records after the answers are not used. */
static gboolean
read_message (QnetDnsReader  *reader,
              QnetDnsMessage *message)
{
  g_autofree char *name = NULL;
  guint16 id, flags, n_questions, n_answers, type;
  guint32 n_others;

  if (!qnet_dns_reader_read_u16 (reader, &id)
      || !qnet_dns_reader_read_u16 (reader, &flags)
      || !qnet_dns_reader_read_u16 (reader, &n_questions)
      || !qnet_dns_reader_read_u16 (reader, &n_answers)
      || !qnet_dns_reader_read_u32 (reader, &n_others))
    return FALSE;

  message->rcode = flags & QNET_DNS_RCODE_MASK;
  message->is_truncated = (flags & IS_TRUNCATED) != 0;
  message->is_authentic = (flags & IS_AUTHENTIC) != 0;

  if (message->is_truncated)
    return TRUE;

  if (!read_question (reader, n_questions, &name, &type)
      || !read_answers (reader, n_answers, message->records))
    return FALSE;

  keep_answers (message->records, name);

  return remove_malformed (message->records, type);
}

QnetDnsMessage *
qnet_dns_message_parse (const guint8  *data,
                        gsize          size,
                        GError       **error)
{
  QnetDnsReader reader = { data, size, 0 };
  g_autoptr(QnetDnsMessage) message = g_new0 (QnetDnsMessage, 1);

  message->records = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_dns_record_unref);

  if (!read_message (&reader, message))
    {
      g_set_error_literal (error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY,
                           _("Could not read the reply of a name server: The reply is malformed"));
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
