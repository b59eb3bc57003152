/* temp-folder.c: a folder of a test's own, with a short path
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/temp-folder.h"

#include <glib/gstdio.h>

char *
temp_folder_make (void)
{
  char *folder = g_build_filename (g_get_tmp_dir (), "qnet-XXXXXX", NULL);

  g_assert_nonnull (g_mkdtemp (folder));

  return folder;
}

void
temp_folder_remove (char *folder)
{
  g_autoptr(GDir) files = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_no_errno (g_remove (path));
    }

  g_assert_no_errno (g_rmdir (folder));
  g_free (folder);
}

guint
count_files (const char *folder)
{
  g_autoptr(GDir) files = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (files) != NULL)
    n++;

  return n;
}

guint
count_descriptors (void)
{
  return count_files ("/proc/self/fd");
}

guint
get_mode (const char *path)
{
  GStatBuf status;

  g_assert_no_errno (g_lstat (path, &status));

  return status.st_mode;
}
