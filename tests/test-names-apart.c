/* test-names-apart.c: connections by name, with a name server that answers A and AAAA apart
 *
 * The test runs in a namespace with a loopback interface and its own configuration files. The name
 * server withholds the answers for one family until the test has seen what it waits for.
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

#include "common/name-server.h"
#include "lookup/qnet-destination-order-private.h"

#define PATIENCE 30000  /* milliseconds; only reached if something is broken */

#define TYPE_A    1
#define TYPE_AAAA 28

static const char resolv_conf[] = "nameserver 127.0.0.1\n"
                                  "options timeout:1 attempts:20\n";

static const char hosts[] = "127.0.0.1 replaced.test\n";

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

  if (g_getenv ("QNET_TEST_GAI_CONF") != NULL)  /* ours is mounted: the file of the process above */
    umount2 (path, MNT_DETACH);

  is_put = mount (ours, path, "none", MS_BIND, NULL) == 0;
  g_unlink (ours);

  return is_put;
}

/* Called before there are threads: each thread inherits its namespaces. */
static void
make_system (void)
{
  const char *gai_conf = g_getenv ("QNET_TEST_GAI_CONF");

  if (unshare (CLONE_NEWNET | CLONE_NEWNS) != 0)
    reason = "it may not make namespaces";
  else if (mount ("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0)
    reason = "it may not mount";
  else if (!set_loopback_up ())
    reason = "it cannot bring a loopback interface up";
  else if (!put ("/etc/resolv.conf", resolv_conf)
           || !put ("/etc/hosts", hosts)
           || !put ("/etc/nsswitch.conf", "hosts: files dns\n")
           || !put ("/etc/gai.conf", gai_conf != NULL ? gai_conf : ""))
    reason = "there are no files of the resolver's configuration";
}

/* The name server: "NAME.test" has the addresses of the fixture. */

typedef struct
{
  const char *a;           /* (nullable): there is none */
  const char *aaaa;        /* (nullable) */
} Zone;

typedef struct
{
  QnetTcpServer  *server;     /* (owned): on all addresses */
  QnetTcpSocket  *socket;     /* (owned) */
  TestNameServer *name_server;  /* (owned) */
  Zone            zone;
  gint            withheld;   /* (atomic): a type that is not answered now, or 0 */
  gint            n_asked[TYPE_AAAA + 1];     /* (atomic): by type */
  gint            n_answered[TYPE_AAAA + 1];  /* (atomic) */
  GString        *attempts;   /* (owned) */
} Fixture;

static void
add_address (GByteArray *reply,
             guint16     type,
             const char *text)
{
  g_autoptr(GInetAddress) address = g_inet_address_new_from_string (text);

  test_reply_add (reply, NULL, type, 60, g_inet_address_to_bytes (address),
                  g_inet_address_get_native_size (address));
}

static guint16
get_type (const guint8 *query)
{
  gsize i = 12;

  while (query[i] != 0)
    i += 1 + query[i];

  return query[i + 1] << 8 | query[i + 2];
}

/* Nothing is sent for what is withheld: the system asks again after a second. */
static GByteArray *
answer_cb (const guint8 *query,
           gsize         size,
           gboolean      by_tcp,
           gpointer      user_data)
{
  Fixture *fixture = user_data;
  guint16 type = get_type (query);
  const char *text = type == TYPE_A ? fixture->zone.a : fixture->zone.aaaa;
  GByteArray *reply;

  g_assert_true (type == TYPE_A || type == TYPE_AAAA);
  g_atomic_int_inc (&fixture->n_asked[type]);

  if (g_atomic_int_get (&fixture->withheld) == type)
    return NULL;

  reply = test_reply_new (query, size, 0);
  if (text != NULL)
    add_address (reply, type, text);

  g_atomic_int_inc (&fixture->n_answered[type]);

  return reply;
}

/* The fixture */

static void
attempt_cb (QnetAbstractSocket *socket,
            QnetHostAddress    *address,
            guint               port,
            QnetAttemptState    state,
            const GError       *error,
            Fixture            *fixture)
{
  static const char *const words[] = { "started", "failed", "won" };
  g_autofree char *text = qnet_host_address_to_string (address);

  g_string_append_printf (fixture->attempts, "%s%s %s", fixture->attempts->len > 0 ? ", " : "",
                          text, words[state]);

  if (state == QNET_ATTEMPT_FAILED)
    g_atomic_int_set (&fixture->withheld, 0);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  if (reason != NULL)
    return;

  fixture->server = qnet_tcp_server_new ();
  g_assert_true (qnet_tcp_server_listen_port (fixture->server, 0, NULL));
  fixture->attempts = g_string_new (NULL);
  fixture->socket = qnet_tcp_socket_new ();
  g_signal_connect (fixture->socket, "attempt", G_CALLBACK (attempt_cb), fixture);
  fixture->name_server = test_name_server_new_on_port (QNET_DNS_PORT, answer_cb, fixture);
  qnet_host_info_clear_cache ();
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  if (reason != NULL)
    return;

  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_clear_pointer (&fixture->name_server, test_name_server_free);
  g_assert_finalize_object (fixture->socket);
  g_object_unref (fixture->server);
  g_string_free (fixture->attempts, TRUE);
}

static gboolean
skip_without (void)
{
  if (reason != NULL)
    g_test_skip (reason);

  return reason != NULL;
}

static gboolean
connect_to (Fixture     *fixture,
            const char  *name,
            QnetNetworkLayerProtocol protocol,
            GError     **error)
{
  qnet_abstract_socket_connect_to_host_full (QNET_ABSTRACT_SOCKET (fixture->socket), name,
                                             qnet_tcp_server_get_server_port (fixture->server),
                                             QNET_OPEN_MODE_READ_WRITE, protocol);

  return qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), PATIENCE, error);
}

static void
assert_connects (Fixture    *fixture,
                 const char *attempts)
{
  g_autoptr(GError) error = NULL;

  connect_to (fixture, "host.test", QNET_NETWORK_LAYER_PROTOCOL_ANY_IP, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fixture->attempts->str, ==, attempts);
}

/* Late answers */

static void
test_aaaa_late (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("A host is connected to by IPv4 while its AAAA records are not answered for.");

  if (skip_without ())
    return;

  fixture->zone = (Zone) { "127.0.0.1", "::1" };
  g_atomic_int_set (&fixture->withheld, TYPE_AAAA);
  assert_connects (fixture, "127.0.0.1 started, 127.0.0.1 won");
  g_assert_cmpint (g_atomic_int_get (&fixture->n_asked[TYPE_AAAA]), >, 0);
  g_assert_cmpint (g_atomic_int_get (&fixture->n_answered[TYPE_AAAA]), ==, 0);
}

static void
test_a_late (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("A host is connected to by IPv6 while its A records are not answered for.");

  if (skip_without ())
    return;

  fixture->zone = (Zone) { "127.0.0.1", "::1" };
  g_atomic_int_set (&fixture->withheld, TYPE_A);
  assert_connects (fixture, "::1 started, ::1 won");
  g_assert_cmpint (g_atomic_int_get (&fixture->n_answered[TYPE_A]), ==, 0);
}

static void
test_joins (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("Where the addresses of the first answer are dead, those of the late one are "
                  "connected to.");

  if (skip_without ())
    return;

  fixture->zone = (Zone) { "192.0.2.1", "::1" };
  g_atomic_int_set (&fixture->withheld, TYPE_AAAA);
  assert_connects (fixture, "192.0.2.1 started, 192.0.2.1 failed, ::1 started, ::1 won");
}

static void
test_wrong_family (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A host that has addresses of one family alone is connected to, and is not found "
                  "for the other one.");

  if (skip_without ())
    return;

  fixture->zone = (Zone) { NULL, "::1" };
  g_assert_false (connect_to (fixture, "host.test", QNET_NETWORK_LAYER_PROTOCOL_IPV4, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
  g_assert_cmpint (g_atomic_int_get (&fixture->n_asked[TYPE_AAAA]), ==, 0);

  assert_connects (fixture, "::1 started, ::1 won");
}

static void
test_none (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A host without addresses is not found.");

  if (skip_without ())
    return;

  g_assert_false (connect_to (fixture, "host.test", QNET_NETWORK_LAYER_PROTOCOL_ANY_IP, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
}

/* The hosts file */

static void
test_hosts_file (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A name that the hosts file has with an IPv4 address is not looked up in DNS for "
                  "its IPv6 addresses.");

  if (skip_without ())
    return;

  fixture->zone = (Zone) { "192.0.2.1", "2001:db8::1" };
  connect_to (fixture, "replaced.test", QNET_NETWORK_LAYER_PROTOCOL_ANY_IP, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fixture->attempts->str, ==, "127.0.0.1 started, 127.0.0.1 won");
  g_assert_cmpint (g_atomic_int_get (&fixture->n_asked[TYPE_AAAA]), ==, 0);
}

/* The order */

/* The C library reads gai.conf once. */
static void
test_order_in_subprocess (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr(QnetHostAddress) ipv4 = qnet_host_address_from_string ("127.0.0.1");
  g_autoptr(QnetHostAddress) ipv6 = qnet_host_address_from_string ("::1");
  g_autoptr(QnetHostInfo) info = NULL;
  g_autoptr(GError) error = NULL;

  if (skip_without ())
    return;

  fixture->zone = (Zone) { "127.0.0.1", "::1" };
  info = qnet_host_info_from_name ("host.test", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (qnet_host_address_equal (qnet_host_info_get_addresses (info)->pdata[0],
                                          qnet_destination_prefers_ipv6 (ipv6, ipv4) ? ipv6
                                                                                     : ipv4));
  g_print ("first: %s\n", qnet_destination_prefers_ipv6 (ipv6, ipv4) ? "IPv6" : "IPv4");
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  static const char *const rows[][2] = {
    { "", "*first: IPv6*" },
    { "precedence ::/0 40\nprecedence ::ffff:0:0/96 100\n", "*first: IPv4*" },
    { "precedence ::/0 40\nprecedence ::ffff:0:0/96 10\n", "*first: IPv6*" },
  };

  g_test_summary ("The family that comes first is the one that the system lists first, with any "
                  "gai.conf.");

  if (skip_without ())
    return;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_setenv ("QNET_TEST_GAI_CONF", rows[i][0], TRUE);
      g_test_trap_subprocess ("/names-apart/order/subprocess", 0, 0);
      g_unsetenv ("QNET_TEST_GAI_CONF");
      g_test_trap_assert_passed ();
      g_test_trap_assert_stdout (rows[i][1]);
    }
}

int
main (int   argc,
      char *argv[])
{
  make_system ();
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/names-apart/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("aaaa-late", test_aaaa_late);
  ADD ("a-late", test_a_late);
  ADD ("late-answer-joins", test_joins);
  ADD ("wrong-family", test_wrong_family);
  ADD ("none", test_none);
  ADD ("hosts-file", test_hosts_file);
  ADD ("order", test_order);
  ADD ("order/subprocess", test_order_in_subprocess);
#undef ADD

  return g_test_run ();
}
