/* qnet-io-device-output-stream-splice.c: from any input stream into a device
 *
 * One round: wait until there is room, read no more than that, queue it. From a device's own input
 * stream the bytes come in the chunks in which they arrived, so that one end of a relay hands them
 * to the other without copying.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-reserve-private.h"
#include "device/qnet-io-device-streams-private.h"

/* The input stream of a device is read in pieces of the second size, any other one in pieces of the
 * first. */
#define FOREIGN_SIZE 8192
#define OWN_SIZE     65536

typedef struct
{
  GInputStream             *source;  /* (owned) */
  GOutputStreamSpliceFlags  flags;
  gsize                     n_spliced;
  guint8                   *buffer;  /* (owned) (nullable): for a source that is not ours */
  GError                   *error;   /* (owned) (nullable): what ended it but the source's end */
} Splice;

static void start_round (GTask *task);

static void
splice_free (Splice *splice)
{
  g_object_unref (splice->source);
  g_free (splice->buffer);
  g_clear_error (&splice->error);
  g_free (splice);
}

/* The end: both streams may want to be closed. */

static void
return_result (GTask *task)
{
  Splice *splice = g_task_get_task_data (task);

  if (splice->error != NULL)
    g_task_return_error (task, g_steal_pointer (&splice->error));
  else
    g_task_return_int (task, (gssize) MIN (splice->n_spliced, (gsize) G_MAXSSIZE));

  g_object_unref (task);
}

static void
target_closed_cb (GObject      *stream,
                  GAsyncResult *result,
                  gpointer      task)
{
  Splice *splice = g_task_get_task_data (task);

  g_output_stream_close_finish (G_OUTPUT_STREAM (stream), result,
                                splice->error == NULL ? &splice->error : NULL);
  return_result (task);
}

/* Our caller marked this stream as pending and takes the mark away when we are done: closing it
 * needs it before. */
static void
close_target (GTask *task)
{
  GOutputStream *stream = g_task_get_source_object (task);
  Splice *splice = g_task_get_task_data (task);

  if ((splice->flags & G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET) == 0)
    {
      return_result (task);
      return;
    }

  g_output_stream_clear_pending (stream);
  g_output_stream_close_async (stream, g_task_get_priority (task), g_task_get_cancellable (task),
                               target_closed_cb, task);
}

/* All was read: that the source could not be closed in an orderly way changes nothing. */
static void
source_closed_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      task)
{
  g_input_stream_close_finish (G_INPUT_STREAM (source), result, NULL);
  close_target (task);
}

static void
end_splice (GTask  *task,
            GError *error)
{
  Splice *splice = g_task_get_task_data (task);

  splice->error = error;

  if ((splice->flags & G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE) != 0)
    g_input_stream_close_async (splice->source, g_task_get_priority (task),
                                g_task_get_cancellable (task), source_closed_cb, task);
  else
    close_target (task);
}

/* A round */

/* @size bytes went in, or -1: none could. */
static void
end_round (GTask  *task,
           gssize  size,
           GError *error)
{
  Splice *splice = g_task_get_task_data (task);

  if (size > 0)
    splice->n_spliced += (gsize) size;

  if (size > 0)
    start_round (task);
  else
    end_splice (task, error);
}

static void
own_read_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      task)
{
  GError *error = NULL;
  g_autoptr(GBytes) bytes = g_task_propagate_pointer (G_TASK (result), &error);
  gssize n = -1;

  g_input_stream_clear_pending (G_INPUT_STREAM (source));

  if (bytes != NULL)
    n = qnet_io_device_output_stream_put_bytes (g_task_get_source_object (task), bytes, &error);

  end_round (task, n, error);
}

static void
foreign_read_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      task)
{
  Splice *splice = g_task_get_task_data (task);
  g_autoptr(GBytes) bytes = NULL;
  GError *error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n > 0)
    {
      bytes = g_bytes_new (splice->buffer, (gsize) n);
      n = qnet_io_device_output_stream_put_bytes (g_task_get_source_object (task), bytes, &error);
    }

  end_round (task, n, error);
}

static void
read_from_own (GTask *task,
               gsize  room)
{
  Splice *splice = g_task_get_task_data (task);
  GError *error = NULL;

  if (g_input_stream_set_pending (splice->source, &error))
    qnet_io_device_input_stream_take_bytes_async (QNET_IO_DEVICE_INPUT_STREAM (splice->source),
                                                  MIN (room, OWN_SIZE),
                                                  g_task_get_priority (task),
                                                  g_task_get_cancellable (task),
                                                  own_read_cb, task);
  else
    end_splice (task, error);
}

static void
read_from_foreign (GTask *task,
                   gsize  room)
{
  Splice *splice = g_task_get_task_data (task);

  if (splice->buffer == NULL)
    splice->buffer = g_malloc (FOREIGN_SIZE);

  g_input_stream_read_async (splice->source, splice->buffer, MIN (room, FOREIGN_SIZE),
                             g_task_get_priority (task), g_task_get_cancellable (task),
                             foreign_read_cb, task);
}

static void
use_room (GTask  *task,
          gssize  room,
          GError *error)
{
  Splice *splice = g_task_get_task_data (task);

  if (room == -1)
    end_splice (task, error);
  else if (QNET_IS_IO_DEVICE_INPUT_STREAM (splice->source))
    read_from_own (task, (gsize) room);
  else
    read_from_foreign (task, (gsize) room);
}

static void
room_cb (GObject      *stream,
         GAsyncResult *result,
         gpointer      task)
{
  GError *error = NULL;
  gssize room = g_task_propagate_int (G_TASK (result), &error);

  use_room (task, room, error);
}

static void
start_round (GTask *task)
{
  QnetIODeviceOutputStream *self = g_task_get_source_object (task);
  GError *error = NULL;
  gssize room = qnet_io_device_output_stream_get_room (self, &error);

  if (room != QNET_IO_DEVICE_STREAM_WOULD_BLOCK)
    use_room (task, room, error);
  else
    qnet_io_device_output_stream_wait_room_async (self, g_task_get_priority (task),
                                                  g_task_get_cancellable (task), room_cb, task);
}

/* The vfuncs */

void
qnet_io_device_output_stream_splice_async (GOutputStream            *stream,
                                           GInputStream             *source,
                                           GOutputStreamSpliceFlags  flags,
                                           int                       io_priority,
                                           GCancellable             *cancellable,
                                           GAsyncReadyCallback       callback,
                                           gpointer                  user_data)
{
  GTask *task = qnet_task_new (stream, cancellable, callback, user_data);
  Splice *splice = g_new0 (Splice, 1);

  splice->source = g_object_ref (source);
  splice->flags = flags;

  g_task_set_source_tag (task, qnet_io_device_output_stream_splice_async);
  g_task_set_priority (task, io_priority);
  g_task_set_check_cancellable (task, FALSE);  /* the steps do; both streams are closed even then */
  g_task_set_task_data (task, splice, (GDestroyNotify) splice_free);

  start_round (task);
}

gssize
qnet_io_device_output_stream_splice_finish (GOutputStream  *stream,
                                            GAsyncResult   *result,
                                            GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), -1);

  return g_task_propagate_int (G_TASK (result), error);
}
