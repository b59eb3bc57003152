/* qnet-connections-private.h: the connections that a server keeps alive
 *
 * Each is pending, until somebody takes it, and then taken, until it is disconnected. The lists run through the connections
 * themselves, so nothing is allocated. Adding and removing may run the code of others: handlers of the list model, and whatever
 * hears of the end of a connection.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "server/qnet-connection-list-private.h"

G_BEGIN_DECLS

typedef struct _QnetConnections QnetConnections;

struct _QnetConnections
{
  QnetKeeper          keeper;   /* told by connections that they are disconnected */
  GQueue              pending;  /* QnetIODevice (owned), by keeper_link */
  GQueue              taken;    /* QnetIODevice (owned), by keeper_link */
  QnetConnectionList *list;     /* (owned) (nullable): all of them, once somebody asked */
};

void          qnet_connections_init           (QnetConnections       *connections,
                                               const QnetKeeperFuncs *funcs);
void          qnet_connections_clear          (QnetConnections       *connections);  /* lets all go */

/* Whether @device may be added: it is in no server's lists. */
gboolean      qnet_connections_is_free        (QnetIODevice          *device);
void          qnet_connections_add            (QnetConnections       *connections,
                                               QnetIODevice          *device);
QnetIODevice *qnet_connections_take           (QnetConnections       *connections) G_GNUC_WARN_UNUSED_RESULT;  /* (transfer full) (nullable) */
void          qnet_connections_drop_pending   (QnetConnections       *connections);

/* To be called when @device is disconnected. One that is pending stays: it was announced, and whoever takes it finds out. */
void          qnet_connections_release        (QnetConnections       *connections,
                                               QnetIODevice          *device);

guint         qnet_connections_get_n_pending  (const QnetConnections *connections);
guint         qnet_connections_get_n          (const QnetConnections *connections);
/* (transfer full): as they came, as in the list model. */
GPtrArray    *qnet_connections_list_all       (QnetConnections       *connections) G_GNUC_WARN_UNUSED_RESULT;
GListModel   *qnet_connections_get_list       (QnetConnections       *connections);

G_END_DECLS
