/* qnet-tunnel-private.h: from a request to a descriptor on which a proxy has carried it out
 *
 * A tunnel connects to the proxy by a connector, so that the addresses of the proxy race like those
 * of any host, and moves the bytes of a dialogue (proxy/) over that connection. It peeks at what
 * the proxy sends and consumes as much as the dialogue takes, so the first bytes of the peer remain
 * in the descriptor.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "loop/qnet-reactor-private.h"
#include "proxy/qnet-proxy-dialogue-private.h"

#include "qnet-authenticator.h"

G_BEGIN_DECLS

typedef struct _QnetTunnel        QnetTunnel;
typedef struct _QnetTunnelFuncs   QnetTunnelFuncs;
typedef struct _QnetTunnelRequest QnetTunnelRequest;

/* Called by the reactor or by a wait, never by start(), except configure(). Each of them may free
 * the tunnel. */
struct _QnetTunnelFuncs
{
  /* (nullable): the addresses are known and connecting begins. Called once. */
  void     (*found)     (QnetTunnel *tunnel, gpointer owner);
  /* (nullable): sets options on a new descriptor, before connect(). Not called for a descriptor
   * that was bound before. */
  gboolean (*configure) (QnetTunnel *tunnel, gpointer owner, int fd, int family, GError **error);
  /* (nullable): the proxy requires authentication: emit the signal. */
  void     (*asked)     (QnetTunnel *tunnel, gpointer owner, QnetNetworkProxy *proxy,
                         QnetAuthenticator *authenticator);
  /* BIND: the proxy listens. @address (nullable): NULL if the proxy does not report it. */
  void     (*bound)     (QnetTunnel *tunnel, gpointer owner, QnetHostAddress *address,
                         guint16 port);
  /* The end: what arrives on @fd (transfer full) is from the peer. @address (nullable): CONNECT,
   * the host, unless only the proxy knows its address; BIND, the peer; ASSOCIATE, the relay. */
  void     (*opened)    (QnetTunnel *tunnel, gpointer owner, int fd, QnetHostAddress *address,
                         guint16 port);
  /* The end: @error (transfer full) names the request, the proxy, and the reason. */
  void     (*failed)    (QnetTunnel *tunnel, gpointer owner, GError *error);
};

struct _QnetTunnelRequest
{
  GError                   *refusal;         /* (transfer full) (nullable): why there is no usable
                                              * proxy; reported by failed() */
  QnetNetworkProxy         *proxy;           /* (nullable): NULL only with a refusal; referenced */
  QnetProxyCommand          command;
  const char               *host;            /* a name or a literal; copied */
  QnetHostAddress          *address;         /* (nullable): instead of host; referenced */
  guint16                   port;
  QnetNetworkLayerProtocol  protocol;        /* which addresses of the host may be used */
  gboolean                  can_ask;         /* asked() has a handler */
  int                       bound_fd;        /* (transfer full): a bound descriptor, or -1 */
  int                       lookup_timeout;  /* milliseconds, for the host and the proxy, 0: none */
  int                       connect_timeout; /* milliseconds to connect to the proxy, and again for
                                              * the dialogue, 0: none */
  int                       attempt_delay;   /* milliseconds until the next address of the proxy
                                              * joins the race */
};

QnetTunnel      *qnet_tunnel_new           (QnetWaitSet             *set,
                                            const QnetTunnelFuncs   *funcs,
                                            gpointer                 owner,
                                            const QnetTunnelRequest *request)
                                            G_GNUC_WARN_UNUSED_RESULT;
void             qnet_tunnel_start         (QnetTunnel              *self);
/* (nullable): the address given or found for the name; NULL if the proxy looks the name up. */
QnetHostAddress *qnet_tunnel_get_target    (QnetTunnel              *self);
/* Whether the name of the host or of the proxy is being looked up. */
gboolean         qnet_tunnel_is_looking_up (QnetTunnel              *self);
/* Another owner, with another set of the same reactor, continues. It is not asked for
 * credentials. */
void             qnet_tunnel_move          (QnetTunnel              *self,
                                            QnetWaitSet             *set,
                                            gpointer                 owner);
/* Cancels what is in progress and closes the descriptor. */
void             qnet_tunnel_free          (QnetTunnel              *self);

G_END_DECLS
