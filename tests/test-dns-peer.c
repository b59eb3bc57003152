/* test-dns-peer.c: DNS lookups with dnsmasq
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/dnsmasq.h"

#define PATIENCE 30000  /* milliseconds; only reached if something is broken */

/* The records of dnsmasq. The time to live is that of its own records. */
static const char *const zone[] = {
  "--local=/test/",
  "--local-ttl=77",
  "--host-record=host.test,192.0.2.1,2001:db8::1",
  "--host-record=host.test,192.0.2.2",
  "--host-record=xn--bcher-kva.test,192.0.2.9",
  "--cname=www.test,host.test",
  "--cname=alias.test,www.test",
  "--cname=far.test,alias.test",
  "--mx-host=test,backup.test,20",
  "--mx-host=test,mail.test,10",
  "--srv-host=_http._tcp.test,second.test,8080,2,5",
  "--srv-host=_http._tcp.test,first.test,80,1,0",
  "--txt-record=text.test,hello,world",
  "--ptr-record=1.2.0.192.in-addr.arpa,host.test",
  "--dns-rr=test,2,026e73047465737400",
  "--dns-rr=_443._tcp.test,52,030101abcdef",
  "--dns-rr=test,6,026e7304746573740005706f73746d04746573740000000007000000080000000900000"
  "00a0000000b",
  "--naptr-record=naptr.test,20,1,U,E2U+sip,!^.*$!sip:info@test!",
  "--naptr-record=naptr.test,10,2,S,SIP+D2U,,_sip._udp.test",
  "--dns-rr=svcb.test,65,00020000010006026832026833000300022" "0fb00040004c0000201",
  "--dns-rr=svcb.test,65,000104686f7374047465737400",
  "--caa-record=test,128,issue,ca.test",
  "--dns-rr=odd.test,65280,c0ffee",
};

#define N_BIG 50  /* strings of big.test, more than fit into a datagram */

typedef struct
{
  GSubprocess *dnsmasq;  /* (owned) (nullable): NULL if it is not installed */
  guint16      port;
} Fixture;

/* The name server */

static guint16
choose_port (void)
{
  struct sockaddr_in native = { .sin_family = AF_INET };
  socklen_t size = sizeof native;
  int fd = socket (AF_INET, SOCK_STREAM, 0);

  native.sin_addr.s_addr = g_htonl (INADDR_LOOPBACK);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &native, size));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &native, &size));
  close (fd);

  return g_ntohs (native.sin_port);
}

/* Strings of 64 digits, more of them than fit into a datagram */
static GSubprocess *
start (guint16 port)
{
  g_autoptr(GPtrArray) options = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < G_N_ELEMENTS (zone); i++)
    g_ptr_array_add (options, g_strdup (zone[i]));

  for (guint i = 0; i < N_BIG; i++)
    g_ptr_array_add (options, g_strdup_printf ("--txt-record=big.test,%064u", i));

  g_ptr_array_add (options, NULL);

  return test_dnsmasq_start (port, (const char *const *) options->pdata);
}

/* Lookups */

static QnetDnsLookup *
make_lookup (Fixture           *fixture,
             QnetDnsRecordType  type,
             const char        *name)
{
  g_autoptr(QnetHostAddress) local
    = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  return qnet_dns_lookup_new_with_nameserver (type, name, local, fixture->port);
}

static QnetDnsLookup *
look_up (Fixture           *fixture,
         QnetDnsRecordType  type,
         const char        *name)
{
  QnetDnsLookup *lookup = make_lookup (fixture, type, name);

  qnet_dns_lookup_lookup (lookup);
  while (!qnet_dns_lookup_is_finished (lookup))
    g_main_context_iteration (NULL, TRUE);

  return lookup;
}

/* Returns whether dnsmasq has its socket: from then on, queries are queued there. */
static gboolean
is_up (Fixture *fixture)
{
  g_autoptr(QnetDnsLookup) lookup = look_up (fixture, QNET_DNS_RECORD_TYPE_A, "host.test");

  return qnet_dns_lookup_get_error (lookup) == NULL;
}

/* Another process may take the port before dnsmasq does. Then it exits, and another port is
 * tried. */
static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  do
    {
      g_clear_pointer (&fixture->dnsmasq, test_dnsmasq_stop);
      fixture->port = choose_port ();
      fixture->dnsmasq = start (fixture->port);

      while (fixture->dnsmasq != NULL && !test_dnsmasq_has_ended (fixture->dnsmasq)
             && !is_up (fixture))
        g_thread_yield ();
    }
  while (fixture->dnsmasq != NULL && test_dnsmasq_has_ended (fixture->dnsmasq));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_pointer (&fixture->dnsmasq, test_dnsmasq_stop);
}

static gboolean
skip_without (Fixture *fixture)
{
  if (fixture->dnsmasq == NULL)
    g_test_skip ("dnsmasq is not installed");

  return fixture->dnsmasq == NULL;
}

/* Records as text, in the order in which they are */

static void
add_names (GString    *text,
           GPtrArray  *records,
           const char *type)
{
  for (guint i = 0; i < records->len; i++)
    g_string_append_printf (text, "%s %s %s\n",
                            qnet_dns_domain_name_record_get_name (records->pdata[i]), type,
                            qnet_dns_domain_name_record_get_value (records->pdata[i]));
}

static void
add_addresses (GString   *text,
               GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      QnetHostAddress *address = qnet_dns_host_address_record_get_value (records->pdata[i]);
      g_autofree char *value = qnet_host_address_to_string (address);

      g_string_append_printf (text, "%s %s\n",
                              qnet_dns_host_address_record_get_name (records->pdata[i]), value);
    }
}

static void
add_mail (GString   *text,
          GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    g_string_append_printf (text, "%u %s\n",
                            qnet_dns_mail_exchange_record_get_preference (records->pdata[i]),
                            qnet_dns_mail_exchange_record_get_exchange (records->pdata[i]));
}

static void
add_services (GString   *text,
              GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    g_string_append_printf (text, "%u %u %u %s\n",
                            qnet_dns_service_record_get_priority (records->pdata[i]),
                            qnet_dns_service_record_get_weight (records->pdata[i]),
                            qnet_dns_service_record_get_port (records->pdata[i]),
                            qnet_dns_service_record_get_target (records->pdata[i]));
}

static void
add_texts (GString   *text,
           GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      GPtrArray *values = qnet_dns_text_record_get_values (records->pdata[i]);

      for (guint k = 0; k < values->len; k++)
        {
          gsize size;
          const char *value = g_bytes_get_data (values->pdata[k], &size);

          g_string_append_printf (text, "“%.*s” ", (int) size, value);
        }
    }
}

static void
add_associations (GString   *text,
                  GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      GBytes *value = qnet_dns_tls_association_record_get_value_bytes (records->pdata[i]);

      g_string_append_printf (text, "%u %u %u (%" G_GSIZE_FORMAT " bytes)\n",
                              qnet_dns_tls_association_record_get_usage (records->pdata[i]),
                              qnet_dns_tls_association_record_get_selector (records->pdata[i]),
                              qnet_dns_tls_association_record_get_matching_type (records->pdata[i]),
                              g_bytes_get_size (value));
    }
}

static void
add_zones (GString   *text,
           GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      QnetDnsStartOfAuthorityRecord *record = records->pdata[i];

      g_string_append_printf (text, "%s %s %u %u %u %u %u\n",
                              qnet_dns_start_of_authority_record_get_primary_server (record),
                              qnet_dns_start_of_authority_record_get_mailbox (record),
                              qnet_dns_start_of_authority_record_get_serial (record),
                              qnet_dns_start_of_authority_record_get_refresh (record),
                              qnet_dns_start_of_authority_record_get_retry (record),
                              qnet_dns_start_of_authority_record_get_expire (record),
                              qnet_dns_start_of_authority_record_get_minimum (record));
    }
}

static void
add_rules (GString   *text,
           GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    g_string_append_printf (text, "%u %u “%s” “%s” “%s” %s\n",
                            qnet_dns_naming_authority_record_get_order (records->pdata[i]),
                            qnet_dns_naming_authority_record_get_preference (records->pdata[i]),
                            qnet_dns_naming_authority_record_get_flags (records->pdata[i]),
                            qnet_dns_naming_authority_record_get_services (records->pdata[i]),
                            qnet_dns_naming_authority_record_get_regular_expression
                              (records->pdata[i]),
                            qnet_dns_naming_authority_record_get_replacement (records->pdata[i]));
}

static void
add_bindings (GString   *text,
              GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      QnetDnsServiceBindingRecord *record = records->pdata[i];
      g_auto(GStrv) protocols = qnet_dns_service_binding_record_get_protocols (record);
      g_autofree char *joined = g_strjoinv ("+", protocols);
      GPtrArray *hints = qnet_dns_service_binding_record_get_address_hints (record);

      g_string_append_printf (text, "%u %s %u “%s” %u\n",
                              qnet_dns_service_binding_record_get_priority (record),
                              qnet_dns_service_binding_record_get_target (record),
                              qnet_dns_service_binding_record_get_port (record), joined,
                              hints->len);
    }
}

static void
add_authorities (GString   *text,
                 GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      gsize size;
      const char *value = qnet_dns_certification_authority_record_get_value (records->pdata[i],
                                                                             &size);

      g_string_append_printf (text, "%d %s %.*s\n",
                              qnet_dns_certification_authority_record_is_critical
                                (records->pdata[i]),
                              qnet_dns_certification_authority_record_get_tag (records->pdata[i]),
                              (int) size, value);
    }
}

static void
add_unknown (GString   *text,
             GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      GBytes *value = qnet_dns_unknown_record_get_value_bytes (records->pdata[i]);

      g_string_append_printf (text, "%u (%" G_GSIZE_FORMAT " bytes)\n",
                              qnet_dns_unknown_record_get_type_number (records->pdata[i]),
                              g_bytes_get_size (value));
    }
}

static char *
describe (QnetDnsLookup *lookup)
{
  GString *text = g_string_new (NULL);

  add_names (text, qnet_dns_lookup_get_canonical_name_records (lookup), "is");
  add_addresses (text, qnet_dns_lookup_get_host_address_records (lookup));
  add_mail (text, qnet_dns_lookup_get_mail_exchange_records (lookup));
  add_names (text, qnet_dns_lookup_get_name_server_records (lookup), "at");
  add_names (text, qnet_dns_lookup_get_pointer_records (lookup), "of");
  add_services (text, qnet_dns_lookup_get_service_records (lookup));
  add_texts (text, qnet_dns_lookup_get_text_records (lookup));
  add_associations (text, qnet_dns_lookup_get_tls_association_records (lookup));
  add_zones (text, qnet_dns_lookup_get_start_of_authority_records (lookup));
  add_rules (text, qnet_dns_lookup_get_naming_authority_records (lookup));
  add_bindings (text, qnet_dns_lookup_get_service_binding_records (lookup));
  add_authorities (text, qnet_dns_lookup_get_certification_authority_records (lookup));
  add_unknown (text, qnet_dns_lookup_get_unknown_records (lookup));

  return g_string_free (text, FALSE);
}

static void
assert_records (Fixture           *fixture,
                QnetDnsRecordType  type,
                const char        *name,
                const char        *expected)
{
  g_autoptr(QnetDnsLookup) lookup = look_up (fixture, type, name);
  g_autofree char *text = describe (lookup);

  g_assert_no_error (qnet_dns_lookup_get_error (lookup));
  g_assert_cmpstr (text, ==, expected);
}

/* Tests */

static void
test_types (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("Records of each type are those of dnsmasq, and those with an order are sorted.");

  if (skip_without (fixture))
    return;

  assert_records (fixture, QNET_DNS_RECORD_TYPE_AAAA, "host.test", "host.test 2001:db8::1\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_MX, "test", "10 mail.test\n20 backup.test\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_SRV, "_http._tcp.test",
                  "1 0 80 first.test\n2 5 8080 second.test\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_TXT, "text.test", "“hello” “world” ");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_NS, "test", "test at ns.test\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_TLSA, "_443._tcp.test", "3 1 1 (3 bytes)\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_SOA, "test", "ns.test postm.test 7 8 9 10 11\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_NAPTR, "naptr.test",
                  "10 2 “S” “SIP+D2U” “” _sip._udp.test\n"
                  "20 1 “U” “E2U+sip” “!^.*$!sip:info@test!” .\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_HTTPS, "svcb.test",
                  "1 host.test 0 “” 0\n2 . 8443 “h2+h3” 1\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_CAA, "test", "1 issue ca.test\n");
}

static void
test_numbers (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetDnsLookup) lookup = NULL;
  g_autofree char *text = NULL;

  g_test_summary ("A type that has no value is looked up by its number, and its data are bytes.");

  if (skip_without (fixture))
    return;

  lookup = make_lookup (fixture, QNET_DNS_RECORD_TYPE_A, "odd.test");
  qnet_dns_lookup_set_type_number (lookup, 65280);
  g_assert_cmpint (qnet_dns_lookup_get_record_type (lookup), ==, QNET_DNS_RECORD_TYPE_UNKNOWN);

  qnet_dns_lookup_lookup (lookup);
  while (!qnet_dns_lookup_is_finished (lookup))
    g_main_context_iteration (NULL, TRUE);

  text = describe (lookup);
  g_assert_no_error (qnet_dns_lookup_get_error (lookup));
  g_assert_cmpstr (text, ==, "65280 (3 bytes)\n");
}

static void
test_addresses (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(QnetDnsLookup) lookup = NULL;
  g_autofree char *text = NULL;
  GPtrArray *records;

  g_test_summary ("A name has all its addresses, each with its time to live.");

  if (skip_without (fixture))
    return;

  lookup = look_up (fixture, QNET_DNS_RECORD_TYPE_A, "host.test");
  records = qnet_dns_lookup_get_host_address_records (lookup);

  text = describe (lookup);
  g_assert_cmpuint (records->len, ==, 2);
  g_assert_nonnull (strstr (text, "host.test 192.0.2.1\n"));
  g_assert_nonnull (strstr (text, "host.test 192.0.2.2\n"));
  g_assert_cmpuint (qnet_dns_host_address_record_get_time_to_live (records->pdata[0]), ==, 77);
}

static void
test_aliases (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("A chain of aliases is followed and returned.");

  if (skip_without (fixture))
    return;

  assert_records (fixture, QNET_DNS_RECORD_TYPE_CNAME, "www.test", "www.test is host.test\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_AAAA, "far.test",
                  "far.test is alias.test\nalias.test is www.test\nwww.test is host.test\n"
                  "host.test 2001:db8::1\n");
}

static void
test_names (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("Names may be in any script, and addresses are looked up by their reverse name.");

  if (skip_without (fixture))
    return;

  assert_records (fixture, QNET_DNS_RECORD_TYPE_A, "bücher.test", "xn--bcher-kva.test 192.0.2.9\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_PTR, "192.0.2.1",
                  "1.2.0.192.in-addr.arpa of host.test\n");
}

static void
test_any (Fixture       *fixture,
          gconstpointer  data)
{
  g_test_summary ("A query for any type returns records of several types.");

  if (skip_without (fixture))
    return;

  assert_records (fixture, QNET_DNS_RECORD_TYPE_ANY, "text.test", "“hello” “world” ");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_ANY, "test",
                  "10 mail.test\n20 backup.test\ntest at ns.test\nns.test postm.test 7 8 9 10 11\n"
                  "1 issue ca.test\n");
}

static void
test_by_tcp (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetDnsLookup) lookup = NULL;

  g_test_summary ("A reply that does not fit into a datagram is received completely over TCP.");

  if (skip_without (fixture))
    return;

  lookup = look_up (fixture, QNET_DNS_RECORD_TYPE_TXT, "big.test");
  g_assert_no_error (qnet_dns_lookup_get_error (lookup));
  g_assert_cmpuint (qnet_dns_lookup_get_text_records (lookup)->len, ==, N_BIG);
}

static void
test_failures (Fixture       *fixture,
               gconstpointer  data)
{
  static const struct
  {
    const char *name;
    int         code;
  } rows[] = {
    { "none.test", QNET_DNS_LOOKUP_ERROR_NOT_FOUND },
    { "qnet.example", QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED },  /* it has no server to forward to */
  };

  g_test_summary ("A missing name and a refusal have their own errors; a missing record is not an "
                  "error.");

  if (skip_without (fixture))
    return;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(QnetDnsLookup) lookup = look_up (fixture, QNET_DNS_RECORD_TYPE_A, rows[i].name);

      g_assert_error (qnet_dns_lookup_get_error (lookup), QNET_DNS_LOOKUP_ERROR, rows[i].code);
    }

  assert_records (fixture, QNET_DNS_RECORD_TYPE_MX, "host.test", "");
}

static void
test_wait (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetDnsLookup) lookup = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("Without a main loop, wait_for_finished() returns the records.");

  if (skip_without (fixture))
    return;

  lookup = make_lookup (fixture, QNET_DNS_RECORD_TYPE_TXT, "big.test");
  qnet_dns_lookup_lookup (lookup);
  g_assert_true (qnet_dns_lookup_wait_for_finished (lookup, PATIENCE, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (qnet_dns_lookup_get_text_records (lookup)->len, ==, N_BIG);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/dns-peer/types", test_types);
  ADD ("/dns-peer/numbers", test_numbers);
  ADD ("/dns-peer/addresses", test_addresses);
  ADD ("/dns-peer/aliases", test_aliases);
  ADD ("/dns-peer/names", test_names);
  ADD ("/dns-peer/any", test_any);
  ADD ("/dns-peer/by-tcp", test_by_tcp);
  ADD ("/dns-peer/failures", test_failures);
  ADD ("/dns-peer/wait", test_wait);
#undef ADD

  return g_test_run ();
}
