/* qnet-server-activation.c: listening on what a service manager has passed
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-server.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "server/qnet-activation-private.h"
#include "server/qnet-server-private.h"

static gboolean
filter_cb (int      fd,
           gpointer self)
{
  return qnet_server_adopt (self, fd);
}

static gboolean
fail_without_socket (QnetServer  *self,
                     const char  *name,
                     GError     **error)
{
  GError *failure = NULL;

  if (name == NULL)
    qnet_set_error (&failure, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    _("Could not listen: No service manager has passed a socket of this kind"));
  else
    qnet_set_error (&failure, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    _("Could not listen: No service manager has passed a socket of this kind with "
                      "the name “%s”"), name);

  return qnet_server_fail (self, failure, error);
}

/**
 * qnet_server_listen_activation_fds:
 * @self: a server that does not listen
 * @name: (nullable): the name of the socket in the settings of the service manager
 *   (`FileDescriptorName=`), or %NULL for any
 * @error: return location for an error
 *
 * Listens on a socket that the service manager has passed to this process, as systemd does for a
 * service with a socket unit.
 *
 * Of the passed sockets (`LISTEN_PID`, `LISTEN_FDS`, `LISTEN_FDNAMES`; see `sd_listen_fds(3)`) it
 * takes the first one that is of the family of this server's class, has that @name, and was not
 * taken by another server: create one server for each socket. Child processes do not inherit the
 * passed sockets.
 *
 * If none is left it fails with
 * [QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE][error@SocketError]: a program that can also be
 * started without a service manager then listens on an address of its own. Closing the server does
 * not make the socket available again; the service manager continues to have it open.
 *
 * Returns: %TRUE if the server listens now
 *
 * Since: 1.0
 */
gboolean
qnet_server_listen_activation_fds (QnetServer  *self,
                                   const char  *name,
                                   GError     **error)
{
  int fd;

  g_return_val_if_fail (QNET_IS_SERVER (self), FALSE);
  QNET_SERVER_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  if (!qnet_server_can_listen (self, error))
    return FALSE;

  fd = qnet_activation_take (name, filter_cb, self);

  if (fd < 0)
    return fail_without_socket (self, name, error);

  if (qnet_server_set_fd (self, fd, error))
    return TRUE;

  qnet_activation_put_back (fd);

  return FALSE;
}
