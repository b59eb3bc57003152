/* qnet-gsocket-private.h: descriptors for GIO
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A GSocket that owns @fd. On failure @fd still belongs to the caller, and is open. */
GSocket *qnet_gsocket_new (int      fd,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
