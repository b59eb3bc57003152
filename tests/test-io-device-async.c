/* test-io-device-async.c: the asynchronous pairs of QnetIODevice
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#include <string.h>
#include <sys/socket.h>

#include "base/qnet-syscall-private.h"
#include "common/device-fixture.h"
#include "common/pair.h"

/* The pairs, with a line each */

static void
start_read (DeviceFixture  *fixture,
            gsize           size,
            GCancellable   *cancellable,
            GAsyncResult  **result)
{
  qnet_io_device_read_bytes_async (fixture->device, size, G_PRIORITY_DEFAULT, cancellable,
                                   result_cb, result);
}

static void
start_line (DeviceFixture  *fixture,
            gsize           max_size,
            GCancellable   *cancellable,
            GAsyncResult  **result)
{
  qnet_io_device_read_line_async (fixture->device, max_size, G_PRIORITY_DEFAULT, cancellable,
                                  result_cb, result);
}

static void
start_write (DeviceFixture  *fixture,
             const char     *text,
             GCancellable   *cancellable,
             GAsyncResult  **result)
{
  qnet_io_device_write_all_async (fixture->device, (const guint8 *) text, strlen (text),
                                  G_PRIORITY_DEFAULT, cancellable, result_cb, result);
}

static void
start_flush (DeviceFixture  *fixture,
             GCancellable   *cancellable,
             GAsyncResult  **result)
{
  qnet_io_device_flush_async (fixture->device, G_PRIORITY_DEFAULT, cancellable, result_cb, result);
}

static void
assert_reads (DeviceFixture  *fixture,
              GAsyncResult  **result,
              const char     *expected)
{
  g_autoptr(GAsyncResult) ended = await_result (result);
  g_autoptr(GBytes) bytes = NULL;
  GError *error = NULL;

  bytes = qnet_io_device_read_bytes_finish (fixture->device, ended, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected,
                   strlen (expected));
}

static void
assert_reads_line (DeviceFixture  *fixture,
                   GAsyncResult  **result,
                   const char     *expected)
{
  g_autoptr(GAsyncResult) ended = await_result (result);
  g_autofree guint8 *line = NULL;
  GError *error = NULL;
  gsize length = 4711;

  line = qnet_io_device_read_line_finish (fixture->device, ended, &length, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  g_assert_cmpmem (line, length, expected, strlen (expected));
  g_assert_cmpuint (line[length], ==, '\0');
}

static void
assert_read_fails (DeviceFixture  *fixture,
                   GAsyncResult  **result,
                   GQuark          domain,
                   int             code)
{
  g_autoptr(GAsyncResult) ended = await_result (result);
  g_autoptr(GError) error = NULL;

  g_assert_null (qnet_io_device_read_bytes_finish (fixture->device, ended, &error));
  g_assert_error (error, domain, code);
}

static void
assert_line_fails (DeviceFixture  *fixture,
                   GAsyncResult  **result,
                   GQuark          domain,
                   int             code)
{
  g_autoptr(GAsyncResult) ended = await_result (result);
  g_autoptr(GError) error = NULL;
  gsize length;

  g_assert_null (qnet_io_device_read_line_finish (fixture->device, ended, &length, &error));
  g_assert_error (error, domain, code);
}

static void
assert_writes (DeviceFixture  *fixture,
               GAsyncResult  **result)
{
  g_autoptr(GAsyncResult) ended = await_result (result);
  GError *error = NULL;

  g_assert_true (qnet_io_device_write_all_finish (fixture->device, ended, &error));
  g_assert_no_error (error);
}

static void
assert_write_fails (DeviceFixture  *fixture,
                    GAsyncResult  **result,
                    GQuark          domain,
                    int             code)
{
  g_autoptr(GAsyncResult) ended = await_result (result);
  g_autoptr(GError) error = NULL;

  g_assert_false (qnet_io_device_write_all_finish (fixture->device, ended, &error));
  g_assert_error (error, domain, code);
}

static void
assert_flushes (DeviceFixture  *fixture,
                GAsyncResult  **result)
{
  g_autoptr(GAsyncResult) ended = await_result (result);
  GError *error = NULL;

  g_assert_true (qnet_io_device_flush_finish (fixture->device, ended, &error));
  g_assert_no_error (error);
}

static void
assert_flush_fails (DeviceFixture  *fixture,
                    GAsyncResult  **result,
                    GQuark          domain,
                    int             code)
{
  g_autoptr(GAsyncResult) ended = await_result (result);
  g_autoptr(GError) error = NULL;

  g_assert_false (qnet_io_device_flush_finish (fixture->device, ended, &error));
  g_assert_error (error, domain, code);
}

/* Reading */

static void
test_read_there (DeviceFixture *fixture,
                 gconstpointer  data)
{
  GAsyncResult *result = NULL;

  g_test_summary ("Bytes that are there are read, no more than asked for; the callback is not "
                  "called inside the call.");

  device_fixture_send (fixture, "hello");

  start_read (fixture, 3, NULL, &result);
  g_assert_null (result);
  assert_reads (fixture, &result, "hel");

  start_read (fixture, 100, NULL, &result);
  assert_reads (fixture, &result, "lo");

  start_read (fixture, 0, NULL, &result);
  assert_reads (fixture, &result, "");
}

static void
test_read_waits (DeviceFixture *fixture,
                 gconstpointer  data)
{
  GAsyncResult *result = NULL;

  g_test_summary ("A read waits for the first byte, and no longer.");

  start_read (fixture, 100, NULL, &result);
  device_fixture_settle (fixture);
  g_assert_null (result);

  pair_send (fixture->far, "one");
  assert_reads (fixture, &result, "one");
}

static void
test_read_end (DeviceFixture *fixture,
               gconstpointer  data)
{
  GAsyncResult *result = NULL;

  g_test_summary ("At the peer's orderly end a read gets the rest, then nothing, again and again.");

  pair_send (fixture->far, "last");
  qnet_clear_fd (&fixture->far);

  start_read (fixture, 100, NULL, &result);
  assert_reads (fixture, &result, "last");
  start_read (fixture, 100, NULL, &result);
  assert_reads (fixture, &result, "");
  start_read (fixture, 100, NULL, &result);
  assert_reads (fixture, &result, "");
}

static void
test_read_reset (DeviceFixture *fixture,
                 gconstpointer  data)
{
  GAsyncResult *result = NULL;

  g_test_summary ("When the peer resets the connection a read fails with REMOTE_HOST_CLOSED, "
                  "and so do all after it.");

  start_read (fixture, 100, NULL, &result);
  pair_reset (&fixture->far);
  assert_read_fails (fixture, &result, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);

  start_read (fixture, 100, NULL, &result);
  assert_read_fails (fixture, &result, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}

static void
log_cb (GString *log)
{
  g_string_append_c (log, 's');
}

static void
log_result_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      log)
{
  g_string_append_c (log, 'c');
}

static void
test_read_after_signal (DeviceFixture *fixture,
                        gconstpointer  data)
{
  g_autoptr(GString) log = g_string_new (NULL);

  g_test_summary ("The callback comes after ready-read.");

  g_signal_connect_swapped (fixture->device, "ready-read", G_CALLBACK (log_cb), log);
  qnet_io_device_read_bytes_async (fixture->device, 10, G_PRIORITY_DEFAULT, NULL, log_result_cb,
                                   log);
  pair_send (fixture->far, "x");

  while (log->len < 2)
    g_main_context_iteration (fixture->context, TRUE);
  g_assert_cmpstr (log->str, ==, "sc");
}

static void
take_all_cb (QnetIODevice *device)
{
  g_bytes_unref (qnet_io_device_read_all_bytes (device));
}

static void
test_read_taken (DeviceFixture *fixture,
                 gconstpointer  data)
{
  GAsyncResult *result = NULL;

  g_test_summary ("What a handler of ready-read takes is no longer there: the read continues to "
                  "wait.");

  g_signal_connect (fixture->device, "ready-read", G_CALLBACK (take_all_cb), NULL);
  start_read (fixture, 100, NULL, &result);
  pair_send (fixture->far, "early");
  while (qnet_io_device_get_bytes_received (fixture->device) < (gint64) strlen ("early"))
    g_main_context_iteration (fixture->context, TRUE);
  device_fixture_settle (fixture);
  g_assert_null (result);

  g_signal_handlers_disconnect_by_func (fixture->device, take_all_cb, NULL);
  pair_send (fixture->far, "late");
  assert_reads (fixture, &result, "late");
}

static void
test_pending (DeviceFixture *fixture,
              gconstpointer  data)
{
  GAsyncResult *first = NULL, *second = NULL, *line = NULL;

  g_test_summary ("A second operation of a kind fails with PENDING; one of another kind does not.");

  start_read (fixture, 100, NULL, &first);
  start_read (fixture, 100, NULL, &second);
  start_line (fixture, 0, NULL, &line);
  assert_read_fails (fixture, &second, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_assert_null (first);
  g_assert_null (line);

  pair_send (fixture->far, "some");
  assert_reads (fixture, &first, "some");
  pair_send (fixture->far, "line\n");
  assert_reads_line (fixture, &line, "line\n");
}

static void
test_pending_until_called_back (DeviceFixture *fixture,
                                gconstpointer  data)
{
  GAsyncResult *first = NULL, *second = NULL;

  g_test_summary ("An operation is pending until its callback was called, so that none "
                  "overtakes it.");

  device_fixture_send (fixture, "abc");
  start_read (fixture, 1, NULL, &first);
  start_read (fixture, 1, NULL, &second);
  assert_read_fails (fixture, &second, G_IO_ERROR, G_IO_ERROR_PENDING);
  assert_reads (fixture, &first, "a");
}

static void
test_read_line (DeviceFixture *fixture,
                gconstpointer  data)
{
  GAsyncResult *result = NULL;

  g_test_summary ("A line is read when it is whole, a long one in pieces; then the rest, then "
                  "nothing.");

  start_line (fixture, 0, NULL, &result);
  device_fixture_send (fixture, "on");
  device_fixture_settle (fixture);
  g_assert_null (result);

  pair_send (fixture->far, "e\ntwo three\nrest");
  assert_reads_line (fixture, &result, "one\n");
  start_line (fixture, 4, NULL, &result);
  assert_reads_line (fixture, &result, "two ");
  start_line (fixture, 0, NULL, &result);
  assert_reads_line (fixture, &result, "three\n");

  start_line (fixture, 0, NULL, &result);
  device_fixture_settle (fixture);
  g_assert_null (result);

  qnet_clear_fd (&fixture->far);
  assert_reads_line (fixture, &result, "rest");
  start_line (fixture, 0, NULL, &result);
  assert_reads_line (fixture, &result, "");
}

static void
test_stuck (DeviceFixture *fixture,
            gconstpointer  data)
{
  GAsyncResult *result = NULL;

  g_test_summary ("A transaction that has filled the read buffer lets a read fail at once, "
                  "since nothing can come.");

  qnet_io_device_set_read_buffer_size (fixture->device, 4);
  qnet_io_device_start_transaction (fixture->device);
  device_fixture_send (fixture, "full");

  start_read (fixture, 100, NULL, &result);
  assert_reads (fixture, &result, "full");
  start_read (fixture, 100, NULL, &result);
  assert_read_fails (fixture, &result, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);

  qnet_io_device_rollback_transaction (fixture->device);
  start_read (fixture, 100, NULL, &result);
  assert_reads (fixture, &result, "full");
}

/* Writing */

static void
test_write (DeviceFixture *fixture,
            gconstpointer  data)
{
  g_autoptr(GString) log = g_string_new (NULL);
  GAsyncResult *result = NULL;

  g_test_summary ("A write ends when all was handed to the kernel, after bytes-written.");

  g_signal_connect_swapped (fixture->device, "bytes-written", G_CALLBACK (log_cb), log);
  start_write (fixture, "hello", NULL, &result);
  g_assert_null (result);
  assert_writes (fixture, &result);
  g_assert_cmpstr (log->str, ==, "s");
  pair_assert_gets (fixture->far, "hello");

  start_write (fixture, "", NULL, &result);
  assert_writes (fixture, &result);
}

static void
test_write_waits (DeviceFixture *fixture,
                  gconstpointer  data)
{
  GAsyncResult *write = NULL, *second = NULL, *flush = NULL;
  gsize size;

  g_test_summary ("A write waits while the peer takes nothing; a second one then fails and "
                  "writes nothing.");

  size = device_fixture_clog (fixture);
  start_write (fixture, "tail", NULL, &write);
  start_write (fixture, "nothing", NULL, &second);
  start_flush (fixture, NULL, &flush);
  assert_write_fails (fixture, &second, G_IO_ERROR, G_IO_ERROR_PENDING);
  device_fixture_settle (fixture);
  g_assert_null (write);
  g_assert_null (flush);

  device_fixture_drain (fixture, size);
  assert_writes (fixture, &write);
  pair_assert_gets (fixture->far, "tail");
  assert_flushes (fixture, &flush);
}

static void
test_flush_empty (DeviceFixture *fixture,
                  gconstpointer  data)
{
  GAsyncResult *result = NULL;

  g_test_summary ("A flush with nothing to send ends well, and not inside the call.");

  start_flush (fixture, NULL, &result);
  g_assert_null (result);
  assert_flushes (fixture, &result);
}

/* Cancelling */

static void
test_cancel_read (DeviceFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *bytes = NULL, *line = NULL;

  g_test_summary ("Another thread cancels the reads; what comes at the same time is there for "
                  "the next.");

  start_read (fixture, 100, cancellable, &bytes);
  start_line (fixture, 0, cancellable, &line);
  device_fixture_settle (fixture);

  pair_send (fixture->far, "kept\n");
  cancel_elsewhere (cancellable);
  assert_read_fails (fixture, &bytes, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_line_fails (fixture, &line, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  start_line (fixture, 0, NULL, &line);
  assert_reads_line (fixture, &line, "kept\n");
}

static void
test_cancel_write (DeviceFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *write = NULL, *flush = NULL;
  gsize size;

  g_test_summary ("Another thread cancels a write and a flush; what was queued is sent all the "
                  "same.");

  size = device_fixture_clog (fixture);
  start_write (fixture, "sent", cancellable, &write);
  start_flush (fixture, cancellable, &flush);
  device_fixture_settle (fixture);

  cancel_elsewhere (cancellable);
  assert_write_fails (fixture, &write, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_flush_fails (fixture, &flush, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  device_fixture_drain (fixture, size + strlen ("sent"));
}

static void
test_cancel_before (DeviceFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *result = NULL;

  g_test_summary ("What was cancelled before it began takes no byte and writes none.");

  g_cancellable_cancel (cancellable);
  device_fixture_send (fixture, "kept");

  start_read (fixture, 100, cancellable, &result);
  g_assert_null (result);
  assert_read_fails (fixture, &result, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (qnet_io_device_get_bytes_available (fixture->device), ==, 4);

  start_write (fixture, "unsent", cancellable, &result);
  assert_write_fails (fixture, &result, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (fixture->device), ==, 0);
}

static void
test_cancel_too_late (DeviceFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *result = NULL;

  g_test_summary ("A read that has its bytes already returns them, though it is cancelled before "
                  "its callback.");

  device_fixture_send (fixture, "kept");
  start_read (fixture, 100, cancellable, &result);
  cancel_elsewhere (cancellable);
  assert_reads (fixture, &result, "kept");
}

/* The ends of a connection */

static void
test_not_open (DeviceFixture *fixture,
               gconstpointer  data)
{
  GAsyncResult *result = NULL;

  g_test_summary ("On a device that is not open reading and writing fail with OPERATION.");

  qnet_socket_abort (QNET_SOCKET (fixture->socket));

  start_read (fixture, 100, NULL, &result);
  assert_read_fails (fixture, &result, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  start_line (fixture, 0, NULL, &result);
  assert_line_fails (fixture, &result, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  start_write (fixture, "nowhere", NULL, &result);
  assert_write_fails (fixture, &result, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
}

static void
test_abort (DeviceFixture *fixture,
            gconstpointer  data)
{
  GAsyncResult *read = NULL, *write = NULL, *flush = NULL;

  g_test_summary ("abort() ends every operation with OPERATION, but calls no callback itself.");

  device_fixture_clog (fixture);
  start_read (fixture, 100, NULL, &read);
  start_write (fixture, "lost", NULL, &write);
  start_flush (fixture, NULL, &flush);

  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_assert_null (read);
  g_assert_null (write);
  g_assert_null (flush);

  assert_read_fails (fixture, &read, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  assert_write_fails (fixture, &write, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  assert_flush_fails (fixture, &flush, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
}

static void
test_disconnect (DeviceFixture *fixture,
                 gconstpointer  data)
{
  GAsyncResult *read = NULL, *write = NULL;

  g_test_summary ("disconnect_from_host() lets a write end well, and a read find the end.");

  start_read (fixture, 100, NULL, &read);
  start_write (fixture, "the rest", NULL, &write);
  qnet_abstract_socket_disconnect_from_host (QNET_ABSTRACT_SOCKET (fixture->socket));

  assert_writes (fixture, &write);
  assert_reads (fixture, &read, "");
  pair_assert_gets (fixture->far, "the rest");
}

static void
test_write_reset (DeviceFixture *fixture,
                  gconstpointer  data)
{
  GAsyncResult *write = NULL;

  g_test_summary ("A reset lets a write fail with REMOTE_HOST_CLOSED.");

  device_fixture_clog (fixture);
  start_write (fixture, "lost", NULL, &write);
  pair_reset (&fixture->far);
  assert_write_fails (fixture, &write, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}

static void
test_write_reset_unread (DeviceFixture *fixture,
                         gconstpointer  data)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (fixture->socket);
  GAsyncResult *write = NULL, *flush = NULL;

  g_test_summary ("So it does while reading is paused; what came before can be read then.");

  device_fixture_clog (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (socket));
  pair_send (fixture->far, "unread");
  start_write (fixture, "lost", NULL, &write);
  g_output_stream_flush_async (g_io_stream_get_output_stream (fixture->stream), G_PRIORITY_DEFAULT,
                               NULL, result_cb, &flush);
  pair_reset (&fixture->far);
  assert_write_fails (fixture, &write, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  g_object_unref (await_result (&flush));

  while (qnet_socket_get_state (QNET_SOCKET (socket)) != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (fixture->context, TRUE);
  g_assert_cmpint (qnet_io_device_get_bytes_available (fixture->device), ==, 6);
}

static void
test_close (DeviceFixture *fixture,
            gconstpointer  data)
{
  GAsyncResult *read = NULL, *write = NULL;
  gsize size;

  g_test_summary ("g_io_stream_close() ends a read with OPERATION, while a write continues until "
                  "it is sent.");

  size = device_fixture_clog (fixture);
  start_read (fixture, 100, NULL, &read);
  start_write (fixture, "sent", NULL, &write);

  g_assert_true (g_io_stream_close (fixture->stream, NULL, NULL));
  g_assert_null (read);
  assert_read_fails (fixture, &read, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_null (write);

  device_fixture_drain (fixture, size + strlen ("sent"));
  assert_writes (fixture, &write);
}

static void
reconnect_cb (QnetAbstractSocket *socket,
              gpointer            near)
{
  qnet_socket_set_fd (QNET_SOCKET (
    socket), GPOINTER_TO_INT (near), QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE, NULL);
}

static void
test_reconnect (DeviceFixture *fixture,
                gconstpointer  data)
{
  GAsyncResult *old = NULL, *new = NULL;
  int near, far;

  g_test_summary ("A read of the old connection takes nothing of one that a handler of "
                  "disconnected has begun.");

  pair_open_tcp (&near, &far);
  g_signal_connect (fixture->socket, "disconnected", G_CALLBACK (reconnect_cb),
                    GINT_TO_POINTER (near));

  start_read (fixture, 100, NULL, &old);
  pair_send (far, "new");
  qnet_clear_fd (&fixture->far);
  fixture->far = far;

  assert_reads (fixture, &old, "");
  start_read (fixture, 100, NULL, &new);
  assert_reads (fixture, &new, "new");
  g_signal_handlers_disconnect_by_func (fixture->socket, reconnect_cb, GINT_TO_POINTER (near));
}

static void
test_disposed (DeviceFixture *fixture,
               gconstpointer  data)
{
  GAsyncResult *read = NULL, *ended = NULL;

  g_test_summary ("Disposing of a device by force ends its operations with CLOSED, even one "
                  "that has its bytes.");

  device_fixture_send (fixture, "taken");
  start_read (fixture, 100, NULL, &ended);
  start_line (fixture, 0, NULL, &read);
  g_object_run_dispose (G_OBJECT (fixture->device));

  assert_reads (fixture, &ended, "taken");
  assert_line_fails (fixture, &read, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static void
dispose_and_run_cb (GObject       *device,
                    GParamSpec    *pspec,
                    DeviceFixture *fixture)
{
  g_signal_handlers_disconnect_by_func (device, dispose_and_run_cb, fixture);
  g_object_run_dispose (device);

  while (g_main_context_iteration (fixture->context, FALSE))
    continue;
}

static void
test_disposed_while_reading (DeviceFixture *fixture,
                             gconstpointer  data)
{
  GAsyncResult *read = NULL;

  g_test_summary ("A handler that is notified of what an operation reads disposes the device, and "
                  "runs the loop: the operation returns what it has read, after the handler.");

  device_fixture_send (fixture, "taken");
  g_signal_connect (fixture->device, "notify::bytes-available", G_CALLBACK (dispose_and_run_cb),
                    fixture);
  start_read (fixture, 100, NULL, &read);

  assert_reads (fixture, &read, "taken");
}

/* Callbacks */

typedef struct
{
  DeviceFixture *fixture;
  GString       *text;
  gboolean       has_ended;
} Chain;

static void
chain_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Chain *chain = user_data;
  g_autoptr(GBytes) bytes =
    qnet_io_device_read_bytes_finish (QNET_IO_DEVICE (source), result, NULL);

  chain->has_ended = g_bytes_get_size (bytes) == 0;
  g_string_append_len (chain->text, g_bytes_get_data (bytes, NULL),
                       (gssize) g_bytes_get_size (bytes));

  if (!chain->has_ended)
    qnet_io_device_read_bytes_async (QNET_IO_DEVICE (source), 2, G_PRIORITY_DEFAULT, NULL, chain_cb,
                                     chain);
}

static void
test_callback_reads_on (DeviceFixture *fixture,
                        gconstpointer  data)
{
  Chain chain = { fixture, g_string_new (NULL), FALSE };

  g_test_summary ("A callback may start the next read; a pending one keeps the device alive "
                  "without other references.");

  qnet_io_device_read_bytes_async (fixture->device, 2, G_PRIORITY_DEFAULT, NULL, chain_cb, &chain);
  device_fixture_drop (fixture);
  pair_send (fixture->far, "a chain of reads");
  qnet_clear_fd (&fixture->far);

  while (!chain.has_ended)
    g_main_context_iteration (fixture->context, TRUE);
  g_assert_cmpstr (chain.text->str, ==, "a chain of reads");
  g_string_free (chain.text, TRUE);
}

static void
nest_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  Chain *chain = user_data;
  g_autoptr(GBytes) bytes =
    qnet_io_device_read_bytes_finish (QNET_IO_DEVICE (source), result, NULL);
  GAsyncResult *nested = NULL;

  g_string_append_len (chain->text, g_bytes_get_data (bytes, NULL),
                       (gssize) g_bytes_get_size (bytes));

  pair_send (chain->fixture->far, "inner");
  start_read (chain->fixture, 100, NULL, &nested);
  assert_reads (chain->fixture, &nested, "inner");
  qnet_socket_abort (QNET_SOCKET (source));
  chain->has_ended = TRUE;
}

static void
test_callback_nests (DeviceFixture *fixture,
                     gconstpointer  data)
{
  Chain chain = { fixture, g_string_new (NULL), FALSE };

  g_test_summary ("A callback may run the loop, read, and abort.");

  qnet_io_device_read_bytes_async (fixture->device, 100, G_PRIORITY_DEFAULT, NULL, nest_cb, &chain);
  pair_send (fixture->far, "outer");
  while (!chain.has_ended)
    g_main_context_iteration (fixture->context, TRUE);
  g_assert_cmpstr (chain.text->str, ==, "outer");
  g_string_free (chain.text, TRUE);
}

static void
abort_cb (QnetAbstractSocket *socket)
{
  qnet_socket_abort (QNET_SOCKET (socket));
}

static void
test_handler_in_step (DeviceFixture *fixture,
                      gconstpointer  data)
{
  GAsyncResult *read = NULL, *write = NULL;

  g_test_summary ("A handler of notify that aborts in the midst of an operation takes no byte "
                  "of it away.");

  device_fixture_send (fixture, "mine");
  g_signal_connect (fixture->device, "notify::bytes-available", G_CALLBACK (abort_cb), NULL);
  start_read (fixture, 2, NULL, &read);
  start_write (fixture, "nowhere", NULL, &write);

  assert_reads (fixture, &read, "mi");
  assert_write_fails (fixture, &write, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
}

static void
test_context (DeviceFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(GMainContext) other = g_main_context_new ();
  GAsyncResult *result = NULL;

  g_test_summary ("The callback comes from the context of the call, whichever the device "
                  "belongs to.");

  g_main_context_push_thread_default (other);
  start_read (fixture, 100, NULL, &result);
  g_main_context_pop_thread_default (other);

  device_fixture_send (fixture, "");
  pair_send (fixture->far, "x");
  while (!g_main_context_pending (other))
    g_main_context_iteration (fixture->context, TRUE);
  device_fixture_settle (fixture);
  g_assert_null (result);

  while (g_main_context_iteration (other, FALSE))
    ;
  assert_reads (fixture, &result, "x");
}

static gpointer
read_detached (gpointer near)
{
  g_autoptr(QnetTcpSocket) socket = device_fixture_wrap (GPOINTER_TO_INT (near));

  qnet_io_device_read_bytes_async (QNET_IO_DEVICE (socket), 1, G_PRIORITY_DEFAULT, NULL, NULL,
                                   NULL);
  g_assert_cmpint (qnet_io_device_write (QNET_IO_DEVICE (socket), "ok", 2, NULL), ==, 2);
  g_assert_true (qnet_io_device_wait_for_bytes_written (QNET_IO_DEVICE (socket), -1, NULL));

  return NULL;
}

static void
test_detached (DeviceFixture *fixture,
               gconstpointer  data)
{
  g_autoptr(GThread) thread = NULL;
  int near, far;

  g_test_summary ("Where no loop moves the device a read that would have to wait fails at once.");

  pair_open_tcp (&near, &far);
  thread = g_thread_new ("client", read_detached, GINT_TO_POINTER (near));
  g_thread_join (g_steal_pointer (&thread));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  pair_assert_gets (far, "ok");
  qnet_clear_fd (&far);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, test) \
  g_test_add ("/io-device/async/" path, DeviceFixture, NULL, device_fixture_set_up, test, \
              device_fixture_tear_down)

  ADD ("read/there", test_read_there);
  ADD ("read/waits", test_read_waits);
  ADD ("read/end", test_read_end);
  ADD ("read/reset", test_read_reset);
  ADD ("read/after-signal", test_read_after_signal);
  ADD ("read/taken", test_read_taken);
  ADD ("read/stuck", test_stuck);
  ADD ("read-line", test_read_line);
  ADD ("pending", test_pending);
  ADD ("pending/until-called-back", test_pending_until_called_back);
  ADD ("write", test_write);
  ADD ("write/waits", test_write_waits);
  ADD ("write/reset", test_write_reset);
  ADD ("write/reset/unread", test_write_reset_unread);
  ADD ("flush/empty", test_flush_empty);
  ADD ("cancel/read", test_cancel_read);
  ADD ("cancel/write", test_cancel_write);
  ADD ("cancel/before", test_cancel_before);
  ADD ("cancel/too-late", test_cancel_too_late);
  ADD ("end/not-open", test_not_open);
  ADD ("end/abort", test_abort);
  ADD ("end/disconnect", test_disconnect);
  ADD ("end/close", test_close);
  ADD ("end/reconnect", test_reconnect);
  ADD ("end/disposed", test_disposed);
  ADD ("end/disposed-while-reading", test_disposed_while_reading);
  ADD ("callback/reads-on", test_callback_reads_on);
  ADD ("callback/nests", test_callback_nests);
  ADD ("callback/handler-in-step", test_handler_in_step);
  ADD ("callback/context", test_context);
  ADD ("detached", test_detached);

  return g_test_run ();
}
