/* qnet-network-proxy-uri.c: conversion of proxies from and to URIs
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "address/qnet-host-name-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "proxy/qnet-network-proxy-private.h"

/* GIO uses "socks5" and desktops "socks". In other programs "socks5h" means that the proxy looks up
 * host names, which is always the case here. */
static const struct
{
  const char    *scheme;
  QnetProxyType  type;
  guint16        port;  /* the default port */
} schemes[] = {
  { "direct",  QNET_PROXY_TYPE_NONE,   0 },
  { "http",    QNET_PROXY_TYPE_HTTP,   8080 },
  { "socks",   QNET_PROXY_TYPE_SOCKS5, 1080 },
  { "socks5",  QNET_PROXY_TYPE_SOCKS5, 1080 },
  { "socks5h", QNET_PROXY_TYPE_SOCKS5, 1080 },
};

#define ALPHA_DIGIT G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS
#define USERINFO    ALPHA_DIGIT "-._~%!$&'()*+,;=:"  /* RFC 3986, section 3.2.1 */

/* The parts of a URI in their encoded form */
typedef struct
{
  char *scheme;    /* (owned) */
  char *user;      /* (owned) (nullable) */
  char *password;  /* (owned) (nullable) */
  char *host;      /* (owned): with the brackets of an address */
  char *port;      /* (owned) (nullable) */
} Parts;

static void
parts_clear (Parts *parts)
{
  g_free (parts->scheme);
  g_free (parts->user);
  g_free (parts->password);
  g_free (parts->host);
  g_free (parts->port);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

static gboolean
find_scheme (const char *scheme,
             gsize      *out_index)
{
  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      if (g_ascii_strcasecmp (schemes[i].scheme, scheme) == 0)
        {
          *out_index = i;
          return TRUE;
        }
    }

  return FALSE;
}

static char *
describe_unknown_scheme (const char *scheme)
{
  return g_strdup_printf (_("The proxy type “%s” is not supported"), scheme);
}

/* Splitting a URI. For GUri the host of "socks5://u:a@secret@gate" is "secret@gate", and that of
 * "socks5://u:1/secret@gate" is "u". URIs that are not properly encoded are rejected here, because
 * otherwise a part of the password would be looked up and shown as the host. */

static const char *
split_userinfo (Parts      *parts,
                const char *authority,
                gsize      *length)
{
  const char *at = memchr (authority, '@', *length);
  const char *colon;

  if (at == NULL)
    return authority;

  colon = memchr (authority, ':', at - authority);
  parts->user = g_strndup (authority, (colon != NULL ? colon : at) - authority);
  parts->password = colon != NULL ? g_strndup (colon + 1, at - colon - 1) : NULL;
  *length -= at + 1 - authority;

  return at + 1;
}

static void
split_host (Parts      *parts,
            const char *text,
            gsize       length)
{
  const char *bracket = *text == '[' ? memchr (text, ']', length) : NULL;
  const char *rest = bracket != NULL ? bracket : text;
  const char *colon = memchr (rest, ':', text + length - rest);

  parts->host = g_strndup (text, colon != NULL ? (gsize) (colon - text) : length);
  parts->port = colon != NULL ? g_strndup (colon + 1, text + length - colon - 1) : NULL;
}

static const char *
get_encoding_problem (void)
{
  return _("Special characters in the user name and the password of a proxy URI must be "
           "percent-encoded");
}

/* Returns NULL, or the reason why @uri is invalid. */
static const char *
split (Parts      *parts,
       const char *uri)
{
  gsize scheme_length = strspn (uri, ALPHA_DIGIT "+-.");
  const char *authority = uri + scheme_length + strlen ("://");
  const char *host;
  gsize length;

  if (scheme_length == 0 || !g_ascii_isalpha (*uri)
      || !g_str_has_prefix (uri + scheme_length, "://"))
    return _("The proxy URI does not begin with a scheme, such as “socks5://”");

  length = strcspn (authority, "/?#");
  if (strcmp (authority + length, "") != 0 && strcmp (authority + length, "/") != 0)
    return _("The proxy URI has unexpected text after the host and the port");

  parts->scheme = g_strndup (uri, scheme_length);
  host = split_userinfo (parts, authority, &length);
  if (memchr (host, '@', length) != NULL)
    return get_encoding_problem ();

  split_host (parts, host, length);

  return NULL;
}

/* Checking and decoding the parts */

/* Characters outside of ASCII are accepted, as in GUri. */
static gboolean
is_encoded (const char *text)
{
  for (; *text != '\0'; text++)
    {
      if (g_ascii_isprint (*text) ? strchr (USERINFO, *text) == NULL : (guchar) *text < 0x80)
        return FALSE;
    }

  return TRUE;
}

/* Returns FALSE if it is not properly encoded. */
static gboolean
decode_credential (char **text)
{
  char *decoded;

  if (*text == NULL)
    return TRUE;

  if (!is_encoded (*text))
    return FALSE;

  decoded = g_uri_unescape_string (*text, NULL);
  g_free (*text);
  *text = decoded;

  return decoded != NULL && g_utf8_validate (decoded, -1, NULL);
}

/* A name of unreserved characters: none has a special meaning in a URI. */
static gboolean
is_name (const char *text)
{
  g_autofree char *canonical = qnet_host_name_canonicalize (text);

  return canonical != NULL && strspn (canonical, ALPHA_DIGIT "-._~") == strlen (canonical);
}

/* Removes the brackets of an address. */
static gboolean
decode_host (char **text)
{
  g_autofree char *decoded = g_uri_unescape_string (*text, NULL);
  g_autoptr(QnetHostAddress) address = NULL;

  if (decoded == NULL)
    return FALSE;

  address = qnet_host_name_to_address (*text);
  if (address == NULL && !is_name (decoded))
    return FALSE;

  g_free (*text);
  *text = *decoded == '[' ? qnet_host_address_to_string (address) : g_steal_pointer (&decoded);

  return TRUE;
}

static gboolean
read_port (const char *text,  /* (nullable) */
           guint16    *port)
{
  guint64 number;

  if (text == NULL || *text == '\0')
    return TRUE;

  if (!g_ascii_isdigit (*text)
      || !g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &number, NULL))
    return FALSE;

  *port = (guint16) number;

  return TRUE;
}

static gboolean
is_empty (const Parts *parts)
{
  return *parts->host == '\0' && parts->user == NULL && parts->port == NULL;
}

static QnetNetworkProxy *
fail (char       **out_problem,
      const char  *problem)
{
  *out_problem = g_strdup (problem);

  return NULL;
}

static QnetNetworkProxy *
parse_direct (const Parts  *parts,
              char        **out_problem)
{
  if (!is_empty (parts))
    return fail (out_problem, _("The proxy URI has a host, although “direct” means no proxy"));

  return qnet_network_proxy_new (QNET_PROXY_TYPE_NONE, NULL, 0, NULL, NULL);
}

QnetNetworkProxy *
qnet_network_proxy_parse (const char  *uri,
                          char       **out_problem)
{
  g_auto(Parts) parts = { NULL, };
  const char *problem = split (&parts, uri);
  guint16 port;
  gsize index;

  if (problem != NULL)
    return fail (out_problem, problem);

  if (!decode_credential (&parts.user) || !decode_credential (&parts.password))
    return fail (out_problem, get_encoding_problem ());

  if (!find_scheme (parts.scheme, &index))
    {
      *out_problem = describe_unknown_scheme (parts.scheme);
      return NULL;
    }

  if (schemes[index].type == QNET_PROXY_TYPE_NONE)
    return parse_direct (&parts, out_problem);

  if (*parts.host == '\0')
    return fail (out_problem, _("The proxy URI has no host"));

  if (!decode_host (&parts.host))
    return fail (out_problem,
                 _("The host of the proxy URI is neither a host name nor an address"));

  port = schemes[index].port;
  if (!read_port (parts.port, &port))
    return fail (out_problem, _("The port of the proxy URI is not a number from 1 to 65535"));

  return qnet_network_proxy_new (schemes[index].type, parts.host, port, parts.user, parts.password);
}

/* Hosts */

gboolean
qnet_network_proxy_has_host (const QnetNetworkProxy *self)
{
  const char *host = qnet_network_proxy_get_host_name (self);
  g_autoptr(QnetHostAddress) address = qnet_host_name_to_address (host);

  return address != NULL || is_name (host);
}

char *
qnet_network_proxy_to_display (const QnetNetworkProxy *self)
{
  const char *host = qnet_network_proxy_has_host (self) ? self->host : "?";

  return qnet_host_name_to_display (host, qnet_network_proxy_get_port (self));
}

/* Creating URIs */

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
 * @uri: a URI
 * @error: return location for an error
 *
 * Creates a proxy from a URI, in the form of [iface@Gio.ProxyResolver] and of environment
 * variables.
 *
 * Supported are `socks5://`, `socks://`, `socks5h://` and `http://` with a host, an optional port,
 * user name and password, and `direct://`. Special characters in the user name and the password,
 * such as `@`, `:` or `/`, must be percent-encoded. For anything else, including other proxy types,
 * this function fails with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError]. The
 * error message contains neither the user name nor the password.
 *
 * Returns: (transfer full): the proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_new_from_uri (const char  *uri,
                                 GError     **error)
{
  g_autofree char *problem = NULL;
  QnetNetworkProxy *proxy;

  g_return_val_if_fail (uri != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  proxy = qnet_network_proxy_parse (uri, &problem);
  if (proxy == NULL)
    qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "%s", problem);

  return proxy;
}

/**
 * qnet_network_proxy_new_from_proxy_address:
 * @address: a proxy address
 * @error: return location for an error
 *
 * Creates a proxy from a [class@Gio.ProxyAddress], as returned by
 * [class@Gio.ProxyAddressEnumerator].
 *
 * For other protocols than `socks5` and `http`, this function fails with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
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

  if (!find_scheme (g_proxy_address_get_protocol (address), &index))
    {
      g_autofree char *problem = describe_unknown_scheme (g_proxy_address_get_protocol (address));

      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "%s", problem);
      return NULL;
    }

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
 * Converts the proxy to a URI, in the form of [iface@Gio.ProxyResolver].
 *
 * The URI contains the user name and the password. [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType] and
 * [QNET_PROXY_TYPE_NONE][enum@ProxyType] become `direct://`.
 *
 * Returns: (transfer full): the URI
 *
 * Since: 1.0
 */
char *
qnet_network_proxy_to_uri (const QnetNetworkProxy *self)
{
  g_autoptr(QnetHostAddress) address = NULL;
  g_autofree char *text = NULL;
  const char *scheme;

  g_return_val_if_fail (self != NULL, NULL);

  scheme = get_scheme (self);
  if (strcmp (scheme, "direct") == 0)
    return g_strdup ("direct://");

  /* g_uri_join() adds the brackets. */
  address = qnet_host_name_to_address (qnet_network_proxy_get_host_name (self));
  text = address != NULL ? qnet_host_address_to_string (address) : NULL;

  return g_uri_join_with_user (G_URI_FLAGS_NONE, scheme,
                               null_if_empty (qnet_network_proxy_get_user (self)),
                               null_if_empty (qnet_network_proxy_get_password (self)),
                               NULL,
                               text != NULL ? text : qnet_network_proxy_get_host_name (self),
                               qnet_network_proxy_get_port (self),
                               "", NULL, NULL);
}

/**
 * qnet_network_proxy_to_resolver:
 * @self: a proxy
 *
 * Creates a proxy resolver that always returns the proxy, for example for [class@Gio.SocketClient].
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
