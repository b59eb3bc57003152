/* qnet-io-device-output-stream.c: a device's write buffer as a GOutputStream
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-i18n-private.h"
#include "device/qnet-io-device-streams-private.h"
#include "device/qnet-io-loan-private.h"
#include "device/qnet-io-operation-private.h"
#include "qnet-error.h"

static void pollable_iface_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (QnetIODeviceOutputStream,
                               qnet_io_device_output_stream,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      pollable_iface_init))

/* The owner has set it, which may be another thread. */
static QnetIODevice *
get_device (gpointer stream)
{
  QnetIODeviceOutputStream *self = stream;

  return g_atomic_pointer_get (&self->device);
}

/* Putting in what there is room for */

/* Writing to an end that is closed is what the kernel calls EPIPE. */
static gboolean
check_writable (QnetIODevice  *device,
                GError       **error)
{
  g_autoptr(GError) reason = NULL;
  QnetIOErrors *errors;

  if (!qnet_io_device_stream_check_open (device, error))
    return FALSE;
  if (qnet_io_device_check_writable (device, &reason))
    return TRUE;

  errors = qnet_io_device_get_errors (qnet_io_device_get_private (device));
  if (errors->end != NULL)
    g_propagate_error (error, qnet_io_device_stream_convert_error (errors->end));
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
  high_water = priv->high_water > 0 ? priv->high_water : QNET_IO_DEVICE_STREAM_HIGH_WATER;

  if (qnet_io_device_get_unsent (priv) >= high_water)
    return QNET_IO_DEVICE_STREAM_WOULD_BLOCK;

  return (gssize) (high_water - qnet_io_device_get_unsent (priv));
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
note_close (QnetIODeviceOutputStream *self)
{
  G_GNUC_UNUSED g_auto(QnetIOUse) use = qnet_io_use_begin (get_device (self));

  if (get_device (self) != NULL)
    qnet_io_device_half_open_may_end (get_device (self));
}

/* Blocking */

/* Without a main loop nothing else would send it. */
static void
send_if_detached (QnetIODevice *device)
{
  QnetReactor *reactor = qnet_io_device_get_private (device)->wait_set.reactor;

  if (reactor != NULL && qnet_reactor_is_detached (reactor))
    qnet_io_device_flush (device);
}

static gboolean writev_step (QnetIODevice    *device,
                             QnetIOOperation *operation);
static gboolean flush_step  (QnetIODevice    *device,
                             QnetIOOperation *operation);

static gboolean
qnet_io_device_output_stream_writev (GOutputStream        *stream,
                                     const GOutputVector  *vectors,
                                     gsize                 n_vectors,
                                     gsize                *bytes_written,
                                     GCancellable         *cancellable,
                                     GError              **error)
{
  g_autoptr(QnetIODeviceOutputStream) self = g_object_ref (QNET_IO_DEVICE_OUTPUT_STREAM (stream));
  QnetIOOperation operation = { .step = writev_step, .vectors = vectors, .n_vectors = n_vectors };

  if (!qnet_io_device_stream_run (get_device (self), &operation, FALSE, cancellable, error))
    return FALSE;

  *bytes_written = (gsize) operation.count;

  return TRUE;
}

static gssize
qnet_io_device_output_stream_write (GOutputStream  *stream,
                                    const void     *buffer,
                                    gsize           count,
                                    GCancellable   *cancellable,
                                    GError        **error)
{
  GOutputVector vector = { buffer, count };
  gsize n;

  if (!qnet_io_device_output_stream_writev (stream, &vector, 1, &n, cancellable, error))
    return -1;

  return (gssize) n;
}

/* A loan does not wait for bytes-written. */
static gboolean
has_sent (QnetIODevice *device,
          guint64       target)
{
  if (!qnet_io_device_is_lent (device))
    return qnet_io_device_has_sent (device, target);

  qnet_io_loan_send (device);

  return qnet_io_device_get_private (device)->channel.bytes_sent >= target
         && !qnet_io_loan_has_moved (device);
}

/* TRUE when it is sure whether all up to @target was sent: it was, or it will not be, because of
 * @error. */
static gboolean
is_settled (QnetIODevice  *device,
            guint64        target,
            GError       **error)
{
  QnetIODevicePrivate *priv;

  if (device == NULL)
    return !qnet_io_device_stream_check_open (device, error);

  priv = qnet_io_device_get_private (device);

  if (has_sent (device, target))
    return TRUE;

  return (priv->link == QNET_LINK_NONE || priv->channel.write_error != NULL)
         && !check_writable (device, error);
}

/* A device that closes sends the rest itself, and its closing shall not block. The same where
 * another thread has closed it, which has sent what it could. */
static gboolean
is_left_to_device (QnetIODevice *device)
{
  const QnetIODevicePrivate *priv;
  const QnetIOLock *lock;

  if (device == NULL)
    return FALSE;

  priv = qnet_io_device_get_private (device);
  lock = qnet_io_device_get_lock (priv);

  return qnet_io_device_is_closing (priv) || (lock != NULL && lock->is_closed);
}

static gboolean
qnet_io_device_output_stream_flush (GOutputStream  *stream,
                                    GCancellable   *cancellable,
                                    GError        **error)
{
  g_autoptr(QnetIODeviceOutputStream) self = g_object_ref (QNET_IO_DEVICE_OUTPUT_STREAM (stream));
  QnetIOOperation operation = { .step = flush_step };

  return qnet_io_device_stream_run (get_device (self), &operation, FALSE, cancellable, error);
}

/* GOutputStream has flushed, and marks this stream closed. */
static gboolean
qnet_io_device_output_stream_close (GOutputStream  *stream,
                                    GCancellable   *cancellable,
                                    GError        **error)
{
  note_close (QNET_IO_DEVICE_OUTPUT_STREAM (stream));

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
  QnetIODevice *device = get_device (stream);

  return qnet_io_operation_new (device, stream, step, io_priority, cancellable, callback,
                                user_data);
}

/* In a loan a write ends when the kernel has its bytes: the owner may be blocked, and nothing else
 * would send them. */
static gboolean
ends_writing (QnetIODevice    *device,
              QnetIOOperation *operation)
{
  const QnetIODevicePrivate *priv;

  if (operation->count < 0)
    return operation->count != QNET_IO_DEVICE_STREAM_WOULD_BLOCK;

  if (!qnet_io_device_is_lent (device))
    {
      send_if_detached (device);
      return TRUE;
    }

  operation->is_taken = TRUE;
  qnet_io_loan_send (device);

  priv = qnet_io_device_get_private (device);
  if (priv->channel.write_error != NULL)
    operation->error = qnet_io_device_stream_convert_error (priv->channel.write_error);

  return operation->error != NULL || priv->link != QNET_LINK_UP
         || (qnet_io_device_get_unsent (priv) == 0 && !qnet_io_loan_has_moved (device));
}

static gboolean
write_step (QnetIODevice    *device,
            QnetIOOperation *operation)
{
  if (!operation->is_taken)
    operation->count = put (device, operation->data, operation->size, &operation->error);

  return ends_writing (device, operation);
}

static void
qnet_io_device_output_stream_write_async (GOutputStream       *stream,
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
  qnet_io_use_start (get_device (stream), operation, FALSE);
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
  if (!operation->is_taken)
    operation->count =
      put_vectors (device, operation->vectors, operation->n_vectors, &operation->error);

  return ends_writing (device, operation);
}

static void
qnet_io_device_output_stream_writev_async (GOutputStream       *stream,
                                           const GOutputVector *vectors,
                                           gsize                n_vectors,
                                           int                  io_priority,
                                           GCancellable        *cancellable,
                                           GAsyncReadyCallback  callback,
                                           gpointer             user_data)
{
  QnetIOOperation *operation =
    new_operation (stream, writev_step, io_priority, cancellable, callback, user_data);

  operation->vectors = vectors;
  operation->n_vectors = n_vectors;
  qnet_io_use_start (get_device (stream), operation, FALSE);
}

static gboolean
qnet_io_device_output_stream_writev_finish (GOutputStream  *stream,
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
  if (is_left_to_device (device))
    return TRUE;

  if (device != NULL && !operation->has_target)
    operation->target = qnet_io_device_get_send_target (device);
  operation->has_target = TRUE;

  return is_settled (device, operation->target, &operation->error);
}

static void
qnet_io_device_output_stream_flush_async (GOutputStream       *stream,
                                          int                  io_priority,
                                          GCancellable        *cancellable,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data)
{
  qnet_io_use_start (
    get_device (stream),
    new_operation (stream, flush_step, io_priority, cancellable, callback, user_data), FALSE);
}

static gboolean
close_step (QnetIODevice    *device,
            QnetIOOperation *operation)
{
  return TRUE;
}

static void
qnet_io_device_output_stream_close_async (GOutputStream       *stream,
                                          int                  io_priority,
                                          GCancellable        *cancellable,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data)
{
  qnet_io_use_start (
    get_device (stream),
    new_operation (stream, close_step, io_priority, cancellable, callback, user_data), FALSE);
}

static gboolean
finish_claim (GOutputStream  *stream,
              GAsyncResult   *result,
              GError        **error)
{
  return finish_count (stream, result, error) != -1;
}

/* GOutputStream has marked the stream closed already. */
static gboolean
qnet_io_device_output_stream_close_finish (GOutputStream  *stream,
                                           GAsyncResult   *result,
                                           GError        **error)
{
  note_close (QNET_IO_DEVICE_OUTPUT_STREAM (stream));

  return finish_claim (stream, result, error);
}

static gboolean
wait_room_step (QnetIODevice    *device,
                QnetIOOperation *operation)
{
  operation->count = look_for_room (device, &operation->error);

  return operation->count != QNET_IO_DEVICE_STREAM_WOULD_BLOCK;
}

void
qnet_io_device_output_stream_wait_room_async (QnetIODeviceOutputStream *self,
                                              int                       io_priority,
                                              GCancellable             *cancellable,
                                              GAsyncReadyCallback       callback,
                                              gpointer                  user_data)
{
  qnet_io_use_start (
    get_device (self),
    new_operation (self, wait_room_step, io_priority, cancellable, callback, user_data), FALSE);
}

gssize
qnet_io_device_output_stream_get_room (QnetIODeviceOutputStream  *self,
                                       GError                   **error)
{
  G_GNUC_UNUSED g_auto(QnetIOUse) use = qnet_io_use_begin (get_device (self));

  return look_for_room (get_device (self), error);
}

gssize
qnet_io_device_output_stream_put_bytes (QnetIODeviceOutputStream  *self,
                                        GBytes                    *bytes,
                                        GError                   **error)
{
  G_GNUC_UNUSED g_auto(QnetIOUse) use = qnet_io_use_begin (get_device (self));

  if (g_bytes_get_size (bytes) == 0)
    return 0;

  if (!check_writable (get_device (self), error))
    return -1;

  return qnet_io_device_write_bytes (get_device (self), bytes, error);
}

/* Polled */

static gboolean
qnet_io_device_output_stream_is_writable (GPollableOutputStream *stream)
{
  QnetIODevice *device = get_device (stream);
  G_GNUC_UNUSED g_auto(QnetIOUse) use = qnet_io_use_begin (device);

  return look_for_room (device, NULL) != QNET_IO_DEVICE_STREAM_WOULD_BLOCK;
}

static GPollableReturn
qnet_io_device_output_stream_writev_nonblocking (GPollableOutputStream  *stream,
                                                 const GOutputVector    *vectors,
                                                 gsize                   n_vectors,
                                                 gsize                  *bytes_written,
                                                 GError                **error)
{
  QnetIODevice *device = get_device (stream);
  G_GNUC_UNUSED g_auto(QnetIOUse) use = qnet_io_use_begin (device);
  gssize n = put_vectors (device, vectors, n_vectors, error);

  *bytes_written = (gsize) MAX (n, 0);

  if (n == QNET_IO_DEVICE_STREAM_WOULD_BLOCK)
    return G_POLLABLE_RETURN_WOULD_BLOCK;

  return n == -1 ? G_POLLABLE_RETURN_FAILED : G_POLLABLE_RETURN_OK;
}

static gssize
qnet_io_device_output_stream_write_nonblocking (GPollableOutputStream  *stream,
                                                const void             *buffer,
                                                gsize                   count,
                                                GError                **error)
{
  QnetIODevice *device = get_device (stream);
  G_GNUC_UNUSED g_auto(QnetIOUse) use = qnet_io_use_begin (device);
  gssize n = put (device, buffer, count, error);

  if (n != QNET_IO_DEVICE_STREAM_WOULD_BLOCK)
    return n;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, _("No bytes can be written now"));

  return -1;
}

static gboolean
is_writable (gpointer stream)
{
  return qnet_io_device_output_stream_is_writable (stream);
}

static GSource *
qnet_io_device_output_stream_create_source (GPollableOutputStream *stream,
                                            GCancellable          *cancellable)
{
  return qnet_io_device_stream_create_source (stream, get_device (stream),
                                              is_writable, cancellable);
}

/* GObject */

static void
pollable_iface_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = qnet_io_device_output_stream_is_writable;
  iface->create_source = qnet_io_device_output_stream_create_source;
  iface->write_nonblocking = qnet_io_device_output_stream_write_nonblocking;
  iface->writev_nonblocking = qnet_io_device_output_stream_writev_nonblocking;
}

/* In another thread or main context GIO's own way, by reading and writing, does. */
static void
splice_async (GOutputStream            *stream,
              GInputStream             *source,
              GOutputStreamSpliceFlags  flags,
              int                       io_priority,
              GCancellable             *cancellable,
              GAsyncReadyCallback       callback,
              gpointer                  user_data)
{
  QnetIODevice *device = get_device (stream);

  if (device != NULL && qnet_io_device_is_elsewhere (device))
    G_OUTPUT_STREAM_CLASS (qnet_io_device_output_stream_parent_class)
      ->splice_async (stream, source, flags, io_priority, cancellable, callback, user_data);
  else
    qnet_io_device_output_stream_splice_async (stream, source, flags, io_priority, cancellable,
                                               callback, user_data);
}

/* Everything is overridden, since what is not runs in a thread. */
static void
qnet_io_device_output_stream_class_init (QnetIODeviceOutputStreamClass *klass)
{
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  stream_class->write_fn = qnet_io_device_output_stream_write;
  stream_class->writev_fn = qnet_io_device_output_stream_writev;
  stream_class->flush = qnet_io_device_output_stream_flush;
  stream_class->close_fn = qnet_io_device_output_stream_close;

  stream_class->write_async = qnet_io_device_output_stream_write_async;
  stream_class->write_finish = finish_count;
  stream_class->writev_async = qnet_io_device_output_stream_writev_async;
  stream_class->writev_finish = qnet_io_device_output_stream_writev_finish;
  stream_class->flush_async = qnet_io_device_output_stream_flush_async;
  stream_class->flush_finish = finish_claim;
  stream_class->close_async = qnet_io_device_output_stream_close_async;
  stream_class->close_finish = qnet_io_device_output_stream_close_finish;
  stream_class->splice_async = splice_async;
  stream_class->splice_finish = qnet_io_device_output_stream_splice_finish;
}

static void
qnet_io_device_output_stream_init (QnetIODeviceOutputStream *self)
{
}
