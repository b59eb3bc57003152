/* test-client-hello.c: what the first message of a TLS client tells
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <glib.h>

#include "engine/qnet-client-hello-private.h"

static void
append_vector (GByteArray   *array,
               gsize         length_size,
               const guint8 *data,
               gsize         size)
{
  for (gsize i = 0; i < length_size; i++)
    {
      guint8 byte = (guint8) (size >> (8 * (length_size - 1 - i)));

      g_byte_array_append (array, &byte, 1);
    }

  g_byte_array_append (array, data, (guint) size);
}

static void
append_string (GByteArray *array,
               const char *string,
               gsize       size)
{
  g_byte_array_append (array, (const guint8 *) string, (guint) size);
}

/* RFC 8446, section 4.1.2, with no extension but the name of a host. (transfer full) */
static GByteArray *
make_hello (const char *name,
            gsize       size)
{
  g_autoptr(GByteArray) list = g_byte_array_new ();
  g_autoptr(GByteArray) extension = g_byte_array_new ();
  g_autoptr(GByteArray) extensions = g_byte_array_new ();
  g_autoptr(GByteArray) message = g_byte_array_new ();
  g_autoptr(GByteArray) record = g_byte_array_new ();
  GByteArray *hello = g_byte_array_new ();
  char random[34] = "\x03\x03";

  append_string (list, "\0", 1);
  append_vector (list, 2, (const guint8 *) name, size);
  append_vector (extension, 2, list->data, list->len);
  append_string (extensions, "\xff\x01\0\0\0\0", 6);  /* another one before it, and its type */
  append_vector (extensions, 2, extension->data, extension->len);

  append_string (message, random, sizeof random);
  append_string (message, "\0\0\2\x13\1\1\0", 7);
  append_vector (message, 2, extensions->data, extensions->len);

  append_string (record, "\1", 1);
  append_vector (record, 3, message->data, message->len);
  append_string (hello, "\x16\3\1", 3);
  append_vector (hello, 2, record->data, record->len);

  return hello;
}

static void
assert_name (const char *name,
             gsize       size,
             const char *expected)
{
  g_autoptr(GByteArray) hello = make_hello (name, size);
  g_autofree char *found = NULL;

  g_assert_cmpint (qnet_client_hello_parse (hello->data, hello->len, &found), ==, QNET_CLIENT_HELLO_COMPLETE);
  g_assert_cmpstr (found, ==, expected);
}

static void
test_name (void)
{
  g_autofree char *long_name = g_strnfill (256, 'a');

  g_test_summary ("The name of the host is found behind other extensions, and given in lower case; one that is none is not.");

  assert_name ("www.Example.org", 15, "www.example.org");
  assert_name ("a", 1, "a");
  assert_name ("", 0, NULL);
  assert_name ("nul\0inside", 10, NULL);
  assert_name ("\xff\xfe", 2, NULL);
  assert_name (long_name, 255, long_name + 1);
  assert_name (long_name, 256, NULL);
}

static void
test_partial (void)
{
  g_autoptr(GByteArray) hello = make_hello ("example.org", 11);

  g_test_summary ("Until the last byte of the record is there more has to come.");

  for (guint size = 0; size < hello->len; size++)
    {
      char *name = NULL;

      g_assert_cmpint (qnet_client_hello_parse (hello->data, size, &name), ==, QNET_CLIENT_HELLO_PARTIAL);
      g_assert_null (name);
    }
}

static void
test_foreign (void)
{
  static const struct
  {
    const char *bytes;
    gsize       size;
  }
  foreign[] = {
    { "G", 1 }, { "\x80\x2e\1", 3 }, { "\x16\2", 2 }, { "\x16\3\1\0\0", 5 }, { "\x16\3\1\x40\1", 5 }, { "\x16\3\1\0\5\2", 6 },
    { "\x17\3\3", 3 },
  };

  g_test_summary ("What is no handshake is known by its first bytes.");

  for (gsize i = 0; i < G_N_ELEMENTS (foreign); i++)
    {
      char *name = NULL;

      g_assert_cmpint (qnet_client_hello_parse ((const guint8 *) foreign[i].bytes, foreign[i].size, &name), ==,
                       QNET_CLIENT_HELLO_FOREIGN);
      g_assert_null (name);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client-hello/name", test_name);
  g_test_add_func ("/client-hello/partial", test_partial);
  g_test_add_func ("/client-hello/foreign", test_foreign);

  return g_test_run ();
}
