/* qnet-io-device-subclass.c: devices that bring their own bytes
 *
 * A socket has a channel, which fills the read buffer and empties the write buffer. A class that
 * derives from QnetIODevice itself has none: it hands over its bytes by read_data, takes those that
 * are written by write_data, and reports what happens by the functions in here. They record it and
 * defer; the next iteration of the main loop, or a wait, fills the read buffer and emits the
 * signals. So the promises are those of a socket: no signal is emitted inside a call.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "device/qnet-io-lock-private.h"

/* The most bytes for which read_data is called at a time, and in one iteration of the main loop. */
#define READ_SIZE   (16 * 1024)
#define READ_BUDGET (256 * 1024)

static void begin_close (QnetIODevice *self);

/* A class with a channel has to close it. */
static gboolean
is_class_with_channel (QnetIODevice *self)
{
  return QNET_IO_DEVICE_GET_CLASS (self)->priv->begin_close != begin_close;
}

/* Not a device of such a class whose subclass brings its own transport. */
static gboolean
has_channel (QnetIODevice *self)
{
  return is_class_with_channel (self)
         && qnet_io_device_get_private (self)->source == QNET_SOURCE_CHANNEL;
}

static gboolean
is_active (const QnetIODevicePrivate *priv)
{
  return priv->source == QNET_SOURCE_SUBCLASS || priv->source == QNET_SOURCE_ENDING;
}

/* Into the read buffer */

/* A reader that has paused gets what came before an end all the same. */
static gboolean
is_paused (const QnetIODevicePrivate *priv)
{
  return priv->source == QNET_SOURCE_SUBCLASS && qnet_channel_is_paused (&priv->channel);
}

static gsize
get_room (const QnetIODevicePrivate *priv)
{
  gsize used = priv->channel.read_queue.length + priv->channel.held_back;

  if (is_paused (priv))
    return 0;

  if (priv->channel.read_limit == 0)
    return READ_SIZE;

  return priv->channel.read_limit > used ? MIN (priv->channel.read_limit - used, READ_SIZE) : 0;
}

/* Returns how many bytes read_data has returned. It may have closed the device. */
static gsize
pull_once (QnetIODevice *self,
           gsize         max_size)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  g_autoptr(GBytes) bytes = NULL;
  gsize size;

  qnet_io_device_keep (self);
  bytes = QNET_IO_DEVICE_GET_CLASS (self)->read_data (self, max_size);
  size = bytes != NULL ? g_bytes_get_size (bytes) : 0;
  if (!is_active (priv) || size == 0 || !qnet_io_device_check_bytes (bytes, max_size))
    return 0;

  qnet_byte_queue_append_bytes (&priv->channel.read_queue, bytes);
  priv->channel.bytes_received += size;
  qnet_channel_note_activity (&priv->channel);

  return size;
}

/* Returns whether read_data has no more bytes now: neither the limit of the read buffer nor that of
 * one iteration has ended it. */
static gboolean
pull_until_dry (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  guint64 until = priv->channel.bytes_received + READ_BUDGET;
  gsize room;

  while ((room = get_room (priv)) > 0)
    {
      if (pull_once (self, room) == 0)
        {
          priv->channel.input_waits = FALSE;
          return TRUE;
        }
      if (priv->channel.bytes_received >= until)
        return FALSE;
    }

  return FALSE;
}

/* The same, unless read_data itself has called us. */
static gboolean
pull_source (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  gboolean is_dry;

  if (priv->is_pulling)
    return FALSE;
  if (!qnet_io_device_can_read (priv) || !qnet_io_device_overrides_read_data (self))
    return TRUE;

  hold = qnet_io_device_hold (self);
  priv->is_pulling = TRUE;
  is_dry = pull_until_dry (self);
  priv->is_pulling = FALSE;

  return is_dry;
}

/* A reader looks at the buffer: it may make room for more, which the next iteration reads. */
static void
pull (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  gsize before = priv->channel.read_queue.length;

  if (!is_active (priv) || qnet_io_device_is_disposed (priv))
    return;

  if (!pull_source (self) && is_active (priv))
    qnet_io_device_defer (self);

  if (priv->channel.read_queue.length != before)
    qnet_io_device_read_buffer_changed (self);
}

/* In the next iteration of the main loop */

static void
report_arrivals (QnetIODevice *self,
                 guint64       received_before)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->channel.bytes_received > received_before)
    qnet_emission_request (&priv->ready_read);

  if (!qnet_emission_is_pending (priv->ready_read))
    return;

  if (priv->channel.read_queue.length == 0)
    {
      qnet_emission_cancel (&priv->ready_read);  /* they were read meanwhile */
      return;
    }

  priv->n_arrivals++;
  qnet_io_device_read_buffer_changed (self);
  qnet_io_device_report_ready_read_now (self);
}

static void
report_departures (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->channel.sent_pending == 0)
    return;

  priv->n_departures++;
  priv->written_pending += priv->channel.sent_pending;
  priv->channel.sent_pending = 0;
  qnet_emission_request (&priv->bytes_written);

  qnet_io_device_write_buffer_changed (self);
  qnet_io_device_report_bytes_written_now (self);
  qnet_io_device_check_low_water (self);
}

/* The device has failed: nothing more is written either. A handler may open it again. A socket ends
 * its connection instead. */
static void
ended (QnetIODevice *self,
       const GError *error)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  priv->n_unwritten = 0;
  qnet_io_device_set_link (self, QNET_LINK_NONE);
  qnet_io_device_take_error (self, g_error_copy (error));
  if (priv->source == QNET_SOURCE_ENDED)
    qnet_io_device_write_buffer_changed (self);
  if (priv->source == QNET_SOURCE_ENDED)
    qnet_io_device_emit_channel_end (self);
}

static void
end_with_error (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  g_autoptr(GError) error = g_steal_pointer (&qnet_io_device_get_errors (priv)->reported);

  if (priv->link == QNET_LINK_UP && qnet_io_device_get_errors (priv)->end == NULL)
    qnet_io_device_make_errors (priv)->end = g_error_copy (error);

  QNET_IO_DEVICE_GET_CLASS (self)->priv->ended (self, error);
}

static void
report_end (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->link == QNET_LINK_UP)
    qnet_io_device_end_input (priv);
  qnet_io_device_read_buffer_changed (self);

  if (priv->source == QNET_SOURCE_ENDED && qnet_io_device_get_errors (priv)->reported != NULL)
    end_with_error (self);
  else if (priv->source == QNET_SOURCE_ENDED)
    qnet_io_device_emit_channel_end (self);
}

/* An end that is reported while a connection is being established comes after that; a failure does
 * not wait. */
static gboolean
is_end_due (const QnetIODevicePrivate *priv)
{
  gboolean has_failed = qnet_io_device_get_errors (priv)->reported != NULL;

  return priv->source == QNET_SOURCE_ENDED
         && (priv->link == QNET_LINK_UP || (priv->link == QNET_LINK_COMING && has_failed));
}

/* Returns whether there is nothing more now. */
static gboolean
fill_read_buffer (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  guint64 received_before = priv->channel.bytes_received;
  gboolean is_dry = pull_source (self);

  if (is_active (priv))
    report_arrivals (self, received_before);
  if (is_active (priv) && !is_dry && get_room (priv) > 0)
    qnet_io_device_defer (self);

  return is_dry;
}

static void
deferred (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (is_active (priv) && fill_read_buffer (self) && priv->source == QNET_SOURCE_ENDING
      && (priv->link == QNET_LINK_UP || qnet_io_device_get_errors (priv)->reported != NULL))
    qnet_io_device_enter_source (priv, QNET_SOURCE_ENDED);

  if (priv->link == QNET_LINK_UP)
    report_departures (self);
  if (is_end_due (priv))
    report_end (self);

  qnet_io_device_progress (self);
}

/* Opening and closing */

static void
forget (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_io_device_enter_source (priv, QNET_SOURCE_ENDED);
  priv->n_unwritten = 0;
  g_clear_error (&qnet_io_device_get_errors (priv)->reported);
  qnet_io_device_set_link (self, QNET_LINK_NONE);
}

static void
orphaned (QnetIODevice *self)
{
  if (is_active (qnet_io_device_get_private (self)))
    forget (self);
}

static void
begin_close (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetIODeviceClass *klass = QNET_IO_DEVICE_GET_CLASS (self);

  if (priv->source != QNET_SOURCE_CHANNEL && klass->close_device != NULL)
    klass->close_device (self, &qnet_io_device_make_errors (priv)->loss);

  if (priv->source != QNET_SOURCE_CHANNEL)
    {
      forget (self);
      qnet_io_device_write_buffer_changed (self);
    }

  qnet_io_device_closed (self);
}

static void
shut (QnetIODevice *self)
{
  forget (self);
  qnet_channel_close (&qnet_io_device_get_private (self)->channel);
  qnet_io_device_clear_read_buffer (self);
  qnet_io_device_write_buffer_changed (self);
}

static void
open_source (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetReactor *reactor = qnet_reactor_get ();

  if (priv->wait_set.reactor == reactor)
    qnet_channel_close (&priv->channel);
  qnet_io_device_join_reactor (self, reactor);
  qnet_reactor_unref (reactor);

  priv->n_unwritten = 0;
  g_clear_error (&qnet_io_device_get_errors (priv)->reported);
  qnet_io_device_reset (self);
  qnet_io_device_take_error (self, NULL);
  qnet_io_device_enter_source (priv, QNET_SOURCE_SUBCLASS);
  qnet_io_device_set_link (self, QNET_LINK_UP);
}

/* For sockets: they open and close the device themselves */

void
qnet_io_device_begin_source (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  priv->n_unwritten = 0;
  g_clear_error (&qnet_io_device_get_errors (priv)->reported);
  qnet_io_device_enter_source (priv, QNET_SOURCE_SUBCLASS);
}

gboolean
qnet_io_device_keeps_source_waiting (const QnetIODevicePrivate *priv)
{
  return priv->channel.input_waits && get_room (priv) == 0;
}

void
qnet_io_device_resume_source (QnetIODevice *self)
{
  if (qnet_io_device_get_private (self)->source != QNET_SOURCE_CHANNEL)
    qnet_io_device_defer (self);
}

/* What has arrived can still be read afterwards. */
void
qnet_io_device_end_source (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->source != QNET_SOURCE_CHANNEL)
    qnet_channel_set_paused (&priv->channel, FALSE);
  if (is_active (priv))
    pull_source (self);
  if (!is_active (priv))
    return;

  priv->n_unwritten = 0;
  qnet_io_device_enter_source (priv, QNET_SOURCE_ENDED);
}

void
qnet_io_device_leave_source (QnetIODevice *self)
{
  qnet_io_device_enter_source (qnet_io_device_get_private (self), QNET_SOURCE_CHANNEL);
}

/* The class */

void
qnet_io_device_class_install_subclass (QnetIODeviceClass *klass)
{
  klass->priv->deferred = deferred;
  klass->priv->ended = ended;
  klass->priv->orphaned = orphaned;
  klass->priv->begin_close = begin_close;
  klass->priv->pull = pull;
}

/* Public API */

/**
 * qnet_io_device_set_open_mode:
 * @self: a device
 * @mode: what the device is open for
 *
 * Opens the device, or closes it. This function is for subclasses.
 *
 * A class that derives from `QnetIODevice` itself calls it when bytes can be read or written from
 * now on. The device then belongs to the main context that is the thread default. Opening empties
 * the buffers, resets the counters and [property@IODevice:error], and forgets an end that was
 * reported before.
 *
 * With [QNET_OPEN_MODE_NOT_OPEN][flags@OpenMode] the device is closed until it is opened again:
 * what is in its read buffer is dropped, and pending operations fail. [method@Gio.IOStream.close]
 * is final instead; it calls [vfunc@IODevice.close_device].
 *
 * On a socket it changes [property@IODevice:open-mode] alone.
 *
 * Since: 1.0
 */
void
qnet_io_device_set_open_mode (QnetIODevice *self,
                              QnetOpenMode  mode)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  QNET_IO_STAY (self);

  priv = qnet_io_device_get_private (self);

  if (!is_class_with_channel (self))
    {
      g_return_if_fail (mode == QNET_OPEN_MODE_NOT_OPEN || priv->closing == QNET_CLOSING_NONE);

      if (mode != QNET_OPEN_MODE_NOT_OPEN && priv->link == QNET_LINK_NONE)
        open_source (self);
      else if (mode == QNET_OPEN_MODE_NOT_OPEN && priv->source != QNET_SOURCE_CHANNEL)
        shut (self);
    }

  qnet_io_device_store_open_mode (self, mode);
}

/**
 * qnet_io_device_report_ready_read:
 * @self: a device
 *
 * Reports that [vfunc@IODevice.read_data] has bytes. This function is for subclasses.
 *
 * In the next iteration of the main loop, or in a wait, they are put into the read buffer and
 * [signal@IODevice::ready-read] is emitted. While the device is not open, or after its end was
 * reported, it does nothing.
 *
 * Since: 1.0
 */
void
qnet_io_device_report_ready_read (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (!has_channel (self));
  QNET_IO_STAY (self);

  priv = qnet_io_device_get_private (self);

  if (priv->source != QNET_SOURCE_SUBCLASS || !qnet_io_device_can_read (priv))
    return;

  priv->channel.input_waits = TRUE;
  if (is_paused (priv))
    return;

  qnet_emission_request (&priv->ready_read);
  qnet_io_device_defer (self);
}

/**
 * qnet_io_device_report_bytes_written:
 * @self: a device
 * @size: how many bytes, at most [property@IODevice:bytes-to-write]
 *
 * Reports that bytes were written that [vfunc@IODevice.write_data] has taken. This function is for
 * subclasses.
 *
 * [property@IODevice:bytes-to-write] decreases at once, and [signal@IODevice::bytes-written] is
 * emitted in the next iteration of the main loop, or in a wait. It can be called by
 * [vfunc@IODevice.write_data] itself.
 *
 * Since: 1.0
 */
void
qnet_io_device_report_bytes_written (QnetIODevice *self,
                                     gsize         size)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (!has_channel (self));
  QNET_IO_STAY (self);

  priv = qnet_io_device_get_private (self);

  if (priv->link == QNET_LINK_NONE)
    return;

  g_return_if_fail (size <= priv->n_unwritten);

  if (size == 0)
    return;

  priv->n_unwritten -= size;
  priv->channel.bytes_sent += size;
  priv->channel.sent_pending += size;
  qnet_channel_note_activity (&priv->channel);
  qnet_io_device_defer (self);
}

/**
 * qnet_io_device_report_read_finished:
 * @self: a device
 *
 * Reports that no bytes will follow those that [vfunc@IODevice.read_data] has now. This function is
 * for subclasses.
 *
 * When they are in the read buffer, [signal@IODevice::read-channel-finished] is emitted, and the
 * input stream returns 0 after them. Writing is still possible.
 *
 * Since: 1.0
 */
void
qnet_io_device_report_read_finished (QnetIODevice *self)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (!has_channel (self));
  QNET_IO_STAY (self);

  priv = qnet_io_device_get_private (self);

  if (priv->source != QNET_SOURCE_SUBCLASS)
    return;

  qnet_io_device_enter_source (priv, QNET_SOURCE_ENDING);
  qnet_io_device_defer (self);
}

/**
 * qnet_io_device_report_error:
 * @self: a device
 * @error: the failure, of any domain
 *
 * Reports that the device has failed. This function is for subclasses.
 *
 * Writing fails with @error from now on. Bytes that [vfunc@IODevice.read_data] still has can be
 * read first; then reading and all pending operations fail with @error, which becomes
 * [property@IODevice:error].
 *
 * A socket ends its connection then, or its attempt to connect: [signal@Socket::error-occurred] is
 * emitted with @error, and it becomes [QNET_SOCKET_STATE_UNCONNECTED][enum@SocketState]. Like all
 * signals of what a subclass reports, they come in the next iteration of the main loop.
 *
 * Since: 1.0
 */
void
qnet_io_device_report_error (QnetIODevice *self,
                             const GError *error)
{
  QnetIODevicePrivate *priv;

  g_return_if_fail (QNET_IS_IO_DEVICE (self));
  g_return_if_fail (!has_channel (self));
  g_return_if_fail (error != NULL);
  QNET_IO_STAY (self);

  priv = qnet_io_device_get_private (self);

  if (priv->link == QNET_LINK_NONE || qnet_io_device_get_errors (priv)->reported != NULL)
    return;

  qnet_io_device_make_errors (priv)->reported = g_error_copy (error);
  if (priv->link == QNET_LINK_UP)
    priv->channel.write_error = g_error_copy (error);
  if (priv->source == QNET_SOURCE_SUBCLASS)
    qnet_io_device_enter_source (priv, QNET_SOURCE_ENDING);

  qnet_io_device_defer (self);
}
