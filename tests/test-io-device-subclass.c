/* test-io-device-subclass.c: a device of one's own keeps the promises of a socket
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "common/queue-device.h"

typedef struct
{
  GMainContext *context;     /* (owned) */
  QueueDevice  *ours;        /* (owned) (nullable) */
  QueueDevice  *peer;        /* (owned) (nullable) */
  QnetIODevice *device;      /* ours */
  QnetIODevice *far;         /* the peer */
  GString      *events;      /* (owned): what ours has emitted */
  guint         n_nested;    /* handlers of ready-read that run */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);

  queue_device_new_pair (&fixture->ours, &fixture->peer);
  fixture->device = QNET_IO_DEVICE (fixture->ours);
  fixture->far = QNET_IO_DEVICE (fixture->peer);
  fixture->events = g_string_new (NULL);
}

static void
settle (Fixture *fixture)
{
  while (g_main_context_iteration (fixture->context, FALSE))
    ;
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  settle (fixture);
  if (fixture->ours != NULL)
    g_assert_finalize_object (g_steal_pointer (&fixture->ours));
  if (fixture->peer != NULL)
    g_assert_finalize_object (g_steal_pointer (&fixture->peer));
  g_string_free (fixture->events, TRUE);

  g_assert_false (g_main_context_pending (fixture->context));
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

static void
send (Fixture    *fixture,
      const char *text)
{
  g_assert_cmpint (qnet_io_device_write_string (fixture->far, text, NULL), ==, strlen (text));
}

static void
deliver (Fixture    *fixture,
         const char *text)
{
  send (fixture, text);
  settle (fixture);
}

static void
assert_read (Fixture    *fixture,
             const char *expected)
{
  g_autofree guint8 *data = NULL;
  gsize size;

  data = qnet_io_device_read_all (fixture->device, &size);
  g_assert_cmpmem (data, size, expected, strlen (expected));
}

/* Signals */

static void
ready_read_cb (Fixture *fixture)
{
  g_assert_cmpuint (fixture->n_nested, ==, 0);
  g_string_append_printf (fixture->events, "read %" G_GINT64_FORMAT "; ",
                          qnet_io_device_get_bytes_available (fixture->device));
}

static void
bytes_written_cb (Fixture *fixture,
                  gint64   size)
{
  g_string_append_printf (fixture->events, "written %" G_GINT64_FORMAT "; ", size);
}

static void
append_cb (Fixture    *fixture,
           const char *event)
{
  g_string_append_printf (fixture->events, "%s; ", event);
}

#define DEFINE_EVENT(name, text)         \
  static void                            \
  name##_cb (Fixture *fixture)           \
  {                                      \
    append_cb (fixture, text);           \
  }

DEFINE_EVENT (about_to_close, "about to close")
DEFINE_EVENT (finished, "finished")
DEFINE_EVENT (filled, "filled")
DEFINE_EVENT (drained, "drained")
DEFINE_EVENT (open_mode, "open mode")
DEFINE_EVENT (error, "error")

static void
record (Fixture *fixture)
{
  QnetIODevice *device = fixture->device;

  g_signal_connect_swapped (device, "ready-read", G_CALLBACK (ready_read_cb), fixture);
  g_signal_connect_swapped (device, "bytes-written", G_CALLBACK (bytes_written_cb), fixture);
  g_signal_connect_swapped (device, "about-to-close", G_CALLBACK (about_to_close_cb), fixture);
  g_signal_connect_swapped (device, "read-channel-finished", G_CALLBACK (finished_cb), fixture);
  g_signal_connect_swapped (device, "write-buffer-filled", G_CALLBACK (filled_cb), fixture);
  g_signal_connect_swapped (device, "write-buffer-drained", G_CALLBACK (drained_cb), fixture);
  g_signal_connect_swapped (device, "notify::open-mode", G_CALLBACK (open_mode_cb), fixture);
  g_signal_connect_swapped (device, "notify::error", G_CALLBACK (error_cb), fixture);
}

static void
assert_events (Fixture    *fixture,
               const char *expected)
{
  g_assert_cmpstr (fixture->events->str, ==, expected);
  g_string_truncate (fixture->events, 0);
}

static void
test_signals (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("ready-read and bytes-written are emitted by the loop, not inside a call.");

  record (fixture);
  send (fixture, "hello");
  g_assert_cmpint (qnet_io_device_write_string (fixture->device, "you", NULL), ==, 3);
  assert_events (fixture, "");

  settle (fixture);
  assert_events (fixture, "read 5; written 3; ");
  assert_read (fixture, "hello");
  g_assert_cmpuint (qnet_io_device_get_bytes_received (fixture->device), ==, 5);
  g_assert_cmpuint (qnet_io_device_get_bytes_sent (fixture->device), ==, 3);

  settle (fixture);
  assert_events (fixture, "");
}

static void
answer_cb (Fixture *fixture)
{
  fixture->n_nested++;
  g_assert_cmpuint (fixture->n_nested, ==, 1);

  append_cb (fixture, "answer");
  assert_read (fixture, fixture->events->len < 10 ? "one" : "two");
  if (fixture->events->len < 10)
    {
      send (fixture, "two");
      settle (fixture);
    }

  fixture->n_nested--;
}

static void
test_nested (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("ready-read is not emitted inside its handler, but once more after it.");

  g_signal_connect_swapped (fixture->device, "ready-read", G_CALLBACK (answer_cb), fixture);
  deliver (fixture, "one");
  assert_events (fixture, "answer; answer; ");
}

static void
called_ready_read (QnetIODevice *device,
                   gpointer      fixture)
{
  append_cb (fixture, "called");
}

static void
called_bytes_written (QnetIODevice *device,
                      gint64        size,
                      gpointer      fixture)
{
  bytes_written_cb (fixture, size);
}

static void
test_callbacks (Fixture       *fixture,
                gconstpointer  data)
{
  static const QnetIODeviceCallbacks callbacks = { called_ready_read, called_bytes_written, { 0 } };

  g_test_summary ("Callbacks are called instead of signals.");

  record (fixture);
  qnet_io_device_set_callbacks (fixture->device, &callbacks, fixture, NULL);
  qnet_io_device_write_string (fixture->device, "x", NULL);
  deliver (fixture, "y");
  assert_events (fixture, "called; written 1; ");
}

/* Reading */

static void
test_forms (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree guint8 *line = NULL, *message = NULL, *peeked = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autofree char *text = NULL;
  char buffer[8];
  guint8 c;
  gsize size;

  g_test_summary ("Each form of reading works on the bytes of a subclass.");

  deliver (fixture, "one\ntwo\nthree--abcdef");
  g_assert_true (qnet_io_device_can_read_line (fixture->device));
  peeked = qnet_io_device_peek_array (fixture->device, 2, &size);
  g_assert_cmpmem (peeked, size, "on", 2);
  line = qnet_io_device_read_line_array (fixture->device, 0, &size);
  g_assert_cmpmem (line, size, "one\n", 4);
  text = qnet_io_device_read_line_utf8 (fixture->device, 0, NULL);
  g_assert_cmpstr (text, ==, "two");
  message = qnet_io_device_read_until (fixture->device, (const guint8 *) "--", 2, 0, &size);
  g_assert_cmpmem (message, size, "three--", 7);

  g_assert_true (qnet_io_device_get_char (fixture->device, &c, NULL));
  g_assert_cmpint (c, ==, 'a');
  qnet_io_device_unget_char (fixture->device, 'A');
  g_assert_cmpint (qnet_io_device_read (fixture->device, buffer, 2, NULL), ==, 2);
  g_assert_cmpmem (buffer, 2, "Ab", 2);
  bytes = qnet_io_device_read_bytes (fixture->device, 2);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "cd", 2);
  g_assert_cmpint (qnet_io_device_skip (fixture->device, 1, NULL), ==, 1);
  assert_read (fixture, "f");
  g_assert_cmpint (qnet_io_device_read (fixture->device, buffer, 2, NULL), ==, 0);
  g_assert_true (qnet_io_device_at_end (fixture->device));
}

static void
test_unreported (Fixture       *fixture,
                 gconstpointer  data)
{
  g_test_summary ("What read_data has can be read before it is reported, too.");

  g_byte_array_append (fixture->ours->arrived, (const guint8 *) "early", 5);
  g_assert_cmpint (qnet_io_device_get_bytes_available (fixture->device), ==, 5);
  assert_read (fixture, "early");
}

static void
test_transaction (Fixture       *fixture,
                  gconstpointer  data)
{
  char buffer[4];

  g_test_summary ("A transaction that is rolled back returns the bytes again.");

  deliver (fixture, "abc");
  qnet_io_device_start_transaction (fixture->device);
  g_assert_cmpint (qnet_io_device_read (fixture->device, buffer, 2, NULL), ==, 2);
  deliver (fixture, "def");
  qnet_io_device_rollback_transaction (fixture->device);
  assert_read (fixture, "abcdef");
}

static void
test_limit (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("read_data is not asked for more than the read buffer may hold.");

  record (fixture);
  qnet_io_device_set_read_buffer_size (fixture->device, 4);
  deliver (fixture, "abcdefgh");
  assert_events (fixture, "read 4; ");
  g_assert_cmpuint (fixture->ours->arrived->len, ==, 4);
  settle (fixture);
  assert_events (fixture, "");

  assert_read (fixture, "abcd");
  settle (fixture);
  assert_events (fixture, "read 4; ");
  assert_read (fixture, "efgh");
}

static void
test_skip (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("Skipping calls skip_data for what is not in the read buffer, but not in a "
                  "transaction.");

  qnet_io_device_set_read_buffer_size (fixture->device, 4);
  deliver (fixture, "abcdefghij");
  g_assert_cmpint (qnet_io_device_skip (fixture->device, 6, NULL), ==, 6);
  g_assert_cmpuint (fixture->ours->n_skipped, ==, 2);
  g_assert_cmpuint (qnet_io_device_get_bytes_received (fixture->device), ==, 6);

  qnet_io_device_start_transaction (fixture->device);
  g_assert_cmpint (qnet_io_device_skip (fixture->device, 4, NULL), ==, 4);
  g_assert_cmpuint (fixture->ours->n_skipped, ==, 2);
  qnet_io_device_rollback_transaction (fixture->device);
  assert_read (fixture, "ghij");
}

/* Writing */

static void
test_held_back (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("bytes-to-write counts what write_data has taken until it is reported.");

  record (fixture);
  fixture->ours->holds_back = TRUE;
  g_assert_cmpint (qnet_io_device_write_string (fixture->device, "abcdef", NULL), ==, 6);
  settle (fixture);
  assert_events (fixture, "");
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (fixture->device), ==, 6);
  g_assert_false (qnet_io_device_flush (fixture->device));

  queue_device_send (fixture->ours, 4);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (fixture->device), ==, 2);
  settle (fixture);
  assert_events (fixture, "written 4; ");
}

static void
test_water_marks (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("The water marks count what write_data has taken.");

  record (fixture);
  fixture->ours->holds_back = TRUE;
  qnet_io_device_set_write_buffer_high_water (fixture->device, 4);
  qnet_io_device_set_write_buffer_low_water (fixture->device, 1);
  qnet_io_device_write_string (fixture->device, "abcdef", NULL);
  settle (fixture);
  assert_events (fixture, "filled; ");

  queue_device_send (fixture->ours, 5);
  settle (fixture);
  assert_events (fixture, "written 5; drained; ");
}

static void
test_write_fails (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A failure of write_data is that of write(), and the device remains usable.");

  fixture->ours->is_full = TRUE;
  g_assert_cmpint (qnet_io_device_write_string (fixture->device, "abc", &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_error (qnet_io_device_get_error (fixture->device), G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (fixture->device), ==, 0);

  fixture->ours->is_full = FALSE;
  g_assert_cmpint (qnet_io_device_write_string (fixture->device, "abc", NULL), ==, 3);
}

static gpointer
fail_to_write (gpointer output)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (g_output_stream_write (output, "more", 4, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);

  return NULL;
}

static void
count_cb (guint *count)
{
  ++*count;
}

static void
test_write_fails_elsewhere (Fixture       *fixture,
                            gconstpointer  data)
{
  QueueDevice *ours = fixture->ours;
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (ours));
  guint n_notified = 0;

  g_test_summary ("A write of another thread fails. The error property is notified by the owner's "
                  "loop.");

  g_signal_connect_swapped (ours, "notify::error", G_CALLBACK (count_cb), &n_notified);
  ours->is_full = TRUE;
  g_thread_join (g_thread_new ("writer", fail_to_write, output));
  g_assert_cmpuint (n_notified, ==, 0);

  settle (fixture);
  g_assert_cmpuint (n_notified, ==, 1);
  g_assert_error (qnet_io_device_get_error (QNET_IO_DEVICE (ours)), G_IO_ERROR,
                  G_IO_ERROR_NO_SPACE);
}

/* The end */

static void
test_end (Fixture       *fixture,
          gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  char buffer[8];

  g_test_summary ("After the end that was reported the rest is read, and writing continues.");

  record (fixture);
  send (fixture, "rest");
  qnet_io_device_report_read_finished (fixture->device);
  qnet_io_device_report_read_finished (fixture->device);
  settle (fixture);
  assert_events (fixture, "read 4; finished; ");
  g_assert_false (qnet_io_device_is_read_finished (fixture->device));

  g_assert_cmpint (qnet_io_device_read (fixture->device, buffer, 8, NULL), ==, 4);
  g_assert_true (qnet_io_device_is_read_finished (fixture->device));
  g_assert_cmpint (qnet_io_device_read (fixture->device, buffer, 8, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);

  g_string_truncate (fixture->events, 0);
  g_assert_cmpint (qnet_io_device_write_string (fixture->device, "more", NULL), ==, 4);
  settle (fixture);
  assert_events (fixture, "written 4; ");
}

static void
test_end_beyond_limit (Fixture       *fixture,
                       gconstpointer  data)
{
  g_test_summary ("The end comes after bytes for which there was no room before.");

  record (fixture);
  qnet_io_device_set_read_buffer_size (fixture->device, 2);
  send (fixture, "abc");
  qnet_io_device_report_read_finished (fixture->device);
  settle (fixture);
  assert_events (fixture, "read 2; ");

  assert_read (fixture, "ab");
  settle (fixture);
  assert_events (fixture, "read 1; finished; ");
  assert_read (fixture, "c");
}

static void
fail (Fixture *fixture)
{
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NO_SPACE, "Broken");

  qnet_io_device_report_error (fixture->device, error);
}

static void
test_error (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  char buffer[8];

  g_test_summary ("After a failure writing fails at once, and reading after the bytes before it.");

  record (fixture);
  send (fixture, "rest");
  fail (fixture);
  g_assert_cmpint (qnet_io_device_write_string (fixture->device, "x", &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_clear_error (&error);
  g_string_truncate (fixture->events, 0);

  settle (fixture);
  assert_events (fixture, "read 4; error; finished; ");
  g_assert_cmpint (qnet_io_device_read (fixture->device, buffer, 8, NULL), ==, 4);
  g_assert_cmpint (qnet_io_device_read (fixture->device, buffer, 8, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_error (qnet_io_device_get_error (fixture->device), G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

static void
test_error_after_end (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A device whose reading has ended can still fail.");

  qnet_io_device_report_read_finished (fixture->device);
  settle (fixture);
  fail (fixture);
  settle (fixture);
  g_assert_error (qnet_io_device_get_error (fixture->device), G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpint (qnet_io_device_write_string (fixture->device, "x", &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

static void
test_reopen (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  char buffer[8];

  g_test_summary ("A device that was closed by its mode can be opened again, as new.");

  deliver (fixture, "old");
  fail (fixture);
  settle (fixture);
  qnet_io_device_set_open_mode (fixture->device, QNET_OPEN_MODE_NOT_OPEN);
  g_assert_cmpint (qnet_io_device_get_bytes_available (fixture->device), ==, 0);
  g_assert_cmpint (qnet_io_device_read (fixture->device, buffer, 8, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);

  qnet_io_device_set_open_mode (fixture->device, QNET_OPEN_MODE_READ_WRITE);
  g_assert_null (qnet_io_device_get_error (fixture->device));
  g_assert_false (qnet_io_device_is_read_finished (fixture->device));
  deliver (fixture, "new");
  assert_read (fixture, "new");
  g_assert_cmpuint (qnet_io_device_get_bytes_received (fixture->device), ==, 3);
}

/* Waits */

static void
test_waits (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A wait handles what was reported, and fails where nothing can happen.");

  record (fixture);
  send (fixture, "x");
  g_assert_true (qnet_io_device_wait_for_ready_read (fixture->device, -1, &error));
  g_assert_no_error (error);
  assert_events (fixture, "read 1; ");

  g_assert_false (qnet_io_device_wait_for_ready_read (fixture->device, -1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  qnet_io_device_write_string (fixture->device, "y", NULL);
  g_assert_true (qnet_io_device_wait_for_bytes_written (fixture->device, -1, &error));
  g_assert_false (qnet_io_device_wait_for_bytes_written (fixture->device, -1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  fail (fixture);
  g_assert_false (qnet_io_device_wait_for_ready_read (fixture->device, -1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

/* Asynchronous calls */

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      place)
{
  *(GAsyncResult **) place = g_object_ref (result);
}

static GAsyncResult *
await_result (Fixture       *fixture,
              GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (fixture->context, TRUE);

  return *result;
}

static void
test_async_reads (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(GAsyncResult) bytes_result = NULL, line_result = NULL, end_result = NULL;
  g_autoptr(GBytes) bytes = NULL, end = NULL;
  g_autofree guint8 *line = NULL;
  gsize size;

  g_test_summary ("Asynchronous reads end when bytes, a line or the end have arrived.");

  qnet_io_device_read_bytes_async (fixture->device, 2, 0, NULL, result_cb, &bytes_result);
  settle (fixture);
  g_assert_null (bytes_result);
  send (fixture, "abcd");
  bytes = qnet_io_device_read_bytes_finish (fixture->device,
                                            await_result (fixture, &bytes_result), NULL);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "ab", 2);

  qnet_io_device_read_line_async (fixture->device, 0, 0, NULL, result_cb, &line_result);
  send (fixture, "e\n");
  line = qnet_io_device_read_line_finish (fixture->device, await_result (fixture, &line_result),
                                          &size, NULL);
  g_assert_cmpmem (line, size, "cde\n", 4);

  qnet_io_device_read_bytes_async (fixture->device, 2, 0, NULL, result_cb, &end_result);
  qnet_io_device_report_read_finished (fixture->device);
  end = qnet_io_device_read_bytes_finish (fixture->device, await_result (fixture, &end_result),
                                          NULL);
  g_assert_cmpuint (g_bytes_get_size (end), ==, 0);
}

static void
test_async_writes (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr(GAsyncResult) all = NULL, flushed = NULL, failed = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("Asynchronous writes end when the bytes were reported as written, or fail.");

  fixture->ours->holds_back = TRUE;
  qnet_io_device_write_all_async (fixture->device, (const guint8 *) "abc", 3, 0, NULL,
                                  result_cb, &all);
  qnet_io_device_flush_async (fixture->device, 0, NULL, result_cb, &flushed);
  queue_device_send (fixture->ours, 2);
  settle (fixture);
  g_assert_true (all == NULL && flushed == NULL);

  queue_device_send (fixture->ours, 1);
  g_assert_true (qnet_io_device_write_all_finish (fixture->device, await_result (fixture, &all),
                                                  NULL));
  g_assert_true (qnet_io_device_flush_finish (fixture->device, await_result (fixture, &flushed),
                                              NULL));

  qnet_io_device_write_all_async (fixture->device, (const guint8 *) "abc", 3, 0, NULL,
                                  result_cb, &failed);
  fail (fixture);
  g_assert_false (qnet_io_device_write_all_finish (fixture->device,
                                                   await_result (fixture, &failed), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

/* Streams */

static void
test_streams (Fixture       *fixture,
              gconstpointer  data)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (fixture->device));
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (fixture->far));
  g_autoptr(GError) error = NULL;
  char buffer[8];
  gsize n;

  g_test_summary ("The streams read and write the device, blocking.");

  g_assert_true (g_output_stream_write_all (output, "abcdef", 6, &n, NULL, &error));
  g_assert_true (g_output_stream_flush (output, NULL, &error));
  g_assert_cmpint (g_input_stream_read (input, buffer, 4, NULL, &error), ==, 4);
  g_assert_cmpint (g_input_stream_skip (input, 8, NULL, &error), ==, 2);

  g_assert_cmpint (g_input_stream_read (input, buffer, 4, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);  /* no other thread could send */
  g_clear_error (&error);

  qnet_io_device_report_read_finished (fixture->device);
  g_assert_cmpint (g_input_stream_read (input, buffer, 4, NULL, &error), ==, 0);
  g_assert_no_error (error);
}

static void
test_splice (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(GInputStream) source = g_memory_input_stream_new_from_data ("splice", 6, NULL);
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (fixture->far));
  g_autoptr(GAsyncResult) result = NULL;

  g_test_summary ("A stream can be spliced into the device.");

  g_output_stream_splice_async (output, source, G_OUTPUT_STREAM_SPLICE_NONE, 0, NULL,
                                result_cb, &result);
  g_assert_cmpint (g_output_stream_splice_finish (output, await_result (fixture, &result), NULL),
                   ==, 6);
  assert_read (fixture, "splice");
}

static void
test_stream_async (Fixture       *fixture,
                   gconstpointer  data)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (fixture->device));
  g_autoptr(GAsyncResult) result = NULL, failed = NULL;
  g_autoptr(GError) error = NULL;
  char buffer[8];

  g_test_summary ("An asynchronous read of the stream ends with bytes, or with the failure.");

  g_input_stream_read_async (input, buffer, 8, 0, NULL, result_cb, &result);
  send (fixture, "abc");
  g_assert_cmpint (g_input_stream_read_finish (input, await_result (fixture, &result), NULL), ==,
                   3);

  g_input_stream_read_async (input, buffer, 8, 0, NULL, result_cb, &failed);
  fail (fixture);
  g_assert_cmpint (g_input_stream_read_finish (input, await_result (fixture, &failed), &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

/* Closing */

static void
test_close (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(GAsyncResult) read = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = NULL;

  g_test_summary ("Closing calls close_device once, ends what is pending, and is final.");

  record (fixture);
  qnet_io_device_read_bytes_async (fixture->device, 2, 0, NULL, result_cb, &read);
  g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->device), NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->device), NULL, NULL));
  assert_events (fixture, "about to close; open mode; ");
  g_assert_cmpuint (fixture->ours->n_closed, ==, 1);

  bytes = qnet_io_device_read_bytes_finish (fixture->device, await_result (fixture, &read), &error);
  g_assert_null (bytes);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  g_assert_cmpint (qnet_io_device_write_string (fixture->device, "x", &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  settle (fixture);
  g_assert_true (qnet_io_device_is_read_finished (fixture->far));
}

static void
test_close_async (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("g_io_stream_close_async() reports what close_device has failed with.");

  fixture->ours->loses_bytes = TRUE;
  g_io_stream_close_async (G_IO_STREAM (fixture->device), 0, NULL, result_cb, &result);
  g_assert_false (g_io_stream_close_finish (G_IO_STREAM (fixture->device),
                                            await_result (fixture, &result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_assert_true (g_io_stream_is_closed (G_IO_STREAM (fixture->device)));
}

static void
test_report_closed (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("Reports about a device that was closed do nothing.");

  record (fixture);
  g_io_stream_close (G_IO_STREAM (fixture->device), NULL, NULL);
  g_string_truncate (fixture->events, 0);
  send (fixture, "late");
  fail (fixture);
  qnet_io_device_report_bytes_written (fixture->device, 3);
  qnet_io_device_report_read_finished (fixture->device);
  settle (fixture);
  assert_events (fixture, "");
}

/* The end of the object */

static void
drop_cb (Fixture *fixture)
{
  append_cb (fixture, "dropped");
  g_clear_object (&fixture->ours);
}

static void
test_drop_in_handler (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A handler may drop the last reference.");

  g_object_add_weak_pointer (G_OBJECT (fixture->device), (gpointer *) &fixture->device);
  g_signal_connect_swapped (fixture->device, "ready-read", G_CALLBACK (drop_cb), fixture);
  deliver (fixture, "x");
  assert_events (fixture, "dropped; ");
  g_assert_null (fixture->device);
}

/* A class whose virtual functions drop the last reference */

typedef QnetIODevice      DroppingDevice;
typedef QnetIODeviceClass DroppingDeviceClass;

GType dropping_device_get_type (void);

G_DEFINE_TYPE (DroppingDevice, dropping_device, QNET_TYPE_IO_DEVICE)

static QnetIODevice *dropped;

static GBytes *
drop_in_read_data (QnetIODevice *device,
                   gsize         max_size)
{
  g_clear_object (&dropped);

  return g_bytes_new_static ("x", 1);
}

static gboolean
drop_in_write_data (QnetIODevice  *device,
                    const guint8  *data,
                    gsize          size,
                    GError       **error)
{
  g_clear_object (&dropped);

  return TRUE;
}

static void
dropping_device_init (DroppingDevice *device)
{
}

static void
dropping_device_class_init (DroppingDeviceClass *klass)
{
  klass->read_data = drop_in_read_data;
  klass->write_data = drop_in_write_data;
}

static QnetIODevice *
make_dropping_device (void)
{
  dropped = g_object_new (dropping_device_get_type (), NULL);
  qnet_io_device_set_open_mode (dropped, QNET_OPEN_MODE_READ_WRITE);
  g_assert_true (qnet_io_device_is_open (dropped));  /* the device knows this thread from now on */

  return dropped;
}

static void
test_drop_in_function (Fixture       *fixture,
                       gconstpointer  data)
{
  QnetIODevice *device;
  guint8 byte;

  g_test_summary ("A virtual function of the application may drop the last reference.");

  qnet_io_device_get_char (make_dropping_device (), &byte, NULL);
  g_assert_null (dropped);
  qnet_io_device_read (make_dropping_device (), &byte, 1, NULL);
  g_assert_null (dropped);
  qnet_io_device_skip (make_dropping_device (), 1, NULL);
  g_assert_null (dropped);

  device = make_dropping_device ();
  g_assert_cmpint (qnet_io_device_write (device, "x", 1, NULL), ==, 1);
  g_assert_null (dropped);
  device = make_dropping_device ();
  g_assert_cmpint (qnet_io_device_put_char (device, 'x', NULL), ==, TRUE);
  g_assert_null (dropped);
}

static void
test_drop_silently (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A device that is dropped emits nothing any more.");

  record (fixture);
  send (fixture, "x");
  qnet_io_device_write_string (fixture->device, "y", NULL);
  g_assert_finalize_object (g_steal_pointer (&fixture->ours));
  settle (fixture);
  assert_events (fixture, "");
}

/* A class that begins again inside its read_data */

typedef QnetIODevice      RestartingDevice;
typedef QnetIODeviceClass RestartingDeviceClass;

GType restarting_device_get_type (void);

G_DEFINE_TYPE (RestartingDevice, restarting_device, QNET_TYPE_IO_DEVICE)

static guint n_pulls;

static GBytes *
restart_in_read_data (QnetIODevice *device,
                      gsize         max_size)
{
  n_pulls++;
  if (n_pulls == 3)
    {
      qnet_io_device_set_open_mode (device, QNET_OPEN_MODE_NOT_OPEN);
      qnet_io_device_set_open_mode (device, QNET_OPEN_MODE_READ_WRITE);
    }

  return n_pulls % 2 != 0 ? g_bytes_new_static ("x", 1) : NULL;
}

static void
restarting_device_init (RestartingDevice *device)
{
}

static void
restarting_device_class_init (RestartingDeviceClass *klass)
{
  klass->read_data = restart_in_read_data;
}

/* Inside it more arrives, which the loop that it runs only notes. */
static void
read_and_iterate_cb (QnetIODevice *device,
                     Fixture      *fixture)
{
  qnet_io_device_skip (device, 1, NULL);
  fixture->n_nested++;
  if (fixture->n_nested > 1)
    return;

  n_pulls = 4;
  qnet_io_device_report_ready_read (device);
  settle (fixture);
  qnet_io_device_skip (device, 1, NULL);
  n_pulls = 2;
}

static void
test_restarts (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr(QnetIODevice) device = g_object_new (restarting_device_get_type (), NULL);

  g_test_summary ("read_data may close the device and open it again, also where ready-read is "
                  "about to be emitted once more.");

  n_pulls = 0;
  g_signal_connect (device, "ready-read", G_CALLBACK (read_and_iterate_cb), fixture);
  qnet_io_device_set_open_mode (device, QNET_OPEN_MODE_READ_WRITE);
  qnet_io_device_report_ready_read (device);
  settle (fixture);
  g_assert_cmpuint (n_pulls, >, 2);
  g_assert_true (qnet_io_device_is_open (device));
}

static void
test_orphaned (Fixture       *fixture,
               gconstpointer  data)
{
  GMainContext *context = g_main_context_new ();
  QueueDevice *ours, *peer;
  g_autoptr(GError) error = NULL;

  g_test_summary ("A device whose context was destroyed is closed for writing.");

  g_main_context_push_thread_default (context);
  queue_device_new_pair (&ours, &peer);
  qnet_io_device_write_string (QNET_IO_DEVICE (ours), "x", NULL);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);

  g_assert_cmpint (qnet_io_device_write_string (QNET_IO_DEVICE (ours), "y", &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_true (g_io_stream_close (G_IO_STREAM (ours), NULL, NULL));
  g_assert_finalize_object (ours);
  g_assert_finalize_object (peer);
}

/* A class that implements nothing */

#define TYPE_BARE_DEVICE (bare_device_get_type ())
G_DECLARE_FINAL_TYPE (BareDevice, bare_device, BARE, DEVICE, QnetIODevice)

struct _BareDevice
{
  QnetIODevice parent_instance;
};

G_DEFINE_FINAL_TYPE (BareDevice, bare_device, QNET_TYPE_IO_DEVICE)

static void
bare_device_class_init (BareDeviceClass *klass)
{
}

static void
bare_device_init (BareDevice *self)
{
}

static void
assert_operation_error (GError **error)
{
  g_assert_error (*error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (error);
}

static void
test_bare_unopened (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetIODevice) bare = g_object_new (TYPE_BARE_DEVICE, NULL);
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (bare));
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  char buffer[4];

  g_test_summary ("A device that was never opened fails with an error, and can be closed.");

  g_assert_cmpint (qnet_io_device_read (bare, buffer, 4, &error), ==, -1);
  assert_operation_error (&error);
  g_assert_cmpint (qnet_io_device_write (bare, "x", 1, &error), ==, -1);
  assert_operation_error (&error);
  g_assert_false (qnet_io_device_wait_for_ready_read (bare, -1, &error));
  assert_operation_error (&error);
  g_assert_false (qnet_io_device_wait_for_bytes_written (bare, -1, &error));
  assert_operation_error (&error);
  g_assert_cmpint (g_input_stream_read (input, buffer, 4, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
  g_clear_error (&error);
  g_assert_false (qnet_io_device_flush (bare));
  g_assert_cmpint (qnet_io_device_get_bytes_available (bare), ==, 0);

  g_io_stream_close_async (G_IO_STREAM (bare), 0, NULL, result_cb, &result);
  g_assert_true (g_io_stream_close_finish (G_IO_STREAM (bare), await_result (fixture, &result),
                                           NULL));
}

static void
test_bare_opened (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr(QnetIODevice) bare = g_object_new (TYPE_BARE_DEVICE, NULL);
  g_autoptr(GError) error = NULL;
  char buffer[4];

  g_test_summary ("A class that implements nothing has nothing to read, and refuses to write.");

  qnet_io_device_set_open_mode (bare, QNET_OPEN_MODE_READ_WRITE);
  qnet_io_device_report_ready_read (bare);
  settle (fixture);
  g_assert_cmpint (qnet_io_device_read (bare, buffer, 4, &error), ==, 0);
  g_assert_cmpint (qnet_io_device_skip (bare, 4, &error), ==, 0);
  g_assert_cmpint (qnet_io_device_write (bare, "x", 1, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_true (g_io_stream_close (G_IO_STREAM (bare), NULL, NULL));
}

static void
add (const char *path,
     void      (*test) (Fixture       *fixture,
     gconstpointer  data))
{
  g_autofree char *full_path = g_strconcat ("/io-device-subclass", path, NULL);

  g_test_add (full_path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("/signals", test_signals);
  add ("/nested", test_nested);
  add ("/callbacks", test_callbacks);
  add ("/forms", test_forms);
  add ("/unreported", test_unreported);
  add ("/transaction", test_transaction);
  add ("/limit", test_limit);
  add ("/skip", test_skip);
  add ("/held-back", test_held_back);
  add ("/water-marks", test_water_marks);
  add ("/write-fails", test_write_fails);
  add ("/write-fails-elsewhere", test_write_fails_elsewhere);
  add ("/end", test_end);
  add ("/end-beyond-limit", test_end_beyond_limit);
  add ("/error", test_error);
  add ("/error-after-end", test_error_after_end);
  add ("/reopen", test_reopen);
  add ("/waits", test_waits);
  add ("/async-reads", test_async_reads);
  add ("/async-writes", test_async_writes);
  add ("/streams", test_streams);
  add ("/splice", test_splice);
  add ("/stream-async", test_stream_async);
  add ("/close", test_close);
  add ("/close-async", test_close_async);
  add ("/report-closed", test_report_closed);
  add ("/drop-in-handler", test_drop_in_handler);
  add ("/drop-in-function", test_drop_in_function);
  add ("/drop-silently", test_drop_silently);
  add ("/restarts", test_restarts);
  add ("/orphaned", test_orphaned);
  add ("/bare-unopened", test_bare_unopened);
  add ("/bare-opened", test_bare_opened);

  return g_test_run ();
}
