/* qnet-activation.c: the sockets that a service manager has passed to this process
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "server/qnet-activation-private.h"

#include <fcntl.h>
#include <unistd.h>

/* The first descriptor that is passed, SD_LISTEN_FDS_START: the index in the array below is an
 * offset from it. */
#define FIRST 3

/* No service manager passes more: systemd itself cannot have as many open. */
#define MAX_PASSED 65536

typedef struct
{
  char     *name;      /* (owned) */
  gboolean  is_taken;
} Passed;

static GMutex  lock;
static GArray
  *passed; /* (owned) (nullable) (element-type Passed): made on demand; guarded by lock */

/* The environment */

static gboolean
get_number (const char *variable,
            guint64     max,
            guint64    *out_number)
{
  const char *text = g_getenv (variable);

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, max, out_number, NULL);
}

/* The variables may have been inherited from a parent process, and mean nothing here then. */
static guint
count_passed (void)
{
  guint64 pid, n;

  if (!get_number ("LISTEN_PID", G_MAXINT, &pid) || pid != (guint64) getpid ())
    return 0;

  return get_number ("LISTEN_FDS", MAX_PASSED, &n) ? (guint) n : 0;
}

static void
clear_passed (gpointer data)
{
  g_free (((Passed *) data)->name);
}

/* Child processes do not inherit the descriptors. */
static void
set_close_on_exec (int fd)
{
  int flags = fcntl (fd, F_GETFD);

  if (flags >= 0)
    fcntl (fd, F_SETFD, flags | FD_CLOEXEC);
}

static GArray *
read_environment (void)
{
  const char *text = g_getenv ("LISTEN_FDNAMES");
  g_auto(GStrv) names = g_strsplit (text != NULL ? text : "", ":", -1);
  guint n_names = g_strv_length (names);
  guint n = count_passed ();
  GArray *array = g_array_sized_new (FALSE, FALSE, sizeof (Passed), n);

  g_array_set_clear_func (array, clear_passed);

  for (guint i = 0; i < n; i++)
    {
      Passed one = { .name = g_strdup (i < n_names ? names[i] : "unknown") };

      set_close_on_exec (FIRST + (int) i);
      g_array_append_val (array, one);
    }

  return array;
}

/* For servers */

static int
take_locked (const char           *name,
             QnetActivationFilter  filter,
             gpointer              user_data)
{
  if (passed == NULL)
    passed = read_environment ();

  for (guint i = 0; i < passed->len; i++)
    {
      Passed *one = &g_array_index (passed, Passed, i);
      int fd = FIRST + (int) i;

      if (!one->is_taken && (name == NULL || g_str_equal (name, one->name))
          && filter (fd, user_data))
        {
          one->is_taken = TRUE;
          return fd;
        }
    }

  return -1;
}

void
qnet_activation_put_back (int fd)
{
  g_mutex_lock (&lock);
  g_array_index (passed, Passed, fd - FIRST).is_taken = FALSE;
  g_mutex_unlock (&lock);
}

int
qnet_activation_take (const char           *name,
                      QnetActivationFilter  filter,
                      gpointer              user_data)
{
  int fd;

  g_mutex_lock (&lock);
  fd = take_locked (name, filter, user_data);
  g_mutex_unlock (&lock);

  return fd;
}
