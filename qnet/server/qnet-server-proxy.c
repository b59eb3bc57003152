/* qnet-server-proxy.c: a proxy that listens in place of a server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-i18n-private.h"
#include "server/qnet-server-private.h"
#include "socket/qnet-abstract-socket-private.h"

#include "qnet-error.h"

/* The request to a proxy to listen, until it listens or has refused */

static void
adopt (QnetServer        *self,
       QnetProxyListener *listener)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);

  g_clear_error (&priv->proxy_error);
  priv->proxy_listener = listener;
  qnet_proxy_listener_set_held (listener, priv->listener.holds != 0);
  qnet_server_take_error (self, NULL);
  qnet_server_notify_listening (self);
}

static void
stop_waiting (QnetServerStart *start)
{
  if (start->cancel != NULL)
    g_source_destroy (start->cancel);

  g_clear_pointer (&start->cancel, g_source_unref);
}

/* Handlers of the signals that adopt() emits may change anything, so the contents of the request
 * are taken before. */
static void
succeed (QnetServer *self)
{
  QnetServerStart *start = g_steal_pointer (&qnet_server_get_private (self)->start);
  QnetProxyListener *listener = g_steal_pointer (&start->listener);
  g_autoptr(GTask) task = g_steal_pointer (&start->task);

  start->has_ended = TRUE;
  stop_waiting (start);
  if (task != NULL)
    g_free (start);

  adopt (self, listener);

  if (task != NULL)
    g_task_return_boolean (task, TRUE);
}

void
qnet_server_give_up_start (QnetServer *self,
                           GError     *error)
{
  QnetServerStart *start = g_steal_pointer (&qnet_server_get_private (self)->start);
  g_autoptr(GTask) task = g_steal_pointer (&start->task);

  start->has_ended = TRUE;
  stop_waiting (start);
  g_clear_pointer (&start->listener, qnet_proxy_listener_free);

  if (task == NULL)
    {
      start->error = error;
      return;
    }

  g_free (start);
  if (error->domain == QNET_SOCKET_ERROR)
    qnet_server_take_error (self, g_error_copy (error));
  g_task_return_error (task, error);
}

/* Callbacks of the proxy listener */

static void
started_cb (QnetProxyListener *listener,
            gpointer           owner)
{
  QnetServer *self = owner;
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (self);

  succeed (self);
}

static void
moved_cb (QnetProxyListener *listener,
          gpointer           owner)
{
  QnetServer *self = owner;
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (self);

  QNET_SERVER_GET_CLASS (self)->priv->changed (self);
}

static void
accepted_cb (QnetProxyListener *listener,
             gpointer           owner,
             int                fd,
             QnetHostAddress   *address,
             guint16            port)
{
  QnetServer *self = owner;
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (self);
  const QnetProxiedPeer proxied_peer = { .address = address, .port = port };
  QnetIncoming incoming = { .fd = fd };

  qnet_server_handle_incoming (self, &incoming, &proxied_peer);
}

/* Waits and accept_async() fail with @error, too. */
static void
failed_cb (QnetProxyListener *listener,
           gpointer           owner,
           GError            *error)
{
  QnetServer *self = owner;
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (self);

  if (qnet_server_get_private (self)->start != NULL)
    {
      qnet_server_give_up_start (self, error);
      return;
    }

  qnet_server_get_private (self)->proxy_error = g_error_copy (error);
  qnet_server_stop (self);
  qnet_server_notify_listening (self);
  qnet_server_emit_accept_error (self, error);
}

static const QnetProxyListenerFuncs listener_funcs = {
  .started  = started_cb,
  .moved    = moved_cb,
  .accepted = accepted_cb,
  .failed   = failed_cb,
};

static void
begin (QnetServer       *self,
       QnetServerStart  *start,
       QnetNetworkProxy *proxy,
       QnetHostAddress  *address,
       guint16           port)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);

  qnet_listener_join (&priv->listener);
  start->listener = qnet_proxy_listener_new (&priv->listener.set, &listener_funcs, self,
                                             proxy, address, port);
  priv->start = start;
  qnet_proxy_listener_start (start->listener);
}

/* Blocking */

static void
take_step (QnetServer *self)
{
  QnetWaitSet *set = &qnet_server_get_private (self)->listener.set;
  GError *error = qnet_wait_set_step_unlimited (set,
                                                _("Could not listen: The call was interrupted"),
                                                _("Could not listen: The proxy cannot respond "
                                                  "now"));

  if (error != NULL)
    qnet_server_give_up_start (self, error);
}

/* For subclasses */

gboolean
qnet_server_start_by_proxy (QnetServer        *self,
                            QnetNetworkProxy  *proxy,
                            QnetHostAddress   *address,
                            guint16            port,
                            GError           **error)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (self);
  QnetServerStart start = { 0 };

  begin (self, &start, proxy, address, port);

  while (!start.has_ended)
    take_step (self);

  if (start.error == NULL)
    return TRUE;

  g_propagate_error (error, start.error);

  return FALSE;
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  g_autoptr(QnetServer) self = g_object_ref (g_task_get_source_object (G_TASK (user_data)));
  GError *error = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, &error))
    qnet_server_give_up_start (self, error);

  return G_SOURCE_REMOVE;
}

void
qnet_server_start_by_proxy_async (QnetServer       *self,
                                  QnetNetworkProxy *proxy,
                                  QnetHostAddress  *address,
                                  guint16           port,
                                  GTask            *task)
{
  QnetServerStart *start = g_new0 (QnetServerStart, 1);
  GCancellable *cancellable = g_task_get_cancellable (task);

  start->task = task;
  begin (self, start, proxy, address, port);

  if (cancellable == NULL)
    return;

  start->cancel = g_cancellable_source_new (cancellable);
  g_source_set_static_name (start->cancel, "[qnet] cancelled");
  g_task_attach_source (task, start->cancel, G_SOURCE_FUNC (cancelled_cb));
}

/* A connection that was accepted here has the options from the listening descriptor. */
static void
take_from_proxy (QnetServer         *self,
                 QnetAbstractSocket *socket)
{
  const QnetServerPrivate *priv = qnet_server_get_private (self);

  qnet_abstract_socket_set_peer (socket, priv->proxied_peer->address, priv->proxied_peer->port);
  QNET_SERVER_GET_CLASS (self)->priv->adopt (self, priv->incoming->fd);
}

void
qnet_server_set_peer_of (QnetServer         *self,
                         QnetAbstractSocket *socket,
                         int                 fd)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);

  if (priv->incoming == NULL || priv->incoming->fd != fd)
    return;

  if (priv->proxied_peer != NULL)
    take_from_proxy (self, socket);
  else
    {
      if (priv->incoming->header != NULL)
        qnet_abstract_socket_note_header (socket, priv->incoming);
      qnet_abstract_socket_set_native_peer (socket, priv->incoming->peer,
                                            priv->incoming->peer_size);
    }

  qnet_server_count_incoming (self, QNET_SOCKET (socket));
}
