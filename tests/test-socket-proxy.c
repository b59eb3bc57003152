/* test-socket-proxy.c: sockets through proxies that the test plays, valid and invalid ones
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <qnet/qnet.h>

#include "base/qnet-syscall-private.h"
#include "common/application-proxy.h"
#include "common/resolver.h"
#include "common/socket-fixture.h"
#include "loop/qnet-reactor-private.h"

#define LITERAL(text) (text), sizeof (text) - 1

#define OPEN_OFFER "\x05\x01\x00"
#define BOTH_OFFER "\x05\x02\x00\x02"
#define TO_NAME    "\x05\x01\x00\x03\x0b" "example.org" "\x00\x50"
#define REPLY      "\x05\x00\x00\x01\x0a\x00\x00\x01\x1f\x90"
#define LOGIN      "\x01\x04" "user" "\x06" "sesame"

#define HTTP_REQUEST "CONNECT example.org:80 HTTP/1.1\r\nHost: example.org:80\r\n"
#define HTTP_BASIC   "Proxy-Authorization: Basic dXNlcjpzZXNhbWU=\r\n"
#define HTTP_ASKS    "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"cave\"\r\n"

/* The side of the socket */

static void
set_proxy_at (SocketFixture *fixture,
              QnetProxyType  type,
              const char    *host,
              guint16        port,
              const char    *user)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (type, host, port, user, "sesame");

  qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), proxy);
}

static void
set_proxy (SocketFixture *fixture,
           QnetProxyType  type,
           const char    *user)
{
  set_proxy_at (fixture, type, "127.0.0.1", fixture->port, user);
}

static void
connect_to_example (SocketFixture *fixture)
{
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "example.org", 80);
}

static void
assert_fails (SocketFixture   *fixture,
              QnetSocketError  code)
{
  const GError *error;

  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  error = qnet_io_device_get_error (DEVICE (fixture->socket));
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_assert_null (strstr (error->message, "sesame"));
  g_test_message ("%s", error->message);
}

static void
assert_names_both (SocketFixture *fixture)
{
  const GError *error = qnet_io_device_get_error (DEVICE (fixture->socket));

  g_assert_nonnull (strstr (error->message, "example.org port 80"));
  g_assert_nonnull (strstr (error->message, "proxy 127.0.0.1 port"));
}

/* The side of the proxy */

static gboolean
has_caller (SocketFixture *fixture)
{
  fixture->peer = accept4 (fixture->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  g_assert_true (fixture->peer >= 0 || errno == EAGAIN);

  return fixture->peer >= 0;
}

static void
proxy_accepts (SocketFixture *fixture)
{
  socket_fixture_drop_peer (fixture);

  while (!has_caller (fixture))
    g_main_context_iteration (fixture->context, FALSE);
}

static void
proxy_receives (SocketFixture *fixture,
                gconstpointer  expected,
                gsize          length)
{
  g_autofree char *received = socket_fixture_peer_reads (fixture, length);

  g_assert_cmpmem (received, length, expected, length);
}

static void
proxy_sends (SocketFixture *fixture,
             gconstpointer  data,
             gsize          length)
{
  g_assert_cmpint (send (fixture->peer, data, length, MSG_NOSIGNAL), ==, length);
}

/* No client has connected to the listener. */
static void
assert_no_caller (SocketFixture *fixture)
{
  g_assert_false (has_caller (fixture));
}

static void
set_up (SocketFixture *fixture,
        gconstpointer  data)
{
  socket_fixture_set_up (fixture, data);
  g_assert_no_errno (fcntl (fixture->listener, F_SETFL, O_NONBLOCK));
}

/* CONNECT */

static void
test_socks5 (SocketFixture *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = NULL;

  g_test_summary ("The name is sent to the proxy as it is, and bytes of the peer that arrive with"
                  " the reply can be read.");

  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, NULL);
  connect_to_example (fixture);
  socket_fixture_write (fixture, "early");
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (OPEN_OFFER));
  proxy_sends (fixture, LITERAL ("\x05\x00"));
  proxy_receives (fixture, LITERAL (TO_NAME));
  proxy_sends (fixture, LITERAL (REPLY "hello"));

  socket_fixture_await_bytes (fixture, 5);
  socket_fixture_assert_reads (fixture, "hello");
  proxy_receives (fixture, LITERAL ("early"));
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "connecting connected connected written:5 "
                                      "ready-read");

  address = qnet_abstract_socket_get_peer_address (ABSTRACT (fixture->socket));
  g_assert_true (qnet_host_address_is_null (address));
  g_assert_cmpstr (qnet_abstract_socket_get_peer_name (ABSTRACT (fixture->socket)), ==,
                   "example.org");
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (ABSTRACT (fixture->socket)), ==, 80);
}

static void
test_address (SocketFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string ("192.0.2.1");
  g_autoptr(QnetHostAddress) peer = NULL;

  g_test_summary ("An address is sent as an address, and becomes that of the peer.");

  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, NULL);
  qnet_abstract_socket_connect_to_address (ABSTRACT (fixture->socket), address, 80);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (OPEN_OFFER));
  proxy_sends (fixture, LITERAL ("\x05\x00"));
  proxy_receives (fixture, LITERAL ("\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50"));
  proxy_sends (fixture, LITERAL (REPLY));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);

  peer = qnet_abstract_socket_get_peer_address (ABSTRACT (fixture->socket));
  g_assert_true (qnet_host_address_equal (peer, address));
}

static void
test_http (SocketFixture *fixture,
           gconstpointer  data)
{
  g_test_summary ("A tunnel by HTTP; the end of the connection names the requested host.");

  set_proxy (fixture, QNET_PROXY_TYPE_HTTP, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (HTTP_REQUEST "\r\n"));
  proxy_sends (fixture, LITERAL ("HTTP/1.1 200 OK\r\n\r\nhello"));
  socket_fixture_await_bytes (fixture, 5);
  socket_fixture_assert_reads (fixture, "hello");

  socket_fixture_peer_ends (fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  g_assert_cmpstr (qnet_io_device_get_error (DEVICE (fixture->socket))->message, ==,
                   "example.org port 80 has closed the connection");
}

static void
test_spellings (SocketFixture *fixture,
                gconstpointer  data)
{
  g_test_summary ("An address is sent as an address in each spelling, and so is that of the "
                  "proxy.");

  set_proxy_at (fixture, QNET_PROXY_TYPE_SOCKS5, "127.0.0.1.", fixture->port, NULL);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "[2001:db8::1]", 80);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (OPEN_OFFER));
  proxy_sends (fixture, LITERAL ("\x05\x00"));
  proxy_receives (fixture,
                  LITERAL ("\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x50"));
  proxy_sends (fixture, LITERAL (REPLY));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
}

/* Authentication */

static void
test_known_password (SocketFixture *fixture,
                     gconstpointer  data)
{
  g_test_summary ("The user and password of the proxy are sent when it requires authentication.");

  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, "user");
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (BOTH_OFFER));
  proxy_sends (fixture, LITERAL ("\x05\x02"));
  proxy_receives (fixture, LITERAL (LOGIN));
  proxy_sends (fixture, LITERAL ("\x01\x00"));
  proxy_receives (fixture, LITERAL (TO_NAME));
  proxy_sends (fixture, LITERAL (REPLY));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
}

static void
test_wrong_password (SocketFixture *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A refused password is an error, which does not contain it.");

  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, "user");
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (BOTH_OFFER));
  proxy_sends (fixture, LITERAL ("\x05\x02"));
  proxy_receives (fixture, LITERAL (LOGIN));
  proxy_sends (fixture, LITERAL ("\x01\x01"));
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  assert_names_both (fixture);
}

static void
answer_cb (QnetAbstractSocket *socket,
           QnetNetworkProxy   *proxy,
           QnetAuthenticator  *authenticator,
           gpointer            user_data)
{
  g_assert_cmpstr (qnet_authenticator_get_realm (authenticator), ==, "cave");
  qnet_authenticator_set_user (authenticator, "user");
  qnet_authenticator_set_password (authenticator, "sesame");
}

static void
test_asked (SocketFixture *fixture,
            gconstpointer  data)
{
  g_test_summary ("A handler answers, and the dialogue continues over the same connection.");

  g_signal_connect (fixture->socket, "proxy-authentication-required", G_CALLBACK (answer_cb), NULL);
  set_proxy (fixture, QNET_PROXY_TYPE_HTTP, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (HTTP_REQUEST "\r\n"));
  proxy_sends (fixture, LITERAL (HTTP_ASKS "Content-Length: 5\r\n\r\nsorry"));
  proxy_receives (fixture, LITERAL (HTTP_REQUEST HTTP_BASIC "\r\n"));
  proxy_sends (fixture, LITERAL ("HTTP/1.1 200 OK\r\n\r\n"));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_assert_log (fixture, "connecting connected connected");
}

static void
test_asked_and_closed (SocketFixture *fixture,
                       gconstpointer  data)
{
  g_test_summary ("A proxy that closes after the request for authentication is connected to again"
                  " with the same request.");

  g_signal_connect (fixture->socket, "proxy-authentication-required", G_CALLBACK (answer_cb), NULL);
  set_proxy (fixture, QNET_PROXY_TYPE_HTTP, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (HTTP_REQUEST "\r\n"));
  proxy_sends (fixture, LITERAL (HTTP_ASKS "Connection: close\r\n\r\n"));
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (HTTP_REQUEST HTTP_BASIC "\r\n"));
  proxy_sends (fixture, LITERAL ("HTTP/1.1 200 OK\r\n\r\n"));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_assert_log (fixture, "connecting connected connected");
}

static void
test_asked_and_gone (SocketFixture *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A proxy that closes after the request for authentication and does not accept the"
                  " next connection is an error.");

  g_signal_connect (fixture->socket, "proxy-authentication-required", G_CALLBACK (answer_cb), NULL);
  set_proxy (fixture, QNET_PROXY_TYPE_HTTP, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  g_assert_no_errno (close (fixture->listener));
  fixture->listener = -1;
  proxy_receives (fixture, LITERAL (HTTP_REQUEST "\r\n"));
  proxy_sends (fixture, LITERAL (HTTP_ASKS "Connection: close\r\n\r\n"));
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_REFUSED);
}

static void
hold_cb (QnetAbstractSocket  *socket,
         QnetNetworkProxy    *proxy,
         QnetAuthenticator   *authenticator,
         QnetAuthenticator  **held)
{
  qnet_authenticator_hold (authenticator);
  *held = g_object_ref (authenticator);
}

/* Up to the request for authentication, which is held. */
static QnetAuthenticator *
hold_question (SocketFixture *fixture)
{
  QnetAuthenticator *held = NULL;

  g_signal_connect (fixture->socket, "proxy-authentication-required", G_CALLBACK (hold_cb), &held);
  qnet_socket_set_connect_timeout (QNET_SOCKET (fixture->socket), 10000);
  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (BOTH_OFFER));
  proxy_sends (fixture, LITERAL ("\x05\x02"));
  socket_fixture_await (fixture, held != NULL);
  socket_fixture_settle (fixture);
  g_signal_handlers_disconnect_by_data (fixture->socket, &held);

  return held;
}

static void
test_held (SocketFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetAuthenticator) held = hold_question (fixture);

  g_test_summary ("The answer may come later; resume() only allows that.");

  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTING);
  qnet_authenticator_set_user (held, "user");
  qnet_authenticator_set_password (held, "sesame");
  qnet_authenticator_resume (held);
  proxy_receives (fixture, LITERAL (LOGIN));
  proxy_sends (fixture, LITERAL ("\x01\x00"));
  proxy_receives (fixture, LITERAL (TO_NAME));
  proxy_sends (fixture, LITERAL (REPLY));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
}

static gint64 time_ahead;

static gint64
clock_ahead (void)
{
  return g_get_monotonic_time () + time_ahead;
}

static void
test_held_without_limit (SocketFixture *fixture,
                         gconstpointer  data)
{
  g_autoptr(QnetAuthenticator) held = hold_question (fixture);

  g_test_summary ("While the request for authentication is held, connect-timeout does not run; "
                  "afterwards it does.");

  time_ahead = 60 * G_TIME_SPAN_SECOND;
  qnet_clock_set_for_tests (clock_ahead);
  socket_fixture_settle (fixture);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTING);

  qnet_authenticator_set_user (held, "user");
  qnet_authenticator_set_password (held, "sesame");
  qnet_authenticator_resume (held);
  proxy_receives (fixture, LITERAL (LOGIN));
  time_ahead = 120 * G_TIME_SPAN_SECOND;
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_TIMEOUT);
  qnet_clock_set_for_tests (NULL);
}

static void
test_held_too_long (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetAuthenticator) held = hold_question (fixture);

  g_test_summary ("A proxy that does not wait for the answer is connected to again.");

  socket_fixture_drop_peer (fixture);
  socket_fixture_settle (fixture);
  qnet_authenticator_set_user (held, "user");
  qnet_authenticator_set_password (held, "sesame");
  qnet_authenticator_resume (held);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (BOTH_OFFER));
  proxy_sends (fixture, LITERAL ("\x05\x02"));
  proxy_receives (fixture, LITERAL (LOGIN));
}

static void
test_held_and_dropped (SocketFixture *fixture,
                       gconstpointer  data)
{
  QnetAuthenticator *held = hold_question (fixture);

  g_test_summary ("Dropping the authenticator fails, in a later iteration.");

  socket_fixture_forget_log (fixture);
  g_object_unref (held);
  socket_fixture_assert_log (fixture, "");
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
}

static void
test_held_and_aborted (SocketFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr(QnetAuthenticator) held = hold_question (fixture);

  g_test_summary ("An answer for an aborted socket has no effect.");

  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  qnet_authenticator_set_user (held, "user");
  qnet_authenticator_resume (held);
  socket_fixture_settle (fixture);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
}

static void
abort_cb (QnetAbstractSocket *socket,
          QnetNetworkProxy   *proxy,
          QnetAuthenticator  *authenticator,
          gboolean           *was_asked)
{
  *was_asked = TRUE;
  qnet_socket_abort (QNET_SOCKET (socket));
}

static void
test_aborted_in_handler (SocketFixture *fixture,
                         gconstpointer  data)
{
  gboolean was_asked = FALSE;

  g_test_summary ("The handler may do anything, including abort().");

  g_signal_connect (fixture->socket, "proxy-authentication-required", G_CALLBACK (abort_cb),
                    &was_asked);
  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (BOTH_OFFER));
  proxy_sends (fixture, LITERAL ("\x05\x02"));
  socket_fixture_await (fixture, was_asked);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
}

/* Invalid proxies */

static void
test_refused (SocketFixture *fixture,
              gconstpointer  data)
{
  g_test_summary ("A proxy that refuses connections has another code than a host that does.");

  set_proxy_at (fixture, QNET_PROXY_TYPE_SOCKS5, "127.0.0.1", find_closed_port (), "user");
  connect_to_example (fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_REFUSED);
  assert_names_both (fixture);
}

static void
test_not_found (SocketFixture *fixture,
                gconstpointer  data)
{
  g_test_summary ("A proxy without an address is not found.");

  test_resolver_fail ();
  set_proxy_at (fixture, QNET_PROXY_TYPE_HTTP, "gate.test", 8080, NULL);
  connect_to_example (fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_NOT_FOUND);

  set_proxy_at (fixture, QNET_PROXY_TYPE_HTTP, "", 8080, NULL);
  connect_to_example (fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_NOT_FOUND);
}

static void
test_silent (SocketFixture *fixture,
             gconstpointer  data)
{
  g_test_summary ("A proxy that sends nothing times out.");

  qnet_socket_set_connect_timeout (QNET_SOCKET (fixture->socket), 20);
  set_proxy (fixture, QNET_PROXY_TYPE_HTTP, NULL);
  connect_to_example (fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_TIMEOUT);
  assert_names_both (fixture);
}

static void
test_slow (SocketFixture *fixture,
           gconstpointer  data)
{
  g_test_summary ("A proxy that sends single bytes times out as well.");

  qnet_socket_set_connect_timeout (QNET_SOCKET (fixture->socket), 50);
  set_proxy (fixture, QNET_PROXY_TYPE_HTTP, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_sends (fixture, LITERAL ("HTTP/1.1 100 Slow\r\nA: "));

  while (socket_fixture_get_state (fixture) == QNET_SOCKET_STATE_CONNECTING)
    {
      proxy_sends (fixture, "a", 1);
      g_usleep (1000);  /* lest it fills 64 KiB before the timeout */
      socket_fixture_settle (fixture);
    }

  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_TIMEOUT);
}

static void
test_endless (SocketFixture *fixture,
              gconstpointer  data)
{
  g_autofree char *much = g_strnfill (8192, 'a');

  g_test_summary ("A reply without an end is a protocol error.");

  set_proxy (fixture, QNET_PROXY_TYPE_HTTP, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_sends (fixture, LITERAL ("HTTP/1.1 200 OK\r\nA: "));

  while (socket_fixture_get_state (fixture) != QNET_SOCKET_STATE_UNCONNECTED)
    {
      (void) send (fixture->peer, much, strlen (much), MSG_NOSIGNAL);
      g_main_context_iteration (fixture->context, FALSE);
    }

  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_PROTOCOL);
}

static void
test_out_of_order (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_test_summary ("Replies to requests that were not sent are a protocol error.");

  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_sends (fixture, LITERAL ("\x05\x00\x01\x00" REPLY));
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_PROTOCOL);
}

typedef struct
{
  QnetProxyType    type;
  const char      *reply;
  gsize            length;
  gboolean         by_reset;
  QnetSocketError  code;
} Closing;

static const Closing closings[] = {
  { QNET_PROXY_TYPE_SOCKS5, LITERAL (""), FALSE, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED },
  { QNET_PROXY_TYPE_SOCKS5, LITERAL (""), TRUE, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED },
  { QNET_PROXY_TYPE_SOCKS5, LITERAL ("\x05\x00"), FALSE,
    QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED },
  { QNET_PROXY_TYPE_SOCKS5, LITERAL ("\x05\x00\x05"), FALSE, QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { QNET_PROXY_TYPE_SOCKS5, LITERAL ("\x05\x00\x05\x05"), FALSE,
    QNET_SOCKET_ERROR_CONNECTION_REFUSED },
  { QNET_PROXY_TYPE_HTTP, LITERAL (""), FALSE, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED },
  { QNET_PROXY_TYPE_HTTP, LITERAL ("HTTP/1.1 200"), FALSE, QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { QNET_PROXY_TYPE_HTTP, LITERAL ("HTTP/1.1 503 No\r\n\r\n"), FALSE,
    QNET_SOCKET_ERROR_CONNECTION_REFUSED },
};

static void
test_closing_proxy (SocketFixture *fixture,
                    gconstpointer  data)
{
  const Closing *closing = data;

  g_test_summary ("When a proxy closes or resets the connection, the replies that it has sent "
                  "count.");

  set_proxy (fixture, closing->type, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_sends (fixture, closing->reply, closing->length);

  if (closing->by_reset)
    socket_fixture_peer_resets (fixture);
  else
    socket_fixture_peer_ends (fixture);

  assert_fails (fixture, closing->code);
  assert_names_both (fixture);
}

/* System calls that fail */

static QnetSyscall failing_call;
static int         failing_errno;
static guint       n_failures;  /* that number of times */

static int
fail_cb (QnetSyscall call)
{
  if (call != failing_call || n_failures == 0)
    return 0;

  n_failures--;

  return failing_errno;
}

static void
begin_failing (QnetSyscall call,
               int         error_number,
               guint       n)
{
  failing_call = call;
  failing_errno = error_number;
  n_failures = n;
  qnet_syscall_fault = fail_cb;
}

static void
tear_down (SocketFixture *fixture,
           gconstpointer  data)
{
  qnet_syscall_fault = NULL;
  socket_fixture_tear_down (fixture, data);
}

/* Waits until the proxy has received the request. */
static void
reach_request (SocketFixture *fixture,
               QnetProxyType  type)
{
  qnet_socket_set_connect_timeout (QNET_SOCKET (fixture->socket), 0);
  set_proxy (fixture, type, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);

  if (type == QNET_PROXY_TYPE_HTTP)
    {
      proxy_receives (fixture, LITERAL (HTTP_REQUEST "\r\n"));
      return;
    }

  proxy_receives (fixture, LITERAL (OPEN_OFFER));
  proxy_sends (fixture, LITERAL ("\x05\x00"));
  proxy_receives (fixture, LITERAL (TO_NAME));
}

static const struct
{
  int             error_number;
  QnetSocketError code;
} failing_receptions[] = {
  { ENOMEM, QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { ENOBUFS, QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { EAGAIN, QNET_SOCKET_ERROR_TEMPORARY },
  { ETIMEDOUT, QNET_SOCKET_ERROR_NETWORK },
  { ECONNRESET, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED },
};

static void
test_failing_discard (SocketFixture *fixture,
                      gconstpointer  data)
{
  gsize i = GPOINTER_TO_UINT (data) / 2;
  gboolean is_http = GPOINTER_TO_UINT (data) % 2;

  g_test_summary ("A reply of the proxy that could not be consumed never reaches the application.");

  reach_request (fixture, is_http ? QNET_PROXY_TYPE_HTTP : QNET_PROXY_TYPE_SOCKS5);
  begin_failing (QNET_SYSCALL_RECV, failing_receptions[i].error_number, 1);

  if (is_http)
    proxy_sends (fixture, LITERAL ("HTTP/1.1 200 OK\r\n\r\nhello"));
  else
    proxy_sends (fixture, LITERAL (REPLY "hello"));

  assert_fails (fixture, failing_receptions[i].code);
  assert_names_both (fixture);
  g_assert_cmpuint (n_failures, ==, 0);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->socket)), ==, 0);
}

static void
test_failing_reception (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_test_summary ("A failure to receive from the proxy is reported at once, with its reason.");

  reach_request (fixture, QNET_PROXY_TYPE_SOCKS5);
  begin_failing (QNET_SYSCALL_RECVMSG, ENOMEM, 1);
  proxy_sends (fixture, LITERAL (REPLY));
  assert_fails (fixture, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  assert_names_both (fixture);
}

static const struct
{
  int             error_number;
  QnetSocketError code;
} failing_sends[] = {
  { ENOBUFS, QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { ENOMEM, QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { EPERM, QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { EACCES, QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { ENETDOWN, QNET_SOCKET_ERROR_NETWORK },
  { EIO, QNET_SOCKET_ERROR_UNKNOWN },
  { EPIPE, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED },
  { ECONNRESET, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED },
};

static void
test_failing_send (SocketFixture *fixture,
                   gconstpointer  data)
{
  gsize i = GPOINTER_TO_UINT (data) / 2;
  gboolean is_http = GPOINTER_TO_UINT (data) % 2;

  g_test_summary ("A request that cannot be sent fails at once, even without a timeout.");

  begin_failing (QNET_SYSCALL_SEND, failing_sends[i].error_number, 1);
  qnet_socket_set_connect_timeout (QNET_SOCKET (fixture->socket), 0);
  set_proxy (fixture, is_http ? QNET_PROXY_TYPE_HTTP : QNET_PROXY_TYPE_SOCKS5, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  assert_fails (fixture, failing_sends[i].code);
  assert_names_both (fixture);
}

static void
test_failing_second_send (SocketFixture *fixture,
                          gconstpointer  data)
{
  g_test_summary ("A second request that cannot be sent fails at once as well.");

  qnet_socket_set_connect_timeout (QNET_SOCKET (fixture->socket), 0);
  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (OPEN_OFFER));
  begin_failing (QNET_SYSCALL_SEND, ENOBUFS, 1);
  proxy_sends (fixture, LITERAL ("\x05\x00"));
  assert_fails (fixture, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
}

static void
test_early_success (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A success that arrives before the request was sent is an error.");

  begin_failing (QNET_SYSCALL_SEND, ENOBUFS, 1);
  set_proxy (fixture, QNET_PROXY_TYPE_HTTP, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_sends (fixture, LITERAL ("HTTP/1.1 200 OK\r\n\r\nhello"));
  assert_fails (fixture, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->socket)), ==, 0);
}

static void
test_last_reply_of_proxy (SocketFixture *fixture,
                          gconstpointer  data)
{
  g_test_summary ("The reply that a proxy sent before it closed is reported rather than the "
                  "failure to send.");

  begin_failing (QNET_SYSCALL_SEND, EPIPE, 1);
  set_proxy (fixture, QNET_PROXY_TYPE_HTTP, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_sends (fixture, LITERAL ("HTTP/1.1 403 No\r\n\r\n"));
  socket_fixture_peer_ends (fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR_SOCKET_ACCESS);
}

static void
test_host_that_is_a_uri (SocketFixture *fixture,
                         gconstpointer  data)
{
  g_test_summary ("A URI as the host of a proxy fails, without a lookup and without showing it.");

  set_proxy_at (fixture, QNET_PROXY_TYPE_SOCKS5, "alice:sesame@127.0.0.1", fixture->port, NULL);
  connect_to_example (fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_NOT_FOUND);
  g_assert_null (strstr (qnet_io_device_get_error (DEVICE (fixture->socket))->message, "alice"));
  assert_no_caller (fixture);
}

/* Never without the proxy */

static void
connect_to_listener (SocketFixture *fixture)
{
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
}

static void
test_never_direct (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A failing proxy never leads to a direct connection.");

  set_proxy_at (fixture, QNET_PROXY_TYPE_SOCKS5, "127.0.0.1", find_closed_port (), NULL);
  connect_to_listener (fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR_PROXY_CONNECTION_REFUSED);
  assert_no_caller (fixture);
}

static void
test_unsuitable (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_test_summary ("A proxy that does not support connections never leads to a direct connection.");

  set_proxy (fixture, QNET_PROXY_TYPE_HTTP_CACHING, NULL);
  connect_to_listener (fixture);
  socket_fixture_assert_log (fixture, "connecting");
  assert_fails (fixture, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  assert_no_caller (fixture);
}

static void
test_bad_name (SocketFixture *fixture,
               gconstpointer  data)
{
  g_autofree char *longer = g_strnfill (256, 'a');

  g_test_summary ("A name that cannot be sent to a proxy is refused, and no proxy is connected "
                  "to.");

  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, NULL);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), longer, 80);
  assert_fails (fixture, QNET_SOCKET_ERROR_HOST_NOT_FOUND);

  qnet_abstract_socket_connect_to_host_full (ABSTRACT (fixture->socket), "192.0.2.1", 80,
                                             QNET_OPEN_MODE_READ_WRITE,
                                             QNET_NETWORK_LAYER_PROTOCOL_IPV6);
  assert_fails (fixture, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
  assert_no_caller (fixture);
}

static void
test_application_proxy (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "127.0.0.1",
                                                              fixture->port, NULL, NULL);
  g_autoptr(QnetNetworkProxy) none = qnet_network_proxy_new (QNET_PROXY_TYPE_NONE, NULL, 0, NULL,
                                                             NULL);

  g_test_summary ("The proxy of the application is used unless the socket has its own, and not "
                  "for this machine.");

  qnet_set_application_proxy (proxy);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (OPEN_OFFER));
  qnet_socket_abort (QNET_SOCKET (fixture->socket));

  connect_to_listener (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));

  qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), none);
  test_resolver_fail ();
  connect_to_example (fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
  clear_application_proxy ();
}

static void
test_local_spellings (SocketFixture *fixture,
                      gconstpointer  data)
{
  const char *const hosts[] = { "127.0.0.1", "127.1", "127.0.0.1.", "[::ffff:127.0.0.1]",
                                "::ffff:127.0.0.1", "0.0.0.0" };
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "127.0.0.1",
                                                              find_closed_port (), NULL, NULL);

  g_test_summary ("The proxy of the application is not used for this machine, in any spelling of "
                  "its address.");

  qnet_set_application_proxy (proxy);

  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), hosts[i], fixture->port);
      socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
      qnet_socket_abort (QNET_SOCKET (fixture->socket));
    }

  clear_application_proxy ();
}

static void
test_factory_fails (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(GProxyResolver) resolver = g_simple_proxy_resolver_new ("socks4://127.0.0.1:1", NULL);
  g_autoptr(QnetNetworkProxyFactory) factory = qnet_network_proxy_factory_from_resolver (resolver);

  g_test_summary ("The connection fails if a factory returns no usable proxy.");

  test_resolver_answer ("127.0.0.1", NULL);
  qnet_set_application_proxy_factory (factory);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "example.org", fixture->port);
  assert_fails (fixture, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  assert_no_caller (fixture);
  clear_application_proxy ();
}

/* Names and addresses */

static void
test_looked_up_here (SocketFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "127.0.0.1",
                                                              fixture->port, NULL, NULL);
  g_autoptr(QnetNetworkProxy) lookless = NULL;
  g_autoptr(QnetHostAddress) peer = NULL;
  g_autofree char *text = NULL;

  g_test_summary ("A name is looked up if the proxy looks up none, and its addresses are tried in"
                  " order.");

  test_resolver_answer ("192.0.2.1", "192.0.2.2", NULL);
  lookless = qnet_network_proxy_with_capabilities (proxy, QNET_PROXY_CAPABILITIES_TUNNELING);
  qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), lookless);
  connect_to_example (fixture);

  for (guint8 i = 1; i <= 2; i++)
    {
      const guint8 request[] = { 5, 1, 0, 1, 192, 0, 2, i, 0, 80 };

      proxy_accepts (fixture);
      proxy_receives (fixture, LITERAL (OPEN_OFFER));
      proxy_sends (fixture, LITERAL ("\x05\x00"));
      proxy_receives (fixture, request, sizeof request);
      if (i == 1)
        proxy_sends (fixture, LITERAL ("\x05\x05"));
      else
        proxy_sends (fixture, LITERAL (REPLY));
    }

  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_assert_log (fixture, "host-lookup connecting host-found connected connected");
  peer = qnet_abstract_socket_get_peer_address (ABSTRACT (fixture->socket));
  text = qnet_host_address_to_string (peer);
  g_assert_cmpstr (text, ==, "192.0.2.2");
}

static void
test_not_looked_up_here (SocketFixture *fixture,
                         gconstpointer  data)
{
  guint n_asked = test_resolver_get_n_asked ();

  g_test_summary ("A name that the proxy looks up is not looked up here.");

  test_socks5 (fixture, data);
  g_assert_cmpuint (test_resolver_get_n_asked (), ==, n_asked);
}

static void
test_lookup_fails (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "127.0.0.1",
                                                              fixture->port, NULL, NULL);
  g_autoptr(QnetNetworkProxy) lookless = NULL;

  g_test_summary ("A failed lookup of the host is not an error of the proxy.");

  lookless = qnet_network_proxy_with_capabilities (proxy, QNET_PROXY_CAPABILITIES_TUNNELING);
  qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), lookless);
  test_resolver_fail ();
  connect_to_example (fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR_HOST_NOT_FOUND);

  test_resolver_answer ("192.0.2.1", NULL);
  qnet_abstract_socket_connect_to_host_full (ABSTRACT (fixture->socket), "example.org", 80,
                                             QNET_OPEN_MODE_READ_WRITE,
                                             QNET_NETWORK_LAYER_PROTOCOL_IPV6);
  assert_fails (fixture, QNET_SOCKET_ERROR_HOST_NOT_FOUND);

  test_resolver_hang ();
  qnet_abstract_socket_set_lookup_timeout (ABSTRACT (fixture->socket), 10);
  connect_to_example (fixture);
  assert_fails (fixture, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  assert_no_caller (fixture);
}

static void
test_happy_eyeballs (SocketFixture *fixture,
                     gconstpointer  data)
{
  g_test_summary ("The addresses of the proxy race: one that refuses does not delay the next.");

  test_resolver_answer ("::1", "127.0.0.2", "127.0.0.1", NULL);
  set_proxy_at (fixture, QNET_PROXY_TYPE_SOCKS5, "gate.test", fixture->port, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (OPEN_OFFER));
  proxy_sends (fixture, LITERAL ("\x05\x00"));
  proxy_receives (fixture, LITERAL (TO_NAME));
  proxy_sends (fixture, LITERAL (REPLY));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
}

static void
test_bound (SocketFixture *fixture,
            gconstpointer  data)
{
  guint16 port = find_closed_port ();
  g_autoptr(QnetHostAddress) local =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  g_test_summary ("A bound socket connects to the proxy from the bound port, also the second "
                  "time.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), local, port,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  set_proxy (fixture, QNET_PROXY_TYPE_HTTP, "user");
  connect_to_example (fixture);

  for (guint i = 0; i < 2; i++)
    {
      struct sockaddr_in caller;
      socklen_t size = sizeof caller;

      proxy_accepts (fixture);
      g_assert_no_errno (getpeername (fixture->peer, (struct sockaddr *) &caller, &size));
      g_assert_cmpuint (ntohs (caller.sin_port), ==, port);
      proxy_receives (fixture, LITERAL (HTTP_REQUEST));
      if (i == 0)
        proxy_sends (fixture, LITERAL (HTTP_ASKS "Connection: close\r\n\r\n"));
      else
        proxy_sends (fixture, LITERAL ("HTTP/1.1 200 OK\r\n\r\n"));
    }

  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
}

static void
connected_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  GError *error = NULL;

  g_assert_true (qnet_abstract_socket_connect_to_host_finish (ABSTRACT (source), result, &error));
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static void
test_pair (SocketFixture *fixture,
           gconstpointer  data)
{
  gboolean is_connected = FALSE;

  g_test_summary ("The asynchronous call completes when the proxy has connected, and not before.");

  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, NULL);
  qnet_abstract_socket_connect_to_host_async (ABSTRACT (fixture->socket), "example.org", 80,
                                              G_PRIORITY_DEFAULT, NULL,
                                              connected_cb, &is_connected);
  proxy_accepts (fixture);
  proxy_receives (fixture, LITERAL (OPEN_OFFER));
  proxy_sends (fixture, LITERAL ("\x05\x00"));
  proxy_receives (fixture, LITERAL (TO_NAME));
  socket_fixture_settle (fixture);
  g_assert_false (is_connected);
  proxy_sends (fixture, LITERAL (REPLY));
  socket_fixture_await (fixture, is_connected);
}

/* Without a loop */

/* A blocking proxy in a thread of its own. */
static gpointer
serve_one (gpointer data)
{
  int listener = GPOINTER_TO_INT (data);
  int fd;
  char buffer[64];

  fcntl (listener, F_SETFL, 0);
  fd = accept (listener, NULL, NULL);
  g_assert_cmpint (recv (fd, buffer, 3, MSG_WAITALL), ==, 3);
  g_assert_cmpint (send (fd, "\x05\x00", 2, MSG_NOSIGNAL), ==, 2);
  g_assert_cmpint (recv (fd, buffer, sizeof TO_NAME - 1, MSG_WAITALL), ==, sizeof TO_NAME - 1);
  g_assert_cmpint (send (fd, LITERAL (REPLY "hello"), MSG_NOSIGNAL), ==, sizeof REPLY - 1 + 5);

  return GINT_TO_POINTER (fd);
}

static void
test_wait (SocketFixture *fixture,
           gconstpointer  data)
{
  GThread *proxy = g_thread_new ("proxy", serve_one, GINT_TO_POINTER (fixture->listener));
  g_autoptr(GError) error = NULL;

  g_test_summary ("wait_for_connected() works through a proxy without a loop.");

  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, NULL);
  connect_to_example (fixture);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), 30000,
                                                          &error));
  g_assert_no_error (error);
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), 30000, &error));
  socket_fixture_assert_reads (fixture, "hello");
  fixture->peer = GPOINTER_TO_INT (g_thread_join (proxy));
}

static void
test_wait_times_out (SocketFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A wait for a proxy that sends nothing times out.");

  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, NULL);
  connect_to_example (fixture);
  g_assert_false (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), 20, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
}

/* The end at any time */

static const struct
{
  const char *says;
  gsize       length;
} stages[] = {
  { NULL, 0 },
  { LITERAL ("\x05") },
  { LITERAL ("\x05\x00") },
  { LITERAL ("\x05\x00\x05\x00\x00\x01\x0a") },
};

static void
test_abort (SocketFixture *fixture,
            gconstpointer  data)
{
  g_test_summary ("abort() ends the attempt in each step, and the socket can connect again.");

  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      connect_to_example (fixture);
      proxy_accepts (fixture);
      if (stages[i].says != NULL)
        {
          proxy_sends (fixture, stages[i].says, stages[i].length);
          socket_fixture_settle (fixture);
        }

      qnet_socket_abort (QNET_SOCKET (fixture->socket));
      g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
    }

  socket_fixture_forget_log (fixture);
  test_socks5 (fixture, data);
}

static void
test_dispose (SocketFixture *fixture,
              gconstpointer  data)
{
  g_test_summary ("Disposing a socket ends the tunnel without a signal.");

  set_proxy (fixture, QNET_PROXY_TYPE_SOCKS5, NULL);
  connect_to_example (fixture);
  proxy_accepts (fixture);
  socket_fixture_forget_log (fixture);
  g_object_run_dispose (G_OBJECT (fixture->socket));
  socket_fixture_peer_sees_end (fixture);
  socket_fixture_assert_log (fixture, "");
}

static void
test_properties (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  g_autoptr(QnetNetworkProxy) found = NULL;
  g_autofree char *tag = NULL;

  g_test_summary ("The proxy is DEFAULT initially; it and the tag are properties.");

  proxy = qnet_abstract_socket_get_proxy (ABSTRACT (fixture->socket));
  g_assert_cmpint (qnet_network_proxy_get_proxy_type (proxy), ==, QNET_PROXY_TYPE_DEFAULT);
  qnet_abstract_socket_set_proxy (ABSTRACT (fixture->socket), proxy);
  g_assert_null (qnet_abstract_socket_get_protocol_tag (ABSTRACT (fixture->socket)));

  set_proxy (fixture, QNET_PROXY_TYPE_HTTP, NULL);
  set_proxy (fixture, QNET_PROXY_TYPE_HTTP, NULL);
  g_object_set (fixture->socket, "protocol-tag", "imap", NULL);
  g_object_get (fixture->socket, "proxy", &found, "protocol-tag", &tag, NULL);
  g_assert_cmpint (qnet_network_proxy_get_proxy_type (found), ==, QNET_PROXY_TYPE_HTTP);
  g_assert_cmpstr (tag, ==, "imap");

  g_object_set (fixture->socket, "protocol-tag", NULL, NULL);
  g_assert_null (qnet_abstract_socket_get_protocol_tag (ABSTRACT (fixture->socket)));
}

static void
test_property_null (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetNetworkProxy) found = NULL;

  g_test_summary ("Setting the property to NULL does not result in a direct connection.");

  set_proxy (fixture, QNET_PROXY_TYPE_HTTP, NULL);
  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*qnet_abstract_socket_set_proxy*NULL*");
  g_object_set (fixture->socket, "proxy", NULL, NULL);
  g_test_assert_expected_messages ();

  found = qnet_abstract_socket_get_proxy (ABSTRACT (fixture->socket));
  g_assert_cmpint (qnet_network_proxy_get_proxy_type (found), ==, QNET_PROXY_TYPE_HTTP);
}

#define ADD(path, function) \
  g_test_add ("/socket-proxy/" path, SocketFixture, NULL, set_up, function, tear_down)

static void
add_dialogues (void)
{
  ADD ("socks5", test_socks5);
  ADD ("address", test_address);
  ADD ("address/each-spelling", test_spellings);
  ADD ("http", test_http);
  ADD ("password/known", test_known_password);
  ADD ("password/wrong", test_wrong_password);
  ADD ("asked", test_asked);
  ADD ("asked/closed", test_asked_and_closed);
  ADD ("asked/gone", test_asked_and_gone);
  ADD ("asked/held", test_held);
  ADD ("asked/held/without-limit", test_held_without_limit);
  ADD ("asked/held/too-long", test_held_too_long);
  ADD ("asked/held/dropped", test_held_and_dropped);
  ADD ("asked/held/aborted", test_held_and_aborted);
  ADD ("asked/aborted", test_aborted_in_handler);
}

static void
add_failures (void)
{
  ADD ("refused", test_refused);
  ADD ("not-found", test_not_found);
  ADD ("silent", test_silent);
  ADD ("slow", test_slow);
  ADD ("endless", test_endless);
  ADD ("out-of-order", test_out_of_order);
  ADD ("failing-reception-fails-at-once", test_failing_reception);
  ADD ("failing-send/second-request", test_failing_second_send);
  ADD ("failing-send/success-before-the-request", test_early_success);
  ADD ("failing-send/last-reply-of-the-proxy", test_last_reply_of_proxy);
  ADD ("host-that-is-a-uri", test_host_that_is_a_uri);
  ADD ("never-direct", test_never_direct);
  ADD ("never-direct/unsuitable", test_unsuitable);
  ADD ("never-direct/bad-name", test_bad_name);
  ADD ("never-direct/factory", test_factory_fails);
}

static void
add_connections (void)
{
  ADD ("application-proxy", test_application_proxy);
  ADD ("application-proxy/not-for-this-machine", test_local_spellings);
  ADD ("looked-up-here", test_looked_up_here);
  ADD ("looked-up-there", test_not_looked_up_here);
  ADD ("lookup-fails", test_lookup_fails);
  ADD ("happy-eyeballs", test_happy_eyeballs);
  ADD ("bound", test_bound);
  ADD ("pair", test_pair);
  ADD ("wait", test_wait);
  ADD ("wait/times-out", test_wait_times_out);
  ADD ("abort", test_abort);
  ADD ("dispose", test_dispose);
  ADD ("properties", test_properties);
  ADD ("properties/null", test_property_null);
}

/* One test for each entry of a table */
static void
add_tables (void)
{
  for (guint i = 0; i < 2 * G_N_ELEMENTS (failing_receptions); i++)
    {
      g_autofree char *path = g_strdup_printf ("/socket-proxy/failing-discard-shows-no-reply/%u",
                                               i);

      g_test_add (path, SocketFixture, GUINT_TO_POINTER (i), set_up, test_failing_discard,
                  tear_down);
    }

  for (guint i = 0; i < 2 * G_N_ELEMENTS (failing_sends); i++)
    {
      g_autofree char *path = g_strdup_printf ("/socket-proxy/failing-send-fails-at-once/%u", i);

      g_test_add (path, SocketFixture, GUINT_TO_POINTER (i), set_up, test_failing_send, tear_down);
    }

  for (gsize i = 0; i < G_N_ELEMENTS (closings); i++)
    {
      g_autofree char *path = g_strdup_printf ("/socket-proxy/closing/%zu", i + 1);

      g_test_add (path, SocketFixture, &closings[i], set_up, test_closing_proxy,
                  socket_fixture_tear_down);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_resolver_install ();

  add_dialogues ();
  add_failures ();
  add_connections ();
  add_tables ();

  return g_test_run ();
}
