/* qnet-reserve.c: reserved descriptors, for calls of GLib that must not fail
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-reserve-private.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/qnet-syscall-private.h"

/* For the default context, the one of GLib's worker thread and one of qnet; without eventfd GLib
 * needs two for each. */
#define SIZE 4

/* For the modules of GIO, the libraries they load, and their connections and contexts. */
#define MODULES_NEED 12

#define PATH "/dev/null"

/* Descriptors + 1, so that 0 is an unused element; each is atomic. There is no lock, which a fork
 * in another thread could leave locked. */
static int reserve[SIZE];

static int
open_any (void)
{
  return open (PATH, O_RDONLY | O_CLOEXEC);
}

static void
fill_place (int *place)
{
  int fd;

  if (g_atomic_int_get (place) != 0)
    return;

  fd = open_any ();
  if (fd >= 0 && !g_atomic_int_compare_and_exchange (place, 0, fd + 1))
    qnet_sys_close (fd);
}

/* A program that closes all descriptors, as daemons do, has also closed these, and the number may
 * belong to another file. */
static gboolean
is_ours (int fd)
{
  struct stat status, expected;

  return fstat (fd, &status) == 0 && stat (PATH, &expected) == 0
         && status.st_dev == expected.st_dev && status.st_ino == expected.st_ino;
}

static void
empty_place (int *place)
{
  int kept = g_atomic_int_get (place);

  if (kept != 0 && g_atomic_int_compare_and_exchange (place, kept, 0) && is_ours (kept - 1))
    qnet_sys_close (kept - 1);
}

/* Those of a pipe: GLib needs no more. */
static gboolean
are_two_free (int *out_error_number)
{
  int fds[2];

  if (qnet_sys_pipe (fds) < 0)
    {
      *out_error_number = errno;
      return FALSE;
    }

  qnet_clear_fd (&fds[0]);
  qnet_clear_fd (&fds[1]);

  return TRUE;
}

static gpointer
do_nothing (gpointer data)
{
  return NULL;
}

static gboolean
is_thread_free (int *out_error_number)
{
  GThread *thread = g_thread_try_new ("qnet-probe", do_nothing, NULL, NULL);

  if (thread != NULL)
    g_thread_join (thread);
  else
    /* for a thread EAGAIN means the same, but not for anything else */
    *out_error_number = ENOMEM;

  return thread != NULL;
}

/* While GLib creates its context or thread the process may have a few more descriptors, up to its
 * hard limit. */
G_LOCK_DEFINE_STATIC (limit);

static gboolean
raise_limit (struct rlimit *out_previous)
{
  struct rlimit raised;

  if (getrlimit (RLIMIT_NOFILE, out_previous) != 0
      || out_previous->rlim_max - out_previous->rlim_cur < 2 * SIZE)
    return FALSE;

  raised = *out_previous;
  raised.rlim_cur += 2 * SIZE;

  return setrlimit (RLIMIT_NOFILE, &raised) == 0;
}

static gboolean
has_task_type (void)
{
  return g_type_from_name ("GTask") != G_TYPE_INVALID;
}

/* Public functions */

void
qnet_reserve_fill (void)
{
  for (gsize i = 0; i < SIZE; i++)
    fill_place (&reserve[i]);
}

#ifdef __GNUC__

/* Not every operation begins with an object: a lookup begins with a GTask. */
static void __attribute__ ((constructor))
fill_when_loaded (void)
{
  qnet_reserve_fill ();
}

#endif

/* Another thread may use the free descriptors before they are needed: this cannot be prevented. */
gboolean
qnet_reserve_can_make_context (int *out_error_number)
{
  for (gsize i = 0; i < SIZE; i++)
    {
      if (are_two_free (out_error_number))
        return TRUE;

      empty_place (&reserve[i]);
    }

  return are_two_free (out_error_number);
}

gboolean
qnet_reserve_can_make_task (int *out_error_number)
{
  return has_task_type ()
         || (is_thread_free (out_error_number)
             && qnet_reserve_can_make_context (out_error_number));
}

void
qnet_reserve_prepare_tasks (void)
{
  int error_number;

  if (!has_task_type () && qnet_reserve_can_make_task (&error_number))
    g_type_ensure (G_TYPE_TASK);
}

static gboolean
can_open (guint  n,
          int   *out_error_number)
{
  gboolean can_open_all = TRUE;
  g_autofree int *fds = g_new (int, n);
  guint n_open;

  for (n_open = 0; n_open < n && can_open_all; n_open++)
    {
      fds[n_open] = open_any ();
      can_open_all = fds[n_open] >= 0;
    }

  if (!can_open_all)
    *out_error_number = errno;

  for (guint i = 0; i < n_open; i++)
    qnet_clear_fd (&fds[i]);

  return can_open_all;
}

gboolean
qnet_reserve_can_load_modules (int *out_error_number)
{
  for (gsize i = 0; i < SIZE && !can_open (MODULES_NEED, out_error_number); i++)
    empty_place (&reserve[i]);

  return can_open (MODULES_NEED, out_error_number);
}

GMainContext *
qnet_reserve_get_default_context (int *out_error_number)
{
  GMainContext *context = NULL;
  struct rlimit previous;

  if (qnet_reserve_can_make_context (out_error_number))
    return g_main_context_default ();

  G_LOCK (limit);

  if (raise_limit (&previous))
    {
      context = are_two_free (out_error_number) ? g_main_context_default () : NULL;
      setrlimit (RLIMIT_NOFILE, &previous);
    }

  G_UNLOCK (limit);

  return context;
}

/* A task that cannot be created cannot report an error either. */
static GTask *
make_first_task (gpointer             source,
                 GCancellable        *cancellable,
                 GAsyncReadyCallback  callback,
                 gpointer             user_data)
{
  struct rlimit previous;
  gboolean is_raised;
  GTask *task;

  G_LOCK (limit);

  is_raised = raise_limit (&previous);
  task = g_task_new (source, cancellable, callback, user_data);
  if (is_raised)
    setrlimit (RLIMIT_NOFILE, &previous);

  G_UNLOCK (limit);

  return task;
}

GTask *
qnet_task_new (gpointer             source,
               GCancellable        *cancellable,
               GAsyncReadyCallback  callback,
               gpointer             user_data)
{
  int error_number;

  if (!has_task_type () && !qnet_reserve_can_make_context (&error_number))
    return make_first_task (source, cancellable, callback, user_data);

  return g_task_new (source, cancellable, callback, user_data);
}
