/* test-socks5-client.c: the dialogue with a SOCKS5 proxy, without a socket
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "common/dialogue.h"
#include "proxy/qnet-socks5-wire-private.h"

#define OFFER_OPEN "\x05\x01\x00"
#define OFFER_LENGTH 3
#define OFFER_BOTH "\x05\x02\x00\x02"
#define LOGIN      "\x01\x04" "user" "\x06" "sesame"
#define REQUEST    "\x05\x01\x00\x03\x0b" "example.org" "\x00\x50"
#define REPLY      "\x05\x00\x00\x01\x0a\x00\x00\x01\x1f\x90"  /* 10.0.0.1 port 8080 */

static QnetProxyDialogue *
new_connect (const char *user,
             gboolean    can_ask)
{
  return dialogue_new (QNET_PROXY_TYPE_SOCKS5, QNET_PROXY_COMMAND_CONNECT, "example.org",
                       user, "sesame", can_ask);
}

static void
assert_bound (QnetProxyDialogue *dialogue,
              const char        *address,
              guint16            port)
{
  g_autofree char *text = NULL;

  if (dialogue->bound_address != NULL)
    text = qnet_host_address_to_string (dialogue->bound_address);

  g_assert_cmpstr (text, ==, address);
  g_assert_cmpuint (dialogue->bound_port, ==, port);
}

/* CONNECT */

static void
test_connect (gconstpointer data)
{
  Pieces pieces = GPOINTER_TO_INT (data);
  QnetProxyDialogue *dialogue = new_connect ("", FALSE);

  g_test_summary ("Without a user only \"no authentication\" is offered, the host name is sent "
                  "without a lookup, and data after the reply belongs to the peer.");

  dialogue_assert_sends (dialogue, LITERAL (OFFER_OPEN));
  g_assert_cmpuint (dialogue_receives (dialogue, pieces, LITERAL ("\x05\x00")), ==, 2);
  dialogue_assert_sends (dialogue, LITERAL (REQUEST));
  g_assert_cmpuint (dialogue_receives (dialogue, pieces, LITERAL (REPLY "hello")), ==, 10);

  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  assert_bound (dialogue, "10.0.0.1", 8080);

  qnet_proxy_dialogue_end (dialogue);  /* this is the end of the peer */
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_password (gconstpointer data)
{
  Pieces pieces = GPOINTER_TO_INT (data);
  QnetProxyDialogue *dialogue = new_connect ("user", FALSE);

  g_test_summary ("With a user both methods are offered, and the proxy chooses.");

  dialogue_assert_sends (dialogue, LITERAL (OFFER_BOTH));
  dialogue_receives (dialogue, pieces, LITERAL ("\x05\x02"));
  dialogue_assert_sends (dialogue, LITERAL (LOGIN));
  dialogue_receives (dialogue, pieces, LITERAL ("\x01\x00"));
  dialogue_assert_sends (dialogue, LITERAL (REQUEST));
  dialogue_receives (dialogue, pieces, LITERAL (REPLY));

  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  qnet_proxy_dialogue_free (dialogue);
}

static void
assert_request (const char    *host,
                gconstpointer  request,
                gsize          length)
{
  QnetProxyDialogue *dialogue = dialogue_new (QNET_PROXY_TYPE_SOCKS5, QNET_PROXY_COMMAND_CONNECT,
                                              host, NULL, NULL, FALSE);

  dialogue_assert_sends (dialogue, LITERAL (OFFER_OPEN));
  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x05\x00"));
  dialogue_assert_sends (dialogue, request, length);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_targets (void)
{
  g_test_summary ("Addresses are sent as addresses, and names in ASCII.");

  assert_request ("10.1.2.3", LITERAL ("\x05\x01\x00\x01\x0a\x01\x02\x03\x00\x50"));
  assert_request ("2001:db8::1", LITERAL ("\x05\x01\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00"
                                          "\x00\x00\x00\x00\x00\x00\x00\x01\x00\x50"));
  assert_request ("b\303\274cher.example", LITERAL ("\x05\x01\x00\x03\x15" "xn--bcher-kva.example"
                                                    "\x00\x50"));
}

static void
assert_reply (gconstpointer  reply,
              gsize          length,
              const char    *address,
              guint16        port)
{
  QnetProxyDialogue *dialogue = new_connect ("", FALSE);

  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x05\x00"));
  g_assert_cmpuint (dialogue_receives (dialogue, AT_ONCE, reply, length), ==, length);
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  assert_bound (dialogue, address, port);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_replies (void)
{
  g_test_summary ("A reply may contain an IPv6 address or a name of any length.");

  assert_reply (LITERAL ("\x05\x00\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00"
                         "\x00\x00\x00\x00\x00\x00\x00\x01\x00\x50"), "2001:db8::1", 80);
  assert_reply (LITERAL ("\x05\x00\x00\x03\x04gate\x00\x50"), NULL, 80);
  assert_reply (LITERAL ("\x05\x00\x00\x03\x00\x00\x50"), NULL, 80);
}

static void
test_long_name_in_reply (void)
{
  QnetProxyDialogue *dialogue = new_connect ("", FALSE);
  guint8 reply[3 + QNET_SOCKS5_MAX_ADDRESS + 1] = { 5, 0, 0, QNET_SOCKS5_NAME, 255 };

  g_test_summary ("The longest reply fits, and not one byte more is consumed.");

  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x05\x00"));
  g_assert_cmpuint (dialogue_receives (dialogue, AT_ONCE, reply, sizeof reply), ==,
                    sizeof reply - 1);
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  qnet_proxy_dialogue_free (dialogue);
}

/* BIND and UDP ASSOCIATE */

static void
test_bind (gconstpointer data)
{
  Pieces pieces = GPOINTER_TO_INT (data);
  QnetProxyDialogue *dialogue = dialogue_new (QNET_PROXY_TYPE_SOCKS5, QNET_PROXY_COMMAND_BIND,
                                              "0.0.0.0", NULL, NULL, FALSE);

  g_test_summary ("BIND has two replies: the address where the proxy listens, and that of the "
                  "peer.");

  dialogue_receives (dialogue, pieces, LITERAL ("\x05\x00"));
  qnet_proxy_dialogue_sent (dialogue, OFFER_LENGTH);
  dialogue_assert_sends (dialogue, LITERAL ("\x05\x02\x00\x01\x00\x00\x00\x00\x00\x50"));

  g_assert_cmpuint (dialogue_receives (dialogue, pieces, LITERAL (REPLY)), ==, 10);
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_BOUND);
  assert_bound (dialogue, "10.0.0.1", 8080);

  dialogue_receives (dialogue, pieces, LITERAL ("\x05\x00\x00\x01\x0a\x00\x00\x02\x00\x07hi"));
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  assert_bound (dialogue, "10.0.0.2", 7);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_bind_fails_late (void)
{
  QnetProxyDialogue *dialogue = dialogue_new (QNET_PROXY_TYPE_SOCKS5, QNET_PROXY_COMMAND_BIND,
                                              "0.0.0.0", NULL, NULL, FALSE);

  g_test_summary ("If the proxy closes the connection while it listens, it is CONNECTION_CLOSED.");

  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x05\x00"));
  dialogue_receives (dialogue, AT_ONCE, LITERAL (REPLY));
  qnet_proxy_dialogue_end (dialogue);
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_associate (void)
{
  QnetProxyDialogue *dialogue = dialogue_new (QNET_PROXY_TYPE_SOCKS5, QNET_PROXY_COMMAND_ASSOCIATE,
                                              "0.0.0.0", NULL, NULL, FALSE);

  g_test_summary ("UDP ASSOCIATE returns the address of the relay.");

  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x05\x00"));
  qnet_proxy_dialogue_sent (dialogue, OFFER_LENGTH);
  dialogue_assert_sends (dialogue, LITERAL ("\x05\x03\x00\x01\x00\x00\x00\x00\x00\x50"));
  dialogue_receives (dialogue, AT_ONCE, LITERAL (REPLY));
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  assert_bound (dialogue, "10.0.0.1", 8080);
  qnet_proxy_dialogue_free (dialogue);
}

/* Credentials */

static void
test_credentials (void)
{
  QnetProxyDialogue *dialogue = new_connect ("", TRUE);

  g_test_summary ("If the proxy requires a password, the application is asked, and the dialogue "
                  "continues.");

  dialogue_assert_sends (dialogue, LITERAL (OFFER_BOTH));
  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_CREDENTIALS);
  g_assert_cmpuint (qnet_proxy_dialogue_feed (dialogue, (const guint8 *) "x", 1), ==, 0);

  qnet_proxy_dialogue_set_credentials (dialogue, "user", "sesame");
  dialogue_assert_sends (dialogue, LITERAL (LOGIN));
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_credentials_after_rejection (void)
{
  QnetProxyDialogue *dialogue = new_connect ("who", TRUE);

  g_test_summary ("After a wrong password the application is asked once, and the new one is sent "
                  "over a new connection.");

  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x01\x01"));
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_CREDENTIALS);
  qnet_proxy_dialogue_end (dialogue);

  qnet_proxy_dialogue_set_credentials (dialogue, "user", "sesame");
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_RECONNECT);
  qnet_proxy_dialogue_restart (dialogue);
  dialogue_assert_sends (dialogue, LITERAL (OFFER_BOTH));
  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  dialogue_assert_sends (dialogue, LITERAL (LOGIN));

  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x01\x01"));
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_closed_meanwhile (void)
{
  QnetProxyDialogue *dialogue = new_connect ("", TRUE);

  g_test_summary ("If the proxy closes the connection while the application is asked, a new one "
                  "is used.");

  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  qnet_proxy_dialogue_end (dialogue);
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_CREDENTIALS);
  qnet_proxy_dialogue_set_credentials (dialogue, "user", "sesame");
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_RECONNECT);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_no_credentials (void)
{
  QnetProxyDialogue *dialogue = new_connect ("", TRUE);

  g_test_summary ("Without credentials the dialogue fails.");

  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  qnet_proxy_dialogue_set_credentials (dialogue, NULL, NULL);
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_long_credentials (void)
{
  g_autofree char *longest = g_strnfill (255, 'u');
  g_autofree char *longer = g_strnfill (256, 'u');
  QnetProxyDialogue *dialogue;

  g_test_summary ("User names and passwords of more than 255 bytes are rejected.");

  dialogue = dialogue_new (QNET_PROXY_TYPE_SOCKS5, QNET_PROXY_COMMAND_CONNECT, "example.org",
                           longest, longest, FALSE);
  dialogue_assert_sends (dialogue, LITERAL (OFFER_BOTH));
  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  g_assert_cmpuint (dialogue->output->len, ==, 1 + 2 * 256);
  qnet_proxy_dialogue_free (dialogue);

  dialogue = dialogue_new (QNET_PROXY_TYPE_SOCKS5, QNET_PROXY_COMMAND_CONNECT, "example.org",
                           longer, "sesame", FALSE);
  dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  qnet_proxy_dialogue_free (dialogue);
}

/* Failures */

static const struct
{
  guint8          reply;
  QnetSocketError code;
} refusals[] = {
  { 1,    QNET_SOCKET_ERROR_NETWORK },
  { 2,    QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { 3,    QNET_SOCKET_ERROR_NETWORK },
  { 4,    QNET_SOCKET_ERROR_HOST_NOT_FOUND },
  { 5,    QNET_SOCKET_ERROR_CONNECTION_REFUSED },
  { 6,    QNET_SOCKET_ERROR_NETWORK },
  { 7,    QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { 8,    QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { 9,    QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { 0xff, QNET_SOCKET_ERROR_PROXY_PROTOCOL },
};

static void
test_refusals (void)
{
  g_test_summary ("Each refusal has its code, which is reported after two bytes.");

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      QnetProxyDialogue *dialogue = new_connect ("", FALSE);
      const guint8 reply[] = { 5, refusals[i].reply };

      dialogue_receives (dialogue, AT_ONCE, LITERAL ("\x05\x00"));
      dialogue_receives (dialogue, AT_ONCE, reply, sizeof reply);
      dialogue_assert_failed (dialogue, refusals[i].code);
      g_assert_nonnull (strstr (dialogue->error->message, "example.org port 80"));
      qnet_proxy_dialogue_free (dialogue);
    }
}

/* Replies of the proxy, and the resulting error. */
static const struct
{
  const char      *user;
  const char      *method;
  const char      *reply;         /* (nullable) */
  gsize            reply_length;
  QnetSocketError  code;
} faults[] = {
  { "",     "\x04\x00", NULL, 0, QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "",     "HT",       NULL, 0, QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "",     "\x05\xff", NULL, 0, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED },
  { "user", "\x05\xff", NULL, 0, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED },
  { "",     "\x05\x02", NULL, 0, QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { "user", "\x05\x01", NULL, 0, QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { "user", "\x05\x02", LITERAL ("\x05\x00"), QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "user", "\x05\x02", LITERAL ("\x01\x01"), QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED },
  { "",     "\x05\x00", LITERAL ("\x04"), QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "",     "\x05\x00", LITERAL ("\x05\x00\x01\x01\x00\x00\x00\x00\x00\x00"),
    QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "",     "\x05\x00", LITERAL ("\x05\x00\x00\x02\x00\x00\x00\x00\x00\x00"),
    QNET_SOCKET_ERROR_PROXY_PROTOCOL },
};

static void
test_faults (gconstpointer data)
{
  Pieces pieces = GPOINTER_TO_INT (data);

  g_test_summary ("Each protocol error has its code, and is detected at the first possible byte.");

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      QnetProxyDialogue *dialogue = new_connect (faults[i].user, FALSE);

      dialogue_receives (dialogue, pieces, faults[i].method, 2);
      if (faults[i].reply != NULL)
        dialogue_receives (dialogue, pieces, faults[i].reply, faults[i].reply_length);

      dialogue_assert_failed (dialogue, faults[i].code);
      qnet_proxy_dialogue_free (dialogue);
    }
}

/* Closes the connection after each byte of a valid dialogue. */
static void
test_cut_short (void)
{
  const char talk[] = "\x05\x02" "\x01\x00" REPLY;
  const gsize ends[] = { 0, 2, 4 };  /* between two replies */

  g_test_summary ("If the proxy closes the connection it is CONNECTION_CLOSED, or a protocol "
                  "error within a reply.");

  for (gsize length = 0; length < sizeof talk - 1; length++)
    {
      QnetProxyDialogue *dialogue = new_connect ("user", FALSE);
      QnetSocketError code = QNET_SOCKET_ERROR_PROXY_PROTOCOL;

      for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
        {
          if (ends[i] == length)
            code = QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED;
        }

      g_assert_cmpuint (dialogue_receives (dialogue, AT_ONCE, talk, length), ==, length);
      qnet_proxy_dialogue_end (dialogue);
      if (code == QNET_SOCKET_ERROR_PROXY_PROTOCOL)
        g_assert_nonnull (strstr (dialogue->error->message, "is incomplete"));
      dialogue_assert_failed (dialogue, code);
      qnet_proxy_dialogue_free (dialogue);
    }
}

/* Invalid requests */

static void
assert_refused (QnetNetworkProxy       *proxy,
                const QnetProxyRequest *request,
                QnetSocketError         code)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (qnet_proxy_dialogue_new (proxy, request, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
}

static void
test_bad_names (void)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "p", 1080,
                                                              NULL, NULL);
  g_autofree char *longer = g_strnfill (256, 'a');
  const char *names[] = { longer, "", "a b", "a\r\nb", "a:1", "a/b", "\xff", "[::1]" };

  g_test_summary ("An invalid name, or one of more than 255 bytes, is rejected at once.");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const QnetProxyRequest request = { .command = QNET_PROXY_COMMAND_CONNECT, .host = names[i] };

      assert_refused (proxy, &request, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
    }
}

static void
test_message_has_proxy (void)
{
  g_autoptr (QnetNetworkProxy) proxy =
    qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "2001:db8::1", 1080, NULL, NULL);
  g_autoptr(GError) bad = NULL;
  g_autoptr(GError) empty = NULL;

  g_test_summary ("The message for an invalid name contains the proxy, with its address in "
                  "brackets.");

  g_assert_null (qnet_proxy_dialogue_new (proxy, &(QnetProxyRequest) { .host = "a b" }, &bad));
  g_assert_cmpstr (bad->message, ==,
                   "Could not connect to “a b” through the proxy [2001:db8::1] port 1080: The host "
                   "name is not valid");
  g_assert_null (qnet_proxy_dialogue_new (proxy, &(QnetProxyRequest) { .host = "" }, &empty));
  g_assert_cmpstr (empty->message, ==,
                   "Could not connect to a host through the proxy [2001:db8::1] port 1080: The "
                   "host name is empty");
}

static void
test_bad_addresses (void)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "p", 1080,
                                                              NULL, NULL);
  g_autoptr(QnetHostAddress) scoped = qnet_host_address_from_string ("fe80::1%lo");
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();

  g_test_summary ("An address with a scope is rejected.");

  assert_refused (proxy, &(QnetProxyRequest) { .address = scoped },
                  QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  assert_refused (proxy, &(QnetProxyRequest) { .address = null }, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
}

static void
test_without_capability (void)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "p", 1080,
                                                              NULL, NULL);
  g_autoptr(QnetNetworkProxy) limited = NULL;
  const QnetProxyCommand commands[] = {
    QNET_PROXY_COMMAND_CONNECT, QNET_PROXY_COMMAND_BIND, QNET_PROXY_COMMAND_ASSOCIATE,
  };

  g_test_summary ("A proxy without the capability is rejected.");

  limited = qnet_network_proxy_with_capabilities (proxy, QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP);

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      const QnetProxyRequest request = { .command = commands[i], .host = "example.org" };

      g_assert_true (qnet_proxy_can (proxy, commands[i]));
      assert_refused (limited, &request, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
    }
}

/* Datagrams */

static void
test_datagram_headers (void)
{
  g_autoptr(GByteArray) header = g_byte_array_new ();
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string ("10.0.0.1");
  g_autoptr(QnetHostAddress) sender = NULL;
  guint16 port = 0;
  const guint8 nothing[3] = { 0 };

  g_test_summary ("The header of a datagram can be written and read.");

  g_byte_array_append (header, nothing, sizeof nothing);
  qnet_socks5_append_address (header, address, NULL, 8080);
  g_byte_array_append (header, (const guint8 *) "hello", 5);

  g_assert_cmpuint (qnet_socks5_read_datagram (header->data, header->len, &sender, &port),
                    ==, header->len - 5);
  g_assert_true (qnet_host_address_equal (sender, address));
  g_assert_cmpuint (port, ==, 8080);
}

static const struct
{
  const char *data;
  gsize       length;
} bad_datagrams[] = {
  { LITERAL ("") },
  { LITERAL ("\x00\x00\x00\x01") },
  { LITERAL ("\x00\x00\x00\x01\x0a\x00\x00\x01\x00") },                 /* the port is incomplete */
  { LITERAL ("\x00\x00\x01\x01\x0a\x00\x00\x01\x00\x50x") },            /* a fragment */
  { LITERAL ("\x00\x01\x00\x01\x0a\x00\x00\x01\x00\x50x") },            /* RSV */
  { LITERAL ("\x01\x00\x00\x01\x0a\x00\x00\x01\x00\x50x") },
  { LITERAL ("\x00\x00\x00\x02\x0a\x00\x00\x01\x00\x50x") },            /* an unknown type */
  { LITERAL ("\x00\x00\x00\x03\xffgate\x00\x50x") },                    /* an incomplete name */
  { LITERAL ("\x00\x00\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00x") },
};

static void
test_bad_datagrams (void)
{
  QnetHostAddress *sender = NULL;
  guint16 port;

  g_test_summary ("Fragments and malformed datagrams are rejected.");

  for (gsize i = 0; i < G_N_ELEMENTS (bad_datagrams); i++)
    {
      g_autofree guint8 *exact = g_memdup2 (bad_datagrams[i].data, bad_datagrams[i].length);

      g_assert_cmpuint (qnet_socks5_read_datagram (exact, bad_datagrams[i].length, &sender, &port),
                        ==, 0);
      g_assert_null (sender);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD_BOTH(path, function) \
  g_test_add_data_func (path "/at-once", GINT_TO_POINTER (AT_ONCE), function); \
  g_test_add_data_func (path "/byte-by-byte", GINT_TO_POINTER (BYTE_BY_BYTE), function)

  ADD_BOTH ("/socks5/connect", test_connect);
  ADD_BOTH ("/socks5/password", test_password);
  ADD_BOTH ("/socks5/bind", test_bind);
  ADD_BOTH ("/socks5/faults", test_faults);
#undef ADD_BOTH

  g_test_add_func ("/socks5/targets", test_targets);
  g_test_add_func ("/socks5/replies", test_replies);
  g_test_add_func ("/socks5/replies/longest", test_long_name_in_reply);
  g_test_add_func ("/socks5/bind/proxy-closes", test_bind_fails_late);
  g_test_add_func ("/socks5/associate", test_associate);
  g_test_add_func ("/socks5/credentials", test_credentials);
  g_test_add_func ("/socks5/credentials/after-rejection", test_credentials_after_rejection);
  g_test_add_func ("/socks5/credentials/proxy-closes-meanwhile", test_closed_meanwhile);
  g_test_add_func ("/socks5/credentials/none", test_no_credentials);
  g_test_add_func ("/socks5/long-credentials", test_long_credentials);
  g_test_add_func ("/socks5/refusals", test_refusals);
  g_test_add_func ("/socks5/cut-short", test_cut_short);
  g_test_add_func ("/socks5/bad-names", test_bad_names);
  g_test_add_func ("/socks5/bad-names/message-has-the-proxy", test_message_has_proxy);
  g_test_add_func ("/socks5/bad-addresses", test_bad_addresses);
  g_test_add_func ("/socks5/without-capability", test_without_capability);
  g_test_add_func ("/socks5/datagram", test_datagram_headers);
  g_test_add_func ("/socks5/datagram/bad", test_bad_datagrams);

  return g_test_run ();
}
