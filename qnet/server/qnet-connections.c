/* qnet-connections.c: the connections that a server keeps alive
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "server/qnet-connections-private.h"

/* The three queues */

static GQueue *
get_queue (QnetConnections           *connections,
           const QnetIODevicePrivate *priv)
{
  if (priv->ownership == QNET_OWNERSHIP_NOTIFIED)
    return &connections->notified;

  return priv->ownership == QNET_OWNERSHIP_PENDING ? &connections->pending : &connections->taken;
}

static void
enqueue (QnetConnections *connections,
         QnetIODevice    *device,
         QnetOwnership    ownership)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

  qnet_io_device_enter_ownership (priv, ownership);
  priv->owner_link.data = device;
  g_queue_push_tail_link (get_queue (connections, priv), &priv->owner_link);
}

static void
dequeue (QnetConnections *connections,
         QnetIODevice    *device)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

  g_queue_unlink (get_queue (connections, priv), &priv->owner_link);
  priv->owner_link.data = NULL;
}

/* It is not in the list any more if it was disconnected before. */
static void
remove_from_list (QnetConnections *connections,
                  QnetIODevice    *device)
{
  if (connections->list != NULL && qnet_io_device_get_private (device)->owner_data != NULL)
    qnet_connection_list_remove (connections->list, device);
}

static void
release (QnetConnections *connections,
         QnetIODevice    *device)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

  dequeue (connections, device);
  if (connections->admission != NULL)
    qnet_admission_remove (connections->admission, device);
  qnet_io_device_enter_ownership (priv, QNET_OWNERSHIP_NONE);
  priv->owner = NULL;

  remove_from_list (connections, device);

  g_object_unref (device);
}

static void
release_all (QnetConnections *connections,
             GQueue          *queue)
{
  while (queue->head != NULL)
    release (connections, queue->head->data);
}

/* For the server */

void
qnet_connections_init (QnetConnections                *connections,
                       const QnetConnectionOwnerFuncs *funcs,
                       QnetWaitSet                    *set)
{
  connections->owner.funcs = funcs;
  connections->set = set;
  g_queue_init (&connections->pending);
  g_queue_init (&connections->taken);
  g_queue_init (&connections->notified);
}

void
qnet_connections_clear (QnetConnections *connections)
{
  release_all (connections, &connections->pending);
  release_all (connections, &connections->taken);
  release_all (connections, &connections->notified);
  connections->set = NULL;
  if (connections->list != NULL)
    qnet_connection_list_leave (connections->list);
  g_clear_object (&connections->list);
}

gboolean
qnet_connections_is_free (QnetIODevice *device)
{
  return qnet_io_device_get_private (device)->ownership == QNET_OWNERSHIP_NONE;
}

/* A device that is not connected will not notify of its end: it is not kept alive beyond the
 * queue. */
void
qnet_connections_add (QnetConnections *connections,
                      QnetIODevice    *device)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

  if (priv->link == QNET_LINK_UP)
    priv->owner = &connections->owner;

  priv->is_unlisted = FALSE;
  enqueue (connections, g_object_ref (device), QNET_OWNERSHIP_PENDING);

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

  if (qnet_io_device_get_private (device)->owner == NULL)
    {
      release (connections, device);
      return device;
    }

  dequeue (connections, device);
  enqueue (connections, device, QNET_OWNERSHIP_TAKEN);

  return device;
}

void
qnet_connections_drop_pending (QnetConnections *connections)
{
  release_all (connections, &connections->pending);
}

void
qnet_connections_unlist (QnetConnections *connections,
                         QnetIODevice    *device)
{
  qnet_io_device_get_private (device)->is_unlisted = TRUE;
  remove_from_list (connections, device);
}

void
qnet_connections_release (QnetConnections *connections,
                          QnetIODevice    *device)
{
  if (qnet_io_device_get_private (device)->ownership != QNET_OWNERSHIP_PENDING)
    release (connections, device);
  else if (connections->admission != NULL)
    qnet_admission_remove (connections->admission, device);
}

/* For a server that stops */

QnetIODevice *
qnet_connections_peek_taken (const QnetConnections *connections)
{
  return connections->taken.head != NULL ? connections->taken.head->data : NULL;
}

void
qnet_connections_mark_notified (QnetConnections *connections,
                                QnetIODevice    *device)
{
  dequeue (connections, device);
  enqueue (connections, device, QNET_OWNERSHIP_NOTIFIED);
}

/* They were taken before those that are still in the queue of the taken ones. */
void
qnet_connections_unmark_all (QnetConnections *connections)
{
  QnetIODevice *device;

  while ((device = g_queue_peek_tail (&connections->notified)) != NULL)
    {
      QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

      g_queue_unlink (&connections->notified, &priv->owner_link);
      qnet_io_device_enter_ownership (priv, QNET_OWNERSHIP_TAKEN);
      g_queue_push_head_link (&connections->taken, &priv->owner_link);
    }
}

static GQueue *
find_used_queue (QnetConnections *connections)
{
  if (connections->pending.head != NULL)
    return &connections->pending;

  return connections->taken.head != NULL ? &connections->taken : &connections->notified;
}

QnetIODevice *
qnet_connections_peek_any (QnetConnections *connections)
{
  return g_queue_peek_head (find_used_queue (connections));
}

QnetIODevice *
qnet_connections_steal (QnetConnections *connections)
{
  QnetIODevice *device = qnet_connections_peek_any (connections);

  if (device == NULL)
    return NULL;

  g_object_ref (device);
  release (connections, device);

  return device;
}

guint
qnet_connections_get_n_pending (const QnetConnections *connections)
{
  return connections->pending.length;
}

guint
qnet_connections_get_n (const QnetConnections *connections)
{
  return connections->pending.length + connections->taken.length + connections->notified.length;
}

void
qnet_connections_foreach (QnetConnections *connections,
                          GFunc            func,
                          gpointer         data)
{
  g_queue_foreach (&connections->notified, func, data);
  g_queue_foreach (&connections->taken, func, data);
  g_queue_foreach (&connections->pending, func, data);
}

GListModel *
qnet_connections_get_list (QnetConnections *connections)
{
  if (connections->list == NULL)
    {
      connections->list = qnet_connection_list_new (connections->set);
      qnet_connection_list_fill (connections->list, &connections->notified);
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
