/* test-network-proxy.c: proxies and queries as values
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <string.h>

#define TUNNELS (QNET_PROXY_CAPABILITIES_TUNNELING | QNET_PROXY_CAPABILITIES_LISTENING \
                 | QNET_PROXY_CAPABILITIES_UDP_TUNNELING)
#define FETCHES (QNET_PROXY_CAPABILITIES_CACHING | QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP)

static QnetNetworkProxy *
new_socks5 (void)
{
  return qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "gate", 1080, "user", "sesame");
}

static const struct
{
  QnetProxyType         type;
  QnetProxyCapabilities capabilities;
  gboolean              is_caching;
  gboolean              is_transparent;
  const char           *text;
  const char           *uri;
} kinds[] = {
  { QNET_PROXY_TYPE_DEFAULT, TUNNELS, FALSE, TRUE, "the application’s proxy", "direct://" },
  { QNET_PROXY_TYPE_NONE, TUNNELS, FALSE, TRUE, "no proxy", "direct://" },
  { QNET_PROXY_TYPE_SOCKS5, TUNNELS | QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP, FALSE, TRUE,
    "SOCKS5 proxy gate port 1080", "socks5://user:sesame@gate:1080" },
  { QNET_PROXY_TYPE_HTTP, FETCHES | QNET_PROXY_CAPABILITIES_TUNNELING, TRUE, TRUE,
    "HTTP proxy gate port 1080", "http://user:sesame@gate:1080" },
  { QNET_PROXY_TYPE_HTTP_CACHING, FETCHES, TRUE, FALSE,
    "HTTP proxy gate port 1080", "http://user:sesame@gate:1080" },
  { QNET_PROXY_TYPE_FTP_CACHING, FETCHES, TRUE, FALSE,
    "FTP proxy gate port 1080", "ftp://user:sesame@gate:1080" },
};

static void
test_kinds (void)
{
  g_autoptr(QnetNetworkProxy) socks5 = new_socks5 ();

  g_test_summary ("Each type has its default capabilities, and descriptions never contain a "
                  "password.");

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_with_type (socks5, kinds[i].type);
      g_autofree char *text = qnet_network_proxy_to_string (proxy);
      g_autofree char *uri = qnet_network_proxy_to_uri (proxy);

      g_assert_cmpint (qnet_network_proxy_get_proxy_type (proxy), ==, kinds[i].type);
      g_assert_cmpint (qnet_network_proxy_get_capabilities (proxy), ==, kinds[i].capabilities);
      g_assert_cmpint (qnet_network_proxy_is_caching (proxy), ==, kinds[i].is_caching);
      g_assert_cmpint (qnet_network_proxy_is_transparent (proxy), ==, kinds[i].is_transparent);
      g_assert_cmpstr (text, ==, kinds[i].text);
      g_assert_cmpstr (uri, ==, kinds[i].uri);
    }
}

static void
test_fields (void)
{
  g_autoptr(QnetNetworkProxy) proxy = new_socks5 ();
  g_autoptr(QnetNetworkProxy) moved = qnet_network_proxy_with_host (proxy, "door", 9);
  g_autoptr(QnetNetworkProxy) anonymous = qnet_network_proxy_with_credentials (proxy, NULL, NULL);

  g_test_summary ("The with functions create a copy, and the original is unchanged.");

  g_assert_cmpstr (qnet_network_proxy_get_host_name (moved), ==, "door");
  g_assert_cmpuint (qnet_network_proxy_get_port (moved), ==, 9);
  g_assert_cmpstr (qnet_network_proxy_get_user (moved), ==, "user");
  g_assert_cmpstr (qnet_network_proxy_get_user (anonymous), ==, "");
  g_assert_cmpstr (qnet_network_proxy_get_password (anonymous), ==, "");

  g_assert_cmpstr (qnet_network_proxy_get_host_name (proxy), ==, "gate");
  g_assert_cmpuint (qnet_network_proxy_get_port (proxy), ==, 1080);
  g_assert_cmpstr (qnet_network_proxy_get_password (proxy), ==, "sesame");
}

static void
test_capabilities (void)
{
  g_autoptr(QnetNetworkProxy) proxy = new_socks5 ();
  g_autoptr(QnetNetworkProxy) limited = NULL;
  g_autoptr(QnetNetworkProxy) changed = NULL;

  g_test_summary ("Capabilities that were set are kept if the type changes.");

  limited = qnet_network_proxy_with_capabilities (proxy, QNET_PROXY_CAPABILITIES_TUNNELING);
  changed = qnet_network_proxy_with_type (limited, QNET_PROXY_TYPE_HTTP);
  g_assert_cmpint (qnet_network_proxy_get_capabilities (changed), ==,
                   QNET_PROXY_CAPABILITIES_TUNNELING);
}

static void
test_raw_headers (void)
{
  g_autoptr(QnetNetworkProxy) proxy = new_socks5 ();
  g_autoptr(QnetNetworkProxy) one = qnet_network_proxy_with_raw_header (proxy, "User-Agent", "a");
  g_autoptr(QnetNetworkProxy) two = qnet_network_proxy_with_raw_header (one, "X-One", "b");
  g_autoptr(QnetNetworkProxy) other = qnet_network_proxy_with_raw_header (two, "user-agent", "c");
  g_autoptr(QnetNetworkProxy) removed = qnet_network_proxy_with_raw_header (other, "X-ONE", NULL);
  g_auto(GStrv) names = qnet_network_proxy_list_raw_headers (two);
  g_auto(GStrv) left = qnet_network_proxy_list_raw_headers (removed);

  g_test_summary ("Header fields are found ignoring case, replaced and removed.");

  g_assert_cmpuint (g_strv_length (names), ==, 2);
  g_assert_cmpstr (names[0], ==, "User-Agent");
  g_assert_cmpstr (names[1], ==, "X-One");
  g_assert_cmpstr (qnet_network_proxy_get_raw_header (two, "USER-AGENT"), ==, "a");
  g_assert_cmpstr (qnet_network_proxy_get_raw_header (other, "User-Agent"), ==, "c");
  g_assert_null (qnet_network_proxy_get_raw_header (removed, "X-One"));
  g_assert_cmpuint (g_strv_length (left), ==, 1);
}

static void
test_bad_raw_headers (void)
{
  g_autoptr(QnetNetworkProxy) proxy = new_socks5 ();

  g_test_summary ("A header field with a line break is a programmer error.");

  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*strpbrk*");
  g_assert_null (qnet_network_proxy_with_raw_header (proxy, "A", "b\r\nC: d"));
  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*is_token*");
  g_assert_null (qnet_network_proxy_with_raw_header (proxy, "A B", "c"));
  g_test_assert_expected_messages ();
}

static void
test_equal (void)
{
  g_autoptr(QnetNetworkProxy) proxy = new_socks5 ();
  g_autoptr(QnetNetworkProxy) same = new_socks5 ();
  g_autoptr(QnetNetworkProxy) header = qnet_network_proxy_with_raw_header (proxy, "A", "b");
  QnetNetworkProxy *others[] = {
    qnet_network_proxy_with_type (proxy, QNET_PROXY_TYPE_HTTP),
    qnet_network_proxy_with_host (proxy, "door", 1080),
    qnet_network_proxy_with_host (proxy, "gate", 9),
    qnet_network_proxy_with_credentials (proxy, "User", "sesame"),
    qnet_network_proxy_with_credentials (proxy, "user", "Sesame"),
    qnet_network_proxy_with_capabilities (proxy, QNET_PROXY_CAPABILITIES_NONE),
    qnet_network_proxy_with_raw_header (proxy, "A", "c"),
  };

  g_test_summary ("Proxies are equal if all fields are, and then have the same hash value.");

  g_assert_true (qnet_network_proxy_equal (proxy, same));
  g_assert_cmpuint (qnet_network_proxy_hash (proxy), ==, qnet_network_proxy_hash (same));

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_assert_false (qnet_network_proxy_equal (proxy, others[i]));
      g_assert_false (qnet_network_proxy_equal (header, others[i]));
      qnet_network_proxy_unref (others[i]);
    }
}

static void
test_boxed (void)
{
  g_auto(GValue) value = G_VALUE_INIT;
  g_autoptr(QnetNetworkProxy) proxy = new_socks5 ();
  g_autoptr(QnetNetworkProxyQuery) query = qnet_network_proxy_query_new_for_bind (
    0, NULL, QNET_PROXY_QUERY_TYPE_TCP_SERVER);

  g_test_summary ("A GValue shares proxies and queries and does not copy them.");

  g_value_init (&value, QNET_TYPE_NETWORK_PROXY);
  g_value_set_boxed (&value, proxy);
  g_assert_true (g_value_get_boxed (&value) == proxy);

  g_value_unset (&value);
  g_value_init (&value, QNET_TYPE_NETWORK_PROXY_QUERY);
  g_value_set_boxed (&value, query);
  g_assert_true (g_value_get_boxed (&value) == query);
}

/* Conversion from and to GIO */

static const struct
{
  const char    *uri;
  QnetProxyType  type;
  const char    *host;
  guint16        port;
  const char    *user;
} uris[] = {
  { "socks5://gate:9", QNET_PROXY_TYPE_SOCKS5, "gate", 9, "" },
  { "socks://gate", QNET_PROXY_TYPE_SOCKS5, "gate", 1080, "" },
  { "SOCKS5H://user:sesame@[::1]:9", QNET_PROXY_TYPE_SOCKS5, "::1", 9, "user" },
  { "http://us%40er@gate", QNET_PROXY_TYPE_HTTP, "gate", 8080, "us@er" },
  { "http://gate/", QNET_PROXY_TYPE_HTTP, "gate", 8080, "" },
  { "http://gate:/", QNET_PROXY_TYPE_HTTP, "gate", 8080, "" },
  { "http://user:@g%61te.:81", QNET_PROXY_TYPE_HTTP, "gate.", 81, "user" },
  { "socks5://us;er=!$&'()*+,:a:b@10.0.0.1", QNET_PROXY_TYPE_SOCKS5, "10.0.0.1", 1080,
    "us;er=!$&'()*+," },
  { "direct://", QNET_PROXY_TYPE_NONE, "", 0, "" },
};

static void
test_uris (void)
{
  g_test_summary ("A proxy can be created from a URI.");

  for (gsize i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new_from_uri (uris[i].uri, &error);

      g_assert_no_error (error);
      g_assert_cmpint (qnet_network_proxy_get_proxy_type (proxy), ==, uris[i].type);
      g_assert_cmpstr (qnet_network_proxy_get_host_name (proxy), ==, uris[i].host);
      g_assert_cmpuint (qnet_network_proxy_get_port (proxy), ==, uris[i].port);
      g_assert_cmpstr (qnet_network_proxy_get_user (proxy), ==, uris[i].user);
    }
}

/* "sesame" or a part of it is the password, "alice" the user. */
static const char *const bad_uris[] = {
  "socks4://u:sesame@gate",
  "https://u:sesame@gate",
  "http://u:sesame@",
  "u:sesame@gate",
  "http://u:sesame@[",
  "",
  "%%%",
  "http://%%%",
  "http://",
  "://gate",
  "gate",
  "gate:1080",
  "http://[::1",
  "http://[::1]x:80",
  "http://::1:8080",
  "http://[gate]",
  "socks5://:99999",
  "socks5://gate:99999",
  "socks5://gate:0",
  "socks5://gate:-1",
  "socks5://gate:+1",
  "socks5://gate:1a",
  "socks5://gate:80:80",
  "socks5://gate: 80",
  "socks5://ga te",
  "socks5://ga%20te",
  "socks5://gate%0d%0aX:80",
  "socks5://gate%00:80",
  "socks5://gate%2f:80",
  "socks5://..",
  "socks5://-\xff",
  "alice:sesame@h:1",
  "alice:sesame@h",
  "alice@h:1",
  "socks5://alice:a@sesame@host",
  "socks5://alice:a%40b@sesame@host:1080",
  "http://alice@b:sesame@host",
  "socks5://alice:1/sesame@host",
  "socks5://alice:1?sesame@host",
  "socks5://alice:1#sesame@host",
  "socks5://alice:sesame%@host",
  "socks5://alice:sesame%zz@host",
  "socks5://alice:sesame%00@host",
  "socks5://alice:sesame%ff@host",
  "socks5://alice:ses[ame@host",
  "socks5://alice:ses ame@host",
  "socks5://alice:sesame\\@host",
  "http://alice:sesame@host/path",
  "http://alice:sesame@host?query",
  "direct://alice:sesame@host",
  "direct://host",
};

static void
test_bad_uris (void)
{
  g_test_summary ("Other text is rejected, and the message contains neither the user name nor the "
                  "password.");

  for (gsize i = 0; i < G_N_ELEMENTS (bad_uris); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new_from_uri (bad_uris[i], &error);

      g_assert_null (proxy);
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
      g_assert_null (strstr (error->message, "sesame"));
      g_assert_null (strstr (error->message, "ame@"));
      g_assert_null (strstr (error->message, "alice"));
    }
}

static void
test_uri_round_trip (void)
{
  const char *const credentials[] = { "a", "a@b", "a:b/c?d#e", "%41", "\303\274 [\\]", "" };
  const char *const hosts[] = { "gate",   "10.0.0.1", "::1", "fe80::1%lo", "b\303\274cher.example",
                                "my_gate" };

  g_test_summary ("The URI of a proxy can be parsed as the same proxy.");

  for (gsize i = 0; i < G_N_ELEMENTS (credentials); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (hosts); j++)
      {
        g_autoptr (QnetNetworkProxy) proxy = qnet_network_proxy_new (
          QNET_PROXY_TYPE_SOCKS5, hosts[j], 9, credentials[i], credentials[i]);
        g_autofree char *uri = qnet_network_proxy_to_uri (proxy);
        g_autoptr(GError) error = NULL;
        g_autoptr(QnetNetworkProxy) again = qnet_network_proxy_new_from_uri (uri, &error);

        g_assert_no_error (error);
        g_assert_true (qnet_network_proxy_equal (proxy, again));
      }
}

static void
test_bracketed_host (void)
{
  g_autoptr (QnetNetworkProxy) proxy =
    qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "[::1]", 9, NULL, NULL);
  g_autofree char *uri = qnet_network_proxy_to_uri (proxy);

  g_test_summary ("The URI of a host in brackets has only one pair of brackets.");

  g_assert_cmpstr (uri, ==, "socks5://[::1]:9");
}

static void
test_host_that_is_a_uri (void)
{
  const char *const hosts[] = { "alice:sesame@gate", "socks5://alice:sesame@gate", "alice:sesame" };

  g_test_summary ("An invalid host is not shown, because it may contain a user name and a "
                  "password.");

  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr (QnetNetworkProxy) proxy =
        qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, hosts[i], 9, NULL, NULL);
      g_autofree char *text = qnet_network_proxy_to_string (proxy);

      g_assert_cmpstr (text, ==, "SOCKS5 proxy ? port 9");
    }
}

static void
test_proxy_address (void)
{
  g_autoptr(GInetAddress) inet = g_inet_address_new_from_string ("10.0.0.1");
  g_autoptr(GSocketAddress) good = g_proxy_address_new (inet, 9, "socks5", "example.org", 80,
                                                        "user", "sesame");
  g_autoptr(GSocketAddress) bad = g_proxy_address_new (inet, 9, "socks4", "example.org", 80,
                                                       NULL, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  g_autofree char *uri = NULL;

  g_test_summary ("A proxy can be created from a GProxyAddress of a known type.");

  proxy = qnet_network_proxy_new_from_proxy_address (G_PROXY_ADDRESS (good), &error);
  g_assert_no_error (error);
  uri = qnet_network_proxy_to_uri (proxy);
  g_assert_cmpstr (uri, ==, "socks5://user:sesame@10.0.0.1:9");

  g_assert_null (qnet_network_proxy_new_from_proxy_address (G_PROXY_ADDRESS (bad), &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
}

static void
test_resolver (void)
{
  g_autoptr(QnetNetworkProxy) proxy = new_socks5 ();
  g_autoptr(GProxyResolver) resolver = qnet_network_proxy_to_resolver (proxy);
  g_auto(GStrv) answer = g_proxy_resolver_lookup (resolver, "http://example.org/", NULL, NULL);

  g_test_summary ("A proxy can be converted to a GProxyResolver.");

  g_assert_cmpuint (g_strv_length (answer), ==, 1);
  g_assert_cmpstr (answer[0], ==, "socks5://user:sesame@gate:1080");
}

static void
test_resolver_of_unusable (void)
{
  const char *const hosts[] = { "",      "%%%",   "a b",        "a/b?c#d", "[::1",
                                "[::1]", "u:p@h", "socks5://h", "\n",      "fe80::1%lo" };

  g_test_summary ("The resolver of a proxy with an invalid host never returns \"direct\", and "
                  "prints nothing.");

  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr (QnetNetworkProxy) proxy =
        qnet_network_proxy_new (QNET_PROXY_TYPE_HTTP, hosts[i], 0, NULL, NULL);
      g_autoptr(GProxyResolver) resolver = qnet_network_proxy_to_resolver (proxy);
      g_auto (GStrv) answer =
        g_proxy_resolver_lookup (resolver, "none://example.org:80", NULL, NULL);

      for (guint k = 0; answer != NULL && answer[k] != NULL; k++)
        g_assert_cmpstr (answer[k], !=, "direct://");
    }
}

/* Queries */

static void
assert_query (QnetNetworkProxyQuery *query,  /* (transfer full) */
              const char            *host,
              int                    peer_port,
              int                    local_port,
              const char            *tag,
              const char            *expected_uri)
{
  g_autofree char *uri = qnet_network_proxy_query_to_uri (query);

  g_assert_cmpstr (qnet_network_proxy_query_get_peer_host_name (query), ==, host);
  g_assert_cmpint (qnet_network_proxy_query_get_peer_port (query), ==, peer_port);
  g_assert_cmpint (qnet_network_proxy_query_get_local_port (query), ==, local_port);
  g_assert_cmpstr (qnet_network_proxy_query_get_protocol_tag (query), ==, tag);
  g_assert_cmpstr (uri, ==, expected_uri);
  qnet_network_proxy_query_unref (query);
}

static void
test_queries (void)
{
  const QnetProxyQueryType type = QNET_PROXY_QUERY_TYPE_TCP_SOCKET;

  g_test_summary ("A query has the values it was created with, and the others are empty.");

  assert_query (qnet_network_proxy_query_new_for_uri ("HTTP://example.org:81/x", type),
                "example.org", 81, -1, "http", "HTTP://example.org:81/x");
  assert_query (
    qnet_network_proxy_query_new_for_uri ("http://alice:a@sesame@example.org:81/x@y", type),
    "example.org", 81, -1, "http", "http://example.org:81/x@y");
  assert_query (qnet_network_proxy_query_new_for_uri ("no uri", type), "", -1, -1, "", "no uri");
  assert_query (qnet_network_proxy_query_new_for_host ("::1", 80, NULL, type),
                "::1", 80, -1, "", "none://[::1]:80");
  assert_query (qnet_network_proxy_query_new_for_host ("[::1]", 80, NULL, type),
                "[::1]", 80, -1, "", "none://[::1]:80");
  assert_query (qnet_network_proxy_query_new_for_host ("example.org", 80, "http", type),
                "example.org", 80, -1, "http", "http://example.org:80");
  assert_query (qnet_network_proxy_query_new_for_host ("example.org", -1, "no scheme", type),
                "example.org", -1, -1, "no scheme", "none://example.org");
  assert_query (qnet_network_proxy_query_new_for_bind (21, "ftp", QNET_PROXY_QUERY_TYPE_TCP_SERVER),
                "", -1, 21, "ftp", "ftp://0.0.0.0:21");
}

static void
test_queries_equal (void)
{
  const QnetProxyQueryType type = QNET_PROXY_QUERY_TYPE_TCP_SOCKET;
  g_autoptr(QnetNetworkProxyQuery) query = NULL;
  g_autoptr(QnetNetworkProxyQuery) same = NULL;
  QnetNetworkProxyQuery *others[] = {
    qnet_network_proxy_query_new_for_host ("a", 1, "t", QNET_PROXY_QUERY_TYPE_UDP_SOCKET),
    qnet_network_proxy_query_new_for_host ("b", 1, "t", type),
    qnet_network_proxy_query_new_for_host ("a", 2, "t", type),
    qnet_network_proxy_query_new_for_host ("a", 1, NULL, type),
    qnet_network_proxy_query_new_for_uri ("t://a:1", type),
    qnet_network_proxy_query_new_for_bind (1, "t", type),
  };

  g_test_summary ("Queries with the same values are equal.");

  query = qnet_network_proxy_query_new_for_host ("a", 1, "t", type);
  same = qnet_network_proxy_query_new_for_host ("a", 1, "t", type);

  g_assert_true (qnet_network_proxy_query_equal (query, same));
  g_assert_cmpint (qnet_network_proxy_query_get_query_type (query), ==, type);

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_assert_false (qnet_network_proxy_query_equal (query, others[i]));
      qnet_network_proxy_query_unref (others[i]);
    }
}

static void
test_spellings_equal (void)
{
  static const char *const pairs[][2] = {
    { "gate.example", "Gate.EXAMPLE." },
    { "127.0.0.1", "127.1" },
    { "::1", "[0::1]" },
  };

  g_test_summary ("Proxies and queries are equal, and have the same hash value, for each form of "
                  "their host.");

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr (QnetNetworkProxy) proxy =
        qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, pairs[i][0], 1080, NULL, NULL);
      g_autoptr (QnetNetworkProxy) other =
        qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, pairs[i][1], 1080, NULL, NULL);
      g_autoptr (QnetNetworkProxyQuery) query = qnet_network_proxy_query_new_for_host (
        pairs[i][0], 80, NULL, QNET_PROXY_QUERY_TYPE_TCP_SOCKET);
      g_autoptr (QnetNetworkProxyQuery) same = qnet_network_proxy_query_new_for_host (
        pairs[i][1], 80, NULL, QNET_PROXY_QUERY_TYPE_TCP_SOCKET);

      g_assert_true (qnet_network_proxy_equal (proxy, other));
      g_assert_cmpuint (qnet_network_proxy_hash (proxy), ==, qnet_network_proxy_hash (other));
      g_assert_true (qnet_network_proxy_query_equal (query, same));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/network-proxy/kinds", test_kinds);
  g_test_add_func ("/network-proxy/fields", test_fields);
  g_test_add_func ("/network-proxy/capabilities", test_capabilities);
  g_test_add_func ("/network-proxy/raw-headers", test_raw_headers);
  g_test_add_func ("/network-proxy/raw-headers/bad", test_bad_raw_headers);
  g_test_add_func ("/network-proxy/equal", test_equal);
  g_test_add_func ("/network-proxy/equal/each-spelling-of-a-host", test_spellings_equal);
  g_test_add_func ("/network-proxy/boxed", test_boxed);
  g_test_add_func ("/network-proxy/uris", test_uris);
  g_test_add_func ("/network-proxy/uris/bad", test_bad_uris);
  g_test_add_func ("/network-proxy/uris/round-trip", test_uri_round_trip);
  g_test_add_func ("/network-proxy/uris/bracketed-host", test_bracketed_host);
  g_test_add_func ("/network-proxy/to-string/never-shows-a-host-that-is-a-uri",
                   test_host_that_is_a_uri);
  g_test_add_func ("/network-proxy/proxy-address", test_proxy_address);
  g_test_add_func ("/network-proxy/resolver", test_resolver);
  g_test_add_func ("/network-proxy/resolver/unusable-is-never-direct", test_resolver_of_unusable);
  g_test_add_func ("/network-proxy-query/fields", test_queries);
  g_test_add_func ("/network-proxy-query/equal", test_queries_equal);

  return g_test_run ();
}
