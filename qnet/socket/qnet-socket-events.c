/* qnet-socket-events.c: the events that the device reports
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-socket-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-socket-state-private.h"

static QnetIODeviceClass *parent_class;

/* The end of the stream, and failures */

static GError *
new_orderly_end_error (QnetSocket *self)
{
  g_autofree char *peer = qnet_socket_describe (self);

  if (peer == NULL)
    return g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                                _("The peer has closed the connection"));

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                      _("%s has closed the connection"), peer);
}

/* The error of a subclass is complete. */
static GError *
add_peer (QnetSocket   *self,
          const GError *error)
{
  g_autofree char *peer = qnet_socket_has_own_transport (self)
                            ? NULL : qnet_socket_describe (self);
  GError *reason = g_error_copy (error);

  if (peer != NULL)
    qnet_prefix_error (&reason, _("The connection to %s failed"), peer);

  return reason;
}

static gboolean
stays_half_open (QnetSocket *self)
{
  return qnet_socket_get_private (self)->allow_half_open
         || qnet_io_device_holds_output_stream (QNET_IO_DEVICE (self));
}

static void
ended_half (QnetSocket *self)
{
  guint serial = qnet_socket_get_private (self)->serial;

  qnet_io_device_emit_channel_end (QNET_IO_DEVICE (self));
  if (!qnet_socket_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
    return;

  if (qnet_socket_is_over (self))
    qnet_socket_close_and_finish (self, TRUE);
  else
    qnet_channel_watch_loss (qnet_socket_get_channel (self));
}

static void
ended_in_connected (QnetSocket   *self,
                    const GError *error)
{
  guint serial = qnet_socket_get_private (self)->serial;

  if (error == NULL && stays_half_open (self))
    {
      ended_half (self);
      return;
    }

  qnet_socket_remember_for_handlers (self);
  qnet_socket_fail (self, error != NULL ? add_peer (self, error) : new_orderly_end_error (self));
  if (!qnet_socket_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
    return;

  if (error == NULL)
    qnet_socket_disconnect_now (self);
  else
    qnet_socket_close_and_finish (self, FALSE);
}

/* An orderly end changes nothing: bytes are still being sent. */
static void
ended_in_closing (QnetSocket   *self,
                  const GError *error)
{
  guint serial = qnet_socket_get_private (self)->serial;

  if (error == NULL)
    return;

  qnet_socket_fail (self, add_peer (self, error));
  if (qnet_socket_is_still (self, serial, QNET_SOCKET_STATE_CLOSING))
    qnet_socket_finish (self, FALSE);
}

static void
qnet_socket_ended (QnetIODevice *device,
                   const GError *error)
{
  QnetSocket *self = QNET_SOCKET (device);
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  if (!qnet_socket_emit_pending (self))
    return;

  if (priv->state == QNET_SOCKET_STATE_CONNECTED)
    ended_in_connected (self, error);
  else if (priv->state == QNET_SOCKET_STATE_CLOSING)
    ended_in_closing (self, error);
  else if (qnet_socket_state_is_under_way (priv->state))
    qnet_socket_give_up (self, g_error_copy (error));
}

static void
qnet_socket_failed (QnetIODevice *device,
                    const GError *error)
{
  QnetSocket *self = QNET_SOCKET (device);
  QnetIODevicePrivate *priv = qnet_socket_get_device (self);

  g_clear_error (&qnet_io_device_get_errors (priv)->transient);
  qnet_io_device_make_errors (priv)->transient = add_peer (self, error);
  qnet_socket_fail (self, g_error_copy (qnet_io_device_get_errors (priv)->transient));
}

/* Sending */

static void
qnet_socket_drained (QnetIODevice *device)
{
  QnetSocket *self = QNET_SOCKET (device);
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  if (!qnet_socket_emit_pending (self))
    return;

  if (priv->state == QNET_SOCKET_STATE_CLOSING)
    qnet_socket_finish (self, TRUE);
  else if (priv->state == QNET_SOCKET_STATE_CONNECTED && qnet_socket_is_over (self))
    qnet_socket_close_and_finish (self, TRUE);
}

/* The peer has shut down its write side, and nothing keeps the connection open any more. */
static gboolean
is_half_open_no_longer (QnetSocket *self)
{
  QnetIODevicePrivate *device = qnet_socket_get_device (self);

  return device->input == QNET_INPUT_FINISHED && device->channel.write_error == NULL
         && !stays_half_open (self);
}

static void
qnet_socket_deferred (QnetIODevice *device)
{
  QnetSocket *self = QNET_SOCKET (device);
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  if (qnet_socket_get_device (self)->source != QNET_SOURCE_CHANNEL)
    parent_class->priv->deferred (device);

  qnet_socket_emit_refusals (self);
  qnet_socket_report_close (self);

  if (qnet_io_device_is_closing (qnet_socket_get_device (self)))
    qnet_socket_disconnect_from_peer (self);

  if (priv->state == QNET_SOCKET_STATE_CONNECTED && qnet_socket_is_over (self))
    qnet_socket_close_and_finish (self, TRUE);
  else if (priv->state == QNET_SOCKET_STATE_CONNECTED && is_half_open_no_longer (self))
    ended_in_connected (self, NULL);

  if (priv->state == QNET_SOCKET_STATE_UNCONNECTED)
    qnet_io_device_closed (device);
}

/* No handler can run any more. */
static void
qnet_socket_orphaned (QnetIODevice *device)
{
  QnetSocket *self = QNET_SOCKET (device);
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);

  qnet_socket_get_functions (self)->stop (self);
  qnet_io_device_clear_object (self, &priv->socket);
  qnet_socket_stop_deadline (self);
  priv->serial++;
  if (priv->state == QNET_SOCKET_STATE_CONNECTED || priv->state == QNET_SOCKET_STATE_CLOSING)
    priv->n_ended++;

  qnet_socket_change_state_silently (self, QNET_SOCKET_STATE_UNCONNECTED);
  parent_class->priv->orphaned (device);  /* ends the source, if it is a subclass */
  qnet_io_device_release_owner (device);
  qnet_io_device_closed (device);
}

/* g_io_stream_close() */

/* The socket is not in use, its context was destroyed, or the loop runs in the parent process:
 * there is no next iteration. */
static gboolean
has_no_loop (QnetReactor *reactor)
{
  return reactor == NULL || qnet_reactor_is_orphan (reactor) || qnet_reactor_is_forked (reactor);
}

/* No loop would send the rest. Lost bytes are reported as usual, and by g_io_stream_close()
 * itself. */
static void
close_detached (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  guint serial = priv->serial;

  qnet_socket_disconnect_from_peer (self);
  while (priv->serial == serial && qnet_socket_state_is_under_way (priv->state)
         && !qnet_socket_has_own_transport (self)
         && qnet_io_device_iterate (self, G_MAXINT64))
    continue;

  if (priv->state == QNET_SOCKET_STATE_UNCONNECTED)
    qnet_io_device_closed (QNET_IO_DEVICE (self));
}

/* The device is already shut down; the loop continues, if there is one. */
static void
qnet_socket_begin_close (QnetIODevice *device)
{
  QnetSocket *self = QNET_SOCKET (device);
  QnetReactor *reactor = qnet_socket_get_device (self)->wait_set.reactor;

  if (has_no_loop (reactor))
    qnet_io_device_closed (device);
  else if (!qnet_reactor_is_detached (reactor))
    {
      qnet_socket_close_silently (self);
      qnet_io_device_defer (device);
    }
  else if (qnet_socket_get_private (self)->state == QNET_SOCKET_STATE_UNCONNECTED)
    qnet_io_device_closed (device);
  else
    close_detached (self);
}

static guint
get_close_timeout (QnetIODevice *device)
{
  return qnet_socket_get_linger_time (QNET_SOCKET (device));
}

void
qnet_socket_class_install_events (QnetSocketClass *klass)
{
  QnetIODeviceClassPrivate *functions =
    qnet_io_device_class_get_private (QNET_IO_DEVICE_CLASS (klass));

  parent_class = g_type_class_peek_parent (klass);

  functions->ended       = qnet_socket_ended;
  functions->failed      = qnet_socket_failed;
  functions->drained     = qnet_socket_drained;
  functions->deferred    = qnet_socket_deferred;
  functions->orphaned    = qnet_socket_orphaned;
  functions->begin_close = qnet_socket_begin_close;
  functions->get_close_timeout = get_close_timeout;
}
