/* qnet-network-proxy-factory.c: chooses the proxies of sockets and servers
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-network-proxy-factory.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "proxy/qnet-application-proxy-private.h"
#include "proxy/qnet-environment-proxies-private.h"
#include "proxy/qnet-factory-resolver-private.h"
#include "proxy/qnet-network-proxy-private.h"
#include "proxy/qnet-proxy-choice-private.h"
#include "proxy/qnet-proxy-exceptions-private.h"
#include "proxy/qnet-resolver-factory-private.h"

/**
 * QnetNetworkProxyFactory:
 *
 * Chooses the proxy for each connection, server and UDP socket.
 *
 * Derive a class from it, override `query_proxy`, and pass an instance to
 * [func@set_application_proxy_factory]. All sockets and servers whose proxy is
 * [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType] then query it. To use the proxy settings of the desktop
 * or the environment, see [func@NetworkProxyFactory.set_use_system_configuration].
 * [func@NetworkProxyFactory.from_resolver] creates a factory from a [iface@Gio.ProxyResolver].
 *
 * The first proxy with the needed capability is used. If it fails, neither another proxy nor a
 * direct connection is tried.
 *
 * Since: 1.0
 */

G_DEFINE_ABSTRACT_TYPE (QnetNetworkProxyFactory, qnet_network_proxy_factory, G_TYPE_OBJECT)

/* Results */

static GList *
new_direct_result (void)
{
  return g_list_prepend (NULL, qnet_network_proxy_new (QNET_PROXY_TYPE_NONE, NULL, 0, NULL, NULL));
}

/* An empty list is an error, and not a direct connection. */
static GList *
check_proxies (GList                  *proxies,
               QnetNetworkProxyQuery  *query,  /* (nullable) */
               GError                **error)
{
  GError *cause = NULL;

  if (proxies != NULL)
    return proxies;

  qnet_set_error (&cause, QNET_SOCKET_ERROR_PROXY_NOT_FOUND,
                  "%s", _("The proxy factory returned no proxy"));
  qnet_proxy_take_choice_error (error, cause, query);

  return NULL;
}

/* Calls the override and converts its error. */
static GList *
query_class (QnetNetworkProxyFactory  *self,
             QnetNetworkProxyQuery    *query,
             GError                  **error)
{
  QnetNetworkProxyFactoryClass *klass = QNET_NETWORK_PROXY_FACTORY_GET_CLASS (self);
  GError *failure = NULL;
  GList *proxies = klass->query_proxy (self, qnet_network_proxy_query_ref (query), &failure);

  if (failure == NULL)
    return proxies;

  qnet_network_proxy_list_free (proxies);
  qnet_proxy_take_choice_error (error, failure, query);

  return NULL;
}

/* The class */

static void
qnet_network_proxy_factory_real_query_proxy_async (QnetNetworkProxyFactory *self,
                                                   QnetNetworkProxyQuery   *query,
                                                   int                      io_priority,
                                                   GCancellable            *cancellable,
                                                   GAsyncReadyCallback      callback,
                                                   gpointer                 user_data)
{
  g_autoptr(GTask) task = qnet_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;
  GList *proxies;

  g_task_set_source_tag (task, qnet_network_proxy_factory_real_query_proxy_async);
  g_task_set_priority (task, io_priority);
  proxies = query_class (self, query, &error);

  if (error == NULL)
    g_task_return_pointer (task, proxies, (GDestroyNotify) qnet_network_proxy_list_free);
  else
    g_task_return_error (task, error);
}

static GList *
qnet_network_proxy_factory_real_query_proxy_finish (QnetNetworkProxyFactory  *self,
                                                    GAsyncResult             *result,
                                                    GError                  **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
qnet_network_proxy_factory_class_init (QnetNetworkProxyFactoryClass *klass)
{
  klass->query_proxy_async  = qnet_network_proxy_factory_real_query_proxy_async;
  klass->query_proxy_finish = qnet_network_proxy_factory_real_query_proxy_finish;
}

static void
qnet_network_proxy_factory_init (QnetNetworkProxyFactory *self)
{
}

/* Public API */

/**
 * qnet_network_proxy_factory_from_resolver:
 * @resolver: a proxy resolver
 *
 * Creates a factory that queries a [iface@Gio.ProxyResolver].
 *
 * Proxies of an unsupported type, such as `socks4://`, become proxies without capabilities: a
 * supported proxy after them in the list is used, but not a direct connection.
 *
 * Returns: (transfer full): the factory
 *
 * Since: 1.0
 */
QnetNetworkProxyFactory *
qnet_network_proxy_factory_from_resolver (GProxyResolver *resolver)
{
  g_return_val_if_fail (G_IS_PROXY_RESOLVER (resolver), NULL);

  return qnet_resolver_factory_new (resolver);
}

/**
 * qnet_network_proxy_factory_get_resolver:
 * @self: a factory
 *
 * Gets a proxy resolver that queries the factory, for example for [class@Gio.SocketClient].
 *
 * Returns: (transfer full): the resolver
 *
 * Since: 1.0
 */
GProxyResolver *
qnet_network_proxy_factory_get_resolver (QnetNetworkProxyFactory *self)
{
  g_return_val_if_fail (QNET_IS_NETWORK_PROXY_FACTORY (self), NULL);

  if (QNET_IS_RESOLVER_FACTORY (self))
    return g_object_ref (qnet_resolver_factory_get_resolver (QNET_RESOLVER_FACTORY (self)));

  return qnet_factory_resolver_new (self);
}

/**
 * qnet_network_proxy_factory_query_proxy: (virtual query_proxy)
 * @self: a factory
 * @query: a query
 * @error: return location for an error
 *
 * Chooses the proxies for @query, in the order of preference.
 *
 * This function may block; see [method@NetworkProxyFactory.query_proxy_async].
 *
 * Returns: (transfer full) (element-type QnetNetworkProxy): the proxies, at least one
 *
 * Since: 1.0
 */
GList *
qnet_network_proxy_factory_query_proxy (QnetNetworkProxyFactory  *self,
                                        QnetNetworkProxyQuery    *query,
                                        GError                  **error)
{
  GError *failure = NULL;
  GList *proxies;

  g_return_val_if_fail (QNET_IS_NETWORK_PROXY_FACTORY (self), NULL);
  g_return_val_if_fail (QNET_NETWORK_PROXY_FACTORY_GET_CLASS (self)->query_proxy != NULL, NULL);
  g_return_val_if_fail (query != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  proxies = query_class (self, query, &failure);

  if (failure == NULL)
    return check_proxies (proxies, query, error);

  g_propagate_error (error, failure);

  return NULL;
}

/**
 * qnet_network_proxy_factory_query_proxy_async: (virtual query_proxy_async)
 * @self: a factory
 * @query: a query
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (nullable) (closure user_data): a callback to call when the result is
 *   available
 * @user_data: data for @callback
 *
 * Chooses the proxies for @query asynchronously.
 *
 * Since: 1.0
 */
void
qnet_network_proxy_factory_query_proxy_async (QnetNetworkProxyFactory *self,
                                              QnetNetworkProxyQuery   *query,
                                              int                      io_priority,
                                              GCancellable            *cancellable,
                                              GAsyncReadyCallback      callback,
                                              gpointer                 user_data)
{
  g_return_if_fail (QNET_IS_NETWORK_PROXY_FACTORY (self));
  g_return_if_fail (QNET_NETWORK_PROXY_FACTORY_GET_CLASS (self)->query_proxy != NULL);
  g_return_if_fail (query != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  QNET_NETWORK_PROXY_FACTORY_GET_CLASS (self)->query_proxy_async (self, query, io_priority,
                                                                  cancellable, callback, user_data);
}

/**
 * qnet_network_proxy_factory_query_proxy_finish: (virtual query_proxy_finish)
 * @self: a factory
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes [method@NetworkProxyFactory.query_proxy_async].
 *
 * Returns: (transfer full) (element-type QnetNetworkProxy): the proxies, at least one
 *
 * Since: 1.0
 */
GList *
qnet_network_proxy_factory_query_proxy_finish (QnetNetworkProxyFactory  *self,
                                               GAsyncResult             *result,
                                               GError                  **error)
{
  GError *failure = NULL;
  GList *proxies;

  g_return_val_if_fail (QNET_IS_NETWORK_PROXY_FACTORY (self), NULL);
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  proxies = QNET_NETWORK_PROXY_FACTORY_GET_CLASS (self)->query_proxy_finish (self, result,
                                                                             &failure);

  if (failure == NULL)
    return check_proxies (proxies, NULL, error);

  g_propagate_error (error, failure);

  return NULL;
}

/**
 * qnet_network_proxy_factory_get_use_system_configuration:
 *
 * Gets whether the system's proxy settings are used for [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType].
 *
 * Returns: %TRUE if they are used
 *
 * Since: 1.0
 */
gboolean
qnet_network_proxy_factory_get_use_system_configuration (void)
{
  g_autoptr(QnetNetworkProxyFactory) factory = qnet_application_proxy_ref_factory ();

  return factory != NULL
         && QNET_IS_RESOLVER_FACTORY (factory)
         && qnet_resolver_factory_is_of_system (QNET_RESOLVER_FACTORY (factory));
}

/**
 * qnet_network_proxy_factory_set_use_system_configuration:
 * @use_system: whether to use the system's settings
 *
 * Sets whether the system's proxy settings are used for [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType].
 *
 * The settings are the environment variables `all_proxy`, `http_proxy`, `https_proxy`, `ftp_proxy`
 * and `no_proxy`, in lower or upper case. If they specify no proxy,
 * [func@Gio.ProxyResolver.get_default] is used, which reads the settings of the desktop, or a PAC
 * file. HTTP proxies are not used for datagrams and servers.
 *
 * If a setting is invalid, connections that would use it fail; it never results in a direct
 * connection. The variable `HTTP_PROXY` is also invalid if `REQUEST_METHOD` is set, because a web
 * server sets it from a header field of its client.
 *
 * %TRUE replaces a factory or proxy that was set before; %FALSE reverts the effect of %TRUE, and
 * otherwise does nothing. This function may be called from any thread.
 *
 * Since: 1.0
 */
void
qnet_network_proxy_factory_set_use_system_configuration (gboolean use_system)
{
  g_autoptr(QnetNetworkProxyFactory) factory = NULL;

  if (qnet_network_proxy_factory_get_use_system_configuration () == !!use_system)
    return;

  if (use_system)
    factory = qnet_resolver_factory_new_for_system ();

  qnet_application_proxy_set_factory (factory);
}

/**
 * qnet_network_proxy_factory_proxy_for_query:
 * @query: a query
 * @error: return location for an error
 *
 * Chooses the proxies for [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType], in the order of preference.
 *
 * No proxy is used for hosts on this machine: `localhost` and its subdomains, the host name of the
 * machine, the loopback addresses, 0.0.0.0 and `::`, and the addresses of its interfaces, in all
 * their forms. For other hosts, the application's proxy factory or proxy is used. If neither is
 * set, the result is [QNET_PROXY_TYPE_NONE][enum@ProxyType].
 *
 * Proxies without the capability that @query needs are left out. If none is left, this function
 * fails with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: (transfer full) (element-type QnetNetworkProxy): the proxies, at least one
 *
 * Since: 1.0
 */
GList *
qnet_network_proxy_factory_proxy_for_query (QnetNetworkProxyQuery  *query,
                                            GError                **error)
{
  g_autoptr(QnetNetworkProxyFactory) factory = qnet_application_proxy_ref_factory ();
  QnetNetworkProxy *proxy;
  GList *proxies;

  g_return_val_if_fail (query != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  proxy = factory == NULL ? qnet_application_proxy_ref_proxy () : NULL;

  if ((factory == NULL && proxy == NULL)
      || qnet_host_is_this_machine (qnet_network_proxy_query_get_peer_host_name (query)))
    {
      g_clear_pointer (&proxy, qnet_network_proxy_unref);
      return new_direct_result ();
    }

  if (proxy != NULL)
    return qnet_proxy_filter (g_list_prepend (NULL, proxy), query, error);

  proxies = qnet_network_proxy_factory_query_proxy (factory, query, error);

  return qnet_proxy_filter (proxies, query, error);
}

/**
 * qnet_network_proxy_factory_system_proxy_for_query:
 * @query: a query
 * @error: return location for an error
 *
 * Chooses the proxies of the system's settings, in the order of preference.
 *
 * Proxies without the capability that @query needs are left out. This function may block. It may be
 * called from any thread. The settings are described at
 * [func@NetworkProxyFactory.set_use_system_configuration].
 *
 * Returns: (transfer full) (element-type QnetNetworkProxy): the proxies, at least one
 *
 * Since: 1.0
 */
GList *
qnet_network_proxy_factory_system_proxy_for_query (QnetNetworkProxyQuery  *query,
                                                   GError                **error)
{
  g_autoptr(QnetNetworkProxyFactory) factory = NULL;
  GList *proxies;

  g_return_val_if_fail (query != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  factory = qnet_resolver_factory_new_for_system ();
  proxies = qnet_network_proxy_factory_query_proxy (factory, query, error);

  return qnet_proxy_filter (proxies, query, error);
}

/**
 * qnet_get_application_proxy:
 *
 * Gets the application's proxy, which is used for [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType].
 *
 * This function may be called from any thread.
 *
 * Returns: (transfer full): the proxy; [QNET_PROXY_TYPE_NONE][enum@ProxyType] if none is set or a
 *   factory is set
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_get_application_proxy (void)
{
  QnetNetworkProxy *proxy = qnet_application_proxy_ref_proxy ();

  return proxy != NULL ? proxy : qnet_network_proxy_new (QNET_PROXY_TYPE_NONE, NULL, 0, NULL, NULL);
}

/**
 * qnet_set_application_proxy:
 * @proxy: the proxy; [QNET_PROXY_TYPE_NONE][enum@ProxyType] or
 *   [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType] for none
 *
 * Sets the application's proxy, which is used for [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType].
 *
 * %NULL is not allowed, so that a failure to create the proxy does not result in direct
 * connections.
 *
 * The proxy replaces a factory that was set before. It is used for sockets and servers that
 * connect, bind or listen from now on. This function may be called from any thread.
 *
 * Since: 1.0
 */
void
qnet_set_application_proxy (QnetNetworkProxy *proxy)
{
  QnetProxyType type;

  g_return_if_fail (proxy != NULL);

  type = qnet_network_proxy_get_proxy_type (proxy);
  if (type == QNET_PROXY_TYPE_NONE || type == QNET_PROXY_TYPE_DEFAULT)
    proxy = NULL;

  qnet_application_proxy_set_proxy (proxy);
}

/**
 * qnet_set_application_proxy_factory:
 * @factory: a factory
 *
 * Sets the application's proxy factory, which is queried for
 * [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType].
 *
 * The factory replaces a factory or proxy that was set before, and [func@set_application_proxy]
 * replaces the factory. It is used for sockets and servers that connect, bind or listen from now
 * on. This function may be called from any thread.
 *
 * Since: 1.0
 */
void
qnet_set_application_proxy_factory (QnetNetworkProxyFactory *factory)
{
  g_return_if_fail (QNET_IS_NETWORK_PROXY_FACTORY (factory));

  qnet_application_proxy_set_factory (factory);
}
