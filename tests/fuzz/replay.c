/* replay.c: passes the inputs of a folder to a fuzz target, each whole, cut off, and changed
 *
 * Usage: replay-<name> FOLDER [test options]
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gio.h>

#include "fuzz.h"

#define N_CHANGED 500  /* variants of each input */

/* On the heap and no byte longer, so that the tools report reading beyond it. */
static void
play (const guint8 *data,
      gsize         size)
{
  guint8 *exact = g_malloc (MAX (size, 1));

  if (size > 0)
    memcpy (exact, data, size);

  g_assert_cmpint (LLVMFuzzerTestOneInput (exact, size), ==, 0);
  g_free (exact);
}

static void
play_changed (const guint8 *data,
              gsize         size)
{
  g_autofree guint8 *changed = g_memdup2 (data, size);

  for (guint i = g_test_rand_int_range (1, 5); i > 0; i--)
    changed[g_test_rand_int_range (0, (gint32) size)] = (guint8) g_test_rand_int ();

  play (changed, size);
}

static void
test_input (gconstpointer user_data)
{
  const char *path = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *contents = NULL;
  gsize size;

  g_test_summary ("The input, each beginning of it, and what is made of it by chance, do no harm.");

  g_file_get_contents (path, &contents, &size, &error);
  g_assert_no_error (error);

  for (gsize n = 0; n <= size; n++)
    play ((const guint8 *) contents, n);

  for (guint round = 0; size > 0 && round < N_CHANGED; round++)
    play_changed ((const guint8 *) contents, size);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

static GPtrArray *
list_inputs (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GError) error = NULL;
  GDir *dir = g_dir_open (folder, 0, &error);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));

  g_dir_close (dir);
  g_ptr_array_sort (names, compare_names);

  return names;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GPtrArray) names = NULL;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);

  names = list_inputs (argv[1]);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *test = g_strdup_printf ("/fuzz/%s", name);

      g_test_add_data_func_full (test, g_build_filename (argv[1], name, NULL), test_input, g_free);
    }

  return g_test_run ();
}
