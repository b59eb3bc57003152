/* qnet-connection-list-private.h: the live connections of a server, as a list model
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "device/qnet-io-device-private.h"

#include "qnet-connection-list.h"

G_BEGIN_DECLS

/* @set is that of the server, whose thread uses the list. */
QnetConnectionList *qnet_connection_list_new    (QnetWaitSet        *set)
                                                G_GNUC_WARN_UNUSED_RESULT;
/* The server is disposed. */
void                qnet_connection_list_leave  (QnetConnectionList *self);

/* Appends the devices of @queue without emitting; to be called before the list is returned to the
 * application. */
void                qnet_connection_list_fill   (QnetConnectionList *self,
                                                 GQueue             *queue);

/* O(log n). The caller keeps @device alive until it is removed. */
void                qnet_connection_list_append (QnetConnectionList *self,
                                                 QnetIODevice       *device);
void                qnet_connection_list_remove (QnetConnectionList *self,
                                                 QnetIODevice       *device);

G_END_DECLS
