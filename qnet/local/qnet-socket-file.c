/* qnet-socket-file.c: the file of a local server
 *
 * bind(2) creates the file, does not follow a symbolic link at its end, and fails if the path
 * exists: of two servers one succeeds. The file is left after a crash, and has to be removed then;
 * the difficulty is to remove no other file.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "local/qnet-socket-file-private.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"

/* How often, a millisecond apart, to try to lock. Removing a file takes far less. */
#define LOCK_TRIES 100

/* The status of a socket: any process that may write into the folder can replace the file by
 * another one. */
static gboolean
stat_socket (const char  *path,
             struct stat *out_status)
{
  if (lstat (path, out_status) != 0)
    return FALSE;

  if (S_ISSOCK (out_status->st_mode))
    return TRUE;

  errno = EADDRINUSE;
  return FALSE;
}

/* After a failure: these preserve errno */

static void
unlink_quietly (const char *path)
{
  int saved_errno = errno;
  struct stat status;

  if (stat_socket (path, &status))
    unlink (path);

  errno = saved_errno;
}

static void
rmdir_quietly (const char *path)
{
  int saved_errno = errno;

  rmdir (path);
  errno = saved_errno;
}

/* Binding by the mode of the socket */

static gboolean
bind_native (int                     fd,
             const QnetLocalAddress *address)
{
  return qnet_sys_bind (fd, (const struct sockaddr *) &address->native, address->size) == 0;
}

/* chmod() would follow a symbolic link that has replaced the file, and there is no call that does
 * not. So this uses a descriptor; O_PATH is the only kind that can be opened for the file of a
 * socket. */
static gboolean
change_mode (const char *path,
             mode_t      mode)
{
#ifdef O_PATH
  int fd = qnet_sys_open (path, O_PATH | O_NOFOLLOW);
  struct stat status;
  char link[64];
  gboolean is_changed = FALSE;

  if (fd < 0)
    return FALSE;

  g_snprintf (link, sizeof link, "/proc/self/fd/%d", fd);

  if (fstat (fd, &status) == 0 && S_ISSOCK (status.st_mode))
    is_changed = chmod (link, mode) == 0;
  else
    errno = EADDRINUSE;

  qnet_sys_close (fd);
  return is_changed;
#else
  return chmod (path, mode) == 0;
#endif
}

/* The kernel removes the permissions of the umask; those of other users are added afterwards. */
static gboolean
bind_by_mode (int                     fd,
              const QnetLocalAddress *address,
              mode_t                  mode)
{
  const char *path = address->native.sun_path;
  struct stat status;

  if (fchmod (fd, mode & S_IRWXU) != 0 || !bind_native (fd, address))
    return FALSE;

  if (stat_socket (path, &status) && ((status.st_mode & 0777) == mode || change_mode (path, mode)))
    return TRUE;

  unlink_quietly (path);
  return FALSE;
}

/* Binding by a link */

static gboolean
bind_and_link (int         fd,
               const char *name,
               const char *path,
               mode_t      mode)
{
  QnetLocalAddress address;

  if (!qnet_local_address_init (&address, name, FALSE, NULL))
    {
      errno = ENAMETOOLONG;
      return FALSE;
    }

  if (!bind_native (fd, &address))
    return FALSE;

  if (chmod (name, mode) != 0 || link (name, path) != 0)
    {
      errno = errno == EEXIST ? EADDRINUSE : errno;
      unlink_quietly (name);
      return FALSE;
    }

  unlink (name);
  return TRUE;
}

/* No other user has access to the folder. */
static gboolean
bind_by_link (int         fd,
              const char *path,
              mode_t      mode)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *folder = g_build_filename (parent, ".XXXXXX", NULL);
  g_autofree char *name = NULL;
  gboolean is_bound;

  if (g_mkdtemp (folder) == NULL)
    return FALSE;

  name = g_build_filename (folder, "s", NULL);
  is_bound = bind_and_link (fd, name, path, mode);
  rmdir_quietly (folder);

  return is_bound;
}

/* For servers */

gboolean
qnet_socket_file_bind (QnetSocketFile         *file,
                       int                     fd,
                       const QnetLocalAddress *address,
                       mode_t                  mode,
                       QnetSocketFileWay       way)
{
  const char *path = address->native.sun_path;
  gboolean is_bound = way == QNET_SOCKET_FILE_BY_MODE ? bind_by_mode (fd, address, mode)
                                                      : bind_by_link (fd, path, mode);
  struct stat status;

  if (!is_bound || !stat_socket (path, &status))
    return FALSE;

  *file = (QnetSocketFile) {
    .path = g_strdup (path),
    .device = status.st_dev,
    .inode = status.st_ino,
    .fork_epoch = qnet_fork_epoch (),
  };

  return TRUE;
}

static gboolean
is_own_file (const QnetSocketFile *file)
{
  struct stat status;

  return file->fork_epoch == qnet_fork_epoch () && lstat (file->path, &status) == 0 &&
         status.st_dev == file->device && status.st_ino == file->inode;
}

/* No well-behaved process removes the file of a live server, so the file of lstat() is the one that
 * unlink() removes. */
void
qnet_socket_file_remove (QnetSocketFile *file)
{
  if (file->path != NULL && is_own_file (file))
    unlink (file->path);

  g_clear_pointer (&file->path, g_free);
}

/* Stale files */

/* Of two processes that find the same file stale, the second must not remove the file that a server
 * has created in between. The folder is locked because a socket file cannot be, and a separate lock
 * file would be left. Other programs lock folders for other reasons, and for long, so this is only
 * an attempt. Returns -1 without the lock. */
static int
lock_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = qnet_sys_open (folder, O_RDONLY | O_DIRECTORY);

  for (int i = 0; fd >= 0 && i < LOCK_TRIES; i++)
    {
      if (flock (fd, LOCK_EX | LOCK_NB) == 0)
        return fd;

      g_usleep (1000);
    }

  qnet_clear_fd (&fd);
  return -1;
}

/* 0: no process has the socket of that file open, and none ever will. EPROTOTYPE: a process has.
 * Connects with a socket of another type, so that a live server accepts no connection, and one that
 * does not listen yet is noticed. */
static int
find_owner (const QnetLocalAddress *address)
{
  int fd = qnet_sys_socket (AF_UNIX, SOCK_DGRAM, 0);
  int error_number = EPROTOTYPE;

  if (fd < 0)
    return errno;

  if (qnet_sys_connect (fd, (const struct sockaddr *) &address->native, address->size) != 0)
    error_number = errno == ECONNREFUSED ? 0 : errno;

  qnet_sys_close (fd);
  return error_number;
}

QnetSocketFileKind
qnet_socket_file_inspect (const QnetLocalAddress *address)
{
  struct stat status;

  if (address->is_abstract || lstat (address->native.sun_path, &status) != 0)
    return QNET_SOCKET_FILE_UNKNOWN;

  if (!S_ISSOCK (status.st_mode))
    return QNET_SOCKET_FILE_NO_SOCKET;

  switch (find_owner (address))
    {
    case 0:
      return QNET_SOCKET_FILE_STALE;
    case EPROTOTYPE:
      return QNET_SOCKET_FILE_OF_SERVER;
    default:
      return QNET_SOCKET_FILE_UNKNOWN;
    }
}

static gboolean
check_stale (const QnetLocalAddress  *address,
             const char              *display,
             GError                 **error)
{
  int error_number = find_owner (address);

  if (error_number == EPROTOTYPE)
    qnet_set_error (error, QNET_SOCKET_ERROR_ADDRESS_IN_USE,
                    _("Could not remove %s: A server is listening there"), display);
  else if (error_number != 0)
    qnet_set_error_from_errno (error, error_number, _("Could not remove %s"), display);

  return error_number == 0;
}

static gboolean
check_removable (const QnetLocalAddress  *address,
                 const struct stat       *status,
                 gboolean                 force,
                 const char              *display,
                 GError                 **error)
{
  if (S_ISSOCK (status->st_mode))
    return force || check_stale (address, display, error);

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not remove %s: It is not a socket"), display);
  return FALSE;
}

static gboolean
remove_locked (const QnetLocalAddress  *address,
               gboolean                 force,
               GError                 **error)
{
  g_autofree char *display = qnet_local_address_to_display (address);
  const char *path = address->native.sun_path;
  struct stat status;

  if (lstat (path, &status) == 0)
    {
      if (!check_removable (address, &status, force, display, error))
        return FALSE;

      if (unlink (path) == 0)
        return TRUE;
    }

  if (errno == ENOENT)
    return TRUE;

  qnet_set_error_from_errno (error, errno, _("Could not remove %s"), display);
  return FALSE;
}

gboolean
qnet_socket_file_remove_stale (const QnetLocalAddress  *address,
                               gboolean                 force,
                               GError                 **error)
{
  int lock = lock_folder (address->native.sun_path);
  gboolean is_removed = remove_locked (address, force, error);

  qnet_clear_fd (&lock);

  return is_removed;
}
