/* pair.c: two connected sockets, and what a test does with the far one
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/pair.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KIND (SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC)

void
pair_open (int *near,
           int *far)
{
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, KIND, 0, fds));

  *near = fds[0];
  *far = fds[1];
}

/* Otherwise each connection that has ended occupies a port for a minute, and a test that opens very
 * many of them finds none. */
static void
share_port (int listener)
{
  int is_shared = TRUE;

  g_assert_no_errno (setsockopt (listener, SOL_SOCKET, SO_REUSEADDR, &is_shared,
                                 sizeof is_shared));
}

void
pair_open_tcp (int *near,
               int *far)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  socklen_t size = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  share_port (listener);
  g_assert_no_errno (bind (listener, (struct sockaddr *) &address, size));
  g_assert_no_errno (listen (listener, 1));
  g_assert_no_errno (getsockname (listener, (struct sockaddr *) &address, &size));

  *far = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (connect (*far, (struct sockaddr *) &address, size));
  g_assert_no_errno (fcntl (*far, F_SETFL, O_NONBLOCK));

  *near = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  g_assert_cmpint (*near, >=, 0);

  g_assert_no_errno (close (listener));
}

void
pair_send (int         far,
           const char *string)
{
  gssize size = strlen (string);

  g_assert_cmpint (send (far, string, size, MSG_NOSIGNAL), ==, size);
}

void
pair_assert_gets (int         far,
                  const char *expected)
{
  char buffer[256] = { 0, };

  g_assert_cmpint (recv (far, buffer, sizeof buffer - 1, 0), ==, strlen (expected));
  g_assert_cmpstr (buffer, ==, expected);
}

void
pair_assert_quiet (int far)
{
  char byte;

  g_assert_cmpint (recv (far, &byte, 1, 0), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
}

void
pair_make_blocking (int fd)
{
  g_assert_no_errno (fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) & ~O_NONBLOCK));
}

void
pair_reset (int *far)
{
  struct linger linger = { 1, 0 };

  g_assert_no_errno (setsockopt (*far, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
  g_assert_no_errno (close (*far));
  *far = -1;
}

gboolean
pair_is_open (int fd)
{
  return fcntl (fd, F_GETFD) != -1;
}
