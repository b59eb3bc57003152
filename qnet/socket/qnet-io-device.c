/* qnet-io-device.c: a buffered byte device that tells by signals
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-io-device.h"

#include "qnet-enum-types.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-io-device-private.h"

/**
 * QnetIODevice:
 *
 * A byte device that owns its buffers and tells by signals what happens to them.
 *
 * Bytes that arrive are put into a read buffer, and [signal@IODevice::ready-read] says so; [method@IODevice.read] and its
 * relatives take them out, and never wait. [method@IODevice.write] puts bytes into a write buffer, whose contents are sent when
 * the main loop gets its turn, all that was written in one turn by one system call.
 *
 * It is a [class@Gio.IOStream] too: whatever reads or writes GIO streams takes a device as it is. The streams work on the same
 * buffers. They keep GIO's meaning of a read: 0 bytes is the end; [method@IODevice.read] has Qt's: 0 bytes is nothing now.
 *
 * [method@Gio.IOStream.close] is final. To use a socket again, disconnect or abort it instead.
 *
 * Signals come in the main context that was the thread default when the device began its work; a device is used by that thread
 * alone. In any handler anything may be done, dropping the last reference included.
 *
 * Since: 1.0
 */

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (QnetIODevice, qnet_io_device, G_TYPE_IO_STREAM)

enum
{
  PROP_0,
  PROP_OPEN_MODE,
  PROP_ERROR,
  PROP_READ_FINISHED,
  PROP_BYTES_AVAILABLE,
  PROP_BYTES_TO_WRITE,
  PROP_READ_BUFFER_SIZE,
  PROP_WRITE_BUFFER_HIGH_WATER,
  PROP_WRITE_BUFFER_LOW_WATER,
  PROP_TRANSACTION_STARTED,
  PROP_BYTES_RECEIVED,
  PROP_BYTES_SENT,
  PROP_RECEIVE_CALLS,
  PROP_SEND_CALLS,
  N_PROPS
};

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

static GParamSpec *props[N_PROPS];
static guint       signals[N_SIGNALS];

int qnet_io_device_private_offset = 0;

gpointer qnet_io_device_known_type = NULL;

gboolean
qnet_io_device_ask_type (gpointer instance)
{
  if (!QNET_IS_IO_DEVICE (instance))
    return FALSE;

  g_atomic_pointer_compare_and_exchange (&qnet_io_device_known_type, NULL,
                                         GSIZE_TO_POINTER (G_TYPE_FROM_INSTANCE (instance)));

  return TRUE;
}

/* Properties that change with every byte. While the channel tells its news they wait: what is read
 * and answered at once has changed nothing. */

static void
notify_bytes_available (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  priv->told_available = priv->channel.read_queue.length;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_BYTES_AVAILABLE]);
}

static void
notify_bytes_to_write (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

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

  if (priv->told_available != priv->channel.read_queue.length && !priv->torn_down)
    notify_bytes_available (self);

  if (priv->told_to_write != priv->channel.write_queue.length && !priv->torn_down)
    notify_bytes_to_write (self);
}

/* For subclasses */

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

void
qnet_io_device_set_link (QnetIODevice *self,
                         QnetLink      link)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  const QnetIODeviceHooks *hooks = QNET_IO_DEVICE_GET_CLASS (self)->hooks;

  if (priv->link == QNET_LINK_UP && link == QNET_LINK_NONE)
    priv->has_ended = TRUE;

  priv->link = link;

  if (link == QNET_LINK_NONE && hooks->unlinked != NULL)
    hooks->unlinked (self);

  /* Before a handler connects anew: what waits for the old connection has nothing to do with the next one. */
  if (link == QNET_LINK_NONE && !priv->torn_down)
    qnet_io_device_progress (self);
}

gboolean
qnet_io_device_fail_call (QnetIODevice  *self,
                          GError        *reason,
                          GError       **error)
{
  if (error != NULL)
    *error = g_error_copy (reason);

  qnet_io_device_take_error (self, reason);

  return FALSE;
}

static void
leave_reactor (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->wait_set.reactor == NULL)
    return;

  qnet_channel_close (&priv->channel);
  qnet_wait_set_clear (&priv->wait_set);
}

void
qnet_io_device_join_reactor (QnetIODevice *self,
                             QnetReactor  *reactor)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->wait_set.reactor == reactor)
    return;

  leave_reactor (self);
  qnet_wait_set_init (&priv->wait_set, reactor);
}

void
qnet_io_device_defer (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_channel_attach (&priv->channel, &priv->wait_set);
  qnet_channel_defer (&priv->channel);
}

void
qnet_io_device_hand_out (QnetIODevice *self)
{
  QnetChannel *channel = &qnet_io_device_get_private (self)->channel;

  if (qnet_channel_is_open (channel))
    qnet_channel_start_reading (channel);
}

void
qnet_io_device_clear_read_buffer (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_io_device_end_transaction (self, FALSE);
  qnet_byte_queue_clear (&priv->channel.read_queue);
  qnet_channel_consumed (&priv->channel);
  qnet_io_device_read_buffer_changed (self);
}

void
qnet_io_device_clear_write_buffer (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_byte_queue_clear (&priv->channel.write_queue);
  qnet_io_device_write_buffer_changed (self);
}

void
qnet_io_device_reset (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  const QnetIODeviceHooks *hooks = QNET_IO_DEVICE_GET_CLASS (self)->hooks;

  priv->channel.is_paused = FALSE;
  priv->end_told = FALSE;
  priv->has_ended = FALSE;
  priv->is_above_high = FALSE;
  priv->written_untold = 0;
  priv->departure_untold = FALSE;
  g_clear_error (&priv->end_error);
  qnet_channel_reset_counters (&priv->channel);

  qnet_io_device_clear_read_buffer (self);
  qnet_io_device_clear_write_buffer (self);

  if (hooks->began != NULL)
    hooks->began (self);
}

void
qnet_io_device_emit_channel_end (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->end_told || priv->torn_down)
    return;

  priv->end_told = TRUE;
  qnet_io_device_read_buffer_changed (self);
  if (!priv->torn_down)
    g_signal_emit (self, signals[SIGNAL_READ_CHANNEL_FINISHED], 0);
}

/* What has kept writing open beyond the peer's end is gone, a held output stream for instance. */
void
qnet_io_device_half_open_may_end (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_instance_private (self);

  if (priv->end_told && qnet_channel_is_open (&priv->channel))
    qnet_io_device_defer (self);
}

void
qnet_io_device_emit_ready_read (QnetIODevice *self)
{
  g_signal_emit (self, signals[SIGNAL_READY_READ], 0);
}

void
qnet_io_device_emit_bytes_written (QnetIODevice *self,
                                   gint64        size)
{
  g_signal_emit (self, signals[SIGNAL_BYTES_WRITTEN], 0, size);
}

gboolean
qnet_io_device_is_bytes_written_heard (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->callbacks != NULL)
    return priv->callbacks->bytes_written != NULL;

  return g_signal_has_handler_pending (self, signals[SIGNAL_BYTES_WRITTEN], 0, TRUE);
}

void
qnet_io_device_emit_write_buffer_filled (QnetIODevice *self)
{
  g_signal_emit (self, signals[SIGNAL_WRITE_BUFFER_FILLED], 0);
}

void
qnet_io_device_emit_write_buffer_drained (QnetIODevice *self)
{
  g_signal_emit (self, signals[SIGNAL_WRITE_BUFFER_DRAINED], 0);
}

void
qnet_io_device_emit_about_to_close (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (!priv->torn_down)
    g_signal_emit (self, signals[SIGNAL_ABOUT_TO_CLOSE], 0);
}

void
qnet_io_device_release_keeper (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetKeeper *keeper = g_steal_pointer (&priv->keeper);

  if (keeper != NULL)
    keeper->funcs->released (keeper, self);
}

/* GObject */

/* The channel is telling us something, and a handler of that has dropped the last reference. We live on until the end of the visit,
 * which disposes of us anew. */
static void
hold_during_visit (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->n_visits == 0 || priv->holds_itself)
    return;

  priv->holds_itself = TRUE;
  g_object_ref (self);
}

void
qnet_io_device_let_go_of_itself (QnetIODevice *self)
{
  qnet_io_device_get_private (self)->holds_itself = FALSE;
  g_object_unref (self);
}

static void
qnet_io_device_dispose (GObject *object)
{
  QnetIODevice *self = QNET_IO_DEVICE (object);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  priv->torn_down = TRUE;
  hold_during_visit (self);
  qnet_io_device_release_keeper (self);
  qnet_io_device_drop_operations (self);
  qnet_io_device_drop_faces (self);
  if (!priv->holds_itself)
    qnet_io_device_set_callbacks (self, NULL, NULL, NULL);

  G_OBJECT_CLASS (qnet_io_device_parent_class)->dispose (object);

  if (qnet_channel_is_open (&priv->channel))
    qnet_channel_close (&priv->channel);
}

static void
qnet_io_device_finalize (GObject *object)
{
  QnetIODevice *self = QNET_IO_DEVICE (object);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_io_device_end_transaction (self, FALSE);
  qnet_byte_queue_clear (&priv->channel.read_queue);
  qnet_byte_queue_clear (&priv->channel.write_queue);
  leave_reactor (self);
  g_clear_error (&priv->error);
  g_clear_error (&priv->end_error);
  g_clear_error (&priv->trouble);

  G_OBJECT_CLASS (qnet_io_device_parent_class)->finalize (object);
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
install_properties (GObjectClass *object_class)
{
  /**
   * QnetIODevice:open-mode:
   *
   * What the device is open for: [flags@OpenMode.NOT_OPEN] until a connection is asked for.
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
   * buffer already. For what a stranger may send, set a limit.
   *
   * Since: 1.0
   */
  props[PROP_READ_BUFFER_SIZE] =
    g_param_spec_int64 ("read-buffer-size", NULL, NULL, 0, G_MAXINT64, 0, READWRITE);

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
   * How many bytes this connection has brought so far. It does not notify.
   *
   * Since: 1.0
   */
  props[PROP_BYTES_RECEIVED] =
    g_param_spec_uint64 ("bytes-received", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  /**
   * QnetIODevice:bytes-sent:
   *
   * How many bytes of this connection were handed to the kernel so far. It does not notify.
   *
   * Since: 1.0
   */
  props[PROP_BYTES_SENT] =
    g_param_spec_uint64 ("bytes-sent", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  /**
   * QnetIODevice:receive-calls:
   *
   * How many system calls have read from this connection so far. It does not notify.
   *
   * Since: 1.0
   */
  props[PROP_RECEIVE_CALLS] =
    g_param_spec_uint64 ("receive-calls", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  /**
   * QnetIODevice:send-calls:
   *
   * How many system calls have sent to this connection so far. It does not notify.
   *
   * Since: 1.0
   */
  props[PROP_SEND_CALLS] =
    g_param_spec_uint64 ("send-calls", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static guint
new_signal (const char *name)
{
  return g_signal_new (name, QNET_TYPE_IO_DEVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
install_signals (void)
{
  /**
   * QnetIODevice::ready-read:
   * @self: the device
   *
   * New bytes are in the read buffer.
   *
   * It comes once for each arrival, not again for bytes that were left unread, and never inside a handler of itself: if bytes
   * came meanwhile, it is emitted once more when the handler has returned.
   *
   * Since: 1.0
   */
  signals[SIGNAL_READY_READ] = new_signal ("ready-read");

  /**
   * QnetIODevice::bytes-written:
   * @self: the device
   * @size: how many bytes were handed to the kernel since the last time
   *
   * Bytes have left the write buffer.
   *
   * Since: 1.0
   */
  signals[SIGNAL_BYTES_WRITTEN] =
    g_signal_new ("bytes-written", QNET_TYPE_IO_DEVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_INT64);

  /**
   * QnetIODevice::about-to-close:
   * @self: the device
   *
   * The device is being closed; what is in the read buffer can still be read in the handler.
   *
   * Since: 1.0
   */
  signals[SIGNAL_ABOUT_TO_CLOSE] = new_signal ("about-to-close");

  /**
   * QnetIODevice::read-channel-finished:
   * @self: the device
   *
   * No more bytes will come than those in the read buffer. Once for each connection, before it is disconnected.
   *
   * Since: 1.0
   */
  signals[SIGNAL_READ_CHANNEL_FINISHED] = new_signal ("read-channel-finished");

  /**
   * QnetIODevice::write-buffer-filled:
   * @self: the device
   *
   * The write buffer has reached [property@IODevice:write-buffer-high-water]: who produces should stop.
   *
   * It is emitted in the turn of the loop after the write, if the bytes are still there then, and
   * [signal@IODevice::write-buffer-drained] follows it before it comes again.
   *
   * Since: 1.0
   */
  signals[SIGNAL_WRITE_BUFFER_FILLED] = new_signal ("write-buffer-filled");

  /**
   * QnetIODevice::write-buffer-drained:
   * @self: the device
   *
   * The write buffer is down to [property@IODevice:write-buffer-low-water] again: who produces may go on.
   *
   * Since: 1.0
   */
  signals[SIGNAL_WRITE_BUFFER_DRAINED] = new_signal ("write-buffer-drained");
}

static void
qnet_io_device_class_init (QnetIODeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  qnet_io_device_private_offset = QnetIODevice_private_offset;

  object_class->dispose      = qnet_io_device_dispose;
  object_class->finalize     = qnet_io_device_finalize;
  object_class->get_property = qnet_io_device_get_property;
  object_class->set_property = qnet_io_device_set_property;

  qnet_io_device_class_install_reading (klass);
  qnet_io_device_class_install_writing (klass);
  qnet_io_device_class_install_faces (klass);
  qnet_io_device_class_install_closing (klass);

  install_properties (object_class);
  install_signals ();
}

static void
qnet_io_device_init (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_channel_init (&priv->channel, &qnet_io_device_channel_funcs);
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
 * Returns: whether [property@IODevice:open-mode] is anything but [flags@OpenMode.NOT_OPEN]
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
 * Tells whether no byte can be read now; more may come later.
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
 * Returns: the bytes in the read buffer; those of the next datagram where there is none
 *
 * Since: 1.0
 */
gint64
qnet_io_device_get_bytes_available (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_val_if_fail (QNET_IS_IO_DEVICE (self), 0);

  priv = qnet_io_device_get_private (self);

  if (priv->channel.is_datagram && priv->channel.read_queue.length == 0)
    return (gint64) QNET_IO_DEVICE_GET_CLASS (self)->hooks->get_pending (self);

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
  qnet_io_device_watch_high_water (self);
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

  return priv->channel.n_send_calls;
}
