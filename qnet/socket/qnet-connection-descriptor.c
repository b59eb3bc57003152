/* qnet-connection-descriptor.c: the descriptor of a connection, for GIO
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-connection-private.h"

#include <fcntl.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-gsocket-private.h"
#include "engine/qnet-syscall-private.h"

GSocket *
qnet_connection_get_socket (QnetConnection *self,
                            int             fd)
{
  int duplicate;

  if (self->socket != NULL || fd < 0)
    return self->socket;

  duplicate = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0)
    return NULL;

  self->socket = qnet_gsocket_new (duplicate, NULL);
  if (self->socket == NULL)
    qnet_clear_fd (&duplicate);

  return self->socket;
}

/* When this fails the connection goes on with its descriptor. */
static GSocket *
wrap_descriptor (int      fd,
                 GError **error)
{
  GError *local_error = NULL;
  GSocket *socket = qnet_gsocket_new (fd, &local_error);

  if (socket == NULL)
    qnet_take_error_from_gerror (error, local_error, _("Could not hand out the connection"));

  return socket;
}

static gboolean
can_be_stolen (QnetConnection  *self,
               GError         **error)
{
  QnetIODevicePrivate *device = qnet_io_device_get_private (self->device);
  const char *reason = NULL;

  if (self->state != QNET_SOCKET_STATE_CONNECTED)
    reason = _("Could not hand out the connection: not connected");
  else if (device->is_closing)
    reason = _("Could not hand out the connection: it is being closed");
  else if (device->channel.transport.funcs->holds_input)
    reason = _("Could not hand out the connection: it is encrypted");
  else if (device->channel.write_queue.length > 0 || device->channel.write_error != NULL)
    reason = _("Could not hand out the connection: bytes are still to be sent");
  else
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, "%s", reason);

  return FALSE;
}

GSocketConnection *
qnet_connection_steal (QnetConnection  *self,
                       GError         **error)
{
  QnetIODevicePrivate *device = qnet_io_device_get_private (self->device);
  G_GNUC_UNUSED g_autoptr(QnetIODevice) hold = g_object_ref (self->device);
  g_autoptr(GSocket) socket = NULL;
  QnetTransport transport;
  GError *reason = NULL;

  qnet_io_device_flush (self->device);

  if (can_be_stolen (self, &reason))
    socket = wrap_descriptor (device->channel.transport.fd, &reason);

  if (socket == NULL)
    {
      qnet_io_device_fail_call (self->device, reason, error);
      return NULL;
    }

  qnet_connection_begin_change (self);
  qnet_channel_steal_transport (&device->channel, &transport);
  transport.fd = -1;  /* the GSocket's */
  transport.funcs->close (&transport, FALSE);
  qnet_deadline_stop (&self->deadline);
  g_clear_object (&self->socket);
  self->klass->forget (self->device);
  self->serial++;
  self->n_ended++;
  device->has_ended = TRUE;
  qnet_io_device_read_buffer_changed (self->device);
  qnet_connection_end_change (self, QNET_SOCKET_STATE_UNCONNECTED);

  qnet_io_device_release_keeper (self->device);
  qnet_io_device_progress (self->device);
  qnet_connection_retell_refusals (self);

  return g_socket_connection_factory_create_connection (socket);
}
