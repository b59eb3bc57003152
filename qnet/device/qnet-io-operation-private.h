/* qnet-io-operation-private.h: asynchronous operations that wait for a device
 *
 * An operation is owned by its GTask. It looks at the device's queues each time that something has
 * happened there, until it has ended; then its callback is called, never inside the call that
 * started it or that ended it.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "device/qnet-io-device-private.h"

#include "qnet-network-datagram.h"

G_BEGIN_DECLS

/* If the operation can end now, does its work, puts the result into @error, @bytes, @datagram or
 * @count, and returns TRUE. Only the first step may change something and return FALSE. */
typedef gboolean (*QnetIOStep) (QnetIODevice    *device,
                                QnetIOOperation *operation);

struct _QnetIOOperation
{
  QnetIOOperation     *next;           /* (nullable): in the device's list */
  QnetIOStep           step;           /* what kind of operation it is */
  GTask               *task;           /* (owned) by the list, while in it */
  QnetIODevice        *device;         /* (nullable): NULL once it has dropped us */
  GSource             *cancel_source;  /* (owned) (nullable): while pending, with a cancellable */
  gint64               turn;           /* the time of the dispatch that started it, 0: of none */
  gint64               until;          /* in a loan: when it steps at the latest, 0: no limit */

  /* What is wanted; all of it is the caller's until the end, as GIO has it. */
  void                *buffer;
  const void          *data;
  const GOutputVector *vectors;
  gsize                n_vectors;
  gsize                size;
  guint64              target;         /* for qnet_io_device_has_sent(); or n_transient_errors */
  QnetNetworkDatagram *to_send;        /* (owned) (nullable) */

  /* What came of it */
  GError              *error;          /* (owned) (nullable) */
  GBytes              *bytes;          /* (owned) (nullable) */
  QnetNetworkDatagram *datagram;       /* (owned) (nullable) */
  gssize               count;

  guint                is_taken    : 1;  /* what is written is in the write buffer */
  guint                has_target  : 1;  /* @target is set */
  guint                is_stepping : 1;
  guint                has_waited  : 1;  /* a datagram: for room to be sent */
  guint                has_ended   : 1;
};

/* @source is what the task belongs to: the device, or one of its streams. */
QnetIOOperation *qnet_io_operation_new          (QnetIODevice        *device,
                                                 gpointer             source,
                                                 QnetIOStep           step,
                                                 int                  io_priority,
                                                 GCancellable        *cancellable,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             user_data);

/* One of a kind at a time: a second one fails with G_IO_ERROR_PENDING. */
void             qnet_io_operation_start_single (QnetIOOperation     *operation);
void             qnet_io_operation_start        (QnetIOOperation     *operation);

/* Its task returns what came of it. */
void             qnet_io_operation_deliver      (QnetIOOperation     *operation);

/* The results of an operation; bytes and a datagram only where its step sets them. */
gssize           qnet_io_operation_finish       (GAsyncResult        *result,
                                                 GError             **error);
GBytes          *qnet_io_operation_finish_bytes (GAsyncResult        *result,
                                                 GError             **error);
QnetNetworkDatagram *qnet_io_operation_finish_datagram (GAsyncResult *result,
                                                        GError      **error);

/* run_operations(), but no callback is called before the next turn. */
void             qnet_io_device_settle_operations (QnetIODevice      *self);

/* The end of the stream was reported: no bytes follow those in the buffer; the error of the end is
 * the reason if it was not orderly. */
gboolean         qnet_io_device_end_is_reported     (QnetIODevice        *self);

/* Whether all bytes that are queued now are with the kernel (and, while there is a link,
 * bytes-written was emitted for them): by a target. */
guint64          qnet_io_device_get_send_target (QnetIODevice        *self);
gboolean         qnet_io_device_has_sent        (QnetIODevice        *self,
                                                 guint64              target);

G_END_DECLS
