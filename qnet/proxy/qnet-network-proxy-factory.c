/* qnet-network-proxy-factory.c: who chooses a proxy
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-network-proxy-factory.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-reserve-private.h"
#include "proxy/qnet-application-proxy-private.h"
#include "proxy/qnet-environment-proxies-private.h"
#include "proxy/qnet-factory-resolver-private.h"
#include "proxy/qnet-proxy-choice-private.h"
#include "proxy/qnet-resolver-factory-private.h"
#include "proxy/qnet-spared-hosts-private.h"

/**
 * QnetNetworkProxyFactory:
 *
 * Chooses the proxy for each connection, server and socket for datagrams.
 *
 * Derive from it, override `query_proxy`, and give an instance to
 * [func@set_application_proxy_factory]: everything whose proxy is
 * [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType] then asks it. For the proxies of the desktop, of a PAC
 * file or of the environment see [func@NetworkProxyFactory.set_use_system_configuration]; for those
 * of a resolver of GIO, [func@NetworkProxyFactory.from_resolver].
 *
 * The first of the proxies that can do what is wanted is used; a proxy that fails does not make
 * room for the next one, nor for a connection without any.
 *
 * Since: 1.0
 */

G_DEFINE_ABSTRACT_TYPE (QnetNetworkProxyFactory, qnet_network_proxy_factory, G_TYPE_OBJECT)

/* Answers */

static GList *
new_direct_answer (void)
{
  return g_list_prepend (NULL, qnet_network_proxy_new (QNET_PROXY_TYPE_NONE, NULL, 0, NULL, NULL));
}

static void
free_answer (GList *proxies)
{
  g_list_free_full (proxies, (GDestroyNotify) qnet_network_proxy_unref);
}

/* None at all must not be taken for "straight to the peer". */
static GList *
check_answer (GList                  *proxies,
              QnetNetworkProxyQuery  *query,  /* (nullable) */
              GError                **error)
{
  GError *cause = NULL;

  if (proxies != NULL)
    return proxies;

  qnet_set_error (&cause, QNET_SOCKET_ERROR_PROXY_NOT_FOUND, "%s", _("the factory names none"));
  qnet_proxy_take_choice_error (error, cause, query);

  return NULL;
}

/* The override's error, in our words. */
static GList *
ask (QnetNetworkProxyFactory  *self,
     QnetNetworkProxyQuery    *query,
     GError                  **error)
{
  QnetNetworkProxyFactoryClass *klass = QNET_NETWORK_PROXY_FACTORY_GET_CLASS (self);
  GError *failure = NULL;
  GList *proxies = klass->query_proxy (self, qnet_network_proxy_query_ref (query), &failure);

  if (failure == NULL)
    return proxies;

  free_answer (proxies);
  qnet_proxy_take_choice_error (error, failure, query);

  return NULL;
}

/* The class */

static void
qnet_network_proxy_factory_real_query_proxy_async (QnetNetworkProxyFactory *self,
                                                   QnetNetworkProxyQuery   *query,
                                                   GCancellable            *cancellable,
                                                   GAsyncReadyCallback      callback,
                                                   gpointer                 user_data)
{
  g_autoptr(GTask) task = qnet_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;
  GList *proxies;

  g_task_set_source_tag (task, qnet_network_proxy_factory_real_query_proxy_async);
  proxies = ask (self, query, &error);

  if (error == NULL)
    g_task_return_pointer (task, proxies, (GDestroyNotify) free_answer);
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
 * @resolver: a resolver of GIO
 *
 * Makes a factory that asks a resolver of GIO.
 *
 * Its answers of a kind that qnet does not speak, such as `socks4://`, become proxies that can do
 * nothing: another proxy behind them is used, but a direct connection behind them is not.
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
 * Gets a resolver of GIO that asks the factory, for [class@Gio.SocketClient] and others who want
 * one.
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
 * @query: what the proxy is for
 * @error: return location for an error
 *
 * Chooses the proxies for @query, the best one first.
 *
 * It may have to wait for an answer from elsewhere; see
 * [method@NetworkProxyFactory.query_proxy_async].
 *
 * Returns: (transfer full) (element-type QnetNetworkProxy): one proxy at least
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

  proxies = ask (self, query, &failure);

  if (failure == NULL)
    return check_answer (proxies, query, error);

  g_propagate_error (error, failure);

  return NULL;
}

/**
 * qnet_network_proxy_factory_query_proxy_async: (virtual query_proxy_async)
 * @self: a factory
 * @query: what the proxy is for
 * @cancellable: (nullable): a way to give up
 * @callback: (scope async) (nullable) (closure user_data): what to call with the answer
 * @user_data: what to pass to @callback
 *
 * Chooses the proxies for @query without making anybody wait.
 *
 * Since: 1.0
 */
void
qnet_network_proxy_factory_query_proxy_async (QnetNetworkProxyFactory *self,
                                              QnetNetworkProxyQuery   *query,
                                              GCancellable            *cancellable,
                                              GAsyncReadyCallback      callback,
                                              gpointer                 user_data)
{
  g_return_if_fail (QNET_IS_NETWORK_PROXY_FACTORY (self));
  g_return_if_fail (QNET_NETWORK_PROXY_FACTORY_GET_CLASS (self)->query_proxy != NULL);
  g_return_if_fail (query != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  QNET_NETWORK_PROXY_FACTORY_GET_CLASS (self)->query_proxy_async (self, query, cancellable,
                                                                  callback, user_data);
}

/**
 * qnet_network_proxy_factory_query_proxy_finish: (virtual query_proxy_finish)
 * @self: a factory
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the answer to [method@NetworkProxyFactory.query_proxy_async].
 *
 * Returns: (transfer full) (element-type QnetNetworkProxy): one proxy at least
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
    return check_answer (proxies, NULL, error);

  g_propagate_error (error, failure);

  return NULL;
}

/**
 * qnet_network_proxy_factory_get_use_system_configuration:
 *
 * Gets whether the system's settings choose the proxy of whoever has
 * [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType].
 *
 * Returns: whether they do
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
 * @use_system: whether they shall
 *
 * Lets the system's settings choose the proxy of whoever has
 * [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType].
 *
 * The settings are the variables `all_proxy`, `http_proxy`, `https_proxy`, `ftp_proxy` and
 * `no_proxy` of the environment, in small letters or in capitals. Where these name no proxy, they are those that
 * [func@Gio.ProxyResolver.get_default] knows, of the desktop or of a PAC file. An HTTP proxy in them
 * does not concern datagrams and servers. A setting that cannot be used is an error of whoever would
 * use it, and never means a direct connection; so is `HTTP_PROXY` where `REQUEST_METHOD` is set, since a web
 * server makes that variable of a header of its client.
 *
 * %TRUE takes the place of a factory or proxy that was set before; %FALSE takes back what %TRUE
 * did, and otherwise does nothing. It may be called from any thread.
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
 * @query: what the proxy is for
 * @error: return location for an error
 *
 * Chooses the proxies of whoever has [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType], the best one first.
 *
 * A peer on this machine is reached without a proxy: that is `localhost` and each name below it, the
 * machine's own name, the loopback addresses, 0.0.0.0 and `::`, and the addresses of its interfaces,
 * in whichever way they are written. Other than that the application's factory chooses, or its proxy
 * is the choice; and if there is neither, the only answer is
 * [QNET_PROXY_TYPE_NONE][enum@ProxyType].
 *
 * Proxies that cannot do what @query is about are left out. If that leaves none, it is an error,
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: (transfer full) (element-type QnetNetworkProxy): one proxy at least
 *
 * Since: 1.0
 */
GList *
qnet_network_proxy_factory_proxy_for_query (QnetNetworkProxyQuery  *query,
                                            GError                **error)
{
  g_autoptr(QnetNetworkProxyFactory) factory = qnet_application_proxy_ref_factory ();
  QnetNetworkProxy *proxy;

  g_return_val_if_fail (query != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  proxy = factory == NULL ? qnet_application_proxy_ref_proxy () : NULL;

  if ((factory == NULL && proxy == NULL)
      || qnet_host_is_this_machine (qnet_network_proxy_query_get_peer_host_name (query)))
    {
      g_clear_pointer (&proxy, qnet_network_proxy_unref);
      return new_direct_answer ();
    }

  if (proxy != NULL)
    return qnet_proxy_filter (g_list_prepend (NULL, proxy), query, error);

  return qnet_proxy_filter (qnet_network_proxy_factory_query_proxy (factory, query, error), query, error);
}

/**
 * qnet_network_proxy_factory_system_proxy_for_query:
 * @query: what the proxy is for
 * @error: return location for an error
 *
 * Chooses the proxies that the system's settings name, the best one first.
 *
 * Proxies that cannot do what @query is about are left out. It may have to wait for an answer, and
 * may be called from any thread. For what the system's settings are see [func@NetworkProxyFactory.set_use_system_configuration].
 *
 * Returns: (transfer full) (element-type QnetNetworkProxy): one proxy at least
 *
 * Since: 1.0
 */
GList *
qnet_network_proxy_factory_system_proxy_for_query (QnetNetworkProxyQuery  *query,
                                                   GError                **error)
{
  g_autoptr(QnetNetworkProxyFactory) factory = NULL;

  g_return_val_if_fail (query != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  factory = qnet_resolver_factory_new_for_system ();

  return qnet_proxy_filter (qnet_network_proxy_factory_query_proxy (factory, query, error), query, error);
}

/**
 * qnet_get_application_proxy:
 *
 * Gets the proxy of whoever has [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType].
 *
 * It may be called from any thread.
 *
 * Returns: (transfer full): the proxy; [QNET_PROXY_TYPE_NONE][enum@ProxyType] when none was set,
 *   or a factory chooses
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
 * Sets the proxy of whoever has [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType].
 *
 * %NULL is refused, so that a proxy that could not be made does not become a direct connection.
 *
 * It takes the place of a factory that was set before, and holds for what connects, binds or
 * listens from now on. It may be called from any thread.
 *
 * Since: 1.0
 */
void
qnet_set_application_proxy (QnetNetworkProxy *proxy)
{
  QnetProxyType type;

  g_return_if_fail (proxy != NULL);

  type = qnet_network_proxy_get_proxy_type (proxy);
  qnet_application_proxy_set_proxy (type != QNET_PROXY_TYPE_NONE && type != QNET_PROXY_TYPE_DEFAULT ? proxy : NULL);
}

/**
 * qnet_set_application_proxy_factory:
 * @factory: a factory
 *
 * Sets who chooses the proxy of whoever has [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType].
 *
 * It takes the place of a factory or proxy that was set before, and holds for what connects, binds
 * or listens from now on; [func@set_application_proxy] replaces it. It may be called from any
 * thread.
 *
 * Since: 1.0
 */
void
qnet_set_application_proxy_factory (QnetNetworkProxyFactory *factory)
{
  g_return_if_fail (QNET_IS_NETWORK_PROXY_FACTORY (factory));

  qnet_application_proxy_set_factory (factory);
}
