/* qnet-embedded-context-private.h: a private GMainContext that runs inside the user's
 *
 * GIO's asynchronous code ends in the context in which it began. Begun in this one, it ends where only we look: in the user's
 * loop as well as in a blocking wait.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "engine/qnet-reactor-private.h"

G_BEGIN_DECLS

/* NULL: there are no descriptors for it. */
QnetEmbeddedContext *qnet_embedded_context_try_new  (int                 *out_error_number);

/* Where it is known that there are. */
QnetEmbeddedContext *qnet_embedded_context_new      (void);
void                 qnet_embedded_context_free     (QnetEmbeddedContext *self);
GMainContext        *qnet_embedded_context_get_inner (QnetEmbeddedContext *self);

/* While held it is part of @outer's loop (NULL: of none). The context has to be alive, and the same each time. */
void                 qnet_embedded_context_hold     (QnetEmbeddedContext *self,
                                                     GMainContext        *outer);
void                 qnet_embedded_context_release  (QnetEmbeddedContext *self);
gboolean             qnet_embedded_context_is_held  (QnetEmbeddedContext *self);

/* The outer context goes: leaves its loop for good. */
void                 qnet_embedded_context_detach   (QnetEmbeddedContext *self);

/* Runs until nobody holds it any more, for a second at most: after its users have cancelled what they began. */
void                 qnet_embedded_context_drain    (QnetEmbeddedContext *self);

/* One turn without a loop: prepare() appends to @fds (of GPollFD) what is to be polled, and lowers @timeout (milliseconds,
 * -1: for ever) where something is due earlier; dispatch() takes the @n_fds it appended, polled. */
void                 qnet_embedded_context_prepare  (QnetEmbeddedContext *self,
                                                     GArray              *fds,
                                                     int                 *timeout);
void                 qnet_embedded_context_dispatch (QnetEmbeddedContext *self,
                                                     GPollFD             *fds,
                                                     guint                n_fds);

G_END_DECLS
