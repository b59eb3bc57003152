/* qnet-tunnel-parts-private.h: what the parts of the tunnel share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "connection/qnet-connector-lookup-private.h"
#include "connection/qnet-connector-private.h"
#include "connection/qnet-tunnel-private.h"

G_BEGIN_DECLS

/* How far the tunnel is. The edges are in qnet-tunnel.c. */
typedef enum
{
  QNET_TUNNEL_STEP_NEW,          /* not started */
  QNET_TUNNEL_STEP_REFUSED,      /* failed() is pending: start() calls nothing back */
  QNET_TUNNEL_STEP_LOOKUP,       /* the host is being looked up: the proxy looks up no names */
  QNET_TUNNEL_STEP_CONNECTING,   /* to the proxy */
  QNET_TUNNEL_STEP_NEGOTIATING,  /* connected to the proxy: the dialogue is in progress */
  QNET_TUNNEL_STEP_ASKING,       /* the proxy requires authentication: the answer is pending */
  QNET_TUNNEL_STEP_ANSWERED,     /* the dialogue continues with the answer in the next iteration */
  QNET_TUNNEL_STEP_ENDED         /* the outcome was reported, or the tunnel was freed or orphaned:
                                  * nothing is called back any more */
} QnetTunnelStep;

struct _QnetTunnel
{
  guint                     ref_count;  /* the owner's, and one for each of our callbacks */
  const QnetTunnelFuncs    *funcs;
  gpointer                  owner;
  QnetTunnelStep            step;

  QnetNetworkProxy         *proxy;         /* (owned) (nullable): NULL if refused; with the answered
                                            * user and password */
  QnetProxyCommand          command;
  char                     *host;          /* (owned) (nullable): a name; NULL for an address */
  QnetHostAddress          *address;       /* (owned) (nullable): instead of host, or looked up */
  guint16                   port;
  QnetNetworkLayerProtocol  protocol;
  gboolean                  can_ask;
  int                       bound_fd;      /* (owned): until it is connected, or -1 */
  gboolean                  is_bound;      /* the descriptor was bound by the owner */
  int                       lookup_timeout;
  int                       connect_timeout;
  int                       attempt_delay;

  QnetWatch                 watch;         /* of fd; its deferrals start the other steps */
  QnetDeadline              timeout;       /* of the lookup, then of the dialogue */
  QnetConnectorLookup      *lookup;        /* (owned) (nullable): in LOOKUP */
  GPtrArray                *targets;       /* (owned) (nullable): QnetHostAddress, the answer of the
                                            * lookup */
  guint                     next;          /* index of the next one to try */
  QnetConnector            *connector;     /* (owned) (nullable): in CONNECTING */
  gboolean                  found_called;  /* found() is called once, however often we connect */
  QnetProxyDialogue        *dialogue;      /* (owned) (nullable): from CONNECTING on */
  int                       fd;            /* (owned): from NEGOTIATING on, or -1 */
  QnetHostAddress          *proxy_address; /* (owned) (nullable): from NEGOTIATING on */
  GError                   *error;         /* (owned) (nullable): in REFUSED, or the failure of the
                                            * first target */

  QnetAuthenticator        *authenticator; /* (not owned) (nullable): in ASKING */
  char                     *user;          /* (owned) (nullable): in ANSWERED; NULL: no answer */
  char                     *password;      /* (owned) (nullable) */
};

/* qnet-tunnel.c */
void             qnet_tunnel_set_step       (QnetTunnel     *self,
                                             QnetTunnelStep  step);
/* Stops everything and calls nothing back. */
void             qnet_tunnel_stop           (QnetTunnel     *self);
/* Ends with the error of the dialogue, unless there is another target to try. */
void             qnet_tunnel_fail_target    (QnetTunnel     *self);
void             qnet_tunnel_connect        (QnetTunnel     *self);
void             qnet_tunnel_disconnect     (QnetTunnel     *self);
void             qnet_tunnel_start_timeout  (QnetTunnel     *self);
QnetSocketError  qnet_tunnel_get_proxy_code (int             code);

/* qnet-tunnel-negotiation.c */
gboolean         qnet_tunnel_open_dialogue  (QnetTunnel     *self);
/* Does what the phase of the dialogue requires. */
void             qnet_tunnel_advance        (QnetTunnel     *self);
/* The descriptor is ready, or the answer has arrived. */
void             qnet_tunnel_handle_ready   (QnetTunnel     *self,
                                             QnetReadiness   readiness);

G_END_DECLS
