/* consumer.c: the smallest program of somebody else; it compiles as C and as C++
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#if !QNET_CHECK_VERSION (1, 0, 0)
#error "these headers are too old"
#endif

int
main (void)
{
  const char *mismatch = qnet_check_version (QNET_MAJOR_VERSION, QNET_MINOR_VERSION, QNET_MICRO_VERSION);

  if (mismatch != NULL)
    {
      g_printerr ("%s\n", mismatch);
      return 1;
    }

  g_print ("qnet %s\n", QNET_VERSION_S);
  return 0;
}
