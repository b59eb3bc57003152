/* qnet-socket-ending.c: the end of a connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-socket-private.h"
#include "socket/qnet-socket-state-private.h"

/* The channel */

void
qnet_socket_remember_for_handlers (QnetSocket *self)
{
  if (!qnet_io_device_is_disposed (qnet_socket_get_device (self))
      && qnet_socket_is_end_observed (self))
    qnet_socket_get_functions (self)->remember (self);
}

/* If closing blocks, this limits its total time. */
guint
qnet_socket_get_linger_time (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  int timeout = qnet_socket_get_timing (self, QNET_TIMING_CLOSE_TIMEOUT);
  gint64 due = qnet_socket_get_due (self);
  gint64 left;

  if (timeout == 0)
    return G_MAXUINT;

  if (priv->state != QNET_SOCKET_STATE_CLOSING || due == G_MAXINT64
      || !qnet_reactor_is_detached (qnet_socket_get_device (self)->wait_set.reactor))
    return (guint) timeout;

  left = (due - qnet_clock_now ()) / G_TIME_SPAN_MILLISECOND;

  return (guint) CLAMP (left, 0, timeout);
}

static void
close_channel (QnetSocket *self,
               gboolean    send_rest)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  guint timeout = send_rest ? qnet_socket_get_linger_time (self) : 0;

  qnet_socket_stop_deadline (self);
  qnet_io_device_clear_object (self, &priv->socket);
  qnet_socket_get_functions (self)->closing (self);

  if (send_rest)
    qnet_channel_linger (qnet_socket_get_channel (self), timeout);
  else
    qnet_channel_close (qnet_socket_get_channel (self));

  priv->serial++;
  priv->n_ended++;
}

gboolean
qnet_socket_is_over (QnetSocket *self)
{
  QnetChannel *channel = qnet_socket_get_channel (self);

  return qnet_channel_has_ended (channel) && channel->write_state == QNET_WRITE_SHUT
         && qnet_channel_is_idle (channel);
}

/* To UNCONNECTED */

/* Until now handlers could get the properties of the peer. */
static void
forget_peer (QnetSocket *self)
{
  qnet_socket_begin_change (self);
  qnet_socket_get_functions (self)->forget (self);
  qnet_socket_end_change_in_state (self);
}

/* A handler may have begun a new connection: the end of the former one is still reported, but not
 * its notifications about the read buffer, which would be about the new one. */
static void
emit_end (QnetSocket *self,
          guint       serial)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  QnetIODevice *device = QNET_IO_DEVICE (self);

  if (priv->serial == serial)
    qnet_io_device_notify_sizes (device);
  if (priv->serial == serial)
    qnet_io_device_notify_counters (device);
  if (priv->serial == serial)
    qnet_io_device_check_low_water (device);
  if (priv->serial == serial)
    qnet_io_device_emit_channel_end (device);

  qnet_socket_emit_disconnected (self);

  if (priv->serial == serial)
    forget_peer (self);
}

/* Not all bytes were sent, although they were waited for: operations that wait for closing report
 * it. */
static void
note_loss (QnetSocket *self,
           gboolean    orderly)
{
  QnetIODevicePrivate *device = qnet_socket_get_device (self);
  QnetIOErrors *errors = qnet_io_device_get_errors (device);

  if (!orderly && qnet_channel_is_draining (&device->channel)
      && errors->end != NULL && errors->loss == NULL)
    errors->loss = g_error_copy (errors->end);
}

/* The second half of qnet_socket_finish(): the change has begun. */
static void
end_connection (QnetSocket *self,
                gboolean    orderly)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  QnetIODevice *device = QNET_IO_DEVICE (self);
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  QnetIOErrors *errors = qnet_io_device_get_errors (qnet_socket_get_device (self));
  g_autoptr(GError) loss = NULL;
  guint serial;

  note_loss (self, orderly);
  if (errors->loss != NULL)
    loss = g_error_copy (errors->loss);

  qnet_socket_remember_for_handlers (self);
  qnet_io_device_end_source (device);
  close_channel (self, orderly);
  serial = priv->serial;
  qnet_io_device_clear_write_buffer (device);
  qnet_socket_end_change (self, QNET_SOCKET_STATE_UNCONNECTED);

  emit_end (self, serial);

  qnet_io_device_release_owner (device);
  qnet_io_device_progress (device);
  qnet_io_device_closed (device);
  qnet_socket_end_task (&priv->disconnect_task, g_steal_pointer (&loss));

  qnet_socket_defer_refusals (self);
}

/* What a close has not reported comes before the end. FALSE: a handler of it has ended the
 * connection. */
static gboolean
report_close_first (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  guint serial = priv->serial;

  qnet_socket_report_close (self);

  return priv->serial == serial;
}

void
qnet_socket_finish (QnetSocket *self,
                    gboolean    orderly)
{
  if (!report_close_first (self))
    return;

  qnet_socket_begin_change (self);
  end_connection (self, orderly);
}

void
qnet_socket_close_and_finish (QnetSocket *self,
                              gboolean    orderly)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  guint serial = priv->serial;

  if (priv->state == QNET_SOCKET_STATE_CONNECTED)
    qnet_socket_change_state (self, QNET_SOCKET_STATE_CLOSING);

  if (qnet_socket_is_still (self, serial, QNET_SOCKET_STATE_CLOSING))
    qnet_socket_finish (self, orderly);
}

/* On this side */

void
qnet_socket_disconnect_now (QnetSocket *self)
{
  QnetChannel *channel = qnet_socket_get_channel (self);
  guint serial = qnet_socket_get_private (self)->serial;

  if (!qnet_socket_emit_pending (self))
    return;

  qnet_channel_drain (channel);
  qnet_socket_start_deadline (self, QNET_TIMING_CLOSE_TIMEOUT);
  qnet_socket_change_state (self, QNET_SOCKET_STATE_CLOSING);

  if (qnet_socket_is_still (self, serial, QNET_SOCKET_STATE_CLOSING)
      && (qnet_channel_is_idle (channel) || !qnet_channel_is_open (channel)))
    qnet_socket_finish (self, TRUE);
}

/* Readers of the streams get this error instead of an orderly end. Takes @error. */
static void
fail_connection (QnetSocket *self,
                 GError     *error)
{
  QnetIODevicePrivate *device = qnet_socket_get_device (self);

  if (qnet_io_device_get_errors (device)->end == NULL)
    qnet_io_device_make_errors (device)->end = g_error_copy (error);

  qnet_socket_fail (self, error);
}

void
qnet_socket_break (QnetSocket *self,
                   GError     *error)
{
  guint serial = qnet_socket_get_private (self)->serial;

  if (!qnet_socket_emit_pending (self))
    {
      g_error_free (error);
      return;
    }

  qnet_socket_remember_for_handlers (self);
  fail_connection (self, error);
  if (qnet_socket_get_private (self)->serial == serial
      && qnet_channel_is_open (qnet_socket_get_channel (self)))
    qnet_socket_close_and_finish (self, FALSE);
}

void
qnet_socket_break_orderly (QnetSocket *self,
                           GError     *error)
{
  guint serial = qnet_socket_get_private (self)->serial;

  qnet_socket_remember_for_handlers (self);
  fail_connection (self, error);
  if (!qnet_socket_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
    return;

  if (qnet_socket_has_own_transport (self))
    QNET_SOCKET_GET_CLASS (self)->disconnect_from_peer (self);
  else
    qnet_socket_close_and_finish (self, TRUE);
}

void
qnet_socket_break_closing (QnetSocket *self,
                           GError     *error)
{
  guint serial = qnet_socket_get_private (self)->serial;

  fail_connection (self, error);
  if (!qnet_socket_is_still (self, serial, QNET_SOCKET_STATE_CLOSING))
    return;

  if (qnet_socket_has_own_transport (self))
    QNET_SOCKET_GET_CLASS (self)->abort (self);
  else
    qnet_socket_finish (self, FALSE);
}

/* g_io_stream_close() */

static gboolean
has_loop (QnetSocket *self)
{
  return qnet_reactor_has_loop (qnet_socket_get_device (self)->wait_set.reactor);
}

static const QnetEdges unreported_edges[] = {
  [QNET_UNREPORTED_NOTHING]         = QNET_TO (QNET_UNREPORTED_CLOSING)
                                      | QNET_TO (QNET_UNREPORTED_END)
                                      | QNET_TO (QNET_UNREPORTED_UNBOUND)
                                      | QNET_TO (QNET_UNREPORTED_NOTHING),
  [QNET_UNREPORTED_CLOSING]         = QNET_TO (QNET_UNREPORTED_CLOSING_AND_END)
                                      | QNET_TO (QNET_UNREPORTED_NOTHING),
  [QNET_UNREPORTED_END]             = QNET_TO (QNET_UNREPORTED_NOTHING),
  [QNET_UNREPORTED_CLOSING_AND_END] = QNET_TO (QNET_UNREPORTED_NOTHING),
  [QNET_UNREPORTED_UNBOUND]         = QNET_TO (QNET_UNREPORTED_NOTHING),
};

/* The only writer of what is unreported. */
static void
set_unreported (QnetSocket     *self,
                QnetUnreported  unreported)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  QNET_CHECK_EDGE (unreported_edges, priv->unreported, unreported);

  priv->unreported = unreported;
}

/* Where no loop has ever run, what the kernel has not sent yet is left to it. */
static gboolean
can_end_now (QnetSocket *self)
{
  QnetChannel *channel = qnet_socket_get_channel (self);

  return channel->state == QNET_CHANNEL_OPEN && channel->write_queue.length == 0
         && channel->write_error == NULL && channel->write_state != QNET_WRITE_SHUT_PENDING
         && (channel->room_state == QNET_ROOM_FREE || !has_loop (self));
}

/* The bytes that were sent count before the end, as always. */
static void
end_silently (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  QnetIODevicePrivate *device = qnet_socket_get_device (self);
  gboolean is_second = priv->unreported == QNET_UNREPORTED_CLOSING;

  qnet_socket_begin_change (self);
  qnet_socket_remember_for_handlers (self);
  priv->n_unreported = device->channel.sent_pending + device->written_pending;
  close_channel (self, TRUE);
  qnet_socket_change_state_silently (self, QNET_SOCKET_STATE_UNCONNECTED);
  set_unreported (self, is_second ? QNET_UNREPORTED_CLOSING_AND_END : QNET_UNREPORTED_END);
}

static void
drain_silently (QnetSocket *self)
{
  qnet_channel_drain (qnet_socket_get_channel (self));
  qnet_socket_start_deadline (self, QNET_TIMING_CLOSE_TIMEOUT);
  qnet_socket_change_state_silently (self, QNET_SOCKET_STATE_CLOSING);
  set_unreported (self, QNET_UNREPORTED_CLOSING);
}

static void
unbind_silently (QnetSocket *self)
{
  qnet_socket_begin_change (self);
  qnet_socket_stop_silently (self);
  qnet_socket_change_state_silently (self, QNET_SOCKET_STATE_UNCONNECTED);
  set_unreported (self, QNET_UNREPORTED_UNBOUND);
}

/* A connection that is not established yet stays as it is: it has to be, so that it can be
 * closed. */
void
qnet_socket_close_silently (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  if (qnet_socket_get_device (self)->source != QNET_SOURCE_CHANNEL)
    return;

  if (priv->state == QNET_SOCKET_STATE_BOUND)
    unbind_silently (self);
  if (priv->state == QNET_SOCKET_STATE_CONNECTED)
    drain_silently (self);
  if (priv->state == QNET_SOCKET_STATE_CLOSING && can_end_now (self))
    end_silently (self);
}

static void
report_sent (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  QnetIODevicePrivate *device = qnet_socket_get_device (self);

  if (priv->n_unreported == 0)
    return;

  device->n_departures++;
  device->written_pending = priv->n_unreported;
  priv->n_unreported = 0;
  qnet_emission_request (&device->bytes_written);
  qnet_io_device_report_bytes_written_now (QNET_IO_DEVICE (self));
}

static void
report_end (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  QnetIODevice *device = QNET_IO_DEVICE (self);

  report_sent (self);
  qnet_socket_end_change_in_state (self);
  qnet_socket_notify_state (self);
  qnet_socket_emit_state_changed (self, QNET_SOCKET_STATE_UNCONNECTED);
  emit_end (self, priv->serial);
  qnet_io_device_release_owner (device);
  qnet_io_device_progress (device);
  qnet_socket_end_task (&priv->disconnect_task, NULL);
}

static void
report_unbound (QnetSocket *self)
{
  qnet_io_device_read_buffer_changed (QNET_IO_DEVICE (self));
  qnet_socket_end_change_in_state (self);
  qnet_socket_notify_state (self);
  qnet_socket_emit_state_changed (self, QNET_SOCKET_STATE_UNCONNECTED);
  qnet_io_device_check_low_water (QNET_IO_DEVICE (self));
}

/* The getters are up to date from the call on; the signals come in the order of any other end. */
void
qnet_socket_report_close (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  QnetUnreported unreported = priv->unreported;

  set_unreported (self, QNET_UNREPORTED_NOTHING);

  if (unreported == QNET_UNREPORTED_CLOSING || unreported == QNET_UNREPORTED_CLOSING_AND_END)
    {
      qnet_io_device_notify_sizes (QNET_IO_DEVICE (self));
      qnet_socket_notify_state (self);
      qnet_socket_emit_state_changed (self, QNET_SOCKET_STATE_CLOSING);
    }
  if (unreported == QNET_UNREPORTED_END || unreported == QNET_UNREPORTED_CLOSING_AND_END)
    report_end (self);
  if (unreported == QNET_UNREPORTED_UNBOUND)
    report_unbound (self);
}

/* Disposing */

/* For a dispose that was forced by g_object_run_dispose(): tasks have references to the socket, and
 * so has the socket itself. */
static void
end_waiting (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  qnet_io_device_closed (QNET_IO_DEVICE (self));
  qnet_socket_end_task (&priv->connect_task,
                        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                                             _("The socket was disposed")));
  qnet_socket_end_task (&priv->disconnect_task, NULL);
}

/* Without a loop only a wait establishes a connection; bytes that were written before would be
 * lost. */
static void
establish_detached (QnetSocket *self)
{
  QnetIODevicePrivate *device = qnet_socket_get_device (self);
  guint timeout;
  gint64 until;

  if (device->wait_set.reactor == NULL || !qnet_reactor_is_detached (device->wait_set.reactor))
    return;

  timeout = qnet_socket_get_linger_time (self);
  until = qnet_clock_now () + (gint64) timeout * G_TIME_SPAN_MILLISECOND;
  while (qnet_socket_is_being_established (self) && device->channel.write_queue.length > 0
         && qnet_io_device_iterate (self, until))
    continue;
}

/* The reactor sends the written bytes, without the object. */
void
qnet_socket_dispose_connection (QnetSocket *self)
{
  QnetIODevicePrivate *device = qnet_socket_get_device (self);

  qnet_io_device_begin_dispose (QNET_IO_DEVICE (self));
  establish_detached (self);
  qnet_socket_hand_over (self);
  qnet_socket_get_functions (self)->stop (self);

  if (qnet_channel_is_open (&device->channel))
    close_channel (self, TRUE);

  qnet_socket_change_state_silently (self, QNET_SOCKET_STATE_UNCONNECTED);
  qnet_socket_drop_refusals (self);
  end_waiting (self);
}

/* Public API */

void
qnet_socket_real_disconnect_from_peer (QnetSocket *self)
{
  switch ((QnetSocketState) qnet_socket_get_private (self)->state)
    {
    case QNET_SOCKET_STATE_HOST_LOOKUP:
    case QNET_SOCKET_STATE_CONNECTING:
      qnet_socket_get_private (self)->disconnect_wanted = TRUE;
      break;
    case QNET_SOCKET_STATE_CONNECTED:
      qnet_socket_disconnect_now (self);
      break;
    case QNET_SOCKET_STATE_BOUND:
      qnet_socket_begin_change (self);
      qnet_socket_stop (self);
      break;
    case QNET_SOCKET_STATE_UNCONNECTED:
    case QNET_SOCKET_STATE_CLOSING:
    case QNET_SOCKET_STATE_LISTENING:
      break;
    }
}

/**
 * qnet_socket_disconnect_from_peer:
 * @self: a socket
 *
 * Closes the connection once all that was written has been sent.
 *
 * With nothing left to send, neither here nor in the kernel, the connection ends before the call
 * returns, and [signal@Socket::disconnected] is emitted inside it. Otherwise the socket is
 * [QNET_SOCKET_STATE_CLOSING][enum@SocketState] until all is sent, for
 * [property@Socket:close-timeout] at most. While the socket is connecting the call takes effect
 * once it is connected. A socket that is only bound becomes unconnected, without the signal. What
 * is in the read buffer can still be read afterwards, and the socket can connect again.
 *
 * [method@AbstractSocket.disconnect_from_host] and [method@LocalSocket.disconnect_from_server] are
 * other names for it.
 *
 * Since: 1.0
 */
void
qnet_socket_disconnect_from_peer (QnetSocket *self)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;

  g_return_if_fail (QNET_IS_SOCKET (self));
  QNET_IO_STAY (self);

  hold = qnet_io_device_hold (self);
  QNET_SOCKET_GET_CLASS (self)->disconnect_from_peer (self);
}

/* The change has begun. */
static void
abort_connecting (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  g_autoptr(GTask) task = g_steal_pointer (&priv->connect_task);
  g_autofree char *target = task != NULL ? qnet_socket_describe (self) : NULL;

  qnet_socket_stop (self);
  qnet_io_device_progress (QNET_IO_DEVICE (self));
  qnet_io_device_closed (QNET_IO_DEVICE (self));
  qnet_socket_end_task (&task, task != NULL ? qnet_socket_new_abort_error (target) : NULL);
  qnet_socket_end_task (&priv->disconnect_task, NULL);
}

void
qnet_socket_stop_connecting (QnetSocket *self)
{
  qnet_socket_begin_change (self);
  abort_connecting (self);
}

/* The connection has ended already: a handler of a notification that always aborts does not
 * recurse. */
static gboolean
has_nothing_to_abort (QnetSocket *self)
{
  return qnet_socket_get_private (self)->state == QNET_SOCKET_STATE_UNCONNECTED
         && qnet_socket_get_device (self)->open_mode == QNET_OPEN_MODE_NOT_OPEN
         && qnet_io_device_get_bytes_available (QNET_IO_DEVICE (self)) == 0;
}

void
qnet_socket_real_abort (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  if (has_nothing_to_abort (self))
    return;
  if (priv->state == QNET_SOCKET_STATE_CLOSING && !report_close_first (self))
    return;

  qnet_socket_begin_change (self);
  qnet_io_device_clear_read_buffer (QNET_IO_DEVICE (self));
  qnet_io_device_set_open_mode (QNET_IO_DEVICE (self), QNET_OPEN_MODE_NOT_OPEN);

  if (priv->state == QNET_SOCKET_STATE_UNCONNECTED)
    qnet_socket_end_change_in_state (self);
  else if (priv->state == QNET_SOCKET_STATE_CONNECTED || priv->state == QNET_SOCKET_STATE_CLOSING)
    end_connection (self, FALSE);
  else
    abort_connecting (self);
}

/**
 * qnet_socket_abort:
 * @self: a socket
 *
 * Ends the connection, or the attempt to establish one, at once.
 *
 * Both buffers are emptied, the read buffer of a connection that has ended already, too, and
 * descriptors that were received and not taken are closed. What was written and not yet sent is
 * lost. The connection is shut down, or reset where bytes are lost, so that the peer notices even
 * while another process has the descriptor. [property@IODevice:open-mode] becomes
 * [QNET_OPEN_MODE_NOT_OPEN][flags@OpenMode]. [signal@Socket::disconnected] is emitted inside the
 * call if there was a connection. The socket can connect again.
 *
 * Since: 1.0
 */
void
qnet_socket_abort (QnetSocket *self)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;

  g_return_if_fail (QNET_IS_SOCKET (self));
  QNET_IO_STAY (self);

  hold = qnet_io_device_hold (self);
  QNET_SOCKET_GET_CLASS (self)->abort (self);
}

void
qnet_socket_real_shutdown_write (QnetSocket *self)
{
  qnet_channel_shutdown_write (qnet_socket_get_channel (self));
  qnet_io_device_defer (QNET_IO_DEVICE (self));  /* the peer may have ended its stream already */
}

static void
shutdown_own_write (QnetSocket *self)
{
  QnetSocketClass *klass = QNET_SOCKET_GET_CLASS (self);
  QnetChannel *channel = qnet_socket_get_channel (self);

  if (klass->shutdown_write == qnet_socket_real_shutdown_write)
    {
      qnet_socket_refuse (self,
                          g_error_new_literal (QNET_SOCKET_ERROR,
                                               QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                                               _("Could not shut down the write side: The "
                                                 "transport of the socket does not support it")));
      return;
    }

  if (qnet_channel_is_shutting (channel))
    return;

  qnet_channel_note_shutdown (channel);
  klass->shutdown_write (self);
}

/**
 * qnet_socket_shutdown_write:
 * @self: a socket
 *
 * Shuts down the write side of the connection once all that was written has been sent; reading is
 * still possible.
 *
 * The peer receives the end of the stream (RFC 9293, section 3.6), and writing fails from now on.
 * Without a connection nothing happens.
 *
 * If a subclass brings its own transport, and has not overridden [vfunc@Socket.shutdown_write],
 * nothing happens but that [signal@Socket::error-occurred] reports
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError], in the next iteration of the
 * main loop.
 *
 * Since: 1.0
 */
void
qnet_socket_shutdown_write (QnetSocket *self)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;

  g_return_if_fail (QNET_IS_SOCKET (self));
  QNET_IO_STAY (self);

  if (qnet_socket_get_private (self)->state != QNET_SOCKET_STATE_CONNECTED)
    return;

  hold = qnet_io_device_hold (self);
  if (qnet_socket_has_own_transport (self))
    shutdown_own_write (self);
  else
    QNET_SOCKET_GET_CLASS (self)->shutdown_write (self);
}
