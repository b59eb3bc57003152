/* test-version.c: the version of headers and library
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

static void
test_numbers (void)
{
  g_autofree char *version = NULL;

  g_test_summary ("Library and headers of one build have one version.");

  g_assert_cmpuint (qnet_get_major_version (), ==, QNET_MAJOR_VERSION);
  g_assert_cmpuint (qnet_get_minor_version (), ==, QNET_MINOR_VERSION);
  g_assert_cmpuint (qnet_get_micro_version (), ==, QNET_MICRO_VERSION);

  version = g_strdup_printf ("%u.%u.%u", qnet_get_major_version (),
                             qnet_get_minor_version (), qnet_get_micro_version ());
  g_assert_cmpstr (version, ==, QNET_VERSION_S);
  g_assert_cmpstr (version, ==, PACKAGE_VERSION);
}

static void
test_check_macro (void)
{
  g_test_summary ("QNET_CHECK_VERSION accepts this version and older ones.");

  g_assert_true (QNET_CHECK_VERSION (QNET_MAJOR_VERSION, QNET_MINOR_VERSION, QNET_MICRO_VERSION));
  g_assert_true (QNET_CHECK_VERSION (QNET_MAJOR_VERSION - 1, QNET_MINOR_VERSION + 1, 0));
  g_assert_false (QNET_CHECK_VERSION (QNET_MAJOR_VERSION, QNET_MINOR_VERSION,
                                      QNET_MICRO_VERSION + 1));
  g_assert_false (QNET_CHECK_VERSION (QNET_MAJOR_VERSION, QNET_MINOR_VERSION + 1, 0));
  g_assert_false (QNET_CHECK_VERSION (QNET_MAJOR_VERSION + 1, 0, 0));
}

static void
test_check_library (void)
{
  g_test_summary ("qnet_check_version() says what does not fit.");

  g_assert_null (qnet_check_version (QNET_MAJOR_VERSION, QNET_MINOR_VERSION, QNET_MICRO_VERSION));
  g_assert_nonnull (qnet_check_version (QNET_MAJOR_VERSION, QNET_MINOR_VERSION,
                                        QNET_MICRO_VERSION + 1));
  g_assert_nonnull (qnet_check_version (QNET_MAJOR_VERSION, QNET_MINOR_VERSION + 1, 0));
  g_assert_nonnull (qnet_check_version (QNET_MAJOR_VERSION + 1, 0, 0));
  g_assert_nonnull (qnet_check_version (QNET_MAJOR_VERSION - 1, 0, 0));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/version/numbers", test_numbers);
  g_test_add_func ("/version/check/macro", test_check_macro);
  g_test_add_func ("/version/check/library", test_check_library);

  return g_test_run ();
}
