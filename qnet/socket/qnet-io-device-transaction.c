/* qnet-io-device-transaction.c: reading that can be undone
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-io-device.h"

#include "socket/qnet-io-device-private.h"

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
  priv->channel.held_back = 0;
  qnet_channel_consumed (&priv->channel);

  if (!priv->torn_down)
    g_object_notify (G_OBJECT (self), "transaction-started");
}

/* Public API */

/**
 * qnet_io_device_start_transaction:
 * @self: a device
 *
 * Begins to remember what is read, so that it can be put back.
 *
 * Read a message piece by piece; if it turns out not to be there as a whole yet, call
 * [method@IODevice.rollback_transaction] and try again when more has come; else [method@IODevice.commit_transaction]. Inside a
 * transaction a second start does nothing. With a [property@IODevice:read-buffer-size] the remembered bytes count: a message has
 * to fit into it.
 *
 * Since: 1.0
 */
void
qnet_io_device_start_transaction (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));

  priv = qnet_io_device_get_private (self);

  if (priv->taken != NULL)
    return;

  priv->taken = g_new0 (QnetByteQueue, 1);
  qnet_byte_queue_init (priv->taken, NULL);
  g_object_notify (G_OBJECT (self), "transaction-started");
}

/**
 * qnet_io_device_commit_transaction:
 * @self: a device
 *
 * Forgets what a transaction has read. Without one it does nothing.
 *
 * Since: 1.0
 */
void
qnet_io_device_commit_transaction (QnetIODevice *self)
{
  g_return_if_fail (QNET_IS_IO_DEVICE (self));

  qnet_io_device_end_transaction (self, FALSE);
}

/**
 * qnet_io_device_rollback_transaction:
 * @self: a device
 *
 * Puts back what a transaction has read, also after the connection has ended. Without one it does nothing.
 *
 * Since: 1.0
 */
void
qnet_io_device_rollback_transaction (QnetIODevice *self)
{
  g_return_if_fail (QNET_IS_IO_DEVICE (self));

  g_object_freeze_notify (G_OBJECT (self));
  qnet_io_device_end_transaction (self, TRUE);
  qnet_io_device_read_buffer_changed (self);
  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * qnet_io_device_is_transaction_started:
 * @self: a device
 *
 * Tells whether what is read now can be put back.
 *
 * Returns: whether a transaction is under way
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_is_transaction_started (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);

  priv = qnet_io_device_get_private (self);

  return priv->taken != NULL;
}
