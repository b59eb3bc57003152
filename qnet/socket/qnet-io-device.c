/* qnet-io-device.c: a buffered byte device that tells by signals
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-io-device.h"

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
  SIGNAL_READY_READ,
  SIGNAL_BYTES_WRITTEN,
  SIGNAL_ABOUT_TO_CLOSE,
  SIGNAL_READ_CHANNEL_FINISHED,
  SIGNAL_WRITE_BUFFER_FILLED,
  SIGNAL_WRITE_BUFFER_DRAINED,
  N_SIGNALS
};

static guint       signals[N_SIGNALS];
static guint       notify_signal;  /* GObject's */

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

/* For subclasses */

void
qnet_io_device_set_link (QnetIODevice *self,
                         QnetLink      link)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  const QnetIODeviceHooks *hooks = QNET_IO_DEVICE_GET_CLASS (self)->hooks;

  if (priv->link == QNET_LINK_UP && link == QNET_LINK_NONE)
    priv->has_ended = TRUE;
  if (priv->link != QNET_LINK_NONE && link == QNET_LINK_NONE)
    {
      qnet_io_device_note_end (self);
      qnet_io_device_forget_pending_signals (self);
    }

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
qnet_io_device_leave_parent (QnetIODevice *self)
{
  QnetReactor *reactor = qnet_io_device_get_private (self)->wait_set.reactor;

  if (reactor != NULL)
    qnet_reactor_leave_parent (reactor);
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

  priv->end_told = FALSE;
  priv->has_ended = FALSE;
  priv->written_untold = 0;
  priv->departure_untold = FALSE;
  g_clear_error (&priv->end_error);
  g_clear_error (&priv->loss);
  qnet_channel_reset_counters (&priv->channel);
  qnet_io_device_notify_counters (self);

  qnet_io_device_clear_read_buffer (self);
  qnet_io_device_clear_write_buffer (self);
  if (priv->is_above_high)
    qnet_io_device_defer (self);  /* the last connection's write-buffer-drained is not emitted yet */

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

  if (priv->callbacks != NULL && priv->callbacks->bytes_written != NULL)
    return TRUE;

  return (priv->callbacks == NULL && g_signal_has_handler_pending (self, signals[SIGNAL_BYTES_WRITTEN], 0, TRUE))
         || qnet_io_device_is_notify_heard (self);  /* of bytes-sent */
}

gboolean
qnet_io_device_is_notify_heard (QnetIODevice *self)
{
  return G_OBJECT_GET_CLASS (self)->notify != NULL
         || g_signal_handler_find (self, G_SIGNAL_MATCH_ID, notify_signal, 0, NULL, NULL, NULL) != 0;
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

  if (!priv->torn_down && (priv->open_mode != QNET_OPEN_MODE_NOT_OPEN || priv->link != QNET_LINK_NONE))
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
  g_clear_error (&priv->loss);
  g_clear_error (&priv->trouble);

  G_OBJECT_CLASS (qnet_io_device_parent_class)->finalize (object);
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
   * It is emitted once for each arrival, not again for bytes that were left unread, and never inside a handler of itself: if bytes
   * arrived meanwhile, it is emitted once more when the handler has returned. It is not emitted after the end of the connection:
   * if a handler runs a loop in which the connection ends, read what is left in [signal@AbstractSocket::disconnected].
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
   * It is not emitted inside a handler of itself, except for the last bytes of a connection that ends there: it never follows
   * [signal@AbstractSocket::disconnected].
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
   * It is not emitted for a device that is neither open nor connected.
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

  qnet_reactor_prepare ();

  qnet_io_device_private_offset = QnetIODevice_private_offset;
  notify_signal = g_signal_lookup ("notify", G_TYPE_OBJECT);

  object_class->dispose  = qnet_io_device_dispose;
  object_class->finalize = qnet_io_device_finalize;

  qnet_io_device_class_install_reading (klass);
  qnet_io_device_class_install_writing (klass);
  qnet_io_device_class_install_faces (klass);
  qnet_io_device_class_install_closing (klass);

  qnet_io_device_class_install_properties (object_class);
  install_signals ();
}

static void
qnet_io_device_init (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_channel_init (&priv->channel, &qnet_io_device_channel_funcs);
}
