/* test-io-device-streams.c: the two GIO streams of a QnetIODevice
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/qnet-syscall-private.h"
#include "common/device-fixture.h"
#include "common/pair.h"

/* What the output stream queues if write-buffer-high-water is not set. */
#define HIGH_WATER (256 * 1024)

static GInputStream *
get_input (DeviceFixture *fixture)
{
  return g_io_stream_get_input_stream (fixture->stream);
}

static GOutputStream *
get_output (DeviceFixture *fixture)
{
  return g_io_stream_get_output_stream (fixture->stream);
}

/* The streams and their references */

static void
test_no_cycle (DeviceFixture *fixture,
               gconstpointer  data)
{
  g_autoptr(GInputStream) input = NULL;
  g_autoptr(GOutputStream) output = NULL;

  g_test_summary ("A stream is created once, and does not keep its device alive without a "
                  "reference.");

  g_assert_true (get_input (fixture) == get_input (fixture));
  g_assert_true (get_output (fixture) == get_output (fixture));

  g_object_get (fixture->stream, "input-stream", &input, "output-stream", &output, NULL);
  g_assert_true (input == get_input (fixture));
  g_assert_true (output == get_output (fixture));
  g_clear_object (&input);
  g_clear_object (&output);

  fixture->device = NULL;
  fixture->stream = NULL;
  g_assert_finalize_object (g_steal_pointer (&fixture->socket));
}

static void
test_held (DeviceFixture *fixture,
           gconstpointer  data)
{
  GInputStream *input = g_object_ref (get_input (fixture));
  GOutputStream *output = g_object_ref (get_output (fixture));
  gpointer weak = fixture->socket;
  char buffer[10] = { 0, };

  g_test_summary ("A stream that is held keeps its device; dropping the last one frees both.");

  g_object_add_weak_pointer (weak, &weak);
  device_fixture_drop (fixture);
  g_assert_nonnull (weak);

  g_object_unref (output);
  g_assert_nonnull (weak);

  pair_send (fixture->far, "alive");
  g_assert_cmpint (g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL), ==, 5);
  g_assert_cmpstr (buffer, ==, "alive");

  g_assert_finalize_object (input);
  g_assert_null (weak);
}

static void
test_pending_holds (DeviceFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(GAsyncResult) ended = NULL;
  GAsyncResult *result = NULL;
  gpointer weak = fixture->socket;
  char buffer[10];

  g_test_summary ("An operation on a stream keeps the device alive until it has ended.");

  g_object_add_weak_pointer (weak, &weak);
  g_input_stream_read_async (get_input (fixture), buffer, sizeof buffer, G_PRIORITY_DEFAULT, NULL,
                             result_cb, &result);
  device_fixture_drop (fixture);
  g_assert_nonnull (weak);

  qnet_clear_fd (&fixture->far);
  ended = await_result (&result);
  g_clear_object (&ended);
  device_fixture_settle (fixture);
  g_assert_null (weak);
}

static void
test_forced_dispose (DeviceFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr(GInputStream) input = g_object_ref (get_input (fixture));
  g_autoptr(GOutputStream) output = g_object_ref (get_output (fixture));
  g_autoptr(GAsyncResult) ended = NULL;
  g_autoptr(GError) error = NULL;
  GAsyncResult *result = NULL;
  char byte;

  g_test_summary ("Streams that outlive a device, which was disposed by force, say CLOSED.");

  g_object_run_dispose (G_OBJECT (fixture->device));
  fixture->device = NULL;
  fixture->stream = NULL;
  g_assert_finalize_object (g_steal_pointer (&fixture->socket));

  g_assert_cmpint (g_input_stream_read (input, &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_cmpint (g_output_stream_write (output, "x", 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_false (g_output_stream_flush (output, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);

  g_output_stream_flush_async (output, G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  ended = await_result (&result);
  g_assert_false (g_output_stream_flush_finish (output, ended, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static void
test_close_input (DeviceFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GInputStream) old = g_object_ref (get_input (fixture));
  g_autoptr(GError) error = NULL;
  char buffer[10];

  g_test_summary ("Closing the input stream closes that alone; the next one reads on.");

  g_assert_true (g_input_stream_close (old, NULL, NULL));
  g_assert_cmpint (g_input_stream_read (old, buffer, 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);

  g_assert_false (g_io_stream_is_closed (fixture->stream));
  g_assert_true (qnet_io_device_is_open (fixture->device));
  g_assert_true (get_input (fixture) != old);

  pair_send (fixture->far, "on");
  g_assert_cmpint (g_input_stream_read (get_input (fixture), buffer, sizeof buffer, NULL, NULL), ==,
                   2);
}

static void
test_close_output (DeviceFixture *fixture,
                   gconstpointer  data)
{
  GOutputStream *old = get_output (fixture);

  g_test_summary ("Closing the output stream flushes first, and closes that alone.");

  g_assert_cmpint (g_output_stream_write (old, "sent", 4, NULL, NULL), ==, 4);
  g_assert_true (g_output_stream_close (old, NULL, NULL));
  pair_assert_gets (fixture->far, "sent");

  g_assert_true (qnet_io_device_is_open (fixture->device));
  g_assert_false (g_output_stream_is_closed (get_output (fixture)));
  pair_assert_quiet (fixture->far);
}

static void
test_close_async (DeviceFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GInputStream) input = g_object_ref (get_input (fixture));
  g_autoptr(GOutputStream) output = g_object_ref (get_output (fixture));
  g_autoptr(GAsyncResult) input_ended = NULL;
  g_autoptr(GAsyncResult) output_ended = NULL;
  GAsyncResult *input_result = NULL, *output_result = NULL;
  gsize size;

  g_test_summary ("Both close with a callback, too, the output after it was flushed.");

  size = device_fixture_clog (fixture);
  g_input_stream_close_async (input, G_PRIORITY_DEFAULT, NULL, result_cb, &input_result);
  g_output_stream_close_async (output, G_PRIORITY_DEFAULT, NULL, result_cb, &output_result);

  input_ended = await_result (&input_result);
  g_assert_true (g_input_stream_close_finish (input, input_ended, NULL));
  device_fixture_settle (fixture);
  g_assert_null (output_result);

  device_fixture_drain (fixture, size);
  output_ended = await_result (&output_result);
  g_assert_true (g_output_stream_close_finish (output, output_ended, NULL));
  g_assert_false (g_io_stream_is_closed (fixture->stream));
}

static void
end_of_peer (DeviceFixture *fixture)
{
  g_assert_no_errno (shutdown (fixture->far, SHUT_WR));
  while (!qnet_io_device_is_read_finished (fixture->device))
    g_main_context_iteration (fixture->context, TRUE);
  device_fixture_settle (fixture);

  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (fixture->socket)), ==,
                   QNET_SOCKET_STATE_CONNECTED);
}

static void
await_unconnected (DeviceFixture *fixture)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (fixture->socket);

  while (qnet_socket_get_state (QNET_SOCKET (socket)) != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (fixture->context, TRUE);
}

static void
test_half_open (DeviceFixture *fixture,
                gconstpointer  data)
{
  g_autoptr(GOutputStream) output = g_object_ref (get_output (fixture));

  g_test_summary ("While an output stream is held the peer's end leaves writing open.");

  end_of_peer (fixture);
  g_assert_true (g_output_stream_write_all (output, "answer", 6, NULL, NULL, NULL));
  g_assert_true (g_output_stream_flush (output, NULL, NULL));
  pair_assert_gets (fixture->far, "answer");
}

static void
test_half_open_not_held (DeviceFixture *fixture,
                         gconstpointer  data)
{
  g_test_summary ("An output stream without a reference does not keep the connection open.");

  get_output (fixture);
  g_assert_no_errno (shutdown (fixture->far, SHUT_WR));
  await_unconnected (fixture);
}

static void
test_half_open_dropped (DeviceFixture *fixture,
                        gconstpointer  data)
{
  GOutputStream *output = g_object_ref (get_output (fixture));

  g_test_summary ("If it is released after the end of stream, an output stream ends the "
                  "connection.");

  end_of_peer (fixture);
  g_assert_cmpint (g_output_stream_write (output, "last", 4, NULL, NULL), ==, 4);
  g_object_unref (output);
  await_unconnected (fixture);
  pair_assert_gets (fixture->far, "last");
  pair_assert_gets (fixture->far, "");
}

static void
test_half_open_closed (DeviceFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr(GOutputStream) output = g_object_ref (get_output (fixture));

  g_test_summary ("So it does if it is closed then, though a reference remains.");

  end_of_peer (fixture);
  g_assert_true (g_output_stream_close (output, NULL, NULL));
  await_unconnected (fixture);
}

static void
test_half_open_closed_async (DeviceFixture *fixture,
                             gconstpointer  data)
{
  g_autoptr(GOutputStream) output = g_object_ref (get_output (fixture));
  g_autoptr(GAsyncResult) ended = NULL;
  GAsyncResult *result = NULL;

  g_test_summary ("So it does if it is closed with a callback.");

  end_of_peer (fixture);
  g_output_stream_close_async (output, G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  ended = await_result (&result);
  g_assert_true (g_output_stream_close_finish (output, ended, NULL));
  await_unconnected (fixture);
}

static gpointer
drop_in_thread (gpointer stream)
{
  g_object_unref (stream);

  return NULL;
}

/* During a wait, in which no other thread can become the owner */
static void
drop_elsewhere_cb (QnetIODevice   *device,
                   gint64          size,
                   GOutputStream **output)
{
  g_thread_join (g_thread_new ("dropper", drop_in_thread, g_steal_pointer (output)));
}

/* Has no loop: nothing that the other thread does can be left to it. */
static gpointer
own_in_thread (gpointer near)
{
  g_autoptr(QnetTcpSocket) socket = device_fixture_wrap (GPOINTER_TO_INT (near));
  QnetIODevice *device = QNET_IO_DEVICE (socket);
  GOutputStream *output = g_object_ref (g_io_stream_get_output_stream (G_IO_STREAM (socket)));

  g_assert_false (qnet_io_device_wait_for_ready_read (device, -1, NULL));
  g_assert_true (qnet_io_device_is_read_finished (device));

  g_signal_connect (device, "bytes-written", G_CALLBACK (drop_elsewhere_cb), &output);
  g_assert_cmpint (qnet_io_device_write_string (device, "x", NULL), ==, 1);
  qnet_io_device_wait_for_bytes_written (device, -1, NULL);
  g_assert_null (output);
  qnet_socket_abort (QNET_SOCKET (socket));

  return NULL;
}

static void
test_half_open_elsewhere (DeviceFixture *fixture,
                          gconstpointer  data)
{
  int near;
  int far;

  g_test_summary ("Another thread may release it, with no message, while the thread of the device "
                  "runs no loop.");

  pair_open_tcp (&near, &far);
  g_assert_no_errno (shutdown (far, SHUT_WR));
  g_thread_join (g_thread_new ("owner", own_in_thread, GINT_TO_POINTER (near)));
  qnet_clear_fd (&far);
}

static void
test_half_open_forbidden (DeviceFixture *fixture,
                          gconstpointer  data)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (fixture->socket);

  g_test_summary ("So does unsetting allow-half-open.");

  qnet_socket_set_allow_half_open (QNET_SOCKET (socket), TRUE);
  end_of_peer (fixture);
  qnet_socket_set_allow_half_open (QNET_SOCKET (socket), FALSE);
  await_unconnected (fixture);
}

/* Nothing in threads: what a class does not override GIO may run there. */

#define ASSERT_OVERRIDDEN(klass, parent, vfunc) \
  g_assert_true ((gpointer) (klass)->vfunc != (gpointer) (parent)->vfunc)

static void
test_overrides (DeviceFixture *fixture,
                gconstpointer  data)
{
  GInputStreamClass *input = G_INPUT_STREAM_GET_CLASS (get_input (fixture));
  GInputStreamClass *input_parent = g_type_class_peek (G_TYPE_INPUT_STREAM);
  GOutputStreamClass *output = G_OUTPUT_STREAM_GET_CLASS (get_output (fixture));
  GOutputStreamClass *output_parent = g_type_class_peek (G_TYPE_OUTPUT_STREAM);
  GIOStreamClass *stream = G_IO_STREAM_GET_CLASS (fixture->stream);
  GIOStreamClass *stream_parent = g_type_class_peek (G_TYPE_IO_STREAM);

  g_test_summary ("No asynchronous function is left to GIO, which would run it in a thread.");

  ASSERT_OVERRIDDEN (input, input_parent, read_async);
  ASSERT_OVERRIDDEN (input, input_parent, skip_async);
  ASSERT_OVERRIDDEN (input, input_parent, close_async);
  ASSERT_OVERRIDDEN (output, output_parent, write_async);
  ASSERT_OVERRIDDEN (output, output_parent, writev_async);
  ASSERT_OVERRIDDEN (output, output_parent, flush_async);
  ASSERT_OVERRIDDEN (output, output_parent, close_async);
  ASSERT_OVERRIDDEN (output, output_parent, splice_async);
  ASSERT_OVERRIDDEN (stream, stream_parent, close_fn);
  ASSERT_OVERRIDDEN (stream, stream_parent, close_async);
}

/* Reading */

static gssize
finish_read (GInputStream  *input,
             GAsyncResult **result,
             GError       **error)
{
  g_autoptr(GAsyncResult) ended = await_result (result);

  return g_input_stream_read_finish (input, ended, error);
}

static void
test_read_async (DeviceFixture *fixture,
                 gconstpointer  data)
{
  GInputStream *input = get_input (fixture);
  GAsyncResult *result = NULL;
  char buffer[10] = { 0, };

  g_test_summary ("A read waits for bytes; the peer's orderly end reads 0.");

  g_input_stream_read_async (input, buffer, sizeof buffer, G_PRIORITY_DEFAULT, NULL, result_cb,
                             &result);
  device_fixture_settle (fixture);
  g_assert_null (result);

  pair_send (fixture->far, "hello");
  qnet_clear_fd (&fixture->far);
  g_assert_cmpint (finish_read (input, &result, NULL), ==, 5);
  g_assert_cmpstr (buffer, ==, "hello");

  g_input_stream_read_async (input, buffer, sizeof buffer, G_PRIORITY_DEFAULT, NULL, result_cb,
                             &result);
  g_assert_cmpint (finish_read (input, &result, NULL), ==, 0);
  g_assert_cmpint (g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL), ==, 0);
}

static void
test_read_reset (DeviceFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  GInputStream *input = get_input (fixture);
  GAsyncResult *result = NULL;
  char buffer[10];

  g_test_summary ("A reset is CONNECTION_CLOSED, blocking or not, and for the writer, too.");

  g_input_stream_read_async (input, buffer, sizeof buffer, G_PRIORITY_DEFAULT, NULL, result_cb,
                             &result);
  pair_reset (&fixture->far);
  g_assert_cmpint (finish_read (input, &result, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  g_clear_error (&error);

  g_assert_cmpint (g_input_stream_read (input, buffer, sizeof buffer, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  g_clear_error (&error);

  g_assert_cmpint (g_output_stream_write (get_output (fixture), "x", 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static void
test_skip (DeviceFixture *fixture,
           gconstpointer  data)
{
  GInputStream *input = get_input (fixture);
  g_autoptr(GAsyncResult) ended = NULL;
  GAsyncResult *result = NULL;
  char buffer[10] = { 0, };

  g_test_summary ("Skipping drops bytes, and waits for them as reading does.");

  g_input_stream_skip_async (input, 3, G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  pair_send (fixture->far, "onetwothree");
  ended = await_result (&result);
  g_assert_cmpint (g_input_stream_skip_finish (input, ended, NULL), ==, 3);
  g_assert_cmpint (g_input_stream_skip (input, 3, NULL, NULL), ==, 3);
  g_assert_cmpint (g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL), ==, 5);
  g_assert_cmpstr (buffer, ==, "three");
}

static void
test_one_buffer (DeviceFixture *fixture,
                 gconstpointer  data)
{
  char buffer[16];

  g_test_summary ("The streams and the device have the same two buffers: what the one takes the "
                  "other does not find.");

  device_fixture_send (fixture, "onetwothree");
  g_assert_cmpint (qnet_io_device_read (fixture->device, buffer, 3, NULL), ==, 3);
  g_assert_cmpint (g_input_stream_read (get_input (fixture), buffer, 3, NULL, NULL), ==, 3);
  g_assert_cmpmem (buffer, 3, "two", 3);
  g_assert_cmpint (qnet_io_device_read (fixture->device, buffer, sizeof buffer, NULL), ==, 5);
  g_assert_cmpmem (buffer, 5, "three", 5);

  g_assert_cmpint (qnet_io_device_write_string (fixture->device, "four", NULL), ==, 4);
  g_assert_cmpint (g_output_stream_write (get_output (fixture), "five", 4, NULL, NULL), ==, 4);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (fixture->device), ==, 8);
  device_fixture_settle (fixture);
  pair_assert_gets (fixture->far, "fourfive");
}

static void
count_cb (guint *count)
{
  *count += 1;
}

static gboolean
count_source_cb (gpointer count)
{
  count_cb (count);

  return G_SOURCE_CONTINUE;
}

static void
test_read_blocking (DeviceFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(GSource) idle = g_idle_source_new ();
  guint n_signals = 0, n_idles = 0;
  char buffer[10] = { 0, };

  g_test_summary ("A blocking read moves this socket, with its signals, and nothing else of the "
                  "loop.");

  g_source_set_callback (idle, count_source_cb, &n_idles, NULL);
  g_source_attach (idle, fixture->context);
  g_signal_connect_swapped (fixture->device, "ready-read", G_CALLBACK (count_cb), &n_signals);

  pair_send (fixture->far, "blocking");
  g_assert_cmpint (g_input_stream_read (get_input (fixture), buffer, sizeof buffer, NULL, NULL), ==,
                   8);
  g_assert_cmpstr (buffer, ==, "blocking");
  g_assert_cmpuint (n_signals, ==, 1);
  g_assert_cmpuint (n_idles, ==, 0);

  g_source_destroy (idle);
}

static void
test_read_impossible (DeviceFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  char byte;

  g_test_summary ("A blocking read that nothing could end, since reading is paused, fails "
                  "instead of hanging.");

  device_fixture_settle (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  g_assert_cmpint (g_input_stream_read (get_input (fixture), &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

static void
test_not_connected (DeviceFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  g_autoptr(GError) error = NULL;
  char byte;

  g_test_summary ("On a socket that was never connected both streams say NOT_CONNECTED.");

  g_assert_cmpint (g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (socket)), &byte,
                                        1, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
  g_clear_error (&error);
  g_assert_cmpint (g_output_stream_write (g_io_stream_get_output_stream (G_IO_STREAM (socket)), "x",
                                          1, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
}

/* A port of 127.0.0.1 that no other socket gets while the descriptor is open. */
static int
open_port (gboolean  is_listening,
           guint16  *out_port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, size));
  if (is_listening)
    g_assert_no_errno (listen (fd, 1));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &address, &size));
  *out_port = ntohs (address.sin_port);

  return fd;
}

static void
test_refused (DeviceFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (socket));
  g_autoptr(GError) error = NULL;
  GAsyncResult *result = NULL;
  guint16 port;
  int fd = open_port (FALSE, &port);
  char buffer[2];

  g_test_summary ("A read that waits for a connection which is refused says so.");

  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "127.0.0.1", port);
  g_input_stream_read_async (input, buffer, 1, G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  g_assert_cmpint (finish_read (input, &result, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  g_clear_error (&error);

  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "127.0.0.1", port);
  g_assert_cmpint (g_input_stream_read (input, buffer, 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);

  qnet_clear_fd (&fd);
}

static void
test_connecting (DeviceFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  guint16 port;
  int listener = open_port (TRUE, &port), peer;

  g_test_summary ("What is written while the connection is being established is sent once it is; "
                  "a blocking flush waits for that.");

  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "127.0.0.1", port);
  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (socket)),
                                            "early", 5, NULL, NULL, NULL));
  g_assert_true (
    g_output_stream_flush (g_io_stream_get_output_stream (G_IO_STREAM (socket)), NULL, NULL));

  peer = accept (listener, NULL, NULL);
  pair_assert_gets (peer, "early");
  qnet_clear_fd (&peer);
  qnet_clear_fd (&listener);
}

/* Writing */

static void
test_write_async (DeviceFixture *fixture,
                  gconstpointer  data)
{
  GOutputStream *output = get_output (fixture);
  g_autoptr(GAsyncResult) ended = NULL;
  GAsyncResult *result = NULL;

  g_test_summary ("A write ends as soon as its bytes are queued, and these are sent at the end "
                  "of the iteration.");

  g_output_stream_write_async (output, "hello", 5, G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  g_assert_null (result);
  ended = await_result (&result);
  g_assert_cmpint (g_output_stream_write_finish (output, ended, NULL), ==, 5);
  device_fixture_settle (fixture);
  pair_assert_gets (fixture->far, "hello");
}

/* Fills the write buffer to the mark; returns all that the peer will get. */
static gsize
fill_to_mark (DeviceFixture *fixture,
              gsize          high_water)
{
  g_autofree char *zeros = g_malloc0 (high_water);
  gsize size = device_fixture_clog (fixture);
  gsize rest =
    high_water - MIN (high_water, (gsize) qnet_io_device_get_bytes_to_write (fixture->device));

  g_assert_cmpint (qnet_io_device_write (fixture->device, zeros, rest, NULL), ==, rest);

  return size + rest;
}

static void
test_write_held_up (DeviceFixture *fixture,
                    gconstpointer  data)
{
  GOutputStream *output = get_output (fixture);
  g_autoptr(GAsyncResult) ended = NULL;
  GAsyncResult *result = NULL;
  gsize size;

  g_test_summary ("At the high-water mark a write waits until the peer takes something.");

  size = fill_to_mark (fixture, HIGH_WATER);
  g_output_stream_write_async (output, "tail", 4, G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  device_fixture_settle (fixture);
  g_assert_null (result);

  device_fixture_drain (fixture, size);
  ended = await_result (&result);
  g_assert_cmpint (g_output_stream_write_finish (output, ended, NULL), ==, 4);
  device_fixture_settle (fixture);
  pair_assert_gets (fixture->far, "tail");
}

static void
test_write_partly (DeviceFixture *fixture,
                   gconstpointer  data)
{
  GOutputVector vectors[] = { { "abc", 3 }, { "", 0 }, { "defgh", 5 }, { "ijk", 3 } };
  g_autoptr(GAsyncResult) ended = NULL;
  GOutputStream *output = get_output (fixture);
  GAsyncResult *result = NULL;
  gsize size = 0;

  g_test_summary ("write-buffer-high-water is the mark where it is set: no more than that is "
                  "taken of one write.");

  qnet_io_device_set_write_buffer_high_water (fixture->device, 6);

  g_assert_cmpint (g_output_stream_write (output, "123456789", 9, NULL, NULL), ==, 6);
  g_assert_true (
    g_output_stream_writev (output, vectors, G_N_ELEMENTS (vectors), &size, NULL, NULL));
  g_assert_cmpuint (size, ==, 6);

  g_output_stream_writev_async (output, vectors, G_N_ELEMENTS (vectors), G_PRIORITY_DEFAULT, NULL,
                                result_cb, &result);
  ended = await_result (&result);
  g_assert_true (g_output_stream_writev_finish (output, ended, &size, NULL));
  g_assert_cmpuint (size, ==, 6);

  device_fixture_settle (fixture);
  pair_assert_gets (fixture->far, "123456abcdefabcdef");
}

static gpointer
drain_in_thread (gpointer user_data)
{
  DeviceFixture *fixture = user_data;
  GPollFD pollfd = { fixture->far, G_IO_IN, 0 };
  char buffer[65536];
  gsize total = 0;
  gssize n;

  do
    {
      g_poll (&pollfd, 1, -1);
      n = recv (fixture->far, buffer, sizeof buffer, 0);
      total += n > 0 ? (gsize) n : 0;
    }
  while (n > 0 && buffer[n - 1] != '!');

  return GSIZE_TO_POINTER (total);
}

static void
test_write_blocking (DeviceFixture *fixture,
                     gconstpointer  data)
{
  g_autofree char *zeros = g_malloc0 (4 * HIGH_WATER);
  GOutputStream *output = get_output (fixture);
  GThread *thread;
  gsize size;

  g_test_summary ("A blocking write waits at the mark, without a loop, and a blocking flush for "
                  "the rest.");

  size = fill_to_mark (fixture, HIGH_WATER);
  thread = g_thread_new ("reader", drain_in_thread, fixture);

  zeros[4 * HIGH_WATER - 1] = '!';
  g_assert_true (g_output_stream_write_all (output, zeros, 4 * HIGH_WATER, NULL, NULL, NULL));
  g_assert_true (g_output_stream_flush (output, NULL, NULL));
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (fixture->device), ==, 0);
  g_assert_cmpuint (GPOINTER_TO_SIZE (g_thread_join (thread)), ==, size + 4 * HIGH_WATER);
}

static void
test_flush (DeviceFixture *fixture,
            gconstpointer  data)
{
  GOutputStream *output = get_output (fixture);
  g_autoptr(GAsyncResult) ended = NULL;
  g_autoptr(GError) error = NULL;
  GAsyncResult *result = NULL;

  g_test_summary ("A flush ends when all was passed to the kernel, or fails when the connection "
                  "ends before that.");

  g_assert_true (g_output_stream_flush (output, NULL, NULL));

  device_fixture_clog (fixture);
  g_output_stream_flush_async (output, G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  device_fixture_settle (fixture);
  g_assert_null (result);

  pair_reset (&fixture->far);
  ended = await_result (&result);
  g_assert_false (g_output_stream_flush_finish (output, ended, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static void
test_flush_reset (DeviceFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A blocking flush fails, too, when the peer resets.");

  device_fixture_clog (fixture);
  pair_reset (&fixture->far);
  g_assert_false (g_output_stream_flush (get_output (fixture), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static void
test_broken_pipe (DeviceFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("After shutdown_write() writing is BROKEN_PIPE.");

  qnet_socket_shutdown_write (QNET_SOCKET (fixture->socket));
  g_assert_cmpint (g_output_stream_write (get_output (fixture), "x", 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
}

/* Ends */

static void
test_abort (DeviceFixture *fixture,
            gconstpointer  data)
{
  g_autoptr(GInputStream) input = g_object_ref (get_input (fixture));
  g_autoptr(GOutputStream) output = g_object_ref (get_output (fixture));
  g_autoptr(GAsyncResult) ended = NULL;
  g_autoptr(GError) error = NULL;
  GAsyncResult *read = NULL, *write = NULL;
  char byte;

  g_test_summary ("abort() ends what is pending on both streams, not inside the call.");

  fill_to_mark (fixture, HIGH_WATER);
  g_input_stream_read_async (input, &byte, 1, G_PRIORITY_DEFAULT, NULL, result_cb, &read);
  g_output_stream_write_async (output, "x", 1, G_PRIORITY_DEFAULT, NULL, result_cb, &write);
  device_fixture_settle (fixture);

  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_assert_null (read);
  g_assert_null (write);

  g_assert_cmpint (finish_read (input, &read, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
  g_clear_error (&error);

  ended = await_result (&write);
  g_assert_cmpint (g_output_stream_write_finish (output, ended, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
}

static void
test_disconnect (DeviceFixture *fixture,
                 gconstpointer  data)
{
  GInputStream *input = get_input (fixture);
  GAsyncResult *result = NULL;
  char byte;

  g_test_summary ("disconnect_from_host() lets a read find the end.");

  g_input_stream_read_async (input, &byte, 1, G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  qnet_abstract_socket_disconnect_from_host (QNET_ABSTRACT_SOCKET (fixture->socket));
  g_assert_null (result);
  g_assert_cmpint (finish_read (input, &result, NULL), ==, 0);
}

/* Cancelling, from another thread */

static void
test_cancel_read (DeviceFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  GInputStream *input = get_input (fixture);
  GAsyncResult *result = NULL;
  char buffer[10] = { 0, };

  g_test_summary ("A cancelled read loses no byte.");

  g_input_stream_read_async (input, buffer, sizeof buffer, G_PRIORITY_DEFAULT, cancellable,
                             result_cb, &result);
  pair_send (fixture->far, "kept");
  cancel_elsewhere (cancellable);
  g_assert_cmpint (finish_read (input, &result, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_assert_cmpint (g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL), ==, 4);
  g_assert_cmpstr (buffer, ==, "kept");
}

static void
test_cancel_write (DeviceFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) ended = NULL;
  g_autoptr(GError) error = NULL;
  GOutputStream *output = get_output (fixture);
  GAsyncResult *result = NULL;
  gsize size;

  g_test_summary ("A write that is cancelled while it waits for room has written nothing.");

  size = fill_to_mark (fixture, HIGH_WATER);
  g_output_stream_write_async (output, "never", 5, G_PRIORITY_DEFAULT, cancellable, result_cb,
                               &result);
  device_fixture_settle (fixture);
  cancel_elsewhere (cancellable);
  ended = await_result (&result);
  g_assert_cmpint (g_output_stream_write_finish (output, ended, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  device_fixture_drain (fixture, size);
  device_fixture_settle (fixture);
  pair_assert_quiet (fixture->far);
}

/* Cancels once the other thread sleeps in poll(), or shortly before: both have to work. */
static gpointer
cancel_soon (gpointer cancellable)
{
  g_thread_yield ();
  g_cancellable_cancel (cancellable);

  return NULL;
}

static void
test_cancel_blocking (DeviceFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  char buffer[10];

  g_test_summary ("Another thread cancels blocking calls that sleep.");

  device_fixture_clog (fixture);

  for (guint i = 0; i < 20; i++)
    {
      GThread *thread = g_thread_new ("canceller", cancel_soon, cancellable);
      g_autoptr(GError) error = NULL;

      if (i % 2 == 0)
        g_assert_cmpint (
          g_input_stream_read (get_input (fixture), buffer, sizeof buffer, cancellable, &error), ==,
          -1);
      else
        g_assert_false (g_output_stream_flush (get_output (fixture), cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

      g_thread_join (thread);
      g_cancellable_reset (cancellable);
    }
}

/* Polled */

static gboolean
count_ready_cb (GObject *stream,
                gpointer count)
{
  count_cb (count);

  return G_SOURCE_CONTINUE;
}

static GSource *
attach_counter (DeviceFixture *fixture,
                GSource       *source,
                guint         *count)
{
  g_source_set_callback (source, G_SOURCE_FUNC (count_ready_cb), count, NULL);
  g_source_attach (source, fixture->context);

  return source;
}

static void
test_poll_input (DeviceFixture *fixture,
                 gconstpointer  data)
{
  GPollableInputStream *input = G_POLLABLE_INPUT_STREAM (get_input (fixture));
  g_autoptr(GSource) source = NULL;
  g_autoptr(GError) error = NULL;
  char buffer[10] = { 0, };
  guint n_ready = 0;

  g_test_summary ("The input stream can be polled: WOULD_BLOCK, then its source is ready until "
                  "all is read; then the end.");

  g_assert_true (g_pollable_input_stream_can_poll (input));
  g_assert_false (g_pollable_input_stream_is_readable (input));
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (input, buffer, 1, NULL, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);

  source = attach_counter (fixture, g_pollable_input_stream_create_source (input, NULL), &n_ready);
  device_fixture_settle (fixture);
  g_assert_cmpuint (n_ready, ==, 0);

  pair_send (fixture->far, "polled");
  while (n_ready < 2)
    g_main_context_iteration (fixture->context, TRUE);
  g_assert_true (g_pollable_input_stream_is_readable (input));
  g_assert_cmpint (
    g_pollable_input_stream_read_nonblocking (input, buffer, sizeof buffer, NULL, NULL), ==, 6);
  g_assert_cmpstr (buffer, ==, "polled");

  n_ready = 0;
  device_fixture_settle (fixture);
  g_assert_cmpuint (n_ready, ==, 0);

  qnet_clear_fd (&fixture->far);
  while (n_ready == 0)
    g_main_context_iteration (fixture->context, TRUE);
  g_assert_cmpint (
    g_pollable_input_stream_read_nonblocking (input, buffer, sizeof buffer, NULL, NULL), ==, 0);

  g_source_destroy (source);
}

static void
test_poll_output (DeviceFixture *fixture,
                  gconstpointer  data)
{
  GPollableOutputStream *output = G_POLLABLE_OUTPUT_STREAM (get_output (fixture));
  GOutputVector vector = { "yes", 3 };
  g_autoptr(GSource) source = NULL;
  g_autoptr(GError) error = NULL;
  guint n_ready = 0;
  gsize size, n;

  g_test_summary ("The output stream can be polled: above the mark it says WOULD_BLOCK, below "
                  "it takes what there is room for.");

  g_assert_true (g_pollable_output_stream_is_writable (output));
  size = fill_to_mark (fixture, HIGH_WATER);
  g_assert_false (g_pollable_output_stream_is_writable (output));
  g_assert_cmpint (g_pollable_output_stream_write_nonblocking (output, "no", 2, NULL, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_assert_cmpint (g_pollable_output_stream_writev_nonblocking (output, &vector, 1, &n, NULL, NULL),
                   ==, G_POLLABLE_RETURN_WOULD_BLOCK);

  source =
    attach_counter (fixture, g_pollable_output_stream_create_source (output, NULL), &n_ready);
  device_fixture_settle (fixture);
  g_assert_cmpuint (n_ready, ==, 0);

  device_fixture_drain (fixture, size);
  while (n_ready == 0)
    g_main_context_iteration (fixture->context, TRUE);
  g_source_destroy (source);

  g_assert_cmpint (g_pollable_output_stream_write_nonblocking (output, "oh ", 3, NULL, NULL), ==,
                   3);
  g_assert_cmpint (g_pollable_output_stream_writev_nonblocking (output, &vector, 1, &n, NULL, NULL),
                   ==, G_POLLABLE_RETURN_OK);
  g_assert_cmpuint (n, ==, 3);
  device_fixture_settle (fixture);
  pair_assert_gets (fixture->far, "oh yes");

  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_assert_true (g_pollable_output_stream_is_writable (output));
  g_assert_cmpint (g_pollable_output_stream_writev_nonblocking (output, &vector, 1, &n, NULL, NULL),
                   ==, G_POLLABLE_RETURN_FAILED);
}

static void
test_poll_cancel (DeviceFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GSource) source = NULL;
  guint n_ready = 0;

  g_test_summary ("A source with a cancellable is ready when another thread cancels it.");

  source = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (get_input (fixture)),
                                                  cancellable);
  attach_counter (fixture, source, &n_ready);
  device_fixture_settle (fixture);
  g_assert_cmpuint (n_ready, ==, 0);

  cancel_elsewhere (cancellable);
  while (n_ready == 0)
    g_main_context_iteration (fixture->context, TRUE);

  g_source_destroy (source);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, test) \
  g_test_add ("/io-device/streams/" path, DeviceFixture, NULL, device_fixture_set_up, test, \
              device_fixture_tear_down)

  ADD ("references/no-cycle", test_no_cycle);
  ADD ("references/held", test_held);
  ADD ("references/pending", test_pending_holds);
  ADD ("references/forced-dispose", test_forced_dispose);
  ADD ("close/input", test_close_input);
  ADD ("close/output", test_close_output);
  ADD ("close/async", test_close_async);
  ADD ("half-open/held", test_half_open);
  ADD ("half-open/not-held", test_half_open_not_held);
  ADD ("half-open/dropped", test_half_open_dropped);
  ADD ("half-open/dropped/elsewhere", test_half_open_elsewhere);
  ADD ("half-open/closed", test_half_open_closed);
  ADD ("half-open/closed/async", test_half_open_closed_async);
  ADD ("half-open/forbidden", test_half_open_forbidden);
  ADD ("overrides", test_overrides);
  ADD ("read/async", test_read_async);
  ADD ("read/reset", test_read_reset);
  ADD ("read/skip", test_skip);
  ADD ("one-buffer", test_one_buffer);
  ADD ("read/blocking", test_read_blocking);
  ADD ("read/impossible", test_read_impossible);
  ADD ("not-connected", test_not_connected);
  ADD ("connecting/refused", test_refused);
  ADD ("connecting/flush", test_connecting);
  ADD ("write/async", test_write_async);
  ADD ("write/held-up", test_write_held_up);
  ADD ("write/partly", test_write_partly);
  ADD ("write/blocking", test_write_blocking);
  ADD ("write/broken-pipe", test_broken_pipe);
  ADD ("flush", test_flush);
  ADD ("flush/reset", test_flush_reset);
  ADD ("end/abort", test_abort);
  ADD ("end/disconnect", test_disconnect);
  ADD ("cancel/read", test_cancel_read);
  ADD ("cancel/write", test_cancel_write);
  ADD ("cancel/blocking", test_cancel_blocking);
  ADD ("poll/input", test_poll_input);
  ADD ("poll/output", test_poll_output);
  ADD ("poll/cancel", test_poll_cancel);

  return g_test_run ();
}
