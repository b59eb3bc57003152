/* test-dns-message.c: messages of DNS, good and bad, and the order of records
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <string.h>

#include "common/name-server.h"
#include "lookup/qnet-dns-message-private.h"
#include "lookup/qnet-dns-order-private.h"

#define A     QNET_DNS_RECORD_TYPE_A
#define CNAME QNET_DNS_RECORD_TYPE_CNAME
#define NS    QNET_DNS_RECORD_TYPE_NS
#define TXT   QNET_DNS_RECORD_TYPE_TXT

static GByteArray *
make_query (const char *name)
{
  GByteArray *query = qnet_dns_message_new_query (name, A, 0x1234, 0);

  g_assert_nonnull (query);

  return query;
}

/* A reply to a question for qnet.test, to which records can be added. */
static GByteArray *
make_reply (void)
{
  g_autoptr(GByteArray) query = make_query ("qnet.test");

  return test_reply_new (query->data, query->len, 0);
}

static QnetDnsMessage *
parse (GByteArray *bytes)
{
  g_autoptr(GError) error = NULL;
  g_autofree guint8 *exact = g_memdup2 (bytes->data, bytes->len);  /* reading beyond is seen */
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

/* Questions */

static void
test_query (void)
{
  const guint8 plain[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0" "\4qnet\4test\0" "\0\1\0\1";
  const guint8 edns[] = "\xab\xcd\1\0\0\1\0\0\0\0\0\1" "\4qnet\4test\0" "\0\x21\0\1"
                        "\0" "\0\x29\4\xd0\0\0\0\0\0\0";
  g_autoptr(GByteArray) query = make_query ("qnet.test");
  g_autoptr(GByteArray) dotted = make_query ("qnet.test.");
  g_autoptr(GByteArray) extended
    = qnet_dns_message_new_query ("qnet.test", QNET_DNS_RECORD_TYPE_SRV, 0xabcd, 1232);

  g_test_summary ("A question is what RFC 1035 says, with EDNS if it is wanted.");

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

  g_test_summary ("Names are written with their limits and escapes, and what is none is refused.");

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
    g_assert_null (qnet_dns_message_new_query (bad[i], A, 1, 0));
}

/* Which reply belongs to which question */

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

  g_test_summary ("A reply has the number and the question that were sent; in letters of another case "
                  "it says so, and an error without a question is none.");

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

  g_test_summary ("Mixing the case of letters changes letters alone, as the bits say.");

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
    { 0, 1 }, { 1, 1 },         /* the number */
    { 2, 0x80 },                /* a question */
    { 2, 0x08 }, { 2, 0x40 },   /* another kind of request */
    { 4, 1 }, { 5, 3 }, { 5, 1 },  /* the number of questions */
    { 12, 1 }, { 13, 1 }, { 16, 1 }, { 21, 1 }, { 22, 1 },  /* the name */
    { 23, 0x20 }, { 24, 1 }, { 24, 0x20 }, { 26, 2 },       /* type and class */
  };
  g_autoptr(GByteArray) query = make_query ("qnet.test");

  g_test_summary ("Whatever differs from the question, or is cut off, is no reply to it.");

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

/* Records */

static void
test_addresses (void)
{
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;
  g_autofree char *ipv4 = NULL;
  g_autofree char *ipv6 = NULL;

  g_test_summary ("Addresses have their name, their time to live, and no more of it than is "
                  "allowed.");

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

  g_test_summary ("Names in records are whole or point back, and odd bytes are escaped.");

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

  g_test_summary ("The strings of a TXT record, and what a TLSA record holds, are bytes.");

  test_reply_add (reply, NULL, TXT, 1, "\2a\0\0\1\xff", 6);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_TLSA, 1, "\3\1\2xyz", 6);
  message = parse (reply);

  texts = get (message, 0)->texts;
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
test_chain (void)
{
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;

  g_test_summary ("Records count that belong to the name or to what it is an alias of, in any "
                  "order; what nobody has asked for does not.");

  test_reply_add (reply, "C.test", A, 1, "\1\1\1\1", 4);
  test_reply_add (reply, "evil.test", A, 1, "\2\2\2\2", 4);
  test_reply_add_name (reply, "b.test", CNAME, 1, "c.TEST");
  test_reply_add_name (reply, NULL, CNAME, 1, "b.test");
  test_reply_add_name (reply, NULL, CNAME, 1, "evil.test");
  test_reply_add (reply, NULL, 99, 1, "?", 1);
  message = parse (reply);

  g_assert_cmpuint (message->records->len, ==, 4);
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

  g_test_summary ("Aliases of one another come to an end.");

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

  g_test_summary ("A chain of as many aliases as fit is read to its end.");

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

  g_test_summary ("A truncated reply has no records, whatever it says; a refusal has its code; "
                  "a reply without a question is malformed.");

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

/* Bad ones */

static void
test_cut (void)
{
  g_autoptr(GByteArray) reply = make_reply ();

  g_test_summary ("A reply that ends early is malformed, wherever it ends.");

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

static void
test_bad_data (void)
{
  static const struct
  {
    guint16     type;
    const char *data;
    gsize       size;
  } rows[] = {
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
  };

  g_test_summary ("A record whose data is not that of its type is malformed, and so is the reply.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GByteArray) reply = make_reply ();

      g_test_message ("row %zu", i);
      test_reply_add (reply, NULL, rows[i].type, 1, rows[i].data, rows[i].size);
      test_reply_add (reply, NULL, A, 1, "\1\2\3\4", 4);
      assert_malformed (reply);
    }
}

static void
test_bad_question (void)
{
  g_autoptr(GByteArray) reply = make_reply ();

  g_test_summary ("A reply with two questions, or whose name points at itself, is malformed.");

  reply->data[5] = 2;
  assert_malformed (reply);

  reply->data[5] = 1;
  memcpy (reply->data + 12, "\xc0\x0c", 2);
  assert_malformed (reply);
}

/* Pointers to pointers are fine as long as they lead back; a name that they make too long is
 * not. */
static void
test_pointers (void)
{
  g_autoptr(GByteArray) reply = make_reply ();
  g_autoptr(QnetDnsMessage) message = NULL;
  guint16 last = 12;

  g_test_summary ("Names that point at one another are read to their limit of 255 bytes.");

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

/* Pointers to pointers, in data that nobody reads, and a record with the last of them; the first one
 * is to the name of the question. */
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

  g_test_summary ("A name is as many jumps as it could have labels, and no more.");

  for (gsize i = 0; i < G_N_ELEMENTS (n_pointers); i++)
    {
      g_autoptr(GByteArray) reply = make_reply ();
      g_autoptr(QnetDnsMessage) message = NULL;

      add_chain (reply, n_pointers[i]);

      if (i > 0)
        {
          assert_malformed (reply);
          continue;
        }

      message = parse (reply);
      g_assert_cmpstr (get (message, 0)->value, ==, "qnet.test");
    }
}

static void
test_random (void)
{
  g_test_summary ("Whatever bytes are changed, reading ends, within the bytes.");

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

/* The priority of a service and the preference of a host for mail have the same place. */
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

  g_test_summary ("Services stand by priority, and within one where chance puts them by their "
                  "weight.");

  qnet_dns_order_services (least, least_chance);
  assert_order (least, "5/0 10/0 10/0 10/60 10/20 20/5");

  qnet_dns_order_services (most, most_chance);
  assert_order (most, "5/0 10/20 10/60 10/0 10/0 20/5");

  qnet_dns_order_services (empty, qnet_dns_chance);
}

static void
test_order_shares (void)
{
  const guint16 rows[][2] = { { 1, 10 }, { 1, 30 }, { 1, 60 }, { 1, 0 } };
  guint n_first[101] = { 0 };

  g_test_summary ("How often a service stands first is what its weight asks for.");

  for (guint i = 0; i < 10000; i++)
    {
      g_autoptr(GPtrArray) records = make_services (rows, G_N_ELEMENTS (rows));

      qnet_dns_order_services (records, qnet_dns_chance);
      n_first[((const QnetDnsRecord *) records->pdata[0])->srv.weight]++;
    }

  /* more than ten standard deviations around what is expected */
  g_assert_cmpuint (n_first[60], >, 5400);
  g_assert_cmpuint (n_first[60], <, 6500);
  g_assert_cmpuint (n_first[30], >, 2400);
  g_assert_cmpuint (n_first[30], <, 3500);
  g_assert_cmpuint (n_first[0], <, 400);
}

static void
test_order_mail (void)
{
  const guint16 rows[][2] = { { 20, 0 }, { 10, 1 }, { 10, 2 }, { 65535, 0 }, { 0, 0 } };
  gboolean seen[2] = { FALSE };

  g_test_summary ("Mail goes by preference, and by chance where that is the same.");

  for (guint i = 0; i < 200; i++)
    {
      g_autoptr(GPtrArray) records = make_services (rows, G_N_ELEMENTS (rows));
      guint16 expected[] = { 0, 10, 10, 20, 65535 };

      qnet_dns_order_mail (records, qnet_dns_chance);
      for (guint k = 0; k < records->len; k++)
        {
          const QnetDnsRecord *record = records->pdata[k];

          g_assert_cmpuint (record->mx.preference, ==, expected[k]);
        }

      seen[((const QnetDnsRecord *) records->pdata[1])->srv.weight - 1] = TRUE;
    }

  g_assert_true (seen[0] && seen[1]);
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

  return g_test_run ();
}
