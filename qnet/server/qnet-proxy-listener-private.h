/* qnet-proxy-listener-private.h: lets a SOCKS5 proxy listen, and takes who comes to it
 *
 * BIND is for one connection alone (RFC 1928, section 4), so as soon as somebody has come the proxy is asked again, for
 * the same port.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-reactor-private.h"

#include "qnet-host-address.h"
#include "qnet-network-proxy.h"

G_BEGIN_DECLS

typedef struct _QnetProxyListener      QnetProxyListener;
typedef struct _QnetProxyListenerFuncs QnetProxyListenerFuncs;

/* Called from the reactor or from a wait, never before qnet_proxy_listener_listen() has succeeded. The listener may be freed
 * in each of them. */
struct _QnetProxyListenerFuncs
{
  /* The proxy listens elsewhere than it did. */
  void (*moved)    (QnetProxyListener *listener, gpointer owner);
  /* Takes @fd: a connection, by the proxy, from @address (nullable: it does not say). */
  void (*accepted) (QnetProxyListener *listener, gpointer owner, int fd, QnetHostAddress *address, guint16 port);
  /* The end: @error (transfer full) names the proxy and the reason. */
  void (*failed)   (QnetProxyListener *listener, gpointer owner, GError *error);
};

/* @address is where the proxy shall listen: Any leaves it the choice; 0 for any port. */
QnetProxyListener *qnet_proxy_listener_new         (QnetWaitSet                  *set,
                                                    const QnetProxyListenerFuncs *funcs,
                                                    gpointer                      owner,
                                                    QnetNetworkProxy             *proxy,
                                                    QnetHostAddress              *address,
                                                    guint16                       port) G_GNUC_WARN_UNUSED_RESULT;
void               qnet_proxy_listener_free        (QnetProxyListener            *self);

/* Blocks until the proxy listens, or does not. */
gboolean           qnet_proxy_listener_listen      (QnetProxyListener            *self,
                                                    GError                      **error);

/* While held nobody is handed out; one may wait. */
void               qnet_proxy_listener_set_held    (QnetProxyListener            *self,
                                                    gboolean                      is_held);

/* Where the proxy listens: NULL when it does not say. */
QnetHostAddress   *qnet_proxy_listener_get_address (QnetProxyListener            *self);
guint16            qnet_proxy_listener_get_port    (QnetProxyListener            *self);

G_END_DECLS
