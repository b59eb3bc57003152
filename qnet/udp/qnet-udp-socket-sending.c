/* qnet-udp-socket-sending.c: sending single datagrams
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-udp-socket.h"

#include "address/qnet-host-address-private.h"
#include "address/qnet-network-datagram-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "connection/qnet-datagram-message-private.h"
#include "device/qnet-io-lock-private.h"
#include "socket/qnet-abstract-socket-private.h"
#include "udp/qnet-udp-socket-private.h"

/* Checks */

static gboolean
check_destination (QnetHostAddress  *address,
                   guint16           port,
                   GError          **error)
{
  g_autofree char *text = NULL;

  if (!qnet_host_address_is_null (address) && port != 0)
    return TRUE;

  text = qnet_host_address_to_display (address, port);
  qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                  _("Could not send to %s: A datagram needs an address and a port"), text);
  return FALSE;
}

static gboolean
check_peer (QnetUdpSocket  *self,
            GError        **error)
{
  if (qnet_socket_get_state (QNET_SOCKET (self)) == QNET_SOCKET_STATE_CONNECTED)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                  _("Could not send: The datagram has no destination, and the socket has no peer"));
  return FALSE;
}

/* Sending on an unconnected socket binds it, to a port that the system chooses, for IPv4 and
 * IPv6. */
static gboolean
ensure_open (QnetUdpSocket  *self,
             GError        **error)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (self);
  QnetChannel *channel = qnet_udp_socket_get_channel (self);

  if (!qnet_channel_is_open (channel)
      && qnet_socket_get_state (QNET_SOCKET (socket)) == QNET_SOCKET_STATE_UNCONNECTED
      && !qnet_abstract_socket_bind_port (socket, 0, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, error))
    return FALSE;

  /* Or a handler of state-changed has closed it. */
  if (!qnet_channel_is_open (channel))
    qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not send: The socket is not bound"));

  return qnet_channel_is_open (channel);
}

/* Notifying */

/* bytes-written is emitted in the next iteration. It costs an iteration, so it is only scheduled if
 * there is a handler. */
static void
note_sent (QnetUdpSocket *self,
           gsize          size)
{
  gboolean has_handler = qnet_io_device_has_bytes_written_handler (QNET_IO_DEVICE (self));

  qnet_channel_count_sent (qnet_udp_socket_get_channel (self), size, has_handler);
}

/* Limitations of a relay */

static gboolean
is_plain (const QnetNetworkDatagram *datagram)
{
  return datagram->hop_limit < 0 && datagram->interface_index == 0
         && qnet_host_address_is_null (datagram->sender);
}

/* The protocol can only transmit the data and the destination. What cannot be sent as requested is
 * refused. */
static gboolean
check_relayable (QnetUdpSocket              *self,
                 const QnetHostAddress      *address,
                 guint16                     port,
                 const QnetNetworkDatagram  *datagram,  /* (nullable): NULL for bytes alone */
                 GError                    **error)
{
  g_autofree char *to = NULL;

  if (qnet_udp_socket_get_relay (self) == NULL)
    return TRUE;

  if (datagram != NULL && !is_plain (datagram))
    {
      to = qnet_udp_socket_describe_target (self, address, port);
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("Could not send to %s: A hop limit, network interface or sender cannot be "
                        "used through a proxy"), to);
    }
  else if (qnet_host_address_is_multicast (address))
    {
      to = qnet_host_address_to_display (address, port);
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("Could not send to %s: Datagrams to a multicast group cannot be sent "
                        "through a proxy"), to);
    }
  else if (qnet_host_address_get_scope_id (address) != NULL)
    {
      to = qnet_host_address_to_display (address, port);
      qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                      _("Could not send to %s: An address with a network interface cannot be used "
                        "through a proxy"), to);
    }
  else
    return TRUE;

  return FALSE;
}

/* That there is no room does not become the error of the socket. */
gssize
qnet_udp_socket_fail_sending (QnetUdpSocket  *self,
                              GError         *reason,
                              GError        **error)
{
  if (g_error_matches (reason, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY))
    g_propagate_error (error, reason);
  else
    qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  return -1;
}

/* System calls: -1 with errno set. An address of NULL is that of the peer. */

static gssize
send_by_relay (QnetUdpSocket         *self,
               const void            *data,
               gsize                  size,
               const QnetHostAddress *address,  /* (nullable) */
               guint16                port)
{
  QnetChannel *channel = qnet_udp_socket_get_channel (self);

  channel->n_send_calls++;

  return qnet_datagram_relay_send (qnet_udp_socket_get_relay (self), channel->transport.fd,
                                   data, size, address, port);
}

static gssize
send_directly (QnetUdpSocket   *self,
               const void      *data,
               gsize            size,
               QnetHostAddress *address,
               guint16          port)
{
  QnetChannel *channel = qnet_udp_socket_get_channel (self);
  int family = qnet_udp_socket_inspect_fd (self)->family;
  struct sockaddr_storage native;
  socklen_t native_size = qnet_message_to_native (address, port, family, &native);

  channel->n_send_calls++;

  return native_size > 0 ? qnet_sys_sendto (channel->transport.fd, data, size,
                                            (struct sockaddr *) &native, native_size)
                         : (errno = EADDRNOTAVAIL, -1);
}

/* Bytes to an address */

static gssize
send_bytes (QnetUdpSocket    *self,
            const void       *data,
            gsize             size,
            QnetHostAddress  *address,
            guint16           port,
            GError          **error)
{
  gssize n;

  if (!check_destination (address, port, error) || !ensure_open (self, error)
      || !check_relayable (self, address, port, NULL, error))
    return -1;

  n = qnet_udp_socket_get_relay (self) != NULL ? send_by_relay (self, data, size, address, port)
                                               : send_directly (self, data, size, address, port);
  if (n >= 0)
    note_sent (self, size);
  else
    qnet_udp_socket_set_send_error (self, error, errno, address, port);

  return n;
}

/* Datagrams */

guint16
qnet_udp_get_destination_port (const QnetNetworkDatagram *datagram)
{
  return (guint16) MAX (datagram->destination_port, 0);
}

gboolean
qnet_udp_socket_check_datagram (QnetUdpSocket              *self,
                                const QnetNetworkDatagram  *datagram,
                                GError                    **error)
{
  guint16 port = qnet_udp_get_destination_port (datagram);

  if (qnet_host_address_is_null (datagram->destination))
    return check_peer (self, error)
           && check_relayable (self, datagram->destination, port, datagram, error);

  return check_destination (datagram->destination, port, error) && ensure_open (self, error)
         && check_relayable (self, datagram->destination, port, datagram, error);
}

/* Of a datagram that was checked. */
gboolean
qnet_udp_socket_fill_message (QnetUdpSocket              *self,
                              QnetMessage                *message,
                              struct msghdr              *out_header,
                              const QnetNetworkDatagram  *datagram,
                              GError                    **error)
{
  int family = qnet_udp_socket_inspect_fd (self)->family;
  g_autofree char *to = NULL;
  socklen_t size;

  if (!qnet_message_fill (message, out_header, datagram, family))
    {
      to = qnet_udp_socket_describe_target (self, datagram->destination,
                                            qnet_udp_get_destination_port (datagram));
      qnet_udp_socket_set_sender_error (error, datagram, to);
      return FALSE;
    }

  if (qnet_host_address_is_null (datagram->destination))
    return TRUE;

  size = qnet_message_to_native (datagram->destination, qnet_udp_get_destination_port (datagram),
                                 family, &message->address);
  if (size == 0)
    qnet_udp_socket_set_datagram_error (self, error, EADDRNOTAVAIL, datagram);

  out_header->msg_name = &message->address;
  out_header->msg_namelen = size;

  return size > 0;
}

/* For a datagram that was checked. */
static gssize
send_datagram_by_relay (QnetUdpSocket              *self,
                        const QnetNetworkDatagram  *datagram,
                        GError                    **error)
{
  gboolean is_to_peer = qnet_host_address_is_null (datagram->destination);
  gsize size;
  const void *data = g_bytes_get_data (datagram->data, &size);
  gssize n = send_by_relay (self, data, size, is_to_peer ? NULL : datagram->destination,
                            qnet_udp_get_destination_port (datagram));

  if (n >= 0)
    note_sent (self, size);
  else
    qnet_udp_socket_set_datagram_error (self, error, errno, datagram);

  return n;
}

gssize
qnet_udp_socket_send_datagram (QnetUdpSocket              *self,
                               const QnetNetworkDatagram  *datagram,
                               GError                    **error)
{
  QnetChannel *channel = qnet_udp_socket_get_channel (self);
  QnetMessage message;
  struct msghdr header;
  gssize n;

  if (!qnet_udp_socket_check_datagram (self, datagram, error))
    return -1;

  if (qnet_udp_socket_get_relay (self) != NULL)
    return send_datagram_by_relay (self, datagram, error);

  if (!qnet_udp_socket_fill_message (self, &message, &header, datagram, error))
    return -1;

  channel->n_send_calls++;
  n = qnet_sys_sendmsg (channel->transport.fd, &header);
  if (n >= 0)
    note_sent (self, (gsize) n);
  else
    qnet_udp_socket_set_datagram_error (self, error, errno, datagram);

  return n;
}

/* -1 with errno set */
static gssize
send_to_peer (QnetUdpSocket *self,
              const guint8  *data,
              gsize          size)
{
  QnetChannel *channel = qnet_udp_socket_get_channel (self);
  struct iovec vector = { (void *) data, size };
  const struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1 };

  if (qnet_udp_socket_get_relay (self) != NULL)
    return send_by_relay (self, data, size, NULL, 0);

  channel->n_send_calls++;

  return qnet_sys_sendmsg (channel->transport.fd, &header);
}

static void
set_peer_error (QnetUdpSocket  *self,
                GError        **error,
                int             error_number)
{
  g_autoptr(QnetHostAddress) none = qnet_host_address_new_null ();

  qnet_udp_socket_set_send_error (self, error, error_number, none, 0);
}

/* As a QnetIODevice, the socket sends to its peer. */
gboolean
qnet_udp_socket_send (QnetIODevice  *device,
                      const guint8  *data,
                      gsize          size,
                      GError       **error)
{
  QnetUdpSocket *self = QNET_UDP_SOCKET (device);
  GError *reason = NULL;

  if (check_peer (self, &reason))
    {
      if (send_to_peer (self, data, size) >= 0)
        {
          note_sent (self, size);
          return TRUE;
        }

      set_peer_error (self, &reason, errno);
    }

  qnet_udp_socket_fail_sending (self, reason, error);

  return FALSE;
}

/* Public API */

/**
 * qnet_udp_socket_write_datagram:
 * @self: a socket
 * @datagram: the datagram, with its destination
 * @error: return location for an error
 *
 * Sends a datagram without blocking.
 *
 * Its interface, hop limit and sender address are used if they are set; the port of the sender is
 * always that of the socket. Without a destination it is sent to the peer of a connected socket. It
 * fails as [method@UdpSocket.write_datagram_to] does, and with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError] if one of these three is set
 * and datagrams are sent through a proxy, which does not support them.
 *
 * Returns: the size of the datagram, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_udp_socket_write_datagram (QnetUdpSocket        *self,
                                QnetNetworkDatagram  *datagram,
                                GError              **error)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  GError *reason = NULL;
  gssize n;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), -1);
  g_return_val_if_fail (datagram != NULL, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);
  QNET_IO_STAY_OR_FAIL (self, error, -1);

  hold = qnet_io_device_hold (self);
  n = qnet_udp_socket_send_datagram (self, datagram, &reason);

  return n >= 0 ? n : qnet_udp_socket_fail_sending (self, reason, error);
}

/**
 * qnet_udp_socket_write_datagram_to:
 * @self: a socket
 * @data: (array length=size) (element-type guint8): the bytes
 * @size: the number of bytes; 0 sends an empty datagram
 * @address: the destination: a host, a group, or a broadcast address
 * @port: the port, 1 to 65535
 * @error: return location for an error
 *
 * Sends a datagram without blocking, and without allocating memory.
 *
 * It binds a socket that is not bound yet, to a port that the system chooses, for IPv4 and IPv6. It
 * fails with [QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE][error@SocketError] for more bytes than fit into
 * a datagram (65 507 with IPv4), with [QNET_SOCKET_ERROR_TEMPORARY][error@SocketError] if the
 * kernel has no room now ([method@UdpSocket.write_datagram_async] waits for it), with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError] for no address or port 0, with
 * [QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE][error@SocketError] for a link-local address
 * without its scope, and with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError]
 * if the socket is bound to an address of the other family than @address, or for a group if
 * datagrams are sent through a proxy. A v4-mapped address is the IPv4 address that it represents,
 * and [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] is this machine. Success does not mean that
 * the datagram arrives.
 *
 * Returns: @size, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_udp_socket_write_datagram_to (QnetUdpSocket    *self,
                                   const guint8     *data,
                                   gsize             size,
                                   QnetHostAddress  *address,
                                   guint16           port,
                                   GError          **error)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  GError *reason = NULL;
  gssize n;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), -1);
  g_return_val_if_fail (data != NULL || size == 0, -1);
  g_return_val_if_fail (address != NULL, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);
  QNET_IO_STAY_OR_FAIL (self, error, -1);

  hold = qnet_io_device_hold (self);
  n = send_bytes (self, data, size, address, port, &reason);

  return n >= 0 ? n : qnet_udp_socket_fail_sending (self, reason, error);
}

/**
 * qnet_udp_socket_write_datagram_bytes_to:
 * @self: a socket
 * @data: the bytes
 * @address: the destination: a host, a group, or a broadcast address
 * @port: the port, 1 to 65535
 * @error: return location for an error
 *
 * Sends a datagram without blocking, as [method@UdpSocket.write_datagram_to] does.
 *
 * Returns: the size of @data, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_udp_socket_write_datagram_bytes_to (QnetUdpSocket    *self,
                                         GBytes           *data,
                                         QnetHostAddress  *address,
                                         guint16           port,
                                         GError          **error)
{
  const guint8 *bytes;
  gsize size;

  g_return_val_if_fail (data != NULL, -1);
  QNET_IO_STAY_OR_FAIL (self, error, -1);

  bytes = g_bytes_get_data (data, &size);

  return qnet_udp_socket_write_datagram_to (self, bytes, size, address, port, error);
}
