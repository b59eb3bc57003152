/* qnet-network-proxy-query.c: a query to a proxy factory
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-network-proxy-query.h"

#include <string.h>

#include "address/qnet-host-name-private.h"

/**
 * QnetNetworkProxyQuery:
 *
 * A query to a [class@NetworkProxyFactory]: what a proxy is needed for.
 *
 * A query is immutable. Strings that are not set are empty, and ports that are not set are -1.
 *
 * Since: 1.0
 */

struct _QnetNetworkProxyQuery
{
  gint                ref_count;   /* (atomic): a gint, for ThreadSanitizer */

  QnetProxyQueryType  type;
  char               *uri;         /* (owned) (nullable): of new_for_uri() */
  char               *host;        /* (owned): "" for none */
  int                 peer_port;   /* -1: none */
  int                 local_port;  /* -1: none */
  char               *tag;         /* (owned): "" for none */
};

G_DEFINE_BOXED_TYPE (QnetNetworkProxyQuery, qnet_network_proxy_query,
                     qnet_network_proxy_query_ref, qnet_network_proxy_query_unref)

static QnetNetworkProxyQuery *
new_query (QnetProxyQueryType  type,
           const char         *host,
           int                 peer_port,
           int                 local_port,
           const char         *tag)  /* (nullable) */
{
  QnetNetworkProxyQuery *self = g_new0 (QnetNetworkProxyQuery, 1);

  g_atomic_int_set (&self->ref_count, 1);
  self->type = type;
  self->host = g_strdup (host);
  self->peer_port = peer_port;
  self->local_port = local_port;
  self->tag = g_strdup (tag != NULL ? tag : "");

  return self;
}

/* The tag if it is a valid scheme, else "none", as in GSocketClient. */
static const char *
get_scheme (const QnetNetworkProxyQuery *self)
{
  g_autofree char *scheme = g_strconcat (self->tag, ":", NULL);

  return g_uri_peek_scheme (scheme) != NULL ? self->tag : "none";
}

/* User names and passwords must not be passed to resolvers, PAC scripts and error messages. */
static char *
strip_userinfo (const char *uri)
{
  const char *authority = strstr (uri, "://");
  const char *at = NULL;

  if (authority == NULL)
    return g_strdup (uri);

  authority += strlen ("://");
  for (const char *next = authority; *next != '\0' && strchr ("/?#", *next) == NULL; next++)
    {
      if (*next == '@')
        at = next;
    }

  if (at == NULL)
    return g_strdup (uri);

  return g_strdup_printf ("%.*s%s", (int) (authority - uri), uri, at + 1);
}

/* Public API */

/**
 * qnet_network_proxy_query_new_for_uri:
 * @uri: a URI
 * @type: the type of the query, usually [QNET_PROXY_QUERY_TYPE_URL_REQUEST][enum@ProxyQueryType]
 *
 * Creates a query for a URI.
 *
 * The scheme becomes the protocol tag. A user name and a password in the URI are removed. If @uri
 * is not valid, the query has no host and port.
 *
 * Returns: (transfer full): the query
 *
 * Since: 1.0
 */
QnetNetworkProxyQuery *
qnet_network_proxy_query_new_for_uri (const char         *uri,
                                      QnetProxyQueryType  type)
{
  g_autofree char *stripped = NULL;
  g_autofree char *scheme = NULL;
  g_autofree char *host = NULL;
  QnetNetworkProxyQuery *self;
  int port = -1;

  g_return_val_if_fail (uri != NULL, NULL);

  stripped = strip_userinfo (uri);
  g_uri_split_network (stripped, G_URI_FLAGS_SCHEME_NORMALIZE, &scheme, &host, &port, NULL);

  self = new_query (type, host != NULL ? host : "", port, -1, scheme);
  self->uri = g_steal_pointer (&stripped);

  return self;
}

/**
 * qnet_network_proxy_query_new_for_host:
 * @host: a host name or an address
 * @port: its port, or -1
 * @protocol_tag: (nullable): the protocol, such as `http`
 * @type: the type of the query
 *
 * Creates a query for a port of a host.
 *
 * Returns: (transfer full): the query
 *
 * Since: 1.0
 */
QnetNetworkProxyQuery *
qnet_network_proxy_query_new_for_host (const char         *host,
                                       int                 port,
                                       const char         *protocol_tag,
                                       QnetProxyQueryType  type)
{
  g_return_val_if_fail (host != NULL, NULL);
  g_return_val_if_fail (port >= -1 && port <= G_MAXUINT16, NULL);

  return new_query (type, host, port, -1, protocol_tag);
}

/**
 * qnet_network_proxy_query_new_for_bind:
 * @bind_port: the local port, 0 for any
 * @protocol_tag: (nullable): the protocol
 * @type: the type of the query, such as [QNET_PROXY_QUERY_TYPE_TCP_SERVER][enum@ProxyQueryType]
 *
 * Creates a query for a local port, such as that of a server.
 *
 * Returns: (transfer full): the query
 *
 * Since: 1.0
 */
QnetNetworkProxyQuery *
qnet_network_proxy_query_new_for_bind (guint16             bind_port,
                                       const char         *protocol_tag,
                                       QnetProxyQueryType  type)
{
  return new_query (type, "", -1, bind_port, protocol_tag);
}

/**
 * qnet_network_proxy_query_ref:
 * @self: a query
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetNetworkProxyQuery *
qnet_network_proxy_query_ref (const QnetNetworkProxyQuery *self)
{
  QnetNetworkProxyQuery *counted = (QnetNetworkProxyQuery *) self;

  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&counted->ref_count);

  return counted;
}

/**
 * qnet_network_proxy_query_unref:
 * @self: (transfer full): a query
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the query.
 *
 * Since: 1.0
 */
void
qnet_network_proxy_query_unref (QnetNetworkProxyQuery *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_free (self->uri);
  g_free (self->host);
  g_free (self->tag);
  g_free (self);
}

/**
 * qnet_network_proxy_query_get_query_type:
 * @self: a query
 *
 * Gets the type of the query.
 *
 * Returns: the type
 *
 * Since: 1.0
 */
QnetProxyQueryType
qnet_network_proxy_query_get_query_type (const QnetNetworkProxyQuery *self)
{
  g_return_val_if_fail (self != NULL, QNET_PROXY_QUERY_TYPE_TCP_SOCKET);

  return self->type;
}

/**
 * qnet_network_proxy_query_get_peer_host_name:
 * @self: a query
 *
 * Gets the host to connect to.
 *
 * Returns: a host name or an address, or an empty string
 *
 * Since: 1.0
 */
const char *
qnet_network_proxy_query_get_peer_host_name (const QnetNetworkProxyQuery *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->host;
}

/**
 * qnet_network_proxy_query_get_peer_port:
 * @self: a query
 *
 * Gets the port to connect to.
 *
 * Returns: the port, or -1
 *
 * Since: 1.0
 */
int
qnet_network_proxy_query_get_peer_port (const QnetNetworkProxyQuery *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->peer_port;
}

/**
 * qnet_network_proxy_query_get_local_port:
 * @self: a query
 *
 * Gets the local port.
 *
 * Returns: the port, or -1
 *
 * Since: 1.0
 */
int
qnet_network_proxy_query_get_local_port (const QnetNetworkProxyQuery *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->local_port;
}

/**
 * qnet_network_proxy_query_get_protocol_tag:
 * @self: a query
 *
 * Gets the protocol, such as `http`.
 *
 * Returns: the protocol tag, or an empty string
 *
 * Since: 1.0
 */
const char *
qnet_network_proxy_query_get_protocol_tag (const QnetNetworkProxyQuery *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->tag;
}

/**
 * qnet_network_proxy_query_to_uri:
 * @self: a query
 *
 * Converts the query to a URI for [method@Gio.ProxyResolver.lookup].
 *
 * Its scheme is the protocol tag, or `none`.
 *
 * Returns: (transfer full): the URI
 *
 * Since: 1.0
 */
char *
qnet_network_proxy_query_to_uri (const QnetNetworkProxyQuery *self)
{
  g_autoptr(QnetHostAddress) address = NULL;
  g_autofree char *text = NULL;
  const char *host;
  int port;

  g_return_val_if_fail (self != NULL, NULL);

  if (self->uri != NULL)
    return g_strdup (self->uri);

  /* An address is written without brackets: g_uri_join() adds them. */
  address = qnet_host_name_to_address (self->host);
  text = address != NULL ? qnet_host_address_to_string (address) : g_strdup (self->host);
  host = *text != '\0' ? text : "0.0.0.0";  /* a server has no peer */
  port = self->peer_port != -1 ? self->peer_port : self->local_port;

  return g_uri_join (G_URI_FLAGS_NONE, get_scheme (self), NULL, host, port, "", NULL, NULL);
}

/**
 * qnet_network_proxy_query_equal:
 * @self: a query
 * @other: another query
 *
 * Compares two queries.
 *
 * Returns: %TRUE if they are equal
 *
 * Since: 1.0
 */
gboolean
qnet_network_proxy_query_equal (const QnetNetworkProxyQuery *self,
                                const QnetNetworkProxyQuery *other)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (other != NULL, FALSE);

  return self->type == other->type
         && g_strcmp0 (self->uri, other->uri) == 0
         && qnet_host_name_same (self->host, other->host)
         && self->peer_port == other->peer_port
         && self->local_port == other->local_port
         && strcmp (self->tag, other->tag) == 0;
}
