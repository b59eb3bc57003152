/* qnet-udp-socket-send-errors.c: the errors of sending datagrams
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-udp-socket.h"

#include <net/if.h>

#include "address/qnet-host-address-private.h"
#include "address/qnet-network-datagram-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "connection/qnet-datagram-message-private.h"
#include "socket/qnet-abstract-socket-private.h"
#include "udp/qnet-udp-socket-private.h"

static gboolean
is_ipv6_only (QnetUdpSocket *self)
{
  return qnet_udp_socket_inspect_fd (self)->family == AF_INET6
         && !qnet_sys_is_dual_stack (qnet_udp_socket_get_channel (self)->transport.fd);
}

/* Whether the socket supports one family alone, and @address is of the other one. */
static gboolean
has_other_family (QnetUdpSocket         *self,
                  const QnetHostAddress *address)
{
  struct sockaddr_storage native;
  int family = qnet_udp_socket_inspect_fd (self)->family;

  if (qnet_udp_socket_get_relay (self) != NULL
      || qnet_host_address_to_native (address, 0, &native) == 0)
    return FALSE;

  if (family == AF_INET)
    return qnet_message_to_native (address, 0, family, &native) == 0;

  return qnet_message_is_ipv4 (&native) && is_ipv6_only (self);
}

static void
set_family_error (QnetUdpSocket  *self,
                  GError        **error,
                  const char     *to)
{
  if (qnet_udp_socket_inspect_fd (self)->family == AF_INET)
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("Could not send to %s: The socket is bound to an IPv4 address"), to);
  else
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("Could not send to %s: The socket is bound to an IPv6 address"), to);
}

/* (transfer full) */
static char *
describe_peer (QnetUdpSocket *self)
{
  char *peer = qnet_socket_describe (QNET_SOCKET (self));
  g_autoptr(QnetHostAddress) address = NULL;

  if (peer != NULL)
    return peer;

  address = qnet_abstract_socket_get_peer_address (QNET_ABSTRACT_SOCKET (self));

  return qnet_host_address_to_display (
    address, qnet_abstract_socket_get_peer_port (QNET_ABSTRACT_SOCKET (self)));
}

char *
qnet_udp_socket_describe_target (QnetUdpSocket         *self,
                                 const QnetHostAddress *address,
                                 guint16                port)
{
  return qnet_host_address_is_null (address) ? describe_peer (self)
                                             : qnet_host_address_to_display (address, port);
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
                  _("A datagram could not be delivered to %s: %s"), peer,
                  g_strerror (error_number));

  return TRUE;
}

/* Then the system reports "Invalid argument" for another host; with IPv6 the cause may be the
 * scope. */
static gboolean
is_bound_to_loopback (QnetUdpSocket *self)
{
  g_autoptr(QnetHostAddress) address =
    qnet_abstract_socket_get_local_address (QNET_ABSTRACT_SOCKET (self));

  return qnet_host_address_get_protocol (address) == QNET_NETWORK_LAYER_PROTOCOL_IPV4
         && qnet_host_address_is_loopback (address);
}

void
qnet_udp_socket_set_send_error (QnetUdpSocket    *self,
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

  to = qnet_udp_socket_describe_target (self, address, port);
  what = g_strdup_printf (_("Could not send to %s"), to);

  if (error_number == EAGAIN)
    qnet_set_error (error, QNET_SOCKET_ERROR_TEMPORARY,
                    _("Could not send to %s: The system has no room for another datagram now"), to);
  else if (is_to_peer)
    qnet_set_error_from_errno (error, error_number, "%s", what);
  else if (has_other_family (self, address))
    set_family_error (self, error, to);
  else if (error_number == EINVAL && is_bound_to_loopback (self))
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("Could not send to %s: The socket is bound to a loopback address"), to);
  else
    qnet_set_error_for_address (error, error_number, address, what);
}

/* The options of a datagram */

/* Whether a socket could be bound to that address. */
static gboolean
is_local_address (QnetHostAddress *address)
{
  struct sockaddr_storage native;
  socklen_t size = qnet_host_address_to_native (address, 0, &native);
  int fd = qnet_sys_socket (native.ss_family, SOCK_DGRAM, 0);
  gboolean is_ours = fd < 0 || qnet_sys_bind (fd, (struct sockaddr *) &native, size) == 0
                     || errno != EADDRNOTAVAIL;

  qnet_clear_fd (&fd);

  return is_ours;
}

gboolean
qnet_udp_is_interface (guint interface_index)
{
  char name[IF_NAMESIZE];

  return if_indextoname (interface_index, name) != NULL;
}

/* The system reports the same few errors for different causes. FALSE: no option of @datagram was
 * the cause. */
static gboolean
set_request_error (QnetUdpSocket              *self,
                   GError                    **error,
                   int                         error_number,
                   const QnetNetworkDatagram  *datagram,
                   const char                 *to)
{
  g_autofree char *sender = NULL;

  if (error_number == EAGAIN || error_number == ECONNREFUSED)
    return FALSE;

  if (datagram->interface_index != 0 && !qnet_udp_is_interface (datagram->interface_index))
    qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    /* Translators: an address and its port, and the number of a network
                     * interface */
                    _("Could not send to %s: There is no network interface %u"), to,
                    datagram->interface_index);
  else if (datagram->hop_limit == 0 && error_number == EINVAL)
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("Could not send to %s: The system refuses a hop limit of 0"), to);
  else if (!qnet_host_address_is_null (datagram->sender) && !is_local_address (datagram->sender))
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

void
qnet_udp_socket_set_sender_error (GError                    **error,
                                  const QnetNetworkDatagram  *datagram,
                                  const char                 *to)
{
  g_autofree char *sender = qnet_host_address_to_string (datagram->sender);

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  /* Translators: an address and its port, and another address */
                  _("Could not send to %s: The sender address %s is of the other address family"),
                  to, sender);
}

void
qnet_udp_socket_set_datagram_error (QnetUdpSocket              *self,
                                    GError                    **error,
                                    int                         error_number,
                                    const QnetNetworkDatagram  *datagram)
{
  g_autofree char *to = qnet_udp_socket_describe_target (self, datagram->destination,
                                                         qnet_udp_get_destination_port (datagram));

  if (!set_request_error (self, error, error_number, datagram, to))
    qnet_udp_socket_set_send_error (self, error, error_number, datagram->destination,
                                    qnet_udp_get_destination_port (datagram));
}
