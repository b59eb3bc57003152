/* fuzz-dns-message.c: replies of name servers, whatever they are
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <string.h>

#include "dns/qnet-dns-message-private.h"
#include "dns/qnet-dns-parameters-private.h"
#include "dns/qnet-dns-results-private.h"

#include "fuzz.h"

/* What was read as a name can be asked for, and is the same name then. */
static void
check_name (const char *name)
{
  g_autoptr(GByteArray) query
    = qnet_dns_message_new_query (name, QNET_DNS_RECORD_TYPE_CNAME, 1, 0, FALSE);
  g_autoptr(QnetDnsMessage) message = NULL;
  const guint8 record[] = { 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12 };  /* an alias of itself */

  g_assert_nonnull (query);
  query->data[2] |= 0x80;
  query->data[7] = 1;
  g_byte_array_append (query, (const guint8 *) "\xc0\x0c", 2);
  g_byte_array_append (query, record, sizeof record);

  message = qnet_dns_message_parse (query->data, query->len, NULL);
  g_assert_nonnull (message);
  g_assert_cmpuint (message->records->len, ==, 1);
  g_assert_cmpstr (((QnetDnsRecord *) message->records->pdata[0])->value, ==, name);
}

static void
check_record (const QnetDnsRecord *record)
{
  check_name (record->name);
  g_assert_cmpuint (record->time_to_live, <=, G_MAXINT32);

  if (record->value != NULL)
    check_name (record->value);

  g_assert_false (record->is_malformed);
  if (record->parameters != NULL)
    {
      g_auto(GStrv) protocols = qnet_dns_parameters_dup_protocols (record->parameters);

      g_assert_true (g_strv_length (protocols) == 0 || record->svcb.priority > 0);
      qnet_dns_parameters_get_port (record->parameters);
    }
}

static gboolean
has_alias (const GPtrArray *bindings)
{
  for (guint i = 0; i < bindings->len; i++)
    if (((const QnetDnsRecord *) bindings->pdata[i])->svcb.priority == 0)
      return TRUE;

  return FALSE;
}

/* Each record is of one kind, and sorting loses none, unless there is an alias. */
static void
check_results (const QnetDnsMessage *message)
{
  QnetDnsResults results;
  guint n_records = 0;

  qnet_dns_results_init (&results, message);
  for (guint kind = 0; kind < QNET_DNS_N_KINDS; kind++)
    n_records += results.records[kind]->len;

  if (has_alias (results.records[QNET_DNS_KIND_SERVICE_BINDING]))
    g_assert_cmpuint (n_records, <=, message->records->len);
  else
    g_assert_cmpuint (n_records, ==, message->records->len);
  qnet_dns_results_clear (&results);
}

static void
check_reply (const guint8 *data,
             gsize         size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(QnetDnsMessage) message = qnet_dns_message_parse (data, size, &error);

  g_assert_true ((message == NULL) == (error != NULL));

  if (message == NULL)
    {
      g_assert_error (error, QNET_DNS_LOOKUP_ERROR, (int) QNET_DNS_LOOKUP_ERROR_INVALID_REPLY);
      return;
    }

  for (guint i = 0; i < message->records->len; i++)
    check_record (message->records->pdata[i]);

  check_results (message);
}

/* The bytes as a reply to a question that we have sent. */
static void
check_is_reply (const guint8 *data,
                gsize         size)
{
  g_autoptr(GByteArray) query
    = qnet_dns_message_new_query ("qnet.test", QNET_DNS_RECORD_TYPE_A, 0x1234, 1232, FALSE);

  g_autofree guint8 *copy = g_memdup2 (data, size);

  if (qnet_dns_message_match (data, size, query->data, query->len) >= QNET_DNS_MATCH_OTHER_CASE)
    {
      qnet_dns_message_restore_case (copy, query->data);
      g_assert_cmpint (qnet_dns_message_match (copy, size, query->data, query->len), ==,
                       QNET_DNS_MATCH_EXACT);
    }
}

/* The bytes as the name that is queried. */
static void
check_query (const guint8 *data,
             gsize         size)
{
  g_autofree char *name = g_strndup ((const char *) data, size);
  g_autoptr(GByteArray) query
    = qnet_dns_message_new_query (name, QNET_DNS_RECORD_TYPE_A, 1, 1232, FALSE);

  if (query != NULL)
    g_assert_cmpuint (query->len, <=, 12 + 255 + 4 + 11);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  check_reply (data, size);
  check_is_reply (data, size);
  check_query (data, size);

  return 0;
}
