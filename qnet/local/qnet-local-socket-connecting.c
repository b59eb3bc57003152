/* qnet-local-socket-connecting.c: from the name of a local server to a connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-local-socket.h"

#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "local/qnet-local-socket-private.h"

/* Milliseconds between two attempts while the queue of the server is full; doubled each time. */
#define FIRST_RETRY 1
#define LAST_RETRY  64

/* The kernel connects local sockets at once or not at all. The outcome is reported in the next
 * turn, by a deadline that has already expired. If the queue of the server is full, connect() is
 * repeated after some time, since no event reports that there is room. */
struct _QnetLocalAttempt
{
  QnetLocalSocket  *socket;        /* (not owned) */
  QnetDeadline      deadline;
  QnetLocalAddress  address;
  char             *display;       /* (owned): the server, for messages */
  GError           *error;         /* (owned) (nullable): after a failure */
  gint64            until;         /* monotonic microseconds */
  guint             retry_delay;   /* milliseconds */
  gboolean          is_connected;
  int               fd;            /* (owned) */
};

/* The attempt */

void
qnet_local_attempt_free (QnetLocalAttempt *attempt)
{
  QnetReactor *reactor = attempt->deadline.set->reactor;

  qnet_deadline_stop (&attempt->deadline);
  qnet_shutdown_fd (&attempt->fd, reactor != NULL && qnet_reactor_is_forked (reactor));
  g_clear_error (&attempt->error);
  g_free (attempt->display);
  g_free (attempt);
}

char *
qnet_local_attempt_describe (QnetLocalAttempt *attempt)
{
  return g_strdup (attempt->display);
}

void
qnet_local_attempt_move (QnetLocalAttempt *attempt,
                         QnetLocalSocket  *socket)
{
  attempt->socket = socket;
  qnet_deadline_move (&attempt->deadline,
                      &qnet_io_device_get_private (QNET_IO_DEVICE (socket))->wait_set);
}

/* Takes @error. */
static void
fail (QnetLocalAttempt *attempt,
      GError           *error)
{
  qnet_prefix_error (&error, _("Could not connect to %s"), attempt->display);
  attempt->error = error;
}

/* The errors of the kernel are about the file: these are about the server. */
static void
fail_with_errno (QnetLocalAttempt *attempt)
{
  switch (errno)
    {
    case ENOENT:
      qnet_set_error (&attempt->error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                      _("Could not connect to %s: There is no such server"), attempt->display);
      break;

    case ECONNREFUSED:
      qnet_set_error (&attempt->error, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                      _("Could not connect to %s: No server is listening there"), attempt->display);
      break;

    default:
      qnet_set_error_from_errno (&attempt->error, errno, _("Could not connect to %s"),
                                 attempt->display);
      break;
    }
}

static void
try_again_later (QnetLocalAttempt *attempt)
{
  gint64 now = qnet_clock_now ();
  gint64 due = now + attempt->retry_delay * G_TIME_SPAN_MILLISECOND;

  if (now < attempt->until)
    {
      attempt->retry_delay = MIN (attempt->retry_delay * 2, LAST_RETRY);
      qnet_deadline_start (&attempt->deadline, MIN (due, attempt->until));
      return;
    }

  fail (attempt, g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                                      _("The server did not accept the connection in time")));
}

static void
try_once (QnetLocalAttempt *attempt)
{
  if (qnet_sys_connect (attempt->fd, (const struct sockaddr *) &attempt->address.native,
                        attempt->address.size)
      == 0)
    attempt->is_connected = TRUE;
  else if (errno == EAGAIN)
    try_again_later (attempt);
  else
    fail_with_errno (attempt);
}

static void
report_outcome (QnetLocalAttempt *attempt)
{
  QnetSocket *socket = QNET_SOCKET (attempt->socket);
  int fd = attempt->fd;

  if (attempt->error != NULL)
    {
      qnet_socket_give_up (socket, g_steal_pointer (&attempt->error));
      return;
    }

  attempt->fd = -1;
  qnet_socket_begin_change (socket);
  qnet_local_socket_take_full_name (attempt->socket,
                                    qnet_local_address_get_name (&attempt->address));
  qnet_local_socket_notify_credentials (attempt->socket);
  g_clear_pointer (&qnet_local_socket_get_private (attempt->socket)->attempt,
                   qnet_local_attempt_free);
  qnet_socket_established (socket, fd);
}

static void
deadline_cb (QnetDeadline *deadline)
{
  QnetLocalAttempt *attempt = CONTAINER_OF (deadline, QnetLocalAttempt, deadline);
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (attempt->socket), G_STRFUNC);

  if (attempt->error == NULL && !attempt->is_connected)
    try_once (attempt);

  if (attempt->error != NULL || attempt->is_connected)
    report_outcome (attempt);
}

static void
first_try (QnetLocalAttempt *attempt)
{
  attempt->fd = qnet_sys_socket (AF_UNIX, SOCK_STREAM, 0);

  if (attempt->fd < 0)
    fail_with_errno (attempt);
  else
    try_once (attempt);
}

static QnetLocalAttempt *
attempt_new (QnetLocalSocket *socket,
             const char      *name,
             gboolean         is_abstract)
{
  QnetWaitSet *wait_set = &qnet_io_device_get_private (QNET_IO_DEVICE (socket))->wait_set;
  QnetLocalAttempt *attempt = g_new0 (QnetLocalAttempt, 1);
  int timeout = qnet_socket_get_timing (QNET_SOCKET (socket), QNET_TIMING_CONNECT_TIMEOUT);
  GError *error = NULL;

  attempt->socket = socket;
  attempt->retry_delay = FIRST_RETRY;
  attempt->until = qnet_clock_until (timeout > 0 ? timeout : -1);
  attempt->fd = -1;
  qnet_deadline_init (&attempt->deadline, deadline_cb, wait_set);

  if (qnet_local_address_init (&attempt->address, name, is_abstract, &error))
    {
      attempt->display = qnet_local_address_to_display (&attempt->address);
      first_try (attempt);
    }
  else
    {
      attempt->display = g_filename_display_name (name != NULL ? name : "");
      attempt->error = error;
    }

  if (attempt->error != NULL || attempt->is_connected)
    qnet_deadline_start (&attempt->deadline, qnet_clock_now ());

  return attempt;
}

/* The socket */

static void
start_connecting (QnetLocalSocket *self,
                  const char      *name,
                  gboolean         is_abstract,
                  QnetOpenMode     open_mode)
{
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (self);
  char *own_name = g_strdup (name != NULL ? name : priv->server_name);

  qnet_socket_begin_change (QNET_SOCKET (self));
  qnet_socket_begin (QNET_SOCKET (self));
  qnet_local_socket_take_name (self, own_name);
  qnet_io_device_set_open_mode (QNET_IO_DEVICE (self), open_mode);
  priv->attempt = attempt_new (self, own_name, is_abstract);
  qnet_socket_end_change (QNET_SOCKET (self), QNET_SOCKET_STATE_CONNECTING);
}

void
qnet_local_socket_connect (QnetLocalSocket *self,
                           const char      *name,
                           gboolean         is_abstract,
                           QnetOpenMode     open_mode)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  GError *error = NULL;

  if (qnet_socket_can_begin (QNET_SOCKET (self), &error))
    {
      start_connecting (self, name, is_abstract, open_mode);
      return;
    }

  qnet_prefix_error (&error, _("Could not connect to a local server"));
  qnet_socket_refuse (QNET_SOCKET (self), error);
}

/**
 * qnet_local_socket_connect_to_server:
 * @self: a socket
 * @name: (type filename) (nullable): the name of a server, or %NULL for
 *   [property@LocalSocket:server-name]
 *
 * Begins to connect to the server of that name, for reading and writing.
 *
 * A plain name is looked for in the user's runtime directory, as described for
 * [method@LocalServer.listen]; an absolute path is taken as it is. With
 * [QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE][flags@LocalAccess] the name is in the abstract namespace.
 *
 * It returns at once. [property@Socket:state] becomes
 * [QNET_SOCKET_STATE_CONNECTING][enum@SocketState]; in the next turn of the loop it is
 * [QNET_SOCKET_STATE_CONNECTED][enum@SocketState], and [signal@Socket::connected]
 * is emitted, or it changes back to [QNET_SOCKET_STATE_UNCONNECTED][enum@SocketState], and
 * [signal@Socket::error-occurred] has the reason:
 * [QNET_SOCKET_ERROR_HOST_NOT_FOUND][error@SocketError] where there is no such server, or the name
 * can be none; [QNET_SOCKET_ERROR_CONNECTION_REFUSED][error@SocketError] where a server was that is
 * no more; [QNET_SOCKET_ERROR_SOCKET_ACCESS][error@SocketError] where others may not connect. Where
 * the server has as many clients waiting as it lets, it is tried again until
 * [property@Socket:connect-timeout]. What is written meanwhile is sent once the connection
 * is established.
 *
 * The signals come from the [struct@GLib.MainContext] that is the thread default now. While the
 * socket is in use the call is refused by [signal@Socket::error-occurred] with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError], and the current connection is not affected.
 *
 * Since: 1.0
 */
void
qnet_local_socket_connect_to_server (QnetLocalSocket *self,
                                     const char      *name)
{
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));
  QNET_IO_BRIEF_STAY (self);

  qnet_local_socket_connect_to_server_full (self, name, QNET_OPEN_MODE_READ_WRITE);
}

/**
 * qnet_local_socket_connect_to_server_full:
 * @self: a socket
 * @name: (type filename) (nullable): the name of a server, or %NULL for
 *   [property@LocalSocket:server-name]
 * @open_mode: for reading, writing, or both
 *
 * Begins to connect to the server of that name, as [method@LocalSocket.connect_to_server] does.
 *
 * Since: 1.0
 */
void
qnet_local_socket_connect_to_server_full (QnetLocalSocket *self,
                                          const char      *name,
                                          QnetOpenMode     open_mode)
{
  gboolean is_abstract;

  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));
  QNET_IO_STAY (self);

  is_abstract = (qnet_local_socket_get_private (self)->access
                 & QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE) != 0;
  qnet_local_socket_connect (self, name, is_abstract, open_mode);
}

/**
 * qnet_local_socket_connect_to_server_async:
 * @self: a socket
 * @name: (type filename) (nullable): the name of a server, or %NULL for
 *   [property@LocalSocket:server-name]
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the attempt: it is aborted
 * @callback: (scope async) (closure user_data): called when the connection is established, or has
 *   failed
 * @user_data: data for @callback
 *
 * Connects to the server of that name, as [method@LocalSocket.connect_to_server] does, and calls
 * back.
 *
 * The signals are emitted too, before the callback. A handler of [signal@IODevice::ready-read] that
 * is connected in the callback misses nothing.
 *
 * Since: 1.0
 */
void
qnet_local_socket_connect_to_server_async (QnetLocalSocket     *self,
                                           const char          *name,
                                           int                  io_priority,
                                           GCancellable        *cancellable,
                                           GAsyncReadyCallback  callback,
                                           gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));
  QNET_IO_STAY_OR_CALL_BACK (self, qnet_socket_new_connect_task);

  task = qnet_socket_new_connect_task (QNET_SOCKET (self), FALSE,
                                       _("Could not connect to a local server"),
                                       io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  qnet_socket_get_private (QNET_SOCKET (self))->connect_task = g_object_ref (task);
  qnet_local_socket_connect_to_server (self, name);
  qnet_socket_watch_connect_task (QNET_SOCKET (self), task);
}

/**
 * qnet_local_socket_connect_to_server_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Ends [method@LocalSocket.connect_to_server_async].
 *
 * Returns: whether the connection is established
 *
 * Since: 1.0
 */
gboolean
qnet_local_socket_connect_to_server_finish (QnetLocalSocket  *self,
                                            GAsyncResult     *result,
                                            GError          **error)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
/* Other functions */

/**
 * qnet_local_socket_disconnect_from_server:
 * @self: a socket
 *
 * Closes the connection once all that was written has been sent: another name for
 * [method@Socket.disconnect_from_peer].
 *
 * Since: 1.0
 */
void
qnet_local_socket_disconnect_from_server (QnetLocalSocket *self)
{
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));
  QNET_IO_BRIEF_STAY (self);

  qnet_socket_disconnect_from_peer (QNET_SOCKET (self));
}

/**
 * qnet_local_socket_disconnect_from_server_async:
 * @self: a socket
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the waiting alone: the connection is closed all the same
 * @callback: (scope async) (closure user_data): called when the socket is unconnected
 * @user_data: data for @callback
 *
 * Closes the connection and calls back: another name for
 * [method@Socket.disconnect_from_peer_async].
 *
 * Since: 1.0
 */
void
qnet_local_socket_disconnect_from_server_async (QnetLocalSocket     *self,
                                                int                  io_priority,
                                                GCancellable        *cancellable,
                                                GAsyncReadyCallback  callback,
                                                gpointer             user_data)
{
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));
  QNET_IO_STAY_OR_CALL_BACK (self, qnet_socket_disconnect_from_peer_async);

  qnet_socket_disconnect_from_peer_async (QNET_SOCKET (self), io_priority, cancellable, callback,
                                          user_data);
}

/**
 * qnet_local_socket_disconnect_from_server_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Ends [method@LocalSocket.disconnect_from_server_async].
 *
 * Returns: whether the socket is unconnected
 *
 * Since: 1.0
 */
gboolean
qnet_local_socket_disconnect_from_server_finish (QnetLocalSocket  *self,
                                                 GAsyncResult     *result,
                                                 GError          **error)
{
  return qnet_socket_disconnect_from_peer_finish (QNET_SOCKET (self), result, error);
}
