/* temp-folder.h: a folder of a test's own, with a short path
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

char    *temp_folder_make         (void);         /* (transfer full) */

/* Removes it, and the files in it: sockets, links, and others. It may be NULL. */
void     temp_folder_remove       (char *folder); /* (transfer full) */

guint    count_files              (const char *folder);
guint    count_descriptors        (void);

/* Of the file itself, be it a symbolic link. */
guint    get_mode                 (const char *path);  /* type and permissions */
