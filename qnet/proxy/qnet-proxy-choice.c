/* qnet-proxy-choice.c: which proxy a socket or server uses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-proxy-choice-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "proxy/qnet-application-proxy-private.h"

static gboolean
is_of_type (QnetNetworkProxy *proxy,
            QnetProxyType     type)
{
  return qnet_network_proxy_get_proxy_type (proxy) == type;
}

/* The first one that will do; what cannot be used at all is no reason to go without. */
static gboolean
choose_from (GList             *proxies,
             QnetProxyCommand   command,
             QnetNetworkProxy **out_proxy,
             GError           **error)
{
  for (GList *link = proxies; link != NULL; link = link->next)
    {
      gboolean is_none = is_of_type (link->data, QNET_PROXY_TYPE_NONE);

      if (is_none || qnet_proxy_can (link->data, command))
        {
          *out_proxy = is_none ? NULL : qnet_network_proxy_ref (link->data);
          return TRUE;
        }
    }

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("None of the proxies can do that"));

  return FALSE;
}

static gboolean
choose_of_application (QnetProxyCommand        command,
                       QnetNetworkProxyQuery  *query,
                       QnetNetworkProxy      **out_proxy,
                       GError                **error)
{
  GList *proxies = qnet_network_proxy_factory_proxy_for_query (query, error);
  gboolean success = proxies != NULL && choose_from (proxies, command, out_proxy, error);

  g_list_free_full (proxies, (GDestroyNotify) qnet_network_proxy_unref);

  return success;
}

gboolean
qnet_proxy_is_none (QnetNetworkProxy *own)
{
  if (own != NULL)
    return is_of_type (own, QNET_PROXY_TYPE_NONE);

  return qnet_application_proxy_is_direct ();
}

gboolean
qnet_proxy_choose (QnetNetworkProxy       *own,
                   QnetProxyCommand        command,
                   QnetNetworkProxyQuery  *query,
                   QnetNetworkProxy      **out_proxy,
                   GError                **error)
{
  GList only = { .data = own };

  if (own != NULL)
    return choose_from (&only, command, out_proxy, error);

  return choose_of_application (command, query, out_proxy, error);
}

gboolean
qnet_proxy_replace (QnetNetworkProxy **own,
                    QnetNetworkProxy  *proxy)
{
  if (proxy != NULL && is_of_type (proxy, QNET_PROXY_TYPE_DEFAULT))
    proxy = NULL;

  if (*own == proxy || (*own != NULL && proxy != NULL && qnet_network_proxy_equal (*own, proxy)))
    return FALSE;

  g_clear_pointer (own, qnet_network_proxy_unref);
  *own = proxy != NULL ? qnet_network_proxy_ref (proxy) : NULL;

  return TRUE;
}
