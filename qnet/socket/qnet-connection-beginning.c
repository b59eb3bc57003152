/* qnet-connection-beginning.c: how a connection begins, or fails to
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-connection-private.h"

#include "engine/qnet-incoming-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

static QnetIODevicePrivate *
get_device (QnetConnection *self)
{
  return qnet_io_device_get_private (self->device);
}

/* A new use */

gboolean
qnet_connection_can_begin (QnetConnection  *self,
                           GError         **error)
{
  qnet_io_device_leave_parent (self->device);

  if (g_io_stream_is_closed (G_IO_STREAM (self->device)) || get_device (self)->is_closing)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, _("The socket has been closed for good"));
      return FALSE;
    }

  if (self->state != QNET_SOCKET_STATE_UNCONNECTED)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, _("The socket is in use"));
      return FALSE;
    }

  return TRUE;
}

static void
join_reactor_of_now (QnetConnection *self)
{
  QnetReactor *reactor = qnet_reactor_get ();

  qnet_io_device_join_reactor (self->device, reactor);
  qnet_reactor_unref (reactor);
}

void
qnet_connection_begin (QnetConnection *self)
{
  QnetIODevicePrivate *device = get_device (self);

  qnet_deadline_stop (&self->deadline);
  join_reactor_of_now (self);
  qnet_channel_attach (&device->channel, &device->wait_set);  /* or the end of the context goes unheard */

  g_clear_pointer (&self->refusals, g_ptr_array_unref);
  qnet_io_device_reset (self->device);
  qnet_io_device_take_error (self->device, NULL);
  self->klass->forget (self->device);
  self->disconnect_wanted = FALSE;
  self->serial++;
}

void
qnet_connection_refuse (QnetConnection *self,
                        GError         *error)
{
  QnetReactor *reactor = get_device (self)->wait_set.reactor;

  if (reactor == NULL || qnet_reactor_is_orphan (reactor))
    join_reactor_of_now (self);

  if (self->refusals == NULL)
    self->refusals = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);

  g_ptr_array_add (self->refusals, error);
  qnet_io_device_defer (self->device);
}

/* A connection */

void
qnet_connection_open_channel (QnetConnection *self,
                              int             fd)
{
  QnetIODevicePrivate *device = get_device (self);
  QnetTransport transport;

  qnet_incoming_take (fd);
  self->klass->init_transport (self->device, &transport, fd);
  qnet_channel_open (&device->channel, &device->wait_set, &transport);
  qnet_connection_restart_idle (self);
}

static void
start_moving (QnetConnection *self)
{
  const QnetIODeviceHooks *hooks = QNET_IO_DEVICE_GET_CLASS (self->device)->hooks;
  QnetChannel *channel = &get_device (self)->channel;

  if (hooks->opened != NULL && hooks->opened (self->device))
    return;

  qnet_channel_start_reading (channel);
  if (channel->write_queue.length > 0)
    qnet_channel_queue_flush (channel);
}

void
qnet_connection_established (QnetConnection *self,
                             int             fd)
{
  G_GNUC_UNUSED g_autoptr(QnetIODevice) hold = g_object_ref (self->device);
  g_autoptr(GTask) task = g_steal_pointer (&self->connect_task);
  guint serial = self->serial;

  qnet_connection_open_channel (self, fd);
  start_moving (self);

  qnet_connection_end_change (self, QNET_SOCKET_STATE_CONNECTED);
  if (qnet_connection_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
    {
      self->n_established++;
      g_signal_emit (self->device, self->klass->signals[QNET_CONNECTION_CONNECTED], 0);
    }
  qnet_connection_end_task (&task, self->serial == serial ? NULL : qnet_connection_new_abort_error (NULL));

  if (self->disconnect_wanted && qnet_connection_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
    qnet_connection_disconnect_now (self);
}

void
qnet_connection_adopt_accepted (QnetConnection *self,
                                QnetReactor    *reactor,
                                int             fd)
{
  qnet_io_device_join_reactor (self->device, reactor);
  qnet_connection_open_channel (self, fd);
  get_device (self)->open_mode = QNET_OPEN_MODE_READ_WRITE;
  self->serial++;
  self->state = QNET_SOCKET_STATE_CONNECTED;
  qnet_io_device_set_link (self->device, QNET_LINK_UP);
}

/* No connection */

/* Connecting ends without a connection: no `disconnected`, since there was none. */
void
qnet_connection_stop (QnetConnection *self)
{
  QnetChannel *channel = &get_device (self)->channel;

  self->klass->stop (self->device);
  if (qnet_channel_is_open (channel))
    qnet_channel_close (channel);  /* of a bound socket for datagrams */

  g_clear_object (&self->socket);
  self->serial++;
  self->disconnect_wanted = FALSE;

  self->klass->forget (self->device);
  qnet_io_device_clear_write_buffer (self->device);
  qnet_connection_end_change (self, QNET_SOCKET_STATE_UNCONNECTED);
  qnet_io_device_check_low_water (self->device);
}

void
qnet_connection_give_up (QnetConnection *self,
                         GError         *error)
{
  G_GNUC_UNUSED g_autoptr(QnetIODevice) hold = g_object_ref (self->device);
  g_autoptr(GTask) task = g_steal_pointer (&self->connect_task);

  qnet_connection_begin_change (self);
  if (get_device (self)->is_closing && get_device (self)->channel.write_queue.length > 0)
    get_device (self)->loss = g_error_copy (error);
  get_device (self)->end_error = g_error_copy (error);
  qnet_io_device_take_error (self->device, g_error_copy (error));
  qnet_connection_stop (self);

  /* Told even when a handler has begun anew meanwhile, and then the property is the new connection's. */
  qnet_connection_emit_error (self, error);
  qnet_io_device_progress (self->device);
  qnet_io_device_closed (self->device);
  qnet_connection_end_task (&task, error);
  qnet_connection_end_task (&self->disconnect_task, NULL);
}
