/* test-io-device.c: reading from a device and writing to it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "common/calls.h"
#include "common/pair.h"
#include "common/socket-fixture.h"

/* What a device is */

static void
test_fresh (SocketFixture *fixture,
            gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);

  g_test_summary ("A new device is closed, empty, without an error and without limits.");

  g_assert_cmpint (qnet_io_device_get_open_mode (device), ==, QNET_OPEN_MODE_NOT_OPEN);
  g_assert_false (qnet_io_device_is_open (device));
  g_assert_false (qnet_io_device_is_readable (device));
  g_assert_false (qnet_io_device_is_writable (device));
  g_assert_true (qnet_io_device_is_sequential (device));
  g_assert_true (qnet_io_device_at_end (device));
  g_assert_false (qnet_io_device_is_read_finished (device));
  g_assert_null (qnet_io_device_get_error (device));
  g_assert_cmpint (qnet_io_device_get_error_code (device), ==, QNET_SOCKET_ERROR_UNKNOWN);
  g_assert_cmpint (qnet_io_device_get_bytes_available (device), ==, 0);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (device), ==, 0);
  g_assert_cmpint (qnet_io_device_get_read_buffer_size (device), ==, 0);
  g_assert_cmpint (qnet_io_device_get_write_buffer_high_water (device), ==, 0);
  g_assert_cmpint (qnet_io_device_get_write_buffer_low_water (device), ==, 0);
  g_assert_false (qnet_io_device_is_transaction_started (device));
  g_assert_false (qnet_io_device_flush (device));
}

static void
test_properties (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_autofree GParamSpec **specs = NULL;
  guint n_specs;

  g_test_summary ("Every property of a new device reads as its default.");

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (fixture->socket), &n_specs);
  g_assert_cmpuint (n_specs, >, 30);

  for (guint i = 0; i < n_specs; i++)
    {
      g_auto(GValue) value = G_VALUE_INIT;

      if (g_str_equal (specs[i]->name, "socket-type")
          || !g_str_has_prefix (g_type_name (specs[i]->owner_type), "Qnet")
          || G_IS_PARAM_SPEC_BOXED (specs[i]))
        continue;

      g_value_init (&value, specs[i]->value_type);
      g_object_get_property (G_OBJECT (fixture->socket), specs[i]->name, &value);
      if (!g_param_value_defaults (specs[i], &value))
        g_error ("%s is not its default", specs[i]->name);
    }
}

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
test_settings (SocketFixture *fixture,
               gconstpointer  data)
{
  static const char *const names[] = {
    "read-buffer-size", "write-buffer-high-water", "write-buffer-low-water",
  };

  g_test_summary ("A setting notifies when it changes, and only then.");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *signal = g_strconcat ("notify::", names[i], NULL);
      gint64 size = 0;
      guint n_notified = 0;

      g_signal_connect_swapped (fixture->socket, signal, G_CALLBACK (count_cb), &n_notified);
      g_object_set (fixture->socket, names[i], G_GINT64_CONSTANT (4096), NULL);
      g_object_set (fixture->socket, names[i], G_GINT64_CONSTANT (4096), NULL);
      g_object_get (fixture->socket, names[i], &size, NULL);

      g_assert_cmpint (size, ==, 4096);
      g_assert_cmpuint (n_notified, ==, 1);
    }
}

static void
test_open_mode (SocketFixture *fixture,
                gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);

  g_test_summary ("A device is open from the call to connect until it is closed or aborted, not "
                  "until it is disconnected.");

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
  g_assert_cmpint (qnet_io_device_get_open_mode (device), ==, QNET_OPEN_MODE_READ_WRITE);
  g_assert_true (qnet_io_device_is_readable (device));
  g_assert_true (qnet_io_device_is_writable (device));

  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  g_assert_true (qnet_io_device_is_open (device));

  qnet_abstract_socket_connect_to_host_full (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port,
                                             QNET_OPEN_MODE_READ_ONLY,
                                             QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
  g_assert_true (qnet_io_device_is_readable (device));
  g_assert_false (qnet_io_device_is_writable (device));

  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_assert_false (qnet_io_device_is_open (device));
}

/* Writing */

static void
test_write_forms (SocketFixture *fixture,
                  gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);
  g_autoptr(GBytes) bytes = g_bytes_new_static ("cd", 2);
  g_autoptr(GBytes) nothing = g_bytes_new_static ("", 0);
  g_autoptr(GError) error = NULL;
  g_autofree char *got = NULL;

  g_test_summary (
    "Data, bytes, text and single bytes go out in the order in which they were written.");

  socket_fixture_connect (fixture);
  g_assert_cmpint (qnet_io_device_write (device, "ab", 2, &error), ==, 2);
  g_assert_cmpint (qnet_io_device_write (device, NULL, 0, &error), ==, 0);
  g_assert_cmpint (qnet_io_device_write_bytes (device, bytes, &error), ==, 2);
  g_assert_cmpint (qnet_io_device_write_bytes (device, nothing, &error), ==, 0);
  g_assert_cmpint (qnet_io_device_write_string (device, "ef", &error), ==, 2);
  g_assert_true (qnet_io_device_put_char (device, 'g', &error));
  g_assert_no_error (error);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (device), ==, 7);

  got = socket_fixture_peer_reads (fixture, 7);
  g_assert_cmpstr (got, ==, "abcdefg");
  socket_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (device), ==, 0);
  socket_fixture_assert_log (fixture, "written:7");
}

static void
test_write_not_connected (SocketFixture *fixture,
                          gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);
  g_autoptr(GBytes) bytes = g_bytes_new_static ("cd", 2);
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) link_error = NULL;
  g_autoptr(GError) mode_error = NULL;

  g_test_summary (
    "Writing without a connection fails with OPERATION and a reason, and emits nothing.");

  g_assert_cmpint (qnet_io_device_write_string (device, "x", &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_cmpstr (error->message, ==, "Could not write: The device is not open");
  g_assert_error (qnet_io_device_get_error (device), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_OPERATION);
  g_assert_cmpint (qnet_io_device_write_bytes (device, bytes, NULL), ==, -1);
  g_assert_false (qnet_io_device_put_char (device, 'x', NULL));

  socket_fixture_connect (fixture);
  g_assert_null (qnet_io_device_get_error (device));
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  socket_fixture_forget_log (fixture);
  g_assert_cmpint (qnet_io_device_write_string (device, "x", &link_error), ==, -1);
  g_assert_cmpstr (link_error->message, ==, "Could not write: The device is not connected");

  qnet_abstract_socket_connect_to_host_full (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port,
                                             QNET_OPEN_MODE_READ_ONLY,
                                             QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
  g_assert_cmpint (qnet_io_device_write_string (device, "x", &mode_error), ==, -1);
  g_assert_cmpstr (mode_error->message, ==, "Could not write: The device is not open for writing");
  socket_fixture_assert_log (fixture, "connecting");
}

static void
test_write_early (SocketFixture *fixture,
                  gconstpointer  data)
{
  g_autofree char *got = NULL;

  g_test_summary ("What is written before the connection is established is queued, and sent then.");

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
  socket_fixture_write (fixture, "early");
  g_assert_false (qnet_io_device_flush (DEVICE (fixture->socket)));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_accept (fixture);
  got = socket_fixture_peer_reads (fixture, 5);
  g_assert_cmpstr (got, ==, "early");
}

static void
test_flush (SocketFixture *fixture,
            gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);

  g_test_summary ("flush() sends at once, and bytes-written follows in the next turn.");

  socket_fixture_connect (fixture);
  g_assert_false (qnet_io_device_flush (device));
  socket_fixture_write (fixture, "now");
  g_assert_true (qnet_io_device_flush (device));
  pair_assert_gets (fixture->peer, "now");
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (device), ==, 0);
  socket_fixture_assert_log (fixture, "");
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "written:3");
}

static void
write_ten_times_cb (QnetIODevice *device)
{
  for (guint i = 0; i < 10; i++)
    g_assert_true (qnet_io_device_put_char (device, '0' + i, NULL));
}

static void
test_coalescing (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_autofree char *got = NULL;

  g_test_summary ("Ten writes in one handler are one system call, and one bytes-written.");

  socket_fixture_connect (fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (write_ten_times_cb), NULL);
  g_assert_cmpuint (get_send_calls (DEVICE (fixture->socket)), ==, 0);
  socket_fixture_peer_sends (fixture, "go");
  got = socket_fixture_peer_reads (fixture, 10);
  g_assert_cmpstr (got, ==, "0123456789");
  g_assert_cmpuint (get_send_calls (DEVICE (fixture->socket)), ==, 1);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "ready-read written:10");
}

static void
test_counters (SocketFixture *fixture,
               gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "abc");
  guint64 received = 0, sent = 0;

  g_test_summary ("The counters count this connection's bytes and system calls, after its end "
                  "too, and start at 0 with the next one.");

  socket_fixture_write (fixture, "wxyz");
  socket_fixture_settle (fixture);
  socket_fixture_end (fixture);

  g_object_get (device, "bytes-received", &received, "bytes-sent", &sent, NULL);
  g_assert_cmpuint (received, ==, 3);
  g_assert_cmpuint (sent, ==, 4);
  g_assert_cmpuint (get_receive_calls (device), >=, 2);
  g_assert_cmpuint (get_send_calls (device), ==, 1);

  socket_fixture_drop_peer (fixture);
  socket_fixture_connect (fixture);
  g_assert_cmpuint (qnet_io_device_get_bytes_received (device), ==, 0);
  g_assert_cmpuint (qnet_io_device_get_bytes_sent (device), ==, 0);
}

static void
test_water_marks (SocketFixture *fixture,
                  gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);
  gsize size = 16 * 1024 * 1024;  /* much more than the kernel takes */
  g_autofree char *text = g_strnfill (size, 'x');
  g_autofree char *got = NULL;

  g_test_summary ("write-buffer-filled comes once above the high mark, write-buffer-drained once "
                  "below the low one.");

  qnet_io_device_set_write_buffer_high_water (device, 100000);
  qnet_io_device_set_write_buffer_low_water (device, 1000);
  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, text);
  socket_fixture_await (fixture, strstr (fixture->log->str, "write-buffer-filled") != NULL);
  socket_fixture_write (fixture, "more");
  socket_fixture_settle (fixture);
  g_assert_null (strstr (fixture->log->str, "write-buffer-drained"));
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (device), >, 100000);

  got = socket_fixture_peer_reads (fixture, size + 4);
  socket_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (device), ==, 0);
  g_assert_nonnull (strstr (fixture->log->str, "write-buffer-drained"));
  g_assert_true (strstr (fixture->log->str, "write-buffer-filled")
                 == g_strrstr (fixture->log->str, "write-buffer-filled"));
  g_assert_true (strstr (fixture->log->str, "write-buffer-drained")
                 == g_strrstr (fixture->log->str, "write-buffer-drained"));
}

static void
test_water_marks_small (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_test_summary ("What the kernel takes at once never fills the write buffer.");

  qnet_io_device_set_write_buffer_high_water (DEVICE (fixture->socket), 2);
  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, "abcdef");
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "written:6");
}

static void
assert_alternate (SocketFixture *fixture,
                  guint          n_each)
{
  const char *rest = fixture->log->str;

  for (guint i = 0; i < n_each; i++)
    {
      const char *filled = strstr (rest, "write-buffer-filled");
      const char *drained = strstr (rest, "write-buffer-drained");

      g_assert_nonnull (filled);
      g_assert_nonnull (drained);
      g_assert_true (filled < drained);
      rest = drained + 1;
    }

  g_assert_null (strstr (rest, "write-buffer-"));
}

static void
test_water_marks_abort (SocketFixture *fixture,
                        gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);
  g_autofree char *text = g_strnfill (16 * 1024 * 1024, 'x');

  g_test_summary ("write-buffer-filled and write-buffer-drained alternate beyond an abort(), "
                  "which empties the buffer.");

  qnet_io_device_set_write_buffer_high_water (device, 100000);

  for (guint i = 0; i < 2; i++)
    {
      socket_fixture_connect (fixture);
      socket_fixture_write (fixture, text);
      socket_fixture_await (fixture, strstr (fixture->log->str, "write-buffer-filled") != NULL);
      qnet_socket_abort (QNET_SOCKET (fixture->socket));
      assert_alternate (fixture, 1);
      g_assert_nonnull (strstr (strstr (fixture->log->str, "write-buffer-drained"),
                                "disconnected"));
      socket_fixture_drop_peer (fixture);
    }
}

static void
test_water_marks_peer_gone (SocketFixture *fixture,
                            gconstpointer  data)
{
  g_autofree char *text = g_strnfill (16 * 1024 * 1024, 'x');

  g_test_summary ("They do beyond a reset, too.");

  qnet_io_device_set_write_buffer_high_water (DEVICE (fixture->socket), 100000);
  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, text);
  socket_fixture_await (fixture, strstr (fixture->log->str, "write-buffer-filled") != NULL);
  socket_fixture_peer_resets (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_settle (fixture);
  assert_alternate (fixture, 1);
}

static void
test_water_marks_moved (SocketFixture *fixture,
                        gconstpointer  data)
{
  QnetIODevice *device = DEVICE (fixture->socket);
  g_autofree char *text = g_strnfill (16 * 1024 * 1024, 'x');

  g_test_summary ("Raising the marks above what is in the buffer emits write-buffer-drained, and "
                  "so does taking them away.");

  qnet_io_device_set_write_buffer_high_water (device, 100000);
  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, text);
  socket_fixture_await (fixture, strstr (fixture->log->str, "write-buffer-filled") != NULL);
  socket_fixture_settle (fixture);

  g_object_set (device, "write-buffer-high-water", G_MAXINT64,
                "write-buffer-low-water", G_MAXINT64 - 1, NULL);
  g_assert_null (strstr (fixture->log->str, "write-buffer-drained"));
  socket_fixture_settle (fixture);
  assert_alternate (fixture, 1);

  g_object_set (device, "write-buffer-low-water", (gint64) 0,
                "write-buffer-high-water", (gint64) 100000, NULL);
  socket_fixture_settle (fixture);
  g_object_set (device, "write-buffer-high-water", (gint64) 0, NULL);
  socket_fixture_settle (fixture);
  assert_alternate (fixture, 2);
}

static void
test_many_pieces (SocketFixture *fixture,
                  gconstpointer  data)
{
  /* Large enough to be queued without copying it to the previous piece */
  g_autofree char *text = g_strnfill (4096, 'x');
  g_autofree char *got = NULL;
  guint64 n_calls;

  g_test_summary ("A hundred pieces that are written in one turn are sent by one system call.");

  socket_fixture_connect (fixture);

  for (guint i = 0; i < 100; i++)
    {
      g_autoptr(GBytes) bytes = g_bytes_new (text, 4096);

      g_assert_true (qnet_io_device_write_bytes (DEVICE (fixture->socket), bytes, NULL));
    }

  got = socket_fixture_peer_reads (fixture, 409600);
  n_calls = get_send_calls (fixture->socket);
  g_assert_cmpuint (n_calls, ==, 1);
}

/* Closing */

static void
read_rest_cb (QnetIODevice  *device,
              SocketFixture *fixture)
{
  g_assert_true (qnet_io_device_is_open (device));
  assert_bytes (qnet_io_device_peek_bytes (device, 100), "rest");
}

static void
test_close (SocketFixture *fixture,
            gconstpointer  data)
{
  QnetIODevice *device = socket_fixture_connect_and_receive (fixture, "rest");
  g_autofree char *got = NULL;

  g_test_summary (
    "close() says about-to-close while all can still be read, sends the rest, and is final.");

  g_signal_connect (device, "about-to-close", G_CALLBACK (read_rest_cb), fixture);
  socket_fixture_write (fixture, "bye");
  g_assert_true (g_io_stream_close (G_IO_STREAM (device), NULL, NULL));
  socket_fixture_assert_log (fixture, "about-to-close");
  g_assert_false (qnet_io_device_is_open (device));
  socket_fixture_assert_reads (fixture, "");

  got = socket_fixture_peer_reads (fixture, 3);
  g_assert_cmpstr (got, ==, "bye");
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_assert_log (fixture,
                             "closing written:3 unconnected read-channel-finished disconnected");

  g_assert_true (g_io_stream_close (G_IO_STREAM (device), NULL, NULL));
  qnet_abstract_socket_connect_to_host (ABSTRACT (device), "127.0.0.1", fixture->port);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "error:19");
}

/* Programmer errors */

static void
expect_critical (const char *function)
{
  g_autofree char *pattern = g_strdup_printf ("*%s*assertion*failed*", function);

  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, pattern);
}

static void
test_null (SocketFixture *fixture,
           gconstpointer  data)
{
  char buffer[4];

  g_test_summary ("NULL where a device is wanted is a critical, not a crash.");

  expect_critical ("qnet_io_device_read");
  g_assert_cmpint (qnet_io_device_read (NULL, buffer, 1, NULL), ==, -1);
  expect_critical ("qnet_io_device_wait_for_ready_read");
  g_assert_false (qnet_io_device_wait_for_ready_read (NULL, 0, NULL));
  expect_critical ("qnet_io_device_wait_for_bytes_written");
  g_assert_false (qnet_io_device_wait_for_bytes_written (NULL, 0, NULL));
  expect_critical ("qnet_io_device_write");
  g_assert_cmpint (qnet_io_device_write (NULL, "x", 1, NULL), ==, -1);
  expect_critical ("qnet_io_device_read_line");
  g_assert_cmpint (qnet_io_device_read_line (DEVICE (fixture->socket), NULL, 4, NULL), ==, -1);
  expect_critical ("qnet_io_device_set_read_buffer_size");
  qnet_io_device_set_read_buffer_size (DEVICE (fixture->socket), -1);
  g_test_assert_expected_messages ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  socket_fixture_add ("/io-device/fresh", test_fresh);
  socket_fixture_add ("/io-device/properties", test_properties);
  socket_fixture_add ("/io-device/settings", test_settings);
  socket_fixture_add ("/io-device/open-mode", test_open_mode);
  socket_fixture_add ("/io-device/write/forms", test_write_forms);
  socket_fixture_add ("/io-device/write/not-connected", test_write_not_connected);
  socket_fixture_add ("/io-device/write/early", test_write_early);
  socket_fixture_add ("/io-device/write/flush", test_flush);
  socket_fixture_add ("/io-device/write/coalescing", test_coalescing);
  socket_fixture_add ("/io-device/write/counters", test_counters);
  socket_fixture_add ("/io-device/write/water-marks", test_water_marks);
  socket_fixture_add ("/io-device/write/water-marks/small", test_water_marks_small);
  socket_fixture_add ("/io-device/water-marks/abort", test_water_marks_abort);
  socket_fixture_add ("/io-device/water-marks/reset", test_water_marks_peer_gone);
  socket_fixture_add ("/io-device/water-marks/moved", test_water_marks_moved);
  socket_fixture_add ("/io-device/write/many-pieces-one-call", test_many_pieces);
  socket_fixture_add ("/io-device/close", test_close);
  socket_fixture_add ("/io-device/null", test_null);

  return g_test_run ();
}
