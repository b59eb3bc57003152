/* qnet-reserve-private.h: reserved descriptors, for calls of GLib that must not fail
 *
 * A new GMainContext needs descriptors to be woken up by, and GLib ends the process if there are
 * none; the first GTask of a process creates such a context, and a thread. All descriptors may be
 * in use by then: so a few are reserved when the first object is created, and released when no
 * others are available.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Reserves descriptors, as far as they are available. It may be called again, and from any
 * thread. */
void      qnet_reserve_fill             (void);

/* Whether a GMainContext can be created now. Releases the reserve if necessary. */
gboolean  qnet_reserve_can_make_context (int                 *out_error_number);

/* g_main_context_default(), which may have to be created; NULL if it cannot be. */
GMainContext *qnet_reserve_get_default_context (int         *out_error_number);

/* Whether a GTask can be created: only the first one may be impossible. */
gboolean  qnet_reserve_can_make_task    (int                 *out_error_number);

/* Creates the context and the thread of the first GTask, if possible, for functions of GIO that
 * create one: the reserve cannot be released during them. */
void      qnet_reserve_prepare_tasks    (void);

/* Whether GIO can load its modules now: it ends the process if there are no descriptors for a
 * module that it knows. Releases the reserve if necessary. */
gboolean  qnet_reserve_can_load_modules (int                 *out_error_number);

/* g_task_new(); releases the reserve if necessary. */
GTask    *qnet_task_new                 (gpointer             source,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
