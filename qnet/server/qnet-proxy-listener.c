/* qnet-proxy-listener.c: lets a SOCKS5 proxy listen, and takes who comes to it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "server/qnet-proxy-listener-private.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "engine/qnet-syscall-private.h"
#include "socket/qnet-abstract-socket-private.h"
#include "socket/qnet-tunnel-private.h"

#define CONTAINER_OF(pointer, type, member) \
  ((type *) (gpointer) ((char *) (pointer) - G_STRUCT_OFFSET (type, member)))

struct _QnetProxyListener
{
  const QnetProxyListenerFuncs *funcs;
  gpointer                      owner;
  QnetNetworkProxy             *proxy;        /* (owned) */
  QnetHostAddress              *wish;         /* (owned): where the proxy shall listen */
  guint16                       wished_port;

  QnetWatch                     watch;        /* without a descriptor: its deferrals hand out who waits */
  QnetTunnel                   *tunnel;       /* (owned) (nullable): NULL while somebody waits, and at the end */
  gboolean                      is_bound;     /* the proxy has listened once: our owner is told of what follows */
  gboolean                      is_held;
  QnetHostAddress              *address;      /* (owned) (nullable): where the proxy listens, or did last */
  guint16                       port;
  guint16                       tried_port;   /* which the tunnel has asked for */
  GError                       *error;        /* (owned) (nullable): why it did not listen at all */

  int                           guest;        /* (owned): who has come while held, or -1 */
  QnetHostAddress              *guest_address;  /* (owned) (nullable) */
  guint16                       guest_port;
};

static void ask_proxy (QnetProxyListener *self,
                       guint16            port);

/* Who has come */

static void
hand_out (QnetProxyListener *self)
{
  g_autoptr(QnetHostAddress) address = g_steal_pointer (&self->guest_address);
  int fd = self->guest;

  self->guest = -1;
  ask_proxy (self, self->port);
  self->funcs->accepted (self, self->owner, fd, address, self->guest_port);
}

static void
ready_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  QnetProxyListener *self = CONTAINER_OF (watch, QnetProxyListener, watch);

  if (self->guest >= 0 && !self->is_held)
    hand_out (self);
}

static const QnetWatchFuncs watch_funcs = {
  .ready = ready_cb,
};

/* What the tunnel says */

/* The connections have it from the start, as those have that come by themselves. */
static gboolean
configure_cb (QnetTunnel  *tunnel,
              gpointer     owner,
              int          fd,
              int          family,
              GError     **error)
{
  const int on = 1;

  (void) qnet_sys_setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

  return TRUE;
}

static gboolean
is_same_place (QnetProxyListener *self,
               QnetHostAddress   *address,
               guint16            port)
{
  if (self->port != port || self->address == NULL || address == NULL)
    return self->port == port && self->address == address;

  return qnet_host_address_equal (self->address, address);
}

static void
bound_cb (QnetTunnel      *tunnel,
          gpointer         owner,
          QnetHostAddress *address,
          guint16          port)
{
  QnetProxyListener *self = owner;
  gboolean was_bound = self->is_bound;
  gboolean has_moved = !is_same_place (self, address, port);

  g_clear_pointer (&self->address, qnet_host_address_unref);
  self->address = address != NULL ? qnet_host_address_ref (address) : NULL;
  self->port = port;
  self->is_bound = TRUE;

  if (was_bound && has_moved)
    self->funcs->moved (self, self->owner);
}

static void
opened_cb (QnetTunnel      *tunnel,
           gpointer         owner,
           int              fd,
           QnetHostAddress *address,
           guint16          port)
{
  QnetProxyListener *self = owner;

  self->guest = fd;
  self->guest_address = address != NULL ? qnet_host_address_ref (address) : NULL;
  self->guest_port = port;
  g_clear_pointer (&self->tunnel, qnet_tunnel_free);

  if (!self->is_held)
    hand_out (self);
}

/* The port may be taken still, by the connection that came there: then any other will do. */
static void
failed_cb (QnetTunnel *tunnel,
           gpointer    owner,
           GError     *error)
{
  QnetProxyListener *self = owner;

  g_clear_pointer (&self->tunnel, qnet_tunnel_free);

  if (self->tried_port != self->wished_port)
    {
      g_error_free (error);
      ask_proxy (self, self->wished_port);
    }
  else if (self->is_bound)
    self->funcs->failed (self, self->owner, error);
  else
    self->error = error;
}

static const QnetTunnelFuncs tunnel_funcs = {
  .configure = configure_cb,
  .bound     = bound_cb,
  .opened    = opened_cb,
  .failed    = failed_cb,
};

static void
ask_proxy (QnetProxyListener *self,
           guint16            port)
{
  const int *timings = qnet_connection_default_timings;
  const QnetTunnelRequest request = {
    .proxy           = self->proxy,
    .command         = QNET_PROXY_COMMAND_BIND,
    .address         = self->wish,
    .port            = port,
    .protocol        = QNET_NETWORK_LAYER_PROTOCOL_ANY_IP,
    .bound_fd        = -1,
    .lookup_timeout  = timings[QNET_TIMING_LOOKUP_TIMEOUT],
    .connect_timeout = timings[QNET_TIMING_CONNECT_TIMEOUT],
    .attempt_delay   = timings[QNET_TIMING_ATTEMPT_DELAY],
  };

  self->tried_port = port;
  self->tunnel = qnet_tunnel_new (self->watch.set, &tunnel_funcs, self, &request);
  qnet_tunnel_start (self->tunnel);
}

/* Interface */

QnetProxyListener *
qnet_proxy_listener_new (QnetWaitSet                  *set,
                         const QnetProxyListenerFuncs *funcs,
                         gpointer                      owner,
                         QnetNetworkProxy             *proxy,
                         QnetHostAddress              *address,
                         guint16                       port)
{
  QnetProxyListener *self = g_new0 (QnetProxyListener, 1);

  self->funcs = funcs;
  self->owner = owner;
  self->proxy = qnet_network_proxy_ref (proxy);
  self->wish = qnet_host_address_ref (address);
  self->wished_port = port;
  self->guest = -1;
  qnet_watch_init (&self->watch, &watch_funcs, set);

  return self;
}

void
qnet_proxy_listener_free (QnetProxyListener *self)
{
  gboolean is_forked = qnet_watch_is_forked (&self->watch);

  g_clear_pointer (&self->tunnel, qnet_tunnel_free);
  qnet_watch_clear (&self->watch);
  qnet_hang_up (&self->guest, is_forked);
  g_clear_pointer (&self->guest_address, qnet_host_address_unref);
  g_clear_pointer (&self->address, qnet_host_address_unref);
  qnet_host_address_unref (self->wish);
  qnet_network_proxy_unref (self->proxy);
  g_clear_error (&self->error);
  g_free (self);
}

gboolean
qnet_proxy_listener_listen (QnetProxyListener  *self,
                            GError            **error)
{
  ask_proxy (self, self->wished_port);

  while (!self->is_bound && self->error == NULL)
    qnet_wait_set_iterate (self->watch.set, G_MAXINT64);

  if (self->error == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&self->error));

  return FALSE;
}

void
qnet_proxy_listener_set_held (QnetProxyListener *self,
                              gboolean           is_held)
{
  self->is_held = is_held;
  if (self->guest >= 0 && !is_held)
    qnet_watch_defer (&self->watch);
}

QnetHostAddress *
qnet_proxy_listener_get_address (QnetProxyListener *self)
{
  return self->address;
}

guint16
qnet_proxy_listener_get_port (QnetProxyListener *self)
{
  return self->port;
}
