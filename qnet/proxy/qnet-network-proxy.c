/* qnet-network-proxy.c: the settings of a proxy
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-network-proxy-private.h"

#include <string.h>

#include "address/qnet-host-name-private.h"
#include "base/qnet-i18n-private.h"

/**
 * QnetNetworkProxy:
 *
 * The settings of a proxy: its type, host, port, credentials and capabilities.
 *
 * Two types are not proxies: [QNET_PROXY_TYPE_NONE][enum@ProxyType] is a direct connection, and
 * [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType], the default of sockets and servers, is the proxy of
 * the application, which is set by [func@set_application_proxy],
 * [func@set_application_proxy_factory] or [func@NetworkProxyFactory.set_use_system_configuration].
 *
 * A `QnetNetworkProxy` is immutable, so it can be shared freely, also between threads; the `with`
 * methods create a modified copy. The user name and the password never appear in messages, only in
 * the result of [method@NetworkProxy.to_uri].
 *
 * Since: 1.0
 */

#define TUNNELS (QNET_PROXY_CAPABILITIES_TUNNELING | QNET_PROXY_CAPABILITIES_LISTENING \
                 | QNET_PROXY_CAPABILITIES_UDP_TUNNELING)
#define FETCHES (QNET_PROXY_CAPABILITIES_CACHING | QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP)

static const QnetProxyCapabilities default_capabilities[] = {
  [QNET_PROXY_TYPE_DEFAULT]      = TUNNELS,
  [QNET_PROXY_TYPE_SOCKS5]       = TUNNELS | QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP,
  [QNET_PROXY_TYPE_NONE]         = TUNNELS,
  [QNET_PROXY_TYPE_HTTP]         = FETCHES | QNET_PROXY_CAPABILITIES_TUNNELING,
  [QNET_PROXY_TYPE_HTTP_CACHING] = FETCHES,
  [QNET_PROXY_TYPE_FTP_CACHING]  = FETCHES,
};

G_DEFINE_BOXED_TYPE (QnetNetworkProxy, qnet_network_proxy,
                     qnet_network_proxy_ref, qnet_network_proxy_unref)

/* A copy that its maker may still change. */
QnetNetworkProxy *
qnet_network_proxy_copy (const QnetNetworkProxy *self)
{
  QnetNetworkProxy *result = qnet_network_proxy_new (self->type, self->host, self->port,
                                                     self->user, self->password);

  result->capabilities = self->capabilities;
  result->chosen_capabilities = self->chosen_capabilities;
  result->problem = g_strdup (self->problem);

  g_ptr_array_unref (result->raw_headers);
  result->raw_headers = qnet_raw_headers_copy (self->raw_headers);

  return result;
}

static void
replace_text (char       **text,
              const char  *value)  /* (nullable) */
{
  g_free (*text);
  *text = g_strdup (value != NULL ? value : "");
}

/* For the other files of QnetNetworkProxy */

QnetNetworkProxy *
qnet_network_proxy_new_unusable (const char *problem)
{
  QnetNetworkProxy *self = qnet_network_proxy_new (QNET_PROXY_TYPE_HTTP, NULL, 0, NULL, NULL);

  self->capabilities = QNET_PROXY_CAPABILITIES_NONE;
  self->chosen_capabilities = TRUE;
  self->problem = g_strdup (problem);

  return self;
}

const char *
qnet_network_proxy_get_problem (const QnetNetworkProxy *self)
{
  return self->problem;
}

void
qnet_network_proxy_list_free (GList *proxies)
{
  g_list_free_full (proxies, (GDestroyNotify) qnet_network_proxy_unref);
}

/* Public API */

/**
 * qnet_network_proxy_new:
 * @type: the type of the proxy
 * @host: (nullable): its host name or address
 * @port: its port
 * @user: (nullable): the user name
 * @password: (nullable): the password
 *
 * Creates a proxy with the default capabilities of its type.
 *
 * Host, port, user name and password are not used for [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType] and
 * [QNET_PROXY_TYPE_NONE][enum@ProxyType].
 *
 * Returns: (transfer full): the proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_new (QnetProxyType  type,
                        const char    *host,
                        guint16        port,
                        const char    *user,
                        const char    *password)
{
  QnetNetworkProxy *self;

  g_return_val_if_fail ((gsize) type < G_N_ELEMENTS (default_capabilities), NULL);

  self = g_new0 (QnetNetworkProxy, 1);
  g_atomic_int_set (&self->ref_count, 1);
  self->type = type;
  self->capabilities = default_capabilities[type];
  self->port = port;
  self->raw_headers = qnet_raw_headers_new ();
  replace_text (&self->host, host);
  replace_text (&self->user, user);
  replace_text (&self->password, password);

  return self;
}

/**
 * qnet_network_proxy_with_type:
 * @self: a proxy
 * @type: another type
 *
 * Creates a copy of the proxy with another type.
 *
 * It has the default capabilities of @type, unless those of @self were set by
 * [method@NetworkProxy.with_capabilities].
 *
 * Returns: (transfer full): the new proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_with_type (const QnetNetworkProxy *self,
                              QnetProxyType           type)
{
  QnetNetworkProxy *result;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail ((gsize) type < G_N_ELEMENTS (default_capabilities), NULL);

  result = qnet_network_proxy_copy (self);
  result->type = type;
  if (!result->chosen_capabilities)
    result->capabilities = default_capabilities[type];

  return result;
}

/**
 * qnet_network_proxy_with_host:
 * @self: a proxy
 * @host: (nullable): another host name or address
 * @port: its port
 *
 * Creates a copy of the proxy with another host and port.
 *
 * Returns: (transfer full): the new proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_with_host (const QnetNetworkProxy *self,
                              const char             *host,
                              guint16                 port)
{
  QnetNetworkProxy *result;

  g_return_val_if_fail (self != NULL, NULL);

  result = qnet_network_proxy_copy (self);
  replace_text (&result->host, host);
  result->port = port;

  return result;
}

/**
 * qnet_network_proxy_with_credentials:
 * @self: a proxy
 * @user: (nullable): the user name
 * @password: (nullable): the password
 *
 * Creates a copy of the proxy with other credentials.
 *
 * Returns: (transfer full): the new proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_with_credentials (const QnetNetworkProxy *self,
                                     const char             *user,
                                     const char             *password)
{
  QnetNetworkProxy *result;

  g_return_val_if_fail (self != NULL, NULL);

  result = qnet_network_proxy_copy (self);
  replace_text (&result->user, user);
  replace_text (&result->password, password);

  return result;
}

/**
 * qnet_network_proxy_with_capabilities:
 * @self: a proxy
 * @capabilities: other capabilities
 *
 * Creates a copy of the proxy with other capabilities.
 *
 * If the proxy of a socket or server lacks the needed capability, the operation fails with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError]. Without
 * [QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP][flags@ProxyCapabilities], host names are looked up
 * locally, and the proxy is sent addresses.
 *
 * Returns: (transfer full): the new proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_with_capabilities (const QnetNetworkProxy *self,
                                      QnetProxyCapabilities   capabilities)
{
  QnetNetworkProxy *result;

  g_return_val_if_fail (self != NULL, NULL);

  result = qnet_network_proxy_copy (self);
  result->capabilities = capabilities;
  result->chosen_capabilities = TRUE;

  return result;
}

/**
 * qnet_network_proxy_ref:
 * @self: a proxy
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_ref (const QnetNetworkProxy *self)
{
  QnetNetworkProxy *counted = (QnetNetworkProxy *) self;

  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&counted->ref_count);

  return counted;
}

/**
 * qnet_network_proxy_unref:
 * @self: (transfer full): a proxy
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the proxy.
 *
 * Since: 1.0
 */
void
qnet_network_proxy_unref (QnetNetworkProxy *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_free (self->host);
  g_free (self->user);
  g_free (self->password);
  g_free (self->problem);
  g_ptr_array_unref (self->raw_headers);
  g_free (self);
}

/**
 * qnet_network_proxy_get_proxy_type:
 * @self: a proxy
 *
 * Gets the type of the proxy.
 *
 * Returns: the type
 *
 * Since: 1.0
 */
QnetProxyType
qnet_network_proxy_get_proxy_type (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, QNET_PROXY_TYPE_NONE);

  return self->type;
}

/**
 * qnet_network_proxy_get_host_name:
 * @self: a proxy
 *
 * Gets the host name or address of the proxy.
 *
 * Returns: the host, or an empty string
 *
 * Since: 1.0
 */
const char *
qnet_network_proxy_get_host_name (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->host;
}

/**
 * qnet_network_proxy_get_port:
 * @self: a proxy
 *
 * Gets the port of the proxy.
 *
 * Returns: the port
 *
 * Since: 1.0
 */
guint16
qnet_network_proxy_get_port (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->port;
}

/**
 * qnet_network_proxy_get_user:
 * @self: a proxy
 *
 * Gets the user name for the proxy.
 *
 * Returns: the user name, or an empty string
 *
 * Since: 1.0
 */
const char *
qnet_network_proxy_get_user (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->user;
}

/**
 * qnet_network_proxy_get_password:
 * @self: a proxy
 *
 * Gets the password for the proxy.
 *
 * Returns: the password, or an empty string
 *
 * Since: 1.0
 */
const char *
qnet_network_proxy_get_password (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->password;
}

/**
 * qnet_network_proxy_get_capabilities:
 * @self: a proxy
 *
 * Gets the capabilities of the proxy.
 *
 * Returns: the capabilities
 *
 * Since: 1.0
 */
QnetProxyCapabilities
qnet_network_proxy_get_capabilities (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, QNET_PROXY_CAPABILITIES_NONE);

  return self->capabilities;
}

/**
 * qnet_network_proxy_is_caching:
 * @self: a proxy
 *
 * Gets whether the proxy may respond from a cache.
 *
 * Returns: %TRUE if it can
 *
 * Since: 1.0
 */
gboolean
qnet_network_proxy_is_caching (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (self->capabilities & QNET_PROXY_CAPABILITIES_CACHING) != 0;
}

/**
 * qnet_network_proxy_is_transparent:
 * @self: a proxy
 *
 * Gets whether the proxy can forward any TCP connection.
 *
 * Returns: %TRUE if it can
 *
 * Since: 1.0
 */
gboolean
qnet_network_proxy_is_transparent (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (self->capabilities & QNET_PROXY_CAPABILITIES_TUNNELING) != 0;
}

/**
 * qnet_network_proxy_equal:
 * @self: a proxy
 * @other: another proxy
 *
 * Compares all fields of two proxies.
 *
 * Returns: %TRUE if they are equal
 *
 * Since: 1.0
 */
gboolean
qnet_network_proxy_equal (const QnetNetworkProxy *self,
                          const QnetNetworkProxy *other)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (other != NULL, FALSE);

  return self->type == other->type
         && self->capabilities == other->capabilities
         && self->port == other->port
         && qnet_host_name_same (self->host, other->host)
         && strcmp (self->user, other->user) == 0
         && strcmp (self->password, other->password) == 0
         && g_strcmp0 (self->problem, other->problem) == 0
         && qnet_raw_headers_equal (self->raw_headers, other->raw_headers);
}

/**
 * qnet_network_proxy_hash:
 * @self: a proxy
 *
 * Computes a hash value of the proxy, which is the same for equal proxies.
 *
 * Returns: the hash value
 *
 * Since: 1.0
 */
guint
qnet_network_proxy_hash (const QnetNetworkProxy *self)
{
  g_autofree char *host = NULL;

  g_return_val_if_fail (self != NULL, 0);

  host = qnet_host_name_canonicalize (self->host);

  return g_str_hash (host != NULL ? host : self->host) ^ g_str_hash (self->user)
         ^ self->port ^ ((guint) self->type << 16);
}

/**
 * qnet_network_proxy_to_string:
 * @self: a proxy
 *
 * Describes the proxy in a text for the user.
 *
 * The text is translated. It contains neither the user name nor the password. An invalid host is
 * not shown either, because it could be a URI with a password.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
qnet_network_proxy_to_string (const QnetNetworkProxy *self)
{
  g_autofree char *place = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  if (self->problem != NULL)
    return g_strdup (_("a proxy that cannot be used"));

  place = qnet_network_proxy_to_display (self);

  switch (self->type)
    {
    case QNET_PROXY_TYPE_DEFAULT:
      return g_strdup (_("the application’s proxy"));
    case QNET_PROXY_TYPE_NONE:
      return g_strdup (_("no proxy"));
    case QNET_PROXY_TYPE_SOCKS5:
      return g_strdup_printf (_("SOCKS5 proxy %s"), place);
    case QNET_PROXY_TYPE_HTTP:
    case QNET_PROXY_TYPE_HTTP_CACHING:
      return g_strdup_printf (_("HTTP proxy %s"), place);
    case QNET_PROXY_TYPE_FTP_CACHING:
      return g_strdup_printf (_("FTP proxy %s"), place);
    }

  g_assert_not_reached ();
}
