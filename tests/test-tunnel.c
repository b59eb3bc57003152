/* test-tunnel.c: the requests to a proxy besides CONNECT, driven only by waits
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address/qnet-host-address-private.h"
#include "common/proxies.h"
#include "common/socket-fixture.h"
#include "connection/qnet-tunnel-private.h"
#include "proxy/qnet-socks5-wire-private.h"

typedef struct
{
  GMainContext    *context;   /* (owned): not iterated by a loop */
  QnetWaitSet      set;
  QnetTunnel      *tunnel;    /* (owned) (nullable) */
  Proxy            proxy;
  QnetHostAddress *bound;     /* (owned) (nullable): from bound() */
  guint16          bound_port;
  int              fd;        /* (owned): from opened(), or -1 */
  QnetHostAddress *end;       /* (owned) (nullable): from opened() */
  guint16          end_port;
  GError          *error;     /* (owned) (nullable): from failed() */
} Fixture;

static void
bound_cb (QnetTunnel      *tunnel,
          gpointer         owner,
          QnetHostAddress *address,
          guint16          port)
{
  Fixture *fixture = owner;

  fixture->bound = qnet_host_address_ref (address);
  fixture->bound_port = port;
}

static void
opened_cb (QnetTunnel      *tunnel,
           gpointer         owner,
           int              fd,
           QnetHostAddress *address,
           guint16          port)
{
  Fixture *fixture = owner;

  fixture->fd = fd;
  fixture->end = qnet_host_address_ref (address);
  fixture->end_port = port;
}

static void
failed_cb (QnetTunnel *tunnel,
           gpointer    owner,
           GError     *error)
{
  ((Fixture *) owner)->error = error;
}

static const QnetTunnelFuncs tunnel_funcs = {
  .bound  = bound_cb,
  .opened = opened_cb,
  .failed = failed_cb,
};

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  QnetReactor *reactor;

  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  reactor = qnet_reactor_get ();
  qnet_wait_set_init (&fixture->set, reactor);
  qnet_reactor_unref (reactor);
  fixture->fd = -1;
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_pointer (&fixture->tunnel, qnet_tunnel_free);
  g_clear_pointer (&fixture->bound, qnet_host_address_unref);
  g_clear_pointer (&fixture->end, qnet_host_address_unref);
  g_clear_error (&fixture->error);
  if (fixture->fd >= 0)
    close (fixture->fd);
  if (fixture->proxy.program != NULL)
    proxy_stop (&fixture->proxy);

  qnet_wait_set_clear (&fixture->set);
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

/* A proxy of dante, at any port of 127.0.0.1. */
static gboolean
start (Fixture          *fixture,
       ProxyKind         kind,
       QnetProxyCommand  command)
{
  g_autoptr(QnetNetworkProxy) proxy = NULL;
  QnetTunnelRequest request = { .command = command, .host = "127.0.0.1", .bound_fd = -1 };

  if (!proxy_start (&fixture->proxy, kind))
    return FALSE;

  proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "127.0.0.1", fixture->proxy.port,
                                  proxy_wants_password (kind) ? "user" : NULL, "sesame");
  request.proxy = proxy;
  fixture->tunnel = qnet_tunnel_new (&fixture->set, &tunnel_funcs, fixture, &request);
  qnet_tunnel_start (fixture->tunnel);

  return TRUE;
}

static void
iterate (Fixture *fixture)
{
  qnet_wait_set_iterate (&fixture->set, G_MAXINT64);
  g_assert_no_error (fixture->error);
}

static socklen_t
to_native (QnetHostAddress         *address,
           guint16                  port,
           struct sockaddr_storage *storage)
{
  socklen_t size = qnet_host_address_to_native (address, port, storage);

  g_assert_cmpuint (size, >, 0);

  return size;
}

static void
test_bind (Fixture       *fixture,
           gconstpointer  data)
{
  struct sockaddr_storage place;
  struct sockaddr_in name;
  socklen_t size;
  char byte = 0;
  int visitor = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_test_summary ("BIND: the proxy reports where it listens, then which peer has connected, and "
                  "forwards its bytes.");

  if (start (fixture, GPOINTER_TO_INT (data), QNET_PROXY_COMMAND_BIND))
    {
      while (fixture->bound == NULL)
        iterate (fixture);

      size = to_native (fixture->bound, fixture->bound_port, &place);
      g_assert_no_errno (connect (visitor, (struct sockaddr *) &place, size));
      while (fixture->fd < 0)
        iterate (fixture);

      size = sizeof name;
      g_assert_no_errno (getsockname (visitor, (struct sockaddr *) &name, &size));
      g_assert_cmpuint (fixture->end_port, ==, ntohs (name.sin_port));

      g_assert_cmpint (send (fixture->fd, "x", 1, MSG_NOSIGNAL), ==, 1);
      g_assert_cmpint (recv (visitor, &byte, 1, 0), ==, 1);
      g_assert_cmpint (byte, ==, 'x');
    }

  close (visitor);
}

/* A datagram socket on 127.0.0.1. */
static int
open_datagrams (struct sockaddr_in *out_name)
{
  socklen_t size = sizeof *out_name;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  *out_name = (struct sockaddr_in) {
    .sin_family = AF_INET,
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  g_assert_no_errno (bind (fd, (struct sockaddr *) out_name, size));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) out_name, &size));

  return fd;
}

static void
send_by_relay (Fixture    *fixture,
               int         fd,
               guint16     port,
               const char *text)
{
  g_autoptr(GByteArray) datagram = g_byte_array_new ();
  g_autoptr(QnetHostAddress) peer = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  struct sockaddr_storage relay;
  socklen_t size = to_native (fixture->end, fixture->end_port, &relay);

  g_byte_array_append (datagram, (const guint8 *) "\0\0\0", 3);
  qnet_socks5_append_address (datagram, peer, NULL, port);
  g_byte_array_append (datagram, (const guint8 *) text, strlen (text));
  g_assert_cmpint (sendto (fd, datagram->data, datagram->len, 0, (struct sockaddr *) &relay, size),
                   ==, datagram->len);
}

static void
test_associate (Fixture       *fixture,
                gconstpointer  data)
{
  struct sockaddr_in our_name;
  struct sockaddr_in peer_name;
  struct sockaddr_storage relay;
  socklen_t size = sizeof relay;
  g_autoptr(QnetHostAddress) sender = NULL;
  guint8 buffer[512];
  guint16 port;
  gssize length;
  int ours = open_datagrams (&our_name);
  int peer = open_datagrams (&peer_name);

  g_test_summary ("UDP ASSOCIATE: the relay forwards datagrams to the peer and back.");

  if (start (fixture, GPOINTER_TO_INT (data), QNET_PROXY_COMMAND_ASSOCIATE))
    {
      while (fixture->fd < 0)
        iterate (fixture);

      send_by_relay (fixture, ours, ntohs (peer_name.sin_port), "question");
      length = recvfrom (peer, buffer, sizeof buffer, 0, (struct sockaddr *) &relay, &size);
      g_assert_cmpmem (buffer, length, "question", 8);

      g_assert_cmpint (sendto (peer, "answer", 6, 0, (struct sockaddr *) &relay, size), ==, 6);
      length = recv (ours, buffer, sizeof buffer, 0);
      size = (socklen_t) qnet_socks5_read_datagram (buffer, (gsize) length, &sender, &port);
      g_assert_cmpmem (buffer + size, (gsize) length - size, "answer", 6);
      g_assert_cmpuint (port, ==, ntohs (peer_name.sin_port));
    }

  close (ours);
  close (peer);
}

/* microsocks supports only CONNECT. */
static void
test_unsupported (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A command that the proxy does not support fails with that reason.");

  if (!start (fixture, PROXY_MICROSOCKS, GPOINTER_TO_INT (data)))
    return;

  while (fixture->error == NULL)
    qnet_wait_set_iterate (&fixture->set, G_MAXINT64);

  g_assert_error (fixture->error, QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, data, function) \
  g_test_add (path, Fixture, GINT_TO_POINTER (data), set_up, function, tear_down)
  ADD ("/tunnel/bind", PROXY_DANTE, test_bind);
  ADD ("/tunnel/bind/password", PROXY_DANTE_PASSWORD, test_bind);
  ADD ("/tunnel/associate", PROXY_DANTE, test_associate);
  ADD ("/tunnel/associate/password", PROXY_DANTE_PASSWORD, test_associate);
  ADD ("/tunnel/unsupported/bind", QNET_PROXY_COMMAND_BIND, test_unsupported);
  ADD ("/tunnel/unsupported/associate", QNET_PROXY_COMMAND_ASSOCIATE, test_unsupported);
#undef ADD

  return g_test_run ();
}
