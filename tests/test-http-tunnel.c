/* test-http-tunnel.c: the dialogue with an HTTP proxy, without a socket
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "auth/qnet-http-credentials-private.h"
#include "common/dialogue.h"

#define REQUEST "CONNECT example.org:80 HTTP/1.1\r\nHost: example.org:80\r\n"
#define BASIC   "Proxy-Authorization: Basic dXNlcjpzZXNhbWU=\r\n"  /* user:sesame */
#define ASKS    "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"cave\"\r\n"

static QnetProxyDialogue *
new_tunnel (const char *user,
            gboolean    can_ask)
{
  return dialogue_new (QNET_PROXY_TYPE_HTTP, QNET_PROXY_COMMAND_CONNECT, "example.org",
                       user, "sesame", can_ask);
}

static void
receives (QnetProxyDialogue *dialogue,
          const char        *text)
{
  g_assert_cmpuint (dialogue_receives (dialogue, AT_ONCE, text, strlen (text)), ==, strlen (text));
}

/* CONNECT */

static void
test_connect (gconstpointer data)
{
  Pieces pieces = GPOINTER_TO_INT (data);
  QnetProxyDialogue *dialogue = new_tunnel ("user", FALSE);
  const char answer[] = "HTTP/1.1 200 Connection established\r\nVia: 1.1 gate\r\n"
                        "Content-Length: 100\r\n\r\nhello";

  g_test_summary ("The password is not sent before the proxy requires it, and the tunnel begins "
                  "right after the header, whatever length it has.");

  dialogue_assert_sends (dialogue, LITERAL (REQUEST "\r\n"));
  g_assert_cmpuint (dialogue_receives (dialogue, pieces, LITERAL (answer)), ==, sizeof answer - 6);
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  qnet_proxy_dialogue_free (dialogue);
}

static void
assert_request (const char *host,
                const char *request)
{
  QnetProxyDialogue *dialogue = dialogue_new (QNET_PROXY_TYPE_HTTP, QNET_PROXY_COMMAND_CONNECT,
                                              host, NULL, NULL, FALSE);

  dialogue_assert_sends (dialogue, request, strlen (request));
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_targets (void)
{
  g_test_summary ("The authority of the request is a name in ASCII or an address, with the port.");

  assert_request ("10.1.2.3", "CONNECT 10.1.2.3:80 HTTP/1.1\r\nHost: 10.1.2.3:80\r\n\r\n");
  assert_request ("2001:db8::1",
                  "CONNECT [2001:db8::1]:80 HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n");
  assert_request ("b\303\274cher.example", "CONNECT xn--bcher-kva.example:80 HTTP/1.1\r\n"
                                           "Host: xn--bcher-kva.example:80\r\n\r\n");
}

static void
test_raw_headers (void)
{
  g_autoptr(QnetNetworkProxy) plain = qnet_network_proxy_new (QNET_PROXY_TYPE_HTTP, "p", 8080,
                                                              NULL, NULL);
  g_autoptr(QnetNetworkProxy) agent = NULL;
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  const QnetProxyRequest request = { .host = "example.org", .port = 80 };
  QnetProxyDialogue *dialogue;

  g_test_summary ("Header fields that were set are sent, except the reserved ones.");

  agent = qnet_network_proxy_with_raw_header (plain, "User-Agent", "test");
  proxy = qnet_network_proxy_with_raw_header (agent, "HOST", "elsewhere");
  dialogue = qnet_proxy_dialogue_new (proxy, &request, NULL);
  dialogue_assert_sends (dialogue, LITERAL (REQUEST "User-Agent: test\r\n\r\n"));
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_interim (void)
{
  QnetProxyDialogue *dialogue = new_tunnel ("", FALSE);

  g_test_summary ("Interim responses are skipped, a line may end in LF alone, and 2xx is success.");

  receives (dialogue, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 103\nLink: x\n\nHTTP/1.0 204\n\n");
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  qnet_proxy_dialogue_free (dialogue);
}

/* 407 */

static void
test_basic_kept (gconstpointer data)
{
  Pieces pieces = GPOINTER_TO_INT (data);
  QnetProxyDialogue *dialogue = new_tunnel ("user", FALSE);
  const char answer[] = ASKS "Content-Length: 5\r\n\r\nsorry";

  g_test_summary ("A known password is sent over the same connection if it remains open.");

  dialogue_assert_sends (dialogue, LITERAL (REQUEST "\r\n"));
  g_assert_cmpuint (dialogue_receives (dialogue, pieces, LITERAL (answer)), ==, sizeof answer - 1);
  dialogue_assert_sends (dialogue, LITERAL (REQUEST BASIC "\r\n"));
  g_assert_cmpstr (dialogue->realm, ==, "cave");

  receives (dialogue, "HTTP/1.1 200 OK\r\n\r\n");
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
  qnet_proxy_dialogue_free (dialogue);
}

/* Responses after which the connection cannot be reused. */
static const char *const closing_responses[] = {
  ASKS "\r\n",
  ASKS "Content-Length: 5\r\nConnection: close\r\n\r\n",
  ASKS "Content-Length: 5\r\nProxy-Connection: x, Close\r\n\r\n",
  ASKS "Content-Length: 100000\r\n\r\n",
  ASKS "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
  ASKS "Content-Length: -5\r\n\r\n",
  ASKS "Transfer-Encoding: chunked\r\n\r\n",
  "HTTP/1.0 407 Who?\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
};

static void
test_basic_closed (void)
{
  g_test_summary ("If the connection ends with the response, the password is sent over a new one.");

  for (gsize i = 0; i < G_N_ELEMENTS (closing_responses); i++)
    {
      QnetProxyDialogue *dialogue = new_tunnel ("user", FALSE);

      receives (dialogue, closing_responses[i]);
      g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_RECONNECT);
      qnet_proxy_dialogue_restart (dialogue);
      dialogue_assert_sends (dialogue, LITERAL (REQUEST BASIC "\r\n"));
      receives (dialogue, "HTTP/1.1 200 OK\r\n\r\n");
      g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_DONE);
      qnet_proxy_dialogue_free (dialogue);
    }
}

static void
test_keep_alive_of_1_0 (void)
{
  QnetProxyDialogue *dialogue = new_tunnel ("user", FALSE);

  g_test_summary ("An HTTP/1.0 connection is reused if the response says keep-alive.");

  receives (dialogue, "HTTP/1.0 407 Who?\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n"
                   "Connection: keep-alive\r\n\r\n");
  qnet_proxy_dialogue_sent (dialogue, strlen (REQUEST "\r\n"));
  dialogue_assert_sends (dialogue, LITERAL (REQUEST BASIC "\r\n"));
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_refused_again (void)
{
  QnetProxyDialogue *dialogue = new_tunnel ("user", FALSE);

  g_test_summary ("A rejected password is not sent again.");

  receives (dialogue, ASKS "Content-Length: 0\r\n\r\n");
  receives (dialogue, ASKS "Content-Length: 0\r\n\r\n");
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_refused_by_401 (void)
{
  QnetProxyDialogue *dialogue = new_tunnel ("user", FALSE);

  g_test_summary ("401 is accepted as the rejection of a password; without a password it is not "
                  "valid.");

  receives (dialogue, ASKS "Content-Length: 0\r\n\r\n");
  receives (dialogue, "HTTP/1.1 401 No\r\n\r\n");
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  qnet_proxy_dialogue_free (dialogue);

  dialogue = new_tunnel ("user", FALSE);
  receives (dialogue, "HTTP/1.1 401 No\r\n\r\n");
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_PROTOCOL);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_credentials (void)
{
  QnetProxyDialogue *dialogue = new_tunnel ("", TRUE);

  g_test_summary ("The application is asked once for credentials, with the realm.");

  dialogue_assert_sends (dialogue, LITERAL (REQUEST "\r\n"));
  receives (dialogue, ASKS "Content-Length: 5\r\n\r\nsorry");
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_CREDENTIALS);
  g_assert_cmpstr (dialogue->realm, ==, "cave");
  qnet_proxy_dialogue_set_credentials (dialogue, "user", "sesame");
  dialogue_assert_sends (dialogue, LITERAL (REQUEST BASIC "\r\n"));

  receives (dialogue, ASKS "Content-Length: 0\r\n\r\n");
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_credentials_after_rejection (void)
{
  QnetProxyDialogue *dialogue = new_tunnel ("who", TRUE);

  g_test_summary ("If a known password is wrong, the application is asked for another.");

  receives (dialogue, ASKS "Content-Length: 0\r\n\r\n");
  receives (dialogue, ASKS "Content-Length: 0\r\n\r\n");
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_CREDENTIALS);
  g_byte_array_set_size (dialogue->output, 0);
  qnet_proxy_dialogue_set_credentials (dialogue, "user", "sesame");
  dialogue_assert_sends (dialogue, LITERAL (REQUEST BASIC "\r\n"));
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_closed_meanwhile (void)
{
  QnetProxyDialogue *asking = new_tunnel ("", TRUE);
  QnetProxyDialogue *in_body = new_tunnel ("user", FALSE);
  QnetProxyDialogue *repeated = new_tunnel ("user", FALSE);

  g_test_summary ("If the proxy closes the connection after its challenge, a new one is used.");

  receives (asking, ASKS "Content-Length: 0\r\n\r\n");
  qnet_proxy_dialogue_end (asking);
  qnet_proxy_dialogue_set_credentials (asking, "user", "sesame");
  g_assert_cmpint (asking->phase, ==, QNET_PROXY_PHASE_RECONNECT);

  receives (in_body, ASKS "Content-Length: 9\r\n\r\nsorry");
  qnet_proxy_dialogue_end (in_body);
  g_assert_cmpint (in_body->phase, ==, QNET_PROXY_PHASE_RECONNECT);

  receives (repeated, ASKS "Content-Length: 0\r\n\r\n");
  qnet_proxy_dialogue_end (repeated);
  g_assert_cmpint (repeated->phase, ==, QNET_PROXY_PHASE_RECONNECT);
  qnet_proxy_dialogue_restart (repeated);
  qnet_proxy_dialogue_end (repeated);
  dialogue_assert_failed (repeated, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED);

  qnet_proxy_dialogue_free (asking);
  qnet_proxy_dialogue_free (in_body);
  qnet_proxy_dialogue_free (repeated);
}

/* Digest */

static QnetHttpChallenge *
parse_one (GPtrArray  *challenges,
           const char *value)
{
  g_ptr_array_set_size (challenges, 0);
  g_assert_true (qnet_http_challenges_parse (value, challenges));

  return qnet_http_credentials_choose (challenges, TRUE);
}

static GPtrArray *
new_challenges (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_http_challenge_free);
}

#define EXAMPLE "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", " \
                "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", " \
                "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
#define CNONCE  "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"

static void
assert_response (QnetHttpChallenge *challenge,
                 const char        *response)
{
  g_autofree char *value = NULL;
  g_autofree char *expected = g_strdup_printf ("response=\"%s\"", response);

  value = qnet_http_credentials_make (challenge, "Mufasa", "Circle of Life", "GET",
                                      "/dir/index.html", CNONCE);
  g_assert_true (g_str_has_prefix (value, "Digest username=\"Mufasa\", "));
  g_assert_nonnull (strstr (value, expected));
}

static void
test_digest_of_the_rfc (void)
{
  g_autoptr(GPtrArray) challenges = new_challenges ();

  g_test_summary ("Digest matches the examples of RFC 7616 (3.9.1), and of RFC 2069 without qop.");

  assert_response (parse_one (challenges, "Digest " EXAMPLE ", algorithm=MD5"),
                   "8ca523f5e9506fed4657c9700eebdbec");
  assert_response (parse_one (challenges, "Digest " EXAMPLE ", algorithm=SHA-256"),
                   "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
  assert_response (parse_one (challenges, "Digest realm=\"testrealm@host.com\", "
                                          "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\""),
                   "2951cdbad33b2271fcb6b8e7b8feac23");
}

static void
test_digest_session (void)
{
  g_autoptr(GPtrArray) challenges = new_challenges ();
  QnetHttpChallenge *challenge = parse_one (challenges, "Digest " EXAMPLE ", algorithm=MD5-sess");
  g_autofree char *key = NULL;
  g_autofree char *session = NULL;
  g_autofree char *session_key = NULL;
  g_autofree char *request = NULL;
  g_autofree char *all = NULL;
  g_autofree char *response = NULL;

  g_test_summary ("The key of a session contains the nonces.");

  key = g_compute_checksum_for_string (G_CHECKSUM_MD5,
                                       "Mufasa:http-auth@example.org:Circle of Life", -1);
  session = g_strdup_printf ("%s:7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v:" CNONCE, key);
  session_key = g_compute_checksum_for_string (G_CHECKSUM_MD5, session, -1);
  request = g_compute_checksum_for_string (G_CHECKSUM_MD5, "GET:/dir/index.html", -1);
  all = g_strdup_printf ("%s:7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v:00000001:" CNONCE
                         ":auth:%s", session_key, request);
  response = g_compute_checksum_for_string (G_CHECKSUM_MD5, all, -1);

  assert_response (challenge, response);
}

static void
test_digest_userhash (void)
{
  g_autoptr(GPtrArray) challenges = new_challenges ();
  QnetHttpChallenge *challenge = parse_one (challenges,
                                            "Digest realm=\"api@example.org\", qop=\"auth\", "
                                            "algorithm=SHA-256, nonce=\"n\", userhash=true");
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256,
                                                         "Jason:api@example.org", -1);
  g_autofree char *value = NULL;
  g_autofree char *start = g_strdup_printf ("Digest username=\"%s\", ", hash);

  g_test_summary ("The user name is hashed if the proxy requires it.");

  value = qnet_http_credentials_make (challenge, "Jason", "sesame", "CONNECT", "h:80", "c");
  g_assert_true (g_str_has_prefix (value, start));
  g_assert_true (g_str_has_suffix (value, ", userhash=true"));
}

static void
test_digest_tunnel (void)
{
  QnetProxyDialogue *dialogue = new_tunnel ("us\"er", FALSE);
  g_autofree char *output = NULL;

  g_test_summary ("Digest is preferred to Basic, does not send the password, and quotes special "
                  "characters.");

  receives (dialogue, "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"cave\"\r\n"
                   "Proxy-Authenticate: Digest realm=\"ca\\\"ve\", nonce=\"abc\", qop=\"auth\"\r\n"
                   "Content-Length: 0\r\n\r\n");
  output = g_strndup ((char *) dialogue->output->data, dialogue->output->len);
  g_assert_nonnull (strstr (output, "Proxy-Authorization: Digest username=\"us\\\"er\", "
                                    "realm=\"ca\\\"ve\", nonce=\"abc\", uri=\"example.org:80\", "));
  g_assert_null (strstr (output, "sesame"));
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_digest_stale (void)
{
  QnetProxyDialogue *dialogue = new_tunnel ("user", FALSE);

  g_test_summary ("A stale nonce is replaced once, without asking the application.");

  for (guint i = 0; i < 2; i++)
    {
      receives (dialogue, "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Digest realm=\"cave\", "
                       "nonce=\"abc\", stale=TRUE\r\nContent-Length: 0\r\n\r\n");
      g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_ACTIVE);
    }

  receives (dialogue, "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Digest realm=\"cave\", "
                   "nonce=\"abc\", stale=TRUE\r\nContent-Length: 0\r\n\r\n");
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  qnet_proxy_dialogue_free (dialogue);
}

static void
assert_unsayable (const char *scheme,
                  const char *user)
{
  QnetProxyDialogue *dialogue = new_tunnel (user, FALSE);
  g_autofree char *answer = g_strdup_printf ("HTTP/1.1 407 Who?\r\nProxy-Authenticate: %s\r\n"
                                             "Content-Length: 0\r\n\r\n", scheme);

  receives (dialogue, answer);
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_user_names (void)
{
  g_test_summary ("No user name can add a line to the request.");

  assert_unsayable ("Basic", "us:er");
  assert_unsayable ("Digest realm=\"cave\", nonce=\"abc\"", "us\r\ner");
}

/* Challenges */

static void
test_challenges (void)
{
  g_autoptr(GPtrArray) challenges = new_challenges ();

  g_test_summary ("Lists of challenges are parsed as in RFC 9110 (11.6.1).");

  g_assert_true (qnet_http_challenges_parse (" , Basic realm = \"a, b\" , Negotiate abc==, "
                                             "Newauth realm=\"apps\", type=1, "
                                             "title=\"Login \\\"x\\\"\","
                                             " Bare,, Digest nonce=x", challenges));
  g_assert_cmpuint (challenges->len, ==, 5);

#define CHALLENGE(i) ((QnetHttpChallenge *) g_ptr_array_index (challenges, i))
  g_assert_cmpstr (CHALLENGE (0)->scheme, ==, "basic");
  g_assert_cmpstr (qnet_http_challenge_get (CHALLENGE (0), "realm"), ==, "a, b");
  g_assert_cmpstr (CHALLENGE (1)->scheme, ==, "negotiate");
  g_assert_cmpstr (CHALLENGE (2)->scheme, ==, "newauth");
  g_assert_cmpstr (qnet_http_challenge_get (CHALLENGE (2), "type"), ==, "1");
  g_assert_cmpstr (qnet_http_challenge_get (CHALLENGE (2), "title"), ==, "Login \"x\"");
  g_assert_cmpstr (CHALLENGE (3)->scheme, ==, "bare");
  g_assert_cmpstr (qnet_http_challenge_get (CHALLENGE (4), "nonce"), ==, "x");
#undef CHALLENGE
}

static const char *const bad_challenges[] = {
  "Basic realm=\"a",
  "Basic realm=\"a\\",
  "Basic realm=\"a\" b",
  "Basic realm=\"a\", realm=\"b\"",
  "\"Basic\"",
  "Basic\"a\"",
  "=",
};

static void
test_bad_challenges (void)
{
  g_autoptr(GPtrArray) challenges = new_challenges ();
  g_autoptr(GString) many = g_string_new ("A x0=0");

  g_test_summary ("Malformed challenges, and too many of them, are rejected.");

  for (gsize i = 0; i < G_N_ELEMENTS (bad_challenges); i++)
    {
      g_ptr_array_set_size (challenges, 0);
      g_assert_false (qnet_http_challenges_parse (bad_challenges[i], challenges));
    }

  g_ptr_array_set_size (challenges, 0);
  g_assert_false (qnet_http_challenges_parse ("A,A,A,A,A,A,A,A,A,A,A,A,A,A,A,A,A", challenges));

  for (guint i = 1; i < 40; i++)
    g_string_append_printf (many, ", x%u=0", i);
  g_ptr_array_set_size (challenges, 0);
  g_assert_false (qnet_http_challenges_parse (many->str, challenges));
}

#define UNSUPPORTED(list) "The proxy offers no supported authentication scheme (" list ")"
#define NO_BASIC(list)                                                                             \
  "The Digest authentication that the proxy offers is not supported, and Basic "                   \
  "would send the password unencrypted (" list ")"
#define NO_CHALLENGE            "The proxy requires authentication, but offers no valid challenge"

static const struct
{
  const char      *fields;  /* the values of Proxy-Authenticate, separated by "|" */
  QnetSocketError  code;
  const char      *reason;
} unsupported_challenges[] = {
  { "Negotiate", QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED, UNSUPPORTED ("Negotiate") },
  { "NTLM|Negotiate", QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
    UNSUPPORTED ("NTLM, Negotiate") },
  { "NTLM TlRMTVNTUAAB=, Bearer x=y", QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
    UNSUPPORTED ("NTLM, Bearer") },
  { "Digest realm=\"a\"", QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED, UNSUPPORTED ("Digest") },
  { "Digest nonce=\"a\"", QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED, UNSUPPORTED ("Digest") },
  { "Digest realm=\"a\", nonce=\"b\", qop=\"auth-int\"",
    QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED, UNSUPPORTED ("Digest") },
  { "Digest realm=\"a\", nonce=\"b\", algorithm=SHA-512-256",
    QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED, UNSUPPORTED ("Digest (SHA-512-256)") },
  { "Digest realm=\"a\", nonce=\"b\", algorithm=SHA-512-256|Basic realm=\"a\"",
    QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED, NO_BASIC ("Digest (SHA-512-256), Basic") },
  { "Basic realm=\"a\"|Digest realm=\"a\", nonce=\"b\", qop=\"auth-int\"",
    QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED, NO_BASIC ("Basic, Digest") },
  { "Basic realm=\"a\", Digest realm=\"a", QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
    NO_BASIC ("Basic") },
  { "Basic realm=\"a\"|Negotiate a=b c, Digest nonce=\"x\"",
    QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED, NO_BASIC ("Basic") },
  { "Digest nonce=x, algorithm=\"<b>\\\"\"", QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
    UNSUPPORTED ("Digest") },
  { "Basic realm=\"a", QNET_SOCKET_ERROR_PROXY_PROTOCOL, NO_CHALLENGE },
  { "", QNET_SOCKET_ERROR_PROXY_PROTOCOL, NO_CHALLENGE },
};

/* A 407 response with each part of @fields as a separate field. */
static char *
make_407 (const char *fields)
{
  g_auto(GStrv) values = g_strsplit (fields, "|", -1);
  GString *answer = g_string_new ("HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n");

  for (guint i = 0; values[i] != NULL; i++)
    g_string_append_printf (answer, "Proxy-Authenticate: %s\r\n", values[i]);

  g_string_append (answer, "\r\n");

  return g_string_free (answer, FALSE);
}

static void
test_unsupported_challenges (void)
{
  g_test_summary ("Unsupported challenges are listed in the message, and a 407 without a "
                  "challenge is a protocol error.");

  for (gsize i = 0; i < G_N_ELEMENTS (unsupported_challenges); i++)
    {
      QnetProxyDialogue *dialogue = new_tunnel ("user", TRUE);
      g_autofree char *answer = make_407 (unsupported_challenges[i].fields);

      receives (dialogue, answer);
      dialogue_assert_failed (dialogue, unsupported_challenges[i].code);
      g_assert_true (g_str_has_prefix (
        dialogue->error->message, "Could not connect to example.org port 80 through the HTTP proxy "
                                  "proxy.example port 1080: "));
      g_assert_true (g_str_has_suffix (dialogue->error->message, unsupported_challenges[i].reason));
      qnet_proxy_dialogue_free (dialogue);
    }
}

/* Also after Digest has failed, and over a new connection. */
static void
test_no_basic_after_digest (void)
{
  g_test_summary ("If the proxy has offered Digest, Basic is never used, even if the proxy "
                  "requires it afterwards.");

  for (guint closes = 0; closes < 2; closes++)
    {
      QnetProxyDialogue *dialogue = new_tunnel ("user", TRUE);

      receives (
        dialogue,
        closes ?
          "HTTP/1.0 407 Who?\r\nProxy-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\n\r\n" :
          "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\n"
          "Content-Length: 0\r\n\r\n");
      if (closes)
        qnet_proxy_dialogue_restart (dialogue);
      receives (dialogue, ASKS "Content-Length: 0\r\n\r\n");
      dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED);
      g_assert_nonnull (strstr (dialogue->error->message, "Basic would send the password"));
      qnet_proxy_dialogue_free (dialogue);
    }
}

/* Failures */

static const struct
{
  const char      *answer;
  QnetSocketError  code;
} failures[] = {
  { "HTTP/1.1 403 No\r\n\r\n",        QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { "HTTP/1.1 405 No\r\n\r\n",        QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { "HTTP/1.1 404 No\r\n\r\n",        QNET_SOCKET_ERROR_HOST_NOT_FOUND },
  { "HTTP/1.0 503 No\r\n\r\n",        QNET_SOCKET_ERROR_CONNECTION_REFUSED },
  { "HTTP/1.1 500 No\r\n\r\n",        QNET_SOCKET_ERROR_NETWORK },
  { "HTTP/1.1 501 No\r\n\r\n",        QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { "HTTP/1.1 502 No\r\n\r\n",        QNET_SOCKET_ERROR_NETWORK },
  { "HTTP/1.1 504 No\r\n\r\n",        QNET_SOCKET_ERROR_NETWORK },
  { "HTTP/1.1 522 No\r\n\r\n",        QNET_SOCKET_ERROR_NETWORK },
  { "HTTP/1.1 402 No\r\n\r\n",        QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { "HTTP/1.1 451 No\r\n\r\n",        QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { "HTTP/1.1 408 No\r\n\r\n",        QNET_SOCKET_ERROR_NETWORK },
  { "HTTP/1.1 429 No\r\n\r\n",        QNET_SOCKET_ERROR_NETWORK },
  { "HTTP/1.1 400 No\r\n\r\n",        QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/1.1 302 No\r\n\r\n",        QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/1.1 101 No\r\n\r\n",        QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/1.1 407 No\r\n\r\n",        QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "S",                              QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/2",                         QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/1.2 200 OK\r\n",            QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/1.1 2000\r\n",              QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/1.1 20\r\n",                QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/1.1 600 OK\r\n",            QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/1.1\r\n",                   QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/1.1 200 OK\r\nA\r\n",       QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/1.1 200 OK\r\n: b\r\n",     QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/1.1 200 OK\r\nA : b\r\n",   QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/1.1 200 OK\r\nA: b\r\n c: d\r\n", QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { "HTTP/1.1 200 OK\r\nA: b\rc\r\n", QNET_SOCKET_ERROR_PROXY_PROTOCOL },
};

static void
test_failures (gconstpointer data)
{
  Pieces pieces = GPOINTER_TO_INT (data);

  g_test_summary ("Each failure has its code, and is detected at the first possible byte.");

  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      QnetProxyDialogue *dialogue = new_tunnel ("", FALSE);

      dialogue_receives (dialogue, pieces, failures[i].answer, strlen (failures[i].answer));
      dialogue_assert_failed (dialogue, failures[i].code);
      qnet_proxy_dialogue_free (dialogue);
    }
}

static void
test_message_has_status (void)
{
  const char *const statuses[] = { "403", "404", "405", "400", "429", "500",
                                   "501", "502", "503", "504", "599" };

  g_test_summary ("The message contains the status of the response.");

  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      QnetProxyDialogue *dialogue = new_tunnel ("", FALSE);
      g_autofree char *answer = g_strdup_printf ("HTTP/1.1 %s No\r\n\r\n", statuses[i]);
      g_autofree char *status = g_strdup_printf ("(HTTP status %s)", statuses[i]);

      receives (dialogue, answer);
      g_assert_true (g_str_has_suffix (dialogue->error->message, status));
      qnet_proxy_dialogue_free (dialogue);
    }
}

static void
test_nul (void)
{
  QnetProxyDialogue *dialogue = new_tunnel ("", FALSE);

  g_test_summary ("A NUL in a line is a protocol error.");

  dialogue_receives (dialogue, AT_ONCE, LITERAL ("HTTP/1.1 200 OK\r\nA: b\0c\r\n"));
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_PROTOCOL);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_endless (gconstpointer data)
{
  const char *piece = data;
  QnetProxyDialogue *dialogue = new_tunnel ("", FALSE);
  gsize length = 0;

  g_test_summary ("An endless response fails, without storing much of it.");

  receives (dialogue, "HTTP/1.1 100 OK\r\n");

  while (dialogue->phase == QNET_PROXY_PHASE_ACTIVE)
    length += dialogue_receives (dialogue, AT_ONCE, piece, strlen (piece));

  g_assert_cmpuint (length, <=, 64 * 1024);
  dialogue_assert_failed (dialogue, QNET_SOCKET_ERROR_PROXY_PROTOCOL);
  qnet_proxy_dialogue_free (dialogue);
}

static void
test_cut_short (void)
{
  const char answer[] = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";

  g_test_summary ("If the proxy closes the connection it is CONNECTION_CLOSED, or a protocol "
                  "error within a response.");

  for (gsize length = 0; length < sizeof answer - 1; length++)
    {
      QnetProxyDialogue *dialogue = new_tunnel ("", FALSE);

      dialogue_receives (dialogue, AT_ONCE, answer, length);
      qnet_proxy_dialogue_end (dialogue);
      dialogue_assert_failed (dialogue, length == 0 ? QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED
                                                    : QNET_SOCKET_ERROR_PROXY_PROTOCOL);
      qnet_proxy_dialogue_free (dialogue);
    }
}

static void
test_unsupported_commands (void)
{
  g_autoptr(QnetNetworkProxy) plain = qnet_network_proxy_new (QNET_PROXY_TYPE_HTTP, "p", 8080,
                                                              NULL, NULL);
  g_autoptr(QnetNetworkProxy) boastful = qnet_network_proxy_with_capabilities (plain, 0x7f);

  g_test_summary ("An HTTP proxy neither forwards datagrams nor listens, with any capabilities.");

  g_assert_true (qnet_proxy_can (boastful, QNET_PROXY_COMMAND_CONNECT));
  g_assert_false (qnet_proxy_can (boastful, QNET_PROXY_COMMAND_BIND));
  g_assert_false (qnet_proxy_can (boastful, QNET_PROXY_COMMAND_ASSOCIATE));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD_BOTH(path, function) \
  g_test_add_data_func (path "/at-once", GINT_TO_POINTER (AT_ONCE), function); \
  g_test_add_data_func (path "/byte-by-byte", GINT_TO_POINTER (BYTE_BY_BYTE), function)

  ADD_BOTH ("/http-tunnel/connect", test_connect);
  ADD_BOTH ("/http-tunnel/basic/kept", test_basic_kept);
  ADD_BOTH ("/http-tunnel/failures", test_failures);
#undef ADD_BOTH

  g_test_add_func ("/http-tunnel/targets", test_targets);
  g_test_add_func ("/http-tunnel/raw-headers", test_raw_headers);
  g_test_add_func ("/http-tunnel/interim", test_interim);
  g_test_add_func ("/http-tunnel/basic/closed", test_basic_closed);
  g_test_add_func ("/http-tunnel/basic/keep-alive-of-1.0", test_keep_alive_of_1_0);
  g_test_add_func ("/http-tunnel/refused-again", test_refused_again);
  g_test_add_func ("/http-tunnel/refused-by-401", test_refused_by_401);
  g_test_add_func ("/http-tunnel/credentials", test_credentials);
  g_test_add_func ("/http-tunnel/credentials/after-rejection", test_credentials_after_rejection);
  g_test_add_func ("/http-tunnel/credentials/proxy-closes-meanwhile", test_closed_meanwhile);
  g_test_add_func ("/http-tunnel/digest/rfc", test_digest_of_the_rfc);
  g_test_add_func ("/http-tunnel/digest/session", test_digest_session);
  g_test_add_func ("/http-tunnel/digest/userhash", test_digest_userhash);
  g_test_add_func ("/http-tunnel/digest/tunnel", test_digest_tunnel);
  g_test_add_func ("/http-tunnel/digest/stale", test_digest_stale);
  g_test_add_func ("/http-tunnel/user-names-cannot-add-lines", test_user_names);
  g_test_add_func ("/http-tunnel/challenges", test_challenges);
  g_test_add_func ("/http-tunnel/challenges/bad", test_bad_challenges);
  g_test_add_func ("/http-tunnel/challenges/unsupported", test_unsupported_challenges);
  g_test_add_func ("/http-tunnel/challenges/no-basic-after-digest", test_no_basic_after_digest);
  g_test_add_func ("/http-tunnel/failures/message-has-the-status", test_message_has_status);
  g_test_add_func ("/http-tunnel/nul", test_nul);
  g_test_add_data_func ("/http-tunnel/endless/line", "abc: def", test_endless);
  g_test_add_data_func ("/http-tunnel/endless/fields", "abc: def\r\n", test_endless);
  g_test_add_data_func ("/http-tunnel/endless/interim", "\r\nHTTP/1.1 100 OK\r\n", test_endless);
  g_test_add_func ("/http-tunnel/cut-short", test_cut_short);
  g_test_add_func ("/http-tunnel/unsupported-commands", test_unsupported_commands);

  return g_test_run ();
}
