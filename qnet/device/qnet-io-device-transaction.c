/* qnet-io-device-transaction.c: reading that can be undone
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "device/qnet-io-lock-private.h"

void
qnet_io_device_end_transaction (QnetIODevice *self,
                                gboolean      keep_bytes)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->taken == NULL)
    return;

  if (keep_bytes)
    qnet_byte_queue_prepend_queue (&priv->channel.read_queue, priv->taken);

  qnet_byte_queue_clear (priv->taken);
  g_clear_pointer (&priv->taken, g_free);
  qnet_channel_set_held_back (&priv->channel, 0);
  qnet_channel_consumed (&priv->channel);

  if (!qnet_io_device_is_disposed (priv))
    qnet_io_device_notify_name (self, "transaction-started");
}

void
qnet_io_device_unremember (QnetIODevicePrivate *priv,
                           guint8               c)
{
  QnetByteQueue before;
  guint8 last;

  if (priv->taken->length == 0)
    return;

  qnet_byte_queue_init (&before, NULL);
  qnet_byte_queue_move (priv->taken, priv->taken->length - 1, &before);
  qnet_byte_queue_peek (priv->taken, &last, 1);
  if (last == c)
    qnet_byte_queue_drop (priv->taken, 1);

  qnet_byte_queue_prepend_queue (priv->taken, &before);
  qnet_channel_set_held_back (&priv->channel, priv->taken->length);
}

/* Public API */

/**
 * qnet_io_device_start_transaction:
 * @self: a device
 *
 * Begins to remember what is read, so that it can be put back.
 *
 * Read a message piece by piece; if it has not arrived as a whole yet, call
 * [method@IODevice.rollback_transaction] and try again when more bytes have arrived; otherwise
 * call [method@IODevice.commit_transaction]. Inside a transaction a second start does nothing.
 * With a [property@IODevice:read-buffer-size] the remembered bytes count: a message has to fit
 * into it.
 *
 * Since: 1.0
 */
void
qnet_io_device_start_transaction (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  QNET_IO_STAY (self);

  priv = qnet_io_device_get_private (self);

  if (priv->taken != NULL)
    return;

  priv->taken = g_new0 (QnetByteQueue, 1);
  qnet_byte_queue_init (priv->taken, NULL);
  qnet_io_device_notify_name (self, "transaction-started");
}

/**
 * qnet_io_device_commit_transaction:
 * @self: a device
 *
 * Forgets what a transaction has read. Without a transaction it does nothing.
 *
 * Since: 1.0
 */
void
qnet_io_device_commit_transaction (QnetIODevice *self)
{
  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  QNET_IO_STAY (self);

  qnet_io_device_end_transaction (self, FALSE);
}

/**
 * qnet_io_device_rollback_transaction:
 * @self: a device
 *
 * Puts back what a transaction has read, also after the connection has ended. Without a
 * transaction it does nothing.
 *
 * Since: 1.0
 */
void
qnet_io_device_rollback_transaction (QnetIODevice *self)
{
  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  QNET_IO_STAY (self);

  qnet_io_device_freeze_notify (self);
  qnet_io_device_end_transaction (self, TRUE);
  qnet_io_device_read_buffer_changed (self);
  qnet_io_device_thaw_notify (self);
}

/**
 * qnet_io_device_is_transaction_started:
 * @self: a device
 *
 * Gets whether what is read now can be put back.
 *
 * Returns: whether there is a transaction
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_is_transaction_started (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  QNET_IO_BRIEF_STAY (self, FALSE);

  priv = qnet_io_device_get_private (self);

  return priv->taken != NULL;
}
