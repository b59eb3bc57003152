/* qnet-reserve-private.h: descriptors kept back for what GLib cannot do without
 *
 * A new GMainContext needs descriptors to be woken up by, and GLib ends the process where there are
 * none; the first GTask of a process makes such a context, and a thread. Others may hold all
 * descriptors by the time that we need one: so a few are kept back when the library is loaded, and
 * given up when there are no others.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Keeps descriptors back, as far as there are any. It may be called again, and from any thread. */
void      qnet_reserve_fill             (void);

/* Whether a GMainContext can be made now. It gives up what was kept back, if need be. */
gboolean  qnet_reserve_can_make_context (int                 *out_error_number);

/* g_main_context_default(), which may have to be made. NULL: it cannot be. */
GMainContext *qnet_reserve_get_default_context (int         *out_error_number);

/* Whether a GTask can: that is in question for the first one alone. */
gboolean  qnet_reserve_can_make_task    (int                 *out_error_number);

/* Makes what the first GTask makes, if that can be, for functions of GIO that begin with one: they cannot be helped later. */
void      qnet_reserve_prepare_tasks    (void);

/* Whether GIO can load its modules now: it ends the process where it finds no descriptors for one that it knows. It gives up what
 * was kept back, if need be. */
gboolean  qnet_reserve_can_load_modules (int                 *out_error_number);

/* g_task_new(), with what was kept back if need be. */
GTask    *qnet_task_new                 (gpointer             source,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
