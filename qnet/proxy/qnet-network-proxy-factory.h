/* qnet-network-proxy-factory.h: chooses the proxies of sockets and servers
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <gio/gio.h>

#include "qnet-network-proxy-query.h"
#include "qnet-network-proxy.h"

G_BEGIN_DECLS

#define QNET_TYPE_NETWORK_PROXY_FACTORY (qnet_network_proxy_factory_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (QnetNetworkProxyFactory, qnet_network_proxy_factory,
                          QNET, NETWORK_PROXY_FACTORY, GObject)

/**
 * QnetNetworkProxyFactoryClass:
 * @parent_class: the parent class
 *
 * The class of [class@NetworkProxyFactory].
 *
 * Since: 1.0
 */
struct _QnetNetworkProxyFactoryClass
{
  /*< public >*/
  GObjectClass parent_class;

  /**
   * QnetNetworkProxyFactoryClass::query_proxy:
   * @self: a factory
   * @query: (transfer full): a query
   * @error: return location for an error
   *
   * Chooses the proxies for @query, in the order of preference.
   *
   * It may be called from any thread, and should not block. Return a proxy of the type
   * [QNET_PROXY_TYPE_NONE][enum@ProxyType] for a direct connection; an empty list is an error.
   *
   * Returns: (transfer full) (element-type QnetNetworkProxy): the proxies
   *
   * Since: 1.0
   */
  GList     *(*query_proxy)        (QnetNetworkProxyFactory  *self,
                                    QnetNetworkProxyQuery    *query,
                                    GError                  **error);

  /**
   * QnetNetworkProxyFactoryClass::query_proxy_async:
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
   * The default implementation calls `query_proxy` immediately, in the same thread.
   *
   * Since: 1.0
   */
  void       (*query_proxy_async)  (QnetNetworkProxyFactory  *self,
                                    QnetNetworkProxyQuery    *query,
                                    int                       io_priority,
                                    GCancellable             *cancellable,
                                    GAsyncReadyCallback       callback,
                                    gpointer                  user_data);

  /**
   * QnetNetworkProxyFactoryClass::query_proxy_finish:
   * @self: a factory
   * @result: the result that was passed to the callback
   * @error: return location for an error
   *
   * Finishes `query_proxy_async`.
   *
   * Returns: (transfer full) (element-type QnetNetworkProxy): the proxies
   *
   * Since: 1.0
   */
  GList     *(*query_proxy_finish) (QnetNetworkProxyFactory  *self,
                                    GAsyncResult             *result,
                                    GError                  **error);

  /*< private >*/
  gpointer     padding[8];
};

QNET_AVAILABLE_IN_1_0
QnetNetworkProxyFactory *qnet_network_proxy_factory_from_resolver (GProxyResolver *resolver)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GProxyResolver          *qnet_network_proxy_factory_get_resolver (QnetNetworkProxyFactory *self)
                         G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
GList                   *qnet_network_proxy_factory_query_proxy (QnetNetworkProxyFactory  *self,
                                                                 QnetNetworkProxyQuery    *query,
                                                                 GError                  **error)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void qnet_network_proxy_factory_query_proxy_async (QnetNetworkProxyFactory *self,
                                                   QnetNetworkProxyQuery   *query,
                                                   int                      io_priority,
                                                   GCancellable            *cancellable,
                                                   GAsyncReadyCallback      callback,
                                                   gpointer                 user_data);
QNET_AVAILABLE_IN_1_0
GList *qnet_network_proxy_factory_query_proxy_finish (QnetNetworkProxyFactory  *self,
                                                      GAsyncResult             *result,
                                                      GError                  **error)
                         G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
gboolean                 qnet_network_proxy_factory_get_use_system_configuration (void);
QNET_AVAILABLE_IN_1_0
void qnet_network_proxy_factory_set_use_system_configuration (gboolean use_system);
QNET_AVAILABLE_IN_1_0
GList                   *qnet_network_proxy_factory_proxy_for_query (QnetNetworkProxyQuery  *query,
                                                                     GError                **error)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GList *qnet_network_proxy_factory_system_proxy_for_query (QnetNetworkProxyQuery  *query,
                                                          GError                **error)
                         G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
QnetNetworkProxy        *qnet_get_application_proxy (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void                     qnet_set_application_proxy (QnetNetworkProxy *proxy);
QNET_AVAILABLE_IN_1_0
void                     qnet_set_application_proxy_factory (QnetNetworkProxyFactory *factory);

G_END_DECLS
