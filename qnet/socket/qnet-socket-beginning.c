/* qnet-socket-beginning.c: the beginning of a connection, and failures of it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-socket-private.h"

#include "connection/qnet-incoming-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/* Without a loop the successor makes this many steps inside dispose at most, none of which
 * waits. */
#define MAX_STEPS 64

/* A new use */

gboolean
qnet_socket_can_begin (QnetSocket  *self,
                       GError     **error)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  qnet_io_device_leave_parent (QNET_IO_DEVICE (self));

  if (g_io_stream_is_closed (G_IO_STREAM (self))
      || qnet_io_device_is_closing (qnet_socket_get_device (self)))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                      _("The socket is closed and cannot be used again"));
      return FALSE;
    }

  if (priv->state != QNET_SOCKET_STATE_UNCONNECTED)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, _("The socket is in use"));
      return FALSE;
    }

  return TRUE;
}

static void
join_current_reactor (QnetSocket *self)
{
  QnetReactor *reactor = qnet_reactor_get ();

  qnet_io_device_join_reactor (QNET_IO_DEVICE (self), reactor);
  qnet_reactor_unref (reactor);
}

void
qnet_socket_begin (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  QnetIODevicePrivate *device = qnet_socket_get_device (self);

  qnet_socket_stop_deadline (self);
  if (device->source != QNET_SOURCE_CHANNEL)
    qnet_io_device_leave_source (QNET_IO_DEVICE (self));
  join_current_reactor (self);
  qnet_channel_attach (&device->channel, &device->wait_set);  /* to notice the end of the context */

  qnet_socket_drop_refusals (self);
  qnet_io_device_reset (QNET_IO_DEVICE (self));
  qnet_io_device_take_error (QNET_IO_DEVICE (self), NULL);
  qnet_socket_get_functions (self)->forget (self);
  priv->disconnect_wanted = FALSE;
  priv->serial++;
}

void
qnet_socket_refuse (QnetSocket *self,
                    GError     *error)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  QnetReactor *reactor = qnet_socket_get_device (self)->wait_set.reactor;

  if (reactor == NULL || qnet_reactor_is_orphan (reactor))
    join_current_reactor (self);

  if (priv->refusals == NULL)
    priv->refusals = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);

  g_ptr_array_add (priv->refusals, error);
  qnet_io_device_defer (QNET_IO_DEVICE (self));
}

/* A connection */

void
qnet_socket_open_channel (QnetSocket *self,
                          int         fd)
{
  QnetIODevicePrivate *device = qnet_socket_get_device (self);
  QnetTransport transport;

  qnet_incoming_take (fd);
  qnet_socket_get_functions (self)->init_transport (self, &transport, fd);
  qnet_channel_open (&device->channel, &device->wait_set, &transport);
  qnet_socket_restart_idle (self);
}

static void
start_moving (QnetSocket *self)
{
  QnetChannel *channel = qnet_socket_get_channel (self);

  if (QNET_IO_DEVICE_GET_CLASS (self)->priv->opened (QNET_IO_DEVICE (self)))
    return;

  qnet_channel_start_reading (channel);
  if (channel->write_queue.length > 0)
    qnet_channel_queue_flush (channel);
}

/* A handler may end the connection before the task does. */
void
qnet_socket_emit_connection (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  g_autoptr(GTask) task = g_steal_pointer (&priv->connect_task);
  guint serial = priv->serial;

  qnet_socket_end_change (self, QNET_SOCKET_STATE_CONNECTED);
  if (qnet_socket_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
    {
      priv->n_established++;
      qnet_socket_emit_connected (self);
    }
  qnet_socket_end_task (&task, priv->serial == serial ? NULL : qnet_socket_new_abort_error (NULL));

  if (priv->disconnect_wanted && qnet_socket_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
    qnet_socket_disconnect_now (self);
}

void
qnet_socket_established (QnetSocket *self,
                         int         fd)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);

  qnet_socket_open_channel (self, fd);
  start_moving (self);
  qnet_socket_emit_connection (self);
}

void
qnet_socket_adopt_accepted (QnetSocket  *self,
                            QnetReactor *reactor,
                            int          fd)
{
  qnet_io_device_join_reactor (QNET_IO_DEVICE (self), reactor);
  qnet_socket_open_channel (self, fd);
  qnet_socket_get_device (self)->open_mode = QNET_OPEN_MODE_READ_WRITE;
  qnet_socket_get_private (self)->serial++;
  qnet_socket_change_state_silently (self, QNET_SOCKET_STATE_CONNECTED);
}

/* No connection */

/* Connecting ends without a connection: no `disconnected`, since there was none. */
void
qnet_socket_stop_silently (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  QnetChannel *channel = qnet_socket_get_channel (self);

  qnet_socket_stop_deadline (self);
  qnet_socket_get_functions (self)->stop (self);
  qnet_io_device_end_source (QNET_IO_DEVICE (self));
  if (qnet_channel_is_open (channel))
    qnet_channel_close (channel);  /* of a bound socket for datagrams */

  qnet_io_device_clear_object (self, &priv->socket);
  priv->serial++;
  priv->disconnect_wanted = FALSE;

  qnet_socket_get_functions (self)->forget (self);
  qnet_io_device_clear_write_buffer (QNET_IO_DEVICE (self));
}

void
qnet_socket_stop (QnetSocket *self)
{
  qnet_socket_stop_silently (self);
  qnet_socket_end_change (self, QNET_SOCKET_STATE_UNCONNECTED);
  qnet_io_device_check_low_water (QNET_IO_DEVICE (self));
}

void
qnet_socket_give_up (QnetSocket *self,
                     GError     *error)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  QnetIODevicePrivate *device = qnet_socket_get_device (self);
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  g_autoptr(GTask) task = g_steal_pointer (&priv->connect_task);

  qnet_socket_begin_change (self);
  if (qnet_io_device_is_closing (device) && device->channel.write_queue.length > 0)
    qnet_io_device_make_errors (device)->loss = g_error_copy (error);
  qnet_io_device_make_errors (device)->end = g_error_copy (error);
  qnet_io_device_take_error (QNET_IO_DEVICE (self), g_error_copy (error));
  qnet_socket_stop (self);

  /* Emitted even if a handler has begun another attempt: the property is that of the new attempt
   * then. */
  qnet_socket_emit_error_occurred (self, error);
  qnet_io_device_progress (QNET_IO_DEVICE (self));
  qnet_io_device_closed (QNET_IO_DEVICE (self));
  qnet_socket_end_task (&task, error);
  qnet_socket_end_task (&priv->disconnect_task, NULL);
}

/* The successor of a disposed socket
 *
 * When the last reference to a socket is dropped, nothing may be emitted any more, and what was
 * written is sent all the same. That of a connection is left to a linger. A connection that is not
 * established yet, by the kernel, a proxy or TLS, has more than bytes: an attempt, with its options
 * and limits of time. All that is given to a successor, a socket to which only the callbacks of the
 * reactor lead. It emits nothing, continues where the disposed one was, disconnects, and is
 * freed. */

gboolean
qnet_socket_is_being_established (QnetSocket *self)
{
  QnetIODevicePrivate *device = qnet_socket_get_device (self);

  return device->link == QNET_LINK_COMING || device->channel.state == QNET_CHANNEL_SUSPENDED;
}

static gboolean
has_reactor (QnetIODevicePrivate *device)
{
  QnetReactor *reactor = device->wait_set.reactor;

  return reactor != NULL && !qnet_reactor_is_detached (reactor)
         && !qnet_reactor_is_orphan (reactor) && !qnet_reactor_is_forked (reactor);
}

/* Nothing to send is no reason to connect. */
static gboolean
needs_successor (QnetSocket *self)
{
  QnetIODevicePrivate *device = qnet_socket_get_device (self);

  return qnet_socket_is_being_established (self)
         && device->source == QNET_SOURCE_CHANNEL
         && device->channel.write_queue.length > 0
         && has_reactor (device);
}

/* What arrives is not read. */
static void
move_queue (QnetIODevicePrivate *from,
            QnetIODevicePrivate *to)
{
  qnet_channel_attach (&to->channel, &to->wait_set);
  qnet_channel_discard_input (&to->channel);
  qnet_byte_queue_move (&from->channel.write_queue, from->channel.write_queue.length,
                        &to->channel.write_queue);
}

/* It is suspended: a handshake is in progress. */
static void
move_transport (QnetIODevicePrivate *from,
                QnetIODevicePrivate *to)
{
  QnetTransport transport;

  if (!qnet_channel_is_open (&from->channel))
    return;

  qnet_channel_steal_transport (&from->channel, &transport);
  qnet_channel_open (&to->channel, &to->wait_set, &transport);
  qnet_channel_set_suspended (&to->channel, TRUE);
}

static void
begin_succession (QnetSocket      *successor,
                  QnetSocketState  state)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (successor);

  priv->is_successor = TRUE;
  qnet_socket_get_device (successor)->is_mute = TRUE;
  g_object_ref (successor);
  qnet_socket_change_state_silently (successor, state);
}

static void
move (QnetSocket *self,
      QnetSocket *successor)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  QnetIODevicePrivate *from = qnet_socket_get_device (self);
  QnetIODevicePrivate *to = qnet_socket_get_device (successor);
  QnetSocketState state = priv->state;

  qnet_socket_stop_deadline (self);
  qnet_io_device_join_reactor (QNET_IO_DEVICE (successor), from->wait_set.reactor);
  qnet_socket_get_private (successor)->timings = g_steal_pointer (&priv->timings);
  move_queue (from, to);
  move_transport (from, to);
  begin_succession (successor, state == QNET_SOCKET_STATE_CLOSING ? QNET_SOCKET_STATE_CONNECTED
                                                                  : state);
  qnet_socket_get_functions (self)->hand_over (self, successor);
  priv->serial++;
}

/* A program that has no loop gets what can be had without waiting. */
static void
advance_without_loop (QnetSocket *successor)
{
  QnetWaitSet *set = &qnet_socket_get_device (successor)->wait_set;

  for (int i = 0; i < MAX_STEPS && !qnet_reactor_has_loop (set->reactor)
                  && qnet_socket_get_private (successor)->is_successor; i++)
    if (!qnet_wait_set_iterate (set, qnet_clock_now ()))
      break;
}

void
qnet_socket_hand_over (QnetSocket *self)
{
  GType type = qnet_socket_get_functions (self)->get_successor (self);
  g_autoptr(QnetSocket) successor = NULL;

  if (type == G_TYPE_INVALID || !needs_successor (self))
    return;

  successor = g_object_new (type, NULL);
  move (self, successor);

  if (qnet_socket_get_private (successor)->state == QNET_SOCKET_STATE_CONNECTED)
    qnet_socket_disconnect_now (successor);
  else
    qnet_socket_get_private (successor)->disconnect_wanted = TRUE;

  advance_without_loop (successor);
}
