/* qnet-udp-socket-receiving.c: receiving single datagrams
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-udp-socket.h"

#include <string.h>

#include "address/qnet-host-address-private.h"
#include "address/qnet-network-datagram-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "connection/qnet-datagram-message-private.h"
#include "device/qnet-io-lock-private.h"
#include "socket/qnet-abstract-socket-private.h"
#include "udp/qnet-udp-socket-private.h"

/* The scratch buffer */

typedef struct
{
  gsize  size;
  guint8 bytes[];
} Scratch;

static GPrivate scratch_key = G_PRIVATE_INIT (g_free);

/* The size of a datagram is known when it was received. So it is received into a buffer for the
 * largest one, which all sockets of a thread share, and copied: cheaper than asking the kernel for
 * the size first. Of the buffer for a batch, only the pages that datagrams reach use memory. */
guint8 *
qnet_udp_get_scratch (gsize size)
{
  Scratch *scratch = g_private_get (&scratch_key);

  if (scratch == NULL || scratch->size < size)
    {
      scratch = g_malloc (sizeof *scratch + size);
      scratch->size = size;
      g_private_replace (&scratch_key, scratch);
    }

  return scratch->bytes;
}

/* Addresses */

static QnetDatagramAddresses *
get_addresses (QnetUdpSocket *self)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_private (self);

  if (priv->addresses == NULL)
    priv->addresses = g_new0 (QnetDatagramAddresses, 1);

  return priv->addresses;
}

/* (transfer full) */
QnetHostAddress *
qnet_udp_socket_get_sender (QnetUdpSocket                 *self,
                            const struct sockaddr_storage *native)
{
  return qnet_known_addresses_get (&get_addresses (self)->senders, native);
}

void
qnet_udp_socket_forget_addresses (QnetUdpSocket *self)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_private (self);

  if (priv->addresses == NULL)
    return;

  qnet_known_addresses_clear (&priv->addresses->senders);
  qnet_known_addresses_clear (&priv->addresses->destinations);
  g_clear_pointer (&priv->addresses, g_free);
}

guint16
qnet_udp_socket_get_own_port (QnetUdpSocket *self)
{
  return qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (self));
}

void
qnet_udp_set_sender (QnetNetworkDatagram *datagram,
                     QnetHostAddress     *address,
                     guint16              port)
{
  qnet_host_address_unref (datagram->sender);
  datagram->sender = address;
  datagram->sender_port = port;
}

/* The peer */

static gboolean
is_same_ipv6 (const struct sockaddr_in6 *address,
              const struct sockaddr_in6 *other)
{
  return address->sin6_port == other->sin6_port
         && IN6_ARE_ADDR_EQUAL (&address->sin6_addr, &other->sin6_addr)
         && (address->sin6_scope_id == other->sin6_scope_id || address->sin6_scope_id == 0
             || other->sin6_scope_id == 0);
}

/* A connected descriptor receives from its peer, or its relay, alone. But datagrams that arrived
 * before it was connected are still in the kernel's queue. */
gboolean
qnet_udp_socket_is_from_peer (QnetUdpSocket                 *self,
                              const struct sockaddr_storage *sender)
{
  const QnetUdpSocketPrivate *priv = qnet_udp_socket_inspect_fd (self);
  const struct sockaddr_in *ipv4 = (const struct sockaddr_in *) sender;

  if (priv->peer.family == AF_UNSPEC)
    return TRUE;

  if (priv->peer.family != sender->ss_family)
    return FALSE;

  if (sender->ss_family == AF_INET6)
    return is_same_ipv6 ((const struct sockaddr_in6 *) sender, &priv->peer.in6);

  return ipv4->sin_port == priv->peer.in.sin_port
         && ipv4->sin_addr.s_addr == priv->peer.in.sin_addr.s_addr;
}

/* The channel notifies of the counters at the end of a dispatch; outside of one, the next iteration
 * does. */
void
qnet_udp_socket_note_received (QnetUdpSocket *self,
                               gsize          size)
{
  QnetIODevice *device = QNET_IO_DEVICE (self);

  qnet_channel_count_received (qnet_udp_socket_get_channel (self), size);

  if (!qnet_io_device_is_dispatching (qnet_io_device_get_private (device))
      && qnet_io_device_has_notify_handler (device))
    qnet_io_device_defer (device);
}

/* Returns -1 with errno set as if there were no datagram. */
static gssize
stop_dropping (void)
{
  errno = EAGAIN;

  return -1;
}

gssize
qnet_udp_socket_receive_from (QnetUdpSocket           *self,
                              void                    *buffer,
                              gsize                    size,
                              int                      flags,
                              struct sockaddr_storage *out_sender)
{
  int fd = qnet_udp_socket_get_channel (self)->transport.fd;

  for (guint i = 0; i < QNET_DATAGRAM_MAX_DROPPED; i++)
    {
      gssize n = qnet_sys_recvfrom (fd, buffer, size, flags, out_sender);

      if (n < 0 || qnet_udp_socket_is_from_peer (self, out_sender))
        return n;

      if (qnet_udp_socket_drop_peeked (self, flags))
        return (gssize) qnet_udp_socket_get_buffered_size (self);
    }

  return stop_dropping ();
}

/* The same as a message, with all information from the system. */
static gssize
receive_message (QnetUdpSocket *self,
                 QnetMessage   *message,
                 struct msghdr *header,
                 void          *buffer,
                 gsize          size)
{
  int fd = qnet_udp_socket_get_channel (self)->transport.fd;

  for (guint i = 0; i < QNET_DATAGRAM_MAX_DROPPED; i++)
    {
      gssize n;

      qnet_message_prepare (message, header, buffer, size);
      n = qnet_sys_recvmsg (fd, header, 0);
      if (n < 0 || qnet_udp_socket_is_from_peer (self, &message->address))
        return n;
    }

  return stop_dropping ();
}

/* Errors */

/* Whatever this call finds in the kernel's queue, the next datagram is reported again. */
gboolean
qnet_udp_socket_begin_receiving (QnetUdpSocket  *self,
                                 GError        **error)
{
  QnetChannel *channel = qnet_udp_socket_get_channel (self);

  if (!qnet_channel_is_open (channel))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                      _("Could not receive: The socket is neither bound nor connected"));
      return FALSE;
    }

  qnet_channel_rearm_received (channel);
  channel->n_receive_calls++;

  return TRUE;
}

void
qnet_udp_socket_set_receive_error (QnetUdpSocket  *self,
                                   GError        **error)
{
  int error_number = errno;

  if (error_number == EAGAIN)
    qnet_set_error (error, QNET_SOCKET_ERROR_TEMPORARY,
                    _("Could not receive: There is no datagram"));
  else if (!qnet_udp_socket_set_delivery_error (self, error, error_number))
    qnet_set_error_from_errno (error, error_number, _("Could not receive"));
}

/* That there is no datagram does not become the error of the socket. */
void
qnet_udp_socket_fail_receiving (QnetUdpSocket  *self,
                                GError         *reason,
                                GError        **error)
{
  if (g_error_matches (reason, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY))
    g_propagate_error (error, reason);
  else
    qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
}

/* Receiving */

static gsize
get_limit (gsize max_size)
{
  return max_size == 0 ? QNET_DATAGRAM_MAX : MIN (max_size, QNET_DATAGRAM_MAX);
}

QnetNetworkDatagram *
qnet_udp_socket_make_datagram (QnetUdpSocket     *self,
                               const QnetMessage *message,
                               struct msghdr     *header,
                               gsize              size,
                               guint16            local_port)
{
  GBytes *data = g_bytes_new (message->vector.iov_base, size);
  QnetNetworkDatagram *datagram = qnet_network_datagram_new_take (data);

  qnet_udp_set_sender (datagram, qnet_udp_socket_get_sender (self, &message->address),
                       qnet_udp_get_port (&message->address));
  datagram->destination_port = local_port;
  qnet_message_parse (header, &get_addresses (self)->destinations, datagram);
  qnet_udp_socket_note_received (self, size);

  return datagram;
}

QnetNetworkDatagram *
qnet_udp_socket_take_datagram (QnetUdpSocket  *self,
                               gsize           max_size,
                               GError        **error)
{
  gsize limit = get_limit (max_size);
  guint n_dropped = 0;
  QnetMessage message;
  struct msghdr header;
  gssize n;

  if (qnet_udp_socket_get_buffered_size (self) > 0)
    return qnet_udp_socket_take_buffered (self, limit);

  if (!qnet_udp_socket_begin_receiving (self, error))
    return NULL;

  if (qnet_udp_socket_get_relay (self) != NULL)
    return qnet_udp_socket_take_relayed (self, limit, &n_dropped, error);

  n = receive_message (self, &message, &header, qnet_udp_get_scratch (limit), limit);
  if (n >= 0)
    return qnet_udp_socket_make_datagram (self, &message, &header, (gsize) n,
                                          qnet_udp_socket_get_own_port (self));

  qnet_udp_socket_set_receive_error (self, error);

  return NULL;
}

/* Public API */

/**
 * qnet_udp_socket_receive_datagram:
 * @self: a socket that is bound or connected
 * @max_size: the most bytes to take, 0 for the whole datagram
 * @error: return location for an error
 *
 * Receives the next datagram, without blocking, with all information that the system has of it.
 *
 * If it is larger than @max_size, the rest is lost, and [method@Qnet.NetworkDatagram.is_truncated]
 * returns %TRUE. Of one that [method@IODevice.peek] has returned before,
 * only the bytes and the sender are known. If there is no datagram it fails with
 * [QNET_SOCKET_ERROR_TEMPORARY][error@SocketError], and if the socket is neither bound nor
 * connected with [QNET_SOCKET_ERROR_OPERATION][error@SocketError].
 *
 * Returns: (transfer full): the datagram, or %NULL with @error set
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_udp_socket_receive_datagram (QnetUdpSocket  *self,
                                  gsize           max_size,
                                  GError        **error)
{
  QnetNetworkDatagram *datagram;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);
  QNET_IO_STAY_OR_FAIL (self, error, NULL);

  datagram = qnet_udp_socket_take_datagram (self, max_size, &reason);
  if (datagram == NULL)
    qnet_udp_socket_fail_receiving (self, reason, error);

  return datagram;
}

/* The whole size, or -1 with errno set. */
static gssize
receive_directly_into (QnetUdpSocket    *self,
                       void             *buffer,
                       gsize             size,
                       QnetHostAddress **out_sender,  /* (transfer full) (optional) */
                       guint16          *out_port)    /* (optional) */
{
  struct sockaddr_storage sender;
  gssize n = qnet_udp_socket_receive_from (self, buffer, size, MSG_TRUNC, &sender);

  if (n < 0)
    return -1;

  qnet_udp_socket_note_received (self, MIN ((gsize) n, size));
  if (out_sender != NULL)
    *out_sender = qnet_udp_socket_get_sender (self, &sender);
  if (out_port != NULL)
    *out_port = qnet_udp_get_port (&sender);

  return n;
}

/* Without @error no error is allocated: the usual end of a loop of reads costs no more than the
 * system call. */
static gssize
fail_reading (QnetUdpSocket  *self,
              GError        **error)
{
  GError *reason = NULL;

  if (error == NULL && errno == EAGAIN)
    return -1;

  qnet_udp_socket_set_receive_error (self, &reason);
  qnet_udp_socket_fail_receiving (self, reason, error);

  return -1;
}

/**
 * qnet_udp_socket_read_datagram: (skip)
 * @self: a socket that is bound or connected
 * @buffer: (array length=size) (element-type guint8) (out caller-allocates): the buffer for the
 *   bytes
 * @size: the size of @buffer
 * @address: (out) (optional) (transfer full): return location for the sender's address
 * @port: (out) (optional): return location for the sender's port
 * @error: return location for an error
 *
 * Receives the next datagram into @buffer, without blocking.
 *
 * Bytes that do not fit are lost; [method@UdpSocket.read_datagram_full] returns how many there
 * were. With a @size of 0 the datagram is dropped. It fails as [method@UdpSocket.receive_datagram]
 * does. Nothing is allocated for the address of a recent sender.
 *
 * Returns: how many bytes were read, 0 for an empty datagram, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_udp_socket_read_datagram (QnetUdpSocket    *self,
                               void             *buffer,
                               gsize             size,
                               QnetHostAddress **address,
                               guint16          *port,
                               GError          **error)
{
  return qnet_udp_socket_read_datagram_full (self, buffer, size, address, port, NULL, error);
}

/**
 * qnet_udp_socket_read_datagram_full: (skip)
 * @self: a socket that is bound or connected
 * @buffer: (array length=size) (element-type guint8) (out caller-allocates): the buffer for the
 *   bytes
 * @size: the size of @buffer
 * @address: (out) (optional) (transfer full): return location for the sender's address
 * @port: (out) (optional): return location for the sender's port
 * @whole_size: (out) (optional): return location for the size of the datagram, which is larger than
 *   the number of bytes read if it did not fit
 * @error: return location for an error
 *
 * Receives the next datagram into @buffer, as [method@UdpSocket.read_datagram] does, and returns
 * its size.
 *
 * Returns: how many bytes were read, 0 for an empty datagram, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_udp_socket_read_datagram_full (QnetUdpSocket    *self,
                                    void             *buffer,
                                    gsize             size,
                                    QnetHostAddress **address,
                                    guint16          *port,
                                    gsize            *whole_size,
                                    GError          **error)
{
  gsize whole;
  GError *reason = NULL;
  gssize n;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), -1);
  g_return_val_if_fail (buffer != NULL || size == 0, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);
  QNET_IO_STAY_OR_FAIL (self, error, -1);

  if (qnet_udp_socket_get_buffered_size (self) > 0)
    return (gssize) qnet_udp_socket_read_buffered (self, buffer, size, address, port,
                                                   whole_size != NULL ? whole_size : &whole);

  if (!qnet_udp_socket_begin_receiving (self, &reason))
    {
      qnet_udp_socket_fail_receiving (self, reason, error);
      return -1;
    }

  n = qnet_udp_socket_get_relay (self) != NULL
        ? qnet_udp_socket_read_relayed (self, buffer, size, address, port)
        : receive_directly_into (self, buffer, size, address, port);
  if (n < 0)
    return fail_reading (self, error);

  if (whole_size != NULL)
    *whole_size = (gsize) n;

  return MIN (n, (gssize) MIN (size, G_MAXSSIZE));
}

/**
 * qnet_udp_socket_read_datagram_array: (rename-to qnet_udp_socket_read_datagram)
 * @self: a socket that is bound or connected
 * @max_size: the most bytes to take, 0 for the whole datagram
 * @length: (out): number of bytes returned
 * @address: (out) (optional) (transfer full): return location for the sender's address
 * @port: (out) (optional): return location for the sender's port
 * @error: return location for an error
 *
 * Receives the bytes of the next datagram, without blocking.
 *
 * If it is larger than @max_size, the rest is lost: if that matters, use
 * [method@UdpSocket.receive_datagram], which reports it. It fails as that does.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the bytes, possibly none,
 *   or %NULL with @error set
 *
 * Since: 1.0
 */
guint8 *
qnet_udp_socket_read_datagram_array (QnetUdpSocket    *self,
                                     gsize             max_size,
                                     gsize            *length,
                                     QnetHostAddress **address,
                                     guint16          *port,
                                     GError          **error)
{
  gsize limit = get_limit (max_size);
  guint8 *scratch;
  guint8 *data;
  gssize n;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);
  QNET_IO_STAY_OR_FAIL (self, error, NULL);

  /* The largest size, which a relayed datagram needs: the buffer must not be reallocated. */
  scratch = qnet_udp_get_scratch (QNET_DATAGRAM_MAX);
  n = qnet_udp_socket_read_datagram_full (self, scratch, limit, address, port, NULL, error);
  if (n < 0)
    return NULL;

  data = g_malloc ((gsize) n + 1);
  memcpy (data, scratch, (gsize) n);
  data[n] = '\0';
  *length = (gsize) n;

  return data;
}
