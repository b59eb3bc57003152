/* qnet-connection-list-private.h: the live connections of a server, as a list model
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "socket/qnet-io-device-private.h"

#include "qnet-connection-list.h"

G_BEGIN_DECLS

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
