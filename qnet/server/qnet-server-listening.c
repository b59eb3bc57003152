/* qnet-server-listening.c: starting and stopping to listen, and the listening descriptor
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-server.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <glib-unix.h>

#include "base/qnet-error-private.h"
#include "base/qnet-gsocket-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "server/qnet-server-private.h"

void
qnet_server_notify_listening (QnetServer *self)
{
  GObject *object = G_OBJECT (self);

  g_object_freeze_notify (object);
  g_object_notify (object, "listening");
  QNET_SERVER_GET_CLASS (self)->priv->changed (self);
  g_object_thaw_notify (object);
}

/* The duplicate of the GSocket would keep the kernel listening, so it is closed as well. */
static void
close_socket (QnetServerPrivate *priv)
{
  if (priv->socket != NULL)
    g_socket_close (priv->socket, NULL);

  g_clear_object (&priv->socket);
}

void
qnet_server_close_start (QnetServer *self)
{
  if (qnet_server_get_private (self)->start != NULL)
    qnet_server_give_up_start (self,
                               g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                                                    _("Could not listen: The server was closed")));
}

/* As with the listener, this ends the pause. */
static void
stop_proxy_listener (QnetServer *self)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);

  qnet_server_close_start (self);
  if (priv->proxy_listener == NULL)
    return;

  g_clear_pointer (&priv->proxy_listener, qnet_proxy_listener_free);
  qnet_server_set_hold (priv, QNET_LISTENER_PAUSED, FALSE);
}

static void
close_listener (QnetServer *self)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);
  const QnetServerClassPrivate *functions = QNET_SERVER_GET_CLASS (self)->priv;

  if (functions->stopping != NULL)
    functions->stopping (self);

  qnet_listener_close (&priv->listener);
  stop_proxy_listener (self);
  close_socket (priv);
  priv->is_fd_shared = FALSE;
}

void
qnet_server_end_listening (QnetServer *self)
{
  if (!qnet_server_is_listening (self))
    return;

  close_listener (self);
  qnet_server_wake_accept (self);
  qnet_server_notify_listening (self);
}

void
qnet_server_stop (QnetServer *self)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);

  priv->n_stops++;
  close_listener (self);
  if (QNET_SERVER_GET_CLASS (self)->priv->drop != NULL)
    QNET_SERVER_GET_CLASS (self)->priv->drop (self);
  qnet_connections_drop_pending (&priv->connections);
  qnet_server_update_limits (self);
  qnet_server_wake_accept (self);
}

/* Connections that are being prepared, which a cancelled stop has left, cannot follow the server to
 * another main context. Emits. */
static void
leave_other_context (QnetServer *self)
{
  const QnetServerClassPrivate *functions = QNET_SERVER_GET_CLASS (self)->priv;
  QnetServerPrivate *priv = qnet_server_get_private (self);
  QnetReactor *reactor;
  gboolean moves;

  if (functions->drop == NULL || qnet_server_count_preparing (priv) == 0
      || qnet_server_is_listening (self) || qnet_server_is_stopping (self))
    return;

  reactor = qnet_reactor_get ();
  moves = priv->listener.set.reactor != reactor;
  qnet_reactor_unref (reactor);
  if (moves)
    functions->drop (self);
}

gboolean
qnet_server_can_listen (QnetServer  *self,
                        GError     **error)
{
  const QnetServerClassPrivate *functions = QNET_SERVER_GET_CLASS (self)->priv;
  gboolean is_starting;
  GError *failure = NULL;

  leave_other_context (self);
  is_starting = qnet_server_get_private (self)->start != NULL;

  if (qnet_server_is_stopping (self))
    qnet_set_error (&failure, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not listen: The server is being stopped"));
  else if (is_starting || qnet_server_is_listening (self))
    qnet_set_error (&failure, QNET_SOCKET_ERROR_OPERATION,
                    is_starting ? _("Could not listen: Another call waits for the proxy")
                                : _("Could not listen: The server is already listening"));
  else if (functions->check == NULL || functions->check (self, &failure))
    return TRUE;

  return qnet_server_fail (self, failure, error);
}

void
qnet_server_start (QnetServer *self,
                   int         fd)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (self);

  g_clear_error (&qnet_server_get_private (self)->proxy_error);
  qnet_listener_open (&qnet_server_get_private (self)->listener, fd);
  qnet_server_take_error (self, NULL);
  qnet_server_notify_listening (self);
}

/* Public API */

/**
 * qnet_server_is_listening:
 * @self: a server
 *
 * Gets whether the server listens.
 *
 * Returns: %TRUE if it listens, even while accepting is paused
 *
 * Since: 1.0
 */
gboolean
qnet_server_is_listening (QnetServer *self)
{
  QnetServerPrivate *priv;

  g_return_val_if_fail (QNET_IS_SERVER (self), FALSE);
  QNET_SERVER_CHECK_CALLER (self, FALSE);

  priv = qnet_server_get_private (self);
  qnet_listener_leave_parent (&priv->listener);

  return qnet_listener_is_open (&priv->listener) || priv->proxy_listener != NULL;
}

/**
 * qnet_server_close:
 * @self: a server
 *
 * Stops listening.
 *
 * Pending connections are destroyed; those that were taken live on. To end them, and to accept the
 * clients that wait, call [method@Server.stop_async]. The server may listen again,
 * and then accepts connections: this call ends the effect of [method@Server.pause_accepting],
 * whether the server listens or not.
 *
 * Since: 1.0
 */
void
qnet_server_close (QnetServer *self)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = NULL;
  gboolean was_listening;

  g_return_if_fail (QNET_IS_SERVER (self));
  QNET_SERVER_CHECK_CALLER (self);

  hold = qnet_server_hold (self);
  was_listening = qnet_server_is_listening (self);
  qnet_server_stop (self);
  qnet_server_set_hold (qnet_server_get_private (self), QNET_LISTENER_PAUSED, FALSE);

  if (was_listening)
    qnet_server_notify_listening (self);
}

/**
 * qnet_server_get_fd:
 * @self: a server
 *
 * Gets the listening descriptor.
 *
 * The server owns the descriptor: do not close it.
 *
 * Returns: the descriptor, or -1 if the server does not listen or a proxy listens in its place
 *
 * Since: 1.0
 */
int
qnet_server_get_fd (QnetServer *self)
{
  QnetServerPrivate *priv;

  g_return_val_if_fail (QNET_IS_SERVER (self), -1);
  QNET_SERVER_CHECK_CALLER (self, -1);

  priv = qnet_server_get_private (self);
  priv->is_fd_shared = qnet_listener_is_open (&priv->listener);

  return priv->listener.fd;
}

static gboolean
get_int_option (int  fd,
                int  option,
                int *out_value)
{
  socklen_t size = sizeof *out_value;

  return qnet_sys_getsockopt (fd, SOL_SOCKET, option, out_value, &size) == 0;
}

static gboolean
is_listening_stream (int fd)
{
  int type = 0;
  int is_listening = 0;

  return get_int_option (fd, SO_TYPE, &type) && type == SOCK_STREAM &&
         get_int_option (fd, SO_ACCEPTCONN, &is_listening) && is_listening;
}

gboolean
qnet_server_adopt (QnetServer *self,
                   int         fd)
{
  return is_listening_stream (fd) && QNET_SERVER_GET_CLASS (self)->priv->adopt (self, fd);
}

/**
 * qnet_server_set_fd:
 * @self: a server that does not listen
 * @fd: a listening socket
 * @error: return location for an error
 *
 * Listens on a socket that was created elsewhere.
 *
 * For the sockets that a service manager passes use [method@Server.listen_activation_fds].
 *
 * The server belongs to the thread-default [struct@GLib.MainContext] at the time of this call.
 *
 * The server takes ownership of @fd, and makes it non-blocking and close-on-exec. If @fd is not a
 * listening socket of the family of this server's class, the call fails with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError] and the caller still owns
 * @fd.
 *
 * The name of a [class@LocalServer] is that of the socket. Its file is not removed when the server
 * is closed.
 *
 * Returns: %TRUE if the server listens now
 *
 * Since: 1.0
 */
gboolean
qnet_server_set_fd (QnetServer  *self,
                    int          fd,
                    GError     **error)
{
  GError *failure = NULL;

  g_return_val_if_fail (QNET_IS_SERVER (self), FALSE);
  QNET_SERVER_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  if (!qnet_server_can_listen (self, error))
    return FALSE;

  if (!qnet_server_adopt (self, fd))
    {
      qnet_set_error (&failure, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      qnet_is_descriptor (fd)
                        ? _("Could not listen on descriptor %d: It is not a listening socket of "
                            "this kind")
                        : _("Could not listen on descriptor %d: There is no such descriptor"),
                      fd);
      return qnet_server_fail (self, failure, error);
    }

  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  fcntl (fd, F_SETFD, FD_CLOEXEC);
  qnet_server_get_private (self)->is_fd_shared = TRUE;
  qnet_server_start (self, fd);

  return TRUE;
}

/**
 * qnet_server_get_socket:
 * @self: a server
 *
 * Gets the listening socket for use with GIO.
 *
 * It has a duplicate of the descriptor, which is created by the first call, and is closed with the
 * server.
 *
 * Returns: (transfer none) (nullable): the socket, or %NULL if the server does not listen or a
 *   proxy listens in its place
 *
 * Since: 1.0
 */
GSocket *
qnet_server_get_socket (QnetServer *self)
{
  QnetServerPrivate *priv;
  int fd;

  g_return_val_if_fail (QNET_IS_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  priv = qnet_server_get_private (self);

  if (priv->socket != NULL || !qnet_listener_is_open (&priv->listener))
    return priv->socket;

  fd = fcntl (priv->listener.fd, F_DUPFD_CLOEXEC, 0);

  if (fd < 0)
    return NULL;

  priv->socket = qnet_gsocket_new (fd, NULL);

  if (priv->socket == NULL)
    qnet_sys_close (fd);

  priv->is_fd_shared = TRUE;

  return priv->socket;
}
