/* qnet-abstract-socket-descriptor.c: descriptors in and out, binding, addresses, options
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "engine/qnet-syscall-private.h"
#include "base/qnet-error-private.h"
#include "address/qnet-host-address-private.h"
#include "engine/qnet-incoming-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-abstract-socket-private.h"

int
qnet_abstract_socket_peek_fd (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetChannel *channel = &qnet_io_device_get_private (QNET_IO_DEVICE (self))->channel;

  return qnet_channel_is_open (channel) ? channel->transport.fd : priv->bound_fd;
}

static int
native_type (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  return priv->socket_type == QNET_SOCKET_TYPE_UDP ? SOCK_DGRAM : SOCK_STREAM;
}

/* Addresses: the kernel is asked only when somebody asks us */

/* "::" means two things: all addresses, and all those of IPv6. */
static gboolean
is_dual_stack (int fd)
{
  int v6_only = 1;
  socklen_t size = sizeof v6_only;

  return qnet_sys_getsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, &size) == 0 && !v6_only;
}

/* The kernel knows one address of ours then, and IPv4 is not to be shown as IPv6. */
static gboolean
is_connected_or_relayed (QnetAbstractSocket *self)
{
  return qnet_abstract_socket_get_private (self)->connection.state != QNET_SOCKET_STATE_BOUND
         || qnet_abstract_socket_get_relay (self) != NULL;
}

static void
learn_local_address (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  int fd = qnet_abstract_socket_peek_fd (self);
  struct sockaddr_storage native;
  socklen_t size = sizeof native;

  if (priv->local_address != NULL || fd < 0 || getsockname (fd, (struct sockaddr *) &native, &size) != 0)
    return;

  priv->local_address = qnet_host_address_take_native (&native, is_connected_or_relayed (self), &priv->local_port);

  if (qnet_host_address_equal_special (priv->local_address, QNET_SPECIAL_ADDRESS_ANY_IPV6) && is_dual_stack (fd))
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

/* A client that has reset already has no name any more, but accept() has said it. */
void
qnet_abstract_socket_note_peer (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  int fd = qnet_abstract_socket_peek_fd (self);
  const QnetIncoming *incoming = qnet_incoming_find (fd);
  socklen_t size = sizeof priv->peer;

  if (incoming != NULL && incoming->peer != NULL)
    qnet_abstract_socket_set_native_peer (self, incoming->peer, incoming->peer_size);
  else if (getpeername (fd, (struct sockaddr *) &priv->peer, &size) != 0)
    priv->peer.family = AF_UNSPEC;
}

void
qnet_abstract_socket_learn_peer (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  struct sockaddr_storage native = { 0, };

  if (priv->peer_address != NULL || priv->connection.state == QNET_SOCKET_STATE_BOUND)
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
}

void
qnet_abstract_socket_set_peer (QnetAbstractSocket *self,
                               QnetHostAddress    *address,
                               guint16             port)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  g_clear_pointer (&priv->peer_address, qnet_host_address_unref);
  priv->peer_address = address != NULL ? qnet_host_address_ref (address) : qnet_host_address_new_null ();
  priv->peer_port = port;
}

/* Binding */

static int
family_of (QnetHostAddress *address)
{
  return qnet_host_address_get_protocol (address) == QNET_NETWORK_LAYER_PROTOCOL_IPV4 ? AF_INET : AF_INET6;
}

static void
set_bind_error (GError          **error,
                int               error_number,
                QnetHostAddress  *address,
                guint16           port)
{
  g_autofree char *display = qnet_host_address_to_display (address, port);
  g_autofree char *what = g_strdup_printf (_("Could not bind to %s"), display);

  qnet_set_error_for_address (error, error_number, address, what);
}

static gboolean
share_address (QnetAbstractSocket  *self,
               int                  fd,
               QnetHostAddress     *address,
               guint16              port,
               QnetBindFlags        flags,
               GError             **error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  gboolean by_default = native_type (self) == SOCK_STREAM;
  int on = 1;
  int reuse = (flags & (QNET_BIND_FLAGS_SHARE_ADDRESS | QNET_BIND_FLAGS_REUSE_ADDRESS_HINT)) != 0
              || (flags == QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM && by_default);

  if ((flags & QNET_BIND_FLAGS_DONT_SHARE_ADDRESS) != 0)
    reuse = 0;

  if (qnet_sys_setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) == 0
      && (!priv->reuse_port
          || qnet_sys_setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0))
    return TRUE;

  set_bind_error (error, errno, address, port);
  return FALSE;
}

static gboolean
bind_fd (QnetAbstractSocket  *self,
         int                  fd,
         QnetHostAddress     *address,
         guint16              port,
         GError             **error)
{
  struct sockaddr_storage native;
  socklen_t size = qnet_host_address_to_native (address, port, &native);

  if (size == 0)
    {
      set_bind_error (error, EADDRNOTAVAIL, address, port);
      return FALSE;
    }

  if (native.ss_family == AF_INET6)
    {
      int only = qnet_host_address_get_protocol (address) != QNET_NETWORK_LAYER_PROTOCOL_ANY_IP;

      (void) qnet_sys_setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    }

  if (qnet_sys_bind (fd, (struct sockaddr *) &native, size) == 0)
    return TRUE;

  set_bind_error (error, errno, address, port);
  return FALSE;
}

static int
make_bound_fd (QnetAbstractSocket  *self,
               QnetHostAddress     *address,
               guint16              port,
               QnetBindFlags        flags,
               GError             **error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  int family = family_of (address);
  int fd = qnet_sys_socket (family, native_type (self), 0);

  if (fd < 0)
    {
      set_bind_error (error, errno, address, port);
      return -1;
    }

  if (!share_address (self, fd, address, port, flags, error)
      || !qnet_socket_options_apply (priv->options, fd, family, priv->socket_type, error)
      || !bind_fd (self, fd, address, port, error))
    qnet_clear_fd (&fd);

  return fd;
}

/* Where IPv6 is switched off, Any is what is left of it. */
static int
make_any_fd (QnetAbstractSocket  *self,
             guint16              port,
             QnetBindFlags        flags,
             GError             **error)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);
  g_autoptr(QnetHostAddress) any_ipv4 = NULL;
  g_autoptr(GError) local_error = NULL;
  int fd = make_bound_fd (self, any, port, flags, &local_error);

  if (fd >= 0)
    return fd;

  if (!g_error_matches (local_error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION)
      && !g_error_matches (local_error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return -1;
    }

  any_ipv4 = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);

  return make_bound_fd (self, any_ipv4, port, flags, error);
}

static gboolean
check_can_bind (QnetAbstractSocket  *self,
                GError             **error)
{
  if (qnet_connection_can_begin (&qnet_abstract_socket_get_private (self)->connection, error))
    return TRUE;

  g_prefix_error (error, "%s: ", _("Could not bind"));

  return FALSE;
}

/* An address that could not be read is NULL, and must not become all addresses. */
static gboolean
check_address (QnetHostAddress  *address,
               GError          **error)
{
  if (address != NULL && !qnet_host_address_is_null (address))
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                  _("Could not bind: no address was given; to bind to all addresses, use bind_port()"));
  return FALSE;
}

static gboolean
check_relaying (QnetAbstractSocket  *self,
                QnetHostAddress     *address,
                guint16              port,
                GError             **error)
{
  g_autofree char *display = qnet_host_address_to_display (address, port);
  g_autofree char *what = g_strdup_printf (_("Could not bind to %s"), display);

  return qnet_abstract_socket_check_relaying (self, what, error);
}

/* Who chooses the proxy, and who is asked for the password, may do anything to the socket, so it is
 * looked at again. NULL in @out_lease: no proxy. */
static gboolean
prepare_to_bind (QnetAbstractSocket  *self,
                 QnetHostAddress     *address,
                 guint16              port,
                 QnetRelayLease     **out_lease,
                 GError             **error)
{
  g_autoptr(QnetNetworkProxy) proxy = NULL;

  if (!check_can_bind (self, error) || !check_address (address, error))
    return FALSE;

  if (!qnet_abstract_socket_choose_relay (self, address, port, &proxy, error))
    return FALSE;

  if (proxy != NULL && !check_relaying (self, address, port, error))
    return FALSE;

  if (proxy != NULL)
    {
      *out_lease = qnet_abstract_socket_lease_relay (self, proxy, error);
      if (*out_lease == NULL)
        return FALSE;
    }

  if (check_can_bind (self, error))
    return TRUE;

  g_clear_pointer (out_lease, qnet_relay_lease_free);

  return FALSE;
}

static int
open_bound_fd (QnetAbstractSocket  *self,
               QnetHostAddress     *address,
               guint16              port,
               QnetBindFlags        flags,
               QnetRelayLease      *lease,
               GError             **error)
{
  gboolean is_any = qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY);
  int fd = is_any ? make_any_fd (self, port, flags, error)
                  : make_bound_fd (self, address, port, flags, error);

  if (fd >= 0 && lease != NULL && !qnet_relay_lease_connect (lease, fd, error))
    qnet_clear_fd (&fd);

  return fd;
}

/* Takes @lease. */
static gboolean
bind_and_begin (QnetAbstractSocket  *self,
                QnetHostAddress     *address,
                guint16              port,
                QnetBindFlags        flags,
                QnetRelayLease      *lease,
                GError             **error)
{
  QnetConnection *connection = &qnet_abstract_socket_get_private (self)->connection;
  int fd = open_bound_fd (self, address, port, flags, lease, error);

  if (fd < 0)
    {
      g_clear_pointer (&lease, qnet_relay_lease_free);
      return FALSE;
    }

  qnet_connection_begin_change (connection);
  qnet_abstract_socket_begin (self);
  if (lease != NULL)
    qnet_abstract_socket_attach_relay (self, lease);
  qnet_abstract_socket_hold_bound_fd (self, fd);
  qnet_connection_end_change (connection, QNET_SOCKET_STATE_BOUND);

  return TRUE;
}

/**
 * qnet_abstract_socket_bind:
 * @self: a socket
 * @address: (nullable): an address of this machine;
 *   [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] for all of them, IPv4 and IPv6
 * @port: the port, or 0 to let the system choose one
 * @flags: whether others may have the address too
 * @error: return location for an error
 *
 * Binds the socket to a local address: [property@AbstractSocket:state] becomes
 * [QNET_SOCKET_STATE_BOUND][enum@SocketState].
 *
 * A connection that is made then comes from that address. A v4-mapped address is the IPv4 address that it means. It does not open the device for reading or writing. From now on
 * the socket belongs to the [struct@GLib.MainContext] that is the thread default.
 *
 * A [class@UdpSocket] with a [property@AbstractSocket:proxy] gets a relay from it, unless @address is a loopback address: the call
 * waits for the proxy's answer, without any main loop. Should the proxy hang up later, [signal@AbstractSocket::error-occurred]
 * says [QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED][error@SocketError], and the socket is bound no
 * more.
 *
 * It fails with [QNET_SOCKET_ERROR_ADDRESS_IN_USE][error@SocketError] when another socket has the
 * port, with [QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE][error@SocketError] for an address
 * that is not this machine's, for a link-local one without its scope, for the Null address and for
 * %NULL, which is what a mistyped address gives (for all addresses there is
 * [method@AbstractSocket.bind_port], too), with
 * [QNET_SOCKET_ERROR_SOCKET_ACCESS][error@SocketError] where it is not permitted, and with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError] while the socket is in use.
 *
 * Returns: whether it is bound
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_bind (QnetAbstractSocket  *self,
                           QnetHostAddress     *address,
                           guint16              port,
                           QnetBindFlags        flags,
                           GError             **error)
{
  g_autoptr(QnetAbstractSocket) hold = NULL;
  g_autoptr(QnetHostAddress) meant = NULL;
  QnetRelayLease *lease = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  hold = g_object_ref (self);
  meant = address != NULL ? qnet_host_address_unmap (address) : NULL;

  if (prepare_to_bind (self, meant, port, &lease, &reason)
      && bind_and_begin (self, meant, port, flags, lease, &reason))
    return TRUE;

  return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
}

/**
 * qnet_abstract_socket_bind_port:
 * @self: a socket
 * @port: the port, or 0 to let the system choose one
 * @flags: whether others may have the port too
 * @error: return location for an error
 *
 * Binds the socket to @port of all addresses of this machine, as [method@AbstractSocket.bind] does.
 *
 * Returns: whether it is bound
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_bind_port (QnetAbstractSocket  *self,
                                guint16              port,
                                QnetBindFlags        flags,
                                GError             **error)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);

  return qnet_abstract_socket_bind (self, any, port, flags, error);
}

/* Descriptors in */

static gboolean
speaks_ip (int fd)
{
  struct sockaddr_storage native = { .ss_family = AF_UNSPEC };
  socklen_t size = sizeof native;

  return getsockname (fd, (struct sockaddr *) &native, &size) == 0
         && (native.ss_family == AF_INET || native.ss_family == AF_INET6);
}

/* Bytes are bytes, but datagrams tell who has sent them. */
static gboolean
is_of_our_type (QnetAbstractSocket *self,
                int                 fd)
{
  int type;
  socklen_t size = sizeof type;

  return qnet_sys_getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == native_type (self)
         && (type != SOCK_DGRAM || speaks_ip (fd));
}

/* One that was just accepted is, even where the client has reset it meanwhile: that is to be reported as its end. */
static gboolean
is_connected (int fd)
{
  struct sockaddr_storage native;
  socklen_t size = sizeof native;

  return getpeername (fd, (struct sockaddr *) &native, &size) == 0 || qnet_incoming_find (fd) != NULL;
}

static gboolean
is_listening (int fd)
{
  int value = 0;
  socklen_t size = sizeof value;

  return qnet_sys_getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0;
}

/* Where nothing was bound the port is 0; other families than IP have a name when they are bound, and else none. */
static gboolean
has_local_name (int fd)
{
  struct sockaddr_storage native = { .ss_family = AF_UNSPEC };
  socklen_t size = sizeof native;

  if (getsockname (fd, (struct sockaddr *) &native, &size) != 0)
    return FALSE;

  switch (native.ss_family)
    {
    case AF_INET:
      return ((struct sockaddr_in *) &native)->sin_port != 0;
    case AF_INET6:
      return ((struct sockaddr_in6 *) &native)->sin6_port != 0;
    default:
      return size > sizeof native.ss_family;
    }
}

/* (nullable): why a descriptor is not bound, and nothing else. */
static const char *
reason_not_bound (int fd)
{
  if (is_listening (fd))
    return N_("it listens");
  if (is_connected (fd))
    return N_("it is connected");
  if (!has_local_name (fd))
    return N_("not bound");

  return NULL;
}

static gboolean
check_descriptor (QnetAbstractSocket  *self,
                  int                  fd,
                  QnetSocketState      state,
                  GError             **error)
{
  const char *reason = NULL;

  if (!qnet_is_descriptor (fd))
    reason = N_("there is no such descriptor");
  else if (!is_of_our_type (self, fd))
    reason = N_("not a socket of this type");
  else if (state == QNET_SOCKET_STATE_CONNECTED && !is_connected (fd))
    reason = N_("not connected");
  else if (state == QNET_SOCKET_STATE_BOUND)
    reason = reason_not_bound (fd);
  else if (state != QNET_SOCKET_STATE_CONNECTED)
    reason = N_("a descriptor is either connected or bound");

  if (reason == NULL)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not take over descriptor %d: %s"), fd, _(reason));
  return FALSE;
}

/* On success the change has begun. */
static gboolean
take_over (QnetAbstractSocket  *self,
           int                  fd,
           QnetSocketState      state,
           GError             **error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  g_autoptr(GError) local_error = NULL;

  if (!g_unix_set_fd_nonblocking (fd, TRUE, &local_error))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("Could not take over descriptor %d: %s"), fd, local_error->message);
      return FALSE;
    }

  qnet_connection_begin_change (&priv->connection);
  qnet_abstract_socket_begin (self);

  /* Options that the descriptor refuses are no reason to refuse the descriptor. */
  (void) qnet_socket_options_apply (priv->options, fd, AF_UNSPEC, priv->socket_type, NULL);

  if (state == QNET_SOCKET_STATE_BOUND)
    qnet_abstract_socket_hold_bound_fd (self, fd);
  else
    qnet_connection_open_channel (&priv->connection, fd);

  if (state == QNET_SOCKET_STATE_CONNECTED)
    qnet_abstract_socket_note_peer (self);

  return TRUE;
}

/**
 * qnet_abstract_socket_set_socket_descriptor:
 * @self: a socket
 * @fd: the descriptor of a socket of the same type
 * @state: [QNET_SOCKET_STATE_CONNECTED][enum@SocketState] or
 *   [QNET_SOCKET_STATE_BOUND][enum@SocketState], whichever it is
 * @open_mode: for reading, writing, or both
 * @error: return location for an error
 *
 * Takes over a descriptor.
 *
 * On success it belongs to @self, and is made non-blocking; [property@AbstractSocket:state] changes, but
 * [signal@AbstractSocket::connected] is not emitted. Reading starts in the next turn of the loop, which is that of the
 * [struct@GLib.MainContext] that is the thread default now. What is no socket of this type, or not in that state, is refused with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError] and stays the caller's.
 *
 * Returns: whether it was taken over
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_set_socket_descriptor (QnetAbstractSocket  *self,
                                            int                  fd,
                                            QnetSocketState      state,
                                            QnetOpenMode         open_mode,
                                            GError             **error)
{
  QnetConnection *connection;
  g_autoptr(QnetAbstractSocket) hold = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  connection = &qnet_abstract_socket_get_private (self)->connection;
  hold = g_object_ref (self);

  if (!qnet_connection_can_begin (connection, &reason)
      || !check_descriptor (self, fd, state, &reason)
      || !take_over (self, fd, state, &reason))
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  qnet_io_device_set_open_mode (QNET_IO_DEVICE (self), open_mode);
  if (state == QNET_SOCKET_STATE_CONNECTED)
    qnet_io_device_hand_out (QNET_IO_DEVICE (self));

  qnet_connection_end_change (connection, state);

  return TRUE;
}

/* Descriptors out */

/**
 * qnet_abstract_socket_get_socket_descriptor:
 * @self: a socket
 *
 * Gets the descriptor, which stays the socket's. Neither read from it, nor write to it, nor close it.
 *
 * Returns: the descriptor; -1 while neither bound nor connected
 *
 * Since: 1.0
 */
int
qnet_abstract_socket_get_socket_descriptor (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), -1);

  return qnet_abstract_socket_peek_fd (self);
}

/**
 * qnet_abstract_socket_is_valid:
 * @self: a socket
 *
 * Tells whether there is a descriptor: the socket is bound or connected.
 *
 * Returns: whether there is one
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_is_valid (QnetAbstractSocket *self)
{
  return qnet_abstract_socket_get_socket_descriptor (self) >= 0;
}

/**
 * qnet_abstract_socket_get_socket:
 * @self: a socket
 *
 * Gets a [class@Gio.Socket] for the same connection, to ask and set what it knows better.
 *
 * It is made on the first call, over a duplicate of the descriptor. Do not receive from it or send to it. It is not to be used
 * after the connection has ended.
 *
 * Returns: (transfer none) (nullable): the GSocket, or %NULL while neither bound nor connected
 *
 * Since: 1.0
 */
GSocket *
qnet_abstract_socket_get_socket (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), NULL);

  return qnet_connection_get_socket (&qnet_abstract_socket_get_private (self)->connection,
                                     qnet_abstract_socket_peek_fd (self));
}

/**
 * qnet_abstract_socket_steal_connection:
 * @self: a connected socket
 * @error: return location for an error
 *
 * Gives the connection away, as GIO's own object for it.
 *
 * For code that wants the descriptor for itself. What is in the read buffer stays there: take it first. What was written is sent
 * first; if the kernel does not take all of it now, the call fails with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError] and nothing has changed. Afterwards the socket
 * is unconnected, without [signal@AbstractSocket::disconnected].
 *
 * Returns: (transfer full): the connection, or %NULL with @error set
 *
 * Since: 1.0
 */
GSocketConnection *
qnet_abstract_socket_steal_connection (QnetAbstractSocket  *self,
                                       GError             **error)
{
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  /* Each datagram has a header that a descriptor knows nothing of. */
  if (qnet_abstract_socket_get_relay (self) != NULL)
    {
      qnet_set_error (&reason, QNET_SOCKET_ERROR_OPERATION,
                      _("Could not hand out the connection: it goes through a proxy"));
      qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);
      return NULL;
    }

  return qnet_connection_steal (&qnet_abstract_socket_get_private (self)->connection, error);
}

/* What the kernel knows */

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

  priv = qnet_abstract_socket_get_private (self);

  learn_local_address (self);

  return priv->local_address != NULL ? qnet_host_address_ref (priv->local_address) : qnet_host_address_new_null ();
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
 * It is still valid in handlers of [signal@AbstractSocket::disconnected] and of the last
 * [signal@AbstractSocket::state-changed].
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

  priv = qnet_abstract_socket_get_private (self);

  qnet_abstract_socket_learn_peer (self);

  return priv->peer_address != NULL ? qnet_host_address_ref (priv->peer_address) : qnet_host_address_new_null ();
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

  priv = qnet_abstract_socket_get_private (self);

  qnet_abstract_socket_learn_peer (self);

  return priv->peer_port;
}

/**
 * qnet_abstract_socket_get_peer_name:
 * @self: a socket
 *
 * Gets the name that was given to [method@AbstractSocket.connect_to_host], or the text of the address that was given to
 * [method@AbstractSocket.connect_to_address].
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

  priv = qnet_abstract_socket_get_private (self);

  return priv->peer_name;
}

/**
 * qnet_abstract_socket_get_round_trip_time:
 * @self: a socket
 *
 * Gets the kernel's smoothed estimate of the time to the peer and back (`TCP_INFO`).
 *
 * Returns: microseconds, or -1 while not connected or where the system does not tell
 *
 * Since: 1.0
 */
gint64
qnet_abstract_socket_get_round_trip_time (QnetAbstractSocket *self)
{
  QnetChannel *channel;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), -1);

  channel = &qnet_io_device_get_private (QNET_IO_DEVICE (self))->channel;

#ifdef TCP_INFO
  if (qnet_channel_is_open (channel))
    {
      struct tcp_info info;
      socklen_t size = sizeof info;

      if (qnet_sys_getsockopt (channel->transport.fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
        return info.tcpi_rtt;
    }
#endif

  return -1;
}

/* Options */

gboolean
qnet_abstract_socket_set_option (QnetAbstractSocket  *self,
                                 int                  option,
                                 int                  value,
                                 GError             **error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (!qnet_socket_options_check_type (option, priv->socket_type, error)
      || (qnet_abstract_socket_is_relayed (self) && !qnet_socket_options_check_relayed (option, error)))
    return FALSE;

  /* What races to connect is the connector's, which has set the options of then. */
  if (qnet_abstract_socket_has_connector (self))
    priv->options_are_late = TRUE;

  return qnet_socket_options_set (&priv->options, qnet_abstract_socket_peek_fd (self), option, value, error);
}

/**
 * qnet_abstract_socket_set_socket_option:
 * @self: a socket
 * @option: which option
 * @value: its value
 * @error: return location for an error
 *
 * Sets an option of the socket.
 *
 * While there is no descriptor it is remembered, and set on each one that is made, before it connects. It fails with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError] for a value out of range, for
 * an option of another kind of socket, and for one of groups while datagrams go through a proxy,
 * which knows nothing of them; and with the system's reason where that refuses it.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_set_socket_option (QnetAbstractSocket  *self,
                                        QnetSocketOption     option,
                                        int                  value,
                                        GError             **error)
{
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!qnet_abstract_socket_set_option (self, option, value, &reason))
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  return TRUE;
}

/**
 * qnet_abstract_socket_get_socket_option:
 * @self: a socket
 * @option: which option
 * @value: (out): return location for its value
 * @error: return location for an error
 *
 * Gets an option of the socket: what the system says, or what will be set while there is no descriptor.
 *
 * Linux doubles the sizes of buffers that it is asked for.
 * [QNET_SOCKET_OPTION_PATH_MTU][enum@SocketOption] is known only once connected. An option of
 * another kind of socket is [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: whether it could be told
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_get_socket_option (QnetAbstractSocket  *self,
                                        QnetSocketOption     option,
                                        int                 *value,
                                        GError             **error)
{
  QnetAbstractSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = qnet_abstract_socket_get_private (self);

  return qnet_socket_options_check_type (option, priv->socket_type, error)
         && qnet_socket_options_get (priv->options, qnet_abstract_socket_peek_fd (self), option, value, error);
}
