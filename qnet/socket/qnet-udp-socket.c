/* qnet-udp-socket.c: datagrams over UDP
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-udp-socket.h"

#include <fcntl.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"
#include "socket/qnet-abstract-socket-private.h"
#include "socket/qnet-udp-socket-private.h"

/**
 * QnetUdpSocket:
 *
 * Datagrams over UDP: to one, to all, or to a group.
 *
 * ```c
 * g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();
 *
 * g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), NULL);
 * qnet_abstract_socket_bind_port (QNET_ABSTRACT_SOCKET (socket), 7755,
 *                                 QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error);
 * ```
 *
 * [method@AbstractSocket.bind] it and take what comes by [method@UdpSocket.receive_datagram], which
 * tells all that is known of a datagram, or by [method@UdpSocket.read_datagram], which allocates
 * nothing. To send, there is [method@UdpSocket.write_datagram_to]; a socket that only sends need
 * not be bound, its first datagram does that. Broadcasting needs nothing but the address
 * ([QNET_SPECIAL_ADDRESS_BROADCAST][enum@SpecialAddress]).
 *
 * There are no buffers but the kernel's: a datagram is sent now, or the call fails, and waits to be
 * received in the kernel, which drops what it has no room for. [signal@IODevice::ready-read] is
 * emitted once when datagrams are there, and not again until a call has tried to read one, or has asked
 * for one and found none. [signal@IODevice::bytes-written] is emitted in the next turn after something
 * was sent, for the handlers that were connected then.
 *
 * With [method@AbstractSocket.connect_to_host] the socket has one peer. It receives from no other, be
 * it that another sent something before the socket was connected, and
 * [method@IODevice.read], [method@IODevice.write] and [method@IODevice.peek] work. Each read takes
 * one datagram: what does not fit is lost. That nobody listens at the peer is learnt from ICMP, if
 * at all: [signal@AbstractSocket::error-occurred] says
 * [QNET_SOCKET_ERROR_CONNECTION_REFUSED][error@SocketError], or the next call does, and the socket
 * goes on.
 *
 * Datagrams go through a SOCKS5 proxy when [property@AbstractSocket:proxy] says so. They are larger by
 * up to 22 bytes on their way to it, there are no groups, and of what belongs to a
 * [struct@NetworkDatagram] the data, the sender and the destination alone: what a proxy cannot do is
 * refused with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError], not passed
 * over.
 *
 * A socket that is bound to [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] speaks IPv4 and IPv6,
 * and an IPv4 sender is reported as such.
 *
 * Since: 1.0
 */

G_DEFINE_TYPE_WITH_PRIVATE (QnetUdpSocket, qnet_udp_socket, QNET_TYPE_ABSTRACT_SOCKET)

enum
{
  PROP_0,
  PROP_REUSE_PORT,
  PROP_MULTICAST_INTERFACE,
  N_PROPS
};

static GParamSpec        *props[N_PROPS];
static QnetIODeviceHooks  hooks;  /* QnetAbstractSocket's, and four of ours */

QnetUdpSocketPrivate *
qnet_udp_socket_get_private (QnetUdpSocket *self)
{
  return qnet_udp_socket_get_instance_private (self);
}

QnetChannel *
qnet_udp_socket_get_channel (QnetUdpSocket *self)
{
  return &qnet_io_device_get_private (QNET_IO_DEVICE (self))->channel;
}

QnetDatagramRelay *
qnet_udp_socket_get_relay (QnetUdpSocket *self)
{
  return qnet_abstract_socket_get_relay (QNET_ABSTRACT_SOCKET (self));
}

static int
get_family (int fd)
{
  struct sockaddr_storage native = { .ss_family = AF_UNSPEC };
  socklen_t size = sizeof native;

  getsockname (fd, (struct sockaddr *) &native, &size);

  return native.ss_family;
}

/* A bound descriptor that is connected stays what it was, but for its peer. */
QnetUdpSocketPrivate *
qnet_udp_socket_look_at_descriptor (QnetUdpSocket *self)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_instance_private (self);
  QnetConnection *connection = &qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (self))->connection;
  int fd = qnet_udp_socket_get_channel (self)->transport.fd;
  socklen_t size = sizeof priv->peer;

  if (priv->serial == connection->serial && priv->state == connection->state)
    return priv;

  priv->serial = connection->serial;
  priv->state = connection->state;
  priv->family = get_family (fd);
  if (getpeername (fd, (struct sockaddr *) &priv->peer, &size) != 0)
    priv->peer.family = AF_UNSPEC;

  return priv;
}

/* What a QnetIODevice does with bytes */

/* A transaction remembers the whole datagram, so that it can be put back. */
static gsize
qnet_udp_socket_read_data (QnetIODevice *device,
                           void         *buffer,
                           gsize         size)
{
  QnetIODeviceClass *parent_class = QNET_IO_DEVICE_CLASS (qnet_udp_socket_parent_class);
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);
  gsize n = parent_class->read_data (device, buffer, size);

  qnet_channel_looked (&priv->channel);
  if (n > 0 && priv->taken == NULL)
    parent_class->skip_data (device, priv->channel.read_queue.length);

  return n;
}

static gsize
qnet_udp_socket_skip_data (QnetIODevice *device,
                           gsize         size)
{
  QnetIODeviceClass *parent_class = QNET_IO_DEVICE_CLASS (qnet_udp_socket_parent_class);
  gsize all = qnet_io_device_get_private (device)->channel.read_queue.length;

  return MIN (size, parent_class->skip_data (device, size > 0 ? all : 0));
}

static void
qnet_udp_socket_orphaned (QnetIODevice *device)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_instance_private (QNET_UDP_SOCKET (device));

  g_clear_pointer (&priv->multicast_interface, g_free);
  QNET_IO_DEVICE_CLASS (qnet_udp_socket_parent_class)->hooks->orphaned (device);
}

static gboolean
qnet_udp_socket_check_relaying (QnetIODevice  *device,
                                const char    *what,
                                GError       **error)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_instance_private (QNET_UDP_SOCKET (device));

  if (priv->multicast_interface == NULL)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  /* Translators: what could not be done, as in "Could not connect to 127.0.0.1 port 80" */
                  _("%s: a network interface to groups cannot be used through a proxy"), what);

  return FALSE;
}

/* GObject */

/* The interface to groups goes with the descriptor. */
static void
qnet_udp_socket_notify (GObject    *object,
                        GParamSpec *pspec)
{
  QnetUdpSocket *self = QNET_UDP_SOCKET (object);
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_instance_private (self);
  QnetSocketState state = qnet_abstract_socket_get_state (QNET_ABSTRACT_SOCKET (self));

  if (!g_str_equal (pspec->name, "state") || state != QNET_SOCKET_STATE_UNCONNECTED
      || priv->multicast_interface == NULL)
    return;

  g_clear_pointer (&priv->multicast_interface, g_free);
  g_object_notify_by_pspec (object, props[PROP_MULTICAST_INTERFACE]);
}

static void
qnet_udp_socket_finalize (GObject *object)
{
  QnetUdpSocket *self = QNET_UDP_SOCKET (object);
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_instance_private (self);

  qnet_udp_socket_forget_ends (self);
  g_clear_pointer (&priv->kept_sender, qnet_host_address_unref);
  g_clear_pointer (&priv->multicast_interface, g_free);

  G_OBJECT_CLASS (qnet_udp_socket_parent_class)->finalize (object);
}

static void
qnet_udp_socket_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  QnetUdpSocket *self = QNET_UDP_SOCKET (object);

  switch (prop_id)
    {
    case PROP_REUSE_PORT:
      g_value_set_boolean (value, qnet_udp_socket_get_reuse_port (self));
      break;
    case PROP_MULTICAST_INTERFACE:
      g_value_set_string (value, qnet_udp_socket_get_multicast_interface (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
qnet_udp_socket_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  QnetUdpSocket *self = QNET_UDP_SOCKET (object);

  switch (prop_id)
    {
    case PROP_REUSE_PORT:
      qnet_udp_socket_set_reuse_port (self, g_value_get_boolean (value));
      break;
    case PROP_MULTICAST_INTERFACE:
      qnet_udp_socket_set_multicast_interface (self, g_value_get_string (value), NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetUdpSocket:reuse-port:
   *
   * Whether other sockets that have it set too may bind the same port.
   *
   * The kernel then spreads the datagrams over all of them, processes and threads alike, those of
   * one sender always to the same (`SO_REUSEPORT`). It counts from the next bind. To have every
   * socket hear each broadcast and multicast instead, see
   * [QNET_BIND_FLAGS_SHARE_ADDRESS][flags@BindFlags].
   *
   * Since: 1.0
   */
  props[PROP_REUSE_PORT] = g_param_spec_boolean ("reuse-port", NULL, NULL, FALSE, flags);

  /**
   * QnetUdpSocket:multicast-interface:
   *
   * The network interface through which datagrams to a group go, or %NULL for the system's choice.
   *
   * It belongs to the descriptor: bind the socket first, and after the next bind it is %NULL again.
   * What goes wrong in setting the property is found in [property@IODevice:error].
   *
   * Since: 1.0
   */
  props[PROP_MULTICAST_INTERFACE] =
    g_param_spec_string ("multicast-interface", NULL, NULL, NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
qnet_udp_socket_class_init (QnetUdpSocketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  QnetIODeviceClass *device_class = QNET_IO_DEVICE_CLASS (klass);

  object_class->finalize     = qnet_udp_socket_finalize;
  object_class->notify       = qnet_udp_socket_notify;
  object_class->get_property = qnet_udp_socket_get_property;
  object_class->set_property = qnet_udp_socket_set_property;

  device_class->read_data  = qnet_udp_socket_read_data;
  device_class->skip_data  = qnet_udp_socket_skip_data;
  device_class->write_data = qnet_udp_socket_write_data;

  hooks = *device_class->hooks;
  hooks.pull = qnet_udp_socket_pull;
  hooks.get_pending = qnet_udp_socket_get_pending;
  hooks.orphaned = qnet_udp_socket_orphaned;
  hooks.check_relaying = qnet_udp_socket_check_relaying;
  device_class->hooks = &hooks;

  install_properties (object_class);
}

static void
qnet_udp_socket_init (QnetUdpSocket *self)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (self);

  qnet_abstract_socket_get_private (socket)->socket_type = QNET_SOCKET_TYPE_UDP;
  qnet_udp_socket_get_channel (self)->is_datagram = TRUE;
}

/* Public API */

/**
 * qnet_udp_socket_new:
 *
 * Makes a socket that is neither bound nor connected.
 *
 * Returns: (transfer full): the socket
 *
 * Since: 1.0
 */
QnetUdpSocket *
qnet_udp_socket_new (void)
{
  return g_object_new (QNET_TYPE_UDP_SOCKET, NULL);
}

/**
 * qnet_udp_socket_new_from_socket:
 * @socket: a datagram socket of GIO's, bound or connected
 * @error: return location for an error
 *
 * Makes a socket that goes on with one of GIO's.
 *
 * It works on a duplicate of the descriptor. Do not receive from @socket afterwards.
 *
 * Returns: (transfer full): the socket, or %NULL with @error set when @socket is none for UDP
 *
 * Since: 1.0
 */
QnetUdpSocket *
qnet_udp_socket_new_from_socket (GSocket  *socket,
                                 GError  **error)
{
  g_autoptr(QnetUdpSocket) self = NULL;
  g_autoptr(GSocketAddress) peer = NULL;
  QnetSocketState state;
  QnetOpenMode mode;
  int fd;

  g_return_val_if_fail (G_IS_SOCKET (socket), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  fd = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 0);
  if (fd < 0)
    {
      qnet_set_error_from_errno (error, errno, _("Could not take over the socket"));
      return NULL;
    }

  self = qnet_udp_socket_new ();
  peer = g_socket_get_remote_address (socket, NULL);
  state = peer != NULL ? QNET_SOCKET_STATE_CONNECTED : QNET_SOCKET_STATE_BOUND;
  mode = peer != NULL ? QNET_OPEN_MODE_READ_WRITE : QNET_OPEN_MODE_NOT_OPEN;
  if (qnet_abstract_socket_set_socket_descriptor (QNET_ABSTRACT_SOCKET (self), fd, state, mode,
                                                  error))
    return g_steal_pointer (&self);

  qnet_clear_fd (&fd);

  return NULL;
}

/**
 * qnet_udp_socket_get_datagram_based:
 * @self: a socket
 *
 * Gets the socket as GIO's interface for datagrams, for code that wants to send by that.
 *
 * What is received by it is not received by @self. See [method@AbstractSocket.get_socket] for how
 * long it is good.
 *
 * Returns: (transfer none) (nullable): the interface, or %NULL while neither bound nor connected, or when
 *   datagrams go through a proxy
 *
 * Since: 1.0
 */
GDatagramBased *
qnet_udp_socket_get_datagram_based (QnetUdpSocket *self)
{
  GSocket *socket;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), NULL);

  if (qnet_udp_socket_get_relay (self) != NULL)
    return NULL;

  socket = qnet_abstract_socket_get_socket (QNET_ABSTRACT_SOCKET (self));

  return socket != NULL ? G_DATAGRAM_BASED (socket) : NULL;
}

/**
 * qnet_udp_socket_get_reuse_port:
 * @self: a socket
 *
 * Gets whether others may bind the same port.
 *
 * Returns: whether they may, if they ask for it, too
 *
 * Since: 1.0
 */
gboolean
qnet_udp_socket_get_reuse_port (QnetUdpSocket *self)
{
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), FALSE);

  return qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (self))->reuse_port;
}

/**
 * qnet_udp_socket_set_reuse_port:
 * @self: a socket
 * @reuse_port: whether others may bind the same port, too
 *
 * Sets whether others may bind the same port. It counts from the next bind.
 *
 * Since: 1.0
 */
void
qnet_udp_socket_set_reuse_port (QnetUdpSocket *self,
                                gboolean       reuse_port)
{
  QnetAbstractSocketPrivate *priv;

  g_return_if_fail (QNET_IS_UDP_SOCKET (self));

  priv = qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (self));
  reuse_port = !!reuse_port;
  if (priv->reuse_port == reuse_port)
    return;

  priv->reuse_port = reuse_port;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_REUSE_PORT]);
}
