/* test-local-address.c: from the name of a local server to its address, and back
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "local/qnet-local-address-private.h"

#define HEAD offsetof (struct sockaddr_un, sun_path)

static char *
resolve (const char *name)
{
  QnetLocalAddress address;
  GError *error = NULL;

  qnet_local_address_init (&address, name, FALSE, &error);
  g_assert_no_error (error);
  g_assert_false (address.is_abstract);
  g_assert_cmpint (address.native.sun_family, ==, AF_UNIX);

  return qnet_local_address_get_name (&address);
}

static void
test_absolute (void)
{
  g_autofree char *path = resolve ("/somewhere/else");

  g_test_summary ("An absolute path is used as it is.");

  g_assert_cmpstr (path, ==, "/somewhere/else");
}

/* In a process of its own, as the environment is shared by all threads. */
static void
test_runtime_dir (void)
{
  if (g_test_subprocess ())
    {
      g_autofree char *path = NULL;
      g_autofree char *deep = NULL;

      g_setenv ("XDG_RUNTIME_DIR", "/run/user/4711", TRUE);
      path = resolve ("fortune");
      g_assert_cmpstr (path, ==, "/run/user/4711/fortune");
      deep = resolve ("app/socket");
      g_assert_cmpstr (deep, ==, "/run/user/4711/app/socket");
      return;
    }

  g_test_summary ("A plain name is a file in the runtime directory of the user.");

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

static void
assert_in_tmp (void)
{
  g_autofree char *path = resolve ("fortune");

  g_assert_cmpstr (path, ==, "/somewhere/tmp/fortune");
}

static void
test_fallback (void)
{
  if (g_test_subprocess ())
    {
      g_setenv ("TMPDIR", "/somewhere/tmp", TRUE);
      g_unsetenv ("XDG_RUNTIME_DIR");
      assert_in_tmp ();
      g_setenv ("XDG_RUNTIME_DIR", "", TRUE);
      assert_in_tmp ();
      g_setenv ("XDG_RUNTIME_DIR", "not/absolute", TRUE);
      assert_in_tmp ();
      return;
    }

  g_test_summary ("Without a runtime directory, or with one that is no absolute path, it is a file "
                  "in the temporary directory.");

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

static void
test_abstract (void)
{
  QnetLocalAddress address;
  g_autofree char *name = NULL;
  g_autofree char *display = NULL;

  g_test_summary ("An abstract name has a NUL before it, none behind it, and no folder.");

  g_assert_true (qnet_local_address_init (&address, "fortune", TRUE, NULL));
  g_assert_true (address.is_abstract);
  g_assert_cmpmem (address.native.sun_path, address.size - HEAD, "\0fortune", 8);

  name = qnet_local_address_get_name (&address);
  g_assert_cmpstr (name, ==, "fortune");
  display = qnet_local_address_to_display (&address);
  g_assert_cmpstr (display, ==, "@fortune");
}

static void
assert_refused (const char *name,
                gboolean    is_abstract,
                const char *words)
{
  QnetLocalAddress address;
  g_autoptr(GError) error = NULL;

  g_assert_false (qnet_local_address_init (&address, name, is_abstract, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_empty (void)
{
  g_test_summary ("NULL and an empty name are refused.");

  assert_refused (NULL, FALSE, "Could not use an empty name for a local server");
  assert_refused ("", FALSE, "Could not use an empty name for a local server");
  assert_refused ("", TRUE, "Could not use an empty name for a local server");
}

static void
test_limit (void)
{
  QnetLocalAddress address;
  g_autofree char *longest = g_strnfill (sizeof address.native.sun_path - 1, 'x');
  g_autofree char *too_long = g_strconcat (longest, "x", NULL);
  g_autofree char *limit = g_strdup_printf ("%zu", strlen (longest));
  g_autofree char *again = NULL;

  g_test_summary ("The longest name that fits is accepted; with one byte more it is refused, and "
                  "the message has the limit.");

  longest[0] = too_long[0] = '/';
  again = resolve (longest);
  g_assert_cmpstr (again, ==, longest);
  assert_refused (too_long, FALSE, limit);

  g_assert_true (qnet_local_address_init (&address, longest, TRUE, NULL));
  g_assert_cmpuint (address.size, ==, sizeof address.native);
  assert_refused (too_long, TRUE, limit);
}

static void
assert_native (const char *path,
               gsize       length,
               gboolean    is_abstract,
               const char *name,
               const char *display)
{
  struct sockaddr_storage storage = { .ss_family = AF_UNIX };
  QnetLocalAddress address;
  g_autofree char *got_name = NULL;
  g_autofree char *got_display = NULL;

  memcpy (((struct sockaddr_un *) (gpointer) &storage)->sun_path, path, length);
  g_assert_true (qnet_local_address_init_native (&address, &storage, HEAD + length));
  g_assert_cmpint (address.is_abstract, ==, is_abstract);

  got_name = qnet_local_address_get_name (&address);
  g_assert_cmpstr (got_name, ==, name);
  got_display = qnet_local_address_to_display (&address);
  g_assert_cmpstr (got_display, ==, display);
}

static void
test_native (void)
{
  struct sockaddr_storage storage = { .ss_family = AF_INET };
  QnetLocalAddress address;

  g_test_summary ("The kernel's address of a socket becomes a name: a path with its NUL or "
                  "without, an abstract one with NULs in it, or an empty one.");

  assert_native ("/a/path", 8, FALSE, "/a/path", "/a/path");
  assert_native ("/a/path", 7, FALSE, "/a/path", "/a/path");
  assert_native ("\0name", 5, TRUE, "name", "@name");
  assert_native ("\0a\0b\0", 5, TRUE, "a@b@", "@a@b@");
  assert_native ("", 0, FALSE, "", "@");

  g_assert_false (qnet_local_address_init_native (&address, &storage, sizeof storage));
}

static void
test_display (void)
{
  QnetLocalAddress address;
  g_autofree char *display = NULL;

  g_test_summary ("A path that is not UTF-8 can be displayed all the same.");

  g_assert_true (qnet_local_address_init (&address, "/tmp/\xff", FALSE, NULL));
  display = qnet_local_address_to_display (&address);
  g_assert_true (g_utf8_validate (display, -1, NULL));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/local-address/absolute", test_absolute);
  g_test_add_func ("/local-address/runtime-dir", test_runtime_dir);
  g_test_add_func ("/local-address/fallback", test_fallback);
  g_test_add_func ("/local-address/abstract", test_abstract);
  g_test_add_func ("/local-address/empty", test_empty);
  g_test_add_func ("/local-address/limit", test_limit);
  g_test_add_func ("/local-address/native", test_native);
  g_test_add_func ("/local-address/display", test_display);

  return g_test_run ();
}
