/* qnet-connection-list.c: the live connections of a server, as a list model
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "server/qnet-connection-list-private.h"

#include "qnet-socket.h"

/**
 * QnetConnectionList:
 *
 * The live connections of a server, as a [iface@Gio.ListModel] of [class@Socket]s.
 *
 * It is the value of [property@Server:connections]. The list changes as connections begin and end,
 * and emits [signal@Gio.ListModel::items-changed]. Python and JavaScript iterate over a snapshot of
 * it (`for c in server.connections`, `[...server.connections]`), so that connections may be closed
 * during the iteration; the equivalent in C and Vala is [method@Server.list_connections].
 *
 * Since: 1.0
 */

/* Items are in the order in which they were added. Each device has the iterator of its item in
 * owner_data, so that removing it costs O(log n) and no search. */
struct _QnetConnectionList
{
  GObject      parent_instance;

  QnetWaitSet *set;    /* (nullable): of the server, until that is disposed */
  GSequence   *items;  /* (owned): QnetIODevice, not owned: the server holds them */
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (QnetConnectionList, qnet_connection_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static void
add_item (QnetConnectionList *self,
          QnetIODevice       *device)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);

  priv->owner_data = g_sequence_append (self->items, device);
}

/* GListModel. The list of a server that was disposed is empty, and belongs to no thread. */

static gboolean
check_caller (QnetConnectionList *self,
              const char         *function)
{
  return self->set == NULL || qnet_reactor_check_caller (self->set->reactor, self, function);
}

static GType
qnet_connection_list_get_item_type (GListModel *model)
{
  return QNET_TYPE_SOCKET;
}

static guint
qnet_connection_list_get_n_items (GListModel *model)
{
  QnetConnectionList *self = QNET_CONNECTION_LIST (model);

  if (!check_caller (self, G_STRFUNC))
    return 0;

  return g_sequence_get_length (self->items);
}

static gpointer
qnet_connection_list_get_item (GListModel *model,
                               guint       position)
{
  QnetConnectionList *self = QNET_CONNECTION_LIST (model);

  if (!check_caller (self, G_STRFUNC)
      || position >= (guint) g_sequence_get_length (self->items))
    return NULL;

  return g_object_ref (g_sequence_get (g_sequence_get_iter_at_pos (self->items, position)));
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = qnet_connection_list_get_item_type;
  iface->get_n_items = qnet_connection_list_get_n_items;
  iface->get_item = qnet_connection_list_get_item;
}

/* GObject */

static void
qnet_connection_list_finalize (GObject *object)
{
  QnetConnectionList *self = QNET_CONNECTION_LIST (object);

  g_sequence_free (self->items);

  G_OBJECT_CLASS (qnet_connection_list_parent_class)->finalize (object);
}

static void
qnet_connection_list_class_init (QnetConnectionListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = qnet_connection_list_finalize;
}

static void
qnet_connection_list_init (QnetConnectionList *self)
{
  self->items = g_sequence_new (NULL);
}

/* For the server */

QnetConnectionList *
qnet_connection_list_new (QnetWaitSet *set)
{
  QnetConnectionList *self = g_object_new (QNET_TYPE_CONNECTION_LIST, NULL);

  self->set = set;

  return self;
}

void
qnet_connection_list_leave (QnetConnectionList *self)
{
  self->set = NULL;
}

void
qnet_connection_list_fill (QnetConnectionList *self,
                           GQueue             *queue)
{
  for (GList *link = queue->head; link != NULL; link = link->next)
    if (!qnet_io_device_get_private (link->data)->is_unlisted)
      add_item (self, link->data);
}

void
qnet_connection_list_append (QnetConnectionList *self,
                             QnetIODevice       *device)
{
  add_item (self, device);
  g_list_model_items_changed (G_LIST_MODEL (self), g_sequence_get_length (self->items) - 1, 0, 1);
}

void
qnet_connection_list_remove (QnetConnectionList *self,
                             QnetIODevice       *device)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (device);
  GSequenceIter *place = g_steal_pointer (&priv->owner_data);
  guint position = g_sequence_iter_get_position (place);

  g_sequence_remove (place);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}
