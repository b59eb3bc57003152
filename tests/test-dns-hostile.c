/* test-dns-hostile.c: DNS lookups with hostile and broken name servers
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <string.h>
#include <unistd.h>

#include <glib-unix.h>

#include "base/qnet-syscall-private.h"
#include "common/name-server.h"
#include "loop/qnet-reactor-private.h"

#define REAL   "\300\0\2\1"       /* 192.0.2.1 */
#define FORGERY "\306\63\144\146"  /* 198.51.100.102 */

typedef struct
{
  TestNameServer *server;   /* (owned) */
  QnetDnsLookup  *lookup;   /* (owned) */
  int             hold[2];  /* a pipe; closing it ends a server that has stopped replying */
  GPtrArray      *names;    /* (owned): first labels of the queries; used by the thread of the
                             * server */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  answer)
{
  g_autoptr(QnetHostAddress) local
    = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(GError) error = NULL;

  fixture->names = g_ptr_array_new_with_free_func (g_free);
  g_unix_open_pipe (fixture->hold, FD_CLOEXEC, &error);
  g_assert_no_error (error);

  fixture->server = test_name_server_new (*(const TestAnswer *) answer, fixture);
  fixture->lookup
    = qnet_dns_lookup_new_with_nameserver (QNET_DNS_RECORD_TYPE_A, "qnet.test", local,
                                           test_name_server_get_port (fixture->server));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  close (fixture->hold[1]);
  g_assert_finalize_object (g_steal_pointer (&fixture->lookup));
  g_clear_pointer (&fixture->server, test_name_server_free);
  close (fixture->hold[0]);
  g_clear_pointer (&fixture->names, g_ptr_array_unref);
  g_assert_false (g_main_context_iteration (NULL, FALSE));  /* no source is left */
}

static void
run (Fixture *fixture)
{
  qnet_dns_lookup_lookup (fixture->lookup);
  while (!qnet_dns_lookup_is_finished (fixture->lookup))
    g_main_context_iteration (NULL, TRUE);
}

static void
assert_truth (Fixture *fixture)
{
  GPtrArray *records = qnet_dns_lookup_get_host_address_records (fixture->lookup);
  g_autofree char *text = NULL;

  g_assert_no_error (qnet_dns_lookup_get_error (fixture->lookup));
  g_assert_cmpuint (records->len, ==, 1);
  text = qnet_host_address_to_string (qnet_dns_host_address_record_get_value (records->pdata[0]));
  g_assert_cmpstr (text, ==, "192.0.2.1");
}

static void
assert_makes_no_sense (Fixture *fixture)
{
  const GError *error = qnet_dns_lookup_get_error (fixture->lookup);

  g_assert_error (error, QNET_DNS_LOOKUP_ERROR, (int) QNET_DNS_LOOKUP_ERROR_INVALID_REPLY);
  g_assert_nonnull (strstr (error->message, "The reply of the name server "));
}

/* Servers */

static GByteArray *
make_reply (const guint8 *query,
            gsize         size,
            const char   *address)
{
  GByteArray *reply = test_reply_new (query, size, 0);

  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_A, 77, address, 4);

  return reply;
}

static GByteArray *
make_lower (GByteArray *message)
{
  for (guint i = 12; i < message->len && message->data[i] != 0; i++)
    message->data[i] = (guint8) g_ascii_tolower ((char) message->data[i]);

  return message;
}

static gboolean
is_lower (const guint8 *query)
{
  for (guint i = 12; query[i] != 0; i++)
    if (g_ascii_isupper (query[i]))
      return FALSE;

  return TRUE;
}

/* Makes the client retry over TCP */
static GByteArray *
make_truncated (const guint8 *query,
                gsize         size)
{
  GByteArray *reply = test_reply_new (query, size, 0);

  reply->data[2] |= 0x02;

  return reply;
}

/* Sends forged replies before the real one. Each differs from it in a part that a forger has to
 * guess, or is truncated. */
static GByteArray *
answer_after_forgers (const guint8 *query,
                      gsize         size,
                      gboolean      by_tcp,
                      gpointer      user_data)
{
  const struct
  {
    guint  at;
    guint8 bits;
  } differences[] = {
    { 0, 0x80 }, { 1, 0x01 },     /* another ID */
    { 2, 0x80 }, { 2, 0x08 },     /* a query, another opcode */
    { 5, 0x03 },                  /* two questions */
    { 13, 0x01 }, { 24, 0x02 },   /* another name, another type */
    { 26, 0x02 },                 /* another class */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (differences); i++)
    {
      g_autoptr(GByteArray) forgery = make_reply (query, size, FORGERY);

      forgery->data[differences[i].at] ^= differences[i].bits;
      test_name_server_send (forgery);
    }

  for (guint cut = 0; cut < 27; cut++)
    {
      g_autoptr(GByteArray) forgery = make_reply (query, size, FORGERY);

      g_byte_array_set_size (forgery, cut);
      test_name_server_send (forgery);
    }

  return make_reply (query, size, REAL);
}

/* A forged reply with the right ID and port, but with the wrong case of letters, before the real
 * one. */
static GByteArray *
answer_after_guess (const guint8 *query,
                    gsize         size,
                    gboolean      by_tcp,
                    gpointer      user_data)
{
  g_autoptr(GByteArray) forgery = make_reply (query, size, FORGERY);

  forgery->data[13] ^= 0x20;

  if (by_tcp)
    return test_reply_frame (make_reply (query, size, REAL));

  test_name_server_send (forgery);

  return make_reply (query, size, REAL);
}

/* Servers that cannot handle mixed case: some do not preserve it, with and without TCP, and some
 * fail. */

static GByteArray *
answer_in_lower_case (const guint8 *query,
                      gsize         size,
                      gboolean      by_tcp,
                      gpointer      user_data)
{
  GByteArray *reply = make_lower (make_reply (query, size, REAL));

  return by_tcp ? test_reply_frame (reply) : reply;
}

static GByteArray *
answer_in_lower_case_by_udp (const guint8 *query,
                             gsize         size,
                             gboolean      by_tcp,
                             gpointer      user_data)
{
  return by_tcp ? NULL : answer_in_lower_case (query, size, by_tcp, user_data);
}

/* Predates EDNS as well, and says so over TCP only. */
static GByteArray *
answer_old_in_lower_case (const guint8 *query,
                          gsize         size,
                          gboolean      by_tcp,
                          gpointer      user_data)
{
  if (by_tcp && query[11] != 0)
    return test_reply_frame (test_reply_new (query, size, 1));

  return answer_in_lower_case (query, size, by_tcp, user_data);
}

static GByteArray *
answer_lower_case (const guint8 *query,
                   gsize         size,
                   gboolean      by_tcp,
                   gpointer      user_data)
{
  return is_lower (query) ? make_reply (query, size, REAL)
                          : test_reply_new (query, size, 2);
}

static GByteArray *
know_lower_case (const guint8 *query,
                 gsize         size,
                 gboolean      by_tcp,
                 gpointer      user_data)
{
  return is_lower (query) ? make_reply (query, size, REAL)
                          : test_reply_new (query, size, 3);
}

/* A message without a question is not a reply. */
static GByteArray *
answer_after_questionless (const guint8 *query,
                           gsize         size,
                           gboolean      by_tcp,
                           gpointer      user_data)
{
  static const guint8 codes[] = { 0, 2, 3, 5 };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr(GByteArray) forgery = test_reply_new (query, size, codes[i]);

      forgery->data[5] = 0;
      g_byte_array_set_size (forgery, 12);
      test_name_server_send (forgery);

      test_reply_add (forgery, "qnet.test", QNET_DNS_RECORD_TYPE_A, 77, FORGERY, 4);
      test_name_server_send (forgery);
    }

  return make_reply (query, size, REAL);
}

/* A server that predates EDNS, and omits the question in replies to queries that it does not
 * understand. */
static GByteArray *
answer_old_questionless (const guint8 *query,
                         gsize         size,
                         gboolean      by_tcp,
                         gpointer      user_data)
{
  GByteArray *reply;

  if (query[11] == 0)
    return make_reply (query, size, REAL);

  reply = test_reply_new (query, size, 1);
  reply->data[5] = 0;

  return g_byte_array_set_size (reply, 12);
}

/* Replies with uncompressed names, in the case of the question. */
static GByteArray *
answer_written_out (const guint8 *query,
                    gsize         size,
                    gboolean      by_tcp,
                    gpointer      user_data)
{
  GByteArray *reply = test_reply_new (query, size, 0);
  g_autofree char *name = g_strdup_printf ("%.*s.%.*s", query[12], (const char *) query + 13,
                                           query[13 + query[12]],
                                           (const char *) query + 14 + query[12]);

  test_reply_add (reply, name, QNET_DNS_RECORD_TYPE_A, 77, REAL, 4);

  return reply;
}

static GByteArray *
answer_by_tcp (const guint8 *query,
               gsize         size,
               gboolean      by_tcp,
               gpointer      user_data)
{
  return by_tcp ? test_reply_frame (make_reply (query, size, REAL)) : make_truncated (query, size);
}

/* Sends more data after the reply. */
static GByteArray *
answer_more_by_tcp (const guint8 *query,
                    gsize         size,
                    gboolean      by_tcp,
                    gpointer      user_data)
{
  GByteArray *reply = answer_by_tcp (query, size, by_tcp, user_data);

  return by_tcp ? g_byte_array_append (reply, (const guint8 *) "data-after-the-reply", 4) : reply;
}

static GByteArray *
answer_nothing_by_tcp (const guint8 *query,
                       gsize         size,
                       gboolean      by_tcp,
                       gpointer      user_data)
{
  return by_tcp ? test_reply_frame (g_byte_array_new ()) : make_truncated (query, size);
}

/* Sends more than the maximum size in the query. */
static GByteArray *
answer_too_much (const guint8 *query,
                 gsize         size,
                 gboolean      by_tcp,
                 gpointer      user_data)
{
  GByteArray *reply = test_reply_new (query, size, 0);

  while (reply->len < 5000)
    test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_A, 1, FORGERY, 4);

  return reply;
}

/* Sends @n_bytes of the reply over TCP and then nothing more, without closing the connection. */
static GByteArray *
hold_still (Fixture      *fixture,
            const guint8 *query,
            gsize         size,
            gsize         n_bytes)
{
  g_autoptr(GByteArray) reply = test_reply_frame (make_reply (query, size, REAL));
  char byte;

  g_byte_array_set_size (reply, n_bytes);
  test_name_server_send (reply);
  g_assert_cmpint (read (fixture->hold[0], &byte, 1), ==, 0);

  return NULL;
}

static GByteArray *
hold_by_tcp (const guint8 *query,
             gsize         size,
             gboolean      by_tcp,
             gpointer      user_data)
{
  return by_tcp ? hold_still (user_data, query, size, 0) : make_truncated (query, size);
}

static GByteArray *
hold_in_the_middle (const guint8 *query,
                    gsize         size,
                    gboolean      by_tcp,
                    gpointer      user_data)
{
  return by_tcp ? hold_still (user_data, query, size, 20) : make_truncated (query, size);
}

/* Tests */

static void
test_forgers (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("Forged replies before the real one are ignored, and the query is sent only "
                  "once.");

  run (fixture);
  assert_truth (fixture);
  g_assert_cmpuint (test_name_server_get_n_asked (fixture->server), ==, 1);
}

static void
test_real_reply (Fixture       *fixture,
                 gconstpointer  data)
{
  GPtrArray *records = qnet_dns_lookup_get_host_address_records (fixture->lookup);

  g_test_summary ("The real reply is accepted, among forged ones and from servers with "
                  "limitations; its names have the case that was passed to the lookup.");

  for (guint i = 0; i < 10; i++)
    {
      run (fixture);
      assert_truth (fixture);
      records = qnet_dns_lookup_get_host_address_records (fixture->lookup);
      g_assert_cmpstr (qnet_dns_host_address_record_get_name (records->pdata[0]), ==, "qnet.test");
    }
}

static GByteArray *
keep_name (const guint8 *query,
           gsize         size,
           gboolean      by_tcp,
           gpointer      user_data)
{
  Fixture *fixture = user_data;

  g_ptr_array_add (fixture->names, g_strdup_printf ("%.*s", query[12], (const char *) query + 13));

  return make_reply (query, size, REAL);
}

static void
test_mixed_case (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  g_test_summary ("Each query has another random case of letters.");

  for (guint i = 0; i < 30; i++)
    run (fixture);

  g_assert_cmpuint (fixture->names->len, ==, 30);

  for (guint i = 0; i < fixture->names->len; i++)
    {
      g_assert_true (g_ascii_strcasecmp (fixture->names->pdata[i], "qnet") == 0);
      g_hash_table_add (seen, fixture->names->pdata[i]);
    }

  g_assert_cmpuint (g_hash_table_size (seen), >, 5);  /* of 16; the probability of fewer is
                                                       * 10^-13 */
}

static guint n_receptions;

/* The first query is the one over UDP. */
static int
receive_byte_by_byte (QnetSyscall call)
{
  return call == QNET_SYSCALL_RECV && n_receptions++ > 0 ? -1 : 0;
}

static void
test_byte_by_byte (Fixture       *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A reply over TCP that arrives byte by byte is accepted.");

  n_receptions = 0;
  qnet_syscall_fault = receive_byte_by_byte;
  run (fixture);
  qnet_syscall_fault = NULL;

  assert_truth (fixture);
  g_assert_cmpuint (n_receptions, >, 27);
}

static void
test_more (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("Data after a reply over TCP is ignored.");

  run (fixture);
  assert_truth (fixture);
}

static void
test_no_reply (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("An empty reply, and one that is too long, is malformed.");

  run (fixture);
  assert_makes_no_sense (fixture);
}

static gint64 test_now;

static gint64
get_test_now (void)
{
  return test_now;
}

static void
test_stalled (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("A server that accepts the connection and then does not reply, or stops within "
                  "its reply, causes a timeout.");

  test_now = g_get_monotonic_time ();
  qnet_clock_set_for_tests (get_test_now);
  qnet_dns_lookup_lookup (fixture->lookup);

  while (test_name_server_get_n_asked (fixture->server) < 2)
    g_main_context_iteration (NULL, FALSE);

  while (!qnet_dns_lookup_is_finished (fixture->lookup))
    {
      test_now += G_USEC_PER_SEC;
      g_main_context_iteration (NULL, FALSE);
    }

  qnet_clock_set_for_tests (NULL);
  g_assert_error (qnet_dns_lookup_get_error (fixture->lookup), QNET_DNS_LOOKUP_ERROR,
                  (int) QNET_DNS_LOOKUP_ERROR_TIMEOUT);
  g_assert_cmpuint (qnet_dns_lookup_get_host_address_records (fixture->lookup)->len, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, answer, function)                                                     \
  G_STMT_START {                                                                        \
    static const TestAnswer data = answer;                                              \
    g_test_add ("/dns-hostile/" path, Fixture, &data, set_up, function, tear_down);     \
  } G_STMT_END
  ADD ("forgers", answer_after_forgers, test_forgers);
  ADD ("guessed-all-but-the-case", answer_after_guess, test_real_reply);
  ADD ("lower-case", answer_in_lower_case, test_real_reply);
  ADD ("lower-case/without-tcp", answer_in_lower_case_by_udp, test_real_reply);
  ADD ("lower-case/before-edns", answer_old_in_lower_case, test_real_reply);
  ADD ("lower-case/fails-with-mixed-case", answer_lower_case, test_real_reply);
  ADD ("lower-case/finds-no-mixed-case", know_lower_case, test_real_reply);
  ADD ("without-a-question", answer_after_questionless, test_real_reply);
  ADD ("without-a-question/before-edns", answer_old_questionless, test_real_reply);
  ADD ("written-out", answer_written_out, test_real_reply);
  ADD ("mixed-case", keep_name, test_mixed_case);
  ADD ("byte-by-byte", answer_by_tcp, test_byte_by_byte);
  ADD ("data-after-the-reply", answer_more_by_tcp, test_more);
  ADD ("empty-reply", answer_nothing_by_tcp, test_no_reply);
  ADD ("too-long", answer_too_much, test_no_reply);
  ADD ("stalled", hold_by_tcp, test_stalled);
  ADD ("stalled/within-the-reply", hold_in_the_middle, test_stalled);
#undef ADD

  return g_test_run ();
}
