/* qnet-server-admission.c: a server refuses peers by their address
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "server/qnet-server-private.h"
#include "socket/qnet-abstract-socket-private.h"

/* Made when a setting is not the default. */
static QnetAdmission *
get_admission (QnetServer *self)
{
  QnetConnections *connections = &qnet_server_get_private (self)->connections;

  if (connections->admission == NULL)
    connections->admission = qnet_admission_new ();

  return connections->admission;
}

/* (nullable) */
static const QnetAdmission *
peek_admission (QnetServer *self)
{
  return qnet_server_get_private (self)->connections.admission;
}

/* The peer of a connection that was just accepted. FALSE if it is not known. */
static gboolean
find_peer (const QnetIncoming    *incoming,
           const QnetProxiedPeer *proxied_peer,
           QnetNetworkKey        *out_peer)
{
  return proxied_peer != NULL
           ? qnet_network_key_init_address (out_peer, proxied_peer->address)
           : qnet_network_key_init_native (out_peer, incoming->peer, incoming->peer_size);
}

/* Counting */

static gboolean
is_counting (const QnetAdmission *admission)
{
  return admission != NULL && admission->limit > 0;
}

void
qnet_server_count_incoming (QnetServer *self,
                            QnetSocket *connection)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);
  QnetNetworkKey peer;

  if (is_counting (priv->connections.admission) && priv->incoming != NULL
      && find_peer (priv->incoming, priv->proxied_peer, &peer))
    qnet_admission_add (priv->connections.admission, connection, &peer);
}

void
qnet_server_count_connection (QnetServer *self,
                              QnetSocket *connection)
{
  QnetAdmission *admission = qnet_server_get_private (self)->connections.admission;
  g_autoptr(QnetHostAddress) address = NULL;
  QnetNetworkKey peer;

  if (!is_counting (admission) || !QNET_IS_ABSTRACT_SOCKET (connection))
    return;

  address = qnet_abstract_socket_get_peer_address (QNET_ABSTRACT_SOCKET (connection));
  if (qnet_network_key_init_address (&peer, address))
    qnet_admission_add (admission, connection, &peer);
}

void
qnet_server_uncount_connection (QnetServer *self,
                                QnetSocket *connection)
{
  QnetAdmission *admission = qnet_server_get_private (self)->connections.admission;

  if (admission != NULL)
    qnet_admission_remove (admission, connection);
}

static void
count_cb (gpointer connection,
          gpointer self)
{
  qnet_server_count_connection (self, connection);
}

/* Those that were counted before may be in a handshake, and not in a queue yet. */
static void
count_all (QnetServer *self)
{
  QnetAdmission *admission = get_admission (self);
  g_autoptr(GList) counted = g_hash_table_get_keys (admission->connections);

  qnet_admission_reset (admission);
  g_list_foreach (counted, count_cb, self);
  qnet_connections_foreach (&qnet_server_get_private (self)->connections, count_cb, self);
}

/* Refusing */

static GError *
new_refusal (QnetVerdict      verdict,
             QnetHostAddress *address)
{
  g_autofree char *text = qnet_host_address_to_string (address);

  if (verdict == QNET_VERDICT_DENIED)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ACCESS,
                        _("Refused a connection from %s: The address is denied"), text);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_RESOURCE,
                      _("Refused a connection from %s: The address has reached its limit of "
                        "connections"), text);
}

static QnetHostAddress *
new_address (const QnetIncoming    *incoming,
             const QnetProxiedPeer *proxied_peer)
{
  struct sockaddr_storage native = { 0, };

  if (proxied_peer != NULL)
    return proxied_peer->address != NULL ? qnet_host_address_ref (proxied_peer->address)
                                         : qnet_host_address_new_null ();

  if (incoming->peer != NULL)
    memcpy (&native, incoming->peer, MIN (incoming->peer_size, sizeof native));

  return qnet_host_address_take_native (&native, TRUE, NULL);
}

/* A reset, so that the kernel keeps nothing of it. The address and the error are made for a
 * handler only. */
static void
refuse (QnetServer            *self,
        QnetVerdict            verdict,
        const QnetIncoming    *incoming,
        const QnetProxiedPeer *proxied_peer)
{
  g_autoptr(QnetHostAddress) address = NULL;
  g_autoptr(GError) error = NULL;

  qnet_sys_reset (incoming->fd);
  qnet_sys_close (incoming->fd);
  qnet_server_count_refusal (self);

  if (!qnet_server_has_refusal_handler (self))
    return;

  address = new_address (incoming, proxied_peer);
  error = new_refusal (verdict, address);
  qnet_server_emit_refused (self, address, error);
}

gboolean
qnet_server_admits (QnetServer            *self,
                    const QnetIncoming    *incoming,
                    const QnetProxiedPeer *proxied_peer)
{
  QnetAdmission *admission = qnet_server_get_private (self)->connections.admission;
  QnetVerdict verdict;
  QnetNetworkKey peer;
  gboolean is_known;

  if (proxied_peer == NULL && incoming->peer != NULL && incoming->peer->sa_family == AF_UNIX)
    return TRUE;

  is_known = find_peer (incoming, proxied_peer, &peer);
  verdict = qnet_admission_judge (admission, is_known ? &peer : NULL);

  if (verdict != QNET_VERDICT_ADMITTED)
    refuse (self, verdict, incoming, proxied_peer);

  return verdict == QNET_VERDICT_ADMITTED;
}

/* Public API */

/**
 * qnet_server_get_address_filter:
 * @self: a server
 *
 * Gets the filter for the addresses of peers.
 *
 * Returns: (transfer none) (nullable): the filter, or %NULL if none was set, and all may connect
 *
 * Since: 1.0
 */
QnetAddressFilter *
qnet_server_get_address_filter (QnetServer *self)
{
  const QnetAdmission *admission;

  g_return_val_if_fail (QNET_IS_SERVER (self), NULL);
  QNET_SERVER_CHECK_CALLER (self, NULL);

  admission = peek_admission (self);

  return admission != NULL ? admission->filter : NULL;
}

/**
 * qnet_server_set_address_filter:
 * @self: a server
 * @filter: a filter
 *
 * Sets the filter for the addresses of peers; see [property@Server:address-filter].
 *
 * Since: 1.0
 */
void
qnet_server_set_address_filter (QnetServer        *self,
                                QnetAddressFilter *filter)
{
  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (QNET_IS_ADDRESS_FILTER (filter));
  QNET_SERVER_CHECK_CALLER (self);

  if (g_set_object (&get_admission (self)->filter, filter))
    g_object_notify (G_OBJECT (self), "address-filter");
}

/**
 * qnet_server_get_max_connections_per_address:
 * @self: a server
 *
 * Gets how many connections one address may have.
 *
 * Returns: the number, 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_server_get_max_connections_per_address (QnetServer *self)
{
  const QnetAdmission *admission;

  g_return_val_if_fail (QNET_IS_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  admission = peek_admission (self);

  return admission != NULL ? admission->limit : 0;
}

/**
 * qnet_server_set_max_connections_per_address:
 * @self: a server
 * @max: the number, 0 for no limit
 *
 * Sets how many connections one address may have; see
 * [property@Server:max-connections-per-address].
 *
 * Since: 1.0
 */
void
qnet_server_set_max_connections_per_address (QnetServer *self,
                                             int         max)
{
  QnetAdmission *admission;
  int old_max;

  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (max >= 0);
  QNET_SERVER_CHECK_CALLER (self);

  if (qnet_server_get_max_connections_per_address (self) == max)
    return;

  admission = get_admission (self);
  old_max = admission->limit;
  admission->limit = max;
  if (old_max == 0 || max == 0)
    count_all (self);

  g_object_notify (G_OBJECT (self), "max-connections-per-address");
}

/**
 * qnet_server_get_ipv4_prefix_length:
 * @self: a server
 *
 * Gets how many bits of an IPv4 address count as one address for
 * [property@Server:max-connections-per-address].
 *
 * Returns: the length of the prefix, 32 unless it was set
 *
 * Since: 1.0
 */
int
qnet_server_get_ipv4_prefix_length (QnetServer *self)
{
  const QnetAdmission *admission;

  g_return_val_if_fail (QNET_IS_SERVER (self), QNET_ADMISSION_IPV4_PREFIX);
  QNET_SERVER_CHECK_CALLER (self, QNET_ADMISSION_IPV4_PREFIX);

  admission = peek_admission (self);

  return admission != NULL ? admission->ipv4_prefix : QNET_ADMISSION_IPV4_PREFIX;
}

/**
 * qnet_server_set_ipv4_prefix_length:
 * @self: a server
 * @length: the length of the prefix, 0 to 32
 *
 * Sets how many bits of an IPv4 address count as one address; see
 * [property@Server:ipv4-prefix-length].
 *
 * Since: 1.0
 */
void
qnet_server_set_ipv4_prefix_length (QnetServer *self,
                                    int         length)
{
  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (length >= 0 && length <= 32);
  QNET_SERVER_CHECK_CALLER (self);

  if (qnet_server_get_ipv4_prefix_length (self) == length)
    return;

  get_admission (self)->ipv4_prefix = length;
  count_all (self);
  g_object_notify (G_OBJECT (self), "ipv4-prefix-length");
}

/**
 * qnet_server_get_ipv6_prefix_length:
 * @self: a server
 *
 * Gets how many bits of an IPv6 address count as one address for
 * [property@Server:max-connections-per-address].
 *
 * Returns: the length of the prefix, 64 unless it was set
 *
 * Since: 1.0
 */
int
qnet_server_get_ipv6_prefix_length (QnetServer *self)
{
  const QnetAdmission *admission;

  g_return_val_if_fail (QNET_IS_SERVER (self), QNET_ADMISSION_IPV6_PREFIX);
  QNET_SERVER_CHECK_CALLER (self, QNET_ADMISSION_IPV6_PREFIX);

  admission = peek_admission (self);

  return admission != NULL ? admission->ipv6_prefix : QNET_ADMISSION_IPV6_PREFIX;
}

/**
 * qnet_server_set_ipv6_prefix_length:
 * @self: a server
 * @length: the length of the prefix, 0 to 128
 *
 * Sets how many bits of an IPv6 address count as one address; see
 * [property@Server:ipv6-prefix-length].
 *
 * Since: 1.0
 */
void
qnet_server_set_ipv6_prefix_length (QnetServer *self,
                                    int         length)
{
  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (length >= 0 && length <= 128);
  QNET_SERVER_CHECK_CALLER (self);

  if (qnet_server_get_ipv6_prefix_length (self) == length)
    return;

  get_admission (self)->ipv6_prefix = length;
  count_all (self);
  g_object_notify (G_OBJECT (self), "ipv6-prefix-length");
}

/**
 * qnet_server_get_refused_connections:
 * @self: a server
 *
 * Gets how many connections were refused by the address of their peer.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
gint64
qnet_server_get_refused_connections (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  return qnet_server_get_private (self)->n_refused;
}
