/* qnet-udp-socket-buffered.c: the datagram in the read buffer, and the size of the next one
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-udp-socket.h"

#include "address/qnet-network-datagram-private.h"
#include "base/qnet-syscall-private.h"
#include "device/qnet-io-lock-private.h"
#include "socket/qnet-abstract-socket-private.h"
#include "udp/qnet-udp-socket-private.h"

gsize
qnet_udp_socket_get_buffered_size (QnetUdpSocket *self)
{
  return qnet_udp_socket_get_channel (self)->read_queue.length;
}

/* Puts a datagram into the read buffer, from which it is received next. */
static void
buffer_datagram (QnetUdpSocket   *self,
                 const guint8    *data,
                 gsize            size,
                 QnetHostAddress *sender,  /* (transfer full) */
                 guint16          port)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_private (self);
  QnetChannel *channel = qnet_udp_socket_get_channel (self);

  g_clear_pointer (&priv->buffered_sender, qnet_host_address_unref);
  priv->buffered_sender = sender;
  priv->buffered_port = port;
  qnet_byte_queue_append (&channel->read_queue, data, size);
  qnet_udp_socket_note_received (self, size);
  qnet_channel_report_queued (channel);
}

/* FALSE if it is not the peer's, or if the read buffer has a datagram already: it holds one at
 * most. */
static gboolean
buffer_if_wanted (QnetUdpSocket                 *self,
                  const guint8                  *data,
                  gsize                          size,
                  const struct sockaddr_storage *sender)
{
  QnetRelayedDatagram relayed;

  if (size == 0 || qnet_udp_socket_get_buffered_size (self) > 0
      || !qnet_udp_socket_is_from_peer (self, sender))
    return FALSE;

  if (qnet_udp_socket_get_relay (self) == NULL)
    buffer_datagram (self, data, size, qnet_udp_socket_get_sender (self, sender),
                     qnet_udp_get_port (sender));
  else if (qnet_udp_socket_parse_relayed (self, data, size, &relayed))
    buffer_datagram (self, relayed.data, relayed.size, relayed.sender, relayed.port);
  else
    return FALSE;

  return TRUE;
}

gboolean
qnet_udp_socket_drop_peeked (QnetUdpSocket *self,
                             int            flags)  /* of the call that has looked at it */
{
  guint8 *scratch = qnet_udp_get_scratch (QNET_DATAGRAM_MAX);
  struct sockaddr_storage sender;
  gssize n;

  if ((flags & MSG_PEEK) == 0)
    return FALSE;

  n = qnet_sys_recvfrom (qnet_udp_socket_get_channel (self)->transport.fd, scratch,
                         QNET_DATAGRAM_MAX, 0, &sender);

  return n > 0 && buffer_if_wanted (self, scratch, (gsize) n, &sender);
}

/* Taking it */

/* Notifies: a handler may put the next datagram into the read buffer, or drop the last
 * reference. */
static gsize
take_buffered_bytes (QnetUdpSocket *self,
                     void          *buffer,
                     gsize          size)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  gsize n = qnet_io_device_take (QNET_IO_DEVICE (self), buffer, size);

  if (n == 0)
    qnet_io_device_clear_read_buffer (QNET_IO_DEVICE (self));

  qnet_channel_rearm_received (qnet_udp_socket_get_channel (self));

  return n;
}

/* (transfer full): the sender of the datagram in the read buffer */
static QnetHostAddress *
take_buffered_sender (QnetUdpSocket *self,
                      guint16       *out_port)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (self);
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_private (self);

  *out_port = priv->buffered_sender != NULL ? priv->buffered_port
                                            : qnet_abstract_socket_get_peer_port (socket);

  return priv->buffered_sender != NULL ? g_steal_pointer (&priv->buffered_sender)
                                       : qnet_abstract_socket_get_peer_address (socket);
}

QnetNetworkDatagram *
qnet_udp_socket_take_buffered (QnetUdpSocket *self,
                               gsize          max_size)
{
  gsize whole = qnet_udp_socket_get_buffered_size (self);
  gsize size = MIN (whole, max_size);
  guint8 *data = g_malloc (size);
  QnetNetworkDatagram *datagram;
  guint16 port;
  QnetHostAddress *sender = take_buffered_sender (self, &port);

  take_buffered_bytes (self, data, size);
  datagram = qnet_network_datagram_new_take (g_bytes_new_take (data, size));
  datagram->is_truncated = size < whole;
  qnet_udp_set_sender (datagram, sender, port);

  return datagram;
}

gsize
qnet_udp_socket_read_buffered (QnetUdpSocket    *self,
                               void             *buffer,
                               gsize             size,
                               QnetHostAddress **address,
                               guint16          *port,
                               gsize            *whole_size)
{
  guint16 sender_port;
  QnetHostAddress *sender = take_buffered_sender (self, &sender_port);

  if (port != NULL)
    *port = sender_port;
  if (address != NULL)
    *address = sender;
  else
    qnet_host_address_unref (sender);
  *whole_size = qnet_udp_socket_get_buffered_size (self);

  return take_buffered_bytes (self, buffer, size);
}

/* For QnetIODevice: a connected socket reads as a device */

static gssize
pull_relayed (QnetUdpSocket *self)
{
  guint n_dropped = 0;
  QnetRelayedDatagram relayed;

  if (!qnet_udp_socket_receive_relayed (self, 0, &n_dropped, &relayed))
    return -1;

  qnet_byte_queue_append (&qnet_udp_socket_get_channel (self)->read_queue, relayed.data,
                          relayed.size);
  qnet_host_address_unref (relayed.sender);

  return (gssize) relayed.size;
}

static gssize
pull_directly (QnetUdpSocket *self)
{
  QnetChannel *channel = qnet_udp_socket_get_channel (self);
  guint8 *scratch = qnet_udp_get_scratch (QNET_DATAGRAM_MAX);
  struct sockaddr_storage sender;
  gssize n = qnet_udp_socket_receive_from (self, scratch, QNET_DATAGRAM_MAX, 0, &sender);

  if (n >= 0)
    qnet_byte_queue_append (&channel->read_queue, scratch, (gsize) n);

  return n;
}

/* Receives the next datagram into the read buffer. A failure is reported by error-occurred. */
void
qnet_udp_socket_pull (QnetIODevice *device)
{
  QnetUdpSocket *self = QNET_UDP_SOCKET (device);
  QnetChannel *channel = qnet_udp_socket_get_channel (self);
  GError *error = NULL;
  gssize n;

  if (!qnet_io_device_is_readable (device) || !qnet_udp_socket_begin_receiving (self, NULL))
    return;

  g_clear_pointer (&qnet_udp_socket_get_private (self)->buffered_sender, qnet_host_address_unref);
  n = qnet_udp_socket_get_relay (self) != NULL ? pull_relayed (self) : pull_directly (self);
  if (n >= 0)
    qnet_udp_socket_note_received (self, (gsize) n);
  else if (errno != EAGAIN)
    {
      qnet_udp_socket_set_receive_error (self, &error);
      qnet_channel_report_failure (channel, error);
    }
}

/* -1 with errno set */
static gssize
peek_at_relayed_size (QnetUdpSocket *self)
{
  guint n_dropped = 0;
  QnetRelayedDatagram relayed;

  if (!qnet_udp_socket_receive_relayed (self, MSG_PEEK, &n_dropped, &relayed))
    return -1;

  qnet_host_address_unref (relayed.sender);

  return (gssize) relayed.size;
}

/* -1 with errno set. Then the next datagram is reported: asking may have made the kernel drop
 * one. */
static gssize
peek_at_size (QnetUdpSocket *self)
{
  struct sockaddr_storage sender;
  gssize n = qnet_udp_socket_get_relay (self) != NULL
               ? peek_at_relayed_size (self)
               : qnet_udp_socket_receive_from (self, NULL, 0, MSG_PEEK | MSG_TRUNC, &sender);
  int error_number = errno;

  if (n < 0)
    qnet_channel_rearm_received (qnet_udp_socket_get_channel (self));

  errno = error_number;

  return n;
}

/* Asking also takes a pending error from the kernel, which is reported then. */
static gssize
get_kernel_size (QnetUdpSocket *self)
{
  QnetChannel *channel = qnet_udp_socket_get_channel (self);
  GError *error = NULL;
  gssize n;

  if (!qnet_channel_is_open (channel))
    return -1;

  n = peek_at_size (self);
  if (n >= 0 || errno == EAGAIN)
    return n;

  qnet_udp_socket_set_receive_error (self, &error);
  qnet_channel_report_failure (channel, error);

  return peek_at_size (self);
}

gssize
qnet_udp_socket_get_pending (QnetIODevice *device)
{
  QnetUdpSocket *self = QNET_UDP_SOCKET (device);
  gboolean has_buffered = qnet_udp_socket_get_private (self)->buffered_sender != NULL
                          && qnet_udp_socket_get_buffered_size (self) > 0;

  return has_buffered ? (gssize) qnet_udp_socket_get_buffered_size (self) : get_kernel_size (self);
}

/* Public API */

/**
 * qnet_udp_socket_has_pending_datagrams:
 * @self: a socket
 *
 * Gets whether a datagram can be received, possibly an empty one.
 *
 * This is a system call: a handler of [signal@IODevice::ready-read] should instead receive until
 * that fails, or one datagram each time, since the signal is emitted again for the next one. The
 * signal is also emitted for the next datagram after %FALSE was returned.
 *
 * Returns: %TRUE if there is a datagram
 *
 * Since: 1.0
 */
gboolean
qnet_udp_socket_has_pending_datagrams (QnetUdpSocket *self)
{
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), FALSE);
  QNET_IO_BRIEF_STAY (self, FALSE);

  return qnet_udp_socket_get_pending_datagram_size (self) >= 0;
}

/**
 * qnet_udp_socket_get_pending_datagram_size:
 * @self: a socket
 *
 * Gets the size of the next datagram.
 *
 * Returns: the size in bytes, 0 for an empty datagram, -1 if there is none
 *
 * Since: 1.0
 */
gssize
qnet_udp_socket_get_pending_datagram_size (QnetUdpSocket *self)
{
  gsize buffered;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), -1);
  QNET_IO_BRIEF_STAY (self, -1);

  buffered = qnet_udp_socket_get_buffered_size (self);

  return buffered > 0 ? (gssize) buffered : get_kernel_size (self);
}
