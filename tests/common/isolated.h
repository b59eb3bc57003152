/* isolated.h: tests that may crash or hang, each in a process and with a time limit of its own
 *
 * For tests of threads: one that crashes, or that waits for ever, is one failed test, and the
 * others run. The options of such a program, in addition to those of GLib:
 *
 *   --long       many rounds instead of a few
 *   --rounds=N   that number of rounds
 *   --here       in this process, for a debugger: test-NAME --here -p /path/of/one
 *
 * QNET_TEST_LIMIT in the environment is the time limit of each, in seconds, instead of its own; 0
 * is none.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* Instead of g_test_init() */
void     isolated_init     (int             *argc,
                            char          ***argv);

/* Instead of g_test_add_data_func(); @limit is in seconds, for the short rounds. @data is kept
 * until the program ends. */
void     isolated_add      (const char      *path,
                            guint            limit,
                            GTestDataFunc    func,
                            gpointer         data);

gboolean isolated_is_long  (void);
guint    isolated_rounds   (guint            n_short,
                            guint            n_long);

/* Instead of g_test_run(): prints how many rounds there were, and how many threads they started. */
int      isolated_run      (void);

/* A round, or a thread, has begun. Any thread. */
void     isolated_count_round  (void);
void     isolated_count_thread (void);

/* What the test does now, for the message when its time is over. Any thread. */
void     isolated_step     (const char      *step,    /* static */
                            guint            number);
