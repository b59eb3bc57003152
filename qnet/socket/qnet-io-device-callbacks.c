/* qnet-io-device-callbacks.c: functions in the place of signals, for who has many requests
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-io-device.h"

#include "socket/qnet-io-device-private.h"

void
qnet_io_device_call_ready_read (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->callbacks->ready_read != NULL)
    priv->callbacks->ready_read (self, priv->callbacks_data);
}

void
qnet_io_device_call_bytes_written (QnetIODevice *self,
                                   gint64        size)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->callbacks->bytes_written != NULL)
    priv->callbacks->bytes_written (self, size, priv->callbacks_data);
}

/**
 * qnet_io_device_set_callbacks: (skip)
 * @self: a device
 * @callbacks: (nullable): the functions, which have to stay where they are; %NULL for the signals again
 * @user_data: what they are called with
 * @destroy: (nullable): frees @user_data, when it is no longer needed
 *
 * Has functions called in the place of the signals that come with every request.
 *
 * To emit a signal, even one that nobody listens to, costs more than all the rest of what the library does for a small request.
 * A C program that answers very many of them can do without: while there are callbacks,
 * [signal@IODevice::ready-read] and [signal@IODevice::bytes-written] are not emitted; the functions are called in the same
 * places, under the same promises. All other signals are emitted as ever, and so are all of them for anybody else, since
 * callbacks belong to one device.
 *
 * Any of them may call this function; the data that it was called with goes then, at once.
 *
 * Since: 1.0
 */
void
qnet_io_device_set_callbacks (QnetIODevice                *self,
                              const QnetIODeviceCallbacks *callbacks,
                              gpointer                     user_data,
                              GDestroyNotify               destroy)
{
  QnetIODevicePrivate *priv;
  gpointer old_data;
  GDestroyNotify old_destroy;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (callbacks != NULL || (user_data == NULL && destroy == NULL));

  priv = qnet_io_device_get_private (self);
  old_data = priv->callbacks_data;
  old_destroy = priv->callbacks_destroy;

  priv->callbacks = callbacks;
  priv->callbacks_data = user_data;
  priv->callbacks_destroy = destroy;

  if (old_destroy != NULL)
    old_destroy (old_data);
}
