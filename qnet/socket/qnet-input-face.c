/* qnet-input-face.c: a device's read buffer as a GInputStream
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-io-device-streams-private.h"
#include "socket/qnet-io-operation-private.h"

#include "base/qnet-i18n-private.h"

static void pollable_iface_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (QnetInputFace,
                               qnet_input_face,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      pollable_iface_init))

/* Taking what is there */

/* 0: the end; -1: an error; WOULD_BLOCK: neither. */
static gssize
look_at_end (QnetIODevice  *device,
             GError       **error)
{
  QnetIODevicePrivate *priv;

  if (!qnet_face_check_open (device, error))
    return -1;

  if (!qnet_io_device_end_is_told (device))
    return QNET_FACE_WOULD_BLOCK;

  priv = qnet_io_device_get_private (device);
  if (priv->end_error == NULL)
    return 0;

  g_propagate_error (error, qnet_face_convert_error (priv->end_error));

  return -1;
}

/* Whoever reads a stream asks for each piece: what arrives meanwhile is not to grow without limit while a slow
 * reader, the other side of a relay perhaps, does something else. */
#define READ_AHEAD (1024 * 1024)

static gsize
get_available (QnetIODevice *device)
{
  if (device == NULL)
    return 0;

  qnet_channel_set_pull_limit (&qnet_io_device_get_private (device)->channel, READ_AHEAD);
  qnet_io_device_pull (device);

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

  return (gssize) QNET_IO_DEVICE_GET_CLASS (device)->skip_data (device, MIN (size, available));
}

/* What is held up comes only when the user does something about it, and this call keeps the user from it. */
static gboolean
wait_for_input (QnetIODevice  *device,
                GCancellable  *cancellable,
                GError       **error)
{
  QnetChannel *channel = &qnet_io_device_get_private (device)->channel;

  if (!channel->is_paused && !qnet_channel_is_stuck (channel))
    return qnet_face_wait (device, cancellable, error);

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("Nothing can arrive on this socket now"));

  return FALSE;
}

static gssize
take_or_wait (QnetInputFace  *self,
              void           *buffer,
              gsize           size,
              GCancellable   *cancellable,
              GError        **error)
{
  G_GNUC_UNUSED g_autoptr(QnetInputFace) hold = g_object_ref (self);  /* and so the device */
  gssize n;

  do
    n = take (self->device, buffer, size, error);
  while (n == QNET_FACE_WOULD_BLOCK && wait_for_input (self->device, cancellable, error));

  return MAX (n, -1);
}

/* Blocking */

static gssize
qnet_input_face_read (GInputStream  *stream,
                      void          *buffer,
                      gsize          count,
                      GCancellable  *cancellable,
                      GError       **error)
{
  return take_or_wait (QNET_INPUT_FACE (stream), buffer, count, cancellable, error);
}

static gssize
qnet_input_face_skip (GInputStream  *stream,
                      gsize          count,
                      GCancellable  *cancellable,
                      GError       **error)
{
  return take_or_wait (QNET_INPUT_FACE (stream), NULL, count, cancellable, error);
}

/* This face is closed by being marked so, which GInputStream does itself. */
static gboolean
qnet_input_face_close (GInputStream  *stream,
                       GCancellable  *cancellable,
                       GError       **error)
{
  QnetIODevice *device = QNET_INPUT_FACE (stream)->device;

  if (device != NULL)
    qnet_channel_set_pull_limit (&qnet_io_device_get_private (device)->channel, 0);

  return TRUE;
}

/* With a callback */

static QnetIOOperation *
new_operation (QnetInputFace       *self,
               QnetIOStep           step,
               gsize                size,
               int                  io_priority,
               GCancellable        *cancellable,
               GAsyncReadyCallback  callback,
               gpointer             user_data)
{
  QnetIOOperation *operation =
    qnet_io_operation_new (self->device, self, step, io_priority, cancellable, callback, user_data);

  operation->size = size;

  return operation;
}

static gboolean
read_step (QnetIODevice    *device,
           QnetIOOperation *operation)
{
  operation->count = take (device, operation->buffer, operation->size, &operation->error);

  return operation->count != QNET_FACE_WOULD_BLOCK;
}

static void
qnet_input_face_read_async (GInputStream        *stream,
                            void                *buffer,
                            gsize                count,
                            int                  io_priority,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  QnetIOOperation *operation = new_operation (QNET_INPUT_FACE (stream), read_step, count,
                                              io_priority, cancellable, callback, user_data);

  operation->buffer = buffer;
  qnet_io_operation_start (operation);
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
qnet_input_face_skip_async (GInputStream        *stream,
                            gsize                count,
                            int                  io_priority,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  qnet_io_operation_start (new_operation (QNET_INPUT_FACE (stream), read_step, count, io_priority,
                                          cancellable, callback, user_data));
}

static gboolean
close_step (QnetIODevice    *device,
            QnetIOOperation *operation)
{
  qnet_channel_set_pull_limit (&qnet_io_device_get_private (device)->channel, 0);

  return TRUE;
}

static void
qnet_input_face_close_async (GInputStream        *stream,
                             int                  io_priority,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  qnet_io_operation_start (new_operation (QNET_INPUT_FACE (stream), close_step, 0, io_priority,
                                          cancellable, callback, user_data));
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

  return n != QNET_FACE_WOULD_BLOCK;
}

void
qnet_input_face_take_bytes_async (QnetInputFace       *self,
                                  gsize                size,
                                  int                  io_priority,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  qnet_io_operation_start (new_operation (self, take_bytes_step, size, io_priority, cancellable,
                                          callback, user_data));
}

/* Polled */

static gboolean
qnet_input_face_is_readable (GPollableInputStream *stream)
{
  QnetIODevice *device = QNET_INPUT_FACE (stream)->device;

  return get_available (device) > 0 || look_at_end (device, NULL) != QNET_FACE_WOULD_BLOCK;
}

static gssize
qnet_input_face_read_nonblocking (GPollableInputStream  *stream,
                                  void                  *buffer,
                                  gsize                  count,
                                  GError               **error)
{
  gssize n = take (QNET_INPUT_FACE (stream)->device, buffer, count, error);

  if (n != QNET_FACE_WOULD_BLOCK)
    return n;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, _("Nothing to read now"));

  return -1;
}

static gboolean
is_readable (gpointer stream)
{
  return qnet_input_face_is_readable (stream);
}

static GSource *
qnet_input_face_create_source (GPollableInputStream *stream,
                               GCancellable         *cancellable)
{
  return qnet_face_create_source (stream, is_readable, cancellable);
}

/* GObject */

static void
pollable_iface_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = qnet_input_face_is_readable;
  iface->create_source = qnet_input_face_create_source;
  iface->read_nonblocking = qnet_input_face_read_nonblocking;
}

/* Everything is overridden, since what is not runs in a thread. */
static void
qnet_input_face_class_init (QnetInputFaceClass *klass)
{
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  stream_class->read_fn = qnet_input_face_read;
  stream_class->skip = qnet_input_face_skip;
  stream_class->close_fn = qnet_input_face_close;

  stream_class->read_async = qnet_input_face_read_async;
  stream_class->read_finish = finish_count;
  stream_class->skip_async = qnet_input_face_skip_async;
  stream_class->skip_finish = finish_count;
  stream_class->close_async = qnet_input_face_close_async;
  stream_class->close_finish = finish_claim;
}

static void
qnet_input_face_init (QnetInputFace *self)
{
}
