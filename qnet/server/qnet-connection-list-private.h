/* qnet-connection-list-private.h: the live connections of a server, as a list model
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "socket/qnet-io-device-private.h"

G_BEGIN_DECLS

#define QNET_TYPE_CONNECTION_LIST (qnet_connection_list_get_type ())

G_DECLARE_FINAL_TYPE (QnetConnectionList, qnet_connection_list, QNET, CONNECTION_LIST, GObject)

QnetConnectionList *qnet_connection_list_new    (void) G_GNUC_WARN_UNUSED_RESULT;

/* Before anybody listens: @queue's devices come to the end, and nothing is emitted. */
void                qnet_connection_list_fill   (QnetConnectionList *self,
                                                 GQueue             *queue);

/* O(log n). Whoever adds a device holds it until it is removed. */
void                qnet_connection_list_append (QnetConnectionList *self,
                                                 QnetIODevice       *device);
void                qnet_connection_list_remove (QnetConnectionList *self,
                                                 QnetIODevice       *device);

G_END_DECLS
