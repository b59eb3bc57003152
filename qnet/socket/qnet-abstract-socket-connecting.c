/* qnet-abstract-socket-connecting.c: from a name or an address to a connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "engine/qnet-syscall-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-abstract-socket-private.h"

static QnetIODevicePrivate *
get_device (QnetAbstractSocket *self)
{
  return qnet_io_device_get_private (QNET_IO_DEVICE (self));
}

/* What the connector, or the tunnel through a proxy, says */

void
qnet_abstract_socket_found (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  guint serial = priv->serial;

  g_object_ref (self);

  qnet_abstract_socket_set_state (self, QNET_SOCKET_STATE_CONNECTING);
  if (qnet_abstract_socket_is_still (self, serial, QNET_SOCKET_STATE_CONNECTING))
    qnet_abstract_socket_emit_host_found (self);

  g_object_unref (self);
}

gboolean
qnet_abstract_socket_configure (QnetAbstractSocket  *self,
                                int                  fd,
                                int                  family,
                                GError             **error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  return qnet_socket_options_apply (priv->options, fd, family, priv->socket_type, error);
}

static void
start_moving (QnetAbstractSocket *self)
{
  const QnetIODeviceHooks *hooks = QNET_IO_DEVICE_GET_CLASS (self)->hooks;
  QnetChannel *channel = &get_device (self)->channel;

  if (hooks->opened != NULL && hooks->opened (QNET_IO_DEVICE (self)))
    return;

  qnet_channel_start_reading (channel);
  if (channel->write_queue.length > 0)
    qnet_channel_queue_flush (channel);
}

void
qnet_abstract_socket_take_connection (QnetAbstractSocket *self,
                                      int                 fd,
                                      QnetHostAddress    *address)
{
  g_autoptr(QnetAbstractSocket) hold = g_object_ref (self);
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  g_autoptr(GTask) task = g_steal_pointer (&priv->connect_task);
  guint serial = priv->serial;

  priv->peer_address = qnet_host_address_ref (address);  /* it is the connector's */
  qnet_abstract_socket_drop_connector (self);
  qnet_abstract_socket_forget_local_address (self);  /* bound to Any, it is a real one now */
  qnet_abstract_socket_open_channel (self, fd);
  if (priv->options_are_late)
    (void) qnet_socket_options_apply (priv->options, fd, AF_UNSPEC, priv->socket_type, NULL);
  start_moving (self);

  qnet_abstract_socket_set_state (self, QNET_SOCKET_STATE_CONNECTED);
  if (qnet_abstract_socket_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
    qnet_abstract_socket_emit_connected (self);
  qnet_abstract_socket_end_task (&task, priv->serial == serial ? NULL : qnet_abstract_socket_new_abort_error ());

  if (priv->disconnect_wanted && qnet_abstract_socket_is_still (self, serial, QNET_SOCKET_STATE_CONNECTED))
    qnet_abstract_socket_disconnect_now (self);
}

/* Connecting ends without a connection: no `disconnected`, since there was none. */
void
qnet_abstract_socket_stop_connecting (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  int fd = qnet_abstract_socket_take_bound_fd (self);

  qnet_abstract_socket_drop_connector (self);
  g_clear_object (&priv->socket);
  qnet_clear_fd (&fd);
  priv->serial++;
  priv->disconnect_wanted = FALSE;
  priv->peer_port = 0;

  qnet_abstract_socket_forget_addresses (self);
  qnet_io_device_clear_write_buffer (QNET_IO_DEVICE (self));
  qnet_abstract_socket_end_change (self, QNET_SOCKET_STATE_UNCONNECTED);
}

void
qnet_abstract_socket_give_up_connecting (QnetAbstractSocket *self,
                                         GError             *error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetIODevice *device = QNET_IO_DEVICE (self);
  g_autoptr(GTask) task = g_steal_pointer (&priv->connect_task);

  g_object_ref (self);

  qnet_abstract_socket_begin_change (self);
  get_device (self)->end_error = g_error_copy (error);
  qnet_io_device_take_error (device, g_error_copy (error));
  qnet_abstract_socket_stop_connecting (self);

  /* Told even when a handler has begun anew meanwhile, and then the property is the new connection's. */
  qnet_abstract_socket_emit_error_occurred (self, error);
  qnet_io_device_progress (device);
  qnet_io_device_closed (device);
  qnet_abstract_socket_end_task (&task, error);
  qnet_abstract_socket_end_task (&priv->disconnect_task, NULL);

  g_object_unref (self);
}

static void
found_cb (QnetConnector *connector,
          gpointer       owner)
{
  qnet_abstract_socket_found (owner);
}

static gboolean
configure_cb (QnetConnector  *connector,
              gpointer        owner,
              int             fd,
              int             family,
              GError        **error)
{
  return qnet_abstract_socket_configure (owner, fd, family, error);
}

static void
connected_cb (QnetConnector   *connector,
              gpointer         owner,
              int              fd,
              QnetHostAddress *address)
{
  qnet_abstract_socket_take_connection (owner, fd, address);
}

static void
failed_cb (QnetConnector *connector,
           gpointer       owner,
           GError        *error)
{
  qnet_abstract_socket_give_up_connecting (owner, error);
}

static const QnetConnectorFuncs connector_funcs = {
  .found     = found_cb,
  .configure = configure_cb,
  .connected = connected_cb,
  .failed    = failed_cb,
};

gboolean
qnet_abstract_socket_can_begin (QnetAbstractSocket  *self,
                                GError             **error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (g_io_stream_is_closed (G_IO_STREAM (self)) || get_device (self)->is_closing)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, _("The socket has been closed for good"));
      return FALSE;
    }

  if (priv->state != QNET_SOCKET_STATE_UNCONNECTED)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, _("The socket is in use"));
      return FALSE;
    }

  return TRUE;
}

void
qnet_abstract_socket_begin (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetIODevice *device = QNET_IO_DEVICE (self);
  QnetReactor *reactor = qnet_reactor_get ();

  qnet_deadline_stop (&priv->deadline);
  qnet_io_device_join_reactor (device, reactor);
  qnet_reactor_unref (reactor);
  qnet_channel_attach (&get_device (self)->channel, &get_device (self)->wait_set);  /* or the end of the context goes unheard */

  g_clear_error (&priv->refusal);
  qnet_io_device_reset (device);
  qnet_io_device_take_error (device, NULL);
  qnet_abstract_socket_forget_addresses (self);
  g_clear_pointer (&priv->peer_name, g_free);
  priv->peer_port = 0;
  priv->disconnect_wanted = FALSE;
  priv->serial++;
}

/* Nothing of it happens inside the call: a running connection is not touched, and the refusal is told in the next turn. */
static void
refuse_to_connect (QnetAbstractSocket *self,
                   GError             *error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetWaitSet *wait_set = &get_device (self)->wait_set;

  if (wait_set->reactor == NULL || qnet_reactor_is_orphan (wait_set->reactor))
    {
      QnetReactor *reactor = qnet_reactor_get ();

      qnet_io_device_join_reactor (QNET_IO_DEVICE (self), reactor);
      qnet_reactor_unref (reactor);
    }

  g_clear_error (&priv->refusal);
  priv->refusal = error;
  qnet_io_device_defer (QNET_IO_DEVICE (self));
}

static gboolean
may_connect (QnetAbstractSocket  *self,
             GError             **error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (priv->state == QNET_SOCKET_STATE_BOUND && !get_device (self)->is_closing)
    return TRUE;

  return qnet_abstract_socket_can_begin (self, error);
}

/* The use that bind() has begun goes on; what a class has put on top of it begins anew. */
static void
begin_bound (QnetAbstractSocket *self)
{
  const QnetIODeviceHooks *hooks = QNET_IO_DEVICE_GET_CLASS (self)->hooks;

  qnet_io_device_take_error (QNET_IO_DEVICE (self), NULL);
  if (hooks->began != NULL)
    hooks->began (QNET_IO_DEVICE (self));
}

static void
start_connector (QnetAbstractSocket         *self,
                 const QnetConnectorRequest *request,
                 QnetNetworkProxy           *proxy,     /* (nullable) */
                 GError                     *refusal)   /* (transfer full) (nullable): no proxy could be chosen */
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (proxy != NULL || refusal != NULL)
    {
      qnet_abstract_socket_start_tunnel (self, request, proxy, refusal);
      return;
    }

  priv->connector = qnet_connector_new (&get_device (self)->wait_set, &connector_funcs, self, request);
  qnet_connector_start (priv->connector);
}

static void
start_connecting (QnetAbstractSocket       *self,
                  const char               *host,
                  QnetHostAddress          *address,
                  guint16                   port,
                  QnetOpenMode              open_mode,
                  QnetNetworkLayerProtocol  protocol,
                  QnetNetworkProxy         *proxy,
                  GError                   *refusal)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  QnetIODevice *device = QNET_IO_DEVICE (self);
  QnetConnectorRequest request = {
    .address         = address,
    .port            = port,
    .type            = priv->socket_type,
    .protocol        = protocol,
    .lookup_timeout  = qnet_abstract_socket_get_timing (self, QNET_TIMING_LOOKUP_TIMEOUT),
    .connect_timeout = qnet_abstract_socket_get_timing (self, QNET_TIMING_CONNECT_TIMEOUT),
    .attempt_delay   = qnet_abstract_socket_get_timing (self, QNET_TIMING_ATTEMPT_DELAY),
  };
  g_autofree char *name = g_strdup (host);  /* @host may be our own peer_name */

  qnet_abstract_socket_begin_change (self);
  if (priv->state == QNET_SOCKET_STATE_BOUND)
    begin_bound (self);
  else
    qnet_abstract_socket_begin (self);

  priv->peer_name = g_steal_pointer (&name);
  priv->peer_port = port;
  request.host = priv->peer_name;
  request.bound_fd = qnet_abstract_socket_take_bound_fd (self);
  priv->options_are_late = FALSE;

  qnet_io_device_set_open_mode (device, open_mode);
  start_connector (self, &request, proxy, refusal);
  qnet_abstract_socket_end_change (self, QNET_SOCKET_STATE_HOST_LOOKUP);
}

static void
connect_or_refuse (QnetAbstractSocket       *self,
                   const char               *host,
                   QnetHostAddress          *address,
                   guint16                   port,
                   QnetOpenMode              open_mode,
                   QnetNetworkLayerProtocol  protocol)
{
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  GError *refusal = NULL;
  GError *error = NULL;

  g_object_ref (self);
  qnet_abstract_socket_choose_proxy (self, host, port, &proxy, &refusal);  /* may do anything to us */

  if (may_connect (self, &error))
    start_connecting (self, host, address, port, open_mode, protocol, proxy, refusal);
  else
    {
      g_autofree char *what = g_strdup_printf (_("Could not connect to %s port %u"), host, port);

      g_prefix_error (&error, "%s: ", what);
      g_clear_error (&refusal);
      refuse_to_connect (self, error);
    }

  g_object_unref (self);
}

/* Public API */

/**
 * qnet_abstract_socket_connect_to_host:
 * @self: a socket
 * @host: the name of a host, or an address
 * @port: the port, 0 to 65535
 *
 * Begins to connect to @port of @host, for reading and writing.
 *
 * It returns at once. [property@AbstractSocket:state] goes through [enum@SocketState.HOST_LOOKUP] and
 * [enum@SocketState.CONNECTING] to [enum@SocketState.CONNECTED], and [signal@AbstractSocket::connected] is emitted; or it goes
 * back to [enum@SocketState.UNCONNECTED], and [signal@AbstractSocket::error-occurred] says why. What is written meanwhile is
 * sent once the connection stands. The text of an address is not looked up; several addresses of one name race each other as RFC
 * 8305 describes.
 *
 * The signals come from the [struct@GLib.MainContext] that is the thread default now. From [enum@SocketState.BOUND] the local
 * address and the context are kept. While the socket is in use the call is refused by [signal@AbstractSocket::error-occurred] with
 * [error@SocketError.OPERATION], and what runs goes on.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_host (QnetAbstractSocket *self,
                                      const char         *host,
                                      guint16             port)
{
  qnet_abstract_socket_connect_to_host_full (self, host, port,
                                             QNET_OPEN_MODE_READ_WRITE,
                                             QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
}

/**
 * qnet_abstract_socket_connect_to_host_full:
 * @self: a socket
 * @host: the name of a host, or an address
 * @port: the port, 0 to 65535
 * @open_mode: for reading, writing, or both
 * @protocol: which addresses of @host to use
 *
 * Begins to connect to @port of @host, as [method@AbstractSocket.connect_to_host] does.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_host_full (QnetAbstractSocket       *self,
                                           const char               *host,
                                           guint16                   port,
                                           QnetOpenMode              open_mode,
                                           QnetNetworkLayerProtocol  protocol)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (host != NULL);

  connect_or_refuse (self, host, NULL, port, open_mode, protocol);
}

/**
 * qnet_abstract_socket_connect_to_address:
 * @self: a socket
 * @address: the address of a host
 * @port: the port, 0 to 65535
 *
 * Begins to connect to @port of @address, as [method@AbstractSocket.connect_to_host] does.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_address (QnetAbstractSocket *self,
                                         QnetHostAddress    *address,
                                         guint16             port)
{
  qnet_abstract_socket_connect_to_address_full (self, address, port, QNET_OPEN_MODE_READ_WRITE);
}

/**
 * qnet_abstract_socket_connect_to_address_full:
 * @self: a socket
 * @address: the address of a host
 * @port: the port, 0 to 65535
 * @open_mode: for reading, writing, or both
 *
 * Begins to connect to @port of @address, as [method@AbstractSocket.connect_to_host] does.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_address_full (QnetAbstractSocket *self,
                                              QnetHostAddress    *address,
                                              guint16             port,
                                              QnetOpenMode        open_mode)
{
  g_autofree char *text = NULL;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (address != NULL);

  text = qnet_host_address_to_string (address);
  connect_or_refuse (self, text, address, port, open_mode, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
}
