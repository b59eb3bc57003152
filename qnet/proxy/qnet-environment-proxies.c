/* qnet-environment-proxies.c: the system's proxies
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-environment-proxies-private.h"

#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-reserve-private.h"
#include "proxy/qnet-network-proxy-private.h"
#include "proxy/qnet-spared-hosts-private.h"

/* GSimpleProxyResolver has no error for a setting that it cannot use: it prints a critical, or a
 * warning, and answers "direct". */

#define QNET_TYPE_ENVIRONMENT_RESOLVER (qnet_environment_resolver_get_type ())

G_DECLARE_FINAL_TYPE (QnetEnvironmentResolver, qnet_environment_resolver, QNET, ENVIRONMENT_RESOLVER, GObject)

struct _QnetEnvironmentResolver
{
  GObject           parent_instance;

  char            **environment;   /* (owned) */
  QnetSparedHosts  *spared_hosts;  /* (owned): of no_proxy */
  int               error_number;  /* why the settings of the system could not be read; 0: they were, or are not asked for */
};

static void qnet_environment_resolver_iface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (QnetEnvironmentResolver, qnet_environment_resolver, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      qnet_environment_resolver_iface_init))

/* Variables */

static const char *const proxy_variables[] = { "all_proxy", "http_proxy", "https_proxy", "ftp_proxy" };

/* White space alone is as good as nothing. */
static char *
get_one_variable (char       **environment,
                  const char  *name)
{
  const char *value = g_environ_getenv (environment, name);
  g_autofree char *stripped = value != NULL ? g_strstrip (g_strdup (value)) : NULL;

  return stripped != NULL && *stripped != '\0' ? g_steal_pointer (&stripped) : NULL;
}

static char *
get_variable (char       **environment,
              const char  *name,
              char       **out_written)  /* (optional): the name as it was found */
{
  g_autofree char *capitals = g_ascii_strup (name, -1);
  const char *names[] = { name, capitals };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      char *value = get_one_variable (environment, names[i]);

      if (value == NULL)
        continue;

      if (out_written != NULL)
        *out_written = g_strdup (names[i]);
      return value;
    }

  return NULL;
}

/* Which one is for a scheme, the best one first. */
static const char *
get_variable_of_scheme (const char *scheme)
{
  const char *schemes[] = { "http", "https", "ftp" };

  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      if (g_ascii_strcasecmp (scheme, schemes[i]) == 0)
        return proxy_variables[i + 1];
    }

  return "all_proxy";
}

static char *
find_setting (QnetEnvironmentResolver *self,
              const char              *scheme,
              char                   **out_written)
{
  const char *names[] = { get_variable_of_scheme (scheme), "all_proxy", "http_proxy" };
  char *value = NULL;

  for (gsize i = 0; value == NULL && i < G_N_ELEMENTS (names); i++)
    value = get_variable (self->environment, names[i], out_written);

  return value;
}

/* "proxy:3128" is an HTTP proxy. */
static char *
to_uri (const char *value)
{
  return strstr (value, "://") != NULL ? g_strdup (value) : g_strconcat ("http://", value, NULL);
}

/* Answers */

static char **
new_answer (const char *uri)
{
  const char *const uris[] = { uri, NULL };

  return g_strdupv ((char **) uris);
}

/* A web server that runs a program for each request hands the client's header "Proxy" on as HTTP_PROXY. To go without a proxy,
 * or to ask the module of GIO, which reads that variable, too, would be no better. */
static gboolean
is_from_client (QnetEnvironmentResolver *self,
                const char              *variable)
{
  return strcmp (variable, "HTTP_PROXY") == 0
         && g_environ_getenv (self->environment, "REQUEST_METHOD") != NULL;
}

static char **
refuse_client (GError **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "%s",
                  _("REQUEST_METHOD is set, so the environment variable HTTP_PROXY may be from a client of a web server"));

  return NULL;
}

static char **
refuse_unread (QnetEnvironmentResolver  *self,
               GError                  **error)
{
  qnet_set_error_from_errno (error, self->error_number, "%s", _("the settings of the system cannot be read"));

  return NULL;
}

/* Only what could be no proxy of anybody's is refused here: GIO may speak to kinds that we do not. */
static char **
answer_with (const char  *value,
             const char  *variable,
             GError     **error)
{
  g_autofree char *uri = to_uri (value);
  g_autofree char *problem = NULL;
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_parse (uri, &problem);

  if (proxy != NULL)
    return new_answer (uri);

  /* Translators: the name of a variable, and why it cannot be used, as in "it names no host" */
  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("the environment variable %s is not the URI of a proxy: %s"), variable, problem);

  return NULL;
}

/* GProxyResolver */

static gboolean
qnet_environment_resolver_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static char **
qnet_environment_resolver_lookup (GProxyResolver  *resolver,
                                  const char      *uri,
                                  GCancellable    *cancellable,
                                  GError         **error)
{
  QnetEnvironmentResolver *self = QNET_ENVIRONMENT_RESOLVER (resolver);
  g_autofree char *scheme = NULL;
  g_autofree char *host = NULL;
  g_autofree char *value = NULL;
  g_autofree char *variable = NULL;
  int port = -1;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  if (!g_uri_split_network (uri, G_URI_FLAGS_NONE, &scheme, &host, &port, NULL))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "%s",
                      _("what is to be reached is not named by a URI"));
      return NULL;
    }

  if (self->error_number != 0)
    return refuse_unread (self, error);

  if (qnet_spared_hosts_contain (self->spared_hosts, host, port))
    return new_answer ("direct://");

  value = find_setting (self, scheme, &variable);
  if (value != NULL && is_from_client (self, variable))
    return refuse_client (error);

  return value != NULL ? answer_with (value, variable, error) : new_answer ("direct://");
}

static void
qnet_environment_resolver_lookup_async (GProxyResolver      *resolver,
                                        const char          *uri,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data)
{
  g_autoptr(GTask) task = qnet_task_new (resolver, cancellable, callback, user_data);
  GError *error = NULL;
  char **answer = qnet_environment_resolver_lookup (resolver, uri, cancellable, &error);

  g_task_set_source_tag (task, qnet_environment_resolver_lookup_async);

  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) g_strfreev);
  else
    g_task_return_error (task, error);
}

static char **
qnet_environment_resolver_lookup_finish (GProxyResolver  *resolver,
                                         GAsyncResult    *result,
                                         GError         **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
qnet_environment_resolver_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported  = qnet_environment_resolver_is_supported;
  iface->lookup        = qnet_environment_resolver_lookup;
  iface->lookup_async  = qnet_environment_resolver_lookup_async;
  iface->lookup_finish = qnet_environment_resolver_lookup_finish;
}

/* GObject */

static void
qnet_environment_resolver_finalize (GObject *object)
{
  QnetEnvironmentResolver *self = QNET_ENVIRONMENT_RESOLVER (object);

  g_strfreev (self->environment);
  g_clear_pointer (&self->spared_hosts, qnet_spared_hosts_free);

  G_OBJECT_CLASS (qnet_environment_resolver_parent_class)->finalize (object);
}

static void
qnet_environment_resolver_class_init (QnetEnvironmentResolverClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = qnet_environment_resolver_finalize;
}

static void
qnet_environment_resolver_init (QnetEnvironmentResolver *self)
{
}

/* Interface */

GProxyResolver *
qnet_environment_proxies_new (char **environment)
{
  QnetEnvironmentResolver *self = g_object_new (QNET_TYPE_ENVIRONMENT_RESOLVER, NULL);
  g_autofree char *no_proxy = get_variable (environment, "no_proxy", NULL);

  self->environment = g_strdupv (environment);
  self->spared_hosts = qnet_spared_hosts_new (no_proxy != NULL ? no_proxy : "");

  return G_PROXY_RESOLVER (self);
}

static gboolean
names_proxies (char **environment)
{
  for (gsize i = 0; i < G_N_ELEMENTS (proxy_variables); i++)
    {
      g_autofree char *value = get_variable (environment, proxy_variables[i], NULL);

      if (value != NULL)
        return TRUE;
    }

  return FALSE;
}

/* Without a module for it GIO answers "direct" to everything; that one says of itself that it is
 * supported, so it is known by its name. */
static gboolean
knows_settings (GProxyResolver *resolver)
{
  return strcmp (G_OBJECT_TYPE_NAME (resolver), "GDummyProxyResolver") != 0
         && g_proxy_resolver_is_supported (resolver);
}

/* (nullable): NULL where GIO would end the process for want of descriptors */
static GProxyResolver *
get_default_resolver (int *out_error_number)
{
  static int is_loaded = FALSE;  /* (atomic) */

  if (!g_atomic_int_get (&is_loaded) && !qnet_reserve_can_load_modules (out_error_number))
    return NULL;

  g_atomic_int_set (&is_loaded, TRUE);

  return g_proxy_resolver_get_default ();
}

static GProxyResolver *
new_unread (char **environment,
            int    error_number)
{
  GProxyResolver *resolver = qnet_environment_proxies_new (environment);

  QNET_ENVIRONMENT_RESOLVER (resolver)->error_number = error_number;

  return resolver;
}

/* The environment first: who has set it meant this program, and the module over libproxy reads some
 * of its variables alone. */
GProxyResolver *
qnet_system_proxies_new (void)
{
  g_auto(GStrv) environment = g_get_environ ();
  GProxyResolver *resolver;
  int error_number;

  if (names_proxies (environment))
    return qnet_environment_proxies_new (environment);

  resolver = get_default_resolver (&error_number);
  if (resolver == NULL)
    return new_unread (environment, error_number);

  return knows_settings (resolver) ? g_object_ref (resolver)
                                   : qnet_environment_proxies_new (environment);
}
