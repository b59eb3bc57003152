/* qnet-network-datagram.c: a datagram with its source and destination
 *
 * It has over 700 lines because each field has a documented getter and copying setter.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-network-datagram-private.h"

/**
 * QnetNetworkDatagram:
 *
 * A datagram: its data, sender, destination, network interface and hop limit.
 *
 * [method@UdpSocket.receive_datagram] returns a datagram with everything that the system reports
 * about it, and [method@Qnet.NetworkDatagram.make_reply] creates a reply to it.
 * [method@UdpSocket.write_datagram] sends a datagram; the system chooses the fields that are
 * unknown.
 *
 * Datagrams are immutable, so they can be shared freely, also between threads.
 * [method@Qnet.NetworkDatagram.with_data] and the like create a copy that differs in one field. In
 * C, functions with data have two forms: with a pointer and a size, which copy it, and with a
 * [struct@GLib.Bytes].
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (QnetNetworkDatagram, qnet_network_datagram,
                     qnet_network_datagram_ref, qnet_network_datagram_unref)

/* Construction */

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
set_address (QnetHostAddress **field,
             QnetHostAddress  *address)
{
  if (address == NULL)
    return;

  qnet_host_address_unref (*field);
  *field = qnet_host_address_ref (address);
}

/* Takes @data. */
static QnetNetworkDatagram *
copy (const QnetNetworkDatagram *self,
      GBytes                    *data)
{
  QnetNetworkDatagram *other = qnet_network_datagram_new_take (data);

  set_address (&other->sender, self->sender);
  set_address (&other->destination, self->destination);
  other->sender_port = self->sender_port;
  other->destination_port = self->destination_port;
  other->interface_index = self->interface_index;
  other->hop_limit = self->hop_limit;

  return other;
}

static QnetNetworkDatagram *
copy_all (const QnetNetworkDatagram *self)
{
  QnetNetworkDatagram *other = copy (self, g_bytes_ref (self->data));

  other->is_truncated = self->is_truncated;

  return other;
}

/* Takes @data. */
static QnetNetworkDatagram *
new_to (GBytes          *data,
        QnetHostAddress *destination,  /* (nullable) */
        guint16          port)
{
  QnetNetworkDatagram *self = qnet_network_datagram_new_take (data);

  set_address (&self->destination, destination);
  self->destination_port = destination != NULL ? port : -1;

  return self;
}

/* A reply is not sent from a group address. Takes @data. */
static QnetNetworkDatagram *
new_reply (const QnetNetworkDatagram *self,
           GBytes                    *data)
{
  QnetNetworkDatagram *reply = qnet_network_datagram_new_take (data);
  gboolean to_group = qnet_host_address_is_multicast (self->destination);

  set_address (&reply->sender, to_group ? NULL : self->destination);
  set_address (&reply->destination, self->sender);
  reply->sender_port = to_group ? -1 : self->destination_port;
  reply->destination_port = self->sender_port;
  reply->interface_index = self->interface_index;

  return reply;
}

/* GIO */

static gboolean
set_end (QnetHostAddress **field,
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

  set_address (field, host);
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
 * @data: (array length=size) (element-type guint8) (nullable): the bytes
 * @size: the number of bytes
 * @destination: (nullable): the destination address, or %NULL for the peer of a connected socket
 * @port: the port of @destination
 *
 * Creates a datagram to send, with a copy of @data.
 *
 * Returns: (transfer full): the datagram
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_new (gconstpointer    data,
                           gsize            size,
                           QnetHostAddress *destination,
                           guint16          port)
{
  g_return_val_if_fail (data != NULL || size == 0, NULL);

  return new_to (g_bytes_new (data, size), destination, port);
}

/**
 * qnet_network_datagram_new_from_bytes:
 * @bytes: the bytes
 * @destination: (nullable): the address to send it to; %NULL for the peer of a connected socket
 * @port: the port of @destination
 *
 * Creates a datagram to be sent, without copying its bytes.
 *
 * Returns: (transfer full): the datagram
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_new_from_bytes (GBytes          *bytes,
                                      QnetHostAddress *destination,
                                      guint16          port)
{
  g_return_val_if_fail (bytes != NULL, NULL);

  return new_to (g_bytes_ref (bytes), destination, port);
}

/**
 * qnet_network_datagram_new_full:
 * @data: (array length=size) (element-type guint8) (nullable): the bytes
 * @size: the number of bytes
 * @sender: (nullable): the source address, or %NULL if it is unknown or chosen by the system
 * @sender_port: the port of @sender, or -1
 * @destination: (nullable): the destination address, or %NULL
 * @destination_port: the port of @destination, or -1
 * @interface_index: the index of the network interface, or 0
 * @hop_limit: the hop limit (TTL), 0 to 255, or -1
 *
 * Creates a datagram from all its fields, with a copy of @data.
 *
 * Returns: (transfer full): the datagram
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_new_full (gconstpointer    data,
                                gsize            size,
                                QnetHostAddress *sender,
                                int              sender_port,
                                QnetHostAddress *destination,
                                int              destination_port,
                                guint            interface_index,
                                int              hop_limit)
{
  QnetNetworkDatagram *self;

  g_return_val_if_fail (data != NULL || size == 0, NULL);
  g_return_val_if_fail (sender_port >= -1 && sender_port <= G_MAXUINT16, NULL);
  g_return_val_if_fail (destination_port >= -1 && destination_port <= G_MAXUINT16, NULL);
  g_return_val_if_fail (hop_limit >= -1 && hop_limit <= 255, NULL);

  self = qnet_network_datagram_new_take (g_bytes_new (data, size));
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
 * @data: (array length=size) (element-type guint8) (nullable): the bytes
 * @size: the number of bytes
 * @sender: (nullable): the source, or %NULL
 * @destination: (nullable): the destination, or %NULL
 * @error: return location for an error
 *
 * Creates a datagram from the addresses of a [iface@Gio.DatagramBased] message, with a copy of
 * @data.
 *
 * If an address is neither IPv4 nor IPv6, this function fails with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: (transfer full): the datagram, or %NULL with @error set
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_new_from_message (gconstpointer    data,
                                        gsize            size,
                                        GSocketAddress  *sender,
                                        GSocketAddress  *destination,
                                        GError         **error)
{
  g_autoptr(QnetNetworkDatagram) self = NULL;

  g_return_val_if_fail (data != NULL || size == 0, NULL);
  g_return_val_if_fail (sender == NULL || G_IS_SOCKET_ADDRESS (sender), NULL);
  g_return_val_if_fail (destination == NULL || G_IS_SOCKET_ADDRESS (destination), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = qnet_network_datagram_new_take (g_bytes_new (data, size));
  if (!set_end (&self->sender, &self->sender_port, sender, error)
      || !set_end (&self->destination, &self->destination_port, destination, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * qnet_network_datagram_make_reply:
 * @self: a received datagram
 * @data: (array length=size) (element-type guint8) (nullable): the bytes of the reply
 * @size: the number of bytes
 *
 * Creates a reply to the datagram: it is sent to the sender, from the address and through the
 * interface where the datagram was received.
 *
 * The system chooses the hop limit. If the datagram was sent to a multicast group, the system also
 * chooses the source address, because a group cannot be one.
 *
 * Returns: (transfer full): the reply, with a copy of @data
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_make_reply (const QnetNetworkDatagram *self,
                                  gconstpointer              data,
                                  gsize                      size)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (data != NULL || size == 0, NULL);

  return new_reply (self, g_bytes_new (data, size));
}

/**
 * qnet_network_datagram_make_reply_bytes:
 * @self: a datagram that was received
 * @bytes: the bytes of the reply
 *
 * Creates the reply to a datagram without copying its bytes; see
 * [method@Qnet.NetworkDatagram.make_reply].
 *
 * Returns: (transfer full): the reply
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_make_reply_bytes (const QnetNetworkDatagram *self,
                                        GBytes                    *bytes)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (bytes != NULL, NULL);

  return new_reply (self, g_bytes_ref (bytes));
}

/**
 * qnet_network_datagram_with_data:
 * @self: a datagram
 * @data: (array length=size) (element-type guint8) (nullable): the bytes
 * @size: the number of bytes
 *
 * Creates a copy of the datagram with other data.
 *
 * Returns: (transfer full): the new datagram, with a copy of @data
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_with_data (const QnetNetworkDatagram *self,
                                 gconstpointer              data,
                                 gsize                      size)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (data != NULL || size == 0, NULL);

  return copy (self, g_bytes_new (data, size));
}

/**
 * qnet_network_datagram_with_bytes:
 * @self: a datagram
 * @bytes: the bytes
 *
 * Creates a copy of the datagram with other data, without copying @bytes.
 *
 * Returns: (transfer full): the new datagram
 *
 * Since: 1.0
 */
QnetNetworkDatagram *
qnet_network_datagram_with_bytes (const QnetNetworkDatagram *self,
                                  GBytes                    *bytes)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (bytes != NULL, NULL);

  return copy (self, g_bytes_ref (bytes));
}

/**
 * qnet_network_datagram_with_sender:
 * @self: a datagram
 * @address: an address, Null if it is unknown
 * @port: its port, or -1
 *
 * Creates a copy of the datagram with another sender.
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

  other = copy_all (self);
  set_address (&other->sender, address);
  other->sender_port = port;

  return other;
}

/**
 * qnet_network_datagram_with_destination:
 * @self: a datagram
 * @address: an address, Null if it is unknown
 * @port: its port, or -1
 *
 * Creates a copy of the datagram with another destination.
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

  other = copy_all (self);
  set_address (&other->destination, address);
  other->destination_port = port;

  return other;
}

/**
 * qnet_network_datagram_with_interface_index:
 * @self: a datagram
 * @interface_index: the index of a network interface, or 0 for none
 *
 * Creates a copy of the datagram with another network interface.
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

  other = copy_all (self);
  other->interface_index = interface_index;

  return other;
}

/**
 * qnet_network_datagram_with_hop_limit:
 * @self: a datagram
 * @hop_limit: the hop limit, 0 to 255, or -1 for none
 *
 * Creates a copy of the datagram with another hop limit.
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

  other = copy_all (self);
  other->hop_limit = hop_limit;

  return other;
}

/**
 * qnet_network_datagram_ref:
 * @self: a datagram
 *
 * Increases the reference count by one. This function may be called from any thread.
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
 * qnet_network_datagram_unref:
 * @self: (transfer full): a datagram
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the datagram.
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
 * Gets whether the datagram has a sender or a destination.
 *
 * A datagram without data can be valid.
 *
 * Returns: %TRUE if one of the addresses is known
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
 * @size: (out) (optional): the number of bytes
 *
 * Gets the bytes, of which there may be none.
 *
 * Returns: (transfer none) (array length=size) (element-type guint8): the bytes
 *
 * Since: 1.0
 */
gconstpointer
qnet_network_datagram_get_data (const QnetNetworkDatagram *self,
                                gsize                     *size)
{
  gconstpointer data;

  g_return_val_if_fail (self != NULL, NULL);

  data = g_bytes_get_data (self->data, size);

  return data != NULL ? data : "";  /* bindings take NULL for no array at all */
}

/**
 * qnet_network_datagram_get_bytes:
 * @self: a datagram
 *
 * Gets the bytes as a [struct@GLib.Bytes].
 *
 * Returns: (transfer none): the bytes
 *
 * Since: 1.0
 */
GBytes *
qnet_network_datagram_get_bytes (const QnetNetworkDatagram *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->data;
}

/**
 * qnet_network_datagram_is_truncated:
 * @self: a datagram
 *
 * Gets whether the datagram was truncated when it was received, because it was larger than the
 * maximum size that the caller requested.
 *
 * Returns: %TRUE if the rest of the datagram was discarded
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
 * Gets the address of the sender.
 *
 * Returns: (transfer none): the address, Null if it is unknown
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
 * Gets the port of the sender.
 *
 * Returns: the port, or -1 if it is unknown
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
 * Gets the address that the datagram is or was sent to. For a received datagram, it is one of the
 * addresses of this machine or a multicast group.
 *
 * Returns: (transfer none): the address, Null if it is unknown
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
 * Gets the port that the datagram is or was sent to.
 *
 * Returns: the port, or -1 if it is unknown
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
 * Gets the index of the network interface through which the datagram is sent or was received.
 *
 * Returns: the index, or 0 if it is unknown
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
 * Gets the hop limit of the datagram.
 *
 * Returns: the hop limit, or -1 if it is unknown
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
 * @sender: (out) (optional) (transfer full) (nullable): the source, %NULL if it is unknown
 * @destination: (out) (optional) (transfer full) (nullable): the destination, %NULL if it is
 *   unknown
 *
 * Gets the source and the destination as socket addresses. An unknown port becomes 0.
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
