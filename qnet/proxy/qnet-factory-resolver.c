/* qnet-factory-resolver.c: a GProxyResolver that queries a proxy factory
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-factory-resolver-private.h"

#include "base/qnet-reserve-private.h"
#include "proxy/qnet-network-proxy-private.h"

struct _QnetFactoryResolver
{
  GObject                  parent_instance;

  QnetNetworkProxyFactory *factory;  /* (owned) */
};

static void qnet_factory_resolver_iface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (QnetFactoryResolver, qnet_factory_resolver, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      qnet_factory_resolver_iface_init))

static char **
to_uris (GList *proxies)  /* (transfer full) */
{
  GPtrArray *uris = g_ptr_array_new ();

  for (GList *link = proxies; link != NULL; link = link->next)
    g_ptr_array_add (uris, qnet_network_proxy_to_uri (link->data));

  g_ptr_array_add (uris, NULL);
  qnet_network_proxy_list_free (proxies);

  return (char **) g_ptr_array_free (uris, FALSE);
}

/* GProxyResolver */

static gboolean
qnet_factory_resolver_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static char **
qnet_factory_resolver_lookup (GProxyResolver  *resolver,
                              const char      *uri,
                              GCancellable    *cancellable,
                              GError         **error)
{
  QnetFactoryResolver *self = QNET_FACTORY_RESOLVER (resolver);
  g_autoptr(QnetNetworkProxyQuery) query = NULL;
  GList *proxies;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  query = qnet_network_proxy_query_new_for_uri (uri, QNET_PROXY_QUERY_TYPE_URL_REQUEST);
  proxies = qnet_network_proxy_factory_query_proxy (self->factory, query, error);

  return proxies != NULL ? to_uris (proxies) : NULL;
}

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(GTask) task = G_TASK (user_data);
  QnetNetworkProxyFactory *factory = QNET_NETWORK_PROXY_FACTORY (source);
  GError *error = NULL;
  GList *proxies = qnet_network_proxy_factory_query_proxy_finish (factory, result, &error);

  if (proxies != NULL)
    g_task_return_pointer (task, to_uris (proxies), (GDestroyNotify) g_strfreev);
  else
    g_task_return_error (task, error);
}

static void
qnet_factory_resolver_lookup_async (GProxyResolver      *resolver,
                                    const char          *uri,
                                    GCancellable        *cancellable,
                                    GAsyncReadyCallback  callback,
                                    gpointer             user_data)
{
  QnetFactoryResolver *self = QNET_FACTORY_RESOLVER (resolver);
  GTask *task = qnet_task_new (self, cancellable, callback, user_data);
  g_autoptr(QnetNetworkProxyQuery) query = NULL;

  g_task_set_source_tag (task, qnet_factory_resolver_lookup_async);
  query = qnet_network_proxy_query_new_for_uri (uri, QNET_PROXY_QUERY_TYPE_URL_REQUEST);
  qnet_network_proxy_factory_query_proxy_async (self->factory, query, G_PRIORITY_DEFAULT,
                                                cancellable, answered_cb, task);
}

static char **
qnet_factory_resolver_lookup_finish (GProxyResolver  *resolver,
                                     GAsyncResult    *result,
                                     GError         **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
qnet_factory_resolver_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported  = qnet_factory_resolver_is_supported;
  iface->lookup        = qnet_factory_resolver_lookup;
  iface->lookup_async  = qnet_factory_resolver_lookup_async;
  iface->lookup_finish = qnet_factory_resolver_lookup_finish;
}

/* GObject */

static void
qnet_factory_resolver_finalize (GObject *object)
{
  QnetFactoryResolver *self = QNET_FACTORY_RESOLVER (object);

  g_object_unref (self->factory);

  G_OBJECT_CLASS (qnet_factory_resolver_parent_class)->finalize (object);
}

static void
qnet_factory_resolver_class_init (QnetFactoryResolverClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = qnet_factory_resolver_finalize;
}

static void
qnet_factory_resolver_init (QnetFactoryResolver *self)
{
}

/* Interface */

GProxyResolver *
qnet_factory_resolver_new (QnetNetworkProxyFactory *factory)
{
  QnetFactoryResolver *self = g_object_new (QNET_TYPE_FACTORY_RESOLVER, NULL);

  self->factory = g_object_ref (factory);

  return G_PROXY_RESOLVER (self);
}
