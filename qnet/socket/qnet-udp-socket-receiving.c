/* qnet-udp-socket-receiving.c: datagrams out of the kernel
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-udp-socket.h"

#include <netinet/in.h>
#include <string.h>

#include "address/qnet-host-address-private.h"
#include "address/qnet-network-datagram-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"
#include "socket/qnet-abstract-socket-private.h"
#include "socket/qnet-datagram-message-private.h"
#include "socket/qnet-udp-socket-private.h"

/* Room */

typedef struct
{
  gsize  size;
  guint8 bytes[];
} Scratch;

/* Of a batch each datagram has this much room: a page and a cache line more than the largest one,
 * or the first bytes of all of them would share a few lines of the processor's cache. */
#define BATCH_ROOM (64 * 1024 + 4096 + 64)

static GPrivate scratch_key = G_PRIVATE_INIT (g_free);

/* How large a datagram is shows when it is there. So it is received into room for the largest one,
 * which all sockets of a thread share, and copied: cheaper than to ask the kernel before. Of a
 * batch's room only those pages come to life that datagrams reach. */
static guint8 *
get_scratch (gsize size)
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

/* Who writes, and to which address */

static QnetDatagramEnds *
get_ends (QnetUdpSocket *self)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_private (self);

  if (priv->ends == NULL)
    priv->ends = g_new0 (QnetDatagramEnds, 1);

  return priv->ends;
}

/* (transfer full) */
static QnetHostAddress *
get_sender (QnetUdpSocket                 *self,
            const struct sockaddr_storage *native)
{
  return qnet_known_addresses_get (&get_ends (self)->senders, native);
}

void
qnet_udp_socket_forget_ends (QnetUdpSocket *self)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_private (self);

  if (priv->ends == NULL)
    return;

  qnet_known_addresses_clear (&priv->ends->senders);
  qnet_known_addresses_clear (&priv->ends->destinations);
  g_clear_pointer (&priv->ends, g_free);
}

static guint16
get_port (const struct sockaddr_storage *native)
{
  /* It stands in the same place for both. */
  return g_ntohs (((const struct sockaddr_in *) native)->sin_port);
}

static guint16
get_local_port (QnetUdpSocket *self)
{
  return qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (self));
}

/* Takes @address. */
static void
set_sender (QnetNetworkDatagram *datagram,
            QnetHostAddress     *address,
            guint16              port)
{
  qnet_host_address_unref (datagram->sender);
  datagram->sender = address;
  datagram->sender_port = port;
}

/* In the read buffer */
static gsize
get_pulled_size (QnetUdpSocket *self)
{
  return qnet_udp_socket_get_channel (self)->read_queue.length;
}

/* Whose datagrams are received */

/* What one call drops at most before it says that there is none. What is left is reported in the next turn of the loop, so that
 * others have theirs while such datagrams pour in. */
#define MAX_DROPPED 64

static gboolean
is_same_ipv6 (const struct sockaddr_in6 *address,
              const struct sockaddr_in6 *other)
{
  return address->sin6_port == other->sin6_port && IN6_ARE_ADDR_EQUAL (&address->sin6_addr, &other->sin6_addr)
         && (address->sin6_scope_id == other->sin6_scope_id || address->sin6_scope_id == 0 || other->sin6_scope_id == 0);
}

/* A connected descriptor is for its peer, or its relay, alone. But what anybody sent before it was connected is still in the
 * kernel's queue. */
static gboolean
is_for_us (QnetUdpSocket                 *self,
           const struct sockaddr_storage *sender)
{
  const QnetUdpSocketPrivate *priv = qnet_udp_socket_look_at_descriptor (self);
  const struct sockaddr_in *ipv4 = (const struct sockaddr_in *) sender;

  if (priv->peer.family == AF_UNSPEC)
    return TRUE;

  if (priv->peer.family != sender->ss_family)
    return FALSE;

  if (sender->ss_family == AF_INET6)
    return is_same_ipv6 ((const struct sockaddr_in6 *) sender, &priv->peer.in6);

  return ipv4->sin_port == priv->peer.in.sin_port && ipv4->sin_addr.s_addr == priv->peer.in.sin_addr.s_addr;
}

typedef struct
{
  const guint8    *data;    /* in the scratch */
  gsize            size;
  QnetHostAddress *sender;  /* (owned) */
  guint16          port;
} Relayed;

static gboolean
parse_relayed (QnetUdpSocket *self,
               const guint8  *data,
               gsize          size,
               Relayed       *out_relayed)
{
  gsize header = qnet_datagram_relay_parse (qnet_udp_socket_get_relay (self), data, size,
                                            &out_relayed->sender, &out_relayed->port);

  if (header == 0)
    return FALSE;

  out_relayed->data = data + header;
  out_relayed->size = size - header;

  return TRUE;
}

/* Outside a visit of the channel, which notifies of the counters at its end, the next turn does. */
static void
note_taken (QnetUdpSocket *self,
            gsize          size)
{
  QnetIODevice *device = QNET_IO_DEVICE (self);

  qnet_channel_took_datagram (qnet_udp_socket_get_channel (self), size);

  if (!qnet_io_device_get_private (device)->is_inside && qnet_io_device_is_notify_heard (device))
    qnet_io_device_defer (device);
}

/* Puts a datagram into the read buffer, to be received next. */
static void
keep (QnetUdpSocket   *self,
      const guint8    *data,
      gsize            size,
      QnetHostAddress *sender,  /* (transfer full) */
      guint16          port)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_private (self);
  QnetChannel *channel = qnet_udp_socket_get_channel (self);

  g_clear_pointer (&priv->kept_sender, qnet_host_address_unref);
  priv->kept_sender = sender;
  priv->kept_port = port;
  qnet_byte_queue_append (&channel->read_queue, data, size);
  note_taken (self, size);
  qnet_channel_hold_datagram (channel);
}

/* FALSE when it is not for us, or when what peek() looks at is there already: there is room for one. */
static gboolean
keep_if_wanted (QnetUdpSocket                 *self,
                const guint8                  *data,
                gsize                          size,
                const struct sockaddr_storage *sender)
{
  Relayed relayed;

  if (size == 0 || get_pulled_size (self) > 0 || !is_for_us (self, sender))
    return FALSE;

  if (qnet_udp_socket_get_relay (self) == NULL)
    keep (self, data, size, get_sender (self, sender), get_port (sender));
  else if (parse_relayed (self, data, size, &relayed))
    keep (self, relayed.data, relayed.size, relayed.sender, relayed.port);
  else
    return FALSE;

  return TRUE;
}

/* A datagram that was looked at and is not wanted. TRUE when another process has taken it since, so that it is the next one that
 * was taken here: what is wanted of that is kept. */
static gboolean
drop (QnetUdpSocket *self,
      int            flags)  /* of the call that has looked at it */
{
  guint8 *scratch = get_scratch (QNET_DATAGRAM_MAX);
  struct sockaddr_storage sender;
  gssize n;

  if ((flags & MSG_PEEK) == 0)
    return FALSE;

  n = qnet_sys_recvfrom (qnet_udp_socket_get_channel (self)->transport.fd, scratch, QNET_DATAGRAM_MAX, 0, &sender);

  return n > 0 && keep_if_wanted (self, scratch, (gsize) n, &sender);
}

/* -1 with errno set, as if the kernel had no more. */
static gssize
stop_dropping (void)
{
  errno = EAGAIN;

  return -1;
}

/* As qnet_sys_recvfrom(), for the next datagram that is for us. */
static gssize
receive_from (QnetUdpSocket           *self,
              void                    *buffer,
              gsize                    size,
              int                      flags,
              struct sockaddr_storage *out_sender)
{
  int fd = qnet_udp_socket_get_channel (self)->transport.fd;

  for (guint i = 0; i < MAX_DROPPED; i++)
    {
      gssize n = qnet_sys_recvfrom (fd, buffer, size, flags, out_sender);

      if (n < 0 || is_for_us (self, out_sender))
        return n;

      if (drop (self, flags))
        return (gssize) get_pulled_size (self);
    }

  return stop_dropping ();
}

/* The same, with all that the system tells of it. */
static gssize
receive_message (QnetUdpSocket *self,
                 QnetMessage   *message,
                 struct msghdr *header,
                 void          *buffer,
                 gsize          size)
{
  int fd = qnet_udp_socket_get_channel (self)->transport.fd;

  for (guint i = 0; i < MAX_DROPPED; i++)
    {
      gssize n;

      qnet_message_prepare (message, header, buffer, size);
      n = qnet_sys_recvmsg (fd, header, 0);
      if (n < 0 || is_for_us (self, &message->address))
        return n;
    }

  return stop_dropping ();
}

/* Failing */

/* The kernel's queue is looked at now, whatever comes of it: the next datagram will be told. */
static gboolean
begin_to_receive (QnetUdpSocket  *self,
                  GError        **error)
{
  QnetChannel *channel = qnet_udp_socket_get_channel (self);

  if (!qnet_channel_is_open (channel))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                      _("Could not receive: the socket is neither bound nor connected"));
      return FALSE;
    }

  qnet_channel_looked (channel);
  channel->n_receive_calls++;

  return TRUE;
}

static void
set_receive_error (QnetUdpSocket  *self,
                   GError        **error)
{
  int error_number = errno;

  if (error_number == EAGAIN)
    qnet_set_error (error, QNET_SOCKET_ERROR_TEMPORARY, _("Could not receive: there is no datagram"));
  else if (!qnet_udp_socket_set_delivery_error (self, error, error_number))
    qnet_set_error_from_errno (error, error_number, _("Could not receive"));
}

/* That nothing is there is no failure to be remembered. */
static void
fail_receiving (QnetUdpSocket  *self,
                GError         *reason,
                GError        **error)
{
  if (g_error_matches (reason, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY))
    g_propagate_error (error, reason);
  else
    qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
}

/* One that a peek has put into the read buffer */

static gsize
take_pulled (QnetUdpSocket *self,
             void          *buffer,
             gsize          size)
{
  gsize n = qnet_io_device_take (QNET_IO_DEVICE (self), buffer, size);

  if (n == 0)
    qnet_io_device_clear_read_buffer (QNET_IO_DEVICE (self));

  qnet_channel_looked (qnet_udp_socket_get_channel (self));

  return n;
}

/* (transfer full): who has sent what is in the read buffer */
static QnetHostAddress *
take_pulled_sender (QnetUdpSocket *self,
                    guint16       *out_port)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (self);
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_private (self);

  *out_port = priv->kept_sender != NULL ? priv->kept_port : qnet_abstract_socket_get_peer_port (socket);

  return priv->kept_sender != NULL ? g_steal_pointer (&priv->kept_sender)
                                   : qnet_abstract_socket_get_peer_address (socket);
}

static QnetNetworkDatagram *
take_pulled_datagram (QnetUdpSocket *self,
                      gsize          max_size)
{
  gsize whole = get_pulled_size (self);
  gsize size = MIN (whole, max_size);
  guint8 *data = g_malloc (size);
  QnetNetworkDatagram *datagram;
  QnetHostAddress *sender;
  guint16 port;

  take_pulled (self, data, size);
  datagram = qnet_network_datagram_new_take (g_bytes_new_take (data, size));
  datagram->is_truncated = size < whole;
  sender = take_pulled_sender (self, &port);
  set_sender (datagram, sender, port);

  return datagram;
}

/* By a relay: each datagram has a header, whose size shows when it is there */

static gboolean
look_at_kept (QnetUdpSocket *self,
              Relayed       *out_relayed)
{
  QnetUdpSocketPrivate *priv = qnet_udp_socket_get_private (self);

  out_relayed->data = NULL;
  out_relayed->size = get_pulled_size (self);
  out_relayed->sender = qnet_host_address_ref (priv->kept_sender);
  out_relayed->port = priv->kept_port;

  return TRUE;
}

/* The next one; what is no datagram of the relay's is dropped, and counted in @n_dropped. FALSE with errno set. */
static gboolean
receive_relayed (QnetUdpSocket *self,
                 int            flags,
                 guint         *n_dropped,
                 Relayed       *out_relayed)
{
  int fd = qnet_udp_socket_get_channel (self)->transport.fd;
  guint8 *scratch = get_scratch (QNET_DATAGRAM_MAX);
  struct sockaddr_storage sender;

  for (; *n_dropped < MAX_DROPPED; ++*n_dropped)
    {
      gssize n = qnet_sys_recvfrom (fd, scratch, QNET_DATAGRAM_MAX, flags, &sender);

      if (n < 0)
        return FALSE;

      if (is_for_us (self, &sender) && parse_relayed (self, scratch, (gsize) n, out_relayed))
        return TRUE;

      if (drop (self, flags))
        return look_at_kept (self, out_relayed);
    }

  return stop_dropping () == 0;
}

/* The same, and it is gone from the kernel. */
static gboolean
take_relayed (QnetUdpSocket *self,
              guint         *n_dropped,
              Relayed       *out_relayed)
{
  if (!receive_relayed (self, 0, n_dropped, out_relayed))
    return FALSE;

  note_taken (self, out_relayed->size);

  return TRUE;
}

static QnetNetworkDatagram *
take_relayed_datagram (QnetUdpSocket  *self,
                       gsize           limit,
                       guint          *n_dropped,
                       GError        **error)
{
  QnetNetworkDatagram *datagram;
  Relayed relayed;

  if (!take_relayed (self, n_dropped, &relayed))
    {
      set_receive_error (self, error);
      return NULL;
    }

  datagram = qnet_network_datagram_new_take (g_bytes_new (relayed.data, MIN (relayed.size, limit)));
  datagram->is_truncated = relayed.size > limit;
  datagram->destination_port = qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (self));
  set_sender (datagram, relayed.sender, relayed.port);

  return datagram;
}

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
      QnetNetworkDatagram *datagram = take_relayed_datagram (self, QNET_DATAGRAM_MAX, n_dropped,
                                                             i == 0 ? error : NULL);

      if (datagram == NULL)
        return i > 0 ? (int) i : -1;

      g_ptr_array_add (datagrams, datagram);
    }

  return (int) n;
}

/* Receiving */

static gsize
limit_of (gssize max_size)
{
  return max_size < 0 ? QNET_DATAGRAM_MAX : MIN ((gsize) max_size, QNET_DATAGRAM_MAX);
}

static QnetNetworkDatagram *
make_datagram (QnetUdpSocket     *self,
               const QnetMessage *message,
               struct msghdr     *header,
               gsize              size,
               guint16            local_port)
{
  GBytes *data = g_bytes_new (message->vector.iov_base, size);
  QnetNetworkDatagram *datagram = qnet_network_datagram_new_take (data);

  set_sender (datagram, get_sender (self, &message->address), get_port (&message->address));
  datagram->destination_port = local_port;
  qnet_message_parse (header, &get_ends (self)->destinations, datagram);
  note_taken (self, size);

  return datagram;
}

QnetNetworkDatagram *
qnet_udp_socket_take_datagram (QnetUdpSocket  *self,
                               gssize          max_size,
                               GError        **error)
{
  gsize limit = limit_of (max_size);
  guint n_dropped = 0;
  QnetMessage message;
  struct msghdr header;
  gssize n;

  if (get_pulled_size (self) > 0)
    return take_pulled_datagram (self, limit);

  if (!begin_to_receive (self, error))
    return NULL;

  if (qnet_udp_socket_get_relay (self) != NULL)
    return take_relayed_datagram (self, limit, &n_dropped, error);

  n = receive_message (self, &message, &header, get_scratch (limit), limit);
  if (n >= 0)
    return make_datagram (self, &message, &header, (gsize) n, get_local_port (self));

  set_receive_error (self, error);

  return NULL;
}

static void
take_batch (QnetUdpSocket  *self,
            GPtrArray      *datagrams,
            QnetMessage    *messages,
            struct mmsghdr *headers,
            int             n)
{
  guint16 local_port = get_local_port (self);

  for (int i = 0; i < n; i++)
    if (is_for_us (self, &messages[i].address))
      g_ptr_array_add (datagrams, make_datagram (self, &messages[i], &headers[i].msg_hdr,
                                                 headers[i].msg_len, local_port));
}

/* Appends to @datagrams what one system call brings. The number, those that are not for us included, or -1. */
static int
receive_batch (QnetUdpSocket  *self,
               GPtrArray      *datagrams,
               guint           n,
               GError        **error)
{
  guint8 *scratch = get_scratch ((gsize) n * BATCH_ROOM);
  QnetMessage messages[QNET_DATAGRAM_BATCH];
  struct mmsghdr headers[QNET_DATAGRAM_BATCH];
  int n_received;

  for (guint i = 0; i < n; i++)
    qnet_message_prepare (&messages[i], &headers[i].msg_hdr,
                          scratch + (gsize) i * BATCH_ROOM, QNET_DATAGRAM_MAX);

  n_received = qnet_sys_recvmmsg (qnet_udp_socket_get_channel (self)->transport.fd, headers, n);
  if (n_received < 0)
    set_receive_error (self, error);
  else
    take_batch (self, datagrams, messages, headers, n_received);

  return n_received;
}

static gssize
pull_relayed (QnetUdpSocket *self)
{
  guint n_dropped = 0;
  Relayed relayed;

  if (!receive_relayed (self, 0, &n_dropped, &relayed))
    return -1;

  qnet_byte_queue_append (&qnet_udp_socket_get_channel (self)->read_queue, relayed.data, relayed.size);
  qnet_host_address_unref (relayed.sender);

  return (gssize) relayed.size;
}

static gssize
pull_directly (QnetUdpSocket *self)
{
  QnetChannel *channel = qnet_udp_socket_get_channel (self);
  guint8 *scratch = get_scratch (QNET_DATAGRAM_MAX);
  struct sockaddr_storage sender;
  gssize n = receive_from (self, scratch, QNET_DATAGRAM_MAX, 0, &sender);

  if (n >= 0)
    qnet_byte_queue_append (&channel->read_queue, scratch, (gsize) n);

  return n;
}

/* Into the read buffer of a connected socket. What goes wrong here is told by error-occurred. */
void
qnet_udp_socket_pull (QnetIODevice *device)
{
  QnetUdpSocket *self = QNET_UDP_SOCKET (device);
  QnetChannel *channel = qnet_udp_socket_get_channel (self);
  GError *error = NULL;
  gssize n;

  if (!qnet_io_device_is_readable (device) || !begin_to_receive (self, NULL))
    return;

  g_clear_pointer (&qnet_udp_socket_get_private (self)->kept_sender, qnet_host_address_unref);
  n = qnet_udp_socket_get_relay (self) != NULL ? pull_relayed (self) : pull_directly (self);
  if (n >= 0)
    note_taken (self, (gsize) n);
  else if (errno != EAGAIN)
    {
      set_receive_error (self, &error);
      qnet_channel_trouble (channel, error);
    }
}

/* -1 with errno set */
static gssize
peek_at_relayed_size (QnetUdpSocket *self)
{
  guint n_dropped = 0;
  Relayed relayed;

  if (!receive_relayed (self, MSG_PEEK, &n_dropped, &relayed))
    return -1;

  qnet_host_address_unref (relayed.sender);

  return (gssize) relayed.size;
}

/* -1 with errno set. Who asks in vain is notified of the next one: to ask may have been what made the kernel drop one. */
static gssize
peek_at_size (QnetUdpSocket *self)
{
  struct sockaddr_storage sender;
  gssize n = qnet_udp_socket_get_relay (self) != NULL
               ? peek_at_relayed_size (self)
               : receive_from (self, NULL, 0, MSG_PEEK | MSG_TRUNC, &sender);
  int error_number = errno;

  if (n < 0)
    qnet_channel_looked (qnet_udp_socket_get_channel (self));

  errno = error_number;

  return n;
}

/* Asking the kernel takes a failure from it, too, which is told then. */
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

  set_receive_error (self, &error);
  qnet_channel_trouble (channel, error);

  return peek_at_size (self);
}

gssize
qnet_udp_socket_get_pending (QnetIODevice *device)
{
  QnetUdpSocket *self = QNET_UDP_SOCKET (device);
  gboolean has_kept = qnet_udp_socket_get_private (self)->kept_sender != NULL && get_pulled_size (self) > 0;

  return has_kept ? (gssize) get_pulled_size (self) : get_kernel_size (self);
}

/* Public API */

/**
 * qnet_udp_socket_has_pending_datagrams:
 * @self: a socket
 *
 * Tells whether a datagram is there to be received, be it an empty one.
 *
 * It asks the kernel: a handler of [signal@IODevice::ready-read] does better to receive until
 * nothing is there, or one datagram each time, since the signal is emitted again for the next. It is
 * emitted for the next one after %FALSE was returned, too.
 *
 * Returns: whether there is one
 *
 * Since: 1.0
 */
gboolean
qnet_udp_socket_has_pending_datagrams (QnetUdpSocket *self)
{
  return qnet_udp_socket_get_pending_datagram_size (self) >= 0;
}

/**
 * qnet_udp_socket_get_pending_datagram_size:
 * @self: a socket
 *
 * Gets the size of the next datagram.
 *
 * Returns: bytes, 0 for an empty datagram, -1 when there is none
 *
 * Since: 1.0
 */
gssize
qnet_udp_socket_get_pending_datagram_size (QnetUdpSocket *self)
{
  gsize pulled;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), -1);

  pulled = get_pulled_size (self);

  return pulled > 0 ? (gssize) pulled : get_kernel_size (self);
}

/**
 * qnet_udp_socket_receive_datagram:
 * @self: a socket that is bound or connected
 * @max_size: the most bytes to take, or -1 for the whole datagram
 * @error: return location for an error
 *
 * Receives the next datagram, without waiting, with all that the system tells of it.
 *
 * What is larger than @max_size is cut off and lost, and [method@Qnet.NetworkDatagram.is_truncated]
 * says so; 0 drops all the bytes. Of one that [method@IODevice.peek] has looked at before only the
 * bytes and the sender are known. When no datagram is there it fails with
 * [QNET_SOCKET_ERROR_TEMPORARY][error@SocketError], when the socket is neither bound nor connected
 * with [QNET_SOCKET_ERROR_OPERATION][error@SocketError].
 *
 * Returns: (transfer full): the datagram, or %NULL with @error set
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_udp_socket_receive_datagram (QnetUdpSocket  *self,
                                  gssize          max_size,
                                  GError        **error)
{
  QnetNetworkDatagram *datagram;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), NULL);
  g_return_val_if_fail (max_size >= -1, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  datagram = qnet_udp_socket_take_datagram (self, max_size, &reason);
  if (datagram == NULL)
    fail_receiving (self, reason, error);

  return datagram;
}

/* What the kernel counts for a datagram beside its bytes, at least. */
#define MIN_OVERHEAD 256

/* What the kernel's queue can hold. */
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

/* Of what came after the first @n. */
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

/* Appends until @max are there, or the kernel has no more; or until there are as many as can have been there when it began, so
 * that it ends though more come than it takes. FALSE when there was a failure. */
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

      if (!begin_to_receive (self, error))
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
 * @max: the most datagrams to take
 * @error: return location for an error
 *
 * Receives all datagrams that are there, up to @max, without waiting: many by one system call.
 *
 * They are whole. What goes on coming meanwhile is left for the next call, so that a flood of datagrams does not hold the
 * caller. Other than with [method@UdpSocket.receive_datagram] it is no failure when none is
 * there.
 *
 * Returns: (transfer container) (element-type QnetNetworkDatagram): the datagrams, perhaps none, or
 *   %NULL with @error set
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

  datagrams = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_network_datagram_unref);
  if (max > 0 && get_pulled_size (self) > 0)
    g_ptr_array_add (datagrams, take_pulled_datagram (self, QNET_DATAGRAM_MAX));

  if (receive_batches (self, datagrams, max, &reason)
      || g_error_matches (reason, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY))
    {
      g_clear_error (&reason);
      return g_steal_pointer (&datagrams);
    }

  /* What came before the failure comes first; the failure is not forgotten. */
  if (datagrams->len > 0)
    {
      qnet_channel_trouble (qnet_udp_socket_get_channel (self), reason);
      return g_steal_pointer (&datagrams);
    }

  fail_receiving (self, reason, error);

  return NULL;
}

/* The whole size, or -1 with errno set. @buffer may be the scratch. */
static gssize
receive_relayed_into (QnetUdpSocket    *self,
                      void             *buffer,
                      gsize             size,
                      QnetHostAddress **out_sender,  /* (transfer full) (optional) */
                      guint16          *out_port)    /* (optional) */
{
  guint n_dropped = 0;
  Relayed relayed;

  if (!take_relayed (self, &n_dropped, &relayed))
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

/* Ditto. */
static gssize
receive_directly_into (QnetUdpSocket    *self,
                       void             *buffer,
                       gsize             size,
                       QnetHostAddress **out_sender,  /* (transfer full) (optional) */
                       guint16          *out_port)    /* (optional) */
{
  struct sockaddr_storage sender;
  gssize n = receive_from (self, buffer, size, MSG_TRUNC, &sender);

  if (n < 0)
    return -1;

  note_taken (self, MIN ((gsize) n, size));
  if (out_sender != NULL)
    *out_sender = get_sender (self, &sender);
  if (out_port != NULL)
    *out_port = get_port (&sender);

  return n;
}

static gsize
read_pulled (QnetUdpSocket    *self,
             void             *buffer,
             gsize             size,
             QnetHostAddress **address,
             guint16          *port,
             gsize            *whole_size)
{
  guint16 sender_port;
  QnetHostAddress *sender = take_pulled_sender (self, &sender_port);

  if (port != NULL)
    *port = sender_port;
  if (address != NULL)
    *address = sender;
  else
    qnet_host_address_unref (sender);
  *whole_size = get_pulled_size (self);

  return take_pulled (self, buffer, size);
}

/* Who wants to know no reason gets none: the usual end of a loop of reads costs no more than the
 * system call. */
static gssize
fail_reading (QnetUdpSocket  *self,
              GError        **error)
{
  GError *reason = NULL;

  if (error == NULL && errno == EAGAIN)
    return -1;

  set_receive_error (self, &reason);
  fail_receiving (self, reason, error);

  return -1;
}

/**
 * qnet_udp_socket_read_datagram: (skip)
 * @self: a socket that is bound or connected
 * @buffer: (array length=size) (element-type guint8) (out caller-allocates): where the bytes go
 * @size: how many bytes there is room for
 * @address: (out) (optional) (transfer full): return location for the sender's address
 * @port: (out) (optional): return location for the sender's port
 * @error: return location for an error
 *
 * Receives the next datagram into a buffer of the caller's, without waiting.
 *
 * What there is no room for is lost; [method@UdpSocket.read_datagram_full] tells how much that was.
 * With a @size of 0 the datagram is dropped. It fails as [method@UdpSocket.receive_datagram] does.
 * Nothing is allocated for a sender who has written before.
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
 * @buffer: (array length=size) (element-type guint8) (out caller-allocates): where the bytes go
 * @size: how many bytes there is room for
 * @address: (out) (optional) (transfer full): return location for the sender's address
 * @port: (out) (optional): return location for the sender's port
 * @whole_size: (out) (optional): return location for the size of the datagram; more than what was
 *   read when it was cut off
 * @error: return location for an error
 *
 * Receives the next datagram into a buffer of the caller's, as [method@UdpSocket.read_datagram]
 * does, and tells whether there was room for it.
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

  if (get_pulled_size (self) > 0)
    return (gssize) read_pulled (self, buffer, size, address, port,
                                 whole_size != NULL ? whole_size : &whole);

  if (!begin_to_receive (self, &reason))
    {
      fail_receiving (self, reason, error);
      return -1;
    }

  n = qnet_udp_socket_get_relay (self) != NULL
        ? receive_relayed_into (self, buffer, size, address, port)
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
 * @max_size: the most bytes to take, or -1 for the whole datagram
 * @length: (out): number of bytes returned
 * @address: (out) (optional) (transfer full): return location for the sender's address
 * @port: (out) (optional): return location for the sender's port
 * @error: return location for an error
 *
 * Receives the bytes of the next datagram, without waiting.
 *
 * What is larger than @max_size is cut off and lost: where that matters, use
 * [method@UdpSocket.receive_datagram], which says so. It fails as that does.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the bytes, perhaps none, or
 *   %NULL with @error set
 *
 * Since: 1.0
 */
guint8 *
qnet_udp_socket_read_datagram_array (QnetUdpSocket    *self,
                                     gssize            max_size,
                                     gsize            *length,
                                     QnetHostAddress **address,
                                     guint16          *port,
                                     GError          **error)
{
  gsize limit = limit_of (max_size);
  guint8 *scratch;
  guint8 *data;
  gssize n;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), NULL);
  g_return_val_if_fail (max_size >= -1, NULL);
  g_return_val_if_fail (length != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  scratch = get_scratch (QNET_DATAGRAM_MAX);  /* as a relayed one wants it, too: it may not move */
  n = qnet_udp_socket_read_datagram_full (self, scratch, limit, address, port, NULL, error);
  if (n < 0)
    return NULL;

  data = g_malloc ((gsize) n + 1);
  memcpy (data, scratch, (gsize) n);
  data[n] = '\0';
  *length = (gsize) n;

  return data;
}
