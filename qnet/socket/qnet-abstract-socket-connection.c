/* qnet-abstract-socket-connection.c: what an address of the internet adds to the life of a connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "address/qnet-host-address-private.h"
#include "address/qnet-host-name-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"
#include "socket/qnet-abstract-socket-private.h"

static QnetIODevicePrivate *
get_device (QnetAbstractSocket *self)
{
  return qnet_io_device_get_private (QNET_IO_DEVICE (self));
}

static QnetConnection *
get_connection (QnetAbstractSocket *self)
{
  return &qnet_abstract_socket_get_private (self)->connection;
}

/* What the connection asks for */

static void
init_transport (QnetIODevice  *device,
                QnetTransport *transport,
                int            fd)
{
  qnet_transport_init_fd (transport, fd);
}

static void
stop (QnetIODevice *device)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (device));

  qnet_abstract_socket_drop_connector (QNET_ABSTRACT_SOCKET (device));
  qnet_abstract_socket_drop_relay (QNET_ABSTRACT_SOCKET (device));
  qnet_clear_fd (&priv->bound_fd);
}

static void
forget (QnetIODevice *device)
{
  qnet_abstract_socket_forget_addresses (QNET_ABSTRACT_SOCKET (device));
}

static void
remember (QnetIODevice *device)
{
  qnet_abstract_socket_remember_addresses (QNET_ABSTRACT_SOCKET (device));
}

static void
closing (QnetIODevice *device)
{
  qnet_abstract_socket_drop_relay (QNET_ABSTRACT_SOCKET (device));
}

/* NULL where nobody knows. */
static char *
describe_peer (QnetIODevice *device)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (device);
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  qnet_abstract_socket_learn_peer (self);
  if (priv->peer_address == NULL)
    return NULL;

  if (qnet_host_address_is_null (priv->peer_address))  /* behind a proxy, who alone knows the address */
    return g_strdup_printf (_("%s port %u"), priv->peer_name, priv->peer_port);

  return qnet_host_address_to_display (priv->peer_address, priv->peer_port);
}

static char *
describe_target (QnetIODevice *device)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (device));

  return qnet_host_name_to_display (priv->peer_name, priv->target_port);
}

/* The properties */

typedef struct
{
  QnetHostAddress *local_address;  /* (owned) */
  QnetHostAddress *peer_address;   /* (owned) */
  char            *peer_name;      /* (owned) (nullable) */
  guint16          local_port;
  guint16          peer_port;
} Snapshot;

static gpointer
snapshot (QnetIODevice *device)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (device);
  Snapshot *now = g_new (Snapshot, 1);

  now->local_address = qnet_abstract_socket_get_local_address (self);
  now->local_port = qnet_abstract_socket_get_local_port (self);
  now->peer_address = qnet_abstract_socket_get_peer_address (self);
  now->peer_port = qnet_abstract_socket_get_peer_port (self);
  now->peer_name = g_strdup (qnet_abstract_socket_get_peer_name (self));

  return now;
}

static void
snapshot_free (Snapshot *it)
{
  qnet_host_address_unref (it->local_address);
  qnet_host_address_unref (it->peer_address);
  g_free (it->peer_name);
  g_free (it);
}

static void
notify_if (QnetIODevice *device,
           const char   *prop,
           gboolean      has_changed)
{
  if (has_changed)
    g_object_notify (G_OBJECT (device), prop);
}

static void
compare (QnetIODevice *device,
         gpointer      before_data)
{
  Snapshot *before = before_data;
  Snapshot *now = snapshot (device);

  notify_if (device, "local-address", !qnet_host_address_equal (before->local_address, now->local_address));
  notify_if (device, "local-port", before->local_port != now->local_port);
  notify_if (device, "peer-address", !qnet_host_address_equal (before->peer_address, now->peer_address));
  notify_if (device, "peer-port", before->peer_port != now->peer_port);
  notify_if (device, "peer-name", g_strcmp0 (before->peer_name, now->peer_name) != 0);

  snapshot_free (now);
  snapshot_free (before);
}

QnetConnectionClass qnet_abstract_socket_connection_class = {
  .init_transport   = init_transport,
  .stop             = stop,
  .forget           = forget,
  .remember         = remember,
  .closing          = closing,
  .describe_peer    = describe_peer,
  .describe_target  = describe_target,
  .snapshot         = snapshot,
  .compare          = compare,
};

/* Datagrams come to a bound socket, too: it has its channel already. */
void
qnet_abstract_socket_hold_bound_fd (QnetAbstractSocket *self,
                                    int                 fd)
{
  QnetIODevicePrivate *device = get_device (self);

  if (!device->channel.is_datagram)
    {
      qnet_abstract_socket_get_private (self)->bound_fd = fd;
      return;
    }

  qnet_connection_open_channel (get_connection (self), fd);
  qnet_channel_start_reading (&device->channel);
}

int
qnet_abstract_socket_take_bound_fd (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetTransport transport;
  int fd = priv->bound_fd;

  priv->bound_fd = -1;
  if (!qnet_channel_is_open (&get_device (self)->channel))
    return fd;

  qnet_channel_steal_transport (&get_device (self)->channel, &transport);

  return transport.fd;
}

/* For servers */

void
qnet_abstract_socket_adopt_accepted (QnetAbstractSocket *self,
                                     QnetReactor        *reactor,
                                     int                 fd)
{
  qnet_connection_adopt_accepted (get_connection (self), reactor, fd);
  qnet_abstract_socket_note_peer (self);
}

/* Public API */

/**
 * qnet_abstract_socket_disconnect_from_host:
 * @self: a socket
 *
 * Closes the connection, once everything that was written has been sent.
 *
 * With nothing left to send, neither here nor in the kernel, the connection ends before the call returns, and
 * [signal@AbstractSocket::disconnected] is emitted inside it; else the socket is
 * [QNET_SOCKET_STATE_CLOSING][enum@SocketState] meanwhile, for
 * [property@AbstractSocket:close-timeout] at most. While the connection is still being made the
 * call is remembered and carried out then. A socket that is only bound becomes unconnected, without
 * the signal. What is in the read buffer can still be read afterwards, and the socket can connect
 * again.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_disconnect_from_host (QnetAbstractSocket *self)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));

  qnet_connection_disconnect (get_connection (self));
}

/**
 * qnet_abstract_socket_abort:
 * @self: a socket
 *
 * Ends the connection, or the attempt to make one, at once.
 *
 * Both buffers are emptied, the read buffer of a connection that has ended already, too; what was written and not yet sent is lost.
 * The connection is shut down, or reset where bytes are lost, so that the peer notices even while another process has the descriptor.
 * [property@IODevice:open-mode] becomes [QNET_OPEN_MODE_NOT_OPEN][flags@OpenMode].
 * [signal@AbstractSocket::disconnected] is emitted inside the call if there was a connection. The
 * socket can connect again.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_abort (QnetAbstractSocket *self)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));

  qnet_connection_abort (get_connection (self));
}

/**
 * qnet_abstract_socket_shutdown_write:
 * @self: a socket
 *
 * Tells the peer, once everything that was written has been sent, that nothing more will come; reading goes on.
 *
 * It closes one half of the connection (RFC 9293, section 3.6); writing fails from now on. Before the connection stands it does
 * nothing.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_shutdown_write (QnetAbstractSocket *self)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));

  qnet_connection_shutdown_write (get_connection (self));
}

/**
 * qnet_abstract_socket_pause_reading:
 * @self: a socket
 *
 * Stops taking bytes from the peer; what is in the read buffer stays there.
 *
 * The peer is slowed down by TCP itself, once the kernel's buffers are full. When it ends the connection, or resets it, that is
 * noticed all the same: what it has sent before is then received in full, [signal@IODevice::ready-read] is emitted, and the
 * connection ends as always.
 *
 * It lasts until [method@AbstractSocket.resume_reading] is called or the connection ends. A socket that is paused before it
 * connects is paused from the start.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_pause_reading (QnetAbstractSocket *self)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));

  qnet_channel_set_paused (&get_device (self)->channel, TRUE);
}

/**
 * qnet_abstract_socket_resume_reading:
 * @self: a socket
 *
 * Goes on taking bytes from the peer.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_resume_reading (QnetAbstractSocket *self)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));

  qnet_channel_set_paused (&get_device (self)->channel, FALSE);
}

/**
 * qnet_abstract_socket_is_reading_paused:
 * @self: a socket
 *
 * Tells whether [method@AbstractSocket.pause_reading] was called last.
 *
 * Returns: whether reading is paused
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_is_reading_paused (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);

  return get_device (self)->channel.is_paused;
}

/**
 * qnet_abstract_socket_wait_for_connected:
 * @self: a socket
 * @msecs: how many milliseconds to wait at most; 0 looks once, -1 leaves it to the socket's own time limits
 * @error: return location for an error
 *
 * Blocks until the connection that was asked for stands.
 *
 * It needs no main loop and runs none; the name is looked up meanwhile, and the socket's signals are emitted. When the time runs
 * out the attempt is aborted. A socket that is connected already succeeds, an unconnected one fails, both at once.
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
qnet_abstract_socket_wait_for_connected (QnetAbstractSocket  *self,
                                         int                  msecs,
                                         GError             **error)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return qnet_connection_wait_for_connected (get_connection (self), msecs, error);
}

/**
 * qnet_abstract_socket_wait_for_disconnected:
 * @self: a socket
 * @msecs: how many milliseconds to wait at most; 0 looks once, -1 waits for ever
 * @error: return location for an error
 *
 * Blocks until the connection has ended, sending what was written and taking in what comes.
 *
 * It needs no main loop and runs none; the socket's signals are emitted meanwhile. When the time runs out the connection goes on.
 * While reading is paused, or the read buffer is full, it waits for the end of the peer. An unconnected socket fails with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError].
 *
 * A connection that ends inside the call counts, even if a handler connects anew. An attempt that fails was no connection: the
 * result is %FALSE then, with its error.
 *
 * Returns: whether the connection has ended; if not, @error is set
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_wait_for_disconnected (QnetAbstractSocket  *self,
                                            int                  msecs,
                                            GError             **error)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return qnet_connection_wait_for_disconnected (get_connection (self), msecs, error);
}
