/* qnet-local-socket-fds.c: passing descriptors with bytes
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-local-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "local/qnet-local-socket-private.h"

static QnetChannel *
get_channel (QnetLocalSocket *self)
{
  return &qnet_io_device_get_private (QNET_IO_DEVICE (self))->channel;
}

/* Most sockets never need it. */
static QnetPassing *
get_passing (QnetLocalSocket *self)
{
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (self);
  QnetChannel *channel = get_channel (self);

  if (priv->passing != NULL)
    return priv->passing;

  priv->passing = qnet_passing_new ();
  if (qnet_channel_is_open (channel))
    qnet_transport_local_share (&channel->transport, priv->passing);

  return priv->passing;
}

static void
made_room (QnetLocalSocket *self)
{
  QnetChannel *channel = get_channel (self);

  if (qnet_channel_is_open (channel))
    qnet_channel_make_room (channel);
}

void
qnet_local_socket_apply_fd_limit (QnetLocalSocket *self)
{
  QnetLocalSocketPrivate *priv = qnet_local_socket_get_private (self);
  QnetIODevicePrivate *device = qnet_io_device_get_private (QNET_IO_DEVICE (self));

  if (priv->fd_limit == 0 && priv->passing == NULL)
    return;

  get_passing (self)->limit = (guint) priv->fd_limit;
  if (device->link == QNET_LINK_UP)
    made_room (self);
}

/**
 * qnet_local_socket_send_fds:
 * @self: a socket that is connected, or connecting
 * @fds: descriptors
 * @error: return location for an error
 *
 * Sends descriptors, along with the byte that is written next.
 *
 * Write at least one byte afterwards: nothing is sent without it, and the peer has the descriptors
 * no later than that byte. The socket keeps duplicates until then, so @fds and what is in it can be
 * closed at once. The peer gets descriptors of its own, for the same files.
 *
 * Up to 253 can go with one byte. Descriptors whose byte was not sent when the connection ends are
 * closed.
 *
 * Returns: whether they will be sent
 *
 * Since: 1.0
 */
gboolean
qnet_local_socket_send_fds (QnetLocalSocket  *self,
                            GUnixFDList      *fds,
                            GError          **error)
{
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), FALSE);
  g_return_val_if_fail (G_IS_UNIX_FD_LIST (fds), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  if (qnet_io_device_check_writable (QNET_IO_DEVICE (self), &reason)
      && qnet_passing_send (get_passing (self), fds, get_channel (self)->write_queue.length,
                            &reason))
    return TRUE;

  return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
}

/**
 * qnet_local_socket_receive_fds:
 * @self: a socket
 *
 * Takes the descriptors that have come.
 *
 * They have come when the byte that they were sent with is in the read buffer, or before. They have
 * the close-on-exec flag set. None come before [property@LocalSocket:fd-limit] is set.
 *
 * Those that are not taken are closed when the socket begins another connection, is aborted, or is
 * disposed.
 *
 * Returns: (transfer full): the descriptors in the order in which they were sent, an empty list
 *   when there are none
 *
 * Since: 1.0
 */
GUnixFDList *
qnet_local_socket_receive_fds (QnetLocalSocket *self)
{
  QnetLocalSocketPrivate *priv;
  GUnixFDList *fds;

  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), NULL);
  QNET_IO_STAY (self, NULL);

  priv = qnet_local_socket_get_private (self);

  if (priv->passing == NULL)
    return g_unix_fd_list_new ();

  fds = qnet_passing_take (priv->passing);
  made_room (self);
  qnet_local_socket_notify_fds (QNET_IO_DEVICE (self));

  return fds;
}

/**
 * qnet_local_socket_get_fds_available:
 * @self: a socket
 *
 * Gets how many descriptors [method@LocalSocket.receive_fds] would give.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
int
qnet_local_socket_get_fds_available (QnetLocalSocket *self)
{
  QnetLocalSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  priv = qnet_local_socket_get_private (self);

  return priv->passing != NULL ? (int) priv->passing->received->len : 0;
}

/**
 * qnet_local_socket_get_fd_limit:
 * @self: a socket
 *
 * Gets how many descriptors may come at a time.
 *
 * Returns: the number, 0 for none
 *
 * Since: 1.0
 */
int
qnet_local_socket_get_fd_limit (QnetLocalSocket *self)
{
  g_return_val_if_fail (QNET_IS_LOCAL_SOCKET (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  return qnet_local_socket_get_private (self)->fd_limit;
}

/**
 * qnet_local_socket_set_fd_limit:
 * @self: a socket
 * @limit: how many, 253 at most
 *
 * Sets how many descriptors may come at a time.
 *
 * Since: 1.0
 */
void
qnet_local_socket_set_fd_limit (QnetLocalSocket *self,
                                int              limit)
{
  QnetLocalSocketPrivate *priv;

  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self));
  g_return_if_fail (limit >= 0 && limit <= QNET_PASSING_MAX);
  QNET_IO_STAY (self);

  priv = qnet_local_socket_get_private (self);

  if (priv->fd_limit == limit)
    return;

  priv->fd_limit = limit;
  qnet_local_socket_apply_fd_limit (self);
  qnet_io_device_notify_name (self, "fd-limit");
}
