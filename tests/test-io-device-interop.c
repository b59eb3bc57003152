/* test-io-device-interop.c: a QnetIODevice where GIO and libsoup want a GIOStream
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#include <string.h>
#include <sys/socket.h>

#ifdef HAVE_LIBSOUP
#include <libsoup/soup.h>
#endif

#include "base/qnet-syscall-private.h"
#include "common/device-fixture.h"
#include "common/pair.h"

/* Lines */

static void
test_data_stream (DeviceFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GDataInputStream) lines =
    g_data_input_stream_new (g_io_stream_get_input_stream (fixture->stream));
  g_autoptr(GAsyncResult) ended = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  GAsyncResult *result = NULL;

  g_test_summary ("A GDataInputStream reads lines, with a callback and blocking.");

  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  device_fixture_settle (fixture);
  pair_send (fixture->far, "one\ntw");
  ended = await_result (&result);
  first = g_data_input_stream_read_line_finish (lines, ended, NULL, NULL);
  g_assert_cmpstr (first, ==, "one");

  pair_send (fixture->far, "o\nthree");
  second = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  g_assert_cmpstr (second, ==, "two");
}

/* A client with neither loop nor callback */

static gpointer
talk (gpointer near)
{
  g_autoptr(QnetTcpSocket) socket = device_fixture_wrap (GPOINTER_TO_INT (near));
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (socket));
  g_autoptr(GDataInputStream) lines
    = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (socket)));
  GString *answers = g_string_new (NULL);

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *line = NULL;

      g_assert_true (g_output_stream_printf (output, NULL, NULL, NULL, "question %u\n", i));
      line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
      g_string_append (answers, line);
    }

  g_assert_true (g_io_stream_close (G_IO_STREAM (socket), NULL, NULL));

  return g_string_free (answers, FALSE);
}

static void
echo_cb (QnetIODevice *device)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (device);

  qnet_io_device_write_bytes (device, bytes, NULL);
}

static void
await_disconnected (DeviceFixture *fixture)
{
  while (qnet_socket_get_state (QNET_SOCKET (fixture->socket))
         != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (fixture->context, TRUE);
}

static void
test_blocking_client (DeviceFixture *fixture,
                      gconstpointer  data)
{
  g_autofree char *answers = NULL;
  GThread *thread;

  g_test_summary ("A worker thread without a context talks by the blocking stream calls.");

  g_signal_connect (fixture->device, "ready-read", G_CALLBACK (echo_cb), NULL);
  thread = g_thread_new ("client", talk, GINT_TO_POINTER (fixture->far));
  fixture->far = -1;
  await_disconnected (fixture);
  answers = g_thread_join (thread);
  g_assert_cmpstr (answers, ==, "question 0question 1question 2");
}

/* Splicing. The near and far device of one pair, a second pair behind it: near -> relay -> far. */

#define SIZE (3 * 1024 * 1024)

/* More than the kernel's buffers and what a relay holds of it. */
#define POURED (64 * 1024 * 1024)

static GBytes *
make_bytes (gsize size)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 31 + i / 251);

  return g_bytes_new_take (data, size);
}

static gssize
await_spliced (GOutputStream *output,
               GAsyncResult **result,
               GError       **error)
{
  g_autoptr(GAsyncResult) ended = await_result (result);

  return g_output_stream_splice_finish (output, ended, error);
}

static void
test_splice_foreign (DeviceFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr(GBytes) bytes = make_bytes (SIZE);
  g_autoptr(GInputStream) memory = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr(GOutputStream) output = g_object_ref (g_io_stream_get_output_stream (fixture->stream));
  GAsyncResult *result = NULL;

  g_test_summary ("Any stream is spliced into a device, held up at the mark; both are closed if "
                  "wanted, the device is not.");

  g_output_stream_splice_async (
    output, memory, G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
    G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  g_assert_true (g_output_stream_has_pending (output));
  device_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (fixture->device), <=, 256 * 1024);

  device_fixture_drain (fixture, SIZE);
  g_assert_cmpint (await_spliced (output, &result, NULL), ==, SIZE);
  g_assert_false (g_output_stream_has_pending (output));
  g_assert_true (g_input_stream_is_closed (memory));
  g_assert_true (g_output_stream_is_closed (output));
  g_assert_true (qnet_io_device_is_open (fixture->device));
}

static void
test_splice_out (DeviceFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable ();
  GAsyncResult *result = NULL;

  g_test_summary ("A device is spliced into any stream, until the peer's end.");

  g_output_stream_splice_async (memory, g_io_stream_get_input_stream (fixture->stream),
                                G_OUTPUT_STREAM_SPLICE_NONE, G_PRIORITY_DEFAULT, NULL, result_cb,
                                &result);
  pair_send (fixture->far, "all of it");
  qnet_clear_fd (&fixture->far);
  g_assert_cmpint (await_spliced (memory, &result, NULL), ==, 9);
}

static void
feed (QnetIODevice *device,
      GBytes       *bytes)
{
  g_assert_cmpint (qnet_io_device_write_bytes (device, bytes, NULL), ==, g_bytes_get_size (bytes));
  qnet_socket_shutdown_write (QNET_SOCKET (device));
}

static GBytes *
collect (QnetIODevice *device,
         gsize         size)
{
  while ((gsize) qnet_io_device_get_bytes_available (device) < size)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);

  return qnet_io_device_read_all_bytes (device);
}

static void
test_splice_devices (DeviceFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr(GBytes) bytes = make_bytes (SIZE);
  g_autoptr(GBytes) received = NULL;
  g_autoptr(QnetTcpSocket) sender = device_fixture_wrap (fixture->far);
  g_autoptr(QnetTcpSocket) relay = NULL;
  g_autoptr(QnetTcpSocket) receiver = NULL;
  GOutputStream *output;
  GAsyncResult *result = NULL;
  int near, far;

  g_test_summary ("From device to device the bytes go through as they are, and the splice ends "
                  "with the peer's end.");

  fixture->far = -1;
  pair_open_tcp (&near, &far);
  relay = device_fixture_wrap (near);
  receiver = device_fixture_wrap (far);
  qnet_io_device_set_read_buffer_size (fixture->device, 100000);

  output = g_io_stream_get_output_stream (G_IO_STREAM (relay));
  g_output_stream_splice_async (output, g_io_stream_get_input_stream (fixture->stream),
                                G_OUTPUT_STREAM_SPLICE_NONE, G_PRIORITY_DEFAULT, NULL, result_cb,
                                &result);
  feed (QNET_IO_DEVICE (sender), bytes);

  received = collect (QNET_IO_DEVICE (receiver), SIZE);
  g_assert_true (g_bytes_equal (received, bytes));
  g_assert_cmpint (await_spliced (output, &result, NULL), ==, SIZE);
}

/* As much as the kernel and the relay take. */
static gsize
pour (int           fd,
      GMainContext *context)
{
  static char piece[65536];
  gsize total = 0;
  guint n_idle = 0;

  while (n_idle < 20 && total < POURED)
    {
      gssize n = send (fd, piece, sizeof piece, MSG_NOSIGNAL);

      total += (gsize) MAX (n, 0);
      n_idle = g_main_context_iteration (context, FALSE) || n > 0 ? 0 : n_idle + 1;
    }

  return total;
}

static void
test_splice_slow_reader (DeviceFixture *fixture,
                         gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) relay = NULL;
  GOutputStream *output;
  GAsyncResult *result = NULL;
  int near, far;

  g_test_summary ("A slow reader slows the sender down, without any limit set.");

  pair_open_tcp (&near, &far);
  relay = device_fixture_wrap (near);
  output = g_io_stream_get_output_stream (G_IO_STREAM (relay));
  g_output_stream_splice_async (output, g_io_stream_get_input_stream (fixture->stream),
                                G_OUTPUT_STREAM_SPLICE_NONE, G_PRIORITY_DEFAULT, NULL, result_cb,
                                &result);

  g_assert_cmpuint (pour (fixture->far, fixture->context), <, POURED);
  g_assert_cmpint (qnet_io_device_get_bytes_available (fixture->device), <=, 1024 * 1024);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (QNET_IO_DEVICE (relay)), <=, 256 * 1024);

  qnet_clear_fd (&far);
  qnet_socket_abort (QNET_SOCKET (relay));
  g_assert_cmpint (await_spliced (output, &result, NULL), ==, -1);
}

static void
test_stream_slow_reader (DeviceFixture *fixture,
                         gconstpointer  data)
{
  GInputStream *input = g_io_stream_get_input_stream (fixture->stream);
  char byte;

  g_test_summary ("So does reading a stream piece by piece, except for a read that waits for "
                  "more bytes than the limit.");

  pair_send (fixture->far, "x");
  g_assert_cmpint (g_input_stream_read (input, &byte, 1, NULL, NULL), ==, 1);

  g_assert_cmpuint (pour (fixture->far, fixture->context), <, POURED);
  g_assert_cmpint (qnet_io_device_get_bytes_available (fixture->device), ==, 1024 * 1024);

  g_assert_true (qnet_io_device_wait_for_ready_read (fixture->device, 10000, NULL));
  g_assert_cmpint (qnet_io_device_get_bytes_available (fixture->device), >, 1024 * 1024);
}

static void
close_input (DeviceFixture *fixture)
{
  g_assert_true (g_input_stream_close (g_io_stream_get_input_stream (fixture->stream), NULL, NULL));
}

static void
read_device (DeviceFixture *fixture)
{
  char byte;

  g_assert_cmpint (qnet_io_device_read (fixture->device, &byte, 1, NULL), ==, 1);
}

static void
test_end_of_limit (DeviceFixture *fixture,
                   gconstpointer  data)
{
  void (*const end_limit) (DeviceFixture *) = data != NULL ? close_input : read_device;
  char byte;

  g_test_summary ("The limit of reading ahead ends when the stream is closed, and when the "
                  "device itself is read.");

  pair_send (fixture->far, "x");
  g_assert_cmpint (g_input_stream_read (g_io_stream_get_input_stream (fixture->stream), &byte, 1,
                                        NULL, NULL), ==, 1);
  pour (fixture->far, fixture->context);
  g_assert_cmpint (qnet_io_device_get_bytes_available (fixture->device), ==, 1024 * 1024);

  end_limit (fixture);
  while (qnet_io_device_get_bytes_available (fixture->device) <= 1024 * 1024)
    g_main_context_iteration (fixture->context, TRUE);
}

static void
test_splice_cancelled (DeviceFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  GOutputStream *output = g_io_stream_get_output_stream (fixture->stream);
  GInputStream *input = g_io_stream_get_input_stream (fixture->stream);
  GAsyncResult *result = NULL;
  char buffer[10];

  g_test_summary ("Another thread cancels a splice, of a device with itself here; what comes "
                  "later is there to be read.");

  g_output_stream_splice_async (output, input, G_OUTPUT_STREAM_SPLICE_NONE, G_PRIORITY_DEFAULT,
                                cancellable, result_cb, &result);
  device_fixture_settle (fixture);
  cancel_elsewhere (cancellable);
  g_assert_cmpint (await_spliced (output, &result, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  pair_send (fixture->far, "kept");
  g_assert_cmpint (g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL), ==, 4);
}

static void
test_splice_busy (DeviceFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  GOutputStream *output = g_io_stream_get_output_stream (fixture->stream);
  GInputStream *input = g_io_stream_get_input_stream (fixture->stream);
  GAsyncResult *read = NULL, *splice = NULL;
  g_autoptr(GAsyncResult) ended = NULL;
  char buffer[10];

  g_test_summary ("A splice from a stream that is being read fails with PENDING.");

  g_input_stream_read_async (input, buffer, sizeof buffer, G_PRIORITY_DEFAULT, NULL, result_cb,
                             &read);
  g_output_stream_splice_async (output, input, G_OUTPUT_STREAM_SPLICE_NONE, G_PRIORITY_DEFAULT,
                                NULL, result_cb, &splice);
  g_assert_cmpint (await_spliced (output, &splice, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);

  pair_send (fixture->far, "x");
  ended = await_result (&read);
  g_assert_cmpint (g_input_stream_read_finish (input, ended, NULL), ==, 1);
}

static void
test_splice_target_gone (DeviceFixture *fixture,
                         gconstpointer  data)
{
  g_autoptr(GBytes) bytes = make_bytes (SIZE);
  g_autoptr(GInputStream) memory = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr(GError) error = NULL;
  GOutputStream *output = g_io_stream_get_output_stream (fixture->stream);
  GAsyncResult *result = NULL;

  g_test_summary ("When the target's peer resets the splice fails with CONNECTION_CLOSED.");

  device_fixture_clog (fixture);
  g_output_stream_splice_async (output, memory, G_OUTPUT_STREAM_SPLICE_NONE, G_PRIORITY_DEFAULT,
                                NULL, result_cb, &result);
  device_fixture_settle (fixture);
  pair_reset (&fixture->far);
  g_assert_cmpint (await_spliced (output, &result, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static void
test_io_stream_splice (DeviceFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr(GAsyncResult) ended = NULL;
  g_autoptr(QnetTcpSocket) relay = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;
  int near, far;

  g_test_summary ("g_io_stream_splice_async() relays between two sockets, both ways, and closes "
                  "both.");

  pair_open_tcp (&near, &far);
  relay = device_fixture_wrap (near);
  g_io_stream_splice_async (fixture->stream, G_IO_STREAM (relay),
                            G_IO_STREAM_SPLICE_CLOSE_STREAM1 | G_IO_STREAM_SPLICE_CLOSE_STREAM2
                            | G_IO_STREAM_SPLICE_WAIT_FOR_BOTH,
                            G_PRIORITY_DEFAULT, NULL, result_cb, &result);

  pair_send (fixture->far, "there");
  pair_send (far, "back");
  while (qnet_io_device_get_bytes_sent (fixture->device) < 4
         || qnet_io_device_get_bytes_sent (QNET_IO_DEVICE (relay)) < 5)
    g_main_context_iteration (fixture->context, TRUE);
  pair_assert_gets (far, "there");
  pair_assert_gets (fixture->far, "back");

  g_assert_no_errno (shutdown (fixture->far, SHUT_WR));
  g_assert_no_errno (shutdown (far, SHUT_WR));
  ended = await_result (&result);
  g_assert_true (g_io_stream_splice_finish (ended, &error));
  g_assert_no_error (error);
  g_assert_true (g_io_stream_is_closed (fixture->stream));
  g_assert_true (g_io_stream_is_closed (G_IO_STREAM (relay)));
  qnet_clear_fd (&far);
}

/* libsoup */

#ifdef HAVE_LIBSOUP

static void
hello_cb (SoupServer        *server,
          SoupServerMessage *message,
          const char        *path,
          GHashTable        *query,
          gpointer           user_data)
{
  soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_STATIC, "hello, soup\n", 12);
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
}

static char *
receive_until (DeviceFixture *fixture,
               const char    *end)
{
  GString *text = g_string_new (NULL);
  char buffer[1024];

  while (strstr (text->str, end) == NULL)
    {
      gssize n = recv (fixture->far, buffer, sizeof buffer, 0);

      g_assert_cmpint (n, !=, 0);
      if (n > 0)
        g_string_append_len (text, buffer, n);
      else
        g_main_context_iteration (fixture->context, FALSE);
    }

  return g_string_free (text, FALSE);
}

static void
test_soup (DeviceFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", 80);
  g_autoptr(SoupServer) server = soup_server_new (NULL, NULL);
  g_autofree char *answer = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("libsoup's server takes a socket as a GIOStream, answers a request over it, "
                  "and closes it.");

  soup_server_add_handler (server, NULL, hello_cb, NULL, NULL);
  g_assert_true (soup_server_accept_iostream (server, fixture->stream, address, address, &error));
  g_assert_no_error (error);

  pair_send (fixture->far, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  answer = receive_until (fixture, "hello, soup\n");
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 OK\r\n"));

  await_disconnected (fixture);
  g_assert_true (g_io_stream_is_closed (fixture->stream));
}

#else

static void
test_soup (DeviceFixture *fixture,
           gconstpointer  data)
{
  g_test_skip ("libsoup-3.0 was not there when the tests were built");
}

#endif

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, test) \
  g_test_add ("/io-device/interop/" path, DeviceFixture, NULL, device_fixture_set_up, test, \
              device_fixture_tear_down)

  ADD ("data-input-stream", test_data_stream);
  ADD ("blocking-client", test_blocking_client);
  ADD ("splice/foreign", test_splice_foreign);
  ADD ("splice/out", test_splice_out);
  ADD ("splice/devices", test_splice_devices);
  ADD ("splice/slow-reader-slows-sender", test_splice_slow_reader);
  ADD ("stream/slow-reader-slows-sender", test_stream_slow_reader);
  ADD ("stream/read-ends-the-limit", test_end_of_limit);
  g_test_add ("/io-device/interop/stream/closing-ends-the-limit", DeviceFixture, "close",
              device_fixture_set_up, test_end_of_limit, device_fixture_tear_down);
  ADD ("splice/cancelled", test_splice_cancelled);
  ADD ("splice/busy", test_splice_busy);
  ADD ("splice/target-gone", test_splice_target_gone);
  ADD ("io-stream-splice", test_io_stream_splice);
  ADD ("libsoup", test_soup);

  return g_test_run ();
}
