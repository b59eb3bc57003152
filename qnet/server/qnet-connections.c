/* qnet-connections.c: the connections that a server keeps alive
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "server/qnet-connections-private.h"

/* The two queues */

static void
enqueue (QnetConnections *connections,
         QnetIODevice    *device,
         gboolean         is_pending)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

  priv->is_pending = is_pending;
  priv->keeper_link.data = device;
  g_queue_push_tail_link (is_pending ? &connections->pending : &connections->taken,
                          &priv->keeper_link);
}

static void
dequeue (QnetConnections *connections,
         QnetIODevice    *device)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

  g_queue_unlink (priv->is_pending ? &connections->pending : &connections->taken,
                  &priv->keeper_link);
  priv->keeper_link.data = NULL;
  priv->is_pending = FALSE;
}

static void
let_go (QnetConnections *connections,
        QnetIODevice    *device)
{
  dequeue (connections, device);
  qnet_io_device_get_private (device)->keeper = NULL;

  if (connections->list != NULL)
    qnet_connection_list_remove (connections->list, device);

  g_object_unref (device);
}

static void
let_all_go (QnetConnections *connections,
            GQueue          *queue)
{
  while (queue->head != NULL)
    let_go (connections, queue->head->data);
}

/* For the server */

void
qnet_connections_init (QnetConnections       *connections,
                       const QnetKeeperFuncs *funcs)
{
  connections->keeper.funcs = funcs;
  g_queue_init (&connections->pending);
  g_queue_init (&connections->taken);
}

void
qnet_connections_clear (QnetConnections *connections)
{
  let_all_go (connections, &connections->pending);
  let_all_go (connections, &connections->taken);
  g_clear_object (&connections->list);
}

gboolean
qnet_connections_is_free (QnetIODevice *device)
{
  return qnet_io_device_get_private (device)->keeper_link.data == NULL;
}

/* A connection that is not up will not tell that it ends: it is not kept beyond the queue. */
void
qnet_connections_add (QnetConnections *connections,
                      QnetIODevice    *device)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

  if (priv->link == QNET_LINK_UP)
    priv->keeper = &connections->keeper;

  enqueue (connections, g_object_ref (device), TRUE);

  if (connections->list != NULL)
    qnet_connection_list_append (connections->list, device);
}

QnetIODevice *
qnet_connections_take (QnetConnections *connections)
{
  QnetIODevice *device = g_queue_peek_head (&connections->pending);

  if (device == NULL)
    return NULL;

  g_object_ref (device);

  if (qnet_io_device_get_private (device)->keeper == NULL)
    {
      let_go (connections, device);
      return device;
    }

  dequeue (connections, device);
  enqueue (connections, device, FALSE);

  return device;
}

void
qnet_connections_drop_pending (QnetConnections *connections)
{
  let_all_go (connections, &connections->pending);
}

void
qnet_connections_release (QnetConnections *connections,
                          QnetIODevice    *device)
{
  if (qnet_io_device_get_private (device)->is_pending)
    return;

  let_go (connections, device);
}

guint
qnet_connections_get_n_pending (const QnetConnections *connections)
{
  return connections->pending.length;
}

guint
qnet_connections_get_n (const QnetConnections *connections)
{
  return connections->pending.length + connections->taken.length;
}

GListModel *
qnet_connections_get_list (QnetConnections *connections)
{
  if (connections->list == NULL)
    {
      connections->list = qnet_connection_list_new ();
      qnet_connection_list_fill (connections->list, &connections->taken);
      qnet_connection_list_fill (connections->list, &connections->pending);
    }

  return G_LIST_MODEL (connections->list);
}

GPtrArray *
qnet_connections_list_all (QnetConnections *connections)
{
  GListModel *list = qnet_connections_get_list (connections);
  guint n = g_list_model_get_n_items (list);
  GPtrArray *all = g_ptr_array_new_full (n, g_object_unref);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (all, g_list_model_get_item (list, i));

  return all;
}
