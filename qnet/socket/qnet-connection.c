/* qnet-connection.c: the life of a connection, from the first state to the last
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-connection-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-socket-state-private.h"

static QnetIODevicePrivate *
get_device (QnetConnection *self)
{
  return qnet_io_device_get_private (self->device);
}

static QnetConnection *
get_connection (QnetIODevice *device)
{
  return qnet_io_device_get_private (device)->connection;
}

/* Telling */

static void
emit (QnetConnection       *self,
      QnetConnectionSignal  signal)
{
  g_signal_emit (self->device, self->klass->signals[signal], 0);
}

static gboolean
is_heard (QnetConnection       *self,
          QnetConnectionSignal  signal)
{
  return g_signal_has_handler_pending (self->device, self->klass->signals[signal], 0, TRUE);
}

static void
emit_state_changed (QnetConnection *self)
{
  QnetSocketState state = self->state;

  g_object_notify_by_pspec (G_OBJECT (self->device), self->klass->state);
  if (self->state == state)
    g_signal_emit (self->device, self->klass->signals[QNET_CONNECTION_STATE_CHANGED], 0, state);
}

static gboolean
ends_are_watched (QnetConnection *self)
{
  return is_heard (self, QNET_CONNECTION_DISCONNECTED) || is_heard (self, QNET_CONNECTION_STATE_CHANGED)
         || g_signal_has_handler_pending (self->device, g_signal_lookup ("notify", G_TYPE_OBJECT),
                                          g_param_spec_get_name_quark (self->klass->state), TRUE);
}

void
qnet_connection_emit_error (QnetConnection *self,
                            const GError   *error)
{
  if (!get_device (self)->torn_down)
    g_signal_emit (self->device, self->klass->signals[QNET_CONNECTION_ERROR_OCCURRED], 0, error);
}

/* A handler of the notification may have ended the connection, and then nothing more is emitted for it. */
void
qnet_connection_fail (QnetConnection *self,
                      GError         *error)
{
  g_autoptr(GError) told = g_error_copy (error);
  guint serial = self->serial;

  qnet_io_device_take_error (self->device, error);
  if (self->serial == serial)
    qnet_connection_emit_error (self, told);
}

/* The state */

static QnetLink
link_of_state (QnetConnection  *self,
               QnetSocketState  state)
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
hold_while_under_way (QnetConnection *self)
{
  QnetIODevicePrivate *device = get_device (self);
  gboolean hold = qnet_socket_state_is_under_way (self->state)
                  && !qnet_reactor_is_detached (device->wait_set.reactor) && !device->torn_down;

  if (self->holds_self == hold)
    return;

  self->holds_self = hold;
  if (hold)
    g_object_ref (self->device);
  else
    g_object_unref (self->device);
}

static void
enter_state (QnetConnection  *self,
             QnetSocketState  state)
{
  g_assert (qnet_socket_state_may_become (self->state, state));

  self->state = state;
  qnet_io_device_set_link (self->device, link_of_state (self, state));
  hold_while_under_way (self);
}

void
qnet_connection_set_state (QnetConnection  *self,
                           QnetSocketState  state)
{
  enter_state (self, state);

  if (!get_device (self)->torn_down)
    emit_state_changed (self);
}

/* What changes together with a state is told once all is as it will be: any handler may call us again. */
void
qnet_connection_begin_change (QnetConnection *self)
{
  g_object_freeze_notify (G_OBJECT (self->device));

  if (self->klass->snapshot != NULL && self->before == NULL && !get_device (self)->torn_down
      && qnet_io_device_is_notify_heard (self->device))
    self->before = self->klass->snapshot (self->device);
}

static void
notify_changes (QnetConnection *self)
{
  gpointer before = g_steal_pointer (&self->before);

  if (before != NULL)
    self->klass->compare (self->device, before);
}

/* A change that leaves the state as it is. */
static void
end_change_in_state (QnetConnection *self)
{
  notify_changes (self);
  g_object_thaw_notify (G_OBJECT (self->device));
}

void
qnet_connection_end_change (QnetConnection  *self,
                            QnetSocketState  state)
{
  guint serial = self->serial;
  gboolean was_bound = self->state == QNET_SOCKET_STATE_BOUND;

  enter_state (self, state);
  if (was_bound)
    qnet_io_device_read_buffer_changed (self->device);  /* no end of a connection follows, which would notify read-finished */
  notify_changes (self);
  g_object_thaw_notify (G_OBJECT (self->device));

  if (qnet_connection_is_still (self, serial, state))
    emit_state_changed (self);
}

char *
qnet_connection_describe (QnetConnection *self)
{
  if (self->state == QNET_SOCKET_STATE_HOST_LOOKUP || self->state == QNET_SOCKET_STATE_CONNECTING)
    return self->klass->describe_target (self->device);

  return self->klass->describe_peer (self->device);
}

/* After an emission: is it still the same connection, in the same state? */
gboolean
qnet_connection_is_still (QnetConnection  *self,
                          guint            serial,
                          QnetSocketState  state)
{
  return self->serial == serial && self->state == state && !get_device (self)->torn_down;
}

/* The end of a connection */

static void
remember_for_handlers (QnetConnection *self)
{
  if (!get_device (self)->torn_down && ends_are_watched (self))
    self->klass->remember (self->device);
}

/* Milliseconds. Where it blocks, closing takes no longer in all than it may. */
static guint
get_linger_time (QnetConnection *self)
{
  int timeout = qnet_connection_get_timing (self, QNET_TIMING_CLOSE_TIMEOUT);
  gint64 left;

  if (timeout == 0)
    return G_MAXUINT;

  if (self->state != QNET_SOCKET_STATE_CLOSING || !qnet_deadline_is_running (&self->deadline)
      || !qnet_reactor_is_detached (get_device (self)->wait_set.reactor))
    return (guint) timeout;

  left = (self->deadline.due - qnet_clock_now ()) / G_TIME_SPAN_MILLISECOND;

  return (guint) CLAMP (left, 0, timeout);
}

static void
close_channel (QnetConnection *self,
               gboolean        send_rest)
{
  QnetIODevicePrivate *device = get_device (self);
  guint timeout = send_rest ? get_linger_time (self) : 0;

  qnet_deadline_stop (&self->deadline);
  g_clear_object (&self->socket);

  if (self->klass->closing != NULL)
    self->klass->closing (self->device);

  if (send_rest)
    qnet_channel_linger (&device->channel, timeout);
  else
    qnet_channel_close (&device->channel);

  self->serial++;
  self->n_ended++;
}

/* Until now handlers could ask who the peer was. */
static void
forget_peer (QnetConnection *self)
{
  qnet_connection_begin_change (self);
  self->klass->forget (self->device);
  end_change_in_state (self);
}

/* A handler may have begun a new connection: that the old one is over is told all the same, but what it says of the read buffer
 * would be about the new one. */
static void
tell_end (QnetConnection *self,
          guint           serial)
{
  if (self->serial == serial)
    qnet_io_device_notify_sizes (self->device);
  if (self->serial == serial)
    qnet_io_device_notify_counters (self->device);
  if (self->serial == serial)
    qnet_io_device_check_low_water (self->device);
  if (self->serial == serial)
    qnet_io_device_emit_channel_end (self->device);

  if (!get_device (self)->torn_down)
    emit (self, QNET_CONNECTION_DISCONNECTED);

  if (self->serial == serial)
    forget_peer (self);
}

/* The channel forgets, as it closes, that something is pending. */
void
qnet_connection_retell_refusals (QnetConnection *self)
{
  if (self->refusals != NULL)
    qnet_io_device_defer (self->device);
}

/* Each call has its own, whatever has become of the socket; those of calls that handlers make now are for the next turn. */
static void
emit_refusals (QnetConnection *self)
{
  g_autoptr(GPtrArray) refusals = g_steal_pointer (&self->refusals);

  for (guint i = 0; refusals != NULL && i < refusals->len; i++)
    {
      const GError *refusal = g_ptr_array_index (refusals, i);

      qnet_io_device_take_error (self->device, g_error_copy (refusal));
      qnet_connection_emit_error (self, refusal);
    }
}

/* What was written has not all been sent, although that was waited for: operations that wait for the end of closing report it. */
static void
note_loss (QnetConnection *self,
           gboolean        orderly)
{
  QnetIODevicePrivate *device = get_device (self);

  if (!orderly && device->channel.is_draining && device->end_error != NULL && device->loss == NULL)
    device->loss = g_error_copy (device->end_error);
}

/* The second half of finish_connection (): the change has begun. */
static void
end_connection (QnetConnection *self,
                gboolean        orderly)
{
  QnetIODevice *device = self->device;
  g_autoptr(GError) loss = NULL;
  guint serial;

  g_object_ref (device);
  note_loss (self, orderly);
  loss = get_device (self)->loss != NULL ? g_error_copy (get_device (self)->loss) : NULL;

  remember_for_handlers (self);
  close_channel (self, orderly);
  serial = self->serial;
  qnet_io_device_clear_write_buffer (device);
  qnet_connection_end_change (self, QNET_SOCKET_STATE_UNCONNECTED);

  tell_end (self, serial);

  qnet_io_device_release_keeper (device);
  qnet_io_device_progress (device);
  qnet_io_device_closed (device);
  qnet_connection_end_task (&self->disconnect_task, g_steal_pointer (&loss));

  qnet_connection_retell_refusals (self);

  g_object_unref (self->device);
}

/* From CONNECTED or CLOSING to UNCONNECTED. With @orderly the peer gets all that was written; else the rest is dropped. */
static void
finish_connection (QnetConnection *self,
                   gboolean        orderly)
{
  qnet_connection_begin_change (self);
  end_connection (self, orderly);
}

/* As Qt announces it: through CLOSING, even where nothing is left to send. */
static void
close_and_finish (QnetConnection *self,
                  gboolean        orderly)
{
  guint serial = self->serial;

  if (self->state == QNET_SOCKET_STATE_CONNECTED)
    qnet_connection_set_state (self, QNET_SOCKET_STATE_CLOSING);

  if (qnet_connection_is_still (self, serial, QNET_SOCKET_STATE_CLOSING))
    finish_connection (self, orderly);
}

/* A handler may do anything: is it still the same connection, in the same state? */
static gboolean
emit_pending (QnetConnection *self)
{
  guint serial = self->serial;
  QnetSocketState state = self->state;

  qnet_io_device_emit_pending (self->device);

  return qnet_connection_is_still (self, serial, state);
}

static void
start_deadline (QnetConnection *self,
                QnetTiming      timing)
{
  int msecs = qnet_connection_get_timing (self, timing);

  if (msecs > 0)
    qnet_deadline_start (&self->deadline, qnet_clock_until (msecs));
  else
    qnet_deadline_stop (&self->deadline);
}

/* Bytes that went out just now are to be told by bytes-written first, and a failure of sending by error-occurred: both are the
 * next turn's. And what a slow peer has left in the kernel is still to be sent. */
static gboolean
has_nothing_to_send (QnetChannel *channel)
{
  return channel->write_queue.length == 0 && channel->sent_untold == 0 && !channel->sent_empty
         && channel->write_error == NULL && !channel->write_blocked;
}

void
qnet_connection_disconnect_now (QnetConnection *self)
{
  QnetIODevicePrivate *device = get_device (self);
  guint serial = self->serial;

  if (!emit_pending (self))
    return;

  qnet_channel_drain (&device->channel);
  start_deadline (self, QNET_TIMING_CLOSE_TIMEOUT);
  qnet_connection_set_state (self, QNET_SOCKET_STATE_CLOSING);

  if (qnet_connection_is_still (self, serial, QNET_SOCKET_STATE_CLOSING)
      && has_nothing_to_send (&device->channel))
    finish_connection (self, TRUE);
}

/* Both directions have ended, each in its own time (allow-half-open). */
static gboolean
is_over (QnetConnection *self)
{
  QnetChannel *channel = &get_device (self)->channel;

  return channel->reading == QNET_CHANNEL_READING_ENDED && channel->write_shut && has_nothing_to_send (channel);
}

/* What the channel says */

static GError *
reason_of_orderly_end (QnetConnection *self)
{
  g_autofree char *peer = self->klass->describe_peer (self->device);

  if (peer == NULL)
    return g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                                _("The peer has closed the connection"));

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                      _("%s has closed the connection"), peer);
}

static GError *
reason_of_failure (QnetConnection *self,
                   const GError   *error)
{
  g_autofree char *peer = self->klass->describe_peer (self->device);
  GError *reason = g_error_copy (error);

  if (peer != NULL)
    g_prefix_error (&reason, "%s: ", peer);

  return reason;
}

/* Does the connection go on when the peer has said its last word? */
static gboolean
stays_half_open (QnetConnection *self)
{
  return self->allow_half_open || qnet_io_device_holds_output_face (self->device);
}

static void
ended_in_connected (QnetConnection *self,
                    const GError   *error)
{
  guint serial = self->serial;

  if (error == NULL && stays_half_open (self))
    {
      qnet_io_device_emit_channel_end (self->device);
      if (!qnet_connection_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
        return;
      if (is_over (self))
        close_and_finish (self, TRUE);
      else
        qnet_channel_await_loss (&get_device (self)->channel);
      return;
    }

  remember_for_handlers (self);
  qnet_connection_fail (self, error != NULL ? reason_of_failure (self, error) : reason_of_orderly_end (self));
  if (!qnet_connection_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
    return;

  if (error == NULL)
    qnet_connection_disconnect_now (self);
  else
    close_and_finish (self, FALSE);
}

static void
ended_in_closing (QnetConnection *self,
                  const GError   *error)
{
  guint serial = self->serial;

  if (error == NULL)
    return;  /* the peer has said its last word; ours is still on its way */

  qnet_connection_fail (self, reason_of_failure (self, error));
  if (qnet_connection_is_still (self, serial, QNET_SOCKET_STATE_CLOSING))
    finish_connection (self, FALSE);
}

static void
ended (QnetIODevice *device,
       const GError *error)
{
  QnetConnection *self = get_connection (device);

  if (!emit_pending (self))
    return;

  if (self->state == QNET_SOCKET_STATE_CONNECTED)
    ended_in_connected (self, error);
  else if (self->state == QNET_SOCKET_STATE_CLOSING)
    ended_in_closing (self, error);
}

static void
troubled (QnetIODevice *device,
          const GError *error)
{
  QnetConnection *self = get_connection (device);
  QnetIODevicePrivate *priv = get_device (self);

  g_clear_error (&priv->trouble);
  priv->trouble = reason_of_failure (self, error);
  qnet_connection_fail (self, g_error_copy (priv->trouble));
}

/* The peer has said its last word, but what kept the connection then is gone. */
static gboolean
is_half_open_no_more (QnetConnection *self)
{
  QnetIODevicePrivate *device = get_device (self);

  return device->end_told && device->channel.write_error == NULL && !stays_half_open (self);
}

static void
drained (QnetIODevice *device)
{
  QnetConnection *self = get_connection (device);

  if (!emit_pending (self))
    return;

  if (self->state == QNET_SOCKET_STATE_CLOSING)
    finish_connection (self, TRUE);
  else if (self->state == QNET_SOCKET_STATE_CONNECTED && is_over (self))
    close_and_finish (self, TRUE);
}

static void
deferred (QnetIODevice *device)
{
  QnetConnection *self = get_connection (device);

  emit_refusals (self);

  if (get_device (self)->is_closing)
    qnet_connection_disconnect (self);

  if (self->state == QNET_SOCKET_STATE_CONNECTED && is_over (self))
    close_and_finish (self, TRUE);
  else if (self->state == QNET_SOCKET_STATE_CONNECTED && is_half_open_no_more (self))
    ended_in_connected (self, NULL);

  if (self->state == QNET_SOCKET_STATE_UNCONNECTED)
    qnet_io_device_closed (device);
}

/* The context has gone: nobody is left to hear of it. */
static void
orphaned (QnetIODevice *device)
{
  QnetConnection *self = get_connection (device);

  g_object_ref (self->device);

  self->klass->stop (device);
  g_clear_object (&self->socket);
  qnet_deadline_stop (&self->deadline);
  self->serial++;
  self->n_ended += self->state == QNET_SOCKET_STATE_CONNECTED || self->state == QNET_SOCKET_STATE_CLOSING;
  self->state = QNET_SOCKET_STATE_UNCONNECTED;
  qnet_io_device_set_link (device, QNET_LINK_NONE);
  hold_while_under_way (self);
  qnet_io_device_release_keeper (device);
  qnet_io_device_closed (device);

  g_object_unref (self->device);
}

/* Nothing was begun, the context has gone, or the loop runs in the parent process: no turn will come. */
static gboolean
is_left_alone (QnetReactor *reactor)
{
  return reactor == NULL || qnet_reactor_is_orphan (reactor) || qnet_reactor_is_forked (reactor);
}

/* No loop would send the rest. What is lost is reported as ever, and by g_io_stream_close() itself. */
static void
close_detached (QnetConnection *self)
{
  QnetWaitSet *wait_set = &get_device (self)->wait_set;
  guint serial = self->serial;

  qnet_connection_disconnect (self);
  while (self->serial == serial && qnet_socket_state_is_under_way (self->state)
         && qnet_wait_set_iterate (wait_set, G_MAXINT64))
    continue;

  if (self->state == QNET_SOCKET_STATE_UNCONNECTED)
    qnet_io_device_closed (self->device);
}

/* g_io_stream_close() has told about-to-close and shut the device; the rest is the loop's, where there is one. */
static void
close_hook (QnetIODevice *device)
{
  QnetConnection *self = get_connection (device);
  QnetReactor *reactor = get_device (self)->wait_set.reactor;

  if (is_left_alone (reactor))
    qnet_io_device_closed (device);
  else if (!qnet_reactor_is_detached (reactor))
    qnet_io_device_defer (device);
  else if (self->state == QNET_SOCKET_STATE_UNCONNECTED)
    qnet_io_device_closed (device);
  else
    close_detached (self);
}

static char *
describe_peer_hook (QnetIODevice *device)
{
  return qnet_connection_describe (get_connection (device));
}

const QnetIODeviceHooks qnet_connection_hooks = {
  .ended    = ended,
  .drained  = drained,
  .deferred = deferred,
  .orphaned = orphaned,
  .describe_peer = describe_peer_hook,
  .close    = close_hook,
  .troubled = troubled,
};

/* Deadlines */

/* The connection goes by our own decision: whoever reads a stream of it hears why, instead of an orderly end. */
static void
fail_connection (QnetConnection *self,
                 GError         *error)
{
  QnetIODevicePrivate *device = get_device (self);

  if (device->end_error == NULL)
    device->end_error = g_error_copy (error);

  qnet_connection_fail (self, error);
}

void
qnet_connection_break (QnetConnection *self,
                       GError         *error)
{
  guint serial = self->serial;

  if (!emit_pending (self))
    {
      g_error_free (error);
      return;
    }

  remember_for_handlers (self);
  fail_connection (self, error);
  if (self->serial == serial && qnet_channel_is_open (&get_device (self)->channel))
    close_and_finish (self, FALSE);
}

static GError *
new_close_timeout_error (QnetConnection *self)
{
  g_autofree char *peer = self->klass->describe_peer (self->device);
  gsize unsent = qnet_channel_get_unsent (&get_device (self)->channel);
  double seconds = qnet_connection_get_timing (self, QNET_TIMING_CLOSE_TIMEOUT) / 1000.0;

  if (peer == NULL)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Could not close the connection within %g s: %zu bytes could not be sent"), seconds, unsent);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      /* Translators: the peer, such as "127.0.0.1 port 80"; the limit in seconds; how many bytes are lost */
                      _("Could not close the connection to %s within %g s: %zu bytes could not be sent"),
                      peer, seconds, unsent);
}

static void
close_timed_out (QnetConnection *self)
{
  guint serial = self->serial;

  if (!emit_pending (self))
    return;

  fail_connection (self, new_close_timeout_error (self));
  if (qnet_connection_is_still (self, serial, QNET_SOCKET_STATE_CLOSING))
    finish_connection (self, FALSE);
}

static GError *
reason_of_idleness (QnetConnection *self)
{
  g_autofree char *peer = self->klass->describe_peer (self->device);
  int msecs = qnet_connection_get_timing (self, QNET_TIMING_IDLE_TIMEOUT);

  if (peer == NULL)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Closed the connection: no byte was received or sent for %g s"), msecs / 1000.0);

  /* Translators: %s is the peer, %g a number of seconds */
  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      _("Closed the connection to %s: no byte was received or sent for %g s"), peer, msecs / 1000.0);
}

static void
idle_timed_out (QnetConnection *self)
{
  guint serial = self->serial;

  if (!emit_pending (self))
    return;

  remember_for_handlers (self);
  fail_connection (self, reason_of_idleness (self));
  if (qnet_connection_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
    close_and_finish (self, TRUE);
}

/* Traffic costs a timestamp, not a deadline moved: only when it falls due is it compared with the last traffic. A peer whose
 * bytes we leave unread is not the one who is idle. */
static void
check_idle (QnetConnection *self)
{
  gint64 limit = qnet_connection_get_timing (self, QNET_TIMING_IDLE_TIMEOUT) * G_TIME_SPAN_MILLISECOND;
  gint64 due = get_device (self)->channel.last_activity + limit;

  gint64 now = qnet_clock_now ();

  if (due > now)
    qnet_deadline_start (&self->deadline, due);
  else if (qnet_channel_keeps_waiting (&get_device (self)->channel))
    qnet_deadline_start (&self->deadline, now + limit);
  else
    idle_timed_out (self);
}

static void
deadline_cb (QnetDeadline *deadline)
{
  QnetConnection *self = (gpointer) ((guint8 *) deadline - G_STRUCT_OFFSET (QnetConnection, deadline));
  G_GNUC_UNUSED g_autoptr(QnetIODevice) hold = g_object_ref (self->device);

  switch ((QnetSocketState) self->state)
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
qnet_connection_restart_idle (QnetConnection *self)
{
  QnetChannel *channel = &get_device (self)->channel;
  gboolean wanted = qnet_connection_get_timing (self, QNET_TIMING_IDLE_TIMEOUT) > 0;

  if (!qnet_channel_is_open (channel) || self->state == QNET_SOCKET_STATE_CLOSING)
    return;

  channel->track_activity = wanted;
  if (wanted)
    channel->last_activity = qnet_clock_now ();

  start_deadline (self, QNET_TIMING_IDLE_TIMEOUT);
}

/* The socket's GObject */

void
qnet_connection_init (QnetConnection            *self,
                      QnetIODevice              *device,
                      const QnetConnectionClass *klass)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

  self->klass = klass;
  self->device = device;
  priv->connection = self;
  qnet_deadline_init (&self->deadline, deadline_cb, &priv->wait_set);
}

/* Only where dispose was forced (g_object_run_dispose): whoever waits, and our own hold, are references to us. */
static void
let_go_of_all (QnetConnection *self)
{
  hold_while_under_way (self);
  qnet_io_device_closed (self->device);
  qnet_connection_end_task (&self->connect_task,
                            g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, _("The socket was disposed")));
  qnet_connection_end_task (&self->disconnect_task, NULL);
}

static gboolean
is_in_the_making (QnetConnection *self)
{
  return link_of_state (self, self->state) == QNET_LINK_COMING || get_device (self)->channel.is_suspended;
}

/* Nothing but a wait establishes a connection without a loop; what is written before that would be lost. */
static void
establish_detached (QnetConnection *self)
{
  QnetIODevicePrivate *device = get_device (self);
  gint64 until;

  if (device->wait_set.reactor == NULL || !qnet_reactor_is_detached (device->wait_set.reactor))
    return;

  until = qnet_clock_now () + (gint64) get_linger_time (self) * G_TIME_SPAN_MILLISECOND;
  while (is_in_the_making (self) && device->channel.write_queue.length > 0
         && qnet_wait_set_iterate (&device->wait_set, until))
    continue;
}

/* What was written goes to the reactor, which sends it without us. */
void
qnet_connection_dispose (QnetConnection *self)
{
  QnetIODevicePrivate *device = get_device (self);

  device->torn_down = TRUE;
  establish_detached (self);
  self->klass->stop (self->device);

  if (qnet_channel_is_open (&device->channel))
    close_channel (self, TRUE);

  self->state = QNET_SOCKET_STATE_UNCONNECTED;
  qnet_io_device_set_link (self->device, QNET_LINK_NONE);
  g_clear_pointer (&self->refusals, g_ptr_array_unref);
  let_go_of_all (self);
}

void
qnet_connection_finalize (QnetConnection *self)
{
  g_clear_pointer (&self->timings, g_free);
  g_clear_object (&self->socket);
}

/* What the user asks for */

void
qnet_connection_disconnect (QnetConnection *self)
{
  G_GNUC_UNUSED g_autoptr(QnetIODevice) hold = g_object_ref (self->device);

  switch ((QnetSocketState) self->state)
    {
    case QNET_SOCKET_STATE_HOST_LOOKUP:
    case QNET_SOCKET_STATE_CONNECTING:
      self->disconnect_wanted = TRUE;
      break;
    case QNET_SOCKET_STATE_CONNECTED:
      qnet_connection_disconnect_now (self);
      break;
    case QNET_SOCKET_STATE_BOUND:
      qnet_connection_begin_change (self);
      qnet_connection_stop (self);
      break;
    case QNET_SOCKET_STATE_UNCONNECTED:
    case QNET_SOCKET_STATE_CLOSING:
    case QNET_SOCKET_STATE_LISTENING:
      break;
    }
}

/* The change has begun. */
static void
abort_connecting (QnetConnection *self)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->connect_task);
  g_autofree char *target = task != NULL ? qnet_connection_describe (self) : NULL;

  qnet_connection_stop (self);
  qnet_io_device_progress (self->device);
  qnet_io_device_closed (self->device);
  qnet_connection_end_task (&task, task != NULL ? qnet_connection_new_abort_error (target) : NULL);
  qnet_connection_end_task (&self->disconnect_task, NULL);
}

/* Nothing is left of a connection that has ended: a handler that aborts whenever something changes changes nothing. */
static gboolean
has_nothing_to_abort (QnetConnection *self)
{
  return self->state == QNET_SOCKET_STATE_UNCONNECTED && get_device (self)->open_mode == QNET_OPEN_MODE_NOT_OPEN
         && qnet_io_device_get_bytes_available (self->device) == 0;
}

void
qnet_connection_abort (QnetConnection *self)
{
  g_autoptr(QnetIODevice) hold = NULL;

  if (has_nothing_to_abort (self))
    return;

  hold = g_object_ref (self->device);

  qnet_connection_begin_change (self);
  qnet_io_device_clear_read_buffer (self->device);
  qnet_io_device_set_open_mode (self->device, QNET_OPEN_MODE_NOT_OPEN);

  if (self->state == QNET_SOCKET_STATE_UNCONNECTED)
    end_change_in_state (self);
  else if (self->state == QNET_SOCKET_STATE_CONNECTED || self->state == QNET_SOCKET_STATE_CLOSING)
    end_connection (self, FALSE);
  else
    abort_connecting (self);
}

void
qnet_connection_shutdown_write (QnetConnection *self)
{
  if (self->state != QNET_SOCKET_STATE_CONNECTED)
    return;

  qnet_channel_shutdown_write (&get_device (self)->channel);
  qnet_io_device_defer (self->device);  /* the peer's half may have ended already */
}
