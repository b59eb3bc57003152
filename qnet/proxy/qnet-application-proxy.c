/* qnet-application-proxy.c: the application's proxy or proxy factory
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-application-proxy-private.h"

static GMutex choice_mutex;
static QnetNetworkProxy *chosen_proxy;           /* (owned) (nullable): under the mutex */
static QnetNetworkProxyFactory *chosen_factory;  /* (owned) (nullable): under the mutex */
static gint is_chosen;                           /* (atomic) */

/* The old ones are unreferenced after unlocking, because finalizing a factory may run any code. */
static void
choose (QnetNetworkProxy        *proxy,    /* (nullable) */
        QnetNetworkProxyFactory *factory)  /* (nullable) */
{
  g_autoptr(QnetNetworkProxy) old_proxy = NULL;
  g_autoptr(QnetNetworkProxyFactory) old_factory = NULL;

  g_mutex_lock (&choice_mutex);

  old_proxy = g_steal_pointer (&chosen_proxy);
  old_factory = g_steal_pointer (&chosen_factory);
  chosen_proxy = proxy != NULL ? qnet_network_proxy_ref (proxy) : NULL;
  chosen_factory = factory != NULL ? g_object_ref (factory) : NULL;
  g_atomic_int_set (&is_chosen, proxy != NULL || factory != NULL);

  g_mutex_unlock (&choice_mutex);
}

gboolean
qnet_application_proxy_is_direct (void)
{
  return !g_atomic_int_get (&is_chosen);
}

QnetNetworkProxy *
qnet_application_proxy_ref_proxy (void)
{
  QnetNetworkProxy *proxy;

  g_mutex_lock (&choice_mutex);
  proxy = chosen_proxy != NULL ? qnet_network_proxy_ref (chosen_proxy) : NULL;
  g_mutex_unlock (&choice_mutex);

  return proxy;
}

QnetNetworkProxyFactory *
qnet_application_proxy_ref_factory (void)
{
  QnetNetworkProxyFactory *factory;

  g_mutex_lock (&choice_mutex);
  factory = chosen_factory != NULL ? g_object_ref (chosen_factory) : NULL;
  g_mutex_unlock (&choice_mutex);

  return factory;
}

void
qnet_application_proxy_set_proxy (QnetNetworkProxy *proxy)
{
  choose (proxy, NULL);
}

void
qnet_application_proxy_set_factory (QnetNetworkProxyFactory *factory)
{
  choose (NULL, factory);
}
