/* qnet-io-device-streams-private.h: the two faces that a device turns to GIO
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "socket/qnet-io-device-private.h"

G_BEGIN_DECLS

/* What a face's functions say when there is nothing to read now, or no room to write; no error is
 * set then. */
#define QNET_FACE_WOULD_BLOCK ((gssize) -2)

/* What the output face lets pile up where write-buffer-high-water says nothing. */
#define QNET_FACE_HIGH_WATER ((gsize) 256 * 1024)

#define QNET_TYPE_INPUT_FACE  (qnet_input_face_get_type ())
#define QNET_TYPE_OUTPUT_FACE (qnet_output_face_get_type ())

G_DECLARE_FINAL_TYPE (QnetInputFace, qnet_input_face, QNET, INPUT_FACE, GInputStream)
G_DECLARE_FINAL_TYPE (QnetOutputFace, qnet_output_face, QNET, OUTPUT_FACE, GOutputStream)

struct _QnetInputFace
{
  GInputStream  parent_instance;

  QnetIODevice *device;  /* (nullable): held while others hold us; NULL once it has let us go */
};

struct _QnetOutputFace
{
  GOutputStream  parent_instance;

  QnetIODevice  *device;  /* (nullable): as above */
};

/* What both faces share */

/* FALSE with an error of GIO's domain: the device has gone, is closed, or was never open. */
gboolean qnet_face_check_open    (QnetIODevice     *device,
                                  GError          **error);
/* An error of ours as GIO would put it. */
GError  *qnet_face_convert_error (const GError     *error);
/* Blocks until something has happened to the device. FALSE with an error: cancelled, or nothing can
 * happen. */
gboolean qnet_face_wait          (QnetIODevice     *device,
                                  GCancellable     *cancellable,
                                  GError          **error);
/* A pollable stream's source: ready whenever @is_ready (@stream) says so. */
GSource *qnet_face_create_source (gpointer          stream,
                                  gboolean        (*is_ready) (gpointer stream),
                                  GCancellable     *cancellable);

/* What splicing needs of them */

/* As g_input_stream_read_bytes_async(), without a buffer that waits for its bytes: there is none
 * before they are there. */
void     qnet_input_face_take_bytes_async  (QnetInputFace        *self,
                                            gsize                 size,
                                            int                   io_priority,
                                            GCancellable         *cancellable,
                                            GAsyncReadyCallback   callback,
                                            gpointer              user_data);
/* How much can be written before the high-water mark: more than 0, or WOULD_BLOCK, or -1 with
 * @error. */
gssize   qnet_output_face_get_room         (QnetOutputFace       *self,
                                            GError              **error);
/* Waits until there is room; the result is that of get_room(). */
void     qnet_output_face_wait_room_async  (QnetOutputFace       *self,
                                            int                   io_priority,
                                            GCancellable         *cancellable,
                                            GAsyncReadyCallback   callback,
                                            gpointer              user_data);
/* Takes all of @bytes, beyond the mark if need be; 0 where they are empty. */
gssize   qnet_output_face_put_bytes        (QnetOutputFace       *self,
                                            GBytes               *bytes,
                                            GError              **error);

/* qnet-output-face-splice.c */
void     qnet_output_face_splice_async     (GOutputStream            *stream,
                                            GInputStream             *source,
                                            GOutputStreamSpliceFlags  flags,
                                            int                       io_priority,
                                            GCancellable             *cancellable,
                                            GAsyncReadyCallback       callback,
                                            gpointer                  user_data);
gssize   qnet_output_face_splice_finish    (GOutputStream            *stream,
                                            GAsyncResult             *result,
                                            GError                  **error);

G_END_DECLS
