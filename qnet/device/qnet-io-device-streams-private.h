/* qnet-io-device-streams-private.h: the input stream and the output stream of a device
 *
 * Both work on the buffers of the device, and know how to block on it. The device makes them on
 * demand (qnet-io-device-streams.c).
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "device/qnet-io-operation-private.h"

G_BEGIN_DECLS

/* The result of a function of the streams when there is nothing to read now, or no room to write;
 * no error is set then. */
#define QNET_IO_DEVICE_STREAM_WOULD_BLOCK ((gssize) -2)

/* The high-water mark of the output stream where write-buffer-high-water is not set. */
#define QNET_IO_DEVICE_STREAM_HIGH_WATER ((gsize) 256 * 1024)

#define QNET_TYPE_IO_DEVICE_INPUT_STREAM  (qnet_io_device_input_stream_get_type ())
#define QNET_TYPE_IO_DEVICE_OUTPUT_STREAM (qnet_io_device_output_stream_get_type ())

G_DECLARE_FINAL_TYPE (QnetIODeviceInputStream, qnet_io_device_input_stream,
                      QNET, IO_DEVICE_INPUT_STREAM, GInputStream)
G_DECLARE_FINAL_TYPE (QnetIODeviceOutputStream, qnet_io_device_output_stream,
                      QNET, IO_DEVICE_OUTPUT_STREAM, GOutputStream)

/* Who holds a stream: the data of its toggle reference */
typedef struct _QnetStreamHold QnetStreamHold;

struct _QnetIODeviceInputStream
{
  GInputStream    parent_instance;

  /* (atomic) (nullable): referenced while the application has a reference on this stream; NULL
   * after the device has dropped it */
  QnetIODevice   *device;
  QnetStreamHold *hold;  /* while the device has it */
};

struct _QnetIODeviceOutputStream
{
  GOutputStream   parent_instance;

  QnetIODevice   *device;  /* (atomic) (nullable): as above */
  QnetStreamHold *hold;    /* as above */
};

/* What both streams share */

/* FALSE with an error of GIO's domain: the device was disposed, is closed, or was never open. */
gboolean qnet_io_device_stream_check_open    (QnetIODevice  *device,
                                              GError       **error);

/* An error of QNET_SOCKET_ERROR as one of G_IO_ERROR. */
GError  *qnet_io_device_stream_convert_error (const GError  *error);

/* Takes steps of @operation, which has no task, until one has ended it, and blocks between them:
 * as the owner of @device (nullable), or else in loans. FALSE with an error: of the operation,
 * cancelled, or nothing can happen. */
gboolean qnet_io_device_stream_run           (QnetIODevice     *device,
                                              QnetIOOperation  *operation,
                                              gboolean          is_reading,
                                              GCancellable     *cancellable,
                                              GError          **error);

/* A pollable stream's source: ready whenever @is_ready (@stream) returns TRUE. */
GSource *qnet_io_device_stream_create_source (gpointer       stream,
                                              QnetIODevice  *device,
                                              gboolean     (*is_ready) (gpointer stream),
                                              GCancellable  *cancellable);

/* For splicing */

/* As g_input_stream_read_bytes_async(), but no buffer is allocated before the bytes are there. */
void     qnet_io_device_input_stream_take_bytes_async (QnetIODeviceInputStream   *self,
                                                       gsize                      size,
                                                       int                        io_priority,
                                                       GCancellable              *cancellable,
                                                       GAsyncReadyCallback        callback,
                                                       gpointer                   user_data);

/* How much can be written before the high-water mark: more than 0, or WOULD_BLOCK, or -1 with
 * @error. */
gssize   qnet_io_device_output_stream_get_room        (QnetIODeviceOutputStream  *self,
                                                       GError                   **error);

/* Waits until there is room; the result is that of get_room(). */
void     qnet_io_device_output_stream_wait_room_async (QnetIODeviceOutputStream  *self,
                                                       int                        io_priority,
                                                       GCancellable              *cancellable,
                                                       GAsyncReadyCallback        callback,
                                                       gpointer                   user_data);

/* Writes all of @bytes, beyond the mark if need be; returns 0 where they are empty. */
gssize   qnet_io_device_output_stream_put_bytes       (QnetIODeviceOutputStream  *self,
                                                       GBytes                    *bytes,
                                                       GError                   **error);

/* qnet-io-device-output-stream-splice.c */
void     qnet_io_device_output_stream_splice_async    (GOutputStream             *stream,
                                                       GInputStream              *source,
                                                       GOutputStreamSpliceFlags   flags,
                                                       int                        io_priority,
                                                       GCancellable              *cancellable,
                                                       GAsyncReadyCallback        callback,
                                                       gpointer                   user_data);
gssize   qnet_io_device_output_stream_splice_finish   (GOutputStream             *stream,
                                                       GAsyncResult              *result,
                                                       GError                   **error);

G_END_DECLS
