/* test-dns-lookup.c: lookups at a name server of the test, which also fails
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <string.h>
#include <sys/resource.h>

#include "base/qnet-syscall-private.h"
#include "common/gap.h"
#include "common/name-server.h"
#include "dns/qnet-dns-message-private.h"
#include "dns/qnet-resolv-conf-private.h"
#include "loop/qnet-reactor-private.h"

#define PATIENCE 60000  /* milliseconds; only reached if something is broken */

typedef struct
{
  TestNameServer *server;       /* (owned) (nullable) */
  QnetDnsLookup  *lookup;       /* (owned) */
  guint           n_finished;
} Fixture;

static void
finished_cb (QnetDnsLookup *lookup,
             Fixture       *fixture)
{
  g_assert_true (qnet_dns_lookup_is_finished (lookup));
  fixture->n_finished++;
}

static QnetDnsLookup *
make_lookup (const char *name,
             guint16     port)
{
  g_autoptr(QnetHostAddress) local
    = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  return qnet_dns_lookup_new_with_nameserver (QNET_DNS_RECORD_TYPE_A, name, local, port);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  answer)
{
  if (answer != NULL)
    fixture->server = test_name_server_new (*(const TestAnswer *) answer, fixture);

  fixture->lookup = make_lookup ("qnet.test", fixture->server != NULL
                                              ? test_name_server_get_port (fixture->server) : 1);
  g_signal_connect (fixture->lookup, "finished", G_CALLBACK (finished_cb), fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->lookup);
  g_clear_pointer (&fixture->server, test_name_server_free);
  g_assert_false (g_main_context_iteration (NULL, FALSE));  /* no source is left */
}

static void
wait_until_finished (Fixture *fixture)
{
  while (!qnet_dns_lookup_is_finished (fixture->lookup))
    g_main_context_iteration (NULL, TRUE);
}

static void
run (Fixture *fixture)
{
  guint n_finished = fixture->n_finished;

  qnet_dns_lookup_lookup (fixture->lookup);
  g_assert_cmpuint (fixture->n_finished, ==, n_finished);
  g_assert_false (qnet_dns_lookup_is_finished (fixture->lookup));

  wait_until_finished (fixture);
  g_assert_cmpuint (fixture->n_finished, ==, n_finished + 1);
}

static GPtrArray *
get_addresses (Fixture *fixture)
{
  return qnet_dns_lookup_get_host_address_records (fixture->lookup);
}

static void
assert_address (Fixture    *fixture,
                const char *expected)
{
  GPtrArray *records = get_addresses (fixture);
  g_autofree char *text = NULL;

  g_assert_no_error (qnet_dns_lookup_get_error (fixture->lookup));
  g_assert_cmpuint (records->len, ==, 1);
  text = qnet_host_address_to_string (qnet_dns_host_address_record_get_value (records->pdata[0]));
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_fails (Fixture    *fixture,
              int         code,
              const char *reason)
{
  const GError *error;

  run (fixture);
  error = qnet_dns_lookup_get_error (fixture->lookup);
  g_assert_error (error, QNET_DNS_LOOKUP_ERROR, code);
  g_assert_nonnull (strstr (error->message, reason));
  g_assert_nonnull (strstr (error->message, qnet_dns_lookup_get_name (fixture->lookup)));
  g_assert_cmpuint (get_addresses (fixture)->len, ==, 0);
}

/* Servers */

static GByteArray *
answer_well (const guint8 *query,
             gsize         size,
             gboolean      by_tcp,
             gpointer      user_data)
{
  GByteArray *reply = test_reply_new (query, size, 0);

  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_A, 77, "\300\0\2\1", 4);

  return by_tcp ? test_reply_frame (reply) : reply;
}

static GByteArray *
answer_never (const guint8 *query,
              gsize         size,
              gboolean      by_tcp,
              gpointer      user_data)
{
  return NULL;
}

/* Replies to the second query */
static GByteArray *
answer_late (const guint8 *query,
             gsize         size,
             gboolean      by_tcp,
             gpointer      user_data)
{
  static gint n_asked = 0;

  if (g_atomic_int_add (&n_asked, 1) % 2 == 0)
    return NULL;

  return answer_well (query, size, by_tcp, user_data);
}

static GByteArray *
answer_without (const guint8 *query,
                gsize         size,
                gboolean      by_tcp,
                gpointer      user_data)
{
  return test_reply_new (query, size, 0);
}

#define ANSWER_CODE(name, code)                                                              \
  static GByteArray *                                                                        \
  name (const guint8 *query, gsize size, gboolean by_tcp, gpointer user_data)                \
  {                                                                                          \
    return test_reply_new (query, size, (code));                                             \
  }

ANSWER_CODE (answer_not_found, QNET_DNS_RCODE_NAME_ERROR)
ANSWER_CODE (answer_refused, QNET_DNS_RCODE_REFUSED)
ANSWER_CODE (answer_failure, QNET_DNS_RCODE_SERVER_FAILURE)
ANSWER_CODE (answer_format_error, QNET_DNS_RCODE_FORMAT_ERROR)
ANSWER_CODE (answer_not_implemented, QNET_DNS_RCODE_NOT_IMPLEMENTED)
ANSWER_CODE (answer_odd_code, 11)

/* A server that predates EDNS */
static GByteArray *
answer_old (const guint8 *query,
            gsize         size,
            gboolean      by_tcp,
            gpointer      user_data)
{
  if (query[11] != 0)
    return test_reply_new (query, size, QNET_DNS_RCODE_FORMAT_ERROR);

  return answer_well (query, size, by_tcp, user_data);
}

static GByteArray *
answer_truncated (const guint8 *query,
                  gsize         size,
                  gboolean      by_tcp,
                  gpointer      user_data)
{
  GByteArray *reply = answer_well (query, size, by_tcp, user_data);

  if (!by_tcp)
    reply->data[2] |= 0x02;

  return reply;
}

static GByteArray *
answer_large (const guint8 *query,
              gsize         size,
              gboolean      by_tcp,
              gpointer      user_data)
{
  GByteArray *reply = test_reply_new (query, size, 0);

  if (!by_tcp)
    {
      reply->data[2] |= 0x02;
      return reply;
    }

  for (guint i = 0; i < 4000; i++)
    test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_A, 1, "\300\0\2\1", 4);

  return test_reply_frame (reply);
}

static GByteArray *
answer_truncated_twice (const guint8 *query,
                        gsize         size,
                        gboolean      by_tcp,
                        gpointer      user_data)
{
  GByteArray *reply = test_reply_new (query, size, 0);

  reply->data[2] |= 0x02;

  return by_tcp ? test_reply_frame (reply) : reply;
}

static GByteArray *
close_tcp (const guint8 *query,
           gsize         size,
           gboolean      by_tcp,
           gpointer      user_data)
{
  return by_tcp ? NULL : answer_truncated_twice (query, size, by_tcp, user_data);
}

static GByteArray *
close_within_reply (const guint8 *query,
                    gsize         size,
                    gboolean      by_tcp,
                    gpointer      user_data)
{
  GByteArray *reply = answer_truncated (query, size, by_tcp, user_data);

  return by_tcp ? g_byte_array_set_size (reply, reply->len - 3) : reply;
}

static GByteArray *
answer_other_by_tcp (const guint8 *query,
                     gsize         size,
                     gboolean      by_tcp,
                     gpointer      user_data)
{
  GByteArray *reply = answer_truncated (query, size, by_tcp, user_data);

  if (by_tcp)
    reply->data[3] ^= 1;  /* the ID */

  return reply;
}

static GByteArray *
answer_malformed (const guint8 *query,
                  gsize         size,
                  gboolean      by_tcp,
                  gpointer      user_data)
{
  GByteArray *reply = answer_well (query, size, by_tcp, user_data);

  return g_byte_array_set_size (reply, reply->len - 1);
}

static GByteArray *
answer_looped (const guint8 *query,
               gsize         size,
               gboolean      by_tcp,
               gpointer      user_data)
{
  GByteArray *reply = test_reply_new (query, size, 0);
  guint8 own_place[] = { 0xc0, 0 };

  own_place[1] = reply->len + 12;
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_CNAME, 1, own_place, sizeof own_place);

  return reply;
}

static GByteArray *
answer_another (const guint8 *query,
                gsize         size,
                gboolean      by_tcp,
                gpointer      user_data)
{
  GByteArray *reply = answer_well (query, size, by_tcp, user_data);

  reply->data[0] ^= 1;

  return reply;
}

static GByteArray *
answer_junk (const guint8 *query,
             gsize         size,
             gboolean      by_tcp,
             gpointer      user_data)
{
  return g_byte_array_append (g_byte_array_new (), (const guint8 *) "?", 1);
}

/* Records of all types in one reply */
static GByteArray *
answer_services (const guint8 *query,
                 gsize         size,
                 gboolean      by_tcp,
                 gpointer      user_data)
{
  GByteArray *reply = test_reply_new (query, size, 0);

  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_SRV, 9, "\0\2\0\0\0\x50\1b\0", 9);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_SRV, 9, "\0\1\0\7\0\x50\1a\0", 9);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_MX, 8, "\0\x14\1z\0", 5);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_MX, 8, "\0\x0a\1y\0", 5);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_TXT, 7, "\2hi\1!", 5);
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_TLSA, 6, "\3\1\1xyz", 6);
  test_reply_add_name (reply, NULL, QNET_DNS_RECORD_TYPE_NS, 5, "ns.test");
  test_reply_add_name (reply, NULL, QNET_DNS_RECORD_TYPE_PTR, 4, "ptr.test");
  test_reply_add_name (reply, NULL, QNET_DNS_RECORD_TYPE_CNAME, 3, "cname.test");
  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_A, 2, "\300\0\2\1", 4);
  test_reply_add (reply, NULL, 99, 7, "?", 1);
  test_reply_add (reply, NULL, 255, 7, "?", 1);

  return reply;
}

/* A server that says it has validated its records, if it is asked that */
static GByteArray *
answer_authentic (const guint8 *query,
                  gsize         size,
                  gboolean      by_tcp,
                  gpointer      user_data)
{
  GByteArray *reply = answer_well (query, size, by_tcp, user_data);

  reply->data[3] |= query[3] & 0x20;

  return reply;
}

static GByteArray *
answer_denied (const guint8 *query,
               gsize         size,
               gboolean      by_tcp,
               gpointer      user_data)
{
  GByteArray *reply = test_reply_new (query, size, QNET_DNS_RCODE_NAME_ERROR);

  reply->data[3] |= query[3] & 0x20;

  return reply;
}

/* Successful lookups */

static void
test_answer (Fixture       *fixture,
             gconstpointer  data)
{
  QnetDnsHostAddressRecord *record;

  g_test_summary ("A lookup finishes once, after the call has returned, with the records of the "
                  "server.");

  run (fixture);
  assert_address (fixture, "192.0.2.1");
  record = get_addresses (fixture)->pdata[0];
  g_assert_cmpstr (qnet_dns_host_address_record_get_name (record), ==, "qnet.test");
  g_assert_cmpuint (qnet_dns_host_address_record_get_time_to_live (record), ==, 77);

  run (fixture);
  assert_address (fixture, "192.0.2.1");
  g_assert_cmpuint (test_name_server_get_n_asked (fixture->server), ==, 2);
}

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          guint      *count)
{
  (*count)++;
}

static void
test_authentic (Fixture       *fixture,
                gconstpointer  data)
{
  guint n_notified = 0;

  g_test_summary ("A name server that was chosen is asked whether its records are authentic.");

  g_signal_connect (fixture->lookup, "notify::authentic-data", G_CALLBACK (count_cb), &n_notified);
  g_assert_false (qnet_dns_lookup_is_authentic_data (fixture->lookup));

  run (fixture);
  g_assert_true (qnet_dns_lookup_is_authentic_data (fixture->lookup));
  g_assert_cmpuint (n_notified, ==, 1);

  qnet_dns_lookup_lookup (fixture->lookup);
  g_assert_false (qnet_dns_lookup_is_authentic_data (fixture->lookup));  /* not of the last one */
  g_assert_cmpuint (n_notified, ==, 2);
  wait_until_finished (fixture);
}

static void
test_not_authentic (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("Without the bit in the reply records are not authentic.");

  run (fixture);
  g_assert_false (qnet_dns_lookup_is_authentic_data (fixture->lookup));
}

/* Whether the system itself is set up so */
static gboolean
system_trusts (void)
{
  g_autofree char *text = NULL;

  return g_file_get_contents ("/etc/resolv.conf", &text, NULL, NULL)
         && strstr (text, "trust-ad") != NULL;
}

static void
test_denied (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("That there is no such name can be authentic, too.");

  run (fixture);
  g_assert_error (qnet_dns_lookup_get_error (fixture->lookup), QNET_DNS_LOOKUP_ERROR,
                  QNET_DNS_LOOKUP_ERROR_NOT_FOUND);
  g_assert_true (qnet_dns_lookup_is_authentic_data (fixture->lookup));
}

static void
test_trusts_ad (void)
{
  g_test_summary ("The name servers of the system are believed on request alone.");

  /* The C library reads its options once. */
  if (g_test_subprocess ())
    {
      g_autoptr(QnetResolvConf) conf = qnet_resolv_conf_read ();

      g_assert_cmpint (conf->trusts_ad, ==,
                       system_trusts () || g_getenv ("RES_OPTIONS") != NULL);
      return;
    }

  g_unsetenv ("RES_OPTIONS");
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();

#ifdef __GLIBC__
  g_setenv ("RES_OPTIONS", "trust-ad", TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_unsetenv ("RES_OPTIONS");
#endif
}

static void
test_type_number (void)
{
  g_autoptr(QnetDnsLookup) lookup = qnet_dns_lookup_new (QNET_DNS_RECORD_TYPE_HTTPS, "qnet.test");
  guint n_types = 0, n_numbers = 0;

  g_test_summary ("A type and its number are two forms of one value.");

  g_signal_connect (lookup, "notify::record-type", G_CALLBACK (count_cb), &n_types);
  g_signal_connect (lookup, "notify::type-number", G_CALLBACK (count_cb), &n_numbers);
  g_assert_cmpuint (qnet_dns_lookup_get_type_number (lookup), ==, 65);

  qnet_dns_lookup_set_type_number (lookup, 257);
  g_assert_cmpint (qnet_dns_lookup_get_record_type (lookup), ==, QNET_DNS_RECORD_TYPE_CAA);
  qnet_dns_lookup_set_type_number (lookup, 99);
  g_assert_cmpint (qnet_dns_lookup_get_record_type (lookup), ==, QNET_DNS_RECORD_TYPE_UNKNOWN);
  g_assert_cmpuint (n_types, ==, 2);
  g_assert_cmpuint (n_numbers, ==, 2);

  qnet_dns_lookup_set_type_number (lookup, 100);
  qnet_dns_lookup_set_type_number (lookup, 100);
  g_assert_cmpuint (n_types, ==, 2);
  g_assert_cmpuint (n_numbers, ==, 3);

  g_object_set (lookup, "record-type", QNET_DNS_RECORD_TYPE_A, NULL);
  g_assert_cmpuint (qnet_dns_lookup_get_type_number (lookup), ==, 1);
}

static void
test_type_refused (void)
{
  g_autoptr(QnetDnsLookup) lookup = qnet_dns_lookup_new (QNET_DNS_RECORD_TYPE_A, "qnet.test");

  g_test_summary ("A value without a type is refused as an error of the program.");

  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*UNKNOWN*");
  qnet_dns_lookup_set_record_type (lookup, QNET_DNS_RECORD_TYPE_UNKNOWN);
  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*find_type*");
  qnet_dns_lookup_set_record_type (lookup, (QnetDnsRecordType) 99);
  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*is_question*");
  qnet_dns_lookup_set_type_number (lookup, 0);
  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*is_question*");
  qnet_dns_lookup_set_type_number (lookup, 252);
  g_object_set (lookup, "record-type", QNET_DNS_RECORD_TYPE_UNKNOWN, NULL);  /* is ignored */
  g_test_assert_expected_messages ();

  g_assert_cmpuint (qnet_dns_lookup_get_type_number (lookup), ==, QNET_DNS_RECORD_TYPE_A);
}

static void
assert_services (QnetDnsLookup *lookup)
{
  QnetDnsServiceRecord *service;
  GSrvTarget *target;

  g_assert_cmpuint (qnet_dns_lookup_get_service_records (lookup)->len, ==, 2);
  service = qnet_dns_lookup_get_service_records (lookup)->pdata[0];
  g_assert_cmpstr (qnet_dns_service_record_get_name (service), ==, "qnet.test");
  g_assert_cmpstr (qnet_dns_service_record_get_target (service), ==, "a");
  g_assert_cmpuint (qnet_dns_service_record_get_port (service), ==, 80);
  g_assert_cmpuint (qnet_dns_service_record_get_priority (service), ==, 1);
  g_assert_cmpuint (qnet_dns_service_record_get_weight (service), ==, 7);
  g_assert_cmpuint (qnet_dns_service_record_get_time_to_live (service), ==, 9);
  target = qnet_dns_service_record_to_srv_target (service);
  g_assert_cmpstr (g_srv_target_get_hostname (target), ==, "a");
  g_srv_target_free (target);
}

static void
assert_mail (QnetDnsLookup *lookup)
{
  QnetDnsMailExchangeRecord *mail;

  g_assert_cmpuint (qnet_dns_lookup_get_mail_exchange_records (lookup)->len, ==, 2);
  mail = qnet_dns_lookup_get_mail_exchange_records (lookup)->pdata[0];
  g_assert_cmpstr (qnet_dns_mail_exchange_record_get_name (mail), ==, "qnet.test");
  g_assert_cmpstr (qnet_dns_mail_exchange_record_get_exchange (mail), ==, "y");
  g_assert_cmpuint (qnet_dns_mail_exchange_record_get_preference (mail), ==, 10);
  g_assert_cmpuint (qnet_dns_mail_exchange_record_get_time_to_live (mail), ==, 8);
}

static void
assert_texts (QnetDnsLookup *lookup)
{
  QnetDnsTextRecord *text;

  text = qnet_dns_lookup_get_text_records (lookup)->pdata[0];
  g_assert_cmpstr (qnet_dns_text_record_get_name (text), ==, "qnet.test");
  g_assert_cmpuint (qnet_dns_text_record_get_values (text)->len, ==, 2);
  g_assert_cmpuint (qnet_dns_text_record_get_time_to_live (text), ==, 7);
}

static void
assert_association (QnetDnsLookup *lookup)
{
  QnetDnsTlsAssociationRecord *association;
  gconstpointer value;
  gsize size;

  association = qnet_dns_lookup_get_tls_association_records (lookup)->pdata[0];
  g_assert_cmpstr (qnet_dns_tls_association_record_get_name (association), ==, "qnet.test");
  g_assert_cmpuint (qnet_dns_tls_association_record_get_usage (association), ==, 3);
  g_assert_cmpuint (qnet_dns_tls_association_record_get_selector (association), ==, 1);
  g_assert_cmpuint (qnet_dns_tls_association_record_get_matching_type (association), ==, 1);
  g_assert_cmpuint (qnet_dns_tls_association_record_get_time_to_live (association), ==, 6);
  value = qnet_dns_tls_association_record_get_value (association, &size);
  g_assert_cmpmem (value, size, "xyz", 3);
  g_assert_true (g_bytes_get_data (qnet_dns_tls_association_record_get_value_bytes (association),
                                   NULL) == value);
}

static void
assert_names (QnetDnsLookup *lookup)
{
  QnetDnsDomainNameRecord *server, *pointer, *alias;

  server = qnet_dns_lookup_get_name_server_records (lookup)->pdata[0];
  g_assert_cmpstr (qnet_dns_domain_name_record_get_value (server), ==, "ns.test");
  pointer = qnet_dns_lookup_get_pointer_records (lookup)->pdata[0];
  g_assert_cmpstr (qnet_dns_domain_name_record_get_value (pointer), ==, "ptr.test");
  alias = qnet_dns_lookup_get_canonical_name_records (lookup)->pdata[0];
  g_assert_cmpstr (qnet_dns_domain_name_record_get_name (alias), ==, "qnet.test");
  g_assert_cmpstr (qnet_dns_domain_name_record_get_value (alias), ==, "cname.test");
  g_assert_cmpuint (qnet_dns_domain_name_record_get_time_to_live (alias), ==, 3);
}

static void
test_all_types (Fixture       *fixture,
                gconstpointer  data)
{
  QnetDnsLookup *lookup = fixture->lookup;

  g_test_summary ("Records of each type have their fields, and those with an order are sorted.");

  qnet_dns_lookup_set_record_type (lookup, QNET_DNS_RECORD_TYPE_ANY);
  run (fixture);
  g_assert_no_error (qnet_dns_lookup_get_error (lookup));

  assert_services (lookup);
  assert_mail (lookup);
  assert_texts (lookup);
  assert_association (lookup);
  assert_names (lookup);
  g_assert_cmpuint (qnet_dns_lookup_get_unknown_records (lookup)->len, ==, 1);
}

static void
test_boxed (Fixture       *fixture,
            gconstpointer  data)
{
  QnetDnsLookup *lookup = fixture->lookup;

  g_test_summary ("Records of each type can be stored in a GValue without a copy, and outlive "
                  "their lookup.");

  run (fixture);

  {
    struct
    {
      GType      type;
      GPtrArray *records;
    } rows[] = {
      { QNET_TYPE_DNS_HOST_ADDRESS_RECORD, qnet_dns_lookup_get_host_address_records (lookup) },
      { QNET_TYPE_DNS_SERVICE_RECORD, qnet_dns_lookup_get_service_records (lookup) },
      { QNET_TYPE_DNS_MAIL_EXCHANGE_RECORD, qnet_dns_lookup_get_mail_exchange_records (lookup) },
      { QNET_TYPE_DNS_TEXT_RECORD, qnet_dns_lookup_get_text_records (lookup) },
      { QNET_TYPE_DNS_TLS_ASSOCIATION_RECORD,
        qnet_dns_lookup_get_tls_association_records (lookup) },
      { QNET_TYPE_DNS_DOMAIN_NAME_RECORD, qnet_dns_lookup_get_pointer_records (lookup) },
    };
    g_autoptr(QnetDnsTextRecord) text
      = qnet_dns_text_record_ref (qnet_dns_lookup_get_text_records (lookup)->pdata[0]);

    for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
      {
        g_auto(GValue) value = G_VALUE_INIT;

        g_value_init (&value, rows[i].type);
        g_value_set_boxed (&value, rows[i].records->pdata[0]);
        g_assert_true (g_value_get_boxed (&value) == rows[i].records->pdata[0]);
      }

    g_clear_object (&fixture->lookup);
    g_assert_cmpstr (qnet_dns_text_record_get_name (text), ==, "qnet.test");
  }
}

static void
test_without_records (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A name without records of the type is not an error.");

  run (fixture);
  g_assert_no_error (qnet_dns_lookup_get_error (fixture->lookup));
  g_assert_cmpuint (get_addresses (fixture)->len, ==, 0);
}

static void
test_by_tcp (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("If a reply does not fit into a datagram, the query is repeated over TCP.");

  run (fixture);
  assert_address (fixture, "192.0.2.1");
  g_assert_cmpuint (test_name_server_get_n_asked (fixture->server), ==, 2);
}

static void
test_large (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("A reply of the maximum size is received completely.");

  run (fixture);
  g_assert_no_error (qnet_dns_lookup_get_error (fixture->lookup));
  g_assert_cmpuint (get_addresses (fixture)->len, ==, 4000);
}

static void
test_old (Fixture       *fixture,
          gconstpointer  data)
{
  g_test_summary ("The query to a server without EDNS is repeated without it.");

  run (fixture);
  assert_address (fixture, "192.0.2.1");
}

/* Time */

static gint64 test_now;

static gint64
get_test_now (void)
{
  return test_now;
}

static void
stop_clock (void)
{
  test_now = g_get_monotonic_time ();
  qnet_clock_set_for_tests (get_test_now);
}

static void
wait_until_asked (Fixture *fixture,
                  guint    n_asked)
{
  while (test_name_server_get_n_asked (fixture->server) < n_asked)
    g_main_context_iteration (NULL, FALSE);
}

static void
test_retry (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("A server that does not reply is queried again.");

  stop_clock ();
  qnet_dns_lookup_lookup (fixture->lookup);
  wait_until_asked (fixture, 1);

  test_now += 10 * (gint64) G_USEC_PER_SEC;
  wait_until_finished (fixture);
  assert_address (fixture, "192.0.2.1");
  g_assert_cmpuint (test_name_server_get_n_asked (fixture->server), ==, 2);

  qnet_clock_set_for_tests (NULL);
}

static void
assert_times_out (Fixture    *fixture,
                  int         code,
                  const char *reason)
{
  stop_clock ();
  qnet_dns_lookup_lookup (fixture->lookup);

  while (!qnet_dns_lookup_is_finished (fixture->lookup))
    {
      g_main_context_iteration (NULL, FALSE);
      if (test_name_server_get_n_asked (fixture->server) > 0)
        test_now += G_USEC_PER_SEC / 100;
    }

  g_assert_error (qnet_dns_lookup_get_error (fixture->lookup), QNET_DNS_LOOKUP_ERROR, code);
  g_assert_nonnull (strstr (qnet_dns_lookup_get_error (fixture->lookup)->message, reason));
  qnet_clock_set_for_tests (NULL);
}

static void
test_silence (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("If a server never replies, the lookup fails with a timeout.");

  assert_times_out (fixture, QNET_DNS_LOOKUP_ERROR_TIMEOUT, "did not reply in time");
}

static void
finished_changed_cb (GObject    *object,
                     GParamSpec *pspec,
                     gpointer    user_data)
{
  gboolean *is_finished = user_data;

  g_assert_cmpint (qnet_dns_lookup_is_finished (QNET_DNS_LOOKUP (object)), !=, *is_finished);
  *is_finished = !*is_finished;
}

static void
test_notified (Fixture       *fixture,
               gconstpointer  data)
{
  gboolean is_finished = FALSE;

  g_test_summary ("finished is notified only if it changes, and not when the first lookup starts.");

  g_signal_connect (fixture->lookup, "notify::finished", G_CALLBACK (finished_changed_cb),
                    &is_finished);

  for (guint i = 0; i < 3; i++)
    {
      run (fixture);
      g_assert_true (is_finished);
    }

  qnet_dns_lookup_lookup (fixture->lookup);
  qnet_dns_lookup_abort (fixture->lookup);
  g_assert_true (is_finished);
}

static void
test_unrelated_replies (Fixture       *fixture,
                        gconstpointer  data)
{
  g_test_summary ("Datagrams that are not a reply to the query are ignored, and reported if there "
                  "is no reply.");

  assert_times_out (fixture, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY,
                    "sent no valid reply to the query");
}

static void
test_timeout (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("The timeout property limits the whole lookup.");

  qnet_dns_lookup_set_timeout (fixture->lookup, 20);
  assert_fails (fixture, QNET_DNS_LOOKUP_ERROR_TIMEOUT, "The lookup took longer than 0.02 s");
}

/* Failures */

static void
test_failures (void)
{
  static const struct
  {
    TestAnswer          answer;
    QnetDnsLookupError  code;
    const char         *reason;
  } rows[] = {
    { answer_not_found, QNET_DNS_LOOKUP_ERROR_NOT_FOUND, "The name does not exist" },
    { answer_refused, QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED, "refused the query" },
    { answer_failure, QNET_DNS_LOOKUP_ERROR_SERVER_FAILURE, "reported a failure" },
    { answer_format_error, QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST, "did not understand the query" },
    { answer_not_implemented, QNET_DNS_LOOKUP_ERROR_SERVER_FAILURE,
      "does not support this type of query" },
    { answer_odd_code, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY, "The reply of the name server " },
    { answer_malformed, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY, "The reply of the name server " },
    { answer_looped, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY, "The reply of the name server " },
    { answer_truncated_twice, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY,
      "The reply of the name server " },
    { answer_other_by_tcp, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY, "The reply of the name server " },
    { close_tcp, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY,
      "closed the connection before its reply was complete" },
    { close_within_reply, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY,
      "closed the connection before its reply was complete" },
  };

  g_test_summary ("Each failure has its own code, and its message has the name server and the "
                  "reason.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Fixture fixture = { 0 };

      g_test_message ("%s (%zu)", rows[i].reason, i);
      set_up (&fixture, &rows[i].answer);
      assert_fails (&fixture, rows[i].code, rows[i].reason);
      tear_down (&fixture, NULL);
    }
}

static void
test_no_name_server (Fixture       *fixture,
                     gconstpointer  data)
{
  G_GNUC_UNUSED g_autofree char *name = NULL;
  TestNameServer *gone = test_name_server_new (answer_never, NULL);

  g_test_summary ("Without a name server, the lookup fails at once.");

  qnet_dns_lookup_set_nameserver_port (fixture->lookup, test_name_server_get_port (gone));
  test_name_server_free (gone);
  assert_fails (fixture, QNET_DNS_LOOKUP_ERROR_RESOLVER, "Connection refused");
}

static void
test_unknown_scope (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string ("fe80::1%no-such-thing");

  g_test_summary ("A name server on an interface that does not exist fails.");

  qnet_dns_lookup_set_nameserver (fixture->lookup, address);
  assert_fails (fixture, QNET_DNS_LOOKUP_ERROR_RESOLVER, "no address");
}

static void
test_bad_names (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *long_name = g_strnfill (64, 'a');
  const char *names[] = { "", "a..b", long_name };

  g_test_summary ("An invalid name is rejected after the call has returned, and no query is sent.");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      qnet_dns_lookup_set_name (fixture->lookup, names[i]);
      assert_fails (fixture, QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST,
                    *names[i] != '\0' ? "The name is not valid" : "The name is empty");
    }

  qnet_dns_lookup_set_name (fixture->lookup, "\377");
  run (fixture);
  g_assert_cmpuint (test_name_server_get_n_asked (fixture->server), ==, 1);  /* bytes are a valid
                                                                              * name */
}

/* System calls that fail */

static QnetSyscall failing_call;
static int failing_error;

static int
fail_call (QnetSyscall call)
{
  return call == failing_call ? failing_error : 0;
}

static void
test_system_failures (Fixture       *fixture,
                      gconstpointer  data)
{
  static const struct
  {
    QnetSyscall call;
    int         error;
  } rows[] = {
    { QNET_SYSCALL_SOCKET, EMFILE }, { QNET_SYSCALL_CONNECT, ENETUNREACH },
    { QNET_SYSCALL_SEND, ENOBUFS }, { QNET_SYSCALL_RECV, ECONNREFUSED },
  };

  g_test_summary ("A failure of a system call is reported with its own text, and the next lookup "
                  "succeeds.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      failing_call = rows[i].call;
      failing_error = rows[i].error;
      qnet_syscall_fault = fail_call;
      assert_fails (fixture, QNET_DNS_LOOKUP_ERROR_RESOLVER, g_strerror (rows[i].error));

      qnet_syscall_fault = NULL;
      run (fixture);
      assert_address (fixture, "192.0.2.1");
    }
}

static guint n_sends;

/* Sends queries over TCP byte by byte. */
static int
send_slowly (QnetSyscall call)
{
  return call == QNET_SYSCALL_SEND && n_sends++ > 0 ? -1 : 0;
}

static void
test_slow_tcp (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("A query that is sent in pieces arrives complete.");

  n_sends = 0;
  qnet_syscall_fault = send_slowly;
  run (fixture);
  qnet_syscall_fault = NULL;
  assert_address (fixture, "192.0.2.1");
}

static int
fail_tcp_send (QnetSyscall call)
{
  return call == QNET_SYSCALL_SEND && n_sends++ % 2 > 0 ? EPIPE : 0;
}

static void
test_failing_tcp (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A failure to send over TCP is reported.");

  n_sends = 0;
  qnet_syscall_fault = fail_tcp_send;
  assert_fails (fixture, QNET_DNS_LOOKUP_ERROR_RESOLVER, g_strerror (EPIPE));
  qnet_syscall_fault = NULL;
}

/* Aborting and dropping */

static void
test_abort (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("An aborted lookup finishes once, at once and without records; the next one "
                  "succeeds.");

  qnet_dns_lookup_abort (fixture->lookup);
  g_assert_cmpuint (fixture->n_finished, ==, 0);

  qnet_dns_lookup_lookup (fixture->lookup);
  qnet_dns_lookup_lookup (fixture->lookup);
  qnet_dns_lookup_abort (fixture->lookup);
  g_assert_cmpuint (fixture->n_finished, ==, 1);
  g_assert_error (qnet_dns_lookup_get_error (fixture->lookup), QNET_DNS_LOOKUP_ERROR,
                  QNET_DNS_LOOKUP_ERROR_OPERATION_CANCELLED);

  qnet_dns_lookup_abort (fixture->lookup);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (fixture->n_finished, ==, 1);

  run (fixture);
  assert_address (fixture, "192.0.2.1");
}

static void
test_dropped (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("A lookup without references ends without a signal.");

  qnet_dns_lookup_lookup (fixture->lookup);
  wait_until_asked (fixture, 1);
  g_assert_finalize_object (g_steal_pointer (&fixture->lookup));
  g_assert_cmpuint (fixture->n_finished, ==, 0);
}

static void
drop_cb (QnetDnsLookup *lookup,
         Fixture       *fixture)
{
  g_clear_object (&fixture->lookup);
}

static void
test_dropped_in_handler (Fixture       *fixture,
                         gconstpointer  data)
{
  g_test_summary ("The handler of finished may drop the last reference.");

  g_signal_connect (fixture->lookup, "finished", G_CALLBACK (drop_cb), fixture);
  qnet_dns_lookup_lookup (fixture->lookup);
  while (fixture->lookup != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
once_more_cb (QnetDnsLookup *lookup,
              Fixture       *fixture)
{
  if (fixture->n_finished < 3)
    qnet_dns_lookup_lookup (lookup);
}

static void
again_when_notified_cb (QnetDnsLookup *lookup,
                        GParamSpec    *pspec,
                        guint         *n_left)
{
  if (qnet_dns_lookup_is_finished (lookup) && *n_left > 0)
    {
      --*n_left;
      qnet_dns_lookup_lookup (lookup);
    }
}

static void
test_again_when_notified (Fixture       *fixture,
                          gconstpointer  data)
{
  guint n_left = 2;

  g_test_summary ("A handler of notify::finished starts the next lookup: only the last one emits "
                  "finished.");

  g_signal_connect (fixture->lookup, "notify::finished", G_CALLBACK (again_when_notified_cb),
                    &n_left);
  qnet_dns_lookup_lookup (fixture->lookup);
  while (fixture->n_finished == 0)
    g_main_context_iteration (NULL, TRUE);

  g_assert_cmpuint (n_left, ==, 0);
  g_assert_cmpuint (fixture->n_finished, ==, 1);
}

static void
test_again_in_handler (Fixture       *fixture,
                       gconstpointer  data)
{
  g_test_summary ("The handler of finished may start the next lookup.");

  g_signal_connect (fixture->lookup, "finished", G_CALLBACK (once_more_cb), fixture);
  qnet_dns_lookup_lookup (fixture->lookup);
  while (fixture->n_finished < 3)
    g_main_context_iteration (NULL, TRUE);

  assert_address (fixture, "192.0.2.1");
}

static void
test_context_gone (Fixture       *fixture,
                   gconstpointer  data)
{
  GMainContext *context = g_main_context_new ();

  g_test_summary ("If its main context is destroyed, a lookup ends without a signal; the next one "
                  "succeeds.");

  g_main_context_push_thread_default (context);
  qnet_dns_lookup_lookup (fixture->lookup);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);

  run (fixture);
  assert_address (fixture, "192.0.2.1");
  g_assert_cmpuint (fixture->n_finished, ==, 1);
}

/* Waiting */

static void
test_wait (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  guint not_to_run = g_idle_add ((GSourceFunc) abort, NULL);

  g_test_summary ("wait_for_finished() waits for a lookup, and dispatches no other source.");

  g_assert_false (qnet_dns_lookup_wait_for_finished (fixture->lookup, 0, &error));
  g_assert_error (error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST);
  g_clear_error (&error);

  qnet_dns_lookup_lookup (fixture->lookup);
  g_assert_true (qnet_dns_lookup_wait_for_finished (fixture->lookup, PATIENCE, &error));
  g_assert_no_error (error);
  assert_address (fixture, "192.0.2.1");
  g_assert_cmpuint (fixture->n_finished, ==, 1);
  g_assert_true (qnet_dns_lookup_wait_for_finished (fixture->lookup, 0, NULL));

  g_source_remove (not_to_run);
}

static void
test_wait_and_again (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A wait returns the result of its own lookup, even if a handler has started the "
                  "next one.");

  g_signal_connect (fixture->lookup, "finished", G_CALLBACK (once_more_cb), fixture);
  qnet_dns_lookup_lookup (fixture->lookup);

  g_assert_false (qnet_dns_lookup_wait_for_finished (fixture->lookup, PATIENCE, &error));
  g_assert_error (error, QNET_DNS_LOOKUP_ERROR, (int) QNET_DNS_LOOKUP_ERROR_NOT_FOUND);
  g_assert_cmpuint (fixture->n_finished, ==, 1);
  g_assert_null (qnet_dns_lookup_get_error (fixture->lookup));
}

static void
wait_for_next_cb (QnetDnsLookup *lookup,
                  Fixture       *fixture)
{
  g_autoptr(GError) error = NULL;

  if (fixture->n_finished != 1)
    return;

  g_assert_error (qnet_dns_lookup_get_error (lookup), QNET_DNS_LOOKUP_ERROR,
                  (int) QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED);
  g_assert_false (qnet_dns_lookup_wait_for_finished (lookup, PATIENCE, &error));
  g_assert_error (error, QNET_DNS_LOOKUP_ERROR, (int) QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED);

  qnet_dns_lookup_set_name (lookup, "a..b");
  qnet_dns_lookup_lookup (lookup);
  g_clear_error (&error);
  g_assert_false (qnet_dns_lookup_wait_for_finished (lookup, PATIENCE, &error));
  g_assert_error (error, QNET_DNS_LOOKUP_ERROR, (int) QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST);
}

static void
test_wait_nested (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A handler may start and wait for the next lookup inside a wait: each wait "
                  "returns its own result.");

  g_signal_connect (fixture->lookup, "finished", G_CALLBACK (wait_for_next_cb), fixture);
  qnet_dns_lookup_lookup (fixture->lookup);

  g_assert_false (qnet_dns_lookup_wait_for_finished (fixture->lookup, PATIENCE, &error));
  g_assert_error (error, QNET_DNS_LOOKUP_ERROR, (int) QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED);
  g_assert_cmpuint (fixture->n_finished, ==, 2);
  g_assert_false (qnet_dns_lookup_wait_for_finished (fixture->lookup, 0, NULL));
}

static void
test_wait_timeout (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("After a wait has timed out, the lookup continues.");

  qnet_dns_lookup_lookup (fixture->lookup);
  g_assert_false (qnet_dns_lookup_wait_for_finished (fixture->lookup, 10, &error));
  g_assert_error (error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_TIMEOUT);
  g_assert_cmpuint (fixture->n_finished, ==, 0);
  g_assert_false (qnet_dns_lookup_is_finished (fixture->lookup));
}

static gpointer
look_up_in_thread (gpointer data)
{
  Fixture *fixture = data;
  g_autoptr(GError) error = NULL;

  qnet_dns_lookup_lookup (fixture->lookup);
  g_assert_false (qnet_dns_lookup_wait_for_finished (fixture->lookup, -1, &error));
  g_assert_error (error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_NOT_FOUND);

  return NULL;
}

static void
test_wait_detached (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("wait_for_finished() works in a thread without a main loop, and reports a "
                  "failure.");

  g_thread_join (g_thread_new ("lookup", look_up_in_thread, fixture));
  g_assert_cmpuint (fixture->n_finished, ==, 1);
}

/* Asynchronously */

typedef struct
{
  gboolean  has_called;
  gboolean  is_well;
  GError   *error;
} Outcome;

static void
looked_up_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  Outcome *outcome = user_data;

  outcome->is_well
    = qnet_dns_lookup_lookup_finish (QNET_DNS_LOOKUP (source), result, &outcome->error);
  outcome->has_called = TRUE;
}

static void
wait_for_outcome (Outcome *outcome)
{
  while (!outcome->has_called)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_async (Fixture       *fixture,
            gconstpointer  data)
{
  Outcome outcome = { 0 }, second = { 0 };

  g_test_summary ("lookup_async() calls back after the signal, and only one can run at a time.");

  qnet_dns_lookup_lookup_async (fixture->lookup, G_PRIORITY_DEFAULT, NULL, looked_up_cb, &outcome);
  qnet_dns_lookup_lookup_async (fixture->lookup, G_PRIORITY_DEFAULT, NULL, looked_up_cb, &second);

  wait_for_outcome (&second);
  g_assert_error (second.error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&second.error);

  wait_for_outcome (&outcome);
  g_assert_true (outcome.is_well);
  g_assert_cmpuint (fixture->n_finished, ==, 1);
  assert_address (fixture, "192.0.2.1");
}

static void
test_async_failure (Fixture       *fixture,
                    gconstpointer  data)
{
  Outcome outcome = { 0 };

  g_test_summary ("lookup_finish() returns the error of the lookup.");

  qnet_dns_lookup_lookup_async (fixture->lookup, G_PRIORITY_DEFAULT, NULL, looked_up_cb, &outcome);
  wait_for_outcome (&outcome);
  g_assert_error (outcome.error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED);
  g_clear_error (&outcome.error);
}

static void
test_async_cancelled (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Outcome outcome = { 0 }, second = { 0 };

  g_test_summary ("Cancelling aborts the lookup; if it is cancelled before, it does not start.");

  qnet_dns_lookup_lookup_async (fixture->lookup, G_PRIORITY_DEFAULT, cancellable, looked_up_cb,
                                &outcome);
  wait_until_asked (fixture, 1);
  g_cancellable_cancel (cancellable);
  wait_for_outcome (&outcome);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (g_str_has_prefix (outcome.error->message, "Could not look up"));
  g_clear_error (&outcome.error);
  g_assert_cmpuint (fixture->n_finished, ==, 1);

  qnet_dns_lookup_lookup_async (fixture->lookup, G_PRIORITY_DEFAULT, cancellable, looked_up_cb,
                                &second);
  wait_for_outcome (&second);
  g_assert_error (second.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&second.error);
  g_assert_cmpuint (fixture->n_finished, ==, 1);
}

static gpointer
look_up_async_in_thread (gpointer data)
{
  Fixture *fixture = data;
  Outcome *outcome = g_new0 (Outcome, 1);

  qnet_dns_lookup_lookup_async (fixture->lookup, G_PRIORITY_DEFAULT, NULL, looked_up_cb, outcome);
  g_assert_false (qnet_dns_lookup_wait_for_finished (fixture->lookup, 0, NULL));

  return outcome;
}

static void
test_async_detached (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autofree Outcome *outcome = NULL;

  g_test_summary ("lookup_async() fails in a thread without a main loop.");

  outcome = g_thread_join (g_thread_new ("lookup", look_up_async_in_thread, fixture));
  wait_for_outcome (outcome);
  g_assert_error (outcome->error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&outcome->error);
  g_assert_cmpuint (fixture->n_finished, ==, 0);
}

/* Properties */

static void
test_properties (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetDnsLookup) lookup = qnet_dns_lookup_new (QNET_DNS_RECORD_TYPE_MX, "a.test");
  g_autoptr(QnetHostAddress) local
    = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  g_autoptr(QnetHostAddress) nameserver = NULL;
  g_autofree char *name = NULL;
  g_autoptr(GError) error = NULL;
  QnetDnsRecordType type;
  gboolean is_finished;
  guint port, count = 0;
  int timeout;

  g_test_summary ("Properties have the values that were set, and notify only changes.");

  g_signal_connect (lookup, "notify", G_CALLBACK (count_cb), &count);
  g_object_set (lookup, "name", "a.test", "record-type", QNET_DNS_RECORD_TYPE_MX,
                "nameserver", NULL,
                "nameserver-port", 53, "timeout", 0, NULL);
  qnet_dns_lookup_set_nameserver (lookup, null);
  qnet_dns_lookup_set_nameserver (lookup, NULL);
  g_assert_cmpuint (count, ==, 0);

  g_object_set (lookup, "name", NULL, "record-type", QNET_DNS_RECORD_TYPE_TXT, "nameserver", local,
                "nameserver-port", 54, "timeout", 7, NULL);
  g_assert_cmpuint (count, ==, 6);  /* "type-number", too */
  qnet_dns_lookup_set_nameserver (lookup, local);
  g_assert_cmpuint (count, ==, 6);

  g_object_get (lookup, "name", &name, "record-type", &type, "nameserver", &nameserver,
                "nameserver-port", &port, "timeout", &timeout, "finished", &is_finished,
                "error", &error, NULL);
  g_assert_cmpstr (name, ==, "");
  g_assert_cmpint (type, ==, QNET_DNS_RECORD_TYPE_TXT);
  g_assert_true (qnet_host_address_equal (nameserver, local));
  g_assert_cmpuint (port, ==, 54);
  g_assert_cmpint (timeout, ==, 7);
  g_assert_false (is_finished);
  g_assert_null (error);
}

static void
test_names (Fixture       *fixture,
            gconstpointer  data)
{
  const char *rows[][2] = {
    { "m\303\274nchen.test", "xn--mnchen-3ya.test" },
    { "192.0.2.1", "1.2.0.192.in-addr.arpa" },
    { "2001:db8::a1",
      "1.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa" },
    { "x.test", "x.test" },
  };

  g_test_summary ("Names are looked up in ASCII, and addresses by their reverse name.");

  qnet_dns_lookup_set_record_type (fixture->lookup, QNET_DNS_RECORD_TYPE_PTR);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      QnetDnsHostAddressRecord *record;

      qnet_dns_lookup_set_name (fixture->lookup, rows[i][0]);
      run (fixture);
      record = get_addresses (fixture)->pdata[0];
      g_assert_cmpstr (qnet_dns_host_address_record_get_name (record), ==, rows[i][1]);
    }
}

/* Many */

#define N_MANY 1000

static gboolean
may_open (rlim_t n_files)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  if (limit.rlim_max < n_files)
    return FALSE;

  limit.rlim_cur = MAX (limit.rlim_cur, n_files);
  return setrlimit (RLIMIT_NOFILE, &limit) == 0;
}

static void
outcome_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  looked_up_cb (source, result, user_data);
  g_object_unref (source);
}

static void
gone_cb (gpointer  user_data,
         GObject  *gone)
{
  ++*(guint *) user_data;
}

/* 0 if the system does not report it */
static guint
count_descriptors (void)
{
  g_autoptr(GDir) all = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n_descriptors = 0;

  while (all != NULL && g_dir_read_name (all) != NULL)
    n_descriptors++;

  return n_descriptors;
}

/* Replies only to names that end in an even digit. */
static GByteArray *
answer_half (const guint8 *query,
             gsize         size,
             gboolean      by_tcp,
             gpointer      user_data)
{
  return query[12 + query[12]] % 2 == 0 ? answer_well (query, size, by_tcp, user_data) : NULL;
}

static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree Outcome *outcomes = g_new0 (Outcome, N_MANY);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  const guint16 port = test_name_server_get_port (fixture->server);
  guint n_gone = 0, n_descriptors;
  TestGap gap;

  g_test_summary ("Of a thousand simultaneous lookups, half are answered and half are cancelled; "
                  "each finishes once, and no resources are left.");

  if (!may_open (N_MANY + 200))
    {
      g_test_skip ("it may not open so many descriptors");
      return;
    }

  run (fixture);  /* the main context keeps its own descriptors */
  n_descriptors = count_descriptors ();
  test_gap_begin (&gap);

  for (guint i = 0; i < N_MANY; i++)
    {
      g_autofree char *name = g_strdup_printf ("host-%u.test", i);
      QnetDnsLookup *lookup = make_lookup (name, port);

      g_object_weak_ref (G_OBJECT (lookup), gone_cb, &n_gone);
      qnet_dns_lookup_lookup_async (lookup, G_PRIORITY_DEFAULT, i % 2 == 1 ? cancellable : NULL,
                                    outcome_cb, &outcomes[i]);
    }

  while (!outcomes[N_MANY / 2].has_called)
    g_main_context_iteration (NULL, TRUE);

  g_cancellable_cancel (cancellable);

  for (guint i = 0; i < N_MANY; i++)
    wait_for_outcome (&outcomes[i]);

  for (guint i = 0; i < N_MANY; i++)
    {
      if (i % 2 == 1)
        g_assert_error (outcomes[i].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      else
        g_assert_no_error (outcomes[i].error);

      g_clear_error (&outcomes[i].error);
    }

  test_gap_end (&gap);
  g_assert_cmpuint (n_gone, ==, N_MANY);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, answer, function)                                                        \
  G_STMT_START {                                                                           \
    static const TestAnswer data = answer;                                                 \
    g_test_add ("/dns-lookup/" path, Fixture, data != NULL ? &data : NULL, set_up, function, \
                tear_down);                                                                \
  } G_STMT_END
  ADD ("answer", answer_well, test_answer);
  ADD ("all-types", answer_services, test_all_types);
  ADD ("authentic", answer_authentic, test_authentic);
  ADD ("authentic/not", answer_well, test_not_authentic);
  ADD ("authentic/denied", answer_denied, test_denied);
  g_test_add_func ("/dns-lookup/authentic/system", test_trusts_ad);
  g_test_add_func ("/dns-lookup/type/number", test_type_number);
  g_test_add_func ("/dns-lookup/type/refused", test_type_refused);
  ADD ("boxed", answer_services, test_boxed);
  ADD ("without-records", answer_without, test_without_records);
  ADD ("by-tcp", answer_truncated, test_by_tcp);
  ADD ("by-tcp/large", answer_large, test_large);
  ADD ("by-tcp/slow", answer_truncated, test_slow_tcp);
  ADD ("by-tcp/failing", answer_truncated, test_failing_tcp);
  ADD ("server-without-edns", answer_old, test_old);
  ADD ("retry", answer_late, test_retry);
  ADD ("finished-is-notified-when-it-changes", answer_well, test_notified);
  ADD ("silence", answer_never, test_silence);
  ADD ("unrelated-replies/id", answer_another, test_unrelated_replies);
  ADD ("unrelated-replies/junk", answer_junk, test_unrelated_replies);
  ADD ("timeout", answer_never, test_timeout);
  g_test_add_func ("/dns-lookup/failures", test_failures);
  ADD ("no-name-server", NULL, test_no_name_server);
  ADD ("unknown-scope", NULL, test_unknown_scope);
  ADD ("bad-names", answer_well, test_bad_names);
  ADD ("system-failures", answer_well, test_system_failures);
  ADD ("abort", answer_well, test_abort);
  ADD ("dropped", answer_never, test_dropped);
  ADD ("dropped/in-handler", answer_well, test_dropped_in_handler);
  ADD ("again-in-handler", answer_well, test_again_in_handler);
  ADD ("again-when-notified", answer_well, test_again_when_notified);
  ADD ("context-destroyed", answer_well, test_context_gone);
  ADD ("wait", answer_well, test_wait);
  ADD ("wait/next-lookup-in-handler", answer_not_found, test_wait_and_again);
  ADD ("wait/nested", answer_refused, test_wait_nested);
  ADD ("wait/timeout", answer_never, test_wait_timeout);
  ADD ("wait/detached", answer_not_found, test_wait_detached);
  ADD ("async", answer_well, test_async);
  ADD ("async/failure", answer_refused, test_async_failure);
  ADD ("async/cancelled", answer_never, test_async_cancelled);
  ADD ("async/detached", answer_never, test_async_detached);
  ADD ("properties", NULL, test_properties);
  ADD ("names", answer_well, test_names);
  ADD ("many", answer_half, test_many);
#undef ADD

  return g_test_run ();
}
