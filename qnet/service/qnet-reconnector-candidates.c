/* qnet-reconnector-candidates.c: what to connect to
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "service/qnet-reconnector-private.h"

#include "qnet-abstract-socket.h"
#include "qnet-local-socket.h"
#include "qnet-ssl-socket.h"

void
qnet_candidate_free (QnetCandidate *candidate)
{
  g_clear_object (&candidate->connectable);
  g_free (candidate->server);
  g_free (candidate);
}

static void
add (QnetReconnector    *self,
     GSocketConnectable *connectable,  /* (transfer full) (nullable) */
     const char         *server)       /* (nullable) */
{
  QnetCandidate *candidate = g_new0 (QnetCandidate, 1);

  candidate->connectable = connectable;
  candidate->server = g_strdup (server);
  g_ptr_array_add (self->candidates, candidate);
}

static const QnetCandidate *
get_candidate (QnetReconnector *self)
{
  return g_ptr_array_index (self->candidates, self->n_failed % self->candidates->len);
}

char *
qnet_reconnector_get_target (QnetReconnector *self)
{
  const QnetCandidate *candidate = get_candidate (self);

  if (candidate->server != NULL)
    return g_strdup (candidate->server);

  return g_socket_connectable_to_string (candidate->connectable);
}

static void
connect_local (QnetLocalSocket     *socket,
               const QnetCandidate *candidate)
{
  if (candidate->server != NULL)
    qnet_local_socket_connect_to_server (socket, candidate->server);
  else
    qnet_local_socket_connect_to_connectable (socket, candidate->connectable);
}

static void
connect_socket (QnetReconnector *self)
{
  const QnetCandidate *candidate = get_candidate (self);

  if (QNET_IS_LOCAL_SOCKET (self->socket))
    connect_local (QNET_LOCAL_SOCKET (self->socket), candidate);
  else if (self->encrypts)
    qnet_ssl_socket_connect_to_connectable_encrypted (QNET_SSL_SOCKET (self->socket),
                                                      candidate->connectable);
  else
    qnet_abstract_socket_connect_to_connectable (QNET_ABSTRACT_SOCKET (self->socket),
                                                 candidate->connectable);
}

gboolean
qnet_reconnector_is_free (QnetReconnector *self)
{
  QnetSocketState state = qnet_socket_get_state (self->socket);

  return state == QNET_SOCKET_STATE_UNCONNECTED || state == QNET_SOCKET_STATE_BOUND;
}

/* The socket belongs to the thread-default context. Its handlers may drop the reconnector. */
void
qnet_reconnector_connect (QnetReconnector *self)
{
  g_autoptr(GMainContext) context = NULL;

  self->is_busy = !qnet_reconnector_is_free (self);
  if (self->is_busy)
    return;

  self->encrypts = self->encrypted && QNET_IS_SSL_SOCKET (self->socket);
  context = g_main_context_ref (self->context);
  g_main_context_push_thread_default (context);
  connect_socket (self);
  g_main_context_pop_thread_default (context);
}

/* Public API */

/**
 * qnet_reconnector_add_connectable:
 * @self: a reconnector
 * @connectable: what to connect to
 *
 * Adds a candidate: anything that [method@AbstractSocket.connect_to_connectable] takes, or for a
 * [class@LocalSocket] what [method@LocalSocket.connect_to_connectable] takes.
 *
 * Candidates are tried in turn, one for each attempt. A connection that was lost is tried with the
 * same one first.
 *
 * Since: 1.0
 */
void
qnet_reconnector_add_connectable (QnetReconnector    *self,
                                  GSocketConnectable *connectable)
{
  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  g_return_if_fail (G_IS_SOCKET_CONNECTABLE (connectable));
  QNET_RECONNECTOR_CHECK_CALLER (self);

  add (self, g_object_ref (connectable), NULL);
}

/**
 * qnet_reconnector_add_host:
 * @self: a reconnector of an Internet socket
 * @host: the name of a host, or an address
 * @port: the port
 *
 * Adds a candidate: a port of a host. See [method@Reconnector.add_connectable].
 *
 * Since: 1.0
 */
void
qnet_reconnector_add_host (QnetReconnector *self,
                           const char      *host,
                           guint16          port)
{
  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  g_return_if_fail (host != NULL);
  QNET_RECONNECTOR_CHECK_CALLER (self);
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self->socket));

  add (self, g_network_address_new (host, port), NULL);
}

static const char *
get_protocol (QnetReconnector *self)
{
  QnetSocketType type = qnet_abstract_socket_get_socket_type (QNET_ABSTRACT_SOCKET (self->socket));

  return type == QNET_SOCKET_TYPE_UDP ? "udp" : "tcp";
}

/**
 * qnet_reconnector_add_service:
 * @self: a reconnector of an Internet socket
 * @service: the name of a service, such as `imap`, without an underscore
 * @domain: the domain that offers it
 *
 * Adds a candidate: the hosts of a service, see [method@AbstractSocket.connect_to_service]. Each
 * attempt looks them up again, and tries all of them.
 *
 * Since: 1.0
 */
void
qnet_reconnector_add_service (QnetReconnector *self,
                              const char      *service,
                              const char      *domain)
{
  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  g_return_if_fail (service != NULL);
  g_return_if_fail (domain != NULL);
  QNET_RECONNECTOR_CHECK_CALLER (self);
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self->socket));

  add (self, G_SOCKET_CONNECTABLE (g_network_service_new (service, get_protocol (self), domain)),
       NULL);
}

/**
 * qnet_reconnector_add_server:
 * @self: a reconnector of a [class@LocalSocket]
 * @name: (type filename): the name of a local server, or the path of its file
 *
 * Adds a candidate: a local server, see [method@LocalSocket.connect_to_server].
 *
 * Since: 1.0
 */
void
qnet_reconnector_add_server (QnetReconnector *self,
                             const char      *name)
{
  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  g_return_if_fail (name != NULL);
  QNET_RECONNECTOR_CHECK_CALLER (self);
  g_return_if_fail (QNET_IS_LOCAL_SOCKET (self->socket));

  add (self, NULL, name);
}
