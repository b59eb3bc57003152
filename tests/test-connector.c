/* test-connector.c: from a name or an address to a connected descriptor
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>

#include <gio/gio.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-syscall-private.h"
#include "common/resolver.h"
#include "connection/qnet-connector-private.h"

/* How the connector is driven: by a loop, or only by waits. Each test runs both ways. */
typedef enum
{
  BY_LOOP,
  BY_WAITS
} Mover;

/* In which callback the connector is freed. */
typedef enum
{
  NOWHERE,
  IN_FOUND,
  IN_CONFIGURE,
  IN_ATTEMPT,
  IN_CONNECTED,
  IN_FAILED
} Place;

typedef struct
{
  Mover                 mover;
  guint                 n_descriptors;   /* open before the test */
  GMainContext         *context;         /* (owned) (nullable): NULL when detached */
  QnetWaitSet           set;
  QnetConnector        *connector;       /* (owned) (nullable) */
  QnetConnectorRequest  request;         /* the request of start() */
  guint16               port;            /* reserved on every address */
  GArray               *listeners;       /* int: descriptors on that port; the first reserves it */
  GArray               *fillers;         /* int: descriptors that fill a backlog */

  Place                 freed_in;
  gboolean              waits_in_found;
  gboolean              waits_in_attempt;
  guint                 n_attempts_left; /* IN_ATTEMPT: it is freed in that call */
  GError               *configure_error; /* (owned) (nullable): what configure () answers */

  guint                 n_found;
  GArray               *families;        /* int: the calls of configure(), in order */
  GString              *attempts;        /* (owned): the calls of attempt(), in order */
  guint                 n_ended;         /* calls of connected() and failed() */
  int                   fd;              /* (owned): from connected(), or -1 */
  QnetHostAddress      *address;         /* (owned) (nullable): from connected() */
  GError               *error;           /* (owned) (nullable): from failed() */
} Fixture;

/* The clock */

static gint64 fake_now = 0;

static gint64
fake_clock (void)
{
  return fake_now;
}

static void
freeze_clock (void)
{
  fake_now = g_get_monotonic_time ();
  qnet_clock_set_for_tests (fake_clock);
}

static void
advance_clock (int msecs)
{
  fake_now += (gint64) msecs * 1000;
}

/* System calls that fail */

static QnetSyscall fault_call;
static int         fault_errno;
static guint       fault_at;      /* which call fails, 1 being the first */
static guint       n_fault_calls; /* so far */

static int
fault_cb (QnetSyscall call)
{
  if (call != fault_call)
    return 0;

  return ++n_fault_calls == fault_at ? fault_errno : 0;
}

static void
fail_call (QnetSyscall call,
           int         error_number,
           guint       at)
{
  fault_call = call;
  fault_errno = error_number;
  fault_at = at;
  n_fault_calls = 0;
  qnet_syscall_fault = fault_cb;
}

/* Peers */

static guint
count_descriptors (void)
{
  DIR *directory = opendir ("/proc/self/fd");
  guint n = 0;

  if (directory == NULL)
    return 0;

  while (readdir (directory) != NULL)
    n++;

  closedir (directory);

  return n;
}

static socklen_t
to_native (const char              *text,
           guint16                  port,
           struct sockaddr_storage *storage)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string (text);

  return qnet_host_address_to_native (address, port, storage);
}

static guint16
get_port (int fd)
{
  struct sockaddr_storage storage;
  socklen_t size = sizeof storage;
  g_autoptr(QnetHostAddress) address = NULL;
  guint16 port;

  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &storage, &size));
  address = qnet_host_address_take_native (&storage, FALSE, &port);

  return port;
}

static void
set_flag (int fd,
          int level,
          int name,
          int flag)
{
  g_assert_no_errno (setsockopt (fd, level, name, &flag, sizeof flag));
}

/* -1: the address is not available */
static int
try_to_bind (const char *text,
             guint16     port,
             gboolean    is_v6_only)
{
  struct sockaddr_storage storage;
  socklen_t size = to_native (text, port, &storage);
  int fd = qnet_sys_socket (storage.ss_family, SOCK_STREAM, 0);

  if (fd < 0)
    return -1;

  set_flag (fd, SOL_SOCKET, SO_REUSEADDR, TRUE);
  if (storage.ss_family == AF_INET6)
    set_flag (fd, IPPROTO_IPV6, IPV6_V6ONLY, is_v6_only);

  if (qnet_sys_bind (fd, (struct sockaddr *) &storage, size) < 0)
    qnet_clear_fd (&fd);

  return fd;
}

static int
bind_descriptor (const char *text,
                 guint16     port)
{
  int fd = try_to_bind (text, port, FALSE);

  g_assert_no_errno (fd);

  return fd;
}

/* Without IPv6 the test is skipped. */
static gboolean
has_ipv6 (void)
{
  int fd = try_to_bind ("::1", 0, FALSE);
  gboolean has = fd >= 0;

  qnet_clear_fd (&fd);
  if (!has)
    g_test_skip ("no IPv6 here");

  return has;
}

/* Reserves a port on every address. Without a listener, connections are refused. */
static void
reserve_port (Fixture *fixture)
{
  int fd = try_to_bind ("::", 0, FALSE);

  if (fd < 0)
    fd = bind_descriptor ("0.0.0.0", 0);

  g_array_append_val (fixture->listeners, fd);
  fixture->port = get_port (fd);
  fixture->request.port = fixture->port;
}

static int
add_listener (Fixture    *fixture,
              const char *address,
              int         backlog)
{
  int fd = bind_descriptor (address, fixture->port);

  g_assert_no_errno (qnet_sys_listen (fd, backlog));
  g_array_append_val (fixture->listeners, fd);

  return fd;
}

static gboolean
connects_at_once (int fd)
{
  struct pollfd pfd = { .fd = fd, .events = POLLOUT };

  return poll (&pfd, 1, 0) > 0;
}

/* A listener whose backlog is full drops all SYNs over loopback. */
static void
add_hole (Fixture    *fixture,
          const char *address)
{
  struct sockaddr_storage storage;
  socklen_t size;
  int fd;

  add_listener (fixture, address, 0);
  size = to_native (address, fixture->port, &storage);

  do
    {
      fd = qnet_sys_socket (storage.ss_family, SOCK_STREAM, 0);
      qnet_sys_connect (fd, (struct sockaddr *) &storage, size);
      g_array_append_val (fixture->fillers, fd);
    }
  while (connects_at_once (fd));
}

static void
clear_descriptors (GArray *descriptors)
{
  for (guint i = 0; i < descriptors->len; i++)
    qnet_sys_close (g_array_index (descriptors, int, i));

  g_array_unref (descriptors);
}

/* The callbacks of the connector */

static void
free_connector (Fixture *fixture)
{
  g_clear_pointer (&fixture->connector, qnet_connector_free);
}

static void
found_cb (QnetConnector *connector,
          gpointer       owner)
{
  Fixture *fixture = owner;

  g_assert_cmpuint (fixture->n_ended, ==, 0);
  fixture->n_found++;

  if (fixture->freed_in == IN_FOUND)
    free_connector (fixture);

  while (fixture->waits_in_found && fixture->n_ended == 0)
    g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
}

static gboolean
configure_cb (QnetConnector  *connector,
              gpointer        owner,
              int             fd,
              int             family,
              GError        **error)
{
  Fixture *fixture = owner;

  g_assert_cmpuint (fixture->n_found, <=, 1);  /* connect() is called before it for a literal */
  g_array_append_val (fixture->families, family);

  if (fixture->freed_in == IN_CONFIGURE)
    free_connector (fixture);

  if (fixture->configure_error == NULL)
    return TRUE;

  g_propagate_error (error, g_error_copy (fixture->configure_error));
  return FALSE;
}

static void
attempt_cb (QnetConnector    *connector,
            gpointer          owner,
            QnetHostAddress  *address,
            QnetAttemptState  state,
            const GError     *error)
{
  static const char *const words[] = { "started", "failed", "won" };
  Fixture *fixture = owner;
  g_autofree char *text = qnet_host_address_to_string (address);

  g_assert_cmpuint (fixture->n_found, ==, 1);
  g_assert_cmpuint (fixture->n_ended, ==, 0);
  g_assert_true ((state == QNET_ATTEMPT_FAILED) == (error != NULL));

  if (fixture->attempts->len > 0)
    g_string_append (fixture->attempts, ", ");
  g_string_append_printf (fixture->attempts, "%s %s", text, words[state]);

  if (fixture->freed_in == IN_ATTEMPT && --fixture->n_attempts_left == 0)
    free_connector (fixture);

  while (fixture->waits_in_attempt && fixture->n_ended == 0)
    g_assert_true (qnet_wait_set_iterate (&fixture->set, G_MAXINT64));
}

static void
connected_cb (QnetConnector   *connector,
              gpointer         owner,
              int              fd,
              QnetHostAddress *address)
{
  Fixture *fixture = owner;

  g_assert_cmpuint (fixture->n_found, ==, 1);
  fixture->n_ended++;
  fixture->fd = fd;

  if (fixture->freed_in == IN_CONNECTED)
    free_connector (fixture);

  fixture->address = qnet_host_address_ref (address);
}

static void
failed_cb (QnetConnector *connector,
           gpointer       owner,
           GError        *error)
{
  Fixture *fixture = owner;

  fixture->n_ended++;
  fixture->error = error;

  if (fixture->freed_in == IN_FAILED)
    free_connector (fixture);
}

static const QnetConnectorFuncs funcs = {
  .found     = found_cb,
  .configure = configure_cb,
  .attempt   = attempt_cb,
  .connected = connected_cb,
  .failed    = failed_cb,
};

/* Driving it */

static void
start (Fixture *fixture)
{
  fixture->connector = qnet_connector_new (&fixture->set, &funcs, fixture, &fixture->request);
  fixture->request.bound_fd = -1;
  qnet_connector_start (fixture->connector);

  g_assert_cmpuint (fixture->n_found, ==, 0);
  g_assert_cmpuint (fixture->n_ended, ==, 0);
}

static void
take_turn (Fixture  *fixture,
           gboolean  may_block)
{
  if (fixture->mover == BY_LOOP)
    g_main_context_iteration (fixture->context, may_block);
  else
    qnet_wait_set_iterate (&fixture->set, may_block ? G_MAXINT64 : 0);
}

/* Afterwards everything has happened that can happen without time passing. */
static void
settle (Fixture *fixture)
{
  for (int i = 0; i < 20; i++)
    take_turn (fixture, FALSE);
}

static void
run (Fixture *fixture)
{
  start (fixture);

  while (fixture->n_ended == 0)
    take_turn (fixture, TRUE);

  settle (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, 1);
}

static void
assert_connected (Fixture    *fixture,
                  const char *expected)
{
  g_autofree char *address = NULL;
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;

  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->n_found, ==, 1);
  g_assert_cmpuint (fixture->n_ended, ==, 1);

  address = qnet_host_address_to_string (fixture->address);
  g_assert_cmpstr (address, ==, expected);
  g_assert_no_errno (getpeername (fixture->fd, (struct sockaddr *) &peer, &size));
}

/* @message: a printf-like format for the port */
static void
assert_failed (Fixture         *fixture,
               QnetSocketError  code,
               const char      *message)
{
  g_autofree char *port = g_strdup_printf (" port %u", fixture->port);
  g_auto(GStrv) parts = g_strsplit (message, " port P", -1);
  g_autofree char *expected = g_strjoinv (port, parts);

  g_assert_cmpuint (fixture->n_ended, ==, 1);
  g_assert_cmpint (fixture->fd, ==, -1);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, (int) code);
  g_assert_cmpstr (fixture->error->message, ==, expected);
}

/* The fixture */

static void
join_context (Fixture *fixture)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  QnetReactor *reactor;

  g_main_context_push_thread_default (context);
  reactor = qnet_reactor_get ();
  qnet_wait_set_init (&fixture->set, reactor);
  qnet_reactor_unref (reactor);

  fixture->context = g_steal_pointer (&context);
}

static void
init (Fixture *fixture,
      Mover    mover)
{
  *fixture = (Fixture) { .mover = mover, .fd = -1 };
  fixture->n_descriptors = count_descriptors ();
  fixture->listeners = g_array_new (FALSE, FALSE, sizeof (int));
  fixture->fillers = g_array_new (FALSE, FALSE, sizeof (int));
  fixture->families = g_array_new (FALSE, FALSE, sizeof (int));
  fixture->attempts = g_string_new (NULL);
  fixture->request = (QnetConnectorRequest) {
    .host = "example.invalid",
    .protocol = QNET_NETWORK_LAYER_PROTOCOL_ANY_IP,
    .bound_fd = -1,
    .attempt_delay = 250,
  };
  reserve_port (fixture);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  init (fixture, GPOINTER_TO_INT (data));
  join_context (fixture);
}

static void
leave_context (Fixture *fixture)
{
  if (fixture->context == NULL)
    return;

  g_main_context_pop_thread_default (fixture->context);
  g_clear_pointer (&fixture->context, g_main_context_unref);
}

static void
clear (Fixture *fixture)
{
  qnet_syscall_fault = NULL;
  free_connector (fixture);
  qnet_clear_fd (&fixture->fd);
  qnet_wait_set_clear (&fixture->set);
  leave_context (fixture);

  clear_descriptors (fixture->listeners);
  clear_descriptors (fixture->fillers);
  g_array_unref (fixture->families);
  g_string_free (fixture->attempts, TRUE);
  g_clear_pointer (&fixture->address, qnet_host_address_unref);
  g_clear_error (&fixture->error);
  g_clear_error (&fixture->configure_error);
}

/* Nothing may be left open. A cancelled lookup calls back before its reactor is freed. */
static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  free_connector (fixture);
  settle (fixture);
  clear (fixture);
  qnet_clock_set_for_tests (NULL);
  g_assert_cmpuint (count_descriptors (), ==, fixture->n_descriptors);
}

/* One address */

static void
test_literal (Fixture       *fixture,
              gconstpointer  data)
{
  guint n_asked = test_resolver_get_n_asked ();

  g_test_summary ("An address in text is connected to without a resolver.");

  add_listener (fixture, "127.0.0.1", 5);
  fixture->request.host = "127.0.0.1";
  run (fixture);

  assert_connected (fixture, "127.0.0.1");
  g_assert_cmpuint (test_resolver_get_n_asked (), ==, n_asked);
  g_assert_cmpuint (fixture->families->len, ==, 1);
  g_assert_cmpint (g_array_index (fixture->families, int, 0), ==, AF_INET);
}

static void
test_address (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string ("127.0.0.1");

  g_test_summary ("An address can be given instead of a name.");

  add_listener (fixture, "127.0.0.1", 5);
  fixture->request.host = NULL;
  fixture->request.address = address;
  run (fixture);

  assert_connected (fixture, "127.0.0.1");
}

static void
test_ipv6 (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("IPv6, with a scope or without.");

  if (!has_ipv6 ())
    return;

  add_listener (fixture, "::1", 5);
  fixture->request.host = "::1%lo";
  run (fixture);

  g_assert_no_error (fixture->error);
  g_assert_cmpint (g_array_index (fixture->families, int, 0), ==, AF_INET6);
}

static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("A refused connection fails with the address, the port and the reason.");

  fixture->request.host = "127.0.0.1";
  run (fixture);

  assert_failed (fixture, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                 "Could not connect to 127.0.0.1 port P: Connection refused");
  g_assert_cmpuint (fixture->n_found, ==, 1);
}

static void
test_by_name (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("A name is looked up in the embedded context, with or without a loop.");

  add_listener (fixture, "127.0.0.1", 5);
  test_resolver_answer ("127.0.0.1", NULL);
  run (fixture);

  assert_connected (fixture, "127.0.0.1");
}

static void
test_udp (Fixture       *fixture,
          gconstpointer  data)
{
  int type = 0;
  socklen_t size = sizeof type;

  g_test_summary ("A connect() that succeeds at once is reported in a later iteration.");

  fixture->request.host = "127.0.0.1";
  fixture->request.port = 9;
  fixture->request.type = QNET_SOCKET_TYPE_UDP;
  run (fixture);

  assert_connected (fixture, "127.0.0.1");
  g_assert_no_errno (getsockopt (fixture->fd, SOL_SOCKET, SO_TYPE, &type, &size));
  g_assert_cmpint (type, ==, SOCK_DGRAM);
}

/* The lookup */

static void
test_lookup_fails (Fixture       *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A name that does not exist calls failed() and nothing else.");

  test_resolver_fail ();
  run (fixture);

  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
  g_assert_nonnull (strstr (fixture->error->message, "example.invalid"));
  g_assert_cmpuint (fixture->n_found, ==, 0);
}

static void
test_lookup_slow (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A lookup that exceeds its timeout fails.");

  freeze_clock ();
  test_resolver_hang ();
  fixture->request.lookup_timeout = 2500;
  start (fixture);

  settle (fixture);
  advance_clock (2499);
  settle (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, 0);

  advance_clock (1);
  settle (fixture);
  assert_failed (fixture, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                 "Could not find example.invalid: The lookup took longer than 2.5 s");
  g_assert_cmpuint (fixture->n_found, ==, 0);
}

static void
test_lookup_fast (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("The timeout of the lookup is stopped when the lookup is complete.");

  freeze_clock ();
  add_hole (fixture, "127.0.0.1");
  test_resolver_answer ("127.0.0.1", NULL);
  fixture->request.lookup_timeout = 1000;
  start (fixture);

  settle (fixture);
  advance_clock (5000);
  settle (fixture);
  g_assert_cmpuint (fixture->n_found, ==, 1);
  g_assert_cmpuint (fixture->n_ended, ==, 0);
}

static void
test_protocol (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("Only addresses of the requested protocol are tried.");

  if (!has_ipv6 ())
    return;

  add_listener (fixture, "::", 5);
  test_resolver_answer ("::1", "127.0.0.1", NULL);
  fixture->request.protocol = QNET_NETWORK_LAYER_PROTOCOL_IPV4;
  run (fixture);

  assert_connected (fixture, "127.0.0.1");
  g_assert_cmpuint (fixture->families->len, ==, 1);
}

static void
test_protocol_absent (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A host without an address of the requested protocol is not found.");

  test_resolver_answer ("127.0.0.1", "127.0.0.2", NULL);
  fixture->request.protocol = QNET_NETWORK_LAYER_PROTOCOL_IPV6;
  run (fixture);

  assert_failed (fixture, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                 "Could not find example.invalid: It has no IPv6 address");
  g_assert_cmpuint (fixture->n_found, ==, 0);
}

static void
test_protocol_of_literal (Fixture       *fixture,
                          gconstpointer  data)
{
  g_test_summary ("An address in text has to be of the requested protocol, too.");

  fixture->request.host = "::1";
  fixture->request.port = 80;
  fixture->request.protocol = QNET_NETWORK_LAYER_PROTOCOL_IPV4;
  run (fixture);

  assert_failed (fixture, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                 "Could not connect to [::1] port 80: It is not an IPv4 address");
}

static void
test_unknown_scope (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("An address in a scope that this machine does not have cannot be used.");

  fixture->request.host = "fe80::1%nowhere";
  run (fixture);

  assert_failed (fixture, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                 "Could not connect to [fe80::1%nowhere] port P: "
                 "There is no network interface “nowhere”");
}

/* The race */

static void
test_dead_first (Fixture       *fixture,
                 gconstpointer  data)
{
  g_test_summary ("When an address has not answered within the attempt delay, the next one joins.");

  freeze_clock ();
  add_hole (fixture, "127.0.0.2");
  add_listener (fixture, "127.0.0.1", 5);
  test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
  start (fixture);

  settle (fixture);
  advance_clock (249);
  settle (fixture);
  g_assert_cmpuint (fixture->families->len, ==, 1);

  advance_clock (1);
  settle (fixture);
  g_assert_cmpuint (fixture->families->len, ==, 2);
  assert_connected (fixture, "127.0.0.1");
}

static void
test_late_winner (Fixture       *fixture,
                  gconstpointer  data)
{
  struct sockaddr_storage peer;
  socklen_t peer_size;
  int listener;
  int accepted;

  g_test_summary ("The first address may still win after another one has joined.");

  freeze_clock ();
  add_hole (fixture, "127.0.0.2");
  add_hole (fixture, "127.0.0.1");
  test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
  start (fixture);

  settle (fixture);
  advance_clock (250);
  settle (fixture);
  g_assert_cmpuint (fixture->families->len, ==, 2);

  /* Makes room in the backlog of the first one, which no filler uses: the next SYN is accepted. */
  for (guint i = 0; i < fixture->fillers->len; i++)
    qnet_sys_close (g_array_index (fixture->fillers, int, i));
  g_array_set_size (fixture->fillers, 0);

  listener = g_array_index (fixture->listeners, int, 1);
  while ((accepted = qnet_sys_accept (listener, &peer, &peer_size)) >= 0)
    qnet_sys_close (accepted);

  while (fixture->n_ended == 0)
    take_turn (fixture, TRUE);

  assert_connected (fixture, "127.0.0.2");
}

static void
test_refused_first (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("When an address refuses, the next one joins at once.");

  freeze_clock ();
  add_listener (fixture, "127.0.0.1", 5);
  test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
  start (fixture);

  settle (fixture);
  assert_connected (fixture, "127.0.0.1");
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  const int expected[] = { AF_INET6, AF_INET, AF_INET6, AF_INET, AF_INET };

  g_test_summary ("The families alternate, beginning with that of the first address.");

  if (!has_ipv6 ())
    return;

  test_resolver_answer ("::1", "2001:db8::1", "127.0.0.1", "127.0.0.2", "127.0.0.3", NULL);
  fail_call (QNET_SYSCALL_CONNECT, ENETUNREACH, 3);
  run (fixture);

  g_assert_cmpmem (fixture->families->data, fixture->families->len * sizeof (int),
                   expected, sizeof expected);
}

static void
test_order_ipv4_first (Fixture       *fixture,
                       gconstpointer  data)
{
  const int expected[] = { AF_INET, AF_INET6, AF_INET };

  g_test_summary ("The first family may be IPv4.");

  if (!has_ipv6 ())
    return;

  test_resolver_answer ("127.0.0.1", "127.0.0.2", "::1", NULL);
  run (fixture);

  g_assert_cmpmem (fixture->families->data, fixture->families->len * sizeof (int),
                   expected, sizeof expected);
}

static void
test_order_within_family (Fixture       *fixture,
                          gconstpointer  data)
{
  g_test_summary ("Within a family the order of the resolver is kept.");

  add_listener (fixture, "127.0.0.2", 5);
  add_listener (fixture, "127.0.0.1", 5);
  test_resolver_answer ("127.0.0.3", "127.0.0.2", "127.0.0.1", NULL);
  run (fixture);

  assert_connected (fixture, "127.0.0.2");
}

static void
test_all_refused (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("When all addresses refuse, the error lists all of them.");

  test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
  run (fixture);

  assert_failed (fixture, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                 "Could not connect to example.invalid port P by any of its addresses: "
                 "127.0.0.2: Connection refused; 127.0.0.1: Connection refused");
}

static void
test_specific_error (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("The code of the error is that of a peer rather than of a missing route.");

  test_resolver_answer ("127.0.0.3", "127.0.0.2", "127.0.0.1", NULL);
  fail_call (QNET_SYSCALL_CONNECT, ENETUNREACH, 1);
  run (fixture);

  assert_failed (fixture, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                 "Could not connect to example.invalid port P by any of its addresses: "
                 "127.0.0.3: Network is unreachable; 127.0.0.2: Connection refused; "
                 "127.0.0.1: Connection refused");
}

static void
test_unreachable (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A missing route is the error if there is no other one.");

  fixture->request.host = "127.0.0.1";
  fail_call (QNET_SYSCALL_CONNECT, EADDRNOTAVAIL, 1);
  run (fixture);

  assert_failed (fixture, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                 "Could not connect to 127.0.0.1 port P: Cannot assign requested address");
}

static void
test_os_timeout (Fixture       *fixture,
                 gconstpointer  data)
{
  g_test_summary ("A timeout of the system is an error of the network, not our timeout.");

  add_listener (fixture, "127.0.0.1", 5);
  fixture->request.host = "127.0.0.1";
  fail_call (QNET_SYSCALL_GETSOCKOPT, ETIMEDOUT, 1);
  run (fixture);

  assert_failed (fixture, QNET_SOCKET_ERROR_NETWORK,
                 "Could not connect to 127.0.0.1 port P: Connection timed out");
}

static void
test_out_of_descriptors (Fixture       *fixture,
                         gconstpointer  data)
{
  g_test_summary ("When no descriptor is left for one address, the next one is tried.");

  add_listener (fixture, "127.0.0.1", 5);
  test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
  fail_call (QNET_SYSCALL_SOCKET, EMFILE, 1);
  run (fixture);

  assert_connected (fixture, "127.0.0.1");
}

static void
test_configure_fails (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("An option that cannot be set prevents the connection.");

  add_listener (fixture, "127.0.0.1", 5);
  fixture->request.host = "127.0.0.1";
  qnet_set_error (&fixture->configure_error, QNET_SOCKET_ERROR_SOCKET_RESOURCE, "No option today");
  run (fixture);

  assert_failed (fixture, QNET_SOCKET_ERROR_SOCKET_RESOURCE,
                 "Could not connect to 127.0.0.1 port P: No option today");
}

static void
test_connect_timeout (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("The connect timeout covers all addresses together.");

  freeze_clock ();
  add_hole (fixture, "127.0.0.2");
  add_hole (fixture, "127.0.0.1");
  test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
  fixture->request.lookup_timeout = 10;
  fixture->request.connect_timeout = 30000;
  start (fixture);

  settle (fixture);
  advance_clock (29999);
  settle (fixture);
  g_assert_cmpuint (fixture->families->len, ==, 2);
  g_assert_cmpuint (fixture->n_ended, ==, 0);

  advance_clock (1);
  settle (fixture);
  assert_failed (fixture, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                 "Could not connect to example.invalid port P within 30 s by any of its "
                 "addresses: 127.0.0.2: No answer; 127.0.0.1: No answer");
}

static void
test_no_spin (Fixture       *fixture,
              gconstpointer  data)
{
  guint n_turns = 0;

  g_test_summary ("Waiting for a dead address does not iterate the loop.");

  add_hole (fixture, "127.0.0.1");
  fixture->request.host = "127.0.0.1";
  fixture->request.connect_timeout = 50;
  start (fixture);

  for (; fixture->n_ended == 0; n_turns++)
    take_turn (fixture, TRUE);

  assert_failed (fixture, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                 "Could not connect to 127.0.0.1 port P: "
                 "No connection was established within 0.05 s");
  g_assert_cmpuint (n_turns, <, 20);
}

/* From a bound descriptor */

static void
test_bound (Fixture       *fixture,
            gconstpointer  data)
{
  int bound = bind_descriptor ("127.0.0.1", 0);
  guint16 port = get_port (bound);

  g_test_summary ("A bound descriptor keeps its port, even if the first address refuses.");

  add_listener (fixture, "127.0.0.1", 5);
  test_resolver_answer ("::1", "127.0.0.2", "127.0.0.1", NULL);
  fixture->request.bound_fd = bound;
  run (fixture);

  assert_connected (fixture, "127.0.0.1");
  g_assert_cmpint (fixture->fd, ==, bound);
  g_assert_cmpuint (get_port (fixture->fd), ==, port);
  g_assert_cmpuint (fixture->families->len, ==, 0);
}

static void
test_bound_ipv6 (Fixture       *fixture,
                 gconstpointer  data)
{
  g_test_summary ("A dual-stack descriptor connects to IPv4 as well.");

  if (!has_ipv6 ())
    return;

  add_listener (fixture, "127.0.0.1", 5);
  test_resolver_answer ("127.0.0.1", NULL);
  fixture->request.bound_fd = bind_descriptor ("::", 0);
  run (fixture);

  assert_connected (fixture, "127.0.0.1");
}

static void
test_bound_v6_only (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("An IPv6-only descriptor does not connect to IPv4.");

  if (!has_ipv6 ())
    return;

  test_resolver_answer ("127.0.0.1", NULL);
  fixture->request.bound_fd = try_to_bind ("::", 0, TRUE);
  run (fixture);

  assert_failed (fixture, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                 "Could not connect to example.invalid port P: "
                 "The socket is bound to an IPv6 address, and the host has no IPv6 address");
}

static void
test_bound_literal (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A bound descriptor refuses an address of the other family with that reason.");

  fixture->request.host = "::1";
  fixture->request.bound_fd = try_to_bind ("127.0.0.1", 0, FALSE);
  run (fixture);

  assert_failed (fixture, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                 "Could not connect to [::1] port P: The socket is bound to an IPv4 address");
}

static void
test_bound_in_turn (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("With a bound descriptor the addresses are tried one after another.");

  freeze_clock ();
  add_hole (fixture, "127.0.0.2");
  add_listener (fixture, "127.0.0.1", 5);
  test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
  fixture->request.bound_fd = bind_descriptor ("127.0.0.1", 0);
  fixture->request.connect_timeout = 30000;
  start (fixture);

  settle (fixture);
  advance_clock (29999);
  settle (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, 0);

  advance_clock (1);
  settle (fixture);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
}

static void
test_bound_refused (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("When all addresses refuse, the bound descriptor is closed.");

  test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
  fixture->request.bound_fd = bind_descriptor ("127.0.0.1", 0);
  run (fixture);

  assert_failed (fixture, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                 "Could not connect to example.invalid port P by any of its addresses: "
                 "127.0.0.2: Connection refused; 127.0.0.1: Connection refused");
}

static void
test_bound_port_lost (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A port that another socket has taken in the meantime is not replaced by "
                  "another port.");

  add_listener (fixture, "127.0.0.1", 5);
  test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
  fixture->request.bound_fd = bind_descriptor ("127.0.0.1", 0);
  fail_call (QNET_SYSCALL_BIND, EADDRINUSE, 1);
  run (fixture);

  assert_failed (fixture, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                 "Could not connect to example.invalid port P by any of its addresses: "
                 "127.0.0.2: Connection refused; 127.0.0.1: Address already in use");
}

static void
test_bound_is_no_socket (Fixture       *fixture,
                         gconstpointer  data)
{
  int pipe_fds[2];

  g_test_summary ("A descriptor that is no socket is reported as such.");

  g_assert_no_errno (pipe (pipe_fds));
  qnet_clear_fd (&pipe_fds[1]);

  fixture->request.host = "127.0.0.1";
  fixture->request.bound_fd = pipe_fds[0];
  run (fixture);

  g_assert_error (fixture->error, QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
}

/* The end of the connector */

static void
test_freed_in_callback (Fixture       *fixture,
                        gconstpointer  data)
{
  g_test_summary ("The connector may be freed in each of its callbacks.");

  add_hole (fixture, "127.0.0.2");
  add_listener (fixture, "127.0.0.1", 5);
  test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
  fixture->request.attempt_delay = 0;

  for (fixture->freed_in = IN_FOUND; fixture->freed_in <= IN_CONNECTED; fixture->freed_in++)
    {
      fixture->n_found = fixture->n_ended = 0;
      fixture->n_attempts_left = 1;
      start (fixture);

      while (fixture->connector != NULL)
        take_turn (fixture, TRUE);

      settle (fixture);
      g_assert_cmpuint (fixture->n_found, ==, 1);
      g_assert_cmpuint (fixture->n_ended, ==, fixture->freed_in == IN_CONNECTED ? 1 : 0);
    }
}

static void
test_freed_in_attempt (Fixture       *fixture,
                       gconstpointer  data)
{
  static const char expected[] = "127.0.0.2 started, 127.0.0.1 started, 127.0.0.1 won";

  g_test_summary ("Freed in any of its reports, nothing is called back any more.");

  add_hole (fixture, "127.0.0.2");
  add_listener (fixture, "127.0.0.1", 5);
  fixture->request.attempt_delay = 0;
  fixture->freed_in = IN_ATTEMPT;

  for (guint n_reports = 1; n_reports <= 3; n_reports++)
    {
      test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
      g_string_truncate (fixture->attempts, 0);
      fixture->n_found = fixture->n_ended = 0;
      fixture->n_attempts_left = n_reports;
      start (fixture);

      while (fixture->connector != NULL)
        take_turn (fixture, TRUE);

      settle (fixture);
      g_assert_cmpuint (fixture->n_ended, ==, 0);
      g_assert_true (g_str_has_prefix (expected, fixture->attempts->str));
    }

  g_assert_cmpstr (fixture->attempts->str, ==, expected);
}

static void
test_wait_in_attempt (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A wait for the connection in attempt() completes, by success or by failure.");

  fixture->waits_in_attempt = TRUE;
  test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
  run (fixture);
  assert_failed (fixture, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                 "Could not connect to example.invalid port P by any of its addresses: "
                 "127.0.0.2: Connection refused; 127.0.0.1: Connection refused");

  g_clear_error (&fixture->error);
  free_connector (fixture);
  fixture->n_found = fixture->n_ended = 0;
  add_listener (fixture, "127.0.0.1", 5);
  run (fixture);
  assert_connected (fixture, "127.0.0.1");
}

static void
test_freed_in_configure_that_fails (Fixture       *fixture,
                                    gconstpointer  data)
{
  g_test_summary ("Freed in a configure() that fails as well, nothing is called back.");

  test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
  qnet_set_error (&fixture->configure_error, QNET_SOCKET_ERROR_OPERATION, "Gone");
  fixture->freed_in = IN_CONFIGURE;
  start (fixture);

  while (fixture->connector != NULL)
    take_turn (fixture, TRUE);

  settle (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, 0);
  g_assert_cmpuint (fixture->families->len, ==, 1);
}

static void
test_freed_in_failed (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("The connector may be freed in failed(): of a lookup, of a race, of a timeout.");

  fixture->freed_in = IN_FAILED;
  fixture->request.host = "127.0.0.1";
  run (fixture);
  g_clear_error (&fixture->error);

  fixture->n_ended = fixture->n_found = 0;
  test_resolver_fail ();
  fixture->request.host = "example.invalid";
  run (fixture);
  g_clear_error (&fixture->error);

  fixture->n_ended = fixture->n_found = 0;
  test_resolver_hang ();
  fixture->request.lookup_timeout = 1;
  run (fixture);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_null (fixture->connector);
}

static void
test_freed_at_each_stage (Fixture       *fixture,
                          gconstpointer  data)
{
  g_test_summary ("Freed between any two iterations, nothing is called back any more.");

  add_hole (fixture, "127.0.0.2");
  add_listener (fixture, "127.0.0.1", 5);
  test_resolver_answer ("127.0.0.2", "127.0.0.1", NULL);
  fixture->request.attempt_delay = 0;

  for (int n_turns = 0; fixture->n_ended == 0; n_turns++)
    {
      fixture->n_found = 0;
      start (fixture);

      for (int i = 0; i < n_turns; i++)
        take_turn (fixture, FALSE);

      free_connector (fixture);
      settle (fixture);
    }

  g_assert_cmpint (fixture->fd, !=, -1);
}

static void
test_never_started (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("Freed before start(), the bound descriptor is closed.");

  fixture->request.bound_fd = bind_descriptor ("127.0.0.1", 0);
  fixture->connector = qnet_connector_new (&fixture->set, &funcs, fixture, &fixture->request);
  free_connector (fixture);
}

static void
test_freed_in_lookup (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("Freed during a lookup, the late answer is ignored.");

  test_resolver_hang ();
  start (fixture);
  settle (fixture);
  free_connector (fixture);
  settle (fixture);

  g_assert_cmpuint (fixture->n_found + fixture->n_ended, ==, 0);
}

static void
test_set_cleared (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("The set may be cleared before the connector is freed.");

  add_hole (fixture, "127.0.0.1");
  fixture->request.host = "127.0.0.1";
  start (fixture);
  settle (fixture);

  qnet_wait_set_clear (&fixture->set);
  free_connector (fixture);
}

static void
test_wait_in_found (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A wait for the connection in found() completes.");

  add_listener (fixture, "127.0.0.1", 5);
  test_resolver_answer ("127.0.0.1", NULL);
  fixture->waits_in_found = TRUE;
  run (fixture);

  assert_connected (fixture, "127.0.0.1");
}

static void
orphan (Fixture *fixture)
{
  settle (fixture);
  leave_context (fixture);

  free_connector (fixture);
  qnet_wait_set_clear (&fixture->set);
  join_context (fixture);

  g_assert_cmpuint (fixture->n_ended, ==, 0);
}

static void
test_orphaned (Fixture       *fixture,
               gconstpointer  data)
{
  g_test_summary ("When the context is freed first, everything ends without a callback.");

  fixture->freed_in = NOWHERE;
  add_hole (fixture, "127.0.0.1");
  test_resolver_answer ("127.0.0.1", NULL);
  start (fixture);
  orphan (fixture);

  test_resolver_hang ();
  fixture->n_found = 0;
  start (fixture);
  orphan (fixture);
}

/* Without any loop */

static gpointer
detached_thread_cb (gpointer data)
{
  Fixture *fixture = data;
  QnetReactor *reactor = qnet_reactor_get ();

  g_assert_true (qnet_reactor_is_detached (reactor));
  qnet_wait_set_init (&fixture->set, reactor);
  qnet_reactor_unref (reactor);

  add_listener (fixture, "127.0.0.1", 5);
  test_resolver_answer ("127.0.0.1", NULL);
  run (fixture);
  assert_connected (fixture, "127.0.0.1");
  free_connector (fixture);

  test_resolver_hang ();
  fixture->n_found = fixture->n_ended = 0;
  start (fixture);
  free_connector (fixture);

  qnet_wait_set_clear (&fixture->set);

  return NULL;
}

static void
test_detached (void)
{
  Fixture fixture;

  g_test_summary ("In a thread without a context the waits do all work, and nothing is left "
                  "behind.");

  init (&fixture, BY_WAITS);
  g_thread_join (g_thread_new ("detached", detached_thread_cb, &fixture));
  clear (&fixture);
  g_assert_cmpuint (count_descriptors (), ==, fixture.n_descriptors);
}

/* Anomalies */

/* FALSE if the call was made less often: then all of them have been tried. */
static gboolean
try_fault (Mover       mover,
           QnetSyscall call,
           int         error_number,
           guint       at)
{
  Fixture fixture;
  gboolean was_made;

  set_up (&fixture, GINT_TO_POINTER (mover));
  add_hole (&fixture, "127.0.0.2");
  add_listener (&fixture, "127.0.0.1", 5);
  test_resolver_answer ("127.0.0.3", "127.0.0.2", "127.0.0.1", NULL);
  fixture.request.attempt_delay = 0;
  fixture.request.connect_timeout = 100;

  fail_call (call, error_number, at);
  run (&fixture);
  was_made = n_fault_calls >= at;
  qnet_syscall_fault = NULL;

  g_assert_true ((fixture.fd != -1) != (fixture.error != NULL));
  tear_down (&fixture, NULL);

  return was_made;
}

static void
test_faults (gconstpointer data)
{
  const struct { QnetSyscall call; int error_number; } faults[] = {
    { QNET_SYSCALL_SOCKET, EMFILE },
    { QNET_SYSCALL_SOCKET, EAFNOSUPPORT },
    { QNET_SYSCALL_CONNECT, EAGAIN },
    { QNET_SYSCALL_CONNECT, ENETUNREACH },
    { QNET_SYSCALL_CONNECT, EINTR },
    { QNET_SYSCALL_GETSOCKOPT, ENOBUFS },
    { QNET_SYSCALL_EPOLL_CTL, ENOSPC },
  };

  g_test_summary ("Whichever system call fails, it ends once, and no descriptor is leaked.");

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    for (guint at = 1; try_fault (GPOINTER_TO_INT (data), faults[i].call,
                                  faults[i].error_number, at); at++)
      continue;
}

/* GLib opens descriptors when some functions are first used; they are not counted. */
static void
warm_up (void)
{
  Fixture fixture;

  set_up (&fixture, GINT_TO_POINTER (BY_LOOP));
  g_main_context_default ();
  test_resolver_fail ();
  run (&fixture);
  clear (&fixture);
}

static void
add_test (const char       *name,
          GTestFixtureFunc  function)
{
  g_autofree char *by_loop = g_strconcat ("/connector/loop/", name, NULL);
  g_autofree char *by_waits = g_strconcat ("/connector/waits/", name, NULL);

  g_test_add_vtable (by_loop, sizeof (Fixture), GINT_TO_POINTER (BY_LOOP),
                     (GTestFixtureFunc) set_up, function, (GTestFixtureFunc) tear_down);
  g_test_add_vtable (by_waits, sizeof (Fixture), GINT_TO_POINTER (BY_WAITS),
                     (GTestFixtureFunc) set_up, function, (GTestFixtureFunc) tear_down);
}

#define add(name, function) add_test (name, (GTestFixtureFunc) function)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_resolver_install ();
  warm_up ();

  add ("literal", test_literal);
  add ("address", test_address);
  add ("ipv6", test_ipv6);
  add ("refused", test_refused);
  add ("by-name", test_by_name);
  add ("udp", test_udp);
  add ("lookup/fails", test_lookup_fails);
  add ("lookup/slow", test_lookup_slow);
  add ("lookup/fast", test_lookup_fast);
  add ("protocol/wanted", test_protocol);
  add ("protocol/absent", test_protocol_absent);
  add ("protocol/of-literal", test_protocol_of_literal);
  add ("protocol/unknown-scope", test_unknown_scope);
  add ("race/dead-first", test_dead_first);
  add ("race/late-winner", test_late_winner);
  add ("race/refused-first", test_refused_first);
  add ("race/order", test_order);
  add ("race/order/ipv4-first", test_order_ipv4_first);
  add ("race/order/within-family", test_order_within_family);
  add ("race/connect-timeout", test_connect_timeout);
  add ("race/no-spin", test_no_spin);
  add ("error/all-refused", test_all_refused);
  add ("error/specific-one-wins", test_specific_error);
  add ("error/unreachable", test_unreachable);
  add ("error/os-timeout", test_os_timeout);
  add ("error/out-of-descriptors", test_out_of_descriptors);
  add ("error/configure", test_configure_fails);
  add ("bound/first-refuses", test_bound);
  add ("bound/dual-stack", test_bound_ipv6);
  add ("bound/ipv6-only", test_bound_v6_only);
  add ("bound/literal", test_bound_literal);
  add ("bound/in-turn", test_bound_in_turn);
  add ("bound/refused", test_bound_refused);
  add ("bound/port-lost", test_bound_port_lost);
  add ("bound/no-socket", test_bound_is_no_socket);
  add ("freed/in-callback", test_freed_in_callback);
  add ("freed/in-attempt", test_freed_in_attempt);
  add ("wait-in-attempt", test_wait_in_attempt);
  add ("freed/in-configure-that-fails", test_freed_in_configure_that_fails);
  add ("freed/in-failed", test_freed_in_failed);
  add ("freed/at-each-stage", test_freed_at_each_stage);
  add ("freed/never-started", test_never_started);
  add ("freed/in-lookup", test_freed_in_lookup);
  add ("freed/set-cleared", test_set_cleared);
  add ("wait-in-found", test_wait_in_found);
  add ("orphaned", test_orphaned);
  g_test_add_func ("/connector/detached", test_detached);
  g_test_add_data_func ("/connector/loop/faults", GINT_TO_POINTER (BY_LOOP), test_faults);
  g_test_add_data_func ("/connector/waits/faults", GINT_TO_POINTER (BY_WAITS), test_faults);

  return g_test_run ();
}
