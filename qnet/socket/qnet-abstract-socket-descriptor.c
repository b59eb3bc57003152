/* qnet-abstract-socket-descriptor.c: taking over a descriptor
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include <glib-unix.h>
#include <netinet/in.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "connection/qnet-incoming-private.h"
#include "socket/qnet-abstract-socket-private.h"

int
qnet_abstract_socket_peek_fd (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetChannel *channel = &qnet_io_device_get_private (QNET_IO_DEVICE (self))->channel;

  return qnet_channel_is_open (channel) ? channel->transport.fd : priv->bound_fd;
}

int
qnet_abstract_socket_native_type (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  return priv->socket_type == QNET_SOCKET_TYPE_UDP ? SOCK_DGRAM : SOCK_STREAM;
}

/* The kind of a descriptor */

static gboolean
speaks_ip (int fd)
{
  int family = qnet_sys_get_family (fd);

  return family == AF_INET || family == AF_INET6;
}

/* Streams of any family can be used, but datagrams have the address of a sender. */
static gboolean
is_of_our_type (QnetAbstractSocket *self,
                int                 fd)
{
  int type;
  socklen_t size = sizeof type;

  return qnet_sys_getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0
         && type == qnet_abstract_socket_native_type (self)
         && (type != SOCK_DGRAM || speaks_ip (fd));
}

/* A descriptor that was just accepted is connected, even if the client has reset it meanwhile: that
 * is reported as the end of the connection. */
static gboolean
is_connected (int fd)
{
  struct sockaddr_storage native;
  socklen_t size = sizeof native;

  return qnet_sys_getpeername (fd, (struct sockaddr *) &native, &size) == 0
         || qnet_incoming_find (fd) != NULL;
}

static gboolean
is_listening (int fd)
{
  int value = 0;
  socklen_t size = sizeof value;

  return qnet_sys_getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0;
}

/* The port of an unbound socket is 0; with families other than IP only bound sockets have a
 * name. */
static gboolean
has_local_name (int fd)
{
  struct sockaddr_storage native = { .ss_family = AF_UNSPEC };
  socklen_t size = sizeof native;

  if (qnet_sys_getsockname (fd, (struct sockaddr *) &native, &size) != 0)
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

/* (nullable): why a descriptor is not bound, or is more than that. */
static const char *
reason_not_bound (int fd)
{
  if (is_listening (fd))
    return N_("The socket is listening");
  if (is_connected (fd))
    return N_("The socket is connected");
  if (!has_local_name (fd))
    return N_("The socket is not bound");

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
    reason = N_("There is no such descriptor");
  else if (!is_of_our_type (self, fd))
    reason = N_("It is not a socket of this type");
  else if (state == QNET_SOCKET_STATE_CONNECTED && !is_connected (fd))
    reason = N_("The socket is not connected");
  else if (state == QNET_SOCKET_STATE_BOUND)
    reason = reason_not_bound (fd);
  else if (state != QNET_SOCKET_STATE_CONNECTED)
    reason = N_("A descriptor is either connected or bound");

  if (reason == NULL)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not take over descriptor %d: %s"), fd, _(reason));
  return FALSE;
}

/* Taking it over */

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

  qnet_socket_begin_change (QNET_SOCKET (self));
  qnet_abstract_socket_begin (self);

  /* If the descriptor refuses an option, it is taken over nevertheless. */
  (void) qnet_socket_options_apply (priv->options, fd, AF_UNSPEC, priv->socket_type, NULL);

  if (state == QNET_SOCKET_STATE_BOUND)
    qnet_abstract_socket_hold_bound_fd (self, fd);
  else
    qnet_socket_open_channel (QNET_SOCKET (self), fd);

  if (state == QNET_SOCKET_STATE_CONNECTED)
    qnet_abstract_socket_note_peer (self);

  return TRUE;
}

gboolean
qnet_abstract_socket_take_fd (QnetSocket       *socket,
                              int               fd,
                              QnetSocketState   state,
                              GError          **error)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (socket);

  return check_descriptor (self, fd, state, error) && take_over (self, fd, state, error);
}

/* A bound socket receives datagrams as well: it already has its channel. */
void
qnet_abstract_socket_hold_bound_fd (QnetAbstractSocket *self,
                                    int                 fd)
{
  QnetChannel *channel = qnet_socket_get_channel (QNET_SOCKET (self));

  if (!channel->is_datagram)
    {
      qnet_abstract_socket_get_private (self)->bound_fd = fd;
      return;
    }

  qnet_socket_open_channel (QNET_SOCKET (self), fd);
  qnet_channel_start_reading (channel);
}

int
qnet_abstract_socket_take_bound_fd (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetChannel *channel = qnet_socket_get_channel (QNET_SOCKET (self));
  QnetTransport transport;
  int fd = priv->bound_fd;

  priv->bound_fd = -1;
  if (!qnet_channel_is_open (channel))
    return fd;

  qnet_channel_steal_transport (channel, &transport);

  return transport.fd;
}

/* For servers */

void
qnet_abstract_socket_adopt_accepted (QnetAbstractSocket *self,
                                     QnetReactor        *reactor,
                                     int                 fd)
{
  qnet_socket_adopt_accepted (QNET_SOCKET (self), reactor, fd);
  qnet_abstract_socket_note_peer (self);
}
