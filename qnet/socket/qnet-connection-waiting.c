/* qnet-connection-waiting.c: waiting for a connection, or for its end, without a main loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-connection-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

static gboolean
fail_operation (QnetConnection  *self,
                const char      *message,
                GError         **error)
{
  return qnet_io_device_fail_call (self->device,
                                   g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION, message),
                                   error);
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

/* The attempt has ended without a connection: it has failed, or a handler has aborted it. */
static gboolean
fail_unconnected (QnetConnection  *self,
                  QnetIOWait      *wait,
                  const char      *target,
                  GError         **error)
{
  if (wait->end_reason == NULL)
    return qnet_io_device_fail_call (self->device, qnet_connection_new_abort_error (target), error);

  if (error != NULL)
    *error = g_error_copy (wait->end_reason);

  return FALSE;
}

/* Connecting */

static gboolean
fail_to_connect_in_time (QnetConnection  *self,
                         int              msecs,
                         GError         **error)
{
  g_autofree char *target = qnet_connection_describe (self);

  qnet_connection_abort (self);

  return qnet_io_device_fail_call (self->device,
                                   g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                                                _("Could not connect to %s: it took longer than %g s"),
                                                target, msecs / 1000.0),
                                   error);
}

/* FALSE ends the wait, with *@error set unless it was interrupted. */
static gboolean
step_to_connect (QnetConnection  *self,
                 int              msecs,
                 gint64           until,
                 GError         **error)
{
  switch (qnet_wait_set_step (&qnet_io_device_get_private (self->device)->wait_set, until))
    {
    case QNET_WAIT_STEP_HAPPENED:
      return TRUE;
    case QNET_WAIT_STEP_INTERRUPTED:
      return FALSE;
    case QNET_WAIT_STEP_IN_VAIN:
      return fail_operation (self, _("Could not wait for a connection: none can be established now"), error);
    case QNET_WAIT_STEP_TIMED_OUT:
      return fail_to_connect_in_time (self, msecs, error);
    }

  g_assert_not_reached ();
}

/* A connection that was established counts, whatever its handlers have done since. Where a handler begins another attempt after one
 * that has failed, that is waited for. */
static gboolean
wait_until_connected (QnetConnection  *self,
                      QnetIOWait      *wait,
                      int              msecs,
                      GError         **error)
{
  g_autofree char *target = qnet_connection_describe (self);
  gint64 until = qnet_clock_until (msecs);
  guint n_established = self->n_established;

  while (self->n_established == n_established && is_connecting (self))
    if (!step_to_connect (self, msecs, until, error))
      return FALSE;

  return self->n_established != n_established || !is_idle (self) || fail_unconnected (self, wait, target, error);
}

/* The call that was to begin a connection may have been refused. */
static gboolean
fail_idle (QnetConnection  *self,
           GError         **error)
{
  GPtrArray *refusals = self->refusals;

  if (refusals == NULL)
    return fail_operation (self, _("Could not wait for a connection: none was asked for"), error);

  return qnet_io_device_fail_call (self->device, g_error_copy (g_ptr_array_index (refusals, refusals->len - 1)), error);
}

gboolean
qnet_connection_wait_for_connected (QnetConnection  *self,
                                    int              msecs,
                                    GError         **error)
{
  G_GNUC_UNUSED g_autoptr(QnetIODevice) hold = g_object_ref (self->device);
  QnetIOWait wait;
  gboolean is_connected;

  if (is_idle (self))
    return fail_idle (self, error);

  if (!is_connecting (self))
    return TRUE;

  qnet_io_device_begin_wait (self->device, &wait);
  is_connected = wait_until_connected (self, &wait, msecs, error);
  qnet_io_device_end_wait (self->device, &wait);

  return is_connected;
}

/* Disconnecting */

static GError *
new_end_timeout_error (QnetConnection *self,
                       int             msecs)
{
  g_autofree char *peer = qnet_connection_describe (self);
  double seconds = msecs / 1000.0;

  if (peer == NULL)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Could not wait for the end of the connection: it goes on after %g s"), seconds);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      /* Translators: the peer, such as "127.0.0.1 port 80", and the seconds that were waited */
                      _("Could not wait for the end of the connection to %s: it goes on after %g s"), peer, seconds);
}

/* FALSE ends the wait, with *@error set unless it was interrupted. */
static gboolean
step_to_end (QnetConnection  *self,
             int              msecs,
             gint64           until,
             GError         **error)
{
  switch (qnet_wait_set_step (&qnet_io_device_get_private (self->device)->wait_set, until))
    {
    case QNET_WAIT_STEP_HAPPENED:
      return TRUE;
    case QNET_WAIT_STEP_INTERRUPTED:
      return FALSE;
    case QNET_WAIT_STEP_IN_VAIN:
      return fail_operation (self, _("Could not wait for the end of the connection: nothing can end it now"), error);
    case QNET_WAIT_STEP_TIMED_OUT:
      return qnet_io_device_fail_call (self->device, new_end_timeout_error (self, msecs), error);
    }

  g_assert_not_reached ();
}

/* A handler may connect anew: the connection that was waited for has ended all the same. What was only being made has not ended. */
static gboolean
wait_until_ended (QnetConnection  *self,
                  QnetIOWait      *wait,
                  int              msecs,
                  GError         **error)
{
  g_autofree char *target = qnet_connection_describe (self);
  gint64 until = qnet_clock_until (msecs);
  guint n_ended = self->n_ended;

  while (self->n_ended == n_ended && !is_idle (self))
    if (!step_to_end (self, msecs, until, error))
      return FALSE;

  return self->n_ended != n_ended || fail_unconnected (self, wait, target, error);
}

gboolean
qnet_connection_wait_for_disconnected (QnetConnection  *self,
                                       int              msecs,
                                       GError         **error)
{
  G_GNUC_UNUSED g_autoptr(QnetIODevice) hold = g_object_ref (self->device);
  QnetIOWait wait;
  gboolean has_ended;

  if (is_idle (self))
    return fail_operation (self, _("Could not wait for the end of the connection: there is none"), error);

  qnet_io_device_begin_wait (self->device, &wait);
  has_ended = wait_until_ended (self, &wait, msecs, error);
  qnet_io_device_end_wait (self->device, &wait);

  return has_ended;
}
