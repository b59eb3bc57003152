/* qnet-output-face.c: a device's write buffer as a GOutputStream
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-io-device-streams-private.h"
#include "socket/qnet-io-operation-private.h"

#include "qnet-error.h"
#include "base/qnet-i18n-private.h"

static void pollable_iface_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (QnetOutputFace,
                               qnet_output_face,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      pollable_iface_init))

/* Putting in what there is room for */

/* Writing to an end that is gone is what the kernel calls EPIPE. */
static gboolean
check_writable (QnetIODevice  *device,
                GError       **error)
{
  g_autoptr(GError) reason = NULL;
  QnetIODevicePrivate *priv;

  if (!qnet_face_check_open (device, error))
    return FALSE;
  if (qnet_io_device_check_writable (device, &reason))
    return TRUE;

  priv = qnet_io_device_get_private (device);
  if (priv->end_error != NULL)
    g_propagate_error (error, qnet_face_convert_error (priv->end_error));
  else
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, reason->message);

  return FALSE;
}

static gssize
look_for_room (QnetIODevice  *device,
               GError       **error)
{
  QnetIODevicePrivate *priv;
  gsize high_water;

  if (!check_writable (device, error))
    return -1;

  priv = qnet_io_device_get_private (device);
  high_water = priv->high_water > 0 ? priv->high_water : QNET_FACE_HIGH_WATER;

  if (priv->channel.write_queue.length >= high_water)
    return QNET_FACE_WOULD_BLOCK;

  return (gssize) (high_water - priv->channel.write_queue.length);
}

static gssize
put (QnetIODevice  *device,
     const void    *data,
     gsize          size,
     GError       **error)
{
  gssize room = look_for_room (device, error);

  if (room < 0)
    return room;

  return qnet_io_device_write (device, data, MIN (size, (gsize) room), error);
}

/* As much of all vectors as there is room for; an error counts only where nothing was taken before
 * it. */
static gssize
put_vectors (QnetIODevice         *device,
             const GOutputVector  *vectors,
             gsize                 n_vectors,
             GError              **error)
{
  gssize total = 0;

  for (gsize i = 0; i < n_vectors; i++)
    {
      gssize n = put (device, vectors[i].buffer, vectors[i].size, total == 0 ? error : NULL);

      if (n < 0)
        return total > 0 ? total : n;

      total += n;
      if ((gsize) n < vectors[i].size)
        break;
    }

  return total;
}

static void
note_close (QnetOutputFace *self)
{
  if (self->device != NULL)
    qnet_io_device_half_open_may_end (self->device);
}

/* Blocking */

/* Who has no loop has nobody else to send it. */
static void
send_if_detached (QnetIODevice *device)
{
  QnetReactor *reactor = qnet_io_device_get_private (device)->wait_set.reactor;

  if (reactor != NULL && qnet_reactor_is_detached (reactor))
    qnet_io_device_flush (device);
}

static gboolean
qnet_output_face_writev (GOutputStream        *stream,
                         const GOutputVector  *vectors,
                         gsize                 n_vectors,
                         gsize                *bytes_written,
                         GCancellable         *cancellable,
                         GError              **error)
{
  g_autoptr(QnetOutputFace) self = g_object_ref (QNET_OUTPUT_FACE (stream));
  gssize n;

  do
    n = put_vectors (self->device, vectors, n_vectors, error);
  while (n == QNET_FACE_WOULD_BLOCK && qnet_face_wait (self->device, cancellable, error));

  if (n < 0)
    return FALSE;

  send_if_detached (self->device);
  *bytes_written = (gsize) n;

  return TRUE;
}

static gssize
qnet_output_face_write (GOutputStream  *stream,
                        const void     *buffer,
                        gsize           count,
                        GCancellable   *cancellable,
                        GError        **error)
{
  GOutputVector vector = { buffer, count };
  gsize n;

  return qnet_output_face_writev (stream, &vector, 1, &n, cancellable, error) ? (gssize) n : -1;
}

/* TRUE when it is sure whether all up to @target was sent: it was, or @error says why it will not
 * be. */
static gboolean
is_settled (QnetIODevice  *device,
            guint64        target,
            GError       **error)
{
  QnetIODevicePrivate *priv;

  if (device == NULL)
    return !qnet_face_check_open (device, error);

  if (qnet_io_device_has_sent (device, target))
    return TRUE;

  priv = qnet_io_device_get_private (device);

  return (priv->link == QNET_LINK_NONE || priv->channel.write_error != NULL)
         && !check_writable (device, error);
}

/* A device that closes sends the rest itself, and its closing shall not block. */
static gboolean
is_left_to_device (QnetIODevice *device)
{
  return device != NULL && qnet_io_device_get_private (device)->is_closing;
}

static gboolean
qnet_output_face_flush (GOutputStream  *stream,
                        GCancellable   *cancellable,
                        GError        **error)
{
  g_autoptr(QnetOutputFace) self = g_object_ref (QNET_OUTPUT_FACE (stream));
  guint64 target = self->device != NULL ? qnet_io_device_get_send_target (self->device) : 0;
  GError *reason = NULL;

  if (is_left_to_device (self->device))
    return TRUE;

  while (!is_settled (self->device, target, &reason))
    if (!qnet_face_wait (self->device, cancellable, error))
      return FALSE;

  if (reason == NULL)
    return TRUE;

  g_propagate_error (error, reason);

  return FALSE;
}

/* GOutputStream has flushed, and marks this face closed. */
static gboolean
qnet_output_face_close (GOutputStream  *stream,
                        GCancellable   *cancellable,
                        GError        **error)
{
  note_close (QNET_OUTPUT_FACE (stream));

  return TRUE;
}

/* With a callback */

static QnetIOOperation *
new_operation (gpointer             stream,
               QnetIOStep           step,
               int                  io_priority,
               GCancellable        *cancellable,
               GAsyncReadyCallback  callback,
               gpointer             user_data)
{
  return qnet_io_operation_new (QNET_OUTPUT_FACE (stream)->device, stream, step, io_priority,
                                cancellable, callback, user_data);
}

static gboolean
write_step (QnetIODevice    *device,
            QnetIOOperation *operation)
{
  operation->count = put (device, operation->data, operation->size, &operation->error);

  return operation->count != QNET_FACE_WOULD_BLOCK;
}

static void
qnet_output_face_write_async (GOutputStream       *stream,
                              const void          *buffer,
                              gsize                count,
                              int                  io_priority,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  QnetIOOperation *operation =
    new_operation (stream, write_step, io_priority, cancellable, callback, user_data);

  operation->data = buffer;
  operation->size = count;
  qnet_io_operation_start (operation);
}

static gssize
finish_count (GOutputStream  *stream,
              GAsyncResult   *result,
              GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), -1);

  return qnet_io_operation_finish (result, error);
}

static gboolean
writev_step (QnetIODevice    *device,
             QnetIOOperation *operation)
{
  operation->count =
    put_vectors (device, operation->vectors, operation->n_vectors, &operation->error);

  return operation->count != QNET_FACE_WOULD_BLOCK;
}

static void
qnet_output_face_writev_async (GOutputStream        *stream,
                               const GOutputVector  *vectors,
                               gsize                 n_vectors,
                               int                   io_priority,
                               GCancellable         *cancellable,
                               GAsyncReadyCallback   callback,
                               gpointer              user_data)
{
  QnetIOOperation *operation =
    new_operation (stream, writev_step, io_priority, cancellable, callback, user_data);

  operation->vectors = vectors;
  operation->n_vectors = n_vectors;
  qnet_io_operation_start (operation);
}

static gboolean
qnet_output_face_writev_finish (GOutputStream  *stream,
                                GAsyncResult   *result,
                                gsize          *bytes_written,
                                GError        **error)
{
  gssize n = finish_count (stream, result, error);

  *bytes_written = (gsize) MAX (n, 0);

  return n != -1;
}

static gboolean
flush_step (QnetIODevice    *device,
            QnetIOOperation *operation)
{
  return is_settled (device, operation->target, &operation->error);
}

static void
qnet_output_face_flush_async (GOutputStream       *stream,
                              int                  io_priority,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  QnetIOOperation *operation =
    new_operation (stream, flush_step, io_priority, cancellable, callback, user_data);

  if (operation->device != NULL)
    operation->target = qnet_io_device_get_send_target (operation->device);
  qnet_io_operation_start (operation);
}

static gboolean
close_step (QnetIODevice    *device,
            QnetIOOperation *operation)
{
  return TRUE;
}

static void
qnet_output_face_close_async (GOutputStream       *stream,
                              int                  io_priority,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  qnet_io_operation_start (
    new_operation (stream, close_step, io_priority, cancellable, callback, user_data));
}

static gboolean
finish_claim (GOutputStream  *stream,
              GAsyncResult   *result,
              GError        **error)
{
  return finish_count (stream, result, error) != -1;
}

/* GOutputStream has marked the face closed already. */
static gboolean
qnet_output_face_close_finish (GOutputStream  *stream,
                               GAsyncResult   *result,
                               GError        **error)
{
  note_close (QNET_OUTPUT_FACE (stream));

  return finish_claim (stream, result, error);
}

static gboolean
wait_room_step (QnetIODevice    *device,
                QnetIOOperation *operation)
{
  operation->count = look_for_room (device, &operation->error);

  return operation->count != QNET_FACE_WOULD_BLOCK;
}

void
qnet_output_face_wait_room_async (QnetOutputFace      *self,
                                  int                  io_priority,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  qnet_io_operation_start (
    new_operation (self, wait_room_step, io_priority, cancellable, callback, user_data));
}

gssize
qnet_output_face_get_room (QnetOutputFace  *self,
                           GError         **error)
{
  return look_for_room (self->device, error);
}

gssize
qnet_output_face_put_bytes (QnetOutputFace  *self,
                            GBytes          *bytes,
                            GError         **error)
{
  if (g_bytes_get_size (bytes) == 0)
    return 0;

  if (!check_writable (self->device, error))
    return -1;

  return qnet_io_device_write_bytes (self->device, bytes, error);
}

/* Polled */

static gboolean
qnet_output_face_is_writable (GPollableOutputStream *stream)
{
  return look_for_room (QNET_OUTPUT_FACE (stream)->device, NULL) != QNET_FACE_WOULD_BLOCK;
}

static GPollableReturn
qnet_output_face_writev_nonblocking (GPollableOutputStream  *stream,
                                     const GOutputVector    *vectors,
                                     gsize                   n_vectors,
                                     gsize                  *bytes_written,
                                     GError                **error)
{
  gssize n = put_vectors (QNET_OUTPUT_FACE (stream)->device, vectors, n_vectors, error);

  *bytes_written = (gsize) MAX (n, 0);

  if (n == QNET_FACE_WOULD_BLOCK)
    return G_POLLABLE_RETURN_WOULD_BLOCK;

  return n == -1 ? G_POLLABLE_RETURN_FAILED : G_POLLABLE_RETURN_OK;
}

static gssize
qnet_output_face_write_nonblocking (GPollableOutputStream  *stream,
                                    const void             *buffer,
                                    gsize                   count,
                                    GError                **error)
{
  gssize n = put (QNET_OUTPUT_FACE (stream)->device, buffer, count, error);

  if (n != QNET_FACE_WOULD_BLOCK)
    return n;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, _("No room to write now"));

  return -1;
}

static gboolean
is_writable (gpointer stream)
{
  return qnet_output_face_is_writable (stream);
}

static GSource *
qnet_output_face_create_source (GPollableOutputStream *stream,
                                GCancellable          *cancellable)
{
  return qnet_face_create_source (stream, is_writable, cancellable);
}

/* GObject */

static void
pollable_iface_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = qnet_output_face_is_writable;
  iface->create_source = qnet_output_face_create_source;
  iface->write_nonblocking = qnet_output_face_write_nonblocking;
  iface->writev_nonblocking = qnet_output_face_writev_nonblocking;
}

/* Everything is overridden, since what is not runs in a thread. */
static void
qnet_output_face_class_init (QnetOutputFaceClass *klass)
{
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  stream_class->write_fn = qnet_output_face_write;
  stream_class->writev_fn = qnet_output_face_writev;
  stream_class->flush = qnet_output_face_flush;
  stream_class->close_fn = qnet_output_face_close;

  stream_class->write_async = qnet_output_face_write_async;
  stream_class->write_finish = finish_count;
  stream_class->writev_async = qnet_output_face_writev_async;
  stream_class->writev_finish = qnet_output_face_writev_finish;
  stream_class->flush_async = qnet_output_face_flush_async;
  stream_class->flush_finish = finish_claim;
  stream_class->close_async = qnet_output_face_close_async;
  stream_class->close_finish = qnet_output_face_close_finish;
  stream_class->splice_async = qnet_output_face_splice_async;
  stream_class->splice_finish = qnet_output_face_splice_finish;
}

static void
qnet_output_face_init (QnetOutputFace *self)
{
}
