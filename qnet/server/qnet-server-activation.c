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
fits_cb (int      fd,
         gpointer self)
{
  return qnet_server_fits (self, fd);
}

static gboolean
fail_without_socket (QnetServer  *self,
                     const char  *name,
                     GError     **error)
{
  GError *failure = NULL;

  if (name == NULL)
    qnet_set_error (&failure, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    _("Could not listen: no service manager has passed a socket of this kind"));
  else
    qnet_set_error (&failure, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    _("Could not listen: no service manager has passed a socket of this kind with the name “%s”"), name);

  return qnet_server_fail (self, failure, error);
}

/**
 * qnet_server_listen_on_activation_fds:
 * @self: a server that does not listen
 * @name: (nullable): the name that the socket has in the service manager's settings (`FileDescriptorName=`), or %NULL for any
 * @error: return location for an error
 *
 * Listens on a socket that the service manager has passed to this process, as systemd does for a service with a socket unit.
 *
 * Of the sockets that were passed (`LISTEN_PID`, `LISTEN_FDS`, `LISTEN_FDNAMES`; see `sd_listen_fds(3)`) it takes the first one
 * that is of this server's kind, has that @name, and was not taken by another server: make as many servers as there are
 * sockets. The sockets that were passed are not inherited by programs that this process starts.
 *
 * Where none is left it fails with
 * [QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE][error@SocketError]: so a program that may be
 * started by hand, too, listens by itself then. A server that is closed does not give the socket
 * back; the service manager goes on to have it.
 *
 * Returns: %TRUE if the server listens now
 *
 * Since: 1.0
 */
gboolean
qnet_server_listen_on_activation_fds (QnetServer  *self,
                                      const char  *name,
                                      GError     **error)
{
  int fd;

  g_return_val_if_fail (QNET_IS_SERVER (self), FALSE);

  if (!qnet_server_check_idle (self, error))
    return FALSE;

  fd = qnet_activation_take (name, fits_cb, self);

  if (fd < 0)
    return fail_without_socket (self, name, error);

  if (qnet_server_set_socket_descriptor (self, fd, error))
    return TRUE;

  qnet_activation_put_back (fd);

  return FALSE;
}
