/* qnet-udp-socket-sending.c: datagrams into the kernel
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-udp-socket.h"

#include <net/if.h>
#include <netinet/in.h>

#include "address/qnet-host-address-private.h"
#include "address/qnet-network-datagram-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"
#include "socket/qnet-abstract-socket-private.h"
#include "socket/qnet-datagram-message-private.h"
#include "socket/qnet-udp-socket-private.h"

/* Before */

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
                  _("Could not send to %s: a datagram needs an address and a port"), text);
  return FALSE;
}

static gboolean
check_peer (QnetUdpSocket  *self,
            GError        **error)
{
  if (qnet_abstract_socket_get_state (QNET_ABSTRACT_SOCKET (self)) == QNET_SOCKET_STATE_CONNECTED)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                  _("Could not send: the datagram has no destination, and the socket no peer"));
  return FALSE;
}

/* Who sends before anything else is bound by that, to whatever port, for IPv4 and IPv6. */
static gboolean
ensure_open (QnetUdpSocket  *self,
             GError        **error)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (self);
  QnetChannel *channel = qnet_udp_socket_get_channel (self);

  if (!qnet_channel_is_open (channel)
      && qnet_abstract_socket_get_state (socket) == QNET_SOCKET_STATE_UNCONNECTED
      && !qnet_abstract_socket_bind_port (socket, 0, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, error))
    return FALSE;

  /* Or a handler of state-changed has undone it. */
  if (!qnet_channel_is_open (channel))
    qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                    _("Could not send: the socket has no address yet"));

  return qnet_channel_is_open (channel);
}

/* After */

/* The next turn tells by bytes-written. It costs a turn, so that it is not done for nobody. */
static void
note_sent (QnetUdpSocket *self,
           gsize          size)
{
  gboolean is_heard = qnet_io_device_is_bytes_written_heard (QNET_IO_DEVICE (self));

  qnet_channel_sent_datagram (qnet_udp_socket_get_channel (self), size, is_heard);
}

static gboolean
speaks_ipv6_alone (QnetUdpSocket *self)
{
  int is_only = 0;
  socklen_t size = sizeof is_only;

  return qnet_udp_socket_look_at_descriptor (self)->family == AF_INET6
         && qnet_sys_getsockopt (qnet_udp_socket_get_channel (self)->transport.fd, IPPROTO_IPV6, IPV6_V6ONLY,
                                 &is_only, &size) == 0
         && is_only;
}

/* Of the other family than that of the socket, which is of one alone. */
static gboolean
is_of_other_family (QnetUdpSocket         *self,
                    const QnetHostAddress *address)
{
  struct sockaddr_storage native;
  int family = qnet_udp_socket_look_at_descriptor (self)->family;

  if (qnet_udp_socket_get_relay (self) != NULL || qnet_host_address_to_native (address, 0, &native) == 0)
    return FALSE;

  if (family == AF_INET)
    return qnet_message_to_native (address, 0, family, &native) == 0;

  return qnet_message_is_ipv4 (&native) && speaks_ipv6_alone (self);
}

static void
set_error_of_family (QnetUdpSocket  *self,
                     GError        **error,
                     const char     *to)
{
  if (qnet_udp_socket_look_at_descriptor (self)->family == AF_INET)
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("Could not send to %s: the socket is bound to an IPv4 address"), to);
  else
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("Could not send to %s: the socket is bound to an IPv6 address"), to);
}

/* (transfer full) */
static char *
describe_peer (QnetUdpSocket *self)
{
  QnetConnection *connection = &qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (self))->connection;
  char *peer = connection->klass->describe_peer (QNET_IO_DEVICE (self));

  return peer != NULL ? peer : g_strdup (_("the peer"));
}

/* (transfer full): where a datagram goes that has no destination of its own, or that one */
static char *
describe_target (QnetUdpSocket         *self,
                 const QnetHostAddress *address,
                 guint16                port)
{
  return qnet_host_address_is_null (address) ? describe_peer (self) : qnet_host_address_to_display (address, port);
}

gboolean
qnet_udp_socket_set_delivery_error (QnetUdpSocket  *self,
                                    GError        **error,
                                    int             error_number)
{
  g_autofree char *peer = NULL;

  if (error_number != ECONNREFUSED)
    return FALSE;

  peer = describe_peer (self);
  qnet_set_error (error, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                  /* Translators: the address and port of the peer, and why */
                  _("A datagram could not be delivered to %s: %s"), peer, g_strerror (error_number));

  return TRUE;
}

/* "Invalid argument" is what the system says of another host then; with IPv6 it may be the scope. */
static gboolean
is_bound_to_loopback (QnetUdpSocket *self)
{
  g_autoptr(QnetHostAddress) address = qnet_abstract_socket_get_local_address (QNET_ABSTRACT_SOCKET (self));

  return qnet_host_address_get_protocol (address) == QNET_NETWORK_LAYER_PROTOCOL_IPV4
         && qnet_host_address_is_loopback (address);
}

static void
set_send_error (QnetUdpSocket    *self,
                GError          **error,
                int               error_number,
                QnetHostAddress  *address,
                guint16           port)
{
  gboolean is_to_peer = qnet_host_address_is_null (address);
  g_autofree char *to = NULL;
  g_autofree char *what = NULL;

  if (qnet_udp_socket_set_delivery_error (self, error, error_number))
    return;

  to = describe_target (self, address, port);
  what = g_strdup_printf (_("Could not send to %s"), to);

  if (error_number == EAGAIN)
    qnet_set_error (error, QNET_SOCKET_ERROR_TEMPORARY,
                    _("Could not send to %s: the system has no room for another datagram now"), to);
  else if (is_to_peer)
    qnet_set_error_from_errno (error, error_number, "%s", what);
  else if (is_of_other_family (self, address))
    set_error_of_family (self, error, to);
  else if (error_number == EINVAL && is_bound_to_loopback (self))
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("Could not send to %s: the socket is bound to a loopback address"), to);
  else
    qnet_set_error_for_address (error, error_number, address, what);
}

/* What a datagram asks for */

/* Whether the system would let a socket have that address. */
static gboolean
is_of_this_machine (QnetHostAddress *address)
{
  struct sockaddr_storage native;
  socklen_t size = qnet_host_address_to_native (address, 0, &native);
  int fd = qnet_sys_socket (native.ss_family, SOCK_DGRAM, 0);
  gboolean is_ours = fd < 0 || qnet_sys_bind (fd, (struct sockaddr *) &native, size) == 0 || errno != EADDRNOTAVAIL;

  qnet_clear_fd (&fd);

  return is_ours;
}

static gboolean
is_interface (guint interface_index)
{
  char name[IF_NAMESIZE];

  return if_indextoname (interface_index, name) != NULL;
}

/* The system gives the same few reasons for whatever it was that it could not do. FALSE: none of these was it. */
static gboolean
set_error_of_request (QnetUdpSocket              *self,
                      GError                    **error,
                      int                         error_number,
                      const QnetNetworkDatagram  *datagram,
                      const char                 *to)
{
  g_autofree char *sender = NULL;

  if (error_number == EAGAIN || error_number == ECONNREFUSED)
    return FALSE;

  if (datagram->interface_index != 0 && !is_interface (datagram->interface_index))
    qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    /* Translators: an address and its port, and the number of a network interface */
                    _("Could not send to %s: there is no network interface %u"), to, datagram->interface_index);
  else if (datagram->hop_limit == 0 && error_number == EINVAL)
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("Could not send to %s: the system refuses a hop limit of 0"), to);
  else if (!qnet_host_address_is_null (datagram->sender) && !is_of_this_machine (datagram->sender))
    {
      sender = qnet_host_address_to_string (datagram->sender);
      qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                      /* Translators: an address and its port, and another address */
                      _("Could not send to %s: %s is not an address of this machine"), to, sender);
    }
  else
    return FALSE;

  return TRUE;
}

static void
set_error_of_sender (GError                    **error,
                     const QnetNetworkDatagram  *datagram,
                     const char                 *to)
{
  g_autofree char *sender = qnet_host_address_to_string (datagram->sender);

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  /* Translators: an address and its port, and another address */
                  _("Could not send to %s: %s, from which it is to come, is an address of the other family"), to, sender);
}

/* What a relay can do */

static gboolean
is_plain (const QnetNetworkDatagram *datagram)
{
  return datagram->hop_limit < 0 && datagram->interface_index == 0 && qnet_host_address_is_null (datagram->sender);
}

/* The protocol has no place for anything but the data and the destination, and what is not sent as it was asked for is not sent
 * at all. */
static gboolean
check_relayable (QnetUdpSocket              *self,
                 const QnetHostAddress      *address,
                 guint16                     port,
                 const QnetNetworkDatagram  *datagram,  /* (nullable): NULL where there are bytes alone */
                 GError                    **error)
{
  g_autofree char *to = NULL;

  if (qnet_udp_socket_get_relay (self) == NULL)
    return TRUE;

  if (datagram != NULL && !is_plain (datagram))
    {
      to = describe_target (self, address, port);
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("Could not send to %s: a proxy takes no hop limit, network interface or sender for a datagram"), to);
    }
  else if (qnet_host_address_is_multicast (address))
    {
      to = qnet_host_address_to_display (address, port);
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("Could not send to %s: datagrams to a group do not go through a proxy"), to);
    }
  else if (qnet_host_address_get_scope_id (address) != NULL)
    {
      to = qnet_host_address_to_display (address, port);
      qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                      _("Could not send to %s: a proxy does not know the network interfaces of this machine"), to);
    }
  else
    return TRUE;

  return FALSE;
}

/* No room now, as no datagram there, is no failure to be remembered. */
static gssize
fail_sending (QnetUdpSocket  *self,
              GError         *reason,
              GError        **error)
{
  if (g_error_matches (reason, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY))
    g_propagate_error (error, reason);
  else
    qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  return -1;
}

/* The kernel: -1 with errno set. An address of NULL is the peer's. */

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
  int family = qnet_udp_socket_look_at_descriptor (self)->family;
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
    set_send_error (self, error, errno, address, port);

  return n;
}

/* Datagrams */

static guint16
get_destination_port (const QnetNetworkDatagram *datagram)
{
  return (guint16) MAX (datagram->destination_port, 0);
}

static void
set_error_of_datagram (QnetUdpSocket              *self,
                       GError                    **error,
                       int                         error_number,
                       const QnetNetworkDatagram  *datagram)
{
  g_autofree char *to = describe_target (self, datagram->destination, get_destination_port (datagram));

  if (!set_error_of_request (self, error, error_number, datagram, to))
    set_send_error (self, error, error_number, datagram->destination, get_destination_port (datagram));
}

static gboolean
check_datagram (QnetUdpSocket              *self,
                const QnetNetworkDatagram  *datagram,
                GError                    **error)
{
  guint16 port = get_destination_port (datagram);

  if (qnet_host_address_is_null (datagram->destination))
    return check_peer (self, error) && check_relayable (self, datagram->destination, port, datagram, error);

  return check_destination (datagram->destination, port, error) && ensure_open (self, error)
         && check_relayable (self, datagram->destination, port, datagram, error);
}

/* Of a datagram that was checked. */
static gboolean
fill_message (QnetUdpSocket              *self,
              QnetMessage                *message,
              struct msghdr              *out_header,
              const QnetNetworkDatagram  *datagram,
              GError                    **error)
{
  int family = qnet_udp_socket_look_at_descriptor (self)->family;
  g_autofree char *to = NULL;
  socklen_t size;

  if (!qnet_message_fill (message, out_header, datagram, family))
    {
      to = describe_target (self, datagram->destination, get_destination_port (datagram));
      set_error_of_sender (error, datagram, to);
      return FALSE;
    }

  if (qnet_host_address_is_null (datagram->destination))
    return TRUE;

  size = qnet_message_to_native (datagram->destination, get_destination_port (datagram),
                                 family, &message->address);
  if (size == 0)
    set_error_of_datagram (self, error, EADDRNOTAVAIL, datagram);

  out_header->msg_name = &message->address;
  out_header->msg_namelen = size;

  return size > 0;
}

/* Of a datagram that was checked. */
static gssize
send_datagram_by_relay (QnetUdpSocket              *self,
                        const QnetNetworkDatagram  *datagram,
                        GError                    **error)
{
  gboolean is_to_peer = qnet_host_address_is_null (datagram->destination);
  gsize size;
  const void *data = g_bytes_get_data (datagram->data, &size);
  gssize n = send_by_relay (self, data, size, is_to_peer ? NULL : datagram->destination,
                            get_destination_port (datagram));

  if (n >= 0)
    note_sent (self, size);
  else
    set_error_of_datagram (self, error, errno, datagram);

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

  if (!check_datagram (self, datagram, error))
    return -1;

  if (qnet_udp_socket_get_relay (self) != NULL)
    return send_datagram_by_relay (self, datagram, error);

  if (!fill_message (self, &message, &header, datagram, error))
    return -1;

  channel->n_send_calls++;
  n = qnet_sys_sendmsg (channel->transport.fd, &header);
  if (n >= 0)
    note_sent (self, (gsize) n);
  else
    set_error_of_datagram (self, error, errno, datagram);

  return n;
}

static void
note_batch_sent (QnetUdpSocket        *self,
                 QnetNetworkDatagram **datagrams,
                 int                   n_sent)
{
  QnetChannel *channel = qnet_udp_socket_get_channel (self);
  gboolean is_heard = qnet_io_device_is_bytes_written_heard (QNET_IO_DEVICE (self));

  for (int i = 0; i < n_sent; i++)
    qnet_channel_sent_datagram (channel, g_bytes_get_size (datagrams[i]->data), is_heard);
}

/* As send_batch(). */
static int
send_batch_by_relay (QnetUdpSocket        *self,
                     QnetNetworkDatagram **datagrams,
                     guint                 n,
                     GError              **error)
{
  for (guint i = 0; i < n; i++)
    {
      if (qnet_udp_socket_send_datagram (self, datagrams[i], i == 0 ? error : NULL) < 0)
        return i > 0 ? (int) i : -1;
    }

  return (int) n;
}

/* How many of the @n were sent, or -1: then it is the first one that failed. One that cannot be
 * sent ends the batch before it. */
static int
send_batch (QnetUdpSocket        *self,
            QnetNetworkDatagram **datagrams,
            guint                 n,
            GError              **error)
{
  QnetChannel *channel = qnet_udp_socket_get_channel (self);
  QnetMessage messages[QNET_DATAGRAM_BATCH];
  struct mmsghdr headers[QNET_DATAGRAM_BATCH];
  int n_sent;

  for (guint i = 0; i < n; i++)
    {
      GError **reason = i == 0 ? error : NULL;

      if (check_datagram (self, datagrams[i], reason)
          && fill_message (self, &messages[i], &headers[i].msg_hdr, datagrams[i], reason))
        continue;

      if (i == 0)
        return -1;

      n = i;
    }

  channel->n_send_calls++;
  n_sent = qnet_sys_sendmmsg (channel->transport.fd, headers, n);
  if (n_sent < 0)
    set_error_of_datagram (self, error, errno, datagrams[0]);

  note_batch_sent (self, datagrams, n_sent);

  return n_sent;
}

/* To be checked may bind the socket, and bring it a relay. */
static int
send_several (QnetUdpSocket        *self,
              QnetNetworkDatagram **datagrams,
              guint                 n,
              GError              **error)
{
  if (!check_datagram (self, datagrams[0], error))
    return -1;

  return qnet_udp_socket_get_relay (self) != NULL ? send_batch_by_relay (self, datagrams, n, error)
                                                  : send_batch (self, datagrams, n, error);
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
set_error_of_peer (QnetUdpSocket  *self,
                   GError        **error,
                   int             error_number)
{
  g_autoptr(QnetHostAddress) none = qnet_host_address_new_null ();

  set_send_error (self, error, error_number, none, 0);
}

/* A QnetIODevice that is written to sends to its peer. */
gboolean
qnet_udp_socket_write_data (QnetIODevice  *device,
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

      set_error_of_peer (self, &reason, errno);
    }

  fail_sending (self, reason, error);

  return FALSE;
}

/* Public API */

/**
 * qnet_udp_socket_write_datagram:
 * @self: a socket
 * @datagram: what to send, and where to
 * @error: return location for an error
 *
 * Sends a datagram now.
 *
 * Its interface, hop limit and sender address are honoured where they are known; the port of the
 * sender is always the socket's. Without a destination it goes to the peer of a connected socket.
 * It fails as [method@UdpSocket.write_datagram_to] does, and with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError] for any of these three where
 * datagrams go through a proxy, which knows nothing of them.
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
  g_autoptr(QnetUdpSocket) hold = NULL;
  GError *reason = NULL;
  gssize n;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), -1);
  g_return_val_if_fail (datagram != NULL, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);

  hold = g_object_ref (self);
  n = qnet_udp_socket_send_datagram (self, datagram, &reason);

  return n >= 0 ? n : fail_sending (self, reason, error);
}

/**
 * qnet_udp_socket_write_datagram_to:
 * @self: a socket
 * @data: (array length=size) (element-type guint8): the bytes
 * @size: how many they are; 0 sends an empty datagram
 * @address: where to: a host, a group, or everybody
 * @port: the port, 1 to 65535
 * @error: return location for an error
 *
 * Sends a datagram now, without allocating anything.
 *
 * A socket that is not bound yet is bound by it, to a port of the system's choice and for IPv4 and
 * IPv6. It fails with [QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE][error@SocketError] for more bytes than
 * a datagram holds (65 507 with IPv4), with [QNET_SOCKET_ERROR_TEMPORARY][error@SocketError] when
 * the kernel has no room now ([method@UdpSocket.write_datagram_async] waits for it), with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError] for no address or port 0, with
 * [QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE][error@SocketError] for a link-local address
 * without its scope, and with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError]
 * for an address of the other family than that of the address that the socket is bound to, or for a
 * group when datagrams go through a proxy. A v4-mapped address is the IPv4 address that it means,
 * and [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] is this machine. That it arrives is not
 * certain.
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
  g_autoptr(QnetUdpSocket) hold = NULL;
  GError *reason = NULL;
  gssize n;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), -1);
  g_return_val_if_fail (data != NULL || size == 0, -1);
  g_return_val_if_fail (address != NULL, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);

  hold = g_object_ref (self);
  n = send_bytes (self, data, size, address, port, &reason);

  return n >= 0 ? n : fail_sending (self, reason, error);
}

/**
 * qnet_udp_socket_write_datagram_bytes_to:
 * @self: a socket
 * @data: the bytes
 * @address: where to: a host, a group, or everybody
 * @port: the port, 1 to 65535
 * @error: return location for an error
 *
 * Sends a datagram now, as [method@UdpSocket.write_datagram_to] does.
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

  bytes = g_bytes_get_data (data, &size);

  return qnet_udp_socket_write_datagram_to (self, bytes, size, address, port, error);
}

/**
 * qnet_udp_socket_write_datagrams: (skip)
 * @self: a socket
 * @datagrams: (element-type QnetNetworkDatagram): what to send
 * @error: return location for an error
 *
 * Sends datagrams now, many by one system call, in their order.
 *
 * It stops at the first one that cannot be sent. If that is not the very first, the call succeeds
 * and tells how many went; when the rest is tried, it says why.
 *
 * Returns: how many were sent, or -1 with @error set when the first one failed
 *
 * Since: 1.0
 */
gssize
qnet_udp_socket_write_datagrams (QnetUdpSocket  *self,
                                 GPtrArray      *datagrams,
                                 GError        **error)
{
  g_autoptr(QnetUdpSocket) hold = NULL;
  GError *reason = NULL;
  guint n_sent = 0;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), -1);
  g_return_val_if_fail (datagrams != NULL, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);

  hold = g_object_ref (self);

  while (n_sent < datagrams->len)
    {
      guint wanted = MIN (datagrams->len - n_sent, QNET_DATAGRAM_BATCH);
      QnetNetworkDatagram **next = (QnetNetworkDatagram **) datagrams->pdata + n_sent;
      GError **failure = n_sent == 0 ? &reason : NULL;
      int n = send_several (self, next, wanted, failure);

      if (n < 0)
        break;

      n_sent += (guint) n;
      if (n < (int) wanted)
        break;
    }

  return reason == NULL ? (gssize) n_sent : fail_sending (self, reason, error);
}

/**
 * qnet_udp_socket_write_datagram_list: (rename-to qnet_udp_socket_write_datagrams)
 * @self: a socket
 * @datagrams: (element-type QnetNetworkDatagram): what to send
 * @error: return location for an error
 *
 * Sends datagrams now, many by one system call, in their order.
 *
 * It stops at the first one that cannot be sent. If that is not the very first, the call succeeds
 * and tells how many went; when the rest is tried, it says why. This is
 * qnet_udp_socket_write_datagrams() for languages that have lists.
 *
 * Returns: how many were sent, or -1 with @error set when the first one failed
 *
 * Since: 1.0
 */
gssize
qnet_udp_socket_write_datagram_list (QnetUdpSocket  *self,
                                     GList          *datagrams,
                                     GError        **error)
{
  g_autoptr(GPtrArray) array = g_ptr_array_new ();

  for (GList *link = datagrams; link != NULL; link = link->next)
    g_ptr_array_add (array, link->data);

  return qnet_udp_socket_write_datagrams (self, array, error);
}
