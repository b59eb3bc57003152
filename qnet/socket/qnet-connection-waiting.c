/* qnet-connection-waiting.c: waiting for a connection, or for its end, without a main loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-connection-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-wait-private.h"

static gboolean
fail_with_last_error (QnetConnection  *self,
                      GError         **error)
{
  const GError *last = qnet_io_device_get_error (self->device);

  if (last == NULL)
    return qnet_io_device_fail_call (self->device, qnet_connection_new_abort_error (), error);

  if (error != NULL)
    *error = g_error_copy (last);

  return FALSE;
}

static gboolean
fail_unconnected (QnetConnection  *self,
                  GError         **error)
{
  return qnet_io_device_fail_call (self->device,
                                   g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                                                        _("Could not wait: not connected")),
                                   error);
}

/* Aborting forgets whom it was for. */
static gboolean
fail_to_connect_in_time (QnetConnection  *self,
                         GError         **error)
{
  g_autofree char *what = self->klass->describe_attempt (self->device);

  qnet_connection_abort (self);

  return qnet_io_device_wait_timed_out (self->device, what, error);
}

static gboolean
is_connecting (QnetConnection *self)
{
  return self->state == QNET_SOCKET_STATE_HOST_LOOKUP || self->state == QNET_SOCKET_STATE_CONNECTING;
}

static gboolean
is_idle (QnetConnection *self)
{
  qnet_io_device_leave_parent (self->device);

  return self->state == QNET_SOCKET_STATE_UNCONNECTED || self->state == QNET_SOCKET_STATE_BOUND;
}

gboolean
qnet_connection_wait_for_connected (QnetConnection  *self,
                                    int              msecs,
                                    GError         **error)
{
  QnetWaitSet *wait_set = &qnet_io_device_get_private (self->device)->wait_set;
  G_GNUC_UNUSED g_autoptr(QnetIODevice) hold = g_object_ref (self->device);
  gint64 until = qnet_clock_until (msecs);

  if (is_idle (self))
    return self->refusal == NULL ? fail_unconnected (self, error)
                                 : qnet_io_device_fail_call (self->device, g_error_copy (self->refusal), error);

  while (is_connecting (self))
    if (!qnet_wait_set_iterate (wait_set, until))
      return fail_to_connect_in_time (self, error);

  return !is_idle (self) || fail_with_last_error (self, error);
}

gboolean
qnet_connection_wait_for_disconnected (QnetConnection  *self,
                                       int              msecs,
                                       GError         **error)
{
  QnetWaitSet *wait_set = &qnet_io_device_get_private (self->device)->wait_set;
  G_GNUC_UNUSED g_autoptr(QnetIODevice) hold = g_object_ref (self->device);
  gint64 until = qnet_clock_until (msecs);
  guint serial = self->serial;

  if (is_idle (self))
    return fail_unconnected (self, error);

  /* A handler may have connected it anew: then the connection that was waited for has ended all the same. */
  while (self->state != QNET_SOCKET_STATE_UNCONNECTED && self->serial == serial)
    if (!qnet_wait_set_iterate (wait_set, until))
      return qnet_io_device_wait_timed_out (self->device, _("The connection has not ended"), error);

  return TRUE;
}
