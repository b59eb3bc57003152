/* qnet-io-device-properties.c: what can be asked of every device, and set
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-io-device.h"

#include "qnet-enum-types.h"
#include "base/qnet-error-private.h"
#include "socket/qnet-io-device-private.h"

enum
{
  PROP_0,
  PROP_OPEN_MODE,
  PROP_ERROR,
  PROP_READ_FINISHED,
  PROP_BYTES_AVAILABLE,
  PROP_BYTES_TO_WRITE,
  PROP_READ_BUFFER_SIZE,
  PROP_UNSENT_LIMIT,
  PROP_WRITE_BUFFER_HIGH_WATER,
  PROP_WRITE_BUFFER_LOW_WATER,
  PROP_TRANSACTION_STARTED,
  PROP_BYTES_RECEIVED,
  PROP_BYTES_SENT,
  PROP_RECEIVE_CALLS,
  PROP_SEND_CALLS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* Properties that change with every byte. While the channel tells its news they wait: what is read
 * and answered at once has changed nothing. */

/* A change that was taken back meanwhile is none. */
static void
notify_bytes_available (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->told_available == priv->channel.read_queue.length)
    return;

  priv->told_available = priv->channel.read_queue.length;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_BYTES_AVAILABLE]);
}

static void
notify_bytes_to_write (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->told_to_write == priv->channel.write_queue.length)
    return;

  priv->told_to_write = priv->channel.write_queue.length;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_BYTES_TO_WRITE]);
}

static void
notify_read_finished (QnetIODevice *self,
                      gboolean      is_finished)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  priv->was_finished = is_finished;

  g_object_freeze_notify (G_OBJECT (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_READ_FINISHED]);
  notify_bytes_available (self);
  g_object_thaw_notify (G_OBJECT (self));
}

void
qnet_io_device_notify_read_buffer (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  gboolean is_finished = priv->has_ended && priv->channel.read_queue.length == 0;

  if (priv->torn_down)
    return;

  if (is_finished != priv->was_finished)
    notify_read_finished (self, is_finished);
  else if (!priv->is_inside)
    notify_bytes_available (self);
}

void
qnet_io_device_notify_write_buffer (QnetIODevice *self)
{
  if (!qnet_io_device_get_private (self)->torn_down)
    notify_bytes_to_write (self);
}

void
qnet_io_device_notify_sizes (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (!priv->torn_down)
    notify_bytes_available (self);

  if (!priv->torn_down)
    notify_bytes_to_write (self);

  if (priv->notify_more != NULL && !priv->torn_down)
    priv->notify_more (self);
}

static void
notify_counter (QnetIODevice *self,
                int           prop,
                guint64      *told,
                guint64       value)
{
  if (*told == value)
    return;

  *told = value;
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

/* They change with every byte, and hardly anybody listens. To ask whether somebody does is cheaper than to notify nobody of each. */
void
qnet_io_device_notify_counters (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetChannel *channel = &priv->channel;

  if (priv->torn_down || !qnet_io_device_is_notify_heard (self))
    return;

  priv->n_unheard = 0;
  g_object_ref (self);
  notify_counter (self, PROP_BYTES_RECEIVED, &priv->told_received, channel->bytes_received);
  notify_counter (self, PROP_BYTES_SENT, &priv->told_sent, channel->bytes_sent);
  notify_counter (self, PROP_RECEIVE_CALLS, &priv->told_receive_calls, channel->n_receive_calls);
  notify_counter (self, PROP_SEND_CALLS, &priv->told_send_calls, channel->n_send_calls);
  g_object_unref (self);
}

void
qnet_io_device_set_open_mode (QnetIODevice *self,
                              QnetOpenMode  mode)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->open_mode == mode)
    return;

  priv->open_mode = mode;
  if (!priv->torn_down)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_OPEN_MODE]);
}

void
qnet_io_device_take_error (QnetIODevice *self,
                           GError       *error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->error == NULL && error == NULL)
    return;

  g_clear_error (&priv->error);
  priv->error = error;
  if (!priv->torn_down)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ERROR]);
}

/* GObject */

static void
qnet_io_device_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  QnetIODevice *self = QNET_IO_DEVICE (object);

  switch (prop_id)
    {
    case PROP_OPEN_MODE:
      g_value_set_flags (value, qnet_io_device_get_open_mode (self));
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, qnet_io_device_get_error (self));
      break;
    case PROP_READ_FINISHED:
      g_value_set_boolean (value, qnet_io_device_get_read_finished (self));
      break;
    case PROP_BYTES_AVAILABLE:
      g_value_set_int64 (value, qnet_io_device_get_bytes_available (self));
      break;
    case PROP_BYTES_TO_WRITE:
      g_value_set_int64 (value, qnet_io_device_get_bytes_to_write (self));
      break;
    case PROP_READ_BUFFER_SIZE:
      g_value_set_int64 (value, qnet_io_device_get_read_buffer_size (self));
      break;
    case PROP_UNSENT_LIMIT:
      g_value_set_int64 (value, qnet_io_device_get_unsent_limit (self));
      break;
    case PROP_WRITE_BUFFER_HIGH_WATER:
      g_value_set_int64 (value, qnet_io_device_get_write_buffer_high_water (self));
      break;
    case PROP_WRITE_BUFFER_LOW_WATER:
      g_value_set_int64 (value, qnet_io_device_get_write_buffer_low_water (self));
      break;
    case PROP_TRANSACTION_STARTED:
      g_value_set_boolean (value, qnet_io_device_is_transaction_started (self));
      break;
    case PROP_BYTES_RECEIVED:
      g_value_set_uint64 (value, qnet_io_device_get_bytes_received (self));
      break;
    case PROP_BYTES_SENT:
      g_value_set_uint64 (value, qnet_io_device_get_bytes_sent (self));
      break;
    case PROP_RECEIVE_CALLS:
      g_value_set_uint64 (value, qnet_io_device_get_receive_calls (self));
      break;
    case PROP_SEND_CALLS:
      g_value_set_uint64 (value, qnet_io_device_get_send_calls (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
qnet_io_device_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  QnetIODevice *self = QNET_IO_DEVICE (object);

  switch (prop_id)
    {
    case PROP_READ_BUFFER_SIZE:
      qnet_io_device_set_read_buffer_size (self, g_value_get_int64 (value));
      break;
    case PROP_UNSENT_LIMIT:
      qnet_io_device_set_unsent_limit (self, g_value_get_int64 (value));
      break;
    case PROP_WRITE_BUFFER_HIGH_WATER:
      qnet_io_device_set_write_buffer_high_water (self, g_value_get_int64 (value));
      break;
    case PROP_WRITE_BUFFER_LOW_WATER:
      qnet_io_device_set_write_buffer_low_water (self, g_value_get_int64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define READWRITE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

void
qnet_io_device_class_install_properties (GObjectClass *object_class)
{
  object_class->get_property = qnet_io_device_get_property;
  object_class->set_property = qnet_io_device_set_property;

  /**
   * QnetIODevice:open-mode:
   *
   * What the device is open for: [QNET_OPEN_MODE_NOT_OPEN][flags@OpenMode] until a connection is
   * asked for.
   *
   * It stays as it is when a connection ends, until the device is closed or aborted. What comes while the device is not open for
   * reading is dropped.
   *
   * Since: 1.0
   */
  props[PROP_OPEN_MODE] =
    g_param_spec_flags ("open-mode", NULL, NULL, QNET_TYPE_OPEN_MODE, QNET_OPEN_MODE_NOT_OPEN, READABLE);

  /**
   * QnetIODevice:error:
   *
   * The last error, or %NULL while there was none.
   *
   * A new connection, bind or descriptor makes it %NULL again.
   *
   * Since: 1.0
   */
  props[PROP_ERROR] =
    g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, READABLE);

  /**
   * QnetIODevice:read-finished:
   *
   * Whether the peer's last byte has been read: nothing more will come.
   *
   * It tells an empty result that means "nothing now" from one that means "ended".
   *
   * Since: 1.0
   */
  props[PROP_READ_FINISHED] =
    g_param_spec_boolean ("read-finished", NULL, NULL, FALSE, READABLE);

  /**
   * QnetIODevice:bytes-available:
   *
   * How many bytes can be read without waiting.
   *
   * Since: 1.0
   */
  props[PROP_BYTES_AVAILABLE] =
    g_param_spec_int64 ("bytes-available", NULL, NULL, 0, G_MAXINT64, 0, READABLE);

  /**
   * QnetIODevice:bytes-to-write:
   *
   * How many bytes are in the write buffer, not yet handed to the kernel.
   *
   * Since: 1.0
   */
  props[PROP_BYTES_TO_WRITE] =
    g_param_spec_int64 ("bytes-to-write", NULL, NULL, 0, G_MAXINT64, 0, READABLE);

  /**
   * QnetIODevice:read-buffer-size:
   *
   * How many bytes the read buffer holds at most; 0, the default, for no limit.
   *
   * When it is full, qnet stops reading, and the peer is slowed down by TCP itself. A smaller limit loses nothing that is in the
   * buffer already. For what an unknown peer may send, set a limit; a server sets one on each connection that it accepts, see
   * [property@Server:read-buffer-size].
   *
   * When the peer ends the connection while the buffer is full, that is noticed all the same: what it has sent before, and the
   * kernel holds, is then received in full, beyond the limit, since nothing can follow.
   *
   * Since: 1.0
   */
  props[PROP_READ_BUFFER_SIZE] =
    g_param_spec_int64 ("read-buffer-size", NULL, NULL, 0, G_MAXINT64, 0, READWRITE);

  /**
   * QnetIODevice:unsent-limit:
   *
   * How many bytes may wait to be sent before qnet stops reading from the peer; 0, the default, for no limit.
   *
   * A peer that sends requests, and reads none of the answers, lets these pile up. At the limit nothing more is read, until half of
   * it has been sent: the peer is slowed down by TCP itself, and no further request adds to them. It does not limit what can be
   * written. When the peer ends the connection meanwhile, that is noticed.
   *
   * It is for servers, which set it on each connection that they accept, see [property@Server:unsent-limit]. Set it on one side
   * of a connection alone: two peers that both stop reading until the other one reads would wait for each other for ever.
   *
   * It does not count while [method@IODevice.wait_for_bytes_written] blocks, and after the write side was shut down.
   *
   * Since: 1.0
   */
  props[PROP_UNSENT_LIMIT] =
    g_param_spec_int64 ("unsent-limit", NULL, NULL, 0, G_MAXINT64, 0, READWRITE);

  /**
   * QnetIODevice:write-buffer-high-water:
   *
   * How many bytes in the write buffer are many: [signal@IODevice::write-buffer-filled] says that they are reached; 0 for no mark.
   *
   * [method@IODevice.write] goes on taking bytes above it; the output stream waits there, or says that it would block. Without a
   * mark the output stream has one of its own, at 256 KiB.
   *
   * Since: 1.0
   */
  props[PROP_WRITE_BUFFER_HIGH_WATER] =
    g_param_spec_int64 ("write-buffer-high-water", NULL, NULL, 0, G_MAXINT64, 0, READWRITE);

  /**
   * QnetIODevice:write-buffer-low-water:
   *
   * At how few bytes [signal@IODevice::write-buffer-drained] follows.
   *
   * Since: 1.0
   */
  props[PROP_WRITE_BUFFER_LOW_WATER] =
    g_param_spec_int64 ("write-buffer-low-water", NULL, NULL, 0, G_MAXINT64, 0, READWRITE);

  /**
   * QnetIODevice:transaction-started: (getter is_transaction_started)
   *
   * Whether what is read now can be put back.
   *
   * Since: 1.0
   */
  props[PROP_TRANSACTION_STARTED] =
    g_param_spec_boolean ("transaction-started", NULL, NULL, FALSE, READABLE);

  /**
   * QnetIODevice:bytes-received:
   *
   * How many bytes were received on this connection so far.
   *
   * Since: 1.0
   */
  props[PROP_BYTES_RECEIVED] =
    g_param_spec_uint64 ("bytes-received", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  /**
   * QnetIODevice:bytes-sent:
   *
   * How many bytes of this connection were handed to the kernel so far.
   *
   * Since: 1.0
   */
  props[PROP_BYTES_SENT] =
    g_param_spec_uint64 ("bytes-sent", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  /**
   * QnetIODevice:receive-calls:
   *
   * How many system calls have read from this connection so far.
   *
   * Since: 1.0
   */
  props[PROP_RECEIVE_CALLS] =
    g_param_spec_uint64 ("receive-calls", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  /**
   * QnetIODevice:send-calls:
   *
   * How many system calls have sent to this connection so far.
   *
   * Since: 1.0
   */
  props[PROP_SEND_CALLS] =
    g_param_spec_uint64 ("send-calls", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

/* Public API */

/**
 * qnet_io_device_get_open_mode:
 * @self: a device
 *
 * Gets what the device is open for.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
QnetOpenMode
qnet_io_device_get_open_mode (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), QNET_OPEN_MODE_NOT_OPEN);

  priv = qnet_io_device_get_private (self);

  return priv->open_mode;
}

/**
 * qnet_io_device_is_open:
 * @self: a device
 *
 * Tells whether the device was opened, which is not the same as connected.
 *
 * Returns: whether [property@IODevice:open-mode] is anything but
 *   [QNET_OPEN_MODE_NOT_OPEN][flags@OpenMode]
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_is_open (QnetIODevice *self)
{
  return qnet_io_device_get_open_mode (self) != QNET_OPEN_MODE_NOT_OPEN;
}

/**
 * qnet_io_device_is_readable:
 * @self: a device
 *
 * Tells whether the device was opened for reading.
 *
 * Returns: whether it was, though nothing may be there to read yet
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_is_readable (QnetIODevice *self)
{
  return (qnet_io_device_get_open_mode (self) & QNET_OPEN_MODE_READ_ONLY) != 0;
}

/**
 * qnet_io_device_is_writable:
 * @self: a device
 *
 * Tells whether the device was opened for writing.
 *
 * Returns: whether it was, though the connection may not stand yet
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_is_writable (QnetIODevice *self)
{
  return (qnet_io_device_get_open_mode (self) & QNET_OPEN_MODE_WRITE_ONLY) != 0;
}

/**
 * qnet_io_device_is_sequential:
 * @self: a device
 *
 * Tells whether the device has no positions to seek to.
 *
 * Returns: %TRUE, as for every socket
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_is_sequential (QnetIODevice *self)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), TRUE);

  return TRUE;
}

/**
 * qnet_io_device_at_end:
 * @self: a device
 *
 * Returns whether no byte can be read now; more may come later.
 *
 * It is about bytes: a line that has not arrived as a whole makes it %FALSE, and cannot be read by [method@IODevice.read_line] yet.
 * A loop that reads lines asks [method@IODevice.can_read_line].
 *
 * Returns: whether the read buffer is empty
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_at_end (QnetIODevice *self)
{
  return qnet_io_device_get_bytes_available (self) == 0;
}

/**
 * qnet_io_device_get_read_finished:
 * @self: a device
 *
 * Tells whether the peer's last byte has been read.
 *
 * Returns: whether nothing is left in the read buffer and nothing more will come
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_get_read_finished (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);

  priv = qnet_io_device_get_private (self);

  return priv->has_ended && priv->channel.read_queue.length == 0;
}

/**
 * qnet_io_device_get_error:
 * @self: a device
 *
 * Gets the last error.
 *
 * Returns: (nullable) (transfer none): the error, or %NULL when there was none
 *
 * Since: 1.0
 */
const GError *
qnet_io_device_get_error (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), NULL);

  priv = qnet_io_device_get_private (self);

  return priv->error;
}

/**
 * qnet_io_device_get_error_code:
 * @self: a device
 *
 * Gets the code of the last error, as a number of [error@SocketError].
 *
 * Returns: (type gint): the code; -1, as for an unknown error, when there was none or it is of another domain
 *
 * Since: 1.0
 */
int
qnet_io_device_get_error_code (QnetIODevice *self)
{
  const GError *error = qnet_io_device_get_error (self);

  if (error == NULL || error->domain != QNET_SOCKET_ERROR)
    return QNET_SOCKET_ERROR_UNKNOWN;

  return error->code;
}

/**
 * qnet_io_device_get_bytes_available:
 * @self: a device
 *
 * Gets how many bytes can be read without waiting.
 *
 * Returns: the bytes in the read buffer; those of the next datagram where there is none; 0 on a device that is open for
 *   writing alone
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_bytes_available (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);

  priv = qnet_io_device_get_private (self);

  /* What read() would refuse for ever is not available. A socket that is only bound is not open, and receives. */
  if (priv->open_mode == QNET_OPEN_MODE_WRITE_ONLY)
    return 0;

  if (priv->channel.is_datagram && priv->channel.read_queue.length == 0)
    return MAX (QNET_IO_DEVICE_GET_CLASS (self)->hooks->get_pending (self), 0);

  return (gint64) priv->channel.read_queue.length;
}

/**
 * qnet_io_device_get_bytes_to_write:
 * @self: a device
 *
 * Gets how many bytes wait to be handed to the kernel.
 *
 * Returns: the bytes in the write buffer
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_bytes_to_write (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);

  priv = qnet_io_device_get_private (self);

  return (gint64) priv->channel.write_queue.length;
}

/**
 * qnet_io_device_get_read_buffer_size:
 * @self: a device
 *
 * Gets the limit of the read buffer.
 *
 * Returns: bytes, or 0 for no limit
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_read_buffer_size (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);

  priv = qnet_io_device_get_private (self);

  return (gint64) priv->channel.read_limit;
}

/**
 * qnet_io_device_set_read_buffer_size:
 * @self: a device
 * @size: bytes, or 0 for no limit
 *
 * Sets the limit of the read buffer. Raising it resumes reading where the old one had stopped it.
 *
 * Since: 1.0
 */
void
qnet_io_device_set_read_buffer_size (QnetIODevice *self,
                                     gint64        size)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (size >= 0);

  priv = qnet_io_device_get_private (self);

  if ((gint64) priv->channel.read_limit == size)
    return;

  qnet_channel_set_read_limit (&priv->channel, (gsize) MIN ((guint64) size, G_MAXSIZE));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_READ_BUFFER_SIZE]);
}

/**
 * qnet_io_device_get_unsent_limit:
 * @self: a device
 *
 * Gets how many bytes may wait to be sent before qnet stops reading.
 *
 * Returns: bytes, 0 for no limit
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_unsent_limit (QnetIODevice *self)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);

  return (gint64) qnet_io_device_get_private (self)->channel.write_limit;
}

/**
 * qnet_io_device_set_unsent_limit:
 * @self: a device
 * @limit: bytes, 0 for no limit
 *
 * Sets how many bytes may wait to be sent before qnet stops reading; see [property@IODevice:unsent-limit].
 *
 * Since: 1.0
 */
void
qnet_io_device_set_unsent_limit (QnetIODevice *self,
                                 gint64        limit)
{
  QnetChannel *channel;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (limit >= 0);

  channel = &qnet_io_device_get_private (self)->channel;

  if ((gint64) channel->write_limit == limit)
    return;

  qnet_channel_set_write_limit (channel, (gsize) MIN ((guint64) limit, G_MAXSIZE));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_UNSENT_LIMIT]);
}

/* The buffer may be on the other side of a mark now, which is reported in the next turn. */
static void
marks_changed (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->is_above_high && priv->link != QNET_LINK_NONE)
    qnet_io_device_defer (self);
  else
    qnet_io_device_watch_high_water (self);
}

/**
 * qnet_io_device_get_write_buffer_high_water:
 * @self: a device
 *
 * Gets how many bytes in the write buffer are many.
 *
 * Returns: bytes, or 0 for no mark
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_write_buffer_high_water (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);

  priv = qnet_io_device_get_private (self);

  return (gint64) priv->high_water;
}

/**
 * qnet_io_device_set_write_buffer_high_water:
 * @self: a device
 * @size: bytes, or 0 for no mark
 *
 * Sets how many bytes in the write buffer are many.
 *
 * Since: 1.0
 */
void
qnet_io_device_set_write_buffer_high_water (QnetIODevice *self,
                                            gint64        size)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (size >= 0);

  priv = qnet_io_device_get_private (self);

  if ((gint64) priv->high_water == size)
    return;

  priv->high_water = (gsize) MIN ((guint64) size, G_MAXSIZE);
  marks_changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_WRITE_BUFFER_HIGH_WATER]);
}

/**
 * qnet_io_device_get_write_buffer_low_water:
 * @self: a device
 *
 * Gets how few bytes in the write buffer are few again.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_write_buffer_low_water (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);

  priv = qnet_io_device_get_private (self);

  return (gint64) priv->low_water;
}

/**
 * qnet_io_device_set_write_buffer_low_water:
 * @self: a device
 * @size: bytes; more than the high-water mark counts as that
 *
 * Sets how few bytes in the write buffer are few again.
 *
 * Since: 1.0
 */
void
qnet_io_device_set_write_buffer_low_water (QnetIODevice *self,
                                           gint64        size)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (size >= 0);

  priv = qnet_io_device_get_private (self);

  if ((gint64) priv->low_water == size)
    return;

  priv->low_water = (gsize) MIN ((guint64) size, G_MAXSIZE);
  marks_changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_WRITE_BUFFER_LOW_WATER]);
}

/**
 * qnet_io_device_get_bytes_received:
 * @self: a device
 *
 * Gets how many bytes this connection has brought so far.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
guint64
qnet_io_device_get_bytes_received (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);

  priv = qnet_io_device_get_private (self);
  priv->n_unheard = 0;

  return priv->channel.bytes_received;
}

/**
 * qnet_io_device_get_bytes_sent:
 * @self: a device
 *
 * Gets how many bytes of this connection were handed to the kernel so far.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
guint64
qnet_io_device_get_bytes_sent (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);

  priv = qnet_io_device_get_private (self);
  priv->n_unheard = 0;

  return priv->channel.bytes_sent;
}

/**
 * qnet_io_device_get_receive_calls:
 * @self: a device
 *
 * Gets how many system calls have read from this connection so far.
 *
 * Returns: calls
 *
 * Since: 1.0
 */
guint64
qnet_io_device_get_receive_calls (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);

  priv = qnet_io_device_get_private (self);
  priv->n_unheard = 0;

  return priv->channel.n_receive_calls;
}

/**
 * qnet_io_device_get_send_calls:
 * @self: a device
 *
 * Gets how many system calls have sent to this connection so far.
 *
 * Returns: calls
 *
 * Since: 1.0
 */
guint64
qnet_io_device_get_send_calls (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);

  priv = qnet_io_device_get_private (self);
  priv->n_unheard = 0;

  return priv->channel.n_send_calls;
}
