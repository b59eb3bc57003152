/* fault-lookups.c: scenarios of names and interfaces
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/name-server.h"
#include "fault-run.h"

static GByteArray *
answer (const guint8 *query,
        gsize         size,
        gboolean      by_tcp,
        gpointer      user_data)
{
  GByteArray *reply = test_reply_new (query, size, 0);

  test_reply_add (reply, NULL, QNET_DNS_RECORD_TYPE_A, 77, "\300\0\2\1", 4);

  /* TC: the client asks again, by TCP. */
  if (!by_tcp && user_data != NULL)
    reply->data[2] |= 2;

  return by_tcp ? test_reply_frame (reply) : reply;
}

static TestNameServer *
start_name_server (gboolean is_truncating)
{
  TestNameServer *server;

  fault_exempt_begin ();
  server = test_name_server_new (answer, GINT_TO_POINTER (is_truncating));
  fault_exempt_end ();

  return server;
}

static void
stop_name_server (TestNameServer *server)
{
  fault_exempt_begin ();
  test_name_server_free (server);
  fault_exempt_end ();
}

static void
check_lookup (Run           *run,
              QnetDnsLookup *lookup)
{
  GPtrArray *records;
  const GError *error = qnet_dns_lookup_get_error (lookup);

  if (error != NULL)
    {
      run_report (run, error);
      return;
    }

  records = qnet_dns_lookup_get_host_address_records (lookup);
  if (records->len == 1)
    run_succeed (run);
  else
    run_add_fault (run, "a lookup without an error has %u records", records->len);
}

static QnetDnsLookup *
new_lookup (Run            *run,
            TestNameServer *server)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  QnetDnsLookup *lookup = qnet_dns_lookup_new_with_nameserver (QNET_DNS_RECORD_TYPE_A,
                                                               "host.example", address,
                                                               test_name_server_get_port (server));

  qnet_dns_lookup_set_timeout (lookup, 300);

  return run_watch (run, lookup);
}

static void
look_up (Run      *run,
         gboolean  is_truncating)
{
  TestNameServer *server = start_name_server (is_truncating);
  QnetDnsLookup *lookup = new_lookup (run, server);

  qnet_dns_lookup_lookup (lookup);
  run_until (run, qnet_dns_lookup_is_finished (lookup));
  if (!run->is_late)
    check_lookup (run, lookup);

  g_object_unref (lookup);
  run_settle (run);
  stop_name_server (server);
}

static void
by_udp (Run *run)
{
  look_up (run, FALSE);
}

static void
by_tcp (Run *run)
{
  look_up (run, TRUE);
}

static void
by_waiting (Run *run)
{
  TestNameServer *server = start_name_server (TRUE);
  QnetDnsLookup *lookup = new_lookup (run, server);
  GError *error = NULL;

  qnet_dns_lookup_lookup (lookup);
  if (run_check (run, qnet_dns_lookup_wait_for_finished (lookup, 2000, &error), &error)
      || qnet_dns_lookup_is_finished (lookup))
    check_lookup (run, lookup);

  g_object_unref (lookup);
  stop_name_server (server);
}

/* Names of the system */

typedef struct
{
  Run      *run;
  gboolean  is_over;
  gboolean  is_found;
} Question;

static void
found_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Question *question = user_data;
  GError *error = NULL;
  g_autoptr(QnetHostInfo) info = qnet_host_info_lookup_host_finish (result, &error);

  question->is_found = run_check (question->run, info != NULL, &error)
                       && qnet_host_info_get_addresses (info)->len > 0;

  if (info != NULL && !question->is_found)
    run_add_fault (question->run, "a name without an error has no address");

  question->is_over = TRUE;
}

static void
named_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Question *question = user_data;
  GError *error = NULL;
  g_autoptr(QnetHostInfo) info = qnet_host_info_lookup_address_finish (result, &error);

  question->is_found = run_check (question->run, info != NULL, &error);
  question->is_over = TRUE;
}

static void
host_info (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  Question question = { .run = run }, named = { .run = run };

  qnet_host_info_clear_cache ();
  qnet_host_info_lookup_host_async (FAULT_HOST, G_PRIORITY_DEFAULT, NULL, found_cb, &question);
  qnet_host_info_lookup_address_async (address, G_PRIORITY_DEFAULT, NULL, named_cb, &named);
  run_until (run, question.is_over && named.is_over);

  if (question.is_found && named.is_found)
    run_succeed (run);
}

static void
host_info_at_once (Run *run)
{
  g_autoptr(QnetHostInfo) info = NULL;
  GError *error = NULL;

  qnet_host_info_clear_cache ();
  info = qnet_host_info_from_name (FAULT_HOST, NULL, &error);
  if (run_check (run, info != NULL, &error))
    run_succeed (run);
}

/* They have no error: there are fewer of them. */
static void
interfaces (Run *run)
{
  G_GNUC_UNUSED g_autoptr(GPtrArray) list = qnet_network_interface_list_all ();
  G_GNUC_UNUSED g_autoptr(GPtrArray) addresses = qnet_network_interface_list_all_addresses ();

  run_succeed (run);
}

const Scenario lookup_scenarios[] = {
  { "dns-udp", by_udp },
  { "dns-tcp", by_tcp },
  { "dns-waits", by_waiting },
  { "host-info", host_info },
  { "host-info-blocking", host_info_at_once },
  { "interfaces", interfaces },
  { NULL },
};
