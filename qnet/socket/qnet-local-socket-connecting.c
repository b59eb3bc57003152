/* qnet-local-socket-connecting.c: from the name of a local server to a connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-local-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"
#include "socket/qnet-local-socket-private.h"

/* Milliseconds between two tries while the server's queue is full; doubled each time. */
#define FIRST_RETRY 1
#define LAST_RETRY  64

/* The kernel connects local sockets at once or not at all. What came of it is told in the next turn, which is when the deadline
 * falls due. Where the server's queue is full there is nothing to wait for but the time to try again. */
struct _QnetLocalAttempt
{
  QnetLocalSocket  *socket;        /* whose this is */
  QnetDeadline      deadline;
  QnetLocalAddress  address;
  char             *display;       /* (owned): the server, for texts */
  GError           *error;         /* (owned) (nullable): why it has failed */
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
  qnet_hang_up (&attempt->fd, reactor != NULL && qnet_reactor_is_forked (reactor));
  g_clear_error (&attempt->error);
  g_free (attempt->display);
  g_free (attempt);
}

char *
qnet_local_attempt_describe (QnetLocalAttempt *attempt)
{
  return g_strdup (attempt->display);
}

/* Takes @error. */
static void
fail (QnetLocalAttempt *attempt,
      GError           *error)
{
  g_prefix_error (&error, _("Could not connect to %s: "), attempt->display);
  attempt->error = error;
}

/* What the kernel says of the file says little about the server. */
static void
fail_with_errno (QnetLocalAttempt *attempt)
{
  switch (errno)
    {
    case ENOENT:
      qnet_set_error (&attempt->error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                      _("Could not connect to %s: there is no such server"), attempt->display);
      break;

    case ECONNREFUSED:
      qnet_set_error (&attempt->error, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                      _("Could not connect to %s: no server listens there"), attempt->display);
      break;

    default:
      qnet_set_error_from_errno (&attempt->error, errno, _("Could not connect to %s"), attempt->display);
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
                                      _("the server did not accept the connection in time")));
}

static void
try_once (QnetLocalAttempt *attempt)
{
  if (qnet_sys_connect (attempt->fd, (const struct sockaddr *) &attempt->address.native, attempt->address.size) == 0)
    attempt->is_connected = TRUE;
  else if (errno == EAGAIN)
    try_again_later (attempt);
  else
    fail_with_errno (attempt);
}

static void
tell_outcome (QnetLocalAttempt *attempt)
{
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (attempt->socket);
  int fd = attempt->fd;

  if (attempt->error != NULL)
    {
      qnet_connection_give_up (&priv->connection, g_steal_pointer (&attempt->error));
      return;
    }

  attempt->fd = -1;
  qnet_connection_begin_change (&priv->connection);
  qnet_local_socket_take_full_name (attempt->socket, qnet_local_address_get_name (&attempt->address));
  qnet_local_socket_notify_credentials (attempt->socket);
  g_clear_pointer (&priv->attempt, qnet_local_attempt_free);
  qnet_connection_established (&priv->connection, fd);
}

static void
deadline_cb (QnetDeadline *deadline)
{
  QnetLocalAttempt *attempt = (gpointer) ((guint8 *) deadline - G_STRUCT_OFFSET (QnetLocalAttempt, deadline));
  G_GNUC_UNUSED g_autoptr(QnetLocalSocket) hold = g_object_ref (attempt->socket);

  if (attempt->error == NULL && !attempt->is_connected)
    try_once (attempt);

  if (attempt->error != NULL || attempt->is_connected)
    tell_outcome (attempt);
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
             const char      *name)
{
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (socket);
  QnetWaitSet *wait_set = &qnet_io_device_get_private (QNET_IO_DEVICE (socket))->wait_set;
  gboolean is_abstract = (priv->options & QNET_LOCAL_SOCKET_OPTIONS_ABSTRACT_NAMESPACE) != 0;
  QnetLocalAttempt *attempt = g_new0 (QnetLocalAttempt, 1);
  int timeout = qnet_connection_get_timing (&priv->connection, QNET_TIMING_CONNECT_TIMEOUT);
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
      attempt->display = g_strdup (_("a local server"));
      fail (attempt, error);
    }

  if (attempt->error != NULL || attempt->is_connected)
    qnet_deadline_start (&attempt->deadline, qnet_clock_now ());

  return attempt;
}

/* The socket */

static void
start_connecting (QnetLocalSocket *self,
                  const char      *name,
                  QnetOpenMode     open_mode)
{
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (self);
  char *own_name = g_strdup (name != NULL ? name : priv->server_name);

  qnet_connection_begin_change (&priv->connection);
  qnet_connection_begin (&priv->connection);
  qnet_local_socket_take_name (self, own_name);
  qnet_io_device_set_open_mode (QNET_IO_DEVICE (self), open_mode);
  priv->attempt = attempt_new (self, own_name);
  qnet_connection_end_change (&priv->connection, QNET_SOCKET_STATE_CONNECTING);
}

/**
 * qnet_local_socket_connect_to_server:
 * @self: a socket
 * @name: (type filename) (nullable): the name of a server, or %NULL for [property@LocalSocket:server-name]
 *
 * Begins to connect to the server of that name, for reading and writing.
 *
 * A plain name is looked for in the user's runtime directory, as [method@LocalServer.listen] says; an absolute path is taken as
 * it is. With [QNET_LOCAL_SOCKET_OPTIONS_ABSTRACT_NAMESPACE][flags@LocalSocketOptions] the name is
 * in the abstract namespace.
 *
 * It returns at once. [property@LocalSocket:state] becomes
 * [QNET_LOCAL_SOCKET_STATE_CONNECTING][enum@LocalSocketState]; in the next turn of the loop it is
 * [QNET_LOCAL_SOCKET_STATE_CONNECTED][enum@LocalSocketState], and [signal@LocalSocket::connected]
 * is emitted, or it goes back to [QNET_LOCAL_SOCKET_STATE_UNCONNECTED][enum@LocalSocketState], and
 * [signal@LocalSocket::error-occurred] says why:
 * [QNET_SOCKET_ERROR_HOST_NOT_FOUND][error@SocketError] where there is no such server, or the name
 * can be none; [QNET_SOCKET_ERROR_CONNECTION_REFUSED][error@SocketError] where a server was that is
 * no more; [QNET_SOCKET_ERROR_SOCKET_ACCESS][error@SocketError] where others may not connect. Where
 * the server has as many clients waiting as it lets, it is tried again until
 * [property@LocalSocket:connect-timeout]. What is written meanwhile is sent once the connection
 * stands.
 *
 * The signals come from the [struct@GLib.MainContext] that is the thread default now. While the socket is in use the call is refused
 * by [signal@LocalSocket::error-occurred] with [QNET_SOCKET_ERROR_OPERATION][error@SocketError],
 * and what runs goes on.
 *
 * Since: 1.0
 */
void
qnet_local_socket_connect_to_server (QnetLocalSocket *self,
                                     const char      *name)
{
  qnet_local_socket_connect_to_server_full (self, name, QNET_OPEN_MODE_READ_WRITE);
}

/**
 * qnet_local_socket_connect_to_server_full:
 * @self: a socket
 * @name: (type filename) (nullable): the name of a server, or %NULL for [property@LocalSocket:server-name]
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
  g_autoptr(QnetLocalSocket) hold = NULL;
  QnetLocalSocketPrivate *priv;
  GError *error = NULL;

  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));

  priv = qnet_local_socket_get_private (self);
  hold = g_object_ref (self);

  if (qnet_connection_can_begin (&priv->connection, &error))
    {
      start_connecting (self, name, open_mode);
      return;
    }

  g_prefix_error (&error, "%s: ", _("Could not connect to a local server"));
  qnet_connection_refuse (&priv->connection, error);
}

/**
 * qnet_local_socket_connect_to_server_async:
 * @self: a socket
 * @name: (type filename) (nullable): the name of a server, or %NULL for [property@LocalSocket:server-name]
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the attempt: it is aborted
 * @callback: (scope async) (closure user_data): called when the connection stands, or will not
 * @user_data: data for @callback
 *
 * Connects to the server of that name, as [method@LocalSocket.connect_to_server] does, and calls back.
 *
 * The signals are emitted too, before the callback. A handler of [signal@IODevice::ready-read] that is connected in the callback
 * misses nothing.
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
  QnetConnection *connection;
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));

  connection = &qnet_local_socket_get_private (self)->connection;
  task = qnet_connection_new_connect_task (connection, FALSE, _("a local server"), io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  connection->connect_task = g_object_ref (task);
  qnet_local_socket_connect_to_server (self, name);
  qnet_connection_await_connect (connection, task);
}

/**
 * qnet_local_socket_connect_to_server_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@LocalSocket.connect_to_server_async].
 *
 * Returns: whether the connection stands
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

/**
 * qnet_local_socket_wait_for_connected:
 * @self: a socket
 * @msecs: how many milliseconds to wait at most; 0 looks once, -1 leaves it to [property@LocalSocket:connect-timeout]
 * @error: return location for an error
 *
 * Blocks until the connection that was asked for stands.
 *
 * It needs no main loop and runs none; the socket's signals are emitted meanwhile. When the time runs out the attempt is aborted. A
 * socket that is connected already succeeds, an unconnected one fails, both at once.
 *
 * The result depends on what happens inside the call: it is %TRUE once `connected` was emitted, even if a handler ends the connection
 * then. Where a handler begins another attempt after one that has failed, that is waited for. A timeout concerns the call alone:
 * [property@IODevice:error] has it, and no signal is emitted.
 *
 * Returns: whether a connection is, or was, established; if not, @error is set
 *
 * Since: 1.0
 */
gboolean
qnet_local_socket_wait_for_connected (QnetLocalSocket  *self,
                                      int               msecs,
                                      GError          **error)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return qnet_connection_wait_for_connected (&qnet_local_socket_get_private (self)->connection, msecs, error);
}
