/* test-socket-file.c: files of local servers are made and removed, and no other files are
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <qnet/qnet.h>

#include "base/qnet-syscall-private.h"
#include "common/temp-folder.h"
#include "local/qnet-socket-file-private.h"

typedef struct
{
  char             *folder;   /* (owned) */
  char             *path;     /* (owned): in it */
  QnetLocalAddress  address;  /* of it */
  QnetSocketFile    file;
  int               fd;       /* (owned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->folder = temp_folder_make ();
  fixture->path = g_build_filename (fixture->folder, "socket", NULL);
  g_assert_true (qnet_local_address_init (&fixture->address, fixture->path, FALSE, NULL));
  fixture->fd = qnet_sys_socket (AF_UNIX, SOCK_STREAM, 0);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  qnet_syscall_fault = NULL;
  qnet_clear_fd (&fixture->fd);
  g_free (fixture->file.path);
  g_free (fixture->path);
  temp_folder_remove (fixture->folder);
}

static gboolean
bind_file (Fixture           *fixture,
           mode_t             mode,
           QnetSocketFileWay  way)
{
  return qnet_socket_file_bind (&fixture->file, fixture->fd, &fixture->address, mode, way);
}

static void
bind_default (Fixture *fixture)
{
  g_assert_true (bind_file (fixture, 0600, QNET_SOCKET_FILE_DEFAULT_WAY));
}

static void
renew_fd (Fixture *fixture)
{
  qnet_clear_fd (&fixture->fd);
  fixture->fd = qnet_sys_socket (AF_UNIX, SOCK_STREAM, 0);
}

/* A server that was killed. */
static void
leave_stale (Fixture *fixture)
{
  bind_default (fixture);
  qnet_clear_fd (&fixture->fd);
  g_clear_pointer (&fixture->file.path, g_free);
}

static gboolean
is_there (Fixture *fixture)
{
  return g_file_test (fixture->path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK);
}

/* Binding */

static const QnetSocketFileWay ways[] = { QNET_SOCKET_FILE_BY_MODE, QNET_SOCKET_FILE_BY_LINK };

static void
test_mode (Fixture       *fixture,
           gconstpointer  data)
{
  const QnetSocketFileWay *way = data;
  const mode_t modes[] = { 0600, 0660, 0666, 0060, 0006 };
  const mode_t umasks[] = { 0022, 0077, 0000, 0777 };

  g_test_summary ("The file has exactly the permissions that were asked for, whatever the umask.");

  for (gsize i = 0; i < G_N_ELEMENTS (modes) * G_N_ELEMENTS (umasks); i++)
    {
      mode_t mode = modes[i % G_N_ELEMENTS (modes)];
      mode_t before = umask (umasks[i / G_N_ELEMENTS (modes)]
                             & (*way == QNET_SOCKET_FILE_BY_LINK ? 0077 : 0777));

      g_assert_true (bind_file (fixture, mode, *way));
      umask (before);
      g_assert_cmphex (get_mode (fixture->path), ==, S_IFSOCK | mode);
      g_assert_cmpuint (count_files (fixture->folder), ==, 1);

      qnet_socket_file_remove (&fixture->file);
      g_assert_false (is_there (fixture));
      renew_fd (fixture);
    }
}

/* The mode at the time of the first system call after bind(): before permissions are added. */
static char    *watched_path;
static guint    first_mode;

static int
look_at_mode (QnetSyscall call)
{
  if (call == QNET_SYSCALL_OPEN)
    first_mode = get_mode (watched_path);

  return 0;
}

static void
test_first_instant (Fixture       *fixture,
                    gconstpointer  data)
{
  mode_t before = umask (0);

  g_test_summary ("From the first instant on only the user may connect, even with an umask of 0.");

  watched_path = fixture->path;
  qnet_syscall_fault = look_at_mode;
  g_assert_true (bind_file (fixture, 0666, QNET_SOCKET_FILE_BY_MODE));
  qnet_syscall_fault = NULL;
  umask (before);

  g_assert_cmphex (first_mode, ==, S_IFSOCK | 0600);
  g_assert_cmphex (get_mode (fixture->path), ==, S_IFSOCK | 0666);
}

static void
assert_in_use (Fixture           *fixture,
               QnetSocketFileWay  way)
{
  guint n_files = count_files (fixture->folder);

  renew_fd (fixture);
  g_assert_false (bind_file (fixture, 0666, way));
  g_assert_cmpint (errno, ==, EADDRINUSE);
  g_assert_null (fixture->file.path);
  g_assert_cmpuint (count_files (fixture->folder), ==, n_files);
}

static void
test_in_use (Fixture       *fixture,
             gconstpointer  data)
{
  const QnetSocketFileWay *way = data;

  g_test_summary ("Where a file or a folder exists, nothing is made and nothing is replaced.");

  g_assert_true (g_file_set_contents (fixture->path, "precious", -1, NULL));
  assert_in_use (fixture, *way);
  g_assert_cmphex (get_mode (fixture->path) & S_IFMT, ==, S_IFREG);
  g_assert_no_errno (g_unlink (fixture->path));

  g_assert_no_errno (g_mkdir (fixture->path, 0700));
  assert_in_use (fixture, *way);
}

static void
test_symlink (Fixture       *fixture,
              gconstpointer  data)
{
  const QnetSocketFileWay *way = data;
  g_autofree char *target = g_build_filename (fixture->folder, "target", NULL);

  g_test_summary ("A symbolic link in the place of the file is not followed, dangling or not.");

  g_assert_no_errno (symlink (target, fixture->path));
  assert_in_use (fixture, *way);
  g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));

  g_assert_true (g_file_set_contents_full (target, "", 0, 0, 0600, NULL));
  assert_in_use (fixture, *way);
  g_assert_cmphex (get_mode (target), ==, S_IFREG | 0600);
}

/* Another process that may write into the folder makes a link there between bind() and the change
 * of mode. */
static char *attacked_target;

static int
attack (QnetSyscall call)
{
  if (call == QNET_SYSCALL_OPEN)
    {
      g_assert_no_errno (g_unlink (watched_path));
      g_assert_no_errno (symlink (attacked_target, watched_path));
    }

  return 0;
}

static void
test_symlink_later (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autofree char *target = g_build_filename (fixture->folder, "target", NULL);

  g_test_summary ("A symbolic link that is made between bind() and the change of mode is neither "
                  "followed nor removed: no other file becomes accessible.");

  g_assert_true (g_file_set_contents_full (target, "", 0, 0, 0600, NULL));
  watched_path = fixture->path;
  attacked_target = target;
  qnet_syscall_fault = attack;
  g_assert_false (bind_file (fixture, 0666, QNET_SOCKET_FILE_BY_MODE));

  g_assert_cmpint (errno, ==, EADDRINUSE);
  g_assert_cmphex (get_mode (target), ==, S_IFREG | 0600);
  g_assert_cmphex (get_mode (fixture->path) & S_IFMT, ==, S_IFLNK);
}

static void
test_no_folder (Fixture       *fixture,
                gconstpointer  data)
{
  const QnetSocketFileWay *way = data;
  g_autofree char *path = g_build_filename (fixture->folder, "missing", "socket", NULL);

  g_test_summary ("A missing folder is not made.");

  g_assert_true (qnet_local_address_init (&fixture->address, path, FALSE, NULL));
  g_assert_false (bind_file (fixture, 0600, *way));
  g_assert_cmpint (errno, ==, ENOENT);
  g_assert_cmpuint (count_files (fixture->folder), ==, 0);
}

static void
test_link_too_long (Fixture       *fixture,
                    gconstpointer  data)
{
  gsize room = sizeof fixture->address.native.sun_path - 1 - strlen (fixture->folder);
  g_autofree char *name = g_strnfill (room - strlen ("//s"), 'x');
  g_autofree char *deep = g_build_filename (fixture->folder, name, "s", NULL);

  g_test_summary ("Binding by a link fails with that reason where the path of the private folder "
                  "is too long.");

  g_free (fixture->path);
  fixture->path = g_build_filename (fixture->folder, name, NULL);
  g_assert_true (qnet_local_address_init (&fixture->address, deep, FALSE, NULL));

  g_assert_no_errno (g_mkdir (fixture->path, 0700));
  g_assert_false (bind_file (fixture, 0600, QNET_SOCKET_FILE_BY_LINK));
  g_assert_cmpint (errno, ==, ENAMETOOLONG);
  g_assert_cmpuint (count_files (fixture->path), ==, 0);
}

static int failing_error;

static int
fail_open (QnetSyscall call)
{
  return call == QNET_SYSCALL_OPEN ? failing_error : 0;
}

static int
fail_bind (QnetSyscall call)
{
  return call == QNET_SYSCALL_BIND ? failing_error : 0;
}

static void
test_failures (Fixture       *fixture,
               gconstpointer  data)
{
  guint n_descriptors = count_descriptors ();

  g_test_summary ("A failure half-way leaves neither a file nor a descriptor.");

  failing_error = EMFILE;
  qnet_syscall_fault = fail_open;
  g_assert_false (bind_file (fixture, 0666, QNET_SOCKET_FILE_BY_MODE));
  g_assert_cmpint (errno, ==, EMFILE);
  g_assert_cmpuint (count_files (fixture->folder), ==, 0);

  qnet_syscall_fault = fail_bind;
  g_assert_false (bind_file (fixture, 0600, QNET_SOCKET_FILE_BY_LINK));
  g_assert_cmpint (errno, ==, EMFILE);
  g_assert_cmpuint (count_files (fixture->folder), ==, 0);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

/* Removing the own file */

static void
test_not_ours (Fixture       *fixture,
               gconstpointer  data)
{
  int other = qnet_sys_socket (AF_UNIX, SOCK_STREAM, 0);
  QnetSocketFile other_file = { NULL, };

  g_test_summary ("Another process's file in the place of the own one is not removed.");

  bind_default (fixture);
  g_assert_no_errno (g_unlink (fixture->path));
  g_assert_true (qnet_socket_file_bind (&other_file, other, &fixture->address, 0600,
                                        QNET_SOCKET_FILE_DEFAULT_WAY));

  qnet_socket_file_remove (&fixture->file);
  g_assert_true (is_there (fixture));
  g_assert_null (fixture->file.path);

  qnet_socket_file_remove (&other_file);
  g_assert_false (is_there (fixture));
  qnet_socket_file_remove (&other_file);
  qnet_clear_fd (&other);
}

static void
test_fork (Fixture       *fixture,
           gconstpointer  data)
{
  int status;
  pid_t child;

  g_test_summary ("The child of a fork leaves the file to its parent.");

  bind_default (fixture);
  child = fork ();
  if (child == 0)
    {
      qnet_socket_file_remove (&fixture->file);
      _exit (0);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (is_there (fixture));
}

/* Removing stale files */

static gboolean
remove_stale (Fixture  *fixture,
              gboolean  force,
              GError  **error)
{
  return qnet_socket_file_remove_stale (&fixture->address, force, error);
}

static void
assert_stays (Fixture         *fixture,
              gboolean         force,
              QnetSocketError  code)
{
  guint n_descriptors = count_descriptors ();
  g_autoptr(GError) error = NULL;

  g_assert_false (remove_stale (fixture, force, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, code);
  g_assert_nonnull (strstr (error->message, fixture->path));
  g_assert_true (is_there (fixture));
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

static void
test_stale (Fixture       *fixture,
            gconstpointer  data)
{
  guint n_descriptors;

  g_test_summary ("A stale file is removed; where there is none that succeeds, too.");

  leave_stale (fixture);
  n_descriptors = count_descriptors ();
  g_assert_true (remove_stale (fixture, FALSE, NULL));
  g_assert_false (is_there (fixture));
  g_assert_true (remove_stale (fixture, FALSE, NULL));
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

static void
test_live (Fixture       *fixture,
           gconstpointer  data)
{
  struct sockaddr_storage peer;
  socklen_t peer_size;
  g_test_summary ("A live server's file is kept, unless force is used; a server that is about to "
                  "listen counts as live, and accepts no connection from it.");

  bind_default (fixture);
  assert_stays (fixture, FALSE, QNET_SOCKET_ERROR_ADDRESS_IN_USE);
  g_assert_no_errno (listen (fixture->fd, 5));
  assert_stays (fixture, FALSE, QNET_SOCKET_ERROR_ADDRESS_IN_USE);
  g_assert_cmpint (qnet_sys_accept (fixture->fd, &peer, &peer_size), <, 0);
  g_assert_cmpint (errno, ==, EAGAIN);

  g_assert_true (remove_stale (fixture, TRUE, NULL));
  g_assert_false (is_there (fixture));
}

static void
test_live_datagrams (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A socket for datagrams is live, too.");

  qnet_clear_fd (&fixture->fd);
  fixture->fd = qnet_sys_socket (AF_UNIX, SOCK_DGRAM, 0);
  bind_default (fixture);
  assert_stays (fixture, FALSE, QNET_SOCKET_ERROR_ADDRESS_IN_USE);
}

static void
test_no_socket (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *target = g_build_filename (fixture->folder, "target", NULL);

  g_test_summary ("A file that is not a socket is kept, even with force: a file, a folder, a link "
                  "to a stale socket.");

  leave_stale (fixture);
  g_assert_no_errno (g_rename (fixture->path, target));
  g_assert_no_errno (symlink (target, fixture->path));
  assert_stays (fixture, TRUE, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_no_errno (g_unlink (fixture->path));

  g_assert_true (g_file_set_contents (fixture->path, "precious", -1, NULL));
  assert_stays (fixture, TRUE, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_no_errno (g_unlink (fixture->path));

  g_assert_no_errno (g_mkdir (fixture->path, 0700));
  assert_stays (fixture, TRUE, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
}

static int
fail_socket (QnetSyscall call)
{
  return call == QNET_SYSCALL_SOCKET ? failing_error : 0;
}

static void
test_unsure (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("Where it cannot be determined whether a server is live, the file is kept.");

  leave_stale (fixture);
  failing_error = EMFILE;
  qnet_syscall_fault = fail_socket;
  assert_stays (fixture, FALSE, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
}

static void
test_locked (Fixture       *fixture,
             gconstpointer  data)
{
  int fd = open (fixture->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_test_summary ("A stale file is removed although another process holds the lock of the folder "
                  "for long.");

  leave_stale (fixture);
  g_assert_no_errno (flock (fd, LOCK_EX));
  g_assert_true (remove_stale (fixture, FALSE, NULL));
  g_assert_false (is_there (fixture));
  close (fd);
}

static void
test_missing_folder (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->path, "socket", NULL);
  g_autoptr(GError) error = NULL;

  g_test_summary ("In a missing folder there is nothing to remove; a path below a file is an "
                  "error.");

  g_assert_true (qnet_local_address_init (&fixture->address, path, FALSE, NULL));
  g_assert_true (remove_stale (fixture, FALSE, NULL));

  g_assert_true (g_file_set_contents (fixture->path, "", -1, NULL));
  g_assert_false (remove_stale (fixture, FALSE, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
}

/* The race */

#define N_RIVALS 4

/* Waits for the start, tries to become the server, and reports it by its exit status. The winner
 * waits until it has been counted. */
static void
compete (Fixture *fixture,
         int      start,
         int      report,
         int      end)
{
  char byte;

  if (read (start, &byte, 1) < 0)
    _exit (1);

  for (int i = 0; i < 3; i++)
    {
      renew_fd (fixture);
      if (bind_file (fixture, 0600, QNET_SOCKET_FILE_DEFAULT_WAY))
        {
          if (listen (fixture->fd, 5) != 0 || write (report, "w", 1) != 1
              || read (end, &byte, 1) < 0)
            _exit (1);
          _exit (0);
        }

      remove_stale (fixture, FALSE, NULL);
    }

  _exit (write (report, "l", 1) != 1);
}

static guint
run_race (Fixture *fixture)
{
  int start[2], report[2], end[2];
  pid_t rivals[N_RIVALS];
  guint n_winners = 0;
  char verdict;

  g_assert_no_errno (pipe (start));
  g_assert_no_errno (pipe (report));
  g_assert_no_errno (pipe (end));

  for (int i = 0; i < N_RIVALS; i++)
    {
      rivals[i] = fork ();
      if (rivals[i] == 0)
        {
          close (start[1]);
          close (end[1]);
          compete (fixture, start[0], report[1], end[0]);
        }
    }

  close (start[1]);  /* now */
  for (int i = 0; i < N_RIVALS; i++)
    {
      g_assert_cmpint (read (report[0], &verdict, 1), ==, 1);
      n_winners += verdict == 'w';
    }

  close (end[1]);
  for (int i = 0; i < N_RIVALS; i++)
    {
      int status;

      g_assert_cmpint (waitpid (rivals[i], &status, 0), ==, rivals[i]);
      g_assert_cmpint (status, ==, 0);
    }

  close (start[0]);
  close (report[0]);
  close (report[1]);
  close (end[0]);

  return n_winners;
}

static void
test_race (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("Of several processes that find a stale file, remove it, and bind, exactly one "
                  "succeeds in each round.");

  leave_stale (fixture);  /* as the winner of each round does afterwards */
  for (int i = 0; i < (g_test_slow () ? 5000 : 200); i++)
    g_assert_cmpuint (run_race (fixture), ==, 1);
}

/* The tests */

static void
add (const char   *path,
     gconstpointer data,
     void        (*func) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, data, set_up, func, tear_down);
}

static void
add_for_each_way (const char *path,
                  void      (*func) (Fixture *, gconstpointer))
{
  static const char *const names[] = { "by-mode", "by-link" };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *full = g_strconcat (path, "/", names[i], NULL);

      if (ways[i] == QNET_SOCKET_FILE_BY_LINK || QNET_SOCKET_FILE_DEFAULT_WAY == ways[i])
        add (full, &ways[i], func);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add_for_each_way ("/socket-file/bind/mode", test_mode);
  add_for_each_way ("/socket-file/bind/in-use", test_in_use);
  add_for_each_way ("/socket-file/bind/symlink", test_symlink);
  add_for_each_way ("/socket-file/bind/no-folder", test_no_folder);
  if (QNET_SOCKET_FILE_DEFAULT_WAY == QNET_SOCKET_FILE_BY_MODE)
    {
      add ("/socket-file/bind/first-instant", NULL, test_first_instant);
      add ("/socket-file/bind/symlink-later", NULL, test_symlink_later);
    }
  add ("/socket-file/bind/link-too-long", NULL, test_link_too_long);
  add ("/socket-file/bind/failures", NULL, test_failures);
  add ("/socket-file/remove/file-of-another-process-is-kept", NULL, test_not_ours);
  add ("/socket-file/remove/fork", NULL, test_fork);
  add ("/socket-file/stale", NULL, test_stale);
  add ("/socket-file/stale/live-is-kept", NULL, test_live);
  add ("/socket-file/stale/live-is-kept/datagrams", NULL, test_live_datagrams);
  add ("/socket-file/stale/no-socket-is-kept", NULL, test_no_socket);
  add ("/socket-file/stale/undetermined-is-kept", NULL, test_unsure);
  add ("/socket-file/stale/locked", NULL, test_locked);
  add ("/socket-file/stale/missing-folder", NULL, test_missing_folder);
  add ("/socket-file/race", NULL, test_race);

  return g_test_run ();
}
