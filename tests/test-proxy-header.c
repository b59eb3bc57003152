/* test-proxy-header.c: headers of the PROXY protocol, read and written
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <qnet/qnet.h>

#include "balancer/qnet-proxy-header-private.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

typedef struct
{
  const char *data;
  gsize       length;
  const char *expected;  /* of an error: a part of its message */
} Sample;

#define SAMPLE(data, expected) { (data), sizeof (data) - 1, (expected) }

static QnetProxyHeader *
read_header (const char  *data,
             gsize        length,
             GError     **error)
{
  g_autoptr(GBytes) bytes = g_bytes_new (data, length);

  return qnet_proxy_header_new_from_bytes (bytes, error);
}

static void
assert_addresses (const QnetProxyHeader *header,
                  const char            *source,
                  guint16                source_port,
                  const char            *destination,
                  guint16                destination_port)
{
  g_autofree char *from = qnet_host_address_to_string (qnet_proxy_header_get_source (header));
  g_autofree char *to = qnet_host_address_to_string (qnet_proxy_header_get_destination (header));

  g_assert_cmpstr (from, ==, source);
  g_assert_cmpstr (to, ==, destination);
  g_assert_cmpuint (qnet_proxy_header_get_source_port (header), ==, source_port);
  g_assert_cmpuint (qnet_proxy_header_get_destination_port (header), ==, destination_port);
  g_assert_false (qnet_proxy_header_is_local (header));
}

static void
test_line (void)
{
  const char ipv4[] = "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n";
  const char ipv6[] = "PROXY TCP6 2001:db8::1 ::ffff:192.0.2.9 0 65535\r\n";
  GError *error = NULL;
  g_autoptr(QnetProxyHeader) first = read_header (ipv4, strlen (ipv4), &error);
  g_autoptr(QnetProxyHeader) second = NULL;

  g_test_summary ("The line of version 1 has the addresses and ports of IPv4 or IPv6.");

  g_assert_no_error (error);
  assert_addresses (first, "192.0.2.1", 56324, "192.0.2.2", 443);
  g_assert_cmpint (qnet_proxy_header_get_version (first), ==, 1);
  g_assert_null (qnet_proxy_header_get_field (first, QNET_PROXY_HEADER_FIELD_ALPN));

  second = read_header (ipv6, strlen (ipv6), &error);
  g_assert_no_error (error);
  assert_addresses (second, "2001:db8::1", 0, "::ffff:192.0.2.9", 65535);
}

static void
test_local (void)
{
  const Sample samples[] = {
    SAMPLE ("PROXY UNKNOWN\r\n", NULL),
    SAMPLE ("PROXY UNKNOWN ffff:f...f:ffff 1.2.3.4 x\r\n", NULL),
    SAMPLE (SIGNATURE "\x20\x00\x00\x00", NULL),
    SAMPLE (SIGNATURE "\x20\x11\x00\x05" "abcde", NULL),
  };

  g_test_summary ("UNKNOWN and LOCAL have no addresses, whatever else the header has.");

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      GError *error = NULL;
      g_autoptr(QnetProxyHeader) header = read_header (samples[i].data, samples[i].length, &error);

      g_assert_no_error (error);
      g_assert_true (qnet_proxy_header_is_local (header));
      g_assert_null (qnet_proxy_header_get_source (header));
      g_assert_null (qnet_proxy_header_get_destination (header));
    }
}

static void
test_binary (void)
{
  const char ipv4[] = SIGNATURE "\x21\x11\x00\x16"
                      "\xc0\x00\x02\x01" "\xc0\x00\x02\x02" "\x00\x50" "\x01\xbb"
                      "\x01\x00\x02" "h2" "\x04\x00\x02" "\0\0";
  const char unix_socket[] = SIGNATURE "\x21\x31\x00\xd8";
  char other_family[16 + 216] = { 0 };
  GError *error = NULL;
  g_autoptr(QnetProxyHeader) header = read_header (ipv4, sizeof ipv4 - 1, &error);
  g_autoptr(QnetProxyHeader) local_socket = NULL;
  GBytes *protocol;

  g_test_summary ("Version 2 has addresses and values; those of a Unix socket are not reported.");

  g_assert_no_error (error);
  assert_addresses (header, "192.0.2.1", 80, "192.0.2.2", 443);
  g_assert_cmpint (qnet_proxy_header_get_version (header), ==, 2);
  protocol = qnet_proxy_header_get_field (header, QNET_PROXY_HEADER_FIELD_ALPN);
  g_assert_cmpmem (g_bytes_get_data (protocol, NULL), g_bytes_get_size (protocol), "h2", 2);
  g_assert_null (qnet_proxy_header_get_field (header, QNET_PROXY_HEADER_FIELD_NOOP));

  memcpy (other_family, unix_socket, sizeof unix_socket - 1);
  local_socket = read_header (other_family, sizeof other_family, &error);
  g_assert_no_error (error);
  g_assert_null (qnet_proxy_header_get_source (local_socket));
  g_assert_false (qnet_proxy_header_is_local (local_socket));
}

static const Sample bad_samples[] = {
  SAMPLE ("", "incomplete"),
  SAMPLE ("PRO", "incomplete"),
  SAMPLE ("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r", "incomplete"),
  SAMPLE (SIGNATURE, "incomplete"),
  SAMPLE (SIGNATURE "\x21\x11\x00\x0c" "\xc0\x00\x02\x01", "incomplete"),
  SAMPLE ("GET / HTTP/1.1\r\n", "does not begin with a PROXY header"),
  SAMPLE ("PROXYTCP4 192.0.2.1 192.0.2.2 1 2\r\n", "does not begin with a PROXY header"),
  SAMPLE ("proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "does not begin with a PROXY header"),
  SAMPLE ("\r\n\r\n\0\r\nQUIX\n", "does not begin with a PROXY header"),
  SAMPLE ("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nmore", "other data behind"),
  SAMPLE ("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", "does not end with CR and LF"),
  SAMPLE ("PROXY TCP4 192.0.2.1\0 192.0.2.2 1 2\r\n", "does not end with CR and LF"),
  SAMPLE ("PROXY \r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP4\r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP4 192.0.2.1  192.0.2.2 1 2\r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n", "does not have the addresses"),
  SAMPLE ("PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP4 ::1 ::2 1 2\r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP6 fe80::1%lo fe80::2 1 2\r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP4 192.000.2.1 192.0.2.2 1 2\r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP4 192.0.513 192.0.2.2 1 2\r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n", "does not have the addresses"),
  SAMPLE ("PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n", "does not have the addresses"),
  SAMPLE ("PROXY UNKNOWN012345678901234567890123456789012345678901234567890123456789012345678901"
          "2345678901234567890123456789\r\n", "longer than 107 bytes"),
  SAMPLE ("PROXY UNKNOWNS\r\n", "does not have the addresses"),
  SAMPLE (SIGNATURE "\x11\x11\x00\x00", "version or its command"),
  SAMPLE (SIGNATURE "\x22\x11\x00\x00", "version or its command"),
  SAMPLE (SIGNATURE "\x21\x10\x00\x00", "kind of address"),
  SAMPLE (SIGNATURE "\x21\x41\x00\x00", "kind of address"),
  SAMPLE (SIGNATURE "\x21\x11\x00\x0b" "0123456789a", "too short for its addresses"),
  SAMPLE (SIGNATURE "\x21\x00\x00\x01" "\x01", "longer than the rest"),
  SAMPLE (SIGNATURE "\x21\x00\x00\x03" "\x01\x00\x01", "longer than the rest"),
  SAMPLE (SIGNATURE "\x21\x00\x00\x07" "\x03\x00\x04" "abcd", "checksum"),
  SAMPLE (SIGNATURE "\x21\x00\x00\x05" "\x03\x00\x02" "ab", "checksum"),
};

static void
test_bad (void)
{
  g_test_summary ("What the protocol does not allow is refused, with the reason.");

  for (gsize i = 0; i < G_N_ELEMENTS (bad_samples); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (read_header (bad_samples[i].data, bad_samples[i].length, &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_PROXY_PROTOCOL);
      if (strstr (error->message, bad_samples[i].expected) == NULL)
        g_error ("sample %zu: “%s” lacks “%s”", i, error->message, bad_samples[i].expected);
    }
}

static void
test_checksum (void)
{
  guint8 zeros[32] = { 0 };

  g_test_summary ("The checksum is that of the examples in RFC 3720, B.4.");

  g_assert_cmphex (qnet_proxy_header_checksum (0, (const guint8 *) "123456789", 9), ==, 0xe3069283);
  g_assert_cmphex (qnet_proxy_header_checksum (0, zeros, sizeof zeros), ==, 0x8a9136aa);
  memset (zeros, 0xff, sizeof zeros);
  g_assert_cmphex (qnet_proxy_header_checksum (0, zeros, sizeof zeros), ==, 0x62a8ab43);
}

static QnetProxyHeader *
make_header (const char *source,
             const char *destination)
{
  g_autoptr(QnetHostAddress) from = qnet_host_address_from_string (source);
  g_autoptr(QnetHostAddress) to = qnet_host_address_from_string (destination);
  GError *error = NULL;
  QnetProxyHeader *header = qnet_proxy_header_new (from, 4711, to, 25, &error);

  g_assert_no_error (error);
  g_assert_cmpint (qnet_proxy_header_get_version (header), ==, 0);

  return header;
}

static void
assert_round_trip (const char *source,
                   const char *destination,
                   int         version)
{
  g_autoptr(QnetProxyHeader) header = make_header (source, destination);
  g_autoptr(GBytes) bytes = qnet_proxy_header_to_bytes (header, version);
  GError *error = NULL;
  g_autoptr(QnetProxyHeader) other = qnet_proxy_header_new_from_bytes (bytes, &error);

  g_assert_no_error (error);
  assert_addresses (other, source, 4711, destination, 25);
  g_assert_cmpint (qnet_proxy_header_get_version (other), ==, version);
}

static void
test_round_trip (void)
{
  g_test_summary ("A header that is written is read as the same one, in both versions.");

  for (int version = 1; version <= 2; version++)
    {
      g_autoptr(QnetProxyHeader) local = qnet_proxy_header_new_local ();
      g_autoptr(GBytes) bytes = qnet_proxy_header_to_bytes (local, version);
      g_autoptr(QnetProxyHeader) other = qnet_proxy_header_new_from_bytes (bytes, NULL);

      g_assert_true (qnet_proxy_header_is_local (other));
      assert_round_trip ("192.0.2.1", "198.51.100.2", version);
      assert_round_trip ("2001:db8::1", "::1", version);
      assert_round_trip ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                         "fdff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", version);
    }
}

static void
test_fields (void)
{
  g_autoptr(QnetProxyHeader) plain = make_header ("192.0.2.1", "192.0.2.2");
  g_autoptr(GBytes) name = g_bytes_new_static ("www.example", 11);
  g_autoptr(GBytes) empty = g_bytes_new_static ("", 0);
  GError *error = NULL;
  g_autoptr(QnetProxyHeader) named
    = qnet_proxy_header_with_field (plain, QNET_PROXY_HEADER_FIELD_AUTHORITY, name, &error);
  g_autoptr(QnetProxyHeader) both = qnet_proxy_header_with_field (named, 0xe5, empty, &error);
  g_autoptr(GBytes) bytes = qnet_proxy_header_to_bytes (both, 2);
  g_autoptr(QnetProxyHeader) other = qnet_proxy_header_new_from_bytes (bytes, &error);

  g_test_summary ("Values are added to a new header, sent, and found; the checksum is, too.");

  g_assert_no_error (error);
  g_assert_null (qnet_proxy_header_get_field (plain, QNET_PROXY_HEADER_FIELD_AUTHORITY));
  g_assert_true (g_bytes_equal (
    qnet_proxy_header_get_field (other, QNET_PROXY_HEADER_FIELD_AUTHORITY), name));
  g_assert_cmpuint (g_bytes_get_size (qnet_proxy_header_get_field (other, 0xe5)), ==, 0);
  g_assert_cmpuint (
    g_bytes_get_size (qnet_proxy_header_get_field (other, QNET_PROXY_HEADER_FIELD_CRC32C)), ==, 4);
}

static void
test_limits (void)
{
  g_autoptr(QnetProxyHeader) local = qnet_proxy_header_new_local ();
  g_autoptr(QnetProxyHeader) plain = make_header ("2001:db8::1", "2001:db8::2");
  g_autoptr(QnetHostAddress) ipv4 = qnet_host_address_from_string ("192.0.2.1");
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();
  g_autoptr(GBytes) longest = g_bytes_new_take (g_malloc0 (65535 - 36 - 7 - 3), 65535 - 36 - 7 - 3);
  g_autoptr(GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr(QnetProxyHeader) full = NULL;
  g_autoptr(QnetProxyHeader) other = NULL;
  g_autoptr(GBytes) bytes = NULL;
  GError *error = NULL;

  g_test_summary ("A header of two families, a value in a local one, and more than 64 KiB are "
                  "errors.");

  g_assert_null (qnet_proxy_header_with_field (local, 0xe0, empty, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
  g_assert_null (qnet_proxy_header_new (ipv4, 1, qnet_proxy_header_get_source (plain), 2, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
  g_assert_null (qnet_proxy_header_new (null, 1, null, 2, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);

  full = qnet_proxy_header_with_field (plain, 0xe0, longest, &error);
  g_assert_no_error (error);
  bytes = qnet_proxy_header_to_bytes (full, 2);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 16 + 65535);
  other = qnet_proxy_header_new_from_bytes (bytes, &error);
  g_assert_no_error (error);
  g_assert_null (qnet_proxy_header_with_field (full, 0xe0, empty, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
}

/* Reads a header with the values of @array, which it frees. */
static GError *
read_values (GByteArray *array)
{
  char fixed[] = SIGNATURE "\x21\x00\x00\x00";
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(QnetProxyHeader) header = NULL;
  GError *error = NULL;

  fixed[14] = (char) (array->len >> 8);
  fixed[15] = (char) array->len;
  g_byte_array_prepend (array, (const guint8 *) fixed, 16);
  bytes = g_byte_array_free_to_bytes (array);
  header = qnet_proxy_header_new_from_bytes (bytes, &error);
  g_assert_true ((header == NULL) == (error != NULL));

  return error;
}

static GByteArray *
repeat (const char *value,
        gsize       length,
        guint       n)
{
  GByteArray *array = g_byte_array_new ();

  for (guint i = 0; i < n; i++)
    g_byte_array_append (array, (const guint8 *) value, (guint) length);

  return array;
}

static void
test_many_values (void)
{
  g_autoptr(QnetProxyHeader) header = make_header ("192.0.2.1", "192.0.2.2");
  g_autoptr(GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(QnetProxyHeader) other = NULL;
  GError *error = NULL;

  g_test_summary ("A header has at most 64 values beside its checksum, read or written.");

  g_assert_no_error (read_values (repeat ("\xe0\0\0", 3, 64)));
  error = read_values (repeat ("\xe0\0\0", 3, 65));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_PROXY_PROTOCOL);
  g_clear_error (&error);
  error = read_values (repeat ("\xe0\0\0", 3, 20000));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_PROXY_PROTOCOL);
  g_clear_error (&error);
  g_assert_no_error (read_values (repeat ("\x04\0\0", 3, 20000)));

  for (int i = 0; i < 64; i++)
    {
      QnetProxyHeader *next = qnet_proxy_header_with_field (header, 0xe0, empty, &error);

      g_assert_no_error (error);
      qnet_proxy_header_unref (header);
      header = next;
    }

  g_assert_null (qnet_proxy_header_with_field (header, 0xe0, empty, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
  bytes = qnet_proxy_header_to_bytes (header, 2);
  other = qnet_proxy_header_new_from_bytes (bytes, &error);
  g_assert_no_error (error);
}

static void
test_second_checksum (void)
{
  g_autoptr(QnetProxyHeader) plain = make_header ("192.0.2.1", "192.0.2.2");
  g_autoptr(GBytes) bytes = qnet_proxy_header_to_bytes (plain, 2);
  g_autoptr(GBytes) sum = g_bytes_new_static ("abcd", 4);
  g_autoptr(QnetProxyHeader) received = NULL;
  GError *error = NULL;
  char two[] = SIGNATURE "\x21\x00\x00\x0e" "\x03\0\x04" "\0\0\0\0" "\x03\0\x04" "\0\0\0\0";
  guint32 right;

  g_test_summary ("A header has one checksum at most.");

  right = GUINT32_TO_BE (qnet_proxy_header_checksum (0, (const guint8 *) two, sizeof two - 1));
  memcpy (two + 19, &right, 4);
  g_assert_null (read_header (two, sizeof two - 1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_PROXY_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "more than one checksum"));
  g_clear_error (&error);

  received = qnet_proxy_header_new_from_bytes (bytes, &error);
  g_assert_no_error (error);
  g_assert_null (qnet_proxy_header_with_field (received, QNET_PROXY_HEADER_FIELD_CRC32C, sum,
                                               &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_clear_error (&error);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/proxy-header/line", test_line);
  g_test_add_func ("/proxy-header/local", test_local);
  g_test_add_func ("/proxy-header/binary", test_binary);
  g_test_add_func ("/proxy-header/bad", test_bad);
  g_test_add_func ("/proxy-header/checksum", test_checksum);
  g_test_add_func ("/proxy-header/round-trip", test_round_trip);
  g_test_add_func ("/proxy-header/fields", test_fields);
  g_test_add_func ("/proxy-header/limits", test_limits);
  g_test_add_func ("/proxy-header/limits/values", test_many_values);
  g_test_add_func ("/proxy-header/limits/checksums", test_second_checksum);

  return g_test_run ();
}
