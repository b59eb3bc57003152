/* qnet-server-proxy.c: a proxy that listens in the place of a server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "server/qnet-server-private.h"
#include "socket/qnet-abstract-socket-private.h"

/* What the proxy's listener tells */

static void
moved_cb (QnetProxyListener *listener,
          gpointer           owner)
{
  g_autoptr(QnetServer) self = g_object_ref (owner);

  QNET_SERVER_GET_CLASS (self)->hooks->changed (self);
}

static void
accepted_cb (QnetProxyListener *listener,
             gpointer           owner,
             int                fd,
             QnetHostAddress   *address,
             guint16            port)
{
  g_autoptr(QnetServer) self = g_object_ref (owner);
  const QnetServerGuest guest = { .address = address, .port = port };
  QnetIncoming incoming = { .fd = fd };

  qnet_server_take_incoming (self, &incoming, &guest);
}

/* Waits and accept_async() are told why. */
static void
failed_cb (QnetProxyListener *listener,
           gpointer           owner,
           GError            *error)
{
  g_autoptr(QnetServer) self = g_object_ref (owner);

  qnet_server_get_private (self)->proxied_end = g_error_copy (error);
  qnet_server_stop (self);
  qnet_server_announce (self);
  qnet_server_emit_accept_error (self, error);
}

static const QnetProxyListenerFuncs listener_funcs = {
  .moved    = moved_cb,
  .accepted = accepted_cb,
  .failed   = failed_cb,
};

/* For subclasses */

gboolean
qnet_server_start_by_proxy (QnetServer        *self,
                            QnetNetworkProxy  *proxy,
                            QnetHostAddress   *address,
                            guint16            port,
                            GError           **error)
{
  G_GNUC_UNUSED g_autoptr(QnetServer) hold = g_object_ref (self);
  QnetServerPrivate *priv = qnet_server_get_private (self);
  QnetProxyListener *listener;

  qnet_listener_join (&priv->listener);
  listener = qnet_proxy_listener_new (&priv->listener.set, &listener_funcs, self,
                                      proxy, address, port);

  if (!qnet_proxy_listener_listen (listener, error))
    {
      qnet_proxy_listener_free (listener);
      return FALSE;
    }

  g_clear_error (&priv->proxied_end);
  priv->proxied = listener;
  qnet_proxy_listener_set_held (listener, priv->listener.holds != 0);
  qnet_server_take_error (self, NULL);
  qnet_server_announce (self);

  return TRUE;
}

void
qnet_server_introduce_peer (QnetServer         *self,
                            QnetAbstractSocket *socket)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);

  if (priv->guest != NULL)
    qnet_abstract_socket_set_peer (socket, priv->guest->address, priv->guest->port);
  else if (priv->incoming != NULL)
    qnet_abstract_socket_set_native_peer (socket, priv->incoming->peer, priv->incoming->peer_size);
}
