/* qnet-socket-transitions.c: states, and the properties that change with them
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-socket-private.h"

#include "socket/qnet-socket-state-private.h"

/* The state */

static QnetLink
link_of_state (QnetSocket      *self,
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
      return qnet_channel_is_open (qnet_socket_get_channel (self)) ? QNET_LINK_UP : QNET_LINK_NONE;
    case QNET_SOCKET_STATE_UNCONNECTED:
    case QNET_SOCKET_STATE_LISTENING:
      return QNET_LINK_NONE;
    }

  g_assert_not_reached ();
}

/* A successor has only the reference to itself. The callers hold it. */
static void
end_succession (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  if (!priv->is_successor)
    return;

  priv->is_successor = FALSE;
  g_object_unref (self);
}

/* The only writer of the state. */
static void
enter_state (QnetSocket      *self,
             QnetSocketState  state)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  QNET_CHECK_EDGE (qnet_socket_edges, priv->state, state);

  priv->state = state;
  qnet_io_device_set_link (QNET_IO_DEVICE (self), link_of_state (self, state));
  if (state == QNET_SOCKET_STATE_UNCONNECTED)
    end_succession (self);
}

/* A handler of the notification may have changed the state again: then this change is no longer
 * reported. */
static void
report_state (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  QnetSocketState state = priv->state;

  qnet_socket_notify_state (self);
  if (priv->state == state)
    qnet_socket_emit_state_changed (self, state);
}

void
qnet_socket_change_state (QnetSocket      *self,
                          QnetSocketState  state)
{
  enter_state (self, state);
  report_state (self);
}

void
qnet_socket_change_state_silently (QnetSocket      *self,
                                   QnetSocketState  state)
{
  if (qnet_socket_get_private (self)->state != state)
    enter_state (self, state);
}

/* Changes */

void
qnet_socket_begin_change (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  qnet_io_device_freeze_notify (self);

  if (priv->before == NULL && !qnet_io_device_is_disposed (qnet_socket_get_device (self))
      && qnet_io_device_has_notify_handler (QNET_IO_DEVICE (self)))
    priv->before = qnet_socket_get_functions (self)->snapshot (self);
}

void
qnet_socket_end_change_in_state (QnetSocket *self)
{
  gpointer before = g_steal_pointer (&qnet_socket_get_private (self)->before);

  qnet_socket_notify_paused (self);
  if (before != NULL)
    qnet_socket_get_functions (self)->compare (self, before);

  qnet_io_device_thaw_notify (self);
}

/* After BOUND there is no end of a connection, which would notify of read-finished. */
void
qnet_socket_end_change (QnetSocket      *self,
                        QnetSocketState  state)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  guint serial = priv->serial;
  gboolean was_bound = priv->state == QNET_SOCKET_STATE_BOUND;

  enter_state (self, state);
  if (was_bound)
    qnet_io_device_read_buffer_changed (QNET_IO_DEVICE (self));
  if (state == QNET_SOCKET_STATE_UNCONNECTED)
    qnet_io_device_notify_owner (QNET_IO_DEVICE (self));
  qnet_socket_end_change_in_state (self);

  if (qnet_socket_is_still (self, serial, state))
    report_state (self);
}

gboolean
qnet_socket_is_still (QnetSocket      *self,
                      guint            serial,
                      QnetSocketState  state)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  return priv->serial == serial && priv->state == state
         && !qnet_io_device_is_disposed (qnet_socket_get_device (self));
}

gboolean
qnet_socket_emit_pending (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  guint serial = priv->serial;
  QnetSocketState state = priv->state;

  qnet_io_device_emit_pending (QNET_IO_DEVICE (self));

  return qnet_socket_is_still (self, serial, state);
}

char *
qnet_socket_describe (QnetSocket *self)
{
  QnetIODevice *device = QNET_IO_DEVICE (self);

  return QNET_IO_DEVICE_GET_CLASS (device)->priv->describe_peer (device);
}

/* Errors */

/* A handler of the notification may have ended the connection, and then nothing more is emitted for
 * it. */
void
qnet_socket_fail (QnetSocket *self,
                  GError     *error)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  g_autoptr(GError) emitted = g_error_copy (error);
  guint serial = priv->serial;

  qnet_io_device_take_error (QNET_IO_DEVICE (self), error);
  if (priv->serial == serial)
    qnet_socket_emit_error_occurred (self, emitted);
}

/* Each refused call has its own error, whatever the state of the socket is by now. Refusals of
 * calls in handlers are emitted in the next iteration. */
void
qnet_socket_emit_refusals (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);
  QnetIODevicePrivate *device = qnet_socket_get_device (self);
  g_autoptr(GPtrArray) refusals = g_steal_pointer (&priv->refusals);

  for (guint i = 0; refusals != NULL && i < refusals->len && !qnet_io_device_is_disposed (device);
       i++)
    {
      const GError *refusal = g_ptr_array_index (refusals, i);

      qnet_io_device_take_error (QNET_IO_DEVICE (self), g_error_copy (refusal));
      qnet_socket_emit_error_occurred (self, refusal);
    }
}

void
qnet_socket_drop_refusals (QnetSocket *self)
{
  g_clear_pointer (&qnet_socket_get_private (self)->refusals, g_ptr_array_unref);
}

void
qnet_socket_defer_refusals (QnetSocket *self)
{
  if (qnet_socket_get_private (self)->refusals != NULL)
    qnet_io_device_defer (QNET_IO_DEVICE (self));
}
