/* qnet-embedded-context-private.h: a private GMainContext that is iterated by another one
 *
 * GIO's asynchronous operations end in the context in which they were started. Those that are
 * started in this one end in the main loop of the application as well as in a blocking wait.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "loop/qnet-reactor-private.h"

G_BEGIN_DECLS

/* NULL with errno set if no descriptor is available. */
QnetEmbeddedContext *qnet_embedded_context_try_new  (int                 *out_error_number);

/* Asserts that descriptors are available. */
QnetEmbeddedContext *qnet_embedded_context_new      (void);
void                 qnet_embedded_context_free     (QnetEmbeddedContext *self);
GMainContext        *qnet_embedded_context_get_inner (QnetEmbeddedContext *self);

/* While it is held, the main loop of @outer iterates it (NULL: none does). The context has to
 * exist, and to be the same in each call. */
void                 qnet_embedded_context_hold     (QnetEmbeddedContext *self,
                                                     GMainContext        *outer);
void                 qnet_embedded_context_release  (QnetEmbeddedContext *self);
gboolean             qnet_embedded_context_is_held  (QnetEmbeddedContext *self);

/* The outer context is being freed: removes it from its loop permanently. */
void                 qnet_embedded_context_detach   (QnetEmbeddedContext *self);

/* Iterates it until it is no longer held, for a second at most: after its users have cancelled
 * their operations. */
void                 qnet_embedded_context_drain    (QnetEmbeddedContext *self);

/* One iteration without a loop: prepare() appends the descriptors to be polled to @fds (of
 * GPollFD), and lowers @timeout (milliseconds, -1 for no limit) if something is due earlier;
 * dispatch() takes the @n_fds that were appended, polled. */
void                 qnet_embedded_context_prepare  (QnetEmbeddedContext *self,
                                                     GArray              *fds,
                                                     int                 *timeout);
void                 qnet_embedded_context_dispatch (QnetEmbeddedContext *self,
                                                     GPollFD             *fds,
                                                     guint                n_fds);

G_END_DECLS
