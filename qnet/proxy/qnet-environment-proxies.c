/* qnet-environment-proxies.c: the system's proxy settings
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-environment-proxies-private.h"

#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "proxy/qnet-network-proxy-private.h"
#include "proxy/qnet-proxy-exceptions-private.h"

/* GSimpleProxyResolver does not report invalid settings as an error: it prints a critical or a
 * warning, and returns "direct". */

#define QNET_TYPE_ENVIRONMENT_RESOLVER (qnet_environment_resolver_get_type ())

G_DECLARE_FINAL_TYPE (QnetEnvironmentResolver, qnet_environment_resolver,
                      QNET, ENVIRONMENT_RESOLVER, GObject)

struct _QnetEnvironmentResolver
{
  GObject               parent_instance;

  char                **environment;   /* (owned) */
  QnetProxyExceptions  *exceptions;    /* (owned): of no_proxy */
  int                   error_number;  /* of reading the system's settings; 0: none */
};

static void qnet_environment_resolver_iface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (QnetEnvironmentResolver, qnet_environment_resolver, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      qnet_environment_resolver_iface_init))

/* Variables */

static const char *const proxy_variables[] = {
  "all_proxy",
  "http_proxy",
  "https_proxy",
  "ftp_proxy",
};

/* A variable with only white space counts as unset. */
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
              char       **out_written)  /* (optional): the name as it is written */
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

/* The variable for a scheme */
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
find_setting (QnetEnvironmentResolver  *self,
              const char               *scheme,
              char                    **out_written)
{
  const char *names[] = { get_variable_of_scheme (scheme), "all_proxy", "http_proxy" };
  char *value = NULL;

  for (gsize i = 0; value == NULL && i < G_N_ELEMENTS (names); i++)
    value = get_variable (self->environment, names[i], out_written);

  return value;
}

/* A value without a scheme, such as "proxy:3128", is an HTTP proxy. */
static char *
to_uri (const char *value)
{
  return strstr (value, "://") != NULL ? g_strdup (value) : g_strconcat ("http://", value, NULL);
}

/* Results */

static char **
new_result (const char *uri)
{
  const char *const uris[] = { uri, NULL };

  return g_strdupv ((char **) uris);
}

/* A web server passes the header field "Proxy" of a client as HTTP_PROXY to a CGI program
 * ("httpoxy"). It is an error, because neither a direct connection nor GIO's module, which also
 * reads the variable, would be better. */
static gboolean
is_from_client (QnetEnvironmentResolver *self,
                const char              *variable)
{
  return strcmp (variable, "HTTP_PROXY") == 0
         && g_environ_getenv (self->environment, "REQUEST_METHOD") != NULL;
}

static char **
set_client_error (GError **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "%s",
                  _("The environment variable HTTP_PROXY is not trusted, because REQUEST_METHOD "
                    "is set"));

  return NULL;
}

static char **
set_unread_error (QnetEnvironmentResolver  *self,
                  GError                  **error)
{
  qnet_set_error_from_errno (error, self->error_number,
                             "%s", _("Could not read the system’s proxy settings"));

  return NULL;
}

/* Only URIs that are invalid are rejected here: GIO may support proxy types that qnet does not. */
static char **
get_proxy_uri (const char  *value,
               const char  *variable,
               GError     **error)
{
  g_autofree char *uri = to_uri (value);
  g_autofree char *problem = NULL;
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_parse (uri, &problem);

  if (proxy != NULL)
    return new_result (uri);

  /* Translators: the name of a variable, and a sentence such as "The proxy URI has no host" */
  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("The environment variable %s is not valid: %s"), variable, problem);

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
                      _("The destination is not a valid URI"));
      return NULL;
    }

  if (self->error_number != 0)
    return set_unread_error (self, error);

  if (qnet_proxy_exceptions_contain (self->exceptions, host, port))
    return new_result ("direct://");

  value = find_setting (self, scheme, &variable);
  if (value != NULL && is_from_client (self, variable))
    return set_client_error (error);

  return value != NULL ? get_proxy_uri (value, variable, error) : new_result ("direct://");
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
  g_clear_pointer (&self->exceptions, qnet_proxy_exceptions_free);

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
  self->exceptions = qnet_proxy_exceptions_new (no_proxy != NULL ? no_proxy : "");

  return G_PROXY_RESOLVER (self);
}

static gboolean
has_proxy_variables (char **environment)
{
  for (gsize i = 0; i < G_N_ELEMENTS (proxy_variables); i++)
    {
      g_autofree char *value = get_variable (environment, proxy_variables[i], NULL);

      if (value != NULL)
        return TRUE;
    }

  return FALSE;
}

/* Without a module GIO has a dummy resolver, which always returns "direct". It claims to be
 * supported, so it is recognized by its name. */
static gboolean
has_settings (GProxyResolver *resolver)
{
  return strcmp (G_OBJECT_TYPE_NAME (resolver), "GDummyProxyResolver") != 0
         && g_proxy_resolver_is_supported (resolver);
}

/* Returns NULL if GIO would abort the process because no file descriptors are left. (nullable) */
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

/* The environment takes precedence, because it was set for this program, and the module for
 * libproxy reads only some of its variables. */
GProxyResolver *
qnet_system_proxies_new (void)
{
  g_auto(GStrv) environment = g_get_environ ();
  GProxyResolver *resolver;
  int error_number;

  if (has_proxy_variables (environment))
    return qnet_environment_proxies_new (environment);

  resolver = get_default_resolver (&error_number);
  if (resolver == NULL)
    return new_unread (environment, error_number);

  return has_settings (resolver) ? g_object_ref (resolver)
                                   : qnet_environment_proxies_new (environment);
}
