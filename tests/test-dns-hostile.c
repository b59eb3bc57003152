/* test-dns-hostile.c: name servers that do their worst
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <string.h>
#include <unistd.h>

#include <glib-unix.h>

#include "common/name-server.h"
#include "engine/qnet-reactor-private.h"
#include "engine/qnet-syscall-private.h"

#define TRUTH   "\300\0\2\1"       /* 192.0.2.1 */
#define FORGERY "\306\63\144\146"  /* 198.51.100.102 */

typedef struct
{
  TestNameServer *server;   /* (owned) */
  QnetDnsLookup  *lookup;   /* (owned) */
  int             hold[2];  /* a pipe; its end lets a server go that holds still */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  answer)
{
  g_autoptr(QnetHostAddress) local
    = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(GError) error = NULL;

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
  g_assert_false (g_main_context_iteration (NULL, FALSE));  /* and nothing ticks on */
}

static void
run (Fixture *fixture)
{
  qnet_dns_lookup_lookup (fixture->lookup);
  while (!qnet_dns_lookup_get_is_finished (fixture->lookup))
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
  g_assert_nonnull (strstr (error->message, "its answer makes no sense"));
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

/* To be asked again by TCP */
static GByteArray *
make_truncated (const guint8 *query,
                gsize         size)
{
  GByteArray *reply = test_reply_new (query, size, 0);

  reply->data[2] |= 0x02;

  return reply;
}

/* Forged replies come before the true one; each differs from it where a forger has to guess, or is cut
 * off. */
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
    { 0, 0x80 }, { 1, 0x01 },     /* another number */
    { 2, 0x80 }, { 2, 0x08 },     /* a question, another kind of question */
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

  return make_reply (query, size, TRUTH);
}

static GByteArray *
answer_by_tcp (const guint8 *query,
               gsize         size,
               gboolean      by_tcp,
               gpointer      user_data)
{
  return by_tcp ? test_reply_frame (make_reply (query, size, TRUTH)) : make_truncated (query, size);
}

/* What comes behind the reply is none of it. */
static GByteArray *
answer_more_by_tcp (const guint8 *query,
                    gsize         size,
                    gboolean      by_tcp,
                    gpointer      user_data)
{
  GByteArray *reply = answer_by_tcp (query, size, by_tcp, user_data);

  return by_tcp ? g_byte_array_append (reply, (const guint8 *) "more", 4) : reply;
}

static GByteArray *
answer_nothing_by_tcp (const guint8 *query,
                       gsize         size,
                       gboolean      by_tcp,
                       gpointer      user_data)
{
  return by_tcp ? test_reply_frame (g_byte_array_new ()) : make_truncated (query, size);
}

/* More than we have said that we take */
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

/* By TCP it says @n_bytes of its answer and then holds still, with the connection open. */
static GByteArray *
hold_still (Fixture      *fixture,
            const guint8 *query,
            gsize         size,
            gsize         n_bytes)
{
  g_autoptr(GByteArray) reply = test_reply_frame (make_reply (query, size, TRUTH));
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
  g_test_summary ("The true reply is heard among forged ones, and nobody is asked again.");

  run (fixture);
  assert_truth (fixture);
  g_assert_cmpuint (test_name_server_get_n_asked (fixture->server), ==, 1);
}

static guint n_receptions;

/* The first one is that of the datagram. */
static int
receive_byte_by_byte (QnetSyscall call)
{
  return call == QNET_SYSCALL_RECV && n_receptions++ > 0 ? -1 : 0;
}

static void
test_byte_by_byte (Fixture       *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A reply that comes byte by byte is one all the same.");

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
  g_test_summary ("What stands behind a reply by TCP is not looked at.");

  run (fixture);
  assert_truth (fixture);
}

static void
test_no_reply (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("A reply without bytes, or with more than fit, makes no sense.");

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
test_held (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("Whoever takes the connection and holds still, at once or in the middle, is a "
                  "timeout.");

  test_now = g_get_monotonic_time ();
  qnet_clock_set_for_tests (get_test_now);
  qnet_dns_lookup_lookup (fixture->lookup);

  while (test_name_server_get_n_asked (fixture->server) < 2)
    g_main_context_iteration (NULL, FALSE);

  while (!qnet_dns_lookup_get_is_finished (fixture->lookup))
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
  ADD ("byte-by-byte", answer_by_tcp, test_byte_by_byte);
  ADD ("more", answer_more_by_tcp, test_more);
  ADD ("nothing", answer_nothing_by_tcp, test_no_reply);
  ADD ("too-much", answer_too_much, test_no_reply);
  ADD ("held", hold_by_tcp, test_held);
  ADD ("held/in-the-middle", hold_in_the_middle, test_held);
#undef ADD

  return g_test_run ();
}
