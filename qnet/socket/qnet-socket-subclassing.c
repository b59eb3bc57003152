/* qnet-socket-subclassing.c: functions for subclasses with a transport of their own
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-socket.h"

#include "socket/qnet-socket-private.h"
#include "socket/qnet-socket-state-private.h"

static gboolean
brings_transport (QnetSocket *self)
{
  return qnet_io_device_overrides_write_data (QNET_IO_DEVICE (self))
         || qnet_io_device_overrides_read_data (QNET_IO_DEVICE (self));
}

/* A connection that the class has established itself, or is establishing. */
static gboolean
is_in_use_by_class (QnetSocket *self)
{
  return qnet_socket_get_private (self)->state != QNET_SOCKET_STATE_UNCONNECTED
         && !qnet_socket_has_own_transport (self);
}

static void
start_timeout (QnetSocket      *self,
               QnetSocketState  state)
{
  switch (state)
    {
    case QNET_SOCKET_STATE_HOST_LOOKUP:
      qnet_socket_start_deadline (self, QNET_TIMING_LOOKUP_TIMEOUT);
      break;
    case QNET_SOCKET_STATE_CONNECTING:
      qnet_socket_start_deadline (self, QNET_TIMING_CONNECT_TIMEOUT);
      break;
    case QNET_SOCKET_STATE_CONNECTED:
      qnet_socket_start_idle (self);
      break;
    case QNET_SOCKET_STATE_CLOSING:
      qnet_socket_start_deadline (self, QNET_TIMING_CLOSE_TIMEOUT);
      break;
    case QNET_SOCKET_STATE_UNCONNECTED:
    case QNET_SOCKET_STATE_BOUND:
    case QNET_SOCKET_STATE_LISTENING:
      break;
    }
}

/* From UNCONNECTED a new use begins. An end may have been reported while it was connecting. */
static void
advance (QnetSocket      *self,
         QnetSocketState  state)
{
  qnet_socket_begin_change (self);
  if (qnet_socket_get_private (self)->state == QNET_SOCKET_STATE_UNCONNECTED)
    {
      qnet_socket_begin (self);
      qnet_io_device_begin_source (QNET_IO_DEVICE (self));
    }

  start_timeout (self, state);
  if (state == QNET_SOCKET_STATE_CONNECTED)
    qnet_io_device_resume_source (QNET_IO_DEVICE (self));

  if (state == QNET_SOCKET_STATE_CONNECTED)
    qnet_socket_emit_connection (self);
  else
    qnet_socket_end_change (self, state);
}

static void
become_unconnected (QnetSocket *self)
{
  QnetSocketState state = qnet_socket_get_private (self)->state;

  if (state == QNET_SOCKET_STATE_CONNECTED || state == QNET_SOCKET_STATE_CLOSING)
    qnet_socket_finish (self, TRUE);
  else
    qnet_socket_stop_connecting (self);
}

/**
 * qnet_socket_set_state:
 * @self: a socket
 * @state: the new state
 *
 * Sets the state, for subclasses that bring their own transport.
 *
 * [signal@Socket::state-changed] is emitted, and with it what belongs to the change:
 * [signal@Socket::connected] for [QNET_SOCKET_STATE_CONNECTED][enum@SocketState], and
 * [signal@IODevice::read-channel-finished] and [signal@Socket::disconnected] for
 * [QNET_SOCKET_STATE_UNCONNECTED][enum@SocketState] after a connection. Asynchronous calls that
 * wait for the state end.
 *
 * The first state after [QNET_SOCKET_STATE_UNCONNECTED][enum@SocketState] begins a new use: buffers
 * are emptied, [property@IODevice:error] is %NULL, and the socket belongs to the
 * [struct@GLib.MainContext] that is the thread default. Set the open mode and the names and
 * addresses of the peer after that.
 *
 * The transport is read by [vfunc@IODevice.read_data], after [method@IODevice.report_ready_read],
 * and written to by [vfunc@IODevice.write_data], as that of any device of one's own.
 *
 * The timeouts hold as on all sockets, each in its state: [property@AbstractSocket:lookup-timeout],
 * [property@Socket:connect-timeout], [property@Socket:idle-timeout] between reported bytes, and
 * [property@Socket:close-timeout]. When the first two or the last expire, the error is reported
 * and [vfunc@Socket.abort] is called; after an idle time, [vfunc@Socket.disconnect_from_peer].
 *
 * A failure is reported by [method@IODevice.report_error], and the end of the peer's stream by
 * [method@IODevice.report_read_finished], both of which end the connection: there is no need to set
 * the state then. A blocking wait fails unless what it waits for was reported before.
 *
 * These are errors of the program, and change nothing: a state that cannot follow the current one,
 * such as [QNET_SOCKET_STATE_CLOSING][enum@SocketState] without a connection; a class that has no
 * `read_data` and no `write_data` of its own, and so no transport; and a connection that the class
 * above has established.
 *
 * Since: 1.0
 */
void
qnet_socket_set_state (QnetSocket      *self,
                       QnetSocketState  state)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;

  g_return_if_fail (QNET_IS_SOCKET (self));
  g_return_if_fail (qnet_socket_state_may_become (qnet_socket_get_private (self)->state, state));
  g_return_if_fail (brings_transport (self));
  g_return_if_fail (!is_in_use_by_class (self));
  QNET_IO_STAY (self);

  hold = qnet_io_device_hold (self);

  switch (state)
    {
    case QNET_SOCKET_STATE_UNCONNECTED:
      become_unconnected (self);
      break;
    case QNET_SOCKET_STATE_CLOSING:
      start_timeout (self, state);
      qnet_socket_change_state (self, state);
      break;
    case QNET_SOCKET_STATE_HOST_LOOKUP:
    case QNET_SOCKET_STATE_CONNECTING:
    case QNET_SOCKET_STATE_CONNECTED:
    case QNET_SOCKET_STATE_BOUND:
      advance (self, state);
      break;
    case QNET_SOCKET_STATE_LISTENING:
      break;
    }
}
