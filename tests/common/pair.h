/* pair.h: two connected sockets, and what a test does with the far one
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* Non-blocking and closed by exec, as qnet wants them. */
void     pair_open         (int        *near,
                            int        *far);   /* AF_UNIX */
void     pair_open_tcp     (int        *near,
                            int        *far);   /* over loopback */

void     pair_send         (int         far,
                            const char *string);
void     pair_assert_gets  (int         far,
                            const char *expected);  /* "" is the end */
void     pair_assert_quiet (int         far);       /* neither bytes nor the end */

void     pair_make_blocking (int        fd);

/* Closes @far in a way that resets the connection of pair_open_tcp(). */
void     pair_reset        (int        *far);

gboolean pair_is_open      (int         fd);
