/* qnet-abstract-socket-connection.c: the life of a connection, from the first state to the last
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "engine/qnet-syscall-private.h"
#include "base/qnet-error-private.h"
#include "address/qnet-host-address-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-abstract-socket-private.h"
#include "socket/qnet-socket-state-private.h"

static QnetIODevicePrivate *
get_device (QnetAbstractSocket *self)
{
  return qnet_io_device_get_private (QNET_IO_DEVICE (self));
}

/* The state */

static QnetLink
link_of_state (QnetAbstractSocket *self,
               QnetSocketState     state)
{
  switch (state)
    {
    case QNET_SOCKET_STATE_HOST_LOOKUP:
    case QNET_SOCKET_STATE_CONNECTING:
      return QNET_LINK_COMING;
    case QNET_SOCKET_STATE_CONNECTED:
    case QNET_SOCKET_STATE_CLOSING:
      return QNET_LINK_UP;
    case QNET_SOCKET_STATE_BOUND:
      return qnet_channel_is_open (&get_device (self)->channel) ? QNET_LINK_UP : QNET_LINK_NONE;
    case QNET_SOCKET_STATE_UNCONNECTED:
    case QNET_SOCKET_STATE_LISTENING:
      return QNET_LINK_NONE;
    }

  g_assert_not_reached ();
}

/* Whoever drops the last reference to a socket that is under way wants its bytes to arrive all the same. Detached, nothing would
 * ever move it again, so it does not stay. Its callers hold a reference of their own, so letting go here ends nothing yet. */
static void
hold_while_under_way (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetIODevicePrivate *device = get_device (self);
  gboolean hold = qnet_socket_state_is_under_way (priv->state)
                  && !qnet_reactor_is_detached (device->wait_set.reactor) && !device->torn_down;

  if (priv->holds_self == hold)
    return;

  priv->holds_self = hold;
  if (hold)
    g_object_ref (self);
  else
    g_object_unref (self);
}

static void
enter_state (QnetAbstractSocket *self,
             QnetSocketState     state)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  g_assert (qnet_socket_state_may_become (priv->state, state));

  priv->state = state;
  qnet_io_device_set_link (QNET_IO_DEVICE (self), link_of_state (self, state));
  hold_while_under_way (self);
}

void
qnet_abstract_socket_set_state (QnetAbstractSocket *self,
                                QnetSocketState     state)
{
  enter_state (self, state);

  if (!get_device (self)->torn_down)
    qnet_abstract_socket_emit_state_changed (self);
}

/* What changes together with a state is told once all is as it will be: any handler may call us again. */
void
qnet_abstract_socket_begin_change (QnetAbstractSocket *self)
{
  g_object_freeze_notify (G_OBJECT (self));
}

void
qnet_abstract_socket_end_change (QnetAbstractSocket *self,
                                 QnetSocketState     state)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  guint serial = priv->serial;

  enter_state (self, state);
  g_object_thaw_notify (G_OBJECT (self));

  if (qnet_abstract_socket_is_still (self, serial, state))
    qnet_abstract_socket_emit_state_changed (self);
}

/* After an emission: is it still the same connection, in the same state? */
gboolean
qnet_abstract_socket_is_still (QnetAbstractSocket *self,
                               guint               serial,
                               QnetSocketState     state)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  return priv->serial == serial && priv->state == state && !get_device (self)->torn_down;
}

/* The end of a connection */

/* Handlers may ask where the connection went to: after close() the kernel does not know any more. */
static void
keep_addresses_for_handlers (QnetAbstractSocket *self)
{
  if (!get_device (self)->torn_down && qnet_abstract_socket_ends_are_watched (self))
    qnet_abstract_socket_remember_addresses (self);
}

static void
close_channel (QnetAbstractSocket *self,
               gboolean            send_rest)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetIODevicePrivate *device = get_device (self);
  int timeout = qnet_abstract_socket_get_timing (self, QNET_TIMING_CLOSE_TIMEOUT);

  qnet_deadline_stop (&priv->deadline);
  g_clear_object (&priv->socket);

  if (send_rest)
    qnet_channel_linger (&device->channel, timeout > 0 ? (guint) timeout : G_MAXUINT);
  else
    qnet_channel_close (&device->channel);

  priv->serial++;
}

/* A handler may have begun a new connection: that the old one is over is told all the same, but what it says of the read buffer
 * would be about the new one. */
static void
tell_end (QnetAbstractSocket *self,
          guint               serial)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (priv->serial == serial)
    qnet_io_device_emit_channel_end (QNET_IO_DEVICE (self));

  if (!get_device (self)->torn_down)
    qnet_abstract_socket_emit_disconnected (self);

  if (priv->serial == serial)
    qnet_abstract_socket_forget_addresses (self);
}

/* The channel forgets, as it closes, that there is still something to tell. */
void
qnet_abstract_socket_retell_refusal (QnetAbstractSocket *self)
{
  if (qnet_abstract_socket_get_private (self)->refusal != NULL)
    qnet_io_device_defer (QNET_IO_DEVICE (self));
}

/* The second half of finish_connection (): the change has begun. */
static void
end_connection (QnetAbstractSocket *self,
                gboolean            orderly)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetIODevice *device = QNET_IO_DEVICE (self);
  guint serial;

  g_object_ref (self);

  keep_addresses_for_handlers (self);
  close_channel (self, orderly);
  serial = priv->serial;
  qnet_io_device_clear_write_buffer (device);
  qnet_abstract_socket_end_change (self, QNET_SOCKET_STATE_UNCONNECTED);

  tell_end (self, serial);

  qnet_io_device_release_keeper (device);
  qnet_io_device_progress (device);
  qnet_io_device_closed (device);
  qnet_abstract_socket_end_task (&priv->disconnect_task, NULL);

  qnet_abstract_socket_retell_refusal (self);

  g_object_unref (self);
}

/* From CONNECTED or CLOSING to UNCONNECTED. With @orderly the peer gets all that was written; else the rest is dropped. */
static void
finish_connection (QnetAbstractSocket *self,
                   gboolean            orderly)
{
  qnet_abstract_socket_begin_change (self);
  end_connection (self, orderly);
}

/* As Qt announces it: through CLOSING, even where nothing is left to send. */
static void
close_and_finish (QnetAbstractSocket *self,
                  gboolean            orderly)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  guint serial = priv->serial;

  if (priv->state == QNET_SOCKET_STATE_CONNECTED)
    qnet_abstract_socket_set_state (self, QNET_SOCKET_STATE_CLOSING);

  if (qnet_abstract_socket_is_still (self, serial, QNET_SOCKET_STATE_CLOSING))
    finish_connection (self, orderly);
}

static void
start_deadline (QnetAbstractSocket *self,
                QnetTiming          timing)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  int msecs = qnet_abstract_socket_get_timing (self, timing);

  if (msecs > 0)
    qnet_deadline_start (&priv->deadline, qnet_clock_until (msecs));
  else
    qnet_deadline_stop (&priv->deadline);
}

/* Bytes that went out just now are to be told by bytes-written first, and a failure of sending by error-occurred: both are the
 * next turn's. */
static gboolean
has_nothing_to_send (QnetChannel *channel)
{
  return channel->write_queue.length == 0 && channel->sent_untold == 0 && channel->write_error == NULL;
}

void
qnet_abstract_socket_disconnect_now (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetIODevicePrivate *device = get_device (self);
  guint serial = priv->serial;

  qnet_channel_drain (&device->channel);
  start_deadline (self, QNET_TIMING_CLOSE_TIMEOUT);
  qnet_abstract_socket_set_state (self, QNET_SOCKET_STATE_CLOSING);

  if (qnet_abstract_socket_is_still (self, serial, QNET_SOCKET_STATE_CLOSING)
      && has_nothing_to_send (&device->channel))
    finish_connection (self, TRUE);
}

/* Both directions have ended, each in its own time (allow-half-open). */
static gboolean
is_over (QnetAbstractSocket *self)
{
  QnetChannel *channel = &get_device (self)->channel;

  return channel->reading == QNET_CHANNEL_READING_ENDED && channel->write_shut && has_nothing_to_send (channel);
}

/* Its beginning */

void
qnet_abstract_socket_open_channel (QnetAbstractSocket *self,
                                   int                 fd)
{
  QnetIODevicePrivate *device = get_device (self);
  QnetTransport transport;

  qnet_transport_init_fd (&transport, fd);
  qnet_channel_open (&device->channel, &device->wait_set, &transport);
  qnet_abstract_socket_restart_idle (self);
}

/* Datagrams come to a bound socket, too: it has its channel already. */
void
qnet_abstract_socket_hold_bound_fd (QnetAbstractSocket *self,
                                    int                 fd)
{
  QnetIODevicePrivate *device = get_device (self);

  if (!device->channel.is_datagram)
    {
      qnet_abstract_socket_get_private (self)->bound_fd = fd;
      return;
    }

  qnet_abstract_socket_open_channel (self, fd);
  qnet_channel_start_reading (&device->channel);
}

int
qnet_abstract_socket_take_bound_fd (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetTransport transport;
  int fd = priv->bound_fd;

  priv->bound_fd = -1;
  if (!qnet_channel_is_open (&get_device (self)->channel))
    return fd;

  qnet_channel_steal_transport (&get_device (self)->channel, &transport);

  return transport.fd;
}

/* What the channel says */

/* (nullable): NULL for a connection that was accepted when nobody cared for where from */
static char *
describe_peer (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (priv->peer_address == NULL)
    return NULL;

  if (qnet_host_address_is_null (priv->peer_address))  /* behind a proxy, who alone knows the address */
    return g_strdup_printf (_("%s port %u"), priv->peer_name, priv->peer_port);

  return qnet_host_address_to_display (priv->peer_address, priv->peer_port);
}

static GError *
reason_of_orderly_end (QnetAbstractSocket *self)
{
  g_autofree char *peer = describe_peer (self);

  if (peer == NULL)
    return g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                                _("The peer has closed the connection"));

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                      _("%s has closed the connection"), peer);
}

static GError *
reason_of_failure (QnetAbstractSocket *self,
                   const GError       *error)
{
  g_autofree char *peer = describe_peer (self);
  GError *reason = g_error_copy (error);

  if (peer != NULL)
    g_prefix_error (&reason, "%s: ", peer);

  return reason;
}

/* Does the connection go on when the peer has said its last word? */
static gboolean
stays_half_open (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  return priv->allow_half_open || qnet_io_device_holds_output_face (QNET_IO_DEVICE (self));
}

static void
ended_in_connected (QnetAbstractSocket *self,
                    const GError       *error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  guint serial = priv->serial;

  if (error == NULL && stays_half_open (self))
    {
      qnet_io_device_emit_channel_end (QNET_IO_DEVICE (self));
      if (qnet_abstract_socket_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED) && is_over (self))
        close_and_finish (self, TRUE);
      return;
    }

  keep_addresses_for_handlers (self);
  qnet_abstract_socket_fail (self, error != NULL ? reason_of_failure (self, error) : reason_of_orderly_end (self));
  if (!qnet_abstract_socket_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
    return;

  if (error == NULL)
    qnet_abstract_socket_disconnect_now (self);
  else
    close_and_finish (self, FALSE);
}

static void
ended_in_closing (QnetAbstractSocket *self,
                  const GError       *error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  guint serial = priv->serial;

  if (error == NULL)
    return;  /* the peer has said its last word; ours is still on its way */

  qnet_abstract_socket_fail (self, reason_of_failure (self, error));
  if (qnet_abstract_socket_is_still (self, serial, QNET_SOCKET_STATE_CLOSING))
    finish_connection (self, FALSE);
}

static void
ended (QnetIODevice *device,
       const GError *error)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (device);
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (priv->state == QNET_SOCKET_STATE_CONNECTED)
    ended_in_connected (self, error);
  else if (priv->state == QNET_SOCKET_STATE_CLOSING)
    ended_in_closing (self, error);
}

/* The peer has said its last word, but what kept the connection then is gone. */
static gboolean
is_half_open_no_more (QnetAbstractSocket *self)
{
  QnetIODevicePrivate *device = get_device (self);

  return device->end_told && device->channel.write_error == NULL && !stays_half_open (self);
}

static void
troubled (QnetIODevice *device,
          const GError *error)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (device);
  QnetIODevicePrivate *priv = get_device (self);

  g_clear_error (&priv->trouble);
  priv->trouble = reason_of_failure (self, error);
  qnet_abstract_socket_fail (self, g_error_copy (priv->trouble));
}

static void
drained (QnetIODevice *device)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (device);
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (priv->state == QNET_SOCKET_STATE_CLOSING)
    finish_connection (self, TRUE);
  else if (priv->state == QNET_SOCKET_STATE_CONNECTED && is_over (self))
    close_and_finish (self, TRUE);
}

static void
deferred (QnetIODevice *device)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (device);
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (priv->refusal != NULL)
    qnet_abstract_socket_fail (self, g_steal_pointer (&priv->refusal));

  if (get_device (self)->is_closing)
    qnet_abstract_socket_disconnect_from_host (self);

  if (priv->state == QNET_SOCKET_STATE_CONNECTED && is_over (self))
    close_and_finish (self, TRUE);
  else if (priv->state == QNET_SOCKET_STATE_CONNECTED && is_half_open_no_more (self))
    ended_in_connected (self, NULL);

  if (priv->state == QNET_SOCKET_STATE_UNCONNECTED)
    qnet_io_device_closed (device);
}

/* The context has gone: nobody is left to hear of it. */
static void
orphaned (QnetIODevice *device)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (device);
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  g_object_ref (self);

  qnet_abstract_socket_drop_connector (self);
  g_clear_object (&priv->socket);
  qnet_clear_fd (&priv->bound_fd);
  qnet_deadline_stop (&priv->deadline);
  priv->serial++;
  priv->state = QNET_SOCKET_STATE_UNCONNECTED;
  qnet_io_device_set_link (device, QNET_LINK_NONE);
  hold_while_under_way (self);
  qnet_io_device_release_keeper (device);
  qnet_io_device_closed (device);

  g_object_unref (self);
}

/* Nothing was begun, the context has gone, or the loop runs in the parent process: no turn will come. */
static gboolean
is_left_alone (QnetReactor *reactor)
{
  return reactor == NULL || qnet_reactor_is_orphan (reactor) || qnet_reactor_is_forked (reactor);
}

/* g_io_stream_close() has told about-to-close and shut the device; the rest is the loop's, where there is one. */
static void
close_hook (QnetIODevice *device)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (device);
  QnetIODevicePrivate *priv = get_device (self);
  QnetSocketState state = qnet_abstract_socket_get_state (self);

  if (is_left_alone (priv->wait_set.reactor))
    qnet_io_device_closed (device);
  else if (!qnet_reactor_is_detached (priv->wait_set.reactor))
    qnet_io_device_defer (device);
  else if (state == QNET_SOCKET_STATE_CONNECTED || state == QNET_SOCKET_STATE_CLOSING)
    close_and_finish (self, TRUE);
  else
    qnet_abstract_socket_abort (self);
}

const QnetIODeviceHooks qnet_abstract_socket_hooks = {
  .ended    = ended,
  .drained  = drained,
  .deferred = deferred,
  .orphaned = orphaned,
  .close    = close_hook,
  .troubled = troubled,
};

/* Deadlines */

/* The connection goes by our own decision: whoever reads a stream of it hears why, instead of an orderly end. */
static void
fail_connection (QnetAbstractSocket *self,
                 GError             *error)
{
  QnetIODevicePrivate *device = get_device (self);

  if (device->end_error == NULL)
    device->end_error = g_error_copy (error);

  qnet_abstract_socket_fail (self, error);
}

void
qnet_abstract_socket_break_connection (QnetAbstractSocket *self,
                                       GError             *error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  guint serial = priv->serial;

  keep_addresses_for_handlers (self);
  fail_connection (self, error);
  if (priv->serial == serial && qnet_channel_is_open (&get_device (self)->channel))
    close_and_finish (self, FALSE);
}

static void
close_timed_out (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  guint serial = priv->serial;
  GError *error = g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                               _("Could not close the connection in time: %zu bytes could not be sent"),
                               get_device (self)->channel.write_queue.length);

  fail_connection (self, error);
  if (qnet_abstract_socket_is_still (self, serial, QNET_SOCKET_STATE_CLOSING))
    finish_connection (self, FALSE);
}

static void
idle_timed_out (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  guint serial = priv->serial;

  fail_connection (self, g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                                              _("The connection was idle for too long")));
  if (qnet_abstract_socket_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
    close_and_finish (self, TRUE);
}

/* Traffic costs a timestamp, not a deadline moved: only when it falls due is it compared with the last traffic. */
static void
check_idle (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  gint64 limit = qnet_abstract_socket_get_timing (self, QNET_TIMING_IDLE_TIMEOUT) * G_TIME_SPAN_MILLISECOND;
  gint64 due = get_device (self)->channel.last_activity + limit;

  if (due > qnet_clock_now ())
    qnet_deadline_start (&priv->deadline, due);
  else
    idle_timed_out (self);
}

static void
deadline_cb (QnetDeadline *deadline)
{
  gpointer priv = (guint8 *) deadline - G_STRUCT_OFFSET (QnetAbstractSocketPrivate, deadline);
  g_autoptr(QnetAbstractSocket) self = g_object_ref (qnet_abstract_socket_from_private (priv));

  switch (((QnetAbstractSocketPrivate *) priv)->state)
    {
    case QNET_SOCKET_STATE_CONNECTED:
      check_idle (self);
      break;
    case QNET_SOCKET_STATE_CLOSING:
      close_timed_out (self);
      break;
    default:
      break;
    }
}

void
qnet_abstract_socket_restart_idle (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetChannel *channel = &get_device (self)->channel;
  gboolean wanted = qnet_abstract_socket_get_timing (self, QNET_TIMING_IDLE_TIMEOUT) > 0;

  if (!qnet_channel_is_open (channel) || priv->state == QNET_SOCKET_STATE_CLOSING)
    return;

  channel->track_activity = wanted;
  if (wanted)
    channel->last_activity = qnet_clock_now ();

  start_deadline (self, QNET_TIMING_IDLE_TIMEOUT);
}

/* GObject */

void
qnet_abstract_socket_init_connection (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  priv->bound_fd = -1;
  qnet_deadline_init (&priv->deadline, deadline_cb, &get_device (self)->wait_set);
}

/* Only where dispose was forced (g_object_run_dispose): whoever waits, and our own hold, are references to us. */
static void
let_go_of_all (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  hold_while_under_way (self);
  qnet_io_device_closed (QNET_IO_DEVICE (self));
  qnet_abstract_socket_end_task (&priv->connect_task,
                                 g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, _("The socket was disposed")));
  qnet_abstract_socket_end_task (&priv->disconnect_task, NULL);
}

/* Silent. What was written goes to the reactor, which sends it without us. */
void
qnet_abstract_socket_dispose_connection (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetIODevicePrivate *device = get_device (self);

  device->torn_down = TRUE;
  qnet_abstract_socket_drop_connector (self);
  qnet_clear_fd (&priv->bound_fd);

  if (qnet_channel_is_open (&device->channel))
    close_channel (self, TRUE);

  priv->state = QNET_SOCKET_STATE_UNCONNECTED;
  qnet_io_device_set_link (QNET_IO_DEVICE (self), QNET_LINK_NONE);
  g_clear_error (&priv->refusal);
  let_go_of_all (self);
}

/* For servers */

void
qnet_abstract_socket_adopt_accepted (QnetAbstractSocket *self,
                                     QnetReactor        *reactor,
                                     int                 fd)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetIODevicePrivate *device = get_device (self);

  qnet_io_device_join_reactor (QNET_IO_DEVICE (self), reactor);
  qnet_abstract_socket_open_channel (self, fd);
  device->open_mode = QNET_OPEN_MODE_READ_WRITE;
  priv->serial++;
  priv->state = QNET_SOCKET_STATE_CONNECTED;
  qnet_io_device_set_link (QNET_IO_DEVICE (self), QNET_LINK_UP);
}

void
qnet_abstract_socket_hand_out (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetIODevicePrivate *device = get_device (self);

  if (priv->state == QNET_SOCKET_STATE_CONNECTED && device->channel.reading == QNET_CHANNEL_READING_OFF)
    qnet_channel_start_reading (&device->channel);
}

/* Public API */

/**
 * qnet_abstract_socket_disconnect_from_host:
 * @self: a socket
 *
 * Closes the connection, once everything that was written has been sent.
 *
 * With nothing left to send the connection ends before the call returns, and [signal@AbstractSocket::disconnected] is emitted
 * inside it; else the socket is [enum@SocketState.CLOSING] meanwhile, for [property@AbstractSocket:close-timeout] at most. While
 * the connection is still being made the call is remembered and carried out then. A socket that is only bound becomes unconnected,
 * without the signal. What is in the read buffer can still be read afterwards, and the socket can connect again.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_disconnect_from_host (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));

  priv = qnet_abstract_socket_get_private (self);

  g_object_ref (self);

  switch ((QnetSocketState) priv->state)
    {
    case QNET_SOCKET_STATE_HOST_LOOKUP:
    case QNET_SOCKET_STATE_CONNECTING:
      priv->disconnect_wanted = TRUE;
      break;
    case QNET_SOCKET_STATE_CONNECTED:
      qnet_abstract_socket_disconnect_now (self);
      break;
    case QNET_SOCKET_STATE_BOUND:
      qnet_abstract_socket_begin_change (self);
      qnet_abstract_socket_stop_connecting (self);
      break;
    case QNET_SOCKET_STATE_UNCONNECTED:
    case QNET_SOCKET_STATE_CLOSING:
    case QNET_SOCKET_STATE_LISTENING:
      break;
    }

  g_object_unref (self);
}

/* The change has begun. */
static void
abort_connecting (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetIODevice *device = QNET_IO_DEVICE (self);
  g_autoptr(GTask) task = g_steal_pointer (&priv->connect_task);

  qnet_abstract_socket_stop_connecting (self);
  qnet_io_device_progress (device);
  qnet_io_device_closed (device);
  qnet_abstract_socket_end_task (&task, qnet_abstract_socket_new_abort_error ());
  qnet_abstract_socket_end_task (&priv->disconnect_task, NULL);
}

/**
 * qnet_abstract_socket_abort:
 * @self: a socket
 *
 * Ends the connection, or the attempt to make one, at once.
 *
 * Both buffers are emptied; what was written and not yet sent is lost. [property@IODevice:open-mode] becomes
 * [flags@OpenMode.NOT_OPEN]. [signal@AbstractSocket::disconnected] is emitted inside the call if there was a connection. The
 * socket can connect again.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_abort (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv;
  QnetIODevice *device = QNET_IO_DEVICE (self);

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));

  priv = qnet_abstract_socket_get_private (self);

  if (priv->state == QNET_SOCKET_STATE_UNCONNECTED)
    return;

  g_object_ref (self);

  qnet_abstract_socket_begin_change (self);
  qnet_io_device_clear_read_buffer (device);
  qnet_io_device_set_open_mode (device, QNET_OPEN_MODE_NOT_OPEN);

  if (priv->state == QNET_SOCKET_STATE_CONNECTED || priv->state == QNET_SOCKET_STATE_CLOSING)
    end_connection (self, FALSE);
  else
    abort_connecting (self);

  g_object_unref (self);
}

/**
 * qnet_abstract_socket_shutdown_write:
 * @self: a socket
 *
 * Tells the peer, once everything that was written has been sent, that nothing more will come; reading goes on.
 *
 * It closes one half of the connection (RFC 9293, section 3.6); writing fails from now on. Before the connection stands it does
 * nothing.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_shutdown_write (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv;
  QnetChannel *channel = &get_device (self)->channel;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));

  priv = qnet_abstract_socket_get_private (self);

  if (priv->state != QNET_SOCKET_STATE_CONNECTED)
    return;

  qnet_channel_shutdown_write (channel);
  qnet_io_device_defer (QNET_IO_DEVICE (self));  /* the peer's half may have ended already */
}

/**
 * qnet_abstract_socket_pause_reading:
 * @self: a socket
 *
 * Stops taking bytes from the peer; what is in the read buffer stays there.
 *
 * The peer is slowed down by TCP itself, once the kernel's buffers are full. Neither its end of the connection nor a reset is
 * noticed meanwhile.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_pause_reading (QnetAbstractSocket *self)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));

  qnet_channel_set_paused (&get_device (self)->channel, TRUE);
}

/**
 * qnet_abstract_socket_resume_reading:
 * @self: a socket
 *
 * Goes on taking bytes from the peer.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_resume_reading (QnetAbstractSocket *self)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));

  qnet_channel_set_paused (&get_device (self)->channel, FALSE);
}

/**
 * qnet_abstract_socket_is_reading_paused:
 * @self: a socket
 *
 * Tells whether [method@AbstractSocket.pause_reading] was called last.
 *
 * Returns: whether reading is paused
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_is_reading_paused (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);

  return get_device (self)->channel.is_paused;
}
