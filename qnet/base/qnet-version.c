/* qnet-version.c: which qnet is running
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-version.h"

/**
 * qnet_get_major_version:
 *
 * Gets the first number of the version of the library that is running.
 *
 * It can differ from [const@MAJOR_VERSION], which is that of the headers that the program was
 * compiled with.
 *
 * Returns: the major version
 *
 * Since: 1.0
 */
guint
qnet_get_major_version (void)
{
  return QNET_MAJOR_VERSION;
}

/**
 * qnet_get_minor_version:
 *
 * Gets the second number of the version of the library that is running.
 *
 * Returns: the minor version
 *
 * Since: 1.0
 */
guint
qnet_get_minor_version (void)
{
  return QNET_MINOR_VERSION;
}

/**
 * qnet_get_micro_version:
 *
 * Gets the third number of the version of the library that is running.
 *
 * Returns: the micro version
 *
 * Since: 1.0
 */
guint
qnet_get_micro_version (void)
{
  return QNET_MICRO_VERSION;
}

/**
 * qnet_check_version:
 * @required_major: the first number of the version needed
 * @required_minor: the second number
 * @required_micro: the third number
 *
 * Checks that the running library is compatible with the given version.
 *
 * It can if it has the same major version, and is not older.
 *
 * Returns: (nullable): %NULL if it can, or else a sentence with the reason, in English: it
 *   is meant for those who build the program
 *
 * Since: 1.0
 */
const char *
qnet_check_version (guint required_major,
                    guint required_minor,
                    guint required_micro)
{
  if (required_major > QNET_MAJOR_VERSION)
    return "qnet version too old (major mismatch)";

  if (required_major < QNET_MAJOR_VERSION)
    return "qnet version too new (major mismatch)";

  if (required_minor > QNET_MINOR_VERSION)
    return "qnet version too old (minor mismatch)";

  if (required_minor == QNET_MINOR_VERSION && required_micro > QNET_MICRO_VERSION)
    return "qnet version too old (micro mismatch)";

  return NULL;
}
