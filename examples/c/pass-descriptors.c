/* pass-descriptors.c: opens a file, and lets another process read it
 *
 * The other process does not need permission to open the file itself.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <qnet/qnet.h>

static QnetLocalSocket *
wrap (int fd)
{
  QnetLocalSocket *socket = qnet_local_socket_new ();

  qnet_socket_set_fd (QNET_SOCKET (socket), fd, QNET_SOCKET_STATE_CONNECTED,
                      QNET_OPEN_MODE_READ_WRITE, NULL);

  return socket;
}

/* The one that has opened it. */
static gboolean
send_file (int fd,
           int file)
{
  g_autoptr(QnetLocalSocket) socket = wrap (fd);
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();

  if (g_unix_fd_list_append (fds, file, NULL) < 0 ||
      !qnet_local_socket_send_fds (socket, fds, NULL))
    return FALSE;

  /* The descriptor is sent with the next byte. */
  qnet_io_device_write_string (QNET_IO_DEVICE (socket), "here it is\n", NULL);

  return qnet_io_device_wait_for_bytes_written (QNET_IO_DEVICE (socket), 5000, NULL);
}

/* The one that reads. */
static int
print_file (int fd)
{
  g_autoptr(QnetLocalSocket) socket = wrap (fd);
  g_autoptr(GUnixFDList) fds = NULL;
  char buffer[4096];
  gssize n;
  int file;

  qnet_local_socket_set_fd_limit (socket, 1);

  if (!qnet_io_device_wait_for_ready_read (QNET_IO_DEVICE (socket), 5000, NULL))
    return 1;

  fds = qnet_local_socket_receive_fds (socket);
  if (g_unix_fd_list_get_length (fds) == 0)
    return 1;

  file = g_unix_fd_list_get (fds, 0, NULL);

  while ((n = read (file, buffer, sizeof buffer)) > 0)
    g_print ("%.*s", (int) n, buffer);

  close (file);

  return 0;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) options =
    g_option_context_new ("FILE - open in one process, print in another");
  g_autoptr(GError) error = NULL;
  int ends[2], file, status = 1;
  pid_t child;

  setlocale (LC_ALL, "");

  if (g_option_context_parse (options, &argc, &argv, &error) && argc != 2)
    g_set_error_literal (&error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "One file is needed");

  if (error != NULL)
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  file = open (argv[1], O_RDONLY | O_CLOEXEC);
  if (file < 0 || socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    {
      g_printerr ("Could not open %s: %s\n", argv[1], g_strerror (errno));
      return EXIT_FAILURE;
    }

  child = fork ();
  if (child == 0)
    {
      close (ends[0]);
      return print_file (ends[1]);
    }

  close (ends[1]);

  if (!send_file (ends[0], file))
    g_printerr ("Could not send %s\n", argv[1]);

  close (file);

  waitpid (child, &status, 0);

  return status != 0;
}
