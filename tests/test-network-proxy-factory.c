/* test-network-proxy-factory.c: the choice of a proxy
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "qnet.h"

#include "common/application-proxy.h"
#include "proxy/qnet-application-proxy-private.h"
#include "proxy/qnet-environment-proxies-private.h"

/* A factory of the test */

#define TEST_TYPE_FACTORY (test_factory_get_type ())
G_DECLARE_FINAL_TYPE (TestFactory, test_factory, TEST, FACTORY, QnetNetworkProxyFactory)

struct _TestFactory
{
  QnetNetworkProxyFactory  parent_instance;

  QnetNetworkProxyQuery   *query;    /* (owned) (nullable): the last query */
  guint                    n_proxies;
  gboolean                 fails;
  gboolean                 http_first;
  gboolean                 names_default;
};

G_DEFINE_FINAL_TYPE (TestFactory, test_factory, QNET_TYPE_NETWORK_PROXY_FACTORY)

static GList *
test_factory_query_proxy (QnetNetworkProxyFactory  *factory,
                          QnetNetworkProxyQuery    *query,
                          GError                  **error)
{
  TestFactory *self = TEST_FACTORY (factory);
  GList *proxies = NULL;

  g_clear_pointer (&self->query, qnet_network_proxy_query_unref);
  self->query = query;

  for (guint i = 0; i < self->n_proxies; i++)
    {
      QnetProxyType type =
        self->http_first && i == 0 ? QNET_PROXY_TYPE_HTTP : QNET_PROXY_TYPE_SOCKS5;

      proxies =
        g_list_append (proxies, qnet_network_proxy_new (type, "gate", 1080 + i, NULL, NULL));
    }

  if (self->names_default)
    proxies = g_list_prepend (
      proxies, qnet_network_proxy_new (QNET_PROXY_TYPE_DEFAULT, NULL, 0, NULL, NULL));

  if (self->fails)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PROXY_FAILED, "no idea");

  return proxies;
}

static void
test_factory_finalize (GObject *object)
{
  TestFactory *self = TEST_FACTORY (object);

  g_clear_pointer (&self->query, qnet_network_proxy_query_unref);

  G_OBJECT_CLASS (test_factory_parent_class)->finalize (object);
}

static void
test_factory_class_init (TestFactoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_factory_finalize;
  QNET_NETWORK_PROXY_FACTORY_CLASS (klass)->query_proxy = test_factory_query_proxy;
}

static void
test_factory_init (TestFactory *self)
{
  self->n_proxies = 2;
}

/* Helpers */

static QnetNetworkProxyQuery *
new_query (const char         *host,
           QnetProxyQueryType  type)
{
  return qnet_network_proxy_query_new_for_host (host, 80, "http", type);
}

/* The URIs of the proxies, or the code of the error. */
static char *
describe (GList  *proxies,  /* (transfer full) */
          GError *error)    /* (transfer full) */
{
  GString *text = g_string_new (NULL);

  if (error != NULL)
    {
      g_assert_null (proxies);
      g_assert_cmpuint (error->domain, ==, QNET_SOCKET_ERROR);
      g_string_append_printf (text, "error %d", error->code);
      g_error_free (error);
    }

  for (GList *link = proxies; link != NULL; link = link->next)
    {
      g_autofree char *uri = qnet_network_proxy_to_uri (link->data);

      g_string_append_printf (text, "%s%s", link == proxies ? "" : " ", uri);
    }

  g_list_free_full (proxies, (GDestroyNotify) qnet_network_proxy_unref);

  return g_string_free (text, FALSE);
}

static void
assert_choice (const char *host,
               const char *expected)
{
  g_autoptr(QnetNetworkProxyQuery) query = new_query (host, QNET_PROXY_QUERY_TYPE_TCP_SOCKET);
  GError *error = NULL;
  GList *proxies = qnet_network_proxy_factory_proxy_for_query (query, &error);
  g_autofree char *text = describe (proxies, error);

  g_assert_cmpstr (text, ==, expected);
}

/* The application's choice */

static void
test_nothing_chosen (void)
{
  g_test_summary ("By default, connections are direct.");

  g_assert_true (qnet_application_proxy_is_direct ());
  assert_choice ("example.org", "direct://");
}

static void
test_application_proxy (void)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_HTTP, "gate", 8080,
                                                              NULL, NULL);
  g_autoptr(QnetNetworkProxy) none = qnet_network_proxy_new (QNET_PROXY_TYPE_DEFAULT, NULL, 0,
                                                             NULL, NULL);
  g_autoptr(QnetNetworkProxy) found = NULL;
  g_autoptr(QnetNetworkProxy) found_none = NULL;

  g_test_summary ("The application's proxy is used until it is unset.");

  qnet_set_application_proxy (proxy);
  g_assert_false (qnet_application_proxy_is_direct ());
  assert_choice ("example.org", "http://gate:8080");
  found = qnet_get_application_proxy ();
  g_assert_true (found == proxy);

  qnet_set_application_proxy (none);
  g_assert_true (qnet_application_proxy_is_direct ());
  assert_choice ("example.org", "direct://");
  found_none = qnet_get_application_proxy ();
  g_assert_cmpint (qnet_network_proxy_get_proxy_type (found_none), ==, QNET_PROXY_TYPE_NONE);

  qnet_set_application_proxy (proxy);
  clear_application_proxy ();
  g_assert_true (qnet_application_proxy_is_direct ());
}

static void
test_application_factory (void)
{
  TestFactory *factory = g_object_new (TEST_TYPE_FACTORY, NULL);
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_HTTP, "gate", 8080,
                                                              NULL, NULL);

  g_test_summary ("The application's factory is queried; setting a proxy replaces it, and the "
                  "other way round.");

  qnet_set_application_proxy (proxy);
  qnet_set_application_proxy_factory (QNET_NETWORK_PROXY_FACTORY (factory));
  assert_choice ("example.org", "socks5://gate:1080 socks5://gate:1081");
  g_assert_cmpstr (qnet_network_proxy_query_get_peer_host_name (factory->query), ==, "example.org");

  qnet_set_application_proxy (proxy);
  assert_choice ("example.org", "http://gate:8080");
  g_assert_finalize_object (factory);

  clear_application_proxy ();
  assert_choice ("example.org", "direct://");
}

static void
test_loopback (void)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_HTTP, "gate", 8080,
                                                              NULL, NULL);
  char own[256] = "";
  const char *near[] = {
    "localhost",
    "LOCALHOST.",
    "x.localhost",
    "y.X.LocalHost.",
    "127.0.0.1",
    "127.1.2.3",
    "127.1",
    "::1",
    "[::1]",
    "0:0::1",
    "::ffff:127.0.0.1",
    "[::ffff:127.0.0.1]",
    "127.0.0.1.",
    "0.0.0.0",
    "::",
    "[::]",
    "::ffff:0.0.0.0",
    own,
  };
  const char *far[] = {
    "example.org",
    "10.255.255.1",
    "localhost.example",
    "xlocalhost",
    "localhost.localdomain.example",
    "127.0.0.1.example",
    "2001:db8::1",
    "[2001:db8::1]",
    "",
  };

  g_test_summary ("No proxy is used for hosts on this machine.");

  g_assert_no_errno (gethostname (own, sizeof own - 1));
  qnet_set_application_proxy (proxy);

  for (gsize i = 0; i < G_N_ELEMENTS (near); i++)
    assert_choice (near[i], "direct://");
  for (gsize i = 0; i < G_N_ELEMENTS (far); i++)
    assert_choice (far[i], "http://gate:8080");

  clear_application_proxy ();
}

static void
test_own_addresses (void)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_HTTP, "gate", 8080,
                                                              NULL, NULL);
  g_autoptr(GPtrArray) addresses = qnet_network_interface_list_all_addresses ();

  g_test_summary ("The addresses of the interfaces are those of this machine.");

  qnet_set_application_proxy (proxy);

  for (guint i = 0; i < addresses->len; i++)
    {
      g_autofree char *text = qnet_host_address_to_string (addresses->pdata[i]);

      assert_choice (text, "direct://");
    }

  clear_application_proxy ();
}

static char *
ask_application (QnetProxyQueryType  type,
                 char              **out_message)
{
  g_autoptr(QnetNetworkProxyQuery) query = new_query ("example.org", type);
  GError *error = NULL;
  GList *proxies = qnet_network_proxy_factory_proxy_for_query (query, &error);

  if (out_message != NULL)
    *out_message = g_strdup (error != NULL ? error->message : NULL);

  return describe (proxies, error);
}

static void
test_capabilities (void)
{
  const QnetProxyQueryType types[] = { QNET_PROXY_QUERY_TYPE_UDP_SOCKET,
                                       QNET_PROXY_QUERY_TYPE_TCP_SERVER };
  g_autoptr (QnetNetworkProxy) able =
    qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "gate", 1080, NULL, NULL);
  g_autoptr(QnetNetworkProxy) http = qnet_network_proxy_with_type (able, QNET_PROXY_TYPE_HTTP);
  g_autoptr(QnetNetworkProxy) socks5 =
    qnet_network_proxy_with_capabilities (able, QNET_PROXY_CAPABILITIES_TUNNELING);
  g_autoptr(TestFactory) factory = g_object_new (TEST_TYPE_FACTORY, NULL);
  g_autofree char *message = NULL;
  g_autofree char *datagrams = NULL;

  g_test_summary ("A proxy without the needed capability is an error.");

  factory->http_first = TRUE;
  factory->n_proxies = 1;

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *unable = NULL;
      g_autofree char *of_factory = NULL;
      g_autofree char *good = NULL;

      qnet_set_application_proxy (socks5);
      unable = ask_application (types[i], NULL);
      g_assert_cmpstr (unable, ==, "error 10");

      qnet_set_application_proxy_factory (QNET_NETWORK_PROXY_FACTORY (factory));
      of_factory = ask_application (types[i], NULL);
      g_assert_cmpstr (of_factory, ==, "error 10");

      qnet_set_application_proxy (able);
      good = ask_application (types[i], NULL);
      g_assert_cmpstr (good, ==, "socks5://gate:1080");
    }

  qnet_set_application_proxy (http);
  datagrams = ask_application (QNET_PROXY_QUERY_TYPE_UDP_SOCKET, &message);
  g_assert_cmpstr (datagrams, ==, "error 10");
  g_assert_cmpstr (message, ==, "Could not exchange datagrams through the proxy gate port 1080: "
                                "HTTP proxies do not forward datagrams");
  clear_application_proxy ();
}

static void
test_first_with_capability (void)
{
  g_autoptr(TestFactory) factory = g_object_new (TEST_TYPE_FACTORY, NULL);
  g_autofree char *connection = NULL;
  g_autofree char *datagrams = NULL;

  g_test_summary ("The first proxy in the list with the needed capability is used.");

  factory->http_first = TRUE;
  qnet_set_application_proxy_factory (QNET_NETWORK_PROXY_FACTORY (factory));
  connection = ask_application (QNET_PROXY_QUERY_TYPE_TCP_SOCKET, NULL);
  datagrams = ask_application (QNET_PROXY_QUERY_TYPE_UDP_SOCKET, NULL);
  g_assert_cmpstr (connection, ==, "http://gate:1080 socks5://gate:1081");
  g_assert_cmpstr (datagrams, ==, "socks5://gate:1081");
  clear_application_proxy ();
}

static void
test_no_answer (void)
{
  g_autoptr(TestFactory) factory = g_object_new (TEST_TYPE_FACTORY, NULL);

  g_test_summary ("A factory that fails, or returns no proxy, never results in a direct "
                  "connection.");

  qnet_set_application_proxy_factory (QNET_NETWORK_PROXY_FACTORY (factory));

  factory->n_proxies = 0;
  assert_choice ("example.org", "error 17");  /* PROXY_NOT_FOUND */
  factory->n_proxies = 1;
  factory->fails = TRUE;
  assert_choice ("example.org", "error 18");  /* PROXY_PROTOCOL */

  clear_application_proxy ();
}

/* Asynchronously */

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  char **answer = user_data;
  GError *error = NULL;
  QnetNetworkProxyFactory *factory = QNET_NETWORK_PROXY_FACTORY (source);
  GList *proxies = qnet_network_proxy_factory_query_proxy_finish (factory, result, &error);

  *answer = describe (proxies, error);
}

static char *
ask_async (QnetNetworkProxyFactory *factory,
           QnetProxyQueryType       type)
{
  g_autoptr(QnetNetworkProxyQuery) query = new_query ("example.org", type);
  char *answer = NULL;

  qnet_network_proxy_factory_query_proxy_async (factory, query, G_PRIORITY_DEFAULT, NULL,
                                                answered_cb, &answer);
  g_assert_null (answer);

  while (answer == NULL)
    g_main_context_iteration (NULL, TRUE);

  return answer;
}

static void
test_async (void)
{
  g_autoptr(TestFactory) factory = g_object_new (TEST_TYPE_FACTORY, NULL);
  g_autofree char *good = ask_async (QNET_NETWORK_PROXY_FACTORY (factory), 0);
  g_autofree char *empty = NULL;
  g_autofree char *failed = NULL;

  g_test_summary ("A factory that only implements query_proxy can be queried asynchronously.");

  g_assert_cmpstr (good, ==, "socks5://gate:1080 socks5://gate:1081");

  factory->n_proxies = 0;
  empty = ask_async (QNET_NETWORK_PROXY_FACTORY (factory), 0);
  g_assert_cmpstr (empty, ==, "error 17");

  factory->fails = TRUE;
  failed = ask_async (QNET_NETWORK_PROXY_FACTORY (factory), 0);
  g_assert_cmpstr (failed, ==, "error 18");
}

/* A GProxyResolver as factory */

static char *
ask (QnetNetworkProxyFactory *factory,
     QnetProxyQueryType       type)
{
  g_autoptr(QnetNetworkProxyQuery) query = new_query ("example.org", type);
  GError *error = NULL;
  GList *proxies = qnet_network_proxy_factory_query_proxy (factory, query, &error);

  return describe (proxies, error);
}

static void
test_resolver (void)
{
  g_autoptr(GProxyResolver) resolver = g_simple_proxy_resolver_new ("socks5://gate:9", NULL);
  g_autoptr(QnetNetworkProxyFactory) factory = qnet_network_proxy_factory_from_resolver (resolver);
  g_autoptr(GProxyResolver) again = qnet_network_proxy_factory_get_resolver (factory);
  g_autofree char *now = ask (factory, QNET_PROXY_QUERY_TYPE_TCP_SOCKET);
  g_autofree char *later = ask_async (factory, QNET_PROXY_QUERY_TYPE_TCP_SOCKET);

  g_test_summary ("A factory of a resolver queries it, and returns it.");

  g_assert_cmpstr (now, ==, "socks5://gate:9");
  g_assert_cmpstr (later, ==, "socks5://gate:9");
  g_assert_true (again == resolver);
}

static void
test_unknown_kind (void)
{
  g_autoptr(GProxyResolver) resolver = g_simple_proxy_resolver_new ("socks4://gate:9", NULL);
  g_autoptr(QnetNetworkProxyFactory) factory = qnet_network_proxy_factory_from_resolver (resolver);
  g_autoptr(QnetNetworkProxyQuery) query = new_query ("example.org", 0);
  GList *proxies = qnet_network_proxy_factory_query_proxy (factory, query, NULL);

  g_test_summary ("A proxy of an unknown type has no capabilities.");

  g_assert_cmpuint (g_list_length (proxies), ==, 1);
  g_assert_cmpint (qnet_network_proxy_get_proxy_type (proxies->data), !=, QNET_PROXY_TYPE_NONE);
  g_assert_cmpint (qnet_network_proxy_get_capabilities (proxies->data), ==,
                   QNET_PROXY_CAPABILITIES_NONE);
  g_list_free_full (proxies, (GDestroyNotify) qnet_network_proxy_unref);
}

static const struct
{
  const char *settings[4];
  const char *expected;
} mixed_settings[] = {
  { { "socks4://gate:9", "direct://" }, "error 10" },
  { { "%%%", "direct://" }, "error 10" },
  { { "", "direct://" }, "error 10" },
  { { "socks4://gate:9", "socks5://gate:1", "direct://" }, "socks5://gate:1" },
  { { "http://gate:9", "socks4://gate:9", "direct://" }, "http://gate:9" },
  { { "http://gate:9", "direct://" }, "http://gate:9 direct://" },
};

/* Returns all the @settings. */
#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GObject)

struct _TestResolver
{
  GObject            parent_instance;

  const char *const *settings;
};

static char **
test_resolver_lookup (GProxyResolver  *resolver,
                      const char      *uri,
                      GCancellable    *cancellable,
                      GError         **error)
{
  return g_strdupv ((char **) TEST_RESOLVER (resolver)->settings);
}

static void
test_resolver_iface_init (GProxyResolverInterface *iface)
{
  iface->lookup = test_resolver_lookup;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestResolver,
                               test_resolver,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      test_resolver_iface_init))

static void
test_resolver_class_init (TestResolverClass *klass)
{
}

static void
test_resolver_init (TestResolver *self)
{
}

static void
test_mixed_settings (void)
{
  g_autoptr(TestResolver) resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);
  g_autoptr(QnetNetworkProxyFactory) factory = NULL;

  g_test_summary ("A direct connection after an unusable proxy in the list is not used.");

  factory = qnet_network_proxy_factory_from_resolver (G_PROXY_RESOLVER (resolver));
  qnet_set_application_proxy_factory (factory);

  for (gsize i = 0; i < G_N_ELEMENTS (mixed_settings); i++)
    {
      resolver->settings = mixed_settings[i].settings;
      assert_choice ("example.org", mixed_settings[i].expected);
    }

  clear_application_proxy ();
}

static void
test_factory_names_default (void)
{
  g_autoptr(TestFactory) factory = g_object_new (TEST_TYPE_FACTORY, NULL);
  g_autoptr(QnetUdpSocket) datagrams = qnet_udp_socket_new ();
  g_autoptr(GError) error = NULL;

  g_test_summary ("A factory that returns DEFAULT is an error with its own message.");

  factory->names_default = TRUE;
  factory->n_proxies = 0;
  qnet_set_application_proxy_factory (QNET_NETWORK_PROXY_FACTORY (factory));
  g_assert_false (qnet_abstract_socket_bind_port (QNET_ABSTRACT_SOCKET (datagrams), 7777,
                                                  QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error));
  g_assert_cmpstr (error->message, ==,
                   "Could not choose a proxy for datagrams of port 7777: The proxy factory "
                   "returned the application’s proxy, which it was queried for");
  clear_application_proxy ();
}

static void
test_resolver_fails (void)
{
  g_autoptr(TestFactory) factory = g_object_new (TEST_TYPE_FACTORY, NULL);
  g_autoptr(GProxyResolver) resolver = NULL;
  g_autoptr(QnetNetworkProxyFactory) outer = NULL;
  g_autofree char *now = NULL;
  g_autofree char *later = NULL;

  g_test_summary ("A resolver that fails never results in a direct connection.");

  factory->fails = TRUE;
  resolver = qnet_network_proxy_factory_get_resolver (QNET_NETWORK_PROXY_FACTORY (factory));
  g_assert_true (g_proxy_resolver_is_supported (resolver));
  outer = qnet_network_proxy_factory_from_resolver (resolver);
  now = ask (outer, QNET_PROXY_QUERY_TYPE_TCP_SOCKET);
  later = ask_async (outer, QNET_PROXY_QUERY_TYPE_TCP_SOCKET);
  g_assert_cmpstr (now, ==, "error 18");
  g_assert_cmpstr (later, ==, "error 18");
}

static void
noted_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  GError **error = user_data;

  g_assert_null (qnet_network_proxy_factory_query_proxy_finish (QNET_NETWORK_PROXY_FACTORY (source),
                                                                result, error));
}

static void
test_no_password_in_errors (void)
{
  const char *const uris[] = { "http://alice:sesame@[::1", "http://alice:sesame@h:99999",
                               "http://h:sesame" };
  const char *const none[] = { NULL };
  g_autoptr(GProxyResolver) simple = g_simple_proxy_resolver_new ("socks5://gate:9", NULL);
  g_autoptr(GProxyResolver) ours = qnet_environment_proxies_new ((char **) none);
  GProxyResolver *resolvers[] = { simple, ours };

  g_test_summary ("An invalid URI is an error that contains neither the user name nor the "
                  "password.");

  for (gsize i = 0; i < G_N_ELEMENTS (uris); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (resolvers); k++)
      {
        g_autoptr (QnetNetworkProxyFactory) factory =
          qnet_network_proxy_factory_from_resolver (resolvers[k]);
        g_autoptr(QnetNetworkProxyQuery) query =
          qnet_network_proxy_query_new_for_uri (uris[i], QNET_PROXY_QUERY_TYPE_URL_REQUEST);
        g_autoptr(GError) error = NULL;
        g_autoptr(GError) later = NULL;

        g_assert_null (qnet_network_proxy_factory_query_proxy (factory, query, &error));
        qnet_network_proxy_factory_query_proxy_async (factory, query, G_PRIORITY_DEFAULT, NULL,
                                                      noted_cb, &later);
        while (later == NULL)
          g_main_context_iteration (NULL, TRUE);

        g_assert_cmpuint (error->domain, ==, QNET_SOCKET_ERROR);
        g_assert_cmpstr (error->message, ==, later->message);
        g_assert_null (strstr (error->message, "alice"));
        g_assert_null (strstr (error->message, "sesame"));
      }
}

static void
test_as_resolver (void)
{
  g_autoptr(TestFactory) factory = g_object_new (TEST_TYPE_FACTORY, NULL);
  g_autoptr(GProxyResolver) resolver = NULL;
  g_autoptr(QnetNetworkProxyFactory) outer = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autofree char *now = NULL;
  g_autofree char *later = NULL;

  g_test_summary ("A factory can be used as a GProxyResolver.");

  resolver = qnet_network_proxy_factory_get_resolver (QNET_NETWORK_PROXY_FACTORY (factory));
  outer = qnet_network_proxy_factory_from_resolver (resolver);
  now = ask (outer, QNET_PROXY_QUERY_TYPE_TCP_SOCKET);
  g_assert_cmpstr (now, ==, "socks5://gate:1080 socks5://gate:1081");
  g_assert_cmpint (qnet_network_proxy_query_get_query_type (factory->query), ==,
                   QNET_PROXY_QUERY_TYPE_URL_REQUEST);
  later = ask_async (outer, QNET_PROXY_QUERY_TYPE_TCP_SOCKET);
  g_assert_cmpstr (later, ==, now);

  g_cancellable_cancel (cancellable);
  g_assert_null (g_proxy_resolver_lookup (resolver, "http://example.org", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The environment */

static const struct
{
  const char *environment[4];
  const char *uri;
  const char *expected;
} environments[] = {
  { { NULL }, "none://example.org:80", "direct://" },
  { { "all_proxy=socks5://gate:9" }, "none://example.org:80", "socks5://gate:9" },
  { { "ALL_PROXY=socks5://gate:9" }, "none://example.org:80", "socks5://gate:9" },
  { { "all_proxy=", "http_proxy=gate:9" }, "none://example.org:80", "http://gate:9" },
  { { "HTTP_PROXY=gate:9" }, "http://example.org", "http://gate:9" },
  { { "HTTP_PROXY=gate:9" }, "none://example.org:80", "http://gate:9" },
  { { "HTTP_PROXY=gate:9", "http_proxy=door:8", "REQUEST_METHOD=GET" },
    "http://example.org",
    "http://door:8" },
  { { "HTTP_PROXY=gate:9", "all_proxy=door:8", "REQUEST_METHOD=GET" },
    "none://example.org:80",
    "http://door:8" },
  { { "all_proxy=a:1", "https_proxy=b:2", "ftp_proxy=c:3" }, "http://example.org", "http://a:1" },
  { { "all_proxy=a:1", "https_proxy=b:2", "ftp_proxy=c:3" }, "https://example.org", "http://b:2" },
  { { "all_proxy=a:1", "HTTPS_PROXY=b:2", "ftp_proxy=c:3" }, "ftp://example.org", "http://c:3" },
  { { "all_proxy=a:1", "no_proxy=example.org" }, "none://example.org:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=x, example.org" }, "none://www.example.org:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=.example.org" }, "none://www.example.org:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=ample.org" }, "none://example.org:80", "http://a:1" },
  { { "all_proxy=a:1", "NO_PROXY=*" }, "none://example.org:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=10.0.0.0/8" }, "none://10.1.2.3:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=10.0.0.0/8" }, "none://11.1.2.3:80", "http://a:1" },
  { { "all_proxy= socks5://gate:9 " }, "none://example.org:80", "socks5://gate:9" },
  { { "all_proxy=  ", "http_proxy=\t" }, "none://example.org:80", "direct://" },
  { { "https_proxy=b:2", "http_proxy=gate:9" }, "none://example.org:80", "http://gate:9" },
  { { "https_proxy=b:2" }, "none://example.org:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=[::1]" }, "none://[::1]:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=::1" }, "none://[0::1]:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=127.0.0.1" }, "none://127.1:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=127.0.0.1" }, "none://[::ffff:127.0.0.1]:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=2001:db8::/32" }, "none://[2001:db8::1]:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=example.org:80" }, "none://example.org:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=example.org:80" }, "none://example.org:81", "http://a:1" },
  { { "all_proxy=a:1", "no_proxy=[::1]:80" }, "none://[::1]:81", "http://a:1" },
  { { "all_proxy=a:1", "no_proxy=*.example.org" }, "none://www.example.org:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=*.example.org" }, "none://example.org:80", "http://a:1" },
  { { "all_proxy=a:1", "no_proxy=EXAMPLE.org." }, "none://example.org.:80", "direct://" },
  { { "all_proxy=a:1", "no_proxy=b\303\274cher.example" },
    "none://xn--bcher-kva.example:80",
    "direct://" },
  { { "all_proxy=a:1", "no_proxy=%%%,[::1,[],10.0.0.0/99,:,:80,*x,.,/,\xff" },
    "none://example.org:80",
    "http://a:1" },
};

/* Invalid settings, in each variable of the scheme */
static const struct
{
  const char *variable;
  const char *uri;
} proxy_variables[] = {
  { "all_proxy", "none://example.org:80" }, { "ALL_PROXY", "none://example.org:80" },
  { "http_proxy", "none://example.org:80" }, { "http_proxy", "http://example.org" },
  { "HTTP_PROXY", "none://example.org:80" }, { "HTTP_PROXY", "http://example.org" },
  { "https_proxy", "https://example.org" }, { "HTTPS_PROXY", "https://example.org" },
  { "ftp_proxy", "ftp://example.org" }, { "FTP_PROXY", "ftp://example.org" },
};

static const char *const unusable[] = {
  "%%%",
  "http://[::1",
  "socks5://:99999",
  "socks5://gate:99999",
  "http://",
  "://",
  "http:/gate:9",
  "socks5://alice:a@sesame@host",
  "alice:a@sesame@host",
  "direct://host",
  "gate:9/x",
  "ga te",
  ":9",
  "\xff",
  "http://g:0",
};

static void
test_unusable_environment (void)
{
  g_test_summary ("An invalid setting is an error that contains the variable, but no password.");

  for (gsize i = 0; i < G_N_ELEMENTS (proxy_variables); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (unusable); j++)
      {
        g_autofree char *setting =
          g_strdup_printf ("%s=%s", proxy_variables[i].variable, unusable[j]);
        const char *environment[] = { setting, NULL };
        g_autoptr(GProxyResolver) resolver = qnet_environment_proxies_new ((char **) environment);
        g_autoptr(GError) error = NULL;
        g_auto (GStrv) answer =
          g_proxy_resolver_lookup (resolver, proxy_variables[i].uri, NULL, &error);

        g_assert_null (answer);
        g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
        g_assert_nonnull (strstr (error->message, proxy_variables[i].variable));
        g_assert_null (strstr (error->message, "alice"));
        g_assert_null (strstr (error->message, "sesame"));
      }
}

static void
test_variable_of_client (void)
{
  const char *environment[] = { "HTTP_PROXY=gate:9", "REQUEST_METHOD=GET", NULL };
  const char *uris[] = { "http://example.org", "none://example.org:80" };
  g_autoptr(GProxyResolver) resolver = qnet_environment_proxies_new ((char **) environment);

  g_test_summary ("HTTP_PROXY that a web server may have set from a header field is an error, and "
                  "not ignored.");

  for (gsize i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (g_proxy_resolver_lookup (resolver, uris[i], NULL, &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
      g_assert_nonnull (strstr (error->message, "HTTP_PROXY"));
    }
}

static void
test_environment (void)
{
  g_test_summary ("The environment variables have their usual meaning.");

  for (gsize i = 0; i < G_N_ELEMENTS (environments); i++)
    {
      g_autoptr(GProxyResolver) resolver =
        qnet_environment_proxies_new ((char **) environments[i].environment);
      g_autoptr(GError) error = NULL;
      g_auto(GStrv) answer = g_proxy_resolver_lookup (resolver, environments[i].uri, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (g_strv_length (answer), ==, 1);
      g_assert_cmpstr (answer[0], ==, environments[i].expected);
    }
}

/* The system's settings */

static char *
ask_system (QnetProxyQueryType type)
{
  g_autoptr(QnetNetworkProxyQuery) query = new_query ("example.org", type);
  GError *error = NULL;
  GList *proxies = qnet_network_proxy_factory_system_proxy_for_query (query, &error);

  return describe (proxies, error);
}

static void
test_system (void)
{
  g_autofree char *socket = ask_system (QNET_PROXY_QUERY_TYPE_TCP_SOCKET);
  g_autofree char *server = ask_system (QNET_PROXY_QUERY_TYPE_TCP_SERVER);
  g_autofree char *datagrams = ask_system (QNET_PROXY_QUERY_TYPE_UDP_SOCKET);

  g_test_summary ("The system's HTTP proxy is only used for connections.");

  g_assert_cmpstr (socket, ==, "http://gate:9");
  g_assert_cmpstr (server, ==, "direct://");
  g_assert_cmpstr (datagrams, ==, "direct://");
}

/* Both the choice for a socket and an asynchronous query */
static void
assert_system_fails (const char *pattern)
{
  g_autoptr (QnetNetworkProxyQuery) query = qnet_network_proxy_query_new_for_host (
    "example.org", 80, NULL, QNET_PROXY_QUERY_TYPE_TCP_SOCKET);
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) refusal = NULL;

  g_assert_null (qnet_network_proxy_factory_system_proxy_for_query (query, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_true (g_pattern_match_simple (pattern, error->message));

  qnet_network_proxy_factory_set_use_system_configuration (TRUE);
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "example.org", 80);
  g_assert_false (qnet_socket_wait_for_connected (QNET_SOCKET (socket), -1, &refusal));
  g_assert_error (refusal, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_true (g_pattern_match_simple (pattern, refusal->message));
  qnet_network_proxy_factory_set_use_system_configuration (FALSE);
}

static void
test_system_unusable (void)
{
  g_test_summary ("An invalid setting of the system fails the connection, and is reported.");

  g_setenv ("all_proxy", "%%%", TRUE);
  assert_system_fails (
    "Could not choose a proxy for example.org: The environment variable all_proxy *");
  g_setenv ("all_proxy", "socks4://gate:9", TRUE);
  assert_system_fails ("Could not choose a proxy for example.org: *socks4*");
  g_unsetenv ("all_proxy");

  g_unsetenv ("http_proxy");
  g_setenv ("HTTP_PROXY", "%%%", TRUE);
  assert_system_fails (
    "Could not choose a proxy for example.org: The environment variable HTTP_PROXY *");
  g_unsetenv ("HTTP_PROXY");
  g_setenv ("http_proxy", "gate:9", TRUE);
}

static void
test_system_module (void)
{
  g_autofree char *variable = NULL;
  g_autofree char *module = NULL;

  g_test_summary ("all_proxy takes precedence over the module of GIO, which is used if no "
                  "variable is set.");

  g_unsetenv ("http_proxy");
  g_setenv ("all_proxy", "socks5://gate:9", TRUE);
  variable = ask_system (QNET_PROXY_QUERY_TYPE_TCP_SOCKET);
  g_assert_cmpstr (variable, ==, "socks5://gate:9");

  g_unsetenv ("all_proxy");
  module = ask_system (QNET_PROXY_QUERY_TYPE_TCP_SOCKET);
  g_assert_cmpstr (module, ==, "http://module:1");
  g_setenv ("http_proxy", "gate:9", TRUE);
}

static void
test_use_system (void)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_HTTP, "door", 8080,
                                                              NULL, NULL);

  g_test_summary ("The application can use the system's settings.");

  g_assert_false (qnet_network_proxy_factory_get_use_system_configuration ());
  qnet_network_proxy_factory_set_use_system_configuration (TRUE);
  qnet_network_proxy_factory_set_use_system_configuration (TRUE);
  g_assert_true (qnet_network_proxy_factory_get_use_system_configuration ());
  assert_choice ("example.org", "http://gate:9");

  qnet_network_proxy_factory_set_use_system_configuration (FALSE);
  assert_choice ("example.org", "direct://");

  qnet_set_application_proxy (proxy);
  qnet_network_proxy_factory_set_use_system_configuration (FALSE);
  assert_choice ("example.org", "http://door:8080");
  clear_application_proxy ();
}

/* A module of GIO that does not support all_proxy */

#define TEST_TYPE_MODULE (test_module_get_type ())
G_DECLARE_FINAL_TYPE (TestModule, test_module, TEST, MODULE, GObject)

struct _TestModule
{
  GObject parent_instance;
};

static gboolean
test_module_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static char **
test_module_lookup (GProxyResolver  *resolver,
                    const char      *uri,
                    GCancellable    *cancellable,
                    GError         **error)
{
  const char *answer[] = { "http://module:1", NULL };

  return g_strdupv ((char **) answer);
}

static void
test_module_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported = test_module_is_supported;
  iface->lookup       = test_module_lookup;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestModule,
                               test_module,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      test_module_iface_init))

static void
test_module_class_init (TestModuleClass *klass)
{
}

static void
test_module_init (TestModule *self)
{
}

static void
add_module (void)
{
  GIOExtensionPoint *point = g_io_extension_point_register (G_PROXY_RESOLVER_EXTENSION_POINT_NAME);

  g_io_extension_point_set_required_type (point, G_TYPE_PROXY_RESOLVER);
  g_io_extension_point_implement (G_PROXY_RESOLVER_EXTENSION_POINT_NAME, TEST_TYPE_MODULE, "test",
                                  0);
}

/* The tests must not depend on the settings of the desktop. */
static void
set_environment (void)
{
  const char *variables[] = {
    "all_proxy", "https_proxy", "ftp_proxy", "no_proxy",
    "ALL_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);

  g_setenv ("http_proxy", "gate:9", TRUE);
  g_setenv ("GIO_USE_PROXY_RESOLVER", "test", TRUE);
}

int
main (int   argc,
      char *argv[])
{
  set_environment ();
  g_test_init (&argc, &argv, NULL);
  add_module ();

  g_test_add_func ("/network-proxy-factory/nothing-chosen", test_nothing_chosen);
  g_test_add_func ("/network-proxy-factory/application-proxy", test_application_proxy);
  g_test_add_func ("/network-proxy-factory/application-factory", test_application_factory);
  g_test_add_func ("/network-proxy-factory/loopback", test_loopback);
  g_test_add_func ("/network-proxy-factory/own-addresses-need-no-proxy", test_own_addresses);
  g_test_add_func ("/network-proxy-factory/without-capability-is-an-error", test_capabilities);
  g_test_add_func ("/network-proxy-factory/first-with-the-capability", test_first_with_capability);
  g_test_add_func ("/network-proxy-factory/no-answer", test_no_answer);
  g_test_add_func ("/network-proxy-factory/async", test_async);
  g_test_add_func ("/network-proxy-factory/resolver", test_resolver);
  g_test_add_func ("/network-proxy-factory/resolver/unknown-kind", test_unknown_kind);
  g_test_add_func ("/network-proxy-factory/resolver/not-directly-behind-an-unusable-one",
                   test_mixed_settings);
  g_test_add_func ("/network-proxy-factory/default-is-an-error", test_factory_names_default);
  g_test_add_func ("/network-proxy-factory/resolver/fails", test_resolver_fails);
  g_test_add_func ("/network-proxy-factory/resolver/no-password-in-errors",
                   test_no_password_in_errors);
  g_test_add_func ("/network-proxy-factory/as-resolver", test_as_resolver);
  g_test_add_func ("/network-proxy-factory/environment", test_environment);
  g_test_add_func ("/network-proxy-factory/environment/unusable-is-an-error",
                   test_unusable_environment);
  g_test_add_func ("/network-proxy-factory/environment/variable-of-a-client-is-an-error",
                   test_variable_of_client);
  g_test_add_func ("/network-proxy-factory/system/unusable-is-an-error", test_system_unusable);
  g_test_add_func ("/network-proxy-factory/system/environment-before-module", test_system_module);
  g_test_add_func ("/network-proxy-factory/system", test_system);
  g_test_add_func ("/network-proxy-factory/use-system", test_use_system);

  return g_test_run ();
}
