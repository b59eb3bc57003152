/* qnet-udp-socket-relayed.c: receiving datagrams through a relay
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-udp-socket.h"

#include <string.h>

#include "address/qnet-network-datagram-private.h"
#include "base/qnet-syscall-private.h"
#include "socket/qnet-abstract-socket-private.h"
#include "udp/qnet-udp-socket-private.h"

/* A datagram of a relay has a header, whose size is known when it was received. */

gboolean
qnet_udp_socket_parse_relayed (QnetUdpSocket       *self,
                               const guint8        *data,
                               gsize                size,
                               QnetRelayedDatagram *out_relayed)
{
  gsize header = qnet_datagram_relay_parse (qnet_udp_socket_get_relay (self), data, size,
                                            &out_relayed->sender, &out_relayed->port);

  if (header == 0)
    return FALSE;

  out_relayed->data = data + header;
  out_relayed->size = size - header;

  return TRUE;
}

static gboolean
get_buffered (QnetUdpSocket       *self,
              QnetRelayedDatagram *out_relayed)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_private (self);

  out_relayed->data = NULL;
  out_relayed->size = qnet_udp_socket_get_buffered_size (self);
  out_relayed->sender = qnet_host_address_ref (priv->buffered_sender);
  out_relayed->port = priv->buffered_port;

  return TRUE;
}

gboolean
qnet_udp_socket_receive_relayed (QnetUdpSocket       *self,
                                 int                  flags,
                                 guint               *n_dropped,
                                 QnetRelayedDatagram *out_relayed)
{
  int fd = qnet_udp_socket_get_channel (self)->transport.fd;
  guint8 *scratch = qnet_udp_get_scratch (QNET_DATAGRAM_MAX);
  struct sockaddr_storage sender;

  for (; *n_dropped < QNET_DATAGRAM_MAX_DROPPED; ++*n_dropped)
    {
      gssize n = qnet_sys_recvfrom (fd, scratch, QNET_DATAGRAM_MAX, flags, &sender);

      if (n < 0)
        return FALSE;

      if (qnet_udp_socket_is_from_peer (self, &sender)
          && qnet_udp_socket_parse_relayed (self, scratch, (gsize) n, out_relayed))
        return TRUE;

      if (qnet_udp_socket_drop_peeked (self, flags))
        return get_buffered (self, out_relayed);
    }

  errno = EAGAIN;  /* as if the kernel had no more */

  return FALSE;
}

/* The same, removed from the kernel's queue, and counted. */
static gboolean
receive_and_count (QnetUdpSocket       *self,
                   guint               *n_dropped,
                   QnetRelayedDatagram *out_relayed)
{
  if (!qnet_udp_socket_receive_relayed (self, 0, n_dropped, out_relayed))
    return FALSE;

  qnet_udp_socket_note_received (self, out_relayed->size);

  return TRUE;
}

QnetNetworkDatagram *
qnet_udp_socket_take_relayed (QnetUdpSocket  *self,
                              gsize           limit,
                              guint          *n_dropped,
                              GError        **error)
{
  QnetNetworkDatagram *datagram;
  QnetRelayedDatagram relayed;

  if (!receive_and_count (self, n_dropped, &relayed))
    {
      qnet_udp_socket_set_receive_error (self, error);
      return NULL;
    }

  datagram = qnet_network_datagram_new_take (g_bytes_new (relayed.data, MIN (relayed.size, limit)));
  datagram->is_truncated = relayed.size > limit;
  datagram->destination_port = qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (self));
  qnet_udp_set_sender (datagram, relayed.sender, relayed.port);

  return datagram;
}

gssize
qnet_udp_socket_read_relayed (QnetUdpSocket    *self,
                              void             *buffer,
                              gsize             size,
                              QnetHostAddress **out_sender,  /* (transfer full) (optional) */
                              guint16          *out_port)    /* (optional) */
{
  guint n_dropped = 0;
  QnetRelayedDatagram relayed;

  if (!receive_and_count (self, &n_dropped, &relayed))
    return -1;

  if (size > 0)
    memmove (buffer, relayed.data, MIN (relayed.size, size));
  if (out_port != NULL)
    *out_port = relayed.port;
  if (out_sender != NULL)
    *out_sender = relayed.sender;
  else
    qnet_host_address_unref (relayed.sender);

  return (gssize) relayed.size;
}
