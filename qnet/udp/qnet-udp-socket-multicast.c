/* qnet-udp-socket-multicast.c: multicast groups, and their outgoing network interface
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-udp-socket.h"

#include <netinet/in.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "device/qnet-io-lock-private.h"
#include "socket/qnet-abstract-socket-private.h"
#include "udp/qnet-udp-socket-private.h"

/* Membership in groups */

typedef struct
{
  QnetHostAddress *group;   /* (not owned) */
  QnetHostAddress *source;  /* (not owned) (nullable): the only sender; NULL: all senders */
  char            *name;    /* (owned): of the group, for messages */
  const char      *iface;  /* (nullable) */
  guint32          interface_index;
  gboolean         is_joining;
} Request;

/* A group with a source is written as the pair (S, G) of RFC 4607. */
static char *
make_name (QnetHostAddress *group,
           QnetHostAddress *source)
{
  g_autofree char *group_text = qnet_host_address_to_string (group);
  g_autofree char *source_text = NULL;

  /* The text of the Null address is empty. */
  if (qnet_host_address_is_null (group))
    return g_strdup ("Null");

  if (source == NULL)
    return g_steal_pointer (&group_text);

  source_text = qnet_host_address_to_string (source);

  return g_strdup_printf ("(%s, %s)", source_text, group_text);
}

static void
request_init (Request         *request,
              QnetHostAddress *group,
              QnetHostAddress *source,
              const char      *iface,
              gboolean         is_joining)
{
  /* A group with a scope has an interface, unless the caller gives another one. */
  *request = (Request) {
    .group = group,
    .source = source,
    .name = make_name (group, source),
    .iface = iface != NULL ? iface : qnet_host_address_get_scope_id (group),
    .is_joining = is_joining,
  };
}

static gboolean
check_bound (QnetUdpSocket  *self,
             const Request  *request,
             GError        **error)
{
  if (qnet_socket_get_state (QNET_SOCKET (self)) == QNET_SOCKET_STATE_BOUND)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                  request->is_joining
                    ? _("Could not join the group %s: The socket is not bound")
                    : _("Could not leave the group %s: The socket is not bound"),
                  request->name);
  return FALSE;
}

static gboolean
check_direct (QnetUdpSocket  *self,
              const Request  *request,
              GError        **error)
{
  if (qnet_udp_socket_get_relay (self) == NULL)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  request->is_joining
                    ? _("Could not join the group %s: Datagrams are sent through a proxy")
                    : _("Could not leave the group %s: Datagrams are sent through a proxy"),
                  request->name);
  return FALSE;
}

static gboolean
check_multicast (const Request  *request,
                 GError        **error)
{
  if (qnet_host_address_is_multicast (request->group))
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  request->is_joining
                    ? _("Could not join the group %s: It is not a multicast address")
                    : _("Could not leave the group %s: It is not a multicast address"),
                  request->name);
  return FALSE;
}

static gboolean
check_source (const Request  *request,
              GError        **error)
{
  if (request->source == NULL
      || (qnet_host_address_get_protocol (request->source)
            == qnet_host_address_get_protocol (request->group)
          && !qnet_host_address_is_multicast (request->source)))
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  /* Translators: %s is a pair such as "(192.0.2.1, 232.1.1.1)", of the address of
                   * the source and that of the group */
                  request->is_joining
                    ? _("Could not join the group %s: The source is not the address of a host of "
                        "the same family")
                    : _("Could not leave the group %s: The source is not the address of a host of "
                        "the same family"),
                  request->name);
  return FALSE;
}

static gboolean
is_ipv4 (const Request *request)
{
  return qnet_host_address_get_protocol (request->group) == QNET_NETWORK_LAYER_PROTOCOL_IPV4;
}

/* A descriptor of IPv6, dual-stack or not, can only join groups of IPv6, as in Qt. */
static gboolean
check_family (QnetUdpSocket  *self,
              const Request  *request,
              GError        **error)
{
  if (qnet_udp_socket_inspect_fd (self)->family == (is_ipv4 (request) ? AF_INET : AF_INET6))
    return TRUE;

  if (is_ipv4 (request))
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    request->is_joining
                      ? _("Could not join the group %s: The socket is not bound to an IPv4 address")
                      : _("Could not leave the group %s: The socket is not bound to an IPv4 "
                          "address"),
                    request->name);
  else
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    request->is_joining
                      ? _("Could not join the group %s: The socket is bound to an IPv4 address")
                      : _("Could not leave the group %s: The socket is bound to an IPv4 address"),
                    request->name);
  return FALSE;
}

static void
set_interface_missing_error (const Request  *request,
                             const char     *iface,
                             GError        **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                  /* Translators: the address of a multicast group, and the name or number of a
                   * network interface */
                  request->is_joining
                    ? _("Could not join the group %s: There is no network interface %s")
                    : _("Could not leave the group %s: There is no network interface %s"),
                  request->name, iface);
}

static gboolean
find_interface (Request  *request,
                GError  **error)
{
  if (qnet_scope_id_to_index (request->iface, &request->interface_index))
    return TRUE;

  set_interface_missing_error (request, request->iface, error);
  return FALSE;
}

static void
set_interface_needed_error (const Request  *request,
                            GError        **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                  request->is_joining
                    ? _("Could not join the group %s: No route leads to it, so a network interface "
                        "has to be given")
                    : _("Could not leave the group %s: No route leads to it, so a network "
                        "interface has to be given"),
                  request->name);
}

/* For a source, Linux reports that it is not available if it has been joined already. */
static gboolean
has_joined_already (const Request *request,
                    int            error_number)
{
  return request->is_joining
         && (error_number == EADDRINUSE
             || (request->source != NULL && error_number == EADDRNOTAVAIL));
}

/* What else could be invalid was checked before. */
static gboolean
was_not_joined (const Request *request,
                int            error_number)
{
  return !request->is_joining
         && (error_number == EADDRNOTAVAIL
             || (request->source != NULL && error_number == EINVAL));
}

/* The texts of the system for these errors speak of other addresses. */
static void
set_membership_error (const Request  *request,
                      int             error_number,
                      GError        **error)
{
  g_autofree char *number = g_strdup_printf ("%u", request->interface_index);

  if (error_number == ENODEV && request->interface_index != 0)
    set_interface_missing_error (request, number, error);
  else if (error_number == ENODEV)
    set_interface_needed_error (request, error);
  else if (has_joined_already (request, error_number))
    qnet_set_error (error, QNET_SOCKET_ERROR_ADDRESS_IN_USE,
                    _("Could not join the group %s: The socket has already joined it"),
                    request->name);
  else if (was_not_joined (request, error_number))
    qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    _("Could not leave the group %s: The socket has not joined it"), request->name);
  else
    qnet_set_error_from_errno (error, error_number,
                               request->is_joining ? _("Could not join the group %s")
                                                   : _("Could not leave the group %s"),
                               request->name);
}

static int
set_membership (int            fd,
                const Request *request)
{
  struct group_req membership = { .gr_interface = request->interface_index };

  qnet_host_address_to_native (request->group, 0, &membership.gr_group);

  return qnet_sys_setsockopt (fd, is_ipv4 (request) ? IPPROTO_IP : IPPROTO_IPV6,
                              request->is_joining ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP,
                              &membership, sizeof membership);
}

static int
set_source_membership (int            fd,
                       const Request *request)
{
  struct group_source_req membership = { .gsr_interface = request->interface_index };

  qnet_host_address_to_native (request->group, 0, &membership.gsr_group);
  qnet_host_address_to_native (request->source, 0, &membership.gsr_source);

  return qnet_sys_setsockopt (fd, is_ipv4 (request) ? IPPROTO_IP : IPPROTO_IPV6,
                              request->is_joining ? MCAST_JOIN_SOURCE_GROUP
                                                  : MCAST_LEAVE_SOURCE_GROUP,
                              &membership, sizeof membership);
}

static gboolean
change_membership (QnetUdpSocket  *self,
                   Request        *request,
                   GError        **error)
{
  int fd;

  if (!check_bound (self, request, error) || !check_direct (self, request, error) ||
      !check_multicast (request, error) || !check_source (request, error) ||
      !check_family (self, request, error) || !find_interface (request, error))
    return FALSE;

  fd = qnet_udp_socket_get_channel (self)->transport.fd;
  if ((request->source == NULL ? set_membership (fd, request)
                               : set_source_membership (fd, request)) == 0)
    return TRUE;

  set_membership_error (request, errno, error);
  return FALSE;
}

static gboolean
handle_request (QnetUdpSocket    *self,
                QnetHostAddress  *group,
                QnetHostAddress  *source,
                const char       *iface,
                gboolean          is_joining,
                GError          **error)
{
  GError *reason = NULL;
  gboolean is_done;
  Request request;

  request_init (&request, group, source, iface, is_joining);
  is_done = change_membership (self, &request, &reason);
  g_free (request.name);

  return is_done || qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
}

/**
 * qnet_udp_socket_join_multicast_group:
 * @self: a bound socket
 * @group: the address of a group
 * @iface: (nullable): the name of a network interface, or its number in digits; %NULL for the
 *   system's choice, or that of the group's scope
 * @error: return location for an error
 *
 * Joins a multicast group: from now on the socket receives the datagrams that are sent to @group
 * and to the port of the socket.
 *
 * The socket receives from the groups that it has joined itself, on the interface of each, and not
 * from those that other sockets on this machine have joined.
 *
 * For several programs to receive on one port, bind with
 * [QNET_BIND_FLAGS_SHARE_ADDRESS][flags@BindFlags]. For a group of IPv4 the socket has to be bound
 * to an IPv4 address, such as [QNET_SPECIAL_ADDRESS_ANY_IPV4][enum@SpecialAddress], and for one of
 * IPv6 to an IPv6 address or to [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress]; otherwise, and for
 * an address that is not a multicast address, it fails with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError]. If the socket is not bound
 * it fails with [QNET_SOCKET_ERROR_OPERATION][error@SocketError], if it has already joined with
 * [QNET_SOCKET_ERROR_ADDRESS_IN_USE][error@SocketError], and for an unknown interface with
 * [QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE][error@SocketError].
 *
 * Returns: %TRUE if the socket has joined
 *
 * Since: 1.0
 */
gboolean
qnet_udp_socket_join_multicast_group (QnetUdpSocket    *self,
                                      QnetHostAddress  *group,
                                      const char       *iface,
                                      GError          **error)
{
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), FALSE);
  g_return_val_if_fail (group != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  return handle_request (self, group, NULL, iface, TRUE, error);
}

/**
 * qnet_udp_socket_leave_multicast_group:
 * @self: a bound socket
 * @group: the address of a group
 * @iface: (nullable): as with [method@UdpSocket.join_multicast_group]
 * @error: return location for an error
 *
 * Leaves a multicast group.
 *
 * It fails with [QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE][error@SocketError] if the socket
 * has not joined the group on that interface, and otherwise as
 * [method@UdpSocket.join_multicast_group] does. Closing the socket leaves all its groups.
 *
 * Returns: %TRUE if the socket has left
 *
 * Since: 1.0
 */
gboolean
qnet_udp_socket_leave_multicast_group (QnetUdpSocket    *self,
                                       QnetHostAddress  *group,
                                       const char       *iface,
                                       GError          **error)
{
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), FALSE);
  g_return_val_if_fail (group != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  return handle_request (self, group, NULL, iface, FALSE, error);
}

/**
 * qnet_udp_socket_join_source_group:
 * @self: a bound socket
 * @group: the address of a group
 * @source: the address of the sender
 * @iface: (nullable): as with [method@UdpSocket.join_multicast_group]
 * @error: return location for an error
 *
 * Joins a multicast group for the datagrams of one source
 * ([RFC 4607](https://www.rfc-editor.org/rfc/rfc4607)): what others send to @group is not received.
 *
 * It can be called for several sources of a group; the system has a limit for their number. The
 * addresses from 232.0.0.0 to 232.255.255.255, and those of IPv6 that begin with ff3, are meant for
 * such groups, but any group works. A group that was joined for all sources before is limited to
 * @source by this call.
 *
 * It fails as [method@UdpSocket.join_multicast_group] does: if @source was joined already, with
 * [QNET_SOCKET_ERROR_ADDRESS_IN_USE][error@SocketError], and if it is of another family than @group
 * or a group itself, with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: %TRUE if the socket has joined
 *
 * Since: 1.0
 */
gboolean
qnet_udp_socket_join_source_group (QnetUdpSocket    *self,
                                   QnetHostAddress  *group,
                                   QnetHostAddress  *source,
                                   const char       *iface,
                                   GError          **error)
{
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), FALSE);
  g_return_val_if_fail (group != NULL, FALSE);
  g_return_val_if_fail (source != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  return handle_request (self, group, source, iface, TRUE, error);
}

/**
 * qnet_udp_socket_leave_source_group:
 * @self: a bound socket
 * @group: the address of a group
 * @source: the address of the sender
 * @iface: (nullable): as with [method@UdpSocket.join_multicast_group]
 * @error: return location for an error
 *
 * Stops receiving from a source of a multicast group. With the last source, the group is left.
 *
 * It fails with [QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE][error@SocketError] if the socket
 * has not joined the group for @source on that interface, and otherwise as
 * [method@UdpSocket.join_source_group] does. [method@UdpSocket.leave_multicast_group] leaves a
 * group with all its sources.
 *
 * Returns: %TRUE if the socket no longer receives from @source
 *
 * Since: 1.0
 */
gboolean
qnet_udp_socket_leave_source_group (QnetUdpSocket    *self,
                                    QnetHostAddress  *group,
                                    QnetHostAddress  *source,
                                    const char       *iface,
                                    GError          **error)
{
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), FALSE);
  g_return_val_if_fail (group != NULL, FALSE);
  g_return_val_if_fail (source != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  return handle_request (self, group, source, iface, FALSE, error);
}

/* Sending to groups */

/**
 * qnet_udp_socket_get_multicast_interface:
 * @self: a socket
 *
 * Gets the network interface through which datagrams to a group are sent.
 *
 * Returns: (nullable): the interface that was set, or %NULL if the system chooses it
 *
 * Since: 1.0
 */
const char *
qnet_udp_socket_get_multicast_interface (QnetUdpSocket *self)
{
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  if (!qnet_channel_is_open (qnet_udp_socket_get_channel (self)))
    return NULL;

  return qnet_udp_socket_get_private (self)->multicast_interface;
}

/* A dual-stack descriptor sends to groups of both families. */
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

static void
set_interface_error (GError     **error,
                     const char  *iface)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                  _("Could not set the network interface for multicast groups: There is no network "
                    "interface %s"), iface);
}

static gboolean
check_can_set_interface (QnetUdpSocket  *self,
                         const char     *iface,
                         GError        **error)
{
  if (!qnet_channel_is_open (qnet_udp_socket_get_channel (self)))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                      _("Could not set the network interface for multicast groups: The socket is "
                        "not bound"));
      return FALSE;
    }

  if (iface == NULL || qnet_udp_socket_get_relay (self) == NULL)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not set the network interface for multicast groups: Datagrams are "
                    "sent through a proxy"));
  return FALSE;
}

static gboolean
change_interface (QnetUdpSocket  *self,
                  const char     *iface,
                  GError        **error)
{
  guint32 interface_index;
  int fd, error_number;

  if (!qnet_scope_id_to_index (iface, &interface_index))
    {
      set_interface_error (error, iface);
      return FALSE;
    }

  if (!check_can_set_interface (self, iface, error))
    return FALSE;

  fd = qnet_udp_socket_get_channel (self)->transport.fd;
  if (set_outgoing_interface (fd, qnet_udp_socket_inspect_fd (self)->family, interface_index) == 0)
    return TRUE;

  error_number = errno;
  if (iface != NULL && !qnet_udp_is_interface (interface_index))
    set_interface_error (error, iface);
  else
    qnet_set_error_from_errno (error, error_number,
                               _("Could not set the network interface for multicast groups"));

  return FALSE;
}

/**
 * qnet_udp_socket_set_multicast_interface:
 * @self: a socket that is bound or connected
 * @iface: (nullable): the name of a network interface, or its number in digits; %NULL for the
 *   system's choice
 * @error: return location for an error
 *
 * Sets the network interface through which datagrams to a group are sent.
 *
 * For a single datagram use [method@Qnet.NetworkDatagram.with_interface_index]. If datagrams are
 * sent through a proxy it fails with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError], and with an interface set a
 * socket cannot be connected through a proxy.
 *
 * Returns: %TRUE if it was set
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
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  if (!change_interface (self, iface, &reason))
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  priv = qnet_udp_socket_get_private (self);
  if (g_strcmp0 (priv->multicast_interface, iface) == 0)
    return TRUE;

  g_free (priv->multicast_interface);
  priv->multicast_interface = g_strdup (iface);
  qnet_io_device_notify_name (self, "multicast-interface");

  return TRUE;
}
