/* qnet-proxy-listener-private.h: a SOCKS5 proxy listens, and its connections are passed on
 *
 * BIND is for one connection alone (RFC 1928, section 4), so as soon as a client has connected the
 * proxy is asked again, for the same port.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "loop/qnet-reactor-private.h"

#include "qnet-host-address.h"
#include "qnet-network-proxy.h"

G_BEGIN_DECLS

typedef struct _QnetProxyListener      QnetProxyListener;
typedef struct _QnetProxyListenerFuncs QnetProxyListenerFuncs;

/* Called from the reactor or from a wait, never from within start(). The listener may be freed in
 * each of them. */
struct _QnetProxyListenerFuncs
{
  /* The proxy listens. Once, and before all others but failed. */
  void (*started)  (QnetProxyListener *listener,
                    gpointer           owner);
  /* The proxy listens at another address than before. */
  void (*moved)    (QnetProxyListener *listener,
                    gpointer           owner);
  /* Takes @fd: a connection by the proxy, whose peer is @address (nullable: not reported). */
  void (*accepted) (QnetProxyListener *listener,
                    gpointer           owner,
                    int                fd,
                    QnetHostAddress   *address,
                    guint16            port);
  /* The proxy does not listen any more: @error (transfer full) names it and the reason. */
  void (*failed)   (QnetProxyListener *listener,
                    gpointer           owner,
                    GError            *error);
};

/* @address is where the proxy is asked to listen: Any leaves the choice to it; port 0 is any
 * port. */
QnetProxyListener *qnet_proxy_listener_new         (QnetWaitSet                  *set,
                                                    const QnetProxyListenerFuncs *funcs,
                                                    gpointer                      owner,
                                                    QnetNetworkProxy             *proxy,
                                                    QnetHostAddress              *address,
                                                    guint16                       port)
                                                   G_GNUC_WARN_UNUSED_RESULT;
void               qnet_proxy_listener_free        (QnetProxyListener            *self);

/* Asks the proxy to listen. */
void               qnet_proxy_listener_start       (QnetProxyListener            *self);

/* While held, no connection is passed on; one may be pending. */
void               qnet_proxy_listener_set_held    (QnetProxyListener            *self,
                                                    gboolean                      is_held);

/* Where the proxy listens: NULL if it does not report it. */
/* A client has connected, and is not passed on yet. */
gboolean           qnet_proxy_listener_has_client  (QnetProxyListener            *self);
QnetHostAddress   *qnet_proxy_listener_get_address (QnetProxyListener            *self);
guint16            qnet_proxy_listener_get_port    (QnetProxyListener            *self);

G_END_DECLS
