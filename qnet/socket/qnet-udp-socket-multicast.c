/* qnet-udp-socket-multicast.c: groups, and the interface to them
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-udp-socket.h"

#include <net/if.h>
#include <netinet/in.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"
#include "socket/qnet-abstract-socket-private.h"
#include "socket/qnet-udp-socket-private.h"

/* Interfaces */

static gboolean
find_interface (const char  *iface,
                guint32     *out_index,
                GError     **error)
{
  if (qnet_scope_id_to_index (iface, out_index))
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                  _("there is no network interface %s"), iface);
  return FALSE;
}

/* Groups */

/* A descriptor of IPv6, dual stack or not, has groups of IPv6 alone, as in Qt. */
static const char *
reason_not_to_join (QnetUdpSocket   *self,
                    QnetHostAddress *group)
{
  gboolean is_ipv4 = qnet_host_address_get_protocol (group) == QNET_NETWORK_LAYER_PROTOCOL_IPV4;

  if (qnet_udp_socket_get_relay (self) != NULL)
    return N_("datagrams go through a proxy");
  if (!qnet_host_address_is_multicast (group))
    return N_("not a multicast address");
  if (is_ipv4 && qnet_udp_socket_look_at_descriptor (self)->family != AF_INET)
    return N_("the socket is not bound to an IPv4 address");
  if (!is_ipv4 && qnet_udp_socket_look_at_descriptor (self)->family != AF_INET6)
    return N_("the socket is bound to an IPv4 address");

  return NULL;
}

static gboolean
check_group (QnetUdpSocket    *self,
             QnetHostAddress  *group,
             GError          **error)
{
  const char *reason;

  if (qnet_abstract_socket_get_state (QNET_ABSTRACT_SOCKET (self)) != QNET_SOCKET_STATE_BOUND)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, _("the socket is not bound"));
      return FALSE;
    }

  reason = reason_not_to_join (self, group);
  if (reason != NULL)
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "%s", _(reason));

  return reason == NULL;
}

/* What the system says of groups is about addresses elsewhere. */
static void
set_error_of_membership (GError  **error,
                         int       error_number,
                         int       request,
                         guint32   interface_index)
{
  if (error_number == ENODEV && interface_index != 0)
    qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    _("there is no network interface %u"), interface_index);
  else if (error_number == ENODEV)
    qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    _("no network interface leads to it: choose one"));
  else if (request == MCAST_JOIN_GROUP && error_number == EADDRINUSE)
    qnet_set_error (error, QNET_SOCKET_ERROR_ADDRESS_IN_USE, _("the socket has joined it already"));
  else if (request == MCAST_LEAVE_GROUP && error_number == EADDRNOTAVAIL)
    qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE, _("the socket has not joined it"));
  else
    g_set_error_literal (error, QNET_SOCKET_ERROR,
                         qnet_socket_error_code_from_errno (error_number), g_strerror (error_number));
}

/* A group of a scope says itself where it is, unless the caller knows better. */
static gboolean
change_membership (QnetUdpSocket    *self,
                   QnetHostAddress  *group,
                   const char       *iface,
                   int               request,
                   GError          **error)
{
  gboolean is_ipv4 = qnet_host_address_get_protocol (group) == QNET_NETWORK_LAYER_PROTOCOL_IPV4;
  struct group_req membership = { 0 };
  guint32 interface_index;

  if (iface == NULL)
    iface = qnet_host_address_get_scope_id (group);

  if (!check_group (self, group, error) || !find_interface (iface, &interface_index, error))
    return FALSE;

  membership.gr_interface = interface_index;
  qnet_host_address_to_native (group, 0, &membership.gr_group);
  if (qnet_sys_setsockopt (qnet_udp_socket_get_channel (self)->transport.fd,
                           is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6, request,
                           &membership, sizeof membership) == 0)
    return TRUE;

  set_error_of_membership (error, errno, request, interface_index);

  return FALSE;
}

/* (transfer full): for an error text; that of the Null address would leave a gap. */
static char *
describe_group (QnetHostAddress *group)
{
  return qnet_host_address_is_null (group) ? g_strdup ("Null") : qnet_host_address_to_string (group);
}

/**
 * qnet_udp_socket_join_multicast_group:
 * @self: a bound socket
 * @group: the address of a group
 * @iface: (nullable): the name of a network interface, or its number in digits; %NULL for the
 *   system's choice, or that of the group's scope
 * @error: return location for an error
 *
 * Joins a multicast group: what is sent to it, to the socket's port, is received from now on.
 *
 * The socket hears the groups that it has joined itself, where it has joined them, and not those of
 * others on the same machine.
 *
 * To be one of several programs that listen on a port, bind with
 * [QNET_BIND_FLAGS_SHARE_ADDRESS][flags@BindFlags]. For a group of IPv4 the socket has to be bound
 * to an IPv4 address, such as [QNET_SPECIAL_ADDRESS_ANY_IPV4][enum@SpecialAddress], and for one of
 * IPv6 to an IPv6 address or to [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress]; else, and for an
 * address that is no group, it fails with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError]. While the socket is not
 * bound it fails with [QNET_SOCKET_ERROR_OPERATION][error@SocketError], for a second time with
 * [QNET_SOCKET_ERROR_ADDRESS_IN_USE][error@SocketError], and for an unknown interface with
 * [QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE][error@SocketError].
 *
 * Returns: whether it has joined
 *
 * Since: 1.0
 */
gboolean
qnet_udp_socket_join_multicast_group (QnetUdpSocket    *self,
                                      QnetHostAddress  *group,
                                      const char       *iface,
                                      GError          **error)
{
  g_autofree char *text = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), FALSE);
  g_return_val_if_fail (group != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (change_membership (self, group, iface, MCAST_JOIN_GROUP, &reason))
    return TRUE;

  text = describe_group (group);
  g_prefix_error (&reason, _("Could not join the group %s: "), text);

  return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
}

/**
 * qnet_udp_socket_leave_multicast_group:
 * @self: a bound socket
 * @group: the address of a group
 * @iface: (nullable): as it was given to [method@UdpSocket.join_multicast_group]
 * @error: return location for an error
 *
 * Leaves a multicast group.
 *
 * It fails with [QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE][error@SocketError] when the socket
 * had not joined it there, and else as [method@UdpSocket.join_multicast_group] does. The end of the
 * socket leaves all its groups.
 *
 * Returns: whether it has left
 *
 * Since: 1.0
 */
gboolean
qnet_udp_socket_leave_multicast_group (QnetUdpSocket    *self,
                                       QnetHostAddress  *group,
                                       const char       *iface,
                                       GError          **error)
{
  g_autofree char *text = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), FALSE);
  g_return_val_if_fail (group != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (change_membership (self, group, iface, MCAST_LEAVE_GROUP, &reason))
    return TRUE;

  text = describe_group (group);
  g_prefix_error (&reason, _("Could not leave the group %s: "), text);

  return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
}

/* Sending to groups */

/**
 * qnet_udp_socket_get_multicast_interface:
 * @self: a socket
 *
 * Gets the network interface through which datagrams to a group go.
 *
 * Returns: (nullable): what was set, or %NULL for the system's choice
 *
 * Since: 1.0
 */
const char *
qnet_udp_socket_get_multicast_interface (QnetUdpSocket *self)
{
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), NULL);

  if (!qnet_channel_is_open (qnet_udp_socket_get_channel (self)))
    return NULL;

  return qnet_udp_socket_get_private (self)->multicast_interface;
}

/* A dual-stack descriptor talks to groups of both families. */
static int
set_outgoing_interface (int     fd,
                        int     family,
                        guint32 interface_index)
{
  struct ip_mreqn ipv4 = { .imr_ifindex = (int) interface_index };
  int result = qnet_sys_setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &ipv4, sizeof ipv4);

  if (family == AF_INET)
    return result;

  return qnet_sys_setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_IF,
                              &interface_index, sizeof interface_index);
}

static gboolean
is_interface (guint32 interface_index)
{
  char name[IF_NAMESIZE];

  return if_indextoname (interface_index, name) != NULL;
}

static void
set_error_of_interface (GError     **error,
                        const char  *iface)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                  _("Could not choose the network interface %s: there is no such interface"), iface);
}

static gboolean
change_interface (QnetUdpSocket  *self,
                  const char     *iface,
                  GError        **error)
{
  QnetChannel *channel = qnet_udp_socket_get_channel (self);
  guint32 interface_index;
  int family, error_number;

  if (!qnet_scope_id_to_index (iface, &interface_index))
    {
      set_error_of_interface (error, iface);
      return FALSE;
    }

  if (!qnet_channel_is_open (channel))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                      _("Could not choose the network interface: the socket is not bound"));
      return FALSE;
    }

  if (iface != NULL && qnet_udp_socket_get_relay (self) != NULL)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("Could not choose the network interface: datagrams go through a proxy"));
      return FALSE;
    }

  family = qnet_udp_socket_look_at_descriptor (self)->family;
  if (set_outgoing_interface (channel->transport.fd, family, interface_index) == 0)
    return TRUE;

  error_number = errno;
  if (iface != NULL && !is_interface (interface_index))
    set_error_of_interface (error, iface);
  else
    qnet_set_error_from_errno (error, error_number, _("Could not choose the network interface"));

  return FALSE;
}

/**
 * qnet_udp_socket_set_multicast_interface:
 * @self: a socket that is bound or connected
 * @iface: (nullable): the name of a network interface, or its number in digits; %NULL for the
 *   system's choice
 * @error: return location for an error
 *
 * Chooses the network interface through which datagrams to a group go.
 *
 * For one datagram alone there is [method@Qnet.NetworkDatagram.with_interface_index]. While datagrams go through a proxy it fails
 * with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError], and with an interface
 * chosen before, a socket is not connected through one.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_udp_socket_set_multicast_interface (QnetUdpSocket  *self,
                                         const char     *iface,
                                         GError        **error)
{
  QnetUdpSocketPrivate *priv;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!change_interface (self, iface, &reason))
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  priv = qnet_udp_socket_get_private (self);
  if (g_strcmp0 (priv->multicast_interface, iface) == 0)
    return TRUE;

  g_free (priv->multicast_interface);
  priv->multicast_interface = g_strdup (iface);
  g_object_notify (G_OBJECT (self), "multicast-interface");

  return TRUE;
}
