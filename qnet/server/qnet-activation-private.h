/* qnet-activation-private.h: the sockets that a service manager has passed to this process
 *
 * The protocol is that of sd_listen_fds(3): LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns whether the caller can use @fd. */
typedef gboolean (*QnetActivationFilter) (int fd, gpointer user_data);

/* The first one that was not taken yet, that has that @name (nullable: any) and that @filter
 * accepts. The caller owns it. -1: there is none. Can be called in any thread. */
int qnet_activation_take (const char           *name,
                          QnetActivationFilter  filter,
                          gpointer              user_data);

/* @fd was taken, and could not be used: it can be taken again. */
void qnet_activation_put_back (int fd);

G_END_DECLS
