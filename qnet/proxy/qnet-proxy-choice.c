/* qnet-proxy-choice.c: chooses the proxy of a socket or server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-proxy-choice-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "proxy/qnet-application-proxy-private.h"
#include "proxy/qnet-network-proxy-private.h"

static gboolean
is_of_type (QnetNetworkProxy *proxy,
            QnetProxyType     type)
{
  return qnet_network_proxy_get_proxy_type (proxy) == type;
}

/* Capabilities */

/* A direct connection supports everything. */
static gboolean
can_serve (QnetNetworkProxy   *proxy,
           QnetProxyQueryType  type)
{
  if (is_of_type (proxy, QNET_PROXY_TYPE_NONE))
    return TRUE;

  switch (type)
    {
    case QNET_PROXY_QUERY_TYPE_TCP_SOCKET:
      return qnet_proxy_can (proxy, QNET_PROXY_COMMAND_CONNECT);
    case QNET_PROXY_QUERY_TYPE_UDP_SOCKET:
      return qnet_proxy_can (proxy, QNET_PROXY_COMMAND_ASSOCIATE);
    case QNET_PROXY_QUERY_TYPE_TCP_SERVER:
      return qnet_proxy_can (proxy, QNET_PROXY_COMMAND_BIND);
    case QNET_PROXY_QUERY_TYPE_URL_REQUEST:
      return qnet_network_proxy_get_problem (proxy) == NULL;
    }

  g_assert_not_reached ();
}

static const char *
describe_missing_capability (QnetNetworkProxy   *proxy,
                             QnetProxyQueryType  type)
{
  gboolean is_http = is_of_type (proxy, QNET_PROXY_TYPE_HTTP);

  if (is_of_type (proxy, QNET_PROXY_TYPE_HTTP_CACHING)
      || is_of_type (proxy, QNET_PROXY_TYPE_FTP_CACHING))
    return _("The proxy only forwards requests");

  switch (type)
    {
    case QNET_PROXY_QUERY_TYPE_TCP_SOCKET:
    case QNET_PROXY_QUERY_TYPE_URL_REQUEST:
      return _("The proxy does not forward connections");
    case QNET_PROXY_QUERY_TYPE_UDP_SOCKET:
      return is_http ? _("HTTP proxies do not forward datagrams")
                     : _("The proxy does not forward datagrams");
    case QNET_PROXY_QUERY_TYPE_TCP_SERVER:
      return is_http ? _("HTTP proxies cannot listen for connections")
                     : _("The proxy cannot listen for connections");
    }

  g_assert_not_reached ();
}

static void
set_server_error (GError                **error,
                  QnetNetworkProxyQuery  *query,
                  const char             *place,
                  const char             *reason)
{
  /* Translators: %d is a port, the first %s is a proxy such as "proxy.example port 1080", and the
   * second one a sentence such as "HTTP proxies cannot listen for connections" */
  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not listen on port %d through the proxy %s: %s"),
                  qnet_network_proxy_query_get_local_port (query), place, reason);
}

static void
set_datagram_error (GError     **error,
                    const char  *place,
                    const char  *reason)
{
  /* Translators: the first %s is a proxy such as "proxy.example port 1080", and the second one a
   * sentence such as "HTTP proxies do not forward datagrams" */
  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not exchange datagrams through the proxy %s: %s"), place, reason);
}

static void
set_connection_error (GError                **error,
                      QnetNetworkProxyQuery  *query,
                      const char             *place,
                      const char             *reason)
{
  const char *name = qnet_network_proxy_query_get_peer_host_name (query);
  g_autofree char *host = g_utf8_make_valid (name, -1);

  /* Translators: a host, its port, a proxy such as "proxy.example port 1080", and a sentence such
   * as "The proxy does not forward connections" */
  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not connect to %s port %d through the proxy %s: %s"),
                  host, qnet_network_proxy_query_get_peer_port (query), place, reason);
}

/* An invalid setting has no host and port that the message could contain. */
static void
set_problem_error (GError                **error,
                   QnetNetworkProxyQuery  *query,
                   const char             *problem)
{
  GError *cause = NULL;

  qnet_set_error (&cause, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "%s", problem);
  qnet_proxy_take_choice_error (error, cause, query);
}

/* Returns why the proxy cannot be used at all, or NULL. (nullable) */
static const char *
get_problem (QnetNetworkProxy *proxy)
{
  if (is_of_type (proxy, QNET_PROXY_TYPE_DEFAULT))
    return _("The proxy factory returned the application’s proxy, which it was queried for");

  return qnet_network_proxy_get_problem (proxy);
}

static void
set_capability_error (GError                **error,
                      QnetNetworkProxyQuery  *query,
                      QnetNetworkProxy       *proxy)
{
  QnetProxyQueryType type = qnet_network_proxy_query_get_query_type (query);
  const char *problem = get_problem (proxy);
  const char *reason = describe_missing_capability (proxy, type);
  g_autofree char *place = qnet_network_proxy_to_display (proxy);

  if (problem != NULL)
    {
      set_problem_error (error, query, problem);
      return;
    }

  switch (type)
    {
    case QNET_PROXY_QUERY_TYPE_TCP_SERVER:
      set_server_error (error, query, place, reason);
      break;

    case QNET_PROXY_QUERY_TYPE_UDP_SOCKET:
      set_datagram_error (error, place, reason);
      break;

    case QNET_PROXY_QUERY_TYPE_TCP_SOCKET:
    case QNET_PROXY_QUERY_TYPE_URL_REQUEST:
      set_connection_error (error, query, place, reason);
      break;
    }
}

/* Choosing */

/* Chooses the first proxy with the capability. Without one it fails, and does not connect
 * directly. */
static gboolean
choose_from (GList                  *proxies,
             QnetNetworkProxyQuery  *query,
             QnetNetworkProxy      **out_proxy,
             GError                **error)
{
  for (GList *link = proxies; link != NULL; link = link->next)
    {
      if (!can_serve (link->data, qnet_network_proxy_query_get_query_type (query)))
        continue;

      *out_proxy = NULL;
      if (!is_of_type (link->data, QNET_PROXY_TYPE_NONE))
        *out_proxy = qnet_network_proxy_ref (link->data);

      return TRUE;
    }

  set_capability_error (error, query, proxies->data);

  return FALSE;
}

static gboolean
choose_from_application (QnetNetworkProxyQuery  *query,
                         QnetNetworkProxy      **out_proxy,
                         GError                **error)
{
  GList *proxies = qnet_network_proxy_factory_proxy_for_query (query, error);
  gboolean success = proxies != NULL && choose_from (proxies, query, out_proxy, error);

  qnet_network_proxy_list_free (proxies);

  return success;
}

/* Interface */

/* A direct connection after an invalid proxy in the list is not used, because the proxy was
 * preferred. */
GList *
qnet_proxy_filter (GList                  *proxies,
                   QnetNetworkProxyQuery  *query,
                   GError                **error)
{
  QnetProxyQueryType type = qnet_network_proxy_query_get_query_type (query);
  QnetNetworkProxy *unusable = NULL;
  GList *able = NULL;

  for (GList *link = proxies; link != NULL; link = link->next)
    {
      if (unusable == NULL && get_problem (link->data) != NULL)
        unusable = link->data;

      if (can_serve (link->data, type)
          && (unusable == NULL || !is_of_type (link->data, QNET_PROXY_TYPE_NONE)))
        able = g_list_prepend (able, qnet_network_proxy_ref (link->data));
    }

  if (able == NULL && proxies != NULL)
    set_capability_error (error, query, unusable != NULL ? unusable : proxies->data);

  qnet_network_proxy_list_free (proxies);

  return g_list_reverse (able);
}

/* Queries of servers and UDP sockets have a local port instead of a peer. */
static void
take_error_without_peer (GError                **error,
                         GError                 *cause,
                         QnetNetworkProxyQuery  *query)
{
  int port = qnet_network_proxy_query_get_local_port (query);

  switch (qnet_network_proxy_query_get_query_type (query))
    {
    case QNET_PROXY_QUERY_TYPE_TCP_SERVER:
      /* Translators: a port. ": " and the reason are appended. */
      qnet_take_error_from_gerror (error, cause,
                                   _("Could not choose a proxy to listen on port %d"), port);
      break;

    case QNET_PROXY_QUERY_TYPE_UDP_SOCKET:
      /* Translators: a port. ": " and the reason are appended. */
      qnet_take_error_from_gerror (error, cause,
                                   _("Could not choose a proxy for datagrams of port %d"), port);
      break;

    case QNET_PROXY_QUERY_TYPE_TCP_SOCKET:
    case QNET_PROXY_QUERY_TYPE_URL_REQUEST:
      qnet_take_error_from_gerror (error, cause, _("Could not choose a proxy"));
      break;
    }
}

void
qnet_proxy_take_choice_error (GError                **error,
                              GError                 *cause,
                              QnetNetworkProxyQuery  *query)
{
  const char *name = query != NULL ? qnet_network_proxy_query_get_peer_host_name (query) : "";
  g_autofree char *host = g_utf8_make_valid (name, -1);

  if (query == NULL)
    qnet_take_error_from_gerror (error, cause, _("Could not choose a proxy"));
  else if (*host == '\0')
    take_error_without_peer (error, cause, query);
  else
    /* Translators: a host. ": " and the reason are appended. */
    qnet_take_error_from_gerror (error, cause, _("Could not choose a proxy for %s"), host);
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
                   QnetNetworkProxyQuery  *query,
                   QnetNetworkProxy      **out_proxy,
                   GError                **error)
{
  GList only = { .data = own };

  if (own != NULL)
    return choose_from (&only, query, out_proxy, error);

  return choose_from_application (query, out_proxy, error);
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
