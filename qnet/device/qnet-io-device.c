/* qnet-io-device.c: a buffered byte device that reports by signals
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-io-device.h"

#include "device/qnet-io-lock-private.h"

/**
 * QnetIODevice:
 *
 * A byte device with a read buffer and a write buffer, which reports their changes by signals.
 *
 * Bytes that arrive are put into the read buffer, and [signal@IODevice::ready-read] is emitted;
 * [method@IODevice.read] and its relatives take them from there, and never block.
 * [method@IODevice.write] puts bytes into the write buffer. They are sent when the main loop runs:
 * everything that was written in one iteration by one system call.
 *
 * A device is a [class@Gio.IOStream] too: what reads or writes GIO streams takes a device as it is.
 * The two streams work on the same buffers. Reading 0 bytes from the input stream means the end, as
 * in all of GIO; reading 0 bytes by [method@IODevice.read] means that there are none now, as in Qt.
 *
 * [method@Gio.IOStream.close] is final. To use a socket again, disconnect or abort it instead.
 *
 * Signals are emitted in the main context that was the thread default when the device was opened;
 * only its thread uses the device. A handler may do anything, including dropping the last
 * reference.
 *
 * ## Devices of one's own
 *
 * A class that derives from `QnetIODevice` is a device over whatever it likes: a pipe, a serial
 * line, a layer above another device. It implements [vfunc@IODevice.read_data] and
 * [vfunc@IODevice.write_data], and [vfunc@IODevice.close_device] if there is something to close,
 * and opens itself by [method@IODevice.set_open_mode]. It calls
 * [method@IODevice.report_ready_read] when there are bytes to read,
 * [method@IODevice.report_bytes_written] when written ones were sent, and
 * [method@IODevice.report_read_finished] at the end of the stream. The buffers, signals, waits,
 * streams and asynchronous functions are those of the sockets. This one returns what is written to
 * it:
 *
 * ```c
 * static GByteArray *
 * get_bytes (QnetIODevice *self)
 * {
 *   GByteArray *bytes = g_object_get_data (G_OBJECT (self), "bytes");
 *
 *   if (bytes == NULL)
 *     {
 *       bytes = g_byte_array_new ();
 *       g_object_set_data_full (G_OBJECT (self), "bytes", bytes,
 *                               (GDestroyNotify) g_byte_array_unref);
 *     }
 *
 *   return bytes;
 * }
 *
 * static GBytes *
 * echo_device_read_data (QnetIODevice *self,
 *                        gsize         max_size)
 * {
 *   GByteArray *bytes = get_bytes (self);
 *   guint n = (guint) MIN (max_size, bytes->len);
 *   GBytes *data = g_bytes_new (bytes->data, n);
 *
 *   g_byte_array_remove_range (bytes, 0, n);
 *
 *   return data;
 * }
 *
 * static gboolean
 * echo_device_write_data (QnetIODevice  *self,
 *                         const guint8  *data,
 *                         gsize          size,
 *                         GError       **error)
 * {
 *   g_byte_array_append (get_bytes (self), data, (guint) size);
 *   qnet_io_device_report_bytes_written (self, size);
 *   qnet_io_device_report_ready_read (self);
 *
 *   return TRUE;
 * }
 *
 * static void
 * echo_device_class_init (QnetIODeviceClass *klass)
 * {
 *   klass->read_data = echo_device_read_data;
 *   klass->write_data = echo_device_write_data;
 * }
 *
 * static void
 * echo_device_init (QnetIODevice *self)
 * {
 *   qnet_io_device_set_open_mode (self, QNET_OPEN_MODE_READ_WRITE);
 * }
 * ```
 *
 * Since: 1.0
 */

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (QnetIODevice, qnet_io_device, G_TYPE_IO_STREAM,
                                  G_ADD_PRIVATE (QnetIODevice)
                                  g_type_add_class_private (g_define_type_id,
                                                            sizeof (QnetIODeviceClassPrivate)))

int qnet_io_device_private_offset = 0;

gpointer qnet_io_device_known_type = NULL;

gboolean
qnet_io_device_check_type (gpointer instance)
{
  if (!QNET_IS_IO_DEVICE (instance))
    return FALSE;

  g_atomic_pointer_compare_and_exchange (&qnet_io_device_known_type, NULL,
                                         GSIZE_TO_POINTER (G_TYPE_FROM_INSTANCE (instance)));

  return TRUE;
}

/* For subclasses */

static void
link_has_ended (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_io_device_enter_link (priv, QNET_LINK_NONE);
  QNET_IO_DEVICE_GET_CLASS (self)->priv->unlinked (self);

  /* Before a handler connects again: what waits for the old connection is not for the next one. */
  if (!qnet_io_device_is_disposed (priv))
    qnet_io_device_progress (self);
}

void
qnet_io_device_set_link (QnetIODevice *self,
                         QnetLink      link)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->link == QNET_LINK_UP && link == QNET_LINK_NONE)
    qnet_io_device_end_input (priv);
  if (priv->link != QNET_LINK_NONE && link == QNET_LINK_NONE)
    {
      qnet_io_device_note_end (self);
      qnet_io_device_cancel_emissions (self);
    }

  if (link == QNET_LINK_NONE)
    link_has_ended (self);
  else
    qnet_io_device_enter_link (priv, link);
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

  if (priv->wait_set.reactor == NULL)
    qnet_wait_set_init (&priv->wait_set, reactor);
  else
    {
      qnet_channel_close (&priv->channel);
      qnet_wait_set_move (&priv->wait_set, reactor);
    }
  qnet_io_device_forget_thread (priv);
}

void
qnet_io_device_defer (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_channel_attach (&priv->channel, &priv->wait_set);
  qnet_channel_defer (&priv->channel);
}

void
qnet_io_device_start_reading (QnetIODevice *self)
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
  QnetIOLock *lock = qnet_io_device_get_lock (priv);

  if (lock != NULL)
    lock->has_writer = FALSE;  /* that was in the last connection */
  qnet_io_device_enter_input (priv, QNET_INPUT_OPEN);
  qnet_emission_cancel (&priv->bytes_written);
  priv->written_pending = 0;
  g_clear_error (&qnet_io_device_get_errors (priv)->end);
  g_clear_error (&qnet_io_device_get_errors (priv)->pending_end);
  g_clear_error (&qnet_io_device_get_errors (priv)->loss);
  qnet_channel_reset_counters (&priv->channel);
  qnet_io_device_notify_counters (self);

  qnet_io_device_clear_read_buffer (self);
  qnet_io_device_clear_write_buffer (self);
  if (priv->is_above_high)
    qnet_io_device_defer (self);  /* write-buffer-drained of the last connection is still pending */

  QNET_IO_DEVICE_GET_CLASS (self)->priv->began (self);
}

/* What has kept writing open beyond the peer's end of stream was dropped, such as a reference on
 * the output stream. */
void
qnet_io_device_half_open_may_end (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->input == QNET_INPUT_FINISHED && qnet_channel_is_open (&priv->channel))
    qnet_io_device_defer (self);
}

/* A server emits that its list of connections has changed. */
static void
call_owner (QnetIODevice        *self,
            QnetConnectionOwner *owner,
            void               (*func) (QnetConnectionOwner *owner,
                                        QnetIODevice        *connection))
{
  guint stays = qnet_io_device_step_out (self);

  func (owner, self);
  qnet_io_device_step_in (self, stays);
}

void
qnet_io_device_notify_owner (QnetIODevice *self)
{
  QnetConnectionOwner *owner = qnet_io_device_get_private (self)->owner;

  if (owner != NULL)
    call_owner (self, owner, owner->funcs->unlinked);
}

void
qnet_io_device_release_owner (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetConnectionOwner *owner = g_steal_pointer (&priv->owner);

  if (owner != NULL)
    call_owner (self, owner, owner->funcs->released);
}

/* The class */

static void
ignore (QnetIODevice *self)
{
}

static void
ignore_error (QnetIODevice *self,
              const GError *error)
{
}

static char *
describe_no_peer (QnetIODevice *self)
{
  return NULL;
}

static gboolean
is_ready_when_opened (QnetIODevice *self)
{
  return FALSE;
}

static guint
closes_at_once (QnetIODevice *self)
{
  return 0;
}

static gssize
has_no_datagrams (QnetIODevice *self)
{
  return -1;
}

/* The rest is in qnet-io-device-subclass.c. */
static const QnetIODeviceClassPrivate default_functions = {
  .ended         = ignore_error,
  .get_close_timeout = closes_at_once,
  .drained       = ignore,
  .describe_peer = describe_no_peer,
  .began         = ignore,
  .opened        = is_ready_when_opened,
  .unlinked      = ignore,
  .notify_more   = ignore,
  .failed        = ignore_error,
  .get_pending   = has_no_datagrams,
};

/* A class struct starts as a copy of its parent's, with a pointer to the parent's functions; the
 * private part of a class is copied as well, and lies elsewhere. */
QnetIODeviceClassPrivate *
qnet_io_device_class_get_private (QnetIODeviceClass *klass)
{
  klass->priv = G_TYPE_CLASS_GET_PRIVATE (klass, QNET_TYPE_IO_DEVICE, QnetIODeviceClassPrivate);

  return klass->priv;
}

/* GObject */

void
qnet_io_device_release (QnetHeldDevice *self)
{
  qnet_hold_end (&qnet_io_device_get_private (self)->hold, self);
}

static void
qnet_io_device_dispose (GObject *object)
{
  QnetIODevice *self = QNET_IO_DEVICE (object);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (qnet_io_device_moves_disposal (self))
    return;

  qnet_io_device_enter (self);

  qnet_io_device_begin_dispose (self);
  qnet_hold_stay (&priv->hold, self);
  qnet_io_device_release_owner (self);
  qnet_io_device_drop_operations (self);
  if (priv->hold.n == 0)
    qnet_io_device_set_callbacks (self, NULL, NULL, NULL);
  if (qnet_channel_is_open (&priv->channel))
    qnet_channel_close (&priv->channel);

  qnet_io_device_leave (self);

  qnet_io_device_drop_streams (self);
  G_OBJECT_CLASS (qnet_io_device_parent_class)->dispose (object);
}

QnetIOErrors qnet_io_no_errors = { NULL, };

QnetIOErrors *
qnet_io_device_make_errors (QnetIODevicePrivate *priv)
{
  if (priv->errors == NULL)
    priv->errors = g_new0 (QnetIOErrors, 1);

  return priv->errors;
}

static void
free_errors (QnetIODevicePrivate *priv)
{
  QnetIOErrors *errors = qnet_io_device_get_errors (priv);

  g_clear_error (&errors->current);
  g_clear_error (&errors->loss);
  g_clear_error (&errors->pending_end);
  g_clear_error (&errors->end);
  g_clear_error (&errors->transient);
  g_clear_error (&errors->reported);
  g_clear_pointer (&priv->errors, g_free);
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
  qnet_io_device_free_lock (self);
  free_errors (priv);

  G_OBJECT_CLASS (qnet_io_device_parent_class)->finalize (object);
}

static void
qnet_io_device_class_init (QnetIODeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  qnet_reactor_prepare ();

  qnet_io_device_private_offset = QnetIODevice_private_offset;

  object_class->dispose  = qnet_io_device_dispose;
  object_class->finalize = qnet_io_device_finalize;

  *qnet_io_device_class_get_private (klass) = default_functions;

  qnet_io_device_class_install_reading (klass);
  qnet_io_device_class_install_writing (klass);
  qnet_io_device_class_install_subclass (klass);
  qnet_io_device_class_install_streams (klass);
  qnet_io_device_class_install_closing (klass);
  qnet_io_device_class_install_properties (klass);
  qnet_io_device_class_install_signals (klass);
}

static void
qnet_io_device_init (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_channel_init (&priv->channel, &qnet_io_device_channel_funcs);
}
