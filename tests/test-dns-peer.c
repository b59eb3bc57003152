/* test-dns-peer.c: looking records up at dnsmasq
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

#define PATIENCE 30000  /* milliseconds; only what is broken needs so many */

/* What dnsmasq knows. The time to live is that of what it knows itself. */
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
};

#define N_BIG 50  /* strings of big.test, more than fit into a datagram */

typedef struct
{
  GSubprocess *dnsmasq;  /* (owned) (nullable): NULL where it is not installed */
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

/* Looking up */

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
  while (!qnet_dns_lookup_get_is_finished (lookup))
    g_main_context_iteration (NULL, TRUE);

  return lookup;
}

/* Once it has a socket the question waits there; before, nobody is there. */
static gboolean
is_up (Fixture *fixture)
{
  g_autoptr(QnetDnsLookup) lookup = look_up (fixture, QNET_DNS_RECORD_TYPE_A, "host.test");

  return qnet_dns_lookup_get_error (lookup) == NULL;
}

/* Somebody may take the port before dnsmasq does: then it ends, and another port is tried. */
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
    g_test_skip ("dnsmasq is not here");

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
      GBytes *value = qnet_dns_tls_association_record_get_value (records->pdata[i]);

      g_string_append_printf (text, "%u %u %u (%" G_GSIZE_FORMAT " bytes)\n",
                              qnet_dns_tls_association_record_get_usage (records->pdata[i]),
                              qnet_dns_tls_association_record_get_selector (records->pdata[i]),
                              qnet_dns_tls_association_record_get_matching_type (records->pdata[i]),
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
  g_test_summary ("Records of each type come as dnsmasq has them, sorted where there is an order.");

  if (skip_without (fixture))
    return;

  assert_records (fixture, QNET_DNS_RECORD_TYPE_AAAA, "host.test", "host.test 2001:db8::1\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_MX, "test", "10 mail.test\n20 backup.test\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_SRV, "_http._tcp.test",
                  "1 0 80 first.test\n2 5 8080 second.test\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_TXT, "text.test", "“hello” “world” ");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_NS, "test", "test at ns.test\n");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_TLSA, "_443._tcp.test", "3 1 1 (3 bytes)\n");
}

static void
test_addresses (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(QnetDnsLookup) lookup = NULL;
  g_autofree char *text = NULL;
  GPtrArray *records;

  g_test_summary ("A name has all its addresses, each with how long it may be remembered.");

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
  g_test_summary ("A chain of aliases is followed to its end, and told.");

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
  g_test_summary ("A name may be in any script, and an address is turned into its name.");

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
  g_test_summary ("Asked for anything it tells what it likes to, of several types.");

  if (skip_without (fixture))
    return;

  assert_records (fixture, QNET_DNS_RECORD_TYPE_ANY, "text.test", "“hello” “world” ");
  assert_records (fixture, QNET_DNS_RECORD_TYPE_ANY, "test",
                  "10 mail.test\n20 backup.test\ntest at ns.test\n");
}

static void
test_by_tcp (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetDnsLookup) lookup = NULL;

  g_test_summary ("A reply that does not fit into a datagram comes whole, by TCP.");

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
    { "qnet.example", QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED },  /* it has nobody to ask */
  };

  g_test_summary ("No such name, and a refusal, are errors of their own; no such record is none.");

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

  g_test_summary ("Without a main loop the records can be waited for.");

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
