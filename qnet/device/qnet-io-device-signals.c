/* qnet-io-device-signals.c: the signals of a device, and the functions that may replace them
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "device/qnet-io-lock-private.h"

enum
{
  SIGNAL_READY_READ,
  SIGNAL_BYTES_WRITTEN,
  SIGNAL_ABOUT_TO_CLOSE,
  SIGNAL_READ_CHANNEL_FINISHED,
  SIGNAL_WRITE_BUFFER_FILLED,
  SIGNAL_WRITE_BUFFER_DRAINED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];
static guint notify_signal;  /* GObject's */

/* Emitting: each function looks for itself whether the last reference was dropped meanwhile */

static inline gboolean
is_silent (QnetIODevice *self)
{
  return qnet_io_device_is_silent (qnet_io_device_get_private (self));
}

void
qnet_io_device_emit_ready_read (QnetIODevice *self)
{
  if (!is_silent (self))
    g_signal_emit (self, signals[SIGNAL_READY_READ], 0);
}

void
qnet_io_device_emit_bytes_written (QnetIODevice *self,
                                   gint64        size)
{
  if (!is_silent (self))
    g_signal_emit (self, signals[SIGNAL_BYTES_WRITTEN], 0, size);
}

void
qnet_io_device_emit_about_to_close (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (is_silent (self))
    return;

  if (priv->open_mode != QNET_OPEN_MODE_NOT_OPEN || priv->link != QNET_LINK_NONE)
    qnet_io_device_emit (self, signals[SIGNAL_ABOUT_TO_CLOSE], 0);
}

void
qnet_io_device_emit_channel_end (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->input == QNET_INPUT_FINISHED || is_silent (self))
    return;

  qnet_io_device_enter_input (priv, QNET_INPUT_FINISHED);
  qnet_io_device_read_buffer_changed (self);
  if (!is_silent (self))
    qnet_io_device_emit (self, signals[SIGNAL_READ_CHANNEL_FINISHED], 0);
}

void
qnet_io_device_emit_write_buffer_filled (QnetIODevice *self)
{
  if (!is_silent (self))
    qnet_io_device_emit (self, signals[SIGNAL_WRITE_BUFFER_FILLED], 0);
}

void
qnet_io_device_emit_write_buffer_drained (QnetIODevice *self)
{
  if (!is_silent (self))
    qnet_io_device_emit (self, signals[SIGNAL_WRITE_BUFFER_DRAINED], 0);
}

/* Handlers */

gboolean
qnet_io_device_has_bytes_written_handler (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->callbacks != NULL && priv->callbacks->bytes_written != NULL)
    return TRUE;

  if (priv->callbacks == NULL
      && g_signal_has_handler_pending (self, signals[SIGNAL_BYTES_WRITTEN], 0, TRUE))
    return TRUE;

  return qnet_io_device_has_notify_handler (self);  /* of bytes-sent */
}

gboolean
qnet_io_device_has_notify_handler (QnetIODevice *self)
{
  if (G_OBJECT_GET_CLASS (self)->notify != NULL)
    return TRUE;

  return g_signal_handler_find (self, G_SIGNAL_MATCH_ID, notify_signal, 0, NULL, NULL, NULL) != 0;
}

/* The class */

static guint
new_signal (const char *name)
{
  return g_signal_new (name, QNET_TYPE_IO_DEVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
}

static void
install_reading (void)
{
  /**
   * QnetIODevice::ready-read:
   * @self: the device
   *
   * Emitted when new bytes have arrived in the read buffer.
   *
   * It is emitted once for each arrival, not again for bytes that were left unread, and never
   * inside a handler of itself: if bytes arrive in a handler, it is emitted once more when the
   * handler has returned. It is not emitted after the end of the connection: if a handler runs a
   * main loop in which the connection ends, read the remaining bytes in
   * [signal@Socket::disconnected].
   *
   * Since: 1.0
   */
  signals[SIGNAL_READY_READ] = new_signal ("ready-read");

  /**
   * QnetIODevice::read-channel-finished:
   * @self: the device
   *
   * Emitted when no bytes will follow those in the read buffer: once for each connection, before it
   * is disconnected.
   *
   * Since: 1.0
   */
  signals[SIGNAL_READ_CHANNEL_FINISHED] = new_signal ("read-channel-finished");
}

static void
install_writing (void)
{
  /**
   * QnetIODevice::bytes-written:
   * @self: the device
   * @size: the number of bytes that were sent since the last emission
   *
   * Emitted when bytes of the write buffer were handed to the kernel.
   *
   * It is not emitted inside a handler of itself, except for the last bytes of a connection that
   * ends there: it never follows [signal@Socket::disconnected].
   *
   * Since: 1.0
   */
  signals[SIGNAL_BYTES_WRITTEN] =
    g_signal_new ("bytes-written", QNET_TYPE_IO_DEVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_INT64);

  /**
   * QnetIODevice::write-buffer-filled:
   * @self: the device
   *
   * Emitted when the write buffer has reached [property@IODevice:write-buffer-high-water]: stop
   * writing until [signal@IODevice::write-buffer-drained].
   *
   * It is emitted in the iteration of the main loop after the write, if the bytes are still there
   * then, and not again before [signal@IODevice::write-buffer-drained].
   *
   * Since: 1.0
   */
  signals[SIGNAL_WRITE_BUFFER_FILLED] = new_signal ("write-buffer-filled");

  /**
   * QnetIODevice::write-buffer-drained:
   * @self: the device
   *
   * Emitted after [signal@IODevice::write-buffer-filled], when the write buffer has come down to
   * [property@IODevice:write-buffer-low-water]: writing can continue.
   *
   * Since: 1.0
   */
  signals[SIGNAL_WRITE_BUFFER_DRAINED] = new_signal ("write-buffer-drained");
}

void
qnet_io_device_class_install_signals (QnetIODeviceClass *klass)
{
  notify_signal = g_signal_lookup ("notify", G_TYPE_OBJECT);

  install_reading ();
  install_writing ();

  /**
   * QnetIODevice::about-to-close:
   * @self: the device
   *
   * Emitted when [method@Gio.IOStream.close] was called, while the bytes in the read buffer can
   * still be read.
   *
   * It is not emitted for a device that is neither open nor connected.
   *
   * Since: 1.0
   */
  signals[SIGNAL_ABOUT_TO_CLOSE] = new_signal ("about-to-close");
}

/* Public API */

/**
 * qnet_io_device_set_callbacks: (skip)
 * @self: a device
 * @callbacks: (nullable): the functions, which have to stay where they are; %NULL for the signals
 *   again
 * @user_data: the data for @callbacks
 * @destroy: (nullable): frees @user_data when it is no longer needed
 *
 * Has functions called instead of the signals that are emitted for every request.
 *
 * Emitting a signal, even one without a handler, costs more than all else that the library does
 * for a small request. A C program that answers very many of them can do without: while there are
 * callbacks, [signal@IODevice::ready-read] and [signal@IODevice::bytes-written] are not emitted;
 * the functions are called in the same places, with the same promises. All other signals are
 * emitted as always. Callbacks belong to one device.
 *
 * Any of the functions may call this function, which frees the previous data at once.
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

  QNET_IO_STAY (self);

  priv = qnet_io_device_get_private (self);
  old_data = priv->callbacks_data;
  old_destroy = priv->callbacks_destroy;

  priv->callbacks = callbacks;
  priv->callbacks_data = user_data;
  priv->callbacks_destroy = destroy;

  if (old_destroy != NULL)
    {
      guint stays = qnet_io_device_step_out (self);

      old_destroy (old_data);
      qnet_io_device_step_in (self, stays);
    }
}
