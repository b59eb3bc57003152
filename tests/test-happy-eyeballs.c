/* test-happy-eyeballs.c: the answers for IPv4 and for IPv6 come apart, and the addresses race
 *
 * RFC 8305. The resolver answers when the test does, and the clock is that of the test.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/socket-fixture.h"
#include "common/split-resolver.h"
#include "loop/qnet-reactor-private.h"

#define HOST "host.test"

typedef struct
{
  SocketFixture  socket;
  int            listener6;  /* (owned): ::1, the port of the other one; or -1 */
  GString       *attempts;   /* (owned) */
  gboolean       aborts;     /* in the next report */
  gboolean       waits;      /* in the next report */
  GError        *error;      /* (owned) (nullable): of the attempt that has failed last */
} Fixture;

/* The clock */

static gint64 now = 0;

static gint64
get_now (void)
{
  return now;
}

static void
advance (Fixture *fixture,
         int      msecs)
{
  now += (gint64) msecs * 1000;
  socket_fixture_settle (&fixture->socket);
}

/* The peers */

static int
listen_on_ipv6 (guint16 port)
{
  struct sockaddr_in6 native = { .sin6_family = AF_INET6, .sin6_port = g_htons (port) };
  int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  if (fd < 0)
    return -1;

  native.sin6_addr = (struct in6_addr) IN6ADDR_LOOPBACK_INIT;
  set_int_option (fd, IPPROTO_IPV6, IPV6_V6ONLY, TRUE);

  if (bind (fd, (struct sockaddr *) &native, sizeof native) == 0 && listen (fd, 5) == 0)
    return fd;

  close (fd);
  return -1;
}

static void
close_listener (int *fd)
{
  if (*fd >= 0)
    close (*fd);

  *fd = -1;
}

/* The reports */

static void
attempt_cb (QnetAbstractSocket *socket,
            QnetHostAddress    *address,
            guint               port,
            QnetAttemptState    state,
            const GError       *error,
            Fixture            *fixture)
{
  g_autoptr(GEnumClass) states = g_type_class_ref (QNET_TYPE_ATTEMPT_STATE);
  g_autofree char *text = qnet_host_address_to_string (address);

  g_assert_cmpuint (port, ==, fixture->socket.port);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==, QNET_SOCKET_STATE_CONNECTING);
  g_assert_true ((error != NULL) == (state == QNET_ATTEMPT_FAILED));

  g_string_append_printf (fixture->attempts, "%s%s %s", fixture->attempts->len > 0 ? ", " : "",
                          text, g_enum_get_value (states, state)->value_nick);
  g_clear_error (&fixture->error);
  fixture->error = error != NULL ? g_error_copy (error) : NULL;

  if (fixture->aborts)
    qnet_socket_abort (QNET_SOCKET (socket));

  if (fixture->waits)
    {
      fixture->waits = FALSE;
      qnet_socket_wait_for_connected (QNET_SOCKET (socket), -1, NULL);
    }
}

static void
assert_attempts (Fixture    *fixture,
                 const char *expected)
{
  g_assert_cmpstr (fixture->attempts->str, ==, expected);
}

/* The fixture */

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  socket_fixture_set_up (&fixture->socket, NULL);
  fixture->listener6 = listen_on_ipv6 (fixture->socket.port);
  fixture->attempts = g_string_new (NULL);
  g_signal_connect (fixture->socket.socket, "attempt", G_CALLBACK (attempt_cb), fixture);

  split_resolver_hold ();
  now = g_get_monotonic_time ();
  qnet_clock_set_for_tests (get_now);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  if (fixture->socket.socket != NULL)
    qnet_socket_abort (QNET_SOCKET (fixture->socket.socket));

  socket_fixture_tear_down (&fixture->socket, NULL);
  qnet_clock_set_for_tests (NULL);
  close_listener (&fixture->listener6);
  g_string_free (fixture->attempts, TRUE);
  g_clear_error (&fixture->error);
}

static gboolean
skip_without_ipv6 (Fixture *fixture)
{
  if (fixture->listener6 < 0)
    g_test_skip ("no IPv6 here");

  return fixture->listener6 < 0;
}

static void
begin (Fixture *fixture)
{
  g_string_truncate (fixture->attempts, 0);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket.socket), HOST,
                                        fixture->socket.port);
  socket_fixture_settle (&fixture->socket);
}

static void
end (Fixture *fixture)
{
  socket_fixture_await_state (&fixture->socket, QNET_SOCKET_STATE_CONNECTED);
}

static void
end_in_failure (Fixture    *fixture,
                int         code,
                const char *message)
{
  const GError *error;

  socket_fixture_await_state (&fixture->socket, QNET_SOCKET_STATE_UNCONNECTED);
  error = qnet_io_device_get_error (DEVICE (fixture->socket.socket));
  g_assert_error (error, QNET_SOCKET_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
begin_again (Fixture *fixture)
{
  qnet_socket_abort (QNET_SOCKET (fixture->socket.socket));
  begin (fixture);
}

/* Which answer comes first */

static void
test_ipv4_alone (Fixture       *fixture,
                 gconstpointer  data)
{
  g_test_summary ("IPv4 addresses wait 50 ms for those of IPv6, and are connected to while the "
                  "other answer is still missing.");

  begin (fixture);
  g_assert_cmpuint (split_resolver_get_n_asked (IPV6), >, 0);
  split_resolver_answer (IPV4, "127.0.0.1", NULL);
  socket_fixture_settle (&fixture->socket);
  advance (fixture, 49);
  assert_attempts (fixture, "");
  socket_fixture_assert_log (&fixture->socket, "host-lookup");

  advance (fixture, 1);
  end (fixture);
  assert_attempts (fixture, "127.0.0.1 started, 127.0.0.1 won");
  socket_fixture_assert_log (&fixture->socket, "connecting host-found connected connected");
}

static void
test_ipv6_alone (Fixture       *fixture,
                 gconstpointer  data)
{
  g_test_summary ("IPv6 addresses are connected to at once, while the answer for IPv4 is missing.");

  if (skip_without_ipv6 (fixture))
    return;

  begin (fixture);
  split_resolver_answer (IPV6, "::1", NULL);
  end (fixture);
  assert_attempts (fixture, "::1 started, ::1 won");
}

static void
test_within_delay (Fixture       *fixture,
                   gconstpointer  data)
{
  g_test_summary ("IPv6 addresses that come within the delay are tried first.");

  if (skip_without_ipv6 (fixture))
    return;

  begin (fixture);
  split_resolver_answer (IPV4, "127.0.0.1", NULL);
  socket_fixture_settle (&fixture->socket);
  advance (fixture, 49);
  split_resolver_answer (IPV6, "::1", NULL);
  end (fixture);
  assert_attempts (fixture, "::1 started, ::1 won");
}

static void
test_no_ipv6 (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("Without an IPv6 address there is no delay, whichever answer comes first, and no "
                  "error.");

  begin (fixture);
  split_resolver_fail (IPV6, G_RESOLVER_ERROR_NOT_FOUND);
  socket_fixture_settle (&fixture->socket);
  assert_attempts (fixture, "");
  split_resolver_answer (IPV4, "127.0.0.1", NULL);
  end (fixture);
  assert_attempts (fixture, "127.0.0.1 started, 127.0.0.1 won");

  split_resolver_hold ();
  begin_again (fixture);
  split_resolver_answer (IPV4, "127.0.0.1", NULL);
  socket_fixture_settle (&fixture->socket);
  assert_attempts (fixture, "");
  split_resolver_fail (IPV6, G_RESOLVER_ERROR_TEMPORARY_FAILURE);
  end (fixture);
  assert_attempts (fixture, "127.0.0.1 started, 127.0.0.1 won");
}

static void
test_one_protocol (Fixture       *fixture,
                   gconstpointer  data)
{
  guint n_asked = split_resolver_get_n_asked (IPV6);

  g_test_summary ("A connection of one protocol asks for its addresses alone, without a delay.");

  qnet_abstract_socket_connect_to_host_full (ABSTRACT (fixture->socket.socket), HOST,
                                             fixture->socket.port, QNET_OPEN_MODE_READ_WRITE,
                                             QNET_NETWORK_LAYER_PROTOCOL_IPV4);
  split_resolver_answer (IPV4, "127.0.0.1", NULL);
  end (fixture);
  g_assert_cmpuint (split_resolver_get_n_asked (IPV6), ==, n_asked);
}

/* Late answers */

static void
test_late_after_failure (Fixture       *fixture,
                         gconstpointer  data)
{
  g_test_summary ("When all addresses have failed, the late answer is awaited, and its addresses "
                  "are tried at once.");

  if (skip_without_ipv6 (fixture))
    return;

  begin (fixture);
  split_resolver_answer (IPV4, "127.0.0.2", NULL);
  socket_fixture_settle (&fixture->socket);
  advance (fixture, 50);
  assert_attempts (fixture, "127.0.0.2 started, 127.0.0.2 failed");
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);

  split_resolver_answer (IPV6, "::1", NULL);
  end (fixture);
  assert_attempts (fixture, "127.0.0.2 started, 127.0.0.2 failed, ::1 started, ::1 won");
}

static void
test_late_none (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *message
    = g_strdup_printf ("Could not connect to " HOST " port %u (127.0.0.2): Connection refused",
                       fixture->socket.port);

  g_test_summary ("When the late answer has no addresses, the connection fails.");

  begin (fixture);
  split_resolver_answer (IPV4, "127.0.0.2", NULL);
  socket_fixture_settle (&fixture->socket);
  advance (fixture, 50);
  g_assert_cmpint (socket_fixture_get_state (&fixture->socket), ==, QNET_SOCKET_STATE_CONNECTING);
  split_resolver_fail (IPV6, G_RESOLVER_ERROR_NOT_FOUND);
  end_in_failure (fixture, QNET_SOCKET_ERROR_CONNECTION_REFUSED, message);
}

static void
test_late_never (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *message
    = g_strdup_printf ("Could not connect to " HOST " port %u (127.0.0.2): Connection refused",
                       fixture->socket.port);

  g_test_summary ("A late answer is awaited for as long as the timeout of the lookup.");

  qnet_abstract_socket_set_lookup_timeout (ABSTRACT (fixture->socket.socket), 5000);
  begin (fixture);
  split_resolver_answer (IPV4, "127.0.0.2", NULL);
  socket_fixture_settle (&fixture->socket);
  advance (fixture, 4999);
  g_assert_cmpint (socket_fixture_get_state (&fixture->socket), ==, QNET_SOCKET_STATE_CONNECTING);
  advance (fixture, 1);
  end_in_failure (fixture, QNET_SOCKET_ERROR_CONNECTION_REFUSED, message);
}

static void
test_lookup_times_out (Fixture       *fixture,
                       gconstpointer  data)
{
  g_test_summary ("A timeout of the lookup that is shorter than the delay uses what was found.");

  qnet_abstract_socket_set_lookup_timeout (ABSTRACT (fixture->socket.socket), 20);
  begin (fixture);
  split_resolver_answer (IPV4, "127.0.0.1", NULL);
  socket_fixture_settle (&fixture->socket);
  advance (fixture, 20);
  end (fixture);
}

/* A listener with a full queue drops what comes: the attempt stays in progress. */
static int
open_hole (const char *text,
           guint16     port,
           GArray     *fillers)
{
  struct sockaddr_in native = { .sin_family = AF_INET, .sin_port = g_htons (port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  set_int_option (fd, SOL_SOCKET, SO_REUSEADDR, TRUE);
  g_assert_cmpint (inet_pton (AF_INET, text, &native.sin_addr), ==, 1);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &native, sizeof native));
  g_assert_no_errno (listen (fd, 0));

  for (guint i = 0; i < 3; i++)
    {
      int filler = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

      (void) connect (filler, (struct sockaddr *) &native, sizeof native);
      g_array_append_val (fillers, filler);
    }

  return fd;
}

static void
test_late_joins (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr(GArray) fillers = g_array_new (FALSE, FALSE, sizeof (int));
  int hole;

  g_test_summary ("Addresses that come while an attempt is in progress join the race when the "
                  "attempt delay is over.");

  if (skip_without_ipv6 (fixture))
    return;

  hole = open_hole ("127.0.0.2", fixture->socket.port, fillers);
  begin (fixture);
  split_resolver_answer (IPV4, "127.0.0.2", "127.0.0.1", NULL);
  socket_fixture_settle (&fixture->socket);
  advance (fixture, 50);
  assert_attempts (fixture, "127.0.0.2 started");

  split_resolver_answer (IPV6, "::1", NULL);
  socket_fixture_settle (&fixture->socket);
  advance (fixture, 249);
  assert_attempts (fixture, "127.0.0.2 started");

  advance (fixture, 1);
  end (fixture);
  assert_attempts (fixture, "127.0.0.2 started, ::1 started, ::1 won");

  for (guint i = 0; i < fillers->len; i++)
    close (g_array_index (fillers, int, i));
  close (hole);
}

/* Errors */

static void
test_list (Fixture       *fixture,
           gconstpointer  data)
{
  guint16 port = fixture->socket.port;
  g_autofree char *message
    = g_strdup_printf ("Could not connect to " HOST " port %u by any of its addresses: "
                       "::1: Connection refused; 127.0.0.2: Connection refused; "
                       "127.0.0.3: Connection refused", port);

  g_test_summary ("The error of a connection lists all addresses that were tried, with the reason "
                  "of each.");

  if (skip_without_ipv6 (fixture))
    return;

  close_listener (&fixture->listener6);
  begin (fixture);
  split_resolver_answer (IPV6, "::1", NULL);
  split_resolver_answer (IPV4, "127.0.0.2", "127.0.0.3", NULL);
  end_in_failure (fixture, QNET_SOCKET_ERROR_CONNECTION_REFUSED, message);
  assert_attempts (fixture, "::1 started, ::1 failed, 127.0.0.2 started, 127.0.0.2 failed, "
                            "127.0.0.3 started, 127.0.0.3 failed");
}

static void
test_not_found (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("Without any address, the error is HOST_NOT_FOUND only if both answers say so.");

  begin (fixture);
  split_resolver_fail (IPV6, G_RESOLVER_ERROR_NOT_FOUND);
  split_resolver_fail (IPV4, G_RESOLVER_ERROR_NOT_FOUND);
  end_in_failure (fixture, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                  "Could not look up “" HOST "”: The test says so");

  split_resolver_hold ();
  begin (fixture);
  split_resolver_fail (IPV6, G_RESOLVER_ERROR_NOT_FOUND);
  split_resolver_fail (IPV4, G_RESOLVER_ERROR_TEMPORARY_FAILURE);
  end_in_failure (fixture, QNET_SOCKET_ERROR_TEMPORARY,
                  "Could not look up “" HOST "”: The test says so");
}

/* The last success */

static void
answer_both (void)
{
  split_resolver_hold ();
  split_resolver_answer (IPV6, "::1", NULL);
  split_resolver_answer (IPV4, "127.0.0.1", "127.0.0.3", NULL);
}

static void
test_success_first (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("The address that was last connected to is tried first, and forgotten when the "
                  "connection fails.");

  if (skip_without_ipv6 (fixture))
    return;

  answer_both ();
  close_listener (&fixture->listener6);
  begin (fixture);
  end (fixture);
  assert_attempts (fixture, "::1 started, ::1 failed, 127.0.0.1 started, 127.0.0.1 won");

  begin_again (fixture);
  end (fixture);
  assert_attempts (fixture, "127.0.0.1 started, 127.0.0.1 won");

  qnet_socket_abort (QNET_SOCKET (fixture->socket.socket));
  close_listener (&fixture->socket.listener);
  begin (fixture);
  socket_fixture_await_state (&fixture->socket, QNET_SOCKET_STATE_UNCONNECTED);
  assert_attempts (fixture, "127.0.0.1 started, 127.0.0.1 failed, ::1 started, ::1 failed, "
                            "127.0.0.3 started, 127.0.0.3 failed");

  begin (fixture);
  socket_fixture_await_state (&fixture->socket, QNET_SOCKET_STATE_UNCONNECTED);
  assert_attempts (fixture, "::1 started, ::1 failed, 127.0.0.1 started, 127.0.0.1 failed, "
                            "127.0.0.3 started, 127.0.0.3 failed");
}

static void
test_success_skips_delay (Fixture       *fixture,
                          gconstpointer  data)
{
  g_test_summary ("A host that was last connected to by IPv4 is connected to without waiting for "
                  "its IPv6 addresses, from the cache as well.");

  begin (fixture);
  split_resolver_answer (IPV4, "127.0.0.1", NULL);
  socket_fixture_settle (&fixture->socket);
  advance (fixture, 50);
  end (fixture);

  begin_again (fixture);
  end (fixture);
  assert_attempts (fixture, "127.0.0.1 started, 127.0.0.1 won");
}

static void
test_success_expires (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("The address that was last connected to is forgotten after ten minutes, and when "
                  "the cache is cleared.");

  if (skip_without_ipv6 (fixture))
    return;

  for (guint i = 0; i < 2; i++)
    {
      answer_both ();
      close_listener (&fixture->listener6);
      begin_again (fixture);
      end (fixture);
      qnet_socket_abort (QNET_SOCKET (fixture->socket.socket));
      fixture->listener6 = listen_on_ipv6 (fixture->socket.port);

      if (i == 0)
        advance (fixture, 600 * 1000);
      else
        qnet_host_info_clear_cache ();

      begin (fixture);
      end (fixture);
      assert_attempts (fixture, "::1 started, ::1 won");
    }
}

/* Handlers */

static void
test_abort (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("A handler of `attempt` may abort the connection, also when it is won.");

  split_resolver_fail (IPV6, G_RESOLVER_ERROR_NOT_FOUND);
  split_resolver_answer (IPV4, "127.0.0.1", NULL);
  fixture->aborts = TRUE;
  begin (fixture);
  assert_attempts (fixture, "127.0.0.1 started");
  g_assert_cmpint (socket_fixture_get_state (&fixture->socket), ==, QNET_SOCKET_STATE_UNCONNECTED);

  fixture->aborts = FALSE;
  begin (fixture);
  end (fixture);
  qnet_socket_abort (QNET_SOCKET (fixture->socket.socket));
  socket_fixture_settle (&fixture->socket);
}

static void
abort_winner_cb (QnetSocket       *socket,
                 QnetHostAddress  *address,
                 guint             port,
                 QnetAttemptState  state)
{
  if (state == QNET_ATTEMPT_WON)
    qnet_socket_abort (socket);
}

static void
test_abort_winner (Fixture       *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A connection that a handler aborts when it is won is never reported as "
                  "connected.");

  split_resolver_fail (IPV6, G_RESOLVER_ERROR_NOT_FOUND);
  split_resolver_answer (IPV4, "127.0.0.1", NULL);
  g_signal_connect (fixture->socket.socket, "attempt", G_CALLBACK (abort_winner_cb), NULL);
  begin (fixture);
  socket_fixture_await_state (&fixture->socket, QNET_SOCKET_STATE_UNCONNECTED);
  assert_attempts (fixture, "127.0.0.1 started, 127.0.0.1 won");
  socket_fixture_assert_log (&fixture->socket, "host-lookup connecting host-found unconnected");
}

static void
test_wait (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("A handler of `attempt` may wait for the connection.");

  qnet_clock_set_for_tests (NULL);
  split_resolver_fail (IPV6, G_RESOLVER_ERROR_NOT_FOUND);
  split_resolver_answer (IPV4, "127.0.0.2", "127.0.0.1", NULL);
  fixture->waits = TRUE;
  begin (fixture);
  end (fixture);
  assert_attempts (fixture, "127.0.0.2 started, 127.0.0.2 failed, 127.0.0.1 started, "
                            "127.0.0.1 won");

  close_listener (&fixture->socket.listener);
  fixture->waits = TRUE;
  begin_again (fixture);
  socket_fixture_await_state (&fixture->socket, QNET_SOCKET_STATE_UNCONNECTED);
}

static void
test_address (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("An address is one attempt, and is reported after the call.");

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket.socket), "127.0.0.1",
                                        fixture->socket.port);
  assert_attempts (fixture, "");
  end (fixture);
  assert_attempts (fixture, "127.0.0.1 started, 127.0.0.1 won");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  split_resolver_install ();

#define ADD(path, function) \
  g_test_add ("/happy-eyeballs/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("answers/ipv4-alone", test_ipv4_alone);
  ADD ("answers/ipv6-alone", test_ipv6_alone);
  ADD ("answers/within-delay", test_within_delay);
  ADD ("answers/no-ipv6", test_no_ipv6);
  ADD ("answers/one-protocol", test_one_protocol);
  ADD ("late/after-failure", test_late_after_failure);
  ADD ("late/none", test_late_none);
  ADD ("late/never", test_late_never);
  ADD ("late/lookup-times-out", test_lookup_times_out);
  ADD ("late/joins", test_late_joins);
  ADD ("errors/list", test_list);
  ADD ("errors/not-found", test_not_found);
  ADD ("success/first", test_success_first);
  ADD ("success/skips-delay", test_success_skips_delay);
  ADD ("success/expires", test_success_expires);
  ADD ("handlers/abort", test_abort);
  ADD ("handlers/abort-winner", test_abort_winner);
  ADD ("handlers/wait", test_wait);
  ADD ("address", test_address);
#undef ADD

  return g_test_run ();
}
