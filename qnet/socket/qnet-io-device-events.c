/* qnet-io-device-events.c: what the channel says becomes signals
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-io-device.h"

#include "socket/qnet-io-device-private.h"

/* Telling of progress */

static gboolean
has_unread (QnetIODevicePrivate *priv)
{
  return priv->channel.read_queue.length > 0 || priv->channel.news != QNET_CHANNEL_NEWS_NONE;
}

static void
tell_ready_read (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->in_ready_read)
    {
      priv->ready_read_again = TRUE;
      return;
    }

  do
    {
      priv->ready_read_again = FALSE;
      priv->in_ready_read = TRUE;
      if (priv->callbacks != NULL)
        qnet_io_device_call_ready_read (self);
      else
        qnet_io_device_emit_ready_read (self);
      priv->in_ready_read = FALSE;
    }
  while (priv->ready_read_again && has_unread (priv) && !priv->torn_down);
}

static void
emit_departure (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  gint64 size = (gint64) priv->written_untold;

  priv->written_untold = 0;
  priv->departure_untold = FALSE;
  if (priv->callbacks != NULL)
    qnet_io_device_call_bytes_written (self, size);
  else
    qnet_io_device_emit_bytes_written (self, size);
}

static void
tell_bytes_written (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->in_bytes_written)
    return;

  while (priv->departure_untold && !priv->torn_down)
    {
      priv->in_bytes_written = TRUE;
      emit_departure (self);
      priv->in_bytes_written = FALSE;
    }
}

/* A handler of bytes-written that runs a loop, or waits, can hold back another one, and what the end of a visit notifies of is pending
 * now; the end of the connection cannot wait for either. */
void
qnet_io_device_emit_pending (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  qnet_io_device_notify_sizes (self);
  qnet_io_device_notify_counters (self);
  if (priv->departure_untold && !priv->torn_down)
    emit_departure (self);
}

/* Nothing is emitted for a connection after its end. */
void
qnet_io_device_forget_pending_signals (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  priv->ready_read_again = FALSE;
  priv->departure_untold = FALSE;
  priv->written_untold = 0;
}

static void
check_high_water (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->is_above_high || priv->high_water == 0 || priv->torn_down
      || priv->channel.write_queue.length < priv->high_water)
    return;

  priv->is_above_high = TRUE;
  qnet_io_device_emit_write_buffer_filled (self);
}

/* Where there is no high mark any more nothing is above it. */
static gboolean
is_above_low (QnetIODevicePrivate *priv)
{
  return priv->high_water > 0
         && priv->channel.write_queue.length > MIN (priv->low_water, priv->high_water);
}

/* Whoever has stopped writing at write-buffer-filled waits for this one, whatever has emptied the buffer or moved the marks. */
void
qnet_io_device_check_low_water (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (!priv->is_above_high || priv->torn_down || is_above_low (priv))
    return;

  priv->is_above_high = FALSE;
  qnet_io_device_emit_write_buffer_drained (self);
}

void
qnet_io_device_progress (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->operations != NULL)
    qnet_io_device_run_operations (self);
}

/* What the channel says */

/* A handler may drop the last reference: then dispose() takes one for us, which leave_cb() drops. It costs less than to take one
 * at each visit. */
static void
enter_cb (QnetChannel *channel)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (qnet_io_device_from_channel (channel));

  priv->is_inside = TRUE;
  priv->n_visits++;
}

/* Visits after which it is asked each time whether somebody listens to the counters, and then each how many. */
#define ASK_ALWAYS 64
#define ASK_EACH   32

/* Asking costs more than all else that a visit does for itself, so it is not done each time on a connection that has been busy
 * for long, and whose counters nobody has asked for. */
static void
count (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  QnetChannel *channel = &priv->channel;
  guint64 sum = channel->bytes_received + channel->bytes_sent + channel->n_receive_calls + channel->n_send_calls;

  if (sum == priv->counted)
    return;

  priv->counted = sum;
  if (priv->n_unheard++ < ASK_ALWAYS || priv->n_unheard % ASK_EACH == 0)
    qnet_io_device_notify_counters (self);
}

/* What came and went meanwhile did not change the sizes of the buffers. A failure of sending that waits for the end of reading
 * is news to those who wait for nothing but sending: they may be what keeps the user from reading on. */
static void
leave_cb (QnetChannel *channel)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  priv->is_inside = FALSE;
  if (priv->channel.write_error != NULL)
    qnet_io_device_progress (self);
  qnet_io_device_notify_sizes (self);
  count (self);

  priv->n_visits--;
  if (priv->n_visits == 0 && priv->holds_itself)
    qnet_io_device_let_go_of_itself (self);
}

static void
received_cb (QnetChannel *channel)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  /* Nobody can read it, and it is not kept: a device that was closed, and still sends, is not to be
   * filled by its peer. Datagrams need no open device to be received, and none is here yet. */
  if (!priv->channel.is_datagram && !qnet_io_device_can_read (priv))
    {
      qnet_byte_queue_clear (&priv->channel.read_queue);
      qnet_channel_consumed (channel);
      return;
    }

  priv->n_arrivals++;

  qnet_io_device_read_buffer_changed (self);
  tell_ready_read (self);
  qnet_io_device_progress (self);
}

/* Not while the peer may still send, and we go on as well: what is usual. */
static gboolean
may_be_over (QnetChannel *channel)
{
  if (!qnet_channel_is_open (channel))
    return FALSE;

  if (channel->is_draining)
    return qnet_channel_is_drained (channel);

  return channel->reading == QNET_CHANNEL_READING_ENDED && channel->write_queue.length == 0
         && channel->write_error == NULL;
}

static void
sent_cb (QnetChannel *channel,
         gsize        size)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  priv->n_departures++;
  priv->written_untold += size;
  priv->departure_untold = TRUE;

  qnet_io_device_write_buffer_changed (self);
  tell_bytes_written (self);
  qnet_io_device_check_low_water (self);
  qnet_io_device_progress (self);

  if (may_be_over (channel))
    QNET_IO_DEVICE_GET_CLASS (self)->hooks->drained (self);
}

static void
drained_cb (QnetChannel *channel)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);

  QNET_IO_DEVICE_GET_CLASS (self)->hooks->drained (self);
}

static void
ended_cb (QnetChannel  *channel,
          const GError *error)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  priv->has_ended = TRUE;
  if (error != NULL && priv->end_error == NULL)
    priv->end_error = g_error_copy (error);

  qnet_io_device_read_buffer_changed (self);
  if (!priv->has_ended)
    return;  /* a handler has begun another connection, which is not to hear of this one's end */

  QNET_IO_DEVICE_GET_CLASS (self)->hooks->ended (self, error);
  qnet_io_device_progress (self);
}

static void
deferred_cb (QnetChannel *channel)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);

  qnet_io_device_check_low_water (self);
  check_high_water (self);
  QNET_IO_DEVICE_GET_CLASS (self)->hooks->deferred (self);
}

static void
orphaned_cb (QnetChannel *channel)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);

  QNET_IO_DEVICE_GET_CLASS (self)->hooks->orphaned (self);
}

static void
troubled_cb (QnetChannel  *channel,
             const GError *error)
{
  QnetIODevice *self = qnet_io_device_from_channel (channel);

  qnet_io_device_get_private (self)->n_troubles++;

  QNET_IO_DEVICE_GET_CLASS (self)->hooks->troubled (self, error);
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
  .received = received_cb,
  .sent     = sent_cb,
  .ended    = ended_cb,
  .drained  = drained_cb,
  .deferred = deferred_cb,
  .orphaned = orphaned_cb,
  .troubled = troubled_cb,
  .writable = writable_cb,
};
