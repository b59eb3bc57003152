/* qnet-resolver-factory.c: a proxy factory that queries a GProxyResolver
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-resolver-factory-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "proxy/qnet-environment-proxies-private.h"
#include "proxy/qnet-network-proxy-private.h"
#include "proxy/qnet-proxy-choice-private.h"

struct _QnetResolverFactory
{
  QnetNetworkProxyFactory  parent_instance;

  GProxyResolver          *resolver;      /* (owned) */
  gboolean                 is_of_system;
};

G_DEFINE_FINAL_TYPE (QnetResolverFactory, qnet_resolver_factory, QNET_TYPE_NETWORK_PROXY_FACTORY)

/* Results */

/* An invalid URI, or one of an unsupported type, becomes a proxy without capabilities: connections
 * that use it fail, and are never direct. */
static QnetNetworkProxy *
new_proxy (const char *uri)
{
  g_autofree char *problem = NULL;
  g_autofree char *text = NULL;
  QnetNetworkProxy *proxy = qnet_network_proxy_parse (uri, &problem);

  if (proxy != NULL)
    return proxy;

  /* Translators: a sentence such as "The proxy URI has no host" */
  text = g_strdup_printf (_("The proxy settings are not valid: %s"), problem);

  return qnet_network_proxy_new_unusable (text);
}

/* An HTTP proxy in the settings is not meant for datagrams and servers. */
static gboolean
is_meant_for (QnetNetworkProxy   *proxy,
              QnetProxyQueryType  type)
{
  if (type == QNET_PROXY_QUERY_TYPE_TCP_SOCKET || type == QNET_PROXY_QUERY_TYPE_URL_REQUEST)
    return TRUE;

  return qnet_network_proxy_get_proxy_type (proxy) != QNET_PROXY_TYPE_HTTP
         || qnet_network_proxy_get_problem (proxy) != NULL;
}

static GList *
new_proxies (QnetResolverFactory    *self,
             QnetNetworkProxyQuery  *query,
             char                  **uris)
{
  QnetProxyQueryType type = qnet_network_proxy_query_get_query_type (query);
  GList *proxies = NULL;

  for (guint i = 0; uris[i] != NULL; i++)
    {
      g_autoptr(QnetNetworkProxy) proxy = new_proxy (uris[i]);

      if (!self->is_of_system || is_meant_for (proxy, type))
        proxies = g_list_prepend (proxies, g_steal_pointer (&proxy));
    }

  if (proxies == NULL && self->is_of_system && uris[0] != NULL)
    proxies = g_list_prepend (proxies, new_proxy ("direct://"));

  return g_list_reverse (proxies);
}

/* Queries: an invalid URI is rejected here, because the error message of GIO would contain it,
 * perhaps with a password. */

static char *
make_uri (QnetNetworkProxyQuery  *query,
          GError                **error)
{
  g_autofree char *uri = qnet_network_proxy_query_to_uri (query);

  if (g_uri_is_valid (uri, G_URI_FLAGS_NONE, NULL))
    return g_steal_pointer (&uri);

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "%s",
                  _("The destination is not a valid URI"));

  return NULL;
}

/* QnetNetworkProxyFactory */

static GList *
qnet_resolver_factory_query_proxy (QnetNetworkProxyFactory  *factory,
                                   QnetNetworkProxyQuery    *query,
                                   GError                  **error)
{
  QnetResolverFactory *self = QNET_RESOLVER_FACTORY (factory);
  G_GNUC_UNUSED g_autoptr(QnetNetworkProxyQuery) owned_query = query;
  g_autofree char *uri = make_uri (query, error);
  g_auto(GStrv) uris = NULL;

  if (uri != NULL)
    uris = g_proxy_resolver_lookup (self->resolver, uri, NULL, error);

  return uris != NULL ? new_proxies (self, query, uris) : NULL;
}

static void
looked_up_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(GTask) task = G_TASK (user_data);
  QnetNetworkProxyQuery *query = g_task_get_task_data (task);
  GError *failure = NULL;
  GError *error = NULL;
  GProxyResolver *resolver = G_PROXY_RESOLVER (source);
  g_auto(GStrv) uris = g_proxy_resolver_lookup_finish (resolver, result, &failure);

  if (uris != NULL)
    g_task_return_pointer (task,
                           new_proxies (g_task_get_source_object (task), query, uris),
                           (GDestroyNotify) qnet_network_proxy_list_free);
  else
    {
      qnet_proxy_take_choice_error (&error, failure, query);
      g_task_return_error (task, error);
    }
}

static void
qnet_resolver_factory_query_proxy_async (QnetNetworkProxyFactory *factory,
                                         QnetNetworkProxyQuery   *query,
                                         int                      io_priority,
                                         GCancellable            *cancellable,
                                         GAsyncReadyCallback      callback,
                                         gpointer                 user_data)
{
  QnetResolverFactory *self = QNET_RESOLVER_FACTORY (factory);
  g_autoptr(GTask) task = qnet_task_new (self, cancellable, callback, user_data);
  g_autofree char *uri = NULL;
  GError *cause = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, qnet_resolver_factory_query_proxy_async);
  g_task_set_priority (task, io_priority);
  g_task_set_task_data (task, qnet_network_proxy_query_ref (query),
                        (GDestroyNotify) qnet_network_proxy_query_unref);

  uri = make_uri (query, &cause);
  if (uri != NULL)
    {
      g_proxy_resolver_lookup_async (self->resolver, uri, cancellable, looked_up_cb,
                                     g_steal_pointer (&task));
      return;
    }

  qnet_proxy_take_choice_error (&error, cause, query);
  g_task_return_error (task, error);
}

/* GObject */

static void
qnet_resolver_factory_finalize (GObject *object)
{
  QnetResolverFactory *self = QNET_RESOLVER_FACTORY (object);

  g_object_unref (self->resolver);

  G_OBJECT_CLASS (qnet_resolver_factory_parent_class)->finalize (object);
}

static void
qnet_resolver_factory_class_init (QnetResolverFactoryClass *klass)
{
  QnetNetworkProxyFactoryClass *factory_class = QNET_NETWORK_PROXY_FACTORY_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = qnet_resolver_factory_finalize;

  factory_class->query_proxy       = qnet_resolver_factory_query_proxy;
  factory_class->query_proxy_async = qnet_resolver_factory_query_proxy_async;
}

static void
qnet_resolver_factory_init (QnetResolverFactory *self)
{
}

/* Interface */

QnetNetworkProxyFactory *
qnet_resolver_factory_new (GProxyResolver *resolver)
{
  QnetResolverFactory *self = g_object_new (QNET_TYPE_RESOLVER_FACTORY, NULL);

  self->resolver = g_object_ref (resolver);

  return QNET_NETWORK_PROXY_FACTORY (self);
}

QnetNetworkProxyFactory *
qnet_resolver_factory_new_for_system (void)
{
  g_autoptr(GProxyResolver) resolver = qnet_system_proxies_new ();
  QnetNetworkProxyFactory *factory = qnet_resolver_factory_new (resolver);

  QNET_RESOLVER_FACTORY (factory)->is_of_system = TRUE;

  return factory;
}

gboolean
qnet_resolver_factory_is_of_system (QnetResolverFactory *self)
{
  return self->is_of_system;
}

GProxyResolver *
qnet_resolver_factory_get_resolver (QnetResolverFactory *self)
{
  return self->resolver;
}
