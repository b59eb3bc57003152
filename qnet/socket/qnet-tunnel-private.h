/* qnet-tunnel-private.h: from a wish to a descriptor that a proxy has done it on
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-reactor-private.h"
#include "proxy/qnet-proxy-dialogue-private.h"

#include "qnet-authenticator.h"

G_BEGIN_DECLS

typedef struct _QnetTunnel        QnetTunnel;
typedef struct _QnetTunnelFuncs   QnetTunnelFuncs;
typedef struct _QnetTunnelRequest QnetTunnelRequest;

/* Called from the reactor or from a wait, never from within start(), but for configure(). The tunnel may be freed in each of them. */
struct _QnetTunnelFuncs
{
  /* (nullable): the addresses are known: connecting begins. Once. */
  void     (*found)     (QnetTunnel *tunnel, gpointer owner);
  /* (nullable): a descriptor was made: set its options, before connect(). Not for one that was bound before. */
  gboolean (*configure) (QnetTunnel *tunnel, gpointer owner, int fd, int family, GError **error);
  /* (nullable): the proxy wants to know who we are: emit the signal. */
  void     (*asked)     (QnetTunnel *tunnel, gpointer owner, QnetNetworkProxy *proxy, QnetAuthenticator *authenticator);
  /* BIND: the proxy listens. @address (nullable) is NULL when it does not say where. */
  void     (*bound)     (QnetTunnel *tunnel, gpointer owner, QnetHostAddress *address, guint16 port);
  /* The end: what comes on @fd (transfer full) is the peer's. @address (nullable): CONNECT, where to, unless it is the
   * proxy who knows; BIND, who has come; ASSOCIATE, the relay. */
  void     (*opened)    (QnetTunnel *tunnel, gpointer owner, int fd, QnetHostAddress *address, guint16 port);
  /* The end: @error (transfer full) names what was wanted, the proxy, and the reason. */
  void     (*failed)    (QnetTunnel *tunnel, gpointer owner, GError *error);
};

struct _QnetTunnelRequest
{
  GError                   *refusal;         /* (transfer full) (nullable): why there is no proxy to go through: told as failed () */
  QnetNetworkProxy         *proxy;           /* (nullable): with a refusal alone; referenced */
  QnetProxyCommand          command;
  const char               *host;            /* a name or a literal; copied */
  QnetHostAddress          *address;         /* (nullable): instead of host; referenced */
  guint16                   port;
  QnetNetworkLayerProtocol  protocol;        /* which addresses of the host may be used */
  gboolean                  can_ask;         /* asked () would reach somebody */
  int                       bound_fd;        /* a bound descriptor to connect from (transfer full), or -1 */
  int                       lookup_timeout;  /* milliseconds, for the host and for the proxy, 0: none */
  int                       connect_timeout; /* milliseconds to reach the proxy, and again for what is said to it, 0: none */
  int                       attempt_delay;   /* milliseconds before the proxy's next address joins the race */
};

QnetTunnel *qnet_tunnel_new   (QnetWaitSet             *set,
                               const QnetTunnelFuncs   *funcs,
                               gpointer                 owner,
                               const QnetTunnelRequest *request) G_GNUC_WARN_UNUSED_RESULT;
void        qnet_tunnel_start (QnetTunnel              *tunnel);
/* The address that was given, or found for the name. NULL: the proxy is told the name. */
QnetHostAddress *qnet_tunnel_get_target (QnetTunnel        *tunnel);
gboolean    qnet_tunnel_is_looking_up (QnetTunnel      *tunnel);  /* the host's name, or the proxy's */
void        qnet_tunnel_free  (QnetTunnel              *tunnel);  /* cancels what is under way; closes what was opened */

G_END_DECLS
