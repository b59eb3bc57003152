/* qnet-udp-socket-batches.c: receiving and sending many datagrams by one system call
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-udp-socket.h"

#include "address/qnet-network-datagram-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-syscall-private.h"
#include "connection/qnet-datagram-message-private.h"
#include "device/qnet-io-lock-private.h"
#include "udp/qnet-udp-socket-private.h"

/* Receiving */

/* The buffer for each datagram of a batch: a page and a cache line more than the largest one,
 * since otherwise the first bytes of all of them would share a few cache lines of the processor. */
#define BATCH_ROOM (64 * 1024 + 4096 + 64)

/* As receive_batch(). */
static int
receive_relayed_batch (QnetUdpSocket  *self,
                       GPtrArray      *datagrams,
                       guint           n,
                       guint          *n_dropped,
                       GError        **error)
{
  for (guint i = 0; i < n; i++)
    {
      QnetNetworkDatagram *datagram = qnet_udp_socket_take_relayed (self, QNET_DATAGRAM_MAX,
                                                                    n_dropped,
                                                                    i == 0 ? error : NULL);

      if (datagram == NULL)
        return i > 0 ? (int) i : -1;

      g_ptr_array_add (datagrams, datagram);
    }

  return (int) n;
}

static void
take_batch (QnetUdpSocket  *self,
            GPtrArray      *datagrams,
            QnetMessage    *messages,
            struct mmsghdr *headers,
            int             n)
{
  guint16 local_port = qnet_udp_socket_get_own_port (self);

  for (int i = 0; i < n; i++)
    if (qnet_udp_socket_is_from_peer (self, &messages[i].address))
      g_ptr_array_add (datagrams,
                       qnet_udp_socket_make_datagram (self, &messages[i], &headers[i].msg_hdr,
                                                      headers[i].msg_len, local_port));
}

/* Appends to @datagrams what one system call receives. Returns the number, including those that are
 * not the peer's, or -1. */
static int
receive_batch (QnetUdpSocket  *self,
               GPtrArray      *datagrams,
               guint           n,
               GError        **error)
{
  guint8 *scratch = qnet_udp_get_scratch ((gsize) n * BATCH_ROOM);
  QnetMessage messages[QNET_DATAGRAM_BATCH];
  struct mmsghdr headers[QNET_DATAGRAM_BATCH];
  int n_received;

  for (guint i = 0; i < n; i++)
    qnet_message_prepare (&messages[i], &headers[i].msg_hdr,
                          scratch + (gsize) i * BATCH_ROOM, QNET_DATAGRAM_MAX);

  n_received = qnet_sys_recvmmsg (qnet_udp_socket_get_channel (self)->transport.fd, headers, n);
  if (n_received < 0)
    qnet_udp_socket_set_receive_error (self, error);
  else
    take_batch (self, datagrams, messages, headers, n_received);

  return n_received;
}

/* The least that the kernel counts for a datagram in addition to its bytes. */
#define MIN_OVERHEAD 256

/* The capacity of the kernel's queue. */
static gsize
get_queue_size (QnetUdpSocket *self)
{
  int fd = qnet_udp_socket_get_channel (self)->transport.fd;
  int size = 0;
  socklen_t length = sizeof size;

  if (qnet_sys_getsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, &length) != 0)
    return 0;

  return (gsize) MAX (size, 0);
}

/* The size of those after the first @n. */
static gsize
get_queued_size (GPtrArray *datagrams,
                 guint      n)
{
  gsize size = 0;

  for (guint i = n; i < datagrams->len; i++)
    {
      const QnetNetworkDatagram *datagram = g_ptr_array_index (datagrams, i);

      size += g_bytes_get_size (datagram->data) + MIN_OVERHEAD;
    }

  return size;
}

/* Appends up to @max datagrams until the kernel has no more; or as many as can have been in its
 * queue when this began, so that it ends even if more arrive than it takes. FALSE after a
 * failure. */
static gboolean
receive_batches (QnetUdpSocket  *self,
                 GPtrArray      *datagrams,
                 guint           max,
                 GError        **error)
{
  gsize queue_size = 0;
  gsize received = 0;
  guint n_dropped = 0;

  while (datagrams->len < max)
    {
      guint n = MIN (max - datagrams->len, QNET_DATAGRAM_BATCH);
      guint n_before = datagrams->len;
      int n_received;

      if (!qnet_udp_socket_begin_receiving (self, error))
        return FALSE;

      n_received = qnet_udp_socket_get_relay (self) != NULL
                     ? receive_relayed_batch (self, datagrams, n, &n_dropped, error)
                     : receive_batch (self, datagrams, n, error);
      if (n_received < (int) n)
        return n_received >= 0;

      if (queue_size == 0)
        queue_size = get_queue_size (self);

      received += get_queued_size (datagrams, n_before);
      if (received >= queue_size)
        return TRUE;
    }

  return TRUE;
}

/**
 * qnet_udp_socket_receive_datagrams:
 * @self: a socket that is bound or connected
 * @max: the most datagrams to take, 0 for no limit
 * @error: return location for an error
 *
 * Receives all datagrams that have arrived, up to @max, without blocking: many by one system call.
 *
 * They are whole. Datagrams that continue to arrive meanwhile are left for the next call, so that a
 * flood does not keep the caller. Unlike [method@UdpSocket.receive_datagram] it does not fail if
 * there is none.
 *
 * Returns: (transfer container) (element-type QnetNetworkDatagram): the datagrams, possibly none,
 *   or %NULL with @error set
 *
 * Since: 1.0
 */
GPtrArray *
qnet_udp_socket_receive_datagrams (QnetUdpSocket  *self,
                                   guint           max,
                                   GError        **error)
{
  g_autoptr(GPtrArray) datagrams = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);
  QNET_IO_STAY_OR_FAIL (self, error, NULL);

  if (max == 0)
    max = G_MAXUINT;

  datagrams = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_network_datagram_unref);
  if (qnet_udp_socket_get_buffered_size (self) > 0)
    g_ptr_array_add (datagrams, qnet_udp_socket_take_buffered (self, QNET_DATAGRAM_MAX));

  if (receive_batches (self, datagrams, max, &reason)
      || g_error_matches (reason, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY))
    {
      g_clear_error (&reason);
      return g_steal_pointer (&datagrams);
    }

  /* The datagrams before the failure are returned; the failure is reported later. */
  if (datagrams->len > 0)
    {
      qnet_channel_report_failure (qnet_udp_socket_get_channel (self), reason);
      return g_steal_pointer (&datagrams);
    }

  qnet_udp_socket_fail_receiving (self, reason, error);

  return NULL;
}

/* Sending */

static void
note_batch_sent (QnetUdpSocket        *self,
                 QnetNetworkDatagram **datagrams,
                 int                   n_sent)
{
  QnetChannel *channel = qnet_udp_socket_get_channel (self);
  gboolean has_handler = qnet_io_device_has_bytes_written_handler (QNET_IO_DEVICE (self));

  for (int i = 0; i < n_sent; i++)
    qnet_channel_count_sent (channel, g_bytes_get_size (datagrams[i]->data), has_handler);
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

/* Returns how many of the @n were sent, or -1 if the first one failed. One that cannot be sent ends
 * the batch before it. */
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

      if (qnet_udp_socket_check_datagram (self, datagrams[i], reason)
          && qnet_udp_socket_fill_message (self, &messages[i], &headers[i].msg_hdr, datagrams[i],
                                           reason))
        continue;

      if (i == 0)
        return -1;

      n = i;
    }

  channel->n_send_calls++;
  n_sent = qnet_sys_sendmmsg (channel->transport.fd, headers, n);
  if (n_sent < 0)
    qnet_udp_socket_set_datagram_error (self, error, errno, datagrams[0]);

  note_batch_sent (self, datagrams, n_sent);

  return n_sent;
}

/* Checking may bind the socket, possibly with a relay. */
static int
send_several (QnetUdpSocket        *self,
              QnetNetworkDatagram **datagrams,
              guint                 n,
              GError              **error)
{
  if (!qnet_udp_socket_check_datagram (self, datagrams[0], error))
    return -1;

  return qnet_udp_socket_get_relay (self) != NULL ? send_batch_by_relay (self, datagrams, n, error)
                                                  : send_batch (self, datagrams, n, error);
}

/**
 * qnet_udp_socket_write_datagrams: (skip)
 * @self: a socket
 * @datagrams: (element-type QnetNetworkDatagram): the datagrams, each with its destination
 * @error: return location for an error
 *
 * Sends datagrams without blocking, in order, many by one system call.
 *
 * It stops at the first one that cannot be sent. If that is not the first of all, the call succeeds
 * and returns how many were sent; sending the rest then fails with the reason.
 *
 * Returns: how many were sent, or -1 with @error set if the first one failed
 *
 * Since: 1.0
 */
gssize
qnet_udp_socket_write_datagrams (QnetUdpSocket  *self,
                                 GPtrArray      *datagrams,
                                 GError        **error)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  GError *reason = NULL;
  guint n_sent = 0;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), -1);
  g_return_val_if_fail (datagrams != NULL, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);
  QNET_IO_STAY_OR_FAIL (self, error, -1);

  hold = qnet_io_device_hold (self);

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

  return reason == NULL ? (gssize) n_sent : qnet_udp_socket_fail_sending (self, reason, error);
}

/**
 * qnet_udp_socket_write_datagram_list: (rename-to qnet_udp_socket_write_datagrams)
 * @self: a socket
 * @datagrams: (element-type QnetNetworkDatagram): the datagrams, each with its destination
 * @error: return location for an error
 *
 * Sends datagrams without blocking, in order, many by one system call.
 *
 * It stops at the first one that cannot be sent. If that is not the first of all, the call succeeds
 * and returns how many were sent; sending the rest then fails with the reason.
 *
 * Returns: how many were sent, or -1 with @error set if the first one failed
 *
 * Since: 1.0
 */
gssize
qnet_udp_socket_write_datagram_list (QnetUdpSocket  *self,
                                     GList          *datagrams,
                                     GError        **error)
{
  g_autoptr(GPtrArray) array = NULL;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), -1);
  QNET_IO_BRIEF_STAY_OR_FAIL (self, error, -1);

  array = g_ptr_array_new ();
  for (GList *link = datagrams; link != NULL; link = link->next)
    g_ptr_array_add (array, link->data);

  return qnet_udp_socket_write_datagrams (self, array, error);
}
