/* test-io-device-callbacks.c: functions in the place of signals
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#include "common/socket-fixture.h"

/* What was called, in the order it was. */
static GString *calls;

static void
ready_read_called (QnetIODevice *device,
                   gpointer      user_data)
{
  g_autofree char *text = qnet_io_device_read_line_utf8 (device, 100, NULL);

  g_string_append_printf (calls, "read:%s:%s ", text, (const char *) user_data);
}

static void
bytes_written_called (QnetIODevice *device,
                      gint64        size,
                      gpointer      user_data)
{
  g_string_append_printf (calls, "written:%" G_GINT64_FORMAT ":%s ", size,
                          (const char *) user_data);
}

static void
data_freed (gpointer data)
{
  g_string_append_printf (calls, "freed:%s ", (const char *) data);
}

static const QnetIODeviceCallbacks both = {
  .ready_read = ready_read_called,
  .bytes_written = bytes_written_called,
};

static const QnetIODeviceCallbacks neither = { NULL, };

/* The end of the test before has freed its data. */
static void
begin (SocketFixture *fixture)
{
  socket_fixture_connect (fixture);
  g_string_truncate (calls, 0);
}

static void
assert_calls (const char *expected)
{
  g_assert_cmpstr (calls->str, ==, expected);
  g_string_truncate (calls, 0);
}

static void
test_called (SocketFixture *fixture,
             gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);

  g_test_summary ("Callbacks are called instead of emitting ready-read and bytes-written.");

  begin (fixture);
  qnet_io_device_set_callbacks (device, &both, (gpointer) "data", data_freed);
  socket_fixture_peer_sends (fixture, "question\n");
  socket_fixture_await (fixture, calls->len > 0);
  socket_fixture_write (fixture, "answer");
  g_free (socket_fixture_peer_reads (fixture, 6));
  socket_fixture_settle (fixture);
  assert_calls ("read:question:data written:6:data ");
  socket_fixture_assert_log (fixture, "");
}

static void
test_signals_again (SocketFixture *fixture,
                    gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);

  g_test_summary ("Without callbacks the signals are emitted again, and the data is freed.");

  begin (fixture);
  qnet_io_device_set_callbacks (device, &both, (gpointer) "data", data_freed);
  qnet_io_device_set_callbacks (device, NULL, NULL, NULL);
  assert_calls ("freed:data ");
  socket_fixture_receive (fixture, "abc");
  socket_fixture_assert_log (fixture, "ready-read");
}

static void
test_none_of_them (SocketFixture *fixture,
                   gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);

  g_test_summary ("A callback that is NULL is not called, and its signal is not emitted either.");

  begin (fixture);
  qnet_io_device_set_callbacks (device, &neither, NULL, NULL);
  socket_fixture_receive (fixture, "abc");
  socket_fixture_write (fixture, "xyz");
  g_free (socket_fixture_peer_reads (fixture, 3));
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "");
  socket_fixture_assert_reads (fixture, "abc");
}

static void
test_other_signals (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_test_summary ("All other signals are emitted as before.");

  begin (fixture);
  qnet_io_device_set_callbacks (DEVICE (fixture->socket), &both, (gpointer) "data", data_freed);
  socket_fixture_end (fixture);
  g_assert_nonnull (strstr (fixture->log->str, "read-channel-finished"));
  g_assert_true (g_str_has_suffix (fixture->log->str, "disconnected"));
  assert_calls ("");
}

/* In a callback */

static void
replace_called (QnetIODevice *device,
                gpointer      user_data)
{
  qnet_io_device_set_callbacks (device, &both, (gpointer) "second", data_freed);
  g_string_append (calls, "replaced ");
}

static void
test_replace (SocketFixture *fixture,
              gconstpointer  data)
{
  static const QnetIODeviceCallbacks first = { .ready_read = replace_called };

  g_test_summary ("A callback may replace itself: its data is freed at once, and the new one is "
                  "called the next time.");

  begin (fixture);
  qnet_io_device_set_callbacks (DEVICE (fixture->socket), &first, (gpointer) "first", data_freed);
  socket_fixture_peer_sends (fixture, "a\n");
  socket_fixture_await (fixture, calls->len > 0);
  assert_calls ("freed:first replaced ");
  socket_fixture_peer_sends (fixture, "b\n");
  socket_fixture_await (fixture, calls->len > 0);
  assert_calls ("read:a:second ");
}

static void
drop_called (QnetIODevice *device,
             gpointer      user_data)
{
  SocketFixture *fixture = user_data;

  g_string_append (calls, "dropped ");
  qnet_socket_abort (QNET_SOCKET (device));
  g_clear_object (&fixture->socket);
  g_string_append (calls, "returned ");
}

static void
fixture_freed (gpointer fixture)
{
  g_string_append (calls, "freed ");
}

static void
test_last_reference (SocketFixture *fixture,
                     gconstpointer  data)
{
  static const QnetIODeviceCallbacks drop = { .ready_read = drop_called };
  gpointer watched = fixture->socket;

  g_test_summary ("A callback may drop the last reference; the device is freed after it, and the "
                  "data with it.");

  begin (fixture);
  g_object_add_weak_pointer (G_OBJECT (fixture->socket), &watched);
  qnet_io_device_set_callbacks (DEVICE (fixture->socket), &drop, fixture, fixture_freed);
  socket_fixture_peer_sends (fixture, "abc");
  socket_fixture_await (fixture, watched == NULL);
  assert_calls ("dropped returned freed ");
}

static void
test_waiting (SocketFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A blocking wait calls them, too.");

  begin (fixture);
  qnet_io_device_set_callbacks (DEVICE (fixture->socket), &both, (gpointer) "data", data_freed);
  socket_fixture_peer_sends (fixture, "abc\n");
  qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), -1, &error);
  g_assert_no_error (error);
  assert_calls ("read:abc:data ");
}

int
main (int    argc,
      char **argv)
{
  int status;

  calls = g_string_new (NULL);
  g_test_init (&argc, &argv, NULL);

  socket_fixture_add ("/io-device/callbacks/called", test_called);
  socket_fixture_add ("/io-device/callbacks/signals-again", test_signals_again);
  socket_fixture_add ("/io-device/callbacks/none-of-them", test_none_of_them);
  socket_fixture_add ("/io-device/callbacks/other-signals", test_other_signals);
  socket_fixture_add ("/io-device/callbacks/replace", test_replace);
  socket_fixture_add ("/io-device/callbacks/last-reference", test_last_reference);
  socket_fixture_add ("/io-device/callbacks/waiting", test_waiting);

  status = g_test_run ();
  g_string_free (calls, TRUE);

  return status;
}
