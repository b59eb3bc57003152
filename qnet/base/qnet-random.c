/* qnet-random.c: unpredictable bytes
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-random-private.h"

#ifdef HAVE_GETENTROPY
#include <sys/random.h>
#endif

void
qnet_random_fill (gpointer buffer,
                  gsize    size)
{
  guint8 *bytes = buffer;

#ifdef HAVE_GETENTROPY
  if (getentropy (buffer, size) == 0)
    return;
#endif

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) g_random_int ();
}
