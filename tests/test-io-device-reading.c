/* test-io-device-reading.c: taking bytes, lines and messages out of a device
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "common/pair.h"
#include "common/socket-fixture.h"

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
assert_until (QnetIODevice *device,
              const char   *delimiter,
              gsize         max_size,
              const char   *expected)
{
  gsize length = 99;
  g_autofree guint8 *message = qnet_io_device_read_until (device, (const guint8 *) delimiter,
                                                          strlen (delimiter), max_size, &length);

  g_assert_cmpmem (message, length, expected, strlen (expected));
}

static void
count_cb (guint *count)
{
  (*count)++;
}

/* Reading */

static void
test_read (SocketFixture *fixture,
           gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "hello, world");
  GError *error = NULL;
  char buffer[64];

  g_test_summary (
    "read() takes what there is, in Qt's sense: 0 for nothing now, -1 once the end was read.");

  g_assert_cmpint (qnet_io_device_read (device, buffer, 0, &error), ==, 0);
  g_assert_cmpint (qnet_io_device_read (device, buffer, 5, &error), ==, 5);
  g_assert_cmpmem (buffer, 5, "hello", 5);
  g_assert_cmpint (qnet_io_device_get_bytes_available (device), ==, 7);
  g_assert_cmpint (qnet_io_device_read (device, buffer, sizeof buffer, &error), ==, 7);
  g_assert_cmpmem (buffer, 7, ", world", 7);
  g_assert_cmpint (qnet_io_device_read (device, buffer, sizeof buffer, &error), ==, 0);
  g_assert_no_error (error);
  g_assert_true (qnet_io_device_at_end (device));
  g_assert_false (qnet_io_device_is_read_finished (device));

  socket_fixture_end (fixture);
  g_assert_cmpint (qnet_io_device_read (device, buffer, sizeof buffer, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  g_assert_true (qnet_io_device_is_read_finished (device));
  g_clear_error (&error);
}

static void
test_read_not_open (SocketFixture *fixture,
                    gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) mode_error = NULL;
  char buffer[8];
  guint8 c = 'x';

  g_test_summary ("Reading from a device that is not open fails with that reason.");

  g_assert_cmpint (qnet_io_device_read (device, buffer, sizeof buffer, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_cmpstr (error->message, ==, "Could not read: The device is not open");
  g_assert_cmpint (qnet_io_device_peek (device, buffer, sizeof buffer, NULL), ==, -1);
  g_assert_cmpint (qnet_io_device_read_line (device, buffer, sizeof buffer, NULL), ==, -1);
  g_assert_cmpint (qnet_io_device_skip (device, 1, NULL), ==, -1);
  g_assert_false (qnet_io_device_get_char (device, &c, NULL));
  g_assert_cmpint (c, ==, 'x');
  qnet_io_device_unget_char (device, 'y');
  g_assert_true (qnet_io_device_at_end (device));

  qnet_abstract_socket_connect_to_host_full (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port,
                                             QNET_OPEN_MODE_WRITE_ONLY,
                                             QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
  g_assert_cmpint (qnet_io_device_read (device, buffer, sizeof buffer, &mode_error), ==, -1);
  g_assert_cmpstr (mode_error->message, ==, "Could not read: The device is not open for reading");
}

static void
test_read_forms (SocketFixture *fixture,
                 gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "abcdefgh");
  g_autofree guint8 *array = NULL;
  gsize length;

  g_test_summary ("As array, as GBytes, in part or all: no byte is lost, and empty is never NULL.");

  array = qnet_io_device_read_array (device, 3, &length);
  g_assert_cmpmem (array, length, "abc", 3);
  assert_bytes (qnet_io_device_read_bytes (device, 2), "de");
  assert_bytes (qnet_io_device_read_all_bytes (device), "fgh");
  assert_bytes (qnet_io_device_read_all_bytes (device), "");
  socket_fixture_assert_reads (fixture, "");
}

static void
test_peek_and_skip (SocketFixture *fixture,
                    gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "abcdef");
  g_autofree guint8 *array = NULL;
  g_autoptr(GError) error = NULL;
  char buffer[16];
  gsize length;

  g_test_summary ("peek() leaves the bytes and sees more as more comes; skip() drops them.");

  g_assert_cmpint (qnet_io_device_peek (device, buffer, 3, NULL), ==, 3);
  g_assert_cmpmem (buffer, 3, "abc", 3);
  array = qnet_io_device_peek_array (device, 100, &length);
  g_assert_cmpmem (array, length, "abcdef", 6);

  socket_fixture_receive (fixture, "gh");
  assert_bytes (qnet_io_device_peek_bytes (device, 100), "abcdefgh");
  g_assert_cmpint (qnet_io_device_skip (device, 5, &error), ==, 5);
  g_assert_cmpint (qnet_io_device_skip (device, 0, &error), ==, 0);
  g_assert_cmpint (qnet_io_device_peek (device, buffer, 0, &error), ==, 0);
  g_assert_cmpint (qnet_io_device_skip (device, 100, &error), ==, 3);
  g_assert_cmpint (qnet_io_device_skip (device, 100, &error), ==, 0);
  g_assert_cmpint (qnet_io_device_peek (device, buffer, 1, &error), ==, 0);
  g_assert_no_error (error);

  socket_fixture_end (fixture);
  g_assert_cmpint (qnet_io_device_skip (device, 1, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}

static void
test_chars (SocketFixture *fixture,
            gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "ab");
  g_autoptr(GError) error = NULL;
  guint8 c = 0;

  g_test_summary ("Single bytes are taken, discarded and put back, the last put back first.");

  g_assert_true (qnet_io_device_get_char (device, &c, &error));
  g_assert_cmpint (c, ==, 'a');
  g_assert_true (qnet_io_device_get_char (device, NULL, &error));
  g_assert_false (qnet_io_device_get_char (device, &c, &error));
  g_assert_no_error (error);
  g_assert_cmpint (c, ==, 'a');

  qnet_io_device_unget_char (device, 'y');
  qnet_io_device_unget_char (device, 'x');
  g_assert_cmpint (qnet_io_device_get_bytes_available (device), ==, 2);
  socket_fixture_receive (fixture, "z");
  socket_fixture_assert_reads (fixture, "xyz");
}

static void
test_after_end (SocketFixture *fixture,
                gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "left over");

  g_test_summary (
    "What came before the end can be read after it, and only then reading is finished.");

  socket_fixture_end (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (device), ==, 9);
  g_assert_false (qnet_io_device_is_read_finished (device));
  socket_fixture_assert_reads (fixture, "left over");
  g_assert_true (qnet_io_device_is_read_finished (device));

  qnet_io_device_unget_char (device, 'x');
  g_assert_false (qnet_io_device_is_read_finished (device));
}

static void
test_notifications (SocketFixture *fixture,
                    gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "abc");
  static guint n_available = 0, n_finished = 0, n_to_write = 0;

  g_test_summary ("bytes-available, bytes-to-write and read-finished notify while a handler is "
                  "connected.");

  g_signal_connect_swapped (device, "notify::bytes-available", G_CALLBACK (count_cb), &n_available);
  g_signal_connect_swapped (device, "notify::bytes-to-write", G_CALLBACK (count_cb), &n_to_write);
  g_signal_connect_swapped (device, "notify::read-finished", G_CALLBACK (count_cb), &n_finished);

  socket_fixture_assert_reads (fixture, "abc");
  g_assert_cmpuint (n_available, ==, 1);
  socket_fixture_write (fixture, "x");
  g_assert_cmpuint (n_to_write, ==, 1);
  socket_fixture_settle (fixture);
  g_assert_cmpuint (n_to_write, ==, 2);

  socket_fixture_receive (fixture, "d");
  g_assert_cmpuint (n_available, ==, 2);
  g_assert_cmpuint (n_finished, ==, 0);
  socket_fixture_end (fixture);
  g_assert_cmpuint (n_finished, ==, 0);
  socket_fixture_assert_reads (fixture, "d");
  g_assert_cmpuint (n_finished, ==, 1);
}

/* Lines */

static void
test_lines (SocketFixture *fixture,
            gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "one\ntwo\r\nthr");

  g_test_summary ("A line comes when it is whole, with its end; the rest when the peer has ended.");

  g_assert_true (qnet_io_device_can_read_line (device));
  assert_line (device, 0, "one\n");
  assert_bytes (qnet_io_device_read_line_bytes (device, 0), "two\r\n");
  g_assert_false (qnet_io_device_can_read_line (device));
  assert_line (device, 0, "");
  assert_bytes (qnet_io_device_read_line_bytes (device, 0), "");
  g_assert_cmpint (qnet_io_device_get_bytes_available (device), ==, 3);

  socket_fixture_receive (fixture, "ee\nlast");
  assert_line (device, 0, "three\n");
  socket_fixture_end (fixture);
  g_assert_false (qnet_io_device_can_read_line (device));
  assert_line (device, 0, "last");
  assert_line (device, 0, "");
}

static void
test_line_pieces (SocketFixture *fixture,
                  gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "abcdefg\nxy");

  g_test_summary (
    "A line longer than asked for comes in pieces; only the last one ends in a line end.");

  assert_line (device, 3, "abc");
  assert_line (device, 3, "def");
  assert_line (device, 3, "g\n");
  assert_line (device, 3, "");
  assert_line (device, 2, "xy");
}

static void
test_line_full_buffer (SocketFixture *fixture,
                       gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);

  g_test_summary ("A full read buffer without a line end is returned as a piece.");

  qnet_io_device_set_read_buffer_size (device, 4);
  socket_fixture_connect (fixture);
  socket_fixture_peer_sends (fixture, "abcdef\n");
  socket_fixture_await_bytes (fixture, 4);

  assert_line (device, 0, "abcd");
  assert_line (device, 0, "");
  socket_fixture_await_bytes (fixture, 3);
  assert_line (device, 0, "ef\n");
}

static void
test_line_in_c (SocketFixture *fixture,
                gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "one\nlonger\nrest");
  g_autoptr(GError) error = NULL;
  char buffer[5] = "xxxx";

  g_test_summary ("The form that fills a buffer ends it with a NUL, and has read()'s results.");

  g_assert_cmpint (qnet_io_device_read_line (device, buffer, sizeof buffer, &error), ==, 4);
  g_assert_cmpstr (buffer, ==, "one\n");
  g_assert_cmpint (qnet_io_device_read_line (device, buffer, sizeof buffer, &error), ==, 4);
  g_assert_cmpstr (buffer, ==, "long");
  g_assert_cmpint (qnet_io_device_read_line (device, buffer, sizeof buffer, &error), ==, 3);
  g_assert_cmpstr (buffer, ==, "er\n");

  g_assert_cmpint (qnet_io_device_skip (device, 1, &error), ==, 1);
  g_assert_cmpint (qnet_io_device_read_line (device, buffer, sizeof buffer, &error), ==, 0);
  g_assert_cmpstr (buffer, ==, "");
  g_assert_no_error (error);

  socket_fixture_end (fixture);
  g_assert_cmpint (qnet_io_device_read_line (device, buffer, sizeof buffer, &error), ==, 3);
  g_assert_cmpstr (buffer, ==, "est");
  g_assert_cmpint (qnet_io_device_read_line (device, buffer, sizeof buffer, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}

static void
assert_text (QnetIODevice *device,
             const char   *expected)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = qnet_io_device_read_line_utf8 (device, 0, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_line_utf8 (SocketFixture *fixture,
                gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture,
                                                             "gr\303\274n\r\n\nbad\377\nend");
  g_autoptr(GError) error = NULL;

  g_test_summary ("A line of text has lost its end; one that is not UTF-8 is an error, and is "
                  "taken.");

  assert_text (device, "gr\303\274n");
  assert_text (device, "");
  g_assert_null (qnet_io_device_read_line_utf8 (device, 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  assert_text (device, NULL);
  socket_fixture_end (fixture);
  assert_text (device, "end");
  assert_text (device, NULL);
}

static void
test_until (SocketFixture *fixture,
            gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture,
                                                             "GET /\r\nHost: x\r\n\r\nbody\r");

  g_test_summary (
    "read_until() finds a delimiter of several bytes, also one that comes in pieces.");

  assert_until (device, "\r\n\r\n", 0, "GET /\r\nHost: x\r\n\r\n");
  assert_until (device, "\r\n", 0, "");
  socket_fixture_receive (fixture, "\nrest");
  assert_until (device, "\r\n", 0, "body\r\n");
  assert_until (device, "\r\n", 2, "re");
  socket_fixture_end (fixture);
  assert_until (device, "\r\n", 0, "st");
}

/* Transactions */

static void
test_rollback (SocketFixture *fixture,
               gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "abcdef");
  guint n_notified = 0;

  g_test_summary ("A rollback restores all that was read, skipped or returned, in order.");

  g_signal_connect_swapped (device, "notify::transaction-started", G_CALLBACK (count_cb),
                            &n_notified);
  qnet_io_device_start_transaction (device);
  qnet_io_device_start_transaction (device);
  g_assert_true (qnet_io_device_is_transaction_started (device));
  g_assert_cmpuint (n_notified, ==, 1);

  assert_bytes (qnet_io_device_read_bytes (device, 2), "ab");
  g_assert_cmpint (qnet_io_device_skip (device, 1, NULL), ==, 1);
  socket_fixture_receive (fixture, "gh");
  assert_bytes (qnet_io_device_read_bytes (device, 2), "de");
  g_assert_cmpint (qnet_io_device_get_bytes_available (device), ==, 3);

  qnet_io_device_rollback_transaction (device);
  g_assert_false (qnet_io_device_is_transaction_started (device));
  g_assert_cmpuint (n_notified, ==, 2);
  socket_fixture_assert_reads (fixture, "abcdefgh");

  qnet_io_device_rollback_transaction (device);
  g_assert_cmpuint (n_notified, ==, 2);
}

static void
test_commit (SocketFixture *fixture,
             gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "abcdef");

  g_test_summary ("A commit forgets what was read; without a transaction it does nothing.");

  qnet_io_device_commit_transaction (device);
  qnet_io_device_start_transaction (device);
  assert_bytes (qnet_io_device_read_bytes (device, 4), "abcd");
  qnet_io_device_commit_transaction (device);
  g_assert_false (qnet_io_device_is_transaction_started (device));
  socket_fixture_assert_reads (fixture, "ef");
}

static void
test_rollback_after_end (SocketFixture *fixture,
                         gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "abc");

  g_test_summary (
    "A rollback works after a disconnect as well, and makes reading unfinished again.");

  qnet_io_device_start_transaction (device);
  socket_fixture_assert_reads (fixture, "abc");
  socket_fixture_end (fixture);
  g_assert_true (qnet_io_device_is_read_finished (device));
  qnet_io_device_rollback_transaction (device);
  g_assert_false (qnet_io_device_is_read_finished (device));
  socket_fixture_assert_reads (fixture, "abc");
}

static void
test_transaction_unget (SocketFixture *fixture,
                        gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "abc");
  guint8 c;

  g_test_summary ("A byte put back inside a transaction does not come twice out of the rollback.");

  qnet_io_device_start_transaction (device);
  qnet_io_device_unget_char (device, 'x');
  g_assert_true (qnet_io_device_get_char (device, &c, NULL));
  g_assert_true (qnet_io_device_get_char (device, &c, NULL));
  g_assert_cmpint (c, ==, 'a');
  qnet_io_device_unget_char (device, 'a');
  qnet_io_device_rollback_transaction (device);
  socket_fixture_assert_reads (fixture, "xabc");
}

static void
test_transaction_limit (SocketFixture *fixture,
                        gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) wait_error = NULL;
  char buffer[8];

  g_test_summary (
    "Remembered bytes count against the limit: a message that does not fit fails with OPERATION.");

  qnet_io_device_set_read_buffer_size (device, 4);
  socket_fixture_connect (fixture);
  socket_fixture_peer_sends (fixture, "abcdef");
  socket_fixture_await_bytes (fixture, 4);

  qnet_io_device_start_transaction (device);
  g_assert_cmpint (qnet_io_device_read (device, buffer, sizeof buffer, NULL), ==, 4);
  socket_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_read (device, buffer, sizeof buffer, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_false (qnet_io_device_wait_for_ready_read (device, -1, &wait_error));
  g_assert_error (wait_error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);

  qnet_io_device_commit_transaction (device);
  socket_fixture_await_bytes (fixture, 2);
  socket_fixture_assert_reads (fixture, "ef");
}

static void
test_transaction_line (SocketFixture *fixture,
                       gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "one\ntwo");

  g_test_summary ("Lines, text and delimiters can be put back too.");

  qnet_io_device_start_transaction (device);
  assert_text (device, "one");
  qnet_io_device_rollback_transaction (device);
  qnet_io_device_start_transaction (device);
  assert_line (device, 0, "one\n");
  assert_line (device, 2, "tw");
  qnet_io_device_rollback_transaction (device);
  socket_fixture_assert_reads (fixture, "one\ntwo");
}

/* The end of a transaction */

static void
test_transaction_ends (SocketFixture *fixture,
                       gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "abc");

  g_test_summary ("A transaction ends with abort(), and with the next connection.");

  qnet_io_device_start_transaction (device);
  assert_bytes (qnet_io_device_read_bytes (device, 2), "ab");
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_assert_false (qnet_io_device_is_transaction_started (device));
  qnet_io_device_rollback_transaction (device);
  g_assert_true (qnet_io_device_at_end (device));

  qnet_io_device_start_transaction (device);
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
  g_assert_false (qnet_io_device_is_transaction_started (device));
}

/* ready-read */

static void
read_some_and_nest_cb (QnetIODevice  *device,
                       SocketFixture *fixture)
{
  static guint depth = 0;

  depth++;
  g_assert_cmpuint (depth, ==, 1);

  if (qnet_io_device_get_bytes_available (device) == 3)
    {
      socket_fixture_receive (fixture, "def");
      g_string_append (fixture->log, " nested");
    }

  depth--;
}

static void
test_ready_read_is_not_recursive (SocketFixture *fixture,
                                  gconstpointer  data)
{
  g_test_summary ("ready-read never comes inside a handler of itself, and once more for bytes that "
                  "came meanwhile.");

  socket_fixture_connect (fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (read_some_and_nest_cb), fixture);
  socket_fixture_peer_sends (fixture, "abc");
  socket_fixture_await_bytes (fixture, 6);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "ready-read nested ready-read");
  socket_fixture_assert_reads (fixture, "abcdef");
}

static void
test_ready_read_once (SocketFixture *fixture,
                      gconstpointer  data)
{
  g_test_summary ("Bytes left unread are not reported again; new ones are.");

  socket_fixture_connect_and_receive (fixture, "abc");
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "");
  socket_fixture_receive (fixture, "d");
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "ready-read");
}

static void
test_read_buffer_size (SocketFixture *fixture,
                       gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);
  g_autofree char *text = g_strnfill (1000, 'x');

  g_test_summary ("The read buffer grows to its limit, not beyond; after reading, or raising the "
                  "limit, receiving continues; lowering it loses nothing.");

  qnet_io_device_set_read_buffer_size (device, 100);
  socket_fixture_connect (fixture);
  socket_fixture_peer_sends (fixture, text);
  socket_fixture_await_bytes (fixture, 100);
  socket_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (device), ==, 100);

  g_bytes_unref (qnet_io_device_read_bytes (device, 30));
  socket_fixture_await_bytes (fixture, 100);
  qnet_io_device_set_read_buffer_size (device, 200);
  socket_fixture_await_bytes (fixture, 200);
  qnet_io_device_set_read_buffer_size (device, 50);
  g_assert_cmpint (qnet_io_device_get_bytes_available (device), ==, 200);
  qnet_io_device_set_read_buffer_size (device, 0);
  socket_fixture_await_bytes (fixture, 970);
}

static void
test_pause_reading (SocketFixture *fixture,
                    gconstpointer  data)
{
  QnetAbstractSocket *socket = ABSTRACT (fixture->socket);

  g_test_summary ("A paused socket receives nothing, emits nothing, and continues when it is "
                  "resumed.");

  socket_fixture_connect_and_receive (fixture, "a");
  qnet_socket_pause_reading (QNET_SOCKET (socket));
  g_assert_true (qnet_socket_is_reading_paused (QNET_SOCKET (socket)));
  socket_fixture_peer_sends (fixture, "bc");
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "");
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (socket)), ==, 1);

  qnet_socket_resume_reading (QNET_SOCKET (socket));
  g_assert_false (qnet_socket_is_reading_paused (QNET_SOCKET (socket)));
  socket_fixture_await_bytes (fixture, 3);
  socket_fixture_assert_log (fixture, "ready-read");
  socket_fixture_assert_reads (fixture, "abc");
}

static void
paused_cb (QnetSocket *socket,
           GParamSpec *pspec,
           GString    *log)
{
  gboolean is_paused;

  g_object_get (socket, "reading-paused", &is_paused, NULL);
  g_string_append_printf (log, "%d", is_paused);
}

static void
test_pause_property (SocketFixture *fixture,
                     gconstpointer  data)
{
  QnetSocket *socket = QNET_SOCKET (fixture->socket);
  g_autoptr(GString) log = g_string_new (NULL);
  gulong id;

  g_test_summary ("A property says whether reading is paused; it is notified of each change, also "
                  "of the end of the connection.");

  id = g_signal_connect (socket, "notify::reading-paused", G_CALLBACK (paused_cb), log);
  socket_fixture_connect_and_receive (fixture, "a");
  qnet_socket_pause_reading (socket);
  qnet_socket_pause_reading (socket);
  qnet_socket_resume_reading (socket);
  qnet_socket_pause_reading (socket);
  g_assert_cmpstr (log->str, ==, "101");
  socket_fixture_peer_ends (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpstr (log->str, ==, "1010");

  g_signal_handler_disconnect (socket, id);
}

#define WHOLE_END "ready-read error:1 closing unconnected read-channel-finished disconnected"

static void
test_pause_and_end (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_test_summary ("The end of a paused socket's peer is noticed, after all that it has sent; the "
                  "next connection is not paused.");

  socket_fixture_connect_and_receive (fixture, "a");
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  socket_fixture_peer_sends (fixture, "bc");
  socket_fixture_settle (fixture);
  socket_fixture_peer_ends (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, WHOLE_END);
  socket_fixture_assert_reads (fixture, "abc");
  g_assert_false (qnet_socket_is_reading_paused (QNET_SOCKET (fixture->socket)));

  socket_fixture_drop_peer (fixture);
  socket_fixture_connect_and_receive (fixture, "d");
  socket_fixture_assert_reads (fixture, "d");
}

static void
test_pause_and_late_end (SocketFixture *fixture,
                         gconstpointer  data)
{
  static const char piece[65536];
  gsize n_sent = 1, n_received = 0;
  gssize n;

  g_test_summary ("An end behind bytes that the peer's machine still holds is noticed once "
                  "enough is read.");

  qnet_abstract_socket_set_socket_option (ABSTRACT (fixture->socket),
                                          QNET_SOCKET_OPTION_RECEIVE_BUFFER_SIZE, 16384, NULL);
  socket_fixture_connect_and_receive (fixture, "a");
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  while ((n = send (fixture->peer, piece, sizeof piece, MSG_NOSIGNAL | MSG_DONTWAIT)) > 0)
    n_sent += n;
  socket_fixture_peer_ends (fixture);
  socket_fixture_settle (fixture);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);

  qnet_socket_resume_reading (QNET_SOCKET (fixture->socket));
  while (socket_fixture_get_state (fixture) != QNET_SOCKET_STATE_UNCONNECTED)
    {
      socket_fixture_turn (fixture);
      n_received += qnet_io_device_skip (DEVICE (fixture->socket), n_sent, NULL);
    }
  g_assert_cmpuint (n_received, ==, n_sent);
}

static void
test_pause_and_reset (SocketFixture *fixture,
                      gconstpointer  data)
{
  g_test_summary ("So is a reset, as the error that it is.");

  socket_fixture_connect_and_receive (fixture, "a");
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  socket_fixture_peer_sends (fixture, "bc");
  socket_fixture_settle (fixture);
  socket_fixture_peer_resets (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, WHOLE_END);
  socket_fixture_assert_reads (fixture, "abc");
}

static void
test_pause_half_open (SocketFixture *fixture,
                      gconstpointer  data)
{
  g_test_summary ("If the other direction remains open, the end of stream is noticed, too, and "
                  "writing continues.");

  qnet_socket_set_allow_half_open (QNET_SOCKET (fixture->socket), TRUE);
  socket_fixture_connect (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  socket_fixture_peer_sends (fixture, "abc");
  socket_fixture_peer_ends (fixture);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "ready-read read-channel-finished");
  socket_fixture_write (fixture, "answer");
  socket_fixture_settle (fixture);
  pair_assert_gets (fixture->peer, "answer");
  socket_fixture_assert_reads (fixture, "abc");
}

static void
test_half_open_reset (SocketFixture *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A peer that has ended its half, and then resets, is noticed while nothing is "
                  "written.");

  qnet_socket_set_allow_half_open (QNET_SOCKET (fixture->socket), TRUE);
  socket_fixture_connect (fixture);
  socket_fixture_peer_sends (fixture, "abc");
  socket_fixture_peer_ends (fixture);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "ready-read read-channel-finished");
  socket_fixture_peer_resets (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, "error:1 closing unconnected disconnected");
  socket_fixture_assert_reads (fixture, "abc");
}

static void
test_pause_before (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A socket that is paused before it connects is paused from the start.");

  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  socket_fixture_connect (fixture);
  g_assert_true (qnet_socket_is_reading_paused (QNET_SOCKET (fixture->socket)));
  socket_fixture_peer_sends (fixture, "abc");
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "");

  qnet_socket_resume_reading (QNET_SOCKET (fixture->socket));
  socket_fixture_await_bytes (fixture, 3);
}

static void
test_full_and_end (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_test_summary ("The end of a peer that has filled the read buffer is noticed, and none of its "
                  "bytes is lost.");

  qnet_io_device_set_read_buffer_size (DEVICE (fixture->socket), 4);
  socket_fixture_connect (fixture);
  socket_fixture_peer_sends (fixture, "four and more");
  socket_fixture_await_bytes (fixture, 4);
  socket_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->socket)), ==, 4);
  socket_fixture_assert_log (fixture, "ready-read");
  socket_fixture_peer_ends (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture, WHOLE_END);
  socket_fixture_assert_reads (fixture, "four and more");
}

static void
test_full_in_transaction_and_end (SocketFixture *fixture,
                                  gconstpointer  data)
{
  g_test_summary ("It is noticed inside a transaction that has filled the buffer; a rollback "
                  "gives all of it back.");

  qnet_io_device_set_read_buffer_size (DEVICE (fixture->socket), 4);
  socket_fixture_connect (fixture);
  socket_fixture_peer_sends (fixture, "four and more");
  socket_fixture_await_bytes (fixture, 4);
  qnet_io_device_start_transaction (DEVICE (fixture->socket));
  socket_fixture_assert_reads (fixture, "four");
  socket_fixture_settle (fixture);
  socket_fixture_peer_ends (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  qnet_io_device_rollback_transaction (DEVICE (fixture->socket));
  socket_fixture_assert_reads (fixture, "four and more");
}

static void
add_line_tests (void)
{
  socket_fixture_add ("/io-device/line", test_lines);
  socket_fixture_add ("/io-device/line/pieces", test_line_pieces);
  socket_fixture_add ("/io-device/line/full-buffer", test_line_full_buffer);
  socket_fixture_add ("/io-device/line/in-c", test_line_in_c);
  socket_fixture_add ("/io-device/line/utf8", test_line_utf8);
  socket_fixture_add ("/io-device/line/until", test_until);
  socket_fixture_add ("/io-device/transaction/rollback", test_rollback);
  socket_fixture_add ("/io-device/transaction/commit", test_commit);
  socket_fixture_add ("/io-device/transaction/after-end", test_rollback_after_end);
  socket_fixture_add ("/io-device/transaction/unget", test_transaction_unget);
  socket_fixture_add ("/io-device/transaction/limit", test_transaction_limit);
  socket_fixture_add ("/io-device/transaction/line", test_transaction_line);
  socket_fixture_add ("/io-device/transaction/ends", test_transaction_ends);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  socket_fixture_add ("/io-device/read", test_read);
  socket_fixture_add ("/io-device/read/not-open", test_read_not_open);
  socket_fixture_add ("/io-device/read/forms", test_read_forms);
  socket_fixture_add ("/io-device/read/peek-and-skip", test_peek_and_skip);
  socket_fixture_add ("/io-device/read/chars", test_chars);
  socket_fixture_add ("/io-device/read/after-end", test_after_end);
  socket_fixture_add ("/io-device/read/notifications", test_notifications);
  socket_fixture_add ("/io-device/read/ready-read/not-recursive", test_ready_read_is_not_recursive);
  socket_fixture_add ("/io-device/read/ready-read/once", test_ready_read_once);
  socket_fixture_add ("/io-device/read/buffer-size", test_read_buffer_size);
  socket_fixture_add ("/io-device/read/pause", test_pause_reading);
  socket_fixture_add ("/io-device/read/pause/property", test_pause_property);
  socket_fixture_add ("/io-device/read/pause/end-is-noticed", test_pause_and_end);
  socket_fixture_add ("/io-device/read/pause/late-end-is-noticed-later", test_pause_and_late_end);
  socket_fixture_add ("/io-device/read/pause/reset-is-noticed", test_pause_and_reset);
  socket_fixture_add ("/io-device/read/pause/half-open-end-is-noticed", test_pause_half_open);
  socket_fixture_add ("/io-device/read/pause/before-connecting", test_pause_before);
  socket_fixture_add ("/io-device/read/half-open-reset-is-noticed", test_half_open_reset);
  socket_fixture_add ("/io-device/read/full/end-is-noticed", test_full_and_end);
  socket_fixture_add ("/io-device/read/full/end-is-noticed-in-transaction",
                      test_full_in_transaction_and_end);
  add_line_tests ();

  return g_test_run ();
}
