/* test-names-of-system.c: lookups by the system, with dnsmasq as the name server
 *
 * The test runs in a namespace with a loopback interface and its own configuration files.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "common/dnsmasq.h"
#include "common/gap.h"

#define PATIENCE 30000  /* milliseconds; only reached if something is broken */

static const char *const zone[] = {
  "--listen-address=::1",
  "--local=/test/",
  "--host-record=host.test,192.0.2.1,2001:db8::1",
  "--host-record=xn--bcher-kva.test,192.0.2.9",
  "--address=/many.test/192.0.2.7",
  "--cname=www.test,host.test",
  "--txt-record=text.test,hello",
  "--host-record=loop.test,127.0.0.1",
  "--srv-host=_imap._tcp.service.test,none.test,1143,1,0",
  "--srv-host=_imap._tcp.service.test,loop.test,1143,2,0",
  "--srv-host=_pop3._tcp.service.test",
  NULL
};

/* There is no server at the first address. */
static const char resolv_conf[] = "search qnet.test\n"
                                  "nameserver 127.0.0.9\n"
                                  "nameserver ::1\n"
                                  "nameserver 127.0.0.1\n";

static const char *reason = NULL;  /* (nullable): why the namespace cannot be created */

/* The system */

static gboolean
set_loopback_up (void)
{
  struct ifreq request = { .ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean is_up;

  strcpy (request.ifr_name, "lo");
  is_up = ioctl (fd, SIOCSIFFLAGS, &request) == 0;
  close (fd);

  return is_up;
}

/* Replaces a file in the namespace by another one. */
static gboolean
put (const char *path,
     const char *contents)
{
  g_autofree char *ours = NULL;
  int fd = g_file_open_tmp ("qnet-XXXXXX", &ours, NULL);
  gboolean is_put;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, contents, strlen (contents)), ==, (gssize) strlen (contents));
  close (fd);
  g_assert_no_errno (g_chmod (ours, 0644));

  is_put = mount (ours, path, "none", MS_BIND, NULL) == 0;
  g_unlink (ours);

  return is_put;
}

/* Called before there are threads: each thread inherits its namespaces. */
static void
make_system (void)
{
  if (unshare (CLONE_NEWNET | CLONE_NEWNS) != 0)
    reason = "it may not make namespaces";
  else if (mount ("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0)
    reason = "it may not mount";
  else if (!set_loopback_up ())
    reason = "it cannot bring a loopback interface up";
  else if (!put ("/etc/resolv.conf", resolv_conf)
           || !put ("/etc/nsswitch.conf", "hosts: files dns\n"))
    reason = "there are no files of the resolver's configuration";
}

typedef struct
{
  GSubprocess *dnsmasq;  /* (owned) (nullable) */
} Fixture;

static gboolean
is_up (void)
{
  g_autoptr(QnetDnsLookup) lookup = qnet_dns_lookup_new (QNET_DNS_RECORD_TYPE_A, "host.test");

  qnet_dns_lookup_lookup (lookup);

  return qnet_dns_lookup_wait_for_finished (lookup, PATIENCE, NULL);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  if (reason != NULL)
    return;

  fixture->dnsmasq = test_dnsmasq_start (QNET_DNS_PORT, zone);
  if (fixture->dnsmasq == NULL)
    return;

  while (!is_up ())
    g_assert_false (test_dnsmasq_has_ended (fixture->dnsmasq));

  qnet_host_info_clear_cache ();
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
    g_test_skip (reason != NULL ? reason : "dnsmasq is not installed");

  return fixture->dnsmasq == NULL;
}

/* Hosts */

static char *
describe (QnetHostInfo *info)
{
  GPtrArray *addresses = qnet_host_info_get_addresses (info);
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < addresses->len; i++)
    g_ptr_array_add (texts, qnet_host_address_to_string (addresses->pdata[i]));

  g_ptr_array_sort (texts, (GCompareFunc) (void (*) (void)) g_strcmp0);
  g_ptr_array_add (texts, NULL);

  return g_strjoinv (" ", (char **) texts->pdata);
}

static void
test_hosts (Fixture       *fixture,
            gconstpointer  data)
{
  static const struct
  {
    const char *name;
    const char *addresses;
  } rows[] = {
    { "bücher.test", "192.0.2.9" },
    { "one.many.test", "192.0.2.7" },
  };

  g_test_summary ("A name in any script has the addresses of the name server.");

  if (skip_without (fixture))
    return;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(QnetHostInfo) info = qnet_host_info_from_name (rows[i].name, NULL, &error);
      g_autofree char *addresses = NULL;

      g_assert_no_error (error);
      addresses = describe (info);
      g_assert_cmpstr (addresses, ==, rows[i].addresses);
      g_assert_cmpstr (qnet_host_info_get_host_name (info), ==, rows[i].name);
    }
}

static void
test_no_host (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A name that does not exist is HOST_NOT_FOUND.");

  if (skip_without (fixture))
    return;

  g_assert_null (qnet_host_info_from_name ("none.test", NULL, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
}

static void
test_reverse (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string ("192.0.2.1");
  g_autoptr(QnetHostInfo) info = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("An address has the name of the name server.");

  if (skip_without (fixture))
    return;

  info = qnet_host_info_from_address (address, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (qnet_host_info_get_host_name (info), ==, "host.test");
}

static void
test_cache (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(QnetHostInfo) first = NULL;
  g_autoptr(QnetHostInfo) again = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("A result remains in the cache after the name server has exited, until the "
                  "cache is cleared.");

  if (skip_without (fixture))
    return;

  first = qnet_host_info_from_name ("bücher.test", NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (&fixture->dnsmasq, test_dnsmasq_stop);

  again = qnet_host_info_from_name ("bücher.test", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (qnet_host_info_get_addresses (again)->len, ==, 1);

  qnet_host_info_clear_cache ();
  g_assert_null (qnet_host_info_from_name ("bücher.test", NULL, &error));
  g_assert_nonnull (error);
}

/* The first name is in the cache, and no other name is looked up. */
static void
test_config_changed (Fixture       *fixture,
                     gconstpointer  data)
{
  /* Of different sizes: two files with the same size and time would look the same. */
  static const char *const addresses[] = { "192.0.2.5", "192.0.2.51", "192.0.2.152" };

  g_test_summary ("A change of a configuration file clears the cache, without a lookup of another "
                  "name.");

  if (skip_without (fixture))
    return;

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autofree char *hosts = g_strdup_printf ("%s moves.test\n", addresses[i]);
      g_autoptr(QnetHostInfo) info = NULL;
      g_autoptr(GError) error = NULL;
      g_autofree char *found = NULL;

      umount2 ("/etc/hosts", MNT_DETACH);  /* nothing is mounted on a file that was removed */
      g_assert_true (put ("/etc/hosts", hosts));
      info = qnet_host_info_from_name ("moves.test", NULL, &error);
      g_assert_no_error (error);
      found = describe (info);
      g_assert_cmpstr (found, ==, addresses[i]);
    }
}

/* dnsmasq has exited. */
static void
test_no_answer (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("If no name server replies, the error is TEMPORARY and not HOST_NOT_FOUND.");

  if (skip_without (fixture))
    return;

  g_clear_pointer (&fixture->dnsmasq, test_dnsmasq_stop);
  g_assert_null (qnet_host_info_from_name ("unanswered.test", NULL, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
}

/* Records */

static void
test_records (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetDnsLookup) lookup = qnet_dns_lookup_new (QNET_DNS_RECORD_TYPE_TXT, "text.test");
  g_autoptr(GError) error = NULL;

  g_test_summary ("If no name server is set, those of the system are queried one after the other, "
                  "also over IPv6.");

  if (skip_without (fixture))
    return;

  qnet_dns_lookup_lookup (lookup);
  qnet_dns_lookup_wait_for_finished (lookup, PATIENCE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (qnet_dns_lookup_get_text_records (lookup)->len, ==, 1);
}

/* The ports of the namespace are free. */
static void
test_service (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  QnetAbstractSocket *client = QNET_ABSTRACT_SOCKET (socket);
  g_autoptr(GError) error = NULL;

  g_test_summary ("A service is connected to at the hosts of its SRV records, by priority, and "
                  "refused if the domain states that it has none.");

  if (skip_without (fixture))
    return;

  g_assert_true (qnet_tcp_server_listen_port (server, 1143, NULL));
  qnet_abstract_socket_connect_to_service (client, "imap", "service.test");
  qnet_socket_wait_for_connected (QNET_SOCKET (socket), PATIENCE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (client), ==, 1143);
  g_assert_cmpstr (qnet_abstract_socket_get_peer_name (client), ==, "service.test");
  qnet_socket_abort (QNET_SOCKET (socket));

  qnet_abstract_socket_connect_to_service (client, "pop3", "service.test");
  g_assert_false (qnet_socket_wait_for_connected (QNET_SOCKET (socket), PATIENCE, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  g_clear_error (&error);

  qnet_abstract_socket_connect_to_service (client, "ldap", "service.test");
  g_assert_false (qnet_socket_wait_for_connected (QNET_SOCKET (socket), PATIENCE, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
}

static void
test_domain (Fixture       *fixture,
             gconstpointer  data)
{
  g_autofree char *domain = NULL;

  g_test_summary ("The domain of this machine is the first one in the search list.");

  if (skip_without (fixture))
    return;

  domain = qnet_host_info_local_domain_name ();
  g_assert_cmpstr (domain, ==, "qnet.test");
}

/* Many */

#define N_MANY 1000

typedef struct _Many Many;

typedef struct
{
  Many         *many;
  GCancellable *cancellable;  /* (owned) */
  guint         n_called;
} Answer;

struct _Many
{
  Answer answers[N_MANY];
  guint  n_found;
};

static void
cancel_unanswered (Many *many)
{
  for (guint i = 0; i < N_MANY; i++)
    if (many->answers[i].n_called == 0)
      g_cancellable_cancel (many->answers[i].cancellable);
}

/* Some answers that are on their way when the others are cancelled are cancelled, too. */
static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Answer *answer = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(QnetHostInfo) info = qnet_host_info_lookup_host_finish (result, &error);

  answer->n_called++;

  if (info == NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else if (++answer->many->n_found == N_MANY / 2)
    cancel_unanswered (answer->many);
}

static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree Many *many = g_new0 (Many, 1);
  TestGap gap;

  g_test_summary ("Of a thousand simultaneous lookups, those without a result half-way are "
                  "cancelled; each calls back once, and no resources are left.");

  if (skip_without (fixture))
    return;

  test_gap_begin (&gap);

  for (guint i = 0; i < N_MANY; i++)
    {
      Answer *answer = &many->answers[i];
      g_autofree char *name = g_strdup_printf ("n%u.many.test", i);

      answer->many = many;
      answer->cancellable = g_cancellable_new ();
      qnet_host_info_lookup_host_async (name, G_PRIORITY_DEFAULT, answer->cancellable, answered_cb,
                                        answer);
    }

  for (guint i = 0; i < N_MANY; i++)
    while (many->answers[i].n_called == 0)
      g_main_context_iteration (NULL, TRUE);

  test_gap_end (&gap);
  g_assert_cmpuint (many->n_found, ==, N_MANY / 2);

  for (guint i = 0; i < N_MANY; i++)
    {
      g_assert_cmpuint (many->answers[i].n_called, ==, 1);
      g_assert_finalize_object (many->answers[i].cancellable);
    }
}

int
main (int   argc,
      char *argv[])
{
  make_system ();
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/names-of-system/hosts", test_hosts);
  ADD ("/names-of-system/no-host", test_no_host);
  ADD ("/names-of-system/reverse", test_reverse);
  ADD ("/names-of-system/cache", test_cache);
  ADD ("/names-of-system/cache/until-the-configuration-changes", test_config_changed);
  ADD ("/names-of-system/no-answer-is-temporary", test_no_answer);
  ADD ("/names-of-system/records", test_records);
  ADD ("/names-of-system/service", test_service);
  ADD ("/names-of-system/domain", test_domain);
  ADD ("/names-of-system/many", test_many);
#undef ADD

  return g_test_run ();
}
