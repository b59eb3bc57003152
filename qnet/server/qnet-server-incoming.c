/* qnet-server-incoming.c: passes each accepted descriptor to the class, which takes or refuses it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "server/qnet-server-private.h"

#include <sys/stat.h>

/* Identifies the socket: an override may close the descriptor, whose number may then be that of
 * another file. */
static void
identify (QnetIncoming *incoming)
{
  struct stat status;

  if (fstat (incoming->fd, &status) != 0)
    return;

  incoming->device = status.st_dev;
  incoming->inode = status.st_ino;
}

/* An override may pass the descriptor to another thread, or to the parent class later. */
static void
call_override (QnetServer   *self,
               QnetIncoming *incoming)
{
  identify (incoming);
  if (incoming->header != NULL)
    qnet_incoming_keep (incoming);

  QNET_SERVER_GET_CLASS (self)->incoming_connection (self, incoming->fd);

  if (incoming->header != NULL && incoming->is_taken)
    qnet_incoming_forget (incoming);
}

void
qnet_server_handle_incoming (QnetServer            *self,
                             QnetIncoming          *incoming,
                             const QnetProxiedPeer *proxied_peer)
{
  QnetServerPrivate *priv = qnet_server_get_private (self);
  QnetServerClass *klass = QNET_SERVER_GET_CLASS (self);
  const QnetProxiedPeer *outer_peer = priv->proxied_peer;
  const QnetIncoming *outer = priv->incoming;
  guint n_stops = priv->n_stops;

  if (priv->connections.admission != NULL && !qnet_server_admits (self, incoming, proxied_peer))
    return;

  priv->proxied_peer = proxied_peer;
  priv->incoming = incoming;
  qnet_incoming_begin (incoming);
  if (klass->incoming_connection == klass->priv->incoming)
    klass->incoming_connection (self, incoming->fd);
  else
    call_override (self, incoming);
  qnet_incoming_end (incoming);
  priv->incoming = outer;
  priv->proxied_peer = outer_peer;

  if (klass->priv->advance == NULL && !incoming->is_refused && priv->n_stops == n_stops)
    qnet_server_emit_new_connection (self);
}

/**
 * qnet_server_refuse_connection:
 * @self: a server
 * @fd: the descriptor that [vfunc@Server.incoming_connection] was called with
 *
 * Closes a connection that was just accepted, without creating a socket for it.
 *
 * This is only for overrides of [vfunc@Server.incoming_connection]: to refuse a client, or because
 * of a failure. Neither is [signal@Server::new-connection] emitted then, nor does a wait end.
 *
 * A descriptor that a socket of qnet has taken, that was passed to the parent class, or that was
 * already closed is not closed again. A descriptor that was passed elsewhere, for instance to
 * another thread, would be closed: pass it on as the last step.
 *
 * Since: 1.0
 */
void
qnet_server_refuse_connection (QnetServer *self,
                               int         fd)
{
  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (fd >= 0);
  QNET_SERVER_CHECK_CALLER (self);

  qnet_incoming_refuse (fd);
}
