/* allocations.c: counts what qnet's own code allocates
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/allocations.h"

static gint count;  /* (atomic) */

guint
allocations_count (void)
{
  return g_atomic_int_get (&count);
}

gpointer __real_g_malloc (gsize size);
gpointer __wrap_g_malloc (gsize size);

gpointer
__wrap_g_malloc (gsize size)
{
  g_atomic_int_inc (&count);

  return __real_g_malloc (size);
}

gpointer __real_g_malloc0 (gsize size);
gpointer __wrap_g_malloc0 (gsize size);

gpointer
__wrap_g_malloc0 (gsize size)
{
  g_atomic_int_inc (&count);

  return __real_g_malloc0 (size);
}

gpointer __real_g_malloc_n (gsize n, gsize size);
gpointer __wrap_g_malloc_n (gsize n, gsize size);

gpointer
__wrap_g_malloc_n (gsize n,
                   gsize size)
{
  g_atomic_int_inc (&count);

  return __real_g_malloc_n (n, size);
}

gpointer __real_g_malloc0_n (gsize n, gsize size);
gpointer __wrap_g_malloc0_n (gsize n, gsize size);

gpointer
__wrap_g_malloc0_n (gsize n,
                    gsize size)
{
  g_atomic_int_inc (&count);

  return __real_g_malloc0_n (n, size);
}

gpointer __real_g_realloc (gpointer memory, gsize size);
gpointer __wrap_g_realloc (gpointer memory, gsize size);

gpointer
__wrap_g_realloc (gpointer memory,
                  gsize    size)
{
  g_atomic_int_inc (&count);

  return __real_g_realloc (memory, size);
}

gpointer __real_g_slice_alloc (gsize size);
gpointer __wrap_g_slice_alloc (gsize size);

gpointer
__wrap_g_slice_alloc (gsize size)
{
  g_atomic_int_inc (&count);

  return __real_g_slice_alloc (size);
}
