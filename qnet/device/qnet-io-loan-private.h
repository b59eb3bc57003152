/* qnet-io-loan-private.h: a device that another thread reads and writes
 *
 * The streams of a device are used in a thread that does not own it, or in the owner's thread in
 * another main context. A loan takes the lock, and moves bytes between the kernel and the buffers
 * of the device. It calls nothing of the application and does not touch the reactor: what watches
 * and deferrals it wants is recorded (QnetWatch), and the owner does it in its next turn, in which
 * it also notifies and emits.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "device/qnet-io-lock-private.h"
#include "device/qnet-io-operation-private.h"

G_BEGIN_DECLS

/* Whether the caller has to borrow the device: it is not in the thread of the owner, or there is
 * none yet. is_elsewhere(): also where this is the owner's thread and its thread-default main
 * context is not the device's: an asynchronous call. */
gboolean qnet_io_device_is_foreign       (QnetIODevice    *device);
gboolean qnet_io_device_is_elsewhere     (QnetIODevice    *device);
/* The same for a source of @context. */
gboolean qnet_io_device_is_out_of_context (QnetIODevice   *device,
                                          GMainContext    *context);

/* The device is lent to the caller now. */
static inline gboolean
qnet_io_device_is_lent (QnetIODevice *device)
{
  return G_UNLIKELY (qnet_io_device_get_private (device)->channel.watch.is_lent);
}

/* Inside a loan: bytes that were written are with the TLS session, whose handshake has not ended,
 * and perhaps not with the kernel yet. */
static inline gboolean
qnet_io_loan_has_moved (QnetIODevice *device)
{
  return G_UNLIKELY (qnet_io_device_get_private (device)->channel.has_moved);
}

/* Calls @func in the main context of the owner; FALSE: there is none. Always takes a reference for
 * that call. */
gboolean qnet_io_device_invoke           (QnetIODevice    *device,
                                          GSourceFunc      func);

/* Inside a loan: receives what the kernel has, if the read buffer is empty; sends what it takes. */
void     qnet_io_loan_receive            (QnetIODevice    *device);
void     qnet_io_loan_send               (QnetIODevice    *device);
/* Inside a loan, when all was sent: sends the end of the stream. */
void     qnet_io_loan_shut               (QnetIODevice    *device);
/* Where no loop of the owner would close it: its descriptor is closed here, as by a linger if
 * @sends_rest, unless the owner waits: then that is interrupted. The owner does the rest when it
 * enters. */
void     qnet_io_loan_close              (QnetIODevice    *device,
                                          gboolean         sends_rest);
/* Inside a loan, where the read buffer is empty: no bytes will follow; @error is NULL for an
 * orderly end. */
gboolean qnet_io_loan_has_ended          (QnetIODevice    *device,
                                          GError         **error);

/* Waits in the thread of the caller until @operation, which has no task, has ended. */
void     qnet_io_loan_run                (QnetIODevice    *device,
                                          QnetIOOperation *operation,
                                          gboolean         is_reading,
                                          GCancellable    *cancellable);
/* The same with its task, which it takes, in the main context of that. */
void     qnet_io_loan_start              (QnetIODevice    *device,
                                          QnetIOOperation *operation,
                                          gboolean         is_reading);

/* What a stream does first: a stay of the owner, or else a loan. For calls that do not wait. */
typedef struct
{
  QnetIODevice *device;     /* (nullable): lent */
  QnetIOStay    stay;
} QnetIOUse;

QnetIOUse qnet_io_use_begin              (QnetIODevice    *device);
void     qnet_io_use_end                 (QnetIOUse       *use);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QnetIOUse, qnet_io_use_end)

/* Starts @operation, wherever the caller is. */
void     qnet_io_use_start               (QnetIODevice    *device,
                                          QnetIOOperation *operation,
                                          gboolean         is_reading);

/* A source, for any main context, that is dispatched when something has happened to the device,
 * perhaps: @is_reading: that bytes can be received. */
GSource *qnet_io_loan_source_new         (QnetIODevice    *device,
                                          gboolean         is_reading);
/* To be called when it is destroyed: nothing wakes it any more. */
void     qnet_io_loan_source_end         (GSource         *source);

G_END_DECLS
