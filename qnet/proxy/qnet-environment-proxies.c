/* qnet-environment-proxies.c: the system's proxies
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-environment-proxies-private.h"

#include <string.h>

/* A server that runs a program for each request hands the client's header "Proxy" on as HTTP_PROXY:
 * that one is not to be trusted, whoever else is written in capitals. */
static const char *
get_variable (char       **environment,
              const char  *name)
{
  const char *value = g_environ_getenv (environment, name);

  if ((value == NULL || *value == '\0') && strcmp (name, "http_proxy") != 0)
    {
      g_autofree char *capitals = g_ascii_strup (name, -1);

      value = g_environ_getenv (environment, capitals);
    }

  return value != NULL && *value != '\0' ? value : NULL;
}

/* "proxy:3128" is an HTTP proxy. */
static char *
get_uri (char       **environment,
         const char  *name)
{
  const char *value = get_variable (environment, name);

  if (value == NULL || strstr (value, "://") != NULL)
    return g_strdup (value);

  return g_strconcat ("http://", value, NULL);
}

static gboolean
is_address (const char *text)
{
  g_autoptr(GInetAddressMask) mask = g_inet_address_mask_new_from_string (text, NULL);

  return mask != NULL;
}

/* A name in no_proxy stands for what lies below it, too, which GIO writes as ".name". */
static void
add_ignored_host (GPtrArray  *hosts,
                  const char *text)
{
  if (*text == '\0')
    return;

  g_ptr_array_add (hosts, g_strdup (text));

  if (*text != '.' && *text != '*' && !is_address (text))
    g_ptr_array_add (hosts, g_strconcat (".", text, NULL));
}

static char **
get_ignored_hosts (char **environment)
{
  const char *value = get_variable (environment, "no_proxy");
  g_auto(GStrv) words = g_strsplit_set (value != NULL ? value : "", ", \t", -1);
  GPtrArray *hosts = g_ptr_array_new ();

  for (guint i = 0; words[i] != NULL; i++)
    add_ignored_host (hosts, words[i]);

  g_ptr_array_add (hosts, NULL);

  return (char **) g_ptr_array_free (hosts, FALSE);
}

/* A bad entry makes GIO warn, so it is asked for by its own means only what it understands: a list
 * of hosts, and a proxy for each scheme. */
static void
add_scheme (GSimpleProxyResolver  *resolver,
            char                 **environment,
            const char            *scheme,
            const char            *variable)
{
  g_autofree char *uri = get_uri (environment, variable);

  if (uri != NULL)
    g_simple_proxy_resolver_set_uri_proxy (resolver, scheme, uri);
}

GProxyResolver *
qnet_environment_proxies_new (char **environment)
{
  g_auto(GStrv) ignored = get_ignored_hosts (environment);
  g_autofree char *all = get_uri (environment, "all_proxy");
  GProxyResolver *resolver;

  if (g_strv_contains ((const char *const *) ignored, "*"))
    return g_simple_proxy_resolver_new ("direct://", NULL);

  if (all == NULL)
    all = get_uri (environment, "http_proxy");

  resolver = g_simple_proxy_resolver_new (all != NULL ? all : "direct://", ignored);
  add_scheme (G_SIMPLE_PROXY_RESOLVER (resolver), environment, "http", "http_proxy");
  add_scheme (G_SIMPLE_PROXY_RESOLVER (resolver), environment, "https", "https_proxy");
  add_scheme (G_SIMPLE_PROXY_RESOLVER (resolver), environment, "ftp", "ftp_proxy");

  return resolver;
}

/* Without a module for it GIO answers "direct" to everything; that one says of itself that it is
 * supported, so it is known by its name. */
GProxyResolver *
qnet_system_proxies_new (void)
{
  GProxyResolver *resolver = g_proxy_resolver_get_default ();
  g_auto(GStrv) environment = NULL;

  if (strcmp (G_OBJECT_TYPE_NAME (resolver), "GDummyProxyResolver") != 0
      && g_proxy_resolver_is_supported (resolver))
    return g_object_ref (resolver);

  environment = g_get_environ ();

  return qnet_environment_proxies_new (environment);
}
