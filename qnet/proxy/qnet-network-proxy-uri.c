/* qnet-network-proxy-uri.c: proxies as GIO has them
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-network-proxy.h"

#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/* GIO calls SOCKS5 by its name, "socks" is what desktops write, and "socks5h" says in other
 * programs that names are looked up by the proxy, which ours do anyway. */
static const struct
{
  const char    *scheme;
  QnetProxyType  type;
  guint16        port;  /* where such proxies usually listen */
} schemes[] = {
  { "direct",  QNET_PROXY_TYPE_NONE,   0 },
  { "http",    QNET_PROXY_TYPE_HTTP,   8080 },
  { "socks",   QNET_PROXY_TYPE_SOCKS5, 1080 },
  { "socks5",  QNET_PROXY_TYPE_SOCKS5, 1080 },
  { "socks5h", QNET_PROXY_TYPE_SOCKS5, 1080 },
};

/* Sets an error when there is no such kind. No part of a URI that could be a password is shown. */
static gboolean
find_scheme (const char  *scheme,
             gsize       *out_index,
             GError     **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      if (g_ascii_strcasecmp (schemes[i].scheme, scheme) == 0)
        {
          *out_index = i;
          return TRUE;
        }
    }

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("There is no kind of proxy that is called “%s”"), scheme);

  return FALSE;
}

/* GUri's own error would show the text, and with it the password. */
static GUri *
parse (const char  *text,
       GError     **error)
{
  GUri *uri = g_uri_parse (text, G_URI_FLAGS_HAS_PASSWORD, NULL);

  if (uri == NULL)
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("The proxy is not named by a URI"));

  return uri;
}

static QnetNetworkProxy *
new_from_parsed (GUri    *uri,
                 GError **error)
{
  const char *host = g_uri_get_host (uri);
  int port = g_uri_get_port (uri);
  gsize index;

  if (!find_scheme (g_uri_get_scheme (uri), &index, error))
    return NULL;

  if (schemes[index].type == QNET_PROXY_TYPE_NONE)
    return qnet_network_proxy_new (QNET_PROXY_TYPE_NONE, NULL, 0, NULL, NULL);

  if (host == NULL || *host == '\0')
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("The proxy’s URI names no host"));
      return NULL;
    }

  return qnet_network_proxy_new (schemes[index].type,
                                 host,
                                 port > 0 ? (guint16) port : schemes[index].port,
                                 g_uri_get_user (uri),
                                 g_uri_get_password (uri));
}

static const char *
get_scheme (const QnetNetworkProxy *self)
{
  switch (qnet_network_proxy_get_proxy_type (self))
    {
    case QNET_PROXY_TYPE_SOCKS5:
      return "socks5";
    case QNET_PROXY_TYPE_HTTP:
    case QNET_PROXY_TYPE_HTTP_CACHING:
      return "http";
    case QNET_PROXY_TYPE_FTP_CACHING:
      return "ftp";
    case QNET_PROXY_TYPE_DEFAULT:
    case QNET_PROXY_TYPE_NONE:
      return "direct";
    }

  g_assert_not_reached ();
}

static const char *
null_if_empty (const char *text)
{
  return *text != '\0' ? text : NULL;
}

/* Public API */

/**
 * qnet_network_proxy_new_from_uri:
 * @uri: the text
 * @error: return location for an error
 *
 * Makes a proxy of a URI, as [iface@Gio.ProxyResolver] and environment variables have them.
 *
 * It is `socks5://`, `socks://`, `socks5h://` or `http://` with a host, and perhaps a port and a
 * user, or `direct://`. Another kind is an error,
 * [error@SocketError.UNSUPPORTED_SOCKET_OPERATION].
 *
 * Returns: (transfer full): the proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_new_from_uri (const char  *uri,
                                 GError     **error)
{
  g_autoptr(GUri) parsed = NULL;

  g_return_val_if_fail (uri != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  parsed = parse (uri, error);

  return parsed != NULL ? new_from_parsed (parsed, error) : NULL;
}

/**
 * qnet_network_proxy_new_from_proxy_address:
 * @address: GIO's address of a proxy
 * @error: return location for an error
 *
 * Makes a proxy of what [class@Gio.ProxyAddressEnumerator] gives.
 *
 * Another kind than `socks5` or `http` is an error,
 * [error@SocketError.UNSUPPORTED_SOCKET_OPERATION].
 *
 * Returns: (transfer full): the proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_new_from_proxy_address (GProxyAddress  *address,
                                           GError        **error)
{
  GInetSocketAddress *where;
  g_autofree char *host = NULL;
  gsize index;

  g_return_val_if_fail (G_IS_PROXY_ADDRESS (address), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!find_scheme (g_proxy_address_get_protocol (address), &index, error))
    return NULL;

  where = G_INET_SOCKET_ADDRESS (address);
  host = g_inet_address_to_string (g_inet_socket_address_get_address (where));

  return qnet_network_proxy_new (schemes[index].type,
                                 host,
                                 g_inet_socket_address_get_port (where),
                                 g_proxy_address_get_username (address),
                                 g_proxy_address_get_password (address));
}

/**
 * qnet_network_proxy_to_uri:
 * @self: a proxy
 *
 * Makes the URI of the proxy, as [iface@Gio.ProxyResolver] has them.
 *
 * Mind that user and password are in it. [enum@ProxyType.DEFAULT] and [enum@ProxyType.NONE] are
 * `direct://`.
 *
 * Returns: (transfer full): the URI
 *
 * Since: 1.0
 */
char *
qnet_network_proxy_to_uri (const QnetNetworkProxy *self)
{
  const char *scheme;

  g_return_val_if_fail (self != NULL, NULL);

  scheme = get_scheme (self);
  if (strcmp (scheme, "direct") == 0)
    return g_strdup ("direct://");

  return g_uri_join_with_user (G_URI_FLAGS_NONE, scheme,
                               null_if_empty (qnet_network_proxy_get_user (self)),
                               null_if_empty (qnet_network_proxy_get_password (self)),
                               NULL,
                               qnet_network_proxy_get_host (self),
                               qnet_network_proxy_get_port (self),
                               "", NULL, NULL);
}

/**
 * qnet_network_proxy_to_resolver:
 * @self: a proxy
 *
 * Makes a resolver that always answers with the proxy, for [class@Gio.SocketClient] and others who
 * want one.
 *
 * Returns: (transfer full): the resolver
 *
 * Since: 1.0
 */
GProxyResolver *
qnet_network_proxy_to_resolver (const QnetNetworkProxy *self)
{
  g_autofree char *uri = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  uri = qnet_network_proxy_to_uri (self);

  return g_simple_proxy_resolver_new (uri, NULL);
}
