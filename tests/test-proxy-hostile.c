/* test-proxy-hostile.c: proxies that say anything, in pieces of any size, and then go, stay, or go on for ever
 *
 * The dialogues themselves are fuzzed in tests/fuzz; here it is all that stands around them.
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
#define TIMEOUT   20                          /* milliseconds that each phase may take */
#define PATIENCE  (10 * G_TIME_SPAN_SECOND)   /* that all of them may take, on a machine that has much to do */
#define MAX_PIECE 24

#define LITERAL(text) { (text), sizeof (text) - 1 }

typedef struct
{
  const char *data;
  gsize       length;
} Speech;

/* What good proxies say: bad ones are made of it. */

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
  LITERAL ("HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"cave\"\r\nContent-Length: 4\r\n\r\nwho?"),
  LITERAL ("HTTP/1.1 407 Who?\r\nProxy-Authenticate: Digest realm=\"cave\", nonce=\"1\", qop=\"auth\"\r\n\r\n"),
  LITERAL ("HTTP/1.1 503 No\r\nConnection: close\r\n\r\n"),
};

typedef enum
{
  END_SILENT,
  END_HANG_UP,
  END_RESET,
  END_NEVER,
  N_ENDS
} End;

typedef struct
{
  SocketFixture *fixture;
  const Speech  *speeches;
  gsize          n_speeches;
  GByteArray    *speech;  /* (owned): what is still to be said to the present caller */
  End            end;
} HostileProxy;

/* What it says */

static guint
random_below (guint limit)
{
  return (guint) g_test_rand_int_range (0, (gint32) limit);
}

static void
spoil (GByteArray *speech)
{
  guint place = random_below (speech->len);
  guint8 byte = (guint8) random_below (256);

  switch (random_below (4))
    {
    case 0:
      speech->data[place] = byte;
      break;
    case 1:
      g_byte_array_remove_range (speech, place, random_below (speech->len - place) + 1);
      break;
    case 2:
      g_byte_array_append (speech, speech->data + place, 1);
      break;
    default:
      g_byte_array_prepend (speech, &byte, 1);
    }
}

static void
prepare_speech (HostileProxy *proxy)
{
  const Speech *base = &proxy->speeches[random_below ((guint) proxy->n_speeches)];
  guint n_spoils = random_below (4);

  g_byte_array_set_size (proxy->speech, 0);
  g_byte_array_append (proxy->speech, (const guint8 *) base->data, (guint) base->length);

  for (guint i = 0; i < n_spoils && proxy->speech->len > 0; i++)
    spoil (proxy->speech);

  proxy->end = random_below (N_ENDS);
}

/* How it says it */

static void
go (HostileProxy *proxy)
{
  SocketFixture *fixture = proxy->fixture;

  switch (proxy->end)
    {
    case END_SILENT:
      break;
    case END_HANG_UP:
      socket_fixture_drop_peer (fixture);
      break;
    case END_RESET:
      socket_fixture_peer_resets (fixture);
      break;
    default:
      (void) send (fixture->peer, "junk: junk\r\n", 12, MSG_NOSIGNAL);
    }
}

/* One piece; whether there is somebody who takes it is no matter. */
static void
say_more (HostileProxy *proxy)
{
  guint wanted = random_below (MAX_PIECE) + 1;
  guint length = MIN (wanted, proxy->speech->len);

  if (proxy->fixture->peer < 0)
    return;

  if (length == 0)
    {
      go (proxy);
      return;
    }

  (void) send (proxy->fixture->peer, proxy->speech->data, length, MSG_NOSIGNAL);
  g_byte_array_remove_range (proxy->speech, 0, length);
}

/* Who comes again is told something else. */
static void
look_for_caller (HostileProxy *proxy)
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
      look_for_caller (proxy);
      say_more (proxy);
      g_main_context_iteration (fixture->context, FALSE);
      g_assert_cmpint (g_get_monotonic_time (), <, limit);
    }

  assert_decent_end (fixture);
  qnet_abstract_socket_abort (ABSTRACT (fixture->socket));
  socket_fixture_settle (fixture);
  socket_fixture_forget_log (fixture);
  look_for_caller (proxy);  /* who was given up before it was let in */
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
    .speech = g_byte_array_new (),
  };

  g_assert_no_errno (fcntl (fixture->listener, F_SETFL, O_NONBLOCK));
  g_signal_connect (fixture->socket, "proxy-authentication-required", G_CALLBACK (answer_cb), NULL);
  qnet_abstract_socket_set_connect_timeout (ABSTRACT (fixture->socket), TIMEOUT);

  for (guint i = 0; i < ROUNDS; i++)
    {
      const char *user = g_test_rand_bit () ? "user" : NULL;
      g_autoptr(QnetNetworkProxy) value = qnet_network_proxy_new (type, "127.0.0.1", fixture->port,
                                                                  user, "sesame");

      qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), value);
      play_round (&proxy);
    }

  g_byte_array_unref (proxy.speech);
}

static void
test_socks5 (SocketFixture *fixture,
             gconstpointer  data)
{
  g_test_summary ("Whatever a SOCKS5 proxy says, there is a connection or an error in time.");

  play (fixture, QNET_PROXY_TYPE_SOCKS5, socks5_speeches, G_N_ELEMENTS (socks5_speeches));
}

static void
test_http (SocketFixture *fixture,
           gconstpointer  data)
{
  g_test_summary ("Whatever an HTTP proxy says, there is a connection or an error in time.");

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
