/* test-host-address.c: IPv4 and IPv6 addresses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "address/qnet-host-address-private.h"

#define N_GENERATED 2000
#define N_SPECIAL   (QNET_SPECIAL_ADDRESS_ANY_IPV4 + 1)

static QnetHostAddress *
parse (const char *text)
{
  QnetHostAddress *address = qnet_host_address_from_string (text);

  if (address == NULL)
    g_error ("%s: not an address", text);

  return address;
}

static void
assert_text (const QnetHostAddress *address,
             const char            *expected)
{
  g_autofree char *text = qnet_host_address_to_string (address);

  g_assert_cmpstr (text, ==, expected);
}

/* Random addresses, mostly of zeros and ones, so that runs of zeros, v4-mapped, v4-compatible and
 * equal addresses are frequent. */

static QnetHostAddress *
generate_ipv4 (void)
{
  return qnet_host_address_new_ipv4 (g_test_rand_bit () ? (guint32) g_test_rand_int ()
                                                        : (guint32) g_test_rand_int_range (0, 3));
}

static QnetHostAddress *
generate_ipv6 (void)
{
  const guint16 words[] = { 0, 0, 0, 1, 0xffff, 0xfe80, (guint16) g_test_rand_int () };
  const char *scopes[] = { NULL, NULL, "lo", "7" };
  g_autoptr(QnetHostAddress) plain = NULL;
  guint8 bytes[16];

  for (gsize i = 0; i < sizeof bytes; i += 2)
    {
      guint16 word = words[g_test_rand_int_range (0, G_N_ELEMENTS (words))];

      bytes[i] = word >> 8;
      bytes[i + 1] = word & 0xff;
    }

  plain = qnet_host_address_new_ipv6 (bytes, sizeof bytes, NULL);

  return qnet_host_address_with_scope_id (plain,
                                          scopes[g_test_rand_int_range (0, G_N_ELEMENTS (scopes))]);
}

static QnetHostAddress *
generate (void)
{
  switch (g_test_rand_int_range (0, 5))
    {
    case 0:
      return qnet_host_address_new_special (g_test_rand_int_range (0, N_SPECIAL));

    case 1:
    case 2:
      return generate_ipv4 ();

    default:
      return generate_ipv6 ();
    }
}

static void
test_special (void)
{
  static const struct
  {
    QnetSpecialAddress special;
    const char *text;
    QnetNetworkLayerProtocol protocol;
  } rows[] = {
    { QNET_SPECIAL_ADDRESS_NULL, "", QNET_NETWORK_LAYER_PROTOCOL_UNKNOWN },
    { QNET_SPECIAL_ADDRESS_BROADCAST, "255.255.255.255", QNET_NETWORK_LAYER_PROTOCOL_IPV4 },
    { QNET_SPECIAL_ADDRESS_LOCAL_HOST, "127.0.0.1", QNET_NETWORK_LAYER_PROTOCOL_IPV4 },
    { QNET_SPECIAL_ADDRESS_LOCAL_HOST_IPV6, "::1", QNET_NETWORK_LAYER_PROTOCOL_IPV6 },
    { QNET_SPECIAL_ADDRESS_ANY, "::", QNET_NETWORK_LAYER_PROTOCOL_ANY_IP },
    { QNET_SPECIAL_ADDRESS_ANY_IPV6, "::", QNET_NETWORK_LAYER_PROTOCOL_IPV6 },
    { QNET_SPECIAL_ADDRESS_ANY_IPV4, "0.0.0.0", QNET_NETWORK_LAYER_PROTOCOL_IPV4 },
  };

  g_test_summary ("Each special address has its text, and is only equal to itself.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (rows[i].special);

      assert_text (address, rows[i].text);
      g_assert_cmpint (qnet_host_address_get_protocol (address), ==, rows[i].protocol);
      g_assert_null (qnet_host_address_get_scope_id (address));

      for (gsize k = 0; k < G_N_ELEMENTS (rows); k++)
        g_assert_cmpint (qnet_host_address_equal_special (address, rows[k].special), ==, i == k);
    }
}

static void
test_special_parsed (void)
{
  static const struct
  {
    QnetSpecialAddress special;
    const char *text;
  } rows[] = {
    { QNET_SPECIAL_ADDRESS_BROADCAST, "255.255.255.255" },
    { QNET_SPECIAL_ADDRESS_LOCAL_HOST, "127.0.0.1" },
    { QNET_SPECIAL_ADDRESS_LOCAL_HOST_IPV6, "::1" },
    { QNET_SPECIAL_ADDRESS_ANY_IPV6, "::" },
    { QNET_SPECIAL_ADDRESS_ANY_IPV4, "0.0.0.0" },
  };

  g_test_summary ("A special address that was parsed is equal to the constant.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(QnetHostAddress) address = parse (rows[i].text);

      g_assert_true (qnet_host_address_equal_special (address, rows[i].special));
    }
}

static void
test_null (void)
{
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);

  g_test_summary ("Only Null is null.");

  g_assert_true (qnet_host_address_is_null (null));
  g_assert_true (qnet_host_address_equal_special (null, QNET_SPECIAL_ADDRESS_NULL));
  g_assert_false (qnet_host_address_is_null (any));
}

static void
test_parse (void)
{
  static const struct
  {
    const char *text;
    const char *printed;
  } rows[] = {
    { "192.0.2.1", "192.0.2.1" },
    { " \t192.0.2.1\r\n", "192.0.2.1" },
    { "123.0.0", "123.0.0.0" },
    { "127.1", "127.0.0.1" },
    { "1.2.772", "1.2.3.4" },
    { "0x7f.0.0.010", "127.0.0.8" },
    { "4294967295", "255.255.255.255" },
    { "::", "::" },
    { "0:0:0:0:0:0:0:0", "::" },
    { "::1", "::1" },
    { " ::1 ", "::1" },
    { "2001:DB8::00aB", "2001:db8::ab" },
    { "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
    { "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
    { "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
    { "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
    { "::ffff:c000:201", "::ffff:192.0.2.1" },
    { "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
    { "::192.0.2.1", "::192.0.2.1" },
    { "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
    { "::1%lo", "::1%lo" },
    { " fe80::1%12 ", "fe80::1%12" },
    { "fe80::1%a-b.c", "fe80::1%a-b.c" },
  };

  g_test_summary ("Each form of an address is parsed, and formatted according to RFC 5952.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(QnetHostAddress) address = parse (rows[i].text);

      assert_text (address, rows[i].printed);
    }
}

static void
test_parse_bad (void)
{
  const char *texts[] = {
    "", " ", ".", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 x", "1.2.3.4 5", "1.2.3.", "-1.2.3.4",
    "a.b.c.d", "4294967296", "0x", "localhost", "1.2.3.4%lo", "1.2.3.4/8", "1.2.3.4:80",
    ":", ":::", "::1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::12345", "::g", "[::1]", "::1/128",
    "::1%", "%lo", "::1 %lo", "::1% lo", "::ffff:1.2.3", "::1.2.3.4:1", "\303\274",
  };

  g_test_summary ("Text that is not an address is rejected.");

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_test_message ("%s", texts[i]);
      g_assert_null (qnet_host_address_from_string (texts[i]));
    }
}

static void
test_text_ipv4 (void)
{
  g_test_summary ("IPv4 addresses are formatted like the C library does, and parsed again.");

  for (guint i = 0; i < N_GENERATED; i++)
    {
      g_autoptr(QnetHostAddress) address = generate_ipv4 ();
      g_autoptr(QnetHostAddress) again = NULL;
      char text[INET_ADDRSTRLEN];
      guint32 number;

      g_assert_true (qnet_host_address_to_ipv4 (address, &number));
      number = g_htonl (number);
      inet_ntop (AF_INET, &number, text, sizeof text);

      assert_text (address, text);
      again = parse (text);
      g_assert_true (qnet_host_address_equal (address, again));
    }
}

static void
test_text_ipv6 (void)
{
  g_test_summary ("IPv6 addresses are formatted like GIO does, and parsed again, including the "
                  "scope.");

  for (guint i = 0; i < N_GENERATED; i++)
    {
      g_autoptr(QnetHostAddress) address = generate_ipv6 ();
      g_autofree char *text = qnet_host_address_to_string (address);
      g_autoptr(QnetHostAddress) again = parse (text);
      g_autoptr(QnetHostAddress) unscoped = qnet_host_address_with_scope_id (address, NULL);
      g_autoptr(GInetAddress) inet = qnet_host_address_to_inet_address (address);
      g_autofree char *expected = g_inet_address_to_string (inet);

      assert_text (unscoped, expected);
      g_assert_true (qnet_host_address_equal (address, again));
    }
}

/* inet_pton(), GInetAddress and QnetHostAddress parse the same bytes, or all fail. */
static void
assert_read_by_all (QnetHostAddress *address,  /* (nullable) */
                    const char      *text)
{
  g_autoptr(GInetAddress) inet = g_inet_address_new_from_string (text);
  g_autofree guint8 *read = NULL;
  guint8 expected[16];
  gsize size;

  g_assert_cmpint (address != NULL, ==, inet_pton (AF_INET6, text, expected) == 1);
  g_assert_cmpint (address != NULL, ==, inet != NULL);

  if (address == NULL)
    return;

  read = qnet_host_address_to_ipv6 (address, &size);
  g_assert_cmpmem (read, size, expected, sizeof expected);
  g_assert_cmpmem (g_inet_address_to_bytes (inet), g_inet_address_get_native_size (inet), expected,
                   sizeof expected);
}

static void
test_text_garbled (void)
{
  static const char alphabet[] = "0123456789abcfx:.% ";

  g_test_summary ("Random text is parsed as an IPv6 address exactly if inet_pton() and "
                  "GInetAddress do, and with the same bytes.");

  for (guint i = 0; i < N_GENERATED; i++)
    {
      g_autoptr(QnetHostAddress) address = generate_ipv6 ();
      g_autofree char *text = qnet_host_address_to_string (address);
      g_autoptr(QnetHostAddress) read = NULL;

      text[g_test_rand_int_range (0, (gint32) strlen (text))]
        = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      read = qnet_host_address_from_string (text);

      if (strpbrk (text, "% ") == NULL && strchr (text, ':') != NULL)
        assert_read_by_all (read, text);
    }
}

static char *
generate_ipv4_text (void)
{
  GString *text = g_string_new (NULL);
  guint n_parts = g_test_rand_int_range (1, 6);

  for (guint i = 0; i < n_parts; i++)
    {
      const char *formats[] = { "%u", "%u", "%u", "0%o", "0x%x", "%u " };
      guint number = g_test_rand_int_range (0, g_test_rand_bit () ? 300 : G_MAXINT32);

      if (i > 0)
        g_string_append_c (text, '.');
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      g_string_append_printf (text, formats[g_test_rand_int_range (0, G_N_ELEMENTS (formats))],
                              number);
#pragma GCC diagnostic pop
    }

  return g_string_free (text, FALSE);
}

static void
test_text_ipv4_odd (void)
{
  g_test_summary ("Unusual text is parsed as an IPv4 address exactly if inet_aton() does; "
                  "inet_pton() and GInetAddress agree where they parse it.");

  for (guint i = 0; i < 4 * N_GENERATED; i++)
    {
      g_autofree char *text = g_strchomp (generate_ipv4_text ());
      g_autoptr(QnetHostAddress) address = qnet_host_address_from_string (text);
      g_autoptr(GInetAddress) inet = g_inet_address_new_from_string (text);
      struct in_addr expected;
      guint32 number;

      if (strchr (text, ' ') != NULL || inet_aton (text, &expected) == 0)
        {
          g_assert_null (address);
          continue;
        }

      g_assert_true (qnet_host_address_to_ipv4 (address, &number));
      g_assert_cmphex (number, ==, g_ntohl (expected.s_addr));

      if (inet_pton (AF_INET, text, &expected) == 1)
        g_assert_cmphex (number, ==, g_ntohl (expected.s_addr));

      if (inet != NULL)
        {
          g_autoptr(QnetHostAddress) same = qnet_host_address_new_from_inet_address (inet);

          g_assert_true (qnet_host_address_equal (address, same));
        }
    }
}

static void
test_ipv4 (void)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_ipv4 (0x01020304);
  const char *ipv4[] = { "1.2.3.4", "::ffff:1.2.3.4" };
  const char *others[] = { "::1", "::1.2.3.4", "2001:db8::1", "::ffff:1.2.3.4%lo" };
  guint32 number = 0;

  g_test_summary ("Only IPv4, v4-mapped and unspecified addresses convert to a number.");

  assert_text (address, "1.2.3.4");

  for (gsize i = 0; i < G_N_ELEMENTS (ipv4); i++)
    {
      g_autoptr(QnetHostAddress) parsed = parse (ipv4[i]);

      g_assert_true (qnet_host_address_to_ipv4 (parsed, &number));
      g_assert_cmphex (number, ==, 0x01020304);
      g_assert_true (qnet_host_address_to_ipv4 (parsed, NULL));
    }

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr(QnetHostAddress) parsed = parse (others[i]);

      g_assert_false (qnet_host_address_to_ipv4 (parsed, &number));
      g_assert_cmphex (number, ==, 0x01020304);
    }
}

static void
test_ipv4_special (void)
{
  g_test_summary ("Any and both unspecified addresses convert to 0, and Null does not convert.");

  for (guint i = QNET_SPECIAL_ADDRESS_ANY; i < N_SPECIAL; i++)
    {
      g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (i);
      guint32 number = 1;

      g_assert_true (qnet_host_address_to_ipv4 (address, &number));
      g_assert_cmpuint (number, ==, 0);
    }

  {
    g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();

    g_assert_false (qnet_host_address_to_ipv4 (null, NULL));
  }
}

static void
assert_ipv6_bytes (const char *text,
                   const char *same)
{
  g_autoptr(QnetHostAddress) address = parse (text);
  g_autofree guint8 *bytes = NULL;
  guint8 expected[16];
  gsize length;

  bytes = qnet_host_address_to_ipv6 (address, &length);
  g_assert_cmpint (inet_pton (AF_INET6, same, expected), ==, 1);
  g_assert_cmpmem (bytes, length, expected, sizeof expected);
}

static void
test_ipv6 (void)
{
  guint8 bytes[17] = { 0x20, 1, 0xd, 0xb8, [15] = 7 };
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_ipv6 (bytes, 16, NULL);
  g_autoptr(GError) error = NULL;

  g_test_summary ("An IPv6 address has 16 bytes; IPv4 addresses convert to their v4-mapped form.");

  assert_text (address, "2001:db8::7");
  assert_ipv6_bytes ("2001:db8::7", "2001:db8::7");
  assert_ipv6_bytes ("1.2.3.4", "::ffff:1.2.3.4");
  assert_ipv6_bytes ("0.0.0.0", "::");

  g_assert_null (qnet_host_address_new_ipv6 (bytes, 17, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_cmpstr (error->message, ==, "An IPv6 address has 16 bytes, not 17");
  g_assert_null (qnet_host_address_new_ipv6 (NULL, 0, NULL));
}

static void
test_scope (void)
{
  g_autoptr(QnetHostAddress) address = parse ("fe80::1");
  g_autoptr(QnetHostAddress) scoped = qnet_host_address_with_scope_id (address, "eth7");
  g_autoptr(QnetHostAddress) moved = qnet_host_address_with_scope_id (scoped, "3");
  g_autoptr(QnetHostAddress) emptied = qnet_host_address_with_scope_id (scoped, "");
  g_autoptr(QnetHostAddress) cleared = qnet_host_address_with_scope_id (scoped, NULL);

  g_test_summary ("A scope can be added, changed and removed, and is compared.");

  g_assert_null (qnet_host_address_get_scope_id (address));
  g_assert_cmpstr (qnet_host_address_get_scope_id (scoped), ==, "eth7");
  assert_text (scoped, "fe80::1%eth7");
  assert_text (moved, "fe80::1%3");

  g_assert_false (qnet_host_address_equal (address, scoped));
  g_assert_false (qnet_host_address_equal (moved, scoped));
  g_assert_true (qnet_host_address_equal (address, emptied));
  g_assert_true (qnet_host_address_equal (address, cleared));
}

static void
test_scope_name_and_number (void)
{
  g_autofree char *number = g_strdup_printf ("%u", if_nametoindex ("lo"));
  g_autoptr(QnetHostAddress) address = parse ("fe80::1");
  g_autoptr(QnetHostAddress) by_name = qnet_host_address_with_scope_id (address, "lo");
  g_autoptr(QnetHostAddress) by_number = qnet_host_address_with_scope_id (address, number);
  g_autoptr(QnetHostAddress) other = qnet_host_address_with_scope_id (address, "4711");

  g_test_summary ("The name and the index of an interface are equal scopes, but the text of an "
                  "address keeps its form.");

  if (if_nametoindex ("lo") == 0)
    {
      g_test_skip ("there is no interface lo");
      return;
    }

  g_assert_true (qnet_host_address_equal (by_name, by_number));
  g_assert_cmpint (qnet_host_address_compare (by_number, by_name), ==, 0);
  g_assert_cmpuint (qnet_host_address_hash (by_number), ==, qnet_host_address_hash (by_name));
  g_assert_false (qnet_host_address_equal (by_name, other));
  g_assert_false (qnet_host_address_equal (by_name, address));
  assert_text (by_name, "fe80::1%lo");
}

static void
test_scope_white_space (void)
{
  const char *scopes[] = { "a b", " eth7", "eth7 ", "\t", "a\nb", "%", "a%b" };
  g_autoptr(QnetHostAddress) address = parse ("fe80::1");

  g_test_summary ("An address with any scope can be parsed from its text.");

  for (gsize i = 0; i < G_N_ELEMENTS (scopes); i++)
    {
      g_autoptr(QnetHostAddress) scoped = qnet_host_address_with_scope_id (address, scopes[i]);
      g_autofree char *text = qnet_host_address_to_string (scoped);
      g_autoptr(QnetHostAddress) read = parse (text);

      g_assert_true (qnet_host_address_equal (scoped, read));
    }
}

static void
test_parse_throws (void)
{
  const char *bad[] = { "127.0.0.l",   "",         "localhost", "1.2.3.4.5", "[::1]",
                        "127.0.0.1 x", "fe80::1%", "\xff" };
  g_autoptr(GError) error = NULL;
  g_autoptr(QnetHostAddress) good = qnet_host_address_parse (" 127.1 ", &error);

  g_test_summary ("parse() fails for text that is not an address, and the message contains the "
                  "text.");

  g_assert_no_error (error);
  assert_text (good, "127.0.0.1");

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) failure = NULL;

      g_assert_null (qnet_host_address_parse (bad[i], &failure));
      g_assert_error (failure, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
      g_assert_true (g_utf8_validate (failure->message, -1, NULL));
      g_assert_true (*bad[i] == '\xff' || strstr (failure->message, bad[i]) != NULL);
    }
}

static void
test_scope_ipv4 (void)
{
  const QnetSpecialAddress specials[] = { QNET_SPECIAL_ADDRESS_NULL, QNET_SPECIAL_ADDRESS_ANY,
                                          QNET_SPECIAL_ADDRESS_LOCAL_HOST };

  g_test_summary ("Only IPv6 addresses have a scope.");

  for (gsize i = 0; i < G_N_ELEMENTS (specials); i++)
    {
      g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (specials[i]);
      g_autoptr(QnetHostAddress) scoped = qnet_host_address_with_scope_id (address, "lo");

      g_assert_null (qnet_host_address_get_scope_id (scoped));
      g_assert_true (qnet_host_address_equal (address, scoped));
    }
}

/* Comparing */

static void
assert_is_equal (const char            *text,
                 const char            *other_text,
                 QnetAddressConversion  needed)
{
  g_autoptr(QnetHostAddress) address = parse (text);
  g_autoptr(QnetHostAddress) other = parse (other_text);
  const QnetAddressConversion all = QNET_ADDRESS_CONVERSION_TOLERANT;

  g_assert_true (qnet_host_address_equal_full (address, other, needed));
  g_assert_true (qnet_host_address_equal_full (other, address, needed));
  g_assert_true (qnet_host_address_equal_full (address, other, all));
  g_assert_false (qnet_host_address_equal_full (address, other, all & ~needed));
  g_assert_false (qnet_host_address_equal_full (address, other, QNET_ADDRESS_CONVERSION_STRICT));
}

static void
test_is_equal (void)
{
  g_test_summary ("Each conversion ignores only its own difference.");

  assert_is_equal ("1.2.3.4", "::ffff:1.2.3.4", QNET_ADDRESS_CONVERSION_V4_MAPPED);
  assert_is_equal ("127.0.0.1", "::ffff:127.0.0.1", QNET_ADDRESS_CONVERSION_V4_MAPPED);
  assert_is_equal ("1.2.3.4", "::1.2.3.4", QNET_ADDRESS_CONVERSION_V4_COMPAT);
  assert_is_equal ("0.0.0.0",
                   "::", QNET_ADDRESS_CONVERSION_UNSPECIFIED | QNET_ADDRESS_CONVERSION_V4_COMPAT);
  assert_is_equal ("127.0.0.1", "::1", QNET_ADDRESS_CONVERSION_LOCAL_HOST);
}

static void
test_is_equal_unspecified (void)
{
  g_autoptr(QnetHostAddress) ipv6 = parse ("::");
  g_autoptr(QnetHostAddress) ipv4 = parse ("0.0.0.0");

  g_test_summary (
    ":: is ::0.0.0.0 as well: either conversion makes it equal to 0.0.0.0, as in Qt.");

  g_assert_true (qnet_host_address_equal_full (ipv6, ipv4, QNET_ADDRESS_CONVERSION_V4_COMPAT));
  g_assert_true (qnet_host_address_equal_full (ipv4, ipv6, QNET_ADDRESS_CONVERSION_V4_COMPAT));
  g_assert_true (qnet_host_address_equal_full (ipv4, ipv6, QNET_ADDRESS_CONVERSION_UNSPECIFIED));
  g_assert_false (qnet_host_address_equal_full (ipv4, ipv6, QNET_ADDRESS_CONVERSION_V4_MAPPED));
  g_assert_false (qnet_host_address_equal_full (ipv4, ipv6, QNET_ADDRESS_CONVERSION_LOCAL_HOST));
}

static void
test_is_equal_any (void)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  const char *texts[] = { "::", "0.0.0.0" };

  g_test_summary ("Any is equal to the unspecified addresses with that conversion; Null is not.");

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(QnetHostAddress) address = parse (texts[i]);

      g_assert_true (qnet_host_address_equal_full (any, address,
                                                 QNET_ADDRESS_CONVERSION_UNSPECIFIED));
      g_assert_false (qnet_host_address_equal_full (any, address,
                                                    QNET_ADDRESS_CONVERSION_V4_COMPAT));
      g_assert_false (qnet_host_address_equal_full (null, address,
                                                    QNET_ADDRESS_CONVERSION_TOLERANT));
    }

  g_assert_true (qnet_host_address_equal_full (any, any, QNET_ADDRESS_CONVERSION_STRICT));
  g_assert_true (qnet_host_address_equal_full (null, null, QNET_ADDRESS_CONVERSION_TOLERANT));
  g_assert_false (qnet_host_address_equal_full (null, any, QNET_ADDRESS_CONVERSION_TOLERANT));
}

static void
test_is_equal_different (void)
{
  const char *pairs[][2] = {
    { "1.2.3.4", "1.2.3.5" }, { "127.0.0.2", "::1" },
    { "::1%lo", "::1" }, { "::1%lo", "127.0.0.1" },
    { "0.0.0.1", "::1" }, { "2001:db8::1", "0.0.0.1" }, { "1::ffff:1.2.3.4", "1.2.3.4" },
  };

  g_test_summary ("Different addresses are not equal with any conversion.");

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr(QnetHostAddress) address = parse (pairs[i][0]);
      g_autoptr(QnetHostAddress) other = parse (pairs[i][1]);

      g_assert_false (qnet_host_address_equal_full (address, other,
                                                  QNET_ADDRESS_CONVERSION_TOLERANT));
    }
}

static void
test_is_equal_laws (void)
{
  g_test_summary ("Equality with conversions is symmetric and transitive.");

  for (guint i = 0; i < N_GENERATED; i++)
    {
      g_autoptr(QnetHostAddress) a = generate ();
      g_autoptr(QnetHostAddress) b = generate ();
      g_autoptr(QnetHostAddress) c = generate ();
      QnetAddressConversion how = g_test_rand_int_range (0, 16);
      gboolean a_b = qnet_host_address_equal_full (a, b, how);
      gboolean b_c = qnet_host_address_equal_full (b, c, how);

      g_assert_true (qnet_host_address_equal_full (a, a, how));
      g_assert_cmpint (qnet_host_address_equal_full (b, a, how), ==, a_b);
      if (a_b && b_c)
        g_assert_true (qnet_host_address_equal_full (a, c, how));
      if (qnet_host_address_equal (a, b))
        g_assert_true (a_b);
    }
}

static int
sign (int number)
{
  return (number > 0) - (number < 0);
}

static void
test_compare_laws (void)
{
  g_test_summary ("compare() is a total order; it, equal() and hash() agree.");

  for (guint i = 0; i < N_GENERATED; i++)
    {
      g_autoptr(QnetHostAddress) a = generate ();
      g_autoptr(QnetHostAddress) b = generate ();
      g_autoptr(QnetHostAddress) c = generate ();
      int a_b = sign (qnet_host_address_compare (a, b));
      int b_c = sign (qnet_host_address_compare (b, c));

      g_assert_cmpint (qnet_host_address_compare (a, a), ==, 0);
      g_assert_cmpint (sign (qnet_host_address_compare (b, a)), ==, -a_b);
      if (a_b == b_c)
        g_assert_cmpint (sign (qnet_host_address_compare (a, c)), ==, a_b);

      g_assert_cmpint (qnet_host_address_equal (a, b), ==, a_b == 0);
      if (a_b == 0)
        g_assert_cmpuint (qnet_host_address_hash (a), ==, qnet_host_address_hash (b));
    }
}

static void
test_compare_order (void)
{
  const char *ascending[] = { "0.0.0.0", "1.2.3.4", "1.2.3.5", "255.0.0.0", "::", "::1", "::1%a",
                              "::1%b", "::ffff:1.2.3.4", "fe80::" };
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);

  g_test_summary ("Addresses are sorted by kind (Null, IPv4, IPv6, Any), then by bytes, then by "
                  "scope.");

  for (gsize i = 0; i < G_N_ELEMENTS (ascending); i++)
    {
      g_autoptr(QnetHostAddress) address = parse (ascending[i]);

      g_assert_cmpint (qnet_host_address_compare (null, address), <, 0);
      g_assert_cmpint (qnet_host_address_compare (address, any), <, 0);

      for (gsize k = 0; k < i; k++)
        {
          g_autoptr(QnetHostAddress) smaller = parse (ascending[k]);

          g_assert_cmpint (qnet_host_address_compare (smaller, address), <, 0);
        }
    }
}

static void
test_hash_table (void)
{
  g_autoptr(GHashTable) table = g_hash_table_new_full ((GHashFunc) qnet_host_address_hash,
                                                       (GEqualFunc) qnet_host_address_equal,
                                                       (GDestroyNotify) qnet_host_address_unref,
                                                       NULL);
  g_autoptr(QnetHostAddress) same = parse ("fe80::1%lo");
  g_autoptr(QnetHostAddress) other = parse ("fe80::1");

  g_test_summary ("Addresses can be keys of a hash table.");

  g_hash_table_add (table, parse ("fe80::1%lo"));
  g_hash_table_add (table, qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST));

  g_assert_true (g_hash_table_contains (table, same));
  g_assert_false (g_hash_table_contains (table, other));
}

/* Kinds of addresses */

static void
assert_kind (gboolean     (*is_kind) (const QnetHostAddress *self),
             const char  *inside,
             const char  *outside)
{
  g_auto(GStrv) yes = g_strsplit (inside, " ", -1);
  g_auto(GStrv) no = g_strsplit (outside, " ", -1);

  for (gsize i = 0; yes[i] != NULL; i++)
    {
      g_autoptr(QnetHostAddress) address = parse (yes[i]);

      g_test_message ("%s", yes[i]);
      g_assert_true (is_kind (address));
    }

  for (gsize i = 0; no[i] != NULL; i++)
    {
      g_autoptr(QnetHostAddress) address = parse (no[i]);

      g_test_message ("not %s", no[i]);
      g_assert_false (is_kind (address));
    }
}

static void
test_kinds (void)
{
  g_test_summary ("The kinds of an address depend on its bytes; v4-mapped addresses are of the "
                  "kinds of their IPv4 address.");

  assert_kind (qnet_host_address_is_loopback,
               "127.0.0.0 127.0.0.1 127.255.255.255 ::1 ::ffff:127.1.2.3",
               "126.255.255.255 128.0.0.0 0.0.0.0 0.0.0.1 :: ::2 1::1 ::127.0.0.1 ::ffff:1.2.3.4");
  assert_kind (qnet_host_address_is_multicast,
               "224.0.0.0 239.255.255.255 ff02::1 ffff:: ::ffff:224.0.0.1",
               "223.255.255.255 240.0.0.0 255.255.255.255 fe80::1 ::224.0.0.1");
  assert_kind (qnet_host_address_is_broadcast,
               "255.255.255.255 ::ffff:255.255.255.255",
               "255.255.255.254 192.0.2.255 ::255.255.255.255 ffff::");
  assert_kind (qnet_host_address_is_link_local,
               "169.254.0.0 169.254.255.255 fe80:: febf::1 fe80::1%lo ::ffff:169.254.1.1",
               "169.253.255.255 169.255.0.0 fec0:: fe7f:: fd00::1 ::169.254.1.1");
}

static void
test_kinds_sites (void)
{
  g_test_summary ("Site-local, unique local and private addresses are those of RFC 3879, RFC 4193 "
                  "and RFC 1918.");

  assert_kind (qnet_host_address_is_site_local,
               "fec0:: feff:ffff:: fec0::1%lo",
               "febf::1 ff00:: fd00::1 10.0.0.1 192.168.0.1");
  assert_kind (qnet_host_address_is_unique_local_unicast,
               "fc00:: fd12:3456::1 fdff:ffff::",
               "fbff:: fe00:: fec0::1 10.0.0.1");
  assert_kind (qnet_host_address_is_private_use,
               "10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255 "
               "::ffff:10.1.2.3 fc00:: fd00::1",
               "9.255.255.255 11.0.0.0 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 "
               "127.0.0.1 ::10.1.2.3 fec0:: 2001:db8::1");
}

static void
test_kinds_global (void)
{
  g_test_summary ("Addresses that are valid beyond the link are global, also private ones.");

  assert_kind (qnet_host_address_is_global,
               "1.0.0.0 10.0.0.1 126.255.255.255 128.0.0.1 172.16.0.1 192.168.0.1 223.255.255.255 "
               "::ffff:10.0.0.1 ::ffff:1.2.3.4 ::2 ::1.2.3.4 2001:db8::1 fc00::1 fec0::1",
               "0.0.0.0 0.0.0.1 0.255.255.255 127.0.0.1 169.254.1.1 224.0.0.1 239.0.0.1 240.0.0.1 "
               "255.255.255.255 :: ::1 fe00:: fe7f::1 fe80::1 ff00:: ff02::1 ::ffff:0.0.0.0 "
               "::ffff:127.0.0.1 ::ffff:224.0.0.1 ::ffff:255.255.255.255");
}

static void
test_kinds_none (void)
{
  const QnetSpecialAddress specials[] = { QNET_SPECIAL_ADDRESS_NULL, QNET_SPECIAL_ADDRESS_ANY };

  g_test_summary ("Null and Any do not belong to any kind.");

  for (gsize i = 0; i < G_N_ELEMENTS (specials); i++)
    {
      g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (specials[i]);

      g_assert_false (qnet_host_address_is_loopback (address));
      g_assert_false (qnet_host_address_is_multicast (address));
      g_assert_false (qnet_host_address_is_broadcast (address));
      g_assert_false (qnet_host_address_is_link_local (address));
      g_assert_false (qnet_host_address_is_site_local (address));
      g_assert_false (qnet_host_address_is_unique_local_unicast (address));
      g_assert_false (qnet_host_address_is_private_use (address));
      g_assert_false (qnet_host_address_is_global (address));
    }
}

/* Networks */

static void
test_parse_subnet (void)
{
  static const struct
  {
    const char *text;
    const char *address;
    int prefix_length;
  } rows[] = {
    { "10", "10.0.0.0", 8 },
    { "10.", "10.0.0.0", 8 },
    { "10.1", "10.1.0.0", 16 },
    { "10.1.", "10.1.0.0", 16 },
    { "10.1.2.", "10.1.2.0", 24 },
    { "10.1.2.3", "10.1.2.3", 32 },
    { "172.16/12", "172.16.0.0", 12 },
    { "255/4", "240.0.0.0", 4 },
    { "192.168.7.9/24", "192.168.7.0", 24 },
    { "192.168.7.9/31", "192.168.7.8", 31 },
    { "192.168.7.9/0", "0.0.0.0", 0 },
    { "192.168.7.9/255.255.254.0", "192.168.6.0", 23 },
    { "192.168.7.9/0.0.0.0", "0.0.0.0", 0 },
    { " 127/8 ", "127.0.0.0", 8 },
    { "::/0", "::", 0 },
    { "2001:db8::1", "2001:db8::1", 128 },
    { "2001:db8:ffff::1/33", "2001:db8:8000::", 33 },
    { "fe80::1/10", "fe80::", 10 },
    { "::ffff:1.2.3.4/112", "::ffff:1.2.0.0", 112 },
  };

  g_test_summary ("Each form of a network is parsed, and the bits after the prefix are cleared.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(QnetHostAddress) address = NULL;
      g_autoptr(GError) error = NULL;
      int prefix_length = -7;

      g_test_message ("%s", rows[i].text);
      g_assert_true (qnet_host_address_parse_subnet (rows[i].text, &address, &prefix_length,
                                                     &error));
      g_assert_no_error (error);
      assert_text (address, rows[i].address);
      g_assert_cmpint (prefix_length, ==, rows[i].prefix_length);
      g_assert_true (qnet_host_address_parse_subnet (rows[i].text, NULL, NULL, NULL));
    }
}

static void
test_parse_subnet_bad (void)
{
  const char *texts[] = {
    "", " ", ".", "..", "/", "/8", "10..1", ".10", "10.1.2.3.", "10.1.2.3.4", "256", "10.256", "-1",
    "0x10", "a.b", "10/", "10/33", "10/-1", "10/x", "10/8/8", "10/ 8", "10/255.0.255.0",
    "10/255.255", "10/255.255.255.1", "1.2.3.4/ffff::", ":", "::/129", "::/-1", "::/ffff::", "::1/",
    "::/255.255.0.0", "1::2::3", "fe80::1%lo/64", "localhost", "\377",
  };

  g_test_summary ("Text that is not a network is an error that contains it, and the results are "
                  "unchanged.");

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      QnetHostAddress *address = NULL;
      g_autoptr(GError) error = NULL;
      int prefix_length = -7;

      g_test_message ("text %zu", i);
      g_assert_false (qnet_host_address_parse_subnet (texts[i], &address, &prefix_length, &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
      g_assert_true (g_str_has_suffix (error->message, "is not a network"));
      g_assert_null (address);
      g_assert_cmpint (prefix_length, ==, -7);
    }
}

static void
test_is_in_subnet (void)
{
  static const struct
  {
    const char *address;
    const char *subnet;
    int prefix_length;
    gboolean is_in;
  } rows[] = {
    { "192.168.7.9", "192.168.7.0", 24, TRUE },
    { "192.168.7.9", "192.168.7.200", 24, TRUE },
    { "192.168.7.9", "192.168.6.0", 24, FALSE },
    { "192.168.7.9", "192.168.6.0", 23, TRUE },
    { "192.168.7.9", "192.168.7.9", 32, TRUE },
    { "192.168.7.9", "192.168.7.8", 32, FALSE },
    { "192.168.7.9", "192.168.7.8", 31, TRUE },
    { "192.168.7.9", "1.1.1.1", 0, TRUE },
    { "192.168.7.9", "192.168.7.9", 33, FALSE },
    { "192.168.7.9", "192.168.7.9", -1, FALSE },
    { "192.168.7.9", "::ffff:192.168.7.9", 128, FALSE },
    { "::ffff:192.168.7.9", "192.168.7.9", 32, FALSE },
    { "192.168.7.9", "::", 0, FALSE },
    { "2001:db8::1", "2001:db8::", 32, TRUE },
    { "2001:db9::1", "2001:db8::", 32, FALSE },
    { "2001:db9::1", "2001:db8::", 31, TRUE },
    { "2001:db8::1", "2001:db8::1", 128, TRUE },
    { "2001:db8::1", "2001:db8::", 128, FALSE },
    { "2001:db8::1", "::", 0, TRUE },
    { "2001:db8::1", "2001:db8::1", 129, FALSE },
    { "fe80::1%lo", "fe80::", 10, TRUE },
  };

  g_test_summary ("An address is in a network if it has its family and its prefix.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(QnetHostAddress) address = parse (rows[i].address);
      g_autoptr(QnetHostAddress) subnet = parse (rows[i].subnet);

      g_test_message ("%s, %s/%d", rows[i].address, rows[i].subnet, rows[i].prefix_length);
      g_assert_cmpint (qnet_host_address_is_in_subnet (address, subnet, rows[i].prefix_length), ==,
                       rows[i].is_in);
    }
}

static void
test_is_in_subnet_none (void)
{
  const QnetSpecialAddress specials[] = { QNET_SPECIAL_ADDRESS_NULL, QNET_SPECIAL_ADDRESS_ANY };
  g_autoptr(QnetHostAddress) all = parse ("::");

  g_test_summary ("Null and Any are not in any network, and are not networks.");

  for (gsize i = 0; i < G_N_ELEMENTS (specials); i++)
    {
      g_autoptr(QnetHostAddress) special = qnet_host_address_new_special (specials[i]);

      g_assert_false (qnet_host_address_is_in_subnet (special, all, 0));
      g_assert_false (qnet_host_address_is_in_subnet (all, special, 0));
      g_assert_false (qnet_host_address_is_in_subnet (special, special, 0));
    }
}

static void
test_subnet_as_gio (void)
{
  g_test_summary ("Prefixes of random addresses match like GInetAddressMask.");

  for (guint i = 0; i < N_GENERATED; i++)
    {
      gboolean of_ipv6 = g_test_rand_bit ();
      g_autoptr(QnetHostAddress) address = of_ipv6 ? generate_ipv6 () : generate_ipv4 ();
      g_autoptr(QnetHostAddress) other = of_ipv6 ? generate_ipv6 () : generate_ipv4 ();
      g_autoptr(GInetAddress) inet = qnet_host_address_to_inet_address (address);
      g_autofree char *text = qnet_host_address_to_string (other);
      int length = g_test_rand_int_range (0, of_ipv6 ? 129 : 33);
      g_autofree char *unscoped = g_strndup (text, strcspn (text, "%"));
      g_autofree char *network_text = g_strdup_printf ("%s/%d", unscoped, length);
      g_autoptr(QnetHostAddress) network = NULL;
      g_autoptr(GInetAddress) network_inet = NULL;
      g_autoptr(GInetAddressMask) mask = NULL;
      int read_length;

      g_assert_true (qnet_host_address_parse_subnet (network_text, &network, &read_length, NULL));
      g_assert_cmpint (read_length, ==, length);
      g_assert_true (qnet_host_address_is_in_subnet (other, network, length));

      network_inet = qnet_host_address_to_inet_address (network);
      mask = g_inet_address_mask_new (network_inet, length, NULL);
      g_assert_nonnull (mask);
      g_assert_cmpint (qnet_host_address_is_in_subnet (address, network, length), ==,
                       g_inet_address_mask_matches (mask, inet));
    }
}

/* Conversion from and to struct sockaddr */

static void
test_native (void)
{
  const char *texts[] = { "1.2.3.4", "0.0.0.0", "2001:db8::1", "::", "::ffff:1.2.3.4",
                          "fe80::1%77777" };

  g_test_summary ("A sockaddr preserves the address, the port and the scope.");

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(QnetHostAddress) address = parse (texts[i]);
      g_autoptr(QnetHostAddress) again = NULL;
      g_autoptr(QnetHostAddress) copied = NULL;
      g_autoptr(GError) error = NULL;
      struct sockaddr_storage storage;
      guint16 port = 0;
      socklen_t size = qnet_host_address_to_native (address, 8080, &storage);

      again = qnet_host_address_take_native (&storage, FALSE, &port);
      g_assert_true (qnet_host_address_equal (address, again));
      g_assert_cmpuint (port, ==, 8080);

      copied = qnet_host_address_new_from_native (&storage, size, &error);
      g_assert_no_error (error);
      g_assert_true (qnet_host_address_equal (address, copied));
    }
}

static void
test_native_unmapped (void)
{
  g_autoptr(QnetHostAddress) mapped = parse ("::ffff:1.2.3.4");
  g_autoptr(QnetHostAddress) other = parse ("2001:db8::1");
  g_autoptr(QnetHostAddress) unmapped = NULL;
  g_autoptr(QnetHostAddress) untouched = NULL;
  struct sockaddr_storage storage;

  g_test_summary ("The peer of a dual-stack socket that uses IPv4 has an IPv4 address.");

  qnet_host_address_to_native (mapped, 1, &storage);
  unmapped = qnet_host_address_take_native (&storage, TRUE, NULL);
  assert_text (unmapped, "1.2.3.4");

  qnet_host_address_to_native (other, 1, &storage);
  untouched = qnet_host_address_take_native (&storage, TRUE, NULL);
  assert_text (untouched, "2001:db8::1");
}

static void
test_native_special (void)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  g_autoptr(QnetHostAddress) taken = NULL;
  struct sockaddr_storage storage = { .ss_family = AF_UNIX };
  guint16 port = 1;

  g_test_summary ("Any converts to ::, Null has no native form, and other families convert to "
                  "Null.");

  taken = qnet_host_address_take_native (&storage, TRUE, &port);
  g_assert_true (qnet_host_address_is_null (taken));
  g_assert_cmpuint (port, ==, 0);

  g_assert_cmpuint (qnet_host_address_to_native (any, 1, &storage), ==,
                    sizeof (struct sockaddr_in6));
  g_assert_cmpint (storage.ss_family, ==, AF_INET6);
  g_assert_cmpuint (qnet_host_address_to_native (null, 1, &storage), ==, 0);
}

static void
test_native_scope (void)
{
  g_autofree char *number = g_strdup_printf ("::1%%%u", if_nametoindex ("lo"));
  const char *texts[] = { "::1%lo", number };
  g_autoptr(QnetHostAddress) unknown = parse ("::1%no-such-thing");
  g_autoptr(QnetHostAddress) too_large = parse ("::1%4294967296");
  struct sockaddr_storage storage;

  g_test_summary ("A scope by name or index converts to the index of the interface, and back to "
                  "its name.");

  if (if_nametoindex ("lo") == 0)
    {
      g_test_skip ("there is no interface \"lo\" here");
      return;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(QnetHostAddress) address = parse (texts[i]);
      g_autoptr(QnetHostAddress) again = NULL;
      const struct sockaddr_in6 *native = (const struct sockaddr_in6 *) &storage;

      g_assert_cmpuint (qnet_host_address_to_native (address, 1, &storage), >, 0);
      g_assert_cmpuint (native->sin6_scope_id, ==, if_nametoindex ("lo"));

      again = qnet_host_address_take_native (&storage, FALSE, NULL);
      assert_text (again, "::1%lo");
    }

  g_assert_cmpuint (qnet_host_address_to_native (unknown, 1, &storage), ==, 0);
  g_assert_cmpuint (qnet_host_address_to_native (too_large, 1, &storage), ==, 0);
}

static void
test_native_bad (void)
{
  const struct
  {
    sa_family_t family;
    gsize length;
  } rows[] = {
    { AF_INET, sizeof (struct sockaddr_in) - 1 },
    { AF_INET6, sizeof (struct sockaddr_in6) - 1 },
    { AF_UNIX, sizeof (struct sockaddr_storage) },
    { AF_INET, 0 },
  };

  g_test_summary ("A sockaddr too short, or of another family, is an error.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      struct sockaddr_storage storage = { .ss_family = rows[i].family };
      g_autoptr(GError) error = NULL;

      g_assert_null (qnet_host_address_new_from_native (&storage, rows[i].length, &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
    }
}

static void
assert_display (const char *text,
                const char *expected)
{
  g_autoptr(QnetHostAddress) address = parse (text);
  g_autofree char *shown = qnet_host_address_to_display (address, 80);

  g_assert_cmpstr (shown, ==, expected);
}

static void
test_display (void)
{
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  g_autofree char *shown = qnet_host_address_to_display (null, 80);

  g_test_summary ("Error messages contain end points in their usual form.");

  assert_display ("127.0.0.1", "127.0.0.1 port 80");
  assert_display ("fe80::1%lo", "[fe80::1%lo] port 80");
  g_assert_cmpstr (shown, ==, "(no address) port 80");
}

/* Conversion from and to GIO */

static void
test_inet_address (void)
{
  g_test_summary ("A GInetAddress preserves the family and the bytes; Null does not convert.");

  for (guint i = 0; i < N_GENERATED; i++)
    {
      g_autoptr(QnetHostAddress) scoped = generate ();
      g_autoptr(QnetHostAddress) address = qnet_host_address_with_scope_id (scoped, NULL);
      g_autoptr(GInetAddress) inet = qnet_host_address_to_inet_address (address);
      g_autoptr(QnetHostAddress) again = NULL;

      if (qnet_host_address_is_null (address))
        {
          g_assert_null (inet);
          continue;
        }

      again = qnet_host_address_new_from_inet_address (inet);
      if (qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY))
        g_assert_true (qnet_host_address_equal_special (again, QNET_SPECIAL_ADDRESS_ANY_IPV6));
      else
        g_assert_true (qnet_host_address_equal (address, again));
    }
}

static void
test_socket_address (void)
{
  const char *texts[] = { "1.2.3.4", "2001:db8::1", "::ffff:1.2.3.4", "fe80::1%77777" };

  g_test_summary ("A GSocketAddress preserves the address and the scope, and has the port.");

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(QnetHostAddress) address = parse (texts[i]);
      g_autoptr(GSocketAddress) gio = qnet_host_address_to_socket_address (address, 8080);
      g_autoptr(GError) error = NULL;
      g_autoptr(QnetHostAddress) again = qnet_host_address_new_from_socket_address (gio, &error);

      g_assert_no_error (error);
      g_assert_true (qnet_host_address_equal (address, again));
      g_assert_cmpuint (g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (gio)), ==, 8080);
    }
}

static void
test_socket_address_none (void)
{
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  g_autoptr(QnetHostAddress) unknown = parse ("fe80::1%no-such-thing");
  g_autoptr(GSocketAddress) gio = g_object_new (G_TYPE_NATIVE_SOCKET_ADDRESS, NULL);
  g_autoptr(GError) error = NULL;

  g_test_summary ("Null and unknown scopes do not convert to a socket address; socket addresses "
                  "of other families do not convert to an address.");

  g_assert_null (qnet_host_address_to_socket_address (null, 1));
  g_assert_null (qnet_host_address_to_socket_address (unknown, 1));

  g_assert_null (qnet_host_address_new_from_socket_address (gio, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
}

/* Ownership */

static gpointer
share (gpointer data)
{
  for (guint i = 0; i < 10000; i++)
    qnet_host_address_unref (qnet_host_address_ref (data));

  qnet_host_address_unref (data);

  return NULL;
}

static void
test_threads (void)
{
  QnetHostAddress *address = parse ("fe80::1%lo");
  GThread *thread = g_thread_new ("share", share, qnet_host_address_ref (address));

  g_test_summary ("Threads may share an address, and the last reference frees it.");

  share (address);
  g_thread_join (thread);
}

static void
test_boxed (void)
{
  g_autoptr(QnetHostAddress) address = parse ("1.2.3.4");
  g_auto(GValue) value = G_VALUE_INIT;

  g_test_summary ("A GValue shares an address and does not copy it.");

  g_value_init (&value, QNET_TYPE_HOST_ADDRESS);
  g_value_set_boxed (&value, address);
  g_assert_true (g_value_get_boxed (&value) == address);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/host-address/special", test_special);
  g_test_add_func ("/host-address/special/parsed", test_special_parsed);
  g_test_add_func ("/host-address/null", test_null);
  g_test_add_func ("/host-address/parse", test_parse);
  g_test_add_func ("/host-address/parse/bad", test_parse_bad);
  g_test_add_func ("/host-address/text/ipv4", test_text_ipv4);
  g_test_add_func ("/host-address/text/ipv4/odd", test_text_ipv4_odd);
  g_test_add_func ("/host-address/text/ipv6", test_text_ipv6);
  g_test_add_func ("/host-address/text/garbled", test_text_garbled);
  g_test_add_func ("/host-address/ipv4", test_ipv4);
  g_test_add_func ("/host-address/ipv4/special", test_ipv4_special);
  g_test_add_func ("/host-address/ipv6", test_ipv6);
  g_test_add_func ("/host-address/scope", test_scope);
  g_test_add_func ("/host-address/scope/ipv4", test_scope_ipv4);
  g_test_add_func ("/host-address/scope/white-space-comes-back", test_scope_white_space);
  g_test_add_func ("/host-address/scope/name-and-number-are-equal", test_scope_name_and_number);
  g_test_add_func ("/host-address/parse/throws", test_parse_throws);
  g_test_add_func ("/host-address/is-equal", test_is_equal);
  g_test_add_func ("/host-address/is-equal/unspecified", test_is_equal_unspecified);
  g_test_add_func ("/host-address/is-equal/any", test_is_equal_any);
  g_test_add_func ("/host-address/is-equal/different", test_is_equal_different);
  g_test_add_func ("/host-address/is-equal/laws", test_is_equal_laws);
  g_test_add_func ("/host-address/compare/laws", test_compare_laws);
  g_test_add_func ("/host-address/compare/order", test_compare_order);
  g_test_add_func ("/host-address/hash-table", test_hash_table);
  g_test_add_func ("/host-address/kinds", test_kinds);
  g_test_add_func ("/host-address/kinds/sites", test_kinds_sites);
  g_test_add_func ("/host-address/kinds/global", test_kinds_global);
  g_test_add_func ("/host-address/kinds/none", test_kinds_none);
  g_test_add_func ("/host-address/subnet/parse", test_parse_subnet);
  g_test_add_func ("/host-address/subnet/parse/bad", test_parse_subnet_bad);
  g_test_add_func ("/host-address/subnet/is-in", test_is_in_subnet);
  g_test_add_func ("/host-address/subnet/is-in/none", test_is_in_subnet_none);
  g_test_add_func ("/host-address/subnet/as-gio", test_subnet_as_gio);
  g_test_add_func ("/host-address/native", test_native);
  g_test_add_func ("/host-address/native/unmapped", test_native_unmapped);
  g_test_add_func ("/host-address/native/special", test_native_special);
  g_test_add_func ("/host-address/native/scope", test_native_scope);
  g_test_add_func ("/host-address/native/bad", test_native_bad);
  g_test_add_func ("/host-address/display", test_display);
  g_test_add_func ("/host-address/inet-address", test_inet_address);
  g_test_add_func ("/host-address/socket-address", test_socket_address);
  g_test_add_func ("/host-address/socket-address/none", test_socket_address_none);
  g_test_add_func ("/host-address/threads", test_threads);
  g_test_add_func ("/host-address/boxed", test_boxed);

  return g_test_run ();
}
