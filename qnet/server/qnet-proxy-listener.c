/* qnet-proxy-listener.c: a SOCKS5 proxy listens, and its connections are passed on
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "server/qnet-proxy-listener-private.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/qnet-container-private.h"
#include "base/qnet-state-machine-private.h"
#include "base/qnet-syscall-private.h"
#include "connection/qnet-tunnel-private.h"
#include "socket/qnet-abstract-socket-private.h"

/* Edges: see edges[]. */
typedef enum
{
  STARTING,   /* the proxy is asked to listen for the first time */
  ASKING,     /* the proxy is asked again, after a connection or for another port */
  LISTENING,  /* the proxy listens */
  PENDING,    /* a connection has come while held */
  FAILED      /* the proxy does not listen any more, or never has */
} State;

struct _QnetProxyListener
{
  const QnetProxyListenerFuncs *funcs;
  gpointer                      owner;
  QnetNetworkProxy             *proxy;            /* (owned) */
  QnetHostAddress              *target_address;   /* (owned): where the proxy is asked to listen */
  guint16                       target_port;

  QnetWatch                     watch;            /* without a descriptor: defers passing on */
  State                         state;
  QnetTunnel *tunnel; /* (owned) (nullable): NULL while PENDING or FAILED */
  gboolean                      is_held;
  QnetHostAddress *address; /* (owned) (nullable): where the proxy listens, or did last */
  guint16                       port;
  guint16                       tried_port;       /* for which the tunnel has asked */

  int                           pending_fd;       /* (owned): while PENDING, else -1 */
  QnetHostAddress              *pending_address;  /* (owned) (nullable) */
  guint16                       pending_port;
};

static void ask_proxy (QnetProxyListener *self,
                       guint16            port);

/* The state */

static const QnetEdges edges[] = {
  [STARTING]  = QNET_TO (LISTENING) | QNET_TO (FAILED),
  [ASKING]    = QNET_TO (LISTENING) | QNET_TO (FAILED),
  [LISTENING] = QNET_TO (ASKING) | QNET_TO (PENDING) | QNET_TO (FAILED),
  [PENDING]   = QNET_TO (ASKING),
  [FAILED]    = 0,
};

/* The only writer of the state. */
static void
set_state (QnetProxyListener *self,
           State              state)
{
  QNET_CHECK_EDGE (edges, self->state, state);
  self->state = state;
}

/* Passing connections on */

static void
pass_on (QnetProxyListener *self,
         int                fd,
         QnetHostAddress   *address,
         guint16            port)
{
  set_state (self, ASKING);
  ask_proxy (self, self->port);
  self->funcs->accepted (self, self->owner, fd, address, port);
}

static void
pass_pending_on (QnetProxyListener *self)
{
  g_autoptr(QnetHostAddress) address = g_steal_pointer (&self->pending_address);
  int fd = self->pending_fd;

  self->pending_fd = -1;
  pass_on (self, fd, address, self->pending_port);
}

static void
ready_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  QnetProxyListener *self = CONTAINER_OF (watch, QnetProxyListener, watch);

  if (self->state == PENDING && !self->is_held)
    pass_pending_on (self);
}

static const QnetWatchFuncs watch_funcs = {
  .ready = ready_cb,
};

/* What the tunnel reports */

/* The connections have the option from the start, as those that are accepted here. */
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
  gboolean is_first = self->state == STARTING;
  gboolean has_moved = self->state == ASKING && !is_same_place (self, address, port);

  g_clear_pointer (&self->address, qnet_host_address_unref);
  self->address = address != NULL ? qnet_host_address_ref (address) : NULL;
  self->port = port;
  set_state (self, LISTENING);

  if (is_first)
    self->funcs->started (self, self->owner);
  else if (has_moved)
    self->funcs->moved (self, self->owner);
}

static void
keep_pending (QnetProxyListener *self,
              int                fd,
              QnetHostAddress   *address,
              guint16            port)
{
  set_state (self, PENDING);
  self->pending_fd = fd;
  self->pending_address = address != NULL ? qnet_host_address_ref (address) : NULL;
  self->pending_port = port;
}

static void
opened_cb (QnetTunnel      *tunnel,
           gpointer         owner,
           int              fd,
           QnetHostAddress *address,
           guint16          port)
{
  g_autoptr(QnetHostAddress) peer = address != NULL ? qnet_host_address_ref (address) : NULL;
  QnetProxyListener *self = owner;

  g_clear_pointer (&self->tunnel, qnet_tunnel_free);

  if (self->is_held)
    keep_pending (self, fd, peer, port);
  else
    pass_on (self, fd, peer, port);
}

/* The port may still be in use by the connection that came there: then any other one is as good. */
static void
ask_for_target_port (QnetProxyListener *self)
{
  if (self->state == LISTENING)
    set_state (self, ASKING);

  ask_proxy (self, self->target_port);
}

static void
failed_cb (QnetTunnel *tunnel,
           gpointer    owner,
           GError     *error)
{
  QnetProxyListener *self = owner;

  g_clear_pointer (&self->tunnel, qnet_tunnel_free);

  if (self->tried_port != self->target_port)
    {
      g_error_free (error);
      ask_for_target_port (self);
      return;
    }

  set_state (self, FAILED);
  self->funcs->failed (self, self->owner, error);
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
  const int *timings = qnet_socket_default_timings;
  const QnetTunnelRequest request = {
    .proxy           = self->proxy,
    .command         = QNET_PROXY_COMMAND_BIND,
    .address         = self->target_address,
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

/* For the server */

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
  self->target_address = qnet_host_address_ref (address);
  self->target_port = port;
  self->pending_fd = -1;
  qnet_watch_init (&self->watch, &watch_funcs, set);

  return self;
}

void
qnet_proxy_listener_free (QnetProxyListener *self)
{
  gboolean is_forked = qnet_watch_is_forked (&self->watch);

  g_clear_pointer (&self->tunnel, qnet_tunnel_free);
  qnet_watch_clear (&self->watch);
  qnet_shutdown_fd (&self->pending_fd, is_forked);
  g_clear_pointer (&self->pending_address, qnet_host_address_unref);
  g_clear_pointer (&self->address, qnet_host_address_unref);
  qnet_host_address_unref (self->target_address);
  qnet_network_proxy_unref (self->proxy);
  g_free (self);
}

void
qnet_proxy_listener_start (QnetProxyListener *self)
{
  ask_proxy (self, self->target_port);
}

void
qnet_proxy_listener_set_held (QnetProxyListener *self,
                              gboolean           is_held)
{
  self->is_held = is_held;

  if (self->state == PENDING && !is_held)
    qnet_watch_defer (&self->watch);
}

gboolean
qnet_proxy_listener_has_client (QnetProxyListener *self)
{
  return self->state == PENDING;
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
