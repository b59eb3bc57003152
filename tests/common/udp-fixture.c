/* udp-fixture.c: a QnetUdpSocket, its context, a log of its signals, and a plain descriptor as its
 * peer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "common/udp-fixture.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address/qnet-host-address-private.h"

/* The log */

static void
note (UdpFixture *fixture,
      const char *word)
{
  if (fixture->log->len > 0)
    g_string_append_c (fixture->log, ' ');

  g_string_append (fixture->log, word);
}

static void
plain_cb (GClosure     *closure,
          GValue       *result,
          guint         n_values,
          const GValue *values,
          gpointer      hint,
          gpointer      marshal_data)
{
  GSignalInvocationHint *invocation = hint;

  note (closure->data, g_signal_name (invocation->signal_id));
}

static void
log_plain_signal (UdpFixture *fixture,
                  const char *name)
{
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), fixture);

  g_closure_set_marshal (closure, plain_cb);
  g_signal_connect_closure (fixture->socket, name, closure, FALSE);
}

static void
state_changed_cb (QnetAbstractSocket *socket,
                  QnetSocketState     state,
                  UdpFixture         *fixture)
{
  g_autoptr(GEnumClass) states = g_type_class_ref (QNET_TYPE_SOCKET_STATE);

  note (fixture, g_enum_get_value (states, state)->value_nick);
}

static void
error_occurred_cb (QnetAbstractSocket *socket,
                   const GError       *error,
                   UdpFixture         *fixture)
{
  g_autofree char *word = g_strdup_printf ("error:%d", error->code);

  g_assert_error (qnet_io_device_get_error (DEVICE (socket)), error->domain, error->code);
  note (fixture, word);
}

static void
bytes_written_cb (QnetIODevice *socket,
                  gint64        size,
                  UdpFixture   *fixture)
{
  g_autofree char *word = g_strdup_printf ("written:%" G_GINT64_FORMAT, size);

  note (fixture, word);
}

static void
log_signals (UdpFixture *fixture)
{
  static const char *const plain_signals[] = {
    "host-found", "connected",      "disconnected",
    "ready-read", "about-to-close", "read-channel-finished",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (plain_signals); i++)
    log_plain_signal (fixture, plain_signals[i]);

  g_signal_connect (fixture->socket, "state-changed", G_CALLBACK (state_changed_cb), fixture);
  g_signal_connect (fixture->socket, "error-occurred", G_CALLBACK (error_occurred_cb), fixture);
  g_signal_connect (fixture->socket, "bytes-written", G_CALLBACK (bytes_written_cb), fixture);
}

void
udp_fixture_assert_log (UdpFixture *fixture,
                        const char *expected)
{
  g_assert_cmpstr (fixture->log->str, ==, expected);
  udp_fixture_forget_log (fixture);
}

void
udp_fixture_forget_log (UdpFixture *fixture)
{
  g_string_truncate (fixture->log, 0);
}

/* The fixture */

static void
set_up (UdpFixture    *fixture,
        gconstpointer  family)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);

  fixture->loopback = qnet_host_address_new_special (GPOINTER_TO_INT (family) == AF_INET
                                                       ? QNET_SPECIAL_ADDRESS_LOCAL_HOST
                                                       : QNET_SPECIAL_ADDRESS_LOCAL_HOST_IPV6);
  fixture->peer = open_udp (fixture->loopback, &fixture->peer_port);
  fixture->closed = -1;
  fixture->log = g_string_new (NULL);
  fixture->socket = qnet_udp_socket_new ();
  log_signals (fixture);
}

void
udp_fixture_drop_peer (UdpFixture *fixture)
{
  if (fixture->peer >= 0)
    g_assert_no_errno (close (fixture->peer));

  fixture->peer = -1;
}

static void
tear_down (UdpFixture    *fixture,
           gconstpointer  family)
{
  if (fixture->socket != NULL)
    {
      udp_fixture_settle (fixture);
      g_assert_finalize_object (g_steal_pointer (&fixture->socket));
    }

  udp_fixture_drop_peer (fixture);
  if (fixture->closed >= 0)
    g_assert_no_errno (close (fixture->closed));

  g_assert_false (g_main_context_iteration (fixture->context, FALSE));  /* and no source is left */

  g_main_context_pop_thread_default (fixture->context);
  g_clear_pointer (&fixture->context, g_main_context_unref);
  g_clear_pointer (&fixture->loopback, qnet_host_address_unref);
  g_string_free (fixture->log, TRUE);
}

static void
no_ipv6 (gconstpointer data)
{
  g_test_skip ("There is no IPv6 loopback here");
}

static gboolean
has_ipv6 (void)
{
  struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  int fd = socket (AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean has = fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) == 0;

  if (fd >= 0)
    close (fd);

  return has;
}

void
udp_fixture_add_ipv4 (const char *path,
                      void      (*func) (UdpFixture *, gconstpointer))
{
  g_test_add (path, UdpFixture, GINT_TO_POINTER (AF_INET), set_up, func, tear_down);
}

void
udp_fixture_add (const char *path,
                 void      (*func) (UdpFixture *, gconstpointer))
{
  g_autofree char *ipv4 = g_strconcat (path, "/ipv4", NULL);
  g_autofree char *ipv6 = g_strconcat (path, "/ipv6", NULL);

  udp_fixture_add_ipv4 (ipv4, func);

  if (has_ipv6 ())
    g_test_add (ipv6, UdpFixture, GINT_TO_POINTER (AF_INET6), set_up, func, tear_down);
  else
    g_test_add_data_func (ipv6, NULL, no_ipv6);
}

/* The loop */

void
udp_fixture_turn (UdpFixture *fixture)
{
  g_main_context_iteration (fixture->context, TRUE);
}

void
udp_fixture_settle (UdpFixture *fixture)
{
  /* A reactor that has been busy for a while skips one iteration. */
  while (g_main_context_iteration (fixture->context, FALSE)
         || g_main_context_iteration (fixture->context, FALSE))
    continue;
}

void
udp_fixture_bind (UdpFixture *fixture)
{
  GError *error = NULL;

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), fixture->loopback, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error));
  g_assert_no_error (error);
  udp_fixture_settle (fixture);
  udp_fixture_forget_log (fixture);
}

void
udp_fixture_connect (UdpFixture *fixture)
{
  qnet_abstract_socket_connect_to_address (ABSTRACT (fixture->socket), fixture->loopback,
                                           fixture->peer_port);
  udp_fixture_await (fixture, qnet_socket_get_state (QNET_SOCKET (fixture->socket))
                                == QNET_SOCKET_STATE_CONNECTED);
  udp_fixture_settle (fixture);
  udp_fixture_forget_log (fixture);
}

guint16
udp_fixture_get_port (UdpFixture *fixture)
{
  return qnet_abstract_socket_get_local_port (ABSTRACT (fixture->socket));
}

/* The far end */

void
udp_fixture_peer_sends (UdpFixture *fixture,
                        const char *text)
{
  struct sockaddr_storage native;
  socklen_t size = qnet_host_address_to_native (fixture->loopback, udp_fixture_get_port (fixture),
                                                &native);

  g_assert_cmpint (sendto (fixture->peer, text, strlen (text), 0, (struct sockaddr *) &native,
                           size),
                   ==, strlen (text));
}

void
udp_fixture_peer_gets (UdpFixture *fixture,
                       const char *text)
{
  struct pollfd pollfd = { fixture->peer, POLLIN, 0 };
  char buffer[65536];
  gssize n;

  g_assert_cmpint (poll (&pollfd, 1, 30000), ==, 1);
  n = recv (fixture->peer, buffer, sizeof buffer, 0);
  g_assert_cmpint (n, >=, 0);
  g_assert_cmpmem (buffer, n, text, strlen (text));
}

/* A socket that is connected to itself receives from no other: the kernel answers for its port as
 * if it were free. */
guint16
udp_fixture_find_closed_port (UdpFixture *fixture)
{
  struct sockaddr_storage native;
  socklen_t size;
  guint16 port;

  g_assert_cmpint (fixture->closed, ==, -1);

  fixture->closed = open_udp (fixture->loopback, &port);
  size = qnet_host_address_to_native (fixture->loopback, port, &native);
  g_assert_no_errno (connect (fixture->closed, (struct sockaddr *) &native, size));

  return port;
}

/* The near end */

void
udp_fixture_assert_gets (UdpFixture *fixture,
                         const char *text)
{
  GError *error = NULL;
  g_autoptr(QnetNetworkDatagram) datagram = qnet_udp_socket_receive_datagram (fixture->socket, 0,
                                                                              &error);
  gconstpointer data;
  gsize size;

  g_assert_no_error (error);
  data = g_bytes_get_data (qnet_network_datagram_get_bytes (datagram), &size);
  g_assert_cmpmem (data, size, text, strlen (text));
}

gssize
udp_fixture_sends (UdpFixture *fixture,
                   const char *text)
{
  GError *error = NULL;
  gssize n = qnet_udp_socket_write_datagram_to (fixture->socket, (const guint8 *) text,
                                                strlen (text), fixture->loopback,
                                                fixture->peer_port, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, ==, strlen (text));

  return n;
}

/* Plain descriptors */

int
open_udp (QnetHostAddress *address,
          guint16         *out_port)
{
  struct sockaddr_storage native;
  socklen_t size = qnet_host_address_to_native (address, 0, &native);
  int fd = socket (native.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  g_autoptr(QnetHostAddress) bound = NULL;

  g_assert_no_errno (bind (fd, (struct sockaddr *) &native, size));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &native, &size));
  bound = qnet_host_address_take_native (&native, FALSE, out_port);

  return fd;
}

guint16
find_closed_udp_port (QnetHostAddress *address)
{
  guint16 port;

  g_assert_no_errno (close (open_udp (address, &port)));

  return port;
}
