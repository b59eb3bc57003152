/* test-io-device-closing.c: g_io_stream_close() on a QnetIODevice
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#include <string.h>

#include "base/qnet-syscall-private.h"
#include "common/device-fixture.h"
#include "common/pair.h"

/* Signals, as letters: a about-to-close, n notify::state, d disconnected */

static void
log_about_to_close_cb (QnetIODevice *device,
                       GString      *log)
{
  g_assert_true (qnet_io_device_is_open (device));
  g_string_append_c (log, 'a');
}

static void
log_state_cb (QnetAbstractSocket *socket,
              GParamSpec         *pspec,
              GString            *log)
{
  g_string_append_c (log, 'n');
}

static void
log_disconnected_cb (QnetAbstractSocket *socket,
                     GString            *log)
{
  g_string_append_c (log, 'd');
}

static GString *
log_signals (DeviceFixture *fixture)
{
  GString *log = g_string_new (NULL);

  g_signal_connect (fixture->socket, "about-to-close", G_CALLBACK (log_about_to_close_cb), log);
  g_signal_connect (fixture->socket, "notify::state", G_CALLBACK (log_state_cb), log);
  g_signal_connect (fixture->socket, "disconnected", G_CALLBACK (log_disconnected_cb), log);

  return log;
}

static QnetSocketState
get_state (DeviceFixture *fixture)
{
  return qnet_socket_get_state (QNET_SOCKET (fixture->socket));
}

static void
await_unconnected (DeviceFixture *fixture)
{
  while (get_state (fixture) != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (fixture->context, TRUE);
}

static void
close_now (DeviceFixture *fixture)
{
  GError *error = NULL;

  g_assert_true (g_io_stream_close (fixture->stream, NULL, &error));
  g_assert_no_error (error);
}

/* Plain closing */

static void
test_order (DeviceFixture *fixture,
            gconstpointer  data)
{
  GString *log = log_signals (fixture);

  g_test_summary ("Closing emits about-to-close alone, and ends the connection; the other signals "
                  "come from the loop, and what was written arrives.");

  qnet_io_device_write_string (fixture->device, "the rest", NULL);
  close_now (fixture);
  g_assert_cmpstr (log->str, ==, "a");
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_socket_get_fd (QNET_SOCKET (fixture->socket)), ==, -1);
  g_assert_false (qnet_io_device_is_open (fixture->device));
  g_assert_true (g_io_stream_is_closed (fixture->stream));

  await_unconnected (fixture);
  device_fixture_settle (fixture);
  g_assert_cmpstr (log->str, ==, "annd");
  pair_assert_gets (fixture->far, "the rest");
  pair_assert_gets (fixture->far, "");

  g_string_free (log, TRUE);
}

static void
test_twice (DeviceFixture *fixture,
            gconstpointer  data)
{
  GString *log = log_signals (fixture);

  g_test_summary ("Closing again is right and does nothing, before the end and after it.");

  close_now (fixture);
  close_now (fixture);
  await_unconnected (fixture);
  device_fixture_settle (fixture);
  close_now (fixture);
  device_fixture_settle (fixture);
  g_assert_cmpstr (log->str, ==, "annd");

  g_string_free (log, TRUE);
}

static void
read_rest_cb (QnetIODevice *device,
              GBytes      **rest)
{
  *rest = qnet_io_device_read_all_bytes (device);
}

static void
test_rest_readable (DeviceFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(GBytes) rest = NULL;

  g_test_summary ("What is in the read buffer can be read in about-to-close, and not afterwards.");

  g_signal_connect (fixture->device, "about-to-close", G_CALLBACK (read_rest_cb), &rest);
  device_fixture_send (fixture, "rest");
  close_now (fixture);
  g_assert_cmpuint (g_bytes_get_size (rest), ==, 4);
  g_assert_cmpint (qnet_io_device_get_bytes_available (fixture->device), ==, 0);
}

static void
test_dropped (DeviceFixture *fixture,
              gconstpointer  data)
{
  gpointer weak = fixture->socket;

  g_test_summary ("A device that is dropped right after closing is freed at once, and what was "
                  "written is sent.");

  g_object_add_weak_pointer (weak, &weak);
  qnet_io_device_write_string (fixture->device, "the rest", NULL);
  close_now (fixture);
  device_fixture_drop (fixture);
  g_assert_null (weak);
  pair_assert_gets (fixture->far, "the rest");
  pair_assert_gets (fixture->far, "");
}

static void
test_final (DeviceFixture *fixture,
            gconstpointer  data)
{
  g_test_summary ("A closed socket does not connect again: OPERATION.");

  close_now (fixture);
  await_unconnected (fixture);
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (fixture->socket), "127.0.0.1", 1);
  device_fixture_settle (fixture);
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_io_device_get_error_code (fixture->device), ==,
                   QNET_SOCKET_ERROR_OPERATION);
}

static void
test_never_connected (DeviceFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  GAsyncResult *result = NULL;
  g_autoptr(GAsyncResult) ended = NULL;

  g_test_summary ("A socket that was never connected closes, too.");

  g_io_stream_close_async (G_IO_STREAM (socket), G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  ended = await_result (&result);
  g_assert_true (g_io_stream_close_finish (G_IO_STREAM (socket), ended, NULL));
  g_assert_true (g_io_stream_is_closed (G_IO_STREAM (socket)));
}

static void
test_silent_dispose (DeviceFixture *fixture,
                     gconstpointer  data)
{
  GString *log = log_signals (fixture);

  g_test_summary ("Dropping the last reference is silent, though GIOStream closes then.");

  qnet_io_device_write_string (fixture->device, "the rest", NULL);
  device_fixture_drop (fixture);
  device_fixture_settle (fixture);
  g_assert_cmpstr (log->str, ==, "");
  pair_assert_gets (fixture->far, "the rest");

  g_string_free (log, TRUE);
}

/* With a callback */

static void
test_async (DeviceFixture *fixture,
            gconstpointer  data)
{
  GString *log = log_signals (fixture);
  g_autoptr(GAsyncResult) ended = NULL;
  g_autoptr(GError) error = NULL;
  GAsyncResult *result = NULL;
  gsize size;

  g_test_summary ("With a callback it ends after disconnected, in this thread; meanwhile the "
                  "stream is pending.");

  size = device_fixture_clog (fixture);
  g_io_stream_close_async (fixture->stream, G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  g_assert_true (g_io_stream_has_pending (fixture->stream));
  g_assert_false (g_io_stream_close (fixture->stream, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);

  device_fixture_settle (fixture);
  g_assert_null (result);
  g_assert_cmpstr (log->str, ==, "an");

  device_fixture_drain (fixture, size);
  ended = await_result (&result);
  g_assert_true (g_io_stream_close_finish (fixture->stream, ended, NULL));
  g_assert_cmpstr (log->str, ==, "annd");
  g_assert_true (g_io_stream_is_closed (fixture->stream));

  g_string_free (log, TRUE);
}

static void
test_async_twice (DeviceFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GAsyncResult) first_ended = NULL;
  g_autoptr(GAsyncResult) second_ended = NULL;
  GAsyncResult *first = NULL, *second = NULL;

  g_test_summary ("Closing a closed stream with a callback ends well.");

  g_io_stream_close_async (fixture->stream, G_PRIORITY_DEFAULT, NULL, result_cb, &first);
  first_ended = await_result (&first);
  g_assert_true (g_io_stream_close_finish (fixture->stream, first_ended, NULL));
  g_io_stream_close_async (fixture->stream, G_PRIORITY_DEFAULT, NULL, result_cb, &second);
  second_ended = await_result (&second);
  g_assert_true (g_io_stream_close_finish (fixture->stream, second_ended, NULL));
}

static void
test_async_cancelled (DeviceFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) ended = NULL;
  g_autoptr(GError) error = NULL;
  GAsyncResult *result = NULL;
  gsize size;

  g_test_summary ("Another thread cancels the wait for the end; the closing itself continues.");

  size = device_fixture_clog (fixture);
  g_io_stream_close_async (fixture->stream, G_PRIORITY_DEFAULT, cancellable, result_cb, &result);
  device_fixture_settle (fixture);
  cancel_elsewhere (cancellable);
  ended = await_result (&result);
  g_assert_false (g_io_stream_close_finish (fixture->stream, ended, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (g_io_stream_is_closed (fixture->stream));

  device_fixture_drain (fixture, size);
  await_unconnected (fixture);
}

/* The streams of a device that closes */

static void
test_streams (DeviceFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(GInputStream) input = g_object_ref (g_io_stream_get_input_stream (fixture->stream));
  g_autoptr(GOutputStream) output = g_object_ref (g_io_stream_get_output_stream (fixture->stream));

  g_test_summary ("Closing the device closes both streams, without blocking for what is unsent.");

  device_fixture_clog (fixture);
  close_now (fixture);
  g_assert_true (g_input_stream_is_closed (input));
  g_assert_true (g_output_stream_is_closed (output));
  g_assert_true (g_io_stream_get_input_stream (fixture->stream) == input);
  g_assert_true (g_io_stream_get_output_stream (fixture->stream) == output);
}

static void
test_streams_pending (DeviceFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(GInputStream) input = g_object_ref (g_io_stream_get_input_stream (fixture->stream));
  g_autoptr(GAsyncResult) ended = NULL;
  g_autoptr(GError) error = NULL;
  GAsyncResult *result = NULL;
  char byte;

  g_test_summary ("A read that is pending when the device is closed ends with CLOSED, not "
                  "inside the call.");

  g_input_stream_read_async (input, &byte, 1, G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  close_now (fixture);
  g_assert_null (result);
  ended = await_result (&result);
  g_assert_cmpint (g_input_stream_read_finish (input, ended, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);

  g_assert_cmpint (g_input_stream_read (input, &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

/* In handlers */

static void
close_cb (GIOStream *stream)
{
  g_io_stream_close (stream, NULL, NULL);
}

static void
test_in_handler (DeviceFixture *fixture,
                 gconstpointer  signal_name)
{
  GString *log = log_signals (fixture);

  g_test_summary ("A handler of any signal may close, and about-to-close comes once.");

  g_signal_connect (fixture->stream, signal_name, G_CALLBACK (close_cb), NULL);
  qnet_io_device_write_string (fixture->device, "x", NULL);
  pair_send (fixture->far, "y");
  qnet_clear_fd (&fixture->far);
  await_unconnected (fixture);
  device_fixture_settle (fixture);
  close_now (fixture);
  device_fixture_settle (fixture);

  g_assert_true (g_io_stream_is_closed (fixture->stream));
  g_assert_cmpint (strchr (log->str, 'a') - strrchr (log->str, 'a'), ==, 0);
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);

  g_string_free (log, TRUE);
}

static void
drop_cb (GIOStream     *stream,
         DeviceFixture *fixture)
{
  device_fixture_drop (fixture);
}

static void
abort_cb (QnetAbstractSocket *socket)
{
  qnet_socket_abort (QNET_SOCKET (socket));
}

static void
test_handler_drops (DeviceFixture *fixture,
                    gconstpointer  data)
{
  GIOStream *stream = fixture->stream;
  gpointer weak = stream;

  g_test_summary ("A handler of about-to-close may drop the last reference.");

  g_object_add_weak_pointer (weak, &weak);
  g_signal_connect (stream, "about-to-close", G_CALLBACK (drop_cb), fixture);
  g_assert_true (g_io_stream_close (stream, NULL, NULL));
  while (weak != NULL)
    g_main_context_iteration (fixture->context, TRUE);
}

static void
test_handler_aborts (DeviceFixture *fixture,
                     gconstpointer  data)
{
  GString *log = log_signals (fixture);
  g_autoptr(GAsyncResult) ended = NULL;
  GAsyncResult *result = NULL;

  g_test_summary ("A handler of about-to-close may abort.");

  g_signal_connect (fixture->stream, "about-to-close", G_CALLBACK (abort_cb), NULL);
  g_io_stream_close_async (fixture->stream, G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  ended = await_result (&result);
  g_assert_true (g_io_stream_close_finish (fixture->stream, ended, NULL));
  g_assert_cmpstr (log->str, ==, "and");

  g_string_free (log, TRUE);
}

static void
test_notified_aborts_and_drops (DeviceFixture *fixture,
                                gconstpointer  data)
{
  GIOStream *stream = fixture->stream;
  gpointer weak = stream;

  g_test_summary ("A handler of what is notified in the middle of closing may abort, and drop "
                  "the last reference.");

  g_object_add_weak_pointer (weak, &weak);
  g_signal_connect (stream, "notify::open-mode", G_CALLBACK (abort_cb), NULL);
  g_signal_connect (stream, "disconnected", G_CALLBACK (drop_cb), fixture);
  g_assert_true (g_io_stream_close (stream, NULL, NULL));
  g_assert_null (weak);
  device_fixture_settle (fixture);
}

static void
abort_while_closing_cb (QnetSocket      *socket,
                        QnetSocketState  state)
{
  if (state == QNET_SOCKET_STATE_CLOSING)
    qnet_socket_abort (socket);
}

static void
test_aborted_twice (DeviceFixture *fixture,
                    gconstpointer  data)
{
  GString *log = log_signals (fixture);

  g_test_summary ("abort() right after closing reports first that the connection is closing, and a "
                  "handler of that may abort, too: there is one end.");

  device_fixture_clog (fixture);
  g_signal_connect (fixture->socket, "state-changed", G_CALLBACK (abort_while_closing_cb), NULL);
  close_now (fixture);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
  device_fixture_settle (fixture);
  g_assert_cmpstr (log->str, ==, "annd");

  g_string_free (log, TRUE);
}

/* Without a loop */

static void
test_context_gone (DeviceFixture *fixture,
                   gconstpointer  data)
{
  gpointer weak = fixture->socket;

  g_test_summary ("A device that was closing when its context was freed is freed with it.");

  g_object_add_weak_pointer (weak, &weak);
  close_now (fixture);
  device_fixture_drop (fixture);

  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
  g_assert_null (weak);

  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
}

static void
test_orphan (DeviceFixture *fixture,
             gconstpointer  data)
{
  g_test_summary ("A device whose context was freed closes at once.");

  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);

  close_now (fixture);
  g_assert_cmpint (get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
}

static gpointer
close_detached (gpointer near)
{
  g_autoptr(QnetTcpSocket) socket = device_fixture_wrap (GPOINTER_TO_INT (near));

  qnet_io_device_write_string (QNET_IO_DEVICE (socket), "the rest", NULL);
  g_assert_true (g_io_stream_close (G_IO_STREAM (socket), NULL, NULL));
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);

  return NULL;
}

/* (nullable): the socket, if it is still there */
static gpointer
close_detached_after_end (gpointer near)
{
  QnetTcpSocket *socket = device_fixture_wrap (GPOINTER_TO_INT (near));
  gpointer weak = socket;

  g_object_add_weak_pointer (weak, &weak);
  g_assert_true (qnet_socket_wait_for_disconnected (QNET_SOCKET (socket), 30000, NULL));
  g_assert_true (g_io_stream_close (G_IO_STREAM (socket), NULL, NULL));
  g_object_unref (socket);

  return weak;
}

static void
test_detached_after_end (DeviceFixture *fixture,
                         gconstpointer  data)
{
  int near, far;

  g_test_summary ("Where no loop moves the device, closing what has ended already leaves nothing "
                  "behind.");

  pair_open_tcp (&near, &far);
  g_assert_no_errno (close (far));
  g_assert_null (g_thread_join (g_thread_new ("client", close_detached_after_end,
                                              GINT_TO_POINTER (near))));
}

static void
test_detached (DeviceFixture *fixture,
               gconstpointer  data)
{
  int near, far;

  g_test_summary ("Where no loop moves the device closing sends the rest inside the call.");

  pair_open_tcp (&near, &far);
  g_thread_join (g_thread_new ("client", close_detached, GINT_TO_POINTER (near)));
  pair_assert_gets (far, "the rest");
  pair_assert_gets (far, "");
  qnet_clear_fd (&far);
}

static void
test_after_reset (DeviceFixture *fixture,
                  gconstpointer  data)
{
  g_test_summary ("Closing a connection that the peer has reset before succeeds: nothing that "
                  "was written is lost by it.");

  device_fixture_settle (fixture);
  pair_reset (&fixture->far);
  await_unconnected (fixture);
  g_assert_error (qnet_io_device_get_error (fixture->device), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);

  close_now (fixture);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD_WITH(path, data, test) \
  g_test_add ("/io-device/closing/" path, DeviceFixture, data, device_fixture_set_up, test, \
              device_fixture_tear_down)
#define ADD(path, test) ADD_WITH (path, NULL, test)

  ADD ("order", test_order);
  ADD ("twice", test_twice);
  ADD ("rest-readable", test_rest_readable);
  ADD ("dropped", test_dropped);
  ADD ("final", test_final);
  ADD ("never-connected", test_never_connected);
  ADD ("silent-dispose", test_silent_dispose);
  ADD ("async", test_async);
  ADD ("async/twice", test_async_twice);
  ADD ("async/cancelled", test_async_cancelled);
  ADD ("streams", test_streams);
  ADD ("streams/pending", test_streams_pending);
  ADD_WITH ("handler/about-to-close", "about-to-close", test_in_handler);
  ADD_WITH ("handler/ready-read", "ready-read", test_in_handler);
  ADD_WITH ("handler/bytes-written", "bytes-written", test_in_handler);
  ADD_WITH ("handler/read-channel-finished", "read-channel-finished", test_in_handler);
  ADD_WITH ("handler/disconnected", "disconnected", test_in_handler);
  ADD_WITH ("handler/notify-state", "notify::state", test_in_handler);
  ADD_WITH ("handler/notify-open-mode", "notify::open-mode", test_in_handler);
  ADD ("handler/drops", test_handler_drops);
  ADD ("handler/aborts", test_handler_aborts);
  ADD ("handler/notified", test_notified_aborts_and_drops);
  ADD ("handler/aborted-twice", test_aborted_twice);
  ADD ("context-gone", test_context_gone);
  ADD ("orphan", test_orphan);
  ADD ("after-reset", test_after_reset);
  ADD ("detached", test_detached);
  ADD ("detached/after-end", test_detached_after_end);

  return g_test_run ();
}
