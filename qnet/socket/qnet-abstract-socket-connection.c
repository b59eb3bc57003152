/* qnet-abstract-socket-connection.c: what Internet addresses add to QnetSocket
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "address/qnet-host-address-private.h"
#include "address/qnet-host-name-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "socket/qnet-abstract-socket-private.h"

/* The state of the connection */

static void
stop (QnetSocket *socket)
{
  QnetAbstractSocketPrivate *priv =
    qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (socket));

  qnet_abstract_socket_drop_connector (QNET_ABSTRACT_SOCKET (socket));
  qnet_abstract_socket_drop_sequence (QNET_ABSTRACT_SOCKET (socket));
  qnet_abstract_socket_drop_relay (QNET_ABSTRACT_SOCKET (socket));
  qnet_clear_fd (&priv->bound_fd);
}

static void
forget (QnetSocket *socket)
{
  qnet_abstract_socket_forget_addresses (QNET_ABSTRACT_SOCKET (socket));
}

static void
remember (QnetSocket *socket)
{
  qnet_abstract_socket_remember_addresses (QNET_ABSTRACT_SOCKET (socket));
}

static void
closing (QnetSocket *socket)
{
  qnet_abstract_socket_drop_relay (QNET_ABSTRACT_SOCKET (socket));
}

/* NULL if it is not known. */
static char *
describe_address (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  qnet_abstract_socket_learn_peer (self);
  if (priv->peer_address == NULL)
    return NULL;

  if (qnet_host_address_is_null (priv->peer_address))  /* only the proxy knows it */
    return g_strdup_printf (_("%s port %u"), priv->peer_name, priv->peer_port);

  return qnet_host_address_to_display (priv->peer_address, priv->peer_port);
}

static char *
describe_target (QnetAbstractSocket *self)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (priv->sequence != NULL)
    return g_strdup (qnet_abstract_socket_get_sequence_description (self));

  if (!qnet_socket_has_own_transport (QNET_SOCKET (self)))
    return qnet_host_name_to_display (priv->peer_name, priv->target_port);

  return priv->peer_name != NULL ? qnet_host_name_to_display (priv->peer_name, priv->peer_port)
                                 : describe_address (self);
}

static char *
describe_peer (QnetIODevice *device)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (device);

  return qnet_socket_is_connecting (QNET_SOCKET (device)) ? describe_target (self)
                                                          : describe_address (self);
}

/* The properties */

typedef struct
{
  QnetHostAddress *local_address;  /* (owned) */
  QnetHostAddress *peer_address;   /* (owned) */
  char            *peer_name;      /* (owned) (nullable) */
  guint16          local_port;
  guint16          peer_port;
} Snapshot;

static gpointer
take_snapshot (QnetSocket *socket)
{
  QnetAbstractSocket *self = QNET_ABSTRACT_SOCKET (socket);
  Snapshot *now = g_new (Snapshot, 1);

  now->local_address = qnet_abstract_socket_get_local_address (self);
  now->local_port = qnet_abstract_socket_get_local_port (self);
  now->peer_address = qnet_abstract_socket_get_peer_address (self);
  now->peer_port = qnet_abstract_socket_get_peer_port (self);
  now->peer_name = g_strdup (qnet_abstract_socket_get_peer_name (self));

  return now;
}

static void
snapshot_free (gpointer snapshot)
{
  Snapshot *it = snapshot;

  qnet_host_address_unref (it->local_address);
  qnet_host_address_unref (it->peer_address);
  g_free (it->peer_name);
  g_free (it);
}

static void
notify_if (QnetSocket *socket,
           const char *prop,
           gboolean    has_changed)
{
  if (has_changed)
    qnet_io_device_notify_name (socket, prop);
}

static void
compare (QnetSocket *socket,
         gpointer    before_data)
{
  Snapshot *before = before_data;
  Snapshot *now = take_snapshot (socket);

  notify_if (socket, "local-address",
             !qnet_host_address_equal (before->local_address, now->local_address));
  notify_if (socket, "local-port", before->local_port != now->local_port);
  notify_if (socket, "peer-address",
             !qnet_host_address_equal (before->peer_address, now->peer_address));
  notify_if (socket, "peer-port", before->peer_port != now->peer_port);
  notify_if (socket, "peer-name", g_strcmp0 (before->peer_name, now->peer_name) != 0);

  snapshot_free (now);
  snapshot_free (before);
}

/* The descriptor */

static int
get_fd (QnetSocket *socket)
{
  return qnet_abstract_socket_peek_fd (QNET_ABSTRACT_SOCKET (socket));
}

/* Each datagram has a header of the proxy, which a user of the descriptor would not expect. */
static gboolean
check_steal (QnetSocket  *socket,
             GError     **error)
{
  if (qnet_abstract_socket_get_relay (QNET_ABSTRACT_SOCKET (socket)) == NULL)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                  _("Could not take the connection from the socket: It uses a proxy"));

  return FALSE;
}

/* The proxy comes with its tunnel. */
static void
hand_over (QnetSocket *socket,
           QnetSocket *successor)
{
  QnetAbstractSocketPrivate *from =
    qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (socket));
  QnetAbstractSocketPrivate *to =
    qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (successor));
  QnetWaitSet *set = &qnet_socket_get_device (successor)->wait_set;

  to->options = g_steal_pointer (&from->options);
  to->options_are_late = from->options_are_late;
  to->peer_name = g_steal_pointer (&from->peer_name);
  to->target_port = from->target_port;
  to->peer_address = g_steal_pointer (&from->peer_address);
  to->peer_port = from->peer_port;
  to->proxy = g_steal_pointer (&from->proxy);
  to->connector = g_steal_pointer (&from->connector);
  to->sequence = g_steal_pointer (&from->sequence);

  if (to->connector != NULL)
    qnet_connector_move (to->connector, set, successor);
  qnet_abstract_socket_move_tunnel (QNET_ABSTRACT_SOCKET (successor));
  qnet_abstract_socket_move_sequence (QNET_ABSTRACT_SOCKET (successor));
}

/* A pending bind_async() has no socket state of its own. */

static void
disconnect_from_peer (QnetSocket *socket)
{
  qnet_abstract_socket_give_up_bind (QNET_ABSTRACT_SOCKET (socket));
  qnet_socket_real_disconnect_from_peer (socket);
}

static void
abort_socket (QnetSocket *socket)
{
  qnet_abstract_socket_give_up_bind (QNET_ABSTRACT_SOCKET (socket));
  qnet_socket_real_abort (socket);
}

void
qnet_abstract_socket_class_install_connection (QnetSocketClass *klass)
{
  QnetSocketClassPrivate *functions = qnet_socket_class_get_private (klass);

  functions->stop          = stop;
  functions->forget        = forget;
  functions->remember      = remember;
  functions->closing       = closing;
  functions->snapshot      = take_snapshot;
  functions->compare       = compare;
  functions->free_snapshot = snapshot_free;
  functions->get_fd        = get_fd;
  functions->take_fd       = qnet_abstract_socket_take_fd;
  functions->check_steal   = check_steal;
  functions->hand_over     = hand_over;

  qnet_io_device_class_get_private (QNET_IO_DEVICE_CLASS (klass))->describe_peer = describe_peer;
  klass->disconnect_from_peer = disconnect_from_peer;
  klass->abort = abort_socket;
}
