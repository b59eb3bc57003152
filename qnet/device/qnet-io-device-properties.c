/* qnet-io-device-properties.c: the properties of a device, and their notifications
 *
 * It has over 700 lines because each property is documented where it is installed.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-error-private.h"
#include "device/qnet-io-lock-private.h"
#include "qnet-enum-types.h"

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
  N_PROPS
};

static GParamSpec   *props[N_PROPS];
static GObjectClass *parent_class;

/* Properties that change with every byte. Inside a dispatch they are not notified: what is read and
 * answered at once has changed nothing. */

/* A change that was taken back meanwhile is none. */
static void
notify_bytes_available (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->notified_available == priv->channel.read_queue.length)
    return;

  priv->notified_available = priv->channel.read_queue.length;
  qnet_io_device_notify (self, props[PROP_BYTES_AVAILABLE]);
}

static void
notify_bytes_to_write (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->notified_to_write == qnet_io_device_get_unsent (priv))
    return;

  priv->notified_to_write = qnet_io_device_get_unsent (priv);
  qnet_io_device_notify (self, props[PROP_BYTES_TO_WRITE]);
}

static void
notify_read_finished (QnetIODevice *self,
                      gboolean      is_finished)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  priv->notified_finished = is_finished;

  qnet_io_device_freeze_notify (self);
  qnet_io_device_notify (self, props[PROP_READ_FINISHED]);
  notify_bytes_available (self);
  qnet_io_device_thaw_notify (self);
}

void
qnet_io_device_notify_read_buffer (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  gboolean is_finished = priv->input != QNET_INPUT_OPEN && priv->channel.read_queue.length == 0;

  if (qnet_io_device_is_disposed (priv) || priv->channel.watch.is_lent)
    return;

  if (is_finished != priv->notified_finished)
    notify_read_finished (self, is_finished);
  else if (!qnet_io_device_is_dispatching (priv))
    notify_bytes_available (self);
}

gboolean
qnet_io_device_has_unnotified (QnetIODevice *self)
{
  const QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  gboolean is_finished = priv->input != QNET_INPUT_OPEN && priv->channel.read_queue.length == 0;

  return is_finished != priv->notified_finished
         || priv->notified_available != priv->channel.read_queue.length
         || priv->notified_to_write != qnet_io_device_get_unsent (priv);
}

void
qnet_io_device_notify_write_buffer (QnetIODevice *self)
{
  if (!qnet_io_device_is_disposed (qnet_io_device_get_private (self)))
    notify_bytes_to_write (self);
}

void
qnet_io_device_notify_sizes (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (!qnet_io_device_is_disposed (priv))
    notify_bytes_available (self);

  if (!qnet_io_device_is_disposed (priv))
    notify_bytes_to_write (self);

  if (priv->has_more_to_notify && !qnet_io_device_is_disposed (priv))
    QNET_IO_DEVICE_GET_CLASS (self)->priv->notify_more (self);
}

static void
notify_counter (QnetIODevice *self,
                int           prop,
                guint64      *notified,
                guint64       value)
{
  if (*notified == value)
    return;

  *notified = value;
  qnet_io_device_notify (self, props[prop]);
}

/* They change with every byte, and rarely have handlers. Looking for one costs less than
 * notifications without any. */
void
qnet_io_device_notify_counters (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetChannel *channel = &priv->channel;
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;

  if (qnet_io_device_is_disposed (priv) || !qnet_io_device_has_notify_handler (self))
    return;

  hold = qnet_io_device_hold (self);
  priv->n_unobserved = 0;
  notify_counter (self, PROP_BYTES_RECEIVED, &priv->notified_received, channel->bytes_received);
  notify_counter (self, PROP_BYTES_SENT, &priv->notified_sent, channel->bytes_sent);
}

void
qnet_io_device_store_open_mode (QnetIODevice *self,
                                QnetOpenMode  mode)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->open_mode == mode)
    return;

  priv->open_mode = mode;
  if (!qnet_io_device_is_disposed (priv))
    qnet_io_device_notify (self, props[PROP_OPEN_MODE]);
}

void
qnet_io_device_take_error (QnetIODevice *self,
                           GError       *error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (qnet_io_device_get_errors (priv)->current == NULL && error == NULL)
    return;

  g_clear_error (&qnet_io_device_get_errors (priv)->current);
  if (error != NULL)
    qnet_io_device_make_errors (priv)->current = error;
  if (!qnet_io_device_is_disposed (priv))
    qnet_io_device_notify_change (self, props[PROP_ERROR]);
}

/* GObject */

static void
qnet_io_device_dispatch_properties_changed (GObject     *object,
                                            guint        n_pspecs,
                                            GParamSpec **pspecs)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (QNET_IO_DEVICE (object));

  if (!qnet_io_device_is_silent (priv))
    qnet_hold_notify (&priv->hold, object, parent_class, n_pspecs, pspecs);
}

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
      g_value_set_boolean (value, qnet_io_device_is_read_finished (self));
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
      g_value_set_int64 (value, qnet_io_device_get_bytes_received (self));
      break;
    case PROP_BYTES_SENT:
      g_value_set_int64 (value, qnet_io_device_get_bytes_sent (self));
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

static void
install_state (void)
{
  /**
   * QnetIODevice:open-mode:
   *
   * What the device is open for: [QNET_OPEN_MODE_NOT_OPEN][flags@OpenMode] until a connection is
   * requested.
   *
   * It does not change when a connection ends, only when the device is closed or aborted. Bytes
   * that arrive while the device is not open for reading are dropped.
   *
   * Since: 1.0
   */
  props[PROP_OPEN_MODE] =
    g_param_spec_flags ("open-mode", NULL, NULL, QNET_TYPE_OPEN_MODE, QNET_OPEN_MODE_NOT_OPEN,
                        READABLE);

  /**
   * QnetIODevice:error:
   *
   * The last error, or %NULL while there was none.
   *
   * A new connection, bind or descriptor resets it to %NULL.
   *
   * Since: 1.0
   */
  props[PROP_ERROR] =
    g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, READABLE);

  /**
   * QnetIODevice:read-finished: (getter is_read_finished)
   *
   * Whether the peer's last byte has been read: nothing more will come.
   *
   * It distinguishes an empty result that means "nothing now" from one that means "ended".
   *
   * Since: 1.0
   */
  props[PROP_READ_FINISHED] =
    g_param_spec_boolean ("read-finished", NULL, NULL, FALSE, READABLE);

  /**
   * QnetIODevice:bytes-available:
   *
   * How many bytes can be read without blocking.
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
}

static void
install_limits (void)
{
  /**
   * QnetIODevice:read-buffer-size:
   *
   * How many bytes the read buffer holds at most; 0, the default, for no limit.
   *
   * When it is full, qnet stops reading, and TCP slows the peer down. A smaller limit drops
   * nothing that is in the buffer already. Set a limit where the peer is not trusted; a server
   * sets one on each connection that it accepts, see [property@Server:read-buffer-size].
   *
   * The end of the stream is noticed even while the buffer is full: the bytes that the peer has
   * sent before, and that the kernel holds, are then received in full, beyond the limit, since
   * none can follow.
   *
   * Since: 1.0
   */
  props[PROP_READ_BUFFER_SIZE] =
    g_param_spec_int64 ("read-buffer-size", NULL, NULL, 0, G_MAXINT64, 0, READWRITE);

  /**
   * QnetIODevice:unsent-limit:
   *
   * How many bytes may wait to be sent before qnet stops reading from the peer; 0, the default,
   * for no limit.
   *
   * A peer that sends requests, and reads none of the answers, makes these accumulate. At the
   * limit nothing more is read until half of it was sent: TCP slows the peer down, and no further
   * request adds to them. It does not limit what can be written. The end of the stream is noticed
   * meanwhile.
   *
   * It is for servers, which set it on each connection that they accept, see
   * [property@Server:unsent-limit]. Set it on one side of a connection alone: two peers that both
   * stop reading until the other one reads would wait for each other without end.
   *
   * It is not applied while [method@IODevice.wait_for_bytes_written] blocks, and after the write
   * side was shut down.
   *
   * Since: 1.0
   */
  props[PROP_UNSENT_LIMIT] =
    g_param_spec_int64 ("unsent-limit", NULL, NULL, 0, G_MAXINT64, 0, READWRITE);
}

static void
install_water_marks (void)
{
  /**
   * QnetIODevice:write-buffer-high-water:
   *
   * The number of bytes in the write buffer at which [signal@IODevice::write-buffer-filled] is
   * emitted; 0, the default, for none.
   *
   * [method@IODevice.write] still takes bytes above it; the output stream blocks there, or returns
   * that it would block. Without a mark the output stream has one of its own, at 256 KiB.
   *
   * Since: 1.0
   */
  props[PROP_WRITE_BUFFER_HIGH_WATER] =
    g_param_spec_int64 ("write-buffer-high-water", NULL, NULL, 0, G_MAXINT64, 0, READWRITE);

  /**
   * QnetIODevice:write-buffer-low-water:
   *
   * The number of bytes in the write buffer at which [signal@IODevice::write-buffer-drained] is
   * emitted; 0 is the default.
   *
   * A value above [property@IODevice:write-buffer-high-water] counts as that one.
   *
   * Since: 1.0
   */
  props[PROP_WRITE_BUFFER_LOW_WATER] =
    g_param_spec_int64 ("write-buffer-low-water", NULL, NULL, 0, G_MAXINT64, 0, READWRITE);
}

static void
install_counters (void)
{
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
   * How many bytes were received on this connection.
   *
   * Since: 1.0
   */
  props[PROP_BYTES_RECEIVED] =
    g_param_spec_int64 ("bytes-received", NULL, NULL, 0, G_MAXINT64, 0, READABLE);

  /**
   * QnetIODevice:bytes-sent:
   *
   * How many bytes of this connection were handed to the kernel.
   *
   * Since: 1.0
   */
  props[PROP_BYTES_SENT] =
    g_param_spec_int64 ("bytes-sent", NULL, NULL, 0, G_MAXINT64, 0, READABLE);
}

void
qnet_io_device_class_install_properties (QnetIODeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  parent_class = g_type_class_peek_parent (klass);

  object_class->get_property = qnet_io_device_get_property;
  object_class->set_property = qnet_io_device_set_property;
  object_class->dispatch_properties_changed = qnet_io_device_dispatch_properties_changed;

  install_state ();
  install_limits ();
  install_water_marks ();
  install_counters ();

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
  QNET_IO_BRIEF_STAY (self, QNET_OPEN_MODE_NOT_OPEN);

  priv = qnet_io_device_get_private (self);

  return priv->open_mode;
}

/**
 * qnet_io_device_is_open:
 * @self: a device
 *
 * Gets whether the device was opened, which is not the same as connected.
 *
 * Returns: whether [property@IODevice:open-mode] is anything but
 *   [QNET_OPEN_MODE_NOT_OPEN][flags@OpenMode]
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_is_open (QnetIODevice *self)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  QNET_IO_BRIEF_STAY (self, FALSE);

  return qnet_io_device_get_open_mode (self) != QNET_OPEN_MODE_NOT_OPEN;
}

/**
 * qnet_io_device_is_readable:
 * @self: a device
 *
 * Gets whether the device was opened for reading.
 *
 * Returns: whether it was, though no bytes may have arrived yet
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_is_readable (QnetIODevice *self)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  QNET_IO_BRIEF_STAY (self, FALSE);

  return (qnet_io_device_get_open_mode (self) & QNET_OPEN_MODE_READ_ONLY) != 0;
}

/**
 * qnet_io_device_is_writable:
 * @self: a device
 *
 * Gets whether the device was opened for writing.
 *
 * Returns: whether it was, though the connection may not be established yet
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_is_writable (QnetIODevice *self)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  QNET_IO_BRIEF_STAY (self, FALSE);

  return (qnet_io_device_get_open_mode (self) & QNET_OPEN_MODE_WRITE_ONLY) != 0;
}

/**
 * qnet_io_device_is_sequential:
 * @self: a device
 *
 * Gets whether the device has no positions to seek to.
 *
 * Returns: %TRUE
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_is_sequential (QnetIODevice *self)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), TRUE);
  QNET_IO_BRIEF_STAY (self, TRUE);

  return TRUE;
}

/**
 * qnet_io_device_at_end:
 * @self: a device
 *
 * Returns whether no byte can be read now; more may come later.
 *
 * It is about bytes: a line that has not arrived as a whole makes it %FALSE, and cannot be read by
 * [method@IODevice.read_line] yet. A loop that reads lines asks [method@IODevice.can_read_line].
 *
 * Returns: whether the read buffer is empty
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_at_end (QnetIODevice *self)
{
  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), TRUE);
  QNET_IO_BRIEF_STAY (self, TRUE);

  return qnet_io_device_get_bytes_available (self) == 0;
}

/**
 * qnet_io_device_is_read_finished:
 * @self: a device
 *
 * Gets whether the peer's last byte was read.
 *
 * Returns: whether nothing is left in the read buffer and nothing more will come
 *
 * Since: 1.0
 */
gboolean
qnet_io_device_is_read_finished (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), FALSE);
  QNET_IO_BRIEF_STAY (self, FALSE);

  priv = qnet_io_device_get_private (self);

  return priv->input != QNET_INPUT_OPEN && priv->channel.read_queue.length == 0;
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
  QNET_IO_BRIEF_STAY (self, NULL);

  priv = qnet_io_device_get_private (self);

  return qnet_io_device_get_errors (priv)->current;
}

/**
 * qnet_io_device_get_error_code:
 * @self: a device
 *
 * Gets the code of the last error, as a number of [error@SocketError].
 *
 * Returns: (type gint): the code; -1, as for an unknown error, when there was none or it is of
 *   another domain
 *
 * Since: 1.0
 */
int
qnet_io_device_get_error_code (QnetIODevice *self)
{
  const GError *error;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), QNET_SOCKET_ERROR_UNKNOWN);
  QNET_IO_BRIEF_STAY (self, QNET_SOCKET_ERROR_UNKNOWN);

  error = qnet_io_device_get_error (self);

  if (error == NULL || error->domain != QNET_SOCKET_ERROR)
    return QNET_SOCKET_ERROR_UNKNOWN;

  return error->code;
}
