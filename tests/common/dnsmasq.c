/* dnsmasq.c: dnsmasq as a name server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/dnsmasq.h"

#include <grp.h>
#include <signal.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

static char *
find_dnsmasq (void)
{
  char *path = g_find_program_in_path ("dnsmasq");

  if (path == NULL && g_file_test ("/usr/sbin/dnsmasq", G_FILE_TEST_IS_EXECUTABLE))
    path = g_strdup ("/usr/sbin/dnsmasq");

  return path;
}

/* A test that fails does not stop the server. */
static void
end_with_parent (gpointer user_data)
{
#ifdef __linux__
  prctl (PR_SET_PDEATHSIG, SIGTERM);
#endif
}

/* As the current user: PR_SET_PDEATHSIG is cleared when the user changes. */
static void
add_user (GPtrArray *args)
{
  const struct group *group = getgrgid (getgid ());

  g_ptr_array_add (args, g_strdup_printf ("--user=%s", g_get_user_name ()));
  if (group != NULL)
    g_ptr_array_add (args, g_strdup_printf ("--group=%s", group->gr_name));
}

static GSubprocess *
spawn (GPtrArray *args)
{
  g_autoptr(GSubprocessLauncher) launcher
    = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                                 | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) args->pdata, &error);
  g_assert_no_error (error);

  return process;
}

GSubprocess *
test_dnsmasq_start (guint16            port,
                    const char *const *options)
{
  g_autoptr(GPtrArray) args = g_ptr_array_new_with_free_func (g_free);
  char *path = find_dnsmasq ();

  if (path == NULL)
    return NULL;

  g_ptr_array_add (args, path);
  g_ptr_array_add (args, g_strdup ("--keep-in-foreground"));
  g_ptr_array_add (args, g_strdup ("--conf-file=/dev/null"));
  g_ptr_array_add (args, g_strdup ("--pid-file="));
  g_ptr_array_add (args, g_strdup ("--no-resolv"));
  g_ptr_array_add (args, g_strdup ("--no-hosts"));
  g_ptr_array_add (args, g_strdup ("--bind-interfaces"));
  g_ptr_array_add (args, g_strdup ("--listen-address=127.0.0.1"));
  g_ptr_array_add (args, g_strdup_printf ("--port=%u", port));
  add_user (args);

  for (; *options != NULL; options++)
    g_ptr_array_add (args, g_strdup (*options));

  g_ptr_array_add (args, NULL);

  return spawn (args);
}

gboolean
test_dnsmasq_has_ended (GSubprocess *dnsmasq)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;

  return g_subprocess_get_identifier (dnsmasq) == NULL;
}

void
test_dnsmasq_stop (GSubprocess *dnsmasq)
{
  g_subprocess_send_signal (dnsmasq, SIGTERM);
  g_subprocess_wait (dnsmasq, NULL, NULL);
  g_object_unref (dnsmasq);
}
