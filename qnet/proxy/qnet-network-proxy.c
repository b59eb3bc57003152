/* qnet-network-proxy.c: a proxy, and what it can do
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-host-name-private.h"
#include "proxy/qnet-network-proxy-private.h"

#include <string.h>

#include "base/qnet-i18n-private.h"

/**
 * QnetNetworkProxy:
 *
 * A proxy: its kind, where it is, who we are there, and what it can do.
 *
 * Two kinds are none: [QNET_PROXY_TYPE_NONE][enum@ProxyType] goes straight to the peer, and
 * [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType], which sockets and servers have from the start, leaves
 * it to what the application has chosen by [func@set_application_proxy],
 * [func@set_application_proxy_factory] or [func@NetworkProxyFactory.set_use_system_configuration].
 *
 * A proxy never changes once it is made, so it can be shared freely, also between threads; the
 * functions called `with` make another one. A user's name and password are shown by no text that
 * qnet makes of a proxy, but by [method@NetworkProxy.to_uri], whose text is for machines.
 *
 * Since: 1.0
 */

#define TUNNELS (QNET_PROXY_CAPABILITIES_TUNNELING | QNET_PROXY_CAPABILITIES_LISTENING \
                 | QNET_PROXY_CAPABILITIES_UDP_TUNNELING)
#define FETCHES (QNET_PROXY_CAPABILITIES_CACHING | QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP)

static const QnetProxyCapabilities default_capabilities[] = {
  [QNET_PROXY_TYPE_DEFAULT]      = TUNNELS,
  [QNET_PROXY_TYPE_SOCKS5]       = TUNNELS | QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP,
  [QNET_PROXY_TYPE_NONE]         = TUNNELS,
  [QNET_PROXY_TYPE_HTTP]         = FETCHES | QNET_PROXY_CAPABILITIES_TUNNELING,
  [QNET_PROXY_TYPE_HTTP_CACHING] = FETCHES,
  [QNET_PROXY_TYPE_FTP_CACHING]  = FETCHES,
};

typedef struct
{
  char *name;   /* (owned) */
  char *value;  /* (owned) */
} RawHeader;

struct _QnetNetworkProxy
{
  gint                   ref_count;            /* (atomic): a gint, for ThreadSanitizer's eyes */

  QnetProxyType          type;
  QnetProxyCapabilities  capabilities;
  gboolean               chosen_capabilities;  /* set by hand: they outlive a change of type */
  char                  *host;                 /* (owned): "" for none */
  guint16                port;
  char                  *user;                 /* (owned): "" for none */
  char                  *password;             /* (owned): "" for none */
  GPtrArray             *raw_headers;          /* (owned): RawHeader, in the order of coming */
  char                  *problem;              /* (owned) (nullable): why it cannot be used, whatever it is */
};

G_DEFINE_BOXED_TYPE (QnetNetworkProxy, qnet_network_proxy,
                     qnet_network_proxy_ref, qnet_network_proxy_unref)

/* Headers */

static void
raw_header_free (RawHeader *header)
{
  g_free (header->name);
  g_free (header->value);
  g_free (header);
}

static void
add_raw_header (GPtrArray  *headers,
                const char *name,
                const char *value)
{
  RawHeader *header = g_new (RawHeader, 1);

  header->name = g_strdup (name);
  header->value = g_strdup (value);
  g_ptr_array_add (headers, header);
}

static gboolean
find_raw_header (GPtrArray  *headers,
                 const char *name,
                 guint      *out_index)
{
  for (guint i = 0; i < headers->len; i++)
    {
      RawHeader *header = g_ptr_array_index (headers, i);

      if (g_ascii_strcasecmp (header->name, name) == 0)
        {
          *out_index = i;
          return TRUE;
        }
    }

  return FALSE;
}

/* RFC 9110, section 5.6.2. */
static gboolean
is_token (const char *text)
{
  return *text != '\0'
         && strspn (text, "!#$%&'*+-.^_`|~0123456789"
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == strlen (text);
}

static gboolean
raw_headers_equal (GPtrArray *headers,
                   GPtrArray *others)
{
  if (headers->len != others->len)
    return FALSE;

  for (guint i = 0; i < headers->len; i++)
    {
      RawHeader *header = g_ptr_array_index (headers, i);
      RawHeader *other = g_ptr_array_index (others, i);

      if (g_ascii_strcasecmp (header->name, other->name) != 0
          || strcmp (header->value, other->value) != 0)
        return FALSE;
    }

  return TRUE;
}

/* A copy that its maker may still change. */
static QnetNetworkProxy *
copy (const QnetNetworkProxy *self)
{
  QnetNetworkProxy *result = qnet_network_proxy_new (self->type, self->host, self->port,
                                                     self->user, self->password);

  result->capabilities = self->capabilities;
  result->chosen_capabilities = self->chosen_capabilities;
  result->problem = g_strdup (self->problem);

  for (guint i = 0; i < self->raw_headers->len; i++)
    {
      RawHeader *header = g_ptr_array_index (self->raw_headers, i);

      add_raw_header (result->raw_headers, header->name, header->value);
    }

  return result;
}

static void
replace_text (char       **text,
              const char  *value)  /* (nullable) */
{
  g_free (*text);
  *text = g_strdup (value != NULL ? value : "");
}

/* For the other files */

QnetNetworkProxy *
qnet_network_proxy_new_unusable (const char *problem)
{
  QnetNetworkProxy *self = qnet_network_proxy_new (QNET_PROXY_TYPE_HTTP, NULL, 0, NULL, NULL);

  self->capabilities = QNET_PROXY_CAPABILITIES_NONE;
  self->chosen_capabilities = TRUE;
  self->problem = g_strdup (problem);

  return self;
}

const char *
qnet_network_proxy_get_problem (const QnetNetworkProxy *self)
{
  return self->problem;
}

/* Public API */

/**
 * qnet_network_proxy_new:
 * @type: its kind
 * @host: (nullable): the name or address of its host
 * @port: its port
 * @user: (nullable): who we are there
 * @password: (nullable): our password there
 *
 * Makes a proxy, which can do what is usual for its kind.
 *
 * Host, port, user and password have no meaning for [QNET_PROXY_TYPE_DEFAULT][enum@ProxyType] and
 * [QNET_PROXY_TYPE_NONE][enum@ProxyType].
 *
 * Returns: (transfer full): the proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_new (QnetProxyType  type,
                        const char    *host,
                        guint16        port,
                        const char    *user,
                        const char    *password)
{
  QnetNetworkProxy *self;

  g_return_val_if_fail ((gsize) type < G_N_ELEMENTS (default_capabilities), NULL);

  self = g_new0 (QnetNetworkProxy, 1);
  g_atomic_int_set (&self->ref_count, 1);
  self->type = type;
  self->capabilities = default_capabilities[type];
  self->port = port;
  self->raw_headers = g_ptr_array_new_with_free_func ((GDestroyNotify) raw_header_free);
  replace_text (&self->host, host);
  replace_text (&self->user, user);
  replace_text (&self->password, password);

  return self;
}

/**
 * qnet_network_proxy_with_type:
 * @self: a proxy
 * @type: another kind
 *
 * Makes a proxy that differs from @self in its kind.
 *
 * It can do what is usual for @type, unless @self was given other capabilities by
 * [method@NetworkProxy.with_capabilities].
 *
 * Returns: (transfer full): the other proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_with_type (const QnetNetworkProxy *self,
                              QnetProxyType           type)
{
  QnetNetworkProxy *result;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail ((gsize) type < G_N_ELEMENTS (default_capabilities), NULL);

  result = copy (self);
  result->type = type;
  if (!result->chosen_capabilities)
    result->capabilities = default_capabilities[type];

  return result;
}

/**
 * qnet_network_proxy_with_host:
 * @self: a proxy
 * @host: (nullable): the name or address of another host
 * @port: its port
 *
 * Makes a proxy that differs from @self in where it is.
 *
 * Returns: (transfer full): the other proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_with_host (const QnetNetworkProxy *self,
                              const char             *host,
                              guint16                 port)
{
  QnetNetworkProxy *result;

  g_return_val_if_fail (self != NULL, NULL);

  result = copy (self);
  replace_text (&result->host, host);
  result->port = port;

  return result;
}

/**
 * qnet_network_proxy_with_credentials:
 * @self: a proxy
 * @user: (nullable): who we are there
 * @password: (nullable): our password there
 *
 * Makes a proxy that differs from @self in who we are there.
 *
 * Returns: (transfer full): the other proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_with_credentials (const QnetNetworkProxy *self,
                                     const char             *user,
                                     const char             *password)
{
  QnetNetworkProxy *result;

  g_return_val_if_fail (self != NULL, NULL);

  result = copy (self);
  replace_text (&result->user, user);
  replace_text (&result->password, password);

  return result;
}

/**
 * qnet_network_proxy_with_capabilities:
 * @self: a proxy
 * @capabilities: what it can do
 *
 * Makes a proxy that differs from @self in what it can do.
 *
 * A socket or server refuses a proxy that cannot do what it wants, with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError]. Without
 * [QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP][flags@ProxyCapabilities] the names of hosts are looked
 * up here, and the proxy is given addresses.
 *
 * Returns: (transfer full): the other proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_with_capabilities (const QnetNetworkProxy *self,
                                      QnetProxyCapabilities   capabilities)
{
  QnetNetworkProxy *result;

  g_return_val_if_fail (self != NULL, NULL);

  result = copy (self);
  result->capabilities = capabilities;
  result->chosen_capabilities = TRUE;

  return result;
}

/**
 * qnet_network_proxy_with_raw_header:
 * @self: a proxy
 * @name: the name of a header field of HTTP
 * @value: (nullable): its value, without line ends; %NULL: no such field
 *
 * Makes a proxy that is sent a header field with each request.
 *
 * It replaces the field of that name, in whichever case it is written. Only the kinds that speak
 * HTTP send it. The fields that make the request what it is are qnet's own: `Host`,
 * `Proxy-Authorization`, `Content-Length` and `Transfer-Encoding` are never sent.
 *
 * Returns: (transfer full): the other proxy
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_with_raw_header (const QnetNetworkProxy *self,
                                    const char             *name,
                                    const char             *value)
{
  QnetNetworkProxy *result;
  guint index;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL && is_token (name), NULL);
  g_return_val_if_fail (value == NULL || strpbrk (value, "\r\n") == NULL, NULL);

  result = copy (self);
  if (find_raw_header (result->raw_headers, name, &index))
    g_ptr_array_remove_index (result->raw_headers, index);
  if (value != NULL)
    add_raw_header (result->raw_headers, name, value);

  return result;
}

/**
 * qnet_network_proxy_ref:
 * @self: a proxy
 *
 * Takes a reference. It may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetNetworkProxy *
qnet_network_proxy_ref (const QnetNetworkProxy *self)
{
  QnetNetworkProxy *counted = (QnetNetworkProxy *) self;

  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&counted->ref_count);

  return counted;
}

/**
 * qnet_network_proxy_unref:
 * @self: (transfer full): a proxy
 *
 * Gives a reference back. It may be called from any thread; the last one frees the proxy.
 *
 * Since: 1.0
 */
void
qnet_network_proxy_unref (QnetNetworkProxy *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_free (self->host);
  g_free (self->user);
  g_free (self->password);
  g_free (self->problem);
  g_ptr_array_unref (self->raw_headers);
  g_free (self);
}

/**
 * qnet_network_proxy_get_proxy_type:
 * @self: a proxy
 *
 * Gets the kind of the proxy.
 *
 * Returns: the kind
 *
 * Since: 1.0
 */
QnetProxyType
qnet_network_proxy_get_proxy_type (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, QNET_PROXY_TYPE_NONE);

  return self->type;
}

/**
 * qnet_network_proxy_get_host:
 * @self: a proxy
 *
 * Gets the name or address of the proxy's host.
 *
 * Returns: the host, empty when there is none
 *
 * Since: 1.0
 */
const char *
qnet_network_proxy_get_host (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->host;
}

/**
 * qnet_network_proxy_get_port:
 * @self: a proxy
 *
 * Gets the proxy's port.
 *
 * Returns: the port
 *
 * Since: 1.0
 */
guint16
qnet_network_proxy_get_port (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->port;
}

/**
 * qnet_network_proxy_get_user:
 * @self: a proxy
 *
 * Gets who we are there.
 *
 * Returns: the name, empty when there is none
 *
 * Since: 1.0
 */
const char *
qnet_network_proxy_get_user (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->user;
}

/**
 * qnet_network_proxy_get_password:
 * @self: a proxy
 *
 * Gets our password there.
 *
 * Returns: the password, empty when there is none
 *
 * Since: 1.0
 */
const char *
qnet_network_proxy_get_password (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->password;
}

/**
 * qnet_network_proxy_get_capabilities:
 * @self: a proxy
 *
 * Gets what the proxy can do.
 *
 * Returns: its capabilities
 *
 * Since: 1.0
 */
QnetProxyCapabilities
qnet_network_proxy_get_capabilities (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, QNET_PROXY_CAPABILITIES_NONE);

  return self->capabilities;
}

/**
 * qnet_network_proxy_get_raw_header:
 * @self: a proxy
 * @name: the name of a header field, in any case
 *
 * Gets the value of a header field that is sent to the proxy.
 *
 * Returns: (nullable): the value, %NULL when there is no such field
 *
 * Since: 1.0
 */
const char *
qnet_network_proxy_get_raw_header (const QnetNetworkProxy *self,
                                   const char             *name)
{
  guint index;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  if (!find_raw_header (self->raw_headers, name, &index))
    return NULL;

  return ((RawHeader *) g_ptr_array_index (self->raw_headers, index))->value;
}

/**
 * qnet_network_proxy_list_raw_headers:
 * @self: a proxy
 *
 * Lists the names of the header fields that are sent to the proxy, in the order of their sending.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 *
 * Since: 1.0
 */
char **
qnet_network_proxy_list_raw_headers (const QnetNetworkProxy *self)
{
  char **names;

  g_return_val_if_fail (self != NULL, NULL);

  names = g_new0 (char *, self->raw_headers->len + 1);
  for (guint i = 0; i < self->raw_headers->len; i++)
    names[i] = g_strdup (((RawHeader *) g_ptr_array_index (self->raw_headers, i))->name);

  return names;
}

/**
 * qnet_network_proxy_is_caching:
 * @self: a proxy
 *
 * Gets whether the proxy may answer requests from what it remembers.
 *
 * Returns: whether it can
 *
 * Since: 1.0
 */
gboolean
qnet_network_proxy_is_caching (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (self->capabilities & QNET_PROXY_CAPABILITIES_CACHING) != 0;
}

/**
 * qnet_network_proxy_is_transparent:
 * @self: a proxy
 *
 * Gets whether the proxy can carry any TCP connection.
 *
 * Returns: whether it can
 *
 * Since: 1.0
 */
gboolean
qnet_network_proxy_is_transparent (const QnetNetworkProxy *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (self->capabilities & QNET_PROXY_CAPABILITIES_TUNNELING) != 0;
}

/**
 * qnet_network_proxy_equal:
 * @self: a proxy
 * @other: another one
 *
 * Compares two proxies in all that was set.
 *
 * Returns: whether they are the same
 *
 * Since: 1.0
 */
gboolean
qnet_network_proxy_equal (const QnetNetworkProxy *self,
                          const QnetNetworkProxy *other)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (other != NULL, FALSE);

  return self->type == other->type
         && self->capabilities == other->capabilities
         && self->port == other->port
         && qnet_host_name_same (self->host, other->host)
         && strcmp (self->user, other->user) == 0
         && strcmp (self->password, other->password) == 0
         && g_strcmp0 (self->problem, other->problem) == 0
         && raw_headers_equal (self->raw_headers, other->raw_headers);
}

/**
 * qnet_network_proxy_hash:
 * @self: a proxy
 *
 * Makes a number of the proxy: the same for equal ones.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
qnet_network_proxy_hash (const QnetNetworkProxy *self)
{
  g_autofree char *host = NULL;

  g_return_val_if_fail (self != NULL, 0);

  host = qnet_host_name_canonicalize (self->host);

  return g_str_hash (host != NULL ? host : self->host) ^ g_str_hash (self->user)
         ^ self->port ^ ((guint) self->type << 16);
}

/**
 * qnet_network_proxy_to_string:
 * @self: a proxy
 *
 * Describes the proxy for people.
 *
 * The text is translated. User and password are not in it, nor is a host that is none, since
 * it could be a URI.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
qnet_network_proxy_to_string (const QnetNetworkProxy *self)
{
  g_autofree char *place = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  if (self->problem != NULL)
    return g_strdup (_("a proxy that cannot be used"));

  place = qnet_network_proxy_to_place (self);

  switch (self->type)
    {
    case QNET_PROXY_TYPE_DEFAULT:
      return g_strdup (_("the application’s proxy"));
    case QNET_PROXY_TYPE_NONE:
      return g_strdup (_("no proxy"));
    case QNET_PROXY_TYPE_SOCKS5:
      return g_strdup_printf (_("SOCKS5 proxy %s"), place);
    case QNET_PROXY_TYPE_HTTP:
    case QNET_PROXY_TYPE_HTTP_CACHING:
      return g_strdup_printf (_("HTTP proxy %s"), place);
    case QNET_PROXY_TYPE_FTP_CACHING:
      return g_strdup_printf (_("FTP proxy %s"), place);
    }

  g_assert_not_reached ();
}
