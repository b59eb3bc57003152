/* qnet-network-datagram.c: a datagram, and where it comes from and goes to
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-network-datagram.h"

#include "address/qnet-network-datagram-private.h"

/**
 * QnetNetworkDatagram:
 *
 * A datagram: its bytes, who sent it, whom it was sent to, through which interface, and how many
 * hops it may make.
 *
 * [method@UdpSocket.receive_datagram] gives one, with all that the system tells of it;
 * [method@Qnet.NetworkDatagram.make_reply] makes the answer to it.
 * [method@UdpSocket.write_datagram] sends one: what is not known in it is left to the system.
 *
 * Datagrams never change once they are made, so they can be shared freely, also between threads. To
 * change one, take a copy: [method@Qnet.NetworkDatagram.with_data] and its relatives share all the
 * rest.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (QnetNetworkDatagram, qnet_network_datagram,
                     qnet_network_datagram_ref, qnet_network_datagram_unref)

/* Making one */

QnetNetworkDatagram *
qnet_network_datagram_new_take (GBytes *data)
{
  QnetNetworkDatagram *self = g_new (QnetNetworkDatagram, 1);

  *self = (QnetNetworkDatagram) {
    .ref_count        = 1,
    .data             = data,
    .sender           = qnet_host_address_new_null (),
    .destination      = qnet_host_address_new_null (),
    .sender_port      = -1,
    .destination_port = -1,
    .hop_limit        = -1,
  };

  return self;
}

static void
set_address (QnetHostAddress **place,
             QnetHostAddress  *address)
{
  if (address == NULL)
    return;

  qnet_host_address_unref (*place);
  *place = qnet_host_address_ref (address);
}

static QnetNetworkDatagram *
copy (const QnetNetworkDatagram *self)
{
  QnetNetworkDatagram *other;

  other = qnet_network_datagram_new_full (self->data,
                                          self->sender, self->sender_port,
                                          self->destination, self->destination_port,
                                          self->interface_index, self->hop_limit);
  other->is_truncated = self->is_truncated;

  return other;
}

/* GIO */

static gboolean
set_end (QnetHostAddress **place,
         int              *out_port,
         GSocketAddress   *address,
         GError          **error)
{
  g_autoptr(QnetHostAddress) host = NULL;

  if (address == NULL)
    return TRUE;

  host = qnet_host_address_new_from_socket_address (address, error);
  if (host == NULL)
    return FALSE;

  set_address (place, host);
  *out_port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));

  return TRUE;
}

/* (transfer full) (nullable) */
static GSocketAddress *
get_end (QnetHostAddress *address,
         int              port)
{
  if (qnet_host_address_is_null (address))
    return NULL;

  return qnet_host_address_to_socket_address (address, (guint16) MAX (port, 0));
}

/* Public API */

/**
 * qnet_network_datagram_new:
 * @data: the bytes
 * @destination: (nullable): whom it goes to; %NULL for the peer of a connected socket
 * @port: the port of @destination
 *
 * Makes a datagram to be sent.
 *
 * Returns: (transfer full): the datagram
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_new (GBytes          *data,
                           QnetHostAddress *destination,
                           guint16          port)
{
  return qnet_network_datagram_new_full (data, NULL, -1,
                                         destination, destination != NULL ? port : -1, 0, -1);
}

/**
 * qnet_network_datagram_new_full:
 * @data: the bytes
 * @sender: (nullable): the address it comes from; %NULL for an unknown one, or the system's choice
 * @sender_port: the port of @sender, or -1
 * @destination: (nullable): whom it goes to, or %NULL
 * @destination_port: the port of @destination, or -1
 * @interface_index: the number of the network interface, or 0
 * @hop_limit: how many hops it may make (TTL), 0 to 255, or -1
 *
 * Makes a datagram of all its parts.
 *
 * Returns: (transfer full): the datagram
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_new_full (GBytes          *data,
                                QnetHostAddress *sender,
                                int              sender_port,
                                QnetHostAddress *destination,
                                int              destination_port,
                                guint            interface_index,
                                int              hop_limit)
{
  QnetNetworkDatagram *self;

  g_return_val_if_fail (data != NULL, NULL);
  g_return_val_if_fail (sender_port >= -1 && sender_port <= G_MAXUINT16, NULL);
  g_return_val_if_fail (destination_port >= -1 && destination_port <= G_MAXUINT16, NULL);
  g_return_val_if_fail (hop_limit >= -1 && hop_limit <= 255, NULL);

  self = qnet_network_datagram_new_take (g_bytes_ref (data));
  set_address (&self->sender, sender);
  set_address (&self->destination, destination);
  self->sender_port = sender_port;
  self->destination_port = destination_port;
  self->interface_index = interface_index;
  self->hop_limit = hop_limit;

  return self;
}

/**
 * qnet_network_datagram_new_from_message:
 * @data: the bytes
 * @sender: (nullable): where it comes from, or %NULL
 * @destination: (nullable): where it goes to, or %NULL
 * @error: return location for an error
 *
 * Makes a datagram of what [iface@Gio.DatagramBased] deals in.
 *
 * An address of any other family than IPv4 and IPv6 is
 * %QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION.
 *
 * Returns: (transfer full): the datagram, or %NULL with @error set
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_new_from_message (GBytes          *data,
                                        GSocketAddress  *sender,
                                        GSocketAddress  *destination,
                                        GError         **error)
{
  g_autoptr(QnetNetworkDatagram) self = NULL;

  g_return_val_if_fail (data != NULL, NULL);
  g_return_val_if_fail (sender == NULL || G_IS_SOCKET_ADDRESS (sender), NULL);
  g_return_val_if_fail (destination == NULL || G_IS_SOCKET_ADDRESS (destination), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = qnet_network_datagram_new_take (g_bytes_ref (data));
  if (!set_end (&self->sender, &self->sender_port, sender, error)
      || !set_end (&self->destination, &self->destination_port, destination, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * qnet_network_datagram_make_reply:
 * @self: a datagram that was received
 * @data: the bytes of the answer
 *
 * Makes the answer to a datagram: it goes back to the sender, from the address and through the
 * interface it came to.
 *
 * The hop limit is left to the system. What came to a multicast group is answered from an address
 * that the system chooses, since nobody can send from a group.
 *
 * Returns: (transfer full): the answer
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_make_reply (const QnetNetworkDatagram *self,
                                  GBytes                    *data)
{
  gboolean to_group;

  g_return_val_if_fail (self != NULL, NULL);

  to_group = qnet_host_address_is_multicast (self->destination);

  return qnet_network_datagram_new_full (data,
                                         to_group ? NULL : self->destination,
                                         to_group ? -1 : self->destination_port,
                                         self->sender, self->sender_port,
                                         self->interface_index, -1);
}

/**
 * qnet_network_datagram_with_data:
 * @self: a datagram
 * @data: the bytes
 *
 * Makes the same datagram with other bytes.
 *
 * Returns: (transfer full): the new datagram
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_with_data (const QnetNetworkDatagram *self,
                                 GBytes                    *data)
{
  QnetNetworkDatagram *other;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (data != NULL, NULL);

  other = copy (self);
  g_bytes_unref (other->data);
  other->data = g_bytes_ref (data);
  other->is_truncated = FALSE;

  return other;
}

/**
 * qnet_network_datagram_with_sender:
 * @self: a datagram
 * @address: an address; Null for an unknown one
 * @port: its port, or -1
 *
 * Makes the same datagram with another sender.
 *
 * Returns: (transfer full): the new datagram
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_with_sender (const QnetNetworkDatagram *self,
                                   QnetHostAddress           *address,
                                   int                        port)
{
  QnetNetworkDatagram *other;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (address != NULL, NULL);
  g_return_val_if_fail (port >= -1 && port <= G_MAXUINT16, NULL);

  other = copy (self);
  set_address (&other->sender, address);
  other->sender_port = port;

  return other;
}

/**
 * qnet_network_datagram_with_destination:
 * @self: a datagram
 * @address: an address; Null for an unknown one
 * @port: its port, or -1
 *
 * Makes the same datagram with another destination.
 *
 * Returns: (transfer full): the new datagram
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_with_destination (const QnetNetworkDatagram *self,
                                        QnetHostAddress           *address,
                                        int                        port)
{
  QnetNetworkDatagram *other;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (address != NULL, NULL);
  g_return_val_if_fail (port >= -1 && port <= G_MAXUINT16, NULL);

  other = copy (self);
  set_address (&other->destination, address);
  other->destination_port = port;

  return other;
}

/**
 * qnet_network_datagram_with_interface_index:
 * @self: a datagram
 * @interface_index: the number of a network interface, or 0 for none
 *
 * Makes the same datagram with another interface.
 *
 * Returns: (transfer full): the new datagram
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_with_interface_index (const QnetNetworkDatagram *self,
                                            guint                      interface_index)
{
  QnetNetworkDatagram *other;

  g_return_val_if_fail (self != NULL, NULL);

  other = copy (self);
  other->interface_index = interface_index;

  return other;
}

/**
 * qnet_network_datagram_with_hop_limit:
 * @self: a datagram
 * @hop_limit: how many hops it may make, 0 to 255, or -1 for none
 *
 * Makes the same datagram with another hop limit.
 *
 * Returns: (transfer full): the new datagram
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_with_hop_limit (const QnetNetworkDatagram *self,
                                      int                        hop_limit)
{
  QnetNetworkDatagram *other;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (hop_limit >= -1 && hop_limit <= 255, NULL);

  other = copy (self);
  other->hop_limit = hop_limit;

  return other;
}

/**
 * qnet_network_datagram_ref: (skip)
 * @self: a datagram
 *
 * Takes another reference.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_ref (const QnetNetworkDatagram *self)
{
  QnetNetworkDatagram *shared = (QnetNetworkDatagram *) self;

  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&shared->ref_count);

  return shared;
}

/**
 * qnet_network_datagram_unref: (skip)
 * @self: (transfer full): a datagram
 *
 * Drops a reference; the last one frees the datagram.
 *
 * Since: 1.0
 */
void
qnet_network_datagram_unref (QnetNetworkDatagram *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_bytes_unref (self->data);
  qnet_host_address_unref (self->sender);
  qnet_host_address_unref (self->destination);
  g_free (self);
}

/**
 * qnet_network_datagram_is_valid:
 * @self: a datagram
 *
 * Tells whether the datagram has an address: a sender or a destination.
 *
 * It may have no bytes and be valid all the same.
 *
 * Returns: whether it comes from somewhere or goes somewhere
 *
 * Since: 1.0
 */
gboolean
qnet_network_datagram_is_valid (const QnetNetworkDatagram *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return !qnet_host_address_is_null (self->sender)
         || !qnet_host_address_is_null (self->destination);
}

/**
 * qnet_network_datagram_get_data:
 * @self: a datagram
 *
 * Gets the bytes.
 *
 * Returns: (transfer none): the bytes, perhaps none
 *
 * Since: 1.0
 */
GBytes *
qnet_network_datagram_get_data (const QnetNetworkDatagram *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->data;
}

/**
 * qnet_network_datagram_is_truncated:
 * @self: a datagram
 *
 * Tells whether bytes were lost when the datagram was received, because it was larger than the
 * caller had asked for.
 *
 * Returns: whether there was more
 *
 * Since: 1.0
 */
gboolean
qnet_network_datagram_is_truncated (const QnetNetworkDatagram *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->is_truncated;
}

/**
 * qnet_network_datagram_get_sender_address:
 * @self: a datagram
 *
 * Gets the address that the datagram comes from.
 *
 * Returns: (transfer none): the address, Null when it is not known
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_network_datagram_get_sender_address (const QnetNetworkDatagram *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->sender;
}

/**
 * qnet_network_datagram_get_sender_port:
 * @self: a datagram
 *
 * Gets the port that the datagram comes from.
 *
 * Returns: the port, or -1 when it is not known
 *
 * Since: 1.0
 */
int
qnet_network_datagram_get_sender_port (const QnetNetworkDatagram *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->sender_port;
}

/**
 * qnet_network_datagram_get_destination_address:
 * @self: a datagram
 *
 * Gets the address that the datagram goes to, or came to: perhaps one of several of this machine,
 * or a group.
 *
 * Returns: (transfer none): the address, Null when it is not known
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_network_datagram_get_destination_address (const QnetNetworkDatagram *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->destination;
}

/**
 * qnet_network_datagram_get_destination_port:
 * @self: a datagram
 *
 * Gets the port that the datagram goes to, or came to.
 *
 * Returns: the port, or -1 when it is not known
 *
 * Since: 1.0
 */
int
qnet_network_datagram_get_destination_port (const QnetNetworkDatagram *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->destination_port;
}

/**
 * qnet_network_datagram_get_interface_index:
 * @self: a datagram
 *
 * Gets the number of the network interface that the datagram came through or goes through.
 *
 * Returns: the number, or 0 when it is not known
 *
 * Since: 1.0
 */
guint
qnet_network_datagram_get_interface_index (const QnetNetworkDatagram *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->interface_index;
}

/**
 * qnet_network_datagram_get_hop_limit:
 * @self: a datagram
 *
 * Gets how many hops the datagram may still make.
 *
 * Returns: hops, or -1 when it is not known
 *
 * Since: 1.0
 */
int
qnet_network_datagram_get_hop_limit (const QnetNetworkDatagram *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->hop_limit;
}

/**
 * qnet_network_datagram_get_socket_addresses:
 * @self: a datagram
 * @sender: (out) (optional) (transfer full) (nullable): where it comes from, %NULL when that is not
 *   known
 * @destination: (out) (optional) (transfer full) (nullable): where it goes to, %NULL when that is
 *   not known
 *
 * Gets both ends as GIO has them. A port that is not known becomes 0.
 *
 * Since: 1.0
 */
void
qnet_network_datagram_get_socket_addresses (const QnetNetworkDatagram  *self,
                                            GSocketAddress            **sender,
                                            GSocketAddress            **destination)
{
  g_return_if_fail (self != NULL);

  if (sender != NULL)
    *sender = get_end (self->sender, self->sender_port);
  if (destination != NULL)
    *destination = get_end (self->destination, self->destination_port);
}
