/* qnet-local-socket-connectables.c: connecting to the address of GIO for a local server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-local-socket.h"

#include <string.h>

#include <gio/gunixsocketaddress.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "local/qnet-local-socket-private.h"

static void
refuse (QnetLocalSocket    *self,
        GSocketConnectable *connectable)
{
  g_autofree char *text = g_socket_connectable_to_string (connectable);
  GError *error = NULL;

  qnet_set_error (&error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not connect to %s: It is not the address of a local server"), text);
  qnet_socket_refuse_to_connect (QNET_SOCKET (self), error);
}

/* A path of GIO is relative to the working directory, and not to that of the servers. It is not
 * simplified: the folder above a symbolic link is that of its target. */
static void
connect_to_path (QnetLocalSocket    *self,
                 GUnixSocketAddress *address)
{
  const char *path = g_unix_socket_address_get_path (address);
  g_autofree char *folder = g_get_current_dir ();
  g_autofree char *joined = g_build_filename (folder, path, NULL);

  qnet_local_socket_connect (self, g_path_is_absolute (path) ? path : joined, FALSE,
                             QNET_OPEN_MODE_READ_WRITE);
}

/* A name with a zero in it cannot be expressed. */
static gboolean
has_plain_name (GUnixSocketAddress *address)
{
  const char *name = g_unix_socket_address_get_path (address);

  return *name != '\0' && strlen (name) == g_unix_socket_address_get_path_len (address);
}

static void
connect_to_unix_address (QnetLocalSocket    *self,
                         GUnixSocketAddress *address)
{
  GUnixSocketAddressType type = g_unix_socket_address_get_address_type (address);

  if (!has_plain_name (address))
    refuse (self, G_SOCKET_CONNECTABLE (address));
  else if (type == G_UNIX_SOCKET_ADDRESS_PATH)
    connect_to_path (self, address);
  else if (type == G_UNIX_SOCKET_ADDRESS_ABSTRACT)
    qnet_local_socket_connect (self, g_unix_socket_address_get_path (address), TRUE,
                               QNET_OPEN_MODE_READ_WRITE);
  else
    refuse (self, G_SOCKET_CONNECTABLE (address));
}

/* Public API */

/**
 * qnet_local_socket_connect_to_connectable:
 * @self: a socket
 * @connectable: the address of a server
 *
 * Begins to connect to a `GUnixSocketAddress`, for reading and writing, as
 * [method@LocalSocket.connect_to_server] does.
 *
 * The path of the address is used as it is, relative to the working directory; an abstract address
 * is in the abstract namespace, whatever [property@LocalSocket:access] is. Any other object, and
 * anonymous or padded addresses, are refused by [signal@Socket::error-occurred] with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Since: 1.0
 */
void
qnet_local_socket_connect_to_connectable (QnetLocalSocket    *self,
                                          GSocketConnectable *connectable)
{
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));
  g_return_if_fail (G_IS_SOCKET_CONNECTABLE (connectable));
  QNET_IO_STAY (self);

  if (G_IS_UNIX_SOCKET_ADDRESS (connectable))
    connect_to_unix_address (self, G_UNIX_SOCKET_ADDRESS (connectable));
  else
    refuse (self, connectable);
}

/**
 * qnet_local_socket_connect_to_connectable_async:
 * @self: a socket
 * @connectable: the address of a server
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the attempt: it is aborted
 * @callback: (scope async) (closure user_data): called when the connection is established, or has
 *   failed
 * @user_data: data for @callback
 *
 * Connects as [method@LocalSocket.connect_to_connectable] does, and calls back.
 *
 * The signals are emitted too, before the callback.
 *
 * Since: 1.0
 */
void
qnet_local_socket_connect_to_connectable_async (QnetLocalSocket     *self,
                                                GSocketConnectable  *connectable,
                                                int                  io_priority,
                                                GCancellable        *cancellable,
                                                GAsyncReadyCallback  callback,
                                                gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));
  g_return_if_fail (G_IS_SOCKET_CONNECTABLE (connectable));
  QNET_IO_STAY_OR_CALL_BACK (self, qnet_socket_new_connect_task);

  task = qnet_socket_new_connect_task (QNET_SOCKET (self), FALSE,
                                       _("Could not connect to a local server"), io_priority,
                                       cancellable, callback, user_data);
  if (task == NULL)
    return;

  qnet_socket_get_private (QNET_SOCKET (self))->connect_task = g_object_ref (task);
  qnet_local_socket_connect_to_connectable (self, connectable);
  qnet_socket_watch_connect_task (QNET_SOCKET (self), task);
}

/**
 * qnet_local_socket_connect_to_connectable_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Ends [method@LocalSocket.connect_to_connectable_async].
 *
 * Returns: whether the connection is established
 *
 * Since: 1.0
 */
gboolean
qnet_local_socket_connect_to_connectable_finish (QnetLocalSocket  *self,
                                                 GAsyncResult     *result,
                                                 GError          **error)
{
  return qnet_local_socket_connect_to_server_finish (self, result, error);
}
