/* test-connectables.c: connecting to the objects of GIO that stand for a peer, and to services
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include <gio/gunixsocketaddress.h>

#include "common/played-proxy.h"
#include "common/service-resolver.h"
#include "common/socket-fixture.h"

/* A connectable with two addresses: the first refuses */

#define TEST_TYPE_PLACE (test_place_get_type ())
G_DECLARE_FINAL_TYPE (TestPlace, test_place, TEST, PLACE, GSocketAddressEnumerator)

struct _TestPlace
{
  GSocketAddressEnumerator parent_instance;

  GList        *addresses;     /* (owned) (element-type GSocketAddress) */
  QnetSocket   *socket;        /* (nullable): what an enumeration changes, and how */
  void        (*on_enumerate) (QnetSocket *socket);
};

static void test_place_connectable_init (GSocketConnectableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestPlace, test_place, G_TYPE_SOCKET_ADDRESS_ENUMERATOR,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE,
                                                      test_place_connectable_init))

static GSocketAddress *
test_place_next (GSocketAddressEnumerator  *enumerator,
                 GCancellable              *cancellable,
                 GError                   **error)
{
  TestPlace *self = TEST_PLACE (enumerator);
  GSocketAddress *address = NULL;

  if (self->addresses != NULL)
    address = self->addresses->data;

  self->addresses = g_list_delete_link (self->addresses, self->addresses);

  return address;
}

static void
test_place_finalize (GObject *object)
{
  g_list_free_full (TEST_PLACE (object)->addresses, g_object_unref);

  G_OBJECT_CLASS (test_place_parent_class)->finalize (object);
}

static void
test_place_class_init (TestPlaceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_place_finalize;
  G_SOCKET_ADDRESS_ENUMERATOR_CLASS (klass)->next = test_place_next;
}

static void
test_place_init (TestPlace *self)
{
}

static GSocketAddressEnumerator *
test_place_enumerate (GSocketConnectable *connectable)
{
  TestPlace *self = TEST_PLACE (connectable);

  if (self->on_enumerate != NULL)
    self->on_enumerate (self->socket);

  return g_object_ref (G_SOCKET_ADDRESS_ENUMERATOR (connectable));
}

static char *
test_place_to_string (GSocketConnectable *connectable)
{
  return g_strdup ("the place");
}

static void
test_place_connectable_init (GSocketConnectableIface *iface)
{
  iface->enumerate = test_place_enumerate;
  iface->to_string = test_place_to_string;
}

static GSocketConnectable *
place_new (void)
{
  return g_object_new (TEST_TYPE_PLACE, NULL);
}

static void
place_add (GSocketConnectable *place,
           GSocketAddress     *address)  /* (transfer full) */
{
  TEST_PLACE (place)->addresses = g_list_append (TEST_PLACE (place)->addresses, address);
}

/* Connecting */

static void
connect_to (SocketFixture      *fixture,
            GSocketConnectable *connectable)
{
  qnet_abstract_socket_connect_to_connectable (ABSTRACT (fixture->socket), connectable);
}

static void
assert_connected (SocketFixture *fixture,
                  const char    *name,
                  const char    *address)
{
  g_autoptr(QnetHostAddress) peer = NULL;
  g_autofree char *text = NULL;

  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  peer = qnet_abstract_socket_get_peer_address (ABSTRACT (fixture->socket));
  text = qnet_host_address_to_string (peer);
  g_assert_cmpstr (text, ==, address);
  g_assert_cmpstr (qnet_abstract_socket_get_peer_name (ABSTRACT (fixture->socket)), ==, name);
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (ABSTRACT (fixture->socket)), ==,
                    fixture->port);

  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  socket_fixture_forget_log (fixture);
}

static void
assert_failed (SocketFixture *fixture,
               int            code,
               const char    *message)
{
  const GError *error;

  socket_fixture_await (fixture, qnet_io_device_get_error (DEVICE (fixture->socket)) != NULL);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  error = qnet_io_device_get_error (DEVICE (fixture->socket));
  g_assert_error (error, QNET_SOCKET_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
  socket_fixture_forget_log (fixture);
}

static void
set_up (SocketFixture *fixture,
        gconstpointer  data)
{
  socket_fixture_set_up (fixture, data);
  service_resolver_clear ();
}

/* Objects that are one host */

static void
test_network_address (SocketFixture *fixture,
                      gconstpointer  data)
{
  g_autofree char *uri = g_strdup_printf ("http://a1.test:%u/", fixture->port);
  g_autoptr(GSocketConnectable) by_name = g_network_address_new ("a1.test", fixture->port);
  g_autoptr(GSocketConnectable) by_uri = g_network_address_parse_uri (uri, 80, NULL);

  g_test_summary ("A GNetworkAddress is a host and a port, also one from a URI.");

  connect_to (fixture, by_name);
  assert_connected (fixture, "a1.test", "127.0.0.1");
  connect_to (fixture, by_uri);
  assert_connected (fixture, "a1.test", "127.0.0.1");
}

static void
test_inet_address (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr(GSocketAddress) address
    = g_inet_socket_address_new_from_string ("127.0.0.1", fixture->port);

  g_test_summary ("A GInetSocketAddress is an address and a port: connecting begins in the call.");

  connect_to (fixture, G_SOCKET_CONNECTABLE (address));
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTING);
  assert_connected (fixture, "127.0.0.1", "127.0.0.1");
}

static void
test_proxy_address (SocketFixture *fixture,
                    gconstpointer  data)
{
  static const PlayedPart part = { "\5\0", 2, "\5\0\0\1\1\2\3\4\0\7", 10, FALSE };
  g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocketAddress) other = NULL;
  PlayedProxy proxy;

  g_test_summary ("A GProxyAddress is a host behind that proxy, if it is SOCKS5 or HTTP.");

  played_proxy_start (&proxy);
  played_proxy_play (&proxy, &part);
  address = g_proxy_address_new (loopback, proxy.port, "socks5", "1.2.3.4", 7, NULL, NULL);
  connect_to (fixture, G_SOCKET_CONNECTABLE (address));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  played_proxy_join (&proxy);
  g_assert_cmpmem (proxy.request, 10, "\5\1\0\1\1\2\3\4\0\7", 10);
  g_assert_cmpstr (qnet_abstract_socket_get_peer_name (ABSTRACT (fixture->socket)), ==, "1.2.3.4");
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  played_proxy_stop (&proxy);

  other = g_proxy_address_new (loopback, 1, "socks4", "a1.test", 7, NULL, NULL);
  connect_to (fixture, G_SOCKET_CONNECTABLE (other));
  assert_failed (fixture, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                 "Could not connect to 127.0.0.1:1: The protocol “socks4” of the proxy is not "
                 "supported");
}

static void
test_unix_address (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new ("/nowhere");

  g_test_summary ("The address of a local server is refused.");

  connect_to (fixture, G_SOCKET_CONNECTABLE (address));
  assert_failed (fixture, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                 "Could not connect to /nowhere: The socket does not connect to addresses of the "
                 "type GUnixSocketAddress");
}

/* Services */

static void
test_service (SocketFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(GSocketConnectable) service = g_network_service_new ("imap", "tcp", "domain.test");

  g_test_summary ("A service is connected to at its hosts, one after another, and the name of the "
                  "peer is the domain.");

  service_resolver_add ("missing.test", 1);
  service_resolver_add ("a2.test", fixture->port);
  service_resolver_add ("a1.test", fixture->port);
  qnet_abstract_socket_connect_to_service (ABSTRACT (fixture->socket), "imap", "domain.test");
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_HOST_LOOKUP);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  g_assert_cmpstr (service_resolver_get_asked (), ==, "_imap._tcp.domain.test");
  socket_fixture_assert_log (fixture, "host-lookup connecting host-found host-found connected "
                                      "connected");
  assert_connected (fixture, "domain.test", "127.0.0.1");

  connect_to (fixture, service);
  assert_connected (fixture, "domain.test", "127.0.0.1");
}

static void
test_service_fails (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_autofree char *one
    = g_strdup_printf ("Could not connect to a2.test port %u (127.0.0.2): Connection refused",
                       fixture->port);
  g_autofree char *both
    = g_strdup_printf ("Could not connect to _imap._tcp.domain.test by any of its hosts: %s; "
                       "There is no host missing.test", one);

  g_test_summary ("If all hosts fail, the error lists what failed; a single failure is the error.");

  service_resolver_add ("a2.test", fixture->port);
  qnet_abstract_socket_connect_to_service (ABSTRACT (fixture->socket), "imap", "domain.test");
  assert_failed (fixture, QNET_SOCKET_ERROR_CONNECTION_REFUSED, one);

  service_resolver_add ("missing.test", 1);
  qnet_abstract_socket_connect_to_service (ABSTRACT (fixture->socket), "imap", "domain.test");
  assert_failed (fixture, QNET_SOCKET_ERROR_CONNECTION_REFUSED, both);
}

static void
test_service_refused (SocketFixture *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A domain without such a service is HOST_NOT_FOUND, and one that states that it "
                  "does not offer it CONNECTION_REFUSED.");

  qnet_abstract_socket_connect_to_service (ABSTRACT (fixture->socket), "imap", "domain.test");
  assert_failed (fixture, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                 "Could not look up “_imap._tcp.domain.test”: The domain states that it does not "
                 "offer the service");

  service_resolver_fail ("Nothing");
  qnet_abstract_socket_connect_to_service (ABSTRACT (fixture->socket), "imap", "domain.test");
  assert_failed (fixture, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                 "Could not look up “_imap._tcp.domain.test”: Nothing");
}

static void
test_service_hangs (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_test_summary ("The lookup of a service has the timeout of lookups, and ends with abort().");

  service_resolver_hang ();
  qnet_abstract_socket_set_lookup_timeout (ABSTRACT (fixture->socket), 20);
  qnet_abstract_socket_connect_to_service (ABSTRACT (fixture->socket), "imap", "domain.test");
  assert_failed (fixture, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                 "Could not find _imap._tcp.domain.test: The lookup took longer than 0.02 s");

  qnet_abstract_socket_connect_to_service (ABSTRACT (fixture->socket), "imap", "domain.test");
  socket_fixture_settle (fixture);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  socket_fixture_settle (fixture);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
}

static void
test_service_waits (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A service is connected to in a wait, without a loop.");

  service_resolver_add ("a2.test", fixture->port);
  service_resolver_add ("a1.test", fixture->port);
  qnet_abstract_socket_connect_to_service (ABSTRACT (fixture->socket), "imap", "domain.test");
  qnet_socket_wait_for_connected (QNET_SOCKET (fixture->socket), -1, &error);
  g_assert_no_error (error);
  assert_connected (fixture, "domain.test", "127.0.0.1");
}

static void
test_service_dropped (SocketFixture *fixture,
                      gconstpointer  data)
{
  char byte = 0;

  g_test_summary ("What was written to a service is delivered by its second host, after the last "
                  "reference was dropped.");

  service_resolver_add ("a2.test", fixture->port);
  service_resolver_add ("a1.test", fixture->port);
  qnet_abstract_socket_connect_to_service (ABSTRACT (fixture->socket), "imap", "domain.test");
  qnet_io_device_write (DEVICE (fixture->socket), "x", 1, NULL);
  g_assert_finalize_object (g_steal_pointer (&fixture->socket));

  socket_fixture_accept (fixture);
  while (recv (fixture->peer, &byte, 1, MSG_DONTWAIT) != 1)
    socket_fixture_turn (fixture);

  g_assert_cmpint (byte, ==, 'x');
}

static void
test_service_name (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A service is asked for as it is, also if it has a dot.");

  service_resolver_add ("a1.test", fixture->port);
  qnet_abstract_socket_connect_to_service (ABSTRACT (fixture->socket), "imap.", "domain.test");
  assert_connected (fixture, "domain.test", "127.0.0.1");
  g_assert_cmpstr (service_resolver_get_asked (), ==, "_imap.._tcp.domain.test");
}

static void
test_service_bound_udp (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetAbstractSocket) socket = QNET_ABSTRACT_SOCKET (qnet_udp_socket_new ());
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");

  g_test_summary ("A bound UDP socket tries the first host alone, too.");

  service_resolver_add ("missing.test", fixture->port);
  service_resolver_add ("a1.test", fixture->port);
  g_assert_true (qnet_abstract_socket_bind (socket, loopback, 0, 0, NULL));
  qnet_abstract_socket_connect_to_service (socket, "domain", "domain.test");
  socket_fixture_await (fixture, qnet_io_device_get_error (DEVICE (socket)) != NULL);
  g_assert_error (qnet_io_device_get_error (DEVICE (socket)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_HOST_NOT_FOUND);
}

static void
test_service_bound (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");
  g_autofree char *message
    = g_strdup_printf ("Could not connect to a2.test port %u (127.0.0.2): Connection refused",
                       fixture->port);

  g_test_summary ("A bound socket tries the first host alone.");

  service_resolver_add ("a2.test", fixture->port);
  service_resolver_add ("a1.test", fixture->port);
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), loopback, 0, 0, NULL));
  qnet_abstract_socket_connect_to_service (ABSTRACT (fixture->socket), "imap", "domain.test");
  assert_failed (fixture, QNET_SOCKET_ERROR_CONNECTION_REFUSED, message);
}

/* Objects with an enumerator */

static void
test_enumerator (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr(GSocketConnectable) place = place_new ();

  g_test_summary ("The addresses of any other object are tried one after another.");

  place_add (place, g_inet_socket_address_new_from_string ("127.0.0.2", fixture->port));
  place_add (place, g_inet_socket_address_new_from_string ("127.0.0.1", fixture->port));
  connect_to (fixture, place);
  assert_connected (fixture, "the place", "127.0.0.1");
}

static void
test_enumerator_fails (SocketFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr(GSocketConnectable) place = place_new ();

  g_test_summary ("An object without addresses, or without one that can be used, is an error.");

  connect_to (fixture, place);
  assert_failed (fixture, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                 "Could not connect to the place: It has no address");

  place_add (place, g_unix_socket_address_new ("/nowhere"));
  connect_to (fixture, place);
  assert_failed (fixture, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                 "Could not connect to the place: The socket does not connect to addresses of the "
                 "type GUnixSocketAddress");
}

static void
test_enumerator_other_kind (SocketFixture *fixture,
                            gconstpointer  data)
{
  g_autoptr(GSocketConnectable) place = place_new ();

  g_test_summary ("An address that cannot be used is skipped.");

  place_add (place, g_unix_socket_address_new ("/nowhere"));
  place_add (place, g_inet_socket_address_new_from_string ("127.0.0.1", fixture->port));
  connect_to (fixture, place);
  assert_connected (fixture, "the place", "127.0.0.1");
}

static void
connect_elsewhere (QnetSocket *socket)
{
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "a3.test", 1);
}

static void
test_enumerator_reenters (SocketFixture *fixture,
                          gconstpointer  data)
{
  static void (*const actions[]) (QnetSocket *) = { qnet_socket_abort, connect_elsewhere };
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");

  g_test_summary ("An enumeration is code of the application: it may use the socket.");

  for (guint i = 0; i < 2 * G_N_ELEMENTS (actions); i++)
    {
      g_autoptr(GSocketConnectable) place = place_new ();

      place_add (place, g_inet_socket_address_new_from_string ("127.0.0.1", fixture->port));
      TEST_PLACE (place)->socket = QNET_SOCKET (fixture->socket);
      TEST_PLACE (place)->on_enumerate = actions[i / 2];

      if (i % 2 == 1)
        g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), loopback, 0, 0,
                                                  NULL));
      connect_to (fixture, place);
      socket_fixture_await (fixture,
                            socket_fixture_get_state (fixture) == QNET_SOCKET_STATE_CONNECTED
                            || qnet_io_device_get_error (DEVICE (fixture->socket)) != NULL);
      qnet_socket_abort (QNET_SOCKET (fixture->socket));
    }

  socket_fixture_forget_log (fixture);
}

/* Asynchronous pairs */

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_async (SocketFixture *fixture,
            gconstpointer  data)
{
  g_autoptr(GSocketConnectable) address = g_network_address_new ("a1.test", fixture->port);
  g_autoptr(GAsyncResult) first = NULL;
  g_autoptr(GAsyncResult) second = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("Both calls exist as asynchronous pairs.");

  qnet_abstract_socket_connect_to_connectable_async (ABSTRACT (fixture->socket), address, 0, NULL,
                                                     result_cb, &first);
  socket_fixture_await (fixture, first != NULL);
  g_assert_true (qnet_abstract_socket_connect_to_connectable_finish (ABSTRACT (fixture->socket),
                                                                     first, &error));
  g_assert_no_error (error);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));

  qnet_abstract_socket_connect_to_service_async (ABSTRACT (fixture->socket), "imap", "domain.test",
                                                 0, NULL, result_cb, &second);
  socket_fixture_await (fixture, second != NULL);
  g_assert_false (qnet_abstract_socket_connect_to_service_finish (ABSTRACT (fixture->socket),
                                                                  second, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
}

static void
test_async_refused (SocketFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new ("/nowhere");
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("A call that is refused at once calls back, and not inside of the call.");

  qnet_abstract_socket_connect_to_connectable_async (ABSTRACT (fixture->socket),
                                                     G_SOCKET_CONNECTABLE (address), 0, NULL,
                                                     result_cb, &result);
  g_assert_null (result);
  socket_fixture_await (fixture, result != NULL);
  g_assert_false (qnet_abstract_socket_connect_to_connectable_finish (ABSTRACT (fixture->socket),
                                                                      result, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
}

static void
test_in_use (SocketFixture *fixture,
             gconstpointer  data)
{
  g_autoptr(GSocketConnectable) place = place_new ();

  g_test_summary ("A socket in use refuses, and its connection is not affected.");

  socket_fixture_connect (fixture);
  connect_to (fixture, place);
  qnet_abstract_socket_connect_to_service (ABSTRACT (fixture->socket), "imap", "domain.test");
  socket_fixture_await (fixture, g_str_equal (fixture->log->str, "error:19 error:19"));
  socket_fixture_forget_log (fixture);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_CONNECTED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  service_resolver_install ();

#define ADD(path, function) \
  g_test_add ("/connectables/" path, SocketFixture, NULL, set_up, function, \
              socket_fixture_tear_down)
  ADD ("network-address", test_network_address);
  ADD ("inet-address", test_inet_address);
  ADD ("proxy-address", test_proxy_address);
  ADD ("unix-address", test_unix_address);
  ADD ("service/hosts", test_service);
  ADD ("service/fails", test_service_fails);
  ADD ("service/refused", test_service_refused);
  ADD ("service/hangs", test_service_hangs);
  ADD ("service/waits", test_service_waits);
  ADD ("service/dropped", test_service_dropped);
  ADD ("service/name", test_service_name);
  ADD ("service/bound", test_service_bound);
  ADD ("service/bound/udp", test_service_bound_udp);
  ADD ("enumerator/addresses", test_enumerator);
  ADD ("enumerator/fails", test_enumerator_fails);
  ADD ("enumerator/other-kind", test_enumerator_other_kind);
  ADD ("enumerator/reenters", test_enumerator_reenters);
  ADD ("async", test_async);
  ADD ("async/refused", test_async_refused);
  ADD ("in-use", test_in_use);
#undef ADD

  return g_test_run ();
}
