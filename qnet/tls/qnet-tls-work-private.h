/* qnet-tls-work-private.h: a step of a handshake that can block, in a thread of its own
 *
 * A key in a token, a PIN, and a database of the application can take any time. Their step runs in
 * a thread of a pool that is qnet's own, and delays no other connection.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "loop/qnet-reactor-private.h"

G_BEGIN_DECLS

typedef struct _QnetTlsWork QnetTlsWork;

/* @run is called in a thread with @data, then @done in the context of @reactor with its owner, then
 * @free_data. NULL if there is no thread for it; @data is not freed then. */
QnetTlsWork *qnet_tls_work_start   (QnetReactor    *reactor,
                                    void          (*run)  (gpointer data),
                                    gpointer        data,
                                    GDestroyNotify  free_data,
                                    void          (*done) (gpointer owner),
                                    gpointer        owner);
gpointer     qnet_tls_work_get_data (QnetTlsWork   *self);
/* The work has ended: @data belongs to the owner's thread. */
gboolean     qnet_tls_work_is_done (QnetTlsWork    *self);
/* @done is called with another owner; again, if it was called already. */
void         qnet_tls_work_move    (QnetTlsWork    *self,
                                    gpointer        owner);
/* The owner does not need it any more: @done is not called. abandon() is the part of that which
 * calls nothing of the application, and comes first. */
void         qnet_tls_work_abandon (QnetTlsWork    *self);
void         qnet_tls_work_free    (QnetTlsWork    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetTlsWork, qnet_tls_work_free)

G_END_DECLS
