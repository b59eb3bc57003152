/* test-socks5-client.c: SOCKS5 byte by byte, without any socket
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

  g_test_summary ("Without a user only \"no authentication\" is offered, the name goes unresolved, "
                  "and what follows the reply belongs to the peer.");

  dialogue_assert_says (dialogue, LITERAL (OFFER_OPEN));
  g_assert_cmpuint (dialogue_hears (dialogue, pieces, LITERAL ("\x05\x00")), ==, 2);
  dialogue_assert_says (dialogue, LITERAL (REQUEST));
  g_assert_cmpuint (dialogue_hears (dialogue, pieces, LITERAL (REPLY "hello")), ==, 10);

  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  assert_bound (dialogue, "10.0.0.1", 8080);

  qnet_proxy_dialogue_end (dialogue);  /* the peer's affair now */
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_password (gconstpointer data)
{
  Pieces pieces = GPOINTER_TO_INT (data);
  QnetProxyDialogue *dialogue = new_connect ("user", FALSE);

  g_test_summary ("With a user both methods are offered, and the proxy chooses.");

  dialogue_assert_says (dialogue, LITERAL (OFFER_BOTH));
  dialogue_hears (dialogue, pieces, LITERAL ("\x05\x02"));
  dialogue_assert_says (dialogue, LITERAL (LOGIN));
  dialogue_hears (dialogue, pieces, LITERAL ("\x01\x00"));
  dialogue_assert_says (dialogue, LITERAL (REQUEST));
  dialogue_hears (dialogue, pieces, LITERAL (REPLY));

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

  dialogue_assert_says (dialogue, LITERAL (OFFER_OPEN));
  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x05\x00"));
  dialogue_assert_says (dialogue, request, length);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_targets (void)
{
  g_test_summary ("Addresses go as addresses, names in their ASCII form.");

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

  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x05\x00"));
  g_assert_cmpuint (dialogue_hears (dialogue, AT_ONCE, reply, length), ==, length);
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  assert_bound (dialogue, address, port);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_replies (void)
{
  g_test_summary ("A reply may name an IPv6 address, or a name of any length.");

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

  g_test_summary ("The longest reply fits, and not one byte more is taken.");

  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x05\x00"));
  g_assert_cmpuint (dialogue_hears (dialogue, AT_ONCE, reply, sizeof reply), ==, sizeof reply - 1);
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

  g_test_summary ("BIND has two replies: where the proxy listens, and who has come.");

  dialogue_hears (dialogue, pieces, LITERAL ("\x05\x00"));
  qnet_proxy_dialogue_sent (dialogue, OFFER_LENGTH);
  dialogue_assert_says (dialogue, LITERAL ("\x05\x02\x00\x01\x00\x00\x00\x00\x00\x50"));

  g_assert_cmpuint (dialogue_hears (dialogue, pieces, LITERAL (REPLY)), ==, 10);
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_BOUND);
  assert_bound (dialogue, "10.0.0.1", 8080);

  dialogue_hears (dialogue, pieces, LITERAL ("\x05\x00\x00\x01\x0a\x00\x00\x02\x00\x07hi"));
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  assert_bound (dialogue, "10.0.0.2", 7);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_bind_fails_late (void)
{
  QnetProxyDialogue *dialogue = dialogue_new (QNET_PROXY_TYPE_SOCKS5, QNET_PROXY_COMMAND_BIND,
                                              "0.0.0.0", NULL, NULL, FALSE);

  g_test_summary ("A proxy that goes while it listens has closed the connection.");

  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x05\x00"));
  dialogue_hears (dialogue, AT_ONCE, LITERAL (REPLY));
  qnet_proxy_dialogue_end (dialogue);
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_associate (void)
{
  QnetProxyDialogue *dialogue = dialogue_new (QNET_PROXY_TYPE_SOCKS5, QNET_PROXY_COMMAND_ASSOCIATE,
                                              "0.0.0.0", NULL, NULL, FALSE);

  g_test_summary ("UDP ASSOCIATE gives the address of the relay.");

  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x05\x00"));
  qnet_proxy_dialogue_sent (dialogue, OFFER_LENGTH);
  dialogue_assert_says (dialogue, LITERAL ("\x05\x03\x00\x01\x00\x00\x00\x00\x00\x50"));
  dialogue_hears (dialogue, AT_ONCE, LITERAL (REPLY));
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  assert_bound (dialogue, "10.0.0.1", 8080);
  qnet_proxy_dialogue_free (dialogue);
}

/* Asking */

static void
test_asked (void)
{
  QnetProxyDialogue *dialogue = new_connect ("", TRUE);

  g_test_summary ("A proxy that wants a password makes somebody be asked, and goes on after it.");

  dialogue_assert_says (dialogue, LITERAL (OFFER_BOTH));
  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_ASKING);
  g_assert_cmpuint (qnet_proxy_dialogue_feed (dialogue, (const guint8 *) "x", 1), ==, 0);

  qnet_proxy_dialogue_answer (dialogue, "user", "sesame");
  dialogue_assert_says (dialogue, LITERAL (LOGIN));
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_asked_after_refusal (void)
{
  QnetProxyDialogue *dialogue = new_connect ("who", TRUE);

  g_test_summary ("A wrong password is asked for again, once, and said over a new connection.");

  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x01\x01"));
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_ASKING);
  qnet_proxy_dialogue_end (dialogue);

  qnet_proxy_dialogue_answer (dialogue, "user", "sesame");
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_AGAIN);
  qnet_proxy_dialogue_restart (dialogue);
  dialogue_assert_says (dialogue, LITERAL (OFFER_BOTH));
  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  dialogue_assert_says (dialogue, LITERAL (LOGIN));

  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x01\x01"));
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_gone_while_asking (void)
{
  QnetProxyDialogue *dialogue = new_connect ("", TRUE);

  g_test_summary ("A proxy that does not wait for the answer is called again.");

  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  qnet_proxy_dialogue_end (dialogue);
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_ASKING);
  qnet_proxy_dialogue_answer (dialogue, "user", "sesame");
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_AGAIN);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_no_answer (void)
{
  QnetProxyDialogue *dialogue = new_connect ("", TRUE);

  g_test_summary ("Without an answer it ends there.");

  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  qnet_proxy_dialogue_answer (dialogue, NULL, NULL);
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_long_credentials (void)
{
  g_autofree char *longest = g_strnfill (255, 'u');
  g_autofree char *longer = g_strnfill (256, 'u');
  QnetProxyDialogue *dialogue;

  g_test_summary ("User and password have 255 bytes at most, and no more are ever sent.");

  dialogue = dialogue_new (QNET_PROXY_TYPE_SOCKS5, QNET_PROXY_COMMAND_CONNECT, "example.org",
                           longest, longest, FALSE);
  dialogue_assert_says (dialogue, LITERAL (OFFER_BOTH));
  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  g_assert_cmpuint (dialogue->output->len, ==, 1 + 2 * 256);
  qnet_proxy_dialogue_free (dialogue);

  dialogue = dialogue_new (QNET_PROXY_TYPE_SOCKS5, QNET_PROXY_COMMAND_CONNECT, "example.org",
                           longer, "sesame", FALSE);
  dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x05\x02"));
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  qnet_proxy_dialogue_free (dialogue);
}

/* What goes wrong */

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
  g_test_summary ("Each refusal has its code, and two bytes of it are enough.");

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      QnetProxyDialogue *dialogue = new_connect ("", FALSE);
      const guint8 reply[] = { 5, refusals[i].reply };

      dialogue_hears (dialogue, AT_ONCE, LITERAL ("\x05\x00"));
      dialogue_hears (dialogue, AT_ONCE, reply, sizeof reply);
      dialogue_assert_failed (dialogue, refusals[i].code);
      g_assert_nonnull (strstr (dialogue->error->message, "example.org port 80"));
      qnet_proxy_dialogue_free (dialogue);
    }
}

/* What is heard, one after the other, and what becomes of it. */
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

  g_test_summary ("Each fault has its code, at the first byte that shows it.");

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      QnetProxyDialogue *dialogue = new_connect (faults[i].user, FALSE);

      dialogue_hears (dialogue, pieces, faults[i].method, 2);
      if (faults[i].reply != NULL)
        dialogue_hears (dialogue, pieces, faults[i].reply, faults[i].reply_length);

      dialogue_assert_failed (dialogue, faults[i].code);
      qnet_proxy_dialogue_free (dialogue);
    }
}

/* After each number of bytes of a good conversation. */
static void
test_cut_short (void)
{
  const char talk[] = "\x05\x02" "\x01\x00" REPLY;
  const gsize ends[] = { 0, 2, 4 };  /* between two answers */

  g_test_summary ("A proxy that goes has closed the connection, or in the middle of an answer "
                  "broken the protocol.");

  for (gsize length = 0; length < sizeof talk - 1; length++)
    {
      QnetProxyDialogue *dialogue = new_connect ("user", FALSE);
      QnetSocketError code = QNET_SOCKET_ERROR_PROXY_PROTOCOL;

      for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
        {
          if (ends[i] == length)
            code = QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED;
        }

      g_assert_cmpuint (dialogue_hears (dialogue, AT_ONCE, talk, length), ==, length);
      qnet_proxy_dialogue_end (dialogue);
      if (code == QNET_SOCKET_ERROR_PROXY_PROTOCOL)
        g_assert_nonnull (strstr (dialogue->error->message, "ends too early"));
      dialogue_assert_failed (dialogue, code);
      qnet_proxy_dialogue_free (dialogue);
    }
}

/* What cannot be said */

static void
assert_refused (QnetNetworkProxy    *proxy,
                const QnetProxyWish *wish,
                QnetSocketError      code)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (qnet_proxy_dialogue_new (proxy, wish, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
}

static void
test_bad_names (void)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "p", 1080,
                                                              NULL, NULL);
  g_autofree char *longer = g_strnfill (256, 'a');
  const char *names[] = { longer, "", "a b", "a\r\nb", "a:1", "a/b", "\xff", "[::1]" };

  g_test_summary ("What is no name, or has more than 255 bytes, is refused at once.");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const QnetProxyWish wish = { .command = QNET_PROXY_COMMAND_CONNECT, .host = names[i] };

      assert_refused (proxy, &wish, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
    }
}

static void
test_text_names_the_proxy (void)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "2001:db8::1", 1080, NULL, NULL);
  g_autoptr(GError) bad = NULL;
  g_autoptr(GError) empty = NULL;

  g_test_summary ("The text about a name that is none has the proxy, whose address is in brackets.");

  g_assert_null (qnet_proxy_dialogue_new (proxy, &(QnetProxyWish) { .host = "a b" }, &bad));
  g_assert_cmpstr (bad->message, ==,
                   "Could not connect to “a b” through the proxy [2001:db8::1] port 1080: that cannot be the name of a host");
  g_assert_null (qnet_proxy_dialogue_new (proxy, &(QnetProxyWish) { .host = "" }, &empty));
  g_assert_cmpstr (empty->message, ==,
                   "Could not connect to a host through the proxy [2001:db8::1] port 1080: the name of the host is empty");
}

static void
test_bad_addresses (void)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "p", 1080,
                                                              NULL, NULL);
  g_autoptr(QnetHostAddress) scoped = qnet_host_address_from_string ("fe80::1%lo");
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();

  g_test_summary ("An address that means something here alone is refused.");

  assert_refused (proxy, &(QnetProxyWish) { .address = scoped },
                  QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  assert_refused (proxy, &(QnetProxyWish) { .address = null }, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
}

static void
test_incapable (void)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "p", 1080,
                                                              NULL, NULL);
  g_autoptr(QnetNetworkProxy) limited = NULL;
  const QnetProxyCommand commands[] = {
    QNET_PROXY_COMMAND_CONNECT, QNET_PROXY_COMMAND_BIND, QNET_PROXY_COMMAND_ASSOCIATE,
  };

  g_test_summary ("A proxy is not asked for what it cannot do.");

  limited = qnet_network_proxy_with_capabilities (proxy, QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP);

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      const QnetProxyWish wish = { .command = commands[i], .host = "example.org" };

      g_assert_true (qnet_proxy_can (proxy, commands[i]));
      assert_refused (limited, &wish, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
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

  g_test_summary ("What is written before a datagram is read again.");

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
  { LITERAL ("\x00\x00\x00\x01\x0a\x00\x00\x01\x00") },                 /* the port is cut off */
  { LITERAL ("\x00\x00\x01\x01\x0a\x00\x00\x01\x00\x50x") },            /* a fragment */
  { LITERAL ("\x00\x01\x00\x01\x0a\x00\x00\x01\x00\x50x") },            /* RSV */
  { LITERAL ("\x01\x00\x00\x01\x0a\x00\x00\x01\x00\x50x") },
  { LITERAL ("\x00\x00\x00\x02\x0a\x00\x00\x01\x00\x50x") },            /* no such type */
  { LITERAL ("\x00\x00\x00\x03\xffgate\x00\x50x") },                    /* a name that is longer */
  { LITERAL ("\x00\x00\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00x") },
};

static void
test_bad_datagrams (void)
{
  QnetHostAddress *sender = NULL;
  guint16 port;

  g_test_summary ("Fragments, and what is no datagram of SOCKS5, are told apart.");

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
  g_test_add_func ("/socks5/bind/gone", test_bind_fails_late);
  g_test_add_func ("/socks5/associate", test_associate);
  g_test_add_func ("/socks5/asked", test_asked);
  g_test_add_func ("/socks5/asked/after-refusal", test_asked_after_refusal);
  g_test_add_func ("/socks5/asked/gone-meanwhile", test_gone_while_asking);
  g_test_add_func ("/socks5/asked/no-answer", test_no_answer);
  g_test_add_func ("/socks5/long-credentials", test_long_credentials);
  g_test_add_func ("/socks5/refusals", test_refusals);
  g_test_add_func ("/socks5/cut-short", test_cut_short);
  g_test_add_func ("/socks5/bad-names", test_bad_names);
  g_test_add_func ("/socks5/bad-names/text-names-the-proxy", test_text_names_the_proxy);
  g_test_add_func ("/socks5/bad-addresses", test_bad_addresses);
  g_test_add_func ("/socks5/incapable", test_incapable);
  g_test_add_func ("/socks5/datagram", test_datagram_headers);
  g_test_add_func ("/socks5/datagram/bad", test_bad_datagrams);

  return g_test_run ();
}
