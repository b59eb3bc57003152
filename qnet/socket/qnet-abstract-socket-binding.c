/* qnet-abstract-socket-binding.c: binding to a local address, also to the relay of a proxy
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include <netinet/in.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "base/qnet-syscall-private.h"
#include "socket/qnet-abstract-socket-proxy-private.h"

/* The descriptor */

static int
family_of (QnetHostAddress *address)
{
  return qnet_host_address_get_protocol (address) == QNET_NETWORK_LAYER_PROTOCOL_IPV4 ? AF_INET
                                                                                      : AF_INET6;
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
  gboolean by_default = qnet_abstract_socket_native_type (self) == SOCK_STREAM;
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
  int fd = qnet_sys_socket (family, qnet_abstract_socket_native_type (self), 0);

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

/* If IPv6 is disabled, Any is the same as any IPv4 address. */
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

  if (!g_error_matches (local_error, QNET_SOCKET_ERROR,
                        QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION)
      && !g_error_matches (local_error, QNET_SOCKET_ERROR,
                           QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return -1;
    }

  any_ipv4 = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);

  return make_bound_fd (self, any_ipv4, port, flags, error);
}

/* The socket */

static gboolean
check_can_bind (QnetAbstractSocket  *self,
                GError             **error)
{
  if (qnet_socket_can_begin (QNET_SOCKET (self), error))
    return TRUE;

  qnet_prefix_error (error, _("Could not bind"));

  return FALSE;
}

/* A string that could not be parsed is NULL, and must not mean all addresses. */
static gboolean
check_address (QnetHostAddress  *address,
               GError          **error)
{
  if (address != NULL && !qnet_host_address_is_null (address))
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                  _("Could not bind: No address was given; to bind to all addresses, use "
                    "bind_port()"));
  return FALSE;
}

static gboolean
check_relaying (QnetAbstractSocket  *self,
                QnetHostAddress     *address,
                guint16              port,
                GError             **error)
{
  g_autofree char *display = NULL;

  if (qnet_abstract_socket_check_relaying (self, error))
    return TRUE;

  display = qnet_host_address_to_display (address, port);
  qnet_prefix_error (error, _("Could not bind to %s"), display);

  return FALSE;
}

/* The two halves of bind() */

/* FALSE with @error set: the socket cannot be bound, or no proxy could be chosen. @out_proxy has to
 * be NULL before, and still is if there is no proxy. May run a factory of the application. */
static gboolean
prepare_to_bind (QnetAbstractSocket  *self,
                 QnetHostAddress     *address,  /* (nullable) */
                 guint16              port,
                 QnetNetworkProxy   **out_proxy,
                 GError             **error)
{
  return check_can_bind (self, error)
         && check_address (address, error)
         && qnet_abstract_socket_choose_relay (self, address, port, out_proxy, error)
         && (*out_proxy == NULL || check_relaying (self, address, port, error));
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

/* A proxy factory, or a handler that was asked for credentials, may have changed the socket. */
static gboolean
complete_bind (QnetAbstractSocket  *self,
               QnetHostAddress     *address,
               guint16              port,
               QnetBindFlags        flags,
               QnetRelayLease      *lease,  /* (nullable): of that proxy; takes it */
               GError             **error)
{
  QnetSocket *socket = QNET_SOCKET (self);
  int fd = -1;

  if (check_can_bind (self, error))
    fd = open_bound_fd (self, address, port, flags, lease, error);

  if (fd < 0)
    {
      g_clear_pointer (&lease, qnet_relay_lease_free);
      return FALSE;
    }

  qnet_socket_begin_change (socket);
  qnet_abstract_socket_begin (self);
  if (lease != NULL)
    qnet_abstract_socket_attach_relay (self, lease);
  qnet_abstract_socket_hold_bound_fd (self, fd);
  qnet_socket_end_change (socket, QNET_SOCKET_STATE_BOUND);

  return TRUE;
}

static gboolean
bind_blocking (QnetAbstractSocket  *self,
               QnetHostAddress     *address,
               guint16              port,
               QnetBindFlags        flags,
               GError             **error)
{
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  QnetRelayLease *lease = NULL;

  if (!prepare_to_bind (self, address, port, &proxy, error))
    return FALSE;

  if (proxy != NULL)
    lease = qnet_abstract_socket_lease_relay (self, proxy, error);

  return (proxy == NULL || lease != NULL)
         && complete_bind (self, address, port, flags, lease, error);
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
 * Binds the socket to a local address: [property@Socket:state] becomes
 * [QNET_SOCKET_STATE_BOUND][enum@SocketState].
 *
 * A connection that is made then comes from that address. A v4-mapped address is the IPv4 address
 * that it means. It does not open the device for reading or writing. From now on the socket belongs
 * to the [struct@GLib.MainContext] that is the thread default.
 *
 * A [class@UdpSocket] with a [property@AbstractSocket:proxy] gets a relay from it, unless @address
 * is a loopback address. The call blocks until the proxy has responded, and runs no main loop
 * meanwhile: where one runs, in a user interface for example, use
 * [method@AbstractSocket.bind_async]. If the proxy closes its connection later,
 * [signal@Socket::error-occurred] reports
 * [QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED][error@SocketError], and the socket is bound no more.
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
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  g_autoptr(QnetHostAddress) meant = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  hold = qnet_io_device_hold (self);
  meant = address != NULL ? qnet_host_address_unmap (address) : NULL;

  if (bind_blocking (self, meant, port, flags, &reason))
    return TRUE;

  if (reason->domain == QNET_SOCKET_ERROR)
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  g_propagate_error (error, reason);  /* interrupted: only the call fails */

  return FALSE;
}

/**
 * qnet_abstract_socket_bind_port:
 * @self: a socket
 * @port: the port, or 0 to let the system choose one
 * @flags: whether others may have the port too
 * @error: return location for an error
 *
 * Binds the socket to @port of all addresses of this machine, as [method@AbstractSocket.bind] does.
 * Through a proxy it blocks until the proxy has replied, too.
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
  g_autoptr(QnetHostAddress) any = NULL;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  QNET_IO_BRIEF_STAY_OR_FAIL (self, error, FALSE);

  any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);

  return qnet_abstract_socket_bind (self, any, port, flags, error);
}

/* Without blocking */

/* A bind_async() that waits for a relay. */
struct _QnetBindRequest
{
  GTask            *task;     /* (owned) */
  GSource          *cancel;   /* (owned) (nullable): the cancellable of @task */
  QnetRelayRequest *relay;    /* (owned) */
  QnetHostAddress  *address;  /* (owned) */
  guint16           port;
  QnetBindFlags     flags;
};

static QnetBindRequest *
get_request (QnetAbstractSocket *self)
{
  QnetSocketProxy *socket_proxy = qnet_abstract_socket_get_private (self)->proxy;

  return socket_proxy != NULL ? socket_proxy->bind_request : NULL;
}

/* (transfer full): the task; frees the request */
static GTask *
end_request (QnetAbstractSocket *self)
{
  QnetSocketProxy *socket_proxy = qnet_abstract_socket_get_private (self)->proxy;
  QnetBindRequest *request = g_steal_pointer (&socket_proxy->bind_request);
  GTask *task = request->task;

  if (request->cancel != NULL)
    g_source_destroy (request->cancel);

  g_clear_pointer (&request->cancel, g_source_unref);
  qnet_relay_request_free (request->relay);
  qnet_host_address_unref (request->address);
  g_free (request);

  return task;
}

/* A call that fails has its own GError, and the property, but no signal. */
static void
return_error (QnetAbstractSocket *self,
              GTask              *task,
              GError             *error)  /* (transfer full) */
{
  if (error->domain == QNET_SOCKET_ERROR)
    qnet_io_device_take_error (QNET_IO_DEVICE (self), g_error_copy (error));

  qnet_socket_return (task, error);
}

static void
complete (QnetAbstractSocket *self,
          GTask              *task,
          QnetHostAddress    *address,
          guint16             port,
          QnetBindFlags       flags,
          QnetRelayLease     *lease)  /* (transfer full) (nullable) */
{
  GError *error = NULL;

  if (complete_bind (self, address, port, flags, lease, &error))
    qnet_socket_return (task, NULL);
  else
    return_error (self, task, error);
}

static void
relay_cb (QnetAbstractSocket *socket,
          QnetRelayLease     *lease,
          GError             *error,
          gpointer            user_data)
{
  g_autoptr(QnetAbstractSocket) self = g_object_ref (socket);
  QnetBindRequest *request = get_request (self);
  g_autoptr(QnetHostAddress) address = qnet_host_address_ref (request->address);
  guint16 port = request->port;
  QnetBindFlags flags = request->flags;
  g_autoptr(GTask) task = end_request (self);

  if (lease != NULL)
    complete (self, task, address, port, flags, lease);
  else
    return_error (self, task, error);
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  g_autoptr(QnetAbstractSocket) self = g_object_ref (g_task_get_source_object (G_TASK (user_data)));
  GError *error = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, &error))
    {
      g_autoptr(GTask) task = end_request (self);

      qnet_socket_return (task, error);
    }

  return G_SOURCE_REMOVE;
}

static void
wait_for_relay (QnetAbstractSocket *self,
                GTask              *task,  /* (transfer full) */
                QnetNetworkProxy   *proxy,
                QnetHostAddress    *address,
                guint16             port,
                QnetBindFlags       flags)
{
  QnetBindRequest *request = g_new0 (QnetBindRequest, 1);
  GCancellable *cancellable = g_task_get_cancellable (task);

  request->task = task;
  request->address = qnet_host_address_ref (address);
  request->port = port;
  request->flags = flags;
  request->relay = qnet_abstract_socket_request_relay (self, proxy, relay_cb, NULL);
  qnet_abstract_socket_ensure_proxy (self)->bind_request = request;

  if (cancellable == NULL)
    return;

  request->cancel = g_cancellable_source_new (cancellable);
  g_source_set_static_name (request->cancel, "[qnet] cancelled");
  g_task_attach_source (task, request->cancel, G_SOURCE_FUNC (cancelled_cb));
}

void
qnet_abstract_socket_give_up_bind (QnetAbstractSocket *self)
{
  g_autoptr(GTask) task = NULL;

  if (get_request (self) == NULL)
    return;

  task = end_request (self);
  return_error (self, task, g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                                                 _("Could not bind: The attempt was aborted")));
}

/**
 * qnet_abstract_socket_bind_async:
 * @self: a socket
 * @address: (nullable): an address of this machine;
 *   [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] for all of them, IPv4 and IPv6
 * @port: the port, or 0 to let the system choose one
 * @flags: whether others may have the address too
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (nullable) (closure user_data): called when the socket is bound, or
 *   could not be
 * @user_data: data for @callback
 *
 * Binds the socket to a local address, as [method@AbstractSocket.bind] does, without blocking while
 * a [property@AbstractSocket:proxy] responds.
 *
 * Without a proxy the socket is bound when this returns, and @callback is called in a later
 * iteration of the loop. [signal@Socket::state-changed] is emitted before the callback. One call
 * can be pending at a time: another one fails with [G_IO_ERROR_PENDING][error@Gio.IOErrorEnum].
 * When @cancellable is cancelled the socket is not bound, and the error is
 * [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum]; [method@Socket.abort] ends the call, too,
 * with [QNET_SOCKET_ERROR_OPERATION][error@SocketError]. That is the error as well where the socket
 * is in use by the time that the proxy responds.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_bind_async (QnetAbstractSocket  *self,
                                 QnetHostAddress     *address,
                                 guint16              port,
                                 QnetBindFlags        flags,
                                 int                  io_priority,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  g_autoptr(QnetHostAddress) meant = NULL;
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  g_autoptr(GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  QNET_IO_STAY_OR_CALL_BACK (self, qnet_abstract_socket_bind_async);

  hold = qnet_io_device_hold (self);
  meant = address != NULL ? qnet_host_address_unmap (address) : NULL;
  task = qnet_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_abstract_socket_bind_async);
  g_task_set_priority (task, io_priority);
  g_task_set_check_cancellable (task, FALSE);  /* if cancelled too late, the socket is bound */

  if (g_task_return_error_if_cancelled (task))
    return;

  if (!qnet_reactor_check_loop (&error)
      || !prepare_to_bind (self, meant, port, &proxy, &error))
    return_error (self, task, error);
  else if (get_request (self) != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                             _("Could not bind: Another call waits for the proxy"));
  else if (proxy != NULL)
    wait_for_relay (self, g_steal_pointer (&task), proxy, meant, port, flags);
  else
    complete (self, task, meant, port, flags, NULL);
}

/**
 * qnet_abstract_socket_bind_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Ends [method@AbstractSocket.bind_async].
 *
 * Returns: whether the socket is bound
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_bind_finish (QnetAbstractSocket  *self,
                                  GAsyncResult        *result,
                                  GError             **error)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, qnet_abstract_socket_bind_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
