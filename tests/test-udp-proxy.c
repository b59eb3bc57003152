/* test-udp-proxy.c: datagrams through real relays, and through one that the test plays
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/qnet-syscall-private.h"
#include "common/application-proxy.h"
#include "common/bytes.h"
#include "common/played-proxy.h"
#include "common/proxies.h"
#include "common/udp-fixture.h"
#include "socket/qnet-abstract-socket-proxy-private.h"

#define LITERAL(text) (text), sizeof (text) - 1

/* The socket's side */

static void
use_proxy (UdpFixture    *fixture,
           QnetProxyType  type,
           guint16        port,
           const char    *password)  /* (nullable) */
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (type, "127.0.0.1", port,
                                                              password != NULL ? "user" : NULL,
                                                              password);

  qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), proxy);
}

static void
assert_binds (UdpFixture *fixture)
{
  GError *error = NULL;

  qnet_abstract_socket_bind_port (ABSTRACT (fixture->socket), 0,
                                  QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error);
  g_assert_no_error (error);
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "bound");
}

static void
assert_does_not_bind (UdpFixture      *fixture,
                      QnetSocketError  code)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (qnet_abstract_socket_bind_port (ABSTRACT (fixture->socket), 0,
                                             QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_assert_null (strstr (error->message, "sesame"));
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (fixture->socket)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_socket_get_fd (QNET_SOCKET (fixture->socket)), ==, -1);
}

static void
begin_to_connect (UdpFixture *fixture,
                  const char *host)
{
  udp_fixture_forget_log (fixture);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), host, fixture->peer_port);
}

static void
await_state (UdpFixture      *fixture,
             QnetSocketState  state)
{
  udp_fixture_await (fixture, qnet_socket_get_state (QNET_SOCKET (fixture->socket)) == state);
}

static void
assert_fails (UdpFixture      *fixture,
              QnetSocketError  code)
{
  const GError *error;

  await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  error = qnet_io_device_get_error (DEVICE (fixture->socket));
  g_test_message ("%s", error->message);
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_assert_null (strstr (error->message, "sesame"));
}

static void
await_datagram (UdpFixture *fixture)
{
  udp_fixture_await (fixture, qnet_udp_socket_has_pending_datagrams (fixture->socket));
}

static void
assert_gets (UdpFixture *fixture,
             const char *text)
{
  g_autoptr(QnetHostAddress) sender = NULL;
  GError *error = NULL;
  char buffer[64];
  guint16 port;
  gssize n;

  await_datagram (fixture);
  g_assert_cmpint (qnet_udp_socket_get_pending_datagram_size (fixture->socket), ==, strlen (text));
  n = qnet_udp_socket_read_datagram (fixture->socket, buffer, sizeof buffer, &sender, &port,
                                     &error);
  g_assert_no_error (error);
  g_assert_cmpmem (buffer, n, text, strlen (text));
  g_assert_true (qnet_host_address_equal (sender, fixture->loopback));
  g_assert_cmpuint (port, ==, fixture->peer_port);
}

/* The far end: the fixture's peer, which knows the relay's address alone */

/* Echoes what arrives, in capitals. */
static void
peer_answers (UdpFixture *fixture)
{
  struct sockaddr_in relay;
  socklen_t size = sizeof relay;
  char buffer[64];
  gssize n;

  do
    n = recvfrom (fixture->peer, buffer, sizeof buffer, 0, (struct sockaddr *) &relay, &size);
  while (n < 0);

  for (gssize i = 0; i < n; i++)
    buffer[i] = g_ascii_toupper (buffer[i]);

  g_assert_cmpint (sendto (fixture->peer, buffer, (gsize) n, 0, (struct sockaddr *) &relay, size),
                   ==, n);
}

/* Real proxies */

static void
test_bound (UdpFixture *fixture,
            ProxyKind   kind)
{
  Proxy proxy;

  if (!proxy_start (&proxy, kind))
    return;

  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, proxy.port,
             proxy_wants_password (kind) ? "sesame" : NULL);
  assert_binds (fixture);

  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (udp_fixture_sends (fixture, "question"), ==, 8);
      peer_answers (fixture);
      assert_gets (fixture, "QUESTION");
    }

  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  proxy_stop (&proxy);
}

static void
test_dante_bound (UdpFixture    *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A bound socket sends through the proxy, and receives the answers as from the "
                  "peer itself.");
  test_bound (fixture, PROXY_DANTE);
}

static void
test_dante_password (UdpFixture    *fixture,
                     gconstpointer  data)
{
  g_test_summary ("With the right password datagrams are relayed; a wrong or missing one is "
                  "reported.");
  test_bound (fixture, PROXY_DANTE_PASSWORD);
}

static void
test_dante_refuses (UdpFixture    *fixture,
                    gconstpointer  data)
{
  const char *passwords[] = { "sesame street", NULL };
  Proxy proxy;

  g_test_summary ("A wrong or missing password is reported by bind() and by connecting.");

  if (!proxy_start (&proxy, PROXY_DANTE_PASSWORD))
    return;

  for (gsize i = 0; i < G_N_ELEMENTS (passwords); i++)
    {
      use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, proxy.port, passwords[i]);
      assert_does_not_bind (fixture, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
      begin_to_connect (fixture, "127.0.0.1");
      assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
    }

  proxy_stop (&proxy);
}

static void
answer_cb (QnetAbstractSocket *socket,
           QnetNetworkProxy   *proxy,
           QnetAuthenticator  *authenticator,
           const char         *password)
{
  if (password == NULL)
    {
      qnet_authenticator_hold (authenticator);
      return;
    }

  qnet_authenticator_set_user (authenticator, "user");
  qnet_authenticator_set_password (authenticator, password);
}

static void
test_dante_asks (UdpFixture    *fixture,
                 gconstpointer  data)
{
  gulong handler;
  Proxy proxy;

  g_test_summary ("bind() emits proxy-authentication-required; the answer has to be immediate, "
                  "since nothing else is dispatched.");

  if (!proxy_start (&proxy, PROXY_DANTE_PASSWORD))
    return;

  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, proxy.port, NULL);
  handler = g_signal_connect (fixture->socket, "proxy-authentication-required",
                              G_CALLBACK (answer_cb), NULL);
  assert_does_not_bind (fixture, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  g_signal_handler_disconnect (fixture->socket, handler);

  udp_fixture_settle (fixture);
  udp_fixture_forget_log (fixture);
  g_signal_connect (fixture->socket, "proxy-authentication-required", G_CALLBACK (answer_cb),
                    (gpointer) "sesame");
  assert_binds (fixture);
  proxy_stop (&proxy);
}

static void
test_dante_connected (UdpFixture    *fixture,
                      gconstpointer  data)
{
  const char *hosts[] = { "127.0.0.1", "localhost" };
  Proxy proxy;

  g_test_summary ("A connected socket has its one peer behind the proxy, which looks up the name.");

  if (!proxy_start (&proxy, PROXY_DANTE))
    return;

  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, proxy.port, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr(GBytes) answer = NULL;
      g_autoptr(QnetHostAddress) peer = NULL;

      begin_to_connect (fixture, hosts[i]);
      await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
      udp_fixture_assert_log (fixture, i == 1 ? "connecting connected connected"
                                              : "connecting host-found connected connected");
      peer = qnet_abstract_socket_get_peer_address (ABSTRACT (fixture->socket));
      g_assert_cmpint (qnet_host_address_is_null (peer), ==, i == 1);

      g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), (const guint8 *) "question",
                                             8, NULL),
                       ==, 8);
      peer_answers (fixture);
      await_datagram (fixture);
      answer = qnet_io_device_read_all_bytes (DEVICE (fixture->socket));
      g_assert_cmpmem (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer), "QUESTION", 8);
      qnet_socket_abort (QNET_SOCKET (fixture->socket));
    }

  proxy_stop (&proxy);
}

static void
test_dante_dies (UdpFixture    *fixture,
                 gconstpointer  data)
{
  Proxy proxy;

  g_test_summary ("The end of the proxy ends the relay, and is reported; no datagram bypasses it.");

  if (!proxy_start (&proxy, PROXY_DANTE))
    return;

  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, proxy.port, NULL);
  assert_binds (fixture);
  proxy_kill (&proxy);
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED);
  udp_fixture_assert_log (fixture, "unconnected error:15");
  assert_does_not_bind (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_REFUSED);
  proxy_stop (&proxy);
}

static void
test_microsocks (UdpFixture    *fixture,
                 gconstpointer  data)
{
  Proxy proxy;

  g_test_summary ("A proxy without support for UDP is reported as such.");

  if (!proxy_start (&proxy, PROXY_MICROSOCKS))
    return;

  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, proxy.port, NULL);
  assert_does_not_bind (fixture, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  proxy_stop (&proxy);
}

/* A proxy and its relay, which the test plays */

typedef struct
{
  PlayedProxy     proxy;
  int             relay;   /* (owned): non-blocking */
  guint16         port;    /* the relay's */
} PlayedRelay;

static void
start_relay (UdpFixture  *fixture,
             PlayedRelay *played)
{
  played_proxy_start (&played->proxy);
  played->relay = open_udp (fixture->loopback, &played->port);
  use_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, played->proxy.port, NULL);
}

static void
stop_relay (UdpFixture  *fixture,
            PlayedRelay *played)
{
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  played_proxy_stop (&played->proxy);
  close (played->relay);
}

static void
bind_by_relay (UdpFixture  *fixture,
               PlayedRelay *played)
{
  played_proxy_answer (&played->proxy, 0, played->port);
  assert_binds (fixture);
  played_proxy_join (&played->proxy);
}

static void
connect_by_relay (UdpFixture  *fixture,
                  PlayedRelay *played,
                  const char  *host)
{
  played_proxy_answer (&played->proxy, 0, played->port);
  begin_to_connect (fixture, host);
  await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  played_proxy_join (&played->proxy);
}

static void
relay_receives (PlayedRelay *played,
                const char  *data,
                gsize        length)
{
  char buffer[512];
  gssize n;

  do
    n = recv (played->relay, buffer, sizeof buffer, 0);
  while (n < 0);

  g_assert_cmpmem (buffer, n, data, length);
}

static void
relay_says (UdpFixture  *fixture,
            PlayedRelay *played,
            const char  *data,
            gsize        length)
{
  struct sockaddr_in name = {
    .sin_family = AF_INET,
    .sin_port = htons (udp_fixture_get_port (fixture)),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };

  g_assert_cmpint (sendto (played->relay, data, length, 0, (struct sockaddr *) &name, sizeof name),
                   ==, length);
}

/* From 127.0.0.1 and the port of the fixture's peer. */
static void
relay_brings (UdpFixture  *fixture,
              PlayedRelay *played,
              const char  *text)
{
  char data[64] = {
    0, 0, 0, 1, 127, 0, 0, 1, (char) (fixture->peer_port >> 8), (char) (fixture->peer_port & 0xff)
  };

  memcpy (data + 10, text, strlen (text));
  relay_says (fixture, played, data, 10 + strlen (text));
}

static void
test_request (UdpFixture    *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetHostAddress) local = NULL;
  PlayedRelay played;

  g_test_summary ("The request for the relay names no source address; the socket shows its own "
                  "address.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);
  g_assert_cmpmem (played.proxy.request, 10, "\5\3\0\1\0\0\0\0\0\0", 10);

  local = qnet_abstract_socket_get_local_address (ABSTRACT (fixture->socket));
  g_assert_true (qnet_host_address_equal (local, fixture->loopback));
  g_assert_null (qnet_udp_socket_get_datagram_based (fixture->socket));
  stop_relay (fixture, &played);
}

static void
test_headers (UdpFixture    *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetHostAddress) ipv4 = qnet_host_address_from_string ("10.1.2.3");
  g_autoptr(QnetHostAddress) ipv6 = qnet_host_address_from_string ("2001:db8::1");
  g_autoptr(QnetHostAddress) scoped = qnet_host_address_from_string ("fe80::1%lo");
  g_autoptr(GPtrArray) batch = g_ptr_array_new_with_free_func ((GDestroyNotify)
                                                                 qnet_network_datagram_unref);
  g_autoptr(GBytes) bytes = g_bytes_new_static ("many", 4);
  g_autoptr(GError) error = NULL;
  QnetUdpSocket *socket = fixture->socket;
  PlayedRelay played;

  g_test_summary ("The header of each datagram has its destination, whichever call sends it.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);

  g_assert_cmpint (qnet_udp_socket_write_datagram_to (socket, (const guint8 *) "a", 1, ipv4, 99,
                                                      NULL),
                   ==, 1);
  relay_receives (&played, LITERAL ("\0\0\0\1\12\1\2\3\0\x63" "a"));
  g_assert_cmpint (qnet_udp_socket_write_datagram_to (socket, NULL, 0, ipv6, 99, NULL), ==, 0);
  relay_receives (&played, LITERAL ("\0\0\0\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0\x63"));

  for (guint i = 0; i < 3; i++)
    g_ptr_array_add (batch, qnet_network_datagram_new_from_bytes (bytes, ipv4, 99));
  g_assert_cmpint (qnet_udp_socket_write_datagrams (socket, batch, NULL), ==, 3);
  for (guint i = 0; i < 3; i++)
    relay_receives (&played, LITERAL ("\0\0\0\1\12\1\2\3\0\x63" "many"));

  g_assert_cmpint (qnet_udp_socket_write_datagram_to (socket, (const guint8 *) "a", 1, scoped, 99,
                                                      &error),
                   ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE);
  stop_relay (fixture, &played);
}

static void
send_one (UdpFixture *fixture,
          guint       way)
{
  g_autoptr(QnetHostAddress) ipv4 = qnet_host_address_from_string ("127.1.2.3");
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr(QnetNetworkDatagram) datagram = qnet_network_datagram_new_from_bytes (bytes, ipv4, 99);
  g_autoptr(GPtrArray) batch = g_ptr_array_new ();
  GError *error = NULL;

  g_ptr_array_add (batch, datagram);

  if (way == 0)
    qnet_udp_socket_write_datagram_bytes_to (fixture->socket, bytes, ipv4, 99, &error);
  else if (way == 1)
    qnet_udp_socket_write_datagram (fixture->socket, datagram, &error);
  else if (way == 2)
    qnet_udp_socket_write_datagrams (fixture->socket, batch, &error);
  else
    qnet_udp_socket_write_datagram_async (fixture->socket, datagram, 0, NULL, NULL, NULL);

  g_assert_no_error (error);
}

static void
test_bound_by_sending (UdpFixture    *fixture,
                       gconstpointer  data)
{
  g_test_summary ("Whichever call binds the socket by sending, already the first datagram is "
                  "relayed.");

  for (guint way = 0; way < 4; way++)
    {
      PlayedRelay played;

      start_relay (fixture, &played);
      played_proxy_answer (&played.proxy, 0, played.port);
      send_one (fixture, way);
      played_proxy_join (&played.proxy);
      udp_fixture_settle (fixture);
      relay_receives (&played, LITERAL ("\0\0\0\1\177\1\2\3\0\x63" "x"));
      stop_relay (fixture, &played);
    }
}

static void
test_too_large (UdpFixture    *fixture,
                gconstpointer  data)
{
  g_autofree guint8 *much = g_malloc0 (65507);
  g_autoptr(GBytes) bytes = g_bytes_new_static (much, 65507);
  g_autoptr(QnetNetworkDatagram) datagram = qnet_network_datagram_new_from_bytes (bytes,
                                                                                  fixture->loopback,
                                                                       99);
  g_autoptr(GPtrArray) batch = g_ptr_array_new ();
  g_autoptr(GError) error = NULL;
  PlayedRelay played;

  g_test_summary ("A datagram that is too large beside its header fails with DATAGRAM_TOO_LARGE.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);
  g_assert_cmpint (qnet_udp_socket_write_datagram_to (fixture->socket, much, 65507,
                                                      fixture->loopback, 99, &error),
                   ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE);
  g_clear_error (&error);

  g_ptr_array_add (batch, datagram);
  g_assert_cmpint (qnet_udp_socket_write_datagrams (fixture->socket, batch, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE);
  stop_relay (fixture, &played);
}

static void
test_receiving (UdpFixture    *fixture,
                gconstpointer  data)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  g_autoptr(QnetHostAddress) sender = NULL;
  g_autoptr(GPtrArray) batch = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree guint8 *bytes = NULL;
  PlayedRelay played;
  guint16 port;
  gsize length;
  gsize whole;
  char two[2];

  g_test_summary ("Each way to receive removes the header and returns the sender; what is cut off "
                  "is reported.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);

  relay_brings (fixture, &played, "first");
  await_datagram (fixture);
  datagram = qnet_udp_socket_receive_datagram (fixture->socket, 3, &error);
  g_assert_no_error (error);
  g_assert_true (qnet_network_datagram_is_truncated (datagram));
  g_assert_cmpint (qnet_network_datagram_get_sender_port (datagram), ==, fixture->peer_port);

  relay_brings (fixture, &played, "second");
  await_datagram (fixture);
  g_assert_cmpint (qnet_udp_socket_read_datagram_full (fixture->socket, two, 2, NULL, NULL, &whole,
                                                       NULL),
                   ==, 2);
  g_assert_cmpuint (whole, ==, 6);

  relay_brings (fixture, &played, "third");
  await_datagram (fixture);
  bytes = qnet_udp_socket_read_datagram_array (fixture->socket, 0, &length, &sender, &port, NULL);
  g_assert_cmpmem (bytes, length, "third", 5);
  g_assert_true (qnet_host_address_equal (sender, fixture->loopback));

  relay_brings (fixture, &played, "");
  relay_brings (fixture, &played, "fifth");
  await_datagram (fixture);
  batch = qnet_udp_socket_receive_datagrams (fixture->socket, 9, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (batch->len, ==, 2);
  g_assert_cmpint (qnet_udp_socket_get_pending_datagram_size (fixture->socket), ==, -1);
  g_assert_null (qnet_udp_socket_receive_datagram (fixture->socket, 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
  stop_relay (fixture, &played);
}

static void
test_junk (UdpFixture    *fixture,
           gconstpointer  data)
{
  int other;
  guint16 port;
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  PlayedRelay played;

  g_test_summary ("Fragments, malformed datagrams, and datagrams of other senders are dropped.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);
  relay_says (fixture, &played, "", 0);
  relay_says (fixture, &played, LITERAL ("\0\0\0"));
  relay_says (fixture, &played, LITERAL ("\0\0\1\1\12\1\2\3\0\x63" "fragment"));
  relay_says (fixture, &played, LITERAL ("\1\0\0\1\12\1\2\3\0\x63" "reserved"));
  relay_says (fixture, &played, LITERAL ("\0\0\0\7\12\1\2\3\0\x63" "type"));
  relay_says (fixture, &played, LITERAL ("\0\0\0\3\xff" "short"));

  other = open_udp (fixture->loopback, &port);
  name.sin_port = htons (udp_fixture_get_port (fixture));
  (void) sendto (other,
                 LITERAL ("\0\0\0\1\12\1\2\3\0\x63"
                          "intruder"),
                 0, (struct sockaddr *) &name, sizeof name);
  close (other);

  relay_brings (fixture, &played, "well");
  assert_gets (fixture, "well");
  stop_relay (fixture, &played);
}

/* More than any call drops before it returns. */
#define MANY 3000

static guint n_received;

static int
count_receives_cb (QnetSyscall call)
{
  n_received += call == QNET_SYSCALL_RECVMSG;

  return 0;
}

static void
test_junk_budget (UdpFixture    *fixture,
                  gconstpointer  data)
{
  g_autoptr(GPtrArray) none = NULL;
  int room = 8 << 20;
  PlayedRelay played;

  g_test_summary ("A flood of malformed datagrams is dropped a part at a time, and what follows is "
                  "received.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);
  if (setsockopt (qnet_socket_get_fd (QNET_SOCKET (fixture->socket)),
                  SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room)
      != 0)
    {
      g_test_skip ("Only root may make the buffer of the system large enough");
      stop_relay (fixture, &played);
      return;
    }

  for (guint i = 0; i < MANY; i++)
    relay_says (fixture, &played, LITERAL ("\0\0\1junk"));
  relay_brings (fixture, &played, "well");

  n_received = 0;
  qnet_syscall_fault = count_receives_cb;
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
  g_assert_cmpuint (n_received, <, 300);
  n_received = 0;
  g_assert_null (qnet_udp_socket_receive_datagram (fixture->socket, 0, NULL));
  g_assert_cmpuint (n_received, <, 300);
  n_received = 0;
  none = qnet_udp_socket_receive_datagrams (fixture->socket, G_MAXUINT, NULL);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (n_received, <, 300);
  qnet_syscall_fault = NULL;

  await_datagram (fixture);
  assert_gets (fixture, "well");
  stop_relay (fixture, &played);
}

static void
read_all_cb (QnetUdpSocket *socket,
             guint         *n)
{
  while (qnet_udp_socket_has_pending_datagrams (socket))
    *n += qnet_udp_socket_read_datagram (socket, NULL, 0, NULL, NULL, NULL) >= 0;
}

static void
test_junk_does_not_mute (UdpFixture    *fixture,
                         gconstpointer  data)
{
  PlayedRelay played;
  guint n = 0;

  g_test_summary ("A fragment that is dropped while it is asked for does not mute ready-read.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (read_all_cb), &n);
  relay_says (fixture, &played, LITERAL ("\0\0\1\1\12\1\2\3\0\x63" "fragment"));
  udp_fixture_settle (fixture);
  for (guint i = 0; i < 7; i++)
    {
      relay_brings (fixture, &played, "x");
      udp_fixture_settle (fixture);
    }

  g_assert_cmpuint (n, ==, 7);
  g_signal_handlers_disconnect_by_data (fixture->socket, &n);
  stop_relay (fixture, &played);
}

static void
test_junk_does_not_end_a_wait (UdpFixture    *fixture,
                               gconstpointer  data)
{
  PlayedRelay played;

  g_test_summary ("A wait does not end with a fragment, which is dropped, and ends with a "
                  "datagram.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);
  relay_says (fixture, &played, LITERAL ("\0\0\1\1\12\1\2\3\0\x63" "fragment"));
  g_assert_false (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), 20, NULL));
  relay_says (fixture, &played, LITERAL ("\0\0\1\1\12\1\2\3\0\x63" "fragment"));
  relay_brings (fixture, &played, "well");
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), -1, NULL));
  assert_gets (fixture, "well");
  stop_relay (fixture, &played);
}

static void
test_forged_before (UdpFixture    *fixture,
                    gconstpointer  data)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  char forged[] = "\0\0\0\1\177\0\0\1\0\0forged";
  PlayedRelay played;
  guint16 port;
  int other;

  g_test_summary ("What another sender sent before there was a relay is not taken for the "
                  "relay's.");

  udp_fixture_bind (fixture);
  other = open_udp (fixture->loopback, &port);
  name.sin_port = htons (udp_fixture_get_port (fixture));
  forged[8] = (char) (fixture->peer_port >> 8);
  forged[9] = (char) (fixture->peer_port & 0xff);
  g_assert_cmpint (sendto (other, forged, sizeof forged - 1, 0, (struct sockaddr *) &name,
                           sizeof name),
                   >, 0);
  close (other);

  start_relay (fixture, &played);
  connect_by_relay (fixture, &played, "host");
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
  g_assert_null (qnet_udp_socket_receive_datagram (fixture->socket, 0, NULL));
  stop_relay (fixture, &played);
}

/* The model of test-udp-readiness.c, with datagrams in between that are not the relay's: "notified"
 * means that ready-read was emitted, and that since then no call has tried to take a datagram, nor
 * asked for one and found none. */

typedef struct
{
  UdpFixture  *fixture;
  PlayedRelay *played;
  GRand       *rand;         /* (owned) */
  guint        n_there;      /* datagrams in the kernel's queue, malformed ones not counted */
  gboolean     is_notified;
} Model;

static Model *model;  /* for the fault function, which takes no data */
static guint  n_calls_to_loss;

/* As another process would that shares the descriptor. */
static void
take_elsewhere (Model *self)
{
  int fd = qnet_socket_get_fd (QNET_SOCKET (self->fixture->socket));
  guint8 data[64];
  gssize n = recv (fd, data, sizeof data, MSG_DONTWAIT);

  if (n > 3 && data[2] == 0)
    self->n_there--;
}

static int
lose_cb (QnetSyscall call)
{
  if (call == QNET_SYSCALL_RECVMSG && n_calls_to_loss > 0 && --n_calls_to_loss == 0)
    take_elsewhere (model);

  return 0;
}

static void
emitted_cb (QnetUdpSocket *socket,
            Model         *self)
{
  g_assert_false (self->is_notified);
  self->is_notified = TRUE;
}

static void
step_bring (Model *self)
{
  relay_brings (self->fixture, self->played, "x");
  self->n_there++;
}

static void
step_junk (Model *self)
{
  relay_says (self->fixture, self->played, LITERAL ("\0\0\1\1\12\1\2\3\0\x63" "fragment"));
}

static void
step_ask (Model *self)
{
  if (!qnet_udp_socket_has_pending_datagrams (self->fixture->socket))
    self->is_notified = FALSE;
}

static void
step_take (Model *self)
{
  char buffer[64];

  self->is_notified = FALSE;
  if (qnet_udp_socket_read_datagram (self->fixture->socket, buffer, sizeof buffer, NULL, NULL, NULL)
      >= 0)
    self->n_there--;
}

static void
step_take_batch (Model *self)
{
  g_autoptr(GPtrArray) batch = NULL;

  self->is_notified = FALSE;
  batch = qnet_udp_socket_receive_datagrams (self->fixture->socket, 3, NULL);
  self->n_there -= batch->len;
}

static void
step_settle (Model *self)
{
  udp_fixture_settle (self->fixture);
  if (self->n_there > 0)
    g_assert_true (self->is_notified);
}

static void (*const steps[]) (Model *self) = {
  step_bring, step_bring, step_junk,       step_junk,   take_elsewhere, step_ask,
  step_ask,   step_take,  step_take_batch, step_settle, step_settle,
};

static void
test_model (UdpFixture    *fixture,
            gconstpointer  data)
{
  PlayedRelay played;
  Model self = { .fixture = fixture, .played = &played };

  g_test_summary ("Whatever a relay sends, and whatever is lost between asking and taking, what is "
                  "there is reported.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (emitted_cb), &self);
  model = &self;
  self.rand = g_rand_new_with_seed (7);
  qnet_syscall_fault = lose_cb;

  for (guint i = 0; i < 20000; i++)
    {
      n_calls_to_loss = g_rand_int_range (self.rand, 0, 4);
      steps[g_rand_int_range (self.rand, 0, G_N_ELEMENTS (steps))] (&self);
    }

  qnet_syscall_fault = NULL;
  g_rand_free (self.rand);
  g_signal_handlers_disconnect_by_data (fixture->socket, &self);
  stop_relay (fixture, &played);
}

/* What a relay cannot do */

static void
assert_refuses_datagram (UdpFixture          *fixture,
                         QnetNetworkDatagram *datagram)  /* (transfer full) */
{
  g_autoptr(GPtrArray) batch = g_ptr_array_new_with_free_func ((GDestroyNotify)
                                                                 qnet_network_datagram_unref);
  GError *error = NULL;

  g_ptr_array_add (batch, datagram);
  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, datagram, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
  g_assert_cmpint (qnet_udp_socket_write_datagrams (fixture->socket, batch, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
}

static void
test_refused_datagrams (UdpFixture    *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetHostAddress) to = qnet_host_address_from_string ("10.1.2.3");
  g_autoptr(QnetHostAddress) group = qnet_host_address_from_string ("239.255.43.21");
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
  GError *error = NULL;
  PlayedRelay played;

  g_test_summary ("A hop limit, an interface, a sender and a group, which a relay cannot handle, "
                  "are refused.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);
  assert_refuses_datagram (fixture,
                           qnet_network_datagram_new_full (DATA (bytes), NULL, -1, to, 99, 0, 5));
  assert_refuses_datagram (fixture,
                           qnet_network_datagram_new_full (DATA (bytes), NULL, -1, to, 99, 1, -1));
  assert_refuses_datagram (fixture,
                           qnet_network_datagram_new_full (DATA (bytes), fixture->loopback, -1,
                                                                    to, 99, 0, -1));
  assert_refuses_datagram (fixture, qnet_network_datagram_new_from_bytes (bytes, group, 99));
  g_assert_cmpint (qnet_udp_socket_write_datagram_to (fixture->socket, (guint8 *) "x", 1, group, 99,
                                                      &error),
                   ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
  stop_relay (fixture, &played);
}

static void
assert_refuses_option (UdpFixture       *fixture,
                       QnetSocketOption  option)
{
  GError *error = NULL;

  g_assert_false (qnet_abstract_socket_set_socket_option (ABSTRACT (fixture->socket), option, 1,
                                                          &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
}

static void
test_refused_options (UdpFixture    *fixture,
                      gconstpointer  data)
{
  GError *error = NULL;
  int value;
  PlayedRelay played;

  g_test_summary ("Options of groups, and their interface, are refused while datagrams are "
                  "relayed.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);
  assert_refuses_option (fixture, QNET_SOCKET_OPTION_MULTICAST_TTL);
  assert_refuses_option (fixture, QNET_SOCKET_OPTION_MULTICAST_LOOPBACK);
  g_assert_true (qnet_abstract_socket_get_socket_option (ABSTRACT (fixture->socket),
                                                         QNET_SOCKET_OPTION_MULTICAST_TTL, &value,
                                                         NULL));
  g_assert_false (qnet_udp_socket_set_multicast_interface (fixture->socket, "lo", &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
  g_assert_null (qnet_udp_socket_get_multicast_interface (fixture->socket));
  stop_relay (fixture, &played);
}

static void
test_refused_options_of_before (UdpFixture    *fixture,
                                gconstpointer  data)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);
  GError *error = NULL;
  PlayedRelay played;

  g_test_summary ("With an option of groups that was set before, a socket is neither bound nor "
                  "connected through a proxy.");

  start_relay (fixture, &played);
  g_assert_true (qnet_abstract_socket_set_socket_option (ABSTRACT (fixture->socket),
                                                         QNET_SOCKET_OPTION_MULTICAST_TTL, 5,
                                                         NULL));
  g_assert_false (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), any, 0, 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_cmpstr (
    error->message, ==,
    "Could not bind to 0.0.0.0 port 0: The socket option multicast-ttl cannot be used "
    "through a proxy");
  g_clear_error (&error);

  begin_to_connect (fixture, "host");
  await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->socket)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);

  stop_relay (fixture, &played);
}

static void
test_refused_interface_of_before (UdpFixture    *fixture,
                                  gconstpointer  data)
{
  g_autofree char *expected = NULL;
  PlayedRelay played;

  g_test_summary ("A bound socket with an outgoing interface for groups is not connected through a "
                  "proxy.");

  udp_fixture_bind (fixture);
  g_assert_true (qnet_udp_socket_set_multicast_interface (fixture->socket, "lo", NULL));
  start_relay (fixture, &played);
  begin_to_connect (fixture, "host");
  await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->socket)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  expected = g_strdup_printf (
    "Could not connect to host port %u: A network interface for multicast groups "
    "cannot be used through a proxy",
    fixture->peer_port);
  g_assert_cmpstr (qnet_io_device_get_error (DEVICE (fixture->socket))->message, ==, expected);
  stop_relay (fixture, &played);
}

static void
test_reply (UdpFixture    *fixture,
            gconstpointer  data)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  g_autoptr(QnetNetworkDatagram) reply = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
  GError *error = NULL;
  PlayedRelay played;

  g_test_summary ("The reply to a datagram is sent through the relay by which it arrived.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);
  relay_brings (fixture, &played, "hello");
  await_datagram (fixture);
  datagram = qnet_udp_socket_receive_datagram (fixture->socket, 0, NULL);
  reply = qnet_network_datagram_make_reply_bytes (datagram, bytes);
  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, reply, &error), ==, 1);
  g_assert_no_error (error);
  stop_relay (fixture, &played);
}

static void
test_peer_in_another_form (UdpFixture    *fixture,
                           gconstpointer  data)
{
  PlayedRelay played;

  g_test_summary ("Datagrams of a peer that was named by a v4-mapped address are received from its "
                  "IPv4 address.");

  start_relay (fixture, &played);
  connect_by_relay (fixture, &played, "::ffff:127.0.0.1");
  relay_brings (fixture, &played, "hello");
  await_datagram (fixture);
  assert_gets (fixture, "hello");
  stop_relay (fixture, &played);
}

/* The peer's name exists nowhere: only the proxy looks it up. */
static void
test_one_peer (UdpFixture    *fixture,
               gconstpointer  data)
{
  g_autoptr(GBytes) bytes = NULL;
  char data_of_name[] = "\0\0\0\3\4host\0\0hello";
  PlayedRelay played;

  g_test_summary ("A socket with one peer sends to it by name, and receives from no other "
                  "address.");

  start_relay (fixture, &played);
  connect_by_relay (fixture, &played, "host");
  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), (const guint8 *) "hello", 5,
                                         NULL),
                   ==, 5);
  data_of_name[9] = (char) (fixture->peer_port >> 8);
  data_of_name[10] = (char) (fixture->peer_port & 0xff);
  relay_receives (&played, data_of_name, sizeof data_of_name - 1);

  relay_says (fixture, &played, LITERAL ("\0\0\0\1\12\1\2\3\0\x63" "another port"));
  relay_says (fixture, &played, data_of_name, sizeof data_of_name - 1);
  await_datagram (fixture);
  bytes = qnet_io_device_read_all_bytes (DEVICE (fixture->socket));
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "hello", 5);

  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  connect_by_relay (fixture, &played, "10.1.2.3");
  relay_brings (fixture, &played, "another address");
  udp_fixture_settle (fixture);
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
  g_assert_null (qnet_socket_steal_connection (QNET_SOCKET (fixture->socket), NULL));
  stop_relay (fixture, &played);
}

static void
test_bound_then_connected (UdpFixture    *fixture,
                           gconstpointer  data)
{
  PlayedRelay played;
  guint16 port;

  g_test_summary ("A bound socket that connects keeps its port, and gets another relay.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);
  port = udp_fixture_get_port (fixture);
  connect_by_relay (fixture, &played, "host");
  g_assert_cmpuint (udp_fixture_get_port (fixture), ==, port);
  stop_relay (fixture, &played);
}

static void
test_looked_up_here (UdpFixture    *fixture,
                     gconstpointer  data)
{
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  g_autoptr(QnetNetworkProxy) simple = NULL;
  g_autoptr(QnetHostAddress) peer = NULL;
  PlayedRelay played;

  g_test_summary ("Without HOST_NAME_LOOKUP the name is looked up locally, and its address is the "
                  "peer.");

  start_relay (fixture, &played);
  proxy = played_proxy_get (&played.proxy);
  simple = qnet_network_proxy_with_capabilities (proxy, QNET_PROXY_CAPABILITIES_UDP_TUNNELING);
  qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), simple);
  connect_by_relay (fixture, &played, "localhost");
  peer = qnet_abstract_socket_get_peer_address (ABSTRACT (fixture->socket));
  g_assert_true (qnet_host_address_is_loopback (peer));
  stop_relay (fixture, &played);
}

static void
test_proxy_disconnects (UdpFixture    *fixture,
                        gconstpointer  data)
{
  PlayedRelay played;

  g_test_summary ("A proxy that closes its connection ends the socket's; bytes that it sends "
                  "before are ignored.");

  start_relay (fixture, &played);
  connect_by_relay (fixture, &played, "host");
  udp_fixture_settle (fixture);
  udp_fixture_forget_log (fixture);
  played_proxy_reply (&played.proxy, 1, 0);
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "");

  played_proxy_disconnect (&played.proxy);
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED);
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture,
                          "error:15 closing unconnected read-channel-finished disconnected");
  stop_relay (fixture, &played);
}

/* What a handler does when the relay ends, once */

static QnetUdpSocket *
disconnect_handlers (UdpFixture *fixture)
{
  g_signal_handlers_disconnect_by_data (fixture->socket, fixture);

  return fixture->socket;
}

static void
drop_cb (UdpFixture *fixture)
{
  disconnect_handlers (fixture);
  g_clear_object (&fixture->socket);
}

static void
abort_and_drop_cb (UdpFixture *fixture)
{
  qnet_socket_abort (QNET_SOCKET (disconnect_handlers (fixture)));
  g_clear_object (&fixture->socket);
}

static void
dispose_cb (UdpFixture *fixture)
{
  g_object_run_dispose (G_OBJECT (disconnect_handlers (fixture)));
}

static void
close_cb (UdpFixture *fixture)
{
  g_io_stream_close (G_IO_STREAM (disconnect_handlers (fixture)), NULL, NULL);
}

static void
bind_again_cb (UdpFixture *fixture)
{
  qnet_socket_abort (QNET_SOCKET (disconnect_handlers (fixture)));
  qnet_abstract_socket_bind (ABSTRACT (fixture->socket), fixture->loopback, 0,
                             QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL);
}

static void
nest_cb (UdpFixture *fixture)
{
  disconnect_handlers (fixture);
  udp_fixture_settle (fixture);
}

static void
lose_relay (UdpFixture *fixture,
            const char *signal,
            GCallback   handler,
            gboolean    is_connected)
{
  QnetUdpSocket *socket;
  PlayedRelay played;

  start_relay (fixture, &played);
  played_proxy_answer (&played.proxy, 0, played.port);
  if (is_connected)
    begin_to_connect (fixture, "host");
  else
    g_assert_true (qnet_abstract_socket_bind_port (ABSTRACT (fixture->socket), 0,
                                              QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  await_state (fixture, is_connected ? QNET_SOCKET_STATE_CONNECTED : QNET_SOCKET_STATE_BOUND);
  played_proxy_join (&played.proxy);

  socket = fixture->socket;
  g_object_add_weak_pointer (G_OBJECT (socket), (gpointer *) &socket);
  g_signal_connect_swapped (socket, signal, handler, fixture);
  played_proxy_disconnect (&played.proxy);
  udp_fixture_await (fixture,
                     socket == NULL || qnet_abstract_socket_get_relay (ABSTRACT (socket)) == NULL);
  udp_fixture_settle (fixture);
  g_clear_object (&fixture->socket);
  udp_fixture_settle (fixture);
  g_assert_null (socket);

  close (played.relay);
  played_proxy_stop (&played.proxy);
  fixture->socket = qnet_udp_socket_new ();
}

static void
test_handlers_of_disconnection (UdpFixture    *fixture,
                                gconstpointer  data)
{
  const char *signals[] = { "error-occurred", "state-changed", "notify::state", "notify::error" };
  const GCallback handlers[] = {
    G_CALLBACK (drop_cb),  G_CALLBACK (abort_and_drop_cb), G_CALLBACK (dispose_cb),
    G_CALLBACK (close_cb), G_CALLBACK (bind_again_cb),     G_CALLBACK (nest_cb),
  };

  g_test_summary ("When a relay ends, a handler may do anything.");
  g_clear_object (&fixture->socket);
  fixture->socket = qnet_udp_socket_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (signals) * G_N_ELEMENTS (handlers); i++)
    for (int is_connected = 0; is_connected < 2; is_connected++)
      lose_relay (fixture, signals[i % G_N_ELEMENTS (signals)],
                  handlers[i / G_N_ELEMENTS (signals)], is_connected);
}

static void
test_ends_with_the_socket (UdpFixture    *fixture,
                           gconstpointer  data)
{
  PlayedRelay played;
  char byte;

  g_test_summary ("The connection to the proxy ends with the socket, however the socket ends.");

  start_relay (fixture, &played);
  bind_by_relay (fixture, &played);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_assert_cmpint (recv (played.proxy.control, &byte, 1, 0), ==, 0);

  udp_fixture_forget_log (fixture);
  bind_by_relay (fixture, &played);
  g_assert_finalize_object (g_steal_pointer (&fixture->socket));
  g_assert_cmpint (recv (played.proxy.control, &byte, 1, 0), ==, 0);
  played_proxy_stop (&played.proxy);
  close (played.relay);
}

static void
test_malformed_answers (UdpFixture    *fixture,
                        gconstpointer  data)
{
  const struct
  {
    PlayedPart      part;
    QnetSocketError code;
  } cases[] = {
    { { "HTTP/1.1 400 No", 15, NULL, 0, FALSE }, QNET_SOCKET_ERROR_PROXY_PROTOCOL },
    { { "", 0, NULL, 0, TRUE }, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED },
    { { "\5\xff", 2, NULL, 0, FALSE }, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED },
    { { "\5", 2, "\5\2", 2, FALSE }, QNET_SOCKET_ERROR_SOCKET_ACCESS },
    { { "\5", 2, "\5\0\0\1\0", 5, TRUE }, QNET_SOCKET_ERROR_PROXY_PROTOCOL },
    { { "\5", 2, "\5\0\0\2\0\0", 6, FALSE }, QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  };
  PlayedRelay played;

  g_test_summary ("A proxy that speaks another protocol, refuses or disconnects is reported as "
                  "such; no datagram bypasses it.");

  start_relay (fixture, &played);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      played_proxy_play (&played.proxy, &cases[i].part);
      assert_does_not_bind (fixture, cases[i].code);
      played_proxy_play (&played.proxy, &cases[i].part);
      begin_to_connect (fixture, "host");
      assert_fails (fixture, cases[i].code);
    }

  stop_relay (fixture, &played);
}

static void
test_slow_proxy (UdpFixture    *fixture,
                 gconstpointer  data)
{
  const PlayedPart half = { "\5", 2, "\5\0", 2, FALSE };
  PlayedRelay played;

  g_test_summary ("A proxy that does not complete its answer is given up after a timeout.");

  start_relay (fixture, &played);
  qnet_socket_set_connect_timeout (QNET_SOCKET (fixture->socket), 50);
  played_proxy_play (&played.proxy, &half);
  assert_does_not_bind (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_TIMEOUT);
  played_proxy_play (&played.proxy, &half);
  begin_to_connect (fixture, "host");
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_TIMEOUT);
  stop_relay (fixture, &played);
}

/* A relay at an address that no socket of this machine can have, as one that has no family in
 * common. */
static void
test_bad_relay (UdpFixture    *fixture,
                gconstpointer  data)
{
  const PlayedPart part = { "\5", 2, "\5\0\0\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0\x63", 22,
                            FALSE };
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);
  g_autoptr(GError) error = NULL;
  PlayedRelay played;

  g_test_summary ("A relay that cannot be reached from where the socket is bound is an error.");

  start_relay (fixture, &played);
  played_proxy_play (&played.proxy, &part);
  g_assert_false (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), any, 0,
                                             QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "proxy 127.0.0.1 port"));
  stop_relay (fixture, &played);
}

/* The choice */

static void
test_never_direct (UdpFixture    *fixture,
                   gconstpointer  data)
{
  g_autofree char *long_name = g_strnfill (256, 'a');
  g_autoptr(GError) error = NULL;
  PlayedRelay played;

  g_test_summary ("An HTTP proxy, or a malformed name, is an error, and no datagram is sent.");

  start_relay (fixture, &played);
  begin_to_connect (fixture, long_name);
  assert_fails (fixture, QNET_SOCKET_ERROR_HOST_NOT_FOUND);

  use_proxy (fixture, QNET_PROXY_TYPE_HTTP, played.proxy.port, NULL);
  assert_does_not_bind (fixture, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  begin_to_connect (fixture, "127.0.0.1");
  assert_fails (fixture, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_cmpint (qnet_udp_socket_write_datagram_to (fixture->socket, (const guint8 *) "a", 1,
                                                      fixture->loopback, fixture->peer_port,
                                                      &error),
                   ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  stop_relay (fixture, &played);
}

static void
test_loopback (UdpFixture    *fixture,
               gconstpointer  data)
{
  PlayedRelay played;

  g_test_summary ("A socket that is bound to a loopback address sends directly to the peer.");

  start_relay (fixture, &played);
  udp_fixture_bind (fixture);
  udp_fixture_peer_sends (fixture, "hello");
  udp_fixture_assert_gets (fixture, "hello");
  stop_relay (fixture, &played);
}

static void
test_application_proxy (UdpFixture    *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetNetworkProxy) unset = qnet_network_proxy_new (QNET_PROXY_TYPE_DEFAULT, NULL, 0,
                                                              NULL, NULL);
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  PlayedRelay played;

  g_test_summary ("The application proxy relays for a socket that has no proxy of its own.");

  start_relay (fixture, &played);
  proxy = played_proxy_get (&played.proxy);
  qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), unset);
  qnet_set_application_proxy (proxy);
  bind_by_relay (fixture, &played);
  clear_application_proxy ();
  relay_brings (fixture, &played, "hello");
  assert_gets (fixture, "hello");
  stop_relay (fixture, &played);
}

static void
test_groups (UdpFixture    *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetHostAddress) group = qnet_host_address_from_string ("239.255.43.21");
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);
  g_autoptr(GError) error = NULL;
  PlayedRelay played;

  g_test_summary ("Groups cannot be joined through a proxy.");

  start_relay (fixture, &played);
  played_proxy_answer (&played.proxy, 0, played.port);
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), any, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  g_assert_false (qnet_udp_socket_join_multicast_group (fixture->socket, group, NULL, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  stop_relay (fixture, &played);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) udp_fixture_add_ipv4 ("/udp-proxy/" path, function)
  ADD ("dante/bound", test_dante_bound);
  ADD ("dante/password", test_dante_password);
  ADD ("dante/refuses", test_dante_refuses);
  ADD ("dante/asks", test_dante_asks);
  ADD ("dante/connected", test_dante_connected);
  ADD ("dante/dies", test_dante_dies);
  ADD ("microsocks", test_microsocks);
  ADD ("request", test_request);
  ADD ("headers", test_headers);
  ADD ("bound-by-sending", test_bound_by_sending);
  ADD ("too-large", test_too_large);
  ADD ("receiving", test_receiving);
  ADD ("junk", test_junk);
  ADD ("junk/budget", test_junk_budget);
  ADD ("junk/does-not-mute", test_junk_does_not_mute);
  ADD ("junk/does-not-end-a-wait", test_junk_does_not_end_a_wait);
  ADD ("junk/forged-before", test_forged_before);
  ADD ("junk/model", test_model);
  ADD ("refused/datagrams", test_refused_datagrams);
  ADD ("refused/options", test_refused_options);
  ADD ("refused/options-of-before", test_refused_options_of_before);
  ADD ("refused/interface-of-before", test_refused_interface_of_before);
  ADD ("reply", test_reply);
  ADD ("one-peer/another-form", test_peer_in_another_form);
  ADD ("one-peer", test_one_peer);
  ADD ("bound-then-connected", test_bound_then_connected);
  ADD ("looked-up-here", test_looked_up_here);
  ADD ("proxy-disconnects", test_proxy_disconnects);
  ADD ("proxy-disconnects/handlers", test_handlers_of_disconnection);
  ADD ("ends-with-the-socket", test_ends_with_the_socket);
  ADD ("malformed-answers", test_malformed_answers);
  ADD ("bad-relay", test_bad_relay);
  ADD ("slow-proxy-times-out", test_slow_proxy);
  ADD ("never-direct", test_never_direct);
  ADD ("loopback", test_loopback);
  ADD ("application-proxy", test_application_proxy);
  ADD ("groups", test_groups);
#undef ADD

  return g_test_run ();
}
