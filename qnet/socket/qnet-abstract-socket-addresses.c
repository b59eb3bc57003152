/* qnet-abstract-socket-addresses.c: the addresses of both ends of a connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include <netinet/in.h>
#include <string.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-syscall-private.h"
#include "connection/qnet-incoming-private.h"
#include "socket/qnet-abstract-socket-private.h"

/* The PROXY header with which a connection began. Few sockets have one, so it is no part of the
 * socket itself. */

typedef struct
{
  QnetProxyHeader *header;  /* (owned) */
  QnetHostAddress *proxy;   /* (owned): who has sent it */
} Proxied;

static G_DEFINE_QUARK (qnet-proxied, proxied)

static void
proxied_free (gpointer data)
{
  Proxied *proxied = data;

  qnet_proxy_header_unref (proxied->header);
  qnet_host_address_unref (proxied->proxy);
  g_free (proxied);
}

static Proxied *
peek (QnetAbstractSocket *self)
{
  if (!qnet_abstract_socket_get_private (self)->has_header)
    return NULL;

  return g_object_get_qdata (G_OBJECT (self), proxied_quark ());
}

void
qnet_abstract_socket_note_header (QnetAbstractSocket *self,
                                  const QnetIncoming *incoming)
{
  Proxied *proxied = g_new (Proxied, 1);
  struct sockaddr_storage native = { 0, };

  memcpy (&native, incoming->proxy, MIN (incoming->proxy_size, sizeof native));
  proxied->header = qnet_proxy_header_ref (incoming->header);
  proxied->proxy = qnet_host_address_take_native (&native, TRUE, NULL);

  g_object_set_qdata_full (G_OBJECT (self), proxied_quark (), proxied, proxied_free);
  qnet_abstract_socket_get_private (self)->has_header = TRUE;
}

static void
forget_header (QnetAbstractSocket *self)
{
  if (peek (self) == NULL)
    return;

  qnet_abstract_socket_get_private (self)->has_header = FALSE;
  g_object_set_qdata (G_OBJECT (self), proxied_quark (), NULL);
}

/* The kernel is asked only when a value is needed */

/* The kernel has a single local address then, and IPv4 must not be reported as IPv6. */
static gboolean
is_connected_or_relayed (QnetAbstractSocket *self)
{
  return qnet_socket_get_private (QNET_SOCKET (self))->state != QNET_SOCKET_STATE_BOUND
         || qnet_abstract_socket_get_relay (self) != NULL;
}

static void
learn_local_address (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  int fd = qnet_abstract_socket_peek_fd (self);
  struct sockaddr_storage native;
  socklen_t size = sizeof native;

  if (priv->local_address != NULL || fd < 0
      || qnet_sys_getsockname (fd, (struct sockaddr *) &native, &size) != 0)
    return;

  priv->local_address =
    qnet_host_address_take_native (&native, is_connected_or_relayed (self), &priv->local_port);

  if (qnet_host_address_equal_special (priv->local_address, QNET_SPECIAL_ADDRESS_ANY_IPV6)
      && qnet_sys_is_dual_stack (fd))
    {
      qnet_host_address_unref (priv->local_address);
      priv->local_address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);
    }
}

void
qnet_abstract_socket_set_native_peer (QnetAbstractSocket    *self,
                                      const struct sockaddr *peer,
                                      socklen_t              size)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  priv->peer.family = AF_UNSPEC;
  if (peer != NULL && size >= sizeof priv->peer.family)
    memcpy (&priv->peer, peer, MIN (size, sizeof priv->peer));
}

/* After a reset by the client getpeername() fails, but accept() has returned the address. */
static void
note_incoming (QnetAbstractSocket *self,
               int                 fd,
               const QnetIncoming *incoming)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  socklen_t size = sizeof priv->peer;

  if (incoming != NULL && incoming->header != NULL)
    qnet_abstract_socket_note_header (self, incoming);

  if (incoming != NULL && incoming->peer != NULL)
    qnet_abstract_socket_set_native_peer (self, incoming->peer, incoming->peer_size);
  else if (qnet_sys_getpeername (fd, (struct sockaddr *) &priv->peer, &size) != 0)
    priv->peer.family = AF_UNSPEC;
}

void
qnet_abstract_socket_note_peer (QnetAbstractSocket *self)
{
  int fd = qnet_abstract_socket_peek_fd (self);
  const QnetIncoming *incoming = qnet_incoming_find (fd);
  QnetIncoming *kept = incoming == NULL ? qnet_incoming_recall (fd) : NULL;

  note_incoming (self, fd, kept != NULL ? kept : incoming);
  g_clear_pointer (&kept, qnet_incoming_free);
}

void
qnet_abstract_socket_learn_peer (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  struct sockaddr_storage native = { 0, };

  if (priv->peer_address != NULL
      || qnet_socket_get_private (QNET_SOCKET (self))->state == QNET_SOCKET_STATE_BOUND)
    return;

  if (priv->peer.family == AF_UNSPEC
      && qnet_channel_is_open (&qnet_io_device_get_private (QNET_IO_DEVICE (self))->channel))
    qnet_abstract_socket_note_peer (self);

  if (priv->peer.family == AF_UNSPEC)
    return;

  memcpy (&native, &priv->peer, sizeof priv->peer);
  priv->peer_address = qnet_host_address_take_native (&native, TRUE, &priv->peer_port);
}

void
qnet_abstract_socket_remember_addresses (QnetAbstractSocket *self)
{
  learn_local_address (self);
  qnet_abstract_socket_learn_peer (self);
}

void
qnet_abstract_socket_forget_local_address (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  g_clear_pointer (&priv->local_address, qnet_host_address_unref);
  priv->local_port = 0;
}

void
qnet_abstract_socket_forget_addresses (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  qnet_abstract_socket_forget_local_address (self);
  g_clear_pointer (&priv->peer_address, qnet_host_address_unref);
  priv->peer_port = 0;
  priv->peer.family = AF_UNSPEC;
  forget_header (self);
}

void
qnet_abstract_socket_set_peer (QnetAbstractSocket *self,
                               QnetHostAddress    *address,
                               guint16             port)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  g_clear_pointer (&priv->peer_address, qnet_host_address_unref);
  priv->peer_address = address != NULL ? qnet_host_address_ref (address)
                                       : qnet_host_address_new_null ();
  priv->peer_port = port;
}

/* Public API */

/**
 * qnet_abstract_socket_get_local_address:
 * @self: a socket
 *
 * Gets the local address.
 *
 * Returns: (transfer full): the address, Null while neither bound nor connected
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_abstract_socket_get_local_address (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  priv = qnet_abstract_socket_get_private (self);

  learn_local_address (self);

  return priv->local_address != NULL ? qnet_host_address_ref (priv->local_address)
                                     : qnet_host_address_new_null ();
}

/**
 * qnet_abstract_socket_get_local_port:
 * @self: a socket
 *
 * Gets the local port.
 *
 * Returns: the port, 0 while neither bound nor connected
 *
 * Since: 1.0
 */
guint16
qnet_abstract_socket_get_local_port (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  priv = qnet_abstract_socket_get_private (self);

  learn_local_address (self);

  return priv->local_port;
}

/**
 * qnet_abstract_socket_get_peer_address:
 * @self: a socket
 *
 * Gets the address of the peer.
 *
 * It is still valid in handlers of [signal@Socket::disconnected] and of the last
 * [signal@Socket::state-changed].
 *
 * Returns: (transfer full): the address, Null while not connected
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_abstract_socket_get_peer_address (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  priv = qnet_abstract_socket_get_private (self);

  qnet_abstract_socket_learn_peer (self);

  return priv->peer_address != NULL ? qnet_host_address_ref (priv->peer_address)
                                    : qnet_host_address_new_null ();
}

/**
 * qnet_abstract_socket_get_peer_port:
 * @self: a socket
 *
 * Gets the port of the peer.
 *
 * Returns: the port, 0 while not connected
 *
 * Since: 1.0
 */
guint16
qnet_abstract_socket_get_peer_port (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  priv = qnet_abstract_socket_get_private (self);

  qnet_abstract_socket_learn_peer (self);

  return priv->peer_port;
}

/**
 * qnet_abstract_socket_get_peer_name:
 * @self: a socket
 *
 * Gets the name that was given to [method@AbstractSocket.connect_to_host], or the text of the
 * address that was given to [method@AbstractSocket.connect_to_address].
 *
 * Returns: (nullable): the name, or %NULL if none was given
 *
 * Since: 1.0
 */
const char *
qnet_abstract_socket_get_peer_name (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  priv = qnet_abstract_socket_get_private (self);

  return priv->peer_name;
}

/* For subclasses */

static void
take_address (QnetAbstractSocket  *self,
              QnetHostAddress    **address,
              QnetHostAddress     *value,
              const char          *prop)
{
  gboolean is_new = *address == NULL || value == NULL || !qnet_host_address_equal (*address, value);

  if (value != NULL)
    qnet_host_address_ref (value);

  g_clear_pointer (address, qnet_host_address_unref);
  *address = value;

  if (is_new)
    qnet_io_device_notify_name (self, prop);
}

static void
set_port (QnetAbstractSocket *self,
          guint16            *port,
          guint16             value,
          const char         *prop)
{
  if (*port == value)
    return;

  *port = value;
  qnet_io_device_notify_name (self, prop);
}

/**
 * qnet_abstract_socket_set_local_address:
 * @self: a socket
 * @address: (nullable): the address, or %NULL for the one that the system knows
 *
 * Sets the local address, for subclasses that bring their own transport. It holds until the
 * connection ends.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_local_address (QnetAbstractSocket *self,
                                        QnetHostAddress    *address)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  QNET_IO_STAY (self);

  take_address (self, &qnet_abstract_socket_get_private (self)->local_address, address,
                "local-address");
}

/**
 * qnet_abstract_socket_set_local_port:
 * @self: a socket
 * @port: the port
 *
 * Sets the local port, for subclasses that bring their own transport. It holds until the connection
 * ends.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_local_port (QnetAbstractSocket *self,
                                     guint16             port)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  QNET_IO_STAY (self);

  set_port (self, &qnet_abstract_socket_get_private (self)->local_port, port, "local-port");
}

/**
 * qnet_abstract_socket_set_peer_address:
 * @self: a socket
 * @address: (nullable): the address, or %NULL for the one that the system knows
 *
 * Sets the address of the peer, for subclasses that bring their own transport. It holds until the
 * connection ends.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_peer_address (QnetAbstractSocket *self,
                                       QnetHostAddress    *address)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  QNET_IO_STAY (self);

  take_address (self, &qnet_abstract_socket_get_private (self)->peer_address, address,
                "peer-address");
}

/**
 * qnet_abstract_socket_set_peer_port:
 * @self: a socket
 * @port: the port
 *
 * Sets the port of the peer, for subclasses that bring their own transport. It holds until the
 * connection ends.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_peer_port (QnetAbstractSocket *self,
                                    guint16             port)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  QNET_IO_STAY (self);

  set_port (self, &qnet_abstract_socket_get_private (self)->peer_port, port, "peer-port");
}

/**
 * qnet_abstract_socket_set_peer_name:
 * @self: a socket
 * @name: (nullable): the name
 *
 * Sets the name of the peer, for subclasses that bring their own transport. It holds until the next
 * use of the socket.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_peer_name (QnetAbstractSocket *self,
                                    const char         *name)
{
  QnetAbstractSocketPrivate *priv;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  QNET_IO_STAY (self);

  priv = qnet_abstract_socket_get_private (self);

  if (g_strcmp0 (priv->peer_name, name) == 0)
    return;

  g_free (priv->peer_name);
  priv->peer_name = g_strdup (name);
  qnet_io_device_notify_name (self, "peer-name");
}

/**
 * qnet_abstract_socket_get_proxy_header:
 * @self: a socket
 *
 * Gets the header of the PROXY protocol with which the connection began: see
 * [property@TcpServer:trusted-proxies].
 *
 * If it has the address of a client, [method@AbstractSocket.get_peer_address] and
 * [method@AbstractSocket.get_peer_port] return that. It is kept as long as the address of the peer.
 *
 * Returns: (transfer none) (nullable): the header, or %NULL if there was none
 *
 * Since: 1.0
 */
QnetProxyHeader *
qnet_abstract_socket_get_proxy_header (QnetAbstractSocket *self)
{
  Proxied *proxied;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  proxied = peek (self);

  return proxied != NULL ? proxied->header : NULL;
}

/**
 * qnet_abstract_socket_get_proxied_by:
 * @self: a socket
 *
 * Gets the address of the load balancer that has sent the PROXY header of the connection.
 *
 * Returns: (transfer full) (nullable): the address, or %NULL if there was no header
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_abstract_socket_get_proxied_by (QnetAbstractSocket *self)
{
  Proxied *proxied;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), NULL);
  QNET_IO_BRIEF_STAY (self, NULL);

  proxied = peek (self);

  return proxied != NULL ? qnet_host_address_ref (proxied->proxy) : NULL;
}
