/* program.h: a program that a test talks to, while the main loop of the test runs
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

typedef struct _Program Program;

/* Whether it is installed; if not, the test is skipped. */
gboolean    program_is_installed (const char         *name);

/* @words is NULL-terminated. The loop is the thread-default main context. */
Program    *program_start        (const char * const *words);
/* Ends it. @program may be NULL. */
void        program_stop         (Program            *program);
/* Waits until it ends by itself. Returns the output that was awaited (transfer full). */
char       *program_finish       (Program            *program);

/* Waits until its output contains @text. Returns the output (transfer none). */
const char *program_await      (Program            *program,
                                const char         *text);
void        program_write        (Program            *program,
                                const char         *text);
