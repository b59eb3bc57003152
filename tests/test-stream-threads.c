/* test-stream-threads.c: GIO's stream classes over a socket, from its thread and from others
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gio.h>

#include <string.h>
#include <sys/socket.h>

#include "common/bytes.h"
#include "common/isolated.h"
#include "common/stream-rig.h"

#define N_LINES 12

/* More than the buffers of the kernel, and than what a stream of qnet queues */
#define LARGE (6 * 1024 * 1024)

#define MEDIUM (300 * 1024)

/* The argument of a case that exists for both kinds of call */
enum
{
  BLOCKING,
  ASYNC,
};

/* GDataInputStream */

static char *
make_line (guint i)
{
  g_autofree char *padding = g_strnfill (i * 137 % 900, (char) ('a' + i % 26));

  return g_strdup_printf ("line %u %s", i, padding);
}

static GBytes *
make_lines (const char *end)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < N_LINES; i++)
    {
      g_autofree char *line = make_line (i);

      g_string_append_printf (text, "%s%s", line, end);
    }

  return g_string_free_to_bytes (text);
}

static GDataInputStream *
wrap_input (Rig  *rig,
            gsize buffer_size)
{
  GDataInputStream *stream = g_data_input_stream_new (rig->input);

  g_buffered_input_stream_set_buffer_size (G_BUFFERED_INPUT_STREAM (stream), buffer_size);

  return stream;
}

static char *
read_line (GDataInputStream *lines,
           Rig              *rig)
{
  GError *error = NULL;
  char *line;

  if (rig->rig_case->argument == BLOCKING)
    line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  else
    {
      g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, rig_result_cb, rig);
      line = g_data_input_stream_read_line_finish (lines, rig_await (rig), NULL, &error);
    }

  g_assert_no_error (error);

  return line;
}

static void
read_lines (Rig *rig)
{
  g_autoptr(GBytes) text = make_lines ("\n");
  g_autoptr(GDataInputStream) lines = wrap_input (rig, 64);

  rig_send (rig->far_fd, text, TRUE, rig);
  for (guint i = 0; i < N_LINES; i++)
    {
      g_autofree char *expected = make_line (i);
      g_autofree char *line = read_line (lines, rig);

      g_assert_cmpstr (line, ==, expected);
    }

  g_assert_null (read_line (lines, rig));
}

static char *
read_upto (GDataInputStream *stream,
           gsize            *length,
           Rig              *rig)
{
  GError *error = NULL;
  char *text;

  if (rig->rig_case->argument == BLOCKING)
    text = g_data_input_stream_read_upto (stream, ";|", 2, length, NULL, &error);
  else
    {
      g_data_input_stream_read_upto_async (stream, ";|", 2, G_PRIORITY_DEFAULT, NULL, rig_result_cb,
                                           rig);
      text = g_data_input_stream_read_upto_finish (stream, rig_await (rig), length, &error);
    }

  g_assert_no_error (error);

  return text;
}

static void
read_parts (Rig *rig)
{
  g_autoptr(GBytes) text = make_lines (rig->round % 2 == 0 ? ";" : "|");
  g_autoptr(GDataInputStream) stream = wrap_input (rig, 100);

  rig_send (rig->far_fd, text, TRUE, rig);
  for (guint i = 0; i < N_LINES; i++)
    {
      g_autofree char *expected = make_line (i);
      gsize length;
      g_autofree char *part = read_upto (stream, &length, rig);
      GError *error = NULL;

      g_assert_cmpstr (part, ==, expected);
      g_assert_cmpuint (length, ==, strlen (expected));
      g_assert_cmpint (g_data_input_stream_read_byte (stream, NULL, &error), ==,
                       rig->round % 2 == 0 ? ';' : '|');
      g_assert_no_error (error);
    }
}

static void
put_numbers (GDataOutputStream *stream,
             guint              i)
{
  GError *error = NULL;

  g_data_output_stream_put_byte (stream, (guchar) i, NULL, &error);
  g_data_output_stream_put_int16 (stream, (gint16) (i * -3), NULL, &error);
  g_data_output_stream_put_uint16 (stream, (guint16) (i * 5), NULL, &error);
  g_data_output_stream_put_int32 (stream, (gint32) i * -70001, NULL, &error);
  g_data_output_stream_put_uint32 (stream, i * 80001, NULL, &error);
  g_data_output_stream_put_int64 (stream, (gint64) i * -90000000001, NULL, &error);
  g_data_output_stream_put_uint64 (stream, (guint64) i * 90000000002, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_numbers (GDataInputStream *stream,
                guint             i)
{
  GError *error = NULL;

  g_assert_cmpuint (g_data_input_stream_read_byte (stream, NULL, &error), ==, (guchar) i);
  g_assert_cmpint (g_data_input_stream_read_int16 (stream, NULL, &error), ==, (gint16) (i * -3));
  g_assert_cmpuint (g_data_input_stream_read_uint16 (stream, NULL, &error), ==, (guint16) (i * 5));
  g_assert_cmpint (g_data_input_stream_read_int32 (stream, NULL, &error), ==, (gint32) i * -70001);
  g_assert_cmpuint (g_data_input_stream_read_uint32 (stream, NULL, &error), ==, i * 80001);
  g_assert_cmpint (g_data_input_stream_read_int64 (stream, NULL, &error), ==,
                   (gint64) i * -90000000001);
  g_assert_cmpuint (g_data_input_stream_read_uint64 (stream, NULL, &error), ==,
                    (guint64) i * 90000000002);
  g_assert_no_error (error);
}

#define N_NUMBERS 40

static GDataStreamByteOrder
choose_order (Rig *rig)
{
  return rig->round % 2 == 0 ? G_DATA_STREAM_BYTE_ORDER_BIG_ENDIAN
                             : G_DATA_STREAM_BYTE_ORDER_LITTLE_ENDIAN;
}

static GBytes *
make_numbers (Rig *rig)
{
  g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr(GDataOutputStream) stream = g_data_output_stream_new (memory);

  g_data_output_stream_set_byte_order (stream, choose_order (rig));
  for (guint i = 0; i < N_NUMBERS; i++)
    put_numbers (stream, i);
  g_data_output_stream_put_string (stream, "the end", NULL, NULL);
  g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, NULL);

  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

static void
read_numbers (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_numbers (rig);
  g_autoptr(GDataInputStream) stream = wrap_input (rig, 32);

  rig_send (rig->far_fd, bytes, FALSE, rig);
  g_data_input_stream_set_byte_order (stream, choose_order (rig));
  for (guint i = 0; i < N_NUMBERS; i++)
    assert_numbers (stream, i);
}

/* GInputStream, and the buffered ones */

/* @size bytes in all, in pieces of which each takes its own call */
static void
take_bytes (GInputStream *stream,
            gsize         size,
            GByteArray   *taken,
            Rig          *rig)
{
  gsize end = taken->len + size;

  while (taken->len < end)
    {
      g_autoptr(GBytes) bytes = NULL;
      GError *error = NULL;

      g_input_stream_read_bytes_async (stream, end - taken->len, G_PRIORITY_DEFAULT, NULL,
                                       rig_result_cb, rig);
      bytes = g_input_stream_read_bytes_finish (stream, rig_await (rig), &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (bytes), >, 0);
      g_byte_array_append (taken, DATA (bytes));
    }
}

static void
assert_taken_are (GByteArray *taken,
                  GBytes     *bytes)
{
  g_assert_cmpmem (taken->data, taken->len, g_bytes_get_data (bytes, NULL),
                   g_bytes_get_size (bytes));
}

/* A head of one line, then a body of bytes, which GIO reads in a thread of its pool */
static void
read_line_then_bytes (Rig *rig)
{
  g_autoptr(GDataInputStream) stream = wrap_input (rig, 4096);
  g_autoptr(GBytes) body = make_bytes (5000, rig->round);

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr(GBytes) head = g_bytes_new_static ("head\n", 5);
      g_autoptr(GByteArray) taken = g_byte_array_new ();
      g_autofree char *line = NULL;

      rig_step (rig, "reading a line, round");
      rig_send (rig->far_fd, head, FALSE, rig);
      line = read_line (stream, rig);
      g_assert_cmpstr (line, ==, "head");

      rig_step (rig, "reading bytes after a line, round");
      rig_send (rig->far_fd, body, FALSE, rig);
      take_bytes (G_INPUT_STREAM (stream), g_bytes_get_size (body), taken, rig);
      assert_taken_are (taken, body);
    }
}

static void
read_bytes (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (40000, rig->round);
  g_autoptr(GByteArray) taken = g_byte_array_new ();

  rig_send (rig->far_fd, bytes, FALSE, rig);
  take_bytes (rig->input, g_bytes_get_size (bytes), taken, rig);
  assert_taken_are (taken, bytes);
}

static void
read_bytes_buffered (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (40000, rig->round);
  g_autoptr(GByteArray) taken = g_byte_array_new ();
  g_autoptr(GInputStream) stream = g_buffered_input_stream_new_sized (rig->input, 3000);

  rig_send (rig->far_fd, bytes, FALSE, rig);
  for (gsize piece = 1; taken->len < g_bytes_get_size (bytes); piece = piece * 3 % 5000 + 1)
    take_bytes (stream, MIN (piece, g_bytes_get_size (bytes) - taken->len), taken, rig);

  assert_taken_are (taken, bytes);
}

static gsize
skip_some (GInputStream *stream,
           gsize         size,
           Rig          *rig)
{
  GError *error = NULL;
  gssize n;

  if (rig->rig_case->argument == BLOCKING)
    n = g_input_stream_skip (stream, size, NULL, &error);
  else
    {
      g_input_stream_skip_async (stream, size, G_PRIORITY_DEFAULT, NULL, rig_result_cb, rig);
      n = g_input_stream_skip_finish (stream, rig_await (rig), &error);
    }

  g_assert_no_error (error);
  g_assert_cmpint (n, >, 0);

  return (gsize) n;
}

static void
skip_bytes (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (20001, rig->round);
  g_autoptr(GInputStream) buffered = g_buffered_input_stream_new_sized (rig->input, 700);
  GInputStream *stream = rig->round % 3 == 0 ? rig->input : buffered;
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  GError *error = NULL;
  guint8 byte;

  rig_send (rig->far_fd, bytes, FALSE, rig);
  for (gsize skipped = 0; skipped < 20000;)
    skipped += skip_some (stream, MIN (20000 - skipped, 1500), rig);

  g_assert_cmpint (g_input_stream_read (stream, &byte, 1, NULL, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpuint (byte, ==, data[20000]);
}

static gssize
fill (GBufferedInputStream *stream,
      gssize                count,
      Rig                  *rig)
{
  GError *error = NULL;
  gssize n;

  if (rig->rig_case->argument == BLOCKING)
    n = g_buffered_input_stream_fill (stream, count, NULL, &error);
  else
    {
      g_buffered_input_stream_fill_async (stream, count, G_PRIORITY_DEFAULT, NULL, rig_result_cb,
                                          rig);
      n = g_buffered_input_stream_fill_finish (stream, rig_await (rig), &error);
    }

  g_assert_no_error (error);

  return n;
}

static void
fill_buffer (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (9000, rig->round);
  g_autoptr(GByteArray) taken = g_byte_array_new ();
  g_autoptr(GInputStream) stream = g_buffered_input_stream_new_sized (rig->input, 500);
  GBufferedInputStream *buffered = G_BUFFERED_INPUT_STREAM (stream);

  rig_send (rig->far_fd, bytes, TRUE, rig);
  while (fill (buffered, taken->len % 2 == 0 ? -1 : 100, rig) > 0)
    {
      char piece[501];
      gsize available = g_buffered_input_stream_get_available (buffered);

      g_assert_cmpuint (g_buffered_input_stream_peek (buffered, piece, 0, available), ==,
                        available);
      g_byte_array_append (taken, (const guint8 *) piece, (guint) available);
      g_assert_cmpint (g_input_stream_skip (stream, available, NULL, NULL), ==, available);
    }

  assert_taken_are (taken, bytes);
}

static void
read_all (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (MEDIUM, rig->round);
  g_autofree char *buffer = g_malloc (MEDIUM);
  GError *error = NULL;
  gsize n;

  rig_send (rig->far_fd, bytes, rig->round % 2 == 0, rig);
  if (rig->rig_case->argument == BLOCKING)
    g_input_stream_read_all (rig->input, buffer, MEDIUM, &n, NULL, &error);
  else
    {
      g_input_stream_read_all_async (rig->input, buffer, MEDIUM, G_PRIORITY_DEFAULT, NULL,
                                     rig_result_cb, rig);
      g_input_stream_read_all_finish (rig->input, rig_await (rig), &n, &error);
    }

  g_assert_no_error (error);
  g_assert_cmpmem (buffer, n, g_bytes_get_data (bytes, NULL), MEDIUM);
}

/* GDataOutputStream, and the buffered ones */

static void
flush (GOutputStream *stream,
       Rig           *rig)
{
  GError *error = NULL;

  if (rig->rig_case->argument == BLOCKING)
    g_output_stream_flush (stream, NULL, &error);
  else
    {
      g_output_stream_flush_async (stream, G_PRIORITY_DEFAULT, NULL, rig_result_cb, rig);
      g_output_stream_flush_finish (stream, rig_await (rig), &error);
    }

  g_assert_no_error (error);
}

static void
write_numbers (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_numbers (rig);
  g_autoptr(GDataOutputStream) stream = g_data_output_stream_new (rig->output);
  RigPeer *receiver = rig_receive (rig->far_fd, g_bytes_get_size (bytes), rig);
  GError *error = NULL;

  g_data_output_stream_set_byte_order (stream, choose_order (rig));
  for (guint i = 0; i < N_NUMBERS; i++)
    put_numbers (stream, i);
  g_data_output_stream_put_string (stream, "the end", NULL, &error);
  g_assert_no_error (error);
  flush (G_OUTPUT_STREAM (stream), rig);

  assert_bytes_are (rig_received (receiver), bytes);
}

static void
write_piece (GOutputStream *stream,
             GBytes        *bytes,
             gsize          offset,
             gsize          size)
{
  const char *data = g_bytes_get_data (bytes, NULL);
  GError *error = NULL;

  g_output_stream_write_all (stream, data + offset, size, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
flush_pieces (GOutputStream *stream,
              Rig           *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (20000, rig->round);
  RigPeer *receiver = rig_receive (rig->far_fd, g_bytes_get_size (bytes), rig);

  for (gsize offset = 0; offset < 20000; offset += 1000)
    {
      write_piece (stream, bytes, offset, 1000);
      flush (stream, rig);
    }

  assert_bytes_are (rig_received (receiver), bytes);
}

static void
flush_buffered (Rig *rig)
{
  g_autoptr(GOutputStream) stream = g_buffered_output_stream_new_sized (rig->output, 2000);

  flush_pieces (stream, rig);
}

static void
flush_stream (Rig *rig)
{
  flush_pieces (rig->output, rig);
}

static void
close_output (GOutputStream *stream,
              Rig           *rig)
{
  GError *error = NULL;

  if (rig->rig_case->argument == BLOCKING)
    g_output_stream_close (stream, NULL, &error);
  else
    {
      g_output_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, rig_result_cb, rig);
      g_output_stream_close_finish (stream, rig_await (rig), &error);
    }

  g_assert_no_error (error);
}

/* Closing is what sends the last bytes of a buffer. */
static void
close_buffered (Rig *rig)
{
  g_autoptr(GOutputStream) stream = g_buffered_output_stream_new_sized (rig->output, 2000);
  g_autoptr(GBytes) bytes = make_bytes (1500, rig->round);
  RigPeer *receiver = rig_receive (rig->far_fd, g_bytes_get_size (bytes), rig);

  write_piece (stream, bytes, 0, 1500);
  close_output (stream, rig);
  assert_bytes_are (rig_received (receiver), bytes);
}

static void
write_in_four_ways (GOutputStream *stream,
                    GBytes        *bytes,
                    Rig           *rig)
{
  char *data = (char *) g_bytes_get_data (bytes, NULL);
  gsize quarter = g_bytes_get_size (bytes) / 4;
  GOutputVector vectors[2] = { { data, quarter / 3 },
                               { data + quarter / 3, quarter - quarter / 3 } };
  GError *error = NULL;

  g_output_stream_write_all_async (stream, data, quarter, G_PRIORITY_DEFAULT, NULL, rig_result_cb,
                                   rig);
  g_output_stream_write_all_finish (stream, rig_await (rig), NULL, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < 2; i++)
    vectors[i].buffer = (const char *) vectors[i].buffer + quarter;
  g_output_stream_writev_all_async (stream, vectors, 2, G_PRIORITY_DEFAULT, NULL, rig_result_cb,
                                    rig);
  g_output_stream_writev_all_finish (stream, rig_await (rig), NULL, &error);
  g_assert_no_error (error);

  for (gsize offset = 2 * quarter; offset < 3 * quarter;)
    {
      g_autoptr(GBytes) piece = g_bytes_new_from_bytes (bytes, offset, 3 * quarter - offset);

      g_output_stream_write_bytes_async (stream, piece, G_PRIORITY_DEFAULT, NULL, rig_result_cb,
                                         rig);
      offset += (gsize) g_output_stream_write_bytes_finish (stream, rig_await (rig), &error);
      g_assert_no_error (error);
    }

  for (gsize offset = 3 * quarter; offset < 4 * quarter;)
    {
      g_output_stream_write_async (stream, data + offset, 4 * quarter - offset, G_PRIORITY_DEFAULT,
                                   NULL, rig_result_cb, rig);
      offset += (gsize) g_output_stream_write_finish (stream, rig_await (rig), &error);
      g_assert_no_error (error);
    }
}

static void
write_in_blocking_ways (GOutputStream *stream,
                        GBytes        *bytes)
{
  char *data = (char *) g_bytes_get_data (bytes, NULL);
  gsize half = g_bytes_get_size (bytes) / 2;
  GOutputVector vectors[2] = { { data + half, half / 3 }, { data + half + half / 3,
                                                            half - half / 3 } };
  GError *error = NULL;

  g_output_stream_write_all (stream, data, half, NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_writev_all (stream, vectors, 2, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
write_all (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (MEDIUM * 4, rig->round);
  g_autoptr(GOutputStream) buffered = g_buffered_output_stream_new (rig->output);
  GOutputStream *stream = rig->round % 3 == 0 ? buffered : rig->output;
  RigPeer *receiver = rig_receive (rig->far_fd, g_bytes_get_size (bytes), rig);

  if (rig->rig_case->argument == BLOCKING)
    write_in_blocking_ways (stream, bytes);
  else
    write_in_four_ways (stream, bytes, rig);

  flush (stream, rig);
  assert_bytes_are (rig_received (receiver), bytes);
}

/* GConverterInputStream and GConverterOutputStream */

static GBytes *
convert (GConverter *converter,
         GBytes     *bytes)
{
  g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr(GOutputStream) stream = g_converter_output_stream_new (memory, converter);
  GError *error = NULL;

  g_output_stream_write_all (stream, DATA (bytes), NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (stream, NULL, &error);
  g_assert_no_error (error);

  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

static GConverter *
new_compressor (void)
{
  return G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1));
}

static GConverter *
new_decompressor (void)
{
  return G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
}

static void
read_gzip (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (MEDIUM, rig->round);
  g_autoptr(GConverter) compressor = new_compressor ();
  g_autoptr(GConverter) decompressor = new_decompressor ();
  g_autoptr(GBytes) packed = convert (compressor, bytes);
  g_autoptr(GInputStream) stream = g_converter_input_stream_new (rig->input, decompressor);
  g_autofree char *buffer = g_malloc (MEDIUM);
  GError *error = NULL;
  gsize n;

  rig_send (rig->far_fd, packed, TRUE, rig);
  if (rig->rig_case->argument == BLOCKING)
    g_input_stream_read_all (stream, buffer, MEDIUM, &n, NULL, &error);
  else
    {
      g_input_stream_read_all_async (stream, buffer, MEDIUM, G_PRIORITY_DEFAULT, NULL,
                                     rig_result_cb, rig);
      g_input_stream_read_all_finish (stream, rig_await (rig), &n, &error);
    }

  g_assert_no_error (error);
  g_assert_cmpmem (buffer, n, g_bytes_get_data (bytes, NULL), MEDIUM);
}

static void
close_both_ways (Rig *rig)
{
  GError *error = NULL;

  if (rig->rig_case->argument == BLOCKING)
    g_io_stream_close (rig->stream, NULL, &error);
  else
    {
      g_io_stream_close_async (rig->stream, G_PRIORITY_DEFAULT, NULL, rig_result_cb, rig);
      g_io_stream_close_finish (rig->stream, rig_await (rig), &error);
    }

  g_assert_no_error (error);
  g_assert_true (g_io_stream_is_closed (rig->stream));
}

static void
write_gzip (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (MEDIUM, rig->round);
  g_autoptr(GConverter) compressor = new_compressor ();
  g_autoptr(GConverter) decompressor = new_decompressor ();
  g_autoptr(GOutputStream) stream = g_converter_output_stream_new (rig->output, compressor);
  g_autoptr(GBytes) unpacked = NULL;
  RigPeer *receiver = rig_receive (rig->far_fd, G_MAXSIZE, rig);
  GError *error = NULL;

  if (rig->rig_case->argument == BLOCKING)
    g_output_stream_write_all (stream, DATA (bytes), NULL, NULL, &error);
  else
    {
      g_output_stream_write_all_async (stream, DATA (bytes), G_PRIORITY_DEFAULT, NULL,
                                       rig_result_cb, rig);
      g_output_stream_write_all_finish (stream, rig_await (rig), NULL, &error);
    }
  g_assert_no_error (error);

  flush (stream, rig);
  close_output (stream, rig);
  close_both_ways (rig);
  unpacked = convert (decompressor, rig_received (receiver));
  assert_bytes_are (unpacked, bytes);
}

/* Splicing */

static GOutputStreamSpliceFlags
choose_splice_flags (Rig *rig)
{
  return rig->round % 4;  /* none, either, both: CLOSE_SOURCE is 1, CLOSE_TARGET 2 */
}

static gssize
splice (GOutputStream *target,
        GInputStream  *source,
        Rig           *rig)
{
  GOutputStreamSpliceFlags flags = choose_splice_flags (rig);
  GError *error = NULL;
  gssize n;

  if (rig->rig_case->argument == BLOCKING)
    n = g_output_stream_splice (target, source, flags, NULL, &error);
  else
    {
      g_output_stream_splice_async (target, source, flags, G_PRIORITY_DEFAULT, NULL, rig_result_cb,
                                    rig);
      n = g_output_stream_splice_finish (target, rig_await (rig), &error);
    }

  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_is_closed (source), ==,
                   (flags & G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE) != 0);
  g_assert_cmpint (g_output_stream_is_closed (target), ==,
                   (flags & G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET) != 0);

  return n;
}

static void
splice_into_stream (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (MEDIUM * 4, rig->round);
  g_autoptr(GInputStream) memory = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr(GOutputStream) output = g_object_ref (rig->output);
  RigPeer *receiver = rig_receive (rig->far_fd, g_bytes_get_size (bytes), rig);

  g_assert_cmpint (splice (output, memory, rig), ==, g_bytes_get_size (bytes));
  if (!g_output_stream_is_closed (output))
    flush (output, rig);
  assert_bytes_are (rig_received (receiver), bytes);
}

static void
splice_into_buffered (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (MEDIUM, rig->round);
  g_autoptr(GInputStream) memory = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr(GOutputStream) output = g_buffered_output_stream_new (rig->output);
  RigPeer *receiver = rig_receive (rig->far_fd, g_bytes_get_size (bytes), rig);

  g_assert_cmpint (splice (output, memory, rig), ==, g_bytes_get_size (bytes));
  if (!g_output_stream_is_closed (output))
    flush (output, rig);
  assert_bytes_are (rig_received (receiver), bytes);
}

static void
splice_from_stream (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (MEDIUM, rig->round);
  g_autoptr(GBytes) received = NULL;
  g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr(GInputStream) input = g_object_ref (rig->input);

  rig_send (rig->far_fd, bytes, TRUE, rig);
  g_assert_cmpint (splice (memory, input, rig), ==, MEDIUM);
  if (!g_output_stream_is_closed (memory))
    g_output_stream_close (memory, NULL, NULL);
  received = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
  assert_bytes_are (received, bytes);
}

/* Two streams of the same kind and owner */
static void
splice_between_streams (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (MEDIUM, rig->round);
  g_autoptr(GOutputStream) output
    = g_object_ref (g_io_stream_get_output_stream (rig->second));
  g_autoptr(GInputStream) input = g_object_ref (rig->input);
  RigPeer *receiver = rig_receive (rig->second_fd, g_bytes_get_size (bytes), rig);

  rig_send (rig->far_fd, bytes, TRUE, rig);
  g_assert_cmpint (splice (output, input, rig), ==, MEDIUM);
  if (!g_output_stream_is_closed (output))
    flush (output, rig);
  assert_bytes_are (rig_received (receiver), bytes);
}

/* From the far end of the first to that of the second; both ways with WAIT_FOR_BOTH */
static void
splice_io_streams (Rig *rig)
{
  GIOStreamSpliceFlags flags = (GIOStreamSpliceFlags) rig->rig_case->argument;
  gboolean both = (flags & G_IO_STREAM_SPLICE_WAIT_FOR_BOTH) != 0;
  g_autoptr(GBytes) there = make_bytes (MEDIUM, rig->round);
  g_autoptr(GBytes) back = make_bytes (MEDIUM / 2, rig->round + 1);
  RigPeer *there_receiver = rig_receive (rig->second_fd, g_bytes_get_size (there), rig);
  RigPeer *back_receiver = both ? rig_receive (rig->far_fd, g_bytes_get_size (back), rig) : NULL;
  GError *error = NULL;

  rig_send (rig->far_fd, there, TRUE, rig);
  if (both)
    rig_send (rig->second_fd, back, TRUE, rig);

  g_io_stream_splice_async (rig->stream, rig->second, flags, G_PRIORITY_DEFAULT, NULL,
                            rig_result_cb, rig);
  g_io_stream_splice_finish (rig_await (rig), &error);
  g_assert_no_error (error);

  assert_bytes_are (rig_received (there_receiver), there);
  if (both)
    assert_bytes_are (rig_received (back_receiver), back);
  g_assert_cmpint (g_io_stream_is_closed (rig->stream), ==,
                   (flags & G_IO_STREAM_SPLICE_CLOSE_STREAM1) != 0);
  g_assert_cmpint (g_io_stream_is_closed (rig->second), ==,
                   (flags & G_IO_STREAM_SPLICE_CLOSE_STREAM2) != 0);
}

/* Cancelling, by a third thread */

static gpointer
cancel_in_thread (gpointer data)
{
  GCancellable *cancellable = data;

  /* Not to wait for anything: it cancels before, while and after the call begins to wait. */
  g_usleep (g_random_int_range (0, 1500));
  g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);

  return NULL;
}

static void
cancel_soon (GCancellable *cancellable,
             Rig          *rig)
{
  rig_run (cancel_in_thread, g_object_ref (cancellable), rig);
}

static void
assert_reads_on (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (10, rig->round);
  char buffer[10];
  GError *error = NULL;
  gsize n;

  rig_send (rig->far_fd, bytes, FALSE, rig);
  g_input_stream_read_all (rig->input, buffer, 10, &n, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (buffer, n, g_bytes_get_data (bytes, NULL), 10);
}

static void
cancel_read (Rig *rig)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  GError *error = NULL;
  char buffer[10];
  gssize n;

  cancel_soon (cancellable, rig);
  if (rig->rig_case->argument == BLOCKING)
    n = g_input_stream_read (rig->input, buffer, 10, cancellable, &error);
  else
    {
      g_input_stream_read_async (rig->input, buffer, 10, G_PRIORITY_DEFAULT, cancellable,
                                 rig_result_cb, rig);
      n = g_input_stream_read_finish (rig->input, rig_await (rig), &error);
    }

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpint (n, ==, -1);
  assert_reads_on (rig);
}

static void
cancel_line (Rig *rig)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GDataInputStream) stream = wrap_input (rig, 100);
  g_autoptr(GBytes) start = g_bytes_new_static ("no end", 6);
  g_autofree char *line = NULL;
  GError *error = NULL;

  rig_send (rig->far_fd, start, FALSE, rig);
  cancel_soon (cancellable, rig);
  if (rig->rig_case->argument == BLOCKING)
    line = g_data_input_stream_read_line (stream, NULL, cancellable, &error);
  else
    {
      g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, cancellable, rig_result_cb,
                                           rig);
      line = g_data_input_stream_read_line_finish (stream, rig_await (rig), NULL, &error);
    }

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (line);
}

/* What was written arrives, and nothing else. GIO knows how much only of a blocking call. */
static void
assert_prefix (GBytes *received,
               GBytes *bytes,
               gsize   n,
               Rig    *rig)
{
  g_autoptr(GBytes) prefix = g_bytes_new_from_bytes (bytes, 0, g_bytes_get_size (received));

  assert_bytes_are (received, prefix);
  if (rig->rig_case->argument == BLOCKING)
    g_assert_cmpuint (g_bytes_get_size (received), ==, n);
}

static void
cancel_write (Rig *rig)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GBytes) bytes = make_bytes (LARGE, rig->round);
  RigPeer *receiver;
  GError *error = NULL;
  gsize n = 0;

  cancel_soon (cancellable, rig);
  if (rig->rig_case->argument == BLOCKING)
    g_output_stream_write_all (rig->output, DATA (bytes), &n, cancellable, &error);
  else
    {
      g_output_stream_write_all_async (rig->output, DATA (bytes), G_PRIORITY_DEFAULT, cancellable,
                                       rig_result_cb, rig);
      g_output_stream_write_all_finish (rig->output, rig_await (rig), &n, &error);
    }

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpuint (n, <, LARGE);

  receiver = rig_receive (rig->far_fd, G_MAXSIZE, rig);
  close_both_ways (rig);
  assert_prefix (rig_received (receiver), bytes, n, rig);
}

static void
cancel_splice (Rig *rig)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr(GBytes) bytes = make_bytes (5000, rig->round);
  GError *error = NULL;
  gssize n;

  rig_send (rig->far_fd, bytes, FALSE, rig);
  cancel_soon (cancellable, rig);
  if (rig->rig_case->argument == BLOCKING)
    n = g_output_stream_splice (memory, rig->input, G_OUTPUT_STREAM_SPLICE_NONE, cancellable,
                                &error);
  else
    {
      g_output_stream_splice_async (memory, rig->input, G_OUTPUT_STREAM_SPLICE_NONE,
                                    G_PRIORITY_DEFAULT, cancellable, rig_result_cb, rig);
      n = g_output_stream_splice_finish (memory, rig_await (rig), &error);
    }

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpint (n, ==, -1);
  g_assert_false (g_input_stream_has_pending (rig->input));
}

/* Closing */

static void
close_after_writing (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (50000, rig->round);
  RigPeer *receiver = rig_receive (rig->far_fd, G_MAXSIZE, rig);

  write_piece (rig->output, bytes, 0, 50000);
  close_both_ways (rig);
  assert_bytes_are (rig_received (receiver), bytes);
}

static void
assert_closed (Rig *rig)
{
  GError *error = NULL;
  char byte;

  g_assert_cmpint (g_input_stream_read (rig->input, &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_cmpint (g_output_stream_write (rig->output, "x", 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);
}

static gpointer
close_in_thread (gpointer stream)
{
  GError *error = NULL;

  g_io_stream_close (stream, NULL, &error);
  g_assert_no_error (error);

  return NULL;
}

/* By a third thread, neither the owner nor the one that has written */
static void
close_elsewhere (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (50000, rig->round);
  G_GNUC_UNUSED g_autoptr(GInputStream) input = g_object_ref (rig->input);
  g_autoptr(GOutputStream) output = g_object_ref (rig->output);
  RigPeer *receiver = rig_receive (rig->far_fd, G_MAXSIZE, rig);

  write_piece (output, bytes, 0, 50000);
  rig_join (rig_run (close_in_thread, rig->stream, rig));
  assert_bytes_are (rig_received (receiver), bytes);
  g_assert_true (g_io_stream_is_closed (rig->stream));
  assert_closed (rig);
}

static void
close_streams_alone (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (50000, rig->round);
  g_autoptr(GInputStream) input = g_object_ref (rig->input);
  g_autoptr(GOutputStream) output = g_object_ref (rig->output);
  RigPeer *receiver = rig_receive (rig->far_fd, 50000, rig);
  GError *error = NULL;

  write_piece (output, bytes, 0, 50000);
  close_output (output, rig);
  if (rig->rig_case->argument == BLOCKING)
    g_input_stream_close (input, NULL, &error);
  else
    {
      g_input_stream_close_async (input, G_PRIORITY_DEFAULT, NULL, rig_result_cb, rig);
      g_input_stream_close_finish (input, rig_await (rig), &error);
    }

  g_assert_no_error (error);
  assert_bytes_are (rig_received (receiver), bytes);
  assert_closed (rig);
}

static gpointer
end_in_thread (gpointer fd)
{
  g_usleep (g_random_int_range (0, 1000));
  shutdown (GPOINTER_TO_INT (fd), SHUT_WR);

  return NULL;
}

/* While a read waits for bytes the peer ends. */
static void
read_end (Rig *rig)
{
  GError *error = NULL;
  char byte;
  gssize n;

  rig_run (end_in_thread, GINT_TO_POINTER (rig->far_fd), rig);
  if (rig->rig_case->argument == BLOCKING)
    n = g_input_stream_read (rig->input, &byte, 1, NULL, &error);
  else
    {
      g_input_stream_read_async (rig->input, &byte, 1, G_PRIORITY_DEFAULT, NULL, rig_result_cb,
                                 rig);
      n = g_input_stream_read_finish (rig->input, rig_await (rig), &error);
    }

  g_assert_no_error (error);
  g_assert_cmpint (n, ==, 0);
}

/* Both ways at the same time */

typedef struct
{
  GInputStream *input;
  GBytes       *expected;
} Reading;

static gpointer
read_in_thread (gpointer data)
{
  const Reading *reading = data;
  gsize size = g_bytes_get_size (reading->expected);
  g_autofree char *buffer = g_malloc (size);
  GError *error = NULL;
  gsize n;

  g_input_stream_read_all (reading->input, buffer, size, &n, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (buffer, n, g_bytes_get_data (reading->expected, NULL), size);

  return NULL;
}

static void
read_and_write_in_threads (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (LARGE / 4, rig->round);
  Reading reading = { rig->input, bytes };
  RigPeer *receiver = rig_receive (rig->far_fd, g_bytes_get_size (bytes), rig);
  RigPeer *reader = rig_run (read_in_thread, &reading, rig);

  rig_send (rig->far_fd, bytes, FALSE, rig);
  for (gsize offset = 0; offset < LARGE / 4; offset += LARGE / 64)
    write_piece (rig->output, bytes, offset, LARGE / 64);
  flush (rig->output, rig);

  rig_join (reader);
  assert_bytes_are (rig_received (receiver), bytes);
}

static void
read_and_write_async (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (LARGE / 4, rig->round);
  g_autoptr(GAsyncResult) read = NULL;
  g_autoptr(GAsyncResult) written = NULL;
  g_autofree char *buffer = g_malloc (LARGE / 4);
  GAsyncResult *read_place = NULL, *written_place = NULL;
  RigPeer *receiver = rig_receive (rig->far_fd, g_bytes_get_size (bytes), rig);
  GError *error = NULL;
  gsize n;

  rig_send (rig->far_fd, bytes, FALSE, rig);
  g_input_stream_read_all_async (rig->input, buffer, LARGE / 4, G_PRIORITY_DEFAULT, NULL,
                                 place_result_cb, &read_place);
  g_output_stream_write_all_async (rig->output, DATA (bytes), G_PRIORITY_DEFAULT, NULL,
                                   place_result_cb, &written_place);

  read = place_await (&read_place);
  g_input_stream_read_all_finish (rig->input, read, &n, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (buffer, n, g_bytes_get_data (bytes, NULL), LARGE / 4);
  written = place_await (&written_place);
  g_output_stream_write_all_finish (rig->output, written, &n, &error);
  g_assert_no_error (error);
  flush (rig->output, rig);

  assert_bytes_are (rig_received (receiver), bytes);
}

/* The pollable sources, in the context of the caller */

static gboolean
ready_cb (GObject *stream,
          gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_REMOVE;
}

static void
await_source (GSource *source)
{
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();
  gboolean is_ready = FALSE;

  g_source_set_callback (source, G_SOURCE_FUNC (ready_cb), &is_ready, NULL);
  g_source_attach (source, context);
  while (!is_ready)
    g_main_context_iteration (context, TRUE);
  g_source_unref (source);
}

static void
read_pollable (Rig *rig)
{
  GPollableInputStream *input = G_POLLABLE_INPUT_STREAM (rig->input);
  g_autoptr(GBytes) bytes = make_bytes (MEDIUM, rig->round);
  g_autoptr(GByteArray) taken = g_byte_array_new ();
  char buffer[5000];

  rig_send (rig->far_fd, bytes, FALSE, rig);
  while (taken->len < MEDIUM)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_pollable_input_stream_read_nonblocking (input, buffer, sizeof buffer, NULL,
                                                           &error);

      if (n > 0)
        g_byte_array_append (taken, (const guint8 *) buffer, (guint) n);
      else
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
          await_source (g_pollable_input_stream_create_source (input, NULL));
        }
    }

  assert_taken_are (taken, bytes);
}

static void
write_pollable (Rig *rig)
{
  GPollableOutputStream *output = G_POLLABLE_OUTPUT_STREAM (rig->output);
  g_autoptr(GBytes) bytes = make_bytes (LARGE, rig->round);
  const char *data = g_bytes_get_data (bytes, NULL);
  RigPeer *receiver = rig_receive (rig->far_fd, LARGE, rig);

  for (gsize offset = 0; offset < LARGE;)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_pollable_output_stream_write_nonblocking (output, data + offset, LARGE - offset,
                                                             NULL, &error);

      if (n > 0)
        offset += (gsize) n;
      else
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
          await_source (g_pollable_output_stream_create_source (output, NULL));
        }
    }

  flush (rig->output, rig);
  assert_bytes_are (rig_received (receiver), bytes);
}

/* A GThreadPool, each of whose tasks reads and writes one stream at a time */

#define N_TASKS 60

typedef struct
{
  GMutex lock;
  Rig   *rig;
  gint   is_ready;  /* atomic: ThreadSanitizer does not see the locks of GThreadPool */
  gint   n_done;    /* atomic: the same */
} Pool;

static void
echo_task (gpointer data,
           gpointer user_data)
{
  Pool *pool = user_data;
  guint8 buffer[500];
  GError *error = NULL;
  Rig *rig;
  gsize n;

  g_assert_true (g_atomic_int_get (&pool->is_ready));
  rig = pool->rig;
  g_mutex_lock (&pool->lock);
  g_input_stream_read_all (rig->input, buffer, sizeof buffer, &n, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, sizeof buffer);
  g_output_stream_write_all (rig->output, buffer, sizeof buffer, &n, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_flush (rig->output, NULL, &error);
  g_assert_no_error (error);
  g_mutex_unlock (&pool->lock);
  g_atomic_int_inc (&pool->n_done);
}

static void
use_in_pool (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (500 * N_TASKS, rig->round);
  Pool pool = { .rig = rig };
  GThreadPool *threads = g_thread_pool_new (echo_task, &pool, 6, TRUE, NULL);
  RigPeer *receiver = rig_receive (rig->far_fd, g_bytes_get_size (bytes), rig);

  g_mutex_init (&pool.lock);
  g_atomic_int_set (&pool.is_ready, TRUE);
  rig_send (rig->far_fd, bytes, FALSE, rig);
  for (guint i = 0; i < N_TASKS; i++)
    g_thread_pool_push (threads, GUINT_TO_POINTER (i + 1), NULL);
  g_thread_pool_free (threads, FALSE, TRUE);
  g_assert_cmpint (g_atomic_int_get (&pool.n_done), ==, N_TASKS);
  g_mutex_clear (&pool.lock);

  assert_bytes_are (rig_received (receiver), bytes);
}

#define CLOSE_1 G_IO_STREAM_SPLICE_CLOSE_STREAM1
#define CLOSE_2 G_IO_STREAM_SPLICE_CLOSE_STREAM2
#define WAIT G_IO_STREAM_SPLICE_WAIT_FOR_BOTH

/* A blocking call in the owner's thread is one mode: in a context that it has pushed it is the
 * same. */
#define MODES_OF_BLOCKING (MODE_OWN | MODES_OF_OTHERS)

#define BOTH_WAYS(name, func, flags) \
  { name, func, BLOCKING, (flags) | RIG_BLOCKING, MODES_OF_BLOCKING }, \
  { name "-async", func, ASYNC, flags, MODES_ALL }

static const RigCase cases[] = {
  BOTH_WAYS ("data-input/read-line", read_lines, 0),
  BOTH_WAYS ("data-input/read-upto", read_parts, 0),
  { "data-input/numbers", read_numbers, BLOCKING, RIG_BLOCKING, MODES_OF_BLOCKING },
  { "data-input/line-then-bytes-async", read_line_then_bytes, ASYNC, 0, MODES_ALL },
  { "input/bytes-async", read_bytes, ASYNC, 0, MODES_ALL },
  { "buffered-input/bytes-async", read_bytes_buffered, ASYNC, 0, MODES_ALL },
  BOTH_WAYS ("input/skip", skip_bytes, 0),
  BOTH_WAYS ("buffered-input/fill", fill_buffer, 0),
  BOTH_WAYS ("input/read-all", read_all, 0),
  BOTH_WAYS ("data-output/numbers", write_numbers, 0),
  BOTH_WAYS ("buffered-output/flush", flush_buffered, 0),
  BOTH_WAYS ("buffered-output/close", close_buffered, 0),
  BOTH_WAYS ("buffered-output/splice", splice_into_buffered, 0),
  BOTH_WAYS ("output/flush", flush_stream, 0),
  BOTH_WAYS ("output/write-all", write_all, 0),
  BOTH_WAYS ("converter/read-gzip", read_gzip, 0),
  BOTH_WAYS ("converter/write-gzip", write_gzip, RIG_KEEPS_CLOSED),
  BOTH_WAYS ("splice/into", splice_into_stream, 0),
  BOTH_WAYS ("splice/from", splice_from_stream, 0),
  BOTH_WAYS ("splice/between", splice_between_streams, RIG_SECOND),
  { "io-splice/none", splice_io_streams, 0, RIG_SECOND, MODES_ALL },
  { "io-splice/close-1", splice_io_streams, CLOSE_1, RIG_SECOND, MODES_ALL },
  { "io-splice/close-2", splice_io_streams, CLOSE_2, RIG_SECOND, MODES_ALL },
  { "io-splice/close-both", splice_io_streams, CLOSE_1 | CLOSE_2, RIG_SECOND, MODES_ALL },
  { "io-splice/wait", splice_io_streams, WAIT, RIG_SECOND, MODES_ALL },
  { "io-splice/wait-close-1", splice_io_streams, WAIT | CLOSE_1, RIG_SECOND, MODES_ALL },
  { "io-splice/wait-close-2", splice_io_streams, WAIT | CLOSE_2, RIG_SECOND, MODES_ALL },
  { "io-splice/wait-close-both", splice_io_streams, WAIT | CLOSE_1 | CLOSE_2, RIG_SECOND,
    MODES_ALL },
  BOTH_WAYS ("cancel/read", cancel_read, 0),
  BOTH_WAYS ("cancel/read-line", cancel_line, 0),
  BOTH_WAYS ("cancel/write-all", cancel_write, RIG_KEEPS_CLOSED),
  BOTH_WAYS ("cancel/splice", cancel_splice, 0),
  BOTH_WAYS ("close/after-writing", close_after_writing, RIG_KEEPS_CLOSED),
  { "close/elsewhere", close_elsewhere, BLOCKING, RIG_BLOCKING | RIG_KEEPS_CLOSED,
    MODES_OF_BLOCKING },
  BOTH_WAYS ("close/streams-alone", close_streams_alone, 0),
  BOTH_WAYS ("end/while-reading", read_end, 0),
  { "both-ways/threads", read_and_write_in_threads, BLOCKING, RIG_BLOCKING, MODES_OF_BLOCKING },
  { "both-ways/async", read_and_write_async, ASYNC, 0, MODES_ALL },
  { "pollable/read", read_pollable, ASYNC, 0, MODES_ALL },
  { "pollable/write", write_pollable, ASYNC, 0, MODES_ALL },
  { "pool", use_in_pool, BLOCKING, RIG_BLOCKING, MODES_OF_BLOCKING },
};

int
main (int    argc,
      char **argv)
{
  isolated_init (&argc, &argv);
  rig_add_cases ("/stream-threads", cases, G_N_ELEMENTS (cases));

  return isolated_run ();
}
