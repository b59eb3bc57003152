/* test-dns-lookup.c: looking records up, at a name server that is not always a good one
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <string.h>
#include <sys/resource.h>

#include "common/gap.h"
#include "common/name-server.h"
#include "engine/qnet-reactor-private.h"
#include "engine/qnet-syscall-private.h"
#include "lookup/qnet-dns-message-private.h"

#define PATIENCE 60000  /* milliseconds; only what is broken needs so many */

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
  g_assert_true (qnet_dns_lookup_get_is_finished (lookup));
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
  g_assert_false (g_main_context_iteration (NULL, FALSE));  /* and nothing ticks on */
}

static void
wait_until_finished (Fixture *fixture)
{
  while (!qnet_dns_lookup_get_is_finished (fixture->lookup))
    g_main_context_iteration (NULL, TRUE);
}

static void
run (Fixture *fixture)
{
  guint n_finished = fixture->n_finished;

  qnet_dns_lookup_lookup (fixture->lookup);
  g_assert_cmpuint (fixture->n_finished, ==, n_finished);
  g_assert_false (qnet_dns_lookup_get_is_finished (fixture->lookup));

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

/* The second time it was asked */
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

/* A server from before EDNS */
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
hang_up_by_tcp (const guint8 *query,
                gsize         size,
                gboolean      by_tcp,
                gpointer      user_data)
{
  return by_tcp ? NULL : answer_truncated_twice (query, size, by_tcp, user_data);
}

static GByteArray *
hang_up_in_the_middle (const guint8 *query,
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
    reply->data[3] ^= 1;  /* the number */

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

/* All types at once: what a hostile server says to a question for one */
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

/* Good answers */

static void
test_answer (Fixture       *fixture,
             gconstpointer  data)
{
  QnetDnsHostAddressRecord *record;

  g_test_summary ("A look-up ends once, later, with the records that the server has.");

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
test_all_types (Fixture       *fixture,
                gconstpointer  data)
{
  QnetDnsLookup *lookup = fixture->lookup;
  QnetDnsServiceRecord *service;
  QnetDnsMailExchangeRecord *mail;
  QnetDnsTextRecord *text;
  QnetDnsTlsAssociationRecord *association;
  QnetDnsDomainNameRecord *server, *pointer, *alias;
  GSrvTarget *target;

  g_test_summary ("Records of each type have their fields, and are sorted where there is an "
                  "order.");

  qnet_dns_lookup_set_record_type (lookup, QNET_DNS_RECORD_TYPE_ANY);
  run (fixture);
  g_assert_no_error (qnet_dns_lookup_get_error (lookup));

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

  g_assert_cmpuint (qnet_dns_lookup_get_mail_exchange_records (lookup)->len, ==, 2);
  mail = qnet_dns_lookup_get_mail_exchange_records (lookup)->pdata[0];
  g_assert_cmpstr (qnet_dns_mail_exchange_record_get_name (mail), ==, "qnet.test");
  g_assert_cmpstr (qnet_dns_mail_exchange_record_get_exchange (mail), ==, "y");
  g_assert_cmpuint (qnet_dns_mail_exchange_record_get_preference (mail), ==, 10);
  g_assert_cmpuint (qnet_dns_mail_exchange_record_get_time_to_live (mail), ==, 8);

  text = qnet_dns_lookup_get_text_records (lookup)->pdata[0];
  g_assert_cmpstr (qnet_dns_text_record_get_name (text), ==, "qnet.test");
  g_assert_cmpuint (qnet_dns_text_record_get_values (text)->len, ==, 2);
  g_assert_cmpuint (qnet_dns_text_record_get_time_to_live (text), ==, 7);

  association = qnet_dns_lookup_get_tls_association_records (lookup)->pdata[0];
  g_assert_cmpstr (qnet_dns_tls_association_record_get_name (association), ==, "qnet.test");
  g_assert_cmpuint (qnet_dns_tls_association_record_get_usage (association), ==, 3);
  g_assert_cmpuint (qnet_dns_tls_association_record_get_selector (association), ==, 1);
  g_assert_cmpuint (qnet_dns_tls_association_record_get_matching_type (association), ==, 1);
  g_assert_cmpuint (qnet_dns_tls_association_record_get_time_to_live (association), ==, 6);
  g_assert_cmpuint (g_bytes_get_size (qnet_dns_tls_association_record_get_value (association)), ==,
                    3);

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
test_boxed (Fixture       *fixture,
            gconstpointer  data)
{
  QnetDnsLookup *lookup = fixture->lookup;

  g_test_summary ("Records of each type travel in a GValue, shared, and outlive their look-up.");

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
  g_test_summary ("That a name has no such record is no error.");

  run (fixture);
  g_assert_no_error (qnet_dns_lookup_get_error (fixture->lookup));
  g_assert_cmpuint (get_addresses (fixture)->len, ==, 0);
}

static void
test_by_tcp (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("What does not fit into a datagram is asked for by TCP.");

  run (fixture);
  assert_address (fixture, "192.0.2.1");
  g_assert_cmpuint (test_name_server_get_n_asked (fixture->server), ==, 2);
}

static void
test_large (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("A reply that fills a message comes whole.");

  run (fixture);
  g_assert_no_error (qnet_dns_lookup_get_error (fixture->lookup));
  g_assert_cmpuint (get_addresses (fixture)->len, ==, 4000);
}

static void
test_old (Fixture       *fixture,
          gconstpointer  data)
{
  g_test_summary ("A server that does not know EDNS is asked without.");

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
  g_test_summary ("A server that stays silent is asked again.");

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

  while (!qnet_dns_lookup_get_is_finished (fixture->lookup))
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
  g_test_summary ("A server that never answers is a timeout in the end.");

  assert_times_out (fixture, QNET_DNS_LOOKUP_ERROR_TIMEOUT, "the name server did not reply in time");
}

static void
finished_changed_cb (GObject    *object,
                     GParamSpec *pspec,
                     gpointer    user_data)
{
  gboolean *is_finished = user_data;

  g_assert_cmpint (qnet_dns_lookup_get_is_finished (QNET_DNS_LOOKUP (object)), !=, *is_finished);
  *is_finished = !*is_finished;
}

static void
test_notified (Fixture       *fixture,
               gconstpointer  data)
{
  gboolean is_finished = FALSE;

  g_test_summary ("A change of is-finished is notified, and only a change: not the begin of a first "
                  "lookup.");

  g_signal_connect (fixture->lookup, "notify::is-finished", G_CALLBACK (finished_changed_cb),
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
test_strangers (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("What is no reply to the question is passed over, and told of when nothing "
                  "better comes.");

  assert_times_out (fixture, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY, "what arrived was no reply to the question");
}

static void
test_timeout (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("A limit to the whole is kept.");

  qnet_dns_lookup_set_timeout (fixture->lookup, 20);
  assert_fails (fixture, QNET_DNS_LOOKUP_ERROR_TIMEOUT, "the lookup took longer than 0.02 s");
}

/* Bad answers */

static void
test_failures (void)
{
  static const struct
  {
    TestAnswer          answer;
    QnetDnsLookupError  code;
    const char         *reason;
  } rows[] = {
    { answer_not_found, QNET_DNS_LOOKUP_ERROR_NOT_FOUND, "there is no such name" },
    { answer_refused, QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED, "the name server refused to answer" },
    { answer_failure, QNET_DNS_LOOKUP_ERROR_SERVER_FAILURE, "the name server could not find out" },
    { answer_format_error, QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST, "the name server did not understand" },
    { answer_not_implemented, QNET_DNS_LOOKUP_ERROR_SERVER_FAILURE, "the name server cannot answer" },
    { answer_odd_code, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY, "the reply of the name server makes no sense" },
    { answer_malformed, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY, "the reply of the name server makes no sense" },
    { answer_looped, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY, "the reply of the name server makes no sense" },
    { answer_truncated_twice, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY, "the reply of the name server makes no sense" },
    { answer_other_by_tcp, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY, "the reply of the name server makes no sense" },
    { hang_up_by_tcp, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY, "the name server closed the connection" },
    { hang_up_in_the_middle, QNET_DNS_LOOKUP_ERROR_INVALID_REPLY, "the name server closed the connection" },
  };

  g_test_summary ("Each failure has its code, and its message says of whom and why.");

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
test_nobody (Fixture       *fixture,
             gconstpointer  data)
{
  G_GNUC_UNUSED g_autofree char *name = NULL;
  TestNameServer *gone = test_name_server_new (answer_never, NULL);

  g_test_summary ("Where no name server is, that is said at once.");

  qnet_dns_lookup_set_nameserver_port (fixture->lookup, test_name_server_get_port (gone));
  test_name_server_free (gone);
  assert_fails (fixture, QNET_DNS_LOOKUP_ERROR_RESOLVER, "Connection refused");
}

static void
test_unknown_scope (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string ("fe80::1%no-such-thing");

  g_test_summary ("A name server on an interface that does not exist is nobody.");

  qnet_dns_lookup_set_nameserver (fixture->lookup, address);
  assert_fails (fixture, QNET_DNS_LOOKUP_ERROR_RESOLVER, "no address");
}

static void
test_bad_names (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *long_name = g_strnfill (64, 'a');
  const char *names[] = { "", "a..b", long_name };

  g_test_summary ("What cannot be a name is refused, later, and nobody is asked.");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      qnet_dns_lookup_set_name (fixture->lookup, names[i]);
      assert_fails (fixture, QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST, *names[i] != '\0' ? "it cannot be a name" : "it is empty");
    }

  qnet_dns_lookup_set_name (fixture->lookup, "\377");
  run (fixture);
  g_assert_cmpuint (test_name_server_get_n_asked (fixture->server), ==, 1);  /* bytes are a name */
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

  g_test_summary ("A failure of the system is told in its own words, and the next look-up goes "
                  "well.");

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

/* By TCP the question leaves byte by byte. */
static int
send_slowly (QnetSyscall call)
{
  return call == QNET_SYSCALL_SEND && n_sends++ > 0 ? -1 : 0;
}

static void
test_slow_tcp (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("A question that leaves in pieces arrives whole.");

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
  g_test_summary ("A question that cannot leave by TCP is a failure.");

  n_sends = 0;
  qnet_syscall_fault = fail_tcp_send;
  assert_fails (fixture, QNET_DNS_LOOKUP_ERROR_RESOLVER, g_strerror (EPIPE));
  qnet_syscall_fault = NULL;
}

/* Ending it */

static void
test_abort (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("An aborted look-up ends at once, without records, once; and the next one is "
                  "well.");

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
  g_test_summary ("A look-up that nobody holds ends without a word.");

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
test_again_in_handler (Fixture       *fixture,
                       gconstpointer  data)
{
  g_test_summary ("The handler of finished may begin the next look-up.");

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

  g_test_summary ("When its context goes a look-up ends without a word, and the next one is well.");

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

  g_test_summary ("A look-up can be waited for, and nothing else happens meanwhile.");

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

  g_test_summary ("Whoever waits is told of the look-up that was waited for, even when a handler "
                  "has begun the next one.");

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
test_wait_within (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A handler may wait for the next look-up within a wait: each is told of its own.");

  g_signal_connect (fixture->lookup, "finished", G_CALLBACK (wait_for_next_cb), fixture);
  qnet_dns_lookup_lookup (fixture->lookup);

  g_assert_false (qnet_dns_lookup_wait_for_finished (fixture->lookup, PATIENCE, &error));
  g_assert_error (error, QNET_DNS_LOOKUP_ERROR, (int) QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED);
  g_assert_cmpuint (fixture->n_finished, ==, 2);
  g_assert_false (qnet_dns_lookup_wait_for_finished (fixture->lookup, 0, NULL));
}

static void
test_wait_in_vain (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("When time is up the look-up goes on.");

  qnet_dns_lookup_lookup (fixture->lookup);
  g_assert_false (qnet_dns_lookup_wait_for_finished (fixture->lookup, 10, &error));
  g_assert_error (error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_TIMEOUT);
  g_assert_cmpuint (fixture->n_finished, ==, 0);
  g_assert_false (qnet_dns_lookup_get_is_finished (fixture->lookup));
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
  g_test_summary ("A thread without a main loop waits, too, and is told of a failure.");

  g_thread_join (g_thread_new ("look-up", look_up_in_thread, fixture));
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

  g_test_summary ("The asynchronous pair ends after the signal, and one runs at a time.");

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

  g_test_summary ("The asynchronous pair has the error of the look-up.");

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

  g_test_summary ("Cancelling ends the look-up; what is cancelled before does not begin.");

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

  g_test_summary ("Where no main loop moves the look-up the asynchronous pair is refused.");

  outcome = g_thread_join (g_thread_new ("look-up", look_up_async_in_thread, fixture));
  wait_for_outcome (outcome);
  g_assert_error (outcome->error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&outcome->error);
  g_assert_cmpuint (fixture->n_finished, ==, 0);
}

/* Properties */

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          guint      *count)
{
  ++*count;
}

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
  guint port, timeout, count = 0;

  g_test_summary ("Properties say what was set, and notify when that is another value.");

  g_signal_connect (lookup, "notify", G_CALLBACK (count_cb), &count);
  g_object_set (lookup, "name", "a.test", "record-type", QNET_DNS_RECORD_TYPE_MX,
                "nameserver", NULL,
                "nameserver-port", 53, "timeout", 0, NULL);
  qnet_dns_lookup_set_nameserver (lookup, null);
  g_assert_cmpuint (count, ==, 0);

  g_object_set (lookup, "name", NULL, "record-type", QNET_DNS_RECORD_TYPE_TXT, "nameserver", local,
                "nameserver-port", 54, "timeout", 7, NULL);
  g_assert_cmpuint (count, ==, 5);
  qnet_dns_lookup_set_nameserver (lookup, local);
  g_assert_cmpuint (count, ==, 5);

  g_object_get (lookup, "name", &name, "record-type", &type, "nameserver", &nameserver,
                "nameserver-port", &port, "timeout", &timeout, "is-finished", &is_finished,
                "error", &error, NULL);
  g_assert_cmpstr (name, ==, "");
  g_assert_cmpint (type, ==, QNET_DNS_RECORD_TYPE_TXT);
  g_assert_true (qnet_host_address_equal (nameserver, local));
  g_assert_cmpuint (port, ==, 54);
  g_assert_cmpuint (timeout, ==, 7);
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

  g_test_summary ("A name in any script is asked for in ASCII, an address by its reverse name.");

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

/* 0 where the system does not tell */
static guint
count_descriptors (void)
{
  g_autoptr(GDir) all = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n_descriptors = 0;

  while (all != NULL && g_dir_read_name (all) != NULL)
    n_descriptors++;

  return n_descriptors;
}

/* Those whose names end in an even digit it answers, the others never. */
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

  g_test_summary ("Of a thousand look-ups at once half are answered, half are cancelled; each ends "
                  "once, and nothing is left.");

  if (!may_open (N_MANY + 200))
    {
      g_test_skip ("it may not open so many descriptors");
      return;
    }

  run (fixture);  /* what the main context needs stays with it */
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
  ADD ("boxed", answer_services, test_boxed);
  ADD ("without-records", answer_without, test_without_records);
  ADD ("by-tcp", answer_truncated, test_by_tcp);
  ADD ("by-tcp/large", answer_large, test_large);
  ADD ("by-tcp/slow", answer_truncated, test_slow_tcp);
  ADD ("by-tcp/failing", answer_truncated, test_failing_tcp);
  ADD ("old", answer_old, test_old);
  ADD ("retry", answer_late, test_retry);
  ADD ("is-finished-is-notified-when-it-changes", answer_well, test_notified);
  ADD ("silence", answer_never, test_silence);
  ADD ("strangers/number", answer_another, test_strangers);
  ADD ("strangers/junk", answer_junk, test_strangers);
  ADD ("timeout", answer_never, test_timeout);
  g_test_add_func ("/dns-lookup/failures", test_failures);
  ADD ("nobody", NULL, test_nobody);
  ADD ("unknown-scope", NULL, test_unknown_scope);
  ADD ("bad-names", answer_well, test_bad_names);
  ADD ("system-failures", answer_well, test_system_failures);
  ADD ("abort", answer_well, test_abort);
  ADD ("dropped", answer_never, test_dropped);
  ADD ("dropped/in-handler", answer_well, test_dropped_in_handler);
  ADD ("again-in-handler", answer_well, test_again_in_handler);
  ADD ("context-gone", answer_well, test_context_gone);
  ADD ("wait", answer_well, test_wait);
  ADD ("wait/and-again", answer_not_found, test_wait_and_again);
  ADD ("wait/within", answer_refused, test_wait_within);
  ADD ("wait/in-vain", answer_never, test_wait_in_vain);
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
