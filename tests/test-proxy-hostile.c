/* test-proxy-hostile.c: sockets with proxies that send random data in random pieces, and then
 * close, stall, or continue forever
 *
 * The dialogues themselves are fuzzed in tests/fuzz; this is about the code around them.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "common/socket-fixture.h"

#define ROUNDS    150
#define TIMEOUT   20                          /* milliseconds: the timeout of each phase */
#define PATIENCE  (10 * G_TIME_SPAN_SECOND)   /* the limit for all of them, on a busy machine */
#define MAX_PIECE 24

#define LITERAL(text) { (text), sizeof (text) - 1 }

typedef struct
{
  const char *data;
  gsize       length;
} Speech;

/* The data of valid proxies, from which invalid data is generated. */

static const Speech socks5_speeches[] = {
  LITERAL ("\5\0\5\0\0\1\12\0\0\1\x1f\x90hello"),
  LITERAL ("\5\2\1\0\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x1f\x90"),
  LITERAL ("\5\0\5\0\0\3\4host\x1f\x90"),
  LITERAL ("\5\2\1\1"),
  LITERAL ("\5\0\5\5\0\1\0\0\0\0\0\0"),
};

static const Speech http_speeches[] = {
  LITERAL ("HTTP/1.1 200 Connection established\r\nVia: gate\r\n\r\nhello"),
  LITERAL ("HTTP/1.1 100 Go on\r\n\r\nHTTP/1.0 200\r\n\r\n"),
  LITERAL ("HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"cave\"\r\nContent-Length: "
           "4\r\n\r\nwho?"),
  LITERAL ("HTTP/1.1 407 Who?\r\nProxy-Authenticate: Digest realm=\"cave\", nonce=\"1\", "
           "qop=\"auth\"\r\n\r\n"),
  LITERAL ("HTTP/1.1 503 No\r\nConnection: close\r\n\r\n"),
};

typedef enum
{
  END_SILENT,
  END_DISCONNECT,
  END_RESET,
  END_NEVER,
  N_ENDS
} End;

typedef struct
{
  SocketFixture *fixture;
  const Speech  *speeches;
  gsize          n_speeches;
  GByteArray    *pending;  /* (owned): the data that is left to send to the current client */
  End            end;
} HostileProxy;

/* The data */

static guint
random_below (guint limit)
{
  return (guint) g_test_rand_int_range (0, (gint32) limit);
}

static void
spoil (GByteArray *pending)
{
  guint place = random_below (pending->len);
  guint8 byte = (guint8) random_below (256);

  switch (random_below (4))
    {
    case 0:
      pending->data[place] = byte;
      break;
    case 1:
      g_byte_array_remove_range (pending, place, random_below (pending->len - place) + 1);
      break;
    case 2:
      g_byte_array_append (pending, pending->data + place, 1);
      break;
    default:
      g_byte_array_prepend (pending, &byte, 1);
    }
}

static void
prepare_speech (HostileProxy *proxy)
{
  const Speech *base = &proxy->speeches[random_below ((guint) proxy->n_speeches)];
  guint n_spoils = random_below (4);

  g_byte_array_set_size (proxy->pending, 0);
  g_byte_array_append (proxy->pending, (const guint8 *) base->data, (guint) base->length);

  for (guint i = 0; i < n_spoils && proxy->pending->len > 0; i++)
    spoil (proxy->pending);

  proxy->end = random_below (N_ENDS);
}

/* Sending the data */

static void
go (HostileProxy *proxy)
{
  SocketFixture *fixture = proxy->fixture;

  switch (proxy->end)
    {
    case END_SILENT:
      break;
    case END_DISCONNECT:
      socket_fixture_drop_peer (fixture);
      break;
    case END_RESET:
      socket_fixture_peer_resets (fixture);
      break;
    default:
      (void) send (fixture->peer, "junk: junk\r\n", 12, MSG_NOSIGNAL);
    }
}

/* Sends a piece. Errors are ignored. */
static void
say_more (HostileProxy *proxy)
{
  guint wanted = random_below (MAX_PIECE) + 1;
  guint length = MIN (wanted, proxy->pending->len);

  if (proxy->fixture->peer < 0)
    return;

  if (length == 0)
    {
      go (proxy);
      return;
    }

  (void) send (proxy->fixture->peer, proxy->pending->data, length, MSG_NOSIGNAL);
  g_byte_array_remove_range (proxy->pending, 0, length);
}

/* The next connection receives other data. */
static void
accept_client (HostileProxy *proxy)
{
  SocketFixture *fixture = proxy->fixture;
  int caller = accept4 (fixture->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

  if (caller < 0)
    return;

  socket_fixture_drop_peer (fixture);
  fixture->peer = caller;
  prepare_speech (proxy);
}

/* The socket */

static gboolean
is_decided (SocketFixture *fixture)
{
  QnetSocketState state = socket_fixture_get_state (fixture);

  return state == QNET_SOCKET_STATE_CONNECTED || state == QNET_SOCKET_STATE_UNCONNECTED;
}

static void
assert_decent_end (SocketFixture *fixture)
{
  const GError *error = qnet_io_device_get_error (DEVICE (fixture->socket));

  if (socket_fixture_get_state (fixture) == QNET_SOCKET_STATE_UNCONNECTED)
    {
      g_assert_true (error->domain == QNET_SOCKET_ERROR);
      g_assert_nonnull (strstr (error->message, "proxy 127.0.0.1 port"));
      g_assert_null (strstr (error->message, "sesame"));
    }
  else
    g_assert_no_error (error);
}

static void
play_round (HostileProxy *proxy)
{
  SocketFixture *fixture = proxy->fixture;
  gint64 limit = g_get_monotonic_time () + PATIENCE;

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "example.org", 80);

  while (!is_decided (fixture))
    {
      accept_client (proxy);
      say_more (proxy);
      g_main_context_iteration (fixture->context, FALSE);
      g_assert_cmpint (g_get_monotonic_time (), <, limit);
    }

  assert_decent_end (fixture);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  socket_fixture_settle (fixture);
  socket_fixture_forget_log (fixture);
  accept_client (proxy);  /* a client that gave up before it was accepted */
}

static void
answer_cb (QnetAbstractSocket *socket,
           QnetNetworkProxy   *proxy,
           QnetAuthenticator  *authenticator)
{
  if (g_test_rand_bit ())
    qnet_authenticator_set_user (authenticator, "another");

  qnet_authenticator_set_password (authenticator, "sesame");
}

static void
play (SocketFixture *fixture,
      QnetProxyType  type,
      const Speech  *speeches,
      gsize          n_speeches)
{
  HostileProxy proxy = {
    .fixture = fixture,
    .speeches = speeches,
    .n_speeches = n_speeches,
    .pending = g_byte_array_new (),
  };

  g_assert_no_errno (fcntl (fixture->listener, F_SETFL, O_NONBLOCK));
  g_signal_connect (fixture->socket, "proxy-authentication-required", G_CALLBACK (answer_cb), NULL);
  qnet_socket_set_connect_timeout (QNET_SOCKET (fixture->socket), TIMEOUT);

  for (guint i = 0; i < ROUNDS; i++)
    {
      const char *user = g_test_rand_bit () ? "user" : NULL;
      g_autoptr(QnetNetworkProxy) value = qnet_network_proxy_new (type, "127.0.0.1", fixture->port,
                                                                  user, "sesame");

      qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), value);
      play_round (&proxy);
    }

  g_byte_array_unref (proxy.pending);
}

static void
test_socks5 (SocketFixture *fixture,
             gconstpointer  data)
{
  g_test_summary ("With any data from a SOCKS5 proxy, there is a connection or an error in time.");

  play (fixture, QNET_PROXY_TYPE_SOCKS5, socks5_speeches, G_N_ELEMENTS (socks5_speeches));
}

static void
test_http (SocketFixture *fixture,
           gconstpointer  data)
{
  g_test_summary ("With any data from an HTTP proxy, there is a connection or an error in time.");

  play (fixture, QNET_PROXY_TYPE_HTTP, http_speeches, G_N_ELEMENTS (http_speeches));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  socket_fixture_add ("/proxy-hostile/socks5", test_socks5);
  socket_fixture_add ("/proxy-hostile/http", test_http);

  return g_test_run ();
}
