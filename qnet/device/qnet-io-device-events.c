/* qnet-io-device-events.c: from the functions that the channel calls to signals
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "device/qnet-io-lock-private.h"

/* ready-read and bytes-written */

static gboolean
has_unread (QnetIODevice *self)
{
  const QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->source != QNET_SOURCE_CHANNEL)
    qnet_io_device_pull (self);

  return priv->channel.read_queue.length > 0
         || priv->channel.readable_state != QNET_READABLE_UNKNOWN;
}

/* Looking for unread bytes may call read_data, which may do anything: drop the device, or close it
 * and open it again, after which nothing is pending any more. */
static gboolean
has_more (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (qnet_io_device_is_disposed (priv) || !has_unread (self) || qnet_io_device_is_disposed (priv))
    return FALSE;

  qnet_emission_request (&priv->ready_read);

  return TRUE;
}

/* Callbacks of the application, or the signals. Inline, and without a stay around a callback that
 * there is not: 60 instructions less of an echo with callbacks, 33 with signals. */

static inline void
emit_arrival (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  guint stays = qnet_io_device_step_out (self);

  if (priv->callbacks == NULL)
    qnet_io_device_emit_ready_read (self);
  else if (priv->callbacks->ready_read != NULL)
    priv->callbacks->ready_read (self, priv->callbacks_data);

  qnet_io_device_step_in (self, stays);
}

static inline void
emit_departure (QnetIODevice *self,
                gint64        size)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  guint stays;

  if (priv->callbacks != NULL && priv->callbacks->bytes_written == NULL)
    return;

  stays = qnet_io_device_step_out (self);
  if (priv->callbacks == NULL)
    qnet_io_device_emit_bytes_written (self, size);
  else
    priv->callbacks->bytes_written (self, size, priv->callbacks_data);
  qnet_io_device_step_in (self, stays);
}

static inline void
report_arrival (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->ready_read != QNET_EMISSION_PENDING)
    return;

  do
    {
      qnet_emission_begin (&priv->ready_read);
      emit_arrival (self);
      qnet_emission_end (&priv->ready_read);

      if (priv->ready_read == QNET_EMISSION_IDLE)
        return;
    }
  while (has_more (self));

  qnet_emission_cancel (&priv->ready_read);  /* the handler has read what arrived meanwhile */
}

void
qnet_io_device_report_ready_read_now (QnetIODevice *self)
{
  report_arrival (self);
}

static inline void
report_departure (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  gboolean is_nested = qnet_emission_is_running (priv->bytes_written);
  gint64 size = (gint64) priv->written_pending;

  priv->written_pending = 0;
  qnet_emission_begin (&priv->bytes_written);
  emit_departure (self, size);
  if (!is_nested)
    qnet_emission_end (&priv->bytes_written);
}

static inline void
report_departures (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  while (priv->bytes_written == QNET_EMISSION_PENDING && !qnet_io_device_is_disposed (priv))
    report_departure (self);
}

void
qnet_io_device_report_bytes_written_now (QnetIODevice *self)
{
  report_departures (self);
}

/* A handler of bytes-written that runs a main loop, or waits, delays the next emission, and the end
 * of a dispatch delays notifications; the end of the connection cannot wait for either. */
void
qnet_io_device_emit_pending (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_io_device_notify_sizes (self);
  qnet_io_device_notify_counters (self);
  if (qnet_emission_is_pending (priv->bytes_written) && !qnet_io_device_is_disposed (priv))
    report_departure (self);
}

/* Nothing is emitted for a connection after its end. */
void
qnet_io_device_cancel_emissions (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_emission_cancel (&priv->ready_read);
  qnet_emission_cancel (&priv->bytes_written);
  priv->written_pending = 0;
}

/* The water marks of the write buffer */

static void
check_high_water (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->is_above_high || priv->high_water == 0 || qnet_io_device_is_disposed (priv)
      || qnet_io_device_get_unsent (priv) < priv->high_water)
    return;

  priv->is_above_high = TRUE;
  qnet_io_device_emit_write_buffer_filled (self);
}

/* Without a high-water mark nothing is above it. */
static gboolean
is_above_low (const QnetIODevicePrivate *priv)
{
  return priv->high_water > 0
         && qnet_io_device_get_unsent (priv) > MIN (priv->low_water, priv->high_water);
}

/* An application that has stopped writing at write-buffer-filled waits for this signal, however the
 * buffer was emptied or the marks were moved. */
void
qnet_io_device_check_low_water (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (!priv->is_above_high || qnet_io_device_is_disposed (priv) || is_above_low (priv))
    return;

  priv->is_above_high = FALSE;
  qnet_io_device_emit_write_buffer_drained (self);
}

void
qnet_io_device_defer_high_water (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (!priv->is_above_high && priv->link != QNET_LINK_NONE
      && qnet_io_device_get_unsent (priv) >= priv->high_water)
    qnet_io_device_defer (self);
}

/* Operations */

void
qnet_io_device_progress (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->operations != NULL)
    qnet_io_device_run_operations (self);
}

/* The beginning and the end of a dispatch */

/* A dispatch is a hold, which leave_cb() ends. */
static void
enter_cb (QnetChannel *channel)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_io_device_enter (self);
  qnet_hold_begin (&priv->hold);
  priv->n_dispatches++;
}

static void
lock_cb (QnetChannel *channel)
{
  qnet_io_device_enter (qnet_io_device_from_channel (channel));
}

static void
unlock_cb (QnetChannel *channel)
{
  qnet_io_device_leave (qnet_io_device_from_channel (channel));
}

/* Dispatches in which the handlers of the counters are looked up each time, and then each how many
 * of them. */
#define LOOK_ALWAYS 16
#define LOOK_EACH   32

/* Looking for handlers costs more than all else that a dispatch does for the device itself. So it
 * is not done each time on a connection that has been busy for a while, and whose counters were not
 * read meanwhile. */
static gboolean
are_counters_due (const QnetIODevicePrivate *priv)
{
  return priv->n_unobserved <= LOOK_ALWAYS || priv->n_unobserved % LOOK_EACH == 0;
}

/* What arrived and left within one dispatch has not changed the sizes of the buffers. A failure of
 * sending, which is reported only after the end of reading, is reported at once to operations that
 * wait for sending: they may be what keeps the application from reading on. */
static gboolean
has_changes (const QnetIODevicePrivate *priv)
{
  return priv->notified_available != priv->channel.read_queue.length
         || priv->notified_to_write != qnet_io_device_get_unsent (priv)
         || priv->channel.write_error != NULL
         || priv->has_more_to_notify;
}

static void
report_changes (QnetIODevice *self)
{
  if (qnet_io_device_get_private (self)->channel.write_error != NULL)
    qnet_io_device_progress (self);
  qnet_io_device_notify_sizes (self);
}

static G_GNUC_NO_INLINE void
leave_with_changes (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (are_counters_due (priv))
    qnet_io_device_notify_counters (self);

  priv->n_dispatches--;
  if (has_changes (priv))
    report_changes (self);

  qnet_io_device_leave (self);
  qnet_hold_end (&priv->hold, self);
}

/* Without changes there is one call, the last one: that saves 8 instructions of an echo. */
static void
leave_cb (QnetChannel *channel)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  priv->n_unobserved++;
  if (G_UNLIKELY (are_counters_due (priv) || has_changes (priv)
                  || qnet_hold_is_kept (&priv->hold)))
    {
      leave_with_changes (self);
      return;
    }

  priv->n_dispatches--;
  priv->hold.n--;
  qnet_io_device_leave (self);
}

/* What the channel reports */

static void
received_cb (QnetChannel *channel)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  /* It cannot be read, and it is not kept: the peer must not fill a device that was closed and
   * still sends. Datagrams can be received without an open device, and are still in the kernel. */
  if (!qnet_io_device_can_read (priv) && !priv->channel.is_datagram)
    {
      qnet_byte_queue_clear (&priv->channel.read_queue);
      qnet_channel_consumed (channel);
      return;
    }

  priv->n_arrivals++;

  qnet_io_device_read_buffer_changed (self);
  qnet_emission_request (&priv->ready_read);
  report_arrival (self);
  qnet_io_device_progress (self);
}

static void
block_cb (QnetChannel *channel,
          GFunc        func,
          gpointer     data)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);
  QnetReactor *reactor;
  guint stays = qnet_io_device_begin_blocking (self, &reactor);

  func (data, NULL);
  qnet_io_device_end_blocking (self, reactor, stays);
}

/* Not while the peer may still send, and we may, too: the usual case. */
static gboolean
may_be_over (QnetChannel *channel)
{
  if (!qnet_channel_is_draining (channel) && !qnet_channel_has_ended (channel))
    return FALSE;

  if (!qnet_channel_is_open (channel))
    return FALSE;

  if (qnet_channel_is_draining (channel))
    return qnet_channel_is_drained (channel);

  return channel->write_queue.length == 0 && channel->write_error == NULL;
}

static void
sent_cb (QnetChannel *channel,
         gsize        size)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  priv->n_departures++;
  priv->written_pending += size;
  qnet_emission_request (&priv->bytes_written);

  qnet_io_device_write_buffer_changed (self);
  report_departures (self);
  qnet_io_device_check_low_water (self);
  qnet_io_device_progress (self);

  if (may_be_over (channel))
    QNET_IO_DEVICE_GET_CLASS (self)->priv->drained (self);
}

static void
drained_cb (QnetChannel *channel)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);

  QNET_IO_DEVICE_GET_CLASS (self)->priv->drained (self);
}

static void
ended_cb (QnetChannel  *channel,
          const GError *error)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_io_device_end_input (priv);
  if (error != NULL && qnet_io_device_get_errors (priv)->end == NULL)
    qnet_io_device_make_errors (priv)->end = g_error_copy (error);

  qnet_io_device_read_buffer_changed (self);
  if (priv->input == QNET_INPUT_OPEN)
    return;  /* a handler has begun another connection, for which this end is not */

  QNET_IO_DEVICE_GET_CLASS (self)->priv->ended (self, error);
  qnet_io_device_progress (self);
}

/* A device that brings its own bytes reports in deferred () what it has written: bytes-written is
 * emitted before write-buffer-drained, as on a socket. */
static void
deferred_cb (QnetChannel *channel)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);
  gboolean is_socket = qnet_io_device_get_private (self)->source == QNET_SOURCE_CHANNEL;

  if (!is_socket)
    QNET_IO_DEVICE_GET_CLASS (self)->priv->deferred (self);

  qnet_io_device_check_low_water (self);
  check_high_water (self);

  if (is_socket)
    QNET_IO_DEVICE_GET_CLASS (self)->priv->deferred (self);
}

static void
orphaned_cb (QnetChannel *channel)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);

  QNET_IO_DEVICE_GET_CLASS (self)->priv->orphaned (self);
}

static void
failed_cb (QnetChannel  *channel,
           const GError *error)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);

  qnet_io_device_get_private (self)->n_transient_errors++;

  QNET_IO_DEVICE_GET_CLASS (self)->priv->failed (self, error);
  qnet_io_device_progress (self);
}

static void
writable_cb (QnetChannel *channel)
{
  qnet_io_device_progress (qnet_io_device_from_channel (channel));
}

const QnetChannelFuncs qnet_io_device_channel_funcs = {
  .enter    = enter_cb,
  .leave    = leave_cb,
  .lock     = lock_cb,
  .unlock   = unlock_cb,
  .block    = block_cb,
  .received = received_cb,
  .sent     = sent_cb,
  .ended    = ended_cb,
  .drained  = drained_cb,
  .deferred = deferred_cb,
  .orphaned = orphaned_cb,
  .failed   = failed_cb,
  .writable = writable_cb,
};
