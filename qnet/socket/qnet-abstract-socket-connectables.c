/* qnet-abstract-socket-connectables.c: connecting to a GSocketConnectable, and to a service
 *
 * One of these may be several hosts. They are tried one after another, and each of them is an
 * attempt of the connector, or of the tunnel through a proxy.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "connection/qnet-targets-private.h"
#include "socket/qnet-abstract-socket-private.h"

/* A request for several hosts. It exists until the socket is connected, or unconnected. */
struct _QnetHostSequence
{
  QnetAbstractSocket *socket;
  QnetTargets        *targets;     /* (owned) */
  QnetWatch           watch;       /* without a descriptor: deferred for the next target */
  QnetDeadline        timeout;     /* of the lookup of the targets */
  gboolean            is_new;      /* the first target is requested in the next turn, since an
                                    * enumerator is code of the application */
  gboolean            was_bound;   /* the one descriptor is that of the first host */
  GPtrArray          *failures;    /* (owned) (element-type char): the messages */
  GError             *error;       /* (owned) (nullable): the first failure */
};

static void
sequence_free (QnetHostSequence *self)
{
  qnet_deadline_stop (&self->timeout);
  qnet_targets_free (self->targets);
  qnet_watch_clear (&self->watch);
  g_ptr_array_unref (self->failures);
  g_clear_error (&self->error);
  g_free (self);
}

void
qnet_abstract_socket_drop_sequence (QnetAbstractSocket *self)
{
  g_clear_pointer (&qnet_abstract_socket_get_private (self)->sequence, sequence_free);
}

void
qnet_abstract_socket_move_sequence (QnetAbstractSocket *self)
{
  QnetHostSequence *sequence = qnet_abstract_socket_get_private (self)->sequence;
  QnetWaitSet *set = &qnet_socket_get_device (QNET_SOCKET (self))->wait_set;

  if (sequence == NULL)
    return;

  sequence->socket = self;
  qnet_watch_move (&sequence->watch, set);
  qnet_targets_move (sequence->targets);
  qnet_deadline_move (&sequence->timeout, set);
}

const char *
qnet_abstract_socket_get_sequence_description (QnetAbstractSocket *self)
{
  QnetHostSequence *sequence = qnet_abstract_socket_get_private (self)->sequence;

  return sequence != NULL ? qnet_targets_get_description (sequence->targets) : NULL;
}

/* The end */

static GError *
take_error (QnetHostSequence *self)
{
  g_autoptr(GError) first = g_steal_pointer (&self->error);
  g_autofree char *list = NULL;

  if (self->failures->len < 2)
    return g_steal_pointer (&first);

  g_ptr_array_add (self->failures, NULL);
  list = g_strjoinv (_("; "), (char **) self->failures->pdata);

  return g_error_new (first->domain, first->code,
                      /* Translators: a service, such as _imap._tcp.example.org; and a list of whole
                       * messages, such as "Could not connect to a.example port 80: Connection
                       * refused" */
                      _("Could not connect to %s by any of its hosts: %s"),
                      qnet_targets_get_description (self->targets), list);
}

static GError *
new_empty_error (QnetHostSequence *self)
{
  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                      _("Could not connect to %s: It has no address"),
                      qnet_targets_get_description (self->targets));
}

static void
give_up (QnetHostSequence *self)
{
  GError *error = self->error != NULL ? take_error (self) : new_empty_error (self);

  qnet_socket_give_up (QNET_SOCKET (self->socket), error);  /* frees @self */
}

static void
note_failure (QnetHostSequence *self,
              GError           *error)  /* (transfer full) */
{
  g_ptr_array_add (self->failures, g_strdup (error->message));

  if (self->error == NULL)
    self->error = error;
  else
    g_error_free (error);
}

/* The next host */

static void
request_next (QnetHostSequence *self)
{
  int timeout = qnet_socket_get_timing (QNET_SOCKET (self->socket), QNET_TIMING_LOOKUP_TIMEOUT);

  if (timeout > 0)
    qnet_deadline_start (&self->timeout, qnet_clock_until (timeout));

  qnet_targets_request (self->targets);
}

/* TRUE: there may be another host. @error (transfer full) is that of the last one. */
gboolean
qnet_abstract_socket_try_next_host (QnetAbstractSocket *self,
                                    GError             *error)
{
  QnetHostSequence *sequence = qnet_abstract_socket_get_private (self)->sequence;

  if (sequence == NULL)
    return FALSE;

  qnet_abstract_socket_drop_connector (self);
  note_failure (sequence, error);

  if (sequence->was_bound)
    give_up (sequence);
  else
    request_next (sequence);

  return TRUE;
}

/* Choosing a proxy may run code of the application, which may end the connection. */
static void
begin_target (QnetHostSequence *self,
              QnetTarget       *target)
{
  QnetAbstractSocket *socket = self->socket;
  guint serial = qnet_socket_get_private (QNET_SOCKET (socket))->serial;
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  GError *refusal = NULL;

  if (target->proxy != NULL)
    proxy = qnet_network_proxy_ref (target->proxy);
  else
    qnet_abstract_socket_choose_proxy (socket, target->host, target->port, &proxy, &refusal);

  if (qnet_socket_get_private (QNET_SOCKET (socket))->serial == serial
      && qnet_abstract_socket_get_private (socket)->sequence == self)
    qnet_abstract_socket_continue_connecting (socket, target->host, target->port, proxy, refusal);
  else
    g_clear_error (&refusal);
}

static void
take_next (QnetHostSequence *self)
{
  g_autoptr(QnetTarget) target = NULL;
  GError *error = NULL;

  qnet_deadline_stop (&self->timeout);
  target = qnet_targets_take (self->targets, &error);

  if (target != NULL)
    begin_target (self, target);
  else if (error != NULL && !qnet_targets_has_ended (self->targets))
    {
      note_failure (self, error);
      request_next (self);
    }
  else
    {
      if (error != NULL)
        note_failure (self, error);
      give_up (self);
    }
}

static void
sequence_ready (QnetWatch     *watch,
                QnetReadiness  readiness)
{
  QnetHostSequence *self = CONTAINER_OF (watch, QnetHostSequence, watch);
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self->socket);
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (self->socket), G_STRFUNC);

  if (self->is_new)
    {
      self->is_new = FALSE;
      request_next (self);
    }
  else if (qnet_targets_has_answer (self->targets)
           && !qnet_abstract_socket_has_connector (self->socket))
    take_next (self);
}

static const QnetWatchFuncs watch_funcs = { .ready = sequence_ready };

static void
timed_out_cb (QnetDeadline *deadline)
{
  QnetHostSequence *self = CONTAINER_OF (deadline, QnetHostSequence, timeout);
  int timeout = qnet_socket_get_timing (QNET_SOCKET (self->socket), QNET_TIMING_LOOKUP_TIMEOUT);
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self->socket);
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (self->socket), G_STRFUNC);
  GError *error = NULL;

  qnet_set_error (&error, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                  _("Could not find %s: The lookup took longer than %g s"),
                  qnet_targets_get_description (self->targets), timeout / 1000.0);
  note_failure (self, error);
  give_up (self);
}

/* The beginning */

static QnetHostSequence *
sequence_new (QnetAbstractSocket *socket)
{
  QnetWaitSet *set = &qnet_socket_get_device (QNET_SOCKET (socket))->wait_set;
  QnetHostSequence *self = g_new0 (QnetHostSequence, 1);

  self->socket = socket;
  self->was_bound = qnet_socket_get_private (QNET_SOCKET (socket))->state
                    == QNET_SOCKET_STATE_BOUND;
  self->failures = g_ptr_array_new_with_free_func (g_free);
  qnet_watch_init (&self->watch, &watch_funcs, set);
  qnet_deadline_init (&self->timeout, timed_out_cb, set);

  return self;
}

static const char *
get_protocol (QnetAbstractSocket *self)
{
  return qnet_abstract_socket_get_socket_type (self) == QNET_SOCKET_TYPE_UDP ? "udp" : "tcp";
}

static char *
describe_service (const char *service,
                  const char *protocol,
                  const char *domain)
{
  return g_strdup_printf ("_%s._%s.%s", service, protocol, domain);
}

static void
refuse (QnetAbstractSocket *self,
        const char         *target,
        GError             *reason)  /* (transfer full) */
{
  qnet_prefix_error (&reason, _("Could not connect to %s"), target);
  qnet_socket_refuse_to_connect (QNET_SOCKET (self), reason);
}

/* A transport of a subclass takes hosts and ports alone. */
static gboolean
may_start (QnetAbstractSocket  *self,
           GError             **error)
{
  if (!qnet_abstract_socket_has_own_transport (self))
    return qnet_abstract_socket_may_connect (self, error);

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("The transport of the socket connects to hosts and addresses only"));
  return FALSE;
}

/* (nullable): NULL if it was refused. @name is that of the peer. Its targets follow, and
 * end_beginning(). */
static QnetHostSequence *
begin_sequence (QnetAbstractSocket *self,
                const char         *name,
                const char         *description)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  GError *error = NULL;

  if (!may_start (self, &error))
    {
      refuse (self, description, error);
      return NULL;
    }

  qnet_abstract_socket_begin_connecting (self, name, 0, QNET_OPEN_MODE_READ_WRITE);
  priv->sequence = sequence_new (self);

  return priv->sequence;
}

static void
end_beginning (QnetHostSequence *self)
{
  self->is_new = TRUE;
  qnet_watch_defer (&self->watch);
  qnet_socket_end_change (QNET_SOCKET (self->socket), QNET_SOCKET_STATE_HOST_LOOKUP);
}

static void
connect_to_service (QnetAbstractSocket *self,
                    const char         *service,
                    const char         *protocol,
                    const char         *domain)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  g_autofree char *description = describe_service (service, protocol, domain);
  QnetHostSequence *sequence = begin_sequence (self, domain, description);

  if (sequence == NULL)
    return;

  sequence->targets = qnet_targets_new_for_service (service, protocol, domain, &sequence->watch);
  end_beginning (sequence);
}

static void
connect_to_enumerated (QnetAbstractSocket *self,
                       GSocketConnectable *connectable)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  g_autofree char *text = g_socket_connectable_to_string (connectable);
  g_autoptr(GSocketAddressEnumerator) enumerator = g_socket_connectable_enumerate (connectable);
  QnetHostSequence *sequence = begin_sequence (self, text, text);

  if (sequence == NULL)
    return;

  sequence->targets = qnet_targets_new_for_enumerator (enumerator, text, &sequence->watch);
  end_beginning (sequence);
}

static void
connect_to_address (QnetAbstractSocket *self,
                    GSocketAddress     *address)
{
  g_autofree char *text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
  GError *reason = NULL;
  g_autoptr(QnetTarget) target = qnet_target_new_for_address (address, &reason);

  if (target == NULL)
    refuse (self, text, reason);
  else if (target->proxy == NULL)
    qnet_abstract_socket_connect_to_host (self, target->host, target->port);
  else if (may_start (self, &reason))
    qnet_abstract_socket_connect_by_proxy (self, target->host, target->port, target->proxy);
  else
    refuse (self, text, reason);
}

static void
connect_to_network_address (QnetAbstractSocket *self,
                            GNetworkAddress    *address)
{
  qnet_abstract_socket_connect_to_host (self, g_network_address_get_hostname (address),
                                        g_network_address_get_port (address));
}

static void
connect_to_network_service (QnetAbstractSocket *self,
                            GNetworkService    *service)
{
  connect_to_service (self, g_network_service_get_service (service),
                      g_network_service_get_protocol (service),
                      g_network_service_get_domain (service));
}

/* Public API */

/**
 * qnet_abstract_socket_connect_to_connectable:
 * @self: a socket
 * @connectable: what to connect to
 *
 * Begins to connect to what a [iface@Gio.SocketConnectable] stands for, for reading and writing, as
 * [method@AbstractSocket.connect_to_host] does.
 *
 * - A [class@Gio.NetworkAddress], also from [func@Gio.NetworkAddress.parse_uri], is a host and a
 *   port.
 * - A [class@Gio.NetworkService] is a service of a domain, see
 *   [method@AbstractSocket.connect_to_service].
 * - A [class@Gio.InetSocketAddress] is an address and a port.
 * - A [class@Gio.ProxyAddress], which the enumerators of [class@Gio.ProxyAddressEnumerator] return,
 *   is a host and a port behind that proxy (SOCKS5 or HTTP), and no other proxy is used.
 * - Any other object is asked for its addresses with [method@Gio.SocketConnectable.enumerate]. They
 *   are tried one after another.
 *
 * [property@AbstractSocket:peer-name] becomes the host or the domain that was asked for: a
 * certificate of the peer has to be for that name. For other objects it is their text.
 *
 * Addresses that are not Internet addresses, such as a `GUnixSocketAddress`, are refused with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError]; see
 * [method@LocalSocket.connect_to_connectable].
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_connectable (QnetAbstractSocket *self,
                                             GSocketConnectable *connectable)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (G_IS_SOCKET_CONNECTABLE (connectable));
  QNET_IO_STAY (self);

  if (G_IS_NETWORK_ADDRESS (connectable))
    connect_to_network_address (self, G_NETWORK_ADDRESS (connectable));
  else if (G_IS_NETWORK_SERVICE (connectable))
    connect_to_network_service (self, G_NETWORK_SERVICE (connectable));
  else if (G_IS_SOCKET_ADDRESS (connectable))
    connect_to_address (self, G_SOCKET_ADDRESS (connectable));
  else
    connect_to_enumerated (self, connectable);
}

/**
 * qnet_abstract_socket_connect_to_service:
 * @self: a socket
 * @service: the name of a service, such as `imap`, without an underscore
 * @domain: the domain that offers it
 *
 * Begins to connect to a service of a domain, for reading and writing.
 *
 * The hosts are those of the SRV records of the domain, `_service._tcp.domain`, or `_udp` for a UDP
 * socket. They are tried one after another, in the order of RFC 2782, by priority and weight, and
 * all addresses of one before the next. A domain that states that it does not offer the service (a
 * single record with the target `.`) is refused with
 * [QNET_SOCKET_ERROR_CONNECTION_REFUSED][error@SocketError], and one without such records with
 * [QNET_SOCKET_ERROR_HOST_NOT_FOUND][error@SocketError]; no port is guessed.
 *
 * [property@AbstractSocket:peer-name] is @domain: a certificate of the peer has to be for the
 * domain and not for the host, whose name is not authenticated (RFC 6125, section 6.2.1).
 * [property@AbstractSocket:lookup-timeout] and [property@Socket:connect-timeout] apply to each
 * host. [signal@AbstractSocket::host-found] is emitted for each host. A bound socket tries the
 * first host alone. If all hosts fail, the error lists what failed.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_service (QnetAbstractSocket *self,
                                         const char         *service,
                                         const char         *domain)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (service != NULL);
  g_return_if_fail (domain != NULL);
  QNET_IO_STAY (self);

  connect_to_service (self, service, get_protocol (self), domain);
}

/* Asynchronous pairs */

static GTask *
begin_task (QnetAbstractSocket  *self,
            const char          *target,
            int                  io_priority,
            GCancellable        *cancellable,
            GAsyncReadyCallback  callback,
            gpointer             user_data)
{
  QnetSocketState state = qnet_socket_get_private (QNET_SOCKET (self))->state;
  g_autofree char *what = g_strdup_printf (_("Could not connect to %s"), target);
  GTask *task = qnet_socket_new_connect_task (QNET_SOCKET (self), state == QNET_SOCKET_STATE_BOUND,
                                              what, io_priority, cancellable, callback, user_data);

  if (task != NULL)
    qnet_socket_get_private (QNET_SOCKET (self))->connect_task = g_object_ref (task);

  return task;
}

/**
 * qnet_abstract_socket_connect_to_connectable_async:
 * @self: a socket
 * @connectable: what to connect to
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the attempt: it is aborted
 * @callback: (scope async) (closure user_data): called when the connection is established, or has
 *   failed
 * @user_data: data for @callback
 *
 * Connects as [method@AbstractSocket.connect_to_connectable] does, and calls back.
 *
 * The signals are emitted too, before the callback.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_connectable_async (QnetAbstractSocket  *self,
                                                   GSocketConnectable  *connectable,
                                                   int                  io_priority,
                                                   GCancellable        *cancellable,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autofree char *text = NULL;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (G_IS_SOCKET_CONNECTABLE (connectable));
  QNET_IO_STAY_OR_CALL_BACK (self, qnet_socket_new_connect_task);

  text = g_socket_connectable_to_string (connectable);
  task = begin_task (self, text, io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  qnet_abstract_socket_connect_to_connectable (self, connectable);
  qnet_socket_watch_connect_task (QNET_SOCKET (self), task);
}

/**
 * qnet_abstract_socket_connect_to_connectable_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Ends [method@AbstractSocket.connect_to_connectable_async].
 *
 * Returns: whether the connection is established
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_connect_to_connectable_finish (QnetAbstractSocket  *self,
                                                    GAsyncResult        *result,
                                                    GError             **error)
{
  return qnet_abstract_socket_connect_to_host_finish (self, result, error);
}

/**
 * qnet_abstract_socket_connect_to_service_async:
 * @self: a socket
 * @service: the name of a service, such as `imap`, without an underscore
 * @domain: the domain that offers it
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): cancels the attempt: it is aborted
 * @callback: (scope async) (closure user_data): called when the connection is established, or has
 *   failed
 * @user_data: data for @callback
 *
 * Connects as [method@AbstractSocket.connect_to_service] does, and calls back.
 *
 * The signals are emitted too, before the callback.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_connect_to_service_async (QnetAbstractSocket  *self,
                                               const char          *service,
                                               const char          *domain,
                                               int                  io_priority,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autofree char *description = NULL;

  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (service != NULL);
  g_return_if_fail (domain != NULL);
  QNET_IO_STAY_OR_CALL_BACK (self, qnet_socket_new_connect_task);

  description = describe_service (service, get_protocol (self), domain);
  task = begin_task (self, description, io_priority, cancellable, callback, user_data);
  if (task == NULL)
    return;

  qnet_abstract_socket_connect_to_service (self, service, domain);
  qnet_socket_watch_connect_task (QNET_SOCKET (self), task);
}

/**
 * qnet_abstract_socket_connect_to_service_finish:
 * @self: a socket
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Ends [method@AbstractSocket.connect_to_service_async].
 *
 * Returns: whether the connection is established
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_connect_to_service_finish (QnetAbstractSocket  *self,
                                                GAsyncResult        *result,
                                                GError             **error)
{
  return qnet_abstract_socket_connect_to_host_finish (self, result, error);
}
