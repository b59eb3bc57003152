/* qnet-udp-socket.c: datagrams over UDP
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-udp-socket.h"
#include "udp/qnet-udp-socket-private.h"

#include <fcntl.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "device/qnet-io-lock-private.h"
#include "socket/qnet-abstract-socket-private.h"

/**
 * QnetUdpSocket:
 *
 * Sends and receives datagrams over UDP: unicast, broadcast and multicast.
 *
 * ```c
 * g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();
 *
 * g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), NULL);
 * qnet_abstract_socket_bind_port (QNET_ABSTRACT_SOCKET (socket), 7755,
 *                                 QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error);
 * ```
 *
 * [method@AbstractSocket.bind] the socket and receive with [method@UdpSocket.receive_datagram],
 * which returns all information about a datagram, or with [method@UdpSocket.read_datagram], which
 * does not allocate memory. Send with [method@UdpSocket.write_datagram_to]; a socket that only
 * sends need not be bound, the first datagram binds it. To broadcast, only the address is needed
 * ([QNET_SPECIAL_ADDRESS_BROADCAST][enum@SpecialAddress]).
 *
 * Datagrams are only buffered in the kernel: sending succeeds or fails at once, and received
 * datagrams wait in the kernel, which drops those that do not fit. [signal@IODevice::ready-read] is
 * emitted once when there are datagrams, and not again until a call has tried to read one, or has
 * asked for one and found none. [signal@IODevice::bytes-written] is emitted in the next iteration
 * after a datagram was sent, to the handlers that were connected at that time.
 *
 * With [method@AbstractSocket.connect_to_host] the socket has a single peer. It receives from no
 * other address, not even datagrams that arrived before the socket was connected, and
 * [method@IODevice.read], [method@IODevice.write] and [method@IODevice.peek] can be used. Each read
 * takes one datagram: bytes that do not fit are lost. If the port of the peer is closed, its host
 * may report that by ICMP: then [signal@Socket::error-occurred] is emitted with
 * [QNET_SOCKET_ERROR_CONNECTION_REFUSED][error@SocketError], or the next call fails with it, and
 * the socket can still be used.
 *
 * With a SOCKS5 proxy in [property@AbstractSocket:proxy] datagrams are sent through the proxy. On
 * the way to it they are larger by up to 22 bytes, multicast is not possible, and only the data,
 * the sender and the destination of a [struct@NetworkDatagram] are transmitted: what a proxy does
 * not support is refused with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError],
 * not ignored.
 *
 * A socket that is bound to [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] sends and receives IPv4
 * and IPv6, and an IPv4 sender is reported as an IPv4 address.
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

static GParamSpec *props[N_PROPS];

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

/* Connecting a bound descriptor changes its peer, and nothing else. */
QnetUdpSocketPrivate *
qnet_udp_socket_inspect_fd (QnetUdpSocket *self)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_instance_private (self);
  QnetSocketPrivate *socket = qnet_socket_get_private (QNET_SOCKET (self));
  int fd = qnet_udp_socket_get_channel (self)->transport.fd;
  socklen_t size = sizeof priv->peer;

  if (priv->serial == socket->serial && priv->known_in == socket->state)
    return priv;

  priv->serial = socket->serial;
  priv->known_in = socket->state;
  priv->family = qnet_sys_get_family (fd);
  if (qnet_sys_getpeername (fd, (struct sockaddr *) &priv->peer, &size) != 0)
    priv->peer.family = AF_UNSPEC;

  return priv;
}

/* QnetIODevice */

static void
qnet_udp_socket_orphaned (QnetIODevice *device)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_instance_private (QNET_UDP_SOCKET (device));

  g_clear_pointer (&priv->multicast_interface, g_free);
  QNET_IO_DEVICE_CLASS (qnet_udp_socket_parent_class)->priv->orphaned (device);
}

static gboolean
qnet_udp_socket_check_relaying (QnetSocket  *socket,
                                GError     **error)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_instance_private (QNET_UDP_SOCKET (socket));

  if (priv->multicast_interface == NULL)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("A network interface for multicast groups cannot be used through a proxy"));

  return FALSE;
}

/* GObject */

/* The interface for multicast groups belongs to the descriptor. */
static void
qnet_udp_socket_notify (GObject    *object,
                        GParamSpec *pspec)
{
  QnetUdpSocket *self = QNET_UDP_SOCKET (object);
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_instance_private (self);
  QnetSocketState state = qnet_socket_get_state (QNET_SOCKET (self));

  if (!g_str_equal (pspec->name, "state") || state != QNET_SOCKET_STATE_UNCONNECTED
      || priv->multicast_interface == NULL)
    return;

  g_clear_pointer (&priv->multicast_interface, g_free);
  qnet_io_device_notify (object, props[PROP_MULTICAST_INTERFACE]);
}

static void
qnet_udp_socket_finalize (GObject *object)
{
  QnetUdpSocket *self = QNET_UDP_SOCKET (object);
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_instance_private (self);

  qnet_udp_socket_forget_addresses (self);
  g_clear_pointer (&priv->buffered_sender, qnet_host_address_unref);
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
   * Whether other sockets with this property set may be bound to the same port.
   *
   * The kernel then distributes the datagrams among all of them, in one or several processes, those
   * of one sender always to the same socket (`SO_REUSEPORT`). It takes effect with the next bind.
   * For every socket to receive each broadcast and multicast instead, see
   * [QNET_BIND_FLAGS_SHARE_ADDRESS][flags@BindFlags].
   *
   * Since: 1.0
   */
  props[PROP_REUSE_PORT] = g_param_spec_boolean ("reuse-port", NULL, NULL, FALSE, flags);

  /**
   * QnetUdpSocket:multicast-interface:
   *
   * The network interface through which datagrams to a group are sent, or %NULL if the system
   * chooses it.
   *
   * It belongs to the descriptor: bind the socket first, and after the next bind it is %NULL again.
   * A failure to set the property is reported in [property@IODevice:error].
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
  QnetIODeviceClassPrivate *functions = qnet_io_device_class_get_private (device_class);

  object_class->finalize     = qnet_udp_socket_finalize;
  object_class->notify       = qnet_udp_socket_notify;
  object_class->get_property = qnet_udp_socket_get_property;
  object_class->set_property = qnet_udp_socket_set_property;

  qnet_io_device_class_send_datagrams (device_class);
  functions->send        = qnet_udp_socket_send;
  functions->pull        = qnet_udp_socket_pull;
  functions->get_pending = qnet_udp_socket_get_pending;
  functions->orphaned    = qnet_udp_socket_orphaned;

  qnet_socket_class_get_private (QNET_SOCKET_CLASS (klass))->check_relaying =
    qnet_udp_socket_check_relaying;

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
 * Creates a socket that is neither bound nor connected.
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
 * @socket: a datagram socket, bound or connected
 * @error: return location for an error
 *
 * Creates a socket from a [class@Gio.Socket].
 *
 * It uses a duplicate of the descriptor. Do not receive with @socket afterwards.
 *
 * Returns: (transfer full): the socket, or %NULL with @error set if @socket is not for UDP
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
  if (qnet_socket_set_fd (QNET_SOCKET (self), fd, state, mode, error))
    return g_steal_pointer (&self);

  qnet_clear_fd (&fd);

  return NULL;
}

/**
 * qnet_udp_socket_get_datagram_based:
 * @self: a socket
 *
 * Gets the socket as a [iface@Gio.DatagramBased], for code that sends through that interface.
 *
 * A datagram that is received with it is not received by @self. See
 * [method@Socket.get_socket] for how long it is valid.
 *
 * Returns: (transfer none) (nullable): the interface, or %NULL if the socket is neither bound nor
 *   connected, or if datagrams are sent through a proxy
 *
 * Since: 1.0
 */
GDatagramBased *
qnet_udp_socket_get_datagram_based (QnetUdpSocket *self)
{
  GSocket *socket;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  if (qnet_udp_socket_get_relay (self) != NULL)
    return NULL;

  socket = qnet_socket_get_socket (QNET_SOCKET (self));

  return socket != NULL ? G_DATAGRAM_BASED (socket) : NULL;
}

/**
 * qnet_udp_socket_get_reuse_port:
 * @self: a socket
 *
 * Gets whether other sockets may be bound to the same port.
 *
 * Returns: %TRUE if sockets with [property@UdpSocket:reuse-port] set may
 *
 * Since: 1.0
 */
gboolean
qnet_udp_socket_get_reuse_port (QnetUdpSocket *self)
{
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), FALSE);
  QNET_IO_BRIEF_STAY (self, FALSE);

  return qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (self))->reuse_port;
}

/**
 * qnet_udp_socket_set_reuse_port:
 * @self: a socket
 * @reuse_port: whether other sockets may be bound to the same port
 *
 * Sets whether other sockets may be bound to the same port; see [property@UdpSocket:reuse-port].
 *
 * Since: 1.0
 */
void
qnet_udp_socket_set_reuse_port (QnetUdpSocket *self,
                                gboolean       reuse_port)
{
  QnetAbstractSocketPrivate *priv;

  g_return_if_fail (QNET_IS_UDP_SOCKET (self));
  QNET_IO_STAY (self);

  priv = qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (self));
  reuse_port = !!reuse_port;
  if (priv->reuse_port == reuse_port)
    return;

  priv->reuse_port = reuse_port;
  qnet_io_device_notify (self, props[PROP_REUSE_PORT]);
}
