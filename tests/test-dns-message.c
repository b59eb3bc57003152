/* test-dns-message.c: writing and parsing DNS messages, and the order of records
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <string.h>

#include "common/name-server.h"
#include "dns/qnet-dns-message-private.h"
#include "dns/qnet-dns-order-private.h"
#include "dns/qnet-dns-parameters-private.h"
#include "dns/qnet-dns-results-private.h"

#define A     QNET_DNS_RECORD_TYPE_A
#define CNAME QNET_DNS_RECORD_TYPE_CNAME
#define NS    QNET_DNS_RECORD_TYPE_NS
#define TXT   QNET_DNS_RECORD_TYPE_TXT

static GByteArray *
make_query (const char *name)
{
  GByteArray *query = qnet_dns_message_new_query (name, A, 0x1234, 0, FALSE);

  g_assert_nonnull (query);

  return query;
}

/* A reply to a query for qnet.test, to which records can be added. */
static GByteArray *
make_reply (void)
{
  g_autoptr(GByteArray) query = make_query ("qnet.test");

  return test_reply_new (query->data, query->len, 0);
}

static GByteArray *
make_reply_of_type (guint16 type)
{
  g_autoptr(GByteArray) query = qnet_dns_message_new_query ("qnet.test", type, 1, 0, FALSE);

  return test_reply_new (query->data, query->len, 0);
}

static QnetDnsMessage *
parse (GByteArray *bytes)
{
  g_autoptr(GError) error = NULL;
  g_autofree guint8 *exact = g_memdup2 (bytes->data, bytes->len);  /* reading past the end is
                                                                    * detected */
  QnetDnsMessage *message = qnet_dns_message_parse (exact, bytes->len, &error);

  g_assert_no_error (error);

  return message;
}

static void
assert_malformed (GByteArray *bytes)
{
  g_autoptr(GError) error = NULL;
  g_autofree guint8 *exact = g_memdup2 (bytes->data, bytes->len);

  g_assert_null (qnet_dns_message_parse (exact, bytes->len, &error));
  g_assert_error (error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY);
}

static QnetDnsRecord *
get (QnetDnsMessage *message,
     guint           i)
{
  g_assert_cmpuint (i, <, message->records->len);

  return message->records->pdata[i];
}

/* Queries */

static void
test_query (void)
{
  const guint8 plain[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0" "\4qnet\4test\0" "\0\1\0\1";
  const guint8 edns[] = "\xab\xcd\1\0\0\1\0\0\0\0\0\1" "\4qnet\4test\0" "\0\x21\0\1"
                        "\0" "\0\x29\4\xd0\0\0\0\0\0\0";
  g_autoptr(GByteArray) query = make_query ("qnet.test");
  g_autoptr(GByteArray) dotted = make_query ("qnet.test.");
  g_autoptr(GByteArray) extended
    = qnet_dns_message_new_query ("qnet.test", QNET_DNS_RECORD_TYPE_SRV, 0xabcd, 1232, FALSE);

  g_test_summary ("A query has the format of RFC 1035, and EDNS if requested.");

  g_assert_cmpmem (query->data, query->len, plain, sizeof plain - 1);
  g_assert_cmpmem (dotted->data, dotted->len, plain, sizeof plain - 1);
  g_assert_cmpmem (extended->data, extended->len, edns, sizeof edns - 1);
}

static void
test_query_names (void)
{
  g_autofree char *label = g_strnfill (63, 'a');
  g_autofree char *longest = g_strdup_printf ("%s.%s.%s.%.61s", label, label, label, label);
  g_autofree char *too_long = g_strdup_printf ("%s.%s.%s.%.62s", label, label, label, label);
  g_autofree char *long_label = g_strnfill (64, 'a');
  const char *good[] = {
    ".", "a", "a.", "_ldap._tcp.x", "a\\.b.c", "\\255\\000.x", "\\\\", longest,
  };
  const char *bad[] = { "", "..", ".a", "a..b", "a..", "\\", "a\\25", "\\256", "\\2x5", too_long,
                        long_label };

  g_test_summary ("Names are written with escapes and within their limits, and invalid names are "
                  "rejected.");

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr(GByteArray) query = make_query (good[i]);
      g_autoptr(GByteArray) reply = test_reply_new (query->data, query->len, 0);
      g_autoptr(QnetDnsMessage) message = NULL;
      g_autofree char *expected = g_strdup (good[i]);

      if (g_str_has_suffix (expected, ".") && expected[1] != '\0')
        expected[strlen (expected) - 1] = '\0';

      test_reply_add (reply, NULL, A, 1, "\1\2\3\4", 4);
      message = parse (reply);
      g_assert_cmpstr (get (message, 0)->name, ==, expected);
    }

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (qnet_dns_message_new_query (bad[i], A, 1, 0, FALSE));
}

/* Matching replies with queries */

static QnetDnsMatch
match (GByteArray *reply,
       GByteArray *query)
{
  g_autofree guint8 *exact = g_memdup2 (reply->data, reply->len);

  return qnet_dns_message_match (exact, reply->len, query->data, query->len);
}

static void
test_is_reply (void)
{
  g_autoptr(GByteArray) query = make_query ("qnet.test");
  g_autoptr(GByteArray) other_case = make_query ("QneT.tesT");

  g_test_summary ("A reply has the ID and the question of the query. Another case of letters, and "
                  "an error without a question, are distinguished.");

  for (guint i = 0; i < 2; i++)
    {
      GByteArray *asked = i == 0 ? query : other_case;
      QnetDnsMatch expected = i == 0 ? QNET_DNS_MATCH_EXACT : QNET_DNS_MATCH_OTHER_CASE;
      g_autoptr(GByteArray) reply = test_reply_new (asked->data, asked->len, 0);

      g_assert_cmpint (match (reply, query), ==, expected);
      test_reply_add (reply, NULL, A, 1, "\1\2\3\4", 4);
      g_assert_cmpint (match (reply, query), ==, expected);

      qnet_dns_message_restore_case (reply->data, query->data);
      g_assert_cmpint (match (reply, query), ==, QNET_DNS_MATCH_EXACT);
    }

  {
    g_autoptr(GByteArray) refusal
      = test_reply_new (query->data, query->len, QNET_DNS_RCODE_REFUSED);

    refusal->data[5] = 0;
    g_byte_array_set_size (refusal, 12);
    g_assert_cmpint (match (refusal, query), ==, QNET_DNS_MATCH_NO_QUESTION);
  }
}

static void
test_mixed_case (void)
{
  g_autoptr(GByteArray) query = make_query ("Qnet.7.test");
  g_autoptr(GByteArray) mixed = make_query ("Qnet.7.test");
  g_autoptr(GByteArray) expected = make_query ("qNEt.7.TeST");

  g_test_summary ("Mixing the case changes only letters, according to the bits.");

  qnet_dns_message_mix_case (mixed, 0);
  g_assert_cmpmem (mixed->data, mixed->len, query->data, query->len);

  qnet_dns_message_mix_case (mixed, 0xd7);
  g_assert_cmpmem (mixed->data, mixed->len, expected->data, expected->len);
}

static void
test_is_no_reply (void)
{
  static const struct
  {
    guint  at;
    guint8 change;
  } rows[] = {
    { 0, 1 }, { 1, 1 },         /* the ID */
    { 2, 0x80 },                /* a query */
    { 2, 0x08 }, { 2, 0x40 },   /* another opcode */
    { 4, 1 }, { 5, 3 }, { 5, 1 },  /* the number of questions */
    { 12, 1 }, { 13, 1 }, { 16, 1 }, { 21, 1 }, { 22, 1 },  /* the name */
    { 23, 0x20 }, { 24, 1 }, { 24, 0x20 }, { 26, 2 },       /* type and class */
  };
  g_autoptr(GByteArray) query = make_query ("qnet.test");

  g_test_summary ("A message that differs from the query, or is truncated, is not a reply to it.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GByteArray) reply = test_reply_new (query->data, query->len, 0);

      g_test_message ("byte %u", rows[i].at);
      reply->data[rows[i].at] ^= rows[i].change;
      g_assert_cmpint (match (reply, query), ==, QNET_DNS_MATCH_NONE);
    }

  for (guint size = 0; size < query->len; size++)
    {
      g_autoptr(GByteArray) reply = test_reply_new (query->data, query->len, 0);

      g_byte_array_set_size (reply, size);
      g_assert_cmpint (match (reply, query), ==, QNET_DNS_MATCH_NONE);
    }
}

/* Whether the name server is asked about authenticity, and what it says. */
static void
test_authentic (void)
{
  g_autoptr(GByteArray) query = qnet_dns_message_new_query ("qnet.test", A, 1, 0, TRUE);
  g_autoptr(GByteArray) plain = qnet_dns_message_new_query ("qnet.test", A, 1, 0, FALSE);
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) before = parse (reply);
  g_autoptr(QnetDnsMessage) after = NULL;

  g_test_summary ("The AD bit is set in a query on request alone, and read in a reply.");

  g_assert_cmphex (query->data[3], ==, 0x20);
  g_assert_cmphex (plain->data[3], ==, 0);
  g_assert_false (before->is_authentic);

  reply->data[3] |= 0x20;
  after = parse (reply);
  g_assert_true (after->is_authentic);
}

/* Records */

static void
test_addresses (void)
{
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;
  g_autofree char *ipv4 = NULL;
  g_autofree char *ipv6 = NULL;

  g_test_summary ("Address records have their name and a time to live within the limit.");

  test_reply_add (reply, NULL, A, 77, "\300\0\2\1", 4);
  test_reply_add (reply, "QNET.test", QNET_DNS_RECORD_TYPE_AAAA, 0x80000000,
                  "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
  message = parse (reply);

  ipv4 = qnet_host_address_to_string (get (message, 0)->address);
  ipv6 = qnet_host_address_to_string (get (message, 1)->address);
  g_assert_cmpstr (get (message, 0)->name, ==, "qnet.test");
  g_assert_cmpuint (get (message, 0)->time_to_live, ==, 77);
  g_assert_cmpstr (ipv4, ==, "192.0.2.1");
  g_assert_cmpuint (get (message, 1)->time_to_live, ==, 0);
  g_assert_cmpstr (ipv6, ==, "2001:db8::1");
}

static void
test_names (void)
{
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;

  g_test_summary ("Names in records may be compressed, and special bytes are escaped.");

  test_reply_add_name (reply, NULL, NS, 1, "ns.other.test");
  test_reply_add (reply, NULL, NS, 1, "\3www\xc0\x0c", 6);
  test_reply_add (reply, NULL, NS, 1, "\4a. \xff\1\\\0", 8);
  test_reply_add (reply, NULL, NS, 1, "\0", 1);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_MX, 1, "\0\x0a\4mail\xc0\x0c", 9);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_SRV, 1, "\1\2\3\4\x1f\x90\xc0\x0c", 8);
  message = parse (reply);

  g_assert_cmpstr (get (message, 0)->value, ==, "ns.other.test");
  g_assert_cmpstr (get (message, 1)->value, ==, "www.qnet.test");
  g_assert_cmpstr (get (message, 2)->value, ==, "a\\.\\032\\255.\\\\");
  g_assert_cmpstr (get (message, 3)->value, ==, ".");
  g_assert_cmpstr (get (message, 4)->value, ==, "mail.qnet.test");
  g_assert_cmpuint (get (message, 4)->mx.preference, ==, 10);
  g_assert_cmpstr (get (message, 5)->value, ==, "qnet.test");
  g_assert_cmpuint (get (message, 5)->srv.priority, ==, 0x0102);
  g_assert_cmpuint (get (message, 5)->srv.weight, ==, 0x0304);
  g_assert_cmpuint (get (message, 5)->srv.port, ==, 8080);
}

static void
test_bytes (void)
{
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;
  GPtrArray *texts;

  g_test_summary ("The strings of a TXT record and the data of a TLSA record are bytes.");

  test_reply_add (reply, NULL, TXT, 1, "\2a\0\0\1\xff", 6);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_TLSA, 1, "\3\1\2xyz", 6);
  message = parse (reply);

  texts = get (message, 0)->strings;
  g_assert_cmpuint (texts->len, ==, 3);
  g_assert_cmpmem (g_bytes_get_data (texts->pdata[0], NULL), g_bytes_get_size (texts->pdata[0]),
                   "a\0", 2);
  g_assert_cmpuint (g_bytes_get_size (texts->pdata[1]), ==, 0);
  g_assert_cmpuint (g_bytes_get_size (texts->pdata[2]), ==, 1);

  g_assert_cmpuint (get (message, 1)->tlsa.usage, ==, 3);
  g_assert_cmpuint (get (message, 1)->tlsa.selector, ==, 1);
  g_assert_cmpuint (get (message, 1)->tlsa.matching_type, ==, 2);
  g_assert_cmpuint (g_bytes_get_size (get (message, 1)->data), ==, 3);
}

static void
test_parameters (void)
{
  static const guint8 data[]
    = "\0\1\0" "\0\0\0\2\0\1" "\0\1\0\6\2h2\2\xff\xfe" "\0\3\0\2\x20\xfb"
      "\0\4\0\10\300\0\2\1\300\0\2\2" "\0\6\0\20\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
      "\xff\0\0\1x";
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;
  g_autoptr(GPtrArray) hints = NULL;
  g_auto(GStrv) protocols = NULL;
  g_autofree char *first = NULL;
  GArray *parameters;

  g_test_summary ("The parameters of an HTTPS record, known ones and others.");

  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_HTTPS, 1, data, sizeof data - 1);
  message = parse (reply);
  parameters = get (message, 0)->parameters;
  protocols = qnet_dns_parameters_dup_protocols (parameters);
  hints = qnet_dns_parameters_dup_hints (parameters);
  first = qnet_host_address_to_string (hints->pdata[0]);

  g_assert_cmpuint (get (message, 0)->svcb.priority, ==, 1);
  g_assert_cmpstr (get (message, 0)->value, ==, ".");
  g_assert_cmpuint (parameters->len, ==, 6);
  g_assert_cmpuint (g_strv_length (protocols), ==, 1);  /* the other one is no text */
  g_assert_cmpstr (protocols[0], ==, "h2");
  g_assert_cmpuint (qnet_dns_parameters_get_port (parameters), ==, 8443);
  g_assert_cmpuint (hints->len, ==, 3);
  g_assert_cmpstr (first, ==, "2001:db8::1");
  g_assert_cmpuint (g_bytes_get_size (qnet_dns_parameters_get (parameters, 0xff00)), ==, 1);
  g_assert_null (qnet_dns_parameters_get (parameters, QNET_DNS_SERVICE_PARAMETER_ECH));
}

static void
test_alias_of_service (void)
{
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;
  QnetDnsResults results;
  GPtrArray *bindings = NULL;

  g_test_summary ("An alias has no parameters, and replaces the other bindings of its type.");

  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_HTTPS, 1, "\0\1\0", 3);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_HTTPS, 1, "\0\0\1a\0\0\3\0\2\1\1", 11);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_HTTPS, 1, "\0\0\1b\0junk", 9);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_SVCB, 1, "\0\7\0", 3);
  message = parse (reply);
  g_assert_cmpuint (message->records->len, ==, 4);
  g_assert_cmpuint (get (message, 1)->parameters->len, ==, 0);

  qnet_dns_results_init (&results, message);
  bindings = results.records[QNET_DNS_KIND_SERVICE_BINDING];
  g_assert_cmpuint (bindings->len, ==, 3);
  g_assert_cmpuint (((const QnetDnsRecord *) bindings->pdata[0])->svcb.priority, ==, 7);
  g_assert_cmpuint (((const QnetDnsRecord *) bindings->pdata[1])->svcb.priority, ==, 0);
  g_assert_cmpuint (((const QnetDnsRecord *) bindings->pdata[2])->svcb.priority, ==, 0);
  qnet_dns_results_clear (&results);
}

static void
test_mandatory (void)
{
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;

  g_test_summary ("A record with a mandatory key that is not known is not usable.");

  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_HTTPS, 1,
                  "\0\1\0\0\0\0\2\0\3\0\3\0\2\1\1", 15);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_HTTPS, 1,
                  "\0\1\0\0\0\0\2\0\11\0\11\0\0", 13);
  message = parse (reply);

  g_assert_true (qnet_dns_parameters_are_known (get (message, 0)->parameters));
  g_assert_false (qnet_dns_parameters_are_known (get (message, 1)->parameters));
}

static void
test_bad_rules (void)
{
  g_autoptr(GByteArray) reply = make_reply_of_type (QNET_DNS_RECORD_TYPE_NAPTR);
  g_autoptr(QnetDnsMessage) message = NULL;

  g_test_summary ("A rule that is no text, or has a substitution and a replacement, is ignored.");

  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_NAPTR, 1, "\0\1\0\1\1\xff\0\0\0", 9);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_NAPTR, 1, "\0\1\0\1\1u\0\1!\1a\0", 12);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_NAPTR, 1, "\0\1\0\1\1u\0\1!\0", 10);
  message = parse (reply);

  g_assert_cmpuint (message->records->len, ==, 1);
  g_assert_cmpstr (get (message, 0)->texts[2], ==, "!");
}

static void
test_meta_types (void)
{
  const guint16 types[] = { 41, 249, 250, 251, 252, 255 };
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;

  g_test_summary ("What is no record is none.");

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    test_reply_add (reply, NULL, types[i], 1, "?", 1);
  message = parse (reply);

  g_assert_cmpuint (message->records->len, ==, 0);
}

static void
test_unknown (void)
{
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;

  g_test_summary ("The data of a type without fields are kept as they are.");

  test_reply_add (reply, NULL, 65280, 1, "\xc0\x0c!", 3);
  test_reply_add (reply, NULL, 65281, 1, "", 0);
  message = parse (reply);

  g_assert_cmpuint (get (message, 0)->type, ==, 65280);
  g_assert_cmpmem (g_bytes_get_data (get (message, 0)->data, NULL), 3, "\xc0\x0c!", 3);
  g_assert_cmpuint (g_bytes_get_size (get (message, 1)->data), ==, 0);
}

static void
test_chain (void)
{
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;

  g_test_summary ("Only records of the name, and of names that it is an alias for, are returned, "
                  "in any order.");

  test_reply_add (reply, "C.test", A, 1, "\1\1\1\1", 4);
  test_reply_add (reply, "evil.test", A, 1, "\2\2\2\2", 4);
  test_reply_add_name (reply, "b.test", CNAME, 1, "c.TEST");
  test_reply_add_name (reply, NULL, CNAME, 1, "b.test");
  test_reply_add_name (reply, NULL, CNAME, 1, "evil.test");
  test_reply_add (reply, NULL, 99, 1, "?", 1);
  message = parse (reply);

  g_assert_cmpuint (message->records->len, ==, 5);
  g_assert_cmpstr (get (message, 0)->name, ==, "C.test");
  g_assert_cmpstr (get (message, 1)->value, ==, "c.TEST");
  g_assert_cmpstr (get (message, 2)->value, ==, "b.test");
  g_assert_cmpstr (get (message, 3)->value, ==, "evil.test");
}

static void
test_chain_looped (void)
{
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;

  g_test_summary ("A loop of aliases ends.");

  test_reply_add_name (reply, NULL, CNAME, 1, "b.test");
  test_reply_add_name (reply, "b.test", CNAME, 1, "qnet.test");
  test_reply_add_name (reply, "c.test", CNAME, 1, "c.test");
  message = parse (reply);

  g_assert_cmpuint (message->records->len, ==, 2);
}

static void
test_long_chain (void)
{
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;

  g_test_summary ("A chain of as many aliases as fit into a message is followed.");

  for (guint i = 2000; i > 0; i--)
    {
      g_autofree char *name = g_strdup_printf ("n%u", i);
      g_autofree char *next = g_strdup_printf ("n%u", i + 1);

      test_reply_add_name (reply, i == 1 ? NULL : name, CNAME, 1, next);
    }

  message = parse (reply);
  g_assert_cmpuint (message->records->len, ==, 2000);
}

static void
test_header (void)
{
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) truncated = NULL;
  g_autoptr(QnetDnsMessage) refused = NULL;

  g_test_summary ("A truncated reply has no records, a refusal has its code, and a reply without "
                  "a question is malformed.");

  reply->data[2] |= 0x02;
  reply->data[7] = 99;
  truncated = parse (reply);
  g_assert_true (truncated->is_truncated);
  g_assert_cmpuint (truncated->records->len, ==, 0);

  reply->data[2] &= ~0x02;
  reply->data[7] = 0;
  reply->data[3] = 5;
  refused = parse (reply);
  g_assert_false (refused->is_truncated);
  g_assert_cmpuint (refused->rcode, ==, QNET_DNS_RCODE_REFUSED);

  reply->data[5] = 0;
  g_byte_array_set_size (reply, 12);
  test_reply_add (reply, "qnet.test", A, 1, "\1\2\3\4", 4);
  g_assert_null (qnet_dns_message_parse (reply->data, reply->len, NULL));
}

/* Malformed messages */

static void
test_cut (void)
{
  g_autoptr(GByteArray) reply = make_reply ();

  g_test_summary ("A reply that is cut off at any byte is malformed.");

  test_reply_add (reply, NULL, A, 1, "\1\2\3\4", 4);
  test_reply_add (reply, "other.test", TXT, 1, "\2ab\1c", 5);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_SRV, 1, "\1\2\3\4\x1f\x90\3abc\0", 11);

  for (guint size = reply->len - 1; size < reply->len; size--)
    {
      g_autoptr(GByteArray) cut = g_byte_array_new ();

      g_byte_array_append (cut, reply->data, size);
      assert_malformed (cut);
    }
}

static const struct
{
  guint16     type;
  const char *data;
  gsize       size;
} bad_rows[] = {
  { A, "\1\2\3", 3 }, { A, "\1\2\3\4\5", 5 }, { A, "", 0 },
  { QNET_DNS_RECORD_TYPE_AAAA, "123456789012345", 15 },
  { QNET_DNS_RECORD_TYPE_AAAA, "12345678901234567", 17 },
  { NS, "", 0 }, { NS, "\3abc", 4 }, { NS, "\4abc\0", 5 }, { NS, "\3abc\0x", 6 },
  { NS, "\xc0", 1 },
  { NS, "\x40" "a\0", 3 }, { NS, "\x80\0", 2 },
  { NS, "\xc0\x29", 2 },       /* points to itself */
  { NS, "\xc0\x2b", 2 },       /* points ahead */
  { NS, "\xff\xff", 2 },
  { NS, "\1a\xc0\x29", 4 },    /* ends where it begins */
  { QNET_DNS_RECORD_TYPE_MX, "\0", 1 }, { QNET_DNS_RECORD_TYPE_MX, "\0\1", 2 },
  { QNET_DNS_RECORD_TYPE_MX, "\0\1\0x", 4 },
  { QNET_DNS_RECORD_TYPE_SRV, "\0\0\0\0\0", 5 }, { QNET_DNS_RECORD_TYPE_SRV, "\0\0\0\0\0\0", 6 },
  { TXT, "", 0 }, { TXT, "\1", 1 }, { TXT, "\1a\2b", 4 },
  { QNET_DNS_RECORD_TYPE_TLSA, "\1\2", 2 },
  { QNET_DNS_RECORD_TYPE_SOA, "\0", 1 }, { QNET_DNS_RECORD_TYPE_SOA, "\0\0", 2 },
  { QNET_DNS_RECORD_TYPE_SOA, "\0\0" "12341234123412341234x", 23 },
  { QNET_DNS_RECORD_TYPE_NAPTR, "\0\1\0\1\1u\0\0", 8 },
  { QNET_DNS_RECORD_TYPE_CAA, "\0", 1 }, { QNET_DNS_RECORD_TYPE_CAA, "\0\0x", 3 },
  { QNET_DNS_RECORD_TYPE_CAA, "\0\2a-x", 5 },
  { QNET_DNS_RECORD_TYPE_SVCB, "\0", 1 }, { QNET_DNS_RECORD_TYPE_SVCB, "\0\1", 2 },
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\3\0\2\1", 8 },             /* a port of one byte */
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\3\0\1\1", 8 },             /* the same, whole */
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\7\0\0\0\7\0\0", 11 },     /* the key twice */
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\1\0\3\2h2\0\0\0\2\0\1", 16 },  /* descending */
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\1\0\0", 7 },                /* no protocol */
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\1\0\1\0", 8 },             /* an empty one */
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\1\0\2\2h", 9 },            /* a short one */
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\2\0\1x", 8 },              /* a flag with a value */
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\4\0\3\1\2\3", 10 },       /* a short address */
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\6\0\4\1\2\3\4", 11 },
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\2\0\0", 7 },                /* a flag without a list */
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\0\0\2\0\1", 9 },           /* mandatory, not there */
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\0\0\0", 7 },                /* mandatory: nothing, */
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\0\0\2\0\0", 9 },           /* or itself, */
  { QNET_DNS_RECORD_TYPE_HTTPS, "\0\1\0\0\0\0\4\0\3\0\3", 11 },      /* or one twice */
};

static void
test_bad_data (void)
{
  g_test_summary ("A record with invalid data makes the reply malformed, if it was asked for. "
                  "Otherwise all records of its type are ignored, and of other names it is.");

  for (gsize i = 0; i < G_N_ELEMENTS (bad_rows); i++)
    {
      g_autoptr(GByteArray) reply = make_reply_of_type (bad_rows[i].type);
      g_autoptr(GByteArray) other = make_reply_of_type (QNET_DNS_RECORD_TYPE_PTR);
      g_autoptr(GByteArray) foreign = make_reply_of_type (bad_rows[i].type);
      g_autoptr(QnetDnsMessage) message = NULL;
      g_autoptr(QnetDnsMessage) empty = NULL;

      g_test_message ("row %zu", i);
      test_reply_add (reply, NULL, bad_rows[i].type, 1, bad_rows[i].data, bad_rows[i].size);
      assert_malformed (reply);

      test_reply_add (other, NULL, bad_rows[i].type, 1, bad_rows[i].data, bad_rows[i].size);
      test_reply_add_name (other, NULL, QNET_DNS_RECORD_TYPE_PTR, 1, "good.test");
      message = parse (other);
      g_assert_cmpuint (message->records->len, ==, 1);

      test_reply_add (foreign, "evil.test", bad_rows[i].type, 1, bad_rows[i].data,
                      bad_rows[i].size);
      empty = parse (foreign);
      g_assert_cmpuint (empty->records->len, ==, 0);
    }
}

static void
test_bad_question (void)
{
  g_autoptr(GByteArray) reply = make_reply ();

  g_test_summary ("A reply with two questions, or with a name that points at itself, is "
                  "malformed.");

  reply->data[5] = 2;
  assert_malformed (reply);

  reply->data[5] = 1;
  memcpy (reply->data + 12, "\xc0\x0c", 2);
  assert_malformed (reply);
}

/* Pointers to pointers are valid as long as they lead back, unless the name becomes too long. */
static void
test_pointers (void)
{
  g_autoptr(GByteArray) reply = make_reply_of_type (NS);
  g_autoptr(QnetDnsMessage) message = NULL;
  guint16 last = 12;

  g_test_summary ("Chained names are read up to the limit of 255 bytes.");

  for (guint i = 0; i < 122; i++)
    {
      guint16 here = reply->len + 12;
      guint8 data[] = { 1, 'a', 0xc0 | last >> 8, last & 0xff };

      test_reply_add (reply, NULL, NS, 1, data, sizeof data);
      last = here;
    }

  message = parse (reply);
  g_assert_cmpuint (strlen (get (message, 121)->value), ==, 122 * 2 + strlen ("qnet.test"));

  {
    guint8 data[] = { 1, 'a', 0xc0 | last >> 8, last & 0xff };

    test_reply_add (reply, NULL, NS, 1, data, sizeof data);
    assert_malformed (reply);
  }
}

/* Pointers to pointers in the data of an unknown record, and a record with the last of them. The
 * first one points to the name of the question. */
static void
add_chain (GByteArray *reply,
           guint       n_pointers)
{
  g_autoptr(GByteArray) chain = g_byte_array_new ();
  const guint16 start = reply->len + 12;

  test_append_u16 (chain, 0xc00c);
  for (guint i = 1; i < n_pointers; i++)
    test_append_u16 (chain, 0xc000 | (start + 2 * (i - 1)));

  test_reply_add (reply, NULL, 99, 1, chain->data, chain->len);
  test_reply_add (reply, NULL, NS, 1, chain->data + chain->len - 2, 2);
}

static void
test_many_pointers (void)
{
  const guint n_pointers[] = { 127, 128 };

  g_test_summary ("A name may have as many jumps as labels, and no more.");

  for (gsize i = 0; i < G_N_ELEMENTS (n_pointers); i++)
    {
      g_autoptr(GByteArray) reply = make_reply_of_type (NS);
      g_autoptr(QnetDnsMessage) message = NULL;

      add_chain (reply, n_pointers[i]);

      if (i > 0)
        {
          assert_malformed (reply);
          continue;
        }

      message = parse (reply);
      g_assert_cmpstr (get (message, 1)->value, ==, "qnet.test");
    }
}

static void
test_random (void)
{
  g_test_summary ("Parsing random changes of a message ends, and never reads past its end.");

  for (guint round = 0; round < 5000; round++)
    {
      g_autoptr(GByteArray) reply = make_reply ();
      g_autoptr(QnetDnsMessage) message = NULL;
      g_autofree guint8 *exact = NULL;

      test_reply_add_name (reply, NULL, CNAME, 1, "b.test");
      test_reply_add (reply, NULL, NS, 1, "\3www\xc0\x0c", 6);
      test_reply_add (reply, "b.test", QNET_DNS_RECORD_TYPE_MX, 1, "\0\x0a\4mail\xc0\x0c", 9);
      test_reply_add (reply, NULL, TXT, 1, "\2ab\1c", 5);

      for (guint i = g_test_rand_int_range (1, 6); i > 0; i--)
        reply->data[g_test_rand_int_range (2, reply->len)] = (guint8) g_test_rand_int ();

      exact = g_memdup2 (reply->data, reply->len);
      message = qnet_dns_message_parse (exact, reply->len, NULL);
    }
}

/* Order */

/* The priority of an SRV record and the preference of an MX record are at the same offset. */
static GPtrArray *
make_services (const guint16 (*rows)[2],
               gsize           n_rows)
{
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_dns_record_unref);

  for (gsize i = 0; i < n_rows; i++)
    {
      QnetDnsRecord *record
        = qnet_dns_record_new (QNET_DNS_RECORD_TYPE_SRV, g_strdup ("x"), (guint32) i);

      record->srv.priority = rows[i][0];
      record->srv.weight = rows[i][1];
      g_ptr_array_add (records, record);
    }

  return records;
}

static guint32
least_chance (guint32 most)
{
  return 0;
}

static guint32
most_chance (guint32 most)
{
  return most;
}

static void
assert_order (GPtrArray  *records,
              const char *expected)
{
  g_autoptr(GString) order = g_string_new (NULL);

  for (guint i = 0; i < records->len; i++)
    {
      const QnetDnsRecord *record = records->pdata[i];

      g_string_append_printf (order, "%s%u/%u", i > 0 ? " " : "", record->srv.priority,
                              record->srv.weight);
    }

  g_assert_cmpstr (order->str, ==, expected);
}

static void
test_order_services (void)
{
  const guint16 rows[][2] = { { 20, 5 }, { 10, 0 }, { 10, 60 }, { 5, 0 }, { 10, 20 }, { 10, 0 } };
  g_autoptr(GPtrArray) least = make_services (rows, G_N_ELEMENTS (rows));
  g_autoptr(GPtrArray) most = make_services (rows, G_N_ELEMENTS (rows));
  g_autoptr(GPtrArray) empty = g_ptr_array_new ();

  g_test_summary ("Services are sorted by priority, and randomly by weight within a priority.");

  qnet_dns_order_services (least, least_chance);
  assert_order (least, "5/0 10/0 10/0 10/60 10/20 20/5");

  qnet_dns_order_services (most, most_chance);
  assert_order (most, "5/0 10/20 10/60 10/0 10/0 20/5");

  qnet_dns_order_services (empty, qnet_dns_random);
}

static void
test_order_shares (void)
{
  const guint16 rows[][2] = { { 1, 10 }, { 1, 30 }, { 1, 60 }, { 1, 0 } };
  guint n_first[101] = { 0 };

  g_test_summary ("The weight determines how often a service comes first: in 10 000 orders within "
                  "2 % of its share.");

  g_random_set_seed (2782);

  for (guint i = 0; i < 10000; i++)
    {
      g_autoptr(GPtrArray) records = make_services (rows, G_N_ELEMENTS (rows));

      qnet_dns_order_services (records, qnet_dns_random);
      n_first[((const QnetDnsRecord *) records->pdata[0])->srv.weight]++;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint weight = rows[i][1];

      g_test_message ("weight %u: %u of 10000", weight, n_first[weight]);
      g_assert_cmpint (ABS ((int) n_first[weight] - (int) weight * 100), <=, 200);
    }
}

static void
test_order_mail (void)
{
  const guint16 rows[][2] = { { 20, 0 }, { 10, 1 }, { 10, 2 }, { 65535, 0 }, { 0, 0 } };
  gboolean seen[2] = { FALSE };

  g_test_summary ("Mail servers are sorted by preference, and randomly within a preference.");

  for (guint i = 0; i < 200; i++)
    {
      g_autoptr(GPtrArray) records = make_services (rows, G_N_ELEMENTS (rows));
      guint16 expected[] = { 0, 10, 10, 20, 65535 };

      qnet_dns_order_mail (records, qnet_dns_random);
      for (guint k = 0; k < records->len; k++)
        {
          const QnetDnsRecord *record = records->pdata[k];

          g_assert_cmpuint (record->mx.preference, ==, expected[k]);
        }

      seen[((const QnetDnsRecord *) records->pdata[1])->srv.weight - 1] = TRUE;
    }

  g_assert_true (seen[0] && seen[1]);
}

static void
test_order_bindings (void)
{
  const guint16 rows[][2] = { { 2, 0 }, { 1, 1 }, { 1, 2 }, { 0, 0 } };
  gboolean seen[2] = { FALSE };

  g_test_summary ("Service bindings are sorted by priority, and randomly within a priority.");

  for (guint i = 0; i < 200; i++)
    {
      g_autoptr(GPtrArray) records = make_services (rows, G_N_ELEMENTS (rows));
      guint16 expected[] = { 0, 1, 1, 2 };

      qnet_dns_order_bindings (records, qnet_dns_random);
      for (guint k = 0; k < records->len; k++)
        g_assert_cmpuint (((const QnetDnsRecord *) records->pdata[k])->svcb.priority, ==,
                          expected[k]);

      seen[((const QnetDnsRecord *) records->pdata[1])->srv.weight - 1] = TRUE;
    }

  g_assert_true (seen[0] && seen[1]);
}

/* How often each of six orders of three equal records comes, of 6000 */
static void
count_orders (void (*order) (GPtrArray *, QnetDnsRandomFunc),
              guint  counts[6])
{
  const guint16 rows[][2] = { { 1, 0 }, { 1, 1 }, { 1, 2 } };

  for (guint i = 0; i < 6000; i++)
    {
      g_autoptr(GPtrArray) records = make_services (rows, G_N_ELEMENTS (rows));
      guint first, second;

      order (records, qnet_dns_random);
      first = ((const QnetDnsRecord *) records->pdata[0])->srv.weight;
      second = ((const QnetDnsRecord *) records->pdata[1])->srv.weight;
      counts[2 * first + (second > (first == 0 ? 1 : 0) ? 1 : 0)]++;
    }
}

static void
test_order_even (void)
{
  guint mail[6] = { 0 }, bindings[6] = { 0 };

  g_test_summary ("Each order of records of the same priority comes as often as each other one.");

  count_orders (qnet_dns_order_mail, mail);
  count_orders (qnet_dns_order_bindings, bindings);

  for (guint i = 0; i < 6; i++)
    {
      g_assert_cmpint (ABS ((int) mail[i] - 1000), <=, 200);
      g_assert_cmpint (ABS ((int) bindings[i] - 1000), <=, 200);
    }
}

static void
test_order_naming (void)
{
  const guint16 rows[][2] = { { 20, 1 }, { 10, 9 }, { 65535, 0 }, { 10, 2 } };
  const guint16 expected[][2] = { { 10, 2 }, { 10, 9 }, { 20, 1 }, { 65535, 0 } };
  g_autoptr(GPtrArray) records = make_services (rows, G_N_ELEMENTS (rows));

  g_test_summary ("Naming authorities are sorted by order, then by preference.");

  qnet_dns_order_naming (records);
  for (guint k = 0; k < records->len; k++)
    {
      const QnetDnsRecord *record = records->pdata[k];

      g_assert_cmpuint (record->naptr.order, ==, expected[k][0]);
      g_assert_cmpuint (record->naptr.preference, ==, expected[k][1]);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/dns-message/query", test_query);
  g_test_add_func ("/dns-message/query/names", test_query_names);
  g_test_add_func ("/dns-message/is-reply", test_is_reply);
  g_test_add_func ("/dns-message/is-reply/no", test_is_no_reply);
  g_test_add_func ("/dns-message/mixed-case", test_mixed_case);
  g_test_add_func ("/dns-message/addresses", test_addresses);
  g_test_add_func ("/dns-message/names", test_names);
  g_test_add_func ("/dns-message/bytes", test_bytes);
  g_test_add_func ("/dns-message/parameters", test_parameters);
  g_test_add_func ("/dns-message/parameters/alias", test_alias_of_service);
  g_test_add_func ("/dns-message/parameters/mandatory", test_mandatory);
  g_test_add_func ("/dns-message/bad/rules", test_bad_rules);
  g_test_add_func ("/dns-message/meta-types", test_meta_types);
  g_test_add_func ("/dns-message/unknown", test_unknown);
  g_test_add_func ("/dns-message/authentic", test_authentic);
  g_test_add_func ("/dns-message/chain", test_chain);
  g_test_add_func ("/dns-message/chain/looped", test_chain_looped);
  g_test_add_func ("/dns-message/chain/long", test_long_chain);
  g_test_add_func ("/dns-message/header", test_header);
  g_test_add_func ("/dns-message/bad/cut", test_cut);
  g_test_add_func ("/dns-message/bad/data", test_bad_data);
  g_test_add_func ("/dns-message/bad/question", test_bad_question);
  g_test_add_func ("/dns-message/bad/pointers", test_pointers);
  g_test_add_func ("/dns-message/bad/many-pointers", test_many_pointers);
  g_test_add_func ("/dns-message/bad/random", test_random);
  g_test_add_func ("/dns-order/services", test_order_services);
  g_test_add_func ("/dns-order/services/shares", test_order_shares);
  g_test_add_func ("/dns-order/mail", test_order_mail);
  g_test_add_func ("/dns-order/bindings", test_order_bindings);
  g_test_add_func ("/dns-order/naming", test_order_naming);
  g_test_add_func ("/dns-order/even", test_order_even);

  return g_test_run ();
}
