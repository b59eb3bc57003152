/* qnet-connections-private.h: the connections that a server keeps alive
 *
 * Each is pending until the application takes it, and then taken until it is disconnected, or
 * notified that the server stops. The
 * links of the queues are part of the connections, so nothing is allocated. Adding and removing may
 * run code of the application: handlers of the list model, and of notifications of the connections.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "server/qnet-admission-private.h"
#include "server/qnet-connection-list-private.h"

G_BEGIN_DECLS

typedef struct _QnetConnections QnetConnections;

struct _QnetConnections
{
  QnetConnectionOwner owner;    /* notified by connections that they are disconnected */
  GQueue              pending;  /* QnetIODevice (owned), by owner_link */
  GQueue              taken;    /* QnetIODevice (owned), by owner_link */
  GQueue              notified; /* QnetIODevice (owned), by owner_link */
  QnetConnectionList *list;     /* (owned) (nullable): all of them; made on demand */
  QnetWaitSet        *set;      /* of the server */
  QnetAdmission      *admission; /* (owned) (nullable): counts them */
};

void          qnet_connections_init           (QnetConnections                *connections,
                                               const QnetConnectionOwnerFuncs *funcs,
                                               QnetWaitSet                    *set);
/* Releases all of them. */
void          qnet_connections_clear          (QnetConnections       *connections);

/* Whether @device may be added: it is in no server's queue. */
gboolean      qnet_connections_is_free        (QnetIODevice          *device);
void          qnet_connections_add            (QnetConnections       *connections,
                                               QnetIODevice          *device);
/* The first pending one (nullable); it is a taken one now. */
QnetIODevice *qnet_connections_take           (QnetConnections       *connections)
                                              G_GNUC_WARN_UNUSED_RESULT;
void          qnet_connections_drop_pending   (QnetConnections       *connections);

/* To be called when @device is disconnected, before that is notified: the list is one of those that
 * are connected. */
void          qnet_connections_unlist         (QnetConnections       *connections,
                                               QnetIODevice          *device);
/* To be called after that was notified. A pending one is kept, since it was emitted: the
 * application takes it, and notices that it is disconnected. */
void          qnet_connections_release        (QnetConnections       *connections,
                                               QnetIODevice          *device);

/* For a server that stops */

/* The first taken one that was not notified (nullable). */
QnetIODevice *qnet_connections_peek_taken     (const QnetConnections *connections);
void          qnet_connections_mark_notified  (QnetConnections       *connections,
                                               QnetIODevice          *device);
/* The notified ones are taken ones again. */
void          qnet_connections_unmark_all     (QnetConnections       *connections);
/* Any one of them (nullable). */
QnetIODevice *qnet_connections_peek_any       (QnetConnections       *connections);
/* Takes that one, which is not the server's any more (nullable) (transfer full). */
QnetIODevice *qnet_connections_steal          (QnetConnections       *connections)
                                              G_GNUC_WARN_UNUSED_RESULT;

guint         qnet_connections_get_n_pending  (const QnetConnections *connections);
guint         qnet_connections_get_n          (const QnetConnections *connections);
/* Calls @func with each of them, which must not change them. */
void          qnet_connections_foreach        (QnetConnections       *connections,
                                               GFunc                  func,
                                               gpointer               data);
/* (transfer full): in the order of the list model. */
GPtrArray    *qnet_connections_list_all       (QnetConnections       *connections)
                                              G_GNUC_WARN_UNUSED_RESULT;
GListModel   *qnet_connections_get_list       (QnetConnections       *connections);

G_END_DECLS
