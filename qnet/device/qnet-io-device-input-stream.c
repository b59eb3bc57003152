/* qnet-io-device-input-stream.c: a device's read buffer as a GInputStream
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-i18n-private.h"
#include "device/qnet-io-device-streams-private.h"
#include "device/qnet-io-loan-private.h"
#include "device/qnet-io-operation-private.h"

static void pollable_iface_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (QnetIODeviceInputStream,
                               qnet_io_device_input_stream,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      pollable_iface_init))

/* The owner has set it, which may be another thread. */
static QnetIODevice *
get_device (gpointer stream)
{
  QnetIODeviceInputStream *self = stream;

  return g_atomic_pointer_get (&self->device);
}

/* Taking what is there */

/* 0: the end; -1: an error; WOULD_BLOCK: neither. */
static gssize
look_at_end (QnetIODevice  *device,
             GError       **error)
{
  QnetIOErrors *errors;
  GError *reason = NULL;

  if (!qnet_io_device_stream_check_open (device, error))
    return -1;

  if (qnet_io_device_is_lent (device) && qnet_io_loan_has_ended (device, &reason))
    {
      if (reason != NULL)
        g_propagate_error (error, reason);
      return reason != NULL ? -1 : 0;
    }

  if (!qnet_io_device_end_is_reported (device))
    return QNET_IO_DEVICE_STREAM_WOULD_BLOCK;

  errors = qnet_io_device_get_errors (qnet_io_device_get_private (device));
  if (errors->end == NULL)
    return 0;

  g_propagate_error (error, qnet_io_device_stream_convert_error (errors->end));

  return -1;
}

/* The reader of a stream asks for each piece: what arrives meanwhile must not grow without limit
 * while a slow reader, the other side of a relay perhaps, does something else. */
#define READ_AHEAD (1024 * 1024)

static gsize
get_available (QnetIODevice *device)
{
  if (device == NULL)
    return 0;

  qnet_channel_set_pull_limit (&qnet_io_device_get_private (device)->channel, READ_AHEAD);
  qnet_io_device_pull (device);
  if (qnet_io_device_is_lent (device))
    qnet_io_loan_receive (device);

  return qnet_io_device_get_private (device)->channel.read_queue.length;
}

/* With @buffer NULL the bytes are dropped. */
static gssize
take (QnetIODevice  *device,
      void          *buffer,
      gsize          size,
      GError       **error)
{
  gsize available = get_available (device);

  if (available == 0)
    return look_at_end (device, error);

  if (buffer != NULL)
    return (gssize) qnet_io_device_take (device, buffer, MIN (size, G_MAXSSIZE));

  return (gssize) qnet_io_device_discard (device, MIN (size, available));
}

/* Blocking */

static gboolean read_step (QnetIODevice    *device,
                           QnetIOOperation *operation);

static gssize
take_or_wait (QnetIODeviceInputStream  *self,
              void                     *buffer,
              gsize                     size,
              GCancellable             *cancellable,
              GError                  **error)
{
  /* And so the device */
  G_GNUC_UNUSED g_autoptr(QnetIODeviceInputStream) hold = g_object_ref (self);
  QnetIOOperation operation = { .step = read_step, .buffer = buffer, .size = size };

  if (!qnet_io_device_stream_run (get_device (self), &operation, TRUE, cancellable, error))
    return -1;

  return operation.count;
}

static gssize
qnet_io_device_input_stream_read (GInputStream  *stream,
                                  void          *buffer,
                                  gsize          count,
                                  GCancellable  *cancellable,
                                  GError       **error)
{
  return take_or_wait (QNET_IO_DEVICE_INPUT_STREAM (stream), buffer, count, cancellable, error);
}

static gssize
qnet_io_device_input_stream_skip (GInputStream  *stream,
                                  gsize          count,
                                  GCancellable  *cancellable,
                                  GError       **error)
{
  return take_or_wait (QNET_IO_DEVICE_INPUT_STREAM (stream), NULL, count, cancellable, error);
}

/* This stream is closed by being marked so, which GInputStream does itself. */
static gboolean
qnet_io_device_input_stream_close (GInputStream  *stream,
                                   GCancellable  *cancellable,
                                   GError       **error)
{
  QnetIODevice *device = get_device (stream);
  G_GNUC_UNUSED g_auto(QnetIOUse) use = qnet_io_use_begin (device);

  if (device != NULL)
    qnet_channel_set_pull_limit (&qnet_io_device_get_private (device)->channel, 0);

  return TRUE;
}

/* With a callback */

static QnetIOOperation *
new_operation (gpointer             stream,
               QnetIOStep           step,
               gsize                size,
               int                  io_priority,
               GCancellable        *cancellable,
               GAsyncReadyCallback  callback,
               gpointer             user_data)
{
  QnetIODevice *device = get_device (stream);
  QnetIOOperation *operation =
    qnet_io_operation_new (device, stream, step, io_priority, cancellable, callback, user_data);

  operation->size = size;

  return operation;
}

static gboolean
read_step (QnetIODevice    *device,
           QnetIOOperation *operation)
{
  operation->count = take (device, operation->buffer, operation->size, &operation->error);

  return operation->count != QNET_IO_DEVICE_STREAM_WOULD_BLOCK;
}

static void
qnet_io_device_input_stream_read_async (GInputStream        *stream,
                                        void                *buffer,
                                        gsize                count,
                                        int                  io_priority,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data)
{
  QnetIOOperation *operation =
    new_operation (stream, read_step, count, io_priority, cancellable, callback, user_data);

  operation->buffer = buffer;
  qnet_io_use_start (get_device (stream), operation, TRUE);
}

static gssize
finish_count (GInputStream  *stream,
              GAsyncResult  *result,
              GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), -1);

  return qnet_io_operation_finish (result, error);
}

static void
qnet_io_device_input_stream_skip_async (GInputStream        *stream,
                                        gsize                count,
                                        int                  io_priority,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data)
{
  qnet_io_use_start (
    get_device (stream),
    new_operation (stream, read_step, count, io_priority, cancellable, callback, user_data), TRUE);
}

static gboolean
close_step (QnetIODevice    *device,
            QnetIOOperation *operation)
{
  qnet_channel_set_pull_limit (&qnet_io_device_get_private (device)->channel, 0);

  return TRUE;
}

static void
qnet_io_device_input_stream_close_async (GInputStream        *stream,
                                         int                  io_priority,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data)
{
  qnet_io_use_start (
    get_device (stream),
    new_operation (stream, close_step, 0, io_priority, cancellable, callback, user_data), TRUE);
}

static gboolean
finish_claim (GInputStream  *stream,
              GAsyncResult  *result,
              GError       **error)
{
  return finish_count (stream, result, error) != -1;
}

static gboolean
take_bytes_step (QnetIODevice    *device,
                 QnetIOOperation *operation)
{
  gssize n = get_available (device) > 0 ? 1 : look_at_end (device, &operation->error);

  if (n == 1)
    operation->bytes = qnet_io_device_take_bytes (device, operation->size);
  else if (n == 0)
    operation->bytes = g_bytes_new (NULL, 0);

  return n != QNET_IO_DEVICE_STREAM_WOULD_BLOCK;
}

void
qnet_io_device_input_stream_take_bytes_async (QnetIODeviceInputStream *self,
                                              gsize                    size,
                                              int                      io_priority,
                                              GCancellable            *cancellable,
                                              GAsyncReadyCallback      callback,
                                              gpointer                 user_data)
{
  qnet_io_use_start (get_device (self),
                     new_operation (self, take_bytes_step, size, io_priority, cancellable, callback,
                                    user_data), TRUE);
}

/* Polled */

static gboolean
qnet_io_device_input_stream_is_readable (GPollableInputStream *stream)
{
  QnetIODevice *device = get_device (stream);
  G_GNUC_UNUSED g_auto(QnetIOUse) use = qnet_io_use_begin (device);

  return get_available (device) > 0
         || look_at_end (device, NULL) != QNET_IO_DEVICE_STREAM_WOULD_BLOCK;
}

static gssize
qnet_io_device_input_stream_read_nonblocking (GPollableInputStream  *stream,
                                              void                  *buffer,
                                              gsize                  count,
                                              GError               **error)
{
  QnetIODevice *device = get_device (stream);
  G_GNUC_UNUSED g_auto(QnetIOUse) use = qnet_io_use_begin (device);
  gssize n = take (device, buffer, count, error);

  if (n != QNET_IO_DEVICE_STREAM_WOULD_BLOCK)
    return n;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, _("No bytes can be read now"));

  return -1;
}

static gboolean
is_readable (gpointer stream)
{
  return qnet_io_device_input_stream_is_readable (stream);
}

static GSource *
qnet_io_device_input_stream_create_source (GPollableInputStream *stream,
                                           GCancellable         *cancellable)
{
  return qnet_io_device_stream_create_source (stream, get_device (stream),
                                              is_readable, cancellable);
}

/* GObject */

static void
pollable_iface_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = qnet_io_device_input_stream_is_readable;
  iface->create_source = qnet_io_device_input_stream_create_source;
  iface->read_nonblocking = qnet_io_device_input_stream_read_nonblocking;
}

/* Everything is overridden, since what is not runs in a thread. */
static void
qnet_io_device_input_stream_class_init (QnetIODeviceInputStreamClass *klass)
{
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  stream_class->read_fn = qnet_io_device_input_stream_read;
  stream_class->skip = qnet_io_device_input_stream_skip;
  stream_class->close_fn = qnet_io_device_input_stream_close;

  stream_class->read_async = qnet_io_device_input_stream_read_async;
  stream_class->read_finish = finish_count;
  stream_class->skip_async = qnet_io_device_input_stream_skip_async;
  stream_class->skip_finish = finish_count;
  stream_class->close_async = qnet_io_device_input_stream_close_async;
  stream_class->close_finish = finish_claim;
}

static void
qnet_io_device_input_stream_init (QnetIODeviceInputStream *self)
{
}
