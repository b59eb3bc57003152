/* qnet-datagram-message.c: a datagram in the form of recvmsg() and sendmsg()
 *
 * Everything except the bytes and one address is in control messages (RFC 3542, section 6, and the
 * equivalents of Linux for IPv4).
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "connection/qnet-datagram-message-private.h"

#include <netinet/in.h>
#include <string.h>

#include "address/qnet-host-address-private.h"
#include "address/qnet-network-datagram-private.h"

/* Addresses */

static void
map_to_ipv6 (struct sockaddr_storage *native)
{
  struct sockaddr_in ipv4;
  struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *) native;

  memcpy (&ipv4, native, sizeof ipv4);
  memset (ipv6, 0, sizeof *ipv6);

  ipv6->sin6_family = AF_INET6;
  ipv6->sin6_port = ipv4.sin_port;
  ipv6->sin6_addr.s6_addr[10] = 0xff;
  ipv6->sin6_addr.s6_addr[11] = 0xff;
  memcpy (ipv6->sin6_addr.s6_addr + QNET_HOST_ADDRESS_IPV4_OFFSET,
          &ipv4.sin_addr, sizeof ipv4.sin_addr);
}

/* Returns 0 if @native is not v4-mapped. */
static socklen_t
unmap_to_ipv4 (struct sockaddr_storage *native)
{
  struct sockaddr_in *ipv4 = (struct sockaddr_in *) native;
  struct sockaddr_in6 ipv6;

  memcpy (&ipv6, native, sizeof ipv6);
  if (!IN6_IS_ADDR_V4MAPPED (&ipv6.sin6_addr))
    return 0;

  memset (native, 0, sizeof ipv6);
  ipv4->sin_family = AF_INET;
  ipv4->sin_port = ipv6.sin6_port;
  memcpy (&ipv4->sin_addr, ipv6.sin6_addr.s6_addr + QNET_HOST_ADDRESS_IPV4_OFFSET,
          sizeof ipv4->sin_addr);

  return sizeof *ipv4;
}

static socklen_t
fill_any_ipv4 (struct sockaddr_storage *out_native,
               guint16                  port)
{
  struct sockaddr_in *ipv4 = (struct sockaddr_in *) out_native;

  *ipv4 = (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = g_htons (port) };

  return sizeof *ipv4;
}

socklen_t
qnet_message_to_native (const QnetHostAddress   *address,
                        guint16                  port,
                        int                      family,
                        struct sockaddr_storage *out_native)
{
  socklen_t size = qnet_host_address_to_native (address, port, out_native);

  if (size == 0 || family == out_native->ss_family)
    return size;

  if (family == AF_INET)
    return qnet_host_address_get_protocol (address) == QNET_NETWORK_LAYER_PROTOCOL_ANY_IP
             ? fill_any_ipv4 (out_native, port) : unmap_to_ipv4 (out_native);

  map_to_ipv6 (out_native);

  return sizeof (struct sockaddr_in6);
}

gboolean
qnet_message_is_ipv4 (const struct sockaddr_storage *native)
{
  const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *) native;

  return native->ss_family == AF_INET
         || (native->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED (&ipv6->sin6_addr));
}

/* Receiving */

void
qnet_message_prepare (QnetMessage   *message,
                      struct msghdr *out_header,
                      void          *buffer,
                      gsize          size)
{
  message->vector = (struct iovec) { buffer, size };

  *out_header = (struct msghdr) {
    .msg_name       = &message->address,
    .msg_namelen    = sizeof message->address,
    .msg_iov        = &message->vector,
    .msg_iovlen     = 1,
    .msg_control    = message->control.bytes,
    .msg_controllen = sizeof message->control.bytes,
  };
}

static void
set_destination (QnetNetworkDatagram           *datagram,
                 QnetKnownAddresses            *destinations,
                 const struct sockaddr_storage *native,
                 guint                          interface_index)
{
  qnet_host_address_unref (datagram->destination);
  datagram->destination = qnet_known_addresses_get (destinations, native);
  datagram->interface_index = interface_index;
}

#ifdef IP_PKTINFO
static void
take_ipv4_info (QnetNetworkDatagram *datagram,
                QnetKnownAddresses  *destinations,
                const void          *data)
{
  struct sockaddr_storage native = { .ss_family = AF_INET };
  struct in_pktinfo info;

  memcpy (&info, data, sizeof info);
  ((struct sockaddr_in *) &native)->sin_addr = info.ipi_addr;
  set_destination (datagram, destinations, &native, (guint) info.ipi_ifindex);
}
#endif

#ifdef IPV6_RECVPKTINFO
/* A link-local address is ambiguous without its link. */
static void
take_ipv6_info (QnetNetworkDatagram *datagram,
                QnetKnownAddresses  *destinations,
                const void          *data)
{
  struct sockaddr_storage native = { .ss_family = AF_INET6 };
  struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *) &native;
  struct in6_pktinfo info;

  memcpy (&info, data, sizeof info);
  ipv6->sin6_addr = info.ipi6_addr;
  if (IN6_IS_ADDR_LINKLOCAL (&info.ipi6_addr) || IN6_IS_ADDR_MC_LINKLOCAL (&info.ipi6_addr))
    ipv6->sin6_scope_id = info.ipi6_ifindex;

  set_destination (datagram, destinations, &native, info.ipi6_ifindex);
}
#endif

static gboolean
is_kind (const struct cmsghdr *item,
         int                   level,
         int                   type,
         gsize                 size)
{
  return item->cmsg_level == level && item->cmsg_type == type && item->cmsg_len >= CMSG_LEN (size);
}

static void
take_item (QnetNetworkDatagram  *datagram,
           QnetKnownAddresses   *destinations,
           const struct cmsghdr *item)
{
#ifdef IP_PKTINFO
  if (is_kind (item, IPPROTO_IP, IP_PKTINFO, sizeof (struct in_pktinfo)))
    take_ipv4_info (datagram, destinations, CMSG_DATA (item));
#endif
#ifdef IPV6_RECVPKTINFO
  if (is_kind (item, IPPROTO_IPV6, IPV6_PKTINFO, sizeof (struct in6_pktinfo)))
    take_ipv6_info (datagram, destinations, CMSG_DATA (item));
#endif
  if (is_kind (item, IPPROTO_IP, IP_TTL, sizeof (int))
      || is_kind (item, IPPROTO_IPV6, IPV6_HOPLIMIT, sizeof (int)))
    memcpy (&datagram->hop_limit, CMSG_DATA (item), sizeof (int));
}

void
qnet_message_parse (struct msghdr       *header,
                    QnetKnownAddresses  *destinations,
                    QnetNetworkDatagram *datagram)
{
  struct cmsghdr *item;

  for (item = CMSG_FIRSTHDR (header); item != NULL; item = CMSG_NXTHDR (header, item))
    take_item (datagram, destinations, item);

  datagram->is_truncated = (header->msg_flags & MSG_TRUNC) != 0;
}

/* Sending */

static void
add_item (struct msghdr *header,
          int            level,
          int            type,
          const void    *data,
          gsize          size)
{
  char *end = (char *) header->msg_control + header->msg_controllen;
  struct cmsghdr *item = (struct cmsghdr *) (gpointer) end;

  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN (size);
  memcpy (CMSG_DATA (item), data, size);
  header->msg_controllen += CMSG_SPACE (size);
}

/* A dual-stack descriptor expects the control messages of IPv4 for IPv4. */
static gboolean
add_ipv4_info (struct msghdr             *header,
               const QnetNetworkDatagram *datagram)
{
#ifdef IP_PKTINFO
  struct in_pktinfo info = { .ipi_ifindex = (int) datagram->interface_index };
  guint32 sender;

  if (!qnet_host_address_is_null (datagram->sender))
    {
      if (!qnet_host_address_to_ipv4 (datagram->sender, &sender))
        return FALSE;

      info.ipi_spec_dst.s_addr = g_htonl (sender);
    }

  add_item (header, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
#endif

  return TRUE;
}

static gboolean
add_ipv6_info (struct msghdr             *header,
               const QnetNetworkDatagram *datagram)
{
#ifdef IPV6_RECVPKTINFO
  struct in6_pktinfo info = { .ipi6_ifindex = datagram->interface_index };
  struct sockaddr_storage native;

  if (!qnet_host_address_is_null (datagram->sender))
    {
      qnet_host_address_to_native (datagram->sender, 0, &native);
      if (native.ss_family != AF_INET6)
        return FALSE;

      info.ipi6_addr = ((struct sockaddr_in6 *) &native)->sin6_addr;
    }

  add_item (header, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
#endif

  return TRUE;
}

/* A datagram without a destination is sent to the peer, whose family may be either one on a
 * dual-stack descriptor: then the sender decides. */
static gboolean
is_sent_by_ipv4 (const QnetNetworkDatagram *datagram,
                 int                        family)
{
  const QnetHostAddress *address = datagram->destination;
  struct sockaddr_storage native;

  if (qnet_host_address_is_null (address))
    address = datagram->sender;

  return family == AF_INET
         || (qnet_host_address_to_native (address, 0, &native) > 0
             && qnet_message_is_ipv4 (&native));
}

gboolean
qnet_message_fill (QnetMessage               *message,
                   struct msghdr             *out_header,
                   const QnetNetworkDatagram *datagram,
                   int                        family)
{
  gboolean by_ipv4 = is_sent_by_ipv4 (datagram, family);
  gboolean has_info = datagram->interface_index != 0
                      || !qnet_host_address_is_null (datagram->sender);
  gsize size;

  message->vector.iov_base = (void *) g_bytes_get_data (datagram->data, &size);
  message->vector.iov_len = size;
  memset (message->control.bytes, 0, sizeof message->control.bytes);
  *out_header = (struct msghdr) {
    .msg_iov     = &message->vector,
    .msg_iovlen  = 1,
    .msg_control = message->control.bytes,
  };

  if (datagram->hop_limit >= 0)
    add_item (out_header,
              by_ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
              by_ipv4 ? IP_TTL : IPV6_HOPLIMIT,
              &datagram->hop_limit, sizeof datagram->hop_limit);

  if (!has_info)
    return TRUE;

  return by_ipv4 ? add_ipv4_info (out_header, datagram) : add_ipv6_info (out_header, datagram);
}
