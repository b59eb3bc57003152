/* test-io-device-framing.c: where lines, messages and texts are divided; every call makes progress
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "common/device-fixture.h"
#include "common/pair.h"
#include "device/qnet-io-device-private.h"

static void
assert_line (QnetIODevice *device,
             gsize         max_size,
             const char   *expected)
{
  gsize length = 99;
  g_autofree guint8 *line = qnet_io_device_read_line_array (device, max_size, &length);

  g_assert_cmpmem (line, length, expected, strlen (expected));
}

static void
assert_text (QnetIODevice *device,
             gsize         max_size,
             const char   *expected)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = qnet_io_device_read_line_utf8 (device, max_size, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_no_text (QnetIODevice *device,
                gsize         max_size,
                const char   *reason)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (qnet_io_device_read_line_utf8 (device, max_size, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_nonnull (strstr (error->message, reason));
}

static void
shutdown_far_end (DeviceFixture *fixture)
{
  shutdown (fixture->far, SHUT_WR);
  while (qnet_socket_get_state (QNET_SOCKET (fixture->socket)) == QNET_SOCKET_STATE_CONNECTED)
    g_main_context_iteration (fixture->context, TRUE);
}

/* Delimiters */

static void
test_line_end_at_the_limit (DeviceFixture *fixture,
                            gconstpointer  data)
{
  g_test_summary ("A limit never separates \\r from \\n, whether the \\n is there already or "
                  "comes later.");

  device_fixture_send (fixture, "abc\r\nabc\ndef\r");
  assert_line (fixture->device, 4, "abc");
  assert_line (fixture->device, 4, "\r\n");
  assert_line (fixture->device, 4, "abc\n");
  assert_line (fixture->device, 4, "def");
  assert_line (fixture->device, 1, "");
  device_fixture_send (fixture, "\n");
  assert_line (fixture->device, 1, "\r\n");
}

static void
test_not_a_line_end (DeviceFixture *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A \\r that no \\n follows is a byte as any other, and so is one before the "
                  "end.");

  device_fixture_send (fixture, "abc\r");
  assert_line (fixture->device, 4, "abc");
  device_fixture_send (fixture, "def\r");
  assert_line (fixture->device, 4, "\rdef");
  shutdown_far_end (fixture);
  assert_line (fixture->device, 4, "\r");
}

static void
test_full_buffer (DeviceFixture *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A full read buffer separates \\r from \\n as little as a limit does.");

  qnet_io_device_set_read_buffer_size (fixture->device, 4);
  device_fixture_send (fixture, "abc\r");
  pair_send (fixture->far, "\n");
  device_fixture_settle (fixture);
  assert_line (fixture->device, 0, "abc");
  assert_line (fixture->device, 0, "");
  device_fixture_settle (fixture);
  assert_line (fixture->device, 0, "\r\n");
}

static void
test_buffer_of_one_byte (DeviceFixture *fixture,
                         gconstpointer  data)
{
  g_test_summary ("Where the read buffer has no room for a whole line end, it does not stop.");

  qnet_io_device_set_read_buffer_size (fixture->device, 1);
  pair_send (fixture->far, "\r\n");
  device_fixture_settle (fixture);
  assert_line (fixture->device, 0, "\r");
  device_fixture_settle (fixture);
  assert_line (fixture->device, 0, "\n");
}

static void
test_stuck_transaction (DeviceFixture *fixture,
                        gconstpointer  data)
{
  g_test_summary ("A text that does not fit into the buffer of a transaction is an error, not "
                  "\"nothing yet\".");

  qnet_io_device_set_read_buffer_size (fixture->device, 4);
  device_fixture_send (fixture, "abcd");
  qnet_io_device_start_transaction (fixture->device);
  assert_no_text (fixture->device, 0, "does not fit");
}

/* Where a reader that knows no limit would cut: the ends of the messages, one after the other. */
static gboolean
is_inside_delimiter (const char *text,
                     const char *delimiter,
                     gsize       place)
{
  const char *next = text;
  const char *found;

  while ((found = strstr (next, delimiter)) != NULL)
    {
      gsize start = (gsize) (found - text);

      if (place > start && place < start + strlen (delimiter))
        return TRUE;

      next = found + strlen (delimiter);
    }

  return FALSE;
}

/* Puts a byte into the buffer, and takes what can be taken; returns how many bytes that was. */
static gsize
feed (QnetIODevice *device,
      const char   *text,
      gsize         done,
      const char   *byte,
      const char   *delimiter,
      gsize         limit)
{
  QnetByteQueue *queue = &qnet_io_device_get_private (device)->channel.read_queue;

  qnet_byte_queue_append (queue, byte, 1);

  for (;;)
    {
      gsize length;
      g_autofree guint8 *piece = qnet_io_device_read_until (device, (const guint8 *) delimiter,
                                                            strlen (delimiter), limit, &length);

      if (length == 0)
        return done;

      g_assert_cmpmem (piece, length, text + done, length);
      done += length;
      g_assert_false (is_inside_delimiter (text, delimiter, done));
    }
}

static void
walk (QnetIODevice *device,
      const char   *text,
      const char   *delimiter,
      gsize         limit)
{
  QnetByteQueue *queue = &qnet_io_device_get_private (device)->channel.read_queue;
  gsize done = 0;

  for (gsize i = 0; text[i] != '\0'; i++)
    done = feed (device, text, done, text + i, delimiter, limit);

  /* What is left is less than the limit, or may become the delimiter. */
  g_assert_cmpuint (queue->length, ==, strlen (text) - done);
  if (queue->length >= limit)
    g_assert_cmpint (strncmp (text + done, delimiter, queue->length), ==, 0);

  qnet_byte_queue_clear (queue);
}

static void
test_every_text (DeviceFixture *fixture,
                 gconstpointer  data)
{
  static const char * const delimiters[] = { "\n", "\r\n", "ab", "aab", "\r\n.\r\n" };
  static const char alphabet[] = "ab\r\n.";
  char text[6] = "";

  g_test_summary ("Every text of five bytes, byte by byte, with each limit: no byte is lost, no "
                  "delimiter is divided.");

  for (int number = 0; number < 5 * 5 * 5 * 5 * 5; number++)
    {
      for (int i = 0, rest = number; i < 5; i++, rest /= 5)
        text[i] = alphabet[rest % 5];

      for (gsize i = 0; i < 5 * G_N_ELEMENTS (delimiters); i++)
        walk (fixture->device, text, delimiters[i / 5], 1 + i % 5);
    }
}

/* Lines in C */

static void
test_no_room (DeviceFixture *fixture,
              gconstpointer  data)
{
  char buffer[2] = "x";

  g_test_summary ("A buffer without room for a byte and a NUL is an error with that reason; the "
                  "line remains.");

  device_fixture_send (fixture, "a\n");
  for (gsize size = 0; size < 2; size++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_cmpint (qnet_io_device_read_line (fixture->device, size > 0 ? buffer : NULL, size,
                                                 &error), ==, -1);
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
    }

  g_assert_cmpint (qnet_io_device_read_line (fixture->device, buffer, 2, NULL), ==, 1);
  g_assert_cmpstr (buffer, ==, "a");
  assert_line (fixture->device, 0, "\n");
}

static void
test_small_buffer (DeviceFixture *fixture,
                   gconstpointer  data)
{
  char buffer[3] = "xx";

  g_test_summary ("A buffer without room for a whole line end is not overrun, and every call "
                  "takes a byte.");

  device_fixture_send (fixture, "\r\n\r\n");
  g_assert_cmpint (qnet_io_device_read_line (fixture->device, buffer, 2, NULL), ==, 1);
  g_assert_cmpmem (buffer, 3, "\r\0", 3);
  g_assert_cmpint (qnet_io_device_read_line (fixture->device, buffer, 2, NULL), ==, 1);
  g_assert_cmpstr (buffer, ==, "\n");
  g_assert_cmpint (qnet_io_device_read_line (fixture->device, buffer, 3, NULL), ==, 2);
  g_assert_cmpstr (buffer, ==, "\r\n");
}

/* Text */

static void
test_loop_over_bad_lines (DeviceFixture *fixture,
                          gconstpointer  data)
{
  guint n_calls = 0, n_texts = 0;

  g_test_summary ("while (can_read_line ()) read_line_utf8 () ends: a line that is not text is "
                  "taken, too.");

  device_fixture_send (fixture, "one\n\xff\ntwo\nb\xc3\n\xe2\x82\r\nthree\n");
  while (qnet_io_device_can_read_line (fixture->device))
    {
      g_autofree char *text = qnet_io_device_read_line_utf8 (fixture->device, 0, NULL);

      g_assert_cmpuint (++n_calls, <=, 6);
      if (text != NULL)
        n_texts++;
    }

  g_assert_cmpuint (n_calls, ==, 6);
  g_assert_cmpuint (n_texts, ==, 3);
  g_assert_cmpint (qnet_io_device_get_bytes_available (fixture->device), ==, 0);
}

static void
test_nul (DeviceFixture *fixture,
          gconstpointer  data)
{
  g_test_summary ("A NUL in a line is named as the reason; the next line comes next.");

  g_assert_cmpint (send (fixture->far, "a\0b\nnext\n", 9, 0), ==, 9);
  while (qnet_io_device_get_bytes_available (fixture->device) < 9)
    g_main_context_iteration (fixture->context, TRUE);

  assert_no_text (fixture->device, 0, "NUL");
  assert_text (fixture->device, 0, "next");
}

static void
test_bytes_of_a_bad_line (DeviceFixture *fixture,
                          gconstpointer  data)
{
  g_test_summary ("Inside a transaction a line that is not text can be put back, and read as "
                  "bytes.");

  device_fixture_send (fixture, "bad\xff\nnext\n");
  qnet_io_device_start_transaction (fixture->device);
  assert_no_text (fixture->device, 0, "UTF-8");
  qnet_io_device_rollback_transaction (fixture->device);
  assert_line (fixture->device, 0, "bad\xff\n");
  assert_text (fixture->device, 0, "next");
}

/* "grün €𝄞" */
#define TEXT "gr\xc3\xbcn \xe2\x82\xac\xf0\x9d\x84\x9e"

static void
test_limit_inside_character (DeviceFixture *fixture,
                             gconstpointer  data)
{
  g_test_summary ("Whatever the limit, pieces of a text are cut between characters, and no error "
                  "blames the peer.");

  for (gsize limit = 1; limit <= strlen (TEXT) + 3; limit++)
    {
      g_autoptr(GString) whole = g_string_new (NULL);

      device_fixture_send (fixture, TEXT "\r\n");
      while (qnet_io_device_get_bytes_available (fixture->device) > 0)
        {
          g_autoptr(GError) error = NULL;
          g_autofree char *text = qnet_io_device_read_line_utf8 (fixture->device, limit, &error);

          g_assert_no_error (error);
          g_assert_cmpuint (strlen (text), <=, MAX (limit, 4));
          g_string_append (whole, text);
        }

      g_assert_cmpstr (whole->str, ==, TEXT);
    }
}

static void
test_character_in_pieces (DeviceFixture *fixture,
                          gconstpointer  data)
{
  g_test_summary ("A character whose rest has not come yet is waited for, and not refused.");

  device_fixture_send (fixture, "a\xe2\x82");
  assert_text (fixture->device, 2, "a");
  assert_text (fixture->device, 2, NULL);
  device_fixture_send (fixture, "\xac");
  assert_text (fixture->device, 2, "\xe2\x82\xac");
}

static void
test_bad_pieces (DeviceFixture *fixture,
                 gconstpointer  data)
{
  g_test_summary ("Of bytes that are no text a limit takes no more than those, and always some.");

  device_fixture_send (fixture, "\xe2" "A\xffz\n");
  assert_no_text (fixture->device, 1, "UTF-8");
  assert_text (fixture->device, 1, "A");
  assert_no_text (fixture->device, 1, "UTF-8");
  assert_text (fixture->device, 2, "z");

  device_fixture_send (fixture, "a\xe2\x82");
  shutdown_far_end (fixture);
  assert_text (fixture->device, 1, "a");
  assert_no_text (fixture->device, 1, "UTF-8");
  assert_no_text (fixture->device, 1, "UTF-8");
  g_assert_true (qnet_io_device_is_read_finished (fixture->device));
}

static void
test_full_buffer_of_text (DeviceFixture *fixture,
                          gconstpointer  data)
{
  g_test_summary ("A full read buffer is cut between characters; one that holds less than a "
                  "character is an error.");

  qnet_io_device_set_read_buffer_size (fixture->device, 4);
  device_fixture_send (fixture, "ab\xe2\x82");
  pair_send (fixture->far, "\xac\n");
  device_fixture_settle (fixture);
  assert_text (fixture->device, 0, "ab");
  device_fixture_settle (fixture);
  assert_text (fixture->device, 0, "\xe2\x82\xac");

  qnet_io_device_set_read_buffer_size (fixture->device, 2);
  pair_send (fixture->far, "\xe2\x82");
  device_fixture_settle (fixture);
  assert_no_text (fixture->device, 0, "UTF-8");
  g_assert_cmpint (qnet_io_device_get_bytes_available (fixture->device), ==, 0);
}

/* Datagrams */

static QnetUdpSocket *
connect_to (QnetUdpSocket *other,
            QnetOpenMode   mode)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  guint16 port = qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (other));
  QnetUdpSocket *socket = qnet_udp_socket_new ();

  qnet_abstract_socket_connect_to_address_full (QNET_ABSTRACT_SOCKET (socket), address, port, mode);
  if (qnet_socket_get_state (QNET_SOCKET (socket)) != QNET_SOCKET_STATE_CONNECTED)
    g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (socket), 30000, NULL));

  return socket;
}

static void
test_write_only (DeviceFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(QnetUdpSocket) other = qnet_udp_socket_new ();
  g_autoptr(QnetUdpSocket) socket = NULL;
  guint16 port;

  g_test_summary ("while (bytes_available () > 0) read () ends on a socket that is open for "
                  "writing alone.");

  g_assert_true (qnet_abstract_socket_bind (QNET_ABSTRACT_SOCKET (other), address, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  socket = connect_to (other, QNET_OPEN_MODE_WRITE_ONLY);
  port = qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (socket));
  g_assert_cmpint (qnet_udp_socket_write_datagram_to (other, (const guint8 *) "hi", 2, address,
                                                      port, NULL),
                   ==, 2);

  while (!qnet_udp_socket_has_pending_datagrams (socket))
    g_main_context_iteration (fixture->context, FALSE);

  g_assert_cmpint (qnet_io_device_get_bytes_available (QNET_IO_DEVICE (socket)), ==, 0);
  g_assert_true (qnet_io_device_at_end (QNET_IO_DEVICE (socket)));
}

#define ADD(path, test) \
  g_test_add ("/io-device/framing/" path, DeviceFixture, NULL, \
              device_fixture_set_up, test, device_fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("line/limit-does-not-divide-line-end", test_line_end_at_the_limit);
  ADD ("line/carriage-return-alone", test_not_a_line_end);
  ADD ("line/full-buffer-does-not-divide-line-end", test_full_buffer);
  ADD ("line/buffer-of-one-byte-makes-progress", test_buffer_of_one_byte);
  ADD ("line/no-room-is-an-error", test_no_room);
  ADD ("line/small-buffer-is-not-overrun", test_small_buffer);
  ADD ("until/every-text-and-limit", test_every_text);
  ADD ("text/loop-over-bad-lines-ends", test_loop_over_bad_lines);
  ADD ("text/nul-is-named", test_nul);
  ADD ("text/bytes-of-a-bad-line", test_bytes_of_a_bad_line);
  ADD ("text/limit-inside-character", test_limit_inside_character);
  ADD ("text/character-in-pieces", test_character_in_pieces);
  ADD ("text/bad-pieces", test_bad_pieces);
  ADD ("text/full-buffer", test_full_buffer_of_text);
  ADD ("text/stuck-transaction-is-an-error", test_stuck_transaction);
  ADD ("datagram/write-only-has-none-available", test_write_only);

  return g_test_run ();
}
