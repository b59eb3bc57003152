/* qnet-raw-connection-private.h: what lies under a GTlsConnection: a descriptor with a queue on either side
 *
 * GTlsConnection reads and writes it as any base stream: blocking, in a thread of GIO's, while it shakes hands, and without
 * blocking afterwards, by the reactor's thread. The queues make one system call of many records, count what is encrypted, and let
 * a goodbye never block.
 *
 * It is a GSocketConnection because GIO remembers TLS sessions, to resume them, for those alone.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "engine/qnet-byte-queue-private.h"
#include "engine/qnet-reactor-private.h"

G_BEGIN_DECLS

#define QNET_TYPE_RAW_CONNECTION (qnet_raw_connection_get_type ())

G_DECLARE_FINAL_TYPE (QnetRawConnection, qnet_raw_connection, QNET, RAW_CONNECTION, GSocketConnection)

/* Takes @fd, which is connected and non-blocking, unless it fails. */
QnetRawConnection *qnet_raw_connection_new          (int                 fd,
                                                     GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* FALSE: the peer has gone already. */
gboolean           qnet_raw_connection_check_peer   (QnetRawConnection  *self,
                                                     GError            **error);

/* The next four are for the time before the handshake. */

/* Plain bytes that are to go out before anything else. */
QnetByteQueue     *qnet_raw_connection_get_output   (QnetRawConnection  *self);
/* Reads without blocking what has come, and shows the first of it: > 0 how many bytes, 0 the peer's end, -1 with errno set. */
gssize             qnet_raw_connection_peek         (QnetRawConnection  *self,
                                                     void               *buffer,
                                                     gsize               size);

/* @watch (nullable) watches the descriptor, and stops when that is closed. */
void               qnet_raw_connection_set_watch    (QnetRawConnection  *self,
                                                     QnetWatch          *watch);

/* The handshake is over: from now on everything is the reactor's, nothing blocks, and whoever wants to shake hands anew is cut
 * off. */
void               qnet_raw_connection_establish    (QnetRawConnection  *self,
                                                     QnetChunkPool      *pool);

/* The peer, or somebody here, wanted to shake hands anew. */
gboolean           qnet_raw_connection_was_cut_off  (QnetRawConnection  *self);

/* The peer has gone, in whatever way: asked once the handshake is over. */
gboolean           qnet_raw_connection_has_ended    (QnetRawConnection  *self);

/* While on, blocking writes are queued: GTlsConnection says goodbye with one. */
void               qnet_raw_connection_set_parting  (QnetRawConnection  *self,
                                                     gboolean            is_parting);

/* While on, what is written goes to the kernel without being copied, as far as nothing is queued: for a record that no other one
 * follows. */
void               qnet_raw_connection_set_sends_at_once (QnetRawConnection *self,
                                                          gboolean           sends_at_once);

/* Sends what is queued, without blocking: 0 all, 1 some is left, -1 with errno set. */
int                qnet_raw_connection_flush        (QnetRawConnection  *self);

/* Ends a handshake that runs in another thread: what it waits for fails, and the last to hold it closes the descriptor. */
void               qnet_raw_connection_interrupt    (QnetRawConnection  *self);
/* Closes the descriptor. No other thread may use it. */
void               qnet_raw_connection_close        (QnetRawConnection  *self);

gsize              qnet_raw_connection_get_n_input  (QnetRawConnection  *self);  /* encrypted bytes that wait */
gsize              qnet_raw_connection_get_n_output (QnetRawConnection  *self);
guint64            qnet_raw_connection_get_n_sent   (QnetRawConnection  *self);  /* encrypted bytes so far */

G_END_DECLS
